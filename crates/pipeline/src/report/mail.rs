//! An edition as finished messages, one for each recipient.

use std::collections::BTreeMap;

use ledger::{Ledger, MessageFilter, MessageKind, OutboxMessage, StoredEdition};
use model::{EditionId, MessageId};
use publication::Corrects;

use super::Commission;
use super::notices::may_have_arrived;
use super::rendering::{Addressed, Renditions};
use crate::clock::local;
use crate::error::PipelineError;
use crate::house::House;
use crate::outgoing::{Outgoing, finished};

pub(super) fn messages(
    house: &House,
    ledger: &Ledger,
    commission: &Commission<'_>,
    edition: &EditionId,
    renditions: &Renditions,
) -> Result<Vec<OutboxMessage>, PipelineError> {
    let earlier = earlier(ledger, commission)?;
    let mails = renditions.mails.iter().map(|Addressed { recipient, email, attachments }| {
        let outgoing = Outgoing {
            kind: MessageKind::Report,
            about: commission.run.as_str(),
            edition: Some(edition.clone()),
            role: &recipient.role,
            address: &recipient.address,
            in_reply_to: earlier.get(&recipient.address).cloned(),
            email: email.clone(),
            attachments: attachments.clone(),
        };
        finished(house, outgoing)
    });
    mails.collect()
}

/// The edition of the same report and period before this one, once anybody may have got it.
fn corrected(
    ledger: &Ledger,
    commission: &Commission<'_>,
) -> Result<Option<StoredEdition>, PipelineError> {
    let editions = ledger.editions()?.into_iter().rev();
    let mut ours = editions.filter(|edition| {
        edition.record.report == commission.job.id.as_str()
            && edition.record.period == commission.period
    });
    Ok(ours.next())
}

/// The messages of that edition, by recipient's address.
fn earlier(
    ledger: &Ledger,
    commission: &Commission<'_>,
) -> Result<BTreeMap<String, MessageId>, PipelineError> {
    let Some(edition) = corrected(ledger, commission)? else { return Ok(BTreeMap::new()) };
    let edition = Some(edition.record.edition_id);
    let messages = ledger.messages(&MessageFilter { edition, state: None })?;
    let got = messages
        .into_iter()
        .filter(|it| it.kind == MessageKind::Report && may_have_arrived(it.state));
    Ok(got.map(|it| (it.recipient, it.message_id)).collect())
}

/// What this edition takes the place of; none where nobody can have got the one before.
pub(super) fn corrects(
    ledger: &Ledger,
    commission: &Commission<'_>,
) -> Result<Option<Corrects>, PipelineError> {
    let Some(edition) = corrected(ledger, commission)? else { return Ok(None) };
    if earlier(ledger, commission)?.is_empty() {
        return Ok(None);
    }
    Ok(Some(Corrects {
        edition: edition.record.edition_id,
        made_on: local(edition.record.created_at).date(),
        withdrawn: edition.withdrawn.map(|(_, why)| why),
    }))
}
