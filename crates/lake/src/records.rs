//! What goes into the lake and comes out of it.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use model::{
    ActionItem, AreaCode, Breakdown, CellAddress, Marks, MeasureId, Observations, PartnerId,
    Period, ReturnId, SourceId, SubmissionHash,
};
use serde::{Deserialize, Serialize};

/// The papers of an accepted submission: every row of it carries them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// The submission's bytes.
    pub submission: SubmissionHash,
    /// Which return it answers.
    pub return_id: ReturnId,
    /// Who sent it.
    pub partner: PartnerId,
    /// Where it came from.
    pub source: SourceId,
    /// File name as the partner wrote it.
    pub file: String,
    /// The expected period that it answers.
    pub reference: Period,
    /// When it arrived.
    pub arrived_at: Timestamp,
    /// The ledger's order of acceptance: where two submissions speak of the same figure, the
    /// higher one wins.
    pub sequence: i64,
    /// Whether it is a sample: kept and traced, never part of a series.
    pub sample: bool,
}

/// One submission as understood, ready to be kept.
#[derive(Clone, Debug)]
pub struct Batch<'a> {
    /// Its papers.
    pub stamp: Stamp,
    /// Its figures.
    pub observations: &'a Observations,
    /// Its action plan, in the order of the plan.
    pub actions: &'a [ActionItem],
}

/// A version of both tables: what the lake held at one moment. Written `o3.a1`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct LakeVersion {
    /// Delta version of `observations`; 0 is the empty table.
    pub observations: i64,
    /// Delta version of `actions`; 0 is the empty table.
    pub actions: i64,
}

impl fmt::Display for LakeVersion {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "o{}.a{}", self.observations, self.actions)
    }
}

/// Text that is not a lake version.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a version of the lake: write o3.a1")]
pub struct LakeVersionError(String);

impl FromStr for LakeVersion {
    type Err = LakeVersionError;

    fn from_str(text: &str) -> Result<Self, LakeVersionError> {
        let number = |text: &str| text.parse::<u32>().ok().map(i64::from);
        text.strip_prefix('o')
            .and_then(|text| text.split_once(".a"))
            .and_then(|(observations, actions)| {
                Some(Self { observations: number(observations)?, actions: number(actions)? })
            })
            .ok_or_else(|| LakeVersionError(text.to_owned()))
    }
}

/// A data file of a commit, as the lake wrote it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileRecord {
    /// Name within the table's folder.
    pub path: String,
    /// Size in bytes.
    pub size_bytes: u64,
    /// SHA-256 of its bytes, in lower-case hexadecimal.
    pub sha256: String,
}

/// What one commit put into one table: for the ledger to keep and [`crate::Lake::verify`] to check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommitRecord {
    /// `observations` or `actions`.
    pub table: String,
    /// The version it made.
    pub version: i64,
    /// The transaction it was part of.
    pub transaction_id: String,
    /// Its data files.
    pub files: Vec<FileRecord>,
    /// SHA-256 of its log entry, in lower-case hexadecimal.
    pub log_sha256: String,
    /// How many rows.
    pub rows: i64,
    /// Sum, wrapping, of the values (observations) or of the places in the plan (actions).
    pub control_sum: i64,
}

/// What an append came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Appended {
    /// The lake after it.
    pub version: LakeVersion,
    /// The commits of the transaction, also those that an earlier attempt had made.
    pub commits: Vec<CommitRecord>,
    /// Whether all of it had been added by an earlier attempt, so that nothing changed.
    pub already_there: bool,
}

/// The cell that a figure came from, with the papers of its submission.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TraceRow {
    /// The submission's bytes.
    pub submission: SubmissionHash,
    /// File name as the partner wrote it.
    pub file: String,
    /// Who sent it.
    pub partner: PartnerId,
    /// Which return it answered.
    pub return_id: ReturnId,
    /// Where it came from.
    pub source: SourceId,
    /// When it arrived.
    pub arrived_at: Timestamp,
    /// Sheet name.
    pub sheet: String,
    /// Cell on the sheet.
    pub cell: Option<CellAddress>,
    /// The cell's text as it stood.
    pub raw: String,
    /// The number read from it, in the measure's smallest unit.
    pub value: Option<i64>,
    /// Why there is no number, or how to read it.
    pub marks: Marks,
    /// What was repaired to read it, if anything.
    pub repair: Option<String>,
    /// What is counted.
    pub measure: MeasureId,
    /// Where.
    pub area: AreaCode,
    /// When.
    pub period: Period,
    /// Which part of it.
    pub breakdown: Breakdown,
    /// Whether it is from a sample, and so in no series.
    pub sample: bool,
}

/// The submission that an item of the action plan came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActionOrigin {
    /// The submission's bytes.
    pub submission: SubmissionHash,
    /// File name as the partner wrote it.
    pub file: String,
    /// Which return it answered.
    pub return_id: ReturnId,
    /// When it arrived.
    pub arrived_at: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_reads_back_and_anything_else_is_refused() {
        let version = LakeVersion { observations: 3, actions: 1 };
        assert_eq!(version.to_string(), "o3.a1");
        assert_eq!("o3.a1".parse(), Ok(version));
        for text in ["", "3", "o3", "o3.a", "o-1.a0", "a1.o3"] {
            let error = text.parse::<LakeVersion>().expect_err(text);
            assert!(error.to_string().contains("write o3.a1"), "{error}");
        }
    }
}
