//! Judges what was read as a whole: the right period, complete, said once, not last quarter again.

use std::collections::{BTreeMap, BTreeSet};

use model::{AreaCode, Breakdown, Finding, MeasureId, Month, Period, Place, SeriesKey, Severity};

use super::PreviousValues;
use super::context::Context;
use super::gathered::{Gathered, Slot, quoted, unquoted};
use crate::contract::{AddsUp, AreaFrom, Contract, Frequency, MeasureFrom, Presence, ValueFrom};

/// The period the content is about, first month to last; none if nothing was read.
pub(super) fn content_period(slots: &[Slot]) -> Option<Period> {
    let first = slots.iter().map(|slot| slot.period.first()).min()?;
    let last = slots.iter().map(|slot| slot.period.last()).max()?;
    Period::new(first, last)
}

/// Whether the content answers the period that was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    Right,
    Wrong,
}

/// Judges the content's period against the expected one.
pub(super) fn check_period(
    contract: &Contract,
    context: &Context<'_>,
    gathered: &mut Gathered,
) -> Answer {
    let Some(found) = content_period(&gathered.slots) else {
        return Answer::Right;
    };
    if contract.frequency == Frequency::AdHoc {
        return Answer::Right;
    }
    let expected = context.expected;
    let months: BTreeSet<Month> =
        gathered.slots.iter().flat_map(|slot| slot.period.months()).collect();
    if !expected.months().any(|month| months.contains(&month)) {
        let place = first_place_of(&gathered.slots, found.last());
        gathered.error(
            "wrong-period",
            place,
            format!(
                "the figures are about {}, but this return is for {}",
                found.calendar(),
                expected.title()
            ),
            &format!("send the figures for {}", expected.calendar()),
        );
        return Answer::Wrong;
    }
    if is_too_long(context, gathered) {
        return Answer::Wrong;
    }
    if found.last() > expected.last() {
        let later =
            months.iter().copied().find(|month| *month > expected.last()).unwrap_or(found.last());
        let place = first_place_of(&gathered.slots, later);
        gathered.error(
            "months-after-period",
            place,
            format!(
                "there are figures for {}, after the end of {}",
                Period::month(later).calendar(),
                expected.title()
            ),
            "leave later months for the next return, or check the year of the heading",
        );
    }
    if counts_rows(context) {
        return Answer::Right;
    }
    check_months(contract, expected, &months, gathered);
    Answer::Right
}

/// Whether a figure about the months asked for is about more than the return is owed for: a year
/// is no quarter. That is said.
fn is_too_long(context: &Context<'_>, gathered: &mut Gathered) -> bool {
    let Some(owed) = context.owed else {
        return false;
    };
    let long = gathered.slots.iter().find(|slot| {
        slot.period.length_months() > owed.length_months() && slot.period.overlaps(context.expected)
    });
    let Some((place, period)) = long.map(|slot| (slot.place.clone(), slot.period)) else {
        return false;
    };
    gathered.error(
        "wrong-period",
        place,
        format!(
            "the figures are for the {} months {}, but this return is for {}",
            period.length_months(),
            period.calendar(),
            context.expected.title()
        ),
        &format!("send the figures for {}", context.expected.calendar()),
    );
    true
}

/// Whether every month the content must cover is there for something.
fn check_months(
    contract: &Contract,
    expected: Period,
    months: &BTreeSet<Month>,
    gathered: &mut Gathered,
) {
    let months_needed = contract
        .content_months
        .map_or(expected.length_months(), |months| i32::try_from(months).expect("at most 120"));
    let missing: Vec<String> = Period::ending(expected.last(), months_needed)
        .months()
        .filter(|month| !months.contains(month))
        .map(|month| Period::month(month).calendar())
        .collect();
    if !missing.is_empty() {
        let place =
            gathered.slots.first().map_or_else(Place::file, |slot| Place::sheet(&slot.place.sheet));
        gathered.error(
            "part-period",
            place,
            format!("there are no figures for {}", missing.join(", ")),
            &format!("send the figures for all of {}", expected.calendar()),
        );
    }
}

fn first_place_of(slots: &[Slot], month: Month) -> Place {
    slots
        .iter()
        .find(|slot| slot.period.contains(Period::month(month)))
        .map_or_else(Place::file, |slot| slot.place.clone())
}

/// A measure, and a part of it, that the contract says must be there.
pub(super) fn required(context: &Context<'_>) -> BTreeSet<(MeasureId, Breakdown)> {
    let mut required = BTreeSet::new();
    let mut labelled = false;
    for table in &context.figures.tables {
        let MeasureFrom::Fixed(measure) = &table.measure else {
            labelled |= table.breakdowns.is_empty();
            continue;
        };
        match table.breakdowns.as_slice() {
            [] => {
                required.insert((measure.clone(), Breakdown::all()));
            }
            [column] if table.value != ValueFrom::Rows => {
                if !column.whole.is_empty() {
                    required.insert((measure.clone(), Breakdown::all()));
                }
                for category in column.values.values() {
                    let part = Breakdown::all().with(&column.dimension, category);
                    required.insert((measure.clone(), part));
                }
            }
            _ => {}
        }
    }
    if labelled {
        let labels = context.figures.labels.values();
        required.extend(
            labels
                .filter(|label| label.presence == Presence::Required)
                .map(|label| (label.measure.clone(), label.breakdown.clone())),
        );
    }
    required
}

/// Every area, every measure and every month that must be there.
pub(super) fn check_coverage(context: &Context<'_>, gathered: &mut Gathered) {
    let seen: BTreeSet<AreaCode> = gathered.slots.iter().map(|slot| slot.area.clone()).collect();
    let mut missing_areas: Vec<AreaCode> = Vec::new();
    if let Some(id) = &context.figures.checks.peer_set {
        let sets = &context.vocabulary.partnership.peer_sets;
        let set = sets.iter().find(|set| set.id == *id);
        let members = set.map_or(&[][..], |set| &set.areas);
        missing_areas.extend(members.iter().filter(|area| !seen.contains(*area)).cloned());
    }
    // An area whose name was not understood is there, under a name nobody knows.
    if missing_areas.len() > gathered.unknown_areas {
        for area in missing_areas {
            let message = format!("there are no figures for {}", context.area_name(&area));
            gathered.error(
                "missing-area",
                Place::file(),
                message,
                "add the area; write 0 where there were none",
            );
        }
    }
    let mut by_series: BTreeMap<SeriesKey, Vec<&Slot>> = BTreeMap::new();
    for slot in &gathered.slots {
        by_series.entry(slot.series()).or_default().push(slot);
    }
    let mut findings = missing_measures(context, gathered, &seen, &by_series);
    findings.extend(missing_months(context, &gathered.slots, &by_series));
    gathered.findings.extend(findings);
}

fn missing_measures(
    context: &Context<'_>,
    gathered: &Gathered,
    areas: &BTreeSet<AreaCode>,
    by_series: &BTreeMap<SeriesKey, Vec<&Slot>>,
) -> Vec<Finding> {
    let mut findings = Vec::new();
    let hint = "add it; write 0 if there were none";
    for (measure, breakdown) in required(context) {
        let name = context.measure_name(&measure, &breakdown);
        let lacking: Vec<&AreaCode> = areas
            .iter()
            .filter(|area| {
                let series = SeriesKey {
                    measure: measure.clone(),
                    area: (*area).clone(),
                    breakdown: breakdown.clone(),
                };
                !by_series.contains_key(&series)
            })
            .collect();
        if lacking.len() == areas.len() && gathered.puzzling.is_empty() && !areas.is_empty() {
            let place = gathered
                .slots
                .first()
                .map_or_else(Place::file, |slot| Place::sheet(&slot.place.sheet));
            let message = format!("{name} is not in the return");
            findings.push(
                Finding::new(Severity::Error, "missing-measure", place, message).with_hint(hint),
            );
            continue;
        }
        for area in lacking {
            let sheet = gathered
                .slots
                .iter()
                .find(|slot| slot.area == *area)
                .map(|slot| slot.place.sheet.clone())
                .unwrap_or_default();
            // A label that was not understood on the sheet may be the missing one.
            if gathered.puzzling.contains(&sheet) {
                continue;
            }
            let message = format!("{name} is missing for {}", context.area_name(area));
            let place = Place::sheet(sheet);
            findings.push(
                Finding::new(Severity::Error, "missing-measure", place, message).with_hint(hint),
            );
        }
    }
    findings
}

/// Whether figures are counted from records: a month without one is a month without an incident.
fn counts_rows(context: &Context<'_>) -> bool {
    let tables = &context.figures.tables;
    tables.iter().any(|table| table.value == ValueFrom::Rows)
}

/// Months of the expected period that other series have and one lacks.
fn missing_months(
    context: &Context<'_>,
    slots: &[Slot],
    by_series: &BTreeMap<SeriesKey, Vec<&Slot>>,
) -> Vec<Finding> {
    if counts_rows(context) {
        return Vec::new();
    }
    let anywhere: BTreeSet<Month> = slots
        .iter()
        .flat_map(|slot| slot.period.months())
        .filter(|month| context.expected.contains(Period::month(*month)))
        .collect();
    let mut findings = Vec::new();
    for (series, slots) in by_series {
        let here: BTreeSet<Month> = slots.iter().flat_map(|slot| slot.period.months()).collect();
        for month in anywhere.difference(&here) {
            let message = format!(
                "{} for {} has no figure for {}",
                context.measure_name(&series.measure, &series.breakdown),
                context.area_name(&series.area),
                Period::month(*month).calendar()
            );
            let place = slots.first().map_or_else(Place::file, |slot| slot.place.clone());
            findings.push(
                Finding::new(Severity::Error, "missing-month", place, message)
                    .with_hint("add the month; write 0 if there were none"),
            );
        }
    }
    findings
}

/// Figures said twice.
pub(super) fn check_duplicates(gathered: &mut Gathered) {
    let mut seen: BTreeMap<(SeriesKey, Period), &Slot> = BTreeMap::new();
    let mut findings = Vec::new();
    for slot in &gathered.slots {
        let Some(first) = seen.insert((slot.series(), slot.period), slot) else {
            continue;
        };
        let message = format!(
            "{} for {} is given twice: in {} and in {}",
            quoted(&slot.label),
            slot.period.calendar(),
            first.place,
            slot.place
        );
        findings.push(
            Finding::new(Severity::Error, "duplicate", slot.place.clone(), message)
                .with_hint("keep one of the two"),
        );
    }
    gathered.findings.extend(findings);
}

/// Parts against the whole, where the contract says they add up.
pub(super) fn check_parts(context: &Context<'_>, gathered: &mut Gathered) {
    let mut findings = Vec::new();
    for check in &context.figures.checks.adds_up {
        let declared = declared_parts(context, check);
        let mut groups: BTreeMap<(AreaCode, Period), Vec<&Slot>> = BTreeMap::new();
        for slot in &gathered.slots {
            if slot.measure == check.measure && !gathered.puzzling.contains(&slot.place.sheet) {
                groups.entry((slot.area.clone(), slot.period)).or_default().push(slot);
            }
        }
        for slots in groups.values() {
            findings.extend(parts_differ(check, &declared, slots));
        }
    }
    gathered.findings.extend(findings);
}

/// The parts a contract says must be there; without any, whatever is there counts.
fn declared_parts(context: &Context<'_>, check: &AddsUp) -> BTreeSet<Breakdown> {
    required(context)
        .into_iter()
        .filter(|(measure, breakdown)| {
            *measure == check.measure && is_part(breakdown, &check.dimension)
        })
        .map(|(_, breakdown)| breakdown)
        .collect()
}

fn is_part(breakdown: &Breakdown, dimension: &str) -> bool {
    let mut dimensions = breakdown.iter();
    dimensions.next().is_some_and(|(first, _)| first == dimension) && dimensions.next().is_none()
}

fn parts_differ(
    check: &AddsUp,
    declared: &BTreeSet<Breakdown>,
    slots: &[&Slot],
) -> Option<Finding> {
    let whole = slots.iter().find(|slot| slot.breakdown.is_all())?;
    let total = whole.number()?;
    let parts: Vec<&&Slot> =
        slots.iter().filter(|slot| is_part(&slot.breakdown, &check.dimension)).collect();
    let present: BTreeSet<&Breakdown> = parts.iter().map(|slot| &slot.breakdown).collect();
    // A part said twice is a finding of its own.
    if present.len() < parts.len() {
        return None;
    }
    if parts.is_empty() || declared.iter().any(|part| !present.contains(part)) {
        return None;
    }
    let numbers: Option<Vec<i64>> = parts.iter().map(|slot| slot.number()).collect();
    let numbers = numbers?;
    let sum: i64 = numbers.iter().sum();
    if sum == total {
        return None;
    }
    let listed: Vec<String> = parts
        .iter()
        .zip(&numbers)
        .map(|(slot, number)| format!("{} {number}", unquoted(&slot.label)))
        .collect();
    let message = format!(
        "in {}, {} make {sum}, but {} is {total}",
        whole.period.calendar(),
        listed.join(" and "),
        quoted(&whole.label)
    );
    // Some may not have been recorded by the dimension; more parts than the whole cannot be.
    let (severity, hint) = if sum < total {
        (Severity::Warning, "say how many were not recorded, or correct the figures")
    } else {
        (Severity::Error, "correct the parts or the whole")
    };
    Some(Finding::new(severity, "breakdown-differs", whole.place.clone(), message).with_hint(hint))
}

/// Whether the period's figures are those of the period before, one and all.
pub(super) fn check_copy(
    context: &Context<'_>,
    previous: &PreviousValues,
    gathered: &mut Gathered,
) {
    const FIGURES_MIN: usize = 5;
    let expected = context.expected;
    let mut compared = 0;
    let mut some_are_not_zero = false;
    for slot in &gathered.slots {
        let Some(number) = slot.number().filter(|_| slot.period.last() <= expected.last()) else {
            continue;
        };
        if !slot.period.overlaps(expected) {
            continue;
        }
        let before = slot.period.shifted(-expected.length_months());
        let Some(earlier) = previous.get(&(slot.series(), before)) else {
            continue;
        };
        if *earlier != number {
            return;
        }
        compared += 1;
        some_are_not_zero |= number != 0;
    }
    if compared >= FIGURES_MIN && some_are_not_zero {
        gathered.warning(
            "same-as-last-period",
            Place::file(),
            format!("all {compared} figures are the same as in the period before"),
            "check that last period's sheet was not sent again",
        );
    }
}

/// Fixed areas of the contract that the partnership does not know.
pub(super) fn check_fixed_areas(context: &Context<'_>, gathered: &mut Gathered) {
    for table in &context.figures.tables {
        if let AreaFrom::Fixed(code) = &table.area
            && context.vocabulary.partnership.area(code).is_none()
        {
            gathered.error(
                "unknown-area",
                Place::file(),
                format!("the return is for {code}, which is not an area of the partnership"),
                "correct the area in the return's contract",
            );
        }
    }
}
