//! A copy of everything in one folder, made while others work; and back from it.
//!
//! The ledger is copied first, as of one moment. Everything it names was on the disk before it was named and is never
//! changed afterwards, so copying just that gives a whole that fits together, whatever is added meanwhile.

use std::collections::BTreeSet;
use std::fs;
use std::io::Write as _;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

use intake::landing::Landing;
use jiff::Timestamp;
use ledger::{Ledger, OccurrenceRecord, OccurrenceState, SubmissionFilter};
use model::SubmissionState;
use serde::{Deserialize, Serialize};

use crate::definitions::JobKind;
use crate::error::PipelineError;
use crate::house::{House, file_error};
use crate::serve::agenda;
use crate::verify::{Repair, verify};

const MANIFEST: &str = "backup.json";
const SCHEMA: &str = "quarterdeck/backup-manifest/1";

/// What a backup holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BackedUp {
    /// `quarterdeck/backup-manifest/1`.
    pub schema: String,
    /// When it was made.
    pub made_at: Timestamp,
    /// By which program.
    pub software: String,
    /// How many files it has besides the ledger.
    pub files: usize,
    /// Bytes of all of them.
    pub bytes: u64,
    /// What was damaged when it was copied; empty when it is whole.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub damage: Vec<String>,
}

/// Copies everything into a new folder, and reads the copy as [`verify`] does. Sealed submissions are left out: they are to
/// be destroyed, not kept. What is damaged is copied as it is, and said.
pub async fn backup(house: &House, to: &Path) -> Result<BackedUp, PipelineError> {
    if fs::read_dir(to).is_ok_and(|mut entries| entries.next().is_some()) {
        let message = format!("{} is not empty: name a folder that is not there yet", to.display());
        return Err(PipelineError::Usage(message));
    }
    if house.ledger_to_read()?.is_none() {
        let data = house.folders.data.display();
        return Err(PipelineError::Usage(format!("there is nothing to back up in {data} yet")));
    }
    // Not the one that is only read: SQLite copies into another file only from one that may be written.
    let ledger = house.ledger()?;
    let partial = beside(to, "partial");
    if partial.exists() {
        fs::remove_dir_all(&partial).map_err(file_error("clear", &partial))?;
    }
    closed_folder(&partial)?;
    let copied_ledger = partial.join("ledger.sqlite");
    ledger.back_up(&copied_ledger)?;
    drop(ledger);
    fs::File::open(&copied_ledger)
        .and_then(|file| file.sync_all())
        .map_err(file_error("sync", &copied_ledger))?;
    let Some(ledger) = Ledger::open_read_only(&copied_ledger)? else {
        return Err(PipelineError::TryLater("the copy of the ledger is gone".to_owned()));
    };
    let mut made = BackedUp {
        schema: SCHEMA.to_owned(),
        made_at: house.clock.now(),
        software: house.software.clone(),
        files: 0,
        bytes: 0,
        damage: Vec::new(),
    };
    for path in named(house, &ledger)? {
        let size = copy(&house.folders.data.join(&path), &partial.join(&path))?;
        made.files += 1;
        made.bytes += size;
    }
    drop(ledger);
    let mut copied = house.clone();
    copied.folders.data.clone_from(&partial);
    let damage = verify(&copied, Repair::No).await?.damage;
    made.damage = damage.into_iter().map(|it| format!("{}: {}", it.place, it.what)).collect();
    for leftover in ["ledger.sqlite-wal", "ledger.sqlite-shm"] {
        if partial.join(leftover).exists() {
            let path = partial.join(leftover);
            fs::remove_file(&path).map_err(file_error("clear", &path))?;
        }
    }
    let text = serde_json::to_string_pretty(&made).unwrap_or_default();
    let manifest = partial.join(MANIFEST);
    let written = fs::File::create(&manifest).and_then(|mut file| {
        file.write_all(text.as_bytes())?;
        file.sync_all()
    });
    written.map_err(file_error("write", &manifest))?;
    // Names last only when their folder was synced.
    sync_all_folders(&partial)?;
    if to.exists() {
        fs::remove_dir(to).map_err(file_error("replace", to))?;
    }
    fs::rename(&partial, to).map_err(file_error("put in place", to))?;
    sync(to.parent().unwrap_or(Path::new(".")))?;
    Ok(made)
}

/// The list of a backup; `None` if the folder is none.
pub(crate) fn manifest(folder: &Path) -> Option<BackedUp> {
    let text = fs::read_to_string(folder.join(MANIFEST)).ok()?;
    serde_json::from_str::<BackedUp>(&text).ok().filter(|made| made.schema == SCHEMA)
}

pub(crate) fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".{ending}"));
    PathBuf::from(name)
}

/// Every file that a ledger names, relative to the data folder.
fn named(house: &House, ledger: &Ledger) -> Result<BTreeSet<PathBuf>, PipelineError> {
    let data = &house.folders.data;
    let inside = |path: &Path| path.strip_prefix(data).map(Path::to_path_buf).ok();
    let mut files = BTreeSet::new();
    if house.folders.landing().is_dir() {
        let landing = Landing::open(house.folders.landing())?;
        for record in ledger.submissions(&SubmissionFilter::default())? {
            let is_kept =
                !matches!(record.state, SubmissionState::Sealed | SubmissionState::Shredded);
            let path = landing.path(&record.submission.hash);
            if is_kept && path.is_file() {
                files.extend(inside(&path));
            }
        }
    }
    for commit in ledger.commits()? {
        let table = Path::new("lake").join(&commit.table);
        files.extend(commit.files.iter().map(|file| table.join(&file.path)));
        let log = table.join("_delta_log");
        files.insert(log.join(format!("{:020}.json", commit.version)));
    }
    // The empty tables, before the first commit of each.
    for table in ["observations", "actions"] {
        let first =
            Path::new("lake").join(table).join("_delta_log").join(format!("{:020}.json", 0));
        if data.join(&first).is_file() {
            files.insert(first);
        }
    }
    for edition in ledger.editions()? {
        let folder = data.join(&edition.record.folder);
        gather(&folder, &mut |path| files.extend(inside(path)))
            .map_err(file_error("read", &folder))?;
    }
    let outbox = house.folders.outbox();
    if outbox.is_dir() {
        gather(&outbox, &mut |path| files.extend(inside(path)))
            .map_err(file_error("read", &outbox))?;
    }
    Ok(files)
}

fn gather(folder: &Path, each: &mut impl FnMut(&Path)) -> std::io::Result<()> {
    if !folder.is_dir() {
        return Ok(());
    }
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            gather(&path, each)?;
        } else if !path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.')) {
            each(&path);
        }
    }
    Ok(())
}

/// Makes a folder that nobody but the program's user and group can look into.
fn closed_folder(folder: &Path) -> Result<(), PipelineError> {
    let made = fs::DirBuilder::new().recursive(true).mode(0o750).create(folder);
    made.map_err(file_error("make", folder))
}

fn copy(from: &Path, to: &Path) -> Result<u64, PipelineError> {
    let parent = to.parent().unwrap_or(Path::new("."));
    closed_folder(parent)?;
    let size = fs::copy(from, to).map_err(file_error("copy", from))?;
    fs::File::open(to).and_then(|file| file.sync_all()).map_err(file_error("sync", to))?;
    Ok(size)
}

fn sync(folder: &Path) -> Result<(), PipelineError> {
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    fs::File::open(folder).and_then(|it| it.sync_all()).map_err(file_error("sync", folder))
}

fn sync_all_folders(folder: &Path) -> Result<(), PipelineError> {
    for entry in fs::read_dir(folder).map_err(file_error("list", folder))? {
        let path = entry.map_err(file_error("list", folder))?.path();
        if path.is_dir() {
            sync_all_folders(&path)?;
        }
    }
    sync(folder)
}

/// What restoring did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Restored {
    /// When the backup was made.
    pub made_at: Timestamp,
    /// How many files came back besides the ledger.
    pub files: usize,
    /// Messages that waited to be sent then: whether they were sent since nobody knows.
    pub unknown: usize,
    /// What fell due since the backup was made: whether it was run nobody knows, so it is not run by itself.
    pub not_run: Vec<String>,
}

/// Puts a backup into an empty data folder. Nothing that may have been sent since it was made is sent again by itself.
pub fn restore(house: &House, from: &Path) -> Result<Restored, PipelineError> {
    let manifest = from.join(MANIFEST);
    let text = fs::read_to_string(&manifest).map_err(file_error("read the backup's", &manifest))?;
    let made: BackedUp = serde_json::from_str(&text).map_err(|error| {
        PipelineError::Usage(format!("{} is no list of a backup: {error}", manifest.display()))
    })?;
    let data = &house.folders.data;
    let harmless = ["quarterdeck.lock", "heartbeat.json", "preview", "logs"];
    let in_the_way = fs::read_dir(data)
        .into_iter()
        .flatten()
        .filter_map(Result::ok)
        .find(|entry| !harmless.contains(&entry.file_name().to_string_lossy().as_ref()));
    if let Some(entry) = in_the_way {
        return Err(PipelineError::Usage(format!(
            "{} is there already: a backup goes into an empty data folder. Put what is there aside first (mv {} {}.old)",
            entry.path().display(),
            data.display(),
            data.display()
        )));
    }
    let _lock = house.lock()?;
    let mut files = BTreeSet::new();
    gather(from, &mut |path| files.extend(path.strip_prefix(from).map(Path::to_path_buf).ok()))
        .map_err(file_error("read", from))?;
    files.remove(Path::new(MANIFEST));
    files.remove(Path::new("ledger.sqlite"));
    for path in &files {
        copy(&from.join(path), &data.join(path))?;
    }
    // Last: a restore that was interrupted leaves no ledger that names what is not there.
    copy(&from.join("ledger.sqlite"), &house.folders.ledger())?;
    sync(data)?;
    let ledger = house.ledger()?;
    let now = house.clock.now();
    let unknown = ledger.distrust_unsent(
        "restored from a backup: it may have been sent since the backup was made",
        now,
    )?;
    let not_run = pass_over(house, &ledger, now)?;
    Ok(Restored { made_at: made.made_at, files: files.len(), unknown, not_run })
}

/// What fell due since the backup was made may have been run then: it is left to a person.
fn pass_over(house: &House, ledger: &Ledger, now: Timestamp) -> Result<Vec<String>, PipelineError> {
    let mut passed_over = Vec::new();
    for job in house.definitions.jobs.values() {
        // Collecting or copying again does no harm, and sending is settled message by message.
        let harmless = matches!(job.kind, JobKind::Collect | JobKind::Dispatch | JobKind::BackUp);
        if harmless || job.schedule.is_ceaseless() {
            continue;
        }
        let decision = agenda(ledger, job, &house.definitions.calendar, now)?;
        let rows: Vec<OccurrenceRecord> = decision
            .run
            .into_iter()
            .map(|due| OccurrenceRecord {
                job: job.id.clone(),
                occurrence: due.key,
                period: due.period,
                due_at: due.at,
                state: OccurrenceState::Missed,
                why: Some("a backup was restored: whether it was run since the backup was made is not known".to_owned()),
                run_id: None,
                changed_at: now,
            })
            .collect();
        passed_over
            .extend(rows.iter().map(|it| format!("{} for {}", job.title, it.period.title())));
        ledger.note_occurrences(&rows)?;
    }
    Ok(passed_over)
}
