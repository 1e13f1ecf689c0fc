//! A first look through the records of an xls workbook: for what its reader dies of, gets wrong
//! or does not say.

mod sheet;
mod strings;

use model::{Finding, Place};

use super::emit::{Stop, malformed};
use super::facts::SheetFacts;
use crate::sniff::NotAWorkbook;

/// Kinds of records.
mod kind {
    pub(super) const FORMULA: u16 = 0x0006;
    pub(super) const END: u16 = 0x000a;
    pub(super) const PASSWORD: u16 = 0x002f;
    pub(super) const CONTINUED: u16 = 0x003c;
    pub(super) const COLUMN_SETTINGS: u16 = 0x007d;
    pub(super) const SHEET: u16 = 0x0085;
    pub(super) const MANY_SMALL_NUMBERS: u16 = 0x00bd;
    pub(super) const RICH_TEXT: u16 = 0x00d6;
    pub(super) const FORMAT: u16 = 0x00e0;
    pub(super) const SHARED_TEXT: u16 = 0x00fd;
    pub(super) const CALCULATED: u16 = 0x01c1;
    pub(super) const DIMENSIONS: u16 = 0x0200;
    pub(super) const NUMBER: u16 = 0x0203;
    pub(super) const TEXT: u16 = 0x0204;
    pub(super) const TRUTH_OR_ERROR: u16 = 0x0205;
    pub(super) const FORMULA_TEXT: u16 = 0x0207;
    pub(super) const ROW: u16 = 0x0208;
    pub(super) const SMALL_NUMBER: u16 = 0x027e;
    pub(super) const BEGIN: u16 = 0x0809;
}

/// What the look found: in order of the workbook's list of sheets.
#[derive(Debug, Default)]
pub(super) struct Scanned {
    pub(super) sheets: Vec<Sheet>,
}

/// One sheet of an xls workbook.
#[derive(Debug, Default)]
pub(super) struct Sheet {
    /// Whether it holds cells: not a chart, not a macro.
    pub(super) is_worksheet: bool,
    pub(super) facts: SheetFacts,
    /// Cells that hold something, by row and column; each must be read, and no other.
    pub(super) filled: std::collections::BTreeSet<(u16, u16)>,
}

/// A record and where its content stands in the stream.
#[derive(Clone, Copy)]
struct Record<'a> {
    kind: u16,
    content: &'a [u8],
    place: usize,
}

/// The records of a stream from a place on; `Err` at the first that does not fit into it.
struct Records<'a> {
    stream: &'a [u8],
    place: usize,
}

impl<'a> Iterator for Records<'a> {
    type Item = Result<Record<'a>, ()>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.stream.len() <= self.place {
            return None;
        }
        let head = self.stream.get(self.place..self.place + 4);
        let record = head.and_then(|head| {
            let kind = word(head, 0);
            let start = self.place + 4;
            let end = start + usize::from(word(head, 2));
            let content = self.stream.get(start..end)?;
            self.place = end;
            Some(Record { kind, content, place: start })
        });
        if record.is_none() {
            self.place = self.stream.len();
        }
        Some(record.ok_or(()))
    }
}

/// Two bytes as a number; 0 beyond the end, where lengths have been looked at before.
fn word(content: &[u8], place: usize) -> u16 {
    match content.get(place..place + 2) {
        Some(bytes) => u16::from_le_bytes([bytes[0], bytes[1]]),
        None => 0,
    }
}

fn double_word(content: &[u8], place: usize) -> u32 {
    u32::from(word(content, place)) | u32::from(word(content, place + 2)) << 16
}

/// What the records before the sheets say.
#[derive(Default)]
struct Globals {
    is_old_text: bool,
    formats: u16,
    texts: Option<u32>,
    was_calculated: bool,
    starts: Vec<(usize, u8)>,
}

/// Looks through a workbook stream, and changes what it claims about sizes, for which the reader
/// would make room, to nothing.
pub(super) fn scan(stream: &mut [u8], label: &str) -> Result<Scanned, Stop> {
    let globals = globals(stream, label)?;
    let mut scanned = Scanned::default();
    let mut claims = Vec::new();
    for (start, kind) in &globals.starts {
        let sheet = sheet::scan(stream, *start, *kind, &globals, &mut claims, label)?;
        scanned.sheets.push(sheet);
    }
    for claim in claims {
        stream[claim].fill(0);
    }
    Ok(scanned)
}

fn cut(label: &str) -> Finding {
    malformed(label, Place::file(), "has records that end before they should")
}

fn globals(stream: &[u8], label: &str) -> Result<Globals, Stop> {
    let mut globals = Globals::default();
    let mut records = Records { stream, place: 0 }.peekable();
    let mut is_first = true;
    while let Some(record) = records.next() {
        let record = record.map_err(|()| cut(label))?;
        if is_first && record.kind != kind::BEGIN {
            return Err(malformed(label, Place::file(), "does not begin as a workbook does").into());
        }
        is_first = false;
        let content = record.content;
        let bytes_min = match record.kind {
            kind::BEGIN | kind::FORMAT => 4,
            kind::SHEET => 8,
            kind::PASSWORD => 2,
            _ => 0,
        };
        if content.len() < bytes_min {
            return Err(cut(label).into());
        }
        match record.kind {
            kind::PASSWORD => return Err(NotAWorkbook::PasswordProtected.finding(label).into()),
            kind::BEGIN => globals.is_old_text = word(content, 0) == 0x0500,
            kind::FORMAT => globals.formats = globals.formats.saturating_add(1),
            kind::SHEET => {
                let start = usize::try_from(double_word(content, 0)).unwrap_or(usize::MAX);
                if stream.len() <= start {
                    let what = "lists a sheet that it does not hold";
                    return Err(malformed(label, Place::file(), what).into());
                }
                globals.starts.push((start, content[5]));
            }
            0x00fc => {
                let mut pieces = vec![content];
                while let Some(Ok(next)) = records.peek()
                    && next.kind == kind::CONTINUED
                {
                    pieces.push(next.content);
                    records.next();
                }
                globals.texts = Some(strings::count(&pieces).ok_or_else(|| {
                    malformed(label, Place::file(), "has a list of texts that is out of order")
                })?);
            }
            kind::CALCULATED => globals.was_calculated = true,
            kind::END => return Ok(globals),
            _ => {}
        }
    }
    Err(cut(label).into())
}
