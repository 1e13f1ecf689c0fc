//! Revisions: what has changed of the last report's figures, those that change a verdict first.
//!
//! A change that would qualify or contradict what was concluded is a substantial one (Code of
//! Practice for Statistics; Home Office policy on revisions): it leads. Others are counted and listed.

use model::{Measure, Unit};

use super::{Captions, measure_name};
use crate::partner_text::{NAME_MAX, SENTENCE_MAX, clean};
use crate::report_model::{RevisionRow, RevisionSection};
use crate::spec::{ReportSpec, RevisedSubject, RevisionLine};
use crate::words;

/// Rows of the table; the data file has all.
const ROWS_MAX: usize = 12;

pub(crate) fn revision_section(spec: &ReportSpec<'_>, captions: &mut Captions) -> RevisionSection {
    let Some(revised) = spec.revised.filter(|revised| !revised.lines.is_empty()) else {
        return RevisionSection::default();
    };
    let rows: Vec<RevisionRow> = revised.lines.iter().map(|line| row(line, spec)).collect();
    let (verdicts, others): (Vec<_>, Vec<_>) =
        rows.iter().cloned().partition(|row| !row.verdict.is_empty());
    let more = others.len().saturating_sub(ROWS_MAX);
    let (have, with) = if rows.len() == 1 { ("has", "with it") } else { ("have", "with them") };
    let changed = match verdicts.len() {
        0 => "no verdict".to_owned(),
        1 => "one verdict".to_owned(),
        many => format!("{} verdicts", words::count_in_words(many)),
    };
    let count = words::count(rows.len());
    RevisionSection {
        summary: format!(
            "Since edition {} was made, {count} of its figures {have} changed, and {with} {changed}.",
            revised.edition
        ),
        caption: if others.is_empty() { String::new() } else { captions.next("Revised figures") },
        more: if more == 0 {
            String::new()
        } else {
            format!(
                "{} in the data file.",
                words::counted(more, "more revision is", "more revisions are")
            )
        },
        rows: others.into_iter().take(ROWS_MAX).collect(),
        verdicts,
        all_data: rows,
    }
}

fn row(line: &RevisionLine, spec: &ReportSpec<'_>) -> RevisionRow {
    let (name, measure) = match &line.subject {
        RevisedSubject::Success(text) => (clean(text.trim_end_matches('.'), SENTENCE_MAX), None),
        RevisedSubject::Figure(id, breakdown) => {
            let measure = spec.measures.get(id);
            let name = measure.map_or_else(|| id.to_string(), measure_name);
            let part = if breakdown.is_all() {
                String::new()
            } else {
                format!(" ({})", clean(&breakdown.to_string(), NAME_MAX))
            };
            (format!("{name}{part}, {}", clean(&line.area, NAME_MAX)), measure)
        }
    };
    RevisionRow {
        name,
        period: line.period.calendar(),
        old: printed(&line.old, measure),
        new: printed(&line.new, measure),
        why: words::sentence(&clean(&line.why, SENTENCE_MAX)),
        verdict: line.verdicts.as_ref().map_or_else(String::new, |(old, new)| {
            format!("{}, now {}", words::capitalised(&plain(old)), plain(new))
        }),
        period_data: line.period.to_string(),
    }
}

/// `no change` for `no-change`.
fn plain(verdict: &str) -> String {
    verdict.replace('-', " ")
}

/// `1,402 [p], 4th of 12` for `1402[p], 4 of 12`.
fn printed(shown: &str, measure: Option<&Measure>) -> String {
    let unit = measure.map_or(Unit::Count, |measure| measure.unit);
    let (figure, place) = match shown.split_once(", ") {
        Some((figure, place)) => (figure, format!(", {}", ordinal_place(place))),
        None => (shown, String::new()),
    };
    let (number, marks) = figure.find('[').map_or((figure, ""), |at| figure.split_at(at));
    let figure = match number.parse::<i64>() {
        Ok(value) if marks.is_empty() => words::amount(value, unit),
        Ok(value) => format!("{} {marks}", words::amount(value, unit)),
        Err(_) => marks.to_owned(),
    };
    format!("{figure}{place}")
}

/// `4th of 12` for `4 of 12`.
fn ordinal_place(place: &str) -> String {
    match place.split_once(" of ").and_then(|(place, of)| Some((place.parse().ok()?, of))) {
        Some((place, of)) => format!("{} of {of}", words::ordinal(place)),
        None => place.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::Sample;
    use crate::spec::RevisedSince;

    #[test]
    fn a_revision_that_changes_a_verdict_leads_and_others_are_listed() {
        let sample = Sample::small();
        let line =
            |measure: &str, old: &str, new: &str, verdicts: Option<(&str, &str)>| RevisionLine {
                subject: RevisedSubject::Figure(measure.into(), model::Breakdown::all()),
                area: "Sevenoaks".to_owned(),
                period: "2024-25Q4".parse().expect("a quarter"),
                old: old.to_owned(),
                new: new.to_owned(),
                why: "sent anew: recorded crime by district, arrived on 10 July 2025".to_owned(),
                verdicts: verdicts.map(|(old, new)| (old.to_owned(), new.to_owned())),
            };
        let revised = RevisedSince {
            edition: "2024-25-Q4-01".into(),
            lines: vec![
                line(
                    "police-asb",
                    "1402[p], 3 of 3",
                    "1290[p][r], 1 of 3",
                    Some(("concern", "no-change")),
                ),
                RevisionLine {
                    subject: RevisedSubject::Success("Stay among the lowest 2.".to_owned()),
                    why: "1st of 3, to stay within the best 2".to_owned(),
                    ..line("police-asb", "", "", Some(("not-met", "met")))
                },
                line("burglary", "[x]", "61", None),
            ],
        };
        let success = Vec::new();
        let mut spec = sample.spec(&success);
        spec.revised = Some(&revised);
        let model = crate::compose(&sample.disclosed(), &spec);
        let said = |row: &RevisionRow| {
            format!(
                "{} | {} | {} | {} | {} | {}",
                row.name, row.period, row.old, row.new, row.verdict, row.why
            )
        };
        let section = &model.revisions;
        let lines: Vec<String> = section.verdicts.iter().chain(&section.rows).map(said).collect();
        insta::assert_snapshot!(format!("{}\n{}\n{}", section.summary, lines.join("\n"), model.preheader), @r"
            Since edition 2024-25-Q4-01 was made, 3 of its figures have changed, and with them two verdicts.
            Anti-social behaviour incidents, Sevenoaks | January to March 2025 | 1,402 [p], 3rd of 3 | 1,290 [p][r], 1st of 3 | Concern, now no change | Sent anew: recorded crime by district, arrived on 10 July 2025.
            Stay among the lowest 2 | January to March 2025 |  |  | Not met, now met | 1st of 3, to stay within the best 2.
            Burglary of a home, Sevenoaks | January to March 2025 | [x] | 61 |  | Sent anew: recorded crime by district, arrived on 10 July 2025.
            Corrected: 2 verdicts of the last report. Of concern: anti-social behaviour incidents. Improving: burglary of a home. 2 cannot be judged. 1 action overdue.
        ");
        let mail = crate::sample::mail(&model);
        let before = |text: &str| {
            let corrections = text.find("Corrections to the last report").expect("leads");
            corrections < text.find("What has changed").expect("follows")
        };
        assert!(before(&mail.html) && before(&mail.text));
        assert!(mail.text.contains("Revised figures") && mail.html.contains("Revised figures"));
    }
}
