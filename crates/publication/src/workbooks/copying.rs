//! A partner's sheets, cell by cell as they were read.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use jiff::civil::{DateTime, Time};
use model::{CellAddress, Severity};
use rust_xlsxwriter::{
    ExcelDateTime, Formula, Note, ObjectMovement, Shape, Url, Workbook, Worksheet, XlsxError,
};

use super::look::{CellLooks, Holds};
use super::marks::{Mark, Marks};
use super::text::{fitted, height, lines};
use super::{CellView, SheetView, WorkbookError, names, unvalued};

/// Rows and columns of a sheet, as Excel has them.
const ROWS_MAX: u32 = 1_048_576;
const COLUMNS_MAX: u32 = 16_384;
/// Columns are as wide as what they hold, between these, in characters; longer text is wrapped.
const WIDTH_MIN: usize = 8;
const WIDTH_MAX: usize = 46;
const LINE_HEIGHT: f64 = 15.0;
/// Notes are this wide, in pixels, and as high as their lines need.
const NOTE_WIDTH: u32 = 360;
const NOTE_LINE_CHARACTERS: usize = 50;
const NOTE_LINE_HEIGHT: u32 = 17;
const NOTE_HEIGHT_MAX: u32 = 600;

/// What became of the copying.
#[derive(Debug, Default)]
pub(super) struct Copied {
    /// Nothing was copied: there are more cells than a workbook of ours should hold.
    pub(super) too_large: bool,
    /// There are formulas whose result must be taken out of the file.
    pub(super) unvalued: bool,
    /// What each sheet is called in the copy, by its own name, and whether it is shown.
    pub(super) sheets: BTreeMap<String, (String, bool)>,
    /// What is not as it was, or not to be seen, one sentence each.
    pub(super) notices: Vec<String>,
}

/// Copies all sheets, or none when they hold more than `cells_max` cells.
pub(super) fn copy(
    workbook: &mut Workbook,
    sheets: Vec<SheetView<'_>>,
    marks: &Marks,
    cells_max: usize,
) -> Result<Copied, WorkbookError> {
    let looks = CellLooks::new();
    let mut copied = Copied::default();
    let wanted = sheets.iter().map(|sheet| sheet.called.unwrap_or(sheet.name));
    let called = names::allowed(wanted, model::FINDINGS_SHEET);
    let mut cells_left = cells_max;
    for (sheet, name) in sheets.into_iter().zip(called) {
        copied.sheets.insert(sheet.name.to_owned(), (name.clone(), sheet.visible));
        if sheet.called.is_none() && sheet.name != name {
            copied.notices.push(format!(
                "The sheet “{}” is called “{name}” here, because Excel does not allow its name.",
                super::text::line(sheet.name, 80)
            ));
        }
        let worksheet = workbook.add_worksheet();
        worksheet.set_name(&name)?.set_hidden(!sheet.visible);
        let marked = marks.on(sheet.name);
        let mut writer = Copier {
            worksheet,
            looks: &looks,
            marked,
            widths: BTreeMap::new(),
            end: None,
            copied: &mut copied,
            name: &name,
        };
        let Some(left) = writer.rows(sheet.cells, cells_left)? else {
            copied.too_large = true;
            return Ok(copied);
        };
        cells_left = left;
        writer.hide(sheet.hidden_rows, sheet.hidden_columns)?;
        writer.finish()?;
    }
    Ok(copied)
}

struct Copier<'s, 'm> {
    worksheet: &'s mut Worksheet,
    looks: &'s CellLooks,
    /// Marks that no cell has been met for yet.
    marked: BTreeMap<CellAddress, &'m Mark>,
    widths: BTreeMap<u16, usize>,
    /// The last row and column with anything in them.
    end: Option<(u32, u16)>,
    copied: &'s mut Copied,
    name: &'s str,
}

impl Copier<'_, '_> {
    /// Writes the cells, a row at a time; returns how many more there may be, if not too many.
    fn rows<'a>(
        &mut self,
        cells: impl Iterator<Item = (CellAddress, CellView<'a>)>,
        cells_max: usize,
    ) -> Result<Option<usize>, WorkbookError> {
        let mut left = cells_max;
        let mut cells = cells.peekable();
        let mut row: Vec<(CellAddress, CellView<'a>)> = Vec::new();
        while let Some((address, cell)) = cells.next() {
            if left == 0 || address.row >= ROWS_MAX || address.column >= COLUMNS_MAX {
                return Ok(None);
            }
            left -= 1;
            let ends = cells.peek().is_none_or(|(next, _)| next.row != address.row);
            row.push((address, cell));
            if ends {
                // A title or note alone on its row runs over its neighbours.
                let alone = row.len() == 1;
                let mut tallest = 1;
                for (address, cell) in row.drain(..) {
                    if let CellView::Text(text) = &cell {
                        tallest = lines(text, WIDTH_MAX).max(tallest);
                    }
                    self.cell(address, &cell, alone)?;
                }
                if !alone && tallest > 1 {
                    self.worksheet.set_row_height(address.row, height(tallest, LINE_HEIGHT))?;
                }
            }
        }
        Ok(Some(left))
    }

    fn cell(
        &mut self,
        address: CellAddress,
        cell: &CellView<'_>,
        alone: bool,
    ) -> Result<(), WorkbookError> {
        let (row, column) = position(address)?;
        let (last_row, last_column) = self.end.unwrap_or_default();
        self.end = Some((last_row.max(row), last_column.max(column)));
        let mark = self.marked.remove(&address);
        let severity = mark.map(|mark| mark.severity);
        let width = self.write(row, column, cell, severity, alone)?;
        if !alone {
            let widest = self.widths.entry(column).or_default();
            *widest = width.max(*widest);
        }
        if let Some(mark) = mark {
            self.note(row, column, mark)?;
        }
        Ok(())
    }

    /// Writes a cell; returns its width in characters.
    fn write(
        &mut self,
        row: u32,
        column: u16,
        cell: &CellView<'_>,
        severity: Option<Severity>,
        alone: bool,
    ) -> Result<usize, WorkbookError> {
        match cell {
            CellView::Text(text) => self.text(row, column, text, severity, alone),
            CellView::Number(number) => self.number(row, column, *number, Holds::Plain, severity),
            CellView::Percent(part) => {
                let percent = part * 100.0;
                let is_whole = (percent - percent.round()).abs() < 1e-6;
                let holds = if is_whole { Holds::Percent } else { Holds::FinePercent };
                self.number(row, column, *part, holds, severity)
            }
            CellView::Bool(truth) => {
                match self.looks.of(Holds::Plain, severity) {
                    Some(look) => {
                        self.worksheet.write_boolean_with_format(row, column, *truth, look)?
                    }
                    None => self.worksheet.write_boolean(row, column, *truth)?,
                };
                Ok(5)
            }
            CellView::Date(date) => self.date(row, column, *date, severity),
            CellView::Error(error) => {
                self.formula(row, column, error_formula(error), severity)?;
                Ok(8)
            }
            CellView::FormulaWithoutValue => {
                self.copied.unvalued = true;
                let formula = Formula::new(unvalued::FORMULA).set_result(unvalued::RESULT);
                self.formula(row, column, formula, severity)?;
                Ok(8)
            }
        }
    }

    fn number(
        &mut self,
        row: u32,
        column: u16,
        number: f64,
        holds: Holds,
        severity: Option<Severity>,
    ) -> Result<usize, WorkbookError> {
        match self.looks.of(holds, severity) {
            Some(look) => self.worksheet.write_number_with_format(row, column, number, look)?,
            None => self.worksheet.write_number(row, column, number)?,
        };
        Ok(number.to_string().chars().count())
    }

    fn text(
        &mut self,
        row: u32,
        column: u16,
        text: &str,
        severity: Option<Severity>,
        alone: bool,
    ) -> Result<usize, WorkbookError> {
        let (fitted, cut) = fitted(text);
        if cut {
            let address = CellAddress::new(row, u32::from(column));
            self.copied.notices.push(format!(
                "The text of cell {address} of the sheet “{}” is longer than Excel allows: it is cut here.",
                self.name
            ));
        }
        let longest = fitted.lines().map(|line| line.chars().count()).max().unwrap_or(0);
        let broken = !alone && (longest > WIDTH_MAX || fitted.contains('\n'));
        let holds = if broken { Holds::LongText } else { Holds::Plain };
        match self.looks.of(holds, severity) {
            Some(look) => self.worksheet.write_string_with_format(row, column, fitted, look)?,
            None => self.worksheet.write_string(row, column, fitted)?,
        };
        Ok(longest)
    }

    fn date(
        &mut self,
        row: u32,
        column: u16,
        date: DateTime,
        severity: Option<Severity>,
    ) -> Result<usize, WorkbookError> {
        let (holds, width) =
            if date.time() == Time::midnight() { (Holds::Day, 11) } else { (Holds::Moment, 17) };
        match (excel_date(date), self.looks.of(holds, severity)) {
            (Some(date), Some(look)) => {
                self.worksheet.write_datetime_with_format(row, column, &date, look)?;
                Ok(width)
            }
            // A date that Excel has no number for.
            _ => self.text(row, column, &date.to_string(), severity, false),
        }
    }

    fn formula(
        &mut self,
        row: u32,
        column: u16,
        formula: Formula,
        severity: Option<Severity>,
    ) -> Result<(), XlsxError> {
        match self.looks.of(Holds::Plain, severity) {
            Some(look) => self.worksheet.write_formula_with_format(row, column, formula, look)?,
            None => self.worksheet.write_formula(row, column, formula)?,
        };
        Ok(())
    }

    fn note(&mut self, row: u32, column: u16, mark: &Mark) -> Result<(), WorkbookError> {
        let Some(said) = &mark.note else {
            return Ok(());
        };
        let lines: usize =
            said.lines().map(|line| line.chars().count() / NOTE_LINE_CHARACTERS + 1).sum();
        let lines = u32::try_from(lines + 1).unwrap_or(u32::MAX);
        let note = Note::new(said)
            .set_author("Quarterdeck")
            .add_author_prefix(false)
            .set_width(NOTE_WIDTH)
            .set_height(lines.saturating_mul(NOTE_LINE_HEIGHT).min(NOTE_HEIGHT_MAX))
            .set_object_movement(ObjectMovement::MoveButDontSizeWithCells);
        self.worksheet.insert_note(row, column, &note)?;
        Ok(())
    }

    /// Hides what is hidden in the partner's own sheet, so that the copy reads as it does.
    fn hide(
        &mut self,
        rows: &[RangeInclusive<u32>],
        columns: &[RangeInclusive<u32>],
    ) -> Result<(), WorkbookError> {
        let Some((last_row, last_column)) = self.end else {
            return Ok(());
        };
        let mut hidden = 0_usize;
        for row in rows.iter().cloned().flatten().take_while(|row| *row <= last_row) {
            self.worksheet.set_row_hidden(row)?;
            hidden += 1;
        }
        let columns = columns.iter().cloned().flatten();
        for column in columns.filter_map(|column| u16::try_from(column).ok()) {
            if column > last_column {
                break;
            }
            self.worksheet.set_column_hidden(column)?;
            hidden += 1;
        }
        if hidden > 0 {
            self.copied.notices.push(format!(
                "Rows and columns that are hidden in the sheet “{}” are hidden here as well: show them to see their cells.",
                self.name
            ));
        }
        Ok(())
    }

    /// Marks blank cells, sets widths, and gives a way back to the list.
    fn finish(mut self) -> Result<(), WorkbookError> {
        for (address, mark) in std::mem::take(&mut self.marked) {
            let (row, column) = position(address)?;
            if let Some(look) = self.looks.of(Holds::Plain, Some(mark.severity)) {
                self.worksheet.write_blank(row, column, look)?;
            }
            self.note(row, column, mark)?;
        }
        for (column, width) in &self.widths {
            let width = u16::try_from(width.clamp(&WIDTH_MIN, &WIDTH_MAX) + 2).unwrap_or(20);
            self.worksheet.set_column_width(*column, f64::from(width))?;
        }
        self.worksheet.set_landscape().set_paper_size(9).set_print_fit_to_pages(1, 0);
        let beside = self.widths.keys().next_back().map_or(2, |last| last.saturating_add(2));
        if u32::from(beside) < COLUMNS_MAX {
            let target = format!("internal:{}!A1", names::quoted(model::FINDINGS_SHEET));
            let back = Shape::textbox()
                .set_text("Back to the list of findings")
                .set_width(210)
                .set_height(24)
                .set_alt_text("A link to the first sheet, which lists what was found")
                .set_url(Url::new(target))?;
            self.worksheet.insert_shape(0, beside, &back)?;
        }
        Ok(())
    }
}

fn position(address: CellAddress) -> Result<(u32, u16), XlsxError> {
    let column = u16::try_from(address.column).map_err(|_| XlsxError::RowColumnLimitError)?;
    Ok((address.row, column))
}

/// An error value is a formula that gives it: the library writes no other kind of error cell.
fn error_formula(error: &str) -> Formula {
    let formula = match error {
        "#DIV/0!" | "#N/A" | "#NAME?" | "#NULL!" | "#NUM!" | "#REF!" | "#VALUE!" => error,
        _ => "NA()",
    };
    Formula::new(format!("={formula}")).set_result(error)
}

/// The date as Excel counts it; none before 1900.
fn excel_date(date: DateTime) -> Option<ExcelDateTime> {
    let year = u16::try_from(date.year()).ok().filter(|year| *year >= 1900)?;
    let part = |number: i8| u8::try_from(number).ok();
    let day = ExcelDateTime::from_ymd(year, part(date.month())?, part(date.day())?).ok()?;
    let hour = u16::try_from(date.hour()).ok()?;
    day.and_hms(hour, part(date.minute())?, f64::from(date.second())).ok()
}
