//! What names say about the period: the file's name, sheets' names and titles decide nothing, but
//! that they contradict the content is said; and nothing may say the year at all.

use std::collections::{BTreeMap, BTreeSet};

use model::{Finding, Grain, Period, Place, Severity};

use super::{Noted, Scene, Subject, content_period};
use crate::contract::{DateOrder, Frequency};
use crate::understand::gathered::{Gathered, quoted};
use crate::understand::page::Page;
use crate::understand::periods::{self, Said};
use crate::understand::slot::{Slot, runs};
use crate::understand::values;
use crate::understand::words::{Word, words_leniently};
use crate::workbook::Cell;

const CODE: &str = "name-says-another-period";

/// Names that contradict the content, and a year that nothing says.
pub(super) fn check(scene: &Scene<'_, '_>, gathered: &Gathered) -> Vec<Noted> {
    let mut noted: Vec<Noted> = file_name(scene, gathered).into_iter().collect();
    let sheets = extents(&gathered.slots);
    for page in scene.pages {
        if let Some(figures) = sheets.get(page.name) {
            noted.extend(sheet_name(page, figures));
            noted.extend(title(page, figures));
            noted.extend(no_year(scene, page, figures, gathered));
        }
    }
    noted
}

/// What the figures of a sheet are about, and where they are.
struct Extent {
    /// First month to last.
    content: Period,
    /// The first row with a figure.
    first_row: u32,
    /// Columns with figures.
    columns: BTreeSet<u32>,
}

/// The figures of each sheet that has any.
fn extents(slots: &[Slot]) -> BTreeMap<&str, Extent> {
    let mut sheets: BTreeMap<&str, Extent> = BTreeMap::new();
    for run in runs(slots) {
        let first =
            Extent { content: run[0].period, first_row: run[0].cell.row, columns: BTreeSet::new() };
        let extent = sheets.entry(run[0].sheet()).or_insert(first);
        extent.content =
            content_period(run).map_or(extent.content, |content| extent.content.joined(content));
        let mut last = None;
        for slot in run {
            extent.first_row = extent.first_row.min(slot.cell.row);
            // Nearly always the figures of a column stand below each other.
            if last.replace(slot.cell.column) != Some(slot.cell.column) {
                extent.columns.insert(slot.cell.column);
            }
        }
    }
    sheets
}

/// What a name says about time.
enum Named {
    Period(Period),
    /// `Q3`, of no year in particular.
    Quarter(i8),
}

fn named(name: &str) -> Option<Named> {
    let plain = name.replace('_', " ");
    if let Some(period) = periods::find(&plain) {
        return Some(Named::Period(period));
    }
    words_leniently(&plain).windows(2).find_map(|pair| match pair {
        [Word::Quarter, Word::Number(number, 1)] => {
            i8::try_from(*number).ok().filter(|number| (1..=4).contains(number)).map(Named::Quarter)
        }
        _ => None,
    })
}

/// Whether the content is about something else than a name says. A single month after the content
/// is when the file was made; a quarter without a year may be of the financial or the calendar
/// year.
fn contradicts(named: &Named, content: Period, made_later: bool) -> bool {
    match named {
        Named::Period(period) => {
            let when_made =
                made_later && period.length_months() == 1 && period.first() > content.last();
            !period.overlaps(content) && !when_made
        }
        Named::Quarter(number) => {
            content.length_months() == 3
                && content.financial_quarter().1 != *number
                && (content.last().month() - 1) / 3 + 1 != *number
        }
    }
}

/// Plans and the reports on them are called by their year, whatever their figures are about.
fn is_financial_year(named: &Named) -> bool {
    matches!(named, Named::Period(period) if period.grain() == Grain::FinancialYear)
}

fn said(named: &Named) -> String {
    match named {
        Named::Period(period) => period.calendar(),
        Named::Quarter(number) => format!("quarter {number}"),
    }
}

fn note(place: Place, subject: Subject, message: String) -> Noted {
    let finding = Finding::new(Severity::Warning, CODE, place, message)
        .with_hint("check that these are the right figures; what stands in the sheet was taken");
    Noted::new(finding).about([subject])
}

fn file_name(scene: &Scene<'_, '_>, gathered: &Gathered) -> Option<Noted> {
    let named = named(scene.occasion.file)?;
    let content = content_period(&gathered.slots)?;
    let is_owed = scene.contract.frequency == Frequency::Quarterly;
    if !is_owed && is_financial_year(&named) {
        return None;
    }
    // An owed return is about the period asked for, though it may repeat earlier months.
    let about = match scene.contract.frequency {
        Frequency::Quarterly => scene.context.expected,
        Frequency::AdHoc => content,
    };
    contradicts(&named, about, true).then(|| {
        let message = format!(
            "the file's name {} says {}, but its figures are about {}",
            quoted(scene.occasion.file),
            said(&named),
            content.calendar()
        );
        note(Place::file(), Subject::period(about), message)
    })
}

fn sheet_name(page: &Page<'_>, figures: &Extent) -> Option<Noted> {
    let named = named(page.name)?;
    let content = figures.content;
    contradicts(&named, content, false).then(|| {
        let message = format!(
            "the sheet's name {} says {}, but its figures are about {}",
            quoted(page.name),
            said(&named),
            content.calendar()
        );
        note(Place::sheet(page.name), Subject::period(content), message)
    })
}

/// A title that names a stretch of months the figures are not about, where no other text above
/// the table names theirs. Headings of figures are no titles, a single month may be the day of
/// printing, and what the figures are compared with is named on purpose.
fn title(page: &Page<'_>, figures: &Extent) -> Option<Noted> {
    const COMPARISONS: [&str; 4] = ["compar", "baseline", "previous", "last year"];
    const MONTHS_MIN: i32 = 2;
    let Extent { content, first_row, columns } = figures;
    let content = *content;
    let mut found = None;
    for (cell, text) in page.above(*first_row) {
        let is_heading =
            columns.contains(&cell.column) && periods::read(&text, DateOrder::DayFirst).is_some();
        let lower = text.to_lowercase();
        if is_heading || COMPARISONS.iter().any(|word| lower.contains(word)) {
            continue;
        }
        match periods::find(&text) {
            Some(period) if period.overlaps(content) => return None,
            Some(period) if is_financial_year(&Named::Period(period)) => {}
            Some(period) if period.length_months() >= MONTHS_MIN && found.is_none() => {
                found = Some((cell, text, period));
            }
            _ => {}
        }
    }
    let (cell, text, period) = found?;
    let message = format!(
        "{} speaks of {}, but the figures below are about {}",
        quoted(&text),
        period.calendar(),
        content.calendar()
    );
    Some(note(page.place(cell.row, cell.column), Subject::period(content), message))
}

/// A sheet on which, its figures apart, nothing says a year: neither a heading nor a title nor a
/// note, nor the name of the file or of any sheet.
fn no_year(
    scene: &Scene<'_, '_>,
    page: &Page<'_>,
    figures: &Extent,
    gathered: &Gathered,
) -> Option<Noted> {
    let tables = &scene.context.figures.tables;
    // A contract may say that the period is known without being written.
    if tables.iter().any(|table| table.period.place.is_fixed()) {
        return None;
    }
    if says_year(scene.occasion.file) || scene.pages.iter().any(|page| says_year(page.name)) {
        return None;
    }
    // Nearly always a heading or a title says it.
    if page.rows(..figures.first_row).any(|row| row.cells().any(|(_, cell)| cell_says_year(cell))) {
        return None;
    }
    let content = figures.content;
    let here = gathered.slots.iter().filter(|slot| slot.sheet() == page.name);
    let figures: BTreeSet<(u32, u32)> =
        here.map(|slot| (slot.cell.row, slot.cell.column)).collect();
    let somewhere = page.rows(..).any(|row| {
        row.cells().any(|(column, cell)| {
            !figures.contains(&(row.number(), column)) && cell_says_year(cell)
        })
    });
    if somewhere {
        return None;
    }
    let message = format!(
        "nothing says of which year the figures are: they were taken as those of {}",
        content.calendar()
    );
    let finding = Finding::new(Severity::Warning, "year-assumed", Place::sheet(page.name), message)
        .with_hint(format!("write the year, for example `{}`", scene.context.expected.calendar()));
    Some(Noted::new(finding).about([Subject::period(content)]))
}

fn cell_says_year(cell: Cell<'_>) -> bool {
    match cell {
        Cell::Date(_) => true,
        Cell::Text(text) => says_year(text),
        Cell::Number(_) => is_year(&values::raw(cell)),
        _ => false,
    }
}

fn is_year(text: &str) -> bool {
    text.len() == 4 && text.parse::<i16>().is_ok_and(|year| (1990..2100).contains(&year))
}

fn says_year(text: &str) -> bool {
    let plain = text.replace('_', " ");
    plain.split(|c: char| !c.is_ascii_digit()).any(is_year)
        || periods::find(&plain).is_some()
        || matches!(
            periods::read(&plain, DateOrder::DayFirst),
            Some(Said::Period(_) | Said::Year(_))
        )
}
