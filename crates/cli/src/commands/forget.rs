//! `forget`.

use pipeline::House;

use crate::Exit;
use crate::args::Globals;
use crate::output;

pub(crate) fn forget(globals: &Globals, house: &House, submission: &str) -> anyhow::Result<Exit> {
    let forgotten = pipeline::forget(house, submission)?;
    if globals.json {
        output::json("forget", &forgotten)?;
        return Ok(Exit::Done);
    }
    let short = forgotten.sha256.get(..12).unwrap_or(&forgotten.sha256);
    let mut text = match forgotten.destroyed_before {
        Some(day) => {
            format!("{short} had been destroyed on {} already\n", day.strftime("%-d %B %Y"))
        }
        None => format!("{short} is destroyed: bytes, file name and what was said of its cells\n"),
    };
    if !forgotten.sources.is_empty() {
        let sources = forgotten.sources.join(", ");
        output::line(
            &mut text,
            format!(
                "  a copy may still lie where it came from ({sources}), and in backups: delete those, too"
            ),
        );
    }
    output::text(&text)?;
    Ok(Exit::Done)
}
