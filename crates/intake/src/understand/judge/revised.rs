//! Revised history: which figures are not those that were sent before, and by how much.

use std::collections::BTreeMap;

use super::history::{History, written};
use super::{Noted, Subject};
use crate::understand::context::Context;
use crate::understand::slot::Slot;
use model::{Finding, Month, Period, Severity, Unit};

/// How many changes a finding spells out.
const LISTED_MAX: usize = 3;

/// A figure that is not what it was.
struct Change<'g> {
    slot: &'g Slot,
    unit: Unit,
    was: i64,
    /// None: the figure was withdrawn, with a mark that says why.
    is: Option<i64>,
}

impl Change<'_> {
    fn size(&self) -> i64 {
        self.is.map_or(i64::MAX, |is| (is - self.was).abs())
    }
}

/// One finding for each sheet: how many figures changed, of which months, and the largest changes.
///
/// A figure that was not there before is no change, nor is a cell left blank: that is a finding of
/// its own. Withdrawing a figure (a mark in place of a number) is.
pub(super) fn check(context: &Context<'_>, history: &History<'_, '_>) -> Vec<Noted> {
    let mut sheets: BTreeMap<&str, Vec<Change<'_>>> = BTreeMap::new();
    for past in &history.pasts {
        let Some(held) = past.held else {
            continue;
        };
        for slot in past.line.slots.iter().filter(|slot| !slot.is_blank() && slot.is_read()) {
            let Some(was) = held.get(&slot.period).copied() else {
                continue;
            };
            let is = slot.number();
            if is != Some(was) {
                let change = Change { slot, unit: past.unit, was, is };
                sheets.entry(slot.sheet()).or_default().push(change);
            }
        }
    }
    sheets.into_values().map(|changes| said(context, changes)).collect()
}

fn said(context: &Context<'_>, mut changes: Vec<Change<'_>>) -> Noted {
    changes.sort_by(|left, right| {
        (right.size(), left.slot.position()).cmp(&(left.size(), right.slot.position()))
    });
    let count = changes.len();
    let listed: Vec<String> = changes
        .iter()
        .take(LISTED_MAX)
        .map(|change| {
            let Change { slot, unit, was, is } = change;
            let is = is.map_or_else(|| "not available".to_owned(), |is| written(*unit, is));
            format!(
                "{} for {} in {} from {} to {is}",
                context.measure_name(slot.measure(), slot.breakdown()),
                context.area_name(slot.area()),
                slot.period.calendar(),
                written(*unit, *was)
            )
        })
        .collect();
    let months: Vec<Month> = {
        let mut months: Vec<Month> =
            changes.iter().flat_map(|change| change.slot.period.months()).collect();
        months.sort_unstable();
        months.dedup();
        months
    };
    let span = match (months.first(), months.last()) {
        (Some(first), Some(last)) => Period::new(*first, *last).map(Period::calendar),
        _ => None,
    };
    let figures = if count == 1 { "one figure" } else { "figures" };
    let head = if count == 1 {
        format!("{figures} that was sent before has changed")
    } else {
        format!("{count} {figures} that were sent before have changed")
    };
    let largest = if count > LISTED_MAX { "; the largest changes: " } else { ": " };
    let message = format!("{head}, for {}{largest}{}", span.unwrap_or_default(), listed.join("; "));
    let first = changes.iter().map(|change| change.slot).min_by_key(|slot| slot.position());
    let place = first.map_or_else(model::Place::file, Slot::place);
    let cells = changes.iter().map(|change| change.slot.cell);
    let finding = Finding::new(Severity::Warning, "history-revised", place, message)
        .with_hint("check that the changes are meant; the new figures are the ones kept")
        .with_cells(cells);
    Noted::new(finding).about(changes.iter().map(|change| Subject::of(change.slot)))
}
