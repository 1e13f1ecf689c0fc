//! From submissions to the bytes of one Parquet file; the same submissions give the same bytes.

use std::ops::Range;
use std::sync::Arc;

use arrow::array::{ArrayRef, Int64Array, RecordBatch, StringArray, TimestampMicrosecondArray};
use arrow::datatypes::Schema;
use jiff::civil::Date;
use model::{ActionItem, ActionStatus, ByWhen, ObservationView, Place};
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_writer::{ArrowColumnChunk, ArrowColumnWriter, compute_leaves};
use parquet::basic::Compression;
use parquet::errors::ParquetError;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::schema::types::ColumnPath;
use serde_json::json;

use crate::LakeError;
use crate::figures::{self, Papers};
use crate::records::{Batch, Stamp};
use crate::tables::Table;

/// Rows written to a column at once.
const ROWS_AT_ONCE: usize = 16 * 1024;
/// Rows of a column encoded in one go.
const WRITE_ROWS: usize = 8 * 1024;
/// Rows of one row group.
const GROUP_ROWS_MAX: usize = 1024 * 1024;
/// Columns are written by so many threads.
const THREADS: usize = 2;

/// Rows of one table, see [`DataFile`].
struct Rows<'a> {
    source: Source<'a>,
    count: usize,
    control_sum: i64,
    statistics: String,
    arrived_ms: i64,
}

enum Source<'a> {
    /// A few rows, as they are.
    Columns(RecordBatch),
    /// Figures, which may be millions: made into columns piece by piece.
    Figures(Figures<'a>),
}

impl Rows<'_> {
    /// How many.
    fn count(&self) -> i64 {
        i64::try_from(self.count).unwrap_or(i64::MAX)
    }
}

/// Submissions as the bytes of data files, made without the lake: so nobody has to wait for both in
/// turn.
pub struct Encoded(pub(crate) Vec<(Table, DataFile)>);

impl Encoded {
    /// Encodes what there is for each table; the same submissions give the same bytes.
    ///
    /// Fails when something would not read back as it is.
    pub fn of(batches: &[Batch<'_>]) -> Result<Self, LakeError> {
        let mut files = Vec::new();
        for table in Table::ALL {
            if let Some(rows) = rows(table, batches)? {
                let bytes = parquet(table, &rows)?;
                let (count, Rows { control_sum, statistics, arrived_ms, .. }) =
                    (rows.count(), rows);
                files.push((table, DataFile { bytes, count, control_sum, statistics, arrived_ms }));
            }
        }
        Ok(Self(files))
    }
}

/// A data file, and what is to be said of it in the log.
pub(crate) struct DataFile {
    pub(crate) bytes: Vec<u8>,
    /// How many rows it has.
    pub(crate) count: i64,
    /// Sum, wrapping, of the values (observations) or of the places in the plan (actions).
    pub(crate) control_sum: i64,
    /// Statistics in the form that Delta Lake keeps.
    pub(crate) statistics: String,
    /// When the newest of the submissions arrived, in milliseconds.
    pub(crate) arrived_ms: i64,
}

/// The rows of these submissions in this table; `None` if there are none.
fn rows<'a>(table: Table, batches: &'a [Batch<'a>]) -> Result<Option<Rows<'a>>, LakeError> {
    match table {
        Table::Observations => observation_rows(batches),
        Table::Actions => action_rows(batches),
    }
}

/// Writes a Parquet file: snappy, with statistics, nothing in it but the rows.
fn parquet(table: Table, rows: &Rows<'_>) -> Result<Vec<u8>, LakeError> {
    let bytes = match &rows.source {
        Source::Columns(columns) => parquet_bytes(std::slice::from_ref(columns), columns),
        Source::Figures(figures) => figures.parquet(table),
    };
    bytes.map_err(|source| LakeError::Parquet { what: table.name(), source: Box::new(source) })
}

/// Writes batches as one Parquet file with the columns of `like`.
pub(crate) fn parquet_bytes(
    batches: &[RecordBatch],
    like: &RecordBatch,
) -> Result<Vec<u8>, ParquetError> {
    let mut writer = ArrowWriter::try_new(Vec::new(), like.schema(), Some(properties()))?;
    for batch in batches {
        writer.write(batch)?;
    }
    writer.into_inner()
}

fn properties() -> WriterProperties {
    WriterProperties::builder()
        .set_compression(Compression::SNAPPY)
        .set_statistics_enabled(EnabledStatistics::Page)
        // Fixed, so that a newer library alone does not change the bytes of a repeated append.
        .set_created_by("quarterdeck lake 1".to_owned())
        .build()
}

fn observation_rows<'a>(batches: &'a [Batch<'a>]) -> Result<Option<Rows<'a>>, LakeError> {
    let filled = batches.iter().filter(|batch| !batch.observations.is_empty());
    let figures = Figures { batches: filled.map(Papers::of).collect::<Result<_, _>>()? };
    let (mut control_sum, mut periods) = (0_i64, None::<(Date, Date)>);
    for batch in &figures.batches {
        for period in batch.observations.periods() {
            let (first, last) = (period.first().first_day(), period.last().last_day());
            periods = Some(periods.map_or((first, last), |(earliest, latest)| {
                (earliest.min(first), latest.max(last))
            }));
        }
        control_sum = batch.observations.values().fold(control_sum, i64::wrapping_add);
    }
    let count = figures.count();
    let stamps: Vec<&Stamp> = figures.batches.iter().map(|batch| batch.stamp).collect();
    Ok(finish(Source::Figures(figures), count, stamps.into_iter(), control_sum, periods))
}

/// The figures of some submissions, one after the other.
struct Figures<'a> {
    batches: Vec<Papers<'a>>,
}

impl Figures<'_> {
    fn count(&self) -> usize {
        self.batches.iter().map(|batch| batch.observations.len()).sum()
    }

    /// The pieces that make up some of the figures, each of one submission and not too long.
    fn pieces(&self, rows: Range<usize>) -> impl Iterator<Item = (&Papers<'_>, Range<usize>)> {
        let mut before = 0;
        self.batches.iter().flat_map(move |batch| {
            let count = batch.observations.len();
            let (first, end) = (
                rows.start.saturating_sub(before).min(count),
                rows.end.saturating_sub(before).min(count),
            );
            before += count;
            (first..end)
                .step_by(ROWS_AT_ONCE)
                .map(move |first| (batch, first..end.min(first + ROWS_AT_ONCE)))
        })
    }

    fn parquet(&self, table: Table) -> Result<Vec<u8>, ParquetError> {
        let schema = table.schema();
        let properties = Some(figure_properties(&schema));
        let writer = ArrowWriter::try_new(Vec::new(), schema.clone(), properties)?;
        let (mut writer, columns) = writer.into_serialized_writer()?;
        let count = self.count();
        for (group, first) in (0..count).step_by(GROUP_ROWS_MAX).enumerate() {
            let end = count.min(first + GROUP_ROWS_MAX);
            let writers = columns.create_column_writers(group)?;
            let mut group = writer.next_row_group()?;
            for column in self.columns(&schema, writers, first..end)? {
                column.append_to_row_group(&mut group)?;
            }
            group.close()?;
        }
        writer.into_inner()
    }

    /// The columns of some rows, written side by side.
    fn columns(
        &self,
        schema: &Schema,
        writers: Vec<ArrowColumnWriter>,
        rows: Range<usize>,
    ) -> Result<Vec<ArrowColumnChunk>, ParquetError> {
        let mut shares: Vec<Vec<(usize, ArrowColumnWriter)>> =
            std::iter::repeat_with(Vec::new).take(THREADS).collect();
        for (index, writer) in writers.into_iter().enumerate() {
            shares[index % THREADS].push((index, writer));
        }
        let written: Vec<Result<_, ParquetError>> = std::thread::scope(|scope| {
            let share = |mut share: Vec<(usize, ArrowColumnWriter)>| {
                for (papers, rows) in self.pieces(rows.clone()) {
                    let some: Vec<ObservationView<'_>> = papers.observations.range(rows).collect();
                    for (index, writer) in &mut share {
                        let array = figures::column(*index, papers, &some)?;
                        for leaf in compute_leaves(schema.field(*index), &array)? {
                            writer.write(&leaf)?;
                        }
                    }
                }
                share
                    .into_iter()
                    .map(|(index, writer)| Ok((index, writer.close()?)))
                    .collect::<Result<Vec<_>, ParquetError>>()
            };
            let threads: Vec<_> =
                shares.into_iter().map(|one| scope.spawn(move || share(one))).collect();
            let joined = threads.into_iter().map(|thread| {
                thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
            });
            joined.collect()
        });
        let mut columns = Vec::new();
        for share in written {
            columns.extend(share?);
        }
        columns.sort_by_key(|(index, _)| *index);
        Ok(columns.into_iter().map(|(_, column)| column).collect())
    }
}

/// Of millions of figures only what is ever searched for has its least and most written beside it.
fn figure_properties(schema: &Schema) -> WriterProperties {
    const SEARCHED: [&str; 6] =
        ["sequence", "measure", "area", "period_first", "period_last", "period"];
    let mut properties = properties().into_builder().set_write_batch_size(WRITE_ROWS);
    for field in schema.fields().iter().filter(|field| !SEARCHED.contains(&field.name().as_str())) {
        let column = ColumnPath::from(field.name().as_str());
        properties = properties.set_column_statistics_enabled(column, EnabledStatistics::None);
    }
    properties.build()
}

fn action_rows<'a>(batches: &'a [Batch<'a>]) -> Result<Option<Rows<'a>>, LakeError> {
    let rows: Vec<(&Stamp, &ActionItem, i64)> = batches
        .iter()
        .flat_map(|batch| {
            (0_i64..).zip(batch.actions).map(|(ordinal, row)| (&batch.stamp, row, ordinal))
        })
        .collect();
    let columns: Vec<ArrayRef> = vec![
        text(&rows, |(stamp, ..)| stamp.submission.as_str()),
        whole(&rows, |(stamp, ..)| Some(stamp.sequence)),
        text(&rows, |(stamp, ..)| stamp.return_id.as_str()),
        text(&rows, |(stamp, ..)| stamp.partner.as_str()),
        text(&rows, |(stamp, ..)| stamp.source.as_str()),
        text(&rows, |(stamp, ..)| stamp.file.as_str()),
        moment(&rows, |(stamp, ..)| stamp.arrived_at.as_microsecond()),
        text(&rows, |(_, row, _)| row.place.sheet.as_str()),
        optional_text(&rows, |(_, row, _)| cell(&row.place)),
        text(&rows, |(_, row, _)| row.number.as_str()),
        text(&rows, |(_, row, _)| row.action.as_str()),
        text(&rows, |(_, row, _)| row.lead.as_str()),
        text(&rows, |(_, row, _)| row.others.as_str()),
        text(&rows, |(_, row, _)| by_when_kind(&row.by_when)),
        optional_text(&rows, |(_, row, _)| by_when_text(&row.by_when)),
        text(&rows, |(_, row, _)| row.update.as_str()),
        text(&rows, |(_, row, _)| status_text(row.status)),
        whole(&rows, |(_, _, ordinal)| Some(*ordinal)),
    ];
    let control_sum = rows.iter().fold(0, |sum: i64, (_, _, ordinal)| sum.wrapping_add(*ordinal));
    let stamps = rows.iter().map(|(stamp, ..)| *stamp);
    let columns = RecordBatch::try_new(Table::Actions.schema(), columns).map_err(|source| {
        LakeError::Columns {
            doing: "arrange the rows",
            table: Table::Actions.name(),
            source: Box::new(source),
        }
    })?;
    Ok(finish(Source::Columns(columns), rows.len(), stamps, control_sum, None))
}

fn finish<'a>(
    source: Source<'a>,
    count: usize,
    stamps: impl Iterator<Item = &'a Stamp> + Clone,
    control_sum: i64,
    periods: Option<(Date, Date)>,
) -> Option<Rows<'a>> {
    let arrived_ms = stamps.clone().map(|stamp| stamp.arrived_at.as_millisecond()).max()?;
    let mut least = json!({ "sequence": stamps.clone().map(|stamp| stamp.sequence).min() });
    let mut most = json!({ "sequence": stamps.map(|stamp| stamp.sequence).max() });
    if let Some((first, last)) = periods {
        least["period_first"] = json!(first.to_string());
        most["period_last"] = json!(last.to_string());
    }
    let statistics = json!({
        "numRecords": count,
        "minValues": least,
        "maxValues": most,
        "nullCount": { "sequence": 0 },
    });
    let statistics = statistics.to_string();
    Some(Rows { source, count, control_sum, statistics, arrived_ms })
}

fn text<R, T: AsRef<str>>(rows: &[R], value: impl Fn(&R) -> T) -> ArrayRef {
    Arc::new(StringArray::from_iter_values(rows.iter().map(value)))
}

fn optional_text<R, T: AsRef<str>>(rows: &[R], value: impl Fn(&R) -> Option<T>) -> ArrayRef {
    Arc::new(rows.iter().map(value).collect::<StringArray>())
}

fn whole<R>(rows: &[R], value: impl Fn(&R) -> Option<i64>) -> ArrayRef {
    Arc::new(rows.iter().map(value).collect::<Int64Array>())
}

fn moment<R>(rows: &[R], value: impl Fn(&R) -> i64) -> ArrayRef {
    let moments = TimestampMicrosecondArray::from_iter_values(rows.iter().map(value));
    Arc::new(moments.with_timezone("UTC"))
}

fn cell(place: &Place) -> Option<String> {
    place.cell.map(|cell| cell.to_string())
}

fn by_when_kind(by_when: &ByWhen) -> &'static str {
    match by_when {
        ByWhen::Date(_) => "date",
        ByWhen::Ongoing => "ongoing",
        ByWhen::Recurring(_) => "recurring",
        ByWhen::Unclear(_) => "unclear",
    }
}

fn by_when_text(by_when: &ByWhen) -> Option<String> {
    match by_when {
        ByWhen::Date(date) => Some(date.to_string()),
        ByWhen::Ongoing => None,
        ByWhen::Recurring(text) | ByWhen::Unclear(text) => Some(text.clone()),
    }
}

/// How a status is stored; [`crate::actions`] reads it back.
pub(crate) fn status_text(status: ActionStatus) -> &'static str {
    match status {
        ActionStatus::NotStarted => "not-started",
        ActionStatus::InProgress => "in-progress",
        ActionStatus::Complete => "complete",
        ActionStatus::Closed => "closed",
        ActionStatus::NotReported => "not-reported",
    }
}
