//! The text of a cell, put together from its paragraphs.

use quick_xml::events::BytesRef;

/// Longest text that is put together; a longer one is refused where cells are taken.
const TEXT_BYTES_MAX: usize = 2 * 1024 * 1024;

/// Text while its pieces arrive.
#[derive(Debug, Default)]
pub(super) struct Paragraphs {
    text: String,
    count: usize,
    is_inside: usize,
}

impl Paragraphs {
    /// Begins a paragraph.
    pub(super) fn begin(&mut self) {
        if self.is_inside == 0 {
            if self.count > 0 {
                self.push("\n");
            }
            self.count += 1;
        }
        self.is_inside += 1;
    }

    /// Ends a paragraph.
    pub(super) fn end(&mut self) {
        self.is_inside = self.is_inside.saturating_sub(1);
    }

    /// Adds what stands in a paragraph; between paragraphs there is only layout. Several blanks
    /// are one, since those that count are written as elements.
    pub(super) fn add(&mut self, text: &str) {
        if self.is_inside == 0 {
            return;
        }
        let mut was_blank = self.text.is_empty() || self.text.ends_with([' ', '\n']);
        for character in text.chars() {
            let is_blank = matches!(character, ' ' | '\t' | '\r' | '\n');
            if !(is_blank && was_blank) && self.text.len() < TEXT_BYTES_MAX {
                self.text.push(if is_blank { ' ' } else { character });
            }
            was_blank = is_blank;
        }
    }

    /// Adds blanks that count.
    pub(super) fn add_blanks(&mut self, blanks: usize) {
        if self.is_inside > 0 {
            let room = TEXT_BYTES_MAX.saturating_sub(self.text.len());
            self.text.extend(std::iter::repeat_n(' ', blanks.min(room)));
        }
    }

    /// Adds a tab or a line break.
    pub(super) fn add_layout(&mut self, layout: &str) {
        if self.is_inside > 0 {
            self.push(layout);
        }
    }

    fn push(&mut self, text: &str) {
        if self.text.len() < TEXT_BYTES_MAX {
            self.text.push_str(text);
        }
    }

    /// The whole text.
    pub(super) fn into_text(self) -> String {
        self.text
    }
}

/// The text that a reference such as `&amp;` or `&#55;` stands for.
pub(super) fn resolved(reference: &BytesRef<'_>) -> Option<String> {
    if let Ok(Some(character)) = reference.resolve_char_ref() {
        return Some(character.to_string());
    }
    Some(
        match &**reference {
            "amp" => "&",
            "lt" => "<",
            "gt" => ">",
            "quot" => "\"",
            "apos" => "'",
            _ => return None,
        }
        .to_owned(),
    )
}
