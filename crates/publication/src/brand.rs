//! What makes a report look like its partnership's: a logo and a colour.

/// How a partnership's reports look.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Brand {
    /// Colour of headings' rules and links, as `#12436d`. Text can be read on white in it.
    pub accent: String,
    /// Its logo, if it has one.
    pub logo: Option<Logo>,
}

/// A logo.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Logo {
    /// The picture, a PNG.
    pub png: Vec<u8>,
    /// Its width in dots.
    pub width: u32,
    /// Its height in dots.
    pub height: u32,
    /// What it shows, for whoever cannot see it: the partnership's name.
    pub alt: String,
}

impl Default for Brand {
    fn default() -> Self {
        Self { accent: "#12436d".to_owned(), logo: None }
    }
}

/// The contrast of a colour (`#12436d`) with white, from 1 to 21; none for what is no colour.
///
/// Formula: WCAG 2.2, *contrast ratio* and *relative luminance*.
pub fn contrast_on_white(colour: &str) -> Option<f64> {
    let digits =
        colour.strip_prefix('#').filter(|digits| digits.len() == 6 && digits.is_ascii())?;
    let channel = |at: usize| {
        let value = u8::from_str_radix(digits.get(at..at + 2)?, 16).ok()?;
        let share = f64::from(value) / 255.0;
        Some(if share <= 0.040_45 { share / 12.92 } else { ((share + 0.055) / 1.055).powf(2.4) })
    };
    let luminance = 0.2126 * channel(0)? + 0.7152 * channel(2)? + 0.0722 * channel(4)?;
    Some(1.05 / (luminance + 0.05))
}

impl Logo {
    /// A PNG as it was drawn; says what is wrong with anything else.
    pub fn from_png(png: Vec<u8>, alt: String) -> Result<Self, String> {
        const LARGEST: usize = 300 * 1000;
        if png.len() > LARGEST {
            return Err(format!(
                "has {}: a logo may have 300 kB, since every message carries it",
                crate::words::size(png.len())
            ));
        }
        // The first chunk of a PNG is its header: width and height, four bytes each.
        let header = png.strip_prefix(b"\x89PNG\r\n\x1a\n").and_then(|rest| rest.get(4..16));
        let Some(header) = header.and_then(|header| header.strip_prefix(b"IHDR")) else {
            return Err("is not a PNG picture: save the logo as PNG".to_owned());
        };
        let number = |at: usize| {
            let bytes = header.get(at..at + 4).and_then(|bytes| bytes.try_into().ok());
            bytes.map_or(0, u32::from_be_bytes)
        };
        let (width, height) = (number(0), number(4));
        if resvg::tiny_skia::Pixmap::decode_png(&png).is_err() || width == 0 || height == 0 {
            return Err("is a damaged PNG picture: save the logo anew".to_owned());
        }
        Ok(Self { png, width, height, alt })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contrast_is_that_of_the_accessibility_guidelines() {
        let contrast = |colour| contrast_on_white(colour).map(|it| format!("{it:.2}"));
        let all = ["#12436d", "#28a197", "#000000", "#FFFFFF", "12436d", "#12436", "#12436g"];
        let all: Vec<String> =
            all.map(contrast).map(|it| it.unwrap_or_else(|| "none".into())).into();
        insta::assert_snapshot!(all.join(" "), @"10.25 3.17 21.00 1.00 none none none");
    }

    #[test]
    fn a_logo_is_a_sound_picture() {
        let refused = |png: &[u8]| {
            Logo::from_png(png.to_vec(), "Sevenoaks CSP".to_owned()).expect_err("refused")
        };
        insta::assert_snapshot!(refused(b"GIF89a"), @"is not a PNG picture: save the logo as PNG");
        insta::assert_snapshot!(refused(&vec![0; 400_000]), @"has 400 kB: a logo may have 300 kB, since every message carries it");
        let picture =
            resvg::tiny_skia::Pixmap::new(30, 20).expect("a size").encode_png().expect("fits");
        insta::assert_snapshot!(refused(&picture[..40]), @"is a damaged PNG picture: save the logo anew");
        let logo = Logo::from_png(picture, "Sevenoaks CSP".to_owned()).expect("a picture");
        assert_eq!((logo.width, logo.height), (30, 20));
    }
}
