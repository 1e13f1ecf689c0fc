//! Death at any moment: the next run heals, and nobody is told twice.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::thread::sleep;
use std::time::Duration;

use serde_json::Value;
use testkit::{Environment, differences, repository, tree};

use crate::{DEMONSTRATION_MAILS, demonstrated, environment};

/// Makes a test for each named place at which the program can be told to die.
macro_rules! crash_points {
    ($($test:ident at $point:literal,)*) => {
        /// Every place that is tested.
        const TESTED: &[&str] = &[$($point),*];
        $(
            #[test]
            fn $test() {
                dies_and_heals($point);
            }
        )*
    };
}

crash_points! {
    after_begin_run at "after-begin-run",
    after_claim at "after-claim",
    after_edition_files at "after-edition-files",
    after_finish_interrupted at "after-finish-interrupted",
    after_finish_run at "after-finish-run",
    after_judge at "after-judge",
    after_landing at "after-landing",
    after_lake_commit at "after-lake-commit",
    after_mark_sending at "after-mark-sending",
    after_read at "after-read",
    after_receive at "after-receive",
    after_record at "after-record",
    after_render at "after-render",
    after_seal at "after-seal",
    after_send at "after-send",
    after_settle at "after-settle",
    before_finish_run at "before-finish-run",
    before_judge at "before-judge",
    before_lake_commit at "before-lake-commit",
    before_mark_sending at "before-mark-sending",
}

#[test]
fn every_crash_point_in_the_code_is_tested() {
    let mut named = BTreeSet::new();
    let sources = tree(&repository().join("crates/pipeline/src"));
    for text in sources.values() {
        let text = String::from_utf8_lossy(text);
        for piece in text.split("crash_point(\"").skip(1) {
            let (name, _) = piece.split_once('"').expect("a name in quotes");
            named.insert(name.to_owned());
        }
    }
    let tested: BTreeSet<String> =
        TESTED.iter().chain(TESTED_ELSEWHERE).map(|name| (*name).to_owned()).collect();
    assert_eq!(named, tested);
    assert!(20 <= tested.len(), "at least twenty places");
}

/// Places that a demonstration does not come to, with tests of their own in `sealing.rs`.
const TESTED_ELSEWHERE: &[&str] = &["after-destroy"];

/// Everything in the lake, in an order that does not depend on how it got there.
fn observations(environment: &Environment) -> String {
    let sql = "select measure, area, breakdown, period, value, marks, raw, repair, sheet, cell, file, submission, \
        return_id, sample from observations order by measure, area, breakdown, period, file, sheet, cell, raw";
    let ran = environment.run(&["query", sql, "--format", "csv"]);
    ran.exits(0).stdout
}

fn list(environment: &Environment, arguments: &[&str], key: &str) -> Vec<Value> {
    let ran = environment.run(&[arguments, &["--json"]].concat());
    let document = ran.exits(0).json();
    document[key].as_array().expect("a list").clone()
}

/// Asserts that a home is as if nothing had ever happened to it: files to the byte.
fn assert_undisturbed(environment: &Environment, calm: &Environment) {
    for folder in ["var/reports", "var/outbox", "var/landing", "var/sealed"] {
        let differences = differences(&tree(&calm.path(folder)), &tree(&environment.path(folder)));
        assert_eq!(differences, Vec::<String>::new(), "{folder}");
    }
    // Tables say when they were made. Parts are named by what is in them, and none may be left over.
    let parts = |environment: &Environment| -> Vec<String> {
        tree(&environment.path("var/lake")).into_keys().collect()
    };
    assert_eq!(parts(environment), parts(calm));
    assert_eq!(tree(&environment.path("var/outbox")).len(), DEMONSTRATION_MAILS);
    assert_eq!(observations(environment), observations(calm));
    assert_eq!(list(environment, &["report", "list"], "editions").len(), 1);
    let messages = list(environment, &["outbox", "list"], "messages");
    assert_eq!(messages.len(), DEMONSTRATION_MAILS);
    for message in &messages {
        assert_eq!(message["state"], "accepted", "{message}");
    }
}

fn dies_and_heals(point: &str) {
    let (calm, environment) = (demonstrated(), environment());
    let mut command = environment.command(&["demo"]);
    let died = environment.finish(command.env("QUARTERDECK_CRASH_AT", point));
    assert_eq!(died.code, None, "it lived through {point}\n{}", died.shown());
    // Looking must work in any state, and change nothing that matters.
    let looked = environment.run(&["status", "--as-of", "2025-07-21"]);
    assert_eq!(looked.code, Some(0), "{}", looked.shown());
    let healed = environment.run(&["demo"]).exits(0);
    assert!(healed.stdout.contains("0 missed, 0 unexpected"), "{}", healed.stdout);
    assert_undisturbed(&environment, &calm);
    let again = environment.run(&["demo"]).exits(0);
    assert!(again.stdout.contains("nothing was done"), "{}", again.stdout);
    assert_undisturbed(&environment, &calm);
}

/// Kills the demonstration after each of these waits, in the same home, and lets it finish then.
fn killed_after(milliseconds: &[u64]) {
    let (calm, environment) = (demonstrated(), environment());
    for wait in milliseconds {
        let mut child = environment
            .command(&["demo", "--quiet"])
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null())
            .spawn()
            .expect("a program that starts");
        sleep(Duration::from_millis(*wait));
        child.kill().expect("a kill");
        child.wait().expect("an end");
    }
    let healed = environment.run(&["demo"]);
    assert_eq!(healed.code, Some(0), "{milliseconds:?}\n{}", healed.shown());
    assert_undisturbed(&environment, &calm);
}

/// Waits that look random and are the same each time: (a x + c) mod m.
fn waits(seed: u64, from: u64, to: u64) -> Vec<u64> {
    let mut state = seed;
    (0..4)
        .map(|_| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            from + (state >> 33) % (to - from)
        })
        .collect()
}

#[test]
fn killed_at_early_moments() {
    killed_after(&waits(2025, 15, 250));
}

#[test]
fn killed_at_late_moments() {
    killed_after(&waits(1998, 200, 900));
}

/// A lake that lost a file is told, and nothing is computed from what is left.
#[test]
fn a_lake_that_lost_a_file_is_told() {
    let environment = environment();
    let _ran = environment.run(&["demo"]).exits(0);
    let lake = environment.path("var/lake/observations");
    let part = fs::read_dir(&lake)
        .expect("the table")
        .map(|entry| entry.expect("an entry").path())
        .find(|path| is_parquet(path))
        .expect("a Parquet file");
    fs::remove_file(part).expect("a file that can be removed");
    let ran = environment.run(&["indicators"]);
    assert_ne!(ran.code, Some(0), "{}", ran.shown());
    assert!(ran.stderr.contains("the lake does not match the ledger"), "{}", ran.stderr);
    crate::assert_plain(&ran.stderr);
}

fn is_parquet(path: &Path) -> bool {
    path.extension().is_some_and(|kind| kind == "parquet")
}
