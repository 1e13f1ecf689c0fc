//! Periods as people write them: `Apr-25`, `Quarter 1 2025/26`, `year ending June 2025`.

use jiff::civil::Date;
use model::{Month, Period};

use super::words::{Word, words};
use crate::contract::DateOrder;

/// What a text says about time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Said {
    /// A period, year and all.
    Period(Period),
    /// A month of some year, 1 to 12.
    BareMonth(i8),
    /// A financial quarter of some year, 1 to 4.
    BareQuarter(i32),
    /// A calendar year.
    Year(i16),
}

/// Reads a whole text as a period; `None` if anything in it is about something else.
pub(super) fn read(text: &str, dates: DateOrder) -> Option<Said> {
    read_words(&words(without_marks(text))?, dates)
}

/// A text without the marks that stick to its end: `Jan†`, `Apr¹`, `Jun-25 [p]`.
fn without_marks(text: &str) -> &str {
    let mut rest = text.trim_end();
    loop {
        let before = rest;
        rest = rest
            .trim_end_matches(['*', '†', '‡', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹', ' ']);
        if let Some((head, _)) = rest.strip_suffix(']').and_then(|rest| rest.rsplit_once('[')) {
            rest = head;
        }
        if rest == before {
            return rest;
        }
    }
}

/// The period a text speaks of among other things: the longest one, then the first one named.
/// A single day (`printed 14 July 2025`) is no period.
pub(super) fn find(text: &str) -> Option<Period> {
    const PHRASE_WORDS_MAX: usize = 10;
    // Titles are cut into words leniently: what is not a word separates phrases.
    let all = super::words::words_leniently(text);
    let mut best: Option<Period> = None;
    let mut start = 0;
    while start < all.len() {
        let end = all.len().min(start + PHRASE_WORDS_MAX);
        let found = (start + 1..=end).rev().find_map(|end| {
            let phrase = &all[start..end];
            if day(phrase, DateOrder::DayFirst).is_some() {
                return Some((None, end));
            }
            match read_words(phrase, DateOrder::DayFirst)? {
                Said::Period(period) => Some((Some(period), end)),
                Said::BareMonth(_) | Said::BareQuarter(_) | Said::Year(_) => None,
            }
        });
        let Some((period, end)) = found else {
            start += 1;
            continue;
        };
        if let Some(period) = period
            && best.is_none_or(|best| best.length_months() < period.length_months())
        {
            best = Some(period);
        }
        start = end;
    }
    best
}

/// Whether a period is April to March.
pub(super) fn is_financial_year(period: Period) -> bool {
    period.length_months() == 12 && period.first().month() == 4
}

/// Reads a whole text as one day: `31/03/2025`, `2025-03-31`, `31 March 2025`, `31-Mar-25`.
pub(super) fn read_day(text: &str, dates: DateOrder) -> Option<Date> {
    day(&words(text)?, dates)
}

/// Whether a text is a day or a month with its year or day, as a spreadsheet makes them of
/// figures: `12-Mar`, `Mar-12`, `01/04/2025`.
pub(super) fn is_date_like(text: &str) -> bool {
    let Some(all) = words(text) else {
        return false;
    };
    matches!(
        all.as_slice(),
        [Word::Number(..), Word::Dash | Word::Slash, Word::Month(_)]
            | [Word::Month(_), Word::Dash | Word::Slash, Word::Number(..)]
    ) || day(&all, DateOrder::DayFirst).is_some()
}

fn read_words(all: &[Word<'_>], dates: DateOrder) -> Option<Said> {
    let all = without_brackets(all);
    if let Some(period) = quarter(all)
        .or_else(|| ending(all))
        .or_else(|| range(all, dates))
        .or_else(|| single_month(all, dates).map(Period::month))
        .or_else(|| financial_year(all))
        .or_else(|| calendar_years(all))
        .or_else(|| middle_of_year(all))
    {
        return Some(Said::Period(period));
    }
    match all {
        [Word::Month(month)] => Some(Said::BareMonth(*month)),
        [Word::Quarter, Word::Number(number @ 1..=4, 1)] => {
            i32::try_from(*number).ok().map(Said::BareQuarter)
        }
        [Word::Number(year, 4)] => Month::new(i16::try_from(*year).ok()?, 1)
            .filter(|month| (1990..2100).contains(&month.year()))
            .map(|month| Said::Year(month.year())),
        _ => None,
    }
}

/// `Quarter 1 2025/26 (April to June 2025)`: what stands in brackets says the same again.
fn without_brackets<'w>(all: &'w [Word<'w>]) -> &'w [Word<'w>] {
    let open = all.iter().position(|word| *word == Word::Open);
    match (open, all.last()) {
        (Some(open), Some(Word::Close)) if open > 0 => &all[..open],
        _ => all,
    }
}

/// `Q1 2025-26`, `Quarter 1 2025/26`, `2025/26 Q1`, `2025-26Q1`.
fn quarter(all: &[Word<'_>]) -> Option<Period> {
    let (number, year) = match all {
        [Word::Quarter, Word::Number(number, 1), year @ ..] => (number, year),
        [year @ .., Word::Quarter, Word::Number(number, 1)] => {
            (number, year.strip_suffix(&[Word::Dash]).unwrap_or(year))
        }
        _ => return None,
    };
    let year = match year.split_first() {
        Some((Word::Of | Word::Dash, rest)) => rest,
        _ => year,
    };
    let april = financial_year(year)?.first();
    let number = i32::try_from(*number).ok().filter(|n| (1..=4).contains(n))?;
    Some(Period::quarter_of(april.plus((number - 1) * 3)))
}

/// `year ending June 2025`, `YE Jun 2025`, `12 months to June 2025`, `quarter ending June 2025`.
fn ending(all: &[Word<'_>]) -> Option<Period> {
    let (months, rest) = match all {
        [Word::YearEnding, rest @ ..] | [Word::Year, Word::Ending | Word::To, rest @ ..] => {
            (12, rest)
        }
        [Word::Quarter, Word::Ending, rest @ ..] => (3, rest),
        [Word::Number(months, _), Word::Months, Word::Ending | Word::To, rest @ ..] => {
            (i32::try_from(*months).ok()?, rest)
        }
        _ => return None,
    };
    let last = single_month(rest, DateOrder::DayFirst)?;
    (1..=120).contains(&months).then(|| Period::ending(last, months))
}

/// `Nov 2018 to Oct 2019`, `Apr-Jun 2025`, `1 April 2025 - 30 June 2025`.
fn range(all: &[Word<'_>], dates: DateOrder) -> Option<Period> {
    all.iter().enumerate().find_map(|(at, word)| {
        if !matches!(word, Word::To | Word::Dash) {
            return None;
        }
        let (left, right) = (&all[..at], &all[at + 1..]);
        let last = single_month(right, dates)?;
        let first = match left {
            [Word::Month(month)] | [Word::Number(_, 1 | 2), Word::Month(month)] => {
                let year = i16::from(*month > last.month());
                Month::new(last.year() - year, *month)?
            }
            // `Apr-25` is a month, not a range that starts in `Apr`; a dash alone between two
            // numbers belongs to a date.
            _ => single_month(left, dates)?,
        };
        Period::new(first, last).filter(|period| period.length_months() <= 120)
    })
}

/// `Apr-25`, `April 2025`, `2025-04`, or the month of a day.
fn single_month(all: &[Word<'_>], dates: DateOrder) -> Option<Month> {
    match all {
        [Word::Month(month), Word::Dash | Word::Slash, Word::Number(year, digits)]
        | [Word::Month(month), Word::Number(year, digits)]
        | [Word::Number(year, digits @ 4), Word::Month(month)]
        | [Word::Number(year, digits @ 4), Word::Dash | Word::Slash, Word::Month(month)] => {
            Month::new(full_year(*year, *digits)?, *month)
        }
        [Word::Number(year, 4), Word::Dash | Word::Slash, Word::Number(month, 2)] => {
            // `2010/11` is a financial year; `2010-11` is November.
            let slash = matches!(all[1], Word::Slash);
            if slash && (year + 1) % 100 == *month {
                return None;
            }
            Month::new(i16::try_from(*year).ok()?, i8::try_from(*month).ok()?)
        }
        [Word::Number(month, 1 | 2), Word::Slash, Word::Number(year, 4)] => {
            Month::new(i16::try_from(*year).ok()?, i8::try_from(*month).ok()?)
        }
        _ => day(all, dates).map(Month::of),
    }
}

fn day(all: &[Word<'_>], dates: DateOrder) -> Option<Date> {
    let separator = |word: &Word<'_>| matches!(word, Word::Dash | Word::Slash | Word::Dot);
    let (year, digits, month, day) = match all {
        [Word::Number(year, 4), one, Word::Number(month, 1 | 2), two, Word::Number(day, 1 | 2)]
            if separator(one) && one == two =>
        {
            (*year, 4, *month, *day)
        }
        [
            Word::Number(first, 1 | 2),
            one,
            Word::Number(second, 1 | 2),
            two,
            Word::Number(year, digits),
        ] if separator(one) && one == two => match dates {
            DateOrder::DayFirst => (*year, *digits, *second, *first),
            DateOrder::MonthFirst => (*year, *digits, *first, *second),
        },
        [Word::Number(day, 1 | 2), Word::Month(month), Word::Number(year, digits)]
        | [
            Word::Number(day, 1 | 2),
            Word::Dash | Word::Slash,
            Word::Month(month),
            Word::Dash | Word::Slash,
            Word::Number(year, digits),
        ] => (*year, *digits, u32::try_from(*month).ok()?, *day),
        _ => return None,
    };
    let year = full_year(year, digits)?;
    let date = Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()?;
    Month::new(year, date.month()).map(|_| date)
}

/// `2025/26`, `2025-26`, `2025/2026`, `25/26`; April to March.
fn financial_year(all: &[Word<'_>]) -> Option<Period> {
    let [Word::Number(year, digits @ (2 | 4)), separator, Word::Number(next, next_digits)] = all
    else {
        return None;
    };
    if !matches!(separator, Word::Slash | Word::Dash) {
        return None;
    }
    let first = full_year(*year, *digits)?;
    let second = full_year(*next, *next_digits)?;
    // `2010-11` is November 2010 wherever it stands; with a slash it is the year.
    (second == first + 1).then_some(())?;
    let april = Month::new(first, 4)?;
    Period::new(april, april.plus(11))
}

/// `2012-2014`: January of the one to December of the other. Two years that follow each other are a
/// financial year.
fn calendar_years(all: &[Word<'_>]) -> Option<Period> {
    let [Word::Number(first, 4), Word::Dash | Word::To, Word::Number(last, 4)] = all else {
        return None;
    };
    let years = first + 2..=first + 9;
    let first = Month::new(i16::try_from(*first).ok()?, 1)?;
    let last = years.contains(last).then(|| i16::try_from(*last).ok()).flatten()?;
    Period::new(first, Month::new(last, 12)?)
}

/// `Mid-2020`, `mid-year 2020`: estimates of the population are for 30 June.
fn middle_of_year(all: &[Word<'_>]) -> Option<Period> {
    let [Word::Middle, rest @ ..] = all else {
        return None;
    };
    let rest: Vec<&Word<'_>> =
        rest.iter().filter(|word| !matches!(word, Word::Dash | Word::Year)).collect();
    let [Word::Number(year, 4)] = rest.as_slice() else {
        return None;
    };
    Month::new(i16::try_from(*year).ok()?, 6).map(Period::month)
}

fn full_year(year: u32, digits: usize) -> Option<i16> {
    match digits {
        4 => i16::try_from(year).ok(),
        2 => i16::try_from(if year < 70 { 2000 + year } else { 1900 + year }).ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &str) -> String {
        match read(text, DateOrder::DayFirst) {
            Some(Said::Period(period)) => period.to_string(),
            Some(Said::BareMonth(month)) => format!("month {month}"),
            Some(Said::BareQuarter(quarter)) => format!("quarter {quarter}"),
            Some(Said::Year(year)) => format!("year {year}"),
            None => "-".to_owned(),
        }
    }

    const CASES: &[&str] = &[
        "Apr-25",
        "April 2025",
        "Apr 2025",
        "Sept 2024",
        "2025-04",
        "01/04/2025",
        "2025-04-01",
        "Quarter 1 2025/26",
        "Q1 2025-26",
        "2025-26 Q1",
        "2025-26Q1",
        "Qtr 4 2025/26",
        "Quarter 1 2025/26 (April to June 2025)",
        "year ending June 2025",
        "YE Jun 2025",
        "12 months to June 2025",
        "Nov 2018 to Oct 2019",
        "Nov 18 - Oct 19",
        "Apr '10 to Mar '11",
        "Apr-Jun 2025",
        "Jan - Mar 1971",
        "November 2018 – October 2019",
        "1 April 2025 to 30 June 2025",
        "2025/26",
        "2025-26",
        "2010/11",
        "2010-11",
        "April",
        "2025",
        "28/05/20 - 03/06/20",
        "8th December 2020 to 7th May 2021",
        "Apr '10 to Mar '114",
        "Apr '15 to Mar '165, 6",
        "June\u{b9} 2025",
        "2012-2014",
        "Mid-2020",
        "mid-year 2019",
    ];

    #[test]
    fn periods_as_partners_write_them() {
        let listed: Vec<String> =
            CASES.iter().map(|case| format!("{case} = {}", said(case))).collect();
        insta::assert_snapshot!(listed.join("\n"), @"
        Apr-25 = 2025-04
        April 2025 = 2025-04
        Apr 2025 = 2025-04
        Sept 2024 = 2024-09
        2025-04 = 2025-04
        01/04/2025 = 2025-04
        2025-04-01 = 2025-04
        Quarter 1 2025/26 = 2025-26Q1
        Q1 2025-26 = 2025-26Q1
        2025-26 Q1 = 2025-26Q1
        2025-26Q1 = 2025-26Q1
        Qtr 4 2025/26 = 2025-26Q4
        Quarter 1 2025/26 (April to June 2025) = 2025-26Q1
        year ending June 2025 = 2024-07..2025-06
        YE Jun 2025 = 2024-07..2025-06
        12 months to June 2025 = 2024-07..2025-06
        Nov 2018 to Oct 2019 = 2018-11..2019-10
        Nov 18 - Oct 19 = 2018-11..2019-10
        Apr '10 to Mar '11 = 2010-04..2011-03
        Apr-Jun 2025 = 2025-26Q1
        Jan - Mar 1971 = 1970-71Q4
        November 2018 – October 2019 = 2018-11..2019-10
        1 April 2025 to 30 June 2025 = 2025-26Q1
        2025/26 = 2025-26
        2025-26 = 2025-26
        2010/11 = 2010-04..2011-03
        2010-11 = 2010-11
        April = month 4
        2025 = year 2025
        28/05/20 - 03/06/20 = 2020-05..2020-06
        8th December 2020 to 7th May 2021 = 2020-12..2021-05
        Apr '10 to Mar '114 = 2010-04..2011-03
        Apr '15 to Mar '165, 6 = 2015-16
        June¹ 2025 = 2025-06
        2012-2014 = 2012-01..2014-12
        Mid-2020 = 2020-06
        mid-year 2019 = 2019-06
        ");
    }

    #[test]
    fn marks_at_the_end_and_quarters_of_some_year() {
        assert_eq!(said("Jun-25 [p][r]"), "2025-06");
        assert_eq!(said("Jan†"), "month 1");
        assert_eq!(said("Q1"), "quarter 1");
        assert_eq!(said("Quarter 4"), "quarter 4");
        assert!(is_date_like("12-Mar") && is_date_like("Mar-12") && is_date_like("01/04/2025"));
        assert!(!is_date_like("10-14") && !is_date_like("1,234") && !is_date_like("March"));
    }

    #[test]
    fn what_is_no_period_is_not_made_one() {
        for text in [
            "",
            "Total",
            "May be late",
            "8-Dec to 27-Dec",
            "Q5 2025/26",
            "2025/27",
            "32/01/2025",
            "13/2025",
            "March of the penguins",
            "12",
            "Apr 1",
            "% change",
            "Sevenoaks",
            "Quarter total",
            "mid",
            "midsummer 2020",
            "2012-2032",
            "2014-2012",
            "12th",
            "'1145",
        ] {
            assert_eq!(said(text), "-", "{text}");
        }
    }

    #[test]
    fn a_title_is_searched_for_its_period() {
        let found = |text: &str| find(text).map(|period| period.to_string());
        assert_eq!(
            found("Table C2: offences, England and Wales, year ending June 2025 [note 1][note 2]"),
            Some("2024-07..2025-06".to_owned())
        );
        assert_eq!(found("DAVSS return: April to June 2025, page 2"), Some("2025-26Q1".to_owned()));
        assert_eq!(found("Produced on 14 July 2025"), None);
        assert_eq!(found("Quarter 1 2025/26"), Some("2025-26Q1".to_owned()));
        assert_eq!(found("Nothing here, 2025"), None);
    }

    proptest::proptest! {
        #[test]
        fn every_month_reads_back_however_it_is_written(year in 2000_i16..2060, month in 1_i8..=12, style in 0_usize..7) {
            let wanted = Month::new(year, month).expect("valid");
            let name = wanted.name();
            let text = match style {
                0 => format!("{name} {year}"),
                1 => format!("{}-{:02}", &name[..3], year % 100),
                2 => format!("{year}-{month:02}"),
                3 => format!("01/{month:02}/{year}"),
                4 => format!(" {} \u{a0}{year} ", name.to_uppercase()),
                5 => format!("{} '{:02}", &name[..3], year % 100),
                _ => format!("{year}-{month:02}-28"),
            };
            proptest::prop_assert_eq!(read(&text, DateOrder::DayFirst), Some(Said::Period(Period::month(wanted))));
        }

        #[test]
        fn no_text_makes_the_reader_panic(text in ".{0,40}") {
            let _said = read(&text, DateOrder::MonthFirst);
            let _found = find(&text);
        }
    }
}
