//! `measures.toml`.

use std::collections::BTreeMap;

use model::{Disclosure, Measure, MeasureId, Month, Polarity, PriorityId, Unit};
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
        provisional: section.flag("provisional"),
        begins: begins(&section),
        illustrative: section.flag("illustrative"),
        source: section.text("source"),
    };
    if measure.illustrative && !measure.label.contains("(illustrative)") {
        section.problem("label", "figures are made up: the label must say (illustrative)");
    }
    section.finish();
    measure
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
