//! Verdicts: what may be said of an indicator, and why.
//!
//! Four statuses are kept apart: *data* (can it be judged), *variation* (is it changing),
//! *comparison* (against peers) and *target* (will it be met). The verdict follows by one rule, in
//! this order:
//!
//! 1. no figure that may be used: cannot judge;
//! 2. neither more nor fewer is better: cannot judge;
//! 3. a control chart of 7 months or more since the last break: its last month decides;
//! 4. a break between the two stretches: cannot judge;
//! 5. otherwise the exact test of two counts a year apart decides, at 99.8 %. Between 95 and
//!    99.8 % is *watch*: said, and no verdict. Recorded crime comes in series, so that chance alone
//!    makes more such differences than the test believes.
//!
//! Peers and targets are reported beside the verdict and never change it. Reasons carry no
//! figures, so that they can be shown whatever is withheld.

use std::collections::BTreeMap;

use model::{Measure, MeasureId, Period, Polarity, Unit};

use crate::assurance::Assurance;
use crate::compare::{Evidence, evidence, two_counts_p_value};
use crate::funnel::FunnelFlag;
use crate::indicator::{
    Charted, DataStatus, Exposures, Indicator, IndicatorKey, IndicatorTable, SpcSummary, Verdict,
};
use crate::spc::{SpcRule, SpcState};

/// Whether a figure is changing, as the control chart has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Variation {
    /// Nothing beyond common-cause variation.
    CommonCause,
    /// Special cause on the high side.
    High(Polarity),
    /// Special cause on the low side.
    Low(Polarity),
    /// There is no chart.
    NoChart,
}

impl Variation {
    /// `common-cause`, `concern-high`, `improvement-low`, `neutral-high`, …, `no-chart`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::CommonCause => "common-cause",
            Self::High(Polarity::LowerIsBetter) => "concern-high",
            Self::High(Polarity::HigherIsBetter) => "improvement-high",
            Self::High(Polarity::Neutral) => "neutral-high",
            Self::Low(Polarity::LowerIsBetter) => "improvement-low",
            Self::Low(Polarity::HigherIsBetter) => "concern-low",
            Self::Low(Polarity::Neutral) => "neutral-low",
            Self::NoChart => "no-chart",
        }
    }
}

/// The four statuses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Statuses {
    /// Can it be judged?
    pub data: DataStatus,
    /// Is it changing?
    pub variation: Variation,
    /// How does it stand against peers? None: it is not compared.
    pub comparison: Option<FunnelFlag>,
    /// Will the target be met?
    pub target: TargetStatus,
}

/// How a measure stands against its target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TargetStatus {
    /// There is no target.
    NotSet,
    /// There is no figure to hold against it.
    CannotJudge,
    /// The latest month met it; without a control chart of the months there is no more to say.
    Met,
    /// The latest month missed it; without a control chart of the months there is no more to say.
    NotMet,
    /// What the limits of the chart say of the months to come.
    Assured(Assurance),
}

impl TargetStatus {
    /// `not-set`, `cannot-judge`, `met`, `not-met`, `consistently-met`, `consistently-missed` or
    /// `hit-and-miss`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NotSet => "not-set",
            Self::CannotJudge => "cannot-judge",
            Self::Met => "met",
            Self::NotMet => "not-met",
            Self::Assured(Assurance::Passes) => "consistently-met",
            Self::Assured(Assurance::Fails) => "consistently-missed",
            Self::Assured(Assurance::HitAndMiss) => "hit-and-miss",
        }
    }
}

/// An indicator and what may be said of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Assessed {
    /// The figures.
    pub indicator: Indicator,
    /// The four statuses.
    pub statuses: Statuses,
    /// The verdict.
    pub verdict: Verdict,
    /// Why, in words without figures.
    pub reason: String,
}

/// Every indicator of one period, judged. Still exact: not for readers.
#[derive(Clone, Debug, PartialEq)]
pub struct AssessedTable {
    /// The period they are about.
    pub period: Period,
    /// By measure, area and breakdown.
    pub rows: BTreeMap<IndicatorKey, Assessed>,
}

/// Judges every indicator.
pub fn assess(table: &IndicatorTable, measures: &BTreeMap<MeasureId, Measure>) -> AssessedTable {
    let rows = table
        .indicators
        .iter()
        .filter_map(|(key, indicator)| {
            let measure = measures.get(&key.measure)?;
            let (verdict, reason) = judge(indicator, measure, table.period);
            let statuses = statuses(indicator, measure);
            let indicator = indicator.clone();
            Some((key.clone(), Assessed { indicator, statuses, verdict, reason }))
        })
        .collect();
    AssessedTable { period: table.period, rows }
}

fn statuses(indicator: &Indicator, measure: &Measure) -> Statuses {
    Statuses {
        data: indicator.data,
        variation: match indicator.spc.as_ref().map(|chart| chart.state) {
            None => Variation::NoChart,
            Some(SpcState::CommonCause) => Variation::CommonCause,
            Some(SpcState::SpecialHigh) => Variation::High(measure.polarity),
            Some(SpcState::SpecialLow) => Variation::Low(measure.polarity),
        },
        comparison: indicator.peers.map(|peers| peers.flag),
        target: match indicator.target {
            None => TargetStatus::NotSet,
            Some(target) => match (target.assurance, target.met) {
                (Some(assurance), _) => TargetStatus::Assured(assurance),
                (None, Some(true)) => TargetStatus::Met,
                (None, Some(false)) => TargetStatus::NotMet,
                (None, None) => TargetStatus::CannotJudge,
            },
        },
    }
}

fn judge(indicator: &Indicator, measure: &Measure, period: Period) -> (Verdict, String) {
    match &indicator.spc {
        Some(chart) if unusable(indicator, measure).is_none() => {
            by_control_chart(chart, measure.polarity)
        }
        _ => judge_without_chart(indicator, measure, period),
    }
}

fn first_gap(indicator: &Indicator) -> String {
    indicator.gaps.first().cloned().unwrap_or_else(|| "no figures".to_owned())
}

/// Why there is nothing to be judged, whatever there is to judge by.
fn unusable(indicator: &Indicator, measure: &Measure) -> Option<String> {
    if indicator.value.value.is_none() && indicator.rolling_12_months.value.is_none() {
        return Some(first_gap(indicator));
    }
    let neutral = "for this measure neither more nor fewer is better by itself";
    (measure.polarity == Polarity::Neutral).then(|| neutral.to_owned())
}

/// The verdict that there would be if there were no control chart. Whether there is one hangs on
/// the exact months, so that of protected measures this is the one to go by.
pub(crate) fn judge_without_chart(
    indicator: &Indicator,
    measure: &Measure,
    period: Period,
) -> (Verdict, String) {
    if let Some(reason) = unusable(indicator, measure) {
        return (Verdict::CannotJudge, reason);
    }
    let first_gap = || first_gap(indicator);
    let Indicator { value, year_before, .. } = indicator;
    if indicator.data == DataStatus::Break {
        let parted = indicator.gaps.iter().find(|gap| gap.contains("not comparable"));
        return (Verdict::CannotJudge, parted.cloned().unwrap_or_else(first_gap));
    }
    let by_change = |change: Option<crate::Change>, basis: &str| {
        let change = change?;
        Some(by_evidence(change.absolute, change.evidence?, measure, basis))
    };
    let found = by_change(indicator.change, "the same period a year before").or_else(|| {
        let no_quarter = value.value.is_none() || year_before.value.is_none();
        by_change(indicator.rolling_change.filter(|_| no_quarter), "the 12 months before")
    });
    found.unwrap_or_else(|| {
        if indicator.change.is_some() && measure.unit != Unit::Count {
            let reason = match measure.unit {
                Unit::Percent => "a percentage that is sent as such is shown and not judged: nobody knows of how many",
                _ => "amounts and averages are shown and not judged: no test says how far they move by chance",
            };
            return (Verdict::CannotJudge, reason.to_owned());
        }
        (Verdict::CannotJudge, no_comparison(indicator, period))
    })
}

/// Why there is nothing to compare with: what is missing a year before the figure there is.
fn no_comparison(indicator: &Indicator, period: Period) -> String {
    let known =
        if indicator.value.value.is_some() { period } else { Period::ending(period.last(), 12) };
    let wanted = known.year_before().calendar();
    match indicator.gaps.iter().find(|gap| gap.contains(&wanted)) {
        Some(gap) => format!("nothing to compare with: {gap}"),
        None => "nothing to compare with".to_owned(),
    }
}

fn by_control_chart(chart: &SpcSummary, polarity: Polarity) -> (Verdict, String) {
    let where_it_is = match (chart.state, chart.rule) {
        (SpcState::CommonCause, _) => "within its expected range".to_owned(),
        (state, rule) => {
            let side = if state == SpcState::SpecialHigh { "above" } else { "below" };
            let way = if state == SpcState::SpecialHigh { "rising" } else { "falling" };
            match rule {
                Some(SpcRule::Trend) => format!("the last of seven or more {way}"),
                Some(SpcRule::Shift) => format!("the last of seven or more {side} the average"),
                Some(SpcRule::NearLimits) => {
                    format!("one of two in three far {side} the average")
                }
                Some(SpcRule::OutsideLimits) | None => format!("{side} its expected range"),
            }
        }
    };
    let verdict = match (chart.state, polarity) {
        (SpcState::CommonCause, _) => Verdict::NoChange,
        (SpcState::SpecialLow, Polarity::HigherIsBetter) => Verdict::Concern,
        (SpcState::SpecialHigh, Polarity::HigherIsBetter) | (SpcState::SpecialLow, _) => {
            Verdict::Improving
        }
        (SpcState::SpecialHigh, _) => Verdict::Concern,
    };
    let kind = match (chart.of, chart.trial) {
        (Charted::Months, false) => "control chart",
        (Charted::Months, true) => "control chart with trial limits: under 12 months",
        (Charted::YearOnYear, false) => "control chart against the same months of the year before",
        (Charted::YearOnYear, true) => {
            "control chart against the same months of the year before, with trial limits"
        }
    };
    // What the chart begins with is somebody's knowledge or decision: it is said with the verdict.
    let began = chart.began.as_ref().map_or_else(String::new, |began| format!("; {began}"));
    (verdict, format!("the latest month is {where_it_is} ({kind}{began})"))
}

fn by_evidence(
    change: i64,
    evidence: Evidence,
    measure: &Measure,
    basis: &str,
) -> (Verdict, String) {
    let word = if change > 0 { "higher" } else { "lower" };
    match evidence {
        Evidence::Exception if change != 0 => {
            let better = (change < 0) == (measure.polarity == Polarity::LowerIsBetter);
            let verdict = if better { Verdict::Improving } else { Verdict::Concern };
            (verdict, format!("{word} than {basis} by more than chance variation explains"))
        }
        Evidence::Watch if change != 0 => {
            let reason = format!(
                "no clear change against {basis}: {word}, to be watched, and chance is not ruled out"
            );
            (Verdict::NoChange, reason)
        }
        Evidence::Exception | Evidence::Watch | Evidence::NoClearChange => {
            let reason = format!("no more than chance variation explains against {basis}");
            (Verdict::NoChange, reason)
        }
    }
}

/// The verdict that two counts a year apart give, and why: of figures as they are shown.
pub(crate) fn by_two_counts(
    (now, before): (i64, i64),
    exposures: Exposures,
    measure: &Measure,
    basis: &str,
) -> Option<(Verdict, String)> {
    let p = two_counts_p_value(now, before, exposures.now, exposures.before)?;
    Some(by_evidence(now.checked_sub(before)?, evidence(p), measure, basis))
}
