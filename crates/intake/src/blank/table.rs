//! Tables of figures on a blank return.

use model::{Entry, FormCell};

use super::Grid;
use super::axes::{Axes, LabelText, heading};
use crate::contract::{Side, TableLayout, ValueFrom, Where};

/// Most rows of a table; a return that a person fills in has far fewer.
const ROWS_MAX: usize = 5_000;

/// One value of something a table is about.
#[derive(Clone, Debug)]
struct Value {
    text: String,
    /// What stands above it: the group of a label.
    above: Option<String>,
    /// What is to be filled in, if this says it.
    entry: Option<Entry>,
    /// The year, where it has a column of its own.
    year: Option<String>,
}

impl Value {
    fn plain(text: &str) -> Self {
        Self { text: text.to_owned(), above: None, entry: None, year: None }
    }

    fn label(label: &LabelText) -> Self {
        let entry = Some(label.entry);
        Self { text: label.text.clone(), above: label.section.clone(), entry, year: None }
    }
}

/// Where something is said, and its values.
struct Axis<'a> {
    /// The heading of its column.
    header: String,
    /// The heading of the column with its year.
    year: Option<&'a str>,
    values: Vec<Value>,
}

/// Everything that is said by columns, by headings and by blocks, in that order.
fn axes<'a>(layout: &'a TableLayout, axes: &Axes) -> [Vec<Axis<'a>>; 3] {
    let mut said: [Vec<Axis<'a>>; 3] = [Vec::new(), Vec::new(), Vec::new()];
    let mut add = |place: Option<(usize, String)>, year: Option<&'a str>, values: Vec<Value>| {
        if let Some((at, header)) = place
            && let Some(list) = said.get_mut(at)
        {
            list.push(Axis { header, year, values });
        }
    };
    let labels: Vec<Value> = axes.labels.iter().map(Value::label).collect();
    let sectioned = labels.iter().any(|label| label.above.is_some());
    let areas = axes.areas.iter().map(|area| Value::plain(area)).collect();
    // Sections hold until the next one, so labels under sections change slowest.
    if sectioned {
        add(at(&layout.measure), None, labels);
        add(at(&layout.area), None, areas);
    } else {
        add(at(&layout.area), None, areas);
        add(at(&layout.measure), None, labels);
    }
    for (from, texts) in layout.breakdowns.iter().zip(&axes.parts) {
        add(at(&from.place), None, texts.iter().map(|text| Value::plain(text)).collect());
    }
    let year = layout.period.year.first().map(String::as_str);
    let periods = axes.periods.iter().map(|period| match year {
        None => Value::plain(&period.text),
        Some(_) => Value { year: Some(period.year.clone()), ..Value::plain(&period.without_year) },
    });
    add(at(&layout.period.place), year, periods.collect());
    // A column without a heading stands left of all others.
    said[0].sort_by_key(|axis| !axis.header.is_empty());
    said
}

fn at<T>(place: &Where<T>) -> Option<(usize, String)> {
    match place {
        Where::Column(column) => Some((0, heading(column).to_owned())),
        Where::HeaderRow => Some((1, String::new())),
        Where::Block => Some((2, String::new())),
        _ => None,
    }
}

/// What stands above the headings: texts of the title, and cells beside their labels.
pub(super) fn above(sheet: &mut Grid, layout: &TableLayout, axes: &Axes) {
    let before = sheet.next_row;
    let first = |texts: &[String]| texts.first().cloned().unwrap_or_default();
    let label = axes.labels.first().map(|label| label.text.clone()).unwrap_or_default();
    let period = axes.periods.first().map(|period| period.text.clone()).unwrap_or_default();
    said_above(sheet, &layout.period.place, &period, "Period:");
    said_above(sheet, &layout.area, &first(&axes.areas), "Area:");
    said_above(sheet, &layout.measure, &label, "");
    for (from, texts) in layout.breakdowns.iter().zip(&axes.parts) {
        said_above(sheet, &from.place, &first(texts), "");
    }
    if before < sheet.next_row {
        sheet.next_row += 1;
    }
}

fn said_above<T>(sheet: &mut Grid, place: &Where<T>, value: &str, word: &str) {
    match place {
        Where::Title { words } => {
            let word = words.first().map_or(word, String::as_str);
            let folded = value.to_lowercase();
            // `Year ending June 2025` says the word itself.
            let text = if folded.contains(&word.to_lowercase()) {
                value.to_owned()
            } else {
                format!("{word} {value}").trim().to_owned()
            };
            sheet.put(sheet.next_row, 0, FormCell::Title(text));
            sheet.next_row += 1;
        }
        Where::Cell(cell) => {
            sheet.label(0, cell.label.first().map_or("", String::as_str));
            if cell.side == Side::Below {
                sheet.next_row += 1;
                sheet.label(0, value);
            } else {
                sheet.label(1, value);
            }
            sheet.next_row += 1;
        }
        _ => {}
    }
}

/// A form: each label with its cell.
pub(super) fn form(sheet: &mut Grid, axes: &Axes, side: Side) {
    let mut section: Option<&String> = None;
    for label in &axes.labels {
        if label.section.is_some() && label.section.as_ref() != section {
            section = label.section.as_ref();
            sheet.heading(0, section.map_or("", String::as_str));
            sheet.next_row += 1;
        }
        sheet.label(0, &label.text);
        let column = match side {
            Side::Right => 1,
            Side::Below => {
                sheet.next_row += 1;
                0
            }
        };
        sheet.put(sheet.next_row, column, FormCell::Entry(label.entry));
        sheet.next_row += 1;
    }
}

/// A table with a row for everything that columns say, and a column for everything that headings
/// say.
pub(super) fn rows(sheet: &mut Grid, layout: &TableLayout, about: &Axes) {
    let [columns, headings, blocks] = axes(layout, about);
    let across = product(&headings);
    let mut keys: Vec<&str> = Vec::new();
    for axis in &columns {
        keys.push(&axis.header);
        keys.extend(axis.year);
    }
    let figures_from = u32::try_from(keys.len()).unwrap_or(0);
    // A group above a label is a row of headings of its own.
    let depth =
        |axis: &Axis<'_>| 1 + usize::from(axis.values.iter().any(|value| value.above.is_some()));
    let height = headings.iter().map(depth).sum::<usize>().max(1);
    let bottom = sheet.next_row + u32::try_from(height).unwrap_or(1) - 1;
    for (column, combination) in (figures_from..).zip(&across) {
        let mut row = sheet.next_row;
        for (axis, value) in headings.iter().zip(combination) {
            if depth(axis) == 2 {
                if let Some(group) = &value.above {
                    sheet.put(row, column, FormCell::Heading(group.clone()));
                }
                row += 1;
            }
            sheet.put(row, column, FormCell::Heading(value.text.clone()));
            row += 1;
        }
    }
    if let ValueFrom::Column(names) = &layout.value {
        let name = names.first().map_or("", String::as_str);
        sheet.put(bottom, figures_from, FormCell::Heading(name.to_owned()));
    }
    for (column, name) in (0..).zip(keys.iter().filter(|name| !name.is_empty())) {
        let column = if keys.first() == Some(&"") { column + 1 } else { column };
        sheet.put(bottom, column, FormCell::Heading((*name).to_owned()));
    }
    sheet.next_row = bottom + 1;
    let sections = columns.iter().any(|axis| axis.values.iter().any(|value| value.above.is_some()));
    for block in product(&blocks) {
        for value in &block {
            sheet.heading(0, &value.text);
            sheet.next_row += 1;
        }
        let mut section: Option<String> = None;
        for combination in product(&columns).into_iter().take(ROWS_MAX) {
            let above = combination.iter().find_map(|value| value.above.clone());
            if sections && above.is_some() && above != section {
                section = above;
                let column = section_column(&columns);
                sheet.heading(column, section.as_deref().unwrap_or_default());
                sheet.next_row += 1;
            }
            row(sheet, &columns, &combination, (&block, &across), about);
        }
    }
}

/// The column of the labels that stand under sections.
fn section_column(columns: &[Axis<'_>]) -> u32 {
    let mut column = 0;
    for axis in columns {
        if axis.values.iter().any(|value| value.above.is_some()) {
            return column;
        }
        column += 1 + u32::from(axis.year.is_some());
    }
    0
}

fn row(
    sheet: &mut Grid,
    columns: &[Axis<'_>],
    combination: &[Value],
    (block, across): (&[Value], &[Vec<Value>]),
    about: &Axes,
) {
    let mut column = 0;
    for (axis, value) in columns.iter().zip(combination) {
        sheet.label(column, &value.text);
        column += 1;
        if axis.year.is_some() {
            sheet.label(column, value.year.as_deref().unwrap_or_default());
            column += 1;
        }
    }
    let said = |values: &[Value]| values.iter().find_map(|value| value.entry);
    let in_row = said(combination).or_else(|| said(block));
    for heading in across {
        let entry = in_row
            .or_else(|| said(heading))
            .or_else(|| about.labels.first().map(|label| label.entry));
        sheet.put(sheet.next_row, column, FormCell::Entry(entry.unwrap_or(about.entry)));
        column += 1;
    }
    sheet.next_row += 1;
}

/// Every combination, the first changing slowest; one empty combination of nothing.
fn product(axes: &[Axis<'_>]) -> Vec<Vec<Value>> {
    let mut all: Vec<Vec<Value>> = vec![Vec::new()];
    for axis in axes {
        all = all
            .into_iter()
            .flat_map(|before| {
                axis.values.iter().map(move |value| {
                    let mut one = before.clone();
                    one.push(value.clone());
                    one
                })
            })
            .take(ROWS_MAX)
            .collect();
    }
    all
}
