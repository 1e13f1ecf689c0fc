//! What can stop a command, and what may be done about it.

use std::io;

use intake::landing::LandingError;
use intake::sealed::SealError;
use lake::LakeError;
use ledger::LedgerError;
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
    /// Nothing was done, on purpose.
    #[error("{0}")]
    Held(String),
    /// Another instance is at work on the same data folder.
    #[error("another quarterdeck is at work on {0}: try again when it has finished")]
    Busy(String),
    /// Nothing could be done now, and a later try may help.
    #[error("{0}")]
    TryLater(String),
    /// The ledger.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// The lake.
    #[error(transparent)]
    Lake(#[from] LakeError),
    /// The landing store.
    #[error(transparent)]
    Landing(#[from] LandingError),
    /// The sealed store.
    #[error(transparent)]
    Sealed(#[from] SealError),
    /// A file of our own.
    #[error("could not {doing} {path}: {}", what_helps(source))]
    File {
        /// What was being done.
        doing: &'static str,
        /// To what.
        path: String,
        /// Why it failed.
        #[source]
        source: io::Error,
    },
    /// A template of the job.
    #[error(transparent)]
    Template(#[from] publication::TemplateError),
    /// A workbook of ours.
    #[error(transparent)]
    Workbook(#[from] publication::WorkbookError),
    /// A message that cannot be put together.
    #[error("the message for {recipient} could not be put together: {source}")]
    Compose {
        /// The recipient's role.
        recipient: String,
        /// Why.
        #[source]
        source: delivery::ComposeError,
    },
    /// A fault of this program, caught so that the rest goes on.
    #[error(
        "a fault of this program stopped it: {0}: please report this; everything stored is as it was"
    )]
    Fault(String),
    /// The lake no longer matches what the ledger says was written.
    #[error("the lake does not match the ledger, so nothing was computed: {}", .0.join("; "))]
    Damaged(Vec<String>),
    /// The ledger is gone, and what it told of is not.
    #[error(
        "there is no ledger, though {0} is there: without it nobody knows what was sent, and it would be sent again. Put ledger.sqlite back, or restore the newest backup; to begin anew, move the data folder aside"
    )]
    LedgerGone(String),
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
            Self::Held(_) => ErrorClass::Held,
            Self::Ledger(error) => ledger_class(error),
            Self::Lake(error) => lake_class(error),
            Self::Landing(LandingError::NotWritable { .. }) => ErrorClass::Usage,
            Self::Landing(error) if error.is_transient() => ErrorClass::TryLater,
            Self::Sealed(error) if error.is_transient() => ErrorClass::TryLater,
            Self::Sealed(_) => ErrorClass::Usage,
            Self::File { source, .. } if is_full(source) => ErrorClass::TryLater,
            Self::File { source, .. } if is_wrong_place(source) => ErrorClass::Usage,
            Self::Landing(_)
            | Self::File { .. }
            | Self::Damaged(_)
            | Self::LedgerGone(_)
            | Self::Workbook(_)
            | Self::Fault(_) => ErrorClass::Unexpected,
        }
    }
}

impl From<publication::RenderError> for PipelineError {
    fn from(error: publication::RenderError) -> Self {
        match error {
            publication::RenderError::Template(error) => Self::Template(error),
            publication::RenderError::Workbook(error) => Self::Workbook(error),
        }
    }
}

fn ledger_class(error: &LedgerError) -> ErrorClass {
    match error {
        LedgerError::ReadOnly { .. }
        | LedgerError::NotALedger { .. }
        | LedgerError::NetworkDrive { .. }
        | LedgerError::Folder { .. } => ErrorClass::Usage,
        error if error.is_transient() => ErrorClass::TryLater,
        _ => ErrorClass::Unexpected,
    }
}

fn lake_class(error: &LakeError) -> ErrorClass {
    match error {
        LakeError::Question { .. } | LakeError::NetworkDrive { .. } | LakeError::Path { .. } => {
            ErrorClass::Usage
        }
        error if error.is_transient() => ErrorClass::TryLater,
        _ => ErrorClass::Unexpected,
    }
}

fn is_full(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge
    )
}

fn is_wrong_place(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::NotADirectory
            | io::ErrorKind::AlreadyExists
            | io::ErrorKind::PermissionDenied
            | io::ErrorKind::ReadOnlyFilesystem
            | io::ErrorKind::NotFound
    )
}

/// What the system said, in words that say what to do.
fn what_helps(error: &io::Error) -> String {
    if is_full(error) {
        return "the disk is full, or files may not grow further: make room and run again"
            .to_owned();
    }
    match error.kind() {
        io::ErrorKind::NotADirectory | io::ErrorKind::AlreadyExists => {
            "there is a file where a folder is needed: name another place with --data".to_owned()
        }
        io::ErrorKind::PermissionDenied => {
            "this user may not: give it the right, or name another place with --data".to_owned()
        }
        io::ErrorKind::ReadOnlyFilesystem => {
            "the disk is read-only: name another place with --data".to_owned()
        }
        io::ErrorKind::NotFound => "it is not there".to_owned(),
        _ => error.to_string(),
    }
}
