//! A report as it would be issued now, made to be looked at: nothing is sent, nothing is remembered.

use std::path::PathBuf;

use ledger::Ledger;
use model::{JobId, Period, RunId};
use publication::ReportModel;
use serde::Serialize;

use super::composing::composed;
use super::edition::write_edition;
use super::noted::in_the_way;
use super::rendering::render;
use super::{Asked, Commission, RunKey, made_already, recorded_version, waiting_for};
use crate::definitions::{Job, JobKind};
use crate::error::PipelineError;
use crate::house::House;
use crate::material::releases;
use crate::register::register;

/// What a preview made.
#[derive(Clone, Debug, Serialize)]
pub struct Previewed {
    /// The job whose report it is.
    pub job: JobId,
    /// What it is about.
    pub period: Period,
    /// The edition that it would be.
    pub edition: String,
    /// The mail's subject.
    pub subject: String,
    /// The folder its files are in.
    pub folder: PathBuf,
    /// Its files, by their path in the folder, with their size in bytes.
    pub files: Vec<PreviewedFile>,
    /// Who would get a message, and how large it would be.
    pub messages: Vec<PreviewedMessage>,
    /// How many indicators have a figure.
    pub figures: usize,
    /// What a run would wait for: it would be held.
    pub waiting_for: Vec<String>,
    /// The run that made this very report already, if one did: another would do nothing until something new arrives.
    pub made_by: Option<RunId>,
}

/// A file of a preview.
#[derive(Clone, Debug, Serialize)]
pub struct PreviewedFile {
    /// Its path in the folder.
    pub path: String,
    /// Its size.
    pub bytes: usize,
}

/// A message of a preview.
#[derive(Clone, Debug, Serialize)]
pub struct PreviewedMessage {
    /// The recipient's role.
    pub recipient: String,
    /// Names of the files that would go with it.
    pub attached: Vec<String>,
}

/// Makes every rendering of the report that a run would issue now, in a folder of its own that is
/// made anew each time.
pub async fn preview(
    house: &House,
    job: Option<&JobId>,
    period: Option<Period>,
) -> Result<Previewed, PipelineError> {
    let job = report_job(house, job)?;
    let period = period.unwrap_or_else(|| Period::latest_complete_quarter(house.clock.today()));
    let Some(ledger) = house.ledger_to_read()? else {
        let folder = house.folders.data.display();
        return Err(PipelineError::Usage(format!(
            "nothing has been taken in yet (there is no ledger in {folder}): run the job that collects returns first"
        )));
    };
    let lines = register(house, Some(&ledger), period)?;
    let run = RunId::new(format!("{}-{}-preview", job.id, period.file_name()));
    let commission = Commission { job, period, run: &run, lines: &lines };
    previewed(house, &ledger, &commission).await
}

async fn previewed(
    house: &House,
    ledger: &Ledger,
    commission: &Commission<'_>,
) -> Result<Previewed, PipelineError> {
    let Commission { job, period, lines, .. } = *commission;
    let edition = ledger.next_edition_id(period)?;
    let (version, releases) = (recorded_version(ledger)?, releases(ledger)?);
    let key = RunKey { period, version, lines, releases: &releases };
    let made = made_already(house, ledger, job, (&key, Asked::ByHand))?;
    let composed = composed(house, ledger, commission, &edition).await?;
    let renditions = render(house, job, &composed.model)?;
    let folder = house.folders.data.join("preview").join(period.file_name());
    write_edition(&folder, &renditions.files)?;
    let files = renditions
        .files
        .iter()
        .map(|(path, bytes)| PreviewedFile { path: path.clone(), bytes: bytes.len() });
    let messages = renditions.mails.iter().map(|mail| PreviewedMessage {
        recipient: mail.recipient.role.clone(),
        attached: mail.content.attachments.iter().map(|file| file.file_name.clone()).collect(),
    });
    Ok(Previewed {
        job: job.id.clone(),
        period,
        edition: edition.to_string(),
        subject: renditions.subject.clone(),
        folder,
        files: files.collect(),
        messages: messages.collect(),
        figures: figures(&composed.model),
        waiting_for: [
            waiting_for(house, job, (lines, period), Asked::ByHand),
            in_the_way(house, job, &composed.model),
        ]
        .concat(),
        made_by: made.map(|run| run.run_id),
    })
}

/// How many indicators have a figure of the period or of 12 months.
fn figures(model: &ReportModel) -> usize {
    let rows = model.indicators.groups.iter().flat_map(|group| &group.rows);
    rows.filter(|row| {
        row.figures.now.number.is_some() || row.figures.twelve_months.number.is_some()
    })
    .count()
}

/// The job that is named, or the only one that makes reports.
fn report_job<'a>(house: &'a House, job: Option<&JobId>) -> Result<&'a Job, PipelineError> {
    let jobs = &house.definitions.jobs;
    let reports: Vec<&Job> = jobs.values().filter(|job| job.kind == JobKind::Report).collect();
    let names = || reports.iter().map(|job| job.id.as_str()).collect::<Vec<_>>().join(", ");
    match (job, reports.as_slice()) {
        (Some(id), _) => reports.iter().copied().find(|job| job.id == *id).ok_or_else(|| {
            PipelineError::Usage(format!("`{id}` makes no report; these jobs do: {}", names()))
        }),
        (None, [only]) => Ok(only),
        (None, []) => Err(PipelineError::Usage("no job in jobs/ makes a report".to_owned())),
        (None, _) => Err(PipelineError::Usage(format!(
            "several jobs make reports: name one with --job ({})",
            names()
        ))),
    }
}
