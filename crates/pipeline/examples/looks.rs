//! Lives through years of looks in one process, as `serve` takes them, for `tests/checks/soak.py`.
//!
//! ```text
//! cargo run -p pipeline --example looks -- QUARTERDECK
//! ```
//!
//! In a partnership's folder, with `config/`, `jobs/` and `var/`; QUARTERDECK is the program itself, to be started as
//! the reader child. Each line on standard input is a moment, `look 2026-04-20T06:30:00+01:00`: the house's clock is set
//! to it and one look is taken; or `rest`, for as long as it takes to give back what is no longer needed. Each answer is
//! one line of JSON: what was served, and how much memory the process holds.
//!
//! The same as `serve` but for what goes by real time: nobody beats, keeps a lease, or rests after a failure; and
//! nothing is logged. The configuration is read once, as there.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io::{self, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use pipeline::{
    Clock, DefinitionFolders, Folders, House, Progress, Served, load_definitions, look_once,
};
use serde_json::{Value, json};

/// Memory that is free for ten seconds is given back.
const REST: Duration = Duration::from_secs(12);

// As the program's.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> ExitCode {
    match live() {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            // Where that cannot be said, the exit code says enough.
            writeln!(io::stderr(), "looks: {why}").unwrap_or_default();
            ExitCode::FAILURE
        }
    }
}

fn live() -> Result<(), String> {
    tikv_jemalloc_ctl::background_thread::write(true)
        .map_err(|error| format!("could not have memory given back: {error}"))?;
    let program = std::env::args_os().nth(1).ok_or("name the program that reads workbooks")?;
    let house = house(program.into())?;
    // As the program itself does it.
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|error| format!("could not start the runtime: {error}"))?
        .block_on(answer(house))
}

/// The house that `serve` would live in.
fn house(program: PathBuf) -> Result<House, String> {
    let environment: BTreeMap<String, String> = std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect();
    let folders = DefinitionFolders { config: "./config".into(), jobs: "./jobs".into() };
    let definitions = load_definitions(&folders, &environment).map_err(|problems| {
        problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
    })?;
    Ok(House {
        folders: Folders { config: folders.config, jobs: folders.jobs, data: "./var".into() },
        definitions,
        environment,
        clock: Clock::System,
        program,
        software: concat!("quarterdeck ", env!("CARGO_PKG_VERSION")).to_owned(),
        progress: Progress::silent(),
        demonstration: None,
        crash_at: None,
        stopping: Arc::default(),
    })
}

/// Takes a look for each line, until there are no more.
async fn answer(mut house: House) -> Result<(), String> {
    for line in io::stdin().lines() {
        let line = line.map_err(|error| format!("could not hear: {error}"))?;
        let served = RefCell::new(Vec::new());
        if let Some(moment) = line.strip_prefix("look ") {
            house.clock = Clock::parse_as_of(moment.trim())?;
            look_once(&house, |one| served.borrow_mut().push(told(one))).await;
        } else if line == "rest" {
            tokio::time::sleep(REST).await;
        } else {
            return Err(format!("`{line}` is neither `look MOMENT` nor `rest`"));
        }
        let answer = json!({
            "served": served.into_inner(),
            "rss_anon_kb": memory("RssAnon")?,
            "rss_kb": memory("VmRSS")?,
            "peak_kb": memory("VmHWM")?,
        });
        let mut out = io::stdout().lock();
        writeln!(out, "{answer}")
            .and_then(|()| out.flush())
            .map_err(|error| format!("could not answer: {error}"))?;
    }
    Ok(())
}

fn told(served: &Served) -> Value {
    let (outcome, error) = match &served.outcome {
        Ok(outcome) => (Some(outcome), None),
        Err(why) => (None, Some(why)),
    };
    json!({
        "job": served.job.as_str(),
        "occurrence": served.due.key,
        "outcome": outcome,
        "error": error,
    })
}

/// What the system says of this process's memory, in kB.
fn memory(what: &str) -> Result<u64, String> {
    let status = std::fs::read_to_string("/proc/self/status")
        .map_err(|error| format!("could not read how much memory there is: {error}"))?;
    let line = status.lines().find_map(|line| line.strip_prefix(what)?.strip_prefix(':'));
    line.and_then(|rest| rest.split_whitespace().next()?.parse().ok())
        .ok_or_else(|| format!("the system does not say {what}"))
}
