//! Whole workbooks as text grids: what is understood, and what is found.

mod alarms;
mod bundled;
mod drift;
mod figures;
mod forms;
mod hidden;
mod judging;
mod lists;
mod past;
mod period;
mod personal;
mod plan;
mod planted;
mod published;
mod repeated;
mod shapes;
mod sheets;
mod silent;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use model::{Area, CellAddress, Geography, Measure, Partner, Partnership, PeerSet, ReturnId, Unit};

use super::{Occasion, PreviousValues, Vocabulary, understand};
use crate::contract::{Contract, parse};
use crate::workbook::{Cell, FileKind, OutOfSight, SheetBuilder, Workbook};

/// A workbook from text: `# name` starts a sheet (`#! name` a hidden one), `|` parts cells, an
/// empty cell is blank. `'12` is text, `@2025-04-01` a date, `#REF!` an error, `=` a formula
/// without a value; other numbers are numbers. A line that starts with `~` is a hidden row.
pub(crate) fn workbook(grid: &str) -> Workbook {
    let mut sheets: Vec<SheetBuilder> = Vec::new();
    let mut out_of_sight = OutOfSight::default();
    let mut row = 0;
    for line in grid.lines().map(str::trim) {
        if let Some(name) = line.strip_prefix("# ").or_else(|| line.strip_prefix("#! ")) {
            sheets.push(SheetBuilder::new(name, line.starts_with("# ")));
            row = 0;
            out_of_sight = OutOfSight::default();
            continue;
        }
        let Some(sheet) = sheets.last_mut() else {
            continue;
        };
        let line = match line.strip_prefix('~') {
            Some(line) => {
                out_of_sight.rows.push(row..=row);
                sheet.hide(out_of_sight.clone());
                line
            }
            None => line,
        };
        for (column, text) in line.split('|').enumerate() {
            if let Some(cell) = cell(text.trim()) {
                let column = u32::try_from(column).expect("few columns");
                sheet.push(CellAddress::new(row, column), cell).expect("in order");
            }
        }
        row += 1;
    }
    let sheets = sheets.into_iter().map(|sheet| sheet.finish().expect("in order").into()).collect();
    Workbook { kind: FileKind::Xlsx, epoch_1904: false, sheets }
}

fn cell(text: &str) -> Option<Cell<'_>> {
    if text.is_empty() {
        return None;
    }
    if let Some(text) = text.strip_prefix('\'') {
        return Some(Cell::Text(text));
    }
    if let Some(date) = text.strip_prefix('@') {
        let date: jiff::civil::Date = date.parse().expect("a date after @");
        return Some(Cell::Date(date.at(0, 0, 0, 0)));
    }
    if text == "=" {
        return Some(Cell::FormulaWithoutValue);
    }
    if text.starts_with('#') {
        return Some(Cell::Error(text));
    }
    match text.parse() {
        Ok(number) => Some(Cell::Number(number)),
        Err(_) => Some(Cell::Text(text)),
    }
}

fn measure(id: &str, label: &str, unit: Unit) -> Measure {
    Measure {
        label: label.to_owned(),
        unit,
        per_1000: true,
        ..Measure::count(id, Geography::District)
    }
}

fn area(code: &str, name: &str, aliases: &[&str], geography: Geography) -> Area {
    Area {
        code: code.into(),
        name: name.to_owned(),
        aliases: aliases.iter().map(|alias| (*alias).to_owned()).collect(),
        geography,
        districts: Vec::new(),
    }
}

pub(crate) fn partnership() -> Partnership {
    Partnership {
        name: "Sevenoaks District Community Safety Partnership".to_owned(),
        short_name: "Sevenoaks".to_owned(),
        home: BTreeMap::new(),
        areas: vec![
            area("E07000111", "Sevenoaks", &[], Geography::District),
            area("E07000112", "Folkestone and Hythe", &["Shepway"], Geography::District),
            area("E07000116", "Tunbridge Wells", &[], Geography::District),
            area("E22000144", "Sevenoaks", &[], Geography::Csp),
        ],
        peer_sets: vec![PeerSet {
            id: "three".to_owned(),
            label: "three districts".to_owned(),
            geography: Geography::District,
            areas: ["E07000111", "E07000112", "E07000116"].map(Into::into).to_vec(),
            vintage: String::new(),
        }],
        priorities: Vec::new(),
        recipients: Vec::new(),
        success_measures: Vec::new(),
        targets: Vec::new(),
        partners: vec![Partner {
            id: "davss".into(),
            name: "Domestic Abuse Support".to_owned(),
            contact: None,
            lead: None,
            away: Vec::new(),
        }],
    }
}

pub(crate) fn measures() -> BTreeMap<model::MeasureId, Measure> {
    [
        measure("burglary", "Burglary", Unit::Count),
        measure("robbery", "Robbery", Unit::Count),
        measure("referrals", "Referrals", Unit::Count),
        measure("grant", "Grant spent", Unit::Pounds),
        measure("satisfied", "Satisfied", Unit::Percent),
    ]
    .into_iter()
    .map(|measure| (measure.id.clone(), measure))
    .collect()
}

/// The partnership and the measures of these tests.
pub(crate) fn example_words() -> (Partnership, BTreeMap<model::MeasureId, Measure>) {
    (partnership(), measures())
}

pub(super) fn contract(text: &str) -> Contract {
    let head = "title = \"Test\"\npartner = \"davss\"\n";
    parse(ReturnId::new("test"), &format!("{head}{text}")).expect("a sound contract")
}

/// What a grid is understood as, by a contract, for April to June 2025.
pub(super) fn understood(contract_text: &str, grid: &str) -> String {
    understood_after(contract_text, grid, &PreviousValues::new())
}

pub(super) fn understood_after(
    contract_text: &str,
    grid: &str,
    previous: &PreviousValues,
) -> String {
    understood_for(contract_text, grid, "2025-26Q1", previous)
}

/// The same of a file with a name.
fn understood_of(contract_text: &str, grid: &str, file: &str) -> String {
    let previous = PreviousValues::new();
    let occasion = Occasion { file, ..occasion("2025-26Q1", &previous) };
    text_of(&contract(contract_text), grid, &occasion)
}

/// The same for another period.
fn understood_for(
    contract_text: &str,
    grid: &str,
    period: &str,
    previous: &PreviousValues,
) -> String {
    text_of(&contract(contract_text), grid, &occasion(period, previous))
}

/// The same by a contract with its own title.
fn understood_whole(contract_text: &str, grid: &str) -> String {
    let text = format!("partner = \"davss\"\n{contract_text}");
    let contract = parse(ReturnId::new("test"), &text).expect("a sound contract");
    text_of(&contract, grid, &occasion("2025-26Q1", &PreviousValues::new()))
}

fn occasion<'a>(period: &str, previous: &'a PreviousValues) -> Occasion<'a> {
    Occasion {
        expected: period.parse().expect("a period"),
        file: "return.xlsx",
        today: jiff::civil::date(2025, 7, 14),
        previous,
    }
}

fn text_of(contract: &Contract, grid: &str, occasion: &Occasion<'_>) -> String {
    let partnership = partnership();
    let measures = measures();
    let vocabulary = Vocabulary { partnership: &partnership, measures: &measures };
    let checked = understand(&workbook(grid), contract, &vocabulary, occasion);
    let mut text = String::new();
    if let Some(period) = checked.output.period {
        writeln!(text, "{period}").expect("to a string");
    }
    for seen in checked.output.observations.to_vec() {
        let value = seen.figure.value.map_or_else(String::new, |value| value.to_string());
        let part =
            if seen.breakdown.is_all() { String::new() } else { format!(" [{}]", seen.breakdown) };
        let repair = seen.repair.as_ref().map_or_else(String::new, |repair| format!(" ({repair})"));
        writeln!(
            text,
            "{}{part} {} {} = {value}{} @ {}{repair}",
            seen.measure, seen.area, seen.period, seen.figure.marks, seen.place
        )
        .expect("to a string");
    }
    for action in &checked.output.actions {
        writeln!(
            text,
            "{} {} / {} / {:?} / {:?} @ {}",
            action.number, action.action, action.lead, action.by_when, action.status, action.place
        )
        .expect("to a string");
    }
    for finding in &checked.findings {
        let hint = finding.hint.as_deref().unwrap_or_default();
        writeln!(
            text,
            "{}: {} {}: {} ({hint})",
            finding.severity.as_str(),
            finding.place,
            finding.code,
            finding.message
        )
        .expect("to a string");
    }
    text
}

/// Months across, labels down, one sheet for each district.
pub(super) const BY_DISTRICT: &str = r#"
frequency = "quarterly"
due_working_days = 10
[[table]]
sheets = { each = true, except = ["Notes"] }
area = { from = "sheet-name" }
measure = { from = "column", header = ["Crime type"] }
period = { from = "header-row" }
value = { from = "header-row" }
totals = ["Total"]
[labels]
"Burglary" = { measure = "burglary" }
"Robbery & mugging" = { measure = "robbery" }
[symbols]
"-" = "zero"
"#;

/// One area, a measure with parts, months across.
pub(super) const REFERRALS: &str = r#"
frequency = "quarterly"
due_working_days = 10
[[table]]
sheets = { first = true }
area = { from = "fixed", is = "E07000111" }
measure = { from = "column", header = ["Indicator"] }
period = { from = "header-row" }
value = { from = "header-row" }
[labels]
"All" = { measure = "referrals" }
"Female" = { measure = "referrals", breakdown = "gender=female" }
"Male" = { measure = "referrals", breakdown = "gender=male" }
[checks]
adds_up = [{ measure = "referrals", dimension = "gender" }]
"#;

/// One row for each incident.
pub(super) const RECORDS: &str = r#"
frequency = "ad-hoc"
[[table]]
sheets = { first = true }
area = { from = "column", header = ["District"] }
measure = { from = "fixed", is = "burglary" }
period = { from = "column", header = ["Date"] }
value = { from = "rows" }
breakdown = [{ dimension = "severity", from = "column", header = ["Severity"], values = { "1" = "fatal", "2" = "serious" } }]
"#;
