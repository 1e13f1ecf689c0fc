//! A back series under another definition or another geography, beside the old one.

use std::collections::BTreeSet;

use model::{AreaCode, Breakdown, Figure, Mark, Marks, MeasureId, Period, SeriesTable};

use crate::definitions::Definitions;
use crate::derive::{Series, with_sums};
use crate::indicator::IndicatorKey;
use crate::reading::Reader;

/// What is counted, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Definition {
    /// The measure.
    pub measure: MeasureId,
    /// The area; one that is made of districts is their sum where it has no figures of its own.
    pub area: AreaCode,
}

/// One figure under two definitions.
#[derive(Clone, Debug, PartialEq)]
pub struct Restated {
    /// The period.
    pub period: Period,
    /// Under the old definition.
    pub old: Figure,
    /// Under the new one.
    pub new: Figure,
    /// New less old; none when either is missing.
    pub difference: Option<i64>,
    /// Why figures are missing.
    pub gaps: Vec<String>,
}

/// Both series, oldest first: of every financial quarter for which one of them has a figure; of the
/// periods as sent where neither has a quarter.
pub fn restate(
    series: &SeriesTable,
    old: &Definition,
    new: &Definition,
    definitions: &Definitions<'_>,
) -> Vec<Restated> {
    let series = with_sums(series, definitions.measures);
    let wanted = [old, new].map(|it| parts(&it.measure, definitions));
    let sent: BTreeSet<Period> = series
        .iter()
        .filter(|(key, _)| wanted.iter().any(|parts| parts.contains(&key.measure)))
        .flat_map(|(_, points)| points.keys().copied())
        .collect();
    let quarters: BTreeSet<Period> =
        sent.iter().flat_map(|period| period.months().map(Period::quarter_of)).collect();
    let restated = |periods: &BTreeSet<Period>| -> Vec<Restated> {
        let rows = periods.iter().map(|period| row(&series, old, new, *period, definitions));
        rows.filter(|row| row.old.value.is_some() || row.new.value.is_some()).collect()
    };
    let by_quarter = restated(&quarters);
    if by_quarter.is_empty() { restated(&sent) } else { by_quarter }
}

fn parts(id: &MeasureId, definitions: &Definitions<'_>) -> BTreeSet<MeasureId> {
    let measure = definitions.measures.get(id);
    measure.map(|measure| measure.sent_as(definitions.measures)).unwrap_or_default()
}

fn row(
    series: &Series,
    old: &Definition,
    new: &Definition,
    period: Period,
    definitions: &Definitions<'_>,
) -> Restated {
    let mut gaps = Vec::new();
    let mut read = |it: &Definition| {
        let (figure, gap) = figure(series, it, period, definitions);
        gaps.extend(gap);
        figure
    };
    let (old, new) = (read(old), read(new));
    let difference = new.value.zip(old.value).and_then(|(new, old)| new.checked_sub(old));
    Restated { period, old, new, difference, gaps }
}

/// The figure of an area, or the sum of its districts where it has none of its own.
fn figure(
    series: &Series,
    it: &Definition,
    period: Period,
    definitions: &Definitions<'_>,
) -> (Figure, Option<String>) {
    let missing = |why: String| (Figure::missing(Mark::X), Some(why));
    let Some(measure) = definitions.measures.get(&it.measure) else {
        return missing(format!("`{}` is no measure", it.measure));
    };
    let reader = Reader::new(series, None, *definitions, period);
    let read = |area: &AreaCode| {
        let key = IndicatorKey {
            measure: it.measure.clone(),
            area: area.clone(),
            breakdown: Breakdown::all(),
        };
        let held = reader.held(&key, measure);
        let reading = reader.read(&key, measure, period, &held);
        (reading.figure, reading.gap.map(|gap| gap.why))
    };
    let districts = definitions.partnership.area(&it.area).map(|area| area.districts.as_slice());
    let own = read(&it.area);
    let Some([first, rest @ ..]) = districts.filter(|_| own.0.value.is_none()) else {
        return own;
    };
    if !measure.unit.is_additive() || measure.quotient.is_some() {
        return missing("percentages and averages of districts are not added up".to_owned());
    }
    let mut sum = Figure { value: Some(0), marks: Marks::none() };
    for district in std::iter::once(first).chain(rest) {
        let (figure, gap) = read(district);
        let (Some(so_far), Some(value)) = (sum.value, figure.value) else {
            let name = definitions.partnership.area_name(district);
            return missing(format!("{name}: {}", gap.unwrap_or_default()));
        };
        sum.value = so_far.checked_add(value);
        sum.marks.extend(&figure.marks);
    }
    (sum, None)
}
