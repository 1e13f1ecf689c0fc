//! A report as files and messages: every rendering of one model, and what goes with whose mail.

use std::collections::BTreeMap;
use std::rc::Rc;

use delivery::Attachment;
use model::Recipient;
use publication::{
    AttachedFile, Audience, Email, MailInput, RenderInput, ReportFile, ReportModel, ReportTemplates,
};

use super::edition::EditionFiles;
use crate::definitions::{Job, JobAudience};
use crate::error::PipelineError;
use crate::house::House;

/// Where an edition keeps the pictures of its messages.
const IMAGES: &str = "images";
/// The folder that can be put on a web server.
const PAGE: &str = "page";
/// What the tables hold, for programs.
const DATA_PACKAGE: &str = "datapackage.json";
/// Of a message, what headers and borders take besides its parts.
const ENVELOPE_BYTES: usize = 16 * 1024;

/// Every rendering of a report.
pub(super) struct Renditions {
    /// The subject line.
    pub(super) subject: String,
    /// What each recipient gets, in the order of the job.
    pub(super) mails: Vec<Addressed>,
    /// All files of the edition, by their path in its folder.
    pub(super) files: EditionFiles,
}

/// What one recipient gets.
pub(super) struct Addressed {
    pub(super) recipient: Recipient,
    /// The same for everybody who gets the same.
    pub(super) content: Rc<Content>,
}

/// What a message says and brings.
pub(super) struct Content {
    pub(super) email: Email,
    pub(super) attachments: Vec<Attachment>,
}

/// Renders a report. The same model gives the same bytes.
pub(super) fn render(
    house: &House,
    job: &Job,
    model: &ReportModel,
) -> Result<Renditions, PipelineError> {
    let templates = templates(house, job)?;
    let rendered = publication::render(&RenderInput {
        model,
        templates,
        brand: &house.definitions.brand,
        issued: house.clock.today(),
    })?;
    let mut files = EditionFiles::new();
    let json = serde_json::to_vec_pretty(model).map_err(|error| PipelineError::File {
        doing: "write",
        path: "report.json".to_owned(),
        source: error.into(),
    })?;
    files.insert("report.json".to_owned(), json);
    let parts = Parts { house, templates, model, rendered: &rendered };
    let mails = mails(&parts, job, &mut files)?;
    let publication::Renditions { files: read, data_package, page, .. } = rendered;
    files.extend(page.into_iter().map(|(name, bytes)| (format!("{PAGE}/{name}"), bytes)));
    let package = data_package.map(|bytes| (DATA_PACKAGE.to_owned(), bytes));
    let read = read.into_iter().map(|file| (file.said.file_name, file.bytes));
    for (name, bytes) in read.chain(package) {
        files.insert(format!("{PAGE}/{name}"), bytes.clone());
        files.insert(name, bytes);
    }
    Ok(Renditions { subject: model.subject.clone(), mails, files })
}

/// What messages are made from.
struct Parts<'a> {
    house: &'a House,
    templates: &'a ReportTemplates,
    model: &'a ReportModel,
    rendered: &'a publication::Renditions,
}

/// One message for each recipient; recipients who get the same share one rendering, which the
/// edition keeps as a file.
fn mails(
    parts: &Parts<'_>,
    job: &Job,
    files: &mut EditionFiles,
) -> Result<Vec<Addressed>, PipelineError> {
    let known = &parts.house.definitions.partnership.recipients;
    let mut rendered: BTreeMap<(usize, Option<String>), Rc<Content>> = BTreeMap::new();
    let mut mails = Vec::new();
    for (index, audience) in job.audiences.iter().enumerate() {
        let recipients =
            audience.to.iter().filter_map(|id| known.iter().find(|recipient| recipient.id == *id));
        for recipient in recipients {
            let priority = recipient.priority.as_ref().map(ToString::to_string);
            let key = (index, priority.clone());
            if !rendered.contains_key(&key) {
                let made = mail(parts, audience, priority.clone())?;
                keep(&made.email, &file_stem(index, audience, priority.as_deref()), files);
                rendered.insert(key.clone(), Rc::new(made));
            }
            let content = Rc::clone(&rendered[&key]);
            mails.push(Addressed { recipient: recipient.clone(), content });
        }
    }
    // The message as anybody may look at it, also where every recipient leads a priority.
    if !files.contains_key("email.html")
        && let Some(audience) = job.audiences.first()
    {
        keep(&mail(parts, audience, None)?.email, "email", files);
    }
    Ok(mails)
}

/// `email` for whoever gets everything, `email-leads-safeguarding` for others.
fn file_stem(index: usize, audience: &JobAudience, priority: Option<&str>) -> String {
    let mut stem = "email".to_owned();
    let name = (index > 0).then_some(audience.name.as_str());
    for part in name.into_iter().chain(priority) {
        let plain = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' };
        stem.push('-');
        stem.extend(part.chars().map(plain));
    }
    stem
}

fn keep(email: &Email, stem: &str, files: &mut EditionFiles) {
    files.insert(format!("{stem}.html"), email.html_with_files(IMAGES).into_bytes());
    files.insert(format!("{stem}.txt"), email.text.clone().into_bytes());
    for image in &email.images {
        files.insert(format!("{IMAGES}/{}", image.file_name), image.png.clone());
    }
}

/// The message for an audience. Files that would make it too large to arrive are named instead.
fn mail(
    parts: &Parts<'_>,
    audience: &JobAudience,
    priority_id: Option<String>,
) -> Result<Content, PipelineError> {
    let leave_out = audience.leave_out.clone();
    let model = parts.model.for_audience(&Audience { priority_id, leave_out });
    let budget = parts.house.definitions.settings.mail.message_bytes_max;
    let compose = |attached: &[AttachedFile], left_out: &[AttachedFile]| {
        publication::render_email(&MailInput {
            model: &model,
            templates: &parts.templates.mail,
            brand: &parts.house.definitions.brand,
            attached,
            left_out,
            pictures: &parts.rendered.pictures,
        })
    };
    let wanted: Vec<&ReportFile> =
        parts.rendered.files.iter().filter(|file| audience.attach.contains(&file.kind)).collect();
    let all: Vec<AttachedFile> = wanted.iter().map(|file| file.said.clone()).collect();
    let whole = compose(&all, &[])?;
    let mut room = budget.saturating_sub(size_without_files(&whole));
    let (mut fitting, mut left_out) = (Vec::new(), Vec::new());
    for file in wanted {
        let size = as_sent(file.bytes.len());
        if size <= room {
            room -= size;
            fitting.push(file);
        } else {
            left_out.push(file.said.clone());
        }
    }
    let email = if left_out.is_empty() {
        whole
    } else {
        let said: Vec<AttachedFile> = fitting.iter().map(|file| file.said.clone()).collect();
        compose(&said, &left_out)?
    };
    let attachments = fitting.into_iter().map(|file| Attachment {
        file_name: file.said.file_name.clone(),
        media_type: file.kind.media_type().to_owned(),
        bytes: file.bytes.clone(),
    });
    Ok(Content { email, attachments: attachments.collect() })
}

/// Bytes in base64, with the ends of its lines.
pub(super) fn as_sent(bytes: usize) -> usize {
    bytes.div_ceil(3) * 4 * 79 / 76
}

fn size_without_files(email: &Email) -> usize {
    let pictures: usize = email.images.iter().map(|image| as_sent(image.png.len())).sum();
    // Quoted-printable makes text longer: by a third at most for ours.
    (email.html.len() + email.text.len()) * 4 / 3 + pictures + ENVELOPE_BYTES
}

fn templates<'a>(house: &'a House, job: &Job) -> Result<&'a ReportTemplates, PipelineError> {
    house.definitions.report_templates.get(&job.id).ok_or_else(|| {
        PipelineError::Usage(format!("the job {} makes no report, so it has no templates", job.id))
    })
}
