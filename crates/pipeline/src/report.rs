//! The report line: pin, reduce, compute, assess, disclose, compose, render, and one transaction.

mod approval;
mod composing;
mod edition;
mod evidence;
mod mail;
mod noted;
mod notices;
mod preview;
mod readiness;
mod rendering;
mod revised;

use std::path::{Path, PathBuf};

use analysis::{DisclosedIndicator, DisclosedTable, Releases, ShownNumber, SuccessOutcome};
use lake::LakeVersion;
use ledger::{
    Batch, EditionRecord, EditionState, FinishedRun, Ledger, PublishedFigure, PublishedSuccess,
    Release, RunOutcome, RunRecord,
};
use model::{EditionId, Period, RunId, SubmissionHash};
use publication::{Commentary, Note};
use serde::Serialize;

pub(crate) use self::approval::content_of as edition_content;
pub use self::approval::{EditionDecided, approve, hold};
use self::approval::{held_by_hand, request, waits_for_approval};
use self::composing::{Composed, composed};
use self::edition::{content_hash, write_edition};
use self::mail::messages;
pub(crate) use self::noted::waiting_for_content;
pub use self::notices::{Withdrawn, withdraw};
pub(crate) use self::notices::{
    tell, tell_cancelled, tell_failed, tell_given_up, tell_held, tell_missed, tell_operator,
    tell_sources, tell_unsound,
};
pub use self::preview::{Previewed, PreviewedFile, PreviewedMessage, preview};
use self::readiness::has_gaps;
pub(crate) use self::readiness::{Asked, deadline_ahead, waiting_for};
use self::rendering::render;
use crate::definitions::Job;
use crate::error::PipelineError;
use crate::house::House;
use crate::material::{newest, releases};
use crate::register::{RegisterLine, register};
use crate::views::FindingView;

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
        /// Figures that the plausibility gate holds.
        held: Vec<FindingView>,
        /// The approval it waits for before its messages go.
        waits: Option<String>,
    },
}

/// What a report depends on: same key, same report.
pub(crate) struct RunKey<'a> {
    /// What it is about.
    pub(crate) period: Period,
    /// The lake it is computed from.
    pub(crate) version: LakeVersion,
    /// What has come in.
    pub(crate) lines: &'a [RegisterLine],
    /// What was let through.
    pub(crate) releases: &'a Releases,
}

impl RunKey<'_> {
    /// As it is kept.
    pub(crate) fn text(&self, house: &House) -> String {
        let states = self.lines.iter().map(|line| {
            let sent: Vec<&str> =
                line.submissions.iter().map(|sent| sent.sha256.as_str()).collect();
            format!("{}={} {}", line.return_id, line.state.as_str(), sent.join(" "))
        });
        let let_through = self.releases.iter().map(|(figure, value)| format!("{figure}={value}"));
        let notes = house.definitions.commentary.get(&self.period).into_iter().flat_map(said);
        let parts: Vec<String> = states.chain(let_through).chain(notes).collect();
        let parts = parts.join(";");
        format!(
            "{}/{}/{}",
            self.version,
            house.definitions.hash.short(),
            SubmissionHash::of(parts.as_bytes()).short()
        )
    }
}

/// The run that made the very report which would be made now, if there is one that still counts.
pub(crate) fn made_already(
    house: &House,
    ledger: &Ledger,
    job: &Job,
    (key, asked): (&RunKey<'_>, Asked),
) -> Result<Option<RunRecord>, PipelineError> {
    let Some(run) = ledger.finished_run_with_key(&job.id, key.period, &key.text(house))? else {
        return Ok(None);
    };
    let is_void = is_withdrawn(ledger, &run)?
        || asked == Asked::ByHand && is_expired(house, ledger, job, &run)?;
    Ok((!is_void).then_some(run))
}

/// What the analyst says, as one text a note.
fn said(commentary: &Commentary) -> impl Iterator<Item = String> {
    let whole = commentary.report.iter().map(|note| ("report", note));
    let single = commentary.measures.iter();
    let single = single.flat_map(|(id, notes)| notes.iter().map(|note| (id.as_str(), note)));
    whole.chain(single).map(|(about, Note { by, on, paragraphs })| {
        format!("{about}: {by} {on} {}", paragraphs.join(" / "))
    })
}

/// The lake version by the ledger alone: the newest recorded commit of each table. Cheap, so that
/// a run with nothing to do need not wake the engine.
pub(crate) fn recorded_version(ledger: &Ledger) -> Result<LakeVersion, PipelineError> {
    Ok(newest(&ledger.commits()?))
}

/// Makes the report of a period and queues its mail, unless nothing has changed since it was made.
pub(crate) async fn report(
    house: &House,
    ledger: &Ledger,
    job: &Job,
    (period, asked): (Period, Asked),
) -> Result<Reported, PipelineError> {
    let lines = register(house, Some(ledger), period)?;
    let version = recorded_version(ledger)?;
    let key = RunKey { period, version, lines: &lines, releases: &releases(ledger)? };
    let named = key.text(house);
    if let Some(run) = made_already(house, ledger, job, (&key, asked))? {
        let edition = run.edition.as_ref();
        let waits = edition.map(|it| waits_for_approval(house, ledger, job, it)).transpose()?;
        return Ok(match waits.flatten() {
            Some(approval) => Reported::Held(vec![approval]),
            None => Reported::UpToDate(run.run_id),
        });
    }
    let mut missing = waiting_for(house, job, (&lines, period), asked);
    missing.extend(held_by_hand(ledger, job, (period, asked))?);
    if missing.is_empty() {
        missing = waiting_for_content(house, ledger, job, (&key, asked)).await?;
    }
    if !missing.is_empty() {
        return Ok(Reported::Held(missing));
    }
    let begun = ledger.begin_run(&ledger::RunStart {
        job: job.id.clone(),
        period,
        key: named,
        started_at: house.clock.now(),
    })?;
    house.crash_point("after-begin-run");
    let commission = Commission { job, period, run: &begun.run_id, lines: &lines };
    let made = make(house, ledger, &commission).await;
    if let Err(error) = &made {
        ledger.note_run_failure(&begun.run_id, house.clock.now(), &error.to_string())?;
    }
    made
}

/// Whether the edition of a run was taken back: then the same figures are issued anew, since somebody
/// asks for it.
fn is_withdrawn(ledger: &Ledger, run: &RunRecord) -> Result<bool, PipelineError> {
    let Some(id) = &run.edition else { return Ok(false) };
    Ok(ledger.edition(id)?.is_some_and(|edition| edition.withdrawn.is_some()))
}

/// Whether an edition was held because nobody approved it in time: asked for again by hand, it is made anew.
fn is_expired(
    house: &House,
    ledger: &Ledger,
    job: &Job,
    run: &RunRecord,
) -> Result<bool, PipelineError> {
    let Some(id) = &run.edition else { return Ok(false) };
    approval::expired(house, ledger, job, id)
}

/// What a run is about.
struct Commission<'a> {
    job: &'a Job,
    period: Period,
    run: &'a RunId,
    lines: &'a [RegisterLine],
}

async fn make(
    house: &House,
    ledger: &Ledger,
    commission: &Commission<'_>,
) -> Result<Reported, PipelineError> {
    let edition = ledger.next_edition_id(commission.period)?;
    let Composed { model, table, success, held, version } =
        composed(house, ledger, commission, &edition).await?;
    let renditions = render(house, commission.job, &model)?;
    house.crash_point("after-render");
    let content_sha256 = content_hash(&renditions.files);
    let inside = Path::new("reports").join(commission.period.file_name()).join(edition.as_str());
    let folder = house.folders.data.join(&inside);
    write_edition(&folder, &renditions.files)?;
    house.crash_point("after-edition-files");
    let record = EditionRecord {
        edition_id: edition.clone(),
        report: commission.job.id.to_string(),
        period: commission.period,
        lake_version: version.to_string(),
        definitions_hash: house.definitions.hash.to_string(),
        content_sha256: content_sha256.to_string(),
        folder: inside.display().to_string(),
        created_at: house.clock.now(),
        state: match commission.job.approval {
            Some(_) => EditionState::Prepared,
            None => EditionState::Released,
        },
    };
    let mut messages = messages(house, ledger, commission, &edition, &renditions)?;
    if let Some(request) = request(house, commission, &edition, (&renditions, &content_sha256))? {
        messages.push(request);
    }
    let with_gaps = has_gaps(commission.lines);
    let printed = (published_figures(&table), published_success(&success));
    let has_findings = with_gaps || !held.is_empty();
    finish(house, ledger, commission.run, has_findings, (&record, &printed, &messages))?;
    let (period, subject) = (commission.period, renditions.subject);
    Ok(Reported::Made {
        run: commission.run.clone(),
        edition: EditionSummary { id: edition, period, subject, folder, content_sha256 },
        queued: messages.len(),
        with_gaps,
        held,
        waits: waits_for_approval(house, ledger, commission.job, &record.edition_id)?,
    })
}

/// The figures and the verdicts on success measures that an edition prints.
type Printed = (Vec<PublishedFigure>, Vec<PublishedSuccess>);

/// As they are kept.
fn published_success(outcomes: &[SuccessOutcome]) -> Vec<PublishedSuccess> {
    let kept = outcomes.iter().map(|outcome| PublishedSuccess {
        id: outcome.id.clone(),
        verdict: outcome.verdict.as_str().to_owned(),
        sentence: outcome.sentence.clone(),
    });
    kept.collect()
}

/// One transaction: the run has finished, the edition is there, its messages are queued.
fn finish(
    house: &House,
    ledger: &Ledger,
    run_id: &RunId,
    has_findings: bool,
    (edition, printed, messages): (&EditionRecord, &Printed, &Batch),
) -> Result<(), PipelineError> {
    let outcome =
        if has_findings { RunOutcome::SucceededWithFindings } else { RunOutcome::Succeeded };
    house.crash_point("before-finish-run");
    ledger.finish_run(&FinishedRun {
        run_id,
        outcome,
        finished_at: house.clock.now(),
        edition: Some(edition),
        figures: &printed.0,
        success: &printed.1,
        messages,
        release: match edition.state {
            EditionState::Released => Release::Now,
            EditionState::Prepared | EditionState::Held => Release::WhenReleased,
        },
    })?;
    house.crash_point("after-finish-run");
    Ok(())
}

/// Every figure that is printed, with its own stretch of months: the verdict goes with the period's.
pub(crate) fn published_figures(table: &DisclosedTable) -> Vec<PublishedFigure> {
    let period = table.period();
    let twelve = Period::ending(period.last(), 12);
    let mut figures = Vec::new();
    for (key, row) in table.rows() {
        let figure = |period: Period, number: &ShownNumber| PublishedFigure {
            measure: key.measure.clone(),
            area: key.area.clone(),
            breakdown: key.breakdown.clone(),
            period,
            shown: shown(number),
            verdict: String::new(),
            reason: String::new(),
            position: String::new(),
        };
        let DisclosedIndicator { value, year_before, rolling_12_months, .. } = row;
        let mut printed = vec![
            PublishedFigure {
                verdict: row.verdict.as_str().to_owned(),
                reason: row.reason.clone(),
                position: row
                    .position
                    .as_ref()
                    .map_or_else(String::new, |it| format!("{} of {}", it.place, it.of)),
                ..figure(period, value)
            },
            figure(period.year_before(), year_before),
        ];
        // Of a year the 12 months are the figure itself.
        if twelve != period {
            printed.push(figure(twelve, rolling_12_months));
        }
        figures.extend(printed);
    }
    figures
}

fn shown(number: &ShownNumber) -> String {
    match number.value() {
        Some(value) => format!("{value}{}", number.marks()),
        None => number.marks().to_string(),
    }
}
