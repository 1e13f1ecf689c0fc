//! One worksheet, kept small: a sheet may have millions of cells, most of which repeat a few texts.

use std::fmt;
use std::hash::{BuildHasher, RandomState};
use std::ops::{Bound, RangeBounds};

use hashbrown::HashTable;
use jiff::civil::DateTime;
use model::CellAddress;

use super::{Cell, OutOfSight};

/// One worksheet.
#[derive(Clone)]
pub struct Sheet {
    /// Name as written in the workbook; [`super::CSV_SHEET`] for a CSV file.
    pub name: String,
    /// Whether somebody who opens the workbook sees it.
    pub visible: bool,
    /// Rows and columns that nobody sees who opens the workbook.
    pub out_of_sight: OutOfSight,
    /// The first cells where a formula has the value zero, if there are several and no formula of
    /// the sheet has any other: nobody has calculated them, as it seems.
    pub zero_formulas: Vec<CellAddress>,
    texts: Texts,
    rows: Vec<RowStart>,
    columns: Vec<u16>,
    values: Vec<Packed>,
    numbers: Vec<f64>,
    dates: Vec<DateTime>,
}

/// A text of a sheet by number: equal texts of one sheet have the same one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TextId(u32);

impl TextId {
    /// The number, from 0 and below [`Sheet::text_count`].
    pub fn index(self) -> usize {
        widened(self.0)
    }
}

/// A cell's value in four bytes: what kind of value, and the value itself or where it is kept.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Packed(u32);

/// Bits of a [`Packed`] below its kind.
const PAYLOAD_BITS: u32 = 29;
const PAYLOAD_MAX: u32 = (1 << PAYLOAD_BITS) - 1;

const TEXT: u32 = 0;
const ERROR: u32 = 1;
/// A whole number that fits: most figures.
const SMALL: u32 = 2;
const NUMBER: u32 = 3;
const DATE: u32 = 4;
const OTHER: u32 = 5;

/// Payloads of [`OTHER`].
const FALSE: u32 = 0;
const TRUE: u32 = 1;
const FORMULA_WITHOUT_VALUE: u32 = 2;

/// What stands in a cell that holds a text or a small whole number: cells of one sheet with equal
/// keys hold the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct CellKey(u32);

/// What stands in some cells of a row, each a text, a small whole number or nothing: rows of one
/// sheet with equal keys hold the same in those columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct RowKey<const N: usize>([u32; N]);

impl Packed {
    fn new(kind: u32, payload: usize) -> Result<Self, NotASheet> {
        let payload = u32::try_from(payload).ok().filter(|payload| *payload <= PAYLOAD_MAX);
        Ok(Self(kind << PAYLOAD_BITS | payload.ok_or(NotASheet::TooLarge)?))
    }

    fn kind(self) -> u32 {
        self.0 >> PAYLOAD_BITS
    }

    fn payload(self) -> u32 {
        self.0 & PAYLOAD_MAX
    }
}

/// The number as a whole one that fits a payload; minus zero and fractions are none.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the range is checked before, and that nothing was lost after"
)]
fn small(number: f64) -> Option<u32> {
    if !(0.0..=f64::from(PAYLOAD_MAX)).contains(&number) {
        return None;
    }
    let whole = number as u32;
    (f64::from(whole).to_bits() == number.to_bits()).then_some(whole)
}

/// Where a row's cells begin among all cells of the sheet.
#[derive(Clone, Copy, Debug)]
struct RowStart {
    row: u32,
    cells_before: u32,
}

/// A row of a sheet that has at least one cell.
#[derive(Clone, Copy)]
pub struct Row<'a> {
    sheet: &'a Sheet,
    number: u32,
    first: usize,
    end: usize,
}

impl Sheet {
    /// A sheet of these cells, given in any order; the last one said of an address holds.
    pub fn from_cells<'c>(
        name: impl Into<String>,
        visible: bool,
        cells: impl IntoIterator<Item = (CellAddress, Cell<'c>)>,
    ) -> Self {
        let ordered: std::collections::BTreeMap<CellAddress, Cell<'c>> =
            cells.into_iter().collect();
        let mut builder = SheetBuilder::new(name, visible);
        for (address, cell) in ordered {
            builder.push(address, cell).expect("few cells");
        }
        builder.finish().expect("every address once")
    }

    /// What a cell holds; nothing for a blank one.
    pub fn cell(&self, row: u32, column: u32) -> Option<Cell<'_>> {
        self.row(row)?.cell(column)
    }

    /// Every cell that holds something, in reading order.
    pub fn cells(&self) -> impl Iterator<Item = (CellAddress, Cell<'_>)> {
        self.rows(..).flat_map(|row| {
            row.cells().map(move |(column, cell)| (CellAddress::new(row.number, column), cell))
        })
    }

    /// Every different text, by number.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        (0..self.text_count()).map(|index| {
            let id = u32::try_from(index).expect("texts are numbered in 32 bits");
            self.texts.get(TextId(id))
        })
    }

    /// How many rows have a cell.
    pub fn row_count(&self) -> usize {
        self.rows.len()
    }

    /// How many cells hold something.
    pub fn cell_count(&self) -> usize {
        self.values.len()
    }

    /// How many different texts there are.
    pub fn text_count(&self) -> usize {
        self.texts.ends.len()
    }

    /// A row, if any of its cells holds something.
    pub fn row(&self, number: u32) -> Option<Row<'_>> {
        let first = self.rows.first()?.row;
        // Most sheets have no gaps.
        let guess = widened(number.checked_sub(first)?);
        let at = match self.rows.get(guess) {
            Some(start) if start.row == number => guess,
            _ => self.rows.binary_search_by_key(&number, |start| start.row).ok()?,
        };
        Some(self.row_at(at))
    }

    /// The rows in a range that have a cell, in order.
    pub fn rows(&self, range: impl RangeBounds<u32>) -> impl DoubleEndedIterator<Item = Row<'_>> {
        let first = match range.start_bound() {
            Bound::Included(first) => self.rows.partition_point(|start| start.row < *first),
            Bound::Excluded(before) => self.rows.partition_point(|start| start.row <= *before),
            Bound::Unbounded => 0,
        };
        let end = match range.end_bound() {
            Bound::Included(last) => self.rows.partition_point(|start| start.row <= *last),
            Bound::Excluded(end) => self.rows.partition_point(|start| start.row < *end),
            Bound::Unbounded => self.rows.len(),
        };
        (first..end.max(first)).map(|at| self.row_at(at))
    }

    fn row_at(&self, at: usize) -> Row<'_> {
        let start = self.rows[at];
        let end =
            self.rows.get(at + 1).map_or(self.values.len(), |next| widened(next.cells_before));
        Row { sheet: self, number: start.row, first: widened(start.cells_before), end }
    }

    fn value(&self, at: usize) -> Cell<'_> {
        let packed = self.values[at];
        let payload = packed.payload();
        match packed.kind() {
            TEXT => Cell::Text(self.texts.get(TextId(payload))),
            ERROR => Cell::Error(self.texts.get(TextId(payload))),
            SMALL => Cell::Number(f64::from(payload)),
            NUMBER => Cell::Number(self.numbers[widened(payload)]),
            DATE => Cell::Date(self.dates[widened(payload)]),
            _ if payload == FORMULA_WITHOUT_VALUE => Cell::FormulaWithoutValue,
            _ => Cell::Bool(payload == TRUE),
        }
    }
}

/// What kind of thing a cell holds, without looking at it further.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Glimpse {
    /// A text, by its number.
    Text(TextId),
    /// A number.
    Number(f64),
    /// A date.
    Date,
    /// Anything else.
    Other,
}

impl<'a> Row<'a> {
    /// Its number, from 0.
    pub fn number(self) -> u32 {
        self.number
    }

    /// Its cells that hold something, with their columns, from left to right.
    pub fn cells(self) -> impl DoubleEndedIterator<Item = (u32, Cell<'a>)> {
        (self.first..self.end)
            .map(move |at| (u32::from(self.sheet.columns[at]), self.sheet.value(at)))
    }

    /// Its cells that hold something, with their columns, from left to right, as far as a glance
    /// tells.
    pub fn glimpses(self) -> impl Iterator<Item = (u32, Glimpse)> {
        let cells = self.sheet.columns[self.first..self.end].iter();
        cells.zip(&self.sheet.values[self.first..self.end]).map(move |(column, packed)| {
            let glimpse = match packed.kind() {
                TEXT => Glimpse::Text(TextId(packed.payload())),
                SMALL => Glimpse::Number(f64::from(packed.payload())),
                NUMBER => Glimpse::Number(self.sheet.numbers[widened(packed.payload())]),
                DATE => Glimpse::Date,
                _ => Glimpse::Other,
            };
            (u32::from(*column), glimpse)
        })
    }

    /// What its cell in a column holds.
    pub fn cell(self, column: u32) -> Option<Cell<'a>> {
        self.find(column).map(|at| self.sheet.value(at))
    }

    /// The key of what its cell in a column holds, if that has one.
    pub fn key(self, column: u32) -> Option<CellKey> {
        let packed = self.sheet.values[self.find(column)?];
        matches!(packed.kind(), TEXT | SMALL).then_some(CellKey(packed.0))
    }

    /// What its cells in some columns hold; `None` if one holds something that has no key. There may
    /// be as many columns as a key has places.
    pub fn row_key<const N: usize>(self, columns: &[u32]) -> Option<RowKey<N>> {
        let mut keys = [u32::MAX; N];
        for (key, column) in keys.iter_mut().zip(columns) {
            if let Some(at) = self.find(*column) {
                let packed = self.sheet.values[at];
                *key = matches!(packed.kind(), TEXT | SMALL).then_some(packed.0)?;
            }
        }
        Some(RowKey(keys))
    }

    fn find(self, column: u32) -> Option<usize> {
        let column = u16::try_from(column).ok()?;
        let columns = &self.sheet.columns[self.first..self.end];
        let first = *columns.first()?;
        let guess = usize::from(column.checked_sub(first)?);
        let at = match columns.get(guess) {
            Some(there) if *there == column => guess,
            _ => columns.binary_search(&column).ok()?,
        };
        Some(self.first + at)
    }
}

impl PartialEq for Sheet {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
            && self.visible == other.visible
            && self.out_of_sight == other.out_of_sight
            && self.zero_formulas == other.zero_formulas
            && self.cells().eq(other.cells())
    }
}

impl fmt::Debug for Sheet {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let cells: Vec<(CellAddress, Cell<'_>)> = self.cells().collect();
        formatter
            .debug_struct("Sheet")
            .field("name", &self.name)
            .field("visible", &self.visible)
            .field("out_of_sight", &self.out_of_sight)
            .field("zero_formulas", &self.zero_formulas)
            .field("cells", &cells)
            .finish_non_exhaustive()
    }
}

/// The different texts of a sheet, end to end.
#[derive(Clone, Default)]
struct Texts {
    bytes: String,
    ends: Vec<u32>,
}

impl Texts {
    fn get(&self, id: TextId) -> &str {
        let start = match id.index().checked_sub(1) {
            Some(before) => widened(self.ends[before]),
            None => 0,
        };
        &self.bytes[start..widened(self.ends[id.index()])]
    }
}

/// Why cells do not make a sheet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotASheet {
    /// An address came twice.
    Duplicate(CellAddress),
    /// More cells, more text or a column further right than anything we read has.
    TooLarge,
}

/// A sheet while its cells arrive.
pub struct SheetBuilder {
    sheet: Sheet,
    last: Option<CellAddress>,
    /// Cells that came after a later one.
    late: Vec<(CellAddress, Packed)>,
    known: HashTable<u32>,
    hasher: RandomState,
}

impl SheetBuilder {
    /// A sheet without cells.
    pub fn new(name: impl Into<String>, visible: bool) -> Self {
        let sheet = Sheet {
            name: name.into(),
            visible,
            out_of_sight: OutOfSight::default(),
            zero_formulas: Vec::new(),
            texts: Texts::default(),
            rows: Vec::new(),
            columns: Vec::new(),
            values: Vec::new(),
            numbers: Vec::new(),
            dates: Vec::new(),
        };
        Self {
            sheet,
            last: None,
            late: Vec::new(),
            known: HashTable::new(),
            hasher: RandomState::new(),
        }
    }

    /// What the sheet is called.
    pub fn name(&self) -> &str {
        &self.sheet.name
    }

    /// Says which rows and columns are out of sight.
    pub fn hide(&mut self, out_of_sight: OutOfSight) {
        self.sheet.out_of_sight = out_of_sight;
    }

    /// Says where zeros are stored for formulas that nobody calculated, as it seems.
    pub fn note_zero_formulas(&mut self, cells: Vec<CellAddress>) {
        self.sheet.zero_formulas = cells;
    }

    /// Adds a cell, at best in reading order.
    pub fn push(&mut self, address: CellAddress, cell: Cell<'_>) -> Result<(), NotASheet> {
        let packed = match cell {
            Cell::Text(text) => Packed::new(TEXT, self.text_id(text)?.index()),
            Cell::Error(error) => Packed::new(ERROR, self.text_id(error)?.index()),
            Cell::Number(number) => {
                if let Some(whole) = small(number) {
                    Packed::new(SMALL, widened(whole))
                } else {
                    self.sheet.numbers.push(number);
                    Packed::new(NUMBER, self.sheet.numbers.len() - 1)
                }
            }
            Cell::Date(date) => {
                self.sheet.dates.push(date);
                Packed::new(DATE, self.sheet.dates.len() - 1)
            }
            Cell::Bool(truth) => Packed::new(OTHER, widened(if truth { TRUE } else { FALSE })),
            Cell::FormulaWithoutValue => Packed::new(OTHER, widened(FORMULA_WITHOUT_VALUE)),
        };
        self.store(address, packed?)
    }

    /// Adds a cell with a text that is known already.
    pub fn push_text(&mut self, address: CellAddress, text: TextId) -> Result<(), NotASheet> {
        if text.index() >= self.sheet.text_count() {
            return Err(NotASheet::TooLarge);
        }
        self.store(address, Packed::new(TEXT, text.index())?)
    }

    /// The number of a text of this sheet.
    pub fn text_id(&mut self, text: &str) -> Result<TextId, NotASheet> {
        let texts = &mut self.sheet.texts;
        let hash = self.hasher.hash_one(text);
        if let Some(id) = self.known.find(hash, |id| texts.get(TextId(*id)) == text) {
            return Ok(TextId(*id));
        }
        let id = u32::try_from(texts.ends.len()).map_err(|_| NotASheet::TooLarge)?;
        let end = u32::try_from(texts.bytes.len() + text.len()).map_err(|_| NotASheet::TooLarge)?;
        texts.bytes.push_str(text);
        texts.ends.push(end);
        let hasher = &self.hasher;
        self.known.insert_unique(hash, id, |id| hasher.hash_one(texts.get(TextId(*id))));
        Ok(TextId(id))
    }

    fn store(&mut self, address: CellAddress, packed: Packed) -> Result<(), NotASheet> {
        if self.last.is_some_and(|last| address <= last) {
            self.late.push((address, packed));
            return Ok(());
        }
        self.last = Some(address);
        let sheet = &mut self.sheet;
        let column = u16::try_from(address.column).map_err(|_| NotASheet::TooLarge)?;
        if sheet.rows.last().is_none_or(|start| start.row != address.row) {
            let cells_before =
                u32::try_from(sheet.values.len()).map_err(|_| NotASheet::TooLarge)?;
            sheet.rows.push(RowStart { row: address.row, cells_before });
        }
        sheet.columns.push(column);
        sheet.values.push(packed);
        Ok(())
    }

    /// The sheet, with all its cells in reading order.
    pub fn finish(mut self) -> Result<Sheet, NotASheet> {
        if self.late.is_empty() {
            return Ok(self.sheet);
        }
        let mut cells = std::mem::take(&mut self.late);
        for row in self.sheet.rows(..) {
            cells.extend((row.first..row.end).map(|at| {
                let column = u32::from(self.sheet.columns[at]);
                (CellAddress::new(row.number, column), self.sheet.values[at])
            }));
        }
        cells.sort_by_key(|(address, _)| *address);
        if let Some(pair) = cells.windows(2).find(|pair| pair[0].0 == pair[1].0) {
            return Err(NotASheet::Duplicate(pair[0].0));
        }
        self.sheet.rows.clear();
        self.sheet.columns.clear();
        self.sheet.values.clear();
        self.last = None;
        for (address, packed) in cells {
            self.store(address, packed)?;
        }
        Ok(self.sheet)
    }
}

/// Cells and texts are numbered in 32 bits; every machine this is built for has at least as many.
fn widened(number: u32) -> usize {
    usize::try_from(number).expect("32 bits at least")
}

#[cfg(test)]
#[path = "sheet_tests.rs"]
mod tests;
