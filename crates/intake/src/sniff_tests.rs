use std::io::Write;

use super::*;

fn zipped(parts: &[(&str, &str)]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in parts {
        writer.start_file(*name, zip::write::SimpleFileOptions::default()).expect("starts");
        writer.write_all(content.as_bytes()).expect("writes");
    }
    writer.finish().expect("ends").into_inner()
}

fn ole(names: &[&str]) -> Vec<u8> {
    let mut bytes = OLE_START.to_vec();
    bytes.resize(1024, 0);
    for name in names {
        let mut entry = vec![0_u8; 128];
        for (place, unit) in name.encode_utf16().enumerate() {
            entry[place * 2..place * 2 + 2].copy_from_slice(&unit.to_le_bytes());
        }
        entry[64] = u8::try_from(name.len() * 2 + 2).expect("short");
        entry[66] = 2;
        bytes.extend(entry);
    }
    bytes
}

fn told(bytes: &[u8]) -> String {
    match sniff(bytes) {
        Ok(kind) => kind.as_str().to_owned(),
        Err(problem) => {
            let finding = problem.finding("q1.xlsx");
            format!("{}: {}", finding.code, finding.message)
        }
    }
}

#[test]
fn workbooks_are_told_by_their_content() {
    let cases = [
        zipped(&[("xl/workbook.xml", ""), ("_rels/.rels", "")]),
        zipped(&[("workbook.xml", "")]),
        zipped(&[("xl\\Workbook.xml", "")]),
        zipped(&[("xl/workbook.bin", "")]),
        zipped(&[("mimetype", "application/vnd.oasis.opendocument.spreadsheet")]),
        ole(&["Root Entry", "Workbook"]),
        ole(&["Root Entry", "BOOK"]),
        b"Area,Count\nSevenoaks,3\n".to_vec(),
        b"just one line".to_vec(),
        b"[c] = withheld\n".to_vec(),
        b"Area\tH\xf6he\n".to_vec(),
    ];
    let kinds = cases.map(|bytes| told(&bytes)).join(" ");
    insta::assert_snapshot!(kinds, @"xlsx xlsx xlsx xlsb ods xls xls csv csv csv csv");
}

#[test]
fn every_wrong_kind_has_its_own_message() {
    let whole = zipped(&[("xl/workbook.xml", "some content")]);
    let cases = [
        Vec::new(),
        ole(&["Root Entry", "EncryptionInfo", "EncryptedPackage"]),
        b"\xef\xbb\xbf\r\n<!DOCTYPE html><html><body>Sign in</body></html>".to_vec(),
        whole[..whole.len() - 30].to_vec(),
        b"{\"error\": \"unauthorised\"}".to_vec(),
        b"<?xml version=\"1.0\"?><Workbook/>".to_vec(),
        b"<?xml version=\"1.0\"?>\n<?mso-application progid=\"Excel.Sheet\"?>\n<Workbook/>"
            .to_vec(),
        b"MIME-Version: 1.0\r\nContent-Type: multipart/related".to_vec(),
        b"\x09\x02\x06\0\0\0\x10\0\0\0".to_vec(),
        b"ID;PWXL;N;E\r\n".to_vec(),
        b"%PDF-1.7 ...".to_vec(),
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec(),
        b"{\\rtf1\\ansi ...}".to_vec(),
        zipped(&[("word/document.xml", "")]),
        zipped(&[("ppt/presentation.xml", "")]),
        zipped(&[("mimetype", "application/vnd.oasis.opendocument.text")]),
        zipped(&[("Index/Document.iwa", "")]),
        ole(&["Root Entry", "__properties_version1.0"]),
        zipped(&[("q1.xlsx", "")]),
        ole(&["Root Entry", "Contents"]),
        b"\x7fELF\0\0\0\0".to_vec(),
    ];
    let messages: Vec<String> = cases.iter().map(|bytes| told(bytes)).collect();
    let distinct: std::collections::BTreeSet<&String> = messages.iter().collect();
    assert_eq!(distinct.len(), messages.len(), "{messages:#?}");
    insta::assert_snapshot!(messages.join("\n"), @r"
    empty-file: `q1.xlsx` is empty
    password-protected: `q1.xlsx` is protected by a password
    html-not-workbook: `q1.xlsx` is a web page, not a workbook: it is what a sign-in page or an export button leaves behind
    incomplete-file: `q1.xlsx` is only part of a workbook: its end is missing
    not-a-workbook: `q1.xlsx` is JSON, made for programs, not a workbook
    not-a-workbook: `q1.xlsx` is an XML file, not a workbook
    not-a-workbook: `q1.xlsx` is an XML spreadsheet (as Excel 2003 wrote them, or a flat OpenDocument file), not a workbook
    html-not-workbook: `q1.xlsx` is a web page kept as one file, not a workbook
    not-a-workbook: `q1.xlsx` is a workbook of a very old Excel (before version 5), which cannot be read
    not-a-workbook: `q1.xlsx` is a SYLK file (.slk), not a workbook
    not-a-workbook: `q1.xlsx` is a PDF: figures cannot be read from it safely
    not-a-workbook: `q1.xlsx` is a picture, not a workbook
    not-a-workbook: `q1.xlsx` is a rich text document, not a workbook
    not-a-workbook: `q1.xlsx` is a Word document, not a workbook
    not-a-workbook: `q1.xlsx` is a PowerPoint presentation, not a workbook
    not-a-workbook: `q1.xlsx` is an OpenDocument file, but not a spreadsheet
    not-a-workbook: `q1.xlsx` is an Apple Numbers, Pages or Keynote document, not a workbook
    not-a-workbook: `q1.xlsx` is a saved e-mail, not a workbook
    not-a-workbook: `q1.xlsx` is an archive, not a workbook; archives are not unpacked
    not-a-workbook: `q1.xlsx` is an old Office file without a workbook in it
    not-a-workbook: `q1.xlsx` is neither a workbook nor text: its content is of no known kind
    ");
}

proptest::proptest! {
    #[test]
    fn any_bytes_get_an_answer(bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..2000), start in 0..4_usize) {
        let start: &[u8] = [b"".as_slice(), OLE_START, b"PK\x03\x04", b"\xff\xfe"][start];
        let bytes = [start, &bytes].concat();
        // No panic; and what is called a zip workbook has its end.
        if let Ok(FileKind::Xlsx | FileKind::Xlsb | FileKind::Ods) = sniff(&bytes) {
            proptest::prop_assert!(has_zip_end(&bytes));
        }
    }
}
