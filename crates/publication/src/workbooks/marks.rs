//! Which cells are marked, how, and what their notes say.

use std::collections::{BTreeMap, BTreeSet};

use model::{CellAddress, Finding, Severity};

use super::text::line;

/// Most notes in one workbook: each is a drawn shape, and a spreadsheet program slows down by
/// thousands of them. Further cells are coloured all the same.
const NOTES_MAX: usize = 3_000;
/// Longest text about one finding in a note, in characters.
const SAID_MAX: usize = 700;
/// Findings named in one note.
const SAID_AT_ONCE_MAX: usize = 6;

/// A cell that findings are about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Mark {
    /// The worst of them.
    pub(super) severity: Severity,
    /// What its note says; none when there are too many notes.
    pub(super) note: Option<String>,
}

/// Marked cells by sheet.
#[derive(Debug, Default)]
pub(super) struct Marks {
    by_sheet: BTreeMap<String, BTreeMap<CellAddress, Mark>>,
}

impl Marks {
    /// All cells that findings are about, their own and further ones.
    pub(super) fn of(findings: &[Finding]) -> Self {
        let mut about: BTreeMap<&str, BTreeMap<CellAddress, BTreeSet<usize>>> = BTreeMap::new();
        for (number, finding) in findings.iter().enumerate() {
            let sheet = about.entry(&finding.place.sheet).or_default();
            for cell in finding.place.cell.iter().chain(&finding.also) {
                sheet.entry(*cell).or_default().insert(number);
            }
        }
        let mut notes_left = NOTES_MAX;
        let mut by_sheet: BTreeMap<String, BTreeMap<CellAddress, Mark>> = BTreeMap::new();
        for (sheet, cells) in about {
            for (cell, numbers) in cells {
                let said: Vec<(usize, &Finding)> = numbers
                    .into_iter()
                    .filter_map(|number| Some((number, findings.get(number)?)))
                    .collect();
                let Some(severity) = said.iter().map(|(_, finding)| finding.severity).min() else {
                    continue;
                };
                let note = (notes_left > 0).then(|| note(&said));
                notes_left = notes_left.saturating_sub(1);
                by_sheet.entry(sheet.to_owned()).or_default().insert(cell, Mark { severity, note });
            }
        }
        Self { by_sheet }
    }

    /// The marked cells of a sheet, row by row.
    pub(super) fn on(&self, sheet: &str) -> BTreeMap<CellAddress, &Mark> {
        let cells = self.by_sheet.get(sheet);
        cells.into_iter().flatten().map(|(cell, mark)| (*cell, mark)).collect()
    }
}

/// What a severity is called.
pub(super) fn called(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "Error",
        Severity::Warning => "Warning",
        Severity::Repair => "Repair",
    }
}

fn note(said: &[(usize, &Finding)]) -> String {
    let mut parts: Vec<String> = said
        .iter()
        .take(SAID_AT_ONCE_MAX)
        .map(|(number, finding)| {
            let word = called(finding.severity).to_uppercase();
            let message = line(&finding.message, SAID_MAX);
            let mut part = format!("{word} (number {} of the list)\n{message}.", number + 1);
            if let Some(hint) = &finding.hint {
                part = format!("{part}\nWhat to do: {}.", line(hint, SAID_MAX));
            }
            part
        })
        .collect();
    if said.len() > SAID_AT_ONCE_MAX {
        parts.push(format!("{} more are in the list.", said.len() - SAID_AT_ONCE_MAX));
    }
    parts.join("\n\n")
}

#[cfg(test)]
mod tests {
    use model::Place;

    use super::*;

    #[test]
    fn every_cell_of_a_finding_is_marked_by_the_worst_of_them() {
        let cell = CellAddress::new;
        let findings = [
            Finding::new(
                Severity::Error,
                "not-a-number",
                Place::cell("Q1", cell(7, 2)),
                "`about 12` is no number",
            )
            .with_hint("write the number alone"),
            Finding::new(
                Severity::Warning,
                "blank-cell",
                Place::cell("Q1", cell(9, 2)),
                "two cells are blank",
            )
            .with_cells([cell(10, 2), cell(7, 2)]),
            Finding::new(Severity::Error, "no-figures", Place::file(), "nothing"),
        ];
        let marks = Marks::of(&findings);
        let shown: Vec<String> = marks
            .on("Q1")
            .into_iter()
            .map(|(cell, mark)| {
                format!(
                    "{cell} {}: {}",
                    mark.severity.as_str(),
                    mark.note.as_deref().unwrap_or("-")
                )
            })
            .collect();
        insta::assert_snapshot!(shown.join("\n---\n"), @r"
        C8 error: ERROR (number 1 of the list)
        `about 12` is no number.
        What to do: write the number alone.

        WARNING (number 2 of the list)
        two cells are blank.
        ---
        C10 warning: WARNING (number 2 of the list)
        two cells are blank.
        ---
        C11 warning: WARNING (number 2 of the list)
        two cells are blank.
        ");
        assert!(marks.on("Q2").is_empty());
    }
}
