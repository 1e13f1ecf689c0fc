//! Columns that say what a row is about: period, area, what is counted, which part of it.

use std::collections::BTreeSet;

use model::{Month, Period};

use super::columns::Column;
use super::layout::{From, LabelMet, Layout, Split, Values, letters};
use super::totals;
use crate::understand::Vocabulary;
use crate::understand::glance::{Glance, areas_in, glance_text, unmarked};

pub(super) fn period_column(all: &[Column], used: &mut BTreeSet<u32>, layout: &mut Layout) {
    let fits = |column: &&Column| column.heading.is_some() && column.times() > 0;
    let most = |column: &&Column| column.times() * 5 >= column.filled * 4;
    let found = all
        .iter()
        .filter(fits)
        .filter(most)
        // A whole date says more than a month, a month more than a year.
        .max_by_key(|column| (column.days + column.periods, std::cmp::Reverse(column.index)));
    let years = all.iter().find(|column| {
        column.heading.is_some()
            && column.says(&["year", "years"])
            && column.filled > 0
            && column.years == column.filled
    });
    let quarters = all.iter().find(|column| {
        column.says(&["quarter", "quarters", "qtr", "month"])
            && column.quarters > 0
            && column.quarters == column.filled
    });
    if found.is_none()
        && let Some(bare) =
            all.iter().find(|column| column.heading.is_none() && most(column) && column.times() > 2)
    {
        if without_heading(bare, all, used, layout) {
            return;
        }
        layout.why.push(format!(
            "period: column {} holds months or dates, but it has no heading to find it by: ask the partner for one",
            letters(bare.index)
        ));
    }
    let (column, year) = match (found, quarters) {
        // `2015/26 | 1`: a financial year with its quarter beside it.
        (Some(found), Some(quarter)) if found.says(&["year", "financial"]) => {
            (quarter, Some(found))
        }
        (Some(found), _) => {
            (found, years.filter(|_| found.bare_months > found.periods + found.days))
        }
        (None, Some(quarter)) => (quarter, years),
        (None, None) => return,
    };
    used.insert(column.index);
    used.extend(year.map(|year| year.index));
    layout.period = From::Column { header: column.title(), fill: column.is_sparse };
    layout.year = year.map(Column::title);
    layout.month_first = column.met.iter().any(|met| is_month_first(&met.text));
    layout.why.push(format!(
        "period: column {} (`{}`) holds {}",
        letters(column.index),
        column.title(),
        if column.days > column.periods { "dates" } else { "months, quarters or years" }
    ));
    for met in &column.met {
        let period = match glance_text(&met.text) {
            Glance::Period(period) => Some(period),
            Glance::Day(day) => Some(Period::month(Month::of(day))),
            _ => None,
        };
        layout.periods.extend(period);
    }
}

/// Takes a column of months without a heading, if it can be found all the same: left of all
/// headings, with nothing or only a column of years left of it.
fn without_heading(
    bare: &Column,
    all: &[Column],
    used: &mut BTreeSet<u32>,
    layout: &mut Layout,
) -> bool {
    let left: Vec<&Column> =
        all.iter().filter(|column| column.index < bare.index && column.filled > 0).collect();
    let year = match left.as_slice() {
        [] => None,
        // Notes may stand below the years.
        [year] if year.heading.is_none() && year.years > 1 && year.years == year.numbers => {
            Some(*year)
        }
        _ => return false,
    };
    used.insert(bare.index);
    used.extend(year.map(|year| year.index));
    let fill = bare.is_sparse || year.is_some_and(|year| year.is_sparse);
    layout.period = From::Column { header: String::new(), fill };
    layout.year = year.map(|_| String::new());
    layout.why.push(format!(
        "period: column {} holds months or dates, without a heading{}; better to ask the partner for one",
        letters(bare.index),
        match year {
            Some(year) => format!(", and column {} their years", letters(year.index)),
            None => String::new(),
        }
    ));
    for met in &bare.met {
        if let Glance::Period(period) = glance_text(&met.text) {
            layout.periods.insert(period);
        }
    }
    true
}

/// `12/31/2025`: the second number is no month.
fn is_month_first(text: &str) -> bool {
    let numbers: Vec<u32> = text.split('/').filter_map(|part| part.trim().parse().ok()).collect();
    matches!(numbers.as_slice(), [first, second, year] if *first <= 12 && *second > 12 && *year > 31)
}

pub(super) fn area_column(
    all: &[Column],
    used: &mut BTreeSet<u32>,
    layout: &mut Layout,
    vocabulary: &Vocabulary<'_>,
) {
    const WORDS: &[&str] = &[
        "area",
        "areas",
        "district",
        "districts",
        "csp",
        "authority",
        "borough",
        "partnership",
        "region",
        "regions",
        "force",
        "ward",
        "wards",
        "county",
        "ccg",
        "lad24nm",
        "la",
        "constituency",
        "lsoa",
    ];
    let open = || all.iter().filter(|c| !used.contains(&c.index) && c.heading.is_some());
    let known = open()
        .filter(|column| column.areas > 4 || column.areas * 20 >= column.texts.max(1))
        .max_by_key(|column| (column.areas, column.codes, std::cmp::Reverse(column.index)));
    let named = || {
        let codes =
            open().find(|column| column.is_words() && column.codes * 5 >= column.filled * 4);
        codes.or_else(|| {
            open().find(|column| column.is_words() && column.says(WORDS) && column.met.len() > 1)
        })
    };
    let Some(column) = known.or_else(named) else {
        return;
    };
    // Codes and names of the same areas, side by side: one of them is enough.
    let beside: Vec<u32> = open()
        .filter(|other| other.is_words() && other.areas > 0)
        .map(|other| other.index)
        .collect();
    used.insert(column.index);
    used.extend(beside);
    layout.area = From::Column { header: column.title(), fill: column.is_sparse };
    layout.other_areas = column.areas > 0 && column.areas < column.texts;
    for met in &column.met {
        let areas = areas_in(vocabulary.partnership, &met.text);
        layout.areas.extend(areas.into_iter().map(|area| area.code.clone()));
    }
    let of = format!("{} of {} cells", column.areas, column.texts);
    layout.why.push(match column.areas {
        0 => format!(
            "area: column {} (`{}`) seems to name areas, but none that partnership.toml knows",
            letters(column.index),
            column.title()
        ),
        _ => format!(
            "area: column {} (`{}`) names areas of partnership.toml in {of}",
            letters(column.index),
            column.title()
        ),
    });
}

/// Numbers that are no figures: positions, identifiers.
pub(super) fn is_no_figure(column: &Column) -> bool {
    column.says(&[
        "longitude",
        "latitude",
        "easting",
        "northing",
        "id",
        "ref",
        "reference",
        "code",
        "rank",
    ])
}

/// One row for each incident: a whole date in every row, or the same keys again and again.
pub(super) fn is_list_of_records(all: &[Column], figures: &[&Column], layout: &Layout) -> bool {
    const COUNTS: &[&str] = &[
        "count",
        "counts",
        "number",
        "total",
        "value",
        "figure",
        "figures",
        "amount",
        "volume",
        "quantity",
        "incidents",
        "offences",
        "no",
    ];
    let From::Column { header, .. } = &layout.period else {
        return false;
    };
    let counted = figures.iter().any(|column| {
        let bare = column.bare();
        let said = figures.len() <= 2 && (column.says(COUNTS) || bare.starts_with("number of"));
        COUNTS.contains(&bare.as_str()) || said
    });
    let Some(column) = all.iter().find(|column| column.title() == *header) else {
        return false;
    };
    let scattered = column.days * 5 >= column.filled * 4 && column.days_of_month > 2;
    let repeated = column.filled > 20 && column.met.len() * 5 < column.filled && all.len() > 4;
    !counted && (scattered || repeated && figures.len() * 2 < all.len() && !figures_tell(figures))
}

/// Whether columns of figures are headed by something other than codes.
fn figures_tell(figures: &[&Column]) -> bool {
    figures.iter().any(|column| column.numbers > 0 && column.fractions == 0)
}

pub(super) fn records(keys: &[&Column], all: &[Column], layout: &mut Layout) {
    const CATEGORIES_MAX: usize = 40;
    layout.value = Values::Rows;
    layout
        .why
        .push("figures: none; each row is one incident, so rows are counted by month".to_owned());
    let rows = all.iter().map(|column| column.filled).max().unwrap_or(0);
    let few = |column: &&&Column| {
        let different = column.met.len();
        (2..=CATEGORIES_MAX).contains(&different) && different * 3 <= rows.max(6)
    };
    let kinds: Vec<&Column> = keys.iter().filter(few).copied().collect();
    let measure = kinds
        .iter()
        .copied()
        .find(|column| column.says(&["type", "category", "offence", "crime", "kind", "incident"]));
    if let Some(column) = measure {
        set_measure_column(column, layout);
    }
    for column in kinds {
        let is_measure = measure.is_some_and(|measure| measure.index == column.index);
        if !is_measure {
            layout.splits.push(Split {
                header: column.title(),
                fill: false,
                met: column.met.clone(),
                is_offer: true,
            });
        }
    }
}

fn set_measure_column(column: &Column, layout: &mut Layout) {
    layout.measure = From::Column { header: column.title(), fill: column.is_sparse };
    layout.why.push(format!(
        "measure: column {} (`{}`) holds {} different labels",
        letters(column.index),
        column.title(),
        column.met.len()
    ));
    layout.labels = column
        .met
        .iter()
        .map(|met| LabelMet {
            text: unmarked(&met.text),
            first: met.first,
            has_fractions: met.text.contains('%'),
        })
        .collect();
}

/// The columns of words beside the figures: one says what is counted, others split it.
pub(super) fn key_columns(keys: &[&Column], may_be_measure: bool, layout: &mut Layout) {
    const WORDS: &[&str] = &[
        "measure",
        "indicator",
        "crime",
        "offence",
        "offences",
        "category",
        "activity",
        "type",
        "group",
        "service",
        "incident",
        "description",
        "theme",
        "metric",
        "statistic",
    ];
    let open: Vec<&Column> =
        keys.iter().filter(|column| column.met.len() > 1 || keys.len() == 1).copied().collect();
    let wanted = layout.measure == From::Unknown && may_be_measure;
    let measure = wanted
        .then(|| {
            let open = open.iter().copied().filter(|column| !column.says(totals::CHANGES));
            let mut said = open.clone().filter(|column| column.heading.is_some());
            let worded = said.clone().find(|column| column.says(WORDS));
            worded.or_else(|| said.next()).or_else(|| open.clone().next())
        })
        .flatten();
    let (changes, open): (Vec<&Column>, Vec<&Column>) =
        open.into_iter().partition(|column| column.says(totals::CHANGES));
    layout.ignore.extend(changes.iter().map(|column| column.title()));
    if let Some(column) = measure {
        if column.heading.is_none() {
            layout.why.push(format!(
                "measure: column {} holds the labels, but it has no heading: ask the partner to give it one",
                letters(column.index)
            ));
        }
        set_measure_column(column, layout);
    }
    for column in open {
        if measure.is_some_and(|measure| measure.index == column.index) {
            continue;
        }
        let is_note = column.met.iter().any(|met| met.text.chars().count() > 80);
        if is_note || column.heading.is_none() {
            continue;
        }
        layout.splits.push(Split {
            header: column.title(),
            fill: column.is_sparse,
            met: column.met.clone(),
            is_offer: false,
        });
    }
    for column in keys.iter().filter(|column| column.met.len() == 1 && keys.len() > 1) {
        layout.why.push(format!(
            "column {} (`{}`) says the same in every row and is not needed",
            letters(column.index),
            column.title()
        ));
    }
}
