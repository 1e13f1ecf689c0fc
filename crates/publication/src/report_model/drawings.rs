//! Charts, decided: what is drawn where, what is written beside it, and the same figures as a table.
//!
//! Numbers say where things are drawn; texts are what readers see. A drawing lays them out and
//! decides nothing: not even how a figure is written.

use model::Polarity;
use serde::Serialize;

use super::{SeriesData, Tag, TagKind};

/// A chart.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Drawing {
    /// Names it in links and files: `control-police-asb`.
    pub id: String,
    /// The finding, without a stop.
    pub title: String,
    /// What is shown: measure, place and period.
    pub subtitle: String,
    /// What it shows, for whoever cannot see it; the figures stand in the table.
    pub alt: String,
    /// What is said below it.
    pub notes: Vec<String>,
    /// What is drawn.
    pub kind: DrawingKind,
    /// The same figures.
    pub table: DataTable,
}

/// The figures of a chart as a table: every row has as many cells as there are columns.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct DataTable {
    /// What it is.
    pub caption: String,
    /// Headings; the first column names the rows.
    pub columns: Vec<String>,
    /// Rows.
    pub rows: Vec<Vec<String>>,
}

/// What is drawn.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum DrawingKind {
    /// A control chart of months.
    Control(ControlDrawing),
    /// Small charts side by side, each with a scale of its own.
    Multiples(Vec<Panel>),
    /// Rates of peers in order, with intervals.
    Ranked(RankedDrawing),
    /// Rates of peers by number of residents, with limits.
    Funnel(FunnelDrawing),
    /// Quarters as columns.
    Columns(Vec<Column>),
}

/// A control chart.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ControlDrawing {
    /// Months, oldest first, none left out.
    pub points: Vec<ControlPoint>,
    /// Stretches with limits of their own, oldest first.
    pub stretches: Vec<Stretch>,
    /// What divides the months, or happened in one, oldest first.
    pub events: Vec<ChartEvent>,
    /// The target, where it is drawn.
    pub target: Option<Level>,
    /// What is written beside the last point: `80 [p]`.
    pub latest: String,
}

/// A month of a control chart.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ControlPoint {
    /// The month on the axis: `Jun 25`.
    pub month: String,
    /// Where it lies; none where it is not known.
    pub value: Option<f64>,
    /// How it is marked.
    pub sign: PointSign,
    /// Provisional: drawn hollow.
    pub hollow: bool,
}

/// How a point is marked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum PointSign {
    /// As usual.
    Usual,
    /// Worse than usual, and high.
    WorseHigh,
    /// Worse than usual, and low.
    WorseLow,
    /// Better than usual, and high.
    BetterHigh,
    /// Better than usual, and low.
    BetterLow,
    /// Other than usual, where neither more nor fewer is better.
    Other,
}

impl PointSign {
    /// The sign of a figure that is not as usual.
    pub(crate) fn unusual(is_high: bool, polarity: Polarity) -> Self {
        match (polarity, is_high) {
            (Polarity::Neutral, _) => Self::Other,
            (Polarity::LowerIsBetter, true) => Self::WorseHigh,
            (Polarity::LowerIsBetter, false) => Self::BetterLow,
            (Polarity::HigherIsBetter, true) => Self::BetterHigh,
            (Polarity::HigherIsBetter, false) => Self::WorseLow,
        }
    }
}

/// A stretch of a control chart with limits of its own. Months count from 0, both inclusive.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Stretch {
    /// Index of its first month.
    pub first: usize,
    /// Index of its last month.
    pub last: usize,
    /// Centre line.
    pub mean: Level,
    /// Lower limit.
    pub lower: Level,
    /// Upper limit.
    pub upper: Level,
}

/// A height on the scale, and what is written beside it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Level {
    /// Where.
    pub value: f64,
    /// What: `Upper limit 99.1`.
    pub label: String,
    /// The same where there is little room: `Upper 99.1`.
    pub short: String,
}

/// Something dated on a chart.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ChartEvent {
    /// Index of the month it falls in, or that follows the division.
    pub month: usize,
    /// What is written at it.
    pub label: String,
    /// The same where there is little room.
    pub short: String,
    /// Whether months before and after are not compared.
    pub divides: bool,
}

/// A small chart.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Panel {
    /// The indicator.
    pub name: String,
    /// Its verdict.
    pub tag: Tag,
    /// Lines of months from the first, each with the figure of the 12 months that end with it; 12
    /// months that were counted in two ways are left out, and divide them.
    pub lines: Vec<Vec<(f64, f64)>>,
    /// How many months the axis is long.
    pub months: usize,
    /// The first month on the axis.
    pub first: String,
    /// The last month on the axis.
    pub last: String,
    /// The last figure.
    pub latest: String,
    /// Whether it is provisional.
    pub hollow: bool,
}

/// Rates of peers in order.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RankedDrawing {
    /// Highest first.
    pub bars: Vec<Bar>,
    /// The average of the group.
    pub average: Level,
}

/// The rate of a peer.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Bar {
    /// Whose.
    pub name: String,
    /// How long.
    pub value: f64,
    /// Lower end of the interval.
    pub lower: f64,
    /// Upper end of the interval.
    pub upper: f64,
    /// The rate.
    pub label: String,
    /// Whether it is the partnership's own.
    pub is_home: bool,
}

/// Rates of peers by number of residents.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FunnelDrawing {
    /// One for each peer.
    pub points: Vec<FunnelPoint>,
    /// The rate of all together.
    pub centre: Level,
    /// 95 % limits: residents, lower, upper.
    pub watch: Vec<(f64, f64, f64)>,
    /// 99.8 % limits: residents, lower, upper.
    pub exception: Vec<(f64, f64, f64)>,
}

/// A peer in a funnel.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FunnelPoint {
    /// Whose.
    pub name: String,
    /// Residents.
    pub residents: f64,
    /// Rate per 1,000.
    pub rate: f64,
    /// How it is marked.
    pub sign: PointSign,
    /// Whether it is the partnership's own.
    pub is_home: bool,
}

/// A quarter as a column.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Column {
    /// The months: `Apr–Jun`.
    pub months: String,
    /// The year: `2025`.
    pub year: String,
    /// How high; none where it is not known.
    pub value: Option<f64>,
    /// The figure, or the mark in its place.
    pub label: String,
    /// Provisional: drawn as an outline.
    pub hollow: bool,
    /// Whether it is this quarter, or the same a year or more before.
    pub same_season: bool,
}

/// What is known of one indicator, for whoever wants more than its row.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct IndicatorDetail {
    /// Names it in links: `police-asb`.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The priority it is reported under.
    pub priority: String,
    /// The verdict.
    pub tag: Tag,
    /// The sentence of *What has changed*.
    pub sentence: String,
    /// Its charts, by id, in the order they are shown.
    pub drawings: Vec<String>,
    /// Its last quarters, oldest first.
    pub quarters: Vec<QuarterText>,
    /// What it is: term and explanation.
    pub facts: Vec<Fact>,
    /// What the analyst says about it.
    pub commentary: Vec<Comment>,
    /// What its charts show, for data files.
    pub series_data: SeriesData,
}

/// A quarter of an indicator.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct QuarterText {
    /// `April to June 2025`.
    pub period: String,
    /// The same where there is little room: `Apr–Jun 2025`.
    pub short: String,
    /// `402 [p]`, or the mark in place of a number.
    pub text: String,
    /// The period for data files: `2025-26Q1`.
    pub period_data: String,
    /// The number for data files; none where a mark stands in its place.
    pub number: Option<String>,
    /// For data files: marks that qualify the number, or stand in its place.
    pub status_data: String,
}

/// A term and what is to be said of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Fact {
    /// `Source`.
    pub term: String,
    /// `Kent Police, street-level crime as published on data.police.uk.`
    pub text: String,
}

/// What somebody says, who and when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Comment {
    /// `Community safety analyst, 18 July 2025`.
    pub by: String,
    /// Paragraphs.
    pub paragraphs: Vec<String>,
}

/// An indicator that needs a closer look.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Exception {
    /// Key of its priority.
    pub priority_id: String,
    /// Its name.
    pub name: String,
    /// The verdict.
    pub tag: Tag,
    /// Its chart, by id; empty when it has none.
    pub drawing: String,
    /// What the chart shows, how others compare, what is said about it: term and sentence.
    pub facts: Vec<Fact>,
}

impl PointSign {
    /// Which colours it has.
    pub fn kind(self) -> TagKind {
        match self {
            Self::Usual => TagKind::NoChange,
            Self::WorseHigh | Self::WorseLow => TagKind::Concern,
            Self::BetterHigh | Self::BetterLow => TagKind::Improving,
            Self::Other => TagKind::CannotJudge,
        }
    }
}
