//! Funnel plots: which areas differ from all of them together by more than chance explains.
//!
//! Limits on the logarithm of the ratio of events to expected events, widened where areas differ
//! among themselves by more than chance: D. J. Spiegelhalter, *Funnel plots for comparing
//! institutional performance* (2005), and Spiegelhalter and others, *Statistical methods for
//! healthcare regulation* (2012), as `FunnelPlotR` has them (`od_adjustment`, `calculate_limits`).
//! Of the ways to keep outliers out of the spread, this is winsorising at the 10th and 90th
//! percentile, as the Care Quality Commission does; the SHMI truncates instead.
//!
//! The limits are approximate: where fewer than about 10 events are expected, the chance to be
//! below the lower ones is larger than they say.

use crate::rate::{Confidence, Interval, as_f64, length_f64};

/// A funnel of fewer areas says nothing; show ranked rates with intervals instead.
const AREAS_MIN: usize = 10;
/// Scores beyond these tenths of all scores are drawn in to them.
const WINSORISED_TENTHS: (usize, usize) = (1, 9);
/// No logarithm has none: this many events stand in for 0.
const INSTEAD_OF_ZERO: f64 = 0.5;

/// Where an area lies in the funnel; an area on a limit is inside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FunnelFlag {
    /// Within the 95 % limits.
    Within,
    /// Above the 95 % limit.
    WatchHigh,
    /// Below the 95 % limit.
    WatchLow,
    /// Above the 99.8 % limit.
    ExceptionHigh,
    /// Below the 99.8 % limit.
    ExceptionLow,
}

impl FunnelFlag {
    /// `within`, `watch-high`, `watch-low`, `exception-high` or `exception-low`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Within => "within",
            Self::WatchHigh => "watch-high",
            Self::WatchLow => "watch-low",
            Self::ExceptionHigh => "exception-high",
            Self::ExceptionLow => "exception-low",
        }
    }
}

/// One area of a funnel. Rates are events per resident.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FunnelArea {
    /// Its own rate.
    pub rate: f64,
    /// Events it would have at the rate of all areas together.
    pub expected: f64,
    /// 95 % limits for its number of residents.
    pub watch: Interval,
    /// 99.8 % limits for its number of residents.
    pub exception: Interval,
    /// Where it lies. An area without events is judged as if it had half of one.
    pub flag: FunnelFlag,
}

/// What a funnel's limits are made of, to draw them for any number of residents.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FunnelShape {
    /// The rate of all areas together, events per resident.
    pub centre: f64,
    /// Variance between areas, as in [`Funnel`].
    pub tau2: f64,
}

impl FunnelShape {
    /// The limits for so many residents, events per resident; none for no residents at all.
    pub fn limits(&self, residents: i64, confidence: Confidence) -> Option<Interval> {
        let expected = self.centre * as_f64(residents);
        (0.0 < expected).then(|| times(limits(expected, self.tau2, confidence), self.centre))
    }
}

/// A funnel of areas. Rates are events per resident.
#[derive(Clone, Debug, PartialEq)]
pub struct Funnel {
    /// The rate of all areas together.
    pub centre: f64,
    /// Mean square of the winsorised scores: about 1 when only chance makes areas differ.
    pub phi: f64,
    /// Variance between areas, of the logarithm of their ratios; 0 when chance explains it all.
    pub tau2: f64,
    /// Whether the limits were widened, which is when `tau2` is above 0.
    pub overdispersed: bool,
    /// As handed in, in the same order.
    pub areas: Vec<FunnelArea>,
}

/// A funnel of areas, each its events and residents. `None` for fewer than ten areas, for an area
/// without residents or below 0 events, and when there are no events at all.
///
/// With E expected and O seen events, z = √E ln(O/E); φ = Σz²/k over the winsorised z of k areas;
/// τ² = (kφ - (k - 1)) / (ΣE - ΣE²/ΣE), or 0 when that is below 0; limits are
/// centre × exp(±z √(1/E + τ²)), with z of [`Confidence`].
pub fn funnel(areas: &[(i64, i64)]) -> Option<Funnel> {
    let sound = |(events, residents): &(i64, i64)| 0 <= *events && 0 < *residents;
    if areas.len() < AREAS_MIN || !areas.iter().all(sound) {
        return None;
    }
    let all_events = areas.iter().try_fold(0_i64, |sum, area| sum.checked_add(area.0))?;
    let all_residents = areas.iter().try_fold(0_i64, |sum, area| sum.checked_add(area.1))?;
    if all_events == 0 {
        return None;
    }
    // A share first: it is the same for residents in thousands.
    let expected: Vec<f64> = areas
        .iter()
        .map(|(_, residents)| as_f64(*residents) / as_f64(all_residents) * as_f64(all_events))
        .collect();
    let ratios: Vec<f64> = areas
        .iter()
        .zip(&expected)
        .map(|((events, _), expected)| {
            let events = if *events == 0 { INSTEAD_OF_ZERO } else { as_f64(*events) };
            events / expected
        })
        .collect();
    let centre = as_f64(all_events) / as_f64(all_residents);
    let (phi, tau2) = spread(&ratios, &expected);
    let areas = areas
        .iter()
        .zip(ratios.iter().zip(&expected))
        .map(|((events, residents), (ratio, expected))| {
            let watch = limits(*expected, tau2, Confidence::P95);
            let exception = limits(*expected, tau2, Confidence::P998);
            FunnelArea {
                rate: as_f64(*events) / as_f64(*residents),
                expected: *expected,
                watch: times(watch, centre),
                exception: times(exception, centre),
                flag: flag(*ratio, watch, exception),
            }
        })
        .collect();
    Some(Funnel { centre, phi, tau2, overdispersed: 0.0 < tau2, areas })
}

/// φ and τ². Everything is put in order before it is added up, so that the order of areas makes
/// no difference, not even in the last digit.
fn spread(ratios: &[f64], expected: &[f64]) -> (f64, f64) {
    let scores = ratios.iter().zip(expected).map(|(ratio, expected)| expected.sqrt() * ratio.ln());
    let scores = sorted(scores.collect());
    let (low, high) = (decile(&scores, WINSORISED_TENTHS.0), decile(&scores, WINSORISED_TENTHS.1));
    let squares: f64 = scores.iter().map(|score| score.clamp(low, high).powi(2)).sum();
    let count = length_f64(scores.len());
    let weights = sorted(expected.to_vec());
    let sum: f64 = weights.iter().sum();
    let sum_of_squares: f64 = weights.iter().map(|weight| weight * weight).sum();
    let between = (squares - (count - 1.0)) / (sum - sum_of_squares / sum);
    (squares / count, between.max(0.0))
}

fn sorted(mut values: Vec<f64>) -> Vec<f64> {
    values.sort_unstable_by(f64::total_cmp);
    values
}

/// The quantile of sorted values at so many tenths, from 0 to 10: by a straight line between the
/// two values it lies between (type 7 of Hyndman and Fan, 1996: the default of R and numpy).
fn decile(sorted: &[f64], tenths: usize) -> f64 {
    let place = (sorted.len() - 1) * tenths;
    let (index, beyond) = (place / 10, length_f64(place % 10) / 10.0);
    let next = sorted[(index + 1).min(sorted.len() - 1)];
    sorted[index] + beyond * (next - sorted[index])
}

/// Limits as multiples of the centre.
fn limits(expected: f64, tau2: f64, confidence: Confidence) -> Interval {
    let reach = confidence.z() * (1.0 / expected + tau2).sqrt();
    Interval { lower: (-reach).exp(), upper: reach.exp() }
}

fn times(interval: Interval, factor: f64) -> Interval {
    Interval { lower: interval.lower * factor, upper: interval.upper * factor }
}

fn flag(ratio: f64, watch: Interval, exception: Interval) -> FunnelFlag {
    if exception.upper < ratio {
        FunnelFlag::ExceptionHigh
    } else if ratio < exception.lower {
        FunnelFlag::ExceptionLow
    } else if watch.upper < ratio {
        FunnelFlag::WatchHigh
    } else if ratio < watch.lower {
        FunnelFlag::WatchLow
    } else {
        FunnelFlag::Within
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Made up: twelve districts, residents in thousands.
    const DISTRICTS: [(i64, i64); 12] = [
        (402, 120),
        (331, 112),
        (520, 157),
        (610, 180),
        (455, 131),
        (298, 109),
        (377, 118),
        (512, 128),
        (690, 171),
        (260, 99),
        (410, 115),
        (640, 141),
    ];

    fn thousands(areas: &[(i64, i64)]) -> Vec<(i64, i64)> {
        areas.iter().map(|(events, residents)| (*events, residents * 1000)).collect()
    }

    fn shown(areas: &[(i64, i64)]) -> String {
        let Some(Funnel { centre, phi, tau2, overdispersed, areas }) = funnel(areas) else {
            return "none".to_owned();
        };
        let first = areas[0];
        let flags: Vec<&str> = areas
            .iter()
            .map(|area| match area.flag {
                FunnelFlag::Within => ".",
                FunnelFlag::WatchHigh => "h",
                FunnelFlag::WatchLow => "l",
                FunnelFlag::ExceptionHigh => "H",
                FunnelFlag::ExceptionLow => "L",
            })
            .collect();
        format!(
            "centre {:.4}, phi {phi:.4}, tau2 {tau2:.6}{}; first {:.1} expected, {:.4} to {:.4}, {:.4} to {:.4}; {}",
            1000.0 * centre,
            if overdispersed { " (widened)" } else { "" },
            first.expected,
            1000.0 * first.watch.lower,
            1000.0 * first.watch.upper,
            1000.0 * first.exception.lower,
            1000.0 * first.exception.upper,
            flags.concat()
        )
    }

    #[test]
    fn limits_are_widened_where_areas_differ_by_more_than_chance() {
        insta::assert_snapshot!(shown(&thousands(&DISTRICTS)), @"centre 3.4820, phi 7.6146, tau2 0.015978 (widened); first 417.8 expected, 2.6696 to 4.5415, 2.2905 to 5.2933; .........l.h");
    }

    #[test]
    fn chance_alone_widens_nothing() {
        let mut areas = [(100, 30_000); 12];
        areas[3].0 = 108;
        areas[4].0 = 92;
        areas[5].0 = 175;
        areas[6].0 = 62;
        areas[7].0 = 124;
        insta::assert_snapshot!(shown(&areas), @"centre 3.5028, phi 0.8324, tau2 0.000000; first 105.1 expected, 2.8932 to 4.2408, 2.5911 to 4.7351; .....HL.....");
    }

    #[test]
    fn an_area_without_events_counts_as_half_of_one() {
        let mut areas = [(10, 10_000); 11];
        areas[0] = (0, 500);
        areas[1] = (0, 12_000);
        insta::assert_snapshot!(shown(&areas), @"centre 0.8780, phi 0.1229, tau2 0.000000; first 0.4 expected, 0.0456 to 16.9114, 0.0083 to 93.1137; .L.........");
    }

    #[test]
    fn what_makes_no_funnel() {
        let districts = thousands(&DISTRICTS);
        assert!(funnel(&districts[..10]).is_some());
        assert_eq!(funnel(&districts[..9]), None, "nine areas");
        let with = |area| [districts.as_slice(), &[area]].concat();
        assert_eq!(funnel(&with((5, 0))), None, "no residents");
        assert_eq!(funnel(&with((-1, 1000))), None, "below 0 events");
        assert_eq!(funnel(&with((i64::MAX, 1000))), None, "more than can be added up");
        assert_eq!(funnel(&[(0, 1000); 12]), None, "no events at all");
    }

    #[test]
    fn quantiles_lie_on_a_line_between_two_values() {
        let values = [1.0, 2.0, 4.0, 8.0, 16.0];
        let found = [0, 1, 5, 9, 10].map(|tenths| decile(&values, tenths));
        assert_eq!(found.map(|value| format!("{value:.1}")), ["1.0", "1.4", "4.0", "12.8", "16.0"]);
    }

    fn flags(areas: &[(i64, i64)]) -> Vec<FunnelFlag> {
        funnel(areas).expect("a funnel").areas.iter().map(|area| area.flag).collect()
    }

    fn any_areas() -> impl proptest::strategy::Strategy<Value = Vec<(i64, i64)>> {
        proptest::collection::vec((1..3000_i64, 1000..200_000_i64), 10..40)
    }

    proptest::proptest! {
        #[test]
        fn relabelling_areas_relabels_their_flags(areas in any_areas(), turn in 0..40_usize) {
            let turn = turn % areas.len();
            let mut turned = areas.clone();
            turned.rotate_left(turn);
            turned.reverse();
            let mut expected = flags(&areas);
            expected.rotate_left(turn);
            expected.reverse();
            proptest::prop_assert_eq!(flags(&turned), expected);
        }

        #[test]
        fn residents_in_another_unit_change_no_flag(areas in any_areas(), unit in 1..100_000_i64) {
            let scaled: Vec<_> = areas.iter().map(|(events, people)| (*events, people * unit)).collect();
            proptest::prop_assert_eq!(flags(&areas), flags(&scaled));
        }

        #[test]
        fn limits_hold_the_centre_and_widen_with_confidence(areas in any_areas()) {
            let Funnel { centre, areas, .. } = funnel(&areas).expect("a funnel");
            for FunnelArea { watch, exception, .. } in areas {
                proptest::prop_assert!(watch.lower < centre && centre < watch.upper);
                proptest::prop_assert!(exception.lower < watch.lower);
                proptest::prop_assert!(watch.upper < exception.upper);
            }
        }

        #[test]
        fn more_differences_never_narrow_the_limits(areas in any_areas()) {
            let found = funnel(&areas).expect("a funnel");
            proptest::prop_assert_eq!(found.overdispersed, 0.0 < found.tau2);
            for (area, plain) in found.areas.iter().map(|area| (area, limits(area.expected, 0.0, Confidence::P95))) {
                proptest::prop_assert!(area.watch.lower <= plain.lower * found.centre);
                proptest::prop_assert!(plain.upper * found.centre <= area.watch.upper);
            }
        }
    }
}
