//! Configuration that is wrong: every problem at once, with file and key.

use testkit::Environment;

use crate::{AS_OF, assert_plain, environment};

/// `config check` must exit 2, and no other command may start; gives back what was said.
fn refused(environment: &Environment) -> String {
    let ran = environment.run(&["config", "check"]).exits(2);
    assert_plain(&ran.stderr);
    assert_eq!(ran.stdout, "");
    for arguments in [&["demo"][..], &["run", "collect-returns"], &["status"]] {
        let other = environment.run(arguments).exits(2);
        let line = ran.stderr.lines().next().expect("a problem");
        assert!(other.stderr.contains(line), "{}", other.stderr);
    }
    assert!(environment.data().is_empty(), "something was written");
    ran.stderr
}

#[test]
fn the_bundled_one_is_sound() {
    let environment = environment();
    insta::assert_snapshot!(environment.run(&["config", "check"]).exits(0).stdout, @"The configuration is sound: 12 returns, 80 measures, 6 jobs, 11 sources.");
}

#[test]
fn broken_toml() {
    let environment = environment();
    environment.edit("config/quarterdeck.toml", "settle_seconds = 30", "settle_seconds = = 30");
    insta::assert_snapshot!(refused(&environment), @"
    error: ./config/quarterdeck.toml: line 10: extra `=`, expected nothing
    error: 1 problem in the configuration
    ");
}

#[test]
fn an_unknown_key() {
    let environment = environment();
    environment.edit("config/quarterdeck.toml", "settle_seconds = 30", "settle_second = 30");
    insta::assert_snapshot!(refused(&environment), @"
    error: ./config/quarterdeck.toml: landing.settle_second: is not a key that is known here; did you mean `settle_seconds`?
    error: 1 problem in the configuration
    ");
}

#[test]
fn a_measure_without_disclosure() {
    let environment = environment();
    let text = environment.read("config/measures.toml");
    environment.write("config/measures.toml", text.replacen("disclosure = \"open\"\n", "", 1));
    insta::assert_snapshot!(refused(&environment), @r"
        error: ./config/measures.toml: measure[police-crime].disclosure: is missing
        error: ./config/measures.toml: measure[police-violence-share].quotient: `police-crime` is protected: a quotient of it must be suppressed
        error: 2 problems in the configuration
    ");
}

#[test]
fn a_secret_written_out() {
    let environment = environment();
    let text = environment.read("config/quarterdeck.toml");
    let secret =
        text.replacen("[mail.smtp]\n", "[mail.smtp]\nuser = \"qd\"\npassword = \"hunter2\"\n", 1);
    environment.write("config/quarterdeck.toml", secret);
    let said = refused(&environment);
    assert!(!said.contains("hunter2"), "{said}");
    insta::assert_snapshot!(said, @r"
        error: ./config/quarterdeck.toml: mail.smtp.password: secrets do not stand in this file: use password_env or password_file
        error: ./config/quarterdeck.toml: mail.smtp.password_file: is missing: a user is named, so name password_env, password_file or [mail.smtp.oauth]
        error: 2 problems in the configuration
    ");
}

#[test]
fn every_problem_at_once() {
    let environment = environment();
    environment.edit("config/quarterdeck.toml", "port = 587", "port = 70000");
    environment.edit("config/quarterdeck.toml", "transport = \"folder\"", "transport = \"pigeon\"");
    environment.edit(
        "config/quarterdeck.toml",
        "return = \"kenward-outreach\"",
        "return = \"kenwood\"",
    );
    environment.edit(
        "config/partnership.toml",
        "district = \"E07000111\"",
        "district = \"E07999999\"",
    );
    environment.edit(
        "config/returns/kenward-outreach.toml",
        "due_working_days = 10",
        "due_working_days = \"ten\"",
    );
    environment.edit(
        "jobs/quarterly-monitoring/job.toml",
        "    \"partnership-chair\",",
        "    \"partnership-char\",",
    );
    insta::assert_snapshot!(refused(&environment), @"
    error: ./config/quarterdeck.toml: mail.transport: `pigeon` is none of folder, smtp
    error: ./config/quarterdeck.toml: mail.smtp.port: 70000 is not from 1 to 65535
    error: ./config/partnership.toml: home: `E07999999` is no area
    error: ./config/returns/kenward-outreach.toml: due_working_days: must be a whole number from 1 to 250 (line 4)
    error: ./config/quarterdeck.toml: sources.kenward-trust.return: there is no contract returns/kenwood.toml
    error: ./jobs/quarterly-monitoring/job.toml: to: `partnership-char` is no recipient in partnership.toml
    error: 6 problems in the configuration
    ");
}

#[test]
fn the_environment_overrides_and_is_checked() {
    let environment = environment()
        .with("QUARTERDECK__MAIL__TRANSPORT", "smoke")
        .with("QUARTERDECK__LANDING__SETTLE_SECOND", "1");
    insta::assert_snapshot!(refused(&environment), @"
    error: ./config/quarterdeck.toml: landing.settle_second: is not a key that is known here; did you mean `settle_seconds`?
    error: ./config/quarterdeck.toml: mail.transport: `smoke` is none of folder, smtp
    error: 2 problems in the configuration
    ");
}

#[test]
fn a_missing_file() {
    let environment = environment();
    std::fs::remove_file(environment.path("config/measures.toml")).expect("the file");
    insta::assert_snapshot!(refused(&environment), @"
    error: ./config/measures.toml: is not there: start quarterdeck in the partnership's folder, or name it with --config
    error: 1 problem in the configuration
    ");
}

#[test]
fn a_contract_that_does_not_parse() {
    let environment = environment();
    environment.write(
        "new.toml",
        "title = \"A new return\"\npartner = \"davss\"\nfrequncy = \"quarterly\"\n",
    );
    environment.write("return.xlsx", "x");
    let arguments = ["check", "return.xlsx", "--contract", "new.toml"];
    let ran = environment.run(&[&arguments[..], &AS_OF].concat()).exits(2);
    insta::assert_snapshot!(ran.stderr, @"
    error: new.toml: frequency: is missing: one of quarterly, ad-hoc (line 1)
    error: new.toml: table: is missing: a return of figures has at least one [[table]] (line 1)
    error: new.toml: frequncy: is not a known key (did you mean `frequency`?) (line 3)
    ");
}

/// A mail server that cannot be used: the mail waits, and the exit code says so.
#[test]
fn a_mail_server_that_is_not_there() {
    let port = std::net::TcpListener::bind(("127.0.0.1", 0))
        .and_then(|listener| listener.local_addr())
        .expect("a free port")
        .port()
        .to_string();
    let environment = environment()
        .with("QUARTERDECK__MAIL__TRANSPORT", "smtp")
        .with("QUARTERDECK__MAIL__SMTP__HOST", "127.0.0.1")
        .with("QUARTERDECK__MAIL__SMTP__PORT", &port)
        .with("QUARTERDECK__MAIL__SMTP__SECURITY", "plain");
    environment.sources("[sources.kenward-trust]\nkind = \"folder\"\npath = \"fixtures/partners/kenward-trust\"\nreturn = \"kenward-outreach\"\n");
    let run = [&["run", "quarterly-monitoring"][..], &AS_OF].concat();
    let ran = environment.run(&run).exits(75);
    assert_plain(&ran.shown());
    assert!(ran.stdout.contains("the mail server cannot be used"), "{}", ran.shown());
    let count = |environment: &Environment| {
        let messages = environment.run(&["outbox", "list", "--json"]).exits(0).json();
        let messages = messages["messages"].as_array().expect("messages").clone();
        let waiting = messages.iter().filter(|message| message["state"] == "approved");
        (messages.len(), waiting.count())
    };
    assert_eq!(count(&environment), (11, 11));
    // Nothing new: the same mail still waits, and is not made again.
    let again = environment.run(&run).exits(75);
    assert!(again.stdout.contains("up-to-date"), "{}", again.shown());
    assert_eq!(count(&environment), (11, 11));
    let folder = environment.with("QUARTERDECK__MAIL__TRANSPORT", "folder");
    let _sent = folder.run(&["outbox", "send", "--as-of", "2025-07-21"]).exits(0);
    assert_eq!(testkit::tree(&folder.path("var/outbox")).len(), 11);
}

#[test]
fn every_slip_in_what_runs_when_is_named_at_once() {
    let environment = environment();
    let job = |name: &str, text: &str| environment.write(&format!("jobs/{name}/job.toml"), text);
    let head = |kind: &str| format!("kind = \"{kind}\"\ntitle = \"A job\"\n");
    job("a-cron", &format!("{}schedule = {{ cron = \"0 9 31 2 *\" }}\n", head("collect")));
    job(
        "b-two",
        &format!("{}schedule = {{ daily = \"06:30\", every_minutes = 5 }}\n", head("collect")),
    );
    job(
        "c-side",
        &format!("{}schedule = {{ working_day = 3, at = \"25:00\" }}\n", head("collect")),
    );
    job(
        "d-zone",
        &format!(
            "{}schedule = {{ daily = \"06:30\", zone = \"Europe/Sevenoaks\" }}\nmissed = {{ runs = \"some\" }}\n",
            head("collect")
        ),
    );
    job(
        "e-last",
        &format!(
            "{}schedule = {{ last = \"freitag\", of = \"month\", at = \"09:00\" }}\n",
            head("collect")
        ),
    );
    job(
        "f-rehearse",
        &format!(
            "{}rehearses = \"outbox\"\nschedule = {{ daily = \"06:30\" }}\n",
            head("rehearse")
        ),
    );
    environment.edit(
        "jobs/quarterly-monitoring/job.toml",
        "collect_first = true",
        "ready_from_working_day = 15\nrequired = [\"nobody\"]\nneeds_commentary = false\ncollect_first = true\napproval = { by = \"the-mayor\", within_working_days = 0 }\ncoverage = { no-measure = 101 }",
    );
    environment.edit("config/quarterdeck.toml", "mode = \"dry-run\"", "mode = \"perhaps\"");
    environment.edit(
        "config/quarterdeck.toml",
        "working_days = [-3, 0, 1, 4, 8]",
        "working_days = [-300, \"soon\"]",
    );
    environment.edit(
        "config/quarterdeck.toml",
        "# quiet_hours = \"20:00-07:00\"",
        "quiet_hours = \"at night\"",
    );
    environment.edit(
        "config/bank-holidays.toml",
        "checked = \"2026-11-29\"",
        "checked = \"lately\"",
    );
    environment.edit(
        "config/partnership.toml",
        "contact = \"returns@davss.example\"",
        "contact = \"returns@davss.example\"\naway = [\"in August\"]",
    );
    insta::assert_snapshot!(refused(&environment), @r#"
        error: ./config/quarterdeck.toml: mail.quiet_hours: `at night` are no hours: write 20:00-07:00
        error: ./config/quarterdeck.toml: reminders.mode: `perhaps` is none of dry-run, send
        error: ./config/quarterdeck.toml: reminders.working_days: `-300` is no whole number from -30 to 60
        error: ./config/quarterdeck.toml: reminders.working_days: `"soon"` is no whole number from -30 to 60
        error: ./config/quarterdeck.toml: reminders.working_days: names no day: write [-3, 0, 1, 4]
        error: ./config/partnership.toml: partner[davss].away: `in August` are no days: write 2025-08-01..2025-08-15
        error: ./config/bank-holidays.toml: checked: `lately` is not a date: write 2025-12-25
        error: ./jobs/a-cron/job.toml: schedule.cron: `0 9 31 2 *` never comes: there is no such day
        error: ./jobs/b-two/job.toml: schedule.daily: give exactly one of daily, working_days, working_day, last, cron, every_minutes
        error: ./jobs/c-side/job.toml: schedule.after: give after or before, and one: after = "quarter-end"
        error: ./jobs/c-side/job.toml: schedule.at: `25:00` is not a time: write 06:30
        error: ./jobs/d-zone/job.toml: schedule.zone: `Europe/Sevenoaks` is no time zone: write Europe/London, or leave it out
        error: ./jobs/d-zone/job.toml: missed.runs: `some` is none of latest, all, none
        error: ./jobs/e-last/job.toml: schedule.last: `freitag` is none of monday, tuesday, wednesday, thursday, friday, saturday, sunday
        error: ./jobs/quarterly-monitoring/job.toml: ready_from_working_day: must be before working day 15, on which it goes out at the latest
        error: ./jobs/quarterly-monitoring/job.toml: coverage.no-measure: 101 is not from 1 to 100
        error: ./jobs/quarterly-monitoring/job.toml: approval.within_working_days: 0 is not from 1 to 60
        error: ./jobs/a-cron/mail/receipt.html.j2: is not there: letters to partners that have a contact need it
        error: ./jobs/a-cron/mail/receipt.txt.j2: is not there: letters to partners that have a contact need it
        error: ./jobs/a-cron/mail/error-letter.html.j2: is not there: letters to partners that have a contact need it
        error: ./jobs/a-cron/mail/error-letter.txt.j2: is not there: letters to partners that have a contact need it
        error: ./jobs/a-cron/mail/personal-data.html.j2: is not there: letters to partners that have a contact need it
        error: ./jobs/a-cron/mail/personal-data.txt.j2: is not there: letters to partners that have a contact need it
        error: ./jobs/f-rehearse/job.toml: rehearses: must name a job that makes a report: rehearses = "quarterly-monitoring"
        error: ./jobs/quarterly-monitoring/job.toml: approval.by: `the-mayor` is no recipient in partnership.toml
        error: ./jobs/quarterly-monitoring/job.toml: required: `nobody` is no return in config/returns/
        error: ./jobs/quarterly-monitoring/job.toml: coverage.no-measure: is no measure in measures.toml
        error: 27 problems in the configuration
    "#);
}
