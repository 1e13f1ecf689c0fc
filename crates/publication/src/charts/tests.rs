//! Charts of made-up reports, and of thousands of random ones: nothing overlaps, nothing is blank.

use super::canvas::{Label, Room, Svg};
use super::{Size, draw};
use crate::fonts;
use crate::report_model::ReportModel;
use crate::sample::Sample;

/// Pairs of labels that share room, and labels that leave the drawing.
fn faults(svg: &Svg) -> Vec<String> {
    let whole = Room { left: 0.0, top: 0.0, right: svg.width, bottom: svg.height };
    let mut faults = Vec::new();
    for (index, label) in svg.labels.iter().enumerate() {
        if !label.room.is_inside(&whole) {
            faults.push(format!("`{}` leaves the drawing: {:?}", label.text, label.room));
        }
        let shares = |other: &&Label| other.room.overlaps(&label.room);
        for other in svg.labels[..index].iter().filter(shares) {
            faults.push(format!("`{}` lies over `{}`", label.text, other.text));
        }
    }
    faults
}

/// No label of any chart lies over another or leaves its drawing, and all can be printed.
pub(crate) fn assert_sound(model: &ReportModel) {
    for drawing in &model.drawings {
        for size in [Size::Wide, Size::Narrow] {
            let svg = draw(drawing, size);
            assert!(!svg.labels.is_empty(), "{} has no label at all", drawing.id);
            for label in &svg.labels {
                let blank = label.room.right - label.room.left < 1.0;
                assert!(!blank && fonts::unprintable(&label.text).next().is_none(), "{label:?}");
            }
            assert_eq!(faults(&svg), Vec::<String>::new(), "{} {size:?}", drawing.id);
        }
    }
}

#[test]
fn no_label_lies_over_another() {
    for sample in [Sample::small(), Sample::large(), Sample::drawn()] {
        assert_sound(&sample.model());
    }
}
