//! Messages about a report that are not the report: that it could not be made, that it is taken back.

use ledger::{Ledger, MessageFilter, MessageKind, MessageRecord, MessageState, StoredEdition};
use model::{EditionId, Period, SubmissionHash, counted};
use publication::{Email, FailureNotice, NoticePart, OperatorNotice, WithdrawalNotice};
use serde::Serialize;

use crate::clock::local;
use crate::definitions::{Job, JobKind};
use crate::error::{ErrorClass, PipelineError};
use crate::house::House;
use crate::ingest::FailedSource;
use crate::outgoing::{Outgoing, finished};
use crate::report::deadline_ahead;
use crate::schedule::Occurrence;
use crate::serve::WAITS;

/// How times stand in notices.
pub(super) const WHEN: &str = "%-d %B %Y at %H:%M";

/// Tells the operator that a report could not be made, once a day for the same reason. What keeps
/// the notice from being written is told to the log: the run has its own error to end with.
pub(crate) fn tell_operator(
    house: &House,
    ledger: &Ledger,
    job: &Job,
    period: Period,
    error: &PipelineError,
) {
    if let Err(why) = notice(house, ledger, job, period, error) {
        tracing::error!(job.id = %job.id, "The operator could not be told that `{}` failed: {why}", job.id);
    }
}

fn notice(
    house: &House,
    ledger: &Ledger,
    job: &Job,
    period: Period,
    error: &PipelineError,
) -> Result<(), PipelineError> {
    let Some(templates) = house.definitions.report_templates.get(&job.id) else { return Ok(()) };
    let now = local(house.clock.now());
    let problem = error.to_string();
    let run = ledger.last_run(&job.id, period)?;
    let email = publication::render_failure(
        &FailureNotice {
            partnership: house.definitions.partnership.short_name.clone(),
            job: job.title.clone(),
            period: period.title(),
            run: run.map_or_else(|| "that had not begun".to_owned(), |run| run.run_id.to_string()),
            when: now.strftime(WHEN).to_string(),
            problems: vec![problem.clone()],
            readers_got: readers_got(ledger, job, period)?,
            what_to_do: what_to_do(error),
            command: format!("quarterdeck run {} --period {period}", job.id),
            time_left: time_left(house, job, error),
        },
        templates.failure(),
    )?;
    let day = now.strftime("%Y-%m-%d");
    let reason = SubmissionHash::of(problem.as_bytes());
    let about = format!("failed-{}-{}-{day}-{}", job.id, period.file_name(), reason.short());
    queue_notice(house, ledger, &about, email)
}

/// Tells the operator that a job was not run when it was due and will not be by itself.
pub(crate) fn tell_missed(
    house: &House,
    ledger: &Ledger,
    job: &Job,
    missed: &Occurrence,
    why: &str,
) {
    let due = local(missed.at).strftime(WHEN).to_string();
    let (title, period) = (&job.title, missed.period.title());
    let partnership = &house.definitions.partnership.short_name;
    let notice = OperatorNotice {
        subject: format!("{partnership}: {title} was missed"),
        heading: format!("{title} was missed"),
        opening: format!("It fell due on {due} for {period}, and was not run: {why}."),
        parts: vec![NoticePart::new(
            "What to do",
            vec!["If it is still wanted, run it by hand. Otherwise there is nothing to do: this is said once.".to_owned()],
        )],
        command: format!("quarterdeck run {} --period {}", job.id, missed.period),
    };
    let about = format!("missed-{}-{}", job.id, missed.key);
    tell(house, ledger, &about, &notice);
}

/// Tells the operator that a report that is due is held back, once for each reason: never silently never.
pub(crate) fn tell_held(house: &House, ledger: &Ledger, job: &Job, due: &Occurrence, why: &str) {
    // Before its deadline it waits as it should.
    let is_early = deadline_ahead(house, job, due.period).is_some();
    // Whoever approves was asked; the operator hears when the time for it is over.
    let is_asked = why.contains("the approval of edition");
    if job.kind != JobKind::Report || !why.starts_with(WAITS) || is_early || is_asked {
        return;
    }
    let when = local(due.at).strftime(WHEN).to_string();
    let (title, period) = (&job.title, due.period.title());
    let partnership = &house.definitions.partnership.short_name;
    let notice = OperatorNotice {
        subject: format!("{partnership}: {title} for {period} is held back"),
        heading: format!("{title} is held back"),
        opening: format!("It was due on {when} for {period}, and {why}. Readers have been sent nothing."),
        parts: vec![NoticePart::new(
            "What happens next",
            vec![
                "While `quarterdeck serve` runs it is looked at again every quarter of an hour, and goes out when nothing is wanting.".to_owned(),
                "What need not come can be waived: quarterdeck returns waive RETURN --period P --why TEXT.".to_owned(),
            ],
        )],
        command: format!("quarterdeck plan {} --period {}", job.id, due.period),
    };
    let reason = SubmissionHash::of(why.as_bytes());
    let about = format!("held-{}-{}-{}", job.id, due.key, reason.short());
    tell(house, ledger, &about, &notice);
}

/// Tells the operator that a message was not sent, since its recipient is one no more.
pub(crate) fn tell_cancelled(house: &House, ledger: &Ledger, message: &MessageRecord) {
    let masked = ledger::masked(&message.recipient);
    let partnership = &house.definitions.partnership.short_name;
    let about = message.edition.as_ref().map_or_else(String::new, |id| format!(" of edition {id}"));
    let notice = OperatorNotice {
        subject: format!("{partnership}: a message to {masked} was not sent"),
        heading: format!("A message to {masked} was not sent"),
        opening: format!(
            "The {}{about} to {masked} was queued, and before it was sent its address was taken out of the configuration. It has been cancelled; the others are not touched.",
            message.kind.as_str()
        ),
        parts: vec![NoticePart::new(
            "What to do",
            vec!["Nothing, if that was meant. If not, put the address back: the next edition goes to it; this message is not sent any more.".to_owned()],
        )],
        command: format!("quarterdeck outbox show {}", message.message_id),
    };
    tell(house, ledger, &format!("cancelled-{}", message.message_id), &notice);
}

/// Tells the operator that messages were given up because the mail server could not be used for days.
pub(crate) fn tell_given_up(house: &House, ledger: &Ledger, count: usize, why: &str) {
    let today = house.clock.today();
    let partnership = &house.definitions.partnership.short_name;
    let given_up = format!("{} given up", counted(count, "message"));
    let notice = OperatorNotice {
        subject: format!("{partnership}: {given_up}"),
        heading: given_up,
        opening: format!("They waited in the outbox and were not sent ({why}). That this notice has arrived means that the mail server can be used again."),
        parts: vec![NoticePart::new(
            "What to do",
            vec![
                "See which they are: quarterdeck outbox list.".to_owned(),
                "If they are still wanted, send them; what a newer edition has replaced is left out by itself.".to_owned(),
            ],
        )],
        command: "quarterdeck outbox resend --failed".to_owned(),
    };
    tell(house, ledger, &format!("given-up-{today}"), &notice);
}

/// Tells the operator that a job other than a report could not be done, once a day for the same reason.
pub(crate) fn tell_failed(house: &House, ledger: &Ledger, job: &Job, due: &Occurrence, why: &str) {
    if job.kind == JobKind::Report || why.starts_with(WAITS) {
        return;
    }
    let (title, today) = (&job.title, house.clock.today());
    let partnership = &house.definitions.partnership.short_name;
    let notice = OperatorNotice {
        subject: format!("{partnership}: {title} could not be done"),
        heading: format!("{title} could not be done"),
        opening: format!("It was due on {}: {why}.", local(due.at).strftime(WHEN)),
        parts: vec![NoticePart::new(
            "What happens next",
            vec!["While `quarterdeck serve` runs it is tried again every quarter of an hour, and this is said once a day.".to_owned()],
        )],
        command: format!("quarterdeck run {}", job.id),
    };
    let reason = SubmissionHash::of(why.as_bytes());
    tell(house, ledger, &format!("not-done-{}-{today}-{}", job.id, reason.short()), &notice);
}

/// Tells the operator that the configuration was changed into one that cannot be used, once a day.
pub(crate) fn tell_unsound(house: &House, ledger: &Ledger, error: &PipelineError) {
    let partnership = &house.definitions.partnership.short_name;
    let notice = OperatorNotice {
        subject: format!("{partnership}: the configuration is not sound"),
        heading: "The configuration is not sound".to_owned(),
        opening: "It was changed while `quarterdeck serve` ran. Until it is right, the one of before goes on; after a stop nothing starts.".to_owned(),
        parts: vec![NoticePart::new(
            "What is wrong",
            error.to_string().lines().map(str::to_owned).collect(),
        )],
        command: "quarterdeck config check".to_owned(),
    };
    tell(house, ledger, &format!("unsound-{}", house.clock.today()), &notice);
}

/// Tells the operator that sources could not be looked at, once a week for each.
pub(crate) fn tell_sources(house: &House, ledger: &Ledger, failed: &[FailedSource]) {
    let week = house.clock.today().iso_week_date();
    let partnership = &house.definitions.partnership.short_name;
    for source in failed {
        let name = &source.source;
        let notice = OperatorNotice {
            subject: format!("{partnership}: the source {name} cannot be looked at"),
            heading: format!("The source {name} cannot be looked at"),
            opening: format!("{}.", source.message),
            parts: vec![NoticePart::new(
                "What it means",
                vec!["The other sources went on. What its partner sends there does not arrive, and is counted as late.".to_owned()],
            )],
            command: "quarterdeck doctor".to_owned(),
        };
        let about = format!("source-{name}-{}-{:02}", week.year(), week.week());
        tell(house, ledger, &about, &notice);
    }
}

/// Queues a notice to the operator, once for what it is about. What keeps it from being written is told to the
/// log: whoever calls has something of their own to say.
pub(crate) fn tell(house: &House, ledger: &Ledger, about: &str, notice: &OperatorNotice) {
    let queued = publication::render_operator_notice(notice)
        .map_err(PipelineError::from)
        .and_then(|email| queue_notice(house, ledger, about, email));
    if let Err(why) = queued {
        tracing::error!("The operator could not be told of `{about}`: {why}");
    }
}

fn queue_notice(
    house: &House,
    ledger: &Ledger,
    about: &str,
    email: publication::Email,
) -> Result<(), PipelineError> {
    let outgoing = Outgoing {
        kind: MessageKind::Notice,
        about,
        edition: None,
        reminds: None,
        role: "Operator",
        address: &house.definitions.settings.mail.operator_address,
        in_reply_to: None,
        email,
        attachments: Vec::new(),
    };
    let message = finished(house, outgoing)?;
    ledger.queue_notice(&message, house.clock.now())?;
    Ok(())
}

fn readers_got(ledger: &Ledger, job: &Job, period: Period) -> Result<String, PipelineError> {
    let editions = ledger.editions()?;
    let ours = editions.iter().rev().find(|edition| {
        edition.record.report == job.id.as_str() && edition.record.period == period
    });
    Ok(match ours {
        None => "Nothing has been sent to readers for this period.".to_owned(),
        Some(edition) => {
            let made = local(edition.record.created_at);
            let made = made.strftime("%-d %B %Y");
            format!("Edition {} of {made}; nothing newer.", edition.record.edition_id)
        }
    })
}

fn what_to_do(error: &PipelineError) -> Vec<String> {
    if matches!(error, PipelineError::Damaged(_)) {
        return vec![
            "Build the lake anew from the submissions: quarterdeck verify --repair. What cannot be built anew is named.".to_owned(),
            "Then look at the report before it goes out: quarterdeck report preview.".to_owned(),
        ];
    }
    let first = if error.class() == ErrorClass::TryLater {
        "What failed often works a little later: wait until it has been tried again, or look whether the disk, the network and the mail server are there (quarterdeck status)."
    } else {
        "Put right what is named above; `quarterdeck config check` names every problem of the configuration at once."
    };
    vec![
        first.to_owned(),
        "Look at the report before it goes out: quarterdeck report preview.".to_owned(),
    ]
}

/// When it was due or will be, and whether it is tried again by itself.
fn time_left(house: &House, job: &Job, error: &PipelineError) -> String {
    let now = house.clock.now();
    let next = job.schedule.after(&house.definitions.calendar, now).next();
    let next = next.map(|due| local(due.at).strftime(WHEN).to_string());
    let again = if error.class() == ErrorClass::TryLater {
        "While `quarterdeck serve` runs it is tried again every 15 minutes."
    } else {
        "It is tried again by itself while `quarterdeck serve` runs, and will fail again until the cause is gone."
    };
    match next {
        Some(next) => format!("{again} The report after this one is due on {next}."),
        None => again.to_owned(),
    }
}

/// What withdrawing an edition did.
#[derive(Clone, Debug, Serialize)]
pub struct Withdrawn {
    /// The edition.
    pub edition: EditionId,
    /// How many recipients are told.
    pub told: usize,
    /// How many messages of it had not been sent and are cancelled.
    pub cancelled: usize,
}

/// What whoever got an edition is told.
fn withdrawal(
    house: &House,
    job: &Job,
    known: &StoredEdition,
    why: &str,
) -> Result<Email, PipelineError> {
    let templates = &house.definitions.report_templates[&job.id];
    let made = local(known.record.created_at);
    let partnership = &house.definitions.partnership;
    Ok(publication::render_withdrawal(
        &WithdrawalNotice {
            marking: job.marking.clone(),
            subject: String::new(),
            title: known.record.period.title(),
            edition: known.record.edition_id.to_string(),
            report: job.title.clone(),
            partnership: partnership.short_name.clone(),
            period: known.record.period.calendar(),
            made_on: made.strftime("%-d %B %Y").to_string(),
            why: why.to_owned(),
            next: "A corrected edition follows as soon as the figures are right. It will say what has changed and why.".to_owned(),
            contact: house.definitions.settings.contact.clone(),
        },
        &templates.withdrawal,
    )?)
}

/// Takes an edition back: cancels what has not been sent, and queues a message to everybody who got
/// it or may have got it.
pub fn withdraw(house: &House, edition: &EditionId, why: &str) -> Result<Withdrawn, PipelineError> {
    let _lock = house.lock()?;
    let ledger = house.ledger()?;
    let Some(known) = ledger.edition(edition)? else {
        return Err(PipelineError::Usage(format!(
            "there is no edition {edition}: `quarterdeck report list` shows them"
        )));
    };
    if known.withdrawn.is_some() {
        return Err(PipelineError::Held(format!(
            "edition {edition} was withdrawn before: nothing was done"
        )));
    }
    if why.trim().is_empty() {
        let why = "say why with --why: whoever got the edition is told";
        return Err(PipelineError::Usage(why.to_owned()));
    }
    let jobs = &house.definitions.jobs;
    let job = jobs.values().find(|job| job.id.as_str() == known.record.report);
    let Some(job) = job.filter(|job| job.kind == JobKind::Report) else {
        return Err(PipelineError::Usage(format!(
            "the job {} that made edition {edition} is not in jobs/: its templates are needed",
            known.record.report
        )));
    };
    let filter = MessageFilter { edition: Some(edition.clone()), state: None };
    let received: Vec<MessageRecord> = ledger
        .messages(&filter)?
        .into_iter()
        .filter(|message| message.kind == MessageKind::Report && may_have_arrived(message.state))
        .collect();
    let email = withdrawal(house, job, &known, why)?;
    let partnership = &house.definitions.partnership;
    let about = format!("withdrawn-{edition}");
    let role = |address: &str| {
        let known = partnership.recipients.iter().find(|it| it.address == address);
        known.map_or_else(String::new, |recipient| recipient.role.clone())
    };
    let messages = received
        .iter()
        .map(|got| {
            let outgoing = Outgoing {
                kind: MessageKind::Withdrawal,
                about: &about,
                edition: Some(edition.clone()),
                reminds: None,
                role: &role(&got.recipient),
                address: &got.recipient,
                in_reply_to: Some(got.message_id.clone()),
                email: email.clone(),
                attachments: Vec::new(),
            };
            finished(house, outgoing)
        })
        .collect::<Result<Vec<_>, _>>()?;
    let cancelled = ledger.withdraw_edition(edition, why, house.clock.now(), &messages)?;
    Ok(Withdrawn { edition: edition.clone(), told: messages.len(), cancelled })
}

/// Whether a message was handed over, or nobody knows that it was not.
pub(super) fn may_have_arrived(state: MessageState) -> bool {
    matches!(state, MessageState::Accepted | MessageState::Sending | MessageState::Unknown)
}
