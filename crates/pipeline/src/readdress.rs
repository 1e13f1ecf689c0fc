//! Reports and letters to whoever was meant, when their mailbox is another by now.

use delivery::{Addressee, readdressed};
use ledger::{Ledger, MessageFilter, MessageKind, MessageRecord, Readdressed};
use model::{Partner, Recipient, SubmissionHash};

use crate::error::PipelineError;
use crate::house::House;

/// In the `Message-ID` of the copy of a reminder that goes to the partner's lead.
pub(crate) const LEADS_COPY: &str = "-copy.";

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

/// Whom a message like this would be to, as configured now; nobody for notices and for what takes a report back.
fn addressees<'a>(
    house: &'a House,
    ledger: &Ledger,
    message: &MessageRecord,
) -> Result<Vec<Addressee<'a>>, PipelineError> {
    let partner = partner(house, message);
    let mailbox = |address: &'a Option<String>| {
        let role = partner?.name.as_str();
        address.as_deref().map(|address| Addressee { role, address })
    };
    Ok(match message.kind {
        MessageKind::Reminder if message.message_id.as_str().contains(LEADS_COPY) => {
            partner.and_then(|it| mailbox(&it.lead)).into_iter().collect()
        }
        MessageKind::Receipt | MessageKind::ErrorLetter | MessageKind::Reminder => {
            partner.and_then(|it| mailbox(&it.contact)).into_iter().collect()
        }
        _ => {
            let recipients = recipients(house, ledger, message)?.into_iter();
            let addressee = |it: &'a Recipient| Addressee { role: &it.role, address: &it.address };
            recipients.map(addressee).collect()
        }
    })
}

/// The partner that a letter or a reminder is about.
fn partner<'a>(house: &'a House, message: &MessageRecord) -> Option<&'a Partner> {
    let contracts = &house.definitions.contracts;
    let id = match (&message.answers, &message.reminds) {
        (Some(about), _) => &contracts.get(&about.return_id)?.partner,
        (None, Some(about)) => &about.partner,
        (None, None) => return None,
    };
    house.definitions.partnership.partners.iter().find(|known| known.id == *id)
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
        there.iter().any(|other| {
            other.kind == message.kind
                && other.recipient == address
                && other.answers == message.answers
                && other.reminds == message.reminds
        })
    };
    let addressees = addressees(house, ledger, message)?;
    if addressees.iter().any(|known| known.address == message.recipient) {
        return Ok(None);
    }
    let Some(mime) = ledger.message_bytes(&message.message_id)? else { return Ok(None) };
    let (about, domain) = message
        .message_id
        .as_str()
        .rsplit_once('@')
        .unwrap_or((message.message_id.as_str(), "localhost"));
    let mut found = None;
    for now in addressees {
        let Addressee { role, address } = now;
        if has_one(address) {
            continue;
        }
        let message_id = delivery::message_id(about, address, domain);
        let was = Addressee { role, address: &message.recipient };
        let whole = readdressed(&mime, was, now, &message_id)
            .map_err(|source| PipelineError::Compose { recipient: role.to_owned(), source })?;
        let Some(mime) = whole else { continue };
        if found.is_some() {
            return Ok(None);
        }
        let sha256 = SubmissionHash::of(&mime).to_string();
        found = Some(Readdressed { message_id, recipient: address.to_owned(), mime, sha256 });
    }
    Ok(found)
}
