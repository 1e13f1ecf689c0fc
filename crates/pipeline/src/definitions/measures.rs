//! `measures.toml`.

use std::collections::BTreeMap;

use model::{
    Breakdown, Disclosure, Measure, MeasureId, Month, Operand, Polarity, PriorityId, Quotient, Unit,
};
use toml::Table;

use super::tables::GEOGRAPHIES;
use crate::keys::{Problems, Section};

pub(super) fn read(file: &str, table: &Table, problems: &Problems) -> BTreeMap<MeasureId, Measure> {
    let root = Section::root(file, table, problems);
    let mut measures = BTreeMap::new();
    for section in root.sections("measure") {
        let measure = measure(section);
        let id = measure.id.clone();
        if measures.insert(id.clone(), measure).is_some() {
            root.problem(&format!("measure[{id}]"), "is there twice");
        }
    }
    root.finish();
    measures
}

fn measure(section: Section<'_>) -> Measure {
    let measure = Measure {
        id: MeasureId::new(section.text("id")),
        label: section.text("label"),
        unit: section.one_of(
            "unit",
            &[
                ("count", Unit::Count),
                ("pounds", Unit::Pounds),
                ("percent", Unit::Percent),
                ("decimal", Unit::Decimal),
            ],
        ),
        polarity: section.one_of(
            "polarity",
            &[
                ("lower-is-better", Polarity::LowerIsBetter),
                ("higher-is-better", Polarity::HigherIsBetter),
                ("neutral", Polarity::Neutral),
            ],
        ),
        // There is no default on purpose: whoever adds a measure must decide how it may be shown.
        disclosure: section.one_of(
            "disclosure",
            &[
                ("suppressed", Disclosure::Suppressed),
                ("rounded", Disclosure::Rounded),
                ("open", Disclosure::Open),
            ],
        ),
        geography: section.one_of("geography", &GEOGRAPHIES),
        priority: section.optional_text("priority").map(PriorityId::new),
        per_1000: section.flag("per_1000"),
        sum_of: section.texts("sum_of").into_iter().map(MeasureId::new).collect(),
        quotient: quotient(&section),
        peer_set: section.optional_text("peer_set"),
        provisional: section.flag("provisional"),
        begins: begins(&section),
        illustrative: section.flag("illustrative"),
        definition: section.optional_text("definition").unwrap_or_default(),
        source: section.text("source"),
    };
    if measure.illustrative && !measure.label.contains("(illustrative)") {
        section.problem("label", "figures are made up: the label must say (illustrative)");
    }
    if measure.quotient.is_some() && !measure.sum_of.is_empty() {
        section.problem("quotient", "a measure is a sum or a quotient, not both");
    }
    section.finish();
    measure
}

/// `quotient = { of = "davss-referrals[risk=high]", by = "davss-referrals" }`.
fn quotient(section: &Section<'_>) -> Option<Quotient> {
    let parts = section.section("quotient")?;
    let side = |key: &str| {
        let text = parts.text(key);
        let (measure, part) = match text.split_once('[') {
            Some((measure, part)) => (measure.trim(), part.strip_suffix(']')),
            None => (text.trim(), Some("")),
        };
        if let Some(Ok(breakdown)) = part.map(str::parse::<Breakdown>) {
            return Some(Operand { measure: MeasureId::new(measure), breakdown });
        }
        let hint = "write a measure, or a part of one: `davss-referrals[risk=high]`";
        parts.problem(key, format!("`{text}` is neither: {hint}"));
        None
    };
    let sides = (side("of"), side("by"));
    parts.finish();
    Some(Quotient { numerator: sides.0?, denominator: sides.1? })
}

fn begins(section: &Section<'_>) -> Option<(Month, String)> {
    let begins = section.section("begins")?;
    let month = begins.text("month");
    let why = begins.text("why");
    let read = month.parse::<Month>();
    if read.is_err() {
        begins.problem("month", format!("`{month}` is not a month: write 2025-01"));
    }
    begins.finish();
    Some((read.ok()?, why))
}
