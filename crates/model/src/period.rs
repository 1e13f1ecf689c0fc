//! Reference periods: what figures are about. Whole months, first and last inclusive.

use std::fmt;
use std::str::FromStr;

use jiff::civil::{self, Date};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A calendar month. Ordered by time; written `2025-06`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Month {
    year: i16,
    month: i8,
}

const MONTH_NAMES: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

impl Month {
    /// The month, if `month` is 1 to 12 and `year` is 1900 to 2199.
    pub fn new(year: i16, month: i8) -> Option<Self> {
        ((1900..2200).contains(&year) && (1..=12).contains(&month)).then_some(Self { year, month })
    }

    /// The month that holds `date`.
    pub fn of(date: Date) -> Self {
        Self { year: date.year(), month: date.month() }
    }

    /// Calendar year.
    pub fn year(self) -> i16 {
        self.year
    }

    /// Month of the year, 1 to 12.
    pub fn month(self) -> i8 {
        self.month
    }

    /// First day.
    pub fn first_day(self) -> Date {
        civil::date(self.year, self.month, 1)
    }

    /// Last day.
    pub fn last_day(self) -> Date {
        self.first_day().last_of_month()
    }

    /// The month `months` later (earlier if negative).
    #[must_use]
    pub fn plus(self, months: i32) -> Self {
        let index = self.index() + months;
        let year = i16::try_from(index.div_euclid(12)).expect("a month within range");
        let month = i8::try_from(index.rem_euclid(12) + 1).expect("1 to 12");
        Self { year, month }
    }

    /// Months since year 0: for arithmetic and for storage.
    pub fn index(self) -> i32 {
        i32::from(self.year) * 12 + i32::from(self.month) - 1
    }

    /// English name: `June`.
    pub fn name(self) -> &'static str {
        MONTH_NAMES[usize::try_from(self.month - 1).expect("1 to 12")]
    }
}

impl fmt::Display for Month {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:04}-{:02}", self.year, self.month)
    }
}

impl FromStr for Month {
    type Err = PeriodError;

    fn from_str(text: &str) -> Result<Self, PeriodError> {
        let wrong = || PeriodError { text: text.to_owned() };
        let (year, month) = text.split_once('-').ok_or_else(wrong)?;
        if year.len() != 4 || month.len() != 2 {
            return Err(wrong());
        }
        let year = year.parse().map_err(|_| wrong())?;
        let month = month.parse().map_err(|_| wrong())?;
        Self::new(year, month).ok_or_else(wrong)
    }
}

/// What kind of stretch a period is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Grain {
    /// One month.
    Month,
    /// A financial quarter: April to June is quarter 1.
    Quarter,
    /// A financial year, April to March.
    FinancialYear,
    /// Any other whole months.
    Window,
}

/// A reference period: whole months, first and last inclusive.
///
/// Written and read as `2025-06`, `2025-26Q1`, `2025-26` (financial year) or `2018-11..2019-10`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Period {
    first: Month,
    last: Month,
}

/// Text that is not a period.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PeriodError {
    text: String,
}

impl fmt::Display for PeriodError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "`{}` is not a period: write 2025-06, 2025-26Q1, 2025-26 or 2018-11..2019-10",
            self.text
        )
    }
}

impl std::error::Error for PeriodError {}

impl Period {
    /// From the first to the last month, both inclusive; `None` if they are the wrong way round.
    pub fn new(first: Month, last: Month) -> Option<Self> {
        (first <= last).then_some(Self { first, last })
    }

    /// One month.
    pub fn month(month: Month) -> Self {
        Self { first: month, last: month }
    }

    /// The financial quarter that holds `month`.
    pub fn quarter_of(month: Month) -> Self {
        let first = month.plus(-((i32::from(month.month()) - 1) % 3));
        Self { first, last: first.plus(2) }
    }

    /// The `months` months that end with `last`.
    pub fn ending(last: Month, months: i32) -> Self {
        Self { first: last.plus(1 - months), last }
    }

    /// From the first month of the financial year (April) that holds `last`, to `last`: the year to
    /// date. Its year before is as many months, so that no part of a year meets a whole one.
    pub fn year_to_date(last: Month) -> Self {
        Self { first: last.plus(-((i32::from(last.month()) + 8) % 12)), last }
    }

    /// January to December.
    pub fn calendar_year(year: i16) -> Option<Self> {
        Self::new(Month::new(year, 1)?, Month::new(year, 12)?)
    }

    /// The latest financial quarter wholly before `date`.
    pub fn latest_complete_quarter(date: Date) -> Self {
        Self::quarter_of(Self::quarter_of(Month::of(date)).first.plus(-1))
    }

    /// First month, inclusive.
    pub fn first(self) -> Month {
        self.first
    }

    /// Last month, inclusive.
    pub fn last(self) -> Month {
        self.last
    }

    /// How many months.
    pub fn length_months(self) -> i32 {
        self.last.index() - self.first.index() + 1
    }

    /// How many days.
    pub fn length_days(self) -> i32 {
        (self.last.last_day() - self.first.first_day()).get_days() + 1
    }

    /// The months, in order.
    pub fn months(self) -> impl Iterator<Item = Month> {
        (0..self.length_months()).map(move |offset| self.first.plus(offset))
    }

    /// The same stretch moved by `months` (earlier if negative).
    #[must_use]
    pub fn shifted(self, months: i32) -> Self {
        Self { first: self.first.plus(months), last: self.last.plus(months) }
    }

    /// The same stretch of the year before.
    #[must_use]
    pub fn year_before(self) -> Self {
        self.shifted(-12)
    }

    /// Whether `other` lies wholly inside.
    pub fn contains(self, other: Self) -> bool {
        self.first <= other.first && other.last <= self.last
    }

    /// From the first month of either to the last of either.
    #[must_use]
    pub fn joined(self, other: Self) -> Self {
        Self { first: self.first.min(other.first), last: self.last.max(other.last) }
    }

    /// Whether the two share a month.
    pub fn overlaps(self, other: Self) -> bool {
        self.first <= other.last && other.first <= self.last
    }

    /// What kind of stretch it is.
    pub fn grain(self) -> Grain {
        match self.length_months() {
            1 => Grain::Month,
            3 if (self.first.month() - 1) % 3 == 0 => Grain::Quarter,
            12 if self.first.month() == 4 => Grain::FinancialYear,
            _ => Grain::Window,
        }
    }

    /// For file names: `2025-26-Q1`, otherwise as [`fmt::Display`] with `..` written `-to-`.
    pub fn file_name(self) -> String {
        match self.grain() {
            Grain::Quarter => {
                let (year, quarter) = self.financial_quarter();
                format!("{}-Q{quarter}", financial_year_text(year))
            }
            Grain::Month | Grain::FinancialYear | Grain::Window => {
                self.to_string().replace("..", "-to-")
            }
        }
    }

    /// Calendar months for people: `June 2025`, `April to June 2025`, `November 2018 to October 2019`.
    pub fn calendar(self) -> String {
        let (first, last) = (self.first, self.last);
        if first == last {
            format!("{} {}", first.name(), first.year())
        } else if first.year() == last.year() {
            format!("{} to {} {}", first.name(), last.name(), last.year())
        } else {
            format!("{} {} to {} {}", first.name(), first.year(), last.name(), last.year())
        }
    }

    /// For people, with the quarter named: `quarter 1 2025 to 2026 (April to June 2025)`.
    pub fn title(self) -> String {
        if self.grain() == Grain::Quarter {
            let (year, quarter) = self.financial_quarter();
            format!("quarter {quarter} {year} to {} ({})", year + 1, self.calendar())
        } else {
            self.calendar()
        }
    }

    /// The financial year the period starts in, and the quarter (1 to 4) it starts in.
    pub fn financial_quarter(self) -> (i16, i8) {
        let month = self.first.month();
        if month >= 4 {
            (self.first.year(), (month - 4) / 3 + 1)
        } else {
            (self.first.year() - 1, 4)
        }
    }
}

fn financial_year_text(year: i16) -> String {
    format!("{year}-{:02}", (year + 1) % 100)
}

impl fmt::Display for Period {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match self.grain() {
            Grain::Month => self.first.to_string(),
            Grain::Quarter => {
                let (year, quarter) = self.financial_quarter();
                format!("{}Q{quarter}", financial_year_text(year))
            }
            // `2010-11` is November 2010, so the financial years 2000-01 to 2011-12 are written out.
            Grain::FinancialYear if self.first.year() % 100 >= 12 => {
                financial_year_text(self.first.year())
            }
            Grain::FinancialYear | Grain::Window => format!("{}..{}", self.first, self.last),
        };
        formatter.pad(&text)
    }
}

impl FromStr for Period {
    type Err = PeriodError;

    fn from_str(text: &str) -> Result<Self, PeriodError> {
        let text = text.trim();
        let wrong = || PeriodError { text: text.to_owned() };
        if let Some((first, last)) = text.split_once("..") {
            let (first, last) = (first.parse()?, last.parse()?);
            return Self::new(first, last).ok_or_else(wrong);
        }
        // `2025-06` is June 2025 and `2025-26` a financial year: what can be a month is a month.
        let (head, quarter) = match text.split_once(['Q', 'q']) {
            Some((head, digit)) => (head.trim_end_matches('-'), Some(digit)),
            None => (text, None),
        };
        let (year_text, rest) = head.split_once('-').ok_or_else(wrong)?;
        if year_text.len() != 4 || rest.len() != 2 {
            return Err(wrong());
        }
        let year: i16 = year_text.parse().map_err(|_| wrong())?;
        let tail: i16 = rest.parse().map_err(|_| wrong())?;
        let follows = (year + 1) % 100 == tail;
        match quarter {
            Some(digit) => {
                let quarter: i8 = digit.parse().map_err(|_| wrong())?;
                if !follows || !(1..=4).contains(&quarter) {
                    return Err(wrong());
                }
                let april = Month::new(year, 4).ok_or_else(wrong)?;
                Ok(Self::quarter_of(april.plus(i32::from(quarter - 1) * 3)))
            }
            None if (1..=12).contains(&tail) => Ok(Self::month(head.parse()?)),
            None if follows => {
                let april = Month::new(year, 4).ok_or_else(wrong)?;
                Ok(Self { first: april, last: april.plus(11) })
            }
            None => Err(wrong()),
        }
    }
}

macro_rules! serde_as_text {
    ($name:ty) => {
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = String::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}

serde_as_text!(Month);
serde_as_text!(Period);

#[cfg(test)]
mod tests {
    use super::*;

    fn both_ways(text: &str) -> String {
        let period: Period = text.parse().expect(text);
        format!("{period} | {} | {} | {:?}", period.file_name(), period.title(), period.grain())
    }

    #[test]
    fn every_way_of_writing_a_period_comes_back() {
        insta::assert_snapshot!(both_ways("2025-06"), @"2025-06 | 2025-06 | June 2025 | Month");
        insta::assert_snapshot!(both_ways("2025-26Q1"), @"2025-26Q1 | 2025-26-Q1 | quarter 1 2025 to 2026 (April to June 2025) | Quarter");
        insta::assert_snapshot!(both_ways("2025-26-Q4"), @"2025-26Q4 | 2025-26-Q4 | quarter 4 2025 to 2026 (January to March 2026) | Quarter");
        insta::assert_snapshot!(both_ways("2025-26"), @"2025-26 | 2025-26 | April 2025 to March 2026 | FinancialYear");
        insta::assert_snapshot!(both_ways("2018-11..2019-10"), @"2018-11..2019-10 | 2018-11-to-2019-10 | November 2018 to October 2019 | Window");
        insta::assert_snapshot!(both_ways("1999-00Q3"), @"1999-00Q3 | 1999-00-Q3 | quarter 3 1999 to 2000 (October to December 1999) | Quarter");
    }

    #[test]
    fn what_is_not_a_period_is_refused_with_the_ways_to_write_one() {
        for text in
            ["", "2025", "2025-13", "2025-27Q1", "2025-26Q5", "2019-10..2018-11", "June", "2025-6"]
        {
            let error = text.parse::<Period>().expect_err(text).to_string();
            assert!(error.contains("2025-26Q1"), "{error}");
        }
    }

    proptest::proptest! {
        #[test]
        fn display_and_parse_agree(first in 1990 * 12..2100 * 12_i32, length in 0..30_i32) {
            let first = Month::new(1990, 1).expect("valid").plus(first - 1990 * 12);
            let period = Period::new(first, first.plus(length)).expect("in order");
            let text = period.to_string();
            proptest::prop_assert_eq!(text.parse::<Period>(), Ok(period));
        }

        #[test]
        fn a_year_before_is_twelve_months_earlier_and_as_long(first in 0..1200_i32, length in 0..24_i32) {
            let first = Month::new(1990, 1).expect("valid").plus(first);
            let period = Period::new(first, first.plus(length)).expect("in order");
            proptest::prop_assert_eq!(period.year_before().length_months(), period.length_months());
            proptest::prop_assert_eq!(period.year_before().shifted(12), period);
            proptest::prop_assert_eq!(period.months().count(), usize::try_from(period.length_months()).expect("positive"));
        }
    }
}
