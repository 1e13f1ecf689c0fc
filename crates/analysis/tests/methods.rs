//! `docs/methods.md` is true: every worked example is computed anew by what the program computes
//! with, every example of its kind is there, and every block of TOML can be read.

#[path = "methods/outcomes.rs"]
mod outcomes;
#[path = "methods/page.rs"]
mod page;
#[path = "methods/statistics.rs"]
mod statistics;
#[path = "methods/world.rs"]
mod world;

use std::collections::BTreeMap;

use page::Example;

const PAGE: &str = include_str!("../../../docs/methods.md");

type Compute = fn(&Example) -> String;

/// What computes each kind of example, and how many of them the page has.
const KINDS: [(&str, usize, Compute); 20] = [
    ("interval", 5, statistics::interval),
    ("rate", 3, statistics::rate),
    ("proportion", 3, statistics::proportion),
    ("two-counts", 5, statistics::two_counts),
    ("chart", 9, statistics::chart),
    ("fit", 7, statistics::fit),
    ("assurance", 5, statistics::assurance),
    ("funnel", 3, statistics::funnel),
    ("period", 5, outcomes::period),
    ("figure", 19, outcomes::figure),
    ("revised", 2, outcomes::revised),
    ("restated", 1, outcomes::restated),
    ("change", 11, outcomes::change),
    ("verdict", 17, outcomes::verdict),
    ("statuses", 4, outcomes::statuses),
    ("held", 6, outcomes::held),
    ("peers", 7, outcomes::peers),
    ("shown", 3, outcomes::shown),
    ("shown-verdict", 2, outcomes::shown_verdict),
    ("success", 23, outcomes::success),
];

#[test]
fn every_worked_example_comes_out_as_printed() {
    let (mut wrong, mut seen) = (Vec::new(), BTreeMap::new());
    for example in page::examples(PAGE) {
        let kind = KINDS.iter().find(|(name, ..)| *name == example.kind);
        let (name, _, compute) = kind.unwrap_or_else(|| panic!("{example}: no such kind"));
        *seen.entry(*name).or_insert(0) += 1;
        let found = compute(&example);
        example.all_was_used();
        if found != example.gives {
            wrong.push(format!("{example}\n  gives: {}\n  found: {found}", example.gives));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let wanted: BTreeMap<&str, usize> = KINDS.iter().map(|it| (it.0, it.1)).collect();
    assert_eq!(seen, wanted, "how many examples of each kind there are");
}

/// Where reasons are worded.
const SOURCES: [&str; 8] = [
    include_str!("../src/assess.rs"),
    include_str!("../src/charting.rs"),
    include_str!("../src/compute.rs"),
    include_str!("../src/disclosure.rs"),
    include_str!("../src/gate.rs"),
    include_str!("../src/peers.rs"),
    include_str!("../src/reading.rs"),
    include_str!("../src/success.rs"),
];

#[test]
fn every_reason_of_the_table_is_one_that_is_given() {
    let sources = SOURCES.concat();
    let (_, section) = PAGE.split_once("## Why does it say").expect("the table of reasons");
    let (section, _) = section.split_once("\n## ").expect("another section");
    let reasons: Vec<&str> = section
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split_once("` | "))
        .map(|(reason, _)| reason)
        .collect();
    for reason in &reasons {
        for words in reason.split('…').map(|words| words.trim_matches([' ', ':', ';', ','])) {
            assert!(sources.contains(words), "nobody says `{words}` of `{reason}`");
        }
    }
    assert_eq!(reasons.len(), 37);
}

#[test]
fn every_block_of_toml_can_be_read() {
    let blocks = page::blocks(PAGE, "toml");
    for (line, text) in &blocks {
        let read = text.parse::<toml::Table>();
        assert!(read.is_ok_and(|table| !table.is_empty()), "line {line}:\n{text}");
    }
    assert_eq!(blocks.len(), 11);
}
