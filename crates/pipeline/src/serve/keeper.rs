//! Staying in charge, and saying so: a lease in the ledger and a file that an outside watcher can look at.
//!
//! It has a thread of its own, so that a job of many minutes is no silence. When the whole process is
//! stopped, it is silent, too, and another one takes over; when this one wakes, it finds that out before
//! it begins anything.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use ledger::Ledger;
use serde::{Deserialize, Serialize};

use super::WAITS;
use crate::clock::Clock;
use crate::dispatch::MAIL_DOWN;
use crate::error::PipelineError;
use crate::house::{Folders, House, file_error};

/// The lease's name in the ledger.
pub(crate) const LEASE: &str = "scheduler";
/// Between two tries to reach an outside watcher that does not answer.
const AGAIN: Duration = Duration::from_mins(5);
/// The state that the heartbeat file names after a clean stop.
pub(crate) const STOPPED: &str = "stopped";
/// Between two signs of life.
const BETWEEN: Duration = Duration::from_secs(10);
/// A process that was silent for longer is no longer in charge.
const PATIENCE: SignedDuration = SignedDuration::from_secs(60);

/// What the heartbeat file says. It is written anew every few seconds while `serve` runs.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq, Eq)]
pub struct Heartbeat {
    /// `quarterdeck/heartbeat/1`.
    pub schema: String,
    /// When it was written, by the machine's clock.
    pub at: Timestamp,
    /// The process: host, process id and when it began.
    pub holder: String,
    /// Program and version.
    pub software: String,
    /// `in-charge`; `standing-by` while the ledger cannot be reached; `stopped` by somebody.
    pub state: String,
    /// The job at work, if one is.
    pub at_work: Option<String>,
    /// What falls due next: job, and local time.
    pub next: Option<(String, String)>,
    /// What kept this process from giving a sign of life in the ledger, if anything did.
    pub trouble: Option<String>,
}

/// What the scheduler is doing, for the heartbeat file.
#[derive(Clone, Debug, Default)]
pub(super) struct Doing {
    pub(super) at_work: Option<String>,
    pub(super) next: Option<(String, String)>,
}

/// Keeps the lease and the heartbeat file until it is dropped.
pub(super) struct Keeper {
    in_charge: Arc<AtomicBool>,
    pub(super) doing: Arc<Mutex<Doing>>,
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

struct Signs {
    /// Whether it is known who is in charge.
    has_looked: bool,
    watcher: Option<Watcher>,
    folders: Folders,
    file: PathBuf,
    holder: String,
    software: String,
    clock: Clock,
    in_charge: Arc<AtomicBool>,
    doing: Arc<Mutex<Doing>>,
}

impl Keeper {
    /// Gives the first sign of life before it returns.
    pub(super) fn start(house: &House) -> Result<Self, PipelineError> {
        let mut signs = Signs {
            has_looked: false,
            watcher: Watcher::of(house)?,
            folders: house.folders.clone(),
            file: house.folders.heartbeat(),
            holder: holder(house.clock.now()),
            software: house.software.clone(),
            clock: house.clock.clone(),
            in_charge: Arc::default(),
            doing: Arc::default(),
        };
        let (in_charge, doing) = (Arc::clone(&signs.in_charge), Arc::clone(&signs.doing));
        signs.give();
        let (stop, stopped) = channel::<()>();
        let thread = std::thread::Builder::new()
            .name("keeper".to_owned())
            .spawn(move || {
                while stopped.recv_timeout(BETWEEN) == Err(RecvTimeoutError::Timeout) {
                    signs.give();
                }
                signs.give_back();
            })
            .map_err(|error| {
                PipelineError::TryLater(format!(
                    "could not start the thread that keeps the lease: {error}"
                ))
            })?;
        Ok(Self { in_charge, doing, stop: Some(stop), thread: Some(thread) })
    }

    /// Whether this process is the one that runs jobs, by its latest sign of life.
    pub(super) fn is_in_charge(&self) -> bool {
        self.in_charge.load(Ordering::Acquire)
    }

    /// Notes what is being done, for the heartbeat file.
    pub(super) fn note(&self, change: impl FnOnce(&mut Doing)) {
        change(&mut self.doing.lock().unwrap_or_else(std::sync::PoisonError::into_inner));
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("The thread that keeps the lease ended by a fault");
        }
    }
}

impl Signs {
    /// One sign of life. The ledger is opened for it: nothing is held while nothing is done.
    fn give(&mut self) {
        let now = self.clock.now();
        let held = self
            .folders
            .open_ledger()
            .and_then(|ledger| Ok(ledger.hold_lease(LEASE, &self.holder, now, PATIENCE)?));
        let trouble = match held {
            Ok(lease) => {
                let ours = lease.holder == self.holder;
                let was = self.in_charge.swap(ours, Ordering::AcqRel);
                if !ours && (was || !self.has_looked) {
                    tracing::warn!("Standing by: in charge is {}", lease.holder);
                } else if ours && !was && self.has_looked {
                    tracing::warn!("In charge now: the process that was has fallen silent");
                }
                self.has_looked = true;
                None
            }
            // Nothing can be run without the ledger, and another process may reach it: not in charge.
            Err(error) => {
                self.in_charge.store(false, Ordering::Release);
                self.has_looked = false;
                tracing::error!("No sign of life could be left in the ledger: {error}");
                Some(error.to_string())
            }
        };
        let is_well = trouble.is_none()
            && self.in_charge.load(Ordering::Acquire)
            && self.nothing_is_stuck(now).unwrap_or(false);
        self.write(now, trouble, None);
        if let Some(watcher) = self.watcher.as_mut().filter(|_| is_well) {
            watcher.tell();
        }
    }

    /// Whether mail goes out and jobs get done, as far as the ledger knows: nothing has been in the way for a day.
    /// What waits for returns or for approval waits as it should.
    fn nothing_is_stuck(&self, now: Timestamp) -> Result<bool, ledger::LedgerError> {
        let Some(ledger) = Ledger::open_read_only(&self.folders.ledger())? else { return Ok(true) };
        let day = SignedDuration::from_hours(24);
        let mail = ledger.lease(MAIL_DOWN)?;
        let mail_is_down = mail.is_some_and(|down| now.duration_since(down.taken_at) > day);
        let stuck = ledger.open_occurrences(None)?.into_iter().any(|open| {
            let waits = open.why.as_ref().is_none_or(|why| why.starts_with(WAITS));
            !waits && now.duration_since(open.due_at) > day
        });
        Ok(!mail_is_down && !stuck)
    }

    fn write(&self, now: Timestamp, trouble: Option<String>, state: Option<&str>) {
        let doing = self.doing.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clone();
        let in_charge = self.in_charge.load(Ordering::Acquire);
        let heartbeat = Heartbeat {
            schema: "quarterdeck/heartbeat/1".to_owned(),
            at: now,
            holder: self.holder.clone(),
            software: self.software.clone(),
            state: state.unwrap_or(if in_charge { "in-charge" } else { "standing-by" }).to_owned(),
            at_work: doing.at_work,
            next: doing.next,
            trouble,
        };
        // The file of the one in charge is not written over by one that only stands by.
        if !in_charge && heartbeat.trouble.is_none() {
            return;
        }
        let text = serde_json::to_string_pretty(&heartbeat).unwrap_or_default();
        if let Err(error) = replace(&self.file, &text) {
            tracing::error!("The heartbeat file could not be written: {error}");
        }
    }

    fn give_back(&self) {
        self.write(self.clock.now(), None, Some(STOPPED));
        let given = self
            .folders
            .open_ledger()
            .and_then(|ledger| Ok(ledger.release_lease(LEASE, &self.holder)?));
        if let Err(error) = given {
            // It lapses by itself.
            tracing::warn!("The lease could not be given back: {error}");
        }
    }
}

/// An outside watcher: it is told only while all is well, and raises the alarm when it hears nothing.
struct Watcher {
    url: String,
    every: Duration,
    told: Option<Instant>,
    tried: Option<Instant>,
}

impl Watcher {
    fn of(house: &House) -> Result<Option<Self>, PipelineError> {
        let watch = &house.definitions.settings.watch;
        let Some(at) = &watch.ping_url else { return Ok(None) };
        let url = house
            .secret(at)
            .map_err(|why| PipelineError::Usage(format!("watch.ping_url: {why}")))?;
        Ok(Some(Self { url: url.trim().to_owned(), every: watch.every, told: None, tried: None }))
    }

    fn tell(&mut self) {
        let within = |at: Option<Instant>, time| at.is_some_and(|at| at.elapsed() < time);
        if within(self.told, self.every) || within(self.tried, AGAIN) {
            return;
        }
        self.tried = Some(Instant::now());
        match delivery::ping(&self.url, &delivery::PingSettings::default()) {
            Ok(()) => self.told = Some(Instant::now()),
            // Tried again at the next sign of life; its silence is the watcher's business.
            Err(error) => {
                tracing::warn!("The outside watcher could not be told that all is well: {error}");
            }
        }
    }
}

/// The heartbeat file, if there is one that can be read.
pub fn heartbeat(house: &House) -> Result<Option<Heartbeat>, PipelineError> {
    let path = house.folders.heartbeat();
    match fs::read_to_string(&path) {
        Ok(text) => Ok(serde_json::from_str(&text).ok()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(file_error("read", &path)(error)),
    }
}

/// A file is never seen half written.
fn replace(path: &Path, text: &str) -> std::io::Result<()> {
    let temporary = path.with_extension("tmp");
    fs::write(&temporary, text)?;
    fs::rename(&temporary, path)
}

/// This process, told apart from every other one: also from one before a restart that had its number.
fn holder(began: Timestamp) -> String {
    let host = rustix::system::uname().nodename().to_string_lossy().into_owned();
    format!("{host}, process {}, since {began:.0}", std::process::id())
}
