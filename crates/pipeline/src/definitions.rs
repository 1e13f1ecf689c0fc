//! Definitions: what the partnership is, what it counts, what partners owe, what runs when.
//! Read once, checked together, handed over typed; no room reads configuration.

mod commentary;
mod jobs;
mod letters;
mod measures;
mod partnership;
mod report_templates;
mod schedules;
mod source_notes;
mod tables;
mod together;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use intake::contract::{self, Contract};
use model::{
    JobId, Measure, MeasureId, Partnership, Period, Populations, ReturnId, SourceNotes,
    SubmissionHash,
};

use publication::{Brand, Commentary, LetterTemplates, Logo, ReminderTemplates, ReportTemplates};

use crate::calendar::Calendar;
use crate::keys::{Problem, Problems};
use crate::settings::{self, Settings};

#[cfg(test)]
pub(crate) use tables::calendar;

pub use jobs::{Approval, Backups, Job, JobAudience, JobKind, Publish};
pub use report_templates::check as check_templates;

/// Everything a partnership configures, checked.
#[derive(Clone, Debug)]
pub struct Definitions {
    /// Settings of the installation.
    pub settings: Settings,
    /// The partnership.
    pub partnership: Partnership,
    /// Measures by id.
    pub measures: BTreeMap<MeasureId, Measure>,
    /// Residents by area.
    pub populations: Populations,
    /// What is known of the sources beyond their figures.
    pub notes: SourceNotes,
    /// Contracts by return.
    pub contracts: BTreeMap<ReturnId, Contract>,
    /// Jobs by id.
    pub jobs: BTreeMap<JobId, Job>,
    /// Working days.
    pub calendar: Calendar,
    /// Templates of letters to partners; none when no partner has a contact.
    pub letters: Option<LetterTemplates>,
    /// Templates of reminders to partners; none when no job reminds.
    pub reminders: Option<ReminderTemplates>,
    /// What the analyst says about reports, by period.
    pub commentary: BTreeMap<Period, Commentary>,
    /// How reports look.
    pub brand: Brand,
    /// Templates of reports, by job.
    pub report_templates: BTreeMap<JobId, ReportTemplates>,
    /// Names what figures are computed by: measures, partnership, populations, contracts.
    pub hash: SubmissionHash,
}

/// Where definitions are read from.
#[derive(Clone, Debug)]
pub struct DefinitionFolders {
    /// `config/`.
    pub config: PathBuf,
    /// `jobs/`.
    pub jobs: PathBuf,
}

/// Files of one reading, so that each is read once and the hash covers what was read.
struct Files<'a> {
    problems: &'a Problems,
    read: BTreeMap<String, String>,
}

impl Files<'_> {
    fn text(&mut self, path: &Path) -> Option<String> {
        let label = path.display().to_string();
        match fs::read_to_string(path) {
            Ok(text) => {
                self.read.insert(label, text.clone());
                Some(text)
            }
            Err(error) => {
                let hint = if error.kind() == std::io::ErrorKind::NotFound {
                    "is not there: start quarterdeck in the partnership's folder, or name it with --config"
                        .to_owned()
                } else {
                    format!("cannot be read: {error}")
                };
                self.problems.note(&label, "", hint);
                None
            }
        }
    }
}

/// Reads and checks everything. All problems come back at once.
pub fn load(
    folders: &DefinitionFolders,
    environment: &BTreeMap<String, String>,
) -> Result<Definitions, Vec<Problem>> {
    let problems = Problems::default();
    let definitions = read(folders, environment, &problems);
    match definitions {
        Some(definitions) if problems.is_empty() => Ok(definitions),
        _ => Err(problems.into_vec()),
    }
}

fn read(
    folders: &DefinitionFolders,
    environment: &BTreeMap<String, String>,
    problems: &Problems,
) -> Option<Definitions> {
    let config = &folders.config;
    let own = own_settings(&config.join("quarterdeck.toml"), problems);
    let settings = settings::load(config, own.as_deref(), environment, problems);
    let mut files = Files { problems, read: BTreeMap::new() };
    let mut parse = |name: &str| {
        let path = config.join(name);
        let text = files.text(&path)?;
        let label = path.display().to_string();
        problems.parse(&label, &text).map(|table| (label, table))
    };
    let partnership =
        parse("partnership.toml").map(|(file, table)| partnership::read(&file, &table, problems));
    let measures =
        parse("measures.toml").map(|(file, table)| measures::read(&file, &table, problems));
    let calendar =
        parse("bank-holidays.toml").map(|(file, table)| tables::calendar(&file, &table, problems));
    let path = config.join("populations.csv");
    let populations = files
        .text(&path)
        .map(|text| tables::populations(&path.display().to_string(), &text, problems));
    let notes = source_notes(config, &mut files, partnership.as_ref(), measures.as_ref());
    let contracts = contracts(&config.join("returns"), &mut files);
    let jobs = jobs::read_all(&folders.jobs, problems);
    let hash = SubmissionHash::of(&digest_input(&files.read));
    let letters = letters::read(&jobs, partnership.as_ref(), problems);
    let reminders = letters::read_reminders(&jobs, problems);
    let report_templates = report_templates::read(&jobs, problems);
    let commentary = measures
        .as_ref()
        .map(|measures| commentary::read(config, measures, problems))
        .unwrap_or_default();
    let settings = settings?;
    let brand = brand(config, &settings, partnership.as_ref(), problems);
    let definitions = Definitions {
        settings,
        commentary,
        brand,
        partnership: partnership?,
        measures: measures?,
        populations: populations?,
        notes,
        contracts,
        jobs,
        calendar: calendar?,
        letters,
        reminders,
        report_templates,
        hash,
    };
    together::check(&definitions, config, folders, &files.read, problems);
    Some(definitions)
}

/// How reports look: a colour that was checked, and a logo that is one.
fn brand(
    config: &Path,
    settings: &Settings,
    partnership: Option<&Partnership>,
    problems: &Problems,
) -> Brand {
    let accent = settings.accent.clone();
    let Some(path) = &settings.logo else { return Brand { accent, logo: None } };
    let path = config.join(path);
    let alt = partnership.map_or_else(String::new, |it| it.name.clone());
    let logo = match fs::read(&path) {
        Ok(bytes) => Logo::from_png(bytes, alt),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            Err("is not there: report.logo in quarterdeck.toml names it".to_owned())
        }
        Err(error) => Err(format!("cannot be read: {error}")),
    };
    let logo = logo.map_err(|why| problems.note(&path.display().to_string(), "", why)).ok();
    Brand { accent, logo }
}

/// What is known of the sources; nothing when there is no file, or no other to look names up in.
fn source_notes(
    config: &Path,
    files: &mut Files<'_>,
    partnership: Option<&Partnership>,
    measures: Option<&BTreeMap<MeasureId, Measure>>,
) -> SourceNotes {
    let path = config.join(source_notes::FILE);
    let (Some(partnership), Some(measures)) = (partnership, measures) else {
        return SourceNotes::default();
    };
    if !path.exists() {
        return SourceNotes::default();
    }
    let Some(text) = files.text(&path) else { return SourceNotes::default() };
    let label = path.display().to_string();
    let Some(table) = files.problems.parse(&label, &text) else { return SourceNotes::default() };
    let known = source_notes::Known { partnership, measures };
    source_notes::read(&label, &table, &known, files.problems)
}

/// The partnership's own settings. No file means the built-in ones; a file that is there and cannot
/// be read is a problem, or the built-in example would be taken for theirs.
fn own_settings(path: &Path, problems: &Problems) -> Option<String> {
    match fs::read_to_string(path) {
        Ok(text) => Some(text),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound && !path.is_symlink() => None,
        Err(error) => {
            let message = match error.kind() {
                std::io::ErrorKind::InvalidData => "is not UTF-8 text: save it as UTF-8".to_owned(),
                std::io::ErrorKind::IsADirectory => "is a folder: it should be a file".to_owned(),
                _ => format!("cannot be read: {error}"),
            };
            problems.note(&path.display().to_string(), "", message);
            None
        }
    }
}

/// The files that figures depend on, by name without folder, so that a checkout may move.
/// What figures are computed by, as bytes: what the files mean, not how they are written. A comment makes no new
/// edition, and neither does who gets it, who sends what, or which days are free.
fn digest_input(read: &BTreeMap<String, String>) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (path, text) in read {
        let name = Path::new(path).file_name().unwrap_or_default().to_string_lossy();
        if name == "bank-holidays.toml" {
            continue;
        }
        let text = match text.parse::<toml::Table>() {
            Ok(mut table) if name.ends_with(".toml") => {
                table.remove("recipient");
                let partners = table.get_mut("partner").and_then(toml::Value::as_array_mut);
                for partner in partners.into_iter().flatten().filter_map(toml::Value::as_table_mut)
                {
                    for key in ["contact", "lead", "away"] {
                        partner.remove(key);
                    }
                }
                toml::to_string(&table).unwrap_or_else(|_| text.clone())
            }
            _ => text.clone(),
        };
        bytes.extend_from_slice(format!("{name}\0{}\0", text.len()).as_bytes());
        bytes.extend_from_slice(text.as_bytes());
    }
    bytes
}

fn contracts(folder: &Path, files: &mut Files<'_>) -> BTreeMap<ReturnId, Contract> {
    let mut contracts = BTreeMap::new();
    for path in toml_files(folder, files.problems) {
        let Some(text) = files.text(&path) else {
            continue;
        };
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let id = ReturnId::new(name);
        match contract::parse(id.clone(), &text) {
            Ok(contract) => {
                contracts.insert(id, contract);
            }
            Err(found) => {
                for problem in found {
                    files.problems.note(&path.display().to_string(), "", problem);
                }
            }
        }
    }
    contracts
}

fn toml_files(folder: &Path, problems: &Problems) -> Vec<PathBuf> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) => {
            problems.note(&folder.display().to_string(), "", format!("cannot be listed: {error}"));
            return Vec::new();
        }
    };
    let mut paths: Vec<PathBuf> = entries
        .filter_map(Result::ok)
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "toml"))
        .collect();
    paths.sort();
    paths
}
