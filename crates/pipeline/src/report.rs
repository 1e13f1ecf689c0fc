//! The report line: pin, reduce, compute, assess, disclose, compose, render, and one transaction.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use analysis::{DisclosedTable, DisclosureRules, SuccessOutcome};
use delivery::{Attachment, Mail};
use lake::{Lake, LakeVersion};
use ledger::{
    EditionRecord, EditionState, FinishedRun, Ledger, OutboxMessage, PublishedFigure, Release,
    RunOutcome,
};
use model::{
    ActionItem, EditionId, Period, ReturnState, RunId, SeriesTable, Severity, SubmissionHash,
    SubmissionState,
};
use publication::{
    CsvTable, Email, QualityLine, ReportModel, ReportSpec, ReturnLine, SourceLine, TemplateFile,
    Templates,
};
use serde::Serialize;

use crate::definitions::{Job, Publish};
use crate::error::PipelineError;
use crate::house::{House, file_error};
use crate::register::{RegisterLine, register};
use crate::schedule::next_due;

/// An edition, as commands show it.
#[derive(Clone, Debug, Serialize)]
pub struct EditionSummary {
    /// Its id.
    pub id: EditionId,
    /// What it is about.
    pub period: Period,
    /// The mail's subject.
    pub subject: String,
    /// The folder its files are in.
    pub folder: PathBuf,
    /// SHA-256 over its files.
    pub content_sha256: SubmissionHash,
}

/// What a report run did.
#[derive(Clone, Debug)]
pub(crate) enum Reported {
    /// A run with the same lake version, definitions and register has finished: nothing was done.
    UpToDate(RunId),
    /// Held back: what is missing.
    Held(Vec<String>),
    /// An edition was made and its messages queued.
    Made {
        /// The run.
        run: RunId,
        /// The edition.
        edition: EditionSummary,
        /// How many messages were queued.
        queued: usize,
        /// Whether returns that were owed are missing from it.
        with_gaps: bool,
    },
}

/// Names what a report depends on: same key, same report.
pub(crate) fn run_key(house: &House, version: LakeVersion, lines: &[RegisterLine]) -> String {
    let states: Vec<String> = lines
        .iter()
        .map(|line| {
            let sent: Vec<&str> =
                line.submissions.iter().map(|sent| sent.sha256.as_str()).collect();
            format!("{}={} {}", line.return_id, line.state.as_str(), sent.join(" "))
        })
        .collect();
    let parts = states.join(";");
    format!(
        "{version}/{}/{}",
        house.definitions.hash.short(),
        SubmissionHash::of(parts.as_bytes()).short()
    )
}

/// The lake version by the ledger alone: the newest recorded commit of each table. Cheap, so that
/// a run with nothing to do need not wake the engine.
pub(crate) fn recorded_version(ledger: &Ledger) -> Result<LakeVersion, PipelineError> {
    let mut version = LakeVersion { observations: 0, actions: 0 };
    for commit in ledger.commits()? {
        let slot = if commit.table == "actions" {
            &mut version.actions
        } else {
            &mut version.observations
        };
        *slot = (*slot).max(commit.version);
    }
    Ok(version)
}

/// Which returns a report waits for. One that publishes with gaps still needs something to say:
/// it waits while nothing has been accepted for the period at all.
pub(crate) fn waiting_for(job: &Job, lines: &[RegisterLine]) -> Vec<String> {
    let nothing_is_in = lines.iter().all(|line| line.state != ReturnState::Accepted);
    if job.publish == Publish::WithGaps && !nothing_is_in {
        return Vec::new();
    }
    let wanted: Vec<String> = lines
        .iter()
        .filter(|line| {
            line.due.is_some() && !matches!(line.state, ReturnState::Accepted | ReturnState::Waived)
        })
        .map(|line| format!("{} ({})", line.title, line.state.as_str()))
        .collect();
    if wanted.is_empty() && nothing_is_in {
        return vec![
            "any return: none is owed for this period, and nothing has been accepted".to_owned(),
        ];
    }
    wanted
}

/// Makes the report of a period and queues its mail, unless nothing has changed since it was made.
pub(crate) async fn report(
    house: &House,
    ledger: &Ledger,
    job: &Job,
    period: Period,
) -> Result<Reported, PipelineError> {
    let lines = register(house, Some(ledger), period)?;
    let version = recorded_version(ledger)?;
    let key = run_key(house, version, &lines);
    if let Some(run) = ledger.finished_run_with_key(&job.id, period, &key)? {
        return Ok(Reported::UpToDate(run.run_id));
    }
    let missing = waiting_for(job, &lines);
    if !missing.is_empty() {
        return Ok(Reported::Held(missing));
    }
    let begun = ledger.begin_run(&ledger::RunStart {
        job: job.id.clone(),
        period,
        key,
        started_at: house.clock.now(),
    })?;
    house.crash_point("after-begin-run");
    let made = make(house, ledger, job, period, &begun.run_id, &lines).await;
    if let Err(error) = &made {
        ledger.note_run_failure(&begun.run_id, house.clock.now(), &error.to_string())?;
    }
    made
}

async fn make(
    house: &House,
    ledger: &Ledger,
    job: &Job,
    period: Period,
    run: &RunId,
    lines: &[RegisterLine],
) -> Result<Reported, PipelineError> {
    let opened = crate::ingest::open_lake(house, ledger).await?;
    house.progress.say("Computing indicators");
    let (series, actions, version) = match &opened {
        Some((lake, version)) => {
            (lake.reduce(version).await?, plan(lake, version).await?, *version)
        }
        None => (SeriesTable::default(), Vec::new(), LakeVersion { observations: 0, actions: 0 }),
    };
    let table = disclosed(house, &series, period);
    let as_of = house.clock.today();
    let definitions = &house.definitions;
    let success = analysis::judge_success(
        &table,
        &definitions.partnership,
        &definitions.measures,
        &actions,
        as_of,
    );
    house.progress.say("Writing the report");
    let edition = ledger.next_edition_id(period)?;
    let papers = Papers {
        job,
        period,
        run,
        edition: &edition,
        version,
        lines,
        actions: &actions,
        success: &success,
    };
    let model = compose(house, &table, &papers);
    let templates = templates(job)?;
    let email = publication::render_email(&model, &templates)?;
    let tables = publication::tables(&model);
    let files = files(&model, &email, &tables)?;
    let content_sha256 = content_hash(&files);
    let inside = Path::new("reports").join(period.file_name()).join(edition.as_str());
    let folder = house.folders.data.join(&inside);
    write_edition(&folder, &files)?;
    house.crash_point("after-edition-files");
    let messages = messages(house, job, run, &edition, &email, &tables)?;
    let record = EditionRecord {
        edition_id: edition.clone(),
        report: job.id.to_string(),
        period,
        lake_version: version.to_string(),
        definitions_hash: definitions.hash.to_string(),
        content_sha256: content_sha256.to_string(),
        folder: inside.display().to_string(),
        created_at: house.clock.now(),
        state: EditionState::Released,
    };
    house.crash_point("before-finish-run");
    ledger.finish_run(&FinishedRun {
        run_id: run,
        outcome: if has_gaps(lines) {
            RunOutcome::SucceededWithFindings
        } else {
            RunOutcome::Succeeded
        },
        finished_at: house.clock.now(),
        edition: Some(&record),
        figures: &published_figures(&table),
        messages: &messages,
        release: Release::Now,
    })?;
    house.crash_point("after-finish-run");
    Ok(Reported::Made {
        run: run.clone(),
        edition: EditionSummary {
            id: edition,
            period,
            subject: email.subject,
            folder,
            content_sha256,
        },
        queued: messages.len(),
        with_gaps: has_gaps(lines),
    })
}

fn has_gaps(lines: &[RegisterLine]) -> bool {
    lines.iter().any(|line| {
        line.due.is_some() && !matches!(line.state, ReturnState::Accepted | ReturnState::Waived)
    })
}

/// The newest action plan.
async fn plan(lake: &Lake, version: &LakeVersion) -> Result<Vec<ActionItem>, PipelineError> {
    Ok(lake.actions(version).await?.into_iter().map(|(action, _)| action).collect())
}

/// From series to what may be shown: the only road there is.
fn disclosed(house: &House, series: &SeriesTable, period: Period) -> DisclosedTable {
    let definitions = &house.definitions;
    let analysis_definitions = analysis::Definitions {
        partnership: &definitions.partnership,
        measures: &definitions.measures,
        populations: &definitions.populations,
    };
    let indicators = analysis::compute(series, period, &analysis_definitions);
    let assessed = analysis::assess(&indicators, &definitions.measures);
    analysis::disclose(&assessed, DisclosureRules { measures: &definitions.measures })
}

/// What a report says besides its figures.
struct Papers<'a> {
    job: &'a Job,
    period: Period,
    run: &'a RunId,
    edition: &'a EditionId,
    version: LakeVersion,
    lines: &'a [RegisterLine],
    actions: &'a [ActionItem],
    success: &'a [SuccessOutcome],
}

fn compose(house: &House, table: &DisclosedTable, papers: &Papers<'_>) -> ReportModel {
    let definitions = &house.definitions;
    let next = next_due(papers.job.schedule, &definitions.calendar, house.clock.now(), 1);
    let returns: Vec<ReturnLine> = papers.lines.iter().map(return_line).collect();
    let sources: Vec<SourceLine> = papers.lines.iter().flat_map(source_lines).collect();
    let quality: Vec<QualityLine> = papers.lines.iter().flat_map(quality_lines).collect();
    publication::compose(
        table,
        &ReportSpec {
            partnership: &definitions.partnership,
            measures: &definitions.measures,
            period: papers.period,
            as_of: house.clock.today(),
            marking: papers.job.marking.clone(),
            edition: papers.edition.clone(),
            run: papers.run.clone(),
            success: papers.success,
            actions: papers.actions,
            returns: &returns,
            sources: &sources,
            quality: &quality,
            lake_version: papers.version.to_string(),
            software: house.software.clone(),
            definitions_hash_short: definitions.hash.short().to_owned(),
            contact: definitions.settings.contact.clone(),
            next_report: next.first().map(|due| crate::clock::local(due.at).date()),
            demonstration: house.demonstration.clone(),
        },
    )
}

fn return_line(line: &RegisterLine) -> ReturnLine {
    let accepted = |submission: &&crate::register::RegisterSubmission| {
        submission.state == SubmissionState::Accepted
    };
    let counted = line.submissions.iter().rev().find(accepted).or(line.submissions.last());
    let refused = counted.filter(|submission| submission.state != SubmissionState::Accepted);
    ReturnLine {
        partner: line.partner_name.clone(),
        title: line.title.clone(),
        due: line.due,
        state: line.state,
        arrived: counted.map(|submission| submission.arrived),
        refused_for: refused
            .and_then(|submission| submission.findings.first())
            .map(|finding| finding.code.clone()),
        waived: line.waived.clone(),
    }
}

fn source_lines(line: &RegisterLine) -> Vec<SourceLine> {
    line.submissions
        .iter()
        .map(|submission| SourceLine {
            partner: line.partner_name.clone(),
            return_title: line.title.clone(),
            // The name of a file with personal data may be a person's.
            file: match submission.state {
                SubmissionState::Shredded => "(file name left out)".to_owned(),
                _ => submission.file.clone(),
            },
            arrived: submission.arrived,
            sha256_short: submission.sha256.chars().take(12).collect(),
            cells: usize::try_from(submission.observations).unwrap_or(0),
            state: submission.state,
        })
        .collect()
}

/// Kinds of warning about accepted submissions, for readers. Why others were refused is said at
/// the return.
fn quality_lines(line: &RegisterLine) -> Vec<QualityLine> {
    let codes: BTreeSet<&str> = line
        .submissions
        .iter()
        .filter(|submission| submission.state == SubmissionState::Accepted)
        .flat_map(|submission| &submission.findings)
        .filter(|finding| finding.severity == Severity::Warning)
        .map(|finding| finding.code.as_str())
        .collect();
    codes
        .into_iter()
        .map(|code| QualityLine { return_title: line.title.clone(), code: code.to_owned() })
        .collect()
}

fn templates(job: &Job) -> Result<Templates, PipelineError> {
    let read = |name: &str| {
        let path = job.folder.join("mail").join(name);
        let text =
            fs::read_to_string(&path).map_err(file_error("read the mail template", &path))?;
        Ok::<_, PipelineError>((path.display().to_string(), text))
    };
    let (html_name, html) = read("email.html.j2")?;
    let (text_name, text) = read("email.txt.j2")?;
    let html = TemplateFile { name: &html_name, source: &html };
    let text = TemplateFile { name: &text_name, source: &text };
    Ok(Templates::parse(html, text)?)
}

type EditionFiles = BTreeMap<String, Vec<u8>>;

fn files(
    model: &ReportModel,
    email: &Email,
    tables: &[CsvTable],
) -> Result<EditionFiles, PipelineError> {
    let mut files = EditionFiles::new();
    let json = serde_json::to_vec_pretty(model).map_err(|error| PipelineError::File {
        doing: "write",
        path: "report.json".to_owned(),
        source: error.into(),
    })?;
    files.insert("report.json".to_owned(), json);
    files.insert("email.html".to_owned(), email.html.clone().into_bytes());
    files.insert("email.txt".to_owned(), email.text.clone().into_bytes());
    for table in tables {
        files.insert(table.file_name.clone(), table.bytes.clone());
    }
    Ok(files)
}

fn content_hash(files: &EditionFiles) -> SubmissionHash {
    let lines: Vec<String> =
        files.iter().map(|(name, bytes)| format!("{name} {}", SubmissionHash::of(bytes))).collect();
    SubmissionHash::of(lines.join("\n").as_bytes())
}

/// Writes an edition's folder whole: under another name, synced, then renamed. A folder that a
/// crashed attempt left is replaced; the ledger had not heard of it.
fn write_edition(folder: &Path, files: &EditionFiles) -> Result<(), PipelineError> {
    let parent = folder.parent().unwrap_or(Path::new("."));
    let mut partial = folder.as_os_str().to_owned();
    partial.push(".partial");
    let partial = PathBuf::from(partial);
    for leftover in [&partial, &folder.to_path_buf()] {
        if leftover.exists() {
            fs::remove_dir_all(leftover).map_err(file_error("clear", leftover))?;
        }
    }
    fs::create_dir_all(&partial).map_err(file_error("create", &partial))?;
    for (name, bytes) in files {
        let path = partial.join(name);
        let write = || {
            let mut file = fs::File::create(&path)?;
            file.write_all(bytes)?;
            file.sync_all()
        };
        write().map_err(file_error("write", &path))?;
    }
    let sync = |path: &Path| fs::File::open(path).and_then(|folder| folder.sync_all());
    sync(&partial).map_err(file_error("sync", &partial))?;
    fs::rename(&partial, folder).map_err(file_error("put in place", folder))?;
    sync(parent).map_err(file_error("sync", parent))
}

fn messages(
    house: &House,
    job: &Job,
    run: &RunId,
    edition: &EditionId,
    email: &Email,
    tables: &[CsvTable],
) -> Result<Vec<OutboxMessage>, PipelineError> {
    let mail = &house.definitions.settings.mail;
    let domain = mail.from_address.rsplit('@').next().unwrap_or("localhost");
    let attachments: Vec<Attachment> = tables
        .iter()
        .map(|table| Attachment {
            file_name: table.file_name.clone(),
            media_type: "text/csv; charset=utf-8".to_owned(),
            bytes: table.bytes.clone(),
        })
        .collect();
    let recipients = &house.definitions.partnership.recipients;
    job.to
        .iter()
        .filter_map(|id| recipients.iter().find(|recipient| recipient.id == *id))
        .map(|recipient| {
            let message_id = delivery::message_id(run, &recipient.address, domain);
            let mime = delivery::mime(&Mail {
                message_id: message_id.clone(),
                date: house.clock.now(),
                from_name: mail.from_name.clone(),
                from_address: mail.from_address.clone(),
                to_role: recipient.role.clone(),
                to_address: recipient.address.clone(),
                reply_to: mail.reply_to.clone(),
                subject: email.subject.clone(),
                text: email.text.clone(),
                html: email.html.clone(),
                attachments: attachments.clone(),
            })
            .map_err(|source| PipelineError::Compose {
                recipient: recipient.role.clone(),
                source,
            })?;
            let sha256 = SubmissionHash::of(&mime).to_string();
            let recipient = recipient.address.clone();
            Ok(OutboxMessage { message_id, edition: edition.clone(), recipient, mime, sha256 })
        })
        .collect()
}

fn published_figures(table: &DisclosedTable) -> Vec<PublishedFigure> {
    table
        .rows()
        .map(|(key, indicator)| PublishedFigure {
            measure: key.measure.clone(),
            area: key.area.clone(),
            breakdown: key.breakdown.clone(),
            period: table.period(),
            shown: match indicator.value.value() {
                Some(value) => format!("{value}{}", indicator.value.marks()),
                None => indicator.value.marks().to_string(),
            },
        })
        .collect()
}
