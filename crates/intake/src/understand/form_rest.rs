//! What else stands on a form: sums, held against the figures they are sums of, and numbers that no
//! label of the return speaks of.

use std::collections::{BTreeMap, BTreeSet};

use model::MeasureId;

use super::figures::Table;
use super::forms::Field;
use super::gathered::{Gathered, quoted};
use super::labels::{folded, is_any, is_total_word};
use super::page::PageRow;
use super::row_says::did_you_mean;
use super::values::{self, Reading, raw};
use crate::contract::{LabelledCell, Side};
use crate::workbook::Cell;

/// A figure of the form: its field, and its number if there is one.
pub(super) type Filled<'f, 'a> = (&'f Field<'a>, Option<i64>);

/// Looks at everything on a form that is no field of it.
pub(super) fn look<'a>(
    table: &Table<'_, 'a>,
    side: Side,
    filled: &[Filled<'_, 'a>],
    gathered: &mut Gathered,
) {
    let mut rest = Rest { table, side, filled, taken: BTreeSet::new(), totals: BTreeSet::new() };
    for (field, _) in filled {
        rest.taken.extend([field.at, (field.row, field.column)]);
    }
    rest.take_told();
    let totals = rest.take_totals(gathered);
    for (at, value) in totals {
        rest.check_total(at, value, gathered);
    }
    rest.strangers(gathered);
}

type At = (u32, u32);

struct Rest<'r, 't, 'a> {
    table: &'r Table<'t, 'a>,
    side: Side,
    filled: &'r [Filled<'r, 'a>],
    /// Cells that have been accounted for.
    taken: BTreeSet<At>,
    /// Labels of sums.
    totals: BTreeSet<At>,
}

impl Rest<'_, '_, '_> {
    /// Every text with the cell beside it.
    fn labels(&self) -> Vec<(At, String, At)> {
        let rows = self.table.page.rows(self.table.located.top..);
        rows.flat_map(|row| {
            let cells: Vec<(u32, Cell<'_>)> = row.cells().collect();
            let beside = |index: usize, column: u32| match self.side {
                Side::Below => Some((row.number() + 1, column)),
                Side::Right => cells.get(index + 1).map(|(next, _)| (row.number(), *next)),
            };
            let texts = cells.iter().enumerate().filter_map(|(index, (column, cell))| match cell {
                Cell::Text(text) => {
                    Some(((row.number(), *column), (*text).to_owned(), beside(index, *column)?))
                }
                _ => None,
            });
            texts.collect::<Vec<_>>()
        })
        .collect()
    }

    fn is_figure(&self, (row, column): At) -> bool {
        self.table.page.cell(row, column).is_some_and(|cell| self.table.is_figure(cell))
    }

    /// The cells that say what the form is about.
    fn take_told(&mut self) {
        let layout = self.table.layout;
        let parts = layout.breakdowns.iter().map(|part| part.place.cell());
        let cells: Vec<&LabelledCell> = [layout.area.cell(), layout.period.place.cell()]
            .into_iter()
            .chain(parts)
            .flatten()
            .collect();
        for (at, text, _) in self.labels() {
            let told = cells.iter().find(|cell| is_any(&cell.label, &text));
            let beside = told.and_then(|cell| match cell.side {
                Side::Right => {
                    let row = self.table.page.row(at.0)?;
                    row.columns().find(|column| *column > at.1).map(|column| (at.0, column))
                }
                Side::Below => (1..=3)
                    .map(|down| (at.0 + down, at.1))
                    .find(|(row, column)| self.table.page.cell(*row, *column).is_some()),
            });
            self.taken.extend(beside);
        }
    }

    /// The sums, each with the cell of its label; a word for a sum that the contract does not name
    /// is noted.
    fn take_totals(&mut self, gathered: &mut Gathered) -> Vec<(At, At)> {
        let mut found = Vec::new();
        for (at, text, value) in self.labels() {
            let declared = is_any(&self.table.layout.totals, &text);
            if self.taken.contains(&at) || !declared && !is_total_word(&text) {
                continue;
            }
            self.totals.insert(at);
            if !self.taken.contains(&value) && self.is_figure(value) {
                self.taken.insert(value);
                found.push((at, value));
                if !declared {
                    gathered.total_met(&self.table.page.place(value.0, value.1));
                }
            }
        }
        found
    }

    /// The figures a sum is of: those in line with it since the sum or section before it; if it
    /// stands first, those after it up to the next; a grand total is of all in line.
    fn parts(&self, at: At, text: &str) -> Vec<&Filled<'_, '_>> {
        let (line, along) = match self.side {
            Side::Right => (at.1, at.0),
            Side::Below => (at.0, at.1),
        };
        let place = |at: At| match self.side {
            Side::Right => (at.1, at.0),
            Side::Below => (at.0, at.1),
        };
        let in_line: Vec<(u32, &Filled<'_, '_>)> = self
            .filled
            .iter()
            .filter_map(|filled| {
                let (other, along) = place(filled.0.at);
                (other == line).then_some((along, filled))
            })
            .collect();
        let sums = self.totals.iter().map(|at| place(*at));
        let sums = sums.filter(|(other, _)| *other == line).map(|(_, along)| along);
        let sections = self.sections();
        let ends: BTreeSet<u32> = match self.side {
            Side::Right => sums.chain(sections).collect(),
            Side::Below => sums.collect(),
        };
        let all = |word: &str| folded(text).split(' ').any(|other| other == word);
        if all("grand") || all("overall") {
            return in_line.into_iter().map(|(_, filled)| filled).collect();
        }
        let from = ends.range(..along).next_back().copied();
        let to = ends.range(along + 1..).next().copied();
        let within = |first: Option<u32>, last: Option<u32>| {
            let inside = in_line.iter().filter(|(at, _)| {
                first.is_none_or(|first| first < *at) && last.is_none_or(|last| *at < last)
            });
            inside.map(|(_, filled)| *filled).collect::<Vec<_>>()
        };
        let before = within(from, Some(along));
        if before.is_empty() { within(Some(along), to) } else { before }
    }

    /// The rows on which a section stands that the contract names.
    fn sections(&self) -> Vec<u32> {
        let alone = self.table.page.rows(..).filter(|row| {
            let mut cells = row.cells();
            let first = cells.next();
            cells.next().is_none()
                && first.is_some_and(|(_, cell)| self.table.sections.contains(&folded(&raw(cell))))
        });
        alone.map(PageRow::number).collect()
    }

    fn check_total(&self, at: At, value: At, gathered: &mut Gathered) {
        let page = &self.table.page;
        let text = page.text(at.0, at.1).unwrap_or_default();
        let parts = self.parts(at, &text);
        let Some(measure) = parts.first().map(|(field, _)| &field.label.measure) else {
            return;
        };
        let rules = self.table.rules(Some(measure));
        let total = match values::read(page.cell(value.0, value.1), &rules) {
            Reading::Figure { figure, .. } => figure.value,
            Reading::Blank | Reading::Problem(_) => None,
        };
        let (Some(total), Some(sum)) = (total, self.sum(&parts)) else {
            return;
        };
        if total != sum {
            let told = match rules.unit {
                model::Unit::Count => format!("add up to {sum}"),
                _ => "add up to something else".to_owned(),
            };
            gathered.error(
                "total-differs",
                page.place(value.0, value.1),
                format!(
                    "the total {} is {}, but the figures it is the sum of {told}",
                    quoted(&text),
                    quoted(&page.text(value.0, value.1).unwrap_or_default())
                ),
                "correct the total or the figure that is wrong",
            );
        }
    }

    /// The sum of figures: of each measure the whole, if it is there, else its parts by the one
    /// thing they are split by. Nothing where that is not known.
    fn sum(&self, parts: &[&Filled<'_, '_>]) -> Option<i64> {
        let mut measures: BTreeMap<&MeasureId, Vec<&Filled<'_, '_>>> = BTreeMap::new();
        for part in parts {
            measures.entry(&part.0.label.measure).or_default().push(part);
        }
        let unit = |measure: &MeasureId| self.table.context.unit(measure);
        let first = measures.keys().next().map(|measure| unit(measure))?;
        if !first.is_additive() || measures.keys().any(|measure| unit(measure) != first) {
            return None;
        }
        let sums = measures.into_values().map(|figures| {
            let whole = figures.iter().find(|(field, _)| field.label.breakdown.is_all());
            if let Some((_, number)) = whole {
                return *number;
            }
            let dimensions: BTreeSet<Vec<&str>> = figures
                .iter()
                .map(|(field, _)| field.label.breakdown.iter().map(|(name, _)| name).collect())
                .collect();
            let numbers = figures.iter().map(|(_, number)| *number);
            (dimensions.len() == 1).then(|| numbers.sum::<Option<i64>>())?
        });
        sums.sum()
    }

    /// Numbers beside a label that the return does not have, or beside one that has its figure.
    fn strangers(&self, gathered: &mut Gathered) {
        let ignore = &self.table.layout.ignore;
        let page = &self.table.page;
        let mut beside = BTreeSet::new();
        for (at, text, value) in self.labels() {
            let is_figure = |at: At| self.is_figure(at);
            if self.taken.contains(&at) || self.taken.contains(&value) || !is_figure(value) {
                continue;
            }
            beside.insert(value);
            if is_any(ignore, &text) || is_figure(at) || self.is_under(value, ignore) {
                continue;
            }
            gathered.puzzling.insert(page.name.to_owned());
            gathered.error(
                "unknown-measure",
                page.place(at.0, at.1),
                format!("{} is not something this return counts", quoted(&text)),
                &did_you_mean(self.table.context.labels.nearest(&text)),
            );
        }
        // A number left of a label is the number of a question.
        let values: BTreeSet<At> =
            self.filled.iter().map(|(field, _)| (field.row, field.column)).collect();
        for at in &values {
            let next = match self.side {
                Side::Below => Some((at.0 + 1, at.1)),
                Side::Right => page
                    .row(at.0)
                    .and_then(|row| row.columns().find(|column| *column > at.1))
                    .map(|column| (at.0, column)),
            };
            let Some(next) = next.filter(|next| {
                self.is_figure(*next) && !self.taken.contains(next) && !beside.contains(next)
            }) else {
                continue;
            };
            if !self.numbers_a_label(next) && !self.is_under(next, ignore) {
                gathered.error(
                    "figures-without-heading",
                    page.place(next.0, next.1),
                    "there is a figure here, but the label beside it has its figure already"
                        .to_owned(),
                    "clear the cell, or agree what it is: a form has one figure for each label",
                );
            }
        }
    }

    /// Whether a number stands left of a label.
    fn numbers_a_label(&self, (row, column): At) -> bool {
        let next = self.table.page.row(row).and_then(|cells| {
            cells.cells().find(|(right, _)| *right > column).map(|(_, cell)| cell)
        });
        matches!(next, Some(Cell::Text(_)))
    }

    /// Whether a text above a cell, in its column, is one of those left out.
    fn is_under(&self, (row, column): At, ignore: &[String]) -> bool {
        !ignore.is_empty()
            && self
                .table
                .page
                .rows(..row)
                .any(|above| above.cell(column).is_some_and(|cell| is_any(ignore, &raw(cell))))
    }
}
