//! The templates of reports: `mail/`, `page/` and `report.typ` of each job that makes one.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use model::JobId;
use publication::{ReportFiles, ReportTemplates, TemplateFile};

use super::jobs::{Job, JobKind};
use crate::keys::{Problem, Problems};

/// Reads and checks them, so that a slip shows before a report is due.
pub(super) fn read(
    jobs: &BTreeMap<JobId, Job>,
    problems: &Problems,
) -> BTreeMap<JobId, ReportTemplates> {
    let reports = jobs.values().filter(|job| job.kind == JobKind::Report);
    reports.filter_map(|job| Some((job.id.clone(), of_job(job, problems)?))).collect()
}

/// Lays every template out with a made-up report: what is wrong with them. Takes about a second.
pub fn check(templates: &BTreeMap<JobId, ReportTemplates>) -> Vec<Problem> {
    let errors = templates.values().flat_map(publication::check_templates);
    errors
        .map(|error| Problem {
            key: format!("line {}", error.line),
            file: error.file,
            message: error.problem,
        })
        .collect()
}

fn of_job(job: &Job, problems: &Problems) -> Option<ReportTemplates> {
    let mail = job.folder.join("mail");
    let html = text(&mail.join("email.html.j2"), true, problems);
    let plain = text(&mail.join("email.txt.j2"), true, problems);
    let withdrawal = ["html", "txt"]
        .map(|kind| text(&mail.join(format!("withdrawal.{kind}.j2")), false, problems));
    let failure = text(&mail.join("failure.txt.j2"), false, problems);
    let page = text(&job.folder.join("page").join("index.html.j2"), false, problems);
    let pack = text(&job.folder.join("report.typ"), false, problems);
    let (html, plain) = (html?, plain?);
    let checked = ReportTemplates::parse(&ReportFiles {
        mail: (as_file(&html), as_file(&plain)),
        withdrawal: (withdrawal[0].as_ref().map(as_file), withdrawal[1].as_ref().map(as_file)),
        failure: failure.as_ref().map(as_file),
        page: page.as_ref().map(as_file),
        pack: pack.as_ref().map(as_file),
    });
    match checked {
        Ok(templates) => Some(templates),
        Err(error) => {
            problems.note(&error.file, &format!("line {}", error.line), error.problem);
            None
        }
    }
}

fn as_file((name, source): &(String, String)) -> TemplateFile<'_> {
    TemplateFile { name, source }
}

/// A file's name and text. One that a report cannot do without is a problem when it is missing.
fn text(path: &Path, is_needed: bool, problems: &Problems) -> Option<(String, String)> {
    let label = path.display().to_string();
    match fs::read_to_string(path) {
        Ok(text) => Some((label, text)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound && !is_needed => None,
        Err(error) => {
            let why = match error.kind() {
                std::io::ErrorKind::NotFound => {
                    "is not there: the report's message is made with it".to_owned()
                }
                std::io::ErrorKind::InvalidData => "is not UTF-8 text: save it as UTF-8".to_owned(),
                _ => format!("cannot be read: {error}"),
            };
            problems.note(&label, "", why);
            None
        }
    }
}
