//! A mailer that talks to a mail server: one connection, one message, one recipient.
//!
//! Each phase is driven from here, so that it is known how far it came. The dialogue runs on a
//! thread of its own: a socket's timeout begins anew with every byte, so only somebody beside it
//! can keep a deadline against a server that sends one byte a minute.

mod dialogue;

use std::fmt;
use std::fs::File;
use std::io::Read;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use lettre::transport::smtp::client::{Certificate, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use serde::Deserialize;

use crate::{Envelope, NotStarted, Outcome};
use dialogue::Dialogue;

/// Largest file of certificates that is read, in bytes.
const CERTIFICATES_BYTES_MAX: u64 = 4 * 1024 * 1024;

/// How a certificate begins in a PEM file.
const BEGIN: &str = "-----BEGIN CERTIFICATE-----";

/// How the connection is encrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Security {
    /// Begins plain and must switch to TLS before anything is said. Usual on port 587.
    #[serde(rename = "starttls")]
    StartTls,
    /// TLS from the first byte. Usual on port 465.
    ImplicitTls,
    /// Not at all: only to this machine.
    Plain,
}

/// A secret that no text shows.
#[derive(Clone, PartialEq, Eq)]
pub struct Password(String);

impl Password {
    /// Wraps the secret.
    pub fn new(secret: impl Into<String>) -> Self {
        Self(secret.into())
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("[hidden]")
    }
}

/// Who to log in as.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Login {
    /// User name.
    pub user: String,
    /// Password.
    pub password: Password,
}

/// Which mail server, and how to talk to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SmtpSettings {
    /// Host name; the server's certificate must be for it.
    pub host: String,
    /// Port.
    pub port: u16,
    /// How the connection is encrypted.
    pub security: Security,
    /// Who to log in as, if the server wants to know.
    pub login: Option<Login>,
    /// The name this machine gives itself.
    pub hello_name: String,
    /// A file of certificate authorities (PEM) to trust besides the system's.
    pub extra_ca: Option<PathBuf>,
    /// Longest silence of the server.
    pub silence_max: Duration,
    /// Longest time for each of the two steps, `begin` and `commit`.
    pub deadline: Duration,
}

/// Settings that cannot work.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SettingsError {
    /// Unencrypted mail would leave this machine.
    #[error(
        "mail to `{host}` would travel unencrypted: set security to starttls or implicit-tls (plain is only for this machine)"
    )]
    PlainBeyondThisMachine {
        /// The server.
        host: String,
    },
    /// A password would be sent unencrypted.
    #[error(
        "a user name and password are set for `{host}` with security plain: they are only sent encrypted"
    )]
    LoginWithoutTls {
        /// The server.
        host: String,
    },
    /// Not a host name.
    #[error("`{name}` cannot be a host name")]
    HostName {
        /// What was given.
        name: String,
    },
    /// The certificates could not be read.
    #[error("could not read the certificates in `{}`: {why}", path.display())]
    Certificates {
        /// The file.
        path: PathBuf,
        /// Why.
        why: String,
    },
    /// TLS cannot be set up.
    #[error("could not set up encryption to `{host}`: {why}")]
    Tls {
        /// The server.
        host: String,
        /// Why.
        why: String,
    },
}

/// Hands messages to one mail server.
pub struct SmtpMailer {
    settings: SmtpSettings,
    tls: Option<TlsParameters>,
}

impl fmt::Debug for SmtpMailer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("SmtpMailer")
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}

/// A dialogue that waits, after RCPT, for the message.
#[derive(Debug)]
pub(crate) struct SmtpSession {
    message: Sender<Vec<u8>>,
    outcome: Receiver<Outcome>,
    deadline: Duration,
}

impl SmtpMailer {
    /// Checks the settings and reads the certificates. Connects to nothing.
    pub fn new(settings: SmtpSettings) -> Result<Self, SettingsError> {
        for name in [&settings.host, &settings.hello_name] {
            let fits = !name.is_empty()
                && name.len() <= 253
                && name.chars().all(|c| c.is_ascii_alphanumeric() || ".-_:[]".contains(c));
            if !fits {
                return Err(SettingsError::HostName { name: name.clone() });
            }
        }
        let host = settings.host.clone();
        let tls = match settings.security {
            Security::Plain if !is_this_machine(&host) => {
                return Err(SettingsError::PlainBeyondThisMachine { host });
            }
            Security::Plain if settings.login.is_some() => {
                return Err(SettingsError::LoginWithoutTls { host });
            }
            Security::Plain => None,
            Security::StartTls | Security::ImplicitTls => {
                Some(tls_parameters(host, settings.extra_ca.as_deref())?)
            }
        };
        Ok(Self { settings, tls })
    }

    pub(crate) fn begin(&self, envelope: &Envelope) -> Result<SmtpSession, NotStarted> {
        let (message, messages) = channel::<Vec<u8>>();
        let (outcomes, outcome) = channel::<Outcome>();
        let (begun, has_begun) = channel::<Result<(), NotStarted>>();
        let dialogue = Dialogue {
            settings: self.settings.clone(),
            tls: self.tls.clone(),
            envelope: envelope.clone(),
            hello: ClientId::Domain(self.settings.hello_name.clone()),
            started: Instant::now(),
        };
        let deadline = self.settings.deadline;
        thread::Builder::new()
            .name("smtp".to_owned())
            .spawn(move || talk(&dialogue, &begun, &messages, &outcomes))
            .map_err(|error| NotStarted::Unreachable {
                why: format!("no thread to talk to it could be started: {error}"),
            })?;
        match has_begun.recv_timeout(deadline) {
            Ok(Ok(())) => Ok(SmtpSession { message, outcome, deadline }),
            Ok(Err(not_started)) => Err(not_started),
            // The thread is left to itself. It cannot go on to hand anything over: with the
            // session gone no message ever reaches it.
            Err(RecvTimeoutError::Timeout) => Err(NotStarted::Unreachable {
                why: format!(
                    "`{}` did not come to an end within {} seconds",
                    self.settings.host,
                    deadline.as_secs_f32()
                ),
            }),
            Err(RecvTimeoutError::Disconnected) => Err(NotStarted::Unreachable {
                why: "the dialogue with it broke off inside this program".to_owned(),
            }),
        }
    }
}

impl SmtpSession {
    pub(crate) fn commit(self, mime: &[u8]) -> Outcome {
        if self.message.send(mime.to_vec()).is_err() {
            return Outcome::Deferred {
                reply: "the dialogue broke off before the message was handed over".to_owned(),
            };
        }
        self.outcome.recv_timeout(self.deadline).unwrap_or_else(|error| Outcome::Unknown {
            reason: match error {
                RecvTimeoutError::Timeout => format!(
                    "the server did not answer within {} seconds after the message",
                    self.deadline.as_secs_f32()
                ),
                RecvTimeoutError::Disconnected => {
                    "the dialogue broke off inside this program".to_owned()
                }
            },
        })
    }
}

/// The thread beside the caller. Once the caller is gone, sending to it fails, which is no matter:
/// it has given its own answer by then.
fn talk(
    dialogue: &Dialogue,
    begun: &Sender<Result<(), NotStarted>>,
    messages: &Receiver<Vec<u8>>,
    outcomes: &Sender<Outcome>,
) {
    let mut connection = match dialogue.open() {
        Ok(connection) => connection,
        Err(not_started) => {
            begun.send(Err(not_started)).unwrap_or_default();
            return;
        }
    };
    if begun.send(Ok(())).is_ok()
        && let Ok(mime) = messages.recv()
    {
        let outcome = dialogue.hand_over(&mut connection, &mime);
        outcomes.send(outcome).unwrap_or_default();
    }
    // Sends QUIT and closes; what the server says to that no longer matters.
    connection.abort();
}

fn tls_parameters(host: String, extra_ca: Option<&Path>) -> Result<TlsParameters, SettingsError> {
    let mut builder = TlsParameters::builder(host.clone());
    if let Some(path) = extra_ca {
        for certificate in certificates(path)? {
            builder = builder.add_root_certificate(certificate);
        }
    }
    builder.build().map_err(|error| SettingsError::Tls { host, why: error.to_string() })
}

fn certificates(path: &Path) -> Result<Vec<Certificate>, SettingsError> {
    let wrong = |why: String| SettingsError::Certificates { path: path.to_owned(), why };
    let mut pem = String::new();
    File::open(path)
        .and_then(|file| file.take(CERTIFICATES_BYTES_MAX).read_to_string(&mut pem))
        .map_err(|error| wrong(error.to_string()))?;
    // One at a time: read as a whole, a damaged certificate among good ones goes unnoticed.
    let certificates = pem
        .split(BEGIN)
        .skip(1)
        .map(|rest| {
            Certificate::from_pem(format!("{BEGIN}{rest}").as_bytes())
                .map_err(|error| wrong(error.to_string()))
        })
        .collect::<Result<Vec<_>, _>>()?;
    if certificates.is_empty() {
        return Err(wrong("there is no PEM certificate in it".to_owned()));
    }
    Ok(certificates)
}

/// Whether a host is this machine by its name. What the name resolves to is checked again when
/// connecting.
fn is_this_machine(host: &str) -> bool {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost")
        || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(host: &str, security: Security) -> SmtpSettings {
        SmtpSettings {
            host: host.to_owned(),
            port: 25,
            security,
            login: None,
            hello_name: "reports.example".to_owned(),
            extra_ca: None,
            silence_max: Duration::from_secs(1),
            deadline: Duration::from_secs(1),
        }
    }

    fn refused(settings: SmtpSettings) -> String {
        SmtpMailer::new(settings).expect_err("refused").to_string()
    }

    #[test]
    fn plain_is_only_for_this_machine_and_without_a_password() {
        for host in ["localhost", "127.0.0.1", "127.9.9.9", "::1", "[::1]"] {
            assert!(SmtpMailer::new(settings(host, Security::Plain)).is_ok(), "{host}");
        }
        insta::assert_snapshot!(refused(settings("mail.example", Security::Plain)), @"mail to `mail.example` would travel unencrypted: set security to starttls or implicit-tls (plain is only for this machine)");
        assert!(refused(settings("localhost.example", Security::Plain)).contains("unencrypted"));
        let mut with_login = settings("localhost", Security::Plain);
        with_login.login =
            Some(Login { user: "csp".to_owned(), password: Password::new("canary-secret") });
        let said = refused(with_login);
        insta::assert_snapshot!(said, @"a user name and password are set for `localhost` with security plain: they are only sent encrypted");
    }

    #[test]
    fn a_password_shows_nowhere() {
        let mut settings = settings("mail.example", Security::StartTls);
        settings.login =
            Some(Login { user: "csp".to_owned(), password: Password::new("canary-secret") });
        let mailer = SmtpMailer::new(settings).expect("valid");
        assert!(!format!("{mailer:?}").contains("canary"));
    }

    #[test]
    fn names_that_carry_commands_are_refused() {
        let mut settings = settings("localhost", Security::Plain);
        settings.hello_name = "x\r\nMAIL FROM:<y>".to_owned();
        assert!(matches!(SmtpMailer::new(settings), Err(SettingsError::HostName { .. })));
    }

    #[test]
    fn a_file_without_certificates_is_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("ca.pem");
        let mut settings = settings("mail.example", Security::StartTls);
        settings.extra_ca = Some(path.clone());
        assert!(refused(settings.clone()).contains("could not read the certificates"));
        drop(File::create(&path).expect("makes a file"));
        assert!(refused(settings).contains("no PEM certificate"));
    }
}
