//! What a submission says, once it is understood.

use std::fmt;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::{AreaCode, Breakdown, Marks, MeasureId, Period, Place};

/// A number in the measure's smallest unit (see [`crate::Unit`]), or nothing with the marks that
/// say why. Blank is never zero: a figure without a number always has a mark that replaces it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Figure {
    /// The number, in the measure's smallest unit.
    pub value: Option<i64>,
    /// Why there is none, or how to read it.
    pub marks: Marks,
}

impl Figure {
    /// A number without marks.
    pub fn number(value: i64) -> Self {
        Self { value: Some(value), marks: Marks::none() }
    }

    /// No number, and why.
    pub fn missing(mark: crate::Mark) -> Self {
        Self { value: None, marks: Marks::of(mark) }
    }
}

/// One figure as a partner sent it: measure x area x reference period x breakdown, with the cell
/// it came from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Observation {
    /// What is counted.
    pub measure: MeasureId,
    /// Where.
    pub area: AreaCode,
    /// When: the reference period, never the arrival date.
    pub period: Period,
    /// Which part of it.
    pub breakdown: Breakdown,
    /// How many, or why not known.
    pub figure: Figure,
    /// The cell. For a figure counted from records, the first record's row.
    pub place: Place,
    /// The cell's text as it stood.
    pub raw: String,
    /// What was repaired to read it, if anything.
    pub repair: Option<String>,
}

/// Where an action stands, as its owner says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ActionStatus {
    /// Nothing has happened yet.
    NotStarted,
    /// Under way.
    InProgress,
    /// Done.
    Complete,
    /// Given up or overtaken.
    Closed,
    /// The owner said nothing.
    NotReported,
}

impl ActionStatus {
    /// For readers: `in progress`.
    pub fn label(self) -> &'static str {
        match self {
            Self::NotStarted => "not started",
            Self::InProgress => "in progress",
            Self::Complete => "complete",
            Self::Closed => "closed",
            Self::NotReported => "not reported",
        }
    }

    /// Whether nothing more is to be done.
    pub fn is_finished(self) -> bool {
        matches!(self, Self::Complete | Self::Closed)
    }
}

/// By when an action is to be done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "kind", content = "on")]
pub enum ByWhen {
    /// The last day on which it is in time (a month named alone means its last day).
    Date(Date),
    /// No end: it goes on.
    Ongoing,
    /// Comes round again: `Monthly`.
    Recurring(String),
    /// Could not be understood; the text as it stood.
    Unclear(String),
}

impl fmt::Display for ByWhen {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Date(date) => write!(formatter, "{}", date.strftime("%-d %B %Y")),
            Self::Ongoing => write!(formatter, "ongoing"),
            Self::Recurring(text) | Self::Unclear(text) => write!(formatter, "{text}"),
        }
    }
}

/// An item of the action plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActionItem {
    /// Number in the plan: `4.7`.
    pub number: String,
    /// What is to be done.
    pub action: String,
    /// Lead agency. A role or organisation, never a person.
    pub lead: String,
    /// Other partners.
    pub others: String,
    /// By when.
    pub by_when: ByWhen,
    /// What has happened.
    pub update: String,
    /// Where it stands.
    pub status: ActionStatus,
    /// The cell of its number.
    pub place: Place,
}
