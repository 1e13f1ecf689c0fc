//! Rows that say what an earlier row said, but of another time: a long table says the same about
//! each of its series again and again.

use std::cell::RefCell;
use std::sync::Arc;

use hashbrown::HashMap;
use model::Period;

use super::blocks::Above;
use super::figures::Table;
use super::gathered::Gathered;
use super::locate::Located;
use super::row_says::RowSays;
use super::slot::Series;
use crate::contract::{BlankRows, StrayZeros, TableLayout};
use crate::workbook::RowKey;

/// Rows remembered at most.
const ROWS_MAX: usize = 1 << 16;
/// Columns that are compared at most.
const COLUMNS_MAX: usize = 8;

/// What stands in the columns that decide what a row is.
pub(super) type Key = RowKey<COLUMNS_MAX>;

/// What a row of figures says, and what follows from it.
pub(super) struct Known {
    /// What it says; what the series says, if that is all.
    says: Option<RowSays>,
    /// The series of its figures, unless their headings say more.
    pub(super) series: Option<Arc<Series>>,
    /// Whether its figures may be added up.
    pub(super) is_additive: bool,
}

impl Known {
    /// What the row says, for figures whose headings say more.
    pub(super) fn says(&self) -> RowSays {
        let of_series = || self.series.as_ref().map(|series| RowSays::of(&series.key));
        self.says.clone().or_else(of_series).unwrap_or_default()
    }
}

/// Rows of figures by what stands in them, their periods left out.
pub(super) struct KnownRows {
    /// The columns that decide; none where they are not all that does.
    columns: Vec<u32>,
    /// Those that say the period.
    time: Vec<u32>,
    /// The number of the series, and whether its figures may be added up.
    rows: RefCell<HashMap<Key, (u32, bool)>>,
}

impl KnownRows {
    /// None yet. `marked` are the columns whose labels may say that a row is none of figures.
    pub(super) fn of(layout: &TableLayout, located: &Located<'_>, marked: &[u32]) -> Self {
        let time: Vec<u32> = [located.period, located.year].into_iter().flatten().collect();
        let says = [located.measure, located.area].into_iter().flatten();
        let says_something = says.chain(located.breakdowns.iter().map(|(_, column)| *column));
        // A code beside an area's name may say that it is another area's.
        let beside = |area: u32| [area.checked_sub(1), area.checked_add(1)];
        let beside = located.area.into_iter().flat_map(beside).flatten();
        let mut columns: Vec<u32> = marked.iter().copied().chain(beside).collect();
        columns.retain(|column| !time.contains(column));
        columns.sort_unstable();
        columns.dedup();
        // A figure beside an area's name may be any: such a key would hardly come again.
        let is_figure = |column: &u32| {
            located.value == Some(*column)
                || located.figures.iter().any(|figure| figure.column == *column)
        };
        let each_for_itself = layout.stray_zeros == StrayZeros::Refuse
            && layout.blank_rows != BlankRows::LeaveOut
            && says_something.count() > 0
            && !columns.iter().any(is_figure);
        #[cfg(test)]
        let each_for_itself = each_for_itself && !forgetting::IS_ASKED_FOR.get();
        if !each_for_itself || columns.len() > COLUMNS_MAX {
            columns.clear();
        }
        Self { columns, time, rows: RefCell::default() }
    }
}

impl Table<'_, '_> {
    /// What stands in a row, if rows in which the same stands say the same.
    pub(super) fn row_key(&self, row: u32) -> Option<Key> {
        let columns = &self.known_rows.columns;
        if columns.is_empty() || !self.each_row_for_itself() {
            return None;
        }
        self.page.row_key(row, columns)
    }

    /// What a row says and when, if an earlier one said the same and nothing in its period says
    /// that it is none of figures.
    pub(super) fn known_row(
        &self,
        (row, key): (u32, &Key),
        above: &Above,
        gathered: &Gathered,
    ) -> Option<(Known, Option<Period>)> {
        let (series, is_additive) = self.known_rows.rows.borrow().get(key).copied()?;
        let time = &self.known_rows.time;
        let is_marked = |labels: &[String]| self.is_marked_in(time, row, labels);
        if is_marked(&self.layout.totals)
            || is_marked(&self.layout.ignore)
            || self.is_total_over_time(row)
        {
            return None;
        }
        let period = match self.located.period {
            Some(column) => Some(self.said_period(row, column, above).ok()?),
            None => self.base.period,
        };
        let series = Some(gathered.series.numbered(series));
        Some((Known { says: None, series, is_additive }, period))
    }

    /// What a row of figures says, with the series it names; remembered, if it has a key.
    pub(super) fn remember(
        &self,
        key: Option<Key>,
        says: RowSays,
        gathered: &mut Gathered,
    ) -> Known {
        let series = says.series(gathered);
        let unit = |measure| self.context.unit(measure);
        let is_additive = says.measure.as_ref().is_none_or(|measure| unit(measure).is_additive());
        if let (Some(key), Some(series)) = (key, &series) {
            let mut rows = self.known_rows.rows.borrow_mut();
            if rows.len() < ROWS_MAX {
                rows.insert(key, (series.number, is_additive));
            }
        }
        Known { says: Some(says), series, is_additive }
    }
}

/// For tests: understanding each row anew.
#[cfg(test)]
pub(super) mod forgetting {
    use std::cell::Cell;

    thread_local! {
        pub(super) static IS_ASKED_FOR: Cell<bool> = const { Cell::new(false) };
    }

    /// Does something while no row is remembered.
    pub(in super::super) fn while_forgetting<T>(something: impl FnOnce() -> T) -> T {
        IS_ASKED_FOR.set(true);
        let made = something();
        IS_ASKED_FOR.set(false);
        made
    }
}
