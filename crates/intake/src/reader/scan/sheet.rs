//! A first look through one worksheet of an xlsx file.

use model::{CellAddress, Place};
use quick_xml::events::{BytesStart, Event};

use super::super::emit::{COLUMNS_MAX, ROWS_MAX, malformed};
use super::super::facts::SheetFacts;
use super::super::guard::Archive;
use super::super::package::{Next, Trouble, attribute, events, is_true};

/// Error values that the reader knows.
const KNOWN_ERRORS: [&str; 7] =
    ["#DIV/0!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!"];
/// Longest error value kept.
const ERROR_CHARACTERS_MAX: usize = 40;

/// What cells may refer to.
#[derive(Clone, Copy)]
pub(super) struct Known {
    pub(super) strings: u64,
    /// `None` if the file has no formats at all.
    pub(super) formats: Option<u64>,
}

/// A cell while it is looked at.
struct Seen {
    address: CellAddress,
    kind: String,
    format: Option<String>,
    value: String,
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
    cell: Option<Seen>,
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
        cell: None,
        facts: SheetFacts::default(),
    };
    events(archive, part, label, |event| scan.event(event))?;
    if scan.has_unaddressed && !scan.facts.errors.is_empty() {
        // The reader loses count of cells without an address when it stumbles.
        return Err(scan.odd(None, "has errors among cells that do not say where they are"));
    }
    Ok(scan.facts)
}

impl SheetScan<'_> {
    fn event(&mut self, event: &Event<'_>) -> Result<Next, Trouble> {
        match event {
            Event::Start(element) => match element.local_name().as_ref() {
                "sheetData" => self.is_in_data = true,
                "col" if !self.is_in_data => self.column_settings(element),
                _ if !self.is_in_data => {}
                "row" => self.enter_row(element)?,
                "c" => self.enter_cell(element)?,
                "v" => {
                    self.is_in_value = true;
                    if let Some(cell) = &mut self.cell {
                        cell.values += 1;
                    }
                }
                _ => {}
            },
            Event::Text(text) if self.is_in_value => {
                if let Some(cell) = &mut self.cell {
                    cell.value.push_str(text.as_ref());
                }
            }
            Event::End(element) => match element.local_name().as_ref() {
                "sheetData" => return Ok(Next::Stop),
                "row" => {
                    self.row += 1;
                    self.column = 0;
                }
                "v" => self.is_in_value = false,
                "c" => self.leave_cell()?,
                _ => {}
            },
            _ if self.is_in_value => {
                if let Some(cell) = &mut self.cell {
                    cell.is_value_plain = false;
                }
            }
            _ => {}
        }
        Ok(Next::On)
    }

    fn odd(&self, cell: Option<CellAddress>, what: &str) -> Trouble {
        let place = Place { sheet: self.name.to_owned(), cell };
        let at = match cell {
            Some(cell) => format!("{what} at cell {cell} of sheet `{}`", self.name),
            None => format!("{what} on sheet `{}`", self.name),
        };
        malformed(self.label, place, &at).into()
    }

    fn column_settings(&mut self, element: &BytesStart<'_>) {
        let number = |name: &str| attribute(element, name)?.parse::<u32>().ok();
        if is_hidden(element, "width")
            && let (Some(first @ 1..=COLUMNS_MAX), Some(last @ 1..)) =
                (number("min"), number("max"))
        {
            self.facts.hidden_columns.add(first - 1, last.min(COLUMNS_MAX) - 1);
        }
    }

    fn enter_row(&mut self, element: &BytesStart<'_>) -> Result<(), Trouble> {
        if let Some(number) = attribute(element, "r") {
            match number.parse::<u32>() {
                Ok(number @ 1..=ROWS_MAX) => self.row = number - 1,
                _ => return Err(self.odd(None, "has a row of no possible number")),
            }
        }
        if is_hidden(element, "ht") && self.row < ROWS_MAX {
            self.facts.hidden_rows.add(self.row, self.row);
        }
        Ok(())
    }

    fn enter_cell(&mut self, element: &BytesStart<'_>) -> Result<(), Trouble> {
        let address = if let Some(text) = attribute(element, "r") {
            let address: CellAddress = text
                .to_ascii_uppercase()
                .parse()
                .map_err(|()| self.odd(None, "has a cell of no possible address"))?;
            if address.row != self.row {
                return Err(self.odd(Some(address), "has a cell in another row than it says"));
            }
            address
        } else {
            self.has_unaddressed = true;
            CellAddress::new(self.row, self.column)
        };
        self.column = address.column + 1;
        self.cell = Some(Seen {
            address,
            kind: attribute(element, "t").unwrap_or_default(),
            format: attribute(element, "s"),
            value: String::new(),
            values: 0,
            is_value_plain: true,
        });
        Ok(())
    }

    fn leave_cell(&mut self) -> Result<(), Trouble> {
        let Some(cell) = self.cell.take() else {
            return Ok(());
        };
        let value = cell.value.as_str();
        // Of such values the reader takes the first piece only, and of several the last.
        let is_read_raw = matches!(cell.kind.as_str(), "" | "n" | "s" | "b" | "e");
        if is_read_raw && !cell.is_value_plain {
            return Err(self.odd(Some(cell.address), "has a value in pieces"));
        }
        if cell.values > 1 {
            return Err(self.odd(Some(cell.address), "has two values"));
        }
        match cell.kind.as_str() {
            "" | "n" if !value.is_empty() && !self.has_format(&cell) => {
                return Err(self.odd(Some(cell.address), "refers to a format that is not there"));
            }
            "s" if !value.is_empty() => {
                let is_number = value.bytes().all(|byte| byte.is_ascii_digit());
                let exists = value.parse::<u64>().is_ok_and(|index| index < self.known.strings);
                if !(is_number && exists) {
                    return Err(self.odd(Some(cell.address), "refers to a text that is not there"));
                }
            }
            "e" if !value.is_empty() && !KNOWN_ERRORS.contains(&value) => self.stumble(&cell),
            "b" => {
                let is_known = ["", "0", "1", "false", "true"]
                    .contains(&value.trim().to_ascii_lowercase().as_str());
                if !is_known {
                    self.stumble(&cell);
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// Without its format a date would be read as a number.
    fn has_format(&self, cell: &Seen) -> bool {
        match (self.known.formats, cell.format.as_deref()) {
            (None, _) | (_, None | Some("")) => true,
            (Some(formats), Some(format)) => format.parse::<u64>().is_ok_and(|it| it < formats),
        }
    }

    fn stumble(&mut self, cell: &Seen) {
        let shown = cell.value.chars().take(ERROR_CHARACTERS_MAX).collect();
        self.facts.errors.insert(cell.address, shown);
    }
}

/// A row or column is out of sight when it is hidden or has no size at all.
fn is_hidden(element: &BytesStart<'_>, size: &str) -> bool {
    attribute(element, "hidden").is_some_and(|value| is_true(&value))
        || attribute(element, size).is_some_and(|size| size.parse::<f64>() == Ok(0.0))
}
