//! Lists with one row per incident: rows are counted by month, area and category.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::civil::Date;
use model::{AreaCode, Breakdown, CellAddress, Figure, MeasureId, Month, Period};

use super::blocks::Above;
use super::figures::Table;
use super::gathered::{Gathered, no_area, quoted};
use super::labels::{is_any, is_total_word};
use super::periods::{self, Said};
use super::row_says::{category_of, did_you_mean};
use super::slot::{ReadFigure, Slot};
use super::twins::Twins;
use crate::contract::{DateOrder, OtherAreas};
use crate::workbook::Cell;

type Key = (MeasureId, AreaCode, Period, Breakdown);

/// Counts a table's rows; every figure names the row of its first record.
pub(super) fn count(table: &Table<'_, '_>, gathered: &mut Gathered) {
    let mut counts: BTreeMap<Key, (CellAddress, i64)> = BTreeMap::new();
    let mut twins = Twins::default();
    let keys = table.located.key_columns();
    let mut above = Above::default();
    for row in table.page.rows(table.located.bottom + 1..) {
        let row = row.number();
        table.fill(row, &mut above);
        let Some(record) = record(table, row, &above, gathered) else {
            continue;
        };
        twins.meet(&table.page, row, &keys);
        let (measure, area, period, breakdown) = record;
        let place = CellAddress::new(row, table.located.period.unwrap_or(0));
        if table.page.is_out_of_sight(place) {
            gathered.records.push(table.page.place(place.row, place.column));
        }
        let mut add = |breakdown: Breakdown| {
            let key = (measure.clone(), area.clone(), period, breakdown);
            counts.entry(key).or_insert((place, 0)).1 += 1;
        };
        // The whole is what the parts are parts of: it is counted with them.
        if !breakdown.is_all() {
            add(Breakdown::all());
        }
        add(breakdown);
    }
    twins.say(&table.page, table.located.period.unwrap_or(0), gathered);
    let strays = strays(table, &counts);
    for ((measure, area, period, breakdown), (place, count)) in counts {
        if strays.contains(&period) {
            // A few records would be taken for all there were in their month.
            gathered.error(
                "record-outside-period",
                table.page.place(place.row, place.column),
                format!("there are records of {}, which this return is not about", period.calendar()),
                "take them out, and send them with the return of their own period if they were missing there",
            );
            continue;
        }
        let label = table.context.measure_name(&measure, &breakdown);
        let rows = if count == 1 { "row" } else { "rows" };
        let series = gathered.series.of(&measure, &area, &breakdown);
        let read = ReadFigure {
            figure: Figure::number(count),
            raw: Some(format!("{count} {rows}")),
            repair: None,
            blank: false,
        };
        let origin = (Arc::clone(&table.origin), place);
        gathered.slots.push(Slot::new((series, period), origin, Some(label), Some(read)));
    }
}

/// Earlier months that records are of although the return is about others. A list of which no record is of
/// the months asked for is a return for the wrong period, and is told so as a whole.
fn strays(table: &Table<'_, '_>, counts: &BTreeMap<Key, (CellAddress, i64)>) -> BTreeSet<Period> {
    let Some(owed) = table.context.owed else { return BTreeSet::new() };
    let (inside, outside): (BTreeSet<Period>, BTreeSet<Period>) = counts
        .keys()
        .map(|(_, _, period, _)| *period)
        .partition(|period| owed.first() <= period.first());
    if inside.is_empty() { BTreeSet::new() } else { outside }
}

fn record(table: &Table<'_, '_>, row: u32, above: &Above, gathered: &mut Gathered) -> Option<Key> {
    let columns = table.located.key_columns();
    let filled = columns.iter().filter(|column| table.page.cell(row, **column).is_some()).count();
    let marked = |labels: &[String]| {
        columns.iter().any(|column| {
            let text = table.page.text(row, *column);
            text.is_some_and(|text| is_any(labels, &text))
        })
    };
    // A note below the list stands in one cell.
    let is_note =
        table.page.row(row).is_some_and(|row| row.cells().count() == 1) && columns.len() > 1;
    if filled == 0 || is_note || marked(&table.layout.totals) || marked(&table.layout.ignore) {
        return None;
    }
    if let Some(total) = undeclared_total(table, row) {
        gathered.total_met(&table.page.place(row, total));
        return None;
    }
    // Every problem of the row is met before the row is given up.
    let area = area(table, row, above, gathered);
    if matches!(area, Met::LeftOut) {
        return None;
    }
    let period = period(table, row, above, gathered);
    let (measure, of_label) = measure(table, row, above, gathered)?;
    let breakdown = breakdown(table, row, above, gathered)?;
    match (area, period) {
        (Met::Area(area), Some(period)) => Some((measure, area, period, of_label.and(&breakdown))),
        _ => None,
    }
}

/// The first cell of a row that says `Total`: a count of the records above, not one of them.
fn undeclared_total(table: &Table<'_, '_>, row: u32) -> Option<u32> {
    let (column, cell) = table.page.row(row)?.cells().next()?;
    let text = super::values::raw(cell);
    let known =
        table.located.area == Some(column) && table.context.area(&text, table.geography).is_ok();
    (is_total_word(&text) && !known).then_some(column)
}

enum Met {
    Area(AreaCode),
    LeftOut,
    Unknown,
}

fn area(table: &Table<'_, '_>, row: u32, above: &Above, gathered: &mut Gathered) -> Met {
    let Some(column) = table.located.area else {
        return table.base.area.clone().map_or(Met::Unknown, Met::Area);
    };
    let place = table.page.place(row, column);
    let leave_out = table.layout.other_areas == OtherAreas::LeaveOut;
    let text = table.page.text(table.row_of(row, column, above), column);
    let said = text.map(|text| (table.context.area(&text, table.geography), text));
    let error = match said {
        Some((Ok(code), _)) => return Met::Area(code),
        _ if leave_out => {
            gathered.leave_out(&place);
            return Met::LeftOut;
        }
        Some((Err(error), text)) => no_area(&text, &error),
        None => "the record has no area".to_owned(),
    };
    gathered.unknown_areas += 1;
    gathered.puzzling.insert(table.page.name.to_owned());
    gathered.error("unknown-area", place, error, "give the district's name or code");
    Met::Unknown
}

fn period(
    table: &Table<'_, '_>,
    row: u32,
    above: &Above,
    gathered: &mut Gathered,
) -> Option<Period> {
    let Some(column) = table.located.period else {
        return table.base.period;
    };
    let dates = table.layout.period.dates;
    let place = table.page.place(row, column);
    let at = table.row_of(row, column, above);
    let said = match table.page.cell(at, column) {
        _ if table.located.year.is_some() => table.said_period(row, column, above).ok(),
        Some(Cell::Date(date)) => Some(Period::month(Month::of(date.date()))),
        Some(Cell::Text(text)) => read_period(text, dates),
        Some(_) | None => None,
    };
    let Some(period) = said else {
        let what = match table.page.text(at, column) {
            Some(text) => format!("{} is not a date", quoted(&text)),
            None => "the record has no date".to_owned(),
        };
        let order = match dates {
            DateOrder::DayFirst => "31/12/2025",
            DateOrder::MonthFirst => "12/31/2025",
        };
        gathered.error("not-a-date", place, what, &format!("write the date like {order}"));
        return None;
    };
    let first = Month::new(2000, 1).expect("a month");
    let last = table.context.expected.last().plus(12);
    if period.first() < first || period.last() > last {
        gathered.error(
            "date-out-of-range",
            place,
            format!("{} cannot be right for this return", period.calendar()),
            "check the year",
        );
        return None;
    }
    Some(period)
}

fn read_period(text: &str, dates: DateOrder) -> Option<Period> {
    let day: Option<Date> = periods::read_day(text, dates);
    if let Some(day) = day {
        return Some(Period::month(Month::of(day)));
    }
    match periods::read(text, dates)? {
        Said::Period(period) if period.length_months() == 1 => Some(period),
        Said::Period(_) | Said::BareMonth(_) | Said::BareQuarter(_) | Said::Year(_) => None,
    }
}

fn measure(
    table: &Table<'_, '_>,
    row: u32,
    above: &Above,
    gathered: &mut Gathered,
) -> Option<(MeasureId, Breakdown)> {
    let base = &table.base.breakdown;
    let Some(column) = table.located.measure else {
        return table.base.measure.clone().map(|measure| (measure, base.clone()));
    };
    let text = table.page.text(table.row_of(row, column, above), column).unwrap_or_default();
    if let Some(label) = table.context.labels.find(&text) {
        return Some((label.measure.clone(), label.breakdown.clone().and(base)));
    }
    gathered.puzzling.insert(table.page.name.to_owned());
    gathered.error(
        "unknown-measure",
        table.page.place(row, column),
        format!("{} is not something this return counts", quoted(&text)),
        &did_you_mean(table.context.labels.nearest(&text)),
    );
    None
}

fn breakdown(
    table: &Table<'_, '_>,
    row: u32,
    above: &Above,
    gathered: &mut Gathered,
) -> Option<Breakdown> {
    let mut breakdown = Breakdown::all();
    for (index, column) in &table.located.breakdowns {
        let declared = &table.layout.breakdowns[*index];
        let at = table.row_of(row, *column, above);
        let text = table.page.text(at, *column).unwrap_or_default();
        match category_of(declared, &text) {
            Ok(Some(category)) if !category.is_empty() => {
                breakdown = breakdown.with(&declared.dimension, category);
            }
            Ok(_) => {}
            Err(near) => {
                gathered.puzzling.insert(table.page.name.to_owned());
                gathered.error(
                    "unknown-label",
                    table.page.place(row, *column),
                    format!("{} is not a {} this return has", quoted(&text), declared.dimension),
                    &did_you_mean(near.as_deref()),
                );
                return None;
            }
        }
    }
    Some(breakdown)
}
