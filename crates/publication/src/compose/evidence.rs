//! What the figures rest on: returns, data quality, shorthand, provenance.

use std::collections::{BTreeMap, BTreeSet};

use model::{Mark, Period, ReturnState, SubmissionState};

use super::about::figures_from;
use super::indicators::by_reason;
use super::{Captions, Reported};
use crate::finding_words::{what_to_do, what_was_found};
use crate::partner_text::{NAME_MAX, SENTENCE_MAX, clean};
use crate::report_model::{
    MarkLine, Provenance, QualityRow, ReasonLine, ReturnRow, ReturnsSection, SourceRow,
};
use crate::spec::{QualityLine, ReportSpec, ReturnLine, SourceLine};
use crate::words;

/// Names after which a line about missing figures says how many more there are.
const NAMES_MAX: usize = 3;
/// Findings in the message; the data file has them all.
const QUALITY_MAX: usize = 15;
/// How analysis begins the words about a stretch of months without figures.
const NO_FIGURES: &str = "no figures for ";

pub(crate) fn returns_section(
    rows: &[Reported<'_>],
    spec: &ReportSpec<'_>,
    captions: &mut Captions,
) -> ReturnsSection {
    let all: Vec<ReturnRow> = spec.returns.iter().map(|line| return_row(line, spec)).collect();
    let attention: Vec<ReturnRow> = spec
        .returns
        .iter()
        .zip(&all)
        .filter(|(line, _)| {
            let is_done = matches!(line.state, ReturnState::Accepted | ReturnState::Waived);
            !is_done || line.waived.is_some() || line.refused_for.is_some()
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
            number => {
                format!("{} more in the attached table of data quality.", words::count(number))
            }
        },
        quality_data,
        gaps: gaps(rows, spec),
    }
}

fn summary(spec: &ReportSpec<'_>) -> String {
    let owed = spec.returns.iter().filter(|line| line.state != ReturnState::Waived).count();
    let accepted = spec.returns.iter().filter(|line| line.state == ReturnState::Accepted).count();
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
    let note = note(line);
    ReturnRow {
        partner: clean(&line.partner, NAME_MAX),
        name: return_name(&line.partner, &line.title),
        title: clean(&line.title, NAME_MAX),
        due: line.due.map_or_else(String::new, words::date),
        due_data: line.due.map_or_else(String::new, |date| date.to_string()),
        state: state(line, spec),
        state_data: line.state.as_str().to_owned(),
        arrived: line.arrived.map_or_else(String::new, words::date),
        arrived_data: line.arrived.map_or_else(String::new, |date| date.to_string()),
        note: if note.is_empty() { String::new() } else { clean(&note, SENTENCE_MAX) },
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
    let days = line.due.map(|due| (spec.as_of - due).get_days()).filter(|days| *days > 0);
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

fn note(line: &ReturnLine) -> String {
    match (&line.waived, &line.refused_for) {
        (Some(why), _) => words::sentence(&format!("Need not come: {why}")),
        (None, Some(code)) if line.state == ReturnState::Accepted => format!(
            "A later file was refused, so the earlier one counts. {}",
            words::sentence(what_was_found(code))
        ),
        (None, Some(code)) => {
            format!(
                "{} {}",
                words::sentence(what_was_found(code)),
                words::sentence(what_to_do(code))
            )
        }
        (None, None) if what_happens(line.state).is_empty() => String::new(),
        (None, None) => words::sentence(what_happens(line.state)),
    }
}

fn what_happens(state: ReturnState) -> &'static str {
    match state {
        ReturnState::Expected | ReturnState::Accepted | ReturnState::Waived => "",
        ReturnState::Received => "Its figures are in the next edition",
        ReturnState::Queried => "A corrected file is needed",
        ReturnState::Late => {
            "Nothing has arrived; please send it, and its figures will be in the next edition"
        }
    }
}

fn quality_row(line: &QualityLine) -> QualityRow {
    QualityRow {
        return_title: clean(&line.return_title, NAME_MAX),
        code: clean(&line.code, NAME_MAX),
        message: words::sentence(what_was_found(&line.code)),
    }
}

/// Why figures are missing, where the verdict does not say so already: not for indicators without
/// any figure, and not for the 12 months before the rolling ones, which no table shows. Stretches
/// that are missing for one reason stand in one line: the tables mark each of them.
fn gaps(rows: &[Reported<'_>], spec: &ReportSpec<'_>) -> Vec<ReasonLine> {
    let not_shown = Period::ending(spec.period.last(), 12).year_before().calendar();
    let pairs: Vec<(Gap, String)> = rows
        .iter()
        .filter(|row| {
            let shown = row.shown;
            shown.value.value().is_some() || shown.rolling_12_months.value().is_some()
        })
        .flat_map(|row| {
            let said = row.shown.gaps.iter().chain(&row.shown.remarks);
            said.filter(|gap| !row.shown.reason.contains(*gap) && !gap.contains(&not_shown))
                .map(|gap| (Gap::read(&clean(gap, SENTENCE_MAX)), row.name.clone()))
        })
        .collect();
    let mut stretches: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (gap, _) in &pairs {
        let held = stretches.entry(&gap.why).or_default();
        if !gap.stretch.is_empty() && !held.contains(&gap.stretch.as_str()) {
            held.push(&gap.stretch);
        }
    }
    let mut seen = BTreeSet::new();
    let lines = pairs
        .iter()
        .filter(|(gap, name)| seen.insert((&gap.why, name)))
        .map(|(gap, name)| (gap.sentence(&stretches[gap.why.as_str()]), name.clone()));
    by_reason(lines, NAMES_MAX)
}

/// A stretch of months without figures and why, or some other reason without a stretch.
struct Gap {
    stretch: String,
    why: String,
}

impl Gap {
    /// `no figures for July 2024 to June 2025: why`, where there may be no more to say; anything
    /// else is taken as it is.
    fn read(text: &str) -> Self {
        let owned = |stretch: &str, why: &str| Self { stretch: stretch.into(), why: why.into() };
        match text.strip_prefix(NO_FIGURES) {
            Some(rest) => match rest.split_once(": ") {
                Some((stretch, why)) => owned(stretch, &format!(": {why}")),
                None => owned(rest, ""),
            },
            None => owned("", text),
        }
    }

    fn sentence(&self, stretches: &[&str]) -> String {
        let Self { why, .. } = self;
        match stretches {
            [] => why.clone(),
            [only] => format!("{NO_FIGURES}{only}{why}"),
            several => {
                let several: Vec<String> =
                    several.iter().map(|stretch| (*stretch).to_owned()).collect();
                let listed = words::list(&several, several.len());
                format!("{NO_FIGURES}one or more of {listed}{why}")
            }
        }
    }
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
        format!("Edition {}, run {}.", short(spec.edition.as_str()), short(spec.run.as_str())),
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
        lines.push(format!("Rates use population estimates of {}.", words::list(&vintages, 4)));
    }
    let measured = figures_from(rows);
    if !measured.is_empty() {
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
        arrived_data: line.arrived.to_string(),
        sha256: clean(&line.sha256_short, NAME_MAX),
        outcome: match line.state {
            SubmissionState::Accepted => words::counted(line.cells, "figure", "figures"),
            SubmissionState::Received => "being checked".to_owned(),
            SubmissionState::Refused => "refused".to_owned(),
            SubmissionState::Sealed => "refused, kept apart".to_owned(),
            SubmissionState::Shredded => "refused, destroyed".to_owned(),
        },
    }
}

#[cfg(test)]
mod tests {
    use crate::sample::{HOME, Sample};

    fn gaps(sample: &Sample) -> String {
        let lines = sample.model().returns.gaps.into_iter();
        let lines = lines.map(|line| format!("{}: {}", line.reason, line.indicators));
        lines.collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn missing_figures_are_explained_once_and_only_where_they_show() {
        let mut sample = Sample::empty();
        for (id, name) in [("arson", "Arson"), ("robbery", "Robbery")] {
            sample.measure(id, name, |measure| measure.per_1000 = true);
            sample.quarters(id, HOME, &[12, 30]);
        }
        sample.measure("nothing", "Nothing sent", |_| ());
        insta::assert_snapshot!(gaps(&sample), @r"
            No figures for July 2024 to June 2025: only 6 of its 12 months have arrived: Arson and Robbery
            No position among the 3 north Kent districts: no figure for Dartford, Gravesham: Arson and Robbery
        ");
    }

    #[test]
    fn what_is_missing_for_one_reason_stands_in_one_line() {
        let mut sample = Sample::empty();
        for number in 1..=5 {
            let id = format!("theft-{number}");
            sample.measure(&id, &format!("Theft {number}"), |measure| {
                measure.begins = (number > 1)
                    .then(|| ("2025-01".parse().expect("a month"), "a new system".to_owned()));
                measure.polarity = model::Polarity::Neutral;
            });
            sample.quarters(&id, HOME, &[12, 30]);
        }
        insta::assert_snapshot!(gaps(&sample), @r"
            No figures for April to June 2024: Theft 1
            No figures for July 2024 to June 2025: only 6 of its 12 months have arrived: Theft 1
            No figures for one or more of April to June 2024 and July 2024 to June 2025: a new system: Theft 2, Theft 3, Theft 4 and 1 more
        ");
    }

    #[test]
    fn a_return_says_where_it_stands_and_what_to_do() {
        let model = Sample::small().model();
        let rows: Vec<String> = model
            .returns
            .all_data
            .iter()
            .map(|row| format!("{} | {} | {} | `{}`", row.name, row.due, row.state, row.note))
            .collect();
        insta::assert_snapshot!(rows.join("\n"), @r"
            Kent Police: recorded crime by district | 14 July 2025 | In | ``
            Protection Against Stalking: Referrals | 14 July 2025 | Late by 7 days | `Nothing has arrived; please send it, and its figures will be in the next edition.`
            KCC: Community Wardens | 14 July 2025 | Arrived, refused | `The figures are about another period than was asked for. The file for this period is needed.`
        ");
        assert_eq!(model.returns.attention.len(), 2);
    }
}
