//! What every step of understanding a return of figures needs to know.

use std::collections::BTreeMap;

use model::{AreaCode, AreaError, Breakdown, Geography, MeasureId, Period, Unit};

use super::Vocabulary;
use super::labels::{LabelMap, folded, without_footnotes};
use super::memo::Memo;
use crate::contract::{Figures, Label, MeasureFrom, TableLayout};
use crate::workbook::FileKind;

pub(super) struct Context<'a> {
    pub(super) figures: &'a Figures,
    pub(super) vocabulary: &'a Vocabulary<'a>,
    pub(super) labels: LabelMap<'a, Label>,
    /// The return's own names for areas, folded.
    pub(super) own_areas: BTreeMap<String, &'a AreaCode>,
    pub(super) expected: Period,
    /// The months the content may be about; none when any will do.
    pub(super) owed: Option<Period>,
    pub(super) kind: FileKind,
    /// Areas by the texts that stood for them.
    pub(super) areas: Memo<Option<Geography>, Result<AreaCode, AreaError>>,
}

impl<'a> Context<'a> {
    /// What is known before anything was read; `owed` are the months the content may be about.
    pub(super) fn of(
        figures: &'a Figures,
        vocabulary: &'a Vocabulary<'a>,
        (expected, owed): (Period, Option<Period>),
        kind: FileKind,
    ) -> Self {
        Self {
            figures,
            vocabulary,
            labels: LabelMap::of(&figures.labels),
            own_areas: figures.areas.iter().map(|(name, code)| (folded(name), code)).collect(),
            expected,
            owed,
            kind,
            areas: Memo::default(),
        }
    }
}

impl Context<'_> {
    pub(super) fn unit(&self, measure: &MeasureId) -> Unit {
        self.vocabulary.measures.get(measure).map_or(Unit::Count, |measure| measure.unit)
    }

    fn geography(&self, measure: &MeasureId) -> Option<Geography> {
        self.vocabulary.measures.get(measure).map(|measure| measure.geography)
    }

    /// The kind of area a table is about, if its measures are agreed on one.
    pub(super) fn table_geography(&self, layout: &TableLayout) -> Option<Geography> {
        if let MeasureFrom::Fixed(measure) = &layout.measure {
            return self.geography(measure);
        }
        let mut all = self.figures.labels.values().map(|label| self.geography(&label.measure));
        let first = all.next()??;
        all.all(|other| other == Some(first)).then_some(first)
    }

    /// Finds an area by a code in the text, then by name or alias.
    pub(super) fn area(
        &self,
        text: &str,
        geography: Option<Geography>,
    ) -> Result<AreaCode, AreaError> {
        self.areas.get(geography, text, || self.find_area(text, geography))
    }

    fn find_area(&self, text: &str, geography: Option<Geography>) -> Result<AreaCode, AreaError> {
        let partnership = self.vocabulary.partnership;
        let code = text.split(|c: char| !c.is_ascii_alphanumeric()).find(|word| is_code(word));
        if let Some(code) = code {
            return partnership.find_area(code, geography).map(|area| area.code.clone());
        }
        let cell = folded(text);
        let bare = without_footnotes(&cell);
        let own = [&cell, &bare].into_iter().find_map(|name| self.own_areas.get(name.as_str()));
        if let Some(code) = own {
            return Ok((*code).clone());
        }
        partnership
            .find_area(text, geography)
            .or_else(|error| partnership.find_area(&bare, geography).map_err(|_| error))
            .or_else(|error| match small_area_of(text) {
                Some(district) => partnership.find_area(district, geography).map_err(|_| error),
                None => Err(error),
            })
            .or_else(|error| {
                // `St. Mary` and `St Mary`.
                let dotless = bare.replace(". ", " ");
                partnership.find_area(&dotless, geography).map_err(|_| error)
            })
            .map(|area| area.code.clone())
    }

    /// Every name of an area of a kind, or of any: the return's own, then the partnership's.
    pub(super) fn area_names(&self, geography: Option<Geography>) -> Vec<String> {
        let own = self.figures.areas.keys().cloned();
        let areas = self.vocabulary.partnership.areas.iter();
        let known = areas
            .filter(|area| geography.is_none_or(|geography| area.geography == geography))
            .flat_map(|area| std::iter::once(&area.name).chain(&area.aliases).cloned());
        own.chain(known).collect()
    }

    /// A measure for people, with the part of it: `DAVSS referrals, risk high`.
    pub(super) fn measure_name(&self, measure: &MeasureId, breakdown: &Breakdown) -> String {
        let mut name = self
            .vocabulary
            .measures
            .get(measure)
            .map_or_else(|| measure.to_string(), |measure| measure.label.clone());
        for (dimension, category) in breakdown.iter() {
            name = format!("{name}, {dimension} {category}");
        }
        name
    }

    pub(super) fn area_name<'b>(&'b self, code: &'b AreaCode) -> &'b str {
        self.vocabulary.partnership.area_name(code)
    }
}

/// The district a small area is named by: `Sevenoaks 001A` is in Sevenoaks.
fn small_area_of(text: &str) -> Option<&str> {
    let (district, number) = text.trim().rsplit_once(' ')?;
    let digits = number.trim_end_matches(|c: char| c.is_ascii_uppercase());
    let is_number = digits.len() == 3
        && digits.chars().all(|c| c.is_ascii_digit())
        && number.len() <= digits.len() + 1;
    is_number.then_some(district)
}

/// A GSS code: a letter and eight digits.
pub(super) fn is_code(word: &str) -> bool {
    word.len() == 9
        && word.starts_with(|c: char| c.is_ascii_uppercase())
        && word[1..].chars().all(|c| c.is_ascii_digit())
}
