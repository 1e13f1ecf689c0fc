//! From the lake to the decided report: what a run issues and what a preview shows, in one place.

use analysis::{DisclosedTable, DisclosureRules, SuccessOutcome};
use lake::{Lake, LakeVersion};
use ledger::Ledger;
use model::{ActionItem, EditionId};
use publication::{Commentary, ReportModel};

use super::Commission;
use super::evidence::{Papers, compose};
use super::revised::{Now, revised_since};
use crate::definitions::Definitions;
use crate::error::PipelineError;
use crate::house::House;
use crate::ingest::open_lake;
use crate::material::Material;
use crate::release::held_figures;
use crate::views::FindingView;

/// A report, decided, and what it was decided from.
pub(super) struct Composed {
    pub(super) model: ReportModel,
    pub(super) table: DisclosedTable,
    pub(super) success: Vec<SuccessOutcome>,
    /// Figures that the plausibility gate holds.
    pub(super) held: Vec<FindingView>,
    pub(super) version: LakeVersion,
}

/// Decides the report of a commission, as things stand.
pub(super) async fn composed(
    house: &House,
    ledger: &Ledger,
    commission: &Commission<'_>,
    edition: &EditionId,
) -> Result<Composed, PipelineError> {
    let opened = open_lake(house, ledger).await?;
    house.progress.say("Computing indicators");
    let (material, actions, version) = known(house, ledger, opened.as_ref(), commission).await?;
    let rules = DisclosureRules { measures: &house.definitions.measures };
    let assessed = material.assessed(house, commission.period);
    let held = held_figures(house, &assessed);
    let table = analysis::disclose(&assessed, rules);
    house.progress.say("Writing the report");
    let success = success(house, &table, &actions);
    let revised = match &opened {
        Some((lake, _)) => {
            let now = Now { material: &material, table: &table, actions: &actions };
            revised_since(house, ledger, lake, commission, &now).await?
        }
        None => None,
    };
    let said_nothing = Commentary::default();
    let commentary = house.definitions.commentary.get(&commission.period);
    let papers = Papers {
        commission,
        edition,
        version,
        actions: &actions,
        revised: revised.as_ref(),
        success: &success,
        commentary: commentary.unwrap_or(&said_nothing),
    };
    let model = compose(house, &table, &papers);
    Ok(Composed { model, table, success, held, version })
}

/// What the lake holds, and which version of it; nothing before the first return.
async fn known(
    house: &House,
    ledger: &Ledger,
    opened: Option<&(Lake, LakeVersion)>,
    commission: &Commission<'_>,
) -> Result<(Material, Vec<ActionItem>, LakeVersion), PipelineError> {
    let Some((lake, version)) = opened else {
        let nothing = LakeVersion { observations: 0, actions: 0 };
        return Ok((Material::default(), Vec::new(), nothing));
    };
    let material = Material::gather(ledger, lake, version).await?;
    let material = material.knowing(house, commission.lines);
    Ok((material, plan(lake, version).await?, *version))
}

/// The success measures of the plan, judged by what may be shown.
pub(super) fn success(
    house: &House,
    table: &DisclosedTable,
    actions: &[ActionItem],
) -> Vec<SuccessOutcome> {
    let Definitions { partnership, measures, .. } = &house.definitions;
    analysis::judge_success(table, partnership, measures, actions, house.clock.today())
}

/// The newest action plan.
async fn plan(lake: &Lake, version: &LakeVersion) -> Result<Vec<ActionItem>, PipelineError> {
    Ok(lake.actions(version).await?.into_iter().map(|(action, _)| action).collect())
}
