//! Changes that published plans print, sent as returns with the partner's own columns of change: what does not follow
//! from the counts is found, and nothing else; and totals that are not the sum of their parts.
//!
//! `checks/figures.py` compares every figure of them.

use std::collections::BTreeMap;

use serde_json::Value;
use testkit::fixture;

use crate::environment;

type Row = BTreeMap<String, String>;

const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
/// The row of a workbook that holds its first line, and the columns of its changes.
const FIRST_ROW: usize = 4;
const NUMBER: &str = "E";
const PERCENT: &str = "F";

/// What `check` says of a return by a contract beside the fixtures. It must be accepted.
fn checked(file: &str, contract: &str, period: &str) -> Value {
    let path = |name: &str| fixture(name).to_str().expect("UTF-8").to_owned();
    let contract = path(&format!("contracts/config/returns/{contract}.toml"));
    let ran = environment().run(&[
        "--config",
        &path("contracts/config"),
        "--as-of",
        "2026-06-30",
        "check",
        &path(file),
        "--contract",
        &contract,
        "--period",
        period,
        "--json",
    ]);
    assert!(matches!(ran.code, Some(0 | 3)), "{file}: {}", ran.shown());
    let found = ran.json();
    assert_eq!(found["accepted"], true, "{file}: {found}");
    found
}

/// Each finding's code and cell, in the order of the document.
fn findings(found: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    let findings = found["findings"].as_array().expect("a list");
    findings.iter().map(|finding| (text(&finding["code"]), text(&finding["cell"]))).collect()
}

/// `Nov 2018 to Oct 2019` for `2018-11..2019-10`.
fn in_words(period: &str) -> String {
    let months = period.split("..").map(|month| {
        let (year, number) = month.split_once('-').expect("a month");
        let number: usize = number.parse().expect("a number");
        format!("{} {year}", MONTHS[number - 1])
    });
    months.collect::<Vec<String>>().join(" to ")
}

/// Whether the part of the whole, in percent, rounds to the printed number. Whole numbers only.
fn rounds_to(part: i64, whole: i64, printed: &str) -> bool {
    let decimals = printed.split_once('.').map_or(0, |(_, digits)| digits.len());
    let scale = 10_i64.pow(u32::try_from(decimals).expect("a few"));
    let digits: i64 = printed.replace('.', "").parse().expect("a number");
    2 * (100 * part * scale - digits * whole).abs() <= whole.abs()
}

/// Cells of a workbook whose change or percentage does not follow from the counts that it has.
fn wrong_cells(lines: &[Row], previous: &str) -> Vec<(String, String)> {
    let mut wrong = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        let (number, percent) = (&line["published_change"], &line["published_pct"]);
        let Ok(now) = line["current"].parse::<i64>() else { continue };
        // Without an earlier count it is what the printed change leaves of the later one.
        let implied = || number.parse::<i64>().map(|change| now - change);
        let Ok(before) = line[previous].parse::<i64>().or_else(|_| implied()) else { continue };
        let mut add = |column: &str| {
            wrong.push(("change-differs".to_owned(), format!("{column}{}", FIRST_ROW + at)));
        };
        if !number.is_empty() && *number != (now - before).to_string() {
            add(NUMBER);
        }
        if !percent.is_empty() && !rounds_to(now - before, before, percent) {
            add(PERCENT);
        }
    }
    wrong
}

#[test]
fn a_change_that_does_not_follow_is_found_and_no_other() {
    let list = fixture("golden/published-changes.csv");
    let mut reader = csv::Reader::from_path(list).expect("the list of changes");
    let mut documents: BTreeMap<(String, String), Vec<Row>> = BTreeMap::new();
    for row in reader.deserialize() {
        let row: Row = row.expect("a row");
        documents.entry((row["document"].clone(), row["period"].clone())).or_default().push(row);
    }
    assert_eq!(documents.values().map(Vec::len).sum::<usize>(), 31);
    let mut all = Vec::new();
    for ((document, period), lines) in documents {
        let contract = if document.starts_with("Kent") { "plans-kent" } else { "plans-districts" };
        let follows = lines.iter().any(|line| line["previous"] != line["recomputed_previous"]);
        let both = [("both counts", "recomputed_previous")];
        let kinds =
            [("as printed", "previous")].into_iter().chain(both.into_iter().filter(|_| follows));
        for (kind, previous) in kinds {
            let name = format!("{}, {}, {kind}", document.replace('/', "-"), in_words(&period));
            let file = format!("golden/published-changes/{name}.xlsx");
            let found = checked(&file, contract, &period);
            assert_eq!(found["observations"], 2 * lines.len(), "{name}");
            assert_eq!(findings(&found), wrong_cells(&lines, previous), "{name}");
            all.extend(findings(&found));
        }
    }
    // Shoplifting in Sevenoaks: 579, 106 more than the year before, which is not 22.1 %.
    let found = ("change-differs".to_owned(), "F13".to_owned());
    assert_eq!(all, [found.clone(), found], "as printed, and with both counts");
}

#[test]
fn a_total_that_is_not_its_parts_is_found_and_no_other() {
    let of = |name: &str, period: &str| {
        checked(&format!("golden/published-breakdowns/{name}.xlsx"), "plans-breakdowns", period)
    };
    let davss = of("Tonbridge and Malling 2020-21, DAVSS", "2019-20");
    let differs = ("breakdown-differs".to_owned(), "C4".to_owned());
    assert_eq!(findings(&davss), [differs.clone(), differs]);
    for finding in davss["findings"].as_array().expect("a list") {
        let message = finding["message"].as_str().expect("a message");
        assert!(message.contains("310") && message.contains("326"), "{message}");
    }
    for (name, period) in [
        ("Kent CSA 2021, roads", "2020-01..2020-12"),
        ("Sevenoaks 2024-25, environmental health", "2022-10..2023-09"),
    ] {
        assert_eq!(findings(&of(name, period)), [], "{name}");
    }
}
