//! Figures and records that stand where nobody sees them.

use std::collections::{BTreeMap, BTreeSet};

use model::{CellAddress, Finding, Place, Severity};

use super::gathered::Gathered;

/// Says of each sheet which figures were read from hidden rows and columns: often a filter was left
/// on, and what it hides is as true as the rest; sometimes it is what was left from last time.
pub(super) fn note(gathered: &mut Gathered) {
    let mut cells: BTreeMap<&str, BTreeSet<CellAddress>> = BTreeMap::new();
    let read = gathered.slots.iter().filter(|slot| slot.is_read() && !slot.is_blank());
    for slot in read.filter(|slot| slot.is_out_of_sight()) {
        cells.entry(slot.sheet()).or_default().insert(slot.cell);
    }
    for record in &gathered.records {
        cells.entry(record.sheet.as_str()).or_default().extend(record.cell);
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
