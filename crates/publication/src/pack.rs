//! The report as a pack on paper: a PDF that anyone can read with any aid (PDF/UA-1), that keeps
//! (PDF/A-3a), and that carries its tables as data files.
//!
//! The template lays out what stands in [`ReportModel`] and decides nothing. It gets the report as
//! data, never as text of its own language: nothing that a partner writes can be taken for
//! instructions.

mod data;
mod slips;
#[cfg(test)]
mod tests;
#[cfg(test)]
pub(crate) use self::tests::parity::assert_holds_everything;
mod world;

use jiff::civil::Date;
use typst::diag::Warned;
use typst::foundations::{NativeElement, Packed, Smart};
use typst::introspection::Introspector;
use typst::model::{TableChild, TableElem};
use typst_layout::PagedDocument;
use typst_pdf::{PdfOptions, PdfStandard, PdfStandards};

use self::world::PackWorld;
use crate::brand::Brand;
use crate::report_model::ReportModel;
use crate::specimen::specimen;
use crate::tables::CsvTable;
use crate::templates::{TemplateError, TemplateFile};

/// Nothing that was worked out for one report is kept for the next: reports come four times a year.
const KEPT: usize = 0;

/// A finished pack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pack {
    /// The file, a PDF.
    pub bytes: Vec<u8>,
    /// How many pages it has.
    pub pages: usize,
}

/// What a pack is made from.
#[derive(Clone, Copy, Debug)]
pub struct PackInput<'a> {
    /// The report.
    pub model: &'a ReportModel,
    /// Lays it out.
    pub template: TemplateFile<'a>,
    /// How the partnership's reports look.
    pub brand: &'a Brand,
    /// Data files to attach.
    pub tables: &'a [CsvTable],
    /// The day that is printed on it and stands in its properties.
    pub issued: Date,
}

/// Lays the report out on paper. The same input gives the same bytes.
pub fn render_pack(input: &PackInput<'_>) -> Result<Pack, TemplateError> {
    let world = world(input);
    let result = layout(input.template, &world).and_then(|(document, _)| {
        // What was worked out to lay it out is not needed to write it: half of the memory.
        typst::comemo::evict(KEPT);
        let bytes = export(input, &world, &document)?;
        Ok(Pack { bytes, pages: document.pages().len() })
    });
    typst::comemo::evict(KEPT);
    result
}

/// Lays out a made-up report that has one of everything, so that a slip in the template shows
/// before a report is due. What is only a warning there is an error here.
pub fn check_pack(template: TemplateFile<'_>) -> Result<(), TemplateError> {
    let specimen = specimen();
    let input = specimen.input(template);
    let world = world(&input);
    let (document, warning) = layout(template, &world)?;
    export(&input, &world, &document)?;
    if let Some(table) = tables_of(&document).iter().find(|table| !has_header(table)) {
        return Err(slips::headless(template, &world, table.span()));
    }
    warning.map_or(Ok(()), Err)
}

/// The tables that were laid out.
fn tables_of(document: &PagedDocument) -> Vec<Packed<TableElem>> {
    let found = document.introspector().query(&TableElem::ELEM.select());
    found.iter().filter_map(|content| content.to_packed().cloned()).collect()
}

/// Nothing else refuses a table whose columns have no names.
fn has_header(table: &TableElem) -> bool {
    table.children.iter().any(|child| matches!(child, TableChild::Header(_)))
}

fn world(input: &PackInput<'_>) -> PackWorld {
    PackWorld::new(input.template, data::files(input), input.issued)
}

/// The pages, and the first warning if there is one.
fn layout(
    template: TemplateFile<'_>,
    world: &PackWorld,
) -> Result<(PagedDocument, Option<TemplateError>), TemplateError> {
    let Warned { output, warnings } = typst::compile::<PagedDocument>(world);
    let document = output.map_err(|errors| slips::first(template, world, &errors))?;
    let warning = (!warnings.is_empty()).then(|| slips::first(template, world, &warnings));
    Ok((document, warning))
}

fn export(
    input: &PackInput<'_>,
    world: &PackWorld,
    document: &PagedDocument,
) -> Result<Vec<u8>, TemplateError> {
    let standards = PdfStandards::new(&[PdfStandard::Ua_1, PdfStandard::A_3a])
        .expect("the two standards go together");
    let about = &input.model.about;
    let edition = &about.edition_data;
    let options = PdfOptions {
        ident: Smart::Custom(format!("{} {edition}", about.partnership)),
        standards,
        ..PdfOptions::default()
    };
    typst_pdf::pdf(document, &options)
        .map_err(|errors| slips::first(input.template, world, &errors))
}
