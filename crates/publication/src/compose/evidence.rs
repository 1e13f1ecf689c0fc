//! What the figures rest on: returns, data quality, shorthand, provenance.

use std::collections::BTreeSet;

use analysis::Verdict;
use model::{Mark, ReturnState, SubmissionState};

use super::indicators::by_reason;
use super::{Captions, Reported};
use crate::partner_text::{NAME_MAX, SENTENCE_MAX, clean};
use crate::report_model::{
    MarkLine, Provenance, QualityRow, ReasonLine, ReturnRow, ReturnsSection, SourceRow,
};
use crate::spec::{QualityLine, ReportSpec, ReturnLine, SourceLine};
use crate::words;

/// Findings in the message; the data file has them all.
const QUALITY_MAX: usize = 15;

pub(crate) fn returns_section(
    rows: &[Reported<'_>],
    spec: &ReportSpec<'_>,
    captions: &mut Captions,
) -> ReturnsSection {
    let all: Vec<ReturnRow> = spec
        .returns
        .iter()
        .map(|line| return_row(line, spec))
        .collect();
    let attention: Vec<ReturnRow> = spec
        .returns
        .iter()
        .zip(&all)
        .filter(|(line, _)| {
            let is_done = matches!(line.state, ReturnState::Accepted | ReturnState::Waived);
            !is_done || line.note.is_some()
        })
        .map(|(_, row)| row.clone())
        .collect();
    let quality_data: Vec<QualityRow> = spec.quality.iter().map(quality_row).collect();
    let left_out = quality_data.len().saturating_sub(QUALITY_MAX);
    ReturnsSection {
        summary: summary(spec),
        caption: if attention.is_empty() {
            String::new()
        } else {
            captions.next("Returns that need attention")
        },
        attention,
        all_data: all,
        quality: quality_data.iter().take(QUALITY_MAX).cloned().collect(),
        quality_more: match left_out {
            0 => String::new(),
            number => format!(
                "{} more in the attached table of data quality.",
                words::count(number)
            ),
        },
        quality_data,
        gaps: gaps(rows),
    }
}

fn summary(spec: &ReportSpec<'_>) -> String {
    let owed = spec
        .returns
        .iter()
        .filter(|line| line.state != ReturnState::Waived)
        .count();
    let accepted = spec
        .returns
        .iter()
        .filter(|line| line.state == ReturnState::Accepted)
        .count();
    match (owed, accepted) {
        (0, _) => "No returns were owed.".to_owned(),
        (1, 1) => "The one return is in.".to_owned(),
        (owed, accepted) if owed == accepted => {
            format!("All {} returns are in.", words::count(owed))
        }
        (owed, accepted) => {
            let verb = if accepted == 1 { "is" } else { "are" };
            format!(
                "{} of {} {verb} in.",
                words::count(accepted),
                words::counted(owed, "return", "returns")
            )
        }
    }
}

fn return_row(line: &ReturnLine, spec: &ReportSpec<'_>) -> ReturnRow {
    let note = line
        .note
        .as_deref()
        .unwrap_or_else(|| what_happens(line.state));
    ReturnRow {
        partner: clean(&line.partner, NAME_MAX),
        name: return_name(&line.partner, &line.title),
        title: clean(&line.title, NAME_MAX),
        due: line.due.map_or_else(String::new, words::date),
        due_data: line.due.map_or_else(String::new, |date| date.to_string()),
        state: state(line, spec),
        state_data: line.state.as_str().to_owned(),
        arrived: line.arrived.map_or_else(String::new, words::date),
        arrived_data: line
            .arrived
            .map_or_else(String::new, |date| date.to_string()),
        note: if note.is_empty() {
            String::new()
        } else {
            words::sentence(&clean(note, SENTENCE_MAX))
        },
    }
}

/// `Kent Police: recorded crime`, whether or not the title names the partner already.
fn return_name(partner: &str, title: &str) -> String {
    let (partner, title) = (clean(partner, NAME_MAX), clean(title, NAME_MAX));
    if partner.is_empty() || title.starts_with(&partner) {
        title
    } else {
        format!("{partner}: {title}")
    }
}

fn state(line: &ReturnLine, spec: &ReportSpec<'_>) -> String {
    let days = line
        .due
        .map(|due| (spec.as_of - due).get_days())
        .filter(|days| *days > 0);
    let days = days.and_then(|days| usize::try_from(days).ok());
    match (line.state, days) {
        (ReturnState::Late, Some(days)) => {
            format!("Late by {}", words::counted(days, "day", "days"))
        }
        (ReturnState::Late, None) => "Late".to_owned(),
        (ReturnState::Expected, _) => "Not yet due".to_owned(),
        (ReturnState::Received, _) => "Arrived, being checked".to_owned(),
        (ReturnState::Queried, _) => "Arrived, refused".to_owned(),
        (ReturnState::Accepted, _) => "In".to_owned(),
        (ReturnState::Waived, _) => "Waived".to_owned(),
    }
}

fn what_happens(state: ReturnState) -> &'static str {
    match state {
        ReturnState::Expected | ReturnState::Accepted | ReturnState::Waived => "",
        ReturnState::Received => "Its figures are in the next edition",
        ReturnState::Queried => {
            "The partner has been told what is wrong; please send a corrected file"
        }
        ReturnState::Late => {
            "Nothing has arrived; please send it, and its figures will be in the next edition"
        }
    }
}

fn quality_row(line: &QualityLine) -> QualityRow {
    QualityRow {
        return_title: clean(&line.return_title, NAME_MAX),
        code: clean(&line.code, NAME_MAX),
        message: words::sentence(&clean(&line.message, SENTENCE_MAX)),
    }
}

/// Why figures are missing, where the verdict does not say so already.
fn gaps(rows: &[Reported<'_>]) -> Vec<ReasonLine> {
    let pairs = rows.iter().flat_map(|row| {
        row.shown
            .gaps
            .iter()
            .filter(|gap| {
                row.shown.verdict != Verdict::CannotJudge || !row.shown.reason.contains(*gap)
            })
            .map(|gap| (clean(gap, SENTENCE_MAX), row.name.clone()))
    });
    by_reason(pairs)
}

pub(crate) fn mark_lines(marks: &BTreeSet<Mark>) -> Vec<MarkLine> {
    marks
        .iter()
        .map(|mark| MarkLine {
            mark: format!("[{}]", mark.letter()),
            meaning: mark.meaning().to_owned(),
        })
        .collect()
}

pub(crate) fn provenance(rows: &[Reported<'_>], spec: &ReportSpec<'_>) -> Provenance {
    let short = |text: &str| clean(text, NAME_MAX);
    let mut lines = vec![
        format!(
            "Edition {}, run {}.",
            short(spec.edition.as_str()),
            short(spec.run.as_str())
        ),
        format!(
            "Made by {} from lake version {}, definitions {}.",
            short(&spec.software),
            short(&spec.lake_version),
            short(&spec.definitions_hash_short)
        ),
    ];
    let vintages: BTreeSet<String> = rows
        .iter()
        .filter_map(|row| row.shown.rate.as_ref())
        .map(|rate| short(&rate.vintage))
        .collect();
    if !vintages.is_empty() {
        let vintages: Vec<String> = vintages.into_iter().collect();
        lines.push(format!(
            "Rates use population estimates of {}.",
            words::list(&vintages, 4)
        ));
    }
    let measured: BTreeSet<String> = rows
        .iter()
        .map(|row| short(&row.measure.source))
        .filter(|source| !source.is_empty())
        .collect();
    if !measured.is_empty() {
        let measured: Vec<String> = measured.into_iter().collect();
        lines.push(format!("Figures come from: {}.", measured.join("; ")));
    }
    Provenance {
        lines,
        sources: spec.sources.iter().map(source_row).collect(),
        contact: clean(&spec.contact, SENTENCE_MAX),
        why_you_get_this: format!(
            "You get this because your role is on the circulation list of the {}. It is sent automatically.",
            short(&spec.partnership.name)
        ),
        next_report: spec.next_report.map_or_else(String::new, |date| {
            format!("The next report is due on {}.", words::date(date))
        }),
    }
}

fn source_row(line: &SourceLine) -> SourceRow {
    SourceRow {
        partner: clean(&line.partner, NAME_MAX),
        return_title: clean(&line.return_title, NAME_MAX),
        file: clean(&line.file, NAME_MAX),
        arrived: words::date(line.arrived),
        sha256: clean(&line.sha256_short, NAME_MAX),
        outcome: match line.state {
            SubmissionState::Accepted => words::counted(line.cells, "figure", "figures"),
            SubmissionState::Received => "being checked".to_owned(),
            SubmissionState::Refused => "refused".to_owned(),
            SubmissionState::Shredded => "refused, not kept".to_owned(),
        },
    }
}
