//! Definitions: what the partnership is, what it counts, what partners owe, what runs when.
//! Read once, checked together, handed over typed; no room reads configuration.

mod jobs;
mod letters;
mod measures;
mod partnership;
mod tables;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use intake::contract::{self, Contract};
use model::{
    Disclosure, JobId, Measure, MeasureId, Partnership, Populations, ReturnId, SubmissionHash, Unit,
};

use publication::LetterTemplates;

use crate::calendar::Calendar;
use crate::keys::{Problem, Problems};
use crate::settings::{self, Settings, SourcePlace};

pub use jobs::{Job, JobKind, Publish, Schedule};

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
    /// Contracts by return.
    pub contracts: BTreeMap<ReturnId, Contract>,
    /// Jobs by id.
    pub jobs: BTreeMap<JobId, Job>,
    /// Working days.
    pub calendar: Calendar,
    /// Templates of letters to partners; none when no partner has a contact.
    pub letters: Option<LetterTemplates>,
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
    let contracts = contracts(&config.join("returns"), &mut files);
    let jobs = jobs::read_all(&folders.jobs, problems);
    let hash = SubmissionHash::of(&digest_input(&files.read));
    let letters = letters::read(&jobs, partnership.as_ref(), problems);
    let definitions = Definitions {
        settings: settings?,
        partnership: partnership?,
        measures: measures?,
        populations: populations?,
        contracts,
        jobs,
        calendar: calendar?,
        letters,
        hash,
    };
    check_together(&definitions, config, folders, &files.read, problems);
    Some(definitions)
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
fn digest_input(read: &BTreeMap<String, String>) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (path, text) in read {
        let name = Path::new(path).file_name().unwrap_or_default().to_string_lossy();
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

/// What no file can check by itself: that names used in one are defined in another.
fn check_together(
    definitions: &Definitions,
    config: &Path,
    folders: &DefinitionFolders,
    texts: &BTreeMap<String, String>,
    problems: &Problems,
) {
    let Definitions { settings, partnership, measures, contracts, jobs, .. } = definitions;
    let file = |name: &str| config.join(name).display().to_string();
    for (source, definition) in &settings.sources {
        if !contracts.contains_key(&definition.return_id) {
            problems.note(
                &file("quarterdeck.toml"),
                &format!("sources.{source}.return"),
                format!("there is no contract returns/{}.toml", definition.return_id),
            );
        }
        if let SourcePlace::Folder { path } = &definition.place
            && path.as_os_str().is_empty()
        {
            problems.note(&file("quarterdeck.toml"), &format!("sources.{source}.path"), "is empty");
        }
    }
    check_measures(definitions, &file("measures.toml"), problems);
    for success in &partnership.success_measures {
        for measure in success.measures.iter().filter(|id| !measures.contains_key(*id)) {
            let key = format!("success_measure[{}].measures", success.id);
            problems.note(&file("partnership.toml"), &key, format!("`{measure}` is no measure"));
        }
    }
    check_contracts(definitions, config, texts, problems);
    for (id, job) in jobs {
        let file = folders.jobs.join(id.as_str()).join("job.toml").display().to_string();
        for to in
            job.to.iter().filter(|to| !partnership.recipients.iter().any(|known| known.id == **to))
        {
            problems.note(&file, "to", format!("`{to}` is no recipient in partnership.toml"));
        }
    }
}

fn check_measures(definitions: &Definitions, file: &str, problems: &Problems) {
    let Definitions { partnership, measures, .. } = definitions;
    let priorities: Vec<_> = partnership.priorities.iter().map(|priority| &priority.id).collect();
    for measure in measures.values() {
        let key = format!("measure[{}]", measure.id);
        if let Some(priority) = &measure.priority
            && !priorities.contains(&priority)
        {
            let message = format!("`{priority}` is no priority in partnership.toml");
            problems.note(file, &format!("{key}.priority"), message);
        }
        // What follows from a missing disclosure is not worth a line each.
        if problems.has(&format!("{key}.disclosure")) {
            continue;
        }
        if measure.disclosure == Disclosure::Rounded && measure.unit != Unit::Count {
            let message =
                "only counts are rounded: say open or suppressed (which withholds it whole)";
            problems.note(file, &format!("{key}.disclosure"), message);
        }
        if measure.disclosure == Disclosure::Suppressed && !measure.sum_of.is_empty() {
            let message =
                "a suppressed measure cannot be a sum of others: its parts could be worked out";
            problems.note(file, &format!("{key}.sum_of"), message);
        }
        for part in &measure.sum_of {
            let message = match measures.get(part) {
                None => format!("`{part}` is no measure"),
                Some(part) if !part.sum_of.is_empty() => {
                    format!("`{}` is a sum itself: name its parts", part.id)
                }
                Some(part) if part.disclosure != measure.disclosure => {
                    format!("`{}` has another disclosure: a sum would give it away", part.id)
                }
                Some(_) => continue,
            };
            problems.note(file, &format!("{key}.sum_of"), message);
        }
    }
}

fn check_contracts(
    definitions: &Definitions,
    config: &Path,
    texts: &BTreeMap<String, String>,
    problems: &Problems,
) {
    let Definitions { partnership, measures, contracts, .. } = definitions;
    let mut owner: BTreeMap<&MeasureId, &ReturnId> = BTreeMap::new();
    for (id, contract) in contracts {
        let file = config.join("returns").join(format!("{id}.toml")).display().to_string();
        if !partnership.partners.iter().any(|partner| partner.id == contract.partner) {
            let message = format!("`{}` is no partner in partnership.toml", contract.partner);
            problems.note(&file, "partner", message);
        }
        let text = texts.get(&file).map_or("", String::as_str);
        for problem in contract::unknown_words(contract, text, partnership, measures) {
            problems.note(&file, "", problem);
        }
        for measure in contract.measures() {
            if let Some(other) = owner.insert(measure, id) {
                let message =
                    format!("`{measure}` is already carried by {other}: one return a measure");
                problems.note(&file, "labels", message);
            }
        }
    }
}
