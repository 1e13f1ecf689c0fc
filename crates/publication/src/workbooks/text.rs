//! Text that fits into a cell.

use crate::partner_text::clean;

/// Longest text of a cell, in UTF-16 units, as Excel counts them.
pub(super) const TEXT_UNITS_MAX: usize = 32_767;

/// As much of a text as a cell can hold, and whether something was left out.
pub(super) fn fitted(text: &str) -> (&str, bool) {
    let mut units = 0;
    for (index, character) in text.char_indices() {
        units += character.len_utf16();
        if units > TEXT_UNITS_MAX {
            return (text.get(..index).unwrap_or_default(), true);
        }
    }
    (text, false)
}

/// One line of at most `max` characters.
pub(super) fn line(text: &str, max: usize) -> String {
    clean(text, max)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_texts_end_where_a_cell_does() {
        assert_eq!(fitted("short"), ("short", false));
        let longest = "x".repeat(TEXT_UNITS_MAX);
        assert_eq!(fitted(&longest), (longest.as_str(), false));
        let (kept, cut) = fitted("\u{1F692}".repeat(TEXT_UNITS_MAX).leak());
        assert!(cut);
        assert_eq!(kept.encode_utf16().count(), TEXT_UNITS_MAX - 1);
    }
}
