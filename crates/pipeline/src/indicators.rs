//! The computed indicators, as an operator looks at them: exact.

use analysis::{Assessed, Change, Indicator, IndicatorKey};
use model::{Figure, Mark, Measure, Period};

pub use self::all::{AllIndicators, all_indicators};
pub use self::view::{
    CoverageView, FiguresView, HeldView, IndicatorFilter, IndicatorView, LimitsView, PeersView,
    ShareView, SpcView, StatusView, TargetView,
};
use crate::error::PipelineError;
use crate::house::House;
use crate::ingest::open_lake;
use crate::material::{Material, known_at};
use crate::register::{RegisterLine, register};
use crate::views::{AreaView, find_areas, find_measure, newest_period, number};

mod all;
mod view;

/// Computes indicators for the operator.
pub async fn indicators(
    house: &House,
    filter: &IndicatorFilter,
) -> Result<Vec<IndicatorView>, PipelineError> {
    let measure = filter.measure.as_deref().map(|name| find_measure(house, name)).transpose()?;
    let area = filter.area.as_deref();
    let Some(ledger) = house.ledger_to_read()? else { return Ok(Vec::new()) };
    let Some((lake, newest)) = open_lake(house, &ledger).await? else { return Ok(Vec::new()) };
    let version = match &filter.as_known_at {
        Some(text) => known_at(&ledger, text, newest)?,
        None => newest,
    };
    let material = Material::gather(&ledger, &lake, &version).await?;
    let Some(period) = filter.period.or_else(|| newest_period(house, &material.series)) else {
        return Ok(Vec::new());
    };
    let register = register(house, Some(&ledger), period)?;
    let material = material.knowing(house, &register);
    // A name may mean a district or a partnership: show whichever the measure is counted for.
    let codes = area.map(|text| find_areas(house, text, measure)).transpose()?;
    let mut views = views(house, &material, period, &register);
    views.retain(|view| {
        measure.is_none_or(|measure| view.measure == measure.id)
            && codes.as_ref().is_none_or(|codes| codes.contains(&view.area.code))
    });
    Ok(views)
}

/// Every indicator of a period.
fn views(
    house: &House,
    material: &Material,
    period: Period,
    register: &[RegisterLine],
) -> Vec<IndicatorView> {
    let table = material.assessed(house, period);
    let rows = table.rows.iter();
    rows.filter_map(|(key, assessed)| view(house, key, assessed, period, register)).collect()
}

fn view(
    house: &House,
    key: &IndicatorKey,
    assessed: &Assessed,
    period: Period,
    register: &[RegisterLine],
) -> Option<IndicatorView> {
    let measure = house.definitions.measures.get(&key.measure)?;
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
        figures: figures(&assessed.indicator, measure),
        peers: peers(&assessed.indicator),
        status: StatusView {
            coverage: coverage(house, measure, register),
            ..status(assessed, measure, period)
        },
    })
}

fn figures(indicator: &Indicator, measure: &Measure) -> FiguresView {
    let mut status = indicator.value.marks;
    for figure in [&indicator.year_before, &indicator.rolling_12_months] {
        let missing = figure.marks.iter().filter(|mark| mark.replaces_number() || *mark == Mark::B);
        missing.for_each(|mark| status.insert(mark));
    }
    let whole = |figure: &Figure| number(figure.value, measure);
    let (change, rolling) = (indicator.change, indicator.rolling_change);
    let evidence =
        |change: Option<Change>| change.and_then(|it| it.evidence).map(analysis::Evidence::as_str);
    FiguresView {
        value: whole(&indicator.value),
        status,
        value_status: indicator.value.marks,
        share: indicator.share.map(|share| ShareView {
            part: share.part,
            whole: share.whole,
            lower_pct: thousandths(share.interval_pct.lower),
            upper_pct: thousandths(share.interval_pct.upper),
        }),
        same_quarter_last_year: whole(&indicator.year_before),
        same_quarter_last_year_status: indicator.year_before.marks,
        change: number(change.map(|change| change.absolute), measure),
        change_pct: change.and_then(|change| change.tenths_pct).map(tenths),
        change_p: change.and_then(|change| change.p_value).map(significant),
        change_evidence: evidence(change),
        rolling_12_months: whole(&indicator.rolling_12_months),
        rolling_12_months_status: indicator.rolling_12_months.marks,
        rolling_12_months_previous: whole(&indicator.rolling_12_months_previous),
        rolling_change: number(rolling.map(|change| change.absolute), measure),
        rolling_change_pct: rolling.and_then(|change| change.tenths_pct).map(tenths),
        rolling_change_evidence: evidence(rolling),
        year_to_date: whole(&indicator.year_to_date),
        year_to_date_last_year: whole(&indicator.year_to_date_previous),
    }
}

fn peers(indicator: &Indicator) -> PeersView {
    let rate = indicator.rate.as_ref();
    let position = indicator.position.as_ref();
    PeersView {
        rate_per_1000: rate.map(|rate| thousandths(rate.per_1000)),
        rate_lower: rate.map(|rate| thousandths(rate.interval.lower)),
        rate_upper: rate.map(|rate| thousandths(rate.interval.upper)),
        rate_period: rate.map(|rate| rate.period),
        rate_population: rate.map(|rate| format!("{} ({})", rate.residents, rate.vintage)),
        rate_status: rate.and_then(analysis::Rate::mark).into_iter().collect(),
        position: position.map(|position| position.place),
        position_of: position.map(|position| position.of),
        position_tied: position.map(|position| position.tied),
        position_last_year: indicator.position_year_before.as_ref().map(|it| it.place),
        peers: position.map(|position| position.peers.clone()),
        peer_average: indicator.peer_average.map(thousandths),
        peer_limits: indicator.peers.and_then(|peers| limits(&peers)),
    }
}

/// Everything but coverage, which the register knows.
fn status(assessed: &Assessed, measure: &Measure, period: Period) -> StatusView {
    let Assessed { indicator, statuses, verdict, reason } = assessed;
    StatusView {
        spc: indicator.spc.as_ref().map(spc_view),
        no_chart: indicator.no_chart.clone(),
        target: indicator.target.map(|target| TargetView {
            monthly: number(Some(target.monthly), measure),
            status: statuses.target.as_str(),
        }),
        direction: indicator.direction.map(analysis::Direction::as_str),
        data: statuses.data.as_str(),
        variation: statuses.variation.as_str(),
        comparison: statuses.comparison.map_or("not-compared", analysis::FunnelFlag::as_str),
        target_status: statuses.target.as_str(),
        verdict: verdict.as_str(),
        reason: reason.clone(),
        sentence: analysis::sentence(assessed, measure, period),
        gaps: indicator.gaps.clone(),
        remarks: indicator.remarks.clone(),
        held: indicator.held.iter().map(held).collect(),
        coverage: Vec::new(),
    }
}

fn spc_view(spc: &analysis::SpcSummary) -> SpcView {
    SpcView {
        points: spc.points,
        of: match spc.of {
            analysis::Charted::Months => "months",
            analysis::Charted::YearOnYear => "months-less-same-month-last-year",
        },
        first_month: spc.first_month.to_string(),
        trial_limits: spc.trial,
        began: spc.began.clone(),
        mean: thousandths(spc.mean),
        lower: thousandths(spc.lower),
        upper: thousandths(spc.upper),
        state: spc.state.as_str(),
        rule: spc.rule.map(analysis::SpcRule::as_str),
    }
}

fn limits(peers: &analysis::PeerStanding) -> Option<LimitsView> {
    let analysis::PeerLimits::Funnel { watch, exception, overdispersed } = peers.limits else {
        return None;
    };
    Some(LimitsView {
        watch_lower: thousandths(watch.lower),
        watch_upper: thousandths(watch.upper),
        exception_lower: thousandths(exception.lower),
        exception_upper: thousandths(exception.upper),
        widened_for_overdispersion: overdispersed,
    })
}

fn held(held: &analysis::Held) -> HeldView {
    HeldView {
        figure: held.figure.to_string(),
        value: held.value,
        usual: held.usual,
        against: match held.against {
            analysis::HeldAgainst::EarlierYear { .. } => "same-months-of-an-earlier-year",
            analysis::HeldAgainst::Median => "median-of-earlier-periods",
        },
        reason: held.reason(),
    }
}

/// Which returns an indicator of the period hangs on, and where they stand.
fn coverage(house: &House, measure: &Measure, register: &[RegisterLine]) -> Vec<CoverageView> {
    let sent = measure.sent_as(&house.definitions.measures);
    let carries = |line: &&RegisterLine| {
        let contract = house.definitions.contracts.get(&line.return_id);
        contract.is_some_and(|contract| contract.measures().iter().any(|id| sent.contains(id)))
    };
    register
        .iter()
        .filter(carries)
        .map(|line| CoverageView {
            return_id: line.return_id.clone(),
            partner: line.partner.clone(),
            state: line.state.as_str(),
        })
        .collect()
}

#[expect(clippy::cast_precision_loss, reason = "tenths of a percent are far below 2^53")]
fn tenths(value: i64) -> f64 {
    value as f64 / 10.0
}

/// Rounded to three decimals, so that what is printed is stable.
fn thousandths(value: f64) -> f64 {
    (value * 1000.0).round() / 1000.0
}

/// Four significant digits: of a probability more would only look exact.
fn significant(value: f64) -> f64 {
    format!("{value:.3e}").parse().unwrap_or(value)
}
