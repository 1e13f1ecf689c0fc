//! The report as a message: HTML and plain text of the same model.

mod fitting;

use std::collections::BTreeMap;

use serde::Serialize;

use crate::brand::Brand;
use crate::charts::{Size, draw, png};
use crate::report_model::{Drawing, ReportModel};
use crate::templates::{TemplateError, Templates};

/// A message, without sender and recipients.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Email {
    /// Subject line.
    pub subject: String,
    /// HTML part; empty for notices.
    pub html: String,
    /// Plain-text part: the same content.
    pub text: String,
    /// Pictures that the HTML part shows, each once.
    pub images: Vec<InlineImage>,
}

/// A picture inside a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InlineImage {
    /// What the HTML part calls it, as `cid:…`.
    pub content_id: String,
    /// `control-police-asb.png`.
    pub file_name: String,
    /// The picture.
    pub png: Vec<u8>,
}

impl Email {
    /// The HTML part as a file beside a folder of its pictures.
    pub fn html_with_files(&self, folder: &str) -> String {
        let mut html = self.html.clone();
        for image in &self.images {
            let file = format!("\"{folder}/{}\"", image.file_name);
            html = html.replace(&format!("\"cid:{}\"", image.content_id), &file);
        }
        html
    }
}

/// A file that goes with a message, or would have.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AttachedFile {
    /// What it is: `Performance pack`.
    pub title: String,
    /// Its name.
    pub file_name: String,
    /// Kind, length and size: `PDF, 12 pages, 310 kB`.
    pub about: String,
}

/// What a message is made of.
#[derive(Clone, Copy, Debug)]
pub struct MailInput<'a> {
    /// What the report says, for whoever gets it.
    pub model: &'a ReportModel,
    /// The two templates.
    pub templates: &'a Templates,
    /// How it looks.
    pub brand: &'a Brand,
    /// Files that go with it.
    pub attached: &'a [AttachedFile],
    /// Files that would make the message too large to arrive: said, never dropped silently.
    pub left_out: &'a [AttachedFile],
    /// Its charts.
    pub pictures: &'a MailPictures,
}

#[derive(Serialize)]
struct Context<'a> {
    report: &'a ReportModel,
    attached: &'a [AttachedFile],
    left_out: &'a [AttachedFile],
    /// By the drawing's id.
    pictures: BTreeMap<&'a str, Picture<'a>>,
    accent: &'a str,
    logo: Option<LogoPicture<'a>>,
}

#[derive(Serialize)]
struct Picture<'a> {
    drawing: &'a Drawing,
    src: String,
    width: u32,
    height: u32,
}

#[derive(Serialize)]
struct LogoPicture<'a> {
    src: String,
    alt: &'a str,
    width: u32,
    height: u32,
}

/// How high a logo is shown.
const LOGO_HEIGHT: u32 = 48;

/// The charts of a report's messages as pictures: the same for every audience, so drawn once.
#[derive(Clone, Debug)]
pub struct MailPictures(BTreeMap<String, Shown>);

#[derive(Clone, Debug)]
struct Shown {
    image: InlineImage,
    width: u32,
    height: u32,
}

/// Draws the charts that messages show.
pub fn mail_pictures(model: &ReportModel) -> MailPictures {
    let drawn = shown_in_mail(model).map(|drawing| {
        let svg = draw(drawing, Size::Wide);
        let [width, height] = [svg.width, svg.height].map(whole);
        let image = InlineImage {
            content_id: content_id(model, &drawing.id),
            file_name: format!("{}.png", drawing.id),
            png: png(&svg),
        };
        (drawing.id.clone(), Shown { image, width, height })
    });
    MailPictures(drawn.collect())
}

/// The overview, and one chart for each indicator that needs a closer look.
fn shown_in_mail(model: &ReportModel) -> impl Iterator<Item = &Drawing> {
    let wanted = std::iter::once(&model.overview)
        .chain(model.exceptions.iter().map(|exception| &exception.drawing));
    wanted.filter_map(|id| model.drawings.iter().find(|drawing| drawing.id == *id))
}

fn content_id(model: &ReportModel, name: &str) -> String {
    format!("{name}.{}@quarterdeck", model.about.edition_data)
}

/// Lays the report out as a message with its charts as pictures, and says what goes with it. What
/// mail programs would cut is left out and named.
pub fn render_email(input: &MailInput<'_>) -> Result<Email, TemplateError> {
    let mut email = laid_out(input)?;
    let mut cuts = 0;
    while fitting::HTML_BYTES_MAX <= email.html.len() {
        cuts += 1;
        let Some(less) = fitting::cut(input.model, cuts) else { break };
        email = laid_out(&MailInput { model: &less, ..*input })?;
    }
    Ok(email)
}

fn laid_out(input: &MailInput<'_>) -> Result<Email, TemplateError> {
    let MailInput { model, templates, brand, attached, left_out, pictures: drawn } = *input;
    let mut pictures = BTreeMap::new();
    let mut images = Vec::new();
    for drawing in shown_in_mail(model) {
        let Some(Shown { image, width, height }) = drawn.0.get(&drawing.id) else { continue };
        let src = format!("cid:{}", image.content_id);
        let picture = Picture { drawing, src, width: *width, height: *height };
        if pictures.insert(drawing.id.as_str(), picture).is_none() {
            images.push(image.clone());
        }
    }
    let logo = brand.logo.as_ref().map(|logo| {
        let content_id = content_id(model, "logo");
        let src = format!("cid:{content_id}");
        let (file_name, png) = ("logo.png".to_owned(), logo.png.clone());
        images.push(InlineImage { content_id, file_name, png });
        let width = logo.width * LOGO_HEIGHT / logo.height.max(1);
        LogoPicture { src, alt: &logo.alt, width: width.max(1), height: LOGO_HEIGHT }
    });
    let accent = brand.accent.as_str();
    let context = Context { report: model, attached, left_out, pictures, accent, logo };
    let (html, text) = (templates.html(&context)?, templates.text(&context)?);
    Ok(Email { subject: model.subject.clone(), html, text, images })
}

/// A length in whole dots.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "charts are small")]
fn whole(length: f64) -> u32 {
    length.round() as u32
}

#[cfg(test)]
pub(crate) mod parity;
#[cfg(test)]
mod snapshots;
#[cfg(test)]
mod tests;
