//! The plausibility gate: a figure that collapses is held until a person lets it through.
//!
//! Held is a quarter (or the period asked for) that is more than 60 % below the same months a year
//! before, or under 5 % of the median of the equal periods before it (4 to 8 of them). Under 20 in
//! the comparison nothing is held: small counts fall like that by chance. The whole is looked at;
//! its parts are held with it. Source: five Kent
//! partnerships whose published counts fell by 99 % through a fault of recording, and nobody was
//! asked.

use model::{Disclosure, FigureId, Measure, Period};

use crate::definitions::Releases;
use crate::derive::Points;
use crate::protection::{THRESHOLD, nearest_multiple};
use crate::total::total;

/// Below this a fall is no sign of anything.
const BASE_MIN: i64 = 20;
/// As many equal periods before are looked at, at most and at least.
const MEDIAN_OF: std::ops::RangeInclusive<usize> = 4..=8;
/// Quarters back from the period that are looked at: those of two years, which figures are made of.
const QUARTERS: i32 = 8;

/// Against what a figure is implausibly low.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HeldAgainst {
    /// The same months a year before.
    YearBefore,
    /// The median of the equal periods before.
    Median,
}

/// A figure that is held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// Its name, by which it can be let through.
    pub figure: FigureId,
    /// The figure.
    pub value: i64,
    /// What it is implausibly low against.
    pub against: HeldAgainst,
    /// How many that is.
    pub usual: i64,
}

impl Held {
    /// Why, in words without figures: some are not for readers.
    pub fn reason(&self) -> String {
        let usual = match self.against {
            HeldAgainst::YearBefore => "more than 60 % below the same months of the year before",
            HeldAgainst::Median => "under 5 % of what is usual",
        };
        format!(
            "held back: {} is {usual}, and nobody has confirmed it yet",
            self.figure.period.calendar()
        )
    }
}

/// What is held of a series, as far as figures of `period` are made of it.
pub(crate) fn held(
    points: &Points,
    measure: &Measure,
    name: impl Fn(Period) -> FigureId,
    period: Period,
    releases: &Releases,
) -> Vec<Held> {
    if !measure.unit.is_additive() || points.is_empty() {
        return Vec::new();
    }
    let newest = Period::quarter_of(period.last());
    let twelve = Period::ending(period.last(), 12);
    let mut windows: Vec<Period> = (0..QUARTERS).map(|back| newest.shifted(-3 * back)).collect();
    windows.extend([period, period.year_before(), twelve, twelve.year_before()]);
    windows.sort_unstable();
    windows.dedup();
    let exact = |window: Period| total(points, window, true).and_then(|figure| figure.value);
    // Of protected counts the gate sees what readers see: what it holds must not say more.
    let figure = |window: Period| {
        let value = exact(window)?;
        Some(match measure.disclosure {
            Disclosure::Open => value,
            Disclosure::Rounded => nearest_multiple(value),
            Disclosure::Suppressed if value.abs() < THRESHOLD => 0,
            Disclosure::Suppressed => nearest_multiple(value),
        })
    };
    let is_released = |window: Period| {
        releases.iter().any(|(id, released)| {
            let mine = name(id.period) == *id;
            mine && id.period.contains(window) && exact(id.period) == Some(*released)
        })
    };
    let mut found = Vec::new();
    for window in windows {
        let Some((value, against, usual)) = implausible(&figure, window) else { continue };
        if !is_released(window) {
            let value = exact(window).unwrap_or(value);
            found.push(Held { figure: name(window), value, against, usual });
        }
    }
    found
}

fn implausible(
    figure: &impl Fn(Period) -> Option<i64>,
    window: Period,
) -> Option<(i64, HeldAgainst, i64)> {
    let value = figure(window)?;
    if let Some(before) = figure(window.year_before())
        && before >= BASE_MIN
        && i128::from(value) * 10 < i128::from(before) * 4
    {
        return Some((value, HeldAgainst::YearBefore, before));
    }
    let length = window.length_months();
    let mut earlier: Vec<i64> = (1..)
        .map_while(|back: i32| figure(window.shifted(-length * back)))
        .take(*MEDIAN_OF.end())
        .collect();
    if !MEDIAN_OF.contains(&earlier.len()) {
        return None;
    }
    earlier.sort_unstable();
    let middle = earlier.len() / 2;
    let median = if earlier.len() % 2 == 1 {
        earlier[middle]
    } else {
        i64::midpoint(earlier[middle - 1], earlier[middle])
    };
    (median >= BASE_MIN && i128::from(value) * 20 < i128::from(median)).then_some((
        value,
        HeldAgainst::Median,
        median,
    ))
}

#[cfg(test)]
mod tests {
    use model::{Breakdown, Figure, Geography, Point, SubmissionHash};

    use super::*;

    fn quarters(values: &[i64]) -> Points {
        let last: Period = "2025-26Q1".parse().expect("a quarter");
        let back = (0_i32..).zip(values.iter().rev());
        back.map(|(back, value)| {
            let submission = SubmissionHash::of(b"q");
            (last.shifted(-3 * back), Point { figure: Figure::number(*value), submission })
        })
        .collect()
    }

    fn names(period: Period) -> FigureId {
        let breakdown = Breakdown::all();
        FigureId { measure: "m".into(), breakdown, area: "E07000111".into(), period }
    }

    fn held_of(values: &[i64], releases: &Releases) -> String {
        let measure = Measure::count("m", Geography::District);
        let period = "2025-26Q1".parse().expect("a quarter");
        let found = held(&quarters(values), &measure, names, period, releases);
        let found: Vec<String> = found
            .iter()
            .map(|held| format!("{} {} < {}", held.figure.period, held.value, held.usual))
            .collect();
        found.join(", ")
    }

    #[test]
    fn a_collapse_is_held_and_an_ordinary_fall_is_not() {
        let none = Releases::new();
        insta::assert_snapshot!(held_of(&[100, 100, 100, 100, 39], &none), @"2024-25Q2 10 < 400");
        insta::assert_snapshot!(held_of(&[100, 100, 100, 100, 40], &none), @"");
        insta::assert_snapshot!(held_of(&[19, 19, 19, 19, 0], &none), @"");
        // The year before is unknown, and the quarters before say what is usual.
        insta::assert_snapshot!(held_of(&[15, 400, 420, 380, 410, 10, 420, 380, 410], &none), @"2024-25Q2 10 < 400");
    }

    #[test]
    fn what_was_let_through_is_held_again_when_it_changes() {
        let let_through = Releases::from([(names("2025-26Q1".parse().expect("a quarter")), 39)]);
        insta::assert_snapshot!(held_of(&[100, 100, 100, 100, 39], &let_through), @"");
        insta::assert_snapshot!(held_of(&[100, 100, 100, 100, 38], &let_through), @"2025-26Q1 38 < 100");
    }
}
