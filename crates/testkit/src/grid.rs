//! Workbooks from text, so that a reviewer can read a test's input.

use rust_xlsxwriter::{ExcelDateTime, Format, Workbook, Worksheet};

/// An .xlsx from named sheets, each a grid of text.
///
/// One line is one row, `|` stands between cells, blanks around a cell are dropped, an empty cell
/// is left out. `12` and `-3.5` are numbers, `"12"` is text, `d:2025-04-01` is a date, anything
/// else is text. Leading and trailing empty lines of the grid are dropped.
pub fn workbook(sheets: &[(&str, &str)]) -> Vec<u8> {
    let mut workbook = Workbook::new();
    for (name, grid) in sheets {
        let sheet = workbook.add_worksheet();
        sheet.set_name(*name).expect("a name for a sheet");
        for (row, line) in (0..).zip(grid.trim_matches('\n').lines()) {
            for (column, cell) in (0..).zip(line.split('|')) {
                write(sheet, row, column, cell.trim());
            }
        }
    }
    workbook.save_to_buffer().expect("a workbook in memory")
}

fn write(sheet: &mut Worksheet, row: u32, column: u16, cell: &str) {
    if cell.is_empty() {
        return;
    }
    let written = if let Some(date) = cell.strip_prefix("d:") {
        let date = ExcelDateTime::parse_from_str(date).expect("a date: d:2025-04-01");
        let format = Format::new().set_num_format("mmm yyyy");
        sheet.write_datetime_with_format(row, column, &date, &format)
    } else if let Ok(number) = cell.parse::<f64>() {
        sheet.write_number(row, column, number)
    } else {
        sheet.write_string(row, column, cell.trim_matches('"'))
    };
    written.expect("a cell inside the sheet");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cells::cells;

    #[test]
    fn a_grid_comes_back_cell_by_cell() {
        let bytes = workbook(&[(
            "Figures & notes",
            "
            Title
            Measure | d:2025-04-01 | May
            ASB     | 12           | \"13\"
                    |              | -3.5
            ",
        )]);
        let found = cells(&bytes, "Figures & notes");
        let shown: Vec<String> =
            found.iter().map(|(cell, text)| format!("{cell}={text}")).collect();
        assert_eq!(
            shown.join(" "),
            "A1=Title A2=Measure A3=ASB B2=45748 B3=12 C2=May C3=13 C4=-3.5"
        );
    }
}
