//! The ingest line: collect, land, read, map, validate, tidy, one commit.
//!
//! Every step can be repeated. Bytes are kept before the ledger hears of them; the ledger accepts
//! before the lake is written; what is accepted but not in the lake (a crash in between) is
//! finished first, as a transaction of the same name, before anything new is looked at.

mod collecting;
mod committing;
mod letters;
mod reading;
mod rebuilding;
mod sealing;

use intake::landing::Landing;
use intake::sealed::Sealed;
use intake::understand::Understood;
use jiff::civil::Date;
use ledger::{Judgement, Ledger, SubmissionFilter, SubmissionKey, SubmissionRecord};
use model::{Checked, Finding, Period, Place, Severity, SourceId, SubmissionState, counted};
use serde::Serialize;

use self::collecting::{ask_sites, collect};
use self::committing::{commit, finish_interrupted};
use self::letters::letter_about;
use self::reading::{Understanding, understand_all};
use self::sealing::{last_day, put_away};
use crate::error::PipelineError;
use crate::house::House;
use crate::views::{FindingView, finding_views};

pub(crate) use self::collecting::http_source;
pub(crate) use self::committing::{open_lake, previous_values};
pub(crate) use self::reading::{reader_settings, understood};
pub(crate) use self::rebuilding::rebuild;
pub use self::sealing::Destroyed;
pub(crate) use self::sealing::{destroy, destroy_past};

/// Whether what has been looked at for another period is looked at again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Look {
    /// Only at what is new or changed: the daily look.
    AtNews,
    /// Also at what has been seen, if not for this period: the period is not the usual one.
    AtAllForThisPeriod,
    /// Also at what was refused for it: the operator named the period, and may have corrected a contract.
    AgainForThisPeriod,
}

/// A submission that was judged in this run.
#[derive(Clone, Debug, Serialize)]
pub struct JudgedSubmission {
    /// SHA-256 of its bytes.
    pub sha256: String,
    /// File name as the partner wrote it.
    pub file: String,
    /// Where it came from.
    pub source: String,
    /// The return it answers.
    #[serde(rename = "return")]
    pub return_id: String,
    /// The period its content is about.
    pub period: Option<Period>,
    /// `accepted`, `refused` or `sealed`.
    pub state: String,
    /// The last day on which it is kept, if it was sealed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sealed_until: Option<Date>,
    /// How many figures or actions were read.
    pub observations: usize,
    /// Everything found, worst first.
    pub findings: Vec<FindingView>,
}

/// A source that gave nothing because something outside failed.
#[derive(Clone, Debug, Serialize)]
pub struct FailedSource {
    /// The source.
    pub source: String,
    /// Stable kebab-case name of what failed.
    pub code: String,
    /// What failed and what to do.
    pub message: String,
}

/// What an ingest did.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ingested {
    /// Submissions judged in this run, by source and file.
    pub(crate) judged: Vec<JudgedSubmission>,
    /// Files and sites that are as they were.
    pub(crate) unchanged: usize,
    /// Files that were not taken, by source.
    pub(crate) not_taken: Vec<(SourceId, Finding)>,
    /// Sources that failed.
    pub(crate) failed: Vec<FailedSource>,
    /// Whether the lake was written to.
    pub(crate) committed: bool,
    /// How many sources were looked at.
    pub(crate) sources: usize,
    /// Sealed submissions whose time had come.
    pub(crate) destroyed: Vec<Destroyed>,
    /// How many letters to partners were queued.
    pub(crate) letters: usize,
}

/// Collects from every source and takes in what is new, for the expected period.
pub(crate) async fn ingest(
    house: &House,
    ledger: &Ledger,
    expected: Period,
    look: Look,
) -> Result<Ingested, PipelineError> {
    let landing = Landing::open(house.folders.landing())?;
    let sealed = Sealed::open(house.folders.sealed())?;
    put_away(house, ledger, &landing, &sealed)?;
    let destroyed = destroy_past(house, ledger, &landing, &sealed)?;
    finish_interrupted(house, ledger, &landing).await?;
    house.crash_point("after-finish-interrupted");
    let mut ingested = Ingested { destroyed, ..Ingested::default() };
    let mut answers = ask_sites(house, ledger, &landing, (expected, look)).await?;
    for (id, source) in &house.definitions.settings.sources {
        house.progress.say(format!("Looking at {id}"));
        let answer = answers.remove(id);
        collect(house, ledger, &landing, (id, source), (expected, look), answer, &mut ingested)?;
        ingested.sources += 1;
    }
    house.crash_point("after-receive");
    // What was sealed or destroyed before may have come again.
    put_away(house, ledger, &landing, &sealed)?;
    judge_new(house, ledger, &landing, &sealed, &mut ingested).await?;
    Ok(ingested)
}

async fn judge_new(
    house: &House,
    ledger: &Ledger,
    landing: &Landing,
    sealed: &Sealed,
    ingested: &mut Ingested,
) -> Result<(), PipelineError> {
    let waiting = ledger.to_judge()?;
    if waiting.is_empty() {
        return Ok(());
    }
    house.progress.say(format!("Reading {}", counted(waiting.len(), "workbook")));
    let previous = previous_values(house, ledger).await?;
    let understood = understand_all(house, landing, waiting, &previous)?;
    house.crash_point("after-read");
    judge(house, ledger, &understood, ingested)?;
    house.crash_point("after-judge");
    put_away(house, ledger, landing, sealed)?;
    let accepted: Vec<SubmissionRecord> = ledger.accepted_not_in_lake()?;
    commit(house, ledger, &accepted, &understood).await?;
    ingested.committed = !accepted.is_empty();
    Ok(())
}

/// Whether a file that is refused for this period is accepted for another: it only lies in the folder still, and its
/// partner has done nothing wrong.
fn is_right_elsewhere(
    ledger: &Ledger,
    Understanding { submission, expected, checked, .. }: &Understanding,
) -> Result<bool, PipelineError> {
    if state(checked) != SubmissionState::Refused {
        return Ok(false);
    }
    let return_id = Some(submission.return_id.clone());
    let all = ledger.submissions(&SubmissionFilter { return_id, expected: None })?;
    Ok(all.iter().any(|it| {
        it.submission.hash == submission.hash
            && it.expected != *expected
            && it.state == SubmissionState::Accepted
    }))
}

/// Keeps what became of the submissions, all in one transaction.
fn judge(
    house: &House,
    ledger: &Ledger,
    understood: &[Understanding],
    ingested: &mut Ingested,
) -> Result<(), PipelineError> {
    let letters = understood
        .iter()
        .map(|understanding| {
            if is_right_elsewhere(ledger, understanding)? {
                Ok(None)
            } else {
                letter_about(house, understanding)
            }
        })
        .collect::<Result<Vec<_>, PipelineError>>()?;
    let judgements: Vec<Judgement<'_>> = understood
        .iter()
        .zip(&letters)
        .map(|(understanding, letter)| {
            let Understanding { submission, expected, checked, .. } = understanding;
            Judgement {
                key: SubmissionKey {
                    hash: submission.hash.clone(),
                    return_id: submission.return_id.clone(),
                    expected: *expected,
                },
                content_period: checked.output.period,
                state: state(checked),
                sealed_until: sealed_until(house, checked),
                observations: i64::try_from(count(understanding)).unwrap_or(i64::MAX),
                findings: &checked.findings,
                judged_at: house.clock.now(),
                letter: letter.as_ref(),
            }
        })
        .collect();
    house.crash_point("before-judge");
    ledger.judge_all(&judgements)?;
    ingested.letters = letters.iter().flatten().count();
    for understanding in understood {
        let Understanding { submission, checked, .. } = understanding;
        ingested.judged.push(JudgedSubmission {
            sha256: submission.hash.to_string(),
            file: submission.file.clone(),
            source: submission.source.to_string(),
            return_id: submission.return_id.to_string(),
            period: checked.output.period,
            state: state(checked).as_str().to_owned(),
            sealed_until: sealed_until(house, checked),
            observations: count(understanding),
            findings: finding_views(checked.findings.clone()),
        });
    }
    Ok(())
}

fn state(checked: &Checked<Understood>) -> SubmissionState {
    let personal = checked.findings.iter().any(|finding| finding.code == "personal-data");
    match (personal, checked.is_refused()) {
        (true, _) => SubmissionState::Sealed,
        (false, true) => SubmissionState::Refused,
        (false, false) => SubmissionState::Accepted,
    }
}

fn sealed_until(house: &House, checked: &Checked<Understood>) -> Option<Date> {
    (state(checked) == SubmissionState::Sealed).then(|| last_day(house))
}

fn count(understanding: &Understanding) -> usize {
    understanding.figures.len() + understanding.checked.output.actions.len()
}

/// A finding about a whole source, for lists of findings.
pub(crate) fn source_finding(failed: &FailedSource) -> Finding {
    Finding::new(Severity::Error, &failed.code, Place::file(), failed.message.clone())
}
