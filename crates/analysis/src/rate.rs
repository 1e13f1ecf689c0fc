//! Counts and rates per 1,000 residents with their intervals.
//!
//! Byar's approximation for 10 events or more, exact Poisson limits below, as public health
//! practice has it (`PHEindicatormethods`: `byars_lower`, `byars_upper` and `phe_rate`; Breslow
//! and Day, *Statistical Methods in Cancer Research*, volume II, 1987).

use crate::probability::{poisson, poisson_lower, poisson_upper};

/// Byar's approximation is good from here on; below, limits are exact.
const BYAR_MIN: i64 = 10;
/// Exact limits take as many steps as the root of the count times seven; no count of ours comes
/// near this one.
const EXACT_MAX: i64 = 10_000_000;

/// An interval; both ends inclusive, in the unit of what it belongs to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// Lower end.
    pub lower: f64,
    /// Upper end.
    pub upper: f64,
}

/// How often an interval made like this holds the true value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Confidence {
    /// 95 %: worth watching.
    P95,
    /// 99.8 %: an exception.
    P998,
}

impl Confidence {
    /// How many standard errors of a normal variable it takes on either side.
    pub fn z(self) -> f64 {
        match self {
            Self::P95 => 1.959_963_984_540_054,
            Self::P998 => 3.090_232_306_167_813,
        }
    }

    /// How often the true value lies outside, both sides together: 0.05 or 0.002.
    pub fn alpha(self) -> f64 {
        match self {
            Self::P95 => 0.05,
            Self::P998 => 0.002,
        }
    }
}

/// Events per 1,000 residents, and its 95 % interval. `None` without residents or below 0 events.
pub fn rate_per_1000(events: i64, residents: i64) -> Option<(f64, Interval)> {
    if residents <= 0 {
        return None;
    }
    let per = 1000.0 / as_f64(residents);
    let counts = count_interval(events, Confidence::P95)?;
    let interval = Interval { lower: counts.lower * per, upper: counts.upper * per };
    Some((as_f64(events) * per, interval))
}

/// The interval of a count: Byar's from 10 events, exact below. `None` below 0 events.
///
/// Byar: x (1 - 1/(9x) - z/(3√x))³ to y (1 - 1/(9y) + z/(3√y))³, where y = x + 1.
pub fn count_interval(events: i64, confidence: Confidence) -> Option<Interval> {
    if events < BYAR_MIN {
        return exact_interval(events, confidence);
    }
    Some(Interval { lower: byar_lower(events, confidence), upper: byar_upper(events, confidence) })
}

/// The exact Poisson interval of a count, by Garwood (1936): χ²(α/2, 2x)/2 to
/// χ²(1 - α/2, 2x + 2)/2. `None` below 0 or above 10 million events.
///
/// Its ends are the means with which as many events as these or more, or as few or fewer, come
/// about with a chance of α/2.
pub fn exact_interval(events: i64, confidence: Confidence) -> Option<Interval> {
    if !(0..=EXACT_MAX).contains(&events) {
        return None;
    }
    let tail = confidence.alpha() / 2.0;
    let lower = if events == 0 { 0.0 } else { exact_lower(events, tail, confidence) };
    Some(Interval { lower, upper: exact_upper(events, tail, confidence) })
}

/// Counts are far below 2^53, where every integer has an exact `f64`.
#[expect(clippy::cast_precision_loss, reason = "counts of events and residents are far below 2^53")]
pub(crate) fn as_f64(count: i64) -> f64 {
    count as f64
}

/// How many there are of something in memory: far below 2^53 as well.
#[expect(clippy::cast_precision_loss, reason = "lengths in memory are far below 2^53")]
pub(crate) fn length_f64(length: usize) -> f64 {
    length as f64
}

fn byar_lower(events: i64, confidence: Confidence) -> f64 {
    let x = as_f64(events);
    x * (1.0 - 1.0 / (9.0 * x) - confidence.z() / (3.0 * x.sqrt())).powi(3)
}

fn byar_upper(events: i64, confidence: Confidence) -> f64 {
    let y = as_f64(events) + 1.0;
    y * (1.0 - 1.0 / (9.0 * y) + confidence.z() / (3.0 * y.sqrt())).powi(3)
}

/// The mean with which P(X >= events) is `tail`. The logarithm of that chance bends downwards all
/// along the logarithm of the mean, so Newton's steps on it cannot run away.
fn exact_lower(events: i64, tail: f64, confidence: Confidence) -> f64 {
    let x = as_f64(events);
    newton(byar_lower(events, confidence).max(x * 1e-3), |mean| {
        let sum = poisson_upper(events, mean);
        let miss = (poisson(events, mean) * sum / tail).ln();
        mean * (-miss * sum / x).exp()
    })
}

/// The mean with which P(X <= events) is `tail`; its logarithm bends downwards along the mean.
fn exact_upper(events: i64, tail: f64, confidence: Confidence) -> f64 {
    newton(byar_upper(events, confidence), |mean| {
        let sum = poisson_lower(events, mean);
        mean + (poisson(events, mean) * sum / tail).ln() * sum
    })
}

fn newton(start: f64, step: impl Fn(f64) -> f64) -> f64 {
    let mut mean = start;
    for _ in 0..50 {
        let next = step(mean);
        let settled = (next - mean).abs() <= 1e-14 * mean;
        mean = next;
        if settled {
            break;
        }
    }
    mean
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(interval: Option<Interval>) -> String {
        interval.map_or_else(
            || "none".to_owned(),
            |Interval { lower, upper }| format!("{lower:.4} to {upper:.4}"),
        )
    }

    #[test]
    fn byar_reference_values() {
        let interval = |events| shown(count_interval(events, Confidence::P95));
        insta::assert_snapshot!(interval(10), @"4.7874 to 18.3915");
        insta::assert_snapshot!(interval(25), @"16.1743 to 36.9065");
        insta::assert_snapshot!(interval(100), @"81.3621 to 121.6279");
        insta::assert_snapshot!(interval(402), @"363.6575 to 443.2851");
    }

    #[test]
    fn exact_poisson_reference_values_below_ten() {
        let interval = |events| shown(count_interval(events, Confidence::P95));
        insta::assert_snapshot!(interval(0), @"0.0000 to 3.6889");
        insta::assert_snapshot!(interval(1), @"0.0253 to 5.5716");
        insta::assert_snapshot!(interval(5), @"1.6235 to 11.6683");
        insta::assert_snapshot!(interval(-1), @"none");
    }

    #[test]
    fn exact_limits_have_a_largest_count() {
        assert!(exact_interval(EXACT_MAX, Confidence::P998).is_some());
        assert_eq!(exact_interval(EXACT_MAX + 1, Confidence::P998), None);
        assert_eq!(exact_interval(-1, Confidence::P95), None);
    }

    #[test]
    fn a_rate_needs_residents_and_events() {
        assert_eq!(rate_per_1000(5, 0), None);
        assert_eq!(rate_per_1000(-1, 1000), None);
        let (rate, interval) = rate_per_1000(402, 120_500).expect("a rate");
        insta::assert_snapshot!(
            format!("{rate:.4}, {:.4} to {:.4}", interval.lower, interval.upper),
            @"3.3361, 3.0179 to 3.6787"
        );
    }

    proptest::proptest! {
        #[test]
        fn intervals_hold_the_count_and_widen_with_confidence(events in 0..2_000_000_i64) {
            for make in [count_interval, exact_interval] {
                let narrow = make(events, Confidence::P95).expect("an interval");
                let wide = make(events, Confidence::P998).expect("an interval");
                let x = as_f64(events);
                proptest::prop_assert!(narrow.lower <= x && x <= narrow.upper);
                proptest::prop_assert!(wide.lower <= narrow.lower && narrow.upper < wide.upper);
                proptest::prop_assert!(0.0 <= wide.lower);
            }
        }

        /// What Byar's formula leaves out: at most 0.02 events at 95 % from 10 events on.
        #[test]
        fn byar_is_close_to_exact(events in BYAR_MIN..100_000) {
            let byar = count_interval(events, Confidence::P95).expect("an interval");
            let exact = exact_interval(events, Confidence::P95).expect("an interval");
            proptest::prop_assert!((byar.lower - exact.lower).abs() < 0.02, "{byar:?} {exact:?}");
            proptest::prop_assert!((byar.upper - exact.upper).abs() < 0.02, "{byar:?} {exact:?}");
        }
    }
}
