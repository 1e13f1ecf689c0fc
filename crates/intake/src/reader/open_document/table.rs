//! One sheet while it is read: rows and columns that stand for many, and the cells in them.

use std::io::Write;

use model::{CellAddress, Finding, Place};
use quick_xml::events::BytesStart;

use super::text::Paragraphs;
use super::values::{self, Said, Value};
use crate::reader::emit::{COLUMNS_MAX, Emitter, ROWS_MAX, malformed};
use crate::reader::facts::Spans;
use crate::reader::package::{Trouble, attribute};

/// A sheet, up to where it was read.
pub(super) struct Table {
    name: String,
    visible: bool,
    /// Whether the sheet was begun: not one that only keeps what came from another file.
    is_begun: bool,
    is_copy: bool,
    row: u32,
    row_repeats: u32,
    column: u32,
    /// Filled cells of the row: first column, how many, and what they hold.
    cells: Vec<(u32, u32, Value)>,
    /// The cell that is being read, and how many it stands for.
    cell: Option<(Said, u32)>,
    shown: Paragraphs,
    /// Where the settings of columns stand.
    settings_column: u32,
    hidden_rows: Spans,
    hidden_columns: Spans,
}

impl Table {
    pub(super) fn new(name: String, visible: bool) -> Self {
        Self {
            name,
            visible,
            is_begun: false,
            is_copy: false,
            row: 0,
            row_repeats: 1,
            column: 0,
            cells: Vec::new(),
            cell: None,
            shown: Paragraphs::default(),
            settings_column: 0,
            hidden_rows: Spans::default(),
            hidden_columns: Spans::default(),
        }
    }

    fn odd(&self, label: &str, what: &str) -> Finding {
        let cell = CellAddress::new(self.row, self.column);
        let what = format!("{what} at cell {cell} of sheet `{}`", self.name);
        malformed(label, Place::cell(&self.name, cell), &what)
    }

    pub(super) fn enter<W: Write>(
        &mut self,
        element: &BytesStart<'_>,
        emitter: &mut Emitter<'_, W>,
    ) -> Result<(), Trouble> {
        match element.local_name().as_ref() {
            "table-source" => self.is_copy = true,
            "table-column" => {
                self.begin(emitter)?;
                let repeats = self.repeats(element, "number-columns-repeated", emitter.label())?;
                if is_hidden(element) && self.settings_column < COLUMNS_MAX {
                    let last = self.settings_column.saturating_add(repeats - 1);
                    self.hidden_columns.add(self.settings_column, last.min(COLUMNS_MAX - 1));
                }
                self.settings_column = self.settings_column.saturating_add(repeats);
            }
            "table-row" => {
                self.begin(emitter)?;
                self.row_repeats =
                    self.repeats(element, "number-rows-repeated", emitter.label())?;
                if is_hidden(element) && self.row < ROWS_MAX {
                    let last = self.row.saturating_add(self.row_repeats - 1);
                    self.hidden_rows.add(self.row, last.min(ROWS_MAX - 1));
                }
                self.column = 0;
                self.cells.clear();
            }
            "table-cell" | "covered-table-cell" => {
                let repeats = self.repeats(element, "number-columns-repeated", emitter.label())?;
                self.cell = Some((said(element), repeats));
                self.shown = Paragraphs::default();
            }
            "p" | "h" => self.shown.begin(),
            "s" => {
                let blanks = attribute(element, "c").map_or(Ok(1), |blanks| blanks.parse());
                self.shown.add_blanks(blanks.map_err(|_| Trouble::Xml)?);
            }
            "tab" => self.shown.add_layout("\t"),
            "line-break" => self.shown.add_layout("\n"),
            _ => {}
        }
        Ok(())
    }

    pub(super) fn leave<W: Write>(
        &mut self,
        name: &str,
        emitter: &mut Emitter<'_, W>,
    ) -> Result<(), Trouble> {
        match name {
            "p" | "h" => self.shown.end(),
            "table-cell" | "covered-table-cell" => {
                let Some((said, repeats)) = self.cell.take() else {
                    return Err(Trouble::Xml);
                };
                let shown = std::mem::take(&mut self.shown).into_text();
                let cell = values::cell(said, shown)
                    .map_err(|()| self.odd(emitter.label(), "has a value that is none"))?;
                if let Some(cell) = cell {
                    self.cells.push((self.column, repeats, cell));
                }
                self.column = self.column.saturating_add(repeats);
            }
            "table-row" => self.send_row(emitter)?,
            _ => {}
        }
        Ok(())
    }

    pub(super) fn text(&mut self, text: &str) {
        self.shown.add(text);
    }

    pub(super) fn end<W: Write>(mut self, emitter: &mut Emitter<'_, W>) -> Result<(), Trouble> {
        self.begin(emitter)?;
        if self.is_begun {
            emitter.hidden(&self.hidden_rows, &self.hidden_columns)?;
        }
        Ok(())
    }

    fn begin<W: Write>(&mut self, emitter: &mut Emitter<'_, W>) -> Result<(), Trouble> {
        if !self.is_begun && !self.is_copy {
            self.is_begun = true;
            emitter.sheet(&self.name, self.visible)?;
        }
        Ok(())
    }

    fn repeats(&self, element: &BytesStart<'_>, name: &str, label: &str) -> Result<u32, Trouble> {
        match attribute(element, name).map_or(Ok(1), |repeats| repeats.parse()) {
            Ok(repeats @ 1..) => Ok(repeats),
            _ => Err(self.odd(label, "stands for an impossible number of cells").into()),
        }
    }

    fn send_row<W: Write>(&mut self, emitter: &mut Emitter<'_, W>) -> Result<(), Trouble> {
        let (row, repeats) = (self.row, self.row_repeats);
        self.row = row.saturating_add(repeats);
        self.row_repeats = 1;
        let cells = std::mem::take(&mut self.cells);
        if cells.is_empty() || !self.is_begun {
            return Ok(());
        }
        // Cells beyond the last row, column or number of cells end this.
        for row in row..row.saturating_add(repeats) {
            for (first, repeats, cell) in &cells {
                for column in *first..first.saturating_add(*repeats) {
                    emitter.cell(row, column, cell.cell())?;
                }
            }
        }
        Ok(())
    }
}

fn said(element: &BytesStart<'_>) -> Said {
    let mut said = Said::default();
    for attribute in element.attributes().with_checks(false).flatten() {
        let value = || match attribute.normalized_value(quick_xml::XmlVersion::Explicit1_0) {
            Ok(value) => value.into_owned(),
            Err(_) => attribute.value.clone().into_owned(),
        };
        // `value-type` is said twice: for every program, and for one that knows errors.
        match attribute.key.as_ref() {
            "calcext:value-type" => said.is_error = value() == "error",
            "office:value-type" => said.kind = value(),
            _ => match attribute.key.local_name().as_ref() {
                "value-type" if said.kind.is_empty() => said.kind = value(),
                "formula" => said.is_formula = true,
                "value" => said.value = Some(value()),
                "date-value" => said.date = Some(value()),
                "time-value" => said.time = Some(value()),
                "boolean-value" => said.truth = Some(value()),
                "string-value" => said.text = Some(value()),
                _ => {}
            },
        }
    }
    said
}

/// Rows and columns out of sight: folded away, or left out by a filter.
fn is_hidden(element: &BytesStart<'_>) -> bool {
    attribute(element, "visibility").is_some_and(|it| it == "collapse" || it == "filter")
}
