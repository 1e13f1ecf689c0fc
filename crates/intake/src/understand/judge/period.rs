//! The content decides its period: right, wrong, too long, too short.

use std::collections::BTreeSet;

use jiff::civil::Date;
use model::{Finding, Month, Period, Place, Severity};

use super::coverage::counts_rows;
use super::{Answer, Noted, Scene, Subject};
use crate::contract::{Contract, Frequency};
use crate::understand::context::Context;
use crate::understand::gathered::Gathered;
use crate::understand::slot::Slot;

/// The period the content is about, first month to last; none if nothing was read.
pub(in crate::understand) fn content_period(slots: &[Slot]) -> Option<Period> {
    let (first, rest) = slots.split_first()?;
    Some(rest.iter().fold(first.period, |whole, slot| {
        if whole.contains(slot.period) { whole } else { whole.joined(slot.period) }
    }))
}

/// Judges the content's period against the expected one.
pub(super) fn check(scene: &Scene<'_, '_>, gathered: &Gathered) -> (Answer, Vec<Noted>) {
    let Scene { contract, context, .. } = *scene;
    let slots = &gathered.slots;
    let Some(found) = content_period(slots) else {
        return (Answer::Right, Vec::new());
    };
    if contract.frequency == Frequency::AdHoc {
        let future = in_future(slots, scene.occasion.today);
        return (Answer::Right, future.into_iter().collect());
    }
    let expected = context.expected;
    let months: BTreeSet<Month> = slots.iter().flat_map(|slot| slot.period.months()).collect();
    if !expected.months().any(|month| months.contains(&month)) {
        let message = format!(
            "the figures are about {}, but this return is for {}",
            found.calendar(),
            expected.title()
        );
        let place = first_place_of(slots, found.last());
        return (Answer::Wrong, vec![wrong_period(context, place, message)]);
    }
    if let Some(long) = too_long(context, slots) {
        return (Answer::Wrong, vec![long]);
    }
    let mut noted = Vec::new();
    if found.last() > expected.last() {
        let later =
            months.iter().copied().find(|month| *month > expected.last()).unwrap_or(found.last());
        let message = format!(
            "there are figures for {}, after the end of {}",
            Period::month(later).calendar(),
            expected.title()
        );
        let place = first_place_of(slots, later);
        noted.push(Noted::new(
            Finding::new(Severity::Error, "months-after-period", place, message).with_hint(
                "leave later months for the next return, or check the year of the heading",
            ),
        ));
    }
    if !counts_rows(context) {
        noted.extend(missing_months(contract, expected, &months, slots));
    }
    (Answer::Right, noted)
}

/// A figure about months that have not begun: a year was mistyped, or a forecast was taken for a
/// count. Returns with a period of their own are held to that.
fn in_future(slots: &[Slot], today: Date) -> Option<Noted> {
    let begins_later = |slot: &&Slot| today < slot.period.first().first_day();
    let slot = slots.iter().find(begins_later)?;
    let message = format!(
        "there are figures for {}, which has not begun on {}",
        slot.period.calendar(),
        today.strftime("%-d %B %Y")
    );
    let finding = Finding::new(Severity::Error, "future-period", slot.place(), message)
        .with_hint("check the year: nothing can have been counted yet");
    Some(Noted::new(finding).about([Subject::period(slot.period)]))
}

fn wrong_period(context: &Context<'_>, place: Place, message: String) -> Noted {
    let hint = format!("send the figures for {}", context.expected.calendar());
    Noted::new(Finding::new(Severity::Error, "wrong-period", place, message).with_hint(hint))
}

/// A figure about the months asked for that is about more than the return is owed for: a year is
/// no quarter.
fn too_long(context: &Context<'_>, slots: &[Slot]) -> Option<Noted> {
    let owed = context.owed?;
    let long = slots.iter().find(|slot| {
        slot.period.length_months() > owed.length_months() && slot.period.overlaps(context.expected)
    })?;
    let message = format!(
        "the figures are for the {} months {}, but this return is for {}",
        long.period.length_months(),
        long.period.calendar(),
        context.expected.title()
    );
    Some(wrong_period(context, long.place(), message))
}

/// Months the content must cover and of which there is nothing.
fn missing_months(
    contract: &Contract,
    expected: Period,
    months: &BTreeSet<Month>,
    slots: &[Slot],
) -> Option<Noted> {
    let months_needed = contract
        .content_months
        .map_or(expected.length_months(), |months| i32::try_from(months).expect("at most 120"));
    let missing: Vec<Period> = Period::ending(expected.last(), months_needed)
        .months()
        .filter(|month| !months.contains(month))
        .map(Period::month)
        .collect();
    if missing.is_empty() {
        return None;
    }
    let named: Vec<String> = missing.iter().map(|month| month.calendar()).collect();
    let place = slots.first().map_or_else(Place::file, |slot| Place::sheet(slot.sheet()));
    let message = format!("there are no figures for {}", named.join(", "));
    let finding = Finding::new(Severity::Error, "part-period", place, message)
        .with_hint(format!("send the figures for all of {}", expected.calendar()));
    Some(Noted::new(finding).about(missing.into_iter().map(Subject::period)))
}

fn first_place_of(slots: &[Slot], month: Month) -> Place {
    slots
        .iter()
        .find(|slot| slot.period.contains(Period::month(month)))
        .map_or_else(Place::file, Slot::place)
}
