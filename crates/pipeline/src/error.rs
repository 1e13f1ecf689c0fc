//! What can stop a command, and what may be done about it.

use thiserror::Error;

use crate::keys::Problem;

/// What a caller should do about an error; each is one exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorClass {
    /// Something we did not foresee.
    Unexpected,
    /// Wrong arguments or configuration: change them.
    Usage,
    /// Held back on purpose.
    Held,
    /// Try again later.
    TryLater,
}

/// What can stop a command.
#[derive(Debug, Error)]
pub enum PipelineError {
    /// The configuration has problems; each names its file and key.
    #[error("{}", listed(.0))]
    Configuration(Vec<Problem>),
    /// The command line asks for something that is not there.
    #[error("{0}")]
    Usage(String),
    /// Another instance is at work on the same data folder.
    #[error("another quarterdeck is at work on {0}: try again when it has finished")]
    Busy(String),
    /// Nothing could be done now, and a later try may help.
    #[error("{0}")]
    TryLater(String),
    /// The ledger.
    #[error(transparent)]
    Ledger(#[from] ledger::LedgerError),
    /// The lake.
    #[error(transparent)]
    Lake(#[from] lake::LakeError),
    /// The landing store.
    #[error(transparent)]
    Landing(#[from] intake::landing::LandingError),
    /// A file of our own.
    #[error("could not {doing} {path}: {source}")]
    File {
        /// What was being done.
        doing: &'static str,
        /// To what.
        path: String,
        /// Why it failed.
        #[source]
        source: std::io::Error,
    },
    /// A template of the job.
    #[error(transparent)]
    Template(#[from] publication::TemplateError),
    /// A message that cannot be put together.
    #[error("the message for {recipient} could not be put together: {source}")]
    Compose {
        /// The recipient's role.
        recipient: String,
        /// Why.
        #[source]
        source: delivery::ComposeError,
    },
    /// The lake no longer matches what the ledger says was written.
    #[error("the lake does not match the ledger, so nothing was computed: {}", .0.join("; "))]
    Damaged(Vec<String>),
}

fn listed(problems: &[Problem]) -> String {
    let lines: Vec<String> = problems.iter().map(Problem::to_string).collect();
    lines.join("\n")
}

impl PipelineError {
    /// What may be done about it.
    pub fn class(&self) -> ErrorClass {
        match self {
            Self::Configuration(_) | Self::Usage(_) | Self::Template(_) | Self::Compose { .. } => {
                ErrorClass::Usage
            }
            Self::Busy(_) | Self::TryLater(_) => ErrorClass::TryLater,
            Self::Ledger(error) if error.is_transient() => ErrorClass::TryLater,
            Self::Lake(error) if error.is_transient() => ErrorClass::TryLater,
            Self::Landing(error) if error.is_transient() => ErrorClass::TryLater,
            Self::File { source, .. } if is_full(source) => ErrorClass::TryLater,
            _ => ErrorClass::Unexpected,
        }
    }
}

fn is_full(error: &std::io::Error) -> bool {
    matches!(error.kind(), std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded)
}
