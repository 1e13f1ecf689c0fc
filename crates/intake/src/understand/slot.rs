//! The places of a table where figures belong: there may be a million, so each is kept small, and
//! what it shares with others is shared.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use hashbrown::{Equivalent, HashMap};
use model::{
    AreaCode, Breakdown, CellAddress, Figure, Marks, MeasureId, ObservationKey, Observations,
    ObservationsBuilder, Period, Place, SeriesKey,
};

use super::values::{is_blank, raw, whole};
use crate::workbook::{Cell, Sheet};

/// A series of the return, and its number: from 0, in the order in which they were met.
#[derive(Debug)]
pub(super) struct Series {
    pub(super) key: SeriesKey,
    pub(super) number: u32,
}

/// Every series met, each once.
#[derive(Default)]
pub(super) struct SeriesMet {
    all: Vec<Arc<Series>>,
    by_key: HashMap<Key, u32>,
    /// The same by the numbers of their parts: a series is asked for with every figure, and most
    /// of the time by the very same texts, which are compared by where they are.
    by_parts: HashMap<[u32; 3], u32>,
    measures: Numbered<usize, MeasureId>,
    areas: Numbered<usize, AreaCode>,
    breakdowns: Numbered<Option<usize>, Breakdown>,
}

#[derive(Clone, PartialEq, Eq, Hash)]
struct Key(MeasureId, AreaCode, Breakdown);

/// A key to look for.
#[derive(Hash)]
struct Wanted<'k>(&'k MeasureId, &'k AreaCode, &'k Breakdown);

impl Equivalent<Key> for Wanted<'_> {
    fn equivalent(&self, key: &Key) -> bool {
        *self.0 == key.0 && *self.1 == key.1 && *self.2 == key.2
    }
}

/// Things numbered by where they are. They are kept, so that no address is used again.
struct Numbered<A, T>(HashMap<A, (u32, T)>);

impl<A, T> Default for Numbered<A, T> {
    fn default() -> Self {
        Self(HashMap::new())
    }
}

impl<A: std::hash::Hash + Eq, T: Clone> Numbered<A, T> {
    /// The number of a thing, if not too many are numbered.
    fn of(&mut self, address: A, thing: &T) -> Option<u32> {
        const THINGS_MAX: usize = 1 << 14;
        if let Some((number, _)) = self.0.get(&address) {
            return Some(*number);
        }
        let number = u32::try_from(self.0.len()).ok().filter(|_| self.0.len() < THINGS_MAX)?;
        self.0.insert(address, (number, thing.clone()));
        Some(number)
    }
}

impl SeriesMet {
    /// The series of these figures.
    pub(super) fn of(
        &mut self,
        measure: &MeasureId,
        area: &AreaCode,
        breakdown: &Breakdown,
    ) -> Arc<Series> {
        let parts = self.parts(measure, area, breakdown);
        let known = parts.and_then(|parts| self.by_parts.get(&parts).copied());
        let number = known.unwrap_or_else(|| {
            let number = self.find(measure, area, breakdown);
            self.by_parts.extend(parts.map(|parts| (parts, number)));
            number
        });
        Arc::clone(&self.all[wide(number)])
    }

    fn parts(
        &mut self,
        measure: &MeasureId,
        area: &AreaCode,
        breakdown: &Breakdown,
    ) -> Option<[u32; 3]> {
        Some([
            self.measures.of(measure.address(), measure)?,
            self.areas.of(area.address(), area)?,
            self.breakdowns.of(breakdown.address(), breakdown)?,
        ])
    }

    fn find(&mut self, measure: &MeasureId, area: &AreaCode, breakdown: &Breakdown) -> u32 {
        if let Some(number) = self.by_key.get(&Wanted(measure, area, breakdown)) {
            return *number;
        }
        let number = u32::try_from(self.all.len()).expect("fewer series than cells");
        let key = Key(measure.clone(), area.clone(), breakdown.clone());
        self.by_key.insert(key.clone(), number);
        let Key(measure, area, breakdown) = key;
        self.all.push(Arc::new(Series { key: SeriesKey { measure, area, breakdown }, number }));
        number
    }

    /// Takes in those that were met elsewhere; gives, by the numbers they have there, what they are
    /// here.
    pub(super) fn absorb(&mut self, others: &Self) -> Vec<Arc<Series>> {
        let here = |other: &Arc<Series>| {
            let SeriesKey { measure, area, breakdown } = &other.key;
            let number = self.find(measure, area, breakdown);
            Arc::clone(&self.all[wide(number)])
        };
        others.all.iter().map(here).collect()
    }

    /// Forgets how they are found: no more will come.
    pub(super) fn close(&mut self) {
        *self = Self { all: std::mem::take(&mut self.all), ..Self::default() };
    }

    /// One of them by its number.
    pub(super) fn numbered(&self, number: u32) -> Arc<Series> {
        Arc::clone(&self.all[wide(number)])
    }

    /// All of them, by number.
    pub(super) fn all(&self) -> &[Arc<Series>] {
        &self.all
    }
}

/// What the slots of one table share.
#[derive(Debug)]
pub(super) struct Origin {
    pub(super) sheet: Arc<Sheet>,
    /// Columns whose texts name a row.
    pub(super) keys: Vec<u32>,
    /// By column: the heading of its figures, if that says more than a time or nothing names rows.
    pub(super) headings: Vec<(u32, Heading)>,
}

/// The heading of a column of figures.
#[derive(Debug)]
pub(super) struct Heading {
    pub(super) text: String,
    /// Whether it says nothing but a time.
    pub(super) is_time: bool,
}

impl Origin {
    /// What a row is called, by its own cells: the texts that say what it is about.
    pub(super) fn row_label(&self, row: u32) -> String {
        let cells = self.keys.iter().filter_map(|column| self.sheet.cell(row, *column));
        joined(cells.map(raw))
    }

    /// What a figure of a row of that name is called.
    pub(super) fn name(&self, row: String, column: u32) -> String {
        let heading = self.headings.iter().find(|(at, _)| *at == column);
        match heading {
            Some((_, heading)) if row.is_empty() => heading.text.clone(),
            Some((_, heading)) if !heading.is_time => format!("{row}, {}", heading.text),
            _ => row,
        }
    }
}

/// Texts as one label.
pub(super) fn joined<'t>(texts: impl Iterator<Item = Cow<'t, str>>) -> String {
    let mut label = String::new();
    for text in texts.filter(|text| !text.trim().is_empty()) {
        if !label.is_empty() {
            label.push_str(", ");
        }
        for (index, word) in text.split_whitespace().enumerate() {
            if index > 0 {
                label.push(' ');
            }
            label.push_str(word);
        }
    }
    label
}

/// Whether a figure could be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// The cell holds something that is no figure.
    Unread,
    /// A number.
    Number,
    /// No number, with marks that say why.
    Missing,
    /// Nothing, and the contract gives that no meaning.
    Blank,
}

/// A place in the table where a figure belongs, whether or not one could be read there.
#[derive(Clone, Debug)]
pub(super) struct Slot {
    series: Arc<Series>,
    origin: Arc<Origin>,
    pub(super) period: Period,
    pub(super) cell: CellAddress,
    value: i64,
    marks: Marks,
    state: State,
    /// The number of the series, which is asked for more often than the series.
    series_number: u32,
    /// What differs from the cell as it is.
    own: Option<Box<Own>>,
}

/// What a slot says of itself that its cell does not.
#[derive(Clone, Debug, Default)]
struct Own {
    label: Option<String>,
    raw: Option<String>,
    repair: Option<String>,
}

/// A figure as read.
#[derive(Clone, Debug)]
pub(super) struct ReadFigure {
    pub(super) figure: Figure,
    /// The text it was read from, if that is not the cell's.
    pub(super) raw: Option<String>,
    pub(super) repair: Option<String>,
    /// Whether the cell holds nothing, and the contract gives that no meaning.
    pub(super) blank: bool,
}

impl Slot {
    /// A slot; `label` only where the cells of its row do not say it.
    pub(super) fn new(
        (series, period): (Arc<Series>, Period),
        (origin, cell): (Arc<Origin>, CellAddress),
        label: Option<String>,
        read: Option<ReadFigure>,
    ) -> Self {
        let series_number = series.number;
        let mut slot = Self {
            series,
            origin,
            period,
            cell,
            value: 0,
            marks: Marks::none(),
            state: State::Unread,
            series_number,
            own: label.map(|label| Box::new(Own { label: Some(label), ..Own::default() })),
        };
        slot.set(read);
        slot
    }

    /// Has it hold another figure, or none.
    pub(super) fn set(&mut self, read: Option<ReadFigure>) {
        let (mut raw, mut repair) = (None, None);
        self.state = State::Unread;
        if let Some(read) = read {
            (raw, repair) = (read.raw, read.repair);
            self.value = read.figure.value.unwrap_or(0);
            self.marks = read.figure.marks;
            self.state = match (read.blank, read.figure.value) {
                (true, _) => State::Blank,
                (false, Some(_)) => State::Number,
                (false, None) => State::Missing,
            };
        }
        if raw.is_some() || repair.is_some() || self.own.is_some() {
            let own = self.own.get_or_insert_default();
            (own.raw, own.repair) = (raw, repair);
        }
    }

    /// The same, of a series by its number in a list.
    pub(super) fn of_series(self, series: &[Arc<Series>]) -> Self {
        let series = Arc::clone(&series[self.series_number()]);
        Self { series_number: series.number, series, ..self }
    }

    pub(super) fn key(&self) -> &SeriesKey {
        &self.series.key
    }

    /// The number of its series.
    pub(super) fn series_number(&self) -> usize {
        wide(self.series_number)
    }

    pub(super) fn measure(&self) -> &MeasureId {
        &self.series.key.measure
    }

    pub(super) fn area(&self) -> &AreaCode {
        &self.series.key.area
    }

    pub(super) fn breakdown(&self) -> &Breakdown {
        &self.series.key.breakdown
    }

    /// The sheet's name.
    pub(super) fn sheet(&self) -> &str {
        &self.origin.sheet.name
    }

    pub(super) fn place(&self) -> Place {
        Place::cell(self.sheet(), self.cell)
    }

    /// Where it stands, for comparing: by sheet, then by cell.
    pub(super) fn position(&self) -> (&str, CellAddress) {
        (self.sheet(), self.cell)
    }

    /// Whether nobody sees its cell who opens the workbook.
    pub(super) fn is_out_of_sight(&self) -> bool {
        self.origin.sheet.out_of_sight.holds(self.cell)
    }

    /// What the partner calls it.
    pub(super) fn label(&self) -> String {
        let own = self.own.as_ref().and_then(|own| own.label.clone());
        own.unwrap_or_else(|| {
            self.origin.name(self.origin.row_label(self.cell.row), self.cell.column)
        })
    }

    /// The number read, if there is one.
    pub(super) fn number(&self) -> Option<i64> {
        (self.state == State::Number).then_some(self.value)
    }

    /// Whether a figure could be read, blank or not.
    pub(super) fn is_read(&self) -> bool {
        self.state != State::Unread
    }

    /// Whether nobody filled it in.
    pub(super) fn is_blank(&self) -> bool {
        self.state == State::Blank
    }

    /// The figure, if one could be read.
    pub(super) fn figure(&self) -> Option<Figure> {
        self.is_read().then(|| Figure { value: self.number(), marks: self.marks })
    }

    /// The text it was read from.
    pub(super) fn raw(&self) -> Cow<'_, str> {
        let own = self.own.as_ref().and_then(|own| own.raw.as_deref());
        own.map_or_else(|| self.written().map_or(Cow::Borrowed(""), raw), Cow::Borrowed)
    }

    fn written(&self) -> Option<Cell<'_>> {
        let cell = self.origin.sheet.cell(self.cell.row, self.cell.column);
        cell.filter(|cell| !is_blank(*cell))
    }

    /// Whether its text is just the number, so that nothing need be kept of it.
    fn is_plain(&self) -> bool {
        let own = self.own.as_ref();
        if own.is_some_and(|own| own.raw.is_some() || own.repair.is_some()) {
            return false;
        }
        match (self.number(), self.written()) {
            (Some(value), Some(Cell::Number(number))) => whole(number) == Some(value),
            (Some(value), _) => self.raw() == value.to_string(),
            (None, written) => written.is_none(),
        }
    }
}

/// The slots in runs of one table each: of one sheet, that is.
pub(super) fn runs(slots: &[Slot]) -> impl Iterator<Item = &[Slot]> {
    slots.chunk_by(|left, right| Arc::ptr_eq(&left.origin, &right.origin))
}

/// The slots of each sheet, as they were read.
pub(super) fn by_sheet(slots: &[Slot]) -> BTreeMap<&str, Vec<&Slot>> {
    let mut sheets: BTreeMap<&str, Vec<&Slot>> = BTreeMap::new();
    for run in runs(slots) {
        sheets.entry(run[0].sheet()).or_default().extend(run);
    }
    sheets
}

/// Every figure that was read, in order.
pub(super) fn observations(slots: &[Slot]) -> Observations {
    let mut builder = ObservationsBuilder::with_capacity(slots.len());
    let mut sheets: Vec<(*const Sheet, Arc<str>)> = Vec::new();
    let mut keys: HashMap<(u32, usize), u32> = HashMap::new();
    for slot in slots {
        let Some(figure) = slot.figure() else {
            continue;
        };
        let address = Arc::as_ptr(&slot.origin.sheet);
        let known = sheets.iter().rposition(|(sheet, _)| std::ptr::eq(*sheet, address));
        let sheet = known.unwrap_or_else(|| {
            sheets.push((address, slot.sheet().into()));
            sheets.len() - 1
        });
        let key = *keys.entry((slot.series_number, sheet)).or_insert_with(|| {
            let sheet = Arc::clone(&sheets[sheet].1);
            builder.key(ObservationKey { sheet, series: slot.series.key.clone() })
        });
        let written = (!slot.is_plain()).then(|| slot.raw());
        let repair = slot.own.as_ref().and_then(|own| own.repair.as_deref());
        let written = written.as_deref().map(|raw| (raw, repair));
        builder.push(key, slot.period, &figure, Some(slot.cell), written);
    }
    builder.finish()
}

/// Drops slots, very many ones in a thread of their own: nobody has to wait for that.
pub(super) fn put_away(slots: Vec<Slot>) {
    const MANY: usize = 100_000;
    if slots.len() >= MANY {
        // Where there can be no thread, they are dropped here.
        drop(std::thread::Builder::new().spawn(move || drop(slots)));
    }
}

fn wide(number: u32) -> usize {
    usize::try_from(number).expect("32 bits at least")
}
