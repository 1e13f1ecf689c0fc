//! What a row says its figures are about.

use std::borrow::Cow;

use model::{AreaCode, AreaError, Breakdown, MeasureId, Month, Period, nearest};

use super::figures::Table;
use super::gathered::{no_area, quoted};
use super::labels::{category, is_any};
use super::locate::title_period;
use super::periods::{self, Said};
use crate::contract::{BreakdownFrom, DateOrder, MeasureFrom, OtherAreas};
use crate::workbook::Cell;

/// What a row says of its figures; what the headings say is still open.
#[derive(Clone, Default)]
pub(super) struct RowSays {
    pub(super) measure: Option<MeasureId>,
    pub(super) area: Option<AreaCode>,
    pub(super) period: Option<Period>,
    pub(super) breakdown: Breakdown,
}

/// Why a row says nothing usable.
pub(super) enum Unsaid {
    /// For an area that is left out.
    OtherArea(u32),
    /// A label that is not known: where it stands, and the finding to make if there are figures.
    Unknown { column: u32, code: &'static str, message: String, hint: String },
}

impl<'a> Table<'_, 'a> {
    /// Everything the row's labels say, with what sheet, title and contract say for the table.
    pub(super) fn said(&self, row: u32, section: &str) -> Result<RowSays, Unsaid> {
        let mut said =
            RowSays { area: self.area.clone(), period: self.period, ..RowSays::default() };
        match &self.layout.measure {
            MeasureFrom::Fixed(measure) => said.measure = Some(measure.clone()),
            MeasureFrom::Column(_) => self.said_measure(row, section, &mut said)?,
            _ => {}
        }
        if let Some(column) = self.located.area {
            said.area = Some(self.said_area(row, column)?);
        }
        if let Some(column) = self.located.period {
            said.period = Some(self.said_period(row, column, self.layout.period.dates)?);
        }
        let columns = self.located.breakdowns.iter().zip(&self.layout.breakdowns);
        for (column, breakdown) in columns {
            let text = self.key_text(row, *column, "category")?;
            match category_of(breakdown, &text) {
                Ok(None) => {}
                Ok(Some(category)) => {
                    said.breakdown = said.breakdown.with(&breakdown.dimension, category);
                }
                Err(near) => {
                    return Err(Unsaid::Unknown {
                        column: *column,
                        code: "unknown-label",
                        message: format!(
                            "{} is not a {} this return has",
                            quoted(&text),
                            breakdown.dimension
                        ),
                        hint: did_you_mean(near.as_deref()),
                    });
                }
            }
        }
        Ok(said)
    }

    /// The text of a cell that says what a row is about; a row without it is a heading or a slip.
    fn key_text(&self, row: u32, column: u32, what: &str) -> Result<Cow<'a, str>, Unsaid> {
        self.page.text(row, column).ok_or_else(|| Unsaid::Unknown {
            column,
            code: "label-missing",
            message: format!("the row has figures but its {what} is blank"),
            hint: format!("write the {what} in this cell, or clear the row"),
        })
    }

    fn said_measure(&self, row: u32, section: &str, said: &mut RowSays) -> Result<(), Unsaid> {
        let Some(column) = self.located.measure else {
            return Ok(());
        };
        let text = self.key_text(row, column, "label")?;
        let labels = &self.context.labels;
        // `Section > Label` in the contract tells labels apart that stand under several headings.
        let label = labels.find(&format!("{section} > {text}")).or_else(|| labels.find(&text));
        let Some(label) = label else {
            return Err(Unsaid::Unknown {
                column,
                code: "unknown-measure",
                message: format!("{} is not something this return counts", quoted(&text)),
                hint: did_you_mean(labels.nearest(&text)),
            });
        };
        said.measure = Some(label.measure.clone());
        said.breakdown = label.breakdown.clone();
        Ok(())
    }

    fn said_area(&self, row: u32, column: u32) -> Result<AreaCode, Unsaid> {
        let leave_out = self.layout.other_areas == OtherAreas::LeaveOut;
        let text = match self.key_text(row, column, "area") {
            Ok(text) => text,
            Err(_) if leave_out => return Err(Unsaid::OtherArea(column)),
            Err(unsaid) => return Err(unsaid),
        };
        match self.context.area(&text, self.geography) {
            Ok(code) => Ok(code),
            Err(_) if leave_out => Err(Unsaid::OtherArea(column)),
            Err(error) => Err(Unsaid::Unknown {
                column,
                code: "unknown-area",
                message: match &error {
                    AreaError::Unknown { .. } => format!("{} is not a known area", quoted(&text)),
                    AreaError::Ambiguous { .. } => no_area(&text, &error),
                },
                hint: match &error {
                    AreaError::Unknown { nearest, .. } => did_you_mean(nearest.as_deref()),
                    AreaError::Ambiguous { .. } => "give the area's code".to_owned(),
                },
            }),
        }
    }

    fn said_period(&self, row: u32, column: u32, dates: DateOrder) -> Result<Period, Unsaid> {
        if let Some(Cell::Date(date)) = self.page.cell(row, column) {
            return Ok(Period::month(Month::of(date.date())));
        }
        let text = self.key_text(row, column, "period")?;
        match periods::read(&text, dates) {
            Some(Said::Period(period)) => Ok(period),
            Some(Said::BareMonth(month)) => Ok(self.month_of(month)),
            Some(Said::Year(_)) | None => Err(Unsaid::Unknown {
                column,
                code: "unknown-period",
                message: format!("{} is not a month or a quarter", quoted(&text)),
                hint: "write it like `April 2025`".to_owned(),
            }),
        }
    }

    /// A month without a year is of the period the title speaks of, or of the one expected.
    fn month_of(&self, month: i8) -> Period {
        let last =
            title_period(self.page, self.located.top, &[]).unwrap_or(self.context.expected).last();
        let found = Period::ending(last, 12)
            .months()
            .find(|inside| inside.month() == month)
            .expect("twelve months hold every month");
        Period::month(found)
    }
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
