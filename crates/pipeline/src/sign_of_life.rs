//! The monthly sign of life: a short mail that says all this is alive, what comes next, and what somebody should do
//! before then. When it does not come, that is the news.

use jiff::Timestamp;
use ledger::Ledger;
use publication::{NoticePart, OperatorNotice};

use crate::clock::local;
use crate::doctor::{Health, doctor};
use crate::error::PipelineError;
use crate::house::House;
use crate::report::tell;
use crate::status::status;
use crate::storage::{bytes, storage};

const WHEN: &str = "%A %-d %B %Y at %H:%M";

/// Queues the mail, once a day at most. Says how many things are to be looked at.
pub(crate) async fn sign_of_life(house: &House, ledger: &Ledger) -> Result<usize, PipelineError> {
    let (definitions, now) = (&house.definitions, house.clock.now());
    let kept_since =
        now - jiff::SignedDuration::from_hours(24 * definitions.settings.mail.keep_days);
    let dropped = ledger.drop_message_bytes(kept_since)?;
    if dropped > 0 {
        tracing::info!(
            "The bytes of {dropped} messages were dropped: they are older than mail.keep_days"
        );
    }
    if (dropped > 0 || ledger.has_much_free_room()?)
        && let Err(error) = ledger.make_smaller()
    {
        // What is free in it is used again, and next month it is tried again.
        tracing::warn!("The ledger stays as large as it was: {error}");
    }
    let status = status(house)?;
    let examined = doctor(house).await;
    let unwell: Vec<String> = examined
        .iter()
        .filter(|it| it.health != Health::Ok)
        // What somebody has to do stands there once.
        .filter(|it| {
            let says = it.says.to_lowercase();
            !status.to_do.iter().any(|to_do| to_do.to_lowercase().contains(&says))
        })
        .map(|it| {
            let to_do =
                it.to_do.as_ref().map_or_else(String::new, |to_do| format!(" To do: {to_do}."));
            format!("{}: {}.{to_do}", it.name, it.says)
        })
        .collect();
    let count = unwell.len() + status.to_do.len();
    let partnership = &definitions.partnership.short_name;
    let finding = match count {
        0 => "all is well".to_owned(),
        1 => "1 thing to look at".to_owned(),
        count => format!("{count} things to look at"),
    };
    let well: Vec<String> = examined
        .iter()
        .filter(|it| it.health == Health::Ok)
        .map(|it| format!("{}: {}.", it.name, it.says))
        .collect();
    let notice = OperatorNotice {
        subject: format!("{partnership}: Quarterdeck is alive, {finding}"),
        heading: format!("Quarterdeck is alive: {finding}"),
        opening: "This comes once a month. If it does not come, nothing else will either: look after the machine then.".to_owned(),
        parts: vec![
            NoticePart::new("What comes next", next(house, now)),
            NoticePart::new(
                "Whose it is",
                vec![
                    format!("Readers are told to ask: {}.", definitions.settings.contact),
                    format!("Messages like this go to {}.", definitions.settings.mail.operator_address),
                ],
            ),
            part("What is missing", status.wanting.clone(), "Nothing that was owed."),
            part("What to do", status.to_do, "Nothing."),
            part("What is not well", unwell, "Everything that was looked at is well."),
            NoticePart::new("What was looked at", well),
            NoticePart::new("Room", room(house)?),
        ],
        command: "quarterdeck status".to_owned(),
    };
    let about = format!("sign-of-life-{}", house.clock.today());
    tell(house, ledger, &about, &notice);
    Ok(count)
}

fn part(heading: &str, lines: Vec<String>, nothing: &str) -> NoticePart {
    let lines = if lines.is_empty() { vec![nothing.to_owned()] } else { lines };
    NoticePart::new(heading, lines)
}

/// When each job is due next, but for those that are due again and again.
fn next(house: &House, now: Timestamp) -> Vec<String> {
    let definitions = &house.definitions;
    let jobs = definitions.jobs.values().filter(|job| !job.schedule.is_ceaseless());
    let mut next: Vec<(Timestamp, String)> = jobs
        .filter_map(|job| {
            let due = job.schedule.after(&definitions.calendar, now).next()?;
            Some((due.at, format!("{}: {}.", job.title, local(due.at).strftime(WHEN))))
        })
        .collect();
    next.sort();
    next.into_iter().map(|(_, line)| line).collect()
}

fn room(house: &House) -> Result<Vec<String>, PipelineError> {
    let storage = storage(house)?;
    let mut lines: Vec<String> = storage
        .kept
        .iter()
        .filter(|(_, size)| *size > 100_000)
        .map(|(name, size)| format!("{name}: {}.", bytes(*size)))
        .collect();
    lines.push(format!("Left on the disk: {}.", bytes(storage.free)));
    Ok(lines)
}
