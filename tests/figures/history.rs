//! Nothing that was known is lost: revisions, what was known when, and restated series.

use testkit::Environment;

use super::made::{JUNE, collect, home, indicator, report, said, send, usual};

/// A home with two editions of a quarter: between them Sevenoaks' burglaries were revised upwards.
fn revised() -> Environment {
    let environment = home();
    let plan = environment.read("config/partnership.toml");
    let success = "[[success_measure]]\nid = \"made\"\ntext = \"Keep burglary among the lowest 3.\"\nmeasures = [\"made-burglary\"]\nrule = { kind = \"maintain-position\", within = 3 }\n";
    environment.write("config/partnership.toml", format!("{plan}\n{success}"));
    send(&environment, "first.csv", JUNE, &usual);
    collect(&environment, "2025-07-21");
    let first = report(&environment, "2025-07-21");
    assert!(first.stdout.contains("edition 2025-26-Q1-01"), "{}", first.stdout);
    let revised = |district: &str, weight: i64, measure: &str, month: i64| {
        let value = usual(district, weight, measure, month);
        let is_revised = (district, measure) == ("Sevenoaks", "Burglary") && JUNE - 2 <= month;
        if is_revised { value * 19 / 10 } else { value }
    };
    send(&environment, "second.csv", JUNE, &revised);
    collect(&environment, "2025-07-28");
    let second = report(&environment, "2025-07-28");
    assert!(second.stdout.contains("edition 2025-26-Q1-02"), "{}", second.stdout);
    environment
}

#[test]
fn a_revision_that_changes_a_verdict_leads_the_next_report() {
    let environment = revised();
    let diff = environment.run(&["report", "diff", "2025-26-Q1-01", "2025-26-Q1-02"]);
    insta::assert_snapshot!(diff.shown(), @r"
        exit: 0
        --- stdout
        2025-26-Q1-01 to 2025-26-Q1-02: 12 of 351 figures that both print differ

        figure         area                   period            was            is                verdict                 why
        made-burglary  Sevenoaks              2025-26Q1         107, 2 of 12   202[r], 12 of 12  no-change, now concern  sent anew: Made-up months of districts, arrived on 28 July 2025
        made-burglary  Ashford                2025-26Q1         116, 8 of 12   116, 7 of 12      no-change               the same figure; those of its peers have changed
        made-burglary  Canterbury             2025-26Q1         147, 3 of 12   147, 2 of 12      no-change               the same figure; those of its peers have changed
        made-burglary  Dartford               2025-26Q1         101, 9 of 12   101, 8 of 12      no-change               the same figure; those of its peers have changed
        made-burglary  Dover                  2025-26Q1         106, 12 of 12  106, 11 of 12     no-change               the same figure; those of its peers have changed
        made-burglary  Maidstone              2025-26Q1         154, 11 of 12  154, 10 of 12     no-change               the same figure; those of its peers have changed
        made-burglary  Sevenoaks              2024-07..2025-06  431            526[r]            -                       sent anew: Made-up months of districts, arrived on 28 July 2025
        made-burglary  Folkestone and Hythe   2025-26Q1         100, 4 of 12   100, 3 of 12      no-change               the same figure; those of its peers have changed
        made-burglary  Swale                  2025-26Q1         134, 10 of 12  134, 9 of 12      no-change               the same figure; those of its peers have changed
        made-burglary  Thanet                 2025-26Q1         125, 7 of 12   125, 6 of 12      no-change               the same figure; those of its peers have changed
        made-burglary  Tonbridge and Malling  2025-26Q1         117, 5 of 12   117, 4 of 12      no-change               the same figure; those of its peers have changed
        made-burglary  Tunbridge Wells        2025-26Q1         105, 6 of 12   105, 5 of 12      no-change               the same figure; those of its peers have changed

        Success measures that are judged differently:
          made: met, now not-met. Burglary (illustrative): 12th of 12 (the 12 Kent districts), to stay within the best 3; 4th a year ago; above the range of its peers.
        --- stderr
    ");
    let mail = environment.read("var/reports/2025-26-Q1/2025-26-Q1-02/email.txt");
    let from = mail.find("Corrections").expect("leads");
    let to = mail.find("What has changed").expect("follows");
    insta::assert_snapshot!(mail[from..to].trim_end(), @r"
        Corrections to the last report
        ==============================

        - Keep burglary among the lowest 3, April to June 2025: Met, now not
          met. Burglary (illustrative): 12th of 12 (the 12 Kent districts), to
          stay within the best 3; 4th a year ago; above the range of its peers.

        - Burglary (illustrative), Sevenoaks, April to June 2025: No change, now
          concern (107, 2nd of 12 before, 202 [r], 12th of 12 now). Sent anew:
          Made-up months of districts, arrived on 28 July 2025.
    ");
}

#[test]
fn what_was_known_when_is_still_known() {
    let environment = revised();
    let now = indicator(&environment, "made-burglary", "Sevenoaks", &[]);
    let keys = ["value", "value_status", "change_pct", "verdict"];
    insta::assert_snapshot!(said(&now, &keys), @r#"value: 202, value_status: ["r"], change_pct: 88.8, verdict: "concern""#);
    // As it was known then: by the day, by the time, by the version of the lake.
    for then in ["2025-07-24", "2025-07-21T13:00:00+01:00", "o1.a0"] {
        let known = ["--as-known-at", then];
        let before = indicator(&environment, "made-burglary", "Sevenoaks", &known);
        assert_eq!(
            (&before["value"], &before["verdict"]),
            (&107.into(), &"no-change".into()),
            "{then}"
        );
    }
    let refused =
        |time: &str| environment.run(&["indicators", "--as-known-at", time]).exits(2).stderr;
    insta::assert_snapshot!(refused("o9.a0"), @"error: the lake has no version o9.a0: the newest is o2.a0");
    insta::assert_snapshot!(refused("yesterday"), @"error: `yesterday` is not a time: write a day (2025-07-21), a time (2025-07-21T09:00:00+01:00) or a version of the lake (o3.a1)");
    insta::assert_snapshot!(environment.run(&["report", "diff", "2025-26-Q1-01", "x"]).exits(2).stderr, @"error: there is no edition `x`: see `report list`");
}

#[test]
fn a_back_series_is_restated_beside_the_old_one() {
    let environment = home();
    send(&environment, "first.csv", 5, &usual);
    collect(&environment, "2025-07-21");
    let restate = |more: &[&str]| {
        let asked = ["restate", "made-burglary", "--area", "Dartford"];
        environment.run(&[&asked[..], more].concat()).shown()
    };
    insta::assert_snapshot!(restate(&["--under-area", "Dartford and Gravesham"]), @r"
        exit: 0
        --- stdout
        period     made-burglary, Dartford  made-burglary, Dartford and Gravesham  difference  why missing
        2022-23Q4  101                      194                                    93
        2023-24Q1  101                      196                                    95
        --- stderr
    ");
    insta::assert_snapshot!(restate(&["--under", "made-engaged"]), @r"
        exit: 0
        --- stdout
        period     made-burglary, Dartford  made-engaged, Dartford  difference  why missing
        2022-23Q4  101                      273                     172
        2023-24Q1  101                      274                     173
        --- stderr
    ");
    insta::assert_snapshot!(restate(&["--under", "made-cost"]), @r"
        exit: 2
        --- stdout
        --- stderr
        error: `made-burglary` and `made-cost` are in different units
    ");
    insta::assert_snapshot!(restate(&[]), @r"
        exit: 2
        --- stdout
        --- stderr
        error: say what it becomes: --under MEASURE, --under-area AREA, or both
    ");
}

#[test]
fn a_return_that_comes_late_leaves_no_trace_of_having_been_late() {
    const POLICE: &str = "[sources.police]\nkind = \"folder\"\npath = \"fixtures/partners/kent-police\"\nreturn = \"kent-police-monthly\"\n";
    let asked = ["indicators", "--period", "2025-26Q1", "--as-of", "2025-08-01", "--json"];
    let with_police = |environment: &Environment| {
        let sources = environment.read("config/quarterdeck.toml");
        environment.write("config/quarterdeck.toml", format!("{sources}\n{POLICE}"));
    };
    let late = home();
    send(&late, "first.csv", JUNE, &usual);
    collect(&late, "2025-07-21");
    let without = late.run(&asked).exits(0).stdout;
    with_police(&late);
    collect(&late, "2025-07-28");
    let in_time = home();
    send(&in_time, "first.csv", JUNE, &usual);
    with_police(&in_time);
    collect(&in_time, "2025-07-21");
    let (late, in_time) = (late.run(&asked).exits(0).stdout, in_time.run(&asked).exits(0).stdout);
    assert!(late == in_time, "the late return left a trace");
    assert_ne!(without, late, "the comparison above can fail");
}
