//! `check` with a lake behind it: what was sent before is looked at, and nothing is kept.

use std::collections::BTreeSet;

use testkit::{Environment, differences, workbook};

use crate::environment;

const RETURN: [&str; 4] = ["--return", "davss-quarterly", "--as-of", "2025-10-20"];

/// A home in which the return for April to June 2025, with three months before, was taken in.
fn after_the_first_quarter() -> Environment {
    let home = environment();
    home.sources(
        "[sources.davss]\nkind = \"folder\"\npath = \"incoming\"\nreturn = \"davss-quarterly\"\n",
    );
    home.write(
        "incoming/DAVSS return Jan-Jun 2025.xlsx",
        workbook(&[(
            "Return",
            "
            Indicator                | Jan-25 | Feb-25 | Mar-25 | Apr-25 | May-25 | Jun-25
            Referrals received (all) | 60     | 56     | 58     | 62     | 54     | 59
            of which high risk       | 21     | 19     | 20     | 23     | 17     | 22
            of which medium risk     | 24     | 22     | 23     | 22     | 24     | 21
            of which standard risk   | 15     | 15     | 15     | 17     | 13     | 16
            Female                   | 50     | 47     | 49     | 52     | 44     | 48
            Male                     | 10     | 9      | 9      | 10     | 10     | 11
            Helpline calls answered  | 140    | 131    | 144    | 138    | 127    | 149
            Clients supported at court | 12   | 9      | 11     | 14     | 10     | 13
            ",
        )]),
    );
    let collect =
        ["run", "collect-returns", "--period", "2025-26Q1", "--as-of", "2025-07-21", "--no-send"];
    let ran = home.run(&collect);
    assert_eq!(ran.code, Some(0), "{}", ran.shown());
    home
}

/// The return for July to September, with the quarter before it once more.
const NEXT: &str = "
    Indicator                | Apr-25 | May-25 | Jun-25 | Jul-25 | Aug-25 | Sep-25
    Referrals received (all) | 62     | 54     | 59     | 57     | 61     | 55
    of which high risk       | 23     | 17     | 22     | 20     | 18     | 19
    of which medium risk     | 22     | 24     | 21     | 23     | 25     | 22
    of which standard risk   | 17     | 13     | 16     | 14     | 18     | 14
    Female                   | 52     | 44     | 48     | 45     | 51     | 47
    Male                     | 10     | 10     | 11     | 12     | 10     | 8
    Helpline calls answered  | 138    | 127    | 149    | 133    | 141    | 136
    Clients supported at court | 14   | 10     | 13     | 11     | 12     | 9
    ";

/// Checks a workbook for July to September: the exit code, whether it would be accepted, and what
/// was found as `code cell`. What lies in the data folder must stay as it is, to the byte.
fn checked(home: &Environment, grid: &str) -> (Option<i32>, bool, BTreeSet<String>) {
    home.write("next.xlsx", workbook(&[("Return", grid)]));
    let before = home.data();
    let period = ["--period", "2025-26Q2", "--json"];
    let ran = home.run(&[&["check", "next.xlsx"][..], &RETURN, &period].concat());
    let changed = differences(&before, &home.data());
    assert!(changed.is_empty(), "check has kept something: {changed:?}");
    let document = ran.json();
    let findings = document["findings"].as_array().expect("findings");
    let found = findings.iter().map(|finding| {
        let text = |key: &str| finding[key].as_str().unwrap_or("-").to_owned();
        format!("{} {}", text("code"), text("cell"))
    });
    (ran.code, document["accepted"] == true, found.collect())
}

fn expected(codes: &[&str]) -> BTreeSet<String> {
    codes.iter().map(|code| (*code).to_owned()).collect()
}

#[test]
fn what_was_sent_before_is_held_against_a_file_and_nothing_is_kept() {
    let home = after_the_first_quarter();
    assert_eq!(checked(&home, NEXT), (Some(0), true, BTreeSet::new()));
    // A month sent before with another figure; the parts go with it.
    let revised = NEXT
        .replace("| 62     | 54     | 59     | 57", "| 62     | 58     | 59     | 57")
        .replace("| 23     | 17     | 22     | 20", "| 23     | 21     | 22     | 20")
        .replace("| 52     | 44     | 48", "| 52     | 48     | 48");
    let found = checked(&home, &revised);
    assert_eq!(found, (Some(3), true, expected(&["history-revised C2"])));
    // A figure far from all before it.
    let jump = NEXT.replace("| 133    | 141    | 136", "| 133    | 1410   | 136");
    assert_eq!(checked(&home, &jump), (Some(3), true, expected(&["jump F8"])));
    // Last quarter's figures under this quarter's months.
    let copied = "
        Indicator                | Jul-25 | Aug-25 | Sep-25
        Referrals received (all) | 62     | 54     | 59
        of which high risk       | 23     | 17     | 22
        of which medium risk     | 22     | 24     | 21
        of which standard risk   | 17     | 13     | 16
        Female                   | 52     | 44     | 48
        Male                     | 10     | 10     | 11
        Helpline calls answered  | 138    | 127    | 149
        Clients supported at court | 14   | 10     | 13
        ";
    assert_eq!(checked(&home, copied), (Some(3), true, expected(&["same-as-last-period -"])));
}

/// The same files without a lake: what only history could tell is not said, and nothing is made.
#[test]
fn without_a_lake_a_file_is_judged_by_itself() {
    let home = environment();
    let jump = NEXT.replace("| 133    | 141    | 136", "| 133    | 1410   | 136");
    assert_eq!(checked(&home, &jump), (Some(0), true, BTreeSet::new()));
    assert!(home.data().is_empty(), "check has made a data folder");
}

/// A finding about the past, made an error by the contract, refuses the file, here as in `run`.
#[test]
fn a_contract_may_refuse_what_is_far_from_the_past() {
    let home = after_the_first_quarter();
    let contract = "config/returns/davss-quarterly.toml";
    home.edit(contract, "[checks]\n", "[checks]\nseverity = { \"jump\" = \"error\" }\n");
    let jump = NEXT.replace("| 133    | 141    | 136", "| 133    | 1410   | 136");
    assert_eq!(checked(&home, &jump), (Some(3), false, expected(&["jump F8"])));
}
