//! Adding finer periods up to coarser ones. Never the other way round.

use std::collections::BTreeMap;

use model::{Figure, Mark, Marks, Month, Period, Point};

/// The figure of `window`: as sent if it was sent whole, else the sum of shorter periods that fill
/// it without gap or overlap, the longest taken first. `None` when the window cannot be filled.
pub(crate) fn total(
    points: &BTreeMap<Period, Point>,
    window: Period,
    additive: bool,
) -> Option<Figure> {
    if let Some(point) = points.get(&window) {
        return Some(point.figure.clone());
    }
    if !additive {
        return None;
    }
    let mut sum = Figure { value: Some(0), marks: Marks::none() };
    for tile in tiles(points, window)? {
        let figure = &points[&tile].figure;
        sum.marks.extend(&figure.marks);
        sum.value = match (sum.value, figure.value) {
            (Some(left), Some(right)) => left.checked_add(right),
            _ => None,
        };
    }
    if sum.value.is_none() && !sum.marks.iter().any(Mark::replaces_number) {
        sum.marks.insert(Mark::X);
    }
    Some(sum)
}

/// The periods of a series that make up `window`: itself if it was sent whole, else shorter ones
/// that fill it without gap or overlap, the longest taken first. `None` when it cannot be filled.
pub fn tiles(points: &BTreeMap<Period, Point>, window: Period) -> Option<Vec<Period>> {
    if points.contains_key(&window) {
        return Some(vec![window]);
    }
    let mut tiles: BTreeMap<Month, Vec<Period>> = BTreeMap::new();
    for period in points.keys().filter(|period| window.contains(**period)) {
        tiles.entry(period.first()).or_default().push(*period);
    }
    for starting in tiles.values_mut() {
        starting.sort_by_key(|period| std::cmp::Reverse(period.length_months()));
    }
    fill(&tiles, window.first(), window.last())
}

/// Periods that fill `from..=to` end to end, or `None`. Worked backwards, so that a long period
/// that leads nowhere is never taken.
fn fill(tiles: &BTreeMap<Month, Vec<Period>>, from: Month, to: Month) -> Option<Vec<Period>> {
    // Backwards: can the stretch from this month on be filled, and with which period first?
    let mut next: BTreeMap<Month, Period> = BTreeMap::new();
    for (first, starting) in tiles.iter().rev() {
        let chosen = starting
            .iter()
            .find(|period| period.last() == to || next.contains_key(&period.last().plus(1)));
        if let Some(period) = chosen {
            next.insert(*first, *period);
        }
    }
    let mut filling = Vec::new();
    let mut at = from;
    while at <= to {
        let period = *next.get(&at)?;
        filling.push(period);
        at = period.last().plus(1);
    }
    Some(filling)
}

#[cfg(test)]
mod tests {
    use model::SubmissionHash;

    use super::*;

    fn points(rows: &[(&str, Option<i64>)]) -> BTreeMap<Period, Point> {
        rows.iter()
            .map(|(period, value)| {
                let figure = value.map_or_else(|| Figure::missing(Mark::C), Figure::number);
                let submission = SubmissionHash::of(b"x");
                (period.parse().expect("a period"), Point { figure, submission })
            })
            .collect()
    }

    fn totalled(rows: &[(&str, Option<i64>)], window: &str) -> String {
        match total(&points(rows), window.parse().expect("a period"), true) {
            None => "cannot be filled".into(),
            Some(Figure { value: Some(value), marks }) => format!("{value}{marks}"),
            Some(Figure { value: None, marks }) => marks.to_string(),
        }
    }

    #[test]
    fn finer_periods_fill_coarser_ones_and_never_the_other_way() {
        let months = [("2025-04", Some(1)), ("2025-05", Some(2)), ("2025-06", Some(4))];
        insta::assert_snapshot!(totalled(&months, "2025-26Q1"), @"7");
        insta::assert_snapshot!(totalled(&months[..2], "2025-26Q1"), @"cannot be filled");
        insta::assert_snapshot!(totalled(&[("2025-26Q1", Some(7))], "2025-06"), @"cannot be filled");
    }

    #[test]
    fn a_whole_period_that_was_sent_wins_over_its_parts() {
        let rows = [
            ("2025-04", Some(1)),
            ("2025-05", Some(1)),
            ("2025-06", Some(1)),
            ("2025-26Q1", Some(9)),
        ];
        insta::assert_snapshot!(totalled(&rows, "2025-26Q1"), @"9");
    }

    #[test]
    fn mixed_grains_are_laid_end_to_end() {
        let rows = [
            ("2024-25Q2", Some(10)),
            ("2024-25Q3", Some(20)),
            ("2024-25Q4", Some(40)),
            ("2025-04", Some(1)),
            ("2025-05", Some(2)),
            ("2025-06", Some(4)),
        ];
        insta::assert_snapshot!(totalled(&rows, "2024-07..2025-06"), @"77");
    }

    #[test]
    fn a_withheld_part_withholds_the_whole() {
        let rows = [("2025-04", Some(1)), ("2025-05", None), ("2025-06", Some(4))];
        insta::assert_snapshot!(totalled(&rows, "2025-26Q1"), @"[c]");
    }

    #[test]
    fn a_long_tile_that_leads_nowhere_does_not_hide_shorter_ones() {
        let rows =
            [("2025-04..2025-05", Some(100)), ("2025-04", Some(1)), ("2025-05..2025-06", Some(2))];
        insta::assert_snapshot!(totalled(&rows, "2025-26Q1"), @"3");
    }
}
