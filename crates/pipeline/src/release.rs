//! Letting a figure through that the plausibility gate holds.

use std::collections::BTreeMap;

use analysis::{AssessedTable, Held};
use ledger::ReleasedFigure;
use model::{AreaCode, FigureId, Measure, Severity};
use serde::Serialize;

use crate::error::PipelineError;
use crate::house::House;
use crate::ingest::open_lake;
use crate::material::Material;
use crate::views::{FindingView, find_measure};

/// A figure that was let through.
#[derive(Clone, Debug, Serialize)]
pub struct Released {
    /// Its name.
    pub figure: String,
    /// What it is.
    pub value: i64,
    /// What is usual.
    pub usual: i64,
    /// Why it was let through.
    pub why: String,
}

/// Lets a figure through: it counts until it changes. Nothing is let through that is not held.
pub async fn release(house: &House, figure: &str, why: &str) -> Result<Released, PipelineError> {
    let usage = |text: String| PipelineError::Usage(text);
    if why.trim().is_empty() {
        return Err(usage("say why with --why: it is kept with the decision".to_owned()));
    }
    let mut id: FigureId = figure.parse().map_err(usage)?;
    let measure = find_measure(house, id.measure.as_str())?;
    id.area = area(house, &id.area, measure)?;
    let _lock = house.lock()?;
    let ledger = house.ledger()?;
    let nothing = || PipelineError::Usage(format!("`{id}` is not held: nothing was done"));
    let Some((lake, version)) = open_lake(house, &ledger).await? else { return Err(nothing()) };
    let material = Material::gather(&ledger, &lake, &version).await?;
    let table = material.assessed(house, id.period);
    let held = table.rows.values().flat_map(|row| &row.indicator.held).find(|it| it.figure == id);
    let held = held.ok_or_else(nothing)?;
    ledger.release_figure(&ReleasedFigure {
        figure: id.clone(),
        value: held.value,
        why: why.trim().to_owned(),
        released_at: house.clock.now(),
    })?;
    let why = why.trim().to_owned();
    Ok(Released { figure: id.to_string(), value: held.value, usual: held.usual, why })
}

/// What the gate holds, as findings for whoever runs the job: each figure once.
pub(crate) fn held_figures(house: &House, table: &AssessedTable) -> Vec<FindingView> {
    let held: BTreeMap<&FigureId, &Held> = table
        .rows
        .values()
        .flat_map(|row| &row.indicator.held)
        .map(|it| (&it.figure, it))
        .collect();
    let finding = |(figure, held): (&FigureId, &Held)| FindingView {
        severity: Severity::Warning,
        code: "figure-held".to_owned(),
        sheet: String::new(),
        cell: None,
        message: format!(
            "`{}` in {} is {} where {} is usual ({}): it is held back from every report",
            figure.measure,
            house.definitions.partnership.area_name(&figure.area),
            held.value,
            held.usual,
            figure.period.calendar()
        ),
        hint: Some(format!(
            "ask the partner; if it is right, let it through: quarterdeck release {figure} --why \"…\""
        )),
        also: Vec::new(),
        proposal: None,
    };
    held.into_iter().map(finding).collect()
}

fn area(house: &House, text: &AreaCode, measure: &Measure) -> Result<AreaCode, PipelineError> {
    let partnership = &house.definitions.partnership;
    let found = partnership.find_area(text.as_str(), Some(measure.geography));
    found.map(|area| area.code.clone()).map_err(|error| PipelineError::Usage(error.to_string()))
}
