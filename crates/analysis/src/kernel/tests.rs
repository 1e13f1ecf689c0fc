use std::fmt::Write as _;

use model::{Month, Period};
use proptest::prelude::*;

use super::{Best, DenseSeries, KernelError, KernelRules, QuarterlyColumns, Windows, quarterly};

const SQL: KernelRules = KernelRules { best: Best::Lowest, windows: Windows::AsFarAsTheyGo };

fn month(text: &str) -> Month {
    text.parse().expect("a month")
}

fn computed(first: Month, areas: usize, values: &[f64], rules: KernelRules) -> QuarterlyColumns {
    let mut columns = QuarterlyColumns::default();
    let series = DenseSeries::new(first, areas, values).expect("a series");
    quarterly(series, rules, &mut columns).expect("figures in range");
    columns
}

/// Columns by name; places and numbers of areas as floats.
fn floats(columns: &QuarterlyColumns) -> [(&'static str, Vec<f64>); 8] {
    let integers = |column: &[u32]| column.iter().map(|number| f64::from(*number)).collect();
    [
        ("value", columns.value.clone()),
        ("rolling_year", columns.rolling_year.clone()),
        ("same_quarter_last_year", columns.same_quarter_last_year.clone()),
        ("mean8", columns.mean8.clone()),
        ("sd8", columns.sd8.clone()),
        ("position", integers(&columns.position)),
        ("county_average", columns.county_average.clone()),
        ("ranked", integers(&columns.ranked)),
    ]
}

/// The same to the bit, but for what `NaN` is made of.
fn same(left: &QuarterlyColumns, right: &QuarterlyColumns) -> bool {
    let bits = |column: &[f64]| -> Vec<Option<u64>> {
        column.iter().map(|value| (!value.is_nan()).then(|| value.to_bits())).collect()
    };
    left.quarter_starts().eq(right.quarter_starts())
        && floats(left)
            .iter()
            .zip(floats(right))
            .all(|(left, right)| bits(&left.1) == bits(&right.1))
}

/// One area after another, as a table, to four decimals.
fn table(columns: &QuarterlyColumns) -> String {
    let mut text = String::new();
    let quarters: Vec<Month> = columns.quarter_starts().collect();
    for row in 0..columns.value.len() {
        let quarter = row % quarters.len();
        write!(text, "{} {}", row / quarters.len(), Period::quarter_of(quarters[quarter])).ok();
        for (name, column) in floats(columns) {
            let of_quarter = name == "county_average" || name == "ranked";
            let value = column[if of_quarter { quarter } else { row }];
            write!(text, " {}", (value * 1e4).round() / 1e4).ok();
        }
        text.push('\n');
    }
    text
}

#[test]
fn two_areas_and_a_quarter() {
    // From February: the first two months are no quarter, and neither is the last.
    let first =
        [9.0, 9.0, 1.0, 1.0, 1.0, 2.0, 2.0, 2.0, 3.0, 3.0, 4.0, 4.0, 4.0, 4.0, 0.0, 0.0, 0.0, 9.0];
    let mut second =
        [9.0, 9.0, 1.0, 1.0, 1.0, 2.0, 3.0, 2.0, 3.0, 3.0, 3.0, 4.0, 5.0, 4.0, 1.0, 1.0, 1.0, 9.0];
    let all = |second: &[f64]| [&first[..], second].concat();
    let columns = computed(month("2024-02"), 2, &all(&second), SQL);
    insta::assert_snapshot!(table(&columns), @"
    0 2024-25Q1 3 3 NaN NaN NaN 1 3 2
    0 2024-25Q2 6 9 NaN 3 NaN 1 9.5 2
    0 2024-25Q3 10 19 NaN 4.5 2.1213 1 19 2
    0 2024-25Q4 12 31 NaN 6.3333 3.5119 1 31.5 2
    0 2025-26Q1 0 28 3 7.75 4.0311 1 30 2
    1 2024-25Q1 3 3 NaN NaN NaN 1 3 2
    1 2024-25Q2 7 10 NaN 3 NaN 2 9.5 2
    1 2024-25Q3 9 19 NaN 5 2.8284 1 19 2
    1 2024-25Q4 13 32 NaN 6.3333 3.0551 2 31.5 2
    1 2025-26Q1 3 32 3 8 4.1633 2 30 2
    ");
    second[6] = f64::NAN;
    let columns = computed(month("2024-02"), 2, &all(&second), SQL);
    insta::assert_snapshot!(table(&columns), @"
    0 2024-25Q1 3 3 NaN NaN NaN 1 3 2
    0 2024-25Q2 6 9 NaN 3 NaN 1 9 1
    0 2024-25Q3 10 19 NaN 4.5 2.1213 1 19 1
    0 2024-25Q4 12 31 NaN 6.3333 3.5119 1 31 1
    0 2025-26Q1 0 28 3 7.75 4.0311 1 28 1
    1 2024-25Q1 3 3 NaN NaN NaN 1 3 2
    1 2024-25Q2 NaN NaN NaN 3 NaN 0 9 1
    1 2024-25Q3 9 NaN NaN 3 NaN 0 19 1
    1 2024-25Q4 13 NaN NaN 6 4.2426 0 31 1
    1 2025-26Q1 3 NaN 3 8.3333 5.0332 0 28 1
    ");
}

#[test]
fn what_is_alike_but_large_is_told_apart() {
    // A million million, and one more every other quarter: squares of these have no room for it.
    let values: Vec<f64> = (0..36).map(|month| 1e12 + f64::from(month % 6 / 5)).collect();
    let columns = computed(month("2020-01"), 1, &values, SQL);
    assert!((columns.mean8[10] - 3e12 - 0.5).abs() < 1e-3);
    assert!((columns.sd8[10] - (2.0_f64 / 7.0).sqrt()).abs() < 1e-12);
    // And what is the same does not vary at all, however it is rounded.
    let columns = computed(month("2020-01"), 1, &[0.1; 36], SQL);
    assert_eq!(columns.sd8[2..], [0.0; 10]);
}

#[test]
fn nothing_is_nothing_whatever_its_sign() {
    let columns = computed(month("2020-01"), 2, &[[0.0; 15], [-0.0; 15]].concat(), SQL);
    assert_eq!(columns.position, [1; 10]);
}

#[test]
fn what_cannot_be_computed_is_said() {
    let said = |areas, values: &[f64]| {
        let mut columns = computed(month("2020-01"), 1, &[1.0; 12], SQL);
        let series = DenseSeries::new(month("2020-01"), areas, values);
        let error = series.and_then(|series| quarterly(series, SQL, &mut columns));
        error.map(|()| columns.value).map_err(|error| error.to_string())
    };
    let wrong = |text: &str| Err(text.to_owned());
    assert_eq!(said(2, &[1.0; 7]), wrong("7 values are not equally many months for 2 areas"));
    assert_eq!(said(0, &[]), wrong("0 values are not equally many months for 0 areas"));
    assert_eq!(said(3, &[]), wrong("0 values are not equally many months for 3 areas"));
    let large = "area 1 has 1e200 in 2020-02: too large to compute with";
    assert_eq!(said(2, &[1.0, 1.0, f64::NAN, 1.0, 1e200, 1.0]), wrong(large));
    let infinite = "area 0 has -inf in 2020-01: too large to compute with";
    assert_eq!(said(1, &[f64::NEG_INFINITY]), wrong(infinite));
    assert_eq!(said(1, &[1.0, 1.0]), Ok(Vec::new()), "no whole quarter, no row");
    // Nothing of an earlier measure is left where one was refused.
    let mut columns = computed(month("2020-01"), 1, &[1.0; 12], SQL);
    let series = DenseSeries::new(month("2020-01"), 1, &[f64::INFINITY; 12]).expect("a series");
    let refused = quarterly(series, SQL, &mut columns);
    assert!(matches!(refused, Err(KernelError::OutOfRange { area: 0, .. })));
    assert_eq!((columns.quarters, columns.position.len(), columns.ranked.len()), (0, 0, 0));
}

/// Months of areas, as they are made up for the tests below.
#[derive(Clone, Debug)]
struct MadeUp {
    first: Month,
    areas: usize,
    values: Vec<f64>,
    rules: KernelRules,
}

impl MadeUp {
    fn columns(&self) -> QuarterlyColumns {
        computed(self.first, self.areas, &self.values, self.rules)
    }

    fn months(&self) -> usize {
        self.values.len() / self.areas
    }
}

/// Few different figures, so that many are equal; some with fractions, some large, some missing.
fn made_up() -> impl Strategy<Value = MadeUp> {
    let rules = (any::<bool>(), any::<bool>()).prop_map(|(highest, whole)| KernelRules {
        best: if highest { Best::Highest } else { Best::Lowest },
        windows: if whole { Windows::WholeOnly } else { Windows::AsFarAsTheyGo },
    });
    let figure = prop_oneof![
        60 => (0..4_i32).prop_map(f64::from),
        10 => Just(-0.0),
        10 => (-1000..100_000_i32).prop_map(|number| f64::from(number) / 7.0),
        2 => Just(1e9),
        3 => Just(f64::NAN),
    ];
    let shape = (1..8_usize, 1..50_usize, 0..12_i32, rules);
    (shape, proptest::collection::vec(figure, 8 * 50), any::<bool>()).prop_map(
        |((areas, months, later, rules), mut values, complete)| {
            values.truncate(areas * months);
            if complete {
                values.iter_mut().filter(|value| value.is_nan()).for_each(|value| *value = 5.0);
            }
            MadeUp { first: month("2018-11").plus(later), areas, values, rules }
        },
    )
}

/// The same by the definitions, one figure at a time, from the oldest whole quarter on.
struct Reference {
    starts: Vec<Month>,
    /// Quarters of each area.
    value: Vec<Vec<Option<f64>>>,
    rules: KernelRules,
}

impl Reference {
    fn of(made_up: &MadeUp) -> Self {
        let MadeUp { first, areas, values, rules } = made_up;
        let months = values.len() / areas;
        let at = |area: usize, month: Month| {
            let place = usize::try_from(month.index() - first.index()).expect("a later month");
            Some(values[area * months + place]).filter(|value| !value.is_nan())
        };
        let last = first.plus(i32::try_from(months).expect("few") - 1);
        let starts: Vec<Month> = (first.index()..=last.index())
            .map(|index| first.plus(index - first.index()))
            .filter(|month| Period::quarter_of(*month).first() == *month)
            .filter(|month| Period::quarter_of(*month).last() <= last)
            .collect();
        let quarter = |area, start: &Month| {
            Period::quarter_of(*start).months().map(|month| at(area, month)).sum()
        };
        let value = (0..*areas)
            .map(|area| starts.iter().map(|start| quarter(area, start)).collect())
            .collect();
        Self { starts, value, rules: *rules }
    }

    fn rolling_year(&self, area: usize, quarter: usize) -> Option<f64> {
        if self.rules.windows == Windows::WholeOnly && quarter < 3 {
            return None;
        }
        self.value[area][quarter.saturating_sub(3)..=quarter].iter().copied().sum()
    }

    /// The quarters before, known ones only, if they are enough.
    fn before(&self, area: usize, quarter: usize) -> Vec<f64> {
        let window = &self.value[area][quarter.saturating_sub(8)..quarter];
        let known: Vec<f64> = window.iter().copied().flatten().collect();
        let enough = self.rules.windows == Windows::AsFarAsTheyGo || known.len() == 8;
        if enough { known } else { Vec::new() }
    }

    fn mean8(&self, area: usize, quarter: usize) -> Option<f64> {
        mean(&self.before(area, quarter))
    }

    fn sd8(&self, area: usize, quarter: usize) -> Option<f64> {
        let known = self.before(area, quarter);
        let mean = mean(&known).filter(|_| 1 < known.len())?;
        let squares: f64 = known.iter().map(|value| (value - mean).powi(2)).sum();
        Some((squares / (count(&known) - 1.0)).sqrt())
    }

    fn years(&self, quarter: usize) -> Vec<f64> {
        (0..self.value.len()).filter_map(|area| self.rolling_year(area, quarter)).collect()
    }

    /// One more than there are better ones, by the kernel's own sums: those of ours may be rounded
    /// otherwise, where fractions are added.
    fn position(&self, years: &[f64], area: usize, quarter: usize) -> f64 {
        let year = |area: usize| years[area * self.starts.len() + quarter];
        let better = |other: f64| match self.rules.best {
            Best::Lowest => other < year(area),
            Best::Highest => year(area) < other,
        };
        let areas = 0..self.value.len();
        if self.rolling_year(area, quarter).is_none() {
            return 0.0;
        }
        1.0 + count(&areas.map(year).filter(|other| better(*other)).collect::<Vec<_>>())
    }
}

fn count(values: &[f64]) -> f64 {
    values.iter().fold(0.0, |count, _| count + 1.0)
}

fn mean(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / count(values))
}

/// Both missing, or as near as rounding of figures up to 10^10 lets them be.
fn near(ours: f64, expected: Option<f64>) -> bool {
    match expected {
        None => ours.is_nan(),
        Some(expected) => (ours - expected).abs() <= 1e-9 * expected.abs().max(1e3),
    }
}

proptest! {
    #[test]
    fn as_the_definitions_have_it(made_up in made_up()) {
        let columns = made_up.columns();
        let reference = Reference::of(&made_up);
        let starts: Vec<Month> = columns.quarter_starts().collect();
        prop_assert_eq!(&starts, &reference.starts);
        for area in 0..made_up.areas {
            for quarter in 0..starts.len() {
                let row = area * starts.len() + quarter;
                let last_year =
                    quarter.checked_sub(4).and_then(|earlier| reference.value[area][earlier]);
                for (ours, expected) in [
                    (columns.value[row], reference.value[area][quarter]),
                    (columns.rolling_year[row], reference.rolling_year(area, quarter)),
                    (columns.same_quarter_last_year[row], last_year),
                    (columns.mean8[row], reference.mean8(area, quarter)),
                    (columns.sd8[row], reference.sd8(area, quarter)),
                    (columns.county_average[quarter], mean(&reference.years(quarter))),
                    (f64::from(columns.ranked[quarter]), Some(count(&reference.years(quarter)))),
                    (
                        f64::from(columns.position[row]),
                        Some(reference.position(&columns.rolling_year, area, quarter)),
                    ),
                ] {
                    prop_assert!(near(ours, expected), "row {}: {} not {:?}", row, ours, expected);
                }
            }
        }
    }

    #[test]
    fn an_area_alone_has_the_same_figures(made_up in made_up()) {
        let together = made_up.columns();
        let quarters = together.quarters;
        for (area, months) in made_up.values.chunks(made_up.months()).enumerate() {
            let alone = computed(made_up.first, 1, months, made_up.rules);
            let rows = area * quarters..(area + 1) * quarters;
            let (alone, together) = (floats(&alone), floats(&together));
            for ((name, alone), (_, together)) in alone.iter().zip(&together).take(5) {
                let pairs = alone.iter().zip(&together[rows.clone()]);
                for (alone, together) in pairs {
                    prop_assert!(alone.to_bits() == together.to_bits() || alone.is_nan() && together.is_nan(), "{}", name);
                }
            }
        }
    }

    #[test]
    fn areas_in_another_order_keep_their_places(made_up in made_up(), turn in 0..8_usize) {
        let months = made_up.months();
        let quarters = made_up.columns().quarters;
        let mut turned = made_up.clone();
        turned.values.rotate_left(turn % made_up.areas * months);
        let (before, after) = (made_up.columns(), turned.columns());
        for (name, mut column) in floats(&before) {
            let after = floats(&after);
            let (_, after) = after.iter().find(|(other, _)| *other == name).expect("the column");
            if name != "county_average" && name != "ranked" {
                column.rotate_left(turn % made_up.areas * quarters);
            }
            for (before, after) in column.iter().zip(after) {
                prop_assert!(near(*after, Some(*before).filter(|before| !before.is_nan())), "{}", name);
            }
        }
    }

    #[test]
    fn in_another_unit_places_stay(made_up in made_up(), power in -20..20_i32) {
        let unit = 2.0_f64.powi(power);
        let mut scaled = made_up.clone();
        scaled.values.iter_mut().for_each(|value| *value *= unit);
        let mut before = made_up.columns();
        for column in [
            &mut before.value,
            &mut before.rolling_year,
            &mut before.same_quarter_last_year,
            &mut before.mean8,
            &mut before.sd8,
            &mut before.county_average,
        ] {
            for value in column {
                *value *= unit;
            }
        }
        prop_assert!(same(&before, &scaled.columns()));
    }

    #[test]
    fn upside_down_the_other_end_is_best(made_up in made_up()) {
        let mut turned = made_up.clone();
        turned.values.iter_mut().for_each(|value| *value = -*value);
        turned.rules.best = match made_up.rules.best {
            Best::Lowest => Best::Highest,
            Best::Highest => Best::Lowest,
        };
        prop_assert_eq!(made_up.columns().position, turned.columns().position);
    }

    #[test]
    fn months_of_a_quarter_that_is_not_over_change_nothing(made_up in made_up(), more in 1..3_usize) {
        // The last quarter is cut off, but for one or two of its months.
        let months = made_up.months();
        let end = made_up.first.plus(i32::try_from(months).expect("few"));
        let over = usize::try_from(end.index().rem_euclid(3)).expect("0 to 2");
        prop_assume!(over + 3 < months);
        let cut = |length: usize| {
            let areas = made_up.values.chunks(months);
            let values: Vec<f64> = areas.flat_map(|area| &area[..length]).copied().collect();
            computed(made_up.first, made_up.areas, &values, made_up.rules)
        };
        let whole = months - over - 3;
        prop_assume!(0 < whole);
        prop_assert!(same(&cut(whole), &cut(whole + more)));
    }

    #[test]
    fn nothing_is_left_of_the_measure_before(first in made_up(), second in made_up()) {
        let mut columns = first.columns();
        let series = DenseSeries::new(second.first, second.areas, &second.values).expect("a series");
        quarterly(series, second.rules, &mut columns).expect("figures in range");
        prop_assert!(same(&columns, &second.columns()));
    }
}
