//! Findings in the order people should read them, and not too many of a kind.

use std::collections::BTreeMap;

use model::{CellAddress, Finding, Place, Severity};

use crate::workbook::Workbook;

/// How many findings of one kind are listed for one sheet; the rest are counted.
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
    findings.sort_by_cached_key(|finding| -> Rank {
        let sheet = position.get(finding.place.sheet.as_str()).copied().unwrap_or(0);
        (finding.severity, sheet, finding.place.cell, finding.code.clone(), finding.message.clone())
    });
    findings.dedup();
    capped(findings)
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
