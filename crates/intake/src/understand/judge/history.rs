//! The return's figures beside those of earlier periods: what all checks against history share.
//!
//! History is what the lake holds; where it has nothing of a month before the period asked for and
//! the return itself repeats that month, the return's own figure stands in.

use std::collections::BTreeMap;

use model::{Period, Unit};

use super::line::{Line, Lines};
use crate::understand::PreviousValues;
use crate::understand::context::Context;
use crate::understand::slot::Slot;

/// How many steps back earlier figures are looked for, and how many are taken.
const STEPS_MAX: i32 = 24;
const EARLIER_MAX: usize = 12;

/// A figure of the period asked for, beside the earlier ones of its series.
pub(super) struct Compared<'g> {
    pub(super) slot: &'g Slot,
    pub(super) value: i64,
    /// Earlier figures of the same length, the latest first; at most twelve.
    pub(super) earlier: Vec<i64>,
    /// The figure for the same stretch of the year before.
    pub(super) year_before: Option<i64>,
}

impl Compared<'_> {
    /// The middle of the earlier figures (the higher of two), if there are enough of them.
    pub(super) fn median(&self, figures_min: usize) -> Option<i64> {
        let mut sorted = self.earlier.clone();
        sorted.sort_unstable();
        (sorted.len() >= figures_min.max(1)).then(|| sorted[sorted.len() / 2])
    }
}

/// One series of the return beside what was sent of it before.
pub(super) struct Past<'g, 'h> {
    pub(super) line: &'g Line<'g>,
    /// What the lake holds of it.
    pub(super) held: Option<&'h BTreeMap<Period, i64>>,
    /// Its figures of the period asked for that have anything earlier.
    pub(super) compared: Vec<Compared<'g>>,
    pub(super) unit: Unit,
}

impl Past<'_, '_> {
    /// What the lake holds for a period: as it was sent, or as the sum of its months.
    pub(super) fn held(&self, period: Period) -> Option<i64> {
        let held = self.held?;
        if let Some(value) = held.get(&period) {
            return Some(*value);
        }
        if !self.unit.is_additive() || period.length_months() == 1 {
            return None;
        }
        period.months().map(|month| held.get(&Period::month(month)).copied()).sum()
    }

    /// What is known for a period before the one asked for.
    fn before(&self, period: Period) -> Option<i64> {
        self.held(period).or_else(|| self.line.number(period))
    }
}

/// Every series of the return beside its past.
pub(super) struct History<'g, 'h> {
    pub(super) expected: Period,
    pub(super) pasts: Vec<Past<'g, 'h>>,
}

impl<'g, 'h> History<'g, 'h> {
    pub(super) fn of(
        context: &Context<'_>,
        previous: &'h PreviousValues,
        lines: &'g Lines<'g>,
    ) -> Self {
        let expected = context.expected;
        let pasts = lines.0.iter().map(|line| {
            let mut past = Past {
                line,
                held: previous.of(line.series),
                compared: Vec::new(),
                unit: context.unit(&line.series.measure),
            };
            if past.held.is_some() {
                past.compared = compared(&past, expected);
            }
            past
        });
        Self { expected, pasts: pasts.collect() }
    }

    /// Every figure of the period asked for that has something earlier.
    pub(super) fn compared(&self) -> impl Iterator<Item = (&Past<'g, 'h>, &Compared<'g>)> {
        self.pasts
            .iter()
            .flat_map(|past| past.compared.iter().map(move |compared| (past, compared)))
    }
}

/// The figures of the period asked for: those that end in it. A rolling year ends in it too.
fn compared<'g>(past: &Past<'g, '_>, expected: Period) -> Vec<Compared<'g>> {
    let current = past.line.slots.iter().filter(|slot| {
        expected.contains(Period::month(slot.period.last()))
            && slot.period.last() <= expected.last()
    });
    current
        .filter_map(|slot| {
            let value = slot.number()?;
            let step = slot.period.length_months().min(expected.length_months());
            let earlier: Vec<i64> = (1..=STEPS_MAX)
                .map(|steps| slot.period.shifted(-steps * step))
                .filter(|period| period.last() < expected.first())
                .filter_map(|period| past.before(period))
                .take(EARLIER_MAX)
                .collect();
            let year_before = past.before(slot.period.year_before());
            Some(Compared { slot, value, earlier, year_before })
        })
        .collect()
}

/// A number of smallest units as the unit it is shown in.
pub(super) fn shown(unit: Unit, value: i64) -> f64 {
    let digits = i32::try_from(unit.decimals()).expect("0 or 2");
    as_float(value) / 10_f64.powi(digits)
}

/// A whole number as a float; figures are far below what a float holds exactly.
pub(super) fn as_float(value: i64) -> f64 {
    i32::try_from(value).map_or_else(|_| value.to_string().parse().unwrap_or(f64::NAN), f64::from)
}

/// A number for people, in the measure's unit: `12`, `£3.40`, `79.5%`.
pub(super) fn written(unit: Unit, value: i64) -> String {
    match unit {
        Unit::Count => value.to_string(),
        Unit::Pounds => format!("£{}", hundredths(value)),
        Unit::Percent => format!("{}%", hundredths(value)),
        Unit::Decimal => hundredths(value),
    }
}

fn hundredths(value: i64) -> String {
    let sign = if value < 0 { "-" } else { "" };
    let (whole, part) = (value.abs() / 100, value.abs() % 100);
    match part {
        0 => format!("{sign}{whole}"),
        part => format!("{sign}{whole}.{part:02}"),
    }
}
