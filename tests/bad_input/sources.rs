//! Folders and sites that fail, beside one that does not.

use std::sync::{Arc, Barrier};

use testkit::{Environment, Manner, Ran, Site, fixture, redacted};

use crate::{AS_OF, assert_plain, environment};

const GOOD: &str = r#"
[sources.kenward-trust]
kind = "folder"
path = "fixtures/partners/kenward-trust"
return = "kenward-outreach"
"#;

/// Collects from a bad source and a good one. The good one must be taken in whatever happens.
fn collected(environment: &Environment, bad: &str) -> Ran {
    environment.sources(&format!("[sources.bad]\nreturn = \"davss-quarterly\"\n{bad}{GOOD}"));
    let ran = environment.run(&[&["run", "collect-returns"][..], &AS_OF].concat());
    assert_plain(&ran.shown());
    assert!(
        ran.stdout.contains("accepted: Outreach figures q1.xlsx, 24 figures"),
        "{}",
        ran.shown()
    );
    ran
}

fn folder(path: &str) -> String {
    format!("kind = \"folder\"\npath = \"{path}\"\n")
}

fn site(site: &Site) -> String {
    let address = &site.address;
    format!("kind = \"http\"\nurl = \"{address}/return.xlsx\"\ninternal = true\n")
}

/// What was said about a site, without its port.
fn said(ran: &Ran, site: &Site) -> String {
    let host = site.address.trim_start_matches("http://");
    redacted(&ran.shown(), &[(host, "[host]")])
}

#[test]
fn a_folder_that_is_not_there() {
    let ran = collected(&environment(), &folder("inbox/nobody")).exits(3);
    insta::assert_snapshot!(ran.shown(), @"
    exit: 3
    --- stdout
    collect-returns for quarter 1 2025 to 2026 (April to June 2025): succeeded-with-findings
      accepted: Outreach figures q1.xlsx, 24 figures (kenward-trust)
          1 kind of repair made; trace shows them
      bad: source `bad`: there is no folder `inbox/nobody`; create it, or connect the drive it is on, or correct `path` in the settings
    --- stderr
    ");
}

#[test]
fn a_folder_that_is_a_file() {
    let environment = environment();
    environment.write("inbox/davss", "I am a file");
    let ran = collected(&environment, &folder("inbox/davss")).exits(3);
    insta::assert_snapshot!(ran.shown(), @"
    exit: 3
    --- stdout
    collect-returns for quarter 1 2025 to 2026 (April to June 2025): succeeded-with-findings
      accepted: Outreach figures q1.xlsx, 24 figures (kenward-trust)
          1 kind of repair made; trace shows them
      bad: source `bad`: `inbox/davss` is not a folder; correct `path` in the settings
    --- stderr
    ");
}

#[test]
fn a_site_where_nobody_listens() {
    let closed = Site::start(Manner::Closed);
    let environment = environment().with("QUARTERDECK__FETCHING__ATTEMPTS_MAX", "1");
    let ran = collected(&environment, &site(&closed)).exits(3);
    insta::assert_snapshot!(said(&ran, &closed), @"
    exit: 3
    --- stdout
    collect-returns for quarter 1 2025 to 2026 (April to June 2025): succeeded-with-findings
      accepted: Outreach figures q1.xlsx, 24 figures (kenward-trust)
          1 kind of repair made; trace shows them
      bad: source `bad`: cannot connect to [host] (Connection refused): check the address and the network, and try again
    --- stderr
    ");
}

#[test]
fn a_site_that_drips() {
    let slow = Site::start(Manner::Drips);
    let environment = environment().with("QUARTERDECK__FETCHING__TOTAL_SECONDS", "1");
    let ran = collected(&environment, &site(&slow)).exits(3);
    insta::assert_snapshot!(said(&ran, &slow), @"
    exit: 3
    --- stdout
    collect-returns for quarter 1 2025 to 2026 (April to June 2025): succeeded-with-findings
      accepted: Outreach figures q1.xlsx, 24 figures (kenward-trust)
          1 kind of repair made; trace shows them
      bad: source `bad`: [host] did not deliver the file in time (1 s)
    --- stderr
    ");
}

#[test]
fn sites_that_are_slow_do_not_wait_for_each_other() {
    // Each answers only once four are asked: one after the other none of them ever would.
    let slow = Site::start(Manner::AnswersTogether(403, Arc::new(Barrier::new(4))));
    let environment = environment().with("QUARTERDECK__FETCHING__TOTAL_SECONDS", "60");
    let others = (2..=8).map(|number| {
        format!("[sources.bad-{number}]\nreturn = \"davss-quarterly\"\n{}", site(&slow))
    });
    let bad: Vec<String> = std::iter::once(site(&slow)).chain(others).collect();
    let ran = collected(&environment, &bad.concat()).exits(3);
    assert_eq!(ran.stdout.matches("answered 403").count(), 8, "{}", ran.shown());
}

#[test]
fn a_site_that_refuses() {
    let refusing = Site::start(Manner::Answers(403, b"secret words of the server".to_vec()));
    let ran = collected(&environment(), &site(&refusing)).exits(3);
    assert!(!ran.shown().contains("secret words"));
    insta::assert_snapshot!(said(&ran, &refusing), @"
    exit: 3
    --- stdout
    collect-returns for quarter 1 2025 to 2026 (April to June 2025): succeeded-with-findings
      accepted: Outreach figures q1.xlsx, 24 figures (kenward-trust)
          1 kind of repair made; trace shows them
      bad: source `bad`: [host] answered 403: it does not let us have the file; ask the partner to share it with us
    --- stderr
    ");
}

#[test]
fn a_site_that_sends_a_web_page() {
    let page = b"<!DOCTYPE html><html><title>Sign in</title></html>".to_vec();
    let signing_in = Site::start(Manner::Answers(200, page));
    let ran = collected(&environment(), &site(&signing_in)).exits(3);
    insta::assert_snapshot!(said(&ran, &signing_in), @"
    exit: 3
    --- stdout
    collect-returns for quarter 1 2025 to 2026 (April to June 2025): succeeded-with-findings
      accepted: Outreach figures q1.xlsx, 24 figures (kenward-trust)
          1 kind of repair made; trace shows them
      bad: source `bad`: the link at [host] returned a web page, perhaps a sign-in page, instead of a file; ask the partner for a link that needs no sign-in
    --- stderr
    ");
}

#[test]
fn a_site_that_sends_nothing() {
    let empty = Site::start(Manner::Answers(200, Vec::new()));
    let ran = collected(&environment(), &site(&empty)).exits(3);
    insta::assert_snapshot!(said(&ran, &empty), @"
    exit: 3
    --- stdout
    collect-returns for quarter 1 2025 to 2026 (April to June 2025): succeeded-with-findings
      accepted: Outreach figures q1.xlsx, 24 figures (kenward-trust)
          1 kind of repair made; trace shows them
      bad: source `bad`: the file at [host] is empty
    --- stderr
    ");
}

/// A token goes with the request and nowhere else.
#[test]
fn a_secret_is_never_said() {
    let refusing = Site::start(Manner::Answers(401, Vec::new()));
    let environment = environment().with("DAVSS_TOKEN", "hunter2-hunter2");
    let token = format!("{}token_env = \"DAVSS_TOKEN\"\n", site(&refusing));
    let ran = collected(&environment, &token).exits(3);
    assert!(!ran.shown().contains("hunter2"), "{}", ran.shown());
    let shown = environment.run(&["config", "show"]).exits(0);
    assert!(!shown.stdout.contains("hunter2"), "{}", shown.stdout);
    assert!(shown.stdout.contains("DAVSS_TOKEN"), "{}", shown.stdout);
    for (name, bytes) in environment.data() {
        let found = bytes.windows(7).any(|part| part == b"hunter2");
        assert!(!found, "the token is in {name}");
    }
}

/// Nothing could be collected at all: come back later.
#[test]
fn when_every_source_fails() {
    let environment = environment();
    environment
        .sources(&format!("[sources.bad]\nreturn = \"davss-quarterly\"\n{}", folder("nowhere")));
    let ran = environment.run(&[&["run", "collect-returns"][..], &AS_OF].concat());
    insta::assert_snapshot!(ran.exits(75).shown(), @"
    exit: 75
    --- stdout
    collect-returns for quarter 1 2025 to 2026 (April to June 2025): failed
      bad: source `bad`: there is no folder `nowhere`; create it, or connect the drive it is on, or correct `path` in the settings
    --- stderr
    ");
}

/// A workbook that is open in Excel has a `~$` file beside it; one that is being copied may be a
/// link or a temporary name. None of these is a return.
#[test]
fn lock_files_and_links_are_stepped_over() {
    let environment = environment();
    environment.write("inbox/davss/~$DAVSS return.xlsx", "owner");
    environment.write("inbox/davss/.DAVSS return.xlsx.swp", "half");
    environment.write("secret/elsewhere.xlsx", "not yours");
    let link = environment.path("inbox/davss/link.xlsx");
    std::os::unix::fs::symlink(environment.path("secret/elsewhere.xlsx"), link).expect("a link");
    let ran = collected(&environment, &folder("inbox/davss"));
    insta::assert_snapshot!(ran.shown(), @"
    exit: 3
    --- stdout
    collect-returns for quarter 1 2025 to 2026 (April to June 2025): succeeded-with-findings
      accepted: Outreach figures q1.xlsx, 24 figures (kenward-trust)
          1 kind of repair made; trace shows them
      bad: `link.xlsx` is a link to another place and was not followed
          put a copy of the file itself in the folder
    --- stderr
    ");
    let kept = environment.data();
    assert!(!kept.values().any(|bytes| bytes == b"not yours"));
}

/// The same bytes under another name are the same submission.
#[test]
fn a_copy_is_no_second_submission() {
    let environment = environment();
    let folder_name = "fixtures/partners/kenward-trust";
    let bytes = std::fs::read(fixture("partners/kenward-trust/Outreach figures q1.xlsx"));
    environment.write(&format!("{folder_name}/copy of it.xlsx"), bytes.expect("the workbook"));
    environment.sources(GOOD.trim_start());
    let _ran = environment.run(&[&["run", "collect-returns"][..], &AS_OF].concat());
    let count =
        environment.run(&["query", "select count(*) as n from observations", "--format", "csv"]);
    assert_eq!(count.exits(0).stdout, "n\n24\n");
}
