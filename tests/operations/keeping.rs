//! Backups, restoring, verifying and repairing.

use std::fs;

use testkit::{differences, tree};

use crate::{AS_OF, environment};

#[test]
fn a_damaged_lake_is_built_anew_equal_from_the_submissions() {
    let home = environment();
    let _ran = home.run(&["demo"]).exits(0);
    let sound = home.run(&["verify"]).exits(0);
    assert!(sound.stdout.contains("Everything is as it was written"), "{}", sound.shown());
    let lake = |home: &testkit::Environment| {
        let mut files = tree(&home.path("var/lake"));
        // Version 0 is the empty table, with a name of its own.
        files.retain(|name, _| !name.ends_with("00000000000000000000.json"));
        files
    };
    let before = lake(&home);
    let figures = home.run(&["indicators", "--json"]).exits(0).stdout;
    let parquet =
        before.keys().find(|name| name.ends_with(".parquet")).expect("a data file").clone();
    let entry = before.keys().find(|name| name.ends_with("01.json")).expect("an entry").clone();
    let damages: [&dyn Fn(); 4] = [
        &|| fs::write(home.path(&format!("var/lake/{entry}")), "").expect("cuts"),
        &|| fs::remove_file(home.path(&format!("var/lake/{parquet}"))).expect("removes"),
        &|| fs::write(home.path(&format!("var/lake/{parquet}")), "PAR1").expect("changes"),
        &|| fs::remove_dir_all(home.path("var/lake")).expect("removes"),
    ];
    for damage in damages {
        damage();
        let found = home.run(&["verify"]).exits(3);
        assert!(found.stdout.contains("DAMAGED  lake"), "{}", found.shown());
        let refused = home.run(&["indicators", "--json"]).exits(1);
        assert!(
            refused.stderr.contains("the lake does not match the ledger"),
            "{}",
            refused.shown()
        );
        let repaired = home.run(&["verify", "--repair"]).exits(0);
        assert!(repaired.stdout.contains("The lake was built anew"), "{}", repaired.shown());
        assert_eq!(differences(&before, &lake(&home)), Vec::<String>::new());
        assert_eq!(home.run(&["indicators", "--json"]).exits(0).stdout, figures);
        for entry in fs::read_dir(home.path("var")).expect("lists").flatten() {
            if entry.file_name().to_string_lossy().starts_with("lake.damaged") {
                fs::remove_dir_all(entry.path()).expect("removes");
            }
        }
    }
}

#[test]
fn what_else_is_damaged_is_named_and_what_cannot_be_repaired_says_so() {
    let home = environment();
    let _ran = home.run(&["demo"]).exits(0);
    let landing = tree(&home.path("var/landing"));
    let kept = landing.keys().next().expect("a submission");
    fs::write(home.path(&format!("var/landing/{kept}")), "other").expect("changes");
    home.write("var/reports/2025-26-Q1/2025-26-Q1-01/email.txt", "other");
    let found = home.run(&["verify"]).exits(3);
    assert!(found.stdout.contains("DAMAGED  landing"), "{}", found.shown());
    assert!(found.stdout.contains("DAMAGED  reports: edition 2025-26-Q1-01"), "{}", found.shown());
    // The lake needs that submission, and today's contract reads something else: it is not passed off as repaired.
    fs::remove_dir_all(home.path("var/lake")).expect("removes");
    let found = home.run(&["verify", "--repair"]).exits(3);
    assert!(found.stdout.contains("could not be built anew"), "{}", found.shown());
}

#[test]
fn a_backup_comes_back_whole_and_sends_nothing_twice() {
    let home = environment();
    let _ran = home.run(&["demo"]).exits(0);
    let queued = home.run(&[&["run", "sign-of-life"][..], &AS_OF].concat()).exits(0);
    assert!(queued.stdout.contains("succeeded"), "{}", queued.shown());
    let made = home.run(&["backup", "copy", "--as-of", "2025-07-21T12:00:00+01:00"]).exits(0);
    assert!(made.stdout.contains("and the ledger are in copy"), "{}", made.shown());
    let taken = home.run(&["backup", "copy"]).exits(2);
    assert!(taken.stderr.contains("not empty"), "{}", taken.shown());
    let full = home.run(&["restore", "copy"]).exits(2);
    assert!(full.stderr.contains("goes into an empty data folder"), "{}", full.shown());

    let before = home.data();
    let figures = home.run(&["indicators", "--json"]).exits(0).stdout;
    fs::rename(home.path("var"), home.path("var.old")).expect("moves");
    // Three months later: a report and reminders may have gone out since, nobody knows.
    let back = home.run(&["restore", "copy", "--as-of", "2025-10-23"]).exits(3);
    assert!(back.stdout.contains("1 message waited to be sent then"), "{}", back.shown());
    assert!(
        back.stdout
            .contains("Not run by itself, since it may have been run: Quarterly monitoring report"),
        "{}",
        back.shown()
    );
    let _sound = home.run(&["verify"]).exits(0);
    assert_eq!(home.run(&["indicators", "--json"]).exits(0).stdout, figures);
    let kept = |name: &String| {
        !["ledger", "quarterdeck.lock", "sealed", ".doctor"].iter().any(|it| name.starts_with(it))
    };
    let mut after = home.data();
    let mut before = before;
    after.retain(|name, _| kept(name));
    before.retain(|name, _| kept(name));
    assert_eq!(differences(&before, &after), Vec::<String>::new());
    let sent = home.run(&["outbox", "send", "--as-of", "2025-10-23"]).exits(0);
    assert!(sent.stdout.contains("Nothing waits"), "{}", sent.shown());

    let none = home.run(&["restore", "nowhere"]);
    assert!(none.stderr.contains("nowhere"), "{}", none.shown());
}

#[test]
fn a_ledger_with_a_torn_page_is_refused_before_anything_is_sent_and_the_backup_brings_it_back() {
    let home = environment();
    let _ran = home.run(&["demo"]).exits(0);
    let _made = home.run(&["backup", "copy"]).exits(0);
    let path = home.path("var/ledger.sqlite");
    let sound = fs::read(&path).expect("a ledger");
    let mut torn = sound.clone();
    // A page in the middle, as a failing disk leaves it.
    let page = torn.len() / 8192 * 4096;
    torn[page..page + 4096].fill(0xA5);
    fs::write(&path, &torn).expect("tears");
    for command in [&["outbox", "send"][..], &["run", "collect-returns"], &["verify", "--repair"]] {
        let refused = home.run(command).exits(1);
        assert!(refused.stderr.contains("restore"), "{}", refused.shown());
        crate::assert_plain(&refused.stderr);
    }
    let looked = home.run(&[&["doctor"][..], &AS_OF].concat()).exits(3);
    assert!(looked.stdout.contains("PROBLEM  ledger"), "{}", looked.shown());
    assert_eq!(fs::read(&path).expect("a ledger"), torn, "nothing was written over it");
    fs::rename(home.path("var"), home.path("var.torn")).expect("moves");
    let _back = home.run(&[&["restore", "copy"][..], &AS_OF].concat());
    let _sound = home.run(&["verify"]).exits(0);
}

/// Backups in a folder, in order, and whatever else lies there.
fn backups(home: &testkit::Environment) -> Vec<String> {
    let entries = fs::read_dir(home.path("copies")).expect("lists").flatten();
    let mut names: Vec<String> =
        entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

#[test]
fn backups_are_made_by_themselves_and_the_oldest_go_only_for_whole_ones() {
    let home = environment();
    let _ran = home.run(&["demo"]).exits(0);
    home.write(
        "jobs/nightly-copy/job.toml",
        "kind = \"backup\"\ntitle = \"Nightly copy\"\nschedule = { daily = \"02:00\" }\n\
         folder = \"copies\"\nkeep = 2\n",
    );
    let made = |day: &str| home.run(&["run", "nightly-copy", "--as-of", day]);
    // A drive that is not connected must not pass for one.
    let missing = made("2025-07-22").exits(75);
    assert!(missing.stderr.contains("there is no folder copies"), "{}", missing.shown());
    let looked = home.run(&["doctor", "--as-of", "2025-07-22"]).exits(3);
    assert!(looked.stdout.contains("PROBLEM  backups (nightly-copy)"), "{}", looked.shown());

    fs::create_dir_all(home.path("copies/quarterdeck-2025-07-01.partial/lake")).expect("makes");
    for day in ["2025-07-22", "2025-07-23", "2025-07-24"] {
        let _made = made(day).exits(0);
    }
    assert_eq!(backups(&home), ["quarterdeck-2025-07-23", "quarterdeck-2025-07-24"]);
    let again = made("2025-07-24").exits(0);
    assert!(again.stdout.contains("up-to-date"), "{}", again.shown());
    let looked = home.run(&["doctor", "--as-of", "2025-07-24"]);
    assert!(
        looked.stdout.contains("the newest in copies is of 24 July 2025"),
        "{}",
        looked.shown()
    );

    // What is damaged is copied as it is, and costs no older copy.
    let report = "var/reports/2025-26-Q1/2025-26-Q1-01/email.txt";
    let sound = home.read(report);
    home.write(report, "other");
    for day in ["2025-07-25", "2025-07-26"] {
        let made = made(day).exits(3);
        assert!(made.stdout.contains("not whole: reports"), "{}", made.shown());
    }
    assert_eq!(backups(&home).len(), 4);
    let told = home.run(&["outbox", "list", "--as-of", "2025-07-26"]).exits(0);
    assert!(told.stdout.contains("backup-not-whole-2025-07-25"), "{}", told.shown());
    let said = home.run(&["status", "--as-of", "2025-07-26"]).exits(0);
    let not_whole = "Of the backups (nightly-copy): the newest in copies is of 26 July 2025";
    assert!(said.stdout.contains(not_whole), "{}", said.shown());
    let by_hand = home.run(&["backup", "by-hand"]).exits(3);
    assert!(by_hand.stdout.contains("DAMAGED  reports"), "{}", by_hand.shown());
    home.write(report, &sound);
    // The same day again, now that it is mended.
    let _made = made("2025-07-26").exits(0);
    assert_eq!(
        backups(&home),
        ["quarterdeck-2025-07-24", "quarterdeck-2025-07-25", "quarterdeck-2025-07-26"]
    );
    let to_do = |day: &str| home.run(&["status", "--as-of", day]).exits(0).stdout;
    assert!(!to_do("2025-07-27").contains("Of the backups"), "one that is due now may come yet");
    assert!(to_do("2025-07-29").contains("others have fallen due since; run"), "two were missed");

    fs::rename(home.path("var"), home.path("var.old")).expect("moves");
    let _back = home.run(&["restore", "copies/quarterdeck-2025-07-26", "--as-of", "2025-07-27"]);
    let _sound = home.run(&["verify"]).exits(0);
}

#[test]
fn what_is_gone_is_said_and_nothing_is_sent_a_second_time() {
    let home = environment();
    let _ran = home.run(&["demo"]).exits(0);
    fs::rename(home.path("var/landing"), home.path("landing")).expect("moves");
    let found = home.run(&["verify"]).exits(3);
    assert!(found.stdout.contains("the landing store is gone"), "{}", found.shown());
    fs::rename(home.path("landing"), home.path("var/landing")).expect("moves");

    let path = home.path("var/ledger.sqlite");
    let ledger = fs::read(&path).expect("a ledger");
    let before = tree(&home.path("var/outbox"));
    let lose: [&dyn Fn(); 2] =
        [&|| fs::remove_file(&path).expect("removes"), &|| fs::write(&path, "").expect("empties")];
    for lose in lose {
        lose();
        let refused = home.run(&[&["run", "quarterly-monitoring"][..], &AS_OF].concat()).exits(1);
        assert!(
            refused.stderr.contains("without it nobody knows what was sent"),
            "{}",
            refused.shown()
        );
        crate::assert_plain(&refused.stderr);
        let looked = home.run(&[&["doctor"][..], &AS_OF].concat()).exits(3);
        assert!(looked.stdout.contains("PROBLEM  ledger"), "{}", looked.shown());
        assert_eq!(differences(&before, &tree(&home.path("var/outbox"))), Vec::<String>::new());
    }
    fs::write(&path, ledger).expect("puts back");
    let _sound = home.run(&["verify"]).exits(0);
}
