//! Which addresses of a sheet have come already. Nearly all come in reading order, side by side
//! and row below row, and cost nothing.

use std::collections::BTreeSet;

use model::CellAddress;

/// Cells side by side, the same in each of some rows one below the other.
#[derive(Clone, Copy)]
struct Block {
    top: u32,
    bottom: u32,
    left: u32,
    right: u32,
}

/// Addresses that have come.
#[derive(Default)]
pub(super) struct Seen {
    /// Cells that came in reading order: each block begins after the one before ends, and the last
    /// is of one row.
    blocks: Vec<Block>,
    /// Cells that came after a later one.
    late: BTreeSet<CellAddress>,
}

impl Seen {
    /// Forgets all: another sheet begins.
    pub(super) fn clear(&mut self) {
        self.blocks.clear();
        self.late.clear();
    }

    /// Notes an address; says whether it is new.
    pub(super) fn insert(&mut self, address: CellAddress) -> bool {
        let CellAddress { row, column } = address;
        match self.blocks.last_mut() {
            Some(last) if (last.top, last.bottom, last.right + 1) == (row, row, column) => {
                last.right = column;
                true
            }
            Some(last) if (row, column) <= (last.bottom, last.right) => {
                !self.has_block_over(address) && self.late.insert(address)
            }
            _ => {
                self.join_last();
                self.blocks.push(Block { top: row, bottom: row, left: column, right: column });
                true
            }
        }
    }

    /// Notes the addresses of another, which came later; gives one that is not new.
    pub(super) fn take(&mut self, mut later: Self) -> Result<(), CellAddress> {
        let is_behind = match (self.blocks.last(), later.blocks.first()) {
            (Some(last), Some(first)) => (last.bottom, last.right) < (first.top, first.left),
            (None, Some(_)) => true,
            (_, None) => return Ok(()),
        };
        // A late cell of theirs comes before some cell of theirs, and may come before ours.
        if is_behind && later.late.is_empty() {
            self.join_last();
            self.blocks.append(&mut later.blocks);
            return Ok(());
        }
        let of_blocks = later.blocks.iter().flat_map(|block| {
            (block.top..=block.bottom).flat_map(move |row| {
                (block.left..=block.right).map(move |column| CellAddress::new(row, column))
            })
        });
        match of_blocks.chain(later.late).find(|address| !self.insert(*address)) {
            Some(address) => Err(address),
            None => Ok(()),
        }
    }

    /// Joins the last row to those above it, if they have the same cells: another block follows.
    fn join_last(&mut self) {
        let [.., above, last] = self.blocks.as_mut_slice() else {
            return;
        };
        let is_below = above.bottom + 1 == last.top;
        if is_below && (above.left, above.right) == (last.left, last.right) {
            above.bottom = last.bottom;
            self.blocks.pop();
        }
    }

    fn has_block_over(&self, address: CellAddress) -> bool {
        let CellAddress { row, column } = address;
        let after = self.blocks.partition_point(|block| (block.top, block.left) <= (row, column));
        let before = after.checked_sub(1).and_then(|at| self.blocks.get(at));
        before.is_some_and(|block| {
            row <= block.bottom && (block.left..=block.right).contains(&column)
        })
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

        /// However cells are parted, one that came before is found.
        #[test]
        fn sets_join(parts in proptest::collection::vec(proptest::collection::vec((0..5_u32, 0..3_u32), 0..9), 0..6), is_sorted: bool) {
            let (mut seen, mut wanted) = (Seen::default(), BTreeSet::new());
            for mut part in parts {
                if is_sorted {
                    part.sort_unstable();
                }
                let mut more = Seen::default();
                part.retain(|(row, column)| more.insert(CellAddress::new(*row, *column)));
                let taken = seen.take(more);
                let is_new = part.iter().all(|place| !wanted.contains(place));
                proptest::prop_assert_eq!(taken.is_ok(), is_new);
                if !is_new {
                    return Ok(());
                }
                wanted.extend(part);
            }
        }
    }
}
