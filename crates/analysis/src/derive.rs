//! Measures made from others: sums of series, and quotients of figures. Whole numbers only.

use std::collections::{BTreeMap, BTreeSet};

use model::{
    AreaCode, Breakdown, Figure, Marks, Measure, MeasureId, Period, Point, SeriesKey, SeriesTable,
    Unit,
};

use crate::total::{tiles, total};

/// The figures of one series by period.
pub(crate) type Points = BTreeMap<Period, Point>;

/// Series by what they are about.
pub(crate) type Series = BTreeMap<SeriesKey, Points>;

/// The series as sent, and those of measures that are sums of others: a period of a sum is there
/// when one part has that period and every other has it too, or shorter ones that fill it.
pub(crate) fn with_sums(series: &SeriesTable, measures: &BTreeMap<MeasureId, Measure>) -> Series {
    let mut all = series.series.clone();
    for measure in measures.values().filter(|measure| !measure.sum_of.is_empty()) {
        let areas: BTreeSet<&AreaCode> = series
            .series
            .keys()
            .filter(|key| measure.sum_of.contains(&key.measure))
            .map(|key| &key.area)
            .collect();
        for area in areas {
            let key = |measure: &MeasureId| SeriesKey {
                measure: measure.clone(),
                area: area.clone(),
                breakdown: Breakdown::all(),
            };
            let parts: Option<Vec<&Points>> =
                measure.sum_of.iter().map(|part| series.series.get(&key(part))).collect();
            if let Some(parts) = parts {
                all.insert(key(&measure.id), summed(&parts));
            }
        }
    }
    all
}

/// Every period that any part has and all parts fill: a quarter that one part sent whole, which wins
/// over its months, must not be lost because another sent months only.
fn summed(parts: &[&Points]) -> Points {
    let periods: BTreeSet<Period> = parts.iter().flat_map(|part| part.keys().copied()).collect();
    let of = |period: Period| {
        let mut figure = Figure { value: Some(0), marks: Marks::none() };
        for part in parts {
            let other = total(part, period, true)?;
            figure.marks.extend(&other.marks);
            figure.value = match (figure.value, other.value) {
                (Some(left), Some(right)) => left.checked_add(right),
                _ => None,
            };
        }
        // The first submission of the first part stands for all.
        let tile = tiles(parts.first()?, period)?.first().copied()?;
        let submission = parts.first()?.get(&tile)?.submission.clone();
        Some((period, Point { figure, submission }))
    };
    periods.into_iter().filter_map(of).collect()
}

/// A quotient in the smallest unit of its measure (hundredths of a percent, pence, hundredths), half
/// away from zero. `None` when the divisor is not above 0 or the result is too large.
pub(crate) fn quotient(
    (numerator, numerator_unit): (&Figure, Unit),
    (denominator, denominator_unit): (&Figure, Unit),
    unit: Unit,
) -> Option<i64> {
    let divisor = i128::from(denominator.value?) * 10_i128.pow(numerator_unit.decimals());
    if divisor <= 0 {
        return None;
    }
    let hundred = if unit == Unit::Percent { 100 } else { 1 };
    let scale = 10_i128.pow(denominator_unit.decimals() + unit.decimals()) * hundred;
    let dividend = i128::from(numerator.value?) * scale;
    let halves = dividend * 2 / divisor;
    i64::try_from(i128::midpoint(halves, halves.signum())).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_costs_and_ratios_are_divided_in_whole_numbers() {
        let divided = |numerator: (i64, Unit), denominator: (i64, Unit), unit| {
            let (over, under) = (Figure::number(numerator.0), Figure::number(denominator.0));
            quotient((&over, numerator.1), (&under, denominator.1), unit)
        };
        let count = |value| (value, Unit::Count);
        assert_eq!(divided(count(27), count(326), Unit::Percent), Some(828), "8.28 %");
        assert_eq!(divided(count(1), count(8), Unit::Percent), Some(1250));
        assert_eq!(divided(count(2), count(3), Unit::Decimal), Some(67));
        assert_eq!(divided(count(-2), count(3), Unit::Decimal), Some(-67));
        // 12,500.00 pounds for 350 young people: 35.71 each.
        assert_eq!(divided((1_250_000, Unit::Pounds), count(350), Unit::Pounds), Some(3571));
        assert_eq!(divided(count(1), count(0), Unit::Percent), None);
    }

    proptest::proptest! {
        #[test]
        fn a_share_scales_with_neither_side_nor_order(part in 0..5000_i64, rest in 1..5000_i64, k in 1..50_i64) {
            let share = |part: i64, whole: i64| {
                let (over, under) = (Figure::number(part), Figure::number(whole));
                quotient((&over, Unit::Count), (&under, Unit::Count), Unit::Percent)
            };
            proptest::prop_assert_eq!(share(part, part + rest), share(part * k, (part + rest) * k));
            let both = share(part, part + rest).unwrap() + share(rest, part + rest).unwrap();
            proptest::prop_assert!((both - 10_000).abs() <= 1);
        }
    }
}
