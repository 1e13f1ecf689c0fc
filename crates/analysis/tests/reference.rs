//! Every statistic against figures that scipy, statsmodels and numpy computed
//! (`tests/checks/reference_statistics.py` says how, and compares the table with them anew).

use std::collections::BTreeMap;

use analysis::{
    ChartPlan, Confidence, FunnelArea, Interval, SpcRule, SpcState, assurance, chart, chart_fit,
    count_interval, evidence, exact_interval, funnel, seasonal, share, two_counts_p_value, xmr,
};
use model::Polarity;

const TABLE: &str = include_str!("reference.tsv");
/// Six significant figures.
const TOLERANCE: f64 = 5e-7;

/// Inputs of a row by name.
struct Inputs(BTreeMap<&'static str, &'static str>);

impl Inputs {
    fn text(&self, name: &str) -> &'static str {
        self.0.get(name).unwrap_or_else(|| panic!("no input {name}"))
    }

    fn count(&self, name: &str) -> i64 {
        self.text(name).parse().expect("a count")
    }

    fn number(&self, name: &str) -> f64 {
        self.text(name).parse().expect("a number")
    }

    /// Nothing is `-`.
    fn list<T: std::str::FromStr>(&self, name: &str) -> Vec<T> {
        let parts = self.text(name).split(',').filter(|part| *part != "-");
        parts.map(|part| part.parse().ok().expect("a number")).collect()
    }

    fn confidence(&self) -> Confidence {
        match self.text("confidence") {
            "95" => Confidence::P95,
            "99.8" => Confidence::P998,
            other => panic!("no confidence {other}"),
        }
    }
}

/// Holds every row of a function against what this says of its inputs, in the words of the table.
fn check(function: &str, said: impl Fn(&Inputs) -> String) {
    let mut rows = 0;
    for line in TABLE.lines() {
        let fields: Vec<&str> = line.split('\t').collect();
        let [name, inputs, expected] = fields.as_slice() else {
            panic!("not three fields: {line}");
        };
        if *name != function {
            continue;
        }
        let inputs = inputs.split(' ').map(|pair| pair.split_once('=').expect("name=value"));
        let found = said(&Inputs(inputs.collect()));
        let same = tokens(expected).len() == tokens(&found).len()
            && tokens(expected).iter().zip(tokens(&found)).all(|(left, right)| close(left, right));
        assert!(same, "{line}\nis here\n{found}");
        rows += 1;
    }
    assert!(0 < rows, "no rows of {function}");
}

fn tokens(text: &str) -> Vec<&str> {
    text.split([' ', '=', ',', ':']).collect()
}

fn close(left: &str, right: &str) -> bool {
    match (left.parse::<f64>(), right.parse::<f64>()) {
        (Ok(left), Ok(right)) => (left - right).abs() <= TOLERANCE * left.abs().max(right.abs()),
        _ => left == right,
    }
}

fn joined<T: ToString>(parts: impl IntoIterator<Item = T>) -> String {
    parts.into_iter().map(|part| part.to_string()).collect::<Vec<_>>().join(",")
}

fn yes_or_no(answer: bool) -> &'static str {
    if answer { "yes" } else { "no" }
}

fn ends(interval: Option<Interval>) -> String {
    let Interval { lower, upper } = interval.expect("an interval");
    format!("lower={lower} upper={upper}")
}

#[test]
fn intervals_of_counts() {
    check("count-interval", |row| ends(count_interval(row.count("events"), row.confidence())));
    check("exact-interval", |row| ends(exact_interval(row.count("events"), row.confidence())));
}

#[test]
fn shares() {
    check("share", |row| {
        let found = share(row.count("part"), row.count("whole"), row.confidence());
        let found = found.expect("a share");
        format!("fraction={} {}", found.fraction, ends(Some(found.interval)))
    });
}

#[test]
fn two_counts() {
    check("two-counts", |row| {
        let exposures = (row.number("exposure-now"), row.number("exposure-before"));
        let counts = (row.count("now"), row.count("before"));
        let p = two_counts_p_value(counts.0, counts.1, exposures.0, exposures.1);
        let p = p.expect("a p-value");
        format!("p={p} evidence={}", evidence(p).as_str())
    });
}

fn state_letter(state: Option<SpcState>) -> char {
    match state {
        None => '_',
        Some(SpcState::CommonCause) => '.',
        Some(SpcState::SpecialHigh) => 'H',
        Some(SpcState::SpecialLow) => 'L',
    }
}

fn rule_letter((state, rule): (&Option<SpcState>, &Option<SpcRule>)) -> char {
    match (state, rule) {
        (None, _) => '_',
        (Some(_), None) => '.',
        (Some(_), Some(SpcRule::OutsideLimits)) => 'O',
        (Some(_), Some(SpcRule::Trend)) => 'T',
        (Some(_), Some(SpcRule::NearLimits)) => 'N',
        (Some(_), Some(SpcRule::Shift)) => 'S',
    }
}

fn flags(states: &[Option<SpcState>], rules: &[Option<SpcRule>]) -> String {
    let letters: String = states.iter().copied().map(state_letter).collect();
    let rules: String = states.iter().zip(rules).map(rule_letter).collect();
    format!("states={letters} rules={rules}")
}

#[test]
fn control_charts_of_one_segment() {
    check("xmr", |row| {
        let found = xmr(&row.list("values")).expect("a chart");
        let states: Vec<_> = found.states.iter().copied().map(Some).collect();
        let flags = flags(&states, &found.rules);
        format!("mean={} lower={} upper={} {flags}", found.mean, found.lower, found.upper)
    });
}

#[test]
fn control_charts_in_segments() {
    check("chart", |row| {
        let rebases = row.list("rebases");
        let plan = ChartPlan {
            baseline: row.list("baseline").first().copied(),
            rebases: &rebases,
            screening: row.text("screening") == "yes",
        };
        let Some(found) = chart(&row.list("values"), &plan) else {
            return "segments=none".to_owned();
        };
        let segments = joined(found.segments.iter().map(|segment| {
            let firm = if segment.trial { "trial" } else { "firm" };
            let limits = (segment.mean, segment.lower, segment.upper);
            format!("{}:{}:{}:{}:{firm}", segment.start, limits.0, limits.1, limits.2)
        }));
        format!("segments={segments} {}", flags(&found.states, &found.rules))
    });
}

#[test]
fn targets() {
    check("assurance", |row| {
        let polarity = match row.text("polarity") {
            "higher-is-better" => Polarity::HigherIsBetter,
            "lower-is-better" => Polarity::LowerIsBetter,
            _ => Polarity::Neutral,
        };
        let segment = xmr(&row.list("values")).expect("a chart");
        let found = assurance(&segment, row.number("target"), polarity);
        format!("assurance={}", found.map_or("-", |found| found.as_str()))
    });
}

#[test]
fn seasons() {
    check("seasonal", |row| {
        let values: Vec<i64> = row.list("values");
        let found = seasonal(&values).expect("two years");
        format!(
            "correlation={} bound={} seasonal={} fit={} differences={}",
            found.correlation,
            found.bound,
            yes_or_no(found.seasonal),
            chart_fit(&values).as_str(),
            joined(found.differences)
        )
    });
}

#[test]
fn funnels() {
    check("funnel", |row| {
        let areas: Vec<(i64, i64)> =
            row.list("events").into_iter().zip(row.list("residents")).collect();
        let found = funnel(&areas).expect("a funnel");
        let each = |value: fn(&FunnelArea) -> f64| joined(found.areas.iter().map(value));
        format!(
            "centre={} phi={} tau2={} overdispersed={} watch-lower={} watch-upper={} \
             exception-lower={} exception-upper={} flags={}",
            found.centre,
            found.phi,
            found.tau2,
            yes_or_no(found.overdispersed),
            each(|area| area.watch.lower),
            each(|area| area.watch.upper),
            each(|area| area.exception.lower),
            each(|area| area.exception.upper),
            joined(found.areas.iter().map(|area| area.flag.as_str()))
        )
    });
}
