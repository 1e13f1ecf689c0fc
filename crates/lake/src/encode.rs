//! From submissions to the bytes of one Parquet file; the same submissions give the same bytes.

use std::sync::Arc;

use arrow::array::{
    ArrayRef, BooleanArray, Date32Array, Int64Array, RecordBatch, StringArray,
    TimestampMicrosecondArray,
};
use jiff::civil::{self, Date};
use model::{ActionItem, ActionStatus, ByWhen, Observation, Place};
use parquet::arrow::ArrowWriter;
use parquet::basic::Compression;
use parquet::errors::ParquetError;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use serde_json::json;

use crate::LakeError;
use crate::records::{Batch, Stamp};
use crate::tables::Table;

/// Rows of one table, and what is to be said of them in the log.
pub(crate) struct Rows {
    columns: RecordBatch,
    /// Sum, wrapping, of the values (observations) or of the places in the plan (actions).
    pub(crate) control_sum: i64,
    /// Statistics in the form that Delta Lake keeps.
    pub(crate) statistics: String,
    /// When the newest of the submissions arrived, in milliseconds.
    pub(crate) arrived_ms: i64,
}

impl Rows {
    /// How many.
    pub(crate) fn count(&self) -> i64 {
        i64::try_from(self.columns.num_rows()).unwrap_or(i64::MAX)
    }
}

/// The rows of these submissions in this table; `None` if there are none.
pub(crate) fn rows(table: Table, batches: &[Batch<'_>]) -> Result<Option<Rows>, LakeError> {
    match table {
        Table::Observations => observation_rows(batches),
        Table::Actions => action_rows(batches),
    }
}

/// Writes a Parquet file: snappy, with statistics, nothing in it but the rows.
pub(crate) fn parquet(table: Table, rows: &Rows) -> Result<Vec<u8>, LakeError> {
    parquet_bytes(std::slice::from_ref(&rows.columns), &rows.columns)
        .map_err(|source| LakeError::Parquet { what: table.name(), source: Box::new(source) })
}

/// Writes batches as one Parquet file with the columns of `like`.
pub(crate) fn parquet_bytes(
    batches: &[RecordBatch],
    like: &RecordBatch,
) -> Result<Vec<u8>, ParquetError> {
    let properties = WriterProperties::builder()
        .set_compression(Compression::SNAPPY)
        .set_statistics_enabled(EnabledStatistics::Page)
        // Fixed, so that a newer library alone does not change the bytes of a repeated append.
        .set_created_by("quarterdeck lake 1".to_owned())
        .build();
    let mut writer = ArrowWriter::try_new(Vec::new(), like.schema(), Some(properties))?;
    for batch in batches {
        writer.write(batch)?;
    }
    writer.into_inner()
}

fn observation_rows(batches: &[Batch<'_>]) -> Result<Option<Rows>, LakeError> {
    let rows: Vec<(&Stamp, &Observation)> = batches
        .iter()
        .flat_map(|batch| batch.observations.iter().map(|row| (&batch.stamp, row)))
        .collect();
    for (stamp, row) in &rows {
        check_storable(stamp, row)?;
    }
    let first = |row: &Observation| days(row.period.first().first_day());
    let last = |row: &Observation| days(row.period.last().last_day());
    let columns: Vec<ArrayRef> = vec![
        text(&rows, |(stamp, _)| stamp.submission.as_str()),
        whole(&rows, |(stamp, _)| Some(stamp.sequence)),
        text(&rows, |(stamp, _)| stamp.return_id.as_str()),
        text(&rows, |(stamp, _)| stamp.partner.as_str()),
        text(&rows, |(stamp, _)| stamp.source.as_str()),
        text(&rows, |(stamp, _)| stamp.file.as_str()),
        day(&rows, |(stamp, _)| days(stamp.reference.first().first_day())),
        day(&rows, |(stamp, _)| days(stamp.reference.last().last_day())),
        moment(&rows, |(stamp, _)| stamp.arrived_at.as_microsecond()),
        text(&rows, |(_, row)| row.place.sheet.as_str()),
        optional_text(&rows, |(_, row)| cell(&row.place)),
        text(&rows, |(_, row)| row.measure.as_str()),
        text(&rows, |(_, row)| row.area.as_str()),
        day(&rows, |(_, row)| first(row)),
        day(&rows, |(_, row)| last(row)),
        text(&rows, |(_, row)| row.period.to_string()),
        text(&rows, |(_, row)| row.breakdown.to_string()),
        whole(&rows, |(_, row)| row.figure.value),
        text(&rows, |(_, row)| row.figure.marks.letters()),
        text(&rows, |(_, row)| row.raw.as_str()),
        optional_text(&rows, |(_, row)| row.repair.clone()),
        flag(&rows, |(stamp, _)| stamp.sample),
    ];
    let periods = rows
        .iter()
        .map(|(_, row)| row.period.first().first_day())
        .min()
        .zip(rows.iter().map(|(_, row)| row.period.last().last_day()).max());
    let control_sum =
        rows.iter().filter_map(|(_, row)| row.figure.value).fold(0, i64::wrapping_add);
    let stamps = rows.iter().map(|(stamp, _)| *stamp);
    finish(Table::Observations, columns, stamps, control_sum, periods)
}

fn action_rows(batches: &[Batch<'_>]) -> Result<Option<Rows>, LakeError> {
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
    finish(Table::Actions, columns, stamps, control_sum, None)
}

fn finish<'a>(
    table: Table,
    columns: Vec<ArrayRef>,
    stamps: impl Iterator<Item = &'a Stamp> + Clone,
    control_sum: i64,
    periods: Option<(Date, Date)>,
) -> Result<Option<Rows>, LakeError> {
    let Some(arrived_ms) = stamps.clone().map(|stamp| stamp.arrived_at.as_millisecond()).max()
    else {
        return Ok(None);
    };
    let columns =
        RecordBatch::try_new(table.schema(), columns).map_err(|source| LakeError::Columns {
            doing: "arrange the rows",
            table: table.name(),
            source: Box::new(source),
        })?;
    let mut least = json!({ "sequence": stamps.clone().map(|stamp| stamp.sequence).min() });
    let mut most = json!({ "sequence": stamps.map(|stamp| stamp.sequence).max() });
    if let Some((first, last)) = periods {
        least["period_first"] = json!(first.to_string());
        most["period_last"] = json!(last.to_string());
    }
    let statistics = json!({
        "numRecords": columns.num_rows(),
        "minValues": least,
        "maxValues": most,
        "nullCount": { "sequence": 0 },
    });
    Ok(Some(Rows { columns, control_sum, statistics: statistics.to_string(), arrived_ms }))
}

/// A breakdown and a period are kept as text; what would not come back the same is refused now,
/// while the workbook is still at hand.
fn check_storable(stamp: &Stamp, row: &Observation) -> Result<(), LakeError> {
    let refused = |what, text: String| LakeError::NotStorable {
        what,
        text,
        submission: stamp.submission.to_string(),
    };
    let breakdown = row.breakdown.to_string();
    if breakdown.parse().as_ref() != Ok(&row.breakdown) {
        return Err(refused("the breakdown", breakdown));
    }
    let period = row.period.to_string();
    if period.parse() != Ok(row.period) {
        return Err(refused("the period", period));
    }
    Ok(())
}

fn text<R, T: AsRef<str>>(rows: &[R], value: impl Fn(&R) -> T) -> ArrayRef {
    Arc::new(StringArray::from_iter_values(rows.iter().map(value)))
}

fn optional_text<R>(rows: &[R], value: impl Fn(&R) -> Option<String>) -> ArrayRef {
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
