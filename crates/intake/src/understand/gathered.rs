//! What has been read from a workbook so far: figures, and everything met on the way.

use std::collections::{BTreeMap, BTreeSet};

use model::{AreaError, CellAddress, FINDING_CELLS_MAX, Finding, Place, Severity};

use super::judge::Noted;
use super::patterns::may_be_about_a_person;
use super::slot::{SeriesMet, Slot};
use super::values::Repair;

/// What has been read so far.
#[derive(Default)]
pub(super) struct Gathered {
    pub(super) slots: Vec<Slot>,
    /// Every series they are of.
    pub(super) series: SeriesMet,
    pub(super) findings: Vec<Finding>,
    /// What judging the whole has to say.
    pub(super) noted: Vec<Noted>,
    /// Repairs by sheet and kind.
    pub(super) repairs: BTreeMap<(String, Repair), Cells>,
    /// Rows for other areas, by sheet.
    pub(super) left_out: BTreeMap<String, Cells>,
    /// Totals that the contract does not name, by sheet.
    totals_met: BTreeMap<String, Cells>,
    /// Records that were counted in hidden rows.
    pub(super) records: Vec<Place>,
    /// Sheets where a label with figures was not understood: their sums cannot be judged.
    pub(super) puzzling: BTreeSet<String>,
    /// How many areas were named that nobody knows.
    pub(super) unknown_areas: usize,
    /// Whether a table was given up before its end: what it lacks is not known.
    pub(super) cut_short: bool,
}

impl Gathered {
    /// Takes in what was read of the same table further down.
    pub(super) fn absorb(&mut self, below: Self) {
        let series = self.series.absorb(&below.series);
        self.slots.extend(below.slots.into_iter().map(|slot| slot.of_series(&series)));
        self.findings.extend(below.findings);
        self.noted.extend(below.noted);
        for (what, cells) in below.repairs {
            self.repairs.entry(what).or_default().absorb(cells);
        }
        for (sheet, cells) in below.left_out {
            self.left_out.entry(sheet).or_default().absorb(cells);
        }
        for (sheet, cells) in below.totals_met {
            self.totals_met.entry(sheet).or_default().absorb(cells);
        }
        self.records.extend(below.records);
        self.puzzling.extend(below.puzzling);
        self.unknown_areas += below.unknown_areas;
        self.cut_short |= below.cut_short;
    }

    pub(super) fn error(&mut self, code: &str, place: Place, message: String, hint: &str) {
        let finding = Finding::new(Severity::Error, code, place, message).with_hint(hint);
        self.findings.push(finding);
    }

    pub(super) fn warning(&mut self, code: &str, place: Place, message: String, hint: &str) {
        let finding = Finding::new(Severity::Warning, code, place, message).with_hint(hint);
        self.findings.push(finding);
    }

    pub(super) fn repaired(&mut self, sheet: &str, cell: CellAddress, repairs: &BTreeSet<Repair>) {
        for repair in repairs {
            self.repairs.entry((sheet.to_owned(), *repair)).or_default().add(cell);
        }
    }

    pub(super) fn leave_out(&mut self, place: &Place) {
        if let Some(cell) = place.cell {
            self.left_out.entry(place.sheet.clone()).or_default().add(cell);
        }
    }

    /// Notes a total that the contract does not name.
    pub(super) fn total_met(&mut self, place: &Place) {
        if let Some(cell) = place.cell {
            self.totals_met.entry(place.sheet.clone()).or_default().add(cell);
        }
    }

    /// One finding per kind of repair and sheet, and one per sheet for rows left out and for
    /// totals met; each names all its cells.
    pub(super) fn note_repairs(&mut self) {
        for ((sheet, repair), cells) in std::mem::take(&mut self.repairs) {
            let what = if cells.count == 1 { "cell" } else { "cells" };
            let said =
                |count, first| format!("{} in {count} {what}, first in {first}", repair.said());
            self.findings.extend(cells.finding(&sheet, repair.code(), said));
        }
        for (sheet, cells) in std::mem::take(&mut self.left_out) {
            let rows = if cells.count == 1 { "row" } else { "rows" };
            let said = |count, first| {
                format!(
                    "{count} {rows} for areas that are not in the partnership left out, first in {first}"
                )
            };
            self.findings.extend(cells.finding(&sheet, "areas-left-out", said));
        }
        for (sheet, cells) in std::mem::take(&mut self.totals_met) {
            let totals = if cells.count == 1 { "row or column" } else { "rows and columns" };
            let said = |count, first| {
                format!(
                    "{count} {totals} of totals checked against their parts and not stored, first in {first}"
                )
            };
            self.findings.extend(cells.finding(&sheet, "total-not-stored", said));
        }
    }
}

/// Cells that have something in common.
#[derive(Debug, Default)]
pub(super) struct Cells {
    count: usize,
    /// The first of them, as many as a finding names.
    cells: Vec<CellAddress>,
}

impl Cells {
    fn add(&mut self, cell: CellAddress) {
        self.count += 1;
        if self.cells.len() <= FINDING_CELLS_MAX {
            self.cells.push(cell);
        }
    }

    fn absorb(&mut self, below: Self) {
        self.count += below.count;
        let room = (FINDING_CELLS_MAX + 1).saturating_sub(self.cells.len());
        self.cells.extend(below.cells.into_iter().take(room));
    }

    /// A note about all of them, at the first.
    fn finding(
        self,
        sheet: &str,
        code: &str,
        said: impl Fn(usize, CellAddress) -> String,
    ) -> Option<Finding> {
        let first = *self.cells.first()?;
        let place = Place::cell(sheet, first);
        let finding = Finding::new(Severity::Repair, code, place, said(self.count, first));
        Some(finding.with_cells(self.cells))
    }
}

/// Stands in a message for a partner's text that may be about a person.
pub(super) const NOT_REPEATED: &str = "`(not repeated here)`";

/// The same without the marks of a quotation, for lists: `high 6 and standard 19`.
pub(super) fn unquoted(text: &str) -> String {
    quoted(text).trim_matches('`').to_owned()
}

/// Why a text is no area: in the model's words, unless it may be about a person.
pub(super) fn no_area(text: &str, error: &AreaError) -> String {
    if may_be_about_a_person(text) {
        format!("{NOT_REPEATED} is not a known area")
    } else {
        error.to_string()
    }
}

/// A partner's text for a message: one line, not too long, and never what may be about a person.
/// Every text of a cell, heading or sheet goes through here on its way into a finding.
pub(super) fn quoted(text: &str) -> String {
    const CHARACTERS_MAX: usize = 60;
    if may_be_about_a_person(text) {
        return NOT_REPEATED.to_owned();
    }
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let visible: String = line.chars().filter(|c| !c.is_control()).collect();
    if visible.chars().count() <= CHARACTERS_MAX {
        return format!("`{visible}`");
    }
    let cut: String = visible.chars().take(CHARACTERS_MAX).collect();
    format!("`{cut}…`")
}
