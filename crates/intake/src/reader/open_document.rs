//! Open Document spreadsheets, read cell by cell.
//!
//! Their one part is read here and not by the library, which holds whole sheets in memory, passes
//! over errors and formulas without a value, and does not know of hidden rows.

mod table;
mod text;
mod values;

use std::collections::BTreeSet;
use std::io::Write;

use quick_xml::events::{BytesStart, Event};

use super::emit::{Emitter, Stop};
use super::guard::Archive;
use super::package::{Next, Trouble, attribute, events};
use crate::sniff::NotAWorkbook;
use crate::workbook::FileKind;
use table::Table;

/// Elements of which nothing is read: remarks, drawings, what was there before, what was fetched
/// from elsewhere.
const PASSED_OVER: [&str; 8] = [
    "annotation",
    "shapes",
    "frame",
    "tracked-changes",
    "forms",
    "dde-links",
    "custom-shape",
    "detective",
];

/// Sends an ods workbook, cell by cell.
pub(super) fn read<W: Write>(
    archive: &mut Archive<'_>,
    emitter: &mut Emitter<'_, W>,
) -> Result<(), Stop> {
    let label = emitter.label();
    if is_encrypted(archive, label).map_err(|trouble| trouble.into_stop(label))? {
        return Err(NotAWorkbook::PasswordProtected.finding(label).into());
    }
    emitter.start(FileKind::Ods, false)?;
    let mut content = Content {
        emitter,
        style: None,
        hidden_styles: BTreeSet::new(),
        table: None,
        passed_over: 0,
        has_spreadsheet: false,
        is_done: false,
    };
    events(archive, "content.xml", label, |event| content.event(event))
        .map_err(|trouble| trouble.into_stop(label))?;
    let is_whole = content.is_done;
    if !is_whole {
        return Err(NotAWorkbook::Incomplete.finding(label).into());
    }
    Ok(())
}

fn is_encrypted(archive: &mut Archive<'_>, label: &str) -> Result<bool, Trouble> {
    let mut is_encrypted = false;
    events(archive, "META-INF/manifest.xml", label, |event| {
        if let Event::Start(element) = event
            && matches!(element.local_name().as_ref(), "encryption-data" | "encrypted-key")
        {
            is_encrypted = true;
            return Ok(Next::Stop);
        }
        Ok(Next::On)
    })?;
    Ok(is_encrypted)
}

/// Where the walk through the content stands.
struct Content<'e, 'a, W> {
    emitter: &'e mut Emitter<'a, W>,
    /// The style of a table whose settings are being read.
    style: Option<String>,
    hidden_styles: BTreeSet<String>,
    table: Option<Table>,
    /// How deep in something of which nothing is read.
    passed_over: usize,
    has_spreadsheet: bool,
    is_done: bool,
}

impl<W: Write> Content<'_, '_, W> {
    fn event(&mut self, event: &Event<'_>) -> Result<Next, Trouble> {
        match event {
            Event::Start(element) => self.enter(element)?,
            Event::End(element) => {
                if self.passed_over > 0 {
                    self.passed_over -= 1;
                    return Ok(Next::On);
                }
                match element.local_name().as_ref() {
                    "style" => self.style = None,
                    "table" => self.leave_table()?,
                    "spreadsheet" => {
                        self.is_done = self.has_spreadsheet && self.table.is_none();
                        return Ok(Next::Stop);
                    }
                    name => {
                        if let Some(table) = &mut self.table {
                            table.leave(name, self.emitter)?;
                        }
                    }
                }
            }
            Event::Text(text) if self.passed_over == 0 => {
                if let Some(table) = &mut self.table {
                    table.text(&text.xml10_content());
                }
            }
            Event::CData(text) if self.passed_over == 0 => {
                if let Some(table) = &mut self.table {
                    table.text(&text.xml10_content());
                }
            }
            Event::GeneralRef(reference) if self.passed_over == 0 => {
                if let Some(table) = &mut self.table {
                    table.text(&text::resolved(reference).ok_or(Trouble::Xml)?);
                }
            }
            _ => {}
        }
        Ok(Next::On)
    }

    fn enter(&mut self, element: &BytesStart<'_>) -> Result<(), Trouble> {
        let name = element.local_name();
        let name = name.as_ref();
        // A table in a cell of a table is no sheet, and no program makes one.
        let is_inner = name == "table" && self.table.is_some();
        if self.passed_over > 0 || PASSED_OVER.contains(&name) || is_inner {
            self.passed_over += 1;
            return Ok(());
        }
        match name {
            "style" => self.style = attribute(element, "name"),
            "table-properties" => {
                let is_hidden = attribute(element, "display").is_some_and(|it| it == "false");
                if let Some(style) = self.style.clone().filter(|_| is_hidden) {
                    self.hidden_styles.insert(style);
                }
            }
            "spreadsheet" => self.has_spreadsheet = true,
            "table" if self.has_spreadsheet => {
                let style = attribute(element, "style-name").unwrap_or_default();
                let name = attribute(element, "name").ok_or(Trouble::Xml)?;
                self.table = Some(Table::new(name, !self.hidden_styles.contains(&style)));
            }
            _ => {
                if let Some(table) = &mut self.table {
                    table.enter(element, self.emitter)?;
                }
            }
        }
        Ok(())
    }

    fn leave_table(&mut self) -> Result<(), Trouble> {
        if let Some(table) = self.table.take() {
            table.end(self.emitter)?;
        }
        Ok(())
    }
}
