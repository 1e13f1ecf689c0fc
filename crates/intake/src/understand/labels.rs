//! Labels as people type them, compared as people mean them.

use std::collections::BTreeMap;

use model::nearest;

use super::likeness::only_alike;
use super::memo::Memo;

/// A label as compared: lower case, blanks and line breaks as one blank, `&` as `and`, plain
/// dashes and apostrophes, no colon at the end.
pub(crate) fn folded(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    let mut blank = false;
    let mut add = |folded: &mut String, c: char| {
        if c.is_whitespace() {
            blank = true;
            return;
        }
        if std::mem::take(&mut blank) && !folded.is_empty() {
            folded.push(' ');
        }
        if c.is_ascii() {
            folded.push(c.to_ascii_lowercase());
        } else {
            folded.extend(c.to_lowercase());
        }
    };
    for c in text.chars() {
        match c {
            '\u{2010}'..='\u{2015}' | '\u{2212}' => add(&mut folded, '-'),
            '\u{2018}' | '\u{2019}' => add(&mut folded, '\''),
            '\u{200b}' | '\u{feff}' => add(&mut folded, ' '),
            '&' => " and ".chars().for_each(|c| add(&mut folded, c)),
            other => add(&mut folded, other),
        }
    }
    folded.truncate(folded.trim_end_matches([':', ' ']).len());
    folded
}

/// A folded label without the footnote marks that stick to its end: `Kent3`, `Total4, 5`,
/// `Rate [note 2]`, `Burglary*`, `Arson¹`.
pub(super) fn without_footnotes(folded: &str) -> String {
    let mut text = folded;
    loop {
        let before = text;
        text = text
            .trim_end_matches([' ', '*', '†', '‡', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹']);
        if let Some((head, note)) = text.rsplit_once('[')
            && note.starts_with("note")
            && note.ends_with(']')
        {
            text = head;
        }
        let head = text.trim_end_matches(|c: char| c.is_ascii_digit() || c == ',' || c == ' ');
        let tail = text.strip_prefix(head).unwrap_or_default();
        let glued = tail.starts_with(|c: char| c.is_ascii_digit());
        // `q1` and `e07` keep their digits: a footnote sticks to a word.
        let word = head.chars().rev().take_while(|c| c.is_alphabetic() || *c == ')').count();
        if glued && word >= 3 {
            text = head;
        }
        if text == before {
            return text.to_owned();
        }
    }
}

/// A label as compared, without its footnote marks.
pub(super) fn bare(text: &str) -> String {
    without_footnotes(&folded(text))
}

/// Whether the text in a cell is one of the labels, footnotes apart.
pub(super) fn is_any(labels: &[String], text: &str) -> bool {
    if labels.is_empty() {
        return false;
    }
    let cell = folded(text);
    let bare = without_footnotes(&cell);
    labels.iter().filter(|label| same_start(label, &cell)).any(|label| {
        let label = folded(label);
        label == cell || label == bare
    })
}

/// Whether a text may be what was folded: they begin alike.
pub(super) fn same_start(text: &str, folded: &str) -> bool {
    let first = |text: &str| text.trim_start().chars().next();
    match (first(text), first(folded)) {
        (Some(here), Some(there)) if here.is_ascii() && there.is_ascii() && here != '&' => {
            here.eq_ignore_ascii_case(&there)
        }
        _ => true,
    }
}

/// Whether a label says by itself that it is a sum: `Total`, `Grand total3`, `All`.
pub(super) fn is_total_word(text: &str) -> bool {
    const WORDS: &[&str] = &[
        "total",
        "totals",
        "all",
        "sum",
        "subtotal",
        "sub total",
        "sub-total",
        "grand total",
        "overall",
        "overall total",
        "total overall",
    ];
    // No such label is long; most texts of a table are looked at here.
    const BYTES_MAX: usize = 40;
    let first = text.trim_start().chars().next().map(|c| c.to_ascii_lowercase());
    matches!(first, Some('t' | 'a' | 's' | 'g' | 'o')) && text.len() <= BYTES_MAX && {
        let cell = folded(text);
        WORDS.contains(&cell.as_str()) || WORDS.contains(&without_footnotes(&cell).as_str())
    }
}

/// Things found by their labels.
pub(super) struct LabelMap<'a, T> {
    by_folded: BTreeMap<String, &'a T>,
    names: Vec<&'a str>,
    found: Memo<(), Option<&'a T>>,
}

impl<'a, T> LabelMap<'a, T> {
    pub(super) fn of(labels: &'a BTreeMap<String, T>) -> Self {
        Self {
            by_folded: labels.iter().map(|(label, thing)| (folded(label), thing)).collect(),
            names: labels.keys().map(String::as_str).collect(),
            found: Memo::default(),
        }
    }

    /// What the text in a cell stands for, footnotes apart.
    pub(super) fn find(&self, text: &str) -> Option<&'a T> {
        self.found.get((), text, || {
            let cell = folded(text);
            let found = self.by_folded.get(&cell);
            found
                .or_else(|| self.by_folded.get(&without_footnotes(&cell)))
                .or_else(|| {
                    let alike = only_alike(self.names.iter().copied(), text)?;
                    self.by_folded.get(&folded(alike))
                })
                .copied()
        })
    }

    /// Every label as written.
    pub(super) fn names(&self) -> &[&'a str] {
        &self.names
    }

    /// The label most like the text.
    pub(super) fn nearest(&self, text: &str) -> Option<&'a str> {
        nearest(text, self.names.iter().copied())
    }
}

/// A category made of a label: `New Ash Green` is `new-ash-green`.
pub(super) fn category(label: &str) -> String {
    let bare = without_footnotes(&folded(label));
    let words: Vec<&str> =
        bare.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    words.join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_the_same_when_people_mean_the_same() {
        for (label, text) in [
            ("Criminal damage and arson", "Criminal  damage &\u{a0}arson "),
            ("Kent", "Kent3"),
            ("Total", "Total4, 5"),
            ("Total recorded crime", "Total recorded\n crime [note 1][note 12]"),
            ("Burglary", "BURGLARY*"),
            ("Month", "Month:"),
            ("Arson", "Arson¹"),
            ("% change", "% change [note 3]"),
        ] {
            assert!(is_any(&[label.to_owned()], text), "{label} / {text}");
        }
    }

    #[test]
    fn digits_that_mean_something_stay() {
        for (label, text) in [("Q", "Q1"), ("Quarter", "Quarter 1"), ("E", "E07000111")] {
            assert!(!is_any(&[label.to_owned()], text), "{label} / {text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn folding_is_what_it_says(text in "[A-Za-z&:’–\u{200b}\u{feff}\u{a0}\t \u{130}é]{0,12}") {
            let plain: String = text
                .chars()
                .map(|c| match c {
                    '–' => '-',
                    '’' => '\'',
                    '\u{200b}' | '\u{feff}' => ' ',
                    other => other,
                })
                .collect();
            let plain = plain.replace('&', " and ").to_lowercase();
            let joined = plain.split_whitespace().collect::<Vec<_>>().join(" ");
            proptest::prop_assert_eq!(folded(&text), joined.trim_end_matches([':', ' ']));
        }
    }

    #[test]
    fn a_label_makes_a_category() {
        assert_eq!(category("New Ash Green"), "new-ash-green");
        assert_eq!(category("Rubbish & fly-tipping2"), "rubbish-and-fly-tipping");
    }
}
