//! An edition as finished messages, one for each recipient.

use delivery::{Mail, Picture};
use ledger::{MessageKind, OutboxMessage};
use model::{EditionId, SubmissionHash};
use publication::Email;

use super::Commission;
use super::rendering::{Addressed, Renditions};
use crate::error::PipelineError;
use crate::house::House;

pub(super) fn messages(
    house: &House,
    commission: &Commission<'_>,
    edition: &EditionId,
    renditions: &Renditions,
) -> Result<Vec<OutboxMessage>, PipelineError> {
    let mail = &house.definitions.settings.mail;
    let domain = mail.from_address.rsplit('@').next().unwrap_or("localhost");
    renditions
        .mails
        .iter()
        .map(|Addressed { recipient, email, attachments }| {
            let message_id =
                delivery::message_id(commission.run.as_str(), &recipient.address, domain);
            let mime = delivery::mime(&Mail {
                message_id: message_id.clone(),
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

fn pictures(email: &Email) -> Vec<Picture> {
    let images = email.images.iter().map(|image| Picture {
        content_id: image.content_id.clone(),
        file_name: image.file_name.clone(),
        png: image.png.clone(),
    });
    images.collect()
}
