//! From the engine's columns back to the house's nouns.

use std::fmt::Display;
use std::str::FromStr;

use arrow::array::{
    Array, AsArray, BooleanArray, Int64Array, RecordBatch, StringArray, TimestampMicrosecondArray,
};
use arrow::datatypes::{Int64Type, TimestampMicrosecondType};
use jiff::Timestamp;

use crate::LakeError;

/// The rows of one batch, column by column.
pub(crate) struct Columns<'a>(pub(crate) &'a RecordBatch);

impl<'a> Columns<'a> {
    /// A column of text.
    pub(crate) fn text(&self, name: &'static str) -> Result<TextColumn<'a>, LakeError> {
        let values = self.column(name, |column| column.as_string_opt::<i32>())?;
        Ok(TextColumn { name, values })
    }

    /// A column of whole numbers.
    pub(crate) fn whole(&self, name: &'static str) -> Result<&'a Int64Array, LakeError> {
        self.column(name, |column| column.as_primitive_opt::<Int64Type>())
    }

    /// A column of yes and no.
    pub(crate) fn flag(&self, name: &'static str) -> Result<&'a BooleanArray, LakeError> {
        self.column(name, |column| column.as_boolean_opt())
    }

    /// A column of moments.
    pub(crate) fn moment(&self, name: &'static str) -> Result<MomentColumn<'a>, LakeError> {
        let values =
            self.column(name, |column| column.as_primitive_opt::<TimestampMicrosecondType>())?;
        Ok(MomentColumn { name, values })
    }

    fn column<T>(
        &self,
        name: &'static str,
        typed: impl FnOnce(&'a dyn Array) -> Option<&'a T>,
    ) -> Result<&'a T, LakeError> {
        self.0.column_by_name(name).and_then(|column| typed(column.as_ref())).ok_or_else(|| {
            LakeError::Damaged {
                what: format!("its data files have no column `{name}` of the expected kind"),
            }
        })
    }
}

/// A column of text, some of it to be parsed.
pub(crate) struct TextColumn<'a> {
    name: &'static str,
    values: &'a StringArray,
}

impl<'a> TextColumn<'a> {
    /// The text; empty where there is none.
    pub(crate) fn get(&self, row: usize) -> &'a str {
        self.optional(row).unwrap_or_default()
    }

    /// The text, if there is one.
    pub(crate) fn optional(&self, row: usize) -> Option<&'a str> {
        self.values.is_valid(row).then(|| self.values.value(row))
    }

    /// The text as what it means.
    pub(crate) fn parse<T: FromStr<Err: Display>>(&self, row: usize) -> Result<T, LakeError> {
        let text = self.get(row);
        text.parse().map_err(|error: T::Err| self.unreadable(row, error.to_string()))
    }

    /// Says that the text of a row is not what it should be.
    pub(crate) fn unreadable(&self, row: usize, problem: String) -> LakeError {
        LakeError::Value { column: self.name, text: self.get(row).to_owned(), problem }
    }
}

/// A column of moments.
pub(crate) struct MomentColumn<'a> {
    name: &'static str,
    values: &'a TimestampMicrosecondArray,
}

impl MomentColumn<'_> {
    /// The moment.
    pub(crate) fn get(&self, row: usize) -> Result<Timestamp, LakeError> {
        let microseconds = self.values.value(row);
        Timestamp::from_microsecond(microseconds).map_err(|error| LakeError::Value {
            column: self.name,
            text: microseconds.to_string(),
            problem: error.to_string(),
        })
    }
}

/// The number of a row, if there is one.
pub(crate) fn number(values: &Int64Array, row: usize) -> Option<i64> {
    values.is_valid(row).then(|| values.value(row))
}
