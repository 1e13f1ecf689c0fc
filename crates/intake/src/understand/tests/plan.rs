//! Action plans.

use super::understood;

const PLAN: &str = r#"
frequency = "quarterly"
due_working_days = 10
kind = "actions"
[columns]
number = ["No."]
action = ["Priority Action"]
lead = ["Lead Agency"]
others = ["Other Partners"]
by_when = ["By When"]
update = ["Update"]
status = ["Status"]
[statuses]
"In progress" = "in-progress"
"Done" = "complete"
"#;

#[test]
fn rows_become_items() {
    let grid = "
        # Plan
        Action plan 2025/26

        Serious crime
        No. | Priority Action | Lead Agency | Other Partners | By When | Update | Status
        1.1 | Patrol the car parks | Kent Police | CSU | March 2026 | Twice | in progress
        '1.10 | Visit shops | CSU | | On Going | | Done
        Safeguarding
        No. | Priority Action | Lead Agency | Other Partners | By When | Update | Status
        2.1 | Train staff | Council | | @2025-09-30 | | Inprogress
        2.1 | Train them again | Council | | soon | |
        | Something without number | Council | | Monthly | |
        2.2 | Walk | Council | | Monthly | |
    ";
    insta::assert_snapshot!(understood(PLAN, grid), @r#"
    2025-26Q1
    1.1 Patrol the car parks / Kent Police / Date(2026-03-31) / InProgress @ Plan!A5
    1.10 Visit shops / CSU / Ongoing / Complete @ Plan!A6
    2.1 Train staff / Council / Date(2025-09-30) / NotReported @ Plan!A9
    2.2 Walk / Council / Recurring("Monthly") / NotReported @ Plan!A12
    error: Plan!A10 duplicate: action 2.1 is given twice: in Plan!A9 and in Plan!A10 (keep one of the two; write 1.10 as text, or it becomes 1.1)
    error: Plan!A11 number-missing: the action `Something without number` has no number (give it its number in the plan, for example 4.7)
    warning: Plan!G9 unknown-status: `Inprogress` is not a status: taken as not reported (did you mean `In progress`?)
    "#);
}

#[test]
fn a_sheet_without_the_headings_is_no_plan() {
    insta::assert_snapshot!(understood(PLAN, "# Plan\nNo. | Action | Lead Agency\n1.1 | Walk | CSU"), @"
    2025-26Q1
    error: Plan headings-not-found: no row has the headings Priority Action, By When, Status (keep the headings of the agreed layout, in one row)
    ");
}
