//! What a source note touches never shows, and what a break parts is never compared.

use analysis::{
    DisclosedIndicator, DivisionKind, Indicator, IndicatorKey, IndicatorTable, Verdict,
};
use model::{
    Disclosure, Figure, Mark, NoteEffect, Period, Scope, SeriesBreak, SourceNote, SourceNotes, Unit,
};
use proptest::prelude::*;
use proptest::sample::select;

use super::world::{Sizes, World, cases, charted, last_quarters, own, world};

/// What is sent and may be spoken of; most is made from the first.
const SPOKEN_OF: [&str; 10] = [
    "open",
    "open",
    "other",
    "rounded",
    "rounded-two",
    "small",
    "neutral",
    "money",
    "percent",
    "wide",
];

fn scope() -> impl Strategy<Value = Scope> {
    let measures = prop::collection::vec(select(&SPOKEN_OF[..]), 1..3);
    let areas = prop::collection::vec(select(vec!["D00", "D01", "D02", "C00"]), 0..2);
    (measures, areas).prop_map(|(measures, areas)| Scope {
        measures: measures.into_iter().map(Into::into).collect(),
        areas: areas.into_iter().map(Into::into).collect(),
    })
}

/// Months back from the last of the period: the last touched, and how many before it.
fn stretch() -> impl Strategy<Value = (i32, i32)> {
    (0..30_i32, 0..6_i32)
}

fn note(world: &World, scope: Scope, (back, length): (i32, i32), effect: NoteEffect) -> SourceNote {
    let last = world.period.last().plus(-back);
    SourceNote {
        id: "note".to_owned(),
        scope,
        from: last.plus(-length),
        to: (back > 0).then_some(last),
        effect,
        why: "recorded elsewhere".to_owned(),
    }
}

fn noted(world: &World, note: &SourceNote) -> World {
    let notes = SourceNotes { notes: vec![note.clone()], ..SourceNotes::default() };
    World { notes, ..world.clone() }
}

/// Whether something said of a source is said of an indicator, through every step it is made in.
fn covers(world: &World, scope: &Scope, key: &IndicatorKey) -> bool {
    world.made_from(&key.measure).iter().any(|measure| scope.covers(measure, &key.area))
}

/// Every figure of an indicator with the window it is of.
fn figures(it: &Indicator, period: Period) -> [(Period, &Figure); 6] {
    let twelve = Period::ending(period.last(), 12);
    let to_date = Period::year_to_date(period.last());
    [
        (period, &it.value),
        (period.year_before(), &it.year_before),
        (twelve, &it.rolling_12_months),
        (twelve.year_before(), &it.rolling_12_months_previous),
        (to_date, &it.year_to_date),
        (to_date.year_before(), &it.year_to_date_previous),
    ]
}

fn assert_nothing_shows(
    it: &Indicator,
    period: Period,
    touches: impl Fn(Period) -> bool,
) -> Result<(), TestCaseError> {
    for (window, figure) in figures(it, period) {
        prop_assert!(!touches(window) || figure.value.is_none(), "{window}");
    }
    let twelve = Period::ending(period.last(), 12);
    if touches(period) || touches(period.year_before()) {
        prop_assert_eq!((it.change, it.direction), (None, None));
    }
    if touches(period) {
        prop_assert_eq!(it.share, None);
    }
    if touches(twelve) || touches(twelve.year_before()) {
        prop_assert_eq!(it.rolling_change, None);
    }
    for rate in [&it.rate, &it.rate_year_before].into_iter().flatten() {
        prop_assert!(!touches(rate.period), "{rate:?}");
    }
    if let Some(spc) = &it.spc {
        prop_assert!(!touches(charted(spc)), "{spc:?}");
        prop_assert!(!touches(last_quarters(period)) || spc.last_quarters.is_none(), "{spc:?}");
    }
    if let Some(target) = it.target.filter(|_| touches(Period::month(period.last()))) {
        prop_assert_eq!((target.met, target.assurance), (None, None));
    }
    prop_assert!(it.held.iter().all(|held| !touches(held.figure.period)), "{:?}", it.held);
    Ok(())
}

fn assert_nothing_disclosed(
    it: &DisclosedIndicator,
    period: Period,
    touches: impl Fn(Period) -> bool,
) -> Result<(), TestCaseError> {
    let twelve = Period::ending(period.last(), 12);
    for (window, number) in [
        (period, &it.value),
        (period.year_before(), &it.year_before),
        (twelve, &it.rolling_12_months),
        (twelve.year_before(), &it.rolling_12_months_previous),
    ] {
        prop_assert!(!touches(window) || number.value().is_none(), "{window}");
    }
    if touches(period) || touches(period.year_before()) {
        prop_assert_eq!((it.change.value(), it.change_tenths_pct), (None, None));
        prop_assert_eq!((it.direction, it.evidence), (None, None));
    }
    Ok(())
}

/// Nobody is ranked by what is said to be wrong with a peer's figures.
fn assert_nobody_ranked(
    world: &World,
    table: &IndicatorTable,
    (scope, touches): (&Scope, impl Fn(Period) -> bool),
) -> Result<(), TestCaseError> {
    for (key, it) in &table.indicators {
        let of = |area: &model::AreaCode| IndicatorKey { area: area.clone(), ..key.clone() };
        let peers = world.peers(&key.measure).iter();
        let flagged = peers.filter(|area| covers(world, scope, &of(area))).count() > 0;
        if !flagged {
            continue;
        }
        if it.position.is_some() {
            let rate = it.rate.as_ref().expect("a rate");
            prop_assert!(!touches(rate.period), "{key:?}");
        }
        if it.position_year_before.is_some() {
            let rate = it.rate_year_before.as_ref().expect("a rate");
            prop_assert!(!touches(rate.period), "a year before: {key:?}");
        }
    }
    Ok(())
}

fn assert_not_compared(
    world: &World,
    (it, shown): (&Indicator, &DisclosedIndicator),
    parted: &SeriesBreak,
    key: &IndicatorKey,
) -> Result<(), TestCaseError> {
    let (period, twelve) = (world.period, world.twelve());
    let over_year = parted.parts(period, period.year_before());
    let over_twelve = parted.parts(twelve, twelve.year_before());
    if over_year {
        prop_assert_eq!((it.change, it.direction), (None, None));
        prop_assert_eq!((shown.change.value(), shown.change_tenths_pct), (None, None));
        prop_assert_eq!((shown.evidence, shown.direction), (None, None));
    }
    prop_assert!(!over_twelve || it.rolling_change.is_none());
    if let Some(rate) = &it.rate
        && parted.parts(rate.period, rate.period.year_before())
    {
        prop_assert_eq!(&it.rate_year_before, &None);
        prop_assert_eq!(&it.position_year_before, &None);
    }
    if let Some(spc) = &it.spc {
        prop_assert!(!parted.is_inside(charted(spc)), "{spc:?}");
    }
    let judged = shown.verdict != Verdict::CannotJudge;
    if judged && world.measures[&key.measure].disclosure == Disclosure::Open && it.spc.is_none() {
        prop_assert!(it.change.is_some() || it.rolling_change.is_some());
    }
    if judged && world.measures[&key.measure].disclosure != Disclosure::Open {
        // Of protected figures only two counts can judge: those of the period, else the 12 months.
        let quarters = shown.value.value().is_some() && shown.year_before.value().is_some();
        prop_assert!(if quarters { !over_year } else { !over_twelve }, "{key:?} {}", shown.reason);
    }
    Ok(())
}

proptest! {
    #![proptest_config(cases(32))]

    #[test]
    fn what_is_blocked_never_shows(world in world(Sizes::Any), scope in scope(), stretch in stretch()) {
        let note = note(&world, scope, stretch, NoteEffect::Block);
        let blocked = noted(&world, &note);
        let (before, after) = (world.table(), blocked.table());
        let shown = blocked.disclosed();
        assert_nobody_ranked(&world, &after, (&note.scope, |window| note.touches(window)))?;
        for (key, it) in &after.indicators {
            let then = &before.indicators[key];
            if !covers(&world, &note.scope, key) {
                prop_assert_eq!(own(then), own(it), "{:?}", key);
                continue;
            }
            assert_nothing_shows(it, world.period, |window| note.touches(window))?;
            assert_nothing_disclosed(shown.get(key).expect("shown"), world.period, |window| note.touches(window))?;
            if then.held.is_empty() && it.held.is_empty() {
                for ((window, then), (_, now)) in figures(then, world.period).into_iter().zip(figures(it, world.period)) {
                    prop_assert!(note.touches(window) || then == now, "{window} of {key:?}");
                }
            }
        }
    }

    #[test]
    fn nobody_is_ranked_by_a_marked_figure(world in world(Sizes::Any), scope in scope(), stretch in stretch()) {
        let note = note(&world, scope, stretch, NoteEffect::Mark(Mark::E));
        let (before, after) = (world.table(), noted(&world, &note).table());
        assert_nobody_ranked(&world, &after, (&note.scope, |window| note.touches(window)))?;
        for (key, it) in &after.indicators {
            let then = &before.indicators[key];
            for ((window, then), (_, now)) in figures(then, world.period).into_iter().zip(figures(it, world.period)) {
                prop_assert_eq!(then.value, now.value);
                let marked = covers(&world, &note.scope, key) && note.touches(window) && now.value.is_some();
                prop_assert_eq!(now.marks.contains(Mark::E), marked, "{} of {:?}", window, key);
            }
        }
    }

    #[test]
    fn what_a_break_parts_is_not_compared(
        world in world(Sizes::Any), scope in scope(), stretch in stretch(), ends in any::<bool>(),
    ) {
        let from = world.period.last().plus(-stretch.0 - stretch.1);
        let parted = SeriesBreak {
            id: "break".to_owned(),
            scope,
            from,
            to: ends.then(|| from.plus(stretch.1)),
            why: "counted otherwise".to_owned(),
            spliced: false,
        };
        let with = |parted: &SeriesBreak| {
            let notes = SourceNotes { breaks: vec![parted.clone()], ..SourceNotes::default() };
            World { notes, ..world.clone() }
        };
        let plain = world.table();
        let spliced = SeriesBreak { spliced: true, ..parted.clone() };
        // That it was spliced is drawn, and changes nothing else.
        let mut joined = with(&spliced).table();
        for history in joined.indicators.values_mut().filter_map(|it| it.history.as_mut()) {
            if let Some(chart) = &mut history.chart {
                chart.divisions.retain(|it| it.kind != DivisionKind::Spliced);
            }
        }
        prop_assert_eq!(&joined, &plain);
        let (table, shown) = (with(&parted).table(), with(&parted).disclosed());
        for (key, it) in &table.indicators {
            if !covers(&world, &parted.scope, key) {
                prop_assert_eq!(&own(it), &own(&plain.indicators[key]), "{:?}", key);
                continue;
            }
            assert_not_compared(&world, (it, shown.get(key).expect("shown")), &parted, key)?;
            for ((window, now), (_, then)) in figures(it, world.period).into_iter().zip(figures(&plain.indicators[key], world.period)) {
                prop_assert_eq!(now.value, then.value);
                prop_assert!(!parted.is_inside(window) || now.value.is_none() || now.marks.contains(Mark::B));
            }
        }
    }

    #[test]
    fn only_what_is_counted_is_tested_for_chance(world in world(Sizes::Any)) {
        for (key, it) in world.disclosed().rows() {
            let measure = &world.measures[&key.measure];
            let counted = measure.unit == Unit::Count
                || measure.quotient.is_some() && measure.unit == Unit::Percent;
            prop_assert!(counted || it.evidence.is_none(), "{key:?}");
        }
    }
}
