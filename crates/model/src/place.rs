//! Where in a workbook something stands.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A cell by position, from zero; written the spreadsheet way, `C12` being column 2, row 11.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct CellAddress {
    /// Row, from 0.
    pub row: u32,
    /// Column, from 0.
    pub column: u32,
}

impl CellAddress {
    /// Row and column, both from 0.
    pub fn new(row: u32, column: u32) -> Self {
        Self { row, column }
    }
}

impl fmt::Display for CellAddress {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut letters = Vec::new();
        let mut rest = u64::from(self.column) + 1;
        while rest > 0 {
            let digit = u8::try_from((rest - 1) % 26).expect("below 26");
            letters.push(char::from(b'A' + digit));
            rest = (rest - 1) / 26;
        }
        let letters: String = letters.into_iter().rev().collect();
        write!(formatter, "{letters}{}", u64::from(self.row) + 1)
    }
}

impl FromStr for CellAddress {
    type Err = ();

    /// Reads `C12`; at most `XFD1048576`.
    fn from_str(text: &str) -> Result<Self, ()> {
        let digits = text.find(|c: char| c.is_ascii_digit()).ok_or(())?;
        let (letters, digits) = text.split_at(digits);
        if letters.is_empty() || letters.len() > 3 || digits.len() > 7 {
            return Err(());
        }
        let mut column = 0_u32;
        for letter in letters.chars() {
            if !letter.is_ascii_uppercase() {
                return Err(());
            }
            column = column * 26 + (u32::from(letter) - u32::from('A') + 1);
        }
        let row: u32 = digits.parse().map_err(|_| ())?;
        if row == 0 || row > 1_048_576 || column > 16_384 {
            return Err(());
        }
        Ok(Self { row: row - 1, column: column - 1 })
    }
}

/// A sheet, and a cell on it if one can be named. A CSV file has one sheet, called `csv`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Place {
    /// Sheet name as written in the workbook; empty when the finding is about the file.
    pub sheet: String,
    /// Cell, if the finding has one.
    pub cell: Option<CellAddress>,
}

impl Place {
    /// A cell on a sheet.
    pub fn cell(sheet: impl Into<String>, cell: CellAddress) -> Self {
        Self { sheet: sheet.into(), cell: Some(cell) }
    }

    /// A whole sheet.
    pub fn sheet(sheet: impl Into<String>) -> Self {
        Self { sheet: sheet.into(), cell: None }
    }

    /// The whole file.
    pub fn file() -> Self {
        Self { sheet: String::new(), cell: None }
    }
}

/// The sheet of a marked-up copy that lists what was found. It is written by this program, and is
/// no part of what a partner sends.
pub const FINDINGS_SHEET: &str = "Quarterdeck findings";

/// The sheet of a blank return that says how to fill it in, and for what it was made.
pub const INSTRUCTIONS_SHEET: &str = "Quarterdeck instructions";

/// Whether a sheet is one of this program's own, in which no figures are looked for.
pub fn is_own_sheet(name: &str) -> bool {
    let name = name.trim();
    [FINDINGS_SHEET, INSTRUCTIONS_SHEET].iter().any(|own| own.eq_ignore_ascii_case(name))
}

impl fmt::Display for Place {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.sheet.as_str(), self.cell) {
            ("", None) => write!(formatter, "whole file"),
            ("", Some(cell)) => write!(formatter, "{cell}"),
            (sheet, None) => write!(formatter, "{sheet}"),
            (sheet, Some(cell)) => write!(formatter, "{sheet}!{cell}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        #[test]
        fn an_address_reads_back(row in 0..1_048_576_u32, column in 0..16_384_u32) {
            let address = CellAddress::new(row, column);
            proptest::prop_assert_eq!(address.to_string().parse(), Ok(address));
        }
    }

    #[test]
    fn own_sheets_are_known_by_name_alone() {
        assert!(is_own_sheet(" quarterdeck Findings"));
        assert!(is_own_sheet(INSTRUCTIONS_SHEET));
        assert!(!is_own_sheet("Findings"));
    }

    #[test]
    fn corners_and_beyond() {
        assert_eq!(CellAddress::new(0, 0).to_string(), "A1");
        assert_eq!(CellAddress::new(1_048_575, 16_383).to_string(), "XFD1048576");
        for text in ["", "A", "1", "A0", "XFE1", "A1048577", "a1", "AAAA1", "A1B"] {
            assert_eq!(text.parse::<CellAddress>(), Err(()), "{text}");
        }
    }
}
