//! What a job is to do now: the schedule says what fell due, the ledger what became of it.

use jiff::Timestamp;
use ledger::{Ledger, OccurrenceRecord, OccurrenceState};
use model::RunId;

use crate::calendar::Calendar;
use crate::definitions::Job;
use crate::error::PipelineError;
use crate::schedule::{Decision, Known, Occurrence, decide};

/// Decides what a job is to do now, and puts on record what fell due and what was missed. Repeating it
/// changes nothing until something else falls due.
pub(crate) fn agenda(
    ledger: &Ledger,
    job: &Job,
    calendar: &Calendar,
    now: Timestamp,
) -> Result<Decision, PipelineError> {
    let on_record = ledger.note_schedule(&job.id, &job.schedule.to_string(), now)?;
    let open = ledger.open_occurrences(Some(&job.id))?;
    let known = Known {
        seen_at: on_record.seen_at,
        edited_at: on_record.edited_at,
        last_due: on_record.last_due,
        open: open.iter().map(occurrence).collect(),
    };
    let decision = decide(&job.schedule, calendar, job.missed, &known, now, |candidate| {
        is_done(ledger, job, candidate)
    })?;
    let is_open = |occurrence: &Occurrence| open.iter().any(|it| it.occurrence == occurrence.key);
    let fresh = decision.run.iter().filter(|occurrence| !is_open(occurrence));
    let fresh = fresh.map(|occurrence| row(job, occurrence, OccurrenceState::Due, None, now));
    let missed = decision.missed.iter();
    let missed = missed
        .map(|(occurrence, why)| row(job, occurrence, OccurrenceState::Missed, Some(why), now));
    ledger.note_occurrences(&fresh.chain(missed).collect::<Vec<_>>())?;
    for passed in decision.passed.iter().filter(|occurrence| is_open(occurrence)) {
        let why = Some("a later one was run in its place");
        ledger.settle_occurrence(&row(job, passed, OccurrenceState::Done, why, now))?;
    }
    Ok(decision)
}

/// Keeps what became of an occurrence that was run: done, or why not yet.
pub(crate) fn settle(
    ledger: &Ledger,
    job: &Job,
    occurrence: &Occurrence,
    ended: &Ended,
    now: Timestamp,
) -> Result<(), PipelineError> {
    let settled = match ended {
        Ended::Done(run) => OccurrenceRecord {
            run_id: run.clone(),
            ..row(job, occurrence, OccurrenceState::Done, None, now)
        },
        Ended::NotYet(why) => row(job, occurrence, OccurrenceState::Due, Some(why), now),
    };
    Ok(ledger.settle_occurrence(&settled)?)
}

/// How running an occurrence ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Ended {
    /// It is done, by this run if one was needed.
    Done(Option<RunId>),
    /// It stays due, and why.
    NotYet(String),
}

/// Whether an occurrence is on record as settled, or its period was run by hand.
fn is_done(ledger: &Ledger, job: &Job, occurrence: &Occurrence) -> Result<bool, PipelineError> {
    if let Some(record) = ledger.occurrence(&job.id, &occurrence.key)? {
        return Ok(record.state != OccurrenceState::Due);
    }
    let by_hand = job.schedule.is_by_period() && ledger.has_run(&job.id, occurrence.period)?;
    Ok(by_hand)
}

fn occurrence(record: &OccurrenceRecord) -> Occurrence {
    Occurrence { at: record.due_at, key: record.occurrence.clone(), period: record.period }
}

fn row(
    job: &Job,
    occurrence: &Occurrence,
    state: OccurrenceState,
    why: Option<&str>,
    now: Timestamp,
) -> OccurrenceRecord {
    OccurrenceRecord {
        job: job.id.clone(),
        occurrence: occurrence.key.clone(),
        period: occurrence.period,
        due_at: occurrence.at,
        state,
        why: why.map(str::to_owned),
        run_id: None,
        changed_at: now,
    }
}

#[cfg(test)]
mod tests;
