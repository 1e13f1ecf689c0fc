//! Commands that only look: registers, indicators, traces, editions, messages, runs, status.

use std::path::Path;

use model::{Period, ReturnState, Severity, SubmissionState};
use pipeline::{CheckBy, CheckRequest, House, PipelineError, QueryFormat, RegisterLine};
use serde_json::json;

use crate::Exit;
use crate::args::{CheckArguments, Format, Globals};
use crate::commands::run::{finding_text, sealed_text};
use crate::output::{self, line};

fn optional<T: ToString>(value: Option<T>) -> String {
    value.map_or_else(|| "-".to_owned(), |value| value.to_string())
}

pub(crate) fn jobs(globals: &Globals, house: &House) -> anyhow::Result<Exit> {
    let jobs = pipeline::jobs(house, 4)?;
    if globals.json {
        output::json("jobs", json!({ "jobs": jobs }))?;
        return Ok(Exit::Done);
    }
    for job in jobs {
        output::text(&format!("{}: {}\n", job.job, job.title))?;
        output::text(&format!("  {}\n", job.schedule))?;
        let next: Vec<String> =
            job.next.iter().map(|due| format!("{} ({})", due.at, due.period)).collect();
        output::text(&format!("  next: {}\n", next.join(", ")))?;
        let last =
            job.last.map(|last| format!("{} for {} ({})", last.outcome, last.period, last.run_id));
        output::text(&format!("  last: {}\n", last.unwrap_or_else(|| "never ran".to_owned())))?;
    }
    Ok(Exit::Done)
}

pub(crate) fn returns(
    globals: &Globals,
    house: &House,
    period: Option<Period>,
) -> anyhow::Result<Exit> {
    let period = period.unwrap_or_else(|| pipeline::default_period(house.clock.today()));
    let ledger = house.ledger_to_read()?;
    let lines = pipeline::register(house, ledger.as_ref(), period)?;
    if globals.json {
        output::json("returns", json!({ "period": period, "returns": lines }))?;
        return Ok(Exit::Done);
    }
    output::text(&format!("Returns for {}\n\n", period.title()))?;
    let rows: Vec<Vec<String>> = lines
        .iter()
        .map(|line| {
            let files: Vec<&str> =
                line.submissions.iter().map(|submission| submission.file.as_str()).collect();
            vec![
                line.partner.clone(),
                line.return_id.to_string(),
                optional(line.due),
                line.state.as_str().to_owned(),
                files.join(", "),
            ]
        })
        .collect();
    output::text(&output::table(&["partner", "return", "due", "state", "submissions"], &rows))?;
    output::text(&queries(&lines))?;
    Ok(Exit::Done)
}

/// What is wrong with returns that must be asked about, under the table.
fn queries(lines: &[RegisterLine]) -> String {
    let mut text = String::new();
    for line in lines.iter().filter(|line| line.state == ReturnState::Queried) {
        for submission in &line.submissions {
            output::line(&mut text, format!("\n{}: {}", line.return_id, submission.file));
            for finding in &submission.findings {
                if finding.severity != Severity::Repair {
                    text.push_str(&finding_text(finding, "  "));
                }
            }
            match (submission.state, submission.sealed_until, submission.destroyed) {
                (SubmissionState::Sealed, Some(until), _) => {
                    let (sha256, source) = (&submission.sha256, &submission.source);
                    let until = until.strftime("%-d %B %Y").to_string();
                    text.push_str(&sealed_text(sha256, source, &until, "  "));
                }
                (SubmissionState::Shredded, _, Some(day)) => {
                    output::line(
                        &mut text,
                        format!("  its bytes were destroyed on {}", day.strftime("%-d %B %Y")),
                    );
                }
                _ => {}
            }
        }
    }
    text
}

pub(crate) fn waive(
    globals: &Globals,
    house: &House,
    name: &str,
    period: Period,
    why: &str,
) -> anyhow::Result<Exit> {
    pipeline::waive(house, name, period, why)?;
    if globals.json {
        output::json("returns waive", json!({ "return": name, "period": period, "why": why }))?;
    } else {
        output::text(&format!("{name} for {period} is waived: {why}\n"))?;
    }
    Ok(Exit::Done)
}

pub(crate) async fn check(
    globals: &Globals,
    house: &House,
    file: &Path,
    by: &CheckArguments,
    period: Option<Period>,
    figures: Option<&Path>,
    marked_up: Option<&Path>,
) -> anyhow::Result<Exit> {
    let by = match (&by.return_id, &by.contract) {
        (Some(name), _) => CheckBy::Return(name),
        (None, Some(path)) => CheckBy::ContractFile(path),
        (None, None) => {
            return Err(PipelineError::Usage("give --return or --contract".to_owned()).into());
        }
    };
    let request = CheckRequest { file, by, period, marked_up };
    let outcome = pipeline::check(house, &request).await?;
    if let Some(out) = figures {
        pipeline::write_figures(house, &outcome, file, out)?;
    }
    let clean = outcome.accepted
        && outcome.findings.iter().all(|finding| finding.severity == Severity::Repair);
    if globals.json {
        output::json("check", &outcome)?;
    } else {
        let verdict = if outcome.accepted { "would be accepted" } else { "would be refused" };
        let about =
            outcome.period.map_or_else(String::new, |period| format!(", about {}", period.title()));
        output::text(&format!(
            "{} {verdict}{about}: {} figures\n",
            outcome.submission.file, outcome.observations
        ))?;
        for finding in &outcome.findings {
            output::text(&finding_text(finding, "  "))?;
        }
        if let Some(path) = &outcome.marked_up {
            output::text(&format!("The marked-up copy is {path}\n"))?;
        }
        if let Some(why) = &outcome.not_marked_up {
            output::text(&format!("{why}\n"))?;
        }
    }
    Ok(if clean { Exit::Done } else { Exit::Findings })
}

pub(crate) async fn query(
    globals: &Globals,
    house: &House,
    sql: &str,
    format: Format,
) -> anyhow::Result<Exit> {
    let format = match (globals.json, format) {
        (true, _) | (false, Format::Json) => QueryFormat::Json,
        (false, Format::Table) => QueryFormat::Table,
        (false, Format::Csv) => QueryFormat::Csv,
        (false, Format::Parquet) => QueryFormat::Parquet,
    };
    let answer = pipeline::query(house, sql, format).await?;
    if globals.json {
        let rows: serde_json::Value = serde_json::from_slice(&answer)?;
        output::json("query", json!({ "rows": rows }))?;
    } else {
        output::bytes(&answer)?;
        if format != QueryFormat::Parquet && !answer.ends_with(b"\n") {
            output::text("\n")?;
        }
    }
    Ok(Exit::Done)
}

pub(crate) fn editions(globals: &Globals, house: &House) -> anyhow::Result<Exit> {
    let editions = pipeline::editions(house)?;
    if globals.json {
        output::json("report list", json!({ "editions": editions }))?;
        return Ok(Exit::Done);
    }
    let rows: Vec<Vec<String>> = editions
        .iter()
        .map(|edition| {
            let made = pipeline::local(edition.created_at).strftime("%-d %b %Y %H:%M").to_string();
            vec![
                edition.id.clone(),
                edition.report.clone(),
                edition.period.to_string(),
                edition.state.clone(),
                made,
                edition.folder.clone(),
            ]
        })
        .collect();
    output::text(&output::table(
        &["edition", "report", "period", "state", "made", "folder"],
        &rows,
    ))?;
    Ok(Exit::Done)
}

pub(crate) fn edition(globals: &Globals, house: &House, id: &str) -> anyhow::Result<Exit> {
    let (edition, text) = pipeline::edition(house, id)?;
    if globals.json {
        output::json("report show", json!({ "edition": edition, "text": text }))?;
    } else {
        output::text(&text)?;
    }
    Ok(Exit::Done)
}

pub(crate) fn runs(globals: &Globals, house: &House) -> anyhow::Result<Exit> {
    let runs = pipeline::runs(house, 50)?;
    if globals.json {
        output::json("runs list", json!({ "runs": runs }))?;
        return Ok(Exit::Done);
    }
    let rows: Vec<Vec<String>> = runs
        .iter()
        .map(|run| {
            let began = pipeline::local(run.started_at).strftime("%-d %b %Y %H:%M").to_string();
            vec![
                run.run_id.clone(),
                run.period.to_string(),
                run.outcome.clone(),
                began,
                optional(run.edition.clone()),
            ]
        })
        .collect();
    output::text(&output::table(&["run", "period", "outcome", "began", "edition"], &rows))?;
    Ok(Exit::Done)
}

pub(crate) fn run_shown(globals: &Globals, house: &House, id: &str) -> anyhow::Result<Exit> {
    let runs = pipeline::runs(house, 100_000)?;
    let Some(run) = runs.iter().find(|run| run.run_id == id) else {
        let message = format!("there is no run `{id}`: see `quarterdeck runs`");
        return Err(PipelineError::Usage(message).into());
    };
    let sealed = pipeline::sealed_by(house, run)?;
    if globals.json {
        output::json("runs show", json!({ "run": run, "sealed": sealed }))?;
        return Ok(Exit::Done);
    }
    let shown = |at| pipeline::local(at).strftime("%-d %b %Y %H:%M").to_string();
    let began = shown(run.started_at);
    output::text(&format!(
        "{}\n  period: {}\n  outcome: {}\n  began: {began}\n",
        run.run_id,
        run.period.title(),
        run.outcome
    ))?;
    if let Some(finished) = run.finished_at {
        output::text(&format!("  ended: {}\n", shown(finished)))?;
    }
    if let Some(edition) = &run.edition {
        output::text(&format!("  edition: {edition}\n"))?;
    }
    if let Some(why) = &run.why {
        output::text(&format!("  why: {why}\n"))?;
    }
    for line in sealed {
        let until = line.until.map(|day| day.strftime("%-d %B %Y").to_string()).unwrap_or_default();
        output::text(&format!(
            "  sealed until {until}: {} for {}, personal data at {}\n",
            line.file,
            line.return_id,
            line.places.join(", ")
        ))?;
    }
    Ok(Exit::Done)
}

pub(crate) fn status(globals: &Globals, house: &House) -> anyhow::Result<Exit> {
    let status = pipeline::status(house)?;
    if globals.json {
        output::json("status", &status)?;
        return Ok(Exit::Done);
    }
    let today = status.today.strftime("%-d %B %Y");
    let mut text = format!(
        "{}\n{today}; the latest complete quarter is {}\n\n",
        status.partnership,
        status.period.title()
    );
    let returns: Vec<String> =
        status.returns.iter().map(|(state, count)| format!("{count} {state}")).collect();
    line(&mut text, format!("Returns:   {}", returns.join(", ")));
    for wanting in &status.wanting {
        line(&mut text, format!("           {wanting}"));
    }
    let edition =
        status.newest_edition.map(|edition| format!("{} ({})", edition.id, edition.state));
    line(&mut text, format!("Report:    {}", edition.unwrap_or_else(|| "none yet".to_owned())));
    let messages: Vec<String> =
        status.messages.iter().map(|(state, count)| format!("{count} {state}")).collect();
    let messages = if messages.is_empty() { "none".to_owned() } else { messages.join(", ") };
    line(&mut text, format!("Messages:  {messages}"));
    let scheduler = status.scheduler.as_ref().map_or_else(
        || "`serve` has not run here: jobs run only when somebody runs them".to_owned(),
        |beat| {
            let at = pipeline::local(beat.at).strftime("%-d %b %Y %H:%M");
            format!("last sign of life {at} ({})", beat.holder)
        },
    );
    line(&mut text, format!("Scheduler: {scheduler}"));
    for job in &status.jobs {
        let next = job.next.first().map_or("never", |due| due.at.as_str());
        line(&mut text, format!("Next:      {}, {next}", job.title));
    }
    if status.to_do.is_empty() {
        text.push_str("\nNothing to do.\n");
    } else {
        text.push_str("\nTo do:\n");
        for to_do in &status.to_do {
            line(&mut text, format!("  - {to_do}"));
        }
    }
    output::text(&text)?;
    Ok(Exit::Done)
}
