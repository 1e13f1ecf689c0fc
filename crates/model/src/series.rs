//! Series: what the lake holds about each measure, area and breakdown, newest submission winning.

use std::collections::BTreeMap;

use crate::{AreaCode, Breakdown, Figure, MeasureId, Period, SubmissionHash};

/// What a series is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SeriesKey {
    /// What is counted.
    pub measure: MeasureId,
    /// Where.
    pub area: AreaCode,
    /// Which part of it.
    pub breakdown: Breakdown,
}

/// One figure of a series.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Point {
    /// The number or why there is none.
    pub figure: Figure,
    /// The submission it comes from (the newest accepted one that speaks of it).
    pub submission: SubmissionHash,
}

/// Every series of a lake version. Each return keeps its own grain: a period may be a month, a
/// quarter, a year or any window, and periods of one series may overlap.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SeriesTable {
    /// Points by reference period, by series.
    pub series: BTreeMap<SeriesKey, BTreeMap<Period, Point>>,
}
