//! The Delta log of one table, as files: which versions there are, and what a commit says of itself.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::records::{CommitRecord, FileRecord};
use crate::tables::Table;
use crate::{LakeError, disk};

const FOLDER: &str = "_delta_log";

/// The key under which a commit carries what the lake says of it. One key only: Delta keeps
/// these in an unordered map, and the bytes of a commit should not depend on chance.
pub(crate) const PAPERS: &str = "quarterdeck";

/// What the lake says of a commit, in the commit.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Papers {
    pub(crate) rows: i64,
    pub(crate) control_sum: i64,
    pub(crate) files: Vec<FileRecord>,
}

/// One entry of the log.
pub(crate) struct LogEntry {
    pub(crate) version: i64,
    pub(crate) size_bytes: u64,
}

/// The folder of a table's log.
pub(crate) fn folder(table_folder: &Path) -> PathBuf {
    table_folder.join(FOLDER)
}

/// The name of a version's entry.
pub(crate) fn entry_name(version: i64) -> String {
    format!("{version:020}.json")
}

/// The entries in order; none if there is no log.
pub(crate) fn entries(table_folder: &Path) -> Result<Vec<LogEntry>, LakeError> {
    let files = disk::list(&folder(table_folder))?.unwrap_or_default();
    Ok(files
        .into_iter()
        .filter_map(|file| {
            let version = file.name.strip_suffix(".json")?;
            let all_digits = version.len() == 20 && version.bytes().all(|b| b.is_ascii_digit());
            Some(LogEntry {
                version: if all_digits {
                    version.parse().ok()?
                } else {
                    return None;
                },
                size_bytes: file.size_bytes,
            })
        })
        .collect())
}

/// The newest version. An empty entry is damage: Delta Lake would read the table as if the rows
/// of that entry had never been added, and say nothing.
pub(crate) fn newest(table_folder: &Path) -> Result<i64, LakeError> {
    let entries = entries(table_folder)?;
    if let Some(empty) = entries.iter().find(|entry| entry.size_bytes == 0) {
        return Err(LakeError::Damaged { what: empty_entry(table_folder, empty.version) });
    }
    entries
        .last()
        .map(|entry| entry.version)
        .ok_or_else(|| LakeError::Damaged { what: no_log(table_folder) })
}

/// Says that an entry is empty.
pub(crate) fn empty_entry(table_folder: &Path, version: i64) -> String {
    format!("the log entry `{}` is empty", folder(table_folder).join(entry_name(version)).display())
}

/// Says that there is no log.
pub(crate) fn no_log(table_folder: &Path) -> String {
    format!("the table folder `{}` has no log", table_folder.display())
}

/// The newest commit of a transaction, as it says of itself.
pub(crate) fn find(
    table: Table,
    table_folder: &Path,
    transaction_id: &str,
) -> Result<CommitRecord, LakeError> {
    for entry in entries(table_folder)?.iter().rev() {
        let path = folder(table_folder).join(entry_name(entry.version));
        let bytes = disk::read(&path)?.unwrap_or_default();
        let actions = actions(&bytes);
        let is_it = |action: &Value| action["txn"]["appId"] == transaction_id;
        if !actions.iter().any(is_it) {
            continue;
        }
        let papers = actions
            .iter()
            .find_map(|action| action["commitInfo"].get(PAPERS))
            .and_then(|papers| serde_json::from_value::<Papers>(papers.clone()).ok())
            .ok_or_else(|| LakeError::Damaged {
                what: format!("the log entry `{}` does not say what it added", path.display()),
            })?;
        return Ok(record(table, entry.version, transaction_id, papers, &bytes));
    }
    Err(LakeError::Damaged {
        what: format!(
            "the table `{}` remembers the transaction `{transaction_id}` but its log entry is gone",
            table.name()
        ),
    })
}

/// The record of a commit whose entry is these bytes.
pub(crate) fn record(
    table: Table,
    version: i64,
    transaction_id: &str,
    papers: Papers,
    entry: &[u8],
) -> CommitRecord {
    CommitRecord {
        table: table.name().to_owned(),
        version,
        transaction_id: transaction_id.to_owned(),
        files: papers.files,
        log_sha256: disk::sha256(entry),
        rows: papers.rows,
        control_sum: papers.control_sum,
    }
}

/// The actions of an entry; lines that cannot be read are left out.
fn actions(bytes: &[u8]) -> Vec<Value> {
    String::from_utf8_lossy(bytes)
        .lines()
        .filter_map(|line| serde_json::from_str(line).ok())
        .collect()
}
