//! A back series under another definition or geography, for the operator.

use analysis::Definition;
use model::{Marks, Measure, MeasureId, Period};
use serde::Serialize;

use crate::error::PipelineError;
use crate::house::House;
use crate::ingest::open_lake;
use crate::material::Material;
use crate::views::{AreaView, Number, find_measure, number};

/// What is restated.
#[derive(Clone, Copy, Debug)]
pub struct RestateRequest<'a> {
    /// The measure as it is.
    pub measure: &'a str,
    /// The area as it is: code, name or alias.
    pub area: &'a str,
    /// The measure it becomes; the same by default.
    pub under: Option<&'a str>,
    /// The area it becomes; the same by default.
    pub under_area: Option<&'a str>,
}

/// A back series, old and new side by side.
#[derive(Clone, Debug, Serialize)]
pub struct RestateOutcome {
    /// As it is.
    pub old: RestatedSeries,
    /// As it becomes.
    pub new: RestatedSeries,
    /// Oldest first.
    pub restated: Vec<RestatedRow>,
}

/// What one of the two series is of.
#[derive(Clone, Debug, Serialize)]
pub struct RestatedSeries {
    /// The measure.
    pub measure: MeasureId,
    /// The area.
    pub area: AreaView,
}

/// One figure under both.
#[derive(Clone, Debug, Serialize)]
pub struct RestatedRow {
    /// The period.
    pub period: Period,
    /// As it is.
    pub old: Option<Number>,
    /// Marks on it.
    pub old_status: Marks,
    /// As it becomes.
    pub new: Option<Number>,
    /// Marks on it.
    pub new_status: Marks,
    /// New less old.
    pub difference: Option<Number>,
    /// Why figures are missing.
    pub gaps: Vec<String>,
}

/// Computes both series from everything in the lake.
pub async fn restate(
    house: &House,
    request: &RestateRequest<'_>,
) -> Result<RestateOutcome, PipelineError> {
    let old = find_measure(house, request.measure)?;
    let new = find_measure(house, request.under.unwrap_or(request.measure))?;
    if old.unit != new.unit {
        let message = format!("`{}` and `{}` are in different units", old.id, new.id);
        return Err(PipelineError::Usage(message));
    }
    if request.under.is_none() && request.under_area.is_none() {
        let message = "say what it becomes: --under MEASURE, --under-area AREA, or both";
        return Err(PipelineError::Usage(message.to_owned()));
    }
    let before = area(house, request.area, old)?;
    let after = match request.under_area {
        // An area made of districts may be of another kind than the measure is counted for.
        Some(text) => any_area(house, text)?,
        None => area(house, request.area, new)?,
    };
    let side = |measure: &Measure, area: &AreaView| RestatedSeries {
        measure: measure.id.clone(),
        area: area.clone(),
    };
    let (old_side, new_side) = (side(old, &before), side(new, &after));
    let definition = |side: &RestatedSeries| Definition {
        measure: side.measure.clone(),
        area: side.area.code.clone(),
    };
    let mut restated = Vec::new();
    if let Some(ledger) = house.ledger_to_read()?
        && let Some((lake, version)) = open_lake(house, &ledger).await?
    {
        let material = Material::gather(&ledger, &lake, &version).await?;
        let definitions = material.definitions(house);
        let sides = (definition(&old_side), definition(&new_side));
        let rows = analysis::restate(&material.series, &sides.0, &sides.1, &definitions);
        restated.extend(rows.into_iter().map(|row| RestatedRow {
            period: row.period,
            old: number(row.old.value, old),
            old_status: row.old.marks,
            new: number(row.new.value, new),
            new_status: row.new.marks,
            difference: number(row.difference, new),
            gaps: row.gaps,
        }));
    }
    Ok(RestateOutcome { old: old_side, new: new_side, restated })
}

fn area(house: &House, text: &str, measure: &Measure) -> Result<AreaView, PipelineError> {
    let found = house.definitions.partnership.find_area(text, Some(measure.geography));
    let area = found.map_err(|error| PipelineError::Usage(error.to_string()))?;
    Ok(AreaView { code: area.code.clone(), name: area.name.clone() })
}

fn any_area(house: &House, text: &str) -> Result<AreaView, PipelineError> {
    let found = house.definitions.partnership.find_area(text, None);
    let area = found.map_err(|error| PipelineError::Usage(error.to_string()))?;
    Ok(AreaView { code: area.code.clone(), name: area.name.clone() })
}
