//! Formulas that nobody has calculated, as it seems.

use model::{Finding, Place, Severity};

use super::gathered::Gathered;
use crate::workbook::{Sheet, Workbook};

/// Says of each sheet that its formulas are all zero: programs that cannot calculate store that, and
/// what was meant is known only when a spreadsheet program has opened and saved the file.
pub(super) fn note(workbook: &Workbook, gathered: &mut Gathered) {
    gathered.findings.extend(workbook.sheets.iter().filter_map(|sheet| all_zero(sheet)));
}

fn all_zero(sheet: &Sheet) -> Option<Finding> {
    let first = *sheet.zero_formulas.first()?;
    let message =
        "every formula of this sheet has the value 0: it seems that nobody has calculated them";
    Some(
        Finding::new(Severity::Warning, "formulas-all-zero", Place::cell(&sheet.name, first), message)
            .with_cells(sheet.zero_formulas.iter().copied())
            .with_hint("open the workbook in Excel, look whether the figures are right, save it, and send it again"),
    )
}

#[cfg(test)]
mod tests {
    use model::CellAddress;

    use super::*;
    use crate::workbook::SheetBuilder;

    #[test]
    fn zeros_of_formulas_are_told_at_the_first() {
        let cells = [(4, 1), (4, 2), (5, 1)].map(|(row, column)| CellAddress::new(row, column));
        let mut builder = SheetBuilder::new("Q1", true);
        builder.note_zero_formulas(cells.to_vec());
        let finding = all_zero(&builder.finish().expect("a sheet")).expect("a finding");
        insta::assert_snapshot!(
            format!("{} {} and {:?}", finding.code, finding.place, finding.also),
            @"formulas-all-zero Q1!B5 and [CellAddress { row: 4, column: 2 }, CellAddress { row: 5, column: 1 }]"
        );
        let calculated = SheetBuilder::new("Q1", true).finish().expect("a sheet");
        assert!(all_zero(&calculated).is_none());
    }
}
