//! What may be shown. The only way to a [`DisclosedTable`].
//!
//! A measure is declared `open` (already published elsewhere: exact), `rounded` (to 5) or
//! `suppressed` (small counts withheld, see [`crate::protection`]). Changes, percentages and
//! verdicts of protected measures are made from what is shown, never from what is true; their
//! positions, rates and control-chart limits are left out, since decimals would give counts away.

use std::collections::BTreeMap;

use model::{Disclosure, Mark, Marks, Measure, MeasureId, Period, Unit};

use crate::assess::{
    Assessed, AssessedTable, Statuses, TargetStatus, Variation, by_two_counts, judge_without_chart,
};
use crate::compare::{Evidence, evidence, two_counts_p_value};
use crate::history::History;
use crate::indicator::{
    DataStatus, Direction, Exposures, Indicator, IndicatorKey, PeerRates, PeerStanding, Position,
    ShareOf, SpcSummary, TargetStanding, Verdict,
};
use crate::protection::{self, Shown, ShownNumber};
use crate::rate::Interval;
use crate::reading::base_min;

/// How each measure may be shown.
#[derive(Clone, Copy, Debug)]
pub struct DisclosureRules<'a> {
    /// Measures by id; a measure that is not here is not shown at all.
    pub measures: &'a BTreeMap<MeasureId, Measure>,
}

/// A rate per 1,000 residents as it may be shown.
#[derive(Clone, Debug, PartialEq)]
pub struct ShownRate {
    /// Events per 1,000 residents.
    pub per_1000: f64,
    /// 95 % interval.
    pub interval: Interval,
    /// What it is a rate of.
    pub period: Period,
    /// Population estimate used.
    pub vintage: String,
    /// Mean of the peers' rates, if every peer has one.
    pub peer_average: Option<f64>,
    /// `[u]` where few events make it unreliable.
    pub mark: Option<Mark>,
}

/// An indicator as it may be shown.
#[derive(Clone, Debug, PartialEq)]
pub struct DisclosedIndicator {
    /// The figure of the period.
    pub value: ShownNumber,
    /// The same period a year before.
    pub year_before: ShownNumber,
    /// Change between the two as shown.
    pub change: ShownNumber,
    /// Change in tenths of a percent (whole percents for protected measures).
    pub change_tenths_pct: Option<i64>,
    /// The 12 months that end with the period.
    pub rolling_12_months: ShownNumber,
    /// The 12 months before those.
    pub rolling_12_months_previous: ShownNumber,
    /// Rate per 1,000; open measures only.
    pub rate: Option<ShownRate>,
    /// Position among peers; open measures only.
    pub position: Option<Position>,
    /// Position of the year before; open measures only.
    pub position_year_before: Option<Position>,
    /// How the rate stands among the peers'; open measures only.
    pub peers: Option<PeerStanding>,
    /// Both sides of a share and its interval; open measures only.
    pub share: Option<ShareOf>,
    /// What the change of the shown figures says; none for what is not counted.
    pub evidence: Option<Evidence>,
    /// The four statuses, as far as they may be shown.
    pub statuses: Statuses,
    /// The rates of all peers; open measures only.
    pub peer_rates: Option<PeerRates>,
    /// What led up to it; open measures only.
    pub history: Option<History>,
    /// The target there is; open measures only.
    pub target: Option<TargetStanding>,
    /// Control chart; open measures only.
    pub spc: Option<SpcSummary>,
    /// Whether there is a control chart that may not be shown.
    pub spc_withheld: bool,
    /// Which way the shown figures moved.
    pub direction: Option<Direction>,
    /// The verdict; a withheld figure cannot be judged in public.
    pub verdict: Verdict,
    /// Why, in words without figures.
    pub reason: String,
    /// Why a figure is missing, for each that is.
    pub gaps: Vec<String>,
    /// What is said of the sources of the figures there are.
    pub remarks: Vec<String>,
}

/// Figures that may leave. Private fields: [`disclose`] is the only maker.
#[derive(Clone, Debug, PartialEq)]
pub struct DisclosedTable {
    period: Period,
    rows: BTreeMap<IndicatorKey, DisclosedIndicator>,
}

impl DisclosedTable {
    /// The period the figures are about.
    pub fn period(&self) -> Period {
        self.period
    }

    /// Every indicator, by measure, area and breakdown.
    pub fn rows(&self) -> impl Iterator<Item = (&IndicatorKey, &DisclosedIndicator)> {
        self.rows.iter()
    }

    /// One indicator.
    pub fn get(&self, key: &IndicatorKey) -> Option<&DisclosedIndicator> {
        self.rows.get(key)
    }
}

/// Decides, figure by figure and then family by family, what may be shown.
pub fn disclose(table: &AssessedTable, rules: DisclosureRules<'_>) -> DisclosedTable {
    let known = |key: &IndicatorKey| rules.measures.get(&key.measure);
    let mut shown: BTreeMap<IndicatorKey, Shown> = table
        .rows
        .iter()
        .filter_map(|(key, assessed)| {
            Some((key.clone(), protection::shown(&assessed.indicator, known(key)?)))
        })
        .collect();
    protection::protect_families(&mut shown, rules.measures);
    let rows = shown
        .into_iter()
        .filter_map(|(key, shown)| {
            let (assessed, measure) = (table.rows.get(&key)?, known(&key)?);
            Some((key, disclosed(assessed, measure, shown, table.period)))
        })
        .collect();
    DisclosedTable { period: table.period, rows }
}

fn disclosed(
    assessed: &Assessed,
    measure: &Measure,
    shown: Shown,
    period: Period,
) -> DisclosedIndicator {
    let indicator = &assessed.indicator;
    let is_open = measure.disclosure == Disclosure::Open;
    let (verdict, reason) = verdict(assessed, measure, &shown, period);
    let Shown { value, year_before, rolling, rolling_previous } = shown;
    let statuses = shown_statuses(assessed, measure);
    let change = if statuses.data == DataStatus::Break {
        ShownNumber { value: None, marks: Marks::of(Mark::B), rounded: false }
    } else {
        difference(&value, &year_before)
    };
    let rate = indicator.rate.as_ref().filter(|_| is_open).map(|rate| ShownRate {
        per_1000: rate.per_1000,
        interval: rate.interval,
        period: rate.period,
        vintage: rate.vintage.clone(),
        peer_average: indicator.peer_average,
        mark: rate.mark(),
    });
    DisclosedIndicator {
        change_tenths_pct: if is_open {
            indicator.change.and_then(|change| change.tenths_pct)
        } else if indicator.change.is_none() {
            None
        } else {
            whole_percent(&change, &year_before, measure.unit)
        },
        direction: change.value.map(|change| match change.signum() {
            1 => Direction::Up,
            -1 => Direction::Down,
            _ => Direction::NoClearChange,
        }),
        rolling_12_months: rolling,
        rolling_12_months_previous: rolling_previous,
        rate,
        position: indicator.position.clone().filter(|_| is_open),
        position_year_before: indicator.position_year_before.clone().filter(|_| is_open),
        peers: indicator.peers.filter(|_| is_open),
        share: indicator.share.filter(|_| is_open),
        evidence: if is_open {
            indicator.change.and_then(|change| change.evidence)
        } else {
            let counted = change.value.filter(|_| measure.unit == Unit::Count);
            counted.and_then(|_| shown_evidence(&value, &year_before, indicator.exposures))
        },
        statuses,
        peer_rates: indicator.peer_rates.clone().filter(|_| is_open),
        history: indicator.history.clone().filter(|_| is_open),
        target: indicator.target.filter(|_| is_open),
        spc: indicator.spc.clone().filter(|_| is_open),
        // By how many months there are, never by what is in them: rare events make no chart.
        spc_withheld: indicator.chartable && !is_open,
        verdict,
        reason,
        gaps: shown_gaps(assessed, measure),
        remarks: indicator.remarks.clone(),
        value,
        year_before,
        change,
    }
}

/// What the shown figures of a protected count say of their difference.
fn shown_evidence(
    now: &ShownNumber,
    before: &ShownNumber,
    exposures: Exposures,
) -> Option<Evidence> {
    two_counts_p_value(now.value?, before.value?, exposures.now, exposures.before).map(evidence)
}

/// The statuses of a protected measure: what its exact months and rates say would give them away.
fn shown_statuses(assessed: &Assessed, measure: &Measure) -> Statuses {
    let exact = assessed.statuses;
    if measure.disclosure == Disclosure::Open {
        return exact;
    }
    let target = match exact.target {
        TargetStatus::NotSet => TargetStatus::NotSet,
        _ => TargetStatus::CannotJudge,
    };
    let data = shown_data(&assessed.indicator, measure);
    Statuses { data, variation: Variation::NoChart, comparison: None, target }
}

/// Whether it can be judged; of a protected quotient not whether its base is large enough for one.
fn shown_data(indicator: &Indicator, measure: &Measure) -> DataStatus {
    let arrived = [&indicator.value, &indicator.rolling_12_months]
        .into_iter()
        .any(|figure| !figure.marks.contains(Mark::X));
    match indicator.data {
        DataStatus::Blocked | DataStatus::Held => indicator.data,
        _ if arrived && protection::hides_everything(measure) => DataStatus::Withheld,
        data => data,
    }
}

/// Why figures are missing; of a protected quotient only that they are withheld, since a base that
/// is too small says how small it is.
fn shown_gaps(assessed: &Assessed, measure: &Measure) -> Vec<String> {
    if measure.disclosure != Disclosure::Open && measure.quotient.is_some() {
        return Vec::new();
    }
    assessed.indicator.gaps.clone()
}

/// The verdict that may be shown: of a protected measure, the one its shown figures give.
fn verdict(
    assessed: &Assessed,
    measure: &Measure,
    shown: &Shown,
    period: Period,
) -> (Verdict, String) {
    let as_assessed = (assessed.verdict, assessed.reason.clone());
    if measure.disclosure == Disclosure::Open {
        return as_assessed;
    }
    if shown.value.is_withheld() || shown.year_before.is_withheld() {
        let reason = "a figure is withheld so that nobody can be identified";
        return (Verdict::CannotJudge, reason.to_owned());
    }
    if measure.quotient.is_some() {
        let reason = "withheld so that nobody can be identified";
        return (Verdict::CannotJudge, reason.to_owned());
    }
    let indicator = &assessed.indicator;
    let without_chart = judge_without_chart(indicator, measure, period);
    if without_chart.0 == Verdict::CannotJudge {
        return without_chart;
    }
    let (year, months) = ("the same period a year before", "the 12 months before");
    let (quarter, twelve) = (indicator.exposures, indicator.rolling_exposures);
    // What a break parts has no change.
    let pairs = [
        (indicator.change, &shown.value, &shown.year_before, quarter, year),
        (indicator.rolling_change, &shown.rolling, &shown.rolling_previous, twelve, months),
    ];
    pairs
        .into_iter()
        .find_map(|(change, now, before, exposures, basis)| {
            let counts = (now.value?, before.value?);
            by_two_counts(counts, exposures, measure, basis).filter(|_| change.is_some())
        })
        .unwrap_or_else(|| {
            let reason = "too little may be shown to judge by";
            (Verdict::CannotJudge, reason.to_owned())
        })
}

fn difference(now: &ShownNumber, before: &ShownNumber) -> ShownNumber {
    let value = match (now.value, before.value) {
        (Some(now), Some(before)) => now.checked_sub(before),
        _ => None,
    };
    let mut marks: Marks = now
        .marks
        .iter()
        .chain(before.marks.iter())
        .filter(|mark| value.is_none() == mark.replaces_number())
        .collect();
    if value.is_none() && marks.is_empty() {
        marks.insert(Mark::X);
    }
    ShownNumber { value, marks, rounded: now.rounded || before.rounded }
}

/// Whole percents, as tenths, from the figures as shown.
fn whole_percent(change: &ShownNumber, base: &ShownNumber, unit: Unit) -> Option<i64> {
    let (change, base) = (change.value?, base.value?);
    if base < base_min(unit) || unit == Unit::Percent {
        return None;
    }
    // Half away from zero, in half percents first.
    let halves = change.checked_mul(200)? / base;
    let whole = if halves < 0 { (halves - 1) / 2 } else { (halves + 1) / 2 };
    Some(whole * 10)
}
