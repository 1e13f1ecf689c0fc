//! Examples that one function computes.

use analysis::{
    ChartPlan, Confidence, FunnelFlag, Interval, Rate, Seasonality, SpcRule, SpcState, Xmr,
    chart_fit, count_interval, evidence, rate_per_1000, seasonal, share, two_counts_p_value, xmr,
};
use model::{Period, Polarity};

use crate::page::{Example, number};

fn confidence(example: &Example) -> Confidence {
    match example.text("confidence") {
        "95 %" => Confidence::P95,
        "99.8 %" => Confidence::P998,
        other => panic!("{example}: no confidence {other}"),
    }
}

pub(crate) fn polarity(example: &Example, words: &str) -> Polarity {
    match words {
        "fewer is better" => Polarity::LowerIsBetter,
        "more is better" => Polarity::HigherIsBetter,
        "neither is better" => Polarity::Neutral,
        other => panic!("{example}: {other}?"),
    }
}

pub(crate) fn interval(example: &Example) -> String {
    let found = count_interval(example.number("events"), confidence(example));
    let Interval { lower, upper } = found.expect("an interval");
    format!("{lower:.4} to {upper:.4}")
}

pub(crate) fn rate(example: &Example) -> String {
    let (events, residents) = (example.number("events"), example.number("residents"));
    let (per_1000, interval) = rate_per_1000(events, residents).expect("a rate");
    let period: Period = example.text("over").parse().expect("a period");
    let vintage = example.text("estimate").to_owned();
    let rate = Rate { per_1000, interval, period, events, residents, vintage };
    let mark = rate.mark().map_or_else(String::new, |mark| format!(" [{}]", mark.letter()));
    let Interval { lower, upper } = interval;
    format!("{per_1000:.4} per 1,000 ({lower:.4} to {upper:.4}){mark}")
}

pub(crate) fn proportion(example: &Example) -> String {
    let (part, whole) = (example.number("part"), example.number("whole"));
    let found = share(part, whole, confidence(example)).expect("a share");
    let Interval { lower, upper } = found.interval;
    let percent = |fraction: f64| format!("{:.2} %", 100.0 * fraction);
    format!("{} ({} to {})", percent(found.fraction), percent(lower), percent(upper))
}

/// Days, times residents where they are said.
pub(crate) fn two_counts(example: &Example) -> String {
    let exposure = |days: &str, residents: &str| {
        let residents = example.optional(residents).map_or(Some(1.0), number);
        example.number::<f64>(days) * residents.expect("residents")
    };
    let now = exposure("days", "residents");
    let before = exposure("days before", "residents before");
    let counts = (example.number("now"), example.number("before"));
    let p = two_counts_p_value(counts.0, counts.1, now, before).expect("a p-value");
    format!("{}: {}", p_value_words(p), evidence(p).as_str())
}

pub(crate) fn p_value_words(p: f64) -> String {
    if p < 0.0001 { "p below 0.0001".to_owned() } else { format!("p {p:.4}") }
}

pub(crate) fn chart(example: &Example) -> String {
    let months = example.list("months");
    let rebases: Vec<usize> = example
        .optional("new limits from point")
        .map(|text| number::<usize>(text).expect("a number") - 1)
        .into_iter()
        .collect();
    let plan = ChartPlan {
        baseline: example.optional("baseline points").and_then(number),
        rebases: &rebases,
        screening: example.optional("screening") != Some("off"),
    };
    let Some(found) = analysis::chart(&months, &plan) else { return "no chart".to_owned() };
    let limits = found.segments.iter().map(|Xmr { mean, lower, upper, trial, .. }| {
        let trial = if *trial { ", trial limits" } else { "" };
        format!("mean {mean:.2}, limits {lower:.2} to {upper:.2}{trial}")
    });
    let limits: Vec<String> = limits.collect();
    format!("{}; {}", limits.join(", then "), flagged(&found.states, &found.rules))
}

/// `points 6 to 12 high by trend`.
fn flagged(states: &[Option<SpcState>], rules: &[Option<SpcRule>]) -> String {
    let mut runs: Vec<(usize, usize, String)> = Vec::new();
    for (index, (state, rule)) in states.iter().zip(rules).enumerate() {
        let side = match state {
            Some(SpcState::SpecialHigh) => "high",
            Some(SpcState::SpecialLow) => "low",
            Some(SpcState::CommonCause) | None => continue,
        };
        let said = format!("{side} by {}", rule.expect("a rule").as_str());
        match runs.last_mut() {
            Some((_, last, known)) if *last == index && *known == said => *last = index + 1,
            _ => runs.push((index + 1, index + 1, said)),
        }
    }
    if runs.is_empty() {
        return "nothing flagged".to_owned();
    }
    let runs = runs.into_iter().map(|(first, last, said)| {
        if first == last {
            format!("point {first} {said}")
        } else {
            format!("points {first} to {last} {said}")
        }
    });
    runs.collect::<Vec<_>>().join(", ")
}

pub(crate) fn fit(example: &Example) -> String {
    let months = example.list("months");
    let fit = chart_fit(&months).as_str();
    match seasonal(&months) {
        None => fit.to_owned(),
        Some(Seasonality { correlation, bound, .. }) => {
            format!("{fit}: {correlation:.4} against {bound:.4}")
        }
    }
}

pub(crate) fn assurance(example: &Example) -> String {
    let segment = xmr(&example.list("months")).expect("a chart");
    let better = polarity(example, example.text("better"));
    let found = analysis::assurance(&segment, example.number("target"), better);
    let Xmr { lower, upper, .. } = segment;
    let said = found.map_or("nothing", |found| found.as_str());
    format!("limits {lower:.2} to {upper:.2}: {said}")
}

pub(crate) fn funnel(example: &Example) -> String {
    let areas: Vec<(i64, i64)> = example
        .text("events of residents")
        .split(", ")
        .map(|area| {
            let (events, residents) = area.split_once(" of ").expect("events of residents");
            (number(events).expect("events"), number(residents).expect("residents"))
        })
        .collect();
    let Some(found) = analysis::funnel(&areas) else { return "no funnel".to_owned() };
    let first = found.areas[0];
    let per = |Interval { lower, upper }: Interval| {
        format!("{:.4} to {:.4}", 1000.0 * lower, 1000.0 * upper)
    };
    let outside = |flags: [FunnelFlag; 2]| {
        found.areas.iter().filter(|area| flags.contains(&area.flag)).count()
    };
    format!(
        "centre {:.4} per 1,000, phi {:.4}, tau2 {:.6}; first area {} at 95 %, {} at 99.8 %: {}; \
         {} to be watched, {} exceptions",
        1000.0 * found.centre,
        found.phi,
        found.tau2,
        per(first.watch),
        per(first.exception),
        first.flag.as_str(),
        outside([FunnelFlag::WatchHigh, FunnelFlag::WatchLow]),
        outside([FunnelFlag::ExceptionHigh, FunnelFlag::ExceptionLow]),
    )
}
