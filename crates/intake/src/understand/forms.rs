//! Forms: each label stands beside its figure, anywhere on the sheet.

use model::CellAddress;

use super::context::Context;
use super::figures::Table;
use super::form_rest;
use super::gathered::Gathered;
use super::locate::{Located, NotLocated};
use super::page::Page;
use super::row_says::RowSays;
use super::values::raw;
use crate::contract::{Label, Side, ValueFrom};
use crate::workbook::Cell;

/// A label of the form, and the cell its figure belongs in.
pub(super) struct Field<'a> {
    pub(super) label: &'a Label,
    written: String,
    pub(super) row: u32,
    pub(super) column: u32,
    /// The cell of the label itself.
    pub(super) at: (u32, u32),
}

/// The rows a form's labels stand in.
pub(super) fn locate<'a>(
    page: &Page<'a>,
    context: &Context<'a>,
) -> Result<Located<'a>, NotLocated> {
    let fields = fields(page, context, Side::Right);
    let (Some(first), Some(last)) = (fields.first(), fields.last()) else {
        let names = context.labels.names();
        let missing = names.iter().take(3).map(|name| (*name).to_owned()).collect();
        return Err(NotLocated { missing, ..NotLocated::default() });
    };
    Ok(Located { top: first.at.0, bottom: last.at.0, ..Located::default() })
}

/// Reads every label's figure.
pub(super) fn read(table: &Table<'_, '_>, gathered: &mut Gathered) {
    let ValueFrom::Cells(side) = table.layout.value else {
        return;
    };
    let fields = fields(&table.page, table.context, side);
    let mut filled = Vec::new();
    for field in &fields {
        let said = RowSays {
            measure: Some(field.label.measure.clone()),
            breakdown: field.label.breakdown.clone().and(&table.base.breakdown),
            ..table.base.clone()
        };
        let at = CellAddress::new(field.row, field.column);
        let series = said.series(gathered);
        let number = table.slot(at, Some(field.written.clone()), (&series, said.period), gathered);
        filled.push((field, number));
    }
    form_rest::look(table, side, &filled, gathered);
}

/// Every label on the sheet in reading order; a text alone on its row is the section of those
/// below it.
fn fields<'a>(page: &Page<'_>, context: &Context<'a>, side: Side) -> Vec<Field<'a>> {
    let labels = &context.labels;
    let mut section = String::new();
    let mut fields = Vec::new();
    for row in page.rows(..) {
        let cells: Vec<(u32, Cell<'_>)> = row.cells().collect();
        let find = |cell: Cell<'_>| match cell {
            Cell::Text(text) => {
                labels.find(&format!("{section} > {text}")).or_else(|| labels.find(text))
            }
            _ => None,
        };
        let found: Vec<Option<&Label>> = cells.iter().map(|(_, cell)| find(*cell)).collect();
        for (index, (column, cell)) in cells.iter().enumerate() {
            let Some(label) = found[index] else {
                continue;
            };
            let (to_row, to_column) = match side {
                Side::Below => (row.number() + 1, *column),
                // The next cell that holds anything, unless that is another label.
                Side::Right => {
                    let next = cells.get(index + 1).filter(|_| found[index + 1].is_none());
                    (row.number(), next.map_or(column + 1, |(next, _)| *next))
                }
            };
            fields.push(Field {
                label,
                written: raw(*cell).into_owned(),
                row: to_row,
                column: to_column,
                at: (row.number(), *column),
            });
        }
        if let [(_, Cell::Text(text))] = cells.as_slice()
            && found[0].is_none()
        {
            (*text).clone_into(&mut section);
        }
    }
    fields
}
