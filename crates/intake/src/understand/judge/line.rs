//! Figures by series, in order of time.

use std::collections::BTreeSet;
use std::ops::Range;

use hashbrown::HashSet;
use model::{AreaCode, MeasureId, Period, SeriesKey};

use crate::understand::gathered::Gathered;
use crate::understand::slot::Slot;

/// All slots in order of measure, area, breakdown and period; those of one key as they were read.
///
/// There may be a million: what can be seen while they are gone through as they lie in memory is
/// noted then, since going from one series to the next is going far.
pub(super) struct Sorted<'g> {
    slots: Vec<&'g Slot>,
    series: Vec<Stretch<'g>>,
    periods: HashSet<Period>,
}

/// Where the slots of a series are.
struct Stretch<'g> {
    key: &'g SeriesKey,
    slots: Range<usize>,
    may_repeat: bool,
}

/// What is noted of a series beforehand.
#[derive(Clone, Copy, Default)]
struct Noticed {
    count: usize,
    latest: Option<Period>,
    /// Whether one did not come after the other.
    is_out_of_order: bool,
}

pub(super) fn sorted(gathered: &Gathered) -> Sorted<'_> {
    let series = gathered.series.all();
    // Counted, not compared.
    let mut noticed = vec![Noticed::default(); series.len()];
    for slot in &gathered.slots {
        let noticed = &mut noticed[slot.series_number()];
        noticed.count += 1;
        let latest = noticed.latest.replace(slot.period);
        noticed.is_out_of_order |= latest.is_some_and(|latest| slot.period <= latest);
    }
    let mut order: Vec<usize> = (0..series.len()).filter(|at| noticed[*at].count > 0).collect();
    order.sort_unstable_by(|left, right| series[*left].key.cmp(&series[*right].key));
    let mut next = vec![0_usize; series.len()];
    let mut stretches = Vec::with_capacity(order.len());
    let mut first = 0;
    for number in order {
        let Noticed { count, is_out_of_order, .. } = noticed[number];
        next[number] = first;
        let (slots, key) = (first..first + count, &series[number].key);
        stretches.push(Stretch { key, slots, may_repeat: is_out_of_order });
        first += count;
    }
    let mut slots: Vec<&Slot> = Vec::new();
    if let Some(any) = gathered.slots.first() {
        slots.resize(gathered.slots.len(), any);
    }
    for slot in &gathered.slots {
        let place = &mut next[slot.series_number()];
        slots[*place] = slot;
        *place += 1;
    }
    for stretch in stretches.iter().filter(|stretch| stretch.may_repeat) {
        slots[stretch.slots.clone()].sort_by_key(|slot| slot.period);
    }
    Sorted { slots, series: stretches, periods: periods(&gathered.slots) }
}

/// Every period there is a figure for.
pub(super) fn periods(slots: &[Slot]) -> HashSet<Period> {
    let mut all = HashSet::new();
    // Figures beside each other are about the same few periods.
    let mut latest: [Option<Period>; 16] = [None; 16];
    for Slot { period, .. } in slots {
        let place = usize::try_from(period.last().index()).unwrap_or(0) % latest.len();
        if latest[place].replace(*period) != Some(*period) {
            all.insert(*period);
        }
    }
    all
}

/// One series of the return.
pub(super) struct Line<'g> {
    pub(super) series: &'g SeriesKey,
    /// Its figures by period; one that is given twice stands twice.
    pub(super) slots: &'g [&'g Slot],
    /// Whether one may be given twice; not if each comes after the other in the return too.
    pub(super) may_repeat: bool,
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

/// Every series of the return, in order of measure, area and breakdown.
pub(super) struct Lines<'g>(pub(super) Vec<Line<'g>>, &'g HashSet<Period>);

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
    pub(super) fn of(sorted: &'g Sorted<'g>) -> Self {
        let lines = sorted.series.iter().map(|Stretch { key, slots, may_repeat }| Line {
            series: key,
            slots: &sorted.slots[slots.clone()],
            may_repeat: *may_repeat,
        });
        Self(lines.collect(), &sorted.periods)
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
