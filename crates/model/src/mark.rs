//! Shorthand marks of the Government Analysis Function: why a number is missing, or how to read it.

use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};

/// One shorthand mark, printed in square brackets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mark {
    /// Break in the series.
    B,
    /// Withheld: confidential.
    C,
    /// Estimated.
    E,
    /// Provisional.
    P,
    /// Revised since it was last published.
    R,
    /// Low reliability: few events.
    U,
    /// Not available.
    X,
    /// Not applicable.
    Z,
}

impl Mark {
    /// The letter.
    pub fn letter(self) -> &'static str {
        match self {
            Self::B => "b",
            Self::C => "c",
            Self::E => "e",
            Self::P => "p",
            Self::R => "r",
            Self::U => "u",
            Self::X => "x",
            Self::Z => "z",
        }
    }

    /// The mark for a letter.
    pub fn from_letter(letter: &str) -> Option<Self> {
        [Self::B, Self::C, Self::E, Self::P, Self::R, Self::U, Self::X, Self::Z]
            .into_iter()
            .find(|mark| mark.letter() == letter)
    }

    /// What it means, for readers.
    pub fn meaning(self) -> &'static str {
        match self {
            Self::B => "break in the series: not comparable with earlier figures",
            Self::C => "withheld so that nobody can be identified",
            Self::E => "estimated",
            Self::P => "provisional: may change",
            Self::R => "revised since last published",
            Self::U => "low reliability: fewer than 20 events",
            Self::X => "not available",
            Self::Z => "not applicable",
        }
    }

    /// Whether the mark stands in place of a number (as against qualifying one).
    pub fn replaces_number(self) -> bool {
        matches!(self, Self::C | Self::X | Self::Z)
    }
}

/// A set of marks, printed as `[p][r]`.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Marks(BTreeSet<Mark>);

impl Marks {
    /// No marks.
    pub fn none() -> Self {
        Self::default()
    }

    /// One mark.
    pub fn of(mark: Mark) -> Self {
        Self(BTreeSet::from([mark]))
    }

    /// Adds a mark.
    pub fn insert(&mut self, mark: Mark) {
        self.0.insert(mark);
    }

    /// Adds all of another set.
    pub fn extend(&mut self, other: &Self) {
        self.0.extend(other.0.iter().copied());
    }

    /// Whether the mark is in the set.
    pub fn contains(&self, mark: Mark) -> bool {
        self.0.contains(&mark)
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The marks, in alphabetical order.
    pub fn iter(&self) -> impl Iterator<Item = Mark> {
        self.0.iter().copied()
    }

    /// For storage: the letters without brackets, `pr`.
    pub fn letters(&self) -> String {
        self.0.iter().map(|mark| mark.letter()).collect()
    }

    /// From storage; letters that are no mark are left out.
    pub fn from_letters(letters: &str) -> Self {
        letters
            .chars()
            .filter_map(|letter| Mark::from_letter(letter.encode_utf8(&mut [0; 4])))
            .collect()
    }
}

impl FromIterator<Mark> for Marks {
    fn from_iter<I: IntoIterator<Item = Mark>>(marks: I) -> Self {
        Self(marks.into_iter().collect())
    }
}

impl fmt::Display for Marks {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for mark in &self.0 {
            write!(formatter, "[{}]", mark.letter())?;
        }
        Ok(())
    }
}
