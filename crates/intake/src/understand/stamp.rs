//! The stamp of a blank return: for which return, period and version it was made.
//!
//! It stands on the instructions sheet, which holds no figures. What the tables say decides; the
//! stamp is heard where they say nothing, and where it says something else.

use model::{CellAddress, Checked, Finding, INSTRUCTIONS_SHEET, Period, Place, Severity};

use super::Understood;
use super::labels::folded;
use super::values::raw;
use crate::contract::{Content, Contract, FixedPeriod, Where};
use crate::workbook::{Sheet, Workbook};

/// How far down the sheet it is looked for.
const ROWS_MAX: u32 = 60;

/// Adds what the stamp says against the return, the period or the version.
pub(super) fn check(
    workbook: &Workbook,
    contract: &Contract,
    expected: Period,
    checked: &mut Checked<Understood>,
) {
    let Some(sheet) = workbook.sheets.iter().find(|sheet| sheet.name == INSTRUCTIONS_SHEET) else {
        return;
    };
    let finding = |severity, code: &str, at, message: String, hint: &str| {
        Finding::new(severity, code, Place::cell(INSTRUCTIONS_SHEET, at), message).with_hint(hint)
    };
    if let Some((at, name)) = value(sheet, "return")
        && name != contract.id.as_str()
    {
        let message = format!("this blank return was made for `{name}`, not for `{}`", contract.id);
        let hint = "send each return in its own file, to the place agreed for it";
        checked.findings.push(finding(
            Severity::Error,
            "template-of-another-return",
            at,
            message,
            hint,
        ));
        return;
    }
    if let Some((at, text)) = value(sheet, "period")
        && let Ok(period) = text.parse::<Period>()
        && period != expected
    {
        let message = format!(
            "this blank return was made for {}, and the return is for {}",
            period.title(),
            expected.title()
        );
        let hint = "use the blank return of the right quarter: ask us for it";
        // Where the sheets do not say the period, nobody else does.
        let severity = if says_period(contract) { Severity::Warning } else { Severity::Error };
        let said_already = checked.findings.iter().any(|finding| finding.code == "wrong-period");
        if !said_already {
            checked.findings.push(finding(
                severity,
                "template-of-another-period",
                at,
                message,
                hint,
            ));
        }
    }
    if let Some((at, text)) = value(sheet, "version")
        && text != contract.version.to_string()
    {
        let message = format!(
            "this blank return is version {text} of the layout, and version {} is agreed now",
            contract.version
        );
        let hint = "next time use a new blank return: ask us for it";
        checked.findings.push(finding(Severity::Warning, "template-outdated", at, message, hint));
    }
}

/// Whether the sheets themselves say which period the figures are about.
fn says_period(contract: &Contract) -> bool {
    match &contract.content {
        Content::Actions(_) => false,
        Content::Figures(figures) => figures
            .tables
            .iter()
            .all(|table| !matches!(table.period.place, Where::Fixed(FixedPeriod::Expected))),
    }
}

/// The text right of a label in the first column.
fn value(sheet: &Sheet, label: &str) -> Option<(CellAddress, String)> {
    let mut labels = sheet
        .cells()
        .take_while(|(address, _)| address.row < ROWS_MAX)
        .filter(|(address, _)| address.column == 0);
    let row =
        labels.find(|(_, cell)| folded(&raw(*cell)) == label).map(|(address, _)| address.row)?;
    let at = CellAddress::new(row, 1);
    let (_, cell) = sheet.cells().find(|(address, _)| *address == at)?;
    Some((at, raw(cell).trim().to_owned()))
}
