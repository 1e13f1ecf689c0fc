//! The computed indicators, as an operator looks at them: exact.

use analysis::{Assessed, IndicatorKey};
use model::{Mark, Marks, Measure, Period};

pub use self::view::{
    CoverageView, HeldView, IndicatorFilter, IndicatorView, LimitsView, ShareView, SpcView,
    TargetView,
};
use crate::error::PipelineError;
use crate::house::House;
use crate::ingest::open_lake;
use crate::material::{Material, known_at};
use crate::register::{RegisterLine, register};
use crate::views::{AreaView, find_areas, find_measure, newest_period, number};

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
    // A name may mean a district or a partnership: show whichever the measure is counted for.
    let codes = area.map(|text| find_areas(house, text, measure)).transpose()?;
    let table = material.assessed(house, period);
    let register = register(house, Some(&ledger), period)?;
    let views = table
        .rows
        .iter()
        .filter(|(key, _)| measure.is_none_or(|measure| key.measure == measure.id))
        .filter(|(key, _)| codes.as_ref().is_none_or(|codes| codes.contains(&key.area)))
        .filter_map(|(key, assessed)| view(house, key, assessed, period, &register))
        .collect();
    Ok(views)
}

fn view(
    house: &House,
    key: &IndicatorKey,
    assessed: &Assessed,
    period: Period,
    register: &[RegisterLine],
) -> Option<IndicatorView> {
    let Assessed { indicator, statuses, verdict, reason } = assessed;
    let measure = house.definitions.measures.get(&key.measure)?;
    let mut status = indicator.value.marks;
    for figure in [&indicator.year_before, &indicator.rolling_12_months] {
        let missing = figure.marks.iter().filter(|mark| mark.replaces_number() || *mark == Mark::B);
        missing.for_each(|mark| status.insert(mark));
    }
    let rate = indicator.rate.as_ref();
    let rate_status: Marks = rate.and_then(analysis::Rate::mark).into_iter().collect();
    let change = indicator.change;
    let rolling = indicator.rolling_change;
    let position = |position: &Option<analysis::Position>| position.as_ref().map(|it| it.place);
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
        value_status: indicator.value.marks,
        share: indicator.share.map(|share| ShareView {
            part: share.part,
            whole: share.whole,
            lower_pct: thousandths(share.interval_pct.lower),
            upper_pct: thousandths(share.interval_pct.upper),
        }),
        same_quarter_last_year: number(indicator.year_before.value, measure),
        same_quarter_last_year_status: indicator.year_before.marks,
        change: number(change.map(|change| change.absolute), measure),
        change_pct: change.and_then(|change| change.tenths_pct).map(tenths),
        change_p: change.and_then(|change| change.p_value).map(significant),
        change_evidence: change.and_then(|change| change.evidence).map(analysis::Evidence::as_str),
        rolling_12_months: number(indicator.rolling_12_months.value, measure),
        rolling_12_months_status: indicator.rolling_12_months.marks,
        rolling_12_months_previous: number(indicator.rolling_12_months_previous.value, measure),
        rolling_change: number(rolling.map(|change| change.absolute), measure),
        rolling_change_pct: rolling.and_then(|change| change.tenths_pct).map(tenths),
        rolling_change_evidence: rolling
            .and_then(|change| change.evidence)
            .map(analysis::Evidence::as_str),
        year_to_date: number(indicator.year_to_date.value, measure),
        year_to_date_last_year: number(indicator.year_to_date_previous.value, measure),
        rate_per_1000: rate.map(|rate| thousandths(rate.per_1000)),
        rate_lower: rate.map(|rate| thousandths(rate.interval.lower)),
        rate_upper: rate.map(|rate| thousandths(rate.interval.upper)),
        rate_period: rate.map(|rate| rate.period),
        rate_population: rate.map(|rate| format!("{} ({})", rate.residents, rate.vintage)),
        rate_status,
        position: position(&indicator.position),
        position_of: indicator.position.as_ref().map(|position| position.of),
        position_tied: indicator.position.as_ref().map(|position| position.tied),
        position_last_year: position(&indicator.position_year_before),
        peers: indicator.position.as_ref().map(|position| position.peers.clone()),
        peer_average: indicator.peer_average.map(thousandths),
        peer_limits: indicator.peers.and_then(|peers| limits(&peers)),
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
        coverage: coverage(house, measure, register),
    })
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
            analysis::HeldAgainst::YearBefore => "same-months-last-year",
            analysis::HeldAgainst::Median => "median-of-earlier-periods",
        },
        reason: held.reason(),
    }
}

/// Which returns an indicator of the period hangs on, and where they stand.
fn coverage(house: &House, measure: &Measure, register: &[RegisterLine]) -> Vec<CoverageView> {
    let sent = measure.sent_as();
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
