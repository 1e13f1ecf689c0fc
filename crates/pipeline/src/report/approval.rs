//! Approval: an edition that a job wants looked at goes out when somebody says so, as it was looked at.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use jiff::Timestamp;
use ledger::{EditionState, Ledger, MessageKind, OutboxMessage, StoredEdition};
use model::{EditionId, Period, SubmissionHash};
use publication::{NoticePart, OperatorNotice};
use serde::Serialize;

use super::edition::{EditionFiles, content_hash};
use super::notices::{WHEN, tell};
use super::rendering::{Renditions, as_sent};
use super::{Asked, Commission, RunKey, recorded_version};
use crate::clock::local;
use crate::definitions::{Approval, Job};
use crate::error::PipelineError;
use crate::house::{House, file_error};
use crate::material::releases;
use crate::outgoing::{Outgoing, finished};
use crate::register::register;

/// What a decision about an edition did.
#[derive(Clone, Debug, Serialize)]
pub struct EditionDecided {
    /// The edition.
    pub edition: EditionId,
    /// `released` or `held`.
    pub state: String,
    /// How many messages may now be sent, or are kept back.
    pub messages: usize,
    /// SHA-256 over what was decided about.
    pub content_sha256: String,
}

/// Lets an edition out, if it is what was made and nothing has changed since.
pub fn approve(
    house: &House,
    edition: &EditionId,
    comment: &str,
) -> Result<EditionDecided, PipelineError> {
    let _lock = house.lock()?;
    let ledger = house.ledger()?;
    let known = known(&ledger, edition)?;
    let record = &known.record;
    let hash = record.content_sha256.clone();
    if record.state == EditionState::Released {
        let why = format!("edition {edition} is released already: nothing was changed");
        return Err(PipelineError::Usage(why));
    }
    if known.withdrawn.is_some() {
        return Err(PipelineError::Held(format!("edition {edition} was withdrawn: it stays so")));
    }
    if let Some(newer) = newer(&ledger, &known)? {
        return Err(PipelineError::Held(format!(
            "edition {newer} has taken the place of {edition}: look at that one, and approve it"
        )));
    }
    let job = house.definitions.jobs.values().find(|job| job.id.as_str() == record.report);
    let Some(job) = job else {
        return Err(PipelineError::Usage(format!(
            "the job {} that made edition {edition} is not in jobs/",
            record.report
        )));
    };
    let again = format!("quarterdeck run {} --period {}", record.report, record.period);
    if content_of(&house.folders.data.join(&record.folder))?.to_string() != hash {
        return Err(PipelineError::Held(format!(
            "the files of edition {edition} are not the ones that were made: somebody has changed them. Make it anew: {again}"
        )));
    }
    if let Some(until) = expiry(house, job, &known).filter(|until| *until < house.clock.now()) {
        return Err(PipelineError::Held(format!(
            "the time for approving edition {edition} was over on {}: make it anew, so that it says what is known today: {again}",
            local(until).strftime(WHEN)
        )));
    }
    if !is_current(house, &ledger, job, &known)? {
        return Err(PipelineError::Held(format!(
            "since edition {edition} was made something has come in, or the configuration was changed: what you looked at is not what would go out now. Make it anew: {again}"
        )));
    }
    let freed = ledger.release_edition(edition, &hash, comment, house.clock.now())?;
    Ok(EditionDecided {
        edition: edition.clone(),
        state: EditionState::Released.as_str().to_owned(),
        messages: freed,
        content_sha256: hash,
    })
}

/// Keeps an edition in, or what has not been sent of it.
pub fn hold(
    house: &House,
    edition: &EditionId,
    why: &str,
) -> Result<EditionDecided, PipelineError> {
    if why.trim().is_empty() {
        return Err(PipelineError::Usage(
            "say why with --why: it is kept with the decision".to_owned(),
        ));
    }
    let _lock = house.lock()?;
    let ledger = house.ledger()?;
    let known = known(&ledger, edition)?;
    if known.withdrawn.is_some() {
        return Err(PipelineError::Held(format!(
            "edition {edition} was withdrawn: nothing of it is sent any more"
        )));
    }
    let kept = ledger.hold_edition(edition, why, house.clock.now())?;
    Ok(EditionDecided {
        edition: edition.clone(),
        state: EditionState::Held.as_str().to_owned(),
        messages: kept,
        content_sha256: known.record.content_sha256,
    })
}

/// What somebody has held back stays so whatever comes in: only a person, not the schedule, makes another edition in its
/// place. (One that needs approval anyway is asked for anew, and goes nowhere by itself.)
pub(super) fn held_by_hand(
    ledger: &Ledger,
    job: &Job,
    (period, asked): (Period, Asked),
) -> Result<Option<String>, PipelineError> {
    if asked == Asked::ByHand || job.approval.is_some() {
        return Ok(None);
    }
    let editions = ledger.editions()?;
    let newest = editions
        .iter()
        .rfind(|it| it.record.report == job.id.as_str() && it.record.period == period);
    let held = newest.filter(|it| it.record.state == EditionState::Held && it.withdrawn.is_none());
    Ok(held.map(|it| {
        format!(
            "a decision about edition {0}, which is held ({1}): `quarterdeck approve {0}` lets it go, `quarterdeck run {2} --period {period}` makes it anew",
            it.record.edition_id,
            it.why.as_deref().unwrap_or("no reason given"),
            job.id
        )
    }))
}

fn known(ledger: &Ledger, edition: &EditionId) -> Result<StoredEdition, PipelineError> {
    ledger.edition(edition)?.ok_or_else(|| {
        PipelineError::Usage(format!(
            "there is no edition {edition}: `quarterdeck report list` shows them"
        ))
    })
}

/// A later edition of the same report and period.
fn newer(ledger: &Ledger, known: &StoredEdition) -> Result<Option<EditionId>, PipelineError> {
    let editions = ledger.editions()?;
    let later = editions.into_iter().rev().find(|other| {
        other.record.report == known.record.report && other.record.period == known.record.period
    });
    Ok(later.map(|later| later.record.edition_id).filter(|id| *id != known.record.edition_id))
}

/// Whether a run would make the same edition now.
fn is_current(
    house: &House,
    ledger: &Ledger,
    job: &Job,
    known: &StoredEdition,
) -> Result<bool, PipelineError> {
    let period = known.record.period;
    let lines = register(house, Some(ledger), period)?;
    let version = recorded_version(ledger)?;
    let key = RunKey { period, version, lines: &lines, releases: &releases(ledger)? };
    let run = ledger.finished_run_with_key(&job.id, period, &key.text(house))?;
    Ok(run.and_then(|run| run.edition).as_ref() == Some(&known.record.edition_id))
}

/// The hash of the files that lie in an edition's folder now.
pub(crate) fn content_of(folder: &Path) -> Result<SubmissionHash, PipelineError> {
    fn gather(folder: &Path, inside: &str, files: &mut EditionFiles) -> std::io::Result<()> {
        let entries: BTreeMap<_, _> = fs::read_dir(folder)?
            .map(|entry| entry.map(|entry| (entry.file_name(), entry)))
            .collect::<Result<_, _>>()?;
        for (name, entry) in entries {
            let name = format!("{inside}{}", name.to_string_lossy());
            if entry.file_type()?.is_dir() {
                gather(&entry.path(), &format!("{name}/"), files)?;
            } else {
                files.insert(name, fs::read(entry.path())?);
            }
        }
        Ok(())
    }
    let mut files = EditionFiles::new();
    gather(folder, "", &mut files).map_err(file_error("read the edition in", folder))?;
    Ok(content_hash(&files))
}

/// Until when an edition may be approved; none for jobs that want no approval.
fn expiry(house: &House, job: &Job, edition: &StoredEdition) -> Option<Timestamp> {
    let Approval { within_working_days, .. } = job.approval.as_ref()?;
    let made = local(edition.record.created_at);
    let day = house.definitions.calendar.nth_working_day_after(made.date(), *within_working_days);
    day.at(23, 59, 59, 0).to_zoned(made.time_zone().clone()).ok().map(|end| end.timestamp())
}

/// What keeps an edition from going out that is made, if anything does. When the time for approving it is over it is
/// held, and the operator is told.
pub(super) fn waits_for_approval(
    house: &House,
    ledger: &Ledger,
    job: &Job,
    edition: &EditionId,
) -> Result<Option<String>, PipelineError> {
    let Some(known) = ledger.edition(edition)? else { return Ok(None) };
    match known.record.state {
        EditionState::Released => Ok(None),
        EditionState::Held => {
            let why = known.why.unwrap_or_default();
            Ok(Some(format!("somebody to release edition {edition}, which is held: {why}")))
        }
        EditionState::Prepared => {
            let until = expiry(house, job, &known);
            let role = job.approval.as_ref().map_or("somebody", |it| it.by.as_str());
            let when = until.map_or_else(String::new, |at| local(at).strftime(WHEN).to_string());
            if until.is_some_and(|until| until < house.clock.now()) {
                let why = format!("it was not approved by {when}");
                ledger.hold_edition(edition, &why, house.clock.now())?;
                tell_expired(house, ledger, job, &known, &why);
                return Ok(Some(format!(
                    "somebody to release edition {edition}, which is held: {why}"
                )));
            }
            Ok(Some(format!("the approval of edition {edition} by {role}, until {when}")))
        }
    }
}

/// Whether an edition that has not gone out cannot go out any more: the time for approving it is over, or its files
/// are not the ones that were made.
pub(super) fn expired(
    house: &House,
    ledger: &Ledger,
    job: &Job,
    edition: &EditionId,
) -> Result<bool, PipelineError> {
    let Some(known) = ledger.edition(edition)? else { return Ok(false) };
    if known.record.state == EditionState::Released {
        return Ok(false);
    }
    let is_over = expiry(house, job, &known).is_some_and(|until| until < house.clock.now());
    let found = content_of(&house.folders.data.join(&known.record.folder));
    let is_whole = found.is_ok_and(|found| found.to_string() == known.record.content_sha256);
    Ok(is_over || !is_whole)
}

fn tell_expired(house: &House, ledger: &Ledger, job: &Job, edition: &StoredEdition, why: &str) {
    let id = &edition.record.edition_id;
    let partnership = &house.definitions.partnership.short_name;
    let notice = OperatorNotice {
        subject: format!("{partnership}: edition {id} was not approved in time"),
        heading: format!("Edition {id} was not approved in time"),
        opening: format!(
            "{} for {} is held: {why}. Readers have been sent nothing.",
            job.title,
            edition.record.period.title()
        ),
        parts: vec![NoticePart::new(
            "What to do",
            vec![
                "Make it anew, so that it says what is known today, and have it approved."
                    .to_owned(),
            ],
        )],
        command: format!("quarterdeck run {} --period {}", job.id, edition.record.period),
    };
    tell(house, ledger, &format!("not-approved-{id}"), &notice);
}

/// What whoever approves is sent: what would go out, and how to let it.
pub(super) fn request(
    house: &House,
    commission: &Commission<'_>,
    edition: &EditionId,
    (renditions, content_sha256): (&Renditions, &SubmissionHash),
) -> Result<Option<OutboxMessage>, PipelineError> {
    let Some(approval) = &commission.job.approval else { return Ok(None) };
    let mut recipients = house.definitions.partnership.recipients.iter();
    let Some(approver) = recipients.find(|known| known.id == approval.by) else { return Ok(None) };
    let day = house
        .definitions
        .calendar
        .nth_working_day_after(house.clock.today(), approval.within_working_days);
    let readers = renditions.mails.len();
    let (job, period) = (&commission.job.title, commission.period.title());
    let notice = OperatorNotice {
        subject: format!("For approval: {}", renditions.subject),
        heading: format!("{job} for {period} waits for your approval"),
        opening: format!(
            "Edition {edition} goes to {readers} recipients when you approve it, exactly as it is here. Without approval by the end of {} it is held, and nobody gets it.",
            day.strftime("%-d %B %Y")
        ),
        parts: vec![
            NoticePart::new(
                "What to do",
                vec![
                    "Look at what is attached and at the message below.".to_owned(),
                    format!("If it may go out, have the operator run: quarterdeck approve {edition}"),
                    format!("If not: quarterdeck hold {edition} --why \"...\""),
                    "If anything comes in or is changed before that, you are asked again with a new edition.".to_owned(),
                ],
            ),
            NoticePart::new(
                "What exactly is approved",
                vec![format!("Content {} (SHA-256 over all files).", content_sha256.short())],
            ),
        ],
        command: format!("quarterdeck approve {edition}"),
    };
    let mut email = publication::render_operator_notice(&notice)?;
    let first = renditions.mails.first();
    if let Some(theirs) = first {
        email.text.push_str("\n\nThe message, as its first recipient gets it\n\n");
        email.text.push_str(&theirs.content.email.text);
    }
    let room = house.definitions.settings.mail.message_bytes_max;
    let files = first.map(|mail| mail.content.attachments.clone()).unwrap_or_default();
    let fits: usize = files.iter().map(|file| as_sent(file.bytes.len())).sum();
    let outgoing = Outgoing {
        kind: MessageKind::ApprovalRequest,
        about: &format!("approve-{}", commission.run),
        edition: Some(edition.clone()),
        reminds: None,
        role: &approver.role,
        address: &approver.address,
        in_reply_to: None,
        email,
        attachments: if fits < room { files } else { Vec::new() },
    };
    finished(house, outgoing).map(Some)
}
