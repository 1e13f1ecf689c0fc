//! Reminders: of which return, how far into the chase, in which message.

use jiff::Timestamp;
use model::{MessageId, Period, ReturnId};
use rusqlite::{Row, params};

use crate::outbox::{self, MessageState, OutboxMessage};
use crate::stored::{key, parsed, text, time, word};
use crate::{Ledger, LedgerError};

/// A return in a reminder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReminderStage {
    /// The return.
    pub return_id: ReturnId,
    /// For which period.
    pub period: Period,
    /// Which of the days of the chase, from 1.
    pub stage: i64,
}

/// A reminder on record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReminderRecord {
    /// What it reminded of.
    pub stage: ReminderStage,
    /// The message.
    pub message_id: MessageId,
    /// When it was queued.
    pub queued_at: Timestamp,
    /// Where the message is.
    pub state: MessageState,
}

impl Ledger {
    /// Queues a reminder with all it reminds of, and the copy of it for whoever leads, in one transaction.
    pub fn queue_reminder(
        &self,
        messages: &[OutboxMessage],
        stages: &[ReminderStage],
        at: Timestamp,
    ) -> Result<(), LedgerError> {
        self.writing("queue a reminder", |tx| {
            for message in messages {
                outbox::queue_notice(tx, message, at)?;
            }
            let Some(first) = messages.first() else { return Ok(()) };
            for ReminderStage { return_id, period, stage } in stages {
                tx.prepare_cached(
                    "INSERT INTO reminders VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO NOTHING",
                )?
                .execute(params![
                    return_id.as_str(),
                    text(*period),
                    stage,
                    first.message_id.as_str(),
                    time(at)
                ])?;
            }
            Ok(())
        })
    }

    /// Every reminder about a period, oldest first.
    pub fn reminders(&self, period: Period) -> Result<Vec<ReminderRecord>, LedgerError> {
        self.doing("list reminders", |db| {
            let rows = db
                .prepare_cached(
                    "SELECT reminders.*, outbox.state AS state
                     FROM reminders JOIN outbox USING (message_id) WHERE reminders.period = ?1
                     ORDER BY reminders.queued_at, return_id, stage",
                )?
                .query_map([text(period)], record)?
                .collect::<rusqlite::Result<_>>()?;
            Ok(rows)
        })
    }
}

fn record(row: &Row<'_>) -> rusqlite::Result<ReminderRecord> {
    Ok(ReminderRecord {
        stage: ReminderStage {
            return_id: key(row, "return_id")?,
            period: parsed(row, "period")?,
            stage: row.get("stage")?,
        },
        message_id: key(row, "message_id")?,
        queued_at: parsed(row, "queued_at")?,
        state: word(row, "state", &MessageState::ALL, MessageState::as_str)?,
    })
}
