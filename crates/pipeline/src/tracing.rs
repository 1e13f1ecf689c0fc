//! Following a figure back to the cells it comes from.

use lake::{Lake, LakeVersion, TraceRow};
use model::{Area, AreaCode, Breakdown, Mark, Marks, Measure, MeasureId, Period, SeriesKey};
use serde::Serialize;

use crate::error::PipelineError;
use crate::house::House;
use crate::ingest::open_lake;
use crate::material::Material;
use crate::views::{AreaView, Number, find_measure, number};

/// A figure and every cell it comes from.
#[derive(Clone, Debug, Serialize)]
pub struct Trace {
    /// The figure.
    pub figure: TracedFigure,
    /// Its cells.
    pub from: Vec<TracedCell>,
    /// The same figure of every peer, where asked for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub peers: Vec<Trace>,
}

/// The figure that is traced.
#[derive(Clone, Debug, Serialize)]
pub struct TracedFigure {
    /// What is counted.
    pub measure: MeasureId,
    /// Where.
    pub area: AreaView,
    /// When.
    pub period: Period,
    /// Which part.
    pub breakdown: Breakdown,
    /// The sum of the cells, if every one has a number.
    pub value: Option<Number>,
    /// Why there is none, or how to read it.
    pub status: Marks,
    /// Why there is none, in one sentence.
    pub why: Option<String>,
    /// Whom a rate is per, where there is one.
    pub population: Option<String>,
}

/// A cell that a figure comes from.
#[derive(Clone, Debug, Serialize)]
pub struct TracedCell {
    /// SHA-256 of the submission.
    pub submission: String,
    /// File name as the partner wrote it.
    pub file: String,
    /// Sheet.
    pub sheet: String,
    /// Cell.
    pub cell: Option<String>,
    /// The cell's text as it stood.
    pub raw: String,
    /// What was read.
    pub value: Option<i64>,
    /// Marks.
    pub status: Marks,
    /// What was repaired.
    pub repair: Option<String>,
    /// What period the cell is about.
    pub period: Period,
    /// Of a figure that is made of several measures: which one.
    pub measure: MeasureId,
    /// Which part of it.
    pub breakdown: Breakdown,
    /// Where it came from.
    pub source: String,
    /// Whether it is a sample: never part of an indicator.
    pub sample: bool,
}

/// Which figure is traced.
#[derive(Clone, Debug)]
pub struct TraceRequest<'a> {
    /// A measure, by id.
    pub measure: &'a str,
    /// Area, by code, name or alias.
    pub area: &'a str,
    /// Any stretch of months: also the 12 of a rolling figure.
    pub period: Period,
    /// Which part.
    pub breakdown: &'a Breakdown,
    /// Whether the figures of the peers are traced too: a position is made of all of them.
    pub peers: bool,
}

/// Follows a figure back to the cells it comes from.
pub async fn trace(house: &House, request: &TraceRequest<'_>) -> Result<Trace, PipelineError> {
    let measure = find_measure(house, request.measure)?;
    let partnership = &house.definitions.partnership;
    let area = partnership
        .find_area(request.area, Some(measure.geography))
        .map_err(|error| PipelineError::Usage(error.to_string()))?;
    let source = Source::open(house).await?;
    let mut trace = source.trace(house, measure, area, request).await?;
    if request.peers {
        let Some(peers) = partnership.peers_of(measure) else {
            let message = format!("`{}` has no peers in partnership.toml", measure.id);
            return Err(PipelineError::Usage(message));
        };
        for code in peers.areas.iter().filter(|code| **code != area.code) {
            let Some(peer) = partnership.area(code) else { continue };
            trace.peers.push(source.trace(house, measure, peer, request).await?);
        }
    }
    Ok(trace)
}

/// What figures are traced in; nothing before the first run.
struct Source {
    lake: Option<(Lake, LakeVersion)>,
    material: Material,
}

impl Source {
    async fn open(house: &House) -> Result<Self, PipelineError> {
        let nothing = || Self { lake: None, material: Material::default() };
        let Some(ledger) = house.ledger_to_read()? else { return Ok(nothing()) };
        let Some((lake, version)) = open_lake(house, &ledger).await? else { return Ok(nothing()) };
        let material = Material::gather(&ledger, &lake, &version).await?;
        Ok(Self { lake: Some((lake, version)), material })
    }

    async fn trace(
        &self,
        house: &House,
        measure: &Measure,
        area: &Area,
        request: &TraceRequest<'_>,
    ) -> Result<Trace, PipelineError> {
        let all = &house.definitions.measures;
        let parts: Vec<(MeasureId, Breakdown)> = measure
            .made_of(all)
            .into_iter()
            .map(|part| (part.measure, part.breakdown.and(request.breakdown)))
            .collect();
        let (rows, is_whole) = self.cells(&parts, &area.code, request.period).await?;
        let (value, status, why) = if rows.is_empty() || rows.iter().any(|row| !row.sample) {
            self.figure(house, measure, area, request)
        } else {
            // Samples are in no series: what they add up to is shown and counts nowhere.
            let value = rows.iter().try_fold(0_i64, |sum, row| sum.checked_add(row.value?));
            let mut status: Marks = rows.iter().flat_map(|row| row.marks.iter()).collect();
            if !is_whole {
                status.insert(Mark::X);
            }
            (value.filter(|_| is_whole), status, None)
        };
        let population =
            house.definitions.populations.of(area, request.period).filter(|_| measure.per_1000);
        Ok(Trace {
            figure: TracedFigure {
                measure: measure.id.clone(),
                area: AreaView { code: area.code.clone(), name: area.name.clone() },
                period: request.period,
                breakdown: request.breakdown.clone(),
                value: number(value, measure),
                status,
                why,
                population: population.map(|it| {
                    format!("{} residents, {} (populations.csv)", it.residents, it.vintage)
                }),
            },
            from: rows.into_iter().map(traced).collect(),
            peers: Vec::new(),
        })
    }

    /// The figure as indicators have it: held, blocked and divided alike.
    fn figure(
        &self,
        house: &House,
        measure: &Measure,
        area: &Area,
        request: &TraceRequest<'_>,
    ) -> (Option<i64>, Marks, Option<String>) {
        let key = analysis::IndicatorKey {
            measure: measure.id.clone(),
            area: area.code.clone(),
            breakdown: request.breakdown.clone(),
        };
        let definitions = self.material.definitions(house);
        let series = &self.material.series;
        match analysis::figure_of(series, &key, request.period, &definitions) {
            Some((figure, why)) => (figure.value, figure.marks, why),
            None => (None, Marks::of(Mark::X), None),
        }
    }

    /// The cells of a figure: of exactly the periods that the indicator was made from. Where those
    /// do not fill the period, the cells there are, and false: they are no figure together.
    async fn cells(
        &self,
        parts: &[(MeasureId, Breakdown)],
        area: &AreaCode,
        period: Period,
    ) -> Result<(Vec<TraceRow>, bool), PipelineError> {
        let Some((lake, version)) = &self.lake else { return Ok((Vec::new(), false)) };
        let (mut rows, mut is_whole) = (Vec::new(), true);
        for (part, breakdown) in parts {
            let key = SeriesKey {
                measure: part.clone(),
                area: area.clone(),
                breakdown: breakdown.clone(),
            };
            let points = self.material.series.series.get(&key);
            let tiles = points.and_then(|points| analysis::tiles(points, period));
            let wanted = tiles
                .clone()
                .unwrap_or_else(|| period.months().map(Period::month).chain([period]).collect());
            let part = std::slice::from_ref(part);
            let found = lake.trace(version, part, area, &wanted, breakdown).await?;
            // Samples are in no series: what there is of them is all there is.
            is_whole &=
                tiles.is_some() || (!found.is_empty() && found.iter().all(|row| row.sample));
            rows.extend(found);
        }
        Ok((rows, is_whole))
    }
}

fn traced(row: TraceRow) -> TracedCell {
    TracedCell {
        submission: row.submission.to_string(),
        file: row.file,
        sheet: row.sheet,
        cell: row.cell.map(|cell| cell.to_string()),
        raw: row.raw,
        value: row.value,
        status: row.marks,
        repair: row.repair,
        period: row.period,
        measure: row.measure,
        breakdown: row.breakdown,
        source: row.source.to_string(),
        sample: row.sample,
    }
}
