//! `jobs/<job>/job.toml`: what runs when, and for whom.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use jiff::civil::Time;
use model::JobId;
use publication::FileKind;

use crate::keys::{Problems, Section};

/// What a job does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JobKind {
    /// Takes in what partners sent.
    Collect,
    /// Makes a report for a period and queues its mail.
    Report,
    /// Sends queued mail.
    Dispatch,
}

/// What a report job does when returns are missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Publish {
    /// Publishes, and says what is missing.
    WithGaps,
    /// Holds back until everything required is in.
    Hold,
}

/// When a job is due, in local time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Schedule {
    /// Every day at this time.
    Daily {
        /// Local time.
        at: Time,
    },
    /// On the nth working day after each financial quarter ends.
    WorkingDayAfterQuarter {
        /// Counted from 1.
        working_day: u32,
        /// Local time.
        at: Time,
    },
    /// Again and again.
    EveryMinutes(u32),
}

/// Recipients who get the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobAudience {
    /// Its name, for the operator.
    pub name: String,
    /// Recipients, by key.
    pub to: Vec<String>,
    /// Sections of the message they do without.
    pub leave_out: BTreeSet<publication::Section>,
    /// Files that go with the message.
    pub attach: Vec<FileKind>,
}

impl Job {
    /// Every recipient, by key.
    pub fn recipients(&self) -> impl Iterator<Item = &String> {
        self.audiences.iter().flat_map(|audience| &audience.to)
    }
}

/// A job.
#[derive(Clone, Debug)]
pub struct Job {
    /// Its folder's name.
    pub id: JobId,
    /// What it does.
    pub kind: JobKind,
    /// For people.
    pub title: String,
    /// When it is due.
    pub schedule: Schedule,
    /// What to do when returns are missing.
    pub publish: Publish,
    /// Protective marking, or empty.
    pub marking: String,
    /// Whether it takes in what has arrived first.
    pub collect_first: bool,
    /// Who gets what.
    pub audiences: Vec<JobAudience>,
    /// Whether a report waits for notes on what is of concern.
    pub needs_commentary: bool,
    /// Its folder, where templates are.
    pub folder: PathBuf,
}

pub(super) fn read_all(folder: &Path, problems: &Problems) -> BTreeMap<JobId, Job> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) => {
            problems.note(&folder.display().to_string(), "", format!("cannot be listed: {error}"));
            return BTreeMap::new();
        }
    };
    let mut jobs = BTreeMap::new();
    for entry in entries.filter_map(Result::ok) {
        let path = entry.path().join("job.toml");
        let label = path.display().to_string();
        if !entry.path().is_dir() {
            continue;
        }
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) => {
                problems.note(&label, "", format!("cannot be read: {error}"));
                continue;
            }
        };
        let Some(table) = problems.parse(&label, &text) else {
            continue;
        };
        let id = JobId::new(entry.file_name().to_string_lossy());
        let section = Section::root(&label, &table, problems);
        jobs.insert(id.clone(), job(id, &section, entry.path()));
        section.finish();
    }
    jobs
}

fn job(id: JobId, section: &Section<'_>, folder: PathBuf) -> Job {
    let kind = section.one_of(
        "kind",
        &[
            ("collect", JobKind::Collect),
            ("report", JobKind::Report),
            ("dispatch", JobKind::Dispatch),
        ],
    );
    let job = Job {
        id,
        kind,
        title: section.text("title"),
        schedule: schedule(section),
        publish: match section.optional_text("publish").as_deref() {
            None | Some("with-gaps") => Publish::WithGaps,
            Some("hold") => Publish::Hold,
            Some(other) => {
                section.problem("publish", format!("`{other}` is none of with-gaps, hold"));
                Publish::Hold
            }
        },
        marking: section.optional_text("marking").unwrap_or_default(),
        collect_first: section.flag("collect_first"),
        audiences: audiences(section),
        needs_commentary: section.flag("needs_commentary"),
        folder,
    };
    if kind == JobKind::Report && job.recipients().next().is_none() {
        section.problem("to", "a report needs recipients");
    }
    let mut seen = BTreeSet::new();
    for twice in job.recipients().filter(|id| !seen.insert(*id)) {
        section.problem("to", format!("`{twice}` is there twice: one message each"));
    }
    job
}

/// Those of `to`, who get everything, and each `[[audience]]`.
fn audiences(section: &Section<'_>) -> Vec<JobAudience> {
    let everybody = JobAudience {
        name: "everybody".to_owned(),
        to: section.texts("to"),
        leave_out: BTreeSet::new(),
        attach: vec![FileKind::Pack, FileKind::Tables],
    };
    let mut all = Vec::new();
    if !everybody.to.is_empty() {
        all.push(everybody);
    }
    all.extend(section.sections("audience").into_iter().map(audience));
    all
}

fn audience(section: Section<'_>) -> JobAudience {
    let attach = match section.optional_texts("attach") {
        None => vec![FileKind::Pack, FileKind::Tables],
        Some(names) => named(&section, "attach", &names, &FileKind::NAMES),
    };
    let leave_out = section.texts("leave_out");
    let leave_out = named(&section, "leave_out", &leave_out, &publication::Section::NAMES);
    let audience = JobAudience {
        name: section.text("name"),
        to: section.texts("to"),
        leave_out: leave_out.into_iter().collect(),
        attach,
    };
    if audience.to.is_empty() {
        section.problem("to", "an audience needs recipients");
    }
    section.finish();
    audience
}

/// What names stand for; an unknown one is a problem that says which there are.
fn named<T: Copy>(
    section: &Section<'_>,
    key: &str,
    names: &[String],
    known: &[(&str, T)],
) -> Vec<T> {
    let mut found = Vec::new();
    for name in names {
        if let Some((_, value)) = known.iter().find(|(known, _)| known == name) {
            found.push(*value);
        } else {
            let all: Vec<&str> = known.iter().map(|(name, _)| *name).collect();
            section.problem(key, format!("`{name}` is none of {}", all.join(", ")));
        }
    }
    found
}

fn schedule(section: &Section<'_>) -> Schedule {
    let Some(schedule) = section.section("schedule") else {
        section.problem("schedule", "is missing: schedule = { daily = \"06:30\" }");
        return Schedule::EveryMinutes(60);
    };
    let time = |key: &str, text: String| {
        text.parse::<Time>().unwrap_or_else(|_| {
            schedule.problem(key, format!("`{text}` is not a time: write 06:30"));
            Time::midnight()
        })
    };
    let minutes = schedule.optional_integer("every_minutes", 1..=1440);
    let working_day = schedule.optional_integer("working_day", 1..=60);
    let daily = schedule.optional_text("daily");
    let read = match (minutes, working_day, daily) {
        (Some(minutes), None, None) => Schedule::EveryMinutes(u32::try_from(minutes).unwrap_or(60)),
        (None, Some(day), None) => {
            schedule.one_of("after", &[("quarter-end", ())]);
            let at = time("at", schedule.text("at"));
            let working_day = u32::try_from(day).unwrap_or(1);
            Schedule::WorkingDayAfterQuarter { working_day, at }
        }
        (None, None, Some(text)) => Schedule::Daily { at: time("daily", text) },
        _ => {
            schedule.problem("daily", "give exactly one of daily, working_day, every_minutes");
            Schedule::EveryMinutes(60)
        }
    };
    schedule.finish();
    read
}
