//! The first sheet of a blank return: how to fill it in, and for what it was made.

use model::INSTRUCTIONS_SHEET;
use rust_xlsxwriter::{Workbook, Worksheet};

use super::blank::BlankReturn;
use super::text::line;
use super::{WorkbookError, look, names};

/// The name of the range that holds the marks.
pub(super) const MARKS_NAME: &str = "quarterdeck_marks";

/// The name of the range that holds a list of words.
pub(super) fn list_name(list: usize) -> String {
    format!("quarterdeck_list_{}", list + 1)
}

/// Writes the sheet, which is there already, and the names of its ranges.
pub(super) fn write(workbook: &mut Workbook, blank: &BlankReturn<'_>) -> Result<(), WorkbookError> {
    let mut ranges: Vec<(String, u32, u32, char)> = Vec::new();
    let sheet = workbook.worksheet_from_index(0)?;
    let (body, heading) = (look::body(), look::column_heading());
    sheet.set_column_width(0, 30.0)?.set_column_width(1, 70.0)?;
    sheet.write_string_with_format(0, 0, line(blank.title, 200), &look::title())?;
    sheet.set_row_height(0, look::TITLE_HEIGHT)?;
    let mut row = 1;
    for text in sentences(blank) {
        sheet.write_string_with_format(row, 0, text, &body)?;
        row += 1;
    }
    row += 1;
    let version = blank.version.to_string();
    let stamp = [
        ("Return", blank.return_id, "quarterdeck_return"),
        ("Period", blank.period, "quarterdeck_period"),
        ("Version", version.as_str(), "quarterdeck_version"),
    ];
    two_columns(sheet, &mut row, ("Made for", "Please do not change"), &heading)?;
    for (name, value, range) in stamp {
        sheet.write_string_with_format(row, 0, name, &body)?;
        sheet.write_string_with_format(row, 1, value, &body)?;
        ranges.push((range.to_owned(), row, row, 'B'));
        row += 1;
    }
    row += 1;
    two_columns(sheet, &mut row, ("Instead of a number", "What it means"), &heading)?;
    let first = row;
    for (mark, meaning) in blank.marks {
        sheet.write_string_with_format(row, 0, mark, &body)?;
        sheet.write_string_with_format(row, 1, meaning, &look::wrapped())?;
        row += 1;
    }
    ranges.push((MARKS_NAME.to_owned(), first, row.saturating_sub(1), 'A'));
    for (number, words) in blank.form.lists.iter().enumerate() {
        row += 1;
        let title = format!("Words to choose from, list {}", number + 1);
        two_columns(sheet, &mut row, (&title, ""), &heading)?;
        let first = row;
        for word in words {
            sheet.write_string_with_format(row, 0, word, &body)?;
            row += 1;
        }
        ranges.push((list_name(number), first, row.saturating_sub(1), 'A'));
    }
    sheet.set_paper_size(9).set_print_fit_to_pages(1, 0);
    sheet.protect();
    for (name, first, last, column) in ranges {
        let sheet = names::quoted(INSTRUCTIONS_SHEET);
        let (first, last) = (first + 1, last + 1);
        workbook.define_name(name, &format!("={sheet}!${column}${first}:${column}${last}"))?;
    }
    Ok(())
}

fn two_columns(
    sheet: &mut Worksheet,
    row: &mut u32,
    (left, right): (&str, &str),
    heading: &rust_xlsxwriter::Format,
) -> Result<(), WorkbookError> {
    sheet.write_string_with_format(*row, 0, left, heading)?;
    sheet.write_string_with_format(*row, 1, right, heading)?;
    *row += 1;
    Ok(())
}

fn sentences(blank: &BlankReturn<'_>) -> Vec<String> {
    let mut sentences = vec![format!(
        "The blank return for {}, asked for by {}.",
        line(blank.period_title, 120),
        line(blank.partnership, 120)
    )];
    if let Some(due) = blank.due {
        sentences.push(format!("Please send it by {due}, the way you send returns now."));
    }
    sentences.extend(
        [
            "Fill in the cells with a border on the following sheets; all others are locked, so that headings and labels stay as agreed.",
            "Write 0 where there were none. A cell left blank is never taken for 0, and is asked about.",
            "Where there is no figure, write one of the marks below instead of a number.",
            "Send counts only. Anything about single people (what they are called, where they live, when they were born, how to reach them) must not be in it.",
            "Keep the names of the sheets. Each quarter has a blank return of its own: please do not use this one again.",
        ]
        .map(str::to_owned),
    );
    sentences
}
