//! The register of returns: what is owed for a period, and where it stands.

use intake::contract::{Contract, Frequency};
use jiff::Timestamp;
use jiff::civil::Date;
use ledger::{Ledger, SubmissionFilter, SubmissionRecord, Waiver};
use model::{Period, ReturnId, ReturnState, SubmissionState};
use serde::Serialize;

use crate::clock::local;
use crate::error::PipelineError;
use crate::house::House;
use crate::views::{FindingView, finding_views};

/// One return owed for a period.
#[derive(Clone, Debug, Serialize)]
pub struct RegisterLine {
    /// Who owes it.
    pub partner: String,
    /// The partner's name for readers.
    pub partner_name: String,
    /// What is owed.
    #[serde(rename = "return")]
    pub return_id: ReturnId,
    /// Its title.
    pub title: String,
    /// For when.
    pub period: Period,
    /// The last day on which it is in time; none for returns that are never owed.
    pub due: Option<Date>,
    /// Where it stands.
    pub state: ReturnState,
    /// What was sent for it, oldest first.
    pub submissions: Vec<RegisterSubmission>,
    /// Why it need not come, if somebody decided so.
    pub waived: Option<String>,
    /// How often the partner was reminded of it, oldest first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub reminders: Vec<ReminderView>,
}

/// A reminder, as the register shows it.
#[derive(Clone, Debug, Serialize)]
pub struct ReminderView {
    /// When it was queued.
    pub at: Timestamp,
    /// Which of the days of the chase, from 1.
    pub stage: i64,
    /// Where the message is.
    pub state: &'static str,
    /// The message.
    pub message_id: String,
}

/// A submission, as the register shows it.
#[derive(Clone, Debug, Serialize)]
pub struct RegisterSubmission {
    /// SHA-256 of its bytes.
    pub sha256: String,
    /// File name as the partner wrote it.
    pub file: String,
    /// Where it came from.
    pub source: String,
    /// The day it arrived, in local time.
    pub arrived: Date,
    /// What became of it.
    pub state: SubmissionState,
    /// The last day on which its bytes are kept, if it was ever sealed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sealed_until: Option<Date>,
    /// The day on which its bytes were destroyed, if they were.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub destroyed: Option<Date>,
    /// How many figures or actions were read.
    pub observations: i64,
    /// What a person must look at, worst first.
    pub findings: Vec<FindingView>,
}

/// Every return owed for a period, by partner and return. Returns that are never owed are listed
/// when something was sent.
pub fn register(
    house: &House,
    ledger: Option<&Ledger>,
    period: Period,
) -> Result<Vec<RegisterLine>, PipelineError> {
    let filter = SubmissionFilter { return_id: None, expected: Some(period) };
    let submissions =
        ledger.map(|ledger| ledger.submissions(&filter)).transpose()?.unwrap_or_default();
    let waivers = ledger.map(Ledger::waivers).transpose()?.unwrap_or_default();
    let reminders = ledger.map(|ledger| ledger.reminders(period)).transpose()?.unwrap_or_default();
    let today = house.clock.today();
    let mut lines: Vec<RegisterLine> = house
        .definitions
        .contracts
        .values()
        .filter_map(|contract| {
            let sent: Vec<&SubmissionRecord> = submissions
                .iter()
                .filter(|record| record.submission.return_id == contract.id)
                .collect();
            let waived = waivers
                .iter()
                .find(|waiver| waiver.return_id == contract.id && waiver.period == period);
            line(house, contract, period, today, &sent, waived)
        })
        .collect();
    for line in &mut lines {
        let ours = reminders.iter().filter(|it| it.stage.return_id == line.return_id);
        line.reminders.extend(ours.map(|it| ReminderView {
            at: it.queued_at,
            stage: it.stage.stage,
            state: it.state.as_str(),
            message_id: it.message_id.to_string(),
        }));
    }
    lines.sort_by(|a, b| (&a.partner, &a.return_id).cmp(&(&b.partner, &b.return_id)));
    Ok(lines)
}

fn line(
    house: &House,
    contract: &Contract,
    period: Period,
    today: Date,
    sent: &[&SubmissionRecord],
    waived: Option<&Waiver>,
) -> Option<RegisterLine> {
    let owed = contract.frequency == Frequency::Quarterly && period.length_months() == 3;
    if !owed && sent.is_empty() {
        return None;
    }
    let calendar = &house.definitions.calendar;
    let due = contract
        .due_working_days
        .filter(|_| owed)
        .map(|days| calendar.working_day_after_period(period, days));
    let partner =
        house.definitions.partnership.partners.iter().find(|known| known.id == contract.partner);
    Some(RegisterLine {
        partner: contract.partner.to_string(),
        partner_name: partner
            .map_or_else(|| contract.partner.to_string(), |partner| partner.name.clone()),
        return_id: contract.id.clone(),
        title: contract.title.clone(),
        period,
        due,
        state: state(sent, waived.is_some(), due, today),
        submissions: sent.iter().map(|record| submission(record)).collect(),
        waived: waived.map(|waiver| waiver.why.clone()),
        reminders: Vec::new(),
    })
}

fn state(sent: &[&SubmissionRecord], waived: bool, due: Option<Date>, today: Date) -> ReturnState {
    let any = |state: SubmissionState| sent.iter().any(|record| record.state == state);
    if any(SubmissionState::Accepted) {
        ReturnState::Accepted
    } else if waived {
        ReturnState::Waived
    } else if any(SubmissionState::Received) {
        ReturnState::Received
    } else if !sent.is_empty() {
        ReturnState::Queried
    } else if due.is_some_and(|due| due < today) {
        ReturnState::Late
    } else {
        ReturnState::Expected
    }
}

fn submission(record: &SubmissionRecord) -> RegisterSubmission {
    RegisterSubmission {
        sha256: record.submission.hash.to_string(),
        file: record.submission.file.clone(),
        source: record.submission.source.to_string(),
        arrived: local(record.submission.arrived_at).date(),
        state: record.state,
        sealed_until: record.sealed_until,
        destroyed: record.destroyed_at.map(|at| local(at).date()),
        observations: record.observations,
        findings: finding_views(record.findings.clone()),
    }
}

/// Records that a return need not come for a period, and why.
pub fn waive(
    house: &House,
    return_id: &str,
    period: Period,
    why: &str,
) -> Result<(), PipelineError> {
    let id = ReturnId::new(return_id);
    if !house.definitions.contracts.contains_key(&id) {
        let known: Vec<&str> = house.definitions.contracts.keys().map(ReturnId::as_str).collect();
        let hint = model::nearest(return_id, known.iter().copied()).map_or_else(
            || format!("known are {}", known.join(", ")),
            |nearest| format!("did you mean `{nearest}`?"),
        );
        return Err(PipelineError::Usage(format!("there is no return `{return_id}`: {hint}")));
    }
    if why.trim().is_empty() {
        return Err(PipelineError::Usage(
            "say why with --why: it is kept with the decision".to_owned(),
        ));
    }
    let _lock = house.lock()?;
    house.ledger()?.waive(&id, period, why, house.clock.now())?;
    Ok(())
}
