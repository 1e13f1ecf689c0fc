//! Figures said twice.

use std::collections::BTreeMap;

use model::{AreaCode, Breakdown, Finding, MeasureId, Period, Severity};

use super::{Noted, Subject};
use crate::understand::gathered::{Slot, quoted};

type Key<'g> = (&'g MeasureId, &'g AreaCode, &'g Breakdown, Period);

/// Every figure that is given a second time.
pub(super) fn check(slots: &[Slot]) -> Vec<Noted> {
    let mut seen: BTreeMap<Key<'_>, &Slot> = BTreeMap::new();
    let mut noted = Vec::new();
    for slot in slots {
        let key = (&slot.measure, &slot.area, &slot.breakdown, slot.period);
        let Some(first) = seen.insert(key, slot) else {
            continue;
        };
        let message = format!(
            "{} for {} is given twice: in {} and in {}",
            quoted(&slot.label),
            slot.period.calendar(),
            first.place,
            slot.place
        );
        let finding = Finding::new(Severity::Error, "duplicate", slot.place.clone(), message)
            .with_hint("keep one of the two");
        noted.push(Noted::new(finding).about([Subject::of(slot)]));
    }
    noted
}
