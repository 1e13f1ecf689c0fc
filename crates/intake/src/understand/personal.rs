//! Personal data at the door: found before anything else is made of a workbook.
//!
//! Quarterdeck holds aggregate figures only. A finding names the sheet and the cell and what kind
//! of detail it is; it never carries the detail.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use model::{CellAddress, Finding, Partnership, Place, Severity, folded_name};

use super::headings::HeadingKind;
use super::locate::HEADER_HEIGHT_MAX;
use super::patterns::{Detail, detail, is_titled, ten_digits};
use super::values::is_blank;
use crate::workbook::{Cell, Workbook};

/// What the scan needs to know beside the workbook.
pub(super) struct Scan<'a> {
    /// The first row of each sheet's table; details above it are how to reach the partner.
    pub(super) tables: &'a BTreeMap<String, u32>,
    /// Headings of columns known to be harmless.
    pub(super) allowed: &'a [String],
    /// The partner's own labels: names of places and things, not of people.
    pub(super) labels: BTreeSet<String>,
    pub(super) partnership: &'a Partnership,
}

type Column<'w> = Vec<(u32, Cell<'w>)>;

/// Finds personal data on every sheet, hidden ones too.
pub(super) fn scan(workbook: &Workbook, scan: &Scan<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for sheet in &workbook.sheets {
        let mut columns: BTreeMap<u32, Column<'_>> = BTreeMap::new();
        for (address, cell) in sheet.cells() {
            if !is_blank(cell) {
                columns.entry(address.column).or_default().push((address.row, cell));
            }
        }
        let table = scan.tables.get(&sheet.name).copied();
        for (column, cells) in &columns {
            let headed = headed_parts(cells, table, scan);
            let mut found: BTreeMap<&'static str, (u32, usize)> = BTreeMap::new();
            for part in
                headed.iter().filter(|part| part.kind.holds(part.cells, |text| scan.is_known(text)))
            {
                let count = part.cells.len();
                found.entry(part.kind.said()).or_insert((part.row, count));
            }
            let allowed = headed.iter().any(|part| part.kind == HeadingKind::Allowed);
            if !allowed {
                shaped(cells, table, &mut found);
            }
            for (what, (row, count)) in found {
                findings.push(finding(&sheet.name, CellAddress::new(row, *column), what, count));
            }
        }
    }
    findings
}

fn finding(sheet: &str, cell: CellAddress, what: &str, count: usize) -> Finding {
    let cells = if count == 1 { "one cell" } else { "several cells" };
    let place = Place::cell(sheet, cell);
    let message = format!(
        "the column from {cell} down seems to hold {what}, in {cells}: this return takes counts only, so nothing else in the file was read"
    );
    Finding::new(Severity::Error, "personal-data", place, message)
        .with_hint("delete the column and send counts only; delete the copy you sent as well")
}

/// Details known by their shape: anywhere for NHS and National Insurance numbers; in tables for
/// the rest, because titles and notes say how to reach the partner. Elsewhere it takes a list.
fn shaped(
    cells: &[(u32, Cell<'_>)],
    table: Option<u32>,
    found: &mut BTreeMap<&'static str, (u32, usize)>,
) {
    const LIST_MIN: usize = 3;
    let mut details: BTreeMap<Detail, (u32, usize, usize)> = BTreeMap::new();
    let mut add = |detail: Detail, row: u32| {
        let inside = table.is_some_and(|table| row >= table);
        let (_, all, in_table) = details.entry(detail).or_insert((row, 0, 0));
        *all += 1;
        *in_table += usize::from(inside);
    };
    let mut ungrouped: Vec<(u32, bool)> = Vec::new();
    for (row, cell) in cells {
        let text = match cell {
            Cell::Text(text) => Cow::Borrowed(*text),
            Cell::Number(number) if number.fract() == 0.0 => Cow::Owned(format!("{number:.0}")),
            _ => continue,
        };
        if let Some(digits) = ten_digits(&text) {
            if !digits.grouped {
                ungrouped.push((*row, digits.is_nhs_number));
            } else if digits.is_nhs_number {
                add(Detail::NhsNumber, *row);
            }
            // A telephone number without its blanks has eleven digits.
            continue;
        }
        if let Cell::Text(_) = cell {
            if let Some(detail) = detail(&text) {
                add(detail, *row);
            }
            if is_titled(&text) {
                add(Detail::Titled, *row);
            }
        }
    }
    // One ten-digit reference number in eleven has the check digit by chance; nearly all of a
    // column do only if that is what they are.
    let fitting = ungrouped.iter().filter(|(_, fits)| *fits).count();
    if fitting * 5 >= ungrouped.len() * 4 {
        for (row, _) in ungrouped.iter().filter(|(_, fits)| *fits) {
            add(Detail::NhsNumber, *row);
        }
    }
    for (detail, (row, all, in_table)) in details {
        let anywhere = matches!(detail, Detail::NhsNumber | Detail::InsuranceNumber);
        // One `Dr Smith` may be a practice; two of a column are people.
        let in_table_min = if detail == Detail::Titled { 2 } else { 1 };
        if anywhere || in_table >= in_table_min || all >= LIST_MIN {
            found.entry(detail.said()).or_insert((row, all));
        }
    }
}

struct HeadedPart<'c, 'w> {
    kind: HeadingKind,
    row: u32,
    cells: &'c [(u32, Cell<'w>)],
}

/// Cells below each heading of a column that has a meaning here, up to a gap or the next one.
///
/// A word that may mean people is a heading in the header row of a table, or where a list of its
/// own begins; among a table's cells `Victim Support` is an agency.
fn headed_parts<'c, 'w>(
    cells: &'c [(u32, Cell<'w>)],
    table: Option<u32>,
    scan: &Scan<'_>,
) -> Vec<HeadedPart<'c, 'w>> {
    const GAP_ROWS_MAX: u32 = 3;
    let rows: BTreeSet<u32> = cells.iter().map(|(row, _)| *row).collect();
    let is_inside = |row: u32| {
        let below = table.is_some_and(|top| row >= top + HEADER_HEIGHT_MAX);
        below && row.checked_sub(1).is_some_and(|above| rows.contains(&above))
    };
    let heading = |cell: &Cell<'_>| match cell {
        Cell::Text(text) => HeadingKind::of(text, scan.allowed),
        _ => None,
    };
    let mut parts: Vec<HeadedPart<'c, 'w>> = Vec::new();
    let mut rest = cells;
    while let [(row, cell), below @ ..] = rest {
        rest = below;
        let Some(kind) =
            heading(cell).filter(|kind| *kind != HeadingKind::MaybeName || !is_inside(*row))
        else {
            continue;
        };
        let mut last = *row;
        let length = below
            .iter()
            .take_while(|(row, cell)| {
                let near = row - last <= GAP_ROWS_MAX;
                last = *row;
                // Below `Client name` stands `Client A` as a name, not as the next heading.
                let ends = heading(cell).is_some_and(|next| {
                    kind == HeadingKind::MaybeName || next != HeadingKind::MaybeName
                });
                near && !ends
            })
            .count();
        parts.push(HeadedPart { kind, row: *row, cells: &below[..length] });
        rest = &below[length..];
    }
    parts
}

impl Scan<'_> {
    /// Whether a text is the name of an area, a partner or something the return counts.
    fn is_known(&self, text: &str) -> bool {
        let name = folded_name(text);
        self.labels.contains(&name)
            || self.partnership.partners.iter().any(|partner| folded_name(&partner.name) == name)
            || self.partnership.areas.iter().any(|area| {
                folded_name(&area.name) == name
                    || area.aliases.iter().any(|alias| folded_name(alias) == name)
            })
    }
}
