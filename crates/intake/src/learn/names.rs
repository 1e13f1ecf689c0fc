//! Which known measure a partner's label may stand for.

use std::collections::{BTreeMap, BTreeSet};

use model::{Measure, MeasureId};

use crate::understand::glance::bare_label;

/// What a label may stand for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    /// One measure goes by that name.
    Same(MeasureId),
    /// These come near: the operator decides.
    Near(Vec<MeasureId>),
    Nothing,
}

/// Measures that a return may carry.
pub(super) struct Names<'v> {
    measures: Vec<(&'v Measure, String, BTreeSet<String>)>,
    taken: &'v BTreeSet<MeasureId>,
}

impl<'v> Names<'v> {
    /// Of all measures those that partners send themselves.
    pub(super) fn of(
        measures: &'v BTreeMap<MeasureId, Measure>,
        taken: &'v BTreeSet<MeasureId>,
    ) -> Self {
        let open = measures.values().filter(|measure| measure.sum_of.is_empty());
        let measures = open
            .map(|measure| {
                // `Burglary (police.uk)`: what stands in brackets says where it comes from.
                let name = measure.label.split('(').next().unwrap_or(&measure.label);
                let name = bare_label(name);
                let words = words(&name);
                (measure, name, words)
            })
            .collect();
        Self { measures, taken }
    }

    /// What a label may stand for.
    pub(super) fn meaning(&self, label: &str) -> Meaning {
        const NEAR_MAX: usize = 2;
        let own = label.rsplit(" > ").next().unwrap_or(label);
        let bare = bare_label(own);
        let same: Vec<&Measure> = self
            .measures
            .iter()
            .filter(|(measure, name, _)| *name == bare || measure.id.as_str() == bare)
            .map(|(measure, _, _)| *measure)
            .collect();
        if let [measure] = same.as_slice()
            && !self.taken.contains(&measure.id)
        {
            return Meaning::Same(measure.id.clone());
        }
        if !same.is_empty() {
            return Meaning::Near(same.into_iter().map(|measure| measure.id.clone()).collect());
        }
        let wanted = words(&bare);
        let mut near: Vec<(usize, &MeasureId)> = self
            .measures
            .iter()
            .filter_map(|(measure, name, words)| {
                let shared = wanted.intersection(words).count();
                let all = wanted.union(words).count();
                let is_near = shared > 0 && shared * 2 >= all
                    || model::nearest(&bare, std::iter::once(name.as_str())).is_some();
                is_near.then_some((all - shared, &measure.id))
            })
            .collect();
        near.sort();
        let near: Vec<MeasureId> =
            near.into_iter().take(NEAR_MAX).map(|(_, id)| id.clone()).collect();
        if near.is_empty() { Meaning::Nothing } else { Meaning::Near(near) }
    }

    /// Whether another return carries a measure already.
    pub(super) fn is_taken(&self, measure: &MeasureId) -> bool {
        self.taken.contains(measure)
    }
}

fn words(text: &str) -> BTreeSet<String> {
    const SMALL: &[&str] = &["and", "of", "the", "a", "in", "to", "for", "with", "by", "or", "all"];
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty() && !SMALL.contains(word))
        .map(|word| word.trim_end_matches('s').to_owned())
        .collect()
}
