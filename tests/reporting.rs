//! The report people read: looked at before it goes out, said to whom it is for, corrected and taken
//! back, and never half of it.

use testkit::{Environment, parts, tree};

use crate::figures::made::{JUNE, collect, home, report, send, usual};
use crate::{AS_OF, QUARTER, environment};

const EDITION: &str = "var/reports/2025-26-Q1/2025-26-Q1-01";

/// A partnership that has issued one edition.
fn issued() -> Environment {
    let home = home();
    send(&home, "first.csv", JUNE, &usual);
    collect(&home, "2025-07-21");
    assert!(reports(&home, "2025-07-21").contains("2025-26-Q1-01"));
    home
}

/// Messages of the outbox folder whose name begins so.
fn messages(home: &Environment, begin: &str) -> Vec<String> {
    tree(&home.path("var/outbox"))
        .into_iter()
        .filter(|(name, _)| name.starts_with(begin))
        .map(|(_, bytes)| String::from_utf8(bytes).expect("a message in ASCII"))
        .collect()
}

/// The plain-text part of a message.
fn plain(message: &str) -> String {
    let part = parts(message.as_bytes()).into_iter().find(|it| it.kind.starts_with("text/plain"));
    String::from_utf8(part.expect("a text").bytes).expect("UTF-8").replace("\r\n", "\n")
}

/// Runs it, and asserts that all was well.
fn does(home: &Environment, arguments: &[&str]) {
    let ran = home.run(arguments);
    assert_eq!(ran.code, Some(0), "{}", ran.shown());
}

/// Makes the report, whatever it finds.
fn reports(home: &Environment, day: &str) -> String {
    let made = report(home, day).stdout;
    does(home, &["outbox", "send", "--as-of", day]);
    made
}

/// A header, without its folds.
fn header(message: &str, name: &str) -> String {
    let head = message.split("\r\n\r\n").next().unwrap_or_default().replace("\r\n ", " ");
    let line = head.lines().find_map(|line| line.strip_prefix(&format!("{name}: ")));
    line.unwrap_or_default().to_owned()
}

#[test]
fn a_preview_is_what_would_be_issued_and_leaves_no_trace() {
    let shared = environment();
    does(&shared, &["demo"]);
    let before = shared.data();
    let ran = shared.run(&[&["report", "preview", "--period", QUARTER][..], &AS_OF].concat());
    let ran = ran.exits(0);
    assert!(ran.stdout.contains("Nothing was sent"), "{}", ran.stdout);
    assert!(ran.stdout.contains("11 messages would go out"), "{}", ran.stdout);
    assert!(ran.stdout.contains("A run would do nothing: "), "{}", ran.stdout);
    let after = shared.data();
    let made = |name: &&String| name.starts_with("preview/");
    let kept: Vec<&String> = after.keys().filter(|name| !made(name)).collect();
    assert_eq!(kept, before.keys().filter(|name| !made(name)).collect::<Vec<_>>());
    assert!(before.iter().all(|(name, bytes)| after[name] == *bytes || name.contains("preview")));
    // The same files as the edition's, and in tables the same bytes.
    let edition = tree(&shared.path(EDITION));
    let preview = tree(&shared.path("var/preview/2025-26-Q1"));
    assert_eq!(edition.keys().collect::<Vec<_>>(), preview.keys().collect::<Vec<_>>());
    let tables = edition.iter().filter(|(name, _)| name.ends_with("indicators.csv"));
    assert!(tables.clone().count() > 1);
    assert!(tables.into_iter().all(|(name, bytes)| preview[name] == *bytes));
    let json = shared.run(&[&["report", "preview", "--json"][..], &AS_OF].concat()).exits(0).json();
    assert_eq!(json["schema"], "quarterdeck/report-preview/1");
    assert!(json["preview"]["files"].as_array().is_some_and(|files| files.len() > 20));
}

#[test]
fn a_preview_of_nothing_says_so() {
    let home = environment();
    let ran = home.run(&["report", "preview", "--period", QUARTER]).exits(2);
    assert!(ran.stderr.contains("nothing has been taken in yet"), "{}", ran.stderr);
    let shared = home;
    does(&shared, &["demo"]);
    let ran = shared.run(&["report", "preview", "--period", "2018-19Q1", "--as-of", "2018-08-01"]);
    let ran = ran.exits(3);
    assert!(ran.stdout.contains("no figure at all"), "{}", ran.stdout);
    let page = shared.read("var/preview/2018-19-Q1/email.html");
    assert!(page.contains("Nothing could be judged") && page.ends_with("</html>\n"));
    let ran = shared.run(&["report", "preview", "--job", "outbox"]).exits(2);
    assert!(ran.stderr.contains("quarterly-monitoring"), "{}", ran.stderr);
}

#[test]
fn a_correction_answers_what_it_corrects_and_says_why() {
    let home = issued();
    let first = messages(&home, "quarterly-monitoring-2025-26-Q1-01");
    let revised = |district: &str, weight: i64, measure: &str, month: i64| {
        let value = usual(district, weight, measure, month);
        if district == "Sevenoaks" && JUNE - 2 <= month { value * 2 } else { value }
    };
    send(&home, "second.csv", JUNE, &revised);
    collect(&home, "2025-07-28");
    assert!(reports(&home, "2025-07-28").contains("2025-26-Q1-02"));
    let second = messages(&home, "quarterly-monitoring-2025-26-Q1-02");
    assert_eq!((first.len(), second.len()), (11, 11));
    for message in &second {
        let to = header(message, "To");
        let earlier = first.iter().find(|it| header(it, "To") == to).expect("was sent to them");
        assert_eq!(header(message, "In-Reply-To"), header(earlier, "Message-ID"));
        assert!(header(message, "Subject").starts_with("[OFFICIAL] Corrected: "), "{message}");
    }
    let text = plain(&second[0]).replace('\n', " ");
    assert!(
        text.contains("This takes the place of edition 2025-26-Q1-01 of 21 July 2025."),
        "{text}"
    );
    assert!(first.iter().all(|it| header(it, "In-Reply-To").is_empty()));
}

#[test]
fn an_edition_is_taken_back_once_and_a_new_one_says_so() {
    let home = issued();
    let withdraw = |why: &str| {
        let arguments = ["report", "withdraw", "2025-26-Q1-01", "--why", why];
        home.run(&[&arguments[..], &["--as-of", "2025-07-22"]].concat())
    };
    assert!(withdraw(" ").exits(2).stderr.contains("say why"));
    let ran = withdraw("burglary was counted twice").exits(0);
    assert!(ran.stdout.contains("11 recipients will be told"), "{}", ran.stdout);
    let again = withdraw("once more");
    assert!(again.stderr.contains("was withdrawn before"), "{}", again.shown());
    let unknown = home.run(&["report", "withdraw", "2025-26-Q1-09", "--why", "x"]).exits(2);
    assert!(unknown.stderr.contains("report list"), "{}", unknown.stderr);
    does(&home, &["outbox", "send", "--as-of", "2025-07-22"]);
    let told = messages(&home, "withdrawn-2025-26-Q1-01");
    let sent = messages(&home, "quarterly-monitoring-2025-26-Q1-01");
    assert_eq!((told.len(), sent.len()), (11, 11));
    for message in &told {
        let to = header(message, "To");
        let got = sent.iter().find(|it| header(it, "To") == to).expect("got it");
        assert_eq!(header(message, "In-Reply-To"), header(got, "Message-ID"));
        assert!(header(message, "Subject").contains("Withdrawn: "), "{message}");
    }
    let text = plain(&told[0]);
    assert!(text.contains("Burglary was counted twice."), "{text}");
    // The same figures are not up to date any more: a run issues them anew, and says what it replaces.
    assert!(reports(&home, "2025-07-23").contains("edition 2025-26-Q1-02"));
    let text = home.read("var/reports/2025-26-Q1/2025-26-Q1-02/email.txt").replace('\n', " ");
    assert!(text.contains("which was withdrawn: Burglary was counted twice."), "{text}");
}

#[test]
fn a_message_too_large_to_arrive_names_the_files_it_leaves_out() {
    let home = environment();
    home.edit("config/quarterdeck.toml", "message_megabytes_max = 5", "message_megabytes_max = 1");
    does(&home, &["demo"]);
    let sent = messages(&home, "quarterly-monitoring");
    assert_eq!(sent.len(), 11);
    for message in &sent {
        assert!(message.len() < 1024 * 1024, "{} bytes", message.len());
        let files: Vec<String> = parts(message.as_bytes())
            .into_iter()
            .filter(|part| part.disposition.starts_with("attachment"))
            .map(|part| part.disposition)
            .collect();
        assert!(files.len() == 1 && files[0].contains("tables.xlsx"), "{files:?}");
        let text = plain(message).replace('\n', " ");
        let said = text.split("too large to arrive").nth(1).expect("it is said");
        assert!(said.contains("2025-26-Q1-pack.pdf"), "{said}");
    }
}

#[test]
fn audiences_get_what_is_theirs() {
    let home = environment();
    home.edit("jobs/quarterly-monitoring/job.toml", "    \"portfolio-holder\",\n", "");
    let job = home.read("jobs/quarterly-monitoring/job.toml");
    let audience = "[[audience]]\nname = \"Councillors\"\nto = [\"portfolio-holder\"]\nleave_out = [\"parts\", \"sources\"]\nattach = []\n";
    home.write("jobs/quarterly-monitoring/job.toml", format!("{job}\n{audience}"));
    does(&home, &["demo"]);
    let sent = messages(&home, "quarterly-monitoring");
    let to = |role: &str| {
        let found = sent.iter().find(|message| header(message, "To").contains(role));
        plain(found.unwrap_or_else(|| panic!("nobody is {role}")))
    };
    let councillor = to("portfolio-holder@");
    assert!(!councillor.contains("SHA-256") && !councillor.contains("Parts of indicators"));
    assert!(to("chair@").contains("SHA-256") && to("chair@").contains("Parts of indicators"));
    let lead = to("lead-domestic-abuse@");
    let theirs = lead.find("Priority 6: Domestic Abuse").expect("their priority");
    assert!(theirs < lead.find("Priority 2: Serious").expect("another"), "theirs comes first");
    assert!(lead.replace('\n', " ").contains("because you lead it"));
    assert!(home.read(&format!("{EDITION}/email-councillors.txt")) == councillor);
}

#[test]
fn notes_are_asked_for_and_give_nothing_away() {
    let home = environment();
    does(&home, &["demo"]);
    // Nothing more is collected: the demonstration has its own sources.
    let job = "jobs/quarterly-monitoring/job.toml";
    home.edit(job, "collect_first = true", "needs_commentary = true");
    let folder = "config/commentary/2025-26-Q1";
    std::fs::remove_file(home.path(&format!("{folder}/illustrative-shop-watch.txt")))
        .expect("was there");
    let run =
        || home.run(&[&["run", "quarterly-monitoring", "--period", QUARTER][..], &AS_OF].concat());
    let held = run().exits(4);
    let wanted = "commentary/2025-26-Q1/illustrative-shop-watch.txt";
    assert!(held.stdout.contains(wanted), "{}", held.shown());
    let plan =
        home.run(&[&["plan", "quarterly-monitoring", "--period", QUARTER][..], &AS_OF].concat());
    assert!(plan.stdout.contains(wanted), "{}", plan.shown());
    home.write(
        &format!("{folder}/illustrative-shop-watch.txt"),
        "by: Analyst\non: 2025-07-20\n\nTwo supermarkets joined.\n",
    );
    home.write(
        &format!("{folder}/illustrative-county-lines.txt"),
        "by: Analyst\non: 2025-07-20\n\nIt rose from 3 to 7.\n",
    );
    let held = run().exits(4);
    assert!(held.stdout.contains("says 3, which the report does not print"), "{}", held.shown());
    home.write(
        &format!("{folder}/illustrative-county-lines.txt"),
        "by: Analyst\non: 2025-07-20\n\nNo comment on 2025.\n",
    );
    let ran = run();
    assert!(ran.stdout.contains("edition 2025-26-Q1-02"), "{}", ran.shown());
    let page = home.read("var/reports/2025-26-Q1/2025-26-Q1-02/page/index.html");
    assert!(page.contains("Two supermarkets joined.") && page.contains("No comment on 2025."));
}

#[test]
fn what_is_wrong_with_the_look_of_a_report_is_named_at_config_check() {
    let home = environment();
    let job = "jobs/quarterly-monitoring";
    home.edit(
        &format!("{job}/page/index.html.j2"),
        "{{ report.headline.standing }}",
        "{{ report.headline.standings }}",
    );
    home.edit(
        &format!("{job}/report.typ"),
        "report.headline.standing",
        "report.headline.standings",
    );
    let said = home.run(&["config", "check"]).exits(2).stderr;
    insta::assert_snapshot!(said, @r#"
        error: ./jobs/quarterly-monitoring/page/index.html.j2: line 163: undefined value (`report.headline.standings` is undefined): the template asks for something the report does not have; check the spelling
        error: ./jobs/quarterly-monitoring/report.typ: line 231: dictionary does not contain key "standings": the template asks for something the report does not have; check the spelling
        error: 2 problems in the configuration
    "#);
    let home = environment();
    home.edit(
        "config/quarterdeck.toml",
        "accent = \"#12436d\"",
        "accent = \"#28a197\"\nlogo = \"logo.png\"",
    );
    home.edit(
        &format!("{job}/job.toml"),
        "    \"portfolio-holder\",\n",
        "    \"portfolio-holder\",\n    \"portfolio-holder\",\n",
    );
    let folder = "config/commentary";
    home.write(
        &format!("{folder}/2025-26-Q1/illustrative-nose.txt"),
        "by: A\non: 2025-07-20\n\nText\n",
    );
    home.write(&format!("{folder}/2025-26-Q1/police-asb.txt"), "by: A\n\nText\n");
    home.write(
        &format!("{folder}/2025-26-Q1/police-robbery.txt"),
        "by: A\non: 2025-07-20\n\nRing 07700 900123\n",
    );
    home.write(&format!("{folder}/summer/report.txt"), "by: A\non: 2025-07-20\n\nText\n");
    home.edit("config/partnership.toml", "chair@sevenoaks-csp.example", "chair at sevenoaks");
    let said = home.run(&["config", "check"]).exits(2).stderr;
    insta::assert_snapshot!(said, @r"
        error: ./config/quarterdeck.toml: report.accent: `#28a197` has a contrast of 3.2 on white; text needs 4.5: choose a darker colour
        error: ./config/partnership.toml: recipient[partnership-chair].address: is not a mail address: write name@example.org, in plain letters
        error: ./jobs/quarterly-monitoring/job.toml: to: `portfolio-holder` is there twice: one message each
        error: ./config/commentary/2025-26-Q1/illustrative-nose.txt: `illustrative-nose` is neither `report` nor a measure; did you mean illustrative-noise.txt?
        error: ./config/commentary/2025-26-Q1/police-asb.txt: has no line `on: 2025-07-18`
        error: ./config/commentary/2025-26-Q1/police-robbery.txt: line 4: holds what may be somebody's personal data (telephone numbers): take it out
        error: ./config/commentary/summer: is no period: name the folder like the reports', 2025-26-Q1
        error: ./config/logo.png: is not there: report.logo in quarterdeck.toml names it
        error: 8 problems in the configuration
    ");
    home.write("config/logo.png", "GIF89a");
    let said = home.run(&["config", "check"]).exits(2).stderr;
    assert!(said.contains("logo.png: is not a PNG picture"), "{said}");
}

#[test]
fn a_logo_is_in_every_rendering() {
    let home = environment();
    home.write("config/logo.png", PIXEL);
    home.edit("config/quarterdeck.toml", "# logo = \"logo.png\"", "logo = \"logo.png\"");
    does(&home, &["demo"]);
    assert_eq!(tree(&home.path(EDITION))["page/logo.png"], PIXEL);
    assert!(home.read(&format!("{EDITION}/email.html")).contains("\"images/logo.png\""));
    assert!(home.read(&format!("{EDITION}/page/index.html")).contains("src=\"logo.png\""));
}

/// One red dot.
const PIXEL: &[u8] = b"\x89\x50\x4e\x47\x0d\x0a\x1a\x0a\x00\x00\x00\x0d\x49\x48\x44\x52\x00\x00\x00\x01\x00\x00\x00\x01\x08\x02\x00\x00\x00\x90\x77\x53\xde\x00\x00\x00\x0c\x49\x44\x41\x54\x78\x9c\x63\x38\xc1\xc0\x00\x00\x02\x5c\x00\xc9\x43\xc8\x12\x46\x00\x00\x00\x00\x49\x45\x4e\x44\xae\x42\x60\x82";

#[test]
fn when_a_report_fails_the_operator_gets_a_runbook_and_readers_nothing() {
    let home = home();
    send(&home, "first.csv", JUNE, &usual);
    collect(&home, "2025-07-21");
    // Where the edition's folder should be, there is a file.
    home.write("var/reports", "in the way");
    let failed = report(&home, "2025-07-21");
    assert_ne!(failed.code, Some(0), "{}", failed.shown());
    let again = report(&home, "2025-07-21");
    assert_eq!(again.code, failed.code);
    std::fs::remove_file(home.path("var/reports")).expect("was there");
    does(&home, &["outbox", "send", "--as-of", "2025-07-21"]);
    assert!(messages(&home, "quarterly-monitoring").is_empty(), "readers get nothing");
    let notices = messages(&home, "failed-quarterly-monitoring");
    assert_eq!(notices.len(), 1, "the same failure is told once a day");
    assert!(header(&notices[0], "To").contains("community-safety@sevenoaks-csp.example"));
    let text = plain(&notices[0]);
    for said in [
        "was not sent",
        "reports",
        "Nothing has been sent to readers for this period.",
        "quarterdeck run quarterly-monitoring --period 2025-26Q1",
        "How much time is left",
    ] {
        assert!(text.contains(said), "`{said}` in:\n{text}");
    }
}
