//! Cron expressions, read as local time on the clock on the wall.
//!
//! The library is asked about a clock that is never put forward or back; what the clocks skip or repeat is
//! settled like every other local time. So an expression names each local time once.

use std::fmt;
use std::str::FromStr as _;

use chrono::{NaiveDate, NaiveDateTime, Timelike as _, Utc};
use croner::parser::{CronParser, Seconds, Year};
use jiff::civil::DateTime;

/// A cron expression: minute, hour, day of month, month, day of week.
#[derive(Clone, Debug)]
pub struct Cron {
    text: String,
    pattern: croner::Cron,
}

impl Cron {
    /// Reads five fields, or a nickname such as `@monthly`.
    ///
    /// # Errors
    /// A sentence when it is no expression, or never comes (`0 0 31 2 *`).
    pub fn parse(text: &str) -> Result<Self, String> {
        let parser =
            CronParser::builder().seconds(Seconds::Disallowed).year(Year::Disallowed).build();
        let pattern = parser.parse(text.trim()).map_err(|error| {
            format!("`{text}` is not a cron expression of five fields (minute, hour, day, month, weekday): {error}")
        })?;
        let cron = Self { text: text.trim().to_owned(), pattern };
        let somewhere = DateTime::from_str("2024-01-01T00:00:00").expect("a date");
        let ever = cron.after(somewhere).next();
        match ever {
            Some(_) => Ok(cron),
            None => Err(format!("`{text}` never comes: there is no such day")),
        }
    }

    /// The local times after this one, in order.
    pub(super) fn after(&self, wall: DateTime) -> impl Iterator<Item = DateTime> + '_ {
        let mut last = naive(wall);
        std::iter::from_fn(move || {
            let next = self.pattern.find_next_occurrence(&last?.and_utc(), false).ok()?;
            last = Some(next.naive_utc());
            civil(next)
        })
    }
}

impl fmt::Display for Cron {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}

fn naive(wall: DateTime) -> Option<NaiveDateTime> {
    let number = |part: i8| u32::try_from(part).ok();
    let date =
        NaiveDate::from_ymd_opt(wall.year().into(), number(wall.month())?, number(wall.day())?)?;
    date.and_hms_opt(number(wall.hour())?, number(wall.minute())?, number(wall.second())?)
}

fn civil(at: chrono::DateTime<Utc>) -> Option<DateTime> {
    let text = at.with_nanosecond(0)?.format("%Y-%m-%dT%H:%M:%S").to_string();
    text.parse().ok()
}
