//! Commands that only look.

use serde_json::Value;
use testkit::{Environment, differences};

use crate::{AS_OF, demonstrated, environment};

fn shown(environment: &Environment, arguments: &[&str]) -> String {
    environment.run(&[arguments, &AS_OF].concat()).shown()
}

#[test]
fn status_before_anything_happened() {
    let environment = environment();
    insta::assert_snapshot!(shown(&environment, &["status"]), @"");
    assert!(environment.data().is_empty(), "looking made something");
}

#[test]
fn status_after_the_demonstration() {
    insta::assert_snapshot!(shown(&demonstrated(), &["status"]), @"");
}

#[test]
fn the_register() {
    insta::assert_snapshot!(shown(&demonstrated(), &["returns"]), @"");
}

#[test]
fn the_outbox() {
    insta::assert_snapshot!(shown(&demonstrated(), &["outbox", "list"]), @"");
}

#[test]
fn editions_and_runs() {
    let environment = demonstrated();
    insta::assert_snapshot!(shown(&environment, &["report", "list"]), @"");
    insta::assert_snapshot!(shown(&environment, &["runs"]), @"");
    insta::assert_snapshot!(
        shown(&environment, &["runs", "show", "quarterly-monitoring-2025-26-Q1-01"]),
        @""
    );
}

#[test]
fn jobs_and_plans() {
    let environment = demonstrated();
    insta::assert_snapshot!(shown(&environment, &["jobs"]), @"");
    insta::assert_snapshot!(shown(&environment, &["plan", "quarterly-monitoring"]), @"");
}

#[test]
fn an_edition_as_it_was_mailed() {
    let environment = demonstrated();
    let shown = environment.run(&["report", "show", "2025-26-Q1-01"]).exits(0);
    let mailed = environment.read("var/reports/2025-26-Q1/2025-26-Q1-01/email.txt");
    assert_eq!(shown.stdout.trim_end(), mailed.trim_end());
}

#[test]
fn a_trace() {
    let arguments = [
        "trace",
        "davss-referrals",
        "--area",
        "sevenoaks",
        "--period",
        "2025-26Q1",
        "--breakdown",
        "risk=high",
    ];
    insta::assert_snapshot!(shown(&demonstrated(), &arguments), @"");
}

#[test]
fn a_sample_is_traced_and_never_an_indicator() {
    let environment = demonstrated();
    let sql = "select distinct measure from observations where sample order by measure";
    let ran = environment.run(&["query", sql, "--format", "csv"]).exits(0);
    let measures: Vec<&str> = ran.stdout.lines().skip(1).collect();
    assert!(!measures.is_empty());
    let all = environment.run(&["indicators", "--json"]).exits(0).stdout;
    for measure in measures {
        assert!(!all.contains(&format!("\"{measure}\"")), "{measure}");
    }
}

#[test]
fn a_question_in_every_format() {
    let environment = demonstrated();
    let sql = "select return_id, count(*) as cells, sum(value) as total from observations \
        group by return_id order by return_id";
    insta::assert_snapshot!(shown(&environment, &["query", sql]), @"");
    insta::assert_snapshot!(shown(&environment, &["query", sql, "--format", "csv"]), @"");
    let json = environment.run(&["query", sql, "--format", "json"]).exits(0).json();
    let wrapped = environment.run(&["query", sql, "--json"]).exits(0).json();
    assert_eq!(wrapped["rows"], json);
    let parquet = environment.command(&["query", sql, "--format", "parquet"]).output();
    let parquet = parquet.expect("a program that starts").stdout;
    assert!(parquet.starts_with(b"PAR1") && parquet.ends_with(b"PAR1"));
}

/// Due times and dates are local to the partnership, wherever the machine stands.
#[test]
fn the_machines_time_zone_does_not_matter() {
    let environment = demonstrated();
    for arguments in [&["status"][..], &["jobs"], &["returns"], &["runs"], &["report", "list"]] {
        let arguments = [arguments, &AS_OF].concat();
        let here = environment.run(&arguments).exits(0).stdout;
        for zone in ["Pacific/Auckland", "America/Los_Angeles", "nonsense"] {
            let mut command = environment.command(&arguments);
            let there = environment.finish(command.env("TZ", zone)).exits(0).stdout;
            assert_eq!(here, there, "{arguments:?} in {zone}");
        }
    }
}

/// A date is noon in London: on the day of the demonstration that is after 9 o'clock.
#[test]
fn today_can_be_set() {
    let environment = demonstrated();
    let next = |as_of: &str| {
        let ran = environment.run(&["jobs", "--json", "--as-of", as_of]).exits(0);
        let document = ran.json();
        let jobs = document["jobs"].as_array().expect("jobs").clone();
        let job = jobs.into_iter().find(|job| job["job"] == "quarterly-monitoring");
        job.expect("the job")["next"][0]["at"].as_str().expect("an instant").to_owned()
    };
    insta::assert_snapshot!(next("2025-07-21T08:59:59+01:00"), @"");
    insta::assert_snapshot!(next("2025-07-21"), @"");
    insta::assert_snapshot!(next("2025-12-31T23:00:00Z"), @"");
}

#[test]
fn json_documents_carry_their_schema() {
    let environment = demonstrated();
    for (arguments, schema, key) in [
        (&["status"][..], "status", "returns"),
        (&["returns"], "returns", "returns"),
        (&["jobs"], "jobs", "jobs"),
        (&["runs", "list"], "runs list", "runs"),
        (&["report", "list"], "report list", "editions"),
        (&["outbox", "list"], "outbox list", "messages"),
        (&["indicators"], "indicators", "indicators"),
        (&["plan", "outbox"], "plan", "steps"),
        (&["config", "check"], "config check", "problems"),
        (&["config", "show"], "config show", "settings"),
        (&["query", "select 1 as n from observations limit 1"], "query", "rows"),
    ] {
        let arguments = [arguments, &["--json"], &AS_OF].concat();
        let document = environment.run(&arguments).exits(0).json();
        assert_eq!(document["schema"], format!("quarterdeck/{schema}/1"));
        assert_ne!(document[key], Value::Null, "{key} of {schema}");
    }
}

/// Keys that scripts rely on.
#[test]
fn json_keys_are_as_promised() {
    let environment = demonstrated();
    let first = |arguments: &[&str], key: &str| {
        let document = environment.run(&[arguments, &["--json"]].concat()).exits(0).json();
        let first = document[key][0].as_object().expect("an object").clone();
        first.keys().cloned().collect::<Vec<_>>().join(" ")
    };
    insta::assert_snapshot!(first(&["indicators"], "indicators"), @"");
    insta::assert_snapshot!(first(&["outbox", "list"], "messages"), @"");
    insta::assert_snapshot!(first(&["returns", "--as-of", "2025-07-21"], "returns"), @"");
    let trace = ["trace", "police-asb", "--area", "Sevenoaks", "--period", "2025-06"];
    insta::assert_snapshot!(first(&trace, "from"), @"");
}

#[test]
fn looking_changes_nothing() {
    let environment = environment();
    let _ran = environment.run(&["demo"]).exits(0);
    let before = environment.data();
    for arguments in [
        &["status"][..],
        &["returns"],
        &["jobs"],
        &["runs"],
        &["report", "list"],
        &["report", "show", "2025-26-Q1-01"],
        &["outbox", "list"],
        &["indicators"],
        &["plan", "quarterly-monitoring"],
        &["trace", "police-asb", "--area", "Dover", "--period", "2025-05"],
        &["query", "select 1 as n from observations limit 1"],
        &[
            "check",
            "fixtures/partners/davss/DAVSS return Sevenoaks Apr-Jun 2025 FINAL.xlsx",
            "--return",
            "davss-quarterly",
        ],
    ] {
        let ran = environment.run(&[arguments, &AS_OF].concat());
        assert!(matches!(ran.code, Some(0 | 3)), "{}", ran.shown());
    }
    assert_eq!(differences(&before, &environment.data()), Vec::<String>::new());
}
