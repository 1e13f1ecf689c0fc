//! Findings: what is wrong with, or was repaired in, what a partner sent.

use serde::{Deserialize, Serialize};

use crate::{CellAddress, Place};

/// How much a finding matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// The submission cannot be accepted as it stands.
    Error,
    /// Accepted; a person should look.
    Warning,
    /// Read after a repair that changes no meaning; kept so that every figure can be explained.
    Repair,
}

impl Severity {
    /// `error`, `warning` or `repair`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Repair => "repair",
        }
    }
}

/// One thing wrong with or repaired in a submission: where, what, and what to do.
///
/// The message is written for the person who filled in the sheet. It never carries personal data.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Finding {
    /// How much it matters.
    pub severity: Severity,
    /// Stable kebab-case name of the kind of finding: `unknown-area`.
    pub code: String,
    /// Sheet and cell.
    pub place: Place,
    /// What is wrong, in one sentence.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
    /// Further cells of the same sheet that it is about, in order; `place` is not among them.
    pub also: Vec<CellAddress>,
    /// The change of the return's contract that would let this layout be read, as TOML for an
    /// operator to accept; only where the layout has drifted.
    pub proposal: Option<String>,
}

/// Most further cells that one finding carries.
pub const FINDING_CELLS_MAX: usize = 2_000;

impl Finding {
    /// A finding without a hint.
    pub fn new(severity: Severity, code: &str, place: Place, message: impl Into<String>) -> Self {
        Self {
            severity,
            code: code.to_owned(),
            place,
            message: message.into(),
            hint: None,
            also: Vec::new(),
            proposal: None,
        }
    }

    /// The same with what to do about it.
    #[must_use]
    pub fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The same about further cells of its sheet: sorted, each once, at most
    /// [`FINDING_CELLS_MAX`].
    #[must_use]
    pub fn with_cells(mut self, cells: impl IntoIterator<Item = CellAddress>) -> Self {
        let own = self.place.cell;
        let mut cells: Vec<CellAddress> =
            cells.into_iter().filter(|cell| Some(*cell) != own).collect();
        cells.sort_unstable();
        cells.dedup();
        cells.truncate(FINDING_CELLS_MAX);
        self.also = cells;
        self
    }

    /// The same with the change of the contract that would let the layout be read.
    #[must_use]
    pub fn with_proposal(mut self, proposal: impl Into<String>) -> Self {
        self.proposal = Some(proposal.into());
        self
    }
}

/// What could be made of the input, and everything found on the way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checked<T> {
    /// What could be made of it.
    pub output: T,
    /// All findings, in the order they were met.
    pub findings: Vec<Finding>,
}

impl<T> Checked<T> {
    /// Nothing found.
    pub fn clean(output: T) -> Self {
        Self { output, findings: Vec::new() }
    }

    /// Whether any finding is an error.
    pub fn is_refused(&self) -> bool {
        self.findings.iter().any(|finding| finding.severity == Severity::Error)
    }
}
