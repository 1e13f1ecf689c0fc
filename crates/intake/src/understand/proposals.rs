//! What would have to change in the contract for a layout that has drifted: lines an operator can
//! put into it, once the partner has said that the new layout is meant.
//!
//! A finding is never acted on here. A slip of the hand gets the line that would make it a name of
//! the same thing; what is new gets a line with a `?` in it, which no contract may keep.

use std::fmt::Write as _;

use model::{AreaCode, AreaError, Finding, Severity, nearest};

use super::context::Context;
use super::glance::{Glance, glance_text, is_harmless, slug, unmarked};
use super::labels::{folded, is_any};
use super::likeness::only_alike;
use super::page::{Page, PageRow};
use crate::contract::{
    BreakdownFrom, DateOrder, Fill, KeyColumn, Label, Sheets, TableLayout, ValueFrom, Where,
};
use crate::workbook::{Cell, Workbook};

/// Puts the change of the contract on every finding about a layout that has drifted.
pub(super) fn add(
    findings: &mut [Finding],
    workbook: &Workbook,
    pages: &[Page<'_>],
    context: &Context<'_>,
) {
    let drift = Drift { workbook, pages, context };
    for finding in findings.iter_mut().filter(|finding| finding.severity == Severity::Error) {
        if finding.proposal.is_none() {
            finding.proposal = drift.proposal(finding);
        }
    }
}

struct Drift<'d, 'p, 'c> {
    workbook: &'d Workbook,
    pages: &'d [Page<'p>],
    context: &'d Context<'c>,
}

/// The line that declares a heading, for a list of names.
type Line<'l> = Box<dyn Fn(&[String]) -> String + 'l>;

/// A declared heading: the key that declares it, its names, and the line with one name more.
struct Declared<'l> {
    names: &'l [String],
    line: Line<'l>,
}

impl Drift<'_, '_, '_> {
    fn proposal(&self, finding: &Finding) -> Option<String> {
        let page = self.pages.iter().find(|page| page.name == finding.place.sheet);
        let text = page.zip(finding.place.cell).and_then(|(page, cell)| {
            let text = page.text(cell.row, cell.column)?;
            is_harmless(&text).then(|| unmarked(&text))
        });
        match finding.code.as_str() {
            "headings-not-found" => self.heading(page?),
            "missing-sheet" => self.sheet(),
            "unknown-measure" => Some(self.label(&text?)),
            "unknown-area" => self.area(page?, text.as_deref()),
            "unknown-period" => self.column_left_out(page?, &text?),
            "unknown-label" => self.category(page?, &text?, &finding.message),
            "second-heading" => self.second_table(page?, finding.place.cell?.row),
            "not-a-number" => mark(&text?),
            _ => None,
        }
    }

    /// The table that a sheet belongs to, and its place in the contract.
    fn layout_of(&self, sheet: &str) -> Option<(usize, &TableLayout)> {
        let fits = |layout: &TableLayout| match &layout.sheets {
            Sheets::Each { except } => !is_any(except, sheet),
            Sheets::Named(names) => names.iter().any(|name| folded(name) == folded(sheet)),
            Sheets::Like(_) | Sheets::First => true,
        };
        self.context.figures.tables.iter().enumerate().find(|(_, layout)| fits(layout))
    }

    /// `[[table]]`, and which one if there are several.
    fn table(&self, index: usize) -> String {
        if self.context.figures.tables.len() == 1 {
            return "[[table]]".to_owned();
        }
        format!("[[table]] # number {} of the contract", index + 1)
    }

    fn heading(&self, page: &Page<'_>) -> Option<String> {
        let (index, layout) = self.layout_of(page.name)?;
        let declared = declared(layout);
        let best = page.rows(..HEADER_ROWS_MAX).map(PageRow::number).max_by_key(|row| {
            (self.hits(page, layout, &declared, *row), std::cmp::Reverse(*row))
        })?;
        let hits = self.hits(page, layout, &declared, best);
        if hits == 0 {
            let Sheets::Each { except } = &layout.sheets else {
                return None;
            };
            let names = with(except, page.name);
            return Some(format!(
                "{} # if the sheet has no table\nsheets = {{ each = true, except = {} }}",
                self.table(index),
                list(&names)
            ));
        }
        // Headings may stand over several rows; a line of title is one cell.
        let rows = page.rows(best.saturating_sub(HEADING_ROWS_ABOVE)..=best);
        let texts: Vec<String> = rows
            .filter(|row| row.number() == best || row.columns().nth(1).is_some())
            .flat_map(PageRow::cells)
            .filter_map(|(_, cell)| match cell {
                Cell::Text(text) if is_harmless(text) => Some(unmarked(text)),
                _ => None,
            })
            .collect();
        let missing: Vec<&Declared<'_>> = declared
            .iter()
            .filter(|one| !texts.iter().any(|text| is_named(one.names, text)))
            .collect();
        let [missing] = missing.as_slice() else {
            return None;
        };
        let open: Vec<&str> = texts
            .iter()
            .map(String::as_str)
            .filter(|text| !declared.iter().any(|one| is_named(one.names, text)))
            .filter(|text| !self.is_figures_heading(layout, text) && !self.is_known(layout, text))
            .collect();
        let near = missing.names.iter().find_map(|name| nearest(name, open.iter().copied()));
        let found = match (near, open.as_slice()) {
            (Some(near), _) => near,
            (None, [only]) => only,
            (None, _) => return None,
        };
        let line = (missing.line)(&with(missing.names, found));
        Some(format!("{}\n{line}", self.table(index)))
    }

    /// How many headings of the table a row holds.
    fn hits(
        &self,
        page: &Page<'_>,
        layout: &TableLayout,
        declared: &[Declared<'_>],
        row: u32,
    ) -> usize {
        let Some(row) = page.row(row) else {
            return 0;
        };
        row.cells()
            .filter(|(_, cell)| match cell {
                Cell::Text(text) => {
                    declared.iter().any(|one| is_named(one.names, text))
                        || self.is_figures_heading(layout, text)
                }
                Cell::Date(_) => layout.period.place.is_heading(),
                _ => false,
            })
            .count()
    }

    /// Whether a text is the heading of a column of figures.
    fn is_figures_heading(&self, layout: &TableLayout, text: &str) -> bool {
        let time = matches!(
            glance_text(text),
            Glance::Period(_) | Glance::Day(_) | Glance::BareMonth(_) | Glance::YearText(_)
        );
        layout.period.place.is_heading() && time
            || layout.measure.is_heading() && self.context.labels.find(text).is_some()
            || layout.area.is_heading() && self.context.area(text, None).is_ok()
    }

    fn is_known(&self, layout: &TableLayout, text: &str) -> bool {
        let checks = &self.context.figures.checks;
        [&layout.totals, &layout.ignore, &checks.change_number, &checks.change_percent]
            .into_iter()
            .any(|names| is_any(names, text))
    }

    fn sheet(&self) -> Option<String> {
        let all = self.context.figures.tables.iter().enumerate();
        let missing = |name: &String| {
            !self.workbook.sheets.iter().any(|sheet| folded(&sheet.name) == folded(name))
        };
        let (index, layout, names, gone) = all.into_iter().find_map(|(index, layout)| {
            let Sheets::Named(names) = &layout.sheets else {
                return None;
            };
            let gone = names.iter().find(|name| missing(name))?;
            Some((index, layout, names, gone))
        })?;
        let declared = declared(layout);
        let fits = |page: &&Page<'_>| {
            !names.iter().any(|name| folded(name) == folded(page.name))
                && page.rows(..HEADER_ROWS_MAX).any(|row| {
                    let texts: Vec<&str> = row
                        .cells()
                        .filter_map(|(_, cell)| match cell {
                            Cell::Text(text) => Some(text),
                            _ => None,
                        })
                        .collect();
                    !declared.is_empty()
                        && declared
                            .iter()
                            .all(|one| texts.iter().any(|text| is_named(one.names, text)))
                })
        };
        let shown = |page: &&Page<'_>| {
            self.workbook.sheets.iter().any(|sheet| sheet.name == page.name && sheet.visible)
        };
        let candidates: Vec<&str> =
            self.pages.iter().filter(shown).filter(fits).map(|page| page.name).collect();
        let [found] = candidates.as_slice() else {
            return None;
        };
        let names: Vec<String> = names
            .iter()
            .map(|name| if name == gone { (*found).to_owned() } else { name.clone() })
            .collect();
        Some(format!("{}\nsheets = {{ named = {} }}", self.table(index), list(&names)))
    }

    fn label(&self, text: &str) -> String {
        let labels = &self.context.figures.labels;
        let near =
            self.context.labels.nearest(text).and_then(|near| Some((near, labels.get(near)?)));
        match near {
            Some((near, label)) => {
                format!("[labels]\n{} = {} # as {}", quoted(text), target(label), quoted(near))
            }
            None => format!(
                "[labels] # or leave it out: ignore = [{0}] in its [[table]]\n{0} = {{ measure = {1} }}",
                quoted(text),
                quoted(&format!("?{}", slug(text)))
            ),
        }
    }

    fn area(&self, page: &Page<'_>, text: Option<&str>) -> Option<String> {
        let name = text.unwrap_or(page.name);
        let partnership = self.context.vocabulary.partnership;
        let code = |name: &str| -> Option<AreaCode> {
            let found = partnership.find_area(name, None);
            match found {
                Ok(area) => Some(area.code.clone()),
                // Namesakes: the measure's geography decides, as it does for the name itself.
                Err(AreaError::Ambiguous { codes, .. }) => {
                    let (_, layout) = self.layout_of(page.name)?;
                    let geography = self.context.table_geography(layout);
                    codes.into_iter().find(|code| {
                        partnership.area(code).is_some_and(|area| Some(area.geography) == geography)
                    })
                }
                Err(AreaError::Unknown { .. } | AreaError::OfAnotherKind { .. }) => None,
            }
        };
        match partnership.find_area(name, None) {
            Err(AreaError::Unknown { nearest: Some(near), .. }) => {
                let code = code(&near)?;
                Some(format!("[areas]\n{} = {} # {near}", quoted(name), quoted(code.as_str())))
            }
            Err(AreaError::Unknown { nearest: None, .. }) if text.is_none() => {
                let (index, layout) = self.layout_of(page.name)?;
                let Sheets::Each { except } = &layout.sheets else {
                    return None;
                };
                Some(format!(
                    "{} # if the sheet is about no area\nsheets = {{ each = true, except = {} }}",
                    self.table(index),
                    list(&with(except, page.name))
                ))
            }
            Err(AreaError::Unknown { nearest: None, .. }) => {
                Some(format!("[areas]\n{} = \"?\" # the code of an area", quoted(name)))
            }
            _ => None,
        }
    }

    /// A column nobody agreed on is left out; never one that may be a month.
    fn column_left_out(&self, page: &Page<'_>, text: &str) -> Option<String> {
        const MONTHS: [&str; 12] = [
            "january",
            "february",
            "march",
            "april",
            "may",
            "june",
            "july",
            "august",
            "september",
            "october",
            "november",
            "december",
        ];
        let (index, layout) = self.layout_of(page.name)?;
        let is_timely = text.split(|c: char| !c.is_alphanumeric()).any(|word| {
            word.len() >= 2 && word.chars().all(|c| c.is_ascii_digit())
                || word.len() >= 3
                    && MONTHS
                        .iter()
                        .any(|month| nearest(word, [*month, &month[..3]].into_iter()).is_some())
        });
        if !layout.period.place.is_heading() || is_timely {
            return None;
        }
        Some(format!(
            "{} # or totals = {}, if it is the sum of its row\nignore = {}",
            self.table(index),
            list(&with(&layout.totals, text)),
            list(&with(&layout.ignore, text))
        ))
    }

    fn category(&self, page: &Page<'_>, text: &str, message: &str) -> Option<String> {
        let (_, layout) = self.layout_of(page.name)?;
        let known = |one: &&BreakdownFrom| !one.values.is_empty();
        let mut all = layout.breakdowns.iter().filter(known);
        let said = |one: &BreakdownFrom| message.contains(&format!(" {} ", one.dimension));
        let found = all.clone().find(|one| said(one)).or_else(|| all.next())?;
        let near = nearest(text, found.values.keys().map(String::as_str));
        let (category, remark) = match near.and_then(|near| Some((near, found.values.get(near)?))) {
            Some((near, category)) => (category.clone(), format!(" # as {}", quoted(near))),
            None => (slug(text), " # a new one".to_owned()),
        };
        Some(format!(
            "[table.breakdown.values] # of the dimension {}\n{} = {}{remark}",
            found.dimension,
            quoted(text),
            quoted(&category)
        ))
    }

    /// A second table is one of its own, if a line of text stands between the two.
    fn second_table(&self, page: &Page<'_>, row: u32) -> Option<String> {
        const ROWS_ABOVE_MAX: u32 = 3;
        let (index, _) = self.layout_of(page.name)?;
        let title = page.rows(row.saturating_sub(ROWS_ABOVE_MAX)..row).filter_map(|above| {
            let mut cells = above.cells();
            match (cells.next(), cells.next()) {
                (Some((_, Cell::Text(text))), None) if is_harmless(text) => Some(unmarked(text)),
                _ => None,
            }
        });
        let title = quoted(&title.last()?);
        Some(format!(
            "{} # and, to read the second one, a [[table]] with starts_below = [{title}]\nends_at = [{title}]",
            self.table(index)
        ))
    }
}

const HEADER_ROWS_MAX: u32 = 60;
const HEADING_ROWS_ABOVE: u32 = 2;

/// Every heading a table declares, with the line that declares it.
fn declared(layout: &TableLayout) -> Vec<Declared<'_>> {
    let mut all = Vec::new();
    if let Where::Column(column) = &layout.measure {
        all.push(keyed("measure", column, String::new()));
    }
    if let Where::Column(column) = &layout.area {
        all.push(keyed("area", column, String::new()));
    }
    if let Where::Column(column) = &layout.period.place {
        let mut more = String::new();
        if layout.period.dates == DateOrder::MonthFirst {
            more.push_str(", dates = \"mm/dd/yyyy\"");
        }
        if !layout.period.year.is_empty() {
            write!(more, ", year = {}", list(&layout.period.year)).expect("to a string");
        }
        all.push(keyed("period", column, more));
    }
    if let ValueFrom::Column(names) = &layout.value {
        let line =
            |names: &[String]| format!("value = {{ from = \"column\", header = {} }}", list(names));
        all.push(Declared { names, line: Box::new(line) });
    }
    for breakdown in &layout.breakdowns {
        if let Where::Column(column) = &breakdown.place {
            let line = |names: &[String]| {
                format!("[[table.breakdown]] # {}\nheader = {}", breakdown.dimension, list(names))
            };
            all.push(Declared { names: &column.header, line: Box::new(line) });
        }
    }
    all
}

fn keyed<'l>(key: &'static str, column: &'l KeyColumn, more: String) -> Declared<'l> {
    let fill = if column.fill == Fill::Down { ", fill = \"down\"" } else { "" };
    let line = move |names: &[String]| {
        format!("{key} = {{ from = \"column\", header = {}{more}{fill} }}", list(names))
    };
    Declared { names: &column.header, line: Box::new(line) }
}

fn is_named(names: &[String], text: &str) -> bool {
    is_any(names, text) || only_alike(names.iter().map(String::as_str), text).is_some()
}

/// What a label stands for, as the contract says it; never asked for in every submission.
fn target(label: &Label) -> String {
    let mut text = format!("{{ measure = {}", quoted(label.measure.as_str()));
    if !label.breakdown.is_all() {
        write!(text, ", breakdown = {}", quoted(&label.breakdown.to_string()))
            .expect("to a string");
    }
    text + ", optional = true }"
}

fn mark(text: &str) -> Option<String> {
    let is_mark = glance_text(text) == Glance::Mark;
    is_mark.then(|| {
        format!(
            "[symbols] # as the partner says: \"zero\", \"x\" not available, \"c\" withheld, \"z\" not applicable\n{} = \"x\"",
            quoted(text)
        )
    })
}

fn with(names: &[String], more: &str) -> Vec<String> {
    names.iter().cloned().chain([more.to_owned()]).collect()
}

fn list(names: &[String]) -> String {
    let all: Vec<String> = names.iter().map(|name| quoted(name)).collect();
    format!("[{}]", all.join(", "))
}

fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}
