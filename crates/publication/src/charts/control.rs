//! Control charts of months: limits, average, breaks and events, hollow points where figures may
//! still change, and labels at the ends of the lines.

use super::canvas::{Anchor, Canvas, Pen, Room, Style, Svg, lines};
use super::scale::{Scale, tick_label, ticks};
use super::side::{SideLabel, side_labels};
use super::{AXIS, BAND, GREY, HELP, INK, MUTED, PLAIN, STRONG, Size, TICK, TURQUOISE, signs};
use crate::fonts::{Weight, width};
use crate::report_model::{ChartEvent, ControlDrawing, ControlPoint, Level, Stretch};

const EVENT: Style = Style { size: 13.0, weight: Weight::Regular, fill: INK };
const LIMIT: Style = Style { size: 13.0, weight: Weight::Regular, fill: MUTED };
const TARGET: Style = Style { size: 13.0, weight: Weight::SemiBold, fill: TURQUOISE };
/// From one line of an event's label to the next.
const EVENT_LINE: f64 = 15.0;
const EVENT_LINES: usize = 2;

const LIMIT_PEN: Pen = Pen { stroke: GREY, width: 1.2, dash: "5 4" };
const MEAN_PEN: Pen = Pen::solid(INK, 1.5);
const BREAK_PEN: Pen = Pen { stroke: INK, width: 1.2, dash: "2 3" };
const EVENT_PEN: Pen = Pen::solid("#8a8f92", 1.0);
const TARGET_PEN: Pen = Pen { stroke: TURQUOISE, width: 1.8, dash: "9 3 2 3" };
const MONTHS_PEN: Pen = Pen::solid("#8a8f92", 1.6);

/// Where months and numbers lie.
struct Plot {
    x: Scale,
    y: Scale,
    step: f64,
}

impl Plot {
    /// The middle of a month.
    fn month(&self, index: usize) -> f64 {
        self.x.at(places(index) + 0.5)
    }

    /// The line before a month.
    fn before(&self, index: usize) -> f64 {
        self.x.at(places(index))
    }
}

#[expect(clippy::cast_precision_loss, reason = "months and panels are few")]
pub(super) fn places(index: usize) -> f64 {
    index as f64
}

pub(super) fn draw(chart: &ControlDrawing, size: Size) -> Svg {
    let ticks = ticks_of(chart);
    let labels = side(chart, size);
    let strip = if chart.events.is_empty() { 0.0 } else { EVENT_LINE * places(EVENT_LINES) + 8.0 };
    let tick_labels: Vec<String> = ticks.iter().map(|tick| tick_label(*tick, &ticks)).collect();
    let left = widest(tick_labels.iter().map(|label| (label.as_str(), TICK))) + 10.0;
    let right = widest(labels.iter().map(|label| (label.text.as_str(), label.style))) + 12.0;
    let (top, bottom) = (strip + 12.0, strip + 232.0);
    let mut canvas = Canvas::new(size.width(), bottom + 28.0);
    let x = Scale {
        from: 0.0,
        to: places(chart.points.len().max(1)),
        start: left,
        end: (canvas.width - right).max(left + 20.0),
    };
    let bounds = (ticks.first().copied().unwrap_or(0.0), ticks.last().copied().unwrap_or(1.0));
    let y = Scale { from: bounds.0, to: bounds.1, start: bottom, end: top };
    let plot = Plot { step: x.at(1.0) - x.at(0.0), x, y };
    frame(&mut canvas, &plot, (&ticks, &tick_labels));
    for stretch in &chart.stretches {
        limits(&mut canvas, &plot, stretch);
    }
    if let Some(target) = &chart.target {
        let at = plot.y.at(target.value);
        canvas.line((plot.x.start, at), (plot.x.end, at), TARGET_PEN);
    }
    for event in &chart.events {
        let at = event_place(&plot, event);
        let pen = if event.divides { BREAK_PEN } else { EVENT_PEN };
        canvas.line((at, 4.0), (at, bottom), pen);
    }
    months(&mut canvas, &plot, chart);
    canvas.line((plot.x.start, bottom), (plot.x.end, bottom), AXIS);
    month_labels(&mut canvas, &plot, &chart.points, bottom);
    // Above the months' labels, which may reach into the column.
    let column = (plot.x.end + 10.0, top - 4.0, bottom);
    side_labels(&mut canvas, labels, column, |value| plot.y.at(value));
    event_labels(&mut canvas, &plot, &chart.events);
    canvas.finish()
}

/// Round numbers that hold all that is drawn. Counts begin at nothing.
fn ticks_of(chart: &ControlDrawing) -> Vec<f64> {
    let values = chart.points.iter().filter_map(|point| point.value);
    let limits =
        chart.stretches.iter().flat_map(|it| [it.lower.value, it.mean.value, it.upper.value]);
    let target = chart.target.iter().map(|target| target.value);
    let all: Vec<f64> = values.chain(limits).chain(target).collect();
    let low = all.iter().copied().fold(0.0, f64::min);
    let high = all.iter().copied().fold(0.0, f64::max);
    ticks(low, high, 4)
}

/// What is written at the right end: the last month first in importance.
fn side(chart: &ControlDrawing, size: Size) -> Vec<SideLabel> {
    let label = |level: &Level, style, rank| SideLabel {
        value: level.value,
        text: match size {
            Size::Wide => level.label.clone(),
            Size::Narrow => level.short.clone(),
        },
        style,
        rank,
    };
    let mut labels = Vec::new();
    if let Some(value) = chart.points.last().and_then(|point| point.value) {
        labels.push(SideLabel { value, text: chart.latest.clone(), style: STRONG, rank: 0 });
    }
    if let Some(last) = chart.stretches.last() {
        let average = Style { size: 13.0, ..PLAIN };
        labels.push(label(&last.mean, average, 1));
        labels.push(label(&last.upper, LIMIT, 2));
        labels.push(label(&last.lower, LIMIT, 3));
    }
    labels.extend(chart.target.iter().map(|target| label(target, TARGET, 1)));
    labels
}

pub(super) fn widest<'a>(labels: impl Iterator<Item = (&'a str, Style)>) -> f64 {
    labels
        .map(|(text, style)| width(&crate::fonts::printable(text), style.weight, style.size))
        .fold(0.0, f64::max)
}

fn frame(canvas: &mut Canvas, plot: &Plot, (ticks, labels): (&[f64], &[String])) {
    for (tick, label) in ticks.iter().zip(labels) {
        let y = plot.y.at(*tick);
        canvas.line((plot.x.start, y), (plot.x.end, y), HELP);
        canvas.text(label, TICK, Anchor::End, (plot.x.start - 8.0, y + 4.5));
    }
}

fn limits(canvas: &mut Canvas, plot: &Plot, stretch: &Stretch) {
    let (left, right) = (plot.before(stretch.first), plot.before(stretch.last + 1));
    // A little apart, so that nobody takes two stretches for one.
    let (left, right) = (left + 1.5, right - 1.5);
    let [lower, mean, upper] =
        [&stretch.lower, &stretch.mean, &stretch.upper].map(|level| plot.y.at(level.value));
    canvas.rectangle(Room { left, top: upper, right, bottom: lower }, BAND);
    canvas.line((left, upper), (right, upper), LIMIT_PEN);
    canvas.line((left, lower), (right, lower), LIMIT_PEN);
    canvas.line((left, mean), (right, mean), MEAN_PEN);
}

/// Months as points; no line leads over a month that is not known, nor over a division.
fn months(canvas: &mut Canvas, plot: &Plot, chart: &ControlDrawing) {
    let divided =
        |index: usize| chart.events.iter().any(|event| event.divides && event.month == index);
    let mut run: Vec<(f64, f64)> = Vec::new();
    let mut runs: Vec<Vec<(f64, f64)>> = Vec::new();
    for (index, point) in chart.points.iter().enumerate() {
        if divided(index) || point.value.is_none() {
            runs.push(std::mem::take(&mut run));
        }
        run.extend(point.value.map(|value| (plot.month(index), plot.y.at(value))));
    }
    runs.push(run);
    for run in &runs {
        canvas.path(run, MONTHS_PEN);
    }
    for (index, point) in chart.points.iter().enumerate() {
        if let Some(value) = point.value {
            signs::point(canvas, point.sign, point.hollow, (plot.month(index), plot.y.at(value)));
        }
    }
}

/// Months on the axis, counted back from the last, which always has its label.
fn month_labels(canvas: &mut Canvas, plot: &Plot, points: &[ControlPoint], bottom: f64) {
    let wide = widest(points.iter().map(|point| (point.month.as_str(), TICK)));
    let every = [1, 2, 3, 6, 12, 24, 48, 96]
        .into_iter()
        .find(|every| plot.step * places(*every) > wide + 14.0)
        .unwrap_or(usize::MAX);
    for (index, point) in points.iter().enumerate() {
        if (points.len() - 1 - index).is_multiple_of(every) {
            let x = plot.month(index);
            let half = widest(std::iter::once((point.month.as_str(), TICK))) / 2.0;
            let x_label = x.clamp(half + 1.0, canvas.width - half - 1.0);
            if canvas.try_text(&point.month, TICK, Anchor::Middle, (x_label, bottom + 19.0)) {
                canvas.line((x, bottom), (x, bottom + 5.0), AXIS);
            }
        }
    }
}

fn event_place(plot: &Plot, event: &ChartEvent) -> f64 {
    if event.divides { plot.before(event.month) } else { plot.month(event.month) }
}

/// Events by name, where there is room beside their lines; all of them stand below the chart.
fn event_labels(canvas: &mut Canvas, plot: &Plot, events: &[ChartEvent]) {
    // What divides first, then the latest.
    let mut order: Vec<&ChartEvent> = events.iter().collect();
    order.sort_by_key(|event| (!event.divides, std::cmp::Reverse(event.month)));
    for event in order {
        let at = event_place(plot, event);
        let sides =
            [(Anchor::Start, at + 5.0, canvas.width - at - 6.0), (Anchor::End, at - 5.0, at - 6.0)];
        let attempts = [&event.label, &event.short].into_iter();
        for (text, (anchor, x, room)) in
            attempts.flat_map(|text| sides.iter().map(move |side| (text, *side)))
        {
            let broken = lines(text, EVENT, room.min(210.0), EVENT_LINES);
            if room < 60.0 || broken.iter().any(|line| line.ends_with('…')) {
                continue;
            }
            let place = |index: usize| (x, 14.0 + places(index) * EVENT_LINE);
            let clear = broken.iter().enumerate().all(|(index, line)| {
                let room = Room::of(line, EVENT, anchor, place(index));
                room.is_inside(&canvas.room()) && canvas.is_clear(&room.grown(4.0))
            });
            // Not over the line of another event, either.
            let crossed = events.iter().filter(|other| other.month != event.month).any(|other| {
                let line = event_place(plot, other);
                let wide = widest(broken.iter().map(|line| (line.as_str(), EVENT)));
                let (from, to) =
                    if anchor == Anchor::Start { (x, x + wide) } else { (x - wide, x) };
                from - 3.0 < line && line < to + 3.0
            });
            if clear && !crossed {
                for (index, line) in broken.iter().enumerate() {
                    canvas.text(line, EVENT, anchor, place(index));
                }
                break;
            }
        }
    }
}
