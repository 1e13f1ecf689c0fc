//! Control charts of months: `XmR` with the four rules of NHS *Making Data Count*.
//!
//! Formulas follow `NHSRplotthedots` (`ptd_spc_standard`, `ptd_calculate_point_type`): moving
//! ranges at or above 3.267 times their mean are screened out before the limits are set.

use crate::rate::as_f64;

/// What the last point of a control chart shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SpcState {
    /// Nothing beyond common-cause variation.
    CommonCause,
    /// Special cause, high side.
    SpecialHigh,
    /// Special cause, low side.
    SpecialLow,
}

impl SpcState {
    /// `common-cause`, `special-high` or `special-low`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::CommonCause => "common-cause",
            Self::SpecialHigh => "special-high",
            Self::SpecialLow => "special-low",
        }
    }
}

/// Centre line and limits of an `XmR` chart, and what each point shows.
#[derive(Clone, Debug, PartialEq)]
pub struct Xmr {
    /// Centre line.
    pub mean: f64,
    /// Lower limit (may be below 0; counts clip it when shown).
    pub lower: f64,
    /// Upper limit.
    pub upper: f64,
    /// One state a point.
    pub states: Vec<SpcState>,
}

/// An `XmR` chart over monthly counts, oldest first. `None` for fewer than two points.
pub fn xmr(values: &[i64]) -> Option<Xmr> {
    let ys: Vec<f64> = values.iter().map(|value| as_f64(*value)).collect();
    if ys.len() < 2 {
        return None;
    }
    let mean = average(&ys);
    let ranges: Vec<f64> = ys.windows(2).map(|pair| (pair[1] - pair[0]).abs()).collect();
    let first = average(&ranges);
    let kept: Vec<f64> = ranges.into_iter().filter(|range| *range < 3.267 * first).collect();
    let range = if kept.is_empty() { first } else { average(&kept) };
    let (lower, upper) = (mean - 2.66 * range, mean + 2.66 * range);
    let near = 2.66 * range * 2.0 / 3.0;
    let states = point_states(&ys, mean, (lower, upper), (mean - near, mean + near));
    Some(Xmr { mean, lower, upper, states })
}

fn average(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / as_f64(i64::try_from(values.len()).unwrap_or(i64::MAX))
}

fn point_states(ys: &[f64], mean: f64, limits: (f64, f64), near: (f64, f64)) -> Vec<SpcState> {
    let side = |y: f64| {
        if y > mean {
            SpcState::SpecialHigh
        } else if y < mean {
            SpcState::SpecialLow
        } else {
            SpcState::CommonCause
        }
    };
    let mut states = vec![SpcState::CommonCause; ys.len()];
    let mut flag = |index: usize, state: SpcState| {
        if states[index] == SpcState::CommonCause {
            states[index] = state;
        }
    };
    for (index, y) in ys.iter().enumerate() {
        if *y > limits.1 || *y < limits.0 {
            flag(index, side(*y));
        }
    }
    // Seven consecutive points rising or falling.
    for (start, run) in ys.windows(7).enumerate() {
        let rising = run.windows(2).all(|pair| pair[1] > pair[0]);
        let falling = run.windows(2).all(|pair| pair[1] < pair[0]);
        let state = if rising { SpcState::SpecialHigh } else { SpcState::SpecialLow };
        if rising || falling {
            (start..start + 7).for_each(|index| flag(index, state));
        }
    }
    // Two of three between the near limit and the limit, all three on one side of the mean.
    for (start, run) in ys.windows(3).enumerate() {
        let state = side(run[0]);
        if state == SpcState::CommonCause || run.iter().any(|y| side(*y) != state) {
            continue;
        }
        let close: Vec<usize> =
            (0..3).filter(|offset| run[*offset] > near.1 || run[*offset] < near.0).collect();
        if close.len() >= 2 {
            for offset in close {
                flag(start + offset, state);
            }
        }
    }
    // Seven consecutive points on one side of the mean; a point on the mean breaks the run.
    for (start, run) in ys.windows(7).enumerate() {
        let state = side(run[0]);
        if state != SpcState::CommonCause && run.iter().all(|y| side(*y) == state) {
            (start..start + 7).for_each(|index| flag(index, state));
        }
    }
    states
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chart(values: &[i64]) -> String {
        let Xmr { mean, lower, upper, states } = xmr(values).expect("two points");
        let states: String = states
            .iter()
            .map(|state| match state {
                SpcState::CommonCause => '.',
                SpcState::SpecialHigh => 'H',
                SpcState::SpecialLow => 'L',
            })
            .collect();
        format!("mean {mean:.2}, {lower:.2} to {upper:.2} {states}")
    }

    #[test]
    fn published_fixture_with_a_screened_outlier() {
        let values = [1, 2, 1, 2, 10, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1];
        insta::assert_snapshot!(chart(&values), @"mean 1.94, -0.72 to 4.60 ....H.............");
    }

    #[test]
    fn seven_rising_and_seven_on_one_side() {
        insta::assert_snapshot!(chart(&[5, 9, 5, 9, 5, 1, 2, 3, 4, 5, 6, 7]), @"mean 5.08, -1.20 to 11.37 .....HHHHHHH");
        insta::assert_snapshot!(chart(&[1, 3, 1, 3, 1, 3, 1, 9, 8, 9, 8, 9, 8, 9]), @"mean 5.21, 1.22 to 9.20 LLLLLLLHHHHHHH");
    }

    proptest::proptest! {
        #[test]
        fn turning_the_chart_upside_down_swaps_high_and_low(values in proptest::collection::vec(0..100_i64, 2..40)) {
            let up = xmr(&values).expect("two points");
            let down = xmr(&values.iter().map(|value| 1000 - value).collect::<Vec<_>>()).expect("two points");
            for (a, b) in up.states.iter().zip(&down.states) {
                let swapped = match b {
                    SpcState::CommonCause => SpcState::CommonCause,
                    SpcState::SpecialHigh => SpcState::SpecialLow,
                    SpcState::SpecialLow => SpcState::SpecialHigh,
                };
                proptest::prop_assert_eq!(*a, swapped);
            }
        }
    }
}
