//! The indicators, encoded apart from each other and put together as one Parquet file.

use std::fs::File;
use std::io::BufWriter;
use std::path::Path;
use std::sync::Arc;

use analysis::QuarterlyColumns;
use bytes::Bytes;
use jiff::civil::date;
use model::Month;
use parquet::basic::{Compression, Encoding, LogicalType, Repetition, Type as Physical};
use parquet::column::writer::{ColumnCloseResult, ColumnWriterImpl};
use parquet::data_type::{DataType, DoubleType, Int32Type};
use parquet::errors::ParquetError;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::file::writer::{SerializedFileWriter, SerializedPageWriter, TrackedWrite};
use parquet::schema::types::{SchemaDescriptor, Type};

use crate::Refused;

/// Names of the columns, and whether there is a value in each row.
const COLUMNS: [(&str, Physical, Repetition); 10] = [
    ("measure", Physical::INT32, Repetition::REQUIRED),
    ("area", Physical::INT32, Repetition::REQUIRED),
    ("quarter", Physical::INT32, Repetition::REQUIRED),
    ("value", Physical::DOUBLE, Repetition::OPTIONAL),
    ("rolling_year", Physical::DOUBLE, Repetition::OPTIONAL),
    ("same_quarter_last_year", Physical::DOUBLE, Repetition::OPTIONAL),
    ("mean8", Physical::DOUBLE, Repetition::OPTIONAL),
    ("sd8", Physical::DOUBLE, Repetition::OPTIONAL),
    ("position", Physical::INT32, Repetition::OPTIONAL),
    ("county_average", Physical::DOUBLE, Repetition::OPTIONAL),
];

/// Columns of more different values than fit in here are not numbered.
const DICTIONARY_BYTES_MAX: usize = 64 << 10;
/// Written to the file at once.
const WRITE_BYTES: usize = 1 << 20;

/// What the file looks like, and how it is written.
pub(crate) struct Layout {
    schema: Arc<Type>,
    descriptor: SchemaDescriptor,
    properties: Arc<WriterProperties>,
}

impl Layout {
    pub(crate) fn new() -> Result<Self, Refused> {
        let mut fields = Vec::new();
        for (name, physical, repetition) in COLUMNS {
            let logical = match name {
                "quarter" => Some(LogicalType::Date),
                "position" => Some(LogicalType::integer(32, false)),
                _ => None,
            };
            let field = Type::primitive_type_builder(name, physical)
                .with_repetition(repetition)
                .with_logical_type(logical)
                .build()?;
            fields.push(Arc::new(field));
        }
        let schema = Type::group_type_builder("indicators").with_fields(fields).build()?;
        let schema = Arc::new(schema);
        Ok(Self {
            descriptor: SchemaDescriptor::new(Arc::clone(&schema)),
            schema,
            properties: Arc::new(properties()),
        })
    }

    fn writer<'a, T: DataType>(
        &self,
        column: usize,
        sink: &'a mut Sink,
    ) -> ColumnWriterImpl<'a, T> {
        let pages = Box::new(SerializedPageWriter::new(sink));
        ColumnWriterImpl::new(self.descriptor.column(column), Arc::clone(&self.properties), pages)
    }
}

/// Snappy, as `DuckDB` has it. Figures that are few different ones are numbered, which is a third
/// smaller than snappy alone; where they are many, and in the standard deviation where they always
/// are, their bytes are sorted by weight, of which the upper ones are nearly all the same. Of the keys
/// snappy alone leaves next to nothing, and is faster than numbering them.
fn properties() -> WriterProperties {
    let mut properties = WriterProperties::builder()
        .set_compression(Compression::SNAPPY)
        .set_statistics_enabled(EnabledStatistics::Chunk)
        .set_dictionary_page_size_limit(DICTIONARY_BYTES_MAX)
        .set_dictionary_enabled(false);
    for (name, physical, repetition) in COLUMNS {
        if repetition == Repetition::OPTIONAL && name != "sd8" {
            properties = properties.set_column_dictionary_enabled(name.into(), true);
        }
        if physical == Physical::DOUBLE {
            properties = properties.set_column_encoding(name.into(), Encoding::BYTE_STREAM_SPLIT);
        }
    }
    properties.build()
}

/// Where a column is encoded to.
pub(crate) type Sink = TrackedWrite<Vec<u8>>;

/// Where the columns of one group are encoded to.
pub(crate) fn sinks() -> [Sink; COLUMNS.len()] {
    std::array::from_fn(|_| TrackedWrite::new(Vec::new()))
}

/// Writers of the columns of one row group.
pub(crate) struct Writers<'a> {
    measure: ColumnWriterImpl<'a, Int32Type>,
    area: ColumnWriterImpl<'a, Int32Type>,
    quarter: ColumnWriterImpl<'a, Int32Type>,
    value: ColumnWriterImpl<'a, DoubleType>,
    rolling_year: ColumnWriterImpl<'a, DoubleType>,
    same_quarter_last_year: ColumnWriterImpl<'a, DoubleType>,
    mean8: ColumnWriterImpl<'a, DoubleType>,
    sd8: ColumnWriterImpl<'a, DoubleType>,
    position: ColumnWriterImpl<'a, Int32Type>,
    county_average: ColumnWriterImpl<'a, DoubleType>,
}

/// Room for what is handed to the writers, kept from one measure to the next.
#[derive(Default)]
pub(crate) struct Room {
    quarters: Vec<i32>,
    integers: Vec<i32>,
    floats: Vec<f64>,
    levels: Vec<i16>,
}

impl<'a> Writers<'a> {
    pub(crate) fn new(layout: &Layout, sinks: &'a mut [Sink; COLUMNS.len()]) -> Self {
        let [
            measure,
            area,
            quarter,
            value,
            rolling_year,
            same_quarter_last_year,
            mean8,
            sd8,
            position,
            county_average,
        ] = sinks;
        Self {
            measure: layout.writer(0, measure),
            area: layout.writer(1, area),
            quarter: layout.writer(2, quarter),
            value: layout.writer(3, value),
            rolling_year: layout.writer(4, rolling_year),
            same_quarter_last_year: layout.writer(5, same_quarter_last_year),
            mean8: layout.writer(6, mean8),
            sd8: layout.writer(7, sd8),
            position: layout.writer(8, position),
            county_average: layout.writer(9, county_average),
        }
    }

    /// Encodes one measure's rows.
    pub(crate) fn write(
        &mut self,
        measure: i32,
        areas: &[i32],
        columns: &QuarterlyColumns,
        room: &mut Room,
    ) -> Result<(), Refused> {
        if columns.quarters == 0 {
            return Ok(());
        }
        let Room { quarters, integers, floats, levels } = room;
        quarters.clear();
        quarters.extend(columns.quarter_starts().map(day));
        integers.clear();
        integers.resize(areas.len() * quarters.len(), measure);
        self.measure.write_batch(integers, None, None)?;
        for (rows, area) in integers.chunks_exact_mut(quarters.len()).zip(areas) {
            rows.fill(*area);
        }
        self.area.write_batch(integers, None, None)?;
        for rows in integers.chunks_exact_mut(quarters.len()) {
            rows.copy_from_slice(quarters);
        }
        self.quarter.write_batch(integers, None, None)?;

        levels.clear();
        levels.extend(columns.position.iter().map(|place| i16::from(*place != 0)));
        integers.clear();
        let places = columns.position.iter().filter(|place| **place != 0);
        integers.extend(places.map(|place| place.cast_signed()));
        self.position.write_batch(integers, Some(levels), None)?;

        known(&mut self.value, &columns.value, floats, levels)?;
        known(&mut self.rolling_year, &columns.rolling_year, floats, levels)?;
        let last_year = &columns.same_quarter_last_year;
        known(&mut self.same_quarter_last_year, last_year, floats, levels)?;
        known(&mut self.mean8, &columns.mean8, floats, levels)?;
        known(&mut self.sd8, &columns.sd8, floats, levels)?;
        floats.clear();
        levels.clear();
        for average in &columns.county_average {
            levels.push(i16::from(!average.is_nan()));
            floats.extend((!average.is_nan()).then_some(*average));
        }
        let (quarters, known) = (levels.len(), floats.len());
        for _ in 1..areas.len() {
            levels.extend_from_within(..quarters);
            floats.extend_from_within(..known);
        }
        self.county_average.write_batch(floats, Some(levels), None)?;
        Ok(())
    }

    pub(crate) fn close(self) -> Result<[ColumnCloseResult; COLUMNS.len()], Refused> {
        Ok([
            self.measure.close()?,
            self.area.close()?,
            self.quarter.close()?,
            self.value.close()?,
            self.rolling_year.close()?,
            self.same_quarter_last_year.close()?,
            self.mean8.close()?,
            self.sd8.close()?,
            self.position.close()?,
            self.county_average.close()?,
        ])
    }
}

/// Writes what is not `NaN`, and null for what is.
fn known(
    writer: &mut ColumnWriterImpl<'_, DoubleType>,
    column: &[f64],
    floats: &mut Vec<f64>,
    levels: &mut Vec<i16>,
) -> Result<(), ParquetError> {
    levels.clear();
    levels.extend(column.iter().map(|value| i16::from(!value.is_nan())));
    if !levels.contains(&0) {
        return writer.write_batch(column, Some(levels), None).map(drop);
    }
    floats.clear();
    floats.extend(column.iter().filter(|value| !value.is_nan()));
    writer.write_batch(floats, Some(levels), None).map(drop)
}

/// Days from 1970-01-01 to the first of the month.
fn day(month: Month) -> i32 {
    (month.first_day() - date(1970, 1, 1)).get_days()
}

/// One row group, encoded.
pub(crate) struct Group {
    /// The first and the last measure in it.
    pub(crate) measures: Option<(i32, i32)>,
    columns: Vec<(Bytes, ColumnCloseResult)>,
}

impl Group {
    /// Fails when what was encoded cannot be had.
    pub(crate) fn new(
        measures: Option<(i32, i32)>,
        sinks: [Sink; COLUMNS.len()],
        closed: [ColumnCloseResult; COLUMNS.len()],
    ) -> Result<Self, Refused> {
        let mut columns = Vec::with_capacity(COLUMNS.len());
        for (sink, closed) in sinks.into_iter().zip(closed) {
            columns.push((Bytes::from(sink.into_inner()?), closed));
        }
        Ok(Self { measures, columns })
    }
}

/// The file.
pub(crate) struct Output {
    writer: SerializedFileWriter<BufWriter<File>>,
    last_measure: Option<i32>,
    rows: u64,
}

impl Output {
    pub(crate) fn create(path: &Path, layout: &Layout) -> Result<Self, Refused> {
        let file =
            File::create(path).map_err(|error| Refused(format!("{}: {error}", path.display())))?;
        let (schema, properties) = (Arc::clone(&layout.schema), Arc::clone(&layout.properties));
        let file = BufWriter::with_capacity(WRITE_BYTES, file);
        let writer = SerializedFileWriter::new(file, schema, properties)?;
        Ok(Self { writer, last_measure: None, rows: 0 })
    }

    /// Adds a group after the ones before it. Fails when its measures do not come after theirs.
    pub(crate) fn append(&mut self, group: Group) -> Result<(), Refused> {
        if let Some((first, last)) = group.measures {
            if let Some(before) = self.last_measure {
                after(before, first)?;
            }
            self.last_measure = Some(last);
        }
        let rows = group.columns.first().map_or(0, |(_, closed)| closed.rows_written);
        if rows == 0 {
            return Ok(());
        }
        let mut row_group = self.writer.next_row_group()?;
        for (bytes, closed) in group.columns {
            row_group.append_column(&bytes, closed)?;
        }
        row_group.close()?;
        self.rows += rows;
        Ok(())
    }

    /// Writes the footer; gives the number of rows.
    pub(crate) fn finish(self) -> Result<u64, Refused> {
        let file = self.writer.into_inner()?;
        file.into_inner().map_err(|error| Refused::from(error.into_error()))?;
        Ok(self.rows)
    }
}

/// Fails when a measure does not come after the one before it.
pub(crate) fn after(before: i32, measure: i32) -> Result<(), Refused> {
    if before < measure {
        return Ok(());
    }
    Err(Refused(format!(
        "measure {measure} comes after measure {before}: the facts are sorted by measure, and all of a measure stands in one row group"
    )))
}
