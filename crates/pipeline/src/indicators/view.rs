//! What `indicators --json` prints of each.

use model::{Breakdown, Marks, MeasureId, Period, ReturnId};
use serde::Serialize;

use crate::views::{AreaView, Number};

/// A control chart, in short.
#[derive(Clone, Debug, Serialize)]
pub struct SpcView {
    /// How many months.
    pub points: usize,
    /// `months`, or `months-less-same-month-last-year` where they are seasonal.
    pub of: &'static str,
    /// The first month charted.
    pub first_month: String,
    /// Whether 7 to 11 months set the limits.
    pub trial_limits: bool,
    /// The break or decision that the chart begins with.
    pub began: Option<String>,
    /// Centre line.
    pub mean: f64,
    /// Lower limit.
    pub lower: f64,
    /// Upper limit.
    pub upper: f64,
    /// `common-cause`, `special-high` or `special-low`.
    pub state: &'static str,
    /// The rule that flags the last month.
    pub rule: Option<&'static str>,
}

/// Both sides of a share and its 95 % interval (Wilson).
#[derive(Clone, Debug, Serialize)]
pub struct ShareView {
    /// The part.
    pub part: i64,
    /// The whole.
    pub whole: i64,
    /// Lower end, in percent.
    pub lower_pct: f64,
    /// Upper end, in percent.
    pub upper_pct: f64,
}

/// Funnel limits at the area's population, per 1,000.
#[derive(Clone, Debug, Serialize)]
pub struct LimitsView {
    /// 95 %, lower.
    pub watch_lower: f64,
    /// 95 %, upper.
    pub watch_upper: f64,
    /// 99.8 %, lower.
    pub exception_lower: f64,
    /// 99.8 %, upper.
    pub exception_upper: f64,
    /// Whether they were widened because the areas differ by more than chance.
    pub widened_for_overdispersion: bool,
}

/// A target and how it stands.
#[derive(Clone, Debug, Serialize)]
pub struct TargetView {
    /// The level a month.
    pub monthly: Option<Number>,
    /// `met`, `not-met`, `consistently-met`, `consistently-missed`, `hit-and-miss`, `cannot-judge`.
    pub status: &'static str,
}

/// A figure that the plausibility gate holds.
#[derive(Clone, Debug, Serialize)]
pub struct HeldView {
    /// Its name, for `release`.
    pub figure: String,
    /// What was sent.
    pub value: i64,
    /// What is usual.
    pub usual: i64,
    /// `same-months-of-an-earlier-year` or `median-of-earlier-periods`.
    pub against: &'static str,
    /// Why, in one sentence.
    pub reason: String,
}

/// A return that an indicator hangs on.
#[derive(Clone, Debug, Serialize)]
pub struct CoverageView {
    /// The return.
    #[serde(rename = "return")]
    pub return_id: ReturnId,
    /// Who sends it.
    pub partner: String,
    /// Where it stands for the period.
    pub state: &'static str,
}

/// An indicator with its keys, as `indicators --json` prints it: one flat object.
#[derive(Clone, Debug, Serialize)]
pub struct IndicatorView {
    /// What is counted.
    pub measure: MeasureId,
    /// Its name for readers.
    pub label: String,
    /// Where.
    pub area: AreaView,
    /// Which part.
    pub breakdown: Breakdown,
    /// When.
    pub period: Period,
    /// In which unit: whole things, pounds or percent.
    pub unit: model::Unit,
    /// Its figures.
    #[serde(flatten)]
    pub figures: FiguresView,
    /// Its rate and peers.
    #[serde(flatten)]
    pub peers: PeersView,
    /// Its statuses.
    #[serde(flatten)]
    pub status: StatusView,
}

/// The figures of an indicator and their differences.
#[derive(Clone, Debug, Serialize)]
pub struct FiguresView {
    /// The figure, in the unit.
    pub value: Option<Number>,
    /// Every mark on the figure and on what it is compared with.
    pub status: Marks,
    /// Marks on the figure alone.
    pub value_status: Marks,
    /// The two sides of a share.
    pub share: Option<ShareView>,
    /// The same period a year before.
    pub same_quarter_last_year: Option<Number>,
    /// Marks on it.
    pub same_quarter_last_year_status: Marks,
    /// Difference.
    pub change: Option<Number>,
    /// Difference in percent, one decimal.
    pub change_pct: Option<f64>,
    /// Probability of a difference as large by chance alone.
    pub change_p: Option<f64>,
    /// `exception` (under 0.2 %), `watch` (under 5 %) or `no-clear-change`.
    pub change_evidence: Option<&'static str>,
    /// The 12 months that end with the period.
    pub rolling_12_months: Option<Number>,
    /// Marks on it.
    pub rolling_12_months_status: Marks,
    /// The 12 months before those.
    pub rolling_12_months_previous: Option<Number>,
    /// Difference of the two.
    pub rolling_change: Option<Number>,
    /// In percent, one decimal.
    pub rolling_change_pct: Option<f64>,
    /// What it says.
    pub rolling_change_evidence: Option<&'static str>,
    /// April to the end of the period.
    pub year_to_date: Option<Number>,
    /// The same months of the financial year before.
    pub year_to_date_last_year: Option<Number>,
}

/// Its rate and how that stands among peers.
#[derive(Clone, Debug, Serialize)]
pub struct PeersView {
    /// Per 1,000 residents, over `rate_period`.
    pub rate_per_1000: Option<f64>,
    /// Lower end of its 95 % interval.
    pub rate_lower: Option<f64>,
    /// Upper end.
    pub rate_upper: Option<f64>,
    /// What the rate is over.
    pub rate_period: Option<Period>,
    /// Population estimate of the rate.
    pub rate_population: Option<String>,
    /// `u` where fewer than 20 events make it unreliable.
    pub rate_status: Marks,
    /// Place among peers, best first.
    pub position: Option<u32>,
    /// How many peers.
    pub position_of: Option<u32>,
    /// Whether another peer has the same rate.
    pub position_tied: Option<bool>,
    /// Place of the year before.
    pub position_last_year: Option<u32>,
    /// Which peers.
    pub peers: Option<String>,
    /// Mean of the peers' rates.
    pub peer_average: Option<f64>,
    /// Funnel limits, with 10 peers or more.
    pub peer_limits: Option<LimitsView>,
}

/// What may be said of it, and why.
#[derive(Clone, Debug, Serialize)]
pub struct StatusView {
    /// Control chart of months.
    pub spc: Option<SpcView>,
    /// Why there is no control chart although there are months.
    pub no_chart: Option<String>,
    /// The target there is.
    pub target: Option<TargetView>,
    /// `up`, `down`, `no-clear-change`, or nothing to compare with.
    pub direction: Option<&'static str>,
    /// Can it be judged? `complete`, `provisional`, `break`, `no-comparison`, `blocked`, `held`,
    /// `withheld` or `missing`.
    pub data: &'static str,
    /// Is it changing? `common-cause`, `concern-high`, `improvement-low`, …, `no-chart`.
    pub variation: &'static str,
    /// How does it stand against peers? `within`, `watch-high`, `exception-low`, …, `not-compared`.
    pub comparison: &'static str,
    /// Will the target be met? `not-set` where there is none.
    pub target_status: &'static str,
    /// `improving`, `concern`, `no-change` or `cannot-judge`.
    pub verdict: &'static str,
    /// Why, in one sentence.
    pub reason: String,
    /// What the figures say, in words that follow the statistics.
    pub sentence: String,
    /// Why figures are missing or not compared, one sentence each.
    pub gaps: Vec<String>,
    /// What is said of the sources of the figures there are.
    pub remarks: Vec<String>,
    /// What the plausibility gate holds of it.
    pub held: Vec<HeldView>,
    /// The returns it hangs on.
    pub coverage: Vec<CoverageView>,
}

/// Which indicators are wanted.
#[derive(Clone, Debug, Default)]
pub struct IndicatorFilter {
    /// For when; the newest period in the lake by default.
    pub period: Option<Period>,
    /// As known when: a day, a time or a version of the lake; now by default.
    pub as_known_at: Option<String>,
    /// Only this measure.
    pub measure: Option<String>,
    /// Only this area: code, name or alias.
    pub area: Option<String>,
}
