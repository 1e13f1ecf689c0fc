//! Receipts and error letters: queued with the judgement, sent once, to the partner alone.

use std::collections::BTreeMap;

use testkit::{Environment, Part, fixture, parts, tree, workbook, xml_parts};

use crate::{QUARTER, demonstrated, environment};

const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// The letters in the outbox folder, by the beginning of their names.
fn letters(home: &Environment) -> BTreeMap<String, Vec<u8>> {
    tree(&home.path("var/outbox"))
        .into_iter()
        .filter_map(|(name, bytes)| {
            let kind = name.split_once("-2025-26-Q1-")?.0.to_owned();
            (!kind.starts_with("quarterly")).then_some((kind, bytes))
        })
        .collect()
}

fn text(part: &Part) -> String {
    String::from_utf8(part.bytes.clone()).expect("UTF-8")
}

#[test]
fn the_demonstration_writes_a_receipt_an_error_letter_and_one_about_personal_data() {
    let home = demonstrated();
    let letters = letters(&home);
    let kinds: Vec<&str> = letters.keys().map(String::as_str).collect();
    assert_eq!(
        kinds,
        [
            "error-letter-protection-against-stalking",
            "error-letter-west-kent-housing",
            "receipt-davss-quarterly"
        ]
    );
    for (kind, bytes) in &letters {
        let head = String::from_utf8_lossy(bytes);
        assert!(head.contains("\r\nAuto-Submitted: auto-generated\r\n"), "{kind}");
        assert!(head.contains("\r\nX-Auto-Response-Suppress: All\r\n"), "{kind}");
    }
    let receipt = parts(&letters["receipt-davss-quarterly"]);
    assert_eq!(receipt.len(), 2, "text and HTML, nothing attached");
    assert!(text(&receipt[0]).contains("Figures or actions read: 24"), "{}", text(&receipt[0]));
    assert!(text(&receipt[0]).contains("WARNING: Sheet Return, cell"), "{}", text(&receipt[0]));
}

#[test]
fn the_error_letter_brings_the_partners_own_workbook_marked_up() {
    let home = demonstrated();
    let letter = parts(&letters(&home)["error-letter-west-kent-housing"]);
    let [plain, _html, attached] = &letter[..] else {
        panic!("text, HTML and one attachment: {letter:?}");
    };
    assert!(text(plain).contains("ERROR: Sheet ASB complaints, cell C8"), "{}", text(plain));
    assert_eq!(attached.kind, XLSX);
    assert!(
        attached.disposition.contains("ASB complaints Apr-Jun 2025 - marked up.xlsx"),
        "{}",
        attached.disposition
    );
    // The same findings as the original, so it can be corrected and sent.
    let another = environment();
    another.write("copy.xlsx", &attached.bytes);
    let checked = |file: &str| {
        let arguments =
            ["check", file, "--return", "west-kent-housing", "--period", QUARTER, "--json"];
        another.run(&arguments).exits(3).json()["findings"].clone()
    };
    let original = fixture("partners/west-kent-housing/ASB complaints Apr-Jun 2025.xlsx");
    assert_eq!(checked("copy.xlsx"), checked(&original.display().to_string()));
}

#[test]
fn about_personal_data_it_says_sheet_column_and_until_when_and_nothing_of_it() {
    let home = demonstrated();
    let letter = parts(&letters(&home)["error-letter-protection-against-stalking"]);
    assert_eq!(letter.len(), 2, "nothing is attached");
    let file = fixture("partners/protection-against-stalking/PAS referrals Q1.xlsx");
    let sheet = xml_parts(&std::fs::read(file).expect("a fixture"));
    let strings = sheet.get("xl/sharedStrings.xml").expect("texts");
    let names: Vec<&str> = strings
        .split("<t>")
        .skip(1)
        .filter_map(|piece| piece.split("</t>").next())
        .filter(|text| {
            text.split(' ').count() == 2 && text.chars().all(|c| c.is_alphabetic() || c == ' ')
        })
        .collect();
    assert!(!names.is_empty(), "{strings}");
    for part in &letter {
        let text = text(part);
        assert!(text.contains("Sheet Referrals, cell B3"), "{text}");
        assert!(text.contains("20 August 2025"), "{text}");
        assert!(!text.contains("PAS referrals"), "{text}");
        for name in names.iter().filter(|name| **name != "Date referral") {
            assert!(!text.contains(name), "{name}: {text}");
        }
    }
}

const HOUSING: &str = "
    [sources.west-kent-housing]
    kind = \"folder\"
    path = \"inbox\"
    return = \"west-kent-housing\"
    ";

fn with_one_bad_file() -> Environment {
    let home = environment();
    home.sources(HOUSING);
    home.write(
        "inbox/ASB.xlsx",
        workbook(&[("ASB complaints", "Type of complaint | April 2025\nNoise | about 12")]),
    );
    home
}

fn queued(home: &Environment) -> Vec<(String, String)> {
    let listed = home.run(&["outbox", "list", "--json"]).exits(0).json();
    let messages = listed["messages"].as_array().expect("messages");
    let word =
        |message: &serde_json::Value, key: &str| message[key].as_str().expect("a word").to_owned();
    messages.iter().map(|message| (word(message, "kind"), word(message, "state"))).collect()
}

const TODAY: [&str; 2] = ["--as-of", "2025-07-21"];

#[test]
fn whenever_it_crashes_a_letter_is_written_once() {
    for (point, written) in [("after-read", 0), ("after-judge", 1)] {
        let home = with_one_bad_file();
        let mut command = home.command(&["run", "collect-returns", TODAY[0], TODAY[1]]);
        let died = home.finish(command.env("QUARTERDECK_CRASH_AT", point));
        assert_eq!(died.code, None, "{}", died.shown());
        assert_eq!(queued(&home).len(), written, "{point}");
        for _ in 0..2 {
            let _ran = home.run(&["run", "collect-returns", TODAY[0], TODAY[1]]);
            let letter = ("error-letter".to_owned(), "approved".to_owned());
            assert_eq!(queued(&home), [letter], "{point}");
        }
        let _sent = home.run(&["run", "outbox", TODAY[0], TODAY[1]]).exits(0);
        assert_eq!(queued(&home)[0].1, "accepted");
        assert_eq!(tree(&home.path("var/outbox")).len(), 1);
    }
}

#[test]
fn nobody_is_written_to_who_has_no_contact_or_about_the_past_or_when_it_is_turned_off() {
    let contact = "contact = \"performance@west-kent-housing.example\"\n";
    let without_contact: fn(&Environment, &str) = |home, contact| {
        home.edit("config/partnership.toml", contact, "");
    };
    let turned_off: fn(&Environment, &str) = |home, _| {
        home.edit("config/quarterdeck.toml", "error_letters = true", "error_letters = false");
    };
    let as_agreed: fn(&Environment, &str) = |_, _| {};
    for (change, period, written) in [
        (as_agreed, None, 1),
        (as_agreed, Some("2024-25Q1"), 0),
        (without_contact, None, 0),
        (turned_off, None, 0),
    ] {
        let home = with_one_bad_file();
        change(&home, contact);
        let mut arguments = vec!["run", "collect-returns", TODAY[0], TODAY[1]];
        arguments.extend(period.iter().flat_map(|period| ["--period", *period]));
        let _ran = home.run(&arguments).exits(3);
        assert_eq!(queued(&home).len(), written, "{period:?}");
    }
}

#[test]
fn one_message_is_shown_with_what_became_of_it() {
    let home = demonstrated();
    let listed = home.run(&["outbox", "list", "--json"]).exits(0).json();
    let messages = listed["messages"].as_array().expect("messages");
    let receipt = messages.iter().find(|message| message["kind"] == "receipt").expect("one");
    assert_eq!(
        (&receipt["return"], &receipt["period"]),
        (&"davss-quarterly".into(), &QUARTER.into())
    );
    let id = receipt["message_id"].as_str().expect("an id");
    let shown = home.run(&["outbox", "show", id, "--json"]).exits(0).json();
    let states: Vec<&str> = shown["history"]
        .as_array()
        .expect("steps")
        .iter()
        .map(|step| step["state"].as_str().expect("a state"))
        .collect();
    assert_eq!(states, ["approved", "sending", "accepted"]);
    let raw = home.run(&["outbox", "show", "receipt-davss", "--raw"]).exits(0);
    assert!(raw.stdout.starts_with(&format!("Message-ID: <{id}>")), "{}", raw.stdout);
    let ran = home.run(&["outbox", "show", "quarterly"]).exits(2);
    assert!(ran.stderr.contains("more than one message begins with"), "{}", ran.shown());
    let ran = home.run(&["outbox", "show", "nothing"]).exits(2);
    assert!(ran.stderr.contains("there is no message `nothing`"), "{}", ran.shown());
}

#[test]
fn a_slip_in_a_template_is_a_problem_of_the_configuration() {
    let home = environment();
    home.edit(
        "jobs/collect-returns/mail/receipt.txt.j2",
        "{{ opening|wrap }}",
        "{{ openning|wrap }}",
    );
    std::fs::remove_file(home.path("jobs/collect-returns/mail/personal-data.html.j2"))
        .expect("there");
    let ran = home.run(&["config", "check"]).exits(2);
    assert!(ran.stderr.contains("personal-data.html.j2: is not there"), "{}", ran.shown());
    let home = environment();
    home.edit(
        "jobs/collect-returns/mail/receipt.txt.j2",
        "{{ opening|wrap }}",
        "{{ openning|wrap }}",
    );
    let ran = home.run(&["config", "check"]).exits(2);
    assert!(ran.stderr.contains("mail/receipt.txt.j2: line 8: "), "{}", ran.shown());
}

const JUNE: &str = "Type of complaint,Apr 2025,May 2025,Jun 2025\nNoise,12,9,15\nRubbish,4,6,5\nAll complaints,16,15,20\n";

/// The small partnership, of which a housing association sends complaints by type.
fn small() -> Environment {
    let home = environment();
    for part in ["config", "jobs"] {
        std::fs::remove_dir_all(home.path(part)).expect("removes");
        crate::museum::copy(&fixture(&format!("scenarios/small/{part}")), &home.path(part));
    }
    home
}

#[test]
fn what_was_refused_is_read_again_by_a_contract_that_was_corrected() {
    let home = small();
    home.write("inbox/housing/June.csv", JUNE.replace("Rubbish", "Waste"));
    let collect = |more: &[&str]| {
        let usual = ["run", "collect-returns", "--as-of", "2025-07-10"];
        home.run(&[&usual[..], more].concat()).exits(3).stdout
    };
    assert!(collect(&[]).contains("refused: June.csv"));
    let contract = "config/returns/housing.toml";
    home.edit(contract, "\"Rubbish\" = \"rubbish\"", "\"Waste\" = \"rubbish\"");
    // Not by itself; whoever asks for the period has it read anew.
    assert!(!collect(&[]).contains("accepted"));
    let said = collect(&["--period", QUARTER]);
    assert!(said.contains("accepted: June.csv, 9 figures"), "{said}");
    let sql = "select count(*) as n from observations where breakdown like '%rubbish%'";
    let rows = home.run(&["query", sql, "--format", "csv"]).exits(0).stdout;
    assert_eq!(rows, "n\n3\n");
    assert!(!collect(&["--period", QUARTER]).contains("June.csv"), "once");
    // The letter that asked for a correction had not gone yet, and does not go.
    let sent = home.run(&["outbox", "send", "--as-of", "2025-07-10"]).exits(0);
    assert!(sent.stdout.contains("1 accepted"), "{}", sent.shown());

    // An older file that was refused does not come back over the one that was accepted.
    home.write("inbox/housing/May.csv", JUNE);
    assert!(collect(&[]).contains("refused: May.csv"));
    home.edit(
        contract,
        "\"Waste\" = \"rubbish\"",
        "\"Waste\" = \"rubbish\", \"Rubbish\" = \"rubbish\"",
    );
    assert!(!collect(&["--period", QUARTER]).contains("May.csv"));
}

#[test]
fn nobody_is_asked_to_correct_a_file_that_is_right_for_its_own_quarter() {
    let home = small();
    home.write("inbox/housing/June.csv", JUNE);
    home.write(
        "inbox/housing/March.csv",
        JUNE.replace("Apr 2025,May 2025,Jun 2025", "Jan 2025,Feb 2025,Mar 2025"),
    );
    let collect = |period: &str| {
        let ran =
            home.run(&["run", "collect-returns", "--period", period, "--as-of", "2025-07-10"]);
        ran.exits(3).stdout
    };
    // The first quarters of a new partnership: both files lie in the folder, each is right for its own.
    for (period, right) in [("2024-25Q4", "March.csv"), ("2025-26Q1", "June.csv")] {
        let said = collect(period);
        assert!(said.contains(&format!("accepted: {right}")), "{said}");
    }
    let list = home.run(&["outbox", "list", "--json"]).exits(0).json();
    let all = list["messages"].as_array().expect("a list");
    let kinds: Vec<&str> = all.iter().filter_map(|it| it["kind"].as_str()).collect();
    assert_eq!(kinds, ["receipt"], "no error letter");
}
