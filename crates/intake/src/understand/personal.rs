//! Personal data at the door: found before anything else is made of a workbook.
//!
//! Quarterdeck holds aggregate figures only. A finding names the sheet and the cell and what kind
//! of detail it is; it never carries the detail, nor a sheet's name that is a person's.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};

use hashbrown::{HashMap, HashSet};
use jiff::civil::Date;
use model::{CellAddress, Finding, Partnership, Place, Severity, folded_name};

use super::details::{Clues, Facts, SMALLEST_TEN_DIGITS, says_something};
use super::headings::HeadingKind;
use super::locate::HEADER_HEIGHT_MAX;
use super::names::{Named, is_of_somebody, named};
use super::values::is_blank;
use crate::workbook::{Cell, Glimpse, Row, Sheet, Workbook};

/// What the scan needs to know beside the workbook.
pub(super) struct Scan<'a> {
    /// The first row of each sheet's table; details above it are how to reach the partner.
    pub(super) tables: &'a BTreeMap<String, u32>,
    /// Columns whose texts the contract keeps: nothing in them is ever excused.
    pub(super) kept: &'a BTreeSet<(String, u32)>,
    /// Headings of columns known to be harmless.
    pub(super) allowed: &'a [String],
    /// The partner's own labels, folded: names of places and things, not of people.
    pub(super) labels: BTreeSet<String>,
    pub(super) partnership: &'a Partnership,
    /// The last day of the period: births lie years before it.
    pub(super) last_day: Date,
    /// What is known, once it was asked for.
    pub(super) names: OnceCell<HashSet<String>>,
}

pub(super) type Column<'w> = Vec<(u32, Cell<'w>)>;

/// What was found in a column: each kind with its first row and how many cells.
type Found = BTreeMap<&'static str, (u32, usize)>;

/// Finds personal data on every sheet, hidden ones too.
pub(super) fn scan(workbook: &Workbook, scan: &Scan<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut facts = Facts::default();
    let mut telling = Telling::of(scan);
    for (index, sheet) in workbook.sheets.iter().enumerate() {
        let is_name = Named::Perhaps <= named(&sheet.name) || is_of_somebody(&sheet.name);
        let is_person = is_name && !scan.is_known(&sheet.name);
        let numbered = format!("(sheet {})", index + 1);
        let shown = if is_person { numbered.as_str() } else { &sheet.name };
        if is_person {
            findings.push(of_sheet_name(shown));
        }
        scan_sheet((sheet, shown), &mut telling, scan, &mut facts, &mut findings);
    }
    findings
}

fn scan_sheet<'w>(
    (sheet, shown): (&'w Sheet, &str),
    telling: &mut Telling<'_, 'w>,
    scan: &Scan<'_>,
    facts: &mut Facts<'w>,
    findings: &mut Vec<Finding>,
) {
    let telling = telling.columns(sheet);
    // Nearly always: figures and their labels, looked at text by text, not cell by cell.
    if telling.is_empty() {
        return;
    }
    let table = scan.tables.get(&sheet.name).copied();
    let sites = is_list_of_sites(sheet, table);
    let clues = Clues { table, visible: sheet.visible, sites };
    let mut allowed_columns = BTreeSet::new();
    for (column, cells) in &columns(sheet, &telling) {
        let headed = headed_parts(cells, table, scan);
        let mut found = Found::new();
        for part in &headed {
            if part.kind.holds(part.cells, |text| scan.is_known(text)) {
                found.entry(part.kind.said()).or_insert((part.row, part.cells.len()));
            }
        }
        let kept = scan.kept.contains(&(sheet.name.clone(), *column));
        if !kept && headed.iter().any(|part| part.kind == HeadingKind::Allowed) {
            allowed_columns.insert(*column);
        } else {
            let lead = headed.iter().any(|part| part.kind == HeadingKind::Lead);
            clues.shaped(cells, lead, facts, scan, &mut found);
        }
        findings.extend(of_column(shown, *column, found));
    }
    findings.extend(of_headings((sheet, shown), &allowed_columns, facts, scan));
}

/// The cells of some columns that hold something, from top to bottom.
fn columns<'w>(sheet: &'w Sheet, wanted: &BTreeSet<u32>) -> BTreeMap<u32, Column<'w>> {
    let mut columns: BTreeMap<u32, Column<'w>> = BTreeMap::new();
    for (address, cell) in sheet.cells() {
        if wanted.contains(&address.column) && !is_blank(cell) {
            columns.entry(address.column).or_default().push((address.row, cell));
        }
    }
    columns
}

/// Which texts say something by themselves that may be about people. Whatever says nothing here is
/// not worth a second look, in whatever company it stands.
struct Telling<'s, 'w> {
    scan: &'s Scan<'s>,
    /// Sheets of one workbook say the same texts again and again.
    texts: HashMap<&'w str, bool>,
}

impl<'s, 'w> Telling<'s, 'w> {
    fn of(scan: &'s Scan<'s>) -> Self {
        Self { scan, texts: HashMap::new() }
    }

    /// The columns of a sheet in which anything says something.
    fn columns(&mut self, sheet: &'w Sheet) -> BTreeSet<u32> {
        let texts: Vec<bool> = sheet.texts().map(|text| self.is_telling(text)).collect();
        let mut columns = BTreeSet::new();
        let any_text = texts.contains(&true);
        for row in sheet.rows(..) {
            for (column, glimpse) in row.glimpses() {
                let is_telling = match glimpse {
                    Glimpse::Text(text) => any_text && texts[text.index()],
                    Glimpse::Number(number) => number >= SMALLEST_TEN_DIGITS,
                    Glimpse::Date => true,
                    Glimpse::Other => false,
                };
                if is_telling {
                    columns.insert(column);
                }
            }
        }
        columns
    }

    fn is_telling(&mut self, text: &'w str) -> bool {
        *self.texts.entry(text).or_insert_with(|| {
            HeadingKind::of(text, self.scan.allowed).is_some()
                || says_something(text)
                || Named::Nobody < named(text) && !self.scan.is_known(text)
        })
    }
}

/// One finding for each column that must go, whatever it holds.
fn of_column(sheet: &str, column: u32, mut found: Found) -> Option<Finding> {
    // What kind of number it is says more.
    let general = HeadingKind::LongNumber.said();
    if found.len() > 1 && found.keys().any(|what| what.ends_with(" numbers") && *what != general) {
        found.remove(general);
    }
    let row = found.values().map(|(row, _)| *row).min()?;
    let count = found.values().map(|(_, count)| *count).max()?;
    let kinds: Vec<&str> = found.keys().copied().collect();
    let what = match kinds.as_slice() {
        [before @ .., last] if !before.is_empty() => format!("{} and {last}", before.join(", ")),
        kinds => kinds.concat(),
    };
    let cell = CellAddress::new(row, column);
    let cells = if count == 1 { "one cell" } else { "several cells" };
    let message = format!(
        "the column from {cell} down seems to hold {what}, in {cells}: this return takes counts only, so nothing else in the file was read"
    );
    let hint = "delete the column and send counts only; delete the copy you sent as well";
    Some(personal(Place::cell(sheet, cell), message, hint))
}

/// Names side by side: people as headings, each with a column of figures.
fn of_headings<'w>(
    (sheet, shown): (&'w Sheet, &str),
    allowed: &BTreeSet<u32>,
    facts: &mut Facts<'w>,
    scan: &Scan<'_>,
) -> Option<Finding> {
    const PEOPLE_MIN: usize = 3;
    for row in sheet.rows(..) {
        let (mut texts, mut people, mut first) = (0, 0, None);
        for (column, cell) in row.cells() {
            let Cell::Text(text) = cell else { continue };
            if is_blank(cell) || allowed.contains(&column) {
                continue;
            }
            texts += 1;
            if Named::Perhaps <= facts.of(text).named && !scan.is_known(text) {
                people += 1;
                first = first.or(Some(column));
            }
        }
        if let Some(first) = first.filter(|_| PEOPLE_MIN <= people && texts <= people * 2) {
            let cell = CellAddress::new(row.number(), first);
            let message = format!(
                "the row from {cell} on seems to hold names of people, in several cells: this return takes counts only, so nothing else in the file was read"
            );
            let hint = "give the counts without names; delete the copy you sent as well";
            return Some(personal(Place::cell(shown, cell), message, hint));
        }
    }
    None
}

fn of_sheet_name(sheet: &str) -> Finding {
    let message = "the name of the sheet seems to be a person's: this return takes counts only, so nothing else in the file was read".to_owned();
    let hint = "delete the sheet, or name it by what it counts; delete the copy you sent as well";
    personal(Place::sheet(sheet), message, hint)
}

fn personal(place: Place, message: String, hint: &str) -> Finding {
    Finding::new(Severity::Error, "personal-data", place, message).with_hint(hint)
}

/// Whether the headings say that each row is a place people go to: its address is no secret.
fn is_list_of_sites(sheet: &Sheet, table: Option<u32>) -> bool {
    #[rustfmt::skip]
    const SITES: &[&str] = &[
        "site", "sites", "venue", "school", "station", "stations", "office", "branch", "shop", "store", "premises", "hub", "centre",
        "provider", "organisation", "business", "hotspot", "park",
    ];
    let rows = table.map_or(0..u32::MAX, |top| top..top.saturating_add(HEADER_HEIGHT_MAX));
    let mut sites = false;
    for (_, cell) in sheet.rows(rows).flat_map(Row::cells) {
        let Cell::Text(text) = cell else { continue };
        // `4 Station Road` is no heading.
        if is_blank(cell) || text.len() > 60 || text.contains(|c: char| c.is_ascii_digit()) {
            continue;
        }
        if matches!(HeadingKind::of(text, &[]), Some(kind) if kind != HeadingKind::Address) {
            return false;
        }
        let lower = text.to_lowercase();
        sites |= lower.split(|c: char| !c.is_alphabetic()).any(|word| SITES.contains(&word));
    }
    sites
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
    /// The names of areas and partners and what the return counts, folded.
    fn known(&self) -> &HashSet<String> {
        self.names.get_or_init(|| {
            let partners = self.partnership.partners.iter().map(|partner| &partner.name);
            let areas = self.partnership.areas.iter();
            let areas = areas.flat_map(|area| std::iter::once(&area.name).chain(&area.aliases));
            let known = partners.chain(areas).map(|name| folded_name(name));
            known.chain(self.labels.iter().cloned()).collect()
        })
    }

    /// Whether a text is the name of an area, a partner or something the return counts.
    pub(super) fn is_known(&self, text: &str) -> bool {
        self.known().contains(&folded_name(text))
    }
}
