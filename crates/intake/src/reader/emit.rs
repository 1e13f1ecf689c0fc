//! Sending a workbook while it is being read, within limits.

use std::collections::{BTreeSet, HashMap};
use std::io::{self, Write};

use model::{CellAddress, Finding, Place, Severity};

use super::cells::Batch;
use super::facts::Spans;
use super::seen::Seen;
use super::wire::{self, Answer, Limits};
use crate::workbook::{Cell, FileKind, OutOfSight};

/// Cells sent at once.
const BATCH_CELLS: usize = 10_000;
/// Bytes sent at once, if one cell alone does not have more.
const BATCH_BYTES: usize = 256 * 1024;
/// Longest text of one cell, in bytes; Excel itself ends at 32,767 characters.
const CELL_TEXT_BYTES_MAX: usize = 1024 * 1024;
/// Rows and columns of a sheet, as Excel has them.
pub(super) const ROWS_MAX: u32 = 1_048_576;
pub(super) const COLUMNS_MAX: u32 = 16_384;
/// Sheets of a workbook.
pub(super) const SHEETS_MAX: usize = 1_000;

/// Why reading a file stopped.
#[derive(Debug)]
pub(super) enum Stop {
    /// Something about the file.
    Refused(Box<Finding>),
    /// The parent is gone.
    Output(io::Error),
}

impl From<Finding> for Stop {
    fn from(finding: Finding) -> Self {
        Self::Refused(Box::new(finding))
    }
}

/// Takes sheets and cells in the order in which they are read, and sends them on.
pub(super) struct Emitter<'a, W> {
    output: &'a mut W,
    label: &'a str,
    limits: &'a Limits,
    sheets: BTreeSet<String>,
    sheet: String,
    sheet_cells: usize,
    file_cells: usize,
    file_text_bytes: u64,
    seen: Seen,
    batch: Batch,
    /// How many texts of this sheet have been sent.
    texts: u32,
    /// Texts that stay where they are while a sheet is read, by where that is.
    shared: HashMap<(usize, usize), u32>,
}

impl<'a, W: Write> Emitter<'a, W> {
    pub(super) fn new(output: &'a mut W, label: &'a str, limits: &'a Limits) -> Self {
        Self {
            output,
            label,
            limits,
            sheets: BTreeSet::new(),
            sheet: String::new(),
            sheet_cells: 0,
            file_cells: 0,
            file_text_bytes: 0,
            seen: Seen::default(),
            batch: Batch::default(),
            texts: 0,
            shared: HashMap::new(),
        }
    }

    /// What the file is called.
    pub(super) fn label(&self) -> &'a str {
        self.label
    }

    /// Begins the workbook.
    pub(super) fn start(&mut self, kind: FileKind, epoch_1904: bool) -> Result<(), Stop> {
        self.send(&Answer::Start { kind, epoch_1904 })
    }

    /// Begins the next sheet.
    pub(super) fn sheet(&mut self, name: &str, visible: bool) -> Result<(), Stop> {
        self.flush()?;
        if !self.sheets.insert(name.to_owned()) {
            return Err(
                malformed(self.label, Place::sheet(name), "has two sheets of one name").into()
            );
        }
        if self.sheets.len() > SHEETS_MAX {
            return Err(malformed(
                self.label,
                Place::file(),
                &format!("has more than {SHEETS_MAX} sheets"),
            )
            .into());
        }
        name.clone_into(&mut self.sheet);
        self.sheet_cells = 0;
        self.seen.clear();
        self.batch = Batch::default();
        self.texts = 0;
        self.shared.clear();
        self.send(&Answer::Sheet { name: name.to_owned(), visible })
    }

    /// Takes one cell that holds something.
    pub(super) fn cell(&mut self, row: u32, column: u32, cell: Cell<'_>) -> Result<(), Stop> {
        let text_bytes = match cell {
            Cell::Text(text) | Cell::Error(text) => text.len(),
            _ => 0,
        };
        let address = self.admit(row, column, text_bytes)?;
        if let Cell::Text(_) = cell {
            self.texts = self.texts.saturating_add(1);
        }
        self.batch.push(address, cell);
        self.flush_if_full()
    }

    /// Takes one cell whose text stays where it is until the next sheet begins, as shared strings
    /// do: it is sent once.
    pub(super) fn shared_text(&mut self, row: u32, column: u32, text: &str) -> Result<(), Stop> {
        let address = self.admit(row, column, text.len())?;
        if let Some(known) = self.shared.get(&(text.as_ptr().addr(), text.len())) {
            self.batch.push_known(address, *known);
        } else {
            self.shared.insert((text.as_ptr().addr(), text.len()), self.texts);
            self.texts = self.texts.saturating_add(1);
            self.batch.push(address, Cell::Text(text));
        }
        self.flush_if_full()
    }

    /// Whether a cell may be there, and as much text in it.
    fn admit(&mut self, row: u32, column: u32, text_bytes: usize) -> Result<CellAddress, Stop> {
        if row >= ROWS_MAX || column >= COLUMNS_MAX {
            return Err(self.out_of_range());
        }
        let address = CellAddress::new(row, column);
        if !self.seen.insert(address) {
            return Err(self.duplicate(address));
        }
        self.sheet_cells += 1;
        self.file_cells += 1;
        if self.sheet_cells > self.limits.cells_per_sheet_max {
            let most = self.limits.cells_per_sheet_max;
            return Err(too_many(self.label, Place::sheet(&self.sheet), most).into());
        }
        if self.file_cells > self.limits.cells_per_file_max {
            let most = self.limits.cells_per_file_max;
            return Err(too_many(self.label, Place::file(), most).into());
        }
        self.file_text_bytes += u64::try_from(text_bytes).unwrap_or(u64::MAX);
        if text_bytes > CELL_TEXT_BYTES_MAX {
            return Err(self.too_long(address));
        }
        // A long text that many cells share is small in the file and large outside it.
        if self.file_text_bytes > self.limits.uncompressed_bytes_max {
            return Err(too_large(self.label, self.limits.uncompressed_bytes_max).into());
        }
        Ok(address)
    }

    /// Says which rows and columns of the sheet are out of sight.
    pub(super) fn hidden(&mut self, rows: &Spans, columns: &Spans) -> Result<(), Stop> {
        let out_of_sight = OutOfSight { rows: rows.sorted(), columns: columns.sorted() };
        if out_of_sight.is_empty() {
            return Ok(());
        }
        self.send(&Answer::Hidden(out_of_sight))
    }

    /// Ends the workbook.
    pub(super) fn done(mut self) -> Result<(), Stop> {
        self.flush()?;
        self.send(&Answer::Done)
    }

    fn flush_if_full(&mut self) -> Result<(), Stop> {
        let is_full = self.batch.len() >= BATCH_CELLS || self.batch.bytes().len() >= BATCH_BYTES;
        if is_full { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> Result<(), Stop> {
        if self.batch.len() == 0 {
            return Ok(());
        }
        wire::write_cells(self.output, self.batch.bytes()).map_err(Stop::Output)?;
        self.batch.clear();
        Ok(())
    }

    fn send(&mut self, answer: &Answer) -> Result<(), Stop> {
        wire::write(self.output, answer).map_err(Stop::Output)
    }

    fn out_of_range(&self) -> Stop {
        malformed(
            self.label,
            Place::sheet(&self.sheet),
            &format!(
                "has a cell beyond the last row or column of a sheet on sheet `{}`",
                self.sheet
            ),
        )
        .into()
    }

    /// Why the sheet is not taken when a cell was read otherwise than it stands in the file.
    pub(super) fn unlike(&self, address: CellAddress) -> Stop {
        let what =
            format!("does not say clearly what is in cell {address} of sheet `{}`", self.sheet);
        malformed(self.label, Place::cell(&self.sheet, address), &what).into()
    }

    fn duplicate(&self, address: CellAddress) -> Stop {
        duplicate(self.label, Some(&self.sheet), address).into()
    }

    fn too_long(&self, address: CellAddress) -> Stop {
        Finding::new(
            Severity::Error,
            "cell-too-long",
            Place::cell(&self.sheet, address),
            format!(
                "`{}` has more text in cell {address} of sheet `{}` than can be read",
                self.label, self.sheet
            ),
        )
        .with_hint("shorten the text in that cell")
        .into()
    }
}

/// The finding about a file that is not built as spreadsheet programs build it.
pub(super) fn malformed(label: &str, place: Place, what: &str) -> Finding {
    Finding::new(
        Severity::Error,
        "workbook-malformed",
        place,
        format!("`{label}` {what}: the file is damaged"),
    )
    .with_hint("open it in Excel, save it again as .xlsx, and send that")
}

/// The finding about a cell that is there twice, on a sheet if its name is known.
pub(super) fn duplicate(label: &str, sheet: Option<&str>, address: CellAddress) -> Finding {
    let (place, on) = match sheet {
        Some(sheet) => (Place::cell(sheet, address), format!("sheet `{sheet}`")),
        None => (Place::file(), "a sheet".to_owned()),
    };
    Finding::new(
        Severity::Error,
        "duplicate-cell",
        place,
        format!("`{label}` holds cell {address} of {on} twice, so it is not known which is meant"),
    )
    .with_hint("open the file in Excel, check that cell, save it again as .xlsx, and send that")
}

/// The finding about a sheet or file with too many cells.
pub(super) fn too_many(label: &str, place: Place, most: usize) -> Finding {
    let on = match place.sheet.as_str() {
        "" => String::new(),
        sheet => format!(" on sheet `{sheet}`"),
    };
    let message = format!("`{label}` has more than {most} filled cells{on}");
    Finding::new(Severity::Error, "too-many-cells", place, message)
        .with_hint("send only the sheets that were asked for")
}

/// The finding about a file that holds too much.
pub(super) fn too_large(label: &str, limit_bytes: u64) -> Finding {
    Finding::new(
        Severity::Error,
        "workbook-too-large",
        Place::file(),
        format!("`{label}` unpacks to more than the {} MiB allowed", limit_bytes / (1024 * 1024)),
    )
    .with_hint("send only the sheets that were asked for, without pictures")
}
