//! Typing into a workbook's cells, as a person would, and finding those that may be typed into.

use std::io::{Cursor, Write as _};

use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

use crate::cells::{part, sheet_path, xml_parts};

/// The same workbook with values typed over cells that it has, blank or not: numbers where the
/// text is one, text elsewhere. Panics if a cell is not in the sheet's part.
pub fn typed(xlsx: &[u8], sheet: &str, values: &[(&str, &str)]) -> Vec<u8> {
    rewritten(xlsx, sheet, |xml| {
        for (address, value) in values {
            type_over(xml, address, value);
        }
    })
}

/// The same workbook with the XML of one cell (`<c r="B2" …>…</c>`) in place of what it was.
pub fn with_xml(xlsx: &[u8], sheet: &str, address: &str, cell: &str) -> Vec<u8> {
    rewritten(xlsx, sheet, |xml| {
        let (at, end, _) = extent(xml, address);
        xml.replace_range(at..end, cell);
    })
}

fn rewritten(xlsx: &[u8], sheet: &str, change: impl Fn(&mut String)) -> Vec<u8> {
    let mut archive = ZipArchive::new(Cursor::new(xlsx)).expect("a zip archive");
    let path = sheet_path(&mut archive, sheet);
    let mut copy = ZipWriter::new(Cursor::new(Vec::new()));
    let names: Vec<String> =
        archive.file_names().map(|name| name.expect("a name").into_owned()).collect();
    for name in names {
        let mut xml = part(&mut archive, &name).expect("a part that was listed");
        if name == path {
            change(&mut xml);
        }
        copy.start_file(name, SimpleFileOptions::default()).expect("room in memory");
        copy.write_all(xml.as_bytes()).expect("room in memory");
    }
    copy.finish().expect("room in memory").into_inner()
}

/// Where a cell's element begins and ends, and where its start tag ends.
fn extent(xml: &str, address: &str) -> (usize, usize, usize) {
    let at = xml.find(&format!("<c r=\"{address}\"")).expect("the cell is in the sheet");
    let tag = at + xml[at..].find('>').expect("an end of the tag") + 1;
    let end = if xml[at..tag].ends_with("/>") {
        tag
    } else {
        tag + xml[tag..].find("</c>").expect("an end of the cell") + "</c>".len()
    };
    (at, end, tag)
}

fn type_over(xml: &mut String, address: &str, value: &str) {
    let (at, end, tag) = extent(xml, address);
    let style = xml[at..tag].split(" s=\"").nth(1).and_then(|rest| rest.split('"').next());
    let style = style.map_or_else(String::new, |style| format!(" s=\"{style}\""));
    let cell = if value.parse::<f64>().is_ok() {
        format!("<c r=\"{address}\"{style}><v>{value}</v></c>")
    } else {
        format!("<c r=\"{address}\"{style} t=\"inlineStr\"><is><t>{value}</t></is></c>")
    };
    xml.replace_range(at..end, &cell);
}

/// The blank cells of a sheet that its protection leaves open, in reading order.
pub fn open_cells(xlsx: &[u8], sheet: &str) -> Vec<String> {
    let mut archive = ZipArchive::new(Cursor::new(xlsx)).expect("a zip archive");
    let path = sheet_path(&mut archive, sheet);
    let parts = xml_parts(xlsx);
    let xml = parts.get(&path).expect("the sheet's part");
    assert!(xml.contains("<sheetProtection"), "{sheet} is not protected");
    let styles = parts.get("xl/styles.xml").expect("styles");
    let formats = styles.split("<cellXfs").nth(1).and_then(|rest| rest.split("</cellXfs>").next());
    let open: Vec<bool> = formats
        .expect("formats of cells")
        .split("<xf ")
        .skip(1)
        .map(|format| format.contains("locked=\"0\""))
        .collect();
    xml.split("<c r=\"")
        .skip(1)
        .filter_map(|piece| {
            let (address, rest) = piece.split_once('"')?;
            let (tag, _) = rest.split_once('>')?;
            let style: usize = tag.split("s=\"").nth(1)?.split('"').next()?.parse().ok()?;
            (tag.ends_with('/') && open.get(style) == Some(&true)).then(|| address.to_owned())
        })
        .collect()
}
