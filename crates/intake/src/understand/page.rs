//! A sheet by rows, without the cells that hold nothing anybody could see.

use std::borrow::Cow;
use std::ops::{Bound, RangeBounds};
use std::sync::Arc;

use model::{CellAddress, Place};

use super::values::{is_blank, raw};
use crate::workbook::{Cell, CellKey, Row, RowKey, Sheet};

/// A sheet, or a stretch of its rows, as it is read: rows of cells that hold something.
#[derive(Clone, Copy)]
pub(super) struct Page<'a> {
    pub(super) name: &'a str,
    sheet: &'a Arc<Sheet>,
    /// The first row of the stretch.
    pub(super) first: u32,
    /// The row after its last.
    pub(super) end: u32,
}

/// A row with at least one cell that holds something.
#[derive(Clone, Copy)]
pub(super) struct PageRow<'a>(Row<'a>);

impl<'a> Page<'a> {
    pub(super) fn of(sheet: &'a Arc<Sheet>) -> Self {
        Self { name: &sheet.name, sheet, first: 0, end: u32::MAX }
    }

    /// The rows from `first` to before `end`; nothing outside is seen any more.
    pub(super) fn within(self, first: u32, end: u32) -> Self {
        Self { first: first.max(self.first), end: end.min(self.end), ..self }
    }

    /// The sheet's own title above the stretch: its rows down to the first that holds more than
    /// a text or two.
    pub(super) fn head(self) -> Self {
        const TITLE_CELLS_MAX: usize = 2;
        let above = Self { first: 0, end: self.first, ..self };
        let wide = above.rows(..).find(|row| row.columns().nth(TITLE_CELLS_MAX).is_some());
        Self { end: wide.map_or(self.first, PageRow::number), ..above }
    }

    pub(super) fn cell(&self, row: u32, column: u32) -> Option<Cell<'a>> {
        if !(self.first..self.end).contains(&row) {
            return None;
        }
        self.sheet.cell(row, column).filter(|cell| !is_blank(*cell))
    }

    /// The key of what a cell holds, if that has one.
    pub(super) fn key(&self, row: u32, column: u32) -> Option<CellKey> {
        self.sheet.row(row)?.key(column)
    }

    /// What the cells of a row in some columns hold, see [`Row::row_key`].
    pub(super) fn row_key<const N: usize>(&self, row: u32, columns: &[u32]) -> Option<RowKey<N>> {
        self.sheet.row(row)?.row_key(columns)
    }

    /// The whole sheet, to be kept.
    pub(super) fn sheet(&self) -> Arc<Sheet> {
        Arc::clone(self.sheet)
    }

    /// The text of a cell as it stands; none for a blank one.
    pub(super) fn text(&self, row: u32, column: u32) -> Option<Cow<'a, str>> {
        self.cell(row, column).map(raw)
    }

    /// How many rows the sheet has that hold something, at most.
    pub(super) fn row_count(&self) -> usize {
        self.sheet.row_count()
    }

    /// How many cells of the sheet hold something.
    pub(super) fn cell_count(&self) -> usize {
        self.sheet.cell_count()
    }

    pub(super) fn place(&self, row: u32, column: u32) -> Place {
        Place::cell(self.name, CellAddress::new(row, column))
    }

    /// Whether a cell is in a hidden row or column.
    pub(super) fn is_out_of_sight(&self, cell: CellAddress) -> bool {
        self.sheet.out_of_sight.holds(cell)
    }

    /// The rows in a range that hold something, from top to bottom.
    pub(super) fn rows(&self, range: impl RangeBounds<u32>) -> impl Iterator<Item = PageRow<'a>> {
        let first = match range.start_bound() {
            Bound::Included(row) => *row,
            Bound::Excluded(row) => row.saturating_add(1),
            Bound::Unbounded => 0,
        };
        let end = match range.end_bound() {
            Bound::Included(row) => row.saturating_add(1),
            Bound::Excluded(row) => *row,
            Bound::Unbounded => u32::MAX,
        };
        let first = first.max(self.first);
        self.sheet
            .rows(first..end.min(self.end).max(first))
            .map(PageRow)
            .filter(PageRow::holds_something)
    }

    pub(super) fn row(&self, number: u32) -> Option<PageRow<'a>> {
        if !(self.first..self.end).contains(&number) {
            return None;
        }
        self.sheet.row(number).map(PageRow).filter(PageRow::holds_something)
    }

    /// Texts of the rows above `row`, in reading order, with where they stand.
    pub(super) fn above(&self, row: u32) -> impl Iterator<Item = (CellAddress, Cow<'a, str>)> {
        self.rows(..row).flat_map(|row| {
            row.cells()
                .map(move |(column, cell)| (CellAddress::new(row.number(), column), raw(cell)))
        })
    }
}

impl<'a> PageRow<'a> {
    pub(super) fn number(self) -> u32 {
        self.0.number()
    }

    /// Columns and cells, from left to right.
    pub(super) fn cells(self) -> impl DoubleEndedIterator<Item = (u32, Cell<'a>)> {
        self.0.cells().filter(|(_, cell)| !is_blank(*cell))
    }

    pub(super) fn columns(self) -> impl DoubleEndedIterator<Item = u32> {
        self.cells().map(|(column, _)| column)
    }

    pub(super) fn cell(self, column: u32) -> Option<Cell<'a>> {
        self.0.cell(column).filter(|cell| !is_blank(*cell))
    }

    fn holds_something(&self) -> bool {
        self.cells().next().is_some()
    }
}
