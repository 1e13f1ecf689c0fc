//! A message that would be cut by mail programs says less, and says what it leaves out: the page, the
//! pack and the workbook have everything.

use crate::audience::Section;
use crate::report_model::{ReportModel, TagKind};
use crate::words;

/// Gmail cuts a message's HTML at about 102 kB.
pub(super) const HTML_BYTES_MAX: usize = 100_000;
/// Indicators that are left when only those that say something are shown.
const CHANGED_MAX: usize = 40;
/// As few as a message may come down to.
const FEWEST: usize = 12;
/// Items of lists that are left when all are cut.
const ITEMS_MAX: usize = 8;

/// Takes something out.
type Cut = fn(&mut ReportModel);

/// One cut more than the last: what is left out, in the words of the notice.
const STEPS: [(&str, Cut); 7] = [
    ("the list of sources", |model| model.leave_out(Section::Sources)),
    ("parts of indicators", |model| model.leave_out(Section::Parts)),
    ("the comparison with other areas", |model| model.leave_out(Section::Peers)),
    ("indicators that have not changed", |model| keep_changed(model, CHANGED_MAX)),
    ("some lines of data quality", cut_lists),
    ("some success measures and actions", cut_plan),
    ("most indicators", |model| keep_changed(model, FEWEST)),
];

/// The model with the first so many cuts, and a notice of them; none when there are no more.
pub(super) fn cut(model: &ReportModel, cuts: usize) -> Option<ReportModel> {
    let steps = STEPS.get(..cuts)?;
    let mut less = model.clone();
    for (_, cut) in steps {
        cut(&mut less);
    }
    let names: Vec<String> = steps.iter().map(|(name, _)| (*name).to_owned()).collect();
    if !names.is_empty() {
        less.condensed = format!(
            "So that mail programs show it whole, this message leaves out {}. All of it stands in the pack, in the workbook and on the page.",
            words::list(&names, names.len())
        );
    }
    Some(less)
}

/// Indicators of concern and improving ones first, then others, as many as there is room for.
fn keep_changed(model: &mut ReportModel, most: usize) {
    let rank = |kind: TagKind| match kind {
        TagKind::Concern => 0,
        TagKind::Improving => 1,
        TagKind::CannotJudge => 2,
        TagKind::NoChange => 3,
    };
    let groups = &mut model.indicators.groups;
    let mut ranks: Vec<(u8, usize)> = groups
        .iter()
        .flat_map(|group| &group.rows)
        .enumerate()
        .map(|(index, row)| (rank(row.tag.kind), index))
        .collect();
    ranks.sort_unstable();
    let mut kept: Vec<usize> = ranks.into_iter().take(most).map(|(_, index)| index).collect();
    kept.sort_unstable();
    let mut index = 0;
    for group in groups.iter_mut() {
        group.rows.retain(|_| {
            index += 1;
            kept.binary_search(&(index - 1)).is_ok()
        });
    }
    groups.retain(|group| !group.rows.is_empty());
    model.indicators.cannot_judge.truncate(ITEMS_MAX);
}

fn cut_lists(model: &mut ReportModel) {
    model.returns.quality.truncate(ITEMS_MAX);
    model.returns.gaps.truncate(ITEMS_MAX);
    model.returns.attention.truncate(ITEMS_MAX);
    model.revisions.rows.truncate(ITEMS_MAX);
    model.revisions.verdicts.truncate(ITEMS_MAX);
}

fn cut_plan(model: &mut ReportModel) {
    model.success.rows.truncate(ITEMS_MAX);
    model.actions.overdue.truncate(ITEMS_MAX);
    model.actions.soon.truncate(ITEMS_MAX);
}
