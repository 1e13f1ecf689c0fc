//! Another unit: every figure of a measure about ten, a hundred or a thousand times what it was.

use std::collections::BTreeMap;

use super::Noted;
use super::history::{Compared, History, as_float, written};
use super::line::Lines;
use crate::contract::PercentScale;
use crate::understand::context::Context;
use crate::understand::slot::Slot;
use model::{MeasureId, Unit};

/// How many figures must agree on the factor.
const FIGURES_MIN: usize = 3;
/// How many earlier figures make a middle.
const EARLIER_MIN: usize = 2;
/// Smallest figures that are compared, on either side: the power of ten of 3 against 20 is chance.
const LARGER_MIN: i64 = 10;
/// How far the factor may be from a power of ten, in powers of ten: 0.2 is 0.63 to 1.58 times it.
const POWER_TOLERANCE: f64 = 0.2;

/// A figure, and the middle of its earlier ones.
type Pair<'g> = (&'g Compared<'g>, i64);

/// Measures of which every figure is the same power of ten away from the middle of its earlier
/// figures. Figures that are zero on both sides say nothing; a figure where there was none, or
/// none where there was one of three digits or more, says that it is something else.
pub(super) fn check(context: &Context<'_>, history: &History<'_, '_>) -> Vec<Noted> {
    let mut measures: BTreeMap<&MeasureId, (Unit, Vec<Pair<'_>>)> = BTreeMap::new();
    for (past, compared) in history.compared() {
        if let Some(middle) = compared.median(EARLIER_MIN) {
            let measure = &past.line.series.measure;
            measures.entry(measure).or_insert((past.unit, Vec::new())).1.push((compared, middle));
        }
    }
    measures
        .into_iter()
        .filter_map(|(measure, (unit, pairs))| {
            let power = common_power(&pairs)?;
            Some(said(context, measure, unit, &pairs, power))
        })
        .collect()
}

/// The power of ten, not zero, that all figures agree on.
fn common_power(pairs: &[Pair<'_>]) -> Option<i32> {
    const LOST_MIN: i64 = 1_000;
    let mut agreed: Option<i32> = None;
    let mut figures = 0;
    for (compared, middle) in pairs {
        let (now, before) = (compared.value, *middle);
        match (now, before) {
            (0, 0) => continue,
            // A small figure in a larger unit is nothing.
            (0, before) if (1..LOST_MIN).contains(&before) => continue,
            (now, before) if now <= 0 || before <= 0 => return None,
            (now, before) if now.max(before) < LARGER_MIN => continue,
            _ => {}
        }
        let power = (as_float(now) / as_float(before)).log10();
        let whole = power.round();
        if (power - whole).abs() > POWER_TOLERANCE {
            return None;
        }
        let whole = whole_number(whole)?;
        if whole == 0 || agreed.is_some_and(|agreed| agreed != whole) {
            return None;
        }
        agreed = Some(whole);
        figures += 1;
    }
    agreed.filter(|_| figures >= FIGURES_MIN)
}

/// A small float without a fraction.
fn whole_number(value: f64) -> Option<i32> {
    (-9..=9).find(|whole| (f64::from(*whole) - value).abs() < 0.5)
}

fn said(
    context: &Context<'_>,
    measure: &MeasureId,
    unit: Unit,
    pairs: &[Pair<'_>],
    power: i32,
) -> Noted {
    let factor = 10_i64.pow(power.unsigned_abs());
    let (what, hint) = match (unit, power > 0, factor) {
        (Unit::Pounds, true, 100) => ("times", "is it in pence? Give pounds"),
        (Unit::Pounds, false, 1000) => ("th of", "is it in thousands of pounds? Give pounds"),
        (Unit::Percent, false, 100) => {
            ("th of", "is it a fraction? Give per cent, 0 to 100, as agreed")
        }
        (_, true, _) => ("times", "give the figures in the unit agreed"),
        (_, false, _) => ("th of", "give the figures in the unit agreed"),
    };
    let (first, middle) = pairs[0];
    let message = format!(
        "every figure of {} is about {}{factor}{}{what} what it was before: {} where {} was usual",
        context.measure_name(measure, &model::Breakdown::all()),
        if power > 0 { "" } else { "a " },
        if power > 0 { " " } else { "" },
        written(unit, first.value),
        written(unit, middle)
    );
    let slots: Vec<&Slot> = pairs.iter().map(|(compared, _)| compared.slot).collect();
    Noted::warning_at("unit-changed", &slots, message, hint)
}

/// Percentages that all lie between 0 and 1 although per cent run to 100 in this return, or none
/// of which is below 100 although they run to 1. Said without looking at history.
pub(super) fn fractions(context: &Context<'_>, lines: &Lines<'_>) -> Vec<Noted> {
    const ONE_PERCENT: i64 = 100;
    const ALL: i64 = 10_000;
    let mut measures: BTreeMap<&MeasureId, Vec<&Slot>> = BTreeMap::new();
    for line in &lines.0 {
        if context.unit(&line.series.measure) == Unit::Percent {
            measures.entry(&line.series.measure).or_default().extend(line.slots);
        }
    }
    let scale = context.figures.percent_scale;
    measures
        .into_iter()
        .filter_map(|(measure, slots)| {
            let typed: Vec<&Slot> = slots
                .into_iter()
                .filter(|slot| slot.number().is_some_and(|number| number != 0))
                .filter(|slot| slot.is_read() && !slot.raw().contains('%'))
                .collect();
            let numbers: Vec<i64> = typed.iter().filter_map(|slot| slot.number()).collect();
            let wrong = match scale {
                PercentScale::Hundred => {
                    numbers.iter().all(|number| (1..=ONE_PERCENT).contains(number))
                        && numbers.iter().any(|number| *number < ONE_PERCENT)
                }
                PercentScale::One => numbers.iter().all(|number| *number > ALL),
            };
            if numbers.len() < FIGURES_MIN || !wrong {
                return None;
            }
            let name = context.measure_name(measure, &model::Breakdown::all());
            let (message, hint) = match scale {
                PercentScale::Hundred => (
                    format!("every percentage of {name} is between 0 and 1"),
                    "if 0.12 means 12%, write 12; percentages run from 0 to 100 in this return",
                ),
                PercentScale::One => (
                    format!("every percentage of {name} is more than 100%"),
                    "if 12 means 12%, write 0.12 or 12%; percentages run from 0 to 1 in this return",
                ),
            };
            Some(Noted::warning_at("percent-as-fraction", &typed, message, hint))
        })
        .collect()
}
