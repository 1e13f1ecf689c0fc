//! From submissions to the bytes of one Parquet file; the same submissions give the same bytes.

use std::fmt::Write as _;
use std::ops::Range;
use std::sync::Arc;

use arrow::array::{
    ArrayRef, BooleanArray, Date32Array, Int64Array, RecordBatch, StringArray, StringBuilder,
    TimestampMicrosecondArray,
};
use arrow::datatypes::Schema;
use jiff::civil::{self, Date};
use model::{ActionItem, ActionStatus, ByWhen, CellAddress, Period, Place};
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_writer::{ArrowColumnChunk, ArrowColumnWriter, compute_leaves};
use parquet::basic::Compression;
use parquet::errors::ParquetError;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use serde_json::json;

use crate::LakeError;
use crate::packed::{Packed, PackedRow};
use crate::records::{Batch, Stamp};
use crate::tables::Table;

/// Rows written to a column at once.
const ROWS_AT_ONCE: usize = 16 * 1024;
/// Rows of one row group.
const GROUP_ROWS_MAX: usize = 1024 * 1024;
/// Columns are written by so many threads.
const THREADS: usize = 2;

/// Rows of one table, and what is to be said of them in the log.
pub(crate) struct Rows<'a> {
    source: Source<'a>,
    count: usize,
    /// Sum, wrapping, of the values (observations) or of the places in the plan (actions).
    pub(crate) control_sum: i64,
    /// Statistics in the form that Delta Lake keeps.
    pub(crate) statistics: String,
    /// When the newest of the submissions arrived, in milliseconds.
    pub(crate) arrived_ms: i64,
}

enum Source<'a> {
    /// A few rows, as they are.
    Columns(RecordBatch),
    /// Figures, which may be millions: made into columns piece by piece.
    Figures(Figures<'a>),
}

impl Rows<'_> {
    /// How many.
    pub(crate) fn count(&self) -> i64 {
        i64::try_from(self.count).unwrap_or(i64::MAX)
    }
}

/// The rows of these submissions in this table; `None` if there are none.
pub(crate) fn rows<'a>(
    table: Table,
    batches: &'a [Batch<'a>],
) -> Result<Option<Rows<'a>>, LakeError> {
    match table {
        Table::Observations => observation_rows(batches),
        Table::Actions => action_rows(batches),
    }
}

/// Writes a Parquet file: snappy, with statistics, nothing in it but the rows.
pub(crate) fn parquet(table: Table, rows: &Rows<'_>) -> Result<Vec<u8>, LakeError> {
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
    let figures = Figures { batches: filled.map(Papers::of).collect() };
    let (mut control_sum, mut periods) = (0_i64, None::<(Date, Date)>);
    for batch in &figures.batches {
        if let Some((what, text)) = &batch.packed.odd {
            let submission = batch.stamp.submission.to_string();
            return Err(LakeError::NotStorable { what, text: text.clone(), submission });
        }
        for period in batch.packed.periods() {
            let (first, last) = (period.first().first_day(), period.last().last_day());
            periods = Some(periods.map_or((first, last), |(earliest, latest)| {
                (earliest.min(first), latest.max(last))
            }));
        }
        let values = batch.packed.rows.iter().filter_map(|row| row.value);
        control_sum = values.fold(control_sum, i64::wrapping_add);
    }
    let count = figures.count();
    let stamps: Vec<&Stamp> = figures.batches.iter().map(|batch| batch.stamp).collect();
    Ok(finish(Source::Figures(figures), count, stamps.into_iter(), control_sum, periods))
}

/// The figures of some submissions, one after the other.
struct Figures<'a> {
    batches: Vec<Papers<'a>>,
}

/// What the figures of one submission have in common, as it is written.
struct Papers<'a> {
    stamp: &'a Stamp,
    packed: &'a Packed,
    reference: (i32, i32),
    /// First day, last day and text of each period.
    periods: Vec<(i32, i32, String)>,
}

impl<'a> Papers<'a> {
    fn of(batch: &'a Batch<'a>) -> Self {
        let days_of =
            |period: Period| (days(period.first().first_day()), days(period.last().last_day()));
        let periods = batch.observations.periods().iter().map(|period| {
            let (first, last) = days_of(*period);
            (first, last, period.to_string())
        });
        Self {
            stamp: &batch.stamp,
            packed: batch.observations,
            reference: days_of(batch.stamp.reference),
            periods: periods.collect(),
        }
    }
}

/// A figure with its papers.
#[derive(Clone, Copy)]
struct Row<'a> {
    papers: &'a Papers<'a>,
    row: PackedRow,
}

impl<'a> Row<'a> {
    fn text(&self, id: u32) -> &'a str {
        self.papers.packed.text(id)
    }

    fn period(&self) -> &'a (i32, i32, String) {
        &self.papers.periods[usize::try_from(self.row.period).expect("32 bits at least")]
    }
}

impl Figures<'_> {
    fn count(&self) -> usize {
        self.batches.iter().map(|batch| batch.packed.len()).sum()
    }

    /// Figures from `first` on, at most so many.
    fn rows(&self, first: usize, count: usize) -> Vec<Row<'_>> {
        let mut rows = Vec::with_capacity(count);
        let mut before = 0;
        for batch in &self.batches {
            let from = (first + rows.len()).saturating_sub(before).min(batch.packed.len());
            let some = batch.packed.rows[from..].iter().take(count - rows.len());
            rows.extend(some.map(|row| Row { papers: batch, row: *row }));
            if rows.len() == count {
                break;
            }
            before += batch.packed.len();
        }
        rows
    }

    fn parquet(&self, table: Table) -> Result<Vec<u8>, ParquetError> {
        let schema = table.schema();
        let writer = ArrowWriter::try_new(Vec::new(), schema.clone(), Some(properties()))?;
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
                for first in rows.clone().step_by(ROWS_AT_ONCE) {
                    let some = self.rows(first, ROWS_AT_ONCE.min(rows.end - first));
                    for (index, writer) in &mut share {
                        for leaf in compute_leaves(schema.field(*index), &column(*index, &some))? {
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

/// A column of the table of observations, by its place in the table.
fn column(index: usize, rows: &[Row<'_>]) -> ArrayRef {
    match index {
        0 => text(rows, |row| row.papers.stamp.submission.as_str()),
        1 => whole(rows, |row| Some(row.papers.stamp.sequence)),
        2 => text(rows, |row| row.papers.stamp.return_id.as_str()),
        3 => text(rows, |row| row.papers.stamp.partner.as_str()),
        4 => text(rows, |row| row.papers.stamp.source.as_str()),
        5 => text(rows, |row| row.papers.stamp.file.as_str()),
        6 => day(rows, |row| row.papers.reference.0),
        7 => day(rows, |row| row.papers.reference.1),
        8 => moment(rows, |row| row.papers.stamp.arrived_at.as_microsecond()),
        9 => text(rows, |row| row.text(row.row.sheet)),
        10 => cells(rows),
        11 => text(rows, |row| row.text(row.row.measure)),
        12 => text(rows, |row| row.text(row.row.area)),
        13 => day(rows, |row| row.period().0),
        14 => day(rows, |row| row.period().1),
        15 => text(rows, |row| row.period().2.as_str()),
        16 => text(rows, |row| row.text(row.row.breakdown)),
        17 => whole(rows, |row| row.row.value),
        18 => text(rows, |row| row.text(row.row.marks)),
        19 => text(rows, |row| row.text(row.row.raw)),
        20 => optional_text(rows, |row| row.papers.packed.text_if_any(row.row.repair)),
        _ => flag(rows, |row| row.papers.stamp.sample),
    }
}

/// Cells by their names: `C12`.
fn cells(rows: &[Row<'_>]) -> ArrayRef {
    let mut cells = StringBuilder::with_capacity(rows.len(), rows.len() * 6);
    for row in rows {
        match row.row.cell {
            Some((row, column)) => {
                let address = CellAddress::new(row, u32::from(column));
                write!(cells, "{address}").expect("writing to a builder cannot fail");
                cells.append_value("");
            }
            None => cells.append_null(),
        }
    }
    Arc::new(cells.finish())
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

fn day<R>(rows: &[R], value: impl Fn(&R) -> i32) -> ArrayRef {
    Arc::new(Date32Array::from_iter_values(rows.iter().map(value)))
}

fn flag<R>(rows: &[R], value: impl Fn(&R) -> bool) -> ArrayRef {
    let flags: BooleanArray = rows.iter().map(|row| Some(value(row))).collect();
    Arc::new(flags)
}

fn moment<R>(rows: &[R], value: impl Fn(&R) -> i64) -> ArrayRef {
    let moments = TimestampMicrosecondArray::from_iter_values(rows.iter().map(value));
    Arc::new(moments.with_timezone("UTC"))
}

/// Days since the first of January 1970.
fn days(date: Date) -> i32 {
    (date - civil::date(1970, 1, 1)).get_days()
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
