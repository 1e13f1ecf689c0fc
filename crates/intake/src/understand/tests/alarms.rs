//! Public and bundled files are no lists of people: what the scan says of each of them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::super::personal::{Scan, scan};
use super::partnership;
use crate::reader::in_process::read_bytes;
use crate::workbook::{Cell, Workbook};

/// Bundled files that do hold names, births, addresses or numbers of people: the planted return,
/// and workbooks that people sent in with bug reports.
const RIGHTLY: &[&str] = &[
    "partners/protection-against-stalking/PAS referrals Q1.xlsx",
    "real/calamine-tests/OOM_alloc.xls",
    "real/calamine-tests/OOM_alloc2.xls",
    "real/calamine-tests/biff5-rich-text-string.xls",
    "real/calamine-tests/issue444.xls",
    "real/calamine-tests/minimal_package.xlsx",
    "scenarios/small/sent/support/Referrals Q1 with names (illustrative).csv",
];

fn every_file(folder: &Path, files: &mut Vec<PathBuf>) {
    let entries = std::fs::read_dir(folder).expect("a folder");
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() { every_file(&path, files) } else { files.push(path) }
    }
}

/// Where a table would be found on each sheet: at its first row with three texts.
fn tables(workbook: &Workbook) -> BTreeMap<String, u32> {
    let mut tables = BTreeMap::new();
    for sheet in &workbook.sheets {
        let mut texts: BTreeMap<u32, usize> = BTreeMap::new();
        for (address, cell) in sheet.cells() {
            *texts.entry(address.row).or_default() += usize::from(matches!(cell, Cell::Text(_)));
        }
        if let Some((row, _)) = texts.iter().find(|(_, texts)| 3 <= **texts) {
            tables.insert(sheet.name.clone(), *row);
        }
    }
    tables
}

fn is_alarming(workbook: &Workbook) -> bool {
    let (partnership, kept) = (partnership(), BTreeSet::new());
    let scanned = Scan {
        tables: &tables(workbook),
        kept: &kept,
        allowed: &[],
        labels: BTreeSet::new(),
        partnership: &partnership,
        last_day: jiff::civil::date(2025, 6, 30),
        names: std::cell::OnceCell::new(),
    };
    !scan(workbook, &scanned).is_empty()
}

#[test]
fn only_files_about_people_raise_an_alarm() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures");
    let mut files = Vec::new();
    every_file(&root, &mut files);
    let (mut read, mut alarms) = (0, Vec::new());
    for path in &files {
        let name = path.strip_prefix(&root).expect("inside").display().to_string();
        let bytes = std::fs::read(path).expect("a file");
        let kinds = [".xlsx", ".xls", ".xlsb", ".ods", ".csv", ".tsv"];
        // A made-up partnership's own districts are nobody's return, and unknown to the bundled one.
        let is_configuration = name.contains("/config/");
        if is_configuration || !kinds.iter().any(|kind| name.ends_with(kind)) {
            continue;
        }
        let Ok(workbook) = read_bytes(&name, &bytes) else { continue };
        read += 1;
        if is_alarming(&workbook) {
            alarms.push(name);
        }
    }
    assert!(20 <= read, "{read} files could be read");
    assert_eq!(alarms, RIGHTLY);
}
