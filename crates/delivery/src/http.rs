//! One request to a place outside, within limits: for tokens, and to tell a watcher that we live.
//!
//! It runs on a thread of its own, so that the caller may be anywhere, inside an async runtime
//! too, and is never kept longer than the deadline. No error repeats more of the address than the
//! host: the rest may be a secret.

use std::error::Error;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

use reqwest::header::{ACCEPT, ACCEPT_ENCODING, CONTENT_TYPE};
use reqwest::{Certificate, Client, redirect, retry};
use rustls::pki_types::CertificateDer;
use url::{Host, Url};

use crate::certificates;
use crate::smtp::is_this_machine;

/// Longest address that is used, in bytes.
const ADDRESS_BYTES_MAX: usize = 2048;

/// Longest reason for a failure that is kept, in characters.
const REASON_CHARACTERS_MAX: usize = 200;

/// How much longer than the deadline the thread is waited for: it keeps the deadline by itself.
const GRACE: Duration = Duration::from_millis(200);

/// Why an address is not asked. Never repeats the address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AddressFault {
    /// Not an address with a host, or far too long.
    #[error(
        "it is not an address: write https:// and then host and path, at most {ADDRESS_BYTES_MAX} characters"
    )]
    Malformed,
    /// Secrets would leave this machine unencrypted.
    #[error("it must begin with https:// (http:// is only for this machine)")]
    Unencrypted,
    /// `https://user:password@…`.
    #[error("it has a user name or password in it: take them out")]
    HasLogin,
}

/// What is asked.
pub(crate) struct Request {
    /// From [`checked_address`].
    pub(crate) url: Url,
    /// What is posted, as a form; without it the request is a GET.
    pub(crate) form: Option<Vec<(&'static str, String)>>,
    /// Authorities to trust besides the system's.
    pub(crate) trusted: Vec<CertificateDer<'static>>,
    /// Longest time for everything.
    pub(crate) deadline: Duration,
    /// Longest answer that is read, in bytes; `None` when only the status is wanted.
    pub(crate) body_bytes_max: Option<usize>,
}

/// What was answered.
pub(crate) struct Answer {
    /// The status.
    pub(crate) status: u16,
    /// The answer's body, to its end.
    pub(crate) body: Vec<u8>,
}

/// Why there is no answer; reads on from "`host`".
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NoAnswer {
    /// Not in time.
    #[error("did not answer within {} seconds", deadline.as_secs_f32())]
    Late { deadline: Duration },
    /// More than is read.
    #[error("answered with more than {bytes_max} bytes")]
    TooLong { bytes_max: usize },
    /// Anything else, without the address in it.
    #[error("could not be asked: {why}")]
    Broken { why: String },
}

/// An address that may be asked.
pub(crate) fn checked_address(text: &str) -> Result<Url, AddressFault> {
    if text.len() > ADDRESS_BYTES_MAX {
        return Err(AddressFault::Malformed);
    }
    let url = Url::parse(text).map_err(|_| AddressFault::Malformed)?;
    let host = url.host_str().filter(|host| !host.is_empty()).ok_or(AddressFault::Malformed)?;
    match url.scheme() {
        "https" => {}
        "http" if is_this_machine(host) => {}
        _ => return Err(AddressFault::Unencrypted),
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(AddressFault::HasLogin);
    }
    Ok(url)
}

/// Host and port; nothing else of an address is safe to show.
pub(crate) fn host_of(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    match url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    }
}

/// Asks once. Blocks, for at most the deadline.
pub(crate) fn ask(request: Request) -> Result<Answer, NoAnswer> {
    let deadline = request.deadline;
    let (answers, answer) = channel();
    let broken = |why: String| NoAnswer::Broken { why };
    thread::Builder::new()
        .name("http".to_owned())
        .spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            let said = match &runtime {
                Ok(runtime) => runtime.block_on(asked(request)),
                Err(error) => Err(NoAnswer::Broken { why: error.to_string() }),
            };
            // A caller who waits no longer has given up already.
            answers.send(said).unwrap_or_default();
            if let Ok(runtime) = runtime {
                // Looking up a name cannot be interrupted.
                runtime.shutdown_background();
            }
        })
        .map_err(|error| broken(format!("no thread to ask it could be started: {error}")))?;
    answer.recv_timeout(deadline + GRACE).unwrap_or_else(|error| match error {
        RecvTimeoutError::Timeout => Err(NoAnswer::Late { deadline }),
        RecvTimeoutError::Disconnected => {
            Err(broken("the request broke off inside this program".to_owned()))
        }
    })
}

async fn asked(request: Request) -> Result<Answer, NoAnswer> {
    let deadline = request.deadline;
    let in_time = tokio::time::timeout(deadline, exchange(request));
    in_time.await.unwrap_or(Err(NoAnswer::Late { deadline }))
}

async fn exchange(request: Request) -> Result<Answer, NoAnswer> {
    let broken = |error: reqwest::Error| NoAnswer::Broken { why: reason(&error.without_url()) };
    let client = client(&request)?;
    let Request { url, form, trusted: _, deadline: _, body_bytes_max } = request;
    let asking = match form {
        None => client.get(url),
        Some(fields) => client
            .post(url)
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(ACCEPT, "application/json")
            .body(encoded(&fields)),
    };
    // A compressed answer could be a thousand times as long as what is counted here.
    let asking = asking.header(ACCEPT_ENCODING, "identity");
    let mut response = asking.send().await.map_err(broken)?;
    let status = response.status().as_u16();
    let mut body = Vec::new();
    if let Some(bytes_max) = body_bytes_max {
        while let Some(chunk) = response.chunk().await.map_err(broken)? {
            if body.len() + chunk.len() > bytes_max {
                return Err(NoAnswer::TooLong { bytes_max });
            }
            body.extend_from_slice(&chunk);
        }
    }
    Ok(Answer { status, body })
}

fn client(request: &Request) -> Result<Client, NoAnswer> {
    let broken = |error: &reqwest::Error| NoAnswer::Broken { why: reason(error) };
    // No proxy: whoever runs one would see what is meant for the server alone, and the settings
    // name no proxy. No redirects: a secret goes to the one host it was given for.
    let mut builder = Client::builder()
        .no_proxy()
        .redirect(redirect::Policy::none())
        .retry(retry::never())
        .referer(false)
        .pool_max_idle_per_host(0);
    if request.url.scheme() == "http" {
        if let Some(Host::Domain(name)) = request.url.host() {
            // Whatever the name resolves to elsewhere, unencrypted it stays on this machine.
            let here = [IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST)];
            builder = builder.resolve_to_addrs(name, &here.map(|ip| SocketAddr::new(ip, 0)));
        }
        // Nothing will be verified, so the system's hundreds of roots need not be read.
        builder = builder.tls_certs_only([]);
    } else if !request.trusted.is_empty() {
        let trusted = request.trusted.iter().map(|der| Certificate::from_der(der));
        let trusted: Result<Vec<_>, _> = trusted.collect();
        builder = builder.tls_certs_merge(trusted.map_err(|error| broken(&error))?);
    }
    builder.build().map_err(|error| broken(&error))
}

fn encoded(fields: &[(&'static str, String)]) -> String {
    let mut form = url::form_urlencoded::Serializer::new(String::new());
    for (name, value) in fields {
        form.append_pair(name, value);
    }
    form.finish()
}

/// What lies at the bottom of an error: an operating system's or a TLS library's sentence, which
/// knows nothing of the address asked for.
fn reason(error: &reqwest::Error) -> String {
    if let Some(said) = certificates::explained(error) {
        return said;
    }
    let mut innermost: &dyn Error = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    let text = innermost.to_string();
    let text = text.split(" (os error").next().unwrap_or_default();
    text.chars().filter(|c| !c.is_control()).take(REASON_CHARACTERS_MAX).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_go_only_to_encrypted_places_or_this_machine() {
        for good in [
            "https://login.example/tenant/oauth2/v2.0/token",
            "https://hc.example:8443/ping/0?x=1",
            "http://localhost:8000/token",
            "http://127.0.0.1/",
            "http://[::1]:80/",
        ] {
            assert!(checked_address(good).is_ok(), "{good}");
        }
        let long = format!("https://x.example/{}", "a".repeat(ADDRESS_BYTES_MAX));
        for (bad, fault) in [
            ("", AddressFault::Malformed),
            ("login.example/token", AddressFault::Malformed),
            ("https://", AddressFault::Malformed),
            (long.as_str(), AddressFault::Malformed),
            ("file:///etc/passwd", AddressFault::Malformed),
            ("http://login.example/token", AddressFault::Unencrypted),
            ("http://localhost.example/token", AddressFault::Unencrypted),
            ("ftp://localhost/token", AddressFault::Unencrypted),
            ("https://user@login.example/", AddressFault::HasLogin),
            ("https://:canary@login.example/", AddressFault::HasLogin),
        ] {
            assert_eq!(checked_address(bad), Err(fault), "{bad}");
        }
    }

    #[test]
    fn a_form_keeps_what_is_in_it() {
        let fields =
            [("scope", "https://o.example/.default".to_owned()), ("s", "a&b=ü".to_owned())];
        assert_eq!(encoded(&fields), "scope=https%3A%2F%2Fo.example%2F.default&s=a%26b%3D%C3%BC");
    }
}
