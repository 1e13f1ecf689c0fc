//! What is known of sources: so that nothing is fetched or read twice.

use std::collections::BTreeMap;

use jiff::Timestamp;
use model::{SourceId, SubmissionHash};
use rusqlite::{Connection, OptionalExtension, params};

use crate::error::Fault;
use crate::stored::{integer, key, parsed, size, time};
use crate::{Ledger, LedgerError};

/// What a web source answered last time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceState {
    /// `ETag`, as sent.
    pub etag: Option<String>,
    /// `Last-Modified`, as sent.
    pub last_modified: Option<String>,
    /// The bytes it gave.
    pub hash: SubmissionHash,
    /// The file's label.
    pub file: String,
    /// When it was fetched.
    pub fetched_at: Timestamp,
}

/// A file as it was last seen in a source's folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownFileRow {
    /// Size in bytes.
    pub size_bytes: u64,
    /// When it was last modified.
    pub modified: Timestamp,
    /// Its bytes.
    pub hash: SubmissionHash,
}

impl Ledger {
    /// What a web source answered last time; `None` if it was never fetched.
    pub fn source_state(&self, source: &SourceId) -> Result<Option<SourceState>, LedgerError> {
        self.doing("look up a source", |db| {
            let state = db
                .prepare_cached("SELECT * FROM sources WHERE source = ?1")?
                .query_row([source.as_str()], |row| {
                    Ok(SourceState {
                        etag: row.get("etag")?,
                        last_modified: row.get("last_modified")?,
                        hash: key(row, "hash")?,
                        file: row.get("file")?,
                        fetched_at: parsed(row, "fetched_at")?,
                    })
                })
                .optional()?;
            Ok(state)
        })
    }

    /// Keeps what a web source answered, instead of what it answered before.
    pub fn remember_source(
        &self,
        source: &SourceId,
        state: &SourceState,
    ) -> Result<(), LedgerError> {
        let SourceState { etag, last_modified, hash, file, fetched_at } = state;
        self.writing("remember a source", |tx| {
            tx.prepare_cached("INSERT OR REPLACE INTO sources VALUES (?1, ?2, ?3, ?4, ?5, ?6)")?
                .execute(params![
                    source.as_str(),
                    etag,
                    last_modified,
                    hash.as_str(),
                    file,
                    time(*fetched_at)
                ])?;
            Ok(())
        })
    }

    /// The files of a folder as they were last seen, by name.
    pub fn known_files(
        &self,
        source: &SourceId,
    ) -> Result<BTreeMap<String, KnownFileRow>, LedgerError> {
        self.doing("look up the files of a source", |db| {
            let files = db
                .prepare_cached("SELECT * FROM source_files WHERE source = ?1")?
                .query_map([source.as_str()], |row| {
                    let known = KnownFileRow {
                        size_bytes: size(row, "size_bytes")?,
                        modified: parsed(row, "modified")?,
                        hash: key(row, "hash")?,
                    };
                    Ok((row.get("file")?, known))
                })?
                .collect::<rusqlite::Result<_>>()?;
            Ok(files)
        })
    }

    /// Keeps how a file of a folder was seen, instead of how it was seen before.
    pub fn remember_file(
        &self,
        source: &SourceId,
        file: &str,
        known: &KnownFileRow,
    ) -> Result<(), LedgerError> {
        self.writing("remember a file", |tx| remember_file(tx, source, file, known))
    }
}

/// Keeps how a file of a folder was seen.
pub(crate) fn remember_file(
    tx: &Connection,
    source: &SourceId,
    file: &str,
    known: &KnownFileRow,
) -> Result<(), Fault> {
    let KnownFileRow { size_bytes, modified, hash } = known;
    tx.prepare_cached("INSERT OR REPLACE INTO source_files VALUES (?1, ?2, ?3, ?4, ?5)")?.execute(
        params![source.as_str(), file, integer(*size_bytes), time(*modified), hash.as_str()],
    )?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_remembered_comes_back_and_the_newest_holds() {
        let folder = tempfile::tempdir().expect("a folder");
        let ledger = Ledger::open(&folder.path().join("ledger.sqlite")).expect("opens");
        let source = SourceId::new("police");
        assert_eq!(ledger.source_state(&source).expect("reads"), None);
        let mut state = SourceState {
            etag: Some("\"1\"".to_owned()),
            last_modified: None,
            hash: SubmissionHash::of(b"one"),
            file: "one.xlsx".to_owned(),
            fetched_at: Timestamp::UNIX_EPOCH,
        };
        ledger.remember_source(&source, &state).expect("writes");
        state.etag = None;
        ledger.remember_source(&source, &state).expect("writes");
        assert_eq!(ledger.source_state(&source).expect("reads"), Some(state));

        let mut file = KnownFileRow {
            size_bytes: 10,
            modified: Timestamp::new(1_750_000_000, 123_456_789).expect("valid"),
            hash: SubmissionHash::of(b"one"),
        };
        ledger.remember_file(&source, "a.csv", &file).expect("writes");
        file.size_bytes = 11;
        ledger.remember_file(&source, "a.csv", &file).expect("writes");
        let known = ledger.known_files(&source).expect("reads");
        assert_eq!(known, BTreeMap::from([("a.csv".to_owned(), file)]));
        let other = ledger.known_files(&SourceId::new("fire")).expect("reads");
        assert_eq!(other, BTreeMap::new());
    }
}
