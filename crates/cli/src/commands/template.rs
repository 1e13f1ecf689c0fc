//! `template`.

use std::path::Path;

use model::Period;
use pipeline::House;

use crate::Exit;
use crate::args::Globals;
use crate::output;

pub(crate) fn template(
    globals: &Globals,
    house: &House,
    name: &str,
    period: Option<Period>,
    out: &Path,
) -> anyhow::Result<Exit> {
    let written = pipeline::template(house, name, period, out)?;
    if globals.json {
        output::json("template", &written)?;
    } else {
        output::text(&format!(
            "{} is the blank return {name} for {} (version {}): {} cells to fill in on {}\n",
            written.file,
            written.period.title(),
            written.version,
            written.entries,
            written.sheets.join(", ")
        ))?;
    }
    Ok(Exit::Done)
}
