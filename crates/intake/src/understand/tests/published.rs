//! What published tables do that partners' own seldom do.

use super::understood;

fn table(keys: &str, after: &str) -> String {
    format!(
        "frequency = \"ad-hoc\"\n[[table]]\nsheets = {{ first = true }}\nvalue = {{ from = \"header-row\" }}\n{keys}\n{after}\n"
    )
}

const CRIMES: &str =
    "[labels]\n\"Burglary\" = { measure = \"burglary\" }\n\"Robbery\" = { measure = \"robbery\" }";

/// Numbers of columns and codes of series stand under the headings and beside the heads of blocks.
#[test]
fn numbers_of_columns_and_codes_beside_the_head_of_a_block_are_no_figures() {
    let contract = table(
        "area = { from = \"block\" }\nmeasure = { from = \"header-row\" }\nperiod = { from = \"column\", header = [\"Month\"] }",
        "[labels]\n\"Burglary\" = { measure = \"burglary\" }\n\"Robbery\" = { measure = \"robbery\" }\n\"Thefts\" = { measure = \"burglary\", breakdown = \"kind=theft\" }",
    );
    let told = understood(
        &contract,
        "
        # Series
        Month     | Burglary | Robbery | Thefts
                  | 1        | 2       | 3
        Sevenoaks | MGSL     | MGSF    | MGRZ
        Apr-25    | 11       | 12      | 13
        Shepway   | LF2O     | LF2K    | LF2G
        Apr-25    | 21       | 22      | 24
        ",
    );
    for line in [
        "burglary E07000111 2025-04 = 11 @ Series!B4",
        "robbery E07000111 2025-04 = 12 @ Series!C4",
        "burglary E07000112 2025-04 = 21 @ Series!B6",
    ] {
        assert!(told.contains(line), "{told}");
    }
    assert!(!told.contains("error") && !told.contains("!B2") && !told.contains("!B3"), "{told}");
}

/// What is left out by the name of a group is left out for all its columns.
#[test]
fn a_group_is_left_out_with_all_its_columns() {
    let contract = table(
        "area = { from = \"column\", header = [\"Area\"] }\nmeasure = { from = \"header-row\" }\nperiod = { from = \"header-row\" }\nignore = [\"% change\"]",
        CRIMES,
    );
    let told = understood(
        &contract,
        "
        # Groups
                  | Apr-25   |         | % change |
        Area      | Burglary | Robbery | Burglary | Robbery
        Sevenoaks | 11       | 12      | 7        | 8
        ",
    );
    assert!(told.contains("robbery E07000111 2025-04 = 12 @ Groups!C3"), "{told}");
    assert!(!told.contains("error") && !told.contains("!D3") && !told.contains("!E3"), "{told}");
}

/// A row may be left out by its name where the area is known by a code.
#[test]
fn a_row_is_left_out_by_a_text_that_is_not_read() {
    let contract = table(
        "area = { from = \"column\", header = [\"Code\"] }\nmeasure = { from = \"fixed\", is = \"burglary\" }\nperiod = { from = \"header-row\" }\nignore = [\"Name\", \"Sevenoaks (with rail)\"]",
        "",
    );
    let told = understood(
        &contract,
        "
        # Twice
        Code      | Name                  | Apr-25
        E07000111 | Sevenoaks             | 11
        E07000111 | Sevenoaks (with rail) | 12
        ",
    );
    assert!(told.contains("burglary E07000111 2025-04 = 11 @ Twice!C2"), "{told}");
    assert!(!told.contains("error") && !told.contains("!C3"), "{told}");
}

/// A row without label and figure is nothing, though blanks mean the same as above.
#[test]
fn nothing_is_made_of_an_empty_row() {
    let contract = table(
        "area = { from = \"column\", header = [\"Area\"], fill = \"down\" }\nmeasure = { from = \"fixed\", is = \"burglary\" }\nperiod = { from = \"header-row\" }",
        "",
    );
    let told = understood(
        &contract,
        "
        # Filled
        Area      | Apr-25 | Note
        Sevenoaks | 11     |
                  |        | checked
        ",
    );
    assert!(told.contains("burglary E07000111 2025-04 = 11 @ Filled!B2"), "{told}");
    assert!(!told.contains("!B3"), "{told}");
}

/// Formulas leave noughts where nothing belongs: a contract may say so, and only of noughts.
#[test]
fn stray_noughts_are_left_out_where_the_contract_says_so() {
    let keys = "area = { from = \"column\", header = [\"Area\"] }\nmeasure = { from = \"header-row\" }\nperiod = { from = \"expected\" }";
    let strict = table(keys, CRIMES);
    let lenient = table(&format!("{keys}\nignore_stray_zeros = true"), CRIMES);
    let grid = "
        # Stray
        Area      | Burglary |   | Robbery
        Sevenoaks | 11       | 0 | 12      | 0
                  | 0        |   | 0
        Shepway   | 21       |   | 22
        ";
    let told = understood(&strict, grid);
    for refused in
        ["!C2 figures-without-heading", "!E2 figures-without-heading", "!A3 label-missing"]
    {
        assert!(told.contains(refused), "{told}");
    }
    insta::assert_snapshot!(understood(&lenient, grid), @"
    2025-26Q1
    burglary E07000111 2025-26Q1 = 11 @ Stray!B2
    robbery E07000111 2025-26Q1 = 12 @ Stray!D2
    burglary E07000112 2025-26Q1 = 21 @ Stray!B4
    robbery E07000112 2025-26Q1 = 22 @ Stray!D4
    repair: Stray!C2 stray-zeros-left-out: 4 noughts under no heading or in rows without a label left out, as agreed, first in C2 ()
    ");
    // Any other number is refused as before; so is a nought where the row may have slipped, a word
    // for nought, and a row without a label that holds a text besides.
    for (from, to, refused) in [
        ("11       | 0 |", "11       | 5 |", "!C2 figures-without-heading"),
        ("| 0        |   | 0", "| 0        |   | 1", "!A3 label-missing"),
        ("11       | 0 |", "         | 0 |", "!C2 figures-without-heading"),
        ("| 12      | 0", "| 12      | '0", "!E2 figures-without-heading"),
        ("| 0        |   | 0", "| 0        | x | 0", "!A3 label-missing"),
    ] {
        let changed = grid.replace(from, to);
        assert_ne!(changed, grid);
        let told = understood(&lenient, &changed);
        assert!(told.contains(refused), "{from} to {to}: {told}");
    }
}

/// A label without any figure, at the head of a block or in between, is no row where the contract
/// says so; a mark is a figure's reason, and stays.
#[test]
fn labels_without_figures_are_left_out_where_the_contract_says_so() {
    let keys = "area = { from = \"column\", header = [\"Area\"] }\nmeasure = { from = \"header-row\" }\nperiod = { from = \"expected\" }";
    let grid = "
        # Blank
        Area      | Burglary | Robbery
        Sevenoaks |          |
        Sevenoaks | 11       | 12
        Shepway   | [x]      |
        ";
    let strict = understood(&table(keys, CRIMES), grid);
    assert!(strict.contains("duplicate"), "{strict}");
    let told = understood(&table(&format!("{keys}\nignore_blank_rows = true"), CRIMES), grid);
    insta::assert_snapshot!(told, @"
    2025-26Q1
    burglary E07000111 2025-26Q1 = 11 @ Blank!B3
    robbery E07000111 2025-26Q1 = 12 @ Blank!C3
    burglary E07000112 2025-26Q1 = [x] @ Blank!B4 (`[x]` stands for a missing figure in this return)
    robbery E07000112 2025-26Q1 = [x] @ Blank!C4 (blank cell taken as not available)
    warning: Blank!C4 blank-cell: `Shepway, Robbery` for April to June 2025 is blank: taken as not available, not as zero (write 0 if there were none, or the mark for a figure that is not available)
    repair: Blank!A2 blank-rows-left-out: 1 row without any figure left out, as agreed, first in A2 ()
    ");
}

/// Year and measure in one heading: the label says both.
#[test]
fn a_label_may_say_its_period() {
    let contract = table(
        "area = { from = \"column\", header = [\"Area\"] }\nmeasure = { from = \"header-row\" }\nperiod = { from = \"fixed\", is = \"2025-06\" }",
        "[labels]\n\"2025 burglaries\" = { measure = \"burglary\" }\n\"2024 burglaries\" = { measure = \"burglary\", period = \"2024-06\" }",
    );
    let told = understood(
        &contract,
        "
        # Years
        Area      | 2025 burglaries | 2024 burglaries
        Sevenoaks | 11              | 12
        ",
    );
    insta::assert_snapshot!(told, @"
    2024-06..2025-06
    burglary E07000111 2025-06 = 11 @ Years!B2
    burglary E07000111 2024-06 = 12 @ Years!C2
    ");
}
