//! A report as files and messages: every rendering of one model, and what goes with whose mail.

use std::collections::BTreeMap;

use delivery::Attachment;
use model::Recipient;
use publication::{
    AttachedFile, Audience, Email, MailInput, MailPictures, PackInput, PageInput, ReportModel,
    ReportTemplates, mail_pictures,
};

use super::edition::EditionFiles;
use crate::definitions::{Attached, Job, JobAudience};
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
    pub(super) email: Email,
    pub(super) attachments: Vec<Attachment>,
}

/// A file that may go with a message.
struct Offered {
    kind: Attached,
    said: AttachedFile,
    attachment: Attachment,
}

/// Renders a report. The same model gives the same bytes.
pub(super) fn render(
    house: &House,
    job: &Job,
    model: &ReportModel,
) -> Result<Renditions, PipelineError> {
    let templates = templates(house, job)?;
    let offered = offered(house, templates, model)?;
    let mut files = EditionFiles::new();
    let json = serde_json::to_vec_pretty(model).map_err(|error| PipelineError::File {
        doing: "write",
        path: "report.json".to_owned(),
        source: error.into(),
    })?;
    files.insert("report.json".to_owned(), json);
    if let Some(package) = publication::data_package(model, &publication::tables(model)) {
        files.insert(DATA_PACKAGE.to_owned(), package.clone());
        files.insert(format!("{PAGE}/{DATA_PACKAGE}"), package);
    }
    page(house, templates, model, &offered, &mut files)?;
    let pictures = mail_pictures(model);
    let parts = Parts { house, templates, model, offered: &offered, pictures: &pictures };
    let mails = mails(&parts, job, &mut files)?;
    for file in offered {
        files.insert(file.attachment.file_name, file.attachment.bytes);
    }
    Ok(Renditions { subject: model.subject.clone(), mails, files })
}

/// Everything that may go with a message, or be had from the page: the pack, the workbook, the
/// tables.
fn offered(
    house: &House,
    templates: &ReportTemplates,
    model: &ReportModel,
) -> Result<Vec<Offered>, PipelineError> {
    let tables = publication::tables(model);
    let pack = publication::render_pack(&PackInput {
        model,
        template: templates.pack(),
        brand: &house.definitions.brand,
        tables: &tables,
        issued: house.clock.today(),
    })?;
    let workbook = publication::data_workbook(model)?;
    let pages = if pack.pages == 1 { "1 page".to_owned() } else { format!("{} pages", pack.pages) };
    let mut offered = vec![
        Offered::new(
            Attached::Pack,
            ("Performance pack", format!("{}-pack.pdf", model.period_file_name)),
            &format!("PDF, {pages}"),
            "application/pdf",
            pack.bytes,
        ),
        Offered::new(
            Attached::Tables,
            ("Tables of data", workbook.file_name),
            "Excel workbook",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            workbook.bytes,
        ),
    ];
    offered.extend(tables.into_iter().map(|table| {
        let name = (table.title.as_str(), table.file_name);
        Offered::new(Attached::Csv, name, "CSV", "text/csv; charset=utf-8", table.bytes)
    }));
    Ok(offered)
}

impl Offered {
    fn new(
        kind: Attached,
        (title, file_name): (&str, String),
        about: &str,
        media_type: &str,
        bytes: Vec<u8>,
    ) -> Self {
        Self {
            kind,
            said: AttachedFile {
                title: title.to_owned(),
                file_name: file_name.clone(),
                about: format!("{about}, {}", publication::size(bytes.len())),
            },
            attachment: Attachment { file_name, media_type: media_type.to_owned(), bytes },
        }
    }
}

fn page(
    house: &House,
    templates: &ReportTemplates,
    model: &ReportModel,
    offered: &[Offered],
    files: &mut EditionFiles,
) -> Result<(), PipelineError> {
    let downloads: Vec<AttachedFile> = offered.iter().map(|file| file.said.clone()).collect();
    let page = publication::render_page(&PageInput {
        model,
        template: templates.page(),
        brand: &house.definitions.brand,
        downloads: &downloads,
    })?;
    for file in offered {
        let Attachment { file_name, bytes, .. } = &file.attachment;
        files.insert(format!("{PAGE}/{file_name}"), bytes.clone());
    }
    files.extend(page.into_iter().map(|(name, bytes)| (format!("{PAGE}/{name}"), bytes)));
    Ok(())
}

/// What messages are made from.
struct Parts<'a> {
    house: &'a House,
    templates: &'a ReportTemplates,
    model: &'a ReportModel,
    offered: &'a [Offered],
    pictures: &'a MailPictures,
}

/// One message for each recipient; recipients who get the same share one rendering, which the
/// edition keeps as a file.
fn mails(
    parts: &Parts<'_>,
    job: &Job,
    files: &mut EditionFiles,
) -> Result<Vec<Addressed>, PipelineError> {
    let known = &parts.house.definitions.partnership.recipients;
    let mut rendered: BTreeMap<(usize, Option<String>), (Email, Vec<Attachment>)> = BTreeMap::new();
    let mut mails = Vec::new();
    for (index, audience) in job.audiences.iter().enumerate() {
        let recipients =
            audience.to.iter().filter_map(|id| known.iter().find(|recipient| recipient.id == *id));
        for recipient in recipients {
            let priority = recipient.priority.as_ref().map(ToString::to_string);
            let key = (index, priority.clone());
            if !rendered.contains_key(&key) {
                let made = mail(parts, audience, priority.clone())?;
                keep(&made.0, &file_stem(index, audience, priority.as_deref()), files);
                rendered.insert(key.clone(), made);
            }
            let (email, attachments) = rendered[&key].clone();
            mails.push(Addressed { recipient: recipient.clone(), email, attachments });
        }
    }
    // The message as anybody may look at it, also where every recipient leads a priority.
    if !files.contains_key("email.html")
        && let Some(audience) = job.audiences.first()
    {
        keep(&mail(parts, audience, None)?.0, "email", files);
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
) -> Result<(Email, Vec<Attachment>), PipelineError> {
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
            pictures: parts.pictures,
        })
    };
    let wanted: Vec<&Offered> =
        parts.offered.iter().filter(|file| audience.attach.contains(&file.kind)).collect();
    let all: Vec<AttachedFile> = wanted.iter().map(|file| file.said.clone()).collect();
    let whole = compose(&all, &[])?;
    let mut room = budget.saturating_sub(size_without_files(&whole));
    let (mut fitting, mut left_out) = (Vec::new(), Vec::new());
    for file in wanted {
        let size = as_sent(file.attachment.bytes.len());
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
    Ok((email, fitting.into_iter().map(|file| file.attachment.clone()).collect()))
}

/// Bytes in base64, with the ends of its lines.
fn as_sent(bytes: usize) -> usize {
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
