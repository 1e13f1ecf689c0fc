//! Hands one message to one recipient's mail server and says what became of it.
//!
//! It is the last step of the third line: the outbox claims a message, this room hands it over,
//! the outbox settles it. A message is composed here once, as finished bytes with nothing random
//! in them; a retry sends the same bytes.
//!
//! Handing over is in two steps, so that the caller can write down that it is about to happen:
//! [`Mailer::begin`] does all that can be taken back, [`Session::commit`] the rest. After that
//! the answer is honest: accepted, deferred and refused only if the server said so, otherwise
//! unknown.
//!
//! It never retries, never remembers, never decides who gets what, and never sends anything
//! unencrypted beyond this machine.

mod address;
mod compose;
mod folder;
mod mailer;
mod memory;
mod smtp;
mod wire;

pub use address::{AddressError, check_address};
pub use compose::{Attachment, ComposeError, Mail, Picture, message_id, mime, sha256_hex};
pub use folder::FolderMailer;
pub use mailer::{Envelope, Mailer, NotStarted, Outcome, Session};
pub use memory::{MemoryMailer, Sent};
pub use smtp::{Login, Password, Security, SettingsError, SmtpMailer, SmtpSettings};
