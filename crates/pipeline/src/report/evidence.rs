//! What a report says besides its figures: returns, sources, quality, provenance.

use std::collections::BTreeSet;

use analysis::{DisclosedTable, SuccessOutcome};
use lake::LakeVersion;
use model::{ActionItem, EditionId, Severity, SubmissionState};
use publication::{
    Commentary, Corrects, QualityLine, ReportModel, ReportSpec, ReturnLine, RevisedSince,
    SourceLine,
};

use super::Commission;
use crate::house::House;
use crate::register::{RegisterLine, RegisterSubmission};

/// What a report says besides its figures.
pub(super) struct Papers<'a> {
    pub(super) commission: &'a Commission<'a>,
    pub(super) edition: &'a EditionId,
    pub(super) version: LakeVersion,
    pub(super) actions: &'a [ActionItem],
    pub(super) revised: Option<&'a RevisedSince>,
    pub(super) corrects: Option<Corrects>,
    pub(super) success: &'a [SuccessOutcome],
    pub(super) commentary: &'a Commentary,
}

pub(super) fn compose(house: &House, table: &DisclosedTable, papers: &Papers<'_>) -> ReportModel {
    let definitions = &house.definitions;
    let schedule = &papers.commission.job.schedule;
    let next = schedule.after(&definitions.calendar, house.clock.now()).next();
    let returns: Vec<ReturnLine> = papers.commission.lines.iter().map(return_line).collect();
    let sources: Vec<SourceLine> = papers.commission.lines.iter().flat_map(source_lines).collect();
    let quality: Vec<QualityLine> =
        papers.commission.lines.iter().flat_map(quality_lines).collect();
    publication::compose(
        table,
        &ReportSpec {
            partnership: &definitions.partnership,
            title: papers.commission.job.title.clone(),
            measures: &definitions.measures,
            period: papers.commission.period,
            as_of: house.clock.today(),
            marking: papers.commission.job.marking.clone(),
            edition: papers.edition.clone(),
            run: papers.commission.run.clone(),
            success: papers.success,
            actions: papers.actions,
            events: &definitions.notes.events,
            commentary: papers.commentary,
            returns: &returns,
            sources: &sources,
            quality: &quality,
            corrects: papers.corrects.clone(),
            revised: papers.revised,
            lake_version: papers.version.to_string(),
            software: house.software.clone(),
            definitions_hash_short: definitions.hash.short().to_owned(),
            contact: definitions.settings.contact.clone(),
            next_report: next.map(|due| crate::clock::local(due.at).date()),
            demonstration: house.demonstration.clone(),
        },
    )
}

fn return_line(line: &RegisterLine) -> ReturnLine {
    let accepted = |submission: &&RegisterSubmission| submission.state == SubmissionState::Accepted;
    let counted = line.submissions.iter().rev().find(accepted).or(line.submissions.last());
    // Also when an earlier one was accepted: a correction that was refused must not go unsaid.
    let refused = line.submissions.last().filter(|last| last.state != SubmissionState::Accepted);
    ReturnLine {
        partner: line.partner_name.clone(),
        title: line.title.clone(),
        due: line.due,
        state: line.state,
        arrived: counted.map(|submission| submission.arrived),
        refused_for: refused
            .and_then(|submission| submission.findings.first())
            .map(|finding| finding.code.clone()),
        waived: line.waived.clone(),
    }
}

fn source_lines(line: &RegisterLine) -> Vec<SourceLine> {
    line.submissions
        .iter()
        .map(|submission| SourceLine {
            partner: line.partner_name.clone(),
            return_title: line.title.clone(),
            // The name of a file may be a person's: of one that was not taken in, always.
            file: match submission.state {
                SubmissionState::Accepted
                    if !intake::understand::names_somebody(&submission.file) =>
                {
                    submission.file.clone()
                }
                _ => "(file name left out)".to_owned(),
            },
            arrived: submission.arrived,
            sha256_short: submission.sha256.chars().take(12).collect(),
            cells: usize::try_from(submission.observations).unwrap_or(0),
            state: submission.state,
        })
        .collect()
}

/// Kinds of warning about accepted submissions, for readers. Why others were refused is said at
/// the return.
fn quality_lines(line: &RegisterLine) -> Vec<QualityLine> {
    let codes: BTreeSet<&str> = line
        .submissions
        .iter()
        .filter(|submission| submission.state == SubmissionState::Accepted)
        .flat_map(|submission| &submission.findings)
        .filter(|finding| finding.severity == Severity::Warning)
        .map(|finding| finding.code.as_str())
        .collect();
    codes
        .into_iter()
        .map(|code| QualityLine { return_title: line.title.clone(), code: code.to_owned() })
        .collect()
}
