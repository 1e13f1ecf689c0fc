//! Finds a table by its headings, wherever it stands on the sheet.

use std::borrow::Cow;
use std::collections::BTreeSet;

use model::{AreaCode, Month, Period, nearest};

use super::context::Context;
use super::labels::{folded, is_any};
use super::page::{Page, PageRow};
use super::periods::{self, Said};
use crate::contract::{DateOrder, Label, TableLayout, ValueFrom, Where};
use crate::workbook::Cell;

/// How far down a sheet headings are looked for.
const HEADER_ROWS_MAX: u32 = 60;
/// Over how many rows the headings of one table are spread at most.
pub(super) const HEADER_HEIGHT_MAX: u32 = 3;

/// What the heading of a column of figures says.
#[derive(Clone, Debug)]
pub(super) enum Heading<'a> {
    Period(Period),
    Label(&'a Label),
    Area(AreaCode),
}

/// A column of figures whose heading says what they are.
#[derive(Clone, Debug)]
pub(super) struct FigureColumn<'a> {
    pub(super) column: u32,
    pub(super) text: String,
    pub(super) says: Heading<'a>,
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
    pub(super) value: Option<u32>,
    pub(super) breakdowns: Vec<u32>,
    pub(super) figures: Vec<FigureColumn<'a>>,
    pub(super) totals: Vec<u32>,
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
        [self.measure, self.area, self.period]
            .into_iter()
            .flatten()
            .chain(self.breakdowns.iter().copied())
            .collect()
    }
}

/// Headings that were looked for and not found, in the row that came nearest.
pub(super) struct NotLocated {
    pub(super) missing: Vec<String>,
    /// The nearest row, if any heading was found at all.
    pub(super) row: Option<u32>,
    /// A heading there that may be the missing one.
    pub(super) near: Option<String>,
}

impl NotLocated {
    /// How far the row is from being the right one.
    fn distance(&self) -> (usize, bool) {
        (self.missing.len(), self.near.is_none())
    }
}

/// Finds the table's headings in the first sixty rows: the rows that hold every declared heading
/// and the most headings of figures.
pub(super) fn locate<'a>(
    page: &Page<'a>,
    layout: &TableLayout,
    context: &Context<'a>,
) -> Result<Located<'a>, NotLocated> {
    let mut best: Option<Located<'a>> = None;
    let mut nearest_miss = NotLocated {
        missing: wanted(layout).iter().map(|names| names[0].clone()).collect(),
        row: None,
        near: None,
    };
    for bottom in page.rows(..HEADER_ROWS_MAX).map(PageRow::number) {
        for height in 1..=HEADER_HEIGHT_MAX.min(bottom + 1) {
            match headings(page, layout, context, bottom + 1 - height, bottom) {
                Ok(found) => {
                    let better =
                        best.as_ref().is_none_or(|best| best.figures.len() < found.figures.len());
                    if better {
                        best = Some(found);
                    }
                }
                Err(miss) if miss.distance() < nearest_miss.distance() => {
                    nearest_miss = miss;
                }
                Err(_) => {}
            }
        }
    }
    best.ok_or(nearest_miss)
}

/// The declared headings, each with its synonyms.
fn wanted(layout: &TableLayout) -> Vec<&[String]> {
    let mut wanted: Vec<&[String]> = Vec::new();
    wanted.extend(layout.measure.column().map(|column| &column.header[..]));
    wanted.extend(layout.area.column().map(|column| &column.header[..]));
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
        let found = columns.iter().copied().find(|column| {
            !claimed.contains(column) && is_headed(page, top, bottom, *column, names)
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
    located.period = layout.period.place.column().and_then(|column| claim(&column.header));
    if let ValueFrom::Column(header) = &layout.value {
        located.value = claim(header);
    }
    for column in layout.breakdowns.iter().filter_map(|part| part.place.column()) {
        located.breakdowns.extend(claim(&column.header));
    }
    if !missing.is_empty() {
        let texts: Vec<String> = columns
            .iter()
            .filter(|column| !claimed.contains(column))
            .filter_map(|column| heading_text(page, top, bottom, *column))
            .collect();
        let near = nearest(&missing[0], texts.iter().map(String::as_str)).map(str::to_owned);
        let row = (!claimed.is_empty() || near.is_some()).then_some(bottom);
        return Err(NotLocated { missing, row, near });
    }
    let free: Vec<u32> = columns.difference(&claimed).copied().collect();
    sort_columns(&mut located, page, layout, context, &free);
    if layout.value == ValueFrom::HeaderRow && located.figures.is_empty() {
        return Err(NotLocated {
            missing: vec![across(layout).to_owned()],
            row: (!claimed.is_empty()).then_some(bottom),
            near: None,
        });
    }
    Ok(located)
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
    for column in free.iter().copied() {
        let Some(text) = heading_text(page, top, bottom, column) else {
            continue;
        };
        let headed = |names: &[String]| is_headed(page, top, bottom, column, names);
        if headed(&layout.totals) {
            located.totals.push(column);
        } else if headed(&layout.ignore) {
            located.ignored.insert(column);
        } else if located.change_number.is_none() && headed(&checks.change_number) {
            located.change_number = Some(column);
        } else if located.change_percent.is_none() && headed(&checks.change_percent) {
            located.change_percent = Some(column);
        } else if layout.value != ValueFrom::HeaderRow {
            // A long table or a list of records may carry columns nobody asked for.
            located.ignored.insert(column);
        } else if let Some(says) = heading(page, layout, context, located, column, &text) {
            located.figures.push(FigureColumn { column, text, says });
        } else {
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

fn heading<'a>(
    page: &Page<'a>,
    layout: &TableLayout,
    context: &Context<'a>,
    located: &Located<'a>,
    column: u32,
    text: &str,
) -> Option<Heading<'a>> {
    if layout.measure.is_heading() {
        return context.labels.find(text).map(Heading::Label);
    }
    if layout.area.is_heading() {
        let geography = context.table_geography(layout);
        return context.area(text, geography).ok().map(Heading::Area);
    }
    let row = (located.top..=located.bottom).rev().find(|row| page.cell(*row, column).is_some())?;
    if let Some(Cell::Date(date)) = page.cell(row, column) {
        return Some(Heading::Period(Period::month(Month::of(date.date()))));
    }
    match periods::read(text, DateOrder::DayFirst)? {
        Said::Period(period) => Some(Heading::Period(period)),
        Said::BareMonth(month) => {
            let before = located.figures.last().and_then(|figure| match figure.says {
                Heading::Period(period) => Some(period.last()),
                Heading::Label(_) | Heading::Area(_) => None,
            });
            year_above(page, row, column, month)
                .or_else(|| before.and_then(|before| next_month_named(before, month)))
                .or_else(|| {
                    title_period(page, located.top, &[])
                        .and_then(|title| within_a_year(title.last(), month))
                })
                .or_else(|| within_a_year(context.expected.last(), month))
                .map(|month| Heading::Period(Period::month(month)))
        }
        Said::Year(_) => None,
    }
}

/// The year of a month from the nearest year above it, or above a column to its left: a merged
/// year stands above the first of its columns.
fn year_above(page: &Page<'_>, row: u32, column: u32, month: i8) -> Option<Month> {
    (row.saturating_sub(HEADER_HEIGHT_MAX)..row).rev().find_map(|above| {
        let cells = page.row(above)?.cells();
        let (_, cell) = cells.take_while(|(left, _)| *left <= column).last()?;
        let text = super::values::raw(cell);
        match periods::read(&text, DateOrder::DayFirst)? {
            Said::Year(year) => Month::new(year, month),
            Said::Period(period) => period.months().find(|inside| inside.month() == month),
            Said::BareMonth(_) => None,
        }
    })
}

/// The first month of that name after another, as headings run on: `Dec 2024 | Jan | Feb`.
fn next_month_named(before: Month, month: i8) -> Option<Month> {
    (1..=12).map(|later| before.plus(later)).find(|later| later.month() == month)
}

/// The month of that name among the twelve that end with `last`.
fn within_a_year(last: Month, month: i8) -> Option<Month> {
    Period::ending(last, 12).months().find(|inside| inside.month() == month)
}

/// The period named above a table, in a text that holds one of the words (any text if none).
pub(super) fn title_period(page: &Page<'_>, top: u32, words: &[String]) -> Option<Period> {
    let words: Vec<String> = words.iter().map(|word| folded(word)).collect();
    let mut best: Option<Period> = None;
    for (_, text) in page.above(top) {
        let text_folded = folded(&text);
        if !words.is_empty() && !words.iter().any(|word| text_folded.contains(word)) {
            continue;
        }
        let Some(period) = periods::find(&text) else {
            continue;
        };
        // The longest stretch named is what the table is about; a single month may be when it was made.
        if best.is_none_or(|best| best.length_months() < period.length_months()) {
            best = Some(period);
        }
    }
    best
}
