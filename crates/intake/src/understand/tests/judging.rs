//! What is found when a return is judged as a whole, and what must not be. Against history: `past.rs`.

use std::fmt::Write as _;

use model::{AreaCode, Breakdown, MeasureId, Month, Period, SeriesKey};

use super::{BY_DISTRICT, PreviousValues, REFERRALS, understood, understood_after, understood_of};

/// The findings alone, without what to do.
pub(super) fn found_in(text: &str) -> String {
    let kept = ["error: ", "warning: ", "repair: "];
    let lines = text.lines().filter(|line| kept.iter().any(|start| line.starts_with(start)));
    lines
        .map(|line| line.rsplit_once(" (").map_or(line, |(said, _)| said))
        .collect::<Vec<_>>()
        .join("\n")
}

fn found(contract: &str, grid: &str) -> String {
    found_in(&understood(contract, grid))
}

pub(super) fn found_after(contract: &str, grid: &str, previous: &PreviousValues) -> String {
    found_in(&understood_after(contract, grid, previous))
}

pub(super) fn has(text: &str, code: &str) -> bool {
    text.contains(&format!(" {code}: "))
}

pub(super) fn series(measure: &str, area: &str) -> SeriesKey {
    SeriesKey {
        measure: MeasureId::new(measure),
        area: AreaCode::new(area),
        breakdown: Breakdown::all(),
    }
}

pub(super) const SEVENOAKS: &str = "E07000111";
pub(super) const SHEPWAY: &str = "E07000112";
pub(super) const WELLS: &str = "E07000116";

/// The months before April 2025, the latest last.
pub(super) fn earlier(previous: &mut PreviousValues, measure: &str, area: &str, values: &[i64]) {
    let count = i32::try_from(values.len()).expect("a few");
    for (at, value) in (0..).zip(values) {
        let month = Month::new(2025, 4).expect("a month").plus(at - count);
        previous.insert((series(measure, area), Period::month(month)), *value);
    }
}

pub(super) fn sheet(name: &str, burglary: &str, robbery: &str) -> String {
    format!(
        "# {name}\nCrime type | Apr-25 | May-25 | Jun-25\nBurglary | {burglary}\nRobbery & mugging | {robbery}\n"
    )
}

#[test]
fn many_blank_cells_are_one_finding_and_a_blank_month_is_only_that() {
    let grid = "
        # Sevenoaks
        Crime type | Apr-25 | May-25 | Jun-25
        Burglary | | | 3
        Robbery & mugging | | | 2
    ";
    insta::assert_snapshot!(found(BY_DISTRICT, grid), @"
    error: Sevenoaks!B2 part-period: there are no figures for April 2025: every cell is blank
    error: Sevenoaks!C2 part-period: there are no figures for May 2025: every cell is blank
    ");
    let scattered = "
        # Return
        Indicator | Jan-25 | Feb-25 | Mar-25 | Apr-25 | May-25 | Jun-25
        All | | 3 | | 3 | 3 | 3
        Female | 1 | | 1 | 1 | 1 | 1
        Male | | 2 | | 2 | 2 | 2
    ";
    insta::assert_snapshot!(found(REFERRALS, scattered), @"warning: Return!B2 blank-cell: 5 cells are blank: taken as not available, not as zero, in B2, D2, C3 and 2 more cells");
}

#[test]
fn the_only_figure_of_a_month_is_no_blank_cell() {
    let contract = BY_DISTRICT.replace("\"Robbery & mugging\" = { measure = \"robbery\" }", "");
    let grid = "# Sevenoaks\nCrime type | Apr-25 | May-25 | Jun-25\nBurglary | 14 | 11 |";
    insta::assert_snapshot!(found(&contract, grid), @"error: Sevenoaks!D2 part-period: there are no figures for June 2025: its only cell is blank");
    assert_eq!(found(&contract, &grid.replace("11 |", "11 | [x]")), "");
}

#[test]
fn severities_are_the_contracts_but_the_sum_is_never_stored() {
    let grid = "
        # Sevenoaks
        Crime type | Apr-25 | May-25 | Jun-25 | Quarter 1 2025/26 | Total
        Burglary | 14 | 11 | 17 | 99 | 42
        Robbery & mugging | 1 | | 3 | 6 | 4
    ";
    let lowered = format!(
        "{BY_DISTRICT}[checks]\nseverity = {{ \"total-differs\" = \"warning\", \"blank-cell\" = \"error\" }}\n"
    );
    let text = understood(&lowered, grid);
    insta::assert_snapshot!(found_in(&text), @"
    error: Sevenoaks!C3 blank-cell: `Robbery & mugging` for May 2025 is blank: taken as not available, not as zero
    warning: Sevenoaks!E2 total-differs: `Burglary` for April to June 2025 is 99, but the figures for its months add up to 42
    repair: Sevenoaks!E3 total-over-months: the figures for April to June 2025 are the sums of those beside them: taken as totals and not stored, in 1 cell
    ");
    assert!(!text.contains("2025-26Q1 = 99"), "{text}");
}

#[test]
fn known_exceptions_are_kept_as_such_until_they_run_out() {
    let contract = |until: &str, area: &str| {
        format!(
            "{BY_DISTRICT}[[exception]]\ncode = \"blank-cell\"\nmeasure = \"robbery\"\narea = \"{area}\"\nperiod = \"2025-26Q1\"\nreason = \"not recorded in May\"\nowner = \"Performance analyst\"\nuntil = {until}\n"
        )
    };
    let grid = sheet("Sevenoaks", "14 | 11 | 17", "1 | | 3");
    insta::assert_snapshot!(found(&contract("2025-07-14", SEVENOAKS), &grid), @"repair: Sevenoaks!C3 blank-cell: known: not recorded in May (Performance analyst, until 14 July 2025): `Robbery & mugging` for May 2025 is blank: taken as not available, not as zero");
    insta::assert_snapshot!(found(&contract("2025-07-13", SEVENOAKS), &grid), @"
    warning: Sevenoaks!C3 blank-cell: `Robbery & mugging` for May 2025 is blank: taken as not available, not as zero
    warning: Sevenoaks!C3 exception-expired: what was known about this ran out on 13 July 2025: not recorded in May (Performance analyst)
    ");
    let other = found(&contract("2025-07-14", SHEPWAY), &grid);
    assert!(other.starts_with("warning: Sevenoaks!C3 blank-cell"), "{other}");
}

#[test]
fn bounds_and_required_cells_are_the_contracts() {
    let contract = format!(
        "{BY_DISTRICT}[checks]\nranges = [{{ measure = \"burglary\", min = 1, max = 15 }}, {{ measure = \"robbery\", max = 2.5, severity = \"error\" }}]\nrequired = [{{ measure = \"robbery\", area = \"{SEVENOAKS}\" }}, {{ measure = \"robbery\", area = \"{WELLS}\", severity = \"warning\" }}]\n"
    );
    let grid = sheet("Sevenoaks", "0 | 15 | 16", "3 | | 2");
    insta::assert_snapshot!(found(&contract, &grid), @"
    error: Sevenoaks!B3 out-of-range: `Robbery & mugging` for April 2025 is 3, more than 2.5
    error: Sevenoaks!C3 required-blank: `Robbery & mugging` for May 2025 must be filled in, but is blank
    warning: whole file required-blank: Robbery for Tunbridge Wells must be filled in, but is not in the return
    warning: Sevenoaks!B2 out-of-range: `Burglary` for April 2025 is 0, less than 1
    warning: Sevenoaks!D2 out-of-range: `Burglary` for June 2025 is 16, more than 15
    warning: Sevenoaks!C3 blank-cell: `Robbery & mugging` for May 2025 is blank: taken as not available, not as zero
    ");
}

#[test]
fn names_that_speak_of_another_period_are_told() {
    let grid = sheet("Sevenoaks", "14 | 11 | 17", "1 | 2 | 3");
    let of = |file: &str| found_in(&understood_of(BY_DISTRICT, &grid, file));
    insta::assert_snapshot!(of("Crime 2024-25 Q4.xlsx"), @"warning: whole file name-says-another-period: the file's name `Crime 2024-25 Q4.xlsx` says January to March 2025, but its figures are about April to June 2025");
    for file in ["crime_Q4.xlsx", "Crime March 2025.xlsx", "Crime Jan-Mar 2025.xlsx"] {
        assert!(has(&of(file), "name-says-another-period"), "{file}: {}", of(file));
    }
    for file in [
        "crime.xlsx",
        "Crime Q1 2025-26.xlsx",
        "Crime Q2.xlsx",
        "Crime July 2025.xlsx",
        "Crime 14 July 2025.xlsx",
        "Crime 2025-26.xlsx",
        "Crime April-June 2025 v2 (corrected).xlsx",
        "20250714 crime.xlsx",
        "Crime Jan 2025 to Jun 2025.xlsx",
    ] {
        assert_eq!(of(file), "", "{file}");
    }
}

#[test]
fn titles_and_tabs_that_speak_of_another_period_are_told() {
    let titled = |title: &str| {
        found(
            REFERRALS,
            &format!(
                "# Return\n{title}\nIndicator | Apr-25 | May-25 | Jun-25\nAll | 3 | 3 | 3\nFemale | 1 | 1 | 1\nMale | 2 | 2 | 2"
            ),
        )
    };
    insta::assert_snapshot!(titled("Referrals, January to March 2025"), @"warning: Return!A1 name-says-another-period: `Referrals, January to March 2025` speaks of January to March 2025, but the figures below are about April to June 2025");
    for title in [
        "Referrals, April to June 2025 (and January to March 2025)",
        "Compared with April to June 2024",
        "Printed in July 2025",
        "Action plan 2024/25",
        "Referrals",
    ] {
        assert_eq!(titled(title), "", "{title}");
    }
    let tab = "# Q4 2024-25\nIndicator | Apr-25 | May-25 | Jun-25\nAll | 3 | 3 | 3\nFemale | 1 | 1 | 1\nMale | 2 | 2 | 2";
    assert!(has(&found(REFERRALS, tab), "name-says-another-period"));
    assert_eq!(found(REFERRALS, &tab.replace("Q4 2024-25", "Q1")), "");
}

#[test]
fn a_year_that_nothing_says_is_assumed_aloud() {
    let grid = "# Return\nIndicator | April | May | June\nAll | 3 | 3 | 3\nFemale | 1 | 1 | 1\nMale | 2 | 2 | 2";
    insta::assert_snapshot!(found(REFERRALS, grid), @"warning: Return year-assumed: nothing says of which year the figures are: they were taken as those of April to June 2025");
    for year in ["Referrals 2025", "@2025-04-01", "2025", "2025/26", "note: extract of Apr-25"] {
        let said = grid.replace("# Return", &format!("# Return\n{year}"));
        assert!(!has(&found(REFERRALS, &said), "year-assumed"), "{year}");
    }
    assert_eq!(found_in(&understood_of(REFERRALS, grid, "DAVSS 2025.xlsx")), "");
}

#[test]
fn a_title_that_names_another_area_contradicts_the_tab() {
    let grid = |tab: &str, title: &str| {
        sheet(tab, "14 | 11 | 17", "1 | 2 | 3").replace("\nCrime", &format!("\n{title}\nCrime"))
    };
    insta::assert_snapshot!(found(BY_DISTRICT, &grid("Sevenoaks", "Recorded crime in Tunbridge Wells")), @"error: Sevenoaks!A1 title-contradicts: `Recorded crime in Tunbridge Wells` names Tunbridge Wells, but the figures below are read as those of Sevenoaks");
    for title in [
        "Recorded crime in Sevenoaks",
        "Recorded crime",
        "Tunbridge Wells and Sevenoaks",
        "Seven oaks near Tunbridge",
        "Shepwaydale",
    ] {
        assert_eq!(found(BY_DISTRICT, &grid("Sevenoaks", title)), "", "{title}");
    }
    // An old name of the same area is its name.
    assert_eq!(found(BY_DISTRICT, &grid("Folkestone & Hythe", "Shepway: recorded crime")), "");
    let fixed = "# Return\nTunbridge Wells\nIndicator | Apr-25 | May-25 | Jun-25\nAll | 3 | 3 | 3\nFemale | 1 | 1 | 1\nMale | 2 | 2 | 2";
    let text = found(REFERRALS, fixed);
    assert!(text.starts_with("warning: Return!A1 title-contradicts"), "{text}");
    // Where the partner sits is no area of the figures.
    let named = format!("title = \"Tunbridge Wells Mediation\"\n{REFERRALS}");
    assert_eq!(found_in(&super::understood_whole(&named, fixed)), "");
}

#[test]
fn another_areas_figures_are_told_unless_chance_will_do() {
    let copied = format!(
        "{}{}",
        sheet("Sevenoaks", "114 | 111 | 117", "31 | 22 | 13"),
        sheet("Tunbridge Wells", "114 | 111 | 117", "31 | 22 | 13")
    );
    insta::assert_snapshot!(found(BY_DISTRICT, &copied), @"warning: Tunbridge Wells!B2 same-as-another-area: all 6 figures for Sevenoaks and for Tunbridge Wells are the same");
    assert_eq!(found(BY_DISTRICT, &copied.replacen("| 13", "| 14", 1)), "");
    let small = format!(
        "{}{}",
        sheet("Sevenoaks", "1 | 0 | 1", "0 | 0 | 1"),
        sheet("Tunbridge Wells", "1 | 0 | 1", "0 | 0 | 1")
    );
    assert_eq!(found(BY_DISTRICT, &small), "");
}

/// Three districts, two measures; the numbers of the first are given, the others follow.
pub(super) fn districts(rows: [[i64; 3]; 6]) -> String {
    let said = |row: [i64; 3]| format!("{} | {} | {}", row[0], row[1], row[2]);
    ["Sevenoaks", "Shepway", "Tunbridge Wells"]
        .iter()
        .zip(rows.chunks(2))
        .map(|(name, rows)| sheet(name, &said(rows[0]), &said(rows[1])))
        .collect()
}

#[test]
fn months_that_are_totals_since_april_are_told() {
    let running = [[10, 22, 31], [8, 14, 25], [20, 38, 61], [5, 11, 14], [12, 26, 40], [3, 5, 9]];
    insta::assert_snapshot!(found(BY_DISTRICT, &districts(running)), @"warning: Sevenoaks!B2 cumulative-figures: the figures rise from month to month, together from 58 in April to 180 in June: they look like totals since April, not like the figures of each month");
    let mut falls = running;
    falls[2] = [20, 18, 61];
    assert!(!has(&found(BY_DISTRICT, &districts(falls)), "cumulative-figures"));
    // All of them rise, but not as totals do.
    let rising = [[10, 11, 13], [8, 9, 10], [20, 22, 25], [5, 6, 7], [12, 14, 15], [6, 7, 9]];
    assert_eq!(found(BY_DISTRICT, &districts(rising)), "");
    let zeros = [[0, 0, 0]; 6];
    assert_eq!(found(BY_DISTRICT, &districts(zeros)), "");
}

/// Areas across, one figure for the quarter.
const QUARTERLY: &str = r#"
frequency = "quarterly"
due_working_days = 10
[[table]]
sheets = { first = true }
area = { from = "column", header = ["District"] }
measure = { from = "header-row" }
period = { from = "title" }
value = { from = "header-row" }
[labels]
"Burglary" = { measure = "burglary" }
"Robbery" = { measure = "robbery" }
"#;

fn quarterly(quarter: &str, figures: [i64; 6]) -> String {
    let mut grid = format!("# Fires\n{quarter}\nDistrict | Burglary | Robbery\n");
    for (name, pair) in ["Sevenoaks", "Shepway", "Tunbridge Wells"].iter().zip(figures.chunks(2)) {
        writeln!(grid, "{name} | {} | {}", pair[0], pair[1]).expect("to a string");
    }
    grid
}

#[test]
fn a_quarter_that_is_the_year_to_date_is_told() {
    let mut previous = PreviousValues::new();
    let quarters = [("2025-26Q1", 0), ("2025-26Q2", 4)];
    for (quarter, more) in quarters {
        let period: Period = quarter.parse().expect("a quarter");
        for (at, area) in (0..).zip([SEVENOAKS, SHEPWAY, WELLS]) {
            previous.insert((series("burglary", area), period), 40 + 10 * at + more);
            previous.insert((series("robbery", area), period), 12 + at);
        }
    }
    let third = |figures| {
        let grid = quarterly("October to December 2025", figures);
        found_in(&super::understood_for(QUARTERLY, &grid, "2025-26Q3", &previous))
    };
    insta::assert_snapshot!(third([130, 40, 155, 39, 190, 45]), @"warning: Fires!B3 cumulative-figures: the figures together are 599, and at least those sent since April (390) for every one of 6: they look like totals since April, not like the figures of October to December 2025");
    assert_eq!(third([48, 15, 51, 13, 66, 17]), "");
    // Twice as many in one area is no total.
    assert!(!has(&third([130, 15, 51, 13, 66, 17]), "cumulative-figures"));
}

#[test]
fn an_unfinished_last_month_is_told_and_a_season_is_not() {
    let grid = sheet("Sevenoaks", "114 | 121 | 37", "31 | 32 | 9");
    insta::assert_snapshot!(found(BY_DISTRICT, &grid), @"warning: Sevenoaks!D2 last-month-low: the figures for June 2025 together are 46, less than half of those for every month before it (145 or more)");
    assert_eq!(found(BY_DISTRICT, &sheet("Sevenoaks", "114 | 121 | 77", "31 | 32 | 9")), "");
    assert_eq!(found(BY_DISTRICT, &sheet("Sevenoaks", "4 | 5 | 1", "3 | 2 | 1")), "");
    let mut previous = PreviousValues::new();
    for (month, burglary) in [("2024-04", 110), ("2024-05", 118), ("2024-06", 40)] {
        let month: Period = month.parse().expect("a month");
        previous.insert((series("burglary", SEVENOAKS), month), burglary);
        previous.insert((series("robbery", SEVENOAKS), month), 20);
    }
    assert!(!has(&found_after(BY_DISTRICT, &grid, &previous), "last-month-low"));
}

#[test]
fn percentages_written_as_fractions_are_told() {
    let contract = QUARTERLY
        .replace(
            "\"Burglary\" = { measure = \"burglary\" }",
            "\"Satisfied\" = { measure = \"satisfied\" }",
        )
        .replace("\"Robbery\" = { measure = \"robbery\" }", "");
    let grid = |values: [&str; 3]| {
        format!(
            "# A\nApril to June 2025\nDistrict | Satisfied\nSevenoaks | {}\nShepway | {}\nTunbridge Wells | {}",
            values[0], values[1], values[2]
        )
    };
    insta::assert_snapshot!(found(&contract, &grid(["0.8", "0.75", "0.9"])), @"warning: A!B3 percent-as-fraction: every percentage of Satisfied is between 0 and 1");
    for values in [["80", "0.75", "90"], ["1", "1", "1"], ["'0.8%", "'0.7%", "'0.9%"]] {
        let text = found(&contract, &grid(values));
        assert!(!has(&text, "percent-as-fraction"), "{text}");
    }
}

#[test]
fn what_follows_from_something_else_is_not_said() {
    let peers = format!("{BY_DISTRICT}[checks]\nareas = {{ peer_set = \"three\" }}\n");
    let text =
        found(&peers, "# Sevenoaks\nOffence | Apr-25 | May-25 | Jun-25\nBurglary | 1 | 2 | 3");
    assert!(has(&text, "headings-not-found"), "{text}");
    assert!(!has(&text, "missing-area"), "{text}");
    let twice = "
        # Sevenoaks
        Crime type | Apr-25 | May-25 | Jun-25
        Burglary | 12 | 13 | 14
        Burglary | 12 | 13 | 14
        Robbery & mugging | 1 | 2 | 3
        Total | 13 | 15 | 17
    ";
    let text = found(BY_DISTRICT, twice);
    assert!(has(&text, "duplicate") && !has(&text, "total-differs"), "{text}");
}
