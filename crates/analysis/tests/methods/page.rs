//! Examples and blocks of a page in Markdown.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

/// A worked example: a fenced block whose language is `example:` and its kind, with lines that
/// begin `input:` (`name = value` pairs, parted by semicolons) and `gives:`. A line that begins
/// with neither goes on with the one before.
pub(crate) struct Example {
    /// What is computed.
    pub(crate) kind: String,
    /// What the page says comes out.
    pub(crate) gives: String,
    line: usize,
    inputs: Vec<(String, String)>,
    used: RefCell<BTreeSet<usize>>,
}

impl fmt::Display for Example {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "line {}, {}", self.line, self.kind)
    }
}

impl Example {
    /// Every input in order; all of them count as used.
    pub(crate) fn inputs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.used.borrow_mut().extend(0..self.inputs.len());
        self.inputs.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// An input that need not be there.
    pub(crate) fn optional(&self, name: &str) -> Option<&str> {
        let at = self.inputs.iter().position(|(known, _)| known == name)?;
        self.used.borrow_mut().insert(at);
        Some(&self.inputs[at].1)
    }

    /// An input.
    pub(crate) fn text(&self, name: &str) -> &str {
        self.optional(name).unwrap_or_else(|| panic!("{self}: no {name}"))
    }

    /// An input that is a number.
    pub(crate) fn number<T: FromStr>(&self, name: &str) -> T {
        number(self.text(name)).unwrap_or_else(|| panic!("{self}: {name} is no number"))
    }

    /// An input that is several numbers, parted by a comma and a blank.
    pub(crate) fn list(&self, name: &str) -> Vec<i64> {
        list(self.text(name)).unwrap_or_else(|| panic!("{self}: {name} is no list"))
    }

    /// What is said and not computed with would be a lie.
    pub(crate) fn all_was_used(&self) {
        let used = self.used.borrow();
        for (at, (name, _)) in self.inputs.iter().enumerate() {
            assert!(used.contains(&at), "{self}: nothing is computed with {name}");
        }
    }
}

/// `121,387`, `16.33`.
pub(crate) fn number<T: FromStr>(text: &str) -> Option<T> {
    text.replace(',', "").parse().ok()
}

/// `9, 11, 9`.
pub(crate) fn list(text: &str) -> Option<Vec<i64>> {
    text.split(", ").map(number).collect()
}

/// Fenced blocks whose language begins like this: the line each begins on, and its text.
pub(crate) fn blocks(page: &str, language: &str) -> Vec<(usize, String)> {
    fenced(page).into_iter().filter(|it| it.1 == language).map(|it| (it.0, it.2)).collect()
}

fn fenced(page: &str) -> Vec<(usize, String, String)> {
    let (mut found, mut open) = (Vec::new(), None);
    for (index, line) in page.lines().enumerate() {
        match (line.strip_prefix("```"), open.take()) {
            (Some(language), None) => open = Some((index + 1, language.to_owned(), String::new())),
            (Some(_), Some(block)) => found.push(block),
            (None, Some((at, language, text))) => {
                open = Some((at, language, format!("{text}{line}\n")));
            }
            (None, None) => {}
        }
    }
    assert!(open.is_none(), "a block is not closed");
    found
}

/// Every worked example, in order.
pub(crate) fn examples(page: &str) -> Vec<Example> {
    let read = |(line, language, text): (usize, String, String)| {
        let kind = language.strip_prefix("example:")?.to_owned();
        Some(example(kind, line, &text))
    };
    fenced(page).into_iter().filter_map(read).collect()
}

fn example(kind: String, line: usize, text: &str) -> Example {
    let (mut inputs, mut gives, mut in_gives) = (Vec::new(), Vec::new(), false);
    for said in text.lines() {
        if let Some(rest) = said.strip_prefix("input: ") {
            inputs.push(rest.to_owned());
            in_gives = false;
        } else if let Some(rest) = said.strip_prefix("gives: ") {
            gives.push(rest.trim().to_owned());
            in_gives = true;
        } else if in_gives {
            gives.push(said.trim().to_owned());
        } else {
            let last = inputs.last_mut().unwrap_or_else(|| panic!("line {line}: {said}"));
            last.push(' ');
            last.push_str(said.trim());
        }
    }
    assert!(!gives.is_empty(), "line {line}: nothing is given");
    let pairs = inputs.iter().flat_map(|line| line.split("; ")).map(|pair| {
        let (name, value) =
            pair.split_once(" = ").unwrap_or_else(|| panic!("line {line}: {pair} is no input"));
        (name.trim().to_owned(), value.trim().to_owned())
    });
    let inputs = pairs.collect();
    Example { kind, gives: gives.join(" "), line, inputs, used: RefCell::default() }
}
