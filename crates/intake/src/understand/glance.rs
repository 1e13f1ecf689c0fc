//! How a single cell looks to somebody who does not know the return yet: by the same rules as it
//! will be read by once there is a contract.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use model::{Area, Finding, Partnership, Period, Unit};

use super::decimals::bare_decimal;
use super::names::{Named, named};
use super::patterns::detail;
use super::periods::{self, Said};
use super::personal;
use super::values::{is_blank, raw};
use crate::contract::DateOrder;
use crate::workbook::{Cell, Workbook};

/// What a cell seems to hold.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Glance {
    /// A number.
    Number(f64),
    /// A text that reads as a number: `160,259 `.
    NumberText(f64),
    /// What stands in place of a number: `-`, `*`, `..`, `<5`, `n/a`.
    Mark,
    /// A single day.
    Day(Date),
    /// A period, year and all.
    Period(Period),
    /// A month without its year.
    BareMonth(i8),
    /// A year written as text.
    YearText(i16),
    /// `#REF!`, or a formula without a value.
    Broken,
    /// Any other text.
    Text,
}

/// A cell at a glance; `None` for a blank one.
pub(crate) fn glance(cell: Cell<'_>) -> Option<(Glance, String)> {
    if is_blank(cell) {
        return None;
    }
    let seen = match cell {
        Cell::Number(number) => Glance::Number(number),
        Cell::Date(date) => Glance::Day(date.date()),
        Cell::Error(_) | Cell::FormulaWithoutValue => Glance::Broken,
        Cell::Bool(_) => Glance::Text,
        Cell::Text(text) => glance_text(text),
    };
    Some((seen, raw(cell).into_owned()))
}

/// A text at a glance.
pub(crate) fn glance_text(text: &str) -> Glance {
    let text = text.trim();
    if let Some(day) = periods::read_day(text, DateOrder::DayFirst) {
        return Glance::Day(day);
    }
    match periods::read(text, DateOrder::DayFirst) {
        Some(Said::Period(period)) => return Glance::Period(period),
        Some(Said::BareMonth(month)) => return Glance::BareMonth(month),
        Some(Said::Year(year)) => return Glance::YearText(year),
        Some(Said::BareQuarter(_)) | None => {}
    }
    if is_mark(text) {
        return Glance::Mark;
    }
    let mut repairs = BTreeSet::new();
    // Percent takes the most: signs, brackets, decimals.
    match bare_decimal(text, Unit::Percent, &mut repairs) {
        Some(decimal) => {
            let sign = if decimal.negative { "-" } else { "" };
            let number = format!("{sign}{}.{}0", decimal.whole, decimal.fraction);
            number.parse().map_or(Glance::Text, Glance::NumberText)
        }
        None => Glance::Text,
    }
}

/// Whether a text stands in place of a number.
fn is_mark(text: &str) -> bool {
    const CHARACTERS_MAX: usize = 4;
    const WORDS: &[&str] = &["n/a", "na", "nil", "none", "nk", "not available"];
    let lower = text.to_lowercase();
    if WORDS.contains(&lower.as_str()) {
        return true;
    }
    let is_shorthand = lower.len() == 3 && lower.starts_with('[') && lower.ends_with(']');
    let below = lower.strip_prefix(['<', '≤']).is_some_and(|rest| {
        !rest.trim().is_empty() && rest.trim().chars().all(|c| c.is_ascii_digit())
    });
    let signs = lower.chars().count() <= CHARACTERS_MAX
        && !lower.chars().any(|c| c.is_alphanumeric() || matches!(c, '%' | '£' | '+' | '#' | '№'));
    is_shorthand || below || signs
}

/// A label as it is compared: lower case, without footnote marks.
pub(crate) fn bare_label(text: &str) -> String {
    super::labels::bare(text)
}

/// A label on one line, as it is written but for its footnote marks.
pub(crate) fn unmarked(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let wanted = bare_label(&line);
    let mut kept = line.as_str();
    while let Some((end, _)) = kept.char_indices().next_back() {
        let shorter = kept[..end].trim_end();
        if shorter.is_empty() || bare_label(shorter) != wanted {
            break;
        }
        kept = shorter;
    }
    kept.to_owned()
}

/// The period a title speaks of among other things.
pub(crate) fn period_in(text: &str) -> Option<Period> {
    periods::find(text)
}

/// The areas a text can mean, by a code in it, then by name; several where namesakes are known.
pub(crate) fn areas_in<'p>(partnership: &'p Partnership, text: &str) -> Vec<&'p Area> {
    if let Some(code) = code_in(text) {
        return partnership.areas_named(code, None);
    }
    let found = partnership.areas_named(text, None);
    if !found.is_empty() {
        return found;
    }
    // What is left without a footnote must mean one area.
    let bare = partnership.areas_named(&bare_label(text), None);
    if bare.len() == 1 { bare } else { Vec::new() }
}

/// A GSS code in a text: a letter and eight digits.
pub(crate) fn code_in(text: &str) -> Option<&str> {
    text.split(|c: char| !c.is_ascii_alphanumeric()).find(|word| super::context::is_code(word))
}

/// A text of the workbook for a comment; none where it could be about a person.
pub(crate) fn quotable(text: &str) -> Option<String> {
    const CHARACTERS_MAX: usize = 100;
    let line: String = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let line: String = line.chars().filter(|c| !c.is_control()).collect();
    let long = line.chars().count() > CHARACTERS_MAX;
    (!long && is_harmless(&line)).then_some(line)
}

/// Whether a text has nothing in it that could be about a person.
pub(crate) fn is_harmless(text: &str) -> bool {
    detail(text).is_none() && named(text) < Named::Perhaps
}

/// A label as a category or an identifier: `New Ash Green` is `new-ash-green`.
pub(crate) fn slug(text: &str) -> String {
    super::labels::category(text)
}

/// Personal data anywhere in a workbook of which only the tables' first rows are known.
pub(crate) fn personal_data(
    workbook: &Workbook,
    partnership: &Partnership,
    tables: &BTreeMap<String, u32>,
) -> Vec<Finding> {
    // There is no period yet: births lie long before any return.
    let last_day = jiff::civil::date(2020, 1, 1);
    let (kept, labels) = (BTreeSet::new(), BTreeSet::new());
    let scan = personal::Scan {
        tables,
        kept: &kept,
        allowed: &[],
        labels,
        partnership,
        last_day,
        names: std::cell::OnceCell::new(),
    };
    personal::scan(workbook, &scan)
}
