//! What has changed of figures that an earlier report printed.

use serde::Serialize;

/// A figure that was printed before and is another now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RevisionRow {
    /// The indicator with its part and area, `DAVSS referrals (risk=high), Sevenoaks`; or the
    /// success measure as the plan words it.
    pub name: String,
    /// What it is about: `April to June 2025`.
    pub period: String,
    /// As printed before; empty for success measures.
    pub old: String,
    /// As it is now.
    pub new: String,
    /// Why.
    pub why: String,
    /// `Concern, now no change`; empty where the verdict is the same or there is none.
    pub verdict: String,
    /// The period for data files.
    pub period_data: String,
}

/// Revisions since the last report.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct RevisionSection {
    /// `Since edition 2025-26-Q1-01 was sent, 3 of its figures have changed.`; empty when none has.
    pub summary: String,
    /// Those that change a verdict: they lead the report.
    pub verdicts: Vec<RevisionRow>,
    /// Caption with number; empty when there is none.
    pub caption: String,
    /// All others, in order.
    pub rows: Vec<RevisionRow>,
    /// What the table leaves out; empty when nothing.
    pub more: String,
    /// Every revision; for data files.
    pub all_data: Vec<RevisionRow>,
}
