//! What has changed of the last report's figures, now that more is known.

use analysis::{DisclosedTable, DisclosureRules};
use lake::{Lake, LakeVersion};
use ledger::{Ledger, StoredEdition};
use publication::{RevisedSince, RevisionLine};

use super::{Commission, published_figures};
use crate::error::PipelineError;
use crate::house::House;
use crate::material::Material;
use crate::revisions::{Reasons, Revision, revisions};

/// Computes the period of the last edition of this report anew and holds it against what was
/// printed: of reported measures in the partnership's own area. None before the first edition.
pub(super) async fn revised_since(
    house: &House,
    ledger: &Ledger,
    lake: &Lake,
    commission: &Commission<'_>,
    (material, table, version): (&Material, &DisclosedTable, LakeVersion),
) -> Result<Option<RevisedSince>, PipelineError> {
    let editions = ledger.editions()?;
    let is_ours = |edition: &&StoredEdition| edition.record.report == commission.job.id.as_str();
    let Some(last) = editions.iter().rev().find(is_ours) else { return Ok(None) };
    let printed = ledger.published_figures(&last.record.edition_id)?;
    let now = if last.record.period == commission.period {
        published_figures(table)
    } else {
        let rules = DisclosureRules { measures: &house.definitions.measures };
        published_figures(&analysis::disclose(&material.assessed(house, last.record.period), rules))
    };
    let definitions_changed = last.record.definitions_hash != house.definitions.hash.to_string();
    let versions = (last.record.lake_version.parse().ok(), Some(version));
    let reasons =
        Reasons::between(house, ledger, Some(lake), versions, definitions_changed).await?;
    let (_, found) = revisions(house, &printed, &now, |figure| reasons.why(figure));
    let lines = found.into_iter().filter(|it| is_reported(house, it)).map(line).collect();
    Ok(Some(RevisedSince { edition: last.record.edition_id.clone(), lines }))
}

/// Whether readers were shown it: a reported measure of the partnership's own area.
fn is_reported(house: &House, revision: &Revision) -> bool {
    let Some(measure) = house.definitions.measures.get(&revision.measure) else { return false };
    let home = house.definitions.partnership.home.get(&measure.geography);
    measure.priority.is_some() && home == Some(&revision.area.code)
}

fn line(revision: Revision) -> RevisionLine {
    RevisionLine {
        measure: revision.measure,
        breakdown: revision.breakdown,
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
