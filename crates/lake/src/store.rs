//! The lake as a folder: opening it, creating its tables, its version.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use deltalake::DeltaTableError;
use deltalake::kernel::transaction::CommitData;
use deltalake::kernel::{Action, CommitInfo, MetadataExt, Protocol, StructType, new_metadata};
use deltalake::protocol::{DeltaOperation, SaveMode};
use serde_json::json;
use url::Url;

use crate::tables::Table;
use crate::{LakeError, LakeVersion, disk, log};

/// The lake in one folder. Cheap to open and to keep; it holds no file open.
#[derive(Clone, Debug)]
pub struct Lake {
    folder: PathBuf,
}

impl Lake {
    /// Opens the lake for reading and adding, and creates its folder and its two empty tables if
    /// they are not there.
    ///
    /// Fails when the folder is on a network drive, when the disk refuses, and when one table is
    /// there without the other.
    pub async fn open(folder: &Path) -> Result<Self, LakeError> {
        let folder = folder.to_owned();
        in_background(&folder.clone(), move || {
            // Looked at before anything is created, so that a refused folder stays as it was.
            if let Some(existing) = folder.ancestors().find(|above| above.exists()) {
                disk::refuse_network_drive(existing)?;
            }
            refuse_path(&folder)?;
            disk::create_folder(&folder)?;
            let lake = Self::at(&folder)?;
            lake.create_tables()?;
            Ok(lake)
        })
        .await
    }

    /// Opens the lake if there is one, and creates nothing.
    pub async fn open_existing(folder: &Path) -> Result<Option<Self>, LakeError> {
        if !Self::exists(folder) {
            return Ok(None);
        }
        let folder = folder.to_owned();
        in_background(&folder.clone(), move || {
            let lake = Self::at(&folder)?;
            disk::refuse_network_drive(&lake.folder)?;
            Ok(Some(lake))
        })
        .await
    }

    /// Whether there is a lake in this folder, sound or not. Does not need the engine.
    ///
    /// A folder that was lost says no: a caller that remembers commits must take that as damage.
    pub fn exists(folder: &Path) -> bool {
        // What cannot be looked at is there, so that opening it says why.
        log::entries(&folder.join(Table::Observations.name()))
            .map_or(true, |entries| !entries.is_empty())
    }

    /// The newest version: what the tables hold now. Does not need the engine.
    ///
    /// Fails when a log is missing or has an empty entry.
    pub fn version(&self) -> Result<LakeVersion, LakeError> {
        Ok(LakeVersion {
            observations: log::newest(&self.table_folder(Table::Observations))?,
            actions: log::newest(&self.table_folder(Table::Actions))?,
        })
    }

    /// The folder of a table.
    pub(crate) fn table_folder(&self, table: Table) -> PathBuf {
        self.folder.join(table.name())
    }

    fn at(folder: &Path) -> Result<Self, LakeError> {
        // Absolute and without links: the engine is given addresses made of it.
        let folder = fs::canonicalize(folder).map_err(LakeError::disk("open", folder))?;
        refuse_path(&folder)?;
        Ok(Self { folder })
    }

    /// Creates what is not there: actions first, so that a lake [`exists`](Self::exists) only when
    /// it is whole.
    fn create_tables(&self) -> Result<(), LakeError> {
        let observations = self.table_folder(Table::Observations);
        let actions = self.table_folder(Table::Actions);
        let has_observations = !log::entries(&observations)?.is_empty();
        let newest_actions = log::entries(&actions)?.last().map(|entry| entry.version);
        match (has_observations, newest_actions) {
            (true, Some(_)) => Ok(()),
            (false, None) => {
                create(Table::Actions, &actions)?;
                create(Table::Observations, &observations)
            }
            // A crash between the two leaves an empty table of actions; anything else was lost.
            (false, Some(0)) => create(Table::Observations, &observations),
            (false, Some(_)) => Err(LakeError::Damaged { what: log::no_log(&observations) }),
            (true, None) => Err(LakeError::Damaged { what: log::no_log(&actions) }),
        }
    }
}

/// Runs what waits for the disk away from the async threads.
pub(crate) async fn in_background<T: Send + 'static>(
    folder: &Path,
    work: impl FnOnce() -> Result<T, LakeError> + Send + 'static,
) -> Result<T, LakeError> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result,
        Err(stopped) => match stopped.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            Err(_) => Err(LakeError::Stopped { path: folder.to_owned() }),
        },
    }
}

fn refuse_path(folder: &Path) -> Result<(), LakeError> {
    match folder.to_str() {
        Some(text) if !text.contains('%') => Ok(()),
        _ => Err(LakeError::Path { path: folder.to_owned() }),
    }
}

/// A folder as an address for Delta Lake.
pub(crate) fn folder_url(folder: &Path) -> Result<Url, LakeError> {
    Url::from_directory_path(folder).map_err(|()| LakeError::Path { path: folder.to_owned() })
}

/// Writes version 0 of a table.
fn create(table: Table, folder: &Path) -> Result<(), LakeError> {
    let first = first_entry(table, folder).map_err(LakeError::table("create", folder))??;
    let log_folder = log::folder(folder);
    disk::create_folder(folder)?;
    disk::create_folder(&log_folder)?;
    if disk::write_new(&log_folder, &log::entry_name(0), &first)? {
        Ok(())
    } else {
        Err(LakeError::Overtaken { path: folder.to_owned(), version: 0 })
    }
}

fn first_entry(table: Table, folder: &Path) -> Result<Result<Vec<u8>, LakeError>, DeltaTableError> {
    let location = match folder_url(folder) {
        Ok(location) => location,
        Err(error) => return Ok(Err(error)),
    };
    let schema = StructType::try_new(table.delta_fields())?;
    let settings = [
        // Rows are never changed or removed, and other tools should not either.
        ("delta.appendOnly", "true"),
        ("delta.enableChangeDataFeed", "false"),
    ];
    let metadata = new_metadata(&schema, Vec::<String>::new(), settings)?
        .with_name(table.name().to_owned())?
        .with_description(table.description().to_owned())?;
    // The oldest protocol that can say "append only": every reader of Delta Lake knows it.
    let protocol: Protocol =
        serde_json::from_value(json!({ "minReaderVersion": 1, "minWriterVersion": 2 }))?;
    let actions = vec![
        Action::CommitInfo(CommitInfo {
            operation: Some("CREATE TABLE".to_owned()),
            ..CommitInfo::default()
        }),
        Action::Protocol(protocol.clone()),
        Action::Metadata(metadata.clone()),
    ];
    let operation =
        DeltaOperation::Create { mode: SaveMode::ErrorIfExists, location, protocol, metadata };
    let data = CommitData::new(actions, operation, HashMap::new(), Vec::new());
    Ok(Ok(data.get_bytes()?.to_vec()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::empty_lake;

    #[tokio::test]
    async fn reading_a_lake_that_is_not_there_creates_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("deep/lake");
        assert!(!Lake::exists(&place));
        assert!(Lake::open_existing(&place).await.unwrap().is_none());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[tokio::test]
    async fn opening_again_keeps_what_is_there() {
        let test = empty_lake().await;
        let place = test.folder.path().join("lake");
        let appended = test.add(1, &["police-asb E07000111 2025-04 - 120"]).await;
        assert!(Lake::exists(&place));
        let again = Lake::open(&place).await.unwrap();
        assert_eq!(again.version().unwrap(), appended.version);
        let reading = Lake::open_existing(&place).await.unwrap().unwrap();
        assert_eq!(reading.version().unwrap(), appended.version);
    }

    #[tokio::test]
    async fn a_crash_while_creating_is_finished_and_a_lost_table_is_not_made_anew() {
        let test = empty_lake().await;
        let place = test.folder.path().join("lake");
        let observations = test.lake.table_folder(Table::Observations);
        fs::remove_dir_all(&observations).unwrap();
        assert!(!Lake::exists(&place));
        Lake::open(&place).await.unwrap();
        assert!(Lake::exists(&place));

        fs::remove_dir_all(test.lake.table_folder(Table::Actions)).unwrap();
        let error = Lake::open(&place).await.unwrap_err();
        assert!(error.to_string().contains("has no log"), "{error}");
        assert!(test.lake.version().is_err());
    }

    #[tokio::test]
    async fn a_folder_name_with_odd_letters_is_only_a_name() {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("a b [c] é*?#~");
        let lake = Lake::open(&place).await.unwrap();
        let test = crate::testing::TestLake { lake, folder };
        let appended = test.add(1, &["police-asb E07000111 2025-04 - 120"]).await;
        let table = test.lake.reduce(&appended.version).await.unwrap();
        assert_eq!(table.series.len(), 1);
        assert_eq!(test.lake.verify(&appended.commits).await, [""; 0]);

        let refused = test.folder.path().join("a%20b");
        let error = Lake::open(&refused).await.unwrap_err().to_string();
        assert!(error.ends_with("choose a path in plain text without `%`"), "{error}");
        assert!(!refused.exists());
    }

    #[tokio::test]
    async fn a_file_where_the_folder_should_be_is_a_clear_error() {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("lake");
        fs::File::create(&place).unwrap();
        let error = Lake::open(&place).await.unwrap_err().to_string();
        assert!(error.starts_with("could not create the folder `"), "{error}");
    }
}
