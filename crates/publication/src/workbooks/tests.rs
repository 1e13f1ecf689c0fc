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
    SheetView { name, called: None, visible: true, cells: Box::new(cells.into_iter()) }
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
