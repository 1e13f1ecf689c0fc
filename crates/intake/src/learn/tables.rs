//! Where the tables of a sheet are: rows of headings, and the rows below them.

use std::collections::BTreeSet;

use super::grid::{Grid, Row, Seen};
use crate::understand::glance::{Glance, bare_label};

/// Over how many rows headings are looked for.
const HEADING_ROWS_MAX: usize = 3;

/// A table: its headings and the rows below them.
#[derive(Clone, Debug)]
pub(super) struct Table<'g, 'w> {
    pub(super) grid: &'g Grid<'w>,
    /// Rows of headings, from the top.
    pub(super) headings: Vec<u32>,
    /// Rows below, in order: figures, sections, totals.
    pub(super) body: Vec<u32>,
    /// Columns from the first to the last that hold anything.
    pub(super) columns: Vec<u32>,
    /// The first row that is not of the table above.
    pub(super) from: u32,
}

impl Table<'_, '_> {
    pub(super) fn top(&self) -> u32 {
        self.headings[0]
    }

    pub(super) fn bottom(&self) -> u32 {
        *self.headings.last().expect("a table has headings")
    }

    pub(super) fn last_row(&self) -> u32 {
        self.body.last().copied().unwrap_or_else(|| self.bottom())
    }

    /// Texts above the headings, from the top.
    pub(super) fn above(&self) -> impl Iterator<Item = (u32, u32, &Seen)> {
        self.grid
            .rows
            .range(self.from..self.top())
            .flat_map(|(row, cells)| cells.iter().map(move |(column, seen)| (*row, *column, seen)))
    }
}

/// Every table of a sheet, from the top.
pub(super) fn tables<'g, 'w>(grid: &'g Grid<'w>) -> Vec<Table<'g, 'w>> {
    let rows: Vec<u32> = grid.rows.keys().copied().collect();
    let mut tables: Vec<Table<'g, 'w>> = Vec::new();
    let mut at = 0;
    let mut from = 0;
    while at < rows.len() {
        let Some((headings, first)) = headings_from(grid, &rows, at) else {
            break;
        };
        let table = table(grid, &rows, headings, first, from);
        at = rows.partition_point(|row| *row <= table.last_row());
        from = table.last_row() + 1;
        tables.push(table);
    }
    tables
}

/// The next headings at or after an index of `rows`, and the index of the first row below them.
fn headings_from(grid: &Grid<'_>, rows: &[u32], at: usize) -> Option<(Vec<u32>, usize)> {
    let mut run: Vec<u32> = Vec::new();
    for (index, row) in rows.iter().enumerate().skip(at) {
        let cells = &grid.rows[row];
        if !run.is_empty() && is_body(grid, &run, cells) {
            return Some((tidied(grid, run), index));
        }
        if !is_heading(cells) {
            // A group or a unit above or below the headings, alone: not in the first column.
            let is_part = run
                .last()
                .is_some_and(|last| row - last == 1 && stands_alone_inside(grid, &run, cells));
            if is_part {
                run.push(*row);
            } else if cells.len() > 1 || run.last().is_some_and(|last| row - last > 6) {
                run.clear();
            }
            continue;
        }
        let is_apart = run.last().is_some_and(|last| row - last > 1);
        if is_apart && !is_codes(cells) {
            run.clear();
        }
        if !(is_apart && is_codes(cells)) {
            run.push(*row);
        }
    }
    None
}

/// The lowest rows of a run of rows that could be headings: those above are a title block.
fn tidied(grid: &Grid<'_>, mut run: Vec<u32>) -> Vec<u32> {
    // `Title: …`, `Source: …` in two columns are no headings of a wide table.
    let width = |row: &u32| grid.rows[row].len();
    let widest = run.iter().map(width).max().unwrap_or(0);
    if widest > 3 {
        while run.len() > 1
            && width(&run[0]) <= 2
            && !is_group(&grid.rows[&run[0]], &grid.rows[&run[1]])
        {
            run.remove(0);
        }
    }
    while run.len() > HEADING_ROWS_MAX {
        run.remove(0);
    }
    // A year or a group above the first of its columns.
    if let Some(above) = run[0].checked_sub(1)
        && run.len() < HEADING_ROWS_MAX
        && let Some(cells) = grid.rows.get(&above)
        && (is_group(cells, &grid.rows[&run[0]]) || is_years_and_words(cells))
    {
        run.insert(0, above);
    }
    run
}

/// `Location | 2025 | Total`, above months.
fn is_years_and_words(cells: &Row) -> bool {
    let fits = |seen: &Seen| seen.is_text() || seen.year().is_some() || seen.is_time();
    cells.len() >= 2 && cells.values().all(fits) && cells.values().any(|seen| seen.year().is_some())
}

/// Whether a row names groups of the columns below it: nothing over the first column, or years.
fn is_group(above: &Row, below: &Row) -> bool {
    let first = below.keys().next().copied().unwrap_or(0);
    let inside = above.keys().all(|column| *column > first);
    let is_long = above.values().any(|seen| seen.text.chars().count() > 60);
    inside && !is_long
}

/// Whether a row could be headings: two texts or more, and numbers only as years or ages.
fn is_heading(cells: &Row) -> bool {
    let figures: Vec<&Seen> = cells.values().filter(|seen| seen.is_figure()).collect();
    let words = cells.len() - figures.len();
    if cells.len() < 2 {
        return false;
    }
    if figures.is_empty() {
        let is_long = cells.values().any(|seen| seen.text.chars().count() > 200);
        return !is_long;
    }
    let numbers: Vec<f64> = figures.iter().filter_map(|seen| seen.number()).collect();
    if numbers.len() < figures.len() {
        return false;
    }
    let is_years = figures.iter().all(|seen| seen.year().is_some()) && figures.len() >= 2;
    let steps = numbers.windows(2).filter(|pair| (pair[1] - pair[0] - 1.0).abs() < 1e-9).count();
    let is_counted =
        numbers.len() >= 5 && steps + 1 == numbers.len() && numbers[0] <= 20.0 && words > 0;
    let is_rising = numbers.windows(2).all(|pair| pair[0] < pair[1]);
    // `10 - 14 | 15 | 16 | 17+`
    let bands = cells.values().filter(|seen| seen.is_text() && is_band(&seen.text)).count();
    let is_ages = bands >= 2 && is_rising && numbers.iter().all(|n| (0.0..=110.0).contains(n));
    is_years && is_rising || is_counted || is_ages
}

/// `10 - 14`, `17+`: a band of ages.
fn is_band(text: &str) -> bool {
    text.chars().any(|c| c.is_ascii_digit())
        && text.chars().all(|c| c.is_ascii_digit() || c.is_whitespace() || "-+–".contains(c))
}

/// Series codes below the headings: `MGSL`, `MGSF`.
fn is_codes(cells: &Row) -> bool {
    let is_code = |seen: &&Seen| {
        let text = seen.text.trim();
        let plain = text.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit());
        plain && (3..=6).contains(&text.len())
    };
    let codes = cells.values().filter(is_code).count();
    codes >= 3 && codes + 1 >= cells.len()
}

/// Whether a row is the first below headings: it has figures, or times under a heading's text.
fn is_body(grid: &Grid<'_>, run: &[u32], cells: &Row) -> bool {
    let headed: BTreeSet<u32> = run.iter().flat_map(|row| grid.rows[row].keys().copied()).collect();
    let under = cells.keys().filter(|column| headed.contains(column)).count();
    // Years and ages below groups are headings; below headings of their own they are figures.
    let is_covered = under * 5 >= cells.len() * 4;
    if under == 0 || !is_covered && is_heading(cells) && cells.values().any(Seen::is_number) {
        return false;
    }
    let figures = cells.iter().filter(|(_, seen)| seen.is_figure()).count();
    let is_wide = under * 2 >= cells.len();
    let times = cells.iter().any(|(column, seen)| {
        let over = run.last().and_then(|row| grid.seen(*row, *column));
        let is_year = matches!(seen.looks, Glance::YearText(_));
        seen.is_time() && !is_year && over.is_some_and(Seen::is_text)
    });
    is_wide && (figures > 0 || times && cells.len() >= 2)
}

/// A row of one text that stands inside the columns of the headings, not in their first.
fn stands_alone_inside(grid: &Grid<'_>, run: &[u32], cells: &Row) -> bool {
    let first = run.iter().filter_map(|row| grid.rows[row].keys().next()).min();
    let column = cells.keys().next();
    let is_text = cells.values().all(Seen::is_text);
    cells.len() == 1 && is_text && first.zip(column).is_some_and(|(first, column)| first < column)
}

fn table<'g, 'w>(
    grid: &'g Grid<'w>,
    rows: &[u32],
    headings: Vec<u32>,
    first: usize,
    from: u32,
) -> Table<'g, 'w> {
    const GAP_ROWS_MAX: u32 = 12;
    let texts = |row: u32| -> BTreeSet<String> {
        grid.rows[&row].values().map(|seen| bare_label(&seen.text)).collect()
    };
    let bottom = *headings.last().expect("headings");
    let own = texts(bottom);
    let mut typed: BTreeSet<u32> = BTreeSet::new();
    let mut body: Vec<u32> = Vec::new();
    let mut pending: Vec<u32> = Vec::new();
    for (index, row) in rows.iter().enumerate().skip(first) {
        let cells = &grid.rows[row];
        let last = body.last().copied().unwrap_or(bottom);
        if row - last > GAP_ROWS_MAX && !body.is_empty() {
            break;
        }
        let over = cells.iter().filter(|(column, _)| typed.contains(column)).collect::<Vec<_>>();
        let values = over.iter().filter(|(_, seen)| seen.is_figure() || seen.is_time()).count();
        if values > 0 || body.is_empty() {
            for (column, seen) in cells {
                if seen.is_figure() || seen.is_time() {
                    typed.insert(*column);
                }
            }
            body.append(&mut pending);
            body.push(*row);
            continue;
        }
        let words = over.iter().filter(|(_, seen)| seen.is_text()).count();
        let is_next = is_heading(cells) && words * 2 > typed.len().min(4) && texts(*row) != own;
        if is_next && headings_from(grid, rows, index).is_some_and(|(rows, _)| rows.contains(row)) {
            break;
        }
        let figures = cells.values().filter(|seen| seen.is_number()).count();
        if figures >= 2 {
            // Figures elsewhere: another table, or columns that begin later.
            let near = row - last <= 2;
            if !near {
                break;
            }
            typed.extend(
                cells.iter().filter(|(_, seen)| seen.is_figure()).map(|(column, _)| *column),
            );
            body.append(&mut pending);
            body.push(*row);
        } else {
            pending.push(*row);
        }
    }
    let columns: BTreeSet<u32> =
        headings.iter().chain(&body).flat_map(|row| grid.rows[row].keys().copied()).collect();
    Table { grid, headings, body, columns: columns.into_iter().collect(), from }
}
