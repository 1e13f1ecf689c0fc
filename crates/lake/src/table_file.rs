//! A table that somebody asked for as a Parquet file. It is no table of the lake.

use std::sync::Arc;

use arrow::array::{ArrayRef, Float64Array, Int64Array, RecordBatch, StringArray};

use crate::LakeError;
use crate::encode::parquet_bytes;

/// One column, all of one length with the others; nothing where there is no value.
#[derive(Clone, Debug, PartialEq)]
pub enum FileColumn {
    /// Text.
    Text(Vec<Option<String>>),
    /// Whole numbers.
    Whole(Vec<Option<i64>>),
    /// Numbers with a fraction.
    Number(Vec<Option<f64>>),
}

impl FileColumn {
    fn array(self) -> ArrayRef {
        match self {
            Self::Text(values) => Arc::new(StringArray::from(values)),
            Self::Whole(values) => Arc::new(Int64Array::from(values)),
            Self::Number(values) => Arc::new(Float64Array::from(values)),
        }
    }
}

/// The columns as one Parquet file, in the order given.
///
/// Fails when columns differ in length.
pub fn parquet_table(columns: Vec<(&str, FileColumn)>) -> Result<Vec<u8>, LakeError> {
    let arrays = columns.into_iter().map(|(name, column)| (name, column.array(), true));
    let failed = |source| LakeError::Parquet { what: "a table", source };
    let batch = RecordBatch::try_from_iter_with_nullable(arrays)
        .map_err(|error| failed(Box::new(parquet::errors::ParquetError::from(error))))?;
    parquet_bytes(std::slice::from_ref(&batch), &batch).map_err(|error| failed(Box::new(error)))
}
