//! The dispatch line: claim, send, settle.
//!
//! A message is marked `sending` in the ledger just before the first byte that cannot be taken
//! back. What a crash leaves in `sending` is settled by looking, where the transport can look, and
//! is `unknown` otherwise: never sent again by itself.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use delivery::{Envelope, Mailer, NotStarted, Outcome};
use jiff::{SignedDuration, Timestamp};
use ledger::{
    Claim, ClaimedMessage, Ledger, MessageKind, MessageRecord, MessageState, ReminderOf,
    Settlement, SubmissionFilter, SubmissionKey, SubmissionRecord,
};
use model::{ReturnState, SubmissionState, counted};
use serde::Serialize;

use crate::error::PipelineError;
use crate::house::House;
use crate::mailer::mailer;
use crate::readdress::{moved, recipients};
use crate::register::register;
use crate::report::{tell_cancelled, tell_given_up};
use crate::settings::Transport;

/// The first wait after a deferral; each further one is twice as long.
const RETRY_FIRST_MINUTES: i64 = 30;
const RETRY_MINUTES_MAX: i64 = 8 * 60;
const CLAIMED_AT_ONCE: u32 = 8;
/// So often a server must have put a message off before it is given up, however long ago it was queued.
const TRIES_MIN: i64 = 5;
/// A reminder that waited for longer speaks of days that have gone by.
const REMINDER_LASTS: SignedDuration = SignedDuration::from_hours(72);
/// In the ledger: since when the mail server cannot be used.
pub(crate) const MAIL_DOWN: &str = "mail-server-down";

/// What a dispatch did.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Dispatched {
    /// Handed over and accepted.
    pub accepted: usize,
    /// Put off by the server, to be tried again.
    pub deferred: usize,
    /// Refused for good.
    pub refused: usize,
    /// Nobody can say whether they arrived.
    pub unknown: usize,
    /// Not sent: whoever they were for is no longer to get them.
    pub cancelled: usize,
    /// Wait until the quiet hours are over.
    pub waiting: usize,
    /// Why the mail server could not be used at all, if so.
    pub unreachable: Option<String>,
}

impl Dispatched {
    /// Whether nothing was there to be sent.
    pub fn is_nothing(&self) -> bool {
        *self == Self::default()
    }
}

/// Sends what is due, oldest first. The caller holds the lock.
pub(crate) fn dispatch(house: &House, ledger: &Ledger) -> Result<Dispatched, PipelineError> {
    let mut done = Dispatched::default();
    let mailer = mailer(house)?;
    ledger.release_claims()?;
    settle_interrupted(house, ledger, &mailer, &mut done)?;
    let mail = &house.definitions.settings.mail;
    let quiet = mail.quiet_hours.is_some_and(|hours| hours.hold(house.clock.local().time()));
    let which = if quiet { Claim::NoticesOnly } else { Claim::All };
    let per_minute_max = mail.per_minute_max.filter(|_| mail.transport == Transport::Smtp);
    let mut pace = Pace::new(per_minute_max);
    loop {
        let claimed = ledger.claim_due(house.clock.now(), CLAIMED_AT_ONCE, which)?;
        if claimed.is_empty() {
            break;
        }
        house.crash_point("after-claim");
        house.progress.say(format!("Sending {}", counted(claimed.len(), "message")));
        for message in &claimed {
            let goes_on = pace.wait(house) && send(house, ledger, &mailer, message, &mut done)?;
            if !goes_on {
                ledger.release_claims()?;
                return Ok(done);
            }
        }
    }
    if quiet {
        done.waiting = ledger.waiting_to_be_sent(house.clock.now())?;
    }
    Ok(done)
}

/// Not more than so many messages in any minute: servers put off or block those who send faster.
struct Pace {
    per_minute_max: Option<usize>,
    sent: VecDeque<Instant>,
}

impl Pace {
    fn new(per_minute_max: Option<usize>) -> Self {
        Self { per_minute_max, sent: VecDeque::new() }
    }

    /// Waits until the next may go; `false` when this process is asked to stop.
    fn wait(&mut self, house: &House) -> bool {
        const MINUTE: Duration = Duration::from_mins(1);
        if let Some(most) = self.per_minute_max {
            while self.sent.len() >= most {
                let Some(first) = self.sent.front() else { break };
                if first.elapsed() >= MINUTE {
                    self.sent.pop_front();
                } else if house.is_stopping() {
                    return false;
                } else {
                    std::thread::sleep(Duration::from_millis(200));
                }
            }
            self.sent.push_back(Instant::now());
        }
        !house.is_stopping()
    }
}

/// Why a message is no longer to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Unwanted {
    /// Its recipient is one no more: perhaps by mistake.
    NoRecipient,
    /// What it says is no longer so: as it should be.
    Overtaken(&'static str),
}

impl Unwanted {
    /// As it is kept with the message.
    pub(crate) fn why(&self) -> String {
        match self {
            Self::NoRecipient => {
                "not sent: the configuration no longer names this address as a recipient of it"
                    .to_owned()
            }
            Self::Overtaken(why) => format!("not sent: {why}"),
        }
    }
}

/// Whether a message is no longer to be sent.
pub(crate) fn unwanted(
    house: &House,
    ledger: &Ledger,
    message: &MessageRecord,
) -> Result<Option<Unwanted>, PipelineError> {
    let is_address = |address: &String| *address == message.recipient;
    let is_wanted = match message.kind {
        // What was received is taken back from whoever received it; the operator is told by the address of then.
        MessageKind::Withdrawal | MessageKind::Notice => true,
        MessageKind::Receipt | MessageKind::ErrorLetter | MessageKind::Reminder => {
            let mut partners = house.definitions.partnership.partners.iter();
            partners.any(|partner| {
                let mut theirs = partner.contact.iter().chain(&partner.lead);
                theirs.any(is_address)
            })
        }
        MessageKind::Report | MessageKind::ApprovalRequest => {
            let recipients = recipients(house, ledger, message)?;
            recipients.iter().any(|known| is_address(&known.address))
        }
    };
    if !is_wanted {
        return Ok(Some(Unwanted::NoRecipient));
    }
    Ok(overtaken(house, ledger, message)?.map(Unwanted::Overtaken))
}

/// What has become untrue while a message waited.
fn overtaken(
    house: &House,
    ledger: &Ledger,
    message: &MessageRecord,
) -> Result<Option<&'static str>, PipelineError> {
    match (message.kind, &message.reminds, &message.answers) {
        (MessageKind::Reminder, Some(ReminderOf { partner, period }), _) => {
            if house.clock.now().duration_since(message.queued_at) > REMINDER_LASTS {
                return Ok(Some(
                    "it says how things stood days ago; the next reminder says how they stand",
                ));
            }
            let lines = register(house, Some(ledger), *period)?;
            let mut theirs = lines.iter().filter(|line| line.partner == partner.as_str());
            let is_owed = theirs.any(|line| {
                let state = line.state;
                line.due.is_some() && !matches!(state, ReturnState::Accepted | ReturnState::Waived)
            });
            Ok((!is_owed).then_some("nothing of what it reminds of is owed any more"))
        }
        (MessageKind::ErrorLetter, _, Some(SubmissionKey { hash, return_id, expected })) => {
            let (return_id, expected) = (Some(return_id.clone()), Some(*expected));
            let all = ledger.submissions(&SubmissionFilter { return_id, expected })?;
            // A letter about personal data stays true whatever has come since.
            let is_about_figures = all.iter().any(|it| {
                let held_names =
                    matches!(it.state, SubmissionState::Sealed | SubmissionState::Shredded);
                it.submission.hash == *hash && !held_names
            });
            // Since the letter was written; or this very file, by a contract that was corrected.
            let is_later = |it: &SubmissionRecord| {
                it.submission.hash == *hash || it.judged_at.is_some_and(|at| at > message.queued_at)
            };
            let is_mended =
                all.iter().any(|it| it.state == SubmissionState::Accepted && is_later(it));
            let is_overtaken = is_about_figures && is_mended;
            Ok(is_overtaken.then_some("a file for this return has been accepted since"))
        }
        _ => Ok(None),
    }
}

fn settle_interrupted(
    house: &House,
    ledger: &Ledger,
    mailer: &Mailer,
    done: &mut Dispatched,
) -> Result<(), PipelineError> {
    for message in ledger.stuck_sending()? {
        let at = house.clock.now();
        let (state, reply) = match mailer.was_delivered(&message.message_id) {
            Some(true) => (MessageState::Accepted, "found delivered after an interruption"),
            Some(false) => (MessageState::Deferred, "found not delivered after an interruption"),
            None => (MessageState::Unknown, "interrupted while it was being handed over"),
        };
        let retry_at = (state == MessageState::Deferred).then_some(at);
        count(state, done);
        ledger.settle(
            &message.message_id,
            &Settlement { state, reply: reply.to_owned(), at, retry_at },
        )?;
    }
    Ok(())
}

fn count(state: MessageState, done: &mut Dispatched) {
    match state {
        MessageState::Accepted => done.accepted += 1,
        MessageState::Deferred => done.deferred += 1,
        MessageState::Refused => done.refused += 1,
        _ => done.unknown += 1,
    }
}

/// Sends one message. False when the server cannot be used at all: the others would fare no better.
fn send(
    house: &House,
    ledger: &Ledger,
    mailer: &Mailer,
    claimed: &ClaimedMessage,
    done: &mut Dispatched,
) -> Result<bool, PipelineError> {
    let message = &claimed.message;
    if let Some(record) = ledger.message(&message.message_id)?
        && let Some(unwanted) = unwanted(house, ledger, &record)?
    {
        if unwanted == Unwanted::NoRecipient {
            if let Some(moved) = moved(house, ledger, &record)? {
                // Its turn comes with the next that are claimed.
                ledger.readdress(&message.message_id, &moved, house.clock.now())?;
                return Ok(true);
            }
            // Somebody may have meant otherwise; what was overtaken is nobody's business.
            done.cancelled += 1;
            tell_cancelled(house, ledger, &record);
        }
        ledger.cancel(&message.message_id, &unwanted.why(), house.clock.now())?;
        return Ok(true);
    }
    let envelope = Envelope {
        message_id: message.message_id.clone(),
        from: house.definitions.settings.mail.from_address.clone(),
        to: message.recipient.clone(),
        size_bytes: u64::try_from(message.mime.len()).unwrap_or(u64::MAX),
    };
    let begun = mailer.begin(&envelope);
    if !matches!(begun, Err(NotStarted::Unreachable { .. })) {
        ledger.release_lease(MAIL_DOWN, "outbox")?;
    }
    let outcome = match begun {
        Ok(session) => {
            house.crash_point("before-mark-sending");
            ledger.mark_sending(&message.message_id, house.clock.now())?;
            house.crash_point("after-mark-sending");
            let outcome = session.commit(&message.mime);
            house.crash_point("after-send");
            outcome
        }
        Err(NotStarted::Deferred { reply }) => Outcome::Deferred { reply },
        Err(NotStarted::Refused { reply }) => Outcome::Refused { reply },
        Err(NotStarted::Unreachable { why }) => {
            give_up_late(house, ledger, &why, done)?;
            done.unreachable = Some(why);
            return Ok(false);
        }
    };
    let settlement = settlement(house, claimed, outcome);
    count(settlement.state, done);
    ledger.settle(&message.message_id, &settlement)?;
    house.crash_point("after-settle");
    Ok(true)
}

/// What has waited for a mail server that cannot be reached for longer than anybody is to wait for it becomes
/// refused: a report is not to arrive weeks late by itself. Notices wait on; they are what the operator reads first.
fn give_up_late(
    house: &House,
    ledger: &Ledger,
    why: &str,
    done: &mut Dispatched,
) -> Result<(), PipelineError> {
    let at = house.clock.now();
    let patience = house.definitions.settings.mail.give_up_after;
    // Held by nobody but the outage itself; a machine that was off begins to count when it is on again.
    let down = ledger.hold_lease(MAIL_DOWN, "outbox", at, SignedDuration::MAX)?;
    if at.duration_since(down.taken_at).unsigned_abs() <= patience {
        return Ok(());
    }
    let reply =
        format!("given up: the mail server could not be used for {}: {why}", days(patience));
    let given_up = ledger.give_up_unsent(
        at - SignedDuration::try_from(patience).unwrap_or_default(),
        &reply,
        at,
    )?;
    done.refused += given_up;
    if given_up > 0 {
        tell_given_up(house, ledger, given_up, &reply);
    }
    Ok(())
}

fn days(time: Duration) -> String {
    let hours = time.as_secs() / 3600;
    if hours.is_multiple_of(24) { format!("{} days", hours / 24) } else { format!("{hours} hours") }
}

fn settlement(house: &House, claimed: &ClaimedMessage, outcome: Outcome) -> Settlement {
    let at = house.clock.now();
    let (state, reply) = match outcome {
        Outcome::Accepted { reply } => (MessageState::Accepted, reply),
        Outcome::Refused { reply } => (MessageState::Refused, reply),
        Outcome::Unknown { reason } => (MessageState::Unknown, reason),
        Outcome::Deferred { reply } => {
            let patience = house.definitions.settings.mail.give_up_after;
            let waited = at.duration_since(claimed.queued_at);
            // A machine that was off has not tried; and the operator's notices wait until they arrive.
            let has_tried =
                claimed.attempt >= TRIES_MIN && claimed.message.kind != MessageKind::Notice;
            if has_tried && waited.unsigned_abs() > patience {
                (MessageState::Refused, format!("given up after many tries; last reply: {reply}"))
            } else {
                (MessageState::Deferred, reply)
            }
        }
    };
    let retry_at = (state == MessageState::Deferred).then(|| retry_at(at, claimed.attempt));
    Settlement { state, reply, at, retry_at }
}

/// 30 minutes after the first attempt, doubling to 8 hours (RFC 5321, 4.5.4.1).
fn retry_at(now: Timestamp, attempt: i64) -> Timestamp {
    let doublings = u32::try_from((attempt - 1).clamp(0, 10)).unwrap_or(0);
    let minutes = (RETRY_FIRST_MINUTES << doublings).min(RETRY_MINUTES_MAX);
    now + SignedDuration::from_mins(minutes)
}
