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
    insta::assert_snapshot!(shown(&environment, &["status"]), @r#"
        exit: 0
        --- stdout
        Sevenoaks District Community Safety Partnership
        21 July 2025; the latest complete quarter is quarter 1 2025 to 2026 (April to June 2025)

        Returns:   1 expected, 9 late
                   Domestic Abuse Volunteer Support Services (DAVSS): DAVSS: domestic abuse referrals and support (late)
                   KCC Community Wardens: Kent County Council community wardens: visits and reports (late)
                   Kent Fire and Rescue Service: deliberate fires by district (late)
                   Kent Police: monthly recorded crime and anti-social behaviour by district (late)
                   Kenward Trust: young people engaged by detached outreach (late)
                   Protection Against Stalking: clients referred (late)
                   Sevenoaks District Council: Community Safety Partnership action plan: progress by quarter (late)
                   Sevenoaks District Council: illustrative monthly history (late)
                   West Kent Housing Association: West Kent Housing: anti-social behaviour complaints by type (late)
        Report:    none yet
        Messages:  none
        Scheduler: `serve` has not run here: jobs run only when somebody runs them
        Next:      Collect partner returns, Tue 22 Jul 2025 06:30 BST
        Next:      Send waiting messages, Mon 21 Jul 2025 12:05 BST
        Next:      Quarterly monitoring report, Tue 21 Oct 2025 09:00 BST
        Next:      Rehearsal of the quarterly report, Tue 16 Sep 2025 07:00 BST
        Next:      Remind partners, Tue 22 Jul 2025 08:30 BST
        Next:      Monthly sign of life, Fri 1 Aug 2025 08:00 BST

        To do:
          - Returns that are late or must be asked about: 9; see `quarterdeck returns`.
          - Reminders are a dry run: 8 partners would be reminded today, and nobody is. Look at the words, then set reminders.mode to "send".
        --- stderr
    "#);
    assert!(environment.data().is_empty(), "looking made something");
}

#[test]
fn status_after_the_demonstration() {
    insta::assert_snapshot!(shown(&demonstrated(), &["status"]), @r#"
        exit: 0
        --- stdout
        Sevenoaks District Community Safety Partnership
        21 July 2025; the latest complete quarter is quarter 1 2025 to 2026 (April to June 2025)

        Returns:   6 accepted, 1 late, 3 queried
                   KCC Community Wardens: Kent County Council community wardens: visits and reports (queried)
                   Kent Fire and Rescue Service: deliberate fires by district (late)
                   Protection Against Stalking: clients referred (queried)
                   West Kent Housing Association: West Kent Housing: anti-social behaviour complaints by type (queried)
        Report:    2025-26-Q1-01 (released)
        Messages:  14 accepted
        Scheduler: `serve` has not run here: jobs run only when somebody runs them
        Next:      Collect partner returns, Tue 22 Jul 2025 06:30 BST
        Next:      Send waiting messages, Mon 21 Jul 2025 12:05 BST
        Next:      Quarterly monitoring report, Tue 21 Oct 2025 09:00 BST
        Next:      Rehearsal of the quarterly report, Tue 16 Sep 2025 07:00 BST
        Next:      Remind partners, Tue 22 Jul 2025 08:30 BST
        Next:      Monthly sign of life, Fri 1 Aug 2025 08:00 BST

        To do:
          - protection-against-stalking (2025-26Q1) held personal data and is sealed until 20 August 2025: tell the partner, delete the file from the source protection-against-stalking, then `quarterdeck forget [hash]`.
          - Returns that are late or must be asked about: 4; see `quarterdeck returns`.
          - Reminders are a dry run: 4 partners would be reminded today, and nobody is. Look at the words, then set reminders.mode to "send".
        --- stderr
    "#);
}

#[test]
fn the_register() {
    insta::assert_snapshot!(shown(&demonstrated(), &["returns"]), @r#"
    exit: 0
    --- stdout
    Returns for quarter 1 2025 to 2026 (April to June 2025)

    partner                      return                       due         state     submissions
    davss                        davss-quarterly              2025-07-14  accepted  DAVSS return Sevenoaks Apr-Jun 2025 FINAL.xlsx
    dft                          stats19-collisions           -           accepted  dft-road-casualty-statistics-collision-2025_kent-sample.csv
    kcc-community-wardens        kcc-wardens                  2025-07-14  queried   Community Wardens return Q1 2025-26.xlsx
    kent-fire-and-rescue         kfrs-deliberate-fires        2025-07-14  late
    kent-police                  kent-police-monthly          2025-07-14  accepted  Sevenoaks CSP - police crime and ASB by district Jan-Jun 2025.xlsx
    kenward-trust                kenward-outreach             2025-07-14  accepted  Outreach figures q1.xlsx
    ons                          ons-table-c2                 2025-11-04  accepted  ons_table_C2_csp_ye_june_2025.csv
    protection-against-stalking  protection-against-stalking  2025-07-14  queried   PAS referrals Q1.xlsx
    sevenoaks-district-council   csp-action-plan              2025-07-14  accepted  CSP Action Plan 2024-25 update July 2025.xlsx
    sevenoaks-district-council   illustrative-history         2025-07-14  accepted  Monthly history Apr 2022 to Jun 2025 (illustrative).xlsx
    west-kent-housing            west-kent-housing            2025-07-14  queried   ASB complaints Apr-Jun 2025.xlsx

    kcc-wardens: Community Wardens return Q1 2025-26.xlsx
      Wardens!D5 wrong-period: the figures are about January to March 2025, but this return is for quarter 1 2025 to 2026 (April to June 2025)
          send the figures for April to June 2025

    protection-against-stalking: PAS referrals Q1.xlsx
      Referrals!B3 personal-data: the column from B3 down seems to hold names of people, in several cells: this return takes counts only, so nothing else in the file was read
          delete the column and send counts only; delete the copy you sent as well
      sealed until 20 August 2025: nothing else in it was read, and nothing of it was kept elsewhere
          tell the partner, delete the file from the source protection-against-stalking, tell whoever answers for data protection,
          and end it with `quarterdeck forget [hash]` (docs/operations.md, Personal data arrived)

    west-kent-housing: ASB complaints Apr-Jun 2025.xlsx
      ASB complaints!C8 not-a-number: `about 12` is not a number
          give the number alone; put remarks in a note below the table
      ASB complaints!E9 total-differs: the total in the row `Vehicle nuisance` is 29, but its figures add up to 27
          correct the total or the figure that is wrong
      ASB complaints!A12 unknown-label: `Drones` is not a type this return has
          use the labels of the agreed layout, or tell us what the new one means
          if the new layout is meant, the contract needs:
            [table.breakdown.values] # of the dimension type
            "Drones" = "drones" # a new one
      ASB complaints!C10 blank-cell: `Pets and animals` for May 2025 is blank: taken as not available, not as zero
          write 0 if there were none, or the mark for a figure that is not available
    --- stderr
    "#);
}

#[test]
fn the_outbox() {
    insta::assert_snapshot!(shown(&demonstrated(), &["outbox", "list"]), @r"
    exit: 0
    --- stdout
    recipient                                 kind          about                                  state     attempts  last reply                                                                                                                  message id
    r***@protection-against-stalking.example  error-letter  protection-against-stalking 2025-26Q1  accepted  1         written to error-letter-protection-against-stalking-2025-26-Q1-[hash].[hash]@sevenoaks-csp.example.eml  error-letter-protection-against-stalking-2025-26-Q1-[hash].[hash]@sevenoaks-csp.example
    p***@west-kent-housing.example            error-letter  west-kent-housing 2025-26Q1            accepted  1         written to error-letter-west-kent-housing-2025-26-Q1-[hash].[hash]@sevenoaks-csp.example.eml            error-letter-west-kent-housing-2025-26-Q1-[hash].[hash]@sevenoaks-csp.example
    d***@kent-police.example                  report        2025-26-Q1-01                          accepted  1         written to quarterly-monitoring-2025-26-Q1-01.[hash]@sevenoaks-csp.example.eml                                quarterly-monitoring-2025-26-Q1-01.[hash]@sevenoaks-csp.example
    p***@sevenoaks-csp.example                report        2025-26-Q1-01                          accepted  1         written to quarterly-monitoring-2025-26-Q1-01.[hash]@sevenoaks-csp.example.eml                                quarterly-monitoring-2025-26-Q1-01.[hash]@sevenoaks-csp.example
    l***@sevenoaks-csp.example                report        2025-26-Q1-01                          accepted  1         written to quarterly-monitoring-2025-26-Q1-01.[hash]@sevenoaks-csp.example.eml                                quarterly-monitoring-2025-26-Q1-01.[hash]@sevenoaks-csp.example
    c***@sevenoaks-csp.example                report        2025-26-Q1-01                          accepted  1         written to quarterly-monitoring-2025-26-Q1-01.[hash]@sevenoaks-csp.example.eml                                quarterly-monitoring-2025-26-Q1-01.[hash]@sevenoaks-csp.example
    l***@sevenoaks-csp.example                report        2025-26-Q1-01                          accepted  1         written to quarterly-monitoring-2025-26-Q1-01.[hash]@sevenoaks-csp.example.eml                                quarterly-monitoring-2025-26-Q1-01.[hash]@sevenoaks-csp.example
    l***@sevenoaks-csp.example                report        2025-26-Q1-01                          accepted  1         written to quarterly-monitoring-2025-26-Q1-01.[hash]@sevenoaks-csp.example.eml                                quarterly-monitoring-2025-26-Q1-01.[hash]@sevenoaks-csp.example
    l***@sevenoaks-csp.example                report        2025-26-Q1-01                          accepted  1         written to quarterly-monitoring-2025-26-Q1-01.[hash]@sevenoaks-csp.example.eml                                quarterly-monitoring-2025-26-Q1-01.[hash]@sevenoaks-csp.example
    l***@sevenoaks-csp.example                report        2025-26-Q1-01                          accepted  1         written to quarterly-monitoring-2025-26-Q1-01.[hash]@sevenoaks-csp.example.eml                                quarterly-monitoring-2025-26-Q1-01.[hash]@sevenoaks-csp.example
    c***@sevenoaks-csp.example                report        2025-26-Q1-01                          accepted  1         written to quarterly-monitoring-2025-26-Q1-01.[hash]@sevenoaks-csp.example.eml                                quarterly-monitoring-2025-26-Q1-01.[hash]@sevenoaks-csp.example
    l***@sevenoaks-csp.example                report        2025-26-Q1-01                          accepted  1         written to quarterly-monitoring-2025-26-Q1-01.[hash]@sevenoaks-csp.example.eml                                quarterly-monitoring-2025-26-Q1-01.[hash]@sevenoaks-csp.example
    l***@sevenoaks-csp.example                report        2025-26-Q1-01                          accepted  1         written to quarterly-monitoring-2025-26-Q1-01.[hash]@sevenoaks-csp.example.eml                                quarterly-monitoring-2025-26-Q1-01.[hash]@sevenoaks-csp.example
    r***@davss.example                        receipt       davss-quarterly 2025-26Q1              accepted  1         written to receipt-davss-quarterly-2025-26-Q1-[hash].[hash]@sevenoaks-csp.example.eml                   receipt-davss-quarterly-2025-26-Q1-[hash].[hash]@sevenoaks-csp.example
    --- stderr
    ");
}

#[test]
fn editions_and_runs() {
    let environment = demonstrated();
    insta::assert_snapshot!(shown(&environment, &["report", "list"]), @"
    exit: 0
    --- stdout
    edition        report                period     state     made               folder
    2025-26-Q1-01  quarterly-monitoring  2025-26Q1  released  21 Jul 2025 09:00  ./var/reports/2025-26-Q1/2025-26-Q1-01
    --- stderr
    ");
    insta::assert_snapshot!(shown(&environment, &["runs"]), @"
    exit: 0
    --- stdout
    run                                 period     outcome                  began              edition
    quarterly-monitoring-2025-26-Q1-01  2025-26Q1  succeeded-with-findings  21 Jul 2025 09:00  2025-26-Q1-01
    --- stderr
    ");
    insta::assert_snapshot!(
        shown(&environment, &["runs", "show", "quarterly-monitoring-2025-26-Q1-01"]),
        @"
        exit: 0
        --- stdout
        quarterly-monitoring-2025-26-Q1-01
          period: quarter 1 2025 to 2026 (April to June 2025)
          outcome: succeeded-with-findings
          began: 21 Jul 2025 09:00
          ended: 21 Jul 2025 09:00
          edition: 2025-26-Q1-01
          sealed until 20 August 2025: PAS referrals Q1.xlsx for protection-against-stalking, personal data at Referrals!B3
        --- stderr
        "
    );
}

#[test]
fn jobs_and_plans() {
    let environment = demonstrated();
    insta::assert_snapshot!(shown(&environment, &["jobs"]), @r"
        exit: 0
        --- stdout
        collect-returns: Collect partner returns
          every day at 06:30
          next: Tue 22 Jul 2025 06:30 BST (2025-26Q1), Wed 23 Jul 2025 06:30 BST (2025-26Q1), Thu 24 Jul 2025 06:30 BST (2025-26Q1), Fri 25 Jul 2025 06:30 BST (2025-26Q1)
          last: never ran
        outbox: Send waiting messages
          every 5 minutes
          next: Mon 21 Jul 2025 12:05 BST (2025-26Q1), Mon 21 Jul 2025 12:10 BST (2025-26Q1), Mon 21 Jul 2025 12:15 BST (2025-26Q1), Mon 21 Jul 2025 12:20 BST (2025-26Q1)
          last: never ran
        quarterly-monitoring: Quarterly monitoring report
          working day 15 after the end of each quarter at 09:00
          next: Tue 21 Oct 2025 09:00 BST (2025-26Q2), Thu 22 Jan 2026 09:00 GMT (2025-26Q3), Thu 23 Apr 2026 09:00 BST (2025-26Q4), Tue 21 Jul 2026 09:00 BST (2026-27Q1)
          last: succeeded-with-findings for 2025-26Q1 (quarterly-monitoring-2025-26-Q1-01)
        rehearsal: Rehearsal of the quarterly report
          working day 10 before the end of each quarter at 07:00
          next: Tue 16 Sep 2025 07:00 BST (2025-26Q2), Mon 15 Dec 2025 07:00 GMT (2025-26Q3), Tue 17 Mar 2026 07:00 GMT (2025-26Q4), Tue 16 Jun 2026 07:00 BST (2026-27Q1)
          last: never ran
        remind-partners: Remind partners
          every working day at 08:30
          next: Tue 22 Jul 2025 08:30 BST (2025-26Q1), Wed 23 Jul 2025 08:30 BST (2025-26Q1), Thu 24 Jul 2025 08:30 BST (2025-26Q1), Fri 25 Jul 2025 08:30 BST (2025-26Q1)
          last: never ran
        sign-of-life: Monthly sign of life
          working day 1 after the end of each month at 08:00
          next: Fri 1 Aug 2025 08:00 BST (2025-07), Mon 1 Sep 2025 08:00 BST (2025-08), Wed 1 Oct 2025 08:00 BST (2025-09), Mon 3 Nov 2025 08:00 GMT (2025-10)
          last: never ran
        --- stderr
    ");
    insta::assert_snapshot!(shown(&environment, &["plan", "quarterly-monitoring"]), @r"
        exit: 0
        --- stdout
        quarterly-monitoring for quarter 1 2025 to 2026 (April to June 2025) would:
          Look into inbox/davss for davss-quarterly (davss): the folder is not there.
          Look into inbox/dft for stats19-collisions (dft): the folder is not there.
          Look into inbox/kcc-community-wardens for kcc-wardens (kcc-community-wardens): the folder is not there.
          Look into inbox/kent-fire-and-rescue for kfrs-deliberate-fires (kent-fire-and-rescue): the folder is not there.
          Look into inbox/kent-police for kent-police-monthly (kent-police): the folder is not there.
          Look into inbox/kenward-trust for kenward-outreach (kenward-trust): the folder is not there.
          Ask the site of ons for ons-table-c2.
          Look into inbox/protection-against-stalking for protection-against-stalking (protection-against-stalking): the folder is not there.
          Look into inbox/sevenoaks-district-council-actions for csp-action-plan (sevenoaks-district-council-actions): the folder is not there.
          Look into inbox/sevenoaks-district-council-history for illustrative-history (sevenoaks-district-council-history): the folder is not there.
          Look into inbox/west-kent-housing for west-kent-housing (west-kent-housing): the folder is not there.
          DAVSS: domestic abuse referrals and support: accepted, due 2025-07-14.
          Kent County Council community wardens: visits and reports: queried, due 2025-07-14.
          Kent Fire and Rescue Service: deliberate fires by district: late, due 2025-07-14.
          Kent Police: monthly recorded crime and anti-social behaviour by district: accepted, due 2025-07-14.
          Kenward Trust: young people engaged by detached outreach: accepted, due 2025-07-14.
          ONS: police recorded crime by Community Safety Partnership (table C2), year ending: accepted, due 2025-11-04.
          Protection Against Stalking: clients referred: queried, due 2025-07-14.
          Community Safety Partnership action plan: progress by quarter: accepted, due 2025-07-14.
          Sevenoaks District Council: illustrative monthly history: accepted, due 2025-07-14.
          West Kent Housing: anti-social behaviour complaints by type: queried, due 2025-07-14.
          If nothing new arrives: nothing to do, quarterly-monitoring-2025-26-Q1-01 made this report.
        By itself it falls due:
          Tue 21 Oct 2025 09:00 BST (2025-26Q2)
          Thu 22 Jan 2026 09:00 GMT (2025-26Q3)
          Thu 23 Apr 2026 09:00 BST (2025-26Q4)
          Tue 21 Jul 2026 09:00 BST (2026-27Q1)
          Wed 21 Oct 2026 09:00 BST (2026-27Q2)
          Fri 22 Jan 2027 09:00 GMT (2026-27Q3)
          Wed 21 Apr 2027 09:00 BST (2026-27Q4)
          Wed 21 Jul 2027 09:00 BST (2027-28Q1)
        --- stderr
    ");
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
    insta::assert_snapshot!(shown(&demonstrated(), &arguments), @r"
        exit: 0
        --- stdout
        davss-referrals for Sevenoaks (E07000111), April to June 2025: 9

        measure                     period   value  as written  cell       file                                            submission    repair
        davss-referrals[risk=high]  2025-04  4      4           Return!B7  DAVSS return Sevenoaks Apr-Jun 2025 FINAL.xlsx  [hash]
        davss-referrals[risk=high]  2025-05  2      2           Return!C7  DAVSS return Sevenoaks Apr-Jun 2025 FINAL.xlsx  [hash]
        davss-referrals[risk=high]  2025-06  3      3           Return!D7  DAVSS return Sevenoaks Apr-Jun 2025 FINAL.xlsx  [hash]
        --- stderr
    ");
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
    insta::assert_snapshot!(shown(&environment, &["query", sql]), @r"
        exit: 0
        --- stdout
        +----------------------+-------+--------+
        | return_id            | cells | total  |
        +----------------------+-------+--------+
        | davss-quarterly      | 24    | 593    |
        | illustrative-history | 468   | 14420  |
        | kent-police-monthly  | 1092  | 88786  |
        | kenward-outreach     | 24    | 732    |
        | ons-table-c2         | 276   | 433011 |
        | stats19-collisions   | 36    | 38     |
        +----------------------+-------+--------+
        --- stderr
    ");
    insta::assert_snapshot!(shown(&environment, &["query", sql, "--format", "csv"]), @r"
        exit: 0
        --- stdout
        return_id,cells,total
        davss-quarterly,24,593
        illustrative-history,468,14420
        kent-police-monthly,1092,88786
        kenward-outreach,24,732
        ons-table-c2,276,433011
        stats19-collisions,36,38
        --- stderr
    ");
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
    insta::assert_snapshot!(next("2025-07-21T08:59:59+01:00"), @"Mon 21 Jul 2025 09:00 BST");
    insta::assert_snapshot!(next("2025-07-21"), @"Tue 21 Oct 2025 09:00 BST");
    insta::assert_snapshot!(next("2025-12-31T23:00:00Z"), @"Thu 22 Jan 2026 09:00 GMT");
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
        (&["config", "schema"], "config schema", "contract"),
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
    insta::assert_snapshot!(first(&["indicators"], "indicators"), @"area breakdown change change_evidence change_p change_pct comparison coverage data direction gaps held label measure no_chart peer_average peer_limits peers period position position_last_year position_of position_tied rate_lower rate_per_1000 rate_period rate_population rate_status rate_upper reason remarks rolling_12_months rolling_12_months_previous rolling_12_months_status rolling_change rolling_change_evidence rolling_change_pct same_quarter_last_year same_quarter_last_year_status sentence share spc status target target_status unit value value_status variation verdict year_to_date year_to_date_last_year");
    insta::assert_snapshot!(first(&["outbox", "list"], "messages"), @"attempts edition kind last_reply message_id period recipient_masked return state submission");
    insta::assert_snapshot!(first(&["returns", "--as-of", "2025-07-21"], "returns"), @"due partner partner_name period return state submissions title waived");
    let trace = ["trace", "police-asb", "--area", "Sevenoaks", "--period", "2025-06"];
    insta::assert_snapshot!(first(&trace, "from"), @"breakdown cell file measure period raw repair sample sheet source status submission value");
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
