//! What an operator looks at: indicators, traces, queries. Reading only; exact values.

use lake::{Lake, LakeVersion, QueryFormat};
use model::{AreaCode, Finding, Measure, MeasureId, Month, Period, SeriesTable, Severity};
use serde::Serialize;

use crate::error::PipelineError;
use crate::house::House;
use crate::ingest::open_lake;

/// An area by code and name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AreaView {
    /// GSS code.
    pub code: AreaCode,
    /// Name.
    pub name: String,
}

/// A finding, with its place taken apart.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct FindingView {
    /// `error`, `warning` or `repair`.
    pub severity: Severity,
    /// Stable kebab-case name of the kind of finding.
    pub code: String,
    /// Sheet; empty when it is about the file.
    pub sheet: String,
    /// Cell, if it has one.
    pub cell: Option<String>,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub hint: Option<String>,
    /// Further cells of the sheet that it is about.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<String>,
    /// The change of the contract that would let the layout be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub proposal: Option<String>,
}

impl From<Finding> for FindingView {
    fn from(finding: Finding) -> Self {
        let Finding { severity, code, place, message, hint, also, proposal } = finding;
        let cell = place.cell.map(|cell| cell.to_string());
        let also = also.iter().map(ToString::to_string).collect();
        Self { severity, code, sheet: place.sheet, cell, message, hint, also, proposal }
    }
}

/// Findings in reading order: errors first, each kind by sheet and cell.
pub(crate) fn finding_views(mut findings: Vec<Finding>) -> Vec<FindingView> {
    findings.sort();
    findings.into_iter().map(FindingView::from).collect()
}

/// A number in its unit: whole where the unit is whole.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Number {
    /// Things and people.
    Whole(i64),
    /// Pounds and percentages.
    Decimal(f64),
}

pub(crate) async fn lake_to_read(
    house: &House,
) -> Result<Option<(Lake, LakeVersion)>, PipelineError> {
    match house.ledger_to_read()? {
        Some(ledger) => open_lake(house, &ledger).await,
        None => Ok(None),
    }
}

pub(crate) fn find_measure<'a>(house: &'a House, name: &str) -> Result<&'a Measure, PipelineError> {
    let measures = &house.definitions.measures;
    measures.get(&MeasureId::new(name)).ok_or_else(|| {
        let hint = model::nearest(name, measures.keys().map(MeasureId::as_str))
            .map_or_else(String::new, |nearest| format!(": did you mean `{nearest}`?"));
        PipelineError::Usage(format!("there is no measure `{name}`{hint}"))
    })
}

/// The areas a text may mean; with a measure, only of the kind it is counted for.
pub(crate) fn find_areas(
    house: &House,
    text: &str,
    measure: Option<&Measure>,
) -> Result<Vec<AreaCode>, PipelineError> {
    let partnership = &house.definitions.partnership;
    match partnership.find_area(text, measure.map(|measure| measure.geography)) {
        Ok(area) => Ok(vec![area.code.clone()]),
        Err(model::AreaError::Ambiguous { codes, .. }) if measure.is_none() => Ok(codes),
        Err(error) => Err(PipelineError::Usage(error.to_string())),
    }
}

/// The quarter that holds the newest figure: of the months counted, those that are really over.
pub(crate) fn newest_period(house: &House, series: &SeriesTable) -> Option<Period> {
    let this_month = Month::of(house.clock.today());
    let last = series
        .series
        .values()
        .flat_map(|points| points.keys())
        .map(|period| period.last())
        .filter(|last| *last <= this_month)
        .max()?;
    Some(Period::quarter_of(last))
}

pub(crate) fn number(value: Option<i64>, measure: &Measure) -> Option<Number> {
    let value = value?;
    if measure.unit.decimals() == 0 {
        return Some(Number::Whole(value));
    }
    #[expect(
        clippy::cast_precision_loss,
        reason = "pence and hundredths of a percent are far below 2^53"
    )]
    Some(Number::Decimal(value as f64 / 100.0))
}

/// Answers one read-only SQL query over the newest lake version, in the format asked for.
pub async fn query(
    house: &House,
    sql: &str,
    format: QueryFormat,
) -> Result<Vec<u8>, PipelineError> {
    let Some((lake, version)) = lake_to_read(house).await? else {
        return Err(PipelineError::Usage(format!(
            "there is no lake in {} yet: run a job first",
            house.folders.data.display()
        )));
    };
    Ok(lake.query(&version, sql, format).await?)
}
