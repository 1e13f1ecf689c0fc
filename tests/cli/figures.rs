//! `check --figures`: every figure read, with its cell.

use testkit::{Ran, cells, fixture};

use crate::{AS_OF, environment};

const DAVSS: &str = "fixtures/partners/davss/DAVSS return Sevenoaks Apr-Jun 2025 FINAL.xlsx";
const HOUSING: &str = "fixtures/partners/west-kent-housing/ASB complaints Apr-Jun 2025.xlsx";

fn check(file: &str, name: &str, out: &str) -> (testkit::Environment, Ran) {
    let environment = environment();
    let arguments = ["check", file, "--return", name, "--figures", out];
    let ran = environment.run(&[&arguments[..], &AS_OF].concat());
    (environment, ran)
}

/// Columns by name of each line; no cell of these files needs quotes.
fn lines(table: &str) -> Vec<Vec<&str>> {
    table.lines().skip(1).map(|line| line.split(',').collect()).collect()
}

#[test]
fn every_figure_is_written_with_its_cell() {
    let (environment, ran) = check(DAVSS, "davss-quarterly", "figures.csv");
    let ran = ran.exits(3);
    let table = environment.read("figures.csv");
    let heading = "sheet,cell,measure,area,period,breakdown,value,marks,raw,repair\r\n";
    assert!(table.starts_with(heading), "{table}");
    let lines = lines(&table);
    assert!(ran.stdout.contains(&format!(": {} figures\n", lines.len())), "{}", ran.stdout);
    assert!(20 < lines.len());
    let bytes = std::fs::read(fixture(DAVSS.trim_start_matches("fixtures/"))).expect("a workbook");
    for line in &lines {
        let sheet = cells(&bytes, line[0]);
        assert_eq!(sheet.get(line[1]).map(String::as_str), Some(line[6]), "{line:?}");
    }
    assert!(environment.data().is_empty(), "checking kept something");
}

#[test]
fn what_was_read_is_written_also_when_it_would_be_refused() {
    let (environment, ran) = check(HOUSING, "west-kent-housing", "figures.csv");
    let ran = ran.exits(3);
    assert!(ran.stdout.contains("would be refused"), "{}", ran.stdout);
    let table = environment.read("figures.csv");
    let blank = lines(&table).into_iter().find(|line| line[1] == "C10").expect("the blank cell");
    assert_eq!(blank[6..], ["", "[x]", "", "blank cell taken as not available"]);
    let wrong = lines(&table).into_iter().find(|line| line[1] == "C8");
    assert_eq!(wrong, None, "`about 12` is no figure");
}

#[test]
fn the_workbook_itself_is_never_overwritten() {
    let (environment, ran) = check(DAVSS, "davss-quarterly", DAVSS);
    let ran = ran.exits(2);
    assert!(ran.stderr.contains("is the workbook itself: name another file"), "{}", ran.stderr);
    let kept = std::fs::read(environment.path(DAVSS)).expect("the workbook");
    let sent = std::fs::read(fixture(DAVSS.trim_start_matches("fixtures/"))).expect("the fixture");
    assert!(kept == sent);
    let (_, ran) = check(DAVSS, "davss-quarterly", "nowhere/figures.csv");
    let said = ran.exits(2).stderr;
    assert!(said.contains("could not write nowhere/figures.csv"), "{said}");
    assert!(said.contains("name a file in a folder that can be written to"), "{said}");
}
