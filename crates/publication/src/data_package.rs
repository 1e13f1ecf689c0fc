//! What the data files hold, for programs: a Frictionless tabular data package.

use model::SubmissionHash;
use serde_json::{Value, json};

use crate::report_model::ReportModel;
use crate::tables::{Column, CsvTable, Dataset, Kind, datasets};

/// Marks that may stand in the place of a number, besides nothing at all.
const INSTEAD_OF_NUMBERS: [&str; 4] = ["", "[c]", "[x]", "[z]"];

/// `datapackage.json`, which lies beside the data files and says of each what its columns hold,
/// how long it is and what its hash is. None without data files: a package has one at least.
pub fn data_package(model: &ReportModel, tables: &[CsvTable]) -> Option<Vec<u8>> {
    let about = &model.about;
    let datasets = datasets(model);
    let resources: Vec<Value> = tables
        .iter()
        .filter_map(|table| {
            let dataset = datasets.iter().find(|dataset| dataset.name == table.name)?;
            Some(resource(table, dataset))
        })
        .collect();
    if resources.is_empty() {
        return None;
    }
    let mut package = json!({
        "profile": "tabular-data-package",
        "name": key(&format!("{} {}", about.partnership_short, model.period_file_name)),
        "title": format!("{}: tables for {}", about.partnership, about.period),
        "description": described(model),
        "version": about.edition_data,
        "created": format!("{}T00:00:00Z", about.as_of_data),
        "keywords": ["community safety", model.period_data],
        "contributors": [{"title": about.partnership, "role": "publisher"}],
        "resources": resources,
    });
    if !about.figures_from.is_empty() {
        let sources: Vec<Value> =
            about.figures_from.iter().map(|source| json!({"title": source})).collect();
        package["sources"] = sources.into();
    }
    let mut bytes = serde_json::to_vec_pretty(&package).expect("text and numbers only");
    bytes.push(b'\n');
    Some(bytes)
}

fn described(model: &ReportModel) -> String {
    let about = &model.about;
    let said = [
        model.marking.clone(),
        model.demonstration.clone(),
        about.provisional.clone(),
        format!("As known on {}.", about.as_of),
        "Marks in square brackets stand in the place of numbers, or qualify them in columns of their own. Text that begins like a formula has an apostrophe before it.".to_owned(),
        model.provenance.contact.clone(),
    ];
    said.into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join("\n\n")
}

fn resource(table: &CsvTable, dataset: &Dataset) -> Value {
    let mut missing: Vec<&str> = INSTEAD_OF_NUMBERS.to_vec();
    missing.extend(dataset.in_place_of_numbers());
    missing.sort_unstable();
    missing.dedup();
    let fields: Vec<Value> = dataset.columns.iter().map(field).collect();
    json!({
        "profile": "tabular-data-resource",
        "name": table.name,
        "path": table.file_name,
        "title": table.title,
        "description": table.description,
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "bytes": table.bytes.len(),
        "hash": format!("sha256:{}", SubmissionHash::of(&table.bytes)),
        "dialect": {
            "csvddfVersion": "1.2",
            "delimiter": ",",
            "doubleQuote": true,
            "header": true,
            "lineTerminator": "\r\n",
            "quoteChar": "\"",
        },
        "schema": {"fields": fields, "missingValues": missing},
    })
}

fn field(column: &Column) -> Value {
    let Column { heading, kind, about, blank } = column;
    let kind = match kind {
        Kind::Text | Kind::Period | Kind::Marks => "string",
        Kind::Integer => "integer",
        Kind::Decimal => "number",
        Kind::Date => "date",
        Kind::Month => "yearmonth",
    };
    let description = match *blank {
        "" => (*about).to_owned(),
        blank => format!("{about} Where it is empty, {blank}."),
    };
    json!({"name": heading, "title": heading, "type": kind, "description": description})
}

/// Lower-case letters, digits and hyphens: as names of packages must be.
fn key(text: &str) -> String {
    let lower = text.to_lowercase();
    let words = lower.split(|c: char| !c.is_ascii_alphanumeric());
    words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join("-")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::Sample;
    use crate::tables::tables;

    fn package(model: &ReportModel) -> Value {
        let bytes = data_package(model, &tables(model)).expect("data files");
        serde_json::from_slice(&bytes).expect("JSON")
    }

    #[test]
    fn a_package_says_whose_it_is() {
        let mut package = package(&Sample::small().model());
        package["resources"].take();
        insta::assert_snapshot!(serde_json::to_string_pretty(&package).expect("JSON"), @r#"
        {
          "contributors": [
            {
              "role": "publisher",
              "title": "Sevenoaks District Community Safety Partnership"
            }
          ],
          "created": "2025-07-21T00:00:00Z",
          "description": "OFFICIAL\n\nDemonstration: figures marked (illustrative) are made up.\n\nSome figures are provisional [p].\n\nAs known on 21 July 2025.\n\nMarks in square brackets stand in the place of numbers, or qualify them in columns of their own. Text that begins like a formula has an apostrophe before it.\n\nCommunity Safety Unit, csu@sevenoaks-csp.example",
          "keywords": [
            "community safety",
            "2025-26Q1"
          ],
          "name": "sevenoaks-csp-2025-26-q1",
          "profile": "tabular-data-package",
          "resources": null,
          "sources": [
            {
              "title": "DAVSS"
            },
            {
              "title": "Kent Police"
            }
          ],
          "title": "Sevenoaks District Community Safety Partnership: tables for quarter 1 2025 to 2026 (April to June 2025)",
          "version": "2025-26-Q1-01"
        }
        "#);
    }

    #[test]
    fn a_file_says_what_its_columns_hold() {
        let package = package(&Sample::small().model());
        let returns = &package["resources"][6];
        insta::assert_snapshot!(serde_json::to_string_pretty(returns).expect("JSON"), @r#"
        {
          "bytes": 415,
          "description": "Every return that is asked for, and whether it has arrived.",
          "dialect": {
            "csvddfVersion": "1.2",
            "delimiter": ",",
            "doubleQuote": true,
            "header": true,
            "lineTerminator": "\r\n",
            "quoteChar": "\""
          },
          "encoding": "utf-8",
          "format": "csv",
          "hash": "sha256:d93645409581bff514fc5e2b5be6ef8870014433bedbf1071efe42fca24788bd",
          "mediatype": "text/csv",
          "name": "returns",
          "path": "2025-26-Q1-returns.csv",
          "profile": "tabular-data-resource",
          "schema": {
            "fields": [
              {
                "description": "Who sends it.",
                "name": "Partner",
                "title": "Partner",
                "type": "string"
              },
              {
                "description": "What it is.",
                "name": "Return",
                "title": "Return",
                "type": "string"
              },
              {
                "description": "The last day on which it is on time. Where it is empty, it is never owed.",
                "name": "Due date",
                "title": "Due date",
                "type": "date"
              },
              {
                "description": "Where it stands.",
                "name": "State",
                "title": "State",
                "type": "string"
              },
              {
                "description": "When the file that counts arrived. Where it is empty, it has not arrived.",
                "name": "Arrived",
                "title": "Arrived",
                "type": "date"
              },
              {
                "description": "What is wrong and what to do. Where it is empty, nothing is wrong.",
                "name": "Note",
                "title": "Note",
                "type": "string"
              }
            ],
            "missingValues": [
              "",
              "[c]",
              "[x]",
              "[z]"
            ]
          },
          "title": "Returns"
        }
        "#);
    }

    /// What a validator does, in small: every cell is of its column's type or a missing value.
    #[test]
    fn every_cell_is_what_its_column_says() {
        let model = Sample::drawn().model();
        let (package, tables) = (package(&model), tables(&model));
        let resources = package["resources"].as_array().expect("a list");
        assert_eq!(resources.len(), tables.len());
        for (resource, table) in resources.iter().zip(&tables) {
            assert_eq!(resource["bytes"], table.bytes.len());
            let fields = resource["schema"]["fields"].as_array().expect("a list");
            let missing = resource["schema"]["missingValues"].as_array().expect("a list");
            let mut reader = csv::Reader::from_reader(table.bytes.as_slice());
            let headings = reader.headers().expect("headings").clone();
            assert!(
                headings
                    .iter()
                    .eq(fields.iter().map(|field| field["name"].as_str().expect("a name")))
            );
            for record in reader.records().map(|record| record.expect("one length")) {
                for (cell, field) in record.iter().zip(fields) {
                    let holds = match field["type"].as_str().expect("a type") {
                        "integer" => cell.parse::<i64>().is_ok(),
                        "number" => cell.parse::<f64>().is_ok(),
                        "date" => cell.parse::<jiff::civil::Date>().is_ok(),
                        "yearmonth" => cell.parse::<model::Month>().is_ok(),
                        _ => true,
                    };
                    assert!(holds || missing.contains(&cell.into()), "{field}: `{cell}`");
                }
            }
        }
    }

    #[test]
    fn blank_cells_are_explained_and_without_tables_there_is_no_package() {
        for model in [Sample::small(), Sample::large(), Sample::drawn()].map(|it| it.model()) {
            for dataset in datasets(&model) {
                for (index, column) in dataset.columns.iter().enumerate() {
                    let explained = !dataset.has_blanks(index) || !column.blank.is_empty();
                    assert!(explained, "{}: {}", dataset.name, column.heading);
                }
            }
        }
        assert_eq!(data_package(&Sample::empty().model(), &[]), None);
    }
}
