//! The nouns that flow through Quarterdeck, and the parsing of single values.
//!
//! Every other crate knows this one and most know nothing else. It is pure: no disk, no
//! network, no clock, no environment, no async, no arrow. What is here is *what things are*;
//! what is done to them lives in the rooms.

mod breakdown;
mod counted;
mod finding;
mod form;
mod keys;
mod mark;
mod measure;
mod observation;
mod observations;
mod partnership;
mod period;
mod place;
mod population;
mod series;
mod source_notes;
mod submission;

pub use breakdown::{Breakdown, BreakdownError};
pub use counted::counted;
pub use finding::{Checked, FINDING_CELLS_MAX, Finding, Severity};
pub use form::{Entry, Form, FormCell, FormSheet};
pub use keys::{
    AreaCode, EditionId, JobId, MeasureId, MessageId, PartnerId, PriorityId, ReturnId, RunId,
    SourceId, SubmissionHash,
};
pub use mark::{Mark, Marks};
pub use measure::{Disclosure, Geography, Measure, Operand, Polarity, Quotient, Unit};
pub use observation::{ActionItem, ActionStatus, ByWhen, Figure, Observation};
pub use observations::{ObservationKey, ObservationView, Observations, ObservationsBuilder};
pub use partnership::{
    Area, AreaError, Partner, Partnership, PeerSet, Per, Priority, Recipient, SuccessMeasure,
    SuccessRule, Target, folded_name, nearest,
};
pub use period::{Grain, Month, Period, PeriodError};
pub use place::{CellAddress, FINDINGS_SHEET, INSTRUCTIONS_SHEET, Place, is_own_sheet};
pub use population::{Population, Populations};
pub use series::{Point, SeriesKey, SeriesTable};
pub use source_notes::{
    Baseline, DatedEvent, FigureId, NoteEffect, Rebase, Scope, SeriesBreak, SourceNote, SourceNotes,
};
pub use submission::{ReturnState, Submission, SubmissionState};
