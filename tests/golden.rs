//! Published figures, sent as a workbook, must come out as the document printed them.

use std::fs;

use serde_json::{Value, json};
use testkit::{Environment, cells, fixture, rows, with_cell};

use crate::environment;

const PERIOD: &str = "2018-11..2019-10";
const WORKBOOK: &str = "golden/tunbridge-wells-headline-2019.xlsx";
const SHEET: &str = "Headline";
const SOURCE: &str = r#"[sources.tw]
kind = "folder"
path = "inbox/tw"
return = "tunbridge-wells-headline"
"#;

fn workbook() -> Vec<u8> {
    fs::read(fixture(WORKBOOK)).expect("the golden workbook")
}

/// A home whose only source is a folder that holds `workbook`.
fn sent(workbook: &[u8]) -> Environment {
    let environment = environment();
    environment.sources(SOURCE);
    environment.write("inbox/tw/headline 2019.xlsx", workbook);
    environment
}

fn indicators(environment: &Environment) -> Vec<Value> {
    let ran =
        environment.run(&["indicators", "--json", "--period", PERIOD, "--area", "Tunbridge Wells"]);
    let document = ran.exits(0).json();
    document["indicators"].as_array().expect("a list").clone()
}

fn number(text: &str) -> Value {
    text.parse::<i64>().map_or(Value::Null, Value::from)
}

#[test]
fn the_headline_table_comes_out_as_published() {
    let environment = sent(&workbook());
    let collect = ["run", "collect-returns", "--period", PERIOD];
    let _collected = environment.run(&collect).exits(0);
    let indicators = indicators(&environment);
    let published = rows(&fixture("golden/tunbridge-wells-headline-table.csv"));
    assert_eq!(published.len(), 17);
    assert_eq!(indicators.len(), published.len());
    for expected in published {
        let label = format!("{} (Tunbridge Wells assessment)", expected["measure"]);
        let row = indicators.iter().find(|row| row["label"] == label);
        let row = row.unwrap_or_else(|| panic!("no {label}"));
        assert_eq!(row["value"], number(&expected["current"]), "{label}");
        assert_eq!(row["same_quarter_last_year"], number(&expected["previous"]), "{label}");
        assert_eq!(row["change"], number(&expected["change"]), "{label}");
        let percent = expected["pct_change"].parse::<f64>();
        let percent = percent.map_or(Value::Null, Value::from);
        assert_eq!(row["change_pct"], percent, "{label}");
        let direction = match expected["direction"].as_str() {
            "" => Value::Null,
            direction => Value::from(direction),
        };
        assert_eq!(row["direction"], direction, "{label}");
        assert_eq!(row["period"], PERIOD, "{label}");
    }
}

#[test]
fn what_the_document_does_not_have_is_not_available() {
    let environment = sent(&workbook());
    let collect = ["run", "collect-returns", "--period", PERIOD];
    let _collected = environment.run(&collect).exits(0);
    let indicators = indicators(&environment);
    let row = indicators
        .iter()
        .find(|row| row["measure"] == "twbc-da-repeat-victims")
        .expect("a row of its own");
    assert_eq!(row["value"], Value::Null);
    assert_eq!(row["status"], json!(["x"]));
    assert_eq!(row["verdict"], "cannot-judge");
}

/// The address of the cell in the row and column of those labels.
fn address(row: &str, column: &str) -> String {
    let cells = cells(&workbook(), SHEET);
    let at = |label: &str| {
        let mut found = cells.iter().filter(|(_, text)| *text == label);
        found.next().expect("the label").0.clone()
    };
    let row = at(row).trim_start_matches(char::is_alphabetic).to_owned();
    let column = at(column).trim_end_matches(char::is_numeric).to_owned();
    format!("{column}{row}")
}

#[test]
fn a_change_that_does_not_follow_from_the_counts_is_found() {
    let address = address("Shoplifting", "Number change");
    let environment = sent(&with_cell(&workbook(), SHEET, &address, "17"));
    let collect = ["run", "collect-returns", "--period", PERIOD, "--json"];
    let ran = environment.run(&collect).exits(3).json();
    let findings = &ran["submissions"][0]["findings"];
    let found: Vec<&Value> = findings
        .as_array()
        .expect("findings")
        .iter()
        .filter(|finding| finding["code"] == "change-differs")
        .collect();
    assert_eq!(found.len(), 1, "{findings}");
    assert_eq!(found[0]["cell"], address.as_str());
    let message = found[0]["message"].as_str().expect("a message");
    assert!(message.contains("17") && message.contains('7'), "{message}");
}
