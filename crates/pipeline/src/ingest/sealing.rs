//! Bytes that held personal data: put away, and destroyed when their time has come.

use intake::landing::Landing;
use intake::sealed::Sealed;
use jiff::ToSpan as _;
use jiff::civil::Date;
use ledger::Ledger;
use model::SubmissionHash;
use serde::Serialize;

use crate::error::PipelineError;
use crate::house::House;

/// A submission whose bytes were destroyed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Destroyed {
    /// SHA-256 of its bytes.
    pub sha256: String,
}

/// The last day on which what is sealed today is kept.
pub(super) fn last_day(house: &House) -> Date {
    let days = house.definitions.settings.sealed_days;
    house.clock.today().saturating_add(days.days())
}

/// Makes the stores what the ledger says: sealed bytes lie in the sealed store alone, destroyed
/// ones nowhere. Also finishes what a crash left half done.
pub(super) fn put_away(
    house: &House,
    ledger: &Ledger,
    landing: &Landing,
    sealed: &Sealed,
) -> Result<(), PipelineError> {
    for hash in ledger.to_seal()? {
        if landing.holds(&hash) {
            sealed.seal(landing, &hash)?;
            house.crash_point("after-seal");
        }
    }
    for hash in ledger.destroyed()? {
        landing.shred(&hash)?;
        sealed.destroy(&hash)?;
    }
    Ok(())
}

/// Destroys what has been kept for as long as was settled.
pub(crate) fn destroy_past(
    house: &House,
    ledger: &Ledger,
    landing: &Landing,
    sealed: &Sealed,
) -> Result<Vec<Destroyed>, PipelineError> {
    let mut destroyed = Vec::new();
    for hash in ledger.past_retention(house.clock.today())? {
        destroy(house, ledger, (landing, sealed), &hash)?;
        destroyed.push(Destroyed { sha256: hash.to_string() });
    }
    Ok(destroyed)
}

/// Destroys the bytes first, and says so afterwards: what is on record as destroyed is.
pub(crate) fn destroy(
    house: &House,
    ledger: &Ledger,
    (landing, sealed): (&Landing, &Sealed),
    hash: &SubmissionHash,
) -> Result<(), PipelineError> {
    sealed.destroy(hash)?;
    landing.shred(hash)?;
    house.crash_point("after-destroy");
    Ok(ledger.note_destroyed(hash, house.clock.now())?)
}
