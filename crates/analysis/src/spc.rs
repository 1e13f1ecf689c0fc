//! Control charts of months: `XmR` with the four rules of NHS *Making Data Count*.
//!
//! Formulas and rules are those of `NHSRplotthedots` 0.2 (`ptd_spc_standard`,
//! `ptd_calculate_point_type`): limits are the mean ± 2.66 times the mean moving range, near
//! limits lie two thirds of that from the mean. Whether a point lies beyond a line is decided in
//! whole numbers, so that one on the line is never beyond it by rounding.
//!
//! One of its labels is not taken over: where a rise or fall is followed by a figure that is the
//! same and begins another, the package calls the last point falling, whichever it was.

/// Fewer points than this set no limits.
const LIMITS_MIN: usize = 7;
/// Limits that fewer points than this set are trial limits.
const FIRM_MIN: usize = 12;
/// How many points in a row make a trend or a shift.
const RUN: usize = 7;

/// What a point of a control chart shows.
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

/// Why a point is a special cause: the first of these that holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SpcRule {
    /// Above the upper or below the lower limit; a point on a limit is inside.
    OutsideLimits,
    /// One of seven points that rise, or fall, each against the one before.
    Trend,
    /// One of two or three points in three that lie between the near limit and the limit, while
    /// all three lie on the same side of the mean.
    NearLimits,
    /// One of seven points on the same side of the mean; a point on the mean breaks the run.
    Shift,
}

impl SpcRule {
    /// `outside-limits`, `trend`, `near-limits` or `shift`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::OutsideLimits => "outside-limits",
            Self::Trend => "trend",
            Self::NearLimits => "near-limits",
            Self::Shift => "shift",
        }
    }
}

/// Centre line and limits of an `XmR` chart or of one segment of it, and what each point shows.
#[derive(Clone, Debug, PartialEq)]
pub struct Xmr {
    /// Index of the segment's first point among those of the chart.
    pub start: usize,
    /// Centre line.
    pub mean: f64,
    /// Lower limit (may be below 0; counts clip it when shown).
    pub lower: f64,
    /// Upper limit.
    pub upper: f64,
    /// Whether these are trial limits: fewer than 12 points set them.
    pub trial: bool,
    /// One state a point.
    pub states: Vec<SpcState>,
    /// One a point: the rule that made it a special cause.
    pub rules: Vec<Option<SpcRule>>,
}

/// How a chart's limits are set. Rebase for a known change with a lasting signal, never for looks.
#[derive(Clone, Copy, Debug)]
pub struct ChartPlan<'a> {
    /// The first so many points of each segment set its limits; all of them when there are fewer,
    /// or by `None`.
    pub baseline: Option<usize>,
    /// Indices of points with which a new segment starts, in any order; 0 and those beyond the
    /// last point start none.
    pub rebases: &'a [usize],
    /// Whether moving ranges at or above 3.267 times their mean are left out of the limits, as
    /// `NHSRplotthedots` does; the *Making Data Count* workbook does not.
    pub screening: bool,
}

/// A control chart in segments, each computed alone.
#[derive(Clone, Debug, PartialEq)]
pub struct Chart {
    /// The segments that have limits, in order: at least one.
    pub segments: Vec<Xmr>,
    /// One a point; none where fewer than seven points would have set the limits.
    pub states: Vec<Option<SpcState>>,
    /// One a point: the rule that made it a special cause.
    pub rules: Vec<Option<SpcRule>>,
}

/// An `XmR` chart over monthly counts, oldest first, screened, in one segment whose limits all
/// points set. `None` for fewer than two points.
pub fn xmr(values: &[i64]) -> Option<Xmr> {
    segment(values, 0, values, true)
}

/// A control chart over monthly counts, oldest first. `None` when no segment has seven points
/// that set its limits.
pub fn chart(values: &[i64], plan: &ChartPlan<'_>) -> Option<Chart> {
    let mut bounds: Vec<usize> = plan.rebases.to_vec();
    bounds.retain(|start| *start < values.len());
    bounds.extend([0, values.len()]);
    bounds.sort_unstable();
    bounds.dedup();
    let mut chart = Chart {
        segments: Vec::new(),
        states: vec![None; values.len()],
        rules: vec![None; values.len()],
    };
    for bound in bounds.windows(2) {
        let (start, end) = (bound[0], bound[1]);
        let points = &values[start..end];
        let setting = &points[..plan.baseline.unwrap_or(points.len()).min(points.len())];
        if setting.len() < LIMITS_MIN {
            continue;
        }
        if let Some(found) = segment(points, start, setting, plan.screening) {
            for (index, state) in found.states.iter().enumerate() {
                chart.states[start + index] = Some(*state);
            }
            chart.rules[start..end].copy_from_slice(&found.rules);
            chart.segments.push(found);
        }
    }
    (!chart.segments.is_empty()).then_some(chart)
}

fn segment(points: &[i64], start: usize, setting: &[i64], screening: bool) -> Option<Xmr> {
    let limits = Limits::of(setting, screening)?;
    let (states, rules) = flags(points, &limits).into_iter().unzip();
    let (mean, reach) = (limits.mean(), limits.reach());
    Some(Xmr {
        start,
        mean,
        lower: mean - reach,
        upper: mean + reach,
        trial: setting.len() < FIRM_MIN,
        states,
        rules,
    })
}

/// Mean and mean moving range as sums and what they are divided by: nothing is rounded yet.
struct Limits {
    sum: i128,
    points: i128,
    range_sum: i128,
    ranges: i128,
}

impl Limits {
    fn of(setting: &[i64], screening: bool) -> Option<Self> {
        let all: Vec<i128> = setting
            .windows(2)
            .map(|pair| (i128::from(pair[1]) - i128::from(pair[0])).abs())
            .collect();
        if all.is_empty() {
            return None;
        }
        let (all_sum, all_count) = (all.iter().sum::<i128>(), count(all.len()));
        let kept =
            all.iter().filter(|range| !screening || **range * all_count * 1000 < all_sum * 3267);
        let (range_sum, ranges) = kept.fold((0, 0), |(sum, count), range| (sum + range, count + 1));
        Some(Self {
            sum: setting.iter().map(|value| i128::from(*value)).sum(),
            points: count(setting.len()),
            range_sum,
            // Only ranges that are all 0 are all screened out, and their mean is 0.
            ranges: ranges.max(1),
        })
    }

    fn mean(&self) -> f64 {
        ratio(self.sum, self.points)
    }

    /// How far the limits are from the mean.
    fn reach(&self) -> f64 {
        2.66 * ratio(self.range_sum, self.ranges)
    }

    /// On which side of the mean a value lies; common cause when on it.
    fn side(&self, value: i64) -> SpcState {
        match (i128::from(value) * self.points).cmp(&self.sum) {
            std::cmp::Ordering::Greater => SpcState::SpecialHigh,
            std::cmp::Ordering::Less => SpcState::SpecialLow,
            std::cmp::Ordering::Equal => SpcState::CommonCause,
        }
    }

    /// Whether a value lies further from the mean than so many hundredths of the mean range,
    /// divided by `parts`.
    fn beyond(&self, value: i64, hundredths: i128, parts: i128) -> bool {
        let distance = (i128::from(value) * self.points - self.sum).abs();
        self.range_sum * self.points * hundredths < distance * self.ranges * 100 * parts
    }

    fn is_outside(&self, value: i64) -> bool {
        self.beyond(value, 266, 1)
    }

    fn is_between_near_limit_and_limit(&self, value: i64) -> bool {
        self.beyond(value, 2 * 266, 3) && !self.is_outside(value)
    }
}

fn count(length: usize) -> i128 {
    i128::try_from(length).unwrap_or(i128::MAX)
}

#[expect(clippy::cast_precision_loss, reason = "sums of counts are far below 2^53")]
fn ratio(sum: i128, count: i128) -> f64 {
    sum as f64 / count as f64
}

/// What each point shows, and the first rule that says so.
fn flags(points: &[i64], limits: &Limits) -> Vec<(SpcState, Option<SpcRule>)> {
    let sides: Vec<SpcState> = points.iter().map(|value| limits.side(*value)).collect();
    let outside = |index: &usize| limits.is_outside(points[*index]);
    let by_rule = [
        (
            SpcRule::OutsideLimits,
            (0..points.len()).filter(outside).map(|index| (index, sides[index])).collect(),
        ),
        (SpcRule::Trend, trends(points)),
        (SpcRule::NearLimits, near_limits(points, &sides, limits)),
        (SpcRule::Shift, shifts(&sides)),
    ];
    let mut flags = vec![(SpcState::CommonCause, None); points.len()];
    for (rule, found) in by_rule {
        for (index, state) in found {
            if flags[index].1.is_none() {
                flags[index] = (state, Some(rule));
            }
        }
    }
    flags
}

/// The points of every seven that rise or fall, with the way they go. The latest come first: the
/// point where a rise turns into a fall belongs to the fall.
fn trends(points: &[i64]) -> Vec<(usize, SpcState)> {
    let mut found = Vec::new();
    for (start, run) in points.windows(RUN).enumerate() {
        let rising = run.windows(2).all(|pair| pair[0] < pair[1]);
        let falling = run.windows(2).all(|pair| pair[1] < pair[0]);
        if rising || falling {
            let state = if rising { SpcState::SpecialHigh } else { SpcState::SpecialLow };
            found.extend((start..start + RUN).map(|index| (index, state)));
        }
    }
    found.reverse();
    found
}

/// The close points of every three on one side of the mean of which two or more are close.
fn near_limits(points: &[i64], sides: &[SpcState], limits: &Limits) -> Vec<(usize, SpcState)> {
    let is_close: Vec<bool> =
        points.iter().map(|value| limits.is_between_near_limit_and_limit(*value)).collect();
    let mut found = Vec::new();
    for (start, run) in sides.windows(3).enumerate() {
        let close: Vec<usize> = (start..start + 3).filter(|index| is_close[*index]).collect();
        if 2 <= close.len() && is_one_side(run) {
            found.extend(close.into_iter().map(|index| (index, run[0])));
        }
    }
    found
}

/// The points of every seven on one side of the mean.
fn shifts(sides: &[SpcState]) -> Vec<(usize, SpcState)> {
    let mut found = Vec::new();
    for (start, run) in sides.windows(RUN).enumerate() {
        if is_one_side(run) {
            found.extend((start..start + RUN).map(|index| (index, run[0])));
        }
    }
    found
}

/// Whether all lie on the same side of the mean, and none on it.
fn is_one_side(run: &[SpcState]) -> bool {
    run[0] != SpcState::CommonCause && run.iter().all(|side| *side == run[0])
}

#[cfg(test)]
mod tests {
    use super::*;

    const PUBLISHED: [i64; 18] = [1, 2, 1, 2, 10, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1];
    const WHOLE: ChartPlan<'_> = ChartPlan { baseline: None, rebases: &[], screening: true };

    /// The rule's first letter; small on the low side.
    fn letter((state, rule): (&Option<SpcState>, &Option<SpcRule>)) -> char {
        let letter = match (state, rule) {
            (None, _) => '_',
            (Some(_), None) => '.',
            (Some(_), Some(SpcRule::OutsideLimits)) => 'O',
            (Some(_), Some(SpcRule::Trend)) => 'T',
            (Some(_), Some(SpcRule::NearLimits)) => 'N',
            (Some(_), Some(SpcRule::Shift)) => 'S',
        };
        if *state == Some(SpcState::SpecialLow) { letter.to_ascii_lowercase() } else { letter }
    }

    fn shown(values: &[i64], plan: &ChartPlan<'_>) -> String {
        let Some(Chart { segments, states, rules }) = chart(values, plan) else {
            return "none".to_owned();
        };
        let limits: Vec<String> = segments
            .iter()
            .map(|Xmr { start, mean, lower, upper, trial, .. }| {
                let trial = if *trial { " (trial)" } else { "" };
                format!("from {start}: mean {mean:.2}, {lower:.2} to {upper:.2}{trial}; ")
            })
            .collect();
        limits.concat() + &states.iter().zip(&rules).map(letter).collect::<String>()
    }

    #[test]
    fn published_fixture_with_a_screened_outlier() {
        insta::assert_snapshot!(shown(&PUBLISHED, &WHOLE), @"from 0: mean 1.94, -0.72 to 4.60; ....O.............");
        let plan = ChartPlan { screening: false, ..WHOLE };
        insta::assert_snapshot!(shown(&PUBLISHED, &plan), @"from 0: mean 1.94, -3.06 to 6.95; ....O.............");
    }

    #[test]
    fn each_rule_in_its_turn() {
        let whole = |values: &[i64]| shown(values, &WHOLE);
        insta::assert_snapshot!(whole(&[5, 9, 5, 9, 5, 1, 2, 3, 4, 5, 6, 7]), @"from 0: mean 5.08, -1.20 to 11.37; .....TTTTTTT");
        // Near the limit goes before a shift.
        insta::assert_snapshot!(whole(&[1, 3, 1, 3, 1, 3, 1, 9, 8, 9, 8, 9, 8, 9]), @"from 0: mean 5.21, 1.22 to 9.20; osososoNNNNNNN");
        // Outside goes before a trend, and the turning point belongs to the fall.
        insta::assert_snapshot!(whole(&[1, 2, 3, 4, 5, 6, 7, 6, 5, 4, 3, 2, 1]), @"from 0: mean 3.77, 1.11 to 6.43; oTTTTTOttttto");
        insta::assert_snapshot!(whole(&[1, 9, 1, 9, 3, 4, 5, 6, 7, 8, 9, 8, 7, 6, 5, 4, 3]), @"from 0: mean 5.59, -1.39 to 12.57; ....TTTTTTttttttt");
        // A point on the mean, 5, breaks a run.
        insta::assert_snapshot!(whole(&[3, 4, 2, 4, 4, 2, 3, 7, 6, 8, 6, 6, 8, 7]), @"from 0: mean 5.00, 0.91 to 9.09; sssssssSSSSSSS");
        insta::assert_snapshot!(whole(&[3, 4, 2, 5, 4, 2, 3, 7, 6, 8, 5, 6, 8, 7]), @"from 0: mean 5.00, 0.09 to 9.91; ..............");
        // All the same: the limits are the mean.
        insta::assert_snapshot!(whole(&[5; 12]), @"from 0: mean 5.00, 5.00 to 5.00; ............");
    }

    #[test]
    fn two_of_three_lie_near_the_limit_and_not_beyond_it() {
        let then = |three: [i64; 3]| {
            let values: Vec<i64> = [9, 11].into_iter().cycle().take(12).chain(three).collect();
            let text = shown(&values, &ChartPlan { baseline: Some(12), ..WHOLE });
            text.replace("from 0: mean 10.00, 4.68 to 15.32; ............", "")
        };
        insta::assert_snapshot!(then([15, 11, 14]), @"N.N");
        insta::assert_snapshot!(then([15, 9, 14]), @"...");
        insta::assert_snapshot!(then([15, 10, 14]), @"...");
        insta::assert_snapshot!(then([20, 15, 11]), @"O..");
        insta::assert_snapshot!(then([20, 15, 14]), @"ONN");
        insta::assert_snapshot!(then([6, 5, 9]), @"nn.");
    }

    #[test]
    fn segments_are_computed_alone() {
        let values: Vec<i64> = [10, 12]
            .into_iter()
            .cycle()
            .take(12)
            .chain([30, 33].into_iter().cycle().take(8))
            .collect();
        let rebased = |rebases: &[usize]| shown(&values, &ChartPlan { rebases, ..WHOLE });
        insta::assert_snapshot!(rebased(&[]), @"from 0: mean 19.20, 12.85 to 25.55; ooooooooooooOOOOOOOO");
        insta::assert_snapshot!(rebased(&[12]), @"from 0: mean 11.00, 5.68 to 16.32; from 12: mean 31.50, 23.52 to 39.48 (trial); ....................");
        insta::assert_snapshot!(rebased(&[99, 12, 0, 12]), @"from 0: mean 11.00, 5.68 to 16.32; from 12: mean 31.50, 23.52 to 39.48 (trial); ....................");
        insta::assert_snapshot!(rebased(&[14]), @"from 0: mean 13.93, 8.39 to 19.47; nsnsnsnsnsnsOO______");
        insta::assert_snapshot!(rebased(&[6, 12, 18]), @"none");
    }

    #[test]
    fn a_baseline_sets_the_limits_of_what_follows() {
        let values = [9, 11, 9, 11, 9, 11, 9, 11, 9, 11, 9, 11, 14, 9, 11, 20];
        let fixed = |baseline| shown(&values, &ChartPlan { baseline, ..WHOLE });
        insta::assert_snapshot!(fixed(None), @"from 0: mean 10.88, 4.79 to 16.95; ...............O");
        insta::assert_snapshot!(fixed(Some(12)), @"from 0: mean 10.00, 4.68 to 15.32; ...............O");
        insta::assert_snapshot!(fixed(Some(8)), @"from 0: mean 10.00, 4.68 to 15.32 (trial); ...............O");
        insta::assert_snapshot!(fixed(Some(99)), @"from 0: mean 10.88, 4.79 to 16.95; ...............O");
        insta::assert_snapshot!(fixed(Some(6)), @"none");
    }

    #[test]
    fn seven_points_make_a_chart() {
        insta::assert_snapshot!(shown(&PUBLISHED[..6], &WHOLE), @"none");
        insta::assert_snapshot!(shown(&PUBLISHED[..7], &WHOLE), @"from 0: mean 2.71, -6.60 to 12.02 (trial); .......");
        insta::assert_snapshot!(shown(&PUBLISHED[..11], &WHOLE), @"from 0: mean 2.27, -2.46 to 7.00 (trial); ....O......");
        insta::assert_snapshot!(shown(&PUBLISHED[..12], &WHOLE), @"from 0: mean 2.17, -0.49 to 4.83; ....Osssssss");
        assert_eq!(xmr(&PUBLISHED[..1]), None);
        assert!(xmr(&PUBLISHED[..2]).is_some_and(|found| found.trial));
    }

    fn swapped(state: SpcState) -> SpcState {
        match state {
            SpcState::CommonCause => SpcState::CommonCause,
            SpcState::SpecialHigh => SpcState::SpecialLow,
            SpcState::SpecialLow => SpcState::SpecialHigh,
        }
    }

    proptest::proptest! {
        #[test]
        fn turning_the_chart_upside_down_swaps_high_and_low(
            values in proptest::collection::vec(0..100_i64, 2..40),
        ) {
            let up = xmr(&values).expect("two points");
            let down: Vec<i64> = values.iter().map(|value| 1000 - value).collect();
            let down = xmr(&down).expect("two points");
            let states: Vec<SpcState> = down.states.iter().map(|state| swapped(*state)).collect();
            proptest::prop_assert_eq!(up.states, states);
            proptest::prop_assert_eq!(up.rules, down.rules);
        }

        #[test]
        fn a_larger_scale_changes_no_flag(
            values in proptest::collection::vec(0..20_i64, 7..40),
            scale in 1..1_000_000_i64,
        ) {
            let small = chart(&values, &WHOLE).expect("a chart");
            let large: Vec<i64> = values.iter().map(|value| value * scale + 7).collect();
            let large = chart(&large, &WHOLE).expect("a chart");
            proptest::prop_assert_eq!(small.states, large.states);
            proptest::prop_assert_eq!(small.rules, large.rules);
        }

        #[test]
        fn a_rebased_chart_is_two_charts(
            values in proptest::collection::vec(0..50_i64, 14..40),
            screening: bool,
        ) {
            let middle = values.len() / 2;
            let plan = ChartPlan { screening, ..WHOLE };
            let both = chart(&values, &ChartPlan { rebases: &[middle], ..plan }).expect("a chart");
            let left = chart(&values[..middle], &plan).expect("a chart");
            let right = chart(&values[middle..], &plan).expect("a chart");
            proptest::prop_assert_eq!(both.states, [left.states, right.states].concat());
            proptest::prop_assert_eq!(both.rules, [left.rules, right.rules].concat());
        }

        #[test]
        fn a_point_is_special_when_a_rule_says_so(
            values in proptest::collection::vec(0..50_i64, 7..40),
        ) {
            let Chart { states, rules, .. } = chart(&values, &WHOLE).expect("a chart");
            for (state, rule) in states.iter().zip(&rules) {
                let special = state.is_some_and(|state| state != SpcState::CommonCause);
                proptest::prop_assert_eq!(special, rule.is_some());
            }
        }
    }
}
