//! Parts of a measure against the whole.

use std::collections::{BTreeMap, BTreeSet};

use model::{AreaCode, Breakdown, Finding, Period, Severity};

use super::coverage::required;
use super::{Noted, Subject};
use crate::contract::AddsUp;
use crate::understand::context::Context;
use crate::understand::gathered::{Gathered, quoted, unquoted};
use crate::understand::slot::Slot;

/// Parts against the whole, where the contract says they add up.
pub(super) fn check(context: &Context<'_>, gathered: &Gathered) -> Vec<Noted> {
    let mut noted = Vec::new();
    for check in &context.figures.checks.adds_up {
        let declared = declared_parts(context, check);
        let mut groups: BTreeMap<(AreaCode, Period), Vec<&Slot>> = BTreeMap::new();
        for slot in &gathered.slots {
            if *slot.measure() == check.measure && !gathered.puzzling.contains(slot.sheet()) {
                groups.entry((slot.area().clone(), slot.period)).or_default().push(slot);
            }
        }
        for slots in groups.values() {
            noted.extend(parts_differ(context, check, &declared, slots));
        }
    }
    noted
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
    context: &Context<'_>,
    check: &AddsUp,
    declared: &BTreeSet<Breakdown>,
    slots: &[&Slot],
) -> Option<Noted> {
    let whole = slots.iter().find(|slot| slot.breakdown().is_all())?;
    let total = whole.number()?;
    let parts: Vec<&&Slot> =
        slots.iter().filter(|slot| is_part(slot.breakdown(), &check.dimension)).collect();
    let present: BTreeSet<&Breakdown> = parts.iter().map(|slot| slot.breakdown()).collect();
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
        .map(|(slot, number)| format!("{} {number}", unquoted(&slot.label())))
        .collect();
    let message = format!(
        "in {}, {} make {sum}, but {} is {total}",
        whole.period.calendar(),
        listed.join(" and "),
        quoted(&whole.label())
    );
    // Some may not have been recorded by the dimension; more parts than the whole cannot be.
    let (usual, hint) = if sum < total {
        (Severity::Warning, "say how many were not recorded, or correct the figures")
    } else {
        (Severity::Error, "correct the parts or the whole")
    };
    let severity = context.figures.checks.severity_of("breakdown-differs", check.severity, usual);
    let finding =
        Finding::new(severity, "breakdown-differs", whole.place(), message).with_hint(hint);
    Some(Noted::new(finding).about([Subject::of(whole)]).settled())
}
