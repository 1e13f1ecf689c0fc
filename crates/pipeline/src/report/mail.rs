//! An edition as finished messages, one for each recipient.

use std::collections::BTreeMap;

use ledger::{Batch, Ledger, MessageFilter, MessageKind, StoredEdition};
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
) -> Result<Batch, PipelineError> {
    let earlier = earlier(ledger, commission)?.map(|(_, got)| got).unwrap_or_default();
    let mut messages = Batch::default();
    for Addressed { recipient, content } in &renditions.mails {
        let outgoing = Outgoing {
            reminds: None,
            kind: MessageKind::Report,
            about: commission.run.as_str(),
            edition: Some(edition.clone()),
            role: &recipient.role,
            address: &recipient.address,
            in_reply_to: earlier.get(&recipient.address).cloned(),
            email: content.email.clone(),
            attachments: content.attachments.clone(),
        };
        messages.push(finished(house, outgoing)?);
    }
    Ok(messages)
}

/// An edition, and the messages of it by recipient's address.
type Earlier = (StoredEdition, BTreeMap<String, MessageId>);

/// The latest edition of the same report and period that anybody may have got, and the messages of it by
/// recipient's address. One that was never let out is corrected by none.
fn earlier(ledger: &Ledger, commission: &Commission<'_>) -> Result<Option<Earlier>, PipelineError> {
    let ours = ledger.editions()?.into_iter().rev().filter(|edition| {
        edition.record.report == commission.job.id.as_str()
            && edition.record.period == commission.period
    });
    for edition in ours {
        let id = Some(edition.record.edition_id.clone());
        let messages = ledger.messages(&MessageFilter { edition: id, state: None })?;
        let got = messages
            .into_iter()
            .filter(|it| it.kind == MessageKind::Report && may_have_arrived(it.state));
        let got: BTreeMap<_, _> = got.map(|it| (it.recipient, it.message_id)).collect();
        if !got.is_empty() {
            return Ok(Some((edition, got)));
        }
    }
    Ok(None)
}

/// What this edition takes the place of; none where nobody can have got one before.
pub(super) fn corrects(
    ledger: &Ledger,
    commission: &Commission<'_>,
) -> Result<Option<Corrects>, PipelineError> {
    let earlier = earlier(ledger, commission)?;
    Ok(earlier.map(|(edition, _)| Corrects {
        edition: edition.record.edition_id,
        made_on: local(edition.record.created_at).date(),
        withdrawn: edition.withdrawn.map(|(_, why)| why),
    }))
}
