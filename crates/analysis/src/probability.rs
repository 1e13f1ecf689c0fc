//! Poisson and binomial probabilities and their tails, to about 12 significant figures.
//!
//! Loader's saddle-point form (C. Loader, *Fast and Accurate Computation of Binomial
//! Probabilities*, 2000, as R's `dpois` and `dbinom` have it): the logarithms of large factorials
//! are never subtracted from each other, so that counts of millions lose no digits. A tail is its
//! first probability times a sum that is stopped where its terms vanish, so that a tail of 1e-80
//! is as exact as one of 0.05.

use std::f64::consts::TAU;

use crate::rate::as_f64;

/// P(X = k) of a Poisson variable with this mean, above 0; `k` is not below 0.
pub(crate) fn poisson(k: i64, mean: f64) -> f64 {
    if k == 0 {
        return (-mean).exp();
    }
    let x = as_f64(k);
    (-stirling_error(k) - deviance(x, mean)).exp() / (TAU * x).sqrt()
}

/// P(X >= k) divided by P(X = k), for a mean below `k + 1`.
pub(crate) fn poisson_upper(k: i64, mean: f64) -> f64 {
    vanishing_sum(|i| mean / as_f64(k + i))
}

/// P(X <= k) divided by P(X = k), for a mean above `k`.
pub(crate) fn poisson_lower(k: i64, mean: f64) -> f64 {
    vanishing_sum(|i| as_f64(k - i + 1) / mean)
}

/// A binomial distribution. Both chances are kept, since one less a small one loses digits.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Binomial {
    /// Trials.
    pub(crate) trials: i64,
    /// Chance of success, above 0 and below 1.
    pub(crate) success: f64,
    /// Chance of failure, above 0 and below 1.
    pub(crate) failure: f64,
}

impl Binomial {
    /// The expected number of successes.
    pub(crate) fn mean(self) -> f64 {
        as_f64(self.trials) * self.success
    }

    /// P(X = k); `k` from 0 to `trials`.
    pub(crate) fn probability(self, k: i64) -> f64 {
        let (n, failures) = (self.trials, self.trials - k);
        let (mean, mean_failures) = (self.mean(), as_f64(n) * self.failure);
        // Nothing but failures, or nothing but successes: the deviance of all of them.
        if k == 0 {
            return (-deviance(as_f64(n), mean_failures) - mean).exp();
        }
        if failures == 0 {
            return (-deviance(as_f64(n), mean) - mean_failures).exp();
        }
        let (x, y) = (as_f64(k), as_f64(failures));
        let log = stirling_error(n)
            - stirling_error(k)
            - stirling_error(failures)
            - deviance(x, mean)
            - deviance(y, mean_failures);
        log.exp() * (as_f64(n) / (TAU * x * y)).sqrt()
    }

    /// P(X <= k), for `k` at or below the mean.
    pub(crate) fn lower(self, k: i64) -> f64 {
        let odds = self.failure / self.success;
        let ratio = |i| as_f64(k - i + 1) / as_f64(self.trials - k + i) * odds;
        self.probability(k) * vanishing_sum(ratio)
    }

    /// P(X >= k), for `k` at or above the mean.
    pub(crate) fn upper(self, k: i64) -> f64 {
        let odds = self.success / self.failure;
        let ratio = |i| as_f64(self.trials - k - i + 1) / as_f64(k + i) * odds;
        self.probability(k) * vanishing_sum(ratio)
    }
}

/// 1 + r(1) + r(1) r(2) + …, where the ratios fall: up to the term that changes nothing.
fn vanishing_sum(ratio: impl Fn(i64) -> f64) -> f64 {
    let (mut term, mut sum, mut i) = (1.0_f64, 1.0_f64, 1_i64);
    while term > sum * 1e-18 {
        term *= ratio(i);
        sum += term;
        i += 1;
    }
    sum
}

/// ln(n!) less Stirling's approximation of it, n ln n - n + ln(2πn) / 2; `n` is above 0.
fn stirling_error(n: i64) -> f64 {
    let x = as_f64(n);
    if n < 16 {
        let factorial: i64 = (2..=n).product();
        return as_f64(factorial).ln() - (x * x.ln() - x + 0.5 * (TAU * x).ln());
    }
    let square = 1.0 / (x * x);
    let series = 1.0 / 12.0
        - square
            * (1.0 / 360.0 - square * (1.0 / 1260.0 - square * (1.0 / 1680.0 - square / 1188.0)));
    series / x
}

/// x ln(x / mean) + mean - x, exact also where `x` is close to `mean`; both above 0.
fn deviance(x: f64, mean: f64) -> f64 {
    if (x - mean).abs() >= 0.1 * (x + mean) {
        return x * (x / mean).ln() + mean - x;
    }
    let v = (x - mean) / (x + mean);
    let mut sum = (x - mean) * v;
    let mut term = 2.0 * x * v;
    let mut odd = 3.0;
    loop {
        term *= v * v;
        let next = sum + term / odd;
        if next.to_bits() == sum.to_bits() {
            return sum;
        }
        sum = next;
        odd += 2.0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(found: f64, expected: f64) {
        assert!((found / expected - 1.0).abs() < 1e-11, "{found:e} is not {expected:e}");
    }

    /// Factorials of this size are exact, so that their quotients are references by themselves.
    #[test]
    fn small_probabilities_are_those_of_the_definition() {
        close(poisson(3, 2.0), 8.0 / 6.0 * (-2.0_f64).exp());
        close(
            poisson(20, 20.0),
            20.0_f64.powi(20) * (-20.0_f64).exp() / 2_432_902_008_176_640_000.0,
        );
        let coin = Binomial { trials: 20, success: 0.5, failure: 0.5 };
        close(coin.probability(10), 184_756.0 / 1_048_576.0);
        close(coin.probability(0), 1.0 / 1_048_576.0);
        close(coin.probability(20), 1.0 / 1_048_576.0);
        close(coin.lower(2), 211.0 / 1_048_576.0);
        close(coin.upper(18), 211.0 / 1_048_576.0);
    }

    #[test]
    fn tails_far_out_keep_their_digits() {
        let rare = Binomial { trials: 40, success: 0.01, failure: 0.99 };
        close(rare.upper(40), 1e-80);
        close(rare.upper(39), 1e-80 + 40.0 * 0.99 * 1e-78);
    }

    proptest::proptest! {
        #[test]
        fn what_lies_below_and_above_adds_up_to_one(
            trials in 1..100_000_i64,
            success in 0.01..0.99_f64,
        ) {
            let law = Binomial { trials, success, failure: 1.0 - success };
            #[expect(clippy::cast_possible_truncation, reason = "a mean of at most 100,000")]
            let k = law.mean().floor() as i64;
            proptest::prop_assume!(k < trials);
            proptest::prop_assert!((law.lower(k) + law.upper(k + 1) - 1.0).abs() < 1e-10);
        }

        #[test]
        fn a_poisson_variable_is_somewhere(mean in 0.001..100_000.0_f64) {
            #[expect(clippy::cast_possible_truncation, reason = "a mean of at most 100,000")]
            let k = mean.floor() as i64;
            let below = poisson(k, mean) * poisson_lower(k, mean);
            let above = poisson(k + 1, mean) * poisson_upper(k + 1, mean);
            proptest::prop_assert!((below + above - 1.0).abs() < 1e-10);
        }
    }
}
