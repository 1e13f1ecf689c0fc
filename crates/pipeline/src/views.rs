//! What an operator looks at: indicators, traces, queries. Reading only; exact values.

use analysis::{Assessed, AssessedTable, IndicatorKey};
use lake::{Lake, LakeVersion, QueryFormat, TraceRow};
use model::{
    AreaCode, Breakdown, Figure, Finding, Mark, Marks, Measure, MeasureId, Month, Period,
    SeriesKey, SeriesTable, Severity,
};
use serde::Serialize;

use crate::error::PipelineError;
use crate::house::House;
use crate::ingest::open_lake;

/// An area by code and name.
#[derive(Clone, Debug, Serialize)]
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

/// A control chart, in short.
#[derive(Clone, Debug, Serialize)]
pub struct SpcView {
    /// How many months.
    pub points: usize,
    /// Centre line.
    pub mean: f64,
    /// Lower limit.
    pub lower: f64,
    /// Upper limit.
    pub upper: f64,
    /// `common-cause`, `special-high` or `special-low`.
    pub state: &'static str,
}

/// An indicator with its keys, as `indicators --json` prints it.
#[derive(Clone, Debug, Serialize)]
pub struct IndicatorView {
    /// What is counted.
    pub measure: MeasureId,
    /// Its name for readers.
    pub label: String,
    /// Where.
    pub area: AreaView,
    /// Which part.
    pub breakdown: Breakdown,
    /// When.
    pub period: Period,
    /// In which unit: whole things, pounds or percent.
    pub unit: model::Unit,
    /// The figure, in the unit.
    pub value: Option<Number>,
    /// Every mark on the figure and on what it is compared with.
    pub status: Marks,
    /// Marks on the figure alone.
    pub value_status: Marks,
    /// The same period a year before.
    pub same_quarter_last_year: Option<Number>,
    /// Marks on it.
    pub same_quarter_last_year_status: Marks,
    /// Difference.
    pub change: Option<Number>,
    /// Difference in percent, one decimal.
    pub change_pct: Option<f64>,
    /// The 12 months that end with the period.
    pub rolling_12_months: Option<Number>,
    /// Marks on it.
    pub rolling_12_months_status: Marks,
    /// The 12 months before those.
    pub rolling_12_months_previous: Option<Number>,
    /// Per 1,000 residents, over `rate_period`.
    pub rate_per_1000: Option<f64>,
    /// Lower end of its 95 % interval.
    pub rate_lower: Option<f64>,
    /// Upper end.
    pub rate_upper: Option<f64>,
    /// What the rate is over.
    pub rate_period: Option<Period>,
    /// Population estimate of the rate.
    pub rate_population: Option<String>,
    /// Place among peers, best first.
    pub position: Option<u32>,
    /// How many peers.
    pub position_of: Option<u32>,
    /// Which peers.
    pub peers: Option<String>,
    /// Mean of the peers' rates.
    pub peer_average: Option<f64>,
    /// Control chart of months.
    pub spc: Option<SpcView>,
    /// `up`, `down`, `no-clear-change`, or nothing to compare with.
    pub direction: Option<&'static str>,
    /// `improving`, `concern`, `no-change` or `cannot-judge`.
    pub verdict: &'static str,
    /// Why, in one sentence.
    pub reason: String,
    /// Why figures are missing, one sentence each.
    pub gaps: Vec<String>,
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

/// Which indicators are wanted.
#[derive(Clone, Debug, Default)]
pub struct IndicatorFilter {
    /// For when; the newest period in the lake by default.
    pub period: Option<Period>,
    /// Only this measure.
    pub measure: Option<String>,
    /// Only this area: code, name or alias.
    pub area: Option<String>,
}

/// Computes indicators for the operator.
pub async fn indicators(
    house: &House,
    filter: &IndicatorFilter,
) -> Result<Vec<IndicatorView>, PipelineError> {
    let measure = filter.measure.as_deref().map(|name| find_measure(house, name)).transpose()?;
    let area = filter.area.as_deref();
    let Some((lake, version)) = lake_to_read(house).await? else {
        return Ok(Vec::new());
    };
    let series = lake.reduce(&version).await?;
    let Some(period) = filter.period.or_else(|| newest_period(house, &series)) else {
        return Ok(Vec::new());
    };
    // A name may mean a district or a partnership: show whichever the measure is counted for.
    let codes = area.map(|text| find_areas(house, text, measure)).transpose()?;
    let table = assessed(house, &series, period);
    let views = table
        .rows
        .iter()
        .filter(|(key, _)| measure.is_none_or(|measure| key.measure == measure.id))
        .filter(|(key, _)| codes.as_ref().is_none_or(|codes| codes.contains(&key.area)))
        .filter_map(|(key, assessed)| view(house, key, assessed, period))
        .collect();
    Ok(views)
}

fn assessed(house: &House, series: &SeriesTable, period: Period) -> AssessedTable {
    let definitions = &house.definitions;
    let analysis_definitions = analysis::Definitions {
        partnership: &definitions.partnership,
        measures: &definitions.measures,
        populations: &definitions.populations,
    };
    let table = analysis::compute(series, period, &analysis_definitions);
    analysis::assess(&table, &definitions.measures)
}

async fn lake_to_read(house: &House) -> Result<Option<(Lake, LakeVersion)>, PipelineError> {
    match house.ledger_to_read()? {
        Some(ledger) => open_lake(house, &ledger).await,
        None => Ok(None),
    }
}

fn find_measure<'a>(house: &'a House, name: &str) -> Result<&'a Measure, PipelineError> {
    let measures = &house.definitions.measures;
    measures.get(&MeasureId::new(name)).ok_or_else(|| {
        let hint = model::nearest(name, measures.keys().map(MeasureId::as_str))
            .map_or_else(String::new, |nearest| format!(": did you mean `{nearest}`?"));
        PipelineError::Usage(format!("there is no measure `{name}`{hint}"))
    })
}

/// The areas a text may mean; with a measure, only of the kind it is counted for.
fn find_areas(
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
fn newest_period(house: &House, series: &SeriesTable) -> Option<Period> {
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

fn number(value: Option<i64>, measure: &Measure) -> Option<Number> {
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

fn view(
    house: &House,
    key: &IndicatorKey,
    assessed: &Assessed,
    period: Period,
) -> Option<IndicatorView> {
    let Assessed { indicator, verdict, reason } = assessed;
    let measure = house.definitions.measures.get(&key.measure)?;
    let mut status = indicator.value.marks;
    for figure in [&indicator.year_before, &indicator.rolling_12_months] {
        let missing = figure.marks.iter().filter(|mark| mark.replaces_number());
        missing.for_each(|mark| status.insert(mark));
    }
    let marks = |figure: &Figure| figure.marks;
    let rate = indicator.rate.as_ref();
    #[expect(clippy::cast_precision_loss, reason = "tenths of a percent are far below 2^53")]
    let change_pct = indicator.change_tenths_pct.map(|tenths| tenths as f64 / 10.0);
    Some(IndicatorView {
        measure: key.measure.clone(),
        label: measure.label.clone(),
        area: AreaView {
            code: key.area.clone(),
            name: house.definitions.partnership.area_name(&key.area).to_owned(),
        },
        breakdown: key.breakdown.clone(),
        period,
        unit: measure.unit,
        value: number(indicator.value.value, measure),
        status,
        value_status: marks(&indicator.value),
        same_quarter_last_year: number(indicator.year_before.value, measure),
        same_quarter_last_year_status: marks(&indicator.year_before),
        change: number(indicator.change, measure),
        change_pct,
        rolling_12_months: number(indicator.rolling_12_months.value, measure),
        rolling_12_months_status: marks(&indicator.rolling_12_months),
        rolling_12_months_previous: number(indicator.rolling_12_months_previous.value, measure),
        rate_per_1000: rate.map(|rate| thousandths(rate.per_1000)),
        rate_lower: rate.map(|rate| thousandths(rate.interval.lower)),
        rate_upper: rate.map(|rate| thousandths(rate.interval.upper)),
        rate_period: rate.map(|rate| rate.period),
        rate_population: rate.map(|rate| format!("{} ({})", rate.residents, rate.vintage)),
        position: indicator.position.as_ref().map(|position| position.place),
        position_of: indicator.position.as_ref().map(|position| position.of),
        peers: indicator.position.as_ref().map(|position| position.peers.clone()),
        peer_average: indicator.peer_average.map(thousandths),
        spc: indicator.spc.as_ref().map(|spc| SpcView {
            points: spc.points,
            mean: thousandths(spc.mean),
            lower: thousandths(spc.lower),
            upper: thousandths(spc.upper),
            state: spc.state.as_str(),
        }),
        direction: indicator.direction.map(analysis::Direction::as_str),
        verdict: verdict.as_str(),
        reason: reason.clone(),
        gaps: indicator.gaps.clone(),
    })
}

/// Rounded to three decimals, so that what is printed is stable.
fn thousandths(value: f64) -> f64 {
    (value * 1000.0).round() / 1000.0
}

/// A figure and every cell it comes from.
#[derive(Clone, Debug, Serialize)]
pub struct Trace {
    /// The figure.
    pub figure: TracedFigure,
    /// Its cells.
    pub from: Vec<TracedCell>,
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
    /// Of a figure that is a sum of measures: which one.
    pub measure: MeasureId,
    /// Where it came from.
    pub source: String,
    /// Whether it is a sample: never part of an indicator.
    pub sample: bool,
}

/// Follows a figure back to the cells it comes from.
pub async fn trace(
    house: &House,
    measure: &str,
    area: &str,
    period: Period,
    breakdown: &Breakdown,
) -> Result<Trace, PipelineError> {
    let measure = find_measure(house, measure)?;
    let area = house
        .definitions
        .partnership
        .find_area(area, Some(measure.geography))
        .map_err(|error| PipelineError::Usage(error.to_string()))?;
    let parts =
        if measure.sum_of.is_empty() { vec![measure.id.clone()] } else { measure.sum_of.clone() };
    let (rows, is_whole) = match lake_to_read(house).await? {
        Some((lake, version)) => {
            cells(&lake, &version, &parts, &area.code, period, breakdown).await?
        }
        None => (Vec::new(), false),
    };
    let value = rows
        .iter()
        .try_fold(0_i64, |sum, row| sum.checked_add(row.value?))
        .filter(|_| is_whole && !rows.is_empty());
    let mut status: Marks = rows.iter().flat_map(|row| row.marks.iter()).collect();
    if rows.is_empty() || !is_whole {
        status.insert(Mark::X);
    } else if measure.provisional {
        status.insert(Mark::P);
    }
    Ok(Trace {
        figure: TracedFigure {
            measure: measure.id.clone(),
            area: AreaView { code: area.code.clone(), name: area.name.clone() },
            period,
            breakdown: breakdown.clone(),
            value: number(value, measure),
            status,
        },
        from: rows.into_iter().map(traced).collect(),
    })
}

/// The cells of a figure: of exactly the periods that the indicator was made from. Where those do
/// not fill the period, the cells there are, and false: they are no figure together.
async fn cells(
    lake: &Lake,
    version: &LakeVersion,
    parts: &[MeasureId],
    area: &AreaCode,
    period: Period,
    breakdown: &Breakdown,
) -> Result<(Vec<TraceRow>, bool), PipelineError> {
    let series = lake.reduce(version).await?.series;
    let (mut rows, mut is_whole) = (Vec::new(), true);
    for part in parts {
        let key =
            SeriesKey { measure: part.clone(), area: area.clone(), breakdown: breakdown.clone() };
        let tiles = series.get(&key).and_then(|points| analysis::tiles(points, period));
        let wanted = tiles
            .clone()
            .unwrap_or_else(|| period.months().map(Period::month).chain([period]).collect());
        let part = std::slice::from_ref(part);
        let found = lake.trace(version, part, area, &wanted, breakdown).await?;
        // Samples are in no series: what there is of them is all there is.
        is_whole &= tiles.is_some() || (!found.is_empty() && found.iter().all(|row| row.sample));
        rows.extend(found);
    }
    Ok((rows, is_whole))
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
        source: row.source.to_string(),
        sample: row.sample,
    }
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
