//! The same figures again: last period's, last year's, or another area's.

use std::collections::BTreeMap;
use std::hash::{BuildHasher, Hash, Hasher};

use hashbrown::{DefaultHashBuilder, HashMap};
use model::{AreaCode, Breakdown, Finding, MeasureId, Period, Place, Severity};

use super::history::{History, as_float};
use super::line::{Line, Lines};
use super::{Noted, Subject};
use crate::understand::context::Context;
use crate::understand::slot::Slot;

/// How many figures must be the same.
const FIGURES_MIN: usize = 5;

/// Whether all figures of the period are those of the period before, or of the year before.
pub(super) fn same_as_before(history: &History<'_, '_>) -> Option<Noted> {
    let length = history.expected.length_months();
    let before = [
        (length, "same-as-last-period", "in the period before", "last period's"),
        (12, "same-as-last-year", "in the same period of the year before", "last year's"),
    ];
    before.into_iter().find_map(|(months, code, when, whose)| {
        let count = same_count(history, months)?;
        let message = format!("all {count} figures are the same as {when}");
        let hint = format!("check that {whose} sheet was not sent again");
        let finding = Finding::new(Severity::Warning, code, Place::file(), message).with_hint(hint);
        Some(Noted::new(finding).about([Subject::period(history.expected)]))
    })
}

/// How many figures were compared, if all are the same and some are not zero.
fn same_count(history: &History<'_, '_>, months: i32) -> Option<usize> {
    let expected = history.expected;
    let mut compared = 0;
    let mut some_are_not_zero = false;
    for past in &history.pasts {
        let Some(held) = past.held else {
            continue;
        };
        let current =
            past.line.slots.iter().filter(|slot| {
                slot.period.last() <= expected.last() && slot.period.overlaps(expected)
            });
        for slot in current {
            let earlier = held.get(&slot.period.shifted(-months));
            let (Some(number), Some(earlier)) = (slot.number(), earlier) else {
                continue;
            };
            if *earlier != number {
                return None;
            }
            compared += 1;
            some_are_not_zero |= number != 0;
        }
    }
    (compared >= FIGURES_MIN && some_are_not_zero).then_some(compared)
}

type Said<'g> = (&'g MeasureId, &'g Breakdown, Period, Option<i64>);

/// Areas of which every figure is that of another area.
///
/// Five figures must be the same, and together too unlikely to be so by chance: two counts around
/// v are equal about once in 2·√(πv) times, so the logarithms of that are added up (zeros say
/// nothing) and must reach 10, once in twenty thousand. Ten small counts may well be the same,
/// five counts of a hundred may not.
pub(super) fn same_as_another_area(context: &Context<'_>, lines: &Lines<'_>) -> Vec<Noted> {
    let mut areas: BTreeMap<&AreaCode, Vec<&Line<'_>>> = BTreeMap::new();
    for run in lines.0.chunk_by(|left, right| left.series.area == right.series.area) {
        areas.entry(&run[0].series.area).or_default().extend(run);
    }
    // Few areas have figures that may be the same: only those are compared one by one.
    let hasher = DefaultHashBuilder::default();
    let mut alike: HashMap<u64, Vec<&AreaCode>> = HashMap::new();
    for (area, lines) in &areas {
        let mut hash = hasher.build_hasher();
        said(lines).for_each(|(_, _, period, number)| (period, number).hash(&mut hash));
        alike.entry(hash.finish()).or_default().push(area);
    }
    let mut same: BTreeMap<Vec<Said<'_>>, Vec<&AreaCode>> = BTreeMap::new();
    for area in alike.into_values().filter(|areas| areas.len() > 1).flatten() {
        let said: Vec<Said<'_>> = said(&areas[area]).collect();
        if is_telling(&said) {
            same.entry(said).or_default().push(area);
        }
    }
    same.into_values()
        .filter(|same| same.len() > 1)
        .map(|mut same| {
            same.sort_unstable();
            let names: Vec<&str> = same.iter().map(|area| context.area_name(area)).collect();
            let slots: Vec<&Slot> = areas[same[same.len() - 1]]
                .iter()
                .flat_map(|line| line.slots.iter().copied())
                .collect();
            let message =
                format!("all {} figures for {} are the same", slots.len(), names.join(" and for "));
            let hint = "check that one area's figures were not pasted over another's";
            Noted::warning_at("same-as-another-area", &slots, message, hint)
        })
        .collect()
}

/// What an area's lines say, the area left out.
fn said<'g>(lines: &'g [&'g Line<'g>]) -> impl Iterator<Item = Said<'g>> {
    lines
        .iter()
        .flat_map(|line| line.slots.iter())
        .map(|slot| (slot.measure(), slot.breakdown(), slot.period, slot.number()))
}

fn is_telling(said: &[Said<'_>]) -> bool {
    const UNLIKELY: f64 = 10.0;
    let numbers: Vec<i64> = said.iter().filter_map(|(_, _, _, number)| *number).collect();
    let surprise: f64 = numbers
        .iter()
        .filter(|number| **number > 0)
        .map(|number| (2.0 * (std::f64::consts::PI * as_float(*number)).sqrt()).ln())
        .sum();
    numbers.len() >= FIGURES_MIN && surprise >= UNLIKELY
}
