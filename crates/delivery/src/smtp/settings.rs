//! Which mail server, how to talk to it, and what of that cannot work.

use std::fmt;
use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use serde::Deserialize;

use crate::http::AddressFault;

/// Longest name, identifier or secret of a log-in, in bytes: what an SMTP line can carry.
const LOGIN_BYTES_MAX: usize = 2048;

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
pub struct Password(pub(super) String);

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

/// How to log in with a token instead of a password: XOAUTH2, with the token an application gets
/// in its own name (OAuth 2.0, client credentials). Exchange Online takes nothing else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OAuth {
    /// The mailbox that is logged in to.
    pub user: String,
    /// Where tokens are given out: `https`, or `http` to this machine. Must hold no secret.
    pub token_url: String,
    /// The application's identifier.
    pub client_id: String,
    /// The application's secret.
    pub client_secret: Password,
    /// What the token is to be good for: `https://outlook.office365.com/.default`.
    pub scope: String,
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
    /// Who to log in as, if the server wants to know a password.
    pub login: Option<Login>,
    /// How to log in with a token, if the server wants one; then there is no `login`.
    pub oauth: Option<OAuth>,
    /// The name this machine gives itself.
    pub hello_name: String,
    /// A file of certificate authorities (PEM) to trust besides the system's.
    pub extra_ca: Option<PathBuf>,
    /// Longest silence of the server, and longest time for getting a token.
    pub silence_max: Duration,
    /// Longest time for each of the two steps, `begin` and `commit`, and for `probe`.
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
    /// A password or token would be sent unencrypted.
    #[error(
        "a log-in is set for `{host}` with security plain: passwords and tokens are only sent encrypted"
    )]
    LoginWithoutTls {
        /// The server.
        host: String,
    },
    /// Both ways to log in are set.
    #[error(
        "both a password and an OAuth client are set for `{host}`: keep the one that the server asks for"
    )]
    TwoLogins {
        /// The server.
        host: String,
    },
    /// A part of the OAuth settings that cannot be sent.
    #[error(
        "the OAuth {what} cannot be used: give 1 to {LOGIN_BYTES_MAX} characters from space to ~, on one line"
    )]
    OAuth {
        /// Which part. The text is not shown, as it may be a secret in the wrong place.
        what: &'static str,
    },
    /// An address at which no tokens can be asked for.
    #[error("the OAuth token address cannot be used: {source}")]
    TokenUrl {
        /// What is wrong with it.
        source: AddressFault,
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

impl SmtpSettings {
    /// Whether these settings can work, as far as can be said without reading or asking anything.
    pub(super) fn check(&self) -> Result<(), SettingsError> {
        for name in [&self.host, &self.hello_name] {
            let fits = !name.is_empty()
                && name.len() <= 253
                && name.chars().all(|c| c.is_ascii_alphanumeric() || ".-_:[]".contains(c));
            if !fits {
                return Err(SettingsError::HostName { name: name.clone() });
            }
        }
        let host = self.host.clone();
        if self.login.is_some() && self.oauth.is_some() {
            return Err(SettingsError::TwoLogins { host });
        }
        if self.security == Security::Plain {
            if !is_this_machine(&host) {
                return Err(SettingsError::PlainBeyondThisMachine { host });
            }
            if self.login.is_some() || self.oauth.is_some() {
                return Err(SettingsError::LoginWithoutTls { host });
            }
        }
        self.oauth.as_ref().map_or(Ok(()), OAuth::check)
    }
}

impl OAuth {
    fn check(&self) -> Result<(), SettingsError> {
        let Self { user, token_url, client_id, client_secret, scope } = self;
        // The parts of the answer to XOAUTH2 are held apart by control characters.
        let fits = |text: &str| {
            let plain = text.bytes().all(|byte| matches!(byte, b' '..=b'~'));
            plain && !text.trim().is_empty() && text.len() <= LOGIN_BYTES_MAX
        };
        for (what, text) in [
            ("user", user),
            ("client id", client_id),
            ("client secret", &client_secret.0),
            ("scope", scope),
        ] {
            if !fits(text) {
                return Err(SettingsError::OAuth { what });
            }
        }
        crate::http::checked_address(token_url)
            .map(|_| ())
            .map_err(|source| SettingsError::TokenUrl { source })
    }
}

/// Whether a host is this machine by its name. What the name resolves to is checked again when
/// connecting.
pub(crate) fn is_this_machine(host: &str) -> bool {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost")
        || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}
