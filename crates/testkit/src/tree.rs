//! A folder's files and what is in them, to compare before with after.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// Files by their path inside the folder, parts joined by `/`, with their bytes.
pub type Tree = BTreeMap<String, Vec<u8>>;

/// Every file below a folder; nothing if it is not there. Does not follow links.
pub fn tree(folder: &Path) -> Tree {
    let mut files = Tree::new();
    walk(folder, "", &mut files);
    files
}

fn walk(folder: &Path, inside: &str, files: &mut Tree) {
    let Ok(entries) = fs::read_dir(folder) else {
        return;
    };
    for entry in entries {
        let entry = entry.expect("an entry");
        let name = entry.file_name().to_string_lossy().into_owned();
        let inside = if inside.is_empty() { name } else { format!("{inside}/{name}") };
        let kind = entry.file_type().expect("a kind of file");
        if kind.is_dir() {
            walk(&entry.path(), &inside, files);
        } else if kind.is_file() {
            files.insert(inside, fs::read(entry.path()).expect("a readable file"));
        }
    }
}

/// What differs between two trees, one line a file; empty when they are the same.
pub fn differences(before: &Tree, after: &Tree) -> Vec<String> {
    let names = before.keys().chain(after.keys());
    let names: std::collections::BTreeSet<&String> = names.collect();
    names
        .into_iter()
        .filter_map(|name| match (before.get(name), after.get(name)) {
            (Some(one), Some(other)) if one == other => None,
            (Some(one), Some(other)) => {
                let place = one.iter().zip(other).take_while(|(a, b)| a == b).count();
                Some(format!("{name} differs from byte {place} on"))
            }
            (Some(_), None) => Some(format!("{name} is gone")),
            (None, _) => Some(format!("{name} is new")),
        })
        .collect()
}
