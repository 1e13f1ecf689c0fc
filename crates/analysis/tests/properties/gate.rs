//! What the gate holds, and what letting it through does.

use std::collections::BTreeMap;

use analysis::{IndicatorTable, Releases, tiles};
use model::{AreaCode, Breakdown, FigureId, MeasureId, Period, Point, SeriesKey};
use proptest::prelude::*;
use proptest::sample::Index;

use super::world::{Sizes, World, cases, charted, last_quarters, world};

/// The figure of a window by plain addition.
fn added(points: &BTreeMap<Period, Point>, window: Period) -> Option<i64> {
    let values = tiles(points, window)?.into_iter().map(|tile| points[&tile].figure.value);
    values.sum()
}

fn held(table: &IndicatorTable) -> Releases {
    let held = table.indicators.values().flat_map(|it| &it.held);
    held.map(|held| (held.figure.clone(), held.value)).collect()
}

/// Lets through what is held until nothing is: a figure let through is a yardstick again.
fn let_through(world: &World) -> World {
    let mut world = world.clone();
    for _ in 0..40 {
        let held = held(&world.table());
        if held.is_empty() {
            break;
        }
        world.releases.extend(held);
    }
    world
}

/// Every figure the gate could ever look at, let through beforehand: as if there were no gate.
fn without_gate(world: &World) -> World {
    let mut open = world.clone();
    let twelve = world.twelve();
    let newest = Period::quarter_of(world.period.last());
    let mut windows: Vec<Period> = (0..30).map(|back| newest.shifted(-3 * back)).collect();
    windows.extend([world.period, world.period.year_before(), twelve, twelve.year_before()]);
    let sums = world.measures.values().filter(|measure| !measure.sum_of.is_empty());
    let sums: Vec<_> = sums.map(|measure| (measure.id.clone(), measure.sum_of.clone())).collect();
    let mut release = |measure: &MeasureId, area: &AreaCode, of: &dyn Fn(Period) -> Option<i64>| {
        for period in windows.iter().copied() {
            if let Some(value) = of(period) {
                let (measure, area) = (measure.clone(), area.clone());
                let breakdown = Breakdown::all();
                open.releases.insert(FigureId { measure, area, breakdown, period }, value);
            }
        }
    };
    for (key, points) in world.series.series.iter().filter(|(key, _)| key.breakdown.is_all()) {
        release(&key.measure, &key.area, &|period| added(points, period));
        for (sum, parts) in &sums {
            let part = |part: &MeasureId, period: Period| {
                let key = SeriesKey { measure: part.clone(), ..key.clone() };
                added(world.series.series.get(&key)?, period)
            };
            release(sum, &key.area, &|period| parts.iter().map(|it| part(it, period)).sum());
        }
    }
    open
}

/// A quarter that collapses, so that most worlds have something that is held.
fn collapsed(mut world: World, back: i32, which: Index) -> World {
    let quarter = Period::quarter_of(world.period.last()).shifted(-3 * back);
    let mut series: Vec<_> =
        world.series.series.iter_mut().filter(|(key, _)| key.breakdown.is_all()).collect();
    if !series.is_empty() {
        let at = which.index(series.len());
        for (period, point) in series[at].1.iter_mut() {
            if quarter.contains(*period) {
                point.figure.value = point.figure.value.map(|value| value / 50);
            }
        }
    }
    world
}

proptest! {
    #![proptest_config(cases(24))]

    #[test]
    fn what_is_held_is_in_no_total(world in world(Sizes::Any), back in 0..9_i32, which in any::<Index>()) {
        let world = collapsed(world, back, which);
        let table = world.table();
        let (period, twelve) = (world.period, world.twelve());
        let to_date = Period::year_to_date(period.last());
        let all = held(&table);
        for (key, it) in &table.indicators {
            let made_from = world.made_from(&key.measure);
            let mine = all.keys().filter(|id| id.area == key.area && made_from.contains(&id.measure));
            let periods: Vec<Period> = mine.map(|id| id.period).collect();
            let touched = |window: Period| periods.iter().any(|held| held.overlaps(window));
            for (window, figure) in [
                (period, &it.value),
                (period.year_before(), &it.year_before),
                (twelve, &it.rolling_12_months),
                (twelve.year_before(), &it.rolling_12_months_previous),
                (to_date, &it.year_to_date),
                (to_date.year_before(), &it.year_to_date_previous),
            ] {
                prop_assert!(!touched(window) || figure.value.is_none(), "{window} of {key:?}");
            }
            for rate in [&it.rate, &it.rate_year_before].into_iter().flatten() {
                prop_assert!(!touched(rate.period));
            }
            if let Some(spc) = &it.spc {
                prop_assert!(!touched(charted(spc)), "{spc:?}");
                prop_assert!(!touched(last_quarters(period)) || spc.last_quarters.is_none(), "{spc:?}");
            }
        }
    }

    #[test]
    fn what_is_let_through_is_as_if_there_were_no_gate(world in world(Sizes::Any), back in 0..9_i32, which in any::<Index>()) {
        let world = collapsed(world, back, which);
        let mut open = let_through(&world).table();
        prop_assert!(held(&open).is_empty());
        prop_assert_eq!(&open, &without_gate(&world).table());
        for (key, it) in &mut open.indicators {
            let series = SeriesKey { measure: key.measure.clone(), area: key.area.clone(), breakdown: key.breakdown.clone() };
            let Some(points) = world.series.series.get(&series) else { continue };
            if world.measures[&key.measure].unit.is_additive() {
                prop_assert_eq!(it.value.value, added(points, world.period), "{:?}", key);
                prop_assert_eq!(it.rolling_12_months.value, added(points, world.twelve()));
            }
        }
    }

    #[test]
    fn another_figure_lets_nothing_through(world in world(Sizes::Any), back in 0..9_i32, which in any::<Index>(), off in 1..4_i64) {
        let mut world = collapsed(world, back, which);
        let table = world.table();
        world.releases = held(&table).into_iter().map(|(id, value)| (id, value + off)).collect();
        prop_assert_eq!(&world.table(), &table);
    }
}
