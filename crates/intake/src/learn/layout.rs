//! What a table seems to say where: area, measure, period and figures.

use std::collections::{BTreeMap, BTreeSet};

use model::{AreaCode, CellAddress, Period};

use super::across::{self, Across};
use super::blocks::{self, Blocks};
use super::columns::{Column, Met, columns};
use super::grid::cell;
use super::keys::{
    area_column, is_list_of_records, is_no_figure, key_columns, period_column, records,
};
use super::tables::Table;
use super::totals;
use crate::understand::Vocabulary;
use crate::understand::glance::{areas_in, bare_label, period_in};

/// Where a table says something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum From {
    /// Nowhere: the operator knows.
    Unknown,
    /// A column, by its heading; blank means as above if `fill`.
    Column {
        header: String,
        fill: bool,
    },
    HeaderRow,
    SheetName,
    Title,
    /// Alone on a row above the rows it is about.
    Block,
}

/// Where the figures stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Values {
    HeaderRow,
    Column(String),
    Rows,
    /// Beside their labels, in a form.
    Beside,
}

/// A column that may split a measure.
#[derive(Clone, Debug)]
pub(super) struct Split {
    pub(super) header: String,
    pub(super) fill: bool,
    pub(super) met: Vec<Met>,
    /// Whether it is only one of many columns that could.
    pub(super) is_offer: bool,
}

/// A text that says what is counted.
#[derive(Clone, Debug)]
pub(super) struct LabelMet {
    pub(super) text: String,
    pub(super) first: CellAddress,
    /// Whether figures under it have fractions.
    pub(super) has_fractions: bool,
}

/// How a table seems to be laid out.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is one thing seen in the table")]
pub(super) struct Layout {
    pub(super) area: From,
    pub(super) measure: From,
    pub(super) period: From,
    /// The heading of a column with the year, beside the period's.
    pub(super) year: Option<String>,
    pub(super) month_first: bool,
    pub(super) value: Values,
    pub(super) splits: Vec<Split>,
    pub(super) labels: Vec<LabelMet>,
    pub(super) totals: Vec<String>,
    pub(super) ignore: Vec<String>,
    pub(super) change_number: Vec<String>,
    pub(super) change_percent: Vec<String>,
    pub(super) other_areas: bool,
    /// Codes of the areas met, as far as the partnership knows them.
    pub(super) areas: BTreeSet<AreaCode>,
    pub(super) periods: BTreeSet<Period>,
    pub(super) marks: BTreeMap<String, Vec<CellAddress>>,
    /// Percentages as 0 to 1.
    pub(super) percent_of_one: bool,
    pub(super) fixed_has_fractions: bool,
    /// Whether there is anything to keep: columns of figures, or rows to count.
    pub(super) holds_figures: bool,
    /// Whether the names of the sheets say a part of each measure.
    pub(super) by_sheet: bool,
    /// Why, with cells.
    pub(super) why: Vec<String>,
}

impl Layout {
    fn empty() -> Self {
        Self {
            area: From::Unknown,
            measure: From::Unknown,
            period: From::Unknown,
            year: None,
            month_first: false,
            value: Values::HeaderRow,
            splits: Vec::new(),
            labels: Vec::new(),
            totals: Vec::new(),
            ignore: Vec::new(),
            change_number: Vec::new(),
            change_percent: Vec::new(),
            other_areas: false,
            areas: BTreeSet::new(),
            periods: BTreeSet::new(),
            marks: BTreeMap::new(),
            percent_of_one: false,
            fixed_has_fractions: false,
            holds_figures: true,
            by_sheet: false,
            why: Vec::new(),
        }
    }

    /// A form: labels with their figure beside them.
    pub(super) fn form(labels: Vec<LabelMet>) -> Self {
        let why = vec!["the sheet is a form: each figure stands right of its label".to_owned()];
        Self { measure: From::HeaderRow, value: Values::Beside, labels, why, ..Self::empty() }
    }

    /// What must be the same for two tables to be of one layout.
    pub(super) fn signature(&self) -> String {
        let Self { area, measure, period, year, value, splits, .. } = self;
        let splits: Vec<&str> = splits.iter().map(|split| split.header.as_str()).collect();
        bare_label(&format!("{area:?} {measure:?} {period:?} {year:?} {value:?} {splits:?}"))
    }

    /// The headings of the columns that say what a row is about.
    pub(super) fn headings(&self) -> Vec<String> {
        let axes =
            [&self.area, &self.measure, &self.period].into_iter().filter_map(|from| match from {
                From::Column { header, .. } => Some(header.clone()),
                _ => None,
            });
        axes.chain(self.year.clone())
            .chain(self.splits.iter().map(|split| split.header.clone()))
            .collect()
    }

    /// Adds what another table of the same layout says.
    pub(super) fn join(&mut self, other: &Self) {
        for label in &other.labels {
            let known =
                self.labels.iter().any(|own| bare_label(&own.text) == bare_label(&label.text));
            if !known {
                self.labels.push(label.clone());
            }
        }
        let lists = [
            (&mut self.totals, &other.totals),
            (&mut self.ignore, &other.ignore),
            (&mut self.change_number, &other.change_number),
            (&mut self.change_percent, &other.change_percent),
        ];
        for (own, others) in lists {
            own.extend(others.iter().cloned());
            unique(own);
        }
        for (split, others) in self.splits.iter_mut().zip(&other.splits) {
            for met in &others.met {
                if !split.met.iter().any(|own| bare_label(&own.text) == bare_label(&met.text)) {
                    split.met.push(met.clone());
                }
            }
        }
        self.other_areas |= other.other_areas;
        self.areas.extend(other.areas.iter().cloned());
        self.periods.extend(other.periods.iter().copied());
        self.percent_of_one |= other.percent_of_one;
    }
}

/// Leaves the first of texts that mean the same.
pub(super) fn unique(texts: &mut Vec<String>) {
    let mut seen = BTreeSet::new();
    texts.retain(|text| seen.insert(bare_label(text)));
}

/// Decides what a table says where, and why.
pub(super) fn layout(table: &Table<'_, '_>, vocabulary: &Vocabulary<'_>) -> Layout {
    let all = columns(table, vocabulary.partnership);
    let mut layout = Layout::empty();
    let mut used: BTreeSet<u32> = BTreeSet::new();
    period_column(&all, &mut used, &mut layout);
    area_column(&all, &mut used, &mut layout, vocabulary);
    let figures: Vec<&Column> = all
        .iter()
        .filter(|column| !used.contains(&column.index) && column.heading.is_some())
        .filter(|column| column.is_figures() && !is_no_figure(column))
        .collect();
    let keys: Vec<&Column> = all
        .iter()
        .filter(|column| !used.contains(&column.index) && column.is_words())
        .filter(|column| figures.first().is_none_or(|first| column.index != first.index))
        .collect();
    if is_list_of_records(&all, &figures, &layout) {
        records(&keys, &all, &mut layout);
    } else {
        let across = across::across(&figures, vocabulary.partnership);
        figures_and_keys(table, &figures, &keys, &across, &mut layout);
    }
    // Figures whose headings say nothing cannot be told apart by any contract.
    let says = [&layout.area, &layout.measure, &layout.period].contains(&&From::HeaderRow);
    layout.holds_figures = match layout.value {
        Values::HeaderRow => says && !figures.is_empty(),
        Values::Column(_) | Values::Rows | Values::Beside => true,
    };
    let blocks = blocks::blocks(table, &all);
    blocks_and_titles(table, &blocks, vocabulary, &mut layout);
    totals::row_totals(table, &all, &figures, &mut layout);
    totals::marks(table, &figures, &mut layout);
    layout
}

fn figures_and_keys(
    table: &Table<'_, '_>,
    figures: &[&Column],
    keys: &[&Column],
    across: &Across,
    layout: &mut Layout,
) {
    let rest = totals::column_totals(table, figures, across, layout);
    layout.percent_of_one = rest.iter().any(|column| {
        column.is_percent() && column.fractions > 0 && column.within_one == column.numbers
    });
    if across.is_periods() {
        layout.period = From::HeaderRow;
        layout.periods.extend(across.periods());
        layout.why.push(format!("period: {}", across.said_periods()));
    }
    if across.is_areas() {
        layout.area = From::HeaderRow;
        layout.areas.extend(across.areas());
        layout.why.push(format!("area: {}", across.said_areas()));
    }
    let has_axis = across.is_periods() || across.is_areas();
    let labelled = across.labels(&rest);
    let generic = rest.len() == 1 && !has_axis && !keys.is_empty();
    if generic {
        layout.value = Values::Column(rest[0].title());
        layout.fixed_has_fractions = rest[0].fractions > 0;
        layout.why.push(format!(
            "figures: column {} (`{}`), the only one of numbers",
            letters(rest[0].index),
            rest[0].title()
        ));
    }
    if !generic && !labelled.is_empty() {
        layout.measure = From::HeaderRow;
        layout.labels = labelled;
        let headings: Vec<String> =
            table.headings.iter().map(|row| (row + 1).to_string()).collect();
        layout.why.push(format!(
            "measure: the headings in row {} say what is counted",
            headings.join(" and ")
        ));
    }
    key_columns(keys, generic || has_axis, layout);
    if layout.measure == From::Unknown {
        layout.fixed_has_fractions = rest.iter().any(|column| column.fractions > 0);
    }
}

fn blocks_and_titles(
    table: &Table<'_, '_>,
    blocks: &Blocks,
    vocabulary: &Vocabulary<'_>,
    layout: &mut Layout,
) {
    if !blocks.heads.is_empty() && layout.area == From::Unknown {
        layout.area = From::Block;
        layout.why.push(format!(
            "area: alone on its own row above its rows, first in {}",
            blocks.heads[0].first
        ));
        for met in &blocks.heads {
            let areas = areas_in(vocabulary.partnership, &met.text);
            layout.areas.extend(areas.into_iter().map(|area| area.code.clone()));
        }
    }
    if !blocks.labels.is_empty() && matches!(layout.measure, From::Column { .. }) {
        layout.labels.clone_from(&blocks.labels);
    }
    if layout.period == From::HeaderRow && layout.periods.is_empty() {
        // Months without a year are of the time the title speaks of.
        layout.periods.extend(table.above().find_map(|(_, _, seen)| period_in(&seen.text)));
    }
    if layout.period == From::Unknown {
        let said = table
            .above()
            .find_map(|(row, column, seen)| Some((cell(row, column), period_in(&seen.text)?)));
        if let Some((at, period)) = said {
            layout.period = From::Title;
            layout.periods.insert(period);
            layout
                .why
                .push(format!("period: {at} above the table speaks of {}", period.calendar()));
        }
    }
}

/// A column as a person calls it: `C`.
pub(super) fn letters(column: u32) -> String {
    cell(0, column).trim_end_matches('1').to_owned()
}
