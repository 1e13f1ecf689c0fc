//! When jobs are due: a pure function of the schedule, what the ledger says ran, and now.
//!
//! tokio-cron-scheduler only wakes us. The period comes from the calendar, never from the moment
//! of waking, so a tick that is missed, late or in the wrong time-zone offset changes nothing.

use jiff::civil::Time;
use jiff::{SignedDuration, Timestamp};
use model::Period;

use crate::calendar::Calendar;
use crate::clock::{local, zone};
use crate::definitions::Schedule;

/// A quarter that was missed for longer than this is no longer run by itself.
const CATCH_UP_DAYS: i64 = 45;

/// What is due: a job's instant, and the period it is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Due {
    /// When it became, or becomes, due.
    pub at: Timestamp,
    /// The period it is about.
    pub period: Period,
}

/// What a schedule asks for now, given when the job last finished (for any period, and for the
/// period in question).
pub fn due_now(
    schedule: Schedule,
    calendar: &Calendar,
    now: Timestamp,
    last_finished: Option<Timestamp>,
    finished_for: impl Fn(Period) -> bool,
) -> Option<Due> {
    let today = local(now).date();
    let latest = Period::latest_complete_quarter(today);
    match schedule {
        Schedule::Daily { at } => {
            let due = on(today, at);
            let due = if due <= now { due } else { on(today.yesterday().ok()?, at) };
            (last_finished.is_none_or(|finished| finished < due))
                .then_some(Due { at: due, period: latest })
        }
        Schedule::WorkingDayAfterQuarter { working_day, at } => {
            let due = on(calendar.working_day_after_period(latest, working_day), at);
            let age = now.duration_since(due);
            let in_time =
                !age.is_negative() && age <= SignedDuration::from_hours(24 * CATCH_UP_DAYS);
            (in_time && !finished_for(latest)).then_some(Due { at: due, period: latest })
        }
        Schedule::EveryMinutes(minutes) => {
            let wait = SignedDuration::from_mins(i64::from(minutes));
            let due = last_finished.map_or(now, |finished| finished + wait);
            (due <= now).then_some(Due { at: due, period: latest })
        }
    }
}

/// The next `count` instants a schedule is due after `now`.
pub fn next_due(schedule: Schedule, calendar: &Calendar, now: Timestamp, count: usize) -> Vec<Due> {
    let today = local(now).date();
    let quarter = |date| Period::latest_complete_quarter(date);
    match schedule {
        Schedule::Daily { at } => (0..)
            .map_while(|days| today.checked_add(SignedDuration::from_hours(24 * days)).ok())
            .map(|date| Due { at: on(date, at), period: quarter(date) })
            .filter(|due| due.at > now)
            .take(count)
            .collect(),
        Schedule::WorkingDayAfterQuarter { working_day, at } => {
            let first = quarter(today);
            (0..)
                .map(|quarters| first.shifted(quarters * 3))
                .map(|period| {
                    let day = calendar.working_day_after_period(period, working_day);
                    Due { at: on(day, at), period }
                })
                .filter(|due| due.at > now)
                .take(count)
                .collect()
        }
        Schedule::EveryMinutes(minutes) => (1..)
            .map(|step| now + SignedDuration::from_mins(i64::from(minutes) * step))
            .map(|at| Due { at, period: quarter(local(at).date()) })
            .take(count)
            .collect(),
    }
}

/// A local time on a date; a time that the clocks skip is moved on, one that comes twice is the first.
fn on(date: jiff::civil::Date, at: Time) -> Timestamp {
    date.to_datetime(at)
        .to_zoned(zone())
        .expect("dates here are far from the end of time")
        .timestamp()
}

/// The latest complete financial quarter on a date: what commands mean by default.
pub fn default_period(today: jiff::civil::Date) -> Period {
    Period::latest_complete_quarter(today)
}

#[cfg(test)]
mod tests {
    use jiff::civil::{date, time};

    use super::*;

    const REPORT: Schedule =
        Schedule::WorkingDayAfterQuarter { working_day: 15, at: time(9, 0, 0, 0) };

    fn at(text: &str) -> Timestamp {
        text.parse::<jiff::civil::DateTime>()
            .expect("a time")
            .to_zoned(zone())
            .expect("valid")
            .timestamp()
    }

    fn due(now: &str, finished: &[&str]) -> String {
        let finished: Vec<Period> =
            finished.iter().map(|text| text.parse().expect("a period")).collect();
        let calendar = Calendar::new([date(2025, 12, 25), date(2025, 12, 26), date(2026, 1, 1)]);
        due_now(REPORT, &calendar, at(now), None, |period| finished.contains(&period)).map_or_else(
            || "nothing".to_owned(),
            |due| format!("{} due {}", due.period, local(due.at).datetime()),
        )
    }

    #[test]
    fn the_report_is_due_once_on_its_day_and_is_caught_up_after_it() {
        insta::assert_snapshot!(due("2025-07-21T08:59:59", &[]), @"nothing");
        insta::assert_snapshot!(due("2025-07-21T09:00:00", &[]), @"2025-26Q1 due 2025-07-21T09:00:00");
        insta::assert_snapshot!(due("2025-07-21T09:00:00", &["2025-26Q1"]), @"nothing");
        insta::assert_snapshot!(due("2025-08-30T12:00:00", &[]), @"2025-26Q1 due 2025-07-21T09:00:00");
        insta::assert_snapshot!(due("2025-09-20T12:00:00", &[]), @"nothing");
    }

    #[test]
    fn the_clocks_going_back_never_moves_a_quarter() {
        insta::assert_snapshot!(due("2026-01-22T09:00:00", &[]), @"2025-26Q3 due 2026-01-22T09:00:00");
        insta::assert_snapshot!(due("2025-12-31T23:30:00", &[]), @"nothing");
    }

    proptest::proptest! {
        /// Ten years of hourly heartbeats, with random stretches asleep: each quarter that can be
        /// caught up runs exactly once, and is about the months just ended.
        #[test]
        fn every_quarter_runs_once_whatever_is_slept_through(asleep in proptest::collection::vec((0..87_600_i64, 1..900_i64), 0..12)) {
            let start = at("2025-01-01T00:00:00");
            let calendar = Calendar::default();
            let mut finished: Vec<Period> = Vec::new();
            let mut hour = 0;
            while hour < 87_600 {
                if let Some((from, length)) = asleep.iter().find(|(from, length)| (*from..from + length).contains(&hour)) {
                    hour = from + length;
                    continue;
                }
                let now = start + SignedDuration::from_hours(hour);
                if let Some(due) = due_now(REPORT, &calendar, now, None, |period| finished.contains(&period)) {
                    proptest::prop_assert_eq!(due.period, default_period(local(now).date()));
                    finished.push(due.period);
                }
                hour += 13;
            }
            // 900 hours asleep are fewer than the 45 days of catching up, but naps can follow each other.
            let awake_enough = asleep.iter().map(|(_, length)| length).sum::<i64>() < 1000;
            if awake_enough {
                proptest::prop_assert_eq!(finished.len(), 40);
            }
            let mut distinct = finished.clone();
            distinct.dedup();
            proptest::prop_assert_eq!(distinct.len(), finished.len());
        }
    }
}
