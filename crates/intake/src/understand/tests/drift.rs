//! Layout drift: a good return, changed as people change their spreadsheets, is read as the same
//! figures or refused by a finding that names what changed; it is never read wrongly.

mod accepted;
mod columns;
mod labels;
mod periods;
mod sheets;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use model::{Finding, Period, Severity};
use testkit::{Book, Tab, Value};

use super::bundled::{contract, measures, partnership, root, workbook};
use crate::contract::Contract;
use crate::reader::in_process::read_bytes;
use crate::understand::{Occasion, PreviousValues, Understood, Vocabulary, understand};
use crate::workbook::{Cell, Workbook};

const POLICE: &str = "fixtures/partners/kent-police/Sevenoaks CSP - police crime and ASB by district Jan-Jun 2025.xlsx";
const FIRES: &str = "fixtures/late/kent-fire-and-rescue/KFRS deliberate fires Q1 2025-26.xlsx";
const HISTORY: &str = "fixtures/partners/sevenoaks-district-council-history/Monthly history Apr 2022 to Jun 2025 (illustrative).xlsx";
const OUTREACH: &str = "fixtures/partners/kenward-trust/Outreach figures q1.xlsx";

/// A change, as it is made to a good return.
pub(super) struct Change {
    /// What somebody did.
    pub(super) what: &'static str,
    pub(super) make: fn(&mut Book),
    /// The kind of file it is then saved as.
    pub(super) save: Save,
    pub(super) wanted: Wanted,
}

/// How the changed workbook is saved.
#[derive(Clone, Copy)]
pub(super) enum Save {
    Xlsx,
    Ods,
    /// With a separator; with a byte order mark.
    Csv(char, bool),
}

/// What must come of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    /// The same figures.
    Same,
    /// Refused, by a finding of this kind.
    Refused(&'static str),
}

/// A return saved as .xlsx that must be read as before.
pub(super) fn same(what: &'static str, make: fn(&mut Book)) -> Change {
    Change { what, make, save: Save::Xlsx, wanted: Wanted::Same }
}

/// A return saved as .xlsx that must be refused.
pub(super) fn refused(what: &'static str, code: &'static str, make: fn(&mut Book)) -> Change {
    Change { what, make, save: Save::Xlsx, wanted: Wanted::Refused(code) }
}

/// A return saved as delimited text that must be read as before.
pub(super) fn csv(what: &'static str, separator: char, marked: bool) -> Change {
    Change { save: Save::Csv(separator, marked), ..same(what, |_| {}) }
}

/// A return as this workbook has it, to be changed.
fn book(workbook: &Workbook) -> Book {
    let tabs = workbook.sheets.iter().map(|sheet| {
        let mut tab = Tab { hidden: !sheet.visible, ..Tab::new(&sheet.name) };
        for (address, cell) in sheet.cells() {
            let value = match cell {
                Cell::Text(text) | Cell::Error(text) => Value::text(text),
                Cell::Number(number) => Value::Number(number),
                Cell::Date(date) => {
                    let number = |part: i8| u8::try_from(part).expect("a part of a date");
                    let year = u16::try_from(date.year()).expect("a year");
                    Value::Date(year, number(date.month()), number(date.day()))
                }
                Cell::Bool(_) | Cell::FormulaWithoutValue => Value::Blank,
            };
            let index = |part: u32| usize::try_from(part).expect("a small sheet");
            tab.set(index(address.row), index(address.column), value);
        }
        tab
    });
    Book { tabs: tabs.collect(), epoch_1904: false }
}

/// Does something to every sheet of a district.
fn each(book: &mut Book, change: impl Fn(&mut Tab)) {
    let tabs = book.tabs.iter_mut();
    tabs.filter(|tab| !["Notes", "Not placed"].contains(&tab.name.as_str())).for_each(change);
}

/// Does something to every text of a sheet.
fn texts(tab: &mut Tab, change: impl Fn(&str) -> String) {
    for cell in tab.rows.iter_mut().flatten() {
        if let Value::Text(text) = cell {
            *text = change(text);
        }
    }
}

fn saved(book: &Book, save: Save) -> Vec<u8> {
    match save {
        Save::Xlsx => book.xlsx(),
        Save::Ods => book.ods(),
        Save::Csv(separator, marked) => {
            let mark: &[u8] = if marked { b"\xef\xbb\xbf" } else { b"" };
            [mark, book.csv(separator).as_bytes()].concat()
        }
    }
}

fn read(bytes: &[u8], name: &str) -> (Understood, Vec<Finding>) {
    read_by(bytes, name, &contract(name))
}

fn read_by(bytes: &[u8], name: &str, contract: &Contract) -> (Understood, Vec<Finding>) {
    let workbook = match read_bytes(name, bytes) {
        Ok(workbook) => workbook,
        Err(finding) => panic!("{finding:?}"),
    };
    let (partnership, measures) = (partnership(), measures());
    let vocabulary = Vocabulary { partnership: &partnership, measures: &measures };
    let expected: Period = "2025-26Q1".parse().expect("a period");
    let previous = PreviousValues::new();
    let today = expected.last().last_day();
    let occasion = Occasion { expected, file: "", today, previous: &previous };
    let checked = understand(&workbook, contract, &vocabulary, &occasion);
    (checked.output, checked.findings)
}

/// What is kept of a return, without the cells it stood in.
fn figures(understood: &Understood) -> BTreeSet<String> {
    let all: Vec<String> = understood
        .observations
        .to_vec()
        .iter()
        .map(|seen| {
            format!(
                "{} {} {} {:?} {:?}",
                seen.measure, seen.area, seen.period, seen.breakdown, seen.figure
            )
        })
        .collect();
    let set: BTreeSet<String> = all.iter().cloned().collect();
    assert_eq!(set.len(), all.len(), "a figure twice");
    set
}

/// What came of a change: `same`, `refused` with the codes, or what was read wrongly.
fn outcome(good: &BTreeSet<String>, bytes: &[u8], name: &str) -> String {
    let (understood, findings) = read(bytes, name);
    let errors: BTreeMap<&str, &Finding> = findings
        .iter()
        .filter(|finding| finding.severity == Severity::Error)
        .map(|finding| (finding.code.as_str(), finding))
        .collect();
    if !errors.is_empty() {
        let codes: Vec<&str> = errors.keys().copied().collect();
        return format!("refused: {}", codes.join(", "));
    }
    let read = figures(&understood);
    if read == *good {
        return "same".to_owned();
    }
    let lost: Vec<&String> = good.difference(&read).take(3).collect();
    let new: Vec<&String> = read.difference(good).take(3).collect();
    format!("READ WRONGLY: lost {lost:?}, new {new:?}")
}

/// Makes every change to a bundled return: what came of it must be what is wanted.
fn check(file: &str, name: &str, changes: &[Change]) {
    let original = book(&workbook(&root().join(file), name));
    let (understood, findings) = read(&original.xlsx(), name);
    assert!(findings.iter().all(|found| found.severity != Severity::Error), "{findings:#?}");
    let good = figures(&understood);
    assert!(!good.is_empty());
    let mut problems = String::new();
    for Change { what, make, save, wanted } in changes {
        let mut drifted = original.clone();
        make(&mut drifted);
        let found = outcome(&good, &saved(&drifted, *save), name);
        let as_wanted = match wanted {
            Wanted::Same => found == "same",
            Wanted::Refused(code) => found.starts_with("refused") && found.contains(code),
        };
        if !as_wanted {
            writeln!(problems, "{what}: {found} (wanted {wanted:?})").expect("to a string");
        }
    }
    assert!(problems.is_empty(), "{name}\n{problems}");
}

#[test]
fn columns_that_move_come_and_go() {
    check(POLICE, "kent-police-monthly", &columns::changes());
}

#[test]
fn labels_and_figures_written_another_way() {
    check(POLICE, "kent-police-monthly", &labels::changes());
}

#[test]
fn months_written_another_way() {
    check(POLICE, "kent-police-monthly", &periods::changes());
}

#[test]
fn sheets_renamed_moved_added_and_hidden() {
    check(POLICE, "kent-police-monthly", &sheets::changes());
}

#[test]
fn areas_down_and_measures_across() {
    check(FIRES, "kfrs-deliberate-fires", &columns::of_fires());
}

#[test]
fn a_long_table() {
    check(HISTORY, "illustrative-history", &periods::of_history());
}

#[test]
fn two_rows_of_headings() {
    check(OUTREACH, "kenward-outreach", &labels::of_outreach());
}

#[test]
fn most_drift_is_read_and_the_rest_is_refused() {
    let all: Vec<Change> = [
        columns::changes(),
        labels::changes(),
        periods::changes(),
        sheets::changes(),
        columns::of_fires(),
        periods::of_history(),
        labels::of_outreach(),
    ]
    .into_iter()
    .flatten()
    .collect();
    let same = all.iter().filter(|change| change.wanted == Wanted::Same).count();
    assert_eq!((all.len(), same), (158, 117));
}
