//! The list of worksheets, with links.

use rust_xlsxwriter::{Url, Worksheet};

use super::{NOTES, TableSheet, above, as_table, printable, widths};
use crate::report_model::ReportModel;
use crate::tables::csv_name;
use crate::words;
use crate::workbooks::text::height;
use crate::workbooks::{WorkbookError, look};

const HEADINGS: [(&str, usize); 4] =
    [("Worksheet", 30), ("What it holds", 70), ("Rows", 9), ("The same as a data file", 44)];

/// Writes the list.
pub(super) fn write(
    sheet: &mut Worksheet,
    model: &ReportModel,
    sheets: &[TableSheet<'_>],
) -> Result<(), WorkbookError> {
    let mut lines = vec![
        "This worksheet contains one table.".to_owned(),
        "Each name in the first column is a link to the worksheet.".to_owned(),
    ];
    if sheets.is_empty() {
        lines.push(NOTHING.to_owned());
    }
    let header = above(sheet, "Contents", &lines)?;
    for (column, (_, width)) in (0..).zip(HEADINGS) {
        sheet.set_column_width(column, widths::column_width(width))?;
    }
    sheet.set_print_fit_to_pages(1, 0);
    let mut row = header + 1;
    let notes = "Notes, and what shorthand marks mean.";
    entry(sheet, row, (NOTES, notes), None)?;
    for table in sheets {
        row += 1;
        let dataset = table.dataset;
        let holds = format!("{}. {}", dataset.title, dataset.about);
        let file = csv_name(dataset, model);
        entry(sheet, row, (&table.name, &holds), Some((dataset.rows.len(), &file)))?;
    }
    let heading = look::column_heading();
    let headings = HEADINGS.map(|(heading_text, _)| (heading_text, heading.clone()));
    let alt = "Worksheets of this workbook with links, what each holds, how many rows, and the data file with the same table";
    as_table(sheet, (header, row), &headings, ("Worksheets", alt))
}

/// What is said where there is no table.
pub(super) const NOTHING: &str =
    "There are no tables: nothing has been reported for this period yet.";

fn entry(
    sheet: &mut Worksheet,
    row: u32,
    (name, holds): (&str, &str),
    file: Option<(usize, &str)>,
) -> Result<(), WorkbookError> {
    let body = look::wrapped();
    let url = Url::new(format!("internal:'{name}'!A1")).set_text(name);
    sheet.write_url_with_format(row, 0, url, &look::link())?;
    sheet.write_string_with_format(row, 1, printable(holds), &body)?;
    let (rows, file) = match file {
        Some((rows, file)) => (words::count(rows), file),
        None => ("[z]".to_owned(), "[z]"),
    };
    sheet.write_string_with_format(row, 2, rows, &body)?;
    sheet.write_string_with_format(row, 3, printable(file), &body)?;
    let tallest = HEADINGS.map(|(_, width)| width);
    let tallest = widths::lines(holds, tallest[1]).max(widths::lines(file, tallest[3]));
    sheet.set_row_height(row, height(tallest, look::LINE_HEIGHT))?;
    Ok(())
}
