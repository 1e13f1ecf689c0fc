//! Cells on their way from child to parent: a few bytes each, a repeated text only once.
//!
//! A batch begins with a byte that says who numbers its texts: a sheet may be read by several, see
//! [`NUMBERERS`]. A record is a byte that says what the cell holds, with [`AT_PLACE`] if it does not
//! stand right of the cell before in the batch; then, if so, row (four bytes) and column (two); then
//! the value. Numbers are little-endian. The parent believes none of it: see [`take`].

use std::str;

use jiff::civil::{Date, DateTime, Time};
use model::CellAddress;

use super::emit::{COLUMNS_MAX, ROWS_MAX};
use crate::workbook::{Cell, SheetBuilder, TextId};

const NEW_TEXT: u8 = 0;
const KNOWN_TEXT: u8 = 1;
const NUMBER: u8 = 2;
const FALSE: u8 = 3;
const TRUE: u8 = 4;
const DATE: u8 = 5;
const ERROR: u8 = 6;
const FORMULA: u8 = 7;
/// A whole number of four bytes, not below zero: most figures.
const WHOLE: u8 = 8;
/// Row and column follow.
const AT_PLACE: u8 = 0x10;

/// How many may number texts of one sheet, each from 0.
pub(super) const NUMBERERS: usize = 2;

/// Cells of one sheet, to be sent at once.
pub(super) struct Batch {
    bytes: Vec<u8>,
    cells: usize,
    /// Where the next cell is expected: right of the last one.
    next: Option<CellAddress>,
}

impl Batch {
    /// No cells yet, their texts numbered by one of [`NUMBERERS`].
    pub(super) fn new(numberer: u8) -> Self {
        Self { bytes: vec![numberer], cells: 0, next: None }
    }

    /// No cells yet, their texts numbered by the same.
    pub(super) fn after(&self) -> Self {
        Self::new(self.bytes[0])
    }

    /// How many cells wait.
    pub(super) fn len(&self) -> usize {
        self.cells
    }

    /// What is to be sent.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Forgets what has been sent.
    pub(super) fn clear(&mut self) {
        self.bytes.truncate(1);
        self.cells = 0;
        self.next = None;
    }

    /// Adds a cell. A text is given its number by the receiver: the next one.
    pub(super) fn push(&mut self, at: CellAddress, cell: Cell<'_>) {
        match cell {
            Cell::Text(text) => {
                self.begin(at, NEW_TEXT);
                self.text(text);
            }
            Cell::Number(number) => {
                if let Some(whole) = whole(number) {
                    self.begin(at, WHOLE);
                    self.bytes.extend(whole.to_le_bytes());
                } else {
                    self.begin(at, NUMBER);
                    self.bytes.extend(number.to_bits().to_le_bytes());
                }
            }
            Cell::Bool(truth) => self.begin(at, if truth { TRUE } else { FALSE }),
            Cell::Date(date) => {
                self.begin(at, DATE);
                self.bytes.extend(date.year().to_le_bytes());
                let rest = [date.month(), date.day(), date.hour(), date.minute(), date.second()];
                self.bytes.extend(rest.map(i8::cast_unsigned));
            }
            Cell::Error(error) => {
                self.begin(at, ERROR);
                self.text(error);
            }
            Cell::FormulaWithoutValue => self.begin(at, FORMULA),
        }
    }

    /// Adds a cell whose text was sent before, by its number on the sheet.
    pub(super) fn push_known(&mut self, at: CellAddress, text: u32) {
        self.begin(at, KNOWN_TEXT);
        self.bytes.extend(text.to_le_bytes());
    }

    fn begin(&mut self, at: CellAddress, kind: u8) {
        self.cells += 1;
        if self.next == Some(at) {
            self.bytes.push(kind);
        } else {
            self.bytes.push(kind | AT_PLACE);
            self.bytes.extend(at.row.to_le_bytes());
            let column = u16::try_from(at.column).expect("checked before it is sent");
            self.bytes.extend(column.to_le_bytes());
        }
        self.next = Some(CellAddress::new(at.row, at.column + 1));
    }

    fn text(&mut self, text: &str) {
        let length = u32::try_from(text.len()).expect("checked before it is sent");
        self.bytes.extend(length.to_le_bytes());
        self.bytes.extend(text.as_bytes());
    }
}

/// The number in four bytes, if nothing is lost; minus zero and fractions would lose.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "whatever does not fit is not equal to the number afterwards"
)]
fn whole(number: f64) -> Option<u32> {
    let whole = number as u32;
    (f64::from(whole).to_bits() == number.to_bits()).then_some(whole)
}

/// A sheet of which cells arrive.
pub(super) struct Incoming {
    pub(super) builder: SheetBuilder,
    /// Texts by number, for each that numbers them.
    texts: [Vec<TextId>; NUMBERERS],
}

impl Incoming {
    pub(super) fn new(builder: SheetBuilder) -> Self {
        Self { builder, texts: Default::default() }
    }
}

/// Takes the records of one batch; gives how many, or nothing if they are not such as [`Batch`]
/// makes: cut short, beyond a sheet's bounds, of no known kind, no text, no date, no finite number.
pub(super) fn take(mut bytes: &[u8], sheet: &mut Incoming) -> Option<usize> {
    let Incoming { builder, texts } = sheet;
    let texts = texts.get_mut(usize::from(*bytes.split_off_first()?))?;
    let mut next = None;
    let mut cells = 0;
    while let Some(tag) = bytes.split_off_first() {
        let at = if tag & AT_PLACE == 0 {
            next?
        } else {
            let row = u32::from_le_bytes(array(&mut bytes)?);
            let column = u32::from(u16::from_le_bytes(array(&mut bytes)?));
            CellAddress::new(row, column)
        };
        if at.row >= ROWS_MAX || at.column >= COLUMNS_MAX {
            return None;
        }
        let cell = match tag & !AT_PLACE {
            NEW_TEXT => {
                let id = builder.text_id(text(&mut bytes)?).ok()?;
                texts.push(id);
                builder.push_text(at, id).ok()?;
                None
            }
            KNOWN_TEXT => {
                let number = usize::try_from(u32::from_le_bytes(array(&mut bytes)?)).ok()?;
                builder.push_text(at, *texts.get(number)?).ok()?;
                None
            }
            WHOLE => Some(Cell::Number(f64::from(u32::from_le_bytes(array(&mut bytes)?)))),
            NUMBER => {
                let number = f64::from_bits(u64::from_le_bytes(array(&mut bytes)?));
                Some(Cell::Number(number.is_finite().then_some(number)?))
            }
            FALSE => Some(Cell::Bool(false)),
            TRUE => Some(Cell::Bool(true)),
            DATE => Some(Cell::Date(date(&mut bytes)?)),
            ERROR => Some(Cell::Error(text(&mut bytes)?)),
            FORMULA => Some(Cell::FormulaWithoutValue),
            _ => return None,
        };
        if let Some(cell) = cell {
            builder.push(at, cell).ok()?;
        }
        next = Some(CellAddress::new(at.row, at.column + 1));
        cells += 1;
    }
    Some(cells)
}

fn array<const N: usize>(bytes: &mut &[u8]) -> Option<[u8; N]> {
    let (array, rest) = bytes.split_first_chunk()?;
    *bytes = rest;
    Some(*array)
}

fn text<'b>(bytes: &mut &'b [u8]) -> Option<&'b str> {
    let length = usize::try_from(u32::from_le_bytes(array(bytes)?)).ok()?;
    str::from_utf8(bytes.split_off(..length)?).ok()
}

fn date(bytes: &mut &[u8]) -> Option<DateTime> {
    let year = i16::from_le_bytes(array(bytes)?);
    let [month, day, hour, minute, second] = array(bytes)?.map(u8::cast_signed);
    let date = Date::new(year, month, day).ok()?;
    Some(DateTime::from_parts(date, Time::new(hour, minute, second, 0).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arrived(bytes: &[u8]) -> Option<Vec<(CellAddress, String)>> {
        let mut sheet = Incoming::new(SheetBuilder::new("Q1", true));
        take(bytes, &mut sheet)?;
        let sheet = sheet.builder.finish().ok()?;
        Some(sheet.cells().map(|(at, cell)| (at, format!("{cell:?}"))).collect())
    }

    proptest::proptest! {
        #[test]
        fn every_cell_arrives_as_it_left(bits in proptest::prelude::any::<u64>(), text in ".*", row in 0..ROWS_MAX, second in 0..4_000_000_i64) {
            let number = Some(f64::from_bits(bits)).filter(|number| number.is_finite()).unwrap_or(-0.0);
            let date = jiff::civil::datetime(1999, 12, 31, 0, 0, 0, 0)
                .checked_add(jiff::Span::new().seconds(second * 60))
                .expect("a date");
            let cells = [
                Cell::Text(&text),
                Cell::Number(number),
                Cell::Bool(true),
                Cell::Bool(false),
                Cell::Date(date),
                Cell::Error(&text),
                Cell::FormulaWithoutValue,
                Cell::Text(""),
            ];
            let mut batch = Batch::new(1);
            // Every second cell has one before it, the others stand apart.
            let places = [0, 1, 3, 4, 6, 7, 9, 11].map(|column| CellAddress::new(row, column));
            for (at, cell) in places.iter().zip(cells) {
                batch.push(*at, cell);
            }
            batch.push_known(CellAddress::new(row, 12), 0);
            let wanted: Vec<(CellAddress, String)> = places
                .into_iter()
                .zip(cells)
                .chain([(CellAddress::new(row, 12), Cell::Text(&text))])
                .map(|(at, cell)| (at, format!("{cell:?}")))
                .collect();
            proptest::prop_assert_eq!(batch.len(), wanted.len());
            proptest::prop_assert_eq!(arrived(batch.bytes()), Some(wanted));
            // Cut anywhere, it is cut between two cells or refused.
            for end in 0..batch.bytes().len() {
                let _some = arrived(&batch.bytes()[..end]);
            }
        }

        #[test]
        fn no_bytes_make_the_parent_panic(bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..200)) {
            let _some = arrived(&bytes);
        }
    }

    #[test]
    fn what_no_child_sends_is_refused() {
        let at = |row: u32, column: u16, rest: &[u8]| {
            let place = [row.to_le_bytes().as_slice(), &column.to_le_bytes()].concat();
            [&[0, rest[0] | AT_PLACE], place.as_slice(), &rest[1..]].concat()
        };
        assert!(arrived(&at(0, 0, &[TRUE])).is_some());
        let year = 2025_i16.to_le_bytes();
        let wrong: [Vec<u8>; 14] = [
            vec![],
            vec![2],
            vec![0, TRUE],
            at(ROWS_MAX, 0, &[TRUE]),
            at(0, 16_384, &[TRUE]),
            at(0, 0, &[9]),
            at(0, 0, &[0x20]),
            at(0, 0, &[KNOWN_TEXT, 0, 0, 0, 0]),
            at(0, 0, &[NEW_TEXT, 2, 0, 0, 0, b'a']),
            at(0, 0, &[NEW_TEXT, 1, 0, 0, 0, 0xff]),
            at(0, 0, &[NUMBER, 0, 0, 0, 0, 0, 0, 0xf0, 0x7f]),
            at(0, 0, &[DATE, year[0], year[1], 2, 30, 0, 0, 0]),
            at(0, 0, &[DATE, year[0], year[1], 2, 3, 24, 0, 0]),
            [at(0, 16_383, &[TRUE]), vec![TRUE]].concat(),
        ];
        for bytes in wrong {
            assert!(arrived(&bytes).is_none(), "{bytes:?}");
        }
    }
}
