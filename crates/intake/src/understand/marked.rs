//! Which rows say that they are none of figures: sums, and what the contract has ignored.

use super::figures::Table;
use super::labels::{is_any, is_total_word};
use super::row_says::category_of;
use crate::workbook::Cell;

impl<'a> Table<'_, 'a> {
    /// Whether a row has one of the labels in a column that says what it is about, or in a column
    /// of text before the figures that is left unread.
    pub(super) fn is_marked(&self, row: u32, labels: &[String]) -> bool {
        self.is_marked_in(&self.marked, row, labels)
    }

    /// Whether a row has one of the labels in one of these columns.
    pub(super) fn is_marked_in(&self, columns: &[u32], row: u32, labels: &[String]) -> bool {
        let is_marked =
            |column: &u32| self.page.text(row, *column).is_some_and(|text| is_any(labels, &text));
        !labels.is_empty() && columns.iter().any(is_marked)
    }

    /// Whether a label is one of a sum.
    pub(super) fn is_total_text(&self, text: &str) -> bool {
        is_any(&self.layout.totals, text) || is_total_word(text)
    }

    /// Whether a row says that it is a sum, though the contract does not name it: and nothing
    /// else is meant by the word.
    pub(super) fn is_undeclared_total(&self, row: u32) -> bool {
        let located = self.located;
        let word = |column: Option<u32>| self.total_word(row, column?);
        let measure =
            word(located.measure).is_some_and(|text| self.context.labels.find(text).is_none());
        let area =
            word(located.area).is_some_and(|text| self.context.area(text, self.geography).is_err());
        measure
            || area
            || self.is_total_over_time(row)
            || located.breakdowns.iter().any(|(index, column)| {
                let part = &self.layout.breakdowns[*index];
                word(Some(*column)).is_some_and(|text| {
                    !is_any(&part.whole, text)
                        && (part.values.is_empty() || category_of(part, text).is_err())
                })
            })
    }

    /// Whether a row says that it is a sum where others say their period.
    pub(super) fn is_total_over_time(&self, row: u32) -> bool {
        self.located.period.is_some_and(|column| self.total_word(row, column).is_some())
    }

    /// The text of a cell, if it says that something is a sum.
    fn total_word(&self, row: u32, column: u32) -> Option<&'a str> {
        let text = || match self.page.cell(row, column) {
            Some(Cell::Text(text)) => Some(text),
            _ => None,
        };
        let key = self.page.key(row, column)?;
        let says: Result<bool, ()> =
            self.memos.sums.get(Some(key), || Ok(text().is_some_and(is_total_word)));
        text().filter(|_| says == Ok(true))
    }
}
