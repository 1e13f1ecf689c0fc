//! `check --marked-up`: the partner's own workbook, to be corrected and sent again.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use testkit::{Environment, cells, fixture, typed, with_xml, workbook, xml_parts};

use crate::{AS_OF, environment};

const LIST: &str = "Quarterdeck findings";

/// Every bundled workbook that can be read, with a return and the period it is checked for.
fn workbooks() -> Vec<(&'static str, PathBuf, &'static str)> {
    let partners = [
        ("kent-police-monthly", "partners/kent-police"),
        ("davss-quarterly", "partners/davss"),
        ("kenward-outreach", "partners/kenward-trust"),
        ("kcc-wardens", "partners/kcc-community-wardens"),
        ("west-kent-housing", "partners/west-kent-housing"),
        ("csp-action-plan", "partners/sevenoaks-district-council-actions"),
        ("illustrative-history", "partners/sevenoaks-district-council-history"),
        ("stats19-collisions", "partners/dft"),
        ("kfrs-deliberate-fires", "late/kent-fire-and-rescue"),
        ("ons-table-c2", "site/ons"),
    ];
    let mut found: Vec<_> = partners
        .into_iter()
        .map(|(name, folder)| (name, only_file(&fixture(folder)), "2025-26Q1"))
        .collect();
    let headline = fixture("golden/tunbridge-wells-headline-2019.xlsx");
    found.push(("tunbridge-wells-headline", headline, "2018-11..2019-10"));
    for name in [
        "any_sheets.xls",
        "any_sheets.xlsb",
        "any_sheets.ods",
        "any_sheets.xlsx",
        "date.xls",
        "date.xlsb",
        "date.xlsx",
        "date_1904.xls",
        "date_1904.xlsb",
        "date_1904.xlsx",
    ] {
        // Not what was agreed: everything is found wrong, and nothing may be lost all the same.
        found.push(("ons-table-c2", fixture(&format!("real/calamine-tests/{name}")), "2025-26Q1"));
    }
    found
}

fn only_file(folder: &Path) -> PathBuf {
    let files = std::fs::read_dir(folder).expect("a folder").filter_map(|entry| {
        let path = entry.expect("an entry").path();
        let name = path.file_name()?.to_string_lossy().into_owned();
        (!name.starts_with(['.', '~'])).then_some(path)
    });
    let mut files: Vec<PathBuf> = files.collect();
    assert_eq!(files.len(), 1, "{files:?}");
    files.remove(0)
}

fn check(home: &Environment, file: &str, name: &str, period: &str, more: &[&str]) -> Value {
    let arguments = ["check", file, "--return", name, "--period", period, "--json"];
    home.run(&[&arguments[..], more, &AS_OF].concat()).json()
}

/// What must come out again: all but the file's hash and name.
fn substance(found: &Value) -> Value {
    json!([found["accepted"], found["period"], found["observations"], found["findings"]])
}

/// The same of a CSV file, whose sheet gets a name and whose numbers with blanks or commas become
/// texts in a workbook: a repair of another name, at the same cells.
fn substance_of_csv(found: &Value) -> Value {
    let mut found = substance(found);
    for finding in found[3].as_array_mut().expect("findings") {
        let code = finding["code"].as_str().expect("a code");
        if code == "number-as-text" || code == "blanks-removed" {
            *finding = json!(["text", finding["cell"]]);
        } else if finding["sheet"] != "" {
            finding["sheet"] = json!("*");
        }
    }
    found
}

/// Published workbooks with hidden rows, and with percentages that stand as parts of one.
#[test]
fn the_copy_of_a_published_workbook_reads_as_it_did() {
    let config = fixture("contracts/config").display().to_string();
    for (name, file, period, code) in [
        ("lfs-nsa", "messy/ons_lfs_a02.xls", "2011-09..2011-11", "hidden-rows"),
        ("nhse-regions", "messy/nhse_vaccinations_monthly_copy.xlsx", "2020-12..2021-05", ""),
    ] {
        let home = environment();
        let path = fixture(&format!("real/{file}")).display().to_string();
        let check = |file: &str, more: &[&str]| {
            let arguments = [
                "--config", &config, "check", file, "--return", name, "--period", period, "--json",
            ];
            home.run(&[&arguments[..], more, &["--as-of", "2026-06-30"]].concat()).json()
        };
        let before = check(&path, &["--marked-up", "out.xlsx"]);
        assert_eq!(before["marked_up"], "out.xlsx", "{before}");
        let found = before["findings"].to_string();
        assert!(found.contains(code), "{name}: {found}");
        assert_eq!(substance(&before), substance(&check("out.xlsx", &[])), "{name}");
        let parts = xml_parts(&std::fs::read(home.path("out.xlsx")).expect("the copy"));
        let is_percent = parts["xl/styles.xml"].contains("0.0#%");
        assert_eq!(is_percent, name == "nhse-regions", "{}", parts["xl/styles.xml"]);
    }
}

#[test]
fn the_copy_of_every_bundled_workbook_reads_as_the_workbook_did() {
    let home = environment();
    let mut kinds = BTreeSet::new();
    for (name, file, period) in workbooks() {
        let path = file.display().to_string();
        let before = check(&home, &path, name, period, &["--marked-up", "out.xlsx"]);
        assert_eq!(before["marked_up"], "out.xlsx", "{path}: {before}");
        let after = check(&home, "out.xlsx", name, period, &[]);
        let ending = file.extension().expect("an ending");
        if ending == "csv" {
            assert_eq!(substance_of_csv(&before), substance_of_csv(&after), "{path}");
        } else {
            assert_eq!(substance(&before), substance(&after), "{path}");
        }
        kinds.insert(ending.to_owned());
        // Where days are counted from 1904 the same dates have other numbers.
        if ending == "xlsx" && !path.contains("1904") {
            same_cells(&std::fs::read(&file).expect("a file"), &home.path("out.xlsx"), &path);
        }
    }
    assert_eq!(kinds.len(), 5, "{kinds:?}");
}

/// Cell by cell, read without any of the code under test.
fn same_cells(original: &[u8], copy: &Path, path: &str) {
    let copy = std::fs::read(copy).expect("the copy");
    // A sheet that is nothing but a chart has no cells, and is left out.
    let names: Vec<String> =
        sheet_names(original).into_iter().filter(|name| name != "Chart").collect();
    let copied: Vec<String> = sheet_names(&copy).into_iter().skip(1).collect();
    assert_eq!(names, copied, "{path}");
    for name in names {
        let (mut before, mut after) = (cells(original, &name), cells(&copy, &name));
        // The same number may be written in more than one way.
        for cells in [&mut before, &mut after] {
            cells.retain(|_, text| !text.is_empty());
            for text in cells.values_mut() {
                if let Ok(number) = text.parse::<f64>() {
                    *text = number.to_string();
                }
            }
        }
        assert_eq!(before, after, "{path}, {name}");
    }
}

/// Names of sheets in order.
fn sheet_names(xlsx: &[u8]) -> Vec<String> {
    let parts = xml_parts(xlsx);
    let book = parts.get("xl/workbook.xml").expect("a workbook");
    book.split("<sheet ")
        .skip(1)
        .map(|piece| {
            let name = piece.split("name=\"").nth(1).expect("a name");
            name.split('"').next().expect("its end").replace("&amp;", "&").replace("&apos;", "'")
        })
        .collect()
}

#[test]
fn corrected_in_the_copy_it_is_accepted() {
    let home = environment();
    let grid = "
        Visits, April to June 2025
        Activity | April 2025 | May 2025 | June 2025
        Visits and patrols | 12 | about 12 | 9
        Anti-social behaviour reports dealt with | 1 | 2 |
    ";
    home.write("in.xlsx", workbook(&[("Notes", "see below"), ("Wardens", grid)]));
    let found = check(&home, "in.xlsx", "kcc-wardens", "2025-26Q1", &["--marked-up", "out.xlsx"]);
    assert_eq!(found["accepted"], false);
    let copy = std::fs::read(home.path("out.xlsx")).expect("the copy");
    let parts = xml_parts(&copy);
    let notes: String = parts
        .iter()
        .filter(|(name, _)| name.contains("comments"))
        .map(|(_, xml)| xml.as_str())
        .collect();
    assert!(notes.contains("ref=\"C3\"") && notes.contains("ref=\"D4\""), "{notes}");
    let book = parts.get("xl/workbook.xml").expect("a workbook");
    assert!(book.find(LIST) < book.find("Wardens"), "{book}");
    let corrected = typed(&copy, "Wardens", &[("C3", "12"), ("D4", "3")]);
    home.write("out.xlsx", corrected);
    let found =
        check(&home, "out.xlsx", "kcc-wardens", "2025-26Q1", &["--marked-up", "again.xlsx"]);
    assert_eq!((&found["accepted"], &found["observations"]), (&json!(true), &json!(6)), "{found}");
    // A copy of a copy has one list.
    let again = std::fs::read(home.path("again.xlsx")).expect("the copy");
    assert_eq!(sheet_names(&again), [LIST, "Notes", "Wardens"]);
}

#[test]
fn of_personal_data_there_is_no_copy() {
    let home = environment();
    let path = only_file(&fixture("partners/protection-against-stalking")).display().to_string();
    let ran = home
        .run(&[
            "check",
            &path,
            "--return",
            "protection-against-stalking",
            "--marked-up",
            "out.xlsx",
            "--as-of",
            "2025-07-21",
        ])
        .exits(3);
    assert!(
        ran.stdout
            .contains("No marked-up copy was written: the workbook seems to hold personal data"),
        "{}",
        ran.shown()
    );
    let json = check(
        &home,
        &path,
        "protection-against-stalking",
        "2025-26Q1",
        &["--marked-up", "out.xlsx"],
    );
    assert_eq!(json["marked_up"], Value::Null);
    assert!(!home.path("out.xlsx").exists());
}

#[test]
fn what_cannot_be_read_has_no_copy_and_the_input_is_never_written_over() {
    let home = environment();
    let path = fixture("hostile/password-protected.xlsx").display().to_string();
    let ran = home
        .run(&[
            "check",
            &path,
            "--return",
            "kcc-wardens",
            "--marked-up",
            "out.xlsx",
            "--as-of",
            "2025-07-21",
        ])
        .exits(3);
    assert!(ran.stdout.contains("could not be read as a workbook"), "{}", ran.shown());
    assert!(!home.path("out.xlsx").exists());

    let bytes = workbook(&[("Wardens", "a | b")]);
    home.write("in.xlsx", &bytes);
    std::fs::create_dir(home.path("folder.xlsx")).expect("a folder");
    for (out, said) in [
        ("in.xlsx", "is the workbook itself, which is never changed"),
        ("./in.xlsx", "is the workbook itself, which is never changed"),
        ("folder.xlsx", "is a folder"),
        ("out.xls", "let its name end in .xlsx"),
        ("none/out.xlsx", "there is no folder"),
    ] {
        let ran =
            home.run(&["check", "in.xlsx", "--return", "kcc-wardens", "--marked-up", out]).exits(2);
        assert!(ran.stderr.contains(said), "{}", ran.shown());
    }
    assert_eq!(std::fs::read(home.path("in.xlsx")).expect("there"), bytes);
}

#[test]
fn errors_and_formulas_without_a_result_come_back_as_they_were() {
    let home = environment();
    let grid = "
        Activity | April 2025 | May 2025 | June 2025
        Visits and patrols | 1 | 2 | 3
        Anti-social behaviour reports dealt with | 4 | 5 | 6
    ";
    let mut bytes = workbook(&[("Wardens", grid)]);
    for (address, cell) in [
        ("B2", "<c r=\"B2\" t=\"e\"><f>SUM(#REF!)</f><v>#REF!</v></c>"),
        ("C2", "<c r=\"C2\" t=\"e\"><v>#DIV/0!</v></c>"),
        ("D2", "<c r=\"D2\"><f>D3+1</f></c>"),
        ("B3", "<c r=\"B3\" t=\"b\"><v>1</v></c>"),
    ] {
        bytes = with_xml(&bytes, "Wardens", address, cell);
    }
    home.write("in.xlsx", &bytes);
    let before = check(&home, "in.xlsx", "kcc-wardens", "2025-26Q1", &["--marked-up", "out.xlsx"]);
    let codes: BTreeSet<&str> = before["findings"]
        .as_array()
        .expect("findings")
        .iter()
        .map(|finding| finding["code"].as_str().expect("a code"))
        .collect();
    assert!(codes.contains("error-value") && codes.contains("formula-without-value"), "{codes:?}");
    let after = check(&home, "out.xlsx", "kcc-wardens", "2025-26Q1", &[]);
    assert_eq!(substance(&before), substance(&after));
    let copy = std::fs::read(home.path("out.xlsx")).expect("the copy");
    // Constants that give the same error, and nothing of what the partner wrote.
    let formulas: BTreeSet<String> = xml_parts(&copy)
        .values()
        .flat_map(|xml| xml.split("<f>").skip(1))
        .filter_map(|piece| Some(piece.split_once("</f>")?.0.to_owned()))
        .collect();
    assert_eq!(formulas, ["#DIV/0!", "#REF!", "NA()"].map(str::to_owned).into());
}

#[test]
fn nothing_a_partner_writes_becomes_a_formula() {
    let home = environment();
    let grid = "
        Activity | April 2025 | May 2025 | June 2025
        Visits and patrols | =1+1 | +3 | @x
        Anti-social behaviour reports dealt with | <b> & \"c\" | _x0041_ | -
    ";
    let bytes = workbook(&[("Wardens", grid)]);
    home.write("in.xlsx", &bytes);
    let before = check(&home, "in.xlsx", "kcc-wardens", "2025-26Q1", &["--marked-up", "out.xlsx"]);
    let after = check(&home, "out.xlsx", "kcc-wardens", "2025-26Q1", &[]);
    assert_eq!(substance(&before), substance(&after));
    same_cells(&bytes, &home.path("out.xlsx"), "in.xlsx");
    let copy = std::fs::read(home.path("out.xlsx")).expect("the copy");
    assert!(!xml_parts(&copy).values().any(|xml| xml.contains("<f>")));
}
