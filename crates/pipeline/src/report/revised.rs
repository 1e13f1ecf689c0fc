//! What has changed of the last report's figures, now that more is known.

use analysis::{DisclosedTable, DisclosureRules, SuccessOutcome};
use lake::Lake;
use ledger::{Ledger, PublishedSuccess, StoredEdition};
use model::{ActionItem, Period, SuccessRule};
use publication::{RevisedSince, RevisedSubject, RevisionLine};

use super::composing::success;
use super::{Commission, published_figures};
use crate::error::PipelineError;
use crate::house::House;
use crate::material::Material;
use crate::revisions::{Between, Reasons, Revision, revisions};

/// What is known now.
pub(super) struct Now<'a> {
    pub(super) material: &'a Material,
    pub(super) table: &'a DisclosedTable,
    pub(super) actions: &'a [ActionItem],
}

/// Computes the period of the last edition of this report anew and holds it against what was
/// printed: reported measures of the partnership's own area, and success measures that are judged
/// by figures. None before the first edition.
pub(super) async fn revised_since(
    house: &House,
    ledger: &Ledger,
    lake: &Lake,
    commission: &Commission<'_>,
    now: &Now<'_>,
) -> Result<Option<RevisedSince>, PipelineError> {
    let editions = ledger.editions()?;
    let is_ours = |edition: &&StoredEdition| edition.record.report == commission.job.id.as_str();
    let Some(last) = editions.iter().rev().find(is_ours) else { return Ok(None) };
    let printed = ledger.published_figures(&last.record.edition_id)?;
    let rules = DisclosureRules { measures: &house.definitions.measures };
    let anew;
    let table = if last.record.period == commission.period {
        now.table
    } else {
        anew = analysis::disclose(&now.material.assessed(house, last.record.period), rules);
        &anew
    };
    let between = Between {
        from: last.record.lake_version.parse().ok(),
        now: &now.material.series,
        since: last.record.created_at,
        definitions_changed: last.record.definitions_hash != house.definitions.hash.to_string(),
    };
    let figures = published_figures(table);
    // Most reports revise nothing: why is asked only where something is another.
    let (_, changed) = revisions(house, &printed, &figures, |_, _| String::new());
    let found = if changed.iter().any(|it| is_reported(house, it)) {
        let reasons = Reasons::gather(house, ledger, Some(lake), &between).await?;
        revisions(house, &printed, &figures, |was, is| reasons.why(was, is)).1
    } else {
        Vec::new()
    };
    let figures = found.into_iter().filter(|it| is_reported(house, it)).map(line);
    let verdicts = ledger.published_success(&last.record.edition_id)?;
    let outcomes = success(house, table, now.actions);
    let mut lines = turned(house, &verdicts, &outcomes, last.record.period);
    lines.extend(figures);
    Ok(Some(RevisedSince { edition: last.record.edition_id.clone(), lines }))
}

/// Success measures whose verdict has turned. Those about deliveries turn with the day, too, and are
/// no revision of figures.
fn turned(
    house: &House,
    printed: &[PublishedSuccess],
    outcomes: &[SuccessOutcome],
    period: Period,
) -> Vec<RevisionLine> {
    let measures = &house.definitions.partnership.success_measures;
    let by_figures = |id: &str| {
        let measure = measures.iter().find(|measure| measure.id == id);
        measure.is_some_and(|it| !matches!(it.rule, SuccessRule::Deliver { .. }))
    };
    let pairs = outcomes.iter().filter(|outcome| by_figures(&outcome.id)).filter_map(|outcome| {
        let before = printed.iter().find(|it| it.id == outcome.id)?;
        (before.verdict != outcome.verdict.as_str()).then_some((before, outcome))
    });
    pairs
        .map(|(before, outcome)| RevisionLine {
            subject: RevisedSubject::Success(outcome.text.clone()),
            area: String::new(),
            period,
            old: String::new(),
            new: String::new(),
            why: outcome.sentence.clone(),
            verdicts: Some((before.verdict.clone(), outcome.verdict.as_str().to_owned())),
        })
        .collect()
}

/// Whether readers were shown it: a reported measure of the partnership's own area.
fn is_reported(house: &House, revision: &Revision) -> bool {
    let Some(measure) = house.definitions.measures.get(&revision.measure) else { return false };
    let home = house.definitions.partnership.home.get(&measure.geography);
    measure.priority.is_some() && home == Some(&revision.area.code)
}

fn line(revision: Revision) -> RevisionLine {
    RevisionLine {
        subject: RevisedSubject::Figure(revision.measure, revision.breakdown),
        area: revision.area.name,
        period: revision.period,
        old: revision.old,
        new: revision.new,
        why: revision.why,
        verdicts: revision
            .old_verdict
            .zip(revision.new_verdict)
            .filter(|_| revision.verdict_changed),
    }
}
