//! From a spreadsheet's day numbers to dates: the only such conversion.

use jiff::civil::{Date, DateTime, date};
use jiff::{Span, ToSpan};

/// Serial numbers of 1900-01-01 to 9999-12-31 in the 1900 system.
const SERIAL_MAX: f64 = 2_958_466.0;
/// The day in Excel's 1900 that never was.
const FALSE_LEAP_DAY: f64 = 60.0;

/// The date and time of a serial number, rounded to the second, or `None` where there is no such
/// date: no number, before day 1 (a time of day), 29 February 1900, or after the year 9999.
pub(super) fn from_serial(serial: f64, epoch_1904: bool) -> Option<DateTime> {
    if !(0.0..SERIAL_MAX).contains(&serial) {
        return None;
    }
    let (day, seconds) = day_and_seconds(serial)?;
    let midnight = if epoch_1904 {
        after(date(1904, 1, 1), day)?
    } else if day < 1 || serial.floor() == FALSE_LEAP_DAY {
        return None;
    } else if serial < FALSE_LEAP_DAY {
        after(date(1899, 12, 31), day)?
    } else {
        after(date(1899, 12, 30), day)?
    };
    midnight
        .at(0, 0, 0, 0)
        .checked_add(Span::new().seconds(seconds))
        .ok()
        .filter(|date| date.year() <= 9999)
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "both are whole and far below 2^53 after the range check"
)]
fn day_and_seconds(serial: f64) -> Option<(i32, i64)> {
    let day = i32::try_from(serial.floor() as i64).ok()?;
    let seconds = (serial.fract() * 86_400.0).round() as i64;
    Some((day, seconds))
}

fn after(epoch: Date, days: i32) -> Option<Date> {
    epoch.checked_add(days.days()).ok()
}

/// The date and time of text in ISO 8601 (`2025-06-30`, `2025-06-30T12:00:00`), rounded to the
/// second; a time zone, if one is given, is left out.
pub(super) fn from_iso(text: &str) -> Option<DateTime> {
    let text = text.trim();
    let local = text.strip_suffix('Z').unwrap_or(text);
    let date_time = local
        .parse::<DateTime>()
        .ok()
        .or_else(|| local.parse::<Date>().ok().map(|date| date.at(0, 0, 0, 0)))?;
    date_time.round(jiff::Unit::Second).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(serial: f64, epoch_1904: bool) -> String {
        from_serial(serial, epoch_1904).map_or("none".to_owned(), |date| date.to_string())
    }

    #[test]
    fn boundaries_of_the_1900_system() {
        let serials = [
            f64::NAN,
            f64::INFINITY,
            -1.0,
            0.0,
            0.5,
            1.0,
            59.0,
            60.0,
            60.5,
            61.0,
            45_383.0,
            45_838.999_999,
            45_838.499_994,
            2_958_465.0,
            2_958_465.999_999,
            2_958_466.0,
        ];
        let dates = serials.map(|serial| told(serial, false)).join("\n");
        insta::assert_snapshot!(dates, @r"
        none
        none
        none
        none
        none
        1900-01-01T00:00:00
        1900-02-28T00:00:00
        none
        none
        1900-03-01T00:00:00
        2024-04-01T00:00:00
        2025-07-01T00:00:00
        2025-06-30T11:59:59
        9999-12-31T00:00:00
        none
        none
        ");
    }

    #[test]
    fn a_date_is_the_same_in_both_systems() {
        for serial in [45_383.0, 45_838.75, 1_462.0 + 61.0, 100_000.25] {
            assert_eq!(told(serial, false), told(serial - 1_462.0, true), "{serial}");
        }
        assert_eq!(told(0.0, true), "1904-01-01T00:00:00");
    }

    #[test]
    fn iso_text() {
        let texts = [
            "2025-06-30",
            "2025-06-30T12:00:00",
            " 2025-06-30T23:59:59.6Z ",
            "not-a-date",
            "12:00:00",
            "2025-02-30",
        ]
        .map(|text| from_iso(text).map_or("none".to_owned(), |date| date.to_string()))
        .join("\n");
        insta::assert_snapshot!(texts, @r"
        2025-06-30T00:00:00
        2025-06-30T12:00:00
        2025-07-01T00:00:00
        none
        none
        none
        ");
    }
}
