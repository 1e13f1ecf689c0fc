//! Which sheets of a workbook a contract speaks of.

use model::{Finding, Place, Severity, is_own_sheet, nearest};

use super::gathered::quoted;
use super::glance::{Glance, glance_text};
use super::labels::{folded, is_any};
use super::page::Page;
use super::values::is_blank;
use crate::contract::{Sheets, TableLayout};
use crate::workbook::{Cell, FileKind, Sheet, Workbook};

/// The sheets to read, in workbook order, and findings about sheets that are not there or hidden.
/// Sheets of this program's own (a list of findings, instructions) hold no figures.
pub(super) fn chosen<'w>(
    workbook: &'w Workbook,
    wanted: &Sheets,
    findings: &mut Vec<Finding>,
) -> Vec<&'w Sheet> {
    if workbook.kind == FileKind::Csv {
        return workbook.sheets.iter().map(AsRef::as_ref).collect();
    }
    match wanted {
        Sheets::Each { except } => {
            let sheets = workbook.sheets.iter().map(AsRef::as_ref);
            let theirs = sheets.filter(|sheet: &&Sheet| !is_own_sheet(&sheet.name));
            let candidates = theirs.filter(|sheet| !is_any(except, &sheet.name));
            candidates.filter(|sheet| is_shown(sheet, findings)).collect()
        }
        Sheets::Like(patterns) => like(workbook, patterns, findings),
        Sheets::First => workbook
            .sheets
            .iter()
            .map(AsRef::as_ref)
            .find(|sheet: &&Sheet| {
                sheet.visible && has_content(sheet) && !is_own_sheet(&sheet.name)
            })
            .into_iter()
            .collect(),
        Sheets::Named(names) => {
            names.iter().filter_map(|name| named(workbook, name, findings)).collect()
        }
    }
}

/// The visible sheets whose names are like one of the patterns; there must be one.
fn like<'w>(
    workbook: &'w Workbook,
    patterns: &[String],
    findings: &mut Vec<Finding>,
) -> Vec<&'w Sheet> {
    let folded_patterns: Vec<String> = patterns.iter().map(|pattern| folded(pattern)).collect();
    let chosen: Vec<&Sheet> = workbook
        .sheets
        .iter()
        .map(AsRef::as_ref)
        .filter(|sheet: &&Sheet| {
            let name = folded(&sheet.name);
            folded_patterns.iter().any(|pattern| is_like(&name, pattern))
        })
        .filter(|sheet| is_shown(sheet, findings))
        .collect();
    if chosen.is_empty() {
        let names: Vec<String> = patterns.iter().map(|pattern| format!("`{pattern}`")).collect();
        let names = names.join(" or ");
        findings.push(
            Finding::new(
                Severity::Error,
                "missing-sheet",
                Place::file(),
                format!("there is no sheet named like {names} (`*` stands for any text)"),
            )
            .with_hint("keep the sheet names of the agreed layout"),
        );
    }
    chosen
}

/// Whether a name is like a pattern, in which `*` stands for any text. Both are folded.
pub(crate) fn is_like(name: &str, pattern: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(rest) = name.strip_prefix(parts.next().unwrap_or_default()) else {
        return false;
    };
    let mut parts: Vec<&str> = parts.collect();
    let Some(last) = parts.pop() else {
        return rest.is_empty();
    };
    let mut rest = rest;
    for part in parts {
        let Some(at) = rest.find(part) else {
            return false;
        };
        rest = &rest[at + part.len()..];
    }
    rest.ends_with(last)
}

fn has_content(sheet: &Sheet) -> bool {
    sheet.cells().any(|(_, cell)| !is_blank(cell))
}

/// Hidden sheets often hold last year's figures: they are left out, and that is said.
fn is_shown(sheet: &Sheet, findings: &mut Vec<Finding>) -> bool {
    if !sheet.visible && has_content(sheet) {
        findings.push(
            Finding::new(
                Severity::Warning,
                "hidden-sheet",
                Place::sheet(&sheet.name),
                "the sheet is hidden and was not read",
            )
            .with_hint("unhide the sheet if it belongs to the return, or delete it"),
        );
    }
    sheet.visible
}

/// Whether a sheet is one of words alone, where all sheets are read: a cover, notes, an empty one.
pub(super) fn is_left_out(page: &Page<'_>, layout: &TableLayout) -> bool {
    let holds_number = |cell: Cell<'_>| match cell {
        Cell::Number(_) | Cell::Error(_) | Cell::FormulaWithoutValue => true,
        Cell::Text(text) => matches!(glance_text(text), Glance::NumberText(_) | Glance::Mark),
        Cell::Bool(_) | Cell::Date(_) => false,
    };
    matches!(layout.sheets, Sheets::Each { .. })
        && !page.rows(..).any(|row| row.cells().any(|(_, cell)| holds_number(cell)))
}

/// Says that a sheet of words was left out; an empty one needs no mention.
pub(super) fn note_left_out(page: &Page<'_>, findings: &mut Vec<Finding>) {
    if page.rows(..).next().is_some() {
        findings.push(Finding::new(
            Severity::Repair,
            "sheet-without-figures",
            Place::sheet(page.name),
            "the sheet has words only, no figures and no headings of the table: it was left out",
        ));
    }
}

fn named<'w>(workbook: &'w Workbook, name: &str, findings: &mut Vec<Finding>) -> Option<&'w Sheet> {
    let wanted = folded(name);
    let sheets = workbook.sheets.iter().map(AsRef::as_ref);
    let found = sheets.into_iter().find(|sheet: &&Sheet| folded(&sheet.name) == wanted);
    match found {
        Some(sheet) if !sheet.visible => findings.push(
            Finding::new(
                Severity::Warning,
                "hidden-sheet",
                Place::sheet(&sheet.name),
                "the sheet is hidden; it was read all the same",
            )
            .with_hint("unhide the sheet"),
        ),
        Some(_) => {}
        None => {
            let names = workbook.sheets.iter().map(|sheet| sheet.name.as_str());
            let hint = match nearest(name, names) {
                Some(near) => format!("is it the sheet {}? Name it `{name}`", quoted(near)),
                None => format!("add a sheet named `{name}`"),
            };
            findings.push(
                Finding::new(
                    Severity::Error,
                    "missing-sheet",
                    Place::file(),
                    format!("there is no sheet `{name}`"),
                )
                .with_hint(hint),
            );
        }
    }
    found
}
