//! A workbook as it was read: sheets and cells, nothing interpreted.

use std::collections::BTreeMap;

use jiff::civil::DateTime;
use model::CellAddress;
use serde::{Deserialize, Serialize};

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
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Cell {
    /// Text as it stands, blanks at its ends included.
    Text(String),
    /// A finite number.
    Number(f64),
    /// `TRUE` or `FALSE`.
    Bool(bool),
    /// A date or a date and time, rounded to the second; no time zone.
    Date(DateTime),
    /// An error value as the spreadsheet shows it: `#REF!`.
    Error(String),
    /// A formula whose result was not saved with the file: its value is unknown, not blank.
    FormulaWithoutValue,
}

/// One worksheet.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sheet {
    /// Name as written in the workbook; [`CSV_SHEET`] for a CSV file.
    pub name: String,
    /// Whether somebody who opens the workbook sees it.
    pub visible: bool,
    /// Cells that hold something, row by row.
    #[serde(with = "cell_pairs")]
    pub cells: BTreeMap<CellAddress, Cell>,
}

/// A workbook as it was read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Workbook {
    /// What kind of file it was.
    pub kind: FileKind,
    /// Whether the file counts days from 1904; dates are already converted.
    pub epoch_1904: bool,
    /// Worksheets in workbook order; chart, dialog and macro sheets are left out.
    pub sheets: Vec<Sheet>,
}

/// Cells as a list of pairs: JSON objects cannot have addresses for keys.
mod cell_pairs {
    use super::{BTreeMap, Cell, CellAddress, Deserialize, Serialize};

    pub(super) fn serialize<S: serde::Serializer>(
        cells: &BTreeMap<CellAddress, Cell>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(cells)
    }

    pub(super) fn deserialize<'de, D: serde::Deserializer<'de>>(
        deserializer: D,
    ) -> Result<BTreeMap<CellAddress, Cell>, D::Error> {
        #[derive(Serialize, Deserialize)]
        struct Pair(CellAddress, Cell);
        let pairs = Vec::<Pair>::deserialize(deserializer)?;
        Ok(pairs.into_iter().map(|Pair(address, cell)| (address, cell)).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_workbook_survives_json() {
        let workbook = Workbook {
            kind: FileKind::Xlsx,
            epoch_1904: false,
            sheets: vec![Sheet {
                name: "Q1".to_owned(),
                visible: true,
                cells: BTreeMap::from([
                    (CellAddress::new(0, 0), Cell::Text(" a ".to_owned())),
                    (CellAddress::new(0, 1), Cell::Number(0.1)),
                    (
                        CellAddress::new(1, 0),
                        Cell::Date(jiff::civil::datetime(2025, 6, 30, 12, 0, 0, 0)),
                    ),
                    (CellAddress::new(1, 1), Cell::FormulaWithoutValue),
                ]),
            }],
        };
        let text = serde_json::to_string(&workbook).expect("a workbook is JSON");
        let back: Workbook = serde_json::from_str(&text).expect("and reads back");
        assert_eq!(back, workbook);
    }
}
