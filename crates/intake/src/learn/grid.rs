//! A sheet at a glance: every cell with what it seems to hold.

use std::collections::BTreeMap;

use model::CellAddress;

use crate::understand::glance::{Glance, glance};
use crate::workbook::Sheet;

/// How many rows of a sheet are looked at: what a table is like is plain long before.
pub(super) const ROWS_MAX: usize = 5_000;

/// A cell as it looks.
#[derive(Clone, Debug)]
pub(super) struct Seen {
    pub(super) looks: Glance,
    pub(super) text: String,
}

impl Seen {
    /// A number, or a text that is one.
    pub(super) fn is_number(&self) -> bool {
        matches!(self.looks, Glance::Number(_) | Glance::NumberText(_))
    }

    /// A number, or what stands in its place.
    pub(super) fn is_figure(&self) -> bool {
        self.is_number() || matches!(self.looks, Glance::Mark | Glance::Broken)
    }

    /// The number it holds.
    pub(super) fn number(&self) -> Option<f64> {
        match self.looks {
            Glance::Number(number) | Glance::NumberText(number) => Some(number),
            _ => None,
        }
    }

    /// A number that can be a calendar year.
    pub(super) fn year(&self) -> Option<i16> {
        match self.looks {
            Glance::YearText(year) => Some(year),
            Glance::Number(number) if number.fract() == 0.0 => {
                (1990..2100).find(|year| (f64::from(*year) - number).abs() < 0.5)
            }
            _ => None,
        }
    }

    /// A day, a period, a month: something about time that is no number.
    pub(super) fn is_time(&self) -> bool {
        matches!(
            self.looks,
            Glance::Day(_) | Glance::Period(_) | Glance::BareMonth(_) | Glance::YearText(_)
        )
    }

    pub(super) fn is_text(&self) -> bool {
        self.looks == Glance::Text
    }

    /// On one line, trimmed.
    pub(super) fn line(&self) -> String {
        self.text.split_whitespace().collect::<Vec<_>>().join(" ")
    }
}

/// The cells of one row.
pub(super) type Row = BTreeMap<u32, Seen>;

/// A sheet at a glance.
#[derive(Clone, Debug)]
pub(super) struct Grid<'w> {
    pub(super) name: &'w str,
    pub(super) rows: BTreeMap<u32, Row>,
    /// Whether there are more rows than were looked at.
    pub(super) is_cut: bool,
}

impl<'w> Grid<'w> {
    pub(super) fn of(sheet: &'w Sheet) -> Self {
        let mut rows: BTreeMap<u32, Row> = BTreeMap::new();
        let mut is_cut = false;
        for (address, cell) in sheet.cells() {
            let Some((looks, text)) = glance(cell) else {
                continue;
            };
            if rows.len() == ROWS_MAX && !rows.contains_key(&address.row) {
                is_cut = true;
                break;
            }
            rows.entry(address.row).or_default().insert(address.column, Seen { looks, text });
        }
        Self { name: &sheet.name, rows, is_cut }
    }

    pub(super) fn seen(&self, row: u32, column: u32) -> Option<&Seen> {
        self.rows.get(&row)?.get(&column)
    }
}

/// A cell as a person writes it: `C12`.
pub(super) fn cell(row: u32, column: u32) -> String {
    CellAddress::new(row, column).to_string()
}

/// The first cells of a list, and how many more there are.
pub(super) fn cells(all: &[CellAddress]) -> String {
    const SHOWN_MAX: usize = 5;
    let shown: Vec<String> = all.iter().take(SHOWN_MAX).map(ToString::to_string).collect();
    let more = all.len().saturating_sub(SHOWN_MAX);
    let shown = shown.join(", ");
    if more == 0 { shown } else { format!("{shown} and {more} more") }
}
