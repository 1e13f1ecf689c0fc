//! What one reader of a sheet is given: its pieces, as one part.

use std::collections::VecDeque;
use std::io::{self, Read};
use std::sync::Arc;

use super::super::package::Trouble;
use super::super::scan::sheet::SheetScan;
use super::super::tags::may_go_on;
use super::{ALONE_BYTES, Handed, MARKER_ROW, Pieces, Reading};

/// What follows the last piece of a reader.
const TAIL: &[u8] = b"</sheetData></worksheet>";

/// What one reader is given, byte for byte.
pub(in super::super) struct Feed<'a> {
    pieces: Arc<Pieces<'a>>,
    stage: Stage<'a>,
    /// Bytes to give first, and those to give then.
    first: Vec<u8>,
    bytes: Vec<u8>,
    /// How many of both were given.
    given: usize,
    /// Pieces whose beginning its reader has not yet seen.
    unseen: VecDeque<u32>,
}

enum Stage<'a> {
    Start,
    Rows,
    Rest(u32, Reading<'a>, Box<SheetScan>),
    Over,
}

/// Why a reader is given no more: the look knows.
fn refused() -> io::Error {
    io::Error::other("the sheet is not taken")
}

impl<'a> Feed<'a> {
    pub(in super::super) fn new(pieces: Arc<Pieces<'a>>) -> Self {
        Self {
            pieces,
            stage: Stage::Start,
            first: Vec::new(),
            bytes: Vec::new(),
            given: 0,
            unseen: VecDeque::new(),
        }
    }

    /// Has the first piece be ready, once all before it has been given; says whether there are more
    /// for others.
    pub(in super::super) fn begin(&mut self) -> bool {
        let is_at_rows = matches!(self.stage, Stage::Rows) && self.given == self.bytes.len();
        if !is_at_rows || !self.pieces.are_several() {
            return false;
        }
        matches!(self.advance(), Ok(true)) && matches!(self.stage, Stage::Rows)
    }

    /// Says that the reader has come to a piece; whether that is the one it was given next.
    pub(in super::super) fn has_come_to(&mut self, number: u32) -> bool {
        self.unseen.pop_front() == Some(number)
    }

    /// Whether the reader has come to all pieces it was given.
    pub(in super::super) fn has_been_read(&self) -> bool {
        self.unseen.is_empty()
    }

    /// Looks through what is left, with no reader.
    pub(in super::super) fn look_on(&mut self) {
        while let Ok(true) = self.advance() {}
    }

    /// Puts more bytes ready; says whether there are any.
    fn advance(&mut self) -> io::Result<bool> {
        self.first.clear();
        self.given = 0;
        match std::mem::replace(&mut self.stage, Stage::Over) {
            Stage::Start => {
                self.stage = Stage::Rows;
                let head = self.pieces.lock().head.clone();
                self.bytes.clear();
                self.bytes.extend_from_slice(head.as_deref().unwrap_or_default());
                if self.bytes.is_empty() { self.advance() } else { Ok(true) }
            }
            Stage::Rows => match self.pieces.hand() {
                Some(Handed::Rows(number, rows)) => {
                    self.stage = Stage::Rows;
                    self.rows(number, rows)
                }
                Some(Handed::Rest(number, reading)) => self.begin_rest(number, reading),
                None if self.pieces.is_in_trouble() => Err(refused()),
                None => {
                    self.bytes = TAIL.to_vec();
                    Ok(true)
                }
            },
            Stage::Rest(number, reading, scan) => self.rest(number, reading, scan),
            Stage::Over => {
                self.bytes.clear();
                Ok(false)
            }
        }
    }

    fn rows(&mut self, number: u32, rows: Vec<u8>) -> io::Result<bool> {
        let whose = &self.pieces.whose;
        let mut row = (number == 0).then_some(0);
        let mut scan = SheetScan::of_rows(whose.clone(), row, 0);
        let mut looked = scan.look_at_rows(&rows);
        if let Err(Trouble::Unplaced) = looked
            && let Some((next, _)) = self.pieces.place_of(number)
        {
            row = Some(next);
            scan = SheetScan::of_rows(whose.clone(), row, 0);
            looked = scan.look_at_rows(&rows);
        }
        let is_fine = looked.is_ok();
        self.pieces.note(number, looked.map(|()| scan.outcome()));
        if !is_fine {
            return Err(refused());
        }
        self.mark(number, row);
        self.bytes = rows;
        Ok(true)
    }

    fn begin_rest(&mut self, number: u32, reading: Reading<'a>) -> io::Result<bool> {
        let whose = self.pieces.whose.clone();
        let scan = if self.pieces.are_several() {
            let (row, cells) = self.pieces.place_of(number).ok_or_else(refused)?;
            self.mark(number, Some(row));
            SheetScan::of_rows(whose, Some(row), cells)
        } else {
            SheetScan::of_sheet(whose)
        };
        self.rest(number, reading, Box::new(scan))
    }

    fn rest(
        &mut self,
        number: u32,
        mut reading: Reading<'a>,
        mut scan: Box<SheetScan>,
    ) -> io::Result<bool> {
        self.bytes.clear();
        let looked = loop {
            let looked = scan.look(&reading.buffer);
            let may_go_on = looked.and_then(|looked| {
                if looked.bytes > 0 || looked.is_over {
                    return Ok(Some(looked));
                }
                if may_go_on(&reading.buffer, reading.is_whole)? {
                    reading.unpack(ALONE_BYTES)?;
                    return Ok(None);
                }
                Ok(Some(looked))
            });
            match may_go_on {
                Ok(None) => {}
                Ok(Some(looked)) => break looked,
                Err(trouble) => {
                    self.pieces.note(number, Err(trouble));
                    return Err(refused());
                }
            }
        };
        // What is left is part of a tag, and small.
        self.bytes.extend_from_slice(&reading.buffer[looked.bytes..]);
        reading.buffer.truncate(looked.bytes);
        std::mem::swap(&mut self.bytes, &mut reading.buffer);
        let is_something = !self.first.is_empty() || looked.bytes > 0;
        if looked.is_over || looked.bytes == 0 {
            let is_as_saved = reading.input.is_as_saved();
            self.pieces.lock().is_as_saved = is_as_saved;
            let looked = is_as_saved.then(|| scan.outcome());
            self.pieces.note(number, looked.ok_or(Trouble::Damaged));
        } else {
            self.stage = Stage::Rest(number, reading, scan);
        }
        Ok(is_something)
    }

    /// Has a row say which piece follows, and another, if there is need, which row it follows.
    fn mark(&mut self, number: u32, row: Option<u32>) {
        if number == 0 {
            return;
        }
        let marker = MARKER_ROW + number;
        let after = match row {
            Some(row @ 1..) => format!(r#"<row r="{row}"/>"#),
            _ => String::new(),
        };
        let marker =
            format!(r#"<row r="{marker}"><c r="A{marker}" t="b"><v>1</v></c></row>{after}"#);
        self.first = marker.into_bytes();
        self.unseen.push_back(number);
    }
}

impl Read for Feed<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let left = match self.given.checked_sub(self.first.len()) {
                None => &self.first[self.given..],
                Some(given) => &self.bytes[given..],
            };
            let length = left.len().min(buffer.len());
            if length > 0 || buffer.is_empty() {
                buffer[..length].copy_from_slice(&left[..length]);
                self.given += length;
                return Ok(length);
            }
            if self.given < self.first.len() + self.bytes.len() {
                continue;
            }
            if !self.advance()? {
                return Ok(0);
            }
        }
    }
}
