//! A table before it is a file: columns with what they hold, rows of typed cells.

use std::collections::BTreeSet;

use model::{Mark, Marks};

/// A table of the report. Every file of it, whatever its format, is made from this.
#[derive(Debug)]
pub(crate) struct Dataset {
    /// Stable name, also of files: `indicators`.
    pub(crate) name: &'static str,
    /// For readers: `Indicators`.
    pub(crate) title: &'static str,
    /// What it holds, in one sentence.
    pub(crate) about: &'static str,
    /// What it is taken from.
    pub(crate) origin: Origin,
    /// Columns.
    pub(crate) columns: Vec<Column>,
    /// Rows, each with a cell for every column.
    pub(crate) rows: Vec<Row>,
}

/// What a table is taken from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// What partners send and publish.
    Figures,
    /// The partnership's plan.
    Plan,
    /// The program's own books: what arrived, and what was sent before.
    Books,
    /// What the analyst wrote.
    Analyst,
    /// How measures are defined.
    Definitions,
}

/// A column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Column {
    /// Heading, which is its name in data files.
    pub(crate) heading: &'static str,
    /// What its cells hold.
    pub(crate) kind: Kind,
    /// What it is, in one sentence.
    pub(crate) about: &'static str,
    /// What a blank cell means, as it stands after *blank:*; empty where none is blank.
    pub(crate) blank: &'static str,
}

/// What the cells of a column hold, besides marks in the place of a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Text.
    Text,
    /// Whole numbers.
    Integer,
    /// Numbers that may have decimals.
    Decimal,
    /// Dates: `2025-07-21`.
    Date,
    /// Months: `2025-06`.
    Month,
    /// Periods: `2025-26Q1`.
    Period,
    /// Marks that qualify a number: `[p][r]`.
    Marks,
}

impl Kind {
    pub(crate) fn is_number(self) -> bool {
        matches!(self, Self::Integer | Self::Decimal)
    }
}

pub(crate) const fn column(heading: &'static str, kind: Kind, about: &'static str) -> Column {
    Column { heading, kind, about, blank: "" }
}

impl Column {
    /// The column may have blank cells, which mean this.
    pub(crate) const fn blank(self, blank: &'static str) -> Self {
        Self { blank, ..self }
    }
}

/// A cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Cell {
    /// What partners or people wrote.
    Text(String),
    /// A word, date, period or mark of ours, which nothing can turn into a formula.
    Value(String),
    /// A number, exact: `-1200.50`.
    Number(String),
    /// What stands in the place of a number: `[c]`.
    Mark(String),
    /// Nothing.
    Blank,
}

pub(crate) type Row = Vec<Cell>;

impl Cell {
    /// What stands in the cell.
    pub(crate) fn content(&self) -> &str {
        match self {
            Self::Text(content)
            | Self::Value(content)
            | Self::Number(content)
            | Self::Mark(content) => content,
            Self::Blank => "",
        }
    }
}

pub(crate) fn text(text: &str) -> Cell {
    if text.is_empty() { Cell::Blank } else { Cell::Text(text.to_owned()) }
}

pub(crate) fn value(value: impl Into<String>) -> Cell {
    let value = value.into();
    if value.is_empty() { Cell::Blank } else { Cell::Value(value) }
}

/// A number, or the mark that stands in its place.
pub(crate) fn number(number: impl Into<String>) -> Cell {
    let number = number.into();
    match number.chars().next() {
        None => Cell::Blank,
        Some('[') => Cell::Mark(number),
        Some(_) => Cell::Number(number),
    }
}

/// A number and the marks beside it: those in its place stand in the number's cell, those that
/// qualify it in the cell of its status.
pub(crate) fn number_and_status(figure: Option<&str>, marks: &str) -> [Cell; 2] {
    let (instead, beside): (Vec<Mark>, Vec<Mark>) =
        marks_in(marks).into_iter().partition(|mark| mark.replaces_number());
    let written = |marks: Vec<Mark>| marks.into_iter().collect::<Marks>().to_string();
    match figure {
        Some(figure) => [number(figure), value(written(beside))],
        None if instead.is_empty() => [number("[x]"), value(written(beside))],
        None => [number(written(instead)), value(written(beside))],
    }
}

/// Marks that stand anywhere in a text of ours, in alphabetical order.
pub(crate) fn marks_in(text: &str) -> BTreeSet<Mark> {
    let bracketed = text.split('[').skip(1).filter_map(|rest| rest.split_once(']'));
    bracketed.filter_map(|(letter, _)| Mark::from_letter(letter)).collect()
}

impl Dataset {
    /// Marks that stand in its cells. What people wrote is not looked at: there, a letter in
    /// brackets means what they mean by it.
    pub(crate) fn marks(&self) -> BTreeSet<Mark> {
        let ours = self.rows.iter().flatten().filter(|cell| !matches!(cell, Cell::Text(_)));
        ours.flat_map(|cell| marks_in(cell.content())).collect()
    }

    /// Whatever stands in the place of a number.
    pub(crate) fn in_place_of_numbers(&self) -> BTreeSet<&str> {
        let cells = self.rows.iter().flatten();
        cells
            .filter_map(|cell| match cell {
                Cell::Mark(mark) => Some(mark.as_str()),
                _ => None,
            })
            .collect()
    }

    /// Whether any cell of a column is blank.
    pub(crate) fn has_blanks(&self, column: usize) -> bool {
        self.rows.iter().any(|row| row.get(column) == Some(&Cell::Blank))
    }
}
