//! The canary: what must be withheld cannot be read anywhere that a reader looks.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;
use testkit::{Environment, Tree, parts, tree};

use crate::{AS_OF, QUARTER, demonstrated};

const EDITION: &str = "var/reports/2025-26-Q1/2025-26-Q1-01";

/// Measures whose small counts are withheld, as the configuration says.
fn suppressed(environment: &Environment) -> Vec<String> {
    let text = environment.read("config/measures.toml");
    let measures: Vec<String> = text
        .split("[[measure]]")
        .filter(|section| section.contains("disclosure = \"suppressed\""))
        .filter_map(|section| section.split_once("id = \"")?.1.split_once('"'))
        .map(|(id, _)| id.to_owned())
        .collect();
    assert!(!measures.is_empty());
    measures
}

/// What the operator sees, exact.
fn true_figures(environment: &Environment) -> Vec<Value> {
    let ran = environment.run(&["indicators", "--json", "--period", QUARTER]);
    let rows = ran.exits(0).json();
    rows["indicators"].as_array().expect("a list").clone()
}

/// How the report names a part, in small letters: `{"gender": "male"}` is `gender: male`.
fn part_name(breakdown: &Value) -> Option<String> {
    let (dimension, value) = breakdown.as_object()?.iter().next()?;
    Some(format!("{dimension}: {}", value.as_str()?.replace('-', " ")))
}

/// The parts that must be withheld: true counts from 1 to 4.
fn withheld(environment: &Environment) -> Vec<(String, String, i64)> {
    let suppressed = suppressed(environment);
    true_figures(environment)
        .iter()
        .filter(|row| suppressed.contains(&row["measure"].as_str().unwrap_or("").to_owned()))
        .filter_map(|row| {
            let value = row["value"].as_i64().filter(|value| (1..5).contains(value))?;
            let measure = row["measure"].as_str()?.to_owned();
            Some((measure, part_name(&row["breakdown"])?, value))
        })
        .collect()
}

fn edition(environment: &Environment) -> Tree {
    tree(&environment.path(EDITION))
}

fn text(files: &Tree, name: &str) -> String {
    let bytes = files.get(name).unwrap_or_else(|| panic!("no {name}"));
    String::from_utf8(bytes.clone()).expect("text in UTF-8")
}

fn is_table(name: &str) -> bool {
    Path::new(name).extension().is_some_and(|kind| kind == "csv")
}

/// The rows of a CSV file by heading; cells with commas in quotes are kept whole.
fn csv(text: &str) -> Vec<BTreeMap<String, String>> {
    let mut rows = text.lines().map(|line| {
        let mut cells = vec![String::new()];
        let mut quoted = false;
        for c in line.chars() {
            match c {
                '"' => quoted = !quoted,
                ',' if !quoted => cells.push(String::new()),
                c => cells.last_mut().expect("a cell").push(c),
            }
        }
        cells
    });
    let names = rows.next().expect("a heading");
    let names = names.iter().map(|name| name.trim_start_matches('\u{feff}').to_owned());
    let names: Vec<String> = names.collect();
    rows.map(|cells| names.iter().cloned().zip(cells).collect()).collect()
}

#[test]
fn there_are_counts_to_withhold() {
    let found: Vec<String> = withheld(&demonstrated())
        .into_iter()
        .map(|(measure, part, value)| format!("{measure} {part} {value}"))
        .collect();
    insta::assert_snapshot!(found.join("\n"), @"
    davss-referrals gender: male 4
    kenward-engaged location: otford 3
    ");
}

#[test]
fn a_mark_stands_in_their_place_in_every_rendering() {
    let environment = demonstrated();
    let files = edition(&environment);
    let table = csv(&text(&files, "2025-26-Q1-parts-of-indicators.csv"));
    let plain = text(&files, "email.txt").to_lowercase();
    let html = text(&files, "email.html").to_lowercase();
    let json: Value = serde_json::from_str(&text(&files, "report.json")).expect("JSON");
    for (measure, part, _) in withheld(&environment) {
        let row = table
            .iter()
            .find(|row| row["Measure"] == measure && row["Part"].to_lowercase() == part);
        let row = row.unwrap_or_else(|| panic!("no {measure} {part}"));
        assert_eq!(row["Figure"], "[c]", "{measure} {part}");
        assert!(row["Change"].starts_with("[c]"), "{measure} {part}");
        let (_, after) = plain.split_once(&format!("{part}\n")).expect("a line");
        assert_eq!(after.split_whitespace().next(), Some("[c]"), "{part}");
        let (_, after) = html.split_once(&format!(">{part}<")).expect("a row");
        let (row, _) = after.split_once("</td>").expect("a cell");
        assert!(row.ends_with("[c]"), "{part}: {row}");
        let figures = json["parts"]["groups"]
            .as_array()
            .expect("groups")
            .iter()
            .filter(|group| group["measure"] == measure.as_str())
            .flat_map(|group| group["rows"].as_array().expect("rows"))
            .find(|row| row["part"].as_str().is_some_and(|it| it.to_lowercase() == part))
            .map(|row| &row["figures"]);
        let figures = figures.unwrap_or_else(|| panic!("no {part} in report.json"));
        assert_eq!(figures["now"]["text"], "[c]", "{part}");
        assert_eq!(figures["now"]["number"], Value::Null, "{part}");
        assert_eq!(figures["change"]["number"], Value::Null, "{part}");
    }
}

/// Withheld, not available, or a multiple of five: nothing else may stand in a protected row of any
/// table. Percentages of change are made from rounded figures.
#[test]
fn protected_rows_hold_rounded_figures_only() {
    let environment = demonstrated();
    let suppressed = suppressed(&environment);
    let mut seen = 0;
    for (name, bytes) in edition(&environment).iter().filter(|(name, _)| is_table(name)) {
        let rows = csv(std::str::from_utf8(bytes).expect("text in UTF-8"));
        let measured = rows.iter().filter(|row| row.contains_key("Measure"));
        for row in measured.filter(|row| suppressed.contains(&row["Measure"])) {
            for (column, cell) in row.iter().filter(|(column, _)| *column != "Change %") {
                let fits = cell.parse::<f64>().map_or(true, |number| number % 5.0 == 0.0);
                assert!(fits, "{column} of {} in {name}: {cell}", row["Measure"]);
                seen += 1;
            }
            if let Some(precision) = row.get("Precision") {
                assert!(precision.starts_with("rounded"), "{} in {name}", row["Measure"]);
            }
        }
    }
    assert!(100 < seen, "only {seen} cells were looked at");
}

/// Everything a recipient or a reader of the folder can open, as running text.
fn everything_that_leaves(environment: &Environment) -> BTreeMap<String, String> {
    let running = |bytes: &[u8]| {
        // What is packed could be read by anybody with the program for it.
        let text = if bytes.starts_with(b"PK") {
            testkit::xml_parts(bytes).into_values().collect::<String>().into()
        } else {
            String::from_utf8_lossy(bytes)
        };
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    let mut texts = BTreeMap::new();
    for (name, bytes) in tree(&environment.path("var/reports")) {
        texts.insert(name, running(&bytes));
    }
    for (name, bytes) in tree(&environment.path("var/outbox")) {
        for (index, part) in parts(&bytes).iter().enumerate() {
            texts.insert(format!("{name} part {index}"), running(&part.bytes));
        }
    }
    assert!(80 < texts.len(), "{} texts", texts.len());
    texts
}

/// Whether a message is a letter to a partner, not a report.
fn is_letter(name: &str) -> bool {
    name.contains("receipt-") || name.contains("error-letter-")
}

/// A finding quotes cells, and cells of protected returns are withheld counts or worse: its words
/// are for the partner and the operator.
#[test]
fn the_words_of_findings_reach_no_reader() {
    let environment = demonstrated();
    let ran = environment.run(&[&["returns", "--json"][..], &AS_OF].concat());
    let document = ran.exits(0).json();
    let mut quotes: Vec<String> =
        ["high risk 2", "about 12", "make 26"].map(str::to_owned).to_vec();
    for line in document["returns"].as_array().expect("returns") {
        for submission in line["submissions"].as_array().expect("submissions") {
            for finding in submission["findings"].as_array().expect("findings") {
                // A wrong period is no figure, and readers are told which it was.
                if finding["code"] != "wrong-period" {
                    quotes.push(finding["message"].as_str().expect("text").to_owned());
                }
            }
        }
    }
    assert!(8 < quotes.len(), "{quotes:?}");
    for (name, text) in everything_that_leaves(&environment) {
        if !is_letter(&name) {
            for quote in &quotes {
                assert!(!text.contains(quote.as_str()), "{name} says: {quote}");
            }
        }
    }
    // A letter quotes the partner's own cells, and goes to that partner and nobody else.
    let mut letters = 0;
    for (name, bytes) in tree(&environment.path("var/outbox")) {
        if is_letter(&name) {
            let partner = ["davss", "west-kent-housing", "protection-against-stalking"]
                .into_iter()
                .find(|partner| name.contains(partner))
                .expect("a partner's");
            let head = String::from_utf8_lossy(&bytes).into_owned();
            let head = head.split("\r\n\r\n").next().expect("a head").replace("\r\n ", " ");
            let to: Vec<&str> = head.lines().filter(|line| line.starts_with("To: ")).collect();
            assert!(to.len() == 1 && to[0].ends_with(&format!("@{partner}.example>")), "{to:?}");
            letters += 1;
        }
    }
    assert_eq!(letters, 3);
}

/// Names of the made-up clients, whose workbook was sealed at the door.
#[test]
fn a_file_with_names_is_kept_in_one_sealed_place_and_nowhere_else() {
    let environment = demonstrated();
    let folder = "fixtures/partners/protection-against-stalking/PAS referrals Q1.xlsx";
    let workbook = std::fs::read(environment.path(folder)).expect("the workbook");
    let names: Vec<String> = testkit::cells(&workbook, "Referrals")
        .into_iter()
        .filter(|(cell, _)| cell.starts_with('B'))
        .map(|(_, text)| text)
        .filter(|text| text.split(' ').count() == 2)
        .filter(|text| !text.contains("name"))
        .collect();
    assert!(3 < names.len(), "{names:?}");
    let kept = environment.data();
    let places: Vec<&String> =
        kept.iter().filter(|(_, bytes)| **bytes == workbook).map(|(name, _)| name).collect();
    assert!(places.len() == 1 && places[0].starts_with("sealed/"), "{places:?}");
    for (file, bytes) in &kept {
        for name in &names {
            let found = bytes.windows(name.len()).any(|part| part == name.as_bytes());
            assert!(!found, "`{name}` in {file}");
        }
    }
}

/// The mail is the folder: what is checked there holds for every message. Its HTML calls pictures by
/// their `Content-ID`, and the folder's by their file.
#[test]
fn messages_carry_the_same_bytes_as_the_edition() {
    let environment = demonstrated();
    let files = edition(&environment);
    let plain = |text: &str| text.replace("\r\n", "\n").trim_end().to_owned();
    let on_disk = |html: &str| {
        let named = html.replace(".2025-26-Q1-01@quarterdeck\"", ".png\"");
        plain(&named.replace("\"cid:", "\"images/"))
    };
    let kept = |end: &str| -> Vec<String> {
        let mine = files.keys().filter(|name| name.starts_with("email") && name.ends_with(end));
        mine.map(|name| plain(&text(&files, name))).collect()
    };
    let (pages, texts) = (kept(".html"), kept(".txt"));
    assert_eq!((pages.len(), texts.len()), (8, 8), "everybody's, and seven leads'");
    let outbox = tree(&environment.path("var/outbox"));
    for (name, bytes) in outbox.iter().filter(|(name, _)| !is_letter(name)) {
        let (mut attachments, mut pictures) = (Vec::new(), 0);
        for part in parts(bytes) {
            if let Some((how, file)) = part.disposition.split_once("; filename=\"") {
                let file = file.trim_end_matches('"');
                if how == "inline" {
                    let mut images = files.iter().filter(|(path, _)| path.starts_with("images/"));
                    assert!(images.any(|(_, image)| *image == part.bytes), "{file} in {name}");
                    pictures += 1;
                } else {
                    assert!(files.get(file) == Some(&part.bytes), "{file} in {name}");
                    attachments.push(file.to_owned());
                }
                continue;
            }
            let content = String::from_utf8(part.bytes.clone()).expect("text");
            let is_html = part.kind.starts_with("text/html");
            let same = if is_html {
                pages.contains(&on_disk(&content))
            } else {
                texts.contains(&plain(&content))
            };
            assert!(same, "{} of {name} is no file of the edition", part.kind);
        }
        assert_eq!(attachments, ["2025-26-Q1-pack.pdf", "2025-26-Q1-tables.xlsx"], "{name}");
        assert_eq!(pictures, 3, "{name}");
    }
}
