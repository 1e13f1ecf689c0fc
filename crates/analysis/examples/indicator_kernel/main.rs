//! Quarterly indicators of many measures, from one Parquet file to another, by the indicator kernel.
//!
//! ```text
//! indicator_kernel FACTS.parquet INDICATORS.parquet [--best highest] [--whole-only]
//! ```
//!
//! FACTS has the columns `measure` and `area` (32-bit integers), `month` (a date, the first of its
//! month) and `value` (64-bit float; null is missing), sorted by measure, area and month, no row
//! twice. A row group holds whole measures. What is not so is refused, with a sentence and exit code
//! 1, and no INDICATORS are written. Each measure gets a row for each of its areas and whole
//! quarters, from the first month that it has to the last; what is missing is null.
//!
//! Two threads read, compute and encode in turn, this one writes. What is in memory does not grow
//! with the measures, but for what the two files' footers say of each row group.

mod facts;
mod indicators;

use std::io::{self, Write as _};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread;

use analysis::{Best, DenseSeries, KernelRules, QuarterlyColumns, Windows, quarterly};
use parquet::errors::ParquetError;

use facts::{Facts, Measure, Reader};
use indicators::{Group, Layout, Output, Room, Writers, after, sinks};

/// Threads that compute.
const THREADS: usize = 2;
/// Row groups of the input are taken together until they have so many rows, so that the output's
/// have some 120,000.
const ROWS_AT_ONCE: i64 = 360_000;

/// Why there are no indicators, as a sentence.
#[derive(Debug)]
struct Refused(String);

impl From<ParquetError> for Refused {
    fn from(error: ParquetError) -> Self {
        Self(format!("Parquet: {error}"))
    }
}

impl From<io::Error> for Refused {
    fn from(error: io::Error) -> Self {
        Self(error.to_string())
    }
}

/// What was asked for.
struct Asked {
    facts: PathBuf,
    indicators: PathBuf,
    rules: KernelRules,
}

fn main() -> ExitCode {
    let made = asked().and_then(|asked| {
        let rows = make(&asked)?;
        writeln!(io::stdout(), "{rows} rows").map_err(Refused::from)
    });
    match made {
        Ok(()) => ExitCode::SUCCESS,
        Err(Refused(why)) => {
            // Where nobody listens the exit code still says it.
            writeln!(io::stderr(), "indicator_kernel: {why}").ok();
            ExitCode::FAILURE
        }
    }
}

fn asked() -> Result<Asked, Refused> {
    let mut rules = KernelRules { best: Best::Lowest, windows: Windows::AsFarAsTheyGo };
    let mut paths = Vec::new();
    let mut arguments = std::env::args_os().skip(1);
    while let Some(argument) = arguments.next() {
        if argument == "--whole-only" {
            rules.windows = Windows::WholeOnly;
        } else if argument == "--best" {
            rules.best = match arguments.next() {
                Some(best) if best == "highest" => Best::Highest,
                Some(best) if best == "lowest" => Best::Lowest,
                _ => return Err(Refused("write --best highest or --best lowest".to_owned())),
            };
        } else {
            paths.push(PathBuf::from(argument));
        }
    }
    match <[PathBuf; 2]>::try_from(paths) {
        Ok([facts, indicators]) => Ok(Asked { facts, indicators, rules }),
        Err(_) => Err(Refused("name two files: the facts, and the indicators to make".to_owned())),
    }
}

/// Makes the indicators under another name, and gives the file its own when it is whole.
fn make(asked: &Asked) -> Result<u64, Refused> {
    let mut unfinished = asked.indicators.clone().into_os_string();
    unfinished.push(".unfinished");
    let unfinished = Path::new(&unfinished);
    let made = write(asked, unfinished);
    if made.is_ok() {
        std::fs::rename(unfinished, &asked.indicators)?;
    } else {
        // It may not have been begun.
        std::fs::remove_file(unfinished).ok();
    }
    made
}

fn write(asked: &Asked, unfinished: &Path) -> Result<u64, Refused> {
    let facts = Facts::open(&asked.facts)?;
    let layout = Layout::new()?;
    let units = facts.units(ROWS_AT_ONCE);
    let mut output = Output::create(unfinished, &layout)?;
    thread::scope(|scope| {
        // Each thread has a channel of its own, which holds one group: nobody runs far ahead.
        let mut channels = Vec::with_capacity(THREADS);
        for worker in 0..THREADS {
            let (sender, receiver) = sync_channel(1);
            channels.push(receiver);
            let mine = units.iter().skip(worker).step_by(THREADS);
            let (facts, layout) = (&facts, &layout);
            scope.spawn(move || work(facts, layout, mine, asked.rules, &sender));
        }
        let stopped = |_| Refused("a thread stopped before it had finished".to_owned());
        for channel in channels.iter().cycle().take(units.len()) {
            output.append(channel.recv().map_err(stopped)??)?;
        }
        output.finish()
    })
}

/// Sends one group for each of these units, up to the first that is refused.
fn work<'a>(
    facts: &Facts,
    layout: &Layout,
    units: impl Iterator<Item = &'a Range<usize>>,
    rules: KernelRules,
    sender: &SyncSender<Result<Group, Refused>>,
) {
    let mut worker = match facts.reader() {
        Ok(reader) => Worker {
            reader,
            layout,
            rules,
            columns: QuarterlyColumns::default(),
            room: Room::default(),
        },
        Err(refused) => {
            // Nobody listens when another group was refused.
            sender.send(Err(refused)).ok();
            return;
        }
    };
    for unit in units {
        let group = worker.group(unit.clone());
        let refused = group.is_err();
        if sender.send(group).is_err() || refused {
            return;
        }
    }
}

/// What a thread keeps from one group to the next.
struct Worker<'a> {
    reader: Reader<'a>,
    layout: &'a Layout,
    rules: KernelRules,
    columns: QuarterlyColumns,
    room: Room,
}

impl Worker<'_> {
    /// Reads, computes and encodes.
    fn group(&mut self, row_groups: Range<usize>) -> Result<Group, Refused> {
        let Self { reader, layout, rules, columns, room } = self;
        let mut sinks = sinks();
        let mut writers = Writers::new(layout, &mut sinks);
        let mut measures: Option<(i32, i32)> = None;
        for row_group in row_groups {
            reader.measures(row_group, |Measure { id, areas, first_month, values }| {
                if let Some((_, before)) = measures {
                    after(before, id)?;
                }
                measures = Some((measures.map_or(id, |(first, _)| first), id));
                DenseSeries::new(first_month, areas.len(), values)
                    .and_then(|series| quarterly(series, *rules, columns))
                    .map_err(|error| Refused(format!("measure {id}: {error}")))?;
                writers.write(id, areas, columns, room)
            })?;
        }
        let closed = writers.close()?;
        Group::new(measures, sinks, closed)
    }
}
