//! Two columns, rows or sheets exchanged: each has the other's usual figures.
//!
//! How ill a figure x sits with a usual figure m is (x - m)² by the scatter to be expected of both:
//! x + m for counts, and a fifth of the larger squared besides. Two groups of figures (two areas,
//! or two measures) look exchanged when each sits ill with its own past, both sit well with the
//! other's, and that by far. The past is the middle of at least two earlier figures.
//!
//! Months are exchanged when the return repeats months the lake holds, and the figures of two of
//! them have changed places exactly, in at least three series.

use std::collections::{BTreeMap, BTreeSet};

use model::{AreaCode, Breakdown, MeasureId, Period};

use super::Noted;
use super::history::{History, as_float, shown};
use crate::understand::context::Context;
use crate::understand::slot::Slot;

/// How many figures two groups must have in common.
const COMMON_MIN: usize = 3;
const EARLIER_MIN: usize = 2;
/// How ill a group must sit with its own past on average, and how well with the other's at most.
const ILL: f64 = 5.0;
const WELL: f64 = 2.0;
/// How many groups that sit ill are tried with each other.
const GROUPS_MAX: usize = 80;

/// A figure beside its past.
#[derive(Clone, Copy)]
struct Pair<'g> {
    slot: &'g Slot,
    now: f64,
    usual: f64,
}

type Label<'g> = (&'g MeasureId, &'g Breakdown);

/// Everything that looks exchanged.
pub(super) fn check(context: &Context<'_>, history: &History<'_, '_>) -> Vec<Noted> {
    let mut by_area: Groups<'_, &AreaCode, (Label<'_>, Period)> = BTreeMap::new();
    let mut by_label: Groups<'_, Label<'_>, (&AreaCode, Period)> = BTreeMap::new();
    let mut rows: BTreeMap<&AreaCode, Groups<'_, Label<'_>, Period>> = BTreeMap::new();
    for (past, compared) in history.compared() {
        let Some(usual) = compared.median(EARLIER_MIN) else {
            continue;
        };
        let series = &past.line.series;
        let label: Label<'_> = (&series.measure, &series.breakdown);
        let period = compared.slot.period;
        let pair = Pair {
            slot: compared.slot,
            now: shown(past.unit, compared.value),
            usual: shown(past.unit, usual),
        };
        by_area.entry(&series.area).or_default().insert((label, period), pair);
        by_label.entry(label).or_default().insert((&series.area, period), pair);
        let row = rows.entry(&series.area).or_default().entry(label).or_default();
        row.insert(period, pair);
    }
    let mut noted = Vec::new();
    for (one, other, pairs) in exchanged(&by_area, |_, _| true) {
        let names = [context.area_name(one), context.area_name(other)];
        noted.push(said(&names.map(str::to_owned), None, &pairs));
    }
    let name = |label: Label<'_>| context.measure_name(label.0, label.1);
    let same_unit =
        |one: &Label<'_>, other: &Label<'_>| context.unit(one.0) == context.unit(other.0);
    let mut whole: BTreeSet<(Label<'_>, Label<'_>)> = BTreeSet::new();
    for (one, other, pairs) in exchanged(&by_label, same_unit) {
        whole.insert((one, other));
        noted.push(said(&[name(one), name(other)], None, &pairs));
    }
    for (area, groups) in rows {
        for (one, other, pairs) in exchanged(&groups, same_unit) {
            if !whole.contains(&(one, other)) {
                let area = context.area_name(area);
                noted.push(said(&[name(one), name(other)], Some(area), &pairs));
            }
        }
    }
    noted.extend(months(history));
    noted
}

type Groups<'g, K, C> = BTreeMap<K, BTreeMap<C, Pair<'g>>>;

/// The pairs of groups that look exchanged, with their figures: the first group's, then the
/// other's.
fn exchanged<'g, K: Ord + Copy, C: Ord + Copy>(
    groups: &Groups<'g, K, C>,
    may_be: impl Fn(&K, &K) -> bool,
) -> Vec<(K, K, Vec<Pair<'g>>)> {
    let ill: Vec<(&K, &BTreeMap<C, Pair<'g>>)> = groups
        .iter()
        .filter(|(_, group)| {
            group.len() >= COMMON_MIN && average(group.values().map(|pair| own(*pair))) >= ILL
        })
        .take(GROUPS_MAX)
        .collect();
    let mut found = Vec::new();
    for (at, (one, left)) in ill.iter().enumerate() {
        for (other, right) in &ill[at + 1..] {
            let common: Vec<(Pair<'_>, Pair<'_>)> =
                left.iter().filter_map(|(key, pair)| Some((*pair, *right.get(key)?))).collect();
            let complete = common.len() == left.len().max(right.len());
            if common.len() < COMMON_MIN || !complete || !may_be(one, other) {
                continue;
            }
            let crossed = average(common.iter().flat_map(|(left, right)| {
                [misfit(left.now, right.usual), misfit(right.now, left.usual)]
            }));
            let straight =
                average(common.iter().flat_map(|(left, right)| [own(*left), own(*right)]));
            if crossed <= WELL && straight >= ILL.max(4.0 * crossed) {
                let pairs = common.iter().map(|(left, _)| *left);
                let others = common.iter().map(|(_, right)| *right);
                found.push((**one, **other, pairs.chain(others).collect()));
            }
        }
    }
    found
}

fn own(pair: Pair<'_>) -> f64 {
    misfit(pair.now, pair.usual)
}

fn misfit(now: f64, usual: f64) -> f64 {
    let (now_size, usual_size) = (now.abs(), usual.abs());
    let scatter = (now_size + usual_size).max(2.0) + (0.2 * now_size.max(usual_size)).powi(2);
    (now - usual).powi(2) / scatter
}

fn average(values: impl Iterator<Item = f64>) -> f64 {
    let (sum, count) = values.fold((0.0, 0_i64), |(sum, count), value| (sum + value, count + 1));
    if count == 0 { 0.0 } else { sum / as_float(count) }
}

fn said(names: &[String; 2], area: Option<&str>, pairs: &[Pair<'_>]) -> Noted {
    let (one, other) = (pairs[0], pairs[pairs.len() / 2]);
    let place = area.map_or_else(String::new, |area| format!(" for {area}"));
    let message = format!(
        "the figures of {} and {}{place} look exchanged: {} where {} was usual, and {} where {} was",
        names[0], names[1], one.now, one.usual, other.now, other.usual
    );
    let mut slots: Vec<&Slot> = pairs.iter().map(|pair| pair.slot).collect();
    slots.sort_by(|left, right| left.position().cmp(&right.position()));
    let hint = "check that each stands under its own name";
    Noted::warning_at("swapped-figures", &slots, message, hint)
}

/// Two months whose figures have changed places.
fn months(history: &History<'_, '_>) -> Vec<Noted> {
    const SERIES_MIN: usize = 3;
    // Per pair of months: the cells that changed places, and whether anything speaks against it.
    let mut changed: BTreeMap<Period, usize> = BTreeMap::new();
    let mut crossed: BTreeMap<(Period, Period), Vec<&Slot>> = BTreeMap::new();
    for past in &history.pasts {
        let Some(held) = past.held else {
            continue;
        };
        let known: Vec<(&Slot, i64, i64)> = past
            .line
            .slots
            .iter()
            .filter_map(|slot| Some((*slot, slot.number()?, *held.get(&slot.period)?)))
            .filter(|(_, now, was)| now != was)
            .collect();
        for (slot, _, _) in &known {
            *changed.entry(slot.period).or_default() += 1;
        }
        for (at, (one, now, was)) in known.iter().enumerate() {
            for (other, other_now, other_was) in &known[at + 1..] {
                if now == other_was && other_now == was {
                    let key = (one.period, other.period);
                    crossed.entry(key).or_default().extend([*one, *other]);
                }
            }
        }
    }
    crossed
        .into_iter()
        .filter(|((one, other), slots)| {
            let series = slots.len() / 2;
            series >= SERIES_MIN
                && changed.get(one) == Some(&series)
                && changed.get(other) == Some(&series)
        })
        .map(|((one, other), mut slots)| {
            slots.sort_by(|left, right| left.position().cmp(&right.position()));
            let message = format!(
                "the figures for {} and {} have changed places since they were last sent",
                one.calendar(),
                other.calendar()
            );
            let hint = "check that each month stands under its own heading";
            Noted::warning_at("swapped-figures", &slots, message, hint)
        })
        .collect()
}
