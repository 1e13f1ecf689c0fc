//! Charts as SVG, in the house style of the Government Analysis Function: a finding for a title
//! (set by whoever shows the chart), lines labelled where they end, no legend, a shape beside every
//! colour, and nothing that depends on the machine.
//!
//! A chart draws what a [`Drawing`] holds and decides nothing but where there is room.

mod canvas;
mod columns;
mod control;
mod funnel;
mod multiples;
mod png;
mod ranked;
mod scale;
mod side;
mod signs;
#[cfg(test)]
mod tests;

use self::canvas::{Pen, Style, Svg};
pub(crate) use self::png::png;
#[cfg(test)]
pub(crate) use self::tests::assert_sound;
use crate::fonts::Weight;
use crate::report_model::{Drawing, DrawingKind};

/// How wide a chart is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Size {
    /// Mail, paper and wide screens.
    Wide,
    /// Telephones.
    Narrow,
}

impl Size {
    /// In the unit of the page: 1/96 inch.
    pub(crate) fn width(self) -> f64 {
        match self {
            Self::Wide => 640.0,
            Self::Narrow => 340.0,
        }
    }
}

/// Draws it. The same drawing gives the same bytes.
pub(crate) fn draw(drawing: &Drawing, size: Size) -> Svg {
    match &drawing.kind {
        DrawingKind::Control(chart) => control::draw(chart, size),
        DrawingKind::Multiples(panels) => multiples::draw(panels, size),
        DrawingKind::Ranked(chart) => ranked::draw(chart, size),
        DrawingKind::Funnel(chart) => funnel::draw(chart, size),
        DrawingKind::Columns(columns) => columns::draw(columns, size),
    }
}

// Colours of the Government Analysis Function; those of text have a contrast of 4.5 or more on
// white, those of shapes 3 or more.

/// Text, and lines that carry the scale.
const INK: &str = "#0b0c0c";
/// Text that explains.
const MUTED: &str = "#505a5f";
/// Lines that only help the eye.
const GRID: &str = "#e5e6e7";
/// Dark blue: better, and the partnership's own.
const BLUE: &str = "#12436d";
/// Dark orange: worse.
const ORANGE: &str = "#b8440c";
/// Grey: as usual.
const GREY: &str = "#6b6b6b";
/// Dark pink: other than usual, neither better nor worse.
const PINK: &str = "#801650";
/// Peers and other seasons.
const PALE: &str = "#aebfce";
/// What months usually vary by.
const BAND: &str = "#eaf0f5";
/// Turquoise, for a target's line.
const TURQUOISE: &str = "#1d7f77";

/// Size of letters in charts.
const LETTER: f64 = 14.0;

const TICK: Style = Style { size: 13.0, weight: Weight::Regular, fill: MUTED };
const PLAIN: Style = Style { size: LETTER, weight: Weight::Regular, fill: INK };
const STRONG: Style = Style { size: LETTER, weight: Weight::Bold, fill: INK };

const AXIS: Pen = Pen::solid(INK, 1.0);
const HELP: Pen = Pen::solid(GRID, 1.0);
