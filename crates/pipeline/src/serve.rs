//! The scheduler: tokio-cron-scheduler is the heartbeat, the ledger decides what is due.

mod agenda;
mod keeper;
mod rereading;

use std::collections::BTreeMap;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::FutureExt as _;
use model::{JobId, RunId};
use tokio::sync::{Notify, mpsc};
use tokio_cron_scheduler::{Job as Beat, JobScheduler};

pub(crate) use self::agenda::agenda;
use self::agenda::{Ended, settle};
use self::keeper::{Doing, Keeper};
use self::rereading::Rereading;
use crate::clock::local;
use crate::definitions::Job;
use crate::error::PipelineError;
use crate::house::House;
use crate::ingest::FailedSource;
use crate::report::{tell_failed, tell_held, tell_missed, tell_sources, tell_unsound};
use crate::run::{RunSummary, Sending, run_due};
use crate::schedule::Occurrence;

pub(crate) use self::keeper::STOPPED;
pub use self::keeper::{Heartbeat, heartbeat};

/// Between two looks at what is due.
const HEARTBEAT: Duration = Duration::from_secs(20);
/// The heartbeat goes by the machine's clock and falls silent when that is put back; this goes by none.
const WITHOUT_HEARTBEAT: Duration = Duration::from_secs(70);
/// A job that was held or failed is left alone for this long: partners' sites and the mail server
/// are not to be asked at every beat.
const PATIENCE: Duration = Duration::from_mins(15);

/// How the reason begins for which something is held back that is due.
pub(crate) const WAITS: &str = "it waits for ";

/// What became of a job that was due.
#[derive(Clone, Debug)]
pub struct Served {
    /// The job.
    pub job: JobId,
    /// What was due.
    pub due: Occurrence,
    /// Its outcome, or why it failed.
    pub outcome: Result<String, String>,
}

/// Runs jobs as they fall due, until `stop` is notified; a job under way is finished first.
/// Each outcome is told to `tell`. A job that fails stays due and is tried again at later beats.
///
/// Several processes may serve one data folder: one is in charge, the others stand by.
pub async fn serve(
    mut house: House,
    stop: Arc<Notify>,
    tell: impl Fn(&Served),
) -> Result<(), PipelineError> {
    let (rereading, definitions) = Rereading::start(&house)?;
    house.definitions = definitions;
    let keeper = Keeper::start(&house)?;
    let (beat, mut beats) = mpsc::channel::<()>(1);
    let mut scheduler = start(beat.clone()).await?;
    let (resting, ceaseless) = (BTreeMap::new(), BTreeMap::new());
    let mut desk =
        Desk { house, keeper: Some(keeper), rereading: Some(rereading), resting, ceaseless };
    // The first look is now: what fell due while nobody was here is caught up at once.
    let first_look_fits = beat.try_send(()).is_ok();
    debug_assert!(first_look_fits, "the channel is new and empty");
    loop {
        tokio::select! {
            () = stop.notified() => break,
            heard = beats.recv() => match heard {
                Some(()) => desk.look(&tell).await,
                None => break,
            },
            () = tokio::time::sleep(WITHOUT_HEARTBEAT) => desk.look(&tell).await,
        }
    }
    scheduler.shutdown().await.map_err(heartbeat_failed)
}

/// One look at what is due, as `serve` takes one at each beat, by the house's clock: for simulations of years, where
/// nobody waits. The caller makes sure that nobody else serves the data folder.
pub async fn look_once(house: &House, tell: impl Fn(&Served)) {
    let (resting, ceaseless) = (BTreeMap::new(), BTreeMap::new());
    let house = house.clone();
    let mut desk = Desk { house, keeper: None, rereading: None, resting, ceaseless };
    desk.look(&tell).await;
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

/// Where it is decided what to run next.
struct Desk {
    house: House,
    /// Who keeps this process in charge; nobody in a simulation.
    keeper: Option<Keeper>,
    /// Whether the configuration has changed; not in a simulation, whose configuration is given to it.
    rereading: Option<Rereading>,
    /// Jobs that were held or failed, and since when they are left alone.
    resting: BTreeMap<JobId, Instant>,
    /// What jobs that are due again and again did last.
    ceaseless: BTreeMap<JobId, String>,
}

impl Desk {
    /// Takes over a configuration that was changed: whoever was taken out of it is to get nothing more. One that is not
    /// sound, which may be half of a change, is left alone: what was read last goes on.
    fn reread(&mut self) {
        let changed = self.rereading.as_mut().and_then(|it| it.changed(&self.house));
        match changed {
            Some(Ok(definitions)) => {
                tracing::info!("The configuration was changed: it is taken over");
                self.house.definitions = definitions;
                // What was held or failed may go now.
                self.resting.clear();
            }
            Some(Err(error)) => {
                tracing::error!(
                    "The configuration was changed and is not sound, so the one of before goes on: {error}"
                );
                if let Ok(ledger) = self.house.ledger() {
                    tell_unsound(&self.house, &ledger, &error);
                }
            }
            None => {}
        }
    }

    async fn look(&mut self, tell: &impl Fn(&Served)) {
        self.reread();
        let jobs: Vec<Job> = self.house.definitions.jobs.values().cloned().collect();
        for job in &jobs {
            if !self.goes_on() {
                break;
            }
            if self.resting.get(&job.id).is_some_and(|since| since.elapsed() < PATIENCE) {
                continue;
            }
            for due in self.due(job) {
                if !self.goes_on() {
                    break;
                }
                if let Some(served) = self.run(job, due).await {
                    tell(&served);
                }
            }
        }
        self.note_next();
    }

    /// Whether this process is in charge, and has not been asked to stop.
    fn goes_on(&self) -> bool {
        let in_charge = self.keeper.as_ref().is_none_or(Keeper::is_in_charge);
        in_charge && !self.house.is_stopping()
    }

    fn note(&self, change: impl FnOnce(&mut Doing)) {
        if let Some(keeper) = &self.keeper {
            keeper.note(change);
        }
    }

    /// What a job is to do now; what it will not make up for is told to the operator.
    fn due(&self, job: &Job) -> Vec<Occurrence> {
        let (house, calendar) = (&self.house, &self.house.definitions.calendar);
        let now = house.clock.now();
        if job.schedule.is_ceaseless() {
            let last = self.ceaseless.get(&job.id);
            let before = now - jiff::SignedDuration::from_hours(24);
            let latest =
                job.schedule.after(calendar, before).take_while(|due| due.at <= now).last();
            return latest.filter(|due| last != Some(&due.key)).into_iter().collect();
        }
        let decided = house.ledger().and_then(|ledger| {
            let decision = agenda(&ledger, job, calendar, now)?;
            for (occurrence, why) in &decision.missed {
                tracing::warn!(job.id = %job.id, "`{}` was missed for {}: {why}", job.id, occurrence.key);
                tell_missed(house, &ledger, job, occurrence, why);
            }
            Ok(decision.run)
        });
        decided.unwrap_or_else(|error| {
            tracing::error!(job.id = %job.id, "Whether `{}` is due could not be looked up: {error}", job.id);
            Vec::new()
        })
    }

    /// Runs a job for what is due, and keeps what became of it. Nothing to tell when nothing was to be done.
    async fn run(&mut self, job: &Job, due: Occurrence) -> Option<Served> {
        self.note(|doing| doing.at_work = Some(job.id.to_string()));
        let outcome = AssertUnwindSafe(run_due(&self.house, job, due.period, Sending::Later));
        let outcome = match outcome.catch_unwind().await {
            Ok(outcome) => outcome,
            Err(panic) => Err(PipelineError::Fault(panic_text(panic.as_ref()))),
        };
        self.note(|doing| doing.at_work = None);
        let failed = outcome.as_ref().map_or_else(|_| Vec::new(), |it| it.failed_sources.clone());
        let (ended, told) = ended(outcome);
        note(job, &due, told.as_ref());
        match &ended {
            Ended::Done(_) => {
                self.resting.remove(&job.id);
            }
            Ended::NotYet(_) => {
                self.resting.insert(job.id.clone(), Instant::now());
            }
        }
        self.keep(job, &due, &ended, &failed);
        told.map(|outcome| Served { job: job.id.clone(), due, outcome })
    }

    fn keep(&mut self, job: &Job, due: &Occurrence, ended: &Ended, failed: &[FailedSource]) {
        if job.schedule.is_ceaseless() {
            self.ceaseless.insert(job.id.clone(), due.key.clone());
            return;
        }
        let now = self.house.clock.now();
        let kept = self.house.ledger().and_then(|ledger| {
            settle(&ledger, job, due, ended, now)?;
            tell_sources(&self.house, &ledger, failed);
            if let Ended::NotYet(why) = ended {
                tell_held(&self.house, &ledger, job, due, why);
                tell_failed(&self.house, &ledger, job, due, why);
            }
            Ok(())
        });
        if let Err(error) = kept {
            // It is looked up again at the next beat; what was done is found done.
            tracing::error!(job.id = %job.id, "What became of `{}` could not be kept: {error}", job.id);
        }
    }

    fn note_next(&self) {
        let (calendar, now) = (&self.house.definitions.calendar, self.house.clock.now());
        let jobs = self.house.definitions.jobs.values().filter(|job| !job.schedule.is_ceaseless());
        let next = jobs.filter_map(|job| {
            let due = job.schedule.after(calendar, now).next()?;
            Some((due.at, job.id.to_string()))
        });
        let next = next.min().map(|(at, job)| (job, local(at).to_string()));
        self.note(|doing| doing.next = next);
    }
}

/// Into the log, once, where it is known how it ended.
fn note(job: &Job, due: &Occurrence, told: Option<&Result<String, String>>) {
    let (id, key) = (&job.id, &due.key);
    match told {
        Some(Ok(outcome)) => {
            tracing::info!(job.id = %id, occurrence = %key, outcome, "`{id}` for {key}: {outcome}");
        }
        Some(Err(why)) => {
            tracing::error!(job.id = %id, occurrence = %key, "`{id}` for {key} failed: {why}");
        }
        None => {}
    }
}

/// What a run's end means for what was due, and what is told of it.
fn ended(outcome: Result<RunSummary, PipelineError>) -> (Ended, Option<Result<String, String>>) {
    match outcome {
        Ok(summary) => {
            // Nothing to send is not worth a line every few minutes.
            let is_nothing = summary.outcome == "up-to-date" && summary.run_id.is_none();
            let told = (!is_nothing).then(|| Ok(summary.outcome.clone()));
            let ended = match summary.outcome.as_str() {
                "held" => Ended::NotYet(format!("{WAITS}{}", summary.waiting_for.join(", "))),
                "failed" => Ended::NotYet(match (&summary.sent.unreachable, summary.sources) {
                    (Some(why), _) => format!("the mail server cannot be used: {why}"),
                    (None, sources) => format!("none of its {sources} sources could be looked at"),
                }),
                _ => Ended::Done(summary.run_id.map(RunId::new)),
            };
            (ended, told)
        }
        Err(error) => {
            let told = Err(error.to_string());
            (Ended::NotYet(error.to_string()), Some(told))
        }
    }
}

fn panic_text(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "no reason".to_owned())
}
