//! What stands for what: labels, marks, and what may be checked.

use std::collections::{BTreeMap, BTreeSet};

use model::{AreaCode, CellAddress, MeasureId};

use super::super::grid::cells;
use super::super::groups::Group;
use super::super::layout::{LabelMet, Layout, unique};
use super::super::names::{Meaning, Names};
use super::{Writer, category, list, one_line, quoted};
use crate::understand::glance::{bare_label, quotable};

impl Writer<'_, '_> {
    pub(super) fn labels(&mut self, groups: &[Group]) {
        let mut all: Vec<&LabelMet> = Vec::new();
        // A sum in one table and a heading of another's column are no labels.
        let mut seen: BTreeSet<String> = groups
            .iter()
            .flat_map(|group| group.layout.totals.iter().cloned().chain(group.layout.headings()))
            .map(|text| bare_label(&text))
            .collect();
        for label in groups.iter().flat_map(|group| &group.layout.labels) {
            if seen.insert(bare_label(&label.text)) {
                all.push(label);
            }
        }
        if all.is_empty() {
            return;
        }
        let names = Names::of(self.known.vocabulary.measures, self.known.taken);
        self.line("");
        self.line("[labels]");
        let mut proposed: BTreeSet<MeasureId> = BTreeSet::new();
        let mut placeholders: BTreeSet<String> = BTreeSet::new();
        for label in all {
            let Some(text) = quotable(&label.text) else {
                self.note(&format!(
                    "the label in {} is long or could be about a person: it is not repeated here",
                    label.first
                ));
                continue;
            };
            let mut remark = Vec::new();
            let mut measure = format!("?{}", category(&text));
            while !placeholders.insert(measure.clone()) {
                measure.push_str("-again");
            }
            match names.meaning(&text) {
                Meaning::Same(id) if proposed.insert(id.clone()) => {
                    measure = id.to_string();
                    remark.push(
                        "goes by that name in measures.toml: is it the same thing?".to_owned(),
                    );
                }
                Meaning::Same(id) => remark.push(format!("perhaps {id}")),
                Meaning::Near(ids) => {
                    let ids: Vec<String> = ids
                        .iter()
                        .map(|id| {
                            let taken = " (another return carries it)";
                            format!("{id}{}", if names.is_taken(id) { taken } else { "" })
                        })
                        .collect();
                    remark.push(format!("perhaps {}", ids.join(", ")));
                }
                Meaning::Nothing => {}
            }
            if label.has_fractions {
                remark.push("fractions: a measure in percent or pounds".to_owned());
            }
            if measure.starts_with('?') {
                self.decide(&format!("labels.{text}.measure"), "what it stands for");
            }
            let remark = if remark.is_empty() {
                format!(" # {}", label.first)
            } else {
                format!(" # {}: {}", label.first, remark.join("; "))
            };
            self.line(&format!("{} = {{ measure = {} }}{remark}", quoted(&text), quoted(&measure)));
        }
    }

    pub(super) fn symbols(&mut self, groups: &[Group]) {
        let mut marks: BTreeMap<String, (String, Vec<CellAddress>)> = BTreeMap::new();
        for group in groups {
            for (mark, at) in &group.layout.marks {
                let sheet = group.at[0].sheet.clone();
                let entry = marks.entry(mark.clone()).or_insert_with(|| (sheet, Vec::new()));
                entry.1.extend(at.iter().copied());
            }
        }
        let (known, open): (Vec<_>, Vec<_>) =
            marks.into_iter().partition(|(mark, _)| matches!(mark.as_str(), "[x]" | "[c]" | "[z]"));
        if !known.is_empty() {
            let said: Vec<String> = known.into_iter().map(|(mark, _)| mark).collect();
            self.line("");
            self.note(&format!(
                "{} need no mention: everybody means the same by them.",
                said.join(" and ")
            ));
        }
        if open.is_empty() {
            return;
        }
        self.line("");
        self.note("What stands instead of a number. Ask the partner, then take the `#` away: \"zero\" (none were");
        self.note("counted), \"x\" (not available), \"c\" (withheld) or \"z\" (not applicable).");
        self.line("[symbols]");
        for (mark, (sheet, at)) in open {
            let Some(text) = quotable(&mark) else {
                continue;
            };
            let guess = match text.as_str() {
                "*" => "c",
                text if text.starts_with(['<', '≤']) => "c",
                "nil" | "none" => "zero",
                _ => "x",
            };
            let count =
                if at.len() == 1 { "1 cell".to_owned() } else { format!("{} cells", at.len()) };
            self.line(&format!(
                "# {} = {} # {count}: {}!{}",
                quoted(&text),
                quoted(guess),
                one_line(&sheet),
                cells(&at)
            ));
            self.decide(&format!("symbols.{text}"), "what it stands for");
        }
    }

    pub(super) fn checks(&mut self, groups: &[Group]) {
        let areas: BTreeSet<&AreaCode> =
            groups.iter().flat_map(|group| &group.layout.areas).collect();
        let sets = &self.known.vocabulary.partnership.peer_sets;
        let set = sets
            .iter()
            .filter(|set| set.areas.iter().all(|code| areas.contains(code)))
            .max_by_key(|set| set.areas.len());
        let mut lines = Vec::new();
        if let Some(set) = set {
            lines.push(format!(
                "areas = {{ peer_set = {} }} # all of them are there",
                quoted(&set.id)
            ));
        }
        let all = |pick: fn(&Layout) -> &Vec<String>| -> Vec<String> {
            let mut texts: Vec<String> =
                groups.iter().flat_map(|group| pick(&group.layout).clone()).collect();
            unique(&mut texts);
            texts
        };
        let number = all(|layout| &layout.change_number);
        let percent = all(|layout| &layout.change_percent);
        let parts: Vec<String> = [("number", number), ("percent", percent)]
            .into_iter()
            .filter(|(_, texts)| !texts.is_empty())
            .map(|(key, texts)| format!("{key} = {}", list(&texts)))
            .collect();
        if !parts.is_empty() {
            lines.push(format!("change_columns = {{ {} }}", parts.join(", ")));
        }
        if lines.is_empty() {
            return;
        }
        self.line("");
        self.line("[checks]");
        for line in lines {
            self.line(&line);
        }
    }
}
