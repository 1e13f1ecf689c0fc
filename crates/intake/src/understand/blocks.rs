//! What stands above a row and holds for it: blocks of rows under a text alone on its row,
//! sections, and labels that only the first row of several carries.

use std::collections::{BTreeMap, BTreeSet};

use model::{AreaCode, Breakdown, CellAddress, MeasureId, Period};

use super::figures::Table;
use super::gathered::quoted;
use super::labels::{folded, is_any, is_total_word};
use super::locate::Located;
use super::periods::{self, Said};
use super::row_says::{RowSays, Unsaid, category_of, did_you_mean};
use crate::contract::{DateOrder, Fill, KeyColumn, OtherAreas, TableLayout};
use crate::workbook::Cell;

/// What is said in blocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Axis {
    Area,
    Period,
    Measure,
    Part(usize),
}

#[derive(Clone, Debug)]
enum Says {
    Area(AreaCode),
    Period(Period),
    Measure(MeasureId, Breakdown),
    Part(Option<String>),
}

/// What stands above a row and holds for it.
#[derive(Clone, Debug, Default)]
pub(super) struct Above {
    /// The heading of the section: `Section > Label`.
    pub(super) section: String,
    /// The last row that filled a column whose blank cells mean the same.
    filled: BTreeMap<u32, u32>,
    /// Columns that such a cell last filled with `Total`: rows below are sums too.
    sums: BTreeSet<u32>,
    /// What blocks say, and the row they say it in.
    blocks: BTreeMap<Axis, (u32, Says)>,
    /// A text alone on its row that nobody understands: its column and itself. Rows with figures
    /// below it are of no known block.
    stranger: Option<(u32, u32, String)>,
    /// Whether it was said already that rows stand in no known block.
    pub(super) told: bool,
    /// Noughts that stand where the table says nothing and are left out.
    pub(super) stray_zeros: BTreeSet<CellAddress>,
    /// The labels of rows without any figure that are left out.
    pub(super) blank_rows: BTreeSet<CellAddress>,
}

/// What a row without figures is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Alone {
    /// The head of a block or section, or a text nobody asked for.
    Head,
    /// A row like any other.
    No,
}

/// What a layout says in blocks.
pub(super) fn axes(layout: &TableLayout) -> Vec<Axis> {
    let parts = layout.breakdowns.iter().enumerate().filter(|(_, part)| part.place.is_block());
    [
        (layout.area.is_block(), Axis::Area),
        (layout.period.place.is_block(), Axis::Period),
        (layout.measure.is_block(), Axis::Measure),
    ]
    .into_iter()
    .filter_map(|(is_block, axis)| is_block.then_some(axis))
    .chain(parts.map(|(index, _)| Axis::Part(index)))
    .collect()
}

impl Table<'_, '_> {
    /// What stands above the first row: the head of a block may stand above the headings, or
    /// among them.
    pub(super) fn above_first(&self) -> Above {
        let mut above = Above::default();
        if self.blocks.is_empty() {
            return above;
        }
        for row in self.page.rows(..=self.located.bottom) {
            let is_heading = row.number() >= self.located.top;
            let mut cells = row.cells();
            let first = cells.next();
            if let Some((_, cell)) = first.filter(|_| is_heading || cells.next().is_none()) {
                self.open_block(row.number(), cell, &mut above);
            }
        }
        above
    }

    /// Whether a row is the head of a block or a section, which is noted.
    pub(super) fn meet_alone(&self, row: u32, above: &mut Above) -> Alone {
        if self.blocks.is_empty() || self.has_figures(row) {
            return Alone::No;
        }
        let Some((column, cell)) = self.alone(row) else {
            // Codes or remarks may stand beside the head of a block, if it is a known one.
            let first = self.page.row(row).and_then(|row| row.cells().next());
            let known = first.is_some_and(|(_, cell)| self.block(cell).is_some());
            return match first {
                Some((_, cell)) if known && self.said(row, above).is_err() => {
                    self.open_block(row, cell, above);
                    Alone::Head
                }
                _ => Alone::No,
            };
        };
        if self.open_block(row, cell, above) {
            return Alone::Head;
        }
        let text = super::values::raw(cell).into_owned();
        if is_any(&self.layout.ignore, &text) || self.is_section(&text) {
            above.section = text;
            return Alone::Head;
        }
        let known = is_any(&self.layout.totals, &text) || is_total_word(&text);
        if known || self.said(row, above).is_ok() {
            return Alone::No;
        }
        above.stranger = Some((row, column, text));
        above.told = false;
        Alone::Head
    }

    /// The headings once more: their first cell may be the head of a block.
    pub(super) fn meet_heading(&self, row: u32, above: &mut Above) {
        if self.blocks.is_empty() {
            return;
        }
        let first = self.page.row(row).and_then(|row| row.cells().next());
        let Some((column, cell)) = first else {
            return;
        };
        let text = super::values::raw(cell).into_owned();
        let heading = (self.located.top..=self.located.bottom).any(|row| {
            self.page.text(row, column).is_some_and(|heading| folded(&heading) == folded(&text))
        });
        if !self.open_block(row, cell, above) && !heading {
            above.stranger = Some((row, column, text));
            above.told = false;
        }
    }

    /// The only cell of a row that holds something, totals apart.
    fn alone(&self, row: u32) -> Option<(u32, Cell<'_>)> {
        let mut cells =
            self.page.row(row)?.cells().filter(|(column, _)| !self.located.totals.contains(column));
        let first = cells.next()?;
        cells.next().is_none().then_some(first)
    }

    /// Opens the block whose head a cell is, if it is one; what was said inside the block before
    /// it does not hold any more.
    fn open_block(&self, row: u32, cell: Cell<'_>, above: &mut Above) -> bool {
        let Some((axis, says)) = self.block(cell) else {
            return false;
        };
        if let Some((before, _)) = above.blocks.insert(axis, (row, says)) {
            above.blocks.retain(|_, (since, _)| *since <= before || *since == row);
        }
        above.section.clear();
        above.filled.clear();
        above.sums.clear();
        above.stranger = None;
        above.told = false;
        true
    }

    fn block(&self, cell: Cell<'_>) -> Option<(Axis, Says)> {
        let text = super::values::raw(cell);
        self.blocks.iter().copied().find_map(|axis| {
            let says = match axis {
                Axis::Area => Says::Area(self.context.area(&text, self.geography).ok()?),
                Axis::Period => Says::Period(match cell {
                    Cell::Date(_) => return None,
                    _ => match periods::read(&text, DateOrder::DayFirst)? {
                        Said::Period(period) => period,
                        Said::BareMonth(month) => self.month_of(month),
                        Said::Year(year) => self.layout.period.year_alone(year)?,
                        Said::BareQuarter(_) => return None,
                    },
                }),
                Axis::Measure => {
                    let label = self.context.labels.find(&text)?;
                    Says::Measure(label.measure.clone(), label.breakdown.clone())
                }
                Axis::Part(index) => {
                    Says::Part(category_of(&self.layout.breakdowns[index], &text).ok()?)
                }
            };
            Some((axis, says))
        })
    }

    /// Whether the contract names a section like this: `Section > Label`.
    fn is_section(&self, text: &str) -> bool {
        let text = folded(text);
        self.sections.contains(&text)
    }

    /// What the blocks above say of a row.
    pub(super) fn said_above(&self, above: &Above, said: &mut RowSays) -> Result<(), Unsaid> {
        if self.blocks.is_empty() {
            return Ok(());
        }
        let axes = &self.blocks;
        let column = self.keys.first().copied().unwrap_or(0);
        if let Some((_, _, text)) = above.stranger.as_ref() {
            if axes.contains(&Axis::Area) && self.layout.other_areas == OtherAreas::LeaveOut {
                return Err(Unsaid::OtherArea(column));
            }
            return Err(Unsaid::Unknown {
                column,
                code: "unknown-block",
                message: format!(
                    "the figures from here on stand below {}, which is neither {} this return knows nor a section of it",
                    quoted(text),
                    what(axes[0], self.layout)
                ),
                hint: did_you_mean(None),
            });
        }
        for axis in axes.iter().copied() {
            match above.blocks.get(&axis) {
                Some((_, Says::Area(code))) => said.area = Some(code.clone()),
                Some((_, Says::Period(period))) => said.period = Some(*period),
                Some((_, Says::Measure(measure, breakdown))) => {
                    said.measure = Some(measure.clone());
                    said.breakdown = breakdown.clone().and(&said.breakdown);
                }
                Some((_, Says::Part(category))) => {
                    if let (Axis::Part(index), Some(category)) = (axis, category) {
                        let dimension = &self.layout.breakdowns[index].dimension;
                        said.breakdown =
                            std::mem::take(&mut said.breakdown).with(dimension, category);
                    }
                }
                None => {
                    let what = what(axis, self.layout);
                    return Err(Unsaid::Unknown {
                        column,
                        code: "unknown-block",
                        message: format!("no row above says {what} for the figures from here on"),
                        hint: format!("write {what} alone on its own row above its figures"),
                    });
                }
            }
        }
        Ok(())
    }

    /// Notes what a row fills columns with whose blank cells mean the same.
    pub(super) fn fill(&self, row: u32, above: &mut Above) {
        for column in self.filled.iter().copied() {
            let Some(text) = self.page.text(row, column) else {
                continue;
            };
            let is_sum = is_any(&self.layout.totals, &text)
                || is_any(&self.layout.ignore, &text)
                || is_total_word(&text);
            if is_sum {
                above.filled.remove(&column);
                above.sums.insert(column);
            } else {
                above.filled.insert(column, row);
                above.sums.remove(&column);
            }
        }
    }

    /// Whether a row stands below a `Total` that holds for it too.
    pub(super) fn goes_on_with_sums(&self, row: u32, above: &Above) -> bool {
        above.sums.iter().any(|column| self.page.cell(row, *column).is_none())
    }

    /// The row whose cell says what a row's cell says: its own, or the last that filled the column.
    pub(super) fn row_of(&self, row: u32, column: u32, above: &Above) -> u32 {
        if self.filled.is_empty() || self.page.cell(row, column).is_some() {
            return row;
        }
        above.filled.get(&column).copied().unwrap_or(row)
    }
}

/// The columns in which a blank cell means the same as the row above.
pub(super) fn filled_columns(layout: &TableLayout, located: &Located<'_>) -> Vec<u32> {
    let down = |column: Option<&KeyColumn>| column.is_some_and(|at| at.fill == Fill::Down);
    let mut columns = Vec::new();
    if down(layout.area.column()) {
        columns.extend(located.area);
    }
    if down(layout.measure.column()) {
        columns.extend(located.measure);
    }
    if down(layout.period.place.column()) {
        columns.extend(located.year);
        columns.extend(located.period);
    }
    let parts = located.breakdowns.iter();
    columns.extend(
        parts
            .filter(|(index, _)| down(layout.breakdowns[*index].place.column()))
            .map(|(_, column)| *column),
    );
    columns
}

/// What an axis says, for a message.
fn what(axis: Axis, layout: &TableLayout) -> String {
    match axis {
        Axis::Area => "an area".to_owned(),
        Axis::Period => "a period".to_owned(),
        Axis::Measure => "something counted".to_owned(),
        Axis::Part(index) => format!("a {}", layout.breakdowns[index].dimension),
    }
}

/// Every section that keys like `Section > Label` name, folded.
pub(super) fn sections<'k>(keys: impl Iterator<Item = &'k String>) -> BTreeSet<String> {
    keys.filter_map(|key| key.rsplit_once('>')).map(|(section, _)| folded(section)).collect()
}
