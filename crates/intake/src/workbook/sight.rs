//! Rows and columns of a sheet that nobody sees.

use std::ops::RangeInclusive;

use model::CellAddress;
use serde::{Deserialize, Serialize};

/// Rows and columns that somebody who opens the workbook does not see: folded away, of no size, or
/// left out by a filter. Numbers are from 0, in order, and no range touches the next.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OutOfSight {
    /// Rows.
    pub rows: Vec<RangeInclusive<u32>>,
    /// Columns.
    pub columns: Vec<RangeInclusive<u32>>,
}

impl OutOfSight {
    /// Whether everything is seen.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty() && self.columns.is_empty()
    }

    /// Whether a cell is in a row or column that is out of sight.
    pub fn holds(&self, address: CellAddress) -> bool {
        holds(&self.rows, address.row) || holds(&self.columns, address.column)
    }
}

fn holds(spans: &[RangeInclusive<u32>], number: u32) -> bool {
    let after = spans.partition_point(|span| *span.start() <= number);
    after.checked_sub(1).is_some_and(|index| number <= *spans[index].end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hidden_rows_and_columns_hide_their_cells() {
        let out_of_sight = OutOfSight { rows: vec![1..=1, 3..=7], columns: vec![2..=2] };
        for (row, column) in [(1, 0), (3, 0), (7, 9), (0, 2)] {
            assert!(out_of_sight.holds(CellAddress::new(row, column)), "{row} {column}");
        }
        for (row, column) in [(0, 0), (2, 1), (8, 3)] {
            assert!(!out_of_sight.holds(CellAddress::new(row, column)), "{row} {column}");
        }
        assert!(!out_of_sight.is_empty() && OutOfSight::default().is_empty());
    }
}
