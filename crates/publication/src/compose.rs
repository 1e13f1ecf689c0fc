//! From disclosed figures to the decided report.

mod about;
mod charts;
mod control;
mod details;
mod evidence;
mod figures;
mod headline;
mod indicators;
mod overview;
mod peers;
mod plan;
mod revisions;

use std::collections::BTreeSet;

use analysis::{DisclosedIndicator, DisclosedTable, Verdict};
use model::{Mark, Measure, Polarity};

use crate::partner_text::{NAME_MAX, SENTENCE_MAX, clean};
use crate::report_model::{ReportModel, Tag, TagKind};
use crate::spec::ReportSpec;

/// Settles everything the report says. The same input gives the same report.
pub fn compose(table: &DisclosedTable, spec: &ReportSpec<'_>) -> ReportModel {
    let rows = indicators::reported(table, spec);
    let mut captions = Captions::default();
    let indicators = indicators::indicator_section(&rows, spec, &mut captions);
    let peers = indicators::peer_section(&indicators, spec, &mut captions);
    let charts = charts::chart_section(&rows, spec, &mut captions);
    let parts = indicators::part_section(table, spec, &mut captions);
    let success = plan::success_section(spec, &mut captions);
    let actions = plan::actions_section(spec, &mut captions);
    let revisions = revisions::revision_section(spec, &mut captions);
    let returns = evidence::returns_section(&rows, spec, &mut captions);
    let tally = headline::Tally::of(&rows);
    let pictured = details::pictured(&rows, spec);
    let (changes, changes_more) = headline::changes(&rows, spec);
    ReportModel {
        marking: clean(&spec.marking, NAME_MAX),
        subject: headline::subject(&tally, spec),
        preheader: headline::preheader(&tally, (&actions, &revisions), spec),
        demonstration: clean(spec.demonstration.as_deref().unwrap_or_default(), SENTENCE_MAX),
        headline: headline::headline(&tally, &rows, spec),
        tiles: tally.tiles(),
        revisions,
        changes,
        changes_more,
        overview: pictured.overview,
        overviews: pictured.overviews,
        exceptions: pictured.exceptions,
        details: pictured.details,
        drawings: pictured.drawings,
        commentary: spec.commentary.report.iter().map(details::comment).collect(),
        marks: evidence::mark_lines(&marks_used(&rows, table, spec)),
        priorities: spec.partnership.priorities.iter().map(indicators::priority_text).collect(),
        addressed: String::new(),
        condensed: String::new(),
        corrects: revisions::corrects(spec),
        provenance: evidence::provenance(&rows, spec),
        about: about::about(&rows, spec),
        period_file_name: spec.period.file_name(),
        period_data: spec.period.to_string(),
        indicators,
        peers,
        charts,
        parts,
        success,
        actions,
        returns,
    }
}

/// A disclosed indicator of the home area, with its measure and the priority it is reported under.
pub(crate) struct Reported<'a> {
    pub(crate) priority_id: String,
    pub(crate) heading: String,
    pub(crate) key: &'a analysis::IndicatorKey,
    pub(crate) measure: &'a Measure,
    pub(crate) shown: &'a DisclosedIndicator,
    /// For readers, with `(illustrative)` where its figures are made up.
    pub(crate) name: String,
}

/// Tables are numbered in the order they stand in the report.
#[derive(Default)]
pub(crate) struct Captions {
    used: usize,
}

impl Captions {
    /// `Table 2: …`.
    pub(crate) fn next(&mut self, title: &str) -> String {
        self.used += 1;
        format!("Table {}: {title}", self.used)
    }
}

/// The measure's name; made-up figures never lose their label.
pub(crate) fn measure_name(measure: &Measure) -> String {
    const LABEL: &str = "(illustrative)";
    let name = clean(&measure.label, NAME_MAX);
    if measure.illustrative && !name.contains(LABEL) { format!("{name} {LABEL}") } else { name }
}

/// Word, shape and colour of a verdict. The triangle points the way the figure went.
pub(crate) fn verdict_tag(verdict: Verdict, polarity: Polarity) -> Tag {
    let more_is_better = polarity == Polarity::HigherIsBetter;
    let (word, shape, kind) = match verdict {
        Verdict::Concern if more_is_better => ("Concern", "▼", TagKind::Concern),
        Verdict::Concern => ("Concern", "▲", TagKind::Concern),
        Verdict::Improving if more_is_better => ("Improving", "▲", TagKind::Improving),
        Verdict::Improving => ("Improving", "▼", TagKind::Improving),
        Verdict::NoChange => ("No change", "●", TagKind::NoChange),
        Verdict::CannotJudge => ("Cannot judge", "?", TagKind::CannotJudge),
    };
    Tag { word: word.to_owned(), shape: shape.to_owned(), kind }
}

/// Every mark that stands anywhere in the tables.
fn marks_used(
    rows: &[Reported<'_>],
    table: &DisclosedTable,
    spec: &ReportSpec<'_>,
) -> BTreeSet<Mark> {
    let parts = indicators::parts(table, spec).into_iter().map(|part| part.shown);
    let numbers = rows.iter().map(|row| row.shown).chain(parts).flat_map(|shown| {
        [&shown.value, &shown.year_before, &shown.change, &shown.rolling_12_months]
    });
    let mut used: BTreeSet<Mark> = numbers
        .flat_map(|number| figures::printed_marks(number).iter().collect::<Vec<_>>())
        .collect();
    used.extend(rows.iter().filter_map(|row| row.shown.rate.as_ref()?.mark));
    if rows.iter().any(|row| row.shown.rate.is_some() && row.shown.position.is_none()) {
        used.insert(Mark::X);
    }
    used
}
