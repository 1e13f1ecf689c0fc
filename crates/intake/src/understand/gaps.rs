//! Months and measures that are there by name only: every cell of them is blank.

use std::collections::{BTreeMap, BTreeSet};

use model::{Breakdown, Finding, MeasureId, Period, Severity};

use super::context::Context;
use super::gathered::{Gathered, Slot, quoted};
use super::judge::required;
use crate::contract::Presence;

/// How many blank cells make a gap: a single one is a figure that is not available.
const CELLS_MIN: usize = 2;

/// Whether there are figures' cells, but nothing in any of them; that is said.
pub(super) fn is_all_blank(gathered: &mut Gathered) -> bool {
    let Some(first) = gathered.slots.first().map(|slot| slot.place.clone()) else {
        return false;
    };
    let blank = gathered.slots.iter().all(Slot::is_blank);
    if blank {
        gathered.error(
            "no-figures",
            first,
            "there are no figures in the workbook: every cell that should hold one is blank"
                .to_owned(),
            "check that the right file was sent, and that it is filled in",
        );
    }
    blank
}

/// Months of the period asked for, and measures, of which every cell on a sheet is blank.
pub(super) fn check_blanks(context: &Context<'_>, gathered: &mut Gathered) {
    let mut findings = Vec::new();
    for slots in by_sheet(&gathered.slots).values() {
        // A sheet on which nothing is filled in lacks its months, not each measure once more.
        let months = blank_months(context, slots);
        if slots.iter().any(|slot| !slot.is_blank()) {
            findings.extend(blank_measures(context, slots));
        }
        findings.extend(months);
    }
    gathered.findings.extend(findings);
}

fn by_sheet(slots: &[Slot]) -> BTreeMap<&str, Vec<&Slot>> {
    let mut sheets: BTreeMap<&str, Vec<&Slot>> = BTreeMap::new();
    for slot in slots {
        sheets.entry(&slot.place.sheet).or_default().push(slot);
    }
    sheets
}

/// Whether there are enough cells and nothing in any.
fn is_gap(slots: &[&Slot]) -> bool {
    slots.len() >= CELLS_MIN && slots.iter().all(|slot| slot.is_blank())
}

fn blank_months(context: &Context<'_>, slots: &[&Slot]) -> Vec<Finding> {
    let Some(owed) = context.owed else {
        return Vec::new();
    };
    let optional = optional(context);
    let mut months: BTreeMap<Period, Vec<&Slot>> = BTreeMap::new();
    for slot in slots.iter().filter(|slot| owed.contains(slot.period)) {
        if !optional.contains(&(&slot.measure, &slot.breakdown)) {
            months.entry(slot.period).or_default().push(slot);
        }
    }
    let blank = months.into_iter().filter(|(_, slots)| is_gap(slots));
    blank
        .map(|(period, slots)| {
            let message =
                format!("there are no figures for {}: every cell is blank", period.calendar());
            Finding::new(Severity::Error, "part-period", slots[0].place.clone(), message)
                .with_hint("fill in the figures; write 0 where there were none")
        })
        .collect()
}

fn blank_measures(context: &Context<'_>, slots: &[&Slot]) -> Vec<Finding> {
    let required = required(context);
    let mut measures: BTreeMap<(MeasureId, Breakdown), Vec<&Slot>> = BTreeMap::new();
    for slot in slots {
        measures.entry((slot.measure.clone(), slot.breakdown.clone())).or_default().push(slot);
    }
    let blank = measures.into_iter().filter(|(key, slots)| required.contains(key) && is_gap(slots));
    blank
        .map(|((measure, breakdown), slots)| {
            let name = context.measure_name(&measure, &breakdown);
            let message = format!("{} has no figure: every cell is blank", quoted(&name));
            Finding::new(Severity::Error, "missing-measure", slots[0].place.clone(), message)
                .with_hint("fill in the figures; write 0 where there were none")
        })
        .collect()
}

/// What the contract says may be left out.
fn optional<'c>(context: &Context<'c>) -> BTreeSet<(&'c MeasureId, &'c Breakdown)> {
    let labels = context.figures.labels.values();
    labels
        .filter(|label| label.presence == Presence::Optional)
        .map(|label| (&label.measure, &label.breakdown))
        .collect()
}
