//! Quarters as columns, for figures that come by the quarter or are too few a month: the same
//! season of other years stands out, since that is what a quarter is compared with.

use super::canvas::{Anchor, Canvas, Room, Style, Svg};
use super::control::{places, widest};
use super::scale::{Scale, ticks};
use super::{AXIS, BLUE, INK, MUTED, PALE, STRONG, Size};
use crate::fonts::Weight;
use crate::report_model::Column;

const MONTHS: Style = Style { size: 12.5, weight: Weight::Regular, fill: INK };
const YEAR: Style = Style { size: 12.5, weight: Weight::Regular, fill: MUTED };

pub(super) fn draw(columns: &[Column], size: Size) -> Svg {
    let (top, bottom) = (24.0, 170.0);
    let mut canvas = Canvas::new(size.width(), bottom + 44.0);
    let values: Vec<f64> = columns.iter().filter_map(|column| column.value).collect();
    let low = values.iter().copied().fold(0.0, f64::min);
    let high = values.iter().copied().fold(0.0, f64::max);
    let scale = ticks(low, high, 4);
    let y = Scale {
        from: low,
        to: scale.last().copied().unwrap_or(1.0).min(high.max(1e-9)),
        start: bottom,
        end: top,
    };
    let step = canvas.width / places(columns.len().max(1));
    let zero = y.at(0.0);
    for (index, column) in columns.iter().enumerate() {
        let middle = (places(index) + 0.5) * step;
        let half = step * 0.34;
        if let Some(end) = column.value.map(|value| y.at(value)) {
            let fill = if column.same_season { BLUE } else { PALE };
            let room = Room {
                left: middle - half,
                top: end.min(zero),
                right: middle + half,
                bottom: end.max(zero),
            };
            if column.hollow {
                canvas.outlined(room, if column.same_season { "#d9e4ee" } else { "#fff" }, fill);
            } else {
                canvas.rectangle(room, fill);
            }
        }
    }
    canvas.line((0.0, zero), (canvas.width, zero), AXIS);
    // The latest first: it has its label whatever else has room.
    for (index, column) in columns.iter().enumerate().rev() {
        let middle = (places(index) + 0.5) * step;
        let above = column.value.map_or(zero, |value| y.at(value)).min(zero) - 7.0;
        let marks = [
            (&column.label, STRONG, above),
            (&column.months, MONTHS, bottom + 18.0),
            (&column.year, YEAR, bottom + 35.0),
        ];
        for (text, style, y) in marks {
            let half = widest(std::iter::once((text.as_str(), style))) / 2.0 + 0.5;
            let x = middle.max(half).min(canvas.width - half);
            canvas.try_text(text, style, Anchor::Middle, (x, y));
        }
    }
    canvas.finish()
}
