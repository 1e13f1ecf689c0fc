//! Partner sites over HTTP(S).

use std::fmt;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::Timestamp;
use model::SourceId;
use reqwest::header::{
    ACCEPT_ENCODING, AUTHORIZATION, ETAG, HeaderMap, HeaderName, HeaderValue, IF_MODIFIED_SINCE,
    IF_NONE_MATCH, LAST_MODIFIED, LOCATION,
};
use reqwest::{Certificate, Client, Response, StatusCode};
use url::{Host, Url};

use super::address::is_public;
use super::body;
use super::told::{Told, host_label, innermost};
use super::{Arrival, SourceError};
use crate::landing::Landing;

/// Attempts that no setting may exceed.
const ATTEMPTS_MAX: u32 = 3;
/// Pause before the second attempt; doubled before each further one.
const PAUSE: Duration = Duration::from_millis(250);
/// Largest file of extra certificates, in bytes.
const CERTIFICATES_BYTES_MAX: u64 = 1_000_000;

/// One file on a partner's site.
#[derive(Clone)]
pub struct HttpSource {
    /// The source; it stays the same when the address changes.
    pub id: SourceId,
    /// Where the file is. `https`, unless `internal`.
    pub url: Url,
    /// Whether the site is one of ours: it may then use `http` and have a private address.
    pub internal: bool,
    /// Most time for one connection to be made.
    pub connect_timeout: Duration,
    /// Most time for everything, attempts and pauses included.
    pub total_deadline: Duration,
    /// Largest file taken, in bytes.
    pub body_bytes_max: u64,
    /// File of PEM certificates to trust besides the system's.
    pub extra_ca: Option<PathBuf>,
    /// Token to identify ourselves with.
    pub bearer: Option<String>,
    /// How often to try, at most three times.
    pub attempts_max: u32,
}

/// Neither the path of the address nor the token is ever shown.
impl fmt::Debug for HttpSource {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("HttpSource")
            .field("id", &self.id)
            .field("host", &host_label(&self.url))
            .field("internal", &self.internal)
            .finish_non_exhaustive()
    }
}

/// What a site said about the version it sent, to ask for news only.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Validators {
    /// Its `ETag`, as it stands.
    pub etag: Option<String>,
    /// Its `Last-Modified`, as it stands.
    pub last_modified: Option<String>,
}

/// What a fetch brought.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fetched {
    /// The file is as it was.
    NotModified,
    /// A file; the same bytes as before give the same hash.
    New {
        /// The file.
        arrival: Arrival,
        /// What to send with the next request.
        validators: Validators,
    },
}

/// Fetches a file if it is new to us, and keeps it.
pub async fn collect_http(
    source: &HttpSource,
    known: Option<&Validators>,
    landing: &Landing,
    now: Timestamp,
) -> Result<Fetched, SourceError> {
    let told = Told::of(source);
    check_address(source, &told)?;
    let fetched = tokio::time::timeout(source.total_deadline, fetch(source, known, &told))
        .await
        .map_err(|_| told.deadline(source))??;
    let Some((bytes, validators)) = fetched else {
        return Ok(Fetched::NotModified);
    };
    let file = told.file.clone();
    let hash = landing.keep(&bytes).map_err(|error| SourceError::Keep {
        id: source.id.clone(),
        file: file.clone(),
        source: error,
    })?;
    let arrival = Arrival {
        file,
        hash,
        size_bytes: u64::try_from(bytes.len()).unwrap_or(u64::MAX),
        arrived_at: now,
    };
    Ok(Fetched::New { arrival, validators })
}

/// Whether a site can be asked for its file now, and would give it: once, and nothing of it is kept.
///
/// # Errors
/// What would keep the file from being fetched.
pub async fn reach_http(source: &HttpSource) -> Result<(), SourceError> {
    let told = Told::of(source);
    check_address(source, &told)?;
    let asked = tokio::time::timeout(source.total_deadline, ask(source, None, &told))
        .await
        .map_err(|_| told.deadline(source))??;
    match asked {
        Attempt::Done(_) => Ok(()),
        Attempt::Again(error) => Err(error),
    }
}

fn check_address(source: &HttpSource, told: &Told) -> Result<(), SourceError> {
    let host = &told.host;
    match (source.url.scheme(), source.internal) {
        ("https", _) | ("http", true) => {}
        ("http", false) => {
            return Err(told.address(format!(
                "{host} must be asked over https, because the source is not marked `internal`"
            )));
        }
        (scheme, _) => {
            return Err(told.address(format!("`{scheme}` addresses are not fetched, only https")));
        }
    }
    if !source.url.username().is_empty() || source.url.password().is_some() {
        return Err(told.address(format!(
            "the address at {host} carries a user name or password; give a token as `bearer` instead"
        )));
    }
    if source.url.host().is_none() {
        return Err(told.address("the address names no host"));
    }
    Ok(())
}

/// Whether an attempt may be followed by another.
enum Attempt<T> {
    Done(T),
    Again(SourceError),
}

type Body = Option<(Vec<u8>, Validators)>;

async fn fetch(
    source: &HttpSource,
    known: Option<&Validators>,
    told: &Told,
) -> Result<Body, SourceError> {
    let attempts = source.attempts_max.clamp(1, ATTEMPTS_MAX);
    let mut pause = PAUSE;
    let mut attempt = 1;
    loop {
        let error = match attempt_once(source, known, told).await? {
            Attempt::Done(body) => return Ok(body),
            Attempt::Again(error) => error,
        };
        if attempt >= attempts {
            return Err(error);
        }
        tracing::debug!(source.id = %source.id, attempt, "Trying source `{}` again: {error}", source.id);
        tokio::time::sleep(pause).await;
        pause *= 2;
        attempt += 1;
    }
}

async fn attempt_once(
    source: &HttpSource,
    known: Option<&Validators>,
    told: &Told,
) -> Result<Attempt<Body>, SourceError> {
    let response = match ask(source, known, told).await? {
        Attempt::Done(Some(response)) => response,
        Attempt::Done(None) => return Ok(Attempt::Done(None)),
        Attempt::Again(error) => return Ok(Attempt::Again(error)),
    };
    let validators = validators(response.headers());
    let bytes = body::read(source, told, response).await?;
    Ok(Attempt::Done(Some((bytes, validators))))
}

/// The site's answer, with the file still to come; none if it is as it was.
async fn ask(
    source: &HttpSource,
    known: Option<&Validators>,
    told: &Told,
) -> Result<Attempt<Option<Response>>, SourceError> {
    let client = match client(source, told).await {
        Ok(client) => client,
        Err(error @ SourceError::Connect { .. }) => return Ok(Attempt::Again(error)),
        Err(error) => return Err(error),
    };
    let request = client.get(source.url.clone()).headers(request_headers(source, known, told)?);
    let response = match request.send().await {
        Ok(response) => response,
        Err(error) => {
            let error = sending(told, &error.without_url());
            return match error {
                SourceError::Certificate { .. } => Err(error),
                _ => Ok(Attempt::Again(error)),
            };
        }
    };
    let status = response.status();
    if status == StatusCode::NOT_MODIFIED && known.is_some() {
        return Ok(Attempt::Done(None));
    }
    if status.is_redirection() && response.headers().contains_key(LOCATION) {
        return Err(redirect(source, told, &response));
    }
    if status != StatusCode::OK {
        let error = SourceError::Status {
            id: told.id.clone(),
            host: told.host.clone(),
            status: status.as_u16(),
            meaning: meaning(status).to_owned(),
        };
        return if error.is_transient() { Ok(Attempt::Again(error)) } else { Err(error) };
    }
    Ok(Attempt::Done(Some(response)))
}

/// A client for this one fetch, tied to addresses that were checked.
async fn client(source: &HttpSource, told: &Told) -> Result<Client, SourceError> {
    let mut builder = Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .referer(false)
        .connect_timeout(source.connect_timeout)
        .pool_max_idle_per_host(0)
        .https_only(!source.internal);
    match source.url.host() {
        Some(Host::Domain(name)) if !source.internal => {
            let addresses = public_addresses(name, told).await?;
            builder = builder.resolve_to_addrs(name, &addresses);
        }
        Some(Host::Ipv4(address)) if !source.internal && !is_public(address.into()) => {
            return Err(private(told));
        }
        Some(Host::Ipv6(address)) if !source.internal && !is_public(address.into()) => {
            return Err(private(told));
        }
        _ => {}
    }
    if source.url.scheme() == "http" {
        // Nothing will be verified, so the system's hundreds of roots need not be read.
        builder = builder.tls_certs_only([]);
    } else if let Some(path) = &source.extra_ca {
        builder = builder.tls_certs_merge(certificates(path, told)?);
    }
    builder
        .build()
        .map_err(|error| told.settings(format!("cannot prepare a request: {}", innermost(&error))))
}

/// The addresses of a host, all of them public: what is checked here is what is connected to.
async fn public_addresses(
    name: &str,
    told: &Told,
) -> Result<Vec<std::net::SocketAddr>, SourceError> {
    let addresses: Vec<_> = tokio::net::lookup_host((name, 0))
        .await
        .map_err(|error| told.connect(format!("its address cannot be found ({error})")))?
        .collect();
    if addresses.is_empty() {
        return Err(told.connect("it has no address"));
    }
    if addresses.iter().all(|address| is_public(address.ip())) {
        Ok(addresses)
    } else {
        Err(private(told))
    }
}

fn private(told: &Told) -> SourceError {
    told.address(format!(
        "{} is an address inside a private network, which only a source marked `internal` may have",
        told.host
    ))
}

fn certificates(path: &Path, told: &Told) -> Result<Vec<Certificate>, SourceError> {
    let shown = path.display();
    let mut pem = Vec::new();
    File::open(path)
        .and_then(|file| file.take(CERTIFICATES_BYTES_MAX).read_to_end(&mut pem))
        .map_err(|error| {
            told.settings(format!("`extra_ca` file `{shown}` cannot be read: {error}"))
        })?;
    match Certificate::from_pem_bundle(&pem) {
        Ok(certificates) if !certificates.is_empty() => Ok(certificates),
        _ => {
            Err(told
                .settings(format!("`extra_ca` file `{shown}` holds no certificate in PEM form")))
        }
    }
}

fn request_headers(
    source: &HttpSource,
    known: Option<&Validators>,
    told: &Told,
) -> Result<HeaderMap, SourceError> {
    let mut headers = HeaderMap::new();
    // A compressed body can be a thousand times what was sent; workbooks are compressed already.
    headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
    if let Some(token) = &source.bearer {
        let mut value =
            HeaderValue::from_str(&format!("Bearer {}", token.trim())).map_err(|_| {
                told.settings("the token given as `bearer` holds characters that cannot be sent")
            })?;
        value.set_sensitive(true);
        headers.insert(AUTHORIZATION, value);
    }
    let Validators { etag, last_modified } = known.cloned().unwrap_or_default();
    for (name, value) in [(IF_NONE_MATCH, etag), (IF_MODIFIED_SINCE, last_modified)] {
        // One that cannot be sent back costs a download, nothing else.
        if let Some(value) = value.and_then(|value| HeaderValue::from_str(&value).ok()) {
            headers.insert(name, value);
        }
    }
    Ok(headers)
}

fn validators(headers: &HeaderMap) -> Validators {
    let text = |name: HeaderName| {
        headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned)
    };
    Validators { etag: text(ETAG), last_modified: text(LAST_MODIFIED) }
}

fn sending(told: &Told, error: &reqwest::Error) -> SourceError {
    if error.is_timeout() {
        return told.connect("it did not answer in time");
    }
    let reason = innermost(error);
    if reason.contains("certificate") {
        return SourceError::Certificate { id: told.id.clone(), host: told.host.clone(), reason };
    }
    told.connect(reason)
}

fn redirect(source: &HttpSource, told: &Told, response: &Response) -> SourceError {
    let target = response
        .headers()
        .get(LOCATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|location| source.url.join(location).ok());
    let target = match target {
        Some(url) if url.host() == source.url.host() => "another place on the same host".to_owned(),
        Some(url) => host_label(&url),
        None => "a place it does not name".to_owned(),
    };
    SourceError::Redirect {
        id: told.id.clone(),
        host: told.host.clone(),
        status: response.status().as_u16(),
        target,
    }
}

fn meaning(status: StatusCode) -> &'static str {
    match status.as_u16() {
        401 => "it asks us to sign in; the token is missing or has expired",
        403 => "it does not let us have the file; ask the partner to share it with us",
        404 => "there is no such file; ask the partner for the new link",
        410 => "the file has been taken down; ask the partner for the new link",
        408 | 429 => "it is too busy; it will be asked again later",
        500.. => "it has a fault of its own; it will be asked again later",
        _ => "it sent no file",
    }
}

#[cfg(test)]
#[path = "http_tests.rs"]
mod tests;
