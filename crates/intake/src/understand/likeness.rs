//! Ways of writing that mean the same without anybody having agreed on them: plurals, punctuation,
//! notes behind a month, a month whose date format was lost.
//!
//! A slip of the hand is never taken for what it is near to: that is for a person to say.

use std::collections::BTreeSet;

use jiff::Span;
use jiff::civil::Date;
use model::Month;

use super::labels::bare;

/// A label without punctuation, its words in the singular: `Drugs` and `Drug`, `Anti-social` and
/// `Anti social` are alike. Short words keep their end.
pub(super) fn alike(text: &str) -> String {
    let bare = bare(text);
    let words = bare.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.map(singular).collect::<Vec<_>>().join(" ")
}

fn singular(word: &str) -> String {
    const LETTERS_MIN: usize = 4;
    if word.len() < LETTERS_MIN || word.ends_with("ss") {
        return word.to_owned();
    }
    match (word.strip_suffix("ies"), word.strip_suffix('s')) {
        (Some(stem), _) => format!("{stem}y"),
        (None, Some(stem)) => stem.to_owned(),
        (None, None) => word.to_owned(),
    }
}

/// The one of these names that a text is like; none where it is like several.
pub(super) fn only_alike<'n>(names: impl Iterator<Item = &'n str>, text: &str) -> Option<&'n str> {
    let wanted = alike(text);
    let found: BTreeSet<&str> = names.filter(|name| alike(name) == wanted).collect();
    match found.len() {
        1 if !wanted.is_empty() => found.first().copied(),
        _ => None,
    }
}

/// A heading about time without the notes behind it: `Jan-25 [p]`, `April 2025 [note 1]`, `May-25*`.
pub(super) fn without_notes(text: &str) -> &str {
    let mut text = text.trim();
    loop {
        let before = text;
        text = text.trim_end_matches(['*', '†', '‡', '¹', '²', '³']).trim_end();
        if let Some(inside) = text.strip_suffix(']')
            && let Some((head, _)) = inside.rsplit_once('[')
        {
            text = head.trim_end();
        }
        if text == before {
            return text;
        }
    }
}

/// The month that a number stands for where the date format of a heading was lost: days are
/// counted from 30 December 1899, and only first days of months of this century are taken.
pub(super) fn month_of_days(number: f64) -> Option<Month> {
    const FROM_1900_TO_1970: i64 = 25_569;
    const YEARS: std::ops::Range<i16> = 2000..2100;
    if number.fract() != 0.0 || !(36_000.0..74_000.0).contains(&number) {
        return None;
    }
    let days: i64 = format!("{number:.0}").parse().ok()?;
    let since = Span::new().days(days - FROM_1900_TO_1970);
    let date = Date::new(1970, 1, 1).ok()?.checked_add(since).ok()?;
    (date.day() == 1 && YEARS.contains(&date.year())).then(|| Month::of(date))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_alike_in_number_and_punctuation_only() {
        for (one, other, wanted) in [
            ("Drugs", "Drug", true),
            ("Burglary", "Burglaries", true),
            ("Anti-social behaviour", "Anti social behaviour:", true),
            ("Theft (other)", "Theft, other", true),
            ("Burglary", "Burgalry", false),
            ("Female", "Male", false),
            ("Age 10-17", "Age 10-18", false),
            ("Under 18", "Over 18", false),
            ("Gas", "Ga", false),
            ("Class A", "Class AS", false),
            ("Stress", "Stres", false),
        ] {
            assert_eq!(alike(one) == alike(other), wanted, "{one} / {other}");
        }
    }

    #[test]
    fn a_text_like_two_names_is_like_none() {
        let names = ["Drug", "Drugs", "Arson"];
        assert_eq!(only_alike(names.into_iter(), "drugs."), None);
        assert_eq!(only_alike(names.into_iter(), "Arsons"), Some("Arson"));
        assert_eq!(only_alike(names.into_iter(), "-"), None);
    }

    #[test]
    fn notes_behind_a_month_are_no_part_of_it() {
        for (text, wanted) in [
            ("Jan-25 [p]", "Jan-25"),
            ("April 2025 [note 1][note 2]", "April 2025"),
            ("May-25* ", "May-25"),
            ("May-25", "May-25"),
        ] {
            assert_eq!(without_notes(text), wanted);
        }
    }

    #[test]
    fn only_first_days_of_months_are_taken_for_dates() {
        let month = |number| month_of_days(number).map(|month| month.to_string());
        assert_eq!(month(45748.0).as_deref(), Some("2025-04"));
        assert_eq!(month(45749.0), None);
        assert_eq!(month(45748.5), None);
        assert_eq!(month(2025.0), None);
        assert_eq!(month(-1.0), None);
        assert_eq!(month(f64::NAN), None);
    }
}
