//! Figures by series, in order of time.

use std::collections::BTreeSet;

use model::{AreaCode, MeasureId, Period, SeriesKey};

use crate::understand::gathered::Slot;

/// One series of the return.
pub(super) struct Line<'g> {
    pub(super) series: SeriesKey,
    /// Its figures by period; one that is given twice stands twice.
    pub(super) slots: Vec<&'g Slot>,
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
pub(super) struct Lines<'g>(pub(super) Vec<Line<'g>>);

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
    pub(super) fn of(slots: &'g [Slot]) -> Self {
        let mut sorted: Vec<&Slot> = slots.iter().collect();
        sorted.sort_by(|left, right| {
            (&left.measure, &left.area, &left.breakdown, left.period).cmp(&(
                &right.measure,
                &right.area,
                &right.breakdown,
                right.period,
            ))
        });
        Self(
            sorted
                .chunk_by(|left, right| {
                    left.measure == right.measure
                        && left.area == right.area
                        && left.breakdown == right.breakdown
                })
                .map(|slots| Line { series: slots[0].series(), slots: slots.to_vec() })
                .collect(),
        )
    }
}
