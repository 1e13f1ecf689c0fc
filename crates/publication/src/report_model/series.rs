//! What is drawn of an indicator, for data files: exact where drawings are places on a scale.

use serde::Serialize;

/// Months and rates of an indicator, as far as its charts show them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct SeriesData {
    /// Code of the area.
    pub area_code: String,
    /// Name of the area.
    pub area: String,
    /// What its figures are in: `count`, `pounds`, `percent`.
    pub unit: String,
    /// What the months of its control chart are: `figure` or `difference from the year before`.
    pub months_are: String,
    /// Months of its control chart, oldest first; none without a chart.
    pub months: Vec<MonthData>,
    /// What rates are over: `2025-26Q1`.
    pub rates_over: String,
    /// Rates of its peers, highest first; none where they are not drawn.
    pub rates: Vec<PeerRateData>,
}

/// A month of a control chart.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MonthData {
    /// `2025-06`.
    pub month: String,
    /// The number; none where a mark stands in its place.
    pub number: Option<String>,
    /// Marks that qualify the number, or stand in its place.
    pub marks: String,
    /// The limits that hold for the month; none where none do.
    pub limits: Option<LimitsData>,
    /// `as usual`, `high` or `low`; empty where no limits hold.
    pub shows: String,
}

/// The limits of a stretch of a control chart, one decimal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LimitsData {
    /// Which stretch, counted from 1.
    pub stretch: usize,
    /// Average.
    pub average: String,
    /// Lower limit.
    pub lower: String,
    /// Upper limit.
    pub upper: String,
    /// Whether fewer than 12 months set them.
    pub trial: bool,
}

/// The rate of a peer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PeerRateData {
    /// Code of the area.
    pub area_code: String,
    /// Name of the area.
    pub area: String,
    /// Whether it is the partnership's own.
    pub is_home: bool,
    /// Events per 1,000 residents, two decimals.
    pub per_1000: String,
    /// Lower end of the 95 % interval.
    pub lower: String,
    /// Upper end of the 95 % interval.
    pub upper: String,
    /// Residents.
    pub residents: i64,
    /// `Above the 95% limit`.
    pub against_limits: String,
}
