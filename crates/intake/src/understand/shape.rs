//! What stands below a table's headings and is no row of it: headings once more, and figures that
//! no heading speaks of.

use std::collections::{BTreeMap, BTreeSet};

use model::{CellAddress, Finding, Month, Period, Place, Severity};

use super::blocks::Above;
use super::figures::Table;
use super::gathered::Gathered;
use super::heading_rows::{HeadingSays, YEAR_ABOVE_MAX};
use super::labels::folded;
use super::locate::{FigureColumn, HEADER_HEIGHT_MAX};
use super::page::PageRow;
use super::periods::{self, Said};
use super::row_says::category_of;
use super::totals::Numbers;
use super::values::{self, Problem, Reading};
use crate::contract::{BlankRows, DateOrder, StrayZeros, ValueFrom};
use crate::workbook::{Cell, FileKind};

/// Whether a row holds headings once more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Again {
    /// It is a row like any other.
    No,
    /// The table's own headings: it runs over pages.
    Same,
    /// Headings of another table.
    Other,
}

impl Table<'_, '_> {
    /// Whether a row holds headings once more: over the labels, or over two columns of figures.
    pub(super) fn headings_again(&self, row: u32, above: &Above) -> Again {
        const READABLE_MIN: usize = 2;
        let cells = || {
            let figures = self.located.figures.iter();
            figures.filter_map(|figure| Some((figure, self.page.cell(row, figure.column)?)))
        };
        if !self.is_header_again(row) {
            let readable = cells().filter(|(figure, cell)| self.reads_as_heading(figure, *cell));
            if readable.count() < READABLE_MIN || self.is_known_by_label(row, above) {
                return Again::No;
            }
        }
        if cells().all(|(figure, cell)| self.says_the_same(row, figure, cell)) {
            Again::Same
        } else {
            Again::Other
        }
    }

    /// Whether a row's labels say what it is: dates in it are slips in cells of figures.
    fn is_known_by_label(&self, row: u32, above: &Above) -> bool {
        !self.keys.is_empty()
            && (self.is_marked(row, &self.layout.totals)
                || self.is_marked(row, &self.layout.ignore)
                || self.said(row, above).is_ok())
    }

    /// Refuses the rest of a table that another one stands under: its figures would be read by
    /// the wrong headings.
    pub(super) fn second_heading(&self, row: u32, gathered: &mut Gathered) {
        let column = self.page.row(row).and_then(|row| row.columns().next()).unwrap_or(0);
        gathered.puzzling.insert(self.page.name.to_owned());
        gathered.cut_short = true;
        gathered.error(
            "second-heading",
            self.page.place(row, column),
            "this row looks like the headings of a second table: nothing from here on was read"
                .to_owned(),
            "put each table on a sheet of its own, or all months in one table",
        );
    }

    fn reads_as_heading(&self, figure: &FigureColumn<'_>, cell: Cell<'_>) -> bool {
        let HeadingSays { period, label, area, part } = &figure.says;
        match cell {
            Cell::Date(_) => period.is_some(),
            Cell::Text(text) => {
                period.is_some()
                    && matches!(
                        periods::read(text, DateOrder::DayFirst),
                        Some(Said::Period(_) | Said::BareMonth(_))
                    )
                    || label.is_some() && self.context.labels.find(text).is_some()
                    || area.is_some() && self.context.area(text, self.geography).is_ok()
                    || !part.is_all() && self.is_part_heading(text)
            }
            _ => false,
        }
    }

    fn is_part_heading(&self, text: &str) -> bool {
        let parts = self.layout.breakdowns.iter().filter(|part| part.place.is_heading());
        parts.into_iter().any(|part| category_of(part, text).is_ok())
    }

    /// Whether a cell says what the heading of its column says.
    fn says_the_same(&self, row: u32, figure: &FigureColumn<'_>, cell: Cell<'_>) -> bool {
        let here = folded(&values::raw(cell));
        let again = (self.located.top..=self.located.bottom).any(|row| {
            self.page.text(row, figure.column).is_some_and(|text| folded(&text) == here)
        });
        let HeadingSays { period, label, area, part: _ } = &figure.says;
        match (period, cell) {
            (Some(period), Cell::Date(date)) => {
                return again || Period::month(Month::of(date.date())) == *period;
            }
            (Some(period), Cell::Text(text)) => match periods::read(text, DateOrder::DayFirst) {
                Some(Said::Period(said)) => return again || said == *period,
                Some(Said::BareMonth(month)) => {
                    let same = again || *period == Period::month(period.first());
                    return same
                        && period.first().month() == month
                        && !self.is_another_time_above(row, *period);
                }
                Some(Said::BareQuarter(_) | Said::Year(_)) | None => {}
            },
            _ => {}
        }
        let Cell::Text(text) = cell else {
            return again;
        };
        again
            || label.is_some_and(|label| self.context.labels.find(text) == Some(label))
            || area.as_ref().is_some_and(|code| {
                self.context.area(text, self.geography).is_ok_and(|area| area == *code)
            })
    }

    /// Whether a text just above a row of bare months speaks of another year.
    fn is_another_time_above(&self, row: u32, period: Period) -> bool {
        let first = row.saturating_sub(YEAR_ABOVE_MAX).max(self.located.bottom + 1);
        self.page.rows(first..row).filter(|above| !self.has_figures(above.number())).any(|above| {
            above.cells().any(|(_, cell)| {
                let text = values::raw(cell);
                match periods::read(&text, DateOrder::DayFirst) {
                    Some(Said::Year(year)) => year != period.first().year(),
                    Some(Said::Period(named)) => !named.contains(period),
                    Some(Said::BareMonth(_) | Said::BareQuarter(_)) | None => {
                        periods::find(&text).is_some_and(|named| !named.contains(period))
                    }
                }
            })
        })
    }

    /// Figures in the table's rows, between or right of its columns, that have no heading: the
    /// row may have slipped sideways. Where the contract says so, noughts are left out, with those
    /// of rows without a label.
    pub(super) fn figures_without_heading(
        &self,
        numbers: &Numbers,
        above: &mut Above,
        gathered: &mut Gathered,
    ) {
        let mut found: BTreeMap<u32, u32> = BTreeMap::new();
        for (row, column) in self.unheaded(numbers) {
            if self.is_stray_zero(row, column) {
                above.stray_zeros.insert(CellAddress::new(row, column));
            } else {
                found.entry(column).or_insert(row);
            }
        }
        for (column, row) in found {
            gathered.error(
                "figures-without-heading",
                self.page.place(row, column),
                "there is a figure here, but its column has no heading".to_owned(),
                "give the column its heading, or clear it; if the row has slipped sideways (a thousands comma in a CSV file does that), put its figures below their headings",
            );
        }
    }

    /// The cells with figures, between or right of the table's columns, that have no heading.
    fn unheaded(&self, numbers: &Numbers) -> Vec<(u32, u32)> {
        if self.layout.value != ValueFrom::HeaderRow {
            return Vec::new();
        }
        let (top, bottom) = (self.located.top, self.located.bottom);
        let columns = |top: u32| -> BTreeSet<u32> {
            self.page.rows(top..=bottom).flat_map(PageRow::columns).collect()
        };
        // A heading merged downwards stands in the first of its rows.
        let headed = columns(top.min((bottom + 1).saturating_sub(HEADER_HEIGHT_MAX)));
        let Some(first) = columns(top).first().copied() else {
            return Vec::new();
        };
        let in_row = |row: u32| {
            let cells = self.page.row(row).into_iter().flat_map(PageRow::cells);
            cells
                .filter(|(column, cell)| {
                    first <= *column && !headed.contains(column) && self.is_figure(*cell)
                })
                .map(move |(column, _)| (row, column))
                .collect::<Vec<_>>()
        };
        numbers.rows().iter().flat_map(|numbers| in_row(numbers.row)).collect()
    }

    /// Whether a figure under no heading is a nought that the contract leaves out. Where the row
    /// lacks a figure it may have slipped sideways, and in a text file a thousands comma makes one
    /// cell too many of a full row.
    fn is_stray_zero(&self, row: u32, column: u32) -> bool {
        let is_full = || {
            let mut figures = self.located.figures.iter();
            figures.all(|figure| self.page.cell(row, figure.column).is_some())
        };
        self.layout.stray_zeros == StrayZeros::LeaveOut
            && self.context.kind != FileKind::Csv
            && self.page.cell(row, column).is_some_and(is_zero)
            && is_full()
    }

    /// Whether a row holds nothing but noughts, without any label, and the contract leaves such
    /// rows out; they are remembered.
    pub(super) fn is_row_of_stray_zeros(&self, row: u32, above: &mut Above) -> bool {
        if self.layout.stray_zeros == StrayZeros::Refuse || self.keys.is_empty() {
            return false;
        }
        let Some(cells) = self.page.row(row) else {
            return false;
        };
        // A blank that means the same as above makes a row of figures of it.
        let is_stray = self.filled.is_empty() && cells.cells().all(|(_, cell)| is_zero(cell));
        if is_stray {
            above.stray_zeros.extend(cells.columns().map(|at| CellAddress::new(row, at)));
        }
        is_stray
    }

    /// Whether a row with labels holds no figure, and the contract leaves such rows out; it is
    /// remembered.
    pub(super) fn is_blank_row_left_out(&self, row: u32, above: &mut Above) -> bool {
        let is_left_out = self.layout.blank_rows == BlankRows::LeaveOut && !self.has_figures(row);
        let label = self.page.row(row).and_then(|cells| cells.columns().next());
        if let Some(column) = label.filter(|_| is_left_out) {
            above.blank_rows.insert(CellAddress::new(row, column));
        }
        is_left_out
    }

    /// One note for the rows and one for the noughts that were left out, as the contract says.
    pub(super) fn note_left_out(&self, above: &Above, gathered: &mut Gathered) {
        let Above { stray_zeros, blank_rows, .. } = above;
        let noughts = "under no heading or in rows without a label left out, as agreed";
        let mut note = |code: &str, cells: &BTreeSet<CellAddress>, [one, many]: [&str; 2], said| {
            let Some(first) = cells.first() else {
                return;
            };
            let count = cells.len();
            let what = if count == 1 { one } else { many };
            let message = format!("{count} {what} {said}, first in {first}");
            let place = Place::cell(self.page.name, *first);
            let finding = Finding::new(Severity::Repair, code, place, message);
            gathered.findings.push(finding.with_cells(cells.iter().copied()));
        };
        note("stray-zeros-left-out", stray_zeros, ["nought", "noughts"], noughts);
        note(
            "blank-rows-left-out",
            blank_rows,
            ["row", "rows"],
            "without any figure left out, as agreed",
        );
    }

    /// Whether a cell holds a figure, or what was meant to be one.
    pub(super) fn is_figure(&self, cell: Cell<'_>) -> bool {
        match (cell, values::read(Some(cell), &self.rules(None))) {
            (Cell::Number(_), _) => true,
            (Cell::Text(_), Reading::Figure { figure, symbol: None, .. }) => figure.value.is_some(),
            (Cell::Text(_), Reading::Problem(problem)) => problem != Problem::NotANumber,
            _ => false,
        }
    }
}

/// Whether a cell holds the number nought: never a mark or a word for it.
fn is_zero(cell: Cell<'_>) -> bool {
    matches!(cell, Cell::Number(number) if number == 0.0)
}
