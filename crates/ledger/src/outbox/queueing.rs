//! Messages into the outbox, and out of it again before they were sent.

use jiff::Timestamp;
use model::{EditionId, MessageId};
use rusqlite::{Connection, params};

use super::parts;
use super::{MessageState, OutboxMessage, Readdressed, masked};
use crate::EditionRecord;
use crate::error::{Fault, refused};
use crate::stored::{text, time};

/// Cancels what earlier editions of the same report and period have not sent: nobody is to get
/// figures that have been made anew. What has begun to be handed over is left to be settled.
pub(crate) fn cancel_superseded(
    db: &Connection,
    newer: &EditionRecord,
    at: Timestamp,
) -> Result<(), Fault> {
    db.prepare_cached(
        "UPDATE outbox SET state = 'cancelled', claimed = 0, changed_at = ?4, retry_at = NULL,
                last_reply = 'superseded by edition ' || ?3
         WHERE state IN ('planned', 'approved', 'deferred') AND edition IN
             (SELECT edition_id FROM editions
              WHERE report = ?1 AND period = ?2 AND edition_id <> ?3)",
    )?
    .execute(params![
        newer.report,
        text(newer.period),
        newer.edition_id.as_str(),
        time(at)
    ])?;
    Ok(())
}

/// Queues a message about an edition.
pub(crate) fn queue(
    db: &Connection,
    message: &OutboxMessage,
    state: MessageState,
    at: Timestamp,
) -> Result<(), Fault> {
    let kept = parts::put_by(db, &message.mime)?;
    queue_kept(db, message, &kept, state, at)
}

/// Queues a message about an edition, whose bytes are given as they are kept.
pub(crate) fn queue_kept(
    db: &Connection,
    message: &OutboxMessage,
    kept: &[u8],
    state: MessageState,
    at: Timestamp,
) -> Result<(), Fault> {
    if insert(db, (message, kept), None, state, at)? {
        return Ok(());
    }
    let edition = message.edition.as_ref().map_or("no edition", EditionId::as_str);
    refused(format!(
        "a message of edition {edition} to {} is queued already",
        masked(&message.recipient)
    ))
}

/// Queues a letter that answers a submission, by its row number. One that is there already stays
/// as it is: the same judgement of the same submission is never said twice.
pub(crate) fn queue_letter(
    db: &Connection,
    letter: &OutboxMessage,
    submission: i64,
    at: Timestamp,
) -> Result<(), Fault> {
    let kept = parts::put_by(db, &letter.mime)?;
    insert(db, (letter, &kept), Some(submission), MessageState::Approved, at)?;
    Ok(())
}

/// Queues a notice to the operator. One that is there already stays as it is: the same failure is
/// told once. Says whether it is new.
pub(crate) fn queue_notice(
    db: &Connection,
    notice: &OutboxMessage,
    at: Timestamp,
) -> Result<bool, Fault> {
    let kept = parts::put_by(db, &notice.mime)?;
    insert(db, (notice, &kept), None, MessageState::Approved, at)
}

/// Cancels what has not been sent of an edition that is taken back.
pub(crate) fn cancel_withdrawn(
    db: &Connection,
    edition: &EditionId,
    at: Timestamp,
) -> Result<usize, Fault> {
    let cancelled = db
        .prepare_cached(
            "UPDATE outbox SET state = 'cancelled', claimed = 0, changed_at = ?2, retry_at = NULL,
                    last_reply = 'the edition was withdrawn'
             WHERE kind = 'report' AND edition = ?1
                   AND state IN ('planned', 'approved', 'deferred')",
        )?
        .execute(params![edition.as_str(), time(at)])?;
    Ok(cancelled)
}

/// Queues the same message to another address.
pub(super) fn queue_in_place(
    db: &Connection,
    old: &MessageId,
    new: &Readdressed,
    at: Timestamp,
) -> Result<(), Fault> {
    let kept = parts::put_by(db, &new.mime)?;
    let queued = db
        .prepare_cached(
            "INSERT INTO outbox
                 (message_id, kind, edition, submission, recipient, mime, sha256, state, queued_at,
                  changed_at, partner, period)
             SELECT ?2, kind, edition, submission, ?3, ?4, ?5, 'approved', ?6, ?6, partner, period
             FROM outbox WHERE message_id = ?1 ON CONFLICT DO NOTHING",
        )?
        .execute(params![
            old.as_str(),
            new.message_id.as_str(),
            new.recipient,
            kept,
            new.sha256,
            time(at)
        ])?;
    if queued == 1 {
        return Ok(());
    }
    refused(format!("a message of the same to {} is queued already", masked(&new.recipient)))
}

/// Whether the message is new.
fn insert(
    db: &Connection,
    (message, kept): (&OutboxMessage, &[u8]),
    submission: Option<i64>,
    state: MessageState,
    at: Timestamp,
) -> Result<bool, Fault> {
    let OutboxMessage { message_id, kind, edition, reminds, recipient, mime: _, sha256 } = message;
    let queued = db
        .prepare_cached(
            "INSERT INTO outbox
                 (message_id, kind, edition, submission, recipient, mime, sha256, state, queued_at,
                  changed_at, partner, period)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?9, ?10, ?11) ON CONFLICT DO NOTHING",
        )?
        .execute(params![
            message_id.as_str(),
            kind.as_str(),
            edition.as_ref().map(EditionId::as_str),
            submission,
            recipient,
            kept,
            sha256,
            state.as_str(),
            time(at),
            reminds.as_ref().map(|it| it.partner.as_str()),
            reminds.as_ref().map(|it| text(it.period))
        ])?;
    Ok(queued == 1)
}
