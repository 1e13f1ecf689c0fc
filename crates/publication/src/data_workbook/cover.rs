//! The cover: whose tables these are, as known when, and how to read them.

use rust_xlsxwriter::Worksheet;

use super::{CONTENTS, NOTES, TableSheet, contents, printable, widths};
use crate::report_model::ReportModel;
use crate::words;
use crate::workbooks::text::height;
use crate::workbooks::{WorkbookError, look};

/// Characters that fit side by side.
const WIDTH: usize = 96;

/// What the workbook is called.
pub(super) fn title(model: &ReportModel) -> String {
    format!("{}: tables for {}", model.about.partnership, model.about.period)
}

/// A part of the cover.
struct Part {
    /// Heading; empty for what stands below the title.
    heading: &'static str,
    lines: Vec<String>,
}

/// Writes the cover.
pub(super) fn write(
    sheet: &mut Worksheet,
    model: &ReportModel,
    sheets: &[TableSheet<'_>],
) -> Result<(), WorkbookError> {
    sheet.set_column_width(0, widths::column_width(WIDTH))?;
    sheet.set_portrait().set_print_fit_to_pages(1, 0);
    let (title_look, body) = (look::title().set_text_wrap(), look::wrapped());
    let heading_look = look::wrapped().set_bold().set_font_size(14);
    let title = title(model);
    sheet.write_string_with_format(0, 0, printable(&title), &title_look)?;
    // Letters of the title are a third larger, and bold.
    let tall = widths::lines(&title, WIDTH * 2 / 3);
    sheet.set_row_height(0, height(tall, look::TITLE_HEIGHT))?;
    let mut row = 0;
    for Part { heading, mut lines } in parts(model, sheets) {
        lines.retain(|line| !line.is_empty());
        if lines.is_empty() {
            continue;
        }
        if !heading.is_empty() {
            row += 1;
            sheet.write_string_with_format(row, 0, heading, &heading_look)?;
            sheet.set_row_height(row, look::TITLE_HEIGHT + look::LINE_HEIGHT / 2.0)?;
        }
        for line in lines {
            row += 1;
            sheet.write_string_with_format(row, 0, printable(&line), &body)?;
            let tall = widths::lines(&line, WIDTH);
            sheet.set_row_height(row, height(tall, look::LINE_HEIGHT))?;
        }
    }
    Ok(())
}

fn parts(model: &ReportModel, sheets: &[TableSheet<'_>]) -> Vec<Part> {
    let about = &model.about;
    let provenance = &model.provenance;
    let marking = match model.marking.as_str() {
        "" => String::new(),
        marking => format!("Protective marking: {marking}."),
    };
    let status = match about.provisional.as_str() {
        "" => "No figure is marked as provisional.".to_owned(),
        provisional => provisional.to_owned(),
    };
    let contact = match provenance.contact.as_str() {
        "" => String::new(),
        contact => words::sentence(contact),
    };
    let how_to_get = match provenance.contact.as_str() {
        "" => "",
        _ => " Whoever needs it in another form may ask the contact above.",
    };
    vec![
        Part {
            heading: "",
            lines: vec![
                marking,
                model.demonstration.clone(),
                words::sentence(&format!("{}, edition {}", about.period, about.edition_data)),
                status,
                format!(
                    "As known on {}. Later returns and corrections are not in it.",
                    about.as_of
                ),
            ],
        },
        Part { heading: "What this workbook contains", lines: contained(sheets) },
        Part { heading: "How marks are written", lines: marks(sheets) },
        Part { heading: "Contact", lines: vec![contact, provenance.next_report.clone()] },
        Part { heading: "Where it comes from", lines: provenance.lines.clone() },
        Part {
            heading: "How to cite it",
            lines: vec![format!(
                "{}, edition {}, as known on {}.",
                title(model),
                about.edition_data,
                about.as_of
            )],
        },
        Part {
            heading: "Accessibility",
            lines: vec![format!(
                "It is laid out by the Government Analysis Function's checklist for accessible spreadsheets: one table a worksheet, each marked up as a table with one row of headings, no merged cells, and nothing said by colour alone.{how_to_get}"
            )],
        },
    ]
}

fn contained(sheets: &[TableSheet<'_>]) -> Vec<String> {
    if sheets.is_empty() {
        return vec![contents::NOTHING.to_owned()];
    }
    let tables = words::count_in_words(sheets.len());
    let (noun, verb) = if sheets.len() == 1 { ("table", "is") } else { ("tables", "are") };
    vec![
        format!(
            "{} {noun}, each on a worksheet of its own. They {verb} listed on the worksheet {CONTENTS}.",
            words::capitalised(&tables)
        )
        .replace("They is", "It is"),
        "The same tables are kept as CSV files with the same cells; datapackage.json says what their columns hold.".to_owned(),
    ]
}

fn marks(sheets: &[TableSheet<'_>]) -> Vec<String> {
    if sheets.iter().all(|sheet| sheet.dataset.marks().is_empty()) {
        return Vec::new();
    }
    vec![
        "Marks are letters in square brackets. A mark that stands in the place of a number, such as [x], is in the number's cell; a mark that qualifies a number, such as [p], is in the column of its status.".to_owned(),
        format!("What each means, and in which tables it stands, is on the worksheet {NOTES}."),
    ]
}
