//! Tables as partners build them.

use super::{BY_DISTRICT, RECORDS, REFERRALS, understood};

#[test]
fn one_sheet_for_each_district_with_title_totals_and_notes() {
    let grid = "
        # Notes
        Anything goes here | 12
        # Sevenoaks
        Kent Police: recorded crime
        Produced 14 July 2025

        | Crime type | Apr-25 | @2025-05-01 | Jun 2025 | Total
        | Burglary2 | 12 | - | '1,003 | 1015
        | ROBBERY and  mugging | 1 | 2 | 3 | 6
        | Total | 13 | 2 | 1006 | 1021

        | Note: figures are provisional
        # Shepway
        | Crime type | Apr-25 | May-25 | Jun-25
        | Burglary | 5 | [c] | 7 [p]
        | Robbery & mugging | 0 | 0 | 0
    ";
    insta::assert_snapshot!(understood(BY_DISTRICT, grid), @"
    2025-26Q1
    burglary E07000111 2025-04 = 12 @ Sevenoaks!C5
    burglary E07000111 2025-05 = 0 @ Sevenoaks!D5 (`-` stands for zero in this return)
    burglary E07000111 2025-06 = 1003 @ Sevenoaks!E5 (number stored as text read as a number; thousands separators removed)
    robbery E07000111 2025-04 = 1 @ Sevenoaks!C6
    robbery E07000111 2025-05 = 2 @ Sevenoaks!D6
    robbery E07000111 2025-06 = 3 @ Sevenoaks!E6
    burglary E07000112 2025-04 = 5 @ Shepway!C2
    burglary E07000112 2025-05 = [c] @ Shepway!D2 (`[c]` stands for a missing figure in this return)
    burglary E07000112 2025-06 = 7[p] @ Shepway!E2 (number stored as text read as a number)
    robbery E07000112 2025-04 = 0 @ Shepway!C3
    robbery E07000112 2025-05 = 0 @ Shepway!D3
    robbery E07000112 2025-06 = 0 @ Shepway!E3
    repair: Sevenoaks!E5 number-as-text: number stored as text read as a number in 1 cell, first in E5 ()
    repair: Sevenoaks!E5 separators-removed: thousands separators removed in 1 cell, first in E5 ()
    repair: Shepway!E2 number-as-text: number stored as text read as a number in 1 cell, first in E2 ()
    ");
}

#[test]
fn every_bad_cell_is_named() {
    let grid = "
        # Sevenoaks
        Crime type | Apr-25 | May-25 | Jun-25 | Jly-25
        Burglary | about 12 | 12.5 | -3 | 4
        Robbery & mugging | #REF! | = | | 5
        Burglry | 1 | 2 | 3 |
        | 4 | 5 | 6 |
        See the notes of last year | | | |
    ";
    insta::assert_snapshot!(understood(BY_DISTRICT, grid), @"
    2025-26Q1
    robbery E07000111 2025-06 = [x] @ Sevenoaks!D3 (blank cell taken as not available)
    error: Sevenoaks!E1 unknown-period: the heading `Jly-25` is not a month or a quarter, but there are figures below it (use the labels of the agreed layout, or tell us what the new one means)
    error: Sevenoaks!B2 not-a-number: `about 12` is not a number (give the number alone; put remarks in a note below the table)
    error: Sevenoaks!C2 fraction-in-count: `12.5` is not a whole number, but this is a count (give the count itself, not an average or a rate)
    error: Sevenoaks!D2 negative-count: `-3` is negative, but this is a count (give the corrected count for the month it belongs to)
    error: Sevenoaks!B3 error-value: `#REF!` is an error value, not a number (correct the formula, or type the figure)
    error: Sevenoaks!C3 formula-without-value: the cell is a formula whose result was not saved with the file (open the workbook in Excel or LibreOffice, save it and send it again)
    error: Sevenoaks!A4 unknown-measure: `Burglry` is not something this return counts (did you mean `Burglary`?)
    error: Sevenoaks!A5 label-missing: the row has figures but its label is blank (write the label in this cell, or clear the row)
    warning: Sevenoaks!D3 blank-cell: `Robbery & mugging` for June 2025 is blank: taken as not available, not as zero (write 0 if there were none, or the mark for a figure that is not available)
    ");
}

#[test]
fn totals_that_differ_are_found_in_rows_and_columns() {
    let grid = "
        # Sevenoaks
        Crime type | Apr-25 | May-25 | Jun-25 | Total
        Burglary | 12 | 13 | 14 | 40
        Robbery & mugging | 1 | 2 | 3 | 6
        Total | 13 | 16 | 17 | 45
    ";
    insta::assert_snapshot!(understood(BY_DISTRICT, grid), @"
    2025-26Q1
    burglary E07000111 2025-04 = 12 @ Sevenoaks!B2
    burglary E07000111 2025-05 = 13 @ Sevenoaks!C2
    burglary E07000111 2025-06 = 14 @ Sevenoaks!D2
    robbery E07000111 2025-04 = 1 @ Sevenoaks!B3
    robbery E07000111 2025-05 = 2 @ Sevenoaks!C3
    robbery E07000111 2025-06 = 3 @ Sevenoaks!D3
    error: Sevenoaks!E2 total-differs: the total in the row `Burglary` is 40, but its figures add up to 39 (correct the total or the figure that is wrong)
    error: Sevenoaks!C4 total-differs: the total in the row `Total` is 16, but its figures add up to 15 (correct the total or the figure that is wrong)
    error: Sevenoaks!E4 total-differs: the total in the row `Total` is 45, but its figures add up to 46 (correct the total or the figure that is wrong)
    ");
}

#[test]
fn parts_are_checked_against_the_whole() {
    let grid = "
        # Return
        DAVSS, April to June 2025
        Indicator | April | May | June
        Gender of person referred
        All | 326 | 20 | 30
        Female | 297 | 15 | 20
        Male | 13 | 6 | 10
    ";
    insta::assert_snapshot!(understood(REFERRALS, grid), @"
    2025-26Q1
    referrals E07000111 2025-04 = 326 @ Return!B4
    referrals E07000111 2025-05 = 20 @ Return!C4
    referrals E07000111 2025-06 = 30 @ Return!D4
    referrals [gender=female] E07000111 2025-04 = 297 @ Return!B5
    referrals [gender=female] E07000111 2025-05 = 15 @ Return!C5
    referrals [gender=female] E07000111 2025-06 = 20 @ Return!D5
    referrals [gender=male] E07000111 2025-04 = 13 @ Return!B6
    referrals [gender=male] E07000111 2025-05 = 6 @ Return!C6
    referrals [gender=male] E07000111 2025-06 = 10 @ Return!D6
    error: Return!C4 breakdown-differs: in May 2025, Female 15 and Male 6 make 21, but `All` is 20 (correct the parts or the whole)
    warning: Return!B4 breakdown-differs: in April 2025, Female 297 and Male 13 make 310, but `All` is 326 (say how many were not recorded, or correct the figures)
    ");
}

#[test]
fn a_year_merged_above_its_months_is_read() {
    let grid = "
        # Return
        Indicator | 2024 | | 2025 |
        | Nov | Dec | Jan | Feb
        All | 1 | 2 | 3 | 4
    ";
    let contract = REFERRALS
        .replace("frequency = \"quarterly\"\ndue_working_days = 10", "frequency = \"ad-hoc\"")
        .replace("\"Female\"", "# ")
        .replace("\"Male\"", "# ");
    let contract = contract
        .replace("[checks]\nadds_up = [{ measure = \"referrals\", dimension = \"gender\" }]", "");
    insta::assert_snapshot!(understood(&contract, grid), @"
    2024-11..2025-02
    referrals E07000111 2024-11 = 1 @ Return!B3
    referrals E07000111 2024-12 = 2 @ Return!C3
    referrals E07000111 2025-01 = 3 @ Return!D3
    referrals E07000111 2025-02 = 4 @ Return!E3
    ");
}

#[test]
fn said_twice_is_an_error_that_names_both_cells() {
    let grid = "
        # Return
        Indicator | Apr-25 | May-25 | Jun-25
        All | 3 | 3 | 3
        Female | 1 | 1 | 1
        Male | 2 | 2 | 2
        Male | 2 | 2 | 2
    ";
    insta::assert_snapshot!(understood(REFERRALS, grid), @"
    2025-26Q1
    referrals E07000111 2025-04 = 3 @ Return!B2
    referrals E07000111 2025-05 = 3 @ Return!C2
    referrals E07000111 2025-06 = 3 @ Return!D2
    referrals [gender=female] E07000111 2025-04 = 1 @ Return!B3
    referrals [gender=female] E07000111 2025-05 = 1 @ Return!C3
    referrals [gender=female] E07000111 2025-06 = 1 @ Return!D3
    referrals [gender=male] E07000111 2025-04 = 2 @ Return!B4
    referrals [gender=male] E07000111 2025-05 = 2 @ Return!C4
    referrals [gender=male] E07000111 2025-06 = 2 @ Return!D4
    referrals [gender=male] E07000111 2025-04 = 2 @ Return!B5
    referrals [gender=male] E07000111 2025-05 = 2 @ Return!C5
    referrals [gender=male] E07000111 2025-06 = 2 @ Return!D5
    error: Return!B5 duplicate: `Male` for April 2025 is given twice: in Return!B4 and in Return!B5 (keep one of the two)
    error: Return!C5 duplicate: `Male` for May 2025 is given twice: in Return!C4 and in Return!C5 (keep one of the two)
    error: Return!D5 duplicate: `Male` for June 2025 is given twice: in Return!D4 and in Return!D5 (keep one of the two)
    ");
}

#[test]
fn records_are_counted_by_month_area_and_category() {
    let grid = "
        # csv
        Date | District | Severity | Officer
        31/01/2025 | Sevenoaks | 1 | x
        @2025-01-02 | E07000111 | 2 | x
        02/02/2025 | Tunbridge Wells | 2 | x
        32/02/2025 | Sevenoaks | 2 | x
        03/02/1025 | Sevenoaks | 2 | x
        03/02/2025 | Sevenoakes | 3 | x
        Source: a query
    ";
    insta::assert_snapshot!(understood(RECORDS, grid), @"
    2025-01..2025-02
    burglary E07000111 2025-01 = 2 @ csv!A2
    burglary [severity=fatal] E07000111 2025-01 = 1 @ csv!A2
    burglary [severity=serious] E07000111 2025-01 = 1 @ csv!A3
    burglary E07000116 2025-02 = 1 @ csv!A4
    burglary [severity=serious] E07000116 2025-02 = 1 @ csv!A4
    error: csv!A5 not-a-date: `32/02/2025` is not a date (write the date like 31/12/2025)
    error: csv!A6 not-a-date: `03/02/1025` is not a date (write the date like 31/12/2025)
    error: csv!B7 unknown-area: `Sevenoakes` is not a known area (did you mean `Sevenoaks`?) (give the district's name or code)
    error: csv!C7 unknown-label: `3` is not a severity this return has (use the labels of the agreed layout, or tell us what the new one means)
    ");
}

#[test]
fn a_long_table_lacks_a_month_for_one_of_its_measures() {
    let contract = r#"
frequency = "quarterly"
due_working_days = 10
[[table]]
sheets = { first = true }
area = { from = "column", header = ["Area"] }
measure = { from = "column", header = ["What"] }
period = { from = "column", header = ["Month"] }
value = { from = "column", header = ["Value"] }
[labels]
"Grant" = { measure = "grant" }
"Satisfied" = { measure = "satisfied" }
[checks]
areas = { peer_set = "three" }
"#;
    let grid = "
        # Data
        Month | Area | What | Value | Remark
        April 2025 | E07000111 : Sevenoaks | Grant | '£1,234.50 | paid
        May | Sevenoaks | Grant | (12) |
        Jun-25 | Sevenoaks | Grant | 100.255 |
        Apr-25 | Tunbridge Wells | Satisfied | '12.5 % |
        Month | Area | What | Value | Remark
        May-25 | Tunbridge Wells | Satisfied | 80 |
        Jun-25 | Tunbridge Wells | Satisfied | 81 |
        Jun-25 | Tunbridge Wells | Grant | 81 |
    ";
    insta::assert_snapshot!(understood(contract, grid), @"
    2025-26Q1
    grant E07000111 2025-04 = 123450 @ Data!D2 (number stored as text read as a number; thousands separators removed; pound sign removed)
    grant E07000111 2025-05 = -1200 @ Data!D3 (number stored as text read as a number; brackets read as a minus sign)
    grant E07000111 2025-06 = 10026 @ Data!D4 (rounded to two decimal places)
    satisfied E07000116 2025-04 = 1250 @ Data!D5 (number stored as text read as a number; percent sign removed)
    satisfied E07000116 2025-05 = 8000 @ Data!D7
    satisfied E07000116 2025-06 = 8100 @ Data!D8
    grant E07000116 2025-06 = 8100 @ Data!D9
    error: whole file missing-area: there are no figures for Folkestone and Hythe (add the area; write 0 where there were none)
    error: Data missing-measure: Satisfied is missing for Sevenoaks (add it; write 0 if there were none)
    error: Data!D9 missing-month: Grant spent for Tunbridge Wells has no figure for April 2025 (add the month; write 0 if there were none)
    error: Data!D9 missing-month: Grant spent for Tunbridge Wells has no figure for May 2025 (add the month; write 0 if there were none)
    repair: Data!D2 number-as-text: number stored as text read as a number in 3 cells, first in D2 ()
    repair: Data!D2 pound-sign-removed: pound sign removed in 1 cell, first in D2 ()
    repair: Data!D2 separators-removed: thousands separators removed in 1 cell, first in D2 ()
    repair: Data!D3 brackets-as-minus: brackets read as a minus sign in 1 cell, first in D3 ()
    repair: Data!D4 rounded: rounded to two decimal places in 1 cell, first in D4 ()
    repair: Data!D5 percent-sign-removed: percent sign removed in 1 cell, first in D5 ()
    ");
}

#[test]
fn the_partners_own_changes_must_agree_with_the_counts() {
    let contract = r#"
frequency = "ad-hoc"
[[table]]
sheets = { first = true }
area = { from = "fixed", is = "E07000116" }
measure = { from = "column", header = ["Crime type"] }
period = { from = "header-row" }
value = { from = "header-row" }
ignore = ["Direction"]
[labels]
"Burglary" = { measure = "burglary" }
"Robbery" = { measure = "robbery" }
[symbols]
"n/a" = "x"
[checks]
change_columns = { number = ["Number change"], percent = ["% change"] }
"#;
    let grid = "
        # Headline
        Crime type | Nov 2018 to Oct 2019 | Nov 2017 to Oct 2018 | % change | Number change | Direction
        Burglary | '8,447 | 9021 | -6.4 | -574 | down
        Robbery | 66 | 52 | 30 | 41 | up
    ";
    insta::assert_snapshot!(understood(contract, grid), @"
    2017-11..2019-10
    burglary E07000116 2018-11..2019-10 = 8447 @ Headline!B2 (number stored as text read as a number; thousands separators removed)
    burglary E07000116 2017-11..2018-10 = 9021 @ Headline!C2
    robbery E07000116 2018-11..2019-10 = 66 @ Headline!B3
    robbery E07000116 2017-11..2018-10 = 52 @ Headline!C3
    warning: Headline!D3 change-differs: `Robbery` went from 52 to 66, a change of 26.9%, but the sheet says `30` (correct the percentage or the counts)
    warning: Headline!E3 change-differs: `Robbery` went from 52 to 66, a change of 14, but the sheet says `41` (correct the change or the counts)
    repair: Headline!B2 number-as-text: number stored as text read as a number in 1 cell, first in B2 ()
    repair: Headline!B2 separators-removed: thousands separators removed in 1 cell, first in B2 ()
    ");
    let grid = "
        # Headline
        Crime type | Nov 2018 to Oct 2019 | Nov 2017 to Oct 2018 | % change | Number change | Direction
        Burglary | 66 | 52 | '27% | +14 | up
        Robbery | n/a | n/a | n/a | n/a | n/a
    ";
    insta::assert_snapshot!(understood(contract, grid), @"
    2017-11..2019-10
    burglary E07000116 2018-11..2019-10 = 66 @ Headline!B2
    burglary E07000116 2017-11..2018-10 = 52 @ Headline!C2
    robbery E07000116 2018-11..2019-10 = [x] @ Headline!B3 (`n/a` stands for a missing figure in this return)
    robbery E07000116 2017-11..2018-10 = [x] @ Headline!C3 (`n/a` stands for a missing figure in this return)
    ");
}

#[test]
fn a_heading_that_is_not_there_is_asked_for() {
    let grid = "
        # Return
        Indicatr | Apr-25 | May-25
        All | 1 | 2
    ";
    insta::assert_snapshot!(understood(REFERRALS, grid), @"error: Return!A1 headings-not-found: the table was not found: no heading `Indicator` (is it `Indicatr`? Keep the headings of the agreed layout)");
}

#[test]
fn an_empty_workbook_is_no_return() {
    insta::assert_snapshot!(understood(REFERRALS, "# Return"), @"error: whole file no-figures: there are no figures in the workbook (check that the right file was sent, and that it is filled in)");
}

#[test]
fn a_district_a_measure_and_a_label_are_missed() {
    let contract = format!("{BY_DISTRICT}[checks]\nareas = {{ peer_set = \"three\" }}\n");
    let grid = "
        # Sevenoaks
        Crime type | Apr-25 | May-25 | Jun-25
        Burglary | 5 | 6 | 7
        # Tunbridge Wells
        Crime type | Apr-25 | May-25 | Jun-25
        Burglary | 5 | 6 | 7
        Robbery & mugging | 1 | 1 | 1
        #! Old
        Crime type | Apr-24
        Burglary | 5
    ";
    insta::assert_snapshot!(understood(&contract, grid), @"
    2025-26Q1
    burglary E07000111 2025-04 = 5 @ Sevenoaks!B2
    burglary E07000111 2025-05 = 6 @ Sevenoaks!C2
    burglary E07000111 2025-06 = 7 @ Sevenoaks!D2
    burglary E07000116 2025-04 = 5 @ Tunbridge Wells!B2
    burglary E07000116 2025-05 = 6 @ Tunbridge Wells!C2
    burglary E07000116 2025-06 = 7 @ Tunbridge Wells!D2
    robbery E07000116 2025-04 = 1 @ Tunbridge Wells!B3
    robbery E07000116 2025-05 = 1 @ Tunbridge Wells!C3
    robbery E07000116 2025-06 = 1 @ Tunbridge Wells!D3
    error: whole file missing-area: there are no figures for Folkestone and Hythe (add the area; write 0 where there were none)
    error: Sevenoaks missing-measure: Robbery is missing for Sevenoaks (add it; write 0 if there were none)
    warning: Old hidden-sheet: the sheet is hidden and was not read (unhide the sheet if it belongs to the return, or delete it)
    ");
}
