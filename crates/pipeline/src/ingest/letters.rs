//! What a partner is told about a submission: a receipt or an error letter, as a finished message.
//!
//! It is queued in the transaction that keeps the judgement, under a Message-ID made of both: the
//! same judgement of the same submission is said once, whatever crashes in between.

use delivery::Attachment;
use intake::contract::Contract;
use intake::understand::Understood;
use intake::workbook::Workbook;
use ledger::{MessageKind, OutboxMessage};
use model::{Checked, Partner, Period, Submission, SubmissionHash, SubmissionState};
use publication::{LetterSpec, MarkedUpCopy, Outcome, letter};

use super::reading::Understanding;
use super::{count, sealed_until, state};
use crate::clock::local;
use crate::error::PipelineError;
use crate::house::House;
use crate::marked_up::{About, marked_up_copy};
use crate::outgoing::{Outgoing, finished};
use crate::schedule::default_period;

const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
/// Longest name of an attachment's file before its ending, in characters.
const STEM_MAX: usize = 80;

/// Who is told about a submission, if anybody is.
///
/// Only of what is expected for the latest complete quarter: loading years of old workbooks must
/// not write to anybody.
fn addressee<'h>(
    house: &'h House,
    submission: &Submission,
    expected: Period,
) -> Option<&'h Partner> {
    let partners = &house.definitions.partnership.partners;
    let current = expected == default_period(house.clock.today());
    partners
        .iter()
        .find(|partner| partner.id == submission.partner)
        .filter(|partner| current && partner.contact.is_some())
}

/// The marked-up copy for the error letter that will be written, made while the cells are at hand.
pub(super) fn copy_for_letter(
    house: &House,
    (submission, expected): (&Submission, Period),
    contract: &Contract,
    workbook: Option<&Workbook>,
    checked: &Checked<Understood>,
) -> Option<Vec<u8>> {
    let wanted = house.definitions.settings.letters.error_letters
        && state(checked) == SubmissionState::Refused
        && addressee(house, submission, expected).is_some();
    let workbook = workbook.filter(|_| wanted)?;
    let figures = checked.output.observations.len() + checked.output.actions.len();
    let observations = &checked.output.observations;
    let about = About { file: &submission.file, contract, expected, figures, observations };
    match marked_up_copy(house, workbook, &checked.findings, &about) {
        Ok(copy) => Some(copy),
        Err(error) => {
            // The letter lists the findings all the same.
            tracing::warn!(submission = %submission.hash, "no marked-up copy was made: {error}");
            None
        }
    }
}

/// The letter about a submission, if one is to be written.
pub(super) fn letter_about(
    house: &House,
    understanding: &Understanding,
) -> Result<Option<OutboxMessage>, PipelineError> {
    let Understanding { submission, expected, checked, figures: _, copy } = understanding;
    let settings = &house.definitions.settings.letters;
    let (outcome, kind, wanted) = match state(checked) {
        SubmissionState::Accepted => (Outcome::Accepted, MessageKind::Receipt, settings.receipts),
        SubmissionState::Sealed | SubmissionState::Shredded => {
            (Outcome::PersonalData, MessageKind::ErrorLetter, settings.error_letters)
        }
        _ => (Outcome::Refused, MessageKind::ErrorLetter, settings.error_letters),
    };
    let (Some(templates), Some(partner)) =
        (&house.definitions.letters, addressee(house, submission, *expected))
    else {
        return Ok(None);
    };
    let Some(address) = partner.contact.as_ref().filter(|_| wanted) else {
        return Ok(None);
    };
    let file_name = attachment_name(&submission.file);
    let copy = copy.as_deref();
    let fits = |bytes: &&[u8]| bytes.len() <= settings.attachment_bytes_max;
    let attached = copy.filter(fits);
    let contract = house.definitions.contracts.get(&submission.return_id);
    let copy = match (attached, copy) {
        (Some(copy), _) => MarkedUpCopy::Attached(&file_name, copy.len()),
        (None, Some(copy)) => MarkedUpCopy::TooLarge(copy.len()),
        (None, None) => MarkedUpCopy::None,
    };
    let email = letter(
        &LetterSpec {
            partnership: &house.definitions.partnership.name,
            partner: &partner.name,
            title: contract.map_or(submission.return_id.as_str(), |contract| &contract.title),
            period: &expected.title(),
            file: &submission.file,
            received: &local(submission.arrived_at).strftime("%-d %B %Y at %H:%M").to_string(),
            outcome,
            figures: count(understanding),
            findings: &checked.findings,
            copy,
            personal_data: &sealed_sentence(house, checked),
            contact: &house.definitions.settings.contact,
            demonstration: house.demonstration.as_deref(),
        },
        templates,
    )?;
    let attachments: Vec<Attachment> = attached
        .map(|copy| Attachment {
            file_name: file_name.clone(),
            media_type: XLSX.to_owned(),
            bytes: copy.to_vec(),
        })
        .into_iter()
        .collect();
    let about = subject_matter(understanding, kind);
    let (about, role) = (about.as_str(), partner.name.as_str());
    let (edition, reminds, in_reply_to) = (None, None, None);
    let outgoing =
        Outgoing { kind, about, edition, reminds, role, address, in_reply_to, email, attachments };
    finished(house, outgoing).map(Some)
}

fn sealed_sentence(house: &House, checked: &Checked<Understood>) -> String {
    match sealed_until(house, checked) {
        Some(last) => format!(
            "The file has been put under seal, where no report and no person looks, and is destroyed after {}.",
            last.strftime("%-d %B %Y")
        ),
        None => String::new(),
    }
}

/// What makes it the same letter: the submission, and what was said of it.
fn subject_matter(understanding: &Understanding, kind: MessageKind) -> String {
    let Understanding { submission, expected, checked, figures: _, copy: _ } = understanding;
    let findings = serde_json::to_string(&checked.findings).unwrap_or_default();
    let said = format!(
        "{}\n{}\n{:?}\n{}\n{findings}",
        submission.hash,
        state(checked).as_str(),
        checked.output.period,
        count(understanding)
    );
    let digest = SubmissionHash::of(said.as_bytes()).to_string();
    let digest = digest.get(..12).unwrap_or_default();
    format!("{}-{}-{}-{digest}", kind.as_str(), submission.return_id, expected.file_name())
}

/// `ASB Q1.xls` becomes `ASB Q1 - marked up.xlsx`.
fn attachment_name(file: &str) -> String {
    let stem = file.rsplit_once('.').map_or(file, |(stem, _)| stem);
    let stem: String = stem
        .chars()
        .map(|c| if c.is_control() || "/\\:*?\"<>|".contains(c) { '-' } else { c })
        .take(STEM_MAX)
        .collect();
    let stem = stem.trim_matches(['.', ' ', '~', '$']);
    let stem = if stem.is_empty() { "workbook" } else { stem };
    format!("{stem} - marked up.xlsx")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_attachment_is_called_after_the_file_and_never_a_path() {
        assert_eq!(attachment_name("ASB Q1.xls"), "ASB Q1 - marked up.xlsx");
        assert_eq!(attachment_name("a/b\\c\n.xlsx"), "a-b-c- - marked up.xlsx");
        assert_eq!(attachment_name(""), "workbook - marked up.xlsx");
    }
}
