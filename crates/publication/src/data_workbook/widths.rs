//! How wide columns are and how high rows: not every spreadsheet program finds that by itself.
//!
//! Widths are counted as spreadsheet programs count them, in digits of the workbook's letters.

use crate::words;

const WIDTH_MIN: usize = 9;
const WIDTH_MAX: usize = 46;
/// Lines a heading may take.
const HEADING_LINES: usize = 3;
/// Tenths of a digit.
const DIGIT: usize = 10;

/// Digits that take as much room as a column with this heading and these texts needs.
pub(super) fn width<'a>(heading: &str, contents: impl Iterator<Item = &'a str>) -> usize {
    let longest = contents.map(room).max().unwrap_or(0);
    let word = heading.split(' ').map(room).max().unwrap_or(0);
    // Bold letters are a tenth wider, and broken at words the lines of a heading differ.
    let heading = (word * 11 / 10).max(room(heading).div_ceil(HEADING_LINES) * 12 / 10);
    longest.max(heading).div_ceil(DIGIT).clamp(WIDTH_MIN, WIDTH_MAX)
}

/// The width of a column for so many digits, as the file has it.
pub(super) fn column_width(digits: usize) -> f64 {
    f64::from(u16::try_from(digits + 2).unwrap_or(u16::MAX))
}

/// How many lines a text takes, broken at blanks where it can be.
pub(super) fn lines(text: &str, width: usize) -> usize {
    let width = width.max(1) * DIGIT;
    let (mut lines, mut used) = (1, 0);
    for word in text.split(' ') {
        let length = room(word);
        let with_blank = if used == 0 { length } else { used + room(" ") + length };
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

/// The room a text takes in Arial and letters like it, in tenths of a digit.
fn room(text: &str) -> usize {
    text.chars().map(room_of).sum()
}

fn room_of(character: char) -> usize {
    match character {
        'i' | 'j' | 'l' | '\'' | '|' => 4,
        ' ' | 'f' | 't' | 'I' | '.' | ',' | ':' | ';' | '!' | '[' | ']' | '/' => 5,
        'r' | '-' | '(' | ')' | '"' => 6,
        'm' | '%' => 16,
        'w' | 'A'..='H' | 'J'..='L' | 'N'..='V' | 'X'..='Z' => 13,
        'M' | 'W' | '@' => 18,
        character if character.is_ascii() => 10,
        '\u{80}'..'\u{1100}' => 13,
        _ => 20,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_what_is_in_them_within_reason() {
        assert_eq!(width("Area", ["Kent"].into_iter()), WIDTH_MIN);
        assert_eq!(width("Same period last year", std::iter::empty()), WIDTH_MIN);
        assert_eq!(width("Precision", ["x".repeat(300).as_str()].into_iter()), WIDTH_MAX);
        assert_eq!(width("Figure", ["1,234,567,890"].into_iter()), 12);
        assert_eq!(shown("-1234567.50"), "-1,234,567.50");
    }

    #[test]
    fn texts_are_broken_at_blanks() {
        let broken = [
            ("", 10),
            ("1234567890", 10),
            ("12345678901", 10),
            ("one two three", 5),
            ("a 1234567890 b", 5),
            ("little letters", 10),
            ("\u{1F692}\u{1F692}\u{1F692}", 5),
        ];
        let found = broken.map(|(text, width)| lines(text, width));
        assert_eq!(found, [1, 1, 2, 3, 4, 1, 2]);
    }
}
