//! An edition's files: rendered, named by content, written whole or not at all.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use model::SubmissionHash;

use crate::error::PipelineError;
use crate::house::file_error;

/// An edition's files by their path in its folder, with `/` between folders.
pub(super) type EditionFiles = BTreeMap<String, Vec<u8>>;

pub(super) fn content_hash(files: &EditionFiles) -> SubmissionHash {
    let lines: Vec<String> =
        files.iter().map(|(name, bytes)| format!("{name} {}", SubmissionHash::of(bytes))).collect();
    SubmissionHash::of(lines.join("\n").as_bytes())
}

/// Writes an edition's folder whole: under another name, synced, then renamed. A folder that a
/// crashed attempt left is replaced; the ledger had not heard of it.
pub(super) fn write_edition(folder: &Path, files: &EditionFiles) -> Result<(), PipelineError> {
    let parent = folder.parent().unwrap_or(Path::new("."));
    let mut partial = folder.as_os_str().to_owned();
    partial.push(".partial");
    let partial = PathBuf::from(partial);
    for leftover in [&partial, &folder.to_path_buf()] {
        if leftover.exists() {
            fs::remove_dir_all(leftover).map_err(file_error("clear", leftover))?;
        }
    }
    fs::create_dir_all(&partial).map_err(file_error("create", &partial))?;
    for (name, bytes) in files {
        let path = partial.join(name);
        let write = || {
            if let Some(inner) = path.parent() {
                fs::create_dir_all(inner)?;
            }
            let mut file = fs::File::create(&path)?;
            file.write_all(bytes)?;
            file.sync_all()
        };
        write().map_err(file_error("write", &path))?;
    }
    let sync = |path: &Path| fs::File::open(path).and_then(|folder| folder.sync_all());
    let inner: BTreeSet<PathBuf> =
        files.keys().filter_map(|name| Some(partial.join(name).parent()?.to_owned())).collect();
    for folder in inner {
        sync(&folder).map_err(file_error("sync", &folder))?;
    }
    fs::rename(&partial, folder).map_err(file_error("put in place", folder))?;
    // The period's folder and the one of all reports may be new, too: their names must last as well.
    for above in parent.ancestors().take(3).filter(|above| above.is_dir()) {
        sync(above).map_err(file_error("sync", above))?;
    }
    Ok(())
}
