//! How things stand, for a person who does not want to read logs.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use ledger::{Ledger, MessageFilter, MessageRecord, RunRecord, StoredEdition, SubmissionRecord};
use model::{JobId, Period, ReturnState};
use serde::Serialize;

use crate::clock::local;
use crate::error::PipelineError;
use crate::house::House;
use crate::register::register;
use crate::report::recorded_version;
use crate::schedule::{default_period, next_due};

/// A job, its schedule and its last outcome.
#[derive(Clone, Debug, Serialize)]
pub struct JobLine {
    /// The job.
    pub job: JobId,
    /// Its title.
    pub title: String,
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

/// A message in the outbox, its recipient masked.
#[derive(Clone, Debug, Serialize)]
pub struct MessageLine {
    /// Its Message-ID.
    pub message_id: String,
    /// `report`, `receipt` or `error-letter`.
    pub kind: String,
    /// The edition it carries, if it is a report.
    pub edition: Option<String>,
    /// The return it answers, if it is a letter.
    #[serde(rename = "return", skip_serializing_if = "Option::is_none")]
    pub return_id: Option<String>,
    /// The period that return was expected for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub period: Option<Period>,
    /// SHA-256 of the submission it answers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub submission: Option<String>,
    /// Whom it is for, masked.
    pub recipient_masked: String,
    /// Named by evidence.
    pub state: String,
    /// How often it was tried.
    pub attempts: i64,
    /// What the server said last.
    pub last_reply: Option<String>,
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
    /// `prepared`, `released` or `held`.
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
        next: next_due(job.schedule, &definitions.calendar, house.clock.now(), count)
            .into_iter()
            .map(|due| NextDue {
                at: local(due.at).strftime("%a %-d %b %Y %H:%M %Z").to_string(),
                period: due.period,
            })
            .collect(),
        last: last.get(&job.id).map(run_line),
    });
    Ok(lines.collect())
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
    Ok(editions.unwrap_or_default().iter().map(|edition| edition_line(house, edition)).collect())
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

/// Every message in the outbox.
pub fn messages(house: &House) -> Result<Vec<MessageLine>, PipelineError> {
    let messages = house
        .ledger_to_read()?
        .map(|ledger| ledger.messages(&MessageFilter::default()))
        .transpose()?;
    Ok(messages.unwrap_or_default().iter().map(message_line).collect())
}

/// A message with all that is known of it.
#[derive(Clone, Debug, Serialize)]
pub struct MessageShown {
    /// The message.
    pub message: MessageLine,
    /// Every state it was in, oldest first.
    pub history: Vec<MessageStep>,
    /// Its size, in bytes.
    pub size_bytes: usize,
    /// The finished message, as it is or was sent.
    #[serde(skip)]
    pub mime: Vec<u8>,
}

/// A state a message was in.
#[derive(Clone, Debug, Serialize)]
pub struct MessageStep {
    /// Since when.
    pub at: Timestamp,
    /// Named by evidence.
    pub state: String,
    /// What was said when it came into it.
    pub reply: Option<String>,
}

/// One message, by its Message-ID or the beginning of it.
pub fn message(house: &House, id: &str) -> Result<MessageShown, PipelineError> {
    let unknown = || {
        let hint = "`quarterdeck outbox list` prints them";
        PipelineError::Usage(format!("there is no message `{id}`: {hint}"))
    };
    let ledger = house.ledger_to_read()?.ok_or_else(unknown)?;
    let messages = ledger.messages(&MessageFilter::default())?;
    let wanted = id.trim_matches(['<', '>']);
    let exact = messages.iter().find(|message| message.message_id.as_str() == wanted);
    let mut begun =
        messages.iter().filter(|message| message.message_id.as_str().starts_with(wanted));
    let found = match (exact, begun.next(), begun.next()) {
        (Some(message), _, _) | (None, Some(message), None) => message,
        (None, None, _) => return Err(unknown()),
        (None, Some(_), Some(_)) => {
            let message = format!("more than one message begins with `{id}`: give more of it");
            return Err(PipelineError::Usage(message));
        }
    };
    let history = ledger.message_history(&found.message_id)?;
    let mime = ledger.message_bytes(&found.message_id)?.unwrap_or_default();
    Ok(MessageShown {
        message: message_line(found),
        history: history
            .into_iter()
            .map(|event| MessageStep {
                at: event.at,
                state: event.state.as_str().to_owned(),
                reply: event.reply,
            })
            .collect(),
        size_bytes: mime.len(),
        mime,
    })
}

fn message_line(message: &MessageRecord) -> MessageLine {
    let answers = message.answers.as_ref();
    MessageLine {
        message_id: message.message_id.to_string(),
        kind: message.kind.as_str().to_owned(),
        edition: message.edition.as_ref().map(ToString::to_string),
        return_id: answers.map(|answered| answered.return_id.to_string()),
        period: answers.map(|answered| answered.expected),
        submission: answers.map(|answered| answered.hash.to_string()),
        recipient_masked: ledger::masked(&message.recipient),
        state: message.state.as_str().to_owned(),
        attempts: message.attempts,
        last_reply: message.last_reply.clone(),
    }
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
    let to_do = to_do(&messages, &jobs, &wanting, &sealed);
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
        jobs,
        to_do,
    })
}

fn to_do(
    messages: &BTreeMap<String, i64>,
    jobs: &[JobLine],
    wanting: &[String],
    sealed: &[SealedLine],
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
            "{count} messages may or may not have arrived: see `quarterdeck outbox list`."
        ));
    }
    if let Some(count) = messages.get("refused") {
        to_do.push(format!("{count} messages were refused: see `quarterdeck outbox list`."));
    }
    for job in jobs {
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
            "{} returns are late or must be asked about: see `quarterdeck returns`.",
            wanting.len()
        ));
    }
    to_do
}
