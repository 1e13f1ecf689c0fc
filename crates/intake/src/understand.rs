//! Makes observations of a workbook, by the contract of its return.
//!
//! Nothing here reads a disk, a clock or a network, and nothing is repaired silently: what was
//! done to a cell is written on its observation and said in a finding.

mod actions;
mod adding;
mod blocks;
mod context;
mod decimals;
mod details;
mod figures;
mod form_rest;
mod forms;
mod gathered;
pub(crate) mod glance;
mod halves;
mod heading_rows;
mod headings;
mod hidden;
mod judge;
mod kept;
mod known_rows;
mod labels;
mod likely;
mod likeness;
mod locate;
mod marked;
mod memo;
mod names;
mod overlaps;
mod page;
mod patterns;
mod periods;
mod personal;
mod previous;
mod proposals;
mod ranking;
mod records;
mod region;
mod row_periods;
mod row_says;
mod shape;
mod sheets;
mod slot;
mod stamp;
mod told;
mod totals;
mod twins;
mod uncalculated;
mod values;
mod words;

#[cfg(test)]
mod tests;
#[cfg(test)]
pub(crate) use tests::{example_words, workbook as example_workbook};

use std::collections::{BTreeMap, BTreeSet};

use model::{
    ActionItem, Checked, Finding, Measure, MeasureId, Observations, Partnership, Period, Place,
    Severity, folded_name,
};

use crate::contract::{
    ActionColumns, Content, Contract, Figures, Frequency, SameKey, Sheets, TableLayout, ValueFrom,
};
use crate::workbook::{Sheet, Workbook};
use context::Context;
use gathered::Gathered;
use judge::Scene;
pub(crate) use labels::folded;
use locate::{Located, NotLocated, locate};
use page::Page;
pub use previous::{Occasion, PreviousValues};
pub(crate) use sheets::is_like;
pub(crate) use values::symbol_key;

/// The words a return is understood by: areas, measures, partners.
#[derive(Clone, Copy, Debug)]
pub struct Vocabulary<'a> {
    /// Areas, peer sets and partners.
    pub partnership: &'a Partnership,
    /// Measures by their keys.
    pub measures: &'a BTreeMap<MeasureId, Measure>,
}

/// What a submission says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Understood {
    /// The period the content is about, first month to last; none if nothing could be read.
    pub period: Option<Period>,
    /// Its figures, in the order of sheets and cells.
    pub observations: Observations,
    /// Its items of the action plan, in the order of the sheet.
    pub actions: Vec<ActionItem>,
}

/// Understands a workbook as a return for the period an occasion expects.
///
/// All findings are given at once, errors first, then by sheet and cell. If there is personal
/// data, nothing else is: no observation, no action, no other finding.
pub fn understand(
    workbook: &Workbook,
    contract: &Contract,
    vocabulary: &Vocabulary<'_>,
    occasion: &Occasion<'_>,
) -> Checked<Understood> {
    let expected = occasion.expected;
    let pages: Vec<Page<'_>> = workbook.sheets.iter().map(Page::of).collect();
    let mut checked = match &contract.content {
        Content::Actions(plan) => {
            understand_actions(workbook, contract, plan, vocabulary, occasion, &pages)
        }
        Content::Figures(figures) => {
            let periods = (expected, owed(contract, expected));
            let context = Context::of(figures, vocabulary, periods, workbook.kind);
            let mut checked = understand_figures(workbook, contract, &context, occasion, &pages);
            proposals::add(&mut checked.findings, workbook, &pages, &context);
            checked
        }
    };
    // Of a return that is blank throughout it is enough to say so once.
    if checked.findings.iter().any(|finding| finding.code == "no-figures") {
        checked.findings.retain(|finding| finding.code != "blank-cell");
    }
    if checked.findings.iter().all(|finding| finding.code != "personal-data") {
        stamp::check(workbook, contract, expected, &mut checked);
    }
    checked.findings = ranking::ranked(std::mem::take(&mut checked.findings), workbook);
    checked
}

/// Whether the name of a file seems to be a person's, or to have one in it: readers of reports are
/// not shown it.
pub fn names_somebody(file: &str) -> bool {
    let (stem, _) = file.rsplit_once('.').unwrap_or((file, ""));
    names::is_of_somebody(stem) || names::Named::Perhaps <= names::named(stem)
}

/// What kind of personal detail a text holds, if it holds one: `telephone numbers`.
pub fn personal_detail(text: &str) -> Option<&'static str> {
    patterns::detail(text).map(patterns::Detail::said)
}

/// The months an owed return may be about: the expected period, or the longer stretch agreed on.
fn owed(contract: &Contract, expected: Period) -> Option<Period> {
    let months = contract.content_months.and_then(|months| i32::try_from(months).ok());
    let months = months.unwrap_or(0).max(expected.length_months());
    (contract.frequency == Frequency::Quarterly).then(|| Period::ending(expected.last(), months))
}

/// Nothing but the findings.
fn nothing(findings: Vec<Finding>) -> Checked<Understood> {
    Checked {
        output: Understood {
            period: None,
            observations: Observations::default(),
            actions: Vec::new(),
        },
        findings,
    }
}

/// A table in its stretch of rows, or its absence, on a sheet the contract speaks of.
type Found<'t, 'a> = (&'t TableLayout, &'t Page<'a>, Result<(Page<'a>, Located<'a>), NotLocated>);

fn understand_figures<'a>(
    workbook: &'a Workbook,
    contract: &Contract,
    context: &Context<'a>,
    occasion: &Occasion<'_>,
    pages: &[Page<'a>],
) -> Checked<Understood> {
    let mut gathered = Gathered::default();
    let mut found: Vec<Found<'_, 'a>> = Vec::new();
    for layout in &context.figures.tables {
        for page in pages_of(workbook, &layout.sheets, pages, &mut gathered.findings) {
            let located = locate(page, layout, context);
            match &located {
                Err(miss) if miss.row.is_none() && sheets::is_left_out(page, layout) => {
                    sheets::note_left_out(page, &mut gathered.findings);
                }
                _ => found.push((layout, page, located)),
            }
        }
    }
    let mut tables: BTreeMap<String, u32> = BTreeMap::new();
    for (_, page, located) in &found {
        if let Ok((_, located)) = located {
            let top = tables.entry(page.name.to_owned()).or_insert(located.top);
            *top = located.top.min(*top);
        }
    }
    let kept: BTreeSet<(String, u32)> = found.iter().flat_map(open_columns).collect();
    let at = (&tables, &kept);
    let personal = scan_personal(workbook, contract, context.vocabulary, at, context.expected);
    if !personal.is_empty() {
        return nothing(personal);
    }
    let tables_missing = found.iter().any(|(_, _, located)| located.is_err());
    for tables in found.chunk_by(|left, right| std::ptr::eq(left.0, right.0)) {
        let from = gathered.slots.len();
        for (layout, page, located) in tables {
            match located {
                Ok((stretch, located)) => {
                    read_table(*stretch, layout, context, located, &mut gathered);
                }
                Err(miss) => not_located(page, miss, &mut gathered),
            }
        }
        if tables.first().is_some_and(|(layout, ..)| layout.same_key == SameKey::AddUp) {
            adding::add_up(from, &mut gathered);
        }
    }
    gathered.series.close();
    let scene = Scene { contract, context, occasion, pages, tables_missing };
    let observations = judge::judge(&scene, &mut gathered);
    hidden::note(&mut gathered);
    uncalculated::note(workbook, &mut gathered);
    gathered.note_repairs();
    let Gathered { slots, findings, noted, .. } = gathered;
    let checks = &context.figures.checks;
    let findings = judge::verdict(checks, occasion.today, &findings, noted, &slots);
    let period = judge::content_period(&slots);
    slot::put_away(slots);
    Checked { output: Understood { period, observations, actions: Vec::new() }, findings }
}

/// Columns whose every text becomes a category: what stands there would be kept.
fn open_columns(found: &Found<'_, '_>) -> Vec<(String, u32)> {
    let (layout, page, Ok((_, located))) = found else { return Vec::new() };
    located
        .breakdowns
        .iter()
        .filter(|(index, _)| layout.breakdowns[*index].values.is_empty())
        .map(|(_, column)| (page.name.to_owned(), *column))
        .collect()
}

/// The pages of the sheets a layout speaks of.
fn pages_of<'t, 'a>(
    workbook: &'a Workbook,
    wanted: &Sheets,
    pages: &'t [Page<'a>],
    findings: &mut Vec<Finding>,
) -> Vec<&'t Page<'a>> {
    let chosen: Vec<&Sheet> = sheets::chosen(workbook, wanted, findings);
    pages.iter().filter(|page| chosen.iter().any(|sheet| sheet.name == page.name)).collect()
}

fn read_table<'a>(
    page: Page<'a>,
    layout: &TableLayout,
    context: &Context<'a>,
    located: &Located<'a>,
    gathered: &mut Gathered,
) {
    let Some(table) = figures::table(page, layout, context, located, gathered) else {
        return;
    };
    match layout.value {
        ValueFrom::Rows => records::count(&table, gathered),
        ValueFrom::Cells(_) => forms::read(&table, gathered),
        ValueFrom::HeaderRow | ValueFrom::Column(_) => {
            let rows = table.read(gathered);
            for column in &located.undeclared_totals {
                gathered.total_met(&page.place(located.bottom, *column));
            }
            totals::check_totals(&table, &rows, gathered);
            totals::check_changes(&table, &rows, gathered);
        }
    }
}

fn not_located(page: &Page<'_>, miss: &NotLocated, gathered: &mut Gathered) {
    let place = match miss.row {
        Some(row) => page.place(row, 0),
        None => Place::sheet(page.name),
    };
    if !miss.start.is_empty() {
        let starts: Vec<String> = miss.start.iter().map(|text| gathered::quoted(text)).collect();
        let message = format!("the table was not found: there is no text {}", starts.join(" or "));
        let hint = "keep the text above the table, as in the agreed layout";
        gathered.error("headings-not-found", place, message, hint);
        return;
    }
    let wanted: Vec<String> = miss.missing.iter().map(|name| gathered::quoted(name)).collect();
    let message = format!("the table was not found: no heading {}", wanted.join(", "));
    let hint = match &miss.near {
        Some(near) => {
            format!("is it {}? Keep the headings of the agreed layout", gathered::quoted(near))
        }
        None => "keep the headings of the agreed layout, in the first 60 rows".to_owned(),
    };
    gathered.error("headings-not-found", place, message, &hint);
}

fn scan_personal(
    workbook: &Workbook,
    contract: &Contract,
    vocabulary: &Vocabulary<'_>,
    (tables, kept): (&BTreeMap<String, u32>, &BTreeSet<(String, u32)>),
    expected: Period,
) -> Vec<Finding> {
    let labels: BTreeSet<String> = match &contract.content {
        Content::Figures(Figures { labels, tables, .. }) => {
            let categories = tables
                .iter()
                .flat_map(|table| &table.breakdowns)
                .flat_map(|column| column.values.keys());
            labels.keys().chain(categories).map(|label| folded_name(label)).collect()
        }
        Content::Actions(_) => BTreeSet::new(),
    };
    let scan = personal::Scan {
        tables,
        kept,
        allowed: &contract.personal_allowed,
        labels,
        partnership: vocabulary.partnership,
        last_day: expected.last().last_day(),
        names: std::cell::OnceCell::new(),
    };
    personal::scan(workbook, &scan)
}

fn understand_actions(
    workbook: &Workbook,
    contract: &Contract,
    plan: &ActionColumns,
    vocabulary: &Vocabulary<'_>,
    occasion: &Occasion<'_>,
    pages: &[Page<'_>],
) -> Checked<Understood> {
    let expected = occasion.expected;
    let mut findings = Vec::new();
    let chosen = pages_of(workbook, &plan.sheets, pages, &mut findings);
    let tables: BTreeMap<String, u32> = chosen
        .iter()
        .filter_map(|page| Some((page.name.to_owned(), actions::header_row(page, plan)?)))
        .collect();
    let at = (&tables, &BTreeSet::new());
    let personal = scan_personal(workbook, contract, vocabulary, at, expected);
    if !personal.is_empty() {
        return nothing(personal);
    }
    let mut seen = BTreeMap::new();
    let items: Vec<ActionItem> = chosen
        .into_iter()
        .flat_map(|page| actions::read(page, plan, &mut seen, &mut findings))
        .collect();
    if items.is_empty() && findings.iter().all(|finding| finding.severity != Severity::Error) {
        findings.push(
            Finding::new(
                Severity::Error,
                "no-actions",
                Place::file(),
                "there are no actions in the workbook",
            )
            .with_hint("check that the right file was sent, and that it is filled in"),
        );
    }
    Checked {
        findings: actions::verdict(plan, occasion.today, findings, &items),
        output: Understood {
            period: Some(expected),
            observations: Observations::default(),
            actions: items,
        },
    }
}
