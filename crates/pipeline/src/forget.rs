//! `forget`: a submission's bytes destroyed now, because a person says so.

use std::collections::BTreeSet;

use intake::landing::Landing;
use intake::sealed::Sealed;
use jiff::civil::Date;
use ledger::SubmissionRecord;
use model::{ReturnId, SubmissionHash, SubmissionState};
use serde::Serialize;

use crate::clock::local;
use crate::error::PipelineError;
use crate::house::House;
use crate::ingest::destroy;

/// Fewest digits of a hash that name a submission.
const DIGITS_MIN: usize = 8;

/// What was forgotten.
#[derive(Clone, Debug, Serialize)]
pub struct Forgotten {
    /// SHA-256 of the bytes.
    pub sha256: String,
    /// Every return it came for.
    pub returns: Vec<ReturnId>,
    /// Where it came from: a copy may still be there.
    pub sources: Vec<String>,
    /// Whether the bytes had been destroyed before, and when.
    pub destroyed_before: Option<Date>,
}

/// Destroys a sealed or refused submission, named by its hash or the beginning of it.
///
/// # Errors
/// [`PipelineError::Usage`] when no submission, or more than one, is named so;
/// [`PipelineError::Held`] when its figures are in the lake, or it has not been judged.
pub fn forget(house: &House, name: &str) -> Result<Forgotten, PipelineError> {
    let digits = name.trim().to_ascii_lowercase();
    if digits.len() < DIGITS_MIN || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        let message = format!(
            "`{name}` names no submission: give its SHA-256, or at least the first {DIGITS_MIN} digits; see `quarterdeck returns`"
        );
        return Err(PipelineError::Usage(message));
    }
    let _lock = house.lock()?;
    let ledger = house.ledger()?;
    let landing = Landing::open(house.folders.landing())?;
    let sealed = Sealed::open(house.folders.sealed())?;
    let records = ledger.submissions_like(&digits)?;
    let hash = the_one(&digits, &records, &landing)?;
    refuse_needed(&records)?;
    let destroyed_before = records
        .iter()
        .all(|record| record.state == SubmissionState::Shredded)
        .then(|| records.iter().filter_map(|record| record.destroyed_at).max())
        .flatten();
    destroy(house, &ledger, (&landing, &sealed), &hash)?;
    let returns: BTreeSet<&ReturnId> =
        records.iter().map(|record| &record.submission.return_id).collect();
    let sources: BTreeSet<&str> =
        records.iter().map(|record| record.submission.source.as_str()).collect();
    Ok(Forgotten {
        sha256: hash.to_string(),
        returns: returns.into_iter().cloned().collect(),
        sources: sources.into_iter().map(str::to_owned).collect(),
        destroyed_before: destroyed_before.map(|at| local(at).date()),
    })
}

/// The submission that is meant. Bytes that a crash left without an entry in the ledger are named
/// by their whole hash.
fn the_one(
    digits: &str,
    records: &[SubmissionRecord],
    landing: &Landing,
) -> Result<SubmissionHash, PipelineError> {
    let distinct: BTreeSet<&SubmissionHash> =
        records.iter().map(|record| &record.submission.hash).collect();
    let hashes: Vec<&SubmissionHash> = distinct.into_iter().collect();
    match hashes.as_slice() {
        [one] => Ok((*one).clone()),
        [] if landing.holds(&SubmissionHash::new(digits)) => Ok(SubmissionHash::new(digits)),
        [] => Err(PipelineError::Usage(format!(
            "there is no submission {digits}: see `quarterdeck returns --json`"
        ))),
        several => Err(PipelineError::Usage(format!(
            "{} submissions begin with {digits}: give more digits",
            several.len()
        ))),
    }
}

fn refuse_needed(records: &[SubmissionRecord]) -> Result<(), PipelineError> {
    for record in records {
        let id = &record.submission.return_id;
        let short = record.submission.hash.short();
        match record.state {
            SubmissionState::Accepted => {
                return Err(PipelineError::Held(format!(
                    "submission {short} was accepted for {id}: its figures are in the lake and in reports, so it is not forgotten. A corrected file from the partner replaces its figures"
                )));
            }
            SubmissionState::Received => {
                return Err(PipelineError::Held(format!(
                    "submission {short} for {id} has not been read yet: run a job that collects, then forget it if it was refused or sealed"
                )));
            }
            SubmissionState::Refused | SubmissionState::Sealed | SubmissionState::Shredded => {}
        }
    }
    Ok(())
}
