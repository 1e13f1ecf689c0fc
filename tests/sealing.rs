//! Personal data in a return: sealed, told, never read again, destroyed on its day or on demand.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

use testkit::{Environment, Ran, fixture, tree, workbook};

use crate::environment;

const SOURCE: &str =
    "[sources.davss]\nkind = \"folder\"\npath = \"inbox/davss\"\nreturn = \"davss-quarterly\"\n";
/// What stands in the planted workbook and may stand nowhere else.
const PLANTED: [&str; 4] = ["Jane Exampleton", "Exampleton", "07700 900123", "943 476 5919"];

/// A return of a partner with a list of clients beside its counts.
fn planted(note: &str) -> Vec<u8> {
    let grid = format!(
        "
        Indicator                | d:2025-04-01 | d:2025-05-01 | d:2025-06-01 | Client name      | Mobile       | NHS number
        Referrals received (all) | 24           | 27           | 22           | Jane Exampleton  | 07700 900123 | 943 476 5919
        Helpline calls answered  | 40           | 41           | 42           | {note}           |              |
        "
    );
    workbook(&[("Return", &grid)])
}

fn home() -> Environment {
    let environment = environment();
    environment.sources(SOURCE);
    environment.write("inbox/davss/return.xlsx", planted(""));
    environment
}

fn collect(environment: &Environment, day: &str) -> Ran {
    let ran = environment.run(&["run", "collect-returns", "--period", "2025-26Q1", "--as-of", day]);
    crate::assert_plain(&ran.shown());
    ran
}

fn sealed(environment: &Environment) -> Vec<String> {
    tree(&environment.path("var/sealed")).into_keys().collect()
}

fn sealed_path(environment: &Environment) -> PathBuf {
    environment.path("var/sealed").join(&sealed(environment)[0])
}

/// The first twelve digits of the one sealed file.
fn short(environment: &Environment) -> String {
    sealed(environment)[0].chars().take(12).collect()
}

fn state(environment: &Environment) -> String {
    let arguments = ["returns", "--period", "2025-26Q1", "--as-of", "2025-07-21", "--json"];
    let json = environment.run(&arguments).exits(0).json();
    let lines = json["returns"].as_array().expect("lines");
    let line = lines.iter().find(|line| line["return"] == "davss-quarterly").expect("the line");
    line["submissions"][0]["state"].as_str().expect("a state").to_owned()
}

fn landed(environment: &Environment) -> usize {
    tree(&environment.path("var/landing")).len()
}

#[test]
fn it_is_locked_away_and_the_operator_is_told_where_it_stood_and_what_to_do() {
    let environment = home();
    insta::assert_snapshot!(collect(&environment, "2025-07-21").exits(3).shown(), @"
    exit: 3
    --- stdout
    collect-returns for quarter 1 2025 to 2026 (April to June 2025): succeeded-with-findings
      sealed: return.xlsx, 0 figures (davss)
          Return!E1 personal-data: the column from E1 down seems to hold names of people, in one cell: this return takes counts only, so nothing else in the file was read
              delete the column and send counts only; delete the copy you sent as well
          Return!F2 personal-data: the column from F2 down seems to hold telephone numbers, in one cell: this return takes counts only, so nothing else in the file was read
              delete the column and send counts only; delete the copy you sent as well
          Return!G2 personal-data: the column from G2 down seems to hold NHS numbers, in one cell: this return takes counts only, so nothing else in the file was read
              delete the column and send counts only; delete the copy you sent as well
          sealed until 20 August 2025: nothing else in it was read, and nothing of it was kept elsewhere
              tell the partner, delete the file from the source davss, tell whoever answers for data protection,
              and end it with `quarterdeck forget [hash]` (docs/operations.md, Personal data arrived)
      1 letter to partners queued
    --- stderr
    ");
    assert_eq!(landed(&environment), 0);
    assert_eq!(sealed(&environment).len(), 1);
    let mode = |path: PathBuf| fs::metadata(path).expect("there").permissions().mode() & 0o777;
    assert_eq!(mode(environment.path("var/sealed")), 0o700);
    assert_eq!(mode(sealed_path(&environment)), 0o400);
}

#[test]
fn whoever_looks_later_is_told_the_same() {
    let environment = home();
    let _ran = collect(&environment, "2025-07-21").exits(3);
    let looked = |arguments: &[&str]| {
        environment.run(&[arguments, &["--as-of", "2025-07-21"]].concat()).exits(0).shown()
    };
    insta::assert_snapshot!(looked(&["status"]), @r#"
        exit: 0
        --- stdout
        Sevenoaks District Community Safety Partnership
        21 July 2025; the latest complete quarter is quarter 1 2025 to 2026 (April to June 2025)

        Returns:   1 expected, 8 late, 1 queried
                   Domestic Abuse Volunteer Support Services (DAVSS): DAVSS: domestic abuse referrals and support (queried)
                   KCC Community Wardens: Kent County Council community wardens: visits and reports (late)
                   Kent Fire and Rescue Service: deliberate fires by district (late)
                   Kent Police: monthly recorded crime and anti-social behaviour by district (late)
                   Kenward Trust: young people engaged by detached outreach (late)
                   Protection Against Stalking: clients referred (late)
                   Sevenoaks District Council: Community Safety Partnership action plan: progress by quarter (late)
                   Sevenoaks District Council: illustrative monthly history (late)
                   West Kent Housing Association: West Kent Housing: anti-social behaviour complaints by type (late)
        Report:    none yet
        Messages:  1 approved
        Scheduler: `serve` has not run here: jobs run only when somebody runs them
        Next:      Collect partner returns, Tue 22 Jul 2025 06:30 BST
        Next:      Send waiting messages, Mon 21 Jul 2025 12:05 BST
        Next:      Quarterly monitoring report, Tue 21 Oct 2025 09:00 BST
        Next:      Rehearsal of the quarterly report, Tue 16 Sep 2025 07:00 BST
        Next:      Remind partners, Tue 22 Jul 2025 08:30 BST
        Next:      Monthly sign of life, Fri 1 Aug 2025 08:00 BST

        To do:
          - davss-quarterly (2025-26Q1) held personal data and is sealed until 20 August 2025: tell the partner, delete the file from the source davss, then `quarterdeck forget [hash]`.
          - Returns that are late or must be asked about: 9; see `quarterdeck returns`.
          - Reminders are a dry run: 8 partners would be reminded today, and nobody is. Look at the words, then set reminders.mode to "send".
        --- stderr
    "#);
    let returns = looked(&["returns", "--period", "2025-26Q1"]);
    let (_, told) = returns.split_once("\n\n").expect("a table");
    let (_, told) = told.split_once("\n\n").expect("what was found");
    insta::assert_snapshot!(told, @"
    davss-quarterly: return.xlsx
      Return!E1 personal-data: the column from E1 down seems to hold names of people, in one cell: this return takes counts only, so nothing else in the file was read
          delete the column and send counts only; delete the copy you sent as well
      Return!F2 personal-data: the column from F2 down seems to hold telephone numbers, in one cell: this return takes counts only, so nothing else in the file was read
          delete the column and send counts only; delete the copy you sent as well
      Return!G2 personal-data: the column from G2 down seems to hold NHS numbers, in one cell: this return takes counts only, so nothing else in the file was read
          delete the column and send counts only; delete the copy you sent as well
      sealed until 20 August 2025: nothing else in it was read, and nothing of it was kept elsewhere
          tell the partner, delete the file from the source davss, tell whoever answers for data protection,
          and end it with `quarterdeck forget [hash]` (docs/operations.md, Personal data arrived)
    --- stderr
    ");
}

#[test]
fn nothing_of_it_is_printed_kept_or_mailed_by_any_command() {
    let environment = environment();
    let mut settings = String::from(SOURCE);
    settings.push_str("[sources.kent-police]\nkind = \"folder\"\npath = \"inbox/kent-police\"\nreturn = \"kent-police-monthly\"\n");
    environment.sources(&settings);
    environment.write("inbox/davss/Jane Exampleton.xlsx", planted("spoke to Mrs Exampleton"));
    for (name, bytes) in tree(&fixture("partners/kent-police")) {
        environment.write(&format!("inbox/kent-police/{name}"), bytes);
    }
    let day = ["--as-of", "2025-07-21"];
    let job = ["run", "quarterly-monitoring", "--period", "2025-26Q1", "-vv"];
    let mut said = environment.run(&[&job[..], &day].concat()).exits(3).shown();
    let file = sealed_path(&environment);
    let file = file.to_str().expect("a path in Unicode");
    let checked = environment.run(&["check", file, "--return", "davss-quarterly"]).exits(4);
    assert!(checked.stderr.contains("is sealed because of personal data"), "{}", checked.stderr);
    for arguments in [
        &["trace", "davss-referrals", "--area", "Sevenoaks", "--period", "2025-06"][..],
        &["query", "select * from observations", "--format", "json"],
        &["indicators", "--json"],
        &["report", "show", "2025-26-Q1-01"],
        &["runs", "show", "quarterly-monitoring-2025-26-Q1-01"],
        &["outbox", "list"],
        &["plan", "quarterly-monitoring"],
        &["run", "collect-returns"],
    ] {
        said.push_str(&environment.run(&[arguments, &day].concat()).shown());
    }
    // The operator must find the file: its name is shown to the operator, and to nobody else.
    let said = said.replace("Jane Exampleton.xlsx", "[file name]");
    for planted in PLANTED {
        assert!(!said.contains(planted), "`{planted}` in:\n{said}");
    }
    assert_nowhere_but_sealed(&environment);
}

/// Every byte that was kept, the ledger's file names apart.
fn assert_nowhere_but_sealed(environment: &Environment) {
    let mut seen = 0;
    for (name, bytes) in environment.data() {
        let text = String::from_utf8_lossy(&bytes).replace("Jane Exampleton.xlsx", "");
        for planted in PLANTED {
            assert!(!text.contains(planted), "`{planted}` in var/{name}");
        }
        // Unpacked, the workbook would show them: it must be in no other place.
        let is_workbook = bytes.starts_with(b"PK") && text.contains("xl/worksheets");
        let is_sealed = name.starts_with("sealed/");
        let police = is_workbook && name.starts_with("landing/");
        // The report's own: unpacked, it shows none.
        let ours = is_workbook && name.starts_with("reports/") && name.ends_with("-tables.xlsx");
        if ours {
            let text: String = testkit::xml_parts(&bytes).into_values().collect();
            let planted = PLANTED.iter().find(|planted| text.contains(**planted));
            assert_eq!(planted, None, "in var/{name}");
        }
        assert_eq!(is_workbook, is_sealed || police || ours, "{name}");
        seen += usize::from(is_sealed);
    }
    assert_eq!(seen, 1);
}

/// Sealed bytes can be handed out by no function, and no other code knows where they lie.
#[test]
fn no_code_can_read_what_is_sealed() {
    let repository = testkit::repository();
    let store = fs::read_to_string(repository.join("crates/intake/src/sealed.rs"));
    let store = store.expect("the sealed store");
    let (code, _) = store.split_once("#[cfg(test)]").expect("tests of its own");
    for read in ["read_to_end", "read_to_string", "fs::read(", "BufReader", "-> &Path", "Vec<u8>"] {
        assert!(!code.contains(read), "the sealed store has `{read}`");
    }
    let public: Vec<&str> = code
        .lines()
        .filter_map(|line| line.trim().strip_prefix("pub fn "))
        .filter_map(|line| line.split(['(', '<']).next())
        .collect();
    assert_eq!(public, ["is_transient", "open", "seal", "holds", "destroy"]);
    // Where the folder is, is known to whoever opens the store or keeps others from it.
    let mut knowing: Vec<String> = Vec::new();
    for (name, bytes) in tree(&repository.join("crates")) {
        let text = String::from_utf8_lossy(&bytes);
        if std::path::Path::new(&name).extension().is_some_and(|ending| ending == "rs")
            && (text.contains(".sealed()") || text.contains(".sealed\""))
        {
            knowing.push(name);
        }
    }
    let expected = [
        "intake/src/sealed.rs",
        "ledger/src/tests/sealed.rs",
        "pipeline/src/forget.rs",
        "pipeline/src/house.rs",
        "pipeline/src/ingest.rs",
    ];
    assert_eq!(knowing, expected);
}

/// A published file with a reference and a street for each crime: neither is a person's, and of
/// neither anything is kept or said.
#[test]
fn of_one_row_for_each_crime_only_what_the_contract_names_is_kept() {
    const CONTRACT: &str = r#"
title = "Recorded crime, one row for each"
partner = "kent-police"
frequency = "ad-hoc"
[[table]]
sheets = { first = true }
area = { from = "fixed", is = "E07000111" }
measure = { from = "fixed", is = "police-asb" }
period = { from = "column", header = ["Month"] }
value = { from = "rows" }
breakdown = [{ dimension = "type", from = "column", header = ["Crime type"] }]
"#;
    let environment = environment();
    environment.write("rows.toml", CONTRACT);
    let bytes = fs::read(fixture("real/police-uk/2025-06-kent-street_3districts.csv"));
    environment.write("crimes.csv", bytes.expect("the file"));
    let arguments = [
        "check",
        "crimes.csv",
        "--contract",
        "rows.toml",
        "--figures",
        "figures.csv",
        "--period",
        "2025-06",
    ];
    let ran = environment.run(&arguments);
    let said = format!("{}{}", ran.shown(), environment.read("figures.csv"));
    assert!(!said.contains("personal-data"), "{said}");
    assert!(said.contains("violence-and-sexual-offences"), "{said}");
    for left_out in
        ["On or near", "Stonehouse", "291ce9c62a6b", "51.341436", "E01000680", "Local resolution"]
    {
        assert!(!said.contains(left_out), "`{left_out}` in {said}");
    }
}

#[test]
fn it_is_destroyed_the_day_after_its_last_and_a_shorter_time_can_be_set() {
    let environment = home();
    environment.edit("config/quarterdeck.toml", "keep_days = 30", "keep_days = 7");
    let _ran = collect(&environment, "2025-07-21").exits(3);
    let _ran = collect(&environment, "2025-07-28").exits(0);
    assert_eq!(sealed(&environment).len(), 1, "the last day is inclusive");
    fs::remove_file(environment.path("inbox/davss/return.xlsx")).expect("the operator deletes it");
    insta::assert_snapshot!(collect(&environment, "2025-07-29").exits(0).shown(), @"
    exit: 0
    --- stdout
    collect-returns for quarter 1 2025 to 2026 (April to June 2025): up-to-date
      1 sealed file destroyed: the time for keeping what held personal data is over
    --- stderr
    ");
    assert_eq!(sealed(&environment), Vec::<String>::new());
    assert_eq!(state(&environment), "shredded");
    let ledger = fs::read(environment.path("var/ledger.sqlite")).expect("a ledger");
    let arguments = ["returns", "--period", "2025-26Q1", "--as-of", "2025-07-29"];
    let told = environment.run(&arguments).exits(0).stdout;
    assert!(told.contains("its bytes were destroyed on 29 July 2025"), "{told}");
    assert!(!ledger.is_empty());
}

#[test]
fn the_same_bytes_are_sealed_once_and_never_kept_for_longer() {
    let environment = home();
    let _ran = collect(&environment, "2025-07-21").exits(3);
    // A workbook made anew would differ in its times.
    let bytes = fs::read(environment.path("inbox/davss/return.xlsx")).expect("bytes");
    environment.write("inbox/davss/again.xlsx", &bytes);
    insta::assert_snapshot!(collect(&environment, "2025-08-01").exits(3).shown(), @"
    exit: 3
    --- stdout
    collect-returns for quarter 1 2025 to 2026 (April to June 2025): succeeded-with-findings
      davss: a file came again that was sealed because of personal data: it stays sealed, and nothing in it was read
          delete the file from the partner's folder, and ask the partner for one with counts only
      1 file is as last time
    --- stderr
    ");
    assert_eq!((sealed(&environment).len(), landed(&environment)), (1, 0));
    let _ran = collect(&environment, "2025-08-21");
    assert_eq!((sealed(&environment).len(), landed(&environment)), (0, 0));
    // Sent once more after that: destroyed at once.
    environment.write("inbox/davss/third.xlsx", &bytes);
    let ran = collect(&environment, "2025-08-22").exits(3);
    assert!(ran.stdout.contains("it was destroyed again"), "{}", ran.stdout);
    assert_eq!((sealed(&environment).len(), landed(&environment)), (0, 0));
}

#[test]
fn forget_destroys_what_is_sealed_or_refused_and_nothing_that_counts() {
    let environment = home();
    let _ran = collect(&environment, "2025-07-21").exits(3);
    let hash = short(&environment);
    let names: Vec<String> = tree(&environment.path("inbox/davss")).into_keys().collect();
    let ledger = std::fs::read(environment.path("var/ledger.sqlite")).expect("a ledger");
    assert!(
        names.iter().any(|name| ledger.windows(name.len()).any(|it| it == name.as_bytes())),
        "{names:?} are known at first"
    );
    let forget = |name: &str| {
        let ran = environment.run(&["forget", name, "--as-of", "2025-07-22"]);
        crate::assert_plain(&ran.shown());
        ran
    };
    let _unknown = forget("00000000aaaa").exits(2);
    let _short = forget(&hash[..5]).exits(2);
    let _pattern = forget("%%%%%%%%%%").exits(2);
    insta::assert_snapshot!(forget(&hash).exits(0).shown(), @"
    exit: 0
    --- stdout
    [hash] is destroyed: bytes, file name and what was said of its cells
      a copy may still lie where it came from (davss), and in backups: delete those, too
    --- stderr
    ");
    assert_eq!(sealed(&environment), Vec::<String>::new());
    assert_eq!(state(&environment), "shredded");
    let again = forget(&hash).exits(0).stdout;
    assert!(again.contains("already"), "{again}");
    // Its name, which may be a person's, is not in what became free in the ledger either.
    for file in ["var/ledger.sqlite", "var/ledger.sqlite-wal"] {
        let bytes = std::fs::read(environment.path(file)).unwrap_or_default();
        for name in &names {
            let is_there = bytes.windows(name.len()).any(|window| window == name.as_bytes());
            assert!(!is_there, "{name} in {file}");
        }
    }

    // A refused one: for the wrong quarter. An accepted one stays.
    let grid = "
        Indicator                | d:2025-01-01 | d:2025-02-01 | d:2025-03-01
        Referrals received (all) | 24           | 27           | 22";
    environment.write("inbox/davss/return.xlsx", workbook(&[("Return", grid)]));
    let _ran = collect(&environment, "2025-07-22").exits(3);
    for (name, bytes) in tree(&fixture("partners/davss")) {
        environment.write(&format!("inbox/davss/{name}"), bytes);
    }
    let _ran = collect(&environment, "2025-07-23").exits(3);
    for name in tree(&environment.path("var/landing")).into_keys() {
        let (_, file) = name.split_once('/').expect("a folder");
        let ran = forget(&file[..12]);
        if ran.code == Some(4) {
            assert!(ran.stderr.contains("was accepted for davss-quarterly"), "{}", ran.stderr);
        } else {
            let _ran = ran.exits(0);
        }
    }
    assert_eq!(landed(&environment), 1, "only what counts is left");
    let _ran = collect(&environment, "2025-07-24");
}

#[test]
fn a_death_while_destroying_is_finished_by_the_next_run() {
    let environment = home();
    let _ran = collect(&environment, "2025-07-21").exits(3);
    let arguments = ["run", "collect-returns", "--as-of", "2025-09-01", "--period", "2025-26Q1"];
    let mut command = environment.command(&arguments);
    let died = environment.finish(command.env("QUARTERDECK_CRASH_AT", "after-destroy"));
    assert_eq!(died.code, None, "{}", died.shown());
    assert_eq!((sealed(&environment).len(), state(&environment).as_str()), (0, "sealed"));
    let ran = collect(&environment, "2025-09-01");
    assert!(ran.stdout.contains("1 sealed file destroyed"), "{}", ran.stdout);
    assert_eq!(state(&environment), "shredded");
}

/// A backup put back brings bytes with it that the ledger knows as destroyed.
#[test]
fn bytes_that_a_backup_brought_back_are_destroyed_again() {
    let environment = home();
    let _ran = collect(&environment, "2025-07-21").exits(3);
    let path = sealed_path(&environment);
    let bytes = fs::read(&path).expect("bytes");
    let _ran = environment.run(&["forget", &short(&environment)]).exits(0);
    fs::write(&path, bytes).expect("a restored file");
    let _ran = collect(&environment, "2025-07-23");
    assert!(!path.exists());
}

#[test]
fn a_folder_of_sealed_files_is_no_source() {
    let environment = home();
    let _ran = collect(&environment, "2025-07-21").exits(3);
    environment.edit("config/quarterdeck.toml", "inbox/davss", "var/sealed");
    let ran = collect(&environment, "2025-07-22").exits(75);
    assert!(ran.stdout.contains("sealed submissions lie there"), "{}", ran.shown());
    assert_eq!((sealed(&environment).len(), landed(&environment)), (1, 0));
}
