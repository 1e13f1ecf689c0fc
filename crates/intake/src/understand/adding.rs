//! Figures that are parts of one: offence codes of a group, pages of a table.

use std::collections::BTreeMap;

use hashbrown::HashMap;
use model::{Figure, Finding, Period, Severity};

use super::gathered::Gathered;
use super::slot::{ReadFigure, Slot};

/// Adds up the figures of the same key among those read since the slot `from`. A sum of which a
/// part is not known is not known.
pub(super) fn add_up(from: usize, gathered: &mut Gathered) {
    let read = gathered.slots.split_off(from);
    let mut keys: HashMap<(usize, Period), usize> = HashMap::new();
    let mut sums: Vec<Vec<Slot>> = Vec::new();
    for slot in read {
        let at = *keys.entry((slot.series_number(), slot.period)).or_insert(sums.len());
        match sums.get_mut(at) {
            Some(parts) => parts.push(slot),
            None => sums.push(vec![slot]),
        }
    }
    let mut added: BTreeMap<String, Vec<model::CellAddress>> = BTreeMap::new();
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for parts in sums {
        if parts.len() > 1 {
            *counts.entry(parts[0].sheet().to_owned()).or_default() += 1;
            for part in &parts {
                added.entry(part.sheet().to_owned()).or_default().push(part.cell);
            }
        }
        gathered.slots.extend(sum(parts));
    }
    for (sheet, cells) in added {
        let sums = counts.get(&sheet).copied().unwrap_or_default();
        let Some(first) = cells.first().copied() else {
            continue;
        };
        let message = format!(
            "figures in {} cells were added up into {sums}, as agreed for this return, first in {first}",
            cells.len()
        );
        let place = model::Place::cell(&sheet, first);
        let finding = Finding::new(Severity::Repair, "added-up", place, message);
        gathered.findings.push(finding.with_cells(cells));
    }
}

/// One slot of several parts, at the first of them.
fn sum(parts: Vec<Slot>) -> Option<Slot> {
    /// How many parts a sum lists.
    const LISTED_MAX: usize = 12;
    let count = parts.len();
    let mut parts = parts.into_iter();
    let mut whole = parts.next()?;
    if count == 1 {
        return Some(whole);
    }
    let mut raw: Vec<String> = Vec::new();
    let mut sum: Option<Figure> = whole.figure();
    let mut blank = whole.is_blank();
    raw.extend(sum.is_some().then(|| whole.raw().into_owned()));
    for part in parts {
        // A part that could not be read has its finding.
        let both = sum.zip(part.figure());
        raw.extend(both.is_some().then(|| part.raw().into_owned()));
        blank &= part.is_blank();
        sum = both.map(|(so_far, figure)| plus(&so_far, &figure));
    }
    let more = if raw.len() > LISTED_MAX { " + …" } else { "" };
    raw.truncate(LISTED_MAX);
    whole.set(sum.map(|figure| ReadFigure {
        figure,
        raw: Some(format!("{}{more}", raw.join(" + "))),
        repair: Some(format!("sum of {count} cells")),
        blank,
    }));
    Some(whole)
}

/// The sum of two figures, with the marks of both.
fn plus(left: &Figure, right: &Figure) -> Figure {
    let (left_marks, right_marks) = (left.marks, right.marks);
    match left.value.zip(right.value).and_then(|(left, right)| left.checked_add(right)) {
        Some(value) => {
            let mut marks = left_marks;
            for mark in right_marks.iter() {
                marks.insert(mark);
            }
            Figure { value: Some(value), marks }
        }
        None if left.value.is_none() => Figure { value: None, marks: left_marks },
        None => Figure { value: None, marks: right_marks },
    }
}
