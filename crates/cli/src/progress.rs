//! Telling a person what is being done: a spinner on a terminal, plain lines otherwise.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use pipeline::Progress;
use tracing_subscriber::EnvFilter;

use crate::args::Globals;
use crate::output;

/// Sets up logging to standard error. Mail and HTTP libraries are kept from logging what they
/// send: it would hold addresses, bodies and passwords.
pub(crate) fn log(globals: &Globals) {
    let level = match (globals.quiet, globals.verbose) {
        (true, _) => "error",
        (false, 0) => "warn",
        (false, 1) => "info",
        (false, _) => "debug",
    };
    let filter = format!(
        "warn,quarterdeck={level},pipeline={level},intake={level},lake={level},delivery={level},lettre=warn,hyper=warn,reqwest=warn"
    );
    let ansi = match globals.color {
        clap::ColorChoice::Always => true,
        clap::ColorChoice::Never => false,
        clap::ColorChoice::Auto => output::is_watched(),
    };
    tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::new(filter))
        .with_writer(std::io::stderr)
        .with_ansi(ansi)
        .with_target(false)
        .init();
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
