//! Blank returns of every shape, filled in and understood again.

use std::fmt::Write as _;

use model::{CellAddress, Form, FormCell, ReturnId, Severity};

use super::blank;
use crate::contract::parse;
use crate::understand::{
    Occasion, PreviousValues, Vocabulary, example_words, example_workbook, understand,
};

const CRIMES: &str =
    "[labels]\nBurglary = { measure = \"burglary\" }\nRobbery = { measure = \"robbery\" }\n";
const PEERS: &str = "[checks]\nareas = { peer_set = \"three\" }\n";

/// The form as a grid of text, its entries numbered from 1 or left blank; and how many there are.
fn filled(form: &Form, with_numbers: bool) -> (String, usize) {
    let mut grid = String::new();
    let mut entries = 0;
    for sheet in &form.sheets {
        writeln!(grid, "# {}", sheet.name).expect("to a string");
        let last = sheet.cells.keys().map(|cell| cell.row).max().unwrap_or(0);
        let columns = sheet.cells.keys().map(|cell| cell.column).max().unwrap_or(0);
        for row in 0..=last {
            let texts: Vec<String> = (0..=columns)
                .map(|column| match sheet.cells.get(&CellAddress::new(row, column)) {
                    None => String::new(),
                    Some(
                        FormCell::Title(text) | FormCell::Heading(text) | FormCell::Label(text),
                    ) => text.clone(),
                    Some(FormCell::Entry(_)) => {
                        entries += 1;
                        // Not rising: figures that do look like running totals.
                        if with_numbers {
                            (1 + entries * 61 % 97).to_string()
                        } else {
                            String::new()
                        }
                    }
                })
                .collect();
            writeln!(grid, "{}", texts.join(" | ")).expect("to a string");
        }
    }
    (grid, entries)
}

/// Makes the blank return, fills it in, and has it understood: every entry must be a figure, and
/// nothing may be found wrong. Gives the blank one as it looks.
fn blank_of(table: &str, after: &str) -> String {
    let text = format!(
        "title = \"Test\"\npartner = \"davss\"\nfrequency = \"quarterly\"\ndue_working_days = 10\n[[table]]\n{table}\n{after}"
    );
    let contract = parse(ReturnId::new("test"), &text).expect("a sound contract");
    let (partnership, measures) = example_words();
    let vocabulary = Vocabulary { partnership: &partnership, measures: &measures };
    let period: model::Period = "2025-26Q1".parse().expect("a period");
    let form = blank(&contract, &vocabulary, period);
    let (grid, entries) = filled(&form, true);
    let previous = PreviousValues::default();
    let today = jiff::civil::date(2025, 7, 21);
    let occasion = Occasion { expected: period, file: "", today, previous: &previous };
    let checked = understand(&example_workbook(&grid), &contract, &vocabulary, &occasion);
    let wrong: Vec<_> =
        checked.findings.iter().filter(|found| found.severity != Severity::Repair).collect();
    assert!(wrong.is_empty(), "{wrong:#?}\n{grid}");
    assert_eq!(checked.output.observations.len(), entries, "{grid}");
    assert_eq!(checked.output.period, Some(period), "{grid}");
    let (empty, _) = filled(&form, false);
    empty.lines().map(str::trim_end).collect::<Vec<_>>().join("\n")
}

/// The property is held in [`blank_of`]; here only that something was made.
fn assert_made(grid: &str) {
    assert!(4 < grid.lines().count(), "{grid}");
}

#[test]
fn areas_down_and_months_across() {
    assert_made(&blank_of(
        "sheets = { named = [\"Q\"] }\narea = { from = \"column\", header = [\"District\"] }\nmeasure = { from = \"column\", header = [\"Crime\"] }\nperiod = { from = \"header-row\" }\nvalue = { from = \"header-row\" }",
        &format!("{CRIMES}{PEERS}"),
    ));
}

#[test]
fn a_long_table_with_the_year_in_a_column_of_its_own() {
    assert_made(&blank_of(
        "sheets = { first = true }\narea = { from = \"fixed\", is = \"E07000111\" }\nmeasure = { from = \"column\", header = [\"Crime\"] }\nperiod = { from = \"column\", header = [\"Month\"], year = [\"Year\"] }\nvalue = { from = \"column\", header = [\"Count\"] }",
        CRIMES,
    ));
}

#[test]
fn blocks_by_area() {
    assert_made(&blank_of(
        "sheets = { first = true }\narea = { from = \"block\" }\nmeasure = { from = \"column\", header = [\"Crime\"] }\nperiod = { from = \"header-row\" }\nvalue = { from = \"header-row\" }",
        &format!("{CRIMES}{PEERS}"),
    ));
}

#[test]
fn two_rows_of_headings() {
    assert_made(&blank_of(
        "sheets = { first = true }\narea = { from = \"column\", header = [\"District\"] }\nmeasure = { from = \"header-row\" }\nperiod = { from = \"header-row\" }\nvalue = { from = \"header-row\" }",
        &format!("{CRIMES}{PEERS}"),
    ));
}

#[test]
fn one_sheet_for_each_area_or_month() {
    assert_made(&blank_of(
        "sheets = { each = true }\narea = { from = \"sheet-name\" }\nmeasure = { from = \"column\", header = [\"Crime\"] }\nperiod = { from = \"title\", words = [\"Period\"] }\nvalue = { from = \"column\", header = [\"Count\"] }",
        &format!("{CRIMES}{PEERS}"),
    ));
    assert_made(&blank_of(
        "sheets = { each = true }\narea = { from = \"header-row\" }\nmeasure = { from = \"column\", header = [\"Crime\"] }\nperiod = { from = \"sheet-name\" }\nvalue = { from = \"header-row\" }",
        &format!("{CRIMES}{PEERS}"),
    ));
}

#[test]
fn a_form_of_labelled_cells() {
    assert_made(&blank_of(
        "sheets = { first = true }\narea = { from = \"fixed\", is = \"E07000111\" }\nmeasure = { from = \"labels\" }\nperiod = { from = \"cell\", label = [\"Quarter\"], side = \"right\" }\nvalue = { from = \"cells\", side = \"right\" }",
        CRIMES,
    ));
}

#[test]
fn several_tables_on_one_sheet() {
    assert_made(&blank_of(
        "sheets = { first = true }\nstarts_below = [\"Table 1\"]\nends_at = [\"Table 2\"]\narea = { from = \"fixed\", is = \"E07000111\" }\nmeasure = { from = \"fixed\", is = \"burglary\" }\nperiod = { from = \"column\", header = [\"Month\"] }\nvalue = { from = \"column\", header = [\"Count\"] }\n[[table]]\nsheets = { first = true }\nstarts_below = [\"Table 2\"]\narea = { from = \"fixed\", is = \"E07000111\" }\nmeasure = { from = \"fixed\", is = \"robbery\" }\nperiod = { from = \"header-row\" }\nvalue = { from = \"header-row\" }",
        "",
    ));
}

#[test]
fn parts_across_the_headings() {
    assert_made(&blank_of(
        "sheets = { first = true }\narea = { from = \"fixed\", is = \"E07000111\" }\nmeasure = { from = \"fixed\", is = \"referrals\" }\nperiod = { from = \"column\", header = [\"Month\"] }\nvalue = { from = \"header-row\" }\n[[table.breakdown]]\ndimension = \"risk\"\nfrom = \"header-row\"\nwhole = [\"All\"]\nvalues = { High = \"high\", Low = \"low\" }",
        "",
    ));
}
