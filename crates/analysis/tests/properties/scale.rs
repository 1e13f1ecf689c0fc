//! Scaling, renaming and splitting areas.

use analysis::{Indicator, IndicatorKey, IndicatorTable};
use model::{Area, AreaCode, Disclosure, Figure, Polarity, Population, SeriesTable, Unit};
use proptest::prelude::*;
use proptest::sample::Index;

use super::world::{Sizes, World, cases, own, world};

fn scaled(world: &World, by: i64) -> World {
    let mut scaled = world.clone();
    for (key, points) in &mut scaled.series.series {
        let unit = world.measures[&key.measure].unit;
        for point in points.values_mut().filter(|_| unit.is_additive()) {
            point.figure.value = point.figure.value.map(|value| value * by);
        }
    }
    with_residents(scaled, by)
}

fn with_residents(mut world: World, by: i64) -> World {
    for population in world.populations.0.values_mut().flatten() {
        population.residents *= by;
    }
    world
}

fn close(one: f64, other: f64) -> bool {
    (one - other).abs() <= 1e-9 * one.abs().max(other.abs())
}

fn rates(indicator: &Indicator) -> Vec<f64> {
    let rates = [&indicator.rate, &indicator.rate_year_before];
    rates.into_iter().flatten().map(|rate| rate.per_1000).chain(indicator.peer_average).collect()
}

/// Every code with another in its place, in reverse order; names stay with their areas.
fn renamed(code: &AreaCode) -> AreaCode {
    let number: u32 = code.as_str()[1..].parse().expect("a number");
    AreaCode::new(format!("{}{:02}", &code.as_str()[..1], 99 - number))
}

fn relabelled(world: &World) -> World {
    let mut other = world.clone();
    for area in &mut other.partnership.areas {
        area.code = renamed(&area.code);
        area.districts = area.districts.iter().map(renamed).collect();
    }
    for peers in &mut other.partnership.peer_sets {
        peers.areas = peers.areas.iter().map(renamed).collect();
    }
    for home in other.partnership.home.values_mut() {
        *home = renamed(home);
    }
    let populations = world.populations.0.iter();
    other.populations.0 = populations.map(|(area, it)| (renamed(area), it.clone())).collect();
    other.series = SeriesTable::default();
    for (key, points) in &world.series.series {
        let mut key = key.clone();
        key.area = renamed(&key.area);
        other.series.series.insert(key, points.clone());
    }
    other
}

fn relabelled_table(table: &IndicatorTable) -> IndicatorTable {
    let indicators = table.indicators.iter().map(|(key, indicator)| {
        let mut indicator = indicator.clone();
        for held in &mut indicator.held {
            held.figure.area = renamed(&held.figure.area);
        }
        if let Some(rates) = &mut indicator.peer_rates {
            for member in &mut rates.members {
                member.area = renamed(&member.area);
            }
            rates.members.sort_by(|one, other| one.area.cmp(&other.area));
        }
        (IndicatorKey { area: renamed(&key.area), ..key.clone() }, indicator)
    });
    IndicatorTable { period: table.period, indicators: indicators.collect() }
}

/// The last district becomes two, `S00` and `S01`, so much in a hundred of each figure in the first.
fn split(world: &World, hundredths: i64) -> (World, AreaCode) {
    let mut parted = world.clone();
    let gone = parted.partnership.peer_sets[0].areas.pop().expect("two districts");
    let halves: [AreaCode; 2] = ["S00".into(), "S01".into()];
    parted.partnership.peer_sets[0].areas.extend(halves.clone());
    let part = |value: i64, first: bool| {
        let mine = value * hundredths / 100;
        if first { mine } else { value - mine }
    };
    let residents = world.populations.0[&gone][0].residents;
    for (at, half) in halves.iter().enumerate() {
        let area = world.partnership.area(&gone).expect("an area").clone();
        parted.partnership.areas.push(Area { code: half.clone(), ..area });
        let vintage = "mid-2024".to_owned();
        let residents = part(residents, at == 0);
        assert!(parted.populations.add(half.clone(), Population { residents, vintage }));
        for (key, points) in world.series.series.iter().filter(|(key, _)| key.area == gone) {
            let mut key = key.clone();
            key.area = half.clone();
            let mut points = points.clone();
            for point in points.values_mut() {
                point.figure.value = point.figure.value.map(|value| part(value, at == 0));
            }
            parted.series.series.insert(key, points);
        }
    }
    parted.series.series.retain(|key, _| key.area != gone);
    (parted, gone)
}

fn figures(indicator: &Indicator) -> [&Figure; 6] {
    [
        &indicator.value,
        &indicator.year_before,
        &indicator.rolling_12_months,
        &indicator.rolling_12_months_previous,
        &indicator.year_to_date,
        &indicator.year_to_date_previous,
    ]
}

proptest! {
    #![proptest_config(cases(24))]

    #[test]
    fn counts_and_residents_scale_together(world in world(Sizes::Large), by in 2..9_i64) {
        let (one, many) = (world.table(), scaled(&world, by).table());
        for (key, one) in &one.indicators {
            let (many, measure) = (&many.indicators[key], &world.measures[&key.measure]);
            if measure.disclosure != Disclosure::Open {
                continue;
            }
            let by = if measure.unit.is_additive() && measure.quotient.is_none() { by } else { 1 };
            prop_assert_eq!(one.value.value.map(|value| value * by), many.value.value, "{:?}", key);
            prop_assert_eq!(&one.position, &many.position, "{:?}", key);
            prop_assert_eq!(&one.position_year_before, &many.position_year_before, "{:?}", key);
            // On a base under 20 (pounds: 2,000 pence) there is none; the larger one may have it.
            let percent = |it: &Indicator| it.change.and_then(|change| change.tenths_pct);
            if percent(one).is_some() {
                prop_assert_eq!(percent(one), percent(many), "{:?}", key);
            }
            prop_assert_eq!(one.direction, many.direction);
            prop_assert_eq!(one.data, many.data);
            let (one, many) = (rates(one), rates(many));
            prop_assert_eq!(one.len(), many.len());
            prop_assert!(one.iter().zip(&many).all(|(one, many)| close(*one, *many)), "{one:?} {many:?}");
        }
    }

    #[test]
    fn residents_alone_move_no_position(world in world(Sizes::Any), by in 2..9_i64) {
        let (one, many) = (world.table(), with_residents(world.clone(), by).table());
        let mut scale = 1.0;
        for _ in 1..by {
            scale += 1.0;
        }
        for (key, one) in &one.indicators {
            let many = &many.indicators[key];
            prop_assert_eq!(&one.position, &many.position, "{:?}", key);
            prop_assert_eq!(&one.position_year_before, &many.position_year_before, "{:?}", key);
            prop_assert_eq!(&one.value, &many.value);
            let (one, many) = (rates(one), rates(many));
            prop_assert!(one.iter().zip(&many).all(|(one, many)| close(*one, *many * scale)), "{one:?} {many:?}");
        }
    }

    #[test]
    fn another_code_for_an_area_changes_nothing_else(world in world(Sizes::Any)) {
        prop_assert_eq!(relabelled(&world).table(), relabelled_table(&world.table()));
    }

    #[test]
    fn two_halves_of_an_area_add_up(world in world(Sizes::Any), hundredths in 20..80_i64, _which in any::<Index>()) {
        let (parted, gone) = split(&world, hundredths);
        let (before, after) = (world.assessed(), parted.assessed());
        for (key, then) in &before.rows {
            // The partnership area is made of districts, one of which may be gone.
            if key.area != gone && key.area.as_str() != "C00" {
                let now = &after.rows[key];
                prop_assert_eq!(own(&then.indicator), own(&now.indicator), "{:?}", key);
                prop_assert_eq!((then.verdict, &then.reason), (now.verdict, &now.reason));
                continue;
            }
            let measure = &world.measures[&key.measure];
            if key.area != gone || measure.quotient.is_some() || measure.unit == Unit::Percent {
                continue;
            }
            let half = |code: &str| {
                let key = IndicatorKey { area: code.into(), ..key.clone() };
                after.rows.get(&key).map(|row| &row.indicator)
            };
            let (Some(one), Some(two)) = (half("S00"), half("S01")) else { continue };
            if [one, two, &then.indicator].iter().any(|it| !it.held.is_empty()) {
                continue;
            }
            let wholes = figures(&then.indicator);
            for (whole, (one, two)) in wholes.into_iter().zip(figures(one).into_iter().zip(figures(two))) {
                let sum = one.value.zip(two.value).map(|(one, two)| one + two);
                prop_assert_eq!(whole.value, sum, "{:?}", key);
                prop_assert_eq!(&whole.marks, &one.marks);
            }
        }
    }

    #[test]
    fn a_place_is_one_more_than_the_peers_ahead(world in world(Sizes::Any)) {
        let table = world.table();
        for (key, it) in &table.indicators {
            let (Some(position), Some(rate)) = (&it.position, &it.rate) else { continue };
            let peers = world.peers(&key.measure);
            let rates = peers.iter().filter_map(|area| {
                let key = IndicatorKey { area: area.clone(), ..key.clone() };
                table.indicators.get(&key)?.rate.as_ref()
            });
            // Above 0: more for its residents than this area.
            let differences: Vec<i128> = rates
                .map(|peer| {
                    i128::from(peer.events) * i128::from(rate.residents)
                        - i128::from(rate.events) * i128::from(peer.residents)
                })
                .collect();
            prop_assert_eq!(differences.len(), peers.len());
            prop_assert_eq!(usize::try_from(position.of), Ok(peers.len()));
            let higher = world.measures[&key.measure].polarity == Polarity::HigherIsBetter;
            let ahead = |by: &&i128| if higher { **by > 0 } else { **by < 0 };
            let place = differences.iter().filter(ahead).count() + 1;
            prop_assert_eq!(usize::try_from(position.place), Ok(place), "{:?}", key);
            prop_assert_eq!(position.tied, differences.iter().filter(|by| **by == 0).count() > 1);
        }
    }
}
