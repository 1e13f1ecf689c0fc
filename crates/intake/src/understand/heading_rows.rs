//! What the heading of a column of figures says, over one row or several: merged groups, repeated
//! labels, years above months.

use std::collections::BTreeSet;

use model::{AreaCode, Breakdown, Month, Period};

use super::context::Context;
use super::labels::{folded, is_any};
use super::likeness::{month_of_days, without_notes};
use super::locate::{HEADER_HEIGHT_MAX, Located};
use super::page::{Page, PageRow};
use super::periods::{self, Said};
use super::row_says::category_of;
use super::told::title_period;
use crate::contract::{BreakdownFrom, DateOrder, Label, TableLayout};
use crate::workbook::Cell;

/// How many rows above a month its year is looked for.
pub(super) const YEAR_ABOVE_MAX: u32 = 3;

/// What the heading of a column says of the figures below it.
#[derive(Clone, Debug, Default)]
pub(super) struct HeadingSays<'a> {
    pub(super) period: Option<Period>,
    pub(super) label: Option<&'a Label>,
    pub(super) area: Option<AreaCode>,
    pub(super) part: Breakdown,
}

impl HeadingSays<'_> {
    /// Whether the period is all it says.
    pub(super) fn is_time(&self) -> bool {
        self.label.is_none() && self.area.is_none() && self.part.is_all()
    }
}

/// A text that holds for a column: its own, or that of a group it stands under.
struct Line {
    row: u32,
    /// Whether it stands above the column itself, not further left.
    own: bool,
    text: String,
    month: Option<Month>,
}

/// The heading of a column with the groups it stands under: `2025 > April`.
pub(super) fn written(page: &Page<'_>, located: &Located<'_>, column: u32) -> String {
    let lines = lines(page, located, column);
    let texts: Vec<&str> = lines.iter().map(|line| line.text.trim()).collect();
    texts.join(" > ")
}

/// Whether a column stands under a group of one of these names, or is written `Group > Label` so.
pub(super) fn stands_under(
    page: &Page<'_>,
    located: &Located<'_>,
    column: u32,
    names: &[String],
) -> bool {
    !names.is_empty()
        && (lines(page, located, column).iter().any(|line| is_any(names, &line.text))
            || is_any(names, &written(page, located, column)))
}

/// Reads the heading of a column; `None` if anything that must be said is not, or anything that
/// is said is not understood.
pub(super) fn says<'a>(
    page: &Page<'a>,
    layout: &TableLayout,
    context: &Context<'a>,
    located: &Located<'a>,
    column: u32,
) -> Option<HeadingSays<'a>> {
    let lines = lines(page, located, column);
    let lowest = lines.len().checked_sub(1)?;
    let mut used: BTreeSet<usize> = BTreeSet::new();
    let mut says = HeadingSays::default();
    if layout.measure.is_heading() {
        let (label, by) = label(context, &lines)?;
        says.label = Some(label);
        used.extend(by);
    }
    if layout.period.place.is_heading() {
        let (period, by) = period(page, context, layout, located, column, &lines, &used)?;
        says.period = Some(period);
        used.extend(by);
    }
    if layout.area.is_heading() {
        let geography = context.table_geography(layout);
        let (at, code) = (0..lines.len())
            .rev()
            .filter(|at| !used.contains(at))
            .find_map(|at| context.area(&lines[at].text, geography).ok().map(|code| (at, code)))?;
        says.area = Some(code);
        used.insert(at);
    }
    let mut open = false;
    let mut said_a_part = false;
    for part in layout.breakdowns.iter().filter(|part| part.place.is_heading()) {
        match category(part, &lines, &used) {
            Some((category, by)) => {
                if let Some(category) = category {
                    says.part = says.part.with(&part.dimension, category);
                }
                used.extend(by);
                said_a_part = true;
            }
            None => open = true,
        }
    }
    let only_parts = says.label.is_none() && says.period.is_none() && says.area.is_none();
    if only_parts && !said_a_part || !used.contains(&lowest) {
        return None;
    }
    if !open {
        return Some(says);
    }
    // A part that is not said is the whole, but not if a text says something nobody understands,
    // here or in the rows above that the headings may go on in.
    let accounted = |at: usize| used.contains(&at) || is_group(context, layout, &lines[at].text);
    let top = (located.bottom + 1).saturating_sub(HEADER_HEIGHT_MAX).max(page.first);
    let upper = (top < located.top).then(|| {
        let taller = Located { top, bottom: located.top - 1, ..located.clone() };
        lines_above(page, &taller, column)
    });
    let all = (0..lines.len()).all(accounted)
        && upper.iter().flatten().all(|line| is_group(context, layout, &line.text));
    all.then_some(says)
}

/// The texts of groups that reach over a column in rows that are not among its headings.
fn lines_above(page: &Page<'_>, located: &Located<'_>, column: u32) -> Vec<Line> {
    let claimed = located.claimed();
    let rows = page.rows(located.top..=located.bottom);
    rows.filter_map(|cells| {
        let at = cells
            .columns()
            .take_while(|at| *at <= column)
            .filter(|at| !claimed.contains(at))
            .last()?;
        line(cells, cells.number(), at, column)
    })
    .collect()
}

/// The texts above a column, from the top: its own, and above the lowest of them those of groups
/// to the left, which reach until the next group of their row or of one above.
fn lines(page: &Page<'_>, located: &Located<'_>, column: u32) -> Vec<Line> {
    let claimed = located.claimed();
    let (top, bottom) = (located.top, located.bottom);
    let Some(lowest) = (top..=bottom).rev().find(|row| page.cell(*row, column).is_some()) else {
        return Vec::new();
    };
    let mut lines: Vec<Line> = Vec::new();
    // Where the group begins that the column stands in, as the rows above say.
    let mut begins = 0;
    for row in top..=lowest {
        let Some(cells) = page.row(row) else {
            continue;
        };
        let group = cells
            .cells()
            .map(|(at, _)| at)
            .take_while(|at| *at <= column)
            .filter(|at| !claimed.contains(at))
            .last();
        let Some(at) = group.filter(|at| *at >= begins) else {
            continue;
        };
        if at != column && row == lowest {
            continue;
        }
        begins = at;
        lines.extend(line(cells, row, at, column));
    }
    lines
}

fn line(cells: PageRow<'_>, row: u32, at: u32, column: u32) -> Option<Line> {
    let cell = cells.cell(at)?;
    let month = match cell {
        Cell::Date(date) => Some(Month::of(date.date())),
        Cell::Number(number) => month_of_days(number),
        _ => None,
    };
    Some(Line { row, own: at == column, text: super::values::raw(cell).into_owned(), month })
}

/// The label a heading is, and the lines it is made of: `Group > Label` before `Label`.
fn label<'a>(context: &Context<'a>, lines: &[Line]) -> Option<(&'a Label, Vec<usize>)> {
    let labels = &context.labels;
    for at in (0..lines.len()).rev() {
        let text = &lines[at].text;
        if let Some((found, by)) = under_groups(lines, at, |name| labels.find(name)) {
            return Some((found, by));
        }
        if let Some(found) = labels.find(text) {
            return Some((found, vec![at]));
        }
        // A heading that runs over several rows of its own column.
        let own: Vec<usize> = (0..=at).filter(|line| lines[*line].own).collect();
        let joined: Vec<&str> = own.iter().map(|line| lines[*line].text.as_str()).collect();
        if let Some(found) = labels.find(&joined.join(" ")).filter(|_| own.len() > 1) {
            return Some((found, own));
        }
    }
    None
}

/// What `Group > Text` means, with the groups above a line: all of them, then the nearest first.
fn under_groups<T>(
    lines: &[Line],
    at: usize,
    find: impl Fn(&str) -> Option<T>,
) -> Option<(T, Vec<usize>)> {
    let text = &lines[at].text;
    let all: Vec<&str> = lines[..=at].iter().map(|line| line.text.as_str()).collect();
    if at > 1
        && let Some(found) = find(&all.join(" > "))
    {
        return Some((found, (0..=at).collect()));
    }
    (0..at).rev().find_map(|group| {
        let found = find(&format!("{} > {text}", lines[group].text))?;
        Some((found, vec![group, at]))
    })
}

/// The category a heading says, `None` for the whole, and the lines that say it.
fn category(
    part: &BreakdownFrom,
    lines: &[Line],
    used: &BTreeSet<usize>,
) -> Option<(Option<String>, Vec<usize>)> {
    let find = |text: &str| category_of(part, text).ok();
    for at in (0..lines.len()).rev().filter(|at| !used.contains(at)) {
        let found = under_groups(lines, at, find);
        let found = found.or_else(|| find(&lines[at].text).map(|found| (found, vec![at])));
        if found.is_some() {
            return found;
        }
    }
    None
}

/// Whether a text is only the name of a group: of a dimension, or in a `Group > Label`.
fn is_group(context: &Context<'_>, layout: &TableLayout, text: &str) -> bool {
    let text = folded(text);
    let names = |key: &String| {
        let groups = key.rsplit_once('>').map(|(groups, _)| groups.to_owned());
        groups.is_some_and(|groups| groups.split('>').any(|group| folded(group) == text))
    };
    layout.breakdowns.iter().any(|part| {
        folded(&part.dimension.replace('-', " ")) == text
            || part.values.keys().chain(&part.whole).any(names)
    }) || context.figures.labels.keys().any(names)
}

/// The period a heading says, and the lines that say it: the year may stand above.
fn period(
    page: &Page<'_>,
    context: &Context<'_>,
    layout: &TableLayout,
    located: &Located<'_>,
    column: u32,
    lines: &[Line],
    used: &BTreeSet<usize>,
) -> Option<(Period, Vec<usize>)> {
    let at = |at: usize| {
        let line = &lines[at];
        if let Some(month) = line.month {
            return Some((Period::month(month), vec![at]));
        }
        let above = |find: &dyn Fn(&str) -> Option<Period>| {
            (0..at).rev().find_map(|above| Some((find(&lines[above].text)?, vec![above, at])))
        };
        match periods::read(without_notes(&line.text), DateOrder::DayFirst)? {
            Said::Period(period) => Some((period, vec![at])),
            Said::BareMonth(month) => above(&|text| month_in(text, month)).or_else(|| {
                let before = located.figures.last().and_then(|figure| figure.says.period);
                year_above(page, line.row, column, month)
                    .or_else(|| before.and_then(|before| next_month_named(before.last(), month)))
                    .or_else(|| {
                        title_period(page, located.top, &[])
                            .and_then(|title| within_a_year(title.last(), month))
                    })
                    .or_else(|| within_a_year(context.expected.last(), month))
                    .map(|month| (Period::month(month), vec![at]))
            }),
            Said::BareQuarter(quarter) => above(&|text| quarter_in(text, quarter)),
            Said::Year(year) => layout.period.year_alone(year).map(|period| (period, vec![at])),
        }
    };
    (0..lines.len()).rev().filter(|line| !used.contains(line)).find_map(at)
}

/// The month of that name in the year a text says.
pub(super) fn month_in(text: &str, month: i8) -> Option<Period> {
    let found = match periods::read(text, DateOrder::DayFirst)? {
        Said::Year(year) => Month::new(year, month),
        Said::Period(period) if period.length_months() <= 12 => {
            period.months().find(|inside| inside.month() == month)
        }
        Said::Period(_) | Said::BareMonth(_) | Said::BareQuarter(_) => None,
    };
    found.map(Period::month)
}

/// The quarter, 1 to 4, of the financial year a text says. A calendar year leaves open which
/// quarters are meant.
pub(super) fn quarter_in(text: &str, quarter: i32) -> Option<Period> {
    match periods::read(text, DateOrder::DayFirst)? {
        Said::Period(year) if periods::is_financial_year(year) => {
            Some(Period::quarter_of(year.first().plus((quarter - 1) * 3)))
        }
        _ => None,
    }
}

/// The year of a month from the nearest year above it, or above a column to its left: a merged
/// year stands above the first of its columns.
fn year_above(page: &Page<'_>, row: u32, column: u32, month: i8) -> Option<Month> {
    (row.saturating_sub(YEAR_ABOVE_MAX)..row).rev().find_map(|above| {
        let row = page.row(above)?;
        let (_, cell) = row.cells().take_while(|(at, _)| *at <= column).last()?;
        month_in(&super::values::raw(cell), month).map(Period::first)
    })
}

/// The first month of that name after another, as headings run on: `Dec 2024 | Jan | Feb`.
pub(super) fn next_month_named(before: Month, month: i8) -> Option<Month> {
    (1..=12).map(|later| before.plus(later)).find(|later| later.month() == month)
}

/// The month of that name among the twelve that end with `last`.
pub(super) fn within_a_year(last: Month, month: i8) -> Option<Month> {
    Period::ending(last, 12).months().find(|inside| inside.month() == month)
}
