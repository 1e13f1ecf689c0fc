//! Rates of peers by number of residents, with the limits that chance and the usual differences
//! between areas would keep them in.

use super::canvas::{Anchor, Canvas, Pen, Room, Style, Svg};
use super::control::widest;
use super::scale::{Scale, tick_label, ticks};
use super::{AXIS, GREY, HELP, INK, MUTED, STRONG, Size, TICK, signs};
use crate::fonts::Weight;
use crate::report_model::{FunnelDrawing, FunnelPoint, PointSign};

/// How many times the highest rate limits are drawn up to.
const LIMITS_DRAWN: f64 = 2.5;

const NAME: Style = Style { size: 13.0, weight: Weight::Regular, fill: INK };
const LIMIT: Style = Style { size: 12.5, weight: Weight::Regular, fill: MUTED };
const WATCH_PEN: Pen = Pen { stroke: GREY, width: 1.2, dash: "5 4" };
const EXCEPTION_PEN: Pen = Pen::solid(GREY, 1.4);
const CENTRE_PEN: Pen = Pen::solid(INK, 1.5);

pub(super) fn draw(chart: &FunnelDrawing, size: Size) -> Svg {
    let mut canvas = Canvas::new(size.width(), 330.0);
    let rates = chart.points.iter().map(|point| point.rate);
    let rate = rates.fold(chart.centre.value, f64::max);
    // Limits of very different areas may be anywhere: they are drawn as far as they matter.
    let limits = chart.exception.iter().map(|(_, _, upper)| *upper).fold(0.0, f64::max);
    let highest = rate.max(limits.min(rate * LIMITS_DRAWN));
    let y_ticks = ticks(0.0, highest * 1.02, 5);
    let labels: Vec<String> = y_ticks.iter().map(|tick| tick_label(*tick, &y_ticks)).collect();
    let left = widest(labels.iter().map(|label| (label.as_str(), TICK))) + 12.0;
    let ends = ["99.8% limits", "95% limits"];
    let centre = (chart.centre.short.as_str(), Style { size: 13.0, ..STRONG });
    let written = ends.iter().map(|end| (*end, LIMIT)).chain([centre]);
    let right = (canvas.width - widest(written) - 12.0).max(left + 20.0);
    let (top, bottom) = (12.0, 272.0);
    let residents = |(from, to): (f64, f64), point: &FunnelPoint| {
        (from.min(point.residents), to.max(point.residents))
    };
    let (fewest, most) = chart.points.iter().fold((f64::MAX, 0.0), residents);
    let margin = ((most - fewest) * 0.08).max(most * 0.02);
    let x = Scale { from: fewest - margin, to: most + margin, start: left, end: right };
    let last = y_ticks.last().copied().unwrap_or(1.0);
    let y = Scale { from: 0.0, to: last, start: bottom, end: top };
    for (tick, label) in y_ticks.iter().zip(&labels) {
        let at = y.at(*tick);
        canvas.line((left, at), (right, at), HELP);
        canvas.text(label, TICK, Anchor::End, (left - 8.0, at + 4.5));
    }
    curves(&mut canvas, chart, (&x, &y));
    let centre = y.at(chart.centre.value);
    canvas.line((left, centre), (right, centre), CENTRE_PEN);
    canvas.line((left, bottom), (right, bottom), AXIS);
    residents_axis(&mut canvas, &x, bottom);
    end_labels(&mut canvas, chart, (&x, &y), ends);
    for point in &chart.points {
        signs::point(&mut canvas, point.sign, false, (x.at(point.residents), y.at(point.rate)));
    }
    name_points(&mut canvas, chart, (&x, &y));
    canvas.finish()
}

fn curves(canvas: &mut Canvas, chart: &FunnelDrawing, (x, y): (&Scale, &Scale)) {
    let inside = |residents: f64| (x.from..=x.to).contains(&residents);
    let drawn = |points: Vec<(f64, f64)>| -> Vec<(f64, f64)> {
        points.into_iter().filter(|(_, height)| y.end <= *height).collect()
    };
    for (curve, pen) in [(&chart.watch, WATCH_PEN), (&chart.exception, EXCEPTION_PEN)] {
        let within = curve.iter().filter(|(residents, _, _)| inside(*residents));
        let (low, high): (Vec<_>, Vec<_>) = within
            .map(|(residents, lower, upper)| {
                let at = x.at(*residents);
                ((at, y.at(*lower)), (at, y.at(*upper)))
            })
            .unzip();
        canvas.path(&drawn(low), pen);
        canvas.path(&drawn(high), pen);
    }
}

fn residents_axis(canvas: &mut Canvas, x: &Scale, bottom: f64) {
    let wanted = ((x.end - x.start) / 110.0).floor().clamp(1.0, 6.0);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "from 1 to 6")]
    let all = ticks(x.from, x.to, wanted as u32);
    for tick in all.iter().filter(|tick| (x.from..=x.to).contains(*tick)) {
        let at = x.at(*tick);
        if canvas.try_text(&tick_label(*tick, &all), TICK, Anchor::Middle, (at, bottom + 19.0)) {
            canvas.line((at, bottom), (at, bottom + 5.0), AXIS);
        }
    }
    let middle = f64::midpoint(x.start, x.end);
    canvas.text("Residents", TICK, Anchor::Middle, (middle, bottom + 42.0));
}

/// Which line is which, at their right ends.
fn end_labels(
    canvas: &mut Canvas,
    chart: &FunnelDrawing,
    (x, y): (&Scale, &Scale),
    [outer, inner]: [&str; 2],
) {
    use super::side::{SideLabel, side_labels};
    let label = |value: f64, text: &str, style: Style, rank: u8| SideLabel {
        value,
        text: text.to_owned(),
        style,
        rank,
    };
    let end = |curve: &[(f64, f64, f64)]| {
        curve.iter().rev().find(|(residents, _, _)| *residents <= x.to).map(|(_, _, upper)| *upper)
    };
    let average = Style { size: 13.0, ..STRONG };
    let mut labels = vec![label(chart.centre.value, &chart.centre.short, average, 0)];
    let drawn = |value: &f64| *value <= y.to;
    let (outer_end, inner_end) = (end(&chart.exception), end(&chart.watch));
    labels.extend(outer_end.filter(drawn).map(|value| label(value, outer, LIMIT, 1)));
    labels.extend(inner_end.filter(drawn).map(|value| label(value, inner, LIMIT, 2)));
    side_labels(canvas, labels, (x.end + 6.0, y.end, y.start), |value| y.at(value));
}

/// Names, the partnership's own first, then those outside the limits, then others where there is
/// room: all of them stand in the table.
fn name_points(canvas: &mut Canvas, chart: &FunnelDrawing, (x, y): (&Scale, &Scale)) {
    let dots: Vec<Room> = chart
        .points
        .iter()
        .map(|point| {
            let (x, y) = (x.at(point.residents), y.at(point.rate));
            Room { left: x - 6.0, top: y - 6.0, right: x + 6.0, bottom: y + 6.0 }
        })
        .collect();
    let mut order: Vec<usize> = (0..chart.points.len()).collect();
    let rank = |point: &FunnelPoint| (!point.is_home, point.sign == PointSign::Usual);
    order.sort_by_key(|index| (rank(&chart.points[*index]), *index));
    for index in order {
        let point = &chart.points[index];
        let (x, y) = (x.at(point.residents), y.at(point.rate));
        let style = if point.is_home { Style { size: 13.5, ..STRONG } } else { NAME };
        let spots = [
            (Anchor::Start, x + 10.0, y + 4.5),
            (Anchor::End, x - 10.0, y + 4.5),
            (Anchor::Middle, x, y - 10.0),
            (Anchor::Middle, x, y + 19.0),
            (Anchor::Start, x + 8.0, y - 8.0),
            (Anchor::Start, x + 8.0, y + 16.0),
            (Anchor::End, x - 8.0, y - 8.0),
            (Anchor::End, x - 8.0, y + 16.0),
        ];
        for (anchor, x, y) in spots {
            let room = Room::of(&point.name, style, anchor, (x, y));
            let covers = dots
                .iter()
                .enumerate()
                .any(|(other, dot)| other != index && dot.overlaps(&room.grown(1.0)));
            if !covers && canvas.try_text(&point.name, style, anchor, (x, y)) {
                break;
            }
        }
    }
}
