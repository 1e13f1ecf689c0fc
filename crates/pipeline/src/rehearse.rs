//! A rehearsal: the whole of a report job on the last period's returns, weeks before it counts, in a folder of its
//! own. Nobody but the operator hears of it.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::Duration;

use intake::landing::Landing;
use jiff::Timestamp;
use ledger::{Ledger, SubmissionFilter, SubmissionRecord};
use model::{Period, ReturnId, SourceId, SubmissionState};
use publication::{NoticePart, OperatorNotice};
use serde::Serialize;

use crate::clock::{Clock, local};
use crate::definitions::{Job, Publish};
use crate::doctor::{Health, doctor};
use crate::error::PipelineError;
use crate::house::{House, file_error};
use crate::report::tell;
use crate::run::{RunSummary, Sending, run};
use crate::schedule::default_period;
use crate::settings::{Source, SourcePlace, Transport};

/// What a rehearsal found.
#[derive(Clone, Debug, Serialize)]
pub struct Rehearsed {
    /// The job that was rehearsed.
    pub job: String,
    /// The period whose returns were used.
    pub with: Period,
    /// How many returns were taken in again.
    pub returns: usize,
    /// What would go wrong, one sentence each.
    pub problems: Vec<String>,
}

/// Rehearses a report job, and queues what it found for the operator.
pub(crate) async fn rehearse(
    house: &House,
    ledger: &Ledger,
    job: &Job,
) -> Result<Rehearsed, PipelineError> {
    let (with, records) = last_returns(house, ledger)?;
    let folder = house.folders.data.join("rehearsal");
    clear(&folder)?;
    let mut problems = Vec::new();
    if records.is_empty() {
        problems.push(
            "No return has ever been accepted, so there is nothing to rehearse with.".to_owned(),
        );
    } else {
        problems.extend(played(house, job, (with, &records), &folder).await?);
    }
    clear(&folder)?;
    let surroundings = doctor(house).await;
    problems.extend(surroundings.iter().filter(|it| it.health != Health::Ok).map(|it| {
        let to_do = it.to_do.as_ref().map_or_else(String::new, |to_do| format!(": {to_do}"));
        format!("{}: {}{to_do}.", it.name, it.says)
    }));
    let rehearsed = Rehearsed { job: job.id.to_string(), with, returns: records.len(), problems };
    tell_result(house, ledger, job, &rehearsed);
    Ok(rehearsed)
}

/// The latest of the last four quarters for which anything was accepted, and what that is: of each return and file
/// the one that counts.
fn last_returns(
    house: &House,
    ledger: &Ledger,
) -> Result<(Period, Vec<SubmissionRecord>), PipelineError> {
    let latest = default_period(house.clock.today());
    for back in 0..4 {
        let period = latest.shifted(-3 * back);
        let filter = SubmissionFilter { return_id: None, expected: Some(period) };
        let mut newest: BTreeMap<ReturnId, SubmissionRecord> = BTreeMap::new();
        for record in ledger.submissions(&filter)? {
            if record.state == SubmissionState::Accepted {
                newest.insert(record.submission.return_id.clone(), record);
            }
        }
        if !newest.is_empty() {
            return Ok((period, newest.into_values().collect()));
        }
    }
    Ok((latest, Vec::new()))
}

/// Plays the job through with these returns: what was not as it was then.
async fn played(
    house: &House,
    job: &Job,
    (period, records): (Period, &[SubmissionRecord]),
    folder: &Path,
) -> Result<Vec<String>, PipelineError> {
    let stage = match stage(house, job, (period, records), folder) {
        Ok(stage) => stage,
        Err(error) => {
            return Ok(vec![format!("The returns of then could not be laid out: {error}.")]);
        }
    };
    let job = Job {
        // The gate is not what is rehearsed: not every return of then need be owed now.
        publish: Publish::WithGaps,
        approval: None,
        needs_commentary: false,
        coverage_percent_min: BTreeMap::new(),
        collect_first: true,
        ..job.clone()
    };
    let outcome = Box::pin(run(&stage, &job, Some(period), Sending::AtOnce)).await;
    let summary = match outcome {
        Ok(summary) => summary,
        Err(error) => return Ok(vec![format!("The report could not be made: {error}.")]),
    };
    Ok(differences(records, &summary))
}

/// The house as it is, with another data folder, its sources in it, and mail to files.
fn stage(
    house: &House,
    job: &Job,
    (period, records): (Period, &[SubmissionRecord]),
    folder: &Path,
) -> Result<House, PipelineError> {
    let landing = Landing::open(house.folders.landing())?;
    let mut stage = house.clone();
    stage.folders.data = folder.join("var");
    stage.crash_at = None;
    stage.demonstration = Some("Rehearsal: last period's returns, nothing is sent.".to_owned());
    let as_then = job.deadline.as_ref().unwrap_or(&job.schedule);
    let due = as_then.of_period(&house.definitions.calendar, period).map(|due| due.at);
    stage.clock = Clock::Fixed(due.unwrap_or_else(|| house.clock.now()));
    let settings = &mut stage.definitions.settings;
    settings.settle = Duration::ZERO;
    settings.mail.transport = Transport::Folder;
    settings.mail.quiet_hours = None;
    settings.sources.clear();
    for partner in &mut stage.definitions.partnership.partners {
        partner.contact = None;
    }
    for record in records {
        let submission = &record.submission;
        let path = folder.join("inbox").join(submission.return_id.as_str());
        fs::create_dir_all(&path).map_err(file_error("make", &path))?;
        // Kept under its hash: a name that a partner wrote is no path.
        let ending = Path::new(&submission.file).extension().map(|it| it.to_string_lossy());
        let name = format!("{}.{}", submission.hash.short(), ending.as_deref().unwrap_or("bin"));
        let file = path.join(name);
        let bytes = landing.read(&submission.hash)?;
        fs::write(&file, bytes).map_err(file_error("write", &file))?;
        let source = SourceId::new(submission.return_id.as_str());
        let place = SourcePlace::Folder { path };
        settings.sources.insert(source, Source { return_id: submission.return_id.clone(), place });
    }
    Ok(stage)
}

fn differences(records: &[SubmissionRecord], summary: &RunSummary) -> Vec<String> {
    let mut problems = Vec::new();
    for record in records {
        let id = &record.submission.return_id;
        let now = summary.submissions.iter().find(|it| it.return_id == id.as_str());
        match now {
            None => problems.push(format!("{id}: its file of then was not taken in at all.")),
            Some(now) if now.state != "accepted" => {
                let why = now.findings.first().map_or("", |finding| finding.code.as_str());
                problems.push(format!(
                    "{id}: what was accepted then would be {} today ({why}).",
                    now.state
                ));
            }
            Some(now) if i64::try_from(now.observations) != Ok(record.observations) => {
                problems.push(format!(
                    "{id}: {} figures were read then, {} today.",
                    record.observations, now.observations
                ));
            }
            Some(_) => {}
        }
    }
    if summary.edition.is_none() {
        problems.push(format!("No report was made: {}.", summary.outcome));
    }
    if summary.sent.refused + summary.sent.unknown > 0 {
        problems.push("Not every message could be put together.".to_owned());
    }
    problems
}

fn tell_result(house: &House, ledger: &Ledger, job: &Job, rehearsed: &Rehearsed) {
    let partnership = &house.definitions.partnership.short_name;
    let count = rehearsed.problems.len();
    let finding = match count {
        0 => "went well".to_owned(),
        1 => "found 1 thing to put right".to_owned(),
        count => format!("found {count} things to put right"),
    };
    let next = job.schedule.after(&house.definitions.calendar, house.clock.now()).next();
    let when = next.map_or_else(
        || "It is not planned again.".to_owned(),
        |due| {
            let at: Timestamp = due.at;
            format!(
                "It is due on {}, for {}.",
                local(at).strftime("%A %-d %B %Y at %H:%M"),
                due.period.title()
            )
        },
    );
    let nothing = vec!["Nothing: it would go out.".to_owned()];
    let notice = OperatorNotice {
        subject: format!("{partnership}: rehearsal of {} {finding}", job.title),
        heading: format!("The rehearsal of {} {finding}", job.title),
        opening: format!(
            "{} returns of {} were taken in again by today's configuration, and the report was made from them with today's templates, fonts and recipients, in a folder that is gone again. Only you are told.",
            rehearsed.returns,
            rehearsed.with.title()
        ),
        parts: vec![
            NoticePart::new(
                "What to put right",
                if count == 0 { nothing } else { rehearsed.problems.clone() },
            ),
            NoticePart::new("When it counts", vec![when]),
        ],
        command: "quarterdeck doctor".to_owned(),
    };
    let about = format!("rehearsal-{}-{}", job.id, house.clock.today());
    tell(house, ledger, &about, &notice);
}

fn clear(folder: &Path) -> Result<(), PipelineError> {
    match fs::remove_dir_all(folder) {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(file_error("clear", folder)(error)),
    }
}
