//! The lake built anew: what is sound is taken over, what is not is read again from the kept submissions.
//!
//! It counts as rebuilt only when every recorded commit is there again as it was recorded, byte for byte. Reading goes
//! by today's contracts; where those have changed what a file says, the commit cannot be made again and is named.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use intake::landing::Landing;
use intake::understand::PreviousValues;
use lake::{Batch, CommitRecord, Encoded, Lake};
use ledger::{Ledger, SubmissionFilter, SubmissionRecord};
use model::{SubmissionHash, counted};

use super::committing::{lake_record, stamp};
use super::reading::understand_all;
use crate::error::PipelineError;
use crate::house::{House, file_error};

/// What rebuilding did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Rebuilt {
    /// Commits that were sound.
    pub(crate) taken_over: usize,
    /// Commits that were made again.
    pub(crate) made_again: usize,
}

/// Builds the lake anew beside the damaged one and puts it in its place; the damaged one is kept under another name.
/// The caller holds the lock.
pub(crate) async fn rebuild(house: &House, ledger: &Ledger) -> Result<Rebuilt, PipelineError> {
    let records: Vec<CommitRecord> = ledger.commits()?.into_iter().map(lake_record).collect();
    let damaged = house.folders.lake();
    let fresh = house.folders.data.join("lake.rebuilding");
    if fresh.exists() {
        fs::remove_dir_all(&fresh).map_err(file_error("clear", &fresh))?;
    }
    let lake = Lake::open(&fresh).await?;
    let mut rebuilt = Rebuilt::default();
    for (transaction, submissions) in transactions(ledger, &records)? {
        let of_it: Vec<&CommitRecord> =
            records.iter().filter(|record| record.transaction_id == transaction).collect();
        let mut missing = Vec::new();
        for record in &of_it {
            if !lake.take_over(&damaged, record).await? {
                missing.push(*record);
            }
        }
        if missing.is_empty() {
            rebuilt.taken_over += of_it.len();
            continue;
        }
        make_again(house, &lake, (&transaction, &submissions), &of_it).await?;
        rebuilt.made_again += missing.len();
    }
    let damage = lake.verify(&records).await;
    if !damage.is_empty() {
        return Err(PipelineError::Damaged(damage));
    }
    swap(house, &damaged, &fresh)?;
    Ok(rebuilt)
}

/// Puts the new lake in the place of the old one. A crash between the two renames leaves no lake, which is damage that
/// is found and repaired in the same way.
fn swap(house: &House, damaged: &Path, fresh: &Path) -> Result<(), PipelineError> {
    if damaged.exists() {
        let stamp = house.clock.local().strftime("%Y%m%dT%H%M%S").to_string();
        let aside = house.folders.data.join(format!("lake.damaged-{stamp}"));
        fs::rename(damaged, &aside).map_err(file_error("put aside", damaged))?;
    }
    fs::rename(fresh, damaged).map_err(file_error("put in place", fresh))?;
    let data = &house.folders.data;
    fs::File::open(data).and_then(|folder| folder.sync_all()).map_err(file_error("sync", data))
}

/// The recorded transactions in order, each with the submissions it holds: its name is made of them, and they follow
/// each other in the order of acceptance.
fn transactions(
    ledger: &Ledger,
    records: &[CommitRecord],
) -> Result<Vec<(String, Vec<SubmissionRecord>)>, PipelineError> {
    let known: BTreeSet<&str> = records.iter().map(|it| it.transaction_id.as_str()).collect();
    let mut all = ledger.submissions(&SubmissionFilter::default())?;
    all.retain(|record| record.in_lake);
    all.sort_by_key(|record| record.sequence);
    let mut found = Vec::new();
    let mut rest = all.into_iter().peekable();
    while rest.peek().is_some() {
        let (mut names, mut group) = (String::new(), Vec::new());
        loop {
            let Some(record) = rest.next() else {
                let first = group
                    .first()
                    .map(|it: &SubmissionRecord| it.submission.hash.short().to_owned());
                return Err(PipelineError::Damaged(vec![format!(
                    "which submissions were written to the lake together cannot be told any more, from {} on: restore the backup",
                    first.unwrap_or_default()
                )]));
            };
            let sequence = record.sequence.unwrap_or_default();
            write!(names, "{sequence}:{}:{};", record.submission.hash, record.expected)
                .expect("writing to a String cannot fail");
            group.push(record);
            let name = format!("ingest/{}", SubmissionHash::of(names.as_bytes()));
            if known.contains(name.as_str()) {
                found.push((name, group));
                break;
            }
        }
    }
    Ok(found)
}

async fn make_again(
    house: &House,
    lake: &Lake,
    (transaction, submissions): (&str, &[SubmissionRecord]),
    wanted: &[&CommitRecord],
) -> Result<(), PipelineError> {
    house.progress.say(format!("Reading {} again", counted(submissions.len(), "submission")));
    let landing = Landing::open(house.folders.landing())?;
    let lost: Vec<String> = submissions
        .iter()
        .filter_map(|record| {
            let error = landing.read(&record.submission.hash).err()?;
            Some(format!("{} for {}: {error}", record.submission.return_id, record.expected))
        })
        .collect();
    if !lost.is_empty() {
        return Err(PipelineError::Damaged(lost));
    }
    let waiting =
        submissions.iter().map(|record| (record.submission.clone(), record.expected)).collect();
    let understood = understand_all(house, &landing, waiting, &PreviousValues::new())?;
    let batches: Vec<Batch<'_>> = submissions
        .iter()
        .zip(&understood)
        .map(|(record, understanding)| Batch {
            stamp: stamp(house, record, record.sequence.unwrap_or_default()),
            observations: &understanding.figures,
            actions: &understanding.checked.output.actions,
        })
        .collect();
    let appended = lake.append(transaction, Encoded::of(&batches)?).await?;
    for wanted in wanted {
        if !appended.commits.iter().any(|made| made == *wanted) {
            let made = appended.commits.iter().find(|made| made.table == wanted.table);
            let rows = made.map_or(0, |made| made.rows);
            return Err(PipelineError::Damaged(vec![format!(
                "version {} of {} cannot be made again as it was: {} rows were written then, today's contracts read {rows} (or the same with other content); put the contracts of then back, or restore the backup",
                wanted.version, wanted.table, wanted.rows
            )]));
        }
    }
    Ok(())
}
