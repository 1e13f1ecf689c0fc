//! What parent and child say to each other: JSON documents, each after its length in four bytes.

use std::io::{self, Read, Write};
use std::path::PathBuf;

use jiff::civil::DateTime;
use model::Finding;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::workbook::{Cell, FileKind};

/// Longest document, in bytes: a batch of cells or one very long cell, escaped.
const FRAME_BYTES_MAX: u32 = 32 * 1024 * 1024;

/// What the child may use, told to it once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Limits {
    /// Bytes of address space.
    pub(super) address_space_bytes: u64,
    /// Seconds of processor time per file.
    pub(super) seconds: u64,
    /// Cells that hold something, per sheet.
    pub(super) cells_per_sheet_max: usize,
    /// Cells that hold something, per file.
    pub(super) cells_per_file_max: usize,
    /// Bytes of all parts of a file together once unpacked, and of all its text.
    pub(super) uncompressed_bytes_max: u64,
}

/// One file to read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Request {
    /// Where it is.
    pub(super) path: PathBuf,
    /// What to call it.
    pub(super) label: String,
}

/// Part of the answer to one request: `Start`, for each sheet `Sheet` and then its `Cells`, and
/// `Done`; or, at any point, `Refused`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) enum Answer {
    /// Said once, before the first request is read.
    Ready,
    Start {
        kind: FileKind,
        epoch_1904: bool,
    },
    Sheet {
        name: String,
        visible: bool,
    },
    Cells(Vec<WireCell>),
    Done,
    Refused(Finding),
}

/// A cell and where it stands: row and column, both from 0.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct WireCell(pub(super) u32, pub(super) u32, pub(super) WireValue);

/// A cell's value; numbers as bits, because decimal digits need not come back the same.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) enum WireValue {
    T(String),
    N(u64),
    B(bool),
    D(DateTime),
    E(String),
    F,
}

impl From<Cell> for WireValue {
    fn from(cell: Cell) -> Self {
        match cell {
            Cell::Text(text) => Self::T(text),
            Cell::Number(number) => Self::N(number.to_bits()),
            Cell::Bool(truth) => Self::B(truth),
            Cell::Date(date) => Self::D(date),
            Cell::Error(error) => Self::E(error),
            Cell::FormulaWithoutValue => Self::F,
        }
    }
}

impl From<WireValue> for Cell {
    fn from(value: WireValue) -> Self {
        match value {
            WireValue::T(text) => Self::Text(text),
            WireValue::N(bits) => Self::Number(f64::from_bits(bits)),
            WireValue::B(truth) => Self::Bool(truth),
            WireValue::D(date) => Self::Date(date),
            WireValue::E(error) => Self::Error(error),
            WireValue::F => Self::FormulaWithoutValue,
        }
    }
}

/// Sends one document.
pub(super) fn write<T: Serialize>(output: &mut impl Write, document: &T) -> io::Result<()> {
    let bytes = serde_json::to_vec(document)?;
    let length = u32::try_from(bytes.len())
        .ok()
        .filter(|length| *length <= FRAME_BYTES_MAX)
        .ok_or_else(|| io::Error::other("a document is too long to send"))?;
    output.write_all(&length.to_le_bytes())?;
    output.write_all(&bytes)?;
    output.flush()
}

/// Receives one document and its length in bytes; `None` at the end.
pub(super) fn read<T: DeserializeOwned>(input: &mut impl Read) -> io::Result<Option<(T, u32)>> {
    let mut length = [0; 4];
    // An end between documents is an end; an end within one is a fault.
    if input.read(&mut length[..1])? == 0 {
        return Ok(None);
    }
    input.read_exact(&mut length[1..])?;
    let length = u32::from_le_bytes(length);
    if length > FRAME_BYTES_MAX {
        return Err(io::Error::other("a document is longer than agreed"));
    }
    let mut bytes = Vec::new();
    let arrived = input.take(u64::from(length)).read_to_end(&mut bytes)?;
    if u32::try_from(arrived) != Ok(length) {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(Some((serde_json::from_slice(&bytes)?, length)))
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        #[test]
        fn every_number_and_text_arrives_as_it_left(bits in proptest::prelude::any::<u64>(), text in ".*") {
            let cells = vec![
                WireCell(1, 2, Cell::Number(f64::from_bits(bits)).into()),
                WireCell(3, 4, Cell::Text(text).into()),
            ];
            let sent = Answer::Cells(cells);
            let mut wire = Vec::new();
            write(&mut wire, &sent).expect("sends");
            let (received, _) = read::<Answer>(&mut wire.as_slice()).expect("receives").expect("one");
            proptest::prop_assert_eq!(received, sent);
        }
    }

    #[test]
    fn garbage_is_an_error_and_an_end_is_an_end() {
        assert!(read::<Answer>(&mut [].as_slice()).expect("an end").is_none());
        for garbage in [
            [1, 2].as_slice(),
            &[4, 0, 0, 0, b'x'],
            &[1, 0, 0, 0, b'x'],
            &[0xff, 0xff, 0xff, 0xff, b'x'],
        ] {
            assert!(read::<Answer>(&mut &*garbage).is_err(), "{garbage:?}");
        }
    }
}
