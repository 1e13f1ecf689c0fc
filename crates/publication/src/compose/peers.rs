//! Rates of peers as they are drawn: in order, and by number of residents.

use analysis::{Confidence, FunnelFlag, FunnelShape, PeerRates};
use model::Polarity;

use super::Reported;
use super::control::as_f64;
use super::figures::position_words;
use crate::partner_text::{NAME_MAX, clean};
use crate::report_model::{
    Bar, DataTable, Drawing, DrawingKind, FunnelDrawing, FunnelPoint, Level, PeerRateData,
    PointSign, RankedDrawing,
};
use crate::spec::ReportSpec;
use crate::words;

/// Places at which a limit is drawn.
const CURVE_STEPS: i32 = 48;

/// Every peer's rate with its interval, highest first.
pub(crate) fn ranked(row: &Reported<'_>, spec: &ReportSpec<'_>) -> Option<Drawing> {
    let (rates, members) = members(row, spec)?;
    let average = row.shown.rate.as_ref()?.peer_average?;
    let bars = members.iter().map(|member| Bar {
        name: member.name.clone(),
        value: member.per_1000,
        lower: member.lower,
        upper: member.upper,
        label: two_decimals(member.per_1000),
        is_home: member.is_home,
    });
    let title = title(row, spec);
    let label = format!("Average {}", two_decimals(average));
    Some(Drawing {
        id: format!("peers-{}", row.key.measure),
        alt: format!("{title}. The average of the group is {}.", two_decimals(average)),
        title,
        subtitle: subtitle(row, rates, "with 95% intervals"),
        notes: vec![standing(row)],
        table: table(&members),
        kind: DrawingKind::Ranked(RankedDrawing {
            bars: bars.collect(),
            average: Level { value: average, short: label.clone(), label },
        }),
    })
}

/// Every peer's rate by its residents, with limits; none for fewer than ten peers, nor where all lie
/// within the outer limits and the partnership's own within the inner ones: that says nothing more.
pub(crate) fn funnel(row: &Reported<'_>, spec: &ReportSpec<'_>) -> Option<Drawing> {
    let (rates, members) = members(row, spec)?;
    let shape = rates.funnel?;
    let says_more = members.iter().any(|member| match member.flag {
        FunnelFlag::Within => false,
        FunnelFlag::WatchHigh | FunnelFlag::WatchLow => member.is_home,
        FunnelFlag::ExceptionHigh | FunnelFlag::ExceptionLow => true,
    });
    if !says_more {
        return None;
    }
    let fewest = members.iter().map(|member| member.residents).min()?;
    let most = members.iter().map(|member| member.residents).max()?;
    let curve = |confidence: Confidence| curve(&shape, (fewest, most), confidence);
    let points = members.iter().map(|member| FunnelPoint {
        name: member.name.clone(),
        residents: as_f64(member.residents),
        rate: member.per_1000,
        sign: sign(member.flag, row.measure.polarity),
        is_home: member.is_home,
    });
    let centre = shape.centre * 1000.0;
    let title = format!("{}: {}", row.name, funnel_finding(&members));
    Some(Drawing {
        id: format!("funnel-{}", row.key.measure),
        alt: format!("{title}. {}", standing(row)),
        title,
        subtitle: subtitle(row, rates, "by number of residents"),
        notes: vec![standing(row), limits_used(row)],
        table: table(&members),
        kind: DrawingKind::Funnel(FunnelDrawing {
            points: points.collect(),
            centre: Level {
                value: centre,
                label: format!("All together {}", two_decimals(centre)),
                short: format!("All {}", two_decimals(centre)),
            },
            watch: curve(Confidence::P95),
            exception: curve(Confidence::P998),
        }),
    })
}

/// What the rates are over, for data files.
pub(crate) fn rates_over(row: &Reported<'_>) -> String {
    row.shown.peer_rates.as_ref().map_or_else(String::new, |rates| rates.period.to_string())
}

/// The same rates for data files.
pub(crate) fn rates_data(row: &Reported<'_>, spec: &ReportSpec<'_>) -> Vec<PeerRateData> {
    let members = members(row, spec).map(|(_, members)| members).unwrap_or_default();
    let rate = |member: Member| PeerRateData {
        per_1000: format!("{:.2}", member.per_1000),
        lower: format!("{:.2}", member.lower),
        upper: format!("{:.2}", member.upper),
        residents: member.residents,
        against_limits: against_limits(member.flag).to_owned(),
        is_home: member.is_home,
        area_code: member.code,
        area: member.name,
    };
    members.into_iter().map(rate).collect()
}

struct Member {
    code: String,
    name: String,
    per_1000: f64,
    lower: f64,
    upper: f64,
    residents: i64,
    flag: FunnelFlag,
    is_home: bool,
}

fn members<'a>(
    row: &'a Reported<'_>,
    spec: &ReportSpec<'_>,
) -> Option<(&'a PeerRates, Vec<Member>)> {
    let rates = row.shown.peer_rates.as_ref()?;
    let mut members: Vec<Member> = rates
        .members
        .iter()
        .map(|member| Member {
            code: member.area.to_string(),
            name: clean(spec.partnership.area_name(&member.area), NAME_MAX),
            per_1000: member.per_1000,
            lower: member.interval.lower,
            upper: member.interval.upper,
            residents: member.residents,
            flag: member.flag,
            is_home: member.area == row.key.area,
        })
        .collect();
    members.sort_by(|one, other| {
        other.per_1000.total_cmp(&one.per_1000).then_with(|| one.name.cmp(&other.name))
    });
    Some((rates, members))
}

fn two_decimals(number: f64) -> String {
    words::decimal(&format!("{number:.2}"))
}

/// `Robbery: Sevenoaks has the 3rd lowest rate of the 12 Kent districts`.
fn title(row: &Reported<'_>, spec: &ReportSpec<'_>) -> String {
    let area = super::indicators::area_name(row.key, spec);
    let place = position_words(row.shown, row.measure.polarity);
    format!("{}: {area} has the {place}", row.name)
}

fn subtitle(row: &Reported<'_>, rates: &PeerRates, how: &str) -> String {
    format!("{} per 1,000 residents, {}, {how}", row.name, rates.period.calendar())
}

/// How the partnership's own rate stands against the limits.
pub(crate) fn standing(row: &Reported<'_>) -> String {
    match row.shown.peers.map(|peers| peers.flag) {
        None | Some(FunnelFlag::Within) => "Its rate is within the range of its peers.",
        Some(FunnelFlag::WatchHigh) => "Its rate is above the range of its peers, to be watched.",
        Some(FunnelFlag::WatchLow) => "Its rate is below the range of its peers, to be watched.",
        Some(FunnelFlag::ExceptionHigh) => "Its rate is far above the range of its peers.",
        Some(FunnelFlag::ExceptionLow) => "Its rate is far below the range of its peers.",
    }
    .to_owned()
}

fn limits_used(row: &Reported<'_>) -> String {
    let widened = row.shown.peers.is_some_and(|peers| {
        matches!(peers.limits, analysis::PeerLimits::Funnel { overdispersed: true, .. })
    });
    if widened {
        "Limits are widened, since these areas differ by more than chance alone explains."
    } else {
        "Limits are those of chance alone."
    }
    .to_owned()
}

/// Who lies outside the outer limits.
fn funnel_finding(members: &[Member]) -> String {
    let outside = |wanted: FunnelFlag| -> Vec<String> {
        members.iter().filter(|it| it.flag == wanted).map(|it| it.name.clone()).collect()
    };
    let (high, low) = (outside(FunnelFlag::ExceptionHigh), outside(FunnelFlag::ExceptionLow));
    match (high.as_slice(), low.as_slice()) {
        ([], []) => "no area lies outside the 99.8% limits".to_owned(),
        (high, []) => format!("{} above the 99.8% limits", lie(high)),
        ([], low) => format!("{} below the 99.8% limits", lie(low)),
        (high, low) => {
            format!("{} above and {} below the 99.8% limits", lie(high), words::list(low, 3))
        }
    }
}

fn lie(names: &[String]) -> String {
    let verb = if names.len() == 1 { "lies" } else { "lie" };
    format!("{} {verb}", words::list(names, 3))
}

fn sign(flag: FunnelFlag, polarity: Polarity) -> PointSign {
    let is_high = match flag {
        FunnelFlag::Within | FunnelFlag::WatchHigh | FunnelFlag::WatchLow => {
            return PointSign::Usual;
        }
        FunnelFlag::ExceptionHigh => true,
        FunnelFlag::ExceptionLow => false,
    };
    PointSign::unusual(is_high, polarity)
}

/// A limit from well below the fewest residents to well above the most.
fn curve(
    shape: &FunnelShape,
    (fewest, most): (i64, i64),
    confidence: Confidence,
) -> Vec<(f64, f64, f64)> {
    let margin = ((most - fewest) / 12).max(most / 50);
    let (from, to) = ((fewest - margin).max(1), most.saturating_add(margin));
    let at = |step: i32| from + (to - from) / i64::from(CURVE_STEPS) * i64::from(step);
    (0..=CURVE_STEPS)
        .filter_map(|step| {
            let limits = shape.limits(at(step), confidence)?;
            Some((as_f64(at(step)), limits.lower * 1000.0, limits.upper * 1000.0))
        })
        .collect()
}

fn against_limits(flag: FunnelFlag) -> &'static str {
    match flag {
        FunnelFlag::Within => "Within the limits",
        FunnelFlag::WatchHigh => "Above the 95% limit",
        FunnelFlag::WatchLow => "Below the 95% limit",
        FunnelFlag::ExceptionHigh => "Above the 99.8% limit",
        FunnelFlag::ExceptionLow => "Below the 99.8% limit",
    }
}

fn table(members: &[Member]) -> DataTable {
    let rows = members.iter().map(|member| {
        vec![
            member.name.clone(),
            two_decimals(member.per_1000),
            two_decimals(member.lower),
            two_decimals(member.upper),
            words::amount(member.residents, model::Unit::Count),
            against_limits(member.flag).to_owned(),
        ]
    });
    DataTable {
        caption: "Rates of the chart, highest first".to_owned(),
        columns: [
            "Area",
            "Rate per 1,000",
            "Lower 95%",
            "Upper 95%",
            "Residents",
            "Against the limits",
        ]
        .map(str::to_owned)
        .to_vec(),
        rows: rows.collect(),
    }
}
