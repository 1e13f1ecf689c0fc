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

/// The findings alone.
fn found(checks: &str) -> String {
    let grid = "
        # Plan
        No. | Priority Action | Lead Agency | Other Partners | By When | Update | Status
        1.1 | Patrol the car parks | Kent Police | | soon | | Inprogress
        1.2 | Visit shops | CSU | | later | | Done
    ";
    let told = understood(&format!("{PLAN}{checks}"), grid);
    let findings = told.lines().filter(|line| line.contains(": Plan!"));
    findings.collect::<Vec<_>>().join("\n")
}

#[test]
fn a_plan_is_judged_as_its_contract_says() {
    let severity = "[checks]\nseverity = { \"unknown-status\" = \"error\", \"by-when-unclear\" = \"repair\" }\n";
    insta::assert_snapshot!(found(severity), @"
    error: Plan!G2 unknown-status: `Inprogress` is not a status: taken as not reported (did you mean `In progress`?)
    repair: Plan!E2 by-when-unclear: `soon` does not say by when action 1.1 is to be done (write a month like `March 2026`, a date, `Ongoing`, `Monthly` or `Quarterly`)
    repair: Plan!E3 by-when-unclear: `later` does not say by when action 1.2 is to be done (write a month like `March 2026`, a date, `Ongoing`, `Monthly` or `Quarterly`)
    ");
    let known = |until: &str, more: &str| {
        format!(
            "[[exception]]\ncode = \"by-when-unclear\"\nreason = \"the board sets it\"\nowner = \"CSP manager\"\nuntil = {until}\n{more}\n"
        )
    };
    // One action, and not the other.
    insta::assert_snapshot!(found(&known("2025-07-14", "action = \"1.2\"")), @"
    warning: Plan!E2 by-when-unclear: `soon` does not say by when action 1.1 is to be done (write a month like `March 2026`, a date, `Ongoing`, `Monthly` or `Quarterly`)
    warning: Plan!G2 unknown-status: `Inprogress` is not a status: taken as not reported (did you mean `In progress`?)
    repair: Plan!E3 by-when-unclear: known: the board sets it (CSP manager, until 14 July 2025): `later` does not say by when action 1.2 is to be done (write a month like `March 2026`, a date, `Ongoing`, `Monthly` or `Quarterly`)
    ");
    // The whole sheet, and nothing of another code.
    insta::assert_snapshot!(found(&known("2025-07-14", "sheet = \"plan\"")), @"
    warning: Plan!G2 unknown-status: `Inprogress` is not a status: taken as not reported (did you mean `In progress`?)
    repair: Plan!E2 by-when-unclear: known: the board sets it (CSP manager, until 14 July 2025): `soon` does not say by when action 1.1 is to be done (write a month like `March 2026`, a date, `Ongoing`, `Monthly` or `Quarterly`)
    repair: Plan!E3 by-when-unclear: known: the board sets it (CSP manager, until 14 July 2025): `later` does not say by when action 1.2 is to be done (write a month like `March 2026`, a date, `Ongoing`, `Monthly` or `Quarterly`)
    ");
    // One that has run out is said once, however many findings it was about.
    let both = known("2025-07-13", "sheet = \"Plan\"") + &known("2026-07-13", "action = \"1.1\"");
    insta::assert_snapshot!(found(&both), @"
    warning: Plan!G2 unknown-status: `Inprogress` is not a status: taken as not reported (did you mean `In progress`?)
    warning: Plan!E3 by-when-unclear: `later` does not say by when action 1.2 is to be done (write a month like `March 2026`, a date, `Ongoing`, `Monthly` or `Quarterly`)
    warning: Plan!E3 exception-expired: what was known about this ran out on 13 July 2025: the board sets it (CSP manager) (correct the figures, or have the exception in the return's contract renewed)
    repair: Plan!E2 by-when-unclear: known: the board sets it (CSP manager, until 13 July 2026): `soon` does not say by when action 1.1 is to be done (write a month like `March 2026`, a date, `Ongoing`, `Monthly` or `Quarterly`)
    ");
}
