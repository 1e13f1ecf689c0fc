//! The `quarterdeck` binary: arguments in, exit code out.
//!
//! The only place that reads the environment, writes to standard output and knows exit codes.
//! Every command is an existing `pipeline` function and a way to print what it gives back; nothing
//! is decided here.

mod args;
mod commands;
mod output;
mod progress;
mod site;
mod start;

use std::process::ExitCode;

use clap::Parser;
use pipeline::{ErrorClass, PipelineError};

use crate::args::Arguments;

/// How a command ended; the numbers are part of the program's outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    Done,
    Unexpected,
    Usage,
    Findings,
    Held,
    TryLater,
}

impl Exit {
    fn code(self) -> ExitCode {
        ExitCode::from(match self {
            Self::Done => 0,
            Self::Unexpected => 1,
            Self::Usage => 2,
            Self::Findings => 3,
            Self::Held => 4,
            Self::TryLater => 75,
        })
    }
}

// A service lives for months: what it no longer needs goes back to the system. The C library keeps it.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> ExitCode {
    // A reader child must not parse arguments, start threads or open anything before it has
    // limited itself.
    if std::env::args_os().nth(1).is_some_and(|first| first == pipeline::CHILD_ARGUMENT) {
        return pipeline::child_main();
    }
    let arguments = Arguments::parse();
    progress::log(&arguments.globals, matches!(arguments.command, args::Command::Serve));
    match commands::execute(&arguments) {
        Ok(exit) => exit.code(),
        Err(error) => failed(&error),
    }
}

fn failed(error: &anyhow::Error) -> ExitCode {
    let exit = match error.downcast_ref::<PipelineError>().map(PipelineError::class) {
        Some(ErrorClass::Usage) => Exit::Usage,
        Some(ErrorClass::Held) => Exit::Held,
        Some(ErrorClass::TryLater) => Exit::TryLater,
        Some(ErrorClass::Unexpected) | None => Exit::Unexpected,
    };
    // A reader that closed the pipe early (`| head`) is no failure of ours to speak of.
    let broken_pipe = error
        .downcast_ref::<std::io::Error>()
        .is_some_and(|error| error.kind() == std::io::ErrorKind::BrokenPipe);
    if broken_pipe {
        return Exit::Done.code();
    }
    // Our own errors say all there is in one sentence; others are a chain.
    let text = match error.downcast_ref::<PipelineError>() {
        Some(own) => own.to_string(),
        None => format!("{error:#}"),
    };
    output::error(&text);
    exit.code()
}
