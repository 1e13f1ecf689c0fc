//! Shares of a whole with their intervals.

use crate::rate::{Confidence, Interval, as_f64};

/// A part of a whole, and its interval: both are fractions from 0 to 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Share {
    /// The part divided by the whole.
    pub fraction: f64,
    /// Where the true fraction is likely to lie.
    pub interval: Interval,
}

/// The share that a part has of a whole, with Wilson's score interval; both are counts. `None`
/// without a whole, below 0, and where the part is larger than the whole.
///
/// (2x + z² ∓ z √(z² + 4x (1 - x/n))) / (2 (n + z²)): E. B. Wilson (1927), as `wilson_lower` and
/// `wilson_upper` of `PHEindicatormethods` have it.
pub fn share(part: i64, whole: i64, confidence: Confidence) -> Option<Share> {
    if whole <= 0 || part < 0 || whole < part {
        return None;
    }
    let (x, n, z) = (as_f64(part), as_f64(whole), confidence.z());
    let fraction = x / n;
    let middle = 2.0 * x + z * z;
    let reach = z * (z * z + 4.0 * x * (1.0 - fraction)).sqrt();
    let twice = 2.0 * (n + z * z);
    // None and all are the ends of the scale, not a hair beside them.
    let lower = if part == 0 { 0.0 } else { (middle - reach) / twice };
    let upper = if part == whole { 1.0 } else { (middle + reach) / twice };
    Some(Share { fraction, interval: Interval { lower, upper } })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(part: i64, whole: i64) -> String {
        share(part, whole, Confidence::P95).map_or_else(
            || "none".to_owned(),
            |Share { fraction, interval: Interval { lower, upper } }| {
                format!("{fraction:.4}, {lower:.4} to {upper:.4}")
            },
        )
    }

    /// The first two are the worked examples of Newcombe and Altman in *Statistics with
    /// Confidence* (2nd edition, 2000).
    #[test]
    fn reference_values() {
        insta::assert_snapshot!(shown(81, 263), @"0.3080, 0.2553 to 0.3662");
        insta::assert_snapshot!(shown(15, 148), @"0.1014, 0.0624 to 0.1605");
        insta::assert_snapshot!(shown(0, 20), @"0.0000, 0.0000 to 0.1611");
        insta::assert_snapshot!(shown(20, 20), @"1.0000, 0.8389 to 1.0000");
    }

    #[test]
    fn what_is_no_share_has_none() {
        insta::assert_snapshot!(shown(0, 0), @"none");
        insta::assert_snapshot!(shown(-1, 20), @"none");
        insta::assert_snapshot!(shown(21, 20), @"none");
    }

    proptest::proptest! {
        #[test]
        fn intervals_hold_the_share_and_widen_with_confidence(
            whole in 1..1_000_000_i64,
            tenth in 0..=10_i64,
        ) {
            let part = whole * tenth / 10;
            let narrow = share(part, whole, Confidence::P95).expect("a share");
            let wide = share(part, whole, Confidence::P998).expect("a share");
            let (near, far) = (narrow.interval, wide.interval);
            proptest::prop_assert!(near.lower <= narrow.fraction && narrow.fraction <= near.upper);
            proptest::prop_assert!(far.lower <= near.lower && near.upper <= far.upper);
            proptest::prop_assert!(0.0 <= far.lower && far.upper <= 1.0);
        }

        #[test]
        fn the_rest_is_the_mirror_image(whole in 1..1_000_000_i64, tenth in 0..=10_i64) {
            let part = whole * tenth / 10;
            let one = share(part, whole, Confidence::P998).expect("a share").interval;
            let rest = share(whole - part, whole, Confidence::P998).expect("a share").interval;
            proptest::prop_assert!((one.lower + rest.upper - 1.0).abs() < 1e-12);
        }
    }
}
