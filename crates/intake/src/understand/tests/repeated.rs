//! Long tables that say the same about many months: what a row says is remembered, and nothing
//! comes of it but time saved.

use super::super::known_rows::forgetting::while_forgetting;
use super::understood;

const LONG: &str = r#"
frequency = "ad-hoc"
[[table]]
sheets = { first = true }
area = { from = "column", header = ["District"] }
measure = { from = "column", header = ["Type"] }
period = { from = "column", header = ["Month"] }
value = { from = "column", header = ["Count"] }
totals = ["All months"]
ignore = ["withdrawn", "2025-03"]
[labels]
"Burglary" = { measure = "burglary" }
"Robbery" = { measure = "robbery" }
"#;

const GRID: &str = "
    # Crime
    Note      | District  | Code      | Type     | Month      | Count
              | Sevenoaks | E07000111 | Burglary | 2025-04    | 1
              | Sevenoaks | E07000111 | Burglary | 2025-05    | 2
              | Sevenoaks | E07000111 | Burglary | All months | 3
              | Sevenoaks | E07000111 | Burglary | Total      | 3
    withdrawn | Sevenoaks | E07000111 | Burglary | 2025-05    | 9
              | Sevenoaks | E07000112 | Burglary | 2025-06    | 4
              | Sevenoaks | E07000111 | Burglary | Junes      | 4
              | Sevenoaks | E07000111 | Burglary |            | 4
              | Sevenoaks | E07000111 | Robbery  | 2025-06    |
              | Sevenoaks | E07000111 | Robbery  | 2025-05    | 7
    Note      | District  | Code      | Type     | Month      | Count
              | Sevenoaks | E07000111 | Burglary | 2025-06    | 5
              | Shepway   | E07000112 | Robbery  | 2025-06    | 'x
              | Shepway   | E07000112 | Robbery  | 2025-05    | 6
              | Shepway   | E07000112 | Robbery  | 2025-05    | 6
              | Shepway   | 12.5      | Robbery  | 2025-04    | 8
              | Sevenoaks | E07000111 | Burglary | 2025-03    | 8
    ";

#[test]
fn a_row_like_an_earlier_one_says_what_it_would_say_alone() {
    let told = understood(LONG, GRID);
    assert_eq!(told, while_forgetting(|| understood(LONG, GRID)));
    insta::assert_snapshot!(told, @r#"
    2025-26Q1
    burglary E07000111 2025-04 = 1 @ Crime!F2
    burglary E07000111 2025-05 = 2 @ Crime!F3
    robbery E07000111 2025-06 = [x] @ Crime!F10 (blank cell taken as not available)
    robbery E07000111 2025-05 = 7 @ Crime!F11
    burglary E07000111 2025-06 = 5 @ Crime!F13
    robbery E07000112 2025-05 = 6 @ Crime!F15
    robbery E07000112 2025-05 = 6 @ Crime!F16
    robbery E07000112 2025-04 = 8 @ Crime!F17
    error: Crime!B7 unknown-area: `Sevenoaks` is E07000111 in this return, but the code beside it is E07000112 (give the figures of the area the return is about, or correct the code)
    error: Crime!E8 unknown-period: `Junes` is not a month or a quarter (write it like `April 2025`)
    error: Crime!E9 label-missing: the row has figures but its period is blank (write the period in this cell, or clear the row)
    error: Crime!F14 not-a-number: `x` is not a number (write the number; if `x` is agreed to stand for something, the return's contract needs a line under [symbols]: "x" = "c" (withheld), "x" (not available), "z" (not applicable) or "zero")
    error: Crime!F16 duplicate: `Robbery, Shepway, 2025-05` for May 2025 is given twice: in Crime!F15 and in Crime!F16 (keep one of the two)
    warning: Crime!F10 blank-cell: `Robbery, Sevenoaks, 2025-06` for June 2025 is blank: taken as not available, not as zero (write 0 if there were none, or the mark for a figure that is not available)
    repair: Crime!F5 total-not-stored: 1 row or column of totals checked against their parts and not stored, first in F5 ()
    "#);
}
