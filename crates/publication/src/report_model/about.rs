//! What a file of the report says of itself, and where it all comes from.

use serde::Serialize;

/// Whose report it is, which one, and as known when: what a file says that is read by itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct About {
    /// What kind of report it is: `Quarterly monitoring report`.
    pub title: String,
    /// The partnership's name.
    pub partnership: String,
    /// Its short name.
    pub partnership_short: String,
    /// The period with its calendar months: `quarter 1 2025 to 2026 (April to June 2025)`.
    pub period: String,
    /// The calendar months alone: `April to June 2025`.
    pub months: String,
    /// `Some figures are provisional [p].`; empty when none is.
    pub provisional: String,
    /// The day on which things stood as the report says: `21 July 2025`.
    pub as_of: String,
    /// The same for data files: `2025-07-21`.
    pub as_of_data: String,
    /// Which issue it is, for data files: `2025-26-Q1-01`.
    pub edition_data: String,
    /// Where figures come from, in order of their names.
    pub figures_from: Vec<String>,
}

/// A file that figures come from.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SourceRow {
    /// The partner.
    pub partner: String,
    /// The return it answers.
    pub return_title: String,
    /// File name.
    pub file: String,
    /// When it arrived.
    pub arrived: String,
    /// The same for data files.
    pub arrived_data: String,
    /// First digits of its SHA-256.
    pub sha256: String,
    /// `39 figures`, or what became of the file.
    pub outcome: String,
}

/// Where it all comes from.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Provenance {
    /// Edition, run, lake version, software and definitions, in one sentence each.
    pub lines: Vec<String>,
    /// Files, by partner.
    pub sources: Vec<SourceRow>,
    /// Whom to ask.
    pub contact: String,
    /// Why the reader gets it.
    pub why_you_get_this: String,
    /// When the next one is due; empty when not known.
    pub next_report: String,
}
