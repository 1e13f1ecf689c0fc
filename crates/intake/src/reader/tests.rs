use std::fmt::Write as _;
use std::io::{Cursor, Write};

use zip::write::SimpleFileOptions;

use super::child;
use super::emit::{Emitter, Stop};
use super::process::{End, assemble};
use super::wire::{self, Limits, Request};
use crate::workbook::{Cell, Workbook};
use model::Finding;

const LIMITS: Limits = Limits {
    address_space_bytes: 1 << 30,
    seconds: 10,
    cells_per_sheet_max: 50,
    cells_per_file_max: 80,
    uncompressed_bytes_max: 2_000_000,
};

fn read(bytes: &[u8]) -> Result<Workbook, Finding> {
    let mut output = Vec::new();
    let emitter = Emitter::new(&mut output, "q1.xlsx", &LIMITS);
    match child::read_bytes(bytes, emitter, &LIMITS) {
        Ok(()) => assemble(&output, LIMITS).expect("the child keeps to the rules"),
        Err(Stop::Refused(finding)) => Err(*finding),
        Err(Stop::Output(error)) => panic!("{error}"),
    }
}

/// What is made of a file, as text.
pub(super) fn told(bytes: &[u8]) -> String {
    let workbook = match read(bytes) {
        Ok(workbook) => workbook,
        Err(finding) => {
            return format!("{} at {}: {}", finding.code, finding.place, finding.message);
        }
    };
    let mut text = workbook.kind.as_str().to_owned();
    for sheet in &workbook.sheets {
        let hidden = if sheet.visible { "" } else { " (hidden)" };
        write!(text, "\nsheet {}{hidden}", sheet.name).expect("a String");
        for (address, cell) in sheet.cells() {
            let value = match cell {
                Cell::Date(date) => format!("Date({date})"),
                other => format!("{other:?}"),
            };
            write!(text, "\n{address} {value}").expect("a String");
        }
        let crate::workbook::OutOfSight { rows, columns } = &sheet.out_of_sight;
        for (what, spans) in [("rows", rows), ("columns", columns)] {
            if !spans.is_empty() {
                write!(text, "\n{what} out of sight {spans:?}").expect("a String");
            }
        }
    }
    text
}

const PACKAGE: &str = r#"<Relationships><Relationship Id="r1" Type="http://x/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#;
const RELATIONS: &str = r#"<Relationships><Relationship Id="r1" Type="http://x/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="r2" Type="http://x/chartsheet" Target="chartsheets/sheet1.xml"/><Relationship Id="r3" Type="http://x/worksheet" Target="/xl/worksheets/sheet2.xml"/></Relationships>"#;
const WORKBOOK: &str = r#"<workbook><sheets><sheet name="Q1 &amp; Q2" r:id="r1"/><sheet name="Chart" r:id="r2"/><sheet name="Lists" state="hidden" r:id="r3"/></sheets></workbook>"#;
const STYLES: &str = r#"<styleSheet><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="46"/></cellXfs></styleSheet>"#;
const STRINGS: &str = r#"<sst count="3" uniqueCount="3"><si><t>Area</t></si><si/><si><r><t xml:space="preserve">Seven</t></r><r><t>oaks</t></r></si></sst>"#;

/// An xlsx file with these rows on its first sheet.
fn xlsx_with(rows: &str, strings: &str) -> Vec<u8> {
    zipped(&sheet(rows), WORKBOOK, strings)
}

/// An xlsx file with this part as its first sheet, and with more in its main part.
pub(super) fn xlsx_of(sheet: &str, more: &str) -> Vec<u8> {
    zipped(sheet, &WORKBOOK.replace("</workbook>", &format!("{more}</workbook>")), STRINGS)
}

fn sheet(rows: &str) -> String {
    format!(
        r#"<worksheet><dimension ref="A1:XFD1048576"/><sheetData>{rows}</sheetData></worksheet>"#
    )
}

fn zipped(first_sheet: &str, workbook: &str, strings: &str) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let parts = [
        ("_rels/.rels", PACKAGE.to_owned()),
        ("xl/_rels/workbook.xml.rels", RELATIONS.to_owned()),
        ("xl/workbook.xml", workbook.to_owned()),
        ("xl/styles.xml", STYLES.to_owned()),
        ("xl/sharedStrings.xml", strings.to_owned()),
        ("xl/chartsheets/sheet1.xml", "<chartsheet/>".to_owned()),
        ("xl/worksheets/sheet1.xml", first_sheet.to_owned()),
        ("xl/worksheets/sheet2.xml", sheet(r#"<row r="1"><c r="A1"><v>9</v></c></row>"#)),
    ];
    for (name, content) in parts {
        writer.start_file(name, SimpleFileOptions::default()).expect("starts");
        writer.write_all(content.as_bytes()).expect("writes");
    }
    writer.finish().expect("ends").into_inner()
}

fn xlsx(rows: &str) -> String {
    told(&xlsx_with(rows, STRINGS))
}

#[test]
fn every_kind_of_cell() {
    let rows = r#"<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c><c r="C1" t="s"><v>2</v></c><c r="D1" t="inlineStr"><is><t xml:space="preserve"> here </t></is></c></row>
        <row r="2"><c r="A2"><v>0.1</v></c><c r="B2" t="b"><v>1</v></c><c r="C2" t="e"><v>#REF!</v></c><c r="D2" s="1"><v>45838</v></c><c r="E2" s="2"><v>1.5</v></c><c r="F2" t="d"><v>2025-06-30T12:00:00</v></c><c r="G2" s="1"><v>60</v></c></row>
        <row r="3"><c r="A3"><f>SUM(A1:A2)</f></c><c r="B3"><f>1+1</f><v>2</v></c><c r="C3" t="str"><f>""</f><v></v></c><c r="D3"><f>1</f><v/></c><c r="E3" s="1"/></row>"#;
    insta::assert_snapshot!(xlsx(rows), @r##"
    xlsx
    sheet Q1 & Q2
    A1 Text("Area")
    C1 Text("Sevenoaks")
    D1 Text(" here ")
    A2 Number(0.1)
    B2 Bool(true)
    C2 Error("#REF!")
    D2 Date(2025-06-30T00:00:00)
    E2 Number(1.5)
    F2 Date(2025-06-30T12:00:00)
    G2 Number(60.0)
    A3 FormulaWithoutValue
    B3 Number(2.0)
    D3 FormulaWithoutValue
    sheet Lists (hidden)
    A1 Number(9.0)
    "##);
}

#[test]
fn errors_that_the_reader_does_not_know_cost_one_cell() {
    let rows = r#"<row r="1"><c r="A1" t="e"><v>#SPILL!</v></c><c r="B1"><v>1</v></c><c r="C1" t="b"><v>7</v></c><c r="D1"><v>2</v></c></row><row r="2"><c r="B2" t="e"><f>X()</f><v>#CALC!</v></c><c r="C2"><v>3</v></c></row>"#;
    insta::assert_snapshot!(xlsx(rows), @r##"
    xlsx
    sheet Q1 & Q2
    A1 Error("#SPILL!")
    B1 Number(1.0)
    C1 Error("7")
    D1 Number(2.0)
    B2 Error("#CALC!")
    C2 Number(3.0)
    sheet Lists (hidden)
    A1 Number(9.0)
    "##);
}

#[test]
fn what_would_be_read_wrongly_is_refused_with_its_cell() {
    let cases = [
        r#"<row r="2"><c r="B2" t="s"><v>-1</v></c></row>"#,
        r#"<row r="2"><c r="B2" t="s"><v>1x</v></c></row>"#,
        r#"<row r="2"><c r="B2" t="s"><v> 1 </v></c></row>"#,
        r#"<row r="2"><c r="B2" t="s"><v>3</v></c></row>"#,
        r#"<row r="5"><c r="B9"><v>1</v></c></row>"#,
        r#"<row r="1"><c r="AAAAAAAAA1"><v>1</v></c></row>"#,
        r#"<row r="99999999999"><c r="A99999999999"><v>1</v></c></row>"#,
        r#"<row r="1"><c r="XFE1"><v>1</v></c></row>"#,
        r#"<row r="1"><c r="A1"><v>1</v></c><c r="A1"><v>2</v></c></row>"#,
        r#"<row r="1"><c r="A1"><v>1&#48;</v></c></row>"#,
        r#"<row r="1"><c r="A1"><v>1</v></c><c r="B1" t="n"><v>many</v></c></row>"#,
        r#"<row r="1"><c t="e"><v>NEW</v></c><c><v>2</v></c></row>"#,
        r#"<row r="1"><c r="A1"><v>1</v></row"#,
    ];
    let answers: Vec<String> = cases.iter().map(|rows| xlsx(rows)).collect();
    insta::assert_snapshot!(answers.join("\n"), @r"
    workbook-malformed at Q1 & Q2!B2: `q1.xlsx` refers to a text that is not there at cell B2 of sheet `Q1 & Q2`: the file is damaged
    workbook-malformed at Q1 & Q2!B2: `q1.xlsx` refers to a text that is not there at cell B2 of sheet `Q1 & Q2`: the file is damaged
    workbook-malformed at Q1 & Q2!B2: `q1.xlsx` refers to a text that is not there at cell B2 of sheet `Q1 & Q2`: the file is damaged
    workbook-malformed at Q1 & Q2!B2: `q1.xlsx` refers to a text that is not there at cell B2 of sheet `Q1 & Q2`: the file is damaged
    workbook-malformed at Q1 & Q2!B9: `q1.xlsx` has a cell in another row than it says at cell B9 of sheet `Q1 & Q2`: the file is damaged
    workbook-malformed at Q1 & Q2: `q1.xlsx` has a cell of no possible address on sheet `Q1 & Q2`: the file is damaged
    workbook-malformed at Q1 & Q2: `q1.xlsx` has a row of no possible number on sheet `Q1 & Q2`: the file is damaged
    workbook-malformed at Q1 & Q2: `q1.xlsx` has a cell of no possible address on sheet `Q1 & Q2`: the file is damaged
    duplicate-cell at Q1 & Q2!A1: `q1.xlsx` holds cell A1 of sheet `Q1 & Q2` twice, so it is not known which is meant
    workbook-malformed at Q1 & Q2!A1: `q1.xlsx` has a value in pieces at cell A1 of sheet `Q1 & Q2`: the file is damaged
    workbook-unreadable at Q1 & Q2!A1: sheet `Q1 & Q2` of `q1.xlsx` cannot be read: it stops making sense after cell A1
    workbook-malformed at Q1 & Q2: `q1.xlsx` has errors among cells that do not say where they are on sheet `Q1 & Q2`: the file is damaged
    workbook-unreadable at Q1 & Q2: sheet `Q1 & Q2` of `q1.xlsx` cannot be read
    ");
}

#[test]
fn a_file_that_makes_the_reader_panic_is_refused() {
    // A shared formula whose range runs backwards: the reader subtracts its end from its start.
    let rows = r#"<row r="1"><c r="B1"><f t="shared" si="0" ref="C1:B2">1</f><v>1</v></c></row>"#;
    insta::assert_snapshot!(xlsx(rows), @"workbook-unreadable at whole file: `q1.xlsx` stopped the reader and was set aside: it is damaged");
}

#[test]
fn far_corners_and_false_claims_cost_nothing() {
    let corners = r#"<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>2</v></c></row>"#;
    insta::assert_snapshot!(xlsx(corners), @r"
    xlsx
    sheet Q1 & Q2
    A1 Number(1.0)
    XFD1048576 Number(2.0)
    sheet Lists (hidden)
    A1 Number(9.0)
    ");
    for claim in ["99999999999", "18446744073709551615", "99999999999999999999999", "1000"] {
        let strings = STRINGS.replace(r#"uniqueCount="3""#, &format!(r#"uniqueCount="{claim}""#));
        let told = told(&xlsx_with("", &strings));
        assert!(told.contains("claims more texts than it has room for"), "{claim}: {told}");
    }
}

#[test]
fn limits_hold() {
    let row = |cells: usize| {
        let cells: String = (0..cells).map(|_| "<c><v>1</v></c>").collect();
        format!(r#"<row r="1">{cells}</row>"#)
    };
    assert!(xlsx(&row(50)).starts_with("xlsx"));
    insta::assert_snapshot!(xlsx(&row(51)), @"too-many-cells at Q1 & Q2: `q1.xlsx` has more than 50 filled cells on sheet `Q1 & Q2`");
    let shared = format!("<sst><si><t>{}</t></si></sst>", "x".repeat(100_000));
    let cells = r#"<c t="s"><v>0</v></c>"#.repeat(30);
    insta::assert_snapshot!(told(&xlsx_with(&format!("<row>{cells}</row>"), &shared)), @"workbook-too-large at whole file: `q1.xlsx` unpacks to more than the 1 MiB allowed");
    let long = format!("a,{}", "x".repeat(1_100_000));
    insta::assert_snapshot!(told(long.as_bytes()), @"cell-too-long at csv!B1: `q1.xlsx` has more text in cell B1 of sheet `csv` than can be read");
}

/// A reader's own sample files, read as they are: see the README beside them.
fn sample(name: &str) -> String {
    told(&sample_bytes(name))
}

/// The bytes of a sample.
pub(super) fn sample_bytes(name: &str) -> Vec<u8> {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../fixtures/real/calamine-tests")
        .join(name);
    let mut bytes = Vec::new();
    std::io::Read::read_to_end(&mut std::fs::File::open(path).expect(name), &mut bytes)
        .expect(name);
    bytes
}

#[test]
fn dates_of_both_systems_in_all_formats() {
    for name in
        ["date.xlsx", "date.xlsb", "date.xls", "date_1904.xlsx", "date_1904.xlsb", "date_1904.xls"]
    {
        let told = sample(name);
        let (_, cells) = told.split_once('\n').expect("a sheet");
        // The text formats keep fifteen digits.
        let cells = cells.replace("10.632060185185185", "10.6320601851852");
        insta::allow_duplicates! {
            insta::assert_snapshot!(cells, @r"
            sheet Sheet1
            A1 Date(2021-01-01T00:00:00)
            B1 Number(15.0)
            A2 Date(2021-01-02T00:00:00)
            B2 Number(16.0)
            A3 Number(10.6320601851852)
            B3 Number(17.0)
            ");
        }
    }
}

/// An old workbook whose wide characters come one byte at a time.
#[test]
fn wide_characters_are_put_together_again() {
    let told = sample("sheet_name_parsing.xls");
    for text in ["Titel", "År", "Regissör"] {
        assert!(told.contains(text), "{told}");
    }
    assert!(!told.contains('\0'));
}

#[test]
fn sheets_that_are_not_worksheets_are_left_out_and_hidden_ones_kept() {
    for name in ["any_sheets.xlsx", "any_sheets.xlsb", "any_sheets.xls"] {
        let told = sample(name);
        let sheets: Vec<&str> = told.lines().filter(|line| line.starts_with("sheet ")).collect();
        assert_eq!(
            sheets,
            ["sheet Visible", "sheet Hidden (hidden)", "sheet VeryHidden (hidden)"],
            "{name}"
        );
    }
}

#[test]
fn protected_samples_are_told_apart_from_broken_ones() {
    for name in ["pass_protected.xlsx", "pass_protected.xlsb", "pass_protected.ods"] {
        assert!(sample(name).starts_with("password-protected at whole file"), "{name}");
    }
}

#[test]
fn the_child_answers_in_order_and_ends_with_its_input() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut input = Vec::new();
    for (name, content) in [("a", "1,2\n"), ("b", ""), ("c", "3,4\n")] {
        let path = folder.path().join(name);
        let mut file = std::fs::File::create(&path).expect("creates");
        file.write_all(content.as_bytes()).expect("writes");
        let label = name.to_owned();
        wire::write(&mut input, &Request { path, label }).expect("asks");
    }
    let (mut output, mut allowed) = (Vec::new(), Vec::new());
    child::serve(&mut input.as_slice(), &mut output, &LIMITS, |file| {
        allowed.push(file);
        Ok(())
    })
    .expect("serves");
    assert_eq!(allowed, [1, 2, 3]);
    let mut answers = output.as_slice();
    let mut kinds = Vec::new();
    while let Some((message, _)) = wire::read_message(&mut answers).expect("answers") {
        let text = match message {
            wire::Message::Answer(answer) => format!("{answer:?}"),
            wire::Message::Cells(_) => "Cells".to_owned(),
        };
        kinds.push(text.split(['(', ' ']).next().expect("a word").to_owned());
    }
    assert_eq!(kinds.join(" "), "Start Sheet Cells Done Refused Start Sheet Cells Done");
    // A request that breaks off is a fault, not an end.
    let cut = &input[..input.len() - 1];
    let served = child::serve(&mut &*cut, &mut Vec::new(), &LIMITS, |_| Ok(()));
    assert!(served.is_err());
}

#[test]
fn the_parent_believes_nothing_a_child_should_not_say() {
    use super::cells::Batch;
    use super::wire::Answer;
    use crate::workbook::FileKind;

    /// Something a child says: a document, or cells of one column.
    enum Saying {
        Document(Answer),
        Cells(&'static [u32]),
        Bytes(&'static [u8]),
    }
    use Saying::{Bytes, Cells, Document};

    let start = || Document(Answer::Start { kind: FileKind::Csv, epoch_1904: false });
    let sheet = || Document(Answer::Sheet { name: "csv".to_owned(), visible: true });
    let answered = |sayings: &[Saying]| {
        let mut bytes = Vec::new();
        for saying in sayings {
            match saying {
                Document(answer) => wire::write(&mut bytes, answer),
                Cells(rows) => {
                    let mut batch = Batch::new(0);
                    for row in *rows {
                        batch.push(model::CellAddress::new(*row, 0), Cell::FormulaWithoutValue);
                    }
                    wire::write_cells(&mut bytes, batch.bytes())
                }
                Bytes(cells) => wire::write_cells(&mut bytes, cells),
            }
            .expect("says");
        }
        assemble(&bytes, LIMITS)
    };
    // Out of order is no lie; see `NotASheet` for what is.
    let good = [start(), sheet(), Cells(&[0, 2, 1]), Cells(&[3]), Document(Answer::Done)];
    assert!(matches!(answered(&good), Ok(Ok(_))));
    let done = || Document(Answer::Done);
    let zeros = |cells: u32, column: u32| {
        let cells = (0..cells).map(|row| model::CellAddress::new(row, column)).collect();
        Document(Answer::ZeroFormulas(cells))
    };
    assert!(matches!(answered(&[start(), sheet(), zeros(5, 0), done()]), Ok(Ok(_))));
    let bad: [Vec<Saying>; 15] = [
        vec![start(), zeros(5, 0)],
        vec![start(), sheet(), zeros(4, 0), done()],
        vec![start(), sheet(), zeros(1_001, 0), done()],
        vec![start(), sheet(), zeros(5, 16_384), done()],
        vec![done()],
        vec![sheet()],
        vec![start(), start()],
        vec![start(), Cells(&[0])],
        vec![start(), sheet(), sheet()],
        vec![start(), sheet(), Cells(&[1_048_576])],
        vec![start(), sheet(), Bytes(&[0, 0x12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xf8, 0x7f])],
        vec![start(), sheet(), Cells(&[0, 0]), done()],
        vec![start(), sheet(), Cells(&[0, 1]), Cells(&[0]), sheet()],
        vec![start(), sheet(), Cells(&[0]), Cells(&(const { [0; 81] }))],
        vec![start(), Document(Answer::Ready)],
    ];
    for (index, sayings) in bad.iter().enumerate() {
        assert_eq!(answered(sayings).err(), Some(End::Garbage), "case {index}");
    }
}

#[test]
fn without_a_program_every_file_says_that_the_reader_is_missing() {
    let settings = super::ReaderSettings {
        program: "/nowhere/quarterdeck".into(),
        address_space_bytes: 1 << 30,
        seconds: 1,
        cells_per_sheet_max: 1,
        cells_per_file_max: 1,
        uncompressed_bytes_max: 1,
    };
    let files =
        ["a", "b"].map(|name| (model::SubmissionHash::of(b""), name.to_owned(), name.into()));
    let codes: Vec<String> = super::read_all(&files, &settings)
        .into_iter()
        .map(|result| result.expect_err("no program").code)
        .collect();
    assert_eq!(codes, ["reader-unavailable", "reader-unavailable"]);
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(64))]

    /// Any change of a byte in a workbook's sheet gives a workbook or a finding, never a panic.
    #[test]
    fn a_damaged_sheet_gets_an_answer(place in 0..400_usize, byte in 0x20..0x7f_u8) {
        let rows = r#"<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1"><f t="shared" si="0" ref="B1:B2">1</f><v>1</v></c></row><row r="2"><c r="A2" t="e"><v>#SPILL!</v></c><c r="B2" s="1"><v>45838.5</v></c></row>"#;
        let mut bytes = rows.as_bytes().to_vec();
        let place = place % bytes.len();
        bytes[place] = byte;
        let rows = String::from_utf8(bytes).expect("ASCII");
        let told = xlsx(&rows);
        proptest::prop_assert!(!told.is_empty());
    }
}
