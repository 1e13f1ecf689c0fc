//! Backups that nobody has to remember: one a day at most, and the oldest is given up only for one that is whole.

use std::fs;
use std::path::{Path, PathBuf};

use jiff::civil::Date;
use ledger::Ledger;
use publication::{NoticePart, OperatorNotice};
use serde::Serialize;

use crate::backup::{BackedUp, backup, beside, manifest};
use crate::definitions::Backups;
use crate::error::PipelineError;
use crate::house::{House, file_error};
use crate::report::tell;

/// What the names of backups begin with; the day follows.
const NAMED: &str = "quarterdeck-";

/// A backup that was made, and what went for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct KeptBackup {
    /// Where it is.
    pub folder: PathBuf,
    /// How many files it has besides the ledger.
    pub files: usize,
    /// Bytes of all of them.
    pub bytes: u64,
    /// What was damaged when it was copied; empty when it is whole.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub damage: Vec<String>,
    /// Older ones that were deleted, by name.
    pub deleted: Vec<String>,
}

/// Makes today's backup, and deletes those beyond what is kept. `None` if today's is there and whole. One that is not
/// whole stays, for what it is worth; then no older one is deleted, and the operator hears of it once a day.
///
/// # Errors
/// When the folder is not there, which is never made: a drive that is not connected must not pass for one.
pub(crate) async fn keep_backups(
    house: &House,
    ledger: &Ledger,
    backups: &Backups,
) -> Result<Option<KeptBackup>, PipelineError> {
    usable(house, &backups.folder)?;
    let folder = backups.folder.join(format!("{NAMED}{}", house.clock.today()));
    match manifest(&folder) {
        Some(made) if made.damage.is_empty() => return Ok(None),
        Some(_) => delete(&folder)?,
        None => {}
    }
    let BackedUp { files, bytes, damage, .. } = backup(house, &folder).await?;
    let deleted = if damage.is_empty() {
        delete_beyond(backups)?
    } else {
        tell_damaged(house, ledger, &folder, &damage);
        Vec::new()
    };
    Ok(Some(KeptBackup { folder, files, bytes, damage, deleted }))
}

fn tell_damaged(house: &House, ledger: &Ledger, folder: &Path, damage: &[String]) {
    let partnership = &house.definitions.partnership.short_name;
    let notice = OperatorNotice {
        subject: format!("{partnership}: the backup is not whole"),
        heading: "The backup is not whole".to_owned(),
        opening: format!(
            "{} was made, and what it is a copy of is damaged. Older backups are all kept until one is whole again.",
            folder.display()
        ),
        parts: vec![NoticePart::new("What is damaged", damage.to_vec())],
        command: "quarterdeck verify".to_owned(),
    };
    tell(house, ledger, &format!("backup-not-whole-{}", house.clock.today()), &notice);
}

/// The backups in a folder, oldest first.
pub(crate) fn backups_in(folder: &Path) -> Result<Vec<PathBuf>, PipelineError> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).map_err(file_error("list", folder))? {
        let path = entry.map_err(file_error("list", folder))?.path();
        if day_of(&path).is_some() && manifest(&path).is_some() {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

/// Whether backups can be put there.
pub(crate) fn usable(house: &House, folder: &Path) -> Result<(), PipelineError> {
    if !folder.is_dir() {
        return Err(PipelineError::TryLater(format!(
            "there is no folder {} for backups: connect the drive, or make the folder for the program's user alone",
            folder.display()
        )));
    }
    let real = |path: &Path| fs::canonicalize(path).map_err(file_error("find", path));
    if house.folders.data.exists() && real(folder)?.starts_with(real(&house.folders.data)?) {
        return Err(PipelineError::Usage(format!(
            "{} lies in the data folder: a backup belongs on another disk; correct `folder` in its job.toml",
            folder.display()
        )));
    }
    Ok(())
}

/// The day in the name of a backup.
fn day_of(path: &Path) -> Option<Date> {
    path.file_name()?.to_str()?.strip_prefix(NAMED)?.parse().ok()
}

fn delete_beyond(backups: &Backups) -> Result<Vec<String>, PipelineError> {
    let mut all = backups_in(&backups.folder)?;
    // One that is damaged counts for nothing, and goes with those of its time.
    let is_whole = |path: &&PathBuf| manifest(path).is_some_and(|made| made.damage.is_empty());
    let last_kept = all.iter().rev().filter(is_whole).nth(backups.keep - 1).cloned();
    all.retain(|path| last_kept.as_ref().is_some_and(|kept| path < kept));
    for path in &all {
        delete(path)?;
    }
    // What a power cut left of one that was being made or deleted.
    for entry in fs::read_dir(&backups.folder).map_err(file_error("list", &backups.folder))? {
        let path = entry.map_err(file_error("list", &backups.folder))?.path();
        if path.extension().is_some_and(|it| it == "partial")
            && day_of(&path.with_extension("")).is_some()
        {
            fs::remove_dir_all(&path).map_err(file_error("delete", &path))?;
        }
    }
    let names = all.iter().filter_map(|path| path.file_name());
    Ok(names.map(|name| name.to_string_lossy().into_owned()).collect())
}

/// Under a name that says that it is no backup, first: what is left when this breaks off must not pass for one.
fn delete(folder: &Path) -> Result<(), PipelineError> {
    let partial = beside(folder, "partial");
    if partial.exists() {
        fs::remove_dir_all(&partial).map_err(file_error("delete", &partial))?;
    }
    fs::rename(folder, &partial).map_err(file_error("delete", folder))?;
    fs::remove_dir_all(&partial).map_err(file_error("delete", &partial))
}
