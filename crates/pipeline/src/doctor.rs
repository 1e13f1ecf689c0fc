//! Whether the surroundings are well: folders, disk, clock, time zones, mail, certificates, secrets. Changes nothing.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::time::Duration;

use delivery::{Mailer, Probed};
use futures_util::future::join_all;
use intake::collect::{HttpSource, reach_http};
use jiff::{SignedDuration, Timestamp, tz};
use serde::Serialize;

use crate::backup::manifest;
use crate::clock::{TIME_ZONE, local};
use crate::definitions::Backups;
use crate::error::PipelineError;
use crate::house::{House, file_error};
use crate::ingest::http_source;
use crate::kept_backups::{backups_in, usable};
use crate::mailer::mailer;
use crate::serve::{STOPPED, heartbeat};
use crate::settings::{SecretAt, SourcePlace, Transport};
use crate::storage::{bytes, storage};

/// Below this there is no room for the next report.
const FREE_BYTES_NEEDED: u64 = 200_000_000;
/// Below this somebody should make room.
const FREE_BYTES_WANTED: u64 = 1_000_000_000;
/// A certificate that expires sooner is said.
const CERTIFICATE_DAYS: i64 = 30;
/// A heartbeat older than this is none.
const SILENCE: SignedDuration = SignedDuration::from_mins(5);

/// So long a partner's site may take to begin its answer.
const PATIENCE: Duration = Duration::from_secs(15);

/// How something stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Health {
    /// Well.
    Ok,
    /// To be looked at before long.
    Warning,
    /// Will fail, or fails.
    Problem,
}

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Examined {
    /// What: `disk`, `mail`, `clock`, ….
    pub name: String,
    /// How it stands.
    pub health: Health,
    /// What was found.
    pub says: String,
    /// What to do, where something is to be done.
    pub to_do: Option<String>,
}

impl Examined {
    fn ok(name: &str, says: impl Into<String>) -> Self {
        Self { name: name.to_owned(), health: Health::Ok, says: says.into(), to_do: None }
    }

    fn bad(name: &str, health: Health, says: impl Into<String>, to_do: impl Into<String>) -> Self {
        Self { name: name.to_owned(), health, says: says.into(), to_do: Some(to_do.into()) }
    }
}

/// Looks at everything. What cannot be looked at is a finding, never an error.
pub async fn doctor(house: &House) -> Vec<Examined> {
    let mut all = vec![folder(house), disk(house), permissions(house)];
    all.extend(clock(house));
    all.push(time_zones(house));
    all.push(holidays(house));
    all.push(ledger(house));
    all.extend(backups(house));
    all.extend(sources(house).await);
    all.extend(mail(house));
    all.push(scheduler(house));
    all
}

fn folder(house: &House) -> Examined {
    let data = &house.folders.data;
    if !data.exists() {
        return Examined::ok("folders", format!("{} is made by the first run", data.display()));
    }
    let try_it = || {
        let path = data.join(".doctor");
        fs::write(&path, b"can this be written?")?;
        fs::remove_file(&path)
    };
    match try_it() {
        Ok(()) => Examined::ok("folders", format!("{} can be written", data.display())),
        Err(error) => Examined::bad(
            "folders",
            Health::Problem,
            file_error("write in", data)(error).to_string(),
            "give the program's user the folder, or name another with --data",
        ),
    }
}

fn disk(house: &House) -> Examined {
    match storage(house) {
        Err(error) => Examined::bad("disk", Health::Problem, error.to_string(), "look at the disk"),
        Ok(storage) => {
            let says =
                format!("{} kept, {} free", bytes(storage.kept_bytes()), bytes(storage.free));
            let to_do = "make room before the next report: backups and old previews can go, nothing else in the data folder";
            match storage.free {
                free if free < FREE_BYTES_NEEDED => {
                    Examined::bad("disk", Health::Problem, says, to_do)
                }
                free if free < FREE_BYTES_WANTED => {
                    Examined::bad("disk", Health::Warning, says, to_do)
                }
                _ => Examined::ok("disk", says),
            }
        }
    }
}

/// Figures are about victims and children: nobody else on the machine is to look in.
fn permissions(house: &House) -> Examined {
    let mut open = Vec::new();
    for path in [house.folders.data.clone(), house.folders.ledger()] {
        if let Ok(metadata) = fs::metadata(&path)
            && is_open(&metadata)
        {
            open.push(path.display().to_string());
        }
    }
    let data_is_closed =
        fs::metadata(&house.folders.data).is_ok_and(|metadata| !is_open(&metadata));
    // Inside a closed folder a file's own bits open nothing.
    if open.is_empty() || data_is_closed {
        return Examined::ok("permissions", "only the program's user and group can look in");
    }
    Examined::bad(
        "permissions",
        Health::Warning,
        format!("everybody on this machine can look into {}", open.join(", ")),
        format!("chmod o= {}", house.folders.data.display()),
    )
}

/// Whether everybody may do something with it.
fn is_open(metadata: &fs::Metadata) -> bool {
    !metadata.permissions().mode().is_multiple_of(8)
}

fn clock(house: &House) -> Vec<Examined> {
    let now = house.clock.now();
    let shown = local(now).strftime("%-d %B %Y %H:%M %Z").to_string();
    let newest = house
        .ledger_to_read()
        .ok()
        .flatten()
        .and_then(|ledger| ledger.newest_time().ok().flatten());
    let behind = newest.map(|newest| newest.duration_since(now));
    vec![match behind {
        Some(behind) if behind > SignedDuration::from_mins(10) => Examined::bad(
            "clock",
            Health::Problem,
            format!(
                "it is {shown} by this machine, yet something was kept here on {}",
                newest
                    .map(local)
                    .map_or_else(String::new, |at| at.strftime("%-d %B %Y %H:%M").to_string())
            ),
            "set the clock (timedatectl): reports would be about the wrong quarter",
        ),
        _ => Examined::ok("clock", shown),
    }]
}

/// The rules are built in; the machine's own copy is used where there is one, and must not be older.
fn time_zones(house: &House) -> Examined {
    let name = "time zones";
    let Ok(zone) = tz::TimeZone::get(TIME_ZONE) else {
        return Examined::bad(
            name,
            Health::Problem,
            format!("{TIME_ZONE} is not known"),
            "reinstall the program",
        );
    };
    let now = house.clock.now();
    let changes: Vec<Timestamp> =
        zone.following(now).take(4).map(|change| change.timestamp()).collect();
    let built_in = jiff::tz::TimeZoneDatabase::bundled();
    let same = built_in.get(TIME_ZONE).map(|zone| {
        zone.following(now).take(4).map(|change| change.timestamp()).collect::<Vec<_>>() == changes
    });
    let next = changes.first().map_or_else(
        || "the clocks change no more".to_owned(),
        |at| format!("the clocks change on {}", local(*at).strftime("%-d %B %Y")),
    );
    match same {
        Ok(false) => Examined::bad(
            name,
            Health::Warning,
            format!("this machine's rules for {TIME_ZONE} differ from the ones built in: {next}"),
            "update the package tzdata, or this program, whichever is older",
        ),
        _ => Examined::ok(name, format!("{TIME_ZONE}: {next}")),
    }
}

fn holidays(house: &House) -> Examined {
    match house.definitions.calendar.doubt(house.clock.today()) {
        None => Examined::ok(
            "bank holidays",
            "the list of one-off holidays was checked within the year",
        ),
        Some(doubt) => {
            let (says, to_do) = doubt.split_once(": ").unwrap_or((&doubt, "look it up"));
            Examined::bad("bank holidays", Health::Warning, says, to_do)
        }
    }
}

fn ledger(house: &House) -> Examined {
    let name = "ledger";
    if let Some(kept) = house.folders.kept_without_ledger() {
        let says = PipelineError::LedgerGone(kept.display().to_string()).to_string();
        return Examined::bad(
            name,
            Health::Problem,
            says,
            "restore the newest backup: quarterdeck restore DIR",
        );
    }
    match house.ledger_to_read() {
        Ok(None) => Examined::ok(name, "none yet: it is made by the first run"),
        Ok(Some(ledger)) => match ledger.check() {
            Ok(damage) if damage.is_empty() => Examined::ok(name, "every page of it can be read"),
            Ok(damage) => Examined::bad(
                name,
                Health::Problem,
                damage.join("; "),
                "restore the newest backup: quarterdeck restore DIR",
            ),
            Err(error) => Examined::bad(
                name,
                Health::Problem,
                error.to_string(),
                "restore the newest backup: quarterdeck restore DIR",
            ),
        },
        Err(error) => Examined::bad(
            name,
            Health::Problem,
            error.to_string(),
            "look into docs/operations.md, When something is wrong",
        ),
    }
}

/// The newest backup of each job that makes some.
pub(crate) fn backups(house: &House) -> Vec<Examined> {
    let jobs = house.definitions.jobs.values();
    let kept = jobs.filter_map(|job| job.backups.as_ref().map(|backups| (job, backups)));
    let examined = kept.map(|(job, Backups { folder, .. })| {
        let name = format!("backups ({})", job.id);
        let there = usable(house, folder).and_then(|()| backups_in(folder));
        let newest = match &there {
            Ok(there) => there.last().and_then(|path| manifest(path)),
            Err(error) => {
                let to_do = "until then no backup is made";
                return Examined::bad(&name, Health::Problem, error.to_string(), to_do);
            }
        };
        let folder = folder.display();
        let Some(newest) = newest else {
            return Examined::ok(&name, format!("none in {folder} yet"));
        };
        let day = local(newest.made_at).strftime("%-d %B %Y");
        let says = format!("the newest in {folder} is of {day} ({})", bytes(newest.bytes));
        let mut due = job.schedule.after(&house.definitions.calendar, newest.made_at);
        if !newest.damage.is_empty() {
            let says = format!("{says}, and is not whole");
            Examined::bad(&name, Health::Problem, says, "run `quarterdeck verify`")
        } else if due.nth(1).is_some_and(|second| second.at < house.clock.now()) {
            // One that is due now may be made at the next look.
            let says = format!("{says}, and others have fallen due since");
            let to_do = format!("run `quarterdeck run {}`", job.id);
            Examined::bad(&name, Health::Warning, says, to_do)
        } else {
            Examined::ok(&name, says)
        }
    });
    examined.collect()
}

async fn sources(house: &House) -> Vec<Examined> {
    let mut found = Vec::new();
    let mut sites = Vec::new();
    for (id, source) in &house.definitions.settings.sources {
        let name = format!("source {id}");
        match &source.place {
            SourcePlace::Folder { path } => {
                if let Err(error) = fs::read_dir(path) {
                    let says = file_error("look into", path)(error).to_string();
                    found.push(Examined::bad(
                        &name,
                        Health::Warning,
                        says,
                        "connect the drive, or correct its path",
                    ));
                }
            }
            SourcePlace::Http { url, internal, token, ca_file } => {
                let wrong_secret = token.as_ref().and_then(|at| secret(house, &name, at));
                // Without its secret it would only be told that it may not.
                if wrong_secret.is_none() {
                    let place = (url.as_str(), *internal);
                    let built = http_source(house, id, place, token.as_ref(), ca_file.as_deref());
                    sites.push(site(name.clone(), built));
                }
                found.extend(wrong_secret);
                found.extend(ca_file.as_ref().and_then(|path| authority(house, &name, path)));
            }
        }
    }
    found.extend(join_all(sites).await.into_iter().flatten());
    if found.is_empty() {
        let count = house.definitions.settings.sources.len();
        found.push(Examined::ok("sources", format!("{count} are set up")));
    }
    found
}

/// What keeps a partner's site from giving its file, if anything does.
async fn site(name: String, source: Result<HttpSource, String>) -> Option<Examined> {
    let why = match source {
        Ok(mut source) => {
            source.total_deadline = source.total_deadline.min(PATIENCE);
            reach_http(&source).await.err()?.to_string()
        }
        Err(why) => why,
    };
    let to_do = "open the address on this machine; correct it in quarterdeck.toml, or tell whoever runs the site";
    Some(Examined::bad(&name, Health::Warning, why, to_do))
}

/// What is wrong with a secret, if anything is.
fn secret(house: &House, name: &str, at: &SecretAt) -> Option<Examined> {
    if let Err(why) = house.secret(at) {
        return Some(Examined::bad(
            name,
            Health::Problem,
            why,
            "put the secret where the settings say",
        ));
    }
    let SecretAt::File(path) = at else { return None };
    is_open(&fs::metadata(path).ok()?).then(|| {
        let says = format!("everybody on this machine can read the secret in {}", path.display());
        Examined::bad(name, Health::Problem, says, format!("chmod o= {}", path.display()))
    })
}

/// What is wrong with a file of certificate authorities, if anything is.
fn authority(house: &House, name: &str, path: &Path) -> Option<Examined> {
    match delivery::certificates_expiry(path) {
        Ok(until) => expires(house, name, &format!("a certificate in {}", path.display()), until),
        Err(error) => Some(Examined::bad(
            name,
            Health::Problem,
            error.to_string(),
            "ask whoever runs the server for its authority's certificate",
        )),
    }
}

fn expires(house: &House, name: &str, what: &str, until: Timestamp) -> Option<Examined> {
    let days = until.duration_since(house.clock.now()).as_hours() / 24;
    let day = local(until).strftime("%-d %B %Y");
    match days {
        days if days < 0 => Some(Examined::bad(
            name,
            Health::Problem,
            format!("{what} expired on {day}"),
            "have it renewed: nothing is sent over it until then",
        )),
        days if days < CERTIFICATE_DAYS => Some(Examined::bad(
            name,
            Health::Warning,
            format!("{what} expires on {day}"),
            "have it renewed before then",
        )),
        _ => None,
    }
}

fn mail(house: &House) -> Vec<Examined> {
    let settings = &house.definitions.settings.mail;
    let mut found = Vec::new();
    let smtp = &settings.smtp;
    if settings.transport == Transport::Smtp {
        found.extend(smtp.password.as_ref().and_then(|at| secret(house, "mail secret", at)));
        let client = smtp.oauth.as_ref().map(|oauth| &oauth.client_secret);
        found.extend(client.and_then(|at| secret(house, "mail secret", at)));
        found.extend(smtp.ca_file.as_ref().and_then(|path| authority(house, "mail", path)));
    }
    found.push(match mailer(house) {
        Err(error) => Examined::bad(
            "mail",
            Health::Problem,
            error.to_string(),
            "correct [mail] in quarterdeck.toml",
        ),
        Ok(mailer) => probed(house, &mailer),
    });
    found
}

fn probed(house: &House, mailer: &Mailer) -> Examined {
    match mailer.probe() {
        Err(why) => Examined::bad(
            "mail",
            Health::Problem,
            why.to_string(),
            "correct [mail.smtp], or wait until the server is back: what waits in the outbox is not lost",
        ),
        Ok(Probed::Folder | Probed::Memory) => Examined::ok(
            "mail",
            format!("written as files to {}, sent to nobody", house.folders.outbox().display()),
        ),
        Ok(Probed::Server(server)) => {
            let expiry = server.certificate_expires.and_then(|until| {
                expires(house, "mail", &format!("the certificate of {}", server.name), until)
            });
            expiry.unwrap_or_else(|| {
                let encrypted = if server.is_encrypted { "encrypted" } else { "on this machine" };
                let user = if server.is_logged_in { ", logged in" } else { "" };
                let until = server.certificate_expires.map_or_else(String::new, |until| {
                    format!(", certificate until {}", local(until).strftime("%-d %B %Y"))
                });
                Examined::ok("mail", format!("{} answers, {encrypted}{user}{until}", server.name))
            })
        }
    }
}

fn scheduler(house: &House) -> Examined {
    let name = "scheduler";
    let to_do = "start it: systemctl start quarterdeck, or quarterdeck serve";
    match heartbeat(house) {
        Err(error) => Examined::bad(name, Health::Warning, error.to_string(), to_do),
        Ok(None) => {
            Examined::bad(name, Health::Warning, "`serve` has never run on this data folder", to_do)
        }
        Ok(Some(beat)) => {
            let at = local(beat.at).strftime("%-d %B %Y %H:%M").to_string();
            // Real time: `--as-of` is about reports.
            let silent = crate::clock::Clock::System.now().duration_since(beat.at) > SILENCE;
            if beat.state == STOPPED {
                let says = format!("`serve` was stopped on {at}");
                return Examined::bad(name, Health::Warning, says, to_do);
            }
            match (silent, beat.trouble) {
                (true, _) => Examined::bad(
                    name,
                    Health::Warning,
                    format!("`serve` gave its last sign of life on {at}"),
                    to_do,
                ),
                (false, Some(trouble)) => Examined::bad(
                    name,
                    Health::Problem,
                    trouble,
                    "see When something is wrong in docs/operations.md",
                ),
                (false, None) => Examined::ok(name, format!("at work: {}", beat.holder)),
            }
        }
    }
}
