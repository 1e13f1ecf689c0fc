//! Text that fits into a cell.

use crate::partner_text::clean;

/// Longest text of a cell, in UTF-16 units, as Excel counts them.
pub(crate) const TEXT_UNITS_MAX: usize = 32_767;

/// As much of a text as a cell can hold, and whether something was left out.
pub(crate) fn fitted(text: &str) -> (&str, bool) {
    let mut units = 0;
    for (index, character) in text.char_indices() {
        units += character.len_utf16();
        if units > TEXT_UNITS_MAX {
            return (text.get(..index).unwrap_or_default(), true);
        }
    }
    (text, false)
}

/// How many lines a text takes in a column of `width` characters: not every spreadsheet program
/// finds the height of a row by itself.
pub(super) fn lines(text: &str, width: usize) -> usize {
    text.lines()
        .map(|line| line.chars().count().div_ceil(width.max(1)).max(1))
        .sum::<usize>()
        .max(1)
}

/// The height of a row of so many lines of `line_height` points; at most what Excel allows.
pub(crate) fn height(lines: usize, line_height: f64) -> f64 {
    const HEIGHT_MAX: f64 = 409.0;
    const LINES_MAX: usize = 60;
    let lines = u32::try_from(lines.min(LINES_MAX)).unwrap_or(1);
    (f64::from(lines) * line_height).min(HEIGHT_MAX)
}

/// One line of at most `max` characters.
pub(super) fn line(text: &str, max: usize) -> String {
    clean(text, max)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_as_high_as_their_lines() {
        assert_eq!(lines("", 10), 1);
        assert_eq!(lines("ten letter", 10), 1);
        assert_eq!(lines("eleven lett\n\nx", 10), 4);
        assert_eq!(lines("x", 0), 1);
        assert!(height(2, 16.0) > 31.9 && height(10_000, 16.0) < 409.1);
    }

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
