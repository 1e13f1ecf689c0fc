//! Reads one table of figures on one sheet, row by row.

use std::borrow::Cow;

use model::{AreaCode, Geography, MeasureId, Period, Place};

use super::context::Context;
use super::gathered::{Gathered, ReadFigure, Slot, no_area, quoted};
use super::labels::{folded, is_any};
use super::locate::{FigureColumn, Heading, Located, title_period};
use super::page::Page;
use super::patterns::{is_remark, may_be_about_a_person};
use super::row_says::{RowSays, Unsaid, did_you_mean};
use super::shape::Again;
use super::totals::{RowKind, RowNumbers};
use super::values::{self, Problem, Reading, ValueRules};
use crate::contract::{AreaFrom, FixedPeriod, MeasureFrom, TableLayout, ValueFrom, Where};
use crate::workbook::Cell;

/// What is the same for the whole table.
pub(super) struct Table<'t, 'a> {
    pub(super) page: &'t Page<'a>,
    pub(super) layout: &'t TableLayout,
    pub(super) context: &'t Context<'a>,
    pub(super) located: &'t Located<'a>,
    pub(super) geography: Option<Geography>,
    /// The area, where the sheet or the contract says it.
    pub(super) area: Option<AreaCode>,
    /// The period, where the title or the return says it.
    pub(super) period: Option<Period>,
}

/// The table's area and period as far as sheet, title and contract say them; `None` after a
/// finding that stops the table.
pub(super) fn table<'t, 'a>(
    page: &'t Page<'a>,
    layout: &'t TableLayout,
    context: &'t Context<'a>,
    located: &'t Located<'a>,
    gathered: &mut Gathered,
) -> Option<Table<'t, 'a>> {
    let geography = context.table_geography(layout);
    let area = match &layout.area {
        AreaFrom::Fixed(code) => Some(code.clone()),
        AreaFrom::SheetName => match context.area(page.name, geography) {
            Ok(code) => Some(code),
            Err(error) => {
                gathered.unknown_areas += 1;
                gathered.error(
                    "unknown-area",
                    Place::sheet(page.name),
                    format!("the sheet is named by an area, but {}", no_area(page.name, &error)),
                    "name the sheet by the district, or leave the sheet out",
                );
                return None;
            }
        },
        _ => None,
    };
    let period = match &layout.period.place {
        Where::Fixed(FixedPeriod::Expected) => Some(context.expected),
        Where::Fixed(FixedPeriod::Is(period)) => Some(*period),
        Where::Title { words } => {
            let found = title_period(page, located.top, words);
            if found.is_none() {
                gathered.error(
                    "period-not-found",
                    Place::sheet(page.name),
                    "the text above the table does not say which period the figures are about"
                        .to_owned(),
                    &format!(
                        "write the period above the table, for example `{}`",
                        context.expected.calendar()
                    ),
                );
                return None;
            }
            found
        }
        _ => None,
    };
    Some(Table { page, layout, context, located, geography, area, period })
}

impl<'a> Table<'_, 'a> {
    /// Reads every row below the headings; gives the numbers as they stand, for checking sums.
    pub(super) fn read(&self, gathered: &mut Gathered) -> Vec<RowNumbers> {
        let mut numbers = Vec::new();
        let mut section = String::new();
        for row in self.page.rows(self.located.bottom + 1..) {
            let row = row.number();
            match self.headings_again(row, &section) {
                Again::No => {}
                Again::Same => continue,
                Again::Other => {
                    self.second_heading(row, gathered);
                    break;
                }
            }
            let label = self.label(row);
            if self.is_marked(row, &self.layout.totals) {
                numbers.push(self.totals_row(row, label));
                continue;
            }
            if self.is_marked(row, &self.layout.ignore) {
                continue;
            }
            match self.said(row, &section) {
                Ok(said) => {
                    // A row known by its label has its blanks reported; a row without one is
                    // part of the table only if it has figures.
                    if self.has_figures(row) || !self.located.key_columns().is_empty() {
                        numbers.push(self.data_row(row, &label, &said, gathered));
                    }
                }
                Err(Unsaid::OtherArea(column)) => {
                    if self.has_figures(row) {
                        gathered.leave_out(&self.page.place(row, column));
                        numbers.push(RowNumbers::unsure(row, label));
                    }
                }
                Err(Unsaid::Unknown { column, code, message, hint }) => {
                    if !self.has_figures(row) {
                        section = label;
                        continue;
                    }
                    if code == "unknown-area" {
                        gathered.unknown_areas += 1;
                    }
                    gathered.puzzling.insert(self.page.name.to_owned());
                    gathered.error(code, self.page.place(row, column), message, &hint);
                    numbers.push(RowNumbers::unsure(row, label));
                }
            }
        }
        self.unknown_columns(gathered);
        self.figures_without_heading(&numbers, gathered);
        numbers
    }

    /// The label of a row as the partner wrote it.
    fn label(&self, row: u32) -> String {
        let columns = self.located.key_columns();
        let texts: Vec<Cow<'_, str>> =
            columns.into_iter().filter_map(|column| self.page.text(row, column)).collect();
        texts.join(", ").split_whitespace().collect::<Vec<_>>().join(" ")
    }

    pub(super) fn is_marked(&self, row: u32, labels: &[String]) -> bool {
        self.located
            .key_columns()
            .into_iter()
            .any(|column| self.page.text(row, column).is_some_and(|text| is_any(labels, &text)))
    }

    /// Headings are repeated when a table runs over pages.
    pub(super) fn is_header_again(&self, row: u32) -> bool {
        let columns = self.located.key_columns();
        !columns.is_empty()
            && columns.iter().all(|column| {
                let here = self.page.text(row, *column);
                let heading = (self.located.top..=self.located.bottom)
                    .rev()
                    .find_map(|row| self.page.text(row, *column));
                here.is_some_and(|here| heading.is_some_and(|top| folded(&here) == folded(&top)))
            })
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
        self.figure_cells(row).any(|cell| {
            cell.is_some()
                && !matches!(
                    values::read(cell, &rules),
                    Reading::Blank | Reading::Problem(Problem::NotANumber)
                )
        })
    }

    /// The rules for a measure, or for whatever the table's measures have in common.
    pub(super) fn rules(&self, measure: Option<&MeasureId>) -> ValueRules<'_> {
        let common = || match &self.layout.measure {
            MeasureFrom::Fixed(measure) => Some(measure),
            _ => {
                let mut labels = self.context.figures.labels.values();
                labels.next().map(|label| &label.measure)
            }
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
        label: &str,
        said: &RowSays,
        gathered: &mut Gathered,
    ) -> RowNumbers {
        let mut numbers = RowNumbers::new(row, label.to_owned(), RowKind::Data);
        for figure in &self.located.figures {
            let mut cell = said.clone();
            match &figure.says {
                Heading::Period(period) => cell.period = Some(*period),
                Heading::Area(code) => cell.area = Some(code.clone()),
                Heading::Label(label) => {
                    cell.measure = Some(label.measure.clone());
                    cell.breakdown = label.breakdown.clone().and(&said.breakdown);
                }
            }
            let name = name_of(label, Some(figure));
            let number = self.slot(row, figure.column, name, cell, gathered);
            numbers.values.insert(figure.column, number);
        }
        if let (Some(column), ValueFrom::Column(_)) = (self.located.value, &self.layout.value) {
            let name = name_of(label, None);
            let number = self.slot(row, column, name, said.clone(), gathered);
            numbers.values.insert(column, number);
        }
        for column in &self.located.totals {
            numbers.values.insert(*column, self.plain_number(row, *column));
        }
        numbers.additive =
            said.measure.as_ref().is_none_or(|measure| self.context.unit(measure).is_additive());
        numbers
    }

    /// Reads one figure and keeps it; gives its number.
    fn slot(
        &self,
        row: u32,
        column: u32,
        label: String,
        said: RowSays,
        gathered: &mut Gathered,
    ) -> Option<i64> {
        let (Some(measure), Some(area), Some(period)) = (said.measure, said.area, said.period)
        else {
            return None;
        };
        let place = self.page.place(row, column);
        let cell = self.page.cell(row, column);
        let reading = values::read(cell, &self.rules(Some(&measure)));
        let raw = cell.map_or_else(String::new, |cell| values::raw(cell).into_owned());
        let read = kept(reading, raw, &label, period, &place, gathered);
        let number = read.as_ref().and_then(|read| read.figure.value);
        gathered.slots.push(Slot {
            measure,
            area,
            breakdown: said.breakdown,
            period,
            place,
            label,
            read,
        });
        number
    }

    fn totals_row(&self, row: u32, label: String) -> RowNumbers {
        let mut numbers = RowNumbers::new(row, label, RowKind::Total);
        let columns = self
            .located
            .figures
            .iter()
            .map(|figure| figure.column)
            .chain(self.located.value)
            .chain(self.located.totals.iter().copied());
        for column in columns {
            numbers.values.insert(column, self.plain_number(row, column));
        }
        numbers
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
                .any(|row| matches!(row.cell(*column), Some(Cell::Number(_))));
            if !figures {
                continue;
            }
            let (code, what, near) = match (&self.layout.measure, &self.layout.area) {
                (MeasureFrom::HeaderRow, _) => (
                    "unknown-measure",
                    "something this return counts",
                    self.context.labels.nearest(text),
                ),
                (_, AreaFrom::HeaderRow) => ("unknown-area", "a known area", None),
                _ => ("unknown-period", "a month or a quarter", None),
            };
            gathered.puzzling.insert(self.page.name.to_owned());
            gathered.error(
                code,
                self.page.place(self.located.bottom, *column),
                format!(
                    "the heading {} is not {what}, but there are figures below it",
                    quoted(text)
                ),
                &did_you_mean(near),
            );
        }
    }
}

/// What the partner calls a figure.
fn name_of(label: &str, figure: Option<&FigureColumn<'_>>) -> String {
    match (label, figure) {
        ("", Some(figure)) => figure.text.clone(),
        (label, Some(figure)) if !matches!(figure.says, Heading::Period(_)) => {
            format!("{label}, {}", figure.text)
        }
        (label, _) => label.to_owned(),
    }
}

/// What is kept of a cell, with everything there is to say about it.
fn kept(
    reading: Reading,
    raw: String,
    label: &str,
    period: Period,
    place: &Place,
    gathered: &mut Gathered,
) -> Option<ReadFigure> {
    match reading {
        Reading::Figure { figure, repairs, symbol } => {
            gathered.repaired(place, &repairs);
            let mut repaired: Vec<String> =
                repairs.iter().map(|repair| repair.said().to_owned()).collect();
            repaired.extend(symbol.map(|symbol| match figure.value {
                Some(_) => format!("`{symbol}` stands for zero in this return"),
                None => format!("`{symbol}` stands for a missing figure in this return"),
            }));
            Some(ReadFigure {
                figure,
                raw,
                repair: (!repaired.is_empty()).then(|| repaired.join("; ")),
                blank: false,
            })
        }
        Reading::Blank => {
            let message = format!(
                "{} for {} is blank: taken as not available, not as zero",
                quoted(label),
                period.calendar()
            );
            gathered.warning(
                "blank-cell",
                place.clone(),
                message,
                "write 0 if there were none, or the mark for a figure that is not available",
            );
            Some(ReadFigure {
                figure: model::Figure::missing(model::Mark::X),
                raw,
                repair: Some("blank cell taken as not available".to_owned()),
                blank: true,
            })
        }
        Reading::Problem(problem) => {
            let (code, what, hint) = problem.said();
            let subject = match problem {
                Problem::FormulaWithoutValue => "the cell".to_owned(),
                Problem::NotANumber if is_remark(&raw) || may_be_about_a_person(&raw) => {
                    "the text in this cell".to_owned()
                }
                _ => quoted(&raw),
            };
            gathered.error(code, place.clone(), format!("{subject} {what}"), hint);
            None
        }
    }
}
