//! A single figure: from a cell to a number in the measure's smallest unit, or why there is none.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use model::{Figure, Mark, Unit};

use super::decimals::{Decimal, bare_decimal};
use crate::contract::{PercentScale, Symbol};
use crate::workbook::{Cell, FileKind};

/// How figures are to be read.
#[derive(Clone, Copy)]
pub(super) struct ValueRules<'a> {
    pub(super) unit: Unit,
    pub(super) symbols: &'a BTreeMap<String, Symbol>,
    pub(super) percent_scale: PercentScale,
    pub(super) kind: FileKind,
}

/// What had to be done to a cell to read it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Repair {
    NumberAsText,
    Blanks,
    Separators,
    Currency,
    PercentSign,
    Brackets,
    MinusSign,
    Rounded,
}

impl Repair {
    /// Its finding's code.
    pub(super) fn code(self) -> &'static str {
        match self {
            Self::NumberAsText => "number-as-text",
            Self::Blanks => "blanks-removed",
            Self::Separators => "separators-removed",
            Self::Currency => "pound-sign-removed",
            Self::PercentSign => "percent-sign-removed",
            Self::Brackets => "brackets-as-minus",
            Self::MinusSign => "minus-sign-replaced",
            Self::Rounded => "rounded",
        }
    }

    /// What was done, for the person who filled in the sheet.
    pub(super) fn said(self) -> &'static str {
        match self {
            Self::NumberAsText => "number stored as text read as a number",
            Self::Blanks => "blanks around the number removed",
            Self::Separators => "thousands separators removed",
            Self::Currency => "pound sign removed",
            Self::PercentSign => "percent sign removed",
            Self::Brackets => "brackets read as a minus sign",
            Self::MinusSign => "typographic minus sign read as a minus sign",
            Self::Rounded => "rounded to two decimal places",
        }
    }
}

/// What a cell gave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Reading {
    /// A figure, what was repaired to read it, and the declared mark it was written as, if any.
    Figure { figure: Figure, repairs: BTreeSet<Repair>, symbol: Option<String> },
    /// Nothing in it.
    Blank,
    /// Something that cannot be a figure of this measure.
    Problem(Problem),
}

/// Why a cell is no figure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Problem {
    NotANumber,
    FractionInCount,
    NegativeCount,
    Date,
    ErrorValue,
    FormulaWithoutValue,
    TooLarge,
    PrecisionLost,
}

impl Problem {
    /// The finding's code, what is wrong, and what to do.
    pub(super) fn said(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::NotANumber => (
                "not-a-number",
                "is not a number",
                "give the number alone; put remarks in a note below the table",
            ),
            Self::FractionInCount => (
                "fraction-in-count",
                "is not a whole number, but this is a count",
                "give the count itself, not an average or a rate",
            ),
            Self::NegativeCount => (
                "negative-count",
                "is negative, but this is a count",
                "give the corrected count for the month it belongs to",
            ),
            Self::Date => (
                "date-in-count",
                "is a date, but a number belongs here",
                "format the cell as a number and type the figure again",
            ),
            Self::ErrorValue => (
                "error-value",
                "is an error value, not a number",
                "correct the formula, or type the figure",
            ),
            Self::FormulaWithoutValue => (
                "formula-without-value",
                "is a formula whose result was not saved with the file",
                "open the workbook in Excel or LibreOffice, save it and send it again",
            ),
            Self::TooLarge => (
                "number-too-large",
                "is too large to be a figure of this return",
                "check the figure",
            ),
            Self::PrecisionLost => (
                "precision-lost",
                "has lost digits: a spreadsheet keeps fifteen of a number, and `1.2E+11` shows even fewer",
                "give the whole number again, from where it came from",
            ),
        }
    }
}

/// No figure of a return is larger, in its smallest unit.
const VALUE_MAX: i128 = 1_000_000_000_000;

/// The text of a cell as it stands, for tracing.
pub(super) fn raw(cell: Cell<'_>) -> Cow<'_, str> {
    match cell {
        Cell::Text(text) | Cell::Error(text) => text.into(),
        Cell::Number(number) => match whole(number) {
            Some(whole) => whole.to_string().into(),
            None => number.to_string().into(),
        },
        Cell::Bool(true) => "TRUE".into(),
        Cell::Bool(false) => "FALSE".into(),
        Cell::Date(date) => date.date().to_string().into(),
        Cell::FormulaWithoutValue => "(formula without a saved result)".into(),
    }
}

/// The number as a whole one, if nothing is lost; minus zero is none.
pub(super) fn whole(number: f64) -> Option<i64> {
    const EXACT_MAX: f64 = 1e15;
    let is_whole = number.fract() == 0.0 && number.abs() < EXACT_MAX;
    if !is_whole || number == 0.0 && number.is_sign_negative() {
        return None;
    }
    #[expect(clippy::cast_possible_truncation, reason = "it is whole and far below 2^63")]
    Some(number as i64)
}

/// Whether a cell holds nothing anybody could see.
pub(super) fn is_blank(cell: Cell<'_>) -> bool {
    matches!(cell, Cell::Text(text) if text.trim().is_empty())
}

/// Reads a cell as a figure.
pub(super) fn read(cell: Option<Cell<'_>>, rules: &ValueRules<'_>) -> Reading {
    match cell {
        None => blank(rules),
        Some(cell) if is_blank(cell) => blank(rules),
        Some(Cell::Text(text)) => read_text(text, rules),
        Some(Cell::Number(number)) => read_number(number, rules),
        Some(Cell::Bool(_)) => Reading::Problem(Problem::NotANumber),
        Some(Cell::Date(_)) => Reading::Problem(Problem::Date),
        Some(Cell::Error(_)) => Reading::Problem(Problem::ErrorValue),
        Some(Cell::FormulaWithoutValue) => Reading::Problem(Problem::FormulaWithoutValue),
    }
}

fn blank(rules: &ValueRules<'_>) -> Reading {
    match rules.symbols.get("") {
        Some(Symbol::Missing(mark)) => missing(*mark, ""),
        Some(Symbol::Zero) | None => Reading::Blank,
    }
}

fn missing(mark: Mark, written: &str) -> Reading {
    Reading::Figure {
        figure: Figure::missing(mark),
        repairs: BTreeSet::new(),
        symbol: Some(written.to_owned()),
    }
}

/// A mark as compared: `< 5` is `<5`, `N/A` is `n/a`.
fn mark_letters(mark: &str) -> impl Iterator<Item = char> {
    mark.chars().filter(|c| !c.is_whitespace()).flat_map(char::to_lowercase)
}

/// A mark as compared, as text.
pub(crate) fn symbol_key(mark: &str) -> String {
    mark_letters(mark).collect()
}

fn read_text(text: &str, rules: &ValueRules<'_>) -> Reading {
    let trimmed = text.trim();
    let declared =
        rules.symbols.iter().find(|(written, _)| mark_letters(written).eq(mark_letters(trimmed)));
    match declared {
        Some((written, Symbol::Zero)) => {
            return Reading::Figure {
                figure: Figure::number(0),
                repairs: BTreeSet::new(),
                symbol: Some(written.clone()),
            };
        }
        Some((written, Symbol::Missing(mark))) => return missing(*mark, written),
        None => {}
    }
    if let Some(problem) = not_as_typed(trimmed) {
        return Reading::Problem(problem);
    }
    let (number, marks) = shorthand(trimmed);
    if number.is_empty() {
        // `[x]` alone: the Government Analysis Function's marks need no declaration.
        return match marks.as_slice() {
            [mark] if mark.replaces_number() => missing(*mark, trimmed),
            _ => Reading::Problem(Problem::NotANumber),
        };
    }
    if marks.iter().any(|mark| mark.replaces_number()) {
        return Reading::Problem(Problem::NotANumber);
    }
    let mut repairs = BTreeSet::new();
    if trimmed.len() != text.len() {
        repairs.insert(Repair::Blanks);
    }
    let Some(decimal) = bare_decimal(number, rules.unit, &mut repairs) else {
        return Reading::Problem(Problem::NotANumber);
    };
    if rules.kind != FileKind::Csv {
        repairs.insert(Repair::NumberAsText);
        repairs.remove(&Repair::Blanks);
    }
    let mut reading = in_smallest_unit(decimal, rules.unit, repairs);
    if let Reading::Figure { figure, .. } = &mut reading {
        for mark in marks {
            figure.marks.insert(mark);
        }
    }
    reading
}

/// What a spreadsheet has made of a figure: a date, or a number without its last digits.
fn not_as_typed(text: &str) -> Option<Problem> {
    /// How many digits of a number a spreadsheet keeps.
    const DIGITS_MAX: usize = 15;
    let bytes = text.as_bytes();
    let digits = || bytes.iter().take_while(|byte| matches!(byte, b'0'..=b'9' | b',' | b' '));
    let whole = digits().filter(|byte| byte.is_ascii_digit()).count();
    if whole > DIGITS_MAX {
        return Some(Problem::PrecisionLost);
    }
    if let Some((mantissa, exponent)) = text.split_once(['E', 'e'])
        && mantissa.parse::<f64>().is_ok()
        && exponent.starts_with('+')
        && exponent[1..].parse::<u8>().is_ok()
    {
        return Some(Problem::PrecisionLost);
    }
    let has_digit = bytes.iter().any(u8::is_ascii_digit);
    let is_plain = bytes.iter().all(|byte| matches!(byte, b'0'..=b'9' | b',' | b'.' | b' '));
    let is_date = has_digit && !is_plain && super::periods::is_date_like(text);
    is_date.then_some(Problem::Date)
}

/// Whether a text may be a mark that somebody agreed on: `*`, `..`, `<5`, `nil`, `n/a`. Other
/// words may be anything, a name too.
pub(super) fn is_mark_like(text: &str) -> bool {
    const CHARACTERS_MAX: usize = 4;
    const WORDS: &[&str] = &["nil", "n/a", "na", "nk", "n/k", "nr", "tbc", "none", "x", "c", "z"];
    let length = text.chars().count();
    let plain = !text.chars().any(|c| c.is_alphabetic() || c == '"');
    (1..=CHARACTERS_MAX).contains(&length)
        && (plain || WORDS.contains(&text.to_lowercase().as_str()))
}

/// Splits the shorthand marks off the end of a figure: `1,234 [p][r]`.
fn shorthand(text: &str) -> (&str, Vec<Mark>) {
    let mut number = text;
    let mut marks = Vec::new();
    while let Some(inside) = number.strip_suffix(']') {
        let Some((before, letter)) = inside.rsplit_once('[') else {
            break;
        };
        let Some(mark) = Mark::from_letter(&letter.to_lowercase()) else {
            break;
        };
        marks.push(mark);
        number = before.trim_end();
    }
    (number, marks)
}

fn read_number(number: f64, rules: &ValueRules<'_>) -> Reading {
    let percent = rules.unit == Unit::Percent && rules.percent_scale == PercentScale::One;
    let number = if percent { number * 100.0 } else { number };
    // Spreadsheets keep 15 digits: 11.999999999999998 is twelve.
    let near = (number - number.round()).abs() < 1e-9;
    if let Some(whole) = whole(number.round()).filter(|_| near) {
        let decimal = Decimal { negative: whole < 0, whole: i128::from(whole).abs(), fraction: "" };
        return in_smallest_unit(decimal, rules.unit, BTreeSet::new());
    }
    let text = if near { format!("{:.0}", number.round()) } else { format!("{number}") };
    let mut repairs = BTreeSet::new();
    match bare_decimal(&text, rules.unit, &mut repairs) {
        Some(decimal) => in_smallest_unit(decimal, rules.unit, repairs),
        None => Reading::Problem(Problem::TooLarge),
    }
}

fn in_smallest_unit(decimal: Decimal<'_>, unit: Unit, mut repairs: BTreeSet<Repair>) -> Reading {
    let Decimal { negative, whole, fraction } = decimal;
    let decimals = usize::try_from(unit.decimals()).expect("0 or 2");
    let fraction = fraction.trim_end_matches('0');
    if unit == Unit::Count && !fraction.is_empty() {
        return Reading::Problem(Problem::FractionInCount);
    }
    let scale = 10_i128.pow(unit.decimals());
    let mut value = whole * scale;
    if !fraction.is_empty() {
        let kept: String = fraction.chars().chain("00".chars()).take(decimals).collect();
        value += kept.parse::<i128>().unwrap_or(0);
    }
    if fraction.len() > decimals {
        repairs.insert(Repair::Rounded);
        // Half goes away from zero, as people round.
        if fraction.as_bytes()[decimals] >= b'5' {
            value += 1;
        }
    }
    if negative && unit == Unit::Count && value != 0 {
        return Reading::Problem(Problem::NegativeCount);
    }
    if value > VALUE_MAX {
        return Reading::Problem(Problem::TooLarge);
    }
    let value = i64::try_from(value).expect("at most a million million");
    Reading::Figure {
        figure: Figure::number(if negative { -value } else { value }),
        repairs,
        symbol: None,
    }
}

#[cfg(test)]
mod tests;
