//! Comparing the disk with what was acknowledged, before anything is computed from it.

use std::path::Path;

use crate::records::{CommitRecord, FileRecord};
use crate::store::{Lake, in_background};
use crate::tables::Table;
use crate::{LakeError, disk, log, pinned};

impl Lake {
    /// Says what is wrong with the lake, one plain sentence each; none if it holds every commit
    /// as it was acknowledged. Reads every recorded file whole.
    ///
    /// Commits that are in the lake and not among the records are no damage: a crash between the
    /// lake and the ledger leaves one, and repeating the append gives its record.
    pub async fn verify(&self, records: &[CommitRecord]) -> Vec<String> {
        let mut damages = Vec::new();
        for table in Table::ALL {
            let folder = self.table_folder(table);
            let of_table: Vec<CommitRecord> =
                records.iter().filter(|record| record.table == table.name()).cloned().collect();
            let found = in_background(&folder.clone(), move || Ok(check_files(&folder, &of_table)))
                .await
                .unwrap_or_else(|error| vec![sentence(&error)]);
            // With its files damaged, whether Delta Lake can read the table is no news.
            let readable = if found.is_empty() { self.check_readable(table).await } else { None };
            damages.extend(found);
            damages.extend(readable);
        }
        let tables = Table::ALL.map(Table::name);
        damages.extend(
            records.iter().filter(|record| !tables.contains(&record.table.as_str())).map(
                |record| {
                    format!("The lake has no table `{}`, yet rows were added to it.", record.table)
                },
            ),
        );
        damages
    }

    /// Whether Delta Lake reads the table at its newest version, and finds its files there.
    async fn check_readable(&self, table: Table) -> Option<String> {
        let folder = self.table_folder(table);
        let newest = match log::newest(&folder) {
            Ok(newest) => newest,
            Err(error) => return Some(sentence(&error)),
        };
        let loaded = match pinned::load(&folder, newest).await {
            Ok(loaded) => loaded,
            Err(error) => return Some(sentence(&error)),
        };
        let state = loaded.snapshot().ok()?;
        state.log_data().iter().find_map(|file| {
            let size_bytes = u64::try_from(file.size()).unwrap_or_default();
            pinned::check_size(&folder.join(file.path().as_ref()), size_bytes)
                .err()
                .map(|error| sentence(&error))
        })
    }
}

fn check_files(folder: &Path, records: &[CommitRecord]) -> Vec<String> {
    let entries = match log::entries(folder) {
        Ok(entries) => entries,
        Err(error) => return vec![sentence(&error)],
    };
    let Some(newest) = entries.last().map(|entry| entry.version) else {
        return vec![full_stop(&log::no_log(folder))];
    };
    let mut damages: Vec<String> = entries
        .iter()
        .filter(|entry| entry.size_bytes == 0)
        .map(|entry| full_stop(&log::empty_entry(folder, entry.version)))
        .collect();
    for record in records {
        if newest < record.version {
            damages.push(format!(
                "The table `{}` is at version {newest}, but version {} was kept: {} rows are lost.",
                record.table, record.version, record.rows
            ));
        } else {
            let empty = entries
                .iter()
                .any(|entry| entry.version == record.version && entry.size_bytes == 0);
            if !empty {
                damages.extend(check_entry(folder, record));
            }
        }
        damages.extend(record.files.iter().filter_map(|file| check_file(folder, file)));
    }
    damages
}

fn check_entry(folder: &Path, record: &CommitRecord) -> Option<String> {
    let path = log::folder(folder).join(log::entry_name(record.version));
    match disk::read(&path) {
        Err(error) => Some(sentence(&error)),
        Ok(None) => Some(format!("The log entry `{}` is missing.", path.display())),
        Ok(Some(bytes)) => (disk::sha256(&bytes) != record.log_sha256).then(|| {
            format!("The log entry `{}` is not the one that was written.", path.display())
        }),
    }
}

fn check_file(folder: &Path, file: &FileRecord) -> Option<String> {
    let path = folder.join(&file.path);
    if let Err(error) = pinned::check_size(&path, file.size_bytes) {
        return Some(sentence(&error));
    }
    match disk::read(&path) {
        Err(error) => Some(sentence(&error)),
        Ok(bytes) => (disk::sha256(&bytes.unwrap_or_default()) != file.sha256).then(|| {
            format!("The data file `{}` is not the one that was written.", path.display())
        }),
    }
}

fn sentence(error: &LakeError) -> String {
    match error {
        LakeError::Damaged { what } => full_stop(what),
        other => full_stop(&other.to_string()),
    }
}

fn full_stop(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().into_iter().flat_map(char::to_uppercase);
    let mut sentence: String = first.chain(letters).collect();
    if !sentence.ends_with('.') {
        sentence.push('.');
    }
    sentence
}

#[cfg(test)]
mod tests {
    use std::fs::{self, File, OpenOptions};
    use std::io::{Read, Seek, SeekFrom, Write};
    use std::path::PathBuf;

    use super::*;
    use crate::testing::{TestLake, empty_lake};

    struct Kept {
        test: TestLake,
        records: Vec<CommitRecord>,
    }

    async fn kept() -> Kept {
        let test = empty_lake().await;
        let mut records = Vec::new();
        for sequence in 1..=3 {
            let figure = format!("police-asb E07000111 2025-0{sequence} - {sequence}");
            records.extend(test.add(sequence, &[&figure]).await.commits);
        }
        Kept { test, records }
    }

    impl Kept {
        fn folder(&self) -> PathBuf {
            self.test.lake.table_folder(Table::Observations)
        }

        fn entry(&self, version: i64) -> PathBuf {
            log::folder(&self.folder()).join(log::entry_name(version))
        }

        fn data_file(&self, commit: usize) -> PathBuf {
            self.folder().join(&self.records[commit].files[0].path)
        }

        async fn damages(&self) -> String {
            let names = self.test.lake.verify(&self.records).await.join("\n");
            let place = fs::canonicalize(self.test.folder.path()).unwrap();
            let mut names = names.replace(place.to_str().unwrap(), "");
            for (number, record) in self.records.iter().enumerate() {
                names = names.replace(&record.files[0].path, &format!("part-{}", number + 1));
            }
            names
        }
    }

    fn flip_a_byte(path: &Path) {
        let mut file = OpenOptions::new().read(true).write(true).open(path).unwrap();
        let mut byte = [0];
        file.seek(SeekFrom::Start(40)).unwrap();
        file.read_exact(&mut byte).unwrap();
        file.seek(SeekFrom::Start(40)).unwrap();
        file.write_all(&[byte[0] ^ 1]).unwrap();
    }

    fn cut(path: &Path, size_bytes: u64) {
        let file = OpenOptions::new().write(true).open(path).unwrap();
        file.set_len(size_bytes).unwrap();
    }

    #[tokio::test]
    async fn a_sound_lake_has_no_damage_even_with_a_commit_the_ledger_does_not_know() {
        let mut kept = kept().await;
        assert_eq!(kept.damages().await, "");
        kept.records.pop();
        assert_eq!(kept.damages().await, "");
    }

    #[tokio::test]
    async fn an_empty_last_log_entry_is_found_and_nothing_is_read_past_it() {
        let kept = kept().await;
        cut(&kept.entry(3), 0);
        insta::assert_snapshot!(kept.damages().await, @"The log entry `/lake/observations/_delta_log/00000000000000000003.json` is empty.");
        assert!(kept.test.lake.version().is_err());
        let at = "o2.a0".parse().unwrap();
        assert!(kept.test.lake.reduce(&at).await.is_err());
    }

    #[tokio::test]
    async fn a_cut_log_entry_is_found() {
        let kept = kept().await;
        cut(&kept.entry(3), 100);
        insta::assert_snapshot!(kept.damages().await, @"The log entry `/lake/observations/_delta_log/00000000000000000003.json` is not the one that was written.");
    }

    #[tokio::test]
    async fn a_missing_log_entry_is_found_in_the_middle_and_at_the_end() {
        let kept = kept().await;
        fs::remove_file(kept.entry(2)).unwrap();
        insta::assert_snapshot!(kept.damages().await, @"The log entry `/lake/observations/_delta_log/00000000000000000002.json` is missing.");
        fs::remove_file(kept.entry(3)).unwrap();
        insta::assert_snapshot!(kept.damages().await, @r"
        The table `observations` is at version 1, but version 2 was kept: 1 rows are lost.
        The table `observations` is at version 1, but version 3 was kept: 1 rows are lost.
        ");
    }

    #[tokio::test]
    async fn a_data_file_that_is_missing_cut_or_changed_is_found() {
        let kept = kept().await;
        fs::remove_file(kept.data_file(0)).unwrap();
        cut(&kept.data_file(1), 10);
        flip_a_byte(&kept.data_file(2));
        let found = kept.damages().await;
        assert!(found.contains("The data file `/lake/observations/part-1` is missing."), "{found}");
        assert!(found.contains("`/lake/observations/part-2` has 10 bytes where"), "{found}");
        assert!(
            found.contains(
                "The data file `/lake/observations/part-3` is not the one that was written."
            ),
            "{found}"
        );
        assert_eq!(found.lines().count(), 3);
        let at = kept.test.lake.version().unwrap();
        let error = kept.test.lake.reduce(&at).await.unwrap_err();
        assert!(error.to_string().starts_with("the lake is damaged: the data file"), "{error}");
    }

    #[tokio::test]
    async fn a_broken_checkpoint_of_another_program_is_found() {
        let kept = kept().await;
        let log = log::folder(&kept.folder());
        File::create(log.join("00000000000000000002.checkpoint.parquet")).unwrap();
        File::create(log.join("_last_checkpoint"))
            .unwrap()
            .write_all(br#"{"version":2,"size":3}"#)
            .unwrap();
        let found = kept.damages().await;
        assert!(found.starts_with("Could not read the lake table"), "{found}");
    }

    #[tokio::test]
    async fn a_lost_table_is_found() {
        let kept = kept().await;
        fs::remove_dir_all(kept.folder()).unwrap();
        insta::assert_snapshot!(kept.damages().await, @"The table folder `/lake/observations` has no log.");
    }
}
