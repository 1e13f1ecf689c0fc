//! One job, now, for one period; and what it would do.

use ledger::{FinishedRun, Ledger, Release, RunOutcome, RunStart};
use model::{JobId, Period, Severity};
use serde::Serialize;

use crate::definitions::{Job, JobKind};
use crate::dispatch::{Dispatched, dispatch};
use crate::error::PipelineError;
use crate::house::House;
use crate::ingest::{
    Destroyed, FailedSource, Ingested, JudgedSubmission, Look, ingest, source_finding,
};
use crate::kept_backups::{KeptBackup, keep_backups};
use crate::rehearse::{Rehearsed, rehearse};
use crate::remind::{Reminded, remind};
use crate::report::{Asked, EditionSummary, Reported, recorded_version, report, tell_operator};
use crate::schedule::default_period;
use crate::sign_of_life::sign_of_life;
use crate::views::FindingView;

/// Whether a run hands its mail over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sending {
    /// At the end of the run.
    AtOnce,
    /// Left in the outbox.
    Later,
}

/// What a run did.
#[derive(Clone, Debug, Serialize)]
pub struct RunSummary {
    /// The run; of an up-to-date report, the run that made it.
    pub run_id: Option<String>,
    /// The job.
    pub job: JobId,
    /// What it was about.
    pub period: Period,
    /// `up-to-date`, `succeeded`, `succeeded-with-findings`, `held` or `failed`.
    pub outcome: String,
    /// Submissions judged.
    pub submissions: Vec<JudgedSubmission>,
    /// Delta version of the observations.
    pub lake_version: i64,
    /// The edition that was made.
    pub edition: Option<EditionSummary>,
    /// How many messages of the edition were queued.
    pub messages_queued: usize,
    /// How many letters to partners were queued.
    pub letters_queued: usize,
    /// Whether returns that were owed are missing from the edition.
    pub with_gaps: bool,
    /// Partners that were reminded, or would be.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub reminded: Vec<Reminded>,
    /// What a rehearsal found.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rehearsed: Option<Rehearsed>,
    /// The backup that was made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub backup: Option<KeptBackup>,
    /// How many things the sign of life asks somebody to look at.
    #[serde(skip_serializing_if = "is_zero")]
    pub to_look_at: usize,
    /// What was handed over.
    pub sent: Dispatched,
    /// Files and sites that were as they were.
    pub unchanged: usize,
    /// Sources that could not be looked at.
    pub failed_sources: Vec<FailedSource>,
    /// How many sources were looked at.
    pub sources: usize,
    /// Sealed submissions whose time had come.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub destroyed: Vec<Destroyed>,
    /// Everything a person must look at: of sources, then of submissions. No repairs.
    pub findings: Vec<RunFinding>,
    /// Why the report was held.
    pub waiting_for: Vec<String>,
}

/// A finding of a run, and whose it is.
#[derive(Clone, Debug, Serialize)]
pub struct RunFinding {
    /// The source.
    pub source: String,
    /// The submission's file; none when the finding is about the source or a file not taken.
    pub file: Option<String>,
    /// What was found.
    #[serde(flatten)]
    pub finding: FindingView,
}

impl RunFinding {
    fn new(source: &str, file: Option<&str>, finding: FindingView) -> Self {
        Self { source: source.to_owned(), file: file.map(str::to_owned), finding }
    }
}

impl RunSummary {
    fn new(job: &JobId, period: Period) -> Self {
        Self {
            run_id: None,
            job: job.clone(),
            period,
            outcome: RunOutcome::UpToDate.as_str().to_owned(),
            submissions: Vec::new(),
            lake_version: 0,
            edition: None,
            messages_queued: 0,
            letters_queued: 0,
            with_gaps: false,
            reminded: Vec::new(),
            rehearsed: None,
            backup: None,
            to_look_at: 0,
            sent: Dispatched::default(),
            unchanged: 0,
            failed_sources: Vec::new(),
            sources: 0,
            destroyed: Vec::new(),
            findings: Vec::new(),
            waiting_for: Vec::new(),
        }
    }

    /// Whether there is something a person must look at.
    pub fn has_findings(&self) -> bool {
        let would_fail = self.rehearsed.as_ref().is_some_and(|it| !it.problems.is_empty());
        let is_damaged = self.backup.as_ref().is_some_and(|it| !it.damage.is_empty());
        would_fail
            || is_damaged
            || self.with_gaps
            || !self.findings.is_empty()
            || self.sent.refused + self.sent.unknown + self.sent.cancelled > 0
    }

    /// Whether nothing could be collected at all, or the mail server could not be used.
    pub fn should_try_later(&self) -> bool {
        let nothing_collected = self.sources > 0 && self.failed_sources.len() == self.sources;
        nothing_collected || self.sent.unreachable.is_some()
    }

    fn take(&mut self, ingested: Ingested) {
        self.submissions = ingested.judged;
        self.letters_queued = ingested.letters;
        self.unchanged = ingested.unchanged;
        self.sources = ingested.sources;
        self.destroyed = ingested.destroyed;
        let of_sources = ingested
            .not_taken
            .into_iter()
            .map(|(source, finding)| (source.to_string(), finding))
            .chain(
                ingested
                    .failed
                    .iter()
                    .map(|failed| (failed.source.clone(), source_finding(failed))),
            );
        self.findings = of_sources
            .map(|(source, finding)| RunFinding::new(&source, None, finding.into()))
            .collect();
        for submission in &self.submissions {
            let file = Some(submission.file.as_str());
            self.findings.extend(
                submission
                    .findings
                    .iter()
                    .filter(|finding| finding.severity != Severity::Repair)
                    .map(|finding| RunFinding::new(&submission.source, file, finding.clone())),
            );
        }
        self.failed_sources = ingested.failed;
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "as serde calls it")]
fn is_zero(count: &usize) -> bool {
    *count == 0
}

/// The job by that name.
pub fn job<'a>(house: &'a House, name: &str) -> Result<&'a Job, PipelineError> {
    house.definitions.jobs.get(&JobId::new(name)).ok_or_else(|| {
        let known: Vec<&str> = house.definitions.jobs.keys().map(JobId::as_str).collect();
        let hint = model::nearest(name, known.iter().copied()).map_or_else(
            || format!("known are {}", known.join(", ")),
            |nearest| format!("did you mean `{nearest}`?"),
        );
        PipelineError::Usage(format!("there is no job `{name}`: {hint}"))
    })
}

/// Runs a job now. Without a period it is the latest complete financial quarter.
pub async fn run(
    house: &House,
    job: &Job,
    period: Option<Period>,
    sending: Sending,
) -> Result<RunSummary, PipelineError> {
    let look = if period.is_some() { Look::AgainForThisPeriod } else { Look::AtNews };
    let period = period.unwrap_or_else(|| default_period(house.clock.today()));
    run_looking(house, job, (period, look, Asked::ByHand), sending).await
}

/// Runs a job for what fell due: about the period that the schedule says, whenever that is run.
pub(crate) async fn run_due(
    house: &House,
    job: &Job,
    period: Period,
    sending: Sending,
) -> Result<RunSummary, PipelineError> {
    let is_usual = period == default_period(house.clock.today());
    let look = if is_usual { Look::AtNews } else { Look::AtAllForThisPeriod };
    run_looking(house, job, (period, look, Asked::BySchedule), sending).await
}

async fn run_looking(
    house: &House,
    job: &Job,
    (period, look, asked): (Period, Look, Asked),
    sending: Sending,
) -> Result<RunSummary, PipelineError> {
    let _lock = house.lock()?;
    let ledger = house.ledger()?;
    let mut summary = RunSummary::new(&job.id, period);
    match job.kind {
        JobKind::Collect => collect(house, &ledger, job, period, look, &mut summary).await?,
        JobKind::Report => {
            let asked = (period, look, asked);
            let made = collect_and_report(house, &ledger, job, asked, &mut summary).await;
            if let Err(error) = &made {
                // Readers get nothing; whoever must do something hears of it.
                tell_operator(house, &ledger, job, period, error);
            }
            made?;
            if sending == Sending::AtOnce {
                summary.sent = dispatch(house, &ledger)?;
            }
        }
        JobKind::Dispatch => send(house, &ledger, job, period, &mut summary)?,
        JobKind::Remind => {
            let begun = begin(house, &ledger, job, period)?;
            summary.reminded = remind(house, &ledger, period)?;
            finish(house, &ledger, &begun, RunOutcome::Succeeded, &mut summary)?;
        }
        JobKind::SignOfLife => {
            // Before it begins itself: it would else report of itself that it is not done.
            summary.to_look_at = sign_of_life(house, &ledger).await?;
            let begun = begin(house, &ledger, job, period)?;
            finish(house, &ledger, &begun, RunOutcome::Succeeded, &mut summary)?;
        }
        JobKind::Rehearse => try_out(house, &ledger, job, period, &mut summary).await?,
        JobKind::BackUp => back_up(house, &ledger, job, period, &mut summary).await?,
    }
    summary.lake_version = recorded_version(&ledger)?.observations;
    Ok(summary)
}

async fn collect_and_report(
    house: &House,
    ledger: &Ledger,
    job: &Job,
    (period, look, asked): (Period, Look, Asked),
    summary: &mut RunSummary,
) -> Result<(), PipelineError> {
    if job.collect_first {
        summary.take(ingest(house, ledger, period, look).await?);
    }
    make_report(house, ledger, job, (period, asked), summary).await
}

async fn collect(
    house: &House,
    ledger: &Ledger,
    job: &Job,
    period: Period,
    look: Look,
    summary: &mut RunSummary,
) -> Result<(), PipelineError> {
    let begun = begin(house, ledger, job, period)?;
    summary.take(done(house, ledger, &begun, ingest(house, ledger, period, look).await)?);
    if summary.should_try_later() {
        // Not finished: it stays due, and is tried again.
        let why = "no source could be looked at";
        ledger.note_run_failure(&begun, house.clock.now(), why)?;
        summary.run_id = Some(begun.to_string());
        RunOutcome::Failed.as_str().clone_into(&mut summary.outcome);
        return Ok(());
    }
    let outcome = if summary.has_findings() || !summary.submissions.is_empty() {
        succeeded(summary)
    } else {
        RunOutcome::UpToDate
    };
    finish(house, ledger, &begun, outcome, summary)
}

/// What a run has done. That it failed is on record before anybody hears of it.
fn done<T>(
    house: &House,
    ledger: &Ledger,
    begun: &model::RunId,
    result: Result<T, PipelineError>,
) -> Result<T, PipelineError> {
    if let Err(error) = &result {
        ledger.note_run_failure(begun, house.clock.now(), &error.to_string())?;
    }
    result
}

fn succeeded(summary: &RunSummary) -> RunOutcome {
    if summary.has_findings() { RunOutcome::SucceededWithFindings } else { RunOutcome::Succeeded }
}

fn begin(
    house: &House,
    ledger: &Ledger,
    job: &Job,
    period: Period,
) -> Result<model::RunId, PipelineError> {
    let started_at = house.clock.now();
    // Not a run that is done once for a key: each look is its own.
    let key = format!("at/{started_at}");
    Ok(ledger.begin_run(&RunStart { job: job.id.clone(), period, key, started_at })?.run_id)
}

fn finish(
    house: &House,
    ledger: &Ledger,
    run_id: &model::RunId,
    outcome: RunOutcome,
    summary: &mut RunSummary,
) -> Result<(), PipelineError> {
    outcome.as_str().clone_into(&mut summary.outcome);
    summary.run_id = Some(run_id.to_string());
    Ok(ledger.finish_run(&FinishedRun {
        run_id,
        outcome,
        finished_at: house.clock.now(),
        edition: None,
        figures: &[],
        success: &[],
        messages: &ledger::Batch::default(),
        release: Release::Now,
    })?)
}

async fn make_report(
    house: &House,
    ledger: &Ledger,
    job: &Job,
    asked: (Period, Asked),
    summary: &mut RunSummary,
) -> Result<(), PipelineError> {
    let outcome = match report(house, ledger, job, asked).await? {
        Reported::UpToDate(run) => {
            summary.run_id = Some(run.to_string());
            RunOutcome::UpToDate
        }
        Reported::Held(missing) => {
            summary.waiting_for = missing;
            RunOutcome::Held
        }
        Reported::Made { run, edition, queued, with_gaps, held, waits } => {
            let held = held.into_iter().map(|it| RunFinding::new("indicators", None, it));
            summary.findings.extend(held);
            summary.with_gaps = with_gaps;
            summary.run_id = Some(run.to_string());
            summary.edition = Some(edition);
            summary.messages_queued = queued;
            if let Some(approval) = waits {
                summary.waiting_for.push(approval);
                RunOutcome::Held
            } else {
                succeeded(summary)
            }
        }
    };
    outcome.as_str().clone_into(&mut summary.outcome);
    Ok(())
}

async fn try_out(
    house: &House,
    ledger: &Ledger,
    job: &Job,
    period: Period,
    summary: &mut RunSummary,
) -> Result<(), PipelineError> {
    let rehearsed = job.rehearses.as_ref().and_then(|id| house.definitions.jobs.get(id));
    let Some(rehearsed) = rehearsed else {
        return Err(PipelineError::Usage(format!("{} names no job that it rehearses", job.id)));
    };
    let begun = begin(house, ledger, job, period)?;
    let rehearsed = rehearse(house, ledger, rehearsed).await;
    summary.rehearsed = Some(done(house, ledger, &begun, rehearsed)?);
    let outcome = succeeded(summary);
    finish(house, ledger, &begun, outcome, summary)
}

async fn back_up(
    house: &House,
    ledger: &Ledger,
    job: &Job,
    period: Period,
    summary: &mut RunSummary,
) -> Result<(), PipelineError> {
    let Some(backups) = &job.backups else {
        return Err(PipelineError::Usage(format!("{} names no folder for backups", job.id)));
    };
    let begun = begin(house, ledger, job, period)?;
    let kept = keep_backups(house, ledger, backups).await;
    summary.backup = done(house, ledger, &begun, kept)?;
    let outcome = if summary.backup.is_some() { succeeded(summary) } else { RunOutcome::UpToDate };
    finish(house, ledger, &begun, outcome, summary)
}

fn send(
    house: &House,
    ledger: &Ledger,
    job: &Job,
    period: Period,
    summary: &mut RunSummary,
) -> Result<(), PipelineError> {
    summary.sent = dispatch(house, ledger)?;
    if summary.sent.is_nothing() {
        return Ok(());
    }
    let begun = begin(house, ledger, job, period)?;
    let outcome =
        if summary.sent.unreachable.is_some() { RunOutcome::Failed } else { succeeded(summary) };
    finish(house, ledger, &begun, outcome, summary)
}
