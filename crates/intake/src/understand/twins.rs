//! Records that stand in a list twice: each would be counted once too often.

use std::collections::{BTreeSet, HashMap};
use std::hash::{DefaultHasher, Hash, Hasher};

use model::{CellAddress, Finding, Place, Severity};

use super::gathered::Gathered;
use super::page::{Page, PageRow};
use super::values::raw;

/// Fewer cells than this tell no record from another.
const CELLS_MIN: usize = 3;

/// The records of one list met so far.
#[derive(Default)]
pub(super) struct Twins {
    /// The first row of what looks alike, by what it looks like.
    first: HashMap<u64, u32>,
    /// Rows that are the same as one above, and the first of those.
    found: Vec<(u32, u32)>,
}

impl Twins {
    /// Meets a record that is counted. Where nothing but what it is counted by stands in its row,
    /// it may well be like another: two burglaries of a day in one district.
    pub(super) fn meet(&mut self, page: &Page<'_>, row: u32, keys: &[u32]) {
        let Some(cells) = page.row(row) else {
            return;
        };
        let tells_apart = cells.columns().any(|column| !keys.contains(&column));
        if cells.columns().count() < CELLS_MIN || !tells_apart {
            return;
        }
        let first = *self.first.entry(likeness(cells)).or_insert(row);
        let is_same = |other: PageRow<'_>| other.cells().eq(cells.cells());
        if first != row && page.row(first).is_some_and(is_same) {
            self.found.push((row, first));
        }
    }

    /// One warning for the list, at the first record that is there already, with all the others.
    pub(super) fn say(self, page: &Page<'_>, column: u32, gathered: &mut Gathered) {
        let Some((again, first)) = self.found.first().copied() else {
            return;
        };
        let cell = |row: u32| CellAddress::new(row, column);
        let message = match self.found.len() {
            1 => format!("every cell of this row is as in row {}", first + 1),
            many => format!(
                "every cell of {many} rows is as in a row above, first of row {} as in row {}",
                again + 1,
                first + 1
            ),
        };
        let all: BTreeSet<CellAddress> =
            self.found.iter().flat_map(|(again, first)| [cell(*again), cell(*first)]).collect();
        let place = Place::cell(page.name, cell(again));
        gathered.findings.push(
            Finding::new(Severity::Warning, "record-twice", place, message)
                .with_hint(
                    "take out what was copied twice: each row is counted; if they are different records, nothing needs to be done",
                )
                .with_cells(all),
        );
    }
}

/// What a row looks like, as one number: rows that differ may by chance have the same.
fn likeness(cells: PageRow<'_>) -> u64 {
    let mut hasher = DefaultHasher::new();
    for (column, cell) in cells.cells() {
        column.hash(&mut hasher);
        raw(cell).hash(&mut hasher);
    }
    hasher.finish()
}
