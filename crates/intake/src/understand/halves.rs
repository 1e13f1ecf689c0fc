//! A long table is read in two halves side by side, if no row of it says anything for those below.

use std::ops::Range;
use std::thread;

use super::blocks::Above;
use super::context::Context;
use super::figures::{self, Table};
use super::gathered::Gathered;
use super::totals::Numbers;

/// What was met in half of a table.
struct Half {
    gathered: Gathered,
    numbers: Numbers,
    above: Above,
}

impl Table<'_, '_> {
    /// Whether no row says anything for those below it.
    pub(super) fn each_row_for_itself(&self) -> bool {
        self.blocks.is_empty() && self.filled.is_empty() && self.sections.is_empty()
    }

    /// The row with which the second half begins, if the table is worth it and its rows stand each
    /// for itself.
    pub(super) fn second_half(&self) -> Option<u32> {
        // Small tables are halved in tests, where all must come out the same.
        const ROWS_MIN: usize = if cfg!(test) { 6 } else { 20_000 };
        if !self.each_row_for_itself() || self.page.row_count() < ROWS_MIN {
            return None;
        }
        let rows = || self.page.rows(self.located.bottom + 1..);
        let count = rows().count();
        let middle = rows().nth(count / 2)?;
        (ROWS_MIN <= count).then_some(middle.number())
    }

    /// Reads the rows on both sides of `middle` at once; what comes of it is the same as if they had
    /// been read one after the other.
    pub(super) fn read_halves(
        &self,
        middle: u32,
        above: &mut Above,
        numbers: &mut Numbers,
        gathered: &mut Gathered,
    ) {
        let Self { page, layout, located, context, .. } = *self;
        let Context { figures, vocabulary, expected, owed, kind, .. } = *context;
        let second: Range<u32> = middle..u32::MAX;
        let rows = second.clone();
        let read_second = move || {
            let context = Context::of(figures, vocabulary, (expected, owed), kind);
            // What is said of the table as a whole has been said.
            let table = figures::table(page, layout, &context, located, &mut Gathered::default())?;
            let mut half = Half {
                gathered: Gathered::default(),
                numbers: Numbers::of(&table),
                above: Above::default(),
            };
            let Half { gathered, numbers, above } = &mut half;
            table.read_rows(rows, above, numbers, gathered);
            Some(half)
        };
        thread::scope(|scope| {
            let other = scope.spawn(read_second);
            let is_at_end = self.read_rows(0..middle, above, numbers, gathered);
            let half = other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            match half {
                _ if is_at_end => {}
                Some(half) => {
                    gathered.absorb(half.gathered);
                    numbers.absorb(half.numbers);
                    above.stray_zeros.extend(half.above.stray_zeros);
                    above.blank_rows.extend(half.above.blank_rows);
                }
                None => {
                    self.read_rows(second, above, numbers, gathered);
                }
            }
        });
    }
}
