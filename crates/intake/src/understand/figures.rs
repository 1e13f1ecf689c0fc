//! Reads one table of figures on one sheet, row by row.

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;

use model::{CellAddress, Geography, MeasureId, Month, Period};

use super::blocks::{self, Above, Alone, Axis};
use super::context::Context;
use super::gathered::{Gathered, unquoted};
use super::heading_rows::HeadingSays;
use super::kept::kept;
use super::known_rows::{Key, Known, KnownRows};
use super::labels::{folded, same_start};
use super::locate::Located;
use super::page::Page;
use super::periods;
use super::row_says::{Memos, RowSays, Unsaid, did_you_mean};
use super::shape::Again;
use super::slot::{Heading, Origin, Series, Slot, joined};
use super::told::{title_period, told};
use super::totals::{Declared, Numbers};
use super::values::{self, Problem, Reading, ValueRules};
use crate::contract::{DateOrder, MeasureFrom, TableLayout, ValueFrom, Where};
use crate::workbook::Cell;

/// What is the same for the whole table.
pub(super) struct Table<'t, 'a> {
    pub(super) page: Page<'a>,
    pub(super) layout: &'t TableLayout,
    pub(super) context: &'t Context<'a>,
    pub(super) located: &'t Located<'a>,
    pub(super) geography: Option<Geography>,
    /// What the contract, the sheet's name, titles and labelled cells say.
    pub(super) base: RowSays,
    /// The last month of the year that months without a year are of.
    pub(super) year_end: Month,
    /// What is said in blocks.
    pub(super) blocks: Vec<Axis>,
    /// Columns in which a blank cell means the same as the row above.
    pub(super) filled: Vec<u32>,
    /// Sections that labels name.
    pub(super) sections: BTreeSet<String>,
    /// The columns whose cells say what a row is about.
    pub(super) keys: Vec<u32>,
    /// The heading of each of them, folded.
    key_headings: Vec<Option<String>>,
    /// Columns in which the labels of totals and of what is ignored are looked for.
    pub(super) marked: Vec<u32>,
    /// What its slots share.
    pub(super) origin: Arc<Origin>,
    pub(super) memos: Memos<'a>,
    pub(super) known_rows: KnownRows,
}

/// The table with what is said for all of it; `None` after a finding that stops the table.
pub(super) fn table<'t, 'a>(
    page: Page<'a>,
    layout: &'t TableLayout,
    context: &'t Context<'a>,
    located: &'t Located<'a>,
    gathered: &mut Gathered,
) -> Option<Table<'t, 'a>> {
    let base = told(&page, layout, context, located.top, gathered)?;
    let title = title_period(&page, located.top, &[]).unwrap_or(context.expected);
    let keys = located.key_columns();
    let heading = |column: &u32| {
        let rows = (located.top..=located.bottom).rev();
        rows.into_iter().find_map(|row| page.text(row, *column)).map(|text| folded(&text))
    };
    let first_figure = first_figure(located);
    let unread = located.ignored.iter().copied().filter(|column| *column < first_figure);
    let filled = blocks::filled_columns(layout, located);
    let marked: Vec<u32> = keys.iter().copied().chain(unread).collect();
    Some(Table {
        page,
        layout,
        context,
        located,
        geography: context.table_geography(layout),
        base,
        year_end: title.last(),
        blocks: blocks::axes(layout),
        sections: blocks::sections(context.figures.labels.keys()),
        key_headings: keys.iter().map(heading).collect(),
        known_rows: KnownRows::of(layout, located, &marked),
        marked,
        origin: Arc::new(origin(&page, located, &keys)),
        memos: Memos::default(),
        filled,
        keys,
    })
}

/// What the slots of a table share.
fn origin(page: &Page<'_>, located: &Located<'_>, keys: &[u32]) -> Origin {
    let headings = located.figures.iter().map(|figure| {
        let heading = Heading { text: figure.text.clone(), is_time: figure.says.is_time() };
        (figure.column, heading)
    });
    Origin { sheet: page.sheet(), keys: keys.to_vec(), headings: headings.collect() }
}

/// The first column that holds figures.
fn first_figure(located: &Located<'_>) -> u32 {
    let figures = located.figures.iter().map(|figure| figure.column);
    figures.chain(located.value).min().unwrap_or(0)
}

impl<'a> Table<'_, 'a> {
    /// Reads every row below the headings; gives the numbers as they stand, for checking sums.
    pub(super) fn read(&self, gathered: &mut Gathered) -> Numbers {
        let mut numbers = Numbers::of(self);
        let mut above = self.above_first();
        self.make_room(gathered, &mut numbers);
        match self.second_half() {
            Some(middle) => self.read_halves(middle, &mut above, &mut numbers, gathered),
            None => {
                self.read_rows(0..u32::MAX, &mut above, &mut numbers, gathered);
            }
        }
        self.unknown_columns(gathered);
        self.figures_without_heading(&numbers, &mut above, gathered);
        self.note_left_out(&above, gathered);
        numbers
    }

    /// Reads the rows of the table in a range; says whether the table ended there.
    pub(super) fn read_rows(
        &self,
        rows: Range<u32>,
        above: &mut Above,
        numbers: &mut Numbers,
        gathered: &mut Gathered,
    ) -> bool {
        let first = rows.start.max(self.located.bottom + 1);
        for row in self.page.rows(first..rows.end.max(first)) {
            let row = row.number();
            let key = self.row_key(row);
            let known = key.as_ref().and_then(|key| self.known_row((row, key), above, gathered));
            if let Some((known, period)) = known {
                self.data_row(row, (&known, period), above, numbers, gathered);
                continue;
            }
            match self.headings_again(row, above) {
                Again::No => self.row((row, key), above, numbers, gathered),
                Again::Same => self.meet_heading(row, above),
                Again::Other => {
                    self.second_heading(row, gathered);
                    return true;
                }
            }
        }
        false
    }

    /// Growing by doubling would take twice the memory of a table of a million rows.
    fn make_room(&self, gathered: &mut Gathered, numbers: &mut Numbers) {
        let rows = self.page.row_count();
        let figures = self.located.figures.len() + self.located.value.iter().len();
        let cells = self.page.cell_count();
        numbers.reserve(rows, cells);
        gathered.slots.reserve_exact((rows * figures).min(cells));
    }

    /// Reads one row, if it is one of figures.
    fn row(
        &self,
        (row, key): (u32, Option<Key>),
        above: &mut Above,
        numbers: &mut Numbers,
        gathered: &mut Gathered,
    ) {
        if self.numbers_the_columns(row) || self.says_nothing(row) {
            return;
        }
        if self.is_row_of_stray_zeros(row, above) {
            return;
        }
        if self.meet_alone(row, above) == Alone::Head {
            self.fill(row, above);
            return;
        }
        self.fill(row, above);
        if self.is_marked(row, &self.layout.totals) {
            return self.totals_row(row, above, Declared::Yes, numbers);
        }
        if self.is_marked(row, &self.layout.ignore) {
            return;
        }
        let is_sum = self.is_undeclared_total(row) || self.goes_on_with_sums(row, above);
        if is_sum && self.has_figures(row) {
            gathered.total_met(&self.page.place(row, first_figure(self.located)));
            return self.totals_row(row, above, Declared::No, numbers);
        }
        match self.said(row, above) {
            // A row known by its label has its blanks reported; a row without one is part of the
            // table only if it has figures.
            Ok(_) if self.is_blank_row_left_out(row, above) => {}
            Ok(said) => {
                if self.has_figures(row) || !self.keys.is_empty() {
                    let period = said.period;
                    let known = self.remember(key, said, gathered);
                    self.data_row(row, (&known, period), above, numbers, gathered);
                }
            }
            Err(_) if !self.has_figures(row) => {
                let label = self.label(row, above);
                if !label.is_empty() {
                    above.section = label;
                }
            }
            Err(Unsaid::OtherArea(column)) => {
                gathered.leave_out(&self.page.place(row, column));
                numbers.unsure(row);
            }
            Err(Unsaid::Unknown { column, code, message, hint }) => {
                let is_block = code == "unknown-block";
                if code == "unknown-area" || is_block && !above.told {
                    gathered.unknown_areas += 1;
                }
                gathered.puzzling.insert(self.page.name.to_owned());
                // One block is one finding, however many rows it has.
                if !(is_block && std::mem::replace(&mut above.told, is_block)) {
                    gathered.error(code, self.page.place(row, column), message, &hint);
                }
                numbers.unsure(row);
            }
        }
    }

    /// The label of a row as the partner wrote it.
    fn label(&self, row: u32, above: &Above) -> String {
        let text = |column: &u32| self.page.text(self.row_of(row, *column, above), *column);
        joined(self.keys.iter().filter_map(text))
    }

    /// Whether a row, right under the headings, only numbers the columns of figures: `1 | 2 | 3`.
    fn numbers_the_columns(&self, row: u32) -> bool {
        const COLUMNS_MIN: usize = 3;
        if row > self.located.bottom + 2 || !self.has_no_keys(row) {
            return false;
        }
        let figures = self.located.figures.iter();
        let numbers: Vec<f64> = figures
            .filter_map(|figure| match self.page.cell(row, figure.column) {
                Some(Cell::Number(number)) => Some(number),
                _ => None,
            })
            .collect();
        COLUMNS_MIN <= numbers.len()
            && numbers.len() == self.located.figures.len()
            && numbers.windows(2).all(|pair| (pair[1] - pair[0] - 1.0).abs() < f64::EPSILON)
    }

    /// Whether a row holds neither a label nor a figure, so that blanks that mean the same as above
    /// make nothing of it.
    fn says_nothing(&self, row: u32) -> bool {
        !self.filled.is_empty() && self.has_no_keys(row) && !self.has_figures(row)
    }

    fn has_no_keys(&self, row: u32) -> bool {
        !self.keys.is_empty()
            && self.keys.iter().all(|column| self.page.cell(row, *column).is_none())
    }

    /// Headings are repeated when a table runs over pages.
    pub(super) fn is_header_again(&self, row: u32) -> bool {
        let is_again = |(column, heading): (&u32, &Option<String>)| {
            let (Some(heading), Some(here)) = (heading, self.page.text(row, *column)) else {
                return false;
            };
            same_start(&here, heading) && folded(&here) == *heading
        };
        !self.keys.is_empty() && self.keys.iter().zip(&self.key_headings).all(is_again)
    }

    fn figure_cells(&self, row: u32) -> impl Iterator<Item = Option<Cell<'a>>> {
        self.located
            .figures
            .iter()
            .map(|figure| figure.column)
            .chain(self.located.value)
            .map(move |column| self.page.cell(row, column))
    }

    /// Whether anything in the row's columns of figures looks like one.
    pub(super) fn has_figures(&self, row: u32) -> bool {
        let rules = self.rules(None);
        self.figure_cells(row).any(|cell| match cell {
            None | Some(Cell::Bool(_)) => false,
            Some(Cell::Text(_)) => !matches!(
                values::read(cell, &rules),
                Reading::Blank | Reading::Problem(Problem::NotANumber)
            ),
            Some(_) => true,
        })
    }

    /// The rules for a measure, or for whatever the table's measures have in common.
    pub(super) fn rules(&self, measure: Option<&MeasureId>) -> ValueRules<'_> {
        let common = || {
            if let MeasureFrom::Fixed(measure) = &self.layout.measure {
                return Some(measure);
            }
            self.context.figures.labels.values().next().map(|label| &label.measure)
        };
        let measure = measure.or_else(common);
        ValueRules {
            unit: measure.map_or(model::Unit::Count, |measure| self.context.unit(measure)),
            symbols: &self.context.figures.symbols,
            percent_scale: self.context.figures.percent_scale,
            kind: self.context.kind,
        }
    }

    fn data_row(
        &self,
        row: u32,
        (known, said_period): (&Known, Option<Period>),
        above: &Above,
        numbers: &mut Numbers,
        gathered: &mut Gathered,
    ) {
        // Where blanks mean the same as above, a row's own cells do not say what it is.
        let label = (!self.filled.is_empty()).then(|| self.label(row, above));
        let Known { series, is_additive, .. } = known;
        for figure in &self.located.figures {
            let HeadingSays { period, label: by_label, area, part } = &figure.says;
            let period = period.or(said_period);
            let name = || label.clone().map(|label| self.origin.name(label, figure.column));
            let number = if figure.says.is_time() {
                self.slot(CellAddress::new(row, figure.column), name(), (series, period), gathered)
            } else {
                let mut cell = known.says();
                cell.period = period;
                cell.area = area.clone().or(cell.area);
                if let Some(label) = by_label {
                    cell.measure = Some(label.measure.clone());
                    cell.period = label.period.or(cell.period);
                    cell.breakdown = label.breakdown.clone().and(&cell.breakdown);
                }
                if !part.is_all() {
                    cell.breakdown = cell.breakdown.and(part);
                }
                let series = (&cell.series(gathered), cell.period);
                self.slot(CellAddress::new(row, figure.column), name(), series, gathered)
            };
            numbers.push(number);
        }
        if let (Some(column), ValueFrom::Column(_)) = (self.located.value, &self.layout.value) {
            let at = CellAddress::new(row, column);
            numbers.push(self.slot(at, label.clone(), (series, said_period), gathered));
        }
        for column in &self.located.totals {
            numbers.push(self.plain_number(row, *column));
        }
        numbers.data(row, *is_additive, label);
    }

    /// Reads one figure and keeps it; gives its number. `label` only where the row's own cells do
    /// not say what it is called.
    pub(super) fn slot(
        &self,
        at: CellAddress,
        label: Option<String>,
        (series, period): (&Option<Arc<Series>>, Option<Period>),
        gathered: &mut Gathered,
    ) -> Option<i64> {
        let (series, period) = (series.as_ref()?, period?);
        let cell = self.page.cell(at.row, at.column);
        let reading = values::read(cell, &self.rules(Some(&series.key.measure)));
        let name = || {
            label
                .clone()
                .unwrap_or_else(|| self.origin.name(self.origin.row_label(at.row), at.column))
        };
        let read = kept(reading, name, period, (&self.page, at), gathered);
        let origin = (Arc::clone(&self.origin), at);
        let slot = Slot::new((Arc::clone(series), period), origin, label, read);
        let number = slot.number();
        gathered.slots.push(slot);
        number
    }

    fn totals_row(&self, row: u32, above: &Above, declared: Declared, numbers: &mut Numbers) {
        let figures = self.located.figures.iter().map(|figure| figure.column);
        let value =
            self.located.value.filter(|_| matches!(self.layout.value, ValueFrom::Column(_)));
        for column in figures.chain(value).chain(self.located.totals.iter().copied()) {
            numbers.push(self.plain_number(row, column));
        }
        numbers.total(row, declared, self.label(row, above));
    }

    /// A cell as a number, where nothing but its sum is of interest.
    fn plain_number(&self, row: u32, column: u32) -> Option<i64> {
        match values::read(self.page.cell(row, column), &self.rules(None)) {
            Reading::Figure { figure, .. } => figure.value,
            Reading::Blank | Reading::Problem(_) => None,
        }
    }

    /// Columns whose heading is not known, if there are figures under it.
    fn unknown_columns(&self, gathered: &mut Gathered) {
        for (column, text) in &self.located.unknown {
            let figures = self
                .page
                .rows(self.located.bottom + 1..)
                .any(|row| row.cell(*column).is_some_and(|cell| self.is_number(cell)));
            if !figures {
                continue;
            }
            let (code, what, near) = match (&self.layout.measure, &self.layout.area) {
                (Where::HeaderRow, _) => (
                    "unknown-measure",
                    "something this return counts",
                    self.context.labels.nearest(text),
                ),
                (_, Where::HeaderRow) => ("unknown-area", "a known area", None),
                _ if self.layout.period.place.is_heading() => {
                    ("unknown-period", "a month or a quarter", None)
                }
                _ => ("unknown-label", "a part this return has", None),
            };
            // `Group > Label`: each is a text of its own, and `May-25` is nobody's name.
            let piece = |text: &str| match periods::read(text, DateOrder::DayFirst) {
                Some(_) => text.to_owned(),
                None => unquoted(text),
            };
            let pieces: Vec<String> = text.split(" > ").map(piece).collect();
            let heading = pieces.join(" > ");
            let hint = if is_rate(text) {
                format!(
                    "leave the column out, or agree that it is left unread: in the return's contract, ignore = [\"{}\"]",
                    heading.replace('"', "'")
                )
            } else {
                did_you_mean(near)
            };
            gathered.puzzling.insert(self.page.name.to_owned());
            gathered.error(
                code,
                self.page.place(self.located.bottom, *column),
                format!("the heading `{heading}` is not {what}, but there are figures below it"),
                &hint,
            );
        }
    }

    fn is_number(&self, cell: Cell<'_>) -> bool {
        match (cell, values::read(Some(cell), &self.rules(None))) {
            (Cell::Number(_), _) => true,
            (Cell::Text(_), Reading::Figure { figure, symbol: None, .. }) => figure.value.is_some(),
            _ => false,
        }
    }
}

/// Whether a heading is of a rate, a share or a change: what stands beside counts.
fn is_rate(heading: &str) -> bool {
    let heading = folded(heading);
    let signs =
        ["%", "per cent", "percent", "per 1,000", "per 1000", "per 100,000", "rate", "change"];
    signs.iter().any(|sign| heading.contains(sign))
}
