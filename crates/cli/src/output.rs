//! Standard output and standard error: results to the one, everything else to the other.

use std::io::{IsTerminal as _, Write as _, stderr, stdout};

use serde::Serialize;
use serde_json::{Map, Value};

/// Prints text as it is.
pub(crate) fn text(text: &str) -> anyhow::Result<()> {
    bytes(text.as_bytes())
}

/// Prints bytes as they are.
pub(crate) fn bytes(bytes: &[u8]) -> anyhow::Result<()> {
    let mut out = stdout().lock();
    out.write_all(bytes)?;
    Ok(out.flush()?)
}

/// Prints one JSON document: the command's schema first, then what it gives.
pub(crate) fn json(command: &str, content: impl Serialize) -> anyhow::Result<()> {
    let mut document = Map::new();
    document.insert("schema".to_owned(), Value::String(format!("quarterdeck/{command}/1")));
    match serde_json::to_value(content)? {
        Value::Object(fields) => document.extend(fields),
        other => {
            document.insert(command.to_owned(), other);
        }
    }
    let mut text = serde_json::to_string_pretty(&Value::Object(document))?;
    text.push('\n');
    bytes(text.as_bytes())
}

/// Says on standard error what went wrong.
pub(crate) fn error(message: &str) {
    let mut out = stderr().lock();
    let mut lines = message.lines();
    let first = lines.next().unwrap_or("unknown error");
    // Nothing can be done about a standard error that cannot be written to.
    drop(writeln!(out, "error: {first}"));
    for line in lines {
        drop(writeln!(out, "error: {line}"));
    }
}

/// Says something on standard error that is neither result nor error.
pub(crate) fn note(message: &str) {
    drop(writeln!(stderr().lock(), "{message}"));
}

/// Whether somebody is looking at standard error.
pub(crate) fn is_watched() -> bool {
    stderr().is_terminal()
}

/// Adds a line to a text.
pub(crate) fn line(text: &mut String, line: impl AsRef<str>) {
    text.push_str(line.as_ref());
    text.push('\n');
}

/// A table in columns: a heading, rows; the last column is not padded.
pub(crate) fn table(heading: &[&str], rows: &[Vec<String>]) -> String {
    let mut widths: Vec<usize> = heading.iter().map(|cell| cell.chars().count()).collect();
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let heading: Vec<String> = heading.iter().map(|cell| (*cell).to_owned()).collect();
    let mut text = String::new();
    for row in std::iter::once(&heading).chain(rows) {
        let mut line = String::new();
        for (index, (cell, width)) in row.iter().zip(&widths).enumerate() {
            if index > 0 {
                line.push_str("  ");
            }
            line.push_str(cell);
            let padding = width.saturating_sub(cell.chars().count());
            line.extend(std::iter::repeat_n(' ', padding));
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}
