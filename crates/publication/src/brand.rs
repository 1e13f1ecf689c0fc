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
