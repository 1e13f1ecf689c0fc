//! A part of a period is never taken for the whole.

use analysis::Indicator;
use model::{Period, SeriesKey};
use proptest::prelude::*;
use proptest::sample::Index;

use super::world::{Sizes, World, cases, world};

/// Takes every point of a series away that has a month in it.
fn without_month(world: &World, gone: Period, is_meant: impl Fn(&SeriesKey) -> bool) -> World {
    let mut short = world.clone();
    for (key, points) in &mut short.series.series {
        if is_meant(key) {
            points.retain(|period, _| !period.overlaps(gone));
        }
    }
    short
}

/// No figure of a window with a gap, and nothing made from it.
fn assert_nothing_over(it: &Indicator, gone: Period, period: Period) -> Result<(), TestCaseError> {
    let twelve = Period::ending(period.last(), 12);
    let to_date = Period::year_to_date(period.last());
    for (window, figure) in [
        (period, &it.value),
        (period.year_before(), &it.year_before),
        (twelve, &it.rolling_12_months),
        (twelve.year_before(), &it.rolling_12_months_previous),
        (to_date, &it.year_to_date),
        (to_date.year_before(), &it.year_to_date_previous),
    ] {
        if window.overlaps(gone) {
            prop_assert_eq!(figure.value, None, "{} of {}", gone, window);
            prop_assert!(figure.marks.iter().any(model::Mark::replaces_number));
        }
    }
    if period.overlaps(gone) || period.year_before().overlaps(gone) {
        prop_assert_eq!(it.change, None);
        prop_assert_eq!(it.direction, None);
        prop_assert!(!it.gaps.is_empty());
    }
    if twelve.overlaps(gone) || twelve.year_before().overlaps(gone) {
        prop_assert_eq!(it.rolling_change, None);
    }
    for rate in [&it.rate, &it.rate_year_before].into_iter().flatten() {
        prop_assert!(!rate.period.overlaps(gone), "{rate:?} over {gone}");
    }
    Ok(())
}

proptest! {
    #![proptest_config(cases(32))]

    #[test]
    fn a_missing_month_leaves_no_figure(world in world(Sizes::Any), which in any::<Index>(), back in 0..24_i32) {
        let keys: Vec<&SeriesKey> = world.series.series.keys().collect();
        let late = keys[which.index(keys.len())].clone();
        let gone = Period::month(world.period.last().plus(-back));
        let short = without_month(&world, gone, |key| key.measure == late.measure && key.area == late.area);
        let table = short.table();
        for (key, indicator) in &table.indicators {
            if key.area != late.area || !world.made_from(&key.measure).contains(&late.measure) {
                continue;
            }
            assert_nothing_over(indicator, gone, world.period)?;
            if !key.breakdown.is_all() || !world.peers(&key.measure).contains(&late.area) {
                continue;
            }
            let others = table.indicators.iter().filter(|(other, _)| other.measure == key.measure);
            for (other, it) in others {
                prop_assert!(it.position.is_none() || indicator.rate.is_some(), "{other:?}");
                prop_assert!(it.position_year_before.is_none() || indicator.rate_year_before.is_some(), "{other:?}");
            }
        }
    }
}
