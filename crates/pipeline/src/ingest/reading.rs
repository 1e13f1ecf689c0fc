//! Kept bytes to observations and findings: the reader child, then the contract.

use std::path::PathBuf;

use intake::contract::Contract;
use intake::landing::Landing;
use intake::understand::{Occasion, PreviousValues, Understood, Vocabulary, understand};
use intake::{reader, workbook::Workbook};
use model::{Checked, Finding, Observations, Period, Place, Severity, Submission, SubmissionHash};

use super::letters::copy_for_letter;
use crate::definitions::Definitions;
use crate::error::PipelineError;
use crate::house::House;

/// A submission as read and understood.
pub(super) struct Understanding {
    pub(super) submission: Submission,
    pub(super) expected: Period,
    /// Everything but the figures.
    pub(super) checked: Checked<Understood>,
    /// The marked-up copy that goes with its error letter, if there will be one.
    pub(super) copy: Option<Vec<u8>>,
    pub(super) figures: Observations,
}

fn is_ours(finding: &Finding) -> bool {
    finding.code == "reader-unavailable"
}

pub(super) fn understand_all(
    house: &House,
    landing: &Landing,
    waiting: Vec<(Submission, Period)>,
    previous: &PreviousValues,
) -> Result<Vec<Understanding>, PipelineError> {
    let files: Vec<(SubmissionHash, String, PathBuf)> = waiting
        .iter()
        .map(|(submission, _)| {
            (submission.hash.clone(), submission.file.clone(), landing.path(&submission.hash))
        })
        .collect();
    let (definitions, today) = (&house.definitions, house.clock.today());
    let made = reader::read_each(&files, &reader_settings(house), |index, read| {
        let (submission, expected) = &waiting[index];
        let Some(contract) = definitions.contracts.get(&submission.return_id) else {
            let ours = read.err().filter(is_ours);
            return (not_understood(no_contract(submission)), Observations::default(), None, ours);
        };
        let occasion = Occasion { expected: *expected, file: &submission.file, today, previous };
        let mut checked = by_contract(definitions, &read, contract, &occasion);
        let about = (submission, *expected);
        let copy = copy_for_letter(house, about, contract, read.as_ref().ok(), &checked);
        let figures = std::mem::take(&mut checked.output.observations);
        (checked, figures, copy, read.err().filter(is_ours))
    });
    let mut understood = Vec::with_capacity(made.len());
    for ((submission, expected), (checked, figures, copy, ours)) in waiting.into_iter().zip(made) {
        // A reader that cannot be started is no fault of the files: they stay unjudged.
        if let Some(finding) = ours {
            return Err(PipelineError::TryLater(finding.message));
        }
        understood.push(Understanding { submission, expected, checked, copy, figures });
    }
    Ok(understood)
}

pub(crate) fn reader_settings(house: &House) -> reader::ReaderSettings {
    let reading = &house.definitions.settings.reading;
    reader::ReaderSettings {
        program: house.program.clone(),
        address_space_bytes: reading.memory_bytes,
        seconds: reading.seconds,
        cells_per_sheet_max: reading.cells_per_sheet_max,
        cells_per_file_max: reading.cells_per_file_max,
        uncompressed_bytes_max: reading.uncompressed_bytes_max,
    }
}

/// Understands a workbook by its contract, or passes on why it could not be read.
pub(crate) fn understood(
    house: &House,
    read: &Result<Workbook, Finding>,
    contract: &Contract,
    occasion: &Occasion<'_>,
) -> Checked<Understood> {
    by_contract(&house.definitions, read, contract, occasion)
}

fn by_contract(
    definitions: &Definitions,
    read: &Result<Workbook, Finding>,
    contract: &Contract,
    occasion: &Occasion<'_>,
) -> Checked<Understood> {
    let vocabulary =
        Vocabulary { partnership: &definitions.partnership, measures: &definitions.measures };
    match read {
        Ok(workbook) => understand(workbook, contract, &vocabulary, occasion),
        Err(finding) => not_understood(finding.clone()),
    }
}

fn not_understood(finding: Finding) -> Checked<Understood> {
    Checked {
        output: Understood {
            period: None,
            observations: Observations::default(),
            actions: Vec::new(),
        },
        findings: vec![finding],
    }
}

fn no_contract(submission: &Submission) -> Finding {
    let message = format!("there is no contract for the return {} any more", submission.return_id);
    let hint = format!("put config/returns/{}.toml back", submission.return_id);
    Finding::new(Severity::Error, "no-contract", Place::file(), message).with_hint(hint)
}
