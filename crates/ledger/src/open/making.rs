//! Makes the ledger, and brings one of an earlier program up to date: one process at a time.

use std::fs::{File, TryLockError};
use std::path::Path;
use std::time::{Duration, Instant};

use rusqlite_migration::{M, Migrations};

use super::{BUSY_TIMEOUT, Ledger};
use crate::LedgerError;
use crate::error::{Fault, explained};

/// Marks the file as ours: `QDLG` as a number, kept in `PRAGMA application_id`.
pub(super) const APPLICATION_ID: i64 = 0x5144_4C47;

/// Between two looks whether it is this process's turn.
const BETWEEN: Duration = Duration::from_millis(20);

const STEPS: &[M<'_>] = &[
    M::up(include_str!("../../migrations/0001_first.sql")),
    M::up(include_str!("../../migrations/0002_findings.sql")),
    M::up(include_str!("../../migrations/0003_sealed.sql")),
    M::up(include_str!("../../migrations/0004_letters.sql")),
    M::up(include_str!("../../migrations/0005_figures.sql")),
    M::up(include_str!("../../migrations/0006_notices.sql")),
    M::up(include_str!("../../migrations/0007_schedule.sql")),
    M::up(include_str!("../../migrations/0008_messages.sql")),
    M::up(include_str!("../../migrations/0009_decisions.sql")),
    M::up(include_str!("../../migrations/0010_reminders.sql")),
];
const MIGRATIONS: Migrations<'_> = Migrations::from_slice(STEPS);

impl Ledger {
    /// Makes it what this program writes, unless another process has by the time it is this one's turn: each step is a
    /// transaction of its own, and two that take the same steps at once would meet in the middle of them.
    pub(super) fn make_or_upgrade(&mut self) -> Result<(), LedgerError> {
        let what = "bring the ledger up to date";
        let _turn = self.wait_for_turn(what)?;
        let found = self.format(what)?;
        self.prepare_for_writing()?;
        self.quick_check()?;
        if found < known_format() {
            self.keep_as_it_was(found)?;
            self.migrate(what)?;
        }
        Ok(())
    }

    /// Holds the folder, for there is nothing else that is there before the ledger is; until the file that is handed
    /// back is dropped, or its process dies.
    fn wait_for_turn(&self, what: &str) -> Result<File, LedgerError> {
        let folder = self.path.parent().filter(|folder| !folder.as_os_str().is_empty());
        let folder = folder.unwrap_or(Path::new("."));
        let failed = |source| LedgerError::Folder {
            doing: "hold the folder",
            path: folder.to_owned(),
            source,
        };
        let turn = File::open(folder).map_err(failed)?;
        let began = Instant::now();
        loop {
            match turn.try_lock() {
                Ok(()) => return Ok(turn),
                Err(TryLockError::WouldBlock) if began.elapsed() < BUSY_TIMEOUT => {
                    std::thread::sleep(BETWEEN);
                }
                Err(TryLockError::WouldBlock) => {
                    return Err(LedgerError::Locked {
                        doing: what.to_owned(),
                        path: self.path.clone(),
                        source: "another process is making it or bringing it up to date".into(),
                    });
                }
                Err(TryLockError::Error(source)) => return Err(failed(source)),
            }
        }
    }

    /// Before it is brought up to date, the ledger of the earlier program is copied beside it: whoever must go back to
    /// that program needs it. A copy that is there already is of the same format, and stays.
    fn keep_as_it_was(&self, found: i64) -> Result<(), LedgerError> {
        let copy = self.path.with_extension(format!("format-{found}.sqlite"));
        if found == 0 || copy.exists() {
            return Ok(());
        }
        self.back_up(&copy)
    }

    fn migrate(&mut self, what: &str) -> Result<(), LedgerError> {
        MIGRATIONS.to_latest(&mut self.connection).map_err(|error| {
            let fault = match error {
                rusqlite_migration::Error::RusqliteError { err, .. } => Fault::Sql(err),
                other => Fault::Refused(other.to_string()),
            };
            explained(what, &self.path, fault)
        })
    }
}

/// The format this program writes: the number of migrations.
pub(super) fn known_format() -> i64 {
    i64::try_from(STEPS.len()).expect("a handful of migrations")
}

#[cfg(test)]
mod tests {
    use std::sync::Barrier;

    use rusqlite::Connection;

    use super::*;

    #[test]
    fn the_migrations_are_sound() {
        MIGRATIONS.validate().expect("valid");
    }

    #[test]
    fn an_outbox_from_before_there_were_letters_keeps_its_messages_and_their_history() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("ledger.sqlite");
        let mut old = Connection::open(&path).expect("opens");
        old.pragma_update(None, "foreign_keys", true).expect("sets");
        old.pragma_update(None, "application_id", APPLICATION_ID).expect("sets");
        let before = 3;
        MIGRATIONS.to_version(&mut old, before).expect("the format before");
        old.execute_batch(
            "INSERT INTO editions VALUES
                 ('e', 'r', '2025-26Q1', 'v', 'd', 'c', 'f', '2025-07-21T08:00:00.000000000Z',
                  'released', '2025-07-21T08:00:00.000000000Z', NULL);
             INSERT INTO outbox (message_id, edition, recipient, mime, sha256, state, queued_at, changed_at)
             VALUES ('m@x.example', 'e', 'a@x.example', x'00', 's', 'approved',
                 '2025-07-21T08:00:00.000000000Z', '2025-07-21T08:00:00.000000000Z');
             UPDATE outbox SET state = 'sending';
             UPDATE outbox SET state = 'accepted', last_reply = '250 ok';",
        )
        .expect("a message that was sent");
        drop(old);
        let ledger = Ledger::open(&path).expect("is brought up to date");
        assert_eq!(ledger.check().expect("checks"), Vec::<String>::new());
        let id = model::MessageId::new("m@x.example");
        let message = ledger.message(&id).expect("reads").expect("there");
        assert_eq!((message.kind.as_str(), message.state.as_str()), ("report", "accepted"));
        assert_eq!(message.edition, Some(model::EditionId::new("e")));
        let history: Vec<&str> = ledger
            .message_history(&id)
            .expect("reads")
            .iter()
            .map(|event| event.state.as_str())
            .collect();
        assert_eq!(history, ["approved", "sending", "accepted"]);
    }

    #[test]
    fn many_that_make_it_or_bring_it_up_to_date_at_once_do_it_once() {
        for begun in [None, Some(3)] {
            for _ in 0..20 {
                let folder = tempfile::tempdir().expect("a folder");
                let path = folder.path().join("ledger.sqlite");
                if let Some(format) = begun {
                    let mut old = Connection::open(&path).expect("opens");
                    old.pragma_update(None, "application_id", APPLICATION_ID).expect("sets");
                    MIGRATIONS.to_version(&mut old, format).expect("an earlier format");
                }
                let gate = Barrier::new(6);
                std::thread::scope(|scope| {
                    let open = || {
                        gate.wait();
                        Ledger::open(&path).map(drop).map_err(|error| error.to_string())
                    };
                    let all: Vec<_> = (0..6).map(|_| scope.spawn(open)).collect();
                    for one in all {
                        assert_eq!(one.join().expect("ends"), Ok(()), "from {begun:?}");
                    }
                });
            }
        }
    }

    #[test]
    fn whoever_waits_in_vain_is_told_to_try_again() {
        let folder = tempfile::tempdir().expect("a folder");
        let turn = File::open(folder.path()).expect("opens");
        turn.lock().expect("holds it");
        let path = folder.path().join("ledger.sqlite");
        let refused = Ledger::open(&path).expect_err("is not its turn");
        assert!(matches!(refused, LedgerError::Locked { .. }), "{refused}");
        drop(turn);
        Ledger::open(&path).expect("is its turn");
    }
}
