//! Opening the file: once, with the settings that survive a power cut.

mod making;

use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags, Transaction, TransactionBehavior};

use self::making::{APPLICATION_ID, known_format};
use crate::LedgerError;
use crate::error::{Fault, explained};

/// How long to wait for another program that holds the file.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// Up to this size the whole file is checked at each start: it takes milliseconds.
const CHECKED_AT_OPEN_BYTES_MAX: u64 = 16 * 1024 * 1024;

/// The ledger. One per process; every method is one short transaction.
#[derive(Debug)]
pub struct Ledger {
    connection: Connection,
    path: PathBuf,
}

impl Ledger {
    /// Opens the ledger for work; makes the file and its folder if they are not there, and brings
    /// an older file up to date.
    ///
    /// # Errors
    /// [`LedgerError`] when the file is damaged, newer than this program, not a ledger, locked,
    /// not writable, or on a network drive. The file is then as it was.
    pub fn open(path: &Path) -> Result<Self, LedgerError> {
        if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            std::fs::create_dir_all(folder).map_err(|source| LedgerError::Folder {
                doing: "make the folder",
                path: folder.to_owned(),
                source,
            })?;
            refuse_network_drive(folder, path)?;
        } else {
            refuse_network_drive(Path::new("."), path)?;
        }
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE;
        let mut ledger = Self::connect(path, flags)?;
        let found = ledger.format("open the ledger")?;
        if found < known_format() {
            ledger.make_or_upgrade()?;
        } else {
            ledger.prepare_for_writing()?;
            ledger.quick_check()?;
        }
        Ok(ledger)
    }

    /// Opens the ledger to be read only; `None` if there is none yet. Makes nothing.
    pub fn open_read_only(path: &Path) -> Result<Option<Self>, LedgerError> {
        match std::fs::metadata(path) {
            Ok(_) => {}
            Err(source) if source.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(source) => {
                return Err(LedgerError::Folder {
                    doing: "look for the ledger",
                    path: path.to_owned(),
                    source,
                });
            }
        }
        // Not SQLITE_OPEN_READ_ONLY: such a connection cannot tidy up the shared-memory file that
        // reading a WAL database needs. `query_only` refuses every write all the same.
        let ledger = Self::connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        let (found, known) = (ledger.format("open the ledger")?, known_format());
        if found == 0 {
            // Whoever was making it has died, or is about to have made it: nothing is in it.
            return Ok(None);
        }
        if found < known {
            return Err(LedgerError::Older { path: path.to_owned(), found, known });
        }
        ledger.doing("open the ledger to be read", |db| {
            Ok(db.pragma_update(None, "query_only", true)?)
        })?;
        Ok(Some(ledger))
    }

    /// Reads every page: what is damaged, in `SQLite`'s words; empty when all is well.
    pub fn check(&self) -> Result<Vec<String>, LedgerError> {
        self.doing("check the ledger", |db| {
            let mut damage: Vec<String> = db
                .prepare("PRAGMA integrity_check(20)")?
                .query_map([], |row| row.get(0))?
                .collect::<rusqlite::Result<_>>()?;
            damage.retain(|line| line != "ok");
            let loose: i64 =
                db.query_row("SELECT count(*) FROM pragma_foreign_key_check", [], |row| {
                    row.get(0)
                })?;
            if loose > 0 {
                damage.push(format!("{loose} rows refer to rows that are not there"));
            }
            Ok(damage)
        })
    }

    /// Copies the ledger, as it stands, into a new file. The file must not be there.
    pub fn back_up(&self, to: &Path) -> Result<(), LedgerError> {
        let target = to.to_string_lossy();
        self.doing("back up the ledger", |db| {
            db.execute("VACUUM INTO ?1", [target.as_ref()])?;
            Ok(())
        })
    }

    /// Reads, and says what was being done if it fails.
    pub(crate) fn doing<T>(
        &self,
        what: &str,
        step: impl FnOnce(&Connection) -> Result<T, Fault>,
    ) -> Result<T, LedgerError> {
        step(&self.connection).map_err(|fault| explained(what, &self.path, fault))
    }

    /// Writes in one transaction: all of it, or nothing if the step fails.
    pub(crate) fn writing<T>(
        &self,
        what: &str,
        step: impl FnOnce(&Transaction<'_>) -> Result<T, Fault>,
    ) -> Result<T, LedgerError> {
        self.doing(what, |db| {
            // Immediate: a transaction that begins by reading could otherwise lose the race to write.
            let transaction = Transaction::new_unchecked(db, TransactionBehavior::Immediate)?;
            let value = step(&transaction)?;
            transaction.commit()?;
            Ok(value)
        })
    }

    fn connect(path: &Path, flags: OpenFlags) -> Result<Self, LedgerError> {
        let what = "open the ledger";
        let flags = flags | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_EXRESCODE;
        let connection = Connection::open_with_flags(path, flags)
            .map_err(|error| explained(what, path, Fault::Sql(error)))?;
        connection.set_prepared_statement_cache_capacity(64);
        let ledger = Self { connection, path: path.to_owned() };
        ledger.doing(what, |db| {
            db.busy_timeout(BUSY_TIMEOUT)?;
            db.pragma_update(None, "synchronous", "FULL")?;
            db.pragma_update(None, "foreign_keys", true)?;
            Ok(())
        })?;
        ledger.overwrites_what_it_deletes(true)?;
        Ok(ledger)
    }

    /// Whether what is forgotten is written over, also in pages that became free: a file's name may be a person's.
    pub(crate) fn overwrites_what_it_deletes(&self, all: bool) -> Result<(), LedgerError> {
        let how = if all { "on" } else { "fast" };
        self.doing("set how the ledger forgets", |db| {
            Ok(db.pragma_update_and_check(None, "secure_delete", how, |_| Ok(()))?)
        })
    }

    /// The format of the file, 0 if it is new; refuses what is not ours or newer than we are.
    fn format(&self, what: &str) -> Result<i64, LedgerError> {
        let (application, found, tables) = self.doing(what, |db| {
            let pragma = |name: &str| db.pragma_query_value(None, name, |row| row.get(0));
            let tables: i64 =
                db.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
            let (application, found): (i64, i64) =
                (pragma("application_id")?, pragma("user_version")?);
            Ok((application, found, tables))
        })?;
        if application != APPLICATION_ID && (tables > 0 || application != 0) {
            return Err(LedgerError::NotALedger {
                path: self.path.clone(),
                why: "it is the database of another program".to_owned(),
            });
        }
        let known = known_format();
        if found > known {
            return Err(LedgerError::Newer { path: self.path.clone(), found, known });
        }
        Ok(found)
    }

    /// Marks a new file as ours. The journal is one that is read while it is written.
    fn prepare_for_writing(&self) -> Result<(), LedgerError> {
        self.doing("open the ledger for writing", |db| {
            let marked: i64 = db.pragma_query_value(None, "application_id", |row| row.get(0))?;
            if marked != APPLICATION_ID {
                db.pragma_update(None, "application_id", APPLICATION_ID)?;
            }
            let mode: String = db.pragma_query_value(None, "journal_mode", |row| row.get(0))?;
            if mode != "wal" {
                db.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(()))?;
            }
            Ok(())
        })
    }

    fn quick_check(&self) -> Result<(), LedgerError> {
        let size_bytes = std::fs::metadata(&self.path).map_or(0, |metadata| metadata.len());
        if size_bytes > CHECKED_AT_OPEN_BYTES_MAX {
            return Ok(());
        }
        let what = "open the ledger";
        let said: String = self
            .doing(what, |db| Ok(db.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?))?;
        if said == "ok" {
            return Ok(());
        }
        Err(LedgerError::Corrupt { doing: what.to_owned(), path: self.path.clone(), why: said })
    }
}

#[cfg(target_os = "linux")]
fn refuse_network_drive(folder: &Path, path: &Path) -> Result<(), LedgerError> {
    let status = rustix::fs::statfs(folder).map_err(|error| LedgerError::Folder {
        doing: "look at the folder",
        path: folder.to_owned(),
        source: error.into(),
    })?;
    // The field's type differs between processors; the magic numbers have 32 bits.
    match network_drive(i128::from(status.f_type) & 0xFFFF_FFFF) {
        Some(kind) => Err(LedgerError::NetworkDrive { path: path.to_owned(), kind }),
        None => Ok(()),
    }
}

#[cfg(not(target_os = "linux"))]
fn refuse_network_drive(_folder: &Path, _path: &Path) -> Result<(), LedgerError> {
    Ok(())
}

/// The name of a network file system by its magic number (see `statfs(2)`).
#[cfg(target_os = "linux")]
fn network_drive(magic: i128) -> Option<&'static str> {
    match magic {
        0x6969 => Some("NFS"),
        0x517B | 0xFF53_4D42 | 0xFE53_4D42 => Some("SMB"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::fs::{self, File};
    use std::io::{Seek, SeekFrom, Write};

    use super::*;

    fn opened(path: &Path) -> String {
        match Ledger::open(path) {
            Ok(_) => "opened".to_owned(),
            Err(error) => error.to_string().replace(&path.display().to_string(), "LEDGER"),
        }
    }

    #[test]
    fn a_new_ledger_is_made_with_its_folder_and_opens_again() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("var/ledger.sqlite");
        assert!(Ledger::open_read_only(&path).expect("no error").is_none());
        assert!(!folder.path().join("var").exists());
        // One that was being made when its maker died holds nothing, and is made to its end.
        std::fs::create_dir(folder.path().join("var")).expect("makes");
        drop(File::create(&path).expect("makes"));
        assert!(Ledger::open_read_only(&path).expect("no error").is_none());
        let begun = Connection::open(&path).expect("opens");
        begun.pragma_update(None, "application_id", APPLICATION_ID).expect("sets");
        drop(begun);
        assert!(Ledger::open_read_only(&path).expect("no error").is_none());
        assert_eq!(opened(&path), "opened");
        assert_eq!(opened(&path), "opened");
        let ledger = Ledger::open(&path).expect("opens");
        let pragma = |name: &str| -> String {
            ledger
                .connection
                .query_row(&format!("SELECT CAST({name} AS TEXT) FROM pragma_{name}"), [], |row| {
                    row.get(0)
                })
                .expect(name)
        };
        assert_eq!(pragma("journal_mode"), "wal");
        assert_eq!(pragma("synchronous"), "2");
        assert_eq!(pragma("foreign_keys"), "1");
        assert_eq!(ledger.check().expect("checks"), Vec::<String>::new());
    }

    #[test]
    fn reading_refuses_to_write_and_leaves_no_files_behind() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("ledger.sqlite");
        drop(Ledger::open(&path).expect("opens"));
        let ledger = Ledger::open_read_only(&path).expect("opens").expect("there");
        let error = ledger
            .writing("waive a return", |tx| {
                tx.execute("DELETE FROM waivers", [])?;
                Ok(())
            })
            .expect_err("read only");
        assert!(matches!(error, LedgerError::ReadOnly { .. }), "{error}");
        drop(ledger);
        let left: Vec<_> = fs::read_dir(folder.path()).expect("lists").collect();
        assert_eq!(left.len(), 1, "{left:?}");
    }

    #[test]
    fn what_cannot_be_opened_says_why() {
        let folder = tempfile::tempdir().expect("a folder");
        let text = folder.path().join("text");
        let sentence = "this is not a database, it is a sentence ".repeat(50);
        File::create(&text)
            .and_then(|mut file| file.write_all(sentence.as_bytes()))
            .expect("writes");
        insta::assert_snapshot!(opened(&text), @"`LEDGER` is not a Quarterdeck ledger (it is not an SQLite file). Point `--data` at another folder, or move the file away");

        let foreign = folder.path().join("foreign");
        Connection::open(&foreign)
            .expect("opens")
            .execute_batch("CREATE TABLE bookmarks (url TEXT)")
            .expect("runs");
        insta::assert_snapshot!(opened(&foreign), @"`LEDGER` is not a Quarterdeck ledger (it is the database of another program). Point `--data` at another folder, or move the file away");

        let newer = folder.path().join("newer");
        let ledger = Ledger::open(&newer).expect("opens");
        ledger.connection.pragma_update(None, "user_version", 99).expect("sets");
        drop(ledger);
        let said = opened(&newer).replace(&format!("knows {}", known_format()), "knows its own");
        insta::assert_snapshot!(said, @"the ledger `LEDGER` was written by a newer quarterdeck (format 99; this program knows its own). Install that release or a later one");
    }

    #[test]
    fn a_damaged_page_is_found_at_open() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("ledger.sqlite");
        drop(Ledger::open(&path).expect("opens"));
        let mut file = File::options().write(true).open(&path).expect("opens");
        file.seek(SeekFrom::Start(3 * 4096)).expect("seeks");
        file.write_all(&[0xAA; 64]).expect("writes");
        let error = Ledger::open(&path).expect_err("damaged");
        assert!(matches!(error, LedgerError::Corrupt { .. }), "{error}");
        assert!(error.to_string().contains("restore the newest backup"));
    }

    #[test]
    fn a_ledger_another_program_holds_is_locked_and_worth_another_try() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("ledger.sqlite");
        let first = Ledger::open(&path).expect("opens");
        let second = Ledger::open(&path).expect("opens");
        second.connection.busy_timeout(Duration::ZERO).expect("sets");
        let outcome = first.writing("hold the ledger", |_| {
            Ok(second.writing("waive a return", |_| Ok(())).expect_err("locked"))
        });
        let error = outcome.expect("the first is undisturbed");
        assert!(error.is_transient(), "{error}");
        assert!(matches!(error, LedgerError::Locked { .. }), "{error}");
    }

    #[test]
    fn a_full_disk_is_said_and_changes_nothing() {
        let folder = tempfile::tempdir().expect("a folder");
        let ledger = Ledger::open(&folder.path().join("ledger.sqlite")).expect("opens");
        let pages: i64 = ledger
            .connection
            .pragma_query_value(None, "page_count", |row| row.get(0))
            .expect("counts");
        ledger
            .connection
            .pragma_update_and_check(None, "max_page_count", pages, |_| Ok(()))
            .expect("sets");
        let error = ledger
            .writing("waive a return", |tx| {
                tx.execute(
                    "INSERT INTO waivers VALUES ('r', 'p', hex(zeroblob(100000)), 't')",
                    [],
                )?;
                Ok(())
            })
            .expect_err("full");
        assert!(matches!(error, LedgerError::DiskFull { .. }), "{error}");
        assert!(error.is_transient());
        let left: i64 = ledger
            .connection
            .query_row("SELECT count(*) FROM waivers", [], |row| row.get(0))
            .expect("counts");
        assert_eq!(left, 0);
    }

    #[test]
    fn a_backup_opens_as_a_ledger() {
        let folder = tempfile::tempdir().expect("a folder");
        let ledger = Ledger::open(&folder.path().join("ledger.sqlite")).expect("opens");
        let copy = folder.path().join("copy.sqlite");
        ledger.back_up(&copy).expect("copies");
        assert_eq!(opened(&copy), "opened");
        assert!(ledger.back_up(&copy).is_err(), "never over another file");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn network_drives_are_known_by_their_magic_numbers() {
        assert_eq!(network_drive(0x6969), Some("NFS"));
        assert_eq!(network_drive(0xFF53_4D42), Some("SMB"));
        assert_eq!(network_drive(0xEF53), None, "ext4");
    }
}
