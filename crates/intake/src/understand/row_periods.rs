//! The period a row says: in one cell, or year and month or quarter in two, with the year only
//! where it changes.

use model::{Month, Period};

use super::blocks::Above;
use super::figures::Table;
use super::gathered::quoted;
use super::heading_rows::{month_in, next_month_named, quarter_in};
use super::labels::folded;
use super::periods::{self, Said};
use super::row_says::Unsaid;
use crate::contract::{DateOrder, Fill};
use crate::workbook::Cell;

impl Table<'_, '_> {
    /// The period of a row with figures.
    pub(super) fn said_period(
        &self,
        row: u32,
        column: u32,
        above: &Above,
    ) -> Result<Period, Unsaid> {
        let at = self.row_of(row, column, above);
        if let Some(Cell::Date(date)) = self.page.cell(at, column) {
            return Ok(Period::month(Month::of(date.date())));
        }
        if let Some(year) = self.located.year {
            let keys = self.key(row, column, above).zip(self.key(row, year, above));
            let keys = keys.map(|(period, year)| [period, year]);
            return self.memos.in_years.get(keys, || {
                let text = self.key_text(row, column, "period", above)?;
                self.in_year(row, column, &text, year, above)
            });
        }
        let key = self.key(row, column, above);
        let known = self.memos.periods.get(key, || {
            let text = self.key_text(row, column, "period", above).map_err(Some)?;
            match periods::read(&text, self.layout.period.dates) {
                Some(Said::Period(period)) => Ok(period),
                _ => Err(None),
            }
        });
        match known {
            Ok(period) => return Ok(period),
            Err(Some(unsaid)) => return Err(unsaid),
            Err(None) => {}
        }
        let text = self.key_text(row, column, "period", above)?;
        let said = match periods::read(&text, self.layout.period.dates) {
            Some(Said::Period(period)) => Some(period),
            Some(Said::BareMonth(month)) => self.month_running_on(at, column, month),
            Some(Said::Year(year)) => self.layout.period.year_alone(year),
            Some(Said::BareQuarter(_)) | None => None,
        };
        said.ok_or_else(|| {
            unknown(column, format!("{} is not a month or a quarter", quoted(&text)))
        })
    }

    /// The month or quarter a text says, in the year of its own column.
    fn in_year(
        &self,
        row: u32,
        column: u32,
        text: &str,
        year_column: u32,
        above: &Above,
    ) -> Result<Period, Unsaid> {
        let year = self.key_text(row, year_column, "year", above)?;
        let year = year.trim();
        self.period_in_year(column, text, year)
            .ok_or_else(|| not_in_year(column, text, (year_column, year)))
    }

    fn period_in_year(&self, column: u32, text: &str, year: &str) -> Option<Period> {
        let heading = self.heading(column);
        let quarters = |text: &str| -> Option<Period> {
            let numbers: Option<Vec<i32>> =
                text.split(',').map(|number| number.trim().parse().ok()).collect();
            let numbers = numbers?;
            let (first, last) = (*numbers.first()?, *numbers.last()?);
            let run = numbers.iter().zip(first..).all(|(number, wanted)| *number == wanted);
            let valid = run && (1..=4).contains(&first) && last <= 4;
            let (first, last) =
                (quarter_in(year, first).filter(|_| valid)?, quarter_in(year, last)?);
            Period::new(first.first(), last.last())
        };
        match periods::read(text, self.layout.period.dates) {
            Some(Said::Period(period)) => {
                let inside = period
                    .months()
                    .all(|month| month_in(year, month.month()) == Some(Period::month(month)));
                inside.then_some(period)
            }
            Some(Said::BareMonth(month)) => month_in(year, month),
            Some(Said::BareQuarter(quarter)) => quarter_in(year, quarter),
            Some(Said::Year(_)) | None if heading.contains("month") => {
                text.trim().parse().ok().and_then(|month| month_in(year, month))
            }
            Some(Said::Year(_)) | None if heading.contains('q') => quarters(text),
            Some(Said::Year(_)) | None => None,
        }
    }

    /// The heading of a column, folded.
    fn heading(&self, column: u32) -> String {
        let rows = self.located.top..=self.located.bottom;
        let texts: Vec<String> =
            rows.filter_map(|row| self.page.text(row, column)).map(|text| folded(&text)).collect();
        texts.join(" ")
    }

    /// A month without a year: where blanks mean the same as above, the months run on from the
    /// last year written above it; else it is of the title's year, or the expected one.
    fn month_running_on(&self, row: u32, column: u32, month: i8) -> Option<Period> {
        /// How far above a month its year is looked for.
        const ROWS_MAX: usize = 400;
        let fill = self.layout.period.place.column().map(|column| column.fill);
        if fill != Some(Fill::Down) {
            return Some(self.month_of(month));
        }
        let mut months = vec![month];
        let first = self.located.bottom + 1;
        for above in (first..row).rev().take(ROWS_MAX) {
            let said = match self.page.cell(above, column) {
                None => continue,
                Some(Cell::Date(date)) => Some(Said::Period(Period::month(Month::of(date.date())))),
                Some(cell) => periods::read(&super::values::raw(cell), self.layout.period.dates),
            };
            match said {
                Some(Said::BareMonth(month)) => months.push(month),
                Some(Said::Period(period)) => {
                    // Every month must follow the one before, or be it again.
                    let mut at = period.last();
                    for month in months.into_iter().rev() {
                        let next = next_month_named(at, month)?;
                        if month != at.month() {
                            at = (next == at.plus(1)).then_some(next)?;
                        }
                    }
                    return Some(Period::month(at));
                }
                _ => {}
            }
        }
        Some(self.month_of(month))
    }

    /// A month without a year is of the period the title speaks of, or of the one expected.
    pub(super) fn month_of(&self, month: i8) -> Period {
        let found = Period::ending(self.year_end, 12)
            .months()
            .find(|inside| inside.month() == month)
            .expect("twelve months hold every month");
        Period::month(found)
    }
}

fn not_in_year(column: u32, text: &str, (year_column, year): (u32, &str)) -> Unsaid {
    let message =
        format!("{} in the year {} is not a month or a quarter", quoted(text), quoted(year));
    match periods::read(year, DateOrder::DayFirst) {
        Some(Said::Year(calendar)) => Unsaid::Unknown {
            column: year_column,
            code: "unknown-period",
            message,
            hint: format!(
                "for quarters write the financial year: {calendar}/{:02}",
                (calendar + 1) % 100
            ),
        },
        _ => unknown(column, message),
    }
}

fn unknown(column: u32, message: String) -> Unsaid {
    Unsaid::Unknown {
        column,
        code: "unknown-period",
        message,
        hint: "write it like `April 2025`".to_owned(),
    }
}
