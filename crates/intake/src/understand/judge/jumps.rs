//! Figures that lie far from those before them.
//!
//! A figure x is compared with the middle m of at least four earlier figures of its series (the
//! latest twelve at most). It is a jump when all of these hold:
//!
//! - it is at least `times` as much as m, or at most one `times`-th of it;
//! - it differs from m by more than `at_least`, and by more than four times the square root of m.
//!   Counts of rare events scatter by about that root: 25 may well be 35 the next time, and 4
//!   may be 12;
//! - it lies outside everything seen before, below the least or above the most;
//! - the same stretch of the year before was not like it: what comes back every summer is no jump.
//!
//! Percentages are compared in points, money in pounds. Money is lumpy, so it is only judged where
//! the contract declares a tolerance.

use super::Noted;
use super::history::{Compared, History, Past, as_float, shown, written};
use crate::contract::{JumpRule, JumpTolerance};
use crate::understand::context::Context;
use crate::understand::gathered::quoted;
use model::{Severity, Unit};

const FIGURES_MIN: usize = 4;
const ROOTS: f64 = 4.0;

/// Every figure that jumps.
pub(super) fn check(context: &Context<'_>, history: &History<'_, '_>) -> Vec<Noted> {
    let checks = &context.figures.checks;
    let (tolerance, with_money) = match checks.jump {
        JumpRule::Off => return Vec::new(),
        JumpRule::Usual => (JumpTolerance::USUAL, false),
        JumpRule::Declared(tolerance) => (tolerance, true),
    };
    let severity = checks.severity_of("jump", tolerance.severity, Severity::Warning);
    let compared = history.compared().filter(|(past, _)| with_money || past.unit != Unit::Pounds);
    compared
        .filter_map(|(past, compared)| {
            let middle = compared.median(FIGURES_MIN)?;
            is_jump(past.unit, compared, middle, tolerance).then(|| {
                let mut noted = said(context, past, compared, middle);
                noted.finding.severity = severity;
                noted.settled()
            })
        })
        .collect()
}

fn is_jump(unit: Unit, compared: &Compared<'_>, middle: i64, tolerance: JumpTolerance) -> bool {
    let (value, centre) = (shown(unit, compared.value), shown(unit, middle));
    let seen = |value: i64| {
        compared.earlier.iter().any(|earlier| *earlier >= value)
            && compared.earlier.iter().any(|earlier| *earlier <= value)
    };
    let beyond = |centre: f64| {
        let times = as_float(tolerance.times_hundredths) / 100.0;
        let scatter = ROOTS * centre.abs().max(1.0).sqrt();
        let far = (value - centre).abs() > as_float(tolerance.at_least).max(scatter);
        let (low, high) = (value.abs().min(centre.abs()), value.abs().max(centre.abs()));
        let opposite = value * centre < 0.0;
        far && (opposite || high >= times * low)
    };
    !seen(compared.value)
        && beyond(centre)
        && compared.year_before.is_none_or(|before| beyond(shown(unit, before)))
}

fn said(context: &Context<'_>, past: &Past<'_, '_>, compared: &Compared<'_>, middle: i64) -> Noted {
    let (least, most) = (compared.earlier.iter().min(), compared.earlier.iter().max());
    let range = match (least, most) {
        (Some(least), Some(most)) => {
            format!("{} to {}", written(past.unit, *least), written(past.unit, *most))
        }
        _ => written(past.unit, middle),
    };
    let message = format!(
        "{} for {} in {} is {}: the {} figures before it were {range}",
        quoted(&compared.slot.label()),
        context.area_name(compared.slot.area()),
        compared.slot.period.calendar(),
        written(past.unit, compared.value),
        compared.earlier.len()
    );
    let hint = "check the figure; if it is right, say why it changed so much";
    Noted::warning_at("jump", &[compared.slot], message, hint)
}
