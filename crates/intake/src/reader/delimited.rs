//! Text with a delimiter: one sheet of text cells.

use std::io::Write;

use csv::{ReaderBuilder, StringRecord};
use model::Place;

use super::emit::{Emitter, Stop, malformed};
use crate::sniff::{NotAWorkbook, decode};
use crate::workbook::{CSV_SHEET, Cell, FileKind};

/// Records looked at to tell the delimiter.
const RECORDS_SNIFFED: usize = 100;
/// Characters looked at to tell the delimiter.
const CHARACTERS_SNIFFED: usize = 200_000;
/// In order of preference.
const DELIMITERS: [u8; 3] = *b",;\t";

/// Sends a text as a workbook of one sheet. Rows are counted as a spreadsheet program shows them,
/// empty lines included, and every cell is text as it stands.
pub(super) fn read<W: Write>(bytes: &[u8], emitter: &mut Emitter<'_, W>) -> Result<(), Stop> {
    let Some(text) = decode(bytes) else {
        return Err(NotAWorkbook::Unknown.finding(emitter.label()).into());
    };
    let (delimiter, text) = match declared_delimiter(&text) {
        Some((delimiter, rest)) => (delimiter, rest),
        None => (sniff_delimiter(&text), text.as_str()),
    };
    emitter.start(FileKind::Csv, false)?;
    emitter.sheet(CSV_SHEET, true)?;
    let mut reader = reader(text, delimiter);
    let mut record = StringRecord::new();
    let mut row = 0_u32;
    loop {
        let start = usize::try_from(reader.position().byte()).unwrap_or(usize::MAX);
        row = row.saturating_add(empty_lines(text, start));
        match reader.read_record(&mut record) {
            Ok(true) => {}
            Ok(false) => return Ok(()),
            Err(_) => {
                let what = "is text that cannot be split into cells";
                return Err(malformed(emitter.label(), Place::file(), what).into());
            }
        }
        for (column, field) in (0_u32..).zip(&record) {
            if !field.is_empty() {
                emitter.cell(row, column, Cell::Text(field))?;
            }
        }
        row = row.saturating_add(1);
    }
}

fn reader(text: &str, delimiter: u8) -> csv::Reader<&[u8]> {
    ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter)
        .from_reader(text.as_bytes())
}

/// Excel's own first line, `sep=;`, which it does not show.
fn declared_delimiter(text: &str) -> Option<(u8, &str)> {
    let rest = text.strip_prefix("sep=").or_else(|| text.strip_prefix("\"sep="))?;
    let delimiter = *rest.as_bytes().first().filter(|byte| byte.is_ascii())?;
    let rest = rest[1..].trim_start_matches('"');
    let rest = rest.strip_prefix("\r\n").or_else(|| rest.strip_prefix(['\n', '\r']))?;
    Some((delimiter, rest))
}

/// Empty lines from where a record ended: the CSV reader passes over them, a spreadsheet does not.
fn empty_lines(text: &str, start: usize) -> u32 {
    let bytes = text.as_bytes();
    let mut rest = bytes.get(start..).unwrap_or_default();
    // The reader may stop between the two halves of a line end.
    if start > 0 && bytes.get(start - 1) == Some(&b'\r') && rest.first() == Some(&b'\n') {
        rest = &rest[1..];
    }
    let mut lines = 0;
    loop {
        rest = match rest {
            [b'\r', b'\n', rest @ ..] | [b'\r' | b'\n', rest @ ..] => rest,
            _ => return lines,
        };
        lines += 1;
    }
}

/// The delimiter that cuts most records into equally many fields, and then into most.
fn sniff_delimiter(text: &str) -> u8 {
    let end = text.char_indices().nth(CHARACTERS_SNIFFED).map_or(text.len(), |(end, _)| end);
    let mut best = (0, 0, DELIMITERS[0]);
    for delimiter in DELIMITERS {
        let mut records_by_fields = std::collections::BTreeMap::<usize, usize>::new();
        for record in reader(&text[..end], delimiter).records().take(RECORDS_SNIFFED).flatten() {
            *records_by_fields.entry(record.len()).or_default() += 1;
        }
        let (records, fields) = records_by_fields
            .iter()
            .filter(|(fields, _)| **fields > 1)
            .map(|(fields, records)| (*records, *fields))
            .max()
            .unwrap_or_default();
        if (records, fields) > (best.0, best.1) {
            best = (records, fields, delimiter);
        }
    }
    best.2
}

#[cfg(test)]
mod tests {
    use super::super::tests::told;

    #[test]
    fn delimiters_quotes_and_line_breaks() {
        insta::assert_snapshot!(told(b"Area,Count\nSevenoaks,\"1,234 \"\n"), @r#"
        csv
        sheet csv
        A1 Text("Area")
        B1 Text("Count")
        A2 Text("Sevenoaks")
        B2 Text("1,234 ")
        "#);
        insta::assert_snapshot!(told(b"Area;Rate\r\nA;1,5\r\nB;2,5\r\n"), @r#"
        csv
        sheet csv
        A1 Text("Area")
        B1 Text("Rate")
        A2 Text("A")
        B2 Text("1,5")
        A3 Text("B")
        B3 Text("2,5")
        "#);
        insta::assert_snapshot!(told(b"A\tH\xf6he\r\n1\t2\r\n"), @r#"
        csv
        sheet csv
        A1 Text("A")
        B1 Text("Höhe")
        A2 Text("1")
        B2 Text("2")
        "#);
        insta::assert_snapshot!(told(b"sep=|\r\na|b,c\r\n"), @r#"
        csv
        sheet csv
        A1 Text("a")
        B1 Text("b,c")
        "#);
    }

    #[test]
    fn rows_are_counted_as_a_spreadsheet_shows_them() {
        for line_end in ["\n", "\r\n", "\r"] {
            let text = ["", "Title", "", "", "a,\"two\nlines\"", "", "1,2"].join(line_end);
            insta::allow_duplicates! {
                insta::assert_snapshot!(told(text.as_bytes()), @r#"
                csv
                sheet csv
                A2 Text("Title")
                A5 Text("a")
                B5 Text("two\nlines")
                A7 Text("1")
                B7 Text("2")
                "#);
            }
        }
    }

    #[test]
    fn a_row_of_blanks_is_a_row_of_blanks() {
        insta::assert_snapshot!(told(b"a,b\n,,\n , \nc,d"), @r#"
        csv
        sheet csv
        A1 Text("a")
        B1 Text("b")
        A3 Text(" ")
        B3 Text(" ")
        A4 Text("c")
        B4 Text("d")
        "#);
    }
}
