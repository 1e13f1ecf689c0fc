//! Messages: what became of them, and what a person decides about them.

use std::collections::BTreeSet;
use std::io::BufReader;
use std::path::Path;

use delivery::Logged;
use jiff::Timestamp;
use ledger::{Ledger, MessageFilter, MessageRecord, MessageState, Settlement};
use model::{MessageId, Period};
use serde::Serialize;

use crate::dispatch::{Unwanted, unwanted};
use crate::error::PipelineError;
use crate::house::{House, file_error};
use crate::readdress::moved;

/// Why a message cannot be sent again whose bytes are gone.
const TOO_OLD: &str = "not sent again: it is too old, its bytes are not kept any more";
const BY_LOG: &str = "by the relay's log: ";

/// A message in the outbox, its recipient masked.
#[derive(Clone, Debug, Serialize)]
pub struct MessageLine {
    /// Its Message-ID.
    pub message_id: String,
    /// `report`, `receipt` or `error-letter`.
    pub kind: String,
    /// The edition it carries, if it is a report.
    pub edition: Option<String>,
    /// The return it answers, if it is a letter.
    #[serde(rename = "return", skip_serializing_if = "Option::is_none")]
    pub return_id: Option<String>,
    /// The period that return was expected for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub period: Option<Period>,
    /// SHA-256 of the submission it answers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub submission: Option<String>,
    /// Whom it is for, masked.
    pub recipient_masked: String,
    /// Named by evidence.
    pub state: String,
    /// How often it was tried.
    pub attempts: i64,
    /// What the server said last.
    pub last_reply: Option<String>,
}

/// Every message in the outbox.
pub fn messages(house: &House) -> Result<Vec<MessageLine>, PipelineError> {
    let messages = house
        .ledger_to_read()?
        .map(|ledger| ledger.messages(&MessageFilter::default()))
        .transpose()?;
    Ok(messages.unwrap_or_default().iter().map(message_line).collect())
}

/// A message with all that is known of it.
#[derive(Clone, Debug, Serialize)]
pub struct MessageShown {
    /// The message.
    pub message: MessageLine,
    /// Every state it was in, oldest first.
    pub history: Vec<MessageStep>,
    /// Its size, in bytes.
    pub size_bytes: usize,
    /// The finished message, as it is or was sent.
    #[serde(skip)]
    pub mime: Vec<u8>,
}

/// A state a message was in.
#[derive(Clone, Debug, Serialize)]
pub struct MessageStep {
    /// Since when.
    pub at: Timestamp,
    /// Named by evidence.
    pub state: String,
    /// What was said when it came into it.
    pub reply: Option<String>,
}

/// One message, by its Message-ID or the beginning of it.
pub fn message(house: &House, id: &str) -> Result<MessageShown, PipelineError> {
    let ledger = house.ledger_to_read()?.ok_or_else(|| unknown(id))?;
    let found = found(&ledger, id)?;
    let history = ledger.message_history(&found.message_id)?;
    let mime = ledger.message_bytes(&found.message_id)?.unwrap_or_default();
    Ok(MessageShown {
        message: message_line(&found),
        history: history
            .into_iter()
            .map(|event| MessageStep {
                at: event.at,
                state: event.state.as_str().to_owned(),
                reply: event.reply.filter(|_| comes_with_reply(event.state)),
            })
            .collect(),
        size_bytes: mime.len(),
        mime,
    })
}

/// Whether something was said when a message came into a state; in the others the last reply is still there.
fn comes_with_reply(state: MessageState) -> bool {
    !matches!(state, MessageState::Planned | MessageState::Approved | MessageState::Sending)
}

fn message_line(message: &MessageRecord) -> MessageLine {
    let answers = message.answers.as_ref();
    MessageLine {
        message_id: message.message_id.to_string(),
        kind: message.kind.as_str().to_owned(),
        edition: message.edition.as_ref().map(ToString::to_string),
        return_id: answers.map(|answered| answered.return_id.to_string()),
        period: answers
            .map(|answered| answered.expected)
            .or(message.reminds.as_ref().map(|reminds| reminds.period)),
        submission: answers.map(|answered| answered.hash.to_string()),
        recipient_masked: ledger::masked(&message.recipient),
        state: message.state.as_str().to_owned(),
        attempts: message.attempts,
        last_reply: message.last_reply.clone(),
    }
}

/// A message, and what it has become.
#[derive(Clone, Debug, Serialize)]
pub struct Decided {
    /// Its Message-ID.
    pub message_id: String,
    /// Whom it is for, masked.
    pub recipient_masked: String,
    /// Its state now.
    pub state: String,
    /// Why, or what it was.
    pub why: String,
}

/// What a person says became of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SettleAs {
    /// The recipient has it, or their mail server does.
    Accepted,
    /// It did not arrive and will not.
    Refused,
}

/// Lets one message be sent again at the outbox's next turn: it was put off or refused, and what kept it back has
/// been put right.
pub fn retry(house: &House, id: &str) -> Result<Decided, PipelineError> {
    let _lock = house.lock()?;
    let ledger = house.ledger()?;
    let message = found(&ledger, id)?;
    match message.state {
        MessageState::Deferred | MessageState::Refused => {}
        MessageState::Unknown => {
            return Err(PipelineError::Held(format!(
                "message {0} may have arrived: ask the recipient or look into the mail server's log; if it has not, `quarterdeck outbox settle {0} --as refused`, then retry it",
                message.message_id
            )));
        }
        MessageState::Planned => {
            return Err(PipelineError::Held(format!(
                "message {} waits for its edition to be approved: `quarterdeck approve {}`",
                message.message_id,
                message.edition.as_ref().map_or("EDITION", model::EditionId::as_str)
            )));
        }
        state => {
            return Err(PipelineError::Usage(format!(
                "message {} is {}: there is nothing to send again",
                message.message_id,
                state.as_str()
            )));
        }
    }
    if let Some(moved) = readdress(house, &ledger, &message)? {
        return Ok(moved);
    }
    if let Some(unwanted) = unwanted(house, &ledger, &message)? {
        let message = format!("message {}: {}", message.message_id, unwanted.why());
        return Err(PipelineError::Held(message));
    }
    again(house, &ledger, &message)?;
    Ok(decided(&message, MessageState::Approved, format!("it was {}", message.state.as_str())))
}

/// Lets everything be sent again that was refused or given up, but not what a newer edition has replaced or what
/// nobody is to get any more; of one edition, or of all.
pub fn resend_failed(house: &House) -> Result<Vec<Decided>, PipelineError> {
    let _lock = house.lock()?;
    let ledger = house.ledger()?;
    let filter = MessageFilter { edition: None, state: Some(MessageState::Refused) };
    let mut all = Vec::new();
    for message in ledger.messages(&filter)? {
        if let Some(why) = replaced(&ledger, &message)? {
            all.push(decided(&message, MessageState::Refused, why));
            continue;
        }
        if let Some(moved) = readdress(house, &ledger, &message)? {
            all.push(moved);
            continue;
        }
        match unwanted(house, &ledger, &message)? {
            Some(unwanted @ Unwanted::NoRecipient) => {
                all.push(decided(&message, MessageState::Refused, unwanted.why()));
                continue;
            }
            // Nothing is left to be decided about it.
            Some(unwanted @ Unwanted::Overtaken(_)) => {
                ledger.cancel(&message.message_id, &unwanted.why(), house.clock.now())?;
                all.push(decided(&message, MessageState::Cancelled, unwanted.why()));
                continue;
            }
            None => {}
        }
        if !ledger.has_message_bytes(&message.message_id)? {
            all.push(decided(&message, MessageState::Refused, TOO_OLD.to_owned()));
            continue;
        }
        again(house, &ledger, &message)?;
        let said = message.last_reply.clone().unwrap_or_default();
        all.push(decided(&message, MessageState::Approved, said));
    }
    Ok(all)
}

/// Sends what was to an address that is no longer there to the one the configuration names now for the same role.
fn readdress(
    house: &House,
    ledger: &Ledger,
    message: &MessageRecord,
) -> Result<Option<Decided>, PipelineError> {
    let Some(moved) = moved(house, ledger, message)? else { return Ok(None) };
    ledger.readdress(&message.message_id, &moved, house.clock.now())?;
    Ok(Some(Decided {
        message_id: moved.message_id.to_string(),
        recipient_masked: ledger::masked(&moved.recipient),
        state: MessageState::Approved.as_str().to_owned(),
        why: format!("in the place of {}", ledger::masked(&message.recipient)),
    }))
}

/// Why a message is not to be sent again, if its edition is not the one that counts.
fn replaced(ledger: &Ledger, message: &MessageRecord) -> Result<Option<String>, PipelineError> {
    let Some(id) = &message.edition else { return Ok(None) };
    let editions = ledger.editions()?;
    let Some(own) = editions.iter().find(|edition| edition.record.edition_id == *id) else {
        return Ok(None);
    };
    if own.withdrawn.is_some() && message.kind == ledger::MessageKind::Report {
        return Ok(Some(format!("not sent again: edition {id} was withdrawn")));
    }
    let newer = editions.iter().find(|edition| {
        let (one, other) = (&edition.record, &own.record);
        one.report == other.report
            && one.period == other.period
            && one.created_at > other.created_at
            && one.edition_id != other.edition_id
    });
    Ok(newer.map(|newer| {
        format!("not sent again: edition {} has taken its place", newer.record.edition_id)
    }))
}

fn again(house: &House, ledger: &Ledger, message: &MessageRecord) -> Result<(), PipelineError> {
    Ok(ledger.send_again(&message.message_id, house.clock.now())?)
}

/// Keeps what a person found out about a message: whether it arrived, when its answer was lost; or that it came back,
/// when the mail server had taken it.
pub fn settle(house: &House, id: &str, as_what: SettleAs) -> Result<Decided, PipelineError> {
    let _lock = house.lock()?;
    let ledger = house.ledger()?;
    let message = found(&ledger, id)?;
    let (state, reply) = match (message.state, as_what) {
        (MessageState::Unknown, SettleAs::Accepted) => {
            (MessageState::Accepted, "settled by the operator: it arrived")
        }
        (MessageState::Unknown, SettleAs::Refused) => {
            (MessageState::Refused, "settled by the operator: it did not arrive")
        }
        (MessageState::Accepted, SettleAs::Refused) => {
            (MessageState::Refused, "settled by the operator: it came back")
        }
        (state, _) => {
            return Err(PipelineError::Usage(format!(
                "message {} is {}: only what is unknown can be settled, and what was accepted and came back, as refused",
                message.message_id,
                state.as_str()
            )));
        }
    };
    keep(house, &ledger, &message, state, reply.to_owned())
}

/// Settles unknown messages by the log of the relay they were handed to, and accepted ones that came back. Unknown ones
/// that it says nothing of stay unknown.
pub fn settle_by_log(house: &House, log: &Path) -> Result<Vec<Decided>, PipelineError> {
    let _lock = house.lock()?;
    let ledger = house.ledger()?;
    let with = |state| ledger.messages(&MessageFilter { edition: None, state: Some(state) });
    let (unknown, taken) = (with(MessageState::Unknown)?, with(MessageState::Accepted)?);
    let file = std::fs::File::open(log).map_err(file_error("read the mail log", log))?;
    let wanted: BTreeSet<MessageId> =
        unknown.iter().chain(&taken).map(|it| it.message_id.clone()).collect();
    let logged = delivery::look_up(BufReader::new(file), &wanted)
        .map_err(file_error("read the mail log", log))?;
    let mut all = Vec::new();
    for message in &taken {
        let Some(Logged::Bounced(said)) = logged.get(&message.message_id) else { continue };
        let reply = format!("{BY_LOG}{said}");
        // The same log says the same of what was sent again since.
        let history = ledger.message_history(&message.message_id)?;
        if history.iter().any(|event| event.reply.as_ref() == Some(&reply)) {
            continue;
        }
        all.push(keep(house, &ledger, message, MessageState::Refused, reply)?);
    }
    for message in &unknown {
        let evidence = match logged.get(&message.message_id) {
            Some(Logged::Taken(said)) => Some((MessageState::Accepted, said)),
            Some(Logged::Bounced(said)) => Some((MessageState::Refused, said)),
            Some(Logged::NeverWhole) => {
                let reply = format!("{BY_LOG}it never had the whole message");
                all.push(keep(house, &ledger, message, MessageState::Refused, reply)?);
                continue;
            }
            None => None,
        };
        all.push(if let Some((state, said)) = evidence {
            keep(house, &ledger, message, state, format!("{BY_LOG}{said}"))?
        } else {
            let why = "the log does not name it; if the log is complete since it was sent, settle it as refused";
            decided(message, MessageState::Unknown, why.to_owned())
        });
    }
    Ok(all)
}

fn keep(
    house: &House,
    ledger: &Ledger,
    message: &MessageRecord,
    state: MessageState,
    reply: String,
) -> Result<Decided, PipelineError> {
    let at = house.clock.now();
    let settlement = Settlement { state, reply: reply.clone(), at, retry_at: None };
    ledger.settle(&message.message_id, &settlement)?;
    Ok(decided(message, state, reply))
}

fn decided(message: &MessageRecord, state: MessageState, why: String) -> Decided {
    Decided {
        message_id: message.message_id.to_string(),
        recipient_masked: ledger::masked(&message.recipient),
        state: state.as_str().to_owned(),
        why,
    }
}

/// The message by its Message-ID or the beginning of it.
pub(crate) fn found(ledger: &Ledger, id: &str) -> Result<MessageRecord, PipelineError> {
    let messages = ledger.messages(&MessageFilter::default())?;
    let wanted = id.trim_matches(['<', '>']);
    let exact = messages.iter().find(|message| message.message_id.as_str() == wanted);
    let mut begun =
        messages.iter().filter(|message| message.message_id.as_str().starts_with(wanted));
    match (exact, begun.next(), begun.next()) {
        (Some(message), _, _) | (None, Some(message), None) => Ok(message.clone()),
        (None, None, _) => Err(unknown(id)),
        (None, Some(_), Some(_)) => {
            let message = format!("more than one message begins with `{id}`: give more of it");
            Err(PipelineError::Usage(message))
        }
    }
}

/// There is no such message.
pub(crate) fn unknown(id: &str) -> PipelineError {
    let hint = "`quarterdeck outbox list` prints them";
    PipelineError::Usage(format!("there is no message `{id}`: {hint}"))
}
