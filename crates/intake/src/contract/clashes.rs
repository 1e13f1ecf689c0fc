//! Rules of a contract that cannot all hold: a text claimed twice, tables that read the same
//! figures, periods that cannot be.

use std::collections::BTreeMap;

use super::fields::Fields;
use super::{
    BreakdownFrom, Content, Contract, Figures, FixedPeriod, Frequency, Sheets, TableLayout,
    ValueFrom, Where, pointless,
};
use crate::understand::folded;

/// How many months a return that is owed is for.
const QUARTER_MONTHS: u32 = 3;

/// Says every clash of a contract that is sound key by key.
pub(super) fn find(contract: &Contract, fields: &Fields<'_>) {
    let Content::Figures(figures) = &contract.content else {
        return;
    };
    let tables = fields.tables("table");
    for (layout, table) in figures.tables.iter().zip(&tables) {
        claimed_twice(layout, figures, table);
        parts_clash(layout, figures, table);
        if let Some(text) = both(&layout.starts_below, &layout.ends_at) {
            let what =
                format!("`{text}` starts the table already: the table would end where it starts");
            table.problem("ends_at", &what);
        }
        if contract.frequency == Frequency::Quarterly
            && matches!(layout.period.place, Where::Fixed(FixedPeriod::Is(_)))
        {
            table.problem(
                "period",
                "is always the same, but the return is owed every quarter: say where the table says it, or { from = \"expected\" }",
            );
        }
    }
    for (index, layout) in figures.tables.iter().enumerate() {
        let earlier = figures.tables[..index].iter().position(|other| same_figures(other, layout));
        if let Some(earlier) = earlier {
            let what = format!(
                "reads the same figures as table[{earlier}]: tell them apart by sheets, headings or starts_below"
            );
            tables[index].problem("value", &what);
        }
    }
    months_fit(contract, figures, fields);
    label_periods_fit(contract, figures, fields);
    named_twice(figures, fields);
    pointless::find(figures, fields);
}

/// Tells what claims a text, and that another has claimed it before.
#[derive(Default)]
struct Claims(BTreeMap<String, &'static str>);

impl Claims {
    /// Who has claimed the text already; claims it otherwise. Columns without a heading are told
    /// apart by where they stand.
    fn taken(&mut self, text: &str, by: &'static str) -> Option<&'static str> {
        if text.trim().is_empty() {
            return None;
        }
        let key = folded(text);
        let taken = self.0.get(&key).copied();
        self.0.entry(key).or_insert(by);
        taken
    }
}

/// The contract's labels, as what claims a text.
const LABELS: &str = "the labels";

/// A heading or a row's label can mean one thing only.
fn claimed_twice(layout: &TableLayout, figures: &Figures, table: &Fields<'_>) {
    let TableLayout { area, measure, period, value, breakdowns, totals, ignore, .. } = layout;
    let mut claims = Claims::default();
    let mut claim = |texts: &[String], by: &'static str, key: &str| {
        for text in texts {
            // Labels that are the same are said where they stand.
            let other = claims.taken(text, by).filter(|other| *other != LABELS || by != LABELS);
            if let Some(other) = other {
                table.problem(key, &twice(text, other, by));
            }
        }
    };
    let header = |place: Option<&super::KeyColumn>| {
        place.map_or_else(Vec::new, |column| column.header.clone())
    };
    claim(&header(measure.column()), "the measure's column", "measure");
    claim(&header(area.column()), "the area's column", "area");
    claim(&period.year, "the year's column", "period");
    claim(&header(period.place.column()), "the period's column", "period");
    if let ValueFrom::Column(header) = value {
        claim(header, "the figures' column", "value");
    }
    for part in breakdowns {
        claim(&header(part.place.column()), "a breakdown's column", "breakdown");
    }
    if !measure.is_fixed() {
        let labels: Vec<String> = figures.labels.keys().cloned().collect();
        // A label may be written over a column of its own name.
        let labels = labels.into_iter().filter(|label| !label.contains('>')).collect::<Vec<_>>();
        claim(&labels, LABELS, "measure");
    }
    claim(totals, "totals", "totals");
    claim(ignore, "ignore", "ignore");
    claim(&figures.checks.change_number, "checks.change_columns", "ignore");
    claim(&figures.checks.change_percent, "checks.change_columns", "ignore");
}

fn twice(text: &str, first: &str, second: &str) -> String {
    if first == second {
        format!("`{text}` is said twice by {first}: keep one")
    } else {
        format!("`{text}` is claimed by {first} and by {second}: keep it in one of them")
    }
}

/// Breakdowns of one table that say the same dimension, or a text that means two categories.
fn parts_clash(layout: &TableLayout, figures: &Figures, table: &Fields<'_>) {
    let parts = table.tables("breakdown");
    for (index, (part, at)) in layout.breakdowns.iter().zip(&parts).enumerate() {
        let BreakdownFrom { dimension, place: _, values, whole } = part;
        if layout.breakdowns[..index].iter().any(|other| other.dimension == *dimension) {
            at.problem(
                "dimension",
                &format!("`{dimension}` is said twice: keep one breakdown of it"),
            );
        }
        let said_by_labels = figures
            .labels
            .iter()
            .find(|(_, label)| label.breakdown.iter().any(|(said, _)| said == dimension));
        if let Some((label, _)) = said_by_labels.filter(|_| !layout.measure.is_fixed()) {
            let what = format!(
                "`{dimension}` is said by the label `{label}` already: take it out of one of them"
            );
            at.problem("dimension", &what);
        }
        let mut claims = Claims::default();
        let mut seen: BTreeMap<String, &str> = BTreeMap::new();
        for (text, category) in values {
            let other = seen.insert(folded(text), category);
            if other.is_some() {
                at.problem(
                    "values",
                    &format!("`{text}` is written twice (case and blanks do not count): keep one"),
                );
            }
            claims.taken(text, "values");
        }
        for text in whole {
            if let Some(other) = claims.taken(text, "whole") {
                at.problem("whole", &twice(text, other, "whole"));
            }
        }
        for (texts, by) in [(&layout.totals, "totals"), (&layout.ignore, "ignore")] {
            for text in texts {
                if let Some(other) = claims.0.get(&folded(text)) {
                    at.problem("values", &twice(text, other, by));
                }
            }
        }
    }
}

/// A text that stands in both lists.
fn both<'a>(left: &'a [String], right: &[String]) -> Option<&'a String> {
    left.iter().find(|text| right.iter().any(|other| folded(other) == folded(text)))
}

/// Whether two tables would read the same cells: on a sheet of both, below the same text, under
/// the same headings.
fn same_figures(left: &TableLayout, right: &TableLayout) -> bool {
    let same_values = match (&left.value, &right.value) {
        (ValueFrom::Column(left), ValueFrom::Column(right)) => both(left, right).is_some(),
        (left, right) => left == right,
    };
    let columns = |layout: &TableLayout| -> Vec<Vec<String>> {
        let breakdowns = layout.breakdowns.iter().map(|part| part.place.column());
        let [area, measure, period] =
            [layout.area.column(), layout.measure.column(), layout.period.place.column()];
        let columns = [area, measure, period].into_iter().chain(breakdowns).flatten();
        columns.map(|column| column.header.clone()).collect()
    };
    let (left_columns, right_columns) = (columns(left), columns(right));
    let within = |some: &[Vec<String>], others: &[Vec<String>]| {
        some.iter().all(|header| others.iter().any(|other| both(header, other).is_some()))
    };
    let headings = |layout: &TableLayout| {
        [layout.area.is_heading(), layout.measure.is_heading(), layout.period.place.is_heading()]
    };
    let apart = left.starts_below != right.starts_below
        && both(&left.starts_below, &right.starts_below).is_none();
    same_values
        && !apart
        && share_a_sheet(&left.sheets, &right.sheets)
        && headings(left) == headings(right)
        && within(&left_columns, &right_columns)
        && within(&right_columns, &left_columns)
}

fn share_a_sheet(left: &Sheets, right: &Sheets) -> bool {
    match (left, right) {
        (Sheets::Named(left), Sheets::Named(right)) | (Sheets::Like(left), Sheets::Like(right)) => {
            both(left, right).is_some()
        }
        (Sheets::Each { except }, Sheets::Named(named))
        | (Sheets::Named(named), Sheets::Each { except }) => {
            named.iter().any(|name| both(std::slice::from_ref(name), except).is_none())
        }
        (Sheets::Each { .. }, Sheets::Each { .. }) | (Sheets::First, Sheets::First) => true,
        // Whether the first sheet has one of these names is seen in the workbook.
        _ => false,
    }
}

/// The months the content must cover, against what the tables can say.
fn months_fit(contract: &Contract, figures: &Figures, fields: &Fields<'_>) {
    let Some(months) = contract.content_months else {
        return;
    };
    if contract.frequency == Frequency::AdHoc {
        fields.problem("content_months", "an ad-hoc return may be about any months: leave it out");
        return;
    }
    if months < QUARTER_MONTHS {
        let what = format!(
            "{months} is less than the three months of the quarter the return is owed for: say 3 or more, or leave it out"
        );
        fields.problem("content_months", &what);
    }
    let only_expected = figures
        .tables
        .iter()
        .all(|layout| layout.period.place == Where::Fixed(FixedPeriod::Expected));
    if only_expected && months > QUARTER_MONTHS {
        let what = format!(
            "the period is the expected one, three months, so {months} can never be there: say where the table says its period"
        );
        fields.problem("content_months", &what);
    }
}

/// A label that says its period stands over a column of figures, in a table that is not owed.
fn label_periods_fit(contract: &Contract, figures: &Figures, fields: &Fields<'_>) {
    let Some(labels) = fields.table("labels") else {
        return;
    };
    let in_headings = figures.tables.iter().all(|layout| {
        layout.measure.is_fixed() || layout.measure.is_heading() && layout.period.place.is_fixed()
    });
    for (name, _) in figures.labels.iter().filter(|(_, label)| label.period.is_some()) {
        let Some(entry) = labels.table(name) else {
            continue;
        };
        if contract.frequency == Frequency::Quarterly {
            entry.problem(
                "period",
                "is always the same, but the return is owed every quarter: say where the table says it",
            );
        } else if !in_headings {
            entry.problem(
                "period",
                "may be said by a label only where measures stand in the header row and the table's own period is fixed or expected",
            );
        }
    }
}

/// Keys that people would take for the same.
fn named_twice(figures: &Figures, fields: &Fields<'_>) {
    let mut tables = Vec::new();
    tables.extend(fields.table("labels").map(|table| (table, "label")));
    tables.extend(fields.table("areas").map(|table| (table, "area")));
    for (table, what) in tables {
        let mut seen: BTreeMap<String, String> = BTreeMap::new();
        for name in table.names() {
            if let Some(other) = seen.insert(folded(&name), name.clone()) {
                let problem = format!(
                    "is the same {what} as `{other}` (case, blanks and `&` do not count): keep one"
                );
                table.problem(&name, &problem);
            }
        }
    }
    let mut seen: BTreeMap<String, &String> = BTreeMap::new();
    for symbol in figures.symbols.keys() {
        if let Some(other) = seen.insert(crate::understand::symbol_key(symbol), symbol)
            && let Some(table) = fields.table("symbols")
        {
            table.problem(symbol, &format!("is the same mark as `{other}`: keep one"));
        }
    }
}
