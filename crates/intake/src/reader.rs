//! Reading workbooks that nobody vouches for, in a child process that may die without harm.
//!
//! The child is this very program, started with [`CHILD_ARGUMENT`] and nothing else: no
//! environment, no files but the one it reads. It limits its own memory, processor time and
//! files before it looks at anything. However it ends, only the file at hand is refused.

mod binary;
mod cells;
mod child;
mod container;
mod dates;
mod delimited;
mod emit;
mod excel;
mod facts;
mod formulas;
mod gathered;
mod guard;
mod legacy;
mod mend;
mod open_document;
mod order;
mod package;
mod pieces;
mod process;
mod scan;
mod seen;
mod standin;
mod tags;
mod wire;
mod xlsx;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::atomic::{AtomicUsize, Ordering};

use model::{Finding, SubmissionHash};

use crate::workbook::Workbook;
use process::Child;

/// The argument that makes the program a reading child; see [`child_main`].
pub const CHILD_ARGUMENT: &str = "__read-workbooks";

/// How, and within what limits, workbooks are read.
#[derive(Clone, Debug)]
pub struct ReaderSettings {
    /// The program to start: this one.
    pub program: PathBuf,
    /// Address space of the child in bytes, the program's own included.
    pub address_space_bytes: u64,
    /// Time for one file in seconds, of the clock and of the processor.
    pub seconds: u64,
    /// Most filled cells on one sheet.
    pub cells_per_sheet_max: usize,
    /// Most filled cells in one file.
    pub cells_per_file_max: usize,
    /// Most bytes of a file once unpacked.
    pub uncompressed_bytes_max: u64,
}

impl ReaderSettings {
    fn limits(&self) -> wire::Limits {
        wire::Limits {
            address_space_bytes: self.address_space_bytes,
            seconds: self.seconds.max(1),
            cells_per_sheet_max: self.cells_per_sheet_max,
            cells_per_file_max: self.cells_per_file_max,
            uncompressed_bytes_max: self.uncompressed_bytes_max,
        }
    }
}

/// How many children read at once, if there are so many files. Each has the limits to itself.
const CHILDREN_MAX: usize = 2;

/// Reads files, each given by hash, label and place, in children, each of which is replaced when
/// it dies; hands what was read (a workbook, or why there is none) to `understood` as it comes, and
/// gives what that made of it in the order of the files.
///
/// Blocks until the last file is done; call it where blocking is fine.
pub fn read_each<T: Send>(
    files: &[(SubmissionHash, String, PathBuf)],
    settings: &ReaderSettings,
    understood: impl Fn(usize, Result<Workbook, Finding>) -> T + Sync,
) -> Vec<T> {
    let next = AtomicUsize::new(0);
    let read = || {
        let mut made = Vec::new();
        let mut child = None;
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some((hash, label, path)) = files.get(index) else {
                return made;
            };
            let read = read_one(hash, label, path, settings, &mut child);
            // A child that is not needed any more need not keep its memory.
            if files.len() <= next.load(Ordering::Relaxed) {
                child = None;
            }
            made.push((index, understood(index, read)));
        }
    };
    let mut made = std::thread::scope(|scope| {
        let others: Vec<_> =
            (1..CHILDREN_MAX.min(files.len())).map(|_| scope.spawn(read)).collect();
        let mut made = read();
        for other in others {
            let more = other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            made.extend(more);
        }
        made
    });
    made.sort_by_key(|(index, _)| *index);
    made.into_iter().map(|(_, thing)| thing).collect()
}

/// As [`read_each`], but all workbooks are kept.
pub fn read_all(
    files: &[(SubmissionHash, String, PathBuf)],
    settings: &ReaderSettings,
) -> Vec<Result<Workbook, Finding>> {
    read_each(files, settings, |_, read| read)
}

fn read_one(
    hash: &SubmissionHash,
    label: &str,
    path: &Path,
    settings: &ReaderSettings,
    child: &mut Option<Child>,
) -> Result<Workbook, Finding> {
    let mut reader = match child.take() {
        Some(reader) => reader,
        None => Child::start(settings).map_err(|error| process::unavailable(label, &error))?,
    };
    match reader.read(label, path) {
        Ok(answer) => {
            *child = Some(reader);
            answer
        }
        Err(end) => {
            tracing::warn!(submission = %hash, %end, "Reading `{label}` stopped the reader: {end}");
            Err(process::stopped(label, &end))
        }
    }
}

/// What the program does when its first argument is [`CHILD_ARGUMENT`]: nothing else may be done
/// before or after it.
pub fn child_main() -> ExitCode {
    child::main()
}

#[cfg(test)]
mod facts_tests;
#[cfg(test)]
pub(crate) mod in_process;
#[cfg(test)]
mod library_tests;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod xlsx_tests;
