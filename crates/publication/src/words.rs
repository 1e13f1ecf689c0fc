//! Numbers, dates and lists as readers see them.

pub(crate) use analysis::ordinal;
use jiff::civil::Date;
use model::{Grain, Period, Unit};

/// A true minus sign. Data files use the hyphen.
const MINUS: &str = "\u{2212}";

/// For readers: `2,941`, `£1,200`, `£1,200.50`, `45.3%`, `−5`.
pub(crate) fn amount(value: i64, unit: Unit) -> String {
    let sign = if sign(value, unit) == MINUS { MINUS } else { "" };
    format!("{sign}{}", magnitude(value, unit))
}

/// A change for readers, always with its sign: `+71`, `−£20`, `+1.2 points`, `0`.
pub(crate) fn signed_amount(value: i64, unit: Unit) -> String {
    format!("{}{}", sign(value, unit), difference(value, unit))
}

/// How far apart, for readers: `71`, `£20`, `1.2 points`.
pub(crate) fn difference(value: i64, unit: Unit) -> String {
    match unit {
        Unit::Percent => format!("{} points", tenths(hundredths_to_tenths(value))),
        Unit::Count | Unit::Pounds | Unit::Decimal => magnitude(value, unit),
    }
}

/// For data files: the same number without separators and signs of currency.
pub(crate) fn plain(value: i64, unit: Unit) -> String {
    let sign = if value < 0 { "-" } else { "" };
    let size = value.unsigned_abs();
    match unit {
        Unit::Count => value.to_string(),
        Unit::Pounds | Unit::Decimal => format!("{sign}{}.{:02}", size / 100, size % 100),
        Unit::Percent => {
            let tenths = hundredths_to_tenths(value);
            let sign = if tenths == 0 { "" } else { sign };
            format!("{sign}{}.{}", tenths / 10, tenths % 10)
        }
    }
}

fn magnitude(value: i64, unit: Unit) -> String {
    let size = value.unsigned_abs();
    match unit {
        Unit::Count => grouped(size),
        Unit::Pounds if size.is_multiple_of(100) => format!("£{}", grouped(size / 100)),
        Unit::Pounds => format!("£{}.{:02}", grouped(size / 100), size % 100),
        Unit::Percent => format!("{}%", tenths(hundredths_to_tenths(value))),
        Unit::Decimal => format!("{}.{:02}", grouped(size / 100), size % 100),
    }
}

/// Half away from zero.
fn hundredths_to_tenths(value: i64) -> u64 {
    (value.unsigned_abs() + 5) / 10
}

fn tenths(value: u64) -> String {
    format!("{}.{}", grouped(value / 10), value % 10)
}

/// The sign of what is printed: what rounds to nothing has none.
fn sign(value: i64, unit: Unit) -> &'static str {
    match value.signum() {
        _ if unit == Unit::Percent && hundredths_to_tenths(value) == 0 => "",
        1 => "+",
        -1 => MINUS,
        _ => "",
    }
}

/// Change in percent, from tenths: `+8.7%`; whole percents for protected measures: `+9%`.
pub(crate) fn percent_change(tenths_pct: i64, is_whole: bool) -> String {
    let size = tenths_pct.unsigned_abs();
    let digits = if is_whole { grouped(size / 10) } else { tenths(size) };
    format!("{}{digits}%", sign(tenths_pct, Unit::Count))
}

/// The same for data files: `8.7`, `-9`.
pub(crate) fn plain_percent_change(tenths_pct: i64, is_whole: bool) -> String {
    let sign = if tenths_pct < 0 { "-" } else { "" };
    let size = tenths_pct.unsigned_abs();
    if is_whole {
        format!("{sign}{}", size / 10)
    } else {
        format!("{sign}{}.{}", size / 10, size % 10)
    }
}

/// Thousands separated by commas.
pub(crate) fn grouped(value: u64) -> String {
    let digits = value.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A decimal number, not negative, with its thousands separated by commas.
pub(crate) fn decimal(number: &str) -> String {
    let (whole, rest) = number.split_at(number.find('.').unwrap_or(number.len()));
    whole.parse().map_or_else(|_| number.to_owned(), |whole| format!("{}{rest}", grouped(whole)))
}

/// One decimal for readers, with a true minus sign.
pub(crate) fn one_decimal(number: f64) -> String {
    let size = format!("{:.1}", number.abs());
    let sign = if number < 0.0 && size != "0.0" { MINUS } else { "" };
    format!("{sign}{}", decimal(&size))
}

/// One decimal for data files; what rounds to nothing has no sign.
pub(crate) fn plain_one_decimal(number: f64) -> String {
    let text = format!("{number:.1}");
    if text == "-0.0" { "0.0".to_owned() } else { text }
}

/// A count for readers.
pub(crate) fn count(number: usize) -> String {
    grouped(u64::try_from(number).unwrap_or(u64::MAX))
}

/// `one` to `ten` in words, then digits; `no` for none.
pub(crate) fn count_in_words(number: usize) -> String {
    const WORDS: [&str; 11] =
        ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"];
    WORDS.get(number).map_or_else(|| count(number), |word| (*word).to_owned())
}

/// `1 indicator`, `2 indicators`.
pub(crate) fn counted(number: usize, one: &str, many: &str) -> String {
    format!("{} {}", count(number), if number == 1 { one } else { many })
}

/// `a`, `a and b`, `a, b and c`; after `max` items `a, b and 3 more`.
pub(crate) fn list(items: &[String], max: usize) -> String {
    let (shown, left_out) = items.split_at(items.len().min(max));
    let mut parts: Vec<String> = shown.to_vec();
    if !left_out.is_empty() {
        parts.push(format!("{} more", count(left_out.len())));
    }
    match parts.split_last() {
        None => String::new(),
        Some((only, [])) => only.clone(),
        Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
    }
}

/// `21 July 2025`.
pub(crate) fn date(date: Date) -> String {
    date.strftime("%-d %B %Y").to_string()
}

/// The same with a capital first letter.
pub(crate) fn capitalised(text: &str) -> String {
    let mut characters = text.chars();
    let first: String = characters.next().into_iter().flat_map(char::to_uppercase).collect();
    format!("{first}{}", characters.as_str())
}

/// With a capital first letter and a full stop.
pub(crate) fn sentence(text: &str) -> String {
    let stop = if text.ends_with(['.', '!', '?', '…']) { "" } else { "." };
    format!("{}{stop}", capitalised(text))
}

/// `quarter 1`, `June 2025`, `the 12 months to October 2019`: as it stands after *in*.
pub(crate) fn period_name(period: Period) -> String {
    match period.grain() {
        Grain::Quarter => format!("quarter {}", period.financial_quarter().1),
        Grain::Month => period.calendar(),
        Grain::FinancialYear | Grain::Window => {
            let last = period.last();
            format!("the {} months to {} {}", period.length_months(), last.name(), last.year())
        }
    }
}

/// `quarter`, `month` or `period`.
pub(crate) fn period_noun(period: Period) -> &'static str {
    match period.grain() {
        Grain::Quarter => "quarter",
        Grain::Month => "month",
        Grain::FinancialYear | Grain::Window => "period",
    }
}

/// A file size for readers: `820 bytes`, `4.2 kB`, `310 kB`.
pub fn size(bytes: usize) -> String {
    match bytes {
        0..1000 => format!("{bytes} bytes"),
        1000..9950 => format!("{}.{} kB", (bytes + 50) / 1000, (bytes + 50) % 1000 / 100),
        more => format!("{} kB", count((more + 500) / 1000)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn three_ways(value: i64, unit: Unit) -> String {
        format!("{} | {} | {}", amount(value, unit), signed_amount(value, unit), plain(value, unit))
    }

    #[test]
    fn numbers_for_readers_and_for_data_files() {
        insta::assert_snapshot!(three_ways(1_234_567, Unit::Count), @"1,234,567 | +1,234,567 | 1234567");
        insta::assert_snapshot!(three_ways(-71, Unit::Count), @"−71 | −71 | -71");
        insta::assert_snapshot!(three_ways(0, Unit::Count), @"0 | 0 | 0");
        insta::assert_snapshot!(three_ways(-120_050, Unit::Pounds), @"−£1,200.50 | −£1,200.50 | -1200.50");
        insta::assert_snapshot!(three_ways(120_000, Unit::Pounds), @"£1,200 | +£1,200 | 1200.00");
        insta::assert_snapshot!(three_ways(4_525, Unit::Percent), @"45.3% | +45.3 points | 45.3");
        insta::assert_snapshot!(three_ways(-4, Unit::Percent), @"0.0% | 0.0 points | 0.0");
        insta::assert_snapshot!(three_ways(-123_405, Unit::Decimal), @"−1,234.05 | −1,234.05 | -1234.05");
        insta::assert_snapshot!(percent_change(-64, false), @"−6.4%");
        insta::assert_snapshot!(percent_change(90, true), @"+9%");
        insta::assert_snapshot!(plain_percent_change(-1064, false), @"-106.4");
    }

    #[test]
    fn lists_sizes_and_ordinals() {
        let items = |n: usize| (1..=n).map(|i| format!("item {i}")).collect::<Vec<_>>();
        insta::assert_snapshot!(list(&items(1), 3), @"item 1");
        insta::assert_snapshot!(list(&items(3), 3), @"item 1, item 2 and item 3");
        insta::assert_snapshot!(list(&items(5), 3), @"item 1, item 2, item 3 and 2 more");
        let sizes = [999, 1000, 9949, 9950, 310_400].map(size).join(", ");
        insta::assert_snapshot!(sizes, @"999 bytes, 1.0 kB, 9.9 kB, 10 kB, 310 kB");
        let decimals = ["0.0", "28.1", "1208.5", "12"].map(decimal).join(" ");
        insta::assert_snapshot!(decimals, @"0.0 28.1 1,208.5 12");
        let places = [1, 2, 3, 4, 11, 12, 13, 21, 102, 111].map(ordinal).join(" ");
        insta::assert_snapshot!(places, @"1st 2nd 3rd 4th 11th 12th 13th 21st 102nd 111th");
    }
}
