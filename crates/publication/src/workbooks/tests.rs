use model::Place;
use testkit::cells;

use super::*;

fn cell(row: u32, column: u32) -> CellAddress {
    CellAddress::new(row, column)
}

fn text(text: &str) -> CellView<'static> {
    CellView::Text(Cow::Owned(text.to_owned()))
}

fn sheet<'a>(name: &'a str, cells: Vec<(CellAddress, CellView<'a>)>) -> SheetView<'a> {
    SheetView {
        name,
        called: None,
        visible: true,
        hidden_rows: &[],
        hidden_columns: &[],
        cells: Box::new(cells.into_iter()),
    }
}

fn submitted<'a>(findings: &'a [Finding], sheets: Vec<SheetView<'a>>) -> Submitted<'a> {
    Submitted {
        file: "ASB Q1.xlsx",
        title: "West Kent Housing: complaints",
        period: "Quarter 1 2025 to 2026 (April to June 2025)",
        partnership: "Sevenoaks CSP",
        figures: 18,
        findings,
        sheets,
        made_on: jiff::civil::date(2025, 7, 21),
    }
}

fn shown(bytes: &[u8], sheet: &str) -> String {
    let cells = cells(bytes, sheet);
    cells.iter().map(|(cell, text)| format!("{cell}={text}")).collect::<Vec<_>>().join("\n")
}

#[test]
fn the_first_sheet_lists_what_was_found() {
    let findings = [
        Finding::new(
            Severity::Error,
            "not-a-number",
            Place::cell("ASB's", cell(7, 2)),
            "`about 12` is not a number",
        )
        .with_hint("write the number alone")
        .with_cells((0..20).map(|row| cell(row, 5))),
        Finding::new(
            Severity::Warning,
            "hidden-sheet",
            Place::sheet("Last year"),
            "the sheet is hidden",
        ),
        Finding::new(Severity::Error, "no-figures", Place::file(), "nothing there"),
    ];
    let mut hidden = sheet("Last year", vec![(cell(0, 0), CellView::Number(1.0))]);
    hidden.visible = false;
    let bytes =
        marked_up(submitted(&findings, vec![sheet("ASB's", vec![]), hidden])).expect("a workbook");
    insta::assert_snapshot!(shown(&bytes, model::FINDINGS_SHEET), @r"
    A1=What was found in ASB Q1.xlsx
    A10=2
    A11=3
    A2=West Kent Housing: complaints, for Quarter 1 2025 to 2026 (April to June 2025), as asked for by Sevenoaks CSP.
    A3=It cannot be taken in as it stands.
    A4=There are 2 errors, 1 warning and no repairs. In the sheets errors have a thick border and bold text, warnings a dashed border, repairs a dotted border and italics.
    A5=Please correct every error and send the workbook again. Look at the warnings as well; repairs are for your information.
    A6=Work in this copy or in your own file, and send it the way you sent it before. You can leave this sheet in: it is passed over.
    A7=Values are as they were read. Formulas, pictures and formats are not copied.
    A8=Number
    A9=1
    B10=Warning
    B11=Error
    B8=How serious
    B9=Error
    C10=Last year, the whole sheet (the sheet is hidden)
    C11=The whole file
    C8=Where
    C9=ASB's, cell C8
    D10=The sheet is hidden
    D11=Nothing there
    D8=What is wrong
    D9=`about 12` is not a number
    E10=Nothing
    E11=Nothing
    E8=What to do
    E9=Write the number alone
    F10=None
    F11=None
    F8=Further cells
    F9=F1, F2, F3, F4, F5, F6, F7, F8, F9, F10, F11, F12 and 8 more
    G10=hidden-sheet
    G11=no-figures
    G8=Kind
    G9=not-a-number
    ");
}

#[test]
fn nothing_a_partner_writes_becomes_a_formula() {
    let payloads =
        ["=1+1", "+1", "-1", "@SUM(A1)", "=HYPERLINK(\"http://x.example\",\"y\")", "\t=1+1"];
    let cells: Vec<_> =
        (0..).zip(payloads).map(|(row, payload)| (cell(row, 0), text(payload))).collect();
    let findings: Vec<Finding> = (0..)
        .zip(payloads)
        .map(|(row, payload)| {
            Finding::new(Severity::Error, payload, Place::cell("=1+1", cell(row, 0)), payload)
                .with_hint(payload)
        })
        .collect();
    let mut wanted = submitted(&findings, vec![sheet("=1+1", cells)]);
    wanted.file = "=1+1";
    wanted.title = "=1+1";
    let bytes = marked_up(wanted).expect("a workbook");
    assert!(testkit::xml_parts(&bytes).values().all(|xml| !xml.contains("<f>")));
}

#[test]
fn the_same_workbook_gives_the_same_bytes() {
    let make = || {
        let findings = [Finding::new(Severity::Error, "x", Place::cell("A", cell(0, 0)), "y")];
        marked_up(submitted(
            &findings,
            vec![sheet("A", vec![(cell(0, 0), CellView::FormulaWithoutValue)])],
        ))
        .expect("a workbook")
    };
    assert!(make() == make());
}

/// What hides a row or column in a sheet's XML, with how each is numbered.
fn hidden(bytes: &[u8], part: &str) -> Vec<String> {
    let parts = testkit::xml_parts(bytes);
    let tags = parts[part].split('<').filter(|tag| tag.contains("hidden=\"1\""));
    tags.map(|tag| {
        let shown = tag.split_whitespace().filter(|word| {
            ["row", "col", "r=", "min=", "max="].iter().any(|start| word.starts_with(start))
        });
        shown.collect::<Vec<_>>().join(" ")
    })
    .collect()
}

#[test]
fn what_is_hidden_is_hidden_in_the_copy_up_to_the_last_cell() {
    let findings = [Finding::new(Severity::Warning, "x", Place::cell("Folded", cell(1, 0)), "y")];
    let cells =
        (0..4).flat_map(|row| (0..3).map(move |column| (cell(row, column), CellView::Number(1.0))));
    let mut folded = sheet("Folded", cells.collect());
    // Excel hides all the rest of a sheet in one word: a million rows.
    (folded.hidden_rows, folded.hidden_columns) = (&[1..=1, 3..=1_048_575], &[2..=16_383]);
    let bytes = marked_up(submitted(&findings, vec![folded])).expect("a workbook");
    insta::assert_snapshot!(hidden(&bytes, "xl/worksheets/sheet2.xml").join("\n"), @r#"
    col min="3" max="3"
    row r="2"
    row r="4"
    "#);
    let said = shown(&bytes, model::FINDINGS_SHEET);
    assert!(said.contains("hidden in the sheet “Folded” are hidden here as well"), "{said}");
    let open = marked_up(submitted(&findings, vec![sheet("Folded", vec![])])).expect("a workbook");
    assert!(!shown(&open, model::FINDINGS_SHEET).contains("hidden"), "nothing is hidden");
}

#[test]
fn a_percentage_is_shown_as_one_and_stays_the_number_it_is() {
    let numbers = [0.12, 0.125, -0.5, 0.07, 1.0];
    let cells = (0..).zip(numbers).map(|(row, part)| (cell(row, 0), CellView::Percent(part)));
    let findings = [Finding::new(Severity::Error, "x", Place::cell("Shares", cell(1, 0)), "y")];
    let bytes = marked_up(submitted(&findings, vec![sheet("Shares", cells.collect())]));
    let bytes = bytes.expect("a workbook");
    insta::assert_snapshot!(shown(&bytes, "Shares"), @"
    A1=0.12
    A2=0.125
    A3=-0.5
    A4=0.07
    A5=1
    ");
    let parts = testkit::xml_parts(&bytes);
    // The built-in format of whole percentages, and one of our own.
    assert!(parts["xl/styles.xml"].contains("formatCode=\"0.0#%\""), "{}", parts["xl/styles.xml"]);
    let styles: Vec<&str> = parts["xl/worksheets/sheet2.xml"]
        .split("<c r=")
        .skip(1)
        .map(|cell| cell.split('>').next().unwrap_or_default())
        .collect();
    insta::assert_snapshot!(styles.join("\n"), @r#"
    "A1" s="7"
    "A2" s="8"
    "A3" s="7"
    "A4" s="7"
    "A5" s="7"
    "#);
}

/// What is said beside each open cell of a blank return with these marks.
fn beside_cells(marks: &[(String, String)]) -> Vec<String> {
    use model::{Entry, Form, FormCell, FormSheet};
    let cells =
        [(cell(1, 1), Entry::Count), (cell(1, 2), Entry::Number), (cell(1, 3), Entry::Text)];
    let form = Form {
        sheets: vec![FormSheet {
            name: "Return".to_owned(),
            cells: cells.into_iter().map(|(at, entry)| (at, FormCell::Entry(entry))).collect(),
        }],
        lists: Vec::new(),
    };
    let bytes = blank_workbook(&BlankReturn {
        form: &form,
        return_id: "wardens",
        version: 1,
        period: "2025-26Q1",
        title: "Wardens",
        period_title: "Quarter 1 2025 to 2026",
        due: None,
        partnership: "Sevenoaks CSP",
        marks,
        made_on: jiff::civil::date(2025, 7, 21),
    });
    let parts = testkit::xml_parts(&bytes.expect("a workbook"));
    let said = parts["xl/worksheets/sheet2.xml"].split(" prompt=\"").skip(1);
    said.map(|said| said.split('"').next().unwrap_or_default().to_owned()).collect()
}

#[test]
fn the_marks_stand_beside_each_cell_of_a_blank_return() {
    let mark = |mark: &str| (mark.to_owned(), "there is no figure".to_owned());
    let marks = [mark("-"), mark("[x]"), mark("n/a")];
    insta::assert_snapshot!(beside_cells(&marks).join("\n"), @"
    0 if there were none. If there is no figure, one of  -  [x]  n/a  (the first sheet says what each means).
    If there is no figure, one of  -  [x]  n/a  (the first sheet says what each means).
    ");
    // Too many for the little window: they stand on the first sheet.
    let many: Vec<(String, String)> =
        (0..30).map(|number| mark(&format!("withheld {number}"))).collect();
    insta::assert_snapshot!(beside_cells(&many).join("\n"), @"
    0 if there were none. If there is no figure, a mark of the first sheet.
    If there is no figure, a mark of the first sheet.
    ");
}
