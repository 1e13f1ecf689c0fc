//! Columns of the table of observations. Texts are handed over as numbers into a list, so that a
//! million rows do not carry a million copies of a file's name.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;
use std::sync::Arc;

use arrow::array::{
    ArrayRef, BooleanArray, Date32Array, DictionaryArray, Int32Array, Int64Array, StringArray,
    StringBuilder, TimestampMicrosecondArray,
};
use arrow::datatypes::Int32Type;
use jiff::civil::{self, Date};
use model::{Breakdown, CellAddress, Marks, ObservationKey, ObservationView, Observations, Period};
use parquet::errors::ParquetError;

use crate::LakeError;
use crate::records::{Batch, Stamp};

/// What the figures of one submission have in common, as it is written.
pub(crate) struct Papers<'a> {
    pub(crate) stamp: &'a Stamp,
    pub(crate) observations: &'a Observations,
    reference: (i32, i32),
    /// Texts of each key: sheet, measure, area and breakdown.
    keys: [ArrayRef; 4],
    /// First day, last day and text of each period.
    periods: Vec<(i32, i32)>,
    period_texts: ArrayRef,
}

impl<'a> Papers<'a> {
    /// A breakdown and a period are kept as text: one that would not come back the same is refused.
    pub(crate) fn of(batch: &'a Batch<'a>) -> Result<Self, LakeError> {
        let Batch { stamp, observations, actions: _ } = batch;
        let odd = |what: &'static str, text: &str| LakeError::NotStorable {
            what,
            text: text.to_owned(),
            submission: stamp.submission.to_string(),
        };
        let mut breakdowns = Vec::with_capacity(observations.keys().len());
        // A few breakdowns are said of many areas, most of the time the very same ones.
        let mut known: HashMap<Option<usize>, String> = HashMap::new();
        for key in observations.keys() {
            let breakdown = &key.series.breakdown;
            let text = match known.entry(breakdown.address()) {
                Entry::Occupied(known) => known.into_mut(),
                Entry::Vacant(unknown) => {
                    let text = breakdown.to_string();
                    if text.parse::<Breakdown>().as_ref() != Ok(breakdown) {
                        return Err(odd("the breakdown", &text));
                    }
                    unknown.insert(text)
                }
            };
            breakdowns.push(text.clone());
        }
        let mut period_texts = Vec::new();
        for period in observations.periods() {
            let text = period.to_string();
            if text.parse() != Ok(*period) {
                return Err(odd("the period", &text));
            }
            period_texts.push(text);
        }
        let text = |text: fn(&ObservationKey) -> &str| -> ArrayRef {
            Arc::new(StringArray::from_iter_values(observations.keys().iter().map(text)))
        };
        Ok(Self {
            stamp,
            observations,
            reference: days_of(stamp.reference),
            keys: [
                text(|key| &key.sheet),
                text(|key| key.series.measure.as_str()),
                text(|key| key.series.area.as_str()),
                Arc::new(StringArray::from(breakdowns)),
            ],
            periods: observations.periods().iter().map(|period| days_of(*period)).collect(),
            period_texts: Arc::new(StringArray::from(period_texts)),
        })
    }
}

/// A column of the table of observations, by its place in the table.
pub(crate) fn column(
    index: usize,
    papers: &Papers<'_>,
    rows: &[ObservationView<'_>],
) -> Result<ArrayRef, ParquetError> {
    let Papers { stamp, reference, keys, periods, .. } = papers;
    let key = |at: usize| listed(&keys[at], rows.iter().map(|row| Some(row.key_number())));
    let day = |of: &dyn Fn(&ObservationView<'_>) -> i32| -> ArrayRef {
        Arc::new(Date32Array::from_iter_values(rows.iter().map(of)))
    };
    Ok(match index {
        0 => one(stamp.submission.as_str(), rows.len())?,
        1 => Arc::new(Int64Array::from_value(stamp.sequence, rows.len())),
        2 => one(stamp.return_id.as_str(), rows.len())?,
        3 => one(stamp.partner.as_str(), rows.len())?,
        4 => one(stamp.source.as_str(), rows.len())?,
        5 => one(&stamp.file, rows.len())?,
        6 => day(&|_| reference.0),
        7 => day(&|_| reference.1),
        8 => {
            let arrived = stamp.arrived_at.as_microsecond();
            let moments = TimestampMicrosecondArray::from_value(arrived, rows.len());
            Arc::new(moments.with_timezone("UTC"))
        }
        9 => key(0)?,
        10 => cells(rows),
        11 => key(1)?,
        12 => key(2)?,
        13 => day(&|row| periods[row.period_number()].0),
        14 => day(&|row| periods[row.period_number()].1),
        15 => listed(&papers.period_texts, rows.iter().map(|row| Some(row.period_number())))?,
        16 => key(3)?,
        17 => Arc::new(rows.iter().map(|row| row.figure().value).collect::<Int64Array>()),
        18 => marks(rows)?,
        19 => written(rows),
        20 => Arc::new(rows.iter().map(ObservationView::repair).collect::<StringArray>()),
        _ => Arc::new(BooleanArray::from(vec![stamp.sample; rows.len()])),
    })
}

/// Texts of a list, by number.
fn listed(
    texts: &ArrayRef,
    numbers: impl Iterator<Item = Option<usize>>,
) -> Result<ArrayRef, ParquetError> {
    let narrow = |number: usize| i32::try_from(number).expect("fewer texts than cells");
    let numbers: Int32Array = numbers.map(|number| number.map(narrow)).collect();
    Ok(Arc::new(DictionaryArray::<Int32Type>::try_new(numbers, Arc::clone(texts))?))
}

/// The same text for so many rows.
fn one(text: &str, count: usize) -> Result<ArrayRef, ParquetError> {
    let texts: ArrayRef = Arc::new(StringArray::from(vec![text]));
    let numbers = Int32Array::from_value(0, count);
    Ok(Arc::new(DictionaryArray::<Int32Type>::try_new(numbers, texts)?))
}

fn marks(rows: &[ObservationView<'_>]) -> Result<ArrayRef, ParquetError> {
    let mut met: Vec<Marks> = vec![Marks::none()];
    let mut numbers = Vec::with_capacity(rows.len());
    for row in rows {
        let marks = row.figure().marks;
        let known = met.iter().position(|known| *known == marks);
        numbers.push(known.unwrap_or_else(|| {
            met.push(marks);
            met.len() - 1
        }));
    }
    let texts: ArrayRef =
        Arc::new(StringArray::from_iter_values(met.iter().map(|it| it.letters())));
    listed(&texts, numbers.into_iter().map(Some))
}

/// Cells by their names: `C12`.
fn cells(rows: &[ObservationView<'_>]) -> ArrayRef {
    let mut cells = StringBuilder::with_capacity(rows.len(), rows.len() * 6);
    // A table has few columns and many rows.
    let mut letters: BTreeMap<u32, String> = BTreeMap::new();
    for row in rows {
        let Some(CellAddress { row, column }) = row.cell() else {
            cells.append_null();
            continue;
        };
        let letters = letters.entry(column).or_insert_with(|| {
            let name = CellAddress::new(0, column).to_string();
            name.trim_end_matches('1').to_owned()
        });
        write!(cells, "{letters}{}", u64::from(row) + 1).expect("writing to a builder cannot fail");
        cells.append_value("");
    }
    Arc::new(cells.finish())
}

/// The cells' texts as they stood.
fn written(rows: &[ObservationView<'_>]) -> ArrayRef {
    let mut texts = StringBuilder::with_capacity(rows.len(), rows.len() * 4);
    for row in rows {
        match (row.written(), row.figure().value) {
            (Some(written), _) => texts.append_value(written),
            (None, Some(value)) => {
                write!(texts, "{value}").expect("writing to a builder cannot fail");
                texts.append_value("");
            }
            (None, None) => texts.append_value(""),
        }
    }
    Arc::new(texts.finish())
}

fn days_of(period: Period) -> (i32, i32) {
    (days(period.first().first_day()), days(period.last().last_day()))
}

/// Days since the first of January 1970.
fn days(date: Date) -> i32 {
    (date - civil::date(1970, 1, 1)).get_days()
}
