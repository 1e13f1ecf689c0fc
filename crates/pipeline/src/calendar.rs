//! Working days of England and Wales, and due dates counted in them.

mod bank_holidays;

use std::collections::BTreeSet;

use jiff::civil::{Date, Weekday};
use model::Period;

pub use bank_holidays::{BankHoliday, bank_holidays};

/// How long a list of one-off holidays is trusted after somebody looked: they are proclaimed half a
/// year ahead or more.
const TRUSTED_DAYS: i32 = 400;

/// Working days: the bank holidays that follow from rules, and a dated list of what does not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Calendar {
    /// Days off besides those of the rules.
    one_offs: BTreeSet<Date>,
    /// Days that the rules make a holiday and that was moved elsewhere.
    worked: BTreeSet<Date>,
    /// When somebody last looked whether one-off holidays have been proclaimed.
    checked: Option<Date>,
}

impl Calendar {
    /// A calendar with these one-off holidays, these moved ones, and the day both were last looked up.
    pub fn new(
        one_offs: impl IntoIterator<Item = Date>,
        worked: impl IntoIterator<Item = Date>,
        checked: Option<Date>,
    ) -> Self {
        Self {
            one_offs: one_offs.into_iter().collect(),
            worked: worked.into_iter().collect(),
            checked,
        }
    }

    /// Whether the day is a bank holiday, be it a weekend or not.
    pub fn is_bank_holiday(&self, date: Date) -> bool {
        let by_rule = || bank_holidays(date.year()).iter().any(|holiday| holiday.date == date);
        self.one_offs.contains(&date) || (!self.worked.contains(&date) && by_rule())
    }

    /// Whether people work on the day.
    pub fn is_working_day(&self, date: Date) -> bool {
        !matches!(date.weekday(), Weekday::Saturday | Weekday::Sunday)
            && !self.is_bank_holiday(date)
    }

    /// The `n`th working day after `date`; `n` counts from 1. With 0 it is `date` itself.
    pub fn nth_working_day_after(&self, date: Date, n: u32) -> Date {
        self.step(date, n, Date::tomorrow)
    }

    /// The `n`th working day before `date`; `n` counts from 1. With 0 it is `date` itself.
    pub fn nth_working_day_before(&self, date: Date, n: u32) -> Date {
        self.step(date, n, Date::yesterday)
    }

    fn step(&self, date: Date, n: u32, next: fn(Date) -> Result<Date, jiff::Error>) -> Date {
        let mut day = date;
        let mut left = n;
        while left > 0 {
            day = next(day).expect("dates here are far from the end of time");
            if self.is_working_day(day) {
                left -= 1;
            }
        }
        day
    }

    /// How many working days lie after `from` up to and with `to`; negative when `to` is earlier.
    pub fn working_days_between(&self, from: Date, to: Date) -> i32 {
        let (first, last, sign) = if from <= to { (from, to, 1) } else { (to, from, -1) };
        let days = first.series(jiff::Span::new().days(1)).skip(1).take_while(|day| *day <= last);
        let count = days.filter(|day| self.is_working_day(*day)).count();
        sign * i32::try_from(count).unwrap_or(i32::MAX)
    }

    /// The `n`th working day after a period's last day.
    pub fn working_day_after_period(&self, period: Period, n: u32) -> Date {
        self.nth_working_day_after(period.last().last_day(), n)
    }

    /// Why due dates may be wrong on a day, if they may: nobody has looked for one-off holidays lately.
    pub fn doubt(&self, today: Date) -> Option<String> {
        let advice = "look at https://www.gov.uk/bank-holidays, add what is new to bank-holidays.toml, and put today's date at `checked`";
        match self.checked {
            None => Some(format!(
                "nobody has said when the list of one-off bank holidays was last checked: {advice}"
            )),
            Some(checked) => {
                let days = checked.until(today).map_or(0, |span| span.get_days());
                (days > TRUSTED_DAYS).then(|| {
                    format!(
                        "the list of one-off bank holidays was last checked on {}: {advice}",
                        checked.strftime("%-d %B %Y")
                    )
                })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn the_demonstration_day_is_the_fifteenth_working_day_after_quarter_one() {
        let calendar = Calendar::default();
        let quarter: Period = "2025-26Q1".parse().expect("a period");
        assert_eq!(calendar.working_day_after_period(quarter, 15), date(2025, 7, 21));
        assert_eq!(calendar.working_day_after_period(quarter, 10), date(2025, 7, 14));
    }

    #[test]
    fn bank_holidays_and_weekends_are_stepped_over_both_ways() {
        let calendar = Calendar::default();
        // Thursday before Easter: the next working day is the Tuesday after.
        assert_eq!(calendar.nth_working_day_after(date(2025, 4, 17), 1), date(2025, 4, 22));
        assert_eq!(calendar.nth_working_day_before(date(2025, 4, 22), 1), date(2025, 4, 17));
        assert_eq!(calendar.working_days_between(date(2025, 4, 17), date(2025, 4, 22)), 1);
        assert_eq!(calendar.working_days_between(date(2025, 4, 22), date(2025, 4, 17)), -1);
        assert_eq!(calendar.working_days_between(date(2025, 4, 17), date(2025, 4, 17)), 0);
    }

    #[test]
    fn a_holiday_can_be_moved_and_added() {
        // 2020: the early May holiday was moved to the anniversary of VE day.
        let moved = Calendar::new([date(2020, 5, 8)], [date(2020, 5, 4)], None);
        assert!(moved.is_working_day(date(2020, 5, 4)));
        assert!(!moved.is_working_day(date(2020, 5, 8)));
    }

    #[test]
    fn a_list_that_nobody_has_looked_at_lately_is_doubted() {
        let calendar = Calendar::new([], [], Some(date(2025, 11, 1)));
        assert_eq!(calendar.doubt(date(2026, 11, 1)), None);
        let doubt = calendar.doubt(date(2027, 1, 1)).expect("a doubt");
        assert!(doubt.contains("last checked on 1 November 2025"), "{doubt}");
        assert!(Calendar::default().doubt(date(2025, 1, 1)).is_some());
    }
}
