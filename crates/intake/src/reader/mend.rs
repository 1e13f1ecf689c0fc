//! Small changes to a zip archive that its reader would otherwise not open, or would half read:
//! the parts themselves are copied as they are.

use std::collections::BTreeMap;
use std::io::{Cursor, Read, Write};

use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::guard::Archive;

/// What is to be changed.
#[derive(Debug, Default)]
pub(super) struct Mends {
    /// By part: texts and what stands for them.
    texts: BTreeMap<String, Vec<(String, String)>>,
    /// New names of parts.
    names: BTreeMap<String, String>,
}

impl Mends {
    /// Has a text stand for another wherever that stands in a part.
    pub(super) fn replace(&mut self, part: &str, from: &str, to: &str) {
        let replacements = self.texts.entry(folded(part)).or_default();
        let replacement = (from.to_owned(), to.to_owned());
        if !replacements.contains(&replacement) {
            replacements.push(replacement);
        }
    }

    /// Gives a part another name.
    pub(super) fn rename(&mut self, part: &str, name: &str) {
        self.names.insert(folded(part), name.to_owned());
    }

    pub(super) fn is_empty(&self) -> bool {
        self.texts.is_empty() && self.names.is_empty()
    }

    /// A changed copy of the archive, or `None` if it cannot be made.
    pub(super) fn apply(&self, archive: &mut Archive<'_>) -> Option<Vec<u8>> {
        let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
        for index in 0..archive.len() {
            let name = archive.by_index_raw(index).ok()?.name().ok()?.into_owned();
            let folded = folded(&name);
            let name = self.names.get(&folded).unwrap_or(&name);
            if let Some(replacements) = self.texts.get(&folded) {
                let part = archive.by_index(index).ok()?;
                let size_bytes = part.size();
                let mut content = String::new();
                part.take(size_bytes).read_to_string(&mut content).ok()?;
                for (from, to) in replacements {
                    content = content.replace(from.as_str(), to);
                }
                writer.start_file(name.as_str(), SimpleFileOptions::default()).ok()?;
                writer.write_all(content.as_bytes()).ok()?;
            } else {
                writer.raw_copy_file_rename(archive.by_index_raw(index).ok()?, name).ok()?;
            }
        }
        Some(writer.finish().ok()?.into_inner())
    }
}

fn folded(part: &str) -> String {
    part.replace('\\', "/").trim_start_matches('/').to_lowercase()
}
