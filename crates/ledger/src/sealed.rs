//! Sealed submissions: until when their bytes are kept, and that they were destroyed.

use jiff::Timestamp;
use jiff::civil::Date;
use model::SubmissionHash;
use rusqlite::{ToSql, params};

use crate::error::refused;
use crate::stored::{key, text, time};
use crate::submissions::{FIRST_ARRIVED_FIRST, records};
use crate::{Ledger, LedgerError, SubmissionRecord};

/// Stands in place of a file name once the bytes are destroyed: a name may be a person's.
pub const NAME_REMOVED: &str = "(file name removed)";

impl Ledger {
    /// All sealed submissions with their findings, in order of arrival.
    pub fn sealed(&self) -> Result<Vec<SubmissionRecord>, LedgerError> {
        self.doing("list sealed submissions", |db| {
            records(db, "state = 'sealed'", FIRST_ARRIVED_FIRST, &[])
        })
    }

    /// Bytes that must be sealed: of sealed submissions, unless the same bytes were accepted for
    /// another return or are still to be judged for one.
    pub fn to_seal(&self) -> Result<Vec<SubmissionHash>, LedgerError> {
        let sql = "SELECT DISTINCT hash FROM submissions WHERE state = 'sealed' AND hash NOT IN
            (SELECT hash FROM submissions WHERE state IN ('accepted', 'received')) ORDER BY hash";
        self.hashes("list what must be sealed", sql, &[])
    }

    /// Bytes whose last day is before `today`, unless they are accepted or to be judged elsewhere.
    pub fn past_retention(&self, today: Date) -> Result<Vec<SubmissionHash>, LedgerError> {
        let sql = "SELECT DISTINCT hash FROM submissions
            WHERE state = 'sealed' AND sealed_until < ?1 AND hash NOT IN
            (SELECT hash FROM submissions WHERE state IN ('accepted', 'received')) ORDER BY hash";
        self.hashes("list what must be destroyed", sql, &[&text(today)])
    }

    /// Bytes that are on record as destroyed and were not received again since for another return.
    pub fn destroyed(&self) -> Result<Vec<SubmissionHash>, LedgerError> {
        let sql = "SELECT hash FROM submissions GROUP BY hash
            HAVING min(state = 'shredded') = 1 ORDER BY hash";
        self.hashes("list what was destroyed", sql, &[])
    }

    /// The submissions whose hash begins with these digits, in order of arrival.
    pub fn submissions_like(&self, digits: &str) -> Result<Vec<SubmissionRecord>, LedgerError> {
        self.doing("look up a submission", |db| {
            records(db, "substr(hash, 1, length(?1)) = ?1", FIRST_ARRIVED_FIRST, params![digits])
        })
    }

    /// Notes that the bytes of sealed or refused submissions are destroyed, and forgets what the
    /// file was called and what a refusal said of it. To note it once more changes nothing.
    ///
    /// # Errors
    /// Refused when the same bytes were accepted for any return, or are to be judged for one.
    pub fn note_destroyed(&self, hash: &SubmissionHash, at: Timestamp) -> Result<(), LedgerError> {
        self.writing("note that a submission was destroyed", |tx| {
            let needed: i64 = tx
                .prepare_cached(
                    "SELECT count(*) FROM submissions
                     WHERE hash = ?1 AND state IN ('accepted', 'received')",
                )?
                .query_row([hash.as_str()], |row| row.get(0))?;
            if needed > 0 {
                return refused("the same bytes are accepted, or are to be judged");
            }
            // What was found in a refused one may quote it; of a sealed one nothing is quoted.
            tx.prepare_cached(
                "DELETE FROM findings WHERE submission IN
                     (SELECT id FROM submissions WHERE hash = ?1 AND state = 'refused')",
            )?
            .execute([hash.as_str()])?;
            tx.prepare_cached(
                "UPDATE submissions SET state = 'shredded', destroyed_at = ?2, file = ?3
                 WHERE hash = ?1 AND state <> 'shredded'",
            )?
            .execute(params![hash.as_str(), time(at), NAME_REMOVED])?;
            // While the file lies in its folder it is met again, and put away again.
            tx.prepare_cached("DELETE FROM source_files WHERE hash = ?1")?
                .execute([hash.as_str()])?;
            tx.prepare_cached("UPDATE sources SET file = ?2 WHERE hash = ?1")?
                .execute([hash.as_str(), NAME_REMOVED])?;
            Ok(())
        })
    }

    fn hashes(
        &self,
        what: &str,
        sql: &str,
        wanted: &[&dyn ToSql],
    ) -> Result<Vec<SubmissionHash>, LedgerError> {
        self.doing(what, |db| {
            let rows = db
                .prepare_cached(sql)?
                .query_map(wanted, |row| key(row, "hash"))?
                .collect::<rusqlite::Result<_>>()?;
            Ok(rows)
        })
    }
}
