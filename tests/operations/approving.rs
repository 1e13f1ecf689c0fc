//! An edition that must be looked at first: it goes out as it was looked at, or not at all.

use serde_json::Value;
use testkit::Environment;

use crate::figures::made::{JUNE, collect, home, report, send, usual};

const EDITION: &str = "2025-26-Q1-01";

/// A partnership whose manager approves reports.
fn approving() -> Environment {
    let home = home();
    let job = "jobs/quarterly-monitoring/job.toml";
    let text = home.read(job);
    let approval = "approval = { by = \"community-safety-manager\", within_working_days = 3 }\n";
    home.write(job, format!("{approval}{text}"));
    send(&home, "first.csv", JUNE, &usual);
    collect(&home, "2025-07-21");
    home
}

fn messages(home: &Environment, kind: &str) -> Vec<Value> {
    let list = home.run(&["outbox", "list", "--json"]).exits(0).json();
    let all = list["messages"].as_array().expect("a list").clone();
    all.into_iter().filter(|it| it["kind"] == kind).collect()
}

fn states(home: &Environment) -> Vec<String> {
    let all = messages(home, "report");
    let mut states: Vec<String> = all.iter().map(|it| it["state"].to_string()).collect();
    states.dedup();
    states
}

#[test]
fn it_goes_out_when_somebody_says_so_and_exactly_as_it_was() {
    let home = approving();
    let made = report(&home, "2025-07-21").exits(4);
    let wanted = "the approval of edition 2025-26-Q1-01 by community-safety-manager, until 24 July 2025 at 23:59";
    assert!(made.stdout.contains(wanted), "{}", made.shown());
    assert_eq!(states(&home), [r#""planned""#]);
    // Whoever approves gets the message and its files; nobody else gets anything.
    let sent = home.run(&["outbox", "send", "--as-of", "2025-07-21"]).exits(0);
    assert!(sent.stdout.contains("1 accepted"), "{}", sent.shown());
    let requests = messages(&home, "approval-request");
    assert_eq!(requests.len(), 1);
    let id = requests[0]["message_id"].as_str().expect("an id");
    let raw = home.run(&["outbox", "show", id, "--raw"]).exits(0).stdout;
    assert!(raw.contains("quarterdeck approve 2025-26-Q1-01") && raw.contains(".pdf"), "{id}");
    let retried = home.run(&["outbox", "retry", &first(&home), "--as-of", "2025-07-21"]).exits(4);
    assert!(retried.stderr.contains("waits for its edition to be approved"), "{}", retried.shown());

    // Somebody changes a file of it: that is not what was looked at.
    let page = "var/reports/2025-26-Q1/2025-26-Q1-01/email.txt";
    let text = home.read(page);
    home.write(page, format!("{text} "));
    let approve = |day: &str| home.run(&["approve", EDITION, "--comment", "fine", "--as-of", day]);
    let refused = approve("2025-07-22").exits(4);
    assert!(refused.stderr.contains("somebody has changed them"), "{}", refused.shown());
    home.write(page, text);

    let keep_in =
        || home.run(&["hold", EDITION, "--why", "a name is wrong", "--as-of", "2025-07-22"]);
    let held = keep_in().exits(0);
    assert!(held.stdout.contains("11 messages are kept back"), "{}", held.shown());
    let approved = approve("2025-07-22").exits(0);
    assert!(approved.stdout.contains("11 messages may be sent"), "{}", approved.shown());
    assert_eq!(states(&home), [r#""approved""#]);
    let again = approve("2025-07-22").exits(2);
    assert!(again.stderr.contains("released already"), "{}", again.shown());
    // Held back again before anything has left, and let go again.
    let held = keep_in().exits(0);
    assert!(held.stdout.contains("11 messages are kept back"), "{}", held.shown());
    let planned = report(&home, "2025-07-22").exits(4);
    assert!(planned.stdout.contains("which is held: a name is wrong"), "{}", planned.shown());
    let _approved = approve("2025-07-22").exits(0);
    let sent = home.run(&["outbox", "send", "--as-of", "2025-07-22"]).exits(0);
    assert!(sent.stdout.contains("11 accepted"), "{}", sent.shown());
    let _done = report(&home, "2025-07-22").exits(0);
}

fn first(home: &Environment) -> String {
    messages(home, "report")[0]["message_id"].as_str().expect("an id").to_owned()
}

#[test]
fn what_comes_in_after_it_was_made_voids_it() {
    let home = approving();
    let _made = report(&home, "2025-07-21").exits(4);
    let revised = |district: &str, weight: i64, measure: &str, month: i64| {
        usual(district, weight, measure, month) + i64::from(month == JUNE)
    };
    send(&home, "second.csv", JUNE, &revised);
    collect(&home, "2025-07-22");
    let approve = |edition: &str, day: &str| home.run(&["approve", edition, "--as-of", day]);
    let refused = approve(EDITION, "2025-07-22").exits(4);
    assert!(refused.stderr.contains("something has come in"), "{}", refused.shown());
    // The next look makes a new one and asks again; the old one stays in, and corrects nobody.
    let made = report(&home, "2025-07-22").exits(4);
    assert!(made.stdout.contains("the approval of edition 2025-26-Q1-02"), "{}", made.shown());
    let refused = approve(EDITION, "2025-07-22").exits(4);
    assert!(
        refused.stderr.contains("edition 2025-26-Q1-02 has taken the place"),
        "{}",
        refused.shown()
    );
    let _approved = approve("2025-26-Q1-02", "2025-07-22").exits(0);
    let mail = home.read("var/reports/2025-26-Q1/2025-26-Q1-02/email.txt");
    assert!(!mail.contains("takes the place of edition"), "{mail}");
    assert_eq!(
        messages(&home, "report").iter().filter(|it| it["state"] == "cancelled").count(),
        11
    );
}

#[test]
fn after_its_time_it_cannot_be_approved_and_is_made_anew() {
    let home = approving();
    let _made = report(&home, "2025-07-21").exits(4);
    let approve = home.run(&["approve", EDITION, "--as-of", "2025-07-25"]).exits(4);
    assert!(approve.stderr.contains("quarterdeck run quarterly-monitoring"), "{}", approve.shown());
    // Asked for again by hand it is made anew, to be looked at anew.
    let _again = report(&home, "2025-07-25").exits(4);
    let list = home.run(&["report", "list"]).exits(0).stdout;
    assert!(list.contains("2025-26-Q1-02"), "{list}");
}

#[test]
fn an_approval_after_a_restore_sends_nothing_a_second_time() {
    let home = approving();
    let _made = report(&home, "2025-07-21").exits(4);
    let _copy = home.run(&["backup", "copy", "--as-of", "2025-07-21"]).exits(0);
    // Approved and sent; then the disk dies, and the copy does not know.
    let _approved = home.run(&["approve", EDITION, "--as-of", "2025-07-22"]).exits(0);
    let _sent = home.run(&["outbox", "send", "--as-of", "2025-07-22"]).exits(0);
    std::fs::rename(home.path("var"), home.path("var.old")).expect("moves");
    let back = home.run(&["restore", "copy", "--as-of", "2025-07-22"]).exits(3);
    assert!(back.stdout.contains("12 messages waited to be sent then"), "{}", back.shown());
    assert_eq!(states(&home), [r#""unknown""#]);
    let _approved = home.run(&["approve", EDITION, "--as-of", "2025-07-22"]);
    let sent = home.run(&["outbox", "send", "--as-of", "2025-07-22"]).exits(0);
    assert!(sent.stdout.contains("Nothing waits"), "{}", sent.shown());
    assert_eq!(states(&home), [r#""unknown""#]);
}
