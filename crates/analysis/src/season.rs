//! Which chart fits a series of months: rare and seasonal counts need another than `XmR`.

use crate::rate::{as_f64, length_f64};

/// Months in a year.
const YEAR: usize = 12;
/// It takes two years to see whether months repeat themselves.
const MONTHS_MIN: usize = 2 * YEAR;
/// A mean below this many a month is rare.
const RARE_BELOW: i128 = 5;
/// One-sided 2.5 %.
const BOUND_Z: f64 = 1.959_963_984_540_054;

/// Which chart fits a series of months.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChartFit {
    /// A control chart of the months.
    Months,
    /// Fewer than 5 a month on average: an `XmR` chart's limits mean little. Use quarters, or the
    /// counts with an exact Poisson comparison.
    Rare,
    /// Months repeat themselves from year to year: chart [`Seasonality::differences`].
    Seasonal,
}

impl ChartFit {
    /// `months`, `rare` or `seasonal`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Months => "months",
            Self::Rare => "rare",
            Self::Seasonal => "seasonal",
        }
    }
}

/// Whether months repeat themselves from year to year.
#[derive(Clone, Debug, PartialEq)]
pub struct Seasonality {
    /// How alike months are to those a year before: the autocorrelation at 12 months, from -1 to 1.
    pub correlation: f64,
    /// What chance alone stays below, 39 times in 40.
    pub bound: f64,
    /// Whether `correlation` is above `bound`.
    pub seasonal: bool,
    /// Each month less the same month of the year before, oldest first: 12 fewer than the months.
    pub differences: Vec<i64>,
}

/// Which chart fits monthly counts. No months at all are rare.
pub fn chart_fit(values: &[i64]) -> ChartFit {
    let sum: i128 = values.iter().map(|value| i128::from(*value)).sum();
    let months = i128::try_from(values.len()).unwrap_or(i128::MAX);
    if values.is_empty() || sum < RARE_BELOW * months {
        return ChartFit::Rare;
    }
    match seasonal(values) {
        Some(Seasonality { seasonal: true, .. }) => ChartFit::Seasonal,
        _ => ChartFit::Months,
    }
}

/// Whether consecutive months, oldest first, are seasonal. `None` for fewer than 24, and where a
/// difference is too large for a number.
///
/// The statistic is the autocorrelation at 12 months of what is left when the straight line of
/// least squares is taken away. The bound is 1.96 of the standard errors that it has in unrelated
/// months, √((n - 12) / (n (n + 2))) (Box and Pierce, 1970; Ljung and Box, 1978). Neither a trend
/// nor a single lasting step, wherever it lies, is taken for a season; from two years alone, a
/// year that rises steadily and starts again is not told from a step. Differences over 12 months
/// take trend and season out (Box and Jenkins, *Time Series Analysis*, 1970).
pub fn seasonal(values: &[i64]) -> Option<Seasonality> {
    if values.len() < MONTHS_MIN {
        return None;
    }
    let differences: Option<Vec<i64>> =
        values.iter().zip(&values[YEAR..]).map(|(before, now)| now.checked_sub(*before)).collect();
    let n = length_f64(values.len());
    let correlation = autocorrelation(values);
    let bound = BOUND_Z * ((n - length_f64(YEAR)) / (n * (n + 2.0))).sqrt();
    let seasonal = bound < correlation;
    Some(Seasonality { correlation, bound, seasonal, differences: differences? })
}

/// Autocorrelation at 12 months; 0 when the straight line leaves nothing but rounding.
fn autocorrelation(values: &[i64]) -> f64 {
    let months: Vec<f64> = values.iter().map(|value| as_f64(*value)).collect();
    let rest = without_line(&months);
    let squares: f64 = rest.iter().map(|value| value * value).sum();
    let scale: f64 = months.iter().map(|value| value * value).sum();
    if squares <= 1e-20 * scale {
        return 0.0;
    }
    rest.iter().zip(&rest[YEAR..]).map(|(before, now)| before * now).sum::<f64>() / squares
}

/// What is left when the straight line of least squares is taken away.
fn without_line(months: &[f64]) -> Vec<f64> {
    let level = months.iter().sum::<f64>() / length_f64(months.len());
    let middle = length_f64(months.len() - 1) / 2.0;
    let times: Vec<f64> = (0..months.len()).map(|index| length_f64(index) - middle).collect();
    let along: f64 = times.iter().zip(months).map(|(time, month)| time * (month - level)).sum();
    let slope = along / times.iter().map(|time| time * time).sum::<f64>();
    times.iter().zip(months).map(|(time, month)| month - level - slope * time).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Made up: more in summer than in winter, over three years from April.
    const SUMMERS: [i64; 36] = [
        41, 48, 57, 62, 60, 49, 44, 38, 30, 29, 27, 36, 40, 52, 55, 66, 58, 51, 40, 35, 33, 26, 30,
        33, 44, 47, 60, 59, 63, 47, 42, 36, 28, 31, 25, 38,
    ];

    fn shown(values: &[i64]) -> String {
        match seasonal(values) {
            None => format!("{}; none", chart_fit(values).as_str()),
            Some(Seasonality { correlation, bound, differences, .. }) => {
                let fit = chart_fit(values).as_str();
                format!("{fit}; {correlation:.4} against {bound:.4}; {differences:?}")
            }
        }
    }

    #[test]
    fn months_that_repeat_themselves_are_compared_with_the_year_before() {
        insta::assert_snapshot!(shown(&SUMMERS), @"seasonal; 0.6008 against 0.2596; [-1, 4, -2, 4, -2, 2, -4, -3, 3, -3, 3, -3, 4, -5, 5, -7, 5, -4, 2, 1, -5, 5, -5, 5]");
        insta::assert_snapshot!(shown(&SUMMERS[..24]), @"seasonal; 0.3757 against 0.2718; [-1, 4, -2, 4, -2, 2, -4, -3, 3, -3, 3, -3]");
        insta::assert_snapshot!(shown(&SUMMERS[..23]), @"months; none");
    }

    #[test]
    fn months_that_do_not_are_charted_as_they_are() {
        let rise: Vec<i64> = (0..24).map(|month| 20 + 3 * month).collect();
        insta::assert_snapshot!(shown(&rise), @"months; 0.0000 against 0.2718; [36, 36, 36, 36, 36, 36, 36, 36, 36, 36, 36, 36]");
        insta::assert_snapshot!(shown(&[7; 24]), @"months; 0.0000 against 0.2718; [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]");
    }

    #[test]
    fn fewer_than_five_a_month_are_rare() {
        assert_eq!(chart_fit(&[]), ChartFit::Rare);
        assert_eq!(chart_fit(&[4, 5, 5]), ChartFit::Rare);
        assert_eq!(chart_fit(&[5, 5, 5]), ChartFit::Months);
        assert_eq!(chart_fit(&SUMMERS), ChartFit::Seasonal);
        let rare: Vec<i64> = SUMMERS.iter().map(|value| value / 10).collect();
        assert_eq!(chart_fit(&rare), ChartFit::Rare, "rare goes before seasonal");
    }

    #[test]
    fn differences_too_large_for_a_number_are_none() {
        let mut values = [0; 24];
        values[0] = i64::MIN;
        values[12] = 1;
        assert_eq!(seasonal(&values), None);
    }

    #[test]
    fn a_single_step_is_no_season_wherever_it_lies() {
        for months in 24..=60 {
            for at in 0..months {
                let values: Vec<i64> =
                    (0..months).map(|month| if month < at { 20 } else { 50 }).collect();
                assert_eq!(chart_fit(&values), ChartFit::Months, "at {at} of {months}");
            }
        }
    }

    proptest::proptest! {
        #[test]
        fn a_straight_line_is_no_season(months in 24..60_i64, start in 0..5000_i64, slope in -50..50_i64) {
            let values: Vec<i64> = (0..months).map(|month| start + slope * month).collect();
            proptest::prop_assert!(seasonal(&values).is_some_and(|found| !found.seasonal));
        }

        #[test]
        fn a_year_that_repeats_itself_is_a_season(
            year in proptest::collection::vec(0..1000_i64, 12),
            years in 3..6_usize,
        ) {
            proptest::prop_assume!(year.iter().any(|month| *month != year[0]));
            let values: Vec<i64> = year.iter().copied().cycle().take(12 * years).collect();
            let found = seasonal(&values).expect("three years");
            proptest::prop_assert!(found.seasonal, "{} against {}", found.correlation, found.bound);
            proptest::prop_assert!(found.differences.iter().all(|difference| *difference == 0));
        }

        #[test]
        fn neither_level_nor_scale_makes_a_season(
            values in proptest::collection::vec(0..100_i64, 24..60),
            level in 0..1000_i64,
            scale in 1..100_i64,
        ) {
            let found = seasonal(&values).expect("two years").correlation;
            let moved: Vec<i64> = values.iter().map(|value| level + scale * value).collect();
            let moved = seasonal(&moved).expect("two years").correlation;
            proptest::prop_assert!((found - moved).abs() < 1e-9, "{found} and {moved}");
        }
    }
}
