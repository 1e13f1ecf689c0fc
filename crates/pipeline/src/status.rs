//! How things stand, for a person who does not want to read logs.

use std::collections::BTreeMap;

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use ledger::{
    EditionState, Ledger, OccurrenceRecord, RunOutcome, RunRecord, StoredEdition, SubmissionRecord,
};
use model::{JobId, Period, ReturnState, counted};
use serde::Serialize;

use crate::clock::local;
use crate::definitions::{Job, JobKind};
use crate::doctor::{Health, backups};
use crate::error::PipelineError;
use crate::house::House;
use crate::register::register;
use crate::remind::would_remind;
use crate::report::recorded_version;
use crate::schedule::default_period;
use crate::serve::{Heartbeat, heartbeat};
use crate::settings::RemindMode;

/// A job, its schedule and its last outcome.
#[derive(Clone, Debug, Serialize)]
pub struct JobLine {
    /// The job.
    pub job: JobId,
    /// Its title.
    pub title: String,
    /// Its schedule, in words.
    pub schedule: String,
    /// The next instants it is due, in local time with offset.
    pub next: Vec<NextDue>,
    /// Its last run.
    pub last: Option<RunLine>,
}

/// When a job is due next.
#[derive(Clone, Debug, Serialize)]
pub struct NextDue {
    /// In local time, with offset.
    pub at: String,
    /// About which period.
    pub period: Period,
}

/// A run on record.
#[derive(Clone, Debug, Serialize)]
pub struct RunLine {
    /// The run.
    pub run_id: String,
    /// Its job.
    pub job: JobId,
    /// What it was about.
    pub period: Period,
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended, if it has.
    pub finished_at: Option<Timestamp>,
    /// How it ended; `failed` or `interrupted` while it has not.
    pub outcome: String,
    /// Why it failed, if it did.
    pub why: Option<String>,
    /// The edition it made.
    pub edition: Option<String>,
}

/// An edition on record.
#[derive(Clone, Debug, Serialize)]
pub struct EditionLine {
    /// Its id.
    pub id: String,
    /// What it reports.
    pub report: String,
    /// What it is about.
    pub period: Period,
    /// `prepared`, `released`, `held`, `superseded` before it was released, or `withdrawn`.
    pub state: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// The lake version it was computed from.
    pub lake_version: String,
    /// SHA-256 over its files.
    pub content_sha256: String,
    /// The folder its files are in.
    pub folder: String,
}

/// A sealed submission: where the personal data stood, and until when it is kept.
#[derive(Clone, Debug, Serialize)]
pub struct SealedLine {
    /// SHA-256 of its bytes.
    pub sha256: String,
    /// Its file, as the partner called it.
    pub file: String,
    /// Where it came from.
    pub source: String,
    /// The return it came for.
    #[serde(rename = "return")]
    pub return_id: String,
    /// The period it came for.
    pub period: Period,
    /// When it was sealed.
    pub sealed_at: Option<Timestamp>,
    /// The last day on which it is kept.
    pub until: Option<Date>,
    /// Sheets and cells where the personal data begins.
    pub places: Vec<String>,
}

/// How things stand.
#[derive(Clone, Debug, Serialize)]
pub struct Status {
    /// Today, in local time.
    pub today: jiff::civil::Date,
    /// The partnership.
    pub partnership: String,
    /// The latest complete quarter.
    pub period: Period,
    /// How many returns are in each state, for that quarter.
    pub returns: BTreeMap<String, usize>,
    /// Titles of the returns that are missing or must be asked about.
    pub wanting: Vec<String>,
    /// Newest lake version, by the ledger; none before the first commit.
    pub lake_version: Option<String>,
    /// The newest edition.
    pub newest_edition: Option<EditionLine>,
    /// How many messages are in each state.
    pub messages: BTreeMap<String, i64>,
    /// Submissions that held personal data, of any period.
    pub sealed: Vec<SealedLine>,
    /// The last sign of life of `serve`; none if it never ran here.
    pub scheduler: Option<Heartbeat>,
    /// Jobs.
    pub jobs: Vec<JobLine>,
    /// What a person should do now; empty when nothing.
    pub to_do: Vec<String>,
}

/// Every job, with its next due instants.
pub fn jobs(house: &House, count: usize) -> Result<Vec<JobLine>, PipelineError> {
    let last = last_runs(house.ledger_to_read()?.as_ref())?;
    let definitions = &house.definitions;
    let lines = definitions.jobs.values().map(|job| JobLine {
        job: job.id.clone(),
        title: job.title.clone(),
        schedule: match &job.deadline {
            Some(latest) => {
                format!("as soon as it is ready from {}; at the latest {latest}", job.schedule)
            }
            None => job.schedule.to_string(),
        },
        next: next(house, job, count),
        last: last.get(&job.id).map(run_line),
    });
    Ok(lines.collect())
}

/// The next times a job falls due.
pub(crate) fn next(house: &House, job: &Job, count: usize) -> Vec<NextDue> {
    let due = job.schedule.after(&house.definitions.calendar, house.clock.now()).take(count);
    let due = due.map(|due| NextDue {
        at: local(due.at).strftime("%a %-d %b %Y %H:%M %Z").to_string(),
        period: due.period,
    });
    due.collect()
}

fn last_runs(ledger: Option<&Ledger>) -> Result<BTreeMap<JobId, RunRecord>, PipelineError> {
    let runs = ledger.map(Ledger::last_runs).transpose()?.unwrap_or_default();
    Ok(runs.into_iter().map(|run| (run.job.clone(), run)).collect())
}

fn run_line(run: &RunRecord) -> RunLine {
    let outcome = match (&run.outcome, &run.failure) {
        (Some(outcome), _) => outcome.as_str(),
        (None, Some(_)) => "failed",
        (None, None) => "interrupted",
    };
    RunLine {
        run_id: run.run_id.to_string(),
        job: run.job.clone(),
        period: run.period,
        started_at: run.started_at,
        finished_at: run.finished_at,
        outcome: outcome.to_owned(),
        why: run
            .failure
            .as_ref()
            .filter(|_| run.outcome.is_none())
            .map(|failure| failure.why.clone()),
        edition: run.edition.as_ref().map(ToString::to_string),
    }
}

/// The newest runs, newest first.
pub fn runs(house: &House, limit: u32) -> Result<Vec<RunLine>, PipelineError> {
    let runs = house.ledger_to_read()?.map(|ledger| ledger.runs(limit)).transpose()?;
    Ok(runs.unwrap_or_default().iter().map(run_line).collect())
}

/// What a run sealed and is sealed still: judged after the run before it had ended.
pub fn sealed_by(house: &House, run: &RunLine) -> Result<Vec<SealedLine>, PipelineError> {
    const RUNS_MAX: u32 = 100_000;
    let Some(ended) = run.finished_at else { return Ok(Vec::new()) };
    let others = runs(house, RUNS_MAX)?;
    let before = others.iter().filter_map(|other| other.finished_at).filter(|at| *at < ended).max();
    let mut lines = sealed(house.ledger_to_read()?.as_ref())?;
    lines.retain(|line| {
        line.sealed_at.is_some_and(|at| at <= ended && before.is_none_or(|before| before < at))
    });
    Ok(lines)
}

/// Every edition.
pub fn editions(house: &House) -> Result<Vec<EditionLine>, PipelineError> {
    let editions = house.ledger_to_read()?.map(|ledger| ledger.editions()).transpose()?;
    let editions = editions.unwrap_or_default();
    let lines = editions.iter().enumerate().map(|(number, edition)| {
        let is_superseded = editions[number + 1..].iter().any(|later| {
            later.record.report == edition.record.report
                && later.record.period == edition.record.period
        });
        let line = edition_line(house, edition);
        match (&edition.withdrawn, edition.record.state) {
            (Some(_), _) => EditionLine { state: "withdrawn".to_owned(), ..line },
            (None, EditionState::Prepared | EditionState::Held) if is_superseded => {
                EditionLine { state: "superseded".to_owned(), ..line }
            }
            _ => line,
        }
    });
    Ok(lines.collect())
}

fn edition_line(house: &House, edition: &StoredEdition) -> EditionLine {
    let record = &edition.record;
    EditionLine {
        id: record.edition_id.to_string(),
        report: record.report.clone(),
        period: record.period,
        state: record.state.as_str().to_owned(),
        created_at: record.created_at,
        lake_version: record.lake_version.clone(),
        content_sha256: record.content_sha256.clone(),
        folder: house.folders.data.join(&record.folder).display().to_string(),
    }
}

/// One edition, and its plain text as it was mailed.
pub fn edition(house: &House, id: &str) -> Result<(EditionLine, String), PipelineError> {
    let lines = editions(house)?;
    let Some(line) = lines.iter().find(|line| line.id == id) else {
        let known: Vec<&str> = lines.iter().map(|line| line.id.as_str()).collect();
        let hint = if known.is_empty() {
            "there is none yet".to_owned()
        } else {
            format!("known are {}", known.join(", "))
        };
        return Err(PipelineError::Usage(format!("there is no edition `{id}`: {hint}")));
    };
    let path = std::path::Path::new(&line.folder).join("email.txt");
    let text = std::fs::read_to_string(&path).map_err(crate::house::file_error("read", &path))?;
    Ok((line.clone(), text))
}

/// Every sealed submission, in order of arrival.
fn sealed(ledger: Option<&Ledger>) -> Result<Vec<SealedLine>, PipelineError> {
    let records = ledger.map(Ledger::sealed).transpose()?.unwrap_or_default();
    let line = |record: SubmissionRecord| SealedLine {
        sha256: record.submission.hash.to_string(),
        file: record.submission.file,
        source: record.submission.source.to_string(),
        return_id: record.submission.return_id.to_string(),
        period: record.expected,
        sealed_at: record.judged_at,
        until: record.sealed_until,
        places: record.findings.iter().map(|finding| finding.place.to_string()).collect(),
    };
    Ok(records.into_iter().map(line).collect())
}

/// How things stand.
pub fn status(house: &House) -> Result<Status, PipelineError> {
    let ledger = house.ledger_to_read()?;
    let today = house.clock.today();
    let period = default_period(today);
    let lines = register(house, ledger.as_ref(), period)?;
    let mut returns = BTreeMap::new();
    for line in lines.iter().filter(|line| line.due.is_some()) {
        *returns.entry(line.state.as_str().to_owned()).or_default() += 1;
    }
    let wanting: Vec<String> = lines
        .iter()
        .filter(|line| matches!(line.state, ReturnState::Late | ReturnState::Queried))
        .map(|line| {
            let state = line.state.as_str();
            match line.title.strip_prefix(&line.partner_name) {
                Some(_) => format!("{} ({state})", line.title),
                None => format!("{}: {} ({state})", line.partner_name, line.title),
            }
        })
        .collect();
    let messages: BTreeMap<String, i64> = match &ledger {
        Some(ledger) => ledger
            .message_counts()?
            .into_iter()
            .map(|(state, count)| (state.as_str().to_owned(), count))
            .collect(),
        None => BTreeMap::new(),
    };
    let lake_version = match &ledger {
        Some(ledger) if !ledger.commits()?.is_empty() => {
            Some(recorded_version(ledger)?.to_string())
        }
        _ => None,
    };
    let jobs = jobs(house, 1)?;
    let sealed = sealed(ledger.as_ref())?;
    let scheduler = heartbeat(house)?;
    let at_work = scheduler.as_ref().and_then(|beat| beat.at_work.as_deref());
    // Refused ones that are too old to be sent again are nobody's business any more.
    let refused = ledger.as_ref().map_or(Ok(0), Ledger::refused_kept)?;
    let mut undecided = messages.clone();
    undecided.entry("refused".to_owned()).and_modify(|count| *count = refused);
    undecided.retain(|_, count| *count > 0);
    let mut to_do = to_do(&undecided, &jobs, &wanting, &sealed, at_work);
    to_do.extend(of_operations(house, ledger.as_ref())?);
    Ok(Status {
        today,
        partnership: house.definitions.partnership.name.clone(),
        period,
        returns,
        wanting,
        lake_version,
        newest_edition: editions(house)?.pop(),
        messages,
        sealed,
        scheduler,
        jobs,
        to_do,
    })
}

/// What somebody must do so that it goes on running by itself.
fn of_operations(house: &House, ledger: Option<&Ledger>) -> Result<Vec<String>, PipelineError> {
    let mut to_do = Vec::new();
    let shown = |at: Timestamp| local(at).strftime("%-d %B %Y").to_string();
    if let Some(ledger) = ledger {
        let last = last_runs(Some(ledger))?;
        // Run by hand since, it is nobody's business any more.
        let is_done = |it: &OccurrenceRecord| {
            last.get(&it.job).is_some_and(|run| {
                let is_later = run.finished_at.is_some_and(|at| at > it.due_at);
                is_later && run.period == it.period && run.outcome.is_some_and(RunOutcome::is_done)
            })
        };
        for open in ledger.open_occurrences(None)?.into_iter().filter(|it| !is_done(it)) {
            if let Some(why) = open.why {
                let due = shown(open.due_at);
                to_do.push(format!("{} was due on {due} and is not done: {why}.", open.job));
            }
        }
        let since = house.clock.now() - SignedDuration::from_hours(24 * 40);
        for missed in ledger.missed_since(since)?.into_iter().filter(|it| !is_done(it)) {
            let (due, why) = (shown(missed.due_at), missed.why.unwrap_or_default());
            to_do.push(format!(
                "{} fell due on {due} and was not run ({why}); if it is wanted: `quarterdeck run {} --period {}`.",
                missed.job, missed.job, missed.period
            ));
        }
    }
    for EditionLine { id, report, period, state, .. } in editions(house)? {
        match state.as_str() {
            "prepared" => to_do.push(format!(
                "Edition {id} waits for approval: look at it, then `quarterdeck approve {id}` or `quarterdeck hold {id} --why ...`."
            )),
            "held" => to_do.push(format!(
                "Edition {id} is held: `quarterdeck approve {id}` lets it go, `quarterdeck run {report} --period {period}` makes it anew."
            )),
            _ => {}
        }
    }
    for it in backups(house).into_iter().filter(|it| it.health != Health::Ok) {
        to_do.push(format!("Of the {}: {}; {}.", it.name, it.says, it.to_do.unwrap_or_default()));
    }
    let definitions = &house.definitions;
    let reminds = definitions.jobs.values().any(|job| job.kind == JobKind::Remind);
    if reminds && definitions.settings.reminders.mode == RemindMode::DryRun {
        let period = default_period(house.clock.today());
        let count = would_remind(house, ledger, period)?.len();
        let would = counted(count, "partner");
        to_do.push(format!(
            "Reminders are a dry run: {would} would be reminded today, and nobody is. Look at the words, then set reminders.mode to \"send\"."
        ));
    }
    to_do.extend(definitions.calendar.doubt(house.clock.today()).map(|doubt| {
        let mut letters = doubt.chars();
        let first = letters.next().into_iter().flat_map(char::to_uppercase);
        first.chain(letters).chain(['.']).collect::<String>()
    }));
    Ok(to_do)
}

fn to_do(
    messages: &BTreeMap<String, i64>,
    jobs: &[JobLine],
    wanting: &[String],
    sealed: &[SealedLine],
    at_work: Option<&str>,
) -> Vec<String> {
    let mut to_do = Vec::new();
    for line in sealed {
        let until = line.until.map(|day| day.strftime("%-d %B %Y").to_string());
        to_do.push(format!(
            "{} ({}) held personal data and is sealed until {}: tell the partner, delete the file from the source {}, then `quarterdeck forget {}`.",
            line.return_id,
            line.period,
            until.unwrap_or_default(),
            line.source,
            line.sha256.get(..12).unwrap_or(&line.sha256)
        ));
    }
    if let Some(count) = messages.get("unknown") {
        to_do.push(format!(
            "Messages that may or may not have arrived: {count}; see `quarterdeck outbox list`."
        ));
    }
    if let Some(count) = messages.get("refused") {
        to_do.push(format!("Messages that were refused: {count}; see `quarterdeck outbox list`."));
    }
    for job in jobs.iter().filter(|job| at_work != Some(job.job.as_str())) {
        if let Some(last) = &job.last
            && matches!(last.outcome.as_str(), "failed" | "interrupted")
        {
            to_do.push(format!(
                "{} did not finish ({}): run `quarterdeck run {}`.",
                job.title, last.outcome, job.job
            ));
        }
    }
    if !wanting.is_empty() {
        to_do.push(format!(
            "Returns that are late or must be asked about: {}; see `quarterdeck returns`.",
            wanting.len()
        ));
    }
    to_do
}
