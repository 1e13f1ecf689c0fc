//! Every rendering of one report but its messages.

use std::collections::BTreeMap;

use jiff::civil::Date;

use crate::brand::Brand;
use crate::data_package::data_package;
use crate::data_workbook::data_workbook;
use crate::email::{AttachedFile, MailPictures, mail_pictures};
use crate::pack::{PackInput, render_pack};
use crate::page::{PageInput, PagePictures, page_files, page_pictures};
use crate::report_model::ReportModel;
use crate::tables::{CsvTable, tables};
use crate::templates::{ReportTemplates, TemplateError};
use crate::words;
use crate::workbooks::WorkbookError;

/// What all renderings are made of.
#[derive(Clone, Copy, Debug)]
pub struct RenderInput<'a> {
    /// What the report says.
    pub model: &'a ReportModel,
    /// Its templates.
    pub templates: &'a ReportTemplates,
    /// How it looks.
    pub brand: &'a Brand,
    /// The day it is issued.
    pub issued: Date,
}

/// Every rendering but the messages.
#[derive(Clone, Debug)]
pub struct Renditions {
    /// Files to read: the pack, the workbook, then the tables as CSV.
    pub files: Vec<ReportFile>,
    /// What the tables hold, for programs; none where there is no table.
    pub data_package: Option<Vec<u8>>,
    /// The page's folder, without the files above, by path.
    pub page: BTreeMap<String, Vec<u8>>,
    /// The charts that messages show.
    pub pictures: MailPictures,
}

/// What kind of file a report comes as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FileKind {
    /// The PDF pack.
    Pack,
    /// The workbook of data tables.
    Tables,
    /// A data table as CSV.
    Csv,
}

impl FileKind {
    /// All there are, by the name that configuration gives them.
    pub const NAMES: [(&'static str, Self); 3] =
        [("pack", Self::Pack), ("tables", Self::Tables), ("csv", Self::Csv)];

    /// For mail and web.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Pack => "application/pdf",
            Self::Tables => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            Self::Csv => "text/csv; charset=utf-8",
        }
    }
}

/// A file of a report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReportFile {
    /// What kind.
    pub kind: FileKind,
    /// What readers are told of it.
    pub said: AttachedFile,
    /// The file.
    pub bytes: Vec<u8>,
}

/// Why a report could not be rendered.
#[derive(Debug, thiserror::Error)]
pub enum RenderError {
    /// A template is wrong.
    #[error(transparent)]
    Template(#[from] TemplateError),
    /// The workbook could not be made.
    #[error(transparent)]
    Workbook(#[from] WorkbookError),
}

/// Renders everything but the messages. The same input gives the same bytes.
pub fn render(input: &RenderInput<'_>) -> Result<Renditions, RenderError> {
    let RenderInput { model, templates, brand, issued } = *input;
    let tables = tables(model);
    // One after the other: side by side they would be a little quicker and take a fifth more memory.
    let pack = render_pack(&PackInput {
        model,
        template: templates.pack(),
        brand,
        tables: &tables,
        issued,
    })?;
    let (workbook, pictures, drawn) =
        (data_workbook(model), mail_pictures(model), page_pictures(model));
    let workbook = workbook?;
    let data_package = data_package(model, &tables);
    let pages = words::counted(pack.pages, "page", "pages");
    let pack_name = format!("{}-pack.pdf", model.period_file_name);
    let mut files = vec![
        file(FileKind::Pack, ("Performance pack", pack_name), &format!("PDF, {pages}"), pack.bytes),
        file(
            FileKind::Tables,
            ("Tables of data", workbook.file_name),
            "Excel workbook",
            workbook.bytes,
        ),
    ];
    files.extend(tables.into_iter().map(|table| {
        let CsvTable { title, file_name, bytes, .. } = table;
        file(FileKind::Csv, (title.as_str(), file_name), "CSV", bytes)
    }));
    let page = page(input, &files, &drawn)?;
    Ok(Renditions { files, data_package, page, pictures })
}

fn page(
    input: &RenderInput<'_>,
    files: &[ReportFile],
    drawn: &PagePictures<'_>,
) -> Result<BTreeMap<String, Vec<u8>>, TemplateError> {
    let downloads: Vec<AttachedFile> = files.iter().map(|file| file.said.clone()).collect();
    let page = PageInput {
        model: input.model,
        template: input.templates.page(),
        brand: input.brand,
        downloads: &downloads,
    };
    page_files(&page, drawn)
}

fn file(
    kind: FileKind,
    (title, file_name): (&str, String),
    about: &str,
    bytes: Vec<u8>,
) -> ReportFile {
    let about = format!("{about}, {}", words::size(bytes.len()));
    ReportFile { kind, said: AttachedFile { title: title.to_owned(), file_name, about }, bytes }
}
