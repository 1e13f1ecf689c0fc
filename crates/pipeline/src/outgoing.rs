//! What the partnership says to one person, as a finished message for the outbox.

use delivery::{Attachment, Mail, Picture};
use ledger::{MessageKind, OutboxMessage, ReminderOf};
use model::{EditionId, MessageId, SubmissionHash};
use publication::{Email, InlineImage};

use crate::error::PipelineError;
use crate::house::House;

/// Something to say to one person.
pub(crate) struct Outgoing<'a> {
    /// What kind of message it is.
    pub kind: MessageKind,
    /// What makes it the same message: the same about the same to the same address is said once.
    pub about: &'a str,
    /// The edition that it brings or takes back, if it is about one.
    pub edition: Option<EditionId>,
    /// Whom it reminds and of what, if it is a reminder.
    pub reminds: Option<ReminderOf>,
    /// Who it is to: a role or a partner.
    pub role: &'a str,
    /// The address it is to.
    pub address: &'a str,
    /// The message that it corrects or takes back.
    pub in_reply_to: Option<MessageId>,
    /// What it says.
    pub email: Email,
    /// Files that go with it.
    pub attachments: Vec<Attachment>,
}

/// The finished message, from the partnership's address and dated now.
///
/// # Errors
/// [`PipelineError::Compose`] if it cannot be written, as with an address that is none.
pub(crate) fn finished(
    house: &House,
    outgoing: Outgoing<'_>,
) -> Result<OutboxMessage, PipelineError> {
    let Outgoing { kind, about, edition, reminds, role, address, in_reply_to, email, attachments } =
        outgoing;
    let mail = &house.definitions.settings.mail;
    let domain = mail.from_address.rsplit('@').next().unwrap_or("localhost");
    let message_id = delivery::message_id(about, address, domain);
    let mime = delivery::mime(&Mail {
        message_id: message_id.clone(),
        in_reply_to,
        date: house.clock.now(),
        from_name: mail.from_name.clone(),
        from_address: mail.from_address.clone(),
        to_role: role.to_owned(),
        to_address: address.to_owned(),
        reply_to: mail.reply_to.clone(),
        subject: email.subject,
        text: email.text,
        html: email.html,
        images: pictures(email.images),
        attachments,
    })
    .map_err(|source| PipelineError::Compose { recipient: role.to_owned(), source })?;
    let sha256 = SubmissionHash::of(&mime).to_string();
    let recipient = address.to_owned();
    Ok(OutboxMessage { message_id, kind, edition, reminds, recipient, mime, sha256 })
}

fn pictures(images: Vec<InlineImage>) -> Vec<Picture> {
    // Short names: longer ones are split over lines in a way that not every mail program reads.
    let pictures = (1..).zip(images).map(|(number, image)| Picture {
        content_id: image.content_id,
        file_name: format!("picture-{number}.png"),
        png: image.png,
    });
    pictures.collect()
}
