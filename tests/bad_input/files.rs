//! Files that are not what they seem, one at a time through `check` and all at once through `run`.

use std::fs;

use serde_json::Value;
use testkit::{fixture, tree};

use crate::{AS_OF, assert_plain, environment};

const HOSTILE: [&str; 6] = [
    "0-byte.xlsx",
    "corner-cells.xlsx",
    "half.xlsx",
    "html.xlsx",
    "password-protected.xlsx",
    "shared-strings-count.xlsx",
];

#[test]
fn every_hostile_file_is_tested() {
    let there: Vec<String> = tree(&fixture("hostile")).into_keys().collect();
    assert_eq!(there, HOSTILE);
}

#[test]
fn each_gets_one_clear_finding() {
    let environment = environment();
    let mut said = String::new();
    for name in HOSTILE {
        environment.write(name, fs::read(fixture("hostile").join(name)).expect("bytes"));
        let arguments = ["check", name, "--return", "davss-quarterly"];
        let ran = environment.run(&[&arguments[..], &AS_OF].concat()).exits(3);
        assert_eq!(ran.stderr, "", "{name}");
        assert_plain(&ran.stdout);
        said.push_str(&ran.stdout);
        let json = environment.run(&[&arguments[..], &["--json"], &AS_OF].concat());
        let json = json.exits(3).json();
        assert_eq!(json["accepted"], false, "{name}");
        assert_eq!(json["observations"], 0, "{name}");
        assert_eq!(json["findings"][0]["severity"], "error", "{name}");
        assert_eq!(json["findings"][0]["hint"].as_str().map(str::is_empty), Some(false));
    }
    insta::assert_snapshot!(said, @"
    0-byte.xlsx would be refused: 0 figures
      empty-file: `0-byte.xlsx` is empty
          it was probably not copied to the end: send it again
    corner-cells.xlsx would be refused: 0 figures
      missing-sheet: there is no sheet `Return`
          add a sheet named `Return`
    half.xlsx would be refused: 0 figures
      incomplete-file: `half.xlsx` is only part of a workbook: its end is missing
          it was probably not copied to the end: send it again
    html.xlsx would be refused: 0 figures
      html-not-workbook: `html.xlsx` is a web page, not a workbook: it is what a sign-in page or an export button leaves behind
          open it in Excel, save it as .xlsx, and send that
    password-protected.xlsx would be refused: 0 figures
      password-protected: `password-protected.xlsx` is protected by a password
          remove the password (File, Info, Protect Workbook, Encrypt with Password, clear it), save, and send it again
    shared-strings-count.xlsx would be refused: 0 figures
      workbook-malformed: `shared-strings-count.xlsx` claims more texts than it has room for: the file is damaged
          open it in Excel, save it again as .xlsx, and send that
    ");
    assert!(environment.data().is_empty(), "check kept something");
}

/// All six in one batch with a sound return: they cost themselves only.
#[test]
fn together_they_do_not_spoil_the_run() {
    let environment = environment();
    for name in HOSTILE {
        let bytes = fs::read(fixture("hostile").join(name)).expect("bytes");
        environment.write(&format!("fixtures/partners/davss/{name}"), bytes);
    }
    let ran = environment.run(&["demo", "--json"]).exits(3).json();
    let submissions = ran["run"]["submissions"].as_array().expect("submissions");
    let mut lines: Vec<String> = submissions
        .iter()
        .filter(|submission| submission["return"] == "davss-quarterly")
        .map(|submission| {
            let findings = submission["findings"].as_array().expect("findings");
            let codes: Vec<&str> = findings.iter().filter_map(|it| it["code"].as_str()).collect();
            let text = |key: &str| submission[key].as_str().unwrap_or("?").to_owned();
            format!("{}: {} ({})", text("file"), text("state"), codes.join(", "))
        })
        .collect();
    let not_taken = ran["run"]["findings"].as_array().expect("findings");
    let of_source = |found: &&Value| found["source"] == "davss" && found["file"].is_null();
    for found in not_taken.iter().filter(of_source) {
        lines.push(format!("{}: {}", found["code"], found["message"]));
    }
    lines.sort();
    insta::assert_snapshot!(lines.join("\n"), @r#"
    "empty-file": "`0-byte.xlsx` is empty (0 bytes)"
    "several-files": "6 new files came at once for this return: the one that was changed last counts (of equal times, the last by name)"
    DAVSS return Sevenoaks Apr-Jun 2025 FINAL.xlsx: accepted (breakdown-differs)
    corner-cells.xlsx: refused (missing-sheet)
    half.xlsx: refused (incomplete-file)
    html.xlsx: refused (html-not-workbook)
    password-protected.xlsx: refused (password-protected)
    shared-strings-count.xlsx: refused (workbook-malformed)
    "#);
    let others =
        submissions.iter().filter(|submission| submission["return"] != "davss-quarterly").count();
    assert_eq!(others, 9, "the other partners' files were judged too");
    assert_ne!(ran["run"]["edition"], Value::Null);
    // The report to eleven recipients, and a letter about each file of a partner with a contact.
    assert_eq!(tree(&environment.path("var/outbox")).len(), 11 + 8);
}

/// A return that is cut after it was counted changes nothing that is stored.
#[test]
fn a_broken_second_try_loses_nothing() {
    let environment = environment();
    let _ran = environment.run(&["demo"]).exits(0);
    let question = "select count(*) as n from observations where return_id = 'davss-quarterly'";
    let figures = |environment: &testkit::Environment| {
        let ran = environment.run(&["query", question, "--format", "csv"]);
        ran.exits(0).stdout
    };
    let before = figures(&environment);
    let half = fs::read(fixture("hostile/half.xlsx")).expect("bytes");
    let name = "fixtures/partners/davss/DAVSS return Sevenoaks Apr-Jun 2025 FINAL.xlsx";
    environment.write(name, half);
    let ran = environment.run(&["demo"]);
    assert_plain(&ran.shown());
    assert_eq!(figures(&environment), before);
    let register = environment.run(&[&["returns", "--json"][..], &AS_OF].concat());
    let register = register.exits(0).json();
    let lines = register["returns"].as_array().expect("returns");
    let line = lines.iter().find(|line| line["return"] == "davss-quarterly");
    let line = line.expect("the return");
    assert_eq!(line["submissions"].as_array().map(Vec::len), Some(2), "{line}");
}
