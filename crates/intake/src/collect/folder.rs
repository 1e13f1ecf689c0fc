//! Partner folders on disk.

use std::collections::BTreeMap;
use std::ffi::{CStr, CString};
use std::fs::File;
use std::io::{self, Read};
use std::os::fd::{AsFd, OwnedFd};
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use jiff::Timestamp;
use model::{Finding, Place, Severity, SourceId, SubmissionHash};
use rustix::fs::{AtFlags, Dir, FileType, Mode, OFlags, Stat};
use rustix::io::Errno;

use super::{Arrival, SourceError, file_label};
use crate::landing::Landing;

/// Most names looked at in one folder.
const FILES_MAX: usize = 10_000;

/// A folder into which a partner's files are put.
#[derive(Clone, Debug)]
pub struct FolderSource {
    /// The source.
    pub id: SourceId,
    /// The folder; folders within it are not looked into.
    pub path: PathBuf,
    /// How long a file must have been left alone before it is taken; zero takes it at once.
    pub settle: Duration,
    /// Largest file taken, in bytes.
    pub file_bytes_max: u64,
}

/// What is remembered of a file that was taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownFile {
    /// Its size in bytes.
    pub size_bytes: u64,
    /// When it was last changed, to the millisecond.
    pub modified: Timestamp,
    /// Its bytes.
    pub hash: SubmissionHash,
}

/// What a look into a folder brought.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Collected {
    /// New or changed files, by name, with when they were last changed (to be remembered).
    pub arrivals: Vec<(Arrival, Option<Timestamp>)>,
    /// Labels of files that are as they were.
    pub unchanged: Vec<String>,
    /// Files that were not taken, and why.
    pub findings: Vec<Finding>,
    /// Whether a file was left for the next look.
    pub retry_later: bool,
}

/// Takes the files of a folder that are new or have changed since they were remembered.
///
/// `known` is what the ledger remembers, by label. One bad file never stops the others; only a
/// folder that cannot be listed or a landing store that cannot be written to does.
pub fn collect_folder(
    source: &FolderSource,
    known: &BTreeMap<String, KnownFile>,
    landing: &Landing,
    now: Timestamp,
) -> Result<Collected, SourceError> {
    let directory = open_directory(source)?;
    let mut collected = Collected::default();
    let names = list(source, &directory, &mut collected)?;
    let take = |name: &CString| {
        let label = file_label(&name.to_string_lossy());
        let outcome = look_at(source, &directory, name, known.get(&label), now);
        let kept = match &outcome {
            Outcome::Taken { bytes, .. } => Some(landing.keep(bytes)),
            _ => None,
        };
        // The bytes are on the disk now; many files are not to be in memory together.
        (label, outcome.without_bytes(), kept)
    };
    for (label, outcome, kept) in side_by_side(&names, take) {
        let hash = kept.transpose().map_err(|error| SourceError::Keep {
            id: source.id.clone(),
            file: label.clone(),
            source: error,
        })?;
        match outcome {
            Outcome::Passed => {}
            Outcome::Unchanged => collected.unchanged.push(label),
            Outcome::Arriving(why) => {
                collected.findings.push(still_arriving(&label, why));
                collected.retry_later = true;
            }
            Outcome::Refused(problem) => collected.findings.push(refusal(source, &label, problem)),
            Outcome::Taken { bytes: _, size_bytes, modified } => {
                let Some(hash) = hash else { continue };
                let arrived_at = modified.map_or(now, |modified| modified.min(now));
                let arrival = Arrival { file: label, hash, size_bytes, arrived_at };
                collected.arrivals.push((arrival, modified));
            }
        }
    }
    Ok(collected)
}

/// Does something with each name, several at a time: keeping a file is mostly waiting for the disk.
/// What comes of it is in the order of the names.
fn side_by_side<T: Send>(names: &[CString], work: impl Fn(&CString) -> T + Sync) -> Vec<T> {
    const AT_ONCE: usize = 4;
    let next = AtomicUsize::new(0);
    let take = || {
        let mut done = Vec::new();
        while let index = next.fetch_add(1, Ordering::Relaxed)
            && let Some(name) = names.get(index)
        {
            done.push((index, work(name)));
        }
        done
    };
    let mut done = std::thread::scope(|scope| {
        let others: Vec<_> = (1..AT_ONCE.min(names.len())).map(|_| scope.spawn(take)).collect();
        let mut done = take();
        for other in others {
            done.extend(other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        }
        done
    });
    done.sort_by_key(|(index, _)| *index);
    done.into_iter().map(|(_, thing)| thing).collect()
}

enum Outcome {
    Passed,
    Unchanged,
    Arriving(&'static str),
    Refused(Problem),
    Taken { bytes: Vec<u8>, size_bytes: u64, modified: Option<Timestamp> },
}

impl Outcome {
    fn without_bytes(self) -> Self {
        match self {
            Self::Taken { size_bytes, modified, .. } => {
                Self::Taken { bytes: Vec::new(), size_bytes, modified }
            }
            other => other,
        }
    }
}

enum Problem {
    Link,
    Special,
    Empty,
    TooLarge(u64),
    Unreadable(io::Error),
}

fn open_directory(source: &FolderSource) -> Result<OwnedFd, SourceError> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    rustix::fs::open(&source.path, flags, Mode::empty()).map_err(|errno| {
        let (id, path) = (source.id.clone(), source.path.clone());
        match errno {
            Errno::NOENT => SourceError::FolderMissing { id, path },
            Errno::NOTDIR => SourceError::NotAFolder { id, path },
            _ => SourceError::FolderUnreadable { id, path, source: errno.into() },
        }
    })
}

/// Names worth looking at, sorted.
fn list(
    source: &FolderSource,
    directory: &OwnedFd,
    collected: &mut Collected,
) -> Result<Vec<CString>, SourceError> {
    let unreadable = |errno: Errno| SourceError::FolderUnreadable {
        id: source.id.clone(),
        path: source.path.clone(),
        source: errno.into(),
    };
    let mut names = Vec::new();
    for entry in Dir::read_from(directory).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        if !is_passed_over(&entry.file_name().to_string_lossy()) {
            names.push(entry.file_name().to_owned());
        }
    }
    names.sort();
    if names.len() > FILES_MAX {
        names.truncate(FILES_MAX);
        collected.findings.push(
            Finding::new(
                Severity::Warning,
                "too-many-files",
                Place::file(),
                format!(
                    "folder of source `{}` holds more than {FILES_MAX} files; only the first {FILES_MAX} by name were looked at",
                    source.id
                ),
            )
            .with_hint("move files that are no longer needed to another folder"),
        );
    }
    Ok(names)
}

/// Files that programs leave beside the ones people mean.
fn is_passed_over(name: &str) -> bool {
    let lower = name.to_lowercase();
    let ending = lower.rsplit_once('.').map_or("", |(_, ending)| ending);
    lower.starts_with('.')
        || lower.starts_with("~$")
        || matches!(ending, "tmp" | "part" | "partial" | "crdownload")
        || matches!(lower.as_str(), "thumbs.db" | "desktop.ini")
}

fn look_at(
    source: &FolderSource,
    directory: &OwnedFd,
    name: &CStr,
    known: Option<&KnownFile>,
    now: Timestamp,
) -> Outcome {
    let seen = match rustix::fs::statat(directory, name, AtFlags::SYMLINK_NOFOLLOW) {
        Ok(seen) => seen,
        // Moved away between the listing and now: somebody is at work.
        Err(Errno::NOENT) => return Outcome::Passed,
        Err(errno) => return Outcome::Refused(Problem::Unreadable(errno.into())),
    };
    match FileType::from_raw_mode(seen.st_mode) {
        FileType::RegularFile => {}
        FileType::Directory => return Outcome::Passed,
        FileType::Symlink => return Outcome::Refused(Problem::Link),
        _ => return Outcome::Refused(Problem::Special),
    }
    let modified = modified(&seen);
    if known.is_some_and(|known| {
        known.size_bytes == size(&seen)
            && modified.is_some_and(|m| m == to_milliseconds(known.modified))
    }) {
        return Outcome::Unchanged;
    }
    if modified.is_some_and(|modified| is_settling(modified, now, source.settle)) {
        return Outcome::Arriving("it was changed a moment ago");
    }
    match read(source, directory, name) {
        Ok(outcome) => outcome,
        Err(error) => Outcome::Refused(Problem::Unreadable(error)),
    }
}

/// Whether a file was changed less than the settling time ago. A clock that is ahead of ours by
/// more than that must not keep a file out for ever.
fn is_settling(modified: Timestamp, now: Timestamp, settle: Duration) -> bool {
    let age = now.duration_since(modified).unsigned_abs();
    age < settle
}

/// Opens without following a link, and reads what was opened if it is a plain file.
fn read(source: &FolderSource, directory: &OwnedFd, name: &CStr) -> io::Result<Outcome> {
    // Not blocking: a pipe put in the file's place must not hold us.
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    match rustix::fs::openat(directory.as_fd(), name, flags, Mode::empty()) {
        Ok(handle) => read_opened(source, handle, || {}),
        Err(Errno::LOOP) => Ok(Outcome::Refused(Problem::Link)),
        Err(Errno::NOENT) => Ok(Outcome::Passed),
        Err(errno) => Err(errno.into()),
    }
}

/// Reads an open file, and looks at its size and time before and after: what changed while it was
/// read is not taken. `meanwhile` happens in between; only tests have something happen.
fn read_opened(
    source: &FolderSource,
    handle: OwnedFd,
    meanwhile: impl FnOnce(),
) -> io::Result<Outcome> {
    let before = rustix::fs::fstat(&handle)?;
    if FileType::from_raw_mode(before.st_mode) != FileType::RegularFile {
        return Ok(Outcome::Refused(Problem::Special));
    }
    if size(&before) == 0 {
        return Ok(Outcome::Refused(Problem::Empty));
    }
    if size(&before) > source.file_bytes_max {
        return Ok(Outcome::Refused(Problem::TooLarge(size(&before))));
    }
    meanwhile();
    let mut file = File::from(handle);
    let mut bytes = Vec::with_capacity(usize::try_from(size(&before)).unwrap_or(0));
    // One byte more than allowed shows a file that grew past the limit meanwhile.
    (&mut file).take(source.file_bytes_max.saturating_add(1)).read_to_end(&mut bytes)?;
    let after = rustix::fs::fstat(&file)?;
    let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
    if length != size(&before) || size(&after) != size(&before) || times(&after) != times(&before) {
        return Ok(Outcome::Arriving("it changed while it was being read"));
    }
    let size_bytes = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
    Ok(Outcome::Taken { bytes, size_bytes, modified: modified(&after) })
}

fn size(stat: &Stat) -> u64 {
    u64::try_from(stat.st_size).unwrap_or(0)
}

fn times(stat: &Stat) -> (i128, i128) {
    (i128::from(stat.st_mtime), i128::from(stat.st_mtime_nsec))
}

/// To the millisecond, so that it survives any store.
fn modified(stat: &Stat) -> Option<Timestamp> {
    let nanoseconds = i32::try_from(stat.st_mtime_nsec).ok()?;
    Timestamp::new(stat.st_mtime, nanoseconds).ok().map(to_milliseconds)
}

fn to_milliseconds(time: Timestamp) -> Timestamp {
    Timestamp::from_millisecond(time.as_millisecond()).unwrap_or(time)
}

fn still_arriving(label: &str, why: &str) -> Finding {
    Finding::new(
        Severity::Warning,
        "still-arriving",
        Place::file(),
        format!("`{label}` was left for the next look: {why}"),
    )
    .with_hint("nothing to do if it is being copied; otherwise close it and run again")
}

fn refusal(source: &FolderSource, label: &str, problem: Problem) -> Finding {
    let (code, message, hint) = match problem {
        Problem::Link => (
            "not-a-regular-file",
            format!("`{label}` is a link to another place and was not followed"),
            "put a copy of the file itself in the folder".to_owned(),
        ),
        Problem::Special => (
            "not-a-regular-file",
            format!("`{label}` is not an ordinary file and was not opened"),
            "remove it from the folder".to_owned(),
        ),
        Problem::Empty => (
            "empty-file",
            format!("`{label}` is empty (0 bytes)"),
            "it was probably not copied to the end: send it again".to_owned(),
        ),
        Problem::TooLarge(size_bytes) => (
            "file-too-large",
            format!(
                "`{label}` has {size_bytes} bytes; at most {} are taken",
                source.file_bytes_max
            ),
            "send only the sheets that were asked for, without pictures".to_owned(),
        ),
        Problem::Unreadable(error) => (
            "unreadable-file",
            format!("`{label}` could not be read: {error}"),
            "give the user that runs this program the right to read it".to_owned(),
        ),
    };
    Finding::new(Severity::Error, code, Place::file(), message).with_hint(hint)
}

#[cfg(test)]
#[path = "folder_tests.rs"]
mod tests;
