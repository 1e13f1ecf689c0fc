//! What readers see of protected measures hangs on what they see, and on nothing else.

use analysis::{DisclosedTable, IndicatorKey};
use model::{Disclosure, Figure, Grain, Period, SeriesKey};
use proptest::prelude::*;
use proptest::sample::select;

use super::world::{Sizes, World, cases, point, small_world, whole, world_of};

/// What readers see of a count.
fn class(value: i64, disclosure: Disclosure) -> Option<i64> {
    let withheld = disclosure == Disclosure::Suppressed && value != 0 && value < 5;
    (!withheld).then_some((value + 2) / 5 * 5)
}

/// The same partnership with other protected counts: every financial quarter that is sent whole,
/// or month by month, is still seen as it was.
fn disguised(world: &World, moves: &[i64]) -> World {
    let mut other = world.clone();
    let mut moves = moves.iter().cycle().copied();
    for (key, points) in &mut other.series.series {
        let disclosure = world.measures[&key.measure].disclosure;
        if disclosure == Disclosure::Open {
            continue;
        }
        let before = points.clone();
        for (period, point) in points.iter_mut() {
            let Some(was) = point.figure.value else { continue };
            let (by, quarter) =
                (moves.next().unwrap_or_default(), Period::quarter_of(period.first()));
            let will_be = was + by;
            let alike = |one: i64, two: i64| class(one, disclosure) == class(two, disclosure);
            let seen_alike = match period.grain() {
                // One month of a quarter moves, and the quarter that it makes up is seen as before.
                Grain::Month if period.first() == quarter.first() => {
                    let months = quarter.months().map(|month| before.get(&Period::month(month)));
                    let sum: Option<i64> = months.map(|point| point?.figure.value).sum();
                    sum.is_none_or(|sum| alike(sum, sum + by))
                }
                Grain::Month => false,
                _ => alike(was, will_be),
            };
            if will_be >= 0 && seen_alike {
                point.figure.value = Some(will_be);
            }
        }
    }
    other
}

/// The numbers that readers see, of every indicator.
fn numbers(table: &DisclosedTable) -> Vec<(&IndicatorKey, [Option<i64>; 4])> {
    let rows = table.rows().map(|(key, row)| {
        let all =
            [&row.value, &row.year_before, &row.rolling_12_months, &row.rolling_12_months_previous];
        (key, all.map(analysis::ShownNumber::value))
    });
    rows.collect()
}

fn quarter() -> impl Strategy<Value = Period> {
    select(vec!["2025-26Q1", "2024-25Q4"]).prop_map(|text| text.parse().expect("a quarter"))
}

/// Two districts, of which the first sends two quarters a year apart.
fn two_quarters(measure: &str, now: i64, before: i64) -> DisclosedTable {
    let period: Period = "2025-26Q1".parse().expect("a quarter");
    let mut world = small_world(period);
    let figures = [(period, now), (period.year_before(), before)];
    let points = figures.map(|(period, value)| (period, point(Figure::number(value))));
    let IndicatorKey { measure, area, breakdown } = whole(measure, &"D00".into());
    world.series.series.insert(SeriesKey { measure, area, breakdown }, points.into());
    world.disclosed()
}

proptest! {
    #![proptest_config(cases(48))]

    #[test]
    fn what_looks_the_same_is_disclosed_the_same(
        world in world_of(Sizes::Any, quarter()),
        moves in prop::collection::vec(-2..=2_i64, 50),
        still in 0..40_usize,
        published in any::<bool>(),
        broken in 0..24_i32,
    ) {
        let mut moves = moves;
        // Few moves mostly leave the 12 months as they are seen.
        for (at, by) in moves.iter_mut().enumerate() {
            *by *= i64::from(at % 40 >= still);
        }
        let mut world = world;
        world.earlier = published.then(|| world.series.clone());
        if broken > 6 {
            world.notes.breaks.push(model::SeriesBreak {
                id: "break".to_owned(),
                scope: model::Scope { measures: vec!["rounded".into(), "small".into()], areas: Vec::new() },
                from: world.period.last().plus(-broken),
                to: None,
                why: "counted otherwise".to_owned(),
                spliced: false,
            });
        }
        let (one, two) = (world.disclosed(), disguised(&world, &moves).disclosed());
        for ((key, seen), (other, seen_too)) in numbers(&one).into_iter().zip(numbers(&two)) {
            prop_assert_eq!(key, other);
            // Parts that are seen otherwise, in this area or another, may be the reason.
            let made_from = world.made_from(&key.measure);
            let family = numbers(&one).into_iter().zip(numbers(&two));
            let alike = family.into_iter().all(|((it, one), (_, two))| {
                !made_from.contains(&it.measure) || it.area != key.area || one == two
            });
            if alike && seen == seen_too {
                prop_assert_eq!(one.get(key), two.get(key), "{:?}", key);
            }
        }
    }

    #[test]
    fn nothing_of_a_protected_measure_is_shown_exactly(world in world_of(Sizes::Any, quarter())) {
        let exact = world.table();
        for (key, row) in world.disclosed().rows() {
            let measure = &world.measures[&key.measure];
            if measure.disclosure == Disclosure::Open {
                continue;
            }
            prop_assert!(row.rate.is_none() && row.position.is_none() && row.position_year_before.is_none());
            prop_assert!(row.spc.is_none() && row.peers.is_none() && row.share.is_none());
            let shown = [&row.value, &row.year_before, &row.rolling_12_months, &row.rolling_12_months_previous, &row.change];
            prop_assert!(shown.iter().all(|it| it.value().is_none_or(|value| value % 5 == 0)));
            let it = &exact.indicators[key];
            for (figure, shown) in [(&it.value, &row.value), (&it.year_before, &row.year_before)] {
                if let (Some(exact), Some(seen)) = (figure.value, shown.value()) {
                    prop_assert!((exact - seen).abs() <= 2 && shown.is_rounded());
                    prop_assert!(measure.disclosure == Disclosure::Rounded || exact == 0 || exact >= 5);
                }
            }
        }
    }
}

proptest! {
    #![proptest_config(cases(512))]

    /// At the edges of the gate and of what chance explains one event makes a difference.
    #[test]
    fn two_quarters_that_look_the_same_are_judged_the_same(
        measure in select(vec!["rounded", "small"]),
        before in 15..120_i64,
        hundredths in 20..190_i64,
        moves in (-4..=4_i64, -4..=4_i64),
    ) {
        let small = measure == "small";
        let disclosure = if small { Disclosure::Suppressed } else { Disclosure::Rounded };
        let now = before * hundredths / 100;
        let alike = |one: i64, by: i64| {
            one + by >= 0 && class(one, disclosure) == class(one + by, disclosure)
        };
        prop_assume!(alike(now, moves.0) && alike(before, moves.1));
        let one = two_quarters(measure, now, before);
        prop_assert_eq!(one, two_quarters(measure, now + moves.0, before + moves.1));
    }
}
