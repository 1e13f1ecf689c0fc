//! Commands about figures: indicators, where they come from, what changed, what is let through.

use std::collections::BTreeMap;
use std::path::Path;

use pipeline::{
    House, IndicatorFilter, IndicatorView, Number, RestateRequest, Trace, TraceRequest,
};
use serde_json::json;

use crate::Exit;
use crate::args::{Command, Globals};
use crate::output;

/// After so many names a reason says how many more it holds for.
const REASON_NAMES_MAX: usize = 4;

fn optional<T: ToString>(value: Option<T>) -> String {
    value.map_or_else(|| "-".to_owned(), |value| value.to_string())
}

/// Carries out a command about figures.
pub(crate) async fn execute(
    globals: &Globals,
    house: &House,
    command: &Command,
) -> anyhow::Result<Exit> {
    match command {
        Command::Indicators { as_known_at, all: true, output: Some(output), .. } => {
            all(globals, house, as_known_at.as_deref(), output).await
        }
        Command::Indicators { period, measure, area, as_known_at, .. } => {
            let filter = IndicatorFilter {
                period: *period,
                measure: measure.clone(),
                area: area.clone(),
                as_known_at: as_known_at.clone(),
            };
            indicators(globals, house, filter).await
        }
        Command::Release { figure, why } => release(globals, house, figure, why).await,
        Command::Trace { measure, area, period, breakdown, peers } => {
            let (period, peers) = (*period, *peers);
            let request = TraceRequest { measure, area, period, breakdown, peers };
            trace(globals, house, &request).await
        }
        Command::Restate { measure, area, under, under_area } => {
            let (under, under_area) = (under.as_deref(), under_area.as_deref());
            restate(globals, house, &RestateRequest { measure, area, under, under_area }).await
        }
        _ => Ok(Exit::Done),
    }
}

async fn all(
    globals: &Globals,
    house: &House,
    as_known_at: Option<&str>,
    output: &Path,
) -> anyhow::Result<Exit> {
    let written = pipeline::all_indicators(house, as_known_at, output).await?;
    if globals.json {
        output::json("indicators all", &written)?;
    } else {
        let pipeline::AllIndicators { path, quarters, rows } = written;
        output::text(&format!("{rows} indicators of {quarters} quarters are in {path}\n"))?;
    }
    Ok(Exit::Done)
}

async fn indicators(
    globals: &Globals,
    house: &House,
    filter: IndicatorFilter,
) -> anyhow::Result<Exit> {
    let indicators = pipeline::indicators(house, &filter).await?;
    if globals.json {
        output::json("indicators", json!({ "indicators": indicators }))?;
        return Ok(Exit::Done);
    }
    if indicators.is_empty() {
        output::text("No indicators: nothing in the lake matches.\n")?;
        return Ok(Exit::Done);
    }
    let rows: Vec<Vec<String>> = indicators.iter().map(indicator_row).collect();
    let heading = [
        "measure",
        "area",
        "part",
        "period",
        "value",
        "a year ago",
        "change",
        "12 months",
        "per 1,000",
        "position",
        "verdict",
    ];
    output::text(&output::table(&heading, &rows))?;
    output::text(&below(&indicators))?;
    Ok(Exit::Done)
}

fn indicator_row(view: &IndicatorView) -> Vec<String> {
    let figure = |value: Option<Number>, marks: &model::Marks| match value {
        Some(value) => format!("{}{marks}", number(value)),
        None => marks.to_string(),
    };
    let change = match (view.figures.change, view.figures.change_pct) {
        (Some(change), Some(percent)) => format!("{} ({percent:+.1} %)", number(change)),
        (Some(change), None) => number(change),
        (None, _) => "-".to_owned(),
    };
    let position = view
        .peers
        .position
        .zip(view.peers.position_of)
        .map(|(place, of)| format!("{place} of {of}"));
    vec![
        view.measure.to_string(),
        view.area.name.clone(),
        view.breakdown.to_string(),
        view.period.to_string(),
        figure(view.figures.value, &view.figures.value_status),
        figure(view.figures.same_quarter_last_year, &view.figures.same_quarter_last_year_status),
        change,
        figure(view.figures.rolling_12_months, &view.figures.rolling_12_months_status),
        view.peers.rate_per_1000.map_or_else(|| "-".to_owned(), |rate| format!("{rate:.2}")),
        optional(position),
        view.status.verdict.to_owned(),
    ]
}

fn number(value: Number) -> String {
    match value {
        Number::Whole(value) => value.to_string(),
        Number::Decimal(value) => format!("{value:.2}"),
    }
}

/// What is held, why nothing can be judged, and what else a table has no room for.
fn below(indicators: &[IndicatorView]) -> String {
    let mut text = String::new();
    for view in indicators {
        for held in &view.status.held {
            output::line(
                &mut text,
                format!(
                    "\n{}: {} where {} is usual\n  {}",
                    held.figure, held.value, held.usual, held.reason
                ),
            );
            output::line(
                &mut text,
                format!("  if it is right: quarterdeck release {} --why \"…\"", held.figure),
            );
        }
    }
    let unjudged = indicators.iter().filter(|view| view.status.verdict == "cannot-judge");
    let unjudged = unjudged.map(|view| (view.status.reason.as_str(), view));
    text.push_str(&by_reason("Why some cannot be judged:", unjudged));
    let unplaced = indicators.iter().flat_map(|view| {
        let gaps = view.status.gaps.iter();
        gaps.filter(|gap| gap.starts_with("no position") || gap.starts_with("no rate"))
            .map(move |gap| (gap.as_str(), view))
    });
    text.push_str(&by_reason("Why some have no position:", unplaced));
    text
}

/// Each reason once, with the first of those it holds for.
fn by_reason<'a>(title: &str, given: impl Iterator<Item = (&'a str, &'a IndicatorView)>) -> String {
    let mut reasons: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for (reason, view) in given {
        let name = format!("{} in {}", view.measure, view.area.name);
        let names = reasons.entry(reason).or_default();
        if !names.contains(&name) {
            names.push(name);
        }
    }
    let mut text = String::new();
    if !reasons.is_empty() {
        output::line(&mut text, format!("\n{title}"));
    }
    for (reason, names) in reasons {
        let first = names.iter().take(REASON_NAMES_MAX).cloned().collect::<Vec<_>>().join(", ");
        let more = names.len().saturating_sub(REASON_NAMES_MAX);
        let more = if more == 0 { String::new() } else { format!(" and {more} more") };
        output::line(&mut text, format!("  {reason} ({first}{more})"));
    }
    text
}

async fn release(
    globals: &Globals,
    house: &House,
    figure: &str,
    why: &str,
) -> anyhow::Result<Exit> {
    let released = pipeline::release(house, figure, why).await?;
    if globals.json {
        output::json("release", &released)?;
    } else {
        output::text(&format!(
            "{} counts as {} from now on, until it changes ({} was usual): {}\n",
            released.figure, released.value, released.usual, released.why
        ))?;
    }
    Ok(Exit::Done)
}

pub(crate) async fn diff(
    globals: &Globals,
    house: &House,
    from: &str,
    to: &str,
) -> anyhow::Result<Exit> {
    let diff = pipeline::diff(house, from, to).await?;
    if globals.json {
        output::json("report diff", &diff)?;
        return Ok(Exit::Done);
    }
    output::text(&format!(
        "{from} to {to}: {} of {} figures that both print differ\n\n",
        diff.revisions.len(),
        diff.compared
    ))?;
    let rows: Vec<Vec<String>> = diff.revisions.iter().map(revision_row).collect();
    if !rows.is_empty() {
        let heading = ["figure", "area", "period", "was", "is", "verdict", "why"];
        output::text(&output::table(&heading, &rows))?;
    }
    if !diff.success.is_empty() {
        output::text("\nSuccess measures that are judged differently:\n")?;
    }
    for turned in &diff.success {
        let pipeline::TurnedSuccess { id, old_verdict, new_verdict, why } = turned;
        output::text(&format!("  {id}: {old_verdict}, now {new_verdict}. {why}\n"))?;
    }
    Ok(Exit::Done)
}

fn revision_row(revision: &pipeline::Revision) -> Vec<String> {
    let part = if revision.breakdown.is_all() {
        String::new()
    } else {
        format!(" [{}]", revision.breakdown)
    };
    let verdict = match (&revision.old_verdict, &revision.new_verdict) {
        (Some(old), Some(new)) if old != new => format!("{old}, now {new}"),
        (Some(_), Some(new)) => new.clone(),
        _ => "-".to_owned(),
    };
    vec![
        format!("{}{part}", revision.measure),
        revision.area.name.clone(),
        revision.period.to_string(),
        revision.old.clone(),
        revision.new.clone(),
        verdict,
        revision.why.clone(),
    ]
}

async fn trace(
    globals: &Globals,
    house: &House,
    request: &TraceRequest<'_>,
) -> anyhow::Result<Exit> {
    let trace = pipeline::trace(house, request).await?;
    if globals.json {
        output::json("trace", &trace)?;
        return Ok(Exit::Done);
    }
    output::text(&traced(&trace))?;
    for peer in &trace.peers {
        output::text(&format!("\n{}", traced(peer)))?;
    }
    Ok(Exit::Done)
}

fn traced(trace: &Trace) -> String {
    let figure = &trace.figure;
    let value = figure.value.map(number).unwrap_or_default();
    let mut text = format!(
        "{} for {} ({}), {}: {value}{}\n",
        figure.measure,
        figure.area.name,
        figure.area.code,
        figure.period.calendar(),
        figure.status
    );
    if let Some(why) = &figure.why {
        output::line(&mut text, format!("  {why}"));
    }
    if let Some(population) = &figure.population {
        output::line(&mut text, format!("  a rate is per {population}"));
    }
    text.push('\n');
    if trace.from.is_empty() {
        text.push_str("No cell in the lake carries it.\n");
        return text;
    }
    let rows: Vec<Vec<String>> = trace
        .from
        .iter()
        .map(|cell| {
            vec![
                if cell.breakdown.is_all() {
                    cell.measure.to_string()
                } else {
                    format!("{}[{}]", cell.measure, cell.breakdown)
                },
                cell.period.to_string(),
                optional(cell.value),
                cell.raw.clone(),
                format!("{}!{}", cell.sheet, optional(cell.cell.clone())),
                cell.file.clone(),
                cell.submission.chars().take(12).collect(),
                cell.repair.clone().unwrap_or_default(),
            ]
        })
        .collect();
    let heading =
        ["measure", "period", "value", "as written", "cell", "file", "submission", "repair"];
    text.push_str(&output::table(&heading, &rows));
    text
}

async fn restate(
    globals: &Globals,
    house: &House,
    request: &RestateRequest<'_>,
) -> anyhow::Result<Exit> {
    let outcome = pipeline::restate(house, request).await?;
    if globals.json {
        output::json("restate", &outcome)?;
        return Ok(Exit::Done);
    }
    let named = |side: &pipeline::RestatedSeries| format!("{}, {}", side.measure, side.area.name);
    let (old, new) = (named(&outcome.old), named(&outcome.new));
    if outcome.restated.is_empty() {
        output::text(&format!("Neither {old} nor {new} has a figure.\n"))?;
        return Ok(Exit::Done);
    }
    let figure = |value: Option<Number>, marks: &model::Marks| match value {
        Some(value) => format!("{}{marks}", number(value)),
        None => marks.to_string(),
    };
    let rows: Vec<Vec<String>> = outcome
        .restated
        .iter()
        .map(|row| {
            vec![
                row.period.to_string(),
                figure(row.old, &row.old_status),
                figure(row.new, &row.new_status),
                row.difference.map_or_else(|| "-".to_owned(), number),
                row.gaps.join("; "),
            ]
        })
        .collect();
    let heading = ["period", old.as_str(), new.as_str(), "difference", "why missing"];
    output::text(&output::table(&heading, &rows))?;
    Ok(Exit::Done)
}
