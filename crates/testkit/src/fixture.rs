//! Finding fixtures.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// The folder that holds `config/`, `crates/` and `fixtures/`.
///
/// Every crate lies two folders down. Which copy of the tree is tested is asked when the test runs: two copies that
/// share a build folder share this crate as it was built from the one of them that came first.
pub fn repository() -> PathBuf {
    let tested = std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
    let tested = tested.unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
    let crates = tested.parent();
    crates.and_then(Path::parent).expect("every crate lies two folders down").to_path_buf()
}

/// A file or folder under `fixtures/`. Panics if it is not there.
pub fn fixture(name: &str) -> PathBuf {
    let path = repository().join("fixtures").join(name);
    assert!(path.exists(), "there is no fixture {}", path.display());
    path
}

/// The rows of a comma- or tab-separated file with a heading and no quoted cells, by heading.
pub fn rows(path: &Path) -> Vec<BTreeMap<String, String>> {
    let text = fs::read_to_string(path).expect("a text file");
    let mut lines = text.lines();
    let heading = lines.next().expect("a heading");
    assert!(!text.contains('"'), "quoted cells are not read here");
    let separator = if heading.contains('\t') { '\t' } else { ',' };
    let names: Vec<&str> = heading.split(separator).collect();
    let row = |line: &str| {
        let cells: Vec<&str> = line.split(separator).collect();
        assert_eq!(cells.len(), names.len(), "{}: {line}", path.display());
        let pairs = names.iter().zip(cells);
        pairs.map(|(name, cell)| ((*name).to_owned(), cell.to_owned())).collect()
    };
    lines.map(row).collect()
}
