//! Settings of an installation: `quarterdeck.toml`, then the environment, each key overriding.

mod reading;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use model::{ReturnId, SourceId};

pub(crate) use reading::{address, load};

/// Settings of an installation, checked.
#[derive(Clone, Debug)]
pub struct Settings {
    /// How long a file must have been still before it is taken.
    pub settle: Duration,
    /// Largest file or body taken, in bytes.
    pub file_bytes_max: u64,
    /// For how many days what held personal data is kept sealed.
    pub sealed_days: i64,
    /// Limits of the reader child.
    pub reading: Reading,
    /// Limits of fetching over HTTP.
    pub fetching: Fetching,
    /// How mail leaves.
    pub mail: Mail,
    /// What partners are told.
    pub letters: Letters,
    /// When partners are reminded.
    pub reminders: Reminders,
    /// Who is told that all this is alive.
    pub watch: Watch,
    /// Role and address printed at the foot of reports.
    pub contact: String,
    /// Colour of reports, as `#12436d`.
    pub accent: String,
    /// Logo of reports, in the folder of the configuration.
    pub logo: Option<PathBuf>,
    /// Where submissions come from, by source.
    pub sources: BTreeMap<SourceId, Source>,
}

/// Limits of the reader child.
#[derive(Clone, Debug)]
pub struct Reading {
    /// Address space, in bytes.
    pub memory_bytes: u64,
    /// Wall-clock time for one batch, in seconds.
    pub seconds: u64,
    /// Cells on one sheet.
    pub cells_per_sheet_max: usize,
    /// Cells in one file.
    pub cells_per_file_max: usize,
    /// Uncompressed size of one file, in bytes.
    pub uncompressed_bytes_max: u64,
}

/// Limits of fetching over HTTP.
#[derive(Clone, Debug)]
pub struct Fetching {
    /// To connect.
    pub connect: Duration,
    /// From the first byte to the last.
    pub total: Duration,
    /// Tries in all.
    pub attempts_max: u32,
}

/// How mail leaves.
#[derive(Clone, Debug)]
pub struct Mail {
    /// By which way.
    pub transport: Transport,
    /// Sender's display name: a role.
    pub from_name: String,
    /// Sender's address.
    pub from_address: String,
    /// Where replies go.
    pub reply_to: Option<String>,
    /// Who is told when a report could not be made.
    pub operator_address: String,
    /// Largest whole message: files that do not fit are named instead of attached.
    pub message_bytes_max: usize,
    /// For how many days the bytes of a message are kept after it came to its end.
    pub keep_days: i64,
    /// How long a deferred message is tried again.
    pub give_up_after: Duration,
    /// Most messages handed over in a minute; none for no limit.
    pub per_minute_max: Option<usize>,
    /// Local times between which only notices to the operator are sent.
    pub quiet_hours: Option<QuietHours>,
    /// The server, for [`Transport::Smtp`].
    pub smtp: Smtp,
}

/// When partners are reminded of what they owe.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reminders {
    /// Whether anybody is written to.
    pub mode: RemindMode,
    /// Days of the chase in working days from the due date, ascending: -3 is before it, 0 on it.
    pub days: Vec<i32>,
    /// Most reminders to one partner about one period.
    pub most: usize,
}

impl Reminders {
    /// The last of the days, counted from 1.
    pub fn last_stage(&self) -> i64 {
        i64::try_from(self.days.len()).unwrap_or(i64::MAX)
    }
}

/// Whether reminders are sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RemindMode {
    /// Nobody is written to; it is said who would be.
    DryRun,
    /// They are sent.
    Send,
}

/// Hours, in local time, in which mail to others waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QuietHours {
    /// From this time, inclusive.
    pub from: jiff::civil::Time,
    /// To this time, exclusive; of the next day where it is earlier.
    pub to: jiff::civil::Time,
}

impl QuietHours {
    /// Whether mail waits at a time.
    pub fn hold(self, now: jiff::civil::Time) -> bool {
        if self.from <= self.to {
            self.from <= now && now < self.to
        } else {
            self.from <= now || now < self.to
        }
    }
}

/// What partners that have a contact are told about what they send.
#[derive(Clone, Debug)]
pub struct Letters {
    /// A receipt, when it was taken in.
    pub receipts: bool,
    /// An error letter, when it was not.
    pub error_letters: bool,
    /// Larger marked-up copies are not attached, in bytes; the letter says so.
    pub attachment_bytes_max: usize,
}

/// By which way mail leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport {
    /// `.eml` files under the data folder.
    Folder,
    /// A mail server.
    Smtp,
}

/// How the line to the mail server is protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SmtpSecurity {
    /// STARTTLS, required.
    StartTls,
    /// TLS from the first byte.
    ImplicitTls,
    /// None: loopback only.
    Plain,
}

/// A mail server.
#[derive(Clone, Debug)]
pub struct Smtp {
    /// Host name.
    pub host: String,
    /// Port.
    pub port: u16,
    /// How the line is protected.
    pub security: SmtpSecurity,
    /// User, if it wants one.
    pub user: Option<String>,
    /// Where the password is.
    pub password: Option<SecretAt>,
    /// How a token is got, instead of a password.
    pub oauth: Option<OAuthSettings>,
    /// An extra certificate authority.
    pub ca_file: Option<PathBuf>,
    /// From connecting to the last reply.
    pub total: Duration,
}

/// How a token for the mail server is got (OAuth 2.0 client credentials).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OAuthSettings {
    /// Where tokens are given out.
    pub token_url: String,
    /// The application's id.
    pub client_id: String,
    /// Where the application's secret is.
    pub client_secret: SecretAt,
    /// What the token is for.
    pub scope: String,
}

/// An outside watcher that raises the alarm when it hears nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Watch {
    /// Where its address is: whoever knows it can keep it quiet, so it is a secret.
    pub ping_url: Option<SecretAt>,
    /// Between two signs of life to it.
    pub every: Duration,
}

/// Where a secret is found; never the secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SecretAt {
    /// In an environment variable.
    Env(String),
    /// In a file.
    File(PathBuf),
}

/// Where submissions come from.
#[derive(Clone, Debug)]
pub struct Source {
    /// The return they answer.
    pub return_id: ReturnId,
    /// How to get them.
    pub place: SourcePlace,
}

/// How to get submissions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SourcePlace {
    /// Files in a folder.
    Folder {
        /// The folder.
        path: PathBuf,
    },
    /// A file on a site.
    Http {
        /// Its address.
        url: String,
        /// Whether it is inside our own network (or this machine), where plain HTTP is allowed.
        internal: bool,
        /// Where the bearer token is, if the site wants one.
        token: Option<SecretAt>,
        /// An extra certificate authority to trust for this site.
        ca_file: Option<PathBuf>,
    },
}
