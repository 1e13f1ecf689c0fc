//! Every area, every measure and every month that must be there.

use std::collections::BTreeSet;

use model::{AreaCode, Breakdown, Finding, MeasureId, Month, Period, Place, SeriesKey, Severity};

use super::line::{Line, Lines};
use super::{Noted, Subject};
use crate::contract::{AreaFrom, MeasureFrom, Presence, ValueFrom};
use crate::understand::context::Context;
use crate::understand::gathered::Gathered;
use crate::understand::slot::Slot;

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
pub(super) fn check(context: &Context<'_>, gathered: &Gathered, lines: &Lines<'_>) -> Vec<Noted> {
    let mut noted = Vec::new();
    let runs = lines.0.chunk_by(|left, right| left.series.area == right.series.area);
    let seen: BTreeSet<AreaCode> = runs.map(|run| run[0].series.area.clone()).collect();
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
            let finding = Finding::new(Severity::Error, "missing-area", Place::file(), message)
                .with_hint("add the area; write 0 where there were none");
            noted.push(Noted::new(finding).about([Subject::area(&area)]));
        }
    }
    noted.extend(missing_measures(context, gathered, &seen, lines));
    noted.extend(missing_months(context, gathered, lines));
    noted
}

fn missing_measures(
    context: &Context<'_>,
    gathered: &Gathered,
    areas: &BTreeSet<AreaCode>,
    lines: &Lines<'_>,
) -> Vec<Noted> {
    let mut noted = Vec::new();
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
                lines.find(&series).is_none()
            })
            .collect();
        if lacking.len() == areas.len() && gathered.puzzling.is_empty() && !areas.is_empty() {
            let place =
                gathered.slots.first().map_or_else(Place::file, |slot| Place::sheet(slot.sheet()));
            let message = format!("{name} is not in the return");
            let finding =
                Finding::new(Severity::Error, "missing-measure", place, message).with_hint(hint);
            noted.push(Noted::new(finding).about([Subject::measure(&measure, &breakdown)]));
            continue;
        }
        for area in lacking {
            let sheet = gathered
                .slots
                .iter()
                .find(|slot| slot.area() == area)
                .map(|slot| slot.sheet().to_owned())
                .unwrap_or_default();
            // A label that was not understood on the sheet may be the missing one.
            if gathered.puzzling.contains(&sheet) {
                continue;
            }
            let message = format!("{name} is missing for {}", context.area_name(area));
            let place = Place::sheet(sheet);
            let finding =
                Finding::new(Severity::Error, "missing-measure", place, message).with_hint(hint);
            let mut subject = Subject::measure(&measure, &breakdown);
            subject.area = Some(area.clone());
            noted.push(Noted::new(finding).about([subject]));
        }
    }
    noted
}

/// Whether figures are counted from records: a month without one is a month without an incident.
pub(super) fn counts_rows(context: &Context<'_>) -> bool {
    let tables = &context.figures.tables;
    tables.iter().any(|table| table.value == ValueFrom::Rows)
}

/// Months of the expected period that other series have and one lacks.
fn missing_months(context: &Context<'_>, gathered: &Gathered, lines: &Lines<'_>) -> Vec<Noted> {
    if counts_rows(context) {
        return Vec::new();
    }
    let has = |slot: &Slot, month: Month| slot.period.contains(Period::month(month));
    let is_anywhere = |month: &Month| gathered.slots.iter().any(|slot| has(slot, *month));
    let anywhere: Vec<Month> = context.expected.months().filter(is_anywhere).collect();
    let mut noted = Vec::new();
    for Line { series, slots, .. } in &lines.0 {
        let lacking = anywhere.iter().filter(|month| !slots.iter().any(|slot| has(slot, **month)));
        for month in lacking {
            let message = format!(
                "{} for {} has no figure for {}",
                context.measure_name(&series.measure, &series.breakdown),
                context.area_name(&series.area),
                Period::month(*month).calendar()
            );
            let place = slots.first().map_or_else(Place::file, |slot| slot.place());
            let finding = Finding::new(Severity::Error, "missing-month", place, message)
                .with_hint("add the month; write 0 if there were none");
            let subject = Subject {
                area: Some(series.area.clone()),
                period: Some(Period::month(*month)),
                ..Subject::measure(&series.measure, &series.breakdown)
            };
            noted.push(Noted::new(finding).about([subject]));
        }
    }
    noted
}

/// Fixed areas of the contract that the partnership does not know.
pub(super) fn fixed_areas(context: &Context<'_>) -> Vec<Noted> {
    let fixed = context.figures.tables.iter().filter_map(|table| match &table.area {
        AreaFrom::Fixed(code) => Some(code),
        _ => None,
    });
    fixed
        .filter(|code| context.vocabulary.partnership.area(code).is_none())
        .map(|code| {
            let message =
                format!("the return is for {code}, which is not an area of the partnership");
            let finding = Finding::new(Severity::Error, "unknown-area", Place::file(), message)
                .with_hint("correct the area in the return's contract");
            Noted::new(finding)
        })
        .collect()
}
