//! A first look through one worksheet of an xlsb file.

use model::{CellAddress, Finding, Place};

use super::super::emit::{COLUMNS_MAX, ROWS_MAX, Stop, malformed};
use super::super::facts::SheetFacts;
use super::super::guard::Archive;
use super::{Next, number, records, wide_text};

/// Kinds of records in sheets.
mod kind {
    pub(super) const ROW: u16 = 0x0000;
    pub(super) const BLANK: u16 = 0x0001;
    pub(super) const SMALL_NUMBER: u16 = 0x0002;
    pub(super) const ERROR: u16 = 0x0003;
    pub(super) const TRUTH: u16 = 0x0004;
    pub(super) const NUMBER: u16 = 0x0005;
    pub(super) const TEXT: u16 = 0x0006;
    pub(super) const SHARED_TEXT: u16 = 0x0007;
    pub(super) const FORMULA_TEXT: u16 = 0x0008;
    pub(super) const FORMULA_NUMBER: u16 = 0x0009;
    pub(super) const FORMULA_TRUTH: u16 = 0x000a;
    pub(super) const FORMULA_ERROR: u16 = 0x000b;
    /// Short forms of cells, which no program writes any more and the reader passes by.
    pub(super) const SHORT_FIRST: u16 = 0x000d;
    pub(super) const SHORT_LAST: u16 = 0x0012;
    pub(super) const COLUMN_SETTINGS: u16 = 0x003c;
    pub(super) const RICH_TEXT: u16 = 0x003e;
    pub(super) const DATA_END: u16 = 0x0092;
}

/// What cells may refer to.
#[derive(Clone, Copy)]
pub(super) struct Known {
    pub(super) texts: u64,
    pub(super) formats: u64,
}

/// Where the look through one sheet stands.
struct SheetScan<'a> {
    name: &'a str,
    label: &'a str,
    known: Known,
    row: u32,
    facts: SheetFacts,
    found: Option<Finding>,
}

/// Looks through a sheet by its part and its name.
pub(super) fn scan(
    archive: &mut Archive<'_>,
    part: &str,
    name: &str,
    known: Known,
    label: &str,
) -> Result<SheetFacts, Stop> {
    let mut scan =
        SheetScan { name, label, known, row: 0, facts: SheetFacts::default(), found: None };
    records(archive, part, label, |kind, content| scan.record(kind, content))?;
    match scan.found {
        Some(finding) => Err(finding.into()),
        None => Ok(scan.facts),
    }
}

impl SheetScan<'_> {
    fn record(&mut self, kind: u16, content: &[u8]) -> Option<Next> {
        match kind {
            kind::ROW => self.enter_row(content)?,
            kind::COLUMN_SETTINGS => self.column_settings(content)?,
            kind::DATA_END => return Some(Next::Stop),
            kind::BLANK..=kind::FORMULA_ERROR
            | kind::SHORT_FIRST..=kind::SHORT_LAST
            | kind::RICH_TEXT => self.cell(kind, content)?,
            _ => {}
        }
        Some(if self.found.is_some() { Next::Stop } else { Next::On })
    }

    fn odd(&mut self, cell: Option<CellAddress>, what: &str) {
        let place = Place { sheet: self.name.to_owned(), cell };
        let at = match cell {
            Some(cell) => format!("{what} at cell {cell} of sheet `{}`", self.name),
            None => format!("{what} on sheet `{}`", self.name),
        };
        self.found = Some(malformed(self.label, place, &at));
    }

    fn enter_row(&mut self, content: &[u8]) -> Option<()> {
        self.row = number(content, 0)?;
        if ROWS_MAX <= self.row {
            self.odd(None, "has a row of no possible number");
        } else if content.get(11).is_some_and(|flags| flags & 0x10 != 0) {
            self.facts.hidden_rows.add(self.row, self.row);
        }
        Some(())
    }

    fn column_settings(&mut self, content: &[u8]) -> Option<()> {
        let (first, last, width) = (number(content, 0)?, number(content, 4)?, number(content, 8)?);
        if (content.get(16)? & 1 != 0 || width == 0) && first < COLUMNS_MAX {
            self.facts.hidden_columns.add(first, last.min(COLUMNS_MAX - 1));
        }
        Some(())
    }

    fn cell(&mut self, kind: u16, content: &[u8]) -> Option<()> {
        let column = number(content, 0)?;
        let format = u64::from(number(content, 4)? & 0x00ff_ffff);
        if COLUMNS_MAX <= column {
            self.odd(None, "has a cell of no possible address");
            return Some(());
        }
        let address = CellAddress::new(self.row, column);
        match kind {
            kind::SMALL_NUMBER | kind::NUMBER | kind::FORMULA_NUMBER => {
                content.get(8..if kind == kind::SMALL_NUMBER { 12 } else { 16 })?;
                if self.known.formats <= format && 0 < self.known.formats {
                    self.odd(Some(address), "refers to a format that is not there");
                }
            }
            kind::TEXT | kind::FORMULA_TEXT => drop(wide_text(content.get(8..)?)?),
            kind::SHARED_TEXT if self.known.texts <= u64::from(number(content, 8)?) => {
                self.odd(Some(address), "refers to a text that is not there");
            }
            kind::RICH_TEXT => {
                let (text, _) = wide_text(content.get(9..)?)?;
                if !text.is_empty() {
                    self.facts.texts.insert(address, text);
                }
            }
            kind::ERROR | kind::FORMULA_ERROR => match error(*content.get(8)?) {
                Some(error) if kind == kind::FORMULA_ERROR => {
                    self.facts.errors.insert(address, error.to_owned());
                }
                Some(_) => {}
                None => self.odd(Some(address), "has an error of no known kind"),
            },
            kind::TRUTH | kind::FORMULA_TRUTH => drop(content.get(8)?),
            kind::SHORT_FIRST..=kind::SHORT_LAST => {
                self.odd(Some(address), "has a value in a form that is not known");
            }
            _ => {}
        }
        Some(())
    }
}

/// What a spreadsheet shows for an error.
fn error(code: u8) -> Option<&'static str> {
    Some(match code {
        0x00 => "#NULL!",
        0x07 => "#DIV/0!",
        0x0f => "#VALUE!",
        0x17 => "#REF!",
        0x1d => "#NAME?",
        0x24 => "#NUM!",
        0x2a => "#N/A",
        0x2b => "#GETTING_DATA",
        _ => return None,
    })
}
