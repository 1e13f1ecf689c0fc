//! From series to indicators.

use std::collections::{BTreeMap, BTreeSet};

use model::{
    AreaCode, Breakdown, Figure, Mark, Measure, MeasureId, Partnership, Period, Point, Populations,
    SeriesKey, SeriesTable, SubmissionHash, Unit,
};

use crate::indicator::{
    Direction, Indicator, IndicatorKey, IndicatorTable, Position, Rate, SpcSummary,
};
use crate::rate::{as_f64, rate_per_1000};
use crate::spc::xmr;
use crate::total::total;

/// Fewer months than this make no control chart here.
const SPC_MONTHS_MIN: usize = 12;
/// Older months than this say little about today.
const SPC_MONTHS_MAX: usize = 36;
/// No percentage is given on a smaller base.
const PERCENTAGE_BASE_MIN: i64 = 20;

type Points = BTreeMap<Period, Point>;

/// What the figures mean: resolved definitions, handed in.
#[derive(Clone, Copy, Debug)]
pub struct Definitions<'a> {
    /// Areas, peers, priorities.
    pub partnership: &'a Partnership,
    /// Measures by id.
    pub measures: &'a BTreeMap<MeasureId, Measure>,
    /// Residents by area.
    pub populations: &'a Populations,
}

/// Computes every indicator of `period` for which the series or the report have a use: all series
/// with a figure in the 24 months that end with the period, and every reported measure of the
/// home area, whether or not anything has arrived for it.
pub fn compute(
    series: &SeriesTable,
    period: Period,
    definitions: &Definitions<'_>,
) -> IndicatorTable {
    let series = with_derived(series, definitions.measures);
    let nothing = Points::new();
    let mut indicators = BTreeMap::new();
    for key in wanted_keys(&series, period, definitions) {
        let Some(measure) = definitions.measures.get(&key.measure) else {
            continue;
        };
        let points = series.get(&SeriesKey {
            measure: key.measure.clone(),
            area: key.area.clone(),
            breakdown: key.breakdown.clone(),
        });
        let indicator = indicator(points.unwrap_or(&nothing), measure, &key, period, definitions);
        indicators.insert(key, indicator);
    }
    let mut table = IndicatorTable { period, indicators };
    place_among_peers(&mut table, definitions);
    table
}

fn wanted_keys(
    series: &BTreeMap<SeriesKey, Points>,
    period: Period,
    definitions: &Definitions<'_>,
) -> BTreeSet<IndicatorKey> {
    let earliest = period.first().min(period.last().plus(-11)).plus(-12);
    let recent =
        Period::new(earliest, period.last()).expect("earliest is not after the last month");
    let in_series = series
        .iter()
        .filter(|(_, points)| points.keys().any(|known| recent.contains(*known)))
        .map(|(key, _)| IndicatorKey {
            measure: key.measure.clone(),
            area: key.area.clone(),
            breakdown: key.breakdown.clone(),
        });
    let reported = definitions.measures.values().filter(|measure| measure.priority.is_some());
    let at_home = reported.filter_map(|measure| {
        let area = definitions.partnership.home.get(&measure.geography)?;
        Some(IndicatorKey {
            measure: measure.id.clone(),
            area: area.clone(),
            breakdown: Breakdown::all(),
        })
    });
    in_series.chain(at_home).collect()
}

/// The series as sent, and those of measures that are sums of others: a period of a sum is there
/// when every part has that same period.
fn with_derived(
    series: &SeriesTable,
    measures: &BTreeMap<MeasureId, Measure>,
) -> BTreeMap<SeriesKey, Points> {
    let mut all = series.series.clone();
    for measure in measures.values().filter(|measure| !measure.sum_of.is_empty()) {
        let areas: BTreeSet<&AreaCode> = series
            .series
            .keys()
            .filter(|key| measure.sum_of.contains(&key.measure))
            .map(|key| &key.area)
            .collect();
        for area in areas {
            let key = |measure: &MeasureId| SeriesKey {
                measure: measure.clone(),
                area: area.clone(),
                breakdown: Breakdown::all(),
            };
            let parts: Option<Vec<&Points>> =
                measure.sum_of.iter().map(|part| series.series.get(&key(part))).collect();
            if let Some(parts) = parts {
                all.insert(key(&measure.id), summed(&parts));
            }
        }
    }
    all
}

fn summed(parts: &[&Points]) -> Points {
    let mut sums = Points::new();
    let Some((first, rest)) = parts.split_first() else {
        return sums;
    };
    for (period, point) in *first {
        let others: Option<Vec<&Point>> = rest.iter().map(|points| points.get(period)).collect();
        let Some(others) = others else { continue };
        let mut figure = point.figure.clone();
        for other in others {
            figure.marks.extend(&other.figure.marks);
            figure.value = match (figure.value, other.figure.value) {
                (Some(left), Some(right)) => left.checked_add(right),
                _ => None,
            };
        }
        let submission: SubmissionHash = point.submission.clone();
        sums.insert(*period, Point { figure, submission });
    }
    sums
}

fn indicator(
    points: &Points,
    measure: &Measure,
    key: &IndicatorKey,
    period: Period,
    definitions: &Definitions<'_>,
) -> Indicator {
    let mut gaps = Vec::new();
    let mut figure = |window: Period| {
        let mut figure = total(points, window, measure.unit.is_additive())
            .unwrap_or_else(|| Figure::missing(Mark::X));
        if figure.value.is_some() {
            if measure.provisional {
                figure.marks.insert(Mark::P);
            }
        } else {
            let why = why_missing(points, measure, window, &figure);
            if !gaps.contains(&why) {
                gaps.push(why);
            }
        }
        figure
    };
    let value = figure(period);
    let year_before = figure(period.year_before());
    let twelve = Period::ending(period.last(), 12);
    let rolling_12_months = figure(twelve);
    let rolling_12_months_previous = figure(twelve.year_before());
    let change = match (value.value, year_before.value) {
        (Some(now), Some(before)) => now.checked_sub(before),
        _ => None,
    };
    let rate = rate(&value, &rolling_12_months, measure, key, period, definitions);
    Indicator {
        change,
        change_tenths_pct: change
            .zip(year_before.value)
            .and_then(|(change, base)| tenths_percent(change, base, measure.unit)),
        direction: change.map(|change| match change.signum() {
            1 => Direction::Up,
            -1 => Direction::Down,
            _ => Direction::NoClearChange,
        }),
        rate,
        quarters: quarters(points, period, measure.unit),
        position: None,
        peer_average: None,
        spc: spc(points, measure, period),
        value,
        year_before,
        rolling_12_months,
        rolling_12_months_previous,
        gaps,
    }
}

/// The eight quarters that end with the period, newest first.
fn quarters(points: &Points, period: Period, unit: Unit) -> Vec<Option<i64>> {
    (0..8)
        .map(|back| {
            let quarter = Period::ending(period.last().plus(-3 * back), 3);
            total(points, quarter, unit.is_additive()).and_then(|figure| figure.value)
        })
        .collect()
}

/// Change as tenths of a percent of the base, half away from zero; none on a base under 20 or for
/// measures that are percentages themselves.
fn tenths_percent(change: i64, base: i64, unit: Unit) -> Option<i64> {
    if base < PERCENTAGE_BASE_MIN || unit == Unit::Percent {
        return None;
    }
    let scaled = i128::from(change) * 2000 / i128::from(base);
    let rounded = if scaled < 0 { (scaled - 1) / 2 } else { (scaled + 1) / 2 };
    i64::try_from(rounded).ok()
}

fn why_missing(points: &Points, measure: &Measure, window: Period, figure: &Figure) -> String {
    if figure.marks.contains(Mark::C) {
        return format!("withheld by the partner for {}", window.calendar());
    }
    if let Some((begins, why)) = &measure.begins
        && window.first() < *begins
    {
        return format!("no figures for {}: {why}", window.calendar());
    }
    if points.is_empty() {
        return "no figures have arrived".to_owned();
    }
    format!("no figures for {}", window.calendar())
}

fn rate(
    value: &Figure,
    rolling: &Figure,
    measure: &Measure,
    key: &IndicatorKey,
    period: Period,
    definitions: &Definitions<'_>,
) -> Option<Rate> {
    if !measure.per_1000 || !key.breakdown.is_all() || measure.unit != Unit::Count {
        return None;
    }
    let (events, period) = match (value.value, rolling.value) {
        (Some(events), _) => (events, period),
        (None, Some(events)) => (events, Period::ending(period.last(), 12)),
        (None, None) => return None,
    };
    let area = definitions.partnership.area(&key.area)?;
    let population = definitions.populations.of(area)?;
    let (per_1000, interval) = rate_per_1000(events, population.residents)?;
    Some(Rate {
        per_1000,
        interval,
        period,
        events,
        residents: population.residents,
        vintage: population.vintage,
    })
}

fn spc(points: &Points, measure: &Measure, period: Period) -> Option<SpcSummary> {
    if measure.unit != Unit::Count {
        return None;
    }
    let mut values = Vec::new();
    let mut month = period.last();
    while values.len() < SPC_MONTHS_MAX {
        let Some(value) = points.get(&Period::month(month)).and_then(|point| point.figure.value)
        else {
            break;
        };
        values.push(value);
        month = month.plus(-1);
    }
    if values.len() < SPC_MONTHS_MIN {
        return None;
    }
    values.reverse();
    let chart = xmr(&values)?;
    Some(SpcSummary {
        points: values.len(),
        mean: chart.mean,
        lower: chart.lower.max(0.0),
        upper: chart.upper,
        state: *chart.states.last()?,
        latest: *values.last()?,
        latest_month: period.last(),
        last_quarters: last_quarters(points, period),
    })
}

/// The same sums as the figures of those quarters.
fn last_quarters(points: &Points, period: Period) -> Option<[i64; 4]> {
    let latest = Period::quarter_of(period.last());
    if latest.last() != period.last() {
        return None;
    }
    let sums: Option<Vec<i64>> = (-3..=0)
        .map(|back| total(points, latest.shifted(back * 3), true).and_then(|sum| sum.value))
        .collect();
    sums?.try_into().ok()
}

/// Gives positions where every peer has a rate over the same months; otherwise none at all: a
/// position among some of the peers would flatter whoever is left.
fn place_among_peers(table: &mut IndicatorTable, definitions: &Definitions<'_>) {
    for measure in definitions.measures.values().filter(|measure| measure.per_1000) {
        let Some(peers) = definitions.partnership.peer_set(measure.geography) else {
            continue;
        };
        let key = |area: &AreaCode| IndicatorKey {
            measure: measure.id.clone(),
            area: area.clone(),
            breakdown: Breakdown::all(),
        };
        let rates: Vec<(AreaCode, Option<Rate>)> = peers
            .areas
            .iter()
            .map(|area| {
                let rate = table.indicators.get(&key(area)).and_then(|found| found.rate.clone());
                (area.clone(), rate)
            })
            .collect();
        let missing: Vec<&str> = rates
            .iter()
            .filter(|(_, rate)| rate.is_none())
            .map(|(area, _)| definitions.partnership.area_name(area))
            .collect();
        let known: Vec<(&AreaCode, &Rate)> = rates
            .iter()
            .filter_map(|(area, rate)| rate.as_ref().map(|rate| (area, rate)))
            .collect();
        let same_months = known.windows(2).all(|pair| pair[0].1.period == pair[1].1.period);
        if known.is_empty() {
            continue;
        }
        for (area, rate) in &known {
            let Some(indicator) = table.indicators.get_mut(&key(area)) else {
                continue;
            };
            if !missing.is_empty() {
                indicator.gaps.push(format!(
                    "no position among {}: no figure for {}",
                    peers.label,
                    missing.join(", ")
                ));
            } else if !same_months {
                indicator.gaps.push(format!(
                    "no position among {}: their figures are about different months",
                    peers.label
                ));
            } else {
                let count = i64::try_from(known.len()).unwrap_or(i64::MAX);
                let sum: f64 = known.iter().map(|(_, rate)| rate.per_1000).sum();
                indicator.peer_average = Some(sum / as_f64(count));
                indicator.position = Some(position(rate, &known, measure, &peers.label));
            }
        }
    }
}

fn position(own: &Rate, peers: &[(&AreaCode, &Rate)], measure: &Measure, label: &str) -> Position {
    // Rates are compared as fractions, so that equal ones are equal.
    let compare = |left: &Rate, right: &Rate| {
        let left = (i128::from(left.events), i128::from(left.residents));
        let right = (i128::from(right.events), i128::from(right.residents));
        (left.0 * right.1).cmp(&(right.0 * left.1))
    };
    let better = |other: &Rate| match measure.polarity {
        model::Polarity::HigherIsBetter => compare(other, own).is_gt(),
        model::Polarity::LowerIsBetter | model::Polarity::Neutral => compare(other, own).is_lt(),
    };
    let ahead = peers.iter().filter(|(_, rate)| better(rate)).count();
    let level = peers.iter().filter(|(_, rate)| compare(rate, own).is_eq()).count();
    Position {
        place: u32::try_from(ahead + 1).unwrap_or(u32::MAX),
        tied: level > 1,
        of: u32::try_from(peers.len()).unwrap_or(u32::MAX),
        peers: label.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn months(values: &[i64], last: model::Month) -> Points {
        let back = (0_i32..).zip(values.iter().rev());
        back.map(|(back, value)| {
            let submission = SubmissionHash::of(b"months");
            (Period::month(last.plus(-back)), Point { figure: Figure::number(*value), submission })
        })
        .collect()
    }

    #[test]
    fn a_chart_knows_its_latest_month_and_the_last_four_quarters() {
        let measure = Measure {
            id: "m".into(),
            label: "M".to_owned(),
            unit: Unit::Count,
            polarity: model::Polarity::LowerIsBetter,
            disclosure: model::Disclosure::Open,
            geography: model::Geography::District,
            priority: None,
            per_1000: false,
            sum_of: Vec::new(),
            provisional: false,
            begins: None,
            illustrative: false,
            source: String::new(),
        };
        let chart = |text: &str, values: &[i64]| {
            let period: Period = text.parse().expect("a period");
            spc(&months(values, period.last()), &measure, period)
                .map(|chart| (chart.latest, chart.latest_month.to_string(), chart.last_quarters))
        };
        let values: Vec<i64> = (1..=14).collect();
        let quarters = Some([12, 21, 30, 39]);
        assert_eq!(chart("2025-26Q1", &values), Some((14, "2025-06".to_owned(), quarters)));
        assert_eq!(chart("2025-05", &values), Some((14, "2025-05".to_owned(), None)));
        assert_eq!(chart("2025-26Q1", &values[3..]), None, "eleven months");
    }

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
