//! From options to a [`House`]: the environment is read here, once.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use pipeline::{Clock, DefinitionFolders, Folders, House, PipelineError, load_definitions};

use crate::args::Globals;
use crate::progress::progress;

/// The folder that holds `config/`, `jobs/` and `fixtures/`.
pub(crate) fn home(globals: &Globals) -> PathBuf {
    match globals.config.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_path_buf(),
        _ => PathBuf::from("."),
    }
}

/// Where definitions are read from.
pub(crate) fn definition_folders(globals: &Globals) -> DefinitionFolders {
    DefinitionFolders { config: globals.config.clone(), jobs: home(globals).join("jobs") }
}

/// The environment, without what is not text.
pub(crate) fn environment() -> BTreeMap<String, String> {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect()
}

/// Reads and checks everything a command needs.
pub(crate) fn house(globals: &Globals) -> anyhow::Result<House> {
    let environment = environment();
    let folders = definition_folders(globals);
    let definitions =
        load_definitions(&folders, &environment).map_err(PipelineError::Configuration)?;
    let clock = match &globals.as_of {
        Some(text) => Clock::parse_as_of(text)
            .map_err(|message| PipelineError::Usage(format!("--as-of: {message}")))?,
        None => Clock::System,
    };
    Ok(House {
        folders: Folders { config: folders.config, jobs: folders.jobs, data: globals.data.clone() },
        definitions,
        crash_at: crash_at(&environment),
        stopping: std::sync::Arc::default(),
        environment,
        clock,
        program: std::env::current_exe().context("could not find out where this program is")?,
        software: concat!("quarterdeck ", env!("CARGO_PKG_VERSION")).to_owned(),
        progress: progress(globals),
        demonstration: None,
    })
}

/// Crash tests name a place to die at; a release build never does.
fn crash_at(environment: &BTreeMap<String, String>) -> Option<String> {
    if cfg!(debug_assertions) { environment.get("QUARTERDECK_CRASH_AT").cloned() } else { None }
}

/// This program as the person called it, so that what we suggest can be typed.
pub(crate) fn program_as_called() -> String {
    std::env::args().next().unwrap_or_else(|| "quarterdeck".to_owned())
}

/// A path as a person would write it: without `./` in front.
pub(crate) fn shown(path: &Path) -> String {
    path.strip_prefix(".").unwrap_or(path).display().to_string()
}
