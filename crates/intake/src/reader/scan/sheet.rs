//! A first look through one worksheet of an xlsx file.

use model::{CellAddress, Place};

use super::super::emit::{COLUMNS_MAX, ROWS_MAX, malformed, too_many};
use super::super::facts::SheetFacts;
use super::super::guard::Archive;
use super::super::package::{Next, Trouble, tags_of};
use super::super::tags::{Element, Tag};

/// Error values that the reader knows.
const KNOWN_ERRORS: [&str; 7] =
    ["#DIV/0!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!"];
/// Most bytes looked at of a value; longer ones are text.
const VALUE_BYTES_MAX: usize = 1024;
/// Longest error value kept.
const ERROR_CHARACTERS_MAX: usize = 40;

/// What cells may refer to.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Known {
    pub(super) strings: u64,
    /// `None` if the file has no formats at all.
    pub(super) formats: Option<u64>,
    /// Most filled cells of a sheet.
    pub(super) cells_max: usize,
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

/// Where the look through one sheet stands.
struct SheetScan<'a> {
    name: &'a str,
    label: &'a str,
    known: Known,
    is_in_data: bool,
    is_in_value: bool,
    row: u32,
    column: u32,
    has_unaddressed: bool,
    cells: usize,
    cell: Option<Seen>,
    /// The value of that cell, as far as it matters.
    value: Vec<u8>,
    facts: SheetFacts,
}

/// Looks through a sheet by its part and its name.
pub(super) fn scan(
    archive: &mut Archive<'_>,
    part: &str,
    name: &str,
    label: &str,
    known: Known,
) -> Result<SheetFacts, Trouble> {
    let mut scan = SheetScan {
        name,
        label,
        known,
        is_in_data: false,
        is_in_value: false,
        row: 0,
        column: 0,
        has_unaddressed: false,
        cells: 0,
        cell: None,
        value: Vec::new(),
        facts: SheetFacts::default(),
    };
    tags_of(archive, part, label, |tag| scan.tag(tag))?;
    if scan.has_unaddressed && !scan.facts.errors.is_empty() {
        // The reader loses count of cells without an address when it stumbles.
        return Err(scan.odd(None, "has errors among cells that do not say where they are"));
    }
    Ok(scan.facts)
}

impl SheetScan<'_> {
    fn tag(&mut self, tag: &Tag<'_>) -> Result<Next, Trouble> {
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
                    self.row += 1;
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
        let place = Place { sheet: self.name.to_owned(), cell };
        let at = match cell {
            Some(cell) => format!("{what} at cell {cell} of sheet `{}`", self.name),
            None => format!("{what} on sheet `{}`", self.name),
        };
        malformed(self.label, place, &at).into()
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
                    Some(number @ 1..=ROWS_MAX) => self.row = number - 1,
                    _ => return Err(self.odd(None, "has a row of no possible number")),
                },
                _ => is_hidden |= hides(name, value, b"ht"),
            }
        }
        if is_hidden && self.row < ROWS_MAX {
            self.facts.hidden_rows.add(self.row, self.row);
        }
        Ok(())
    }

    fn enter_cell(&mut self, element: Element<'_>) -> Result<(), Trouble> {
        let (mut place, mut kind, mut format) = (None, None, None);
        for attribute in element.attributes() {
            let (name, value) = attribute.ok_or_else(|| self.unclear())?;
            let slot = match name {
                b"r" => &mut place,
                b"t" => &mut kind,
                b"s" => &mut format,
                _ => continue,
            };
            // Of two, the reader may take the other one.
            if slot.replace(value).is_some() {
                return Err(self.unclear());
            }
        }
        let address = if let Some(place) = place {
            let address = address(place)
                .ok_or_else(|| self.odd(None, "has a cell of no possible address"))?;
            if address.row != self.row {
                return Err(self.odd(Some(address), "has a cell in another row than it says"));
            }
            address
        } else {
            self.has_unaddressed = true;
            CellAddress::new(self.row, self.column)
        };
        self.column = address.column + 1;
        self.value.clear();
        self.cell = Some(Seen {
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
        });
        Ok(())
    }

    fn leave_cell(&mut self) -> Result<(), Trouble> {
        let Some(cell) = self.cell.take() else {
            return Ok(());
        };
        // No more is looked at than will be read.
        self.cells += usize::from(!self.value.is_empty());
        if self.known.cells_max < self.cells {
            let place = Place::sheet(self.name);
            return Err(too_many(self.label, place, self.known.cells_max).into());
        }
        // Of such values the reader takes the first piece only, and of several the last.
        if cell.kind != Kind::Other && !cell.is_value_plain {
            return Err(self.odd(Some(cell.address), "has a value in pieces"));
        }
        if cell.values > 1 {
            return Err(self.odd(Some(cell.address), "has two values"));
        }
        if self.value.is_empty() && cell.kind != Kind::Bool {
            return Ok(());
        }
        match cell.kind {
            Kind::Number if !cell.is_formatted => {
                return Err(self.odd(Some(cell.address), "refers to a format that is not there"));
            }
            Kind::SharedText => {
                if digits(&self.value).is_none_or(|index| index >= self.known.strings) {
                    return Err(self.odd(Some(cell.address), "refers to a text that is not there"));
                }
            }
            Kind::Error => {
                if !KNOWN_ERRORS.iter().any(|known| known.as_bytes() == self.value) {
                    self.stumble(cell.address);
                }
            }
            Kind::Bool => {
                let is_known = ["", "0", "1", "false", "true"]
                    .iter()
                    .any(|known| self.value.trim_ascii().eq_ignore_ascii_case(known.as_bytes()));
                if !is_known {
                    self.stumble(cell.address);
                }
            }
            Kind::Number | Kind::Other => {}
        }
        Ok(())
    }

    /// Without its format a date would be read as a number.
    fn has_format(&self, format: Option<&[u8]>) -> bool {
        match (self.known.formats, format) {
            (None, _) | (_, None | Some(b"")) => true,
            (Some(formats), Some(format)) => digits(format).is_some_and(|format| format < formats),
        }
    }

    fn stumble(&mut self, address: CellAddress) {
        let value = String::from_utf8_lossy(&self.value);
        let shown = value.chars().take(ERROR_CHARACTERS_MAX).collect();
        self.facts.errors.insert(address, shown);
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
