//! Months and measures that are there by name only: every cell of them is blank.

use std::collections::{BTreeMap, BTreeSet};

use model::{Breakdown, Finding, MeasureId, Period, Severity};

use super::coverage::required;
use super::{Noted, Subject};
use crate::contract::Presence;
use crate::understand::context::Context;
use crate::understand::gathered::quoted;
use crate::understand::slot::{Slot, by_sheet};

/// How many blank cells make a gap. One is a figure that is not available, unless it is all there
/// is of its month in the whole return.
const CELLS_MIN: usize = 2;

/// There are figures' cells, but nothing in any of them.
pub(super) fn all_blank(slots: &[Slot]) -> Option<Noted> {
    let first = slots.first()?;
    if !slots.iter().all(Slot::is_blank) {
        return None;
    }
    let message = "there are no figures in the workbook: every cell that should hold one is blank";
    let cells = slots.iter().filter(|slot| slot.sheet() == first.sheet());
    let finding = Finding::new(Severity::Error, "no-figures", first.place(), message)
        .with_hint("check that the right file was sent, and that it is filled in")
        .with_cells(cells.map(|slot| slot.cell));
    Some(Noted::new(finding))
}

/// Months of the period asked for, and measures, of which every cell on a sheet is blank.
pub(super) fn check(context: &Context<'_>, slots: &[Slot]) -> Vec<Noted> {
    let mut noted = Vec::new();
    // Without a blank cell there is no gap.
    if !slots.iter().any(Slot::is_blank) {
        return noted;
    }
    let blank_everywhere = blank_everywhere(slots);
    for slots in by_sheet(slots).values() {
        // A sheet on which nothing is filled in lacks its months, not each measure once more.
        if slots.iter().any(|slot| !slot.is_blank()) {
            noted.extend(blank_measures(context, slots));
        }
        noted.extend(blank_months(context, slots, &blank_everywhere));
    }
    noted
}

/// Periods of which no cell of the return is filled in.
fn blank_everywhere(slots: &[Slot]) -> BTreeSet<Period> {
    let filled: BTreeSet<Period> =
        slots.iter().filter(|slot| !slot.is_blank()).map(|slot| slot.period).collect();
    slots.iter().map(|slot| slot.period).filter(|period| !filled.contains(period)).collect()
}

/// Whether there are enough cells and nothing in any.
fn is_gap(slots: &[&Slot], cells_min: usize) -> bool {
    slots.len() >= cells_min && slots.iter().all(|slot| slot.is_blank())
}

fn blank_months(
    context: &Context<'_>,
    slots: &[&Slot],
    blank_everywhere: &BTreeSet<Period>,
) -> Vec<Noted> {
    let Some(owed) = context.owed else {
        return Vec::new();
    };
    let optional = optional(context);
    let mut months: BTreeMap<Period, Vec<&Slot>> = BTreeMap::new();
    for slot in slots.iter().filter(|slot| owed.contains(slot.period)) {
        if !optional.contains(&(slot.measure(), slot.breakdown())) {
            months.entry(slot.period).or_default().push(slot);
        }
    }
    let blank = months.into_iter().filter(|(period, slots)| {
        is_gap(slots, if blank_everywhere.contains(period) { 1 } else { CELLS_MIN })
    });
    blank
        .map(|(period, slots)| {
            let cells =
                if slots.len() == 1 { "its only cell is blank" } else { "every cell is blank" };
            let message = format!("there are no figures for {}: {cells}", period.calendar());
            gap("part-period", &slots, message).about([Subject::period(period)])
        })
        .collect()
}

fn blank_measures(context: &Context<'_>, slots: &[&Slot]) -> Vec<Noted> {
    let required = required(context);
    let mut measures: BTreeMap<(MeasureId, Breakdown), Vec<&Slot>> = BTreeMap::new();
    for slot in slots {
        measures.entry((slot.measure().clone(), slot.breakdown().clone())).or_default().push(slot);
    }
    let blank = measures
        .into_iter()
        .filter(|(key, slots)| required.contains(key) && is_gap(slots, CELLS_MIN));
    blank
        .map(|((measure, breakdown), slots)| {
            let name = context.measure_name(&measure, &breakdown);
            let message = format!("{} has no figure: every cell is blank", quoted(&name));
            gap("missing-measure", &slots, message)
                .about(slots.iter().map(|slot| Subject::of(slot)))
        })
        .collect()
}

/// A gap stands at its first cell, and names the others.
fn gap(code: &str, slots: &[&Slot], message: String) -> Noted {
    let finding = Finding::new(Severity::Error, code, slots[0].place(), message)
        .with_hint("fill in the figures; write 0 where there were none")
        .with_cells(slots.iter().map(|slot| slot.cell));
    Noted::new(finding)
}

/// What the contract says may be left out.
fn optional<'c>(context: &Context<'c>) -> BTreeSet<(&'c MeasureId, &'c Breakdown)> {
    let labels = context.figures.labels.values();
    labels
        .filter(|label| label.presence == Presence::Optional)
        .map(|label| (&label.measure, &label.breakdown))
        .collect()
}
