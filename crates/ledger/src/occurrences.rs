//! What fell due by a job's schedule, and what became of it.

use jiff::Timestamp;
use model::{JobId, Period, RunId};
use rusqlite::{Connection, OptionalExtension, Row, params};

use crate::error::{Fault, refused};
use crate::stored::{key, parsed, parsed_if_any, text, time, word};
use crate::{Ledger, LedgerError};

/// What became of something that fell due.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum OccurrenceState {
    /// Still to be run.
    Due,
    /// Run.
    Done,
    /// Will not be run.
    Missed,
}

impl OccurrenceState {
    const ALL: [Self; 3] = [Self::Due, Self::Done, Self::Missed];

    /// `due`, `done` or `missed`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Due => "due",
            Self::Done => "done",
            Self::Missed => "missed",
        }
    }
}

/// Once that a job fell due.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OccurrenceRecord {
    /// The job.
    pub job: JobId,
    /// Names it among the job's.
    pub occurrence: String,
    /// The period it is about.
    pub period: Period,
    /// When it fell due.
    pub due_at: Timestamp,
    /// What became of it.
    pub state: OccurrenceState,
    /// Why it is not done yet, or never will be.
    pub why: Option<String>,
    /// The run that did it.
    pub run_id: Option<RunId>,
    /// When it came into its state, or was last tried.
    pub changed_at: Timestamp,
}

/// What the ledger knows of a job's schedule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScheduleKnown {
    /// When the job was first seen.
    pub seen_at: Timestamp,
    /// Since when the present schedule is in force, if the job had another before.
    pub edited_at: Option<Timestamp>,
    /// When the latest occurrence on record fell due.
    pub last_due: Option<Timestamp>,
}

impl Ledger {
    /// Notes the schedule of a job, and says what is known of it. A schedule that is another than the one
    /// on record has been edited: from `now` on it is this one.
    pub fn note_schedule(
        &self,
        job: &JobId,
        schedule: &str,
        now: Timestamp,
    ) -> Result<ScheduleKnown, LedgerError> {
        let known = self.doing("look up a schedule", |db| {
            let on_record: Option<(String, Timestamp, Option<Timestamp>)> = db
                .prepare_cached("SELECT * FROM schedules WHERE job = ?1")?
                .query_row([job.as_str()], |row| {
                    let edited_at = parsed_if_any(row, "edited_at")?;
                    Ok((row.get("schedule")?, parsed(row, "seen_at")?, edited_at))
                })
                .optional()?;
            Ok(on_record)
        })?;
        let is_known = known.as_ref().is_some_and(|(on_record, ..)| on_record == schedule);
        let (seen_at, edited_at) = match known {
            Some((on_record, seen_at, edited_at)) if on_record == schedule => (seen_at, edited_at),
            Some((_, seen_at, _)) => (seen_at, Some(now)),
            None => (now, None),
        };
        if !is_known {
            self.keep_schedule(job, schedule, seen_at, edited_at)?;
        }
        let last_due = self.doing("look up what fell due", |db| {
            let last = db
                .prepare_cached("SELECT max(due_at) AS due_at FROM occurrences WHERE job = ?1")?
                .query_row([job.as_str()], |row| parsed_if_any(row, "due_at"))?;
            Ok(last)
        })?;
        Ok(ScheduleKnown { seen_at, edited_at, last_due })
    }

    fn keep_schedule(
        &self,
        job: &JobId,
        schedule: &str,
        seen_at: Timestamp,
        edited_at: Option<Timestamp>,
    ) -> Result<(), LedgerError> {
        self.writing("keep a schedule", |tx| {
            tx.prepare_cached("INSERT OR REPLACE INTO schedules VALUES (?1, ?2, ?3, ?4)")?
                .execute(params![job.as_str(), schedule, time(seen_at), edited_at.map(time)])?;
            Ok(())
        })
    }

    /// Puts what fell due on record. What is there already stays as it is, except that something due may
    /// become missed.
    pub fn note_occurrences(&self, occurrences: &[OccurrenceRecord]) -> Result<(), LedgerError> {
        if occurrences.is_empty() {
            return Ok(());
        }
        self.writing("note what fell due", |tx| {
            for occurrence in occurrences {
                insert(tx, occurrence)?;
            }
            Ok(())
        })
    }

    /// Keeps what became of an occurrence: done by a run, or not yet and why.
    ///
    /// # Errors
    /// Refused when there is no such occurrence, or it is done or missed already.
    pub fn settle_occurrence(&self, occurrence: &OccurrenceRecord) -> Result<(), LedgerError> {
        self.writing("settle what fell due", |tx| {
            let settled = tx
                .prepare_cached(
                    "UPDATE occurrences SET state = ?3, why = ?4, run_id = ?5, changed_at = ?6
                     WHERE job = ?1 AND occurrence = ?2 AND state = 'due'",
                )?
                .execute(params![
                    occurrence.job.as_str(),
                    occurrence.occurrence,
                    occurrence.state.as_str(),
                    occurrence.why,
                    occurrence.run_id.as_ref().map(RunId::as_str),
                    time(occurrence.changed_at)
                ])?;
            match settled {
                1 => Ok(()),
                _ => {
                    refused(format!("{} was not due for {}", occurrence.job, occurrence.occurrence))
                }
            }
        })
    }

    /// One occurrence.
    pub fn occurrence(
        &self,
        job: &JobId,
        occurrence: &str,
    ) -> Result<Option<OccurrenceRecord>, LedgerError> {
        self.doing("look up what fell due", |db| {
            let found = db
                .prepare_cached("SELECT * FROM occurrences WHERE job = ?1 AND occurrence = ?2")?
                .query_row([job.as_str(), occurrence], record)
                .optional()?;
            Ok(found)
        })
    }

    /// What is due and not done, in order of time; of one job, or of all.
    pub fn open_occurrences(
        &self,
        job: Option<&JobId>,
    ) -> Result<Vec<OccurrenceRecord>, LedgerError> {
        self.doing("list what is due", |db| {
            let rows = db
                .prepare_cached(
                    "SELECT * FROM occurrences WHERE state = 'due' AND (?1 IS NULL OR job = ?1)
                     ORDER BY due_at, job, occurrence",
                )?
                .query_map([job.map(JobId::as_str)], record)?
                .collect::<rusqlite::Result<_>>()?;
            Ok(rows)
        })
    }

    /// What was missed since a moment, in order of time.
    pub fn missed_since(&self, since: Timestamp) -> Result<Vec<OccurrenceRecord>, LedgerError> {
        self.doing("list what was missed", |db| {
            let rows = db
                .prepare_cached(
                    "SELECT * FROM occurrences WHERE state = 'missed' AND changed_at >= ?1
                     ORDER BY due_at, job, occurrence",
                )?
                .query_map([time(since)], record)?
                .collect::<rusqlite::Result<_>>()?;
            Ok(rows)
        })
    }

    /// Whether a run of the job for the period has finished, and did what it is for: an edition it made is released.
    pub fn has_run(&self, job: &JobId, period: Period) -> Result<bool, LedgerError> {
        self.doing("look for a finished run", |db| {
            let found: bool = db
                .prepare_cached(
                    "SELECT EXISTS (SELECT 1 FROM runs LEFT JOIN editions ON edition_id = edition
                         WHERE job = ?1 AND runs.period = ?2 AND coalesce(editions.state, 'released') = 'released'
                         AND outcome IN ('up-to-date', 'succeeded', 'succeeded-with-findings'))",
                )?
                .query_row(params![job.as_str(), text(period)], |row| row.get(0))?;
            Ok(found)
        })
    }
}

fn insert(db: &Connection, occurrence: &OccurrenceRecord) -> Result<(), Fault> {
    let OccurrenceRecord { job, occurrence, period, due_at, state, why, run_id, changed_at } =
        occurrence;
    db.prepare_cached(
        "INSERT INTO occurrences VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
         ON CONFLICT DO UPDATE SET state = excluded.state, why = excluded.why,
             changed_at = excluded.changed_at
         WHERE occurrences.state = 'due' AND excluded.state = 'missed'",
    )?
    .execute(params![
        job.as_str(),
        occurrence,
        text(*period),
        time(*due_at),
        state.as_str(),
        why,
        run_id.as_ref().map(RunId::as_str),
        time(*changed_at)
    ])?;
    Ok(())
}

fn record(row: &Row<'_>) -> rusqlite::Result<OccurrenceRecord> {
    let run_id: Option<String> = row.get("run_id")?;
    Ok(OccurrenceRecord {
        job: key(row, "job")?,
        occurrence: row.get("occurrence")?,
        period: parsed(row, "period")?,
        due_at: parsed(row, "due_at")?,
        state: word(row, "state", &OccurrenceState::ALL, OccurrenceState::as_str)?,
        why: row.get("why")?,
        run_id: run_id.map(RunId::new),
        changed_at: parsed(row, "changed_at")?,
    })
}
