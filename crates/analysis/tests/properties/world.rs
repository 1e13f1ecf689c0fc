//! Generated partnerships, and what is asked of their tables again and again.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use analysis::{
    AssessedTable, Charted, Definitions, DisclosedTable, DisclosureRules, Indicator, IndicatorKey,
    IndicatorTable, Releases, SpcSummary, assess, compute, disclose,
};
use model::{
    Area, AreaCode, Breakdown, Disclosure, Figure, Geography, Mark, Measure, MeasureId, Operand,
    Partnership, PeerSet, Per, Period, Point, Polarity, Population, Populations, Quotient,
    SeriesKey, SeriesTable, SourceNotes, SubmissionHash, SuccessMeasure, SuccessRule, Target, Unit,
};
use proptest::prelude::*;
use proptest::sample::select;

/// Everything a table is made of.
#[derive(Clone)]
pub(crate) struct World {
    pub(crate) period: Period,
    pub(crate) partnership: Partnership,
    pub(crate) measures: BTreeMap<MeasureId, Measure>,
    pub(crate) populations: Populations,
    pub(crate) notes: SourceNotes,
    pub(crate) releases: Releases,
    pub(crate) series: SeriesTable,
    pub(crate) absent: BTreeMap<MeasureId, String>,
    pub(crate) earlier: Option<SeriesTable>,
}

impl fmt::Debug for World {
    /// Short enough to be read: one line a series, newest first.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let polarity = self.measures.values().next().map(|measure| measure.polarity);
        writeln!(formatter, "{} {polarity:?} {:?}", self.period, self.notes)?;
        for (area, population) in &self.populations.0 {
            writeln!(formatter, "{area}: {population:?}")?;
        }
        for (key, points) in &self.series.series {
            write!(formatter, "{}[{}]/{}:", key.measure, key.breakdown, key.area)?;
            for (period, point) in points.iter().rev() {
                let value = point.figure.value.map_or("-".to_owned(), |value| value.to_string());
                write!(formatter, " {period}={value}{}", point.figure.marks)?;
            }
            writeln!(formatter)?;
        }
        writeln!(formatter, "{:?}", self.releases)
    }
}

impl World {
    pub(crate) fn definitions(&self) -> Definitions<'_> {
        Definitions {
            partnership: &self.partnership,
            measures: &self.measures,
            populations: &self.populations,
            notes: &self.notes,
            releases: &self.releases,
            absent: &self.absent,
            earlier: self.earlier.as_ref(),
        }
    }

    pub(crate) fn table(&self) -> IndicatorTable {
        compute(&self.series, self.period, &self.definitions())
    }

    pub(crate) fn assessed(&self) -> AssessedTable {
        assess(&self.table(), &self.measures)
    }

    pub(crate) fn disclosed(&self) -> DisclosedTable {
        disclose(&self.assessed(), DisclosureRules { measures: &self.measures })
    }

    /// The 12 months that end with the period.
    pub(crate) fn twelve(&self) -> Period {
        Period::ending(self.period.last(), 12)
    }

    /// The measures as sent that a measure is made from, through every step; itself included.
    pub(crate) fn made_from(&self, measure: &MeasureId) -> BTreeSet<MeasureId> {
        let mut all = BTreeSet::from([measure.clone()]);
        let measure = &self.measures[measure];
        let sides = measure.quotient.iter().flat_map(|it| [&it.numerator, &it.denominator]);
        for part in sides.map(|side| &side.measure).chain(&measure.sum_of) {
            all.extend(self.made_from(part));
        }
        all
    }

    /// The areas that a measure's positions are among.
    pub(crate) fn peers(&self, measure: &MeasureId) -> &[AreaCode] {
        let peers = self.partnership.peers_of(&self.measures[measure]);
        peers.map_or(&[], |peers| &peers.areas)
    }
}

/// What an indicator says of its own area: not its place among others.
pub(crate) fn own(indicator: &Indicator) -> Indicator {
    let mut own = Indicator {
        position: None,
        position_year_before: None,
        peers: None,
        peer_average: None,
        peer_rates: None,
        ..indicator.clone()
    };
    own.gaps.retain(|gap| !gap.contains("no position among"));
    own
}

/// The months a chart is drawn of, with those that year-on-year differences begin at.
pub(crate) fn charted(spc: &SpcSummary) -> Period {
    let back = if spc.of == Charted::YearOnYear { -12 } else { 0 };
    Period::new(spc.first_month.plus(back), spc.latest_month).expect("in order")
}

/// The financial quarters of [`SpcSummary::last_quarters`], as one stretch.
pub(crate) fn last_quarters(period: Period) -> Period {
    Period::ending(period.last(), 12)
}

pub(crate) fn whole(measure: &str, area: &AreaCode) -> IndicatorKey {
    IndicatorKey { measure: measure.into(), area: area.clone(), breakdown: Breakdown::all() }
}

pub(crate) fn point(figure: Figure) -> Point {
    Point { figure, submission: SubmissionHash::of(b"made up") }
}

/// Series that partners send: measure and breakdown.
pub(crate) const SENT: [(&str, &str); 13] = [
    ("open", ""),
    ("open", "kind=a"),
    ("open", "kind=b"),
    ("other", ""),
    ("rounded", ""),
    ("rounded-two", ""),
    ("small", ""),
    ("small", "sex=a"),
    ("small", "sex=b"),
    ("neutral", ""),
    ("money", ""),
    ("percent", ""),
    ("wide", ""),
];

/// How large counts are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sizes {
    /// From a few to thousands.
    Any,
    /// Never under 20 a point, not even where they collapse.
    Large,
}

/// How one series arrives.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    grain: u8,
    level: i64,
    /// What happens at each point, newest first.
    events: Vec<u8>,
}

fn plan(sizes: Sizes) -> impl Strategy<Value = Plan> {
    let levels = match sizes {
        Sizes::Any => vec![2, 6, 14, 45, 300, 2500],
        Sizes::Large => vec![2400, 5000, 9000],
    };
    let events = prop::collection::vec(any::<u8>(), 40);
    (0..9_u8, select(levels), events).prop_map(|(grain, level, events)| Plan {
        grain,
        level,
        events,
    })
}

/// The periods of a grain, newest first.
fn periods(grain: u8, period: Period) -> Vec<Period> {
    let last = period.last();
    let months = |count: i32| (0..count).map(move |back| Period::month(last.plus(-back)));
    let quarter = Period::quarter_of(last);
    let quarters = |from: i32, to: i32| (from..to).map(move |back| quarter.shifted(-3 * back));
    match grain {
        0..=2 => months(40).collect(),
        3 => months(15).collect(),
        4 => quarters(0, 13).collect(),
        5 => (0..3).map(|back| Period::ending(last, 12).shifted(-12 * back)).collect(),
        6 => quarter.months().map(Period::month).chain(quarters(1, 13)).collect(),
        7 => std::iter::once(quarter).chain(months(30)).collect(),
        _ => quarters(0, 5)
            .chain((1..3).map(|back| Period::ending(last, 12).shifted(-12 * back)))
            .collect(),
    }
}

fn points(plan: &Plan, period: Period) -> BTreeMap<Period, Point> {
    let all = periods(plan.grain, period).into_iter().zip(&plan.events);
    all.filter_map(|(period, event)| {
        let length = i64::from(period.length_months());
        let value = plan.level * length * (60 + i64::from(*event) % 81) / 100;
        let figure = match event {
            252 => return None,
            253 => Figure::missing(Mark::C),
            254 => Figure::missing(Mark::X),
            255 => Figure::number(plan.level * length / 60),
            _ => Figure::number(value),
        };
        Some((period, point(figure)))
    })
    .collect()
}

fn measures(polarity: Polarity) -> BTreeMap<MeasureId, Measure> {
    let count = |id: &str| {
        let priority = Some("priority".into());
        let plain = Measure::count(id, Geography::District);
        Measure { polarity, priority, per_1000: true, ..plain }
    };
    let operand = |measure: &str, breakdown: &str| Operand {
        measure: measure.into(),
        breakdown: breakdown.parse().expect("a breakdown"),
    };
    let quotient = |of: (&str, &str), by: &str| {
        Some(Quotient { numerator: operand(of.0, of.1), denominator: operand(by, "") })
    };
    let amount = |id: &str, unit| Measure { unit, per_1000: false, ..count(id) };
    let rounded = |id: &str| Measure { disclosure: Disclosure::Rounded, ..count(id) };
    let share =
        |id: &str, of, by| Measure { quotient: quotient(of, by), ..amount(id, Unit::Percent) };
    let sum = |plain: Measure, parts: [&str; 2]| Measure {
        sum_of: parts.into_iter().map(MeasureId::from).collect(),
        ..plain
    };
    let suppressed = Disclosure::Suppressed;
    let all = [
        count("open"),
        Measure { provisional: true, ..count("other") },
        rounded("rounded"),
        rounded("rounded-two"),
        Measure { disclosure: suppressed, ..count("small") },
        Measure { polarity: Polarity::Neutral, ..count("neutral") },
        Measure { geography: Geography::Csp, ..count("wide") },
        amount("money", Unit::Pounds),
        amount("percent", Unit::Percent),
        sum(count("sum"), ["open", "other"]),
        sum(rounded("rounded-sum"), ["rounded", "rounded-two"]),
        share("share", ("open", "kind=a"), "open"),
        share("share-of-sum", ("other", ""), "sum"),
        Measure { disclosure: suppressed, ..share("small-share", ("small", "sex=a"), "small") },
        Measure { quotient: quotient(("money", ""), "open"), ..amount("cost", Unit::Pounds) },
        Measure { quotient: quotient(("open", ""), "other"), ..amount("ratio", Unit::Decimal) },
    ];
    all.into_iter().map(|measure| (measure.id.clone(), measure)).collect()
}

fn success_measures() -> Vec<SuccessMeasure> {
    let rules = [
        SuccessRule::MaintainPosition { within: 2 },
        SuccessRule::ImprovePosition,
        SuccessRule::Reduce,
        SuccessRule::Increase,
        SuccessRule::HaltTheRise,
        SuccessRule::AtLeast { value: 100, per: Per::Quarter },
        SuccessRule::MaintainRate { value: 100, per: Per::Quarter },
    ];
    let measures = ["open", "rounded", "small", "sum", "share", "small-share", "money"];
    let pairs = measures.iter().flat_map(|id| rules.iter().map(move |rule| (id, rule)));
    pairs
        .enumerate()
        .map(|(index, (measure, rule))| SuccessMeasure {
            id: format!("success-{index}"),
            priority: None,
            text: String::new(),
            measures: vec![(*measure).into()],
            rule: rule.clone(),
            cannot_judge: None,
        })
        .collect()
}

/// Districts `D00`, `D01`, … and a partnership area of the first two.
fn partnership(districts: usize) -> Partnership {
    let area = |code: String, geography, districts| Area {
        name: format!("Area {code}"),
        code: AreaCode::new(code),
        aliases: Vec::new(),
        geography,
        districts,
    };
    let codes: Vec<AreaCode> =
        (0..districts).map(|at| AreaCode::new(format!("D{at:02}"))).collect();
    let mut areas: Vec<Area> =
        codes.iter().map(|code| area(code.to_string(), Geography::District, Vec::new())).collect();
    areas.push(area("C00".to_owned(), Geography::Csp, codes[..2].to_vec()));
    let peers = |geography, areas| PeerSet {
        id: format!("{geography:?}"),
        label: "the others".to_owned(),
        geography,
        areas,
        vintage: String::new(),
    };
    let home = [(Geography::District, codes[0].clone()), (Geography::Csp, "C00".into())];
    Partnership {
        name: "Made-up Community Safety Partnership".to_owned(),
        short_name: "Made-up".to_owned(),
        home: home.into(),
        areas,
        peer_sets: vec![
            peers(Geography::District, codes),
            peers(Geography::Csp, vec!["C00".into()]),
        ],
        priorities: Vec::new(),
        success_measures: success_measures(),
        targets: vec![Target { measure: "open".into(), monthly: 50, source: "made up".to_owned() }],
        partners: Vec::new(),
        recipients: Vec::new(),
    }
}

/// Two districts of 10,000 residents each, without figures; fewer is better.
pub(crate) fn small_world(period: Period) -> World {
    small_world_of(2, period)
}

/// The same with more districts.
pub(crate) fn small_world_of(districts: usize, period: Period) -> World {
    World {
        period,
        populations: populations(&vec![10_000; districts]),
        partnership: partnership(districts),
        measures: measures(Polarity::LowerIsBetter),
        notes: SourceNotes::default(),
        releases: Releases::new(),
        series: SeriesTable::default(),
        absent: BTreeMap::new(),
        earlier: None,
    }
}

/// Mostly a quarter; also a month, two months and a financial year.
fn period() -> impl Strategy<Value = Period> {
    prop_oneof![
        6 => select(vec!["2025-26Q1", "2024-25Q4"]),
        1 => select(vec!["2025-05", "2025-04..2025-05", "2024-25"]),
    ]
    .prop_map(|text| text.parse().expect("a period"))
}

/// A partnership without notes or releases; the same return mostly comes in the same grain from
/// every area, and sometimes not at all.
pub(crate) fn world(sizes: Sizes) -> impl Strategy<Value = World> {
    world_of(sizes, period())
}

/// The same, of a period.
pub(crate) fn world_of(
    sizes: Sizes,
    period: impl Strategy<Value = Period>,
) -> impl Strategy<Value = World> {
    let polarity = select(vec![Polarity::LowerIsBetter, Polarity::HigherIsBetter]);
    let districts = prop_oneof![12 => 2..=3_usize, 1 => Just(10_usize)];
    (period, polarity, districts).prop_flat_map(move |(period, polarity, districts)| {
        let residents = prop::collection::vec(500..200_000_i64, districts);
        let grains = prop::collection::vec(0..9_u8, SENT.len());
        let series = SENT.len() * districts;
        let keeps = prop::collection::vec(0..10_u8, series);
        let plans = prop::collection::vec(plan(sizes), series);
        (residents, grains, keeps, plans).prop_map(move |(residents, grains, keeps, plans)| {
            let mut series = SeriesTable::default();
            let mut arrivals = plans.into_iter().zip(keeps);
            let first = grains[0];
            for ((measure, breakdown), grain) in SENT.iter().zip(grains) {
                for at in 0..districts {
                    let Some((mut plan, keeps)) = arrivals.next() else { continue };
                    if keeps == 9 || (*measure == "wide" && at > 0) {
                        continue;
                    }
                    if keeps < 8 {
                        plan.grain = if keeps < 5 && is_companion(measure) { first } else { grain };
                    }
                    let area = if *measure == "wide" { "C00".into() } else { format!("D{at:02}") };
                    let key = SeriesKey {
                        measure: (*measure).into(),
                        area: area.into(),
                        breakdown: breakdown.parse().expect("a breakdown"),
                    };
                    series.series.insert(key, points(&plan, period));
                }
            }
            let plain = small_world_of(districts, period);
            let (populations, measures) = (populations(&residents), measures(polarity));
            World { measures, populations, series, ..plain }
        })
    })
}

/// What is mostly sent by the same return as the first measure: sums need the same periods.
fn is_companion(measure: &str) -> bool {
    matches!(measure, "open" | "other" | "money")
}

fn populations(residents: &[i64]) -> Populations {
    let all = residents.iter().enumerate().map(|(at, residents)| {
        let vintage = "mid-2024".to_owned();
        (AreaCode::new(format!("D{at:02}")), vec![Population { residents: *residents, vintage }])
    });
    Populations(all.collect())
}

/// Few cases: each is a table of dozens of indicators, and the whole file is run often.
pub(crate) fn cases(cases: u32) -> ProptestConfig {
    ProptestConfig {
        cases,
        max_shrink_iters: 400,
        max_global_rejects: 20_000,
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}
