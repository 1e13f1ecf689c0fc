//! A drawing as SVG: shapes and labels, coordinates rounded so that the same input gives the same
//! bytes, and every label remembered with the room it takes.

use std::fmt::Write as _;

use crate::fonts::{FAMILY, Weight, printable, width};

/// Of a letter's size, above and below the line it stands on.
const ASCENT: f64 = 0.72;
const DESCENT: f64 = 0.22;

/// Where a label begins at its `x`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Anchor {
    Start,
    Middle,
    End,
}

/// How a label looks.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Style {
    pub(crate) size: f64,
    pub(crate) weight: Weight,
    pub(crate) fill: &'static str,
}

/// A rectangle: left, top, right, bottom.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Room {
    pub(crate) left: f64,
    pub(crate) top: f64,
    pub(crate) right: f64,
    pub(crate) bottom: f64,
}

impl Room {
    /// The room of a label.
    pub(crate) fn of(text: &str, style: Style, anchor: Anchor, (x, y): (f64, f64)) -> Self {
        let wide = width(&printable(text), style.weight, style.size);
        let left = match anchor {
            Anchor::Start => x,
            Anchor::Middle => x - wide / 2.0,
            Anchor::End => x - wide,
        };
        Self {
            left,
            top: y - style.size * ASCENT,
            right: left + wide,
            bottom: y + style.size * DESCENT,
        }
    }

    /// Whether two share any room.
    pub(crate) fn overlaps(&self, other: &Self) -> bool {
        self.left < other.right
            && other.left < self.right
            && self.top < other.bottom
            && other.top < self.bottom
    }

    /// Whether all of it lies in another.
    pub(crate) fn is_inside(&self, other: &Self) -> bool {
        other.left <= self.left
            && other.top <= self.top
            && self.right <= other.right
            && self.bottom <= other.bottom
    }

    /// Larger by so much on every side.
    pub(crate) fn grown(self, by: f64) -> Self {
        Self {
            left: self.left - by,
            top: self.top - by,
            right: self.right + by,
            bottom: self.bottom + by,
        }
    }
}

/// A label, and the room it takes.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Label {
    pub(crate) text: String,
    pub(crate) room: Room,
}

/// A finished drawing.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Svg {
    /// In the unit of the page: 1/96 inch.
    pub(crate) width: f64,
    pub(crate) height: f64,
    /// What stands between `<svg>` and `</svg>`.
    body: String,
    /// Every label.
    pub(crate) labels: Vec<Label>,
}

impl Svg {
    /// A file of its own.
    pub(crate) fn file(&self) -> String {
        self.element("xmlns=\"http://www.w3.org/2000/svg\"")
    }

    /// An element of a page, with what the page says of it.
    pub(crate) fn element(&self, attributes: &str) -> String {
        let (width, height) = (number(self.width), number(self.height));
        format!(
            "<svg {attributes} viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" font-family=\"'{FAMILY}', Arial, sans-serif\"><rect width=\"{width}\" height=\"{height}\" fill=\"#fff\"/>{}</svg>",
            self.body
        )
    }
}

/// A drawing in the making.
pub(crate) struct Canvas {
    pub(crate) width: f64,
    pub(crate) height: f64,
    body: String,
    labels: Vec<Label>,
}

impl Canvas {
    pub(crate) fn new(width: f64, height: f64) -> Self {
        Self { width, height, body: String::new(), labels: Vec::new() }
    }

    pub(crate) fn finish(self) -> Svg {
        let Self { width, height, body, labels } = self;
        Svg { width, height, body, labels }
    }

    /// All of it.
    pub(crate) fn room(&self) -> Room {
        Room { left: 0.0, top: 0.0, right: self.width, bottom: self.height }
    }

    /// A filled rectangle.
    pub(crate) fn rectangle(&mut self, room: Room, fill: &str) {
        let (x, y) = (number(room.left), number(room.top));
        let (width, height) = (number(room.right - room.left), number(room.bottom - room.top));
        self.write(format_args!(
            "<rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" fill=\"{fill}\"/>"
        ));
    }

    /// A rectangle with an outline.
    pub(crate) fn outlined(&mut self, room: Room, fill: &str, stroke: &str) {
        let (x, y) = (number(room.left), number(room.top));
        let (width, height) = (number(room.right - room.left), number(room.bottom - room.top));
        self.write(format_args!(
            "<rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" fill=\"{fill}\" stroke=\"{stroke}\" stroke-width=\"1.5\"/>"
        ));
    }

    /// A straight line; `dash` as SVG writes it, empty for none.
    pub(crate) fn line(&mut self, from: (f64, f64), to: (f64, f64), pen: Pen) {
        let (x1, y1, x2, y2) = (number(from.0), number(from.1), number(to.0), number(to.1));
        self.write(format_args!("<line x1=\"{x1}\" y1=\"{y1}\" x2=\"{x2}\" y2=\"{y2}\" {pen}/>"));
    }

    /// A line through points; nothing of fewer than two.
    pub(crate) fn path(&mut self, points: &[(f64, f64)], pen: Pen) {
        if points.len() < 2 {
            return;
        }
        let points: Vec<String> =
            points.iter().map(|(x, y)| format!("{},{}", number(*x), number(*y))).collect();
        let points = points.join(" ");
        self.write(format_args!(
            "<polyline points=\"{points}\" fill=\"none\" stroke-linejoin=\"round\" {pen}/>"
        ));
    }

    /// A closed shape.
    pub(crate) fn shape(&mut self, points: &[(f64, f64)], fill: &str, stroke: &str) {
        let points: Vec<String> =
            points.iter().map(|(x, y)| format!("{},{}", number(*x), number(*y))).collect();
        let points = points.join(" ");
        self.write(format_args!(
            "<polygon points=\"{points}\" fill=\"{fill}\" stroke=\"{stroke}\" stroke-width=\"1.5\" stroke-linejoin=\"round\"/>"
        ));
    }

    /// A dot.
    pub(crate) fn dot(&mut self, (x, y): (f64, f64), radius: f64, fill: &str, stroke: &str) {
        let (x, y, radius) = (number(x), number(y), number(radius));
        self.write(format_args!(
            "<circle cx=\"{x}\" cy=\"{y}\" r=\"{radius}\" fill=\"{fill}\" stroke=\"{stroke}\" stroke-width=\"1.5\"/>"
        ));
    }

    /// A label, whatever it lies over.
    pub(crate) fn text(&mut self, text: &str, style: Style, anchor: Anchor, at: (f64, f64)) {
        self.label(text, style, anchor, at, "");
    }

    /// A label with a white edge, so that it can be read over lines.
    fn haloed(&mut self, text: &str, style: Style, anchor: Anchor, at: (f64, f64)) {
        let edge =
            " stroke=\"#fff\" stroke-width=\"3\" stroke-linejoin=\"round\" paint-order=\"stroke\"";
        self.label(text, style, anchor, at, edge);
    }

    fn label(&mut self, text: &str, style: Style, anchor: Anchor, at: (f64, f64), edge: &str) {
        if text.is_empty() {
            return;
        }
        let room = Room::of(text, style, anchor, at);
        let text = printable(text).into_owned();
        let anchor = match anchor {
            Anchor::Start => "",
            Anchor::Middle => " text-anchor=\"middle\"",
            Anchor::End => " text-anchor=\"end\"",
        };
        let weight = match style.weight {
            Weight::Regular => String::new(),
            weight => format!(" font-weight=\"{}\"", weight.css()),
        };
        let (x, y, size) = (number(at.0), number(at.1), number(style.size));
        let escaped = escape(&text);
        self.write(format_args!(
            "<text x=\"{x}\" y=\"{y}\" font-size=\"{size}\" fill=\"{}\"{weight}{anchor}{edge}>{escaped}</text>",
            style.fill
        ));
        self.labels.push(Label { text, room });
    }

    /// A label, if it is inside the drawing and stands clear of all others. Says whether it does.
    pub(crate) fn try_text(
        &mut self,
        text: &str,
        style: Style,
        anchor: Anchor,
        at: (f64, f64),
    ) -> bool {
        let room = Room::of(text, style, anchor, at);
        let clear = room.is_inside(&self.room()) && self.is_clear(&room.grown(1.0));
        if clear {
            self.haloed(text, style, anchor, at);
        }
        clear
    }

    /// Whether no label stands there.
    pub(crate) fn is_clear(&self, room: &Room) -> bool {
        self.labels.iter().all(|label| !label.room.overlaps(room))
    }

    fn write(&mut self, element: std::fmt::Arguments<'_>) {
        self.body.write_fmt(element).expect("writing to a String cannot fail");
    }
}

/// How a line looks.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pen {
    pub(crate) stroke: &'static str,
    pub(crate) width: f64,
    /// As SVG writes it; empty for none.
    pub(crate) dash: &'static str,
}

impl Pen {
    pub(crate) const fn solid(stroke: &'static str, width: f64) -> Self {
        Self { stroke, width, dash: "" }
    }
}

impl std::fmt::Display for Pen {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "stroke=\"{}\" stroke-width=\"{}\"", self.stroke, number(self.width))?;
        if self.dash.is_empty() { Ok(()) } else { write!(f, " stroke-dasharray=\"{}\"", self.dash) }
    }
}

/// One decimal, without a needless zero: the same on every machine.
fn number(value: f64) -> String {
    let text = format!("{value:.1}");
    match text.strip_suffix(".0") {
        Some("-0") => "0".to_owned(),
        Some(whole) => whole.to_owned(),
        None => text,
    }
}

/// Text inside an element.
pub(crate) fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// As many lines of text as fit, broken at words; the last with an ellipsis when there is more.
pub(crate) fn lines(text: &str, style: Style, wide: f64, most: usize) -> Vec<String> {
    let measure = |text: &str| width(&printable(text), style.weight, style.size);
    let mut lines: Vec<String> = Vec::new();
    let mut words = text.split_whitespace().peekable();
    while let Some(word) = words.peek() {
        if lines.len() == most {
            if let Some(last) = lines.last_mut() {
                *last = cut(&format!("{last} {word}"), style, wide);
            }
            break;
        }
        let mut line = (*word).to_owned();
        words.next();
        while let Some(word) = words.peek() {
            let longer = format!("{line} {word}");
            if measure(&longer) > wide {
                break;
            }
            line = longer;
            words.next();
        }
        lines.push(if measure(&line) > wide { cut(&line, style, wide) } else { line });
    }
    lines
}

/// The text, or as much of it as fits with an ellipsis.
pub(crate) fn cut(text: &str, style: Style, wide: f64) -> String {
    let measure = |text: &str| width(&printable(text), style.weight, style.size);
    if measure(text) <= wide {
        return text.to_owned();
    }
    let mut room = wide - measure("…");
    let fits = text.chars().take_while(|c| {
        room -= measure(c.encode_utf8(&mut [0; 4]));
        room >= 0.0
    });
    let head: String = fits.collect();
    format!("{}…", head.trim_end_matches([' ', ',', '.', '(', '-']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn coordinates_are_short_and_never_minus_nothing() {
        let numbers = [0.0, -0.04, 12.0, 12.34, -3.05, 1e6].map(number).join(" ");
        insta::assert_snapshot!(numbers, @"0 0 12 12.3 -3 1000000");
    }

    #[test]
    fn lines_break_at_words_and_end_with_an_ellipsis() {
        let style = Style { size: 13.0, weight: Weight::Regular, fill: "#000" };
        let broken = lines("Recording rules changed in a way that nobody foresaw", style, 120.0, 2);
        insta::assert_snapshot!(broken.join(" | "), @"Recording rules | changed in a way th…");
        assert_eq!(lines("Word", style, 120.0, 2), ["Word"]);
        assert!(lines("", style, 120.0, 2).is_empty());
        let long = lines(&"x".repeat(80), style, 60.0, 1);
        assert!(long[0].ends_with('…') && width(&long[0], style.weight, style.size) <= 60.0);
    }
}
