//! Neither when nor in which order figures arrive makes a difference.

use analysis::{IndicatorTable, disclose};
use model::{MeasureId, SeriesKey, SeriesTable};
use proptest::prelude::*;
use proptest::sample::Index;

use super::world::{Sizes, World, cases, own, world};

/// The names in a gap stand in the order of the peer set: the words are compared, in no order.
fn without_order_of_names(mut table: IndicatorTable) -> IndicatorTable {
    for indicator in table.indicators.values_mut() {
        for gap in &mut indicator.gaps {
            let mut words: Vec<&str> = gap.split([' ', ',']).collect();
            words.sort_unstable();
            *gap = words.join(" ");
        }
    }
    table
}

/// What is left when a return has not arrived yet.
fn without(series: &SeriesTable, late: impl Fn(&SeriesKey) -> bool) -> SeriesTable {
    let there = series.series.iter().filter(|(key, _)| !late(key));
    SeriesTable { series: there.map(|(key, points)| (key.clone(), points.clone())).collect() }
}

/// Rows that do not hang on a late return are as they were; places may only be given.
fn assert_only_late_rows_changed(
    world: &World,
    before: &IndicatorTable,
    after: &IndicatorTable,
    late: &SeriesKey,
) -> Result<(), TestCaseError> {
    for (key, then) in &before.indicators {
        let now = &after.indicators[key];
        let hangs = world.made_from(&key.measure).contains(&late.measure);
        if hangs && key.area == late.area {
            continue;
        }
        prop_assert_eq!(own(then), own(now), "{:?}", key);
        for (then, now) in [
            (&then.position, &now.position),
            (&then.position_year_before, &now.position_year_before),
        ] {
            prop_assert!(then.is_none() || then == now, "{key:?}: {then:?} became {now:?}");
            prop_assert!(hangs || then == now, "{key:?}: {then:?} became {now:?}");
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(cases(24))]

    #[test]
    fn the_order_of_anything_makes_no_difference(world in world(Sizes::Any), turn in any::<Index>()) {
        let table = world.table();
        prop_assert_eq!(&table, &world.table());
        prop_assert_eq!(world.disclosed(), world.disclosed());
        let mut turned = world.clone();
        let areas = &mut turned.partnership.areas;
        areas.rotate_left(turn.index(world.partnership.areas.len()));
        areas.reverse();
        for peers in &mut turned.partnership.peer_sets {
            let by = turn.index(peers.areas.len());
            peers.areas.rotate_left(by);
            peers.areas.reverse();
        }
        turned.partnership.success_measures.reverse();
        turned.series = SeriesTable::default();
        for (key, points) in world.series.series.iter().rev() {
            let points = points.iter().rev().map(|(period, point)| (*period, point.clone()));
            turned.series.series.insert(key.clone(), points.collect());
        }
        turned.measures = world.measures.iter().rev().map(|(id, it)| (id.clone(), it.clone())).collect();
        prop_assert_eq!(without_order_of_names(table), without_order_of_names(turned.table()));
    }

    #[test]
    fn a_late_return_leaves_no_trace(world in world(Sizes::Any), which in any::<Index>(), pieces in any::<u64>()) {
        let keys: Vec<&SeriesKey> = world.series.series.keys().collect();
        prop_assume!(!keys.is_empty());
        let late = keys[which.index(keys.len())];
        let is_late = |key: &SeriesKey| key.measure == late.measure && key.area == late.area;
        let full = world.table();
        let mut growing = World { series: without(&world.series, is_late), ..world.clone() };
        assert_only_late_rows_changed(&world, &growing.table(), &full, late)?;
        // In two pieces, whichever point belongs to which.
        for second in [false, true] {
            for (key, points) in world.series.series.iter().filter(|(key, _)| is_late(key)) {
                let mine = points.iter().enumerate();
                let mine = mine.filter(|(at, _)| (pieces >> (at % 64) & 1 == 1) == second);
                let known = growing.series.series.entry(key.clone()).or_default();
                known.extend(mine.map(|(_, (period, point))| (*period, point.clone())));
            }
            if !second {
                let (before, rows) = (growing.table(), &world.measures);
                let rules = analysis::DisclosureRules { measures: rows };
                let shown = disclose(&analysis::assess(&before, &world.measures), rules);
                prop_assert_eq!(shown.period(), world.period);
            }
        }
        prop_assert_eq!(&growing.table(), &full);
        prop_assert_eq!(growing.disclosed(), world.disclosed());
    }

    #[test]
    fn a_measure_that_nobody_asked_for_changes_no_other(world in world(Sizes::Any), which in any::<Index>()) {
        let ids: Vec<&MeasureId> = world.measures.keys().collect();
        let gone = ids[which.index(ids.len())];
        let mut without = world.clone();
        without.measures.remove(gone);
        let left = without.table();
        for (key, indicator) in world.table().indicators {
            if !world.made_from(&key.measure).contains(gone) {
                prop_assert_eq!(Some(&indicator), left.indicators.get(&key), "{:?}", key);
            }
        }
    }
}
