//! Shorthand marks of the Government Analysis Function: why a number is missing, or how to read it.

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
    /// All there are, in alphabetical order.
    const ALL: [Self; 8] = [Self::B, Self::C, Self::E, Self::P, Self::R, Self::U, Self::X, Self::Z];

    /// Its place in a set: each has its own, in alphabetical order.
    fn bit(self) -> u8 {
        match self {
            Self::B => 1,
            Self::C => 1 << 1,
            Self::E => 1 << 2,
            Self::P => 1 << 3,
            Self::R => 1 << 4,
            Self::U => 1 << 5,
            Self::X => 1 << 6,
            Self::Z => 1 << 7,
        }
    }

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
        Self::ALL.into_iter().find(|mark| mark.letter() == letter)
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
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Marks(u8);

impl Marks {
    /// No marks.
    pub fn none() -> Self {
        Self::default()
    }

    /// One mark.
    pub fn of(mark: Mark) -> Self {
        Self(mark.bit())
    }

    /// Adds a mark.
    pub fn insert(&mut self, mark: Mark) {
        self.0 |= mark.bit();
    }

    /// Adds all of another set.
    pub fn extend(&mut self, other: &Self) {
        self.0 |= other.0;
    }

    /// Whether the mark is in the set.
    pub fn contains(self, mark: Mark) -> bool {
        self.0 & mark.bit() != 0
    }

    /// Whether there is none.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The marks, in alphabetical order.
    pub fn iter(self) -> impl Iterator<Item = Mark> {
        Mark::ALL.into_iter().filter(move |mark| self.contains(*mark))
    }

    /// For storage: the letters without brackets, `pr`.
    pub fn letters(self) -> String {
        self.iter().map(Mark::letter).collect()
    }

    /// From storage; letters that are no mark are left out.
    pub fn from_letters(letters: &str) -> Self {
        letters
            .chars()
            .filter_map(|letter| Mark::from_letter(letter.encode_utf8(&mut [0; 4])))
            .collect()
    }
}

impl Ord for Marks {
    /// As lists of marks in alphabetical order.
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.iter().cmp(other.iter())
    }
}

impl PartialOrd for Marks {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Debug for Marks {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_set().entries(self.iter()).finish()
    }
}

impl Serialize for Marks {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter())
    }
}

impl<'de> Deserialize<'de> for Marks {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Vec::<Mark>::deserialize(deserializer)?.into_iter().collect())
    }
}

impl FromIterator<Mark> for Marks {
    fn from_iter<I: IntoIterator<Item = Mark>>(marks: I) -> Self {
        let mut all = Self::none();
        for mark in marks {
            all.insert(mark);
        }
        all
    }
}

impl fmt::Display for Marks {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for mark in self.iter() {
            write!(formatter, "[{}]", mark.letter())?;
        }
        Ok(())
    }
}
