//! The templates of letters to partners: `mail/` of the job that collects.

use std::collections::BTreeMap;
use std::fs;

use model::{JobId, Partnership};
use publication::{LETTER_TEMPLATES, LetterTemplates, ReminderTemplates, TemplateFile};

use super::jobs::{Job, JobKind};
use crate::keys::Problems;

/// Reads and checks them, if any partner is to get letters.
pub(super) fn read(
    jobs: &BTreeMap<JobId, Job>,
    partnership: Option<&Partnership>,
    problems: &Problems,
) -> Option<LetterTemplates> {
    if partnership?.partners.iter().all(|partner| partner.contact.is_none()) {
        return None;
    }
    let folder = jobs.values().find(|job| job.kind == JobKind::Collect)?.folder.join("mail");
    let mut texts = Vec::new();
    for name in LETTER_TEMPLATES
        .iter()
        .flat_map(|name| ["html", "txt"].map(|kind| format!("{name}.{kind}.j2")))
    {
        let path = folder.join(&name);
        let label = path.display().to_string();
        match fs::read_to_string(&path) {
            Ok(text) => texts.push((label, text)),
            Err(error) => {
                let why = match error.kind() {
                    std::io::ErrorKind::NotFound => {
                        "is not there: letters to partners that have a contact need it".to_owned()
                    }
                    _ => format!("cannot be read: {error}"),
                };
                problems.note(&label, "", why);
            }
        }
    }
    let file = |at: usize| texts.get(at).map(|(name, source)| TemplateFile { name, source });
    let templates =
        LetterTemplates::parse([(file(0)?, file(1)?), (file(2)?, file(3)?), (file(4)?, file(5)?)]);
    match templates {
        Ok(templates) => Some(templates),
        Err(error) => {
            problems.note(&error.file, "", format!("line {}: {}", error.line, error.problem));
            None
        }
    }
}

/// Reads and checks the templates of reminders, where a job reminds.
pub(super) fn read_reminders(
    jobs: &BTreeMap<JobId, Job>,
    problems: &Problems,
) -> Option<ReminderTemplates> {
    let folder = jobs.values().find(|job| job.kind == JobKind::Remind)?.folder.join("mail");
    let [html, text] = ["html", "txt"].map(|kind| {
        let path = folder.join(format!("reminder.{kind}.j2"));
        let label = path.display().to_string();
        match fs::read_to_string(&path) {
            Ok(text) => Some((label, text)),
            Err(error) => {
                problems.note(&label, "", format!("cannot be read: {error}: reminders need it"));
                None
            }
        }
    });
    let (html, text) = (html?, text?);
    let templates = ReminderTemplates::parse(
        TemplateFile { name: &html.0, source: &html.1 },
        TemplateFile { name: &text.0, source: &text.1 },
    );
    match templates {
        Ok(templates) => Some(templates),
        Err(error) => {
            problems.note(&error.file, &format!("line {}", error.line), error.problem);
            None
        }
    }
}
