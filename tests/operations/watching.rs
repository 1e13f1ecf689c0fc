//! Signs of life, rehearsals, and whether the surroundings are well.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use testkit::{Environment, Manner, Site, tree};

use crate::{AS_OF, environment};

/// The text of the operator's latest notice whose subject holds this.
fn notice(home: &Environment, subject: &str) -> String {
    let _sent = home.run(&["outbox", "send", "--as-of", "2025-09-17"]);
    let mails = tree(&home.path("var/outbox")).into_values();
    let mails = mails.map(|bytes| String::from_utf8(bytes).expect("ASCII"));
    let plain = |mail: String| mail.replace("=\r\n", "").replace("\r\n", "\n");
    let found = mails.map(plain).rfind(|mail| mail.contains(subject));
    found.unwrap_or_else(|| panic!("no notice of {subject}"))
}

#[test]
fn a_rehearsal_plays_last_periods_returns_by_todays_configuration() {
    let home = environment();
    let _ran = home.run(&["demo"]).exits(0);
    let before = home.run(&["report", "list", "--json"]).exits(0).json();
    let rehearse = || home.run(&["run", "rehearsal", "--as-of", "2025-09-16"]);
    let ran = rehearse();
    assert!(
        ran.stdout
            .contains("returns of quarter 1 2025 to 2026 (April to June 2025) played through"),
        "{}",
        ran.shown()
    );
    // Nothing of it stays, and readers get nothing.
    assert_eq!(home.run(&["report", "list", "--json"]).exits(0).json(), before);
    assert!(!home.path("var/rehearsal").exists());
    let text = notice(&home, "Subject: Sevenoaks CSP: rehearsal of Quarterly monitoring report");
    assert!(text.contains("It is due on Tuesday 21 October 2025 at 09:00"), "{text}");
    // A contract that no longer fits is found weeks before it counts.
    home.edit("config/returns/davss-quarterly.toml", "sheets = ", "sheets_of_then = ");
    let broken = home.run(&["run", "rehearsal", "--as-of", "2025-09-17"]).exits(2);
    assert!(broken.stderr.contains("sheets_of_then"), "{}", broken.shown());
}

#[test]
fn the_monthly_mail_says_that_it_lives_and_what_is_to_be_done() {
    let home = environment();
    let _ran = home.run(&["demo"]).exits(0);
    let ran = home.run(&["run", "sign-of-life", "--as-of", "2025-08-01"]).exits(0);
    assert!(ran.stdout.contains("to look at"), "{}", ran.shown());
    let _again = home.run(&["run", "sign-of-life", "--as-of", "2025-08-01"]).exits(0);
    let text = notice(&home, "Quarterdeck is alive");
    for wanted in [
        "If it does not come, nothing else will either",
        "Quarterly monitoring report: Tuesday 21 October 2025 at 09:00.",
        "Left on the disk",
        "disk: ",
    ] {
        assert!(text.contains(wanted), "{wanted} in {text}");
    }
    let list = home.run(&["outbox", "list", "--json"]).exits(0).json();
    let notices =
        list["messages"].as_array().expect("a list").iter().filter(|it| it["kind"] == "notice");
    assert_eq!(notices.count(), 1, "once a day at most");
}

#[test]
fn the_doctor_names_what_is_not_well_and_what_to_do() {
    let home = environment();
    let said = |home: &Environment, name: &str| {
        let ran = home.run(&[&["doctor", "--json"][..], &AS_OF].concat());
        let all = ran.json()["examined"].as_array().expect("a list").clone();
        let it =
            all.into_iter().find(|it| it["name"] == name).unwrap_or_else(|| panic!("no {name}"));
        format!("{}: {}", it["health"].as_str().unwrap_or("-"), it["says"].as_str().unwrap_or("-"))
    };
    assert!(said(&home, "mail").starts_with("ok: written as files"));
    assert!(said(&home, "folders").starts_with("ok"));
    assert!(
        said(&home, "time zones")
            .starts_with("ok: Europe/London: the clocks change on 26 October 2025")
    );
    assert!(said(&home, "ledger").starts_with("ok: none yet"));
    assert!(said(&home, "scheduler").starts_with("warning: `serve` has never run"));
    // A partner's site that is there, and does not have the file.
    let site = Site::start(Manner::Answers(404, Vec::new()));
    let published = "url = \"https://statistics.example/";
    let here = format!("internal = true\nurl = \"{}/", site.address);
    home.edit("config/quarterdeck.toml", published, &here);
    let asked = said(&home, "source ons");
    assert!(asked.starts_with("warning: source `ons`: 127.0.0.1:"), "{asked}");
    let _ran = home.run(&["demo"]).exits(0);
    // The clock stands before what was kept.
    let ran = home.run(&["doctor", "--as-of", "2001-01-01"]).exits(3);
    assert!(ran.stdout.contains("PROBLEM  clock"), "{}", ran.shown());
    // A list of holidays that nobody has looked at for years.
    let ran = home.run(&["doctor", "--as-of", "2031-01-01"]).exits(3);
    assert!(ran.stdout.contains("warning  bank holidays"), "{}", ran.shown());
    // Everybody may look in.
    fs::set_permissions(home.path("var"), fs::Permissions::from_mode(0o755)).expect("opens");
    fs::set_permissions(home.path("var/ledger.sqlite"), fs::Permissions::from_mode(0o644))
        .expect("opens");
    assert!(said(&home, "permissions").starts_with("warning: everybody on this machine"));
    // A mail server that is not there, and a secret that everybody can read.
    home.write("secret", "canary");
    fs::set_permissions(home.path("secret"), fs::Permissions::from_mode(0o644)).expect("opens");
    let mut home = home;
    for (key, value) in [
        ("QUARTERDECK__MAIL__TRANSPORT", "smtp"),
        ("QUARTERDECK__MAIL__SMTP__HOST", "localhost"),
        ("QUARTERDECK__MAIL__SMTP__PORT", "1"),
        ("QUARTERDECK__MAIL__SMTP__USER", "csp"),
        ("QUARTERDECK__MAIL__SMTP__PASSWORD_FILE", "secret"),
    ] {
        home = home.with(key, value);
    }
    assert!(said(&home, "mail").starts_with("problem: the mail server cannot be used"));
    assert!(said(&home, "mail secret").starts_with("problem: everybody on this machine can read"));
    let ran = home.run(&[&["doctor"][..], &AS_OF].concat()).exits(3);
    assert!(!ran.stdout.contains("canary"), "{}", ran.shown());
}

#[test]
fn looking_before_the_first_run_opens_nothing_to_others() {
    use std::os::unix::fs::PermissionsExt as _;

    let home = environment();
    let _looked = home.run(&[&["doctor"][..], &crate::AS_OF].concat());
    let _ran = home.run(&["demo"]).exits(0);
    let mode = std::fs::metadata(home.path("var")).expect("a folder").permissions().mode();
    assert_eq!(mode & 0o027, 0, "{mode:o}");
}
