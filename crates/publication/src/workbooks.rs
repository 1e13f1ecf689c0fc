//! Workbooks: what goes back to a partner as a file to be opened, corrected and sent again.
//!
//! Whatever a partner wrote is written as text, never as a formula. Nothing here computes or
//! judges: cells and findings come in as they are.

mod blank;
mod copying;
mod findings_sheet;
mod instructions;
pub(crate) mod look;
mod marks;
mod names;
pub(crate) mod text;
mod unvalued;

#[cfg(test)]
mod tests;

pub use blank::{BlankReturn, blank_workbook};

use std::borrow::Cow;
use std::fmt;
use std::ops::RangeInclusive;

use jiff::civil::{Date, DateTime};
use model::{CellAddress, Finding, Severity};
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Workbook, XlsxError};

use marks::Marks;

/// Most cells that are copied; a partner's return has thousands.
const CELLS_MAX: usize = 1_000_000;

/// What a cell holds, as it was read.
#[derive(Clone, Debug, PartialEq)]
pub enum CellView<'a> {
    /// Text as it stands.
    Text(Cow<'a, str>),
    /// A number.
    Number(f64),
    /// A percentage, held as a part of one: 0.12 is twelve per cent.
    Percent(f64),
    /// `TRUE` or `FALSE`.
    Bool(bool),
    /// A date or a date and time.
    Date(DateTime),
    /// An error value: `#REF!`.
    Error(&'a str),
    /// A formula whose result was not saved.
    FormulaWithoutValue,
}

/// A sheet as it was read.
pub struct SheetView<'a> {
    /// Its name, as findings have it.
    pub name: &'a str,
    /// What to call it in the copy, when its own name would not be found again by the contract.
    pub called: Option<&'a str>,
    /// Whether somebody who opens the workbook sees it.
    pub visible: bool,
    /// Rows that nobody sees, in order.
    pub hidden_rows: &'a [RangeInclusive<u32>],
    /// Columns that nobody sees, in order.
    pub hidden_columns: &'a [RangeInclusive<u32>],
    /// Cells that hold something, row by row.
    pub cells: Box<dyn Iterator<Item = (CellAddress, CellView<'a>)> + 'a>,
}

impl fmt::Debug for SheetView<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("SheetView").field("name", &self.name).finish_non_exhaustive()
    }
}

/// A partner's workbook, and what was found in it.
#[derive(Debug)]
pub struct Submitted<'a> {
    /// The file's name, as the partner wrote it.
    pub file: &'a str,
    /// The return it answers, for people.
    pub title: &'a str,
    /// The period it should be about, for people.
    pub period: &'a str,
    /// Who asks for it: the partnership's short name.
    pub partnership: &'a str,
    /// How many figures (or actions) were read.
    pub figures: usize,
    /// What was found, worst first.
    pub findings: &'a [Finding],
    /// Worksheets in workbook order.
    pub sheets: Vec<SheetView<'a>>,
    /// The day it was made, for the document's properties.
    pub made_on: Date,
}

/// Why a workbook could not be written.
#[derive(Debug, thiserror::Error)]
#[error("could not put the workbook together: {why}")]
pub struct WorkbookError {
    /// What the library said.
    why: String,
}

impl From<XlsxError> for WorkbookError {
    fn from(error: XlsxError) -> Self {
        Self { why: error.to_string() }
    }
}

impl Submitted<'_> {
    fn is_refused(&self) -> bool {
        self.findings.iter().any(|finding| finding.severity == Severity::Error)
    }
}

/// A copy of the partner's sheets with the cells of every finding coloured and explained, behind a
/// first sheet that lists the findings.
///
/// Corrected or not, it can be sent in again: its first sheet is passed over by name, and every
/// cell reads as it did. A workbook too large to be opened with comfort is not copied; the list
/// says so.
pub fn marked_up(submitted: Submitted<'_>) -> Result<Vec<u8>, WorkbookError> {
    let mut submitted = submitted;
    let marks = Marks::of(submitted.findings);
    let sheets: Vec<SheetView<'_>> = std::mem::take(&mut submitted.sheets)
        .into_iter()
        // Of an earlier copy that came back: it is written anew.
        .filter(|sheet| !sheet.name.trim().eq_ignore_ascii_case(model::FINDINGS_SHEET))
        .collect();
    let mut workbook = Workbook::new();
    workbook.add_worksheet().set_name(model::FINDINGS_SHEET)?;
    let copied = copying::copy(&mut workbook, sheets, &marks, CELLS_MAX)?;
    if copied.too_large {
        workbook = Workbook::new();
        workbook.add_worksheet().set_name(model::FINDINGS_SHEET)?;
    }
    findings_sheet::write(workbook.worksheet_from_index(0)?, &submitted, &copied)?;
    let title = format!("{}: what was found in {}", submitted.title, submitted.file);
    workbook.set_properties(&properties(&title, submitted.partnership, submitted.made_on)?);
    let bytes = workbook.save_to_buffer()?;
    if copied.unvalued { unvalued::without_values(&bytes) } else { Ok(bytes) }
}

/// Properties that are the same whenever the workbook is made.
pub(crate) fn properties(
    title: &str,
    author: &str,
    made_on: Date,
) -> Result<DocProperties, WorkbookError> {
    let year = u16::try_from(made_on.year()).unwrap_or(1900);
    let month = u8::try_from(made_on.month()).unwrap_or(1);
    let day = u8::try_from(made_on.day()).unwrap_or(1);
    let made = ExcelDateTime::from_ymd(year, month, day)?;
    Ok(DocProperties::new()
        .set_title(text::line(title, 200))
        .set_author(text::line(author, 200))
        .set_creation_datetime(&made))
}
