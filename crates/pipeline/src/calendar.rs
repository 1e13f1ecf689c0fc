//! Working days of England and Wales, and due dates counted in them.

use std::collections::BTreeSet;

use jiff::civil::{Date, Weekday};
use model::Period;

/// Days on which nobody is expected to work, besides weekends.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Calendar {
    bank_holidays: BTreeSet<Date>,
}

impl Calendar {
    /// A calendar with these bank holidays.
    pub fn new(bank_holidays: impl IntoIterator<Item = Date>) -> Self {
        Self { bank_holidays: bank_holidays.into_iter().collect() }
    }

    /// Whether people work on the day.
    pub fn is_working_day(&self, date: Date) -> bool {
        !matches!(date.weekday(), Weekday::Saturday | Weekday::Sunday)
            && !self.bank_holidays.contains(&date)
    }

    /// The `n`th working day after `date`; `n` counts from 1.
    pub fn nth_working_day_after(&self, date: Date, n: u32) -> Date {
        let mut day = date;
        let mut left = n;
        while left > 0 {
            day = day.tomorrow().expect("dates here are far from the end of time");
            if self.is_working_day(day) {
                left -= 1;
            }
        }
        day
    }

    /// The `n`th working day after a period's last day.
    pub fn working_day_after_period(&self, period: Period, n: u32) -> Date {
        self.nth_working_day_after(period.last().last_day(), n)
    }

    /// The last bank holiday that is known: beyond it, due dates are a guess.
    pub fn known_until(&self) -> Option<Date> {
        self.bank_holidays.last().copied()
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn the_demonstration_day_is_the_fifteenth_working_day_after_quarter_one() {
        let calendar = Calendar::new([date(2025, 8, 25)]);
        let quarter: Period = "2025-26Q1".parse().expect("a period");
        assert_eq!(calendar.working_day_after_period(quarter, 15), date(2025, 7, 21));
        assert_eq!(calendar.working_day_after_period(quarter, 10), date(2025, 7, 14));
    }

    #[test]
    fn bank_holidays_and_weekends_are_stepped_over() {
        let calendar = Calendar::new([date(2025, 4, 18), date(2025, 4, 21)]);
        // Thursday before Easter: the next working day is the Tuesday after.
        assert_eq!(calendar.nth_working_day_after(date(2025, 4, 17), 1), date(2025, 4, 22));
    }
}
