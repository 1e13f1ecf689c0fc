//! Each command: a `pipeline` function, and how its result is printed.

mod config;
mod demo;
mod figures;
mod forget;
mod health;
mod learn;
mod look;
mod outbox;
mod report;
mod run;
mod template;

use anyhow::Context as _;
use clap::CommandFactory as _;
use pipeline::House;

use crate::Exit;
use crate::args::{
    Arguments, Command, Globals, OutboxAction, ReportAction, ReturnsAction, RunsAction,
};
use crate::start;

/// Carries out a command.
pub(crate) fn execute(arguments: &Arguments) -> anyhow::Result<Exit> {
    let globals = &arguments.globals;
    if let Command::Completions { shell } = &arguments.command {
        let mut command = Arguments::command();
        let mut script = Vec::new();
        clap_complete::generate(*shell, &mut command, "quarterdeck", &mut script);
        crate::output::bytes(&script)?;
        return Ok(Exit::Done);
    }
    if let Command::Config { action } = &arguments.command {
        return config::execute(globals, action);
    }
    in_house(globals, start::house(globals)?, &arguments.command)
}

/// Carries out a command that needs the partnership's definitions.
fn in_house(globals: &Globals, house: House, command: &Command) -> anyhow::Result<Exit> {
    match command {
        Command::Demo => block_on(demo::demo(globals, house)),
        Command::Run { job, period, no_send } => {
            block_on(run::run(globals, &house, job, *period, *no_send))
        }
        Command::Plan { job, period } => block_on(run::plan(globals, &house, job, *period)),
        Command::Serve => block_on(run::serve(globals, house)),
        Command::Jobs => look::jobs(globals, &house),
        Command::Returns { action: None, period } => look::returns(globals, &house, *period),
        Command::Returns { action: Some(ReturnsAction::Waive { name, period, why }), .. } => {
            look::waive(globals, &house, name, *period, why)
        }
        Command::Check { file, by, period, figures, marked_up } => {
            let (figures, marked_up) = (figures.as_deref(), marked_up.as_deref());
            block_on(look::check(globals, &house, file, by, *period, figures, marked_up))
        }
        Command::Learn { file, output } => learn::learn(globals, &house, file, output.as_deref()),
        Command::Template { name, period, output } => {
            template::template(globals, &house, name, *period, output)
        }
        Command::Indicators { .. }
        | Command::Release { .. }
        | Command::Trace { .. }
        | Command::Restate { .. } => block_on(figures::execute(globals, &house, command)),
        Command::Query { sql, format } => block_on(look::query(globals, &house, sql, *format)),
        Command::Report { action: ReportAction::Preview { period, job } } => {
            block_on(report::preview(globals, &house, job.as_deref(), *period))
        }
        Command::Report { action: ReportAction::Withdraw { edition, why } } => {
            report::withdraw(globals, &house, edition, why)
        }
        Command::Report { action: ReportAction::List } => look::editions(globals, &house),
        Command::Report { action: ReportAction::Diff { from, to } } => {
            block_on(figures::diff(globals, &house, from, to))
        }
        Command::Report { action: ReportAction::Show { edition } } => {
            look::edition(globals, &house, edition)
        }
        Command::Outbox { action } => mail(globals, &house, action.as_ref()),
        Command::Approve { edition, comment } => report::approve(globals, &house, edition, comment),
        Command::Hold { edition, why } => report::hold(globals, &house, edition, why),
        Command::Forget { submission } => forget::forget(globals, &house, submission),
        Command::Runs { action: None | Some(RunsAction::List) } => look::runs(globals, &house),
        Command::Runs { action: Some(RunsAction::Show { id }) } => {
            look::run_shown(globals, &house, id)
        }
        Command::Status => look::status(globals, &house),
        Command::Doctor => block_on(health::doctor(globals, &house)),
        Command::Verify { repair } => block_on(health::verify(globals, &house, *repair)),
        Command::Backup { folder } => block_on(health::backup(globals, &house, folder)),
        Command::Restore { folder } => health::restore(globals, &house, folder),
        Command::Config { .. } | Command::Completions { .. } => Ok(Exit::Done),
    }
}

fn mail(globals: &Globals, house: &House, action: Option<&OutboxAction>) -> anyhow::Result<Exit> {
    match action {
        None | Some(OutboxAction::List) => outbox::messages(globals, house),
        Some(OutboxAction::Show { id, raw }) => outbox::message(globals, house, id, *raw),
        Some(OutboxAction::Send) => block_on(run::send(globals, house)),
        Some(OutboxAction::Retry { id }) => outbox::retry(globals, house, id),
        Some(OutboxAction::Resend { .. }) => outbox::resend(globals, house),
        Some(OutboxAction::Settle { id, as_what, log }) => {
            outbox::settle(globals, house, (id.as_deref(), *as_what), log.as_deref())
        }
    }
}

/// Runs a command that waits for something. Two workers: the demonstration's site answers from
/// the same process that asks it.
fn block_on(command: impl Future<Output = anyhow::Result<Exit>>) -> anyhow::Result<Exit> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .context("could not start the runtime")?
        .block_on(command)
}
