//! Sums, changes and marks: what stands in a table beside its figures.

use model::CellAddress;

use super::across::Across;
use super::columns::Column;
use super::grid::{Seen, cells};
use super::layout::{From, Layout, Values, letters, unique};
use super::tables::Table;
use crate::understand::glance::{bare_label, unmarked};

/// What sums are called.
const SUMS: &[&str] = &[
    "total",
    "totals",
    "grand total",
    "overall total",
    "sub total",
    "sub-total",
    "subtotal",
    "sum",
    "all",
    "overall",
    "quarter total",
    "year total",
    "ytd",
    "year to date",
    "total ytd",
];
pub(super) const CHANGES: &[&str] =
    &["change", "changes", "diff", "difference", "variance", "direction", "trend", "rag"];

/// Whether a label is what sums are called.
pub(super) fn is_sum(text: &str) -> bool {
    SUMS.contains(&bare_label(text).as_str())
}

/// The columns of figures that are neither sums nor changes; those are noted.
pub(super) fn column_totals<'c>(
    table: &Table<'_, '_>,
    figures: &[&'c Column],
    across: &Across,
    layout: &mut Layout,
) -> Vec<&'c Column> {
    let mut rest: Vec<&Column> = Vec::new();
    for column in figures {
        let bare = column.bare();
        let is_time = across.is_time(column.index);
        if !is_time && column.says(CHANGES) {
            change(column, across, layout);
        } else if !is_time && figures.len() > 2 && sums_up(table, column, figures) {
            layout.totals.push(column.title());
            layout.why.push(format!(
                "totals: column {} (`{}`) is the sum of the columns beside it",
                letters(column.index),
                column.title()
            ));
        } else if is_sum(&bare) && figures.len() > 1 && across.is_periods() {
            layout.totals.push(column.title());
            layout.why.push(format!(
                "totals: column {} (`{}`) is called a sum, but is not the sum of the columns beside it",
                letters(column.index),
                column.title()
            ));
        } else {
            rest.push(column);
        }
    }
    rest
}

fn change(column: &Column, across: &Across, layout: &mut Layout) {
    let compared = across.is_periods();
    let list = match (compared, column.is_percent()) {
        (true, true) => &mut layout.change_percent,
        (true, false) => &mut layout.change_number,
        (false, _) => &mut layout.ignore,
    };
    list.push(column.title());
    layout.why.push(format!(
        "change: column {} (`{}`) compares figures{}",
        letters(column.index),
        column.title(),
        if compared { ": it is checked and not stored" } else { ": left out" }
    ));
}

/// Whether a column is the sum of all others of figures, in nine rows of ten.
fn sums_up(table: &Table<'_, '_>, column: &Column, figures: &[&Column]) -> bool {
    const ROWS_MIN: usize = 2;
    let others: Vec<u32> = figures
        .iter()
        .filter(|other| {
            other.index != column.index && !other.is_percent() && !is_sum(&other.bare())
        })
        .filter(|other| !other.says(CHANGES))
        .map(|other| other.index)
        .collect();
    if others.len() < 2 {
        return false;
    }
    let number = |row: u32, column: u32| table.grid.seen(row, column).and_then(Seen::number);
    let mut judged = 0;
    let mut right = 0;
    for row in &table.body {
        let Some(sum) = number(*row, column.index) else {
            continue;
        };
        let parts: Option<Vec<f64>> = others.iter().map(|other| number(*row, *other)).collect();
        let Some(parts) = parts else {
            continue;
        };
        judged += 1;
        right += usize::from((parts.iter().sum::<f64>() - sum).abs() < 0.5);
    }
    judged >= ROWS_MIN && right * 10 >= judged * 9
}

/// Rows whose label is what sums are called, or begins so and adds up.
pub(super) fn row_totals(
    table: &Table<'_, '_>,
    columns: &[Column],
    figures: &[&Column],
    layout: &mut Layout,
) {
    if layout.value == Values::Rows {
        return;
    }
    let keys: Vec<&Column> = columns.iter().filter(|column| column.is_words()).collect();
    let mut found: Vec<(String, CellAddress)> = Vec::new();
    for (index, row) in table.body.iter().enumerate() {
        for key in &keys {
            let Some(seen) = table.grid.seen(*row, key.index) else {
                continue;
            };
            let bare = bare_label(&seen.text);
            let named = bare.starts_with("total") || bare.ends_with("total");
            if is_sum(&bare) || named && adds_up(table, index, figures) {
                found.push((unmarked(&seen.text), CellAddress::new(*row, key.index)));
            }
        }
    }
    if found.is_empty() {
        return;
    }
    let at: Vec<CellAddress> = found.iter().map(|(_, at)| *at).collect();
    layout.why.push(format!("totals: rows of sums in {}", cells(&at)));
    layout.totals.extend(found.into_iter().map(|(text, _)| text));
    unique(&mut layout.totals);
    let totals = layout.totals.clone();
    let is_total = |text: &str| totals.iter().any(|total| bare_label(total) == bare_label(text));
    if matches!(layout.measure, From::Column { .. }) {
        layout.labels.retain(|label| !is_total(&label.text));
    }
}

/// Whether a row is the sum of the rows above it in its first column of figures.
fn adds_up(table: &Table<'_, '_>, index: usize, figures: &[&Column]) -> bool {
    let Some(column) = figures.first() else {
        return false;
    };
    let number = |row: &u32| table.grid.seen(*row, column.index).and_then(Seen::number);
    let Some(sum) = number(&table.body[index]) else {
        return false;
    };
    let above: f64 = table.body[..index].iter().filter_map(number).sum();
    let below: f64 = table.body[index + 1..].iter().filter_map(number).sum();
    index > 1 && (above - sum).abs() < 0.5 || index == 0 && (below - sum).abs() < 0.5
}

/// What stands in cells of figures instead of a number.
pub(super) fn marks(table: &Table<'_, '_>, figures: &[&Column], layout: &mut Layout) {
    for row in &table.body {
        for column in figures {
            let Some(seen) = table.grid.seen(*row, column.index) else {
                continue;
            };
            if seen.is_number() || !seen.is_figure() || seen.is_text() {
                continue;
            }
            let mark = seen.text.trim().to_owned();
            let place = CellAddress::new(*row, column.index);
            layout.marks.entry(mark).or_default().push(place);
        }
    }
}
