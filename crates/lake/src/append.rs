//! Adding submissions: the data file first, then the log entry that makes its rows visible.

use std::collections::HashMap;
use std::path::Path;

use deltalake::kernel::transaction::{CommitData, PROTOCOL};
use deltalake::kernel::{Action, Add, CommitInfo, Transaction};
use deltalake::protocol::{DeltaOperation, SaveMode};
use serde_json::json;

use crate::encode::{DataFile, Encoded};
use crate::log::Papers;
use crate::records::{Appended, CommitRecord, FileRecord};
use crate::store::{Lake, in_background};
use crate::tables::Table;
use crate::{LakeError, disk, log, pinned};

/// The version of every transaction: its name alone says which it is.
const TRANSACTION_VERSION: i64 = 1;

impl Lake {
    /// Adds accepted submissions as one transaction: at most one commit per table, none for a
    /// table without rows. A repeated transaction adds nothing and gives the same records again,
    /// so that after a crash the caller can simply try once more.
    ///
    /// When this returns, the rows are on the disk. The caller makes sure that no other process
    /// adds at the same time; if one does, this fails and the table is as the other left it.
    pub async fn append(
        &self,
        transaction_id: &str,
        encoded: Encoded,
    ) -> Result<Appended, LakeError> {
        let mut commits = Vec::new();
        let mut already_there = true;
        for (table, rows) in encoded.0 {
            let (commit, made) = self.append_rows(table, transaction_id, rows).await?;
            already_there &= made == Made::Earlier;
            commits.push(commit);
        }
        Ok(Appended {
            version: self.version()?,
            already_there: already_there && !commits.is_empty(),
            commits,
        })
    }

    async fn append_rows(
        &self,
        table: Table,
        transaction_id: &str,
        rows: DataFile,
    ) -> Result<(CommitRecord, Made), LakeError> {
        let folder = self.table_folder(table);
        let newest = log::newest(&folder)?;
        let loaded = pinned::load(&folder, newest).await?;
        let failed = |doing| LakeError::table(doing, &folder);
        let state = loaded.snapshot().map_err(failed("read"))?;
        let log_store = loaded.log_store();
        let known = state
            .transaction_version(log_store.as_ref(), transaction_id)
            .await
            .map_err(failed("look for a transaction in"))?;
        if known.is_some() {
            let commit = log::find(table, &folder, transaction_id)?;
            // The earlier attempt may have stopped between naming its files and making the names
            // last; what is about to be acknowledged must outlive a power cut.
            in_background(&folder.clone(), move || {
                for folder in [&log::folder(&folder), &folder] {
                    disk::clear_temporaries(folder)?;
                    disk::sync_folder(folder)?;
                }
                Ok(())
            })
            .await?;
            return Ok((commit, Made::Earlier));
        }

        let file = FileRecord {
            path: file_name(table, transaction_id),
            size_bytes: u64::try_from(rows.bytes.len()).unwrap_or(u64::MAX),
            sha256: disk::sha256(&rows.bytes),
        };
        let actions = actions(transaction_id, &rows, &file, newest);
        let operation =
            DeltaOperation::Write { mode: SaveMode::Append, partition_by: None, predicate: None };
        PROTOCOL
            .can_commit(state, &actions, &operation)
            .map_err(|error| failed("add rows to")(error.into()))?;
        let transaction = Transaction::new(transaction_id, TRANSACTION_VERSION);
        let entry = CommitData::new(actions, operation, HashMap::new(), vec![transaction])
            .get_bytes()
            .map_err(|error| failed("describe new rows of")(error.into()))?;

        let version = newest + 1;
        let papers = papers(&rows, file.clone());
        let commit = log::record(table, version, transaction_id, papers, &entry);
        in_background(&folder.clone(), move || {
            publish(&folder, &file, &rows.bytes, version, &entry)
        })
        .await?;
        Ok((commit, Made::Now))
    }
}

/// When a commit was made.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Made {
    Now,
    Earlier,
}

fn publish(
    folder: &Path,
    file: &FileRecord,
    parquet: &[u8],
    version: i64,
    entry: &[u8],
) -> Result<(), LakeError> {
    for folder in [folder, &log::folder(folder)] {
        disk::clear_temporaries(folder)?;
    }
    // A crash after this line leaves a file nobody names; the next attempt writes it again.
    disk::write_replacing(folder, &file.path, parquet)?;
    if disk::write_new(&log::folder(folder), &log::entry_name(version), entry)? {
        Ok(())
    } else {
        Err(LakeError::Overtaken { path: folder.to_owned(), version })
    }
}

fn actions(transaction_id: &str, rows: &DataFile, file: &FileRecord, newest: i64) -> Vec<Action> {
    // Given here in full, so that the entry's time is when the data arrived and not when this
    // program ran: a repeated append writes the same bytes.
    let papers = json!(papers(rows, file.clone()));
    let commit_info = CommitInfo {
        timestamp: Some(rows.arrived_ms),
        operation: Some("WRITE".to_owned()),
        operation_parameters: Some(HashMap::from([("mode".to_owned(), json!("Append"))])),
        read_version: u64::try_from(newest).ok(),
        is_blind_append: Some(true),
        user_metadata: Some(transaction_id.to_owned()),
        info: HashMap::from([(log::PAPERS.to_owned(), papers)]),
        ..CommitInfo::default()
    };
    let add = Add {
        path: file.path.clone(),
        size: i64::try_from(file.size_bytes).unwrap_or(i64::MAX),
        modification_time: rows.arrived_ms,
        data_change: true,
        stats: Some(rows.statistics.clone()),
        ..Add::default()
    };
    vec![Action::CommitInfo(commit_info), Action::Add(add)]
}

fn papers(rows: &DataFile, file: FileRecord) -> Papers {
    Papers { rows: rows.count, control_sum: rows.control_sum, files: vec![file] }
}

/// The same transaction always writes the same file, so that attempts cannot pile up.
fn file_name(table: Table, transaction_id: &str) -> String {
    let name = format!("{transaction_id}\n{}", table.name());
    format!("part-{}.snappy.parquet", disk::sha256(name.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::LakeVersion;
    use crate::records::Batch;
    use crate::testing::{action, empty_lake, observations, stamp};
    use model::{ActionStatus, ByWhen};

    const FIGURES: [&str; 2] =
        ["police-asb E07000111 2025-04 - 120", "police-asb E07000111 2025-05 - [c]"];

    #[tokio::test]
    async fn a_transaction_is_added_once_and_gives_the_same_record_again() {
        let lake = empty_lake().await;
        let first = lake.add(1, &FIGURES).await;
        let again = lake.add(1, &FIGURES).await;
        assert!(!first.already_there);
        assert!(again.already_there);
        assert_eq!(first.commits, again.commits);
        assert_eq!(first.version, again.version);
        assert_eq!(first.version.to_string(), "o1.a0");
        let commit = &first.commits[0];
        assert_eq!((commit.rows, commit.control_sum), (2, 120));
        assert_eq!(lake.lake.version().unwrap(), first.version);
    }

    #[tokio::test]
    async fn an_attempt_that_stopped_between_the_tables_is_finished_by_the_next() {
        let lake = empty_lake().await;
        let observations = observations(&FIGURES);
        let plan = [action("4.7", ByWhen::Ongoing, ActionStatus::Complete)];
        let observations = observations.into_iter().collect::<model::Observations>();
        let half = Batch { stamp: stamp(1), observations: &observations, actions: &[] };
        let whole = Batch { actions: &plan, ..half.clone() };
        let begun = lake.lake.append("both", Encoded::of(&[half]).unwrap()).await.unwrap();
        let finished = lake.lake.append("both", Encoded::of(&[whole]).unwrap()).await.unwrap();
        assert!(!finished.already_there);
        assert_eq!(finished.version.to_string(), "o1.a1");
        assert_eq!(finished.commits[0], begun.commits[0]);
        assert_eq!(finished.commits[1].table, "actions");
    }

    #[tokio::test]
    async fn the_same_append_writes_the_same_bytes_anywhere() {
        let (here, there) = (empty_lake().await, empty_lake().await);
        assert_eq!(here.add(1, &FIGURES).await, there.add(1, &FIGURES).await);
    }

    #[tokio::test]
    async fn nothing_to_add_is_no_commit() {
        let lake = empty_lake().await;
        let appended = lake.add(1, &[]).await;
        assert_eq!(appended.commits, []);
        assert!(!appended.already_there);
        let nothing = LakeVersion { observations: 0, actions: 0 };
        assert_eq!(appended.version, nothing);
    }

    #[tokio::test]
    async fn what_would_read_back_differently_is_refused() {
        let lake = empty_lake().await;
        let mut observations = observations(&FIGURES);
        observations[1].breakdown = model::Breakdown::all().with("site", "A, B");
        let observations = observations.into_iter().collect::<model::Observations>();
        let batch = Batch { stamp: stamp(1), observations: &observations, actions: &[] };
        let error = Encoded::of(&[batch]).err().expect("cannot be stored");
        assert!(error.to_string().contains("the breakdown `site=A, B`"), "{error}");
        assert_eq!(lake.lake.version().unwrap().observations, 0);
    }

    #[tokio::test]
    async fn a_leftover_data_file_of_a_crash_does_no_harm() {
        let lake = empty_lake().await;
        let folder = lake.lake.table_folder(Table::Observations);
        let name = file_name(Table::Observations, "add/1");
        disk::write_replacing(&folder, &name, b"half a file").unwrap();
        for name in [".00000000000000000000.json.tmp", ".00000000000000000001.json.tmp"] {
            disk::write_replacing(&log::folder(&folder), name, b"{").unwrap();
        }
        let appended = lake.add(1, &FIGURES).await;
        let log = disk::list(&log::folder(&folder)).unwrap().unwrap();
        assert!(
            log.iter().all(|entry| entry.name.strip_suffix(".json").is_some()),
            "no leftover stays"
        );
        assert_eq!(lake.lake.verify(&appended.commits).await, [""; 0]);
        let series = lake.lake.reduce(&appended.version).await.unwrap();
        assert_eq!(series.series.len(), 1);
    }

    #[tokio::test]
    async fn a_full_or_closed_disk_is_a_clear_error_and_leaves_the_lake_as_it_was() {
        let lake = empty_lake().await;
        let before = lake.add(1, &FIGURES).await;
        // A folder where the file should go: no account may write over it.
        let folder = lake.lake.table_folder(Table::Observations);
        disk::create_folder(&folder.join(file_name(Table::Observations, "add/2"))).unwrap();
        let observations = observations(&FIGURES).into_iter().collect::<model::Observations>();
        let batch = Batch { stamp: stamp(2), observations: &observations, actions: &[] };
        let error = lake.lake.append("add/2", Encoded::of(&[batch]).unwrap()).await.unwrap_err();
        assert!(error.to_string().starts_with("could not write `"), "{error}");
        assert_eq!(lake.lake.version().unwrap(), before.version);
        assert_eq!(lake.lake.verify(&before.commits).await, [""; 0]);
    }
}
