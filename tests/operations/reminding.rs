//! Who is reminded of what: only what is owed, on its days, once, and nobody before it is switched on.

use testkit::{Environment, PostOffice, tree};

use crate::environment;

const JOB: &str = "remind-partners";

/// The bundled partnership on a day, with nothing sent in; reminders are sent.
fn chasing() -> Environment {
    let home = environment().with("QUARTERDECK__REMINDERS__MODE", "send");
    home.edit(
        "config/partnership.toml",
        "contact = \"returns@davss.example\"",
        "contact = \"returns@davss.example\"\nlead = \"lead@csp.example\"\naway = [\"2025-07-15..2025-07-16\"]",
    );
    home
}

/// Who was reminded on a day; what was queued is sent.
fn on(home: &Environment, day: &str) -> Vec<String> {
    let ran = home.run(&["run", JOB, "--json", "--as-of", day]).exits(0).json();
    let _sent = home.run(&["outbox", "send", "--as-of", day]).exits(0);
    let mut all: Vec<String> = ran["reminded"]
        .as_array()
        .map(Vec::as_slice)
        .unwrap_or_default()
        .iter()
        .filter(|it| it["state"] != "no-contact")
        .map(|it| {
            format!(
                "{} {}",
                it["state"].as_str().unwrap_or("-"),
                it["partner"].as_str().unwrap_or("-")
            )
        })
        .collect();
    all.sort();
    all
}

#[test]
fn nobody_is_written_to_before_it_is_switched_on_and_status_says_so() {
    let home = environment();
    let ran = home.run(&["run", JOB, "--as-of", "2025-07-14"]).exits(0);
    assert!(ran.stdout.contains("nobody was written to"), "{}", ran.shown());
    let status = home.run(&["status", "--as-of", "2025-07-14"]).exits(0);
    assert!(status.stdout.contains("Reminders are a dry run"), "{}", status.shown());
    let plan = home.run(&["plan", JOB, "--as-of", "2025-07-14"]).exits(0);
    assert!(plan.stdout.contains("would remind Domestic Abuse Volunteer"), "{}", plan.shown());
    let list = home.run(&["outbox", "list", "--json"]).exits(0).json();
    assert_eq!(list["messages"].as_array().map(Vec::len), Some(0));
}

#[test]
fn the_chase_goes_by_working_days_and_stops() {
    let home = chasing();
    let three = [
        "queued Domestic Abuse Volunteer Support Services (DAVSS)",
        "queued Protection Against Stalking",
        "queued West Kent Housing Association",
    ];
    // Due on 14 July, the tenth working day after the quarter.
    assert_eq!(on(&home, "2025-07-08"), Vec::<String>::new(), "four working days before");
    assert_eq!(on(&home, "2025-07-09"), three, "three before");
    assert_eq!(on(&home, "2025-07-09"), Vec::<String>::new(), "the same day again");
    assert_eq!(on(&home, "2025-07-10"), Vec::<String>::new(), "between its days");
    assert_eq!(on(&home, "2025-07-12"), Vec::<String>::new(), "a Saturday");
    assert_eq!(on(&home, "2025-07-14"), three, "on the day");
    // One is away until the 16th, and is reminded when it is back; another's return comes in.
    assert_eq!(on(&home, "2025-07-15"), three[1..], "one after");
    assert_eq!(on(&home, "2025-07-17"), three[..1], "back again");
    let waived =
        ["returns", "waive", "west-kent-housing", "--period", "2025-26Q1", "--why", "moved"];
    let _waived = home.run(&[&waived[..], &["--as-of", "2025-07-17"]].concat()).exits(0);
    assert_eq!(on(&home, "2025-07-18"), three[..2], "four after, and not what is waived");
    assert_eq!(on(&home, "2025-07-24"), three[..2], "the last");
    assert_eq!(on(&home, "2025-08-01"), Vec::<String>::new(), "no more");

    let returns = home.run(&["returns", "--json", "--as-of", "2025-08-01"]).exits(0).json();
    let davss = returns["returns"]
        .as_array()
        .expect("a list")
        .iter()
        .find(|it| it["return"] == "davss-quarterly");
    let history = davss.expect("is owed")["reminders"].as_array().expect("reminders");
    assert_eq!(history.len(), 5, "{history:?}");

    let mails: Vec<String> = tree(&home.path("var/outbox"))
        .into_values()
        .map(|bytes| String::from_utf8(bytes).expect("ASCII"))
        .filter(|mail| mail.contains("davss.example") || mail.contains("lead@csp.example"))
        .collect();
    assert_eq!(mails.len(), 6, "five, and a copy of the last for whoever leads");
    let copies = mails.iter().filter(|mail| mail.contains("lead@csp.example"));
    assert_eq!(copies.filter(|mail| mail.contains("Last reminder")).count(), 1);
    let reports = "The report goes out on 21 July 2025";
    let early = mails
        .iter()
        .filter(|mail| mail.replace("=\r\n", "").replace("\r\n", " ").contains(reports));
    assert_eq!(early.count(), 4, "as long as it is still to come");
}

#[test]
fn a_reminder_that_is_overtaken_while_it_waits_does_not_go() {
    let home = chasing();
    let remind = |day: &str| home.run(&["run", JOB, "--as-of", day]).exits(0);
    let cancelled = |home: &Environment| {
        let list = home.run(&["outbox", "list", "--json"]).exits(0).json();
        let all = list["messages"].as_array().expect("a list").clone();
        let mut why: Vec<String> = all
            .iter()
            .filter(|it| it["state"] == "cancelled")
            .map(|it| it["last_reply"].as_str().unwrap_or("-").to_owned())
            .collect();
        why.sort();
        why
    };
    let _queued = remind("2025-07-14");
    // Another mailbox by now: it goes there.
    home.edit("config/partnership.toml", "\"returns@davss.example\"", "\"office@davss.example\"");
    let waived =
        ["returns", "waive", "west-kent-housing", "--period", "2025-26Q1", "--why", "moved"];
    let _waived = home.run(&[&waived[..], &["--as-of", "2025-07-14"]].concat()).exits(0);
    let sent = home.run(&["outbox", "send", "--as-of", "2025-07-15"]).exits(0);
    assert!(sent.stdout.contains("2 accepted"), "{}", sent.shown());
    let why = [
        "goes to o***@davss.example instead",
        "not sent: nothing of what it reminds of is owed any more",
    ];
    assert_eq!(cancelled(&home), why);
    let mails = tree(&home.path("var/outbox")).into_values();
    let to = "office@davss.example";
    assert_eq!(mails.filter(|it| String::from_utf8_lossy(it).contains(to)).count(), 1);
    // No mail for days: the day it speaks of has gone by, and the next one says how things stand.
    let _queued = remind("2025-07-18");
    let _late = home.run(&["outbox", "send", "--as-of", "2025-07-22"]).exits(0);
    assert!(cancelled(&home).iter().any(|why| why.contains("days ago")), "{:?}", cancelled(&home));
    assert_eq!(tree(&home.path("var/outbox")).len(), 2);
}

#[test]
fn a_refused_reminder_that_is_overtaken_is_nobodys_business_any_more() {
    let office = PostOffice::open();
    let port = office.port().to_string();
    let home = chasing()
        .with("QUARTERDECK__MAIL__TRANSPORT", "smtp")
        .with("QUARTERDECK__MAIL__SMTP__HOST", "127.0.0.1")
        .with("QUARTERDECK__MAIL__SMTP__SECURITY", "plain")
        .with("QUARTERDECK__MAIL__SMTP__PORT", &port);
    home.edit("config/partnership.toml", "\"returns@davss.example\"", "\"refused@csp.example\"");
    let on = ["--as-of", "2025-07-14"];
    let run = |command: &[&str]| home.run(&[command, &on[..]].concat());
    let _queued = run(&["run", JOB]).exits(0);
    let sent = run(&["outbox", "send"]).exits(3);
    assert!(sent.stdout.contains("1 refused"), "{}", sent.shown());
    let asks = || run(&["status"]).exits(0).stdout.contains("Messages that were refused: 1;");
    assert!(asks());
    let waived = ["returns", "waive", "davss-quarterly", "--period", "2025-26Q1", "--why", "moved"];
    let _waived = run(&waived).exits(0);
    let again = run(&["outbox", "resend", "--failed"]).exits(0);
    assert!(again.stdout.contains("nothing of what it reminds of is owed"), "{}", again.shown());
    assert!(!asks());
}
