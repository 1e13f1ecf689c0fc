//! Findings in the order people should read them, many of a kind as one, and not too many at all.

use std::collections::{BTreeMap, BTreeSet};

use model::{CellAddress, Finding, Place, Severity};

use crate::workbook::Workbook;

/// How many findings of one kind on one sheet stay apart; more become one.
const APART_MAX: usize = 3;
/// How many cells a finding spells out.
const NAMED_MAX: usize = 3;
/// How many findings of one kind that cannot become one are listed for one sheet; the rest are
/// counted.
const SAME_MAX: usize = 20;

type Rank = (Severity, usize, Option<CellAddress>, String, String);

/// Errors first, then by sheet as in the workbook, then by cell.
pub(super) fn ranked(mut findings: Vec<Finding>, workbook: &Workbook) -> Vec<Finding> {
    let position: BTreeMap<&str, usize> = workbook
        .sheets
        .iter()
        .enumerate()
        .map(|(index, sheet)| (sheet.name.as_str(), index + 1))
        .collect();
    let rank = |finding: &Finding| -> Rank {
        let sheet = position.get(finding.place.sheet.as_str()).copied().unwrap_or(0);
        (finding.severity, sheet, finding.place.cell, finding.code.clone(), finding.message.clone())
    };
    findings.sort_by_cached_key(rank);
    findings.dedup();
    let mut findings = grouped(findings);
    findings.sort_by_cached_key(rank);
    capped(findings)
}

/// Findings that differ only in their cell: what is to be done is the same for all.
type Kind = (Severity, String, String, Option<String>);

/// The kind of a finding that may become one with others: it stands at a cell, proposes nothing,
/// and is of a code that can be said of many. Repairs are one for each sheet already, or known each
/// by itself.
fn kind(finding: &Finding) -> Option<Kind> {
    let Finding { severity, code, place, hint, proposal, message: _, also: _ } = finding;
    let may_join = place.cell.is_some()
        && proposal.is_none()
        && *severity != Severity::Repair
        && of_many(code).is_some();
    may_join.then(|| (*severity, code.clone(), place.sheet.clone(), hint.clone()))
}

/// Makes one finding of many of a kind, at the first cell, with all the others.
fn grouped(findings: Vec<Finding>) -> Vec<Finding> {
    let mut kinds: BTreeMap<Kind, Vec<Finding>> = BTreeMap::new();
    let mut kept = Vec::new();
    for finding in findings {
        match kind(&finding) {
            Some(kind) => kinds.entry(kind).or_default().push(finding),
            None => kept.push(finding),
        }
    }
    for (_, alike) in kinds {
        // Several things about one cell are not one thing about several cells.
        let places: BTreeSet<Option<CellAddress>> =
            alike.iter().map(|finding| finding.place.cell).collect();
        if alike.len() > APART_MAX && places.len() == alike.len() {
            kept.push(joined(alike));
        } else {
            kept.extend(alike);
        }
    }
    kept
}

fn joined(alike: Vec<Finding>) -> Finding {
    let mut cells: Vec<CellAddress> = alike
        .iter()
        .flat_map(|finding| finding.place.cell.into_iter().chain(finding.also.iter().copied()))
        .collect();
    cells.sort_unstable();
    cells.dedup();
    let mut first = alike.into_iter().next().expect("a kind has findings");
    if let Some((what, detail)) = of_many(&first.code) {
        let all = format!("{} {what}, in {}", cells.len(), named(&cells));
        first.message = match detail {
            Detail::Said => format!("{all}; the first: {}", first.message),
            Detail::Same => all,
        };
    }
    first.with_cells(cells)
}

/// `B2, C2, D2 and 38 more cells`.
fn named(cells: &[CellAddress]) -> String {
    let listed: Vec<String> = cells.iter().take(NAMED_MAX).map(ToString::to_string).collect();
    match cells.len().saturating_sub(NAMED_MAX) {
        0 => listed.join(", "),
        1 => format!("{} and 1 more cell", listed.join(", ")),
        more => format!("{} and {more} more cells", listed.join(", ")),
    }
}

/// Whether one of many says more than all of them.
#[derive(Clone, Copy)]
enum Detail {
    Said,
    Same,
}

/// What many findings of a code say together, after their number.
fn of_many(code: &str) -> Option<(&'static str, Detail)> {
    let said = match code {
        "blank-cell" => ("cells are blank: taken as not available, not as zero", Detail::Same),
        "formula-without-value" => {
            ("formulas have no result that was saved with the file", Detail::Same)
        }
        "label-missing" => ("rows have figures but no label", Detail::Same),
        "required-blank" => ("cells must be filled in, but are blank", Detail::Said),
        "not-a-number" => ("cells hold something that is not a number", Detail::Said),
        "fraction-in-count" => ("counts are not whole numbers", Detail::Said),
        "negative-count" => ("counts are negative", Detail::Said),
        "date-in-count" => ("cells hold a date, but should hold a count", Detail::Said),
        "error-value" => ("cells hold an error value", Detail::Said),
        "number-too-large" => ("numbers are too large", Detail::Said),
        "duplicate" => ("figures are given twice", Detail::Said),
        "total-differs" => ("totals are not the sums of their figures", Detail::Said),
        "breakdown-differs" => ("figures are not the sums of their parts", Detail::Said),
        "change-differs" => ("changes do not agree with their counts", Detail::Said),
        "missing-month" => ("figures lack a month that others have", Detail::Said),
        "jump" => ("figures lie far from those before them", Detail::Said),
        "out-of-range" => ("figures are out of range", Detail::Said),
        "not-a-date" => ("dates cannot be read", Detail::Said),
        "date-out-of-range" => ("dates cannot be right for this return", Detail::Said),
        _ => return None,
    };
    Some(said)
}

fn capped(findings: Vec<Finding>) -> Vec<Finding> {
    let mut counts: BTreeMap<(String, String), (Severity, usize)> = BTreeMap::new();
    let mut kept = Vec::new();
    for finding in findings {
        let key = (finding.code.clone(), finding.place.sheet.clone());
        let (_, count) = counts.entry(key).or_insert((finding.severity, 0));
        *count += 1;
        if *count <= SAME_MAX {
            kept.push(finding);
        }
    }
    for ((code, sheet), (severity, count)) in counts {
        if count > SAME_MAX {
            let more = count - SAME_MAX;
            let message = format!("{more} more like the {SAME_MAX} listed");
            kept.push(
                Finding::new(severity, &code, Place { sheet, cell: None }, message)
                    .with_hint("correct those listed and send the sheet again"),
            );
        }
    }
    kept
}
