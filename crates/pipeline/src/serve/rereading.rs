//! What `serve` does when somebody changes the configuration under it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::definitions::{DefinitionFolders, Definitions, load};
use crate::error::PipelineError;
use crate::house::{Folders, House};

/// Of each file when it was last written, and how long it is.
type Look = BTreeMap<PathBuf, (Option<SystemTime>, u64)>;

/// What the configuration's files looked like when they were last read.
#[derive(Debug)]
pub(super) struct Rereading {
    last: Look,
}

impl Rereading {
    /// Reads the configuration, after the look at its files: what is changed from now on is another look.
    pub(super) fn start(house: &House) -> Result<(Self, Definitions), PipelineError> {
        let last = look(house);
        Ok((Self { last }, read(house)?))
    }

    /// The configuration anew, if a file of it is another by now: sound, or what is wrong with it.
    pub(super) fn changed(&mut self, house: &House) -> Option<Result<Definitions, PipelineError>> {
        let now = look(house);
        if now == self.last {
            return None;
        }
        self.last = now;
        Some(read(house))
    }
}

fn read(house: &House) -> Result<Definitions, PipelineError> {
    let Folders { config, jobs, .. } = house.folders.clone();
    load(&DefinitionFolders { config, jobs }, &house.environment)
        .map_err(PipelineError::Configuration)
}

fn look(house: &House) -> Look {
    let mut found = Look::new();
    for folder in [&house.folders.config, &house.folders.jobs] {
        gather(folder, &mut found);
    }
    found
}

/// What cannot be looked at is missing from it, and the configuration says why when it is read.
fn gather(folder: &Path, found: &mut Look) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        // Of what a link leads to.
        match fs::metadata(&path) {
            Ok(metadata) if metadata.is_dir() => gather(&path, found),
            Ok(metadata) => {
                found.insert(path, (metadata.modified().ok(), metadata.len()));
            }
            Err(_) => {}
        }
    }
}
