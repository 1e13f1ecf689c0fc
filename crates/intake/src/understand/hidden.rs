//! Figures and records that stand where nobody sees them.

use std::collections::{BTreeMap, BTreeSet};

use model::{CellAddress, Finding, Place, Severity};

use super::gathered::Gathered;
use crate::workbook::{Sheet, Workbook};

/// Says of each sheet which figures were read from hidden rows and columns: often a filter was left
/// on, and what it hides is as true as the rest; sometimes it is what was left from last time.
pub(super) fn note(workbook: &Workbook, gathered: &mut Gathered) {
    let mut cells: BTreeMap<&str, BTreeSet<CellAddress>> = BTreeMap::new();
    let read = gathered.slots.iter().filter(|slot| slot.read.is_some() && !slot.is_blank());
    let places = read.map(|slot| &slot.place).chain(&gathered.records);
    for place in places {
        if let Some(cell) = place.cell
            && is_out_of_sight(workbook, place, cell)
        {
            cells.entry(place.sheet.as_str()).or_default().insert(cell);
        }
    }
    let findings: Vec<Finding> = cells
        .into_iter()
        .filter_map(|(sheet, cells)| {
            let first = *cells.first()?;
            let what = match cells.len() {
                1 => "a figure in a hidden row or column was".to_owned(),
                many => format!("{many} figures in hidden rows or columns were"),
            };
            let message = format!("{what} read all the same");
            Some(
                Finding::new(Severity::Warning, "hidden-rows", Place::cell(sheet, first), message)
                    .with_cells(cells)
                    .with_hint("show all rows and columns (a filter may hide some), and delete what does not belong to the return"),
            )
        })
        .collect();
    gathered.findings.extend(findings);
}

fn is_out_of_sight(workbook: &Workbook, place: &Place, cell: CellAddress) -> bool {
    let is_there = |sheet: &&Sheet| sheet.name == place.sheet;
    workbook.sheets.iter().find(is_there).is_some_and(|sheet| sheet.out_of_sight.holds(cell))
}
