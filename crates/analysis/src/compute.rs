//! From series to indicators.

use std::collections::{BTreeMap, BTreeSet};

use model::{Breakdown, Figure, Mark, Measure, NoteEffect, Period, Population, SeriesTable, Unit};

use crate::charting::{charting, target};
use crate::compare::{evidence, two_counts_p_value};
use crate::definitions::Definitions;
use crate::derive::{Series, with_sums};
use crate::gate::Held;
use crate::history::history;
use crate::indicator::{
    Change, DataStatus, Direction, Exposures, Indicator, IndicatorKey, IndicatorTable, Rate,
    ShareOf,
};
use crate::peers::place_among_peers;
use crate::rate::{Confidence, Interval, as_f64, rate_per_1000};
use crate::reading::{GapKind, Reader, Reading, base_min};
use crate::share::share;

/// Computes every indicator of `period` for which the series or the report have a use: all series
/// with a figure in the 24 months that end with the period, every quotient of two such series, and
/// every reported measure of the home area, whether or not anything has arrived for it.
pub fn compute(
    series: &SeriesTable,
    period: Period,
    definitions: &Definitions<'_>,
) -> IndicatorTable {
    let series = with_sums(series, definitions.measures);
    let earlier = definitions.earlier.map(|table| with_sums(table, definitions.measures));
    let reader = Reader::new(&series, earlier.as_ref(), *definitions, period);
    let mut indicators = BTreeMap::new();
    for key in wanted_keys(&series, period, definitions) {
        let Some(measure) = definitions.measures.get(&key.measure) else {
            continue;
        };
        let indicator = indicator(&reader, measure, &key, period, definitions);
        indicators.insert(key, indicator);
    }
    let mut table = IndicatorTable { period, indicators };
    place_among_peers(&mut table, definitions);
    table
}

fn wanted_keys(
    series: &Series,
    period: Period,
    definitions: &Definitions<'_>,
) -> BTreeSet<IndicatorKey> {
    let earliest = period.first().min(period.last().plus(-11)).plus(-12);
    let recent =
        Period::new(earliest, period.last()).expect("earliest is not after the last month");
    let mut wanted: BTreeSet<IndicatorKey> = series
        .iter()
        .filter(|(_, points)| points.keys().any(|known| recent.contains(*known)))
        .map(|(key, _)| IndicatorKey {
            measure: key.measure.clone(),
            area: key.area.clone(),
            breakdown: key.breakdown.clone(),
        })
        .collect();
    let whole = |measure: &Measure, area: &model::AreaCode| IndicatorKey {
        measure: measure.id.clone(),
        area: area.clone(),
        breakdown: Breakdown::all(),
    };
    for measure in definitions.measures.values() {
        if let Some(parts) = &measure.quotient {
            let is_divisor = |key: &&IndicatorKey| {
                key.measure == parts.denominator.measure
                    && key.breakdown == parts.denominator.breakdown
            };
            let areas: Vec<IndicatorKey> =
                wanted.iter().filter(is_divisor).map(|key| whole(measure, &key.area)).collect();
            wanted.extend(areas);
        }
        let home = definitions.partnership.home.get(&measure.geography);
        if let Some(area) = home.filter(|_| measure.priority.is_some()) {
            wanted.insert(whole(measure, area));
        }
    }
    wanted
}

/// The figures of an indicator, read one after another, and why some are missing or not compared.
struct Readings {
    value: Reading,
    year_before: Reading,
    rolling: Reading,
    rolling_previous: Reading,
    change: Option<Change>,
    rolling_change: Option<Change>,
    gaps: Vec<String>,
}

fn readings(
    reader: &Reader<'_>,
    measure: &Measure,
    key: &IndicatorKey,
    period: Period,
    held: &[Held],
) -> Readings {
    let twelve = Period::ending(period.last(), 12);
    let mut gaps = Vec::new();
    let mut read = |window: Period| {
        let reading = reader.read(key, measure, window, held);
        if let Some(gap) = &reading.gap
            && !gaps.contains(&gap.why)
        {
            gaps.push(gap.why.clone());
        }
        reading
    };
    let (value, mut year_before) = (read(period), read(period.year_before()));
    let (rolling, mut rolling_previous) = (read(twelve), read(twelve.year_before()));
    let mut compared = |now: &Reading, before: &mut Reading, window: Period| {
        let parted = reader.parted(key, measure, (window, window.year_before()));
        let Some(parted) = parted else {
            let exposures = Exposures::of(window, &key.area, reader.definitions());
            return change(now, before, exposures, measure);
        };
        if now.figure.value.is_some() && before.figure.value.is_some() {
            before.figure.marks.insert(Mark::B);
            let (then, now) = (window.year_before().calendar(), window.calendar());
            gaps.push(format!("{then} and {now} are not comparable: {}", parted.why));
        }
        None
    };
    let change = compared(&value, &mut year_before, period);
    let rolling_change = compared(&rolling, &mut rolling_previous, twelve);
    Readings { value, year_before, rolling, rolling_previous, change, rolling_change, gaps }
}

fn indicator(
    reader: &Reader<'_>,
    measure: &Measure,
    key: &IndicatorKey,
    period: Period,
    definitions: &Definitions<'_>,
) -> Indicator {
    let held = reader.held(key, measure);
    let read = readings(reader, measure, key, period, &held);
    let Readings { value, year_before, rolling, change, .. } = &read;
    let twelve = Period::ending(period.last(), 12);
    let to_date = Period::year_to_date(period.last());
    let data = match value.figure.value.or(rolling.figure.value) {
        None => no_data(value),
        Some(_) if value.figure.value.is_some() => {
            let parted = reader.parted(key, measure, (period, period.year_before())).is_some();
            data_status(value, year_before, parted)
        }
        Some(_) => {
            let parted = reader.parted(key, measure, (twelve, twelve.year_before())).is_some();
            data_status(rolling, &read.rolling_previous, parted)
        }
    };
    let rates = rates(reader, measure, key, &held, period, definitions);
    let charts = charting(reader, key, measure, (period, &held), definitions);
    let declared = definitions.partnership.targets.iter().find(|it| it.measure == measure.id);
    let target = target(&charts, measure, declared.filter(|_| key.breakdown.is_all()));
    // Of the partnership's own alone: nobody is shown what led up to a peer's figure.
    let is_home = definitions.partnership.home.get(&measure.geography) == Some(&key.area);
    let history = (is_home && key.breakdown.is_all())
        .then(|| history(reader, key, measure, (period, &held), charts.current.as_ref()));
    Indicator {
        history,
        direction: change.map(|change| match change.absolute.signum() {
            1 => Direction::Up,
            -1 => Direction::Down,
            _ => Direction::NoClearChange,
        }),
        share: share_of(value, measure),
        change: *change,
        rolling_change: read.rolling_change,
        quarters: quarters(reader, key, measure, (period, &held)),
        rate: rates.now,
        rate_year_before: rates.year_before,
        position: None,
        position_year_before: None,
        peers: None,
        peer_average: None,
        peer_rates: None,
        spc: charts.spc,
        no_chart: charts.no_chart,
        chartable: charts.chartable,
        target,
        data,
        exposures: Exposures::of(period, &key.area, definitions),
        rolling_exposures: Exposures::of(twelve, &key.area, definitions),
        blocked: blocked(reader, key, measure, twelve.year_before().joined(period)),
        flagged_year_before: !remarks(reader, key, measure, rates.window.year_before()).is_empty(),
        year_to_date: reader.read(key, measure, to_date, &held).figure,
        year_to_date_previous: reader.read(key, measure, to_date.year_before(), &held).figure,
        remarks: remarks(reader, key, measure, twelve.joined(period)),
        gaps: read.gaps.into_iter().chain(rates.why_not).collect(),
        value: read.value.figure,
        year_before: read.year_before.figure,
        rolling_12_months: read.rolling.figure,
        rolling_12_months_previous: read.rolling_previous.figure,
        held,
    }
}

/// What is said of sources whose figures stand all the same.
fn remarks(
    reader: &Reader<'_>,
    key: &IndicatorKey,
    measure: &Measure,
    window: Period,
) -> Vec<String> {
    reader
        .notes(key, measure, window)
        .filter(|note| matches!(note.effect, NoteEffect::Mark(_)))
        .map(|note| note.why.clone())
        .collect()
}

/// What is said of sources whose figures cannot be used.
fn blocked(
    reader: &Reader<'_>,
    key: &IndicatorKey,
    measure: &Measure,
    window: Period,
) -> Option<String> {
    let mut notes = reader.notes(key, measure, window);
    notes.find(|note| note.effect == NoteEffect::Block).map(|note| note.why.clone())
}

/// What kind of reason there is that there is no figure.
fn no_data(value: &Reading) -> DataStatus {
    match value.gap.as_ref().map(|gap| gap.kind) {
        Some(GapKind::Blocked) => DataStatus::Blocked,
        Some(GapKind::Held) => DataStatus::Held,
        Some(GapKind::Withheld) => DataStatus::Withheld,
        Some(GapKind::Missing | GapKind::NotMeaningful) | None => DataStatus::Missing,
    }
}

/// How far a figure that is there can be judged by the one a year before.
fn data_status(reading: &Reading, year_before: &Reading, parted: bool) -> DataStatus {
    if year_before.figure.value.is_none() {
        DataStatus::NoComparison
    } else if parted {
        DataStatus::Break
    } else if reading.figure.marks.contains(Mark::P) {
        DataStatus::Provisional
    } else {
        DataStatus::Complete
    }
}

/// The difference of two figures of equal stretches, and what it says for the days and residents
/// that each is of.
fn change(
    now: &Reading,
    before: &Reading,
    exposures: Exposures,
    measure: &Measure,
) -> Option<Change> {
    let (value, base) = (now.figure.value?, before.figure.value?);
    let absolute = value.checked_sub(base)?;
    let p_value = match (measure.unit, now.sides, before.sides) {
        (Unit::Count, ..) => two_counts_p_value(value, base, exposures.now, exposures.before),
        // Of shares, the parts are compared for the size of their wholes.
        (Unit::Percent, Some(now), Some(before)) => {
            two_counts_p_value(now.0, before.0, as_f64(now.1), as_f64(before.1))
        }
        _ => None,
    };
    Some(Change {
        absolute,
        tenths_pct: tenths_percent(absolute, base, measure.unit),
        p_value,
        evidence: p_value.map(evidence),
    })
}

fn share_of(value: &Reading, measure: &Measure) -> Option<ShareOf> {
    let (part, whole) = value.sides.filter(|_| measure.unit == Unit::Percent)?;
    let found = share(part, whole, Confidence::P95)?;
    let Interval { lower, upper } = found.interval;
    let interval_pct = Interval { lower: lower * 100.0, upper: upper * 100.0 };
    Some(ShareOf { part, whole, interval_pct })
}

/// The eight quarters that end with the period, newest first.
fn quarters(
    reader: &Reader<'_>,
    key: &IndicatorKey,
    measure: &Measure,
    (period, held): (Period, &[Held]),
) -> Vec<Option<i64>> {
    if measure.quotient.is_some() {
        return vec![None; 8];
    }
    (0..8)
        .map(|back| {
            let quarter = Period::ending(period.last().plus(-3 * back), 3);
            reader.read(key, measure, quarter, held).figure.value
        })
        .collect()
}

/// Change as tenths of a percent of the base, half away from zero; none on a base under 20 or for
/// measures that are percentages themselves.
pub(crate) fn tenths_percent(change: i64, base: i64, unit: Unit) -> Option<i64> {
    if base < base_min(unit) || unit == Unit::Percent {
        return None;
    }
    let scaled = i128::from(change) * 2000 / i128::from(base);
    let rounded = if scaled < 0 { (scaled - 1) / 2 } else { (scaled + 1) / 2 };
    i64::try_from(rounded).ok()
}

/// The rate of the period (or of the 12 months, where only those are known), that of the year
/// before, and why there is none where there could be one.
struct Rates {
    /// What they are rates over.
    window: Period,
    now: Option<Rate>,
    year_before: Option<Rate>,
    why_not: Option<String>,
}

fn rates(
    reader: &Reader<'_>,
    measure: &Measure,
    key: &IndicatorKey,
    held: &[Held],
    period: Period,
    definitions: &Definitions<'_>,
) -> Rates {
    let nothing = Rates { window: period, now: None, year_before: None, why_not: None };
    if !measure.per_1000 || !key.breakdown.is_all() || measure.unit != Unit::Count {
        return nothing;
    }
    let events = |window: Period| reader.read(key, measure, window, held).figure.value;
    let windows = [period, Period::ending(period.last(), 12)];
    let Some(window) = windows.into_iter().find(|it| events(*it).is_some()) else {
        return nothing;
    };
    let area = definitions.partnership.area(&key.area);
    let population = |period: Period| definitions.populations.of(area?, period);
    if population(window).is_none() {
        let name = definitions.partnership.area_name(&key.area);
        let why = format!("no rate: populations.csv has no residents of {name}");
        return Rates { why_not: Some(why), ..nothing };
    }
    let rate = |period: Period| {
        let (events, Population { residents, vintage }) = (events(period)?, population(period)?);
        let (per_1000, interval) = rate_per_1000(events, residents)?;
        Some(Rate { per_1000, interval, period, events, residents, vintage })
    };
    let parted = reader.parted(key, measure, (window, window.year_before())).is_some();
    let year_before = rate(window.year_before()).filter(|_| !parted);
    Rates { window, now: rate(window), year_before, why_not: None }
}

/// A figure of any window, for whoever follows one back or restates it.
pub fn figure_of(
    series: &SeriesTable,
    key: &IndicatorKey,
    window: Period,
    definitions: &Definitions<'_>,
) -> Option<(Figure, Option<String>)> {
    let measure = definitions.measures.get(&key.measure)?;
    let series = with_sums(series, definitions.measures);
    let earlier = definitions.earlier.map(|table| with_sums(table, definitions.measures));
    let reader = Reader::new(&series, earlier.as_ref(), *definitions, window);
    let held = reader.held(key, measure);
    let reading = reader.read(key, measure, window, &held);
    Some((reading.figure, reading.gap.map(|gap| gap.why)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentages_round_half_away_from_zero_and_need_a_base() {
        let percent = |now: i64, before: i64| tenths_percent(now - before, before, Unit::Count);
        assert_eq!(percent(8447, 9021), Some(-64));
        assert_eq!(percent(748, 741), Some(9));
        assert_eq!(percent(146, 126), Some(159));
        assert_eq!(percent(1470, 1313), Some(120));
        assert_eq!(percent(30, 19), None);
        // 1 in 2000 is 0.05 %: away from zero, both ways.
        assert_eq!(percent(2001, 2000), Some(1));
        assert_eq!(percent(1999, 2000), Some(-1));
    }
}
