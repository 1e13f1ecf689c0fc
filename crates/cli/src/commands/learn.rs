//! `learn`.

use std::path::Path;

use model::counted;
use pipeline::House;

use crate::Exit;
use crate::args::Globals;
use crate::commands::run::finding_text;
use crate::output;
use crate::start::shown;

pub(crate) fn learn(
    globals: &Globals,
    house: &House,
    file: &Path,
    output: Option<&Path>,
) -> anyhow::Result<Exit> {
    let outcome = pipeline::learn(house, file)?;
    if let (Some(path), Some(text)) = (output, &outcome.contract) {
        pipeline::save_proposal(path, text)?;
    }
    let exit = if outcome.is_clean() { Exit::Done } else { Exit::Findings };
    if globals.json {
        output::json("learn", &outcome)?;
        return Ok(exit);
    }
    match (&outcome.contract, output) {
        (Some(text), None) => output::text(text)?,
        (Some(_), Some(path)) => output::text(&format!(
            "{}: {} found, a contract for them is in {}; {} for you\n",
            outcome.submission.file,
            counted(outcome.tables.len(), "table"),
            shown(path),
            counted(outcome.decisions.len(), "decision"),
        ))?,
        (None, _) => {
            output::text(&format!("{}: no contract can be proposed\n", outcome.submission.file))?;
        }
    }
    // The proposal is TOML on standard output, so what was found goes beside it.
    let findings: String =
        outcome.findings.iter().map(|finding| finding_text(finding, "  ")).collect();
    match (&outcome.contract, output) {
        (Some(_), None) if !findings.is_empty() => output::note(findings.trim_end()),
        _ => output::text(&findings)?,
    }
    Ok(exit)
}
