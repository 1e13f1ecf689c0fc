//! Two counts: is the difference more than chance explains?

use crate::rate::as_f64;

/// Above this the exact sum takes too long, and no count of ours comes near.
const EXACT_MAX: i64 = 10_000_000;

/// Two-sided p-value of two Poisson counts over exposures (days), by the exact conditional
/// binomial test: outcomes no more likely than the one seen are added up.
///
/// Recorded crime is not independent, so the true p-value is larger: word results as "more than
/// chance variation explains", never as proof.
pub fn two_counts_p_value(now: i64, before: i64, days_now: i32, days_before: i32) -> Option<f64> {
    let total = now.checked_add(before)?;
    if now < 0 || before < 0 || days_now <= 0 || days_before <= 0 {
        return None;
    }
    if total == 0 {
        return Some(1.0);
    }
    if total > EXACT_MAX {
        return None;
    }
    let p = f64::from(days_now) / f64::from(days_now + days_before);
    let seen = log_binomial(now, total, p);
    // A hair of slack, so that the mirror image of the outcome counts as equally likely.
    let sum: f64 = (0..=total)
        .map(|k| log_binomial(k, total, p))
        .filter(|log| *log <= seen + 1e-9)
        .map(f64::exp)
        .sum();
    Some(sum.min(1.0))
}

fn log_binomial(k: i64, n: i64, p: f64) -> f64 {
    log_factorial(n) - log_factorial(k) - log_factorial(n - k)
        + as_f64(k) * p.ln()
        + as_f64(n - k) * (1.0 - p).ln()
}

/// ln(n!), by Stirling's series with three correction terms (error under 1e-10 from 10 on).
fn log_factorial(n: i64) -> f64 {
    if n < 10 {
        return (2..=n).map(|i| as_f64(i).ln()).sum();
    }
    let x = as_f64(n);
    x * x.ln() - x + 0.5 * (2.0 * std::f64::consts::PI * x).ln() + 1.0 / (12.0 * x)
        - 1.0 / (360.0 * x.powi(3))
        + 1.0 / (1260.0 * x.powi(5))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reference_values() {
        let p =
            |now, before| format!("{:.4}", two_counts_p_value(now, before, 91, 91).expect("valid"));
        insta::assert_snapshot!(p(402, 331), @"0.0097");
        insta::assert_snapshot!(p(30, 20), @"0.2026");
        insta::assert_snapshot!(p(5, 12), @"0.1435");
        insta::assert_snapshot!(p(0, 0), @"1.0000");
    }

    proptest::proptest! {
        #[test]
        fn a_p_value_is_a_probability_and_symmetric(now in 0..2000_i64, before in 0..2000_i64) {
            let p = two_counts_p_value(now, before, 91, 91).expect("valid");
            let mirrored = two_counts_p_value(before, now, 91, 91).expect("valid");
            proptest::prop_assert!((0.0..=1.0).contains(&p));
            proptest::prop_assert!((p - mirrored).abs() < 1e-6);
        }
    }
}
