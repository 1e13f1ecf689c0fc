//! A partnership whose one partner sends made-up months of the twelve Kent districts.

use std::fmt::Write as _;

use serde_json::Value;
use testkit::{Environment, Ran};

use crate::environment;

/// The districts, and what their figures are in proportion to: no two are alike.
pub(crate) const DISTRICTS: [(&str, i64); 12] = [
    ("Ashford", 131),
    ("Canterbury", 166),
    ("Dartford", 114),
    ("Dover", 119),
    ("Gravesham", 106),
    ("Maidstone", 173),
    ("Sevenoaks", 121),
    ("Folkestone and Hythe", 113),
    ("Swale", 151),
    ("Thanet", 141),
    ("Tonbridge and Malling", 132),
    ("Tunbridge Wells", 118),
];

const CONTRACT: &str = r#"title = "Made-up months of districts"
partner = "kent-police"
frequency = "ad-hoc"

[[table]]
sheets = { first = true }
area = { from = "column", header = ["District"] }
measure = { from = "column", header = ["Measure"] }
period = { from = "column", header = ["Month"] }
value = { from = "column", header = ["Number"] }

[labels]
"Burglary" = { measure = "made-burglary" }
"Engagements" = { measure = "made-engaged" }
"High risk" = { measure = "made-engaged", breakdown = "risk=high" }
"Spending" = { measure = "made-spending" }
"#;

const MEASURES: &str = r#"
[[measure]]
id = "made-burglary"
label = "Burglary (illustrative)"
unit = "count"
polarity = "lower-is-better"
disclosure = "open"
geography = "district"
priority = "serious-acquisitive"
per_1000 = true
illustrative = true
source = "made up"

[[measure]]
id = "made-engaged"
label = "Engagements (illustrative)"
unit = "count"
polarity = "higher-is-better"
disclosure = "open"
geography = "district"
illustrative = true
source = "made up"

[[measure]]
id = "made-spending"
label = "Spending (illustrative)"
unit = "pounds"
polarity = "neutral"
disclosure = "open"
geography = "district"
illustrative = true
source = "made up"

[[measure]]
id = "made-high-risk-share"
label = "High-risk share (illustrative)"
unit = "percent"
polarity = "lower-is-better"
disclosure = "open"
geography = "district"
quotient = { of = "made-engaged[risk=high]", by = "made-engaged" }
illustrative = true
source = "made up"

[[measure]]
id = "made-cost"
label = "Cost of an engagement (illustrative)"
unit = "pounds"
polarity = "lower-is-better"
disclosure = "open"
geography = "district"
quotient = { of = "made-spending", by = "made-engaged" }
illustrative = true
source = "made up"
"#;

/// One figure of a file: district, its weight, measure, months since January 2023.
pub(crate) type Number<'a> = &'a dyn Fn(&str, i64, &str, i64) -> i64;

/// What months are of the average, in percent: up and down, and not the same way every year.
const WAVE: [i64; 17] =
    [100, 110, 90, 105, 95, 102, 97, 112, 93, 101, 108, 88, 104, 99, 96, 107, 91];

/// Months that go up and down a little.
pub(crate) fn usual(_district: &str, weight: i64, measure: &str, month: i64) -> i64 {
    let wave = WAVE[usize::try_from(month % 17).expect("below seventeen")];
    let per_hundred = match measure {
        "Burglary" => 30,
        "Engagements" => 80,
        "High risk" => 20,
        _ => 4_000,
    };
    weight * per_hundred * wave / 10_000
}

/// A home in which nothing has been sent yet.
pub(crate) fn home() -> Environment {
    let environment = environment();
    environment.write("config/returns/made.toml", CONTRACT);
    let measures = environment.read("config/measures.toml");
    environment.write("config/measures.toml", format!("{measures}{MEASURES}"));
    let source = "[sources.made]\nkind = \"folder\"\npath = \"inbox\"\nreturn = \"made\"\n";
    environment.sources(source);
    environment
}

/// A file of all months from January 2023 to the month so many months after it.
pub(crate) fn send(environment: &Environment, name: &str, last: i64, number: Number<'_>) {
    let mut text = "District,Measure,Month,Number\n".to_owned();
    for month in 0..=last {
        for (district, weight) in DISTRICTS {
            for measure in ["Burglary", "Engagements", "High risk", "Spending"] {
                let value = number(district, weight, measure, month);
                let (year, of_year) = (2023 + month / 12, month % 12 + 1);
                writeln!(text, "{district},{measure},{year}-{of_year:02},{value}")
                    .expect("a String");
            }
        }
    }
    environment.write(&format!("inbox/{name}"), text);
}

/// June 2025, in months since January 2023.
pub(crate) const JUNE: i64 = 29;

/// Takes in what was sent.
pub(crate) fn collect(environment: &Environment, day: &str) {
    let ran = environment.run(&["run", "collect-returns", "--as-of", day]);
    assert!(matches!(ran.code, Some(0 | 3)), "{}", ran.shown());
}

/// Makes the report without sending it.
pub(crate) fn report(environment: &Environment, day: &str) -> Ran {
    environment.run(&["run", "quarterly-monitoring", "--no-send", "--as-of", day])
}

/// One indicator of the quarter, as JSON.
pub(crate) fn indicator(
    environment: &Environment,
    measure: &str,
    area: &str,
    more: &[&str],
) -> Value {
    let asked = ["indicators", "--measure", measure, "--area", area, "--json"];
    let period = if more.contains(&"--period") { &[][..] } else { &["--period", "2025-26Q1"] };
    let document = environment.run(&[&asked[..], period, more].concat()).exits(0).json();
    let found = document["indicators"].as_array().expect("a list");
    let whole = found.iter().find(|it| it["breakdown"] == serde_json::json!({}));
    whole.unwrap_or_else(|| panic!("no {measure} in {area}: {document}")).clone()
}

/// Values of keys, in one line.
pub(crate) fn said(indicator: &Value, keys: &[&str]) -> String {
    keys.iter().map(|key| format!("{key}: {}", indicator[*key])).collect::<Vec<_>>().join(", ")
}
