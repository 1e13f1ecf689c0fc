//! `check`: what would be found in a workbook, without keeping anything.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use intake::contract::{self, Contract};
use intake::reader;
use intake::understand::{Occasion, PreviousValues};
use intake::workbook::Workbook;
use model::{Finding, Observation, Period, ReturnId, SubmissionHash};
use serde::Serialize;

use crate::definitions::Definitions;
use crate::error::PipelineError;
use crate::house::House;
use crate::ingest::{previous_values, reader_settings, understood};
use crate::marked_up::{About, marked_up_copy, withheld};
use crate::out_file::{Existing, Kind, OutFile};
use crate::schedule::default_period;
use crate::views::{FindingView, finding_views};

const NOT_READ: &str = "No marked-up copy was written: the file could not be read as a workbook.";

/// By which contract a workbook is checked.
#[derive(Clone, Copy, Debug)]
pub enum CheckBy<'a> {
    /// The one of a return.
    Return(&'a str),
    /// A file that need not be in use.
    ContractFile(&'a Path),
}

/// What a check found.
#[derive(Clone, Debug, Serialize)]
pub struct CheckOutcome {
    /// What was checked.
    pub submission: CheckedFile,
    /// The period its content is about.
    pub period: Option<Period>,
    /// Whether it would be accepted.
    pub accepted: bool,
    /// How many figures or actions would be kept.
    pub observations: usize,
    /// Everything found, worst first.
    pub findings: Vec<FindingView>,
    /// The figures read, also when refused; for [`write_figures`].
    #[serde(skip)]
    pub figures: Vec<Observation>,
    /// The marked-up copy, if one was asked for and written.
    pub marked_up: Option<String>,
    /// Why the marked-up copy that was asked for was not written.
    pub not_marked_up: Option<String>,
}

/// A file that was checked.
#[derive(Clone, Debug, Serialize)]
pub struct CheckedFile {
    /// SHA-256 of its bytes.
    pub sha256: String,
    /// Its name.
    pub file: String,
}

/// What is to be checked.
#[derive(Clone, Copy, Debug)]
pub struct CheckRequest<'a> {
    /// The workbook.
    pub file: &'a Path,
    /// By which contract.
    pub by: CheckBy<'a>,
    /// The period it should be about; the latest complete quarter if not given.
    pub period: Option<Period>,
    /// Where a marked-up copy is to be written.
    pub marked_up: Option<&'a Path>,
}

/// Checks a workbook, against what the lake holds if there is one, and writes the marked-up copy if
/// one is asked for.
pub async fn check(
    house: &House,
    request: &CheckRequest<'_>,
) -> Result<CheckOutcome, PipelineError> {
    let CheckRequest { file, by, period, marked_up } = *request;
    let contract = contract_for(house, by)?;
    let out = marked_up
        .map(|path| OutFile::at(path, (Kind::Workbook, Existing::Replace), &[file]))
        .transpose()?;
    let expected = period.unwrap_or_else(|| default_period(house.clock.today()));
    let (submission, read) = read_file(house, file)?;
    let occasion = Occasion {
        expected,
        file: &submission.file,
        today: house.clock.today(),
        previous: &history(house).await,
    };
    let checked = understood(house, &read, &contract, &occasion);
    let accepted = !checked.is_refused();
    let observations = checked.output.observations.len() + checked.output.actions.len();
    let not_marked_up = match (&out, &read) {
        (None, _) => None,
        (Some(_), Err(_)) => Some(NOT_READ),
        (Some(out), Ok(workbook)) => {
            let withheld = withheld(&checked.findings);
            if withheld.is_none() {
                let about = About {
                    file: &submission.file,
                    contract: &contract,
                    expected,
                    figures: observations,
                    observations: &checked.output.observations,
                };
                out.write(&marked_up_copy(house, workbook, &checked.findings, &about)?)?;
            }
            withheld
        }
    };
    Ok(CheckOutcome {
        submission,
        period: checked.output.period,
        accepted,
        observations,
        findings: finding_views(checked.findings),
        figures: checked.output.observations.to_vec(),
        marked_up: marked_up
            .filter(|_| not_marked_up.is_none())
            .map(|path| path.display().to_string()),
        not_marked_up: not_marked_up.map(str::to_owned),
    })
}

/// Has a file read that is not kept: what it is, and the workbook or why it could not be read.
pub(crate) fn read_file(
    house: &House,
    file: &Path,
) -> Result<(CheckedFile, Result<Workbook, Finding>), PipelineError> {
    // A pipe or device could be read for ever.
    if file.metadata().is_ok_and(|metadata| !metadata.is_file() && !metadata.is_dir()) {
        let message = format!("{} is not a regular file: save the workbook first", file.display());
        return Err(PipelineError::Usage(message));
    }
    if house.folders.is_sealed(file) {
        let message = "that file is sealed because of personal data: it is not read".to_owned();
        return Err(PipelineError::Held(message));
    }
    let bytes = fs::read(file).map_err(|error| {
        let path = file.display();
        PipelineError::Usage(match error.kind() {
            std::io::ErrorKind::NotFound => format!("there is no file {path}"),
            std::io::ErrorKind::IsADirectory => format!("{path} is a folder: name one workbook"),
            _ => format!("could not read {path}: {error}"),
        })
    })?;
    let hash = SubmissionHash::of(&bytes);
    let label = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let absolute = std::path::absolute(file).unwrap_or_else(|_| file.to_path_buf());
    let files = [(hash.clone(), label.clone(), absolute)];
    let read = reader::read_all(&files, &reader_settings(house)).pop();
    let read = read.ok_or_else(|| PipelineError::TryLater(format!("{label} could not be read")))?;
    Ok((CheckedFile { sha256: hash.to_string(), file: label }, read))
}

/// What was sent before. A workbook can be checked without; that the lake could not be read is said.
async fn history(house: &House) -> PreviousValues {
    let held = match house.ledger_to_read() {
        Ok(Some(ledger)) => previous_values(house, &ledger).await,
        Ok(None) => return PreviousValues::new(),
        Err(error) => Err(error),
    };
    held.unwrap_or_else(|error| {
        house.progress.say(format!("Checking without earlier figures: {error}"));
        PreviousValues::new()
    })
}

/// Writes every figure that a check read as CSV, one a line with its sheet and cell. A file of that
/// name is replaced, whole or not at all; never the workbook itself.
pub fn write_figures(
    house: &House,
    outcome: &CheckOutcome,
    workbook: &Path,
    out: &Path,
) -> Result<(), PipelineError> {
    let same = |path: &Path| fs::canonicalize(path).ok();
    if same(out).is_some_and(|out| Some(out) == same(workbook)) {
        let message = format!("{} is the workbook itself: name another file", out.display());
        return Err(PipelineError::Usage(message));
    }
    if fs::metadata(out).is_ok_and(|metadata| !metadata.is_file()) {
        let message = format!("{} is not a regular file: name another", out.display());
        return Err(PipelineError::Usage(message));
    }
    let table = publication::observation_table(&outcome.figures, &house.definitions.measures);
    put_in_place(out, &table).map_err(|error| {
        PipelineError::Usage(format!(
            "could not write {}: {error}: name a file in a folder that can be written to",
            out.display()
        ))
    })
}

/// Writes a file under another name beside its place, syncs it, then renames it.
fn put_in_place(out: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut partial = out.as_os_str().to_owned();
    partial.push(".partial");
    let partial = PathBuf::from(partial);
    let mut file = fs::File::create(&partial)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&partial, out)
}

fn contract_for(house: &House, by: CheckBy<'_>) -> Result<Contract, PipelineError> {
    match by {
        CheckBy::Return(name) => {
            let contracts = &house.definitions.contracts;
            contracts.get(&ReturnId::new(name)).cloned().ok_or_else(|| {
                let known: Vec<&str> = contracts.keys().map(ReturnId::as_str).collect();
                let hint = model::nearest(name, known.iter().copied()).map_or_else(
                    || format!("known are {}", known.join(", ")),
                    |nearest| format!("did you mean `{nearest}`?"),
                );
                PipelineError::Usage(format!("there is no return `{name}`: {hint}"))
            })
        }
        CheckBy::ContractFile(path) => {
            let text = fs::read_to_string(path).map_err(|error| {
                PipelineError::Usage(format!(
                    "could not read the contract {}: {error}",
                    path.display()
                ))
            })?;
            let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            let refused = |problems: Vec<String>| {
                let lines: Vec<String> = problems
                    .iter()
                    .map(|problem| format!("{}: {problem}", path.display()))
                    .collect();
                PipelineError::Usage(lines.join("\n"))
            };
            let contract = contract::parse(ReturnId::new(name), &text).map_err(refused)?;
            let Definitions { partnership, measures, .. } = &house.definitions;
            let unknown = contract::unknown_words(&contract, &text, partnership, measures);
            if unknown.is_empty() { Ok(contract) } else { Err(refused(unknown)) }
        }
    }
}
