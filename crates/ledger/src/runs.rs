//! Runs: what was started for which job and period, and how it ended.

use jiff::Timestamp;
use model::{EditionId, JobId, Period, RunId};
use rusqlite::{Connection, OptionalExtension, Row, params};

use crate::editions::{self, EditionRecord, PublishedFigure, PublishedSuccess};
use crate::error::refused;
use crate::outbox::{self, Batch};
use crate::stored::{key, parsed, parsed_if_any, text, time, word};
use crate::{Ledger, LedgerError, MessageKind, MessageState};

/// A run about to begin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunStart {
    /// The job.
    pub job: JobId,
    /// The period it runs for.
    pub period: Period,
    /// What it starts from, as text: lake version and definitions. The same key gives the same result.
    pub key: String,
    /// When.
    pub started_at: Timestamp,
}

/// A run that has begun.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BegunRun {
    /// `JOB-PERIOD-NN`.
    pub run_id: RunId,
    /// Whether it had begun before and never finished (a crash): it keeps its id, and so do its messages.
    pub taken_up_again: bool,
}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum RunOutcome {
    /// There was nothing new to do.
    UpToDate,
    /// Done.
    Succeeded,
    /// Done, with findings a person must look at.
    SucceededWithFindings,
    /// Nothing done, on purpose.
    Held,
    /// Given up.
    Failed,
}

impl RunOutcome {
    const ALL: [Self; 5] =
        [Self::UpToDate, Self::Succeeded, Self::SucceededWithFindings, Self::Held, Self::Failed];

    /// `up-to-date`, `succeeded`, `succeeded-with-findings`, `held` or `failed`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::UpToDate => "up-to-date",
            Self::Succeeded => "succeeded",
            Self::SucceededWithFindings => "succeeded-with-findings",
            Self::Held => "held",
            Self::Failed => "failed",
        }
    }

    /// Whether the run did what it is for, or found it done.
    pub fn is_done(self) -> bool {
        matches!(self, Self::UpToDate | Self::Succeeded | Self::SucceededWithFindings)
    }
}

/// Whether queued messages may be sent at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Release {
    /// They wait until the edition is released.
    WhenReleased,
    /// They may go.
    Now,
}

/// Everything that becomes true when a run ends: written in one transaction.
#[derive(Clone, Debug)]
pub struct FinishedRun<'a> {
    /// The run.
    pub run_id: &'a RunId,
    /// How it ended.
    pub outcome: RunOutcome,
    /// When.
    pub finished_at: Timestamp,
    /// The edition it made, if any.
    pub edition: Option<&'a EditionRecord>,
    /// The figures the edition prints.
    pub figures: &'a [PublishedFigure],
    /// The verdicts on success measures that it prints.
    pub success: &'a [PublishedSuccess],
    /// The messages to queue, as finished bytes.
    pub messages: &'a Batch,
    /// Whether they may be sent at once.
    pub release: Release,
}

/// A failure of a run that may be tried again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunFailure {
    /// When.
    pub at: Timestamp,
    /// What was said.
    pub why: String,
}

/// A run on record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunRecord {
    /// `JOB-PERIOD-NN`.
    pub run_id: RunId,
    /// The job.
    pub job: JobId,
    /// The period.
    pub period: Period,
    /// What it started from.
    pub key: String,
    /// When it began.
    pub started_at: Timestamp,
    /// When it was last taken up again after a crash or failure.
    pub resumed_at: Option<Timestamp>,
    /// Its latest failure, if it ever failed.
    pub failure: Option<RunFailure>,
    /// How it ended; `None` while unfinished.
    pub outcome: Option<RunOutcome>,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
    /// The edition it made.
    pub edition: Option<EditionId>,
}

impl Ledger {
    /// Begins a run, or takes up an unfinished one of the same job, period and key under its old
    /// id: so a run repeated after a crash writes the same messages.
    pub fn begin_run(&self, start: &RunStart) -> Result<BegunRun, LedgerError> {
        let RunStart { job, period, key, started_at } = start;
        self.writing("begin a run", |tx| {
            let unfinished: Option<String> = tx
                .prepare_cached(
                    "UPDATE runs SET resumed_at = ?4
                     WHERE job = ?1 AND period = ?2 AND key = ?3 AND outcome IS NULL
                     RETURNING run_id",
                )?
                .query_row(params![job.as_str(), text(period), key, time(*started_at)], |row| {
                    row.get(0)
                })
                .optional()?;
            if let Some(run_id) = unfinished {
                return Ok(BegunRun { run_id: RunId::new(run_id), taken_up_again: true });
            }
            let number: i64 = tx
                .prepare_cached(
                    "SELECT coalesce(max(number), 0) + 1 FROM runs WHERE job = ?1 AND period = ?2",
                )?
                .query_row(params![job.as_str(), text(period)], |row| row.get(0))?;
            let run_id = RunId::new(format!("{job}-{}-{number:02}", period.file_name()));
            tx.prepare_cached(
                "INSERT INTO runs (run_id, job, period, number, key, started_at)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            )?
            .execute(params![
                run_id.as_str(),
                job.as_str(),
                text(period),
                number,
                key,
                time(*started_at)
            ])?;
            Ok(BegunRun { run_id, taken_up_again: false })
        })
    }

    /// Ends a run: outcome, edition, published figures and queued messages become true together
    /// or not at all.
    ///
    /// # Errors
    /// Refused when there is no such run, it has ended already, the edition is on record already,
    /// or a message is queued already (same id, or same edition and recipient).
    pub fn finish_run(&self, finished: &FinishedRun<'_>) -> Result<(), LedgerError> {
        self.writing("finish a run", |tx| {
            let run_id = finished.run_id;
            match find(tx, run_id)? {
                None => return refused(format!("there is no run {run_id}")),
                Some(run) if run.outcome.is_some() => {
                    return refused(format!("run {run_id} has finished already"));
                }
                Some(_) => {}
            }
            if let Some(edition) = finished.edition {
                editions::insert(tx, edition, (finished.figures, finished.success))?;
                outbox::cancel_superseded(tx, edition, finished.finished_at)?;
            }
            let state = match finished.release {
                Release::WhenReleased => MessageState::Planned,
                Release::Now => MessageState::Approved,
            };
            outbox::put_by_shared(tx, finished.messages)?;
            for (message, kept) in &finished.messages.messages {
                // Whoever is to approve the others must get theirs first.
                let is_request = message.kind == MessageKind::ApprovalRequest;
                let state = if is_request { MessageState::Approved } else { state };
                outbox::queue_kept(tx, message, kept, state, finished.finished_at)?;
            }
            tx.prepare_cached(
                "UPDATE runs SET outcome = ?2, finished_at = ?3, edition = ?4 WHERE run_id = ?1",
            )?
            .execute(params![
                run_id.as_str(),
                finished.outcome.as_str(),
                time(finished.finished_at),
                finished.edition.map(|edition| edition.edition_id.as_str())
            ])?;
            Ok(())
        })
    }

    /// The newest moment on record of anything that happened here; none in a new ledger. A clock that stands before
    /// it is wrong.
    pub fn newest_time(&self) -> Result<Option<Timestamp>, LedgerError> {
        self.doing("look for the newest time", |db| {
            let newest = db
                .prepare_cached(
                    "SELECT max(at) AS at FROM (
                         SELECT max(started_at) AS at FROM runs
                         UNION ALL SELECT max(finished_at) FROM runs
                         UNION ALL SELECT max(changed_at) FROM outbox
                         UNION ALL SELECT max(arrived_at) FROM submissions)",
                )?
                .query_row([], |row| parsed_if_any(row, "at"))?;
            Ok(newest)
        })
    }

    /// Notes that a run failed. It stays unfinished, so the next try takes it up again.
    pub fn note_run_failure(
        &self,
        run_id: &RunId,
        at: Timestamp,
        why: &str,
    ) -> Result<(), LedgerError> {
        self.writing("note a failed run", |tx| {
            let noted = tx
                .prepare_cached(
                    "UPDATE runs SET failed_at = ?2, failure = ?3
                     WHERE run_id = ?1 AND outcome IS NULL",
                )?
                .execute(params![run_id.as_str(), time(at), why])?;
            match noted {
                1 => Ok(()),
                _ => refused(format!("there is no unfinished run {run_id}")),
            }
        })
    }

    /// The newest run of a job for a period, finished or not.
    pub fn last_run(&self, job: &JobId, period: Period) -> Result<Option<RunRecord>, LedgerError> {
        self.doing("look up the last run", |db| {
            let run = db
                .prepare_cached(
                    "SELECT * FROM runs WHERE job = ?1 AND period = ?2
                     ORDER BY number DESC LIMIT 1",
                )?
                .query_row(params![job.as_str(), text(period)], run)
                .optional()?;
            Ok(run)
        })
    }

    /// The newest finished run of a job for a period that started from the same key.
    pub fn finished_run_with_key(
        &self,
        job: &JobId,
        period: Period,
        key: &str,
    ) -> Result<Option<RunRecord>, LedgerError> {
        self.doing("look up a finished run", |db| {
            let run = db
                .prepare_cached(
                    "SELECT * FROM runs
                     WHERE job = ?1 AND period = ?2 AND key = ?3 AND outcome IS NOT NULL
                     ORDER BY number DESC LIMIT 1",
                )?
                .query_row(params![job.as_str(), text(period), key], run)
                .optional()?;
            Ok(run)
        })
    }

    /// One run.
    pub fn run(&self, run_id: &RunId) -> Result<Option<RunRecord>, LedgerError> {
        self.doing("look up a run", |db| Ok(find(db, run_id)?))
    }

    /// The newest runs, newest first, at most `limit`.
    pub fn runs(&self, limit: u32) -> Result<Vec<RunRecord>, LedgerError> {
        self.list_runs(
            "SELECT * FROM runs ORDER BY started_at DESC, run_id DESC LIMIT ?1",
            i64::from(limit),
        )
    }

    /// The newest run of each job, by job.
    pub fn last_runs(&self) -> Result<Vec<RunRecord>, LedgerError> {
        self.list_runs(
            "SELECT * FROM (SELECT *, row_number() OVER
                 (PARTITION BY job ORDER BY started_at DESC, run_id DESC) AS place FROM runs)
             WHERE place = ?1 ORDER BY job",
            1,
        )
    }

    fn list_runs(&self, sql: &str, number: i64) -> Result<Vec<RunRecord>, LedgerError> {
        self.doing("list runs", |db| {
            let rows = db
                .prepare_cached(sql)?
                .query_map([number], run)?
                .collect::<rusqlite::Result<_>>()?;
            Ok(rows)
        })
    }
}

fn find(db: &Connection, run_id: &RunId) -> rusqlite::Result<Option<RunRecord>> {
    db.prepare_cached("SELECT * FROM runs WHERE run_id = ?1")?
        .query_row([run_id.as_str()], run)
        .optional()
}

fn run(row: &Row<'_>) -> rusqlite::Result<RunRecord> {
    let failed_at: Option<Timestamp> = parsed_if_any(row, "failed_at")?;
    let why: Option<String> = row.get("failure")?;
    let outcome: Option<String> = row.get("outcome")?;
    let edition: Option<String> = row.get("edition")?;
    Ok(RunRecord {
        run_id: key(row, "run_id")?,
        job: key(row, "job")?,
        period: parsed(row, "period")?,
        key: row.get("key")?,
        started_at: parsed(row, "started_at")?,
        resumed_at: parsed_if_any(row, "resumed_at")?,
        failure: failed_at.zip(why).map(|(at, why)| RunFailure { at, why }),
        outcome: match outcome {
            Some(_) => Some(word(row, "outcome", &RunOutcome::ALL, RunOutcome::as_str)?),
            None => None,
        },
        finished_at: parsed_if_any(row, "finished_at")?,
        edition: edition.map(EditionId::new),
    })
}
