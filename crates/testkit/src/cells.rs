//! The cells of an .xlsx, read without any of the code under test.

use std::collections::BTreeMap;
use std::io::{Cursor, Read as _, Write as _};

use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};
use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

/// The texts of the cells of a sheet, by address (`C12`), as they stand in the file: numbers as
/// written, dates as their serial number. Panics if the file is no .xlsx or has no such sheet.
pub fn cells(xlsx: &[u8], sheet: &str) -> BTreeMap<String, String> {
    let mut archive = ZipArchive::new(Cursor::new(xlsx)).expect("a zip archive");
    let shared = match part(&mut archive, "xl/sharedStrings.xml") {
        Some(xml) => shared_strings(&xml),
        None => Vec::new(),
    };
    let path = sheet_path(&mut archive, sheet);
    let xml = part(&mut archive, &path).expect("the sheet's part");
    let mut found = BTreeMap::new();
    let mut reader = Reader::from_str(&xml);
    let (mut address, mut kind, mut text, mut inside) =
        (String::new(), String::new(), String::new(), false);
    loop {
        match reader.read_event().expect("well-formed XML") {
            Event::Start(start) => match start.local_name().as_ref() {
                "c" => {
                    address = attribute(&start, "r");
                    kind = attribute(&start, "t");
                    text.clear();
                }
                "v" | "t" => inside = true,
                _ => {}
            },
            Event::Text(piece) if inside => text.push_str(&piece.xml10_content()),
            Event::GeneralRef(entity) if inside => {
                text.push_str(&resolved(&entity.xml10_content()));
            }
            Event::End(end) => match end.local_name().as_ref() {
                "v" | "t" => inside = false,
                "c" if !text.is_empty() => {
                    let value = match kind.as_str() {
                        "s" => {
                            let index: usize = text.parse().expect("an index");
                            shared.get(index).expect("a shared string").clone()
                        }
                        _ => text.clone(),
                    };
                    found.insert(std::mem::take(&mut address), value);
                }
                _ => {}
            },
            Event::Eof => return found,
            _ => {}
        }
    }
}

/// The XML parts of an .xlsx, by name.
pub fn xml_parts(xlsx: &[u8]) -> BTreeMap<String, String> {
    let mut archive = ZipArchive::new(Cursor::new(xlsx)).expect("a zip archive");
    let names: Vec<String> = archive
        .file_names()
        .map(|name| name.expect("a name that can be read").into_owned())
        .collect();
    names.into_iter().filter_map(|name| part(&mut archive, &name).map(|xml| (name, xml))).collect()
}

/// The same workbook with the number in one cell changed: as if somebody had typed over it.
/// Panics if the cell holds no number.
pub fn with_cell(xlsx: &[u8], sheet: &str, address: &str, number: &str) -> Vec<u8> {
    let mut archive = ZipArchive::new(Cursor::new(xlsx)).expect("a zip archive");
    let path = sheet_path(&mut archive, sheet);
    let mut copy = ZipWriter::new(Cursor::new(Vec::new()));
    let names: Vec<String> =
        archive.file_names().map(|name| name.expect("a name").into_owned()).collect();
    for name in names {
        let mut xml = part(&mut archive, &name).expect("a part that was listed");
        if name == path {
            let cell = xml.find(&format!("<c r=\"{address}\"")).expect("the cell is in the sheet");
            let from = cell + xml[cell..].find("<v>").expect("a value") + "<v>".len();
            let to = from + xml[from..].find("</v>").expect("an end of the value");
            xml.replace_range(from..to, number);
        }
        copy.start_file(name, SimpleFileOptions::default()).expect("room in memory");
        copy.write_all(xml.as_bytes()).expect("room in memory");
    }
    copy.finish().expect("room in memory").into_inner()
}

pub(crate) type Archive<'a> = ZipArchive<Cursor<&'a [u8]>>;

pub(crate) fn part(archive: &mut Archive<'_>, name: &str) -> Option<String> {
    let mut text = String::new();
    let mut file = archive.by_name(name).ok()?;
    file.read_to_string(&mut text).expect("a part in UTF-8");
    Some(text)
}

pub(crate) fn sheet_path(archive: &mut Archive<'_>, sheet: &str) -> String {
    let workbook = part(archive, "xl/workbook.xml").expect("a workbook");
    let relations = part(archive, "xl/_rels/workbook.xml.rels").expect("its relations");
    let id = elements(&workbook, "sheet", &["name", "id"])
        .into_iter()
        .find(|values| values[0] == sheet)
        .map_or_else(|| panic!("there is no sheet `{sheet}`"), |values| values[1].clone());
    elements(&relations, "Relationship", &["Id", "Target"])
        .into_iter()
        .find(|values| values[0] == id)
        .map(|values| format!("xl/{}", values[1].trim_start_matches("/xl/")))
        .expect("a relation for the sheet")
}

/// Attributes of every element of that name, by local name.
fn elements(xml: &str, name: &str, attributes: &[&str]) -> Vec<Vec<String>> {
    let mut found = Vec::new();
    let mut reader = Reader::from_str(xml);
    loop {
        match reader.read_event().expect("well-formed XML") {
            Event::Start(element) | Event::Empty(element)
                if element.local_name().as_ref() == name =>
            {
                found.push(attributes.iter().map(|key| attribute(&element, key)).collect());
            }
            Event::Eof => return found,
            _ => {}
        }
    }
}

fn attribute(element: &BytesStart<'_>, name: &str) -> String {
    element
        .attributes()
        .map(|attribute| attribute.expect("an attribute"))
        .find(|attribute| attribute.key.local_name().as_ref() == name)
        .map(|attribute| {
            let value = attribute.normalized_value(XmlVersion::Explicit1_0);
            value.expect("a value").into_owned()
        })
        .unwrap_or_default()
}

fn shared_strings(xml: &str) -> Vec<String> {
    let mut strings = Vec::new();
    let mut inside = false;
    let mut reader = Reader::from_str(xml);
    loop {
        match reader.read_event().expect("well-formed XML") {
            Event::Start(start) => match start.local_name().as_ref() {
                "si" => strings.push(String::new()),
                "t" => inside = true,
                _ => {}
            },
            Event::Empty(empty) if empty.local_name().as_ref() == "si" => {
                strings.push(String::new());
            }
            Event::Text(piece) if inside => {
                let last = strings.last_mut().expect("inside a string");
                last.push_str(&piece.xml10_content());
            }
            Event::GeneralRef(entity) if inside => {
                let last = strings.last_mut().expect("inside a string");
                last.push_str(&resolved(&entity.xml10_content()));
            }
            Event::End(end) if end.local_name().as_ref() == "t" => inside = false,
            Event::Eof => return strings,
            _ => {}
        }
    }
}

fn resolved(entity: &str) -> String {
    match entity {
        "amp" => "&".to_owned(),
        "lt" => "<".to_owned(),
        "gt" => ">".to_owned(),
        "quot" => "\"".to_owned(),
        "apos" => "'".to_owned(),
        other => panic!("an entity nobody expected: {other}"),
    }
}
