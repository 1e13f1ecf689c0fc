//! Cells of a sheet that wait to be sent, and what is checked of them before anybody else sees
//! them.

use hashbrown::HashTable;
use model::CellAddress;

use super::cells::Batch;
use super::emit::{COLUMNS_MAX, ROWS_MAX};
use super::formulas::Formulas;
use super::seen::Seen;
use crate::workbook::Cell;

/// Cells sent at once.
const BATCH_CELLS: usize = 40_000;
/// Bytes sent at once, if one cell alone does not have more.
const BATCH_BYTES: usize = 192 * 1024;
/// Longest text of one cell, in bytes; Excel itself ends at 32,767 characters.
const CELL_TEXT_BYTES_MAX: usize = 1024 * 1024;

/// What is wrong with a cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Odd {
    OutOfRange,
    Duplicate(CellAddress),
    TooLong(CellAddress),
}

/// The numbers of texts of one sheet.
#[derive(Default)]
pub(super) struct Numbers {
    /// How many texts have a number.
    count: u32,
    /// Texts that stay where they are while the sheet is read, by where that is: place, length and
    /// number.
    shared: HashTable<(usize, usize, u32)>,
}

impl Numbers {
    /// The number of a text that stays where it is, if it has one; it is given the next otherwise.
    fn of_shared(&mut self, text: &str) -> Option<u32> {
        let (place, length) = (text.as_ptr().addr(), text.len());
        let hash = spread(place);
        let found = self.shared.find(hash, |known| (known.0, known.1) == (place, length));
        if let Some((.., number)) = found {
            return Some(*number);
        }
        self.shared.insert_unique(hash, (place, length, self.count), |known| spread(known.0));
        None
    }
}

/// Places are far apart and hardly chosen by whoever wrote the file.
fn spread(place: usize) -> u64 {
    let place = u64::try_from(place).unwrap_or(u64::MAX);
    (place ^ (place >> 29)).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

/// Cells of one sheet that wait to be sent.
pub(super) struct Gathered {
    batch: Batch,
    /// Their addresses.
    pub(super) seen: Seen,
    /// How many bytes of text they have, every repetition counted.
    pub(super) text_bytes: u64,
    /// The last of them.
    pub(super) last: Option<CellAddress>,
    /// Formulas that were met.
    pub(super) formulas: Formulas,
}

impl Gathered {
    /// Nothing yet; texts are numbered by one of [`super::cells::NUMBERERS`].
    pub(super) fn new(numberer: u8) -> Self {
        Self {
            batch: Batch::new(numberer),
            seen: Seen::default(),
            text_bytes: 0,
            last: None,
            formulas: Formulas::default(),
        }
    }

    /// Nothing yet, after these.
    pub(super) fn after(&self) -> Self {
        Self { batch: self.batch.after(), ..Self::new(0) }
    }

    /// How many cells wait.
    pub(super) fn len(&self) -> usize {
        self.batch.len()
    }

    /// The batch of them.
    pub(super) fn bytes(&self) -> &[u8] {
        self.batch.bytes()
    }

    /// Forgets them: they have been sent.
    pub(super) fn clear(&mut self) {
        self.batch.clear();
        self.seen.clear();
        self.text_bytes = 0;
    }

    /// Whether it is time to send them.
    pub(super) fn is_full(&self) -> bool {
        self.batch.len() >= BATCH_CELLS || self.batch.bytes().len() >= BATCH_BYTES
    }

    /// Takes one cell that holds something.
    pub(super) fn cell(
        &mut self,
        row: u32,
        column: u32,
        cell: Cell<'_>,
        numbers: &mut Numbers,
    ) -> Result<(), Odd> {
        let text_bytes = match cell {
            Cell::Text(text) | Cell::Error(text) => text.len(),
            _ => 0,
        };
        let address = self.admit(row, column, text_bytes)?;
        if let Cell::Text(_) = cell {
            numbers.count = numbers.count.saturating_add(1);
        }
        self.batch.push(address, cell);
        Ok(())
    }

    /// Takes one cell whose text stays where it is until the next sheet begins, as shared strings
    /// do: it is sent once.
    pub(super) fn shared_text(
        &mut self,
        row: u32,
        column: u32,
        text: &str,
        numbers: &mut Numbers,
    ) -> Result<(), Odd> {
        let address = self.admit(row, column, text.len())?;
        if let Some(known) = numbers.of_shared(text) {
            self.batch.push_known(address, known);
        } else {
            numbers.count = numbers.count.saturating_add(1);
            self.batch.push(address, Cell::Text(text));
        }
        Ok(())
    }

    /// Whether a cell may be there, and as much text in it.
    fn admit(&mut self, row: u32, column: u32, text_bytes: usize) -> Result<CellAddress, Odd> {
        if row >= ROWS_MAX || column >= COLUMNS_MAX {
            return Err(Odd::OutOfRange);
        }
        let address = CellAddress::new(row, column);
        if !self.seen.insert(address) {
            return Err(Odd::Duplicate(address));
        }
        if text_bytes > CELL_TEXT_BYTES_MAX {
            return Err(Odd::TooLong(address));
        }
        self.text_bytes += u64::try_from(text_bytes).unwrap_or(u64::MAX);
        self.last = Some(address);
        Ok(address)
    }
}
