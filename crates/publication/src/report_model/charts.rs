//! Control charts, decided.

use serde::Serialize;

use super::Tag;

/// What the control chart of an indicator's months says.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ChartRow {
    /// Its measure's key.
    pub measure: String,
    /// Its name, with `(illustrative)` where its figures are made up.
    pub name: String,
    /// Marks that qualify its figures; shown beside the name.
    pub marks: String,
    /// Code of the area.
    pub area_code: String,
    /// Name of the area.
    pub area: String,
    /// How many months it is made of.
    pub months: usize,
    /// Average a month, one decimal.
    pub average: String,
    /// `11.4 to 28.1`: what months usually vary by.
    pub range: String,
    /// The figure of the last month.
    pub latest: String,
    /// The last month: `June 2025`.
    pub latest_month: String,
    /// The last four quarters, oldest first: `31, 38, 46, 52`; empty unless the period ends with one.
    pub quarters: String,
    /// `Above its expected range or trend`.
    pub shows: String,
    /// The verdict, where the chart decides it; none where neither more nor fewer is better.
    pub tag: Option<Tag>,
    /// The average for data files, one decimal.
    pub average_data: String,
    /// Lower end of the range for data files, one decimal.
    pub lower_data: String,
    /// Upper end of the range for data files, one decimal.
    pub upper_data: String,
    /// The figure of the last month, for data files.
    pub latest_data: i64,
    /// The last month for data files: `2025-06`.
    pub latest_month_data: String,
    /// The last four quarters for data files, oldest first.
    pub quarters_data: Option<[i64; 4]>,
}

/// The table of control charts.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct ChartSection {
    /// Caption with number; empty without charts that may be shown.
    pub caption: String,
    /// How to read it; empty without charts.
    pub notes: Vec<String>,
    /// In the order of the indicators.
    pub rows: Vec<ChartRow>,
    /// Indicators whose chart may not be shown; empty when none.
    pub withheld: String,
}
