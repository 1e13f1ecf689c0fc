//! Reports as they would be issued.

use model::{EditionId, JobId, Period};
use pipeline::{EditionDecided, House, Previewed};
use serde_json::json;

use crate::Exit;
use crate::args::Globals;
use crate::output;

pub(crate) async fn preview(
    globals: &Globals,
    house: &House,
    job: Option<&str>,
    period: Option<Period>,
) -> anyhow::Result<Exit> {
    let job = job.map(JobId::new);
    let previewed = pipeline::preview(house, job.as_ref(), period).await?;
    let exit = if previewed.waiting_for.is_empty() && previewed.figures > 0 {
        Exit::Done
    } else {
        Exit::Findings
    };
    if globals.json {
        output::json("report-preview", json!({ "preview": previewed }))?;
        return Ok(exit);
    }
    output::text(&text(&previewed))?;
    Ok(exit)
}

pub(crate) fn withdraw(
    globals: &Globals,
    house: &House,
    edition: &str,
    why: &str,
) -> anyhow::Result<Exit> {
    let withdrawn = pipeline::withdraw(house, &EditionId::new(edition), why)?;
    if globals.json {
        output::json("report-withdraw", json!({ "withdrawn": withdrawn }))?;
        return Ok(Exit::Done);
    }
    let pipeline::Withdrawn { edition, told, cancelled } = withdrawn;
    output::text(&format!(
        "Edition {edition} is withdrawn. {told} recipients will be told at the outbox's next turn; {cancelled} messages that had not been sent are cancelled.\nA run for its period makes a corrected edition.\n"
    ))?;
    Ok(Exit::Done)
}

pub(crate) fn approve(
    globals: &Globals,
    house: &House,
    edition: &str,
    comment: &str,
) -> anyhow::Result<Exit> {
    let decided = pipeline::approve(house, &EditionId::new(edition), comment)?;
    decision(
        globals,
        "approve",
        &decided,
        "may be sent: they leave at the outbox's next turn, or by `quarterdeck outbox send` now",
    )
}

pub(crate) fn hold(
    globals: &Globals,
    house: &House,
    edition: &str,
    why: &str,
) -> anyhow::Result<Exit> {
    let decided = pipeline::hold(house, &EditionId::new(edition), why)?;
    decision(globals, "hold", &decided, "are kept back; what was sent before stays sent")
}

fn decision(
    globals: &Globals,
    command: &str,
    decided: &EditionDecided,
    what: &str,
) -> anyhow::Result<Exit> {
    if globals.json {
        output::json(command, json!({ "edition": decided }))?;
        return Ok(Exit::Done);
    }
    let EditionDecided { edition, state, messages, content_sha256 } = decided;
    let short = content_sha256.get(..12).unwrap_or(content_sha256);
    let messages = model::counted(*messages, "message");
    output::text(&format!("Edition {edition} (content {short}) is {state}. {messages} {what}.\n"))?;
    Ok(Exit::Done)
}

fn text(previewed: &Previewed) -> String {
    let Previewed {
        edition, subject, folder, files, messages, waiting_for, figures, made_by, ..
    } = previewed;
    let mut lines = vec![
        format!("Preview of edition {edition}: {subject}"),
        "Nothing was sent, and nothing is remembered of it.".to_owned(),
        String::new(),
    ];
    if *figures == 0 {
        lines.push(
            "This report has no figure at all: look at `quarterdeck returns` for what has come in."
                .to_owned(),
        );
    }
    if !waiting_for.is_empty() {
        lines.push("A run would be held; it waits for:".to_owned());
        lines.extend(waiting_for.iter().map(|what| format!("  {what}")));
        lines.push(String::new());
    }
    if let Some(run) = made_by {
        lines.push(format!(
            "A run would do nothing: {run} has made this report, and nothing is new since."
        ));
        lines.push(String::new());
    }
    let folder = folder.display();
    lines.push(format!("In {folder}:"));
    let is_main = |path: &str| {
        !path.starts_with("images/") && !path.starts_with("page/") || path == "page/index.html"
    };
    for file in files.iter().filter(|file| is_main(&file.path)) {
        lines.push(format!("  {} ({} kB)", file.path, file.bytes.div_ceil(1000)));
    }
    lines.push(String::new());
    lines.push(format!("{} would go out:", model::counted(messages.len(), "message")));
    for message in messages {
        let files = match message.attached.as_slice() {
            [] => "without files".to_owned(),
            files => format!("with {}", files.join(", ")),
        };
        lines.push(format!("  {}, {files}", message.recipient));
    }
    lines.join("\n") + "\n"
}
