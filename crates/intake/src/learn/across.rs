//! What the headings of the columns of figures say: periods, areas or what is counted.

use std::collections::BTreeSet;

use model::{AreaCode, CellAddress, Month, Partnership, Period};

use super::columns::Column;
use super::grid::cell;
use super::layout::LabelMet;
use crate::understand::glance::{Glance, areas_in, bare_label, glance_text, unmarked};

/// What one part of a heading says.
#[derive(Clone, Debug, PartialEq)]
enum Part {
    Time(Option<Period>),
    Area(Vec<AreaCode>),
    Words(String),
}

/// The headings of all columns of figures.
#[derive(Clone, Debug)]
pub(super) struct Across {
    parts: Vec<(u32, Option<u32>, Vec<Part>)>,
}

/// Reads the headings of the columns of figures.
pub(super) fn across(figures: &[&Column], partnership: &Partnership) -> Across {
    let parts = figures.iter().map(|column| {
        let parts = parts(&column.path, partnership);
        (column.index, column.heading.as_ref().map(|(row, _)| *row), parts)
    });
    Across { parts: parts.collect() }
}

/// A group of years above months is one period with them.
fn parts(path: &[String], partnership: &Partnership) -> Vec<Part> {
    let mut year: Option<i16> = None;
    let mut parts: Vec<Part> = Vec::new();
    for text in path {
        match glance_text(text) {
            Glance::Period(period) => {
                year = Some(period.first().year());
                parts.push(Part::Time(Some(period)));
            }
            Glance::Day(day) => parts.push(Part::Time(Some(Period::month(Month::of(day))))),
            Glance::YearText(said) => {
                year = Some(said);
                parts.push(Part::Time(None));
            }
            Glance::BareMonth(month) => {
                parts.retain(|part| !matches!(part, Part::Time(_)));
                let month = year.and_then(|year| Month::new(year, month));
                parts.push(Part::Time(month.map(Period::month)));
            }
            _ => match areas_in(partnership, text).as_slice() {
                [] => parts.push(Part::Words(text.clone())),
                areas => {
                    parts.push(Part::Area(areas.iter().map(|area| area.code.clone()).collect()));
                }
            },
        }
    }
    parts
}

impl Across {
    fn share(&self, fits: impl Fn(&Part) -> bool) -> bool {
        let with = self.parts.iter().filter(|(_, _, parts)| parts.iter().any(&fits)).count();
        with > 0 && with * 2 >= self.parts.len()
    }

    pub(super) fn is_periods(&self) -> bool {
        self.share(|part| matches!(part, Part::Time(_)))
    }

    pub(super) fn is_areas(&self) -> bool {
        self.share(|part| matches!(part, Part::Area(_)))
    }

    pub(super) fn periods(&self) -> impl Iterator<Item = Period> {
        self.parts.iter().flat_map(|(_, _, parts)| parts).filter_map(|part| match part {
            Part::Time(period) => *period,
            Part::Area(_) | Part::Words(_) => None,
        })
    }

    pub(super) fn areas(&self) -> impl Iterator<Item = AreaCode> {
        self.parts.iter().flat_map(|(_, _, parts)| parts).flat_map(|part| match part {
            Part::Area(codes) => codes.clone(),
            Part::Time(_) | Part::Words(_) => Vec::new(),
        })
    }

    /// Whether the heading of a column says a period.
    pub(super) fn is_time(&self, column: u32) -> bool {
        let found = self.parts.iter().find(|(index, _, _)| *index == column);
        found.is_some_and(|(_, _, parts)| parts.iter().any(|part| matches!(part, Part::Time(_))))
    }

    pub(super) fn said_periods(&self) -> String {
        self.said("months, quarters or years", |part| matches!(part, Part::Time(_)))
    }

    pub(super) fn said_areas(&self) -> String {
        self.said("areas", |part| matches!(part, Part::Area(_)))
    }

    fn said(&self, what: &str, fits: impl Fn(&Part) -> bool) -> String {
        let fitting: Vec<String> = self
            .parts
            .iter()
            .filter(|(_, _, parts)| parts.iter().any(&fits))
            .filter_map(|(column, row, _)| Some(cell((*row)?, *column)))
            .collect();
        let first = fitting.first().map_or("", String::as_str);
        let last = fitting.last().map_or("", String::as_str);
        format!("{what} across the columns, {first} to {last}")
    }

    /// What is counted, where headings say it beside or instead of periods and areas.
    pub(super) fn labels(&self, columns: &[&Column]) -> Vec<LabelMet> {
        let has_axis = self.is_periods() || self.is_areas();
        let mut seen: BTreeSet<String> = BTreeSet::new();
        let mut labels: Vec<LabelMet> = Vec::new();
        for column in columns {
            let Some((_, row, parts)) =
                self.parts.iter().find(|(index, _, _)| *index == column.index)
            else {
                continue;
            };
            let words: Vec<&str> = parts
                .iter()
                .filter_map(|part| match part {
                    Part::Words(text) => Some(text.as_str()),
                    Part::Time(_) | Part::Area(_) => None,
                })
                .collect();
            // Beside periods every column must say more than its period.
            if words.is_empty() {
                if has_axis {
                    return Vec::new();
                }
                continue;
            }
            let words: Vec<String> = words.into_iter().map(unmarked).collect();
            let text = words.join(" > ");
            if seen.insert(bare_label(&text)) {
                let first = CellAddress::new(row.unwrap_or(0), column.index);
                let has_fractions = column.fractions > 0;
                labels.push(LabelMet { text, first, has_fractions });
            }
        }
        short_where_possible(&mut labels);
        labels
    }
}

/// `Group > Label` only where the label alone would be said twice.
fn short_where_possible(labels: &mut [LabelMet]) {
    let own = |text: &str| text.rsplit(" > ").next().unwrap_or(text).to_owned();
    let all: Vec<String> = labels.iter().map(|label| bare_label(&own(&label.text))).collect();
    for label in labels.iter_mut() {
        let short = own(&label.text);
        let count = all.iter().filter(|other| **other == bare_label(&short)).count();
        if count == 1 {
            label.text = short;
        }
    }
}
