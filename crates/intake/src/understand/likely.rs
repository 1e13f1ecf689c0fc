//! Which of the first rows of a stretch may hold headings: each text is looked at once here, where
//! trying all rows, one to four at a time, would look at it many times.

use super::labels::{bare, folded};
use super::likeness::alike;
use super::page::{Page, PageRow};
use super::values::raw;
use crate::workbook::Cell;

/// What the rows at the top of a stretch may hold of what is wanted.
pub(super) struct Likely {
    rows: Vec<Glance>,
    /// Whether each wanted heading may be no heading at all, but a column without one.
    unheaded: Vec<bool>,
}

/// One row.
struct Glance {
    row: u32,
    first_column: u32,
    /// For each wanted heading, whether a text of the row may be it, or a part of it.
    may_be: Vec<bool>,
    /// The first column of all rows below that are looked at.
    first_below: u32,
}

/// The names of one wanted heading, ready to be compared.
struct Names {
    folded: Vec<String>,
    alike: Vec<String>,
    /// Whether a number may be one of them.
    numbers: bool,
}

impl Names {
    fn of(names: &[String]) -> Self {
        let first = |name: &String| name.chars().find(|c| c.is_alphanumeric());
        let said = || names.iter().filter(|name| !name.trim().is_empty());
        Self {
            folded: said().map(|name| folded(name)).collect(),
            alike: said().map(|name| alike(name)).collect(),
            numbers: names.iter().filter_map(first).any(|c| c.is_ascii_digit()),
        }
    }

    /// Whether a cell may be one of the names or, with those below and above it, a part of one.
    fn may_be(&self, cell: Cell<'_>) -> bool {
        let no_name = self.folded.is_empty() || matches!(cell, Cell::Number(_)) && !self.numbers;
        if no_name {
            return false;
        }
        let text = raw(cell);
        let (cell, bare) = (folded(&text), bare(&text));
        let is_part = |name: &String| name.starts_with(&cell) || cell.starts_with(name.as_str());
        self.folded.iter().any(|name| is_part(name) || *name == bare)
            || self.alike.contains(&alike(&text))
    }
}

impl Likely {
    /// Looks at the rows before `end` and those `below` further down.
    pub(super) fn of(page: &Page<'_>, wanted: &[&[String]], end: u32, below: u32) -> Self {
        let names: Vec<Names> = wanted.iter().map(|names| Names::of(names)).collect();
        let glance = |row: PageRow<'_>| Glance {
            row: row.number(),
            first_column: row.columns().next().unwrap_or(u32::MAX),
            may_be: names
                .iter()
                .map(|names| row.cells().any(|(_, cell)| names.may_be(cell)))
                .collect(),
            first_below: u32::MAX,
        };
        let mut rows: Vec<Glance> = page.rows(..end).map(glance).collect();
        let further = page.rows(end..end.saturating_add(below));
        let mut first = further.filter_map(|row| row.columns().next()).min().unwrap_or(u32::MAX);
        for glance in rows.iter_mut().rev() {
            glance.first_below = first;
            first = first.min(glance.first_column);
        }
        let is_unheaded = |names: &&[String]| names.iter().any(|name| name.trim().is_empty());
        Self { rows, unheaded: wanted.iter().map(is_unheaded).collect() }
    }

    /// Whether all that is wanted may stand in these rows; if not, it does not.
    pub(super) fn may_hold(&self, top: u32, bottom: u32) -> bool {
        let first = self.rows.partition_point(|glance| glance.row < top);
        let end = self.rows.partition_point(|glance| glance.row <= bottom);
        let rows = &self.rows[first..end];
        let Some(last) = rows.last() else {
            return false;
        };
        let all_unheaded = !self.unheaded.is_empty() && self.unheaded.iter().all(|open| *open);
        if all_unheaded {
            // A column without a heading is left of all headings, with something below it.
            let headed = rows.iter().map(|glance| glance.first_column).min();
            let named = rows.iter().any(|glance| glance.may_be.contains(&true));
            return named || headed.is_some_and(|headed| last.first_below < headed);
        }
        (0..self.unheaded.len())
            .all(|at| self.unheaded[at] || rows.iter().any(|glance| glance.may_be[at]))
    }
}
