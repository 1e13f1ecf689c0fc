//! A blank return: the agreed headings and labels, and the cells that are to be filled in.

use std::collections::BTreeMap;

use crate::CellAddress;

/// A blank return, sheet by sheet.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Form {
    /// Sheets in workbook order.
    pub sheets: Vec<FormSheet>,
    /// Words to choose from, each list by its number in [`Entry::OneOf`].
    pub lists: Vec<Vec<String>>,
}

/// One sheet of a blank return.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FormSheet {
    /// Its name, as the contract wants it.
    pub name: String,
    /// What stands on it, and what is to be filled in.
    pub cells: BTreeMap<CellAddress, FormCell>,
}

/// A cell of a blank return.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FormCell {
    /// Text above a table.
    Title(String),
    /// A heading of a column, or of rows below it.
    Heading(String),
    /// What a row is about.
    Label(String),
    /// To be filled in.
    Entry(Entry),
}

/// What is to be filled in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Entry {
    /// A whole number from 0, or a mark.
    Count,
    /// A number with decimals, or a mark.
    Number,
    /// A date.
    Date,
    /// Text.
    Text,
    /// One of a list of words.
    OneOf(usize),
}
