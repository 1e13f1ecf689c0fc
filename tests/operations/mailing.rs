//! What becomes of messages that a server does not simply take, and what a person can do about each.

use serde_json::Value;
use testkit::{Environment, PostOffice};

use crate::figures::made::{JUNE, collect, home, report, send, usual};

/// A partnership that has made a report for these recipients, with mail to this server.
fn queued(office: &PostOffice, names: &[&str]) -> Environment {
    let mut home = home();
    let partnership = home.read("config/partnership.toml");
    let (head, _) = partnership.split_once("[[recipient]]").expect("recipients");
    let recipients: Vec<String> = names
        .iter()
        .map(|name| {
            format!("[[recipient]]\nid = \"{name}\"\nrole = \"Role {name}\"\naddress = \"{name}@csp.example\"\n")
        })
        .collect();
    home.write("config/partnership.toml", format!("{head}{}", recipients.join("\n")));
    let job = "jobs/quarterly-monitoring/job.toml";
    let text = home.read(job);
    let (head, _) = text.split_once("to = [").expect("recipients");
    let names: Vec<String> = names.iter().map(|name| format!("\"{name}\"")).collect();
    home.write(job, format!("{head}to = [{}]\n", names.join(", ")));
    let port = office.port().to_string();
    for (key, value) in [
        ("QUARTERDECK__MAIL__TRANSPORT", "smtp"),
        ("QUARTERDECK__MAIL__SMTP__HOST", "127.0.0.1"),
        ("QUARTERDECK__MAIL__SMTP__SECURITY", "plain"),
        ("QUARTERDECK__MAIL__SMTP__PORT", port.as_str()),
    ] {
        home = home.with(key, value);
    }
    send(&home, "first.csv", JUNE, &usual);
    collect(&home, "2025-07-21");
    let made = report(&home, "2025-07-21");
    assert!(made.stdout.contains("2025-26-Q1-01"), "{}", made.shown());
    home
}

/// State and last reply of each report's message, by recipient.
fn states(home: &Environment) -> String {
    let list = home.run(&["outbox", "list", "--json"]).exits(0).json();
    let all = list["messages"].as_array().expect("a list");
    let mut lines: Vec<String> = all
        .iter()
        .filter(|it| it["kind"] == "report")
        .map(|it| {
            let text = |key: &str| it[key].as_str().unwrap_or("-").to_owned();
            // Masked: told apart by what the server does with it.
            format!("{} ({}): {}", text("state"), it["attempts"], text("last_reply"))
        })
        .collect();
    lines.sort();
    lines.join("\n")
}

fn sent(home: &Environment, at: &str) -> testkit::Ran {
    home.run(&["outbox", "send", "--as-of", at])
}

fn ids(home: &Environment, state: &str) -> Vec<String> {
    let list = home.run(&["outbox", "list", "--json"]).exits(0).json();
    let all = list["messages"].as_array().expect("a list");
    let of_state = all.iter().filter(|it| it["state"] == state && it["kind"] == "report");
    of_state.filter_map(|it| it["message_id"].as_str().map(str::to_owned)).collect()
}

#[test]
fn each_recipient_fares_alone_and_only_what_failed_is_sent_again() {
    let office = PostOffice::open();
    let home = queued(&office, &["fine", "refused", "later", "full", "again", "lost", "cut"]);
    let _sent = sent(&home, "2025-07-21T09:00:00+01:00").exits(3);
    insta::assert_snapshot!(states(&home), @r"
        accepted (1): 250 taken
        deferred (1): 450 not now
        deferred (1): 451 not now
        refused (1): 550 no such mailbox
        refused (1): 552 too much
        unknown (1): the server closed the connection at the message
        unknown (1): the server closed the connection at the message
    ");
    // What was put off comes again by itself; nothing else does.
    let _sent = sent(&home, "2025-07-21T10:00:00+01:00");
    assert_eq!(
        office.taken().values().copied().collect::<Vec<_>>(),
        [1, 1],
        "fine and lost, once each"
    );
    // What may have arrived is for a person to say.
    let unknown = ids(&home, "unknown");
    assert_eq!(unknown.len(), 2);
    let held = home.run(&["outbox", "retry", &unknown[0]]).exits(4);
    assert!(held.stderr.contains("may have arrived"), "{}", held.shown());
    let taken: Vec<String> = office.taken().into_keys().map(|(_, id)| id).collect();
    for id in &unknown {
        let what = if taken.contains(id) { "accepted" } else { "refused" };
        let settled = home.run(&["outbox", "settle", id, "--as", what]).exits(0);
        assert!(settled.stdout.starts_with(what), "{}", settled.shown());
    }
    let usage = home.run(&["outbox", "settle", &unknown[0], "--as", "accepted"]).exits(2);
    assert!(usage.stderr.contains("only what is unknown can be settled"), "{}", usage.shown());
    // The one address that failed is put right, and only what failed is sent again.
    let again = home.run(&["outbox", "resend", "--failed", "--json"]).exits(0).json();
    assert_eq!(again["messages"].as_array().map(Vec::len), Some(3), "{again}");
    let _sent = sent(&home, "2025-07-21T10:01:00+01:00");
    assert!(office.taken().values().all(|times| *times == 1), "{:?}", office.taken());
}

#[test]
fn the_relays_log_settles_what_nobody_knows() {
    let office = PostOffice::open();
    let home = queued(&office, &["fine", "lost", "lost-too"]);
    let _sent = sent(&home, "2025-07-21T09:00:00+01:00").exits(3);
    let unknown = ids(&home, "unknown");
    let log = format!(
        "Jul 21 09:00:01 relay postfix/cleanup[1]: AB12: message-id=<{}>\n\
         Jul 21 09:00:01 relay postfix/qmgr[1]: AB12: from=<a@b.example>, size=1, nrcpt=1 (queue active)\n\
         Jul 21 09:00:02 relay postfix/smtp[1]: AB12: to=<lost@csp.example>, status=sent (250 ok)\n",
        unknown[0]
    );
    home.write("mail.log", log);
    let settled = home.run(&["outbox", "settle", "--log", "mail.log"]).exits(3);
    assert!(settled.stdout.contains("by the relay's log: sent"), "{}", settled.shown());
    assert!(settled.stdout.contains("the log does not name it"), "{}", settled.shown());
    assert_eq!(ids(&home, "unknown"), unknown[1..]);
    let missing = home.run(&["outbox", "settle", "--log", "no.log"]);
    assert!(missing.stderr.contains("no.log"), "{}", missing.shown());
}

#[test]
fn a_mailbox_that_moved_gets_what_was_for_it_before_and_after_it_was_sent() {
    let office = PostOffice::open();
    let home = queued(&office, &["fine", "refused", "moved", "gone"]);
    // Before it is sent, by itself.
    home.edit("config/partnership.toml", "moved@csp.example", "new@csp.example");
    let _sent = sent(&home, "2025-07-21T09:00:00+01:00").exits(3);
    let taken = |to: &str| office.taken().into_iter().filter(|((at, _), _)| at == to).count();
    assert_eq!((taken("moved@csp.example"), taken("new@csp.example")), (0, 1));
    // One was refused; another was taken and came back, as the mail server's log says.
    let came_back = office.taken().into_keys().find(|(to, _)| to == "gone@csp.example");
    let (_, came_back) = came_back.expect("taken at first");
    let log = format!(
        "Jul 21 09:00:01 relay postfix/cleanup[1]: AB12: message-id=<{came_back}>\n\
         Jul 21 09:00:02 relay postfix/smtp[1]: AB12: to=<gone@csp.example>, status=bounced (550 no such mailbox)\n"
    );
    home.write("mail.log", log);
    let settled = home.run(&["outbox", "settle", "--log", "mail.log"]).exits(0);
    assert!(settled.stdout.contains("by the relay's log: bounced"), "{}", settled.shown());
    // As long as the address is the same, the same address is tried.
    let (refused, gone) = (ids(&home, "refused"), came_back.as_str());
    assert_eq!(refused.len(), 2, "{}", states(&home));
    home.edit("config/partnership.toml", "refused@csp.example", "fine-now@csp.example");
    home.edit("config/partnership.toml", "gone@csp.example", "here@csp.example");
    let again = home.run(&["outbox", "retry", gone]).exits(0);
    assert!(again.stdout.contains("h***@csp.example"), "{}", again.shown());
    let again = home.run(&["outbox", "resend", "--failed"]).exits(0);
    assert!(again.stdout.contains("f***@csp.example"), "{}", again.shown());
    let _sent = sent(&home, "2025-07-21T10:00:00+01:00").exits(0);
    assert_eq!((taken("fine-now@csp.example"), taken("here@csp.example")), (1, 1));
    insta::assert_snapshot!(states(&home), @r"
        accepted (1): 250 taken
        accepted (1): 250 taken
        accepted (1): 250 taken
        accepted (1): 250 taken
        cancelled (0): goes to n***@csp.example instead
        cancelled (1): goes to f***@csp.example instead
        cancelled (1): goes to h***@csp.example instead
    ");
    // The log that said it came back says nothing of what was sent since.
    let settled = home.run(&["outbox", "settle", "--log", "mail.log"]).exits(0);
    assert!(settled.stdout.contains("nothing of that kind"), "{}", settled.shown());
    let shown = home.run(&["outbox", "show", gone]).exits(0);
    assert!(shown.stdout.contains("goes to h***@csp.example instead"), "{}", shown.shown());
}

#[test]
fn whoever_is_no_recipient_any_more_gets_nothing_and_the_operator_hears() {
    let office = PostOffice::open();
    let home = queued(&office, &["fine", "gone"]);
    home.edit("jobs/quarterly-monitoring/job.toml", "\"fine\", \"gone\"", "\"fine\"");
    let done = sent(&home, "2025-07-21T09:00:00+01:00").exits(3);
    assert!(done.stdout.contains("1 cancelled"), "{}", done.shown());
    let taken: Vec<String> = office.taken().into_keys().map(|(to, _)| to).collect();
    assert!(!taken.contains(&"gone@csp.example".to_owned()), "{taken:?}");
    // The notice about it leaves in the same turn.
    assert!(taken.contains(&"community-safety@sevenoaks-csp.example".to_owned()), "{taken:?}");
}

#[test]
fn a_server_that_is_down_for_six_days_ends_in_a_clear_state() {
    let office = PostOffice::open();
    let home = queued(&office, &["fine", "fine-too"]);
    let down = home.with("QUARTERDECK__MAIL__SMTP__PORT", "1");
    let off = sent(&down, "2025-07-22T09:00:00+01:00").exits(75);
    assert!(off.stdout.contains("the mail server cannot be used"), "{}", off.shown());
    assert_eq!(ids(&down, "approved").len(), 2, "nothing is lost");
    let _off = sent(&down, "2025-07-27T10:00:00+01:00").exits(75);
    assert_eq!(ids(&down, "refused").len(), 2, "{}", states(&down));
    // It comes back: the operator is told first, and nobody gets a report that is six days late by itself.
    let port = office.port().to_string();
    let up = down.with("QUARTERDECK__MAIL__SMTP__PORT", &port);
    let _sent = sent(&up, "2025-07-27T11:00:00+01:00");
    let taken: Vec<String> = office.taken().into_keys().map(|(to, _)| to).collect();
    assert_eq!(taken, ["community-safety@sevenoaks-csp.example"]);
    let _again =
        up.run(&["outbox", "resend", "--failed", "--as-of", "2025-07-27T11:05:00+01:00"]).exits(0);
    let _sent = sent(&up, "2025-07-27T11:10:00+01:00").exits(0);
    assert_eq!(office.taken().len(), 3);
}

#[test]
fn what_is_too_old_to_be_sent_again_keeps_nothing_else_back() {
    let office = PostOffice::open();
    let home = queued(&office, &["refused"]).with("QUARTERDECK__MAIL__KEEP_DAYS", "90");
    let _sent = sent(&home, "2025-07-21T09:00:00+01:00").exits(3);
    let asks = |home: &Environment, at: &str| {
        let status = home.run(&["status", "--as-of", at]).exits(0);
        status.stdout.contains("Messages that were refused: 1;")
    };
    assert!(asks(&home, "2025-12-01"));
    let _alive = home.run(&["run", "sign-of-life", "--as-of", "2025-12-01"]).exits(0);
    assert!(!asks(&home, "2025-12-01"), "nobody can do anything about it");
    let again = home.run(&["outbox", "resend", "--failed", "--as-of", "2025-12-01"]).exits(3);
    assert!(again.stdout.contains("it is too old"), "{}", again.shown());
}

#[test]
fn in_quiet_hours_only_the_operator_is_written_to() {
    let office = PostOffice::open();
    let home = queued(&office, &["fine"]).with("QUARTERDECK__MAIL__QUIET_HOURS", "20:00-07:00");
    let done = sent(&home, "2025-07-21T23:00:00+01:00").exits(0);
    assert!(done.stdout.contains("1 waiting until the quiet hours are over"), "{}", done.shown());
    assert_eq!(office.taken().len(), 0);
    let _done = sent(&home, "2025-07-22T07:00:00+01:00").exits(0);
    assert_eq!(office.taken().len(), 1);
    let json = home.run(&["outbox", "list", "--json"]).exits(0).json();
    assert_eq!(json["messages"][0]["state"], Value::from("accepted"));
}
