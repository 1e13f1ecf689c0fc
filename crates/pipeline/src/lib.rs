//! The corridor: the three lines in order, and everything about time and order.
//!
//! Ingest, report and dispatch are each a module that calls the rooms one after another. This is
//! the only crate that knows every room, reads configuration, knows the clock and asks the past.
//! It never parses a workbook, computes a figure, words a sentence or talks SMTP itself.

mod backup;
mod calendar;
mod check;
mod clock;
mod definitions;
pub mod demo;
mod dispatch;
mod doctor;
mod error;
mod forget;
mod house;
mod indicators;
mod ingest;
mod kept_backups;
mod keys;
mod learn;
mod mailer;
mod marked_up;
mod material;
mod out_file;
mod outbox;
mod outgoing;
mod plan;
mod readdress;
mod register;
mod rehearse;
mod release;
mod remind;
mod report;
mod restate;
mod revisions;
mod run;
mod schedule;
mod serve;
mod settings;
mod show;
mod sign_of_life;
mod status;
mod storage;
mod template;
mod tracing;
mod verify;
mod views;

pub use backup::{BackedUp, Restored, backup, restore};
pub use calendar::{BankHoliday, Calendar, bank_holidays};
pub use check::{CheckBy, CheckOutcome, CheckRequest, CheckedFile, check, write_figures};
pub use clock::{Clock, TIME_ZONE, local, zone};
pub use definitions::{
    Approval, Backups, DefinitionFolders, Definitions, Job, JobAudience, JobKind, Publish,
    check_templates, load as load_definitions,
};
pub use dispatch::Dispatched;
pub use doctor::{Examined, Health, doctor};
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
pub use kept_backups::KeptBackup;
pub use keys::{Problem, Problems, Section};
/// The formats of `query`.
pub use lake::QueryFormat;
pub use learn::{LearnOutcome, TableView, learn, save_proposal};
pub use outbox::{
    Decided, MessageLine, MessageShown, MessageStep, SettleAs, message, messages, resend_failed,
    retry, settle, settle_by_log,
};
pub use plan::{Plan, plan};
pub use register::{RegisterLine, RegisterSubmission, ReminderView, register, waive};
pub use rehearse::Rehearsed;
pub use release::{Released, release};
pub use remind::Reminded;
pub use report::{
    EditionDecided, EditionSummary, Previewed, PreviewedFile, PreviewedMessage, Withdrawn, approve,
    hold, preview, withdraw,
};
pub use restate::{RestateOutcome, RestateRequest, RestatedRow, RestatedSeries, restate};
pub use revisions::{EditionDiff, Revision, TurnedSuccess, diff};
pub use run::{RunFinding, RunSummary, Sending, job, run};
pub use schedule::{
    Cron, Decision, Ending, Missed, MissedRuns, Occurrence, Rule, Schedule, Side, default_period,
};
pub use serve::{Heartbeat, Served, heartbeat, look_once, serve};
pub use settings::{
    Letters, Mail, OAuthSettings, QuietHours, RemindMode, Reminders, SecretAt, Settings, Smtp,
    SmtpSecurity, Source, SourcePlace, Transport, Watch,
};
pub use show::{Shown, shown};
pub use status::{
    EditionLine, JobLine, NextDue, RunLine, SealedLine, Status, edition, editions, jobs, runs,
    sealed_by, status,
};
pub use storage::{Storage, storage};
pub use template::{TemplateWritten, template};
pub use tracing::{Trace, TraceRequest, TracedCell, TracedFigure, trace};
pub use verify::{Damage, Repair, Verified, verify};
pub use views::{AreaView, FindingView, Number, query};
