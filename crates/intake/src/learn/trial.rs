//! Tries the proposal on the workbook it was made for.

use std::collections::{BTreeMap, BTreeSet};

use model::{
    Disclosure, Geography, Measure, MeasureId, Period, Polarity, ReturnId, Severity, Unit,
};

use super::Known;
use super::groups::Group;
use crate::contract::{Contract, parse};
use crate::understand::{Occasion, PreviousValues, Vocabulary, understand};
use crate::workbook::Workbook;

/// What came of it.
pub(super) struct Tried {
    pub(super) figures: usize,
    /// As comments.
    pub(super) said: String,
}

/// Reads the workbook by the proposal, as if all placeholders were measures.
pub(super) fn tried(workbook: &Workbook, known: &Known<'_>, groups: &[Group], text: &str) -> Tried {
    let home = known.vocabulary.partnership.home.get(&Geography::District);
    let text = match home {
        Some(code) => text.replace("is = \"?\"", &format!("is = \"{code}\"")),
        None => text.to_owned(),
    };
    let contract = match parse(ReturnId::new("proposal"), &text) {
        Ok(contract) => contract,
        Err(problems) => {
            let mut said = "#\n# It could not be tried on the file:\n".to_owned();
            for problem in problems {
                line(&mut said, &format!("#   {problem}"));
            }
            return Tried { figures: 0, said };
        }
    };
    let measures = with_placeholders(known, groups, &contract);
    let vocabulary = Vocabulary { partnership: known.vocabulary.partnership, measures: &measures };
    let previous = PreviousValues::new();
    let expected = expected(known, groups);
    let today = expected.last().last_day();
    let occasion = Occasion { expected, file: "", today, previous: &previous };
    let checked = understand(workbook, &contract, &vocabulary, &occasion);
    let mut found: BTreeMap<(Severity, String), (String, usize)> = BTreeMap::new();
    for finding in &checked.findings {
        let key = (finding.severity, finding.code.clone());
        found.entry(key).or_insert_with(|| (finding.place.to_string(), 0)).1 +=
            1 + finding.also.len();
    }
    let figures = checked.output.observations.len();
    let mut said = format!("#\n# Tried on the file as it stands: {figures} figures read.\n");
    for ((severity, code), (place, count)) in found {
        let severity = severity.as_str();
        let more = if count > 1 { format!(" and {} more", count - 1) } else { String::new() };
        let place: String = place.split_whitespace().collect::<Vec<_>>().join(" ");
        line(&mut said, &format!("#   {severity} {code}: {place}{more}"));
    }
    Tried { figures, said }
}

/// The last quarter the workbook speaks of.
fn expected(known: &Known<'_>, groups: &[Group]) -> Period {
    let periods = groups.iter().flat_map(|group| &group.layout.periods);
    periods.map(|period| period.last()).max().map_or(known.expected, Period::quarter_of)
}

fn with_placeholders(
    known: &Known<'_>,
    groups: &[Group],
    contract: &Contract,
) -> BTreeMap<MeasureId, Measure> {
    let fractions: BTreeSet<String> = groups
        .iter()
        .flat_map(|group| &group.layout.labels)
        .filter(|label| label.has_fractions)
        .map(|label| format!("?{}", crate::understand::glance::slug(&label.text)))
        .collect();
    let any_fixed = groups.iter().any(|group| group.layout.fixed_has_fractions);
    let areas = &known.vocabulary.partnership.areas;
    let named = groups.iter().flat_map(|group| &group.layout.areas).next();
    let geography = named
        .and_then(|code| areas.iter().find(|area| area.code == *code))
        .map_or(Geography::District, |area| area.geography);
    let mut measures = known.vocabulary.measures.clone();
    for id in contract.measures() {
        let plain = id.as_str().trim_end_matches("-again");
        let decimal = fractions.contains(plain) || any_fixed;
        measures.entry(id.clone()).or_insert_with(|| Measure {
            unit: if decimal { Unit::Percent } else { Unit::Count },
            polarity: Polarity::Neutral,
            disclosure: Disclosure::Suppressed,
            ..Measure::count(id.clone(), geography)
        });
    }
    measures
}

fn line(text: &mut String, line: &str) {
    text.push_str(line);
    text.push('\n');
}
