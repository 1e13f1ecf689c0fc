//! Breakdowns: `gender=female,risk=high`; empty for all.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Serialize, Serializer};

/// Which part of a measure a figure is about: dimension to category, sorted; empty for the whole.
/// Copies share what they say: every figure carries one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Deserialize)]
#[serde(from = "BTreeMap<String, String>")]
pub struct Breakdown(Option<Arc<BTreeMap<String, String>>>);

impl Ord for Breakdown {
    fn cmp(&self, other: &Self) -> Ordering {
        match (&self.0, &other.0) {
            (Some(these), Some(others)) if Arc::ptr_eq(these, others) => Ordering::Equal,
            (these, others) => these.cmp(others),
        }
    }
}

impl PartialOrd for Breakdown {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl From<BTreeMap<String, String>> for Breakdown {
    fn from(categories: BTreeMap<String, String>) -> Self {
        Self((!categories.is_empty()).then(|| Arc::new(categories)))
    }
}

impl Serialize for Breakdown {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter())
    }
}

/// Text that is not a breakdown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BreakdownError(String);

impl fmt::Display for BreakdownError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "`{}` is not a breakdown: write key=value,key=value", self.0)
    }
}

impl std::error::Error for BreakdownError {}

impl Breakdown {
    /// The whole.
    pub fn all() -> Self {
        Self::default()
    }

    /// The same with one more dimension (the last one said of a dimension holds).
    #[must_use]
    pub fn with(mut self, dimension: impl Into<String>, category: impl Into<String>) -> Self {
        let categories = Arc::make_mut(self.0.get_or_insert_default());
        categories.insert(dimension.into(), category.into());
        self
    }

    /// All of this and all of the other.
    #[must_use]
    pub fn and(mut self, other: &Self) -> Self {
        match (&mut self.0, &other.0) {
            (_, None) => {}
            (None, Some(_)) => self.clone_from(other),
            (Some(categories), Some(others)) => {
                let others = others.iter().map(|(name, value)| (name.clone(), value.clone()));
                Arc::make_mut(categories).extend(others);
            }
        }
        self
    }

    /// Where its categories are kept: of breakdowns that are held, equal addresses mean equal
    /// categories. None for the whole.
    pub fn address(&self) -> Option<usize> {
        self.0.as_ref().map(|categories| Arc::as_ptr(categories).addr())
    }

    /// Whether it is the whole.
    pub fn is_all(&self) -> bool {
        self.0.is_none()
    }

    /// Dimension and category, sorted by dimension.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        let categories = self.0.iter().flat_map(|categories| categories.iter());
        categories.map(|(dimension, category)| (dimension.as_str(), category.as_str()))
    }
}

impl fmt::Display for Breakdown {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, (dimension, category)) in self.iter().enumerate() {
            let comma = if index == 0 { "" } else { "," };
            write!(formatter, "{comma}{dimension}={category}")?;
        }
        Ok(())
    }
}

impl FromStr for Breakdown {
    type Err = BreakdownError;

    fn from_str(text: &str) -> Result<Self, BreakdownError> {
        let mut breakdown = Self::all();
        for part in text.split(',').filter(|part| !part.trim().is_empty()) {
            let (dimension, category) =
                part.split_once('=').ok_or_else(|| BreakdownError(text.to_owned()))?;
            let (dimension, category) = (dimension.trim(), category.trim());
            if dimension.is_empty() || category.is_empty() {
                return Err(BreakdownError(text.to_owned()));
            }
            breakdown = breakdown.with(dimension, category);
        }
        Ok(breakdown)
    }
}
