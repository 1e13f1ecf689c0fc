//! Runs, and what becomes true when they end.

use std::collections::BTreeMap;

use model::{EditionId, JobId, MessageId, RunId};

use super::*;

#[test]
fn a_run_that_never_finished_is_taken_up_under_its_id() {
    let shelf = Shelf::new();
    let begin = |ledger: &Ledger, key: &str| {
        let begun = ledger.begin_run(&start(key)).expect("begins");
        format!("{} {}", begun.run_id, begun.taken_up_again)
    };
    assert_eq!(begin(&shelf.ledger, "o1"), "quarterly-monitoring-2025-26-Q1-01 false");
    let first = RunId::new("quarterly-monitoring-2025-26-Q1-01");
    shelf.ledger.note_run_failure(&first, at(1), "the disk was full").expect("notes");
    let after_crash = shelf.again();
    assert_eq!(begin(&after_crash, "o1"), "quarterly-monitoring-2025-26-Q1-01 true");
    assert_eq!(begin(&after_crash, "o2"), "quarterly-monitoring-2025-26-Q1-02 false");
    let run = after_crash.run(&first).expect("reads").expect("there");
    assert_eq!(run.failure.expect("noted").why, "the disk was full");
    assert_eq!(run.outcome, None);
    assert_eq!(run.resumed_at, Some(at(0)));
}

#[test]
fn finishing_a_run_makes_everything_true_together() {
    let shelf = Shelf::new();
    let ledger = &shelf.ledger;
    assert_eq!(ledger.next_edition_id(q1()).expect("numbers").as_str(), "2025-26-Q1-01");
    let run_id = issued(ledger, Release::WhenReleased, &["clerk", "chair"]);
    assert_eq!(ledger.next_edition_id(q1()).expect("numbers").as_str(), "2025-26-Q1-02");

    let job = JobId::new("quarterly-monitoring");
    let run = ledger.finished_run_with_key(&job, q1(), "o3.a1 def").expect("reads").expect("there");
    assert_eq!((run.run_id.clone(), run.outcome), (run_id.clone(), Some(RunOutcome::Succeeded)));
    assert_eq!(run.edition, Some(EditionId::new("2025-26-Q1-01")));
    assert_eq!(ledger.finished_run_with_key(&job, q1(), "other").expect("reads"), None);
    assert_eq!(ledger.last_run(&job, q1()).expect("reads"), Some(run.clone()));
    assert_eq!(ledger.runs(5).expect("lists"), vec![run.clone()]);
    assert_eq!(ledger.last_runs().expect("lists"), vec![run]);
    let id = EditionId::new("2025-26-Q1-01");
    assert_eq!(
        ledger.edition(&id).expect("reads").expect("there").record,
        edition("2025-26-Q1-01")
    );
    assert_eq!(ledger.published_figures(&id).expect("lists"), vec![figure("1,234")]);
    let counts = BTreeMap::from([(MessageState::Planned, 2)]);
    assert_eq!(ledger.message_counts().expect("counts"), counts);
    let bytes = ledger.message_bytes(&message("chair").message_id).expect("reads");
    assert_eq!(bytes, Some(message("chair").mime));

    // The same person twice for one edition: nothing of the second run becomes true.
    let second = ledger.begin_run(&start("o4.a1 def")).expect("begins").run_id;
    let mut twice = message("chair");
    twice.message_id = MessageId::new("another@reports.example");
    let finished = FinishedRun {
        run_id: &second,
        outcome: RunOutcome::Succeeded,
        finished_at: at(3),
        edition: Some(&edition("2025-26-Q1-02")),
        figures: &[],
        success: &[],
        messages: &[twice].into_iter().collect(),
        release: Release::Now,
    };
    insta::assert_snapshot!(said(ledger.finish_run(&finished)), @"could not finish a run: a message of edition 2025-26-Q1-01 to c***@sevenoaks.example is queued already");
    assert_eq!(ledger.editions().expect("lists").len(), 1);
    assert_eq!(ledger.run(&second).expect("reads").expect("there").outcome, None);

    let again = FinishedRun { run_id: &run_id, messages: &Batch::default(), ..finished };
    insta::assert_snapshot!(said(ledger.finish_run(&again)), @"could not finish a run: run quarterly-monitoring-2025-26-Q1-01 has finished already");
}
