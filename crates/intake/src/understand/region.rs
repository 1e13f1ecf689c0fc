//! Which rows of a sheet a table may stand in, where the sheet holds several.

use super::labels::folded;
use super::page::{Page, PageRow};
use super::values::raw;
use crate::contract::TableLayout;
use crate::workbook::Cell;

/// How many texts like the one that starts a table are looked below.
const STARTS_MAX: usize = 20;

/// The stretches of rows in which the table may stand: the whole sheet, or what follows each text
/// that may start it, up to the text that ends it.
pub(super) fn stretches<'a>(page: &Page<'a>, layout: &TableLayout) -> Vec<Page<'a>> {
    let first_rows = if layout.starts_below.is_empty() {
        vec![page.first]
    } else {
        starts(page, &layout.starts_below)
    };
    first_rows
        .into_iter()
        .map(|first| {
            let end = page
                .rows(first.saturating_add(1)..)
                .find(|row| ends(*row, &layout.ends_at))
                .map_or(page.end, PageRow::number);
            page.within(first, end)
        })
        .collect()
}

/// Rows with a cell that starts with one of the texts; if there is none, that contains one.
fn starts(page: &Page<'_>, texts: &[String]) -> Vec<u32> {
    let texts: Vec<String> = texts.iter().map(|text| folded(text)).collect();
    let rows = |is: fn(&str, &str) -> bool| -> Vec<u32> {
        let holds = |row: &PageRow<'_>| {
            row.cells().any(|(_, cell)| {
                matches!(cell, Cell::Text(_)) && {
                    let cell = folded(&raw(cell));
                    texts.iter().any(|text| is(&cell, text))
                }
            })
        };
        page.rows(..).filter(holds).map(PageRow::number).take(STARTS_MAX).collect()
    };
    let first = rows(starts_with);
    if first.is_empty() { rows(contains) } else { first }
}

/// Whether a text starts with another, and that one ends there: `Table 2` does not start
/// `Table 20`.
fn starts_with(text: &str, start: &str) -> bool {
    let rest = text.strip_prefix(start);
    rest.is_some_and(|rest| !rest.starts_with(char::is_alphanumeric))
}

fn contains(text: &str, part: &str) -> bool {
    text.match_indices(part).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        before.is_none_or(|before| !before.is_alphanumeric()) && starts_with(&text[at..], part)
    })
}

/// Whether a row ends the table: its first text starts with one of these, and no figure follows
/// that it could be the label of.
fn ends(row: PageRow<'_>, texts: &[String]) -> bool {
    let mut cells = row.cells();
    let Some((_, Cell::Text(first))) = cells.next().filter(|_| !texts.is_empty()) else {
        return false;
    };
    let first = folded(first);
    let is_end = texts.iter().any(|text| starts_with(&first, &folded(text)));
    is_end
        && cells.all(|(_, cell)| match cell {
            Cell::Text(text) => !is_figure(text),
            Cell::Number(_) | Cell::FormulaWithoutValue | Cell::Error(_) => false,
            Cell::Bool(_) | Cell::Date(_) => true,
        })
}

/// Whether a text is a figure and nothing else: `1,234`, but not `1st dose`.
fn is_figure(text: &str) -> bool {
    text.contains(|c: char| c.is_ascii_digit())
        && text.chars().all(|c| c.is_ascii_digit() || c.is_whitespace() || "£%.,()-+".contains(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_found_whole() {
        for (text, start, whole) in [
            ("table 2: burglary", "table 2", true),
            ("table 2", "table 2", true),
            ("table 20", "table 2", false),
            ("sourced from", "source", false),
        ] {
            assert_eq!(starts_with(text, start), whole, "{text} / {start}");
        }
        assert!(contains("kent police, table 2: burglary", "table 2"));
        assert!(!contains("vegetable 2", "table 2"));
        assert!(is_figure("1,234 ") && is_figure("(12)"));
        assert!(!is_figure("1st dose") && !is_figure("-"));
    }
}
