//! Figures said twice.

use model::{Finding, Severity};

use super::line::Lines;
use super::{Noted, Subject};
use crate::understand::gathered::quoted;

/// Every figure that is given a second time.
pub(super) fn check(lines: &Lines<'_>) -> Vec<Noted> {
    let lines = lines.0.iter().filter(|line| line.may_repeat);
    let pairs = lines.flat_map(|line| line.slots.windows(2));
    pairs
        .filter(|pair| pair[0].period == pair[1].period)
        .map(|pair| {
            let (first, slot) = (pair[0], pair[1]);
            let message = format!(
                "{} for {} is given twice: in {} and in {}",
                quoted(&slot.label()),
                slot.period.calendar(),
                first.place(),
                slot.place()
            );
            let finding = Finding::new(Severity::Error, "duplicate", slot.place(), message)
                .with_hint("keep one of the two");
            Noted::new(finding).about([Subject::of(slot)])
        })
        .collect()
}
