//! What is found against what was sent before, and what must not be.

use model::{AreaCode, Month, Period, SeriesKey};

use super::bundled::{files, judged_after, workbook};
use super::judging::{
    SEVENOAKS, SHEPWAY, WELLS, districts, earlier, found_after, found_in, has, series, sheet,
};
use super::{BY_DISTRICT, PreviousValues, understood_after};

#[test]
fn a_jump_is_told_and_scatter_is_not() {
    let mut previous = PreviousValues::new();
    earlier(&mut previous, "burglary", SEVENOAKS, &[21, 25, 30, 24, 28, 26, 22, 27]);
    earlier(&mut previous, "robbery", SEVENOAKS, &[3, 4, 2, 5, 1, 4, 3, 6]);
    let after = |burglary: &str, robbery: &str| {
        found_after(BY_DISTRICT, &sheet("Sevenoaks", burglary, robbery), &previous)
    };
    insta::assert_snapshot!(after("26 | 95 | 24", "3 | 2 | 4"), @"warning: Sevenoaks!C2 jump: `Burglary` for Sevenoaks in May 2025 is 95: the 8 figures before it were 21 to 30");
    insta::assert_snapshot!(after("26 | 0 | 24", "3 | 2 | 4"), @"warning: Sevenoaks!C2 jump: `Burglary` for Sevenoaks in May 2025 is 0: the 8 figures before it were 21 to 30");
    assert_eq!(after("26 | 45 | 24", "14 | 2 | 4"), "");
    // Three earlier figures are not enough to say what is usual.
    let mut few = PreviousValues::new();
    earlier(&mut few, "burglary", SEVENOAKS, &[21, 25, 30]);
    let grid = sheet("Sevenoaks", "26 | 95 | 24", "3 | 2 | 4");
    assert_eq!(found_after(BY_DISTRICT, &grid, &few), "");
    // What comes back every year is no jump.
    let season: Period = "2024-05".parse().expect("a month");
    let mut seasonal = previous.clone();
    seasonal.insert((series("burglary", SEVENOAKS), season), 90);
    assert_eq!(found_after(BY_DISTRICT, &grid, &seasonal), "");
    let off = format!("{BY_DISTRICT}[checks]\njump = false\n");
    assert_eq!(found_after(&off, &grid, &previous), "");
    let strict = format!(
        "{BY_DISTRICT}[checks]\njump = {{ times = 1.5, at_least = 5, severity = \"error\" }}\n"
    );
    let text = found_after(&strict, &sheet("Sevenoaks", "26 | 48 | 24", "3 | 2 | 4"), &previous);
    assert!(text.starts_with("error: Sevenoaks!C2 jump"), "{text}");
}

#[test]
fn another_unit_is_told_once_and_not_as_jumps() {
    let mut previous = PreviousValues::new();
    for (area, factor) in [(SEVENOAKS, 1), (SHEPWAY, 2), (WELLS, 3)] {
        earlier(&mut previous, "burglary", area, &[21, 25, 30, 24, 28].map(|v| v * factor));
    }
    let thousand =
        [[24, 26, 23], [2, 3, 2], [50, 52, 48], [1, 2, 3], [70, 75, 80], [1, 2, 2]].map(|row| row);
    let mut times = thousand;
    for row in [0, 2, 4] {
        times[row] = thousand[row].map(|value| value * 1000);
    }
    insta::assert_snapshot!(found_after(BY_DISTRICT, &districts(times), &previous), @"
    warning: Sevenoaks!B2 unit-changed: every figure of Burglary is about 1000 times what it was before: 24000 where 25 was usual
    ");
    let mut one = thousand;
    one[0] = [24_000, 26_000, 23_000];
    let text = found_after(BY_DISTRICT, &districts(one), &previous);
    assert!(!has(&text, "unit-changed") && has(&text, "jump"), "{text}");
    assert_eq!(found_after(BY_DISTRICT, &districts(thousand), &previous), "");
}

#[test]
fn figures_that_changed_places_are_told() {
    let mut previous = PreviousValues::new();
    let usual = [(SEVENOAKS, 120, 12), (SHEPWAY, 60, 20), (WELLS, 260, 40)];
    for (area, burglary, robbery) in usual {
        earlier(&mut previous, "burglary", area, &[burglary - 4, burglary + 5, burglary]);
        earlier(&mut previous, "robbery", area, &[robbery + 2, robbery - 1, robbery]);
    }
    let right =
        [[118, 124, 121], [13, 11, 12], [62, 57, 66], [22, 18, 19], [255, 266, 248], [41, 37, 44]];
    assert_eq!(found_after(BY_DISTRICT, &districts(right), &previous), "");
    let areas = [right[4], right[5], right[2], right[3], right[0], right[1]];
    insta::assert_snapshot!(found_after(BY_DISTRICT, &districts(areas), &previous), @"warning: Sevenoaks!B2 swapped-figures: the figures of Sevenoaks and Tunbridge Wells look exchanged: 255 where 120 was usual, and 118 where 260 was");
    let rows = [right[1], right[0], right[2], right[3], right[4], right[5]];
    insta::assert_snapshot!(found_after(BY_DISTRICT, &districts(rows), &previous), @"warning: Sevenoaks!B2 swapped-figures: the figures of Burglary and Robbery for Sevenoaks look exchanged: 13 where 120 was usual, and 118 where 12 was");
    let labels = [right[1], right[0], right[3], right[2], right[5], right[4]];
    let text = found_after(BY_DISTRICT, &districts(labels), &previous);
    assert_eq!(text.matches("swapped-figures").count(), 1, "{text}");
    // All a fifth higher is another year, not another place.
    let higher = right.map(|row| row.map(|value| value + value / 5));
    assert_eq!(found_after(BY_DISTRICT, &districts(higher), &previous), "");
}

#[test]
fn what_changed_since_it_was_last_sent_is_told_with_old_and_new() {
    let mut previous = PreviousValues::new();
    earlier(&mut previous, "burglary", SEVENOAKS, &[21, 25, 30]);
    earlier(&mut previous, "robbery", SEVENOAKS, &[3, 4, 5]);
    let grid = |burglary: &str, robbery: &str| {
        format!(
            "# Sevenoaks\nCrime type | Jan-25 | Feb-25 | Mar-25 | Apr-25 | May-25 | Jun-25\nBurglary | {burglary} | 24 | 26 | 25\nRobbery & mugging | {robbery} | 3 | 2 | 4"
        )
    };
    let after = |burglary: &str, robbery: &str| {
        found_after(BY_DISTRICT, &grid(burglary, robbery), &previous)
    };
    insta::assert_snapshot!(after("21 | 26 | 30", "3 | 4 | 5"), @"warning: Sevenoaks!C2 history-revised: one figure that was sent before has changed, for February 2025: Burglary for Sevenoaks in February 2025 from 25 to 26");
    insta::assert_snapshot!(after("20 | 29 | 37", "3 | [x] | 6"), @"warning: Sevenoaks!B2 history-revised: 5 figures that were sent before have changed, for January to March 2025; the largest changes: Robbery for Sevenoaks in February 2025 from 4 to not available; Burglary for Sevenoaks in March 2025 from 30 to 37; Burglary for Sevenoaks in February 2025 from 25 to 29");
    assert_eq!(after("21 | 25 | 30", "3 | 4 | 5"), "");
    assert!(!has(&after("21 | 25 | ", "3 | 4 | 5"), "history-revised"));
    // Two months that changed places in every series.
    let mut wide = previous.clone();
    earlier(&mut wide, "burglary", SHEPWAY, &[60, 70, 80]);
    let two = format!(
        "{}\n{}",
        grid("25 | 21 | 30", "4 | 3 | 5"),
        grid("70 | 60 | 80", "3 | 4 | 5").replace("Sevenoaks", "Shepway")
    );
    assert!(has(&found_after(BY_DISTRICT, &two, &wide), "swapped-figures"));
}

#[test]
fn last_years_sheet_under_a_new_heading_is_noticed() {
    let mut previous = PreviousValues::new();
    for (month, burglary, robbery) in [("2024-04", 12, 1), ("2024-05", 13, 0), ("2024-06", 14, 3)] {
        let period: Period = month.parse().expect("a month");
        previous.insert((series("burglary", SEVENOAKS), period), burglary);
        previous.insert((series("robbery", SEVENOAKS), period), robbery);
    }
    let text =
        found_after(BY_DISTRICT, &sheet("Sevenoaks", "12 | 13 | 14", "1 | 0 | 3"), &previous);
    assert_eq!(
        text,
        "warning: whole file same-as-last-year: all 6 figures are the same as in the same period of the year before"
    );
}

/// What the police sent for January to June 2025 in thirteen districts, 1092 figures, with the
/// first three months as history; and again as the three months before them, so that there is
/// enough to say what is usual.
fn police_history(observations: &[model::Observation]) -> PreviousValues {
    let april = Month::new(2025, 4).expect("a month");
    let earlier = observations.iter().filter(|seen| seen.period.last() < april);
    earlier
        .flat_map(|seen| {
            let key = SeriesKey {
                measure: seen.measure.clone(),
                area: seen.area.clone(),
                breakdown: seen.breakdown.clone(),
            };
            let value = seen.figure.value.expect("a number");
            [0, -3].map(|months| ((key.clone(), seen.period.shifted(months)), value))
        })
        .collect()
}

#[test]
fn of_546_real_figures_one_is_far_from_those_before_it() {
    let name = "kent-police-monthly";
    let workbook = workbook(&files("fixtures/partners/kent-police")[0], name);
    let (understood, _) = judged_after(&workbook, name, &PreviousValues::new());
    let previous = police_history(&understood.observations.to_vec());
    let (_, findings) = judged_after(&workbook, name, &previous);
    let said: Vec<&str> = findings.iter().map(|finding| finding.message.as_str()).collect();
    assert_eq!(
        said,
        ["`Drugs` for Gravesham in June 2025 is 18: the 6 figures before it were 48 to 105"]
    );
}

#[test]
fn two_real_districts_that_changed_places_are_told() {
    let name = "kent-police-monthly";
    let workbook = workbook(&files("fixtures/partners/kent-police")[0], name);
    let (understood, _) = judged_after(&workbook, name, &PreviousValues::new());
    let medway = "E06000035";
    let mut exchanged = understood.observations.to_vec();
    for seen in &mut exchanged {
        seen.area = match seen.area.as_str() {
            SEVENOAKS => AreaCode::new(medway),
            code if code == medway => AreaCode::new(SEVENOAKS),
            _ => seen.area.clone(),
        };
    }
    let (_, findings) = judged_after(&workbook, name, &police_history(&exchanged));
    let swapped: Vec<&str> = findings
        .iter()
        .filter(|finding| finding.code == "swapped-figures")
        .map(|finding| finding.message.as_str())
        .collect();
    assert_eq!(swapped.len(), 1, "{findings:#?}");
    assert!(swapped[0].contains("Sevenoaks") && swapped[0].contains("Medway"), "{swapped:?}");
}

proptest::proptest! {
    /// Whatever order rows stand in, the same is found but for the cells.
    #[test]
    fn the_order_of_rows_and_sheets_does_not_matter(
        numbers in proptest::collection::vec(0_i64..400, 18),
        history in proptest::collection::vec(1_i64..400, 30),
    ) {
        let mut previous = PreviousValues::new();
        let keys = [SEVENOAKS, SHEPWAY, WELLS].into_iter().flat_map(|area| [("burglary", area), ("robbery", area)]);
        for ((measure, area), values) in keys.zip(history.chunks(5)) {
            earlier(&mut previous, measure, area, values);
        }
        let rows: Vec<String> = numbers.chunks(3).map(|row| format!("{} | {} | {}", row[0], row[1], row[2])).collect();
        let head = "Crime type | Apr-25 | May-25 | Jun-25";
        let names = ["Sevenoaks", "Shepway", "Tunbridge Wells"];
        let sheets: Vec<[String; 2]> = names.iter().zip(rows.chunks(2)).map(|(name, rows)| [
            format!("# {name}\n{head}\nBurglary | {}\nRobbery & mugging | {}\n", rows[0], rows[1]),
            format!("# {name}\n{head}\nRobbery & mugging | {}\nBurglary | {}\n", rows[1], rows[0]),
        ]).collect();
        let straight: String = sheets.iter().map(|sheet| sheet[0].as_str()).collect();
        let turned: String = sheets.iter().rev().map(|sheet| sheet[1].as_str()).collect();
        let codes = |grid: &str| -> Vec<String> {
            let text = understood_after(BY_DISTRICT, grid, &previous);
            let mut codes: Vec<String> = found_in(&text).lines().filter_map(|line| {
                let (head, _) = line.split_once(": ")?.1.split_once(": ")?;
                Some(head.rsplit_once(' ')?.1.to_owned())
            }).collect();
            codes.sort();
            codes
        };
        proptest::prop_assert_eq!(codes(&straight), codes(&turned));
    }
}
