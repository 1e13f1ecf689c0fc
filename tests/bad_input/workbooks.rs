//! Workbooks as people fill them in wrongly, from text grids.

use testkit::workbook;

use crate::{AS_OF, assert_plain, environment};

/// What `check` says of a workbook with one sheet.
fn checked(name: &str, sheet: &str, grid: &str) -> String {
    let environment = environment();
    environment.write("return.xlsx", workbook(&[(sheet, grid)]));
    let arguments = ["check", "return.xlsx", "--return", name];
    let ran = environment.run(&[&arguments[..], &AS_OF].concat());
    assert_plain(&ran.shown());
    assert!(environment.data().is_empty(), "check kept something");
    ran.shown()
}

#[test]
fn a_sound_one_is_accepted() {
    let grid = "
        Detached outreach, April to June 2025
        Location | d:2025-04-01 | d:2025-05-01 | d:2025-06-01 | Total
        Swanley  | 12           | 14           | 9            | 35
        Otford   | 0            | 1            | 2            | 3
        All locations | 12      | 15           | 11           | 38
    ";
    insta::assert_snapshot!(checked("kenward-outreach", "Outreach", grid), @"");
}

#[test]
fn an_unknown_measure() {
    let grid = "
        Indicator                | d:2025-04-01 | d:2025-05-01 | d:2025-06-01
        Referrals received (all) | 24           | 27           | 22
        Moonlight walks          | 1            | 2            | 3
        Helpline calls answerd   | 40           | 41           | 42
    ";
    insta::assert_snapshot!(checked("davss-quarterly", "Return", grid), @"");
}

#[test]
fn an_unknown_area() {
    let grid = "
        Crime type | d:2025-04-01 | d:2025-05-01 | d:2025-06-01
        Burglary   | 5            | 7            | 6
    ";
    insta::assert_snapshot!(checked("kent-police-monthly", "Sevenoax", grid), @"");
}

#[test]
fn the_wrong_quarter() {
    let grid = "
        Indicator                | d:2025-01-01 | d:2025-02-01 | d:2025-03-01
        Referrals received (all) | 24           | 27           | 22
    ";
    insta::assert_snapshot!(checked("davss-quarterly", "Return", grid), @"");
}

#[test]
fn blanks_words_and_parts_of_people() {
    let grid = "
        Indicator                | d:2025-04-01 | d:2025-05-01 | d:2025-06-01
        Referrals received (all) | 24           |              | about 20
        Helpline calls answered  | -3           | 2.5          | 1e99
        Clients supported at court | \"1,204\"  | *            | 7
    ";
    insta::assert_snapshot!(checked("davss-quarterly", "Return", grid), @"");
}

#[test]
fn no_table_at_all() {
    let grid = "
        Dear all,
        figures to follow next week.
    ";
    insta::assert_snapshot!(checked("davss-quarterly", "Return", grid), @"");
}

#[test]
fn names_of_people() {
    let grid = "
        Client name   | d:2025-04-01 | d:2025-05-01 | d:2025-06-01
        Jane Example  | 1            | 0            | 2
        John Sample   | 2            | 1            | 0
        Mary Invented | 0            | 1            | 1
        Tom Madeup    | 1            | 1            | 1
    ";
    let said = checked("davss-quarterly", "Return", grid);
    assert!(!said.contains("Jane") && !said.contains("Madeup"), "{said}");
}
