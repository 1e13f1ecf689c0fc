//! What is known of each indicator, for whoever wants more than its row, and the few that need a
//! closer look.

use analysis::Verdict;
use model::{Disclosure, Period, Polarity, Unit};

use super::control::{months_are, months_data, over_time, short_months};
use super::figures::position_words;
use super::headline::sentence;
use super::indicators::{area_name, unit_name};
use super::peers::{funnel, ranked, rates_data, rates_over, standing};
use super::{Reported, overview, verdict_tag};
use crate::partner_text::{NAME_MAX, SENTENCE_MAX, clean};
use crate::report_model::{
    Comment, Drawing, DrawingKind, Exception, Fact, IndicatorDetail, QuarterText, SeriesData,
};
use crate::spec::{Note, ReportSpec};
use crate::words;

/// Exceptions in the message; the page and the pack have every indicator.
const EXCEPTIONS_MAX: usize = 3;

/// Every chart of the report, by the section it stands in.
pub(crate) struct Pictured {
    pub(crate) drawings: Vec<Drawing>,
    pub(crate) overview: String,
    pub(crate) overviews: Vec<String>,
    pub(crate) details: Vec<IndicatorDetail>,
    pub(crate) exceptions: Vec<Exception>,
}

pub(crate) fn pictured(rows: &[Reported<'_>], spec: &ReportSpec<'_>) -> Pictured {
    let of_message = overview::of_message(rows, spec);
    let by_priority = overview::by_priority(rows, spec);
    let id = |drawing: &Drawing| drawing.id.clone();
    let mut pictured = Pictured {
        overview: of_message.as_ref().map_or_else(String::new, id),
        overviews: by_priority.iter().map(id).collect(),
        drawings: of_message.into_iter().chain(by_priority).collect(),
        details: Vec::new(),
        exceptions: Vec::new(),
    };
    let mut exceptional: Vec<&Reported<'_>> = Vec::new();
    for row in rows {
        let drawings: Vec<Drawing> = [over_time(row, spec), ranked(row, spec), funnel(row, spec)]
            .into_iter()
            .flatten()
            .collect();
        let ids: Vec<String> = drawings.iter().map(id).collect();
        pictured.details.push(detail(row, ids, spec));
        pictured.drawings.extend(drawings);
        if row.shown.verdict == Verdict::Concern {
            exceptional.push(row);
        }
    }
    pictured.exceptions = exceptional
        .into_iter()
        .take(EXCEPTIONS_MAX)
        .map(|row| exception(row, &pictured, spec))
        .collect();
    pictured
}

fn detail(row: &Reported<'_>, drawings: Vec<String>, spec: &ReportSpec<'_>) -> IndicatorDetail {
    IndicatorDetail {
        id: row.key.measure.to_string(),
        name: row.name.clone(),
        priority: row.heading.clone(),
        tag: verdict_tag(row.shown.verdict, row.measure.polarity),
        sentence: sentence(row, spec.period),
        series_data: series_data(row, &drawings, spec),
        drawings,
        quarters: quarters(row, spec),
        facts: facts(row),
        commentary: comments(row, spec),
    }
}

/// What is drawn, and nothing else.
fn series_data(row: &Reported<'_>, drawings: &[String], spec: &ReportSpec<'_>) -> SeriesData {
    let is_drawn =
        |kinds: &[&str]| drawings.iter().any(|id| kinds.iter().any(|kind| id.starts_with(kind)));
    let (months, rates) = (is_drawn(&["control-"]), is_drawn(&["peers-", "funnel-"]));
    SeriesData {
        area_code: row.key.area.to_string(),
        area: area_name(row.key, spec),
        unit: unit_name(row.measure.unit),
        months_are: if months { months_are(row) } else { String::new() },
        months: if months { months_data(row) } else { Vec::new() },
        rates_over: if rates { rates_over(row) } else { String::new() },
        rates: if rates { rates_data(row, spec) } else { Vec::new() },
    }
}

/// The last quarters of open measures; of protected ones the two that the report shows.
fn quarters(row: &Reported<'_>, spec: &ReportSpec<'_>) -> Vec<QuarterText> {
    let unit = row.measure.unit;
    if let Some(history) = &row.shown.history {
        let known = history.quarters.iter().position(|(_, figure)| figure.value.is_some());
        let shown = &history.quarters[known.unwrap_or(history.quarters.len())..];
        return shown
            .iter()
            .map(|(period, figure)| QuarterText {
                period: period.calendar(),
                short: short(*period),
                text: match figure.value {
                    Some(value) if figure.marks.is_empty() => words::amount(value, unit),
                    Some(value) => format!("{} {}", words::amount(value, unit), figure.marks),
                    None => figure.marks.to_string(),
                },
                period_data: period.to_string(),
                number: figure.value.map(|value| words::plain(value, unit)),
                status_data: figure.marks.to_string(),
            })
            .collect();
    }
    let shown =
        [(spec.period.year_before(), &row.shown.year_before), (spec.period, &row.shown.value)];
    shown
        .into_iter()
        .map(|(period, number)| {
            let marks = super::figures::printed_marks(number);
            QuarterText {
                period: period.calendar(),
                short: short(period),
                text: match number.value() {
                    Some(value) if marks.is_empty() => words::amount(value, unit),
                    Some(value) => format!("{} {marks}", words::amount(value, unit)),
                    None => marks.to_string(),
                },
                period_data: period.to_string(),
                number: number.value().map(|value| words::plain(value, unit)),
                status_data: marks.to_string(),
            }
        })
        .collect()
}

/// `Apr–Jun 2025`.
fn short(period: Period) -> String {
    format!("{} {}", short_months(period), period.last().year())
}

fn facts(row: &Reported<'_>) -> Vec<Fact> {
    let measure = row.measure;
    let mut facts = Vec::new();
    let mut fact = |term: &str, text: String| {
        if !text.is_empty() {
            facts.push(Fact { term: term.to_owned(), text: words::sentence(&text) });
        }
    };
    fact("What it is", clean(&measure.definition, SENTENCE_MAX));
    fact("Why this verdict", clean(&row.shown.reason, SENTENCE_MAX));
    fact(
        "Unit",
        match measure.unit {
            Unit::Count => "A count",
            Unit::Pounds => "Pounds",
            Unit::Percent => "Percent",
            Unit::Decimal => "A number with decimals",
        }
        .to_owned(),
    );
    fact(
        "What is better",
        match measure.polarity {
            Polarity::LowerIsBetter => "Fewer",
            Polarity::HigherIsBetter => "More",
            Polarity::Neutral => "Neither more nor fewer by itself",
        }
        .to_owned(),
    );
    fact(
        "How it is shown",
        match measure.disclosure {
            Disclosure::Open => "As it is: published elsewhere",
            Disclosure::Rounded => "Rounded to 5, so that nobody can be identified",
            Disclosure::Suppressed => {
                "Small counts withheld and the rest rounded to 5, so that nobody can be identified"
            }
        }
        .to_owned(),
    );
    fact("Source", clean(&measure.source, NAME_MAX));
    for gap in row.shown.gaps.iter().chain(&row.shown.remarks) {
        fact("To note", clean(gap, SENTENCE_MAX));
    }
    facts
}

fn comments(row: &Reported<'_>, spec: &ReportSpec<'_>) -> Vec<Comment> {
    let notes = spec.commentary.measures.get(&row.key.measure);
    notes.into_iter().flatten().map(comment).collect()
}

/// As it is shown: cleaned, and signed by a role and a day.
pub(crate) fn comment(note: &Note) -> Comment {
    Comment {
        by: format!("{}, {}", clean(&note.by, NAME_MAX), words::date(note.on)),
        paragraphs: note.paragraphs.iter().map(|text| clean(text, COMMENT_MAX)).collect(),
    }
}

/// Longest paragraph of a comment, in characters.
const COMMENT_MAX: usize = 2000;

fn exception(row: &Reported<'_>, pictured: &Pictured, spec: &ReportSpec<'_>) -> Exception {
    let detail = pictured.details.iter().find(|it| it.id == row.key.measure.as_str());
    let drawings = detail.map_or(&[][..], |detail| &detail.drawings);
    let found = |id: &String| pictured.drawings.iter().find(|drawing| drawing.id == *id);
    let is_over_time = |drawing: &&Drawing| {
        matches!(drawing.kind, DrawingKind::Control(_) | DrawingKind::Columns(_))
    };
    let drawing = drawings.iter().filter_map(found).find(is_over_time);
    let drawing = drawing.or_else(|| drawings.iter().find_map(found));
    let mut facts =
        vec![Fact { term: "What is seen".to_owned(), text: sentence(row, spec.period) }];
    if !position_words(row.shown, row.measure.polarity).is_empty() {
        facts.push(Fact { term: "Compared with others".to_owned(), text: standing(row) });
    }
    let said = comments(row, spec);
    for comment in &said {
        let text = format!("{} ({})", comment.paragraphs.join(" "), comment.by);
        facts.push(Fact { term: "What is said about it".to_owned(), text });
    }
    if said.is_empty() {
        facts.push(Fact {
            term: "What is said about it".to_owned(),
            text: "Nobody has written a note about it for this report.".to_owned(),
        });
    }
    Exception {
        priority_id: row.priority_id.clone(),
        name: row.name.clone(),
        tag: verdict_tag(row.shown.verdict, row.measure.polarity),
        drawing: drawing.map_or_else(String::new, |drawing| drawing.id.clone()),
        facts,
    }
}
