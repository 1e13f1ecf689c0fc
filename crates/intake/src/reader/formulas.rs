//! Whether anybody ever calculated the formulas of a sheet. Programs that write reports cannot, and
//! store a zero for each.

use model::CellAddress;

/// Most cells that are named.
const CELLS_MAX: usize = 1_000;
/// Fewest formulas that say something.
const FORMULAS_MIN: usize = 5;

/// The formulas that were met on a sheet, or on a part of it.
#[derive(Debug, Default)]
pub(super) struct Formulas {
    /// The first cells where the value stored is zero.
    zeros: Vec<CellAddress>,
    /// Whether there is one with another value.
    has_other: bool,
}

impl Formulas {
    /// Notes a formula, and whether the value stored with it is zero.
    pub(super) fn add(&mut self, row: u32, column: u32, is_zero: bool) {
        if !is_zero {
            self.has_other = true;
            self.zeros = Vec::new();
        } else if !self.has_other && self.zeros.len() < CELLS_MAX {
            self.zeros.push(CellAddress::new(row, column));
        }
    }

    /// Notes those of another part that comes after.
    pub(super) fn join(&mut self, later: Self) {
        if later.has_other {
            self.has_other = true;
            self.zeros = Vec::new();
        } else if !self.has_other {
            let room = CELLS_MAX - self.zeros.len();
            self.zeros.extend(later.zeros.into_iter().take(room));
        }
    }

    /// The cells whose stored zeros nobody calculated, as it seems: enough formulas, all of them
    /// zero. Nothing otherwise.
    pub(super) fn all_zero(self) -> Vec<CellAddress> {
        if self.zeros.len() < FORMULAS_MIN { Vec::new() } else { self.zeros }
    }
}

/// Whether a child may say this of a sheet.
pub(super) fn may_be_all_zero(cells: &[CellAddress]) -> bool {
    (FORMULAS_MIN..=CELLS_MAX).contains(&cells.len())
}
