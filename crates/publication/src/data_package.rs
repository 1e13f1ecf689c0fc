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
