//! The scheduler: tokio-cron-scheduler is the heartbeat, the ledger decides what is due.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use model::JobId;
use tokio::sync::{Notify, mpsc};
use tokio_cron_scheduler::{Job as Beat, JobScheduler};

use crate::definitions::Job;
use crate::error::PipelineError;
use crate::house::House;
use crate::run::{Sending, run};
use crate::schedule::{Due, due_now};

/// Between two looks at what is due.
const HEARTBEAT: Duration = Duration::from_secs(20);
/// A job that was held or failed is left alone for this long: partners' sites and the mail server
/// are not to be asked at every beat.
const PATIENCE: Duration = Duration::from_mins(15);

/// What became of a job that was due.
#[derive(Clone, Debug)]
pub struct Served {
    /// The job.
    pub job: JobId,
    /// What was due.
    pub due: Due,
    /// Its outcome, or why it failed.
    pub outcome: Result<String, String>,
}

/// Runs jobs as they fall due, until `stop` is notified; a job under way is finished first.
/// Each outcome is told to `tell`. A job that fails stays due and is tried again at later beats.
pub async fn serve(
    house: House,
    stop: Arc<Notify>,
    tell: impl Fn(&Served),
) -> Result<(), PipelineError> {
    let (beat, mut beats) = mpsc::channel::<()>(1);
    let mut scheduler = start(beat.clone()).await?;
    let mut resting = BTreeMap::new();
    // The first look is now: what fell due while nobody was here is caught up at once.
    let first_look_fits = beat.try_send(()).is_ok();
    debug_assert!(first_look_fits, "the channel is new and empty");
    loop {
        tokio::select! {
            () = stop.notified() => break,
            heard = beats.recv() => match heard {
                Some(()) => look(&house, &mut resting, &tell).await,
                None => break,
            },
        }
    }
    scheduler.shutdown().await.map_err(heartbeat_failed)
}

async fn start(beat: mpsc::Sender<()>) -> Result<JobScheduler, PipelineError> {
    let scheduler = JobScheduler::new().await.map_err(heartbeat_failed)?;
    let heartbeat = Beat::new_repeated(HEARTBEAT, move |_, _| {
        // A full channel means a look is already waiting: one is enough.
        if beat.try_send(()).is_err() {
            tracing::debug!("A look at what is due is already waiting");
        }
    })
    .map_err(heartbeat_failed)?;
    scheduler.add(heartbeat).await.map_err(heartbeat_failed)?;
    scheduler.start().await.map_err(heartbeat_failed)?;
    Ok(scheduler)
}

#[expect(clippy::needless_pass_by_value, reason = "used as a function over errors")]
fn heartbeat_failed(error: tokio_cron_scheduler::JobSchedulerError) -> PipelineError {
    PipelineError::TryLater(format!("the scheduler's heartbeat could not be set up: {error}"))
}

async fn look(house: &House, resting: &mut BTreeMap<JobId, Instant>, tell: &impl Fn(&Served)) {
    for job in house.definitions.jobs.values() {
        if resting.get(&job.id).is_some_and(|since| since.elapsed() < PATIENCE) {
            continue;
        }
        let due = match is_due(house, job) {
            Ok(Some(due)) => due,
            Ok(None) => continue,
            Err(error) => {
                tracing::error!(job.id = %job.id, "Whether `{}` is due could not be looked up: {error}", job.id);
                continue;
            }
        };
        let outcome = run(house, job, None, Sending::Later).await;
        let outcome = match outcome {
            // Nothing to send is not worth a line every few minutes.
            Ok(summary) if summary.outcome == "up-to-date" && summary.run_id.is_none() => continue,
            Ok(summary) => Ok(summary.outcome),
            Err(error) => Err(error.to_string()),
        };
        if outcome.as_ref().map_or(true, |outcome| outcome == "held" || outcome == "failed") {
            resting.insert(job.id.clone(), Instant::now());
        } else {
            resting.remove(&job.id);
        }
        tell(&Served { job: job.id.clone(), due, outcome });
    }
}

fn is_due(house: &House, job: &Job) -> Result<Option<Due>, PipelineError> {
    let ledger = house.ledger()?;
    let last_finished = ledger
        .last_runs()?
        .into_iter()
        .find(|run| run.job == job.id)
        .and_then(|run| run.finished_at);
    let finished: Vec<model::Period> = ledger
        .runs(1000)?
        .into_iter()
        .filter(|run| run.job == job.id && run.finished_at.is_some())
        .map(|run| run.period)
        .collect();
    let now = house.clock.now();
    let calendar = &house.definitions.calendar;
    Ok(due_now(job.schedule, calendar, now, last_finished, |period| finished.contains(&period)))
}
