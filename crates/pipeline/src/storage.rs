//! How much room things take, and how much is left.

use std::fs;
use std::path::Path;

use serde::Serialize;

use crate::error::PipelineError;
use crate::house::{House, file_error};

/// Room on the disk, in bytes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Storage {
    /// What is kept, by kind: `landing`, `lake`, `reports`, `outbox`, `ledger.sqlite`, ….
    pub kept: Vec<(String, u64)>,
    /// What is left for this program's user.
    pub free: u64,
}

impl Storage {
    /// All that is kept, in bytes.
    pub fn kept_bytes(&self) -> u64 {
        self.kept.iter().map(|(_, bytes)| bytes).sum()
    }
}

/// Looks at the data folder. Nothing there yet is no error: then it is the folder above that counts.
pub fn storage(house: &House) -> Result<Storage, PipelineError> {
    let data = &house.folders.data;
    let there = data.ancestors().find(|folder| folder.is_dir()).unwrap_or(Path::new("."));
    let there = if there.as_os_str().is_empty() { Path::new(".") } else { there };
    let disk = rustix::fs::statvfs(there)
        .map_err(|errno| file_error("look at the disk of", there)(errno.into()))?;
    let mut kept = Vec::new();
    if let Ok(entries) = fs::read_dir(data) {
        for entry in entries.filter_map(Result::ok) {
            let name = entry.file_name().to_string_lossy().into_owned();
            kept.push((name, bytes_in(&entry.path())));
        }
    }
    kept.sort();
    Ok(Storage { kept, free: disk.f_bavail.saturating_mul(disk.f_frsize) })
}

/// Bytes of a file, or of all files in a folder; what cannot be looked at counts nothing.
fn bytes_in(path: &Path) -> u64 {
    let Ok(metadata) = fs::symlink_metadata(path) else { return 0 };
    if metadata.is_file() {
        return metadata.len();
    }
    let entries = fs::read_dir(path).into_iter().flatten().filter_map(Result::ok);
    entries.map(|entry| bytes_in(&entry.path())).sum()
}

/// `1.2 GB`, for people.
pub(crate) fn bytes(count: u64) -> String {
    const UNITS: [(u64, &str); 3] = [(1_000_000_000, "GB"), (1_000_000, "MB"), (1_000, "kB")];
    match UNITS.iter().find(|(size, _)| count >= *size) {
        Some((size, unit)) => format!("{}.{} {unit}", count / size, count % size * 10 / size),
        None => format!("{count} bytes"),
    }
}
