//! The bank holidays of England and Wales that follow from rules: the Banking and Financial Dealings Act
//! 1971 and the proclamations that are the same each year since 1978. What was proclaimed once (a jubilee,
//! a coronation, a day moved) stands in `bank-holidays.toml`.

use jiff::civil::{Date, Weekday, date};

/// A bank holiday.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BankHoliday {
    /// The day off.
    pub date: Date,
    /// What it is called.
    pub name: &'static str,
}

/// The bank holidays of a year by rule, in order of date. A day that falls on a weekend is replaced by the
/// next weekday that is not a bank holiday itself; the replaced day is not listed.
pub fn bank_holidays(year: i16) -> [BankHoliday; 8] {
    let easter = easter_sunday(year);
    let (christmas, boxing) = (date(year, 12, 25), date(year, 12, 26));
    let (christmas_off, boxing_off) = match christmas.weekday() {
        // Boxing Day is a Saturday: Monday instead.
        Weekday::Friday => (christmas, plus(boxing, 2)),
        // Saturday and Sunday: Monday and Tuesday instead.
        Weekday::Saturday => (plus(christmas, 2), plus(boxing, 2)),
        // Sunday: Monday is Boxing Day, so Tuesday instead.
        Weekday::Sunday => (plus(christmas, 2), boxing),
        _ => (christmas, boxing),
    };
    let mut days = [
        BankHoliday { date: weekday_on_or_after(date(year, 1, 1)), name: "New Year's Day" },
        BankHoliday { date: plus(easter, -2), name: "Good Friday" },
        BankHoliday { date: plus(easter, 1), name: "Easter Monday" },
        BankHoliday { date: monday_on_or_after(date(year, 5, 1)), name: "Early May bank holiday" },
        BankHoliday { date: monday_on_or_after(date(year, 5, 25)), name: "Spring bank holiday" },
        BankHoliday { date: monday_on_or_after(date(year, 8, 25)), name: "Summer bank holiday" },
        BankHoliday { date: christmas_off, name: "Christmas Day" },
        BankHoliday { date: boxing_off, name: "Boxing Day" },
    ];
    days.sort_by_key(|holiday| holiday.date);
    days
}

/// Easter Sunday of the Gregorian calendar (Meeus, Jones, Butcher; Astronomical Algorithms, chapter 8).
fn easter_sunday(year: i16) -> Date {
    let year_number = i32::from(year);
    let (golden, century, of_century) = (year_number % 19, year_number / 100, year_number % 100);
    let (leap_centuries, rest) = (century / 4, century % 4);
    let correction = (century - (century + 8) / 25 + 1) / 3;
    let epact = (19 * golden + century - leap_centuries - correction + 15) % 30;
    let weekday = (32 + 2 * rest + 2 * (of_century / 4) - epact - of_century % 4) % 7;
    let later = (golden + 11 * epact + 22 * weekday) / 451;
    let march = epact + weekday - 7 * later + 114;
    let (month, day) = (march / 31, march % 31 + 1);
    date(year, i8::try_from(month).expect("3 or 4"), i8::try_from(day).expect("1 to 31"))
}

fn weekday_on_or_after(day: Date) -> Date {
    match day.weekday() {
        Weekday::Saturday => plus(day, 2),
        Weekday::Sunday => plus(day, 1),
        _ => day,
    }
}

fn monday_on_or_after(day: Date) -> Date {
    plus(day, i64::from((8 - day.weekday().to_monday_one_offset()) % 7))
}

fn plus(day: Date, days: i64) -> Date {
    day.checked_add(jiff::Span::new().days(days)).expect("dates here are far from the end of time")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// 40 years by another program (`tests/checks/bank_holidays.py` makes and checks the file), which knows the
    /// proclaimed ones, too: those are the ones in the partnership's list.
    #[test]
    fn the_rules_and_the_list_give_what_another_program_gives() {
        let golden = std::fs::read_to_string(testkit::fixture("golden/bank-holidays.csv"));
        let golden = golden.expect("a file");
        let expected: BTreeSet<Date> = golden
            .lines()
            .skip(1)
            .map(|line| line.split(',').next().and_then(|day| day.parse().ok()).expect("a date"))
            .collect();
        let path = testkit::repository().join("config/bank-holidays.toml");
        let text = std::fs::read_to_string(path).expect("a file");
        let problems = crate::keys::Problems::default();
        let table = problems.parse("bank-holidays.toml", &text).expect("TOML");
        let calendar = crate::definitions::calendar("bank-holidays.toml", &table, &problems);
        assert!(problems.is_empty());
        let days = date(2000, 1, 1).series(jiff::Span::new().days(1));
        let days = days.take_while(|day| *day < date(2041, 1, 1));
        let weekday = |day: &Date| !matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday);
        let ours = days.filter(|day| weekday(day) && calendar.is_bank_holiday(*day));
        let ours: BTreeSet<Date> = ours.collect();
        let differ: Vec<&Date> = ours.symmetric_difference(&expected).collect();
        assert_eq!(differ, Vec::<&Date>::new());
        assert_eq!(expected.len(), 41 * 8 + 6, "those of the rules, and six proclaimed besides");
    }
}
