//! What formats say beside the values of cells, and what their readers would pass by.

use std::io::{Cursor, Read, Write};

use zip::write::SimpleFileOptions;

use super::container;
use super::tests::{sample_bytes, told, xlsx_of};

/// A copy of a zip archive with parts changed, added, or (`None`) taken out.
fn with_parts(archive: &[u8], changes: &[(&str, Option<&[u8]>)]) -> Vec<u8> {
    let mut archive = zip::ZipArchive::new(Cursor::new(archive)).expect("an archive");
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let mut parts = std::collections::BTreeMap::new();
    for index in 0..archive.len() {
        let mut part = archive.by_index(index).expect("a part");
        let mut content = Vec::new();
        part.read_to_end(&mut content).expect("unpacks");
        parts.insert(part.name().expect("a name").into_owned(), content);
    }
    for (name, content) in changes {
        match content {
            Some(content) => drop(parts.insert((*name).to_owned(), content.to_vec())),
            None => drop(parts.remove(*name).expect("the part")),
        }
    }
    for (name, content) in parts {
        writer.start_file(name, SimpleFileOptions::default()).expect("starts");
        writer.write_all(&content).expect("writes");
    }
    writer.finish().expect("ends").into_inner()
}

fn part(archive: &[u8], name: &str) -> Vec<u8> {
    let mut archive = zip::ZipArchive::new(Cursor::new(archive)).expect("an archive");
    let mut content = Vec::new();
    archive.by_name(name).expect("the part").read_to_end(&mut content).expect("unpacks");
    content
}

#[test]
fn xlsx_hidden_rows_and_columns() {
    let sheet = r#"<worksheet><cols><col min="2" max="3" hidden="1"/><col min="5" max="16384" width="0"/><col min="4" max="4" width="9"/></cols><sheetData><row r="1"><c r="A1"><v>1</v></c></row><row r="2" hidden="true"/><row r="3" hidden="1"><c r="A3"><v>3</v></c></row><row r="4" hidden="0"/><row r="5" ht="0" customHeight="1"/></sheetData></worksheet>"#;
    insta::assert_snapshot!(told(&xlsx_of(sheet, "")), @r"
    xlsx
    sheet Q1 & Q2
    A1 Number(1.0)
    A3 Number(3.0)
    rows out of sight [1..=2, 4..=4]
    columns out of sight [1..=2, 4..=16383]
    sheet Lists (hidden)
    A1 Number(9.0)
    ");
}

#[test]
fn xlsx_formulas_left_to_whoever_opens_the_file() {
    let sheet = r#"<worksheet><sheetData><row r="1"><c r="A1"><f>SUM(B1:B9)</f><v>0</v></c><c r="B1"><v>0</v></c><c r="C1"><f>1+1</f><v>2</v></c></row></sheetData></worksheet>"#;
    insta::assert_snapshot!(told(&xlsx_of(sheet, r#"<calcPr fullCalcOnLoad="1"/>"#)), @r"
    xlsx
    sheet Q1 & Q2
    A1 FormulaWithoutValue
    B1 Number(0.0)
    C1 Number(2.0)
    sheet Lists (hidden)
    A1 Number(9.0)
    ");
    let calculated = told(&xlsx_of(sheet, r#"<calcPr calcId="191029"/>"#));
    assert!(calculated.contains("A1 Number(0.0)"), "{calculated}");
}

#[test]
fn xlsx_with_formats_that_are_not_there_or_two_values() {
    let cell = |cell: &str| {
        let sheet =
            format!(r#"<worksheet><sheetData><row r="1">{cell}</row></sheetData></worksheet>"#);
        told(&xlsx_of(&sheet, ""))
    };
    let answers = [
        cell(r#"<c r="A1" s="99"><v>45838</v></c>"#),
        cell(r#"<c r="A1" s="99" t="str"><v>text needs no format</v></c>"#),
        cell(r#"<c r="A1"><v>1</v><v>2</v></c>"#),
        cell(r#"<c r="A1" t="d"><v>not a date</v></c>"#),
    ];
    insta::assert_snapshot!(answers.join("\n"), @r#"
    workbook-malformed at Q1 & Q2!A1: `q1.xlsx` refers to a format that is not there at cell A1 of sheet `Q1 & Q2`: the file is damaged
    xlsx
    sheet Q1 & Q2
    A1 Text("text needs no format")
    sheet Lists (hidden)
    A1 Number(9.0)
    workbook-malformed at Q1 & Q2!A1: `q1.xlsx` has two values at cell A1 of sheet `Q1 & Q2`: the file is damaged
    xlsx
    sheet Q1 & Q2
    A1 Text("not a date")
    sheet Lists (hidden)
    A1 Number(9.0)
    "#);
}

#[test]
fn a_sheet_or_text_that_is_not_as_it_was_saved_is_refused() {
    let first = r#"<row r="1"><c r="A1" t="s"><v>0</v></c></row>"#;
    let row = |row| format!(r#"<row r="{row}"><c r="A{row}"/></row>"#);
    let many: String = (2..500).map(row).collect();
    let after = format!("<mergeCells>{}</mergeCells>", r#"<mergeCell ref="D1:D2"/>"#.repeat(500));
    // Read by one, by two, and to long before the end of its part.
    for (more, after) in [("", ""), (many.as_str(), ""), (many.as_str(), after.as_str())] {
        let sheet = format!("<worksheet><sheetData>{first}{more}</sheetData>{after}</worksheet>");
        let whole = xlsx_of(&sheet, "");
        assert!(told(&whole).contains("Area"), "{}", told(&whole));
        for part in ["xl/worksheets/sheet1.xml", "xl/sharedStrings.xml"] {
            let told = told(&with_another_checksum(&whole, part));
            assert!(told.contains("is not as it was when it was saved"), "{told}");
        }
    }
}

/// The same file, with another checksum given for a part.
fn with_another_checksum(file: &[u8], part: &str) -> Vec<u8> {
    let mut archive = zip::ZipArchive::new(Cursor::new(file)).expect("an archive");
    let checksum = archive.by_name(part).expect("there").crc32().to_le_bytes();
    let mut bytes = file.to_vec();
    for at in 0..bytes.len() - 4 {
        if bytes[at..at + 4] == checksum {
            bytes[at] ^= 1;
        }
    }
    bytes
}

#[test]
fn utf_16_is_named() {
    let sheet: Vec<u8> =
        "<worksheet><sheetData/></worksheet>".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let file = xlsx_of("<worksheet/>", "");
    let mut answers = Vec::new();
    for mark in [b"\xff\xfe".as_slice(), b""] {
        let sheet = [mark, &sheet].concat();
        answers.push(told(&with_parts(&file, &[("xl/worksheets/sheet1.xml", Some(&sheet))])));
    }
    insta::assert_snapshot!(answers.join("\n"), @r"
    workbook-malformed at whole file: `q1.xlsx` has a part in UTF-16, an encoding that workbooks are not written in: the file is damaged
    workbook-malformed at whole file: `q1.xlsx` has a part in UTF-16, an encoding that workbooks are not written in: the file is damaged
    ");
}

/// A macro or dialog sheet is left out, and the rest is read.
#[test]
fn macro_sheets_cost_themselves_only() {
    let open = sample_bytes("any_sheets.xlsx");
    let rels = String::from_utf8(part(&open, "xl/_rels/workbook.xml.rels")).expect("text");
    let sheets = |told: &str| -> Vec<String> {
        told.lines().filter(|line| line.starts_with("sheet ")).map(str::to_owned).collect()
    };
    let expected = ["sheet Visible", "sheet Hidden (hidden)", "sheet VeryHidden (hidden)"];
    for kind in [
        "http://schemas.microsoft.com/office/2006/relationships/xlMacrosheet",
        "http://schemas.openxmlformats.org/officeDocument/2006/relationships/dialogsheet",
    ] {
        let chart =
            "http://schemas.openxmlformats.org/officeDocument/2006/relationships/chartsheet";
        assert!(rels.contains(chart));
        let changed = rels.replace(chart, kind);
        let file = with_parts(&open, &[("xl/_rels/workbook.xml.rels", Some(changed.as_bytes()))]);
        assert_eq!(sheets(&told(&file)), expected, "{kind}");
    }
    let binary = sample_bytes("any_sheets.xlsb");
    let name = "xl/_rels/workbook.bin.rels";
    let rels = String::from_utf8(part(&binary, name)).expect("text");
    let moved = rels
        .replace("/relationships/chartsheet", "/relationships/xlMacrosheet")
        .replace("chartsheets/", "macrosheets/");
    assert_ne!(moved, rels);
    let file = with_parts(&binary, &[(name, Some(moved.as_bytes()))]);
    assert_eq!(sheets(&told(&file)), expected);
    let absolute = rels.replace("\"worksheets/", "\"/xl/worksheets/");
    let file = with_parts(&binary, &[(name, Some(absolute.as_bytes()))]);
    assert_eq!(sheets(&told(&file)), expected, "targets from the top");
    let gone = rels.replace("Id=\"rId1\"", "Id=\"rId99\"");
    let file = with_parts(&binary, &[(name, Some(gone.as_bytes()))]);
    assert!(told(&file).contains("lists a sheet that it does not hold"), "{}", told(&file));
}

#[test]
fn usual_parts_under_unusual_names() {
    let file = xlsx_of(
        r#"<worksheet><sheetData><row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" s="1"><v>45838</v></c></row></sheetData></worksheet>"#,
        "",
    );
    let rels = String::from_utf8(part(&file, "xl/_rels/workbook.xml.rels")).expect("text");
    let rels = rels.replace(
        "</Relationships>",
        r#"<Relationship Id="s" Type="http://x/styles" Target="looks.xml"/><Relationship Id="t" Type="http://x/sharedStrings" Target="/xl/words.xml"/></Relationships>"#,
    );
    let (styles, strings) = (part(&file, "xl/styles.xml"), part(&file, "xl/sharedStrings.xml"));
    let moved = with_parts(
        &file,
        &[
            ("xl/_rels/workbook.xml.rels", Some(rels.as_bytes())),
            ("xl/looks.xml", Some(&styles)),
            ("xl/words.xml", Some(&strings)),
            ("xl/styles.xml", None),
            ("xl/sharedStrings.xml", None),
        ],
    );
    assert_eq!(told(&moved), told(&file));
    assert!(told(&moved).contains("Date(2025-06-30"), "{}", told(&moved));
}

/// Records of an xlsb sheet.
fn binary_sheet(records: &[(u8, &[u8])]) -> Vec<u8> {
    let mut part = Vec::new();
    let mut push = |kind: u16, content: &[u8]| {
        if kind < 0x80 {
            part.push(u8::try_from(kind).expect("small"));
        } else {
            part.extend([kind.to_le_bytes()[0] | 0x80, u8::try_from(kind >> 7).expect("small")]);
        }
        part.push(u8::try_from(content.len()).expect("short"));
        part.extend(content);
    };
    push(0x0094, &[0; 16]);
    push(0x0186, &[]);
    let mut columns = [0; 18];
    (columns[0], columns[4], columns[8], columns[16]) = (1, 2, 9, 1);
    push(0x003c, &columns);
    push(0x0187, &[]);
    push(0x0091, &[]);
    for (kind, content) in records {
        push(u16::from(*kind), content);
    }
    push(0x0092, &[]);
    part
}

#[test]
fn xlsb_errors_of_formulas_rich_texts_and_hidden_rows() {
    let row = |number: u8, flags: u8| [number, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, flags, 0, 0, 0, 0, 0];
    let cell = |column: u8, rest: &[u8]| [&[column, 0, 0, 0, 0, 0, 0, 0], rest].concat();
    let number = 7.5_f64.to_le_bytes();
    let told_of = |records: &[(u8, &[u8])]| {
        let sheet = binary_sheet(records);
        told(&with_parts(&sample_bytes("date.xlsb"), &[("xl/worksheets/sheet1.bin", Some(&sheet))]))
    };
    let answers = [
        told_of(&[
            (0, &row(0, 0)),
            (5, &cell(0, &number)),
            (11, &cell(1, &[0x17, 0, 0])),
            (62, &cell(2, &[1, 2, 0, 0, 0, b'h', 0, b'i', 0, 0])),
            (0, &row(1, 0x10)),
            (9, &cell(0, &number)),
            (11, &cell(3, &[0x07, 0, 0])),
        ]),
        told_of(&[(0, &row(0, 0)), (11, &cell(0, &[0x99, 0, 0]))]),
        told_of(&[(0, &row(0, 0)), (7, &cell(0, &[9, 9, 9, 0]))]),
        told_of(&[(0, &row(0, 0)), (5, &[0, 0, 0, 0, 0xff, 0xff, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8])]),
        told_of(&[(0, &row(0, 0)), (5, &cell(0, &number[..4]))]),
        told_of(&[(0, &row(0, 0)), (6, &cell(0, &[9, 0, 0, 0, b'x', 0]))]),
        told_of(&[(0, &row(0, 0)), (13, &cell(0, &[1, 2, 3, 4]))]),
        told_of(&[(0, &[0, 0, 0x20, 0, 0, 0, 0, 0, 0, 1, 0, 0])]),
        told_of(&[(0, &row(0, 0)), (5, &cell(0, &number)), (5, &cell(0, &number))]),
    ];
    insta::assert_snapshot!(answers.join("\n"), @r##"
    xlsb
    sheet Sheet1
    A1 Number(7.5)
    B1 Error("#REF!")
    C1 Text("hi")
    A2 Number(7.5)
    D2 Error("#DIV/0!")
    rows out of sight [1..=1]
    columns out of sight [1..=2]
    workbook-malformed at Sheet1!A1: `q1.xlsx` has an error of no known kind at cell A1 of sheet `Sheet1`: the file is damaged
    workbook-malformed at Sheet1!A1: `q1.xlsx` refers to a text that is not there at cell A1 of sheet `Sheet1`: the file is damaged
    workbook-malformed at Sheet1!A1: `q1.xlsx` refers to a format that is not there at cell A1 of sheet `Sheet1`: the file is damaged
    workbook-malformed at whole file: `q1.xlsx` has records that end before they should: the file is damaged
    workbook-malformed at whole file: `q1.xlsx` has records that end before they should: the file is damaged
    workbook-malformed at Sheet1!A1: `q1.xlsx` has a value in a form that is not known at cell A1 of sheet `Sheet1`: the file is damaged
    workbook-malformed at Sheet1: `q1.xlsx` has a row of no possible number on sheet `Sheet1`: the file is damaged
    duplicate-cell at Sheet1!A1: `q1.xlsx` holds cell A1 of sheet `Sheet1` twice, so it is not known which is meant
    "##);
}

/// A workbook stream of old: its globals, then one sheet.
fn old(sheet: &[(u16, &[u8])]) -> Vec<u8> {
    let record = |kind: u16, content: &[u8]| {
        let length = u16::try_from(content.len()).expect("short");
        [&kind.to_le_bytes(), &length.to_le_bytes(), content].concat()
    };
    let globals = |start: u32| {
        let start = start.to_le_bytes();
        [
            record(0x0809, &[0, 6, 5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]),
            record(0x0042, &[0xb0, 4]),
            record(0x00e0, &[0; 20]),
            record(0x0085, &[start[0], start[1], start[2], start[3], 0, 0, 2, 0, b'Q', b'1']),
            record(0x00fc, &[1, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, b'h', b'i']),
            record(0x000a, &[]),
        ]
        .concat()
    };
    let start = u32::try_from(globals(0).len()).expect("short");
    let mut stream = globals(start);
    stream.extend(record(0x0809, &[0, 6, 0x10, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]));
    stream.extend(record(0x0200, &[0, 0, 0, 0, 0xff, 0xff, 0xff, 0x7f, 0, 0, 0xff, 0, 0, 0]));
    for (kind, content) in sheet {
        stream.extend(record(*kind, content));
    }
    stream.extend(record(0x000a, &[]));
    container::plain(&stream)
}

/// A formula in A1 of a row with this result.
fn formula(row: u8, result: [u8; 8], flags: u8) -> Vec<u8> {
    let head = [row, 0, 0, 0, 0, 0];
    [&head[..], &result, &[flags, 0, 0, 0, 0, 0, 0, 0]].concat()
}

#[test]
fn xls_hidden_rows_and_formulas_without_a_value() {
    let text = [0, 0, 0, 0, 0, 0, 0xff, 0xff];
    let empty = [3, 0, 0, 0, 0, 0, 0xff, 0xff];
    let mut row = [0; 16];
    (row[0], row[12]) = (2, 0x20);
    let columns = [1, 0, 3, 0, 9, 0, 0, 0, 1, 0, 0, 0];
    let shared = [9, 0, 1, 0, 0, 0, 0, 0, 0, 0];
    let answers = [
        told(&old(&[
            (0x007d, &columns),
            (0x0208, &row),
            (0x0006, &formula(0, 2.5_f64.to_le_bytes(), 0)),
            (0x0006, &formula(1, text, 0)),
            (0x0207, &[2, 0, 0, b'o', b'k']),
            (0x0006, &formula(2, [0; 8], 2)),
            (0x0006, &formula(3, [0; 8], 0)),
            (0x0006, &formula(4, text, 0)),
            (0x0006, &formula(5, empty, 0)),
            (0x0006, &formula(6, [2, 0, 0x2a, 0, 0, 0, 0xff, 0xff], 0)),
            (0x00fd, &shared),
        ])),
        told(&old(&[(0x0006, &formula(0, empty, 0)), (0x0006, &formula(1, empty, 0))])),
    ];
    insta::assert_snapshot!(answers.join("\n"), @r##"
    xls
    sheet Q1
    A1 Number(2.5)
    A2 Text("ok")
    A3 FormulaWithoutValue
    A4 Number(0.0)
    A5 FormulaWithoutValue
    A7 Error("#N/A")
    B10 Text("hi")
    rows out of sight [2..=2]
    columns out of sight [1..=3]
    xls
    sheet Q1
    A1 FormulaWithoutValue
    A2 FormulaWithoutValue
    "##);
}

#[test]
fn xls_records_that_would_be_read_wrongly_are_refused() {
    let number = |row: u8, column: u16, format: u8| {
        let [low, high] = column.to_le_bytes();
        [&[row, 0, low, high, format, 0][..], &1_f64.to_le_bytes()].concat()
    };
    let answers = [
        told(&old(&[(0x0203, &number(0, 0, 0)), (0x0203, &number(0, 0, 0))])),
        told(&old(&[(0x0203, &number(0, 256, 0))])),
        told(&old(&[(0x0203, &number(0, 0, 9))])),
        told(&old(&[(0x00fd, &[0, 0, 0, 0, 0, 0, 7, 0, 0, 0])])),
        told(&old(&[(0x0207, &[1, 0, 0, b'x'])])),
        told(&old(&[(0x0205, &[0, 0, 0, 0, 0, 0, 0x99, 1])])),
        told(&old(&[(0x0204, &[0, 0, 0, 0, 0, 0, 9, 0, 0, b'x'])])),
        told(&old(&[(0x00bd, &[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 5, 0])])),
        told(&old(&[(0x0203, &[0, 0])])),
        told(&old(&[(0x0809, &[0; 16])])),
    ];
    insta::assert_snapshot!(answers.join("\n"), @r"
    duplicate-cell at whole file: `q1.xlsx` holds cell A1 of a sheet twice, so it is not known which is meant
    workbook-malformed at whole file: `q1.xlsx` has a cell beyond the last column at cell IW1 of a sheet: the file is damaged
    workbook-malformed at whole file: `q1.xlsx` refers to a format that is not there at cell A1 of a sheet: the file is damaged
    workbook-malformed at whole file: `q1.xlsx` refers to a text that is not there at cell A1 of a sheet: the file is damaged
    workbook-malformed at whole file: `q1.xlsx` has a formula's text without its formula: the file is damaged
    workbook-malformed at whole file: `q1.xlsx` has an error of no known kind at cell A1 of a sheet: the file is damaged
    workbook-malformed at whole file: `q1.xlsx` has a text that is cut off at cell A1 of a sheet: the file is damaged
    workbook-malformed at whole file: `q1.xlsx` has a row of numbers that does not add up at cell A1 of a sheet: the file is damaged
    workbook-malformed at whole file: `q1.xlsx` has records that end before they should: the file is damaged
    workbook-malformed at whole file: `q1.xlsx` has records that end before they should: the file is damaged
    ");
}

fn ods(table: &str) -> String {
    let file = with_parts(&sample_bytes("date.ods"), &[("content.xml", Some(
        format!(r#"<office:document-content><office:automatic-styles><style:style style:name="ta2" style:family="table"><style:table-properties table:display="false"/></style:style></office:automatic-styles><office:body><office:spreadsheet>{table}</office:spreadsheet></office:body></office:document-content>"#).as_bytes(),
    ))]);
    told(&file)
}

#[test]
fn ods_is_read_with_its_errors_repeats_and_hidden_rows() {
    let table = r#"
        <table:table table:name="Q1">
          <table:table-column table:number-columns-repeated="2"/>
          <table:table-column table:visibility="collapse" table:number-columns-repeated="3"/>
          <table:table-column table:number-columns-repeated="16379"/>
          <table:table-header-rows>
            <table:table-row>
              <table:table-cell office:value-type="string"><text:p>Area</text:p><text:p>of <text:span>two</text:span>
                  lines<text:s text:c="2"/>&amp;<text:tab/>more</text:p><office:annotation><text:p>a remark</text:p></office:annotation></table:table-cell>
              <table:table-cell table:number-columns-repeated="3" office:value-type="float" office:value="7"><text:p>7</text:p></table:table-cell>
            </table:table-row>
          </table:table-header-rows>
          <table:table-row table:number-rows-repeated="2" table:visibility="filter">
            <table:table-cell/>
            <table:table-cell office:value-type="percentage" office:value="0.25"><text:p>25%</text:p></table:table-cell>
          </table:table-row>
          <table:table-row>
            <table:table-cell table:formula="of:=1/0" office:value-type="string" office:string-value="" calcext:value-type="error"><text:p>#DIV/0!</text:p></table:table-cell>
            <table:table-cell table:formula="of:=SUM([.A1])"/>
            <table:table-cell table:formula="of:=&quot;&quot;" office:value-type="string" office:string-value=""/>
            <table:table-cell office:value-type="date" office:date-value="2025-06-30"/>
            <table:table-cell office:value-type="time" office:time-value="PT36H00M00S"/>
            <table:table-cell office:value-type="boolean" office:boolean-value="true"/>
            <table:covered-table-cell office:value-type="string"><text:p>under</text:p></table:covered-table-cell>
          </table:table-row>
          <table:table-row table:number-rows-repeated="1048000"><table:table-cell table:number-columns-repeated="16384"/></table:table-row>
        </table:table>
        <table:table table:name="Lists" table:style-name="ta2"><table:table-row><table:table-cell office:value-type="float" office:value="9"/></table:table-row></table:table>
        <table:table table:name="'file:///elsewhere.ods'#$Sheet1"><table:table-source/><table:table-row><table:table-cell office:value-type="float" office:value="8"/></table:table-row></table:table>"#;
    insta::assert_snapshot!(ods(table), @r##"
    ods
    sheet Q1
    A1 Text("Area\nof two lines  &\tmore")
    B1 Number(7.0)
    C1 Number(7.0)
    D1 Number(7.0)
    B2 Number(0.25)
    B3 Number(0.25)
    A4 Error("#DIV/0!")
    B4 FormulaWithoutValue
    D4 Date(2025-06-30T00:00:00)
    E4 Number(1.5)
    F4 Bool(true)
    G4 Text("under")
    rows out of sight [1..=2]
    columns out of sight [2..=4]
    sheet Lists (hidden)
    A1 Number(9.0)
    "##);
}

#[test]
fn ods_that_says_too_much_or_nothing_is_refused() {
    let cell = |row: &str, cell: &str| {
        ods(&format!(
            r#"<table:table table:name="Q1"><table:table-row {row}><table:table-cell {cell}/></table:table-row></table:table>"#
        ))
    };
    let value = r#"office:value-type="float" office:value="1""#;
    let answers = [
        cell(r#"table:number-rows-repeated="2000000000""#, value),
        cell("", &format!(r#"table:number-columns-repeated="99999" {value}"#)),
        cell(r#"table:number-rows-repeated="x""#, value),
        cell("", r#"office:value-type="float" office:value="many""#),
        cell("", r#"office:value-type="float""#),
        cell("", r#"office:value-type="something" office:value="1""#),
        ods("<table:table>"),
        ods(r#"<table:table table:name="Q1"><table:table-row>"#),
    ];
    insta::assert_snapshot!(answers.join("\n"), @r"
    too-many-cells at Q1: `q1.xlsx` has more than 50 filled cells on sheet `Q1`
    too-many-cells at Q1: `q1.xlsx` has more than 50 filled cells on sheet `Q1`
    workbook-malformed at Q1!A1: `q1.xlsx` stands for an impossible number of cells at cell A1 of sheet `Q1`: the file is damaged
    workbook-malformed at Q1!A1: `q1.xlsx` has a value that is none at cell A1 of sheet `Q1`: the file is damaged
    workbook-malformed at Q1!A1: `q1.xlsx` has a value that is none at cell A1 of sheet `Q1`: the file is damaged
    workbook-malformed at Q1!A1: `q1.xlsx` has a value that is none at cell A1 of sheet `Q1`: the file is damaged
    workbook-malformed at whole file: `q1.xlsx` has a part that is not proper XML: the file is damaged
    incomplete-file at whole file: `q1.xlsx` is only part of a workbook: its end is missing
    ");
}
