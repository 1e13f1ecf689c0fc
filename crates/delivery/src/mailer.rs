//! Handing over in two steps: what can be taken back, and what cannot.

use std::fmt;

use jiff::Timestamp;
use model::MessageId;

use crate::folder::{FolderMailer, FolderSession};
use crate::memory::{MemoryMailer, MemorySession};
use crate::smtp::{SmtpMailer, SmtpSession};
use crate::wire;

/// Who a message is from and to, for the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Envelope {
    /// The message.
    pub message_id: MessageId,
    /// The sender's address: where the server reports a failure to.
    pub from: String,
    /// The one recipient's address.
    pub to: String,
    /// How long the message is, in bytes: a server may say at once that it is too long.
    pub size_bytes: u64,
}

/// Why handing over did not begin. Nothing of the message has left: it is safe to try again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotStarted {
    /// The mail server cannot be used at all now; the next message will fare no better.
    Unreachable {
        /// Why, for the operator.
        why: String,
    },
    /// Not now, for this message.
    Deferred {
        /// What the server said.
        reply: String,
    },
    /// Not ever, for this message.
    Refused {
        /// What the server said.
        reply: String,
    },
}

impl fmt::Display for NotStarted {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreachable { why } => write!(formatter, "the mail server cannot be used: {why}"),
            Self::Deferred { reply } => write!(formatter, "put off: {reply}"),
            Self::Refused { reply } => write!(formatter, "refused: {reply}"),
        }
    }
}

impl std::error::Error for NotStarted {}

/// What became of a message that was handed over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The server took it, and said so.
    Accepted {
        /// What the server said.
        reply: String,
    },
    /// The server did not take it; it may later.
    Deferred {
        /// What the server said.
        reply: String,
    },
    /// The server did not take it and will not.
    Refused {
        /// What the server said.
        reply: String,
    },
    /// The answer was lost: the server may have taken it. Must not be sent again without looking.
    Unknown {
        /// How the answer was lost.
        reason: String,
    },
}

/// What a look at the place where messages go has found: it can be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Probed {
    /// A mail server.
    Server(ProbedServer),
    /// A folder: it is there, made just now if need be, and can be written to.
    Folder,
    /// Memory.
    Memory,
}

/// What a mail server said of itself before any message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProbedServer {
    /// The name it gives itself; empty if that is not a name.
    pub name: String,
    /// Whether the connection was encrypted.
    pub is_encrypted: bool,
    /// Whether it took a log-in. False if the settings have none.
    pub is_logged_in: bool,
    /// Until when its certificate is valid. `None` if it showed none, or none that can be read.
    pub certificate_expires: Option<Timestamp>,
    /// The largest message it says it takes, in bytes, inclusive. `None` if it names no limit.
    pub size_bytes_max: Option<u64>,
}

/// Where messages go.
#[derive(Debug)]
pub enum Mailer {
    /// To a mail server.
    Smtp(SmtpMailer),
    /// To `.eml` files in a folder: the demo, and rehearsals.
    Folder(FolderMailer),
    /// To memory: tests.
    Memory(MemoryMailer),
}

/// A message about to be handed over: the server has said yes to its sender and recipient.
/// Dropping it hands nothing over.
#[derive(Debug)]
pub struct Session(Kind);

#[derive(Debug)]
enum Kind {
    Smtp(SmtpSession),
    Folder(FolderSession),
    Memory(MemorySession),
}

impl Mailer {
    /// Does everything that can be taken back: connects, logs in, asks the server about sender and
    /// recipient. Blocks, for at most the mailer's deadline.
    pub fn begin(&self, envelope: &Envelope) -> Result<Session, NotStarted> {
        for (whose, address) in [("sender", &envelope.from), ("recipient", &envelope.to)] {
            if let Err(error) = crate::check_address(address) {
                let reply = format!("the {whose}'s address cannot be used: {error}");
                return Err(NotStarted::Refused { reply });
            }
        }
        let kind = match self {
            Self::Smtp(mailer) => Kind::Smtp(mailer.begin(envelope)?),
            Self::Folder(mailer) => Kind::Folder(mailer.begin(envelope)?),
            Self::Memory(mailer) => Kind::Memory(mailer.begin(envelope)),
        };
        Ok(Session(kind))
    }

    /// Looks whether messages can be handed over, without handing any over: connects, encrypts,
    /// logs in and says goodbye; a folder is made and written to. Blocks, for at most the mailer's
    /// deadline.
    pub fn probe(&self) -> Result<Probed, NotStarted> {
        match self {
            Self::Smtp(mailer) => mailer.probe().map(Probed::Server),
            Self::Folder(mailer) => mailer.probe().map(|()| Probed::Folder),
            Self::Memory(_) => Ok(Probed::Memory),
        }
    }

    /// Looks whether a message was delivered. `None` if this kind of mailer cannot tell.
    pub fn was_delivered(&self, id: &MessageId) -> Option<bool> {
        match self {
            Self::Smtp(_) => None,
            Self::Folder(mailer) => mailer.was_delivered(id),
            Self::Memory(mailer) => Some(mailer.was_delivered(id)),
        }
    }
}

impl Session {
    /// Hands the message over. From here on it may arrive whatever happens, so the caller must
    /// have written down that it is being sent. Blocks, for at most the mailer's deadline.
    pub fn commit(self, mime: &[u8]) -> Outcome {
        if let Some(fault) = wire::fault(mime) {
            let reply = format!("not handed over, because {fault}");
            return Outcome::Refused { reply };
        }
        match self.0 {
            Kind::Smtp(session) => session.commit(mime),
            Kind::Folder(session) => session.commit(mime),
            Kind::Memory(session) => session.commit(mime),
        }
    }
}
