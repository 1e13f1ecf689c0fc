//! The one font family that charts, packs and pages are set in, and what it can print.
//!
//! Fonts of the system are never used: a report would look different on every machine, and a
//! missing one would leave blanks.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::LazyLock;

use ttf_parser::Face;
use ttf_parser::cmap::Subtable;

/// Its name, as files and style sheets know it.
pub(crate) const FAMILY: &str = "Source Sans 3";
/// Stands where a character cannot be printed.
pub(crate) const INSTEAD: char = '□';

/// The font files: regular, semi-bold, bold.
pub(crate) const FILES: [&[u8]; 3] = [
    include_bytes!("../assets/fonts/SourceSans3_400Regular.ttf"),
    include_bytes!("../assets/fonts/SourceSans3_600SemiBold.ttf"),
    include_bytes!("../assets/fonts/SourceSans3_700Bold.ttf"),
];

/// The fonts' licence, which goes wherever they go.
pub(crate) const LICENCE: &[u8] = include_bytes!("../assets/fonts/OFL.txt");

/// How heavy text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Weight {
    Regular,
    SemiBold,
    Bold,
}

impl Weight {
    /// As style sheets write it.
    pub(crate) fn css(self) -> u16 {
        match self {
            Self::Regular => 400,
            Self::SemiBold => 600,
            Self::Bold => 700,
        }
    }
}

static FACES: LazyLock<[Face<'static>; 3]> =
    LazyLock::new(|| FILES.map(|file| Face::parse(file, 0).expect("the fonts are sound")));

/// Of each weight, how far each character takes the pen. Looked up once: labels are measured thousands of times a
/// report.
static ADVANCES: LazyLock<[HashMap<char, u16>; 3]> = LazyLock::new(|| {
    [0, 1, 2].map(|weight| {
        let face = &FACES[weight];
        let tables = face.tables().cmap.into_iter().flat_map(|cmap| cmap.subtables);
        let mut characters = Vec::new();
        tables.filter(Subtable::is_unicode).for_each(|table| {
            table.codepoints(|code| characters.extend(char::from_u32(code)));
        });
        let advance = |c| {
            // Glyph 0 stands for what a font has not: U+FFFF, which ends its tables, is given that.
            let glyph = face.glyph_index(c).filter(|glyph| glyph.0 != 0)?;
            Some((c, face.glyph_hor_advance(glyph)?))
        };
        characters.into_iter().filter_map(advance).collect()
    })
});

fn advance(c: char, weight: Weight) -> Option<u16> {
    ADVANCES[weight as usize].get(&c).copied()
}

/// How wide text is at a size, in the same unit as the size. Kerning may make it a little less.
pub(crate) fn width(text: &str, weight: Weight, size: f64) -> f64 {
    let advances = text.chars().map(|c| {
        f64::from(advance(c, weight).or_else(|| advance(INSTEAD, weight)).unwrap_or_default())
    });
    advances.sum::<f64>() * size / f64::from(FACES[weight as usize].units_per_em())
}

/// The text with `□` for every character that the fonts do not have.
pub(crate) fn printable(text: &str) -> Cow<'_, str> {
    if text.chars().all(has) {
        return Cow::Borrowed(text);
    }
    let shown = text.chars().filter(|c| !is_variation(*c));
    Cow::Owned(shown.map(|c| if has(c) { c } else { INSTEAD }).collect())
}

/// The characters of a text that cannot be printed, in order.
pub(crate) fn unprintable(text: &str) -> impl Iterator<Item = char> {
    text.chars().filter(|c| !has(*c) && !is_variation(*c))
}

/// Says how its neighbour looks, and is not printed itself.
fn is_variation(c: char) -> bool {
    matches!(c, '\u{fe00}'..='\u{fe0f}')
}

/// Whether all weights have a character.
fn has(c: char) -> bool {
    let all = [Weight::Regular, Weight::SemiBold, Weight::Bold];
    all.into_iter().all(|weight| advance(c, weight).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_sign_that_reports_use_can_be_printed() {
        let signs = "▲▼●◆?□✓–−…£’“”  é ñ ü Ł ő 0123456789";
        assert_eq!(unprintable(signs).collect::<String>(), "");
        assert_eq!(printable(signs), signs);
    }

    #[test]
    fn every_character_is_as_wide_as_its_font_says() {
        for weight in [Weight::Regular, Weight::SemiBold, Weight::Bold] {
            let face = &FACES[weight as usize];
            let mut there = 0;
            for c in '\0'..=char::MAX {
                let glyph = face.glyph_index(c).filter(|glyph| glyph.0 != 0);
                let said = glyph.and_then(|glyph| face.glyph_hor_advance(glyph));
                assert_eq!(advance(c, weight), said, "{c:?}");
                there += usize::from(said.is_some());
            }
            assert!(there > 1000, "{there}");
        }
    }

    #[test]
    fn what_cannot_be_printed_is_seen_to_be_missing() {
        assert_eq!(printable("Call ☎\u{fe0f} 警察 now"), "Call □ □□ now");
        assert_eq!(unprintable("Call ☎\u{fe0f} 警察 now").collect::<String>(), "☎警察");
    }

    #[test]
    fn figures_are_as_wide_as_each_other_in_tables_only() {
        // A quarter of the size is a usual width of a letter.
        let wide = width("Shoplifting", Weight::Regular, 14.0);
        assert!((60.0..80.0).contains(&wide), "{wide}");
        assert!(width("Shoplifting", Weight::Bold, 14.0) > wide);
        assert!(width("", Weight::Bold, 14.0).abs() < f64::EPSILON);
    }
}
