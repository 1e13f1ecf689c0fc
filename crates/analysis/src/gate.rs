//! The plausibility gate: a figure that collapses is held until a person lets it through.
//!
//! Held is a quarter (or the period asked for) that is more than 60 % below the same months a year
//! before, or under 5 % of the median of the equal periods before it (3 to 8 of them). Under 20 in
//! the comparison nothing is held: small counts fall like that by chance. The whole is looked at;
//! its parts are held with it. Source: five Kent
//! partnerships whose published counts fell by 99 % through a fault of recording, and nobody was
//! asked.

use std::cell::RefCell;
use std::collections::BTreeMap;

use model::{Disclosure, FigureId, Grain, Measure, Month, Period};

use crate::definitions::Releases;
use crate::derive::Points;
use crate::protection::{THRESHOLD, nearest_multiple};
use crate::reading::base_min;
use crate::total::total;

/// As many equal periods before are looked at, at most and at least.
const MEDIAN_OF: std::ops::RangeInclusive<usize> = 3..=8;
/// As many years back a year that is not held is looked for.
const YEARS: i32 = 4;

/// Against what a figure is implausibly low.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HeldAgainst {
    /// The same months of the last year that is known and not held.
    EarlierYear {
        /// How many years before.
        years: i32,
    },
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
            HeldAgainst::EarlierYear { years: 1 } => {
                "more than 60 % below the same months of the year before".to_owned()
            }
            HeldAgainst::EarlierYear { years } => {
                format!("more than 60 % below the same months {years} years before")
            }
            HeldAgainst::Median => "under 5 % of what is usual".to_owned(),
        };
        format!(
            "held back: {} is {usual}, and nobody has confirmed it yet",
            self.figure.period.calendar()
        )
    }
}

/// What is held of a series, as far as figures of `period` are made of it. Of `usable` periods only:
/// what a source note blocks is neither held nor a yardstick.
///
/// Quarters are looked at in the order of time, and one that is held is no yardstick for later
/// ones: a fault that lasts would else become what is usual.
pub(crate) fn held(
    points: &Points,
    measure: &Measure,
    name: impl Fn(Period) -> FigureId,
    period: Period,
    (releases, usable): (&Releases, impl Fn(Period) -> bool),
) -> Vec<Held> {
    let Some(earliest) = points.keys().map(|it| it.first()).min() else { return Vec::new() };
    if !measure.unit.is_additive() {
        return Vec::new();
    }
    // Each quarter is a yardstick for many others.
    let known = RefCell::new(BTreeMap::new());
    let exact = |window: Period| -> Option<i64> {
        *known.borrow_mut().entry(window).or_insert_with(|| {
            let figure = total(points, window, true).filter(|_| usable(window))?;
            figure.value
        })
    };
    // Of protected counts the gate sees what readers see: what it holds must not say more.
    let seen = |window: Period| {
        let value = exact(window)?;
        Some(match measure.disclosure {
            Disclosure::Open => value,
            Disclosure::Suppressed if value.abs() < THRESHOLD => 0,
            Disclosure::Rounded | Disclosure::Suppressed => nearest_multiple(value),
        })
    };
    let is_released = |window: Period| {
        releases.iter().any(|(id, released)| {
            let mine = name(id.period) == *id;
            mine && id.period.contains(window) && exact(id.period) == Some(*released)
        })
    };
    // What quarters make up is held with them, and let through with them.
    let has_quarters = |window: Period| {
        let length = window.length_months();
        3 < length
            && (0..=length - 3).any(|offset| {
                let quarter = Period::ending(window.first().plus(offset + 2), 3);
                quarter.grain() == Grain::Quarter && exact(quarter).is_some()
            })
    };
    let mut found: Vec<Held> = Vec::new();
    for window in windows(earliest, period).into_iter().filter(|window| !has_quarters(*window)) {
        let yardstick = |other: Period| {
            let is_held = found.iter().any(|held| held.figure.period.overlaps(other));
            seen(other).filter(|_| !is_held)
        };
        let implausible = seen(window).and_then(|value| {
            implausible(value, &yardstick, window, (earliest, base_min(measure.unit)))
        });
        if let Some((against, usual)) = implausible
            && !is_released(window)
        {
            let value = exact(window).unwrap_or_default();
            found.push(Held { figure: name(window), value, against, usual });
        }
    }
    found
}

/// The quarters of a series up to the period, oldest first; then the period itself and its 12
/// months, with those of the year before.
fn windows(earliest: Month, period: Period) -> Vec<Period> {
    let newest = Period::quarter_of(period.last());
    let mut quarter = Period::quarter_of(earliest);
    let mut windows = Vec::new();
    while quarter <= newest {
        windows.push(quarter);
        quarter = quarter.shifted(3);
    }
    let twelve = Period::ending(period.last(), 12);
    for window in [twelve.year_before(), period.year_before(), twelve, period] {
        if !windows.contains(&window) {
            windows.push(window);
        }
    }
    windows
}

fn implausible(
    value: i64,
    yardstick: &impl Fn(Period) -> Option<i64>,
    window: Period,
    (earliest, base): (Month, i64),
) -> Option<(HeldAgainst, i64)> {
    let before =
        (1..=YEARS).find_map(|years| Some((years, yardstick(window.shifted(-12 * years))?)));
    if let Some((years, before)) = before
        && before >= base
        && i128::from(value) * 10 < i128::from(before) * 4
    {
        return Some((HeldAgainst::EarlierYear { years }, before));
    }
    let length = window.length_months();
    let mut earlier: Vec<i64> = (1..)
        .map(|back: i32| window.shifted(-length * back))
        .take_while(|other| earliest <= other.first())
        .filter_map(yardstick)
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
    (median >= base && i128::from(value) * 20 < i128::from(median))
        .then_some((HeldAgainst::Median, median))
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
        let found = held(&quarters(values), &measure, names, period, (releases, |_| true));
        let found: Vec<String> = found
            .iter()
            .map(|held| format!("{} {} < {}", held.figure.period, held.value, held.usual))
            .collect();
        found.join(", ")
    }

    #[test]
    fn a_collapse_is_held_and_an_ordinary_fall_is_not() {
        let none = Releases::new();
        insta::assert_snapshot!(held_of(&[100, 100, 100, 100, 39], &none), @"2025-26Q1 39 < 100");
        insta::assert_snapshot!(held_of(&[100, 100, 100, 100, 40], &none), @"");
        insta::assert_snapshot!(held_of(&[19, 19, 19, 19, 0], &none), @"");
        // The year before is unknown, and the quarters before say what is usual.
        insta::assert_snapshot!(held_of(&[15, 400, 420, 380, 410, 10, 420, 380, 410], &none), @"2024-25Q2 10 < 400");
    }

    #[test]
    fn a_fault_that_lasts_never_becomes_what_is_usual() {
        let none = Releases::new();
        let years = [400, 420, 380, 410, 4, 4, 4, 4, 4, 4, 4, 4];
        insta::assert_snapshot!(held_of(&years, &none), @"2023-24Q2 4 < 400, 2023-24Q3 4 < 420, 2023-24Q4 4 < 380, 2024-25Q1 4 < 410, 2024-25Q2 4 < 400, 2024-25Q3 4 < 420, 2024-25Q4 4 < 380, 2025-26Q1 4 < 410");
    }

    #[test]
    fn what_was_let_through_is_held_again_when_it_changes() {
        let let_through = Releases::from([(names("2025-26Q1".parse().expect("a quarter")), 39)]);
        insta::assert_snapshot!(held_of(&[100, 100, 100, 100, 39], &let_through), @"");
        insta::assert_snapshot!(held_of(&[100, 100, 100, 100, 38], &let_through), @"2025-26Q1 38 < 100");
    }
}
