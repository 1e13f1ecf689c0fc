//! Arguments: help, and what is said to a wrong one.

use crate::{assert_plain, demonstrated, environment};

#[test]
fn help() {
    let ran = environment().run(&["--help"]).exits(0);
    insta::assert_snapshot!(ran.stdout, @"");
}

/// Every command in the help is there, and has a help of its own.
#[test]
fn every_command_has_a_help() {
    let environment = environment();
    let help = environment.run(&["--help"]).exits(0).stdout;
    let (_, commands) = help.split_once("Commands:\n").expect("commands");
    let (commands, _) = commands.split_once("\n\n").expect("an end");
    let mut seen = 0;
    for line in commands.lines() {
        let name = line.split_whitespace().next().expect("a name");
        if name == "help" {
            continue;
        }
        let ran = environment.run(&[name, "--help"]).exits(0);
        assert!(ran.stdout.contains("Usage: quarterdeck"), "{}", ran.stdout);
        seen += 1;
    }
    assert!(15 <= seen, "{seen} commands");
}

#[test]
fn a_version() {
    let ran = environment().run(&["--version"]).exits(0);
    assert_eq!(ran.stdout, format!("quarterdeck {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn wrong_arguments_are_two() {
    let environment = demonstrated();
    let mut said = String::new();
    for arguments in [
        &[][..],
        &["sendreport"],
        &["run"],
        &["run", "quarterly-monitorin"],
        &["run", "quarterly-monitoring", "--period", "2025Q1"],
        &["serve", "--as-of", "2025-07-21"],
        &["demo", "--as-of", "2025-07-21"],
        &["status", "--as-of", "yesterday"],
        &["status", "--quiet", "--verbose"],
        &["indicators", "--measure", "police-shoplifing"],
        &["indicators", "--area", "Sevenoax"],
        &["trace", "police-asb", "--area", "Atlantis", "--period", "2025-06"],
        &["trace", "police-asb", "--area", "Dover", "--period", "2025-13"],
        &[
            "trace",
            "davss-referrals",
            "--area",
            "Sevenoaks",
            "--period",
            "2025-06",
            "--breakdown",
            "risk",
        ],
        &["check", "nowhere.xlsx", "--return", "davss-quarterly"],
        &["check", "config/measures.toml", "--return", "davss"],
        &["check", "config/measures.toml", "--contract", "config/measures.toml"],
        &["report", "show", "2025-26-Q4-09"],
        &["runs", "show", "nothing"],
        &["returns", "waive", "davs", "--period", "2025-26Q1", "--why", "closed"],
        &["status", "--config", "nowhere"],
    ] {
        let ran = environment.run(arguments).exits(2);
        assert_plain(&ran.stderr);
        assert_eq!(ran.stdout, "", "{arguments:?}");
        let first = ran.stderr.lines().next().unwrap_or("nothing");
        said.push_str(&format!("{}\n    {first}\n", arguments.join(" ")));
    }
    insta::assert_snapshot!(said, @"");
}

#[test]
fn a_question_that_cannot_be_asked_is_two() {
    let environment = demonstrated();
    let before = environment.data();
    let mut said = String::new();
    for sql in [
        "drop table observations",
        "delete from observations",
        "select nothing from observations",
        "select * from nowhere",
        "selec 1",
        "copy (select 1) to 'out.csv'",
        "create external table t stored as csv location '/etc/passwd'",
    ] {
        let ran = environment.run(&["query", sql]).exits(2);
        assert_plain(&ran.stderr);
        said.push_str(&format!("{sql}\n    {}", ran.stderr));
    }
    insta::assert_snapshot!(said, @"");
    assert_eq!(before, environment.data());
}

#[test]
fn quiet_says_results_only() {
    let environment = environment();
    let ran = environment.run(&["demo", "--quiet"]).exits(0);
    assert_eq!(ran.stderr, "");
}

#[test]
fn completions_for_a_shell() {
    let ran = environment().run(&["completions", "bash"]).exits(0);
    assert!(ran.stdout.contains("_quarterdeck()"));
}
