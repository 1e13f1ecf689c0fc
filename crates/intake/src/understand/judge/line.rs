//! Figures by series, in order of time.

use std::collections::BTreeSet;

use hashbrown::HashSet;
use model::{AreaCode, MeasureId, Period, SeriesKey};

use crate::understand::gathered::Gathered;
use crate::understand::slot::Slot;

/// All slots in order of measure, area, breakdown and period; those of one key as they were read.
pub(super) fn sorted(gathered: &Gathered) -> Vec<&Slot> {
    let series = gathered.series.all();
    let mut order: Vec<usize> = (0..series.len()).collect();
    order.sort_unstable_by(|left, right| series[*left].key.cmp(&series[*right].key));
    // Where the slots of each series begin: counted, not compared.
    let mut counts = vec![0_usize; series.len()];
    for slot in &gathered.slots {
        counts[slot.series_number()] += 1;
    }
    let mut next = vec![0_usize; series.len()];
    let mut first = 0;
    for number in order {
        next[number] = first;
        first += counts[number];
    }
    let Some(any) = gathered.slots.first() else {
        return Vec::new();
    };
    let mut sorted = vec![any; gathered.slots.len()];
    for slot in &gathered.slots {
        let place = &mut next[slot.series_number()];
        sorted[*place] = slot;
        *place += 1;
    }
    for line in sorted.chunk_by_mut(|left, right| same_series(left, right)) {
        line.sort_by_key(|slot| slot.period);
    }
    sorted
}

fn same_series(left: &Slot, right: &Slot) -> bool {
    left.series_number() == right.series_number()
}

/// One series of the return.
pub(super) struct Line<'g> {
    pub(super) series: &'g SeriesKey,
    /// Its figures by period; one that is given twice stands twice.
    pub(super) slots: &'g [&'g Slot],
}

impl Line<'_> {
    /// The number for a period, if there is exactly one figure and it has one.
    pub(super) fn number(&self, period: Period) -> Option<i64> {
        let first = self.slots.partition_point(|slot| slot.period < period);
        match &self.slots[first..] {
            [slot, rest @ ..] if slot.period == period => {
                let twice = rest.first().is_some_and(|next| next.period == period);
                slot.number().filter(|_| !twice)
            }
            _ => None,
        }
    }
}

/// Every period there is a figure for.
fn periods(slots: &[&Slot]) -> HashSet<Period> {
    const LATEST: usize = 16;
    let mut all = HashSet::new();
    // One series after the other is about the same few periods.
    let mut latest: [Option<Period>; LATEST] = [None; LATEST];
    for slot in slots {
        let place = usize::try_from(slot.period.last().index()).unwrap_or(0) % LATEST;
        let known = &mut latest[place];
        if known.replace(slot.period) != Some(slot.period) {
            all.insert(slot.period);
        }
    }
    all
}

/// Every series of the return, in order of measure, area and breakdown.
pub(super) struct Lines<'g>(pub(super) Vec<Line<'g>>, HashSet<Period>);

impl Lines<'_> {
    /// The series that may be added up without counting anything twice: the whole of a measure
    /// where it is there, else its parts.
    pub(super) fn summable(&self) -> impl Iterator<Item = &Line<'_>> {
        let wholes: BTreeSet<(&MeasureId, &AreaCode)> = self
            .0
            .iter()
            .filter(|line| line.series.breakdown.is_all())
            .map(|line| (&line.series.measure, &line.series.area))
            .collect();
        self.0.iter().filter(move |line| {
            line.series.breakdown.is_all()
                || !wholes.contains(&(&line.series.measure, &line.series.area))
        })
    }
}

impl<'g> Lines<'g> {
    /// The series of slots that are sorted.
    pub(super) fn of(sorted: &'g [&'g Slot]) -> Self {
        let lines = sorted.chunk_by(|left, right| same_series(left, right));
        let lines = lines.map(|slots| Line { series: slots[0].key(), slots });
        Self(lines.collect(), periods(sorted))
    }

    /// Every period there is a figure for.
    pub(super) fn periods(&self) -> &HashSet<Period> {
        &self.1
    }

    /// Whether any series has a figure for each of these periods.
    pub(super) fn has_all(&self, periods: &[Period]) -> bool {
        periods.iter().all(|period| self.1.contains(period))
    }

    /// The series of that key, if there is one.
    pub(super) fn find(&self, key: &SeriesKey) -> Option<&Line<'g>> {
        let at = self.0.binary_search_by(|line| line.series.cmp(key)).ok()?;
        Some(&self.0[at])
    }
}
