//! What a contract names, against what the partnership knows.

use std::collections::BTreeMap;

use model::{AreaCode, Measure, MeasureId, Partnership, nearest};
use toml::de::DeTable;

use super::fields::{Fields, Problems};
use super::{Content, Contract, Figures, Where};
use crate::understand::folded;

pub(super) fn unknown_words(
    contract: &Contract,
    text: &str,
    partnership: &Partnership,
    measures: &BTreeMap<MeasureId, Measure>,
) -> Vec<String> {
    let (Content::Figures(figures), Ok(root)) = (&contract.content, DeTable::parse(text)) else {
        return Vec::new();
    };
    let problems = Problems::of(text);
    let known = Known { partnership, measures };
    known.check(figures, &Fields::root(&root, &problems));
    problems.into_sorted()
}

struct Known<'a> {
    partnership: &'a Partnership,
    measures: &'a BTreeMap<MeasureId, Measure>,
}

impl Known<'_> {
    fn check(&self, figures: &Figures, fields: &Fields<'_>) {
        for (layout, table) in figures.tables.iter().zip(fields.tables("table")) {
            if let (Where::Fixed(code), Some(at)) = (&layout.area, table.table("area")) {
                self.area(code, &at, "is");
            }
            if let (Where::Fixed(measure), Some(at)) = (&layout.measure, table.table("measure")) {
                self.measure(measure, &at);
            }
        }
        if let Some(table) = fields.table("labels") {
            for (name, label) in &figures.labels {
                if let Some(at) = table.table(name) {
                    self.measure(&label.measure, &at);
                }
            }
        }
        if let Some(table) = fields.table("areas") {
            for (name, code) in &figures.areas {
                self.area(code, &table, name);
                self.name(name, code, &table);
            }
        }
        if let Some(checks) = fields.table("checks") {
            if let (Some(set), Some(at)) = (&figures.checks.peer_set, checks.table("areas")) {
                self.peer_set(set, &at);
            }
            for (sum, at) in figures.checks.adds_up.iter().zip(checks.tables("adds_up")) {
                self.measure(&sum.measure, &at);
            }
            for (range, at) in figures.checks.ranges.iter().zip(checks.tables("ranges")) {
                self.measure(&range.measure, &at);
            }
            for (required, at) in figures.checks.required.iter().zip(checks.tables("required")) {
                self.measure(&required.measure, &at);
                if let Some(code) = &required.area {
                    self.area(code, &at, "area");
                }
            }
        }
        for (known, at) in figures.checks.exceptions.iter().zip(fields.tables("exception")) {
            if let Some(measure) = &known.measure {
                self.measure(measure, &at);
            }
            if let Some(code) = &known.area {
                self.area(code, &at, "area");
            }
        }
    }

    fn area(&self, code: &AreaCode, at: &Fields<'_>, key: &str) {
        if self.partnership.area(code).is_some() {
            return;
        }
        let codes = self.partnership.areas.iter().map(|area| area.code.as_str());
        let hint = if let Ok(area) = self.partnership.find_area(code.as_str(), None) {
            format!("write its code, `{}`", area.code)
        } else if let Some(near) = nearest(code.as_str(), codes) {
            format!("did you mean `{near}`? Or add it to partnership.toml")
        } else {
            "add it to partnership.toml, or correct it".to_owned()
        };
        at.problem(key, &format!("`{code}` is no area's code in partnership.toml: {hint}"));
    }

    /// A further name must not be another area's.
    fn name(&self, name: &str, code: &AreaCode, at: &Fields<'_>) {
        let taken = self.partnership.areas.iter().find(|area| {
            let mut names = std::iter::once(&area.name).chain(&area.aliases);
            let same_kind =
                self.partnership.area(code).is_some_and(|own| own.geography == area.geography);
            area.code != *code && same_kind && names.any(|known| folded(known) == folded(name))
        });
        if let Some(area) = taken {
            let what = format!(
                "is a name of {} in partnership.toml already: use a name that is not taken, or take it away there",
                area.code
            );
            at.problem(name, &what);
        }
    }

    fn peer_set(&self, id: &str, at: &Fields<'_>) {
        let ids: Vec<&str> = self.partnership.peer_sets.iter().map(|set| set.id.as_str()).collect();
        if !ids.contains(&id) {
            let known = ids.join(", ");
            let what = format!("`{id}` is no peer set in partnership.toml: known are {known}");
            at.problem("peer_set", &what);
        }
    }

    fn measure(&self, id: &MeasureId, at: &Fields<'_>) {
        let what = match self.measures.get(id) {
            Some(measure) if measure.sum_of.is_empty() => return,
            Some(_) => format!("`{id}` is computed from others: no return may carry it"),
            None => {
                let ids = self.measures.keys().map(MeasureId::as_str);
                match nearest(id.as_str(), ids) {
                    Some(near) => {
                        format!("`{id}` is no measure in measures.toml (did you mean `{near}`?)")
                    }
                    None => format!("`{id}` is no measure in measures.toml: add it there"),
                }
            }
        };
        let key = if at.has("is") { "is" } else { "measure" };
        at.problem(key, &what);
    }
}
