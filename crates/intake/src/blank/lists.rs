//! Blank returns whose rows only the partner knows: incidents, and the items of a plan.

use model::{Entry, FormCell};

use super::Grid;
use super::axes::{Axes, heading};
use crate::contract::{ActionColumns, TableLayout, Where};

/// Empty rows for incidents.
const RECORDS: u32 = 500;
/// Empty rows for actions.
const ACTIONS: u32 = 100;

/// A list with a row for each incident.
pub(super) fn records(
    sheet: &mut Grid,
    layout: &TableLayout,
    axes: &Axes,
    lists: &mut Vec<Vec<String>>,
) {
    let mut columns: Vec<(String, Entry)> = Vec::new();
    let mut choice = |words: Vec<String>| {
        if words.is_empty() {
            return Entry::Text;
        }
        let known = lists.iter().position(|list| *list == words);
        Entry::OneOf(known.unwrap_or_else(|| {
            lists.push(words);
            lists.len() - 1
        }))
    };
    if let Some(column) = layout.period.place.column() {
        columns.push((heading(column).to_owned(), Entry::Date));
    }
    if let Some(column) = layout.area.column() {
        columns.push((heading(column).to_owned(), choice(axes.areas.clone())));
    }
    if let Some(column) = layout.measure.column() {
        let labels = axes.labels.iter().map(|label| label.text.clone()).collect();
        columns.push((heading(column).to_owned(), choice(labels)));
    }
    for (from, texts) in layout.breakdowns.iter().zip(&axes.parts) {
        if let Where::Column(column) = &from.place {
            let texts = texts.iter().filter(|text| !from.whole.contains(text)).cloned().collect();
            columns.push((heading(column).to_owned(), choice(texts)));
        }
    }
    empty_rows(sheet, &columns, RECORDS);
}

/// An action plan.
pub(super) fn actions(
    sheet: &mut Grid,
    plan: &ActionColumns,
    title: &str,
    lists: &mut Vec<Vec<String>>,
) {
    sheet.put(0, 0, FormCell::Title(title.to_owned()));
    sheet.next_row = 2;
    let mut seen = std::collections::BTreeSet::new();
    let statuses = plan
        .statuses
        .iter()
        .filter(|(_, status)| seen.insert(status.label()))
        .map(|(word, _)| word.clone());
    lists.push(statuses.collect());
    let status = Entry::OneOf(lists.len() - 1);
    let columns: Vec<(String, Entry)> = [
        (&plan.number, Entry::Text),
        (&plan.action, Entry::Text),
        (&plan.lead, Entry::Text),
        (&plan.others, Entry::Text),
        (&plan.by_when, Entry::Text),
        (&plan.update, Entry::Text),
        (&plan.status, status),
    ]
    .into_iter()
    .filter_map(|(names, entry)| Some((names.first()?.clone(), entry)))
    .collect();
    empty_rows(sheet, &columns, ACTIONS);
}

fn empty_rows(sheet: &mut Grid, columns: &[(String, Entry)], rows: u32) {
    for (column, (name, _)) in (0..).zip(columns) {
        sheet.heading(column, name);
    }
    sheet.next_row += 1;
    for _ in 0..rows {
        for (column, (_, entry)) in (0..).zip(columns) {
            sheet.put(sheet.next_row, column, FormCell::Entry(*entry));
        }
        sheet.next_row += 1;
    }
}
