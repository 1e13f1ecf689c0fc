//! Tables of one layout on several sheets are one table of the contract.

use std::collections::BTreeSet;

use model::{CellAddress, Partnership, Period};

use super::grid::{Grid, Seen, cell};
use super::layout::{From, LabelMet, Layout, Values, layout};
use super::tables::{Table, tables};
use crate::understand::Vocabulary;
use crate::understand::glance::{Glance, areas_in, bare_label, glance_text};

/// Where one table was found.
#[derive(Clone, Debug)]
pub(super) struct At {
    pub(super) sheet: String,
    pub(super) top: u32,
    pub(super) headings: String,
    pub(super) range: String,
    pub(super) rows: usize,
    /// The text that stands above it, if it is not the only table of its sheet.
    pub(super) below: Option<String>,
}

/// Tables of one layout.
#[derive(Clone, Debug)]
pub(super) struct Group {
    pub(super) layout: Layout,
    pub(super) at: Vec<At>,
}

/// Tables that look alike, before anything is made of the names of their sheets.
struct Alike {
    members: Vec<(At, Layout)>,
}

impl Group {
    pub(super) fn sheets(&self) -> Vec<&str> {
        self.at.iter().map(|at| at.sheet.as_str()).collect()
    }
}

/// Finds the tables of all sheets and puts those of one layout together.
pub(super) fn groups(grids: &[Grid<'_>], vocabulary: &Vocabulary<'_>) -> Vec<Group> {
    let mut alike: Vec<Alike> = Vec::new();
    for grid in grids {
        let found = tables(grid);
        let alone = found.len() == 1;
        let told: Vec<(At, Layout)> = found
            .iter()
            .map(|table| (at(table, alone), layout(table, vocabulary)))
            .filter(|(_, layout)| layout.holds_figures)
            .collect();
        if told.is_empty()
            && let Some((layout, at)) = form(grid)
        {
            add(&mut alike, layout, at);
        }
        for (at, layout) in told {
            add(&mut alike, layout, at);
        }
    }
    let groups = alike.into_iter().flat_map(|alike| joined(alike, vocabulary.partnership));
    groups.collect()
}

fn add(all: &mut Vec<Alike>, layout: Layout, at: At) {
    let same = all.iter_mut().find(|alike| {
        let (first, own) = &alike.members[0];
        own.signature() == layout.signature()
            && first.below.as_deref().map(bare_label) == at.below.as_deref().map(bare_label)
            && alike.members.iter().all(|(other, _)| other.sheet != at.sheet)
    });
    match same {
        Some(alike) => alike.members.push((at, layout)),
        None => all.push(Alike { members: vec![(at, layout)] }),
    }
}

/// Tables that look alike as one; those of sheets that are named by no area, where most are, apart.
fn joined(alike: Alike, partnership: &Partnership) -> Vec<Group> {
    let is_area = |at: &At| !areas_in(partnership, &at.sheet).is_empty();
    let named = alike.members.iter().filter(|(at, _)| is_area(at)).count();
    let unsaid = alike.members[0].1.area == From::Unknown;
    let mut parts = vec![alike.members];
    let mut left_out = Vec::new();
    if unsaid && named > 0 && named * 2 >= parts[0].len() {
        let (own, others): (Vec<_>, Vec<_>) =
            parts.remove(0).into_iter().partition(|(at, _)| is_area(at));
        // A few among many are the partner's remainders: `Not placed`, `Outside Kent`.
        if others.len() * 4 <= own.len() {
            left_out = others.into_iter().map(|(at, _)| at.sheet).collect();
            parts.push(own);
        } else {
            parts.extend([own, others]);
        }
    }
    let groups = parts.into_iter().filter_map(|members| {
        let mut members = members.into_iter();
        let (first, layout) = members.next()?;
        let mut group = Group { layout, at: vec![first] };
        for (at, layout) in members {
            group.layout.join(&layout);
            group.at.push(at);
        }
        tell_by_sheet(&mut group, partnership);
        for sheet in &left_out {
            group.layout.why.push(format!(
                "left out: the sheet `{sheet}` is laid out like the others, but no area has that name"
            ));
        }
        Some(group)
    });
    groups.collect()
}

fn at(table: &Table<'_, '_>, alone: bool) -> At {
    let first = table.columns.first().copied().unwrap_or(0);
    let last = table.columns.last().copied().unwrap_or(0);
    let below = (!alone).then(|| title_of(table)).flatten();
    At {
        sheet: table.grid.name.to_owned(),
        top: table.top(),
        headings: format!("{}:{}", cell(table.top(), first), cell(table.bottom(), last)),
        range: format!("{}:{}", cell(table.top(), first), cell(table.last_row(), last)),
        rows: table.body.len(),
        below,
    }
}

/// The text that names a table among several of a sheet: `Table 2`, or the last line above it.
fn title_of(table: &Table<'_, '_>) -> Option<String> {
    let texts: Vec<String> = table
        .above()
        .filter(|(_, _, seen)| seen.is_text() && seen.text.chars().count() < 200)
        .map(|(_, _, seen)| seen.line())
        .collect();
    let named = texts.iter().find(|text| text.to_lowercase().starts_with("table"));
    named.or_else(|| texts.last()).cloned()
}

/// A sheet without a table on which labels stand left of their figures.
fn form(grid: &Grid<'_>) -> Option<(Layout, At)> {
    const PAIRS_MIN: usize = 3;
    let mut labels = Vec::new();
    let mut last: Option<CellAddress> = None;
    let mut first: Option<CellAddress> = None;
    for (row, cells) in &grid.rows {
        for (column, seen) in cells {
            let beside = cells.range(column + 1..).next().map(|(_, beside)| beside);
            if !seen.is_text() || !beside.is_some_and(Seen::is_figure) {
                continue;
            }
            let here = CellAddress::new(*row, *column);
            first.get_or_insert(here);
            last = Some(here);
            let has_fractions = beside.and_then(Seen::number).is_some_and(|n| n.fract() != 0.0);
            labels.push(LabelMet { text: seen.line(), first: here, has_fractions });
        }
    }
    let (first, last) = first.zip(last)?;
    if labels.len() < PAIRS_MIN {
        return None;
    }
    let rows = labels.len();
    let at = At {
        sheet: grid.name.to_owned(),
        top: first.row,
        headings: first.to_string(),
        range: format!("{first}:{last}"),
        rows,
        below: None,
    };
    Some((Layout::form(labels), at))
}

/// What the names of the sheets say, where nothing on them does.
fn tell_by_sheet(group: &mut Group, partnership: &Partnership) {
    let names: BTreeSet<String> = group.at.iter().map(|at| at.sheet.clone()).collect();
    let of_areas = names.iter().filter(|name| !areas_in(partnership, name).is_empty()).count();
    let areas = names.iter().flat_map(|name| areas_in(partnership, name)).map(|area| &area.code);
    let periods: Vec<Period> = names
        .iter()
        .filter_map(|name| match glance_text(name) {
            Glance::Period(period) => Some(period),
            _ => None,
        })
        .collect();
    let layout = &mut group.layout;
    if layout.area == From::Unknown && of_areas > 0 && of_areas * 2 >= names.len() {
        layout.area = From::SheetName;
        layout.areas.extend(areas.cloned());
        layout.why.push("area: the sheets are named by areas of partnership.toml".to_owned());
        return;
    }
    if matches!(layout.period, From::Unknown | From::Title)
        && !periods.is_empty()
        && periods.len() == names.len()
    {
        layout.period = From::SheetName;
        layout.periods.extend(periods);
        layout.why.push("period: the sheets are named by months or quarters".to_owned());
        return;
    }
    if names.len() < 2 {
        return;
    }
    if layout.measure == From::Unknown && layout.value != Values::Rows {
        layout.measure = From::SheetName;
        layout.labels = group
            .at
            .iter()
            .map(|at| LabelMet {
                text: at.sheet.trim().to_owned(),
                first: CellAddress::new(at.top, 0),
                has_fractions: layout.fixed_has_fractions,
            })
            .collect();
        layout.why.push(
            "measure: several sheets of one layout, so their names seem to say what is counted"
                .to_owned(),
        );
    } else if layout.area == From::Unknown && names.iter().any(|name| is_numbered(name)) {
        layout.by_sheet = true;
        layout.why.push("several numbered sheets of one layout: a part of each measure is said by the sheet's name".to_owned());
    } else if layout.area == From::Unknown {
        layout.area = From::SheetName;
        layout.why.push("area: several sheets of one layout, so their names seem to say the area; partnership.toml knows none of them".to_owned());
    } else {
        layout.why.push("several sheets of one layout: if they are not about different areas or periods, say what tells them apart (a breakdown from sheet-name)".to_owned());
    }
}

/// `Table 1`, `Sheet 2 - Wales`: no area is called so.
fn is_numbered(name: &str) -> bool {
    let mut words = name.split_whitespace();
    let first = words.next().map(str::to_lowercase);
    matches!(first.as_deref(), Some("table" | "sheet" | "tab"))
        && words.next().is_some_and(|number| number.starts_with(|c: char| c.is_ascii_digit()))
}
