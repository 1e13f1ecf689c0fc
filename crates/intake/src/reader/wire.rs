//! What parent and child say to each other: frames of a kind, a length and so many bytes, which are
//! a JSON document or a batch of cells.

use std::io::{self, Read, Write};
use std::path::PathBuf;

use model::{CellAddress, Finding};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::workbook::{FileKind, OutOfSight};

/// Longest frame, in bytes: a batch of cells, or a finding about a very long name.
const FRAME_BYTES_MAX: u32 = 32 * 1024 * 1024;

/// What is made room for before it is there: more than most frames have.
const AT_ONCE_BYTES: u32 = 256 * 1024;

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

/// Part of the answer to one request: `Start`, for each sheet `Sheet` and then its `Cells` and
/// what is `Hidden` of it, and `Done`; or, at any point, `Refused`. Cells are sent apart, see [`Message`].
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
    /// What nobody sees of the sheet, if there is anything.
    Hidden(OutOfSight),
    /// The cells of the sheet where a formula has zero, if there are several and no formula has
    /// anything else.
    ZeroFormulas(Vec<CellAddress>),
    Done,
    Refused(Finding),
}

/// What the parent receives.
#[derive(Debug, PartialEq)]
pub(super) enum Message {
    Answer(Answer),
    /// Cells of the sheet named last, as [`super::cells::Batch`] writes them.
    Cells(Vec<u8>),
}

/// What a frame holds, said by its first byte.
const DOCUMENT: u8 = b'{';
const CELLS: u8 = b'#';

/// Sends one document.
pub(super) fn write<T: Serialize>(output: &mut impl Write, document: &T) -> io::Result<()> {
    write_frame(output, DOCUMENT, &serde_json::to_vec(document)?)
}

/// Sends a batch of cells.
pub(super) fn write_cells(output: &mut impl Write, cells: &[u8]) -> io::Result<()> {
    write_frame(output, CELLS, cells)
}

fn write_frame(output: &mut impl Write, kind: u8, bytes: &[u8]) -> io::Result<()> {
    let length = u32::try_from(bytes.len())
        .ok()
        .filter(|length| *length <= FRAME_BYTES_MAX)
        .ok_or_else(|| io::Error::other("a frame is too long to send"))?;
    let [a, b, c, d] = length.to_le_bytes();
    output.write_all(&[kind, a, b, c, d])?;
    output.write_all(bytes)?;
    output.flush()
}

/// Receives one document; `None` at the end.
pub(super) fn read<T: DeserializeOwned>(input: &mut impl Read) -> io::Result<Option<T>> {
    match read_frame(input)? {
        Some((DOCUMENT, bytes)) => Ok(Some(serde_json::from_slice(&bytes)?)),
        Some(_) => Err(io::Error::other("a frame is of no known kind")),
        None => Ok(None),
    }
}

/// Receives what a child says next, and its length in bytes; `None` at the end.
pub(super) fn read_message(input: &mut impl Read) -> io::Result<Option<(Message, usize)>> {
    Ok(match read_frame(input)? {
        Some((CELLS, bytes)) => {
            let length = bytes.len();
            Some((Message::Cells(bytes), length))
        }
        Some((DOCUMENT, bytes)) => {
            Some((Message::Answer(serde_json::from_slice(&bytes)?), bytes.len()))
        }
        Some(_) => return Err(io::Error::other("a frame is of no known kind")),
        None => None,
    })
}

fn read_frame(input: &mut impl Read) -> io::Result<Option<(u8, Vec<u8>)>> {
    let mut kind = [0];
    // An end between frames is an end; an end within one is a fault.
    if input.read(&mut kind)? == 0 {
        return Ok(None);
    }
    let mut length = [0; 4];
    input.read_exact(&mut length)?;
    let length = u32::from_le_bytes(length);
    if length > FRAME_BYTES_MAX {
        return Err(io::Error::other("a frame is longer than agreed"));
    }
    let mut bytes = Vec::with_capacity(usize::try_from(length.min(AT_ONCE_BYTES)).unwrap_or(0));
    let arrived = input.take(u64::from(length)).read_to_end(&mut bytes)?;
    if u32::try_from(arrived) != Ok(length) {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(Some((kind[0], bytes)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn garbage_is_an_error_and_an_end_is_an_end() {
        assert!(read_message(&mut [].as_slice()).expect("an end").is_none());
        for garbage in [
            [b'{', 2].as_slice(),
            &[b'{', 4, 0, 0, 0, b'x'],
            &[b'{', 1, 0, 0, 0, b'x'],
            &[b'#', 4, 0, 0, 0, b'x'],
            &[b'?', 1, 0, 0, 0, b'x'],
            &[b'#', 0xff, 0xff, 0xff, 0xff, b'x'],
        ] {
            assert!(read_message(&mut &*garbage).is_err(), "{garbage:?}");
        }
        let cells = [b'#', 1, 0, 0, 0, b'x'];
        let received = read_message(&mut cells.as_slice()).expect("whole");
        assert_eq!(received, Some((Message::Cells(vec![b'x']), 1)));
        assert!(read::<Answer>(&mut cells.as_slice()).is_err(), "no document");
    }
}
