//! What each column of a table holds, by its cells.

use std::collections::{BTreeMap, BTreeSet};

use model::{CellAddress, Partnership};

use super::grid::Seen;
use super::tables::Table;
use crate::understand::glance::{Glance, areas_in, bare_label, code_in, glance_text, unmarked};

/// A text met in a column, and where.
#[derive(Clone, Debug)]
pub(super) struct Met {
    /// As first written.
    pub(super) text: String,
    pub(super) first: CellAddress,
    pub(super) count: usize,
}

/// A column of a table.
#[derive(Clone, Debug)]
pub(super) struct Column {
    pub(super) index: u32,
    /// Its headings from the top, groups filled to the right; the last is its own.
    pub(super) path: Vec<String>,
    /// The lowest heading cell of its own, if it has one.
    pub(super) heading: Option<(u32, String)>,
    pub(super) filled: usize,
    pub(super) numbers: usize,
    pub(super) marks: usize,
    pub(super) days: usize,
    /// Different days of the month among the days.
    pub(super) days_of_month: usize,
    pub(super) periods: usize,
    pub(super) bare_months: usize,
    pub(super) years: usize,
    pub(super) texts: usize,
    /// Cells that name an area the partnership knows, and cells that hold a GSS code.
    pub(super) areas: usize,
    pub(super) codes: usize,
    pub(super) fractions: usize,
    pub(super) within_one: usize,
    pub(super) quarters: usize,
    /// Different texts, in the order they were met.
    pub(super) met: Vec<Met>,
    /// Whether the first row of the body is filled and most of those below are not.
    pub(super) is_sparse: bool,
}

impl Column {
    /// Its heading as compared.
    pub(super) fn bare(&self) -> String {
        self.heading.as_ref().map(|(_, text)| bare_label(text)).unwrap_or_default()
    }

    /// Its heading on one line.
    pub(super) fn title(&self) -> String {
        self.heading.as_ref().map(|(_, text)| unmarked(text)).unwrap_or_default()
    }

    /// Whether its heading has one of these words.
    pub(super) fn says(&self, words: &[&str]) -> bool {
        let bare = self.bare();
        let mut parts = bare.split(|c: char| !c.is_alphanumeric());
        parts.any(|part| words.contains(&part))
    }

    pub(super) fn times(&self) -> usize {
        self.days + self.periods + self.bare_months
    }

    /// Whether most of what it holds are figures.
    pub(super) fn is_figures(&self) -> bool {
        self.numbers + self.marks > 0 && (self.numbers + self.marks) * 5 >= self.filled * 4
    }

    /// Whether most of what it holds are words.
    pub(super) fn is_words(&self) -> bool {
        self.texts > 0 && self.texts * 10 >= self.filled * 7
    }

    pub(super) fn is_percent(&self) -> bool {
        self.path.iter().any(|text| {
            let lower = text.to_lowercase();
            text.contains('%') || lower.contains("percent") || lower.contains("per cent")
        })
    }
}

/// Every column of a table that has a heading or holds anything below it.
pub(super) fn columns(table: &Table<'_, '_>, partnership: &Partnership) -> Vec<Column> {
    let paths = paths(table);
    let figure_rows: Vec<u32> = table
        .body
        .iter()
        .copied()
        .filter(|row| {
            let cells = &table.grid.rows[row];
            cells.len() > 1 || cells.values().any(Seen::is_number)
        })
        .collect();
    table
        .columns
        .iter()
        .map(|index| {
            let path = paths.get(index).cloned().unwrap_or_default();
            column(table, *index, path, &figure_rows, partnership)
        })
        .collect()
}

/// The headings above each column; a group stands above its first column and is filled to the
/// right until the next one.
fn paths(table: &Table<'_, '_>) -> BTreeMap<u32, Vec<String>> {
    let mut paths: BTreeMap<u32, Vec<String>> = BTreeMap::new();
    let bottom = table.bottom();
    for row in &table.headings {
        let cells = &table.grid.rows[row];
        let mut group: Option<String> = None;
        for column in &table.columns {
            match cells.get(column) {
                Some(seen) => group = Some(heading_text(seen)),
                None if *row == bottom => group = None,
                None => {}
            }
            let lower = table
                .headings
                .iter()
                .any(|below| below > row && table.grid.seen(*below, *column).is_some());
            // A group speaks for a column that has a heading of its own below it.
            let own = cells.contains_key(column);
            if let Some(text) = &group
                && (own || lower)
            {
                let path = paths.entry(*column).or_default();
                if path.last() != Some(text) {
                    path.push(text.clone());
                }
            }
        }
    }
    paths
}

/// A heading's text; a number as it is written.
fn heading_text(seen: &Seen) -> String {
    match seen.looks {
        Glance::Day(day) => {
            format!("{:04}-{:02}", day.year(), day.month())
        }
        _ => seen.line(),
    }
}

fn column(
    table: &Table<'_, '_>,
    index: u32,
    path: Vec<String>,
    figure_rows: &[u32],
    partnership: &Partnership,
) -> Column {
    let heading = table
        .headings
        .iter()
        .rev()
        .find_map(|row| Some((*row, heading_text(table.grid.seen(*row, index)?))));
    let mut column = Column {
        index,
        path,
        heading,
        filled: 0,
        numbers: 0,
        marks: 0,
        days: 0,
        days_of_month: 0,
        periods: 0,
        bare_months: 0,
        years: 0,
        texts: 0,
        areas: 0,
        codes: 0,
        fractions: 0,
        within_one: 0,
        quarters: 0,
        met: Vec::new(),
        is_sparse: false,
    };
    let mut days = BTreeSet::new();
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    for row in &table.body {
        let Some(seen) = table.grid.seen(*row, index) else {
            continue;
        };
        column.filled += 1;
        count(&mut column, seen);
        if let Glance::Day(day) = seen.looks {
            days.insert(day.day());
        }
        if !seen.is_number() {
            let at = *places.entry(bare_label(&seen.text)).or_insert_with(|| {
                let first = CellAddress::new(*row, index);
                column.met.push(Met { text: seen.line(), first, count: 0 });
                column.met.len() - 1
            });
            column.met[at].count += 1;
        }
    }
    // Months are nobody's name, and a long series has thousands of them.
    let words = column.met.iter().filter(|met| glance_text(&met.text) == Glance::Text);
    for met in words {
        column.codes += if code_in(&met.text).is_some() { met.count } else { 0 };
        column.areas += if areas_in(partnership, &met.text).is_empty() { 0 } else { met.count };
    }
    column.days_of_month = days.len();
    let filled = figure_rows.iter().filter(|row| table.grid.seen(**row, index).is_some()).count();
    let first = figure_rows.first().is_some_and(|row| table.grid.seen(*row, index).is_some());
    column.is_sparse = first && filled * 5 < figure_rows.len() * 3;
    column
}

fn count(column: &mut Column, seen: &Seen) {
    match &seen.looks {
        Glance::Number(_) | Glance::NumberText(_) => column.numbers += 1,
        Glance::Mark | Glance::Broken => column.marks += 1,
        Glance::Day(_) => column.days += 1,
        Glance::Period(_) => column.periods += 1,
        Glance::BareMonth(_) => column.bare_months += 1,
        Glance::YearText(_) => {}
        Glance::Text => column.texts += 1,
    }
    if seen.year().is_some() {
        column.years += 1;
    }
    if let Some(number) = seen.number() {
        if number.fract() != 0.0 {
            column.fractions += 1;
        }
        if number.abs() <= 1.0 {
            column.within_one += 1;
        }
        if number.fract() == 0.0 && (1.0..=4.0).contains(&number) {
            column.quarters += 1;
        }
    }
    if seen.is_text() {
        let quarter = ["q1", "q2", "q3", "q4"].contains(&seen.text.trim().to_lowercase().as_str());
        column.quarters += usize::from(quarter);
    }
}
