//! Notes and shorthand: what is said of the tables, and which it is said of.

use model::Mark;
use rust_xlsxwriter::Worksheet;

use super::{TableSheet, above, as_table, printable, widths};
use crate::report_model::ReportModel;
use crate::words;
use crate::workbooks::text::height;
use crate::workbooks::{WorkbookError, look};

/// Indicators named with a note, after which it says how many more there are.
const NAMES_MAX: usize = 12;

/// Something said of tables.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Note {
    /// `[note 1]`.
    pub(super) marker: String,
    /// What is said.
    pub(super) text: String,
    /// Names of the tables it is said of.
    pub(super) tables: Vec<&'static str>,
    /// Indicators it is said of; none for all.
    pub(super) indicators: Vec<String>,
}

impl Note {
    pub(super) fn is_about(&self, sheet: &TableSheet<'_>) -> bool {
        self.tables.contains(&sheet.dataset.name)
    }
}

/// Every note of the report that belongs to a table. Those that have a number keep it.
pub(super) fn notes(model: &ReportModel, sheets: &[TableSheet<'_>]) -> Vec<Note> {
    let counts = ["indicators", "quarterly-figures", "parts-of-indicators"].as_slice();
    let rates = ["indicators", "rates-of-peers"].as_slice();
    let charts = ["indicators", "control-charts", "monthly-figures"].as_slice();
    let of = |notes: &[String], tables: &'static [&'static str]| -> Vec<Note> {
        notes.iter().map(|text| note(text, tables, model)).collect()
    };
    let withheld = std::slice::from_ref(&model.charts.withheld);
    let mut all = of(&model.indicators.notes, counts);
    all.extend(of(&model.peers.notes, rates));
    all.extend(of(&model.charts.notes, charts));
    all.extend(of(withheld, charts));
    for note in &mut all {
        note.tables.retain(|name| sheets.iter().any(|sheet| sheet.dataset.name == *name));
    }
    all.retain(|note| !note.text.is_empty() && !note.tables.is_empty());
    numbered(&mut all);
    all
}

fn note(text: &str, tables: &'static [&'static str], model: &ReportModel) -> Note {
    let split = text.strip_prefix("[note ").and_then(|rest| rest.split_once("] "));
    let (marker, text) = match split {
        Some((number, text)) => (format!("[note {number}]"), text),
        None => (String::new(), text),
    };
    let rows = model.indicators.groups.iter().flat_map(|group| &group.rows);
    let indicators = rows
        .filter(|row| !marker.is_empty() && row.notes.contains(&marker))
        .map(|row| row.name.clone())
        .collect();
    Note { marker, text: text.to_owned(), tables: tables.to_vec(), indicators }
}

/// Numbers for those that have none.
fn numbered(notes: &mut [Note]) {
    let taken: Vec<String> = notes.iter().map(|note| note.marker.clone()).collect();
    let mut free =
        (1..).map(|number| format!("[note {number}]")).filter(|marker| !taken.contains(marker));
    for note in notes.iter_mut().filter(|note| note.marker.is_empty()) {
        note.marker = free.next().unwrap_or_default();
    }
    notes.sort_by_key(|note| (note.marker.len(), note.marker.clone()));
}

/// Writes the worksheet of notes and shorthand.
pub(super) fn write(
    sheet: &mut Worksheet,
    notes: &[Note],
    sheets: &[TableSheet<'_>],
) -> Result<(), WorkbookError> {
    let rows: Vec<[String; 3]> = notes
        .iter()
        .map(|note| [note.marker.clone(), note.text.clone(), said_of(note, sheets)])
        .chain(shorthand(sheets))
        .collect();
    let lines = if rows.is_empty() {
        ["There are no notes, and no marks are used.".to_owned()].to_vec()
    } else {
        vec![
            "This worksheet contains one table.".to_owned(),
            "Notes come first, then the shorthand marks that stand in cells of the tables."
                .to_owned(),
        ]
    };
    let header = above(sheet, "Notes and shorthand", &lines)?;
    let widths = [14, 80, 50];
    for (column, width) in (0..).zip(widths) {
        sheet.set_column_width(column, widths::column_width(width))?;
    }
    sheet.set_print_fit_to_pages(1, 0);
    if rows.is_empty() {
        return Ok(());
    }
    let body = look::wrapped();
    let mut row = header;
    for cells in &rows {
        row += 1;
        let mut tallest = 1;
        for ((column, text), width) in (0..).zip(cells).zip(widths) {
            sheet.write_string_with_format(row, column, printable(text), &body)?;
            tallest = tallest.max(widths::lines(text, width));
        }
        sheet.set_row_height(row, height(tallest, look::LINE_HEIGHT))?;
    }
    let heading = look::column_heading();
    let headings =
        ["Note or mark", "What it means", "Where it applies"].map(|it| (it, heading.clone()));
    let alt = "Notes and shorthand marks: what each means, and to which tables it applies";
    as_table(sheet, (header, row), &headings, ("Notes_and_shorthand", alt))
}

fn said_of(note: &Note, sheets: &[TableSheet<'_>]) -> String {
    let tables = listed(sheets.iter().filter(|sheet| note.is_about(sheet)));
    if note.indicators.is_empty() {
        return tables;
    }
    format!("{tables}: {}", words::list(&note.indicators, NAMES_MAX))
}

/// Marks that stand in any table, and in which.
fn shorthand(sheets: &[TableSheet<'_>]) -> Vec<[String; 3]> {
    let used: Vec<_> = sheets.iter().map(|sheet| (sheet, sheet.dataset.marks())).collect();
    let mut marks: Vec<Mark> = used.iter().flat_map(|(_, marks)| marks).copied().collect();
    marks.sort_unstable();
    marks.dedup();
    marks
        .into_iter()
        .map(|mark| {
            let tables = used.iter().filter(|(_, marks)| marks.contains(&mark));
            let meaning = words::sentence(mark.meaning());
            let tables = listed(tables.map(|(sheet, _)| *sheet));
            [format!("[{}]", mark.letter()), meaning, tables]
        })
        .collect()
}

fn listed<'a>(sheets: impl Iterator<Item = &'a TableSheet<'a>>) -> String {
    let numbers: Vec<String> = sheets.map(|sheet| format!("Table {}", sheet.number)).collect();
    words::list(&numbers, numbers.len())
}
