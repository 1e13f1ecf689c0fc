//! Fetching what partners send, from folders and from sites, into the landing store.

mod address;
mod body;
mod folder;
mod http;
mod label;
mod told;

use std::path::PathBuf;

use jiff::Timestamp;
use model::{SourceId, SubmissionHash};

use crate::landing::LandingError;

pub use folder::{Collected, FolderSource, KnownFile, collect_folder};
pub use http::{Fetched, HttpSource, Validators, collect_http, reach_http};
pub use label::file_label;

/// A file that arrived. Its bytes are in the landing store, synced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arrival {
    /// File name as the partner wrote it, made harmless: a label only, never a path.
    pub file: String,
    /// The submission's name in the landing store.
    pub hash: SubmissionHash,
    /// Size in bytes.
    pub size_bytes: u64,
    /// The file's own time for a folder (never later than now), the fetch for a site.
    pub arrived_at: Timestamp,
}

/// Why nothing could be collected from a source. No message carries more of an address than its
/// host: the rest of a link is often a secret.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// The folder is not there.
    #[error(
        "source `{id}`: there is no folder `{}`; create it, or connect the drive it is on, or correct `path` in the settings",
        path.display()
    )]
    FolderMissing {
        /// The source.
        id: SourceId,
        /// Its folder.
        path: PathBuf,
    },
    /// There is something else where the folder should be.
    #[error("source `{id}`: `{}` is not a folder; correct `path` in the settings", path.display())]
    NotAFolder {
        /// The source.
        id: SourceId,
        /// Its folder.
        path: PathBuf,
    },
    /// The folder may not be listed.
    #[error(
        "source `{id}`: folder `{}` cannot be listed; give the user that runs this program the right to read it",
        path.display()
    )]
    FolderUnreadable {
        /// The source.
        id: SourceId,
        /// Its folder.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// What was found could not be kept.
    #[error("source `{id}`: `{file}` could not be kept")]
    Keep {
        /// The source.
        id: SourceId,
        /// The file, as a label.
        file: String,
        /// What the landing store said.
        #[source]
        source: LandingError,
    },
    /// The address may not be fetched from.
    #[error("source `{id}`: {problem}; correct `url` in the settings")]
    Address {
        /// The source.
        id: SourceId,
        /// What is wrong with the address, naming at most its host.
        problem: String,
    },
    /// A setting other than the address is wrong.
    #[error("source `{id}`: {problem}")]
    Settings {
        /// The source.
        id: SourceId,
        /// What is wrong.
        problem: String,
    },
    /// The host cannot be found or reached.
    #[error(
        "source `{id}`: cannot connect to {host} ({reason}): check the address and the network, and try again"
    )]
    Connect {
        /// The source.
        id: SourceId,
        /// Host name only.
        host: String,
        /// What the system said.
        reason: String,
    },
    /// The host's certificate is not to be trusted.
    #[error(
        "source `{id}`: the certificate of {host} cannot be trusted ({reason}); ask its owner, or name the issuer's certificate as `extra_ca` in the settings"
    )]
    Certificate {
        /// The source.
        id: SourceId,
        /// Host name only.
        host: String,
        /// What is wrong with it.
        reason: String,
    },
    /// Not done within the time allowed.
    #[error("source `{id}`: {host} did not deliver the file in time ({seconds} s)")]
    Deadline {
        /// The source.
        id: SourceId,
        /// Host name only.
        host: String,
        /// Time allowed.
        seconds: u64,
    },
    /// The host answered with something other than a file.
    #[error("source `{id}`: {host} answered {status}: {meaning}")]
    Status {
        /// The source.
        id: SourceId,
        /// Host name only.
        host: String,
        /// HTTP status.
        status: u16,
        /// What that means, for a person.
        meaning: String,
    },
    /// The host sends us elsewhere, which is never followed.
    #[error(
        "source `{id}`: {host} answered {status}: the file has moved to {target}; ask the partner for the new link and correct `url` in the settings"
    )]
    Redirect {
        /// The source.
        id: SourceId,
        /// Host name only.
        host: String,
        /// HTTP status.
        status: u16,
        /// Host name of the new place only.
        target: String,
    },
    /// The file is larger than allowed.
    #[error("source `{id}`: the file at {host} is larger than the {limit_bytes} bytes allowed")]
    TooLarge {
        /// The source.
        id: SourceId,
        /// Host name only.
        host: String,
        /// Most bytes allowed.
        limit_bytes: u64,
    },
    /// The file ended early, or may have.
    #[error("source `{id}`: the file from {host} is not whole: {reason}")]
    Truncated {
        /// The source.
        id: SourceId,
        /// Host name only.
        host: String,
        /// How that is known.
        reason: String,
    },
    /// A page for people instead of a file.
    #[error(
        "source `{id}`: the link at {host} returned a web page, perhaps a sign-in page, instead of a file; ask the partner for a link that needs no sign-in"
    )]
    HtmlInsteadOfData {
        /// The source.
        id: SourceId,
        /// Host name only.
        host: String,
    },
    /// A file of no bytes.
    #[error("source `{id}`: the file at {host} is empty")]
    Empty {
        /// The source.
        id: SourceId,
        /// Host name only.
        host: String,
    },
}

impl SourceError {
    /// Whether a later look may succeed without anybody changing a setting.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::FolderMissing { .. }
            | Self::FolderUnreadable { .. }
            | Self::Connect { .. }
            | Self::Deadline { .. }
            | Self::Truncated { .. }
            | Self::Empty { .. } => true,
            Self::Status { status, .. } => *status == 408 || *status == 429 || 500 <= *status,
            Self::Keep { source, .. } => source.is_transient(),
            Self::NotAFolder { .. }
            | Self::Address { .. }
            | Self::Settings { .. }
            | Self::Certificate { .. }
            | Self::Redirect { .. }
            | Self::TooLarge { .. }
            | Self::HtmlInsteadOfData { .. } => false,
        }
    }

    /// Stable kebab-case name of the kind of error.
    pub fn code(&self) -> &'static str {
        match self {
            Self::FolderMissing { .. } => "folder-missing",
            Self::NotAFolder { .. } => "not-a-folder",
            Self::FolderUnreadable { .. } => "folder-unreadable",
            Self::Keep { .. } => "cannot-keep",
            Self::Address { .. } => "address-refused",
            Self::Settings { .. } => "source-settings",
            Self::Connect { .. } => "cannot-connect",
            Self::Certificate { .. } => "certificate-refused",
            Self::Deadline { .. } => "deadline-passed",
            Self::Status { .. } => "http-status",
            Self::Redirect { .. } => "redirected",
            Self::TooLarge { .. } => "file-too-large",
            Self::Truncated { .. } => "truncated-file",
            Self::HtmlInsteadOfData { .. } => "html-instead-of-data",
            Self::Empty { .. } => "empty-file",
        }
    }
}
