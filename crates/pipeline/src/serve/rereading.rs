//! What `serve` does when somebody changes the configuration under it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::SystemTime;
use std::{fs, io};

use crate::definitions::{DefinitionFolders, Definitions, load};
use crate::error::PipelineError;
use crate::house::House;

/// Of each file when it was last written, and how long it is.
type Look = BTreeMap<PathBuf, (Option<SystemTime>, u64)>;

/// What the configuration's files looked like when they were last read.
#[derive(Debug)]
pub(super) struct Rereading {
    last: Look,
}

impl Rereading {
    /// The configuration was read just now.
    pub(super) fn start(house: &House) -> Self {
        Self { last: look(house) }
    }

    /// The configuration anew, if a file of it is another by now: sound, or what is wrong with it.
    pub(super) fn changed(&mut self, house: &House) -> Option<Result<Definitions, PipelineError>> {
        let now = look(house);
        if now == self.last {
            return None;
        }
        self.last = now;
        let folders = DefinitionFolders {
            config: house.folders.config.clone(),
            jobs: house.folders.jobs.clone(),
        };
        Some(load(&folders, &house.environment).map_err(PipelineError::Configuration))
    }
}

fn look(house: &House) -> Look {
    let mut found = Look::new();
    for folder in [&house.folders.config, &house.folders.jobs] {
        // What cannot be looked at is missing from it, and the configuration says why when it is read.
        gather(folder, &mut found).unwrap_or_default();
    }
    found
}

fn gather(folder: &Path, found: &mut Look) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        // Of what a link leads to.
        let metadata = fs::metadata(&path)?;
        if metadata.is_dir() {
            gather(&path, found)?;
        } else {
            found.insert(path, (metadata.modified().ok(), metadata.len()));
        }
    }
    Ok(())
}
