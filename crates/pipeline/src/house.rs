//! What every line of the corridor needs: folders, definitions, clock, progress.

use std::collections::BTreeMap;
use std::fmt;
use std::fs::{self, File};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use ledger::Ledger;
use rustix::fs::{FlockOperation, flock};

use crate::clock::Clock;
use crate::definitions::Definitions;
use crate::error::PipelineError;
use crate::settings::SecretAt;

/// Where everything is.
#[derive(Clone, Debug)]
pub struct Folders {
    /// What the partnership is: `config/`.
    pub config: PathBuf,
    /// What runs: `jobs/`.
    pub jobs: PathBuf,
    /// What has been kept: `var/`.
    pub data: PathBuf,
}

impl Folders {
    /// The raw submissions.
    pub fn landing(&self) -> PathBuf {
        self.data.join("landing")
    }

    /// Submissions that held personal data: never read, only destroyed.
    pub(crate) fn sealed(&self) -> PathBuf {
        self.data.join("sealed")
    }

    /// Whether a path, however written, leads to sealed submissions.
    pub(crate) fn is_sealed(&self, path: &Path) -> bool {
        match (self.sealed().canonicalize(), path.canonicalize()) {
            (Ok(sealed), Ok(path)) => path.starts_with(sealed),
            _ => false,
        }
    }

    /// The Delta tables.
    pub fn lake(&self) -> PathBuf {
        self.data.join("lake")
    }

    /// The ledger file.
    pub fn ledger(&self) -> PathBuf {
        self.data.join("ledger.sqlite")
    }

    /// Opens the ledger for writing, making it if nothing is there yet.
    ///
    /// # Errors
    /// [`PipelineError::LedgerGone`] when it is gone and what it told of is not: a new one would know nothing of what has
    /// been sent, and send it again.
    pub fn open_ledger(&self) -> Result<Ledger, PipelineError> {
        match self.kept_without_ledger() {
            Some(kept) => Err(PipelineError::LedgerGone(kept.display().to_string())),
            None => Ok(Ledger::open(&self.ledger())?),
        }
    }

    /// Something that was kept, when the ledger that told of it is gone or empty.
    pub(crate) fn kept_without_ledger(&self) -> Option<PathBuf> {
        let has_something =
            |path: &PathBuf| std::fs::read_dir(path).is_ok_and(|mut it| it.next().is_some());
        let kept = [self.landing(), self.reports()].into_iter().find(has_something)?;
        // In this order: another process may be making the first ledger, and everything else after it.
        let is_there = std::fs::metadata(self.ledger()).is_ok_and(|it| it.len() > 0);
        (!is_there).then_some(kept)
    }

    /// What the scheduler writes while it is alive, for an outside watcher.
    pub fn heartbeat(&self) -> PathBuf {
        self.data.join("heartbeat.json")
    }

    /// The editions.
    pub fn reports(&self) -> PathBuf {
        self.data.join("reports")
    }

    /// Messages, when they go to a folder.
    pub fn outbox(&self) -> PathBuf {
        self.data.join("outbox")
    }
}

/// Tells a person what is being done.
#[derive(Clone)]
pub struct Progress(Arc<dyn Fn(&str) + Send + Sync>);

impl Progress {
    /// Tells by calling `tell` with one short sentence a step.
    pub fn new(tell: impl Fn(&str) + Send + Sync + 'static) -> Self {
        Self(Arc::new(tell))
    }

    /// Tells nobody.
    pub fn silent() -> Self {
        Self::new(|_| {})
    }

    /// Says what is being done.
    pub fn say(&self, step: impl AsRef<str>) {
        (self.0)(step.as_ref());
    }
}

impl fmt::Debug for Progress {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Progress")
    }
}

/// What every line of the corridor needs.
#[derive(Clone, Debug)]
pub struct House {
    /// Where everything is.
    pub folders: Folders,
    /// What the partnership configures.
    pub definitions: Definitions,
    /// The environment, as read once by `cli`; secrets are looked up in it.
    pub environment: BTreeMap<String, String>,
    /// Where time enters.
    pub clock: Clock,
    /// This program, to be started again as the reader child.
    pub program: PathBuf,
    /// Program name and version, for provenance.
    pub software: String,
    /// Who is told what is being done.
    pub progress: Progress,
    /// A sentence that says figures are made up, printed on top of reports.
    pub demonstration: Option<String>,
    /// Name of the place at which to die, for crash tests; see [`House::crash_point`].
    pub crash_at: Option<String>,
    /// Set when this process is asked to stop: what is under way is finished, nothing new is begun.
    pub stopping: Arc<AtomicBool>,
}

/// Held while this process writes: no other instance may. Freed when dropped, or by death.
#[derive(Debug)]
pub struct Lock {
    _file: File,
}

impl House {
    /// Becomes the one writer on the data folder, or fails with [`PipelineError::Busy`].
    pub fn lock(&self) -> Result<Lock, PipelineError> {
        let data = &self.folders.data;
        let is_new = !data.exists();
        // Figures are about victims and children: nobody but this user and group looks in.
        fs::DirBuilder::new()
            .recursive(true)
            .mode(0o750)
            .create(data)
            .map_err(file_error("create the data folder", data))?;
        if is_new {
            // Its own name must last, or all that is synced in it would be nowhere.
            let above = data.parent().filter(|above| !above.as_os_str().is_empty());
            let above = above.unwrap_or(Path::new("."));
            let synced = File::open(above).and_then(|folder| folder.sync_all());
            synced.map_err(file_error("sync", above))?;
        }
        let path = data.join("quarterdeck.lock");
        let file = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
            .map_err(file_error("open the lock file", &path))?;
        match flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => Ok(Lock { _file: file }),
            Err(rustix::io::Errno::WOULDBLOCK) => {
                Err(PipelineError::Busy(data.display().to_string()))
            }
            Err(errno) => Err(file_error("lock", &path)(errno.into())),
        }
    }

    /// Opens the ledger for writing; see [`Folders::open_ledger`].
    pub fn ledger(&self) -> Result<Ledger, PipelineError> {
        self.folders.open_ledger()
    }

    /// Opens the ledger for reading, if it is there.
    pub fn ledger_to_read(&self) -> Result<Option<Ledger>, PipelineError> {
        Ok(Ledger::open_read_only(&self.folders.ledger())?)
    }

    /// Looks a secret up where the settings say it is.
    pub fn secret(&self, at: &SecretAt) -> Result<String, String> {
        match at {
            SecretAt::Env(name) => self.environment.get(name).cloned().ok_or_else(|| {
                format!("the environment variable {name} is not set: it should hold the secret")
            }),
            SecretAt::File(path) => std::fs::read_to_string(path)
                .map(|text| text.trim_end_matches(['\r', '\n']).to_owned())
                .map_err(|error| {
                    format!("could not read the secret in {}: {error}", path.display())
                }),
        }
    }

    /// Whether this process has been asked to stop.
    pub fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::Acquire)
    }

    /// Dies here, as by `kill -9`, if a crash test asks for this place. Says nothing otherwise.
    pub fn crash_point(&self, place: &str) {
        if self.crash_at.as_deref() == Some(place) {
            std::process::abort();
        }
    }
}

/// An error about a file of our own.
pub(crate) fn file_error(
    doing: &'static str,
    path: &Path,
) -> impl FnOnce(std::io::Error) -> PipelineError {
    let path = path.display().to_string();
    move |source| PipelineError::File { doing, path, source }
}
