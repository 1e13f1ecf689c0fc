//! From a workbook nobody has described to a figure that can be traced: `learn`, edit, `config
//! check`, `check`, `run`, `trace`, as an operator would go.

use serde_json::json;
use testkit::{Environment, workbook};

use crate::{AS_OF, QUARTER, assert_plain, environment};

const RETURN: &str = "config/returns/youth-hub.toml";
const FILE: &str = "inbox/youth-hub/Hub figures.xlsx";

/// A return of a partner that is new; everything in it is made up.
const GRID: &str = "
Youth Hub: activity return (illustrative)
April to June 2025

Activity          | Apr | May | Jun | Total
Sessions held2    | 12  | 11  | 13  | 36
Young people seen | 40  | -   | 52  | 92

2 including outreach
";

const MEASURE: &str = r#"
[[measure]]
id = "ID"
label = "LABEL (illustrative)"
unit = "count"
polarity = "higher-is-better"
disclosure = "suppressed"
geography = "district"
per_1000 = false
sum_of = []
provisional = false
illustrative = true
source = "Youth Hub (illustrative)"
"#;

/// A home whose partnership has a partner and measures for which there is no contract yet.
fn with_a_new_partner() -> Environment {
    let home = environment();
    home.write(FILE, workbook(&[("Hub", GRID)]));
    let partner = "[[partner]]\nid = \"kent-police\"";
    let new = "[[partner]]\nid = \"youth-hub\"\nname = \"Youth Hub\"\n\n";
    home.edit("config/partnership.toml", partner, &format!("{new}{partner}"));
    let measures = [("hub-sessions", "Hub sessions"), ("hub-young-people", "Hub young people")]
        .map(|(id, label)| MEASURE.replace("ID", id).replace("LABEL", label));
    let known = home.read("config/measures.toml");
    home.write("config/measures.toml", format!("{known}{}", measures.concat()));
    home
}

#[test]
fn a_workbook_it_has_not_seen_is_learned_edited_checked_run_and_traced() {
    let home = with_a_new_partner();
    let learned = home.run(&[&AS_OF[..], &["learn", FILE, "-o", RETURN]].concat()).exits(0);
    assert!(learned.stdout.contains("1 table found"), "{}", learned.shown());
    assert_plain(&learned.stdout);

    // What is left open is refused, each by name.
    let open = home.run(&["config", "check"]).exits(2);
    for name in ["?sessions-held", "?young-people-seen"] {
        assert!(open.stderr.contains(name), "{}", open.shown());
    }
    assert_plain(&open.stderr);

    home.edit(RETURN, "is = \"?\"", "is = \"E07000111\"");
    home.edit(RETURN, "\"?sessions-held\"", "\"hub-sessions\"");
    home.edit(RETURN, "\"?young-people-seen\"", "\"hub-young-people\"");
    home.edit(RETURN, "# \"-\" = \"x\"", "\"-\" = \"zero\"");
    home.sources("[sources.youth-hub]\nkind = \"folder\"\npath = \"inbox/youth-hub\"\nreturn = \"youth-hub\"\n");
    let _sound = home.run(&["config", "check"]).exits(0);

    let checked = home
        .run(&[&AS_OF[..], &["--json", "check", FILE, "--return", "youth-hub"]].concat())
        .exits(0)
        .json();
    assert_eq!(checked["accepted"], json!(true), "{checked:#}");
    assert_eq!(checked["observations"], json!(6));
    assert_eq!(checked["period"], json!(QUARTER));

    let run = home
        .run(&[&AS_OF[..], &["--json", "run", "collect-returns", "--period", QUARTER]].concat())
        .exits(0)
        .json();
    assert_eq!(run["submissions"].as_array().map(Vec::len), Some(1), "{run:#}");

    let trace = |measure: &str, month: &str| {
        let arguments = ["--json", "trace", measure, "--area", "Sevenoaks", "--period", month];
        home.run(&[&AS_OF[..], &arguments].concat()).exits(0).json()["from"][0].clone()
    };
    let seen = trace("hub-sessions", "2025-04");
    assert_eq!((&seen["cell"], &seen["value"]), (&json!("B5"), &json!(12)), "{seen:#}");
    let seen = trace("hub-young-people", "2025-05");
    assert_eq!(
        (&seen["cell"], &seen["raw"], &seen["value"]),
        (&json!("C6"), &json!("-"), &json!(0))
    );
}

#[test]
fn a_proposal_never_overwrites_a_file() {
    let home = with_a_new_partner();
    home.write("mine.toml", "# edited by hand\n");
    let refused = home.run(&[&AS_OF[..], &["learn", FILE, "-o", "mine.toml"]].concat()).exits(2);
    assert!(refused.stderr.contains("mine.toml"), "{}", refused.shown());
    assert_eq!(home.read("mine.toml"), "# edited by hand\n");
}

#[test]
fn a_proposal_can_be_had_as_json() {
    let home = with_a_new_partner();
    let learned = home.run(&[&AS_OF[..], &["--json", "learn", FILE]].concat()).exits(0).json();
    assert_eq!(learned["schema"], json!("quarterdeck/learn/1"));
    assert_eq!(
        learned["tables"],
        json!([{ "sheet": "Hub", "headings": "A4:E4", "range": "A4:E6", "rows": 2 }])
    );
    // The dash is not decided, so its cell is no figure yet.
    assert_eq!(learned["figures"], json!(5));
    assert_eq!(learned["decisions"].as_array().map(Vec::len), Some(4), "{learned:#}");
}

#[test]
fn nothing_is_learned_of_personal_data_or_of_no_workbook() {
    let home = environment();
    let grid =
        "Client name | Date of referral\nTest Person | d:2025-04-03\nOther Person | d:2025-04-05";
    home.write("inbox/referrals.xlsx", workbook(&[("Referrals", grid)]));
    let refused = home.run(&[&AS_OF[..], &["learn", "inbox/referrals.xlsx"]].concat()).exits(3);
    let said = refused.shown();
    assert!(said.contains("personal-data") && !said.contains("Person"), "{said}");
    let absent = home.run(&[&AS_OF[..], &["learn", "inbox/nowhere.xlsx"]].concat()).exits(2);
    assert!(absent.stderr.contains("nowhere.xlsx"), "{}", absent.shown());
}

#[test]
fn a_check_says_what_the_contract_would_need() {
    let home = environment();
    let grid = "
Monthly history

Month    | What is counted | Count
Apr 2025 | Active county lines (illustrative) | 3
";
    home.write("inbox/drifted.xlsx", workbook(&[("History", grid)]));
    let arguments = ["check", "inbox/drifted.xlsx", "--return", "illustrative-history"];
    let checked = home.run(&[&AS_OF[..], &arguments].concat()).exits(3);
    let line = "measure = { from = \"column\", header = [\"Measure\", \"What is counted\"] }";
    assert!(checked.stdout.contains(line), "{}", checked.shown());
}
