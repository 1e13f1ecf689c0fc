//! `config check` and `config show`.

use pipeline::{PipelineError, load_definitions, shown};
use serde_json::json;

use crate::Exit;
use crate::args::{ConfigAction, Globals};
use crate::{output, start};

pub(crate) fn execute(globals: &Globals, action: &ConfigAction) -> anyhow::Result<Exit> {
    let loaded = load_definitions(&start::definition_folders(globals), &start::environment());
    match action {
        ConfigAction::Check => match loaded {
            Ok(definitions) => {
                if globals.json {
                    output::json("config check", json!({ "problems": [] }))?;
                } else {
                    output::text(&format!(
                        "The configuration is sound: {} returns, {} measures, {} jobs, {} sources.\n",
                        definitions.contracts.len(),
                        definitions.measures.len(),
                        definitions.jobs.len(),
                        definitions.settings.sources.len(),
                    ))?;
                }
                Ok(Exit::Done)
            }
            Err(problems) => {
                if globals.json {
                    let problems: Vec<_> = problems
                        .iter()
                        .map(|problem| json!({ "file": problem.file, "key": problem.key, "message": problem.message }))
                        .collect();
                    output::json("config check", json!({ "problems": problems }))?;
                } else {
                    for problem in &problems {
                        output::error(&problem.to_string());
                    }
                    let count = problems.len();
                    let plural = if count == 1 { "" } else { "s" };
                    output::error(&format!("{count} problem{plural} in the configuration"));
                }
                Ok(Exit::Usage)
            }
        },
        ConfigAction::Show => {
            let definitions = loaded.map_err(PipelineError::Configuration)?;
            let lines = shown(&definitions.settings);
            if globals.json {
                output::json("config show", json!({ "settings": lines }))?;
            } else {
                let rows: Vec<Vec<String>> =
                    lines.into_iter().map(|line| vec![line.key, line.value]).collect();
                output::text(&output::table(&["key", "value"], &rows))?;
            }
            Ok(Exit::Done)
        }
    }
}
