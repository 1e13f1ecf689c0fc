//! What the properties found, each as small as it gets.

use analysis::{DataStatus, DisclosedIndicator, Indicator, Verdict};
use model::{
    Disclosure, Figure, Mark, Measure, NoteEffect, Period, Scope, SeriesBreak, SeriesKey,
    SourceNote, Unit,
};

use super::world::{World, point, small_world, whole};

fn period(text: &str) -> Period {
    text.parse().expect("a period")
}

/// Two districts of 10,000, without figures.
fn world() -> World {
    small_world(period("2025-26Q1"))
}

impl World {
    /// Figures of one series, the newest last, of stretches as long as `newest`, which ends them.
    fn send(
        &mut self,
        (measure, breakdown, area): (&str, &str, &str),
        newest: &str,
        values: &[i64],
    ) {
        let breakdown = breakdown.parse().expect("a breakdown");
        let key = SeriesKey { measure: measure.into(), area: area.into(), breakdown };
        let newest = period(newest);
        let points = self.series.series.entry(key).or_default();
        for (back, value) in (0_i32..).zip(values.iter().rev()) {
            let at = newest.shifted(-back * newest.length_months());
            points.insert(at, point(Figure::number(*value)));
        }
    }

    fn months(&mut self, measure: &str, values: &[i64]) {
        self.send((measure, "", "D00"), "2025-06", values);
    }

    fn note(&mut self, measure: &str, from: &str, to: &str, effect: NoteEffect) {
        self.notes.notes.push(SourceNote {
            id: "note".to_owned(),
            scope: Scope { measures: vec![measure.into()], areas: vec!["D00".into()] },
            from: from.parse().expect("a month"),
            to: Some(to.parse().expect("a month")),
            effect,
            why: "recorded elsewhere".to_owned(),
        });
    }

    fn broken(&mut self, measure: &str, from: &str) {
        self.notes.breaks.push(SeriesBreak {
            id: "break".to_owned(),
            scope: Scope { measures: vec![measure.into()], areas: Vec::new() },
            from: from.parse().expect("a month"),
            to: None,
            why: "counted otherwise".to_owned(),
            spliced: false,
        });
    }

    fn exact(&self, measure: &str) -> Indicator {
        self.table().indicators[&whole(measure, &"D00".into())].clone()
    }

    fn shown(&self, measure: &str) -> DisclosedIndicator {
        self.disclosed().get(&whole(measure, &"D00".into())).expect("shown").clone()
    }
}

#[test]
fn a_chart_names_no_quarter_that_is_blocked_or_held() {
    let mut blocked = world();
    blocked.months("open", &[29, 30, 31].repeat(5));
    assert_eq!(blocked.exact("open").spc.expect("a chart").last_quarters, Some([90; 4]));
    blocked.note("open", "2024-07", "2024-07", NoteEffect::Block);
    assert_eq!(blocked.exact("open").spc.expect("a chart").last_quarters, None);
    assert_eq!(blocked.exact("open").quarters[3], None);

    let mut held = world();
    let usual = [99, 100, 101];
    let collapse = [usual.repeat(4), vec![1; 3], usual.repeat(3)].concat();
    held.months("open", &collapse);
    let it = held.exact("open");
    assert_eq!(it.held.len(), 1);
    assert_eq!(it.spc.expect("a chart").last_quarters, None);
}

/// Months about a level, up and down otherwise than by seasons.
fn about(level: i64, months: usize) -> Vec<i64> {
    [-1, 1, 0, -1, 0, 1, 0].iter().cycle().take(months).map(|off| level + off).collect()
}

#[test]
fn the_limits_of_a_baseline_stay_and_its_reason_is_said() {
    // A year of 9 to 11, then three years twice as high: 48 months, more than a chart reaches back.
    let months = [about(10, 12), about(20, 36)].concat();
    let chart = |declared: bool, months: &[i64]| {
        let mut world = world();
        world.months("open", months);
        if declared {
            let first = world.period.last().plus(1 - i32::try_from(months.len()).unwrap());
            world.notes.baselines.push(model::Baseline {
                scope: model::Scope { measures: vec!["open".into()], areas: Vec::new() },
                months: model::Period::new(first, first.plus(11)).expect("a year"),
                why: "the year before the scheme".to_owned(),
            });
        }
        let row = world.assessed().rows[&whole("open", &"D00".into())].clone();
        (row.indicator.spc.expect("a chart"), row.reason)
    };
    let ((drawn, reason), (alone, _)) = (chart(true, &months), chart(true, &months[..24]));
    assert_eq!((drawn.mean, drawn.lower, drawn.upper), (alone.mean, alone.lower, alone.upper));
    assert_eq!((drawn.points, drawn.trial), (48, false));
    assert!(reason.contains("above") && reason.contains("the year before the scheme"), "{reason}");
    let (moving, _) = chart(false, &months);
    assert_eq!(moving.points, 36);
    assert!(moving.mean > drawn.upper, "without a baseline the limits move with the months");
}

#[test]
fn a_chart_begins_anew_where_somebody_decided_it_and_says_so() {
    let mut world = world();
    // Ten more from the second year on; the ups and downs go on.
    let months =
        (0..).zip(about(10, 24)).map(|(at, value)| if at < 12 { value } else { value + 10 });
    world.months("open", &months.collect::<Vec<_>>());
    let before = world.exact("open").spc.expect("a chart");
    assert_eq!((before.points, before.began), (24, None));
    world.notes.rebases.push(model::Rebase {
        scope: model::Scope { measures: vec!["open".into()], areas: Vec::new() },
        from: world.period.last().plus(-11),
        why: "a new form".to_owned(),
        decided: jiff::civil::date(2025, 7, 1),
    });
    let row = world.assessed().rows[&whole("open", &"D00".into())].clone();
    let after = row.indicator.spc.expect("a chart");
    assert_eq!(after.points, 12);
    assert!(after.lower > 15.0, "the months before set no limits: {after:?}");
    assert!(row.reason.contains("a new form") && row.reason.contains("1 July 2025"));
}

#[test]
fn what_is_said_of_a_part_is_said_of_a_share_of_the_sum() {
    let mut world = world();
    for measure in ["open", "other"] {
        world.months(measure, &[30; 24]);
    }
    let before = world.exact("share-of-sum");
    assert_eq!(before.value.value, Some(5000));
    assert!(before.change.is_some());

    let mut blocked = world.clone();
    blocked.note("open", "2025-05", "2025-05", NoteEffect::Block);
    let it = blocked.exact("share-of-sum");
    assert_eq!((it.value.value, it.data), (None, DataStatus::Blocked));

    let mut broken = world.clone();
    broken.broken("open", "2025-01");
    let it = broken.exact("share-of-sum");
    assert_eq!((it.change, it.data), (None, DataStatus::Break));

    // The other part is so large that the sum itself does not collapse.
    world.months("open", &[vec![30; 21], vec![1; 3]].concat());
    world.months("other", &[300; 24]);
    let it = world.exact("share-of-sum");
    assert_eq!((it.value.value, it.data), (None, DataStatus::Held));
}

#[test]
fn nobody_is_ranked_by_a_marked_figure_of_the_year_before() {
    let mut world = world();
    for area in ["D00", "D01"] {
        world.send(("open", "", area), "2025-26Q1", &[30, 31, 32, 33, 34]);
    }
    assert!(world.exact("open").position_year_before.is_some());
    world.note("open", "2024-04", "2024-06", NoteEffect::Mark(Mark::E));
    let it = world.exact("open");
    assert!(it.position.is_some());
    assert_eq!(it.position_year_before, None);
    assert!(
        it.gaps.iter().any(|gap| gap.starts_with("a year before, no position")),
        "{:?}",
        it.gaps
    );
}

#[test]
fn the_order_of_peers_does_not_move_the_last_digit() {
    let mut world = super::world::small_world_of(3, period("2025-26Q1"));
    for (area, value, residents) in [("D00", 21, 7_001), ("D01", 53, 9_013), ("D02", 88, 11_027)] {
        world.send(("open", "", area), "2025-26Q1", &[value]);
        world.populations.0.get_mut(&area.into()).expect("an area")[0].residents = residents;
    }
    let mut averages = Vec::new();
    for _ in 0..3 {
        world.partnership.peer_sets[0].areas.rotate_left(1);
        averages.push(world.exact("open").peer_average);
    }
    assert!(averages[0].is_some());
    assert!(averages.iter().all(|average| *average == averages[0]), "{averages:?}");
}

#[test]
fn a_protected_count_is_revised_when_readers_saw_another() {
    let revised = |then: i64, now: i64| {
        let mut world = world();
        world.send(("rounded", "", "D00"), "2025-26Q1", &[then]);
        world.earlier = Some(world.series.clone());
        world.send(("rounded", "", "D00"), "2025-26Q1", &[now]);
        world.shown("rounded").value.marks().contains(Mark::R)
    };
    assert!(!revised(11, 12), "both are shown as 10");
    assert!(revised(12, 13), "10 and 15");
}

#[test]
fn a_protected_share_does_not_say_how_small_its_base_is() {
    let share = |base: i64| {
        let mut world = world();
        world.send(("small", "", "D00"), "2025-26Q1", &[base]);
        world.send(("small", "sex=a", "D00"), "2025-26Q1", &[9]);
        world.shown("small-share")
    };
    // 19 and 20 are both shown as 20; of 19 there is no percentage.
    assert_eq!(share(19), share(20));
    assert!(share(20).value.is_withheld());
}

#[test]
fn a_protected_verdict_does_not_say_whether_there_is_a_chart() {
    // Seven months since a break: 34 make no chart (under 5 a month), 35 do. Both quarters look
    // the same.
    let judged = |first: i64| {
        let mut world = world();
        let before = vec![5; 14];
        world.months("rounded", &[before, vec![first, 5, 6, 5, 4, 5, 5]].concat());
        world.broken("rounded", "2024-12");
        (world.exact("rounded").spc.is_some(), world.shown("rounded"))
    };
    let (few, many) = (judged(4), judged(5));
    assert_eq!((few.0, many.0), (false, true));
    assert_eq!(few.1, many.1);
}

#[test]
fn a_protected_verdict_is_not_given_across_a_break_of_the_12_months() {
    let mut world = world();
    world.send(("rounded", "", "D00"), "2024-07..2025-06", &[60, 600]);
    world.months("rounded", &[50; 9]);
    // The quarter of a year before is not known, and the break lies in the 12 months before.
    let rolling = world.shown("rounded");
    assert_eq!(rolling.verdict, Verdict::Concern, "{}", rolling.reason);
    assert!(rolling.reason.contains("the 12 months before"), "{}", rolling.reason);
    world.broken("rounded", "2024-02");
    assert_eq!(world.shown("rounded").verdict, Verdict::CannotJudge);
}

#[test]
fn a_sum_takes_the_quarter_that_a_part_sent_whole() {
    let mut world = world();
    for measure in ["open", "other"] {
        world.months(measure, &[10; 3]);
    }
    world.send(("open", "", "D00"), "2025-26Q1", &[33]);
    assert_eq!(world.exact("open").value.value, Some(33));
    assert_eq!(world.exact("sum").value.value, Some(63));
}

#[test]
fn rounded_money_is_not_tested_as_if_it_were_counted() {
    let mut world = world();
    let money =
        Measure { disclosure: Disclosure::Rounded, ..world.measures[&"money".into()].clone() };
    assert_eq!(money.unit, Unit::Pounds);
    world.measures.insert("money".into(), money);
    world.send(("money", "", "D00"), "2025-26Q1", &[10_000, 1, 1, 1, 20_000]);
    assert_eq!(world.shown("money").change.value(), Some(10_000));
    assert_eq!(world.shown("money").evidence, None);
}
