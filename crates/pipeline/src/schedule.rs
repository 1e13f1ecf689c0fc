//! When jobs are due: a pure function of the schedule, the calendar and a stretch of time.
//!
//! A schedule is a sequence of [`Occurrence`]s, each with a key from the calendar and the period it is
//! about. Neither depends on the moment of waking, so a tick that is missed, late, twice or in the wrong
//! time-zone offset changes nothing: [`due`] says what is to be done about what fell due, the ledger what
//! was done.

mod cron;
mod due;

use std::fmt;

use jiff::civil::{Date, DateTime, Time, Weekday};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use model::{Month, Period};

use crate::calendar::Calendar;
use crate::clock::zone;

pub use cron::Cron;
pub use due::{Decision, Missed, MissedRuns};
pub(crate) use due::{Known, decide};

/// When a job is due.
#[derive(Clone, Debug)]
pub struct Schedule {
    /// The rule, in local time.
    pub rule: Rule,
    /// Whose local time.
    pub zone: TimeZone,
}

/// A rule, in local time.
#[derive(Clone, Debug)]
pub enum Rule {
    /// Every day at this time.
    Daily {
        /// Local time.
        at: Time,
    },
    /// Every working day at this time.
    WorkingDays {
        /// Local time.
        at: Time,
    },
    /// On the nth working day after (or before) the end of each month, quarter or financial year.
    WorkingDay {
        /// Counted from 1.
        nth: u32,
        /// On which side of the end.
        side: Side,
        /// The end of what.
        of: Ending,
        /// Local time.
        at: Time,
    },
    /// On the last such weekday of each month or quarter, be it a holiday or not.
    LastWeekday {
        /// The weekday.
        weekday: Weekday,
        /// The last one of what; never of a year.
        of: Ending,
        /// Local time.
        at: Time,
    },
    /// By a cron expression of five fields.
    Cron(Box<Cron>),
    /// Again and again, from midnight UTC on.
    EveryMinutes(u32),
}

/// On which side of a period's end working days are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// Backwards from the last day, which is not counted.
    Before,
    /// Forwards from the last day, which is not counted.
    After,
}

/// What ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// A month.
    Month,
    /// A financial quarter.
    Quarter,
    /// A financial year, April to March.
    Year,
}

impl Ending {
    /// How many months.
    fn months(self) -> i32 {
        match self {
            Self::Month => 1,
            Self::Quarter => 3,
            Self::Year => 12,
        }
    }

    /// The one that a day is in.
    fn around(self, day: Date) -> Period {
        let month = Month::of(day);
        match self {
            Self::Month => Period::month(month),
            Self::Quarter => Period::quarter_of(month),
            Self::Year => {
                let into_year = (i32::from(month.month()) + 8) % 12;
                Period::ending(month.plus(11 - into_year), 12)
            }
        }
    }
}

/// Once that a job is due.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Occurrence {
    /// When it becomes, or became, due.
    pub at: Timestamp,
    /// Names it among the job's: the period (`2025-26Q1`), or the local time it is due (`2025-07-21T06:30`).
    pub key: String,
    /// The period it is about.
    pub period: Period,
}

impl Schedule {
    /// A schedule in the partnership's own time.
    pub fn new(rule: Rule) -> Self {
        Self { rule, zone: zone() }
    }

    /// Whether each occurrence stands for a period that ended (or will), so that it is the same one
    /// whenever it is due.
    pub fn is_by_period(&self) -> bool {
        matches!(self.rule, Rule::WorkingDay { .. })
    }

    /// Whether it is due so often that no occurrence is worth remembering.
    pub fn is_ceaseless(&self) -> bool {
        matches!(self.rule, Rule::EveryMinutes(_))
    }

    /// What falls due after `after`, in order of time, without end unless the rule has one.
    pub fn after<'a>(
        &'a self,
        calendar: &'a Calendar,
        after: Timestamp,
    ) -> Box<dyn Iterator<Item = Occurrence> + 'a> {
        let from = after.to_zoned(self.zone.clone());
        let all: Box<dyn Iterator<Item = Occurrence> + 'a> = match &self.rule {
            Rule::Daily { at } => {
                Box::new(days(from.date()).map(|day| self.by_time(day.to_datetime(*at))))
            }
            Rule::WorkingDays { at } => Box::new(
                days(from.date())
                    .filter(|day| calendar.is_working_day(*day))
                    .map(|day| self.by_time(day.to_datetime(*at))),
            ),
            Rule::WorkingDay { nth, side, of, at } => {
                // Sixty working days are less than four months; one period more is for safety.
                let back = 4 / of.months() + 2;
                let first = of.around(from.date()).shifted(-back * of.months());
                Box::new((0..).map(move |number| {
                    let period = first.shifted(number * of.months());
                    self.by_period(period, counted(calendar, period, *nth, *side).to_datetime(*at))
                }))
            }
            Rule::LastWeekday { weekday, of, at } => {
                let first = of.around(from.date());
                Box::new((0..).map(move |number| {
                    let last = first.shifted(number * of.months()).last().last_day();
                    let since = weekday.until(last.weekday());
                    let day = last.checked_sub(jiff::Span::new().days(since));
                    self.by_time(day.expect("far from the beginning of time").to_datetime(*at))
                }))
            }
            Rule::Cron(cron) => {
                // An hour that comes twice is over once for the clock on the wall, so look a little earlier.
                let wall = from.datetime() - SignedDuration::from_hours(2);
                Box::new(cron.after(wall).map(|at| self.by_time(at)))
            }
            Rule::EveryMinutes(minutes) => {
                let step = i64::from(*minutes) * 60;
                let number = after.as_second().div_euclid(step);
                Box::new((number + 1..).map_while(move |number| {
                    let at = Timestamp::from_second(number * step).ok()?;
                    let local = at.to_zoned(self.zone.clone());
                    let period = Period::latest_complete_quarter(local.date());
                    Some(Occurrence { at, key: at.to_string(), period })
                }))
            }
        };
        Box::new(all.skip_while(move |occurrence| occurrence.at <= after))
    }

    /// The occurrence that stands for a period; none for schedules that do not go by periods.
    pub fn of_period(&self, calendar: &Calendar, period: Period) -> Option<Occurrence> {
        match &self.rule {
            Rule::WorkingDay { nth, side, of, at }
                if of.around(period.last().last_day()) == period =>
            {
                let day = counted(calendar, period, *nth, *side);
                Some(self.by_period(period, day.to_datetime(*at)))
            }
            _ => None,
        }
    }

    fn by_time(&self, local: DateTime) -> Occurrence {
        let period = Period::latest_complete_quarter(local.date());
        Occurrence { at: self.on(local), key: local.strftime("%Y-%m-%dT%H:%M").to_string(), period }
    }

    fn by_period(&self, period: Period, local: DateTime) -> Occurrence {
        Occurrence { at: self.on(local), key: period.to_string(), period }
    }

    /// A local time; one that the clocks skip is moved on, one that comes twice is the first.
    fn on(&self, local: DateTime) -> Timestamp {
        let zoned = local.to_zoned(self.zone.clone());
        zoned.expect("dates here are far from the end of time").timestamp()
    }
}

/// A schedule in words, the same for the same schedule.
impl fmt::Display for Schedule {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let clock = |at: &Time| at.strftime("%H:%M").to_string();
        let ending = |of: &Ending| match of {
            Ending::Month => "month",
            Ending::Quarter => "quarter",
            Ending::Year => "financial year",
        };
        match &self.rule {
            Rule::Daily { at } => write!(formatter, "every day at {}", clock(at))?,
            Rule::WorkingDays { at } => write!(formatter, "every working day at {}", clock(at))?,
            Rule::WorkingDay { nth, side, of, at } => {
                let side = if *side == Side::After { "after" } else { "before" };
                let of = ending(of);
                write!(
                    formatter,
                    "working day {nth} {side} the end of each {of} at {}",
                    clock(at)
                )?;
            }
            Rule::LastWeekday { weekday, of, at } => {
                let (of, at) = (ending(of), clock(at));
                write!(formatter, "the last {weekday:?} of each {of} at {at}")?;
            }
            Rule::Cron(cron) => write!(formatter, "cron {cron}")?,
            Rule::EveryMinutes(minutes) => write!(formatter, "every {minutes} minutes")?,
        }
        match self.zone.iana_name() {
            Some(name) if name != crate::clock::TIME_ZONE => write!(formatter, " ({name})"),
            _ => Ok(()),
        }
    }
}

fn counted(calendar: &Calendar, period: Period, nth: u32, side: Side) -> Date {
    let last = period.last().last_day();
    match side {
        Side::After => calendar.nth_working_day_after(last, nth),
        Side::Before => calendar.nth_working_day_before(last, nth),
    }
}

fn days(from: Date) -> impl Iterator<Item = Date> {
    from.series(jiff::Span::new().days(1))
}

/// The latest complete financial quarter on a date: what commands mean by default.
pub fn default_period(today: Date) -> Period {
    Period::latest_complete_quarter(today)
}

#[cfg(test)]
mod tests;
