//! Sealed submissions, and the migration that made room for them.

use model::{CellAddress, Finding, Place, ReturnId, Severity, SubmissionState};
use rusqlite::Connection;

use super::*;

fn personal() -> Vec<Finding> {
    let place = Place::cell("Referrals", CellAddress::new(2, 1));
    vec![Finding::new(Severity::Error, "personal-data", place, "names of people")]
}

fn receive(ledger: &Ledger, content: &str, return_id: &str) {
    let mut submission = submission(content, 1);
    submission.return_id = ReturnId::new(return_id);
    ledger.receive(&submission, q1()).expect("receives");
}

fn judge(ledger: &Ledger, content: &str, return_id: &str, state: SubmissionState, until: &str) {
    let findings = personal();
    let mut judgement = judged(content, state, &findings);
    judgement.key.return_id = ReturnId::new(return_id);
    judgement.sealed_until =
        (state == SubmissionState::Sealed).then(|| until.parse().expect("a date"));
    ledger.judge(&judgement).expect("judges");
}

fn hashes(hashes: &[SubmissionHash]) -> usize {
    hashes.len()
}

fn day(text: &str) -> jiff::civil::Date {
    text.parse().expect("a date")
}

#[test]
fn a_sealed_submission_is_kept_until_its_day_and_then_noted_as_destroyed() {
    let shelf = Shelf::new();
    let ledger = &shelf.ledger;
    receive(ledger, "names", "police-monthly");
    judge(ledger, "names", "police-monthly", SubmissionState::Sealed, "2025-08-20");
    let known = KnownFileRow { size_bytes: 1, modified: at(0), hash: key("names").hash };
    let folder = SourceId::new("police-folder");
    ledger.remember_file(&folder, "names.xlsx", &known).expect("remembers");
    assert_eq!(ledger.to_seal().expect("lists"), [key("names").hash]);
    assert_eq!(hashes(&ledger.past_retention(day("2025-08-20")).expect("lists")), 0, "inclusive");
    assert_eq!(ledger.past_retention(day("2025-08-21")).expect("lists"), [key("names").hash]);
    assert_eq!(hashes(&ledger.destroyed().expect("lists")), 0);

    for _ in 0..2 {
        ledger.note_destroyed(&key("names").hash, at(99)).expect("notes");
    }
    assert_eq!(ledger.destroyed().expect("lists"), [key("names").hash]);
    assert_eq!(hashes(&ledger.to_seal().expect("lists")), 0);
    let record = ledger.submissions(&SubmissionFilter::default()).expect("lists").remove(0);
    assert_eq!(record.state, SubmissionState::Shredded);
    assert_eq!(record.destroyed_at, Some(at(99)));
    assert_eq!(record.sealed_until, Some(day("2025-08-20")));
    assert_eq!(record.submission.file, NAME_REMOVED, "a file's name may be a person's");
    assert_eq!(record.findings, personal(), "where it stood is still said");
    assert_eq!(ledger.known_files(&folder).expect("lists").len(), 0);
    let again = ledger.receive(&submission("names", 8), q1()).expect("receives");
    assert_eq!(again, ReceivedAs::AlreadyThere(SubmissionState::Shredded));
}

#[test]
fn the_same_bytes_are_never_kept_longer_for_coming_again() {
    let shelf = Shelf::new();
    let ledger = &shelf.ledger;
    for (return_id, until) in
        [("police-monthly", "2025-08-20"), ("fire", "2025-11-01"), ("wardens", "2025-07-30")]
    {
        receive(ledger, "names", return_id);
        judge(ledger, "names", return_id, SubmissionState::Sealed, until);
    }
    let kept: Vec<String> = ledger
        .sealed()
        .expect("lists")
        .iter()
        .map(|record| record.sealed_until.map(|day| day.to_string()).unwrap_or_default())
        .collect();
    assert_eq!(kept, ["2025-08-20", "2025-08-20", "2025-07-30"]);
    assert_eq!(hashes(&ledger.past_retention(day("2025-07-31")).expect("lists")), 1);
}

#[test]
fn bytes_that_another_return_needs_are_neither_sealed_nor_destroyed() {
    let shelf = Shelf::new();
    let ledger = &shelf.ledger;
    receive(ledger, "file", "police-monthly");
    receive(ledger, "file", "fire");
    judge(ledger, "file", "fire", SubmissionState::Sealed, "2025-08-20");
    assert_eq!(hashes(&ledger.to_seal().expect("lists")), 0, "the other is not judged yet");
    judge(ledger, "file", "police-monthly", SubmissionState::Accepted, "");
    assert_eq!(hashes(&ledger.to_seal().expect("lists")), 0);
    assert_eq!(hashes(&ledger.past_retention(day("2099-01-01")).expect("lists")), 0);
    insta::assert_snapshot!(said(ledger.note_destroyed(&key("file").hash, at(9))), @"could not note that a submission was destroyed: the same bytes are accepted, or are to be judged");
}

#[test]
fn a_refused_submission_can_be_destroyed_and_takes_its_findings_along() {
    let shelf = Shelf::new();
    let ledger = &shelf.ledger;
    receive(ledger, "wrong", "police-monthly");
    judge(ledger, "wrong", "police-monthly", SubmissionState::Refused, "");
    ledger.note_destroyed(&key("wrong").hash, at(9)).expect("notes");
    let digits = &key("wrong").hash.to_string()[..10];
    let record = ledger.submissions_like(digits).expect("lists").remove(0);
    assert_eq!((record.state, record.findings), (SubmissionState::Shredded, vec![]));
    assert_eq!(ledger.submissions_like("%").expect("lists"), vec![]);
}

#[test]
fn sealing_needs_a_last_day() {
    let shelf = Shelf::new();
    receive(&shelf.ledger, "names", "police-monthly");
    let mut judgement = judged("names", SubmissionState::Sealed, &[]);
    judgement.sealed_until = None;
    insta::assert_snapshot!(said(shelf.ledger.judge(&judgement)), @"could not keep what became of a submission: a sealed submission needs a last day on which it is kept");
}

#[test]
fn a_ledger_of_an_older_format_keeps_its_rows_and_their_findings() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("ledger.sqlite");
    let old = Connection::open(&path).expect("opens");
    for step in [
        include_str!("../../migrations/0001_first.sql"),
        include_str!("../../migrations/0002_findings.sql"),
        "INSERT INTO submissions VALUES
            (7, 'ab', 'police', '2025-26Q1', 'kent', 'folder', 'a.xlsx', '2025-07-21T08:00:00.000000000Z', 9,
             'accepted', '2025-26Q1', 3, '2025-07-21T08:00:00.000000000Z', 1, 1),
            (9, 'cd', 'police', '2025-26Q1', 'kent', 'folder', 'b.xlsx', '2025-07-21T08:00:00.000000000Z', 9,
             'shredded', NULL, 0, '2025-07-21T08:00:00.000000000Z', NULL, 0);
         INSERT INTO findings VALUES (9, 0, 'error', 'personal-data', 'S', 'B3', 'names', NULL, 'B4', NULL);
         PRAGMA application_id = 1363430471; PRAGMA user_version = 2;",
    ] {
        old.execute_batch(step).expect("runs");
    }
    drop(old);
    let ledger = Ledger::open(&path).expect("opens and is brought up to date");
    let rows = ledger.submissions(&SubmissionFilter::default()).expect("lists");
    let told: Vec<String> = rows
        .iter()
        .map(|row| {
            let place = row.findings.first().map(|found| found.place.to_string());
            format!("{} {} {:?} {place:?}", row.submission.file, row.state.as_str(), row.sequence)
        })
        .collect();
    assert_eq!(told, ["a.xlsx accepted Some(1) None", "b.xlsx shredded None Some(\"S!B3\")"]);
    assert_eq!(ledger.check().expect("checks"), Vec::<String>::new(), "every reference holds");
    receive(&ledger, "names", "police-monthly");
    judge(&ledger, "names", "police-monthly", SubmissionState::Sealed, "2025-08-20");
}
