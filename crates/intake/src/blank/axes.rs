//! What a table is about: areas, labels, periods and parts, as they are to be written.

use std::collections::BTreeSet;

use model::{Breakdown, Entry, Geography, MeasureId, Month, Period, Unit};

use super::is_sheet_name;
use crate::contract::{
    BreakdownFrom, Contract, Figures, FixedPeriod, Frequency, KeyColumn, Presence, TableLayout,
    Where,
};
use crate::understand::Vocabulary;

/// More months than this are one figure for the whole stretch.
const MONTHS_MAX: i32 = 6;

/// A label, and what stands beside it.
#[derive(Clone, Debug)]
pub(super) struct LabelText {
    /// Group or section it stands under, and itself.
    pub(super) section: Option<String>,
    pub(super) text: String,
    pub(super) entry: Entry,
}

/// A period, as text and by its parts.
#[derive(Clone, Debug)]
pub(super) struct PeriodText {
    pub(super) text: String,
    /// Without its year, and the year, for a column of its own.
    pub(super) without_year: String,
    pub(super) year: String,
}

/// Everything a table is about, each as texts; empty where the table does not say it.
#[derive(Clone, Debug)]
pub(super) struct Axes {
    pub(super) areas: Vec<String>,
    pub(super) labels: Vec<LabelText>,
    pub(super) periods: Vec<PeriodText>,
    pub(super) parts: Vec<Vec<String>>,
    /// What is filled in where no label says it.
    pub(super) entry: Entry,
}

impl Axes {
    pub(super) fn of(
        contract: &Contract,
        figures: &Figures,
        layout: &TableLayout,
        vocabulary: &Vocabulary<'_>,
        period: Period,
    ) -> Self {
        let measures = vocabulary.measures;
        let entry = |id: &MeasureId| match measures.get(id).map(|measure| measure.unit) {
            Some(Unit::Count) | None => Entry::Count,
            Some(_) => Entry::Number,
        };
        let labels = labels(figures, &entry);
        let fixed = match &layout.measure {
            Where::Fixed(id) => Some(id),
            _ => None,
        };
        let measure = fixed.or_else(|| figures.labels.values().map(|label| &label.measure).next());
        let geography = measure.and_then(|id| measures.get(id)).map(|measure| measure.geography);
        Self {
            areas: areas(contract, layout, vocabulary, geography),
            labels: if fixed.is_some() { Vec::new() } else { labels },
            periods: periods(contract, layout, period),
            parts: layout.breakdowns.iter().map(parts).collect(),
            entry: fixed.map_or(Entry::Count, entry),
        }
    }

    /// The same for each sheet, where the sheet's name says the area, the period, the label or a
    /// part; empty where it says none.
    pub(super) fn split_by_sheet_name(&self, layout: &TableLayout) -> Vec<(String, Self)> {
        if is_sheet_name(&layout.area) {
            let one =
                |area: &String| (area.clone(), Self { areas: vec![area.clone()], ..self.clone() });
            return self.areas.iter().map(one).collect();
        }
        if is_sheet_name(&layout.period.place) {
            let one = |period: &PeriodText| {
                (period.text.clone(), Self { periods: vec![period.clone()], ..self.clone() })
            };
            return self.periods.iter().map(one).collect();
        }
        if is_sheet_name(&layout.measure) {
            let one = |label: &LabelText| {
                (label.text.clone(), Self { labels: vec![label.clone()], ..self.clone() })
            };
            return self.labels.iter().map(one).collect();
        }
        let Some(at) = layout.breakdowns.iter().position(|part| is_sheet_name(&part.place)) else {
            return Vec::new();
        };
        let values = self.parts.get(at).cloned().unwrap_or_default();
        values
            .into_iter()
            .map(|value| {
                let mut one = self.clone();
                one.parts[at] = vec![value.clone()];
                (value, one)
            })
            .collect()
    }
}

fn areas(
    contract: &Contract,
    layout: &TableLayout,
    vocabulary: &Vocabulary<'_>,
    geography: Option<Geography>,
) -> Vec<String> {
    if layout.area.is_fixed() {
        return Vec::new();
    }
    let partnership = vocabulary.partnership;
    let wanted = contract.peer_set();
    let peers = partnership.peer_sets.iter().find(|set| Some(set.id.as_str()) == wanted);
    let codes = match (peers, geography) {
        (Some(set), _) => set.areas.clone(),
        (None, Some(geography)) => partnership.home.get(&geography).cloned().into_iter().collect(),
        (None, None) => Vec::new(),
    };
    let by_code =
        layout.area.column().is_some_and(|column| heading(column).to_lowercase().contains("code"));
    codes
        .iter()
        .map(|code| if by_code { code.to_string() } else { partnership.area_name(code).to_owned() })
        .collect()
}

/// The first heading a column goes by.
pub(super) fn heading(column: &KeyColumn) -> &str {
    column.header.first().map_or("", String::as_str)
}

/// Every label that must be there, and of the others those that say something more; by measure,
/// the whole before its parts.
fn labels(figures: &Figures, entry: &impl Fn(&MeasureId) -> Entry) -> Vec<LabelText> {
    let mut sorted: Vec<_> = figures.labels.iter().collect();
    sorted.sort_by_key(|(text, label)| {
        let section = section_of(text).map(|(section, _)| section.to_owned());
        let whole = label.breakdown == Breakdown::all();
        (section, label.measure.clone(), !whole, label.breakdown.to_string(), (*text).clone())
    });
    let key = |label: &crate::contract::Label| (label.measure.clone(), label.breakdown.to_string());
    let mut said: BTreeSet<_> = sorted
        .iter()
        .filter(|(_, label)| label.presence == Presence::Required)
        .map(|(_, label)| key(label))
        .collect();
    sorted
        .into_iter()
        .filter(|(_, label)| label.presence == Presence::Required || said.insert(key(label)))
        .map(|(text, label)| {
            let (section, text) = match section_of(text) {
                Some((section, label)) => (Some(section.to_owned()), label.to_owned()),
                None => (None, text.clone()),
            };
            LabelText { section, text, entry: entry(&label.measure) }
        })
        .collect()
}

fn section_of(label: &str) -> Option<(&str, &str)> {
    let (section, label) = label.split_once('>')?;
    Some((section.trim(), label.trim()))
}

fn periods(contract: &Contract, layout: &TableLayout, period: Period) -> Vec<PeriodText> {
    if let Where::Fixed(FixedPeriod::Expected | FixedPeriod::Is(_)) = layout.period.place {
        return Vec::new();
    }
    let agreed = contract.content_months.and_then(|months| i32::try_from(months).ok());
    let months = match contract.frequency {
        Frequency::Quarterly => agreed.unwrap_or(0).max(period.length_months()),
        Frequency::AdHoc => agreed.unwrap_or_else(|| period.length_months()),
    };
    let whole = Period::ending(period.last(), months);
    let by_month = matches!(
        layout.period.place,
        Where::HeaderRow | Where::Column(_) | Where::SheetName | Where::Block
    );
    if by_month && months <= MONTHS_MAX {
        return whole.months().map(month).collect();
    }
    let text = if months == 12
        && whole.last() == period.last()
        && matches!(layout.period.place, Where::Title { .. })
    {
        format!("Year ending {}", Period::month(whole.last()).calendar())
    } else {
        capitalised(&whole.calendar())
    };
    let year = whole.last().year().to_string();
    vec![PeriodText { without_year: text.clone(), text, year }]
}

fn month(month: Month) -> PeriodText {
    let text = Period::month(month).calendar();
    let year = month.year().to_string();
    let without_year = text.trim_end_matches(&year).trim().to_owned();
    PeriodText { text, without_year, year }
}

fn capitalised(text: &str) -> String {
    let mut characters = text.chars();
    characters
        .next()
        .map_or_else(String::new, |first| first.to_uppercase().chain(characters).collect())
}

/// What is written for the whole, then for each category once.
fn parts(from: &BreakdownFrom) -> Vec<String> {
    if from.place.is_fixed() {
        return Vec::new();
    }
    let mut seen = BTreeSet::new();
    let categories = from
        .values
        .iter()
        .filter(|(_, category)| seen.insert((*category).clone()))
        .map(|(text, _)| text.clone());
    from.whole.first().cloned().into_iter().chain(categories).collect()
}
