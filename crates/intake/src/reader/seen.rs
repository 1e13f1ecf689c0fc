//! Which addresses of a sheet have come already. Nearly all come in reading order, side by side,
//! and cost nothing.

use std::collections::BTreeSet;

use model::CellAddress;

/// Cells side by side in a row: its number, its first column, its last.
type Run = (u32, u32, u32);

/// Addresses that have come.
#[derive(Default)]
pub(super) struct Seen {
    /// Cells that came in reading order, in that order.
    runs: Vec<Run>,
    /// Cells that came after a later one.
    late: BTreeSet<CellAddress>,
}

impl Seen {
    /// Forgets all: another sheet begins.
    pub(super) fn clear(&mut self) {
        self.runs.clear();
        self.late.clear();
    }

    /// Notes an address; says whether it is new.
    pub(super) fn insert(&mut self, address: CellAddress) -> bool {
        let CellAddress { row, column } = address;
        match self.runs.last_mut() {
            Some((last, _, end)) if *last == row && *end + 1 == column => {
                *end = column;
                true
            }
            Some((last, _, end)) if (row, column) <= (*last, *end) => {
                !self.has_run_over(address) && self.late.insert(address)
            }
            _ => {
                self.runs.push((row, column, column));
                true
            }
        }
    }

    fn has_run_over(&self, address: CellAddress) -> bool {
        let CellAddress { row, column } = address;
        let after = self.runs.partition_point(|(at, first, _)| (*at, *first) <= (row, column));
        let before = after.checked_sub(1).and_then(|at| self.runs.get(at));
        before.is_some_and(|(at, _, last)| *at == row && column <= *last)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        #[test]
        fn it_is_a_set(places in proptest::collection::vec((0..6_u32, 0..8_u32), 0..80)) {
            let (mut seen, mut wanted) = (Seen::default(), BTreeSet::new());
            for (row, column) in places {
                let address = CellAddress::new(row, column);
                proptest::prop_assert_eq!(seen.insert(address), wanted.insert(address));
            }
        }
    }
}
