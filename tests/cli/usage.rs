//! Arguments: help, and what is said to a wrong one.

use testkit::differences;

use crate::{assert_plain, demonstrated, environment};

#[test]
fn help() {
    let ran = environment().run(&["--help"]).exits(0);
    insta::assert_snapshot!(ran.stdout, @r"
        Turns late, messy partner spreadsheets into a quarterly performance report

        Usage: quarterdeck [OPTIONS] <COMMAND>

        Commands:
          demo         See the main job on real figures: partner workbooks in, an emailed report out
          run          Run one job now
          plan         What `run` would do and why, without doing it
          serve        Run jobs as they fall due, until stopped
          jobs         Jobs, when they are due next, how they last ended
          returns      The register: what is owed, and where it stands
          check        What would be found in a workbook, without keeping anything
          learn        Propose a contract for a workbook nobody has described yet
          template     The blank return to send to a partner, made from its contract
          indicators   The computed indicators: the operator's own view, exact
          release      Let a figure through that the plausibility gate holds, until it changes
          trace        A figure back to file, sheet and cell
          restate      A back series under another definition or geography, beside the old one
          query        Ask the lake in SQL, reading only: tables `observations` and `actions`
          report       Editions of reports
          approve      Let an edition out that waits for approval, exactly as it was made
          hold         Keep an edition in, or what has not been sent of it
          outbox       Mail
          forget       Destroy what a sealed or refused submission left, now
          runs         What ran
          status       How things stand, for anybody
          doctor       Whether disk, clock, mail server and certificates are well
          verify       Whether all that is kept is as it was written
          backup       Copy everything into a new folder, while others work
          restore      Put a backup into an empty data folder
          config       The configuration
          completions  Completions for a shell
          help         Print this message or the help of the given subcommand(s)

        Options:
              --config <DIR>               The partnership's configuration; jobs/ stands beside it [default:
                                           ./config]
              --data <DIR>                 Everything that is kept: submissions, lake, ledger, reports,
                                           outbox [default: ./var]
              --as-of <DATE-OR-TIMESTAMP>  Sets today: 2025-07-21 (noon in London) or
                                           2025-07-21T09:00:00+01:00. Never hides data
              --json                       Print one JSON document and nothing else
          -v, --verbose...                 Say more (-v, -vv)
          -q, --quiet                      Say nothing but results and errors
              --color <WHEN>               Colour in messages [default: auto] [possible values: auto,
                                           always, never]
          -h, --help                       Print help
          -V, --version                    Print version
    ");
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

/// What people type by mistake.
const WRONG: &[&[&str]] = &[
    &[],
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
];

#[test]
fn wrong_arguments_are_two() {
    let environment = demonstrated();
    let mut said = Vec::new();
    for arguments in WRONG {
        let ran = environment.run(arguments).exits(2);
        assert_plain(&ran.stderr);
        assert_eq!(ran.stdout, "", "{arguments:?}");
        let first = ran.stderr.lines().next().unwrap_or("nothing");
        said.push(format!("{}\n    {first}", arguments.join(" ")));
    }
    insta::assert_snapshot!(said.join("\n"), @r"
            Turns late, messy partner spreadsheets into a quarterly performance report
        sendreport
            error: unrecognized subcommand 'sendreport'
        run
            error: the following required arguments were not provided:
        run quarterly-monitorin
            error: there is no job `quarterly-monitorin`: did you mean `quarterly-monitoring`?
        run quarterly-monitoring --period 2025Q1
            error: invalid value '2025Q1' for '--period <PERIOD>': `2025Q1` is not a period: write 2025-06, 2025-26Q1, 2025-26 or 2018-11..2019-10
        serve --as-of 2025-07-21
            error: serve runs by the real clock: leave --as-of out
        demo --as-of 2025-07-21
            error: the demonstration has a clock of its own: leave --as-of out
        status --as-of yesterday
            error: --as-of: `yesterday` is not a date or time: write 2025-07-21 or 2025-07-21T09:00:00+01:00
        status --quiet --verbose
            error: the argument '--quiet' cannot be used with '--verbose...'
        indicators --measure police-shoplifing
            error: there is no measure `police-shoplifing`: did you mean `police-shoplifting`?
        indicators --area Sevenoax
            error: `Sevenoax` is not a known area (did you mean `Sevenoaks`?)
        trace police-asb --area Atlantis --period 2025-06
            error: `Atlantis` is not a known area
        trace police-asb --area Dover --period 2025-13
            error: invalid value '2025-13' for '--period <PERIOD>': `2025-13` is not a period: write 2025-06, 2025-26Q1, 2025-26 or 2018-11..2019-10
        trace davss-referrals --area Sevenoaks --period 2025-06 --breakdown risk
            error: invalid value 'risk' for '--breakdown <BREAKDOWN>': `risk` is not a breakdown: write key=value,key=value
        check nowhere.xlsx --return davss-quarterly
            error: there is no file nowhere.xlsx
        check config/measures.toml --return davss
            error: there is no return `davss`: known are csp-action-plan, davss-quarterly, illustrative-history, kcc-wardens, kent-police-monthly, kenward-outreach, kfrs-deliberate-fires, ons-table-c2, protection-against-stalking, stats19-collisions, tunbridge-wells-headline, west-kent-housing
        check config/measures.toml --contract config/measures.toml
            error: config/measures.toml: frequency: is missing: one of quarterly, ad-hoc (line 1)
        report show 2025-26-Q4-09
            error: there is no edition `2025-26-Q4-09`: known are 2025-26-Q1-01
        runs show nothing
            error: there is no run `nothing`: see `quarterdeck runs`
        returns waive davs --period 2025-26Q1 --why closed
            error: there is no return `davs`: known are csp-action-plan, davss-quarterly, illustrative-history, kcc-wardens, kent-police-monthly, kenward-outreach, kfrs-deliberate-fires, ons-table-c2, protection-against-stalking, stats19-collisions, tunbridge-wells-headline, west-kent-housing
        status --config nowhere
            error: nowhere/partnership.toml: is not there: start quarterdeck in the partnership's folder, or name it with --config
    ");
}

#[test]
fn a_question_that_cannot_be_asked_is_two() {
    let environment = demonstrated();
    let before = environment.data();
    let mut said = Vec::new();
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
        said.push(format!("{sql}\n    {}", ran.stderr.trim_end()));
    }
    insta::assert_snapshot!(said.join("\n"), @"
    drop table observations
        error: only a SELECT can be asked: a question never changes anything
    delete from observations
        error: only a SELECT can be asked: a question never changes anything
    select nothing from observations
        error: there is no column `nothing`; there are area, arrived_at, breakdown, cell, file, marks, measure, partner, period, period_first, period_last, raw, reference_first, reference_last, repair, return_id, sample, sequence, sheet, source, submission, value
    select * from nowhere
        error: there is no table `nowhere`; there are observations and actions
    selec 1
        error: the question is not SQL that can be read: Expected: an SQL statement, found: selec at Line: 1, Column: 1
    copy (select 1) to 'out.csv'
        error: only a SELECT can be asked: a question never changes anything
    create external table t stored as csv location '/etc/passwd'
        error: only a SELECT can be asked: a question never changes anything
    ");
    // Others look at the same ledger: SQLite's files of a moment come and go.
    let changed: Vec<String> = differences(&before, &environment.data())
        .into_iter()
        .filter(|line| !line.starts_with("ledger.sqlite-"))
        .collect();
    assert_eq!(changed, Vec::<String>::new());
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
