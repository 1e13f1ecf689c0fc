//! What arrives, how it is judged, and how it gets into the lake.

use model::{CellAddress, Finding, Place, ReturnId, Severity, SubmissionState};

use super::*;

#[test]
fn the_same_bytes_for_the_same_return_and_period_are_one_submission() {
    let shelf = Shelf::new();
    let receive = |content, minutes, period| {
        shelf.ledger.receive(&submission(content, minutes), period).expect("receives")
    };
    assert_eq!(receive("b", 5, q1()), ReceivedAs::New);
    assert_eq!(receive("a", 4, q1()), ReceivedAs::New);
    let again = ReceivedAs::AlreadyThere(SubmissionState::Received);
    assert_eq!(receive("b", 9, q1()), again);
    assert_eq!(receive("b", 9, q1().shifted(3)), ReceivedAs::New);
    let waiting: Vec<_> = shelf
        .ledger
        .to_judge()
        .expect("lists")
        .into_iter()
        .map(|(submission, period)| format!("{} {period}", submission.file))
        .collect();
    assert_eq!(waiting.join(", "), "a.xlsx 2025-26Q1, b.xlsx 2025-26Q1, b.xlsx 2025-26Q2");
}

#[test]
fn a_judgement_is_kept_with_its_findings_and_its_place() {
    let shelf = Shelf::new();
    let ledger = &shelf.ledger;
    for (content, minutes) in [("a", 1), ("b", 2), ("c", 3)] {
        ledger.receive(&submission(content, minutes), q1()).expect("receives");
    }
    let findings = [
        Finding::new(
            Severity::Error,
            "unknown-area",
            Place::cell("Q1", CellAddress::new(11, 2)),
            "`Nord` is not an area",
        )
        .with_hint("did you mean `North`?"),
        Finding::new(Severity::Repair, "text-number", Place::file(), "numbers kept as text"),
    ];
    assert_eq!(ledger.next_sequence().expect("reads"), 1);
    let judge = |content, state, findings| ledger.judge(&judged(content, state, findings));
    assert_eq!(judge("b", SubmissionState::Accepted, &findings[1..]).expect("judges"), Some(1));
    assert_eq!(judge("a", SubmissionState::Refused, &findings).expect("judges"), None);
    assert_eq!(judge("c", SubmissionState::Accepted, &[]).expect("judges"), Some(2));
    assert_eq!(
        judge("b", SubmissionState::Accepted, &[]).expect("judges"),
        Some(1),
        "keeps its place"
    );
    assert_eq!(ledger.to_judge().expect("lists"), vec![]);

    let all = ledger.submissions(&SubmissionFilter::default()).expect("lists");
    assert_eq!(all[0].submission, submission("a", 1));
    assert_eq!(all[0].findings, findings, "every field, in order");
    assert_eq!(all[0].judged_at, Some(at(30)));
    assert_eq!(all[1].findings, vec![], "the later judgement replaces the findings");
    let other =
        SubmissionFilter { return_id: Some(ReturnId::new("fire-quarterly")), expected: None };
    assert_eq!(ledger.submissions(&other).expect("lists"), vec![]);

    insta::assert_snapshot!(said(judge("x", SubmissionState::Accepted, &[])), @"could not keep what became of a submission: submission 2d711642b726 for police-monthly 2025-26Q1 was never received");
}

#[test]
fn a_lake_commit_and_its_submissions_are_recorded_together_or_not_at_all() {
    let shelf = Shelf::new();
    let ledger = &shelf.ledger;
    for content in ["a", "b", "c"] {
        ledger.receive(&submission(content, 1), q1()).expect("receives");
    }
    for content in ["b", "a"] {
        ledger.judge(&judged(content, SubmissionState::Accepted, &[])).expect("judges");
    }
    let waiting = || -> String {
        let rows = ledger.accepted_not_in_lake().expect("lists");
        rows.iter().map(|row| row.submission.file.as_str()).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(waiting(), "b.xlsx a.xlsx");
    // `c` was never accepted: nothing at all is recorded.
    let mixed = ledger.record_commits(&[commit(1)], &[key("a"), key("c")], at(40));
    insta::assert_snapshot!(said(mixed), @"could not record a lake commit: submission 2e7d2c03a950 for police-monthly 2025-26Q1 is not an accepted one");
    assert_eq!(ledger.commits().expect("lists"), vec![]);
    assert_eq!(waiting(), "b.xlsx a.xlsx");
    for _ in 0..2 {
        ledger.record_commits(&[commit(1)], &[key("a")], at(40)).expect("records");
        assert_eq!(ledger.commits().expect("lists"), vec![commit(1)]);
        assert_eq!(waiting(), "b.xlsx");
    }
    let mut forged = commit(1);
    forged.rows = 8;
    insta::assert_snapshot!(said(ledger.record_commits(&[forged], &[], at(41))), @"could not record a lake commit: version 1 of the lake table `observations` is on record with other content");
    let rejudged = ledger.judge(&judged("a", SubmissionState::Refused, &[]));
    insta::assert_snapshot!(said(rejudged), @"could not keep what became of a submission: it is in the lake, so it stays accepted");
}

#[test]
fn waivers_say_why_and_the_newer_reason_holds() {
    let shelf = Shelf::new();
    let fire = ReturnId::new("fire-quarterly");
    shelf.ledger.waive(&fire, q1(), "strike", at(1)).expect("waives");
    shelf.ledger.waive(&fire, q1(), "new system", at(2)).expect("waives");
    let waiver =
        Waiver { return_id: fire, period: q1(), why: "new system".to_owned(), waived_at: at(2) };
    assert_eq!(shelf.ledger.waivers().expect("lists"), vec![waiver]);
}

#[test]
fn bytes_that_a_later_submission_replaced_are_told_apart_when_they_come_again() {
    let shelf = Shelf::new();
    let ledger = &shelf.ledger;
    for (content, minutes) in [("first", 1), ("corrected", 2)] {
        ledger.receive(&submission(content, minutes), q1()).expect("receives");
        ledger.judge(&judged(content, SubmissionState::Accepted, &[])).expect("judges");
    }
    let again = |content| ledger.receive(&submission(content, 9), q1()).expect("receives");
    assert_eq!(again("first"), ReceivedAs::Replaced);
    assert_eq!(again("corrected"), ReceivedAs::AlreadyThere(SubmissionState::Accepted));
    assert_eq!(ledger.to_judge().expect("lists"), [], "going back is never guessed");
}
