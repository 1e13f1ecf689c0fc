//! Whole numbers are added and divided as whole numbers.

use analysis::{IndicatorKey, figure_of};
use model::{Figure, Period, SeriesKey, Unit};
use proptest::prelude::*;

use super::world::{Sizes, World, cases, point, whole, world, world_of};

/// Twelve months of money, each so many amounts added up.
fn with_pence(mut world: World, pence: &[i64]) -> World {
    let last = world.period.last();
    let mut months = std::collections::BTreeMap::new();
    for (back, sums) in (0_i32..).zip(pence.chunks(pence.len() / 12)) {
        let value = sums.iter().sum();
        months.insert(Period::month(last.plus(-back)), point(Figure::number(value)));
    }
    let key = SeriesKey {
        measure: "money".into(),
        area: "D00".into(),
        breakdown: "".parse().expect("all"),
    };
    world.series.series = [(key, months)].into();
    world
}

/// Half away from zero, by another way than the program's: the nearest of the two neighbours.
fn divided(over: i128, under: i128) -> i128 {
    let below = over.div_euclid(under);
    let rest = over.rem_euclid(under);
    let up = match (2 * rest).cmp(&under) {
        std::cmp::Ordering::Less => false,
        std::cmp::Ordering::Equal => below >= 0,
        std::cmp::Ordering::Greater => true,
    };
    below + i128::from(up)
}

fn quarter() -> impl Strategy<Value = Period> {
    Just("2025-26Q1".parse::<Period>().expect("a quarter"))
}

proptest! {
    #![proptest_config(cases(16))]

    #[test]
    fn ten_thousand_amounts_of_pence_are_added_exactly(
        world in world_of(Sizes::Any, quarter()),
        pence in prop::collection::vec(0..100_000_000_007_i64, 10_008),
        gift in 1..5_i64,
    ) {
        let total: i64 = pence.iter().sum();
        let world = with_pence(world, &pence);
        let rolling = |world: &World| {
            let table = world.table();
            table.indicators[&whole("money", &"D00".into())].rolling_12_months.value
        };
        prop_assert_eq!(rolling(&world), Some(total));
        let mut more = pence;
        more[17] += gift;
        prop_assert_eq!(rolling(&with_pence(world, &more)), Some(total + gift));
    }

    #[test]
    fn quotients_round_half_away_from_zero(world in world(Sizes::Any)) {
        let table = world.table();
        for (id, unit) in [("share", Unit::Percent), ("cost", Unit::Pounds), ("ratio", Unit::Decimal)] {
            let parts = world.measures[&id.into()].quotient.clone().expect("a quotient");
            for (key, indicator) in table.indicators.iter().filter(|(key, _)| key.measure.as_str() == id) {
                let of = |operand: model::Operand| {
                    let key = IndicatorKey { measure: operand.measure, area: key.area.clone(), breakdown: operand.breakdown };
                    table.indicators.get(&key).and_then(|it| it.value.value)
                };
                let Some(value) = indicator.value.value else { continue };
                let (over, under) = (of(parts.numerator.clone()), of(parts.denominator.clone()));
                let (over, under) = (over.expect("a numerator"), under.expect("a denominator"));
                let scale = match unit {
                    Unit::Percent => 10_000,
                    Unit::Pounds | Unit::Count => 1,
                    Unit::Decimal => 100,
                };
                prop_assert_eq!(i128::from(value), divided(i128::from(over) * scale, under.into()), "{:?}", key);
            }
        }
    }

    #[test]
    fn a_sum_is_the_sum_of_its_parts(world in world(Sizes::Any)) {
        let table = world.table();
        for (key, indicator) in table.indicators.iter().filter(|(key, _)| key.measure.as_str() == "sum") {
            let part = |id: &str| table.indicators.get(&whole(id, &key.area)).and_then(|it| it.value.value);
            if let Some(sum) = indicator.value.value {
                prop_assert_eq!(Some(sum), part("open").zip(part("other")).map(|(one, two)| one + two));
            }
        }
    }

    #[test]
    fn a_figure_asked_for_is_the_one_in_the_table(world in world(Sizes::Any)) {
        for (key, indicator) in world.table().indicators {
            let (figure, gap) = figure_of(&world.series, &key, world.period, &world.definitions()).expect("defined");
            prop_assert_eq!(figure.value, indicator.value.value, "{:?}", key);
            prop_assert_eq!(figure.marks, indicator.value.marks);
            prop_assert!(gap.is_none_or(|gap| indicator.gaps.contains(&gap)));
        }
    }

    #[test]
    fn percentages_and_changes_follow_from_the_figures(world in world(Sizes::Any)) {
        for (key, it) in world.table().indicators {
            let Some(change) = it.change else { continue };
            let (now, then) = (it.value.value.expect("now"), it.year_before.value.expect("then"));
            prop_assert_eq!(change.absolute, now - then);
            let unit = world.measures[&key.measure].unit;
            // 20 things, or 20 pounds.
            let wanted = (then >= 20 * 10_i64.pow(unit.decimals()) && unit != Unit::Percent).then(|| divided(i128::from(now - then) * 1000, then.into()));
            prop_assert_eq!(change.tenths_pct.map(i128::from), wanted, "{:?}", key);
        }
    }
}
