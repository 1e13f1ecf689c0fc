//! Lists with one row per record, in which a record stands twice.

use super::understood;

const LIST: &str = "frequency = \"ad-hoc\"\n[[table]]\nsheets = { first = true }\nonly_areas = \"known\"\narea = { from = \"column\", header = [\"District\"] }\nmeasure = { from = \"fixed\", is = \"burglary\" }\nperiod = { from = \"column\", header = [\"Date\"] }\nvalue = { from = \"rows\" }\n";

/// What is said of twice the same record; the rest of what is said.
fn twins(contract: &str, grid: &str) -> String {
    let told = understood(contract, grid);
    let lines: Vec<&str> = told.lines().filter(|line| line.contains("record-twice")).collect();
    lines.join("\n")
}

const GRID: &str = "
    # Incidents
    Reference | Date        | District  | Value
    A1        | @2025-04-02 | Sevenoaks | 12.5
    A2        | @2025-04-02 | Sevenoaks | 12.5
    A3        | @2025-05-09 | Shepway   |
    A2        | @2025-04-02 | Sevenoaks | 12.5
    A4        | @2025-05-09 | Rother    | 3
    A4        | @2025-05-09 | Rother    | 3
    ";

#[test]
fn a_record_that_is_in_the_list_twice_is_pointed_out_and_counted_as_it_stands() {
    insta::assert_snapshot!(understood(LIST, GRID), @"
    2025-04..2025-05
    burglary E07000111 2025-04 = 3 @ Incidents!B2
    burglary E07000112 2025-05 = 1 @ Incidents!B4
    warning: Incidents!B5 record-twice: every cell of this row is as in row 3 (take out what was copied twice: each row is counted; if they are different records, nothing needs to be done)
    repair: Incidents!C6 areas-left-out: 2 rows for areas that are not in the partnership left out, first in C6 ()
    ");
    // Once more, and a third time.
    let more = format!(
        "{GRID}    A1        | @2025-04-02 | Sevenoaks | 12.5\n    A2        | @2025-04-02 | Sevenoaks | 12.5\n"
    );
    insta::assert_snapshot!(twins(LIST, &more), @"warning: Incidents!B5 record-twice: every cell of 3 rows is as in a row above, first of row 5 as in row 3 (take out what was copied twice: each row is counted; if they are different records, nothing needs to be done)");
}

#[test]
fn records_that_differ_in_any_cell_or_have_nothing_to_tell_them_apart_are_no_twins() {
    let other = |from: &str, to: &str| twins(LIST, &GRID.replacen(from, to, 1));
    // Another reference, day, district, value; a value that is text, or not there.
    for (from, to) in [
        ("A2   ", "A5   "),
        ("A2        | @2025-04-02", "A2        | @2025-04-03"),
        ("A2        | @2025-04-02 | Sevenoaks", "A2        | @2025-04-02 | Shepway"),
        (
            "A2        | @2025-04-02 | Sevenoaks | 12.5",
            "A2        | @2025-04-02 | Sevenoaks | 12.6",
        ),
        (
            "A2        | @2025-04-02 | Sevenoaks | 12.5",
            "A2        | @2025-04-02 | Sevenoaks | '12.5",
        ),
        ("A2        | @2025-04-02 | Sevenoaks | 12.5", "A2        | @2025-04-02 | Sevenoaks |"),
    ] {
        assert_eq!(other(from, to), "", "{from} to {to}");
    }
    // Two of a day in one district, with no number: nobody can tell.
    let bare = "
        # Incidents
        Date        | District
        @2025-04-02 | Sevenoaks
        @2025-04-02 | Sevenoaks
        ";
    assert_eq!(twins(LIST, bare), "");
    let parted = LIST.to_owned()
        + "breakdown = [{ dimension = \"kind\", from = \"column\", header = [\"Kind\"] }]\n";
    let counted_by_all = "
        # Incidents
        Date        | District  | Kind
        @2025-04-02 | Sevenoaks | Shed
        @2025-04-02 | Sevenoaks | Shed
        ";
    assert_eq!(twins(&parted, counted_by_all), "");
    let with_a_note =
        counted_by_all.replace("Kind\n", "Kind | Note\n").replace("Shed", "Shed | door");
    assert!(twins(&parted, &with_a_note).contains("Incidents!A3"), "{with_a_note}");
}

#[test]
fn a_contract_may_say_that_records_may_be_the_same() {
    let quiet = format!("{LIST}[checks]\nseverity = {{ \"record-twice\" = \"repair\" }}\n");
    assert!(twins(&quiet, GRID).starts_with("repair: "), "{}", twins(&quiet, GRID));
    let strict = format!("{LIST}[checks]\nseverity = {{ \"record-twice\" = \"error\" }}\n");
    assert!(twins(&strict, GRID).starts_with("error: "), "{}", twins(&strict, GRID));
}
