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
//! Beside that it looks whether mail could be sent ([`Mailer::probe`]), until when certificates are
//! good ([`certificates_expiry`]), and tells a watcher outside that the work was done ([`ping`]).
//!
//! It never retries a message, never remembers anything but a token to log in with, never decides
//! who gets what, and never sends anything unencrypted beyond this machine.

mod address;
mod certificates;
mod compose;
mod folder;
mod http;
mod mailer;
mod memory;
mod ping;
mod readdress;
mod relay_log;
mod smtp;
mod wire;

pub use address::{AddressError, check_address};
pub use certificates::certificates_expiry;
pub use compose::{Attachment, ComposeError, Mail, Picture, message_id, mime, sha256_hex};
pub use folder::FolderMailer;
pub use http::AddressFault;
pub use mailer::{Envelope, Mailer, NotStarted, Outcome, Probed, ProbedServer, Session};
pub use memory::{MemoryMailer, Sent};
pub use ping::{PingError, PingSettings, ping};
pub use readdress::{Addressee, readdressed};
pub use relay_log::{Logged, look_up};
pub use smtp::{Login, OAuth, Password, Security, SettingsError, SmtpMailer, SmtpSettings};
