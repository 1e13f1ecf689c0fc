//! Rows of one text between rows of figures: sections, and areas that stand above their rows.

use std::collections::BTreeMap;

use model::CellAddress;

use super::columns::{Column, Met};
use super::grid::Seen;
use super::layout::LabelMet;
use super::tables::Table;
use crate::understand::glance::{bare_label, unmarked};

/// What stands alone on rows of its own.
#[derive(Clone, Debug, Default)]
pub(super) struct Blocks {
    /// Texts above blocks of rows that say the same labels again.
    pub(super) heads: Vec<Met>,
    /// The labels below them, with their section where one label stands under several.
    pub(super) labels: Vec<LabelMet>,
}

/// Finds blocks: labels that come again and again, with single texts between them.
pub(super) fn blocks(table: &Table<'_, '_>, columns: &[Column]) -> Blocks {
    let Some(labels) = columns.iter().find(|column| column.is_words()) else {
        return Blocks::default();
    };
    let alone = |row: &u32| {
        let cells = &table.grid.rows[row];
        cells.len() == 1 && cells.get(&labels.index).is_some_and(Seen::is_text)
    };
    let mut counts: BTreeMap<String, Met> = BTreeMap::new();
    for row in table.body.iter().filter(|row| alone(row)) {
        let seen = &table.grid.rows[row][&labels.index];
        let first = CellAddress::new(*row, labels.index);
        let text = seen.line();
        counts.entry(bare_label(&text)).or_insert(Met { text, first, count: 0 }).count += 1;
    }
    let mut labelled: BTreeMap<(String, String), LabelMet> = BTreeMap::new();
    let mut order: Vec<(String, String)> = Vec::new();
    let mut again = 0;
    let mut section: Option<String> = None;
    for row in &table.body {
        let Some(seen) = table.grid.seen(*row, labels.index) else {
            continue;
        };
        let bare = bare_label(&seen.text);
        if alone(row) {
            section = counts.get(&bare).filter(|met| met.count > 1).map(|met| met.text.clone());
            continue;
        }
        let key = (section.clone().unwrap_or_default(), bare);
        if labelled.contains_key(&key) {
            again += 1;
            continue;
        }
        let first = CellAddress::new(*row, labels.index);
        let text = unmarked(&seen.text);
        labelled.insert(key.clone(), LabelMet { text, first, has_fractions: false });
        order.push(key);
    }
    // Labels that never come again stand under sections, and those need no mention.
    if counts.is_empty() || again * 2 < order.len() {
        return Blocks::default();
    }
    // The text above the first block stands above the table's first row.
    let heads: Vec<Met> = counts.values().filter(|met| met.count == 1).cloned().collect();
    let mut heads: Vec<Met> = if heads.len() > 1 { heads } else { Vec::new() };
    heads.sort_by_key(|met| met.first);
    let labels = order
        .iter()
        .map(|key| {
            let mut label = labelled[key].clone();
            let twice = order.iter().filter(|(_, other)| *other == key.1).count() > 1;
            if twice && !key.0.is_empty() {
                label.text = format!("{} > {}", key.0, label.text);
            }
            label
        })
        .collect();
    Blocks { heads, labels }
}
