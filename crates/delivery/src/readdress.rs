//! A finished message for the same reader at another address: a mailbox moved, or was written wrongly.

use lettre::message::Mailboxes;
use lettre::message::header::{Headers, To};
use model::MessageId;

use crate::address;
use crate::compose::{ComposeError, checked_id, mailbox};

/// Whom a message is to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Addressee<'a> {
    /// The role, as the reader sees it.
    pub role: &'a str,
    /// The mailbox.
    pub address: &'a str,
}

/// The same message to another addressee and with another `Message-ID`; nothing else in it changes. `None` if it is
/// not to `was`.
///
/// # Errors
/// [`ComposeError::Address`] and [`ComposeError::MessageId`], as in composing.
pub fn readdressed(
    mime: &[u8],
    was: Addressee<'_>,
    now: Addressee<'_>,
    id: &MessageId,
) -> Result<Option<Vec<u8>>, ComposeError> {
    let (was, now) = (to(was)?, to(now)?);
    let id = format!("Message-ID: <{}>\r\n", checked_id(id)?);
    let mut whole = Vec::with_capacity(mime.len() + now.len());
    let (mut is_readdressed, mut is_renamed) = (false, false);
    let mut rest = mime;
    while let Some((field, after)) = first_field(rest) {
        rest = after;
        if field == was.as_bytes() && !is_readdressed {
            is_readdressed = true;
            whole.extend_from_slice(now.as_bytes());
        } else if begins_with(field, "Message-ID:") {
            is_renamed = true;
            whole.extend_from_slice(id.as_bytes());
        } else {
            whole.extend_from_slice(field);
        }
    }
    whole.extend_from_slice(rest);
    Ok((is_readdressed && is_renamed).then_some(whole))
}

/// The field as composing writes it, folded where that folds it.
fn to(addressee: Addressee<'_>) -> Result<String, ComposeError> {
    let address = address::parse(addressee.address)
        .map_err(|source| ComposeError::Address { whose: "to", source })?;
    let mut headers = Headers::new();
    headers.set(To::from(Mailboxes::new().with(mailbox(addressee.role, address))));
    Ok(headers.to_string())
}

/// The first field with its folded lines, and what comes after it; none once the body begins.
fn first_field(rest: &[u8]) -> Option<(&[u8], &[u8])> {
    if rest.is_empty() || rest.starts_with(b"\r\n") {
        return None;
    }
    let mut end = 0;
    loop {
        end += rest[end..].windows(2).position(|two| two == b"\r\n")? + 2;
        if !matches!(rest.get(end), Some(b' ' | b'\t')) {
            return Some(rest.split_at(end));
        }
    }
}

fn begins_with(field: &[u8], name: &str) -> bool {
    field.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name.as_bytes()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{Attachment, Mail, message_id, mime};

    fn mail(id: &MessageId, role: &str, address: &str) -> Mail {
        Mail {
            message_id: id.clone(),
            in_reply_to: Some(MessageId::new("earlier@csp.example".to_owned())),
            date: "2025-07-21T08:00:00Z".parse().expect("a time"),
            from_name: "Fallow Vale Community Safety Partnership".to_owned(),
            from_address: "reports@csp.example".to_owned(),
            to_role: role.to_owned(),
            to_address: address.to_owned(),
            reply_to: None,
            subject: "Quarterly report".to_owned(),
            text: format!("To: {role} <{address}>\r\n\r\nMessage-ID: <not@this.one>\r\n"),
            html: "<p>To: whom it may concern</p>".to_owned(),
            attachments: vec![Attachment {
                file_name: "pack.pdf".to_owned(),
                media_type: "application/pdf".to_owned(),
                bytes: b"To: nobody\r\n".to_vec(),
            }],
            images: Vec::new(),
        }
    }

    #[test]
    fn only_the_reader_and_the_name_of_the_message_change() {
        let old = message_id("run-1", "old@csp.example", "csp.example");
        let new = message_id("run-1", "new@csp.example", "csp.example");
        let whole = mime(&mail(&old, "Partnership chair", "old@csp.example")).expect("a mail");
        let was = Addressee { role: "Partnership chair", address: "old@csp.example" };
        let now = Addressee { role: "Partnership chair", address: "new@csp.example" };
        let moved = readdressed(&whole, was, now, &new).expect("fits").expect("it is theirs");
        let (before, after) = (String::from_utf8_lossy(&whole), String::from_utf8_lossy(&moved));
        let changed: Vec<(&str, &str)> =
            before.lines().zip(after.lines()).filter(|(one, other)| one != other).collect();
        assert_eq!(before.lines().count(), after.lines().count());
        insta::assert_debug_snapshot!(changed, @r#"
        [
            (
                "Message-ID: <run-1.27b4084e4ebcafc8e49a@csp.example>",
                "Message-ID: <run-1.183d3ea2ac7da5533a65@csp.example>",
            ),
            (
                "To: \"Partnership chair\" <old@csp.example>",
                "To: \"Partnership chair\" <new@csp.example>",
            ),
        ]
        "#);
        let somebody_else = Addressee { role: "Police lead", address: "old@csp.example" };
        assert!(readdressed(&whole, somebody_else, now, &new).expect("fits").is_none());
    }

    proptest! {
        #[test]
        fn moving_a_message_forth_and_back_changes_nothing(role in "\\PC{0,60}", other in "[a-z]{1,40}") {
            let (here, there) = ("old@csp.example", format!("{other}@csp.example"));
            let old = message_id("run-1", here, "csp.example");
            let new = message_id("run-1", &there, "csp.example");
            let whole = mime(&mail(&old, &role, here)).expect("a mail");
            let (was, now) = (Addressee { role: &role, address: here }, Addressee { role: &role, address: &there });
            let moved = readdressed(&whole, was, now, &new).expect("fits").expect("it is theirs");
            let back = readdressed(&moved, now, was, &old).expect("fits").expect("it is theirs");
            prop_assert_eq!(back, whole);
        }
    }
}
