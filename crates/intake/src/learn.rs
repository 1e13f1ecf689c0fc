//! Proposes a contract for a workbook nobody has described yet.
//!
//! It looks at the cells by the same rules by which they will be read, says why it concluded what
//! it concluded, and leaves open what only a person can know: who sends it, what the labels stand
//! for, what a dash means. Nothing is printed of a workbook that holds personal data.

mod across;
mod blocks;
mod columns;
mod grid;
mod groups;
mod keys;
mod layout;
mod names;
mod tables;
#[cfg(test)]
mod tests;
mod totals;
mod trial;
mod write;

use std::collections::{BTreeMap, BTreeSet};

use model::{Finding, MeasureId, Period, Place, Severity};

use crate::understand::Vocabulary;
use crate::understand::glance::personal_data;
use crate::workbook::Workbook;
use grid::Grid;
use groups::{Group, groups};

/// What is known beside the workbook.
#[derive(Clone, Copy, Debug)]
pub struct Known<'a> {
    /// Areas, partners and measures.
    pub vocabulary: Vocabulary<'a>,
    /// Measures that other returns carry already.
    pub taken: &'a BTreeSet<MeasureId>,
    /// The file's name, for the first line.
    pub file: &'a str,
    /// The period a return would be owed for now: where the workbook names none.
    pub expected: Period,
}

/// A table as it was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundTable {
    /// Sheet.
    pub sheet: String,
    /// Cells of its headings: `A5:G6`.
    pub headings: String,
    /// All its cells.
    pub range: String,
    /// Rows below the headings.
    pub rows: usize,
}

/// What was learned of a workbook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Learned {
    /// The proposed contract, as TOML with comments; none if nothing may or can be proposed.
    pub contract: Option<String>,
    /// The tables it is about.
    pub tables: Vec<FoundTable>,
    /// What the operator has to decide, each as `key: what`.
    pub decisions: Vec<String>,
    /// How many figures it gives on this workbook as it stands.
    pub figures: usize,
    /// Personal data, hidden sheets, nothing found.
    pub findings: Vec<Finding>,
}

/// Proposes a contract for a workbook.
pub fn learn(workbook: &Workbook, known: &Known<'_>) -> Learned {
    let visible: Vec<Grid<'_>> =
        workbook.sheets.iter().filter(|sheet| sheet.visible).map(|sheet| Grid::of(sheet)).collect();
    let visible: Vec<Grid<'_>> = visible.into_iter().filter(|grid| !grid.rows.is_empty()).collect();
    let groups = groups(&visible, &known.vocabulary);
    let mut tops: BTreeMap<String, u32> = BTreeMap::new();
    for at in groups.iter().flat_map(|group| &group.at) {
        let top = tops.entry(at.sheet.clone()).or_insert(at.top);
        *top = at.top.min(*top);
    }
    let personal = personal_data(workbook, known.vocabulary.partnership, &tops);
    if !personal.is_empty() {
        return nothing(personal);
    }
    let mut findings = hidden(workbook);
    if groups.is_empty() {
        findings.push(
            Finding::new(
                Severity::Error,
                "headings-not-found",
                Place::file(),
                "no table was found: no row of headings with figures or dates below it",
            )
            .with_hint("check that the right file was named; a picture or a text of figures cannot be read"),
        );
        return nothing(findings);
    }
    proposal(workbook, known, &visible, &groups, findings)
}

fn nothing(findings: Vec<Finding>) -> Learned {
    Learned { contract: None, tables: Vec::new(), decisions: Vec::new(), figures: 0, findings }
}

fn proposal(
    workbook: &Workbook,
    known: &Known<'_>,
    visible: &[Grid<'_>],
    groups: &[Group],
    findings: Vec<Finding>,
) -> Learned {
    let mut written = write::written(workbook, known, visible, groups);
    let tried = trial::tried(workbook, known, groups, &written.text);
    written.text.insert_str(written.tried_at, &tried.said);
    let tables = groups
        .iter()
        .flat_map(|group| &group.at)
        .map(|at| FoundTable {
            sheet: at.sheet.clone(),
            headings: at.headings.clone(),
            range: at.range.clone(),
            rows: at.rows,
        })
        .collect();
    Learned {
        contract: Some(written.text),
        tables,
        decisions: written.decisions,
        figures: tried.figures,
        findings,
    }
}

/// Hidden sheets often hold last year's figures: they are left out, and that is said.
fn hidden(workbook: &Workbook) -> Vec<Finding> {
    workbook
        .sheets
        .iter()
        .filter(|sheet| !sheet.visible && !Grid::of(sheet).rows.is_empty())
        .map(|sheet| {
            Finding::new(
                Severity::Warning,
                "hidden-sheet",
                Place::sheet(&sheet.name),
                "the sheet is hidden and was not looked at",
            )
            .with_hint("unhide it if it belongs to the return, and learn again")
        })
        .collect()
}
