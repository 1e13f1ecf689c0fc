use std::collections::{BTreeMap, BTreeSet};

use jiff::ToSpan as _;
use jiff::civil::{Date, date};
use model::CellAddress;
use testkit::{cells, xml_parts};

use super::*;
use crate::sample::Sample;
use crate::tables::{CsvTable, Kind, tables, unarmed};

fn workbook(model: &ReportModel) -> Vec<u8> {
    data_workbook(model).expect("a workbook").bytes
}

fn shown(bytes: &[u8], sheet: &str) -> String {
    let mut rows: BTreeMap<u32, BTreeMap<u32, String>> = BTreeMap::new();
    for (address, text) in cells(bytes, sheet) {
        let at: CellAddress = address.parse().expect("an address");
        rows.entry(at.row).or_default().insert(at.column, text);
    }
    let lines = rows.into_values().map(|row| row.into_values().collect::<Vec<_>>().join(" | "));
    lines.collect::<Vec<_>>().join("\n")
}

fn records(table: &CsvTable) -> Vec<Vec<String>> {
    let mut reader =
        csv::ReaderBuilder::new().has_headers(false).from_reader(table.bytes.as_slice());
    let records = reader.records().map(|record| record.expect("one length"));
    records.map(|record| record.iter().map(str::to_owned).collect()).collect()
}

/// As spreadsheet programs count days.
fn day_of(serial: &str) -> Date {
    let days: i32 = serial.parse().expect("a whole day");
    date(1899, 12, 30) + days.days()
}

/// Compares every cell of every table with the data files; how many.
fn compared(model: &ReportModel) -> usize {
    let bytes = workbook(model);
    let (datasets, files) = (datasets(model), tables(model));
    let sheets = numbered(&datasets);
    assert_eq!(sheets.len(), files.len());
    let mut count = 0;
    for (sheet, file) in sheets.iter().zip(&files) {
        let found = cells(&bytes, &sheet.name);
        let rows = found.keys().map(|it| it.parse::<CellAddress>().expect("an address").row);
        let last = rows.max().expect("a table");
        let records = records(file);
        let first = last + 1 - u32::try_from(records.len()).expect("few");
        for (row, record) in (first..).zip(&records) {
            for (column, (wanted, of)) in (0..).zip(record.iter().zip(&sheet.dataset.columns)) {
                let cell = found.get(&CellAddress::new(row, column).to_string());
                let cell = cell.map_or("", String::as_str);
                let same = match of.kind {
                    _ if row == first => cell == wanted,
                    Kind::Date if !cell.is_empty() => day_of(cell).to_string() == *wanted,
                    Kind::Integer | Kind::Decimal => {
                        cell == wanted || cell.parse::<f64>().ok() == wanted.parse().ok()
                    }
                    _ => unarmed(cell) == *wanted,
                };
                assert!(same, "{} {row} {}: `{cell}`, `{wanted}`", sheet.name, of.heading);
                count += 1;
            }
        }
    }
    count
}

/// Every cell of the workbook stands in the data files, and the other way round.
pub(crate) fn assert_holds_everything(model: &ReportModel) {
    compared(model);
}

#[test]
fn every_cell_of_the_workbook_stands_in_the_data_files_and_the_other_way_round() {
    let counts =
        [Sample::small(), Sample::large(), Sample::drawn()].map(|it| compared(&it.model()));
    assert!(counts.iter().all(|count| *count > 500) && counts[1] > 10_000, "{counts:?}");
}

#[test]
fn the_same_report_gives_the_same_bytes_with_the_day_it_stands_for() {
    let model = Sample::small().model();
    let made = data_workbook(&model).expect("a workbook");
    assert!(made == data_workbook(&model).expect("a workbook"));
    assert_eq!(made.file_name, "2025-26-Q1-tables.xlsx");
    let core = &xml_parts(&made.bytes)["docProps/core.xml"];
    insta::assert_snapshot!(core.split_once("<dc:title>").expect("a title").1, @r#"Sevenoaks District Community Safety Partnership: tables for quarter 1 2025 to 2026 (April to June 2025)</dc:title><dc:subject>One concern in quarter 1: anti-social behaviour incidents</dc:subject><dc:creator>Sevenoaks District Community Safety Partnership</dc:creator><cp:keywords>community safety, Sevenoaks CSP, 2025-26Q1, 2025-26-Q1-01</cp:keywords><cp:lastModifiedBy>Sevenoaks District Community Safety Partnership</cp:lastModifiedBy><dcterms:created xsi:type="dcterms:W3CDTF">2025-07-21T00:00:00Z</dcterms:created><dcterms:modified xsi:type="dcterms:W3CDTF">2025-07-21T00:00:00Z</dcterms:modified></cp:coreProperties>"#);
}

#[test]
fn the_front_of_a_workbook() {
    let bytes = workbook(&Sample::small().model());
    insta::assert_snapshot!(shown(&bytes, COVER), @r"
    Sevenoaks District Community Safety Partnership: tables for quarter 1 2025 to 2026 (April to June 2025)
    Protective marking: OFFICIAL.
    Demonstration: figures marked (illustrative) are made up.
    Quarter 1 2025 to 2026 (April to June 2025), edition 2025-26-Q1-01.
    Some figures are provisional [p].
    As known on 21 July 2025. Later returns and corrections are not in it.
    What this workbook contains
    Ten tables, each on a worksheet of its own. They are listed on the worksheet Contents.
    The same tables are kept as CSV files with the same cells; datapackage.json says what their columns hold.
    How marks are written
    Marks are letters in square brackets. A mark that stands in the place of a number, such as [x], is in the number's cell; a mark that qualifies a number, such as [p], is in the column of its status.
    What each means, and in which tables it stands, is on the worksheet Notes.
    Contact
    Community Safety Unit, csu@sevenoaks-csp.example.
    The next report is due on 21 October 2025.
    Where it comes from
    Edition 2025-26-Q1-01, run quarterly-monitoring-2025-26-Q1-01.
    Made by Quarterdeck 0.1.0 from lake version o3.a1, definitions 9c0d1e2f3a4b.
    Rates use population estimates of mid-2020.
    Figures come from: DAVSS; Kent Police.
    How to cite it
    Sevenoaks District Community Safety Partnership: tables for quarter 1 2025 to 2026 (April to June 2025), edition 2025-26-Q1-01, as known on 21 July 2025.
    Accessibility
    It is laid out by the Government Analysis Function's checklist for accessible spreadsheets: one table a worksheet, each marked up as a table with one row of headings, no merged cells, and nothing said by colour alone. Whoever needs it in another form may ask the contact above.
    ");
    insta::assert_snapshot!(shown(&bytes, CONTENTS), @r"
    Contents
    This worksheet contains one table.
    Each name in the first column is a link to the worksheet.
    Shorthand marks used in this table: [z] not applicable.
    Worksheet | What it holds | Rows | The same as a data file
    Notes | Notes, and what shorthand marks mean. | [z] | [z]
    Table_1_Indicators | Indicators. Every indicator with its figure, last year's, the change, 12 months, rate, position and verdict. | 4 | 2025-26-Q1-indicators.csv
    Table_2_Quarterly_figures | Quarterly figures. The last quarters of every indicator, one row for each indicator and period. | 18 | 2025-26-Q1-quarterly-figures.csv
    Table_3_Rates_of_peers | Rates of peers. The rate of every peer with its interval, highest first, one row for each indicator and area. | 3 | 2025-26-Q1-rates-of-peers.csv
    Table_4_Parts_of_indicators | Parts of indicators. What indicators are made of, such as levels of risk, with the same figures; parts get no verdict. | 2 | 2025-26-Q1-parts-of-indicators.csv
    Table_5_Success_measures | Success measures. What the plan calls a success, and whether it is met. | 3 | 2025-26-Q1-success-measures.csv
    Table_6_Actions | Actions. Every action of the plan, by when it is due and where it stands. | 4 | 2025-26-Q1-actions.csv
    Table_7_Returns | Returns. Every return that is asked for, and whether it has arrived. | 3 | 2025-26-Q1-returns.csv
    Table_8_Data_quality | Data quality. What was found in returns that were taken in. | 1 | 2025-26-Q1-data-quality.csv
    Table_9_About_indicators | About the indicators. What each indicator is, what is better, how it is shown and where it comes from. | 21 | 2025-26-Q1-about-indicators.csv
    Table_10_Sources | Sources. Every file that figures come from, and what became of it. | 1 | 2025-26-Q1-sources.csv
    ");
    insta::assert_snapshot!(shown(&bytes, NOTES), @r"
    Notes and shorthand
    This worksheet contains one table.
    Notes come first, then the shorthand marks that stand in cells of the tables.
    Note or mark | What it means | Where it applies
    [note 1] | Figures are rounded to the nearest 5 so that nobody can be identified; changes are made from the rounded figures. [c] stands in place of a count from 1 to 4, and of counts of any size that would give one away. | Table 1, Table 2 and Table 4: DAVSS referrals (illustrative)
    [note 2] | Percentages are given only where last year's figure is 20 or more. | Table 1, Table 2 and Table 4
    [note 3] | 1st is best: the lowest rate, or the highest where more is better. Rates are over the quarter, or over 12 months where only those are known; they come with 95% intervals. The average is of the peers' rates. | Table 1 and Table 3
    [c] | Withheld so that nobody can be identified. | Table 4
    [p] | Provisional: may change. | Table 1 and Table 2
    [x] | Not available. | Table 1 and Table 4
    [z] | Not applicable. | Table 1
    ");
}

#[test]
fn a_worksheet_says_what_its_table_is_and_how_to_read_it() {
    let bytes = workbook(&Sample::small().model());
    insta::assert_snapshot!(shown(&bytes, "Table_2_Quarterly_figures"), @r"
    Table 2: Quarterly figures, Sevenoaks District Community Safety Partnership, April to June 2025
    This worksheet contains one table.
    Notes that apply to this table: [note 1][note 2]. They are on the worksheet Notes.
    Shorthand marks used in this table: [p] provisional: may change.
    A blank cell means: in Figure status, no mark applies.
    The last quarters of every indicator, one row for each indicator and period.
    Demonstration: figures marked (illustrative) are made up.
    Quarter 1 2025 to 2026 (April to June 2025); as known on 21 July 2025. Protective marking: OFFICIAL.
    Source: DAVSS; Kent Police.
    Indicator | Measure | Area code | Area | Period | Months | Unit | Figure | Figure status
    Anti-social behaviour incidents | police-asb | E07000111 | Sevenoaks | 2023-24Q2 | July to September 2023 | count | 300 | [p]
    Anti-social behaviour incidents | police-asb | E07000111 | Sevenoaks | 2023-24Q3 | October to December 2023 | count | 310 | [p]
    Anti-social behaviour incidents | police-asb | E07000111 | Sevenoaks | 2023-24Q4 | January to March 2024 | count | 305 | [p]
    Anti-social behaviour incidents | police-asb | E07000111 | Sevenoaks | 2024-25Q1 | April to June 2024 | count | 290 | [p]
    Anti-social behaviour incidents | police-asb | E07000111 | Sevenoaks | 2024-25Q2 | July to September 2024 | count | 295 | [p]
    Anti-social behaviour incidents | police-asb | E07000111 | Sevenoaks | 2024-25Q3 | October to December 2024 | count | 300 | [p]
    Anti-social behaviour incidents | police-asb | E07000111 | Sevenoaks | 2024-25Q4 | January to March 2025 | count | 310 | [p]
    Anti-social behaviour incidents | police-asb | E07000111 | Sevenoaks | 2025-26Q1 | April to June 2025 | count | 402 | [p]
    Burglary of a home | burglary | E07000111 | Sevenoaks | 2023-24Q2 | July to September 2023 | count | 80
    Burglary of a home | burglary | E07000111 | Sevenoaks | 2023-24Q3 | October to December 2023 | count | 82
    Burglary of a home | burglary | E07000111 | Sevenoaks | 2023-24Q4 | January to March 2024 | count | 90
    Burglary of a home | burglary | E07000111 | Sevenoaks | 2024-25Q1 | April to June 2024 | count | 121
    Burglary of a home | burglary | E07000111 | Sevenoaks | 2024-25Q2 | July to September 2024 | count | 88
    Burglary of a home | burglary | E07000111 | Sevenoaks | 2024-25Q3 | October to December 2024 | count | 70
    Burglary of a home | burglary | E07000111 | Sevenoaks | 2024-25Q4 | January to March 2025 | count | 66
    Burglary of a home | burglary | E07000111 | Sevenoaks | 2025-26Q1 | April to June 2025 | count | 61
    DAVSS referrals (illustrative) | davss-referrals | E07000111 | Sevenoaks | 2024-25Q1 | April to June 2024 | count | 45
    DAVSS referrals (illustrative) | davss-referrals | E07000111 | Sevenoaks | 2025-26Q1 | April to June 2025 | count | 65
    ");
    insta::assert_snapshot!(shown(&bytes, "Table_6_Actions"), @r"
    Table 6: Actions, Sevenoaks District Community Safety Partnership, April to June 2025
    This worksheet contains one table.
    No notes apply to this table.
    No shorthand marks are used in this table.
    A blank cell means: in Due date, it is no date; in Days late, it is not overdue.
    Every action of the plan, by when it is due and where it stands.
    Demonstration: figures marked (illustrative) are made up.
    Quarter 1 2025 to 2026 (April to June 2025); as known on 21 July 2025. Protective marking: OFFICIAL.
    Source: the plan of the Sevenoaks District Community Safety Partnership.
    Number | Action | Lead | Other partners | Due | Due date | Days late | Status | Update
    4.7 | Support the national safeguarding week with drop-in sessions | KCC Prevent Team | All partners | 31 December 2024 | 45657 | complete | Session for partners held.
    4.3 | Prevent Team to deliver training to partners and businesses on counter terrorism | KCC Prevent Team | All partners | 31 March 2025 | 45747 | 112 | in progress | Session for partners held.
    3.6 | Achieve accreditation for the Council in partnership with the CSP and other partners | KCC Prevent Team | All partners | 30 September 2025 | 45930 | not started | Session for partners held.
    1.1 | Monthly tactical group | KCC Prevent Team | All partners | ongoing | in progress | Session for partners held.
    ");
}

/// What the checklist asks for, looked up in the file itself.
fn checked(bytes: &[u8]) -> BTreeSet<String> {
    let parts = xml_parts(bytes);
    let of = |folder: &'static str| {
        parts.iter().filter(move |(name, _)| name.starts_with(folder)).map(|(_, xml)| xml)
    };
    for xml in of("xl/worksheets/sheet") {
        for unwanted in ["<mergeCell", "<f>", "<autoFilter", "<pane", "hidden=", "<headerFooter"] {
            assert!(!xml.contains(unwanted), "{unwanted}");
        }
        assert!(xml.matches("<tablePart ").count() <= 1);
    }
    assert!(parts["xl/styles.xml"].contains("<fills count=\"2\">"), "colours carry nothing");
    let attribute = |xml: &String, name: &str| -> Vec<String> {
        let before = format!(" {name}=\"");
        let values = xml.split(&before).skip(1);
        values.map(|rest| rest.split('"').next().unwrap_or_default().to_owned()).collect()
    };
    let mut names = BTreeSet::new();
    for xml in of("xl/tables/") {
        assert!(!xml.contains("<autoFilter") && xml.contains("altTextSummary="));
        let table = attribute(xml, "displayName").swap_remove(0);
        assert!(names.insert(table.to_lowercase()), "{table}");
        let headings = attribute(
            xml.split_once("<tableColumns").map(|it| it.1.to_owned()).as_ref().expect("columns"),
            "name",
        );
        assert_eq!(headings.iter().collect::<BTreeSet<_>>().len(), headings.len());
    }
    let sheets = parts["xl/workbook.xml"].split_once("<sheets>").expect("sheets").1.to_owned();
    let sheets = sheets.split_once("</sheets>").expect("sheets").0.to_owned();
    let sheets = attribute(&sheets, "name");
    assert!(sheets.iter().all(|name| name.chars().count() <= NAME_MAX));
    assert_eq!(sheets.len(), sheets.iter().collect::<BTreeSet<_>>().len());
    sheets.into_iter().collect()
}

#[test]
fn two_hundred_indicators_are_laid_out_as_the_checklist_asks() {
    let mut sample = Sample::drawn();
    for number in 0..200 {
        let id = format!("measure-{number}");
        sample.measure(&id, &format!("Measure {number} of the plan"), |_| ());
        sample.quarters(&id, crate::sample::HOME, &[12_345, 12_400, 12_300, 12_200, 12_100]);
    }
    let model = sample.model();
    let sheets = checked(&workbook(&model));
    assert!(sheets.contains("Table_12_Sources"), "{sheets:?}");
    assert!(compared(&model) > 10_000);
}

#[test]
fn a_report_without_anything_is_a_workbook_that_says_so() {
    let bytes = workbook(&Sample::empty().model());
    assert_eq!(checked(&bytes).len(), 3);
    let said = [COVER, CONTENTS, NOTES].map(|sheet| shown(&bytes, sheet));
    assert!(said[0].contains(contents::NOTHING) && said[1].contains(contents::NOTHING));
    insta::assert_snapshot!(said[2], @r"
    Notes and shorthand
    There are no notes, and no marks are used.
    ");
}

#[test]
fn what_people_write_stays_text_and_breaks_nothing() {
    let mut model = Sample::small().model();
    let hostile = "=HYPERLINK(\"http://x\",\"y\") \u{0}\u{b}\u{fffe}]]>&<\u{202e}\u{1F692} _x0041_";
    hostile.clone_into(&mut model.actions.all_data[0].action_data);
    "@SUM(A1)".clone_into(&mut model.actions.all_data[1].update);
    "مرحبا بالعالم".clone_into(&mut model.actions.all_data[2].lead);
    model.actions.all_data[3].update = "\u{1F692}".repeat(40_000);
    model.about.partnership = format!("{hostile} CSP");
    hostile.clone_into(&mut model.headline.finding);
    let bytes = workbook(&model);
    checked(&bytes);
    let found = cells(&bytes, "Table_6_Actions");
    insta::assert_snapshot!([&found["B11"], &found["I12"], &found["C13"]].map(|it| format!("{it:?}")).join("\n"), @r#"
    "=HYPERLINK(\"http://x\",\"y\")   ]]>&<\u{202e}🚒 _x005F_x0041_"
    "@SUM(A1)"
    "مرحبا بالعالم"
    "#);
    assert_eq!(found["I14"].encode_utf16().count(), 32_766);
}

#[test]
fn numbers_that_would_lose_digits_stay_as_they_are_written() {
    let mut model = Sample::small().model();
    let figures = &mut model.indicators.groups[0].rows[0].figures;
    figures.now.number = Some("9223372036854775807".to_owned());
    figures.year_before.number = Some("-999999999999.25".to_owned());
    let found = cells(&workbook(&model), "Table_1_Indicators");
    assert_eq!([&found["H11"], &found["J11"]], ["9223372036854775807", "-999999999999.25"]);
    assert_eq!(compared(&model), compared(&Sample::small().model()));
}
