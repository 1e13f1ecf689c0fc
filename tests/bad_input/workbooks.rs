//! Workbooks as people fill them in wrongly, from text grids.

use testkit::workbook;

use crate::{AS_OF, assert_plain, environment};

/// What `check` says of a workbook with one sheet.
fn checked(name: &str, sheet: &str, grid: &str) -> String {
    let environment = environment();
    environment.write("return.xlsx", workbook(&[(sheet, grid)]));
    let arguments = ["check", "return.xlsx", "--return", name];
    let ran = environment.run(&[&arguments[..], &AS_OF].concat());
    assert_plain(&ran.shown());
    assert!(environment.data().is_empty(), "check kept something");
    ran.shown()
}

#[test]
fn a_sound_one_is_accepted() {
    let grid = "
        Detached outreach, April to June 2025
        Location | d:2025-04-01 | d:2025-05-01 | d:2025-06-01 | Total
        Swanley  | 12           | 14           | 9            | 35
        Otford   | 0            | 1            | 2            | 3
        All locations | 12      | 15           | 11           | 38
    ";
    insta::assert_snapshot!(checked("kenward-outreach", "Outreach", grid), @"
    exit: 3
    --- stdout
    return.xlsx would be refused, about quarter 1 2025 to 2026 (April to June 2025): 9 figures
      Outreach missing-measure: Young people engaged by Kenward Trust outreach (illustrative), location edenbridge is not in the return
          add it; write 0 if there were none
      Outreach missing-measure: Young people engaged by Kenward Trust outreach (illustrative), location hextable is not in the return
          add it; write 0 if there were none
      Outreach missing-measure: Young people engaged by Kenward Trust outreach (illustrative), location new-ash-green is not in the return
          add it; write 0 if there were none
      Outreach missing-measure: Young people engaged by Kenward Trust outreach (illustrative), location sevenoaks-town is not in the return
          add it; write 0 if there were none
      Outreach missing-measure: Young people engaged by Kenward Trust outreach (illustrative), location westerham is not in the return
          add it; write 0 if there were none
    --- stderr
    ");
}

#[test]
fn an_unknown_measure() {
    let grid = "
        Indicator                | d:2025-04-01 | d:2025-05-01 | d:2025-06-01
        Referrals received (all) | 24           | 27           | 22
        Moonlight walks          | 1            | 2            | 3
        Helpline calls answerd   | 40           | 41           | 42
    ";
    insta::assert_snapshot!(checked("davss-quarterly", "Return", grid), @r#"
    exit: 3
    --- stdout
    return.xlsx would be refused, about quarter 1 2025 to 2026 (April to June 2025): 3 figures
      Return!A3 unknown-measure: `Moonlight walks` is not something this return counts
          use the labels of the agreed layout, or tell us what the new one means
          if the new layout is meant, the contract needs:
            [labels] # or leave it out: ignore = ["Moonlight walks"] in its [[table]]
            "Moonlight walks" = { measure = "?moonlight-walks" }
      Return!A4 unknown-measure: `Helpline calls answerd` is not something this return counts
          did you mean `Helpline calls answered`?
          if the new layout is meant, the contract needs:
            [labels]
            "Helpline calls answerd" = { measure = "davss-helpline-calls", optional = true } # as "Helpline calls answered"
    --- stderr
    "#);
}

#[test]
fn an_unknown_area() {
    let grid = "
        Crime type | d:2025-04-01 | d:2025-05-01 | d:2025-06-01
        Burglary   | 5            | 7            | 6
    ";
    insta::assert_snapshot!(checked("kent-police-monthly", "Sevenoax", grid), @r#"
    exit: 3
    --- stdout
    return.xlsx would be refused: 0 figures
      missing-area: there are no figures for Ashford
          add the area; write 0 where there were none
      missing-area: there are no figures for Canterbury
          add the area; write 0 where there were none
      missing-area: there are no figures for Dartford
          add the area; write 0 where there were none
      missing-area: there are no figures for Dover
          add the area; write 0 where there were none
      missing-area: there are no figures for Folkestone and Hythe
          add the area; write 0 where there were none
      missing-area: there are no figures for Gravesham
          add the area; write 0 where there were none
      missing-area: there are no figures for Maidstone
          add the area; write 0 where there were none
      missing-area: there are no figures for Medway
          add the area; write 0 where there were none
      missing-area: there are no figures for Sevenoaks
          add the area; write 0 where there were none
      missing-area: there are no figures for Swale
          add the area; write 0 where there were none
      missing-area: there are no figures for Thanet
          add the area; write 0 where there were none
      missing-area: there are no figures for Tonbridge and Malling
          add the area; write 0 where there were none
      missing-area: there are no figures for Tunbridge Wells
          add the area; write 0 where there were none
      Sevenoax unknown-area: the sheet is named by an area, but `Sevenoax` is not a known area (did you mean `Sevenoaks`?)
          name the sheet by the district, or leave the sheet out
          if the new layout is meant, the contract needs:
            [areas]
            "Sevenoax" = "E07000111" # Sevenoaks
    --- stderr
    "#);
}

#[test]
fn the_wrong_quarter() {
    let grid = "
        Indicator                | d:2025-01-01 | d:2025-02-01 | d:2025-03-01
        Referrals received (all) | 24           | 27           | 22
    ";
    insta::assert_snapshot!(checked("davss-quarterly", "Return", grid), @"
    exit: 3
    --- stdout
    return.xlsx would be refused, about quarter 4 2024 to 2025 (January to March 2025): 3 figures
      Return!D2 wrong-period: the figures are about January to March 2025, but this return is for quarter 1 2025 to 2026 (April to June 2025)
          send the figures for April to June 2025
    --- stderr
    ");
}

#[test]
fn blanks_words_and_parts_of_people() {
    let grid = "
        Indicator                | d:2025-04-01 | d:2025-05-01 | d:2025-06-01
        Referrals received (all) | 24           |              | about 20
        Helpline calls answered  | -3           | 2.5          | 1e99
        Clients supported at court | \"1,204\"  | *            | 7
    ";
    insta::assert_snapshot!(checked("davss-quarterly", "Return", grid), @"
    exit: 3
    --- stdout
    return.xlsx would be refused, about quarter 1 2025 to 2026 (April to June 2025): 5 figures
      Return!C3 fraction-in-count: `2.5` is not a whole number, but this is a count
          give the count itself, not an average or a rate
      Return missing-measure: Referrals to DAVSS (illustrative), gender female is not in the return
          add it; write 0 if there were none
      Return missing-measure: Referrals to DAVSS (illustrative), gender male is not in the return
          add it; write 0 if there were none
      Return missing-measure: Referrals to DAVSS (illustrative), risk high is not in the return
          add it; write 0 if there were none
      Return missing-measure: Referrals to DAVSS (illustrative), risk medium is not in the return
          add it; write 0 if there were none
      Return missing-measure: Referrals to DAVSS (illustrative), risk standard is not in the return
          add it; write 0 if there were none
      Return!B3 negative-count: `-3` is negative, but this is a count
          give the corrected count for the month it belongs to
      Return!D2 not-a-number: `about 20` is not a number
          give the number alone; put remarks in a note below the table
      Return!D3 number-too-large: `100000000000000000000000000000000000000000000000000000000000…` is too large to be a figure of this return
          check the figure
      Return!C2 blank-cell: `Referrals received (all)` for May 2025 is blank: taken as not available, not as zero
          write 0 if there were none, or the mark for a figure that is not available
      Return!B4 number-as-text: number stored as text read as a number in 1 cell, first in B4
      Return!B4 separators-removed: thousands separators removed in 1 cell, first in B4
    --- stderr
    ");
}

#[test]
fn no_table_at_all() {
    let grid = "
        Dear all,
        figures to follow next week.
    ";
    insta::assert_snapshot!(checked("davss-quarterly", "Return", grid), @"
    exit: 3
    --- stdout
    return.xlsx would be refused: 0 figures
      Return headings-not-found: the table was not found: no heading `Indicator`
          keep the headings of the agreed layout, in the first 60 rows
    --- stderr
    ");
}

#[test]
fn names_of_people() {
    let grid = "
        Client name   | d:2025-04-01 | d:2025-05-01 | d:2025-06-01
        Jane Example  | 1            | 0            | 2
        John Sample   | 2            | 1            | 0
        Mary Invented | 0            | 1            | 1
        Tom Madeup    | 1            | 1            | 1
    ";
    let said = checked("davss-quarterly", "Return", grid);
    assert!(!said.contains("Jane") && !said.contains("Madeup"), "{said}");
    insta::assert_snapshot!(said, @"
    exit: 3
    --- stdout
    return.xlsx would be refused: 0 figures
      Return!A1 personal-data: the column from A1 down seems to hold names of people, in several cells: this return takes counts only, so nothing else in the file was read
          delete the column and send counts only; delete the copy you sent as well
    --- stderr
    ");
}
