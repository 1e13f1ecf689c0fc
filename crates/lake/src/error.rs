//! What can go wrong between the lake and the disk.

use std::io;
use std::path::{Path, PathBuf};

use arrow::error::ArrowError;
use datafusion::error::DataFusionError;
use deltalake::DeltaTableError;
use parquet::errors::ParquetError;

/// Why the lake could not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum LakeError {
    /// The lake's folder is on a file system that cannot promise a write is kept.
    #[error(
        "the lake folder `{}` is on a network drive ({kind}): move it to a local disk, because a \
         network drive can lose rows that it said were kept", path.display()
    )]
    NetworkDrive {
        /// The lake's folder.
        path: PathBuf,
        /// The kind of network file system.
        kind: &'static str,
    },
    /// The disk refused.
    #[error("could not {doing} `{}`: {}", path.display(), disk_reason(source))]
    Disk {
        /// What was being done, as a verb.
        doing: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// A path that Delta Lake cannot be given: it reads `%` as the beginning of an escape.
    #[error("the lake folder `{}` cannot be used: choose a path in plain text without `%`", path.display())]
    Path {
        /// The path.
        path: PathBuf,
    },
    /// What is on the disk is not what the lake wrote.
    #[error("the lake is damaged: {what}")]
    Damaged {
        /// Which file and what is wrong with it.
        what: String,
    },
    /// A version that the lake does not have.
    #[error("the lake has no version {asked} of its table `{table}`: the newest is {newest}")]
    NoSuchVersion {
        /// Table name.
        table: &'static str,
        /// The version asked for.
        asked: i64,
        /// The newest there is.
        newest: i64,
    },
    /// Another program wrote to the lake at the same time.
    #[error(
        "another program added version {version} to `{}` at the same time: nothing of this \
         submission was added there; run again", path.display()
    )]
    Overtaken {
        /// The table's folder.
        path: PathBuf,
        /// The version that was taken.
        version: i64,
    },
    /// Something that could be stored but not read back as the same.
    #[error(
        "{what} `{text}` of submission {submission} cannot be kept: it would read back differently"
    )]
    NotStorable {
        /// What it is: `breakdown`.
        what: &'static str,
        /// How it is written.
        text: String,
        /// The submission's hash.
        submission: String,
    },
    /// A stored value that cannot be read.
    #[error("the lake holds `{text}` as a {column}, which cannot be read: {problem}")]
    Value {
        /// Column name.
        column: &'static str,
        /// The value as stored.
        text: String,
        /// What is wrong with it.
        problem: String,
    },
    /// Delta Lake refused.
    #[error("could not {doing} the lake table `{}`: {source}", path.display())]
    Table {
        /// What was being done, as a verb.
        doing: &'static str,
        /// The table's folder.
        path: PathBuf,
        /// What Delta Lake said.
        source: Box<DeltaTableError>,
    },
    /// Rows could not be turned into columns.
    #[error("could not {doing} for the lake table `{table}`: {source}")]
    Columns {
        /// What was being done, as a verb.
        doing: &'static str,
        /// Table name.
        table: &'static str,
        /// What arrow said.
        source: Box<ArrowError>,
    },
    /// Columns could not be written as Parquet.
    #[error("could not write rows as Parquet for {what}: {source}")]
    Parquet {
        /// Table name, or what is being written.
        what: &'static str,
        /// What the Parquet writer said.
        source: Box<ParquetError>,
    },
    /// The query engine refused a question of the lake's own.
    #[error("could not {doing}: {}", source.strip_backtrace())]
    Engine {
        /// What was being done, as a verb.
        doing: &'static str,
        /// What the engine said.
        source: Box<DataFusionError>,
    },
    /// An analyst's question that cannot be answered, in one sentence.
    #[error("{message}")]
    Question {
        /// What is wrong with it, and what to write instead.
        message: String,
    },
    /// The program was told to stop while a file was being written or read.
    #[error("the program stopped while it worked on the lake in `{}`", path.display())]
    Stopped {
        /// The lake's folder.
        path: PathBuf,
    },
}

impl LakeError {
    /// Whether the same call may succeed later without anybody changing the data: a disk that was
    /// full or busy, another writer.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Disk { source, .. } => matches!(
                source.kind(),
                io::ErrorKind::StorageFull
                    | io::ErrorKind::QuotaExceeded
                    | io::ErrorKind::Interrupted
                    | io::ErrorKind::ResourceBusy
                    | io::ErrorKind::TimedOut
                    | io::ErrorKind::WouldBlock
                    | io::ErrorKind::OutOfMemory
            ),
            Self::Overtaken { .. } | Self::Stopped { .. } => true,
            Self::Engine { source, .. } => {
                matches!(source.find_root(), DataFusionError::ResourcesExhausted(_))
            }
            Self::NetworkDrive { .. }
            | Self::Path { .. }
            | Self::Damaged { .. }
            | Self::NoSuchVersion { .. }
            | Self::NotStorable { .. }
            | Self::Value { .. }
            | Self::Table { .. }
            | Self::Columns { .. }
            | Self::Parquet { .. }
            | Self::Question { .. } => false,
        }
    }

    /// For `map_err` after a call to the operating system.
    pub(crate) fn disk(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Disk { doing, path: path.to_owned(), source }
    }

    /// For `map_err` after a call to the query engine.
    pub(crate) fn engine(doing: &'static str) -> impl FnOnce(DataFusionError) -> Self {
        move |source| Self::Engine { doing, source: Box::new(source) }
    }

    /// For `map_err` after a call to Delta Lake.
    pub(crate) fn table(doing: &'static str, path: &Path) -> impl FnOnce(DeltaTableError) -> Self {
        move |source| Self::Table { doing, path: path.to_owned(), source: Box::new(source) }
    }
}

/// The usual reasons with what to do about them; the rest as the operating system says it.
fn disk_reason(source: &io::Error) -> String {
    match source.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            "the disk is full; free some space and run again".to_owned()
        }
        io::ErrorKind::ReadOnlyFilesystem => {
            "the disk is read-only; make it writable and run again".to_owned()
        }
        io::ErrorKind::PermissionDenied => {
            "permission denied; let the account that runs Quarterdeck read and write there"
                .to_owned()
        }
        _ => source.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn disk(kind: io::ErrorKind) -> LakeError {
        LakeError::disk("write", Path::new("lake/observations/part"))(kind.into())
    }

    #[test]
    fn a_full_disk_may_be_tried_again_and_a_read_only_one_needs_a_person() {
        insta::assert_snapshot!(disk(io::ErrorKind::StorageFull), @"could not write `lake/observations/part`: the disk is full; free some space and run again");
        assert!(disk(io::ErrorKind::StorageFull).is_transient());
        insta::assert_snapshot!(disk(io::ErrorKind::ReadOnlyFilesystem), @"could not write `lake/observations/part`: the disk is read-only; make it writable and run again");
        assert!(!disk(io::ErrorKind::ReadOnlyFilesystem).is_transient());
        assert!(!disk(io::ErrorKind::PermissionDenied).is_transient());
    }
}
