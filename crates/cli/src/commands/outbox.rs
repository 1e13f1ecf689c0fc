//! `outbox list`, `show`, `retry`, `resend`, `settle`.

use std::path::Path;

use model::counted;
use pipeline::{Decided, House, MessageLine, PipelineError, SettleAs, local};
use serde_json::json;

use crate::Exit;
use crate::args::{Globals, SettleWhat};
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
        (None, None, Some(period)) => period.to_string(),
        // Its Message-ID begins with what it is about.
        _ => message.message_id.split('.').next().unwrap_or_default().to_owned(),
    }
}

pub(crate) fn message(
    globals: &Globals,
    house: &House,
    id: &str,
    raw: bool,
) -> anyhow::Result<Exit> {
    let shown = pipeline::message(house, id)?;
    if raw && shown.mime.is_empty() {
        let message = "its bytes are not kept any more (mail.keep_days); the edition's folder has what it said";
        return Err(PipelineError::Usage(message.to_owned()).into());
    }
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

pub(crate) fn retry(globals: &Globals, house: &House, id: &str) -> anyhow::Result<Exit> {
    let decided = pipeline::retry(house, id)?;
    tell(globals, "outbox retry", &[decided])?;
    Ok(Exit::Done)
}

pub(crate) fn resend(globals: &Globals, house: &House) -> anyhow::Result<Exit> {
    let decided = pipeline::resend_failed(house)?;
    tell(globals, "outbox resend", &decided)?;
    let left_out = decided.iter().any(|message| message.state == "refused");
    Ok(if left_out { Exit::Findings } else { Exit::Done })
}

pub(crate) fn settle(
    globals: &Globals,
    house: &House,
    (id, as_what): (Option<&str>, Option<SettleWhat>),
    log: Option<&Path>,
) -> anyhow::Result<Exit> {
    let decided = match (id, as_what, log) {
        (_, _, Some(log)) => pipeline::settle_by_log(house, log)?,
        (Some(id), Some(as_what), None) => {
            let as_what = match as_what {
                SettleWhat::Accepted => SettleAs::Accepted,
                SettleWhat::Refused => SettleAs::Refused,
            };
            vec![pipeline::settle(house, id, as_what)?]
        }
        _ => {
            let message = "say what became of it: --as accepted or --as refused";
            return Err(PipelineError::Usage(message.to_owned()).into());
        }
    };
    tell(globals, "outbox settle", &decided)?;
    let is_open = decided.iter().any(|message| message.state == "unknown");
    Ok(if is_open { Exit::Findings } else { Exit::Done })
}

fn tell(globals: &Globals, command: &str, decided: &[Decided]) -> anyhow::Result<()> {
    if globals.json {
        return output::json(command, json!({ "messages": decided }));
    }
    if decided.is_empty() {
        return output::text("There is nothing of that kind.\n");
    }
    let mut text = String::new();
    for Decided { message_id, recipient_masked, state, why } in decided {
        line(&mut text, format!("{state}: {recipient_masked}, {message_id} ({why})"));
    }
    let again = decided.iter().filter(|message| message.state == "approved").count();
    if again > 0 {
        let again = counted(again, "message");
        line(
            &mut text,
            format!(
                "{again} will be sent at the outbox's next turn, or by `quarterdeck outbox send` now."
            ),
        );
    }
    output::text(&text)
}
