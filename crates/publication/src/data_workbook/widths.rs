//! How wide columns are and how high rows: not every spreadsheet program finds that by itself.

use crate::words;

const WIDTH_MIN: usize = 9;
const WIDTH_MAX: usize = 46;
/// Lines a heading may take.
const HEADING_LINES: usize = 4;

/// Characters that fit side by side in a column with this heading and these texts.
pub(super) fn width<'a>(heading: &str, contents: impl Iterator<Item = &'a str>) -> usize {
    let longest = contents.map(characters).max().unwrap_or(0);
    let word = heading.split(' ').map(characters).max().unwrap_or(0);
    // Bold letters are wider.
    let heading = (word + 1).max(characters(heading).div_ceil(HEADING_LINES));
    longest.max(heading).clamp(WIDTH_MIN, WIDTH_MAX)
}

/// The width of a column of so many characters, as the file has it.
pub(super) fn column_width(characters: usize) -> f64 {
    f64::from(u16::try_from(characters + 2).unwrap_or(u16::MAX))
}

/// How many lines a text takes, broken at blanks where it can be.
pub(super) fn lines(text: &str, width: usize) -> usize {
    let width = width.max(1);
    let (mut lines, mut used) = (1, 0);
    for word in text.split(' ') {
        let length = characters(word);
        let with_blank = if used == 0 { length } else { used + 1 + length };
        if with_blank <= width {
            used = with_blank;
            continue;
        }
        lines += usize::from(used > 0) + length.saturating_sub(1) / width;
        used = if length == 0 { 0 } else { (length - 1) % width + 1 };
    }
    lines
}

/// A number as it is shown: `-1200.50` takes the room of `-1,200.50`.
pub(super) fn shown(number: &str) -> String {
    let (sign, size) = match number.strip_prefix('-') {
        Some(size) => ("-", size),
        None => ("", number),
    };
    format!("{sign}{}", words::decimal(size))
}

fn characters(text: &str) -> usize {
    text.chars().count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_what_is_in_them_within_reason() {
        assert_eq!(width("Area", ["Kent"].into_iter()), WIDTH_MIN);
        assert_eq!(width("Same period last year", std::iter::empty()), WIDTH_MIN);
        assert_eq!(width("Precision", ["x".repeat(300).as_str()].into_iter()), WIDTH_MAX);
        assert_eq!(shown("-1234567.50"), "-1,234,567.50");
    }

    #[test]
    fn texts_are_broken_at_blanks() {
        let broken = [
            ("", 10),
            ("ten letter", 10),
            ("eleven lett", 10),
            ("one two three", 5),
            ("a verylongword b", 5),
        ];
        let found = broken.map(|(text, width)| lines(text, width));
        assert_eq!(found, [1, 1, 2, 3, 4]);
    }
}
