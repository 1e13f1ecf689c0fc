//! Reads an action plan: rows into items.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use model::{
    ActionItem, ActionStatus, ByWhen, CellAddress, Finding, Month, Place, Severity, nearest,
};

use super::gathered::quoted;
use super::judge;
use super::labels::{LabelMap, folded, is_any};
use super::page::Page;
use super::periods::{self, Said};
use super::values::raw;
use crate::contract::{ActionColumns, Checks, DateOrder, Exception};
use crate::workbook::Cell;

/// How far down a sheet headings are looked for.
const HEADER_ROWS_MAX: u32 = 60;

struct Columns {
    bottom: u32,
    number: u32,
    action: u32,
    lead: u32,
    others: Option<u32>,
    by_when: u32,
    update: Option<u32>,
    status: u32,
}

/// The row of the headings, if the plan is on this page.
pub(super) fn header_row(page: &Page<'_>, plan: &ActionColumns) -> Option<u32> {
    columns(page, plan).ok().map(|columns| columns.bottom)
}

/// Reads the plan on one page.
pub(super) fn read(
    page: &Page<'_>,
    plan: &ActionColumns,
    seen: &mut BTreeMap<String, Place>,
    findings: &mut Vec<Finding>,
) -> Vec<ActionItem> {
    let columns = match columns(page, plan) {
        Ok(columns) => columns,
        Err(missing) => {
            let message = format!("no row has the headings {}", missing.join(", "));
            findings.push(
                Finding::new(
                    Severity::Error,
                    "headings-not-found",
                    Place::sheet(page.name),
                    message,
                )
                .with_hint("keep the headings of the agreed layout, in one row"),
            );
            return Vec::new();
        }
    };
    let statuses = LabelMap::of(&plan.statuses);
    let mut items = Vec::new();
    for row in page.rows(columns.bottom + 1..) {
        let row = row.number();
        let action = tidy(page, row, Some(columns.action));
        let number = tidy(page, row, Some(columns.number));
        if is_any(&plan.action, &action) || action.is_empty() && !is_number(&number) {
            // A heading, a note, or the headings again.
            continue;
        }
        let place = page.place(row, columns.number);
        if let Some(finding) = unusable(&number, &action, &place, seen) {
            findings.push(finding);
            continue;
        }
        let number = number.trim_end_matches('.').to_owned();
        items.push(ActionItem {
            by_when: by_when(page, row, columns.by_when, &number, findings),
            status: status(page, row, columns.status, &statuses, findings),
            number,
            action,
            lead: tidy(page, row, Some(columns.lead)),
            others: tidy(page, row, columns.others),
            update: tidy(page, row, columns.update),
            place,
        });
    }
    items
}

/// What becomes of everything that was found in a plan: how much it matters, and what is known.
pub(super) fn verdict(
    plan: &ActionColumns,
    today: Date,
    findings: Vec<Finding>,
    items: &[ActionItem],
) -> Vec<Finding> {
    let rows: BTreeMap<(&str, u32), &str> = items
        .iter()
        .filter_map(|item| {
            let row = item.place.cell?.row;
            Some(((item.place.sheet.as_str(), row), item.number.as_str()))
        })
        .collect();
    // By the action they are about, where an exception names it.
    let mut groups: BTreeMap<Option<String>, Vec<Finding>> = BTreeMap::new();
    let named: BTreeSet<&str> =
        plan.checks.exceptions.iter().filter_map(|known| known.action.as_deref()).collect();
    for finding in findings {
        let at = finding.place.cell.map(|cell| (finding.place.sheet.as_str(), cell.row));
        let action = at.and_then(|at| rows.get(&at)).filter(|number| named.contains(**number));
        groups.entry(action.map(|number| (*number).to_owned())).or_default().push(finding);
    }
    let mut said: Vec<Finding> = Vec::new();
    for (action, group) in groups {
        let meant = |known: &&Exception| known.action.is_none() || known.action == action;
        let exceptions = plan.checks.exceptions.iter().filter(meant).cloned().collect();
        let checks = Checks { exceptions, ..plan.checks.clone() };
        for finding in judge::verdict(&checks, today, &group, Vec::new(), &[]) {
            // What has run out is said once, whatever it was about.
            let again = finding.code == "exception-expired"
                && said.iter().any(|other| other.message == finding.message);
            if !again {
                said.push(finding);
            }
        }
    }
    said
}

/// Why a row cannot be an item: no number, nothing to do, or a number that is taken.
fn unusable(
    number: &str,
    action: &str,
    place: &Place,
    seen: &mut BTreeMap<String, Place>,
) -> Option<Finding> {
    let error = |code: &str, message: String, hint: &str| {
        Some(Finding::new(Severity::Error, code, place.clone(), message).with_hint(hint))
    };
    if !is_number(number) {
        let message = format!("the action {} has no number", quoted(action));
        let hint = "give it its number in the plan, for example 4.7";
        return error("number-missing", message, hint);
    }
    if action.is_empty() {
        let message = format!("action {number} does not say what is to be done");
        return error("action-missing", message, "write the action, or clear the row");
    }
    let number = number.trim_end_matches('.').to_owned();
    if let Some(first) = seen.insert(number.clone(), place.clone()) {
        let message = format!("action {number} is given twice: in {first} and in {place}");
        let hint = "keep one of the two; write 1.10 as text, or it becomes 1.1";
        return error("duplicate", message, hint);
    }
    None
}

fn columns(page: &Page<'_>, plan: &ActionColumns) -> Result<Columns, Vec<String>> {
    let required = [&plan.number, &plan.action, &plan.lead, &plan.by_when, &plan.status];
    let mut nearest_miss: Vec<String> = required.iter().map(|names| names[0].clone()).collect();
    for row in page.rows(..HEADER_ROWS_MAX) {
        let find = |names: &[String]| {
            let mut cells = row.cells();
            cells.find(|(_, cell)| is_any(names, &raw(*cell))).map(|(column, _)| column)
        };
        let found: Vec<Option<u32>> = required.iter().map(|names| find(names)).collect();
        if let [Some(number), Some(action), Some(lead), Some(by_when), Some(status)] = found[..] {
            return Ok(Columns {
                bottom: row.number(),
                number,
                action,
                lead,
                others: find(&plan.others),
                by_when,
                update: find(&plan.update),
                status,
            });
        }
        let missing: Vec<String> = required
            .iter()
            .zip(&found)
            .filter(|(_, found)| found.is_none())
            .map(|(names, _)| names[0].clone())
            .collect();
        if missing.len() < nearest_miss.len() {
            nearest_miss = missing;
        }
    }
    Err(nearest_miss)
}

/// A cell's text on one line, without characters nobody can see.
fn tidy(page: &Page<'_>, row: u32, column: Option<u32>) -> String {
    let text = column.and_then(|column| page.text(row, column)).unwrap_or_default();
    let visible: String = text
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .filter(|c| !matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}'))
        .collect();
    visible.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// `4`, `4.7`, `4.10`, `4.7.`, `4.7a`
fn is_number(text: &str) -> bool {
    let text = text.trim_end_matches('.');
    text.starts_with(|c: char| c.is_ascii_digit())
        && text.len() <= 10
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '.')
}

fn by_when(
    page: &Page<'_>,
    row: u32,
    column: u32,
    number: &str,
    findings: &mut Vec<Finding>,
) -> ByWhen {
    if let Some(Cell::Date(date)) = page.cell(row, column) {
        return ByWhen::Date(date.date());
    }
    let text = tidy(page, row, Some(column));
    let by_when = read_by_when(&text);
    if let ByWhen::Unclear(text) = &by_when {
        let what = if text.is_empty() {
            format!("action {number} does not say by when it is to be done")
        } else {
            format!("{} does not say by when action {number} is to be done", quoted(text))
        };
        findings.push(
            Finding::new(Severity::Warning, "by-when-unclear", page.place(row, column), what)
                .with_hint(
                    "write a month like `March 2026`, a date, `Ongoing`, `Monthly` or `Quarterly`",
                ),
        );
    }
    by_when
}

fn read_by_when(text: &str) -> ByWhen {
    let plain = folded(text);
    let letters: String = plain.chars().filter(|c| c.is_alphabetic()).collect();
    if letters == "ongoing" {
        return ByWhen::Ongoing;
    }
    let recurring = [
        "daily",
        "weekly",
        "fortnightly",
        "monthly",
        "quarterly",
        "termly",
        "annually",
        "annual",
        "yearly",
    ];
    let bare = plain.trim_start_matches("ongoing").trim_start_matches([' ', '-', '/', ',']);
    if recurring.contains(&bare) || plain.starts_with("every ") || plain.starts_with("each ") {
        return ByWhen::Recurring(text.to_owned());
    }
    let date = ["by ", "end of ", "end ", "by end of ", "by end "]
        .iter()
        .find_map(|lead| plain.strip_prefix(lead).and_then(last_day))
        .or_else(|| last_day(&plain));
    date.map_or_else(|| ByWhen::Unclear(text.to_owned()), ByWhen::Date)
}

fn last_day(text: &str) -> Option<jiff::civil::Date> {
    if let Some(day) = periods::read_day(text, DateOrder::DayFirst) {
        return Some(day);
    }
    match periods::read(text, DateOrder::DayFirst)? {
        Said::Period(period) => Some(period.last().last_day()),
        Said::Year(year) => Month::new(year, 12).map(Month::last_day),
        Said::BareMonth(_) | Said::BareQuarter(_) => None,
    }
}

fn status(
    page: &Page<'_>,
    row: u32,
    column: u32,
    statuses: &LabelMap<'_, ActionStatus>,
    findings: &mut Vec<Finding>,
) -> ActionStatus {
    let text = tidy(page, row, Some(column));
    if text.is_empty() {
        return ActionStatus::NotReported;
    }
    if let Some(status) = statuses.find(&text) {
        return *status;
    }
    let known: BTreeSet<&str> = statuses.names().iter().copied().collect();
    let hint = match nearest(&text, known.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("write one of {}", known.into_iter().collect::<Vec<_>>().join(", ")),
    };
    findings.push(
        Finding::new(
            Severity::Warning,
            "unknown-status",
            Place::cell(page.name, CellAddress::new(row, column)),
            format!("{} is not a status: taken as not reported", quoted(&text)),
        )
        .with_hint(hint),
    );
    ActionStatus::NotReported
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_when_as_plans_write_it() {
        let cases = [
            "March 2025",
            "Sept 2024",
            "Dec 2024",
            "31/03/2026",
            "Ongoing",
            "On Going",
            "On-going",
            "Monthly",
            "Ongoing - quarterly",
            "By end of June 2025",
            "Q2 2025/26",
            "2025/26",
            "When funding allows",
            "",
        ];
        let listed: Vec<String> =
            cases.iter().map(|case| format!("{case} = {:?}", read_by_when(case))).collect();
        insta::assert_snapshot!(listed.join("\n"), @r#"
        March 2025 = Date(2025-03-31)
        Sept 2024 = Date(2024-09-30)
        Dec 2024 = Date(2024-12-31)
        31/03/2026 = Date(2026-03-31)
        Ongoing = Ongoing
        On Going = Ongoing
        On-going = Ongoing
        Monthly = Recurring("Monthly")
        Ongoing - quarterly = Recurring("Ongoing - quarterly")
        By end of June 2025 = Date(2025-06-30)
        Q2 2025/26 = Date(2025-09-30)
        2025/26 = Date(2026-03-31)
        When funding allows = Unclear("When funding allows")
         = Unclear("")
        "#);
    }
}
