//! Remembers returns, submissions, runs, editions, published figures and the outbox, in one `SQLite` file.
//!
//! It is one of the two walls in time (the lake is the other): what stands left of it may have
//! run last night. Everything that must be true together is written in one transaction, above
//! all "run finished, edition made, messages queued".
//!
//! It never reads a clock (times are passed in), never touches the lake or the network, never
//! lets an SQL type out, and never keeps its file on a network drive.

mod commits;
mod editions;
mod error;
mod leases;
mod occurrences;
mod open;
mod outbox;
mod releases;
mod reminders;
mod runs;
mod sealed;
mod sources;
mod stored;
mod submissions;
#[cfg(test)]
mod tests;

pub use commits::{CommitRecord, FileRecord};
pub use editions::{EditionRecord, EditionState, PublishedFigure, PublishedSuccess, StoredEdition};
pub use error::LedgerError;
pub use leases::Lease;
pub use occurrences::{OccurrenceRecord, OccurrenceState, ScheduleKnown};
pub use open::Ledger;
pub use outbox::{
    Batch, Claim, ClaimedMessage, MessageEvent, MessageFilter, MessageKind, MessageRecord,
    MessageState, OutboxMessage, Readdressed, ReminderOf, Settlement, masked,
};
pub use releases::ReleasedFigure;
pub use reminders::{ReminderRecord, ReminderStage};
pub use runs::{BegunRun, FinishedRun, Release, RunFailure, RunOutcome, RunRecord, RunStart};
pub use sealed::NAME_REMOVED;
pub use sources::{KnownFileRow, SourceState};
pub use submissions::{
    Again, Judgement, ReceivedAs, SubmissionFilter, SubmissionKey, SubmissionRecord, Waiver,
};
