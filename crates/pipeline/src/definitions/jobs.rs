//! `jobs/<job>/job.toml`: what runs when, and for whom.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use model::{JobId, MeasureId, ReturnId};
use publication::FileKind;

use super::schedules::{missed, schedule};
use crate::keys::{Problems, Section};
use crate::schedule::{Missed, Rule, Schedule, Side};

/// So many backups are kept where the job says nothing else.
const KEPT: usize = 14;

/// What a job does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JobKind {
    /// Takes in what partners sent.
    Collect,
    /// Makes a report for a period and queues its mail.
    Report,
    /// Sends queued mail.
    Dispatch,
    /// Reminds partners of what they owe.
    Remind,
    /// Tells the operator, now and then, that all this is alive.
    SignOfLife,
    /// Tries a report job on the last period's returns, before it is due.
    Rehearse,
    /// Copies everything that is kept.
    BackUp,
}

/// Where a backup job puts its copies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Backups {
    /// A folder that is there, not in the data folder.
    pub folder: PathBuf,
    /// So many are kept, of a day each.
    pub keep: usize,
}

/// What a report job does when returns are missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Publish {
    /// Publishes, and says what is missing.
    WithGaps,
    /// Holds back until everything required is in.
    Hold,
}

/// Who must have looked at a report before it goes out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Approval {
    /// A recipient, by key.
    pub by: String,
    /// After so many working days without approval it is held.
    pub within_working_days: u32,
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
    /// What to do about runs that were missed.
    pub missed: Missed,
    /// What to do when returns are missing.
    pub publish: Publish,
    /// When a report that is due as soon as it is ready goes out at the latest; none where it has one day only.
    pub deadline: Option<Schedule>,
    /// Returns without which a report is not ready; all that are owed when empty.
    pub required: BTreeSet<ReturnId>,
    /// Of each measure, of how many of its areas (in percent) there must be a figure.
    pub coverage_percent_min: BTreeMap<MeasureId, u8>,
    /// Who approves a report before it goes out, if anybody does.
    pub approval: Option<Approval>,
    /// Protective marking, or empty.
    pub marking: String,
    /// Whether it takes in what has arrived first.
    pub collect_first: bool,
    /// Who gets what.
    pub audiences: Vec<JobAudience>,
    /// Whether a report waits for notes on what is of concern.
    pub needs_commentary: bool,
    /// The report job that is rehearsed.
    pub rehearses: Option<JobId>,
    /// Where a backup job puts its copies.
    pub backups: Option<Backups>,
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
    // In order of name, so that problems are told in the same order on every disk.
    let mut entries: Vec<fs::DirEntry> = entries.filter_map(Result::ok).collect();
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
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
            ("remind", JobKind::Remind),
            ("sign-of-life", JobKind::SignOfLife),
            ("rehearse", JobKind::Rehearse),
            ("backup", JobKind::BackUp),
        ],
    );
    let (schedule, deadline) = early(section, schedule(section));
    let job = Job {
        id,
        kind,
        title: section.text("title"),
        schedule,
        deadline,
        required: section.texts("required").into_iter().map(ReturnId::new).collect(),
        coverage_percent_min: coverage(section),
        approval: approval(section),
        missed: missed(section),
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
        rehearses: section.optional_text("rehearses").map(JobId::new),
        backups: (kind == JobKind::BackUp).then(|| backups(section)),
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

fn backups(section: &Section<'_>) -> Backups {
    let keep = section.optional_integer("keep", 1..=1000).and_then(|keep| keep.try_into().ok());
    Backups { folder: PathBuf::from(section.text("folder")), keep: keep.unwrap_or(KEPT) }
}

/// A report that goes out as soon as it is ready is looked at from an earlier working day on; the day of its schedule
/// is the latest.
fn early(section: &Section<'_>, schedule: Schedule) -> (Schedule, Option<Schedule>) {
    let key = "ready_from_working_day";
    let Some(first) = section.optional_integer(key, 1..=60) else { return (schedule, None) };
    let first = u32::try_from(first).unwrap_or(1);
    let Rule::WorkingDay { nth, side: Side::After, of, at } = schedule.rule else {
        let message = "is for a schedule of the kind { working_day = 15, after = \"quarter-end\", at = \"09:00\" }";
        section.problem(key, message);
        return (schedule, None);
    };
    if first >= nth {
        section.problem(
            key,
            format!("must be before working day {nth}, on which it goes out at the latest"),
        );
    }
    let rule = Rule::WorkingDay { nth: first, side: Side::After, of, at };
    (Schedule { rule, zone: schedule.zone.clone() }, Some(schedule))
}

fn approval(section: &Section<'_>) -> Option<Approval> {
    let approval = section.section("approval")?;
    let days = approval.integer("within_working_days", 1..=60);
    let by = approval.text("by");
    approval.finish();
    Some(Approval { by, within_working_days: u32::try_from(days).unwrap_or(5) })
}

/// `[coverage]`: a percentage for each measure.
fn coverage(section: &Section<'_>) -> BTreeMap<MeasureId, u8> {
    let Some(coverage) = section.section("coverage") else { return BTreeMap::new() };
    let percent = |key: &String| u8::try_from(coverage.integer(key, 1..=100)).unwrap_or(100);
    let keys = coverage.keys();
    let wanted = keys.iter().map(|key| (MeasureId::new(key.as_str()), percent(key))).collect();
    coverage.finish();
    wanted
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
