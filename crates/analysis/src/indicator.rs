//! Indicators: what is reported about a measure for one area and period.

use std::collections::BTreeMap;

use model::{AreaCode, Breakdown, Figure, MeasureId, Month, Period};

use crate::rate::Interval;
use crate::spc::SpcState;

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
    /// The peer set's name for readers.
    pub peers: String,
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

/// What the control chart of the months says.
#[derive(Clone, Debug, PartialEq)]
pub struct SpcSummary {
    /// How many months.
    pub points: usize,
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
    /// This period less the year before; none when either is missing.
    pub change: Option<i64>,
    /// Change in tenths of a percent of the year before; none when the base is under 20.
    pub change_tenths_pct: Option<i64>,
    /// The 12 months that end with the period.
    pub rolling_12_months: Figure,
    /// The 12 months before those.
    pub rolling_12_months_previous: Figure,
    /// The eight quarters of the two 12-month figures, newest first, where known: what is
    /// withheld of them must be withheld of the 12 months.
    pub quarters: Vec<Option<i64>>,
    /// Rate per 1,000 residents, where it makes sense.
    pub rate: Option<Rate>,
    /// Position among peers; none unless every peer has a figure.
    pub position: Option<Position>,
    /// Mean of the peers' rates.
    pub peer_average: Option<f64>,
    /// Control chart of months; none under 12 months.
    pub spc: Option<SpcSummary>,
    /// Which way it moved.
    pub direction: Option<Direction>,
    /// Why a figure is missing, for each that is: in words for readers.
    pub gaps: Vec<String>,
}

/// Every indicator of one period.
#[derive(Clone, Debug, PartialEq)]
pub struct IndicatorTable {
    /// The period they are about.
    pub period: Period,
    /// By measure, area and breakdown.
    pub indicators: BTreeMap<IndicatorKey, Indicator>,
}
