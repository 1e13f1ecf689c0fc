//! A worksheet with one table: what it is, how to read it, and the table.

use jiff::civil::Date;
use rust_xlsxwriter::{ExcelDateTime, Format, FormatAlign, IgnoreError, Worksheet};

use super::notes::Note;
use super::{NOTES, TableSheet, above, as_table, printable, widths, words_of};
use crate::report_model::ReportModel;
use crate::tables::{Cell, Column, Dataset, Kind, Origin};
use crate::words;
use crate::workbooks::text::height;
use crate::workbooks::{WorkbookError, look};

/// Digits that a spreadsheet program keeps of a number.
const DIGITS_MAX: usize = 15;
/// Characters side by side that fit on a page; wider tables are not made to.
const PAGE_WIDTH: usize = 190;

/// Writes a table, and what is said above it.
pub(super) fn write(
    sheet: &mut Worksheet,
    model: &ReportModel,
    table: &TableSheet<'_>,
    notes: &[Note],
) -> Result<(), WorkbookError> {
    let dataset = table.dataset;
    let about = &model.about;
    let title = format!(
        "Table {}: {}, {}, {}",
        table.number, dataset.title, about.partnership, about.months
    );
    let header = above(sheet, &title, &said(model, table, notes))?;
    let widths: Vec<usize> = (0..).zip(&dataset.columns).map(|it| width(dataset, it)).collect();
    for (column, width) in (0..).zip(&widths) {
        sheet.set_column_width(column, widths::column_width(*width))?;
    }
    if widths.iter().sum::<usize>() <= PAGE_WIDTH {
        sheet.set_print_fit_to_pages(1, 0);
    }
    let looks = Looks::new();
    let mut row = header;
    for cells in &dataset.rows {
        row += 1;
        let mut tallest = 1;
        for (index, (cell, column)) in (0..).zip(cells.iter().zip(&dataset.columns)) {
            write_cell(sheet, (row, index), cell, *column, &looks)?;
        }
        for (cell, width) in cells.iter().zip(&widths) {
            tallest = tallest.max(widths::lines(cell.content(), *width));
        }
        sheet.set_row_height(row, height(tallest, look::LINE_HEIGHT))?;
    }
    let headings: Vec<(&str, Format)> =
        dataset.columns.iter().map(|column| (column.heading, looks.heading(*column))).collect();
    as_table(sheet, (header, row), &headings, (&words_of(dataset), dataset.about))?;
    let tallest = dataset.columns.iter().zip(&widths);
    let tallest = tallest.map(|(column, width)| widths::lines(column.heading, *width)).max();
    sheet.set_row_height(header, height(tallest.unwrap_or(1), look::LINE_HEIGHT) + 2.0)?;
    let last = u16::try_from(widths.len().saturating_sub(1)).unwrap_or(u16::MAX);
    // Numbers of actions and the like are names.
    sheet.ignore_error_range(header + 1, 0, row, last, IgnoreError::NumberStoredAsText)?;
    Ok(())
}

fn width(dataset: &Dataset, (index, column): (usize, &Column)) -> usize {
    let cells: Vec<String> = dataset
        .rows
        .iter()
        .filter_map(|row| row.get(index))
        .map(|cell| match cell {
            Cell::Number(number) => widths::shown(number),
            other => other.content().to_owned(),
        })
        .collect();
    widths::width(column.heading, cells.iter().map(String::as_str))
}

/// What is said above a table, in the order the checklist asks for.
fn said(model: &ReportModel, table: &TableSheet<'_>, notes: &[Note]) -> Vec<String> {
    let dataset = table.dataset;
    let about = &model.about;
    let markers: String =
        notes.iter().filter(|note| note.is_about(table)).map(|note| note.marker.as_str()).collect();
    vec![
        "This worksheet contains one table.".to_owned(),
        if markers.is_empty() {
            "No notes apply to this table.".to_owned()
        } else {
            format!("Notes that apply to this table: {markers}. They are on the worksheet {NOTES}.")
        },
        shorthand(dataset),
        blanks(dataset),
        dataset.about.to_owned(),
        words::sentence(&format!("{}; as known on {}", about.period, about.as_of)),
        source(model, dataset.origin),
    ]
}

fn shorthand(dataset: &Dataset) -> String {
    let marks: Vec<String> = dataset
        .marks()
        .into_iter()
        .map(|mark| format!("[{}] {}", mark.letter(), mark.meaning()))
        .collect();
    if marks.is_empty() {
        "No shorthand marks are used in this table.".to_owned()
    } else {
        format!("Shorthand marks used in this table: {}.", marks.join("; "))
    }
}

/// What blank cells mean: the same for columns of which the same is said.
fn blanks(dataset: &Dataset) -> String {
    let mut meanings: Vec<(&str, Vec<String>)> = Vec::new();
    for (index, column) in dataset.columns.iter().enumerate() {
        if !dataset.has_blanks(index) {
            continue;
        }
        let heading = column.heading.to_owned();
        match meanings.iter_mut().find(|(blank, _)| *blank == column.blank) {
            Some((_, headings)) => headings.push(heading),
            None => meanings.push((column.blank, vec![heading])),
        }
    }
    if meanings.is_empty() {
        return "There are no blank cells.".to_owned();
    }
    let meanings: Vec<String> = meanings
        .into_iter()
        .map(|(blank, headings)| format!("in {}, {blank}", words::list(&headings, headings.len())))
        .collect();
    format!("A blank cell means: {}.", meanings.join("; "))
}

fn source(model: &ReportModel, origin: Origin) -> String {
    let from = &model.about.figures_from;
    match origin {
        Origin::Figures | Origin::Definitions if from.is_empty() => {
            "Source: what partners send.".to_owned()
        }
        Origin::Figures | Origin::Definitions => format!("Source: {}.", from.join("; ")),
        Origin::Plan => format!("Source: the plan of the {}.", model.about.partnership),
        Origin::Books => {
            "Source: the books of this report: what arrived, and what was sent.".to_owned()
        }
        Origin::Analyst => format!("Source: {}.", model.about.partnership),
    }
}

/// Formats of cells, made once.
struct Looks {
    text: Format,
    instead: Format,
    day: Format,
    numbers: [Format; 4],
    heading: Format,
    number_heading: Format,
}

impl Looks {
    fn new() -> Self {
        let right = look::body().set_align(FormatAlign::Right);
        Self {
            text: look::wrapped(),
            day: look::body().set_align(FormatAlign::Left).set_num_format("yyyy-mm-dd"),
            numbers: ["#,##0", "#,##0.0", "#,##0.00", "#,##0.000"]
                .map(|shown| right.clone().set_num_format(shown)),
            instead: right,
            heading: look::column_heading(),
            number_heading: look::column_heading().set_align(FormatAlign::Right),
        }
    }

    fn heading(&self, column: Column) -> Format {
        if column.kind.is_number() { self.number_heading.clone() } else { self.heading.clone() }
    }

    /// As many decimals as the number has.
    fn number(&self, number: &str) -> &Format {
        let decimals = number.split_once('.').map_or(0, |(_, decimals)| decimals.len());
        &self.numbers[decimals.min(self.numbers.len() - 1)]
    }
}

fn write_cell(
    sheet: &mut Worksheet,
    (row, index): (u32, u16),
    cell: &Cell,
    column: Column,
    looks: &Looks,
) -> Result<(), WorkbookError> {
    match cell {
        Cell::Blank => {}
        Cell::Number(number) => match exact(number) {
            Some(value) => {
                sheet.write_number_with_format(row, index, value, looks.number(number))?;
            }
            None => {
                sheet.write_string_with_format(row, index, printable(number), &looks.instead)?;
            }
        },
        Cell::Mark(mark) if column.kind.is_number() => {
            sheet.write_string_with_format(row, index, printable(mark), &looks.instead)?;
        }
        Cell::Value(value) if column.kind == Kind::Date => match day(value) {
            Some(day) => {
                sheet.write_datetime_with_format(row, index, &day, &looks.day)?;
            }
            None => {
                sheet.write_string_with_format(row, index, printable(value), &looks.text)?;
            }
        },
        Cell::Mark(text) | Cell::Value(text) | Cell::Text(text) => {
            sheet.write_string_with_format(row, index, printable(text), &looks.text)?;
        }
    }
    Ok(())
}

/// A number that loses nothing where it is held as a spreadsheet program holds numbers.
fn exact(number: &str) -> Option<f64> {
    let digits = number.chars().filter(char::is_ascii_digit).count();
    number.parse().ok().filter(|value: &f64| digits <= DIGITS_MAX && value.is_finite())
}

/// A day that spreadsheet programs know.
fn day(text: &str) -> Option<ExcelDateTime> {
    let date: Date = text.parse().ok()?;
    let year = u16::try_from(date.year()).ok().filter(|year| *year > 1900)?;
    let (month, day) = (u8::try_from(date.month()).ok()?, u8::try_from(date.day()).ok()?);
    ExcelDateTime::from_ymd(year, month, day).ok()
}
