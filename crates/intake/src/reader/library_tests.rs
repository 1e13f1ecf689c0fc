//! Our own reading of `.ods` beside the library's.

use std::io::Cursor;

use super::tests::sample_bytes;

/// The library reads the same from every sample, but for what it passes by.
#[test]
#[expect(clippy::disallowed_methods, reason = "samples of ours, to compare with")]
fn ods_is_read_as_the_library_reads_it() {
    use calamine::{Data, Reader};

    let folder = testkit::fixture("real/calamine-tests");
    let mut compared = 0;
    for entry in std::fs::read_dir(folder).expect("the samples") {
        let path = entry.expect("an entry").path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if path.extension().is_none_or(|ending| ending != "ods") {
            continue;
        }
        let bytes = sample_bytes(&name);
        let (Ok(mut theirs), Ok(ours)) = (
            calamine::Ods::<_>::new(Cursor::new(bytes.as_slice())),
            super::in_process::read_bytes(&name, &bytes),
        ) else {
            continue;
        };
        let names: Vec<&str> = ours.sheets.iter().map(|sheet| sheet.name.as_str()).collect();
        assert_eq!(names, theirs.sheet_names(), "{name}");
        for sheet in &ours.sheets {
            let range = theirs.worksheet_range(&sheet.name).expect("a range");
            let filled = |value: &Data| match value {
                Data::Empty => false,
                Data::String(text) => !text.is_empty(),
                _ => true,
            };
            let (top, left) = range.start().unwrap_or_default();
            let place = |row: usize, column: usize| {
                let number = |it: usize| u32::try_from(it).expect("small");
                model::CellAddress::new(top + number(row), left + number(column))
            };
            let their_cells: Vec<String> = range
                .used_cells()
                .filter(|(_, _, value)| filled(value))
                .map(|(row, column, value)| format!("{} {}", place(row, column), plain(value)))
                .collect();
            let our_cells: Vec<String> =
                sheet.cells().map(|(address, cell)| format!("{address} {}", own(cell))).collect();
            assert_eq!(our_cells, their_cells, "{name} {}", sheet.name);
            compared += our_cells.len();
        }
    }
    assert!(100 < compared, "{compared} cells");
}

fn plain(value: &calamine::Data) -> String {
    use calamine::Data;
    match value {
        Data::Float(number) => number.to_string(),
        Data::Bool(truth) => truth.to_string(),
        Data::DateTimeIso(text) => {
            super::dates::from_iso(text).map_or(text.clone(), |date| date.to_string())
        }
        // Durations are numbers of days here, and texts there.
        Data::DurationIso(text) => {
            let duration: jiff::SignedDuration = text.parse().expect("a duration");
            (duration.as_secs_f64() / 86_400.0).to_string()
        }
        Data::String(text) => text.clone(),
        other => format!("{other:?}"),
    }
}

fn own(cell: crate::workbook::Cell<'_>) -> String {
    use crate::workbook::Cell;
    match cell {
        Cell::Number(number) => number.to_string(),
        Cell::Bool(truth) => truth.to_string(),
        Cell::Date(date) => date.to_string(),
        Cell::Text(text) | Cell::Error(text) => text.to_owned(),
        Cell::FormulaWithoutValue => "a formula".to_owned(),
    }
}

/// As another reader (xlrd) counts them.
#[test]
fn hidden_rows_of_a_published_workbook_are_known() {
    let path = testkit::fixture("real/messy/ons_lfs_a02.xls");
    let mut bytes = Vec::new();
    let mut file = std::fs::File::open(path).expect("the workbook");
    std::io::Read::read_to_end(&mut file, &mut bytes).expect("its bytes");
    let workbook = super::in_process::read_bytes("ons_lfs_a02.xls", &bytes).expect("is read");
    let hidden = |sheet: &crate::workbook::Sheet| -> u32 {
        sheet.out_of_sight.rows.iter().map(|span| span.end() - span.start() + 1).sum()
    };
    let counted: Vec<(&str, u32)> =
        workbook.sheets.iter().map(|sheet| (sheet.name.as_str(), hidden(sheet))).collect();
    assert_eq!(counted, [("seasonally adjusted", 2_898), ("not seasonally adjusted", 1_374)]);
}
