//! `template`: the blank return, filled in and sent.

use std::collections::BTreeMap;

use serde_json::Value;
use testkit::{Environment, cells, open_cells, typed, xml_parts};

use crate::{assert_plain, environment};

const INSTRUCTIONS: &str = "Quarterdeck instructions";
const TODAY: [&str; 2] = ["--as-of", "2025-07-21"];

/// Returns whose rows only the partner knows: they get rows of their own in the tests below.
const LISTS: [&str; 3] = ["csp-action-plan", "protection-against-stalking", "stats19-collisions"];

/// Every bundled return, and the period its blank return is made for.
fn returns(home: &Environment) -> BTreeMap<String, &'static str> {
    let files = std::fs::read_dir(home.path("config/returns")).expect("contracts");
    let names = files.map(|file| {
        let path = file.expect("an entry").path();
        path.file_stem().expect("a name").to_string_lossy().into_owned()
    });
    names
        .map(|name| {
            let period =
                if name == "tunbridge-wells-headline" { "2018-11..2019-10" } else { "2025-26Q1" };
            (name, period)
        })
        .collect()
}

fn blank(home: &Environment, name: &str, period: &str) -> (Vec<u8>, Value) {
    let file = format!("{name}.xlsx");
    let arguments = ["template", name, "--period", period, "-o", &file, "--json"];
    let written = home.run(&[&arguments[..], &TODAY].concat()).exits(0).json();
    (std::fs::read(home.path(&file)).expect("a workbook"), written)
}

fn check(home: &Environment, bytes: &[u8], name: &str, period: &str) -> Value {
    home.write("filled.xlsx", bytes);
    let arguments = ["check", "filled.xlsx", "--return", name, "--period", period, "--json"];
    home.run(&[&arguments[..], &TODAY].concat()).json()
}

fn sheets(written: &Value) -> Vec<String> {
    let sheets = written["sheets"].as_array().expect("sheets");
    sheets.iter().map(|sheet| sheet.as_str().expect("a name").to_owned()).collect()
}

#[test]
fn every_blank_return_filled_in_is_accepted_figure_by_figure() {
    let home = environment();
    let mut tried = 0;
    for (name, period) in returns(&home) {
        if LISTS.contains(&name.as_str()) {
            continue;
        }
        let (mut bytes, written) = blank(&home, &name, period);
        let mut filled: u64 = 0;
        for sheet in sheets(&written) {
            let open = open_cells(&bytes, &sheet);
            let mut rows: Vec<&str> =
                open.iter().map(|cell| cell.trim_start_matches(char::is_alphabetic)).collect();
            rows.dedup();
            // A whole stands before its parts and is more than all of them together.
            let value = |cell: &str| {
                let row = cell.trim_start_matches(char::is_alphabetic);
                let at = rows.iter().position(|known| *known == row).expect("its row");
                (1_u64 << 20)
                    .checked_shr(u32::try_from(at).expect("few rows"))
                    .unwrap_or(0)
                    .to_string()
            };
            let values: Vec<(String, String)> =
                open.iter().map(|cell| (cell.clone(), value(cell))).collect();
            let values: Vec<(&str, &str)> =
                values.iter().map(|(cell, value)| (cell.as_str(), value.as_str())).collect();
            bytes = typed(&bytes, &sheet, &values);
            filled += u64::try_from(values.len()).expect("few cells");
        }
        assert!(0 < filled, "{name} has nothing to fill in");
        assert_eq!(written["entries"], filled, "{name}");
        let found = check(&home, &bytes, &name, period);
        assert_eq!(found["accepted"], true, "{name}: {found:#}");
        assert_eq!(found["observations"], filled, "{name}: {found:#}");
        tried += 1;
    }
    assert!(8 < tried, "{tried} returns");
}

#[test]
fn a_blank_return_sent_back_blank_is_refused_in_plain_words() {
    let home = environment();
    for (name, period) in returns(&home) {
        let (bytes, _) = blank(&home, &name, period);
        let found = check(&home, &bytes, &name, period);
        assert_eq!(found["accepted"], false, "{name}");
        let findings = found["findings"].as_array().expect("findings");
        assert!(!findings.is_empty() && findings.len() < 45, "{name}: {found:#}");
        for finding in findings {
            assert_plain(finding["message"].as_str().expect("text"));
        }
    }
}

#[test]
fn an_action_plan_and_lists_of_incidents_are_filled_row_by_row() {
    let home = environment();
    let (bytes, _) = blank(&home, "csp-action-plan", "2025-26Q1");
    let open = open_cells(&bytes, "Action plan");
    let words =
        ["1.1", "Patrol the station", "Police", "Council", "June 2025", "Begun", "Complete"];
    let words: Vec<(&str, &str)> = open.iter().map(String::as_str).zip(words).collect();
    // As text: a spreadsheet program would turn 1.10 into 1.1.
    let found = check(&home, &typed(&bytes, "Action plan", &words), "csp-action-plan", "2025-26Q1");
    assert_eq!(
        (&found["accepted"], &found["observations"]),
        (&true.into(), &1.into()),
        "{found:#}"
    );

    let (bytes, _) = blank(&home, "protection-against-stalking", "2025-26Q1");
    let open = open_cells(&bytes, "Referrals");
    let rows = ["2025-04-02", "Sevenoaks", "2025-05-01", "Sevenoaks", "2025-06-30", "Sevenoaks"];
    let rows: Vec<(&str, &str)> = open.iter().map(String::as_str).zip(rows).collect();
    let found = check(
        &home,
        &typed(&bytes, "Referrals", &rows),
        "protection-against-stalking",
        "2025-26Q1",
    );
    assert_eq!(found["accepted"], true, "{found:#}");
    assert_eq!(found["period"], "2025-26Q1");
}

#[test]
fn the_blank_return_is_locked_stamped_and_checks_while_typing() {
    let home = environment();
    let (bytes, written) = blank(&home, "davss-quarterly", "2025-26Q1");
    let parts = xml_parts(&bytes);
    let book = parts.get("xl/workbook.xml").expect("a workbook");
    for name in
        ["quarterdeck_return", "quarterdeck_period", "quarterdeck_version", "quarterdeck_marks"]
    {
        assert!(book.contains(&format!("name=\"{name}\"")), "{book}");
    }
    let custom = parts.get("docProps/custom.xml").expect("properties");
    assert!(custom.contains("quarterdeck_period") && custom.contains("2025-26Q1"), "{custom}");
    let told: Vec<String> = cells(&bytes, INSTRUCTIONS).into_values().collect();
    for text in [
        "davss-quarterly",
        "2025-26Q1",
        "Please send it by 14 July 2025, the way you send returns now.",
        "*",
        "[x]",
    ] {
        assert!(told.iter().any(|cell| cell == text), "{text} in {told:#?}");
    }
    let sheet = parts.get("xl/worksheets/sheet2.xml").expect("a sheet");
    assert!(sheet.contains("<dataValidation ") && sheet.contains("<sheetProtection"), "{sheet}");
    assert!(!sheet.contains("password"), "no password");
    assert_eq!(written["version"], 1);
    assert_eq!(bytes, blank_again(&home), "the same twice");
    // What is there stays.
    let again = home.run(&["template", "davss-quarterly", "-o", "davss-quarterly.xlsx"]).exits(2);
    assert!(again.stderr.contains("is there already"), "{}", again.shown());
}

fn blank_again(home: &Environment) -> Vec<u8> {
    std::fs::rename(home.path("davss-quarterly.xlsx"), home.path("first.xlsx")).expect("there");
    blank(home, "davss-quarterly", "2025-26Q1").0
}

#[test]
fn a_stamp_that_says_something_else_is_pointed_out() {
    let home = environment();
    let codes = |found: &Value| -> Vec<String> {
        let findings = found["findings"].as_array().expect("findings");
        findings
            .iter()
            .map(|finding| finding["code"].as_str().expect("a code").to_owned())
            .collect()
    };
    // An action plan does not say its period: only the stamp does.
    let (bytes, _) = blank(&home, "csp-action-plan", "2024-25Q4");
    let open = open_cells(&bytes, "Action plan");
    let words = ["1.1", "Patrol", "Police", "", "June 2025", "Begun", "Complete"];
    let words: Vec<(&str, &str)> =
        open.iter().map(String::as_str).zip(words).filter(|(_, word)| !word.is_empty()).collect();
    let filled = typed(&bytes, "Action plan", &words);
    let found = check(&home, &filled, "csp-action-plan", "2025-26Q1");
    assert_eq!(codes(&found), ["template-of-another-period"], "{found:#}");
    assert_eq!(found["accepted"], false);
    assert_eq!(check(&home, &filled, "csp-action-plan", "2024-25Q4")["accepted"], true);
    // The layout has a new version since.
    home.edit("config/returns/csp-action-plan.toml", "partner = ", "version = 2\npartner = ");
    let found = check(&home, &filled, "csp-action-plan", "2024-25Q4");
    assert_eq!(codes(&found), ["template-outdated"], "{found:#}");
    assert_eq!(found["accepted"], true);
    let found = check(&home, &filled, "kcc-wardens", "2024-25Q4");
    assert!(codes(&found).contains(&"template-of-another-return".to_owned()), "{found:#}");
}

#[test]
fn what_cannot_be_made_says_why() {
    let home = environment();
    for (arguments, said) in [
        (
            ["template", "davss-quarterli", "-o", "a.xlsx"].as_slice(),
            "did you mean `davss-quarterly`?",
        ),
        (&["template", "davss-quarterly", "-o", "a.csv"], "end in .xlsx"),
        (
            &["template", "davss-quarterly", "--period", "2025-06", "-o", "a.xlsx"],
            "is owed for a quarter",
        ),
    ] {
        let ran = home.run(arguments).exits(2);
        assert!(ran.stderr.contains(said), "{}", ran.shown());
    }
}
