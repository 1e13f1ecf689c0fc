//! A partner's own workbook, marked up with what was found in it.

use std::borrow::Cow;
use std::collections::BTreeSet;

use intake::contract::{Content, Contract, PercentScale, Sheets};
use intake::workbook::{Cell, FileKind, Workbook};
use model::{CellAddress, Finding, ObservationView, Observations, Period, Unit};
use publication::{CellView, SheetView, Submitted, marked_up};

use crate::error::PipelineError;
use crate::house::House;

/// What the copy says besides cells.
pub(crate) struct About<'a> {
    /// The file's name, as the partner wrote it.
    pub(crate) file: &'a str,
    /// The return's contract.
    pub(crate) contract: &'a Contract,
    /// The period it should be about.
    pub(crate) expected: Period,
    /// How many figures or actions were read.
    pub(crate) figures: usize,
    /// The figures that were read.
    pub(crate) observations: &'a Observations,
}

/// Why a submission has no marked-up copy, in a sentence for people; none if it may have one.
pub(crate) fn withheld(findings: &[Finding]) -> Option<&'static str> {
    findings.iter().any(|finding| finding.code == "personal-data").then_some(
        "No marked-up copy was written: the workbook seems to hold personal data, and a copy would spread it.",
    )
}

/// The marked-up copy as the bytes of an `.xlsx`. The caller has asked [`withheld`].
pub(crate) fn marked_up_copy(
    house: &House,
    workbook: &Workbook,
    findings: &[Finding],
    about: &About<'_>,
) -> Result<Vec<u8>, PipelineError> {
    let period = about.expected.title();
    let called = csv_sheet(workbook, about.contract);
    let percents = percents(house, about);
    let sheets = workbook
        .sheets
        .iter()
        .map(|sheet| SheetView {
            name: &sheet.name,
            called,
            visible: sheet.visible,
            hidden_rows: &sheet.out_of_sight.rows,
            hidden_columns: &sheet.out_of_sight.columns,
            cells: Box::new(sheet.cells().map(|(address, cell)| {
                let is_percent = percents.contains(&(sheet.name.as_str(), address));
                (address, view(cell, workbook.kind, is_percent))
            })),
        })
        .collect();
    let submitted = Submitted {
        file: about.file,
        title: &about.contract.title,
        period: &period,
        partnership: &house.definitions.partnership.short_name,
        figures: about.figures,
        findings,
        sheets,
        made_on: house.clock.today(),
    };
    Ok(marked_up(submitted)?)
}

/// Cells with a percentage that stands as a part of one, as Excel keeps `12 %`: formats are not
/// read, but what is known to be a percentage is shown as one.
fn percents<'a>(house: &House, about: &About<'a>) -> BTreeSet<(&'a str, CellAddress)> {
    let Content::Figures(figures) = &about.contract.content else {
        return BTreeSet::new();
    };
    if figures.percent_scale != PercentScale::One {
        return BTreeSet::new();
    }
    let measures = &house.definitions.measures;
    let is_percent = |seen: &ObservationView<'_>| {
        let measure = measures.get(&seen.key().series.measure);
        measure.is_some_and(|measure| measure.unit == Unit::Percent)
    };
    let percents = about.observations.iter().filter(is_percent);
    percents.filter_map(|seen| Some((&*seen.key().sheet, seen.cell()?))).collect()
}

/// In a workbook the contract looks for its sheet by name; a CSV file's only sheet has none.
fn csv_sheet<'a>(workbook: &Workbook, contract: &'a Contract) -> Option<&'a str> {
    if workbook.kind != FileKind::Csv {
        return None;
    }
    let sheets = match &contract.content {
        Content::Figures(figures) => &figures.tables.first()?.sheets,
        Content::Actions(plan) => &plan.sheets,
    };
    match sheets {
        Sheets::Named(names) => names.first().map(String::as_str),
        _ => None,
    }
}

fn view(cell: Cell<'_>, kind: FileKind, is_percent: bool) -> CellView<'_> {
    match cell {
        // In a CSV file every number is text; in a workbook that would be a repair.
        Cell::Text(text) if kind == FileKind::Csv => match plain_number(text) {
            Some(number) => CellView::Number(number),
            None => CellView::Text(Cow::Borrowed(text)),
        },
        Cell::Text(text) => CellView::Text(Cow::Borrowed(text)),
        Cell::Number(part) if is_percent => CellView::Percent(part),
        Cell::Number(number) => CellView::Number(number),
        Cell::Bool(truth) => CellView::Bool(truth),
        Cell::Date(date) => CellView::Date(date),
        Cell::Error(error) => CellView::Error(error),
        Cell::FormulaWithoutValue => CellView::FormulaWithoutValue,
    }
}

/// A number written so that it is written the same way again: no code with a leading zero.
fn plain_number(text: &str) -> Option<f64> {
    const DIGITS_MAX: usize = 15;
    if text.len() > DIGITS_MAX {
        return None;
    }
    let number: f64 = text.parse().ok()?;
    (number.to_string() == text).then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_numbers_of_a_csv_file_become_numbers() {
        let texts = [
            "12",
            "-3.5",
            "0",
            "007",
            "1,234",
            "1e3",
            "12.50",
            " 12",
            "12345678901234567",
            "NaN",
            "inf",
            "",
        ];
        let numbers: Vec<&str> = texts
            .into_iter()
            .filter(|text| plain_number(text).is_some_and(f64::is_finite))
            .collect();
        assert_eq!(numbers, ["12", "-3.5", "0"]);
    }
}
