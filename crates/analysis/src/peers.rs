//! Positions among peers, now and a year before, and how a rate stands among theirs.
//!
//! Group average: the mean of the rates of all members, the area itself included (Home Office,
//! Most Similar Groups). A position is refused when any member is missing or flagged: a place
//! among some of the peers flatters whoever is left.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use model::{AreaCode, Breakdown, Measure, PeerSet, Period, Polarity};

use crate::definitions::Definitions;
use crate::funnel::{FunnelFlag, FunnelShape, funnel};
use crate::gate::Held;
use crate::indicator::{
    DataStatus, Indicator, IndicatorKey, IndicatorTable, PeerLimits, PeerRate, PeerRates,
    PeerStanding, Position, Rate,
};
use crate::rate::{Confidence, Interval, as_f64, count_interval};

/// With fewer areas a funnel says little: each area's own interval is used.
const FUNNEL_AREAS_MIN: usize = 10;

/// Gives every indicator with a rate its place, and says why where it has none.
pub(crate) fn place_among_peers(table: &mut IndicatorTable, definitions: &Definitions<'_>) {
    for measure in definitions.measures.values().filter(|measure| measure.per_1000) {
        let Some(peers) = definitions.partnership.peers_of(measure) else {
            continue;
        };
        place(table, measure, peers, definitions);
    }
}

fn place(
    table: &mut IndicatorTable,
    measure: &Measure,
    peers: &PeerSet,
    definitions: &Definitions<'_>,
) {
    let key = |area: &AreaCode| IndicatorKey {
        measure: measure.id.clone(),
        area: area.clone(),
        breakdown: Breakdown::all(),
    };
    let label = if peers.vintage.is_empty() {
        peers.label.clone()
    } else {
        format!("{} ({})", peers.label, peers.vintage)
    };
    let now = standings(table, peers, &key, |indicator| {
        (indicator.rate.clone(), !indicator.remarks.is_empty())
    });
    let before = standings(table, peers, &key, |indicator| {
        (indicator.rate_year_before.clone(), indicator.flagged_year_before)
    });
    let name = |area: &AreaCode| definitions.partnership.area_name(area).to_owned();
    let why_not = now.why_not(&label, name);
    let average = why_not.is_none().then(|| now.average());
    let funnel = if why_not.is_none() { now.against_limits(average) } else { Limits::default() };
    let outside = format!("no position among {label}: it is not one of them");
    for (key, indicator) in &mut table.indicators {
        let is_outside = key.measure == measure.id && !peers.areas.contains(&key.area);
        if is_outside && indicator.rate.is_some() {
            indicator.gaps.push(outside.clone());
        }
    }
    for (index, (area, rate)) in now.members.iter().enumerate() {
        let Some(indicator) = table.indicators.get_mut(&key(area)) else { continue };
        let Some(rate) = rate else { continue };
        if let Some(why) = &why_not {
            indicator.gaps.push(why.clone());
            continue;
        }
        indicator.peer_average = average;
        indicator.position = Some(now.position(rate, measure, &label));
        indicator.peers = funnel.standings.get(index).copied();
        if definitions.partnership.home.get(&measure.geography) == Some(area) {
            indicator.peer_rates = now.rates(&funnel, rate.period);
        }
        let then = before.members.get(index).and_then(|(_, rate)| rate.as_ref());
        match (then, before.why_not(&label, name)) {
            (Some(then), None) => {
                indicator.position_year_before = Some(before.position(then, measure, &label));
            }
            (_, Some(why)) if then.is_some() => {
                indicator.gaps.push(format!("a year before, {why}"));
            }
            _ => {}
        }
    }
}

/// How each member stands, and the funnel there is.
#[derive(Default)]
struct Limits {
    standings: Vec<PeerStanding>,
    shape: Option<FunnelShape>,
}

/// The members of a peer set with their rates over one stretch.
struct Standings {
    members: Vec<(AreaCode, Option<Rate>)>,
    flagged: Vec<AreaCode>,
    /// Why members have no rate, where that is known.
    reasons: BTreeSet<String>,
}

fn standings(
    table: &IndicatorTable,
    peers: &PeerSet,
    key: &impl Fn(&AreaCode) -> IndicatorKey,
    rate_of: impl Fn(&Indicator) -> (Option<Rate>, bool),
) -> Standings {
    let mut standings =
        Standings { members: Vec::new(), flagged: Vec::new(), reasons: BTreeSet::new() };
    for area in &peers.areas {
        let indicator = table.indicators.get(&key(area));
        let (rate, is_flagged) = indicator.map(&rate_of).unwrap_or_default();
        if let Some(indicator) = indicator {
            match &rate {
                Some(_) if is_flagged => standings.flagged.push(area.clone()),
                Some(_) => {}
                None => {
                    let held =
                        indicator.held.first().filter(|_| indicator.data == DataStatus::Held);
                    let no_rate = indicator.gaps.iter().find(|gap| gap.starts_with("no rate"));
                    let why = indicator.blocked.clone();
                    let why = why.or_else(|| held.map(Held::reason)).or_else(|| no_rate.cloned());
                    standings.reasons.extend(why);
                }
            }
        }
        standings.members.push((area.clone(), rate));
    }
    standings
}

impl Standings {
    fn known(&self) -> impl Iterator<Item = &Rate> {
        self.members.iter().filter_map(|(_, rate)| rate.as_ref())
    }

    /// Why there is no position; none when there is.
    fn why_not(&self, label: &str, name: impl Fn(&AreaCode) -> String) -> Option<String> {
        let missing: Vec<String> = self
            .members
            .iter()
            .filter(|(_, rate)| rate.is_none())
            .map(|(area, _)| name(area))
            .collect();
        if !missing.is_empty() {
            let reasons: Vec<&str> = self.reasons.iter().map(String::as_str).collect();
            let why = match reasons.as_slice() {
                [] => String::new(),
                reasons => format!(" ({})", reasons.join("; ")),
            };
            let missing = missing.join(", ");
            return Some(format!("no position among {label}: no figure for {missing}{why}"));
        }
        if !self.flagged.is_empty() {
            let flagged: Vec<String> = self.flagged.iter().map(&name).collect();
            let flagged = flagged.join(", ");
            let why = format!("the figures of {flagged} carry a note on their source");
            return Some(format!("no position among {label}: {why}"));
        }
        let first = self.known().next()?;
        let unlike = if self.known().any(|rate| rate.period != first.period) {
            "their figures are about different months"
        } else if self.known().any(|rate| rate.vintage != first.vintage) {
            "their populations are estimates of different years"
        } else {
            return None;
        };
        Some(format!("no position among {label}: {unlike}"))
    }

    /// Added up in order of size, so that the order of the peers makes no difference, not even in
    /// the last digit.
    fn average(&self) -> f64 {
        let mut rates: Vec<f64> = self.known().map(|rate| rate.per_1000).collect();
        rates.sort_unstable_by(f64::total_cmp);
        let count = i64::try_from(rates.len()).unwrap_or(i64::MAX);
        rates.iter().sum::<f64>() / as_f64(count)
    }

    fn position(&self, own: &Rate, measure: &Measure, label: &str) -> Position {
        // Rates are compared as fractions, so that equal ones are equal.
        let compare = |left: &Rate, right: &Rate| -> Ordering {
            let left = (i128::from(left.events), i128::from(left.residents));
            let right = (i128::from(right.events), i128::from(right.residents));
            (left.0 * right.1).cmp(&(right.0 * left.1))
        };
        // Where neither is better the lowest comes first, which is said where it is shown.
        let better = |other: &Rate| match measure.polarity {
            Polarity::HigherIsBetter => compare(other, own).is_gt(),
            Polarity::LowerIsBetter | Polarity::Neutral => compare(other, own).is_lt(),
        };
        let ahead = self.known().filter(|rate| better(rate)).count();
        let level = self.known().filter(|rate| compare(rate, own).is_eq()).count();
        Position {
            place: u32::try_from(ahead + 1).unwrap_or(u32::MAX),
            tied: level > 1,
            of: u32::try_from(self.known().count()).unwrap_or(u32::MAX),
            peers: label.to_owned(),
        }
    }

    /// Every member against funnel limits, or its own intervals against the average.
    fn against_limits(&self, average: Option<f64>) -> Limits {
        let counts: Vec<(i64, i64)> =
            self.known().map(|rate| (rate.events, rate.residents)).collect();
        if counts.len() >= FUNNEL_AREAS_MIN
            && let Some(funnel) = funnel(&counts)
        {
            let overdispersed = funnel.overdispersed;
            let shape = Some(FunnelShape { centre: funnel.centre, tau2: funnel.tau2 });
            let standings = funnel
                .areas
                .iter()
                .zip(self.known())
                .map(|(area, _)| PeerStanding {
                    flag: area.flag,
                    limits: PeerLimits::Funnel {
                        watch: scaled(area.watch, 1000.0),
                        exception: scaled(area.exception, 1000.0),
                        overdispersed,
                    },
                })
                .collect();
            return Limits { standings, shape };
        }
        let Some(average) = average else { return Limits::default() };
        let standings = self.known().map(|rate| PeerStanding {
            flag: own_flag(rate, average),
            limits: PeerLimits::OwnInterval,
        });
        Limits { standings: standings.collect(), shape: None }
    }

    /// Every member as it is drawn; none while a member has no rate.
    fn rates(&self, limits: &Limits, period: Period) -> Option<PeerRates> {
        let members = self.members.iter().zip(&limits.standings).map(|((area, rate), standing)| {
            let Rate { per_1000, interval, residents, .. } = rate.clone()?;
            Some(PeerRate {
                area: area.clone(),
                per_1000,
                interval,
                residents,
                flag: standing.flag,
            })
        });
        let mut members = members.collect::<Option<Vec<_>>>()?;
        members.sort_by(|one, other| one.area.cmp(&other.area));
        Some(PeerRates { members, period, funnel: limits.shape })
    }
}

fn scaled(interval: Interval, by: f64) -> Interval {
    Interval { lower: interval.lower * by, upper: interval.upper * by }
}

fn own_flag(rate: &Rate, average: f64) -> FunnelFlag {
    let per = 1000.0 / as_f64(rate.residents);
    let outside = |confidence: Confidence| {
        let interval = count_interval(rate.events, confidence)?;
        let interval = scaled(interval, per);
        if interval.lower > average {
            Some(Ordering::Greater)
        } else if interval.upper < average {
            Some(Ordering::Less)
        } else {
            None
        }
    };
    match (outside(Confidence::P998), outside(Confidence::P95)) {
        (Some(Ordering::Greater), _) => FunnelFlag::ExceptionHigh,
        (Some(_), _) => FunnelFlag::ExceptionLow,
        (None, Some(Ordering::Greater)) => FunnelFlag::WatchHigh,
        (None, Some(_)) => FunnelFlag::WatchLow,
        (None, None) => FunnelFlag::Within,
    }
}
