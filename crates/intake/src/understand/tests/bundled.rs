//! The bundled contracts and workbooks, through the reader: what partners really send.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use model::{
    Area, AreaCode, Finding, Geography, Measure, MeasureId, Partnership, PeerSet, Period, Polarity,
    ReturnId, Severity, Unit,
};
use toml::{Table, Value};

use super::super::{Occasion, PreviousValues, Understood, Vocabulary, understand};
use crate::contract::{Contract, parse};
use crate::reader::in_process::read_bytes;
use crate::workbook::{Sheet, Workbook};

pub(super) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

pub(super) fn text_of(path: &str) -> String {
    let path = root().join(path);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

pub(super) fn contract(name: &str) -> Contract {
    let text = text_of(&format!("config/returns/{name}.toml"));
    parse(ReturnId::new(name), &text).unwrap_or_else(|problems| panic!("{name}: {problems:#?}"))
}

fn texts(value: &Value) -> Vec<String> {
    let items = value.as_array().expect("a list");
    items.iter().map(|item| item.as_str().expect("a text").to_owned()).collect()
}

fn geography(table: &Value) -> Geography {
    match table["geography"].as_str() {
        Some("csp") => Geography::Csp,
        Some("district") => Geography::District,
        _ => Geography::Place,
    }
}

/// Areas and peer sets of the bundled partnership: what a contract speaks of.
pub(super) fn partnership() -> Partnership {
    let table: Table = text_of("config/partnership.toml").parse().expect("sound TOML");
    let list = |key: &str| table[key].as_array().expect("a list").clone();
    let text = |table: &Value, key: &str| table[key].as_str().expect("a text").to_owned();
    Partnership {
        name: String::new(),
        short_name: String::new(),
        home: BTreeMap::new(),
        areas: list("area")
            .iter()
            .map(|area| Area {
                code: AreaCode::new(text(area, "code")),
                name: text(area, "name"),
                aliases: area.get("aliases").map(texts).unwrap_or_default(),
                geography: geography(area),
                districts: Vec::new(),
            })
            .collect(),
        peer_sets: list("peer_set")
            .iter()
            .map(|set| PeerSet {
                id: text(set, "id"),
                label: text(set, "label"),
                geography: geography(set),
                areas: texts(&set["areas"]).into_iter().map(AreaCode::new).collect(),
                vintage: String::new(),
            })
            .collect(),
        priorities: Vec::new(),
        success_measures: Vec::new(),
        targets: Vec::new(),
        partners: Vec::new(),
        recipients: Vec::new(),
    }
}

pub(super) fn measures() -> BTreeMap<MeasureId, Measure> {
    let table: Table = text_of("config/measures.toml").parse().expect("sound TOML");
    let list = table["measure"].as_array().expect("a list").clone();
    list.iter()
        .map(|measure| {
            let id = MeasureId::new(measure["id"].as_str().expect("a text"));
            let unit = match measure["unit"].as_str() {
                Some("percent") => Unit::Percent,
                Some("pounds") => Unit::Pounds,
                _ => Unit::Count,
            };
            let measure = Measure {
                label: measure["label"].as_str().expect("a text").to_owned(),
                unit,
                polarity: Polarity::Neutral,
                ..Measure::count(id.clone(), geography(measure))
            };
            (id, measure)
        })
        .collect()
}

/// The workbooks in a folder; lock files and other hidden ones apart.
pub(super) fn files(folder: &str) -> Vec<PathBuf> {
    let folder = root().join(folder);
    let entries =
        std::fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
    files.retain(|path| {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        !name.starts_with(['.', '~']) && path.is_file()
    });
    files.sort();
    files
}

pub(super) fn workbook(file: &Path, name: &str) -> Workbook {
    let bytes = std::fs::read(file).expect("a bundled file");
    read_bytes(name, &bytes).unwrap_or_else(|finding| panic!("{finding:?}"))
}

fn read(file: &Path, name: &str) -> (Understood, Vec<Finding>) {
    judged(&workbook(file, name), name)
}

fn judged(workbook: &Workbook, name: &str) -> (Understood, Vec<Finding>) {
    judged_after(workbook, name, &PreviousValues::new())
}

/// The same with something sent before.
pub(super) fn judged_after(
    workbook: &Workbook,
    name: &str,
    previous: &PreviousValues,
) -> (Understood, Vec<Finding>) {
    let (partnership, measures) = (partnership(), measures());
    let vocabulary = Vocabulary { partnership: &partnership, measures: &measures };
    let expected: Period = "2025-26Q1".parse().expect("a period");
    let occasion = Occasion { expected, file: "", today: jiff::civil::date(2025, 7, 21), previous };
    let checked = understand(workbook, &contract(name), &vocabulary, &occasion);
    (checked.output, checked.findings)
}

fn summary(file: &Path, name: &str) -> String {
    let (understood, findings) = read(file, name);
    let sum: i64 = understood.observations.values().sum();
    let period = understood.period.map_or_else(|| "-".to_owned(), |period| period.to_string());
    let mut text = format!(
        "{name}: {period}, {} figures of sum {sum}, {} actions",
        understood.observations.len(),
        understood.actions.len()
    );
    for finding in findings {
        write!(
            text,
            "\n  {} {} {}: {}",
            finding.severity.as_str(),
            finding.place,
            finding.code,
            finding.message
        )
        .expect("to a string");
    }
    text
}

fn all_in(folder: &str, name: &str) -> String {
    let files = files(folder);
    assert!(!files.is_empty(), "nothing in {folder}");
    let all: Vec<String> = files.iter().map(|file| summary(file, name)).collect();
    all.join("\n")
}

#[test]
fn every_bundled_contract_is_sound_and_names_known_measures() {
    let (partnership, measures) = (partnership(), measures());
    let contracts = files("config/returns");
    assert_eq!(contracts.len(), 12);
    for path in contracts {
        let name = path.file_stem().and_then(|name| name.to_str()).expect("a name");
        let contract = contract(name);
        for measure in contract.measures() {
            assert!(measures.contains_key(measure), "{name}: {measure}");
        }
        if let Some(id) = contract.peer_set() {
            assert!(partnership.peer_sets.iter().any(|set| set.id == id), "{name}: {id}");
        }
    }
}

#[test]
fn what_is_well_filled_in_is_read_in_full() {
    insta::assert_snapshot!(all_in("fixtures/partners/kent-police", "kent-police-monthly"), @"kent-police-monthly: 2025-01..2025-06, 1092 figures of sum 88786, 0 actions");
    insta::assert_snapshot!(all_in("fixtures/site/ons", "ons-table-c2"), @"
    ons-table-c2: 2024-07..2025-06, 276 figures of sum 433011, 0 actions
      repair csv!C9 areas-left-out: 386 rows for areas that are not in the partnership left out, first in C9
      repair csv!G163 blanks-removed: blanks around the number removed in 276 cells, first in G163
      repair csv!G163 separators-removed: thousands separators removed in 93 cells, first in G163
    ");
    insta::assert_snapshot!(all_in("fixtures/partners/dft", "stats19-collisions"), @"
    stats19-collisions: 2025-01..2025-12, 36 figures of sum 38, 0 actions
      repair csv!P2 areas-left-out: 5 rows for areas that are not in the partnership left out, first in P2
    ");
    insta::assert_snapshot!(all_in("fixtures/partners/sevenoaks-district-council-actions", "csp-action-plan"), @"csp-action-plan: 2025-26Q1, 0 figures of sum 0, 48 actions");
    insta::assert_snapshot!(all_in("fixtures/partners/sevenoaks-district-council-history", "illustrative-history"), @"illustrative-history: 2022-04..2025-06, 468 figures of sum 14420, 0 actions");
    insta::assert_snapshot!(all_in("fixtures/partners/kenward-trust", "kenward-outreach"), @"
    kenward-outreach: 2025-26Q1, 24 figures of sum 732, 0 actions
      repair Outreach!C6 number-as-text: number stored as text read as a number in 1 cell, first in C6
    ");
    insta::assert_snapshot!(all_in("fixtures/late/kent-fire-and-rescue", "kfrs-deliberate-fires"), @"kfrs-deliberate-fires: 2025-26Q1, 24 figures of sum 508, 0 actions");
    insta::assert_snapshot!(summary(&root().join("fixtures/golden/tunbridge-wells-headline-2019.xlsx"), "tunbridge-wells-headline"), @"tunbridge-wells-headline: 2017-11..2019-10, 34 figures of sum 55544, 0 actions");
}

#[test]
fn what_is_wrong_on_purpose_is_found_and_nothing_else() {
    insta::assert_snapshot!(all_in("fixtures/partners/davss", "davss-quarterly"), @"
    davss-quarterly: 2025-26Q1, 24 figures of sum 593, 0 actions
      warning Return!C6 breakdown-differs: in May 2025, of which high risk 2 and of which medium risk 13 and of which standard risk 11 make 26, but `Referrals received (all)` is 27
    ");
    insta::assert_snapshot!(all_in("fixtures/partners/kcc-community-wardens", "kcc-wardens"), @"
    kcc-wardens: 2024-25Q4, 6 figures of sum 676, 0 actions
      error Wardens!D5 wrong-period: the figures are about January to March 2025, but this return is for quarter 1 2025 to 2026 (April to June 2025)
    ");
    insta::assert_snapshot!(all_in("fixtures/partners/west-kent-housing", "west-kent-housing"), @"
    west-kent-housing: 2025-26Q1, 20 figures of sum 556, 0 actions
      error ASB complaints!C8 not-a-number: `about 12` is not a number
      error ASB complaints!E9 total-differs: the total in the row `Vehicle nuisance` is 29, but its figures add up to 27
      error ASB complaints!A12 unknown-label: `Drones` is not a type this return has
      warning ASB complaints!C10 blank-cell: `Pets and animals` for May 2025 is blank: taken as not available, not as zero
    ");
    insta::assert_snapshot!(all_in("fixtures/partners/protection-against-stalking", "protection-against-stalking"), @"
    protection-against-stalking: -, 0 figures of sum 0, 0 actions
      error Referrals!B3 personal-data: the column from B3 down seems to hold names of people, in several cells: this return takes counts only, so nothing else in the file was read
    ");
}

#[test]
fn the_real_police_counts_are_those_published() {
    let file = &files("fixtures/partners/kent-police")[0];
    let (understood, findings) = read(file, "kent-police-monthly");
    assert!(findings.iter().all(|finding| finding.severity != Severity::Error));
    let asb: i64 = understood
        .observations
        .to_vec()
        .iter()
        .filter(|seen| seen.measure.as_str() == "police-asb" && seen.area.as_str() == "E07000111")
        .filter_map(|seen| seen.figure.value)
        .sum();
    let published: i64 = text_of("fixtures/real/police-uk/kent_2025_H1_counts_derived.csv")
        .lines()
        .filter_map(|line| line.split_once(",Sevenoaks,Anti-social behaviour,"))
        .map(|(_, count)| count.trim().parse::<i64>().expect("a count"))
        .sum();
    assert!(published > 0);
    assert_eq!(asb, published);
}

#[test]
fn without_the_names_the_referrals_would_have_been_accepted() {
    let name = "protection-against-stalking";
    let mut workbook = workbook(&files("fixtures/partners/protection-against-stalking")[0], name);
    for sheet in &mut workbook.sheets {
        let kept = sheet.cells().filter(|(address, _)| address.column != 1);
        let made = Sheet::from_cells(&sheet.name, sheet.visible, kept);
        *sheet = made.into();
    }
    let (understood, findings) = judged(&workbook, name);
    assert!(findings.is_empty(), "{findings:#?}");
    assert!(!understood.observations.is_empty());
}
