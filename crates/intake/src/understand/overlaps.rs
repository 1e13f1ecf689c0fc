//! Figures whose periods share months: a quarter beside its months is their sum, anything else
//! leaves open which of the two counts.

use std::collections::{BTreeMap, BTreeSet};

use hashbrown::HashSet;
use model::{Finding, Period, Place, SeriesKey, Severity};

use super::context::Context;
use super::gathered::{Gathered, quoted};
use super::slot::Slot;

/// Rolling years overlap on purpose; shorter stretches of one length do not.
const ROLLING_MONTHS_MIN: i32 = 12;
/// So many periods can be compared with each other in no time.
const PERIODS_COMPARED_MAX: usize = 500;

/// The periods that make up `whole`, one after the other; `None` if they leave a gap.
pub(super) fn parts(whole: Period, periods: &BTreeSet<Period>) -> Option<Vec<Period>> {
    let mut parts = Vec::new();
    let mut next = whole.first();
    while next <= whole.last() {
        let inside = periods
            .iter()
            .filter(|part| **part != whole && whole.contains(**part) && part.first() == next);
        let part = *inside.min_by_key(|part| part.length_months())?;
        parts.push(part);
        next = part.last().plus(1);
    }
    Some(parts)
}

/// Whether any of all the periods of a return shares a month with another: where none does, no
/// series has two that do.
pub(super) fn are_possible(all: &HashSet<Period>) -> bool {
    all.len() > PERIODS_COMPARED_MAX
        || all.iter().any(|whole| all.iter().any(|other| is_under(*other, *whole)))
}

/// Checks sums over time against their parts and takes them out; refuses other overlaps.
pub(super) fn settle(context: &Context<'_>, gathered: &mut Gathered) {
    let mut series: BTreeMap<SeriesKey, BTreeMap<Period, usize>> = BTreeMap::new();
    for (index, slot) in gathered.slots.iter().enumerate() {
        // What may not be added up may stand beside its parts: a rate of the quarter and of June.
        if context.unit(slot.measure()).is_additive() {
            series.entry(slot.key().clone()).or_default().entry(slot.period).or_insert(index);
        }
    }
    let mut findings = Vec::new();
    let mut sums: BTreeMap<(String, Period), (Place, usize)> = BTreeMap::new();
    let mut open: BTreeMap<(String, Period), (Place, Period, usize)> = BTreeMap::new();
    let mut dropped: BTreeSet<usize> = BTreeSet::new();
    for by_period in series.values() {
        let periods: BTreeSet<Period> = by_period.keys().copied().collect();
        for (whole, index) in by_period {
            let Some(other) = periods.iter().find(|other| is_under(**other, *whole)) else {
                continue;
            };
            let slot = &gathered.slots[*index];
            let key = (slot.sheet().to_owned(), *whole);
            let Some(parts) = parts(*whole, &periods) else {
                open.entry(key).or_insert((slot.place(), *other, 0)).2 += 1;
                continue;
            };
            let numbers: Option<Vec<i64>> =
                parts.iter().map(|part| gathered.slots[by_period[part]].number()).collect();
            let sum = numbers.map(|numbers| numbers.iter().sum::<i64>());
            if let (Some(total), Some(sum)) = (slot.number(), sum)
                && total != sum
            {
                findings.push(differs(slot, total, sum));
                // A sum is never stored, right or wrong.
                dropped.insert(*index);
            } else {
                dropped.insert(*index);
                sums.entry(key).or_insert((slot.place(), 0)).1 += 1;
            }
        }
    }
    for ((_, whole), (place, count)) in sums {
        let cells = if count == 1 { "cell" } else { "cells" };
        let message = format!(
            "the figures for {} are the sums of those beside them: taken as totals and not stored, in {count} {cells}",
            whole.calendar()
        );
        findings.push(Finding::new(Severity::Repair, "total-over-months", place, message));
    }
    for ((_, whole), (place, other, count)) in open {
        findings.push(overlapping(whole, other, place, count));
    }
    gathered.findings.extend(findings);
    let mut index = 0;
    gathered.slots.retain(|_| {
        index += 1;
        !dropped.contains(&(index - 1))
    });
}

/// Whether `other` shares months with `whole` and is the lesser of the two.
fn is_under(other: Period, whole: Period) -> bool {
    let (length, months) = (other.length_months(), whole.length_months());
    let slides = length == months && months < ROLLING_MONTHS_MIN && other < whole;
    other.overlaps(whole) && (length < months || slides)
}

fn differs(slot: &Slot, total: i64, sum: i64) -> Finding {
    let message = format!(
        "{} for {} is {total}, but the figures for its months add up to {sum}",
        quoted(&slot.label()),
        slot.period.calendar()
    );
    Finding::new(Severity::Error, "total-differs", slot.place(), message)
        .with_hint("correct the total or the figure that is wrong")
}

fn overlapping(whole: Period, other: Period, place: Place, count: usize) -> Finding {
    let cells = if count == 1 { "one cell" } else { "several cells" };
    let message = format!(
        "the figures for {}, in {cells}, share months with those for {}: which of them counts cannot be told",
        whole.calendar(),
        other.calendar()
    );
    Finding::new(Severity::Error, "overlapping-periods", place, message)
        .with_hint("give each month once; a quarter may stand beside all three of its months")
}
