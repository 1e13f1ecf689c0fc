//! A chart as a picture for mail: programs that read mail show no SVG.

use std::sync::{Arc, LazyLock};

use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::{Options, Tree, fontdb::Database};

use super::canvas::Svg;
use crate::fonts::FILES;

/// Dots to a unit: pictures are shown at half their size, sharp on fine screens.
const SCALE: f32 = 2.0;

static FONTS: LazyLock<Arc<Database>> = LazyLock::new(|| {
    let mut fonts = Database::new();
    for file in FILES {
        fonts.load_font_data(file.to_vec());
    }
    Arc::new(fonts)
});

/// The chart at twice its size on white. The same chart gives the same bytes.
pub(crate) fn png(svg: &Svg) -> Vec<u8> {
    let options = Options { fontdb: Arc::clone(&FONTS), ..Options::default() };
    let tree = Tree::from_str(&svg.file(), &options).expect("our own SVG is sound");
    let size = tree.size().to_int_size().scale_by(SCALE).expect("charts are small");
    let mut pixels = Pixmap::new(size.width(), size.height()).expect("charts have a size");
    resvg::render(&tree, Transform::from_scale(SCALE, SCALE), &mut pixels.as_mut());
    pixels.encode_png().expect("memory takes it")
}
