//! Data of earlier versions: newer code opens all of it, and older code refuses what is newer.

use std::fs;
use std::path::Path;

use testkit::{Environment, fixture, repository};

use crate::{AS_OF, environment};

fn formats() -> usize {
    let migrations = repository().join("crates/ledger/migrations");
    fs::read_dir(migrations).expect("a folder").count()
}

/// States of the messages by the recipient's first letter, and how many submissions there are.
fn known(home: &Environment) -> (Vec<String>, usize) {
    let list = home.run(&["outbox", "list", "--json"]).exits(0).json();
    let mut states: Vec<String> = list["messages"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|it| format!("{} {} {}", it["message_id"], it["kind"], it["state"]).replace('"', ""))
        .collect();
    states.sort();
    let returns = home.run(&[&["returns", "--json", "--period", "2025-26Q1"][..], &AS_OF].concat());
    let returns = returns.exits(0).json();
    let sent = returns["returns"].as_array().expect("a list").iter();
    (states, sent.map(|it| it["submissions"].as_array().map_or(0, Vec::len)).sum())
}

#[test]
fn every_ledger_there_has_been_is_brought_up_to_date() {
    let last = formats();
    for version in 1..=last {
        let home = environment();
        let museum = fixture(&format!("museum/ledger/v{version}.sqlite"));
        home.write("var/ledger.sqlite", fs::read(museum).expect("a ledger"));
        if version < last {
            // Who only looks changes nothing, and says who may.
            let looked = home.run(&["outbox", "list"]).exits(1);
            assert!(looked.stderr.contains("older"), "{}", looked.shown());
        }
        let _sent = home.run(&[&["outbox", "send"][..], &AS_OF].concat());
        let kept = home.path(&format!("var/ledger.format-{version}.sqlite"));
        assert_eq!(kept.exists(), version < last, "the ledger of then stays beside it");
        let (states, submissions) = known(&home);
        let mut expected = vec![
            "chair@csp.example report accepted".to_owned(),
            // Whoever got the message of then is no recipient today.
            "clerk@csp.example report cancelled".to_owned(),
            "lead@csp.example report unknown".to_owned(),
        ];
        if version >= 6 {
            expected.push("failed@csp.example notice accepted".to_owned());
        }
        expected.sort();
        let states: Vec<String> =
            states.into_iter().filter(|it| it.contains("@csp.example")).collect();
        assert_eq!(states, expected, "format {version}");
        assert_eq!(submissions, 3, "format {version}");
        let runs = home.run(&["runs", "list", "--json"]).exits(0).json();
        assert!(runs["runs"].as_array().is_some_and(|runs| runs.len() >= 2), "{runs}");
    }
    let beyond = repository().join(format!("fixtures/museum/ledger/v{}.sqlite", last + 1));
    assert!(!beyond.exists(), "a ledger of a format that there is not");
}

#[test]
fn a_ledger_of_a_newer_program_is_refused_and_left_as_it_is() {
    let home = environment();
    let museum = fixture(&format!("museum/ledger/v{}.sqlite", formats()));
    let mut newer = fs::read(museum).expect("a ledger");
    // The format stands in the header of an SQLite file, bytes 60 to 63 (user_version).
    newer[60..64].copy_from_slice(&99_u32.to_be_bytes());
    home.write("var/ledger.sqlite", &newer);
    for command in [&["outbox", "send"][..], &["status"], &["verify", "--repair"]] {
        let refused = home.run(command).exits(1);
        assert!(refused.stderr.contains("newer"), "{}", refused.shown());
        crate::assert_plain(&refused.stderr);
    }
    assert_eq!(fs::read(home.path("var/ledger.sqlite")).expect("a ledger"), newer);
}

#[test]
fn every_lake_there_has_been_is_read() {
    let folders = fs::read_dir(fixture("museum/data")).expect("a folder").flatten();
    let mut count = 0;
    for folder in folders {
        count += 1;
        let home = environment();
        for part in ["config", "jobs"] {
            fs::remove_dir_all(home.path(part)).expect("removes");
            copy(&fixture(&format!("scenarios/small/{part}")), &home.path(part));
        }
        copy(&folder.path(), &home.path("var"));
        let _upgraded = home.run(&["outbox", "send", "--as-of", "2025-07-21"]);
        let sound = home.run(&["verify"]).exits(0);
        assert!(sound.stdout.contains("3 commits of the lake"), "{}", sound.shown());
        let sql = "select count(*) as n, sum(value) as total from observations";
        let rows = home.run(&["query", sql, "--format", "csv"]).exits(0).stdout;
        assert_eq!(rows, "n,total\n57,3600\n", "{}", folder.path().display());
    }
    assert_eq!(count, 1, "as many as there are lake formats");
}

/// A folder with all that is in it; what is linked is copied.
pub(crate) fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("makes");
    for entry in fs::read_dir(from).expect("a folder").flatten() {
        let (path, to) = (entry.path(), to.join(entry.file_name()));
        if path.is_dir() {
            copy(&path, &to);
        } else {
            fs::copy(&path, &to).expect("copies");
        }
    }
}
