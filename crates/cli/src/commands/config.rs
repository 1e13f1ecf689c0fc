//! `config check`, `config show` and `config schema`.

use pipeline::{CONTRACT_SCHEMA, PipelineError, check_templates, load_definitions, shown};
use serde_json::json;

use crate::Exit;
use crate::args::{ConfigAction, Globals};
use crate::{output, start};

pub(crate) fn execute(globals: &Globals, action: &ConfigAction) -> anyhow::Result<Exit> {
    if matches!(action, ConfigAction::Schema) {
        return schema(globals);
    }
    let loaded = load_definitions(&start::definition_folders(globals), &start::environment());
    match action {
        // Here alone templates are laid out as well: it takes a moment.
        ConfigAction::Check => match loaded.and_then(|definitions| {
            let problems = check_templates(&definitions.report_templates);
            if problems.is_empty() { Ok(definitions) } else { Err(problems) }
        }) {
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
        ConfigAction::Schema => Ok(Exit::Done),
    }
}

/// Prints what an editor needs to check and complete a contract; reads no configuration.
fn schema(globals: &Globals) -> anyhow::Result<Exit> {
    if globals.json {
        let contract: serde_json::Value = serde_json::from_str(CONTRACT_SCHEMA)?;
        output::json("config schema", json!({ "contract": contract }))?;
    } else {
        output::text(CONTRACT_SCHEMA)?;
    }
    Ok(Exit::Done)
}
