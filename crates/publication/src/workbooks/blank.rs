//! The blank return: headings and labels as agreed and locked, cells to fill in left open, with
//! drop-downs and checks while typing, and a stamp of what it was made for.

use std::collections::BTreeMap;

use jiff::civil::Date;
use model::{CellAddress, Entry, Form, FormCell, FormSheet, INSTRUCTIONS_SHEET};
use rust_xlsxwriter::{DataValidation, Format, FormatBorder, Formula, Workbook, Worksheet};

use super::instructions::{self, MARKS_NAME, list_name};
use super::{WorkbookError, look, properties};

const WIDTH_MIN: usize = 9;
const WIDTH_MAX: usize = 44;
const DATE: &str = "dd/mm/yyyy";

/// What a blank return is made of.
#[derive(Debug)]
pub struct BlankReturn<'a> {
    /// The agreed headings, labels and cells.
    pub form: &'a Form,
    /// The return's key, for the stamp.
    pub return_id: &'a str,
    /// The version of its layout, for the stamp.
    pub version: u32,
    /// The period as on the command line, for the stamp.
    pub period: &'a str,
    /// The return, for people.
    pub title: &'a str,
    /// The period, for people.
    pub period_title: &'a str,
    /// The last day on which it is on time, for people, if it is owed.
    pub due: Option<&'a str>,
    /// Who asks for it.
    pub partnership: &'a str,
    /// What may stand in a cell instead of a number, and what it means.
    pub marks: &'a [(String, String)],
    /// The day it was made, for the document's properties.
    pub made_on: Date,
}

/// The blank return as the bytes of an `.xlsx`.
pub fn blank_workbook(blank: &BlankReturn<'_>) -> Result<Vec<u8>, WorkbookError> {
    let mut workbook = Workbook::new();
    workbook.add_worksheet().set_name(INSTRUCTIONS_SHEET)?;
    instructions::write(&mut workbook, blank)?;
    let looks = Looks::new();
    let instead = instead_of_a_number(blank.marks);
    for sheet in &blank.form.sheets {
        let worksheet = workbook.add_worksheet();
        worksheet.set_name(&sheet.name)?;
        fill(worksheet, sheet, &looks, &instead)?;
    }
    let title = format!("{}: blank return for {}", blank.title, blank.period_title);
    let stamped = properties(&title, blank.partnership, blank.made_on)?
        .set_custom_property("quarterdeck_return", blank.return_id)
        .set_custom_property("quarterdeck_period", blank.period)
        .set_custom_property("quarterdeck_version", blank.version.to_string().as_str());
    workbook.set_properties(&stamped);
    Ok(workbook.save_to_buffer()?)
}

struct Looks {
    title: Format,
    heading: Format,
    label: Format,
    entry: Format,
    date: Format,
    text: Format,
}

impl Looks {
    fn new() -> Self {
        let open = look::body().set_unlocked().set_border(FormatBorder::Thin);
        Self {
            title: look::body().set_bold(),
            heading: look::column_heading(),
            label: look::wrapped(),
            date: open.clone().set_num_format(DATE),
            text: open.clone().set_text_wrap(),
            entry: open,
        }
    }

    fn of(&self, entry: Entry) -> &Format {
        match entry {
            Entry::Count | Entry::Number => &self.entry,
            Entry::Date => &self.date,
            Entry::Text | Entry::OneOf(_) => &self.text,
        }
    }
}

/// What may be typed where there is no figure, as it is said beside the cell. A list to choose from
/// would be instead of the check of numbers: a cell has one check only.
fn instead_of_a_number(marks: &[(String, String)]) -> String {
    const CHARACTERS_MAX: usize = 120;
    let listed: Vec<&str> = marks.iter().map(|(mark, _)| mark.trim()).collect();
    let listed = listed.join("  ");
    if listed.is_empty() || listed.chars().count() > CHARACTERS_MAX {
        return "If there is no figure, a mark of the first sheet.".to_owned();
    }
    format!("If there is no figure, one of  {listed}  (the first sheet says what each means).")
}

fn fill(
    worksheet: &mut Worksheet,
    sheet: &FormSheet,
    looks: &Looks,
    instead: &str,
) -> Result<(), WorkbookError> {
    let mut widths: BTreeMap<u16, usize> = BTreeMap::new();
    let mut entries: BTreeMap<(u16, u32), Entry> = BTreeMap::new();
    for (address, cell) in &sheet.cells {
        let column = u16::try_from(address.column).unwrap_or(u16::MAX);
        match cell {
            FormCell::Title(text) => {
                worksheet.write_string_with_format(address.row, column, text, &looks.title)?;
            }
            FormCell::Heading(text) | FormCell::Label(text) => {
                let look = match cell {
                    FormCell::Heading(_) => &looks.heading,
                    _ => &looks.label,
                };
                worksheet.write_string_with_format(address.row, column, text, look)?;
                let widest = widths.entry(column).or_default();
                *widest = text.chars().count().max(*widest);
            }
            FormCell::Entry(entry) => {
                worksheet.write_blank(address.row, column, looks.of(*entry))?;
                entries.insert((column, address.row), *entry);
                widths.entry(column).or_default();
            }
        }
    }
    for (column, width) in widths {
        let width = u16::try_from(width.clamp(WIDTH_MIN, WIDTH_MAX) + 3).unwrap_or(20);
        worksheet.set_column_width(column, f64::from(width))?;
    }
    check_while_typing(worksheet, &entries, instead)?;
    worksheet.set_landscape().set_paper_size(9).set_print_fit_to_pages(1, 0);
    if let Some(((column, row), _)) = entries.first_key_value() {
        worksheet.set_freeze_panes(*row, *column)?;
        worksheet.set_selection(*row, *column, *row, *column)?;
    }
    worksheet.protect();
    Ok(())
}

/// One check for each run of cells of a kind, column by column.
fn check_while_typing(
    worksheet: &mut Worksheet,
    entries: &BTreeMap<(u16, u32), Entry>,
    instead: &str,
) -> Result<(), WorkbookError> {
    let mut runs: Vec<(u16, u32, u32, Entry)> = Vec::new();
    for ((column, row), entry) in entries {
        match runs.last_mut() {
            Some((known, _, last, kind))
                if known == column && *last + 1 == *row && kind == entry =>
            {
                *last = *row;
            }
            _ => runs.push((*column, *row, *row, *entry)),
        }
    }
    for (column, first, last, entry) in runs {
        let cell = CellAddress::new(first, u32::from(column)).to_string();
        if let Some(validation) = validation(entry, &cell, instead)? {
            worksheet.add_data_validation(first, column, last, column, &validation)?;
        }
    }
    Ok(())
}

fn validation(
    entry: Entry,
    cell: &str,
    instead: &str,
) -> Result<Option<DataValidation>, WorkbookError> {
    let or_mark = format!("SUMPRODUCT(--EXACT({cell},{MARKS_NAME}))>0");
    let validation = DataValidation::new();
    Ok(Some(match entry {
        Entry::Count => validation
            .allow_custom(Formula::new(format!(
                "=OR(IF(ISNUMBER({cell}),AND({cell}>=0,{cell}=INT({cell})),FALSE),{or_mark})"
            )))
            .set_input_title("A whole number")?
            .set_input_message(format!("0 if there were none. {instead}"))?
            .set_error_title("Not a whole number")?
            .set_error_message(
                "Type a whole number from 0, or one of the marks that the first sheet lists.",
            )?,
        Entry::Number => validation
            .allow_custom(Formula::new(format!("=OR(ISNUMBER({cell}),{or_mark})")))
            .set_input_title("A number")?
            .set_input_message(instead)?
            .set_error_title("Not a number")?
            .set_error_message("Type a number, or one of the marks that the first sheet lists.")?,
        Entry::Date => validation
            .allow_custom(Formula::new(format!("=ISNUMBER({cell})")))
            .set_input_title("A date")?
            .set_input_message("Day, month and year: 30/06/2025.")?
            .set_error_title("Not a date")?
            .set_error_message("Type a date with day, month and year.")?,
        Entry::OneOf(list) => validation
            .allow_list_formula(Formula::new(format!("={}", list_name(list))))
            .set_error_title("Not in the list")?
            .set_error_message("Choose one of the list; the first sheet shows it as well.")?,
        Entry::Text => return Ok(None),
    }))
}
