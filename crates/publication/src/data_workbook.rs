//! The tables of the report as a workbook, laid out as the Government Analysis Function asks for:
//! a cover, contents, notes, and one real table a worksheet.
//!
//! It is made from the same list as the data files and decides nothing: a number or a mark that
//! stands here stands there. There are no formulas, colours, filters or merged cells.

mod contents;
mod cover;
mod notes;
mod sheet;
mod widths;

#[cfg(test)]
mod tests;
#[cfg(test)]
pub(crate) use self::tests::assert_holds_everything;

use jiff::civil::Date;
use rust_xlsxwriter::{DocProperties, Format, Table, TableColumn, TableStyle, Workbook, Worksheet};

use crate::report_model::ReportModel;
use crate::tables::{Dataset, datasets};
use crate::workbooks::text::fitted;
use crate::workbooks::{WorkbookError, look, properties};

pub(super) const COVER: &str = "Cover";
pub(super) const CONTENTS: &str = "Contents";
pub(super) const NOTES: &str = "Notes";
/// Longest name of a worksheet.
const NAME_MAX: usize = 31;
/// Height of a row and width of a column that nobody set, in pixels: what Arial 12 needs.
const ROW_PIXELS: u32 = 21;
const COLUMN_PIXELS: u32 = 80;

/// The tables of a report as a workbook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DataWorkbook {
    /// `2025-26-Q1-tables.xlsx`.
    pub file_name: String,
    /// The file.
    pub bytes: Vec<u8>,
}

/// A table on a worksheet of its own.
pub(super) struct TableSheet<'a> {
    /// Its place among the tables, from 1.
    number: usize,
    /// Name of the worksheet: `Table_1_Indicators`.
    name: String,
    /// What is in it.
    dataset: &'a Dataset,
}

/// Puts the tables of a report together as a workbook. The same report gives the same bytes.
pub fn data_workbook(model: &ReportModel) -> Result<DataWorkbook, WorkbookError> {
    let datasets = datasets(model);
    let sheets = numbered(&datasets);
    let notes = notes::notes(model, &sheets);
    let mut workbook = Workbook::new();
    let plain = Format::new().set_font_name("Arial").set_font_size(12);
    workbook.set_default_format(&plain, ROW_PIXELS, COLUMN_PIXELS)?;
    for name in [COVER, CONTENTS, NOTES].into_iter().chain(sheets.iter().map(|it| it.name.as_str()))
    {
        workbook.add_worksheet().set_name(name)?.set_landscape().set_paper_size(9);
    }
    cover::write(workbook.worksheet_from_name(COVER)?, model, &sheets)?;
    contents::write(workbook.worksheet_from_name(CONTENTS)?, model, &sheets)?;
    notes::write(workbook.worksheet_from_name(NOTES)?, &notes, &sheets)?;
    for sheet in &sheets {
        sheet::write(workbook.worksheet_from_name(&sheet.name)?, model, sheet, &notes)?;
    }
    workbook.set_properties(&about(model)?);
    let file_name = format!("{}-tables.xlsx", model.period_file_name);
    Ok(DataWorkbook { file_name, bytes: workbook.save_to_buffer()? })
}

/// Tables in order, each with a worksheet's name that says what is in it.
fn numbered(datasets: &[Dataset]) -> Vec<TableSheet<'_>> {
    (1..)
        .zip(datasets)
        .map(|(number, dataset)| {
            let name = format!("Table_{number}_{}", words_of(dataset));
            TableSheet { number, name: name.chars().take(NAME_MAX).collect(), dataset }
        })
        .collect()
}

/// `Parts_of_indicators`: the name of a table in worksheets and formulas. It has no number, so that
/// it is the same in every report.
pub(super) fn words_of(dataset: &Dataset) -> String {
    crate::words::capitalised(&dataset.name.replace('-', "_"))
}

fn about(model: &ReportModel) -> Result<DocProperties, WorkbookError> {
    let about = &model.about;
    // The day the report stands for, never the day it is written on.
    let made_on: Date = about.as_of_data.parse().unwrap_or(Date::constant(2000, 1, 1));
    let keywords =
        ["community safety", &about.partnership_short, &model.period_data, &about.edition_data];
    Ok(properties(&printable(&cover::title(model)), &printable(&about.partnership), made_on)?
        .set_subject(printable(&model.headline.finding))
        .set_keywords(printable(&keywords.join(", "))))
}

/// Makes rows a table that programs and screen readers know as one. The headings are written with
/// it.
pub(super) fn as_table(
    sheet: &mut Worksheet,
    (header, last): (u32, u32),
    headings: &[(&str, Format)],
    (name, alt): (&str, &str),
) -> Result<(), WorkbookError> {
    let columns: Vec<TableColumn> = headings
        .iter()
        .map(|(heading, look)| TableColumn::new().set_header(*heading).set_header_format(look))
        .collect();
    let table = Table::new()
        .set_name(name)
        .set_style(TableStyle::None)
        .set_banded_rows(false)
        .set_autofilter(false)
        .set_alt_text(alt)
        .set_columns(&columns);
    let last_column = u16::try_from(headings.len().saturating_sub(1)).unwrap_or(u16::MAX);
    sheet.add_table(header, 0, last, last_column, &table)?;
    sheet.set_repeat_rows(header, header)?;
    Ok(())
}

/// Lines above a table, from the first row on: the title and one sentence a row. The row below.
pub(super) fn above(
    sheet: &mut Worksheet,
    title: &str,
    lines: &[String],
) -> Result<u32, WorkbookError> {
    sheet.write_string_with_format(0, 0, printable(title), &look::title())?;
    sheet.set_row_height(0, look::TITLE_HEIGHT)?;
    let body = look::body();
    let mut row = 1;
    for line in lines.iter().filter(|line| !line.is_empty()) {
        sheet.write_string_with_format(row, 0, printable(line), &body)?;
        row += 1;
    }
    Ok(row)
}

/// Text as a cell can hold it: nothing that XML has no character for, and not too long.
pub(super) fn printable(text: &str) -> String {
    let kept = text
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .filter(|c| !matches!(c, '\u{fffe}' | '\u{ffff}'));
    let kept: String = kept.collect();
    fitted(&kept).0.to_owned()
}
