//! Reading the settings: the file, the environment, and what each key may be.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use config::{Config, Environment, File, FileFormat};
use model::{ReturnId, SourceId};
use toml::Table;

use super::{
    Fetching, Letters, Mail, OAuthSettings, QuietHours, Reading, RemindMode, Reminders, SecretAt,
    Settings, Smtp, SmtpSecurity, Source, SourcePlace, Transport, Watch,
};
use crate::keys::{Problems, Section, UNREAD};

/// The settings that are built in, for keys a partnership's own file leaves out.
const EMBEDDED: &str = include_str!("../../../../config/quarterdeck.toml");
const FILE: &str = "quarterdeck.toml";
const PREFIX: &str = "QUARTERDECK";

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

/// Tables that there must be; the built-in settings have all of them.
const TABLES: [&str; 9] = [
    "letters",
    "reminders",
    "watch",
    "landing",
    "personal",
    "reading",
    "fetching",
    "mail",
    "report",
];

fn settings(root: &Section<'_>) -> Settings {
    let nothing = Table::new();
    let silent = Problems::default();
    // A missing table is a problem of its own; reading goes on from an empty one.
    let table =
        |name: &str| root.section(name).unwrap_or_else(|| Section::root(FILE, &nothing, &silent));
    for name in TABLES {
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
    let (reading, fetching) = (reading(table("reading")), fetching(table("fetching")));
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
    let reminders = reminders(table("reminders"));
    let watch = watch(table("watch"));
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
        reminders,
        watch,
        contact,
        accent,
        logo,
        sources,
    }
}

fn reading(section: Section<'_>) -> Reading {
    let reading = Reading {
        memory_bytes: positive(section.integer("memory_megabytes", 128..=16_384)) * MEGABYTE,
        seconds: positive(section.integer("seconds", 1..=3600)),
        cells_per_sheet_max: count(section.integer("cells_per_sheet_max", 1..=50_000_000)),
        cells_per_file_max: count(section.integer("cells_per_file_max", 1..=100_000_000)),
        uncompressed_bytes_max: positive(section.integer("uncompressed_megabytes_max", 1..=8192))
            * MEGABYTE,
    };
    section.finish();
    reading
}

fn fetching(section: Section<'_>) -> Fetching {
    let fetching = Fetching {
        connect: Duration::from_secs(positive(section.integer("connect_seconds", 1..=120))),
        total: Duration::from_secs(positive(section.integer("total_seconds", 1..=3600))),
        attempts_max: u32::try_from(section.integer("attempts_max", 1..=3)).unwrap_or(1),
    };
    section.finish();
    fetching
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
    let from_address = address(&section, "from_address", section.text("from_address"));
    let reply_to =
        section.optional_text("reply_to").map(|text| address(&section, "reply_to", text));
    let operator = section
        .optional_text("operator_address")
        .map(|text| address(&section, "operator_address", text));
    let mail = Mail {
        operator_address: operator
            .or_else(|| reply_to.clone())
            .unwrap_or_else(|| from_address.clone()),
        transport: section
            .one_of("transport", &[("folder", Transport::Folder), ("smtp", Transport::Smtp)]),
        from_name: section.text("from_name"),
        from_address,
        reply_to,
        message_bytes_max: count(section.integer("message_megabytes_max", 1..=25)) * 1024 * 1024,
        keep_days: section.integer("keep_days", 90..=36_500),
        give_up_after: Duration::from_secs(
            positive(section.integer("give_up_after_hours", 1..=240)) * 3600,
        ),
        per_minute_max: Some(count(section.integer("per_minute_max", 0..=6000)))
            .filter(|most| *most > 0),
        quiet_hours: quiet_hours(&section),
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
            oauth: oauth(&smtp),
            ca_file: smtp.optional_text("ca_file").map(PathBuf::from),
            total: Duration::from_secs(positive(smtp.integer("total_seconds", 5..=3600))),
        },
    };
    let is_here = ["localhost", "127.0.0.1", "::1", "[::1]"].contains(&mail.smtp.host.as_str());
    if mail.transport == Transport::Smtp && mail.smtp.security == SmtpSecurity::Plain && !is_here {
        smtp.problem(
            "security",
            "plain is for this machine only: mail beyond it must be encrypted",
        );
    }
    if mail.smtp.user.is_some() && mail.smtp.password.is_none() && mail.smtp.oauth.is_none() {
        let message =
            "is missing: a user is named, so name password_env, password_file or [mail.smtp.oauth]";
        smtp.problem("password_file", message);
    }
    smtp.finish();
    section.finish();
    mail
}

fn oauth(smtp: &Section<'_>) -> Option<OAuthSettings> {
    let section = smtp.section("oauth")?;
    let client_secret = secret(&section, "client_secret");
    if client_secret.is_none() {
        section.problem(
            "client_secret_file",
            "is missing: name client_secret_env or client_secret_file",
        );
    }
    if smtp.optional_text("user").is_none() {
        smtp.problem("user", "must name the mailbox that sends, besides oauth");
    }
    let oauth = OAuthSettings {
        token_url: section.text("token_url"),
        client_id: section.text("client_id"),
        client_secret: client_secret.unwrap_or(SecretAt::Env(String::new())),
        scope: section.text("scope"),
    };
    section.finish();
    Some(oauth)
}

fn watch(section: Section<'_>) -> Watch {
    let ping_url = secret(&section, "ping_url");
    let minutes = positive(section.integer("every_minutes", 1..=1440));
    section.finish();
    Watch { ping_url, every: Duration::from_mins(minutes) }
}

fn reminders(section: Section<'_>) -> Reminders {
    let mode =
        section.one_of("mode", &[("dry-run", RemindMode::DryRun), ("send", RemindMode::Send)]);
    let mut days = section.integers("working_days", -30..=60);
    if days.is_empty() {
        section.problem("working_days", "names no day: write [-3, 0, 1, 4]");
    }
    days.sort_unstable();
    days.dedup();
    let most = count(section.integer("most", 1..=20));
    section.finish();
    Reminders { mode, days, most }
}

fn quiet_hours(section: &Section<'_>) -> Option<QuietHours> {
    let text = section.optional_text("quiet_hours").filter(|text| !text.is_empty())?;
    let times = text.split_once('-').map(|(from, to)| (from.trim().parse(), to.trim().parse()));
    let Some((Ok(from), Ok(to))) = times else {
        section.problem("quiet_hours", format!("`{text}` are no hours: write 20:00-07:00"));
        return None;
    };
    Some(QuietHours { from, to })
}

/// Mail addresses are checked once, here: one `@`, nothing blank, nothing but ASCII.
pub(crate) fn address(section: &Section<'_>, key: &str, text: String) -> String {
    let sound = text.is_ascii()
        && !text.contains(|c: char| c.is_whitespace() || c.is_control() || "<>,;\"".contains(c))
        && text.split_once('@').is_some_and(|(user, host)| {
            !user.is_empty() && host.contains('.') && !host.contains('@') && !host.starts_with('.')
        });
    if !sound && text != UNREAD {
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
            if !scheme_fits && url != UNREAD {
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
