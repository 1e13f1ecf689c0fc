//! The facts, row group by row group, as dense series.

use std::fs::File;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::ToSpan as _;
use jiff::civil::date;
use model::Month;
use parquet::basic::{ConvertedType, LogicalType, Type};
use parquet::column::reader::ColumnReaderImpl;
use parquet::data_type::{DataType, DoubleType, Int32Type};
use parquet::file::metadata::{ParquetMetaData, ParquetMetaDataReader};
use parquet::file::serialized_reader::SerializedPageReader;

use crate::Refused;

/// A measure has no more areas times months.
const CELLS_MAX: usize = 1 << 24;
/// What the columns must be.
const COLUMNS: [(&str, Type); 4] = [
    ("measure", Type::INT32),
    ("area", Type::INT32),
    ("month", Type::INT32),
    ("value", Type::DOUBLE),
];

/// A Parquet file of facts, its footer read and its columns found.
pub(crate) struct Facts {
    path: PathBuf,
    metadata: ParquetMetaData,
    /// Where the columns stand, in the order of [`COLUMNS`].
    columns: [usize; 4],
}

/// One measure as the kernel wants it.
pub(crate) struct Measure<'a> {
    pub(crate) id: i32,
    pub(crate) areas: &'a [i32],
    pub(crate) first_month: Month,
    /// Area after area, the same months for each; `NaN` is missing.
    pub(crate) values: &'a [f64],
}

impl Facts {
    /// Fails when it is no Parquet file, or one with other columns.
    pub(crate) fn open(path: &Path) -> Result<Self, Refused> {
        let metadata = ParquetMetaDataReader::new().parse_and_finish(&open(path)?)?;
        let mut columns = [0; 4];
        for (place, (name, kind)) in columns.iter_mut().zip(COLUMNS) {
            *place = column(&metadata, name, kind)?;
        }
        Ok(Self { path: path.to_owned(), metadata, columns })
    }

    /// The row groups, so many together that they have `rows_at_once` rows or a little more.
    pub(crate) fn units(&self, rows_at_once: i64) -> Vec<Range<usize>> {
        let mut units = Vec::new();
        let (mut first, mut rows) = (0, 0);
        for (index, row_group) in self.metadata.row_groups().iter().enumerate() {
            rows += row_group.num_rows();
            if rows >= rows_at_once {
                units.push(first..index + 1);
                (first, rows) = (index + 1, 0);
            }
        }
        if first < self.metadata.num_row_groups() {
            units.push(first..self.metadata.num_row_groups());
        }
        units
    }

    /// A reader with a file of its own: where a file is read next is shared by its clones.
    pub(crate) fn reader(&self) -> Result<Reader<'_>, Refused> {
        let file = Arc::new(open(&self.path)?);
        Ok(Reader { facts: self, file, rows: Rows::default(), grid: Grid::default() })
    }
}

fn open(path: &Path) -> Result<File, Refused> {
    File::open(path).map_err(|error| Refused(format!("{}: {error}", path.display())))
}

/// Where the column stands, if it is what it must be.
fn column(metadata: &ParquetMetaData, name: &str, kind: Type) -> Result<usize, Refused> {
    let schema = metadata.file_metadata().schema_descr();
    let wrong = |what: &str| Err(Refused(format!("the facts' column `{name}` {what}")));
    let named = |column: &usize| schema.column(*column).path().string() == name;
    let Some(place) = (0..schema.num_columns()).find(named) else {
        return wrong("is not there");
    };
    let column = schema.column(place);
    let date = matches!(column.logical_type_ref(), Some(LogicalType::Date))
        || column.converted_type() == ConvertedType::DATE;
    if column.max_rep_level() > 0 || column.max_def_level() > 1 {
        return wrong("holds lists or records");
    }
    if column.physical_type() != kind || date != (name == "month") {
        return wrong(
            "is of another type: measure and area are 32-bit integers, month is a date, value is a 64-bit float",
        );
    }
    Ok(place)
}

/// Reads row groups into buffers that it keeps.
pub(crate) struct Reader<'a> {
    facts: &'a Facts,
    file: Arc<File>,
    rows: Rows,
    grid: Grid,
}

/// Rows of one row group.
#[derive(Default)]
struct Rows {
    measure: Vec<i32>,
    area: Vec<i32>,
    month: Vec<i32>,
    value: Vec<f64>,
    levels: Vec<i16>,
}

impl Reader<'_> {
    /// Hands over each measure of a row group, in the order of the rows.
    ///
    /// Fails when they are not as the program wants them, or when `take` does.
    pub(crate) fn measures(
        &mut self,
        row_group: usize,
        mut take: impl FnMut(Measure<'_>) -> Result<(), Refused>,
    ) -> Result<(), Refused> {
        self.read(row_group)?;
        let Rows { measure, area, month, value, .. } = &self.rows;
        let mut first = 0;
        for same in measure.chunk_by(|left, right| left == right) {
            let rows = first..first + same.len();
            first = rows.end;
            let (area, month, value) = (&area[rows.clone()], &month[rows.clone()], &value[rows]);
            let refused = |what| Refused(format!("measure {}: {what}", same[0]));
            let dense = self.grid.dense(area, month).map_err(refused)?;
            let (first_month, values) = if let Some(first_month) = dense {
                (first_month, value)
            } else {
                let first_month = self.grid.scatter(area, month, value).map_err(refused)?;
                (first_month, self.grid.values.as_slice())
            };
            take(Measure { id: same[0], areas: &self.grid.areas, first_month, values })?;
        }
        Ok(())
    }

    fn read(&mut self, row_group: usize) -> Result<(), Refused> {
        let [measure, area, month, value] = self.facts.columns;
        let mut levels = std::mem::take(&mut self.rows.levels);
        let mut keys = [
            (measure, std::mem::take(&mut self.rows.measure)),
            (area, std::mem::take(&mut self.rows.area)),
            (month, std::mem::take(&mut self.rows.month)),
        ];
        for ((column, buffer), (name, _)) in keys.iter_mut().zip(COLUMNS) {
            let rows = self.column::<Int32Type>(row_group, *column, &mut levels, buffer)?;
            if buffer.len() < rows {
                return Err(Refused(format!("the facts' column `{name}` has nulls")));
            }
        }
        let mut values = std::mem::take(&mut self.rows.value);
        let rows = self.column::<DoubleType>(row_group, value, &mut levels, &mut values)?;
        if values.iter().fold(false, |found, value| found | value.is_nan()) {
            return Err(Refused(
                "the facts hold a value that is not a number; null is missing".to_owned(),
            ));
        }
        spread(&mut values, &levels, rows);
        let [(_, measure), (_, area), (_, month)] = keys;
        self.rows = Rows { measure, area, month, value: values, levels };
        Ok(())
    }

    /// Reads what is not null, and the levels: 0 for each null.
    fn column<T: DataType>(
        &self,
        row_group: usize,
        column: usize,
        levels: &mut Vec<i16>,
        buffer: &mut Vec<T::T>,
    ) -> Result<usize, Refused> {
        let row_group = self.facts.metadata.row_group(row_group);
        let rows = usize::try_from(row_group.num_rows()).unwrap_or(0);
        let chunk = row_group.column(column);
        let pages = SerializedPageReader::new(Arc::clone(&self.file), chunk, rows, None)?;
        let mut reader = ColumnReaderImpl::<T>::new(chunk.column_descr_ptr(), Box::new(pages));
        levels.clear();
        buffer.clear();
        let (read, _, _) = reader.read_records(rows, Some(levels), None, buffer)?;
        if read != rows {
            return Err(Refused("a row group has fewer rows than it says".to_owned()));
        }
        Ok(rows)
    }
}

/// Makes room for nulls between the values.
fn spread(values: &mut Vec<f64>, levels: &[i16], rows: usize) {
    let mut left = values.len();
    if left == rows {
        return;
    }
    values.resize(rows, f64::NAN);
    for (row, level) in levels.iter().enumerate().rev() {
        if *level == 0 {
            values[row] = f64::NAN;
        } else {
            left -= 1;
            values[row] = values[left];
        }
    }
}

/// A measure's areas, and room for its figures if they have gaps.
#[derive(Default)]
struct Grid {
    areas: Vec<i32>,
    values: Vec<f64>,
}

impl Grid {
    /// Fills in the areas and gives the first month, if each area has the same months without a
    /// gap: then the rows are the grid already. Fails when a date is not the first of a month.
    fn dense(&mut self, area: &[i32], month: &[i32]) -> Result<Option<Month>, String> {
        self.areas.clear();
        let months = area.iter().take_while(|other| **other == area[0]).count();
        let pattern = &month[..months];
        let first = month_of(pattern[0])?;
        for (day, later) in pattern.iter().zip(0..) {
            if month_of(*day)?.index() != first.index() + later {
                return Ok(None);
            }
        }
        for (area, month) in area.chunks(months).zip(month.chunks(months)) {
            let alone = area.iter().fold(0, |bits, other| bits | (other ^ area[0])) == 0;
            let after = self.areas.last().is_none_or(|last| *last < area[0]);
            if !alone || !after || month != pattern {
                return Ok(None);
            }
            self.areas.push(area[0]);
        }
        Ok(Some(first))
    }

    /// Fills in the areas and the values, `NaN` for each gap, and gives the first month. Fails when rows are not sorted by
    /// area and month, or stand there twice.
    fn scatter(&mut self, area: &[i32], month: &[i32], value: &[f64]) -> Result<Month, String> {
        let months: Vec<Month> =
            month.iter().map(|day| month_of(*day)).collect::<Result<_, _>>()?;
        let (Some(first), Some(last)) = (months.iter().min(), months.iter().max()) else {
            return Err("has no rows".to_owned());
        };
        let length = usize::try_from(last.index() - first.index() + 1).unwrap_or(0);
        self.areas.clear();
        self.areas.extend(area.chunk_by(|left, right| left == right).map(|same| same[0]));
        let cells = self.areas.len().saturating_mul(length);
        if cells > CELLS_MAX {
            return Err(format!(
                "has {} areas and {length} months, which is too many",
                self.areas.len()
            ));
        }
        self.values.clear();
        self.values.resize(cells, f64::NAN);
        let mut before = None;
        let mut row_of_area = 0;
        for ((area, month), value) in area.iter().zip(months.iter()).zip(value) {
            let here = (*area, *month);
            if before.is_some_and(|before| here <= before) {
                return Err(format!(
                    "area {area}, {month} is not after the row before it: rows are sorted by area and month, and none stands there twice"
                ));
            }
            row_of_area += usize::from(before.is_some_and(|(before, _)| before != *area));
            let place = usize::try_from(month.index() - first.index()).unwrap_or(0);
            self.values[row_of_area * length + place] = *value;
            before = Some(here);
        }
        Ok(*first)
    }
}

/// The month that begins on this day, counted from 1970-01-01.
fn month_of(day: i32) -> Result<Month, String> {
    let found = date(1970, 1, 1).checked_add(day.days());
    let found = found.map_err(|_| format!("has a date far away: {day} days after 1970"))?;
    match Month::new(found.year(), found.month()) {
        Some(month) if found.day() == 1 => Ok(month),
        Some(_) => Err(format!("has the date {found}, which is not the first of a month")),
        None => Err(format!("has the date {found}, which is before 1900 or after 2199")),
    }
}
