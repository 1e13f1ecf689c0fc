//! What a report waits for of its content: notes that the job asks for and none that gives a protected
//! count away, and figures of enough areas.

use std::collections::BTreeSet;

use model::{Disclosure, Measure, MeasureId, RunId};
use publication::{Comment, IndicatorDetail, ReportModel, TagKind};

use super::composing::composed;
use super::readiness::{Asked, deadline_ahead, thin};
use super::{Commission, RunKey};
use crate::definitions::{Job, Publish};
use crate::error::PipelineError;
use crate::house::House;

/// What stands in the way of what the report would say, one sentence each: notes that are wanting, and
/// indicators with too few figures. Nothing where neither the job nor a note asks for a look.
pub(crate) async fn waiting_for_content(
    house: &House,
    ledger: &ledger::Ledger,
    job: &Job,
    (key, asked): (&RunKey<'_>, Asked),
) -> Result<Vec<String>, PipelineError> {
    let commentary = house.definitions.commentary.get(&key.period);
    let is_protected = |id: &MeasureId| protected(house, id).is_some();
    let says_something = commentary.is_some_and(|it| it.measures.keys().any(is_protected));
    // At the deadline a report that publishes with gaps says what is missing, and goes out.
    let is_open = asked == Asked::ByHand || deadline_ahead(house, job, key.period).is_none();
    let wants_coverage =
        !(job.coverage_percent_min.is_empty() || job.publish == Publish::WithGaps && is_open);
    if !job.needs_commentary && !says_something && !wants_coverage {
        return Ok(Vec::new());
    }
    let edition = ledger.next_edition_id(key.period)?;
    let run = RunId::new(format!("{}-{}", job.id, key.period.file_name()));
    let commission = Commission { job, period: key.period, run: &run, lines: key.lines };
    let composed = composed(house, ledger, &commission, &edition).await?;
    let mut wanting = in_the_way(house, job, &composed.model);
    if wants_coverage {
        wanting.extend(thin(house, job, &composed));
    }
    Ok(wanting)
}

/// The same for a report that is decided.
pub(super) fn in_the_way(house: &House, job: &Job, model: &ReportModel) -> Vec<String> {
    let folder = format!("commentary/{}", model.period_file_name);
    let mut reasons = Vec::new();
    if job.needs_commentary {
        if model.commentary.is_empty() {
            reasons.push(format!("a note about the whole report: write {folder}/report.txt"));
        }
        let concerns = model.details.iter().filter(|it| it.tag.kind == TagKind::Concern);
        for detail in concerns.filter(|it| it.commentary.is_empty()) {
            let IndicatorDetail { id, name, .. } = detail;
            reasons
                .push(format!("a note about {name}, which is of concern: write {folder}/{id}.txt"));
        }
    }
    for detail in &model.details {
        if protected(house, &MeasureId::new(detail.id.as_str())).is_none() {
            continue;
        }
        for number in detail.commentary.iter().flat_map(|note| not_printed(note, detail, model)) {
            let IndicatorDetail { id, name, .. } = detail;
            reasons.push(format!(
                "{folder}/{id}.txt says {number}, which the report does not print for {name}, a protected indicator: take the number out"
            ));
        }
    }
    reasons
}

fn protected<'a>(house: &'a House, id: &MeasureId) -> Option<&'a Measure> {
    house.definitions.measures.get(id).filter(|it| it.disclosure != Disclosure::Open)
}

/// Numbers of a note that stand nowhere in what is printed about the indicator; years may stand.
fn not_printed(note: &Comment, detail: &IndicatorDetail, model: &ReportModel) -> BTreeSet<String> {
    let rows = model.indicators.groups.iter().flat_map(|group| &group.rows);
    let figures = rows.filter(|row| row.measure == detail.id).map(|row| &row.figures);
    let mut printed: Vec<String> = detail.quarters.iter().map(|it| it.text.clone()).collect();
    for it in figures {
        printed
            .extend([&it.now.text, &it.year_before.text, &it.twelve_months.text].map(Clone::clone));
        printed.push(it.change.text.clone());
        printed.extend(it.change.percent.clone());
    }
    let printed: BTreeSet<String> = printed.iter().flat_map(|text| numbers(text)).collect();
    let said = note.paragraphs.iter().flat_map(|text| numbers(text));
    said.filter(|number| !printed.contains(number) && !is_year(number)).collect()
}

fn is_year(number: &str) -> bool {
    number.parse::<u32>().is_ok_and(|year| (1990..=2100).contains(&year))
}

/// The numbers of a text, without separators of thousands.
fn numbers(text: &str) -> Vec<String> {
    let plain: String = text.replace(',', "");
    plain
        .split(|c: char| !c.is_ascii_digit() && c != '.')
        .map(|number| number.trim_matches('.').to_owned())
        .filter(|number| number.chars().any(|c| c.is_ascii_digit()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_found_however_they_are_written() {
        assert_eq!(numbers("from 1,204 to 3 (−99.8%), in 2025."), ["1204", "3", "99.8", "2025"]);
        assert!(numbers("no number at all...").is_empty());
        assert!(is_year("2025") && !is_year("3") && !is_year("99.8"));
    }
}
