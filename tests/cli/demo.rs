//! `demo`: the main job, twice.

use testkit::{differences, tree};

use crate::{DEMONSTRATION_MAILS, demonstrated, environment};

/// What may change in the data folder when nothing is done: the ledger notes that it looked.
fn may_change(line: &str) -> bool {
    line.starts_with("ledger.sqlite") || line.starts_with("quarterdeck.lock")
}

#[test]
fn finds_the_planted_faults_and_reports_and_mails() {
    let environment = environment();
    let ran = environment.run(&["demo"]).exits(0);
    assert!(ran.stdout.contains("8 found as planted, 0 missed, 0 unexpected"), "{}", ran.stdout);
    let reports = tree(&environment.path("var/reports/2025-26-Q1/2025-26-Q1-01"));
    for name in ["email.html", "email.txt", "report.json", "2025-26-Q1-indicators.csv"] {
        assert!(reports.contains_key(name), "no {name}");
    }
    for (name, bytes) in &reports {
        assert!(bytes.len() > 100, "{name} is empty");
    }
    let mails = tree(&environment.path("var/outbox"));
    let reports = mails.keys().filter(|name| name.starts_with("quarterly-monitoring")).count();
    assert_eq!(reports, 11, "one message for each recipient");
    assert_eq!(mails.len(), DEMONSTRATION_MAILS, "and letters to three partners");
    assert!(mails.keys().all(|name| name.split('.').next_back() == Some("eml")));
}

#[test]
fn the_second_time_nothing_is_done() {
    let environment = environment();
    let _first = environment.run(&["demo"]).exits(0);
    let before = environment.data();
    let ran = environment.run(&["demo"]).exits(0);
    assert!(ran.stdout.contains("nothing was done"), "{}", ran.stdout);
    let changed: Vec<String> = differences(&before, &environment.data())
        .into_iter()
        .filter(|line| !may_change(line))
        .collect();
    assert_eq!(changed, Vec::<String>::new());
    let runs = environment.run(&["runs", "--json"]).exits(0).json();
    let runs = runs["runs"].as_array().expect("runs");
    assert_eq!(runs.len(), 1, "a look that finds nothing is no run: {runs:?}");
}

#[test]
fn prints_one_json_document() {
    let environment = environment();
    let ran = environment.run(&["demo", "--json"]).exits(0);
    let document = ran.json();
    assert_eq!(document["schema"], "quarterdeck/demo/1");
    assert_eq!(document["run"]["outcome"], "succeeded-with-findings");
    assert_eq!(document["run"]["messages_queued"], 11);
    assert_eq!(document["run"]["letters_queued"], 3);
    assert_eq!(document["faults"]["as_planted"].as_array().map(Vec::len), Some(8));
    let again = environment.run(&["demo", "--json"]).exits(0).json();
    assert_eq!(again["run"]["outcome"], "up-to-date");
    assert_eq!(again["run"]["edition"], serde_json::Value::Null);
    assert_eq!(again["run"]["messages_queued"], 0);
}

/// The planted file is taken away: the demonstration must notice that a fault is missing.
#[test]
fn a_fault_that_does_not_occur_is_told() {
    let environment = environment();
    let folder = environment.path("fixtures/partners/protection-against-stalking");
    std::fs::remove_dir_all(&folder).expect("the folder is there");
    std::fs::create_dir(&folder).expect("an empty folder");
    let ran = environment.run(&["demo"]).exits(3);
    assert!(
        ran.stdout.contains("missed: personal-data in protection-against-stalking"),
        "{}",
        ran.stdout
    );
}

/// Every date in the report and the mail is local to the partnership.
#[test]
fn it_is_the_same_in_every_time_zone() {
    let (here, there) = (demonstrated(), environment().with("TZ", "Pacific/Auckland"));
    let _ran = there.run(&["demo"]).exits(0);
    for folder in ["var/reports", "var/outbox"] {
        let differences = differences(&tree(&here.path(folder)), &tree(&there.path(folder)));
        assert_eq!(differences, Vec::<String>::new(), "{folder}");
    }
}
