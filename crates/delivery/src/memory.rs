//! A mailer that remembers, for tests.

use std::sync::{Arc, Mutex, PoisonError};

use model::MessageId;

use crate::{Envelope, Outcome};

/// A message that was handed over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent {
    /// Who from and to.
    pub envelope: Envelope,
    /// Its bytes.
    pub mime: Vec<u8>,
}

/// Remembers what it was given. Clones share one memory.
#[derive(Clone, Debug, Default)]
pub struct MemoryMailer {
    sent: Arc<Mutex<Vec<Sent>>>,
}

#[derive(Debug)]
pub(crate) struct MemorySession {
    mailer: MemoryMailer,
    envelope: Envelope,
}

impl MemoryMailer {
    /// With nothing in it.
    pub fn new() -> Self {
        Self::default()
    }

    /// Everything handed over so far, in order.
    pub fn sent(&self) -> Vec<Sent> {
        self.sent.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn begin(&self, envelope: &Envelope) -> MemorySession {
        MemorySession { mailer: self.clone(), envelope: envelope.clone() }
    }

    pub(crate) fn was_delivered(&self, id: &MessageId) -> bool {
        self.sent().iter().any(|sent| sent.envelope.message_id == *id)
    }
}

impl MemorySession {
    pub(crate) fn commit(self, mime: &[u8]) -> Outcome {
        let sent = Sent { envelope: self.envelope, mime: mime.to_vec() };
        self.mailer.sent.lock().unwrap_or_else(PoisonError::into_inner).push(sent);
        Outcome::Accepted { reply: "remembered".to_owned() }
    }
}
