//! Sums the partner wrote, against the figures they are sums of; and the partner's own columns of
//! change, against the two counts they are the change of. Neither is ever stored.

use std::collections::{BTreeMap, BTreeSet};

use model::Period;

use super::gathered::{Gathered, quoted};
use super::locate::{Heading, Located};
use super::overlaps;
use super::page::Page;
use super::values;
use crate::workbook::Cell;

/// What kind of row it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RowKind {
    /// Figures.
    Data,
    /// Sums of the rows above.
    Total,
    /// Figures that were not understood: no sum they belong to can be judged.
    Unsure,
}

/// A row's numbers as they stand, by column; `None` where there is no number.
#[derive(Clone, Debug)]
pub(super) struct RowNumbers {
    pub(super) row: u32,
    label: String,
    kind: RowKind,
    /// Whether the row's figures may be added up.
    pub(super) additive: bool,
    pub(super) values: BTreeMap<u32, Option<i64>>,
}

impl RowNumbers {
    pub(super) fn new(row: u32, label: String, kind: RowKind) -> Self {
        Self { row, label, kind, additive: true, values: BTreeMap::new() }
    }

    pub(super) fn unsure(row: u32, label: String) -> Self {
        Self::new(row, label, RowKind::Unsure)
    }

    fn number(&self, column: u32) -> Option<i64> {
        self.values.get(&column).copied().flatten()
    }
}

/// Reconciles columns of totals with their row, and rows of totals with the rows above.
pub(super) fn check_totals(
    page: &Page<'_>,
    located: &Located<'_>,
    rows: &[RowNumbers],
    gathered: &mut Gathered,
) {
    let periods: BTreeSet<Period> = located
        .figures
        .iter()
        .filter_map(|figure| match figure.says {
            Heading::Period(period) => Some(period),
            Heading::Label(_) | Heading::Area(_) => None,
        })
        .collect();
    // A quarter beside its months is a total already.
    let is_sum = |says: &Heading<'_>| match says {
        Heading::Period(period) => overlaps::parts(*period, &periods).is_some(),
        Heading::Label(_) | Heading::Area(_) => false,
    };
    for row in rows.iter().filter(|row| row.kind != RowKind::Unsure && row.additive) {
        let parts: Option<Vec<i64>> = located
            .figures
            .iter()
            .filter(|figure| !is_sum(&figure.says))
            .map(|figure| row.number(figure.column))
            .collect();
        let Some(parts) = parts else {
            continue;
        };
        for column in &located.totals {
            let sum: i64 = parts.iter().sum();
            if let Some(total) = row.number(*column).filter(|total| *total != sum) {
                differs(page, row.row, *column, &row.label, total, sum, gathered);
            }
        }
    }
    let columns = located.figures.iter().map(|figure| figure.column).chain(located.value);
    for column in columns {
        check_column(page, column, rows, gathered);
    }
}

/// Checks each total of a column against the figures since the total before it.
fn check_column(page: &Page<'_>, column: u32, rows: &[RowNumbers], gathered: &mut Gathered) {
    let mut sum = Some(0_i64);
    let mut parts = 0;
    for row in rows {
        match row.kind {
            RowKind::Data if row.additive => {
                sum = sum.zip(row.number(column)).map(|(sum, number)| sum + number);
                parts += 1;
            }
            RowKind::Data | RowKind::Unsure => sum = None,
            RowKind::Total => {
                if let (Some(sum), Some(total)) = (sum, row.number(column))
                    && parts > 0
                    && sum != total
                {
                    differs(page, row.row, column, &row.label, total, sum, gathered);
                }
                sum = Some(0);
                parts = 0;
            }
        }
    }
}

fn differs(
    page: &Page<'_>,
    row: u32,
    column: u32,
    label: &str,
    total: i64,
    sum: i64,
    gathered: &mut Gathered,
) {
    let what = if label.is_empty() {
        "the total".to_owned()
    } else {
        format!("the total in the row {}", quoted(label))
    };
    gathered.error(
        "total-differs",
        page.place(row, column),
        format!("{what} is {total}, but its figures add up to {sum}"),
        "correct the total or the figure that is wrong",
    );
}

/// Checks the partner's own change columns: current minus previous, and that in percent.
pub(super) fn check_changes(
    page: &Page<'_>,
    located: &Located<'_>,
    rows: &[RowNumbers],
    gathered: &mut Gathered,
) {
    let Some((current, previous)) = compared_columns(located) else {
        return;
    };
    for row in rows.iter().filter(|row| row.kind == RowKind::Data) {
        let (Some(now), Some(before)) = (row.number(current), row.number(previous)) else {
            continue;
        };
        let counts = format!("{} went from {before} to {now}", quoted(&row.label));
        if let Some(column) = located.change_number {
            let exact = now - before;
            let shown = page.cell(row.row, column).and_then(Shown::of);
            if shown.is_some_and(|shown| !shown.agrees(as_float(exact))) {
                gathered.warning(
                    "change-differs",
                    page.place(row.row, column),
                    format!(
                        "{counts}, a change of {exact}, but the sheet says {}",
                        raw(page, row.row, column)
                    ),
                    "correct the change or the counts",
                );
            }
        }
        if let Some(column) = located.change_percent.filter(|_| before != 0) {
            let exact = as_float(now - before) / as_float(before) * 100.0;
            let shown = page.cell(row.row, column).and_then(Shown::of);
            let wrong =
                shown.is_some_and(|shown| !shown.agrees(exact) && !shown.agrees_as_fraction(exact));
            if wrong {
                gathered.warning(
                    "change-differs",
                    page.place(row.row, column),
                    format!(
                        "{counts}, a change of {exact:.1}%, but the sheet says {}",
                        raw(page, row.row, column)
                    ),
                    "correct the percentage or the counts",
                );
            }
        }
    }
}

fn raw(page: &Page<'_>, row: u32, column: u32) -> String {
    quoted(&page.text(row, column).unwrap_or_default())
}

/// The column of the latest period, and that of the period it is compared with: the same one of
/// the year before if there, else the one next to it in time.
fn compared_columns(located: &Located<'_>) -> Option<(u32, u32)> {
    located.change_number.or(located.change_percent)?;
    let mut columns: Vec<(Period, u32)> = located
        .figures
        .iter()
        .filter_map(|figure| match figure.says {
            Heading::Period(period) => Some((period, figure.column)),
            Heading::Label(_) | Heading::Area(_) => None,
        })
        .collect();
    columns.sort_by_key(|(period, column)| (period.last(), *column));
    let ((current, column), earlier) = columns.split_last()?;
    let previous = earlier
        .iter()
        .find(|(period, _)| *period == current.year_before())
        .or_else(|| earlier.last())?;
    Some((*column, previous.1))
}

/// A number as shown, and how many decimal places are shown.
#[derive(Clone, Copy)]
struct Shown {
    value: f64,
    decimals: i32,
    is_number_cell: bool,
}

impl Shown {
    fn of(cell: Cell<'_>) -> Option<Self> {
        let text = values::raw(cell);
        let bare: String = text
            .trim()
            .trim_end_matches('%')
            .replace(['\u{2212}', '\u{2013}'], "-")
            .replace([',', ' ', '\u{a0}', '+'], "");
        let value: f64 = bare.parse().ok()?;
        let decimals = bare.split_once('.').map_or(0, |(_, digits)| digits.len());
        Some(Self {
            value,
            decimals: i32::try_from(decimals.min(9)).expect("at most nine"),
            is_number_cell: matches!(cell, Cell::Number(_)),
        })
    }

    /// Whether it is the exact number, to the digits shown.
    fn agrees(self, exact: f64) -> bool {
        let tolerance = 0.5 * 10_f64.powi(-self.decimals) + 1e-9;
        (self.value - exact).abs() <= tolerance
    }

    /// A cell formatted as a percentage holds 0.12 for 12%.
    fn agrees_as_fraction(self, exact: f64) -> bool {
        let hundredfold = Self { value: self.value * 100.0, decimals: self.decimals - 2, ..self };
        self.is_number_cell && self.decimals > 0 && hundredfold.agrees(exact)
    }
}

/// Counts of a return are far below what a float holds exactly.
fn as_float(number: i64) -> f64 {
    i32::try_from(number)
        .map_or_else(|_| format!("{number}").parse().unwrap_or(f64::NAN), f64::from)
}
