//! Findings: what is wrong with, or was repaired in, what a partner sent.

use serde::{Deserialize, Serialize};

use crate::Place;

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
}

impl Finding {
    /// A finding without a hint.
    pub fn new(severity: Severity, code: &str, place: Place, message: impl Into<String>) -> Self {
        Self { severity, code: code.to_owned(), place, message: message.into(), hint: None }
    }

    /// The same with what to do about it.
    #[must_use]
    pub fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
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
