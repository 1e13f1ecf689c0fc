//! Workbooks of spreadsheet programs, read by calamine.

use std::collections::BTreeSet;
use std::io::{Cursor, Read as Input, Seek, Write};

use calamine::{
    CellErrorType, Data, DataRef, ExcelDateTime, Range, Reader, SheetType, SheetVisible, Xls,
    XlsError, Xlsb, XlsbError,
};
use model::{CellAddress, Finding, Place, Severity};

use super::emit::{Emitter, Stop, malformed};
use super::facts::SheetFacts;
use super::{binary, container, dates, legacy};
use crate::sniff::NotAWorkbook;
use crate::workbook::{Cell, FileKind};

type Bytes<'a> = Cursor<&'a [u8]>;

/// Sheets worth reading: name and whether it is visible.
pub(super) fn worksheets<S: Input + Seek, R: Reader<S>>(workbook: &R) -> Vec<(String, bool)> {
    workbook
        .sheets_metadata()
        .iter()
        .filter(|sheet| sheet.typ == SheetType::WorkSheet)
        .map(|sheet| (sheet.name.clone(), sheet.visible == SheetVisible::Visible))
        .collect()
}

/// Sends what the reader of the sheet does not say.
pub(super) fn send_facts<W: Write>(
    facts: &SheetFacts,
    emitter: &mut Emitter<'_, W>,
) -> Result<(), Stop> {
    for (address, error) in &facts.errors {
        emitter.cell(address.row, address.column, Cell::Error(error))?;
    }
    for (address, text) in &facts.texts {
        emitter.cell(address.row, address.column, Cell::Text(text))?;
    }
    emitter.hidden(&facts.hidden_rows, &facts.hidden_columns)
}

/// Sends an xlsb workbook, cell by cell.
pub(super) fn read_xlsb<W: Write>(
    bytes: &[u8],
    scanned: &binary::Scanned,
    emitter: &mut Emitter<'_, W>,
) -> Result<(), Stop> {
    let label = emitter.label();
    let mut workbook = Xlsb::new(Cursor::new(bytes)).map_err(|error| match error {
        XlsbError::Password => NotAWorkbook::PasswordProtected.finding(label),
        _ => unopened(label),
    })?;
    let epoch_1904 = workbook.has_1904_epoch();
    emitter.start(FileKind::Xlsb, epoch_1904)?;
    let mut scratch = String::new();
    for (name, visible) in worksheets(&workbook) {
        emitter.sheet(&name, visible)?;
        let mut cells =
            workbook.worksheet_cells_reader(&name).map_err(|_| stuck(label, &name, None))?;
        let mut last = None;
        while let Some(cell) = cells.next_cell().map_err(|_| stuck(label, &name, last))? {
            let (row, column) = cell.get_position();
            let value = Value::of(cell.get_value());
            if let Read::Cell(cell) = cell_of(value, epoch_1904, &mut scratch) {
                last = Some(CellAddress::new(row, column));
                emitter.cell(row, column, cell)?;
            }
        }
        if let Some(facts) = scanned.facts.get(&name) {
            send_facts(facts, emitter)?;
        }
    }
    Ok(())
}

/// Sends an xls workbook.
pub(super) fn read_xls<W: Write>(bytes: &[u8], emitter: &mut Emitter<'_, W>) -> Result<(), Stop> {
    let label = emitter.label();
    let mut stream = container::workbook_stream(bytes).ok_or_else(|| {
        malformed(label, Place::file(), "is a container that does not hold together")
    })?;
    let scanned = legacy::scan(&mut stream, label)?;
    let plain = container::plain(&stream);
    drop(stream);
    let mut workbook = Xls::new(Cursor::new(plain.as_slice())).map_err(|error| match error {
        XlsError::Password => NotAWorkbook::PasswordProtected.finding(label),
        _ => unopened(label),
    })?;
    let epoch_1904 = workbook.has_1904_epoch();
    emitter.start(FileKind::Xls, epoch_1904)?;
    let listed: Vec<(String, bool)> = workbook
        .sheets_metadata()
        .iter()
        .map(|sheet| (sheet.name.clone(), sheet.visible == SheetVisible::Visible))
        .collect();
    // The reader knows sheets by their names, also those that are no worksheets.
    let names: BTreeSet<&String> = listed.iter().map(|(name, _)| name).collect();
    if names.len() < listed.len() || listed.len() != scanned.sheets.len() {
        return Err(malformed(label, Place::file(), "has two sheets of one name").into());
    }
    for ((name, visible), sheet) in listed.iter().zip(&scanned.sheets) {
        if sheet.is_worksheet {
            emitter.sheet(name, *visible)?;
            let range = dense(&mut workbook, name).ok_or_else(|| stuck(label, name, None))?;
            send_range(&range, sheet, epoch_1904, emitter)?;
        }
    }
    Ok(())
}

#[expect(
    clippy::disallowed_methods,
    reason = "there is no other way to read this format; the scan before it bounds the size"
)]
fn dense(workbook: &mut Xls<Bytes<'_>>, name: &str) -> Option<Range<Data>> {
    workbook.worksheet_range(name).ok()
}

fn send_range<W: Write>(
    range: &Range<Data>,
    sheet: &legacy::Sheet,
    epoch_1904: bool,
    emitter: &mut Emitter<'_, W>,
) -> Result<(), Stop> {
    let (top, left) = range.start().unwrap_or_default();
    let mut filled = sheet.filled.iter();
    let mut scratch = String::new();
    for (row, column, value) in range.used_cells() {
        let beyond = |offset: usize| u32::try_from(offset).unwrap_or(u32::MAX);
        let (row, column) = (top.saturating_add(beyond(row)), left.saturating_add(beyond(column)));
        let address = CellAddress::new(row, column);
        // What is read must be what was seen there, neither more nor less.
        let expected = filled.next().map(|(row, column)| (u32::from(*row), u32::from(*column)));
        if expected != Some((row, column)) {
            return Err(emitter.unlike(address));
        }
        if sheet.facts.uncalculated.contains(&address) {
            continue;
        }
        if let Read::Cell(cell) = cell_of(Value::of_owned(value), epoch_1904, &mut scratch) {
            emitter.cell(row, column, cell)?;
        }
    }
    if let Some((row, column)) = filled.next() {
        return Err(emitter.unlike(CellAddress::new(u32::from(*row), u32::from(*column))));
    }
    for address in &sheet.facts.uncalculated {
        emitter.cell(address.row, address.column, Cell::FormulaWithoutValue)?;
    }
    send_facts(&sheet.facts, emitter)
}

/// A value of the reader's, whoever owns its text.
#[derive(Clone, Copy)]
pub(super) enum Value<'a> {
    Empty,
    Text(&'a str),
    Int(i64),
    Float(f64),
    Bool(bool),
    DateTime(&'a ExcelDateTime),
    DateTimeIso(&'a str),
    Error(&'a CellErrorType),
}

impl<'a> Value<'a> {
    pub(super) fn of(value: &'a DataRef<'_>) -> Self {
        match value {
            DataRef::Empty => Self::Empty,
            DataRef::String(text) | DataRef::DurationIso(text) => Self::Text(text),
            DataRef::SharedString(text) => Self::Text(text),
            DataRef::Int(number) => Self::Int(*number),
            DataRef::Float(number) => Self::Float(*number),
            DataRef::Bool(truth) => Self::Bool(*truth),
            DataRef::DateTime(serial) => Self::DateTime(serial),
            DataRef::DateTimeIso(text) => Self::DateTimeIso(text),
            DataRef::Error(error) => Self::Error(error),
        }
    }

    fn of_owned(value: &'a Data) -> Self {
        match value {
            Data::Empty => Self::Empty,
            Data::String(text) | Data::DurationIso(text) => Self::Text(text),
            Data::Int(number) => Self::Int(*number),
            Data::Float(number) => Self::Float(*number),
            Data::Bool(truth) => Self::Bool(*truth),
            Data::DateTime(serial) => Self::DateTime(serial),
            Data::DateTimeIso(text) => Self::DateTimeIso(text),
            Data::Error(error) => Self::Error(error),
        }
    }
}

/// What a cell turned out to hold.
pub(super) enum Read<'a> {
    Cell(Cell<'a>),
    /// Text of no characters, such as a formula gives to show nothing.
    EmptyText,
    Blank,
}

pub(super) fn cell_of<'a>(value: Value<'a>, epoch_1904: bool, scratch: &'a mut String) -> Read<'a> {
    Read::Cell(match value {
        Value::Empty => return Read::Blank,
        Value::Text("") => return Read::EmptyText,
        Value::Text(text) => match narrowed(text) {
            Some(narrow) => {
                *scratch = narrow;
                Cell::Text(scratch)
            }
            None => Cell::Text(text),
        },
        Value::Int(number) => integer(number, scratch),
        Value::Float(number) => finite(number),
        Value::Bool(truth) => Cell::Bool(truth),
        Value::DateTime(serial) if serial.is_duration() => finite(serial.as_f64()),
        Value::DateTime(serial) => dates::from_serial(serial.as_f64(), epoch_1904)
            .map_or_else(|| finite(serial.as_f64()), Cell::Date),
        Value::DateTimeIso(text) => dates::from_iso(text).map_or(Cell::Text(text), Cell::Date),
        Value::Error(CellErrorType::GettingData) => Cell::Error("#GETTING_DATA"),
        Value::Error(error) => {
            *scratch = error.to_string();
            Cell::Error(scratch)
        }
    })
}

/// A text of two-byte characters that was taken byte by byte, as some old workbooks make the reader
/// do: `T`, nothing, `i`, nothing, … No text that is right has nothing after each character.
fn narrowed(text: &str) -> Option<String> {
    if !text.contains('\0') {
        return None;
    }
    let characters: Vec<char> = text.chars().collect();
    let alternates =
        characters.chunks(2).all(|pair| matches!(pair, [first, '\0'] if *first != '\0'));
    alternates.then(|| characters.into_iter().step_by(2).collect())
}

fn finite(number: f64) -> Cell<'static> {
    if number.is_finite() { Cell::Number(number) } else { Cell::Error("#NUM!") }
}

#[expect(clippy::cast_precision_loss, reason = "beyond 2^53 the digits are kept as text")]
fn integer(number: i64, scratch: &mut String) -> Cell<'_> {
    if number.unsigned_abs() <= 1 << 53 {
        Cell::Number(number as f64)
    } else {
        *scratch = number.to_string();
        Cell::Text(scratch)
    }
}

pub(super) fn unopened(label: &str) -> Finding {
    malformed(label, Place::file(), "is made of parts that do not fit together")
}

/// The finding about a sheet that cannot be read to its end. What the reader says is left out: it
/// may quote a cell.
pub(super) fn stuck(label: &str, sheet: &str, last: Option<CellAddress>) -> Finding {
    let (place, after) = match last {
        Some(cell) => {
            (Place::cell(sheet, cell), format!(": it stops making sense after cell {cell}"))
        }
        None => (Place::sheet(sheet), String::new()),
    };
    Finding::new(
        Severity::Error,
        "workbook-unreadable",
        place,
        format!("sheet `{sheet}` of `{label}` cannot be read{after}"),
    )
    .with_hint("open it in Excel, save it again as .xlsx, and send that")
}
