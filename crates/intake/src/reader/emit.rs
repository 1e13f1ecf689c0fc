//! Sending a workbook while it is being read, within limits.

use std::collections::BTreeSet;
use std::io::{self, Write};

use model::{CellAddress, Finding, Place, Severity};

use super::facts::Spans;
use super::formulas::Formulas;
use super::gathered::{Gathered, Numbers, Odd};
use super::seen::Seen;
use super::wire::{self, Answer, Limits};
use crate::workbook::{Cell, FileKind, OutOfSight};

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
    /// Addresses of this sheet that have been sent.
    seen: Seen,
    /// Cells that wait, of whoever reads a sheet alone.
    gathered: Gathered,
    numbers: Numbers,
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
            gathered: Gathered::new(0),
            numbers: Numbers::default(),
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
        self.numbers = Numbers::default();
        self.send(&Answer::Sheet { name: name.to_owned(), visible })
    }

    /// Takes one cell that holds something.
    pub(super) fn cell(&mut self, row: u32, column: u32, cell: Cell<'_>) -> Result<(), Stop> {
        let taken = self.gathered.cell(row, column, cell, &mut self.numbers);
        taken.map_err(|odd| self.odd(odd))?;
        let cells = self.gathered.len();
        let is_too_much = self.sheet_cells + cells > self.limits.cells_per_sheet_max
            || self.file_cells + cells > self.limits.cells_per_file_max;
        if is_too_much || self.gathered.is_full() { self.flush() } else { Ok(()) }
    }

    /// Sends cells that were gathered of this sheet, unless one of them came before or they are too
    /// many.
    pub(super) fn take(&mut self, gathered: &mut Gathered) -> Result<(), Stop> {
        let taken = self.seen.take(std::mem::take(&mut gathered.seen));
        taken.map_err(|address| self.duplicate(address))?;
        self.sheet_cells += gathered.len();
        self.file_cells += gathered.len();
        if self.sheet_cells > self.limits.cells_per_sheet_max {
            let most = self.limits.cells_per_sheet_max;
            return Err(too_many(self.label, Place::sheet(&self.sheet), most).into());
        }
        if self.file_cells > self.limits.cells_per_file_max {
            let most = self.limits.cells_per_file_max;
            return Err(too_many(self.label, Place::file(), most).into());
        }
        self.file_text_bytes = self.file_text_bytes.saturating_add(gathered.text_bytes);
        // A long text that many cells share is small in the file and large outside it.
        if self.file_text_bytes > self.limits.uncompressed_bytes_max {
            return Err(too_large(self.label, self.limits.uncompressed_bytes_max).into());
        }
        if gathered.len() > 0 {
            wire::write_cells(self.output, gathered.bytes()).map_err(Stop::Output)?;
        }
        gathered.clear();
        Ok(())
    }

    /// Says which rows and columns of the sheet are out of sight.
    pub(super) fn hidden(&mut self, rows: &Spans, columns: &Spans) -> Result<(), Stop> {
        let out_of_sight = OutOfSight { rows: rows.sorted(), columns: columns.sorted() };
        if out_of_sight.is_empty() {
            return Ok(());
        }
        self.send(&Answer::Hidden(out_of_sight))
    }

    /// Says where zeros are stored for formulas that nobody calculated, as it seems.
    pub(super) fn all_zero(&mut self, formulas: Formulas) -> Result<(), Stop> {
        let cells = formulas.all_zero();
        if cells.is_empty() { Ok(()) } else { self.send(&Answer::ZeroFormulas(cells)) }
    }

    /// Ends the workbook.
    pub(super) fn done(mut self) -> Result<(), Stop> {
        self.flush()?;
        self.send(&Answer::Done)
    }

    fn flush(&mut self) -> Result<(), Stop> {
        let mut gathered = std::mem::replace(&mut self.gathered, Gathered::new(0));
        self.take(&mut gathered)?;
        self.gathered = gathered;
        Ok(())
    }

    fn send(&mut self, answer: &Answer) -> Result<(), Stop> {
        wire::write(self.output, answer).map_err(Stop::Output)
    }

    /// Why the sheet is not taken when a cell is odd.
    pub(super) fn odd(&self, odd: Odd) -> Stop {
        match odd {
            Odd::OutOfRange => self.out_of_range(),
            Odd::Duplicate(address) => self.duplicate(address),
            Odd::TooLong(address) => self.too_long(address),
        }
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
