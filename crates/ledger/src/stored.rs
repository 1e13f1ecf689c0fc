//! Between stored text and the nouns that flow: the only place that knows how a value is written.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use model::{CellAddress, Finding, Place, Severity, SubmissionState};
use rusqlite::Row;
use rusqlite::types::Type;

use crate::error::UnreadableText;

/// A time as stored: always nine decimals, so that text order is time order.
pub(crate) fn time(at: Timestamp) -> String {
    format!("{at:.9}")
}

/// A size or count as stored.
pub(crate) fn integer(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

/// A key: any type made from text.
pub(crate) fn key<T: for<'a> From<&'a str>>(row: &Row<'_>, column: &str) -> rusqlite::Result<T> {
    let text: String = row.get(column)?;
    Ok(T::from(text.as_str()))
}

/// A size.
pub(crate) fn size(row: &Row<'_>, column: &str) -> rusqlite::Result<u64> {
    let value: i64 = row.get(column)?;
    u64::try_from(value).map_err(|_| unreadable(column, &value.to_string()))
}

/// Text that must parse.
pub(crate) fn parsed<T: FromStr>(row: &Row<'_>, column: &str) -> rusqlite::Result<T> {
    let text: String = row.get(column)?;
    text.parse().map_err(|_| unreadable(column, &text))
}

/// Text that must parse, if there is any.
pub(crate) fn parsed_if_any<T: FromStr>(
    row: &Row<'_>,
    column: &str,
) -> rusqlite::Result<Option<T>> {
    let text: Option<String> = row.get(column)?;
    text.map(|text| text.parse().map_err(|_| unreadable(column, &text))).transpose()
}

/// One of a fixed set of words.
pub(crate) fn word<T: Copy>(
    row: &Row<'_>,
    column: &str,
    all: &[T],
    name: impl Fn(T) -> &'static str,
) -> rusqlite::Result<T> {
    let text: String = row.get(column)?;
    all.iter().copied().find(|&value| name(value) == text).ok_or_else(|| unreadable(column, &text))
}

/// The state of a submission.
pub(crate) fn submission_state(row: &Row<'_>, column: &str) -> rusqlite::Result<SubmissionState> {
    const ALL: [SubmissionState; 5] = [
        SubmissionState::Received,
        SubmissionState::Accepted,
        SubmissionState::Refused,
        SubmissionState::Sealed,
        SubmissionState::Shredded,
    ];
    word(row, column, &ALL, SubmissionState::as_str)
}

/// A finding.
pub(crate) fn finding(row: &Row<'_>) -> rusqlite::Result<Finding> {
    const ALL: [Severity; 3] = [Severity::Error, Severity::Warning, Severity::Repair];
    Ok(Finding {
        severity: word(row, "severity", &ALL, Severity::as_str)?,
        code: row.get("code")?,
        place: Place { sheet: row.get("sheet")?, cell: parsed_if_any(row, "cell")? },
        message: row.get("message")?,
        hint: row.get("hint")?,
        also: cells(row, "also")?,
        proposal: row.get("proposal")?,
    })
}

/// Cells as stored: `B4 B7`.
pub(crate) fn cells_text(cells: &[CellAddress]) -> String {
    cells.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
}

fn cells(row: &Row<'_>, column: &str) -> rusqlite::Result<Vec<CellAddress>> {
    let text: String = row.get(column)?;
    text.split_whitespace()
        .map(|cell| cell.parse().map_err(|()| unreadable(column, &text)))
        .collect()
}

/// Stored text that cannot be read.
pub(crate) fn unreadable(column: &str, text: &str) -> rusqlite::Error {
    let inner = UnreadableText { column: column.to_owned(), text: text.to_owned() };
    rusqlite::Error::FromSqlConversionFailure(0, Type::Text, Box::new(inner))
}

/// Writes a value as stored text.
pub(crate) fn text(value: impl fmt::Display) -> String {
    value.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_order_is_time_order() {
        let early: Timestamp = "2025-07-21T08:00:00Z".parse().expect("valid");
        let late: Timestamp = "2025-07-21T08:00:00.5Z".parse().expect("valid");
        assert!(time(early) < time(late), "{} {}", time(early), time(late));
        assert_eq!(time(late).parse::<Timestamp>().expect("reads back"), late);
    }
}
