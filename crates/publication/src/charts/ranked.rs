//! Rates of peers, highest first, each with its interval: a place without one says too much.

use super::canvas::{Anchor, Canvas, Pen, Room, Style, Svg, cut};
use super::control::{places, widest};
use super::scale::Scale;
use super::{AXIS, BLUE, INK, ORANGE, PALE, PLAIN, STRONG, Size};
use crate::fonts::Weight;
use crate::report_model::RankedDrawing;

const ROW: f64 = 24.0;
const BAR: f64 = 16.0;
const AVERAGE: Style = Style { size: 13.5, weight: Weight::SemiBold, fill: ORANGE };
const AVERAGE_PEN: Pen = Pen { stroke: ORANGE, width: 2.0, dash: "6 3" };

pub(super) fn draw(chart: &RankedDrawing, size: Size) -> Svg {
    let top = 26.0;
    let height = top + places(chart.bars.len().max(1)) * ROW + 6.0;
    let mut canvas = Canvas::new(size.width(), height);
    let longest = match size {
        Size::Wide => 190.0,
        Size::Narrow => 120.0,
    };
    let names: Vec<String> = chart
        .bars
        .iter()
        .map(|bar| cut(&bar.name, if bar.is_home { STRONG } else { PLAIN }, longest))
        .collect();
    let left = widest(names.iter().map(|name| (name.as_str(), STRONG))) + 12.0;
    let values = widest(chart.bars.iter().map(|bar| (bar.label.as_str(), STRONG)));
    let right = canvas.width - values - 4.0;
    let highest = chart.bars.iter().map(|bar| bar.upper.max(bar.value)).fold(0.0, f64::max);
    let highest = highest.max(chart.average.value).max(f64::MIN_POSITIVE);
    let x = Scale { from: 0.0, to: highest, start: left, end: (right - 14.0).max(left + 20.0) };
    for (index, bar) in chart.bars.iter().enumerate() {
        let middle = top + (places(index) + 0.5) * ROW;
        let (fill, style) = if bar.is_home { (BLUE, STRONG) } else { (PALE, PLAIN) };
        let room = Room {
            left: x.start,
            top: middle - BAR / 2.0,
            right: x.at(bar.value),
            bottom: middle + BAR / 2.0,
        };
        canvas.rectangle(room, fill);
        // On a dark bar the interval needs an edge.
        let (lower, upper) = (x.at(bar.lower), x.at(bar.upper));
        canvas.line((lower, middle), (upper, middle), Pen::solid("#fff", 4.5));
        for end in [lower, upper] {
            canvas.line((end, middle - 5.5), (end, middle + 5.5), Pen::solid("#fff", 4.5));
        }
        canvas.line((lower, middle), (upper, middle), Pen::solid(INK, 1.6));
        for end in [lower, upper] {
            canvas.line((end, middle - 4.0), (end, middle + 4.0), Pen::solid(INK, 1.6));
        }
        canvas.text(&names[index], style, Anchor::End, (left - 8.0, middle + 5.0));
        canvas.text(&bar.label, style, Anchor::End, (canvas.width - 1.0, middle + 5.0));
    }
    let bottom = height - 4.0;
    canvas.line((x.start, top), (x.start, bottom), AXIS);
    let average = x.at(chart.average.value);
    canvas.line((average, top - 4.0), (average, bottom), AVERAGE_PEN);
    let label = match size {
        Size::Wide => &chart.average.label,
        Size::Narrow => &chart.average.short,
    };
    let half = widest(std::iter::once((label.as_str(), AVERAGE))) / 2.0;
    let at = average.min(canvas.width - half - 2.0).max(half + 2.0);
    canvas.text(label, AVERAGE, Anchor::Middle, (at, top - 10.0));
    canvas.finish()
}
