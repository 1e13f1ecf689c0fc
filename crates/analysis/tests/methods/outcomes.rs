//! Examples that a whole computation gives: from series to figure, verdict and what is shown.

use analysis::{
    Assessed, Change, Definition, DisclosedIndicator, Position, ShownNumber, figure_of,
    judge_success, restate,
};
use model::{Marks, Period, Unit};

use crate::page::Example;
use crate::statistics::p_value_words;
use crate::world::{World, key};

pub(crate) fn period(example: &Example) -> String {
    let period: Period = example.text("written").parse().expect("a period");
    let before = period.year_before().calendar();
    format!("{}; {} days; the year before it: {before}", period.title(), period.length_days())
}

/// A figure and its marks, or why there is none.
pub(crate) fn figure(example: &Example) -> String {
    let world = World::of(example);
    let found = figure_of(world.series(), &key(), world.asked, &world.definitions());
    let (figure, why) = found.expect("a measure");
    let unit = world.measures[&key().measure].unit;
    match (figure.value, why) {
        (Some(value), _) => format!("{}{}", number(value, unit), marks(figure.marks)),
        (None, why) => format!("{}: {}", figure.marks, why.unwrap_or_default()),
    }
}

/// A figure as an indicator has it, which knows what was last published.
pub(crate) fn revised(example: &Example) -> String {
    let world = World::of(example);
    let figure = home(&world).indicator.value;
    let value = figure.value.expect("a figure");
    format!("{}{}", number(value, Unit::Count), marks(figure.marks))
}

/// Every period under both definitions.
pub(crate) fn restated(example: &Example) -> String {
    let world = World::of(example);
    let side = |measure: &str| Definition { measure: measure.into(), area: key().area };
    let (old, new) = example.text("restate").split_once(" under ").expect("two measures");
    let rows = restate(world.series(), &side(old), &side(new), &world.definitions());
    let shown = |figure: &model::Figure| match figure.value {
        Some(value) => value.to_string(),
        None => figure.marks.to_string(),
    };
    let rows = rows.iter().map(|row| {
        let difference = row.difference.map_or("-".to_owned(), |it| it.to_string());
        format!("{}: {}, {}, {difference}", row.period, shown(&row.old), shown(&row.new))
    });
    rows.collect::<Vec<_>>().join("; ")
}

fn marks(marks: Marks) -> String {
    if marks.is_empty() { String::new() } else { format!(" {marks}") }
}

fn number(value: i64, unit: Unit) -> String {
    let sign = if value < 0 { "-" } else { "" };
    let (whole, rest) = (value.unsigned_abs() / 100, value.unsigned_abs() % 100);
    match unit {
        Unit::Count => value.to_string(),
        Unit::Pounds => format!("{sign}£{whole}.{rest:02}"),
        Unit::Percent => format!("{sign}{whole}.{rest:02} %"),
        Unit::Decimal => format!("{sign}{whole}.{rest:02}"),
    }
}

fn home(world: &World) -> Assessed {
    world.assessed().rows.remove(&key()).expect("the home area")
}

pub(crate) fn change(example: &Example) -> String {
    let world = World::of(example);
    let unit = world.measures[&key().measure].unit;
    let indicator = home(&world).indicator;
    let Some(Change { absolute, tenths_pct, p_value, evidence }) = indicator.change else {
        let why = indicator.gaps.iter().find(|gap| gap.contains("not comparable"));
        return format!("no change: {}", why.unwrap_or(&indicator.gaps[0]));
    };
    let percent = tenths_pct.map_or_else(
        || "no percentage".to_owned(),
        |tenths| {
            let sign = if tenths < 0 { '-' } else { '+' };
            format!("{sign}{}.{} %", tenths.abs() / 10, tenths.abs() % 10)
        },
    );
    let evidence = evidence.zip(p_value).map_or_else(
        || "not tested".to_owned(),
        |(evidence, p)| format!("{}, {}", p_value_words(p), evidence.as_str()),
    );
    let sign = if 0 < absolute { "+" } else { "" };
    let size = number(absolute, unit).replace(" %", " points");
    format!("{sign}{size}; {percent}; {evidence}")
}

pub(crate) fn verdict(example: &Example) -> String {
    let Assessed { verdict, reason, .. } = home(&World::of(example));
    format!("{}: {reason}", verdict.as_str())
}

pub(crate) fn statuses(example: &Example) -> String {
    let statuses = home(&World::of(example)).statuses;
    let comparison = statuses.comparison.map_or("not-compared", |flag| flag.as_str());
    format!(
        "data {}, variation {}, comparison {comparison}, target {}",
        statuses.data.as_str(),
        statuses.variation.as_str(),
        statuses.target.as_str()
    )
}

pub(crate) fn held(example: &Example) -> String {
    let held = home(&World::of(example)).indicator.held;
    if held.is_empty() {
        return "nothing is held".to_owned();
    }
    let held = held.iter().map(|it| {
        let (period, value, usual) = (it.figure.period, it.value, it.usual);
        format!("{period}, {value} where {usual} is usual")
    });
    held.collect::<Vec<_>>().join("; ")
}

pub(crate) fn peers(example: &Example) -> String {
    let indicator = home(&World::of(example)).indicator;
    let Some(position) = &indicator.position else {
        let why = indicator.gaps.iter().find(|gap| gap.starts_with("no position"));
        return why.cloned().unwrap_or_else(|| "no position".to_owned());
    };
    let Position { place, tied, of, peers } = position;
    let tied = if *tied { ", tied" } else { "" };
    let then = indicator.position_year_before.as_ref();
    let then = then.map_or_else(String::new, |then| format!(", {} a year before", then.place));
    let average = indicator.peer_average.expect("an average");
    let flag = indicator.peers.expect("a standing").flag.as_str();
    format!("{place} of {of}{tied}{then} among {peers}; average {average:.4}; {flag}")
}

fn shown_number(shown: &ShownNumber) -> String {
    shown.value().map_or_else(|| shown.marks().to_string(), |value| value.to_string())
}

/// The whole and its parts, as readers see them.
pub(crate) fn shown(example: &Example) -> String {
    let table = World::of(example).disclosed();
    let rows = table.rows().map(|(key, row)| {
        let part = key.breakdown.iter().next().map_or("whole", |(_, part)| part);
        format!("{part} {}", shown_number(&row.value))
    });
    rows.collect::<Vec<_>>().join(", ")
}

/// What readers see of a figure, its change and its verdict.
pub(crate) fn shown_verdict(example: &Example) -> String {
    let world = World::of(example);
    let table = world.disclosed();
    let row: &DisclosedIndicator = table.get(&key()).expect("the home area");
    format!(
        "{} against {}, change {}; {}: {}",
        shown_number(&row.value),
        shown_number(&row.year_before),
        shown_number(&row.change),
        row.verdict.as_str(),
        row.reason
    )
}

pub(crate) fn success(example: &Example) -> String {
    let world = World::of(example);
    let (table, partnership) = (world.disclosed(), &world.partnership);
    let outcomes = judge_success(&table, partnership, &world.measures, &world.actions, world.as_of);
    let [outcome] = outcomes.as_slice() else { panic!("{example}: one rule, please") };
    format!("{}: {}", outcome.verdict.as_str(), outcome.sentence)
}
