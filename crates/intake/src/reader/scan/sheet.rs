//! A first look through one worksheet of an xlsx file.

use std::sync::Arc;

use model::{CellAddress, Place};

use super::super::emit::{COLUMNS_MAX, ROWS_MAX, malformed, too_many};
use super::super::facts::SheetFacts;
use super::super::package::{Next, Trouble};
use super::super::tags::{Element, Piece, Tag, piece};
use super::plain::{Said, plain_cell};

/// Error values that the reader knows.
const KNOWN_ERRORS: [&str; 7] =
    ["#DIV/0!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!"];
/// Most bytes looked at of a value; longer ones are text.
const VALUE_BYTES_MAX: usize = 1024;
/// Longest error value kept.
const ERROR_CHARACTERS_MAX: usize = 40;

/// What cells may refer to.
#[derive(Clone, Copy, Debug, Default)]
pub(in super::super) struct Known {
    pub(in super::super) strings: u64,
    /// `None` if the file has no formats at all.
    pub(in super::super) formats: Option<u64>,
    /// Most filled cells of a sheet.
    pub(in super::super) cells_max: usize,
}

/// What sheet is looked through, and for whom.
#[derive(Clone, Debug)]
pub(in super::super) struct Whose {
    /// The sheet's name.
    pub(in super::super) name: Arc<str>,
    /// What the file is called.
    pub(in super::super) label: Arc<str>,
    pub(in super::super) known: Known,
}

/// What kind of value a cell says it holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Number,
    SharedText,
    Bool,
    Error,
    /// Of others the reader takes all pieces and refuses what it does not know.
    Other,
}

/// A cell while it is looked at.
struct Seen {
    address: CellAddress,
    kind: Kind,
    /// Whether the format it refers to is there.
    is_formatted: bool,
    values: u32,
    is_value_plain: bool,
}

/// Where the look through one sheet, or through some of its rows, stands.
pub(in super::super) struct SheetScan {
    whose: Whose,
    is_in_data: bool,
    is_in_value: bool,
    /// The row that is next if it does not say its number; nothing if that depends on what was not
    /// looked at.
    row: Option<u32>,
    column: u32,
    has_unaddressed: bool,
    /// Filled cells, those before these rows included, and how many those were.
    cells: usize,
    cells_before: usize,
    cell: Option<Seen>,
    /// The value of that cell, as far as it matters.
    value: Vec<u8>,
    /// Elements that are open, and how few there were.
    depth: i64,
    depth_min: i64,
    facts: SheetFacts,
}

/// How far a look came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) struct Looked {
    /// Bytes looked at: whole tags and texts.
    pub(in super::super) bytes: usize,
    /// Whether the data of the sheet ends there.
    pub(in super::super) is_over: bool,
}

/// What is left of a look.
#[derive(Debug, Default)]
pub(in super::super) struct Outcome {
    pub(in super::super) facts: SheetFacts,
    /// Filled cells.
    pub(in super::super) cells: usize,
    pub(in super::super) has_unaddressed: bool,
    /// The row that is next if it does not say its number.
    pub(in super::super) row: Option<u32>,
}

impl SheetScan {
    /// A look through a sheet from its very start.
    pub(in super::super) fn of_sheet(whose: Whose) -> Self {
        Self { is_in_data: false, ..Self::of_rows(whose, Some(0), 0) }
    }

    /// A look through rows of a sheet, given the row that is next if it does not say its number, if
    /// that is known, and how many filled cells were before.
    pub(in super::super) fn of_rows(whose: Whose, row: Option<u32>, cells_before: usize) -> Self {
        Self {
            whose,
            is_in_data: true,
            is_in_value: false,
            row,
            column: 0,
            has_unaddressed: false,
            cells: cells_before,
            cells_before,
            cell: None,
            value: Vec::new(),
            depth: 0,
            depth_min: 0,
            facts: SheetFacts::default(),
        }
    }

    /// Looks at more of it, as far as tags are whole.
    pub(in super::super) fn look(&mut self, bytes: &[u8]) -> Result<Looked, Trouble> {
        let mut at = 0;
        loop {
            if self.is_in_data && !self.is_in_value && self.cell.is_none() {
                while let Some((said, value, length)) = plain_cell(&bytes[at..]) {
                    let cell = self.seen(said)?;
                    self.judge(&cell, value)?;
                    at += length;
                }
            }
            match piece(&bytes[at..], &mut |tag| self.tag(tag))? {
                Some(Piece::On(length)) => at += length,
                Some(Piece::Stop(length)) => {
                    return Ok(Looked { bytes: at + length, is_over: true });
                }
                None => return Ok(Looked { bytes: at, is_over: false }),
            }
        }
    }

    /// Looks at some rows, which must be whole.
    pub(in super::super) fn look_at_rows(&mut self, bytes: &[u8]) -> Result<(), Trouble> {
        let looked = self.look(bytes)?;
        let is_whole = looked.bytes == bytes.len() && !looked.is_over;
        let is_outside = self.cell.is_none() && !self.is_in_value;
        if is_whole && is_outside && (self.depth, self.depth_min) == (0, 0) {
            return Ok(());
        }
        Err(Trouble::Xml)
    }

    /// Whether what follows is rows.
    pub(in super::super) fn is_in_data(&self) -> bool {
        self.is_in_data
    }

    /// What is left of it.
    pub(in super::super) fn outcome(self) -> Outcome {
        let Self { facts, cells, cells_before, has_unaddressed, row, .. } = self;
        let cells = cells - cells_before;
        Outcome { facts, cells, has_unaddressed, row }
    }

    fn tag(&mut self, tag: &Tag<'_>) -> Result<Next, Trouble> {
        match tag {
            Tag::Start(_) => self.depth += 1,
            Tag::End(_) => {
                self.depth -= 1;
                self.depth_min = self.depth_min.min(self.depth);
            }
            Tag::Text(_) | Tag::Other => {}
        }
        match tag {
            Tag::Start(_) | Tag::Other if self.is_in_value => self.is_not_plain(),
            Tag::Start(element) => match element.name {
                b"c" if self.is_in_data => self.enter_cell(*element)?,
                b"v" if self.is_in_data => {
                    self.is_in_value = true;
                    if let Some(cell) = &mut self.cell {
                        cell.values += 1;
                    }
                }
                b"row" if self.is_in_data => self.enter_row(*element)?,
                b"sheetData" => self.is_in_data = true,
                b"col" if !self.is_in_data => self.column_settings(*element),
                _ => {}
            },
            Tag::Text(text) if self.is_in_value => {
                if text.contains(&b'&') {
                    self.is_not_plain();
                }
                let room = VALUE_BYTES_MAX.saturating_sub(self.value.len());
                self.value.extend_from_slice(&text[..room.min(text.len())]);
            }
            Tag::End(name) => match *name {
                b"v" => self.is_in_value = false,
                b"c" => self.leave_cell()?,
                b"row" => {
                    self.row = self.row.map(|row| row.saturating_add(1));
                    self.column = 0;
                }
                b"sheetData" => return Ok(Next::Stop),
                _ => {}
            },
            Tag::Text(_) | Tag::Other => {}
        }
        Ok(Next::On)
    }

    /// The value is cut up by a reference, a comment or an element.
    fn is_not_plain(&mut self) {
        if let Some(cell) = &mut self.cell {
            cell.is_value_plain = false;
        }
    }

    fn odd(&self, cell: Option<CellAddress>, what: &str) -> Trouble {
        self.whose.odd(cell, what)
    }

    fn unclear(&self) -> Trouble {
        self.odd(None, "has an element that is not written properly")
    }

    fn column_settings(&mut self, element: Element<'_>) {
        let (mut first, mut last, mut is_hidden) = (None, None, false);
        for (name, value) in element.attributes().flatten() {
            match name {
                b"min" => first = number(value),
                b"max" => last = number(value),
                _ => is_hidden |= hides(name, value, b"width"),
            }
        }
        if is_hidden && let (Some(first @ 1..=COLUMNS_MAX), Some(last @ 1..)) = (first, last) {
            self.facts.hidden_columns.add(first - 1, last.min(COLUMNS_MAX) - 1);
        }
    }

    fn enter_row(&mut self, element: Element<'_>) -> Result<(), Trouble> {
        let mut is_hidden = false;
        for attribute in element.attributes() {
            let (name, value) = attribute.ok_or_else(|| self.unclear())?;
            match name {
                b"r" => match number(value) {
                    Some(number @ 1..=ROWS_MAX) => self.row = Some(number - 1),
                    _ => return Err(self.odd(None, "has a row of no possible number")),
                },
                _ => is_hidden |= hides(name, value, b"ht"),
            }
        }
        let row = self.row.ok_or(Trouble::Unplaced)?;
        if is_hidden && row < ROWS_MAX {
            self.facts.hidden_rows.add(row, row);
        }
        Ok(())
    }

    fn enter_cell(&mut self, element: Element<'_>) -> Result<(), Trouble> {
        let mut said = Said::default();
        for attribute in element.attributes() {
            let (name, value) = attribute.ok_or_else(|| self.unclear())?;
            let slot = match name {
                b"r" => &mut said.place,
                b"t" => &mut said.kind,
                b"s" => &mut said.format,
                _ => continue,
            };
            // Of two, the reader may take the other one.
            if slot.replace(value).is_some() {
                return Err(self.unclear());
            }
        }
        let cell = self.seen(said)?;
        self.value.clear();
        self.cell = Some(cell);
        Ok(())
    }

    /// A cell as it says it is.
    fn seen(&mut self, Said { place, format, kind }: Said<'_>) -> Result<Seen, Trouble> {
        let row = self.row.ok_or(Trouble::Unplaced)?;
        let address = if let Some(place) = place {
            let address = address(place)
                .ok_or_else(|| self.odd(None, "has a cell of no possible address"))?;
            if address.row != row {
                return Err(self.odd(Some(address), "has a cell in another row than it says"));
            }
            address
        } else {
            self.has_unaddressed = true;
            CellAddress::new(row, self.column)
        };
        self.column = address.column + 1;
        Ok(Seen {
            address,
            kind: match kind {
                None | Some(b"" | b"n") => Kind::Number,
                Some(b"s") => Kind::SharedText,
                Some(b"b") => Kind::Bool,
                Some(b"e") => Kind::Error,
                Some(_) => Kind::Other,
            },
            is_formatted: self.has_format(format),
            values: 0,
            is_value_plain: true,
        })
    }

    fn leave_cell(&mut self) -> Result<(), Trouble> {
        let Some(cell) = self.cell.take() else {
            return Ok(());
        };
        let value = std::mem::take(&mut self.value);
        let judged = self.judge(&cell, &value);
        self.value = value;
        judged
    }

    fn judge(&mut self, cell: &Seen, value: &[u8]) -> Result<(), Trouble> {
        // No more is looked at than will be read.
        self.cells += usize::from(!value.is_empty());
        if self.whose.known.cells_max < self.cells {
            return Err(self.whose.too_many());
        }
        // Of such values the reader takes the first piece only, and of several the last.
        if cell.kind != Kind::Other && !cell.is_value_plain {
            return Err(self.odd(Some(cell.address), "has a value in pieces"));
        }
        if cell.values > 1 {
            return Err(self.odd(Some(cell.address), "has two values"));
        }
        if value.is_empty() && cell.kind != Kind::Bool {
            return Ok(());
        }
        match cell.kind {
            Kind::Number if !cell.is_formatted => {
                return Err(self.odd(Some(cell.address), "refers to a format that is not there"));
            }
            Kind::SharedText => {
                if digits(value).is_none_or(|index| index >= self.whose.known.strings) {
                    return Err(self.odd(Some(cell.address), "refers to a text that is not there"));
                }
            }
            Kind::Error => {
                if !KNOWN_ERRORS.iter().any(|known| known.as_bytes() == value) {
                    self.stumble(cell.address, value);
                }
            }
            Kind::Bool => {
                let is_known = ["", "0", "1", "false", "true"]
                    .iter()
                    .any(|known| value.trim_ascii().eq_ignore_ascii_case(known.as_bytes()));
                if !is_known {
                    self.stumble(cell.address, value);
                }
            }
            Kind::Number | Kind::Other => {}
        }
        Ok(())
    }

    /// Without its format a date would be read as a number.
    fn has_format(&self, format: Option<&[u8]>) -> bool {
        match (self.whose.known.formats, format) {
            (None, _) | (_, None | Some(b"")) => true,
            (Some(formats), Some(format)) => digits(format).is_some_and(|format| format < formats),
        }
    }

    fn stumble(&mut self, address: CellAddress, value: &[u8]) {
        let value = String::from_utf8_lossy(value);
        let shown = value.chars().take(ERROR_CHARACTERS_MAX).collect();
        self.facts.errors.insert(address, shown);
    }
}

impl Whose {
    /// What is wrong with the sheet, or with a cell of it.
    pub(in super::super) fn odd(&self, cell: Option<CellAddress>, what: &str) -> Trouble {
        let name = &self.name;
        let at = match cell {
            Some(cell) => format!("{what} at cell {cell} of sheet `{name}`"),
            None => format!("{what} on sheet `{name}`"),
        };
        malformed(&self.label, Place { sheet: name.to_string(), cell }, &at).into()
    }

    /// That the sheet has more cells than are read.
    pub(in super::super) fn too_many(&self) -> Trouble {
        too_many(&self.label, Place::sheet(&*self.name), self.known.cells_max).into()
    }
}

/// A row or column is out of sight when it is hidden or has no size at all.
fn hides(name: &[u8], value: &[u8], size: &[u8]) -> bool {
    match name {
        b"hidden" => matches!(value, b"1" | b"true"),
        _ if name == size => str::from_utf8(value).is_ok_and(|size| size.parse::<f64>() == Ok(0.0)),
        _ => false,
    }
}

fn digits(text: &[u8]) -> Option<u64> {
    if text.is_empty() || text.len() > 18 || !text.iter().all(u8::is_ascii_digit) {
        return None;
    }
    Some(text.iter().fold(0, |number, digit| number * 10 + u64::from(digit - b'0')))
}

fn number(text: &[u8]) -> Option<u32> {
    digits(text).and_then(|number| u32::try_from(number).ok())
}

/// Reads `C12`, in capitals or not.
fn address(text: &[u8]) -> Option<CellAddress> {
    let letters = text.iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
    if !(1..=3).contains(&letters) {
        return None;
    }
    let column = text[..letters]
        .iter()
        .fold(0, |column, letter| column * 26 + u32::from(letter.to_ascii_uppercase() - b'A') + 1);
    let row = number(&text[letters..])?;
    let inside = (1..=ROWS_MAX).contains(&row) && column <= COLUMNS_MAX;
    inside.then(|| CellAddress::new(row - 1, column - 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        #[test]
        fn addresses_are_read_as_they_are_written(row in 0..ROWS_MAX, column in 0..COLUMNS_MAX, text in "[A-Za-z]{0,4}[0-9]{0,9}") {
            let wanted = CellAddress::new(row, column);
            proptest::prop_assert_eq!(address(wanted.to_string().as_bytes()), Some(wanted));
            let parsed = text.to_ascii_uppercase().parse::<CellAddress>().ok();
            // Zeros before the number are harmless.
            if parsed.is_some() {
                proptest::prop_assert_eq!(address(text.as_bytes()), parsed);
            }
        }
    }
}
