//! What a folder holds.

use std::io::Read;
use std::path::Path;

/// What the files in a folder hold, in order of name; hidden ones too.
pub(crate) fn files_in(folder: &Path) -> Vec<Vec<u8>> {
    let mut paths: Vec<_> = match std::fs::read_dir(folder) {
        Ok(entries) => entries.map(|entry| entry.expect("an entry").path()).collect(),
        Err(_) => Vec::new(),
    };
    paths.sort();
    paths
        .iter()
        .map(|path| {
            let mut bytes = Vec::new();
            let mut file = std::fs::File::open(path).expect("opens");
            file.read_to_end(&mut bytes).expect("reads");
            bytes
        })
        .collect()
}
