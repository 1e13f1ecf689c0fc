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
