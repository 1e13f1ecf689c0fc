//! Rates per 1,000 residents with 95 % intervals.
//!
//! Byar's approximation for 10 events or more, exact Poisson limits below, as public health
//! practice has it (`PHEindicatormethods`, `byars_lower`, `byars_upper`).

/// A 95 % interval; both ends inclusive, in the unit of what it belongs to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// Lower end.
    pub lower: f64,
    /// Upper end.
    pub upper: f64,
}

const Z_95: f64 = 1.959_963_984_540_054;

/// Events per 1,000 residents, and its 95 % interval. `None` without residents or below 0 events.
pub fn rate_per_1000(events: i64, residents: i64) -> Option<(f64, Interval)> {
    if residents <= 0 || events < 0 {
        return None;
    }
    let per = 1000.0 / as_f64(residents);
    let counts = count_interval(events);
    let interval = Interval { lower: counts.lower * per, upper: counts.upper * per };
    Some((as_f64(events) * per, interval))
}

/// Counts are far below 2^53, where every integer has an exact `f64`.
#[expect(clippy::cast_precision_loss, reason = "counts of events and residents are far below 2^53")]
pub(crate) fn as_f64(count: i64) -> f64 {
    count as f64
}

fn count_interval(events: i64) -> Interval {
    let x = as_f64(events);
    if events >= 10 {
        let lower = x * (1.0 - 1.0 / (9.0 * x) - Z_95 / (3.0 * x.sqrt())).powi(3);
        let y = x + 1.0;
        let upper = y * (1.0 - 1.0 / (9.0 * y) + Z_95 / (3.0 * y.sqrt())).powi(3);
        return Interval { lower, upper };
    }
    let lower = if events == 0 {
        0.0
    } else {
        solve(|mean| 1.0 - poisson_at_most(events - 1, mean) - 0.025)
    };
    let upper = solve(|mean| 0.025 - poisson_at_most(events, mean));
    Interval { lower, upper }
}

/// P(X <= k) for a Poisson variable with this mean.
fn poisson_at_most(k: i64, mean: f64) -> f64 {
    let mut term = (-mean).exp();
    let mut sum = term;
    for i in 1..=k {
        term *= mean / as_f64(i);
        sum += term;
    }
    sum
}

/// The mean at which a rising function crosses zero, by bisection over what fewer than 10 events allow.
fn solve(rising: impl Fn(f64) -> f64) -> f64 {
    let (mut low, mut high) = (0.0_f64, 50.0_f64);
    for _ in 0..100 {
        let middle = f64::midpoint(low, high);
        if rising(middle) < 0.0 {
            low = middle;
        } else {
            high = middle;
        }
    }
    f64::midpoint(low, high)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn interval(events: i64) -> String {
        let Interval { lower, upper } = count_interval(events);
        format!("{lower:.4} to {upper:.4}")
    }

    #[test]
    fn byar_reference_values() {
        insta::assert_snapshot!(interval(10), @"4.7874 to 18.3915");
        insta::assert_snapshot!(interval(25), @"16.1743 to 36.9065");
        insta::assert_snapshot!(interval(100), @"81.3621 to 121.6279");
        insta::assert_snapshot!(interval(402), @"363.6575 to 443.2851");
    }

    #[test]
    fn exact_poisson_reference_values_below_ten() {
        insta::assert_snapshot!(interval(0), @"0.0000 to 3.6889");
        insta::assert_snapshot!(interval(1), @"0.0253 to 5.5716");
        insta::assert_snapshot!(interval(5), @"1.6235 to 11.6683");
    }
}
