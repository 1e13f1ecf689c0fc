//! Reading one figure: what is there, whether it may be used, and if not, why not.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use model::{
    Baseline, Breakdown, Figure, FigureId, Mark, Measure, MeasureId, NoteEffect, Operand, Period,
    SeriesBreak, SeriesKey, SourceNote, Unit,
};

use crate::definitions::Definitions;
use crate::derive::{Points, Series, quotient};
use crate::gate::{Held, held};
use crate::indicator::IndicatorKey;
use crate::protection::seen;
use crate::total::total;

/// No percentage is given on a smaller base.
pub(crate) const PERCENTAGE_BASE_MIN: i64 = 20;
/// The smallest base of a percentage in a measure's smallest unit: 20 things, or 20 pounds.
pub(crate) fn base_min(unit: Unit) -> i64 {
    PERCENTAGE_BASE_MIN * 10_i64.pow(unit.decimals())
}

/// Fewer events than this make a rate or a share unreliable.
pub(crate) const FEW_EVENTS: i64 = 20;

/// A figure as read, and what stands in its way.
#[derive(Clone, Debug)]
pub(crate) struct Reading {
    /// The figure.
    pub(crate) figure: Figure,
    /// Why there is none, in words without figures; none when there is one.
    pub(crate) gap: Option<Gap>,
    /// Both sides of a quotient, as whole numbers, where it is one.
    pub(crate) sides: Option<(i64, i64)>,
}

/// Why there is no figure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Gap {
    /// What kind of reason.
    pub(crate) kind: GapKind,
    /// In words without figures.
    pub(crate) why: String,
}

/// What kind of reason there is for a figure that is missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum GapKind {
    /// Nothing has arrived, or not for every month.
    Missing,
    /// The partner withholds it.
    Withheld,
    /// A source note says that it cannot be trusted.
    Blocked,
    /// The plausibility gate holds it.
    Held,
    /// It could be computed, and would mean nothing.
    NotMeaningful,
}

/// Reads figures of one lake version.
pub(crate) struct Reader<'a> {
    series: &'a Series,
    earlier: Option<&'a Series>,
    definitions: Definitions<'a>,
    /// The period asked for: what is held is held as far as it matters for it.
    period: Period,
    nothing: Points,
    /// What is held of whole series, as far as it was looked at.
    held: RefCell<BTreeMap<IndicatorKey, Vec<Held>>>,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(
        series: &'a Series,
        earlier: Option<&'a Series>,
        definitions: Definitions<'a>,
        period: Period,
    ) -> Self {
        let (nothing, held) = (Points::new(), RefCell::default());
        Self { series, earlier, definitions, period, nothing, held }
    }

    /// The series that an indicator is read from: itself unless it is a quotient, which has none of
    /// its own; the sides of one; and what partners send for all of them.
    fn operands(&self, key: &IndicatorKey, measure: &Measure) -> Vec<IndicatorKey> {
        let own = measure.quotient.is_none().then(|| key.clone());
        let sides = measure.quotient.iter().flat_map(|it| [&it.numerator, &it.denominator]);
        let parts = sides.cloned().chain(measure.made_of(self.definitions.measures));
        let parts = parts.map(|part| IndicatorKey {
            measure: part.measure,
            area: key.area.clone(),
            breakdown: part.breakdown,
        });
        let mut all: Vec<IndicatorKey> = own.into_iter().collect();
        for part in parts {
            if part.measure != key.measure && !all.contains(&part) {
                all.push(part);
            }
        }
        all
    }

    /// Every measure that something said of a source may name: itself, and what it is made of.
    pub(crate) fn measures_of(&self, measure: &Measure) -> BTreeSet<MeasureId> {
        let mut all = measure.sent_as(self.definitions.measures);
        let sides = measure.quotient.iter().flat_map(|it| [&it.numerator, &it.denominator]);
        all.extend(sides.map(|side| side.measure.clone()));
        all.insert(measure.id.clone());
        all
    }

    /// What the figures mean.
    pub(crate) fn definitions(&self) -> &Definitions<'a> {
        &self.definitions
    }

    /// The points of a series; none for a quotient, which has no points of its own.
    pub(crate) fn points(&self, key: &IndicatorKey) -> &Points {
        self.series.get(&series_key(key)).unwrap_or(&self.nothing)
    }

    /// Everything the gate holds of a series and of what it is made from. Parts are small and fall
    /// by chance: they are held when their whole is.
    pub(crate) fn held(&self, key: &IndicatorKey, measure: &Measure) -> Vec<Held> {
        let parts = self.operands(key, measure);
        let mut found: Vec<Held> =
            parts.into_iter().flat_map(|part| self.held_alone(part)).collect();
        // What a note explains of the whole needs no explaining of a part.
        found.retain(|held| {
            let mut notes = self.notes(key, measure, held.figure.period);
            !notes.any(|note| note.effect == NoteEffect::Block)
        });
        found
    }

    /// What the gate holds of one series by itself. Looked at once for a whole, which may have many
    /// parts and be a part of many.
    fn held_alone(&self, part: IndicatorKey) -> Vec<Held> {
        let whole = IndicatorKey { breakdown: Breakdown::all(), ..part };
        if let Some(known) = self.held.borrow().get(&whole) {
            return known.clone();
        }
        let Some(measure) = self.definitions.measures.get(&whole.measure) else {
            return Vec::new();
        };
        let name = |period: Period| FigureId {
            measure: whole.measure.clone(),
            breakdown: Breakdown::all(),
            area: whole.area.clone(),
            period,
        };
        let usable = |window: Period| {
            let mut notes = self.notes(&whole, measure, window);
            !notes.any(|note| note.effect == NoteEffect::Block)
        };
        let releases = self.definitions.releases;
        let points = self.points(&whole);
        let found = held(points, measure, name, self.period, (releases, usable));
        self.held.borrow_mut().insert(whole, found.clone());
        found
    }

    /// The notes that hold for a figure.
    pub(crate) fn notes(
        &self,
        key: &IndicatorKey,
        measure: &Measure,
        window: Period,
    ) -> impl Iterator<Item = &'a SourceNote> {
        let sent = self.measures_of(measure);
        let notes: &'a [SourceNote] = &self.definitions.notes.notes;
        let area = key.area.clone();
        notes.iter().filter(move |note| {
            note.touches(window) && sent.iter().any(|measure| note.scope.covers(measure, &area))
        })
    }

    /// The breaks of a series, in no order.
    pub(crate) fn breaks(
        &self,
        key: &IndicatorKey,
        measure: &Measure,
    ) -> impl Iterator<Item = &'a SeriesBreak> {
        let sent = self.measures_of(measure);
        let breaks: &'a [SeriesBreak] = &self.definitions.notes.breaks;
        let area = key.area.clone();
        breaks.iter().filter(move |it| sent.iter().any(|measure| it.scope.covers(measure, &area)))
    }

    /// The baseline that is declared for a chart.
    pub(crate) fn baseline(&self, key: &IndicatorKey, measure: &Measure) -> Option<&'a Baseline> {
        let all = self.measures_of(measure);
        let baselines: &'a [Baseline] = &self.definitions.notes.baselines;
        baselines.iter().find(|it| all.iter().any(|measure| it.scope.covers(measure, &key.area)))
    }

    /// The break that keeps two periods of a series from being compared.
    pub(crate) fn parted(
        &self,
        key: &IndicatorKey,
        measure: &Measure,
        (one, other): (Period, Period),
    ) -> Option<&'a SeriesBreak> {
        self.breaks(key, measure).find(|it| it.parts(one, other))
    }

    /// The figure of a window, with what is held of the series (see [`Self::held`]).
    pub(crate) fn read(
        &self,
        key: &IndicatorKey,
        measure: &Measure,
        window: Period,
        held: &[Held],
    ) -> Reading {
        if let Some(gap) = self.barred(key, measure, window, held) {
            return missing(Mark::X, gap);
        }
        let mut reading = match &measure.quotient {
            Some(_) => self.divided(key, measure, window),
            None => self.added(key, measure, window),
        };
        if reading.figure.value.is_none() {
            return reading;
        }
        let marks = &mut reading.figure.marks;
        let sent = self.measures_of(measure);
        let provisional =
            |id: &MeasureId| self.definitions.measures.get(id).is_some_and(|it| it.provisional);
        if measure.provisional || sent.iter().any(provisional) {
            marks.insert(Mark::P);
        }
        for note in self.notes(key, measure, window) {
            if let NoteEffect::Mark(mark) = note.effect {
                marks.insert(mark);
            }
        }
        if self.breaks(key, measure).any(|it| !it.spliced && it.is_inside(window)) {
            marks.insert(Mark::B);
        }
        if self.is_revised(key, measure, window, reading.figure.value) {
            reading.figure.marks.insert(Mark::R);
        }
        reading
    }

    /// What a note or the gate forbids, whatever is in the lake.
    fn barred(
        &self,
        key: &IndicatorKey,
        measure: &Measure,
        window: Period,
        held: &[Held],
    ) -> Option<Gap> {
        let block = self.notes(key, measure, window).find(|note| note.effect == NoteEffect::Block);
        if let Some(note) = block {
            let why = format!("not available for {}: {}", window.calendar(), note.why);
            return Some(Gap {
                kind: GapKind::Blocked,
                why: self.of_part(note, key, measure, why),
            });
        }
        let held = held.iter().find(|held| held.figure.period.overlaps(window))?;
        Some(Gap { kind: GapKind::Held, why: held.reason() })
    }

    /// Names the part that a note speaks of, where it does not speak of the whole.
    fn of_part(
        &self,
        note: &SourceNote,
        key: &IndicatorKey,
        measure: &Measure,
        why: String,
    ) -> String {
        if note.scope.covers(&measure.id, &key.area) {
            return why;
        }
        let parts = self.measures_of(measure);
        let part = parts.iter().find(|part| note.scope.covers(part, &key.area));
        match part.and_then(|part| self.definitions.measures.get(part)) {
            Some(part) => format!("{}: {why}", part.label),
            None => why,
        }
    }

    fn added(&self, key: &IndicatorKey, measure: &Measure, window: Period) -> Reading {
        let points = self.points(key);
        let figure = total(points, window, measure.unit.is_additive())
            .unwrap_or_else(|| Figure::missing(Mark::X));
        let gap = figure.value.is_none().then(|| {
            // Of a sum, the return that brings its parts.
            let sent = self.measures_of(measure);
            let absent = sent.iter().find_map(|id| self.definitions.absent.get(id));
            why_missing(points, measure, (window, &figure), absent.map(String::as_str))
        });
        Reading { figure, gap, sides: None }
    }

    fn divided(&self, key: &IndicatorKey, measure: &Measure, window: Period) -> Reading {
        let Some(parts) = &measure.quotient else {
            return self.added(key, measure, window);
        };
        if !key.breakdown.is_all() {
            let why = "a quotient is made for the whole only".to_owned();
            return missing(Mark::Z, Gap { kind: GapKind::NotMeaningful, why });
        }
        let side = |operand: &Operand| {
            let definition = self.definitions.measures.get(&operand.measure)?;
            let part = IndicatorKey {
                measure: operand.measure.clone(),
                area: key.area.clone(),
                breakdown: operand.breakdown.clone(),
            };
            Some((self.added(&part, definition, window), definition))
        };
        let (Some((over, numerator)), Some((under, denominator))) =
            (side(&parts.numerator), side(&parts.denominator))
        else {
            let why = "it is made from a measure that is not defined".to_owned();
            return missing(Mark::X, Gap { kind: GapKind::Missing, why });
        };
        for (reading, measure) in [(&over, numerator), (&under, denominator)] {
            if let Some(gap) = &reading.gap {
                let mark = if gap.kind == GapKind::Withheld { Mark::C } else { Mark::X };
                let why = format!("{}: {}", measure.label, gap.why);
                return missing(mark, Gap { kind: gap.kind, why });
            }
        }
        let base = under.figure.value.unwrap_or(0);
        if measure.unit == Unit::Percent && over.figure.value > under.figure.value {
            let why = format!("the part is larger than its whole in {}", window.calendar());
            return missing(Mark::Z, Gap { kind: GapKind::NotMeaningful, why });
        }
        if measure.unit == Unit::Percent && base < base_min(denominator.unit) {
            let why = format!("no percentage for {}: the base is under 20", window.calendar());
            return missing(Mark::Z, Gap { kind: GapKind::NotMeaningful, why });
        }
        let value = quotient(
            (&over.figure, numerator.unit),
            (&under.figure, denominator.unit),
            measure.unit,
        );
        let Some(value) = value else {
            let why = format!("nothing to divide by in {}", window.calendar());
            return missing(Mark::Z, Gap { kind: GapKind::NotMeaningful, why });
        };
        let mut figure = Figure::number(value);
        figure.marks.extend(&over.figure.marks);
        figure.marks.extend(&under.figure.marks);
        let events = if numerator.unit == Unit::Count { over.figure.value } else { Some(base) };
        if events.is_some_and(|events| events < FEW_EVENTS) {
            figure.marks.insert(Mark::U);
        }
        let sides = over.figure.value.zip(under.figure.value);
        Reading { figure, gap: None, sides }
    }

    /// Whether it was another number when it was last published.
    fn is_revised(
        &self,
        key: &IndicatorKey,
        measure: &Measure,
        window: Period,
        now: Option<i64>,
    ) -> bool {
        let Some(series) = self.earlier else { return false };
        let definitions = Definitions { earlier: None, ..self.definitions };
        let then = Self::new(series, None, definitions, self.period);
        let reading = match &measure.quotient {
            Some(_) => then.divided(key, measure, window),
            None => then.added(key, measure, window),
        };
        // What was published of a protected figure is what readers saw of it: that another count
        // looks the same is nobody's business.
        let seen = |value: i64| seen(value, measure);
        reading.figure.value.is_some() && reading.figure.value.map(seen) != now.map(seen)
    }
}

pub(crate) fn series_key(key: &IndicatorKey) -> SeriesKey {
    SeriesKey {
        measure: key.measure.clone(),
        area: key.area.clone(),
        breakdown: key.breakdown.clone(),
    }
}

fn missing(mark: Mark, gap: Gap) -> Reading {
    Reading { figure: Figure::missing(mark), gap: Some(gap), sides: None }
}

fn why_missing(
    points: &Points,
    measure: &Measure,
    (window, figure): (Period, &Figure),
    absent: Option<&str>,
) -> Gap {
    if figure.marks.contains(Mark::C) {
        let why = format!("withheld by the partner for {}", window.calendar());
        return Gap { kind: GapKind::Withheld, why };
    }
    let why = match &measure.begins {
        Some((begins, why)) if window.first() < *begins => {
            format!("no figures for {}: {why}", window.calendar())
        }
        _ if points.is_empty() => match absent {
            Some(why) => format!("no figures have arrived: {why}"),
            None => "no figures have arrived".to_owned(),
        },
        _ => match months_short(points, window) {
            Some(short) => format!("no figures for {}: {short}", window.calendar()),
            None => format!("no figures for {}", window.calendar()),
        },
    };
    Gap { kind: GapKind::Missing, why }
}

/// Which months of a window are there, when some are: a part of a period is never taken for it.
fn months_short(points: &Points, window: Period) -> Option<String> {
    let mut there = BTreeSet::new();
    for period in points.keys().filter(|period| window.contains(**period)) {
        there.extend(period.months());
    }
    let wanted = usize::try_from(window.length_months()).ok()?;
    (!there.is_empty() && there.len() < wanted)
        .then(|| format!("only {} of its {wanted} months have arrived", there.len()))
}
