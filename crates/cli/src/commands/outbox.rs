//! `outbox list`, `outbox show`.

use pipeline::{House, MessageLine, local};
use serde_json::json;

use crate::Exit;
use crate::args::Globals;
use crate::output::{self, line};

pub(crate) fn messages(globals: &Globals, house: &House) -> anyhow::Result<Exit> {
    let messages = pipeline::messages(house)?;
    if globals.json {
        output::json("outbox list", json!({ "messages": messages }))?;
        return Ok(Exit::Done);
    }
    let rows: Vec<Vec<String>> = messages
        .iter()
        .map(|message| {
            vec![
                message.recipient_masked.clone(),
                message.kind.clone(),
                about(message),
                message.state.clone(),
                message.attempts.to_string(),
                message.last_reply.clone().unwrap_or_default(),
                message.message_id.clone(),
            ]
        })
        .collect();
    output::text(&output::table(
        &["recipient", "kind", "about", "state", "attempts", "last reply", "message id"],
        &rows,
    ))?;
    Ok(Exit::Done)
}

/// The edition a report carries, or the return a letter answers.
fn about(message: &MessageLine) -> String {
    match (&message.edition, &message.return_id, message.period) {
        (Some(edition), _, _) => edition.clone(),
        (None, Some(return_id), Some(period)) => format!("{return_id} {period}"),
        _ => String::new(),
    }
}

pub(crate) fn message(
    globals: &Globals,
    house: &House,
    id: &str,
    raw: bool,
) -> anyhow::Result<Exit> {
    let shown = pipeline::message(house, id)?;
    if raw {
        output::bytes(&shown.mime)?;
        return Ok(Exit::Done);
    }
    if globals.json {
        output::json("outbox show", &shown)?;
        return Ok(Exit::Done);
    }
    let message = &shown.message;
    let mut text = format!("{}\n", message.message_id);
    line(
        &mut text,
        format!("  {} about {}, to {}", message.kind, about(message), message.recipient_masked),
    );
    line(&mut text, format!("  {} bytes; --raw prints them", shown.size_bytes));
    for step in &shown.history {
        let at = local(step.at).strftime("%-d %b %Y %H:%M");
        let reply = step.reply.as_ref().map(|reply| format!(": {reply}")).unwrap_or_default();
        line(&mut text, format!("  {at} {}{reply}", step.state));
    }
    output::text(&text)?;
    Ok(Exit::Done)
}
