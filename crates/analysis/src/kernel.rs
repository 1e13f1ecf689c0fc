//! The indicator kernel: one measure's monthly figures of all areas, made into quarterly columns.
//!
//! One call a measure, over all its areas; columns in, columns out, in buffers that the caller
//! keeps from one measure to the next. It knows no files, names or dates but months.

mod ranks;
#[cfg(test)]
mod tests;

use std::fmt;

use model::Month;

use ranks::Ranks;

/// Months of a quarter.
const QUARTER_MONTHS: usize = 3;
/// Quarters of a year.
const YEAR: usize = 4;
/// Quarters before the present one that say what is usual.
const USUAL: usize = 8;
/// Larger figures, of either sign, are refused: their squares could not be added up.
const MAGNITUDE_MAX: f64 = 1e150;

/// Monthly figures of one measure: area after area, each with the same months, oldest first.
#[derive(Clone, Copy, Debug)]
pub struct DenseSeries<'a> {
    first_month: Month,
    months: usize,
    values: &'a [f64],
}

impl<'a> DenseSeries<'a> {
    /// `values` holds `areas` times equally many months, of which `first_month` is the oldest. `NaN`
    /// stands for a figure that is missing.
    ///
    /// Fails when the values cannot be shared out evenly among the areas.
    pub fn new(first_month: Month, areas: usize, values: &'a [f64]) -> Result<Self, KernelError> {
        let months = values.len().checked_div(areas).unwrap_or(0);
        if months == 0 || months * areas != values.len() || u32::try_from(areas).is_err() {
            return Err(KernelError::Shape { areas, values: values.len() });
        }
        Ok(Self { first_month, months, values })
    }

    /// How many months come before the first whole quarter.
    fn months_before(&self) -> usize {
        let quarter = self.first_month.index().rem_euclid(3);
        usize::try_from((3 - quarter) % 3).unwrap_or(0).min(self.months)
    }

    /// The first figure that is too large, if any. (`NaN` is missing, not large.)
    fn out_of_range(&self) -> Option<KernelError> {
        let large = |value: &f64| value.abs() > MAGNITUDE_MAX;
        // All are looked at, without leaving early: that is several at once.
        if !self.values.iter().fold(false, |found, value| found | large(value)) {
            return None;
        }
        let place = self.values.iter().position(large)?;
        let (area, month) = (place / self.months, place % self.months);
        let month = self.first_month.plus(i32::try_from(month).ok()?);
        Some(KernelError::OutOfRange { area, month, value: self.values[place] })
    }
}

/// Why figures were not computed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum KernelError {
    /// There are no areas or no months, or not the same months for each area.
    Shape {
        /// How many areas there are said to be.
        areas: usize,
        /// How many values there are for them.
        values: usize,
    },
    /// A figure is infinite or above 10^150.
    OutOfRange {
        /// Which area, from 0, in the order of the series.
        area: usize,
        /// Which month.
        month: Month,
        /// The figure.
        value: f64,
    },
}

impl fmt::Display for KernelError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Shape { areas, values } => {
                write!(formatter, "{values} values are not equally many months for {areas} areas")
            }
            Self::OutOfRange { area, month, value } => {
                write!(formatter, "area {area} has {value:e} in {month}: too large to compute with")
            }
        }
    }
}

impl std::error::Error for KernelError {}

/// Which rolling year has position 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Best {
    /// The lowest: burglary.
    Lowest,
    /// The highest: young people engaged.
    Highest,
}

/// What windows hold that reach back before the first quarter, or to a quarter that is missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Windows {
    /// What there is, as SQL has it. A rolling year may be of fewer quarters where the series
    /// begins, for all areas alike; the mean and the standard deviation are those of the quarters
    /// that are known, at least one and two.
    AsFarAsTheyGo,
    /// Nothing, unless every quarter is known: four for a rolling year, eight for the mean and the
    /// standard deviation.
    WholeOnly,
}

/// How to compute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KernelRules {
    /// Which rolling year has position 1.
    pub best: Best,
    /// What incomplete windows hold.
    pub windows: Windows,
}

/// Quarterly columns of one measure, made by [`quarterly`]. Kept for the next measure, nothing is
/// allocated again, unless that one is larger.
///
/// Columns have a row for each area and quarter: area after area in the order of the series, oldest
/// quarter first. `NaN` stands for what is missing. The two columns that are about a quarter as a
/// whole have one row a quarter.
#[derive(Clone, Debug, Default)]
pub struct QuarterlyColumns {
    first_quarter: Option<Month>,
    /// Quarters of each area; may be 0.
    pub quarters: usize,
    /// Sum of the quarter's three months.
    pub value: Vec<f64>,
    /// Sum of the four quarters that end with this one.
    pub rolling_year: Vec<f64>,
    /// `value` of four quarters before.
    pub same_quarter_last_year: Vec<f64>,
    /// Mean of `value` in the eight quarters before this one.
    pub mean8: Vec<f64>,
    /// Standard deviation of `value` in the eight quarters before this one, of a sample: divided by
    /// one less than there are.
    pub sd8: Vec<f64>,
    /// Place of the rolling year among all areas in that quarter, from 1; equal ones share the
    /// better place, and the places after it stay empty. 0 where the rolling year is missing.
    pub position: Vec<u32>,
    /// One a quarter: the mean of the areas' rolling years, each counting the same.
    pub county_average: Vec<f64>,
    /// One a quarter: how many areas have a position.
    pub ranked: Vec<u32>,
    ranks: Ranks,
}

impl QuarterlyColumns {
    /// First months of the quarters, oldest first.
    pub fn quarter_starts(&self) -> impl Iterator<Item = Month> {
        let first = self.first_quarter.into_iter();
        first
            .flat_map(|first| (0_i32..).step_by(3).map(move |months| first.plus(months)))
            .take(self.quarters)
    }

    fn resize(&mut self, areas: usize, quarters: usize) {
        let rows = areas * quarters;
        self.quarters = quarters;
        for column in [
            &mut self.value,
            &mut self.rolling_year,
            &mut self.same_quarter_last_year,
            &mut self.mean8,
            &mut self.sd8,
        ] {
            column.resize(rows, f64::NAN);
        }
        self.position.resize(rows, 0);
        self.county_average.resize(quarters, f64::NAN);
        self.ranked.resize(quarters, 0);
    }
}

/// Computes the quarterly columns of one measure, over all its areas, in place of what `columns`
/// held.
///
/// On complete figures, with [`Windows::AsFarAsTheyGo`] and [`Best::Lowest`], the columns equal
///
/// ```sql
/// with q as (select measure, area, date_trunc('quarter', month) as quarter, sum(value) as value
///            from facts group by 1, 2, 3),
/// w as (select *,
///         sum(value) over (s rows between 3 preceding and current row) as rolling_year,
///         lag(value, 4) over s as same_quarter_last_year,
///         avg(value) over (s rows between 8 preceding and 1 preceding) as mean8,
///         stddev_samp(value) over (s rows between 8 preceding and 1 preceding) as sd8
///       from q window s as (partition by measure, area order by quarter))
/// select *, rank() over (partition by measure, quarter order by rolling_year) as position,
///        avg(rolling_year) over (partition by measure, quarter) as county_average from w
/// ```
///
/// Where figures are missing it parts from SQL on purpose, which would add up what is left and
/// compare it with whole sums. Here a part is never compared with a whole:
///
/// - a quarter that the series does not cover wholly, at either end, is left out for all areas;
/// - a quarter is missing where one of its months is, and so is a year with such a quarter: it has
///   no position and no part in the average;
/// - windows count quarters of the calendar, not rows: `same_quarter_last_year` is missing where
///   that quarter is, and never another year's.
///
/// Sums of whole numbers are exact as long as they are below 2^53.
///
/// Fails, and leaves the columns without rows, when a figure is infinite or above 10^150.
pub fn quarterly(
    series: DenseSeries<'_>,
    rules: KernelRules,
    columns: &mut QuarterlyColumns,
) -> Result<(), KernelError> {
    if let Some(error) = series.out_of_range() {
        columns.resize(0, 0);
        return Err(error);
    }
    let before = series.months_before();
    let quarters = (series.months - before) / QUARTER_MONTHS;
    let areas = series.values.len() / series.months;
    columns.resize(areas, quarters);
    columns.first_quarter =
        i32::try_from(before).ok().map(|before| series.first_month.plus(before));
    if quarters == 0 {
        return Ok(());
    }
    let whole = before..before + quarters * QUARTER_MONTHS;
    for (area, months) in series.values.chunks_exact(series.months).enumerate() {
        let rows = area * quarters..(area + 1) * quarters;
        let value = &mut columns.value[rows.clone()];
        add_months(&months[whole.clone()], value);
        add_year(value, rules.windows, &mut columns.rolling_year[rows.clone()]);
        year_before(value, &mut columns.same_quarter_last_year[rows.clone()]);
        let (mean, sd) = (&mut columns.mean8[rows.clone()], &mut columns.sd8[rows]);
        usual(value, rules.windows, mean, sd);
    }
    columns.ranks.rank(&columns.rolling_year, quarters, rules.best, &mut columns.position);
    average(&columns.rolling_year, &mut columns.county_average, &mut columns.ranked);
    Ok(())
}

fn add_months(months: &[f64], value: &mut [f64]) {
    for (value, months) in value.iter_mut().zip(months.as_chunks::<QUARTER_MONTHS>().0) {
        *value = months[0] + months[1] + months[2];
    }
}

/// A missing quarter makes the year missing: `NaN` stays `NaN` when something is added.
fn add_year(value: &[f64], windows: Windows, year: &mut [f64]) {
    let opening = year.len().min(YEAR - 1);
    let mut sum = match windows {
        Windows::AsFarAsTheyGo => 0.0,
        Windows::WholeOnly => f64::NAN,
    };
    for (year, value) in year[..opening].iter_mut().zip(value) {
        sum += value;
        *year = sum;
    }
    for (year, window) in year[opening..].iter_mut().zip(value.array_windows::<YEAR>()) {
        *year = window[0] + window[1] + window[2] + window[3];
    }
}

fn year_before(value: &[f64], last_year: &mut [f64]) {
    let opening = last_year.len().min(YEAR);
    let (without, with) = last_year.split_at_mut(opening);
    without.fill(f64::NAN);
    with.copy_from_slice(&value[..with.len()]);
}

/// Mean and standard deviation of the quarters before each.
fn usual(value: &[f64], windows: Windows, mean: &mut [f64], sd: &mut [f64]) {
    let opening = value.len().min(USUAL);
    let whole = value.array_windows::<USUAL>();
    for ((window, mean), sd) in whole.zip(&mut mean[opening..]).zip(&mut sd[opening..]) {
        (*mean, *sd) = of_eight(window);
    }
    if windows == Windows::WholeOnly {
        mean[..opening].fill(f64::NAN);
        sd[..opening].fill(f64::NAN);
        return;
    }
    for quarter in 0..opening {
        (mean[quarter], sd[quarter]) = of_known(&value[..quarter]);
    }
    if value.iter().fold(false, |missing, value| missing | value.is_nan()) {
        for quarter in opening..value.len() {
            (mean[quarter], sd[quarter]) = of_known(&value[quarter - USUAL..quarter]);
        }
    }
}

/// In two passes, from differences to one of the values: what is large in all of them does not
/// drown how they differ, and equal ones differ by nothing at all. No window is made from the one
/// before, so that rounding does not add up. (Chan, Golub, `LeVeque`: *Algorithms for computing the
/// sample variance*, 1983, the shifted two-pass algorithm.)
#[inline]
fn of_eight(window: &[f64; USUAL]) -> (f64, f64) {
    let from_first = window.map(|value| value - window[0]);
    let shift = sum_of_eight(&from_first) / 8.0;
    let squares = sum_of_eight(&from_first.map(|value| (value - shift) * (value - shift)));
    (window[0] + shift, (squares / 7.0).sqrt())
}

#[inline]
fn sum_of_eight(of: &[f64; USUAL]) -> f64 {
    ((of[0] + of[1]) + (of[2] + of[3])) + ((of[4] + of[5]) + (of[6] + of[7]))
}

/// As [`of_eight`], of what is not missing.
fn of_known(window: &[f64]) -> (f64, f64) {
    let known = || window.iter().copied().filter(|value| !value.is_nan());
    let Some(first) = known().next() else {
        return (f64::NAN, f64::NAN);
    };
    let count = known().fold(0.0, |count, _| count + 1.0);
    let shift = known().map(|value| value - first).sum::<f64>() / count;
    let squares: f64 = known().map(|value| (value - first - shift).powi(2)).sum();
    // One alone does not vary: nothing divided by none is `NaN`.
    (first + shift, (squares / (count - 1.0)).sqrt())
}

/// The mean over the areas for each quarter, and how many it is of.
fn average(years: &[f64], mean: &mut [f64], known: &mut [u32]) {
    mean.fill(0.0);
    known.fill(0);
    for years in years.chunks_exact(mean.len()) {
        for ((sum, known), year) in mean.iter_mut().zip(known.iter_mut()).zip(years) {
            *sum += if year.is_nan() { 0.0 } else { *year };
            *known += u32::from(!year.is_nan());
        }
    }
    for (mean, known) in mean.iter_mut().zip(known) {
        // Nothing divided by none is `NaN`.
        *mean /= f64::from(*known);
    }
}
