//! Forms: what stands on one besides its fields.

use super::understood;

fn contract(table: &str, labels: &str) -> String {
    format!(
        "frequency = \"ad-hoc\"\n[[table]]\nsheets = {{ first = true }}\narea = {{ from = \"cell\", label = [\"District\"] }}\nperiod = {{ from = \"expected\" }}\nvalue = {{ from = \"cells\" }}\n{table}\n[labels]\n\"Burglaries\" = {{ measure = \"burglary\" }}\n\"Robberies\" = {{ measure = \"robbery\" }}\n\"Referrals\" = {{ measure = \"referrals\", optional = true }}\n{labels}\n"
    )
}

/// The findings alone.
fn found(contract: &str, grid: &str) -> String {
    let told = understood(contract, grid);
    let signs = ["error: ", "warning: ", "repair: "];
    let lines = told.lines().filter(|line| signs.iter().any(|sign| line.starts_with(sign)));
    lines.collect::<Vec<_>>().join("\n")
}

const FORM: &str = "
    # Form
    Return no.    | 7
    District      | Sevenoaks
    1             | Burglaries | 11
    2             | Robberies  | 4
    ";

#[test]
fn a_number_beside_a_label_nobody_knows_is_said() {
    let plain = contract("", "");
    assert_eq!(found(&plain, FORM), "");
    let stranger = format!("{FORM}    3 | Thefts | 9\n");
    insta::assert_snapshot!(found(&plain, &stranger), @"error: Form!B5 unknown-measure: `Thefts` is not something this return counts (use the labels of the agreed layout, or tell us what the new one means)");
    let misspelt = FORM.replace("Robberies ", "Robery    ");
    insta::assert_snapshot!(found(&plain, &misspelt), @"error: Form!B4 unknown-measure: `Robery` is not something this return counts (use the labels of the agreed layout, or tell us what the new one means)");
    assert_eq!(found(&contract("ignore = [\"Thefts\"]", ""), &stranger), "");
    // A text beside it, a mark, or nothing is no figure.
    for beside in ["see note 3", "", "[x]"] {
        assert_eq!(found(&plain, &format!("{FORM}    3 | Thefts | {beside}\n")), "", "{beside}");
    }
    // Text that is a number, and figures below their labels.
    let below = contract("", "").replace("\"cells\"", "\"cells\", side = \"below\"");
    let grid = "
        # Form
        District   | Sevenoaks
        Burglaries | Robberies | Thefts
        11         | 4         | '9
        ";
    insta::assert_snapshot!(found(&below, grid), @"error: Form!C2 unknown-measure: `Thefts` is not something this return counts (use the labels of the agreed layout, or tell us what the new one means)");
}

#[test]
fn a_second_number_beside_a_label_is_said() {
    let second = FORM.replace("| 11", "| 11 | 14");
    insta::assert_snapshot!(found(&contract("", ""), &second), @"error: Form!D3 figures-without-heading: there is a figure here, but the label beside it has its figure already (clear the cell, or agree what it is: a form has one figure for each label)");
    let headed = second.replace(
        "District      | Sevenoaks",
        "District | Sevenoaks\n | Indicator | Now | Last year",
    );
    assert!(found(&contract("", ""), &headed).contains("Form!D4 figures-without-heading"));
    assert_eq!(found(&contract("ignore = [\"Last year\"]", ""), &headed), "");
}

#[test]
fn a_total_of_a_form_is_the_sum_of_its_own_figures() {
    let plain = contract("", "");
    let with = |total: &str| format!("{FORM}      | Total | {total}\n");
    insta::assert_snapshot!(found(&plain, &with("15")), @"repair: Form!C5 total-not-stored: 1 row or column of totals checked against their parts and not stored, first in C5 ()");
    insta::assert_snapshot!(found(&plain, &with("16")), @"
    error: Form!C5 total-differs: the total `Total` is `16`, but the figures it is the sum of add up to 15 (correct the total or the figure that is wrong)
    repair: Form!C5 total-not-stored: 1 row or column of totals checked against their parts and not stored, first in C5 ()
    ");
    let declared = contract("totals = [\"Both together\"]", "");
    let named = |total: &str| format!("{FORM}      | Both together | {total}\n");
    assert_eq!(found(&declared, &named("15")), "");
    assert!(found(&declared, &named("11")).contains("Form!C5 total-differs"));
    // Nobody knows the sum of a figure that is not there.
    assert!(!found(&declared, &named("9").replace("| 11", "| [x]")).contains("total-differs"));
}

#[test]
fn a_total_is_of_its_section_and_a_grand_total_of_all() {
    let labels = "\"By gender > Women\" = { measure = \"referrals\", breakdown = \"gender=female\" }\n\"By gender > Men\" = { measure = \"referrals\", breakdown = \"gender=male\" }";
    let contract = contract("totals = [\"Grand total\"]", labels);
    let grid = |section: u32, grand: u32| {
        format!(
            "
            # Form
            District    | Sevenoaks
            Burglaries  | 11
            Robberies   | 4
            Total       | 15
            By gender
            Women       | 7
            Men         | 5
            Total       | {section}
            Grand total | {grand}
            "
        )
    };
    assert!(
        !found(&contract, &grid(12, 27)).contains("error"),
        "{}",
        found(&contract, &grid(12, 27))
    );
    // 27 is a sum too, but not that of the section; 12 is one, but not the grand total's.
    let wrong = found(&contract, &grid(27, 12));
    assert!(
        wrong.contains("Form!B8 total-differs") && wrong.contains("Form!B9 total-differs"),
        "{wrong}"
    );
}
