//! Leases: which process is in charge of something, as long as it gives signs of life.

use jiff::{SignedDuration, Timestamp};
use rusqlite::{OptionalExtension, Row, params};

use crate::stored::{parsed, time};
use crate::{Ledger, LedgerError};

/// Who is in charge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lease {
    /// The process, as it names itself.
    pub holder: String,
    /// Since when.
    pub taken_at: Timestamp,
    /// Its last sign of life.
    pub seen_at: Timestamp,
}

impl Ledger {
    /// Takes or keeps a lease, unless another process holds it and has given a sign of life within `patience`
    /// (real time). Says who holds it afterwards. A sign of life from the future, as after a clock was put
    /// back, counts as one from now.
    pub fn hold_lease(
        &self,
        name: &str,
        holder: &str,
        now: Timestamp,
        patience: SignedDuration,
    ) -> Result<Lease, LedgerError> {
        self.writing("hold a lease", |tx| {
            let held: Option<Lease> = tx
                .prepare_cached("SELECT * FROM leases WHERE name = ?1")?
                .query_row([name], lease)
                .optional()?;
            let taken_at = match held {
                Some(held) if held.holder == holder => held.taken_at,
                Some(held) if now.duration_since(held.seen_at).abs() <= patience => {
                    return Ok(held);
                }
                _ => now,
            };
            tx.prepare_cached("INSERT OR REPLACE INTO leases VALUES (?1, ?2, ?3, ?4)")?
                .execute(params![name, holder, time(taken_at), time(now)])?;
            Ok(Lease { holder: holder.to_owned(), taken_at, seen_at: now })
        })
    }

    /// Gives a lease back, if this process holds it.
    pub fn release_lease(&self, name: &str, holder: &str) -> Result<(), LedgerError> {
        self.writing("give a lease back", |tx| {
            tx.prepare_cached("DELETE FROM leases WHERE name = ?1 AND holder = ?2")?
                .execute([name, holder])?;
            Ok(())
        })
    }

    /// Who holds a lease, alive or not.
    pub fn lease(&self, name: &str) -> Result<Option<Lease>, LedgerError> {
        self.doing("look up a lease", |db| {
            let held = db
                .prepare_cached("SELECT * FROM leases WHERE name = ?1")?
                .query_row([name], lease)
                .optional()?;
            Ok(held)
        })
    }
}

fn lease(row: &Row<'_>) -> rusqlite::Result<Lease> {
    Ok(Lease {
        holder: row.get("holder")?,
        taken_at: parsed(row, "taken_at")?,
        seen_at: parsed(row, "seen_at")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_holds_it_and_another_takes_over_when_it_falls_silent() {
        let folder = tempfile::tempdir().expect("a folder");
        let ledger = Ledger::open(&folder.path().join("ledger.sqlite")).expect("opens");
        let at = |second: i64| Timestamp::from_second(1_750_000_000 + second).expect("a time");
        let patience = SignedDuration::from_secs(60);
        let hold = |who: &str, second: i64| {
            ledger.hold_lease("scheduler", who, at(second), patience).expect("answers").holder
        };
        assert_eq!(hold("a", 0), "a");
        assert_eq!(hold("b", 10), "a");
        assert_eq!(hold("a", 50), "a");
        assert_eq!(hold("b", 110), "a", "silent for exactly as long as is borne");
        assert_eq!(hold("b", 111), "b");
        assert_eq!(hold("a", 112), "b", "what comes back late has lost it");
        // The clock is put back an hour: the holder's sign of life lies in the future.
        assert_eq!(hold("a", 112 - 3600), "a", "an hour is more than a minute, either way");
        ledger.release_lease("scheduler", "b").expect("not its own, so nothing");
        assert_eq!(
            ledger.lease("scheduler").expect("answers").map(|it| it.holder),
            Some("a".into())
        );
        ledger.release_lease("scheduler", "a").expect("gives back");
        assert_eq!(ledger.lease("scheduler").expect("answers"), None);
    }
}
