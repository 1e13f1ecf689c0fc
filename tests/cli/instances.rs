//! Two instances on one data folder.

use std::fs::File;

use testkit::differences;

use crate::{AS_OF, assert_plain, environment};

#[test]
fn a_second_one_that_would_write_is_told_to_come_back() {
    let environment = environment();
    let _ran = environment.run(&["demo"]).exits(0);
    let before = environment.data();
    let lock = File::open(environment.path("var/quarterdeck.lock")).expect("the lock file");
    lock.lock().expect("a free lock");
    for arguments in [
        &["demo"][..],
        &["run", "collect-returns"],
        &["run", "quarterly-monitoring"],
        &["outbox", "send"],
    ] {
        let ran = environment.run(arguments).exits(75);
        assert_eq!(ran.stdout, "");
        insta::allow_duplicates! {
            insta::assert_snapshot!(ran.shown(), @"
            exit: 75
            --- stdout
            --- stderr
            error: another quarterdeck is at work on ./var: try again when it has finished
            ");
        }
        assert_plain(&ran.stderr);
    }
    assert_eq!(differences(&before, &environment.data()), Vec::<String>::new());
    drop(lock);
    let _ran = environment.run(&["demo"]).exits(0);
}

#[test]
fn looking_needs_no_lock() {
    let environment = environment();
    let _ran = environment.run(&["demo"]).exits(0);
    let lock = File::open(environment.path("var/quarterdeck.lock")).expect("the lock file");
    lock.lock().expect("a free lock");
    for arguments in [
        &["status"][..],
        &["returns"],
        &["runs"],
        &["report", "list"],
        &["outbox", "list"],
        &["indicators", "--measure", "police-asb"],
        &["query", "select count(*) as n from observations"],
    ] {
        let _ran = environment.run(&[arguments, &AS_OF].concat()).exits(0);
    }
}

/// Two demonstrations at the same moment: one works, the other steps back or finds all done.
#[test]
fn two_at_once_send_once() {
    let environment = environment();
    let mut first = environment.command(&["demo", "--quiet"]);
    let mut first = first
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .spawn()
        .expect("a program that starts");
    let second = environment.run(&["demo", "--quiet"]);
    let first = first.wait().expect("an end").code();
    let codes = [first, second.code];
    assert!(codes.contains(&Some(0)), "{codes:?}\n{}", second.shown());
    for code in codes {
        assert!(matches!(code, Some(0 | 75)), "{codes:?}\n{}", second.shown());
    }
    assert_eq!(testkit::tree(&environment.path("var/outbox")).len(), crate::DEMONSTRATION_MAILS);
    let runs = environment.run(&["runs", "--json"]).exits(0).json();
    assert_eq!(runs["runs"].as_array().map(Vec::len), Some(1), "{runs}");
}
