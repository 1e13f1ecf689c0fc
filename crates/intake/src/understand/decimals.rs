//! Decimal numbers out of text, digit by digit: no float is made of them.

use std::collections::BTreeSet;

use model::Unit;

use super::values::Repair;

/// A decimal number taken apart.
#[derive(Clone, Copy)]
pub(super) struct Decimal<'t> {
    pub(super) negative: bool,
    pub(super) whole: i128,
    /// The digits after the point; empty for none.
    pub(super) fraction: &'t str,
}

/// As many as a spreadsheet's number has when it is written out: `0.0013730181341370068`.
const FRACTION_DIGITS_MAX: usize = 40;

/// Takes sign, currency, percent sign, brackets and thousands separators off a number.
pub(super) fn bare_decimal<'t>(
    text: &'t str,
    unit: Unit,
    repairs: &mut BTreeSet<Repair>,
) -> Option<Decimal<'t>> {
    let mut rest = text;
    let mut negative = false;
    if let Some(inside) = rest.strip_prefix('(').and_then(|t| t.strip_suffix(')')) {
        repairs.insert(Repair::Brackets);
        negative = true;
        rest = inside.trim();
    }
    if let Some(after) = rest.strip_prefix(['-', '\u{2212}', '\u{2013}', '+']) {
        if rest.starts_with(['\u{2212}', '\u{2013}']) {
            repairs.insert(Repair::MinusSign);
        }
        if negative {
            return None;
        }
        negative = !rest.starts_with('+');
        rest = after.trim_start();
    }
    if let Some(after) = rest.strip_prefix('£') {
        if unit != Unit::Pounds && unit != Unit::Count {
            return None;
        }
        repairs.insert(Repair::Currency);
        rest = after.trim_start();
        if let Some(after) = rest.strip_prefix('-').filter(|_| !negative) {
            negative = true;
            rest = after;
        }
    }
    if let Some(before) = rest.strip_suffix('%') {
        if unit != Unit::Percent {
            return None;
        }
        repairs.insert(Repair::PercentSign);
        rest = before.trim_end();
    }
    let (whole, fraction) = rest.split_once('.').unwrap_or((rest, ""));
    let digits = |text: &str| text.chars().all(|c| c.is_ascii_digit());
    if !digits(fraction) || rest.ends_with('.') || fraction.len() > FRACTION_DIGITS_MAX {
        return None;
    }
    Some(Decimal { negative, whole: grouped(whole, repairs)?, fraction })
}

/// `160,259` or `160 259`: a first group of one to three digits, then groups of exactly three.
fn grouped(text: &str, repairs: &mut BTreeSet<Repair>) -> Option<i128> {
    const DIGITS_MAX: usize = 30;
    if text.is_empty() || text.len() > DIGITS_MAX {
        return None;
    }
    let groups: Vec<&str> = text.split([',', ' ', '\u{a0}', '\u{2009}', '\u{202f}']).collect();
    let sound =
        groups.iter().all(|group| !group.is_empty() && group.chars().all(|c| c.is_ascii_digit()));
    let regular = match groups.as_slice() {
        [_] => true,
        [first, rest @ ..] => first.len() <= 3 && rest.iter().all(|group| group.len() == 3),
        [] => false,
    };
    if !sound || !regular {
        return None;
    }
    if groups.len() > 1 {
        repairs.insert(Repair::Separators);
    }
    groups.concat().parse().ok()
}
