//! The ingest line: collect, land, read, map, validate, tidy, one commit.
//!
//! Every step can be repeated. Bytes are kept before the ledger hears of them; the ledger accepts
//! before the lake is written; what is accepted but not in the lake (a crash in between) is
//! finished first, as a transaction of the same name, before anything new is looked at.

use std::collections::BTreeMap;

use intake::collect::{Arrival, Fetched, FolderSource, HttpSource, KnownFile, Validators};
use intake::collect::{collect_folder, collect_http};
use intake::contract::{Contract, Coverage};
use intake::landing::Landing;
use intake::understand::{PreviousValues, Understood, Vocabulary, understand};
use intake::{reader, workbook::Workbook};
use lake::{Batch, Lake, Stamp};
use ledger::{
    Judgement, KnownFileRow, Ledger, ReceivedAs, SourceState, SubmissionFilter, SubmissionKey,
    SubmissionRecord,
};
use model::{
    Checked, Finding, Period, Place, Severity, SourceId, Submission, SubmissionHash,
    SubmissionState,
};
use serde::Serialize;

use crate::error::PipelineError;
use crate::house::House;
use crate::settings::{SecretAt, Source, SourcePlace};
use crate::views::{FindingView, finding_views};

/// Whether what has been looked at for another period is looked at again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    /// Only at what is new or changed: the daily look.
    AtNews,
    /// Also at what has been seen, if not for this period: the operator named the period.
    AtAllForThisPeriod,
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
    /// `accepted`, `refused` or `shredded`.
    pub state: String,
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
pub struct Ingested {
    /// Submissions judged in this run, by source and file.
    pub judged: Vec<JudgedSubmission>,
    /// Files and sites that are as they were.
    pub unchanged: usize,
    /// Files that were not taken, by source.
    pub not_taken: Vec<(SourceId, Finding)>,
    /// Sources that failed.
    pub failed: Vec<FailedSource>,
    /// Whether a file was left for the next look.
    pub retry_later: bool,
    /// Whether the lake was written to.
    pub committed: bool,
    /// How many sources were looked at.
    pub sources: usize,
}

/// Collects from every source and takes in what is new, for the expected period.
pub async fn ingest(
    house: &House,
    ledger: &Ledger,
    expected: Period,
    look: Look,
) -> Result<Ingested, PipelineError> {
    let landing = Landing::open(house.folders.landing())?;
    shred_leftovers(ledger, &landing)?;
    finish_interrupted(house, ledger, &landing).await?;
    let mut ingested = Ingested::default();
    for (id, source) in &house.definitions.settings.sources {
        house.progress.say(format!("Looking at {id}"));
        collect(
            house,
            ledger,
            &landing,
            (id, source),
            expected,
            look,
            &mut ingested,
        )
        .await?;
        ingested.sources += 1;
    }
    house.crash_point("after-receive");
    judge_new(house, ledger, &landing, &mut ingested).await?;
    Ok(ingested)
}

fn shred_leftovers(ledger: &Ledger, landing: &Landing) -> Result<(), PipelineError> {
    for record in ledger.submissions(&SubmissionFilter::default())? {
        let hash = &record.submission.hash;
        if record.state == SubmissionState::Shredded && landing.holds(hash) {
            landing.shred(hash)?;
        }
    }
    Ok(())
}

async fn collect(
    house: &House,
    ledger: &Ledger,
    landing: &Landing,
    (id, source): (&SourceId, &Source),
    expected: Period,
    look: Look,
    ingested: &mut Ingested,
) -> Result<(), PipelineError> {
    let definitions = &house.definitions;
    let Some(contract) = definitions.contracts.get(&source.return_id) else {
        return Ok(());
    };
    let receive = |arrival: &Arrival| -> Result<(), PipelineError> {
        house.crash_point("after-landing");
        let submission = Submission {
            hash: arrival.hash.clone(),
            file: arrival.file.clone(),
            source: id.clone(),
            partner: contract.partner.clone(),
            return_id: source.return_id.clone(),
            arrived_at: arrival.arrived_at.min(house.clock.now()),
            size_bytes: arrival.size_bytes,
        };
        match ledger.receive(&submission, expected)? {
            // Bytes refused for personal data were not kept, and are not kept now.
            ReceivedAs::AlreadyThere(SubmissionState::Shredded) => {
                Ok(landing.shred(&arrival.hash)?)
            }
            ReceivedAs::New | ReceivedAs::AlreadyThere(_) => Ok(()),
        }
    };
    // Seen for this very period, or at all?
    let received: Vec<SubmissionHash> = match look {
        Look::AtNews => Vec::new(),
        Look::AtAllForThisPeriod => ledger
            .submissions(&SubmissionFilter {
                return_id: Some(source.return_id.clone()),
                expected: Some(expected),
            })?
            .into_iter()
            .map(|record| record.submission.hash)
            .collect(),
    };
    let seen = |hash: &SubmissionHash| look == Look::AtNews || received.contains(hash);
    match &source.place {
        SourcePlace::Folder { path } => {
            let folder = FolderSource {
                id: id.clone(),
                path: path.clone(),
                settle: definitions.settings.settle,
                file_bytes_max: definitions.settings.file_bytes_max,
            };
            let known: BTreeMap<String, KnownFile> = ledger
                .known_files(id)?
                .into_iter()
                .filter(|(_, row)| seen(&row.hash))
                .map(
                    |(
                        name,
                        KnownFileRow {
                            size_bytes,
                            modified,
                            hash,
                        },
                    )| {
                        (
                            name,
                            KnownFile {
                                size_bytes,
                                modified,
                                hash,
                            },
                        )
                    },
                )
                .collect();
            match collect_folder(&folder, &known, landing, house.clock.now()) {
                Ok(collected) => {
                    for (arrival, modified) in &collected.arrivals {
                        receive(arrival)?;
                        if let Some(modified) = *modified {
                            let row = KnownFileRow {
                                size_bytes: arrival.size_bytes,
                                modified,
                                hash: arrival.hash.clone(),
                            };
                            ledger.remember_file(id, &arrival.file, &row)?;
                        }
                    }
                    ingested.unchanged += collected.unchanged.len();
                    ingested.retry_later |= collected.retry_later;
                    let findings = collected
                        .findings
                        .into_iter()
                        .map(|finding| (id.clone(), finding));
                    ingested.not_taken.extend(findings);
                }
                Err(error) => note_failed(id, &error, ingested)?,
            }
        }
        SourcePlace::Http {
            url,
            internal,
            token,
        } => {
            let site = match http_source(house, id, url, *internal, token.as_ref()) {
                Ok(site) => site,
                Err(message) => {
                    let (source, code) = (id.to_string(), "source-settings".to_owned());
                    ingested.failed.push(FailedSource {
                        source,
                        code,
                        message,
                    });
                    return Ok(());
                }
            };
            let known = ledger.source_state(id)?.filter(|state| seen(&state.hash));
            let validators = known.map(|state| Validators {
                etag: state.etag,
                last_modified: state.last_modified,
            });
            match collect_http(&site, validators.as_ref(), landing, house.clock.now()).await {
                Ok(Fetched::NotModified) => ingested.unchanged += 1,
                Ok(Fetched::New {
                    arrival,
                    validators,
                }) => {
                    receive(&arrival)?;
                    let state = SourceState {
                        etag: validators.etag,
                        last_modified: validators.last_modified,
                        hash: arrival.hash,
                        file: arrival.file,
                        fetched_at: house.clock.now(),
                    };
                    ledger.remember_source(id, &state)?;
                }
                Err(error) => note_failed(id, &error, ingested)?,
            }
        }
    }
    Ok(())
}

/// A source that fails is noted and the rest goes on; a landing store that cannot be written to
/// stops everything, since nothing may be believed before it is kept.
fn note_failed(
    id: &SourceId,
    error: &intake::collect::SourceError,
    ingested: &mut Ingested,
) -> Result<(), PipelineError> {
    if error.code() == "cannot-keep" {
        return Err(PipelineError::TryLater(error.to_string()));
    }
    let (code, message) = (error.code().to_owned(), error.to_string());
    ingested.failed.push(FailedSource {
        source: id.to_string(),
        code,
        message,
    });
    ingested.retry_later |= error.is_transient();
    Ok(())
}

fn http_source(
    house: &House,
    id: &SourceId,
    url: &str,
    internal: bool,
    token: Option<&SecretAt>,
) -> Result<HttpSource, String> {
    let fetching = &house.definitions.settings.fetching;
    // The address may carry a secret: it is named by its key, never printed.
    let url = url
        .parse()
        .map_err(|_| format!("sources.{id}.url is not an address"))?;
    let bearer = token.map(|at| secret(house, at)).transpose()?;
    Ok(HttpSource {
        id: id.clone(),
        url,
        internal,
        connect_timeout: fetching.connect,
        total_deadline: fetching.total,
        body_bytes_max: house.definitions.settings.file_bytes_max,
        extra_ca: None,
        bearer,
        attempts_max: fetching.attempts_max,
    })
}

/// Looks a secret up where the settings say it is.
pub(crate) fn secret(house: &House, at: &SecretAt) -> Result<String, String> {
    match at {
        SecretAt::Env(name) => house.environment.get(name).cloned().ok_or_else(|| {
            format!("the environment variable {name} is not set: it should hold the secret")
        }),
        SecretAt::File(path) => std::fs::read_to_string(path)
            .map(|text| text.trim_end_matches(['\r', '\n']).to_owned())
            .map_err(|error| format!("could not read the secret in {}: {error}", path.display())),
    }
}

/// A submission as read and understood.
struct Understanding {
    submission: Submission,
    expected: Period,
    checked: Checked<Understood>,
}

async fn judge_new(
    house: &House,
    ledger: &Ledger,
    landing: &Landing,
    ingested: &mut Ingested,
) -> Result<(), PipelineError> {
    let waiting = ledger.to_judge()?;
    if waiting.is_empty() {
        return Ok(());
    }
    house
        .progress
        .say(format!("Reading {} workbooks", waiting.len()));
    let previous = previous_values(house, ledger).await?;
    let understood = understand_all(house, landing, waiting, &previous);
    house.crash_point("after-read");
    for understanding in &understood {
        judge(house, ledger, landing, understanding, ingested)?;
    }
    house.crash_point("after-judge");
    let accepted: Vec<SubmissionRecord> = ledger.accepted_not_in_lake()?;
    commit(house, ledger, &accepted, &understood).await?;
    ingested.committed = !accepted.is_empty();
    Ok(())
}

/// What the lake says already: checks compare with it. The one backward look.
async fn previous_values(house: &House, ledger: &Ledger) -> Result<PreviousValues, PipelineError> {
    let Some((lake, version)) = open_lake(house, ledger).await? else {
        return Ok(PreviousValues::new());
    };
    let series = lake.reduce(&version).await?.series;
    let values = series.into_iter().flat_map(|(key, points)| {
        points
            .into_iter()
            .filter_map(move |(period, point)| Some(((key.clone(), period), point.figure.value?)))
    });
    Ok(values.collect())
}

/// The lake at its newest version, checked against what the ledger says was written to it.
pub(crate) async fn open_lake(
    house: &House,
    ledger: &Ledger,
) -> Result<Option<(Lake, lake::LakeVersion)>, PipelineError> {
    let recorded: Vec<lake::CommitRecord> =
        ledger.commits()?.into_iter().map(lake_record).collect();
    let Some(lake) = Lake::open_existing(&house.folders.lake()).await? else {
        if recorded.is_empty() {
            return Ok(None);
        }
        let lost = format!("the lake {} is gone", house.folders.lake().display());
        return Err(PipelineError::Damaged(vec![lost]));
    };
    let damage = lake.verify(&recorded).await;
    if !damage.is_empty() {
        return Err(PipelineError::Damaged(damage));
    }
    let version = lake.version()?;
    Ok(Some((lake, version)))
}

fn understand_all(
    house: &House,
    landing: &Landing,
    waiting: Vec<(Submission, Period)>,
    previous: &PreviousValues,
) -> Vec<Understanding> {
    let files: Vec<(SubmissionHash, String, std::path::PathBuf)> = waiting
        .iter()
        .map(|(submission, _)| {
            (
                submission.hash.clone(),
                submission.file.clone(),
                landing.path(&submission.hash),
            )
        })
        .collect();
    let read = reader::read_all(&files, &reader_settings(house));
    waiting
        .into_iter()
        .zip(read)
        .map(|((submission, expected), read)| {
            let checked = match house.definitions.contracts.get(&submission.return_id) {
                Some(contract) => understood(house, read, contract, expected, previous),
                None => not_understood(no_contract(&submission)),
            };
            Understanding {
                submission,
                expected,
                checked,
            }
        })
        .collect()
}

pub(crate) fn reader_settings(house: &House) -> reader::ReaderSettings {
    let reading = &house.definitions.settings.reading;
    reader::ReaderSettings {
        program: house.program.clone(),
        address_space_bytes: reading.memory_bytes,
        seconds: reading.seconds,
        cells_per_sheet_max: reading.cells_per_sheet_max,
        cells_per_file_max: reading.cells_per_file_max,
        uncompressed_bytes_max: reading.uncompressed_bytes_max,
    }
}

/// Understands a workbook by its contract, or passes on why it could not be read.
pub(crate) fn understood(
    house: &House,
    read: Result<Workbook, Finding>,
    contract: &Contract,
    expected: Period,
    previous: &PreviousValues,
) -> Checked<Understood> {
    let vocabulary = Vocabulary {
        partnership: &house.definitions.partnership,
        measures: &house.definitions.measures,
    };
    match read {
        Ok(workbook) => understand(&workbook, contract, &vocabulary, expected, previous),
        Err(finding) => not_understood(finding),
    }
}

fn not_understood(finding: Finding) -> Checked<Understood> {
    Checked {
        output: Understood {
            period: None,
            observations: Vec::new(),
            actions: Vec::new(),
        },
        findings: vec![finding],
    }
}

fn no_contract(submission: &Submission) -> Finding {
    let message = format!(
        "there is no contract for the return {} any more",
        submission.return_id
    );
    let hint = format!("put config/returns/{}.toml back", submission.return_id);
    Finding::new(Severity::Error, "no-contract", Place::file(), message).with_hint(hint)
}

fn judge(
    house: &House,
    ledger: &Ledger,
    landing: &Landing,
    understanding: &Understanding,
    ingested: &mut Ingested,
) -> Result<(), PipelineError> {
    let Understanding {
        submission,
        expected,
        checked,
    } = understanding;
    let personal = checked
        .findings
        .iter()
        .any(|finding| finding.code == "personal-data");
    let state = match (personal, checked.is_refused()) {
        (true, _) => SubmissionState::Shredded,
        (false, true) => SubmissionState::Refused,
        (false, false) => SubmissionState::Accepted,
    };
    let observations = checked.output.observations.len() + checked.output.actions.len();
    ledger.judge(&Judgement {
        key: SubmissionKey {
            hash: submission.hash.clone(),
            return_id: submission.return_id.clone(),
            expected: *expected,
        },
        content_period: checked.output.period,
        state,
        observations: i64::try_from(observations).unwrap_or(i64::MAX),
        findings: &checked.findings,
        judged_at: house.clock.now(),
    })?;
    if state == SubmissionState::Shredded {
        landing.shred(&submission.hash)?;
    }
    ingested.judged.push(JudgedSubmission {
        sha256: submission.hash.to_string(),
        file: submission.file.clone(),
        source: submission.source.to_string(),
        return_id: submission.return_id.to_string(),
        period: checked.output.period,
        state: state.as_str().to_owned(),
        observations,
        findings: finding_views(checked.findings.clone()),
    });
    Ok(())
}

/// What a crash left accepted but not in the lake: read again from the kept bytes and committed as
/// the transaction it would have been.
async fn finish_interrupted(
    house: &House,
    ledger: &Ledger,
    landing: &Landing,
) -> Result<(), PipelineError> {
    let accepted = ledger.accepted_not_in_lake()?;
    if accepted.is_empty() {
        return Ok(());
    }
    house
        .progress
        .say("Finishing what an earlier run had accepted");
    let waiting = accepted
        .iter()
        .map(|record| (record.submission.clone(), record.expected))
        .collect();
    let understood = understand_all(house, landing, waiting, &PreviousValues::new());
    commit(house, ledger, &accepted, &understood).await
}

async fn commit(
    house: &House,
    ledger: &Ledger,
    accepted: &[SubmissionRecord],
    understood: &[Understanding],
) -> Result<(), PipelineError> {
    if accepted.is_empty() {
        return Ok(());
    }
    house.progress.say(format!(
        "Writing {} submissions to the lake",
        accepted.len()
    ));
    let mut names = String::new();
    let mut batches = Vec::new();
    for record in accepted {
        let Some(understanding) = understood.iter().find(|understanding| {
            understanding.submission.hash == record.submission.hash
                && understanding.submission.return_id == record.submission.return_id
                && understanding.expected == record.expected
        }) else {
            continue;
        };
        let sequence = record.sequence.unwrap_or_default();
        names.push_str(&format!(
            "{sequence}:{}:{};",
            record.submission.hash, record.expected
        ));
        batches.push(Batch {
            stamp: stamp(house, record, sequence),
            observations: &understanding.checked.output.observations,
            actions: &understanding.checked.output.actions,
        });
    }
    let recorded: Vec<lake::CommitRecord> =
        ledger.commits()?.into_iter().map(lake_record).collect();
    let lake = Lake::open(&house.folders.lake()).await?;
    let damage = lake.verify(&recorded).await;
    if !damage.is_empty() {
        return Err(PipelineError::Damaged(damage));
    }
    let transaction = format!("ingest/{}", SubmissionHash::of(names.as_bytes()));
    house.crash_point("before-lake-commit");
    let appended = lake.append(&transaction, &batches).await?;
    house.crash_point("after-lake-commit");
    let commits: Vec<ledger::CommitRecord> =
        appended.commits.into_iter().map(ledger_record).collect();
    let keys: Vec<SubmissionKey> = accepted.iter().map(SubmissionRecord::key).collect();
    ledger.record_commits(&commits, &keys, house.clock.now())?;
    house.crash_point("after-record");
    Ok(())
}

fn stamp(house: &House, record: &SubmissionRecord, sequence: i64) -> Stamp {
    let submission = &record.submission;
    let contract = house.definitions.contracts.get(&submission.return_id);
    Stamp {
        submission: submission.hash.clone(),
        return_id: submission.return_id.clone(),
        partner: submission.partner.clone(),
        source: submission.source.clone(),
        file: submission.file.clone(),
        reference: record.expected,
        arrived_at: submission.arrived_at,
        sequence,
        sample: contract.is_some_and(|contract| contract.coverage == Coverage::Sample),
    }
}

fn lake_record(record: ledger::CommitRecord) -> lake::CommitRecord {
    let ledger::CommitRecord {
        table,
        version,
        transaction_id,
        files,
        log_sha256,
        rows,
        control_sum,
    } = record;
    let files = files
        .into_iter()
        .map(
            |ledger::FileRecord {
                 path,
                 size_bytes,
                 sha256,
             }| lake::FileRecord {
                path,
                size_bytes,
                sha256,
            },
        )
        .collect();
    lake::CommitRecord {
        table,
        version,
        transaction_id,
        files,
        log_sha256,
        rows,
        control_sum,
    }
}

fn ledger_record(record: lake::CommitRecord) -> ledger::CommitRecord {
    let lake::CommitRecord {
        table,
        version,
        transaction_id,
        files,
        log_sha256,
        rows,
        control_sum,
    } = record;
    let files = files
        .into_iter()
        .map(
            |lake::FileRecord {
                 path,
                 size_bytes,
                 sha256,
             }| ledger::FileRecord {
                path,
                size_bytes,
                sha256,
            },
        )
        .collect();
    ledger::CommitRecord {
        table,
        version,
        transaction_id,
        files,
        log_sha256,
        rows,
        control_sum,
    }
}

/// A finding about a whole source, for lists of findings.
pub(crate) fn source_finding(failed: &FailedSource) -> Finding {
    Finding::new(
        Severity::Error,
        &failed.code,
        Place::file(),
        failed.message.clone(),
    )
}
