//! Two counts: is the difference more than chance explains?

use crate::probability::Binomial;
use crate::rate::{Confidence, as_f64};

/// Tails take as many steps as the root of the total times nine; no count of ours comes near.
const EXACT_MAX: i64 = 10_000_000;
/// Outcomes whose probabilities differ by less than this fraction are equally likely: their
/// difference may be rounding (R's `binom.test` and scipy's `binomtest` have the same).
const SLACK: f64 = 1e-7;

/// How much evidence of a change a p-value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Evidence {
    /// p below 0.002: outside 99.8 % limits.
    Exception,
    /// p below 0.05: outside 95 % limits.
    Watch,
    /// No more than chance variation explains.
    NoClearChange,
}

impl Evidence {
    /// `exception`, `watch` or `no-clear-change`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Exception => "exception",
            Self::Watch => "watch",
            Self::NoClearChange => "no-clear-change",
        }
    }
}

/// What a p-value says; its bounds are not part of the stronger word.
pub fn evidence(p: f64) -> Evidence {
    if p < Confidence::P998.alpha() {
        Evidence::Exception
    } else if p < Confidence::P95.alpha() {
        Evidence::Watch
    } else {
        Evidence::NoClearChange
    }
}

/// Two-sided p-value of two Poisson counts over exposures (days, or persons times days), by the
/// exact conditional binomial test (Przyborowski and Wilenski, 1940): given the total, the count
/// now is binomial, and outcomes no more likely than the one seen are added up. `None` below 0,
/// above 10 million events together, and for exposures that are not above 0.
///
/// Recorded crime is not independent, so the true p-value is larger: word results as "more than
/// chance variation explains", never as proof.
pub fn two_counts_p_value(
    now: i64,
    before: i64,
    exposure_now: f64,
    exposure_before: f64,
) -> Option<f64> {
    let trials = now.checked_add(before)?;
    let both = exposure_now + exposure_before;
    let (success, failure) = (exposure_now / both, exposure_before / both);
    let comparable = 0.0 < success && 0.0 < failure && both.is_finite();
    if now < 0 || before < 0 || EXACT_MAX < trials || !comparable {
        return None;
    }
    if trials == 0 {
        return Some(1.0);
    }
    let law = Binomial { trials, success, failure };
    let (seen, mean) = (as_f64(now), law.mean());
    let limit = law.probability(now) * (1.0 + SLACK);
    // Probabilities rise up to the mean and fall beyond it, so on the other side there is one
    // place where they become as small as the one seen.
    let p = if seen < mean {
        let other = first(whole(mean.ceil()), trials + 1, |k| law.probability(k) <= limit);
        law.lower(now) + if other <= trials { law.upper(other) } else { 0.0 }
    } else if mean < seen {
        let beyond = first(0, whole(mean.floor()) + 1, |k| limit < law.probability(k));
        law.upper(now) + if 0 < beyond { law.lower(beyond - 1) } else { 0.0 }
    } else {
        1.0
    };
    Some(p.min(1.0))
}

/// The first of these numbers of which something holds that then holds of all that follow; `end`,
/// which is not one of them, when it holds of none.
fn first(start: i64, end: i64, holds: impl Fn(i64) -> bool) -> i64 {
    let (mut low, mut high) = (start, end);
    while low < high {
        let middle = i64::midpoint(low, high);
        if holds(middle) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    low
}

#[expect(clippy::cast_possible_truncation, reason = "a whole number of at most 10 million")]
fn whole(number: f64) -> i64 {
    number as i64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reference_values() {
        let p = |now, before| {
            let p = two_counts_p_value(now, before, 91.0, 91.0).expect("valid");
            format!("{p:.4}, {}", evidence(p).as_str())
        };
        insta::assert_snapshot!(p(402, 331), @"0.0097, watch");
        insta::assert_snapshot!(p(30, 20), @"0.2026, no-clear-change");
        insta::assert_snapshot!(p(5, 12), @"0.1435, no-clear-change");
        insta::assert_snapshot!(p(0, 0), @"1.0000, no-clear-change");
        insta::assert_snapshot!(p(450, 331), @"0.0000, exception");
    }

    /// None in the second of two periods of which it was half: 2 to the power of minus n, twice.
    #[test]
    fn small_p_values_keep_their_digits() {
        for total in [40, 260, 1000] {
            let p = two_counts_p_value(0, total, 90.0, 90.0).expect("valid");
            let expected = 2.0_f64.powi(1 - i32::try_from(total).expect("small"));
            assert!((p / expected - 1.0).abs() < 1e-10, "{total}: {p:e} is not {expected:e}");
        }
    }

    #[test]
    fn what_cannot_be_compared_has_no_p_value() {
        assert_eq!(two_counts_p_value(-1, 5, 91.0, 91.0), None);
        assert_eq!(two_counts_p_value(5, -1, 91.0, 91.0), None);
        for exposure in [0.0, -91.0, f64::NAN, f64::INFINITY] {
            assert_eq!(two_counts_p_value(5, 5, exposure, 91.0), None);
            assert_eq!(two_counts_p_value(5, 5, 91.0, exposure), None);
        }
        assert!(two_counts_p_value(EXACT_MAX / 2, EXACT_MAX / 2, 91.0, 91.0).is_some());
        assert_eq!(two_counts_p_value(EXACT_MAX, 1, 91.0, 91.0), None);
        assert_eq!(two_counts_p_value(i64::MAX, 1, 91.0, 91.0), None);
    }

    #[test]
    fn the_bounds_of_evidence_belong_to_the_weaker_word() {
        assert_eq!(evidence(0.001_999), Evidence::Exception);
        assert_eq!(evidence(0.002), Evidence::Watch);
        assert_eq!(evidence(0.049_999), Evidence::Watch);
        assert_eq!(evidence(0.05), Evidence::NoClearChange);
        assert_eq!(evidence(f64::NAN), Evidence::NoClearChange);
    }

    /// The definition, without short cuts.
    fn summed(now: i64, before: i64, success: f64) -> f64 {
        if now + before == 0 {
            return 1.0;
        }
        let law = Binomial { trials: now + before, success, failure: 1.0 - success };
        let limit = law.probability(now) * (1.0 + SLACK);
        let all = (0..=now + before).map(|k| law.probability(k));
        all.filter(|probability| *probability <= limit).sum()
    }

    proptest::proptest! {
        #[test]
        fn a_p_value_is_a_probability_and_symmetric(
            now in 0..2_000_000_i64,
            before in 0..2_000_000_i64,
            days in 1.0..400.0_f64,
        ) {
            let p = two_counts_p_value(now, before, days, 91.0).expect("valid");
            let mirrored = two_counts_p_value(before, now, 91.0, days).expect("valid");
            proptest::prop_assert!((0.0..=1.0).contains(&p));
            proptest::prop_assert!((p - mirrored).abs() <= 1e-9 * p, "{p:e} and {mirrored:e}");
        }

        #[test]
        fn outcomes_no_more_likely_are_added_up(
            now in 0..300_i64,
            before in 0..300_i64,
            success in 0.05..0.95_f64,
        ) {
            let p = two_counts_p_value(now, before, success, 1.0 - success).expect("valid");
            let expected = summed(now, before, success).min(1.0);
            proptest::prop_assert!((p - expected).abs() <= 1e-9 * expected, "{p:e}, {expected:e}");
        }

        #[test]
        fn only_the_ratio_of_exposures_matters(now in 0..500_i64, before in 0..500_i64) {
            let days = two_counts_p_value(now, before, 91.0, 90.0).expect("valid");
            let person_days = two_counts_p_value(now, before, 91.0 * 1024.0, 90.0 * 1024.0);
            proptest::prop_assert_eq!(Some(days), person_days);
        }
    }
}
