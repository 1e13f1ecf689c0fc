//! How workbooks look. No meaning is carried by colour alone: errors have a thick border and bold
//! text, warnings a dashed border, repairs a dotted one and italics.

use model::Severity;
use rust_xlsxwriter::{Format, FormatAlign, FormatBorder, FormatUnderline};

const ERROR: (&str, &str) = ("FCD6C3", "6E3619");
const WARNING: (&str, &str) = ("FFF7BF", "594D00");
const REPAIR: (&str, &str) = ("D2E2F1", "144E81");
const LINK: &str = "144E81";
/// A date without and with a time.
const DAY: &str = "d mmm yyyy";
const MOMENT: &str = "d mmm yyyy hh:mm";

const PERCENT: &str = "0%";
const FINE_PERCENT: &str = "0.0#%";

/// Heights of our own lines, in points.
pub(crate) const LINE_HEIGHT: f64 = 16.0;
pub(crate) const TITLE_HEIGHT: f64 = 24.0;

/// What a cell holds, as far as its look is concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Holds {
    /// Anything short.
    Plain,
    /// Text that is broken into lines.
    LongText,
    /// A whole percentage.
    Percent,
    /// A percentage with decimals.
    FinePercent,
    /// A date without a time.
    Day,
    /// A date with a time.
    Moment,
}

/// Formats of copied cells, made once: by what they hold, then by severity.
pub(super) struct CellLooks {
    formats: Vec<Format>,
}

const KINDS: [Holds; 6] =
    [Holds::Plain, Holds::LongText, Holds::Percent, Holds::FinePercent, Holds::Day, Holds::Moment];
const SEVERITIES: [Option<Severity>; 4] =
    [None, Some(Severity::Error), Some(Severity::Warning), Some(Severity::Repair)];

impl CellLooks {
    pub(super) fn new() -> Self {
        let formats = KINDS
            .into_iter()
            .flat_map(|holds| SEVERITIES.into_iter().map(move |severity| cell(holds, severity)))
            .collect();
        Self { formats }
    }

    /// The look of a cell; none for a plain one without a mark.
    pub(super) fn of(&self, holds: Holds, severity: Option<Severity>) -> Option<&Format> {
        if holds == Holds::Plain && severity.is_none() {
            return None;
        }
        let kind = KINDS.iter().position(|known| *known == holds)?;
        let column = SEVERITIES.iter().position(|known| *known == severity)?;
        self.formats.get(kind * SEVERITIES.len() + column)
    }
}

fn cell(holds: Holds, severity: Option<Severity>) -> Format {
    let format = match holds {
        Holds::Plain => Format::new(),
        Holds::LongText => Format::new().set_text_wrap().set_align(FormatAlign::Top),
        Holds::Percent => Format::new().set_num_format(PERCENT),
        Holds::FinePercent => Format::new().set_num_format(FINE_PERCENT),
        Holds::Day => Format::new().set_num_format(DAY),
        Holds::Moment => Format::new().set_num_format(MOMENT),
    };
    match severity {
        None => format,
        Some(severity) => marked(format, severity),
    }
}

/// A format with the look of a severity.
pub(super) fn marked(format: Format, severity: Severity) -> Format {
    let (fill, ink) = match severity {
        Severity::Error => ERROR,
        Severity::Warning => WARNING,
        Severity::Repair => REPAIR,
    };
    let colour = |hex: &str| rust_xlsxwriter::Color::from(format!("#{hex}").as_str());
    let format = format
        .set_background_color(colour(fill))
        .set_font_color(colour(ink))
        .set_border_color(colour(ink));
    match severity {
        Severity::Error => format.set_bold().set_border(FormatBorder::Thick),
        Severity::Warning => format.set_border(FormatBorder::MediumDashed),
        Severity::Repair => format.set_italic().set_border(FormatBorder::Dotted),
    }
}

/// The fonts of our own sheets.
pub(crate) fn body() -> Format {
    Format::new().set_font_name("Arial").set_font_size(12).set_align(FormatAlign::Top)
}

/// Body text broken into lines.
pub(crate) fn wrapped() -> Format {
    body().set_text_wrap()
}

/// The title of a sheet.
pub(crate) fn title() -> Format {
    body().set_font_size(16).set_bold()
}

/// The heading of a column.
pub(crate) fn column_heading() -> Format {
    wrapped().set_bold().set_border_bottom(FormatBorder::Medium)
}

/// A link.
pub(crate) fn link() -> Format {
    wrapped().set_underline(FormatUnderline::Single).set_font_color(format!("#{LINK}").as_str())
}
