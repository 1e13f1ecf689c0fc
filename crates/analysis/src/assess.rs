//! Verdicts: what may be said of an indicator, and why.
//!
//! The rule, in order: no figure, no verdict; a measure of which neither more nor less is better
//! has none; a control chart of at least 12 months decides by its last month; otherwise an exact
//! test of the two counts a year apart at 5 %. Reasons carry no figures, so that they can be shown
//! whatever is withheld.

use std::collections::BTreeMap;

use model::{Figure, Measure, MeasureId, Period, Polarity, Unit};

use crate::compare::two_counts_p_value;
use crate::indicator::{Direction, Indicator, IndicatorKey, IndicatorTable, Verdict};
use crate::spc::SpcState;

const SIGNIFICANCE: f64 = 0.05;

/// An indicator and what may be said of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Assessed {
    /// The figures.
    pub indicator: Indicator,
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
            let indicator = indicator.clone();
            Some((key.clone(), Assessed { indicator, verdict, reason }))
        })
        .collect();
    AssessedTable { period: table.period, rows }
}

fn judge(indicator: &Indicator, measure: &Measure, period: Period) -> (Verdict, String) {
    let first_gap = || indicator.gaps.first().cloned().unwrap_or_else(|| "no figures".to_owned());
    if indicator.value.value.is_none() && indicator.rolling_12_months.value.is_none() {
        return (Verdict::CannotJudge, first_gap());
    }
    if measure.polarity == Polarity::Neutral {
        let reason = "for this measure neither more nor fewer is better by itself";
        return (Verdict::CannotJudge, reason.to_owned());
    }
    if let Some(spc) = &indicator.spc {
        return by_control_chart(spc.state, measure.polarity);
    }
    if measure.unit != Unit::Count {
        return (Verdict::CannotJudge, "only counts are judged so far".to_owned());
    }
    let twelve = Period::ending(period.last(), 12);
    let compared = |now: &Figure, before: &Figure, period: Period, basis: &str| {
        by_two_counts((now.value?, before.value?), period, measure, basis)
    };
    let Indicator { value, year_before, rolling_12_months: rolling, .. } = indicator;
    compared(value, year_before, period, "the same period a year before")
        .or_else(|| {
            compared(rolling, &indicator.rolling_12_months_previous, twelve, "the 12 months before")
        })
        .unwrap_or_else(|| (Verdict::CannotJudge, no_comparison(indicator, period)))
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

fn by_control_chart(state: SpcState, polarity: Polarity) -> (Verdict, String) {
    let (verdict, words) = match (state, polarity) {
        (SpcState::CommonCause, _) => (Verdict::NoChange, "within its expected range"),
        (SpcState::SpecialHigh, Polarity::HigherIsBetter) => {
            (Verdict::Improving, "above its expected range or trend")
        }
        (SpcState::SpecialHigh, _) => (Verdict::Concern, "above its expected range or trend"),
        (SpcState::SpecialLow, Polarity::HigherIsBetter) => {
            (Verdict::Concern, "below its expected range or trend")
        }
        (SpcState::SpecialLow, _) => (Verdict::Improving, "below its expected range or trend"),
    };
    (verdict, format!("the latest month is {words} (control chart)"))
}

/// The verdict that two counts a year apart give, and why.
pub(crate) fn by_two_counts(
    (now, before): (i64, i64),
    period: Period,
    measure: &Measure,
    basis: &str,
) -> Option<(Verdict, String)> {
    let days = |period: Period| f64::from(period.length_days());
    let p = two_counts_p_value(now, before, days(period), days(period.year_before()))?;
    let direction = match now.cmp(&before) {
        std::cmp::Ordering::Greater => Direction::Up,
        std::cmp::Ordering::Less => Direction::Down,
        std::cmp::Ordering::Equal => Direction::NoClearChange,
    };
    if p >= SIGNIFICANCE || direction == Direction::NoClearChange {
        let reason = format!("no more than chance variation explains against {basis}");
        return Some((Verdict::NoChange, reason));
    }
    let better = (direction == Direction::Down) == (measure.polarity == Polarity::LowerIsBetter);
    let word = if direction == Direction::Up { "higher" } else { "lower" };
    let verdict = if better { Verdict::Improving } else { Verdict::Concern };
    Some((verdict, format!("{word} than {basis} by more than chance variation explains")))
}
