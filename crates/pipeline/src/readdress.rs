//! Reports to whoever was meant, when their mailbox is another by now.

use delivery::{Addressee, readdressed};
use ledger::{Ledger, MessageFilter, MessageKind, MessageRecord, Readdressed};
use model::{Recipient, SubmissionHash};

use crate::error::PipelineError;
use crate::house::House;

/// Those who get messages of this kind about the edition of this one, as configured now; none for letters to partners
/// and notices.
pub(crate) fn recipients<'a>(
    house: &'a House,
    ledger: &Ledger,
    message: &MessageRecord,
) -> Result<Vec<&'a Recipient>, PipelineError> {
    let definitions = &house.definitions;
    let edition = message.edition.as_ref().map(|id| ledger.edition(id)).transpose()?;
    let report = edition.flatten().map(|edition| edition.record.report);
    let job = definitions.jobs.values().find(|job| Some(job.id.as_str()) == report.as_deref());
    let ids: Vec<&String> = match (job, message.kind) {
        (Some(job), MessageKind::Report) => job.recipients().collect(),
        (Some(job), MessageKind::ApprovalRequest) => {
            job.approval.iter().map(|approval| &approval.by).collect()
        }
        _ => Vec::new(),
    };
    let all = definitions.partnership.recipients.iter();
    Ok(all.filter(|known| ids.contains(&&known.id)).collect())
}

/// A message to an address that the configuration no longer names, made out to the address which the same role has
/// now. `None` if it names no other for that role, if that one has a message of this edition already, or if there are
/// two that have none: those of one role may get different things.
pub(crate) fn moved(
    house: &House,
    ledger: &Ledger,
    message: &MessageRecord,
) -> Result<Option<Readdressed>, PipelineError> {
    let filter = MessageFilter { edition: message.edition.clone(), state: None };
    let there = ledger.messages(&filter)?;
    let has_one = |address: &str| {
        there.iter().any(|other| other.kind == message.kind && other.recipient == address)
    };
    let recipients = recipients(house, ledger, message)?;
    if recipients.iter().any(|known| known.address == message.recipient) {
        return Ok(None);
    }
    let Some(mime) = ledger.message_bytes(&message.message_id)? else { return Ok(None) };
    let (about, domain) = message
        .message_id
        .as_str()
        .rsplit_once('@')
        .unwrap_or((message.message_id.as_str(), "localhost"));
    let mut found = None;
    for Recipient { role, address, .. } in recipients {
        if has_one(address) {
            continue;
        }
        let message_id = delivery::message_id(about, address, domain);
        let was = Addressee { role, address: &message.recipient };
        let now = Addressee { role, address };
        let whole = readdressed(&mime, was, now, &message_id)
            .map_err(|source| PipelineError::Compose { recipient: role.clone(), source })?;
        let Some(mime) = whole else { continue };
        if found.is_some() {
            return Ok(None);
        }
        let sha256 = SubmissionHash::of(&mime).to_string();
        found = Some(Readdressed { message_id, recipient: address.clone(), mime, sha256 });
    }
    Ok(found)
}
