//! What has been read from a workbook so far: figures, and everything met on the way.

use std::collections::{BTreeMap, BTreeSet};

use model::{
    AreaCode, AreaError, Breakdown, CellAddress, Figure, Finding, MeasureId, Observation, Period,
    Place, SeriesKey, Severity,
};

use super::patterns::may_be_about_a_person;
use super::values::Repair;

/// A place in the table where a figure belongs, whether or not one could be read there.
#[derive(Clone, Debug)]
pub(super) struct Slot {
    pub(super) measure: MeasureId,
    pub(super) area: AreaCode,
    pub(super) breakdown: Breakdown,
    pub(super) period: Period,
    pub(super) place: Place,
    /// What the partner calls it.
    pub(super) label: String,
    /// The figure, or nothing if the cell holds something that is none.
    pub(super) read: Option<ReadFigure>,
}

/// A figure as read.
#[derive(Clone, Debug)]
pub(super) struct ReadFigure {
    pub(super) figure: Figure,
    pub(super) raw: String,
    pub(super) repair: Option<String>,
    /// Whether the cell holds nothing, and the contract gives that no meaning.
    pub(super) blank: bool,
}

impl Slot {
    pub(super) fn series(&self) -> SeriesKey {
        SeriesKey {
            measure: self.measure.clone(),
            area: self.area.clone(),
            breakdown: self.breakdown.clone(),
        }
    }

    /// The number read, if there is one.
    pub(super) fn number(&self) -> Option<i64> {
        self.read.as_ref().and_then(|read| read.figure.value)
    }

    /// Whether nobody filled it in.
    pub(super) fn is_blank(&self) -> bool {
        self.read.as_ref().is_some_and(|read| read.blank)
    }

    pub(super) fn into_observation(self) -> Option<Observation> {
        let read = self.read?;
        Some(Observation {
            measure: self.measure,
            area: self.area,
            period: self.period,
            breakdown: self.breakdown,
            figure: read.figure,
            place: self.place,
            raw: read.raw,
            repair: read.repair,
        })
    }
}

/// What has been read so far.
#[derive(Default)]
pub(super) struct Gathered {
    pub(super) slots: Vec<Slot>,
    pub(super) findings: Vec<Finding>,
    /// Repairs by sheet and kind: the first cell, and how many.
    pub(super) repairs: BTreeMap<(String, Repair), (CellAddress, usize)>,
    /// Records that were counted in hidden rows.
    pub(super) records: Vec<Place>,
    /// Rows for other areas, by sheet: the first cell, and how many.
    pub(super) left_out: BTreeMap<String, (CellAddress, usize)>,
    /// Sheets where a label with figures was not understood: their sums cannot be judged.
    pub(super) puzzling: BTreeSet<String>,
    /// How many areas were named that nobody knows.
    pub(super) unknown_areas: usize,
    /// Whether a table was given up before its end: what it lacks is not known.
    pub(super) cut_short: bool,
}

impl Gathered {
    pub(super) fn error(&mut self, code: &str, place: Place, message: String, hint: &str) {
        let finding = Finding::new(Severity::Error, code, place, message).with_hint(hint);
        self.findings.push(finding);
    }

    pub(super) fn warning(&mut self, code: &str, place: Place, message: String, hint: &str) {
        let finding = Finding::new(Severity::Warning, code, place, message).with_hint(hint);
        self.findings.push(finding);
    }

    pub(super) fn repaired(&mut self, place: &Place, repairs: &BTreeSet<Repair>) {
        let Some(cell) = place.cell else {
            return;
        };
        for repair in repairs {
            let (_, count) =
                self.repairs.entry((place.sheet.clone(), *repair)).or_insert((cell, 0));
            *count += 1;
        }
    }

    pub(super) fn leave_out(&mut self, place: &Place) {
        let Some(cell) = place.cell else {
            return;
        };
        let (_, count) = self.left_out.entry(place.sheet.clone()).or_insert((cell, 0));
        *count += 1;
    }

    /// One finding per kind of repair and sheet, and one per sheet for rows left out.
    pub(super) fn note_repairs(&mut self) {
        for ((sheet, repair), (cell, count)) in std::mem::take(&mut self.repairs) {
            let cells = if count == 1 { "cell" } else { "cells" };
            let message = format!("{} in {count} {cells}, first in {cell}", repair.said());
            let place = Place::cell(sheet, cell);
            self.findings.push(Finding::new(Severity::Repair, repair.code(), place, message));
        }
        for (sheet, (cell, count)) in std::mem::take(&mut self.left_out) {
            let rows = if count == 1 { "row" } else { "rows" };
            let message = format!(
                "{count} {rows} for areas that are not in the partnership left out, first in {cell}"
            );
            let place = Place::cell(sheet, cell);
            self.findings.push(Finding::new(Severity::Repair, "areas-left-out", place, message));
        }
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
