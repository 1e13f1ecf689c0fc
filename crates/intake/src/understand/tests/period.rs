//! The content decides its period.

use model::{AreaCode, Breakdown, MeasureId, Period, SeriesKey};

use super::{BY_DISTRICT, PreviousValues, REFERRALS, understood, understood_after};

fn months(headings: &str) -> String {
    let grid = format!(
        "# Return\nIndicator | {headings}\nAll | 3 | 3 | 3\nFemale | 1 | 1 | 1\nMale | 2 | 2 | 2"
    );
    let text = understood(REFERRALS, &grid);
    let kept = text.lines().filter(|line| !line.starts_with("referrals"));
    kept.collect::<Vec<_>>().join("\n")
}

#[test]
fn another_quarter_is_refused_by_its_months() {
    insta::assert_snapshot!(months("Jan 2025 | Feb 2025 | Mar 2025"), @"
    2024-25Q4
    error: Return!D2 wrong-period: the figures are about January to March 2025, but this return is for quarter 1 2025 to 2026 (April to June 2025) (send the figures for April to June 2025)
    ");
}

#[test]
fn last_years_quarter_is_refused() {
    insta::assert_snapshot!(months("Apr-24 | May-24 | Jun-24"), @"
    2024-25Q1
    error: Return!D2 wrong-period: the figures are about April to June 2024, but this return is for quarter 1 2025 to 2026 (April to June 2025) (send the figures for April to June 2025)
    ");
}

#[test]
fn a_month_too_many_is_refused() {
    insta::assert_snapshot!(months("May-25 | Jun-25 | Jul-25"), @"
    2025-05..2025-07
    error: Return part-period: there are no figures for April 2025 (send the figures for all of April to June 2025)
    error: Return!D2 months-after-period: there are figures for July 2025, after the end of quarter 1 2025 to 2026 (April to June 2025) (leave later months for the next return, or check the year of the heading)
    ");
}

#[test]
fn a_month_is_missing_and_earlier_ones_may_come_again() {
    insta::assert_snapshot!(months("Mar-25 | Apr-25 | May-25"), @"
    2025-03..2025-05
    error: Return part-period: there are no figures for June 2025 (send the figures for all of April to June 2025)
    ");
}

#[test]
fn months_that_have_not_begun_are_refused_whenever_a_return_comes() {
    let whenever = REFERRALS
        .replace("frequency = \"quarterly\"\ndue_working_days = 10", "frequency = \"ad-hoc\"");
    assert_ne!(whenever, REFERRALS);
    let said = |headings: &str| {
        let grid = format!(
            "# Return\nIndicator | {headings}\nAll | 3 | 3 | 3\nFemale | 1 | 1 | 1\nMale | 2 | 2 | 2"
        );
        let text = understood(&whenever, &grid);
        text.lines().filter(|line| line.contains("error")).collect::<Vec<_>>().join("\n")
    };
    insta::assert_snapshot!(said("May-25 | Jun-25 | Jul-25"), @"");
    insta::assert_snapshot!(said("May-25 | Jun-25 | Jul-52"), @"error: Return!D2 future-period: there are figures for July 2052, which has not begun on 14 July 2025 (check the year: nothing can have been counted yet)");
}

#[test]
fn the_title_says_the_year_of_bare_months() {
    let grid = "# Return\nJanuary to March 2025\nIndicator | Jan | Feb | Mar\nAll | 3 | 3 | 3\nFemale | 1 | 1 | 1\nMale | 2 | 2 | 2";
    let text = understood(REFERRALS, grid);
    assert!(text.contains("wrong-period"), "{text}");
}

#[test]
fn last_quarters_sheet_under_a_new_heading_is_noticed() {
    let key = |measure: &str| SeriesKey {
        measure: MeasureId::new(measure),
        area: AreaCode::new("E07000111"),
        breakdown: Breakdown::all(),
    };
    let mut previous = PreviousValues::new();
    for (month, burglary, robbery) in [("2025-01", 12, 1), ("2025-02", 13, 0), ("2025-03", 14, 3)] {
        let period: Period = month.parse().expect("a month");
        previous.insert((key("burglary"), period), burglary);
        previous.insert((key("robbery"), period), robbery);
    }
    let grid = |last: i64| {
        format!(
            "# Sevenoaks\nCrime type | Apr-25 | May-25 | Jun-25\nBurglary | 12 | 13 | 14\nRobbery & mugging | 1 | 0 | {last}"
        )
    };
    let same = understood_after(BY_DISTRICT, &grid(3), &previous);
    assert!(same.contains("same-as-last-period: all 6 figures"), "{same}");
    let other = understood_after(BY_DISTRICT, &grid(4), &previous);
    assert!(!other.contains("same-as-last-period"), "{other}");
}

proptest::proptest! {
    /// Whatever partners put into cells, and wherever: never a panic, never a figure without a mark.
    #[test]
    fn no_workbook_makes_it_panic(cells in proptest::collection::vec("(Indicator|All|Female|Apr-25|May-25|Total|[0-9]{1,3}|'-|@2025-04-01|=|#REF!|[a-z|]{0,4}|2025|\u{a0}|Q1 2025/26)?", 0..80), width in 1_usize..7) {
        let rows: Vec<String> = cells.chunks(width).map(|row| row.join(" | ")).collect();
        let grid = format!("# Return\n{}", rows.join("\n"));
        let text = understood(REFERRALS, &grid);
        for line in text.lines().filter(|line| line.starts_with("referrals")) {
            proptest::prop_assert!(!line.contains("=  @"), "{}", line);
        }
    }
}
