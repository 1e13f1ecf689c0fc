//! A first look through the parts of an xlsx file, for what its reader gets wrong without a word:
//! string numbers that point nowhere, cells that are not where they say, errors it does not know.

use std::collections::BTreeMap;
use std::io::{BufReader, Read};

use model::{CellAddress, Finding, Place};
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::emit::malformed;
use super::guard::Archive;

/// Error values that the reader knows.
const KNOWN_ERRORS: [&str; 7] =
    ["#DIV/0!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!"];
/// Fewest bytes that one shared string takes in the file: `<si/>`.
const SHARED_STRING_BYTES_MIN: u64 = 5;
/// Longest error value kept.
const ERROR_CHARACTERS_MAX: usize = 40;

/// What the reader must be told about each sheet, by name: cells that it stumbles over, with the
/// error value to show for them.
pub(super) type Stumbles = BTreeMap<String, BTreeMap<CellAddress, String>>;

/// Why the look ended early.
enum Trouble {
    /// The XML cannot be read; the reader will say so too, and knows the sheet.
    Xml,
    Found(Box<Finding>),
}

/// Looks through shared strings and sheets.
pub(super) fn scan(archive: &mut Archive<'_>, label: &str) -> Result<Stumbles, Finding> {
    match try_scan(archive, label) {
        Ok(stumbles) => Ok(stumbles),
        Err(Trouble::Found(finding)) => Err(*finding),
        Err(Trouble::Xml) => {
            Err(malformed(label, Place::file(), "has a part that is not proper XML"))
        }
    }
}

fn try_scan(archive: &mut Archive<'_>, label: &str) -> Result<Stumbles, Trouble> {
    let (folder, workbook) = workbook_part(archive)?;
    let strings = count_strings(archive, &format!("{folder}sharedStrings.xml"), label)?;
    let mut stumbles = Stumbles::new();
    for (name, part) in sheet_parts(archive, &folder, &workbook)? {
        let found = scan_sheet(archive, &part, &name, label, strings)?;
        if !found.is_empty() {
            stumbles.insert(name, found);
        }
    }
    Ok(stumbles)
}

/// Whether to go on with the next event.
enum Next {
    On,
    Stop,
}

/// Calls `visit` with each event of a part; a part that is not there has none.
fn events(
    archive: &mut Archive<'_>,
    part: &str,
    mut visit: impl FnMut(&Event<'_>) -> Result<Next, Trouble>,
) -> Result<(), Trouble> {
    let wanted = part.trim_start_matches('/').to_lowercase();
    let index = archive
        .file_names()
        .position(|name| name.is_ok_and(|name| name.replace('\\', "/").to_lowercase() == wanted));
    let Some(index) = index else {
        return Ok(());
    };
    let part = archive.by_index(index).map_err(|_| Trouble::Xml)?;
    let size_bytes = part.size();
    let mut reader = Reader::from_reader(BufReader::new(part.take(size_bytes)));
    reader.config_mut().expand_empty_elements = true;
    reader.config_mut().check_end_names = false;
    let mut buffer = Vec::new();
    loop {
        buffer.clear();
        let event = reader.read_event_into(&mut buffer).map_err(|_| Trouble::Xml)?;
        if matches!(event, Event::Eof) {
            return Ok(());
        }
        if let Next::Stop = visit(&event)? {
            return Ok(());
        }
    }
}

fn attribute(element: &BytesStart<'_>, name: &str) -> Option<String> {
    element
        .attributes()
        .with_checks(false)
        .flatten()
        .find(|attribute| attribute.key.local_name().as_ref() == name)
        .map(|attribute| match attribute.normalized_value(quick_xml::XmlVersion::Explicit1_0) {
            Ok(value) => value.into_owned(),
            Err(_) => attribute.value.into_owned(),
        })
}

/// The folder of the main part, with its slash, and the part's name.
fn workbook_part(archive: &mut Archive<'_>) -> Result<(String, String), Trouble> {
    let mut target = "xl/workbook.xml".to_owned();
    events(archive, "_rels/.rels", |event| {
        if let Event::Start(element) = event
            && element.local_name().as_ref() == "Relationship"
            && attribute(element, "Type").is_some_and(|kind| kind.ends_with("/officeDocument"))
            && let Some(named) = attribute(element, "Target")
        {
            target = named;
        }
        Ok(Next::On)
    })?;
    let target = target.trim_start_matches('/');
    let start = target.rfind('/').map_or(0, |slash| slash + 1);
    Ok((target[..start].to_owned(), target[start..].to_owned()))
}

/// Sheet names and their parts, in workbook order.
fn sheet_parts(
    archive: &mut Archive<'_>,
    folder: &str,
    workbook: &str,
) -> Result<Vec<(String, String)>, Trouble> {
    let mut targets = BTreeMap::new();
    events(archive, &format!("{folder}_rels/{workbook}.rels"), |event| {
        if let Event::Start(element) = event
            && let (Some(id), Some(target)) =
                (attribute(element, "Id"), attribute(element, "Target"))
        {
            targets.insert(id, target);
        }
        Ok(Next::On)
    })?;
    let mut parts = Vec::new();
    events(archive, &format!("{folder}{workbook}"), |event| {
        if let Event::Start(element) = event
            && element.local_name().as_ref() == "sheet"
            && let (Some(name), Some(id)) = (attribute(element, "name"), attribute(element, "id"))
            && let Some(target) = targets.get(&id)
        {
            let part = match target.strip_prefix('/') {
                Some(absolute) => absolute.to_owned(),
                None => format!("{folder}{target}"),
            };
            parts.push((name, part));
        }
        Ok(Next::On)
    })?;
    Ok(parts)
}

/// How many shared strings there are; the number that is claimed must be possible, because the
/// reader makes room for it.
fn count_strings(archive: &mut Archive<'_>, part: &str, label: &str) -> Result<u64, Trouble> {
    let size_bytes = archive.by_name(part).map_or(u64::MAX, |part| part.size());
    let mut strings = 0;
    events(archive, part, |event| {
        if let Event::Start(element) = event {
            match element.local_name().as_ref() {
                "si" => strings += 1,
                "sst" => {
                    let claimed =
                        attribute(element, "uniqueCount").map(|count| count.parse::<u64>());
                    let is_possible = match claimed {
                        None => true,
                        Some(Ok(count)) => count <= size_bytes / SHARED_STRING_BYTES_MIN + 1,
                        Some(Err(_)) => false,
                    };
                    if !is_possible {
                        let what = "claims more texts than it has room for";
                        return Err(found(malformed(label, Place::file(), what)));
                    }
                }
                _ => {}
            }
        }
        Ok(Next::On)
    })?;
    Ok(strings)
}

fn found(finding: Finding) -> Trouble {
    Trouble::Found(Box::new(finding))
}

/// A cell while it is looked at.
struct Seen {
    address: CellAddress,
    kind: String,
    value: String,
    is_value_plain: bool,
}

/// Where the look through one sheet stands.
struct SheetScan<'a> {
    name: &'a str,
    label: &'a str,
    strings: u64,
    is_in_data: bool,
    is_in_value: bool,
    row: u32,
    column: u32,
    has_unaddressed: bool,
    cell: Option<Seen>,
    stumbles: BTreeMap<CellAddress, String>,
}

fn scan_sheet(
    archive: &mut Archive<'_>,
    part: &str,
    name: &str,
    label: &str,
    strings: u64,
) -> Result<BTreeMap<CellAddress, String>, Trouble> {
    let mut scan = SheetScan {
        name,
        label,
        strings,
        is_in_data: false,
        is_in_value: false,
        row: 0,
        column: 0,
        has_unaddressed: false,
        cell: None,
        stumbles: BTreeMap::new(),
    };
    events(archive, part, |event| scan.event(event))?;
    if scan.has_unaddressed && !scan.stumbles.is_empty() {
        // The reader loses count of cells without an address when it stumbles.
        return Err(scan.odd(None, "has errors among cells that do not say where they are"));
    }
    Ok(scan.stumbles)
}

impl SheetScan<'_> {
    fn event(&mut self, event: &Event<'_>) -> Result<Next, Trouble> {
        match event {
            Event::Start(element) => match element.local_name().as_ref() {
                "sheetData" => self.is_in_data = true,
                _ if !self.is_in_data => {}
                "row" => self.enter_row(element)?,
                "c" => self.enter_cell(element)?,
                "v" => self.is_in_value = true,
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
        found(malformed(self.label, place, &at))
    }

    fn enter_row(&mut self, element: &BytesStart<'_>) -> Result<(), Trouble> {
        if let Some(number) = attribute(element, "r") {
            match number.parse::<u32>() {
                Ok(number) if (1..=1_048_576).contains(&number) => self.row = number - 1,
                _ => return Err(self.odd(None, "has a row of no possible number")),
            }
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
            value: String::new(),
            is_value_plain: true,
        });
        Ok(())
    }

    fn leave_cell(&mut self) -> Result<(), Trouble> {
        let Some(cell) = self.cell.take() else {
            return Ok(());
        };
        let value = cell.value.as_str();
        // Of such values the reader takes the first piece only.
        let is_read_raw = matches!(cell.kind.as_str(), "" | "n" | "s" | "b" | "e");
        if is_read_raw && !cell.is_value_plain {
            return Err(self.odd(Some(cell.address), "has a value in pieces"));
        }
        match cell.kind.as_str() {
            "s" if !value.is_empty() => {
                let is_number = value.bytes().all(|byte| byte.is_ascii_digit());
                let exists = value.parse::<u64>().is_ok_and(|index| index < self.strings);
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

    fn stumble(&mut self, cell: &Seen) {
        let shown = cell.value.chars().take(ERROR_CHARACTERS_MAX).collect();
        self.stumbles.insert(cell.address, shown);
    }
}
