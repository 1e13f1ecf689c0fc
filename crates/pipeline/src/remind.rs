//! Chasing returns: who is reminded today, and of what. Only of what is owed, on the days that the settings name,
//! never twice for the same day of the chase, and never while a partner is away.

use std::collections::BTreeMap;

use jiff::civil::Date;
use ledger::{Ledger, MessageKind, OutboxMessage, ReminderOf, ReminderRecord, ReminderStage};
use model::{Partner, PartnerId, Period, ReturnState};
use publication::{Owed, OwedReturn, ReminderSpec, reminder};
use serde::Serialize;

use crate::calendar::Calendar;
use crate::definitions::JobKind;
use crate::error::PipelineError;
use crate::house::House;
use crate::outgoing::{Outgoing, finished};
use crate::register::{RegisterLine, register};
use crate::settings::{RemindMode, Reminders};

/// A partner that is reminded, or would be.
#[derive(Clone, Debug, Serialize)]
pub struct Reminded {
    /// The partner.
    pub partner: String,
    /// What it is reminded of.
    pub returns: Vec<String>,
    /// `queued`; `dry-run` while reminders are not switched on; `no-contact` where nobody can be written to.
    pub state: &'static str,
    /// Whether it is the last reminder, of which whoever leads gets a copy.
    pub is_last: bool,
}

/// Who is to be reminded on a day, and of what.
struct Due<'a> {
    partner: &'a Partner,
    owed: Vec<(&'a RegisterLine, i64)>,
}

/// Reminds everybody who is due to be, or says who would be.
pub(crate) fn remind(
    house: &House,
    ledger: &Ledger,
    period: Period,
) -> Result<Vec<Reminded>, PipelineError> {
    let settings = &house.definitions.settings.reminders;
    let lines = register(house, Some(ledger), period)?;
    let due = due(house, &lines, &ledger.reminders(period)?);
    let mut reminded = Vec::new();
    for due in due {
        let is_last = due.owed.iter().any(|(_, stage)| *stage == settings.last_stage());
        let state = match (&due.partner.contact, settings.mode) {
            (None, _) => "no-contact",
            (Some(_), RemindMode::DryRun) => "dry-run",
            (Some(address), RemindMode::Send) => {
                let messages = messages(house, &due, period, (address, is_last))?;
                let stages: Vec<ReminderStage> = due
                    .owed
                    .iter()
                    .map(|(line, stage)| ReminderStage {
                        return_id: line.return_id.clone(),
                        period,
                        stage: *stage,
                    })
                    .collect();
                ledger.queue_reminder(&messages, &stages, house.clock.now())?;
                "queued"
            }
        };
        reminded.push(Reminded {
            partner: due.partner.name.clone(),
            returns: due.owed.iter().map(|(line, _)| line.title.clone()).collect(),
            state,
            is_last,
        });
    }
    Ok(reminded)
}

/// Who would be reminded today, without reminding anybody.
pub(crate) fn would_remind(
    house: &House,
    ledger: Option<&Ledger>,
    period: Period,
) -> Result<Vec<(String, Vec<String>)>, PipelineError> {
    let lines = register(house, ledger, period)?;
    let sent = ledger.map(|ledger| ledger.reminders(period)).transpose()?.unwrap_or_default();
    let due = due(house, &lines, &sent);
    let said = due.into_iter().map(|due| {
        let titles = due.owed.iter().map(|(line, _)| line.title.clone()).collect();
        (due.partner.name.clone(), titles)
    });
    Ok(said.collect())
}

fn due<'a>(house: &'a House, lines: &'a [RegisterLine], sent: &[ReminderRecord]) -> Vec<Due<'a>> {
    let (settings, calendar) = (&house.definitions.settings.reminders, &house.definitions.calendar);
    let today = house.clock.today();
    let mut by_partner: BTreeMap<&str, Vec<(&RegisterLine, i64)>> = BTreeMap::new();
    for line in lines {
        let is_owed =
            matches!(line.state, ReturnState::Expected | ReturnState::Late | ReturnState::Queried);
        let stage = line.due.and_then(|due| reached(settings, calendar, due, today));
        if let (true, Some(stage)) = (is_owed, stage) {
            by_partner.entry(&line.partner).or_default().push((line, stage));
        }
    }
    let said = |line: &RegisterLine, stage: i64| {
        sent.iter().any(|it| it.stage.return_id == line.return_id && it.stage.stage >= stage)
    };
    let mut all = Vec::new();
    for partner in &house.definitions.partnership.partners {
        let Some(owed) = by_partner.remove(partner.id.as_str()) else { continue };
        // The mail names all that is owed, and goes only when the day of one of them has come.
        let is_new = owed.iter().any(|(line, stage)| !said(line, *stage));
        let is_away = partner.away.iter().any(|(from, to)| (*from..=*to).contains(&today));
        let count = messages_to(sent, lines, &partner.id);
        if is_new && !is_away && calendar.is_working_day(today) && count < settings.most {
            all.push(Due { partner, owed });
        }
    }
    all
}

/// How many reminders a partner has had about the period.
fn messages_to(sent: &[ReminderRecord], lines: &[RegisterLine], partner: &PartnerId) -> usize {
    let is_theirs = |record: &&ReminderRecord| {
        lines.iter().any(|line| {
            line.partner == partner.as_str() && line.return_id == record.stage.return_id
        })
    };
    let mut ids: Vec<_> = sent.iter().filter(is_theirs).map(|it| &it.message_id).collect();
    ids.sort();
    ids.dedup();
    ids.len()
}

/// The latest day of the chase that has come, from 1: days are counted in working days from the due date.
fn reached(settings: &Reminders, calendar: &Calendar, due: Date, today: Date) -> Option<i64> {
    let offset = calendar.working_days_between(due, today);
    let reached = settings.days.iter().filter(|day| **day <= offset).count();
    i64::try_from(reached).ok().filter(|stage| *stage > 0)
}

fn messages(
    house: &House,
    due: &Due<'_>,
    period: Period,
    (address, is_last): (&str, bool),
) -> Result<Vec<OutboxMessage>, PipelineError> {
    let mut messages = vec![message(house, due, period, (address, is_last, false))?];
    if let (true, Some(lead)) = (is_last, &due.partner.lead) {
        messages.push(message(house, due, period, (lead, is_last, true))?);
    }
    Ok(messages)
}

fn message(
    house: &House,
    due: &Due<'_>,
    period: Period,
    (address, is_last, copy_for_lead): (&str, bool, bool),
) -> Result<OutboxMessage, PipelineError> {
    let definitions = &house.definitions;
    let templates = definitions.reminders.as_ref().ok_or_else(|| {
        PipelineError::Usage("no job under jobs/ reminds partners (kind = \"remind\")".to_owned())
    })?;
    let today = house.clock.today();
    let owed: Vec<OwedReturn> = due
        .owed
        .iter()
        .filter_map(|(line, _)| {
            let due = line.due?;
            let owed = match line.state {
                ReturnState::Queried => Owed::Queried,
                _ if due < today => Owed::Late,
                _ if due == today => Owed::Today,
                _ => Owed::Ahead,
            };
            Some(OwedReturn { title: line.title.clone(), due, owed })
        })
        .collect();
    let email = reminder(
        &ReminderSpec {
            partnership: &definitions.partnership.name,
            partner: &due.partner.name,
            period: &period.title(),
            owed: &owed,
            report_on: report_on(house, period),
            is_last,
            copy_for_lead,
            contact: &definitions.settings.contact,
            demonstration: house.demonstration.as_deref(),
        },
        templates,
    )?;
    let stages: Vec<String> =
        due.owed.iter().map(|(line, stage)| format!("{}-{stage}", line.return_id)).collect();
    let copy = if copy_for_lead { "-copy" } else { "" };
    let about =
        format!("reminder-{}-{}-{}{copy}", due.partner.id, period.file_name(), stages.join("-"));
    let outgoing = Outgoing {
        kind: MessageKind::Reminder,
        about: &about,
        edition: None,
        reminds: Some(ReminderOf { partner: due.partner.id.clone(), period }),
        role: &due.partner.name,
        address,
        in_reply_to: None,
        email,
        attachments: Vec::new(),
    };
    finished(house, outgoing)
}

/// The day the first report about the period goes out at the latest, if that is still to come.
fn report_on(house: &House, period: Period) -> Option<Date> {
    let reports = house.definitions.jobs.values().filter(|job| job.kind == JobKind::Report);
    let days = reports.filter_map(|job| {
        let schedule = job.deadline.as_ref().unwrap_or(&job.schedule);
        let due = schedule.of_period(&house.definitions.calendar, period)?;
        Some(crate::clock::local(due.at).date())
    });
    days.min().filter(|day| *day >= house.clock.today())
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn days_of_the_chase_are_working_days_and_only_the_latest_counts() {
        let settings = Reminders { mode: RemindMode::Send, days: vec![-3, 0, 1, 4], most: 6 };
        let calendar = Calendar::default();
        // Due on Thursday before Easter 2025; Friday and Monday are holidays.
        let due = date(2025, 4, 17);
        let reached = |day| reached(&settings, &calendar, due, day);
        assert_eq!(reached(date(2025, 4, 11)), None);
        assert_eq!(reached(date(2025, 4, 14)), Some(1));
        assert_eq!(reached(date(2025, 4, 16)), Some(1));
        assert_eq!(reached(date(2025, 4, 17)), Some(2));
        assert_eq!(reached(date(2025, 4, 21)), Some(2), "a bank holiday is no working day late");
        assert_eq!(reached(date(2025, 4, 22)), Some(3));
        assert_eq!(reached(date(2025, 5, 22)), Some(4));
        assert_eq!(settings.last_stage(), 4);
    }
}
