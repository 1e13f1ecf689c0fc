//! The blank return of a contract: what a partner would fill in so that nothing has to be guessed.
//!
//! The same contract that says how a return is found and read says here what stands on it. Where
//! the rows cannot be known (a row for each incident, the items of a plan) there are the headings
//! and empty rows.

mod axes;
mod lists;
mod table;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use model::{CellAddress, Form, FormCell, FormSheet, Period};

use crate::contract::{Content, Contract, Figures, Sheets, TableLayout, Where};
use crate::understand::Vocabulary;
use axes::Axes;

/// The sheet's name where a contract takes any.
const ANY_SHEET: &str = "Return";

/// The blank return of a contract for a period.
pub fn blank(contract: &Contract, vocabulary: &Vocabulary<'_>, period: Period) -> Form {
    let mut form = Form::default();
    match &contract.content {
        Content::Actions(plan) => {
            let name = sheet_names(&plan.sheets).swap_remove(0);
            let mut sheet = Grid::new(name);
            lists::actions(&mut sheet, plan, &contract.title, &mut form.lists);
            form.sheets.push(sheet.done());
        }
        Content::Figures(figures) => {
            let mut sheets: Vec<Grid> = Vec::new();
            for layout in &figures.tables {
                let axes = Axes::of(contract, figures, layout, vocabulary, period);
                for (name, axes) in on_sheets(layout, &axes) {
                    let known = sheets.iter().position(|sheet| sheet.name == name);
                    let at = known.unwrap_or_else(|| {
                        sheets.push(Grid::new(name));
                        sheets.len() - 1
                    });
                    if let Some(sheet) = sheets.get_mut(at) {
                        write_table(sheet, figures, layout, &axes, &mut form.lists);
                    }
                }
            }
            form.sheets.extend(sheets.into_iter().map(Grid::done));
        }
    }
    form
}

fn write_table(
    sheet: &mut Grid,
    figures: &Figures,
    layout: &TableLayout,
    axes: &Axes,
    lists: &mut Vec<Vec<String>>,
) {
    if sheet.next_row > 0 {
        sheet.next_row += 2;
    }
    if let Some(text) = layout.starts_below.first() {
        sheet.heading(0, text);
        sheet.next_row += 1;
    }
    table::above(sheet, layout, axes);
    match layout.value {
        crate::contract::ValueFrom::Rows => lists::records(sheet, layout, axes, lists),
        crate::contract::ValueFrom::Cells(side) => table::form(sheet, axes, side),
        _ => table::rows(sheet, layout, axes),
    }
    let several = figures.tables.iter().filter(|other| other.sheets == layout.sheets).count() > 1;
    if several && let Some(text) = layout.ends_at.first() {
        sheet.heading(0, text);
        sheet.next_row += 1;
    }
}

/// The sheets a table stands on: one for each value that the sheet's name says, or those named.
fn on_sheets(layout: &TableLayout, axes: &Axes) -> Vec<(String, Axes)> {
    let by_name = axes.split_by_sheet_name(layout);
    if !by_name.is_empty() {
        return by_name;
    }
    sheet_names(&layout.sheets).into_iter().map(|name| (name, axes.clone())).collect()
}

/// The names of the sheets a contract speaks of; at least one.
fn sheet_names(sheets: &Sheets) -> Vec<String> {
    match sheets {
        Sheets::Named(names) if !names.is_empty() => names.clone(),
        Sheets::Like(patterns) => vec![patterns.first().map_or_else(
            || ANY_SHEET.to_owned(),
            |pattern| pattern.replace('*', "").trim().to_owned(),
        )],
        _ => vec![ANY_SHEET.to_owned()],
    }
}

/// A sheet that is being filled, row by row.
pub(crate) struct Grid {
    name: String,
    cells: BTreeMap<CellAddress, FormCell>,
    next_row: u32,
}

impl Grid {
    fn new(name: String) -> Self {
        Self { name, cells: BTreeMap::new(), next_row: 0 }
    }

    fn put(&mut self, row: u32, column: u32, cell: FormCell) {
        self.cells.insert(CellAddress::new(row, column), cell);
    }

    fn heading(&mut self, column: u32, text: &str) {
        self.put(self.next_row, column, FormCell::Heading(text.to_owned()));
    }

    fn label(&mut self, column: u32, text: &str) {
        self.put(self.next_row, column, FormCell::Label(text.to_owned()));
    }

    fn done(self) -> FormSheet {
        FormSheet { name: self.name, cells: self.cells }
    }
}

/// Whether something is said by the sheet's name.
fn is_sheet_name<T>(place: &Where<T>) -> bool {
    matches!(place, Where::SheetName)
}
