//! The demonstration's police figures against the published file, cell by cell.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use testkit::{Environment, cells, fixture, rows};

use crate::{QUARTER, demonstrated};

const PUBLISHED: &str = "real/police-uk/kent_2025_H1_counts_derived.csv";
const WORKBOOK: &str = "Sevenoaks CSP - police crime and ASB by district Jan-Jun 2025.xlsx";
const MONTHS: [&str; 3] = ["2025-04", "2025-05", "2025-06"];
const ASB: &str = "Anti-social behaviour";

/// Crime types as published, and the measures that must carry them.
const MEASURES: [(&str, &str); 14] = [
    (ASB, "police-asb"),
    ("Bicycle theft", "police-bicycle-theft"),
    ("Burglary", "police-burglary"),
    ("Criminal damage and arson", "police-criminal-damage"),
    ("Drugs", "police-drugs"),
    ("Other crime", "police-other-crime"),
    ("Other theft", "police-other-theft"),
    ("Possession of weapons", "police-weapons"),
    ("Public order", "police-public-order"),
    ("Robbery", "police-robbery"),
    ("Shoplifting", "police-shoplifting"),
    ("Theft from the person", "police-theft-person"),
    ("Vehicle crime", "police-vehicle-crime"),
    ("Violence and sexual offences", "police-violence-sexual"),
];

const DISTRICTS: [&str; 13] = [
    "Ashford",
    "Canterbury",
    "Dartford",
    "Dover",
    "Folkestone and Hythe",
    "Gravesham",
    "Maidstone",
    "Medway",
    "Sevenoaks",
    "Swale",
    "Thanet",
    "Tonbridge and Malling",
    "Tunbridge Wells",
];

/// Published counts of the quarter's months by district and crime type.
fn published() -> BTreeMap<(String, String), i64> {
    let mut counts = BTreeMap::new();
    for row in rows(&fixture(PUBLISHED)) {
        if MONTHS.contains(&row["Month"].as_str()) {
            let count: i64 = row["Count"].parse().expect("a count");
            let key = (row["District"].clone(), row["Crime type"].clone());
            *counts.entry(key).or_default() += count;
        }
    }
    counts
}

fn count(published: &BTreeMap<(String, String), i64>, district: &str, kind: &str) -> i64 {
    let key = (district.to_owned(), kind.to_owned());
    published.get(&key).copied().unwrap_or(0)
}

fn indicators() -> Vec<Value> {
    let ran = demonstrated().run(&["indicators", "--json", "--period", QUARTER]);
    let document = ran.exits(0).json();
    assert_eq!(document["schema"], "quarterdeck/indicators/1");
    document["indicators"].as_array().expect("a list").clone()
}

fn find<'a>(indicators: &'a [Value], measure: &str, district: &str) -> &'a Value {
    let mut found = indicators.iter().filter(|row| {
        row["measure"] == measure
            && row["area"]["name"] == district
            && row["breakdown"] == json!({})
    });
    let row = found.next();
    assert!(found.next().is_none(), "{measure} for {district} twice");
    row.unwrap_or_else(|| panic!("no {measure} for {district}"))
}

#[test]
fn every_type_in_every_district_equals_the_published_count() {
    let (published, indicators) = (published(), indicators());
    let names: Vec<&String> = published.keys().map(|(district, _)| district).collect();
    for district in DISTRICTS {
        assert!(names.contains(&&district.to_owned()), "{district}");
        for (kind, measure) in MEASURES {
            let row = find(&indicators, measure, district);
            let expected = count(&published, district, kind);
            assert_eq!(row["value"], expected, "{measure} for {district}");
            assert_eq!(row["period"], QUARTER);
        }
    }
}

#[test]
fn all_crime_is_everything_but_anti_social_behaviour() {
    let (published, indicators) = (published(), indicators());
    for district in DISTRICTS {
        let expected: i64 = MEASURES
            .iter()
            .filter(|(kind, _)| *kind != ASB)
            .map(|(kind, _)| count(&published, district, kind))
            .sum();
        let row = find(&indicators, "police-crime", district);
        assert_eq!(row["value"], expected, "{district}");
    }
}

/// Nothing is known before January 2025, and nothing is made up for it.
#[test]
fn what_they_would_be_compared_with_is_not_available() {
    let indicators = indicators();
    for district in DISTRICTS {
        for (_, measure) in MEASURES {
            let row = find(&indicators, measure, district);
            for key in [
                "same_quarter_last_year",
                "change",
                "change_pct",
                "rolling_12_months",
                "rolling_12_months_previous",
                "direction",
            ] {
                assert_eq!(row[key], Value::Null, "{key} of {measure} for {district}");
            }
            let status = row["status"].as_array().expect("marks");
            assert!(status.contains(&json!("x")), "{measure}: {status:?}");
            assert!(status.contains(&json!("p")), "{measure}: {status:?}");
            assert_eq!(row["value_status"], json!(["p"]), "{measure}");
            assert_eq!(row["verdict"], "cannot-judge", "{measure}");
            let gaps = row["gaps"].to_string();
            assert!(gaps.contains("begin in January 2025"), "{measure}: {gaps}");
        }
    }
}

/// Follows a figure to its cells, and reads those with a reader that shares nothing with ours.
fn trace_ends_at_the_right_cells(
    environment: &Environment,
    (district, sheet): (&str, &str),
    (kind, measure): (&str, &str),
) {
    let arguments = ["trace", measure, "--area", district, "--period", QUARTER];
    let trace = environment.run(&[&arguments[..], &["--json"]].concat());
    let trace = trace.exits(0).json();
    assert_eq!(trace["schema"], "quarterdeck/trace/1");
    let expected = count(&published(), district, kind);
    assert_eq!(trace["figure"]["value"], expected, "{measure} {district}");
    let path = format!("fixtures/partners/kent-police/{WORKBOOK}");
    let bytes = std::fs::read(environment.path(&path)).expect("the workbook");
    let sheet_cells = cells(&bytes, sheet);
    let from = trace["from"].as_array().expect("cells");
    let mut months = Vec::new();
    let mut sum = 0;
    for cell in from {
        assert_eq!(cell["file"], WORKBOOK);
        assert_eq!(cell["sheet"], sheet);
        let address = cell["cell"].as_str().expect("an address");
        let content = sheet_cells.get(address).expect("a cell with content");
        assert_eq!(cell["raw"], content.as_str(), "{sheet}!{address}");
        // The workbook writes a dash for none.
        let number: i64 = if content == "-" { 0 } else { content.parse().expect("a number") };
        assert_eq!(cell["value"], number, "{sheet}!{address}");
        let row = address.trim_start_matches(char::is_alphabetic);
        assert_eq!(sheet_cells[&format!("A{row}")], kind, "{sheet}!{address}");
        months.push(cell["period"].as_str().expect("a month").to_owned());
        sum += number;
    }
    months.sort();
    assert_eq!(months, MONTHS);
    assert_eq!(sum, expected);
}

#[test]
fn traces_end_at_file_sheet_and_cell() {
    let environment = demonstrated();
    for place in [
        ("Sevenoaks", "Sevenoaks"),
        ("Tunbridge Wells", "Tunbridge Wells"),
        ("Tonbridge and Malling", "Tonbridge & Malling"),
    ] {
        for what in MEASURES {
            trace_ends_at_the_right_cells(&environment, place, what);
        }
    }
}

#[test]
fn a_figure_that_is_a_sum_traces_to_all_its_parts() {
    let ran = demonstrated().run(&[
        "trace",
        "police-crime",
        "--area",
        "Sevenoaks",
        "--period",
        QUARTER,
        "--json",
    ]);
    let trace = ran.exits(0).json();
    let from = trace["from"].as_array().expect("cells");
    assert_eq!(from.len(), 13 * MONTHS.len());
    let sum: i64 = from.iter().filter_map(|cell| cell["value"].as_i64()).sum();
    assert_eq!(trace["figure"]["value"], sum);
}
