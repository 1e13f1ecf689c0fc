//! Every indicator of every quarter, as one Parquet file: exact, for the operator's own tools.

use std::collections::BTreeSet;
use std::path::Path;

use lake::FileColumn::{self, Number as Fraction, Text, Whole};
use model::{Marks, Period};
use serde::Serialize;

use super::view::IndicatorView;
use super::views;
use crate::error::PipelineError;
use crate::house::House;
use crate::ingest::open_lake;
use crate::material::{Material, known_at};
use crate::out_file::{Existing, Kind, OutFile};
use crate::register::register;
use crate::views::Number;

/// What was written.
#[derive(Clone, Debug, Serialize)]
pub struct AllIndicators {
    /// The file.
    pub path: String,
    /// How many quarters.
    pub quarters: usize,
    /// How many indicators of all of them.
    pub rows: usize,
}

/// Writes every indicator of every financial quarter in which a series of the lake has a figure. A
/// file that is there stays.
pub async fn all_indicators(
    house: &House,
    as_known_at: Option<&str>,
    path: &Path,
) -> Result<AllIndicators, PipelineError> {
    let out = OutFile::at(path, (Kind::Parquet, Existing::Keep), &[])?;
    let mut rows = Vec::new();
    let mut quarters = BTreeSet::new();
    if let Some(ledger) = house.ledger_to_read()?
        && let Some((lake, newest)) = open_lake(house, &ledger).await?
    {
        let version = match as_known_at {
            Some(text) => known_at(&ledger, text, newest)?,
            None => newest,
        };
        let mut material = Material::gather(&ledger, &lake, &version).await?;
        let periods = material.series.series.values().flat_map(|points| points.keys());
        quarters = periods.flat_map(|period| period.months().map(Period::quarter_of)).collect();
        for quarter in &quarters {
            let lines = register(house, Some(&ledger), *quarter)?;
            material = material.knowing(house, &lines);
            rows.extend(views(house, &material, *quarter, &lines));
        }
    }
    out.write(&lake::parquet_table(columns(&rows))?)?;
    let path = path.display().to_string();
    Ok(AllIndicators { path, quarters: quarters.len(), rows: rows.len() })
}

/// The columns, named as the keys of `indicators --json`.
fn columns(rows: &[IndicatorView]) -> Vec<(&'static str, FileColumn)> {
    type Row = IndicatorView;
    let text = |of: fn(&Row) -> String| Text(rows.iter().map(|row| Some(of(row))).collect());
    let maybe = |of: fn(&Row) -> Option<&str>| {
        Text(rows.iter().map(|row| of(row).map(str::to_owned)).collect())
    };
    let number = |of: fn(&Row) -> Option<Number>| {
        Fraction(rows.iter().map(|row| of(row).map(fraction)).collect())
    };
    let decimal = |of: fn(&Row) -> Option<f64>| Fraction(rows.iter().map(of).collect());
    let whole = |of: fn(&Row) -> Option<u32>| {
        Whole(rows.iter().map(|row| of(row).map(i64::from)).collect())
    };
    let marks =
        |of: fn(&Row) -> Marks| Text(rows.iter().map(|row| Some(of(row).letters())).collect());
    vec![
        ("measure", text(|row| row.measure.to_string())),
        ("label", text(|row| row.label.clone())),
        ("area_code", text(|row| row.area.code.to_string())),
        ("area_name", text(|row| row.area.name.clone())),
        ("breakdown", text(|row| row.breakdown.to_string())),
        ("period", text(|row| row.period.to_string())),
        ("value", number(|row| row.figures.value)),
        ("value_status", marks(|row| row.figures.value_status)),
        ("status", marks(|row| row.figures.status)),
        ("same_quarter_last_year", number(|row| row.figures.same_quarter_last_year)),
        ("change", number(|row| row.figures.change)),
        ("change_pct", decimal(|row| row.figures.change_pct)),
        ("change_p", decimal(|row| row.figures.change_p)),
        ("change_evidence", maybe(|row| row.figures.change_evidence)),
        ("rolling_12_months", number(|row| row.figures.rolling_12_months)),
        ("rolling_12_months_previous", number(|row| row.figures.rolling_12_months_previous)),
        ("year_to_date", number(|row| row.figures.year_to_date)),
        ("rate_per_1000", decimal(|row| row.peers.rate_per_1000)),
        ("rate_lower", decimal(|row| row.peers.rate_lower)),
        ("rate_upper", decimal(|row| row.peers.rate_upper)),
        ("position", whole(|row| row.peers.position)),
        ("position_of", whole(|row| row.peers.position_of)),
        ("position_last_year", whole(|row| row.peers.position_last_year)),
        ("peer_average", decimal(|row| row.peers.peer_average)),
        ("data", maybe(|row| Some(row.status.data))),
        ("variation", maybe(|row| Some(row.status.variation))),
        ("comparison", maybe(|row| Some(row.status.comparison))),
        ("target_status", maybe(|row| Some(row.status.target_status))),
        ("verdict", maybe(|row| Some(row.status.verdict))),
        ("reason", maybe(|row| Some(&row.status.reason))),
    ]
}

#[expect(clippy::cast_precision_loss, reason = "counts are far below 2^53")]
fn fraction(number: Number) -> f64 {
    match number {
        Number::Whole(value) => value as f64,
        Number::Decimal(value) => value,
    }
}
