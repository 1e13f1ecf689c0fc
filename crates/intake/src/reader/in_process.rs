//! Reads a file without a child process: for tests on files we bundle ourselves.

use model::Finding;

use super::child;
use super::emit::{Emitter, Stop};
use super::process::assemble;
use super::wire::Limits;
use crate::workbook::Workbook;

const LIMITS: Limits = Limits {
    address_space_bytes: 1 << 30,
    seconds: 10,
    cells_per_sheet_max: 1_000_000,
    cells_per_file_max: 1_000_000,
    uncompressed_bytes_max: 50_000_000,
};

/// Reads a file's bytes, just as the child would.
pub(crate) fn read_bytes(label: &str, bytes: &[u8]) -> Result<Workbook, Finding> {
    let mut output = Vec::new();
    let emitter = Emitter::new(&mut output, label, &LIMITS);
    match child::read_bytes(bytes, emitter, &LIMITS) {
        Ok(()) => assemble(&output, LIMITS).expect("the child keeps to the rules"),
        Err(Stop::Refused(finding)) => Err(*finding),
        Err(Stop::Output(error)) => panic!("writing to memory failed: {error}"),
    }
}
