//! Labels in a column beside a chart, each as near to its height as the others let it be.

use super::canvas::{Anchor, Canvas, Style};
use super::control::places;

/// From one label to the next.
const GAP: f64 = 17.0;

/// A label beside a chart.
pub(crate) struct SideLabel {
    /// The number that it belongs to.
    pub(crate) value: f64,
    pub(crate) text: String,
    pub(crate) style: Style,
    /// What is left out last when there is no room: the lowest.
    pub(crate) rank: u8,
}

/// Writes them at `x`, from `top` to `bottom`.
pub(crate) fn side_labels(
    canvas: &mut Canvas,
    mut labels: Vec<SideLabel>,
    (x, top, bottom): (f64, f64, f64),
    place: impl Fn(f64) -> f64,
) {
    labels.sort_by_key(|label| label.rank);
    let mut room = bottom - top;
    labels.retain(|_| {
        room -= GAP;
        room + GAP >= 0.0
    });
    labels.sort_by(|one, other| other.value.total_cmp(&one.value).then(one.rank.cmp(&other.rank)));
    let wanted: Vec<f64> = labels.iter().map(|label| place(label.value)).collect();
    for (label, y) in labels.iter().zip(spread(&wanted, top, bottom)) {
        canvas.text(&label.text, label.style, Anchor::Start, (x, y + 4.5));
    }
}

/// Heights at least a gap apart, in order, as near to those wanted as that lets them be.
pub(crate) fn spread(wanted: &[f64], top: f64, bottom: f64) -> Vec<f64> {
    let mut heights: Vec<f64> = wanted.to_vec();
    let mut least = top;
    for height in &mut heights {
        *height = height.max(least);
        least = *height + GAP;
    }
    let mut most = bottom;
    for height in heights.iter_mut().rev() {
        *height = height.min(most);
        most = *height - GAP;
    }
    // Clusters that were pushed down hang below what they name: lift each to its middle.
    let mut start = 0;
    while start < heights.len() {
        let mut end = start + 1;
        while end < heights.len() && heights[end] - heights[end - 1] < GAP + 0.01 {
            end += 1;
        }
        let count = places(end - start);
        let drift = (start..end).map(|at| heights[at] - wanted[at]).sum::<f64>() / count;
        let above = if start == 0 { top } else { heights[start - 1] + GAP };
        let below = if end == heights.len() { bottom } else { heights[end] - GAP };
        let lift =
            drift.clamp((heights[end - 1] - below).min(0.0), (heights[start] - above).max(0.0));
        for height in &mut heights[start..end] {
            *height -= lift;
        }
        start = end;
    }
    heights
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_stay_apart_in_order_and_near_what_they_name() {
        assert_eq!(spread(&[10.0, 100.0], 0.0, 200.0), [10.0, 100.0]);
        let close = spread(&[100.0, 101.0, 102.0], 0.0, 200.0);
        assert!(close.windows(2).all(|pair| pair[1] - pair[0] >= GAP - 1e-9), "{close:?}");
        assert!((close[1] - 101.0).abs() < 1e-9, "{close:?}");
        let low = spread(&[199.0, 200.0], 0.0, 200.0);
        assert!(low[1] <= 200.0 && low[1] - low[0] >= GAP - 1e-9, "{low:?}");
    }
}
