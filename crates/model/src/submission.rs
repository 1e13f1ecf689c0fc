//! Submissions: bytes that arrived for a return.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{PartnerId, ReturnId, SourceId, SubmissionHash};

/// Bytes that arrived for a return; immutable, named by their hash.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Submission {
    /// SHA-256 of the bytes.
    pub hash: SubmissionHash,
    /// File name as the partner wrote it: a label only, never a path.
    pub file: String,
    /// Where it came from.
    pub source: SourceId,
    /// Whose return it is taken to be.
    pub partner: PartnerId,
    /// Which return it is taken to be.
    pub return_id: ReturnId,
    /// When it arrived: the file's own time for a folder, the fetch for a site.
    pub arrived_at: Timestamp,
    /// Size in bytes.
    pub size_bytes: u64,
}

/// What became of a submission.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SubmissionState {
    /// Kept, not yet judged.
    Received,
    /// In the lake.
    Accepted,
    /// Not in the lake: a person must look.
    Refused,
    /// Carried personal data: refused, and its bytes kept apart, unread, until a day.
    Sealed,
    /// Refused, and its bytes were destroyed.
    Shredded,
}

impl SubmissionState {
    /// `received`, `accepted`, `refused`, `sealed` or `shredded`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Received => "received",
            Self::Accepted => "accepted",
            Self::Refused => "refused",
            Self::Sealed => "sealed",
            Self::Shredded => "shredded",
        }
    }
}

/// Where a return for one period stands in the register.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ReturnState {
    /// Owed, not yet due.
    Expected,
    /// Something arrived and has not been judged.
    Received,
    /// Something arrived and was refused: the partner has been, or must be, asked.
    Queried,
    /// In.
    Accepted,
    /// Due date passed, nothing acceptable in.
    Late,
    /// Somebody decided it need not come.
    Waived,
}

impl ReturnState {
    /// The state in one lower-case word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Expected => "expected",
            Self::Received => "received",
            Self::Queried => "queried",
            Self::Accepted => "accepted",
            Self::Late => "late",
            Self::Waived => "waived",
        }
    }
}
