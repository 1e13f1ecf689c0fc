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
mod guard;
mod legacy;
mod mend;
mod open_document;
mod package;
mod process;
mod scan;
mod seen;
mod tags;
mod wire;

use std::path::PathBuf;
use std::process::ExitCode;

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

/// Reads files, each given by hash, label and place, in one child; it is replaced when it dies.
/// The answers are in the order of the files: a workbook, or why there is none.
///
/// Blocks until the last file is done; call it where blocking is fine.
pub fn read_all(
    files: &[(SubmissionHash, String, PathBuf)],
    settings: &ReaderSettings,
) -> Vec<Result<Workbook, Finding>> {
    let mut child = None;
    files
        .iter()
        .map(|(hash, label, path)| {
            let mut reader = match child.take() {
                Some(reader) => reader,
                None => Child::start(settings).map_err(|error| process::unavailable(label, &error))?,
            };
            match reader.read(label, path) {
                Ok(answer) => {
                    child = Some(reader);
                    answer
                }
                Err(end) => {
                    tracing::warn!(submission = %hash, %end, "Reading `{label}` stopped the reader: {end}");
                    Err(process::stopped(label, &end))
                }
            }
        })
        .collect()
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
mod tests;
