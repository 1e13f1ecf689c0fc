//! `docs/returns.md` is true: every recipe reads its picture, every block of TOML is a contract's,
//! and the worked example works as it is written.

use std::fs;

use testkit::{Environment, repository, workbook};

use crate::{AS_OF, environment};

/// A fenced block: what the comment before it says, its language, its text.
#[derive(Clone, Debug)]
struct Block {
    note: String,
    language: String,
    text: String,
}

fn blocks() -> Vec<Block> {
    let page = fs::read_to_string(repository().join("docs/returns.md")).expect("the tutorial");
    let (mut blocks, mut note, mut open): (Vec<Block>, String, Option<Block>) =
        (Vec::new(), String::new(), None);
    for line in page.lines() {
        match (&mut open, line.strip_prefix("```")) {
            (Some(_), Some(_)) => blocks.extend(open.take()),
            (Some(block), None) => {
                block.text.push_str(line);
                block.text.push('\n');
            }
            (None, Some(language)) => {
                let (note, language) = (std::mem::take(&mut note), language.to_owned());
                open = Some(Block { note, language, text: String::new() });
            }
            (None, None) => {
                if let Some(said) = line.strip_prefix("<!-- ") {
                    said.trim_end_matches(" -->").clone_into(&mut note);
                } else if !line.is_empty() {
                    note.clear();
                }
            }
        }
    }
    blocks
}

/// Measures that the recipes speak of.
const MEASURES: &str = r#"
[[measure]]
id = "asb"
label = "Anti-social behaviour (illustrative)"
unit = "count"
polarity = "neutral"
disclosure = "open"
geography = "district"
illustrative = true
source = "made up"

[[measure]]
id = "burglary"
label = "Burglary (illustrative)"
unit = "count"
polarity = "neutral"
disclosure = "open"
geography = "district"
illustrative = true
source = "made up"
"#;

const HEAD: &str = r#"title = "A recipe"
partner = "kent-police"
frequency = "ad-hoc"
"#;

fn append(environment: &Environment, file: &str, text: &str) {
    let before = environment.read(file);
    environment.write(file, format!("{before}\n{text}"));
}

/// The sheets of a picture: `[Sevenoaks]` begins one; without, there is one.
fn sheets(picture: &str) -> Vec<(&str, String)> {
    let mut sheets: Vec<(&str, String)> = Vec::new();
    for line in picture.lines() {
        if let Some(name) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            sheets.push((name, String::new()));
            continue;
        }
        if sheets.is_empty() {
            sheets.push(("Sheet1", String::new()));
        }
        let (_, grid) = sheets.last_mut().expect("a sheet");
        grid.push_str(line);
        grid.push('\n');
    }
    sheets
}

#[test]
fn every_recipe_reads_its_picture() {
    let environment = environment();
    append(&environment, "config/measures.toml", MEASURES);
    let (mut picture, mut tried): (Option<Block>, usize) = (None, 0);
    for block in blocks() {
        if block.note.starts_with("reads ") {
            picture = Some(block);
            continue;
        }
        let Some(drawn) = picture.take() else {
            continue;
        };
        let grids = sheets(&drawn.text);
        let grids: Vec<(&str, &str)> =
            grids.iter().map(|(name, grid)| (*name, grid.as_str())).collect();
        environment.write("recipe.xlsx", workbook(&grids));
        environment.write("recipe.toml", format!("{HEAD}\n{}", block.text));
        let check = ["check", "recipe.xlsx", "--contract", "recipe.toml", "--period", "2025-26Q1"];
        let ran = environment.run(&[&check[..], &AS_OF].concat());
        let wanted = drawn.note.trim_start_matches("reads ");
        let noun = if wanted == "1" { "figure" } else { "figures" };
        let said = format!("{}{}\n{}", drawn.text, block.text, ran.shown());
        assert!(ran.stdout.contains("would be accepted"), "{said}");
        assert!(
            ran.stdout.contains(&format!(": {wanted} {noun}"))
                || ran.stdout.contains(&format!(": {wanted} figures")),
            "{said}"
        );
        tried += 1;
    }
    assert!(12 < tried, "only {tried} recipes were found");
}

/// Blocks that stand alone belong into some contract: they must be understood there.
#[test]
fn every_block_is_understood() {
    let environment = environment();
    append(&environment, "config/measures.toml", MEASURES);
    let recipe = blocks().into_iter().skip_while(|block| !block.note.starts_with("reads "));
    let recipe = recipe.skip(1).find(|block| block.language == "toml").expect("a recipe");
    environment.write("recipe.csv", "District,Apr-25\nSevenoaks,12\n");
    let mut tried = 0;
    for block in blocks().into_iter().filter(|block| block.language == "toml") {
        let contract = match block.note.as_str() {
            "in any contract" => format!("{HEAD}\n{}\n{}", recipe.text, block.text),
            "in any table" => {
                let line = recipe.text.lines().find(|line| line.starts_with("area")).expect("area");
                format!("{HEAD}\n{}", recipe.text.replace(line, block.text.trim_end()))
            }
            _ => continue,
        };
        environment.write("recipe.toml", &contract);
        let check = ["check", "recipe.csv", "--contract", "recipe.toml", "--period", "2025-26Q1"];
        let ran = environment.run(&[&check[..], &AS_OF].concat());
        assert!(matches!(ran.code, Some(0 | 3)), "{contract}\n{}", ran.shown());
        tried += 1;
    }
    assert!(3 < tried, "only {tried} blocks were found");
}

/// No block is left untested because nobody said what it is.
#[test]
fn every_block_of_toml_says_where_it_belongs() {
    let all = blocks();
    for (index, block) in all.iter().enumerate() {
        let after_picture = index > 0 && all[index - 1].note.starts_with("reads ");
        let known =
            ["add to ", "save as ", "in any "].iter().any(|way| block.note.starts_with(way));
        assert!(block.language != "toml" || known || after_picture, "{}", block.text);
    }
}

/// The worked example, step by step.
#[test]
fn the_worked_example_works() {
    const WORKBOOK: &str = "Riverside ASB return Apr-Jun 2025.xlsx";
    let environment = environment();
    let bytes = fs::read(testkit::fixture("tutorial").join(WORKBOOK)).expect("the workbook");
    environment.write(WORKBOOK, &bytes);
    let all = blocks();
    for block in &all {
        if let Some(file) = block.note.strip_prefix("add to ") {
            append(&environment, file, &block.text);
        } else if let Some(file) = block.note.strip_prefix("save as ") {
            environment.write(file, &block.text);
        }
    }
    environment.edit("config/quarterdeck.toml", "settle_seconds = 30", "settle_seconds = 0");
    let _sound = environment.run(&["config", "check"]).exits(0);
    let period = ["--period", "2025-26Q1", "--as-of", "2025-07-21"];
    let check = ["check", WORKBOOK, "--return", "riverside-asb"];
    let checked = environment.run(&[&check[..], &period].concat());
    let printed = all.iter().find(|block| block.note == "output of check").expect("an output");
    assert!(checked.stdout.starts_with(&printed.text), "{}", checked.shown());
    let wrong = testkit::with_cell(&bytes, "ASB", "E6", "12.5");
    environment.write("Riverside copy.xlsx", wrong);
    let check = ["check", "Riverside copy.xlsx", "--return", "riverside-asb"];
    let refused = environment.run(&[&check[..], &period].concat()).exits(3);
    assert!(refused.stdout.contains("ASB!E6"), "{}", refused.shown());
    environment.write(&format!("inbox/riverside-housing/{WORKBOOK}"), &bytes);
    let collected = environment.run(&[&["run", "collect-returns"][..], &period].concat());
    assert!(matches!(collected.code, Some(0 | 3)), "{}", collected.shown());
    let returns = environment.run(&[&["returns"][..], &period].concat()).exits(0);
    let line = returns.stdout.lines().find(|line| line.contains("riverside-asb"));
    assert!(line.is_some_and(|line| line.contains("accepted")), "{}", returns.shown());
    let trace = ["trace", "riverside-opened", "--area", "Tunbridge Wells"];
    let traced = environment.run(&[&trace[..], &period].concat()).exits(0);
    assert!(traced.stdout.contains(": 63"), "{}", traced.shown());
    for cell in ["ASB!B8", "ASB!D8", "ASB!F8"] {
        assert!(traced.stdout.contains(cell), "{}", traced.shown());
    }
}
