//! The sentence of an indicator: its wording follows the statistics, never the other way round.
//!
//! Exact: for the operator. Readers get sentences made of what may be shown.

use model::{Measure, Period, Polarity, Unit};

use crate::assess::{Assessed, TargetStatus};
use crate::assurance::Assurance;
use crate::compare::Evidence;
use crate::funnel::FunnelFlag;
use crate::indicator::{Change, Position};

/// One paragraph: the figure, its change, its peers, its target; what is not known is left out.
pub fn sentence(assessed: &Assessed, measure: &Measure, period: Period) -> String {
    let indicator = &assessed.indicator;
    let (figure, change, window) = match indicator.value.value {
        Some(value) => (Some(value), indicator.change, period),
        None => (
            indicator.rolling_12_months.value,
            indicator.rolling_change,
            Period::ending(period.last(), 12),
        ),
    };
    let Some(figure) = figure else {
        let why = indicator.gaps.first().map_or("no figures have arrived", String::as_str);
        return match why.strip_prefix("not available ") {
            Some(rest) => format!("Not available {rest}."),
            None => format!("Not available: {why}."),
        };
    };
    let mut parts = vec![format!("{} in {}", amount(figure, measure.unit), window.calendar())];
    if let Some(change) = change {
        parts.push(changed(&change, window, measure.unit));
    }
    if let Some(position) = &indicator.position {
        parts.push(placed(position, indicator.position_year_before.as_ref()));
    }
    if let Some(peers) = &indicator.peers {
        parts.push(standing(peers.flag, measure.polarity));
    }
    if let Some(target) = targeted(assessed.statuses.target) {
        parts.push(target.to_owned());
    }
    let mut text = parts.join("; ");
    text.push('.');
    text
}

fn changed(change: &Change, window: Period, unit: Unit) -> String {
    let before = window.year_before().calendar();
    let size = amount(change.absolute.saturating_abs(), unit);
    let points = amount(change.absolute.saturating_abs(), Unit::Decimal);
    let percent = change.tenths_pct.map_or_else(String::new, |tenths| {
        let sign = if tenths < 0 { '-' } else { '+' };
        format!(" ({sign}{}.{} %)", tenths.abs() / 10, tenths.abs() % 10)
    });
    let difference = match (change.absolute.signum(), unit) {
        (0, _) => return format!("as in {before}"),
        (1, Unit::Count) => format!("{size} more than in {before}{percent}"),
        (_, Unit::Count) => format!("{size} fewer than in {before}{percent}"),
        (1, Unit::Percent) => format!("{points} percentage points higher than in {before}"),
        (_, Unit::Percent) => format!("{points} percentage points lower than in {before}"),
        (1, _) => format!("{size} higher than in {before}{percent}"),
        (_, _) => format!("{size} lower than in {before}{percent}"),
    };
    match change.evidence {
        Some(Evidence::Exception) => {
            format!("{difference}, more than chance variation explains")
        }
        Some(Evidence::Watch) => format!("{difference}, to be watched: chance is not ruled out"),
        Some(Evidence::NoClearChange) => format!("{difference}: no clear change"),
        None => difference,
    }
}

fn placed(position: &Position, before: Option<&Position>) -> String {
    let tied = if position.tied { "joint " } else { "" };
    let then =
        before.map_or_else(String::new, |it| format!(" ({} a year before)", ordinal(it.place)));
    format!("{tied}{} of {}{then} among {}", ordinal(position.place), position.of, position.peers)
}

fn standing(flag: FunnelFlag, polarity: Polarity) -> String {
    let (words, is_high) = match flag {
        FunnelFlag::Within => return "within the range of its peers".to_owned(),
        FunnelFlag::WatchHigh => ("above the range of its peers, to be watched", true),
        FunnelFlag::ExceptionHigh => ("far above the range of its peers", true),
        FunnelFlag::WatchLow => ("below the range of its peers, to be watched", false),
        FunnelFlag::ExceptionLow => ("far below the range of its peers", false),
    };
    match polarity {
        Polarity::Neutral => words.to_owned(),
        Polarity::HigherIsBetter if is_high => format!("{words} (better)"),
        Polarity::LowerIsBetter if !is_high => format!("{words} (better)"),
        Polarity::HigherIsBetter | Polarity::LowerIsBetter => format!("{words} (worse)"),
    }
}

fn targeted(target: TargetStatus) -> Option<&'static str> {
    match target {
        TargetStatus::NotSet | TargetStatus::CannotJudge => None,
        TargetStatus::Met => Some("the latest month met its target"),
        TargetStatus::NotMet => Some("the latest month missed its target"),
        TargetStatus::Assured(Assurance::Passes) => Some("its target is consistently met"),
        TargetStatus::Assured(Assurance::Fails) => Some("its target is consistently missed"),
        TargetStatus::Assured(Assurance::HitAndMiss) => {
            Some("its target is hit and missed by chance")
        }
    }
}

/// A number in its unit: `1,234`, `£35.71`, `8.28 %`.
pub(crate) fn amount(value: i64, unit: Unit) -> String {
    let grouped = |whole: i64| {
        let digits = whole.unsigned_abs().to_string();
        let mut text = String::new();
        for (index, digit) in digits.chars().enumerate() {
            if index > 0 && (digits.len() - index).is_multiple_of(3) {
                text.push(',');
            }
            text.push(digit);
        }
        if whole < 0 { format!("-{text}") } else { text }
    };
    let hundredths = || {
        let sign = if value < 0 { "-" } else { "" };
        let size = value.unsigned_abs();
        let whole = i64::try_from(size / 100).unwrap_or(i64::MAX);
        format!("{sign}{}.{:02}", grouped(whole), size % 100)
    };
    match unit {
        Unit::Count => grouped(value),
        Unit::Pounds => format!("£{}", hundredths()),
        Unit::Percent => format!("{} %", hundredths()),
        Unit::Decimal => hundredths(),
    }
}

/// `1st`, `2nd`, `3rd`, `11th`.
pub fn ordinal(place: u32) -> String {
    let suffix = match (place % 10, place % 100) {
        (_, 11..=13) => "th",
        (1, _) => "st",
        (2, _) => "nd",
        (3, _) => "rd",
        _ => "th",
    };
    format!("{place}{suffix}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_is_worded_by_what_it_shows() {
        let window: Period = "2025-26Q1".parse().expect("a quarter");
        let said = |absolute, tenths_pct, evidence, unit| {
            changed(&Change { absolute, tenths_pct, p_value: None, evidence }, window, unit)
        };
        insta::assert_snapshot!(said(71, Some(215), Some(Evidence::Watch), Unit::Count), @"71 more than in April to June 2024 (+21.5 %), to be watched: chance is not ruled out");
        insta::assert_snapshot!(said(-1571, Some(-8), Some(Evidence::NoClearChange), Unit::Count), @"1,571 fewer than in April to June 2024 (-0.8 %): no clear change");
        insta::assert_snapshot!(said(-71, None, Some(Evidence::Exception), Unit::Count), @"71 fewer than in April to June 2024, more than chance variation explains");
        insta::assert_snapshot!(said(0, Some(0), Some(Evidence::NoClearChange), Unit::Count), @"as in April to June 2024");
        insta::assert_snapshot!(said(-105, None, None, Unit::Percent), @"1.05 percentage points lower than in April to June 2024");
        insta::assert_snapshot!(said(123_456, Some(1), None, Unit::Pounds), @"£1,234.56 higher than in April to June 2024 (+0.1 %)");
    }
}
