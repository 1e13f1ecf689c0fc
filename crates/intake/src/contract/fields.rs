//! Walks a TOML table key by key and collects every problem, instead of stopping at the first.

use std::cell::RefCell;
use std::collections::BTreeSet;

use jiff::civil::Date;
use model::nearest;
use toml::Spanned;
use toml::de::{DeFloat, DeInteger, DeTable, DeValue};

/// All problems of one contract file, in the order of the lines they stand on.
pub(super) struct Problems<'t> {
    text: &'t str,
    found: RefCell<Vec<(usize, String)>>,
    #[cfg(test)]
    pub(super) asked: RefCell<BTreeSet<(String, String)>>,
}

impl<'t> Problems<'t> {
    pub(super) fn of(text: &'t str) -> Self {
        Self {
            text,
            found: RefCell::default(),
            #[cfg(test)]
            asked: RefCell::default(),
        }
    }

    fn add(&self, key: &str, offset: usize, what: &str) {
        let before = self.text.get(..offset).unwrap_or_default();
        let line = before.matches('\n').count() + 1;
        let problem = format!("{key}: {what} (line {line})");
        self.found.borrow_mut().push((line, problem));
    }

    pub(super) fn is_empty(&self) -> bool {
        self.found.borrow().is_empty()
    }

    pub(super) fn into_sorted(self) -> Vec<String> {
        let mut found = self.found.into_inner();
        found.sort();
        found.into_iter().map(|(_, problem)| problem).collect()
    }
}

/// One table of the file. Every key asked for is remembered; [`Fields::finish`] reports the rest.
pub(super) struct Fields<'a> {
    path: String,
    table: &'a DeTable<'a>,
    offset: usize,
    problems: &'a Problems<'a>,
    asked: RefCell<BTreeSet<String>>,
}

impl<'a> Fields<'a> {
    pub(super) fn root(table: &'a Spanned<DeTable<'a>>, problems: &'a Problems<'a>) -> Self {
        Self::at(String::new(), table.get_ref(), 0, problems)
    }

    fn at(path: String, table: &'a DeTable<'a>, offset: usize, problems: &'a Problems<'a>) -> Self {
        Self { path, table, offset, problems, asked: RefCell::default() }
    }

    fn key(&self, key: &str) -> String {
        if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) }
    }

    fn value(&self, key: &str) -> Option<&'a Spanned<DeValue<'a>>> {
        self.asked.borrow_mut().insert(key.to_owned());
        #[cfg(test)]
        self.problems.asked.borrow_mut().insert((self.path.clone(), key.to_owned()));
        self.table.iter().find(|(name, _)| name.get_ref().as_ref() == key).map(|(_, value)| value)
    }

    /// Says that something is wrong with a key, at the key's line if it is there.
    pub(super) fn problem(&self, key: &str, what: &str) {
        let offset = self
            .table
            .iter()
            .find(|(name, _)| name.get_ref().as_ref() == key)
            .map_or(self.offset, |(name, _)| name.span().start);
        self.problems.add(&self.key(key), offset, what);
    }

    pub(super) fn has(&self, key: &str) -> bool {
        self.value(key).is_some()
    }

    pub(super) fn text(&self, key: &str) -> Option<String> {
        let value = self.value(key)?;
        match value.get_ref().as_str() {
            Some(text) if !text.trim().is_empty() => Some(text.to_owned()),
            Some(_) => {
                self.problem(key, "must not be empty");
                None
            }
            None => {
                self.problem(key, "must be text in quotation marks");
                None
            }
        }
    }

    pub(super) fn required_text(&self, key: &str) -> Option<String> {
        if !self.has(key) {
            self.problem(key, "is missing");
            return None;
        }
        self.text(key)
    }

    /// A list of texts; an empty one is a problem. A single text is a list of one.
    pub(super) fn texts(&self, key: &str) -> Option<Vec<String>> {
        let value = self.value(key)?.get_ref();
        if let Some(text) = value.as_str() {
            return Some(vec![text.to_owned()]);
        }
        let texts: Option<Vec<String>> = value.as_array().and_then(|items| {
            items.iter().map(|item| item.get_ref().as_str().map(str::to_owned)).collect()
        });
        match texts {
            Some(texts) if !texts.is_empty() => Some(texts),
            _ => {
                self.problem(key, "must be a list of texts: [\"one\", \"another\"]");
                None
            }
        }
    }

    pub(super) fn required_texts(&self, key: &str) -> Option<Vec<String>> {
        if !self.has(key) {
            self.problem(key, "is missing");
            return None;
        }
        self.texts(key)
    }

    pub(super) fn integer(&self, key: &str, least: i64, most: i64) -> Option<i64> {
        let value = self.value(key)?.get_ref();
        let number = value
            .as_integer()
            .and_then(|number| i64::from_str_radix(number.as_str(), number.radix()).ok())
            .filter(|number| (least..=most).contains(number));
        if number.is_none() {
            self.problem(key, &format!("must be a whole number from {least} to {most}"));
        }
        number
    }

    /// A number with at most two decimal places, in hundredths.
    pub(super) fn hundredths(&self, key: &str) -> Option<i64> {
        const NUMBER_MAX: i64 = 1_000_000_000_000;
        let value = self.value(key)?.get_ref();
        let text = value
            .as_integer()
            .filter(|number| number.radix() == 10)
            .map(DeInteger::as_str)
            .or_else(|| value.as_float().map(DeFloat::as_str));
        let number = text.and_then(hundredths_of).filter(|number| number.abs() <= NUMBER_MAX);
        if number.is_none() {
            self.problem(key, "must be a number with at most two decimal places");
        }
        number
    }

    /// Whether the key is there and says `false`.
    pub(super) fn is_false(&self, key: &str) -> bool {
        self.value(key).is_some_and(|value| value.get_ref().as_bool() == Some(false))
    }

    pub(super) fn required_date(&self, key: &str) -> Option<Date> {
        let Some(value) = self.value(key) else {
            self.problem(key, "is missing");
            return None;
        };
        let value = value.get_ref();
        let text = value
            .as_datetime()
            .map(ToString::to_string)
            .or_else(|| value.as_str().map(str::to_owned));
        let date = text.and_then(|text| text.parse::<Date>().ok());
        if date.is_none() {
            self.problem(key, "must be a date like 2026-03-31");
        }
        date
    }

    pub(super) fn boolean(&self, key: &str) -> Option<bool> {
        let value = self.value(key)?.get_ref().as_bool();
        if value.is_none() {
            self.problem(key, "must be true or false");
        }
        value
    }

    /// One of the words given; another one is a problem that lists them.
    pub(super) fn choice<T: Copy>(&self, key: &str, choices: &[(&str, T)]) -> Option<T> {
        #[cfg(test)]
        for (word, _) in choices {
            let word = format!("= {word}");
            self.problems.asked.borrow_mut().insert((self.key(key), word));
        }
        let text = self.text(key)?;
        let found = choices.iter().find(|(word, _)| *word == text);
        if found.is_none() {
            let words: Vec<&str> = choices.iter().map(|(word, _)| *word).collect();
            self.problem(key, &format!("`{text}` is not one of {}", words.join(", ")));
        }
        found.map(|(_, choice)| *choice)
    }

    pub(super) fn required_choice<T: Copy>(&self, key: &str, choices: &[(&str, T)]) -> Option<T> {
        if !self.has(key) {
            let words: Vec<&str> = choices.iter().map(|(word, _)| *word).collect();
            self.problem(key, &format!("is missing: one of {}", words.join(", ")));
            return None;
        }
        self.choice(key, choices)
    }

    pub(super) fn table(&self, key: &str) -> Option<Fields<'a>> {
        let value = self.value(key)?;
        let Some(table) = value.get_ref().as_table() else {
            self.problem(key, "must be a table: { key = value }");
            return None;
        };
        let offset = value.span().start;
        Some(Fields::at(self.key(key), table, offset, self.problems))
    }

    pub(super) fn required_table(&self, key: &str) -> Option<Fields<'a>> {
        if !self.has(key) {
            self.problem(key, "is missing");
            return None;
        }
        self.table(key)
    }

    /// A list of tables; absent is empty.
    pub(super) fn tables(&self, key: &str) -> Vec<Fields<'a>> {
        let Some(value) = self.value(key) else {
            return Vec::new();
        };
        let Some(items) = value.get_ref().as_array() else {
            self.problem(key, "must be a list of tables: [{ key = value }]");
            return Vec::new();
        };
        let mut tables = Vec::new();
        for (index, item) in items.iter().enumerate() {
            match item.get_ref().as_table() {
                Some(table) => {
                    let path = format!("{}[{index}]", self.key(key));
                    let offset = item.span().start;
                    tables.push(Fields::at(path, table, offset, self.problems));
                }
                None => self.problem(key, "must be a list of tables: [{ key = value }]"),
            }
        }
        tables
    }

    /// Every key of a table whose keys are the partner's own words.
    pub(super) fn names(&self) -> Vec<String> {
        self.table.iter().map(|(name, _)| name.get_ref().to_string()).collect()
    }

    /// Reports every key that nobody asked for.
    pub(super) fn finish(self) {
        let asked = self.asked.borrow();
        for (name, _) in self.table {
            let key = name.get_ref().as_ref();
            if asked.contains(key) {
                continue;
            }
            let what = match nearest(key, asked.iter().map(String::as_str)) {
                Some(near) => format!("is not a known key (did you mean `{near}`?)"),
                None => "is not a known key".to_owned(),
            };
            self.problem(key, &what);
        }
    }
}

/// A decimal number as TOML writes it, in hundredths; none if it has more places, or an exponent.
fn hundredths_of(text: &str) -> Option<i64> {
    let plain = text.replace('_', "");
    let (whole, places) = plain.split_once('.').unwrap_or((&plain, ""));
    let negative = whole.starts_with('-');
    let whole: i64 = whole.trim_start_matches('+').parse().ok()?;
    let places = places.trim_end_matches('0');
    let hundredths: i64 = match places.len() {
        0 => 0,
        1 => places.parse::<i64>().ok()? * 10,
        2 => places.parse().ok()?,
        _ => return None,
    };
    let whole = whole.checked_mul(100)?;
    Some(if negative { whole - hundredths } else { whole + hundredths })
}
