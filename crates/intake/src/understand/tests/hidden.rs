//! Figures that stand where nobody sees them.

use super::{BY_DISTRICT, RECORDS, understood};

fn said(contract: &str, grid: &str) -> String {
    let text = understood(contract, grid);
    let lines = text.lines().filter(|line| line.contains("hidden"));
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn figures_in_hidden_rows_are_read_and_said() {
    let grid = "
        # Sevenoaks
        ~ Figures of the police
        Crime type | Apr-25 | May-25 | Jun-25
        Burglary | 12 | 13 | 14
        ~ Robbery & mugging | 1 | 2 |
        ~ Note: as of July
    ";
    insta::assert_snapshot!(said(BY_DISTRICT, grid), @"warning: Sevenoaks!B4 hidden-rows: 2 figures in hidden rows or columns were read all the same (show all rows and columns (a filter may hide some), and delete what does not belong to the return)");
    let read = understood(BY_DISTRICT, grid);
    assert!(read.contains("robbery E07000111 2025-04 = 1 @ Sevenoaks!B4"), "{read}");
    // A hidden title or note is nobody's figure.
    assert_eq!(said(BY_DISTRICT, &grid.replace("~ Robbery", "Robbery")), "");
}

#[test]
fn hidden_records_are_counted_and_said() {
    let grid = "
        # Incidents
        District | Date | Severity
        Sevenoaks | @2025-04-02 | 1
        ~ Sevenoaks | @2025-04-03 | 2
        ~ Sevenoaks | @2025-05-04 | 2
        Sevenoaks | @2025-05-05 | 1
    ";
    insta::assert_snapshot!(said(RECORDS, grid), @"warning: Incidents!B3 hidden-rows: 2 figures in hidden rows or columns were read all the same (show all rows and columns (a filter may hide some), and delete what does not belong to the return)");
}
