//! From disclosed figures to finished messages and files.
//!
//! Stands on the report line between analysis and the outbox: [`compose`] settles every label,
//! figure, mark, order and sentence once, in [`ReportModel`]; [`render_email`], [`tables`] and
//! [`data_workbook`] only lay out what stands there, so the renderings cannot disagree. It is
//! handed a `DisclosedTable` and nothing exact, so it cannot print what is withheld. It never
//! computes a figure from the lake, never reads configuration or the clock, and never sends
//! anything: templates come in as text, bytes go out.

mod audience;
mod brand;
mod charts;
mod check;
mod compose;
mod data_package;
mod data_workbook;
mod email;
mod finding_words;
mod fonts;
mod letters;
mod notices;
mod observations;
mod pack;
mod page;
mod partner_text;
#[cfg(test)]
mod random_tests;
mod reminders;
mod renditions;
mod report_model;
#[cfg(test)]
mod sample;
mod spec;
mod specimen;
mod tables;
mod templates;
mod words;
mod workbooks;

pub use audience::{Audience, Section};
pub use brand::{Brand, Logo, contrast_on_white};
pub use check::check_templates;
pub use compose::compose;
pub use data_package::data_package;
pub use data_workbook::{DataWorkbook, data_workbook};
pub use email::{
    AttachedFile, Email, InlineImage, MailInput, MailPictures, mail_pictures, render_email,
};
pub use letters::{LETTER_TEMPLATES, LetterSpec, LetterTemplates, MarkedUpCopy, Outcome, letter};
pub use notices::{
    FailureNotice, NoticePart, OperatorNotice, WithdrawalNotice, render_failure,
    render_operator_notice, render_withdrawal,
};
pub use observations::observation_table;
pub use pack::{Pack, PackInput, check_pack, render_pack};
pub use page::{PageInput, render_page};
pub use reminders::{Owed, OwedReturn, ReminderSpec, ReminderTemplates, reminder};
pub use renditions::{FileKind, RenderError, RenderInput, Renditions, ReportFile, render};
pub use report_model::*;
pub use spec::{
    Commentary, Corrects, Note, QualityLine, ReportSpec, ReturnLine, RevisedSince, RevisedSubject,
    RevisionLine, SourceLine,
};
pub use tables::{CsvTable, tables};
pub use templates::{ReportFiles, ReportTemplates, TemplateError, TemplateFile, Templates};
pub use words::size;
pub use workbooks::{
    BlankReturn, CellView, SheetView, Submitted, WorkbookError, blank_workbook, marked_up,
};
