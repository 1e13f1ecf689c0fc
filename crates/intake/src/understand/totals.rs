//! Sums the partner wrote, against the figures they are sums of; and the partner's own columns of
//! change, against the two counts they are the change of. Neither is ever stored.

use std::collections::{BTreeMap, BTreeSet};

use model::Period;

use super::figures::Table;
use super::gathered::{Gathered, quoted};
use super::labels::folded;
use super::locate::{FigureColumn, Located};
use super::overlaps;
use super::page::Page;
use super::values;
use crate::contract::ValueFrom;
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

/// Whether the contract knows that a row is a sum; it may say so by its label alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Declared {
    Yes,
    No,
}

/// A row of figures or of sums.
#[derive(Clone, Copy, Debug)]
pub(super) struct RowNumbers {
    pub(super) row: u32,
    kind: RowKind,
    declared: Declared,
    /// Whether the row's figures may be added up.
    additive: bool,
    /// How many numbers stand before its own.
    first: u32,
}

/// No figure of a return is as far from nought as this.
const NO_NUMBER: i64 = i64::MIN;

/// The numbers of a table as they stand; nothing where there is no number.
pub(super) struct Numbers {
    /// The columns of figures, then those of totals.
    columns: Vec<u32>,
    rows: Vec<RowNumbers>,
    /// [`NO_NUMBER`] where there is none: there may be a million.
    values: Vec<i64>,
    /// What rows are called whose own cells do not say it.
    labels: BTreeMap<u32, String>,
}

impl Numbers {
    /// None yet.
    pub(super) fn of(table: &Table<'_, '_>) -> Self {
        let located = table.located;
        let figures = located.figures.iter().map(|figure| figure.column);
        let value = located.value.filter(|_| matches!(table.layout.value, ValueFrom::Column(_)));
        let columns = figures.chain(value).chain(located.totals.iter().copied()).collect();
        Self { columns, rows: Vec::new(), values: Vec::new(), labels: BTreeMap::new() }
    }

    /// Room for so many rows, and numbers at most.
    pub(super) fn reserve(&mut self, rows: usize, numbers_max: usize) {
        self.rows.reserve_exact(rows);
        self.values.reserve_exact((rows * self.columns.len()).min(numbers_max));
    }

    /// The rows, from top to bottom.
    pub(super) fn rows(&self) -> &[RowNumbers] {
        &self.rows
    }

    /// Adds a number of the row that is added next, in the order of the columns.
    pub(super) fn push(&mut self, number: Option<i64>) {
        self.values.push(number.unwrap_or(NO_NUMBER));
    }

    /// Adds a row of figures, whose numbers were added before it.
    pub(super) fn data(&mut self, row: u32, additive: bool, label: Option<String>) {
        self.labels.extend(label.map(|label| (row, label)));
        self.add(row, RowKind::Data, Declared::Yes, additive);
    }

    /// Adds a row of sums, whose numbers were added before it.
    pub(super) fn total(&mut self, row: u32, declared: Declared, label: String) {
        self.labels.insert(row, label);
        self.add(row, RowKind::Total, declared, true);
    }

    /// Takes in the rows further down.
    pub(super) fn absorb(&mut self, below: Self) {
        let before = u32::try_from(self.values.len()).expect("fewer numbers than cells");
        let moved = |row: RowNumbers| RowNumbers { first: row.first + before, ..row };
        self.rows.extend(below.rows.into_iter().map(moved));
        self.values.extend(below.values);
        self.labels.extend(below.labels);
    }

    /// Adds a row that was not understood.
    pub(super) fn unsure(&mut self, row: u32) {
        self.values.extend(self.columns.iter().map(|_| NO_NUMBER));
        self.add(row, RowKind::Unsure, Declared::Yes, true);
    }

    fn add(&mut self, row: u32, kind: RowKind, declared: Declared, additive: bool) {
        let first = self.values.len() - self.columns.len();
        let first = u32::try_from(first).expect("fewer numbers than cells");
        self.rows.push(RowNumbers { row, kind, declared, additive, first });
    }

    fn number(&self, row: &RowNumbers, column: u32) -> Option<i64> {
        let at = self.columns.iter().position(|known| *known == column)?;
        let first = usize::try_from(row.first).expect("32 bits at least");
        Some(self.values[first + at]).filter(|number| *number != NO_NUMBER)
    }

    fn label(&self, table: &Table<'_, '_>, row: u32) -> String {
        self.labels.get(&row).cloned().unwrap_or_else(|| table.origin.row_label(row))
    }
}

/// Reconciles columns of totals with their row, and rows of totals with the rows around them.
pub(super) fn check_totals(table: &Table<'_, '_>, numbers: &Numbers, gathered: &mut Gathered) {
    let located = table.located;
    let rows = &numbers.rows;
    let periods: BTreeSet<Period> =
        located.figures.iter().filter_map(|figure| figure.says.period).collect();
    // A quarter beside its months is a total already; what may not be added up is no part.
    let is_part = |figure: &FigureColumn<'_>| {
        let is_sum =
            figure.says.period.is_some_and(|period| overlaps::parts(period, &periods).is_some());
        let label = figure.says.label;
        !is_sum && label.is_none_or(|label| table.context.unit(&label.measure).is_additive())
    };
    let parts =
        located.figures.iter().filter(|figure| is_part(figure)).map(|at| (at.column, false));
    let mut columns: Vec<(u32, bool)> =
        parts.chain(located.totals.iter().map(|column| (*column, true))).collect();
    columns.sort_unstable();
    if !located.totals.is_empty() {
        for row in rows.iter().filter(|row| row.kind != RowKind::Unsure && row.additive) {
            let line: Vec<Entry> = columns
                .iter()
                .map(|(column, is_total)| Entry {
                    is_total: *is_total,
                    number: numbers.number(row, *column),
                })
                .collect();
            for (at, (column, _)) in columns.iter().enumerate() {
                if let Some(sum) = differing_sum(&line, at)
                    && let Some(total) = numbers.number(row, *column)
                    && !agrees_by_dimension(located, numbers, row, total)
                {
                    let declared = !located.undeclared_totals.contains(column);
                    let found = Differing { total, parts: sum, declared };
                    let label = numbers.label(table, row.row);
                    differs(table, (row.row, *column), &label, &found, gathered);
                }
            }
        }
    }
    for figure in located.figures.iter().map(|figure| figure.column).chain(located.value) {
        check_column(table, figure, numbers, gathered);
    }
}

/// Whether a total is the sum of one of several breakdowns beside each other: by age, by gender.
fn agrees_by_dimension(
    located: &Located<'_>,
    numbers: &Numbers,
    row: &RowNumbers,
    total: i64,
) -> bool {
    let mut by_dimension: BTreeMap<Vec<&str>, Vec<Option<i64>>> = BTreeMap::new();
    for figure in &located.figures {
        let dimensions = figure.says.part.iter().map(|(dimension, _)| dimension).collect();
        by_dimension.entry(dimensions).or_default().push(numbers.number(row, figure.column));
    }
    by_dimension.len() > 1
        && by_dimension
            .into_values()
            .any(|parts| parts.into_iter().sum::<Option<i64>>() == Some(total))
}

/// Checks each total of a column against the figures it may be the sum of.
fn check_column(table: &Table<'_, '_>, column: u32, numbers: &Numbers, gathered: &mut Gathered) {
    let rows = &numbers.rows;
    let totals = rows.iter().enumerate().filter(|(_, row)| row.kind == RowKind::Total);
    let mut line: Option<Vec<Entry>> = None;
    for (at, row) in totals {
        let line = line.get_or_insert_with(|| {
            let entry = |row: &RowNumbers| {
                let is_known = row.additive && row.kind != RowKind::Unsure;
                Entry {
                    is_total: row.kind == RowKind::Total,
                    number: numbers.number(row, column).filter(|_| is_known),
                }
            };
            rows.iter().map(entry).collect()
        });
        if let Some(sum) = differing_sum(line, at)
            && let Some(total) = numbers.number(row, column)
            && !agrees_by_keys(table, column, row, total, numbers)
        {
            let found = Differing { total, parts: sum, declared: row.declared == Declared::Yes };
            let label = numbers.label(table, row.row);
            differs(table, (row.row, column), &label, &found, gathered);
        }
    }
}

/// A figure or a total in a row or column.
struct Entry {
    is_total: bool,
    /// Nothing where there is no number, or none that may be added up.
    number: Option<i64>,
}

/// The sum a total should be, if it is none of the sums it may be: of the figures before it up to
/// the total before, of all before it, of the totals before it, and the same after it; a total
/// may stand first or in the middle. Without a known sum nothing can be said.
fn differing_sum(line: &[Entry], at: usize) -> Option<i64> {
    let total = line[at].number.filter(|_| line[at].is_total)?;
    let (before, after) = (&line[..at], &line[at + 1..]);
    let sum = |entries: &mut dyn Iterator<Item = &Entry>| -> Option<Option<i64>> {
        let numbers: Vec<Option<i64>> = entries.map(|entry| entry.number).collect();
        (!numbers.is_empty()).then(|| numbers.into_iter().sum())
    };
    let is_part = |entry: &&Entry| !entry.is_total;
    let run_before = sum(&mut before.iter().rev().take_while(is_part));
    let run_after = sum(&mut after.iter().take_while(is_part));
    let others = [
        sum(&mut before.iter().filter(is_part)),
        sum(&mut before.iter().filter(|entry| entry.is_total)),
        sum(&mut after.iter().filter(is_part)),
        sum(&mut line.iter().filter(is_part)),
    ];
    let candidates = [run_before, run_after].into_iter().chain(others);
    if candidates.clone().flatten().any(|sum| sum == Some(total)) {
        return None;
    }
    // What it most likely is the sum of: the figures right before it, else those right after it.
    candidates.flatten().next().flatten()
}

/// Whether a total is the sum of the rows that say the same in all columns but that of the word
/// `Total`: in a long table they may stand anywhere.
fn agrees_by_keys(
    table: &Table<'_, '_>,
    column: u32,
    total_row: &RowNumbers,
    total: i64,
    numbers: &Numbers,
) -> bool {
    let keys = &table.keys;
    let said: Vec<(u32, String)> = keys
        .iter()
        .filter_map(|key| Some((*key, folded(&table.page.text(total_row.row, *key)?))))
        .filter(|(_, text)| !table.is_total_text(text))
        .collect();
    if said.is_empty() {
        return false;
    }
    let same = |row: &&RowNumbers| {
        row.kind != RowKind::Total
            && said.iter().all(|(key, text)| {
                table.page.text(row.row, *key).is_some_and(|here| folded(&here) == *text)
            })
    };
    let sum: Option<i64> =
        numbers.rows.iter().filter(same).map(|row| numbers.number(row, column)).sum();
    sum == Some(total)
}

/// A total, and what its parts add up to.
struct Differing {
    total: i64,
    parts: i64,
    /// Whether the contract says that it is a total.
    declared: bool,
}

fn differs(
    table: &Table<'_, '_>,
    (row, column): (u32, u32),
    label: &str,
    found: &Differing,
    gathered: &mut Gathered,
) {
    let Differing { total, parts, declared } = found;
    let what = match label {
        "" => "the total".to_owned(),
        label => format!("the total in the row {}", quoted(label)),
    };
    let hint = if *declared {
        "correct the total or the figure that is wrong"
    } else {
        "correct the total or the figure that is wrong; if it is no sum of these, the return's contract must say what it is: a label, whole or ignore"
    };
    gathered.error(
        "total-differs",
        table.page.place(row, column),
        format!("{what} is {total}, but its figures add up to {parts}"),
        hint,
    );
}

/// Checks the partner's own change columns: current minus previous, and that in percent. Where the
/// previous count is not sent, it is the current one less the change.
pub(super) fn check_changes(table: &Table<'_, '_>, numbers: &Numbers, gathered: &mut Gathered) {
    let located = table.located;
    if located.change_number.is_none() && located.change_percent.is_none() {
        return;
    }
    let (current, previous) = compared_columns(located);
    let Some(current) = current else { return };
    for row in numbers.rows.iter().filter(|row| row.kind == RowKind::Data) {
        let Some(now) = numbers.number(row, current) else { continue };
        let before = previous.and_then(|previous| numbers.number(row, previous));
        check_change(table, row.row, (now, before), &numbers.label(table, row.row), gathered);
    }
}

fn check_change(
    table: &Table<'_, '_>,
    row: u32,
    (now, before): (i64, Option<i64>),
    label: &str,
    gathered: &mut Gathered,
) {
    let (page, located) = (&table.page, table.located);
    let shown = |column: u32| page.cell(row, column).and_then(Shown::of);
    if let (Some(column), Some(before)) = (located.change_number, before) {
        let exact = now - before;
        if shown(column).is_some_and(|shown| !shown.agrees(as_float(exact))) {
            let counts = format!("{} went from {before} to {now}", quoted(label));
            let said = raw(page, row, column);
            gathered.warning(
                "change-differs",
                page.place(row, column),
                format!("{counts}, a change of {exact}, but the sheet says {said}"),
                "correct the change or the counts",
            );
        }
    }
    let whole_change = || located.change_number.and_then(shown).and_then(Shown::whole);
    let base = before.or_else(|| now.checked_sub(whole_change()?));
    let (Some(column), Some(base)) = (located.change_percent, base.filter(|base| *base != 0))
    else {
        return;
    };
    let exact = as_float(now - base) / as_float(base) * 100.0;
    let wrong =
        shown(column).is_some_and(|shown| !shown.agrees(exact) && !shown.agrees_as_fraction(exact));
    if wrong {
        let counts = match before {
            Some(before) => format!("{} went from {before} to {now}", quoted(label)),
            None => format!("{} is {now}, {:+} on {base}", quoted(label), now - base),
        };
        let said = raw(page, row, column);
        gathered.warning(
            "change-differs",
            page.place(row, column),
            format!("{counts}, a change of {exact:.1}%, but the sheet says {said}"),
            "correct the percentage or the counts",
        );
    }
}

fn raw(page: &Page<'_>, row: u32, column: u32) -> String {
    quoted(&page.text(row, column).unwrap_or_default())
}

/// The column of the latest period, and that of the period it is compared with: the same one of
/// the year before if there, else the one next to it in time.
fn compared_columns(located: &Located<'_>) -> (Option<u32>, Option<u32>) {
    let mut columns: Vec<(Period, u32)> = located
        .figures
        .iter()
        .filter(|figure| figure.says.is_time())
        .filter_map(|figure| Some((figure.says.period?, figure.column)))
        .collect();
    columns.sort_by_key(|(period, column)| (period.last(), *column));
    let Some(((current, column), earlier)) = columns.split_last() else { return (None, None) };
    let previous = earlier
        .iter()
        .find(|(period, _)| *period == current.year_before())
        .or_else(|| earlier.last());
    (Some(*column), previous.map(|(_, column)| *column))
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

    /// The whole number it is; none for fractions.
    fn whole(self) -> Option<i64> {
        (self.decimals == 0).then(|| format!("{:.0}", self.value).parse().ok()).flatten()
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
