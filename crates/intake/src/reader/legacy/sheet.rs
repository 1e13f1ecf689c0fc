//! A first look through the records of one sheet of an xls workbook.

use std::ops::Range;

use model::{CellAddress, Finding, Place};

use super::super::emit::{Stop, duplicate, malformed};
use super::{Globals, Record, Records, Sheet, cut, double_word, kind, word};

/// Columns of a sheet in this format.
const COLUMNS: u16 = 256;
/// What the list of sheets and the sheet's own beginning call a worksheet.
const LISTED_WORKSHEET: u8 = 0;
const WORKSHEET: u16 = 0x0010;
/// The errors that there are.
const ERRORS: [u8; 8] = [0x00, 0x07, 0x0f, 0x17, 0x1d, 0x24, 0x2a, 0x2b];

/// Where the look through one sheet stands.
struct SheetScan<'a> {
    label: &'a str,
    globals: &'a Globals,
    sheet: Sheet,
    /// A formula whose text is yet to come.
    awaiting_text: Option<(u16, u16)>,
    formulas: usize,
    /// Formulas that say they show nothing.
    empty: Vec<(u16, u16)>,
}

/// Looks through the sheet that starts at a place in the stream. `claims` gets the places of what
/// the sheet says about its own size.
pub(super) fn scan(
    stream: &[u8],
    start: usize,
    listed_as: u8,
    globals: &Globals,
    claims: &mut Vec<Range<usize>>,
    label: &str,
) -> Result<Sheet, Stop> {
    let mut scan = SheetScan {
        label,
        globals,
        sheet: Sheet::default(),
        awaiting_text: None,
        formulas: 0,
        empty: Vec::new(),
    };
    let (mut depth, mut is_ended) = (0_usize, false);
    for record in (Records { stream, place: start }) {
        let record = record.map_err(|()| cut(label))?;
        match record.kind {
            kind::BEGIN => {
                if depth == 0 {
                    let is_worksheet = word(record.content, 2) == WORKSHEET;
                    scan.sheet.is_worksheet = is_worksheet && listed_as == LISTED_WORKSHEET;
                }
                depth += 1;
            }
            kind::END if depth <= 1 => {
                is_ended = depth == 1;
                break;
            }
            kind::END => depth -= 1,
            kind::DIMENSIONS if depth <= 1 => {
                claims.push(record.place..record.place + record.content.len());
            }
            _ if depth == 1 && scan.sheet.is_worksheet => scan.record(record)?,
            _ if depth == 0 => break,
            _ => {}
        }
    }
    if !is_ended {
        let what = "lists a sheet that does not begin or end where it should";
        return Err(malformed(label, Place::file(), what).into());
    }
    Ok(scan.ended())
}

impl SheetScan<'_> {
    fn odd(&self, (row, column): (u16, u16), what: &str) -> Finding {
        let cell = CellAddress::new(u32::from(row), u32::from(column));
        malformed(self.label, Place::file(), &format!("{what} at cell {cell} of a sheet"))
    }

    fn record(&mut self, record: Record<'_>) -> Result<(), Stop> {
        let content = record.content;
        let bytes_min = match record.kind {
            kind::NUMBER => 14,
            kind::SMALL_NUMBER | kind::SHARED_TEXT | kind::COLUMN_SETTINGS => 10,
            kind::MANY_SMALL_NUMBERS => 12,
            kind::TEXT | kind::RICH_TEXT | kind::TRUTH_OR_ERROR => 8,
            kind::FORMULA => 22,
            kind::ROW => 16,
            kind::FORMULA_TEXT => 2,
            _ => 0,
        };
        if content.len() < bytes_min {
            return Err(cut(self.label).into());
        }
        let cell = (word(content, 0), word(content, 2));
        match record.kind {
            kind::NUMBER | kind::SMALL_NUMBER => {
                self.fill(cell)?;
                self.format(cell, word(content, 4))
            }
            kind::MANY_SMALL_NUMBERS => self.many_numbers(cell, content),
            kind::SHARED_TEXT => {
                self.fill(cell)?;
                let exists = double_word(content, 6) < self.globals.texts.unwrap_or(0);
                self.must(exists, cell, "refers to a text that is not there")
            }
            kind::TEXT | kind::RICH_TEXT => {
                self.fill(cell)?;
                let is_whole = self.is_text_whole(&content[6..]);
                self.must(is_whole, cell, "has a text that is cut off")
            }
            kind::TRUTH_OR_ERROR => {
                self.fill(cell)?;
                let is_known = content[7] == 0 || (content[7] == 1 && ERRORS.contains(&content[6]));
                self.must(is_known, cell, "has an error of no known kind")
            }
            kind::FORMULA => self.formula(cell, content),
            kind::FORMULA_TEXT => self.formula_text(content),
            kind::ROW => {
                if content[12] & 0x20 != 0 {
                    self.sheet.facts.hidden_rows.add(u32::from(cell.0), u32::from(cell.0));
                }
                Ok(())
            }
            kind::COLUMN_SETTINGS => {
                let (first, last, width) = (cell.0, cell.1.min(COLUMNS - 1), word(content, 4));
                if content[8] & 1 != 0 || width == 0 {
                    self.sheet.facts.hidden_columns.add(u32::from(first), u32::from(last));
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn must(&self, holds: bool, cell: (u16, u16), what: &str) -> Result<(), Stop> {
        if holds { Ok(()) } else { Err(self.odd(cell, what).into()) }
    }

    fn fill(&mut self, cell: (u16, u16)) -> Result<(), Stop> {
        self.must(cell.1 < COLUMNS, cell, "has a cell beyond the last column")?;
        if self.sheet.filled.insert(cell) {
            return Ok(());
        }
        let address = CellAddress::new(u32::from(cell.0), u32::from(cell.1));
        Err(duplicate(self.label, None, address).into())
    }

    /// Without its format a date would be read as a number.
    fn format(&self, cell: (u16, u16), format: u16) -> Result<(), Stop> {
        let exists = format < self.globals.formats;
        self.must(exists, cell, "refers to a format that is not there")
    }

    fn many_numbers(&mut self, (row, first): (u16, u16), content: &[u8]) -> Result<(), Stop> {
        let last = word(content, content.len() - 2);
        let numbers = content[4..content.len() - 2].chunks(6);
        let fits = last.checked_sub(first).is_some_and(|more| {
            usize::from(more) + 1 == numbers.len() && (content.len() - 6).is_multiple_of(6)
        });
        self.must(fits, (row, first), "has a row of numbers that does not add up")?;
        for (column, number) in (first..).zip(numbers) {
            self.fill((row, column))?;
            self.format((row, column), word(number, 0))?;
        }
        Ok(())
    }

    /// Whether a text's characters are all there. They never go on in another record.
    fn is_text_whole(&self, text: &[u8]) -> bool {
        let characters = usize::from(word(text, 0));
        if self.globals.is_old_text {
            return 2 + characters <= text.len();
        }
        match text.get(2) {
            Some(flags) => 3 + characters * (1 + usize::from(flags & 1)) <= text.len(),
            None => characters == 0,
        }
    }

    fn formula(&mut self, cell: (u16, u16), content: &[u8]) -> Result<(), Stop> {
        self.unanswered();
        self.formulas += 1;
        let (value, is_left_to_reader) = (&content[6..14], content[14] & 2 != 0);
        match value {
            [0, .., 0xff, 0xff] => {
                self.must(cell.1 < COLUMNS, cell, "has a cell beyond the last column")?;
                self.awaiting_text = Some(cell);
                return Ok(());
            }
            [1, .., 0xff, 0xff] => {}
            [2, _, error, .., 0xff, 0xff] => {
                self.must(ERRORS.contains(error), cell, "has an error of no known kind")?;
            }
            [3, .., 0xff, 0xff] => self.empty.push(cell),
            [.., 0xff, 0xff] => return Err(self.odd(cell, "has a result of no known kind").into()),
            // Programs that cannot calculate write a zero and ask to have it calculated.
            [0, 0, 0, 0, 0, 0, 0, 0] if is_left_to_reader => self.uncalculated(cell),
            _ => self.format(cell, word(content, 4))?,
        }
        self.fill(cell)
    }

    fn formula_text(&mut self, content: &[u8]) -> Result<(), Stop> {
        let Some(cell) = self.awaiting_text.take() else {
            let what = "has a formula's text without its formula";
            return Err(malformed(self.label, Place::file(), what).into());
        };
        self.fill(cell)?;
        let is_whole = self.is_text_whole(content);
        self.must(is_whole, cell, "has a text that is cut off")
    }

    fn uncalculated(&mut self, (row, column): (u16, u16)) {
        let address = CellAddress::new(u32::from(row), u32::from(column));
        self.sheet.facts.uncalculated.insert(address);
    }

    /// A formula whose text never came shows something that nobody knows.
    fn unanswered(&mut self) {
        if let Some(cell) = self.awaiting_text.take() {
            self.uncalculated(cell);
        }
    }

    fn ended(mut self) -> Sheet {
        self.unanswered();
        // Where every formula shows nothing and no program says that it calculated, none did.
        if !self.globals.was_calculated && self.empty.len() == self.formulas {
            for cell in std::mem::take(&mut self.empty) {
                self.uncalculated(cell);
            }
        }
        self.sheet
    }
}
