//! Small charts side by side: 12 months as they rolled on, each on a scale of its own from nothing.

use super::canvas::{Anchor, Canvas, Pen, Style, Svg, cut, lines};
use super::control::{places, widest};
use super::scale::Scale;
use super::{AXIS, INK, Size, TICK, signs};
use crate::fonts::Weight;
use crate::report_model::Panel;

const NAME: Style = Style { size: 13.5, weight: Weight::SemiBold, fill: INK };
const VALUE: Style = Style { size: 14.0, weight: Weight::Bold, fill: INK };
const NAME_LINE: f64 = 16.0;
/// Of the drawing inside a panel.
const HEIGHT: f64 = 62.0;
/// A whole panel without its name.
const PANEL: f64 = 130.0;
/// Between panels.
const GUTTER: f64 = 26.0;

pub(super) fn draw(panels: &[Panel], size: Size) -> Svg {
    let (across, name_lines): (usize, usize) = match size {
        Size::Wide => (3, 2),
        Size::Narrow => (2, 3),
    };
    let wide = (size.width() - GUTTER * places(across - 1)) / places(across);
    let rows: Vec<(&[Panel], usize)> = panels
        .chunks(across)
        .map(|row| {
            let longest = row.iter().map(|panel| lines(&panel.name, NAME, wide, name_lines).len());
            (row, longest.max().unwrap_or(1))
        })
        .collect();
    let height = |names: usize| PANEL + places(names) * NAME_LINE;
    let whole = rows.iter().map(|(_, names)| height(*names)).sum::<f64>();
    let mut canvas = Canvas::new(size.width(), whole.max(1.0));
    // One width for all, so that months stand below each other.
    let values = panels.iter().map(|panel| cut(&panel.latest, VALUE, wide * 0.55));
    let values: Vec<String> = values.collect();
    let room = widest(values.iter().map(|value| (value.as_str(), VALUE))) + 10.0;
    let mut top = 0.0;
    for (row, names) in rows {
        for (index, panel) in row.iter().enumerate() {
            let left = places(index) * (wide + GUTTER);
            draw_panel(&mut canvas, panel, (left, top, wide), (names, room));
        }
        top += height(names);
    }
    canvas.finish()
}

fn draw_panel(
    canvas: &mut Canvas,
    panel: &Panel,
    (left, top, wide): (f64, f64, f64),
    (names, room): (usize, f64),
) {
    let colour = signs::colour(panel.tag.kind);
    for (index, line) in lines(&panel.name, NAME, wide, names).iter().enumerate() {
        let y = top + 14.0 + places(index) * NAME_LINE;
        canvas.text(line, NAME, Anchor::Start, (left, y));
    }
    let word = Style { size: 13.0, weight: Weight::SemiBold, fill: colour };
    let status = format!("{} {}", panel.tag.shape, panel.tag.word);
    let y = top + 14.0 + places(names) * NAME_LINE;
    canvas.text(&cut(&status, word, wide), word, Anchor::Start, (left, y));

    let (plot_top, plot_bottom) = (y + 16.0, y + 16.0 + HEIGHT);
    let value = Style { fill: colour, ..VALUE };
    let latest = cut(&panel.latest, value, wide * 0.55);
    let x = Scale {
        from: 0.0,
        to: places(panel.months.saturating_sub(1).max(1)),
        start: left + 4.0,
        end: left + wide - room,
    };
    let values = || panel.lines.iter().flatten().map(|(_, value)| *value);
    let (lowest, highest) = (values().fold(0.0, f64::min), values().fold(0.0, f64::max));
    let y =
        Scale { from: lowest, to: highest.max(lowest + 1e-9), start: plot_bottom, end: plot_top };
    let zero = y.at(0.0);
    canvas.line((left, zero), (x.end, zero), AXIS);
    let mut last = None;
    for line in &panel.lines {
        let places: Vec<(f64, f64)> =
            line.iter().map(|(month, value)| (x.at(*month), y.at(*value))).collect();
        canvas.path(&places, Pen::solid(colour, 2.0));
        last = places.last().copied().or(last);
    }
    if let Some(last) = last {
        let fill = if panel.hollow { "#fff" } else { colour };
        canvas.dot(last, 3.6, fill, colour);
        canvas.text(&latest, value, Anchor::Start, (last.0 + 8.0, last.1 + 5.0));
    }
    let axis = plot_bottom + 18.0;
    let end = x.end.max(left + 60.0);
    let labels = widest([(panel.first.as_str(), TICK), (panel.last.as_str(), TICK)].into_iter());
    canvas.text(&panel.last, TICK, Anchor::End, (end + 4.0, axis));
    if end - left > 2.0 * labels + 12.0 {
        canvas.text(&panel.first, TICK, Anchor::Start, (left, axis));
    }
}
