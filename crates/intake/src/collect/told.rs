//! What may be told of a source over HTTP, and the errors that tell it.

use model::SourceId;
use url::Url;

use super::http::HttpSource;
use super::{SourceError, file_label};

/// What may be told of a source: its name, its host, the name of its file.
pub(super) struct Told {
    pub(super) id: SourceId,
    pub(super) host: String,
    pub(super) file: String,
}

impl Told {
    pub(super) fn of(source: &HttpSource) -> Self {
        let last = source
            .url
            .path_segments()
            .and_then(|mut segments| segments.next_back())
            .unwrap_or_default();
        Self {
            id: source.id.clone(),
            host: host_label(&source.url),
            file: file_label(&percent_decoded(last)),
        }
    }

    pub(super) fn address(&self, problem: impl Into<String>) -> SourceError {
        SourceError::Address { id: self.id.clone(), problem: problem.into() }
    }

    pub(super) fn settings(&self, problem: impl Into<String>) -> SourceError {
        SourceError::Settings { id: self.id.clone(), problem: problem.into() }
    }

    pub(super) fn connect(&self, reason: impl Into<String>) -> SourceError {
        SourceError::Connect {
            id: self.id.clone(),
            host: self.host.clone(),
            reason: without_number(&reason.into()),
        }
    }

    pub(super) fn truncated(&self, reason: impl Into<String>) -> SourceError {
        SourceError::Truncated {
            id: self.id.clone(),
            host: self.host.clone(),
            reason: reason.into(),
        }
    }

    pub(super) fn deadline(&self, source: &HttpSource) -> SourceError {
        SourceError::Deadline {
            id: self.id.clone(),
            host: self.host.clone(),
            seconds: source.total_deadline.as_secs().max(1),
        }
    }
}

/// Host and port; nothing else of an address is safe to show.
pub(super) fn host_label(url: &Url) -> String {
    let host = url.host_str().unwrap_or("the given address");
    match url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    }
}

fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        let digits = tail.get(..2).and_then(|pair| std::str::from_utf8(pair).ok());
        match digits.map(|pair| u8::from_str_radix(pair, 16)) {
            Some(Ok(byte)) if *first == b'%' => {
                bytes.push(byte);
                rest = &tail[2..];
            }
            _ => {
                bytes.push(*first);
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// What lies at the bottom of an error: an operating system's or a TLS library's sentence, which
/// knows nothing of the address asked for.
pub(super) fn innermost(error: &reqwest::Error) -> String {
    let mut innermost: &dyn std::error::Error = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    innermost.to_string()
}

/// What the system said, without its error number: `Connection refused`.
fn without_number(reason: &str) -> String {
    reason.split(" (os error").next().unwrap_or_default().to_owned()
}
