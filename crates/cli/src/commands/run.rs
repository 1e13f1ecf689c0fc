//! `run`, `plan`, `serve`, `outbox send`.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use anyhow::Context as _;
use model::{Period, Severity, counted};
use pipeline::{
    Clock, Dispatched, House, JudgedSubmission, PipelineError, RunSummary, Sending, local,
};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::Notify;

use crate::Exit;
use crate::args::Globals;
use crate::output::{self, line};

pub(crate) async fn run(
    globals: &Globals,
    house: &House,
    job: &str,
    period: Option<Period>,
    no_send: bool,
) -> anyhow::Result<Exit> {
    let job = pipeline::job(house, job)?;
    let sending = if no_send { Sending::Later } else { Sending::AtOnce };
    let summary = pipeline::run(house, job, period, sending).await?;
    if globals.json {
        output::json("run", &summary)?;
    } else {
        output::text(&described(&summary))?;
    }
    Ok(exit_of(&summary))
}

pub(crate) async fn send(globals: &Globals, house: &House) -> anyhow::Result<Exit> {
    let jobs = &house.definitions.jobs;
    let job = jobs.values().find(|job| job.kind == pipeline::JobKind::Dispatch);
    let job = job.ok_or_else(|| {
        PipelineError::Usage("no job under jobs/ sends mail (kind = \"dispatch\")".to_owned())
    })?;
    let summary = pipeline::run(house, job, None, Sending::AtOnce).await?;
    if globals.json {
        output::json("outbox send", &summary)?;
    } else if summary.sent.is_nothing() {
        output::text("Nothing waits to be sent.\n")?;
    } else {
        output::text(&sent_text(&summary.sent))?;
    }
    Ok(exit_of(&summary))
}

/// The exit code of a run.
pub(crate) fn exit_of(summary: &RunSummary) -> Exit {
    if summary.should_try_later() {
        Exit::TryLater
    } else if summary.outcome == "held" {
        Exit::Held
    } else if summary.has_findings() {
        Exit::Findings
    } else {
        Exit::Done
    }
}

/// What a run did, for people.
pub(crate) fn described(summary: &RunSummary) -> String {
    let mut text = format!("{} for {}: {}\n", summary.job, summary.period.title(), summary.outcome);
    for submission in &summary.submissions {
        text.push_str(&submission_text(submission));
    }
    for found in summary.findings.iter().filter(|found| found.file.is_none()) {
        line(&mut text, format!("  {}: {}", found.source, found.finding.message));
        if let Some(hint) = &found.finding.hint {
            line(&mut text, format!("      {hint}"));
        }
    }
    if !summary.destroyed.is_empty() {
        let count = counted(summary.destroyed.len(), "sealed file");
        line(
            &mut text,
            format!("  {count} destroyed: the time for keeping what held personal data is over"),
        );
    }
    if summary.unchanged > 0 {
        let verb = if summary.unchanged == 1 { "is" } else { "are" };
        let count = counted(summary.unchanged, "file");
        line(&mut text, format!("  {count} {verb} as last time"));
    }
    for missing in &summary.waiting_for {
        line(&mut text, format!("  waiting for {missing}"));
    }
    if let Some(edition) = &summary.edition {
        line(&mut text, format!("  edition {}: {}", edition.id, edition.subject));
        line(&mut text, format!("  in {}", edition.folder.display()));
    }
    if summary.messages_queued > 0 {
        line(&mut text, format!("  {} queued", counted(summary.messages_queued, "message")));
    }
    if summary.letters_queued > 0 {
        let letters = counted(summary.letters_queued, "letter");
        line(&mut text, format!("  {letters} to partners queued"));
    }
    text.push_str(&of_operations(summary));
    text.push_str(&sent_text(&summary.sent));
    text
}

/// What reminders, rehearsals, backups and signs of life have to say.
fn of_operations(summary: &RunSummary) -> String {
    let mut text = String::new();
    for reminded in &summary.reminded {
        let what = reminded.returns.join(", ");
        let state = match reminded.state {
            "queued" => "reminded",
            "dry-run" => {
                "would be reminded (reminders.mode is \"dry-run\", so nobody was written to)"
            }
            _ => "would be reminded, but has no contact in partnership.toml",
        };
        line(&mut text, format!("  {}: {state}: {what}", reminded.partner));
    }
    if let Some(rehearsed) = &summary.rehearsed {
        let returns = counted(rehearsed.returns, "return");
        line(&mut text, format!("  {returns} of {} played through", rehearsed.with.title()));
        for problem in &rehearsed.problems {
            line(&mut text, format!("  {problem}"));
        }
    }
    if let Some(backup) = &summary.backup {
        let files = counted(backup.files, "file");
        line(&mut text, format!("  {files} and the ledger are in {}", backup.folder.display()));
        for damage in &backup.damage {
            line(&mut text, format!("  not whole: {damage}"));
        }
        for name in &backup.deleted {
            line(&mut text, format!("  {name} was deleted"));
        }
    }
    if summary.to_look_at > 0 {
        let things = counted(summary.to_look_at, "thing");
        line(&mut text, format!("  {things} to look at: the operator is told which"));
    }
    text
}

fn submission_text(submission: &JudgedSubmission) -> String {
    let figures = counted(submission.observations, "figure");
    let JudgedSubmission { state, file, source, .. } = submission;
    let mut text = format!("  {state}: {file}, {figures} ({source})\n");
    let (repairs, others): (Vec<_>, Vec<_>) =
        submission.findings.iter().partition(|finding| finding.severity == Severity::Repair);
    for finding in others {
        text.push_str(&finding_text(finding, "      "));
    }
    if let Some(until) = submission.sealed_until {
        let until = until.strftime("%-d %B %Y").to_string();
        text.push_str(&sealed_text(&submission.sha256, source, &until, "      "));
    }
    if !repairs.is_empty() {
        let kinds = counted(repairs.len(), "kind");
        line(&mut text, format!("      {kinds} of repair made; trace shows them"));
    }
    text
}

/// What to do about a sealed file: the short form of the runbook in docs/operations.md.
pub(crate) fn sealed_text(sha256: &str, source: &str, until: &str, indent: &str) -> String {
    let short = sha256.get(..12).unwrap_or(sha256);
    format!(
        "{indent}sealed until {until}: nothing else in it was read, and nothing of it was kept elsewhere\n\
         {indent}    tell the partner, delete the file from the source {source}, tell whoever answers for data protection,\n\
         {indent}    and end it with `quarterdeck forget {short}` (docs/operations.md, Personal data arrived)\n"
    )
}

fn sent_text(sent: &Dispatched) -> String {
    let mut text = String::new();
    if sent.is_nothing() {
        return text;
    }
    let Dispatched { accepted, deferred, refused, unknown, cancelled, waiting, unreachable } = sent;
    let counts = [
        (accepted, "accepted"),
        (deferred, "put off"),
        (refused, "refused"),
        (unknown, "unknown"),
        (cancelled, "cancelled"),
        (waiting, "waiting until the quiet hours are over"),
    ];
    let counts: Vec<String> = counts
        .into_iter()
        .filter(|(count, _)| **count > 0)
        .map(|(count, state)| format!("{count} {state}"))
        .collect();
    if !counts.is_empty() {
        line(&mut text, format!("  mail: {}", counts.join(", ")));
    }
    if let Some(why) = unreachable {
        line(&mut text, format!("  the mail server cannot be used: {why}"));
    }
    text
}

/// A finding in two lines: what, and what to do.
pub(crate) fn finding_text(finding: &pipeline::FindingView, indent: &str) -> String {
    let place = match (finding.sheet.as_str(), &finding.cell) {
        ("", None) => String::new(),
        ("", Some(cell)) => format!("{cell} "),
        (sheet, None) => format!("{sheet} "),
        (sheet, Some(cell)) => format!("{sheet}!{cell} "),
    };
    let mut text = format!("{indent}{place}{}: {}\n", finding.code, finding.message);
    if let Some(hint) = &finding.hint {
        line(&mut text, format!("{indent}    {hint}"));
    }
    if let Some(proposal) = &finding.proposal {
        line(&mut text, format!("{indent}    if the new layout is meant, the contract needs:"));
        for needed in proposal.lines() {
            line(&mut text, format!("{indent}      {needed}"));
        }
    }
    text
}

pub(crate) async fn plan(
    globals: &Globals,
    house: &House,
    job: &str,
    period: Option<Period>,
) -> anyhow::Result<Exit> {
    let job = pipeline::job(house, job)?;
    let plan = pipeline::plan(house, job, period).await?;
    if globals.json {
        output::json("plan", &plan)?;
    } else {
        output::text(&format!("{} for {} would:\n", plan.job, plan.period.title()))?;
        for step in &plan.steps {
            output::text(&format!("  {step}\n"))?;
        }
        output::text("By itself it falls due:\n")?;
        for due in &plan.next {
            output::text(&format!("  {} ({})\n", due.at, due.period))?;
        }
    }
    Ok(Exit::Done)
}

/// A job under way is finished first, if it is within this time: service managers wait half a minute.
const STOP_WITHIN: Duration = Duration::from_secs(25);

/// Ends the process in the middle of a job. Everything is written so that it may die at any moment; the next start
/// takes up what was under way.
#[expect(
    clippy::exit,
    reason = "the job under way may be deep in a library and cannot be asked to end"
)]
fn stop_at_once() -> ! {
    output::error(
        "stopped in the middle of a job, which took too long: it is taken up again at the next start",
    );
    std::process::exit(75)
}

pub(crate) async fn serve(globals: &Globals, house: House) -> anyhow::Result<Exit> {
    if matches!(house.clock, Clock::Fixed(_)) {
        let message = "serve runs by the real clock: leave --as-of out".to_owned();
        return Err(PipelineError::Usage(message).into());
    }
    // Without it, memory is given back only while more is asked for; most of a quarter nothing is.
    if let Err(error) = tikv_jemalloc_ctl::background_thread::write(true) {
        tracing::warn!("Memory that is no longer needed will be given back late: {error}");
    }
    let stop = Arc::new(Notify::new());
    let mut terminate = signal(SignalKind::terminate()).context("could not listen for SIGTERM")?;
    let mut interrupt = signal(SignalKind::interrupt()).context("could not listen for SIGINT")?;
    let (notify, stopping) = (Arc::clone(&stop), Arc::clone(&house.stopping));
    let quiet = globals.quiet;
    tokio::spawn(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        stopping.store(true, Ordering::Release);
        notify.notify_one();
        tokio::time::sleep(STOP_WITHIN).await;
        stop_at_once();
    });
    if !quiet {
        for job in pipeline::jobs(&house, 1)? {
            let next = job.next.first().map_or("never", |due| due.at.as_str());
            output::note(&format!("{}: next {next}", job.job));
        }
    }
    pipeline::serve(house, stop, |served| {
        let due = local(served.due.at).strftime("%-d %b %Y %H:%M").to_string();
        match &served.outcome {
            Ok(outcome) if !quiet => {
                output::note(&format!("{} (due {due}): {outcome}", served.job));
            }
            Ok(_) => {}
            Err(why) => output::error(&format!("{} (due {due}): {why}", served.job)),
        }
    })
    .await?;
    if !quiet {
        output::note("stopped");
    }
    Ok(Exit::Done)
}
