//! The report as a static page: one folder that any web server can show.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::brand::Brand;
use crate::charts::{Size, draw};
use crate::email::AttachedFile;
use crate::fonts;
use crate::report_model::{Drawing, ReportModel};
use crate::templates::{Escaping, TemplateError, TemplateFile, render};

/// How high a logo is shown.
const LOGO_HEIGHT: u32 = 64;

/// What a page is made of.
#[derive(Clone, Copy, Debug)]
pub struct PageInput<'a> {
    /// What the report says.
    pub model: &'a ReportModel,
    /// The template; everything filled in is escaped.
    pub template: TemplateFile<'a>,
    /// How it looks.
    pub brand: &'a Brand,
    /// Files that the page offers, beside it in its folder.
    pub downloads: &'a [AttachedFile],
}

#[derive(Serialize)]
struct Context<'a> {
    report: &'a ReportModel,
    downloads: &'a [AttachedFile],
    pictures: &'a PagePictures<'a>,
    accent: &'a str,
    logo: Option<LogoPicture<'a>>,
}

/// The charts of a page, by id.
pub(crate) type PagePictures<'a> = BTreeMap<&'a str, Picture<'a>>;

/// A chart of a page, wide and narrow.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Picture<'a> {
    drawing: &'a Drawing,
    wide: String,
    narrow: String,
}

#[derive(Serialize)]
struct LogoPicture<'a> {
    alt: &'a str,
    width: u32,
    height: u32,
}

/// The files of the page's folder by their path in it, without the downloads.
pub fn render_page(input: &PageInput<'_>) -> Result<BTreeMap<String, Vec<u8>>, TemplateError> {
    page_files(input, &page_pictures(input.model))
}

/// Draws the charts that the page shows.
pub(crate) fn page_pictures(model: &ReportModel) -> PagePictures<'_> {
    // That of the message is for messages.
    let is_shown = |id: &String| *id != model.overview || model.overviews.iter().any(|it| it == id);
    let pictures = model.drawings.iter().filter(|drawing| is_shown(&drawing.id));
    let pictures = pictures.map(|drawing| {
        let element = |size: Size, class: &str| {
            let alt = attribute(&drawing.alt);
            draw(drawing, size)
                .element(&format!("class=\"{class}\" role=\"img\" aria-label=\"{alt}\""))
        };
        let (wide, narrow) = (element(Size::Wide, "wide"), element(Size::Narrow, "narrow"));
        (drawing.id.as_str(), Picture { drawing, wide, narrow })
    });
    pictures.collect()
}

/// Lays the page out.
pub(crate) fn page_files(
    input: &PageInput<'_>,
    pictures: &PagePictures<'_>,
) -> Result<BTreeMap<String, Vec<u8>>, TemplateError> {
    let PageInput { model, template, brand, downloads } = *input;
    let logo = brand.logo.as_ref().map(|logo| LogoPicture {
        alt: &logo.alt,
        width: (logo.width * LOGO_HEIGHT / logo.height.max(1)).max(1),
        height: LOGO_HEIGHT,
    });
    let context = Context { report: model, downloads, pictures, accent: &brand.accent, logo };
    let html = render(template, Escaping::Html, &context)?;
    let mut files = BTreeMap::from([("index.html".to_owned(), html.into_bytes())]);
    for (name, bytes) in ["Regular", "SemiBold", "Bold"].into_iter().zip(fonts::FILES) {
        files.insert(format!("fonts/SourceSans3-{name}.ttf"), bytes.to_vec());
    }
    files.insert("fonts/OFL.txt".to_owned(), fonts::LICENCE.to_vec());
    if let Some(logo) = &brand.logo {
        files.insert("logo.png".to_owned(), logo.png.clone());
    }
    Ok(files)
}

/// Text inside an attribute's quotes.
fn attribute(text: &str) -> String {
    text.replace('&', "&amp;").replace('"', "&quot;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests;
