//! The first sheet of a marked-up copy: what was found, what to do, and links to the cells.

use model::{Finding, Severity};
use rust_xlsxwriter::{Format, Table, TableColumn, TableStyle, Url, Worksheet};

use super::copying::Copied;
use super::marks::called;
use super::text::{height, line, lines};
use super::{Submitted, WorkbookError, look, names};
use crate::words;

/// Most findings listed; the reader groups and caps them long before.
const ROWS_MAX: usize = 2_000;
/// Further cells named beside the first.
const CELLS_NAMED_MAX: usize = 12;
/// Sentences about what is not as it was.
const NOTICES_MAX: usize = 10;
/// Longest message, in characters.
const SAID_MAX: usize = 1_500;

const HEADINGS: [(&str, f64); 7] = [
    ("Number", 9.0),
    ("How serious", 14.0),
    ("Where", 30.0),
    ("What is wrong", 58.0),
    ("What to do", 48.0),
    ("Further cells", 24.0),
    ("Kind", 22.0),
];

/// Writes the list.
pub(super) fn write(
    sheet: &mut Worksheet,
    submitted: &Submitted<'_>,
    copied: &Copied,
) -> Result<(), WorkbookError> {
    let body = look::body();
    let title = format!("What was found in {}", line(submitted.file, 120));
    sheet.write_string_with_format(0, 0, title, &look::title())?;
    sheet.set_row_height(0, look::TITLE_HEIGHT)?;
    let mut row = 0;
    for text in above(submitted, copied) {
        row += 1;
        sheet.write_string_with_format(row, 0, text, &body)?;
    }
    for (column, (_, width)) in (0..).zip(HEADINGS) {
        sheet.set_column_width(column, width)?;
    }
    sheet.set_landscape().set_paper_size(9).set_print_fit_to_pages(1, 0);
    if submitted.findings.is_empty() {
        return Ok(());
    }
    let header = row + 1;
    row = header;
    let looks = Looks::new();
    for (number, finding) in (1..).zip(submitted.findings.iter().take(ROWS_MAX)) {
        row += 1;
        finding_row(sheet, row, number, finding, copied, &looks)?;
    }
    let heading = look::column_heading();
    let columns: Vec<TableColumn> = HEADINGS
        .iter()
        .map(|(name, _)| TableColumn::new().set_header(*name).set_header_format(&heading))
        .collect();
    let table = Table::new()
        .set_name("Findings")
        .set_style(TableStyle::None)
        .set_autofilter(false)
        .set_alt_text("What was found, worst first: where it is, what is wrong, what to do")
        .set_columns(&columns);
    sheet.add_table(header, 0, row, 6, &table)?;
    sheet.set_freeze_panes(header + 1, 0)?;
    sheet.set_repeat_rows(header, header)?;
    Ok(())
}

struct Looks {
    text: Format,
    link: Format,
    severities: [Format; 3],
}

impl Looks {
    fn new() -> Self {
        let marked = |severity| look::marked(look::wrapped(), severity);
        Self {
            text: look::wrapped(),
            link: look::link(),
            severities: [
                marked(Severity::Error),
                marked(Severity::Warning),
                marked(Severity::Repair),
            ],
        }
    }

    fn of(&self, severity: Severity) -> &Format {
        let [error, warning, repair] = &self.severities;
        match severity {
            Severity::Error => error,
            Severity::Warning => warning,
            Severity::Repair => repair,
        }
    }
}

fn finding_row(
    sheet: &mut Worksheet,
    row: u32,
    number: u32,
    finding: &Finding,
    copied: &Copied,
    looks: &Looks,
) -> Result<(), WorkbookError> {
    // The change of the contract it may propose is for the operator, not for the partner.
    let Finding { severity, code, place: _, message, hint, also: _, proposal: _ } = finding;
    sheet.write_number_with_format(row, 0, number, &looks.text)?;
    sheet.write_string_with_format(row, 1, called(*severity), looks.of(*severity))?;
    let (where_, link) = place(finding, copied);
    match link {
        Some(link) => {
            let url = Url::new(link).set_text(&where_).set_tip("Go to the cell");
            sheet.write_url_with_format(row, 2, url, &looks.link)?
        }
        None => sheet.write_string_with_format(row, 2, &where_, &looks.text)?,
    };
    let message = words::capitalised(&line(message, SAID_MAX));
    sheet.write_string_with_format(row, 3, &message, &looks.text)?;
    let hint = hint.as_deref().map_or_else(|| "Nothing".to_owned(), |hint| line(hint, SAID_MAX));
    sheet.write_string_with_format(row, 4, words::capitalised(&hint), &looks.text)?;
    let further = further(finding);
    sheet.write_string_with_format(row, 5, &further, &looks.text)?;
    // Characters that fit side by side in those columns.
    let tallest = [lines(&message, 54), lines(&hint, 44), lines(&further, 21), lines(&where_, 27)];
    let tallest = tallest.into_iter().max().unwrap_or(1);
    sheet.write_string_with_format(row, 6, line(code, 60), &looks.text)?;
    sheet.set_row_height(row, height(tallest, look::LINE_HEIGHT))?;
    Ok(())
}

/// Where a finding is, in words, and the link to it if the copy shows that sheet.
fn place(finding: &Finding, copied: &Copied) -> (String, Option<String>) {
    let place = &finding.place;
    let Some((name, shown)) = copied.sheets.get(&place.sheet).filter(|_| !place.sheet.is_empty())
    else {
        return match place.sheet.as_str() {
            "" => ("The whole file".to_owned(), None),
            sheet => (said(sheet, place.cell.map(|cell| cell.to_string())), None),
        };
    };
    let cell = place.cell.map(|cell| cell.to_string());
    let mut words = said(name, cell.clone());
    if !shown {
        words.push_str(" (the sheet is hidden)");
        return (words, None);
    }
    let target = cell.unwrap_or_else(|| "A1".to_owned());
    (words, Some(format!("internal:{}!{target}", names::quoted(name))))
}

fn said(sheet: &str, cell: Option<String>) -> String {
    let sheet = line(sheet, 60);
    match cell {
        Some(cell) => format!("{sheet}, cell {cell}"),
        None => format!("{sheet}, the whole sheet"),
    }
}

fn further(finding: &Finding) -> String {
    if finding.also.is_empty() {
        return "None".to_owned();
    }
    let named: Vec<String> =
        finding.also.iter().take(CELLS_NAMED_MAX).map(ToString::to_string).collect();
    let more = finding.also.len().saturating_sub(CELLS_NAMED_MAX);
    let and = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("{}{and}", named.join(", "))
}

/// The lines between title and table.
fn above(submitted: &Submitted<'_>, copied: &Copied) -> Vec<String> {
    let Submitted { title, period, partnership, figures, findings, .. } = submitted;
    let mut lines = vec![format!(
        "{}, for {}, as asked for by {}.",
        line(title, 160),
        line(period, 80),
        line(partnership, 80)
    )];
    let count = |severity| findings.iter().filter(|finding| finding.severity == severity).count();
    let (errors, warnings) = (count(Severity::Error), count(Severity::Warning));
    let repairs = count(Severity::Repair);
    lines.push(if submitted.is_refused() {
        "It cannot be taken in as it stands.".to_owned()
    } else {
        format!("It can be taken in: {figures} figures or actions were read from it.")
    });
    lines.push(format!(
        "There are {}, {} and {}. In the sheets errors have a thick border and bold text, warnings a dashed border, repairs a dotted border and italics.",
        counted(errors, "error"),
        counted(warnings, "warning"),
        counted(repairs, "repair"),
    ));
    lines.push(what_next(errors, warnings).to_owned());
    lines.push(
        "Work in this copy or in your own file, and send it the way you sent it before. You can leave this sheet in: it is passed over."
            .to_owned(),
    );
    if copied.too_large {
        lines.push(
            "The sheets are too large to be copied here: please correct your own file.".to_owned(),
        );
    } else {
        lines.push(
            "Values are as they were read. Formulas, pictures and formats are not copied."
                .to_owned(),
        );
    }
    lines.extend(copied.notices.iter().take(NOTICES_MAX).cloned());
    if findings.len() > ROWS_MAX {
        lines.push(format!("The first {ROWS_MAX} of {} findings are listed.", findings.len()));
    }
    lines
}

fn counted(number: usize, noun: &str) -> String {
    match number {
        0 => format!("no {noun}s"),
        1 => format!("1 {noun}"),
        _ => format!("{number} {noun}s"),
    }
}

fn what_next(errors: usize, warnings: usize) -> &'static str {
    match (errors, warnings) {
        (0, 0) => "There is nothing you must do.",
        (0, _) => {
            "Please look at the warnings. If they are right as they are there is nothing to do; if not, correct the cells and send the workbook again."
        }
        _ => {
            "Please correct every error and send the workbook again. Look at the warnings as well; repairs are for your information."
        }
    }
}
