//! The report, decided: every label, figure, mark, order and sentence, ready to print.
//!
//! Fields named `…_data` or `number` are for data files; all others are for readers. An empty
//! string or list means that the place stays empty and its heading is left out.

mod about;
mod charts;
mod drawings;
mod plan;
mod revisions;
mod series;

use serde::Serialize;

pub use about::{About, Provenance, SourceRow};
pub use charts::{ChartRow, ChartSection};
pub use drawings::{
    Bar, ChartEvent, Column, Comment, ControlDrawing, ControlPoint, DataTable, Drawing,
    DrawingKind, Exception, Fact, FunnelDrawing, FunnelPoint, IndicatorDetail, Level, Panel,
    PointSign, QuarterText, RankedDrawing, Stretch,
};
pub use plan::{ActionRow, ActionsSection, SuccessRow, SuccessSection};
pub use revisions::{RevisionRow, RevisionSection};
pub use series::{LimitsData, MonthData, PeerRateData, SeriesData};

/// One report. Renderings lay it out and decide nothing.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ReportModel {
    /// Protective marking; empty for none.
    pub marking: String,
    /// Subject line.
    pub subject: String,
    /// The report in one or two sentences: what a mail program shows beside the subject.
    pub preheader: String,
    /// What a demonstration says on top; empty for a real report.
    pub demonstration: String,
    /// What was found, whose and when.
    pub headline: Headline,
    /// Which edition this one takes the place of, and why; empty for a first one.
    pub corrects: String,
    /// What a message that would be too long leaves out; empty when nothing.
    pub condensed: String,
    /// Why the reader's priority comes first; empty where none does.
    pub addressed: String,
    /// How many of each verdict, in the order they are shown.
    pub tiles: Vec<Tile>,
    /// Figures of the last report that have changed since: those that change a verdict lead.
    pub revisions: RevisionSection,
    /// What has changed, most pressing first; 3 to 6 lines where there are as many indicators.
    pub changes: Vec<ChangeLine>,
    /// What the lines above leave out; empty when nothing.
    pub changes_more: String,
    /// What the analyst says about the report.
    pub commentary: Vec<Comment>,
    /// The chart of indicators side by side in the message, by id; empty without figures for one.
    pub overview: String,
    /// The same for each priority, in the page and the pack.
    pub overviews: Vec<String>,
    /// The few indicators that need a closer look; in the message.
    pub exceptions: Vec<Exception>,
    /// Every indicator.
    pub indicators: IndicatorSection,
    /// Rates and positions.
    pub peers: PeerSection,
    /// Control charts of months.
    pub charts: ChartSection,
    /// Parts of indicators.
    pub parts: PartSection,
    /// Success measures of the plan.
    pub success: SuccessSection,
    /// The action plan.
    pub actions: ActionsSection,
    /// Returns and data quality.
    pub returns: ReturnsSection,
    /// The shorthand marks that occur, and what they mean.
    pub marks: Vec<MarkLine>,
    /// What is known of each indicator, in the order of the table; in the page and the pack.
    pub details: Vec<IndicatorDetail>,
    /// Every chart, once.
    pub drawings: Vec<Drawing>,
    /// The plan's priorities: key and heading, in its ranking.
    pub priorities: Vec<PriorityText>,
    /// Where it all comes from.
    pub provenance: Provenance,
    /// What a file says of itself that is read without the rest.
    pub about: About,
    /// The period as file names carry it: `2025-26-Q1`.
    pub period_file_name: String,
    /// The period as data files carry it: `2025-26Q1`.
    pub period_data: String,
}

/// A priority of the plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PriorityText {
    /// Its key.
    pub id: String,
    /// `Priority 1: Safeguarding`.
    pub heading: String,
}

/// What was found, whose and when.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Headline {
    /// The finding, as a heading.
    pub finding: String,
    /// Partnership, period, whether the figures are provisional, and the day they are as known on.
    pub standing: String,
}

/// Which colours a tag has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum TagKind {
    /// Orange: worse.
    Concern,
    /// Blue: better.
    Improving,
    /// Grey: as before.
    NoChange,
    /// Yellow: cannot be said.
    CannotJudge,
}

/// A verdict as word, shape and colour.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Tag {
    /// The word: `Concern`.
    pub word: String,
    /// The shape: `▲`.
    pub shape: String,
    /// Which colours.
    pub kind: TagKind,
}

/// How many indicators have a verdict.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Tile {
    /// How many.
    pub count: usize,
    /// What they are: `concerns`.
    pub label: String,
    /// Which colours.
    pub kind: TagKind,
}

/// One line of *What has changed*.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ChangeLine {
    /// Key of its priority.
    pub priority_id: String,
    /// The verdict.
    pub tag: Tag,
    /// The indicator's name.
    pub indicator: String,
    /// Figure, basis and position.
    pub sentence: String,
}

/// A number, or the mark in its place.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FigureText {
    /// `2,941`, `[x]`, or `2,941 [r]` where the mark is not shared by the whole row.
    pub text: String,
    /// The number for data files: `2941`; none where a mark stands in its place.
    pub number: Option<String>,
    /// For data files: marks that qualify the number.
    pub status_data: String,
}

/// A change against the year before.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ChangeText {
    /// `+71`, or the mark in its place.
    pub text: String,
    /// `+8.7%`; none on a small base and where there is no change to speak of.
    pub percent: Option<String>,
    /// The number for data files.
    pub number: Option<String>,
    /// The percentage for data files.
    pub percent_number: Option<String>,
}

/// The four figures of an indicator.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Figures {
    /// The figure of the period.
    pub now: FigureText,
    /// The same period a year before.
    pub year_before: FigureText,
    /// The change between the two.
    pub change: ChangeText,
    /// The 12 months that end with the period.
    pub twelve_months: FigureText,
    /// Marks that qualify all of them; shown beside the name.
    pub shared_marks: String,
    /// For data files: `rounded to 5` or `exact`.
    pub precision_data: String,
}

/// Headings of the four figures.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Columns {
    /// `Quarter`.
    pub now: String,
    /// `Same quarter last year`.
    pub year_before: String,
    /// `Year ago`: for narrow columns.
    pub year_before_short: String,
    /// `Change`.
    pub change: String,
    /// `12 months`.
    pub twelve_months: String,
}

/// A rate per 1,000 residents.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RateText {
    /// Events per 1,000 residents, two decimals, with `[u]` where few events make it unreliable.
    pub per_1000: String,
    /// The number for data files.
    pub per_1000_data: String,
    /// `[u]` for data files, or empty.
    pub mark_data: String,
    /// Lower end of the 95 % interval.
    pub lower: String,
    /// Upper end of the 95 % interval.
    pub upper: String,
    /// `7.04 to 8.04`.
    pub interval: String,
    /// What it is a rate over: `quarter`, `12 months`.
    pub over: String,
    /// Mean of the peers' rates, or `[x]`.
    pub peer_average: String,
    /// `5th of 12`, or `[x]`.
    pub position: String,
    /// `3rd a year ago`; empty when it is not known.
    pub position_before: String,
    /// The place, for data files.
    pub place_data: Option<u32>,
    /// Out of how many, for data files.
    pub of_data: Option<u32>,
    /// The place a year before, for data files.
    pub place_before_data: Option<u32>,
    /// Who the peers are; empty without a position.
    pub peers: String,
}

/// An indicator.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct IndicatorRow {
    /// Its measure's key.
    pub measure: String,
    /// Its name, with `(illustrative)` where its figures are made up.
    pub name: String,
    /// Note markers: `[note 1]`.
    pub notes: String,
    /// Code of the area.
    pub area_code: String,
    /// Name of the area.
    pub area: String,
    /// What its figures are in, for data files: `count`, `pounds`, `percent`.
    pub unit_data: String,
    /// The figures.
    pub figures: Figures,
    /// Rate and position, where they may be shown.
    pub rate: Option<RateText>,
    /// For data files: the mark that stands in place of a rate there is not.
    pub no_rate_data: String,
    /// The verdict.
    pub tag: Tag,
    /// Why, in words without figures.
    pub reason: String,
    /// The four statuses, for data files: data, variation, comparison, target.
    pub statuses_data: [String; 4],
}

/// The indicators of a priority.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct IndicatorGroup {
    /// Key of the priority.
    pub priority_id: String,
    /// `Priority 1: Safeguarding`.
    pub heading: String,
    /// In order of their names.
    pub rows: Vec<IndicatorRow>,
}

/// The table of every indicator.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct IndicatorSection {
    /// Caption with number.
    pub caption: String,
    /// Column headings.
    pub columns: Columns,
    /// By priority, in the plan's ranking.
    pub groups: Vec<IndicatorGroup>,
    /// Notes, each beginning with its marker if it has one.
    pub notes: Vec<String>,
    /// What could not be judged, and why.
    pub cannot_judge: Vec<ReasonLine>,
}

/// A reason, and the indicators it holds for.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ReasonLine {
    /// The reason, as a sentence without its stop.
    pub reason: String,
    /// The indicators: `Arson, Burglary and 3 more`.
    pub indicators: String,
}

/// Indicators compared with the same peers.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PeerGroup {
    /// `Among the 12 Kent districts`.
    pub heading: String,
    /// Rows of the indicator table that have a rate.
    pub rows: Vec<IndicatorRow>,
}

/// The table of rates and positions.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PeerSection {
    /// Caption with number; empty without rates.
    pub caption: String,
    /// By set of peers.
    pub groups: Vec<PeerGroup>,
    /// How to read it.
    pub notes: Vec<String>,
}

/// A part of an indicator. Parts get no verdict: testing every part would find chance.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PartRow {
    /// `Risk: High`.
    pub part: String,
    /// Code of the area.
    pub area_code: String,
    /// Name of the area.
    pub area: String,
    /// The figures.
    pub figures: Figures,
}

/// The parts of one indicator.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PartGroup {
    /// The measure's key.
    pub measure: String,
    /// The indicator's name.
    pub name: String,
    /// Note markers.
    pub notes: String,
    /// What its figures are in, for data files.
    pub unit_data: String,
    /// The parts.
    pub rows: Vec<PartRow>,
}

/// The table of parts.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PartSection {
    /// Caption with number; empty without parts.
    pub caption: String,
    /// By indicator.
    pub groups: Vec<PartGroup>,
}

/// A return.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ReturnRow {
    /// Partner and return: `Kent Police: recorded crime by district`.
    pub name: String,
    /// The partner.
    pub partner: String,
    /// The return's title.
    pub title: String,
    /// When it is or was due; empty for returns that are never owed.
    pub due: String,
    /// The same for data files.
    pub due_data: String,
    /// Where it stands: `late by 6 days`.
    pub state: String,
    /// Where it stands, for data files.
    pub state_data: String,
    /// When it arrived; empty when it has not.
    pub arrived: String,
    /// The same for data files.
    pub arrived_data: String,
    /// What is wrong and what to do; empty when nothing.
    pub note: String,
}

/// A line about data quality.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct QualityRow {
    /// The return's title.
    pub return_title: String,
    /// Stable code.
    pub code: String,
    /// What was found and what to do.
    pub message: String,
}

/// Returns and data quality.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ReturnsSection {
    /// `9 of 12 returns are in.`
    pub summary: String,
    /// Caption with number; empty when every return is in.
    pub caption: String,
    /// Returns that are not in, or that need a word.
    pub attention: Vec<ReturnRow>,
    /// Every return; for data files.
    pub all_data: Vec<ReturnRow>,
    /// What was found in returns.
    pub quality: Vec<QualityRow>,
    /// What the lines above leave out; empty when nothing.
    pub quality_more: String,
    /// Every finding; for data files.
    pub quality_data: Vec<QualityRow>,
    /// Figures that are missing, and why, as far as no verdict says so already.
    pub gaps: Vec<ReasonLine>,
}

/// A shorthand mark and what it means.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct MarkLine {
    /// `[p]`.
    pub mark: String,
    /// What it means.
    pub meaning: String,
}
