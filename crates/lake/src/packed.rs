//! Figures kept small until they are written: a submission may bring millions, most of whose texts
//! are the same few.

use std::collections::{BTreeMap, HashMap};

use model::{Breakdown, Observation, Period};

/// No text at all, as against an empty one.
const NO_TEXT: u32 = u32::MAX;

/// The figures of one submission, in their order.
#[derive(Clone, Debug, Default)]
pub struct Packed {
    texts: Vec<Box<str>>,
    periods: Vec<Period>,
    pub(crate) rows: Vec<PackedRow>,
    /// What would read back differently: what it is, and its text.
    pub(crate) odd: Option<(&'static str, String)>,
}

/// One figure; texts and periods by number.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PackedRow {
    pub(crate) value: Option<i64>,
    pub(crate) sheet: u32,
    /// Row and column from 0; none for a figure without a cell.
    pub(crate) cell: Option<(u32, u16)>,
    pub(crate) measure: u32,
    pub(crate) area: u32,
    pub(crate) period: u32,
    pub(crate) breakdown: u32,
    pub(crate) marks: u32,
    pub(crate) raw: u32,
    pub(crate) repair: u32,
}

impl Packed {
    /// Packs figures.
    pub fn of(observations: impl IntoIterator<Item = Observation>) -> Self {
        let observations = observations.into_iter();
        let mut packer = Packer::default();
        packer.packed.rows.reserve(observations.size_hint().0);
        for observation in observations {
            packer.add(observation);
        }
        packer.packed.rows.shrink_to_fit();
        packer.packed
    }

    /// How many figures.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    pub(crate) fn text(&self, id: u32) -> &str {
        self.text_if_any(id).unwrap_or_default()
    }

    pub(crate) fn text_if_any(&self, id: u32) -> Option<&str> {
        let index = usize::try_from(id).ok().filter(|_| id != NO_TEXT)?;
        self.texts.get(index).map(AsRef::as_ref)
    }

    /// Every period there is a figure for, in no particular order.
    pub(crate) fn periods(&self) -> &[Period] {
        &self.periods
    }
}

/// Figures while they are packed.
#[derive(Default)]
struct Packer {
    packed: Packed,
    texts: HashMap<Box<str>, u32>,
    periods: BTreeMap<Period, u32>,
    breakdowns: HashMap<Breakdown, u32>,
    last: Last,
}

/// What the figure before had: figures of one row of a table have much in common.
#[derive(Default)]
struct Last {
    sheet: (String, u32),
    measure: (String, u32),
    area: (String, u32),
}

impl Packer {
    fn add(&mut self, observation: Observation) {
        let Observation { measure, area, period, breakdown, figure, place, raw, repair } =
            observation;
        let mut last = std::mem::take(&mut self.last);
        let row = PackedRow {
            value: figure.value,
            sheet: self.like_last(&mut last.sheet, &place.sheet),
            cell: place.cell.map(|cell| {
                (cell.row, u16::try_from(cell.column).expect("a sheet has 16,384 columns"))
            }),
            measure: self.like_last(&mut last.measure, measure.as_str()),
            area: self.like_last(&mut last.area, area.as_str()),
            period: self.period(period),
            breakdown: self.breakdown(breakdown),
            marks: if figure.marks.is_empty() {
                self.text("")
            } else {
                self.text(&figure.marks.letters())
            },
            raw: self.text(&raw),
            repair: repair.map_or(NO_TEXT, |repair| self.text(&repair)),
        };
        self.last = last;
        self.packed.rows.push(row);
    }

    fn like_last(&mut self, last: &mut (String, u32), text: &str) -> u32 {
        if last.0 != text || self.packed.texts.is_empty() {
            last.1 = self.text(text);
            text.clone_into(&mut last.0);
        }
        last.1
    }

    fn text(&mut self, text: &str) -> u32 {
        if let Some(known) = self.texts.get(text) {
            return *known;
        }
        let id = number(self.packed.texts.len());
        self.packed.texts.push(text.into());
        self.texts.insert(text.into(), id);
        id
    }

    fn period(&mut self, period: Period) -> u32 {
        if let Some(known) = self.periods.get(&period) {
            return *known;
        }
        self.note_if_odd("the period", period.to_string(), |text| text.parse() == Ok(period));
        let id = number(self.packed.periods.len());
        self.packed.periods.push(period);
        self.periods.insert(period, id);
        id
    }

    fn breakdown(&mut self, breakdown: Breakdown) -> u32 {
        if let Some(known) = self.breakdowns.get(&breakdown) {
            return *known;
        }
        let text = breakdown.to_string();
        let id = self.text(&text);
        self.note_if_odd("the breakdown", text, |text| text.parse().as_ref() == Ok(&breakdown));
        self.breakdowns.insert(breakdown, id);
        id
    }

    /// A breakdown and a period are kept as text: one that would not come back the same is noted,
    /// and the first such one refused when the figures are to be added.
    fn note_if_odd(&mut self, what: &'static str, text: String, is_same: impl Fn(&str) -> bool) {
        if self.packed.odd.is_none() && !is_same(&text) {
            self.packed.odd = Some((what, text));
        }
    }
}

fn number(index: usize) -> u32 {
    u32::try_from(index).ok().filter(|id| *id != NO_TEXT).expect("fewer texts than cells")
}
