//! The outbox, crashes included.

use model::EditionId;

use super::*;

#[test]
fn nothing_goes_out_before_the_edition_is_released_as_it_was_seen() {
    let shelf = Shelf::new();
    let ledger = &shelf.ledger;
    issued(ledger, Release::WhenReleased, &["chair"]);
    let id = EditionId::new("2025-26-Q1-01");
    assert_eq!(claimed(ledger, 5), "");
    insta::assert_snapshot!(said(ledger.release_edition(&id, "other", "looked at", at(5))), @"could not release an edition: edition 2025-26-Q1-01 is not the one that was approved: its content differs");
    assert_eq!(ledger.release_edition(&id, "sha", "looked at", at(6)).expect("releases"), 1);
    assert_eq!(ledger.hold_edition(&id, "a figure is wrong", at(7)).expect("holds"), 1);
    assert_eq!(claimed(ledger, 8), "");
    let held = ledger.edition(&id).expect("reads").expect("there");
    assert_eq!((held.record.state, held.state_at), (EditionState::Held, at(7)));
    assert_eq!(held.why.as_deref(), Some("a figure is wrong"));
    assert_eq!(ledger.release_edition(&id, "sha", "looked at", at(9)).expect("releases"), 1);
    assert_eq!(claimed(ledger, 9), "chair@reports.example try 1");
}

#[test]
fn a_message_is_claimed_once_and_again_only_when_its_time_has_come() {
    let shelf = Shelf::new();
    let ledger = &shelf.ledger;
    issued(ledger, Release::Now, &["clerk", "chair"]);
    assert_eq!(claimed(ledger, 5), "chair@reports.example try 1, clerk@reports.example try 1");
    assert_eq!(claimed(ledger, 5), "");
    settle(ledger, "chair", MessageState::Deferred).expect("before anything was sent");
    assert_eq!(claimed(ledger, 39), "");
    assert_eq!(claimed(ledger, 40), "chair@reports.example try 2");
    // The process dies before it sends anything; the next one frees what it had claimed.
    let next = shelf.again();
    assert_eq!(claimed(&next, 50), "");
    assert_eq!(next.release_claims().expect("frees"), 2);
    assert_eq!(claimed(&next, 50), "chair@reports.example try 2, clerk@reports.example try 1");
}

#[test]
fn what_a_crash_leaves_in_sending_is_shown_and_never_claimed() {
    let shelf = Shelf::new();
    issued(&shelf.ledger, Release::Now, &["chair"]);
    let id = message("chair").message_id;
    insta::assert_snapshot!(said(shelf.ledger.mark_sending(&id, at(4))), @"could not mark a message as being sent: message chair@reports.example is not claimed for sending");
    assert_eq!(claimed(&shelf.ledger, 5), "chair@reports.example try 1");
    shelf.ledger.mark_sending(&id, at(6)).expect("marks");

    let next = shelf.again();
    assert_eq!(next.release_claims().expect("frees"), 0);
    assert_eq!(claimed(&next, 60), "");
    let stuck = next.stuck_sending().expect("lists");
    assert_eq!(stuck.len(), 1);
    assert_eq!((stuck[0].state, stuck[0].changed_at), (MessageState::Sending, at(6)));
    settle(&next, "chair", MessageState::Unknown).expect("settles");
    assert_eq!(claimed(&next, 60), "", "an unknown one is never sent again by itself");
    settle(&next, "chair", MessageState::Accepted).expect("found by looking");
    insta::assert_snapshot!(said(settle(&next, "chair", MessageState::Deferred)), @"could not settle a message: message chair@reports.example is accepted, which cannot become deferred");
    insta::assert_snapshot!(said(next.send_again(&id, at(20))), @"could not let a message be sent again: message chair@reports.example is accepted, which cannot become approved");
    settle(&next, "chair", MessageState::Refused).expect("it came back");
    let history: Vec<_> = next
        .message_history(&id)
        .expect("reads")
        .iter()
        .map(|event| event.state.as_str())
        .collect();
    assert_eq!(history.join(" "), "approved sending unknown accepted refused");
}

#[test]
fn what_was_refused_or_unknown_goes_again_only_when_somebody_says_so() {
    let shelf = Shelf::new();
    let ledger = &shelf.ledger;
    issued(ledger, Release::Now, &["chair", "clerk"]);
    assert_eq!(
        ledger.claim_due(at(5), 1, crate::Claim::All).expect("claims").len(),
        1,
        "at most the limit"
    );
    settle(ledger, "chair", MessageState::Refused).expect("settles");
    insta::assert_snapshot!(said(settle(ledger, "clerk", MessageState::Accepted)), @"could not settle a message: message clerk@reports.example is approved, which cannot become accepted");
    let chair = message("chair").message_id;
    let record = ledger.message(&chair).expect("reads").expect("there");
    assert_eq!(record.last_reply.as_deref(), Some("said refused"));
    ledger.send_again(&chair, at(11)).expect("lets it go");
    ledger.cancel(&message("clerk").message_id, "left the board", at(11)).expect("cancels");
    assert_eq!(claimed(ledger, 12), "chair@reports.example try 2");
    let filter = MessageFilter {
        edition: Some(EditionId::new("2025-26-Q1-01")),
        state: Some(MessageState::Cancelled),
    };
    let cancelled = ledger.messages(&filter).expect("lists");
    assert_eq!(cancelled[0].last_reply.as_deref(), Some("left the board"));
}

#[test]
fn an_address_is_masked_for_printing() {
    assert_eq!(masked("chair@sevenoaks.example"), "c***@sevenoaks.example");
    assert_eq!(masked("Élodie@x.example"), "É***@x.example");
    assert_eq!(masked("not an address"), "***");
}

#[test]
fn a_newer_edition_cancels_what_the_older_one_has_not_sent() {
    let shelf = Shelf::new();
    let ledger = &shelf.ledger;
    issued(ledger, Release::Now, &["chair", "clerk"]);
    assert_eq!(claimed(ledger, 5), "chair@reports.example try 1, clerk@reports.example try 1");
    ledger.mark_sending(&message("chair").message_id, at(6)).expect("marks");
    settle(ledger, "chair", MessageState::Accepted).expect("settles");
    let begun = ledger.begin_run(&start("o4.a1 def")).expect("begins");
    let newer = EditionRecord { state: EditionState::Released, ..edition("2025-26-Q1-02") };
    let queued = OutboxMessage {
        edition: Some(newer.edition_id.clone()),
        message_id: MessageId::new("clerk-again@reports.example"),
        ..message("clerk")
    };
    ledger
        .finish_run(&FinishedRun {
            run_id: &begun.run_id,
            outcome: RunOutcome::Succeeded,
            finished_at: at(20),
            edition: Some(&newer),
            figures: &[],
            success: &[],
            messages: &[queued].into_iter().collect(),
            release: Release::Now,
        })
        .expect("finishes");
    let state = |id: &str| {
        let found = ledger.message(&MessageId::new(id)).expect("reads").expect("there");
        (found.state, found.last_reply)
    };
    assert_eq!(state("chair@reports.example").0, MessageState::Accepted);
    let superseded = Some("superseded by edition 2025-26-Q1-02".to_owned());
    assert_eq!(state("clerk@reports.example"), (MessageState::Cancelled, superseded));
    assert_eq!(claimed(ledger, 21), "clerk-again@reports.example try 1");
}

fn letter(name: &str) -> OutboxMessage {
    OutboxMessage { kind: MessageKind::Receipt, edition: None, ..message(name) }
}

#[test]
fn a_letter_is_queued_with_the_judgement_and_never_twice() {
    let shelf = Shelf::new();
    let ledger = &shelf.ledger;
    ledger.receive(&submission("a", 0), q1()).expect("receives");
    let receipt = letter("partner");
    let judgement =
        Judgement { letter: Some(&receipt), ..judged("a", SubmissionState::Accepted, &[]) };
    ledger.judge(&judgement).expect("judges");
    ledger.judge(&judgement).expect("judges it once more, the same way");
    let messages = ledger.messages(&MessageFilter::default()).expect("lists");
    let shown: Vec<_> = messages
        .iter()
        .map(|message| (message.kind.as_str(), message.state.as_str(), &message.edition))
        .collect();
    assert_eq!(shown, [("receipt", "approved", &None)]);
    assert_eq!(messages[0].answers, Some(judgement.key.clone()));
    assert_eq!(claimed(ledger, 60), "partner@reports.example try 1");
    // What cannot be judged queues nothing.
    let other = letter("other");
    let unknown = Judgement { letter: Some(&other), ..judged("b", SubmissionState::Accepted, &[]) };
    ledger.judge(&unknown).expect_err("never received");
    assert_eq!(ledger.messages(&MessageFilter::default()).expect("lists").len(), 1);
}

#[test]
fn a_letter_without_a_submission_or_with_an_edition_is_refused() {
    let shelf = Shelf::new();
    let ledger = &shelf.ledger;
    ledger.receive(&submission("a", 0), q1()).expect("receives");
    let odd = OutboxMessage { kind: MessageKind::Report, ..letter("partner") };
    ledger
        .judge(&Judgement { letter: Some(&odd), ..judged("a", SubmissionState::Accepted, &[]) })
        .expect_err("a report");
    assert!(ledger.messages(&MessageFilter::default()).expect("lists").is_empty());
}

#[test]
fn old_bytes_are_dropped_and_what_became_of_them_is_kept() {
    let shelf = Shelf::new();
    let ledger = &shelf.ledger;
    issued(ledger, Release::Now, &["chair", "lead"]);
    let claimed = ledger.claim_due(at(5), 1, crate::Claim::All).expect("claims");
    let sent = &claimed[0].message.message_id;
    ledger.mark_sending(sent, at(5)).expect("marks");
    let state = MessageState::Accepted;
    let settlement = Settlement { state, reply: "250 ok".to_owned(), at: at(6), retry_at: None };
    ledger.settle(sent, &settlement).expect("settles");
    assert_eq!(ledger.drop_message_bytes(at(6)).expect("looks"), 0, "not before its time");
    assert_eq!(ledger.drop_message_bytes(at(7)).expect("drops"), 1, "not what waits");
    assert_eq!(ledger.message_bytes(sent).expect("looks"), Some(Vec::new()));
    assert_eq!(ledger.message(sent).expect("looks").expect("is there").state, state);
    ledger.make_smaller().expect("is made smaller");
    assert!(!ledger.has_message_bytes(sent).expect("looks"));
    let history = ledger.message_history(sent).expect("looks");
    assert_eq!(history.len(), 1, "the last: {history:?}");
    assert_eq!((history[0].state, history[0].reply.as_deref()), (state, Some("250 ok")));
}
