//! Finds a table by its headings, wherever it stands on the sheet.

use std::borrow::Cow;
use std::collections::BTreeSet;

use model::nearest;

use super::context::Context;
use super::heading_rows::{self, HeadingSays};
use super::labels::{is_any, is_total_word};
use super::likely::Likely;
use super::likeness::only_alike;
use super::page::{Page, PageRow};
use super::{forms, region};
use crate::contract::{TableLayout, ValueFrom, Where};

/// How far down a sheet headings are looked for.
const HEADER_ROWS_MAX: u32 = 60;
/// Over how many rows the headings of one table are spread at most.
pub(super) const HEADER_HEIGHT_MAX: u32 = 4;

/// A column of figures whose heading says what they are.
#[derive(Clone, Debug)]
pub(super) struct FigureColumn<'a> {
    pub(super) column: u32,
    pub(super) text: String,
    pub(super) says: HeadingSays<'a>,
}

/// A table's headings.
#[derive(Clone, Debug, Default)]
pub(super) struct Located<'a> {
    /// First row of the headings.
    pub(super) top: u32,
    /// Last row of the headings; the table starts below it.
    pub(super) bottom: u32,
    pub(super) area: Option<u32>,
    pub(super) measure: Option<u32>,
    pub(super) period: Option<u32>,
    /// The column of the year, where it stands apart from the period.
    pub(super) year: Option<u32>,
    pub(super) value: Option<u32>,
    /// Columns of breakdowns, with the place of each in the layout's list.
    pub(super) breakdowns: Vec<(usize, u32)>,
    pub(super) figures: Vec<FigureColumn<'a>>,
    pub(super) totals: Vec<u32>,
    /// Columns of totals that the contract does not name, but their headings do.
    pub(super) undeclared_totals: Vec<u32>,
    pub(super) change_number: Option<u32>,
    pub(super) change_percent: Option<u32>,
    /// Columns left out on purpose.
    pub(super) ignored: BTreeSet<u32>,
    /// Columns with a heading the contract does not know.
    pub(super) unknown: Vec<(u32, String)>,
}

impl Located<'_> {
    /// The columns whose cells say what a row is about, in the order of what they say.
    pub(super) fn key_columns(&self) -> Vec<u32> {
        [self.measure, self.area, self.year, self.period]
            .into_iter()
            .flatten()
            .chain(self.breakdowns.iter().map(|(_, column)| *column))
            .collect()
    }

    /// How many columns of figures there are, and how much their headings say.
    fn said(&self) -> (usize, usize) {
        let parts = self.figures.iter().map(|figure| figure.says.part.iter().count());
        (self.figures.len(), parts.sum())
    }

    /// The columns claimed by their headings: what rows are about, and the figures.
    pub(super) fn claimed(&self) -> BTreeSet<u32> {
        self.key_columns().into_iter().chain(self.value).collect()
    }
}

/// Headings that were looked for and not found, in the row that came nearest.
#[derive(Default)]
pub(super) struct NotLocated {
    /// Texts of which one starts the table, if none of them is there.
    pub(super) start: Vec<String>,
    pub(super) missing: Vec<String>,
    /// The nearest row, if any heading was found at all.
    pub(super) row: Option<u32>,
    /// A heading there that may be the missing one.
    pub(super) near: Option<String>,
}

impl NotLocated {
    /// How far the row is from being the right one.
    fn distance(&self) -> (usize, bool, bool) {
        (self.missing.len(), self.near.is_none(), self.row.is_none())
    }
}

/// Finds a table: the stretch of rows it stands in, and its headings there.
pub(super) fn locate<'a>(
    page: &Page<'a>,
    layout: &TableLayout,
    context: &Context<'a>,
) -> Result<(Page<'a>, Located<'a>), NotLocated> {
    let mut nearest_miss: Option<NotLocated> = None;
    let mut best: Option<(Page<'a>, Located<'a>)> = None;
    let stretches = region::stretches(page, layout);
    if stretches.is_empty() {
        return Err(NotLocated { start: layout.starts_below.clone(), ..NotLocated::default() });
    }
    for stretch in stretches {
        let found = match layout.value {
            ValueFrom::Cells(_) => forms::locate(&stretch, context),
            _ => find_headings(&stretch, layout, context),
        };
        match found {
            // A list of contents names the table too: the nearest headings below are its own.
            Ok(located) => {
                let gap = |(page, located): &(Page<'_>, Located<'_>)| located.top - page.first;
                let found = (stretch, located);
                if best.as_ref().is_none_or(|best| gap(&found) < gap(best)) {
                    best = Some(found);
                }
            }
            Err(miss) => {
                if nearest_miss.as_ref().is_none_or(|near| miss.distance() < near.distance()) {
                    nearest_miss = Some(miss);
                }
            }
        }
    }
    best.ok_or_else(|| nearest_miss.unwrap_or_default())
}

/// Finds the table's headings in the first sixty rows: the rows that hold every declared heading
/// and the most headings of figures.
fn find_headings<'a>(
    page: &Page<'a>,
    layout: &TableLayout,
    context: &Context<'a>,
) -> Result<Located<'a>, NotLocated> {
    let end = page.first.saturating_add(HEADER_ROWS_MAX);
    let places = || {
        page.rows(..end).map(PageRow::number).flat_map(|bottom| {
            let heights = 1..=HEADER_HEIGHT_MAX.min(bottom + 1 - page.first);
            heights.map(move |height| (bottom + 1 - height, bottom))
        })
    };
    let mut best: Option<Located<'a>> = None;
    let likely = Likely::of(page, &wanted(layout), end, HEADER_ROWS_MAX);
    for (top, bottom) in places().filter(|(top, bottom)| likely.may_hold(*top, *bottom)) {
        if let Ok(found) = headings(page, layout, context, top, bottom)
            && best.as_ref().is_none_or(|best| best.said() < found.said())
        {
            best = Some(found);
        }
    }
    best.ok_or_else(|| {
        let mut nearest_miss = NotLocated {
            missing: wanted(layout).iter().map(|names| names[0].clone()).collect(),
            ..NotLocated::default()
        };
        for (top, bottom) in places() {
            if let Err(miss) = headings(page, layout, context, top, bottom)
                && miss.distance() < nearest_miss.distance()
            {
                nearest_miss = miss;
            }
        }
        nearest_miss
    })
}

/// The declared headings, each with its synonyms.
fn wanted(layout: &TableLayout) -> Vec<&[String]> {
    let mut wanted: Vec<&[String]> = Vec::new();
    wanted.extend(layout.measure.column().map(|column| &column.header[..]));
    wanted.extend(layout.area.column().map(|column| &column.header[..]));
    wanted.extend((!layout.period.year.is_empty()).then_some(&layout.period.year[..]));
    wanted.extend(layout.period.place.column().map(|column| &column.header[..]));
    if let ValueFrom::Column(header) = &layout.value {
        wanted.push(header);
    }
    let parts = layout.breakdowns.iter().filter_map(|part| part.place.column());
    wanted.extend(parts.map(|column| &column.header[..]));
    wanted
}

fn headings<'a>(
    page: &Page<'a>,
    layout: &TableLayout,
    context: &Context<'a>,
    top: u32,
    bottom: u32,
) -> Result<Located<'a>, NotLocated> {
    let columns: BTreeSet<u32> = page.rows(top..=bottom).flat_map(PageRow::columns).collect();
    let mut claimed: BTreeSet<u32> = BTreeSet::new();
    let mut missing = Vec::new();
    let mut claim = |names: &[String]| {
        let found = columns
            .iter()
            .copied()
            .find(|column| {
                !claimed.contains(column) && is_headed(page, top, bottom, *column, names)
            })
            .or_else(|| {
                let mut open = columns.iter().copied().filter(|column| !claimed.contains(column));
                open.find(|column| is_headed_alike(page, top, bottom, *column, names))
            })
            .or_else(|| {
                let unheaded = names.iter().any(|name| name.trim().is_empty());
                unheaded.then(|| column_without_heading(page, bottom, &columns, &claimed))?
            });
        match found {
            Some(column) => {
                claimed.insert(column);
            }
            None => missing.push(names[0].clone()),
        }
        found
    };
    let mut located = Located { top, bottom, ..Located::default() };
    located.measure = layout.measure.column().and_then(|column| claim(&column.header));
    located.area = layout.area.column().and_then(|column| claim(&column.header));
    if !layout.period.year.is_empty() {
        located.year = claim(&layout.period.year);
    }
    located.period = layout.period.place.column().and_then(|column| claim(&column.header));
    if let ValueFrom::Column(header) = &layout.value {
        located.value = claim(header);
    }
    for (index, part) in layout.breakdowns.iter().enumerate() {
        let column = part.place.column().and_then(|column| claim(&column.header));
        located.breakdowns.extend(column.map(|column| (index, column)));
    }
    if !missing.is_empty() {
        let texts: Vec<String> = columns
            .iter()
            .filter(|column| !claimed.contains(column))
            .filter_map(|column| heading_text(page, top, bottom, *column))
            .collect();
        let near = nearest(&missing[0], texts.iter().map(String::as_str)).map(str::to_owned);
        let row = (!claimed.is_empty() || near.is_some()).then_some(bottom);
        return Err(NotLocated { missing, row, near, ..NotLocated::default() });
    }
    let free: Vec<u32> = columns.difference(&claimed).copied().collect();
    sort_columns(&mut located, page, layout, context, &free);
    if layout.value == ValueFrom::HeaderRow && located.figures.is_empty() {
        return Err(NotLocated {
            missing: vec![across(layout).to_owned()],
            row: (!claimed.is_empty()).then_some(bottom),
            ..NotLocated::default()
        });
    }
    Ok(located)
}

/// The first column left of all headings that holds something below them.
fn column_without_heading(
    page: &Page<'_>,
    bottom: u32,
    headed: &BTreeSet<u32>,
    claimed: &BTreeSet<u32>,
) -> Option<u32> {
    let first = headed
        .iter()
        .copied()
        .find(|column| !claimed.contains(column))
        .or_else(|| headed.last().map(|last| last + 1))?;
    let below = page.rows(bottom + 1..=bottom.saturating_add(HEADER_ROWS_MAX));
    below
        .flat_map(PageRow::columns)
        .filter(|column| *column < first && !claimed.contains(column) && !headed.contains(column))
        .min()
}

/// What the headings of the figures' columns are.
fn across(layout: &TableLayout) -> &'static str {
    match (&layout.period.place, &layout.area) {
        (Where::HeaderRow, _) => "months across the columns",
        (_, Where::HeaderRow) => "areas across the columns",
        _ => "columns of figures",
    }
}

/// Says of every column without a declared heading what it holds.
fn sort_columns<'a>(
    located: &mut Located<'a>,
    page: &Page<'a>,
    layout: &TableLayout,
    context: &Context<'a>,
    free: &[u32],
) {
    let checks = &context.figures.checks;
    let (top, bottom) = (located.top, located.bottom);
    let axes =
        [layout.measure.is_heading(), layout.area.is_heading(), layout.period.place.is_heading()];
    let parts = layout.breakdowns.iter().filter(|part| part.place.is_heading()).count();
    let several = axes.iter().filter(|axis| **axis).count() + parts > 1;
    for column in free.iter().copied() {
        let Some(text) = heading_text(page, top, bottom, column) else {
            continue;
        };
        let headed = |names: &[String]| is_headed(page, top, bottom, column, names);
        if headed(&layout.totals) {
            located.totals.push(column);
        } else if headed(&layout.ignore)
            || heading_rows::stands_under(page, located, column, &layout.ignore)
        {
            located.ignored.insert(column);
        } else if located.change_number.is_none() && headed(&checks.change_number) {
            located.change_number = Some(column);
        } else if located.change_percent.is_none() && headed(&checks.change_percent) {
            located.change_percent = Some(column);
        } else if layout.value != ValueFrom::HeaderRow {
            // A long table or a list of records may carry columns nobody asked for.
            located.ignored.insert(column);
        } else if let Some(says) = heading_rows::says(page, layout, context, located, column) {
            located.figures.push(FigureColumn { column, text, says });
        } else if is_total_word(&text) {
            located.totals.push(column);
            located.undeclared_totals.push(column);
        } else {
            let text = match heading_rows::written(page, located, column) {
                written if several => written,
                _ => text,
            };
            located.unknown.push((column, text));
        }
    }
}

/// The lowest text among a column's heading cells.
fn heading_text(page: &Page<'_>, top: u32, bottom: u32, column: u32) -> Option<String> {
    (top..=bottom).rev().find_map(|row| page.text(row, column)).map(Cow::into_owned)
}

fn is_headed(page: &Page<'_>, top: u32, bottom: u32, column: u32, names: &[String]) -> bool {
    if names.is_empty() {
        return false;
    }
    let texts: Vec<Cow<'_, str>> =
        (top..=bottom).filter_map(|row| page.text(row, column)).collect();
    texts.iter().any(|text| is_any(names, text)) || is_any(names, &texts.join(" "))
}

/// Whether a column's own heading is one of the names but for number and punctuation.
fn is_headed_alike(page: &Page<'_>, top: u32, bottom: u32, column: u32, names: &[String]) -> bool {
    (top..=bottom)
        .filter_map(|row| page.text(row, column))
        .any(|text| only_alike(names.iter().map(String::as_str), &text).is_some())
}
