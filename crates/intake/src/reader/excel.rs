//! Workbooks of spreadsheet programs, read by calamine.

use std::collections::BTreeSet;
use std::io::{Cursor, Write};

use calamine::{
    CellErrorType, Data, DataRef, ExcelDateTime, Range, Reader, SheetType, SheetVisible, Xls,
    XlsError, Xlsb, XlsbError, Xlsx, XlsxCellReader, XlsxError,
};
use model::{CellAddress, Finding, Place, Severity};

use super::emit::{Emitter, Stop, malformed};
use super::facts::SheetFacts;
use super::guard::Archive;
use super::{binary, container, dates, legacy, scan};
use crate::sniff::NotAWorkbook;
use crate::workbook::{Cell, FileKind};

type Bytes<'a> = Cursor<&'a [u8]>;

/// Sheets worth reading: name and whether it is visible.
fn worksheets<'a, R: Reader<Bytes<'a>>>(workbook: &R) -> Vec<(String, bool)> {
    workbook
        .sheets_metadata()
        .iter()
        .filter(|sheet| sheet.typ == SheetType::WorkSheet)
        .map(|sheet| (sheet.name.clone(), sheet.visible == SheetVisible::Visible))
        .collect()
}

/// Sends an xlsx workbook, cell by cell. A large sheet is looked through while it is read.
pub(super) fn read_xlsx<W: Write>(
    bytes: &[u8],
    archive: &Archive<'_>,
    scanned: &scan::Scanned,
    mut emitter: Emitter<'_, W>,
) -> Result<(), Stop> {
    let label = emitter.label();
    let mut workbook = Xlsx::new(Cursor::new(bytes)).map_err(|error| match error {
        XlsxError::Password => NotAWorkbook::PasswordProtected.finding(label),
        _ => unopened(label),
    })?;
    let epoch_1904 = workbook.has_1904_epoch();
    emitter.start(FileKind::Xlsx, epoch_1904)?;
    for (name, visible) in worksheets(&workbook) {
        let mut archive = archive.clone();
        let is_large = scanned.sheet_bytes(&mut archive, &name) >= LARGE_SHEET_BYTES;
        let mut look = || scanned.look(&mut archive, &name, label);
        let mut cells = match workbook.worksheet_cells_reader(&name) {
            Ok(cells) => cells,
            Err(error) => {
                look()?;
                if matches!(error, XlsxError::NotAWorksheet(_)) {
                    continue;
                }
                return Err(stuck(label, &name, None).into());
            }
        };
        emitter.sheet(&name, visible)?;
        let sheet = XlsxSheet { name: &name, epoch_1904, is_uncalculated: scanned.is_uncalculated };
        let (facts, read) = if is_large {
            std::thread::scope(|scope| {
                let look = scope.spawn(look);
                let read = sheet.read(&mut cells, &mut emitter);
                let facts = look.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
                (facts, read)
            })
        } else {
            // What is wrong with the sheet is known before any of it is sent.
            (Ok(look()?), sheet.read(&mut cells, &mut emitter))
        };
        // The look knows better what is wrong than the reader.
        let (facts, stumbles) = (facts?, read?);
        if stumbles > facts.errors.len() {
            return Err(stuck(label, &name, None).into());
        }
        send_facts(&facts, &mut emitter)?;
    }
    emitter.done()
}

/// From this size on, a second thread is worth its while.
const LARGE_SHEET_BYTES: u64 = 1024 * 1024;

/// What is to be known while the cells of a sheet are read.
struct XlsxSheet<'a> {
    name: &'a str,
    epoch_1904: bool,
    is_uncalculated: bool,
}

impl XlsxSheet<'_> {
    /// Sends the cells; gives how many the reader stumbled over.
    fn read<W: Write>(
        &self,
        cells: &mut XlsxCellReader<'_, Bytes<'_>>,
        emitter: &mut Emitter<'_, W>,
    ) -> Result<usize, Stop> {
        let (mut stumbles, mut last) = (0, None);
        let mut scratch = String::new();
        loop {
            let record = match cells.next_cell_with_formula_metadata() {
                Ok(Some(record)) => record,
                Ok(None) => return Ok(stumbles),
                // The reader goes on with the next cell when it is asked again.
                Err(XlsxError::CellError(_) | XlsxError::Unrecognized { .. }) => {
                    stumbles += 1;
                    continue;
                }
                Err(_) => return Err(stuck(emitter.label(), self.name, last).into()),
            };
            let (row, column) = record.pos;
            let is_formula = record.formula.is_some();
            let cell = match cell_of(Value::of(&record.value), self.epoch_1904, &mut scratch) {
                // Programs that cannot calculate write a zero and ask to have it calculated.
                Read::Cell(Cell::Number(0.0)) if is_formula && self.is_uncalculated => {
                    Cell::FormulaWithoutValue
                }
                Read::Cell(cell) => cell,
                Read::Blank if is_formula => Cell::FormulaWithoutValue,
                Read::Blank | Read::EmptyText => continue,
            };
            last = Some(CellAddress::new(row, column));
            match (&record.value, cell) {
                (DataRef::SharedString(_), Cell::Text(text)) => {
                    emitter.shared_text(row, column, text)?;
                }
                _ => emitter.cell(row, column, cell)?,
            }
        }
    }
}

/// Sends what the reader of the sheet does not say.
fn send_facts<W: Write>(facts: &SheetFacts, emitter: &mut Emitter<'_, W>) -> Result<(), Stop> {
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
    mut emitter: Emitter<'_, W>,
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
            send_facts(facts, &mut emitter)?;
        }
    }
    emitter.done()
}

/// Sends an xls workbook.
pub(super) fn read_xls<W: Write>(bytes: &[u8], mut emitter: Emitter<'_, W>) -> Result<(), Stop> {
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
            send_range(&range, sheet, epoch_1904, &mut emitter)?;
        }
    }
    emitter.done()
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
enum Value<'a> {
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
    fn of(value: &'a DataRef<'_>) -> Self {
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
enum Read<'a> {
    Cell(Cell<'a>),
    /// Text of no characters, such as a formula gives to show nothing.
    EmptyText,
    Blank,
}

fn cell_of<'a>(value: Value<'a>, epoch_1904: bool, scratch: &'a mut String) -> Read<'a> {
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

fn unopened(label: &str) -> Finding {
    malformed(label, Place::file(), "is made of parts that do not fit together")
}

/// The finding about a sheet that cannot be read to its end. What the reader says is left out: it
/// may quote a cell.
fn stuck(label: &str, sheet: &str, last: Option<CellAddress>) -> Finding {
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
