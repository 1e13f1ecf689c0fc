//! Every shape a table comes in, one after the other.

use super::understood;

/// A contract for one table, ad-hoc: the table's keys, and what follows it.
pub(super) fn table(keys: &str, after: &str) -> String {
    format!("frequency = \"ad-hoc\"\n[[table]]\n{keys}\n{after}\n")
}

pub(super) const CRIMES: &str =
    "[labels]\n\"Burglary\" = { measure = \"burglary\" }\n\"Robbery\" = { measure = \"robbery\" }";

pub(super) const ACROSS: &str = "value = { from = \"header-row\" }";
pub(super) const FIRST: &str = "sheets = { first = true }";
pub(super) const AREA_COLUMN: &str = "area = { from = \"column\", header = [\"Area\"] }";

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
fn a_total_beside_several_breakdowns_is_the_sum_of_each() {
    let contract = table(
        &format!(
            "{FIRST}\n{AREA_COLUMN}\nmeasure = {{ from = \"fixed\", is = \"referrals\" }}\nperiod = {{ from = \"title\" }}\n{ACROSS}\n[[table.breakdown]]\ndimension = \"gender\"\nfrom = \"header-row\"\nvalues = {{ \"Female\" = \"female\", \"Male\" = \"male\" }}\n[[table.breakdown]]\ndimension = \"age\"\nfrom = \"header-row\"\nvalues = {{ \"15\" = \"15\", \"16\" = \"16\" }}"
        ),
        "",
    );
    let grid = "
        # Both
        April 2025
        | Gender | | Age | |
        Area | Female | Male | 15 | 16 | TOTAL
        Sevenoaks | 1 | 2 | 3 | 0 | 3
    ";
    let text = understood(&contract, grid);
    assert!(!text.contains("error"), "{text}");
    assert_eq!(text.matches(" @ Both!").count(), 4, "{text}");
    let wrong = understood(&contract, &grid.replace("| 3 | 0 | 3", "| 3 | 0 | 4"));
    assert!(wrong.contains("Both!F4 total-differs"), "{wrong}");
}
