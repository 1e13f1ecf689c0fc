//! Workbooks as text grids: what is proposed for them, and that the proposal reads them.

use std::collections::BTreeSet;

use super::{Known, Learned, learn};
use crate::contract::parse;
use crate::understand::Vocabulary;
use crate::understand::{example_words, example_workbook as workbook};

fn learned(grid: &str) -> Learned {
    let (partnership, measures) = example_words();
    let vocabulary = Vocabulary { partnership: &partnership, measures: &measures };
    let known = Known {
        vocabulary,
        taken: &BTreeSet::new(),
        file: "return.xlsx",
        expected: "2025-26Q1".parse().expect("a period"),
    };
    learn(&workbook(grid), &known)
}

/// The proposal without its first two lines, which are always the same.
fn proposed(grid: &str) -> String {
    let learned = learned(grid);
    let text = learned.contract.unwrap_or_else(|| panic!("{:?}", learned.findings));
    if let Err(problems) = parse("proposal".into(), &text) {
        panic!("{}\n{text}", problems.join("\n"));
    }
    text.lines().skip(2).collect::<Vec<_>>().join("\n")
}

#[test]
fn months_across_on_a_sheet_for_each_district() {
    let grid = "
        # Notes
        Police recorded crime by district
        # Sevenoaks
        Recorded crime, Sevenoaks
        Produced 3 July 2025

        Crime type | Apr-25 | May-25 | Jun-25 | Total | % change
        Burglary2  | 12     | 9      | '1,014 | 1035  | 3.5
        Robbery    | -      | 1      | 2      | 3     | 50
        Total      | 12     | 10     | 1016   | 1038  | 4

        Note: provisional
        # Tunbridge Wells
        Recorded crime, Tunbridge Wells

        Crime type | Apr-25 | May-25 | Jun-25 | Total | % change
        Burglary   | 12     | 9      | 14     | 35    | 3.5
        Robbery    | 0      | 1      | 2      | 3     | 50
        Total      | 12     | 10     | 16     | 38    | 4
    ";
    insta::assert_snapshot!(proposed(grid), @r#"
    #
    # Tried on the file as it stands: 11 figures read.
    #   error not-a-number: Sevenoaks!B6
    #   warning change-differs: Sevenoaks!F5 and 3 more
    #   repair number-as-text: Sevenoaks!D5
    #   repair separators-removed: Sevenoaks!D5
    # Sheet `Notes`: no table found.

    title = "Police recorded crime by district"
    # One of davss; a new partner goes into partnership.toml first.
    partner = "?"
    # Its figures are about April to June 2025.
    frequency = "quarterly" # or "ad-hoc": never owed, taken when it comes
    due_working_days = 10 # after the quarter's end: as agreed with the partner

    # Table 1: Sevenoaks!A4:F7, headings in A4:F4, and on one more sheet.
    # totals: column E (`Total`) is the sum of the columns beside it
    # change: column F (`% change`) compares figures: it is checked and not stored
    # period: months, quarters or years across the columns, B4 to D4
    # measure: column A (`Crime type`) holds 3 different labels
    # totals: rows of sums in A7
    # area: the sheets are named by areas of partnership.toml
    [[table]]
    sheets = { each = true, except = ["Notes"] }
    area = { from = "sheet-name" }
    measure = { from = "column", header = ["Crime type"] }
    period = { from = "header-row" }
    value = { from = "header-row" }
    totals = ["Total"]

    [labels]
    "Burglary" = { measure = "burglary" } # A5: goes by that name in measures.toml: is it the same thing?
    "Robbery" = { measure = "robbery" } # A6: goes by that name in measures.toml: is it the same thing?

    # What stands instead of a number. Ask the partner, then take the `#` away: "zero" (none were
    # counted), "x" (not available), "c" (withheld) or "z" (not applicable).
    [symbols]
    # "-" = "x" # 1 cell: Sevenoaks!B6

    [checks]
    change_columns = { percent = ["% change"] }
    "#);
}

#[test]
fn a_long_table_of_areas_and_quarters() {
    let grid = "
        # Data
        Month | District | Offence | Age group | Count
        2025-04 | E07000111 : Sevenoaks | Burglary | Under 18 | 4
        2025-04 | E07000111 : Sevenoaks | Robbery | Under 18 | 2
        2025-04 | E07000111 : Sevenoaks | Burglary | 18 and over | ..
        2025-05 | E07000112 : Shepway | Robbery | 18 and over | 2
        2025-05 | Elsewhere | Robbery | 18 and over | 2
    ";
    insta::assert_snapshot!(proposed(grid), @r#"
    #
    # Tried on the file as it stands: 3 figures read.
    #   error missing-month: Data!E2 and 3 more
    #   error not-a-number: Data!E4
    #   repair areas-left-out: Data!B6

    title = "return.xlsx"
    # One of davss; a new partner goes into partnership.toml first.
    partner = "?"
    # Its figures are about April to May 2025.
    frequency = "ad-hoc" # it does not end with a quarter: never owed, taken when it comes

    # Table 1: Data!A1:E6, headings in A1:E1.
    # period: column A (`Month`) holds months, quarters or years
    # area: column B (`District`) names areas of partnership.toml in 4 of 5 cells
    # figures: column E (`Count`), the only one of numbers
    # measure: column C (`Offence`) holds 2 different labels
    [[table]]
    sheets = { first = true }
    area = { from = "column", header = ["District"] }
    measure = { from = "column", header = ["Offence"] }
    period = { from = "column", header = ["Month"] }
    value = { from = "column", header = ["Count"] }
    only_areas = "known" # rows for areas that partnership.toml does not know are left out

    [[table.breakdown]]
    dimension = "age-group"
    from = "column"
    header = ["Age group"]
    [table.breakdown.values]
    "Under 18" = "under-18"
    "18 and over" = "18-and-over"

    [labels]
    "Burglary" = { measure = "burglary" } # C2: goes by that name in measures.toml: is it the same thing?
    "Robbery" = { measure = "robbery" } # C3: goes by that name in measures.toml: is it the same thing?

    # What stands instead of a number. Ask the partner, then take the `#` away: "zero" (none were
    # counted), "x" (not available), "c" (withheld) or "z" (not applicable).
    [symbols]
    # ".." = "x" # 1 cell: Data!E4
    "#);
}

#[test]
fn one_row_for_each_incident() {
    let grid = "
        # Log
        Incident log, April to June 2025

        Reference | Date of incident | District | Kind of incident
        A-1 | @2025-04-03 | Sevenoaks | Noise
        A-2 | @2025-04-19 | Sevenoaks | Noise
        A-3 | @2025-05-02 | Tunbridge Wells | Litter
        A-4 | @2025-06-30 | Sevenoaks | Litter
    ";
    insta::assert_snapshot!(proposed(grid), @r#"
    #
    # Tried on the file as it stands: 3 figures read.
    #   error missing-measure: Log

    title = "Incident log, April to June 2025"
    # One of davss; a new partner goes into partnership.toml first.
    partner = "?"
    # Its figures are about April to June 2025.
    frequency = "quarterly" # or "ad-hoc": never owed, taken when it comes
    due_working_days = 10 # after the quarter's end: as agreed with the partner

    # Table 1: Log!A3:D7, headings in A3:D3.
    # period: column B (`Date of incident`) holds dates
    # area: column C (`District`) names areas of partnership.toml in 4 of 4 cells
    # figures: none; each row is one incident, so rows are counted by month
    # measure: column D (`Kind of incident`) holds 2 different labels
    [[table]]
    sheets = { first = true }
    area = { from = "column", header = ["District"] }
    measure = { from = "column", header = ["Kind of incident"] }
    period = { from = "column", header = ["Date of incident"] }
    value = { from = "rows" }

    [labels]
    "Noise" = { measure = "?noise" } # D4
    "Litter" = { measure = "?litter" } # D6
    "#);
}

#[test]
fn two_rows_of_headings_and_a_year_over_its_first_month() {
    let grid = "
        # Outreach
        Location | 2025 | | | Total
                 | Apr | May | Jun |
        Swanley  | 3 | 4 | 5 | 12
        Hextable | 1 | 0 | 2 | 3
        All locations | 4 | 4 | 7 | 15
    ";
    insta::assert_snapshot!(proposed(grid), @r#"
    #
    # Tried on the file as it stands: 9 figures read.
    #   error unknown-area: whole file

    title = "return.xlsx"
    # One of davss; a new partner goes into partnership.toml first.
    partner = "?"
    # Its figures are about April to June 2025.
    frequency = "quarterly" # or "ad-hoc": never owed, taken when it comes
    due_working_days = 10 # after the quarter's end: as agreed with the partner

    # Table 1: Outreach!A1:E5, headings in A1:E2.
    # totals: column E (`Total`) is the sum of the columns beside it
    # period: months, quarters or years across the columns, B2 to D2
    # measure: column A (`Location`) holds 3 different labels
    [[table]]
    sheets = { first = true }
    # area: nothing names one.
    area = { from = "fixed", is = "?" }
    measure = { from = "column", header = ["Location"] }
    period = { from = "header-row" }
    value = { from = "header-row" }
    totals = ["Total"]

    [labels]
    "Swanley" = { measure = "?swanley" } # A3
    "Hextable" = { measure = "?hextable" } # A4
    "All locations" = { measure = "?all-locations" } # A5
    "#);
}

#[test]
fn nothing_is_said_of_a_workbook_with_personal_data() {
    let learned = learned(
        "
        # Referrals
        Client name | District | Date of referral
        Test Person | Sevenoaks | @2025-04-03
        Some Person | Sevenoaks | @2025-04-05
        ",
    );
    assert_eq!(learned.contract, None);
    assert!(learned.tables.is_empty() && learned.decisions.is_empty());
    let codes: Vec<&str> = learned.findings.iter().map(|finding| finding.code.as_str()).collect();
    assert_eq!(codes, ["personal-data"]);
    assert!(!format!("{:?}", learned.findings).contains("Test Person"));
}

#[test]
fn a_workbook_without_a_table_is_told_so() {
    let learned = learned("# Letter\nDear colleagues\nplease find the figures in the post\n");
    assert_eq!(learned.contract, None);
    assert_eq!(learned.findings[0].code, "headings-not-found");
}

#[test]
fn a_hidden_sheet_is_left_out_and_that_is_said() {
    let learned = learned(
        "
        # Now
        Crime type | Apr-25 | May-25 | Jun-25
        Burglary | 1 | 2 | 3
        #! Old
        Crime type | Apr-24 | May-24 | Jun-24
        Burglary | 1 | 2 | 3
        ",
    );
    assert_eq!(learned.tables.len(), 1);
    assert_eq!(learned.findings[0].code, "hidden-sheet");
}

/// A column of months needs no heading where nothing else is left of the headings, and numbered
/// sheets are no areas.
#[test]
fn months_without_a_heading_and_numbered_sheets_are_read() {
    let grid = "
        # Table 1
             |     | Burglary | Robbery
        2024 | Nov | 1        | 2
             | Dec | 3        | 4
        2025 | Jan | 5        | 6
             | Feb | 7        | 8
        # Table 2
             |     | Burglary | Robbery
        2024 | Nov | 11       | 12
             | Dec | 13       | 14
        2025 | Jan | 15       | 16
             | Feb | 17       | 18
    ";
    insta::assert_snapshot!(proposed(grid), @r#"
    #
    # Tried on the file as it stands: 16 figures read.
    #   error unknown-area: whole file
    #   error wrong-period: Table 1!C5

    title = "Burglary"
    # One of davss; a new partner goes into partnership.toml first.
    partner = "?"
    frequency = "quarterly" # or "ad-hoc": never owed, taken when it comes
    due_working_days = 10 # after the quarter's end: as agreed with the partner

    # Table 1: Table 1!A1:D5, headings in A1:D1, and on one more sheet.
    # period: column B holds months or dates, without a heading, and column A their years; better to ask the partner for one
    # measure: the headings in row 1 say what is counted
    # several numbered sheets of one layout: a part of each measure is said by the sheet's name
    [[table]]
    sheets = { each = true }
    # area: nothing names one.
    area = { from = "fixed", is = "?" }
    measure = { from = "header-row" }
    period = { from = "column", header = [""], year = [""], fill = "down" }
    value = { from = "header-row" }

    [[table.breakdown]]
    dimension = "sheet"
    from = "sheet-name"

    [labels]
    "Burglary" = { measure = "burglary" } # C1: goes by that name in measures.toml: is it the same thing?
    "Robbery" = { measure = "robbery" } # D1: goes by that name in measures.toml: is it the same thing?
    "#);
    assert_eq!(learned(grid).figures, 16);
    // With a heading, or another column left of it, it cannot be found by being the first.
    let beside = grid.replace("2024 | Nov", "Kent | Nov").replace("2025 | Jan", "Kent | Jan");
    let text = learned(&beside).contract.expect("a proposal");
    assert!(
        text.contains("ask the partner for one") && !text.contains("header = [\"\"]"),
        "{text}"
    );
    // Sheets with names of their own may be areas that nobody knows.
    let named = grid.replace("Table 1", "Guildford").replace("Table 2", "Woking");
    assert!(
        learned(&named).contract.expect("a proposal").contains("area = { from = \"sheet-name\" }")
    );
}
