//! What led up to an indicator: the months of its control chart as they are drawn, its quarters,
//! and its 12 months as they rolled on.
//!
//! Nothing is judged here. The last stretch of a drawn chart is the one that [`crate::charting`]
//! judged by; stretches before a break or a decided new beginning have limits of their own, and are
//! there so that a reader sees what changed.

use model::{Figure, Measure, Month, Period};

use crate::charting::Current;
use crate::definitions::Definitions;
use crate::gate::Held;
use crate::indicator::{Charted, IndicatorKey};
use crate::reading::Reader;
use crate::spc::{ChartPlan, SpcRule, SpcState, Xmr, chart};

/// Months drawn at least, where they are known.
const MONTHS_DRAWN: i32 = 36;
/// Three years of moving, by the month.
const ROLLING_POINTS: i32 = 37;
/// Two years.
const QUARTERS: i32 = 8;

/// What led up to an indicator. Only the partnership's own, and only the whole, have one.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct History {
    /// The control chart as it is drawn; none where there is none to judge by.
    pub chart: Option<DrawnChart>,
    /// The eight quarters that end with the period's last month, oldest first.
    pub quarters: Vec<(Period, Figure)>,
    /// The 12 months that end with each of 37 months, oldest first, those that are known.
    pub rolling: Vec<(Month, Figure)>,
}

/// A control chart as it is drawn.
#[derive(Clone, Debug, PartialEq)]
pub struct DrawnChart {
    /// What its points are.
    pub of: Charted,
    /// Every month from the first that is known, oldest first.
    pub points: Vec<DrawnPoint>,
    /// Stretches with limits of their own, oldest first; the last is what is judged by.
    pub segments: Vec<DrawnSegment>,
    /// What divides them, and breaks that were judged comparable, oldest first.
    pub divisions: Vec<Division>,
}

/// A month of a control chart.
#[derive(Clone, Debug, PartialEq)]
pub struct DrawnPoint {
    /// Which month.
    pub month: Month,
    /// Its figure, or its difference from the year before; with the marks of the month.
    pub figure: Figure,
    /// What it shows; none where no limits hold.
    pub state: Option<SpcState>,
    /// Which rule says so.
    pub rule: Option<SpcRule>,
}

/// A stretch of a control chart with limits of its own.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DrawnSegment {
    /// Its first month.
    pub first: Month,
    /// Its last month, inclusive.
    pub last: Month,
    /// Centre line.
    pub mean: f64,
    /// Lower limit; of counts never below 0.
    pub lower: f64,
    /// Upper limit.
    pub upper: f64,
    /// Whether these are trial limits.
    pub trial: bool,
}

/// What divides the months of a chart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Division {
    /// The first month after it.
    pub month: Month,
    /// What kind of division.
    pub kind: DivisionKind,
    /// Why, without figures.
    pub why: String,
}

/// A kind of division.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DivisionKind {
    /// Counted differently from here on: not comparable across it.
    Break,
    /// Counted differently from here on, and judged to be comparable all the same.
    Spliced,
    /// Somebody decided that limits begin anew.
    Rebase,
}

/// What led up to `period`.
pub(crate) fn history(
    reader: &Reader<'_>,
    key: &IndicatorKey,
    measure: &Measure,
    (period, held): (Period, &[Held]),
    current: Option<&Current>,
) -> History {
    let read = |window: Period| reader.read(key, measure, window, held).figure;
    let last = period.last();
    let quarters = (0..QUARTERS).rev().map(|back| Period::ending(last.plus(-3 * back), 3));
    let months = (0..ROLLING_POINTS).rev().map(|back| last.plus(-back));
    History {
        chart: current.map(|current| drawn(reader, key, measure, held, current)),
        quarters: quarters.map(|quarter| (quarter, read(quarter))).collect(),
        rolling: months
            .map(|month| (month, read(Period::ending(month, 12))))
            .filter(|(_, figure)| figure.value.is_some())
            .collect(),
    }
}

fn drawn(
    reader: &Reader<'_>,
    key: &IndicatorKey,
    measure: &Measure,
    held: &[Held],
    current: &Current,
) -> DrawnChart {
    let read = |month: Month| reader.read(key, measure, Period::month(month), held).figure;
    let mut points: Vec<DrawnPoint> = Vec::new();
    let mut segments: Vec<DrawnSegment> = Vec::new();
    let length = i32::try_from(current.values.len()).unwrap_or(i32::MAX);
    let last = current.first.plus(length - 1);
    let mut divisions = divisions(reader, key, measure, reader.definitions());
    if current.of == Charted::Months {
        let begins = last.plus(1 - MONTHS_DRAWN.max(length));
        let mut start = begins;
        let bounds = divisions.iter().filter(|it| it.kind != DivisionKind::Spliced);
        let bounds = bounds.map(|it| it.month).filter(|month| *month > begins);
        for end in bounds.take_while(|month| *month < current.first).chain([current.first]) {
            earlier(start, end, &read, (&mut points, &mut segments));
            start = end;
        }
    }
    for (index, value) in (0_i32..).zip(&current.values) {
        let month = current.first.plus(index);
        let figure = Figure { value: Some(*value), ..read(month) };
        let at = usize::try_from(index).unwrap_or(0);
        points.push(DrawnPoint {
            month,
            figure,
            state: current.segment.states.get(at).copied(),
            rule: current.segment.rules.get(at).copied().flatten(),
        });
    }
    segments.push(segment(&current.segment, (current.first, last), current.of));
    let first_known = points.iter().position(|point| point.figure.value.is_some()).unwrap_or(0);
    points.drain(..first_known);
    let first = points.first().map_or(current.first, |point| point.month);
    divisions.retain(|it| first < it.month && it.month <= last);
    DrawnChart { of: current.of, points, segments, divisions }
}

/// The months from `start` up to `end`, which is not among them: those next to each other have
/// limits of their own where there are enough.
fn earlier(
    start: Month,
    end: Month,
    read: &impl Fn(Month) -> Figure,
    (points, segments): (&mut Vec<DrawnPoint>, &mut Vec<DrawnSegment>),
) {
    let months: Vec<(Month, Figure)> = (start.index()..end.index())
        .map(|index| start.plus(index - start.index()))
        .map(|month| (month, read(month)))
        .collect();
    let plan = ChartPlan { baseline: None, rebases: &[], screening: true };
    for run in months.chunk_by(|one, other| one.1.value.is_some() == other.1.value.is_some()) {
        let values: Vec<i64> = run.iter().filter_map(|(_, figure)| figure.value).collect();
        let limits = chart(&values, &plan).and_then(|mut chart| chart.segments.pop());
        if let (Some(found), Some((first, _)), Some((last, _))) = (&limits, run.first(), run.last())
        {
            segments.push(segment(found, (*first, *last), Charted::Months));
        }
        points.extend(run.iter().enumerate().map(|(index, (month, figure))| DrawnPoint {
            month: *month,
            figure: figure.clone(),
            state: limits.as_ref().and_then(|it| it.states.get(index).copied()),
            rule: limits.as_ref().and_then(|it| it.rules.get(index).copied().flatten()),
        }));
    }
}

fn segment(found: &Xmr, (first, last): (Month, Month), of: Charted) -> DrawnSegment {
    // A count is never below 0; a difference may be.
    let lower = if of == Charted::Months { found.lower.max(0.0) } else { found.lower };
    DrawnSegment { first, last, mean: found.mean, lower, upper: found.upper, trial: found.trial }
}

/// Everything that divides a series, oldest first.
fn divisions(
    reader: &Reader<'_>,
    key: &IndicatorKey,
    measure: &Measure,
    definitions: &Definitions<'_>,
) -> Vec<Division> {
    let breaks = reader.breaks(key, measure).flat_map(|it| {
        let kind = if it.spliced { DivisionKind::Spliced } else { DivisionKind::Break };
        it.divides_at().map(move |month| Division { month, kind, why: it.why.clone() })
    });
    let all = reader.measures_of(measure);
    let rebases = definitions.notes.rebases.iter();
    let rebases = rebases.filter(|it| all.iter().any(|id| it.scope.covers(id, &key.area)));
    let rebases = rebases.map(|it| Division {
        month: it.from,
        kind: DivisionKind::Rebase,
        why: it.why.clone(),
    });
    let mut found: Vec<Division> = breaks.chain(rebases).collect();
    found.sort_by(|one, other| (one.month, &one.why).cmp(&(other.month, &other.why)));
    found
}
