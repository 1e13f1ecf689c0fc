//! A text above the table that names another area than the table is read as.

use std::borrow::Cow;
use std::collections::BTreeMap;

use model::{AreaCode, Finding, Severity, folded_name};

use super::{Noted, Scene, Subject};
use crate::understand::gathered::{Gathered, quoted};
use crate::understand::page::Page;
use crate::understand::slot::{Slot, runs};

/// Sheets about one area whose title names another one of its kind, and not it.
///
/// An error where the sheet's name says the area, since one of the two was copied; a warning where
/// the contract says it: a title may name where an agency sits. Where rows or headings say it,
/// what stands above may be rows as well, and is left alone. What the partner is called is never
/// taken for an area.
pub(super) fn check(scene: &Scene<'_, '_>, gathered: &Gathered) -> Vec<Noted> {
    let sheets = first_slots(&gathered.slots);
    scene
        .pages
        .iter()
        .filter_map(|page| {
            let (area, row) = sheets.get(page.name)?.as_ref()?;
            contradicted(scene, page, area, *row)
        })
        .collect()
}

/// The one area a sheet is read as, and the first row with a figure; nothing for several areas.
fn first_slots(slots: &[Slot]) -> BTreeMap<&str, Option<(&AreaCode, u32)>> {
    let mut sheets: BTreeMap<&str, Option<(&AreaCode, u32)>> = BTreeMap::new();
    for run in runs(slots) {
        let first = Some((run[0].area(), run[0].cell.row));
        let seen = sheets.entry(run[0].sheet()).or_insert(first);
        for slot in run {
            let Some((area, row)) = *seen else {
                break;
            };
            *seen = (area == slot.area()).then_some((area, row.min(slot.cell.row)));
        }
    }
    sheets
}

fn contradicted(
    scene: &Scene<'_, '_>,
    page: &Page<'_>,
    area: &AreaCode,
    row: u32,
) -> Option<Noted> {
    const TITLE_BYTES_MAX: usize = 200;
    let partnership = scene.context.vocabulary.partnership;
    let own = partnership.area(area)?;
    let own_names: Vec<String> = names(own);
    let named_by_tab = own_names.iter().any(|name| says(&words(page.name), name));
    let is_fixed = scene.context.figures.tables.iter().all(|table| table.area.is_fixed());
    if !named_by_tab && !is_fixed {
        return None;
    }
    let sender: Vec<&str> = partnership
        .partners
        .iter()
        .filter(|partner| partner.id == scene.contract.partner)
        .map(|partner| partner.name.as_str())
        .collect();
    let known = words(&format!("{} {}", scene.contract.title, sender.join(" ")));
    let others: Vec<(&model::Area, String)> = partnership
        .areas
        .iter()
        .filter(|other| other.geography == own.geography && other.code != own.code)
        .flat_map(|other| names(other).into_iter().map(move |name| (other, name)))
        .filter(|(_, name)| !own_names.iter().any(|own| says(own, name) || says(name, own)))
        .filter(|(_, name)| !says(&known, name))
        .collect();
    let titles: Vec<(model::CellAddress, Cow<'_, str>)> =
        page.above(row).filter(|(_, text)| text.len() <= TITLE_BYTES_MAX).collect();
    if titles.iter().any(|(_, text)| own_names.iter().any(|name| says(&words(text), name))) {
        return None;
    }
    let (cell, text, other) = titles.iter().find_map(|(cell, text)| {
        let said = words(text);
        let (other, _) = others.iter().find(|(_, name)| says(&said, name))?;
        Some((*cell, text, *other))
    })?;
    let severity = if named_by_tab { Severity::Error } else { Severity::Warning };
    let message = format!(
        "{} names {}, but the figures below are read as those of {}",
        quoted(text),
        other.name,
        own.name
    );
    let finding =
        Finding::new(severity, "title-contradicts", page.place(cell.row, cell.column), message)
            .with_hint("correct the title, or the name of the sheet: whose figures are they?");
    Some(Noted::new(finding).about([Subject::area(area)]))
}

/// The names an area goes by, as words.
fn names(area: &model::Area) -> Vec<String> {
    std::iter::once(&area.name).chain(&area.aliases).map(|name| words(name)).collect()
}

/// The words of a text with one blank between them, in lower case.
fn words(text: &str) -> String {
    let folded = folded_name(text);
    let words: Vec<&str> =
        folded.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    words.join(" ")
}

/// Whether a text says a name, as whole words.
fn says(text: &str, name: &str) -> bool {
    !name.is_empty() && format!(" {text} ").contains(&format!(" {name} "))
}
