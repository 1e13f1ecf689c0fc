//! Many observations, kept small: a return may bring millions, most of whose texts are the same few.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use crate::{CellAddress, Figure, Marks, Observation, Period, Place, SeriesKey};

/// Observations in their order.
#[derive(Clone, Default)]
pub struct Observations {
    keys: Vec<ObservationKey>,
    periods: Vec<Period>,
    rows: Vec<Row>,
    /// Texts of cells that are not just the number, and what was repaired, by row.
    unusual: Vec<(u32, Unusual)>,
    texts: Vec<Box<str>>,
}

/// What the observations of one series on one sheet have in common.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ObservationKey {
    /// Sheet name as written in the workbook.
    pub sheet: Arc<str>,
    /// Measure, area and breakdown.
    pub series: SeriesKey,
}

/// Row, column and number of the period in one: 20, 14 and 30 bits.
const COLUMN_BITS: u32 = 14;
const PERIOD_BITS: u32 = 30;

#[derive(Clone, Copy)]
struct Row {
    value: i64,
    at: u64,
    key: u32,
    marks: Marks,
    has_value: bool,
    has_cell: bool,
    is_unusual: bool,
}

#[derive(Clone, Copy)]
struct Unusual {
    raw: u32,
    repair: Option<u32>,
}

/// One observation of many.
#[derive(Clone, Copy)]
pub struct ObservationView<'a> {
    all: &'a Observations,
    row: Row,
    unusual: Option<Unusual>,
}

impl<'a> ObservationView<'a> {
    /// Sheet, measure, area and breakdown.
    pub fn key(&self) -> &'a ObservationKey {
        &self.all.keys[self.key_number()]
    }

    /// The number of its key, from 0 and in the order of [`Observations::keys`].
    pub fn key_number(&self) -> usize {
        wide(self.row.key)
    }

    /// The reference period.
    pub fn period(&self) -> Period {
        self.all.periods[self.period_number()]
    }

    /// The number of its period, from 0 and in the order of [`Observations::periods`].
    pub fn period_number(&self) -> usize {
        low(self.row.at, PERIOD_BITS)
    }

    /// How many, or why not known.
    pub fn figure(&self) -> Figure {
        Figure { value: self.row.has_value.then_some(self.row.value), marks: self.row.marks }
    }

    /// The cell, if it has one.
    pub fn cell(&self) -> Option<CellAddress> {
        self.row.has_cell.then(|| {
            let place = self.row.at >> PERIOD_BITS;
            let row = u32::try_from(place >> COLUMN_BITS).expect("20 bits");
            CellAddress::new(row, narrow(low(place, COLUMN_BITS)))
        })
    }

    /// The cell's text as it stood, where that is not just the number as it is, or nothing for
    /// nothing.
    pub fn written(&self) -> Option<&'a str> {
        self.unusual.map(|unusual| &*self.all.texts[wide(unusual.raw)])
    }

    /// The cell's text as it stood.
    pub fn raw(&self) -> Cow<'a, str> {
        match (self.written(), self.row.has_value) {
            (Some(written), _) => Cow::Borrowed(written),
            (None, true) => Cow::Owned(self.row.value.to_string()),
            (None, false) => Cow::Borrowed(""),
        }
    }

    /// What was repaired to read it, if anything.
    pub fn repair(&self) -> Option<&'a str> {
        let repair = self.unusual.and_then(|unusual| unusual.repair);
        repair.map(|repair| &*self.all.texts[wide(repair)])
    }

    /// The same, standing alone.
    pub fn to_observation(&self) -> Observation {
        let ObservationKey { sheet, series } = self.key();
        let SeriesKey { measure, area, breakdown } = series.clone();
        Observation {
            measure,
            area,
            period: self.period(),
            breakdown,
            figure: self.figure(),
            place: Place { sheet: sheet.to_string(), cell: self.cell() },
            raw: self.raw().into_owned(),
            repair: self.repair().map(str::to_owned),
        }
    }
}

impl Observations {
    /// How many.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// What they are about, each thing once.
    pub fn keys(&self) -> &[ObservationKey] {
        &self.keys
    }

    /// The periods they are about, each once, in no particular order.
    pub fn periods(&self) -> &[Period] {
        &self.periods
    }

    /// The numbers there are, in order.
    pub fn values(&self) -> impl Iterator<Item = i64> {
        self.rows.iter().filter(|row| row.has_value).map(|row| row.value)
    }

    /// All of them, in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = ObservationView<'_>> {
        self.range(0..self.rows.len())
    }

    /// All of them, each standing alone.
    pub fn to_vec(&self) -> Vec<Observation> {
        self.iter().map(|one| one.to_observation()).collect()
    }

    /// Some of them, in order.
    ///
    /// # Panics
    ///
    /// If there are not so many.
    pub fn range(
        &self,
        range: std::ops::Range<usize>,
    ) -> impl ExactSizeIterator<Item = ObservationView<'_>> {
        let first = narrow(range.start);
        let mut next = self.unusual.partition_point(|(row, _)| *row < first);
        self.rows[range].iter().map(move |row| {
            let unusual = row.is_unusual.then(|| {
                next += 1;
                self.unusual[next - 1].1
            });
            ObservationView { all: self, row: *row, unusual }
        })
    }
}

impl PartialEq for Observations {
    fn eq(&self, other: &Self) -> bool {
        let same = |(left, right): (ObservationView<'_>, ObservationView<'_>)| {
            left.to_observation() == right.to_observation()
        };
        self.len() == other.len() && self.iter().zip(other.iter()).all(same)
    }
}

impl Eq for Observations {}

impl fmt::Debug for Observations {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_list().entries(self.to_vec()).finish()
    }
}

impl FromIterator<Observation> for Observations {
    fn from_iter<I: IntoIterator<Item = Observation>>(observations: I) -> Self {
        let mut builder = ObservationsBuilder::default();
        let mut keys: HashMap<ObservationKey, u32> = HashMap::new();
        for observation in observations {
            let Observation { measure, area, period, breakdown, figure, place, raw, repair } =
                observation;
            let series = SeriesKey { measure, area, breakdown };
            let key = ObservationKey { sheet: place.sheet.into(), series };
            let key = *keys.entry(key).or_insert_with_key(|key| builder.key(key.clone()));
            let is_plain = figure.value.map_or_else(String::new, |value| value.to_string()) == raw;
            let written = (!is_plain || repair.is_some()).then_some((raw, repair));
            let written = written.as_ref().map(|(raw, repair)| (raw.as_str(), repair.as_deref()));
            builder.push(key, period, &figure, place.cell, written);
        }
        builder.finish()
    }
}

/// Observations while they come, one after the other.
#[derive(Default)]
pub struct ObservationsBuilder {
    made: Observations,
    periods: HashMap<Period, u32>,
    texts: HashMap<Box<str>, u32>,
}

impl ObservationsBuilder {
    /// Room for so many.
    pub fn with_capacity(observations: usize) -> Self {
        let mut builder = Self::default();
        builder.made.rows.reserve_exact(observations);
        builder
    }

    /// A number for what observations are about. Who asks keeps it: asked twice, there are two.
    pub fn key(&mut self, key: ObservationKey) -> u32 {
        self.made.keys.push(key);
        narrow(self.made.keys.len() - 1)
    }

    /// Adds one. `written` is the cell's text and what was repaired, where that is not just the
    /// number as it is, or nothing for nothing.
    ///
    /// # Panics
    ///
    /// If the cell is beyond the last a sheet has.
    pub fn push(
        &mut self,
        key: u32,
        period: Period,
        figure: &Figure,
        cell: Option<CellAddress>,
        written: Option<(&str, Option<&str>)>,
    ) {
        let period = self.period(period);
        let place = cell.map_or(0, |CellAddress { row, column }| {
            assert!(row < 1 << 20 && column < 1 << COLUMN_BITS, "a cell of a sheet");
            u64::from(row) << COLUMN_BITS | u64::from(column)
        });
        if let Some((raw, repair)) = written {
            let unusual = Unusual { raw: self.text(raw), repair: repair.map(|it| self.text(it)) };
            self.made.unusual.push((narrow(self.made.rows.len()), unusual));
        }
        self.made.rows.push(Row {
            value: figure.value.unwrap_or(0),
            at: place << PERIOD_BITS | u64::from(period),
            key,
            marks: figure.marks,
            has_value: figure.value.is_some(),
            has_cell: cell.is_some(),
            is_unusual: written.is_some(),
        });
    }

    /// All that came.
    pub fn finish(mut self) -> Observations {
        self.made.rows.shrink_to_fit();
        self.made
    }

    fn period(&mut self, period: Period) -> u32 {
        *self.periods.entry(period).or_insert_with(|| {
            self.made.periods.push(period);
            let number = narrow(self.made.periods.len() - 1);
            assert!(number < 1 << PERIOD_BITS, "fewer periods than cells");
            number
        })
    }

    fn text(&mut self, text: &str) -> u32 {
        if let Some(known) = self.texts.get(text) {
            return *known;
        }
        let number = narrow(self.made.texts.len());
        self.made.texts.push(text.into());
        self.texts.insert(text.into(), number);
        number
    }
}

fn narrow(number: usize) -> u32 {
    u32::try_from(number).expect("fewer observations than 32 bits can count")
}

fn wide(number: u32) -> usize {
    usize::try_from(number).expect("32 bits at least")
}

fn low(bits: u64, count: u32) -> usize {
    usize::try_from(bits & ((1 << count) - 1)).expect("at most 30 bits")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Breakdown, Mark};

    fn observation(
        (value, marks, raw): (Option<i64>, &[Mark], &str),
        row: Option<u32>,
        repair: Option<&str>,
        part: &str,
    ) -> Observation {
        Observation {
            measure: "asb".into(),
            area: "E07000111".into(),
            period: if part.is_empty() { "2025-06" } else { "2025-26Q1" }.parse().expect("one"),
            breakdown: if part.is_empty() {
                Breakdown::all()
            } else {
                Breakdown::all().with("risk", part)
            },
            figure: Figure { value, marks: marks.iter().copied().collect() },
            place: Place {
                sheet: format!("Q{}", part.len()),
                cell: row.map(|row| CellAddress::new(row, 16_383)),
            },
            raw: raw.to_owned(),
            repair: repair.map(str::to_owned),
        }
    }

    proptest::proptest! {
        #[test]
        fn what_is_kept_comes_back(
            kept in proptest::collection::vec((proptest::option::of(proptest::prelude::any::<i64>()), 0..4_usize, proptest::option::of(0..1_048_576_u32), 0..3_usize, 0..3_usize), 0..40),
        ) {
            let marks = [&[][..], &[Mark::P], &[Mark::B, Mark::Z], &[Mark::C]];
            let given: Vec<Observation> = kept
                .into_iter()
                .map(|(value, mark, row, text, part)| {
                    let plain = value.map_or_else(String::new, |value| value.to_string());
                    let raw = [plain.as_str(), "", " 7 "][text];
                    let repair = [None, Some("blanks removed"), None][(text + part) % 3];
                    observation((value, marks[mark], raw), row, repair, ["", "high", "low"][part])
                })
                .collect();
            let made: Observations = given.iter().cloned().collect();
            let back = made.to_vec();
            proptest::prop_assert_eq!(&back, &given);
            let half = given.len() / 2;
            let rest: Vec<Observation> =
                made.range(half..given.len()).map(|one| one.to_observation()).collect();
            proptest::prop_assert_eq!(&rest[..], &given[half..]);
            proptest::prop_assert!(made == given.into_iter().collect());
        }
    }
}
