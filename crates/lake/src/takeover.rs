//! Building a lake anew from the sound parts of a damaged one.

use std::path::Path;

use crate::records::CommitRecord;
use crate::store::{Lake, in_background};
use crate::tables::Table;
use crate::{LakeError, disk, log};

impl Lake {
    /// Takes a recorded commit over from the lake in another folder, byte for byte. `false`, and nothing taken, if
    /// it is not there as it was recorded, or is not the next version of this lake's table.
    pub async fn take_over(&self, from: &Path, record: &CommitRecord) -> Result<bool, LakeError> {
        let Some(table) = Table::ALL.into_iter().find(|table| table.name() == record.table) else {
            return Ok(false);
        };
        let (from, to) = (from.join(table.name()), self.table_folder(table));
        let record = record.clone();
        in_background(&to.clone(), move || copy_commit(&from, &to, &record)).await
    }
}

fn copy_commit(from: &Path, to: &Path, record: &CommitRecord) -> Result<bool, LakeError> {
    if log::newest(to)? + 1 != record.version {
        return Ok(false);
    }
    let entry_name = log::entry_name(record.version);
    let Some(entry) = disk::read(&log::folder(from).join(&entry_name))? else { return Ok(false) };
    if disk::sha256(&entry) != record.log_sha256 {
        return Ok(false);
    }
    let mut files = Vec::new();
    for file in &record.files {
        match disk::read(&from.join(&file.path))? {
            Some(bytes) if disk::sha256(&bytes) == file.sha256 => files.push((&file.path, bytes)),
            _ => return Ok(false),
        }
    }
    for (path, bytes) in files {
        disk::write_replacing(to, path, &bytes)?;
    }
    disk::write_new(&log::folder(to), &entry_name, &entry)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::testing::empty_lake;

    #[tokio::test]
    async fn sound_commits_are_taken_over_and_damaged_ones_are_not() {
        let old = empty_lake().await;
        let first = old.add(1, &["police-asb E07000111 2025-01 - 1"]).await.commits;
        let second = old.add(2, &["police-asb E07000111 2025-02 - 2"]).await.commits;
        let folder = old.folder.path().join("lake");
        let damaged = old.lake.table_folder(Table::Observations).join(&second[0].files[0].path);
        fs::File::create(damaged).expect("cuts");
        let new = empty_lake().await;
        assert!(!new.lake.take_over(&folder, &second[0]).await.expect("looks"), "not the next");
        assert!(new.lake.take_over(&folder, &first[0]).await.expect("takes"));
        assert!(!new.lake.take_over(&folder, &second[0]).await.expect("looks"), "damaged");
        assert_eq!(new.lake.verify(&first).await, [""; 0]);
    }
}
