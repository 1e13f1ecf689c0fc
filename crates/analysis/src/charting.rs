//! Which months a control chart is drawn of, and what it says about the last one and the target.
//!
//! Months since the last break or decided new beginning, 36 at most; of counts only; never of
//! rolling totals, whose neighbours share eleven months. Rare events (under 5 a month) make no
//! chart of months; seasonal months are charted against the same month of the year before.

use model::{Baseline, Measure, Month, NoteEffect, Period, Rebase, Target, Unit};

use crate::assurance::assurance;
use crate::definitions::Definitions;
use crate::gate::Held;
use crate::indicator::{Charted, IndicatorKey, SpcSummary, TargetStanding};
use crate::rate::as_f64;
use crate::reading::Reader;
use crate::season::{ChartFit, chart_fit, seasonal};
use crate::spc::{Chart, ChartPlan, Xmr, chart};

/// Fewer months than this make no control chart, not even with trial limits.
const MONTHS_MIN: usize = 7;
/// Older months than this say little about today.
const MONTHS_MAX: usize = 36;

/// A chart, or why there is none although there are months.
pub(crate) struct Charting {
    pub(crate) spc: Option<SpcSummary>,
    pub(crate) no_chart: Option<String>,
    /// Whether there are months enough, whatever is in them.
    pub(crate) chartable: bool,
    /// The stretch that is judged by.
    pub(crate) current: Option<Current>,
    latest: Option<i64>,
}

/// The stretch of months that is judged by.
pub(crate) struct Current {
    /// What is charted.
    pub(crate) of: Charted,
    /// Its first month.
    pub(crate) first: Month,
    /// One figure or difference a month, oldest first.
    pub(crate) values: Vec<i64>,
    /// Its limits, and what each month shows.
    pub(crate) segment: Xmr,
}

/// The chart of the months that end with `period`.
pub(crate) fn charting(
    reader: &Reader<'_>,
    key: &IndicatorKey,
    measure: &Measure,
    (period, held): (Period, &[Held]),
    definitions: &Definitions<'_>,
) -> Charting {
    let mut nothing =
        Charting { spc: None, no_chart: None, chartable: false, current: None, latest: None };
    if measure.unit != Unit::Count || measure.quotient.is_some() {
        return nothing;
    }
    let Months { values, mut began, declared } =
        months(reader, key, measure, (period.last(), held), definitions);
    let Some(latest) = values.last().copied() else { return nothing };
    nothing.latest = Some(latest);
    if values.len() < MONTHS_MIN {
        nothing.no_chart =
            began.map(|began| format!("too few months for a control chart: {began}"));
        return nothing;
    }
    nothing.chartable = true;
    if chart_fit(&values) == ChartFit::Rare {
        let why = "under 5 a month on average: too few for a control chart of months";
        nothing.no_chart = Some(why.to_owned());
        return nothing;
    }
    // Where somebody has said which months set the limits, the months themselves are charted.
    let season = seasonal(&values).filter(|found| found.seasonal && declared.is_none());
    let (of, charted) = match season {
        Some(found) => (Charted::YearOnYear, found.differences),
        None => (Charted::Months, values),
    };
    let first_month = period.last().plus(1 - i32::try_from(charted.len()).unwrap_or(0));
    // Only a baseline that is there from its first month sets limits.
    let baseline = declared.filter(|baseline| baseline.months.first() == first_month);
    if let Some(Baseline { months, why, .. }) = baseline {
        began = Some(format!("limits set by {}: {why}", months.calendar()));
    }
    let baseline = baseline.and_then(|it| usize::try_from(it.months.length_months()).ok());
    let plan = ChartPlan { baseline, rebases: &[], screening: true };
    let Some(drawn) = chart(&charted, &plan) else { return nothing };
    let flat = |segment: &Xmr| segment.upper <= segment.lower;
    if drawn.segments.last().is_none_or(flat) {
        // Any other figure would be beyond such limits.
        nothing.no_chart = Some("the months hardly vary: no limits can be set by them".to_owned());
        return nothing;
    }
    let last_quarters = last_quarters(reader, key, measure, (period, held));
    let spc = summary(&drawn, of, (first_month, began), (latest, period.last(), last_quarters));
    let current = drawn.segments.into_iter().next_back().map(|segment| Current {
        of,
        first: first_month,
        values: charted,
        segment,
    });
    Charting { spc, no_chart: None, chartable: true, current, latest: Some(latest) }
}

/// The months that a chart may be drawn of, oldest first.
struct Months<'a> {
    values: Vec<i64>,
    /// Why they begin where they do, if there is more to say than that no more have arrived.
    began: Option<String>,
    /// The baseline that is declared and that nothing has overtaken.
    declared: Option<&'a Baseline>,
}

fn months<'a>(
    reader: &Reader<'a>,
    key: &IndicatorKey,
    measure: &Measure,
    (last, held): (Month, &[Held]),
    definitions: &Definitions<'_>,
) -> Months<'a> {
    let (first, began) = beginning(reader, key, measure, last, definitions);
    // A figure that only carries a mark stands, also on the chart.
    let in_the_way = |month: Month| {
        let window = Period::month(month);
        let mut notes = reader.notes(key, measure, window);
        let blocked = notes.find(|note| note.effect == NoteEffect::Block);
        let is_held = held.iter().any(|held| held.figure.period.overlaps(window));
        blocked.map(|note| note.why.clone()).or_else(|| is_held.then(|| "held back".to_owned()))
    };
    let month_value = |month: Month| {
        let point = reader.points(key).get(&Period::month(month));
        point.and_then(|point| point.figure.value).filter(|_| in_the_way(month).is_none())
    };
    let declared = reader.baseline(key, measure);
    let declared = declared.filter(|it| first.is_none_or(|first| first <= it.months.first()));
    // Declared limits last: the chart reaches back to the months that set them.
    let longest = declared.map_or(MONTHS_MAX, |it| {
        let reach = last.index() - it.months.first().index() + 1;
        usize::try_from(reach).unwrap_or(0).max(MONTHS_MAX)
    });
    let begins = declared.map(|it| it.months.first()).or(first);
    let mut values: Vec<i64> = (0_i32..)
        .map(|back| last.plus(-back))
        .take(longest)
        .take_while(|month| begins.is_none_or(|first| *month >= first))
        .map_while(month_value)
        .collect();
    values.reverse();
    let before = last.plus(-i32::try_from(values.len()).unwrap_or(0));
    let cut = in_the_way(before).filter(|_| begins != Some(before.plus(1)));
    let cut = cut.map(|why| format!("charted from {}: {why}", named(before.plus(1))));
    Months { values, began: cut.or(began), declared }
}

fn summary(
    drawn: &Chart,
    of: Charted,
    (first_month, began): (Month, Option<String>),
    (latest, latest_month, last_quarters): (i64, Month, Option<[i64; 4]>),
) -> Option<SpcSummary> {
    let segment = drawn.segments.last()?;
    // A count is never below 0; a difference may be.
    let lower = if of == Charted::Months { segment.lower.max(0.0) } else { segment.lower };
    Some(SpcSummary {
        points: segment.states.len(),
        trial: segment.trial,
        of,
        first_month,
        began,
        rule: drawn.rules.last().copied().flatten(),
        mean: segment.mean,
        lower,
        upper: segment.upper,
        state: *segment.states.last()?,
        latest,
        latest_month,
        last_quarters,
    })
}

/// The first month a chart may hold, and what begins there: the latest break or decided new
/// beginning not after `last`.
fn beginning(
    reader: &Reader<'_>,
    key: &IndicatorKey,
    measure: &Measure,
    last: Month,
    definitions: &Definitions<'_>,
) -> (Option<Month>, Option<String>) {
    let breaks = reader.breaks(key, measure).filter(|it| !it.spliced).flat_map(|it| {
        it.divides_at()
            .map(|month| (month, format!("counted anew from {}: {}", named(month), it.why)))
    });
    let all = reader.measures_of(measure);
    let covers = |it: &&Rebase| all.iter().any(|measure| it.scope.covers(measure, &key.area));
    let rebases = definitions.notes.rebases.iter().filter(covers);
    let rebases = rebases.map(|it| {
        let decided = it.decided.strftime("%-d %B %Y");
        (
            it.from,
            format!("limits set anew from {}: {} (decided on {decided})", named(it.from), it.why),
        )
    });
    match breaks.chain(rebases).filter(|(month, _)| *month <= last).max() {
        Some((month, why)) => (Some(month), Some(why)),
        None => (None, None),
    }
}

fn named(month: Month) -> String {
    Period::month(month).calendar()
}

/// The figures of those quarters; none where one of them may not be used.
fn last_quarters(
    reader: &Reader<'_>,
    key: &IndicatorKey,
    measure: &Measure,
    (period, held): (Period, &[Held]),
) -> Option<[i64; 4]> {
    let latest = Period::quarter_of(period.last());
    if latest.last() != period.last() {
        return None;
    }
    let sums: Option<Vec<i64>> = (-3..=0)
        .map(|back| reader.read(key, measure, latest.shifted(back * 3), held).figure.value)
        .collect();
    sums?.try_into().ok()
}

/// How a measure stands against its target.
pub(crate) fn target(
    charting: &Charting,
    measure: &Measure,
    target: Option<&Target>,
) -> Option<TargetStanding> {
    let monthly = target?.monthly;
    let met = charting.latest.and_then(|latest| match measure.polarity {
        model::Polarity::LowerIsBetter => Some(latest <= monthly),
        model::Polarity::HigherIsBetter => Some(latest >= monthly),
        model::Polarity::Neutral => None,
    });
    // Only a chart of the months themselves says anything about a level of months.
    let months = charting.current.as_ref().filter(|it| it.of == Charted::Months);
    let assurance = months.and_then(|it| assurance(&it.segment, as_f64(monthly), measure.polarity));
    Some(TargetStanding { monthly, met, assurance })
}
