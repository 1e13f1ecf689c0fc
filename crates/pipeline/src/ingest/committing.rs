//! Accepted submissions into the lake, and the lake against the ledger.

use std::fmt::Write as _;

use intake::contract::{Coverage, Frequency};
use intake::landing::Landing;
use intake::understand::PreviousValues;
use lake::{Batch, Encoded, Lake, Stamp};
use ledger::{Ledger, SubmissionKey, SubmissionRecord};
use model::{SubmissionHash, counted};

use super::reading::{Understanding, understand_all};
use crate::error::PipelineError;
use crate::house::House;

/// What the lake says already: checks compare with it. The one backward look.
pub(crate) async fn previous_values(
    house: &House,
    ledger: &Ledger,
) -> Result<PreviousValues, PipelineError> {
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

/// What a crash left accepted but not in the lake: read again from the kept bytes and committed as
/// the transaction it would have been.
pub(super) async fn finish_interrupted(
    house: &House,
    ledger: &Ledger,
    landing: &Landing,
) -> Result<(), PipelineError> {
    let accepted = ledger.accepted_not_in_lake()?;
    if accepted.is_empty() {
        return Ok(());
    }
    house.progress.say("Finishing what an earlier run had accepted");
    let waiting =
        accepted.iter().map(|record| (record.submission.clone(), record.expected)).collect();
    let understood = understand_all(house, landing, waiting, &PreviousValues::new())?;
    commit(house, ledger, &accepted, &understood).await
}

pub(super) async fn commit(
    house: &House,
    ledger: &Ledger,
    accepted: &[SubmissionRecord],
    understood: &[Understanding],
) -> Result<(), PipelineError> {
    if accepted.is_empty() {
        return Ok(());
    }
    house.progress.say(format!("Writing {} to the lake", counted(accepted.len(), "submission")));
    let mut names = String::new();
    let mut batches = Vec::new();
    let mut keys: Vec<SubmissionKey> = Vec::new();
    for record in accepted {
        let Some(understanding) = understood.iter().find(|understanding| {
            understanding.submission.hash == record.submission.hash
                && understanding.submission.return_id == record.submission.return_id
                && understanding.expected == record.expected
        }) else {
            let lost = format!(
                "what was read from submission {} is not at hand",
                record.submission.hash.short()
            );
            return Err(PipelineError::TryLater(lost));
        };
        let sequence = record.sequence.unwrap_or_default();
        write!(names, "{sequence}:{}:{};", record.submission.hash, record.expected)
            .expect("writing to a String cannot fail");
        keys.push(record.key());
        batches.push(Batch {
            stamp: stamp(house, record, sequence),
            observations: &understanding.figures,
            actions: &understanding.checked.output.actions,
        });
    }
    let recorded: Vec<lake::CommitRecord> =
        ledger.commits()?.into_iter().map(lake_record).collect();
    let folder = house.folders.lake();
    let opening = tokio::spawn(async move {
        let lake = Lake::open(&folder).await?;
        let damage = lake.verify(&recorded).await;
        Ok::<_, lake::LakeError>((lake, damage))
    });
    // Meanwhile: the one waits for the disk, the other for nothing but the processors.
    let encoded = Encoded::of(&batches);
    let (lake, damage) = match opening.await {
        Ok(opened) => opened?,
        Err(panic) => std::panic::resume_unwind(panic.into_panic()),
    };
    if !damage.is_empty() {
        return Err(PipelineError::Damaged(damage));
    }
    let transaction = format!("ingest/{}", SubmissionHash::of(names.as_bytes()));
    house.crash_point("before-lake-commit");
    let appended = lake.append(&transaction, encoded?).await?;
    house.crash_point("after-lake-commit");
    let commits: Vec<ledger::CommitRecord> =
        appended.commits.into_iter().map(ledger_record).collect();
    ledger.record_commits(&commits, &keys, house.clock.now())?;
    house.crash_point("after-record");
    Ok(())
}

pub(super) fn stamp(house: &House, record: &SubmissionRecord, sequence: i64) -> Stamp {
    let submission = &record.submission;
    let contract = house.definitions.contracts.get(&submission.return_id);
    Stamp {
        submission: submission.hash.clone(),
        return_id: submission.return_id.clone(),
        partner: submission.partner.clone(),
        source: submission.source.clone(),
        file: submission.file.clone(),
        reference: match (contract.map(|contract| contract.frequency), record.content_period) {
            // Never owed: what it is about is all there is to tell one from another.
            (Some(Frequency::AdHoc), Some(content)) => content,
            _ => record.expected,
        },
        arrived_at: submission.arrived_at,
        sequence,
        sample: contract.is_some_and(|contract| contract.coverage == Coverage::Sample),
    }
}

pub(super) fn lake_record(record: ledger::CommitRecord) -> lake::CommitRecord {
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
        .map(|ledger::FileRecord { path, size_bytes, sha256 }| lake::FileRecord {
            path,
            size_bytes,
            sha256,
        })
        .collect();
    lake::CommitRecord { table, version, transaction_id, files, log_sha256, rows, control_sum }
}

fn ledger_record(record: lake::CommitRecord) -> ledger::CommitRecord {
    let lake::CommitRecord { table, version, transaction_id, files, log_sha256, rows, control_sum } =
        record;
    let files = files
        .into_iter()
        .map(|lake::FileRecord { path, size_bytes, sha256 }| ledger::FileRecord {
            path,
            size_bytes,
            sha256,
        })
        .collect();
    ledger::CommitRecord { table, version, transaction_id, files, log_sha256, rows, control_sum }
}
