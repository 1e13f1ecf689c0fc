//! Reading configuration key by key, so that every problem is reported at once, with file and key.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::fmt;
use std::ops::RangeInclusive;

use model::nearest;
use toml::{Table, Value};

/// Stands for a text that is missing or none at all, and nobody writes it: a sentence has been said about it, and one is
/// enough.
pub(crate) const UNREAD: &str = "\u{fffd}";

/// One thing wrong with the configuration: which file, which key or line, what to do.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// File, or the name of an environment variable.
    pub file: String,
    /// Key (`mail.smtp.port`) or line (`line 12`).
    pub key: String,
    /// What is wrong and what to do.
    pub message: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.key.as_str() {
            "" => write!(formatter, "{}: {}", self.file, self.message),
            key => write!(formatter, "{}: {key}: {}", self.file, self.message),
        }
    }
}

/// Collects problems while a file is read.
#[derive(Debug, Default)]
pub struct Problems(RefCell<Vec<Problem>>);

impl Problems {
    /// Notes a problem.
    pub fn note(&self, file: &str, key: &str, message: impl Into<String>) {
        let (file, key) = (file.to_owned(), key.to_owned());
        self.0.borrow_mut().push(Problem { file, key, message: message.into() });
    }

    /// All problems so far, in the order they were met.
    pub fn into_vec(self) -> Vec<Problem> {
        self.0.into_inner()
    }

    /// Whether a key has a problem.
    pub fn has(&self, key: &str) -> bool {
        self.0.borrow().iter().any(|problem| problem.key == key)
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.borrow().is_empty()
    }

    /// Parses a TOML file; a syntax error is one problem, with its line.
    pub fn parse(&self, file: &str, text: &str) -> Option<Table> {
        match text.parse::<Table>() {
            Ok(table) => Some(table),
            Err(error) => {
                let offset = error.span().map_or(0, |span| span.start);
                let line = text.get(..offset).map_or(1, |head| head.matches('\n').count() + 1);
                self.note(file, &format!("line {line}"), one_line(error.message()));
                None
            }
        }
    }
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// One table of a file. Getters note what is wrong and give a stand-in, so that reading goes on;
/// [`Section::finish`] notes keys nobody asked for.
pub struct Section<'a> {
    file: &'a str,
    path: String,
    table: &'a Table,
    used: RefCell<BTreeSet<String>>,
    problems: &'a Problems,
}

impl<'a> Section<'a> {
    /// The whole of a file.
    pub fn root(file: &'a str, table: &'a Table, problems: &'a Problems) -> Self {
        Self { file, path: String::new(), table, used: RefCell::default(), problems }
    }

    fn key(&self, name: &str) -> String {
        if self.path.is_empty() { name.to_owned() } else { format!("{}.{name}", self.path) }
    }

    fn get(&self, name: &str) -> Option<&'a Value> {
        self.used.borrow_mut().insert(name.to_owned());
        self.table.get(name)
    }

    /// Notes a problem with one of this section's keys.
    pub fn problem(&self, name: &str, message: impl Into<String>) {
        self.problems.note(self.file, &self.key(name), message);
    }

    /// Text, if it is there.
    pub fn optional_text(&self, name: &str) -> Option<String> {
        match self.get(name)? {
            Value::String(text) => Some(text.clone()),
            // The environment hands numbers over as numbers even where a text is meant.
            Value::Integer(number) => Some(number.to_string()),
            other => {
                self.problem(name, format!("expected text in quotes, got {}", other.type_str()));
                None
            }
        }
    }

    /// Text that must be there and not be empty.
    pub fn text(&self, name: &str) -> String {
        if self.table.contains_key(name) {
            let text = self.optional_text(name).unwrap_or_else(|| UNREAD.to_owned());
            if text.trim().is_empty() {
                self.problem(name, "must not be empty");
            }
            return text;
        }
        self.get(name);
        self.problem(name, "is missing");
        UNREAD.to_owned()
    }

    /// A text of a fixed list; the first of the list when it is missing or wrong.
    pub fn one_of<T: Copy>(&self, name: &str, choices: &[(&str, T)]) -> T {
        let text = self.text(name);
        let found = choices.iter().find(|(choice, _)| *choice == text);
        if found.is_none() && text != UNREAD {
            let all: Vec<&str> = choices.iter().map(|(choice, _)| *choice).collect();
            self.problem(name, format!("`{text}` is none of {}", all.join(", ")));
        }
        found.unwrap_or(&choices[0]).1
    }

    /// True or false; false when missing.
    pub fn flag(&self, name: &str) -> bool {
        match self.get(name) {
            None => false,
            Some(Value::Boolean(flag)) => *flag,
            Some(other) => {
                self.problem(name, format!("expected true or false, got {}", other.type_str()));
                false
            }
        }
    }

    /// A list of texts, if it is there.
    pub fn optional_texts(&self, name: &str) -> Option<Vec<String>> {
        self.table.contains_key(name).then(|| self.texts(name))
    }

    /// A whole number in a range, if it is there.
    pub fn optional_integer(&self, name: &str, range: RangeInclusive<i64>) -> Option<i64> {
        let value = self.get(name)?;
        match value.as_integer() {
            Some(number) if range.contains(&number) => Some(number),
            Some(number) => {
                let (low, high) = (range.start(), range.end());
                self.problem(name, format!("{number} is not from {low} to {high}"));
                None
            }
            None => {
                self.problem(name, format!("expected a whole number, got {}", value.type_str()));
                None
            }
        }
    }

    /// A whole number in a range that must be there.
    pub fn integer(&self, name: &str, range: RangeInclusive<i64>) -> i64 {
        if !self.table.contains_key(name) {
            self.problem(name, "is missing");
        }
        let low = *range.start();
        self.optional_integer(name, range).unwrap_or(low)
    }

    /// A list of texts; empty when missing.
    pub fn texts(&self, name: &str) -> Vec<String> {
        let Some(value) = self.get(name) else {
            return Vec::new();
        };
        let Some(items) = value.as_array() else {
            self.problem(name, format!("expected a list of texts, got {}", value.type_str()));
            return Vec::new();
        };
        items
            .iter()
            .filter_map(|item| {
                let text = item.as_str().map(str::to_owned);
                if text.is_none() {
                    self.problem(
                        name,
                        format!("expected texts in the list, got {}", item.type_str()),
                    );
                }
                text
            })
            .collect()
    }

    /// A list of whole numbers in a range; empty when missing.
    pub fn integers(&self, name: &str, range: RangeInclusive<i32>) -> Vec<i32> {
        let Some(value) = self.get(name) else { return Vec::new() };
        let Some(items) = value.as_array() else {
            self.problem(name, format!("expected a list of numbers, got {}", value.type_str()));
            return Vec::new();
        };
        let number = |item: &Value| {
            let number = item.as_integer().and_then(|number| i32::try_from(number).ok());
            let number = number.filter(|number| range.contains(number));
            if number.is_none() {
                let (low, high) = (range.start(), range.end());
                self.problem(name, format!("`{item}` is no whole number from {low} to {high}"));
            }
            number
        };
        items.iter().filter_map(number).collect()
    }

    /// A table inside this one, if it is there.
    pub fn section(&self, name: &str) -> Option<Section<'a>> {
        let value = self.get(name)?;
        let Some(table) = value.as_table() else {
            self.problem(name, format!("expected a table, got {}", value.type_str()));
            return None;
        };
        Some(self.inside(self.key(name), table))
    }

    fn inside(&self, path: String, table: &'a Table) -> Section<'a> {
        Section { file: self.file, path, table, used: RefCell::default(), problems: self.problems }
    }

    /// The names of all keys, for tables whose keys are data.
    pub fn keys(&self) -> Vec<String> {
        self.table.keys().cloned().collect()
    }

    /// The tables of a list of tables (`[[area]]`), in order.
    pub fn sections(&self, name: &str) -> Vec<Section<'a>> {
        let Some(value) = self.get(name) else {
            return Vec::new();
        };
        let Some(items) = value.as_array() else {
            self.problem(
                name,
                format!("expected tables written [[{name}]], got {}", value.type_str()),
            );
            return Vec::new();
        };
        items
            .iter()
            .enumerate()
            .filter_map(|(index, item)| {
                let table = item.as_table();
                if table.is_none() {
                    self.problem(name, "expected tables in the list");
                }
                // Name an entry by its own key where it has one: people look for that.
                let label = |table: &Table| {
                    ["id", "code", "source", "date"]
                        .iter()
                        .find_map(|key| table.get(*key).and_then(Value::as_str).map(str::to_owned))
                        .unwrap_or_else(|| (index + 1).to_string())
                };
                table.map(|table| {
                    self.inside(format!("{}[{}]", self.key(name), label(table)), table)
                })
            })
            .collect()
    }

    /// The tables keyed by name (`[sources.kent-police]`), by name.
    pub fn named_sections(&self, name: &str) -> Vec<(String, Section<'a>)> {
        let Some(section) = self.section(name) else {
            return Vec::new();
        };
        let mut found = Vec::new();
        for (key, value) in section.table {
            match value.as_table() {
                Some(table) => {
                    found.push((key.clone(), section.inside(section.key(key), table)));
                }
                None => section.problem(key, format!("expected a table, got {}", value.type_str())),
            }
        }
        found
    }

    /// Notes every key that nobody asked for.
    pub fn finish(self) {
        let used = self.used.borrow();
        for key in self.table.keys().filter(|key| !used.contains(*key)) {
            let hint = match nearest(key, used.iter().map(String::as_str)) {
                Some(nearest) => format!("; did you mean `{nearest}`?"),
                None => String::new(),
            };
            self.problem(key, format!("is not a key that is known here{hint}"));
        }
    }
}
