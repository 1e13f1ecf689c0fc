//! The part of a sheet, unpacked once, looked through, and handed to its readers: whole to one, or in
//! pieces of whole rows to several who read side by side.
//!
//! A piece is handed out together with a row that no sheet can have, whose number says which piece
//! it is: so its reader knows where the pieces it reads begin, and sees that it has missed none.

mod feed;

use std::collections::BTreeMap;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use super::facts::SheetFacts;
use super::package::{Trouble, in_utf_16, is_utf_16};
use super::scan::sheet::{Outcome, SheetScan, Whose};
use super::standin::Unpacked;
use super::tags::{drop_front, fill};

pub(super) use feed::Feed;

/// Bytes of a piece, more or less. Tests have small ones, so that small workbooks have many.
const PIECE_BYTES: usize = if cfg!(test) { 3 * 1024 } else { 512 * 1024 };
/// Bytes unpacked at once for one who reads alone.
const ALONE_BYTES: usize = if cfg!(test) { 1024 } else { 64 * 1024 };
/// From this size on, a second reader is worth its while.
const LARGE_SHEET_BYTES: u64 = if cfg!(test) { 6 * 1024 } else { 1024 * 1024 };
/// The row that begins piece 0, from 1. No rows that are only counted reach it.
const MARKER_ROW: u32 = 4_000_000_000;

/// Bytes that a piece may be given beside its own.
const MARK_BYTES_MAX: u64 = 128;

/// More bytes than a part of that many can be in pieces.
pub(super) fn bytes_max(bytes: u64) -> u64 {
    let piece = u64::try_from(PIECE_BYTES / 2).unwrap_or(1);
    bytes.saturating_mul(2).saturating_add((bytes / piece + 2) * MARK_BYTES_MAX)
}

/// Which piece a row begins, given its number from 0.
pub(super) fn marked_piece(row: u32) -> Option<u32> {
    row.checked_sub(MARKER_ROW - 1)
}

/// What is left of a part to unpack.
struct Reading<'a> {
    input: Unpacked<'a>,
    /// Unpacked, but not handed out.
    buffer: Vec<u8>,
    is_whole: bool,
}

/// The part of a sheet in pieces.
pub(super) struct Pieces<'a> {
    whose: Whose,
    /// How large the part is said to be, unpacked.
    pub(super) size_bytes: u64,
    state: Mutex<State<'a>>,
    changed: Condvar,
}

struct State<'a> {
    /// Everything before the first row; nothing if one reads it all.
    head: Option<Arc<[u8]>>,
    /// Taken away by whoever reads all the rest.
    reading: Option<Reading<'a>>,
    /// How many pieces were handed out.
    handed: u32,
    /// What was found in each.
    looked: BTreeMap<u32, Result<Outcome, Trouble>>,
    /// The look through what comes before the rows.
    before: Outcome,
    /// Filled cells that were found.
    cells: usize,
    /// Whether nothing more is to be handed out.
    is_closed: bool,
    /// Whether all of it was unpacked, and is what was saved.
    is_as_saved: bool,
}

enum Handed<'a> {
    Rows(u32, Vec<u8>),
    Rest(u32, Reading<'a>),
}

impl<'a> Pieces<'a> {
    /// The part of a sheet.
    pub(super) fn new(whose: Whose, input: Unpacked<'a>) -> Self {
        let bytes = input.size_bytes;
        let mut reading = Reading { input, buffer: Vec::new(), is_whole: false };
        let mut state = State {
            head: None,
            reading: None,
            handed: 0,
            looked: BTreeMap::new(),
            before: Outcome { row: Some(0), ..Outcome::default() },
            cells: 0,
            is_closed: false,
            is_as_saved: false,
        };
        let is_large = bytes >= LARGE_SHEET_BYTES;
        #[cfg(test)]
        let is_large = is_large && !alone::IS_ASKED_FOR.get();
        match reading.unpack(if is_large { PIECE_BYTES } else { ALONE_BYTES }) {
            Err(trouble) => state.close_with(0, trouble),
            Ok(()) if is_utf_16(&reading.buffer) => {
                state.close_with(0, in_utf_16(&whose.label).into());
            }
            Ok(()) if is_large => {
                if let Some((head, before)) = head(&whose, &reading.buffer) {
                    state.head = Some(reading.buffer[..head].into());
                    state.before = before;
                    drop_front(&mut reading.buffer, head);
                }
            }
            Ok(()) => {}
        }
        state.reading = Some(reading);
        Self { whose, size_bytes: bytes, state: Mutex::new(state), changed: Condvar::new() }
    }

    /// Whether several may read it.
    pub(super) fn are_several(&self) -> bool {
        self.lock().head.is_some()
    }

    /// Whether all of it was unpacked, and is what was saved.
    pub(super) fn are_as_saved(&self) -> bool {
        self.lock().is_as_saved
    }

    /// Hands nothing out any more: a reader is gone.
    pub(super) fn close(&self) {
        self.lock().is_closed = true;
        self.changed.notify_all();
    }

    /// Whether the look has found something that the sheet is not taken for.
    pub(super) fn is_in_trouble(&self) -> bool {
        let state = self.lock();
        state.is_closed && self.whose.known.cells_max < state.cells
            || state.looked.values().any(Result::is_err)
    }

    /// What the look found, when all that was handed out has been looked at: the facts, or the first
    /// trouble there is.
    pub(super) fn outcome(&self) -> Result<SheetFacts, Trouble> {
        let mut state = self.lock();
        let mut whole = std::mem::take(&mut state.before);
        for (_, looked) in std::mem::take(&mut state.looked) {
            let Outcome { facts, cells, has_unaddressed, row } = looked?;
            whole.facts.join(facts);
            whole.cells += cells;
            whole.has_unaddressed |= has_unaddressed;
            whole.row = row;
            if self.whose.known.cells_max < whole.cells {
                return Err(self.whose.too_many());
            }
        }
        if whole.has_unaddressed && !whole.facts.errors.is_empty() {
            // The reader loses count of cells without an address when it stumbles.
            let what = "has errors among cells that do not say where they are";
            return Err(self.whose.odd(None, what));
        }
        Ok(whole.facts)
    }

    fn lock(&self) -> MutexGuard<'_, State<'a>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Hands out what is next.
    fn hand(&self) -> Option<Handed<'a>> {
        let mut state = self.lock();
        if state.is_closed {
            return None;
        }
        let mut reading = state.reading.take()?;
        let number = state.handed;
        state.handed += 1;
        if state.head.is_none() {
            return Some(Handed::Rest(number, reading));
        }
        match reading.rows() {
            Ok(Some(rows)) => {
                state.reading = Some(reading);
                Some(Handed::Rows(number, rows))
            }
            Ok(None) => Some(Handed::Rest(number, reading)),
            Err(trouble) => {
                state.close_with(number, trouble);
                self.changed.notify_all();
                None
            }
        }
    }

    /// Notes what was found in a piece.
    fn note(&self, number: u32, looked: Result<Outcome, Trouble>) {
        let mut state = self.lock();
        match looked {
            Ok(outcome) => {
                state.cells += outcome.cells;
                state.is_closed |= self.whose.known.cells_max < state.cells;
                state.looked.insert(number, Ok(outcome));
            }
            Err(trouble) => state.close_with(number, trouble),
        }
        self.changed.notify_all();
    }

    /// The row that is next after all pieces before this one, and how many cells they have; waits
    /// until they have been looked at. Nothing if that will not come.
    fn place_of(&self, number: u32) -> Option<(u32, usize)> {
        let mut state = self.lock();
        loop {
            let before: usize = state.looked.range(..number).count();
            if u32::try_from(before) == Ok(number) {
                let last = match number.checked_sub(1) {
                    Some(last) => state.looked.get(&last)?.as_ref().ok()?,
                    None => &state.before,
                };
                return Some((last.row?, state.cells));
            }
            if state.is_closed {
                return None;
            }
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

impl State<'_> {
    fn close_with(&mut self, number: u32, trouble: Trouble) {
        self.looked.insert(number, Err(trouble));
        self.is_closed = true;
    }
}

/// How long the start of a sheet is up to its first row, and what is in it; nothing if that is not
/// clear from the first bytes, or if they are not in the usual encoding.
fn head(whose: &Whose, bytes: &[u8]) -> Option<(usize, Outcome)> {
    let tag = memchr::memmem::find(bytes, b"sheetData")?;
    let length = tag + memchr::memchr(b'>', &bytes[tag..])? + 1;
    let head = &bytes[..length];
    let encoding = memchr::memmem::find(head, b"encoding=").map(|place| &head[place + 10..]);
    if encoding.is_some_and(|name| !name.to_ascii_lowercase().starts_with(b"utf-8")) {
        return None;
    }
    let mut scan = SheetScan::of_sheet(whose.clone());
    let looked = scan.look(head).ok()?;
    let is_clear = looked.bytes == length && !looked.is_over && scan.is_in_data();
    is_clear.then(|| (length, scan.outcome()))
}

impl Reading<'_> {
    /// Unpacks so many bytes more, if there are so many.
    fn unpack(&mut self, bytes: usize) -> Result<(), Trouble> {
        if !self.is_whole {
            self.buffer.reserve(bytes);
            self.is_whole = fill(&mut self.input, &mut self.buffer, bytes).ok_or(Trouble::Xml)?;
        }
        Ok(())
    }

    /// The next whole rows; nothing if it is not plain where they end, or if there are no more.
    fn rows(&mut self) -> Result<Option<Vec<u8>>, Trouble> {
        self.unpack(PIECE_BYTES)?;
        // Whatever is no element, and the end of the rows, is for somebody who sees all of it.
        let is_odd = memchr::memchr2_iter(b'!', b'?', &self.buffer)
            .any(|place| place > 0 && self.buffer[place - 1] == b'<');
        if is_odd || memchr::memmem::find(&self.buffer, b"sheetData").is_some() {
            return Ok(None);
        }
        let Some(last) = memchr::memmem::rfind(&self.buffer, b"</row>") else {
            return Ok(None);
        };
        let mut rest = Vec::with_capacity(PIECE_BYTES + PIECE_BYTES / 8);
        let end = last + b"</row>".len();
        rest.extend_from_slice(&self.buffer[end..]);
        self.buffer.truncate(end);
        Ok(Some(std::mem::replace(&mut self.buffer, rest)))
    }
}

/// For tests: reading large sheets as small ones are read.
#[cfg(test)]
pub(super) mod alone {
    use std::cell::Cell;

    thread_local! {
        pub(super) static IS_ASKED_FOR: Cell<bool> = const { Cell::new(false) };
    }

    /// Does something while no sheet is shared.
    pub(in super::super) fn while_alone<T>(something: impl FnOnce() -> T) -> T {
        IS_ASKED_FOR.set(true);
        let made = something();
        IS_ASKED_FOR.set(false);
        made
    }
}

#[cfg(test)]
mod tests {
    use super::super::scan::sheet::Known;
    use super::super::standin::unpacked_already;
    use super::*;

    /// What is handed out of a sheet: how many pieces of whole rows, and whether a rest.
    fn handed(part: &str) -> String {
        let known = Known { strings: 0, formats: None, cells_max: 1_000_000 };
        let whose = Whose { name: "Q1".into(), label: "q1.xlsx".into(), known };
        let pieces = Pieces::new(whose, unpacked_already(part.as_bytes()));
        let (mut rows, mut rest) = (0, 0);
        while let Some(handed) = pieces.hand() {
            match handed {
                Handed::Rows(..) => rows += 1,
                Handed::Rest(..) => rest += 1,
            }
        }
        format!("{rows} and {rest}")
    }

    #[test]
    fn large_plain_sheets_are_cut_and_no_others() {
        let rows: Vec<String> = (1..500)
            .map(|row| format!(r#"<row r="{row}"><c r="A{row}"><v>1</v></c></row>"#))
            .collect();
        let rows = rows.concat();
        let part = |start: &str, end: &str| {
            format!("{start}<worksheet><sheetData>{rows}{end}</sheetData></worksheet>")
        };
        let long = "x".repeat(4 * 1024);
        let cases = [
            part("", ""),
            part(r#"<?xml version='1.0' encoding="utf-8" standalone="yes"?>"#, ""),
            part(r#"<?xml version='1.0' encoding="UTF-16"?>"#, ""),
            part("", &format!("<!-- {long} -->")),
            part(&format!("<!-- {long} -->"), ""),
            part("", "").replace("row>", "x:row>"),
            part("", "")[..4_000].to_owned(),
        ];
        insta::assert_snapshot!(cases.map(|part| handed(&part)).join(", "), @"5 and 1, 5 and 1, 0 and 1, 5 and 1, 0 and 1, 0 and 1, 0 and 1");
    }
}
