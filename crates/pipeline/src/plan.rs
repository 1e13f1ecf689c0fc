//! What a run would do, and why, without doing it.

use std::collections::BTreeMap;

use ledger::Ledger;
use model::{JobId, Period, counted};
use serde::Serialize;

use crate::definitions::{Backups, Job, JobKind};
use crate::error::PipelineError;
use crate::house::House;
use crate::register::register;
use crate::remind::would_remind;
use crate::report::{
    Asked, RunKey, made_already, recorded_version, waiting_for, waiting_for_content,
};
use crate::schedule::default_period;
use crate::settings::{RemindMode, SourcePlace};
use crate::status::{NextDue, next};

/// How many times that a job falls due are named.
const NEXT: usize = 8;

/// What `run` would do, and why, without doing it.
#[derive(Clone, Debug, Serialize)]
pub struct Plan {
    /// The job.
    pub job: JobId,
    /// The period it would be about.
    pub period: Period,
    /// The steps, in order, one sentence each.
    pub steps: Vec<String>,
    /// When it falls due by itself: the next eight times, in local time.
    pub next: Vec<NextDue>,
}

/// Says what a run would do.
pub async fn plan(house: &House, job: &Job, period: Option<Period>) -> Result<Plan, PipelineError> {
    let period = period.unwrap_or_else(|| default_period(house.clock.today()));
    let ledger = house.ledger_to_read()?;
    let mut steps = Vec::new();
    if job.kind == JobKind::Collect || job.collect_first {
        plan_collect(house, &mut steps);
    }
    match job.kind {
        JobKind::Collect => {}
        JobKind::Report => plan_report(house, ledger.as_ref(), job, period, &mut steps).await?,
        JobKind::SignOfLife => steps.push("Tell the operator how things stand.".to_owned()),
        JobKind::Rehearse => {
            let what = job.rehearses.as_ref().map_or("nothing", JobId::as_str);
            steps
                .push(format!("Play {what} through with the last returns, and tell the operator."));
        }
        JobKind::BackUp => {
            if let Some(Backups { folder, keep }) = &job.backups {
                let folder = folder.display();
                steps.push(format!(
                    "Copy all that is kept into {folder}, under today's date, and read the copy; keep the newest {keep}."
                ));
            }
        }
        JobKind::Remind => plan_reminders(house, ledger.as_ref(), period, &mut steps)?,
        JobKind::Dispatch => {
            let waiting = match &ledger {
                Some(ledger) => ledger.message_counts()?,
                None => BTreeMap::new(),
            };
            for (state, count) in waiting {
                steps.push(format!("Messages that are {}: {count}.", state.as_str()));
            }
            if steps.is_empty() {
                steps.push("Nothing waits in the outbox.".to_owned());
            }
        }
    }
    let next = next(house, job, NEXT);
    Ok(Plan { job: job.id.clone(), period, steps, next })
}

fn plan_reminders(
    house: &House,
    ledger: Option<&Ledger>,
    period: Period,
    steps: &mut Vec<String>,
) -> Result<(), PipelineError> {
    let verb = match house.definitions.settings.reminders.mode {
        RemindMode::Send => "Remind",
        RemindMode::DryRun => {
            "Say (reminders.mode is \"dry-run\", so nobody is written to) that it would remind"
        }
    };
    for (partner, returns) in would_remind(house, ledger, period)? {
        steps.push(format!("{verb} {partner} of {}.", returns.join(", ")));
    }
    if steps.is_empty() {
        steps
            .push("Remind nobody: nothing that is owed has come to a day of its chase.".to_owned());
    }
    Ok(())
}

fn plan_collect(house: &House, steps: &mut Vec<String>) {
    for (id, source) in &house.definitions.settings.sources {
        steps.push(match &source.place {
            SourcePlace::Folder { path } if path.is_dir() => {
                format!("Look into {} for {} ({id}).", path.display(), source.return_id)
            }
            SourcePlace::Folder { path } => {
                format!(
                    "Look into {} for {} ({id}): the folder is not there.",
                    path.display(),
                    source.return_id
                )
            }
            SourcePlace::Http { .. } => format!("Ask the site of {id} for {}.", source.return_id),
        });
    }
}

async fn plan_report(
    house: &House,
    ledger: Option<&Ledger>,
    job: &Job,
    period: Period,
    steps: &mut Vec<String>,
) -> Result<(), PipelineError> {
    let lines = register(house, ledger, period)?;
    for line in lines.iter().filter(|line| line.due.is_some()) {
        let due = line.due.map(|due| due.to_string()).unwrap_or_default();
        steps.push(format!("{}: {}, due {due}.", line.title, line.state.as_str()));
    }
    let missing = waiting_for(house, job, (&lines, period), Asked::ByHand);
    if !missing.is_empty() {
        steps.push(format!("Hold the report back: it waits for {}.", missing.join(", ")));
        return Ok(());
    }
    if let Some(ledger) = ledger {
        let releases = crate::material::releases(ledger)?;
        let version = recorded_version(ledger)?;
        let key = RunKey { period, version, lines: &lines, releases: &releases };
        if let Some(run) = made_already(house, ledger, job, (&key, Asked::ByHand))? {
            steps.push(format!(
                "If nothing new arrives: nothing to do, {} made this report.",
                run.run_id
            ));
            return Ok(());
        }
        let wanting = waiting_for_content(house, ledger, job, (&key, Asked::ByHand)).await?;
        if !wanting.is_empty() {
            steps.push(format!("Hold the report back: it waits for {}.", wanting.join(", ")));
            return Ok(());
        }
    }
    steps.push(format!(
        "Make the report for {} and queue {}.",
        period.title(),
        counted(job.recipients().count(), "message")
    ));
    Ok(())
}
