//! Workbooks that a test changes cell by cell, and then writes as people's programs do.

use std::fmt::Write as _;
use std::io::{Cursor, Read as _, Write as _};

use rust_xlsxwriter::{ExcelDateTime, Format, Note, Workbook, Worksheet};
use zip::write::SimpleFileOptions;

/// What a cell holds.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Nothing.
    Blank,
    /// Text.
    Text(String),
    /// A number.
    Number(f64),
    /// A day: year, month, day.
    Date(u16, u8, u8),
}

impl Value {
    /// A text.
    pub fn text(text: &str) -> Self {
        Self::Text(text.to_owned())
    }

    /// The text it holds; empty for anything else.
    pub fn as_text(&self) -> &str {
        match self {
            Self::Text(text) => text,
            Self::Blank | Self::Number(_) | Self::Date(..) => "",
        }
    }
}

/// A worksheet.
#[derive(Clone, Debug, Default)]
pub struct Tab {
    /// Its name.
    pub name: String,
    /// Whether nobody sees it.
    pub hidden: bool,
    /// Rows of cells.
    pub rows: Vec<Vec<Value>>,
    /// Ranges merged into one cell: first row and column, last row and column.
    pub merged: Vec<(u32, u16, u32, u16)>,
    /// Columns nobody sees.
    pub hidden_columns: Vec<u16>,
    /// Comments on cells: row, column, text.
    pub comments: Vec<(u32, u16, String)>,
    /// Panes frozen and a filter set below this row.
    pub frozen_below: Option<u32>,
    /// How numbers are shown: `0.0`.
    pub number_format: Option<String>,
}

impl Tab {
    /// A visible sheet without cells.
    pub fn new(name: &str) -> Self {
        Self { name: name.to_owned(), ..Self::default() }
    }

    /// A cell; blank beyond the rows.
    pub fn cell(&self, row: usize, column: usize) -> &Value {
        self.rows.get(row).and_then(|row| row.get(column)).unwrap_or(&Value::Blank)
    }

    /// Sets a cell, and makes room for it.
    pub fn set(&mut self, row: usize, column: usize, value: Value) {
        if self.rows.len() <= row {
            self.rows.resize(row + 1, Vec::new());
        }
        let cells = &mut self.rows[row];
        if cells.len() <= column {
            cells.resize(column + 1, Value::Blank);
        }
        cells[column] = value;
    }

    /// The first row with this text in some cell. Panics if there is none.
    pub fn row_of(&self, text: &str) -> usize {
        let found = self.rows.iter().position(|row| row.iter().any(|cell| cell.as_text() == text));
        found.unwrap_or_else(|| panic!("`{text}` is not on the sheet {}", self.name))
    }

    /// Blank rows before a row.
    pub fn insert_rows(&mut self, at: usize, count: usize) {
        for _ in 0..count {
            self.rows.insert(at, Vec::new());
        }
    }

    /// A blank column before a column.
    pub fn insert_column(&mut self, at: usize) {
        for row in &mut self.rows {
            if row.len() > at {
                row.insert(at, Value::Blank);
            }
        }
    }

    /// Moves a column to another place.
    pub fn move_column(&mut self, from: usize, to: usize) {
        for row in &mut self.rows {
            if row.is_empty() {
                continue;
            }
            let width = row.len().max(from.max(to) + 1);
            row.resize(width, Value::Blank);
            let cell = row.remove(from);
            row.insert(to, cell);
        }
    }
}

/// A workbook.
#[derive(Clone, Debug, Default)]
pub struct Book {
    /// Its sheets in order.
    pub tabs: Vec<Tab>,
    /// Whether days are counted from 1904, as on old Macs.
    pub epoch_1904: bool,
}

impl Book {
    /// As an .xlsx file.
    pub fn xlsx(&self) -> Vec<u8> {
        let mut workbook = Workbook::new();
        for tab in &self.tabs {
            let sheet = workbook.add_worksheet();
            sheet.set_name(&tab.name).expect("a name for a sheet");
            self.fill(sheet, tab);
        }
        let first = self.tabs.iter().position(|tab| !tab.hidden).expect("a visible sheet");
        workbook.worksheet_from_index(first).expect("a sheet").set_active(true);
        let bytes = workbook.save_to_buffer().expect("a workbook in memory");
        if self.epoch_1904 { counted_from_1904(&bytes) } else { bytes }
    }

    fn fill(&self, sheet: &mut Worksheet, tab: &Tab) {
        let number = tab.number_format.as_ref().map(|format| Format::new().set_num_format(format));
        sheet.set_hidden(tab.hidden);
        for (first_row, first, last_row, last) in &tab.merged {
            sheet
                .merge_range(*first_row, *first, *last_row, *last, "", &Format::new())
                .expect("a range");
        }
        for (row, cells) in (0..).zip(&tab.rows) {
            for (column, value) in (0..).zip(cells) {
                self.write(sheet, row, column, value, number.as_ref());
            }
        }
        for column in &tab.hidden_columns {
            sheet.set_column_hidden(*column).expect("a column");
        }
        for (row, column, text) in &tab.comments {
            sheet.insert_note(*row, *column, &Note::new(text)).expect("a cell");
        }
        if let Some(row) = tab.frozen_below {
            let width = tab.rows.iter().map(Vec::len).max().unwrap_or(1);
            let last_column = u16::try_from(width.max(1) - 1).expect("few columns");
            let last_row = u32::try_from(tab.rows.len()).expect("few rows");
            sheet.set_freeze_panes(row + 1, 1).expect("a cell");
            sheet.autofilter(row, 0, last_row, last_column).expect("a range");
        }
    }

    fn write(
        &self,
        sheet: &mut Worksheet,
        row: u32,
        column: u16,
        value: &Value,
        number_format: Option<&Format>,
    ) {
        let written = match value {
            Value::Blank => return,
            Value::Text(text) => sheet.write_string(row, column, text),
            Value::Number(number) => match number_format {
                Some(format) => sheet.write_number_with_format(row, column, *number, format),
                None => sheet.write_number(row, column, *number),
            },
            Value::Date(year, month, day) => {
                const DAYS_TO_1904: f64 = 1462.0;
                let date = ExcelDateTime::from_ymd(*year, *month, *day).expect("a day");
                let format = Format::new().set_num_format("mmm-yy");
                if self.epoch_1904 {
                    let days = date.to_excel() - DAYS_TO_1904;
                    sheet.write_number_with_format(row, column, days, &format)
                } else {
                    sheet.write_datetime_with_format(row, column, &date, &format)
                }
            }
        };
        written.expect("a cell inside the sheet");
    }

    /// The first sheet as delimited text; days as `01/04/2025`.
    pub fn csv(&self, separator: char) -> String {
        let mut text = String::new();
        for row in &self.tabs[0].rows {
            let cells: Vec<String> = row.iter().map(|value| delimited(value, separator)).collect();
            text.push_str(&cells.join(&separator.to_string()));
            text.push('\n');
        }
        text
    }

    /// As an .ods file.
    pub fn ods(&self) -> Vec<u8> {
        let mut tables = String::new();
        for tab in self.tabs.iter().filter(|tab| !tab.hidden) {
            write!(tables, "<table:table table:name=\"{}\">", escaped(&tab.name)).expect("text");
            for row in &tab.rows {
                tables.push_str("<table:table-row>");
                for value in row {
                    tables.push_str(&ods_cell(value));
                }
                if row.is_empty() {
                    tables.push_str("<table:table-cell/>");
                }
                tables.push_str("</table:table-row>");
            }
            tables.push_str("</table:table>");
        }
        let content = format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<office:document-content \
             xmlns:office=\"urn:oasis:names:tc:opendocument:xmlns:office:1.0\" \
             xmlns:table=\"urn:oasis:names:tc:opendocument:xmlns:table:1.0\" \
             xmlns:text=\"urn:oasis:names:tc:opendocument:xmlns:text:1.0\" office:version=\"1.2\">\
             <office:body><office:spreadsheet>{tables}</office:spreadsheet></office:body>\
             </office:document-content>"
        );
        let manifest = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<manifest:manifest \
            xmlns:manifest=\"urn:oasis:names:tc:opendocument:xmlns:manifest:1.0\" manifest:version=\"1.2\">\
            <manifest:file-entry manifest:full-path=\"/\" \
            manifest:media-type=\"application/vnd.oasis.opendocument.spreadsheet\"/>\
            <manifest:file-entry manifest:full-path=\"content.xml\" manifest:media-type=\"text/xml\"/>\
            </manifest:manifest>";
        packed(&[
            ("mimetype", b"application/vnd.oasis.opendocument.spreadsheet".to_vec()),
            ("content.xml", content.into_bytes()),
            ("META-INF/manifest.xml", manifest.as_bytes().to_vec()),
        ])
    }
}

fn delimited(value: &Value, separator: char) -> String {
    match value {
        Value::Blank => String::new(),
        Value::Number(number) => number.to_string(),
        Value::Date(year, month, day) => format!("{day:02}/{month:02}/{year}"),
        Value::Text(text) if text.contains([separator, '"', '\n']) => {
            format!("\"{}\"", text.replace('"', "\"\""))
        }
        Value::Text(text) => text.clone(),
    }
}

fn ods_cell(value: &Value) -> String {
    match value {
        Value::Blank => "<table:table-cell/>".to_owned(),
        Value::Text(text) => format!(
            "<table:table-cell office:value-type=\"string\"><text:p>{}</text:p></table:table-cell>",
            escaped(text)
        ),
        Value::Number(number) => format!(
            "<table:table-cell office:value-type=\"float\" office:value=\"{number}\"><text:p>{number}</text:p></table:table-cell>"
        ),
        Value::Date(year, month, day) => format!(
            "<table:table-cell office:value-type=\"date\" office:date-value=\"{year:04}-{month:02}-{day:02}\"><text:p>{month:02}/{year}</text:p></table:table-cell>"
        ),
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

fn packed(parts: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in parts {
        let method = match *name {
            "mimetype" => zip::CompressionMethod::Stored,
            _ => zip::CompressionMethod::Deflated,
        };
        let options = SimpleFileOptions::default().compression_method(method);
        archive.start_file(*name, options).expect("a part");
        archive.write_all(bytes).expect("bytes in memory");
    }
    archive.finish().expect("an archive").into_inner()
}

/// The same file with the mark that its days are counted from 1904.
fn counted_from_1904(bytes: &[u8]) -> Vec<u8> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).expect("an archive");
    let names: Vec<String> =
        archive.file_names().map(|name| name.expect("a name in UTF-8").into_owned()).collect();
    let mut parts = Vec::new();
    for name in &names {
        let mut bytes = Vec::new();
        archive.by_name(name).expect("a part").read_to_end(&mut bytes).expect("bytes");
        if name == "xl/workbook.xml" {
            let text = String::from_utf8(bytes).expect("UTF-8");
            let marked = text.replacen("<workbookPr ", "<workbookPr date1904=\"1\" ", 1);
            assert_ne!(marked, text, "the workbook has properties");
            bytes = marked.into_bytes();
        }
        parts.push((name.as_str(), bytes));
    }
    packed(&parts)
}
