//! The schema and the parser ask for the same keys and take the same words.

use std::collections::BTreeSet;

use model::ReturnId;
use serde_json::Value;
use toml::de::DeTable;

use super::SCHEMA;
use super::fields::{Fields, Problems};
use super::file;

/// Contracts that between them make the parser ask for every key: each place where each thing can
/// be said.
fn samples() -> Vec<String> {
    const PLACES: [&str; 9] = [
        "from = \"fixed\"",
        "from = \"sheet-name\"",
        "from = \"column\", header = \"a\"",
        "from = \"header-row\"",
        "from = \"title\"",
        "from = \"block\"",
        "from = \"cell\"",
        "from = \"expected\"",
        "from = \"labels\"",
    ];
    const VALUES: [&str; 4] = ["column", "header-row", "rows", "cells"];
    let mut samples = vec![
        "frequency = \"ad-hoc\"\nkind = \"actions\"\nsheets = {}\n[columns]\n[statuses]\n\"Done\" = \"complete\"\n[checks]\nseverity = {}\n[[exception]]\n".to_owned(),
    ];
    for (index, place) in PLACES.iter().enumerate() {
        let value = VALUES[index % VALUES.len()];
        samples.push(format!(
            "[[table]]\nsheets = {{}}\narea = {{ {place} }}\nmeasure = {{ {place} }}\n\
             period = {{ {place} }}\nvalue = {{ from = \"{value}\" }}\n\
             breakdown = [{{ {place}, values = {{ \"a\" = \"b\" }} }}]\n\
             [labels]\n\"a\" = {{}}\n[areas]\n\"a\" = \"b\"\n[symbols]\n\"a\" = \"x\"\n\
             [personal]\n[checks]\nareas = {{}}\nadds_up = [{{}}]\nchange_columns = {{}}\n\
             ranges = [{{}}]\nrequired = [{{}}]\njump = {{}}\n\
             severity = {{ \"jump\" = \"error\" }}\n[[exception]]\n"
        ));
    }
    samples
}

/// Keys as the parser asks for them: `table.area header`, and words as `table.area.from = fixed`.
fn asked() -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    for text in samples() {
        let root = DeTable::parse(&text).expect("a sample is TOML");
        let problems = Problems::of(&text);
        let contract = file::contract(ReturnId::new("sample"), Fields::root(&root, &problems));
        assert!(contract.is_none(), "samples lack what is required");
        for (path, key) in problems.asked.take() {
            let (path, key) = (shape(&path), if key.starts_with("= ") { key } else { shape(&key) });
            if !is_open(&path) {
                all.insert(format!("{path} {key}").trim_start().to_owned());
            }
        }
    }
    all
}

/// A path without numbers, and without the words that are the partner's.
fn shape(path: &str) -> String {
    let mut shaped: Vec<String> = Vec::new();
    for part in path.split('.') {
        let part = part.split('[').next().unwrap_or_default();
        let open = is_open(&shaped.join("."));
        shaped.push(if open { "*".to_owned() } else { part.to_owned() });
    }
    shaped.join(".")
}

/// Tables whose keys are the partner's words.
fn is_open(path: &str) -> bool {
    ["labels", "areas", "symbols", "statuses", "table.breakdown.values", "checks.severity"]
        .contains(&path)
}

/// The same of the schema.
fn described() -> BTreeSet<String> {
    let schema: Value = serde_json::from_str(SCHEMA).expect("the schema is JSON");
    let mut all = BTreeSet::new();
    describe(&schema, &schema, "", &mut all);
    all
}

fn describe(root: &Value, node: &Value, path: &str, all: &mut BTreeSet<String>) {
    if let Some(name) = node["$ref"].as_str() {
        let name = name.trim_start_matches("#/definitions/");
        describe(root, &root["definitions"][name], path, all);
    }
    for branch in node["oneOf"].as_array().into_iter().flatten() {
        describe(root, branch, path, all);
    }
    if node["items"].is_object() {
        describe(root, &node["items"], path, all);
    }
    let words = node["enum"].as_array().into_iter().flatten().chain(node.get("const"));
    for word in words {
        all.insert(format!("{path} = {}", word.as_str().expect("a word")));
    }
    let below = |key: &str| if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
    for (key, value) in node["properties"].as_object().into_iter().flatten() {
        assert!(node["additionalProperties"] == false, "{path} is closed");
        all.insert(format!("{path} {key}").trim_start().to_owned());
        describe(root, value, &below(key), all);
    }
    if node["additionalProperties"].is_object() {
        describe(root, &node["additionalProperties"], &below("*"), all);
    }
}

#[test]
fn the_schema_has_every_key_and_word_of_the_parser_and_no_other() {
    let (asked, described) = (asked(), described());
    let missing: Vec<&String> = asked.difference(&described).collect();
    let unknown: Vec<&String> = described.difference(&asked).collect();
    assert!(missing.is_empty(), "not in contract.schema.json: {missing:#?}");
    assert!(unknown.is_empty(), "not asked for by the parser: {unknown:#?}");
    assert!(asked.contains("table.period year"), "samples reach the columns");
}
