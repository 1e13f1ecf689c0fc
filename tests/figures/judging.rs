//! What is made of figures, and what is said of them.

use super::made::{JUNE, collect, home, indicator, said, send, usual};

#[test]
fn shares_and_costs_are_made_of_sums_and_traced_to_both_sides() {
    let environment = home();
    send(&environment, "first.csv", JUNE, &usual);
    collect(&environment, "2025-07-21");
    let share = indicator(&environment, "made-high-risk-share", "Sevenoaks", &[]);
    insta::assert_snapshot!(said(&share, &["value", "share", "change", "change_evidence", "verdict"]), @r#"value: 24.91, share: {"lower_pct":20.278,"part":72,"upper_pct":30.207,"whole":289}, change: 0.17, change_evidence: "no-clear-change", verdict: "no-change""#);
    let cost = indicator(&environment, "made-cost", "Sevenoaks", &[]);
    insta::assert_snapshot!(said(&cost, &["value", "unit", "change", "verdict", "reason"]), @r#"value: 50.24, unit: "pounds", change: -0.01, verdict: "cannot-judge", reason: "amounts and averages are shown and not judged: no test says how far they move by chance""#);
    let trace = ["trace", "made-cost", "--area", "Sevenoaks", "--period", "2025-26Q1", "--json"];
    let document = environment.run(&trace).exits(0).json();
    let cells = document["from"].as_array().expect("cells");
    let values: Vec<i64> =
        cells.iter().map(|cell| cell["value"].as_i64().expect("a number")).collect();
    assert_eq!(cells.len(), 6, "three months of both sides");
    let (spending, engaged): (i64, i64) = (values[..3].iter().sum(), values[3..].iter().sum());
    let exact =
        f64::from(i32::try_from(spending).unwrap()) / f64::from(i32::try_from(engaged).unwrap());
    let printed = document["figure"]["value"].as_f64().expect("a number");
    assert!((printed - exact / 100.0).abs() < 0.005, "{printed} is not {spending} / {engaged}");
    // A rolling figure of any twelve months, and those of all peers.
    let rolling = [
        "trace",
        "made-burglary",
        "--area",
        "Sevenoaks",
        "--period",
        "2023-11..2024-10",
        "--peers",
        "--json",
    ];
    let document = environment.run(&rolling).exits(0).json();
    assert_eq!(document["from"].as_array().expect("cells").len(), 12);
    assert_eq!(document["peers"].as_array().expect("peers").len(), 11);
}

#[test]
fn a_rise_is_called_one_only_when_chance_does_not_explain_it() {
    let environment = home();
    // Forty more in the last month: beyond what months vary by. One more in another district: not.
    let number = |district: &str, weight: i64, measure: &str, month: i64| {
        let more = match (district, measure, month) {
            ("Sevenoaks", "Burglary", JUNE) => 40,
            ("Swale", "Burglary", JUNE) => 1,
            _ => 0,
        };
        usual(district, weight, measure, month) + more
    };
    send(&environment, "first.csv", JUNE, &number);
    collect(&environment, "2025-07-21");
    let keys = ["change", "change_pct", "change_evidence", "variation", "verdict", "sentence"];
    let risen = indicator(&environment, "made-burglary", "Sevenoaks", &[]);
    insta::assert_snapshot!(said(&risen, &keys), @r#"change: 40, change_pct: 37.4, change_evidence: "watch", variation: "concern-high", verdict: "concern", sentence: "147 in April to June 2025; 40 more than in April to June 2024 (+37.4 %), to be watched: chance is not ruled out; 12th of 12 (4th a year before) among the 12 Kent districts; above the range of its peers, to be watched (worse).""#);
    let same = indicator(&environment, "made-burglary", "Swale", &[]);
    insta::assert_snapshot!(said(&same, &keys), @r#"change: 1, change_pct: 0.7, change_evidence: "no-clear-change", variation: "common-cause", verdict: "no-change", sentence: "135 in April to June 2025; 1 more than in April to June 2024 (+0.7 %): no clear change; 10th of 12 (12th a year before) among the 12 Kent districts; within the range of its peers.""#);
}

#[test]
fn windows_of_every_kind_and_never_a_part_for_the_whole() {
    let environment = home();
    send(&environment, "first.csv", JUNE, &usual);
    collect(&environment, "2025-07-21");
    let keys = ["value", "same_quarter_last_year", "rolling_12_months", "year_to_date"];
    let of = |period: &str| {
        let found = indicator(&environment, "made-burglary", "Sevenoaks", &["--period", period]);
        format!("{period}: {} {}", said(&found, &keys), found["gaps"])
    };
    let all =
        ["2025-05", "2025-26Q1", "2024-25", "2024-01..2024-12", "2023-11..2024-10", "2025-26Q2"];
    insta::assert_snapshot!(all.map(of).join("\n"), @r#"
        2025-05: value: 31, same_quarter_last_year: 33, rolling_12_months: 430, year_to_date: 70 []
        2025-26Q1: value: 107, same_quarter_last_year: 107, rolling_12_months: 431, year_to_date: 107 []
        2024-25: value: 431, same_quarter_last_year: 429, rolling_12_months: 431, year_to_date: 431 []
        2024-01..2024-12: value: 428, same_quarter_last_year: 430, rolling_12_months: 428, year_to_date: 322 []
        2023-11..2024-10: value: 426, same_quarter_last_year: null, rolling_12_months: 426, year_to_date: 250 ["no figures for November 2022 to October 2023: only 10 of its 12 months have arrived"]
        2025-26Q2: value: null, same_quarter_last_year: 109, rolling_12_months: null, year_to_date: null ["no figures for July to September 2025","no figures for October 2024 to September 2025: only 9 of its 12 months have arrived"]
    "#);
}

#[test]
fn a_target_is_met_missed_or_hit_by_chance() {
    let environment = home();
    send(&environment, "first.csv", JUNE, &usual);
    collect(&environment, "2025-07-21");
    let partnership = environment.read("config/partnership.toml");
    let standing = |monthly: i64| {
        let target = format!(
            "\n[[target]]\nmeasure = \"made-engaged\"\nmonthly = {monthly}\nsource = \"a plan\"\n"
        );
        environment.write("config/partnership.toml", format!("{partnership}{target}"));
        let found = indicator(&environment, "made-engaged", "Sevenoaks", &[]);
        said(&found, &["target", "target_status"])
    };
    insta::assert_snapshot!([40, 97, 200].map(standing).join("\n"), @r#"
        target: {"monthly":40,"status":"consistently-met"}, target_status: "consistently-met"
        target: {"monthly":97,"status":"hit-and-miss"}, target_status: "hit-and-miss"
        target: {"monthly":200,"status":"consistently-missed"}, target_status: "consistently-missed"
    "#);
}

#[test]
fn rates_need_residents_of_the_time() {
    let environment = home();
    send(&environment, "first.csv", JUNE, &usual);
    collect(&environment, "2025-07-21");
    let rates = || {
        let found = indicator(&environment, "made-burglary", "Sevenoaks", &[]);
        said(&found, &["rate_per_1000", "rate_population", "position", "position_of", "gaps"])
    };
    let before = environment.read("config/populations.csv");
    let newer = "E07000111,Sevenoaks,mid-2024,122000\n";
    environment.write("config/populations.csv", format!("{before}{newer}"));
    insta::assert_snapshot!(rates(), @r#"rate_per_1000: 0.877, rate_population: "122000 (mid-2024)", position: null, position_of: null, gaps: ["no position among the 12 Kent districts: their populations are estimates of different years"]"#);
    let without: Vec<&str> = before.lines().filter(|line| !line.contains("E07000113")).collect();
    environment.write("config/populations.csv", without.join("\n"));
    insta::assert_snapshot!(rates(), @r#"rate_per_1000: 0.881, rate_population: "121387 (mid-2020)", position: null, position_of: null, gaps: ["no position among the 12 Kent districts: no figure for Swale (no rate: populations.csv has no residents of Swale)"]"#);
    let swale = indicator(&environment, "made-burglary", "Swale", &[]);
    insta::assert_snapshot!(said(&swale, &["rate_per_1000", "gaps", "verdict"]), @r#"rate_per_1000: null, gaps: ["no rate: populations.csv has no residents of Swale"], verdict: "no-change""#);
}

#[test]
fn every_indicator_of_every_quarter_fits_into_one_file() {
    let environment = home();
    send(&environment, "first.csv", JUNE, &usual);
    collect(&environment, "2025-07-21");
    let ran = environment.run(&["indicators", "--all", "-o", "all.parquet", "--json"]).exits(0);
    let written = ran.json();
    assert_eq!(written["quarters"], 10, "January 2023 to June 2025");
    let bytes = std::fs::read(environment.path("all.parquet")).expect("the file");
    assert_eq!((&bytes[..4], &bytes[bytes.len() - 4..]), (&b"PAR1"[..], &b"PAR1"[..]));
    // What was asked for one by one is in it: as many rows as all quarters have indicators.
    let quarters = ["2022-23Q4", "2023-24Q1", "2023-24Q2", "2023-24Q3", "2023-24Q4", "2024-25Q1"];
    let quarters = quarters.into_iter().chain(["2024-25Q2", "2024-25Q3", "2024-25Q4", "2025-26Q1"]);
    let rows: usize = quarters
        .map(|period| {
            let asked = ["indicators", "--period", period, "--json"];
            let found = environment.run(&asked).exits(0).json();
            found["indicators"].as_array().expect("a list").len()
        })
        .sum();
    assert_eq!(written["rows"], rows);
    let again = environment.run(&["indicators", "--all", "-o", "all.parquet"]).exits(2).stderr;
    insta::assert_snapshot!(again, @"error: all.parquet is there already: name another file, or remove it first");
    let other = environment.run(&["indicators", "--all", "-o", "all.csv"]).exits(2).stderr;
    insta::assert_snapshot!(other, @"error: all.csv would be a Parquet file: let its name end in .parquet");
}

#[test]
fn what_an_indicator_hangs_on_is_said_with_it_and_what_has_not_come_of_a_sum() {
    let environment = home();
    send(&environment, "first.csv", JUNE, &usual);
    collect(&environment, "2025-07-21");
    let more = ["--as-of", "2025-07-21"];
    let here = indicator(&environment, "made-cost", "Sevenoaks", &more);
    insta::assert_snapshot!(said(&here, &["coverage", "verdict"]), @r#"coverage: [{"partner":"kent-police","return":"made","state":"accepted"}], verdict: "cannot-judge""#);
    let sum = indicator(&environment, "police-crime", "Sevenoaks", &more);
    insta::assert_snapshot!(said(&sum, &["coverage", "verdict", "reason"]), @r#"coverage: [{"partner":"kent-police","return":"kent-police-monthly","state":"late"}], verdict: "cannot-judge", reason: "no figures have arrived: its return is late""#);
}
