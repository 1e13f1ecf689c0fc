//! What a report needs to know besides the figures.

use std::collections::BTreeMap;

use analysis::SuccessOutcome;
use jiff::civil::Date;
use model::{
    ActionItem, Breakdown, DatedEvent, EditionId, Measure, MeasureId, Partnership, Period,
    ReturnState, RunId, SubmissionState,
};

/// Everything a report says that is not a figure. Definitions arrive resolved.
#[derive(Clone, Debug)]
pub struct ReportSpec<'a> {
    /// Whose report it is.
    pub partnership: &'a Partnership,
    /// What kind of report it is: `Quarterly monitoring report`.
    pub title: String,
    /// Measures by id.
    pub measures: &'a BTreeMap<MeasureId, Measure>,
    /// What it is about.
    pub period: Period,
    /// The day on which things stood as the report says: decides what is overdue.
    pub as_of: Date,
    /// Protective marking, as it is to be printed: `OFFICIAL`; empty for none.
    pub marking: String,
    /// Which issue it is.
    pub edition: EditionId,
    /// Which run made it.
    pub run: RunId,
    /// Success measures of the plan, judged, in the plan's order.
    pub success: &'a [SuccessOutcome],
    /// The action plan.
    pub actions: &'a [ActionItem],
    /// What happened on a day that readers should see on charts.
    pub events: &'a [DatedEvent],
    /// What the analyst says about the report and its indicators.
    pub commentary: &'a Commentary,
    /// Every return owed for the period.
    pub returns: &'a [ReturnLine],
    /// Every file the figures come from.
    pub sources: &'a [SourceLine],
    /// What readers should know about the quality of the returns.
    pub quality: &'a [QualityLine],
    /// What has changed of the last report's figures; none before there was one.
    pub revised: Option<&'a RevisedSince>,
    /// Lake version the figures were read at.
    pub lake_version: String,
    /// Program and version.
    pub software: String,
    /// Short hash of the definitions used.
    pub definitions_hash_short: String,
    /// Whom to ask: a role and an address.
    pub contact: String,
    /// When the next report is due.
    pub next_report: Option<Date>,
    /// A sentence shown on top of a demonstration: `Demonstration: figures marked (illustrative) are made up.`
    pub demonstration: Option<String>,
}

/// What the analyst says about a report.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Commentary {
    /// About the whole.
    pub report: Vec<Note>,
    /// About single indicators.
    pub measures: BTreeMap<MeasureId, Vec<Note>>,
}

/// What somebody says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// A role, never a name.
    pub by: String,
    /// When.
    pub on: Date,
    /// Paragraphs of plain text.
    pub paragraphs: Vec<String>,
}

/// What has changed of the last report's figures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RevisedSince {
    /// The edition that printed them.
    pub edition: EditionId,
    /// What has changed, those that change a verdict first.
    pub lines: Vec<RevisionLine>,
}

/// A figure that an earlier report printed and that is another now. As shown, both times.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RevisionLine {
    /// What has changed.
    pub subject: RevisedSubject,
    /// Name of the area; empty for success measures.
    pub area: String,
    /// What it is about.
    pub period: Period,
    /// As printed before: `402[p]`, with `, 4 of 12` where it had a position; empty for success
    /// measures.
    pub old: String,
    /// As it is now.
    pub new: String,
    /// Why, as a sentence for readers without its stop.
    pub why: String,
    /// The verdicts before and now, where both have one and they differ: `concern`, `no-change`.
    pub verdicts: Option<(String, String)>,
}

/// What has changed since it was printed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RevisedSubject {
    /// A figure: what is counted, and which part.
    Figure(MeasureId, Breakdown),
    /// The verdict on a success measure, as the plan words it.
    Success(String),
}

/// A return owed for the period, and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReturnLine {
    /// The partner's name for readers.
    pub partner: String,
    /// The return's title.
    pub title: String,
    /// The day it is due, inclusive; none for returns that are never owed.
    pub due: Option<Date>,
    /// Where it stands.
    pub state: ReturnState,
    /// When the submission that counts arrived.
    pub arrived: Option<Date>,
    /// Code of the worst finding of a refused submission. Its words stay inside: they may quote
    /// cells.
    pub refused_for: Option<String>,
    /// Why it need not come, if somebody decided so.
    pub waived: Option<String>,
}

/// A file that figures come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceLine {
    /// The partner's name for readers.
    pub partner: String,
    /// The return it answers.
    pub return_title: String,
    /// File name as the partner wrote it.
    pub file: String,
    /// When it arrived.
    pub arrived: Date,
    /// The first digits of its SHA-256.
    pub sha256_short: String,
    /// How many figures were read from it.
    pub cells: usize,
    /// What became of it.
    pub state: SubmissionState,
}

/// A kind of finding in a return that was taken in. Its words stay inside: they may quote cells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QualityLine {
    /// The return's title.
    pub return_title: String,
    /// Stable kebab-case code of the finding.
    pub code: String,
}
