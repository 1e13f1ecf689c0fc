//! The corridor: the three lines in order, and everything about time and order.
//!
//! Ingest, report and dispatch are each a module that calls the rooms one after another. This is
//! the only crate that knows every room, reads configuration, knows the clock and asks the past.
//! It never parses a workbook, computes a figure, words a sentence or talks SMTP itself.

mod calendar;
mod check;
mod clock;
mod definitions;
pub mod demo;
mod dispatch;
mod error;
mod forget;
mod house;
mod indicators;
mod ingest;
mod keys;
mod learn;
mod marked_up;
mod material;
mod out_file;
mod outgoing;
mod register;
mod release;
mod report;
mod restate;
mod revisions;
mod run;
mod schedule;
mod serve;
mod settings;
mod show;
mod status;
mod template;
mod tracing;
mod views;

pub use calendar::Calendar;
pub use check::{CheckBy, CheckOutcome, CheckRequest, CheckedFile, check, write_figures};
pub use clock::{Clock, TIME_ZONE, local, zone};
pub use definitions::{
    DefinitionFolders, Definitions, Job, JobAudience, JobKind, Publish, Schedule, check_templates,
    load as load_definitions,
};
pub use dispatch::Dispatched;
pub use error::{ErrorClass, PipelineError};
pub use forget::{Forgotten, forget};
pub use house::{Folders, House, Lock, Progress};
pub use indicators::{
    AllIndicators, CoverageView, FiguresView, HeldView, IndicatorFilter, IndicatorView, LimitsView,
    PeersView, ShareView, SpcView, StatusView, TargetView, all_indicators, indicators,
};
pub use ingest::{Destroyed, FailedSource, JudgedSubmission};
/// The argument that makes this program a reader child, and what it then does.
pub use intake::contract::SCHEMA as CONTRACT_SCHEMA;
pub use intake::reader::{CHILD_ARGUMENT, child_main};
pub use keys::{Problem, Problems, Section};
/// The formats of `query`.
pub use lake::QueryFormat;
pub use learn::{LearnOutcome, TableView, learn, save_proposal};
pub use register::{RegisterLine, RegisterSubmission, register, waive};
pub use release::{Released, release};
pub use report::{
    EditionSummary, Previewed, PreviewedFile, PreviewedMessage, Withdrawn, preview, withdraw,
};
pub use restate::{RestateOutcome, RestateRequest, RestatedRow, RestatedSeries, restate};
pub use revisions::{EditionDiff, Revision, TurnedSuccess, diff};
pub use run::{Plan, RunFinding, RunSummary, Sending, job, plan, run};
pub use schedule::{Due, default_period, due_now, next_due};
pub use serve::{Served, serve};
pub use settings::{
    Letters, Mail, SecretAt, Settings, Smtp, SmtpSecurity, Source, SourcePlace, Transport,
};
pub use show::{Shown, shown};
pub use status::{
    EditionLine, JobLine, MessageLine, MessageShown, MessageStep, NextDue, RunLine, SealedLine,
    Status, edition, editions, jobs, message, messages, runs, sealed_by, status,
};
pub use template::{TemplateWritten, template};
pub use tracing::{Trace, TraceRequest, TracedCell, TracedFigure, trace};
pub use views::{AreaView, FindingView, Number, query};
