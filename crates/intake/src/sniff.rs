//! The true kind of a file, told by its content and never by its name.

mod text;

use std::io::{Cursor, Read};

use model::{Finding, Place, Severity};
use zip::ZipArchive;

use crate::workbook::FileKind;

pub(crate) use text::decode;

/// The first bytes of an old Office container, which also wraps what is protected by a password.
const OLE_START: &[u8] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1";
/// How much of the start of a text is looked at.
const HEAD_BYTES: usize = 4096;
/// How far from the end of a file its zip directory may end: its comment has at most 65,535 bytes.
const ZIP_TAIL_BYTES: usize = 65_535 + 22;

/// What a file is that is not a workbook we can read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NotAWorkbook {
    Empty,
    PasswordProtected,
    Html,
    Incomplete,
    Json,
    Xml,
    XmlSpreadsheet,
    WebArchive,
    OldExcel,
    Sylk,
    Pdf,
    Picture,
    RichText,
    Word,
    PowerPoint,
    OpenDocumentText,
    AppleNumbers,
    OutlookMail,
    Archive,
    OldOffice,
    Unknown,
}

/// What to do with a file that spreadsheet programs open.
const TO_XLSX: &str = "open it in Excel, save it as .xlsx, and send that";

impl NotAWorkbook {
    /// The finding about a file, named by its label.
    pub(crate) fn finding(self, label: &str) -> Finding {
        let (code, what, hint) = self.words();
        Finding::new(Severity::Error, code, Place::file(), format!("`{label}` {what}"))
            .with_hint(hint)
    }

    fn words(self) -> (&'static str, &'static str, &'static str) {
        const EXCEL: &str = "send the figures as an Excel workbook (.xlsx) or as CSV";
        match self {
            Self::Empty => {
                ("empty-file", "is empty", "it was probably not copied to the end: send it again")
            }
            Self::PasswordProtected => (
                "password-protected",
                "is protected by a password",
                "remove the password (File, Info, Protect Workbook, Encrypt with Password, clear it), save, and send it again",
            ),
            Self::Incomplete => (
                "incomplete-file",
                "is only part of a workbook: its end is missing",
                "it was probably not copied to the end: send it again",
            ),
            Self::Html | Self::WebArchive => ("html-not-workbook", self.opened_by_excel(), TO_XLSX),
            Self::Xml | Self::XmlSpreadsheet | Self::OldExcel | Self::Sylk => {
                ("not-a-workbook", self.opened_by_excel(), TO_XLSX)
            }
            Self::Json => ("not-a-workbook", "is JSON, made for programs, not a workbook", EXCEL),
            Self::Pdf => {
                ("not-a-workbook", "is a PDF: figures cannot be read from it safely", EXCEL)
            }
            Self::Picture => ("not-a-workbook", "is a picture, not a workbook", EXCEL),
            Self::RichText => ("not-a-workbook", "is a rich text document, not a workbook", EXCEL),
            Self::Word => ("not-a-workbook", "is a Word document, not a workbook", EXCEL),
            Self::PowerPoint => {
                ("not-a-workbook", "is a PowerPoint presentation, not a workbook", EXCEL)
            }
            Self::OpenDocumentText => {
                ("not-a-workbook", "is an OpenDocument file, but not a spreadsheet", EXCEL)
            }
            Self::AppleNumbers => (
                "not-a-workbook",
                "is an Apple Numbers, Pages or Keynote document, not a workbook",
                "in Numbers, choose File, Export To, Excel, and send that",
            ),
            Self::OutlookMail => (
                "not-a-workbook",
                "is a saved e-mail, not a workbook",
                "save the attachment from the e-mail and send that",
            ),
            Self::Archive => (
                "not-a-workbook",
                "is an archive, not a workbook; archives are not unpacked",
                "unpack it and send the workbook inside",
            ),
            Self::OldOffice => (
                "not-a-workbook",
                "is an old Office file without a workbook in it",
                "open it in the program it was made with, save it as .xlsx, and send that",
            ),
            Self::Unknown => (
                "not-a-workbook",
                "is neither a workbook nor text: its content is of no known kind",
                EXCEL,
            ),
        }
    }

    /// What a file is that spreadsheet programs open, though it is no workbook.
    fn opened_by_excel(self) -> &'static str {
        match self {
            Self::Html => {
                "is a web page, not a workbook: it is what a sign-in page or an export button leaves behind"
            }
            Self::WebArchive => "is a web page kept as one file, not a workbook",
            Self::XmlSpreadsheet => {
                "is an XML spreadsheet (as Excel 2003 wrote them, or a flat OpenDocument file), not a workbook"
            }
            Self::OldExcel => {
                "is a workbook of a very old Excel (before version 5), which cannot be read"
            }
            Self::Sylk => "is a SYLK file (.slk), not a workbook",
            _ => "is an XML file, not a workbook",
        }
    }
}

/// Tells what a file is.
pub(crate) fn sniff(bytes: &[u8]) -> Result<FileKind, NotAWorkbook> {
    let pictures: [&[u8]; 6] = [b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"BM", b"II*\0", b"MM\0*"];
    let archives: [&[u8]; 5] = [b"Rar!", b"7z\xbc\xaf\x27\x1c", b"\x1f\x8b", b"BZh", b"\xfd7zXZ"];
    match bytes {
        [] => Err(NotAWorkbook::Empty),
        _ if bytes.iter().all(|byte| *byte == 0) => Err(NotAWorkbook::Incomplete),
        _ if is_zip(bytes) => sniff_zip(bytes),
        _ if bytes.starts_with(OLE_START) => sniff_ole(bytes),
        // The first record of a workbook without a container, of versions 2, 3, 4 and 5.
        [0x09, 0 | 2 | 4 | 8, 4..=16, 0, ..] => Err(NotAWorkbook::OldExcel),
        _ if bytes.starts_with(b"%PDF") => Err(NotAWorkbook::Pdf),
        _ if bytes.starts_with(b"{\\rtf") => Err(NotAWorkbook::RichText),
        _ if archives.iter().any(|start| bytes.starts_with(start)) => Err(NotAWorkbook::Archive),
        _ => match decode(bytes) {
            Some(text) => sniff_text(&text),
            None if pictures.iter().any(|start| bytes.starts_with(start)) => {
                Err(NotAWorkbook::Picture)
            }
            None => Err(NotAWorkbook::Unknown),
        },
    }
}

/// Whether a file begins as a zip archive does.
pub(crate) fn is_zip(bytes: &[u8]) -> bool {
    bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"PK\x05\x06")
}

/// Whether a zip archive has its end. It is written last, so what has it is whole.
pub(crate) fn has_zip_end(bytes: &[u8]) -> bool {
    let tail = &bytes[bytes.len().saturating_sub(ZIP_TAIL_BYTES)..];
    tail.windows(22).rev().any(|record| record.starts_with(b"PK\x05\x06"))
}

/// Whether a file is a page for people.
pub(crate) fn looks_like_html(bytes: &[u8]) -> bool {
    let head = &bytes[..bytes.len().min(HEAD_BYTES)];
    // Half a character at the cut is of no matter here.
    let head = decode(head).unwrap_or_else(|| String::from_utf8_lossy(head).into_owned());
    is_html(&head)
}

fn is_html(text: &str) -> bool {
    let head: String = text.trim_start().chars().take(HEAD_BYTES).collect();
    let head = head.to_lowercase();
    head.starts_with('<')
        && (head.starts_with("<!doctype html")
            || ["<html", "<head", "<body", "<table", "<script", "<meta"]
                .iter()
                .any(|tag| head.contains(tag)))
}

fn sniff_text(text: &str) -> Result<FileKind, NotAWorkbook> {
    let head = text.trim_start();
    if head.is_empty() {
        return Err(NotAWorkbook::Empty);
    }
    if is_html(head) {
        return Err(NotAWorkbook::Html);
    }
    if head.starts_with("<?xml") {
        let start: String = head.chars().take(HEAD_BYTES).collect();
        let is_spreadsheet = ["Excel.Sheet", "office:spreadsheet", "opendocument.spreadsheet"]
            .iter()
            .any(|word| start.contains(word));
        return Err(if is_spreadsheet { NotAWorkbook::XmlSpreadsheet } else { NotAWorkbook::Xml });
    }
    if head.starts_with("MIME-Version:") {
        return Err(NotAWorkbook::WebArchive);
    }
    if head.starts_with("ID;P") {
        return Err(NotAWorkbook::Sylk);
    }
    let opens_json = head.starts_with('{')
        || (head.starts_with('[') && head[1..].trim_start().starts_with(['{', '[', '"', ']']));
    if opens_json {
        return Err(NotAWorkbook::Json);
    }
    Ok(FileKind::Csv)
}

fn sniff_zip(bytes: &[u8]) -> Result<FileKind, NotAWorkbook> {
    if !has_zip_end(bytes) {
        return Err(NotAWorkbook::Incomplete);
    }
    let Ok(mut archive) = ZipArchive::new(Cursor::new(bytes)) else {
        return Err(NotAWorkbook::Incomplete);
    };
    let names: Vec<String> = archive
        .file_names()
        .filter_map(|name| Some(name.ok()?.replace('\\', "/").to_lowercase()))
        .collect();
    let has = |wanted: &str| names.iter().any(|name| name == wanted);
    let ends = |wanted: &str| {
        names.iter().any(|name| name == wanted || name.ends_with(&format!("/{wanted}")))
    };
    if has("mimetype") {
        return sniff_open_document(&mut archive);
    }
    if has("xl/workbook.bin") {
        Ok(FileKind::Xlsb)
    } else if ends("document.xml") && names.iter().any(|name| name.starts_with("word/")) {
        Err(NotAWorkbook::Word)
    } else if names.iter().any(|name| name.starts_with("ppt/")) {
        Err(NotAWorkbook::PowerPoint)
    } else if names.iter().any(|name| name.starts_with("xl/")) || ends("workbook.xml") {
        Ok(FileKind::Xlsx)
    } else if names
        .iter()
        .any(|name| name.rsplit_once('.').is_some_and(|(_, ending)| ending == "iwa"))
    {
        Err(NotAWorkbook::AppleNumbers)
    } else {
        Err(NotAWorkbook::Archive)
    }
}

fn sniff_open_document(archive: &mut ZipArchive<Cursor<&[u8]>>) -> Result<FileKind, NotAWorkbook> {
    let mut kind = String::new();
    let read = archive.by_name("mimetype").map(|part| part.take(200).read_to_string(&mut kind));
    match (read, kind.trim()) {
        (Ok(Ok(_)), kind) if kind.starts_with("application/vnd.oasis.opendocument.spreadsheet") => {
            Ok(FileKind::Ods)
        }
        (Ok(Ok(_)), kind) if kind.starts_with("application/vnd.oasis.opendocument") => {
            Err(NotAWorkbook::OpenDocumentText)
        }
        _ => Err(NotAWorkbook::Archive),
    }
}

/// Looks at the directory entries of an old Office container where they lie, without following
/// the container's chains, which a hostile file can make endless.
fn sniff_ole(bytes: &[u8]) -> Result<FileKind, NotAWorkbook> {
    let names: Vec<String> = bytes
        .get(512..)
        .unwrap_or_default()
        .chunks_exact(128)
        .filter_map(directory_entry)
        .collect();
    let has = |wanted: &str| names.iter().any(|name| name.eq_ignore_ascii_case(wanted));
    if has("EncryptedPackage") {
        Err(NotAWorkbook::PasswordProtected)
    } else if has("Workbook") || has("Book") {
        Ok(FileKind::Xls)
    } else if has("WordDocument") {
        Err(NotAWorkbook::Word)
    } else if has("PowerPoint Document") {
        Err(NotAWorkbook::PowerPoint)
    } else if has("__properties_version1.0") {
        Err(NotAWorkbook::OutlookMail)
    } else if names.is_empty() {
        Err(NotAWorkbook::Incomplete)
    } else {
        Err(NotAWorkbook::OldOffice)
    }
}

/// The name in a directory entry of 128 bytes, if these are one.
fn directory_entry(entry: &[u8]) -> Option<String> {
    let name_bytes = usize::from(u16::from_le_bytes([entry[64], entry[65]]));
    let is_entry = matches!(entry[66], 1 | 2 | 5)
        && entry[67] <= 1
        && (4..=64).contains(&name_bytes)
        && name_bytes % 2 == 0;
    if !is_entry {
        return None;
    }
    let units: Vec<u16> = entry[..name_bytes - 2]
        .chunks_exact(2)
        .map(|pair| u16::from_le_bytes([pair[0], pair[1]]))
        .collect();
    String::from_utf16(&units).ok()
}

#[cfg(test)]
#[path = "sniff_tests.rs"]
mod tests;
