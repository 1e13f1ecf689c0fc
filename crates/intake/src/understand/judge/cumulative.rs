//! Totals since the start of the year sent as the figures of months or of a quarter, and a last
//! month that was not finished.
//!
//! *Months.* If month i of the year holds the total since its start, and each month adds about the
//! same r, the month holds about i·r: April to June would be r, 2r, 3r, and October to December
//! 7r, 8r, 9r. So, of the series that have a number in each month:
//!
//! - nearly all rise from month to month (at most one in twenty ever falls), and none of five or
//!   more stands still;
//! - the whole rises as totals do: each step of the sum lies between half of and twice what one
//!   month of the first total would be (the first total, by the number of months in it).
//!
//! Plain figures of a series happen to rise through three months once in six; three series that do
//! so and treble in two months are totals. Where the year began before the first month, three are
//! enough if the first total contains the earlier months the lake holds; without those it must be
//! six, and each step between three quarters of and a third more than a month.
//!
//! *A quarter.* In quarter q a total since the start of the year is at least the sum of the q - 1
//! quarters before it, for every series, and adds to it between half of and twice their average.
//! That is asked of four series in the second quarter of a year, of three in the third and of two
//! in the fourth; and where the same quarter of the year before was about as high it is the
//! season.
//!
//! Years are tried from April and from January: agencies use both.

use std::collections::BTreeMap;

use model::{Month, Period};

use super::Noted;
use super::history::{History, Past, as_float};
use super::line::Lines;
use crate::understand::PreviousValues;
use crate::understand::context::Context;
use crate::understand::slot::Slot;

/// Months in which a year may start.
const STARTS: [i8; 2] = [4, 1];
/// Series of which at most one may contradict.
const ONE_IN: usize = 20;
/// Smallest last figure of a series that must have risen.
const RISEN_MIN: i64 = 5;

/// Whether the figures look like totals since the start of a year.
pub(super) fn check(
    context: &Context<'_>,
    lines: &Lines<'_>,
    history: &History<'_, '_>,
) -> Option<Noted> {
    if lines.0.is_empty() {
        return None;
    }
    let pasts: Vec<&Past<'_, '_>> =
        history.pasts.iter().filter(|past| past.unit.is_additive()).collect();
    STARTS.into_iter().find_map(|start| {
        let start = year_start(context.expected, start)?;
        running_months(context, lines, &pasts, start)
            .or_else(|| year_to_date(context, &pasts, start))
    })
}

/// The month with which the year began that holds the last month of the period; none if the
/// period begins before it.
fn year_start(expected: Period, month: i8) -> Option<Month> {
    let mut start = expected.last();
    while start.month() != month {
        start = start.plus(-1);
    }
    (start <= expected.first()).then_some(start)
}

fn running_months(
    context: &Context<'_>,
    lines: &Lines<'_>,
    pasts: &[&Past<'_, '_>],
    start: Month,
) -> Option<Noted> {
    const MONTHS_MIN: usize = 3;
    let expected = context.expected;
    [start, expected.first()].into_iter().find_map(|first| {
        let months: Vec<Period> =
            Period::new(first, expected.last())?.months().map(Period::month).collect();
        if months.len() < MONTHS_MIN || !lines.has_all(&months) {
            return None;
        }
        let whole: Vec<(&Past<'_, '_>, Vec<i64>)> = pasts
            .iter()
            .filter_map(|past| {
                let numbers: Option<Vec<i64>> =
                    months.iter().map(|month| past.line.number(*month)).collect();
                Some((*past, numbers?))
            })
            .collect();
        if !are_running(&whole, start, first) {
            return None;
        }
        Some(running_said(&whole, start, &months))
    })
}

fn are_running(whole: &[(&Past<'_, '_>, Vec<i64>)], start: Month, first: Month) -> bool {
    const SERIES_MIN: usize = 3;
    const SERIES_ALONE_MIN: usize = 6;
    let falls = |numbers: &[i64]| numbers.windows(2).any(|pair| pair[1] < pair[0]);
    let is_still = |numbers: &[i64]| {
        numbers.first() == numbers.last() && numbers.last().is_some_and(|last| *last >= RISEN_MIN)
    };
    let against = whole.iter().filter(|(_, numbers)| falls(numbers) || is_still(numbers)).count();
    let risen = whole
        .iter()
        .filter(|(_, numbers)| {
            !falls(numbers)
                && numbers.first() < numbers.last()
                && numbers.last().is_some_and(|last| *last >= RISEN_MIN)
        })
        .count();
    let from_start = first == start;
    // Seen from April or January, or borne out by the lake; else it must fit more closely, since
    // many series rise together in spring.
    let is_borne_out = from_start || contains_earlier(whole, start, first);
    let (series_min, least, most) =
        if is_borne_out { (SERIES_MIN, 0.5, 2.0) } else { (SERIES_ALONE_MIN, 0.75, 1.33) };
    if risen < series_min || against * ONE_IN > whole.len() {
        return false;
    }
    let months = whole.first().map_or(0, |(_, numbers)| numbers.len());
    let totals: Vec<f64> = (0..months)
        .map(|at| as_float(whole.iter().map(|(_, numbers)| numbers[at]).sum()))
        .collect();
    let months_in_first = f64::from(first.index() - start.index() + 1);
    let month = totals[0] / months_in_first;
    totals.windows(2).all(|pair| {
        let step = pair[1] - pair[0];
        step >= least * month && step <= most * month
    })
}

/// Whether the first total of nearly every series is at least the sum of the year's earlier months.
fn contains_earlier(whole: &[(&Past<'_, '_>, Vec<i64>)], start: Month, first: Month) -> bool {
    let Some(earlier) = Period::new(start, first.plus(-1)) else {
        return false;
    };
    let sums: Vec<(i64, i64)> = whole
        .iter()
        .filter_map(|(past, numbers)| {
            let months = earlier.months().map(Period::month);
            let sum: Option<i64> = months.map(|month| past.held?.get(&month).copied()).sum();
            Some((sum?, *numbers.first()?))
        })
        .collect();
    let against = sums.iter().filter(|(sum, number)| number < sum).count();
    !sums.is_empty() && sums.len() * 2 >= whole.len() && against * ONE_IN <= sums.len()
}

fn running_said(whole: &[(&Past<'_, '_>, Vec<i64>)], start: Month, months: &[Period]) -> Noted {
    let first_and_last = |at: usize| -> i64 { whole.iter().map(|(_, numbers)| numbers[at]).sum() };
    let slots: Vec<&Slot> = whole
        .iter()
        .flat_map(|(past, _)| past.line.slots.iter().copied())
        .filter(|slot| months.contains(&slot.period))
        .collect();
    let last = months.len() - 1;
    let message = format!(
        "the figures rise from month to month, together from {} in {} to {} in {}: they look like totals since {}, not like the figures of each month",
        first_and_last(0),
        months[0].first().name(),
        first_and_last(last),
        months[last].first().name(),
        start.name()
    );
    let hint = "send the figures of each month alone; if they are, say that they rose";
    in_order("cumulative-figures", slots, message, hint)
}

/// A figure of the period beside those of the year before it.
struct ToDate<'g> {
    slot: &'g Slot,
    number: i64,
    /// The sum of the year's earlier periods.
    earlier: i64,
    year_before: Option<i64>,
}

fn year_to_date(context: &Context<'_>, pasts: &[&Past<'_, '_>], start: Month) -> Option<Noted> {
    const SEASON: f64 = 1.3;
    const LARGE_MIN: i64 = 10;
    let expected = context.expected;
    let length = expected.length_months();
    let before = (expected.first().index() - start.index()) / length;
    if before < 1 || start.plus(before * length) != expected.first() {
        return None;
    }
    let series_min = match before {
        1 => 4,
        2 => 3,
        _ => 2,
    };
    let known: Vec<ToDate<'_>> = pasts
        .iter()
        .filter_map(|past| {
            past.held?;
            let slot = past.line.slots.iter().find(|slot| slot.period == expected)?;
            let earlier: Option<i64> =
                (1..=before).map(|back| past.held(expected.shifted(-back * length))).sum();
            Some(ToDate {
                slot,
                number: past.line.number(expected)?,
                earlier: earlier?,
                year_before: past.held(expected.year_before()),
            })
        })
        .collect();
    let against = known.iter().filter(|known| known.number < known.earlier).count();
    let large = known.iter().filter(|known| known.earlier >= LARGE_MIN).count();
    if large < series_min || against * ONE_IN > known.len() {
        return None;
    }
    let number: i64 = known.iter().map(|known| known.number).sum();
    let earlier: i64 = known.iter().map(|known| known.earlier).sum();
    let quarter = as_float(earlier) / f64::from(before);
    let added = as_float(number - earlier);
    let last_year: Option<i64> = known.iter().map(|known| known.year_before).sum();
    let is_season = last_year.is_some_and(|last| as_float(number) <= SEASON * as_float(last));
    if added < 0.5 * quarter || added > 2.0 * quarter || is_season {
        return None;
    }
    let message = format!(
        "the figures together are {number}, and at least those sent since {} ({earlier}) for every one of {}: they look like totals since {}, not like the figures of {}",
        start.name(),
        known.len(),
        start.name(),
        expected.calendar()
    );
    let slots = known.iter().map(|known| known.slot).collect();
    let hint = "send the figures of these months alone; if they are, say that they rose";
    Some(in_order("cumulative-figures", slots, message, hint))
}

/// A warning at figures, in the order of their cells.
fn in_order(code: &str, mut slots: Vec<&Slot>, message: String, hint: &str) -> Noted {
    slots.sort_by(|left, right| left.position().cmp(&right.position()));
    Noted::warning_at(code, &slots, message, hint)
}

/// Whether the last month is less than half of each of the others, all counts together: it may not
/// have been over when the figures were drawn.
///
/// The others must be twenty a month at least, and the last must be short of the least of them by
/// more than four times its square root. It is no finding if the same months of the year before
/// fell as well: schools are empty in August.
pub(super) fn last_month_low(
    context: &Context<'_>,
    lines: &Lines<'_>,
    previous: &PreviousValues,
) -> Option<Noted> {
    const OTHERS_MIN: f64 = 20.0;
    const ROOTS: f64 = 4.0;
    let months: Vec<Period> = context.expected.months().map(Period::month).collect();
    let (last, others) = months.split_last()?;
    if others.is_empty() || !lines.has_all(&months) {
        return None;
    }
    let mut totals: BTreeMap<Period, i64> = BTreeMap::new();
    let mut year_before: Option<BTreeMap<Period, i64>> = Some(BTreeMap::new());
    let mut slots: Vec<&Slot> = Vec::new();
    let counts =
        lines.summable().filter(|line| context.unit(&line.series.measure) == model::Unit::Count);
    for line in counts {
        let numbers: Option<Vec<i64>> = months.iter().map(|month| line.number(*month)).collect();
        let Some(numbers) = numbers else {
            continue;
        };
        slots.extend(line.slots.iter().filter(|slot| slot.period == *last));
        let held = previous.of(line.series);
        for (month, number) in months.iter().zip(numbers) {
            *totals.entry(*month).or_default() += number;
            let before = held.and_then(|held| held.get(&month.year_before()).copied());
            year_before = year_before.zip(before).map(|(mut sums, before)| {
                *sums.entry(*month).or_default() += before;
                sums
            });
        }
    }
    let lowest = |totals: &BTreeMap<Period, i64>| {
        others.iter().filter_map(|month| totals.get(month)).min().copied().map(as_float)
    };
    let number = *totals.get(last)?;
    let usual = lowest(&totals)?;
    let far = usual - as_float(number) > ROOTS * usual.sqrt();
    let is_season = year_before.is_some_and(|sums| {
        let before = sums.get(last).copied().map(as_float);
        before.zip(lowest(&sums)).is_some_and(|(number, usual)| number < 0.6 * usual)
    });
    if usual < OTHERS_MIN || as_float(number) >= 0.5 * usual || !far || is_season {
        return None;
    }
    let message = format!(
        "the figures for {} together are {number}, less than half of those for every month before it ({usual} or more)",
        last.calendar()
    );
    let hint = "check that the month was complete when the figures were drawn";
    Some(in_order("last-month-low", slots, message, hint))
}
