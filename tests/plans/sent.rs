//! What the plans' rules say once somebody sends what they ask for. All figures are made up.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;

use testkit::{Environment, fixture, workbook};

use super::{ACTIONS, PLANS, judged, planned};

/// What is counted for districts: the measures that plans name, and the parts of all crime.
const OF_DISTRICTS: [&str; 19] = [
    "davss-referrals",
    "illustrative-county-lines",
    "illustrative-da-repeat-victims",
    "illustrative-stalking",
    "kenward-engaged",
    "police-asb",
    "police-bicycle-theft",
    "police-burglary",
    "police-criminal-damage",
    "police-drugs",
    "police-other-crime",
    "police-other-theft",
    "police-public-order",
    "police-robbery",
    "police-shoplifting",
    "police-theft-person",
    "police-vehicle-crime",
    "police-violence-sexual",
    "police-weapons",
];

/// What is counted for the partnership's whole area: a measure that plans name, and two for rules
/// that no return tells anything of.
const OF_THE_WHOLE: [&str; 3] = ["ons-violence-injury", "made-reports", "made-meetings"];

const MEASURES: &str = r#"
[[measure]]
id = "made-reports"
label = "Reports (illustrative)"
unit = "count"
polarity = "lower-is-better"
disclosure = "open"
geography = "csp"
illustrative = true
source = "made up"

[[measure]]
id = "made-meetings"
label = "Meetings (illustrative)"
unit = "count"
polarity = "higher-is-better"
disclosure = "open"
geography = "csp"
illustrative = true
source = "made up"
"#;

const CONTRACT: &str = r#"title = "Made-up months"
partner = "kent-police"
frequency = "ad-hoc"

[[table]]
sheets = { first = true }
area = { from = "column", header = ["Area"] }
measure = { from = "column", header = ["Measure"] }
period = { from = "column", header = ["Month"] }
value = { from = "column", header = ["Number"] }

[labels]
"#;

const SOURCES: &str = r#"
[sources.districts]
kind = "folder"
path = "inbox/districts"
return = "districts"

[sources.whole]
kind = "folder"
path = "inbox/whole"
return = "whole"
"#;

const SUCCESS_MEASURE: &str = "[[success_measure]]\n";

/// A quarter, and how the actions of the plan stand at its end.
struct Quarter {
    /// Reports a month, of everything. A year before they were 100.
    reports: i64,
    /// Meetings a month, as in the year before.
    meetings: i64,
    by_when: &'static str,
    status: &'static str,
}

/// Clearly fewer reports than a year before, a few more, clearly more.
const QUARTERS: [Quarter; 3] = [
    Quarter { reports: 70, meetings: 0, by_when: "Ongoing", status: "Complete" },
    Quarter { reports: 104, meetings: 1, by_when: "Ongoing", status: "In progress" },
    Quarter { reports: 150, meetings: 3, by_when: "March 2021", status: "Not started" },
];

/// The first text that stands between two others.
fn between<'a>(text: &'a str, before: &str, after: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(before)?;
    rest.split_once(after).map(|(found, _)| found)
}

/// Of which kind the rule of a success measure is. A level for a year is a kind of its own.
fn kind(success_measure: &str) -> String {
    let rule = between(success_measure, "\nrule = ", "\n").expect("a rule");
    let kind = between(rule, "kind = \"", "\"").expect("a kind");
    if rule.contains("per = \"year\"") { format!("{kind} per year") } else { kind.to_owned() }
}

/// A plan as it would be written if returns carried what they do not. A position needs the figures
/// of all peers: one that names no measure is left.
fn with_measures(definitions: &str) -> String {
    let (before, rest) = definitions.split_once(SUCCESS_MEASURE).expect("success measures");
    let written = |section: &str| {
        let made = match kind(section).as_str() {
            "deliver" | "maintain-position" => return section.to_owned(),
            "at-least" | "at-least per year" => "measures = [\"made-meetings\"]",
            _ => "measures = [\"made-reports\"]",
        };
        let kept = section.lines().filter(|line| !line.starts_with("cannot_judge = "));
        let lines: Vec<&str> =
            kept.map(|line| if line == "measures = []" { made } else { line }).collect();
        lines.join("\n") + "\n"
    };
    let sections: Vec<String> = rest.split(SUCCESS_MEASURE).map(written).collect();
    format!("{before}{SUCCESS_MEASURE}{}", sections.join(SUCCESS_MEASURE))
}

/// The months from April 2024 to June 2025: of the twelve districts of Kent, of which only the
/// plan's own changes, and of the partnership's whole area.
fn months(definitions: &str, quarter: &Quarter) -> (String, String) {
    let home = between(definitions, "\ndistrict = \"", "\"");
    let area = between(definitions, "\ncsp = \"", "\"").expect("the partnership's area");
    let headings = "Area,Measure,Month,Number\n";
    let (mut districts, mut whole) = (headings.to_owned(), headings.to_owned());
    for month in 3..18 {
        let date = format!("{}-{:02}", 2024 + month / 12, month % 12 + 1);
        let reports = if month < 15 { 100 } else { quarter.reports };
        for place in 0..12 {
            let code = format!("E07{:06}", 105 + place);
            let number = if home == Some(code.as_str()) { reports } else { 60 + 8 * place };
            for measure in OF_DISTRICTS {
                writeln!(districts, "{code},{measure},{date},{number}").expect("a String");
            }
        }
        for measure in OF_THE_WHOLE {
            let number = if measure == "made-meetings" { quarter.meetings } else { reports };
            writeln!(whole, "{area},{measure},{date},{number}").expect("a String");
        }
    }
    (districts, whole)
}

/// An action plan with every action that the plan's rules name.
fn action_plan(definitions: &str, quarter: &Quarter) -> Vec<u8> {
    let numbers: BTreeSet<&str> = definitions
        .lines()
        .filter(|line| line.starts_with("rule = "))
        .filter_map(|rule| between(rule, "actions = [", "]"))
        .flat_map(|numbers| numbers.split(", "))
        .collect();
    let mut grid =
        "No. | Action | Lead Agency | Other Partners | By When | Update | Status\n".to_owned();
    let (by_when, status) = (quarter.by_when, quarter.status);
    for number in numbers {
        writeln!(grid, "{number} | As planned | Council | None | {by_when} | None | {status}")
            .expect("a String");
    }
    workbook(&[("Action plan", grid.as_str())])
}

/// A home of the partnership whose plan it is, to which everything was sent.
fn sent(plan: &str, quarter: &Quarter) -> Environment {
    let environment = planned(plan, &[ACTIONS, SOURCES].concat());
    // One return a measure: the contracts of the others make way.
    let actions = environment.read("config/returns/csp-action-plan.toml");
    fs::remove_dir_all(environment.path("config/returns")).expect("contracts");
    environment.write("config/returns/csp-action-plan.toml", actions);
    for (name, measures) in [("districts", &OF_DISTRICTS[..]), ("whole", &OF_THE_WHOLE[..])] {
        let mut contract = CONTRACT.to_owned();
        for id in measures {
            writeln!(contract, "\"{id}\" = {{ measure = \"{id}\" }}").expect("a String");
        }
        environment.write(&format!("config/returns/{name}.toml"), contract);
    }
    let measures = environment.read("config/measures.toml");
    environment.write("config/measures.toml", format!("{measures}\n{MEASURES}"));
    let definitions = environment.read("config/partnership.toml");
    environment.write("config/partnership.toml", with_measures(&definitions));
    let (districts, whole) = months(&definitions, quarter);
    environment.write("inbox/districts/months.csv", districts);
    environment.write("inbox/whole/months.csv", whole);
    environment.write("inbox/actions/plan.xlsx", action_plan(&definitions, quarter));
    environment
}

/// The success measures of a plan, and of which kind their rules are.
fn kinds(plan: &str) -> Vec<(String, String)> {
    let file = fixture(&format!("plans/{plan}/partnership.toml"));
    let definitions = fs::read_to_string(file).expect("the plan");
    let sections = definitions.split(SUCCESS_MEASURE).skip(1);
    sections
        .map(|section| {
            let id = between(section, "id = \"", "\"").expect("an id");
            (id.to_owned(), kind(section))
        })
        .collect()
}

/// Whatever plan a rule stands in, other figures turn what it says: the verdicts in the three
/// quarters, and on how many success measures. What is only monitored is never judged: there it is
/// the sentence that turns. Two positions that name no measure stay as they are.
#[test]
fn figures_turn_the_verdicts() {
    let mut counted: BTreeMap<String, usize> = BTreeMap::new();
    let mut by_kind: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for plan in PLANS {
        let tables: Vec<Vec<csv::StringRecord>> =
            QUARTERS.iter().map(|quarter| judged(&sent(plan, quarter), 0)).collect();
        let kinds = kinds(plan);
        assert!(tables.iter().all(|table| table.len() == kinds.len()), "{plan}");
        for (index, (id, kind)) in kinds.into_iter().enumerate() {
            let rows: Vec<&csv::StringRecord> = tables.iter().map(|table| &table[index]).collect();
            assert!(rows.iter().all(|row| row[0] == id), "{plan}: {id}");
            let verdicts: Vec<&str> = rows.iter().map(|row| &row[3]).collect();
            *counted.entry(format!("{plan}, {kind}: {}", verdicts.join(", "))).or_default() += 1;
            if kind == "monitor" {
                let why: BTreeSet<&str> = rows.iter().map(|row| &row[4]).collect();
                assert_eq!(why.len(), QUARTERS.len(), "{plan}: {id}: {why:?}");
                continue;
            }
            by_kind.entry(kind).or_default().extend(verdicts.into_iter().map(str::to_owned));
        }
    }
    for (kind, verdicts) in &by_kind {
        assert!(verdicts.len() > 1, "{kind} gives no verdict but {verdicts:?}");
    }
    let mut lines = String::new();
    for (line, number) in counted {
        writeln!(lines, "{line} ({number})").expect("a String");
    }
    insta::assert_snapshot!(lines, @"
    kent-2021, at-least per year: Not met, Met, Met (1)
    kent-2021, at-least: Not met, Met, Met (1)
    kent-2021, deliver: Met, On track, At risk (13)
    kent-2021, increase: Not met, On track, Met (1)
    kent-2021, monitor: Cannot judge, Cannot judge, Cannot judge (1)
    kent-2021, reduce: Met, At risk, Not met (6)
    sevenoaks-2024-25, at-least: Not met, Not met, Met (1)
    sevenoaks-2024-25, deliver: Met, On track, At risk (4)
    sevenoaks-2024-25, improve-position: Met, At risk, Not met (1)
    sevenoaks-2024-25, increase: Not met, On track, Met (1)
    sevenoaks-2024-25, maintain-position: Cannot judge, Cannot judge, Cannot judge (2)
    sevenoaks-2024-25, maintain-position: Met, Not met, Not met (2)
    sevenoaks-2024-25, reduce: Met, At risk, Not met (3)
    tonbridge-and-malling-2020-21, at-least per year: Not met, Met, Met (1)
    tonbridge-and-malling-2020-21, at-least: Not met, Met, Met (1)
    tonbridge-and-malling-2020-21, deliver: Met, Not met, Not met (2)
    tonbridge-and-malling-2020-21, deliver: Met, On track, At risk (6)
    tonbridge-and-malling-2020-21, monitor: Cannot judge, Cannot judge, Cannot judge (1)
    tonbridge-and-malling-2020-21, reduce: Met, At risk, Not met (3)
    tunbridge-wells-2020-21, at-least per year: Not met, Not met, Met (1)
    tunbridge-wells-2020-21, deliver: Met, Not met, Not met (2)
    tunbridge-wells-2020-21, deliver: Met, On track, At risk (22)
    tunbridge-wells-2020-21, halt-the-rise: Met, On track, Not met (1)
    tunbridge-wells-2020-21, monitor: Cannot judge, Cannot judge, Cannot judge (26)
    tunbridge-wells-2020-21, reduce: Met, At risk, Not met (2)
    ");
}
