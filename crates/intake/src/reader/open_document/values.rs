//! The value of a cell, from what the file says of it.

use crate::reader::dates;
use crate::workbook::Cell;

/// What a cell says of itself in attributes.
#[derive(Debug, Default)]
pub(super) struct Said {
    pub(super) kind: String,
    pub(super) is_error: bool,
    pub(super) is_formula: bool,
    pub(super) value: Option<String>,
    pub(super) date: Option<String>,
    pub(super) time: Option<String>,
    pub(super) truth: Option<String>,
    pub(super) text: Option<String>,
}

/// A cell and its text.
#[derive(Debug, PartialEq)]
pub(super) enum Value {
    Text(String),
    Error(String),
    Plain(Cell<'static>),
}

impl Value {
    pub(super) fn cell(&self) -> Cell<'_> {
        match self {
            Self::Text(text) => Cell::Text(text),
            Self::Error(error) => Cell::Error(error),
            Self::Plain(cell) => *cell,
        }
    }
}

/// What the cell holds; `None` for nothing, `Err` for a value that is none.
pub(super) fn cell(said: Said, shown: String) -> Result<Option<Value>, ()> {
    let Said { kind, is_error, is_formula, value, date, time, truth, text } = said;
    // Programs that cannot store an error store a zero, and show the error.
    if is_error || (is_formula && looks_like_error(&shown)) {
        return Ok(Some(Value::Error(shown.chars().take(40).collect())));
    }
    let filled = |text: String| (!text.is_empty()).then_some(Value::Text(text));
    Ok(match kind.as_str() {
        "float" | "percentage" | "currency" => {
            let number: f64 = value.ok_or(())?.trim().parse().map_err(drop)?;
            Some(if number.is_finite() {
                Value::Plain(Cell::Number(number))
            } else {
                return Err(());
            })
        }
        "date" => {
            let date = date.ok_or(())?;
            Some(
                dates::from_iso(&date)
                    .map_or_else(|| Value::Text(date), |it| Value::Plain(Cell::Date(it))),
            )
        }
        "time" => {
            let time = time.ok_or(())?;
            Some(
                duration_days(&time)
                    .map_or_else(|| Value::Text(time), |it| Value::Plain(Cell::Number(it))),
            )
        }
        "boolean" => match truth.as_deref() {
            Some("true" | "TRUE") => Some(Value::Plain(Cell::Bool(true))),
            Some("false" | "FALSE") => Some(Value::Plain(Cell::Bool(false))),
            _ => return Err(()),
        },
        "string" => filled(text.unwrap_or(shown)),
        "" | "void" => match filled(text.unwrap_or(shown)) {
            None if is_formula => Some(Value::Plain(Cell::FormulaWithoutValue)),
            cell => cell,
        },
        _ => return Err(()),
    })
}

fn looks_like_error(shown: &str) -> bool {
    let known = ["#DIV/0!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!"];
    let shown = shown.trim();
    let is_number = |code: &str| !code.is_empty() && code.bytes().all(|it| it.is_ascii_digit());
    known.contains(&shown) || shown.strip_prefix("Err:").is_some_and(is_number)
}

/// Days of a duration such as `PT10H37M12.5S`, as spreadsheets count them.
fn duration_days(text: &str) -> Option<f64> {
    let mut rest = text.trim().strip_prefix("PT")?;
    let mut seconds = 0.0;
    for (unit, unit_seconds) in [('H', 3600.0), ('M', 60.0), ('S', 1.0)] {
        if let Some((number, after)) = rest.split_once(unit) {
            let is_plain = number.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
            seconds += number.parse::<f64>().ok().filter(|_| is_plain)? * unit_seconds;
            rest = after;
        }
    }
    rest.is_empty().then_some(seconds / 86_400.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_days() {
        let days = |text| duration_days(text).map(|days| days * 86_400.0);
        assert_eq!(days("PT255H10M10S"), Some(255.0 * 3600.0 + 610.0));
        assert_eq!(days("PT1.5S"), Some(1.5));
        for text in ["PT", "10H", "PT1X", "PT-1H", "PT1H2", "P1D"] {
            assert_eq!(days(text).filter(|days| *days > 0.0), None, "{text}");
        }
    }

    #[test]
    fn errors_that_were_stored_as_zero_are_errors() {
        let said =
            || Said { kind: "float".to_owned(), value: Some("0".to_owned()), ..Said::default() };
        let formula = |shown: &str| cell(Said { is_formula: true, ..said() }, shown.to_owned());
        assert_eq!(formula("#DIV/0!"), Ok(Some(Value::Error("#DIV/0!".to_owned()))));
        assert_eq!(formula("Err:502"), Ok(Some(Value::Error("Err:502".to_owned()))));
        assert_eq!(formula("0"), Ok(Some(Value::Plain(Cell::Number(0.0)))));
        assert_eq!(cell(said(), "#DIV/0!".to_owned()), Ok(Some(Value::Plain(Cell::Number(0.0)))));
        let bad = Said { value: Some("1e999".to_owned()), ..said() };
        assert_eq!(cell(bad, String::new()), Err(()));
    }
}
