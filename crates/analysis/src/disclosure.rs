//! What may be shown. The only way to a [`DisclosedTable`].
//!
//! A measure is declared `open` (already published elsewhere: exact), `rounded` (to 5) or
//! `suppressed`: counts from 1 to 4 are withheld and the rest rounded to 5, so that a withheld
//! count cannot be found by subtraction from rounded totals. Totals are rounded from their true
//! values, each by itself. Changes and percentages are made from what is shown, never from what
//! is true; positions, rates and control-chart limits of protected measures are left out, since
//! their decimals would give the counts away.

use std::collections::BTreeMap;

use model::{Disclosure, Figure, Mark, Marks, Measure, MeasureId, Period, Unit};

use crate::assess::{Assessed, AssessedTable};
use crate::indicator::{Direction, IndicatorKey, Position, SpcSummary, Verdict};
use crate::rate::Interval;

/// Counts from 1 to below this are withheld.
const THRESHOLD: i64 = 5;
/// Protected counts are shown to the nearest of this.
const BASE: i64 = 5;
/// No percentage is given on a smaller base.
const PERCENTAGE_BASE_MIN: i64 = 20;

/// How each measure may be shown.
#[derive(Clone, Copy, Debug)]
pub struct DisclosureRules<'a> {
    /// Measures by id; a measure that is not here is not shown at all.
    pub measures: &'a BTreeMap<MeasureId, Measure>,
}

/// A number as it may be shown, or why it may not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShownNumber {
    value: Option<i64>,
    marks: Marks,
    rounded: bool,
}

impl ShownNumber {
    /// The number, in the measure's smallest unit.
    pub fn value(&self) -> Option<i64> {
        self.value
    }

    /// Why there is none, or how to read it.
    pub fn marks(&self) -> &Marks {
        &self.marks
    }

    /// Whether it was rounded for protection.
    pub fn is_rounded(&self) -> bool {
        self.rounded
    }
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

/// Decides, figure by figure, what may be shown.
pub fn disclose(table: &AssessedTable, rules: DisclosureRules<'_>) -> DisclosedTable {
    let rows = table
        .rows
        .iter()
        .filter_map(|(key, assessed)| {
            let measure = rules.measures.get(&key.measure)?;
            Some((key.clone(), disclosed(assessed, measure)))
        })
        .collect();
    DisclosedTable { period: table.period, rows }
}

fn disclosed(assessed: &Assessed, measure: &Measure) -> DisclosedIndicator {
    let Assessed { indicator, verdict, reason } = assessed;
    let shown = |figure: &Figure| shown(figure, measure);
    let value = shown(&indicator.value);
    let year_before = shown(&indicator.year_before);
    let is_open = measure.disclosure == Disclosure::Open;
    let change = difference(&value, &year_before);
    let withheld = value.marks.contains(Mark::C) || year_before.marks.contains(Mark::C);
    let rate = indicator.rate.as_ref().filter(|_| is_open).map(|rate| ShownRate {
        per_1000: rate.per_1000,
        interval: rate.interval,
        period: rate.period,
        vintage: rate.vintage.clone(),
        peer_average: indicator.peer_average,
    });
    DisclosedIndicator {
        change_tenths_pct: if is_open {
            indicator.change_tenths_pct
        } else {
            whole_percent(&change, &year_before, measure.unit)
        },
        direction: change.value.map(|change| match change.signum() {
            1 => Direction::Up,
            -1 => Direction::Down,
            _ => Direction::NoClearChange,
        }),
        rolling_12_months: shown(&indicator.rolling_12_months),
        rolling_12_months_previous: shown(&indicator.rolling_12_months_previous),
        rate,
        position: indicator.position.clone().filter(|_| is_open),
        spc: indicator.spc.clone().filter(|_| is_open),
        spc_withheld: indicator.spc.is_some() && !is_open,
        verdict: if withheld { Verdict::CannotJudge } else { *verdict },
        reason: if withheld {
            "a figure is withheld so that nobody can be identified".to_owned()
        } else {
            reason.clone()
        },
        gaps: indicator.gaps.clone(),
        value,
        year_before,
        change,
    }
}

fn shown(figure: &Figure, measure: &Measure) -> ShownNumber {
    let marks = figure.marks.clone();
    let Some(value) = figure.value else {
        return ShownNumber { value: None, marks, rounded: false };
    };
    // A percentage of unknown base cannot be protected by rounding: it is withheld whole.
    let withheld = match (measure.disclosure, measure.unit) {
        (Disclosure::Open | Disclosure::Rounded, _) => false,
        (Disclosure::Suppressed, Unit::Percent) => true,
        (Disclosure::Suppressed, Unit::Count | Unit::Pounds) => {
            value != 0 && value.abs() < THRESHOLD
        }
    };
    if withheld {
        return ShownNumber { value: None, marks: Marks::of(Mark::C), rounded: false };
    }
    let rounded = measure.disclosure != Disclosure::Open;
    let value = if rounded { nearest_multiple(value) } else { value };
    ShownNumber { value: Some(value), marks, rounded }
}

/// To the nearest multiple of 5, half away from zero.
fn nearest_multiple(value: i64) -> i64 {
    (value + value.signum() * (BASE / 2)) / BASE * BASE
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
    if base < PERCENTAGE_BASE_MIN || unit == Unit::Percent {
        return None;
    }
    // Half away from zero, in half percents first.
    let halves = change.checked_mul(200)? / base;
    let whole = if halves < 0 { (halves - 1) / 2 } else { (halves + 1) / 2 };
    Some(whole * 10)
}

#[cfg(test)]
mod tests {
    use model::{Geography, Polarity};

    use super::*;

    fn measure(disclosure: Disclosure) -> Measure {
        Measure {
            id: "m".into(),
            label: "M".to_owned(),
            unit: Unit::Count,
            polarity: Polarity::LowerIsBetter,
            disclosure,
            geography: Geography::District,
            priority: None,
            per_1000: false,
            sum_of: Vec::new(),
            provisional: false,
            begins: None,
            illustrative: false,
            source: String::new(),
        }
    }

    fn as_shown(disclosure: Disclosure, values: &[i64]) -> String {
        let measure = measure(disclosure);
        let texts: Vec<String> = values
            .iter()
            .map(|value| {
                let number = shown(&Figure::number(*value), &measure);
                number.value.map_or_else(|| number.marks.to_string(), |value| value.to_string())
            })
            .collect();
        texts.join(" ")
    }

    #[test]
    fn three_ways_to_show_the_same_counts() {
        let counts = [0, 1, 2, 3, 4, 5, 7, 8, 12, 13, 402];
        insta::assert_snapshot!(as_shown(Disclosure::Open, &counts), @"0 1 2 3 4 5 7 8 12 13 402");
        insta::assert_snapshot!(as_shown(Disclosure::Rounded, &counts), @"0 0 0 5 5 5 5 10 10 15 400");
        insta::assert_snapshot!(as_shown(Disclosure::Suppressed, &counts), @"0 [c] [c] [c] [c] 5 5 10 10 15 400");
    }

    proptest::proptest! {
        /// The attacker knows the total and every other part as shown: what is left for a withheld
        /// part must be more than one count.
        #[test]
        fn a_withheld_part_cannot_be_computed_from_a_shown_total(parts in proptest::collection::vec(0..40_i64, 2..8)) {
            let measure = measure(Disclosure::Suppressed);
            let show = |value: i64| shown(&Figure::number(value), &measure).value;
            let Some(total) = show(parts.iter().sum()) else { return Ok(()) };
            let hidden: Vec<usize> = (0..parts.len()).filter(|i| show(parts[*i]).is_none()).collect();
            if hidden.len() != 1 {
                return Ok(());
            }
            let range = |shown: i64| match shown { 0 => (0, 0), 5 => (5, 7), more => (more - 2, more + 2) };
            let total = range(total);
            let others = parts.iter().filter_map(|part| show(*part)).map(range)
                .fold((0, 0), |sum, part| (sum.0 + part.0, sum.1 + part.1));
            let (low, high) = ((total.0 - others.1).max(1), (total.1 - others.0).min(4));
            proptest::prop_assert!(high > low, "{parts:?} leaves {low}..={high}");
        }
    }
}
