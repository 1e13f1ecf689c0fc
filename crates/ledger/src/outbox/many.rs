//! What is done to many messages at once: counted, given up, distrusted, their old bytes dropped, all of them checked.

use jiff::Timestamp;
use model::SubmissionHash;
use rusqlite::params;

use super::{MessageFilter, parts};
use crate::stored::time;
use crate::{Ledger, LedgerError};

impl Ledger {
    /// How many messages may be sent and have not been: approved, or deferred until now.
    pub fn waiting_to_be_sent(&self, now: Timestamp) -> Result<usize, LedgerError> {
        self.doing("count messages that wait", |db| {
            let waiting: i64 = db
                .prepare_cached(
                    "SELECT count(*) FROM outbox WHERE state = 'approved'
                         OR (state = 'deferred' AND coalesce(retry_at, '') <= ?1)",
                )?
                .query_row([time(now)], |row| row.get(0))?;
            Ok(usize::try_from(waiting).unwrap_or_default())
        })
    }

    /// Refuses what was queued before a moment and never got as far as a mail server; notices to the operator wait
    /// on. Returns how many.
    pub fn give_up_unsent(
        &self,
        queued_before: Timestamp,
        reply: &str,
        at: Timestamp,
    ) -> Result<usize, LedgerError> {
        self.writing("give up messages", |tx| {
            let given_up = tx
                .prepare_cached(
                    "UPDATE outbox SET state = 'refused', claimed = 0, retry_at = NULL,
                         last_reply = ?2, changed_at = ?3
                     WHERE state IN ('approved', 'deferred') AND kind <> 'notice' AND queued_at < ?1",
                )?
                .execute(params![time(queued_before), reply, time(at)])?;
            Ok(given_up)
        })
    }

    /// Makes unknown whatever waited to be sent: for a ledger that is older than what has been sent since. Returns
    /// how many.
    pub fn distrust_unsent(&self, why: &str, at: Timestamp) -> Result<usize, LedgerError> {
        self.writing("distrust messages", |tx| {
            let distrusted = tx
                .prepare_cached(
                    "UPDATE outbox SET state = 'unknown', claimed = 0, retry_at = NULL,
                         last_reply = ?1, changed_at = ?2
                     WHERE state IN ('planned', 'approved', 'deferred', 'sending')",
                )?
                .execute(params![why, time(at)])?;
            Ok(distrusted)
        })
    }

    /// Drops the bytes of messages that came to their end before a moment, and keeps all that is known of them: whom
    /// they were for, what became of them in the end, their hash. Returns how many.
    pub fn drop_message_bytes(&self, ended_before: Timestamp) -> Result<usize, LedgerError> {
        // Nobody's name is in them, and a disk that is nearly full has no room for writing over a year of them.
        self.overwrites_what_it_deletes(false)?;
        let dropped = self.writing("drop old messages", |tx| {
            let dropped: Vec<String> = tx
                .prepare_cached(
                    "UPDATE outbox SET mime = x'' WHERE length(mime) > 0 AND changed_at < ?1
                         AND state IN ('accepted', 'refused', 'cancelled')
                     RETURNING message_id",
                )?
                .query_map([time(ended_before)], |row| row.get(0))?
                .collect::<rusqlite::Result<_>>()?;
            for id in &dropped {
                // What became of it in the end stands with the message.
                tx.prepare_cached("DELETE FROM outbox_history WHERE message_id = ?1")?
                    .execute([id])?;
            }
            if !dropped.is_empty() {
                parts::drop_unused(tx)?;
            }
            Ok(dropped.len())
        });
        self.overwrites_what_it_deletes(true)?;
        dropped
    }

    /// Writes the file anew without the room that was freed in it: pages that hold little are not joined by themselves.
    /// As safe from a crash as any other write; needs the room of a second ledger while it lasts.
    pub fn make_smaller(&self) -> Result<(), LedgerError> {
        self.doing("make the ledger smaller", |db| Ok(db.execute_batch("VACUUM")?))
    }

    /// Whether more than a quarter of the file is room that nothing uses: it was never made smaller after much was
    /// dropped, since there was no room for that, or the power failed.
    pub fn has_much_free_room(&self) -> Result<bool, LedgerError> {
        self.doing("look how much of the ledger is used", |db| {
            let pages = |name: &str| db.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
            Ok(pages("freelist_count")? * 4 > pages("page_count")?)
        })
    }

    /// How many refused messages could be sent again: their bytes are kept still.
    pub fn refused_kept(&self) -> Result<i64, LedgerError> {
        self.doing("count refused messages", |db| {
            let count = db
                .prepare_cached(
                    "SELECT count(*) FROM outbox WHERE state = 'refused' AND length(mime) > 0",
                )?
                .query_row([], |row| row.get(0))?;
            Ok(count)
        })
    }

    /// Puts every message together and compares it with its hash: how many there are, and what is wrong.
    pub fn check_messages(&self) -> Result<(usize, Vec<String>), LedgerError> {
        let all = self.messages(&MessageFilter::default())?;
        let mut damaged = Vec::new();
        for message in &all {
            let id = &message.message_id;
            match self.message_bytes(id) {
                // Dropped, since it is old.
                Ok(Some(mime)) if mime.is_empty() => {}
                Ok(Some(mime)) if SubmissionHash::of(&mime).to_string() == message.sha256 => {}
                Ok(_) => damaged.push(format!("message {id} is not the one that was queued")),
                Err(error) => damaged.push(format!("message {id}: {error}")),
            }
        }
        Ok((all.len(), damaged))
    }
}
