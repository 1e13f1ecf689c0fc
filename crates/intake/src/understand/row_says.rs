//! What a row says its figures are about.

use std::borrow::Cow;
use std::sync::Arc;

use model::{AreaCode, AreaError, Breakdown, MeasureId, Period, SeriesKey, nearest};

use super::blocks::Above;
use super::context::is_code;
use super::figures::Table;
use super::gathered::{Gathered, no_area, quoted};
use super::labels::{category, is_any};
use super::memo::CellMemo;
use super::slot::Series;
use crate::contract::{BreakdownFrom, Label, OtherAreas};
use crate::workbook::{Cell, CellKey};

/// What a row says of its figures; what the headings say is still open.
#[derive(Clone, Default)]
pub(super) struct RowSays {
    pub(super) measure: Option<MeasureId>,
    pub(super) area: Option<AreaCode>,
    pub(super) period: Option<Period>,
    pub(super) breakdown: Breakdown,
}

impl RowSays {
    /// What the key of a series says.
    pub(super) fn of(key: &SeriesKey) -> Self {
        let SeriesKey { measure, area, breakdown } = key.clone();
        Self { measure: Some(measure), area: Some(area), period: None, breakdown }
    }

    /// The series of the figures, if all of it is said.
    pub(super) fn series(&self, gathered: &mut Gathered) -> Option<Arc<Series>> {
        Some(gathered.series.of(self.measure.as_ref()?, self.area.as_ref()?, &self.breakdown))
    }
}

/// What was found to stand in a table's cells: the same few things stand in every row.
#[derive(Default)]
pub(super) struct Memos<'a> {
    measures: CellMemo<CellKey, &'a Label>,
    areas: CellMemo<CellKey, AreaCode>,
    /// Whether a text says that it is a sum.
    pub(super) sums: CellMemo<CellKey, bool>,
    /// By the place of a breakdown in the layout's list: what was said before, and with the text.
    parts: CellMemo<(usize, CellKey), (Breakdown, Breakdown)>,
    /// Periods that say their year.
    pub(super) periods: CellMemo<CellKey, Period>,
    /// Periods and, in another cell, their years.
    pub(super) in_years: CellMemo<[CellKey; 2], Period>,
}

/// Why a row says nothing usable.
pub(super) enum Unsaid {
    /// For an area that is left out.
    OtherArea(u32),
    /// A label that is not known: where it stands, and the finding to make if there are figures.
    Unknown { column: u32, code: &'static str, message: String, hint: String },
}

/// Why a cell says no area.
enum NoArea {
    NoText(Unsaid),
    Error(AreaError, String),
}

impl<'a> Table<'_, 'a> {
    /// Everything the row's labels say, with what sheet, title, contract and the rows above say.
    pub(super) fn said(&self, row: u32, above: &Above) -> Result<RowSays, Unsaid> {
        let mut said = self.base.clone();
        self.said_above(above, &mut said)?;
        if let Some(column) = self.located.measure {
            let label = self.said_measure(row, column, above)?;
            said.measure = Some(label.measure.clone());
            said.breakdown = label.breakdown.clone().and(&said.breakdown);
        }
        if let Some(column) = self.located.area {
            said.area = Some(self.said_area(row, column, above)?);
        }
        if let Some(column) = self.located.period {
            said.period = Some(self.said_period(row, column, above)?);
        }
        for (index, column) in &self.located.breakdowns {
            said.breakdown = self.said_part(row, (*index, *column), &said.breakdown, above)?;
        }
        Ok(said)
    }

    /// What is said together with the category that stands in a column.
    fn said_part(
        &self,
        row: u32,
        (index, column): (usize, u32),
        said: &Breakdown,
        above: &Above,
    ) -> Result<Breakdown, Unsaid> {
        let part = &self.layout.breakdowns[index];
        let find = || {
            let text = self.key_text(row, column, "category", above)?;
            match category_of(part, &text) {
                Ok(None) => Ok(said.clone()),
                Ok(Some(category)) => Ok(said.clone().with(&part.dimension, category)),
                Err(near) => Err(Unsaid::Unknown {
                    column,
                    code: "unknown-label",
                    message: format!(
                        "{} is not a {} this return has",
                        quoted(&text),
                        part.dimension
                    ),
                    hint: did_you_mean(near.as_deref()),
                }),
            }
        };
        let key = self.key(row, column, above).map(|key| (index, key));
        let found = self.memos.parts.get(key, || Ok((said.clone(), find()?)));
        // Nearly always the same was said before the same text.
        found.and_then(|(before, found)| if before == *said { Ok(found) } else { find() })
    }

    /// The key of what a row's cell says, if that has one.
    pub(super) fn key(&self, row: u32, column: u32, above: &Above) -> Option<CellKey> {
        self.page.key(self.row_of(row, column, above), column)
    }

    /// The text of a cell that says what a row is about; a row without it is a heading or a slip.
    pub(super) fn key_text(
        &self,
        row: u32,
        column: u32,
        what: &str,
        above: &Above,
    ) -> Result<Cow<'a, str>, Unsaid> {
        self.page.text(self.row_of(row, column, above), column).ok_or_else(|| Unsaid::Unknown {
            column,
            code: "label-missing",
            message: format!("the row has figures but its {what} is blank"),
            hint: format!("write the {what} in this cell, or clear the row"),
        })
    }

    fn said_measure(&self, row: u32, column: u32, above: &Above) -> Result<&'a Label, Unsaid> {
        let key = self.key(row, column, above).filter(|_| self.sections.is_empty());
        self.memos.measures.get(key, || self.find_measure(row, column, above))
    }

    fn find_measure(&self, row: u32, column: u32, above: &Above) -> Result<&'a Label, Unsaid> {
        let text = self.key_text(row, column, "label", above)?;
        let labels = &self.context.labels;
        // `Section > Label` in the contract tells labels apart that stand under several headings.
        let in_section = || labels.find(&format!("{} > {text}", above.section));
        let label =
            (!self.sections.is_empty()).then(in_section).flatten().or_else(|| labels.find(&text));
        label.ok_or_else(|| Unsaid::Unknown {
            column,
            code: "unknown-measure",
            message: format!("{} is not something this return counts", quoted(&text)),
            hint: did_you_mean(labels.nearest(&text)),
        })
    }

    fn said_area(&self, row: u32, column: u32, above: &Above) -> Result<AreaCode, Unsaid> {
        let leave_out = self.layout.other_areas == OtherAreas::LeaveOut;
        let found = self.memos.areas.get(self.key(row, column, above), || {
            let text = self.key_text(row, column, "area", above).map_err(NoArea::NoText)?;
            let area = self.context.area(&text, self.geography);
            area.map_err(|error| NoArea::Error(error, text.into_owned()))
        });
        let text = || self.key_text(row, column, "area", above);
        match found {
            Ok(code) => match self.other_code(row, column, &code) {
                None => Ok(code),
                Some(_) if leave_out => Err(Unsaid::OtherArea(column)),
                Some(other) => Err(Unsaid::Unknown {
                    column,
                    code: "unknown-area",
                    message: format!(
                        "{} is {code} in this return, but the code beside it is {other}",
                        quoted(&text()?)
                    ),
                    hint: "give the figures of the area the return is about, or correct the code"
                        .to_owned(),
                }),
            },
            Err(_) if leave_out => Err(Unsaid::OtherArea(column)),
            Err(NoArea::NoText(unsaid)) => Err(unsaid),
            Err(NoArea::Error(error, text)) => Err(Unsaid::Unknown {
                column,
                code: "unknown-area",
                message: match &error {
                    AreaError::Unknown { .. } => format!("{} is not a known area", quoted(&text)),
                    AreaError::OfAnotherKind { .. } => error.to_string(),
                    AreaError::Ambiguous { .. } => no_area(&text, &error),
                },
                hint: match &error {
                    AreaError::Unknown { nearest, .. } => did_you_mean(nearest.as_deref()),
                    AreaError::OfAnotherKind { .. } | AreaError::Ambiguous { .. } => {
                        "give the area's code".to_owned()
                    }
                },
            }),
        }
    }

    /// The code in the cell beside an area's name, if it is another area's: a constituency may
    /// have a district's name. Codes of wider areas stand beside names too.
    fn other_code(&self, row: u32, column: u32, code: &AreaCode) -> Option<String> {
        let beside = [column.checked_sub(1), column.checked_add(1)];
        let other = beside.into_iter().flatten().find_map(|at| {
            let Some(Cell::Text(text)) = self.page.cell(row, at) else {
                return None;
            };
            let text = text.trim();
            (is_code(text) && !is_wider(text)).then(|| text.to_owned())
        })?;
        let areas = &self.context.vocabulary.partnership.areas;
        let within = |whole: &str, part: &str| {
            let whole = areas.iter().find(|area| area.code.as_str() == whole);
            whole.is_some_and(|whole| whole.districts.iter().any(|at| at.as_str() == part))
        };
        let same = other == code.as_str()
            || within(code.as_str(), &other)
            || within(&other, code.as_str());
        (!same).then_some(other)
    }
}

/// Whether a code is that of a country, region, county, police force or area of the health
/// service.
fn is_wider(code: &str) -> bool {
    const WIDER: &[&str] = &[
        "K02", "K03", "K04", "E92", "W92", "S92", "N92", "E12", "E10", "E11", "E13", "E23", "W15",
        "E40", "E54",
    ];
    WIDER.iter().any(|start| code.starts_with(start))
}

/// The category a text stands for, `None` for the whole; or the nearest known one.
pub(super) fn category_of(
    breakdown: &BreakdownFrom,
    text: &str,
) -> Result<Option<String>, Option<String>> {
    if is_any(&breakdown.whole, text) {
        return Ok(None);
    }
    if breakdown.values.is_empty() {
        return Ok(Some(category(text)));
    }
    let found =
        breakdown.values.iter().find(|(written, _)| is_any(std::slice::from_ref(written), text));
    match found {
        Some((_, category)) => Ok(Some(category.clone())),
        // One letter or digit is like any other: nothing can be guessed from it.
        None if text.trim().chars().count() < 3 => Err(None),
        None => {
            let names = breakdown.values.keys().chain(&breakdown.whole);
            Err(nearest(text, names.map(String::as_str)).map(str::to_owned))
        }
    }
}

/// What to do about a label that is not known.
pub(super) fn did_you_mean(near: Option<&str>) -> String {
    match near {
        Some(near) => format!("did you mean `{near}`?"),
        None => "use the labels of the agreed layout, or tell us what the new one means".to_owned(),
    }
}
