//! What the lake said it has committed: the yardstick it is checked against at every start.

use jiff::Timestamp;
use rusqlite::{OptionalExtension, Row, params};
use serde::{Deserialize, Serialize};

use crate::error::refused;
use crate::stored::{time, unreadable};
use crate::submissions::{SubmissionKey, mark_in_lake};
use crate::{Ledger, LedgerError};

/// A data file of a lake commit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileRecord {
    /// Path inside the table's folder.
    pub path: String,
    /// Size in bytes.
    pub size_bytes: u64,
    /// SHA-256 in lower-case hexadecimal.
    pub sha256: String,
}

/// One commit of one lake table, as it was when it reached the disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommitRecord {
    /// The table: `observations` or `actions`.
    pub table: String,
    /// Version of the table.
    pub version: i64,
    /// Whose commit it is: the same transaction is never committed twice.
    pub transaction_id: String,
    /// Data files added, in order of path.
    pub files: Vec<FileRecord>,
    /// SHA-256 of the commit's log entry.
    pub log_sha256: String,
    /// Rows added.
    pub rows: i64,
    /// Sum over the values added: catches what a row count does not.
    pub control_sum: i64,
}

impl Ledger {
    /// Keeps lake commits and marks the submissions they hold as in the lake, together.
    /// Doing so again with the same is harmless.
    ///
    /// # Errors
    /// Refused when the table's version is recorded with other content, or a submission is not an
    /// accepted one.
    pub fn record_commits(
        &self,
        commits: &[CommitRecord],
        submissions: &[SubmissionKey],
        at: Timestamp,
    ) -> Result<(), LedgerError> {
        self.writing("record a lake commit", |tx| {
            for commit in commits {
                let known = tx
                    .prepare_cached(
                        "SELECT * FROM lake_commits WHERE lake_table = ?1 AND version = ?2",
                    )?
                    .query_row(params![commit.table, commit.version], record)
                    .optional()?;
                match known {
                    Some(known) if known == *commit => {}
                    Some(_) => {
                        return refused(format!(
                            "version {} of the lake table `{}` is on record with other content",
                            commit.version, commit.table
                        ));
                    }
                    None => {
                        let files = serde_json::to_string(&commit.files)
                            .expect("text and numbers always serialise");
                        tx.prepare_cached(
                            "INSERT INTO lake_commits VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
                        )?
                        .execute(params![
                            commit.table,
                            commit.version,
                            commit.transaction_id,
                            files,
                            commit.log_sha256,
                            commit.rows,
                            commit.control_sum,
                            time(at)
                        ])?;
                    }
                }
            }
            submissions.iter().try_for_each(|key| mark_in_lake(tx, key))
        })
    }

    /// The lake commits that were on record at some time, by table and version.
    pub fn commits_until(&self, at: Timestamp) -> Result<Vec<CommitRecord>, LedgerError> {
        self.doing("list lake commits", |db| {
            let rows = db
                .prepare_cached(
                    "SELECT * FROM lake_commits WHERE recorded_at <= ?1
                     ORDER BY lake_table, version",
                )?
                .query_map([time(at)], record)?
                .collect::<rusqlite::Result<_>>()?;
            Ok(rows)
        })
    }

    /// All lake commits on record, by table and version.
    pub fn commits(&self) -> Result<Vec<CommitRecord>, LedgerError> {
        self.doing("list lake commits", |db| {
            let rows = db
                .prepare_cached("SELECT * FROM lake_commits ORDER BY lake_table, version")?
                .query_map([], record)?
                .collect::<rusqlite::Result<_>>()?;
            Ok(rows)
        })
    }
}

fn record(row: &Row<'_>) -> rusqlite::Result<CommitRecord> {
    let files: String = row.get("files")?;
    Ok(CommitRecord {
        table: row.get("lake_table")?,
        version: row.get("version")?,
        transaction_id: row.get("transaction_id")?,
        files: serde_json::from_str(&files).map_err(|_| unreadable("files", &files))?,
        log_sha256: row.get("log_sha256")?,
        rows: row.get("row_count")?,
        control_sum: row.get("control_sum")?,
    })
}
