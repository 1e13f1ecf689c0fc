//! Telling a person what is being done: a spinner on a terminal, plain lines otherwise.

use std::fs::DirBuilder;
use std::os::unix::fs::DirBuilderExt as _;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use pipeline::Progress;
use tracing_appender::rolling::{RollingFileAppender, Rotation};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Layer as _};

use crate::args::Globals;
use crate::output;

/// So many days of logs are kept.
const LOG_FILES_MAX: usize = 60;

/// Sets up logging to standard error, and for `serve` to a file a day besides, one JSON object a line. Mail and
/// HTTP libraries are kept from logging what they send: it would hold addresses, bodies and passwords.
pub(crate) fn log(globals: &Globals, is_service: bool) {
    let level = match (globals.quiet, globals.verbose) {
        (true, _) => "error",
        (false, 0) => "warn",
        (false, 1) => "info",
        (false, _) => "debug",
    };
    let filter = |level: &str| {
        EnvFilter::new(format!(
            "warn,quarterdeck={level},pipeline={level},intake={level},lake={level},delivery={level},lettre=warn,hyper=warn,reqwest=warn"
        ))
    };
    let ansi = match globals.color {
        clap::ColorChoice::Always => true,
        clap::ColorChoice::Never => false,
        clap::ColorChoice::Auto => output::is_watched(),
    };
    let said = tracing_subscriber::fmt::layer()
        .with_writer(std::io::stderr)
        .with_ansi(ansi)
        .with_target(false)
        .with_filter(filter(level));
    let kept = is_service.then(|| log_files(globals)).flatten().map(|files| {
        tracing_subscriber::fmt::layer()
            .json()
            .flatten_event(true)
            .with_writer(files)
            .with_filter(filter("info"))
    });
    tracing_subscriber::registry().with(said).with(kept).init();
}

/// A file for each day under the data folder's `logs/`; none, and a word about it, where it cannot be made: a service
/// that cannot log must run all the same.
fn log_files(globals: &Globals) -> Option<RollingFileAppender> {
    let folder = globals.data.join("logs");
    // The data folder is made closed to others; a log in it may be made before anything else is.
    let made = DirBuilder::new().recursive(true).mode(0o750).create(&folder);
    if let Err(error) = made {
        output::note(&format!("no log is kept in {}: {error}", folder.display()));
        return None;
    }
    let files = RollingFileAppender::builder()
        .rotation(Rotation::DAILY)
        .filename_prefix("quarterdeck")
        .filename_suffix("jsonl")
        .max_log_files(LOG_FILES_MAX)
        .build(&folder);
    match files {
        Ok(files) => Some(files),
        Err(error) => {
            output::note(&format!("no log is kept in {}: {error}", folder.display()));
            None
        }
    }
}

/// Progress as the options and the terminal want it.
pub(crate) fn progress(globals: &Globals) -> Progress {
    if globals.quiet {
        return Progress::silent();
    }
    if output::is_watched() {
        let bar = ProgressBar::new_spinner();
        bar.set_style(ProgressStyle::default_spinner());
        bar.enable_steady_tick(Duration::from_millis(100));
        return Progress::new(move |step| bar.set_message(step.to_owned()));
    }
    Progress::new(output::note)
}
