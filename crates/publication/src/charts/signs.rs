//! How points are marked: shape first, colour beside it.

use super::canvas::Canvas;
use super::{BLUE, GREY, ORANGE, PINK};
use crate::report_model::{PointSign, TagKind};

/// The colour of a verdict, for shapes and text.
pub(crate) fn colour(kind: TagKind) -> &'static str {
    match kind {
        TagKind::Concern => ORANGE,
        TagKind::Improving => BLUE,
        TagKind::NoChange => GREY,
        TagKind::CannotJudge => "#594d00",
    }
}

/// Draws a point. Hollow means provisional.
pub(crate) fn point(canvas: &mut Canvas, sign: PointSign, hollow: bool, at: (f64, f64)) {
    let colour = match sign {
        PointSign::Usual => GREY,
        PointSign::WorseHigh | PointSign::WorseLow => ORANGE,
        PointSign::BetterHigh | PointSign::BetterLow => BLUE,
        PointSign::Other => PINK,
    };
    let fill = if hollow { "#fff" } else { colour };
    let (x, y) = at;
    match sign {
        PointSign::Usual => canvas.dot(at, 3.2, fill, colour),
        PointSign::WorseHigh | PointSign::BetterHigh => {
            canvas.shape(&[(x, y - 6.5), (x + 6.0, y + 4.5), (x - 6.0, y + 4.5)], fill, colour);
        }
        PointSign::WorseLow | PointSign::BetterLow => {
            canvas.shape(&[(x, y + 6.5), (x + 6.0, y - 4.5), (x - 6.0, y - 4.5)], fill, colour);
        }
        PointSign::Other => {
            canvas.shape(&[(x, y - 6.0), (x + 6.0, y), (x, y + 6.0), (x - 6.0, y)], fill, colour);
        }
    }
}
