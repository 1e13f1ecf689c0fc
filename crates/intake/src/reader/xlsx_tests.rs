//! Sheets that two readers share are read as one reader reads them, and as the library reads them
//! with nothing of ours between. Pieces are small in tests: see `pieces.rs`.

use std::fmt::Write as _;
use std::io::Cursor;
use std::path::{Path, PathBuf};

use calamine::Reader as _;
use model::{CellAddress, Finding};

use super::excel::{Read, Value, cell_of, worksheets};
use super::in_process::read_bytes;
use super::pieces::alone::while_alone;
use super::tests::xlsx_of;
use crate::workbook::{Cell, Workbook};

fn workbooks(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a folder of fixtures") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            workbooks(&path, found);
        } else if path.extension().is_some_and(|kind| kind == "xlsx" || kind == "xlsm") {
            found.push(path);
        }
    }
}

/// A cell as the library reads it, and whether there was a formula.
type Plain = (CellAddress, String, bool);

/// What the library alone makes of each sheet.
fn read_plainly(bytes: &[u8]) -> Vec<(String, Vec<Plain>)> {
    let mut workbook = calamine::Xlsx::new(Cursor::new(bytes)).expect("opens");
    let epoch_1904 = workbook.has_1904_epoch();
    let mut sheets = Vec::new();
    for (name, _) in worksheets(&workbook) {
        let Ok(mut reader) = workbook.worksheet_cells_reader(&name) else {
            continue;
        };
        let (mut cells, mut scratch) = (Vec::new(), String::new());
        loop {
            match reader.next_cell_with_formula_metadata() {
                Ok(Some(record)) => {
                    let address = CellAddress::new(record.pos.0, record.pos.1);
                    let value = cell_of(Value::of(&record.value), epoch_1904, &mut scratch);
                    if let Read::Cell(cell) = value {
                        cells.push((address, format!("{cell:?}"), record.formula.is_some()));
                    }
                }
                Ok(None) => break,
                Err(calamine::XlsxError::CellError(_)) => {}
                Err(error) => panic!("{name}: {error}"),
            }
        }
        cells.sort();
        sheets.push((name, cells));
    }
    sheets
}

/// Every cell that the library gives is there, and none that it does not know of.
fn assert_as_read_plainly(ours: &Workbook, bytes: &[u8], name: &str) -> usize {
    let mut compared = 0;
    let theirs = read_plainly(bytes);
    assert_eq!(ours.sheets.len(), theirs.len(), "{name}");
    for (sheet, (their_name, their_cells)) in ours.sheets.iter().zip(theirs) {
        assert_eq!(sheet.name, their_name, "{name}");
        let mut theirs = their_cells.into_iter().peekable();
        for (address, cell) in sheet.cells() {
            match theirs.next_if(|(at, ..)| *at == address) {
                // A zero that nobody calculated.
                Some((_, _, true)) if cell == Cell::FormulaWithoutValue => {}
                Some((_, value, _)) => assert_eq!(format!("{cell:?}"), value, "{name} {address}"),
                // The library stumbles over errors and gives nothing for what was not calculated.
                None => assert!(matches!(cell, Cell::Error(_) | Cell::FormulaWithoutValue)),
            }
            compared += 1;
        }
        assert_eq!(theirs.next(), None, "{name} {their_name}");
    }
    compared
}

#[test]
fn every_workbook_is_read_alike_by_one_by_two_and_by_the_library() {
    let mut files = Vec::new();
    workbooks(&testkit::fixture(""), &mut files);
    let (mut read, mut compared) = (0, 0);
    for file in files {
        let mut bytes = Vec::new();
        let mut input = std::fs::File::open(&file).expect("opens");
        std::io::Read::read_to_end(&mut input, &mut bytes).expect("reads");
        let name = file.display().to_string();
        let shared = read_bytes("q1.xlsx", &bytes);
        assert_eq!(shared, while_alone(|| read_bytes("q1.xlsx", &bytes)), "{name}");
        if let Ok(workbook) = shared {
            read += 1;
            compared += assert_as_read_plainly(&workbook, &bytes, &name);
        }
    }
    assert!(80 < read && 100_000 < compared, "{read} workbooks, {compared} cells");
}

fn told(read: &Result<Workbook, Finding>) -> String {
    let workbook = match read {
        Ok(workbook) => workbook,
        Err(finding) => return format!("{}: {}", finding.code, finding.message),
    };
    let mut text = String::new();
    for sheet in &workbook.sheets {
        for (address, cell) in sheet.cells() {
            write!(text, "{address} {cell:?} ").expect("a String");
        }
        write!(text, "{:?} ", sheet.out_of_sight).expect("a String");
    }
    text
}

fn sheet(rows: &str) -> Vec<u8> {
    sheet_in("", rows, "")
}

fn sheet_in(start: &str, rows: &str, end: &str) -> Vec<u8> {
    let sheet = format!(
        r#"{start}<worksheet><cols><col min="3" max="3" hidden="1"/></cols><sheetData>{rows}</sheetData>{end}</worksheet>"#
    );
    xlsx_of(&sheet, "")
}

/// Rows that take so many bytes that they are read in pieces, from a row on.
fn many_rows(first: u32) -> String {
    let rows: Vec<String> = (first..first + 150)
        .map(|row| format!(r#"<row r="{row}"><c r="A{row}" t="s"><v>0</v></c><c r="B{row}"><v>{row}.5</v></c></row>"#))
        .collect();
    rows.concat()
}

/// Kinds of rows, `#` standing for their number and `@` for the one before.
const ROWS: [&str; 14] = [
    r##"<row r="#"><c r="A#"><v>#</v></c><c r="B#" t="s"><v>2</v></c><c r="C#" s="1"><v>45838</v></c></row>"##,
    r#"<row><c><v>#</v></c><c t="s"><v>0</v></c></row>"#,
    r##"<row r="#" hidden="1"><c r="B#" t="inlineStr"><is><t xml:space="preserve"> here # </t></is></c></row>"##,
    r#"<row hidden="1"/>"#,
    r##"<row r="#"><c r="A#"><f t="shared" ref="A#:A99999" si="0">1+#</f><v>#</v></c><c r="D#"><f>#</f></c></row>"##,
    r##"<row r="#"><c r="A#"><f t="shared" si="0"/><v>#.25</v></c></row>"##,
    r##"<row r="#"><c r="A#" t="e"><v>#DIV/0!</v></c><c r="B#" t="e"><v>#SPILL!</v></c><c r="C#" t="b"><v>1</v></c></row>"##,
    r##"<row r="#"><c r="F#"><v>-#</v></c><c r="A#"><v>1</v></c></row>"##,
    r#"<row/><row><c t="str"><v>&lt;/row&gt; # &amp; more</v></c></row>"#,
    r#"<row r='#' ht="0" customHeight="1"><c r='A#' s='1' ><v>45838.5</v></c></row >"#,
    r##"<c><v>7</v></c><row r="#"><c r="A#"><v>0.1</v></c></row>"##,
    r#"<row><c r="A@" t="s"><v>1</v></c></row>"#,
    // The next ones are not often met.
    r##"<row r="#"><c r="A#"><v>1</v></c><!-- </row> --></row>"##,
    r##"<row r="#"><c r="B#" t="inlineStr"><is><t>sheetData</t></is></c><c r="C#" t="str"><v><![CDATA[</row>]]></v></c></row>"##,
];

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(96))]

    #[test]
    fn rows_of_every_kind_are_read_alike_by_two(kinds in proptest::collection::vec(0..60_usize, 120..400)) {
        let mut rows = String::new();
        for (number, kind) in kinds.iter().enumerate() {
            // The odd ones are rare, or there would be no second piece.
            let kind = if *kind == 59 { 12 + number % 2 } else { kind % 12 };
            // Rows that do not say their number count on from those that do.
            let kind = if number % 3 == 0 && kind % 2 == 1 { 0 } else { kind };
            let row = (number + 1) * 3;
            rows.push_str(&ROWS[kind].replace('#', &row.to_string()).replace('@', &(row - 1).to_string()));
            rows = rows.replace(&format!("{row}DIV/0!"), "#DIV/0!").replace(&format!("{row}SPILL!"), "#SPILL!");
        }
        let bytes = sheet(&rows);
        let shared = read_bytes("q1.xlsx", &bytes);
        let alone = while_alone(|| read_bytes("q1.xlsx", &bytes));
        proptest::prop_assert_eq!(told(&shared), told(&alone));
    }

    /// What is damaged is refused by two as it is by one, or with other words.
    #[test]
    fn damaged_rows_are_never_read_otherwise_by_two(place in 0..9_000_usize, what in 0..12_usize) {
        let pieces = [
            "</row>", "<row>", "<c>", "</c>", "<v>", "\"", "<", "&", "</sheetData>", "<f>", "<is>", "<c r=\"A7\" x=\"</row>\"/>",
        ];
        let mut rows = many_rows(1);
        let place = place % rows.len();
        rows.insert_str(place, pieces[what]);
        let bytes = sheet(&rows);
        let shared = read_bytes("q1.xlsx", &bytes);
        let alone = while_alone(|| read_bytes("q1.xlsx", &bytes));
        if shared.is_ok() {
            proptest::prop_assert_eq!(told(&shared), told(&alone));
        }
    }
}

#[test]
fn sheets_that_cannot_be_shared_are_read_by_one() {
    let rows = many_rows(1);
    let prefixed = rows
        .replace("<row", "<x:row")
        .replace("</row", "</x:row")
        .replace("<c ", "<x:c ")
        .replace("</c>", "</x:c>");
    let latin = r#"<?xml version="1.0" encoding="ISO-8859-1"?>"#;
    let one_row: Vec<String> = (0..400).map(|number| format!("<c><v>{number}</v></c>")).collect();
    let one_row = one_row.concat();
    let cases = [
        sheet(&rows),
        sheet_in(r#"<?xml version="1.0" encoding="UTF-8"?>"#, &rows, "<pageMargins/>"),
        sheet_in(latin, &rows, ""),
        sheet_in(&format!("<!-- {} -->", "<sheetData>".repeat(400)), &rows, ""),
        sheet(&prefixed),
        sheet(&format!("<row>{one_row}</row>{rows}")),
        sheet(&format!("{rows}<row r=\"900\">{}", one_row.replace("<c>", "<c t=\"n\">"))),
        sheet_in("", &rows, r#"<extLst><row r="9"><c r="A9"><v>1</v></c></row></extLst>"#),
        sheet_in("", &rows, &format!("<extLst>{rows}</extLst>")),
        sheet(""),
    ];
    let mut read = 0;
    for (number, bytes) in cases.iter().enumerate() {
        let shared = read_bytes("q1.xlsx", bytes);
        let alone = while_alone(|| read_bytes("q1.xlsx", bytes));
        assert_eq!(told(&shared), told(&alone), "case {number}");
        if let Ok(workbook) = &shared {
            assert_as_read_plainly(workbook, bytes, "a case");
            read += 1;
        }
    }
    assert!(read > 7, "{read}");
}

#[test]
fn what_is_wrong_in_any_piece_is_told_with_its_place() {
    let with = |rows: &str| {
        let bytes = sheet(&format!("{}{rows}{}", many_rows(1), many_rows(200)));
        let shared = told(&read_bytes("q1.xlsx", &bytes));
        assert_eq!(shared, told(&while_alone(|| read_bytes("q1.xlsx", &bytes))));
        shared
    };
    let cases = [
        r#"<row r="180"><c r="A180" t="s"><v>3</v></c></row>"#,
        r#"<row r="2"><c r="A2"><v>1</v></c></row>"#,
        r#"<row r="180"><c r="B210"><v>1</v></c></row>"#,
        r#"<row r="180"><c r="A180"><v>1</v><v>1</v></c></row>"#,
        r#"<row r="180"><c r="A180"><v>1</v></c><c r="B180" t="n"><v>many</v></c></row>"#,
        r#"<row r="180"><c r="B180"><f t="shared" si="0" ref="C1:B2">1</f><v>1</v></c></row>"#,
        r#"<row r="4000000002"><c r="A4000000002" t="b"><v>1</v></c></row>"#,
        r#"<row r="180"><x/></row>"#,
    ];
    let mut answers: Vec<String> = cases.into_iter().map(with).collect();
    let read = answers.pop().expect("the last");
    assert!(read.starts_with("A1 Text"), "{read}");
    insta::assert_snapshot!(answers.join("\n"), @r"
    workbook-malformed: `q1.xlsx` refers to a text that is not there at cell A180 of sheet `Q1 & Q2`: the file is damaged
    duplicate-cell: `q1.xlsx` holds cell A2 of sheet `Q1 & Q2` twice, so it is not known which is meant
    workbook-malformed: `q1.xlsx` has a cell in another row than it says at cell B210 of sheet `Q1 & Q2`: the file is damaged
    workbook-malformed: `q1.xlsx` has two values at cell A180 of sheet `Q1 & Q2`: the file is damaged
    workbook-unreadable: sheet `Q1 & Q2` of `q1.xlsx` cannot be read: it stops making sense after cell A180
    workbook-unreadable: `q1.xlsx` stopped the reader and was set aside: it is damaged
    workbook-malformed: `q1.xlsx` has a row of no possible number on sheet `Q1 & Q2`: the file is damaged
    ");
}

#[test]
fn formulas_that_are_all_zero_are_noted() {
    let formulas = |values: &[&str]| {
        let rows: Vec<String> = values
            .iter()
            .zip(500..)
            .map(|(value, row)| {
                format!(r#"<row r="{row}"><c r="B{row}" t="str"><f>1+1</f>{value}</c></row>"#)
            })
            .map(|row| {
                if row.contains("<v>a") || row.contains("<v></v>") {
                    row
                } else {
                    row.replace(r#" t="str""#, "")
                }
            })
            .collect();
        // Zeros that stand there by themselves are no formulas, and say nothing.
        let bytes = sheet(&format!("{}{}", many_rows(1).replace(".5", ""), rows.concat()));
        let read = read_bytes("q1.xlsx", &bytes).expect("reads");
        let cells: Vec<String> =
            read.sheets[0].zero_formulas.iter().map(ToString::to_string).collect();
        cells.join(" ")
    };
    let zero = "<v>0</v>";
    insta::assert_snapshot!(formulas(&[zero; 5]), @"B500 B501 B502 B503 B504");
    insta::assert_snapshot!(formulas(&[zero, zero, zero, zero]), @"");
    insta::assert_snapshot!(formulas(&[zero, zero, zero, "<v>0.0</v>", zero, ""]), @"B500 B501 B502 B503 B504");
    for other in ["<v>1</v>", "<v>a</v>", "<v></v>"] {
        assert_eq!(formulas(&[zero, zero, other, zero, zero, zero]), "", "{other}");
    }
    let many = formulas(&vec![zero; 1_500]);
    assert!(many.starts_with("B500 ") && many.ends_with(" B1499"), "{many}");
    let mut last = vec![zero; 1_500];
    last.push("<v>0.5</v>");
    assert_eq!(formulas(&last), "");
}
