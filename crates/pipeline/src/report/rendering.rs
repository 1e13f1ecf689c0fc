//! A report as files and messages: every rendering of one model, and what goes with the mail.

use delivery::Attachment;
use model::JobId;
use publication::{
    AttachedFile, Brand, CsvTable, Email, MailInput, PageInput, ReportModel, ReportTemplates,
};

use super::edition::EditionFiles;
use crate::error::PipelineError;
use crate::house::House;

/// Where an edition keeps the pictures of its message.
const IMAGES: &str = "images";
/// The folder that can be put on a web server.
const PAGE: &str = "page";

/// Every rendering of a report.
pub(super) struct Renditions {
    /// The message.
    pub(super) email: Email,
    /// What goes with it.
    pub(super) attachments: Vec<Attachment>,
    /// All files of the edition, by their path in its folder.
    pub(super) files: EditionFiles,
}

/// Renders a report. The same model gives the same bytes.
pub(super) fn render(
    house: &House,
    job: &JobId,
    model: &ReportModel,
) -> Result<Renditions, PipelineError> {
    let templates = templates(house, job)?;
    let brand = &Brand::default();
    let tables = publication::tables(model);
    let attached: Vec<AttachedFile> = tables.iter().map(attached).collect();
    let email = publication::render_email(&MailInput {
        model,
        templates: &templates.mail,
        brand,
        attached: &attached,
        left_out: &[],
    })?;
    let attachments = tables.iter().map(|table| Attachment {
        file_name: table.file_name.clone(),
        media_type: "text/csv; charset=utf-8".to_owned(),
        bytes: table.bytes.clone(),
    });
    let attachments = attachments.collect();
    let page = publication::render_page(&PageInput {
        model,
        template: templates.page(),
        brand,
        downloads: &attached,
    })?;
    let mut files = files(model, &email)?;
    for table in &tables {
        files.insert(format!("{PAGE}/{}", table.file_name), table.bytes.clone());
    }
    files.extend(page.into_iter().map(|(name, bytes)| (format!("{PAGE}/{name}"), bytes)));
    files.extend(tables.into_iter().map(|table| (table.file_name, table.bytes)));
    Ok(Renditions { email, attachments, files })
}

fn attached(table: &CsvTable) -> AttachedFile {
    AttachedFile {
        title: table.title.clone(),
        file_name: table.file_name.clone(),
        about: format!("CSV, {}", publication::size(table.bytes.len())),
    }
}

fn files(model: &ReportModel, email: &Email) -> Result<EditionFiles, PipelineError> {
    let mut files = EditionFiles::new();
    let json = serde_json::to_vec_pretty(model).map_err(|error| PipelineError::File {
        doing: "write",
        path: "report.json".to_owned(),
        source: error.into(),
    })?;
    files.insert("report.json".to_owned(), json);
    files.insert("email.html".to_owned(), email.html_with_files(IMAGES).into_bytes());
    files.insert("email.txt".to_owned(), email.text.clone().into_bytes());
    for image in &email.images {
        files.insert(format!("{IMAGES}/{}", image.file_name), image.png.clone());
    }
    Ok(files)
}

fn templates<'a>(house: &'a House, job: &JobId) -> Result<&'a ReportTemplates, PipelineError> {
    house.definitions.report_templates.get(job).ok_or_else(|| {
        PipelineError::Usage(format!("the job {job} makes no report, so it has no templates"))
    })
}
