//! What would be read wrongly without anybody noticing.

use super::{BY_DISTRICT, REFERRALS, understood};

/// The findings alone, as lines.
fn found(contract: &str, grid: &str) -> String {
    let text = understood(contract, grid);
    let kept = ["error: ", "warning: ", "repair: "];
    let lines = text.lines().filter(|line| kept.iter().any(|start| line.starts_with(start)));
    lines
        .map(|line| line.split_once(" (").map_or(line, |(said, _)| said))
        .collect::<Vec<_>>()
        .join("\n")
}

/// The figures alone, as lines.
fn figures(contract: &str, grid: &str) -> usize {
    understood(contract, grid).lines().filter(|line| line.contains(" @ ")).count()
}

#[test]
fn a_second_table_below_the_first_is_refused() {
    let grid = "
        # Sevenoaks
        Crime type | Apr-25 | May-25 | Jun-25
        Burglary | 12 | 13 | 14

        Crime type | Apr-24 | May-24 | Jun-24
        Robbery & mugging | 1 | 2 | 3
    ";
    insta::assert_snapshot!(found(BY_DISTRICT, grid), @"error: Sevenoaks!A4 second-heading: this row looks like the headings of a second table: nothing from here on was read");
    for headings in [
        "Crime type | Jun-25 | May-25 | Apr-25",
        "Offence | @2025-06-01 | @2025-05-01 | @2025-04-01",
        "| Jan-25 | Feb-25 | Mar-25",
    ] {
        let other = grid.replace("Crime type | Apr-24 | May-24 | Jun-24", headings);
        assert!(found(BY_DISTRICT, &other).contains("second-heading"), "{headings}");
        assert_eq!(figures(BY_DISTRICT, &other), 3, "{headings}");
    }
}

#[test]
fn headings_repeated_as_they_are_are_skipped() {
    let grid = "
        # Sevenoaks
        Crime type | Apr-25 | May-25 | Jun-25
        Burglary | 12 | 13 | 14
        Page 2
        Crime type | April 2025 | @2025-05-01 | Jun-25
        Robbery & mugging | 1 | 2 | 3
    ";
    assert_eq!(found(BY_DISTRICT, grid), "");
    assert_eq!(figures(BY_DISTRICT, grid), 6);
    let bare = grid
        .replace("April 2025 | @2025-05-01 | Jun-25", "Apr | May | Jun")
        .replace("Apr-25 | May-25 | Jun-25", "Apr | May | Jun");
    assert_eq!(
        found(BY_DISTRICT, &bare),
        "warning: Sevenoaks year-assumed: nothing says of which year the figures are: they were taken as those of April to June 2025"
    );
    // The same words under another year are other headings.
    let last_year = bare.replace("Page 2", "April to June 2024");
    assert!(found(BY_DISTRICT, &last_year).contains("second-heading"));
}

#[test]
fn labels_across_that_stand_once_more_in_another_order_are_a_second_table() {
    let contract = ACROSS;
    let grid = "
        # Fires
        April to June 2025
        District | Burglary | Robbery
        Sevenoaks | 1 | 2
        District | Robbery | Burglary
        Shepway | 3 | 4
    ";
    assert!(found(contract, grid).contains("Fires!A4 second-heading"), "{}", found(contract, grid));
    let again = grid.replace("Robbery | Burglary", "Burglary | Robbery");
    assert_eq!(found(contract, &again), "");
    assert_eq!(figures(contract, &again), 4);
}

/// Areas down, labels across, the period in the title.
const ACROSS: &str = r#"
frequency = "quarterly"
due_working_days = 10
[[table]]
sheets = { first = true }
area = { from = "column", header = ["District"] }
measure = { from = "header-row" }
period = { from = "title" }
value = { from = "header-row" }
[labels]
"Burglary" = { measure = "burglary" }
"Robbery" = { measure = "robbery" }
"#;

#[test]
fn figures_under_no_heading_are_named() {
    for (row, heading) in [
        ("Burglary | 1 | 212 | 198 | 224", "Apr-25 | May-25 | Jun-25"),
        ("Burglary | 1 | 212 | 198 | '224", "Apr-25 | May-25 | Jun-25"),
        ("Burglary | 1 | 212 | 198 | 224", "Apr-25 | May-25 | Jun-25 | "),
    ] {
        let grid =
            format!("# Sevenoaks\nCrime type | {heading}\n{row}\nRobbery & mugging | 14 | 11 | 17");
        insta::allow_duplicates! {
            insta::assert_snapshot!(found(BY_DISTRICT, &grid), @"error: Sevenoaks!E2 figures-without-heading: there is a figure here, but its column has no heading");
        }
    }
    // A gap between the label and the months, into which a row has slipped.
    let slipped = "
        # Sevenoaks
        Crime type | | Apr-25 | May-25 | Jun-25
        Burglary | 212 | 198 | 224
        Robbery & mugging | | 1 | 2 | 3
    ";
    assert!(found(BY_DISTRICT, slipped).contains("Sevenoaks!B2 figures-without-heading"));
}

#[test]
fn what_stands_beside_the_table_is_no_figure_of_it() {
    let grid = "
        # Sevenoaks
        | | | | | Status
        1 | Crime type | Apr-25 | | May-25 | Jun-25 |
        2 | Burglary | 12 | | 13 | 14 | see note
        3 | Robbery & mugging | 1 | | 2 | 3 | '*
        | Note | | | | | | 2024
    ";
    assert_eq!(found(BY_DISTRICT, &grid.replace("1 | Crime", " | Crime")), "");
}

fn quarter(heading: &str, burglary: &str) -> String {
    found(
        BY_DISTRICT,
        &format!(
            "# Sevenoaks\nCrime type | Apr-25 | May-25 | Jun-25 | {heading}\nBurglary | 14 | 11 | 17 | {burglary}\nRobbery & mugging | 1 | 2 | 3 | 6"
        ),
    )
}

#[test]
fn a_quarter_beside_its_months_is_their_total() {
    insta::assert_snapshot!(quarter("Quarter 1 2025/26", "42"), @"repair: Sevenoaks!E2 total-over-months: the figures for April to June 2025 are the sums of those beside them: taken as totals and not stored, in 2 cells");
    insta::assert_snapshot!(quarter("Quarter 1 2025/26", "99"), @"
    error: Sevenoaks!E2 total-differs: `Burglary` for April to June 2025 is 99, but the figures for its months add up to 42
    repair: Sevenoaks!E3 total-over-months: the figures for April to June 2025 are the sums of those beside them: taken as totals and not stored, in 1 cell
    ");
    let grid = "
        # Sevenoaks
        Crime type | Apr-25 | May-25 | Jun-25 | Q1 2025/26 | Total
        Burglary | 14 | 11 | 17 | 42 | 42
        Robbery & mugging | 1 | 2 | 3 | 6 | 6
        Total | 15 | 13 | 20 | 48 | 48
    ";
    assert!(!found(BY_DISTRICT, grid).contains("error"), "{}", found(BY_DISTRICT, grid));
    assert_eq!(figures(BY_DISTRICT, grid), 6);
    let twice = grid.replace("| Total\n", "| Q1 2025/26\n");
    assert!(found(BY_DISTRICT, &twice).contains("F2 duplicate"), "{}", found(BY_DISTRICT, &twice));
}

#[test]
fn periods_that_overlap_otherwise_are_refused() {
    let grid = "
        # Sevenoaks
        Crime type | Apr-25 | Apr-May 2025 | Apr-Jun 2025
        Burglary | 14 | 25 | 42
        Robbery & mugging | 1 | 3 | 6
    ";
    insta::assert_snapshot!(found(BY_DISTRICT, grid), @"
    error: Sevenoaks!C2 overlapping-periods: the figures for April to May 2025, in several cells, share months with those for April 2025: which of them counts cannot be told
    error: Sevenoaks!D2 overlapping-periods: the figures for April to June 2025, in several cells, share months with those for April 2025: which of them counts cannot be told
    ");
    let grid = "
        # Sevenoaks
        Crime type | Apr-25 | May-25 | Q1 2025/26
        Burglary | 14 | 11 | 42
        Robbery & mugging | 1 | 2 | 6
    ";
    assert!(found(BY_DISTRICT, grid).contains("D2 overlapping-periods"));
}

#[test]
fn shares_and_rolling_years_may_overlap() {
    let contract = r#"
frequency = "ad-hoc"
[[table]]
sheets = { first = true }
area = { from = "fixed", is = "E07000111" }
measure = { from = "column", header = ["What"] }
period = { from = "header-row" }
value = { from = "header-row" }
[labels]
"Satisfied" = { measure = "satisfied" }
"Burglary" = { measure = "burglary" }
"#;
    let shares = "# A\nWhat | Apr-25 | May-25 | Jun-25 | Q1 2025/26\nSatisfied | 80 | 90 | 70 | 79";
    assert!(!found(contract, shares).contains("A!E2"), "{}", found(contract, shares));
    assert_eq!(figures(contract, shares), 4);
    let rolling = "# A\nWhat | YE Mar 2025 | YE Jun 2025\nBurglary | 800 | 790";
    assert!(!found(contract, rolling).contains("A!C2"), "{}", found(contract, rolling));
    assert_eq!(figures(contract, rolling), 2);
}

#[test]
fn a_year_is_no_quarter() {
    let grid = "
        # Fires
        July 2024 to June 2025
        District | Burglary | Robbery
        Sevenoaks | 1 | 2
        Shepway | 3 | 4
    ";
    insta::assert_snapshot!(found(ACROSS, grid), @"error: Fires!B3 wrong-period: the figures are for the 12 months July 2024 to June 2025, but this return is for quarter 1 2025 to 2026");
    let agreed = ACROSS.replace("[[table]]", "content_months = 12\n[[table]]");
    assert_eq!(found(&agreed, grid), "");
}

#[test]
fn a_month_without_a_figure_is_not_there() {
    let grid = "
        # Sevenoaks
        Crime type | Apr-25 | May-25 | Jun-25
        Burglary | 14 | 11 |
        Robbery & mugging | 1 | 2 |
    ";
    assert!(
        found(BY_DISTRICT, grid).starts_with("error: Sevenoaks!D2 part-period: there are no figures for June 2025: every cell is blank"),
        "{}",
        found(BY_DISTRICT, grid)
    );
    let one = found(BY_DISTRICT, &grid.replace("1 | 2 |", "1 | 2 | 3"));
    assert!(one.starts_with("warning: Sevenoaks!D2 blank-cell"), "{one}");
}

#[test]
fn a_measure_without_a_figure_is_not_there() {
    let grid = "
        # Return
        Indicator | Apr-25 | May-25 | Jun-25
        All | 3 | 3 | 3
        Female | | |
        Male | 2 | 2 | 2
    ";
    let text = found(REFERRALS, grid);
    assert!(
        text.starts_with("error: Return!B3 missing-measure: `Referrals, gender female` has no figure: every cell is blank"),
        "{text}"
    );
    let withheld = found(REFERRALS, &grid.replace("Female | | |", "Female | [c] | [c] | [c]"));
    assert_eq!(withheld, "");
}

#[test]
fn a_form_that_nobody_filled_in_is_no_return() {
    let grid = "
        # Return
        Indicator | Apr-25 | May-25 | Jun-25
        All | | |
        Female | | |
        Male | | |
    ";
    let text = found(REFERRALS, grid);
    assert!(
        text.starts_with("error: Return!B2 no-figures: there are no figures in the workbook: every cell that should hold one is blank"),
        "{text}"
    );
    assert_eq!(text.matches("error: ").count(), 1, "{text}");
}

#[test]
fn what_may_be_about_a_person_is_not_repeated() {
    let grid = |text: &str| {
        format!(
            "# Sevenoaks\nCrime type | Apr-25 | May-25 | Jun-25\nBurglary | {text} | 11 | 17\nRobbery & mugging | 1 | 2 | 3"
        )
    };
    for text in [
        "Mary Jones (client) DOB 2/1/90",
        "dob 1990",
        "mrs jones",
        "Mary Jones",
        "see what mary said",
    ] {
        let told = found(BY_DISTRICT, &grid(text));
        assert_eq!(
            told, "error: Sevenoaks!B2 not-a-number: the text in this cell is not a number",
            "{text}"
        );
    }
    for text in ["about 12", "'2.5e-1", "n/a", "1 2 3.4 5"] {
        let quoted = format!("`{}` is not a number", text.trim_start_matches('\''));
        assert!(found(BY_DISTRICT, &grid(text)).contains(&quoted), "{text}");
    }
}
