//! What a return is judged against besides its contract: the occasion, and what was sent before.

use std::collections::BTreeMap;

use jiff::civil::Date;
use model::{Period, SeriesKey};

/// Why a workbook is looked at, and what is known beforehand.
#[derive(Clone, Copy, Debug)]
pub struct Occasion<'a> {
    /// The period asked for.
    pub expected: Period,
    /// The file's name as the partner wrote it. It decides nothing; that it contradicts the
    /// content is said.
    pub file: &'a str,
    /// The day of judging: known exceptions run out.
    pub today: Date,
    /// What the lake holds.
    pub previous: &'a PreviousValues,
}

/// What the lake holds already, as exact values in the measure's smallest unit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PreviousValues(BTreeMap<SeriesKey, BTreeMap<Period, i64>>);

impl PreviousValues {
    /// Nothing was sent before.
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether nothing was sent before.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Adds one figure; the later of two has the last word.
    pub fn insert(&mut self, (series, period): (SeriesKey, Period), value: i64) {
        self.0.entry(series).or_default().insert(period, value);
    }

    /// What was sent of a series, by period.
    pub fn of(&self, series: &SeriesKey) -> Option<&BTreeMap<Period, i64>> {
        self.0.get(series)
    }
}

impl FromIterator<((SeriesKey, Period), i64)> for PreviousValues {
    fn from_iter<T: IntoIterator<Item = ((SeriesKey, Period), i64)>>(values: T) -> Self {
        let mut previous = Self::new();
        for (key, value) in values {
            previous.insert(key, value);
        }
        previous
    }
}
