//! What is to be done about what fell due: to be run, or missed for good.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::{Occurrence, Schedule};
use crate::calendar::Calendar;

/// A moment's delay is no missed run: another job may have been at work, or the machine asleep for a minute.
const GRACE: SignedDuration = SignedDuration::from_hours(1);

/// How far back a job that is new catches up.
const FIRST_SIGHT: SignedDuration = SignedDuration::from_hours(24 * 7);

/// How far back what was never looked at is counted up, at most.
const LOOK_BACK: SignedDuration = SignedDuration::from_hours(24 * 400);

/// So many occurrences at most are told apart as missed at one look: a stampede of a schedule by the minute.
const TOLD_MAX: usize = 40;

/// Which of several runs that were missed are made up for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MissedRuns {
    /// Only the latest.
    Latest,
    /// All of them, oldest first.
    All,
    /// None: what is not run at its time is not run.
    None,
}

/// What a job does about runs that were missed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Missed {
    /// Which are made up for.
    pub runs: MissedRuns,
    /// Those that were due longer ago are not.
    pub within_days: u16,
}

impl Default for Missed {
    fn default() -> Self {
        Self { runs: MissedRuns::Latest, within_days: 45 }
    }
}

/// What is known of a job before one looks.
#[derive(Clone, Debug)]
pub(crate) struct Known {
    /// When it was first seen.
    pub(crate) seen_at: Timestamp,
    /// When its present schedule was first seen; none while it never had another.
    pub(crate) edited_at: Option<Timestamp>,
    /// When the latest occurrence on record was due; none when none is on record.
    pub(crate) last_due: Option<Timestamp>,
    /// What was due before and is not done.
    pub(crate) open: Vec<Occurrence>,
}

/// What is to be done now.
///
/// A quarter whose report was not made is missed, and somebody must know. A morning on which nobody looked into the
/// partners' folders is not: the next look finds what that one would have found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Decision {
    /// To be run, oldest first.
    pub run: Vec<Occurrence>,
    /// Of schedules that go by periods: will not be run, and why; oldest first.
    pub missed: Vec<(Occurrence, &'static str)>,
    /// Of other schedules: not run, and no loss, since a later one does or did the same; oldest first.
    pub passed: Vec<Occurrence>,
}

/// Decides about everything that fell due up to `now`. Occurrences for which `is_done` says yes are left out:
/// it is asked about each once.
pub(crate) fn decide<E>(
    schedule: &Schedule,
    calendar: &Calendar,
    missed: Missed,
    known: &Known,
    now: Timestamp,
    is_done: impl Fn(&Occurrence) -> Result<bool, E>,
) -> Result<Decision, E> {
    let window = match missed.runs {
        MissedRuns::None => GRACE,
        _ => SignedDuration::from_hours(24 * i64::from(missed.within_days)).max(GRACE),
    };
    let since = match (known.edited_at, known.last_due) {
        // What fell due long before the job was seen is not its business: nobody is to be surprised by the mail of a
        // quarter that ended before all this was set up.
        (None, None) => known.seen_at - window.min(FIRST_SIGHT),
        (edited, last) => edited.max(last).unwrap_or(now),
    };
    let since = since.max(now - LOOK_BACK);
    let newest: Vec<Occurrence> =
        schedule.after(calendar, since).take_while(|occurrence| occurrence.at <= now).collect();
    let passed_over = newest.len().saturating_sub(TOLD_MAX);
    // By key: an edited schedule may name a period again that is waiting to be run.
    let mut by_key = BTreeMap::new();
    let waiting = not_yet_begun(schedule, calendar, known, now);
    let all = known.open.iter().cloned().chain(waiting).chain(newest.into_iter().skip(passed_over));
    for occurrence in all {
        by_key.entry(occurrence.key.clone()).or_insert(occurrence);
    }
    let mut candidates = Vec::new();
    for occurrence in by_key.into_values() {
        if !is_done(&occurrence)? {
            candidates.push(occurrence);
        }
    }
    candidates.sort();
    let mut decision = Decision::default();
    let last = candidates.len().saturating_sub(1);
    for (number, occurrence) in candidates.into_iter().enumerate() {
        let late = now.duration_since(occurrence.at);
        let is_superseded = missed.runs != MissedRuns::All && number < last;
        if !schedule.is_by_period() && (is_superseded || late > window) {
            decision.passed.push(occurrence);
        } else if is_superseded {
            decision.missed.push((occurrence, "a later one was due before it could be run"));
        } else if late > window {
            let why = match missed.runs {
                MissedRuns::None => {
                    "it could not be run at its time, and the job makes up for none"
                }
                _ => "it was due too long ago to be made up for by itself",
            };
            decision.missed.push((occurrence, why));
        } else {
            decision.run.push(occurrence);
        }
    }
    Ok(decision)
}

/// After an edit nothing is replayed: only what falls due from then on. But the period that was waiting for
/// its day when the schedule was edited, and whose new day is past already, must not get lost between the two.
fn not_yet_begun(
    schedule: &Schedule,
    calendar: &Calendar,
    known: &Known,
    now: Timestamp,
) -> Option<Occurrence> {
    let edited = known.edited_at.filter(|_| schedule.is_by_period())?;
    schedule
        .after(calendar, edited - LOOK_BACK)
        .take_while(|occurrence| occurrence.at <= edited.min(now))
        .last()
        // The one after it must not have ended: then this one was past when the schedule was edited.
        .filter(|latest| {
            let next = latest.period.shifted(latest.period.length_months());
            edited.to_zoned(schedule.zone.clone()).date() <= next.last().last_day()
        })
}
