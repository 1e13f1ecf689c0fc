//! The outbox: finished bytes for one recipient each, and what is known of where they are.
//!
//! `sending` is committed just before the first byte that cannot be taken back. Whatever is left
//! in it by a crash is neither lost nor sent twice: it is settled by looking, or shown as unknown.

mod kinds;
mod many;
mod parts;
mod queueing;

use std::collections::BTreeMap;

use jiff::Timestamp;
use model::{EditionId, MessageId, PartnerId, Period};
use rusqlite::{Connection, OptionalExtension, Row, params};

use crate::error::{Fault, refused};
use crate::stored::{key, parsed, parsed_if_any, time, word};
use crate::submissions::SubmissionKey;
use crate::{Ledger, LedgerError};

pub use kinds::{MessageKind, MessageState};
pub use parts::Batch;
pub(crate) use parts::put_by_shared;
pub(crate) use queueing::{
    cancel_superseded, cancel_withdrawn, queue, queue_kept, queue_letter, queue_notice,
};

/// What a reminder is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ReminderOf {
    /// The partner that owes something.
    pub partner: PartnerId,
    /// For which period.
    pub period: Period,
}

/// A message to queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutboxMessage {
    /// Its `Message-ID`; the same run (or judgement) and recipient give the same one.
    pub message_id: MessageId,
    /// What it is.
    pub kind: MessageKind,
    /// The edition it carries, asks to let out or takes back; none for letters and notices.
    pub edition: Option<EditionId>,
    /// Whom a reminder reminds, and of what; only of reminders.
    pub reminds: Option<ReminderOf>,
    /// The one recipient's address.
    pub recipient: String,
    /// The finished message. A retry sends these bytes and no others.
    pub mime: Vec<u8>,
    /// SHA-256 of `mime` in lower-case hexadecimal.
    pub sha256: String,
}

/// Which messages are claimed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Claim {
    /// All that may be sent.
    All,
    /// Only notices to the operator: the others wait until people are at work.
    NoticesOnly,
}

/// A message to send now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClaimedMessage {
    /// The message.
    pub message: OutboxMessage,
    /// Which try this is, from 1.
    pub attempt: i64,
    /// When it was queued: retries end some days later.
    pub queued_at: Timestamp,
}

/// What became of a try.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settlement {
    /// `Accepted`, `Deferred`, `Refused` or `Unknown`.
    pub state: MessageState,
    /// What the server said, or why nothing is known. No addresses, no secrets.
    pub reply: String,
    /// When.
    pub at: Timestamp,
    /// When to try again; only with `Deferred`, and then at once if absent.
    pub retry_at: Option<Timestamp>,
}

/// A message that takes the place of one to an address its recipient no longer has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Readdressed {
    /// Its `Message-ID`.
    pub message_id: MessageId,
    /// The recipient's address now.
    pub recipient: String,
    /// The finished message.
    pub mime: Vec<u8>,
    /// SHA-256 of `mime` in lower-case hexadecimal.
    pub sha256: String,
}

/// A message on record, without its bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageRecord {
    /// Its `Message-ID`.
    pub message_id: MessageId,
    /// What it is.
    pub kind: MessageKind,
    /// The edition it carries or takes back.
    pub edition: Option<EditionId>,
    /// The submission it answers, if it is a letter.
    pub answers: Option<SubmissionKey>,
    /// Whom it reminds, and of what, if it is a reminder.
    pub reminds: Option<ReminderOf>,
    /// The recipient's address; print [`masked`] instead.
    pub recipient: String,
    /// SHA-256 of its bytes.
    pub sha256: String,
    /// Where it is.
    pub state: MessageState,
    /// How often it was tried.
    pub attempts: i64,
    /// When it was queued.
    pub queued_at: Timestamp,
    /// When it came into its state.
    pub changed_at: Timestamp,
    /// When it is to be tried again.
    pub retry_at: Option<Timestamp>,
    /// What was last said about it.
    pub last_reply: Option<String>,
}

/// A state a message was in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageEvent {
    /// Since when.
    pub at: Timestamp,
    /// The state.
    pub state: MessageState,
    /// What was last said when it came into it.
    pub reply: Option<String>,
}

/// Which messages are wanted; what is not said is not asked.
#[derive(Clone, Debug, Default)]
pub struct MessageFilter {
    /// Only this edition's.
    pub edition: Option<EditionId>,
    /// Only in this state.
    pub state: Option<MessageState>,
}

/// An address that may be printed: `c***@sevenoaks.example`.
pub fn masked(address: &str) -> String {
    match address.rsplit_once('@') {
        Some((local, domain)) => {
            let first: String = local.chars().take(1).collect();
            format!("{first}***@{domain}")
        }
        None => "***".to_owned(),
    }
}

impl Ledger {
    /// Claims messages to send: approved ones, and deferred ones whose time has come; at most
    /// `limit`, longest queued first. A claimed message is not claimed again until it is settled
    /// or [`Ledger::release_claims`] is called.
    pub fn claim_due(
        &self,
        now: Timestamp,
        limit: u32,
        which: Claim,
    ) -> Result<Vec<ClaimedMessage>, LedgerError> {
        self.writing("claim messages to send", |tx| {
            let mut claimed: Vec<ClaimedMessage> = tx
                .prepare_cached(
                    "UPDATE outbox SET claimed = 1, attempts = attempts + 1
                     WHERE message_id IN (
                         SELECT message_id FROM outbox
                         WHERE claimed = 0 AND (state = 'approved'
                             OR (state = 'deferred' AND coalesce(retry_at, '') <= ?1))
                             AND (kind = 'notice' OR NOT ?3)
                         ORDER BY queued_at, message_id LIMIT ?2)
                     RETURNING *",
                )?
                .query_map(params![time(now), limit, which == Claim::NoticesOnly], |row| {
                    Ok(ClaimedMessage {
                        message: message(row)?,
                        attempt: row.get("attempts")?,
                        queued_at: parsed(row, "queued_at")?,
                    })
                })?
                .collect::<rusqlite::Result<_>>()?;
            for claimed in &mut claimed {
                let kept = std::mem::take(&mut claimed.message.mime);
                claimed.message.mime = parts::put_together(tx, kept)?;
            }
            // RETURNING gives rows in no particular order.
            claimed.sort_by(|a, b| {
                (a.queued_at, &a.message.message_id).cmp(&(b.queued_at, &b.message.message_id))
            });
            Ok(claimed)
        })
    }

    /// Frees messages that were claimed and never handed over: for the start of the one process
    /// that sends, whose predecessor may have crashed, or when the mail server cannot be reached.
    /// What was not handed over was no attempt. Returns how many.
    pub fn release_claims(&self) -> Result<usize, LedgerError> {
        self.writing("release claimed messages", |tx| {
            let freed = tx
                .prepare_cached(
                    "UPDATE outbox SET claimed = 0, attempts = attempts - 1
                     WHERE claimed = 1 AND state IN ('approved', 'deferred')",
                )?
                .execute([])?;
            Ok(freed)
        })
    }

    /// Notes that handing over begins. Must have returned before the first byte is sent that
    /// cannot be taken back.
    ///
    /// # Errors
    /// Refused when the message was not claimed, or is no longer approved or deferred.
    pub fn mark_sending(&self, id: &MessageId, now: Timestamp) -> Result<(), LedgerError> {
        self.writing("mark a message as being sent", |tx| {
            let marked = tx
                .prepare_cached(
                    "UPDATE outbox SET state = 'sending', changed_at = ?2, retry_at = NULL
                     WHERE message_id = ?1 AND claimed = 1 AND state IN ('approved', 'deferred')",
                )?
                .execute(params![id.as_str(), time(now)])?;
            match marked {
                1 => Ok(()),
                _ => refused(format!("message {id} is not claimed for sending")),
            }
        })
    }

    /// Keeps what became of a try, or what was found out later about an unknown one.
    ///
    /// # Errors
    /// Refused when there is no such message, or its state cannot become the one given (what was
    /// accepted stays accepted, unless it came back).
    pub fn settle(&self, id: &MessageId, settlement: &Settlement) -> Result<(), LedgerError> {
        self.writing("settle a message", |tx| {
            if !matches!(
                settlement.state,
                MessageState::Accepted
                    | MessageState::Deferred
                    | MessageState::Refused
                    | MessageState::Unknown
            ) {
                return refused(format!(
                    "`{}` is not what can become of a try",
                    settlement.state.as_str()
                ));
            }
            let reply = Some(settlement.reply.as_str());
            change(tx, id, settlement.state, reply, settlement.at)?;
            tx.prepare_cached("UPDATE outbox SET retry_at = ?2 WHERE message_id = ?1")?
                .execute(params![id.as_str(), settlement.retry_at.map(time)])?;
            Ok(())
        })
    }

    /// Lets a deferred, refused or unknown message be sent (again) now: a person's decision.
    pub fn send_again(&self, id: &MessageId, at: Timestamp) -> Result<(), LedgerError> {
        self.writing("let a message be sent again", |tx| {
            if !has_bytes(tx, id)? {
                return refused(format!(
                    "the bytes of message {id} are not kept any more: it is too old"
                ));
            }
            change(tx, id, MessageState::Approved, None, at)?;
            // Its days of patience begin anew.
            tx.prepare_cached("UPDATE outbox SET queued_at = ?2 WHERE message_id = ?1")?
                .execute(params![id.as_str(), time(at)])?;
            Ok(())
        })
    }

    /// Puts the same message to another address in the place of one that was not sent: that one is cancelled, this
    /// one may be sent.
    ///
    /// # Errors
    /// Refused when the other may have been sent, or the edition has a message to this address already.
    pub fn readdress(
        &self,
        old: &MessageId,
        new: &Readdressed,
        at: Timestamp,
    ) -> Result<(), LedgerError> {
        self.writing("send a message to another address", |tx| {
            let why = format!("goes to {} instead", masked(&new.recipient));
            change(tx, old, MessageState::Cancelled, Some(&why), at)?;
            queueing::queue_in_place(tx, old, new, at)
        })
    }

    /// Decides that a message will not be sent.
    pub fn cancel(&self, id: &MessageId, why: &str, at: Timestamp) -> Result<(), LedgerError> {
        self.writing("cancel a message", |tx| {
            change(tx, id, MessageState::Cancelled, Some(why), at)
        })
    }

    /// Messages whose handing over had begun and was never settled: left by a crash.
    pub fn stuck_sending(&self) -> Result<Vec<MessageRecord>, LedgerError> {
        self.messages(&MessageFilter { edition: None, state: Some(MessageState::Sending) })
    }

    /// Messages, longest queued first.
    pub fn messages(&self, filter: &MessageFilter) -> Result<Vec<MessageRecord>, LedgerError> {
        self.doing("list messages", |db| {
            let rows = db
                .prepare_cached(&format!(
                    "{RECORDS}
                     WHERE (?1 IS NULL OR edition = ?1) AND (?2 IS NULL OR outbox.state = ?2)
                     ORDER BY queued_at, message_id"
                ))?
                .query_map(
                    params![
                        filter.edition.as_ref().map(EditionId::as_str),
                        filter.state.map(MessageState::as_str)
                    ],
                    record,
                )?
                .collect::<rusqlite::Result<_>>()?;
            Ok(rows)
        })
    }

    /// One message.
    pub fn message(&self, id: &MessageId) -> Result<Option<MessageRecord>, LedgerError> {
        self.doing("look up a message", |db| Ok(find(db, id)?))
    }

    /// The bytes of a message.
    pub fn message_bytes(&self, id: &MessageId) -> Result<Option<Vec<u8>>, LedgerError> {
        self.doing("read a message", |db| {
            let kept: Option<Vec<u8>> = db
                .prepare_cached("SELECT mime FROM outbox WHERE message_id = ?1")?
                .query_row([id.as_str()], |row| row.get(0))
                .optional()?;
            kept.map(|kept| parts::put_together(db, kept)).transpose()
        })
    }

    /// Whether the bytes of a message are kept still: those of old ones are not.
    pub fn has_message_bytes(&self, id: &MessageId) -> Result<bool, LedgerError> {
        self.doing("look for a message", |db| Ok(has_bytes(db, id)?))
    }

    /// Every state a message was in, oldest first; of an old one, whose bytes are gone, only the last.
    pub fn message_history(&self, id: &MessageId) -> Result<Vec<MessageEvent>, LedgerError> {
        self.doing("read the history of a message", |db| {
            let rows: Vec<MessageEvent> = db
                .prepare_cached("SELECT * FROM outbox_history WHERE message_id = ?1 ORDER BY id")?
                .query_map([id.as_str()], |row| {
                    Ok(MessageEvent {
                        at: parsed(row, "at")?,
                        state: word(row, "state", &MessageState::ALL, MessageState::as_str)?,
                        reply: row.get("reply")?,
                    })
                })?
                .collect::<rusqlite::Result<_>>()?;
            if !rows.is_empty() {
                return Ok(rows);
            }
            let last = find(db, id)?.map(|message| MessageEvent {
                at: message.changed_at,
                state: message.state,
                reply: message.last_reply,
            });
            Ok(last.into_iter().collect())
        })
    }

    /// How many messages are in each state; states nothing is in are absent.
    pub fn message_counts(&self) -> Result<BTreeMap<MessageState, i64>, LedgerError> {
        self.doing("count messages", |db| {
            let counts = db
                .prepare_cached("SELECT state, count(*) AS number FROM outbox GROUP BY state")?
                .query_map([], |row| {
                    let state = word(row, "state", &MessageState::ALL, MessageState::as_str)?;
                    Ok((state, row.get("number")?))
                })?
                .collect::<rusqlite::Result<_>>()?;
            Ok(counts)
        })
    }
}

fn has_bytes(db: &Connection, id: &MessageId) -> rusqlite::Result<bool> {
    let length: i64 = db
        .prepare_cached("SELECT coalesce(max(length(mime)), 1) FROM outbox WHERE message_id = ?1")?
        .query_row([id.as_str()], |row| row.get(0))?;
    Ok(length > 0)
}

fn change(
    db: &Connection,
    id: &MessageId,
    next: MessageState,
    reply: Option<&str>,
    at: Timestamp,
) -> Result<(), Fault> {
    let Some(known) = find(db, id)? else {
        return refused(format!("there is no message {id}"));
    };
    if !known.state.may_become(next) {
        return refused(format!(
            "message {id} is {}, which cannot become {}",
            known.state.as_str(),
            next.as_str()
        ));
    }
    // What was cancelled before it was handed over was no attempt.
    db.prepare_cached(
        "UPDATE outbox SET state = ?2, last_reply = coalesce(?3, last_reply), changed_at = ?4,
             attempts = attempts - (?2 = 'cancelled' AND claimed = 1), claimed = 0, retry_at = NULL
         WHERE message_id = ?1",
    )?
    .execute(params![id.as_str(), next.as_str(), reply, time(at)])?;
    Ok(())
}

fn find(db: &Connection, id: &MessageId) -> rusqlite::Result<Option<MessageRecord>> {
    db.prepare_cached(&format!("{RECORDS} WHERE message_id = ?1"))?
        .query_row([id.as_str()], record)
        .optional()
}

fn message(row: &Row<'_>) -> rusqlite::Result<OutboxMessage> {
    Ok(OutboxMessage {
        message_id: key(row, "message_id")?,
        kind: word(row, "kind", &MessageKind::ALL, MessageKind::as_str)?,
        edition: edition(row)?,
        reminds: reminds(row)?,
        recipient: row.get("recipient")?,
        mime: row.get("mime")?,
        sha256: row.get("sha256")?,
    })
}

/// Messages with the submissions they answer.
const RECORDS: &str =
    "SELECT outbox.*, submissions.hash, submissions.return_id, submissions.expected
     FROM outbox LEFT JOIN submissions ON submissions.id = outbox.submission";

fn edition(row: &Row<'_>) -> rusqlite::Result<Option<EditionId>> {
    let edition: Option<String> = row.get("edition")?;
    Ok(edition.map(EditionId::new))
}

fn reminds(row: &Row<'_>) -> rusqlite::Result<Option<ReminderOf>> {
    let partner: Option<String> = row.get("partner")?;
    match partner {
        Some(partner) => Ok(Some(ReminderOf {
            partner: PartnerId::new(partner),
            period: parsed(row, "period")?,
        })),
        None => Ok(None),
    }
}

fn answers(row: &Row<'_>) -> rusqlite::Result<Option<SubmissionKey>> {
    let submission: Option<i64> = row.get("submission")?;
    if submission.is_none() {
        return Ok(None);
    }
    Ok(Some(SubmissionKey {
        hash: key(row, "hash")?,
        return_id: key(row, "return_id")?,
        expected: parsed(row, "expected")?,
    }))
}

fn record(row: &Row<'_>) -> rusqlite::Result<MessageRecord> {
    Ok(MessageRecord {
        message_id: key(row, "message_id")?,
        kind: word(row, "kind", &MessageKind::ALL, MessageKind::as_str)?,
        edition: edition(row)?,
        answers: answers(row)?,
        reminds: reminds(row)?,
        recipient: row.get("recipient")?,
        sha256: row.get("sha256")?,
        state: word(row, "state", &MessageState::ALL, MessageState::as_str)?,
        attempts: row.get("attempts")?,
        queued_at: parsed(row, "queued_at")?,
        changed_at: parsed(row, "changed_at")?,
        retry_at: parsed_if_any(row, "retry_at")?,
        last_reply: row.get("last_reply")?,
    })
}
