//! Small counts: which numbers may be shown, so that none that is withheld can be worked out.
//!
//! Counts from 1 to 4 are withheld and the rest rounded to 5. That alone is not enough: a whole
//! less the parts that are shown can leave one number only, even when the smallest other part is
//! withheld too (7 + 7 + 4, shown as 20 with one 5). So where one part is withheld all parts of
//! that family are, and a 12-month figure is withheld with any of its quarters. This hides more
//! than a solver would; it hides enough.

use std::collections::BTreeMap;

use model::{AreaCode, Disclosure, Figure, Mark, Marks, Measure, MeasureId, Unit};

use crate::indicator::{Indicator, IndicatorKey};

/// Counts from 1 to below this are withheld.
pub(crate) const THRESHOLD: i64 = 5;
/// Protected counts are shown to the nearest of this.
const BASE: i64 = 5;

/// A number as it may be shown, or why it may not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShownNumber {
    pub(crate) value: Option<i64>,
    pub(crate) marks: Marks,
    pub(crate) rounded: bool,
}

impl ShownNumber {
    /// The number, in the measure's smallest unit.
    pub fn value(&self) -> Option<i64> {
        self.value
    }

    /// Why there is none, or how to read it.
    pub fn marks(&self) -> &Marks {
        &self.marks
    }

    /// Whether it was rounded for protection.
    pub fn is_rounded(&self) -> bool {
        self.rounded
    }

    /// Whether it is withheld.
    pub fn is_withheld(&self) -> bool {
        self.value.is_none() && self.marks.contains(Mark::C)
    }

    /// What is not known anyway stays said as such.
    fn withhold(&mut self) {
        if self.value.is_none() {
            return;
        }
        *self = Self { value: None, marks: Marks::of(Mark::C), rounded: false };
    }
}

/// The four figures of an indicator, as they may be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Shown {
    pub(crate) value: ShownNumber,
    pub(crate) year_before: ShownNumber,
    pub(crate) rolling: ShownNumber,
    pub(crate) rolling_previous: ShownNumber,
}

/// An indicator's figures by themselves: other indicators may still need more to be withheld.
pub(crate) fn shown(indicator: &Indicator, measure: &Measure) -> Shown {
    let mut shown = Shown {
        value: number(&indicator.value, measure),
        year_before: number(&indicator.year_before, measure),
        rolling: number(&indicator.rolling_12_months, measure),
        rolling_previous: number(&indicator.rolling_12_months_previous, measure),
    };
    if measure.disclosure == Disclosure::Suppressed {
        let small = |quarters: &[Option<i64>]| {
            quarters.iter().flatten().any(|value| *value != 0 && value.abs() < THRESHOLD)
        };
        let (newer, older) = indicator.quarters.split_at(indicator.quarters.len().min(4));
        if small(newer) {
            shown.rolling.withhold();
        }
        if small(older) {
            shown.rolling_previous.withhold();
        }
    }
    shown
}

fn number(figure: &Figure, measure: &Measure) -> ShownNumber {
    let marks = figure.marks;
    let Some(value) = figure.value else {
        // That it would mean nothing says how small its base is.
        let hides = hides_everything(measure) && marks.contains(Mark::Z);
        let marks = if hides { Marks::of(Mark::C) } else { marks };
        return ShownNumber { value: None, marks, rounded: false };
    };
    // Money, percentages and decimals cannot be protected by rounding to 5: they are withheld whole.
    let withheld = match (measure.disclosure, measure.unit) {
        (Disclosure::Open | Disclosure::Rounded, _) => false,
        (Disclosure::Suppressed, Unit::Percent | Unit::Pounds | Unit::Decimal) => true,
        (Disclosure::Suppressed, Unit::Count) => value != 0 && value.abs() < THRESHOLD,
    };
    if withheld {
        return ShownNumber { value: None, marks: Marks::of(Mark::C), rounded: false };
    }
    let rounded = measure.disclosure != Disclosure::Open;
    let value = if rounded { nearest_multiple(value) } else { value };
    ShownNumber { value: Some(value), marks, rounded }
}

/// What readers see of a figure; none when it is withheld.
pub(crate) fn seen(value: i64, measure: &Measure) -> Option<i64> {
    number(&Figure::number(value), measure).value
}

/// Whether no figure of a measure is ever shown, so that there is one must not be seen either.
pub(crate) fn hides_everything(measure: &Measure) -> bool {
    measure.disclosure == Disclosure::Suppressed && measure.quotient.is_some()
}

/// To the nearest multiple of 5, half away from zero.
pub(crate) fn nearest_multiple(value: i64) -> i64 {
    (value + value.signum() * (BASE / 2)) / BASE * BASE
}

/// Parts that add up to one whole: a measure, an area, and the dimensions they are parts by.
type Family = (MeasureId, AreaCode, String);

/// Withholds, wherever a part is withheld, every part of its family.
pub(crate) fn protect_families(
    rows: &mut BTreeMap<IndicatorKey, Shown>,
    measures: &BTreeMap<MeasureId, Measure>,
) {
    let mut families: BTreeMap<Family, Vec<IndicatorKey>> = BTreeMap::new();
    for key in rows.keys().filter(|key| !key.breakdown.is_all()) {
        let suppressed = measures
            .get(&key.measure)
            .is_some_and(|measure| measure.disclosure == Disclosure::Suppressed);
        if suppressed {
            let dimensions: Vec<&str> = key.breakdown.iter().map(|(name, _)| name).collect();
            let family = (key.measure.clone(), key.area.clone(), dimensions.join(","));
            families.entry(family).or_default().push(key.clone());
        }
    }
    let figures: [fn(&mut Shown) -> &mut ShownNumber; 4] = [
        |shown| &mut shown.value,
        |shown| &mut shown.year_before,
        |shown| &mut shown.rolling,
        |shown| &mut shown.rolling_previous,
    ];
    for keys in families.values() {
        for figure in figures {
            let mut parts: Vec<&mut ShownNumber> = rows
                .iter_mut()
                .filter(|(key, _)| keys.contains(key))
                .map(|(_, shown)| figure(shown))
                .collect();
            if !parts.iter().any(|part| part.is_withheld()) {
                continue;
            }
            for part in &mut parts {
                part.withhold();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use model::{Breakdown, Geography};

    use super::*;

    fn measure(disclosure: Disclosure) -> Measure {
        Measure { disclosure, ..Measure::count("m", Geography::District) }
    }

    fn as_shown(disclosure: Disclosure, values: &[i64]) -> String {
        let measure = measure(disclosure);
        let texts: Vec<String> = values
            .iter()
            .map(|value| {
                let number = number(&Figure::number(*value), &measure);
                number.value.map_or_else(|| number.marks.to_string(), |value| value.to_string())
            })
            .collect();
        texts.join(" ")
    }

    #[test]
    fn three_ways_to_show_the_same_counts() {
        let counts = [0, 1, 2, 3, 4, 5, 7, 8, 12, 13, 402];
        insta::assert_snapshot!(as_shown(Disclosure::Open, &counts), @"0 1 2 3 4 5 7 8 12 13 402");
        insta::assert_snapshot!(as_shown(Disclosure::Rounded, &counts), @"0 0 0 5 5 5 5 10 10 15 400");
        insta::assert_snapshot!(as_shown(Disclosure::Suppressed, &counts), @"0 [c] [c] [c] [c] 5 5 10 10 15 400");
    }

    /// What readers see of a whole and its parts: none for a withheld one.
    fn seen(parts: &[i64]) -> Vec<Option<i64>> {
        let measures = BTreeMap::from([("m".into(), measure(Disclosure::Suppressed))]);
        let measure = &measures[&MeasureId::new("m")];
        let figures = |value: i64| {
            let number = number(&Figure::number(value), measure);
            Shown {
                value: number.clone(),
                year_before: number.clone(),
                rolling: number.clone(),
                rolling_previous: number,
            }
        };
        let key = |breakdown: Breakdown| IndicatorKey {
            measure: "m".into(),
            area: "E07000111".into(),
            breakdown,
        };
        let mut rows = BTreeMap::from([(key(Breakdown::all()), figures(parts.iter().sum()))]);
        for (index, part) in parts.iter().enumerate() {
            rows.insert(key(Breakdown::all().with("part", index.to_string())), figures(*part));
        }
        protect_families(&mut rows, &measures);
        rows.into_values().map(|shown| shown.value.value).collect()
    }

    #[test]
    fn a_withheld_part_takes_its_family_with_it() {
        // The whole comes first, then the parts.
        assert_eq!(seen(&[1, 8, 9]), [Some(20), None, None, None]);
        assert_eq!(seen(&[4, 69]), [Some(75), None, None]);
        assert_eq!(seen(&[0, 6, 7]), [Some(15), Some(0), Some(5), Some(5)]);
    }

    /// The attacker knows the rules, and that the parts add up to the whole. He writes down every
    /// table that would look the same: no withheld part may have the same value in all of them.
    #[test]
    fn no_withheld_part_can_be_worked_out_by_one_who_knows_the_rules() {
        let tables: Vec<Vec<i64>> = (0..=14)
            .flat_map(|a| (0..=14).flat_map(move |b| (0..=14).map(move |c| vec![a, b, c])))
            .collect();
        let mut alike: BTreeMap<Vec<Option<i64>>, Vec<&Vec<i64>>> = BTreeMap::new();
        for table in &tables {
            alike.entry(seen(table)).or_default().push(table);
        }
        for (seen, tables) in alike {
            for part in 0..3 {
                if seen[part + 1].is_none() {
                    let values: BTreeSet<i64> = tables.iter().map(|table| table[part]).collect();
                    assert!(values.len() >= 2, "{seen:?} leaves {values:?} for part {part}");
                }
            }
        }
    }
}
