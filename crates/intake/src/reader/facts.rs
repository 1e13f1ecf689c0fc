//! What a first look found out about sheets that their reader does not say.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;

use model::CellAddress;

/// What is known of each sheet, by name.
pub(super) type Facts = BTreeMap<String, SheetFacts>;

/// What is known of one sheet before it is read.
#[derive(Debug, Default)]
pub(super) struct SheetFacts {
    /// Cells that the reader stumbles over or passes by, with the error value to show for them.
    pub(super) errors: BTreeMap<CellAddress, String>,
    /// Texts that the reader passes by.
    pub(super) texts: BTreeMap<CellAddress, String>,
    /// Formulas that were never calculated, in formats whose reader gives them some value.
    pub(super) uncalculated: BTreeSet<CellAddress>,
    pub(super) hidden_rows: Spans,
    pub(super) hidden_columns: Spans,
}

impl SheetFacts {
    /// Adds what is known of what follows.
    pub(super) fn join(&mut self, mut later: Self) {
        self.errors.append(&mut later.errors);
        self.texts.append(&mut later.texts);
        self.uncalculated.append(&mut later.uncalculated);
        for (spans, later) in [
            (&mut self.hidden_rows, later.hidden_rows),
            (&mut self.hidden_columns, later.hidden_columns),
        ] {
            for span in later.0 {
                spans.add(*span.start(), *span.end());
            }
        }
    }
}

/// Row or column numbers in ranges, from 0.
#[derive(Debug, Default)]
pub(super) struct Spans(Vec<RangeInclusive<u32>>);

impl Spans {
    /// Adds numbers from `first` to `last`, inclusive; none if `last` is smaller.
    pub(super) fn add(&mut self, first: u32, last: u32) {
        match self.0.last_mut() {
            Some(span) if *span.start() <= first && first <= span.end().saturating_add(1) => {
                *span = *span.start()..=last.max(*span.end());
            }
            _ if first <= last => self.0.push(first..=last),
            _ => {}
        }
    }

    /// In order, none touching the next.
    pub(super) fn sorted(&self) -> Vec<RangeInclusive<u32>> {
        let mut spans = self.0.clone();
        spans.sort_by_key(|span| *span.start());
        let mut sorted = Self::default();
        for span in spans {
            sorted.add(*span.start(), *span.end());
        }
        sorted.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_join_whatever_order_they_come_in() {
        let mut spans = Spans::default();
        for (first, last) in [(5, 6), (7, 7), (1, 2), (9, 8), (2, 4), (20, u32::MAX), (30, 31)] {
            spans.add(first, last);
        }
        assert_eq!(spans.sorted(), [1..=7, 20..=u32::MAX]);
        assert!(Spans::default().sorted().is_empty());
    }
}
