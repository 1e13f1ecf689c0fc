//! `demo`: the real pipeline over the bundled partnership.

use std::path::Path;

use pipeline::demo::{Faults, demonstration, faults, period};
use pipeline::{House, PipelineError, RunSummary, Sending};
use serde_json::json;

use crate::Exit;
use crate::args::Globals;
use crate::commands::run::described;
use crate::output::line;
use crate::{output, site, start};

const JOB: &str = "quarterly-monitoring";

pub(crate) async fn demo(globals: &Globals, house: House) -> anyhow::Result<Exit> {
    if globals.as_of.is_some() {
        let message = "the demonstration has a clock of its own: leave --as-of out".to_owned();
        return Err(PipelineError::Usage(message).into());
    }
    let fixtures = start::home(globals).join("fixtures");
    if !fixtures.join("partners").is_dir() {
        let message = format!(
            "the demonstration's files are not in {}: start it in a checkout of quarterdeck",
            fixtures.display()
        );
        return Err(PipelineError::Usage(message).into());
    }
    let address = site::serve(fixtures.join("site")).await?;
    let house = demonstration(house, &fixtures, &address);
    let job = pipeline::job(&house, JOB)?;
    // Not named on the command line: this is the latest complete quarter on the demonstration's day.
    let summary = pipeline::run(&house, job, None, Sending::AtOnce).await?;
    let faults = faults(&house, &fixtures)?;
    let edition = pipeline::editions(&house)?.pop();
    let folder = edition.as_ref().map(|edition| edition.folder.clone());
    if globals.json {
        output::json("demo", as_json(&summary, &faults, folder.as_deref()))?;
    } else {
        output::text(&as_text(globals, &summary, &faults, folder.as_deref()))?;
    }
    if summary.should_try_later() {
        return Ok(Exit::TryLater);
    }
    Ok(if faults.missing.is_empty() && faults.unexpected.is_empty() {
        Exit::Done
    } else {
        Exit::Findings
    })
}

fn as_json(summary: &RunSummary, faults: &Faults, folder: Option<&str>) -> serde_json::Value {
    let pairs = |faults: &std::collections::BTreeSet<(String, String)>| {
        faults
            .iter()
            .map(|(name, code)| json!({ "return": name, "code": code }))
            .collect::<Vec<_>>()
    };
    json!({
        "run": summary,
        "report": folder,
        "faults": {
            "as_planted": pairs(&faults.as_planted),
            "missing": pairs(&faults.missing),
            "unexpected": pairs(&faults.unexpected),
        },
    })
}

fn as_text(
    globals: &Globals,
    summary: &RunSummary,
    faults: &Faults,
    folder: Option<&str>,
) -> String {
    let mut text = String::new();
    if summary.outcome == "up-to-date" {
        text.push_str("Nothing has changed since the last demonstration: nothing was done.\n");
    } else {
        text.push_str(&described(summary));
    }
    let Faults { as_planted, missing, unexpected } = faults;
    let (found, missed, more) = (as_planted.len(), missing.len(), unexpected.len());
    line(
        &mut text,
        format!(
            "\nFaults planted in what the partners sent: {found} found as planted, {missed} missed, {more} unexpected."
        ),
    );
    for (what, faults) in [("missed", missing), ("unexpected", unexpected)] {
        for (name, code) in faults {
            line(&mut text, format!("  {what}: {code} in {name}"));
        }
    }
    let data = start::shown(&globals.data);
    if let Some(folder) = folder {
        let folder = start::shown(Path::new(folder));
        line(&mut text, format!("\nThe report:   {folder}/email.html (open it in a browser)"));
        line(&mut text, format!("As text:      {folder}/email.txt"));
        line(&mut text, format!("As a page:    {folder}/page/index.html"));
        line(&mut text, format!("As a pack:    {folder}/*-pack.pdf"));
        line(&mut text, format!("Tables:       {folder}/*-tables.xlsx, and *.csv"));
        line(&mut text, format!("Messages:     {data}/outbox/*.eml"));
    }
    let program = start::program_as_called();
    let data = if data == "var" { String::new() } else { format!(" --data {data}") };
    line(&mut text, format!("\nNext: {program} status --as-of 2025-07-21{data}"));
    line(
        &mut text,
        format!(
            "      {program} trace police-shoplifting --area Sevenoaks --period {}{data}",
            period()
        ),
    );
    text
}
