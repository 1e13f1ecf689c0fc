//! A sheet by rows, without the cells that hold nothing.

use std::collections::BTreeMap;

use model::{CellAddress, Place};

use super::values::{is_blank, raw};
use crate::workbook::{Cell, Sheet};

/// A sheet as it is read: rows of cells that hold something.
pub(super) struct Page<'a> {
    pub(super) name: &'a str,
    pub(super) rows: BTreeMap<u32, BTreeMap<u32, &'a Cell>>,
}

impl<'a> Page<'a> {
    pub(super) fn of(sheet: &'a Sheet) -> Self {
        let mut rows: BTreeMap<u32, BTreeMap<u32, &'a Cell>> = BTreeMap::new();
        for (address, cell) in &sheet.cells {
            if !is_blank(cell) {
                rows.entry(address.row).or_default().insert(address.column, cell);
            }
        }
        Self { name: &sheet.name, rows }
    }

    pub(super) fn cell(&self, row: u32, column: u32) -> Option<&'a Cell> {
        self.rows.get(&row)?.get(&column).copied()
    }

    /// The text of a cell as it stands; none for a blank one.
    pub(super) fn text(&self, row: u32, column: u32) -> Option<String> {
        self.cell(row, column).map(raw)
    }

    pub(super) fn place(&self, row: u32, column: u32) -> Place {
        Place::cell(self.name, CellAddress::new(row, column))
    }

    /// Texts of the rows above `row`, in reading order, with where they stand.
    pub(super) fn above(&self, row: u32) -> impl Iterator<Item = (CellAddress, String)> {
        self.rows.range(..row).flat_map(|(row, cells)| {
            cells.iter().map(|(column, cell)| (CellAddress::new(*row, *column), raw(cell)))
        })
    }
}
