//! Settings of an installation: `quarterdeck.toml`, then the environment, each key overriding.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use config::{Config, Environment, File, FileFormat};
use model::{ReturnId, SourceId};
use toml::Table;

use crate::keys::{Problems, Section};

/// The settings that are built in, for keys a partnership's own file leaves out.
const EMBEDDED: &str = include_str!("../../../config/quarterdeck.toml");
const FILE: &str = "quarterdeck.toml";
const PREFIX: &str = "QUARTERDECK";

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
    /// Largest whole message: files that do not fit are named instead of attached.
    pub message_bytes_max: usize,
    /// How long a deferred message is tried again.
    pub give_up_after: Duration,
    /// The server, for [`Transport::Smtp`].
    pub smtp: Smtp,
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
    /// An extra certificate authority.
    pub ca_file: Option<PathBuf>,
    /// From connecting to the last reply.
    pub total: Duration,
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

/// Reads the settings: embedded default, then `DIR/quarterdeck.toml`, then the environment.
/// `sources` of a partnership's own file replace the built-in ones altogether.
pub(crate) fn load(
    directory: &Path,
    own_file: Option<&str>,
    environment: &BTreeMap<String, String>,
    problems: &Problems,
) -> Option<Settings> {
    let file = directory.join(FILE).display().to_string();
    let mut default = problems.parse("built-in settings", EMBEDDED)?;
    if let Some(text) = own_file {
        let own = problems.parse(&file, text)?;
        if own.contains_key("sources") {
            default.remove("sources");
        }
    }
    let merged = merge(&default, own_file, environment, &file, problems)?;
    let root = Section::root(&file, &merged, problems);
    let settings = settings(&root);
    root.finish();
    Some(settings)
}

fn merge(
    default: &Table,
    own_file: Option<&str>,
    environment: &BTreeMap<String, String>,
    file: &str,
    problems: &Problems,
) -> Option<Table> {
    let variables = environment
        .iter()
        .filter(|(name, _)| name.starts_with(&format!("{PREFIX}__")))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    let environment = Environment::with_prefix(PREFIX)
        .prefix_separator("__")
        .separator("__")
        .try_parsing(true)
        .source(Some(variables));
    let default = toml::to_string(default).expect("a table that was TOML is TOML");
    let mut builder = Config::builder().add_source(File::from_str(&default, FileFormat::Toml));
    if let Some(text) = own_file {
        builder = builder.add_source(File::from_str(text, FileFormat::Toml));
    }
    let merged = builder.add_source(environment).build().and_then(Config::try_deserialize::<Table>);
    match merged {
        Ok(table) => Some(table),
        Err(error) => {
            problems.note(
                file,
                "",
                format!("cannot be put together with the environment: {error}"),
            );
            None
        }
    }
}

const MEGABYTE: u64 = 1024 * 1024;

fn settings(root: &Section<'_>) -> Settings {
    let nothing = Table::new();
    let silent = Problems::default();
    // A missing table is a problem of its own; reading goes on from an empty one.
    let table =
        |name: &str| root.section(name).unwrap_or_else(|| Section::root(FILE, &nothing, &silent));
    for name in ["letters", "landing", "personal", "reading", "fetching", "mail", "report"] {
        if root.section(name).is_none() {
            root.problem(name, "is missing");
        }
    }
    let landing = table("landing");
    let settle = Duration::from_secs(positive(landing.integer("settle_seconds", 0..=86_400)));
    let file_bytes_max = positive(landing.integer("file_megabytes_max", 1..=1024)) * MEGABYTE;
    landing.finish();
    let section = table("personal");
    let sealed_days = section.integer("keep_days", 1..=365);
    section.finish();
    let section = table("reading");
    let reading = Reading {
        memory_bytes: positive(section.integer("memory_megabytes", 128..=16_384)) * MEGABYTE,
        seconds: positive(section.integer("seconds", 1..=3600)),
        cells_per_sheet_max: count(section.integer("cells_per_sheet_max", 1..=50_000_000)),
        cells_per_file_max: count(section.integer("cells_per_file_max", 1..=100_000_000)),
        uncompressed_bytes_max: positive(section.integer("uncompressed_megabytes_max", 1..=8192))
            * MEGABYTE,
    };
    section.finish();
    let section = table("fetching");
    let fetching = Fetching {
        connect: Duration::from_secs(positive(section.integer("connect_seconds", 1..=120))),
        total: Duration::from_secs(positive(section.integer("total_seconds", 1..=3600))),
        attempts_max: u32::try_from(section.integer("attempts_max", 1..=3)).unwrap_or(1),
    };
    section.finish();
    let section = table("report");
    let contact = section.text("contact");
    let accent = accent(&section);
    let logo = section.optional_text("logo").filter(|path| !path.is_empty()).map(PathBuf::from);
    section.finish();
    let mail = mail(table("mail"));
    let section = table("letters");
    let letters = Letters {
        receipts: section.flag("receipts"),
        error_letters: section.flag("error_letters"),
        attachment_bytes_max: count(section.integer("attachment_megabytes_max", 1..=25))
            * 1024
            * 1024,
    };
    section.finish();
    let sources = root
        .named_sections("sources")
        .into_iter()
        .map(|(name, section)| (SourceId::new(name), source(section)))
        .collect();
    Settings {
        settle,
        file_bytes_max,
        sealed_days,
        reading,
        fetching,
        mail,
        letters,
        contact,
        accent,
        logo,
        sources,
    }
}

/// A colour that text on white can be read in: a contrast of 4.5 or more (WCAG 2.2, 1.4.3).
fn accent(section: &Section<'_>) -> String {
    let text = section.text("accent").to_ascii_lowercase();
    match publication::contrast_on_white(&text) {
        None => section.problem("accent", format!("`{text}` is not a colour: write #12436d")),
        Some(contrast) if contrast < 4.5 => section.problem(
            "accent",
            format!("`{text}` has a contrast of {contrast:.1} on white; text needs 4.5: choose a darker colour"),
        ),
        Some(_) => {}
    }
    text
}

fn positive(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}

fn count(number: i64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

fn mail(section: Section<'_>) -> Mail {
    let nothing = Table::new();
    let silent = Problems::default();
    let inner = section.section("smtp");
    let smtp = inner.unwrap_or_else(|| Section::root(FILE, &nothing, &silent));
    let mail = Mail {
        transport: section
            .one_of("transport", &[("folder", Transport::Folder), ("smtp", Transport::Smtp)]),
        from_name: section.text("from_name"),
        from_address: address(&section, "from_address", section.text("from_address")),
        reply_to: section.optional_text("reply_to").map(|text| address(&section, "reply_to", text)),
        message_bytes_max: count(section.integer("message_megabytes_max", 1..=25)) * 1024 * 1024,
        give_up_after: Duration::from_secs(
            positive(section.integer("give_up_after_hours", 1..=240)) * 3600,
        ),
        smtp: Smtp {
            host: smtp.text("host"),
            port: u16::try_from(smtp.integer("port", 1..=65_535)).unwrap_or(587),
            security: smtp.one_of(
                "security",
                &[
                    ("starttls", SmtpSecurity::StartTls),
                    ("implicit-tls", SmtpSecurity::ImplicitTls),
                    ("plain", SmtpSecurity::Plain),
                ],
            ),
            user: smtp.optional_text("user"),
            password: secret(&smtp, "password"),
            ca_file: smtp.optional_text("ca_file").map(PathBuf::from),
            total: Duration::from_secs(positive(smtp.integer("total_seconds", 5..=3600))),
        },
    };
    smtp.finish();
    section.finish();
    mail
}

/// Mail addresses are checked once, here: one `@`, nothing blank, nothing but ASCII.
pub(crate) fn address(section: &Section<'_>, key: &str, text: String) -> String {
    let sound = text.is_ascii()
        && !text.contains(|c: char| c.is_whitespace() || c.is_control() || "<>,;\"".contains(c))
        && text.split_once('@').is_some_and(|(user, host)| {
            !user.is_empty() && host.contains('.') && !host.contains('@') && !host.starts_with('.')
        });
    if !sound && text != "?" {
        section.problem(key, "is not a mail address: write name@example.org, in plain letters");
    }
    text
}

/// A secret is named by `<key>_env` or `<key>_file`; written out it is a problem.
fn secret(section: &Section<'_>, key: &str) -> Option<SecretAt> {
    if section.optional_text(key).is_some() {
        section.problem(
            key,
            format!("secrets do not stand in this file: use {key}_env or {key}_file"),
        );
    }
    let variable = section.optional_text(&format!("{key}_env")).map(SecretAt::Env);
    let file =
        section.optional_text(&format!("{key}_file")).map(|path| SecretAt::File(path.into()));
    if variable.is_some() && file.is_some() {
        section.problem(&format!("{key}_file"), format!("give {key}_env or {key}_file, not both"));
    }
    variable.or(file)
}

fn source(section: Section<'_>) -> Source {
    #[derive(Clone, Copy)]
    enum Kind {
        Folder,
        Http,
    }
    let kind = section.one_of("kind", &[("folder", Kind::Folder), ("http", Kind::Http)]);
    let place = match kind {
        Kind::Folder => SourcePlace::Folder { path: PathBuf::from(section.text("path")) },
        Kind::Http => {
            let url = section.text("url");
            let internal = section.flag("internal");
            let scheme_fits =
                url.starts_with("https://") || (internal && url.starts_with("http://"));
            if !scheme_fits && url != "?" {
                section
                    .problem("url", "must start with https:// (http:// only with internal = true)");
            }
            let ca_file = section.optional_text("ca_file").map(PathBuf::from);
            SourcePlace::Http { url, internal, token: secret(&section, "token"), ca_file }
        }
    };
    let source = Source { return_id: ReturnId::new(section.text("return")), place };
    section.finish();
    source
}
