//! A workbook as it was read: sheets and cells, nothing interpreted.

mod sheet;
mod sight;

use std::sync::Arc;

use jiff::civil::DateTime;
use serde::{Deserialize, Serialize};

pub use sheet::{CellKey, Glimpse, NotASheet, Row, RowKey, Sheet, SheetBuilder, TextId};
pub use sight::OutOfSight;

/// The name of the only sheet of a CSV file.
pub const CSV_SHEET: &str = "csv";

/// What kind of file a workbook was read from, decided by its content and never by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FileKind {
    /// Excel since 2007, with or without macros (`.xlsx`, `.xlsm`).
    Xlsx,
    /// Excel 5 to 2003 (`.xls`).
    Xls,
    /// Excel's binary workbook (`.xlsb`).
    Xlsb,
    /// Open Document spreadsheet (`.ods`).
    Ods,
    /// Text with a delimiter (`.csv`, `.tsv`).
    Csv,
}

impl FileKind {
    /// The usual ending of a file of this kind, without the dot.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Xlsx => "xlsx",
            Self::Xls => "xls",
            Self::Xlsb => "xlsb",
            Self::Ods => "ods",
            Self::Csv => "csv",
        }
    }
}

/// What a cell holds. A blank cell is absent, so that blank can never be taken for zero.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Cell<'a> {
    /// Text as it stands, blanks at its ends included.
    Text(&'a str),
    /// A finite number.
    Number(f64),
    /// `TRUE` or `FALSE`.
    Bool(bool),
    /// A date or a date and time, rounded to the second; no time zone.
    Date(DateTime),
    /// An error value as the spreadsheet shows it: `#REF!`.
    Error(&'a str),
    /// A formula whose result was not saved with the file: its value is unknown, not blank.
    FormulaWithoutValue,
}

/// A workbook as it was read.
#[derive(Clone, Debug, PartialEq)]
pub struct Workbook {
    /// What kind of file it was.
    pub kind: FileKind,
    /// Whether the file counts days from 1904; dates are already converted.
    pub epoch_1904: bool,
    /// Worksheets in workbook order; chart, dialog and macro sheets are left out.
    pub sheets: Vec<Arc<Sheet>>,
}
