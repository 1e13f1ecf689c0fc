//! An edition as finished messages, one for each recipient.

use std::collections::BTreeMap;

use delivery::{Mail, Picture};
use ledger::{Ledger, MessageFilter, MessageKind, OutboxMessage, StoredEdition};
use model::{EditionId, MessageId, SubmissionHash};
use publication::{Corrects, Email};

use super::Commission;
use super::notices::may_have_arrived;
use super::rendering::{Addressed, Renditions};
use crate::clock::local;
use crate::error::PipelineError;
use crate::house::House;

pub(super) fn messages(
    house: &House,
    ledger: &Ledger,
    commission: &Commission<'_>,
    edition: &EditionId,
    renditions: &Renditions,
) -> Result<Vec<OutboxMessage>, PipelineError> {
    let mail = &house.definitions.settings.mail;
    let earlier = earlier(ledger, commission)?;
    let domain = mail.from_address.rsplit('@').next().unwrap_or("localhost");
    renditions
        .mails
        .iter()
        .map(|Addressed { recipient, email, attachments }| {
            let message_id =
                delivery::message_id(commission.run.as_str(), &recipient.address, domain);
            let mime = delivery::mime(&Mail {
                message_id: message_id.clone(),
                in_reply_to: earlier.get(&recipient.address).cloned(),
                date: house.clock.now(),
                from_name: mail.from_name.clone(),
                from_address: mail.from_address.clone(),
                to_role: recipient.role.clone(),
                to_address: recipient.address.clone(),
                reply_to: mail.reply_to.clone(),
                subject: email.subject.clone(),
                text: email.text.clone(),
                html: email.html.clone(),
                images: pictures(email),
                attachments: attachments.clone(),
            })
            .map_err(|source| PipelineError::Compose {
                recipient: recipient.role.clone(),
                source,
            })?;
            let sha256 = SubmissionHash::of(&mime).to_string();
            let recipient = recipient.address.clone();
            let (kind, edition) = (MessageKind::Report, Some(edition.clone()));
            Ok(OutboxMessage { message_id, kind, edition, recipient, mime, sha256 })
        })
        .collect()
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

fn pictures(email: &Email) -> Vec<Picture> {
    // Short names: longer ones are split over lines in a way that not every mail program reads.
    let images = (1..).zip(&email.images).map(|(number, image)| Picture {
        content_id: image.content_id.clone(),
        file_name: format!("picture-{number}.png"),
        png: image.png.clone(),
    });
    images.collect()
}
