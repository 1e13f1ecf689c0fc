//! The report as a message: HTML and plain text of the same model.

use serde::Serialize;

use crate::report_model::ReportModel;
use crate::tables::tables;
use crate::templates::{Escaping, TemplateError, TemplateFile, Templates, render};
use crate::words;

/// A message, without sender and recipients.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Email {
    /// Subject line.
    pub subject: String,
    /// HTML part; empty for notices.
    pub html: String,
    /// Plain-text part: the same content.
    pub text: String,
}

#[derive(Serialize)]
struct Context<'a> {
    report: &'a ReportModel,
    attached: Vec<Attached>,
}

#[derive(Serialize)]
struct Attached {
    title: String,
    file_name: String,
    size: String,
}

/// Lays the report out as a message that names the data tables sent with it.
pub fn render_email(model: &ReportModel, templates: &Templates) -> Result<Email, TemplateError> {
    let attached = tables(model)
        .into_iter()
        .map(|table| Attached {
            size: words::size(table.bytes.len()),
            title: table.title,
            file_name: table.file_name,
        })
        .collect();
    let context = Context { report: model, attached };
    Ok(Email {
        subject: model.subject.clone(),
        html: templates.html(&context)?,
        text: templates.text(&context)?,
    })
}

/// What the operator is told when a report could not be made: readers get nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FailureNotice {
    /// Short name of the partnership.
    pub partnership: String,
    /// The job's title.
    pub job: String,
    /// The period for readers.
    pub period: String,
    /// Which run failed.
    pub run: String,
    /// When, in local time, for readers.
    pub when: String,
    /// What went wrong, one sentence each.
    pub problems: Vec<String>,
    /// What to do, one sentence each.
    pub what_to_do: Vec<String>,
}

/// Lays out the notice to the operator; it has no HTML part.
pub fn render_failure(
    notice: &FailureNotice,
    template: TemplateFile<'_>,
) -> Result<Email, TemplateError> {
    let FailureNotice { partnership, job, period, .. } = notice;
    Ok(Email {
        subject: format!("{partnership}: {job} for {period} was not sent"),
        html: String::new(),
        text: render(template, Escaping::None, notice)?,
    })
}

#[cfg(test)]
mod snapshots;
#[cfg(test)]
mod tests;
