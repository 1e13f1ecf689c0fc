//! Sound files of each kind, to be made unsound.

use std::io::{Cursor, Write};

use zip::ZipWriter;
use zip::write::SimpleFileOptions;

const PACKAGE: &str = r#"<Relationships><Relationship Id="r1" Type="x/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#;
const RELATIONS: &str = r#"<Relationships><Relationship Id="r1" Type="x/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>"#;
const WORKBOOK: &str = r#"<workbook><sheets><sheet name="Return" r:id="r1"/></sheets></workbook>"#;
const STYLES: &str = r#"<styleSheet><cellXfs><xf numFmtId="0"/></cellXfs></styleSheet>"#;

/// A worksheet with these rows.
pub(super) fn sheet(rows: &str) -> String {
    format!("<worksheet><sheetData>{rows}</sheetData></worksheet>")
}

/// An .xlsx file with this sheet, and parts added or put in place of others.
pub(super) fn book(sheet: &str, changes: &[(&str, &[u8])]) -> Vec<u8> {
    let mut parts: Vec<(String, Vec<u8>)> = [
        ("_rels/.rels", PACKAGE),
        ("xl/_rels/workbook.xml.rels", RELATIONS),
        ("xl/workbook.xml", WORKBOOK),
        ("xl/styles.xml", STYLES),
        ("xl/worksheets/sheet1.xml", sheet),
    ]
    .map(|(name, content)| (name.to_owned(), content.as_bytes().to_vec()))
    .into();
    for (name, content) in changes {
        parts.retain(|(there, _)| there != name);
        parts.push(((*name).to_owned(), content.to_vec()));
    }
    zip(&parts)
}

/// An archive of these parts.
pub(super) fn zip(parts: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in parts {
        writer.start_file(name.as_str(), SimpleFileOptions::default()).expect("starts");
        writer.write_all(content).expect("writes");
    }
    writer.finish().expect("ends").into_inner()
}

/// An archive of empty parts, whose names may be the same.
pub(super) fn raw_zip(names: &[&str]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut directory = Vec::new();
    let size = |length: usize| u16::try_from(length).expect("short").to_le_bytes();
    for name in names {
        let start = u32::try_from(bytes.len()).expect("short").to_le_bytes();
        bytes.extend(b"PK\x03\x04\x0a\0\0\0\0\0\0\0\0\0");
        bytes.extend([0; 12]);
        bytes.extend(size(name.len()));
        bytes.extend([0; 2]);
        bytes.extend(name.as_bytes());
        directory.extend(b"PK\x01\x02\x0a\0\x0a\0\0\0\0\0\0\0\0\0");
        directory.extend([0; 12]);
        directory.extend(size(name.len()));
        directory.extend([0; 12]);
        directory.extend(start);
        directory.extend(name.as_bytes());
    }
    let start = u32::try_from(bytes.len()).expect("short").to_le_bytes();
    bytes.extend(&directory);
    bytes.extend(b"PK\x05\x06\0\0\0\0");
    bytes.extend(size(names.len()));
    bytes.extend(size(names.len()));
    bytes.extend(u32::try_from(directory.len()).expect("short").to_le_bytes());
    bytes.extend(start);
    bytes.extend([0; 2]);
    bytes
}

/// An .ods file with these tables.
pub(super) fn ods(tables: &str) -> Vec<u8> {
    let content = format!(
        "<office:document-content><office:body><office:spreadsheet>{tables}</office:spreadsheet></office:body></office:document-content>"
    );
    zip(&[
        ("mimetype".to_owned(), b"application/vnd.oasis.opendocument.spreadsheet".to_vec()),
        ("META-INF/manifest.xml".to_owned(), b"<manifest:manifest/>".to_vec()),
        ("content.xml".to_owned(), content.into_bytes()),
    ])
}

/// An .xls file of one sheet with these records, and more records before the sheet. Eight sectors of
/// workbook, one of directory, and one that holds the table of chains.
pub(super) fn old(globals: &[(u16, &[u8])], records: &[(u16, &[u8])]) -> Vec<u8> {
    let record = |kind: u16, content: &[u8]| {
        let length = u16::try_from(content.len()).expect("short").to_le_bytes();
        [&kind.to_le_bytes()[..], &length, content].concat()
    };
    let begin = |kind: u8| record(0x0809, &[0, 6, kind, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    let before = |start: u32| {
        let [a, b, ..] = start.to_le_bytes();
        let mut stream = begin(5);
        for (kind, content) in globals {
            stream.extend(record(*kind, content));
        }
        stream.extend(record(0x00e0, &[0; 20]));
        stream.extend(record(0x0085, &[a, b, 0, 0, 0, 0, 2, 0, b'Q', b'1']));
        stream.extend(record(0x000a, &[]));
        stream
    };
    let start = u32::try_from(before(0).len()).expect("short");
    let mut stream = before(start);
    stream.extend(begin(0x10));
    for (kind, content) in records {
        stream.extend(record(*kind, content));
    }
    stream.extend(record(0x000a, &[]));
    assert!(stream.len() <= 4096, "eight sectors hold it");
    stream.resize(4096, 0);
    container(&stream)
}

fn container(stream: &[u8]) -> Vec<u8> {
    let mut bytes = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".to_vec();
    bytes.resize(24, 0);
    bytes.extend([0x3e, 0, 3, 0, 0xfe, 0xff, 9, 0, 6, 0]);
    bytes.resize(44, 0);
    let end = u32::MAX - 1;
    for number in [1, 8, 0, 4096, end, 0, end, 0, 9] {
        bytes.extend(number.to_le_bytes());
    }
    bytes.resize(512, 0xff);
    bytes.extend(stream);
    let entry = |name: &str, kind: u8, child: u32, start: u32, length: u32| {
        let mut entry: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let name_bytes = u8::try_from(entry.len() + 2).expect("short");
        entry.resize(64, 0);
        entry.extend([name_bytes, 0, kind, 1]);
        for number in [u32::MAX, u32::MAX, child] {
            entry.extend(number.to_le_bytes());
        }
        entry.resize(116, 0);
        entry.extend(start.to_le_bytes());
        entry.extend(length.to_le_bytes());
        entry.resize(128, 0);
        entry
    };
    bytes.extend(entry("Root Entry", 5, 1, end, 0));
    bytes.extend(entry("Workbook", 2, u32::MAX, 0, 4096));
    bytes.resize(512 + 9 * 512, 0);
    for link in [1, 2, 3, 4, 5, 6, 7, end, end, u32::MAX - 2] {
        bytes.extend(link.to_le_bytes());
    }
    bytes.resize(512 + 10 * 512, 0xff);
    bytes
}
