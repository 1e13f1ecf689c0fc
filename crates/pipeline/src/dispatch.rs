//! The dispatch line: claim, send, settle.
//!
//! A message is marked `sending` in the ledger just before the first byte that cannot be taken
//! back. What a crash leaves in `sending` is settled by looking, where the transport can look, and
//! is `unknown` otherwise: never sent again by itself.

use delivery::{
    Envelope, FolderMailer, Login, Mailer, NotStarted, Outcome, Password, Security, SmtpMailer,
    SmtpSettings,
};
use jiff::{SignedDuration, Timestamp};
use ledger::{ClaimedMessage, Ledger, MessageState, Settlement};
use serde::Serialize;

use crate::error::PipelineError;
use crate::house::House;
use crate::settings::{SmtpSecurity, Transport};

/// The first wait after a deferral; each further one is twice as long.
const RETRY_FIRST_MINUTES: i64 = 30;
const RETRY_MINUTES_MAX: i64 = 8 * 60;
const CLAIMED_AT_ONCE: u32 = 8;

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
    loop {
        let claimed = ledger.claim_due(house.clock.now(), CLAIMED_AT_ONCE)?;
        if claimed.is_empty() {
            return Ok(done);
        }
        house.progress.say(format!("Sending {} messages", claimed.len()));
        for message in &claimed {
            if !send(house, ledger, &mailer, message, &mut done)? {
                ledger.release_claims()?;
                return Ok(done);
            }
        }
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
    let envelope = Envelope {
        message_id: message.message_id.clone(),
        from: house.definitions.settings.mail.from_address.clone(),
        to: message.recipient.clone(),
        size_bytes: u64::try_from(message.mime.len()).unwrap_or(u64::MAX),
    };
    let outcome = match mailer.begin(&envelope) {
        Ok(session) => {
            ledger.mark_sending(&message.message_id, house.clock.now())?;
            house.crash_point("after-mark-sending");
            let outcome = session.commit(&message.mime);
            house.crash_point("after-send");
            outcome
        }
        Err(NotStarted::Deferred { reply }) => Outcome::Deferred { reply },
        Err(NotStarted::Refused { reply }) => Outcome::Refused { reply },
        Err(NotStarted::Unreachable { why }) => {
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

fn settlement(house: &House, claimed: &ClaimedMessage, outcome: Outcome) -> Settlement {
    let at = house.clock.now();
    let (state, reply) = match outcome {
        Outcome::Accepted { reply } => (MessageState::Accepted, reply),
        Outcome::Refused { reply } => (MessageState::Refused, reply),
        Outcome::Unknown { reason } => (MessageState::Unknown, reason),
        Outcome::Deferred { reply } => {
            let patience = house.definitions.settings.mail.give_up_after;
            let waited = at.duration_since(claimed.queued_at);
            if waited.unsigned_abs() > patience {
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

/// The mailer that the settings ask for.
fn mailer(house: &House) -> Result<Mailer, PipelineError> {
    let mail = &house.definitions.settings.mail;
    if mail.transport == Transport::Folder {
        return Ok(Mailer::Folder(FolderMailer::new(house.folders.outbox())));
    }
    let smtp = &mail.smtp;
    let usage = |message: String| PipelineError::Usage(format!("mail.smtp: {message}"));
    let login = match (&smtp.user, &smtp.password) {
        (None, None) => None,
        (Some(user), Some(at)) => {
            let password = Password::new(house.secret(at).map_err(usage)?);
            Some(Login { user: user.clone(), password })
        }
        _ => {
            return Err(usage(
                "give both user and password_env (or password_file), or neither".to_owned(),
            ));
        }
    };
    let settings = SmtpSettings {
        host: smtp.host.clone(),
        port: smtp.port,
        security: match smtp.security {
            SmtpSecurity::StartTls => Security::StartTls,
            SmtpSecurity::ImplicitTls => Security::ImplicitTls,
            SmtpSecurity::Plain => Security::Plain,
        },
        login,
        hello_name: mail.from_address.rsplit('@').next().unwrap_or("localhost").to_owned(),
        extra_ca: smtp.ca_file.clone(),
        silence_max: smtp.total.min(std::time::Duration::from_mins(1)),
        deadline: smtp.total,
    };
    SmtpMailer::new(settings).map(Mailer::Smtp).map_err(|error| usage(error.to_string()))
}
