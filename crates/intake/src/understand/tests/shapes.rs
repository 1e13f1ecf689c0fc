//! Every shape a table comes in, one after the other.

use super::understood;

/// A contract for one table, ad-hoc: the table's keys, and what follows it.
fn table(keys: &str, after: &str) -> String {
    format!("frequency = \"ad-hoc\"\n[[table]]\n{keys}\n{after}\n")
}

const CRIMES: &str =
    "[labels]\n\"Burglary\" = { measure = \"burglary\" }\n\"Robbery\" = { measure = \"robbery\" }";

const ACROSS: &str = "value = { from = \"header-row\" }";
const FIRST: &str = "sheets = { first = true }";
const AREA_COLUMN: &str = "area = { from = \"column\", header = [\"Area\"] }";

#[test]
fn blocks_with_the_area_alone_on_its_row() {
    let contract = table(
        &format!(
            "{FIRST}\narea = {{ from = \"block\" }}\nmeasure = {{ from = \"column\", header = [\"Disposals 2025/26\"] }}\nperiod = {{ from = \"header-row\" }}\n{ACROSS}\nignore = [\"Recorded\"]\ntotals = [\"TOTAL\"]"
        ),
        CRIMES,
    );
    let grid = "
        # Blocks
        Disposals 2025/26 | Apr-25 | May-25 | TOTAL
        see the notes
        Sevenoaks

        Recorded | | | 0
        Burglary | 1 | 2 | 3
        Robbery | 3 | 4 | 7
        TOTAL* | 4 | 6 | 10
        *data are provisional
        | | | 0
        Shepway
        Burglary | 5 | 6 | 11
        Disposals 2025/26 | Apr-25 | May-25 | TOTAL
        Robbery | 7 | 8 | 15
    ";
    insta::assert_snapshot!(understood(&contract, grid), @"
    2025-04..2025-05
    burglary E07000111 2025-04 = 1 @ Blocks!B6
    burglary E07000111 2025-05 = 2 @ Blocks!C6
    robbery E07000111 2025-04 = 3 @ Blocks!B7
    robbery E07000111 2025-05 = 4 @ Blocks!C7
    burglary E07000112 2025-04 = 5 @ Blocks!B12
    burglary E07000112 2025-05 = 6 @ Blocks!C12
    robbery E07000112 2025-04 = 7 @ Blocks!B14
    robbery E07000112 2025-05 = 8 @ Blocks!C14
    ");
    // A block nobody knows is not taken for the one before it.
    insta::assert_snapshot!(understood(&contract, &grid.replace("Shepway", "Rother")), @"
    2025-04..2025-05
    burglary E07000111 2025-04 = 1 @ Blocks!B6
    burglary E07000111 2025-05 = 2 @ Blocks!C6
    robbery E07000111 2025-04 = 3 @ Blocks!B7
    robbery E07000111 2025-05 = 4 @ Blocks!C7
    error: Blocks!A12 unknown-block: the figures from here on stand below `Rother`, which is neither an area this return knows nor a section of it (use the labels of the agreed layout, or tell us what the new one means)
    ");
    let known = contract.replace("[labels]", "only_areas = \"known\"\n[labels]");
    insta::assert_snapshot!(understood(&known, &grid.replace("Shepway", "Rother")), @"
    2025-04..2025-05
    burglary E07000111 2025-04 = 1 @ Blocks!B6
    burglary E07000111 2025-05 = 2 @ Blocks!C6
    robbery E07000111 2025-04 = 3 @ Blocks!B7
    robbery E07000111 2025-05 = 4 @ Blocks!C7
    repair: Blocks!A12 areas-left-out: 2 rows for areas that are not in the partnership left out, first in A12 ()
    ");
    // Rows above the first block are of nobody.
    insta::assert_snapshot!(understood(&contract, &grid.replace("Sevenoaks\n", "\n")), @"
    2025-04..2025-05
    burglary E07000112 2025-04 = 5 @ Blocks!B12
    burglary E07000112 2025-05 = 6 @ Blocks!C12
    robbery E07000112 2025-04 = 7 @ Blocks!B14
    robbery E07000112 2025-05 = 8 @ Blocks!C14
    error: Blocks!A6 unknown-block: the figures from here on stand below `see the notes`, which is neither an area this return knows nor a section of it (use the labels of the agreed layout, or tell us what the new one means)
    ");
}

#[test]
fn blocks_inside_blocks_end_with_the_outer_one() {
    let contract = table(
        &format!(
            "{FIRST}\narea = {{ from = \"block\" }}\nmeasure = {{ from = \"block\" }}\nperiod = {{ from = \"column\", header = [\"Month\"] }}\nvalue = {{ from = \"column\", header = [\"Count\"] }}"
        ),
        CRIMES,
    );
    let grid = "
        # Blocks
        Month | Count
        Sevenoaks
        Burglary
        Apr-25 | 1
        Robbery
        Apr-25 | 2
        Shepway
        Apr-25 | 3
        Burglary
        Apr-25 | 4
    ";
    insta::assert_snapshot!(understood(&contract, grid), @"
    2025-04
    burglary E07000111 2025-04 = 1 @ Blocks!B4
    robbery E07000111 2025-04 = 2 @ Blocks!B6
    burglary E07000112 2025-04 = 4 @ Blocks!B10
    error: Blocks!A8 unknown-block: no row above says something counted for the figures from here on (write something counted alone on its own row above its figures)
    ");
}

#[test]
fn the_head_of_a_block_may_stand_in_its_headings() {
    let contract = table(
        &format!(
            "{FIRST}\narea = {{ from = \"block\" }}\nmeasure = {{ from = \"column\", header = [\"Crime\", \"Sevenoaks\"] }}\nperiod = {{ from = \"header-row\" }}\n{ACROSS}"
        ),
        CRIMES,
    );
    let grid = "
        # Blocks
        Sevenoaks | Apr-25 | May-25
        Burglary | 1 | 2
        Shepway | Apr-25 | May-25
        Burglary | 3 | 4
        Rother | Apr-25 | May-25
        Burglary | 5 | 6
    ";
    insta::assert_snapshot!(understood(&contract, grid), @"
    2025-04..2025-05
    burglary E07000111 2025-04 = 1 @ Blocks!B2
    burglary E07000111 2025-05 = 2 @ Blocks!C2
    burglary E07000112 2025-04 = 3 @ Blocks!B4
    burglary E07000112 2025-05 = 4 @ Blocks!C4
    error: Blocks!A6 unknown-block: the figures from here on stand below `Rother`, which is neither an area this return knows nor a section of it (use the labels of the agreed layout, or tell us what the new one means)
    ");
}

#[test]
fn merged_groups_reach_to_the_next_group() {
    let contract = table(
        &format!(
            "{FIRST}\n{AREA_COLUMN}\nmeasure = {{ from = \"header-row\" }}\nperiod = {{ from = \"header-row\" }}\n{ACROSS}"
        ),
        CRIMES,
    );
    let grid = "
        # Two rows
        Recorded crime
        Area | Burglary | | | Robbery | | |
        | Apr-25 | May-25 | Total | Apr-25 | | May-25
        Sevenoaks | 1 | 2 | 3 | 4 | | 5
        Shepway | 6 | 7 | 13 | 8 | | 9
        Total | 7 | 9 | 16 | 12 | | 14
    ";
    insta::assert_snapshot!(understood(&contract, grid), @"
    2025-04..2025-05
    burglary E07000111 2025-04 = 1 @ Two rows!B4
    burglary E07000111 2025-05 = 2 @ Two rows!C4
    robbery E07000111 2025-04 = 4 @ Two rows!E4
    robbery E07000111 2025-05 = 5 @ Two rows!G4
    burglary E07000112 2025-04 = 6 @ Two rows!B5
    burglary E07000112 2025-05 = 7 @ Two rows!C5
    robbery E07000112 2025-04 = 8 @ Two rows!E5
    robbery E07000112 2025-05 = 9 @ Two rows!G5
    repair: Two rows!B6 total-not-stored: 2 rows and columns of totals checked against their parts and not stored, first in B6 ()
    ");
    let third = grid.replace("| Robbery |", "| Arson |");
    insta::assert_snapshot!(understood(&contract, &third), @"
    2025-04..2025-05
    burglary E07000111 2025-04 = 1 @ Two rows!B4
    burglary E07000111 2025-05 = 2 @ Two rows!C4
    burglary E07000112 2025-04 = 6 @ Two rows!B5
    burglary E07000112 2025-05 = 7 @ Two rows!C5
    error: Two rows!E3 unknown-measure: the heading `Arson > Apr-25` is not something this return counts, but there are figures below it (use the labels of the agreed layout, or tell us what the new one means)
    error: Two rows!G3 unknown-measure: the heading `Arson > May-25` is not something this return counts, but there are figures below it (use the labels of the agreed layout, or tell us what the new one means)
    repair: Two rows!B6 total-not-stored: 2 rows and columns of totals checked against their parts and not stored, first in B6 ()
    ");
}

#[test]
fn three_rows_of_headings_and_a_repeated_label() {
    let contract = table(
        &format!(
            "{FIRST}\n{AREA_COLUMN}\nmeasure = {{ from = \"fixed\", is = \"referrals\" }}\nperiod = {{ from = \"header-row\" }}\n{ACROSS}\nignore = [\"Total\"]\n[[table.breakdown]]\ndimension = \"gender\"\nfrom = \"header-row\"\nvalues = {{ \"Female\" = \"female\", \"Gender > Not known\" = \"not-known\" }}\n[[table.breakdown]]\ndimension = \"age\"\nfrom = \"header-row\"\nvalues = {{ \"Under 18\" = \"under-18\", \"Age > Not known\" = \"not-known\" }}"
        ),
        "",
    );
    let grid = "
        # Three rows
        | Apr-25 | | | | May-25 | | |
        | Gender | | Age | | Gender | | Age |
        Area | Female | Not known | Under 18 | Not known | Female | Not known | Under 18 | Not known
        Sevenoaks | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8
    ";
    insta::assert_snapshot!(understood(&contract, grid), @"
    2025-04..2025-05
    referrals [gender=female] E07000111 2025-04 = 1 @ Three rows!B4
    referrals [gender=not-known] E07000111 2025-04 = 2 @ Three rows!C4
    referrals [age=under-18] E07000111 2025-04 = 3 @ Three rows!D4
    referrals [age=not-known] E07000111 2025-04 = 4 @ Three rows!E4
    referrals [gender=female] E07000111 2025-05 = 5 @ Three rows!F4
    referrals [gender=not-known] E07000111 2025-05 = 6 @ Three rows!G4
    referrals [age=under-18] E07000111 2025-05 = 7 @ Three rows!H4
    referrals [age=not-known] E07000111 2025-05 = 8 @ Three rows!I4
    ");
    let both = contract.replace("\"Gender > Not known\"", "\"Not known\"");
    let both = both.replace("\"Age > Not known\"", "\"Unknown\"");
    insta::assert_snapshot!(understood(&both, grid), @"
    2025-04..2025-05
    referrals [gender=female] E07000111 2025-04 = 1 @ Three rows!B4
    referrals [gender=not-known] E07000111 2025-04 = 2 @ Three rows!C4
    referrals [age=under-18] E07000111 2025-04 = 3 @ Three rows!D4
    referrals [gender=not-known] E07000111 2025-04 = 4 @ Three rows!E4
    referrals [gender=female] E07000111 2025-05 = 5 @ Three rows!F4
    referrals [gender=not-known] E07000111 2025-05 = 6 @ Three rows!G4
    referrals [age=under-18] E07000111 2025-05 = 7 @ Three rows!H4
    referrals [gender=not-known] E07000111 2025-05 = 8 @ Three rows!I4
    error: Three rows!E4 duplicate: `Sevenoaks, Not known` for April 2025 is given twice: in Three rows!C4 and in Three rows!E4 (keep one of the two)
    error: Three rows!I4 duplicate: `Sevenoaks, Not known` for May 2025 is given twice: in Three rows!G4 and in Three rows!I4 (keep one of the two)
    ");
}

#[test]
fn a_cross_table_of_two_breakdowns_leaves_no_group_unread() {
    let contract = table(
        &format!(
            "{FIRST}\n{AREA_COLUMN}\nmeasure = {{ from = \"fixed\", is = \"referrals\" }}\nperiod = {{ from = \"title\" }}\n{ACROSS}\n[[table.breakdown]]\ndimension = \"dose\"\nfrom = \"header-row\"\nvalues = {{ \"1st dose\" = \"first\", \"2nd dose\" = \"second\" }}\n[[table.breakdown]]\ndimension = \"age\"\nfrom = \"header-row\"\nvalues = {{ \"Under 40\" = \"under-40\", \"40+\" = \"over-40\" }}"
        ),
        "",
    );
    let grid = "
        # Doses
        April 2025
        | 1st dose5 | | | 2nd dose |
        Area | Under 40 | 40+ | | Under 40 | 40+
        Sevenoaks | 1 | 2 | | 3 | 4
    ";
    insta::assert_snapshot!(understood(&contract, grid), @"
    2025-04
    referrals [age=under-40,dose=first] E07000111 2025-04 = 1 @ Doses!B4
    referrals [age=over-40,dose=first] E07000111 2025-04 = 2 @ Doses!C4
    referrals [age=under-40,dose=second] E07000111 2025-04 = 3 @ Doses!E4
    referrals [age=over-40,dose=second] E07000111 2025-04 = 4 @ Doses!F4
    ");
    insta::assert_snapshot!(understood(&contract, &grid.replace("2nd dose", "3rd dose")), @"
    2025-04
    referrals [age=under-40,dose=first] E07000111 2025-04 = 1 @ Doses!B4
    referrals [age=over-40,dose=first] E07000111 2025-04 = 2 @ Doses!C4
    error: Doses!E3 unknown-label: the heading `3rd dose > Under 40` is not a part this return has, but there are figures below it (use the labels of the agreed layout, or tell us what the new one means)
    error: Doses!F3 unknown-label: the heading `3rd dose > 40+` is not a part this return has, but there are figures below it (use the labels of the agreed layout, or tell us what the new one means)
    ");
}

#[test]
fn quarters_under_their_years() {
    let contract = table(
        &format!(
            "{FIRST}\n{AREA_COLUMN}\nmeasure = {{ from = \"fixed\", is = \"burglary\" }}\nperiod = {{ from = \"header-row\" }}\n{ACROSS}"
        ),
        "",
    );
    let grid = "
        # Quarters
        | 2024/25 | | 2025/26 |
        Area | Q3 | Q4 | Q1 | Quarter 2
        Sevenoaks | 1 | 2 | 3 | 4
    ";
    insta::assert_snapshot!(understood(&contract, grid), @"
    2024-10..2025-09
    burglary E07000111 2024-25Q3 = 1 @ Quarters!B3
    burglary E07000111 2024-25Q4 = 2 @ Quarters!C3
    burglary E07000111 2025-26Q1 = 3 @ Quarters!D3
    burglary E07000111 2025-26Q2 = 4 @ Quarters!E3
    ");
    let calendar = grid.replace("2024/25", "2024").replace("2025/26", "2025");
    insta::assert_snapshot!(understood(&contract, &calendar), @"error: Quarters!A2 headings-not-found: the table was not found: no heading `months across the columns` (keep the headings of the agreed layout, in the first 60 rows)");
    let years = "
        # Years
        Area | 2023 | 2024
        Sevenoaks | 1 | 2
    ";
    insta::assert_snapshot!(understood(&contract, years), @"error: Years!A1 headings-not-found: the table was not found: no heading `months across the columns` (keep the headings of the agreed layout, in the first 60 rows)");
    let financial =
        contract.replace("header-row\" }\nvalue", "header-row\", years = \"financial\" }\nvalue");
    insta::assert_snapshot!(understood(&financial, years), @"
    2023-04..2025-03
    burglary E07000111 2023-24 = 1 @ Years!B2
    burglary E07000111 2024-25 = 2 @ Years!C2
    ");
}

#[test]
fn labels_only_on_the_first_row_of_a_block() {
    let contract = table(
        &format!(
            "{FIRST}\narea = {{ from = \"column\", header = [\"Area\"] }}\nmeasure = {{ from = \"fixed\", is = \"referrals\" }}\nperiod = {{ from = \"title\" }}\nvalue = {{ from = \"column\", header = [\"Count\"] }}\n[[table.breakdown]]\ndimension = \"sex\"\nfrom = \"column\"\nheader = [\"\"]\nfill = \"down\"\nvalues = {{ \"Males\" = \"male\", \"Females\" = \"female\" }}"
        ),
        "",
    );
    let grid = "
        # Fill
        April 2025
        | Area | Count
        Males | Sevenoaks | 1
        | Shepway | 2
        | Total | 3

        Females | Sevenoaks | 4
        | Shepway | 5
        Total | Sevenoaks | 5
        | Shepway | 7
        1 Provisional figures
    ";
    insta::assert_snapshot!(understood(&contract, grid), @"
    2025-04
    referrals [sex=male] E07000111 2025-04 = 1 @ Fill!C3
    referrals [sex=male] E07000112 2025-04 = 2 @ Fill!C4
    referrals [sex=female] E07000111 2025-04 = 4 @ Fill!C7
    referrals [sex=female] E07000112 2025-04 = 5 @ Fill!C8
    repair: Fill!C5 total-not-stored: 3 rows and columns of totals checked against their parts and not stored, first in C5 ()
    ");
}

#[test]
fn the_year_in_a_column_of_its_own() {
    let contract = |period: &str| {
        table(
            &format!(
                "{FIRST}\n{AREA_COLUMN}\nmeasure = {{ from = \"fixed\", is = \"burglary\" }}\nperiod = {period}\nvalue = {{ from = \"column\", header = [\"Count\"] }}"
            ),
            "",
        )
    };
    let quarters = contract(
        "{ from = \"column\", header = [\"Financial Quarter\"], year = [\"Financial Year\"] }",
    );
    let grid = "
        # Long
        Financial Year | Financial Quarter | Area | Count
        2024/25 | 4 | Sevenoaks | 1
        2025/26 | Q1 | Sevenoaks | 2
        '2025/26 | '2 | Sevenoaks | 3
        2025 | 3 | Sevenoaks | 4
        2025/26 | 5 | Sevenoaks | 5
        2023/24 | '1,2,3,4 | Sevenoaks | 6
    ";
    insta::assert_snapshot!(understood(&quarters, grid), @"
    2023-04..2025-09
    burglary E07000111 2024-25Q4 = 1 @ Long!D2
    burglary E07000111 2025-26Q1 = 2 @ Long!D3
    burglary E07000111 2025-26Q2 = 3 @ Long!D4
    burglary E07000111 2023-24 = 6 @ Long!D7
    error: Long!A5 unknown-period: `3` in the year `2025` is not a month or a quarter (for quarters write the financial year: 2025/26)
    error: Long!B6 unknown-period: `5` in the year `2025/26` is not a month or a quarter (write it like `April 2025`)
    ");
    let months = contract("{ from = \"column\", header = [\"\"], year = [\"\"], fill = \"down\" }");
    let grid = "
        # January
        | | Area | Count
        2024 | Nov | Sevenoaks | 1
        | Dec | Sevenoaks | 2
        2025 | Jan† | Sevenoaks | 3
        | Feb¹ | Sevenoaks | 4
        Latest three months | | | 9
    ";
    insta::assert_snapshot!(understood(&months, grid), @"
    2024-11..2025-02
    burglary E07000111 2024-11 = 1 @ January!D2
    burglary E07000111 2024-12 = 2 @ January!D3
    burglary E07000111 2025-01 = 3 @ January!D4
    burglary E07000111 2025-02 = 4 @ January!D5
    error: January!C6 label-missing: the row has figures but its area is blank (write the area in this cell, or clear the row)
    ");
    let run_on = contract("{ from = \"column\", header = [\"Month\"], fill = \"down\" }");
    let grid = "
        # Run on
        Month | Area | Count
        Nov 2024 | Sevenoaks | 1
        | Shepway | 2
        Dec | Sevenoaks | 3
        Jan | Sevenoaks | 4
        Mar | Sevenoaks | 5
    ";
    insta::assert_snapshot!(understood(&run_on, grid), @"
    2024-11..2025-01
    burglary E07000111 2024-11 = 1 @ Run on!C2
    burglary E07000112 2024-11 = 2 @ Run on!C3
    burglary E07000111 2024-12 = 3 @ Run on!C4
    burglary E07000111 2025-01 = 4 @ Run on!C5
    error: Run on!A6 unknown-period: `Mar` is not a month or a quarter (write it like `April 2025`)
    ");
}

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
    error: Apr 25 missing-measure: Robbery is missing for Sevenoaks (add it; write 0 if there were none)
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
