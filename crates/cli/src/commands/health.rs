//! `doctor`, `verify`, `backup`, `restore`.

use std::path::Path;

use model::counted;
use pipeline::{BackedUp, Health, House, Repair, Restored, Verified, local};
use serde_json::json;

use crate::Exit;
use crate::args::Globals;
use crate::output::{self, line};

pub(crate) async fn doctor(globals: &Globals, house: &House) -> anyhow::Result<Exit> {
    let examined = pipeline::doctor(house).await;
    let worst = examined.iter().map(|it| it.health).max().unwrap_or(Health::Ok);
    let exit = if worst == Health::Ok { Exit::Done } else { Exit::Findings };
    if globals.json {
        output::json("doctor", json!({ "examined": examined }))?;
        return Ok(exit);
    }
    let mut text = String::new();
    for it in &examined {
        let mark = match it.health {
            Health::Ok => "ok     ",
            Health::Warning => "warning",
            Health::Problem => "PROBLEM",
        };
        line(&mut text, format!("{mark}  {}: {}", it.name, it.says));
        if let Some(to_do) = &it.to_do {
            line(&mut text, format!("         {to_do}"));
        }
    }
    output::text(&text)?;
    Ok(exit)
}

pub(crate) async fn verify(globals: &Globals, house: &House, repair: bool) -> anyhow::Result<Exit> {
    let repair = if repair { Repair::Lake } else { Repair::No };
    let verified = pipeline::verify(house, repair).await?;
    let exit = if verified.damage.is_empty() { Exit::Done } else { Exit::Findings };
    if globals.json {
        output::json("verify", &verified)?;
        return Ok(exit);
    }
    let Verified { submissions, commits, editions, messages, damage, repaired } = &verified;
    let mut text = format!(
        "Looked at {}, {} of the lake, {} and {}.\n",
        counted(*submissions, "submission"),
        counted(*commits, "commit"),
        counted(*editions, "edition"),
        counted(*messages, "message")
    );
    for it in damage {
        line(&mut text, format!("DAMAGED  {}: {}", it.place, it.what));
        line(&mut text, format!("         {}", it.to_do));
    }
    for it in repaired {
        line(&mut text, format!("repaired  {it}"));
    }
    if damage.is_empty() {
        text.push_str("Everything is as it was written.\n");
    }
    output::text(&text)?;
    Ok(exit)
}

pub(crate) async fn backup(
    globals: &Globals,
    house: &House,
    folder: &Path,
) -> anyhow::Result<Exit> {
    let made = pipeline::backup(house, folder).await?;
    let exit = if made.damage.is_empty() { Exit::Done } else { Exit::Findings };
    if globals.json {
        output::json("backup", json!({ "backup": made }))?;
        return Ok(exit);
    }
    let BackedUp { files, bytes, damage, .. } = made;
    let mut text = format!(
        "{} and the ledger are in {} ({bytes} bytes). Sealed submissions are left out; config/ and jobs/ are yours to keep.\n",
        counted(files, "file"),
        folder.display()
    );
    for what in damage {
        line(&mut text, format!("DAMAGED  {what}"));
    }
    output::text(&text)?;
    Ok(exit)
}

pub(crate) fn restore(globals: &Globals, house: &House, folder: &Path) -> anyhow::Result<Exit> {
    let restored = pipeline::restore(house, folder)?;
    let is_clean = restored.unknown == 0 && restored.not_run.is_empty();
    let exit = if is_clean { Exit::Done } else { Exit::Findings };
    if globals.json {
        output::json("restore", json!({ "restored": restored }))?;
        return Ok(exit);
    }
    let Restored { made_at, files, unknown, not_run } = restored;
    let made = local(made_at).strftime("%-d %B %Y at %H:%M");
    let mut text = format!("{} and the ledger are back, as of {made}.\n", counted(files, "file"));
    if unknown > 0 {
        let messages = counted(unknown, "message");
        line(
            &mut text,
            format!(
                "{messages} waited to be sent then and may have been sent since: see `quarterdeck outbox list`, and settle them."
            ),
        );
    }
    for it in not_run {
        line(&mut text, format!("Not run by itself, since it may have been run: {it}."));
    }
    line(
        &mut text,
        "Now look: `quarterdeck verify`, `quarterdeck status`; then start `serve` again.",
    );
    output::text(&text)?;
    Ok(exit)
}
