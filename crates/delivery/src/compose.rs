//! From what is to be said to finished bytes (RFC 5322). The same mail gives the same bytes.

use std::fmt::Write as _;
use std::time::SystemTime;

use jiff::Timestamp;
use lettre::Message;
use lettre::message::header::{ContentTransferEncoding, ContentType, HeaderName, HeaderValue};
use lettre::message::{Body, Mailbox, MultiPart, SinglePart};
use model::MessageId;
use sha2::{Digest, Sha256};

use crate::address::{self, AddressError};

/// A mail to one recipient.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mail {
    /// Its `Message-ID`, without angle brackets.
    pub message_id: MessageId,
    /// The mail that it corrects or takes back, so that mail programs show them together.
    pub in_reply_to: Option<MessageId>,
    /// Its `Date`.
    pub date: Timestamp,
    /// Who it is from, as shown.
    pub from_name: String,
    /// The address it is from.
    pub from_address: String,
    /// Who it is to, as shown: a role, not a person.
    pub to_role: String,
    /// The one address it is to.
    pub to_address: String,
    /// Where answers go, if not to the sender.
    pub reply_to: Option<String>,
    /// The subject.
    pub subject: String,
    /// The whole message as plain text.
    pub text: String,
    /// The same as HTML; empty for a mail of plain text alone.
    pub html: String,
    /// Pictures that the HTML shows, by their `Content-ID`.
    pub images: Vec<Picture>,
    /// Files that go with it, in this order.
    pub attachments: Vec<Attachment>,
}

/// A picture that a mail's HTML shows as `cid:…`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    /// Its `Content-ID`, without angle brackets: letters, digits, dots, dashes and one `@`.
    pub content_id: String,
    /// Its name, for whoever saves it.
    pub file_name: String,
    /// The picture, a PNG.
    pub png: Vec<u8>,
}

/// A file that goes with a mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attachment {
    /// Its name, as shown.
    pub file_name: String,
    /// Its media type: `application/pdf`.
    pub media_type: String,
    /// Its content.
    pub bytes: Vec<u8>,
}

/// Why a mail could not be composed. Nothing is sent.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ComposeError {
    /// An address mail cannot be sent to.
    #[error("could not compose the mail: the {whose} address cannot be used: {source}")]
    Address {
        /// `from`, `to` or `reply-to`.
        whose: &'static str,
        /// What is wrong with it.
        source: AddressError,
    },
    /// The `Message-ID` has characters a mail header cannot hold.
    #[error("could not compose the mail: `{id}` cannot be a Message-ID")]
    MessageId {
        /// The id.
        id: String,
    },
    /// A picture's id has characters a mail header cannot hold.
    #[error("could not put the picture `{file_name}` into the mail: `{id}` cannot be a Content-ID")]
    ContentId {
        /// The picture.
        file_name: String,
        /// The id.
        id: String,
    },
    /// Text that is not a media type.
    #[error("could not attach `{file_name}`: `{media_type}` is not a media type")]
    MediaType {
        /// The attachment.
        file_name: String,
        /// What was given.
        media_type: String,
    },
    /// A date no mail can carry.
    #[error("could not compose the mail: its date {date} is before 1970 or after 9999")]
    Date {
        /// The date.
        date: Timestamp,
    },
    /// The mail library refused.
    #[error("could not compose the mail: {why}")]
    Build {
        /// What it said.
        why: String,
    },
}

/// The `Message-ID` of a mail about something to a recipient: always the same, and without the
/// address in it. `about` is a run, or what makes a letter the same letter.
///
/// `domain` is the sender's domain.
pub fn message_id(about: &str, recipient: &str, domain: &str) -> MessageId {
    let hash = sha256_hex(format!("{about}\n{}", recipient.to_ascii_lowercase()).as_bytes());
    let about: String = about.chars().map(id_character).collect();
    let domain: String = domain.chars().map(id_character).collect();
    MessageId::new(format!("{about}.{}@{domain}", &hash[..20]))
}

/// SHA-256 of bytes in lower-case hexadecimal.
pub fn sha256_hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(64);
    for byte in Sha256::digest(bytes) {
        write!(text, "{byte:02x}").expect("writing to a String cannot fail");
    }
    text
}

/// The finished bytes of a mail: ASCII, lines ended by CR LF, nothing in them random.
pub fn mime(mail: &Mail) -> Result<Vec<u8>, ComposeError> {
    let address = |whose, text: &str| {
        address::parse(text).map_err(|source| ComposeError::Address { whose, source })
    };
    let from = mailbox(&mail.from_name, address("from", &mail.from_address)?);
    let to = mailbox(&mail.to_role, address("to", &mail.to_address)?);
    let mut builder = Message::builder()
        .message_id(Some(format!("<{}>", checked_id(&mail.message_id)?)))
        .date(system_time(mail.date)?)
        .from(from)
        .to(to)
        .subject(one_line(&mail.subject))
        .raw_header(header("Content-Language", "en-GB"))
        // So that out-of-office replies do not come back.
        .raw_header(header("Auto-Submitted", "auto-generated"))
        .raw_header(header("X-Auto-Response-Suppress", "All"));
    if let Some(reply_to) = &mail.reply_to {
        builder = builder.reply_to(Mailbox::new(None, address("reply-to", reply_to)?));
    }
    if let Some(earlier) = &mail.in_reply_to {
        let earlier = format!("<{}>", checked_id(earlier)?);
        builder = builder.in_reply_to(earlier.clone()).references(earlier);
    }
    let key = sha256_hex(mail.message_id.as_str().as_bytes());
    let plain = SinglePart::plain(unix_lines(&mail.text));
    if mail.html.is_empty() && mail.attachments.is_empty() {
        let message = builder
            .singlepart(plain)
            .map_err(|error| ComposeError::Build { why: error.to_string() })?;
        return Ok(message.formatted());
    }
    let html = SinglePart::html(unix_lines(&mail.html));
    let body =
        MultiPart::alternative().boundary(format!("qd-text-{}", &key[..32])).singlepart(plain);
    let body = if mail.images.is_empty() {
        body.singlepart(html)
    } else {
        let mut shown =
            MultiPart::related().boundary(format!("qd-html-{}", &key[..32])).singlepart(html);
        for picture in &mail.images {
            shown = shown.singlepart(inline(picture)?);
        }
        body.multipart(shown)
    };
    let whole = if mail.attachments.is_empty() {
        body
    } else {
        let mut whole =
            MultiPart::mixed().boundary(format!("qd-files-{}", &key[..32])).multipart(body);
        for attachment in &mail.attachments {
            whole = whole.singlepart(attached(attachment)?);
        }
        whole
    };
    let message =
        builder.multipart(whole).map_err(|error| ComposeError::Build { why: error.to_string() })?;
    Ok(message.formatted())
}

fn inline(picture: &Picture) -> Result<SinglePart, ComposeError> {
    let Picture { content_id, file_name, png } = picture;
    let id = MessageId::new(content_id.clone());
    let content_id = checked_id(&id).map_err(|_| ComposeError::ContentId {
        file_name: file_name.clone(),
        id: content_id.clone(),
    })?;
    let body = Body::new_with_encoding(png.clone(), ContentTransferEncoding::Base64)
        .expect("base64 holds any bytes");
    let content_type = ContentType::parse("image/png").expect("it is a media type");
    let name = one_line(file_name);
    Ok(lettre::message::Attachment::new_inline_with_name(content_id.to_owned(), name)
        .body(body, content_type))
}

fn attached(attachment: &Attachment) -> Result<SinglePart, ComposeError> {
    let Attachment { file_name, media_type, bytes } = attachment;
    let content_type = ContentType::parse(media_type).map_err(|_| ComposeError::MediaType {
        file_name: file_name.clone(),
        media_type: media_type.clone(),
    })?;
    // Always base64: left to itself the library sends ASCII as it is, with whatever line ends it has.
    let body = Body::new_with_encoding(bytes.clone(), ContentTransferEncoding::Base64)
        .expect("base64 holds any bytes");
    Ok(lettre::message::Attachment::new(one_line(file_name)).body(body, content_type))
}

pub(crate) fn mailbox(name: &str, address: lettre::Address) -> Mailbox {
    let name = one_line(name);
    Mailbox::new((!name.is_empty()).then_some(name), address)
}

fn header(name: &'static str, value: &str) -> HeaderValue {
    HeaderValue::new(HeaderName::new_from_ascii_str(name), value.to_owned())
}

/// Text for a header: no control characters (the mail library panics on some), none that turn the
/// reading direction, and single spaces.
fn one_line(text: &str) -> String {
    let plain: String = text
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .filter(|c| !matches!(c, '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}'))
        .collect();
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// All line ends as `\n`: a lone `\r` would be a line end to some servers and not to others. NUL
/// has no place in a mail, and no server would take it.
fn unix_lines(text: &str) -> String {
    text.replace("\r\n", "\n").replace('\r', "\n").replace('\0', "")
}

pub(crate) fn checked_id(id: &MessageId) -> Result<&str, ComposeError> {
    let text = id.as_str();
    let fits = text.len() <= 200
        && text.matches('@').count() == 1
        && !text.starts_with('@')
        && !text.ends_with('@')
        && text.chars().all(|c| c == '@' || id_character(c) == c);
    if fits { Ok(text) } else { Err(ComposeError::MessageId { id: text.to_owned() }) }
}

/// The character if a `Message-ID` may hold it, otherwise a dash.
fn id_character(c: char) -> char {
    match c {
        'a'..='z' | 'A'..='Z' | '0'..='9' | '.' | '-' | '_' => c,
        _ => '-',
    }
}

fn system_time(date: Timestamp) -> Result<SystemTime, ComposeError> {
    // Outside of these years the mail library panics.
    if (0..253_402_300_800).contains(&date.as_second()) {
        Ok(SystemTime::from(date))
    } else {
        Err(ComposeError::Date { date })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mail() -> Mail {
        Mail {
            message_id: message_id(
                "quarterly-monitoring-2025-26-Q1-01",
                "chair@sevenoaks.example",
                "reports.example",
            ),
            in_reply_to: None,
            date: "2025-07-21T08:00:00Z".parse().expect("valid"),
            from_name: "Sevenoaks Community Safety Partnership".to_owned(),
            from_address: "csp@reports.example".to_owned(),
            to_role: "Chair of the board".to_owned(),
            to_address: "chair@sevenoaks.example".to_owned(),
            reply_to: Some("analyst@reports.example".to_owned()),
            subject: "Quarter 1 2025 to 2026: one measure got worse".to_owned(),
            text: "Fewer incidents: 1,234.\n.a line that begins with a dot\n".to_owned(),
            html: "<p>Fewer incidents: <b>1,234</b> – see the pack.</p>\n".to_owned(),
            images: Vec::new(),
            attachments: vec![Attachment {
                file_name: "figures.csv".to_owned(),
                media_type: "text/csv".to_owned(),
                bytes: b"area,value\r\nSevenoaks,1234\r\n".to_vec(),
            }],
        }
    }

    fn composed(mail: &Mail) -> String {
        let bytes = mime(mail).expect("composes");
        assert_eq!(crate::wire::fault(&bytes), None);
        String::from_utf8(bytes).expect("ASCII").replace("\r\n", "\n")
    }

    /// The names of the headers of the whole message, in order.
    fn header_names(text: &str) -> Vec<&str> {
        let head = text.split("\n\n").next().expect("a head");
        head.lines()
            .filter(|line| !line.starts_with([' ', '\t']))
            .map(|line| line.split(':').next().expect("a name"))
            .collect()
    }

    #[test]
    fn a_whole_message() {
        insta::assert_snapshot!(composed(&mail()), @r#"
        Message-ID: <quarterly-monitoring-2025-26-Q1-01.6a48d977db04992ad386@reports.example>
        Date: Mon, 21 Jul 2025 08:00:00 +0000
        From: "Sevenoaks Community Safety Partnership" <csp@reports.example>
        To: "Chair of the board" <chair@sevenoaks.example>
        Subject: Quarter 1 2025 to 2026: one measure got worse
        Content-Language: en-GB
        Auto-Submitted: auto-generated
        X-Auto-Response-Suppress: All
        Reply-To: analyst@reports.example
        MIME-Version: 1.0
        Content-Type: multipart/mixed;
         boundary="qd-files-40d01cb3914ebab33f23a46c774d310b"

        --qd-files-40d01cb3914ebab33f23a46c774d310b
        Content-Type: multipart/alternative;
         boundary="qd-text-40d01cb3914ebab33f23a46c774d310b"

        --qd-text-40d01cb3914ebab33f23a46c774d310b
        Content-Type: text/plain; charset=utf-8
        Content-Transfer-Encoding: 7bit

        Fewer incidents: 1,234.
        .a line that begins with a dot

        --qd-text-40d01cb3914ebab33f23a46c774d310b
        Content-Type: text/html; charset=utf-8
        Content-Transfer-Encoding: quoted-printable

        <p>Fewer incidents: <b>1,234</b> =E2=80=93 see the pack.</p>

        --qd-text-40d01cb3914ebab33f23a46c774d310b--
        --qd-files-40d01cb3914ebab33f23a46c774d310b
        Content-Disposition: attachment; filename="figures.csv"
        Content-Type: text/csv
        Content-Transfer-Encoding: base64

        YXJlYSx2YWx1ZQ0KU2V2ZW5vYWtzLDEyMzQNCg==
        --qd-files-40d01cb3914ebab33f23a46c774d310b--
        "#);
    }

    #[test]
    fn pictures_stand_beside_the_html_and_a_correction_names_what_it_corrects() {
        let mut corrected = mail();
        corrected.in_reply_to = Some(MessageId::new("earlier.1@reports.example"));
        corrected.images = vec![Picture {
            content_id: "overview.2025-26-Q1-02@quarterdeck".to_owned(),
            file_name: "overview.png".to_owned(),
            png: b"\x89PNG".to_vec(),
        }];
        let text = composed(&corrected);
        let structure: Vec<&str> = text
            .lines()
            .filter(|line| {
                let line = line.trim_start();
                ["Content-Type", "Content-ID", "Content-Disposition", "In-Reply-To", "References"]
                    .iter()
                    .any(|name| line.starts_with(name))
            })
            .collect();
        insta::assert_snapshot!(structure.join("\n"), @r#"
            In-Reply-To: <earlier.1@reports.example>
            References: <earlier.1@reports.example>
            Content-Type: multipart/mixed;
            Content-Type: multipart/alternative;
            Content-Type: text/plain; charset=utf-8
            Content-Type: multipart/related;
            Content-Type: text/html; charset=utf-8
            Content-ID: <overview.2025-26-Q1-02@quarterdeck>
            Content-Disposition: inline; filename="overview.png"
            Content-Type: image/png
            Content-Disposition: attachment; filename="figures.csv"
            Content-Type: text/csv
        "#);
        corrected.images[0].content_id = "over view".to_owned();
        let error = mime(&corrected).expect_err("no such id").to_string();
        insta::assert_snapshot!(error, @"could not put the picture `overview.png` into the mail: `over view` cannot be a Content-ID");
    }

    #[test]
    fn the_same_mail_gives_the_same_bytes() {
        assert_eq!(mime(&mail()).expect("composes"), mime(&mail()).expect("composes"));
    }

    #[test]
    fn ids_are_stable_differ_by_recipient_and_hold_no_address() {
        let run = "report-2025-26-Q1-01";
        let id = |recipient: &str| message_id(run, recipient, "reports.example").to_string();
        assert_eq!(id("chair@sevenoaks.example"), id("Chair@Sevenoaks.example"));
        assert_ne!(id("chair@sevenoaks.example"), id("clerk@sevenoaks.example"));
        assert!(!id("chair@sevenoaks.example").contains("chair"));
        assert_eq!(message_id("a b>\r\n", "x", "d\r\n").as_str().split('.').next(), Some("a-b---"));
    }

    #[test]
    fn nothing_in_a_text_field_becomes_a_header() {
        let plain = composed(&mail());
        for payload in [
            "x\r\nBcc: evil@y.example",
            "x\nBcc: evil@y.example",
            "x\rBcc: evil@y.example",
            "x\r\n\r\n<b>body</b>",
            "x\u{0}y",
            "x\u{7f}y",
            "x\u{85}Bcc: y",
            "x\u{2028}Bcc: y",
            "\u{202e}fdp.exe",
            "\"quoted\" \\ name",
            "a, b <c@d.example>",
            "=?utf-8?q?x=0D=0ABcc:_y?=",
            "",
            " ",
            "\t\t",
            "Zoë – café 🚔",
        ] {
            let mut hostile = mail();
            hostile.from_name = payload.to_owned();
            hostile.to_role = payload.to_owned();
            hostile.subject = payload.to_owned();
            hostile.attachments[0].file_name = payload.to_owned();
            let text = composed(&hostile);
            assert_eq!(header_names(&text), header_names(&plain), "{payload:?}\n{text}");
        }
    }

    #[test]
    fn what_cannot_be_a_mail_says_why() {
        let said = |change: fn(&mut Mail)| {
            let mut mail = mail();
            change(&mut mail);
            mime(&mail).expect_err("refused").to_string()
        };
        insta::assert_snapshot!(said(|m| m.to_address = "zoë@x.example".to_owned()), @"could not compose the mail: the to address cannot be used: it has letters before the @ that many mail servers refuse: use only a to z, digits, dots and dashes");
        insta::assert_snapshot!(said(|m| m.from_address = "a@bücher.example".to_owned()), @"could not compose the mail: the from address cannot be used: its domain has letters beyond a to z: write the domain in its ASCII form, which begins xn--");
        insta::assert_snapshot!(said(|m| m.attachments[0].media_type = "spreadsheet".to_owned()), @"could not attach `figures.csv`: `spreadsheet` is not a media type");
        insta::assert_snapshot!(said(|m| m.date = "1969-12-31T23:59:59Z".parse().expect("valid")), @"could not compose the mail: its date 1969-12-31T23:59:59Z is before 1970 or after 9999");
        insta::assert_snapshot!(said(|m| m.message_id = MessageId::new("a b@c")), @"could not compose the mail: `a b@c` cannot be a Message-ID");
    }

    proptest::proptest! {
        #![proptest_config(proptest::prelude::ProptestConfig::with_cases(500))]
        #[test]
        fn no_text_makes_it_panic_or_unfit_to_send(
            name in "\\PC{0,40}|[\\x00-\\x7f]{0,40}",
            body in "(?s).{0,400}",
        ) {
            let mut odd = mail();
            odd.from_name.clone_from(&name);
            odd.subject.clone_from(&name);
            odd.attachments[0].file_name = name;
            odd.attachments[0].bytes = body.clone().into_bytes();
            odd.text.clone_from(&body);
            odd.html = body;
            let bytes = mime(&odd).expect("composes");
            proptest::prop_assert_eq!(crate::wire::fault(&bytes), None);
        }
    }
}
