//! Where tables stand on sheets, forms, what is said above, and single cells.

use super::shapes::{ACROSS, AREA_COLUMN, CRIMES, FIRST, table};
use super::understood;

#[test]
fn one_sheet_for_each_type_or_month() {
    let by_type = table(
        &format!(
            "sheets = {{ like = [\"*crime*\"] }}\n{AREA_COLUMN}\nmeasure = {{ from = \"sheet-name\" }}\nperiod = {{ from = \"header-row\" }}\n{ACROSS}"
        ),
        "[labels]\n\"Burglary crime\" = { measure = \"burglary\" }\n\"Robbery crime\" = { measure = \"robbery\" }",
    );
    let grid = "
        # Contents
        Burglary crime
        # Burglary Crime
        Area | Apr-25
        Sevenoaks | 1
        # Robbery crime 2
        Area | Apr-25
        Sevenoaks | 2
        # Arson crime
        Area | Apr-25
        Sevenoaks | 3
    ";
    insta::assert_snapshot!(understood(&by_type, grid), @"
    2025-04
    burglary E07000111 2025-04 = 1 @ Burglary Crime!B2
    error: Burglary Crime missing-measure: Robbery is missing for Sevenoaks (add it; write 0 if there were none)
    error: Robbery crime 2 unknown-measure: the sheet's name, `Robbery crime 2`, does not say something this return counts (did you mean `Robbery crime`?)
    error: Arson crime unknown-measure: the sheet's name, `Arson crime`, does not say something this return counts (use the labels of the agreed layout, or tell us what the new one means)
    ");
    let by_month = table(
        &format!(
            "sheets = {{ each = true }}\n{AREA_COLUMN}\nmeasure = {{ from = \"header-row\" }}\nperiod = {{ from = \"sheet-name\" }}\n{ACROSS}"
        ),
        CRIMES,
    );
    let grid = "
        # Apr 25
        Area | Burglary
        Sevenoaks | 1
        # May
        Area | Burglary
        Sevenoaks | 2
        # Crime - June 2025
        Area | Burglary
        Sevenoaks | 3
        # Summary
        Area | Burglary
        Sevenoaks | 6
    ";
    insta::assert_snapshot!(understood(&by_month, grid), @"
    2025-26Q1
    burglary E07000111 2025-04 = 1 @ Apr 25!B2
    burglary E07000111 2025-05 = 2 @ May!B2
    burglary E07000111 2025-06 = 3 @ Crime - June 2025!B2
    error: Summary period-not-found: the sheet's name, `Summary`, does not say which period the figures are about (write the period there, for example `April to June 2025`)
    ");
}

#[test]
fn several_tables_on_one_sheet() {
    let one = |name: &str, measure: &str| {
        format!(
            "[[table]]\n{FIRST}\nstarts_below = [\"{name}\"]\nends_at = [\"Source\", \"Table\"]\n{AREA_COLUMN}\nmeasure = {{ from = \"fixed\", is = \"{measure}\" }}\nperiod = {{ from = \"header-row\" }}\n{ACROSS}\n"
        )
    };
    let contract = format!(
        "frequency = \"ad-hoc\"\n{}{}",
        one("Table 1", "burglary"),
        one("Table 2", "robbery")
    );
    let grid = "
        # Both
        Contents
        Table 1: burglary
        Table 2: robbery

        Table 1: burglary
        Area | Apr | May
        Sevenoaks | 1 | 2
        Source: police

        Table 2: robbery, 2024/25
        Area | Apr | May
        Sevenoaks | 3 | 4
        Total | 3 | 4

        Table 20: something else
        Area | Apr | May
        Sevenoaks | 9 | 9
    ";
    insta::assert_snapshot!(understood(&contract, grid), @"
    2024-04..2025-05
    burglary E07000111 2025-04 = 1 @ Both!B7
    burglary E07000111 2025-05 = 2 @ Both!C7
    robbery E07000111 2024-04 = 3 @ Both!B12
    robbery E07000111 2024-05 = 4 @ Both!C12
    error: Both!B12 missing-month: Robbery for Sevenoaks has no figure for April 2025 (add the month; write 0 if there were none)
    error: Both!B12 missing-month: Robbery for Sevenoaks has no figure for May 2025 (add the month; write 0 if there were none)
    repair: Both!B13 total-not-stored: 1 row or column of totals checked against their parts and not stored, first in B13 ()
    ");
    insta::assert_snapshot!(understood(&contract, &grid.replace("Table 2: robbery", "Robbery")), @"
    2025-04..2025-05
    burglary E07000111 2025-04 = 1 @ Both!B7
    burglary E07000111 2025-05 = 2 @ Both!C7
    error: Both headings-not-found: the table was not found: there is no text `Table 2` (keep the text above the table, as in the agreed layout)
    ");
}

#[test]
fn a_form_with_labelled_cells() {
    let contract = r#"
frequency = "quarterly"
due_working_days = 10
[[table]]
sheets = { first = true }
area = { from = "cell", label = ["District"] }
period = { from = "cell", label = ["Quarter"], side = "below" }
value = { from = "cells" }
[labels]
"Referrals" = { measure = "referrals" }
"By gender > Women" = { measure = "referrals", breakdown = "gender=female" }
"Grant spent" = { measure = "grant" }
"Satisfied" = { measure = "satisfied", optional = true }
"#;
    let grid = "
        # Return
        Domestic abuse service: quarterly return
        District: Sevenoaks | | Quarter
        | | Quarter 1 2025/26
        Referrals | | 12 | Grant spent | '£1,200
        By gender
        Women | 7
        Satisfied |
    ";
    insta::assert_snapshot!(understood(contract, grid), @"
    2025-26Q1
    referrals E07000111 2025-26Q1 = 12 @ Return!C4
    grant E07000111 2025-26Q1 = 120000 @ Return!E4 (number stored as text read as a number; thousands separators removed; pound sign removed)
    referrals [gender=female] E07000111 2025-26Q1 = 7 @ Return!B6
    satisfied E07000111 2025-26Q1 = [x] @ Return!B7 (blank cell taken as not available)
    warning: Return!B7 blank-cell: `Satisfied` for April to June 2025 is blank: taken as not available, not as zero (write 0 if there were none, or the mark for a figure that is not available)
    repair: Return!E4 number-as-text: number stored as text read as a number in 1 cell, first in E4 ()
    repair: Return!E4 pound-sign-removed: pound sign removed in 1 cell, first in E4 ()
    repair: Return!E4 separators-removed: thousands separators removed in 1 cell, first in E4 ()
    ");
    let lacking = grid
        .replace("Referrals |", "Referals |")
        .replace("District: Sevenoaks", "District | Rother");
    insta::assert_snapshot!(understood(contract, &lacking), @"
    error: Return!B2 unknown-area: `Rother` beside `District` is not a known area (give the district's name or code)
    error: Return!D4 period-not-found: `Grant spent` beside `Quarter` is not a period (write the period there, for example `April to June 2025`)
    ");
    let below = contract.replace("\"cells\"", "\"cells\", side = \"below\"");
    let grid = "
        # Return
        District | Sevenoaks | Quarter
        | | Q1 2025/26
        Referrals | Grant spent
        12 | 100
        By gender
        Women
        7
    ";
    insta::assert_snapshot!(understood(&below, grid), @"
    2025-26Q1
    referrals E07000111 2025-26Q1 = 12 @ Return!A4
    grant E07000111 2025-26Q1 = 10000 @ Return!B4
    referrals [gender=female] E07000111 2025-26Q1 = 7 @ Return!A7
    ");
}

#[test]
fn what_is_said_above_the_table() {
    let contract = table(
        &format!(
            "{FIRST}\narea = {{ from = \"title\", words = [\"figures for\"] }}\nmeasure = {{ from = \"title\" }}\nperiod = {{ from = \"header-row\" }}\n{ACROSS}\n[[table.breakdown]]\ndimension = \"sex\"\nfrom = \"column\"\nheader = [\"Sex\"]"
        ),
        CRIMES,
    );
    let grid = "
        # Titled
        Kent Police: Burglary
        Figures for Tunbridge Wells borough
        Sex | Apr-25 | May-25
        Female | 1 | 2
        All | 3 | 4
    ";
    insta::assert_snapshot!(understood(&contract, grid), @"
    2025-04..2025-05
    burglary [sex=female] E07000116 2025-04 = 1 @ Titled!B4
    burglary [sex=female] E07000116 2025-05 = 2 @ Titled!C4
    error: Titled!B5 total-differs: the total in the row `All` is 3, but its figures add up to 1 (correct the total or the figure that is wrong; if it is no sum of these, the return's contract must say what it is: a label, whole or ignore)
    error: Titled!C5 total-differs: the total in the row `All` is 4, but its figures add up to 2 (correct the total or the figure that is wrong; if it is no sum of these, the return's contract must say what it is: a label, whole or ignore)
    repair: Titled!B5 total-not-stored: 1 row or column of totals checked against their parts and not stored, first in B5 ()
    ");
    let two = grid.replace("Tunbridge Wells", "Sevenoaks and Tunbridge Wells");
    insta::assert_snapshot!(understood(&contract, &two), @"error: Titled!A2 unknown-area: the text above the table does not say a known area, or says more than one (give the district's name or code)");
}

#[test]
fn offence_codes_are_added_into_their_group() {
    let contract = table(
        &format!(
            "{FIRST}\n{AREA_COLUMN}\nmeasure = {{ from = \"column\", header = [\"Code\"] }}\nperiod = {{ from = \"column\", header = [\"Month\"] }}\nvalue = {{ from = \"column\", header = [\"Count\"] }}\nadd_up = true"
        ),
        "[labels]\n\"30A\" = { measure = \"burglary\" }\n\"30B\" = { measure = \"burglary\" }\n\"34\" = { measure = \"robbery\" }\n[symbols]\n\"..\" = \"x\"",
    );
    let grid = "
        # Long
        Month | Area | Code | Count
        Apr-25 | Sevenoaks | 30A | 149
        Apr-25 | Sevenoaks | 30B | 1
        Apr-25 | Sevenoaks | 34 | 7
        Apr-25 | Shepway | 30A | 5
        Apr-25 | Shepway | 30B | ..
        Apr-25 | Tunbridge Wells | 30A | 5
        Apr-25 | Tunbridge Wells | 30B | oops
    ";
    insta::assert_snapshot!(understood(&contract, grid), @"
    2025-04
    burglary E07000111 2025-04 = 150 @ Long!D2 (sum of 2 cells)
    robbery E07000111 2025-04 = 7 @ Long!D4
    burglary E07000112 2025-04 = [x] @ Long!D5 (sum of 2 cells)
    error: Long missing-measure: Robbery is missing for Folkestone and Hythe (add it; write 0 if there were none)
    error: Long missing-measure: Robbery is missing for Tunbridge Wells (add it; write 0 if there were none)
    error: Long!D8 not-a-number: `oops` is not a number (give the number alone; put remarks in a note below the table)
    repair: Long!D2 added-up: figures in 6 cells were added up into 3, as agreed for this return, first in D2 ()
    ");
}

#[test]
fn a_county_above_its_districts_is_in_no_sum() {
    let contract = table(
        &format!(
            "{FIRST}\n{AREA_COLUMN}\nmeasure = {{ from = \"header-row\" }}\nperiod = {{ from = \"title\" }}\n{ACROSS}\nonly_areas = \"known\"\nignore = [\"Code\"]"
        ),
        &format!("{CRIMES}\n[areas]\n\"Shepway DC\" = \"E07000112\""),
    );
    let grid = "
        # Districts
        April 2025
        Code | Area | Burglary | Robbery | % change
        E10000016 | Kent3 | 30 | 3 | 1
        E07000111 | Sevenoaks | 10 | 1 | 2
        E07000112 | Shepway DC [note 1] | 20 | 2 | 3
        | Total | 30 | 3 |
    ";
    insta::assert_snapshot!(understood(&contract, grid), @r#"
    2025-04
    burglary E07000111 2025-04 = 10 @ Districts!C4
    robbery E07000111 2025-04 = 1 @ Districts!D4
    burglary E07000112 2025-04 = 20 @ Districts!C5
    robbery E07000112 2025-04 = 2 @ Districts!D5
    error: Districts!E2 unknown-measure: the heading `% change` is not something this return counts, but there are figures below it (leave the column out, or agree that it is left unread: in the return's contract, ignore = ["% change"])
    repair: Districts!B3 areas-left-out: 1 row for areas that are not in the partnership left out, first in B3 ()
    repair: Districts!C6 total-not-stored: 1 row or column of totals checked against their parts and not stored, first in C6 ()
    "#);
    // A constituency of the same name is another area.
    let other = grid.replace("E07000111", "E14001465");
    let refused = contract
        .replace("only_areas = \"known\"\n", "")
        .replace("[\"Code\"", "[\"Code\", \"Kent\", \"% change\"");
    insta::assert_snapshot!(understood(&refused, &other), @"
    2025-04
    burglary E07000112 2025-04 = 20 @ Districts!C5
    robbery E07000112 2025-04 = 2 @ Districts!D5
    error: Districts!B4 unknown-area: `Sevenoaks` is E07000111 in this return, but the code beside it is E14001465 (give the figures of the area the return is about, or correct the code)
    repair: Districts!C6 total-not-stored: 1 row or column of totals checked against their parts and not stored, first in C6 ()
    ");
}

#[test]
fn marks_and_what_a_spreadsheet_made_of_figures() {
    let contract = table(
        &format!(
            "{FIRST}\n{AREA_COLUMN}\nmeasure = {{ from = \"fixed\", is = \"burglary\" }}\nperiod = {{ from = \"column\", header = [\"Month\"] }}\nvalue = {{ from = \"column\", header = [\"Count\"] }}"
        ),
        "[symbols]\n\"<5\" = \"c\"\n\"Nil\" = \"zero\"\n\":\" = \"x\"",
    );
    let grid = "
        # Marks
        Month | Area | Count
        Jan-25 | Sevenoaks | '< 5
        Feb-25 | Sevenoaks | nil
        Mar-25 | Sevenoaks | :
        Apr-25 | Sevenoaks | '-
        May-25 | Sevenoaks | *
        Jun-25 | Sevenoaks | '1.23E+11
        Jul-25 | Sevenoaks | '1234567890123456
        Aug-25 | Sevenoaks | '12-Mar
        Sep-25 | Sevenoaks | @2025-03-12
    ";
    insta::assert_snapshot!(understood(&contract, grid), @r#"
        2025-01..2025-09
        burglary E07000111 2025-01 = [c] @ Marks!C2 (`<5` stands for a missing figure in this return)
        burglary E07000111 2025-02 = 0 @ Marks!C3 (`Nil` stands for zero in this return)
        burglary E07000111 2025-03 = [x] @ Marks!C4 (`:` stands for a missing figure in this return)
        error: Marks!C5 not-a-number: `-` is not a number (write the number; if `-` is agreed to stand for something, the return's contract needs a line under [symbols]: "-" = "c" (withheld), "x" (not available), "z" (not applicable) or "zero")
        error: Marks!C6 not-a-number: `*` is not a number (write the number; if `*` is agreed to stand for something, the return's contract needs a line under [symbols]: "*" = "c" (withheld), "x" (not available), "z" (not applicable) or "zero")
        error: Marks!C7 precision-lost: `1.23E+11` has lost digits: a spreadsheet keeps fifteen of a number, and `1.2E+11` shows even fewer (give the whole number again, from where it came from)
        error: Marks!C8 precision-lost: `1234567890123456` has lost digits: a spreadsheet keeps fifteen of a number, and `1.2E+11` shows even fewer (give the whole number again, from where it came from)
        error: Marks!C9 date-in-count: `12-Mar` is a date, but a number belongs here (format the cell as a number and type the figure again)
        error: Marks!C9 future-period: there are figures for August 2025, which has not begun on 14 July 2025 (check the year: nothing can have been counted yet)
        error: Marks!C10 date-in-count: `2025-03-12` is a date, but a number belongs here (format the cell as a number and type the figure again)
    "#);
}

#[test]
fn a_repair_names_all_its_cells() {
    let contract = crate::understand::tests::contract(&table(
        &format!(
            "{FIRST}\n{AREA_COLUMN}\nmeasure = {{ from = \"fixed\", is = \"burglary\" }}\nperiod = {{ from = \"header-row\" }}\n{ACROSS}"
        ),
        "",
    ));
    let grid = "# A\nArea | Apr-25 | May-25\nSevenoaks | '1 | 2\nShepway | '3 | '4";
    let (partnership, measures) = crate::understand::tests::example_words();
    let vocabulary =
        crate::understand::Vocabulary { partnership: &partnership, measures: &measures };
    let previous = crate::understand::PreviousValues::new();
    let checked = crate::understand::understand(
        &crate::understand::tests::workbook(grid),
        &contract,
        &vocabulary,
        &crate::understand::tests::occasion("2025-26Q1", &previous),
    );
    let [repair] = checked.findings.as_slice() else {
        panic!("one finding: {:?}", checked.findings);
    };
    let also: Vec<String> = repair.also.iter().map(ToString::to_string).collect();
    assert_eq!((repair.place.to_string(), also.join(" ")), ("A!B2".to_owned(), "B3 C3".to_owned()));
}
