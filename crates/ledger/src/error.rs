//! What can go wrong with the ledger, said plainly.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use rusqlite::ErrorCode;

type BoxedError = Box<dyn std::error::Error + Send + Sync>;

/// Something the ledger could not do: what it was doing, to which file, and what helps.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LedgerError {
    /// The disk is full; nothing was changed.
    #[error(
        "could not {doing}: the disk that holds the ledger `{}` is full. Nothing was changed. Free some space and run again",
        path.display()
    )]
    DiskFull {
        /// What was being done.
        doing: String,
        /// The ledger file.
        path: PathBuf,
        /// What `SQLite` said.
        source: BoxedError,
    },
    /// The disk does not do what it is asked; nothing was changed.
    #[error(
        "could not {doing}: the disk that holds the ledger `{}` cannot be read or written: it is full or failing, or files may not grow further. Nothing was changed. Check the disk and run again",
        path.display()
    )]
    Disk {
        /// What was being done.
        doing: String,
        /// The ledger file.
        path: PathBuf,
        /// What `SQLite` said.
        source: BoxedError,
    },
    /// The file or its folder may not be written.
    #[error(
        "could not {doing}: the ledger `{}` or its folder may not be written. Give this user the right to write there",
        path.display()
    )]
    ReadOnly {
        /// What was being done.
        doing: String,
        /// The ledger file.
        path: PathBuf,
        /// What `SQLite` said.
        source: BoxedError,
    },
    /// Another program held the file for longer than five seconds.
    #[error(
        "could not {doing}: another program is using the ledger `{}`. Try again when it has finished",
        path.display()
    )]
    Locked {
        /// What was being done.
        doing: String,
        /// The ledger file.
        path: PathBuf,
        /// What `SQLite` said.
        source: BoxedError,
    },
    /// The file is damaged.
    #[error(
        "could not {doing}: the ledger `{}` is damaged ({why}). Stop, keep the file, and restore the newest backup: quarterdeck restore DIR",
        path.display()
    )]
    Corrupt {
        /// What was being done.
        doing: String,
        /// The ledger file.
        path: PathBuf,
        /// What the check said.
        why: String,
    },
    /// The file is not one of ours.
    #[error(
        "`{}` is not a Quarterdeck ledger ({why}). Point `--data` at another folder, or move the file away",
        path.display()
    )]
    NotALedger {
        /// The file.
        path: PathBuf,
        /// How it is known.
        why: String,
    },
    /// The file was written by a newer release; this one would not understand it.
    #[error(
        "the ledger `{}` was written by a newer quarterdeck (format {found}; this program knows {known}). Install that release or a later one",
        path.display()
    )]
    Newer {
        /// The ledger file.
        path: PathBuf,
        /// Format of the file.
        found: i64,
        /// Newest format this program knows.
        known: i64,
    },
    /// The file was written by an older release and has only been opened to be read.
    #[error(
        "the ledger `{}` was written by an older quarterdeck (format {found}; this program writes {known}). Run a job once to bring it up to date",
        path.display()
    )]
    Older {
        /// The ledger file.
        path: PathBuf,
        /// Format of the file.
        found: i64,
        /// Format this program writes.
        known: i64,
    },
    /// The folder is on a network drive, where `SQLite` loses data.
    #[error(
        "the ledger `{}` would be on a network drive ({kind}), where it can be damaged. Keep the data folder on a local disk",
        path.display()
    )]
    NetworkDrive {
        /// The ledger file.
        path: PathBuf,
        /// NFS or SMB.
        kind: &'static str,
    },
    /// The folder could not be made or looked at.
    #[error("could not {doing} `{}`: {source}", path.display())]
    Folder {
        /// What was being done.
        doing: &'static str,
        /// The folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The ledger holds something this program cannot read.
    #[error("could not {doing}: the ledger `{}` holds something unexpected: {what}", path.display())]
    Unreadable {
        /// What was being done.
        doing: String,
        /// The ledger file.
        path: PathBuf,
        /// Column and text.
        what: String,
    },
    /// What was asked would break a rule of the ledger; nothing was changed.
    #[error("could not {doing}: {why}")]
    Refused {
        /// What was being done.
        doing: String,
        /// The rule.
        why: String,
    },
    /// Anything else `SQLite` said.
    #[error("could not {doing} (`{}`): {source}", path.display())]
    Sqlite {
        /// What was being done.
        doing: String,
        /// The ledger file.
        path: PathBuf,
        /// What `SQLite` said.
        source: BoxedError,
    },
}

impl LedgerError {
    /// Whether the same call may succeed later with nothing changed but the circumstances.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::DiskFull { .. } | Self::Disk { .. } | Self::Locked { .. } => true,
            Self::ReadOnly { .. }
            | Self::Corrupt { .. }
            | Self::NotALedger { .. }
            | Self::Newer { .. }
            | Self::Older { .. }
            | Self::NetworkDrive { .. }
            | Self::Folder { .. }
            | Self::Unreadable { .. }
            | Self::Refused { .. }
            | Self::Sqlite { .. } => false,
        }
    }
}

/// Why a step inside the ledger stopped, before it is known what was being done to which file.
#[derive(Debug)]
pub(crate) enum Fault {
    Sql(rusqlite::Error),
    Refused(String),
}

impl From<rusqlite::Error> for Fault {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sql(error)
    }
}

/// A rule of the ledger would be broken.
pub(crate) fn refused<T>(why: impl Into<String>) -> Result<T, Fault> {
    Err(Fault::Refused(why.into()))
}

/// Stored text this program cannot read; travels inside `rusqlite::Error`.
#[derive(Debug)]
pub(crate) struct UnreadableText {
    pub(crate) column: String,
    pub(crate) text: String,
}

impl fmt::Display for UnreadableText {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "`{}` in `{}`", self.text, self.column)
    }
}

impl std::error::Error for UnreadableText {}

/// Says what was being done to which file.
pub(crate) fn explained(doing: &str, path: &Path, fault: Fault) -> LedgerError {
    let (doing, path) = (doing.to_owned(), path.to_owned());
    let source = match fault {
        Fault::Refused(why) => return LedgerError::Refused { doing, why },
        Fault::Sql(rusqlite::Error::FromSqlConversionFailure(_, _, inner)) => {
            let what = inner.to_string();
            return LedgerError::Unreadable { doing, path, what };
        }
        Fault::Sql(source) => source,
    };
    let code = source.sqlite_error_code();
    let source = BoxedError::from(source);
    match code {
        Some(ErrorCode::DiskFull) => LedgerError::DiskFull { doing, path, source },
        Some(ErrorCode::SystemIoFailure) => LedgerError::Disk { doing, path, source },
        Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied | ErrorCode::CannotOpen) => {
            LedgerError::ReadOnly { doing, path, source }
        }
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            LedgerError::Locked { doing, path, source }
        }
        Some(ErrorCode::DatabaseCorrupt) => {
            LedgerError::Corrupt { doing, path, why: source.to_string() }
        }
        Some(ErrorCode::NotADatabase) => {
            LedgerError::NotALedger { path, why: "it is not an SQLite file".to_owned() }
        }
        _ => LedgerError::Sqlite { doing, path, source },
    }
}
