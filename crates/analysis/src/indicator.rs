//! Indicators: what is reported about a measure for one area and period.

use std::collections::BTreeMap;

use model::{AreaCode, Breakdown, Figure, Mark, MeasureId, Month, Period};

use crate::assurance::Assurance;
use crate::compare::Evidence;
use crate::definitions::Definitions;
use crate::funnel::{FunnelFlag, FunnelShape};
use crate::gate::Held;
use crate::history::History;
use crate::rate::{Interval, as_f64};
use crate::spc::{SpcRule, SpcState};

/// What an indicator is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IndicatorKey {
    /// What is counted.
    pub measure: MeasureId,
    /// Where.
    pub area: AreaCode,
    /// Which part of it.
    pub breakdown: Breakdown,
}

/// Which way a figure moved against the same period a year before: arithmetic, not evidence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// More than a year before.
    Up,
    /// Fewer than a year before.
    Down,
    /// The same.
    NoClearChange,
}

impl Direction {
    /// `up`, `down` or `no-clear-change`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Up => "up",
            Self::Down => "down",
            Self::NoClearChange => "no-clear-change",
        }
    }
}

/// The overall verdict on an indicator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// Worse, by more than chance explains.
    Concern,
    /// Better, by more than chance explains.
    Improving,
    /// Nothing beyond chance.
    NoChange,
    /// There is not enough to judge by.
    CannotJudge,
}

impl Verdict {
    /// `concern`, `improving`, `no-change` or `cannot-judge`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Concern => "concern",
            Self::Improving => "improving",
            Self::NoChange => "no-change",
            Self::CannotJudge => "cannot-judge",
        }
    }
}

/// A place among peers, best first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Position {
    /// From 1; ties share the better place.
    pub place: u32,
    /// Whether another peer has the same rate.
    pub tied: bool,
    /// How many peers there are, the area itself included.
    pub of: u32,
    /// The peer set's name for readers, with its vintage where it has one.
    pub peers: String,
}

/// How an area's rate stands among its peers, beyond its place.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PeerStanding {
    /// Where the rate lies against the limits.
    pub flag: FunnelFlag,
    /// What the limits are.
    pub limits: PeerLimits,
}

/// What a rate was held against.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum PeerLimits {
    /// Funnel limits (10 peers or more).
    Funnel {
        /// 95 % limits at the area's population, per 1,000.
        watch: Interval,
        /// 99.8 % limits, per 1,000.
        exception: Interval,
        /// Whether they were widened because the areas differ by more than chance.
        overdispersed: bool,
    },
    /// The area's own 95 % and 99.8 % intervals against the peers' average (fewer than 10 peers).
    OwnInterval,
}

/// The rates of a set of peers, as they are drawn.
#[derive(Clone, Debug, PartialEq)]
pub struct PeerRates {
    /// One for each member, in the order of their codes.
    pub members: Vec<PeerRate>,
    /// What the rates are of.
    pub period: Period,
    /// Limits by number of residents; none for fewer than 10 peers.
    pub funnel: Option<FunnelShape>,
}

/// The rate of one member of a peer set.
#[derive(Clone, Debug, PartialEq)]
pub struct PeerRate {
    /// Where.
    pub area: AreaCode,
    /// Events per 1,000 residents.
    pub per_1000: f64,
    /// 95 % interval.
    pub interval: Interval,
    /// Residents.
    pub residents: i64,
    /// Where it lies against the limits.
    pub flag: FunnelFlag,
}

/// A rate per 1,000 residents, with its 95 % interval.
#[derive(Clone, Debug, PartialEq)]
pub struct Rate {
    /// Events per 1,000 residents over `period`.
    pub per_1000: f64,
    /// 95 % interval.
    pub interval: Interval,
    /// What it is a rate of: the indicator's period, or the 12 months where only those are known.
    pub period: Period,
    /// The count it was made from.
    pub events: i64,
    /// Residents.
    pub residents: i64,
    /// Population estimate used: `mid-2020`.
    pub vintage: String,
}

impl Rate {
    /// `[u]` where fewer than 20 events make it unreliable.
    pub fn mark(&self) -> Option<Mark> {
        (self.events < crate::reading::FEW_EVENTS).then_some(Mark::U)
    }
}

/// A difference against the same stretch a year before, and what may be said of it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Change {
    /// Now less then, in the measure's smallest unit.
    pub absolute: i64,
    /// In tenths of a percent of then, half away from zero; none on a base under 20.
    pub tenths_pct: Option<i64>,
    /// Probability of a difference as large by chance alone; none for what is not counted.
    pub p_value: Option<f64>,
    /// What that says.
    pub evidence: Option<Evidence>,
}

/// What two counts a year apart are of: days times residents, of which only the ratio matters.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Exposures {
    /// Of the later count.
    pub now: f64,
    /// Of the one a year before.
    pub before: f64,
}

impl Exposures {
    /// Of an area in a period and the year before it.
    pub(crate) fn of(period: Period, area: &AreaCode, definitions: &Definitions<'_>) -> Self {
        let residents = |period: Period| {
            let area = definitions.partnership.area(area)?;
            Some(as_f64(definitions.populations.of(area, period)?.residents))
        };
        let before = period.year_before();
        let days = (f64::from(period.length_days()), f64::from(before.length_days()));
        // Where nobody knows how many residents there are, they are taken to be as many.
        let residents = residents(period).zip(residents(before)).unwrap_or((1.0, 1.0));
        Self { now: days.0 * residents.0, before: days.1 * residents.1 }
    }
}

/// The two sides of a share, and its 95 % interval (Wilson).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ShareOf {
    /// The part.
    pub part: i64,
    /// The whole.
    pub whole: i64,
    /// From 0 to 100 %.
    pub interval_pct: Interval,
}

/// Whether a figure can be judged, and if not, what kind of reason there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DataStatus {
    /// Everything is there.
    Complete,
    /// It is there and may still change.
    Provisional,
    /// It is there; the year before is counted differently.
    Break,
    /// It is there; nothing to compare it with.
    NoComparison,
    /// A source note says that it cannot be trusted.
    Blocked,
    /// The plausibility gate holds it.
    Held,
    /// The partner withholds it.
    Withheld,
    /// It has not arrived, or not for every month.
    Missing,
}

impl DataStatus {
    /// `complete`, `provisional`, `break`, `no-comparison`, `blocked`, `held`, `withheld` or `missing`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Complete => "complete",
            Self::Provisional => "provisional",
            Self::Break => "break",
            Self::NoComparison => "no-comparison",
            Self::Blocked => "blocked",
            Self::Held => "held",
            Self::Withheld => "withheld",
            Self::Missing => "missing",
        }
    }
}

/// A monthly target, and whether the chart says that it will be met.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TargetStanding {
    /// The level a month, in the measure's smallest unit.
    pub monthly: i64,
    /// Whether the last month met it; none when it is not known.
    pub met: Option<bool>,
    /// What the limits of the chart say; none without a chart.
    pub assurance: Option<Assurance>,
}

/// What a control chart is drawn of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Charted {
    /// The months.
    Months,
    /// Each month less the same month of the year before: the months are seasonal.
    YearOnYear,
}

/// What the control chart of the months says.
#[derive(Clone, Debug, PartialEq)]
pub struct SpcSummary {
    /// How many months, since the last break or new beginning.
    pub points: usize,
    /// Whether the limits are trial limits: 7 to 11 months set them.
    pub trial: bool,
    /// What is charted: the months, or each month less the same month of the year before.
    pub of: Charted,
    /// The first month charted.
    pub first_month: Month,
    /// Why the chart begins there, if a break or a decision made it; without figures.
    pub began: Option<String>,
    /// Which rule flags the last month.
    pub rule: Option<SpcRule>,
    /// Centre line.
    pub mean: f64,
    /// Lower limit, never below 0.
    pub lower: f64,
    /// Upper limit.
    pub upper: f64,
    /// What the last month shows.
    pub state: SpcState,
    /// The figure of the last month.
    pub latest: i64,
    /// The last month: that of the period.
    pub latest_month: Month,
    /// The last four financial quarters, oldest first; none unless the period ends with one.
    pub last_quarters: Option<[i64; 4]>,
}

/// What is reported about a measure for one area and period. Exact: the operator's own view.
#[derive(Clone, Debug, PartialEq)]
pub struct Indicator {
    /// The figure of the period.
    pub value: Figure,
    /// The same period a year before.
    pub year_before: Figure,
    /// This period against the year before; none when either is missing or a break lies between.
    pub change: Option<Change>,
    /// The 12 months that end with the period.
    pub rolling_12_months: Figure,
    /// The 12 months before those.
    pub rolling_12_months_previous: Figure,
    /// The 12 months against the 12 before.
    pub rolling_change: Option<Change>,
    /// April to the end of the period.
    pub year_to_date: Figure,
    /// The same months of the financial year before.
    pub year_to_date_previous: Figure,
    /// The two sides of a share; none for other measures.
    pub share: Option<ShareOf>,
    /// The eight quarters of the two 12-month figures, newest first, where known: what is
    /// withheld of them must be withheld of the 12 months.
    pub quarters: Vec<Option<i64>>,
    /// Rate per 1,000 residents, where it makes sense.
    pub rate: Option<Rate>,
    /// The rate of the same stretch a year before.
    pub rate_year_before: Option<Rate>,
    /// Position among peers; none unless every peer has a figure that nothing is said against.
    pub position: Option<Position>,
    /// Position of the year before, by the same rules.
    pub position_year_before: Option<Position>,
    /// How the rate stands among the peers' rates.
    pub peers: Option<PeerStanding>,
    /// Mean of the peers' rates.
    pub peer_average: Option<f64>,
    /// The rates of all peers, this one included; of the partnership's own indicators only, and
    /// none without a position.
    pub peer_rates: Option<PeerRates>,
    /// What led up to it; of the partnership's own indicators only, and none of parts.
    pub history: Option<History>,
    /// Control chart of months; none under 7 months, or of rare events.
    pub spc: Option<SpcSummary>,
    /// Why there is no chart although there are months; without figures.
    pub no_chart: Option<String>,
    /// Whether there are months enough for a chart, whatever is in them.
    pub chartable: bool,
    /// The target there is.
    pub target: Option<TargetStanding>,
    /// What the figure and the one a year before are of.
    pub exposures: Exposures,
    /// What the two 12-month figures are of.
    pub rolling_exposures: Exposures,
    /// Whether a source note marks the figure that the rate of the year before is made of.
    pub flagged_year_before: bool,
    /// Whether it can be judged.
    pub data: DataStatus,
    /// What a source note says that blocks a figure of the 24 months; without figures.
    pub blocked: Option<String>,
    /// What the gate holds of it: for the operator only.
    pub held: Vec<Held>,
    /// Which way it moved.
    pub direction: Option<Direction>,
    /// Why a figure is missing or not compared, for each that is: in words for readers.
    pub gaps: Vec<String>,
    /// What is said of the sources of the figures there are: in words for readers.
    pub remarks: Vec<String>,
}

/// Every indicator of one period.
#[derive(Clone, Debug, PartialEq)]
pub struct IndicatorTable {
    /// The period they are about.
    pub period: Period,
    /// By measure, area and breakdown.
    pub indicators: BTreeMap<IndicatorKey, Indicator>,
}
