//! Published files, read by the contracts in `fixtures/contracts/`: control figures of each.
//!
//! `checks/reading.py` holds every cell against other readers; `fixtures/contracts/control.tsv` has
//! counts, a sum and two cells, so that a change of what is read cannot pass unseen without Python.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use testkit::{fixture, rows, tree};

use crate::environment;

type Row = BTreeMap<String, String>;

/// Runs `check --figures` for a row of the control figures; gives the row as it came out.
fn checked(row: &Row) -> Row {
    let environment = environment();
    let out = environment.path("figures.csv");
    let text = |path: &Path| path.to_str().expect("UTF-8").to_owned();
    let ran = environment.run(&[
        "--config",
        &text(&fixture("contracts/config")),
        "--as-of",
        "2026-06-30",
        "check",
        &text(&fixture(&row["file"])),
        "--return",
        &row["contract"],
        "--period",
        &row["period"],
        "--figures",
        &text(&out),
    ]);
    assert!(matches!(ran.code, Some(0 | 3)), "{row:?}: {}", ran.shown());
    let mut reader = csv::Reader::from_path(out).expect("the figures");
    let figures: Vec<Row> = reader.deserialize().map(|figure| figure.expect("a figure")).collect();
    let numbers: Vec<&Row> = figures.iter().filter(|figure| !figure["value"].is_empty()).collect();
    let sum: i128 = numbers.iter().map(|figure| hundredths(&figure["value"])).sum();
    let cell = |figure: Option<&&Row>| {
        figure.map_or_else(String::new, |figure| {
            format!("{}!{} {}", figure["sheet"], figure["cell"], figure["value"])
        })
    };
    let mut found = row.clone();
    let mut set = |name: &str, value: String| found.insert(name.to_owned(), value);
    set("accepted", ran.stdout.contains("would be accepted").to_string());
    set("figures", figures.len().to_string());
    set("without number", (figures.len() - numbers.len()).to_string());
    set("sum in hundredths", sum.to_string());
    set("first", cell(numbers.first()));
    set("last", cell(numbers.last()));
    found
}

/// In hundredths, so that sums are exact.
fn hundredths(value: &str) -> i128 {
    let (whole, fraction) = value.split_once('.').unwrap_or((value, "00"));
    let digits: i128 = format!("{whole}{fraction}").parse().expect("a number with two decimals");
    assert_eq!(fraction.len(), 2, "{value}");
    digits
}

fn controls() -> Vec<Row> {
    rows(&fixture("contracts/control.tsv"))
}

fn holds(part: usize, of: usize) {
    for row in controls().iter().skip(part).step_by(of) {
        assert_eq!(*row, checked(row));
    }
}

#[test]
fn a_first_part_is_read_as_before() {
    holds(0, 4);
}

#[test]
fn a_second_part_is_read_as_before() {
    holds(1, 4);
}

#[test]
fn a_third_part_is_read_as_before() {
    holds(2, 4);
}

#[test]
fn a_fourth_part_is_read_as_before() {
    holds(3, 4);
}

#[test]
fn every_contract_reads_a_file() {
    let tried: BTreeSet<String> =
        controls().into_iter().filter_map(|mut row| row.remove("contract")).collect();
    let names = tree(&fixture("contracts/config/returns"));
    let all: BTreeSet<String> =
        names.keys().map(|name| name.trim_end_matches(".toml").to_owned()).collect();
    assert_eq!(tried, all);
}

#[test]
fn the_contracts_are_sound() {
    let config = fixture("contracts/config");
    let config = config.to_str().expect("UTF-8");
    let _sound = environment().run(&["--config", config, "config", "check"]).exits(0);
}
