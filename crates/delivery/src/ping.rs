//! Telling a watcher outside that the work was done: it raises the alarm when it hears nothing.

use std::path::PathBuf;
use std::time::Duration;

use crate::SettingsError;
use crate::certificates;
use crate::http::{self, AddressFault, Request};

/// How to tell the watcher.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PingSettings {
    /// A file of certificate authorities (PEM) to trust besides the system's.
    pub extra_ca: Option<PathBuf>,
    /// Longest time for everything.
    pub deadline: Duration,
}

/// Ten seconds, and the system's authorities.
impl Default for PingSettings {
    fn default() -> Self {
        Self { extra_ca: None, deadline: Duration::from_secs(10) }
    }
}

/// Why the watcher was not told. Never repeats its address, which holds a token.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PingError {
    /// Its address cannot be used.
    #[error("the watcher's address cannot be used: {source}")]
    Address {
        /// What is wrong with it.
        source: AddressFault,
    },
    /// The certificates could not be read.
    #[error("the watcher was not told: {source}")]
    Certificates {
        /// Why.
        source: SettingsError,
    },
    /// It could not be asked, or did not answer in time.
    #[error("the watcher was not told: `{host}` {why}")]
    NoAnswer {
        /// Its host.
        host: String,
        /// Why.
        why: String,
    },
    /// It answered, but not with a 2xx.
    #[error("the watcher was not told: `{host}` answered with status {status}: {}", advice(*status))]
    Status {
        /// Its host.
        host: String,
        /// What it answered.
        status: u16,
    },
}

impl PingError {
    /// Whether the same may work later.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Address { .. } | Self::Certificates { .. } => false,
            Self::NoAnswer { .. } => true,
            Self::Status { status, .. } => is_passing(*status),
        }
    }
}

/// Whether a status is about now, and not about the request.
fn is_passing(status: u16) -> bool {
    status == 429 || status >= 500
}

fn advice(status: u16) -> &'static str {
    if is_passing(status) { "try again later" } else { "check the address it gave you" }
}

/// Tells the watcher at an address (`https`, or `http` to this machine) by asking for it once.
/// Blocks, for at most the deadline.
pub fn ping(url: &str, settings: &PingSettings) -> Result<(), PingError> {
    let PingSettings { extra_ca, deadline } = settings;
    let url = http::checked_address(url).map_err(|source| PingError::Address { source })?;
    let trusted = match extra_ca {
        Some(path) => {
            certificates::read(path).map_err(|source| PingError::Certificates { source })?
        }
        None => Vec::new(),
    };
    let host = http::host_of(&url);
    let request = Request { url, form: None, trusted, deadline: *deadline, body_bytes_max: None };
    match http::ask(request) {
        Ok(answer) if (200..300).contains(&answer.status) => Ok(()),
        Ok(answer) => Err(PingError::Status { host, status: answer.status }),
        Err(error) => Err(PingError::NoAnswer { host, why: error.to_string() }),
    }
}
