//! A file that a command was asked to write: where it may go, and going there whole.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use crate::error::PipelineError;

/// What may stand at the place already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Existing {
    /// A file there is replaced.
    Replace,
    /// A file there may be somebody's work, and stays.
    Keep,
}

/// What is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// An Excel workbook.
    Workbook,
    /// A Parquet file.
    Parquet,
}

impl Kind {
    fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Workbook => ("xlsx", "an Excel workbook"),
            Self::Parquet => ("parquet", "a Parquet file"),
        }
    }
}

/// A place where a file can be written, found out before anything is done.
#[derive(Debug)]
pub(crate) struct OutFile {
    path: PathBuf,
}

impl OutFile {
    /// Checks the place: a name with the right ending in a folder that is there, and none of `inputs`.
    pub(crate) fn at(
        path: &Path,
        (kind, existing): (Kind, Existing),
        inputs: &[&Path],
    ) -> Result<Self, PipelineError> {
        let shown = path.display();
        let usage = |message: String| Err(PipelineError::Usage(message));
        let (wanted, noun) = kind.words();
        let ending = path.extension().map(|ending| ending.to_string_lossy().to_lowercase());
        if path.is_dir() {
            return usage(format!("{shown} is a folder: name a file in it, ending in .{wanted}"));
        }
        if ending.as_deref() != Some(wanted) {
            return usage(format!("{shown} would be {noun}: let its name end in .{wanted}"));
        }
        let folder = folder_of(path);
        if !folder.is_dir() {
            return usage(format!("there is no folder {}: make it first", folder.display()));
        }
        for input in inputs {
            if is_same_file(path, input) {
                return usage(format!(
                    "{shown} is the workbook itself, which is never changed: name another file"
                ));
            }
        }
        match fs::symlink_metadata(path) {
            Ok(_) if existing == Existing::Keep => {
                usage(format!("{shown} is there already: name another file, or remove it first"))
            }
            Ok(found) if !found.is_file() && !found.is_symlink() => {
                usage(format!("{shown} is not a regular file: name another"))
            }
            _ => Ok(Self { path: path.to_owned() }),
        }
    }

    /// Writes the file whole or not at all: beside its place, synced, then renamed.
    pub(crate) fn write(&self, bytes: &[u8]) -> Result<(), PipelineError> {
        let name = self.path.file_name().unwrap_or_default().to_string_lossy();
        let folder = folder_of(&self.path);
        let partial = folder.join(format!(".{name}.partial-{}", std::process::id()));
        let written = write_synced(&partial, bytes)
            .and_then(|()| fs::rename(&partial, &self.path))
            .and_then(|()| fs::File::open(folder)?.sync_all());
        written.map_err(|source| {
            // What is left of a failed try is of no use to anybody.
            drop(fs::remove_file(&partial));
            PipelineError::File { doing: "write", path: self.path.display().to_string(), source }
        })
    }
}

fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

fn write_synced(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = fs::OpenOptions::new().write(true).create_new(true).open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// Whether two paths lead to the same file, by whatever links.
fn is_same_file(one: &Path, other: &Path) -> bool {
    match (fs::canonicalize(one), fs::canonicalize(other)) {
        (Ok(one_path), Ok(other_path)) if one_path == other_path => true,
        (Ok(_), Ok(_)) => {
            use std::os::unix::fs::MetadataExt as _;
            let place = |path: &Path| fs::metadata(path).map(|found| (found.dev(), found.ino()));
            matches!((place(one), place(other)), (Ok(one), Ok(other)) if one == other)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(result: Result<OutFile, PipelineError>) -> String {
        result.expect_err("refused").to_string()
    }

    #[test]
    fn the_input_is_never_written_over_by_whatever_name() {
        let folder = tempfile::tempdir().expect("a folder");
        let input = folder.path().join("in.xlsx");
        fs::File::create(&input).expect("a file");
        let link = folder.path().join("link.xlsx");
        std::os::unix::fs::symlink(&input, &link).expect("a link");
        let hard = folder.path().join("hard.xlsx");
        fs::hard_link(&input, &hard).expect("a link");
        for path in [&input, &link, &hard, &folder.path().join("./in.xlsx")] {
            let said = said(OutFile::at(path, (Kind::Workbook, Existing::Replace), &[&input]));
            assert!(said.ends_with("never changed: name another file"), "{said}");
        }
    }

    #[test]
    fn a_place_that_will_not_do_is_named() {
        let folder = tempfile::tempdir().expect("a folder");
        let at = |name: &str| {
            OutFile::at(&folder.path().join(name), (Kind::Workbook, Existing::Replace), &[])
        };
        assert!(said(at("")).contains("is a folder"));
        assert!(said(at("out.xls")).contains("end in .xlsx"));
        assert!(said(at("none/out.xlsx")).contains("make it first"));
    }

    #[test]
    fn it_is_written_whole_and_leaves_nothing_beside() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("out.xlsx");
        for bytes in [b"first".as_slice(), b"second"] {
            let out =
                OutFile::at(&path, (Kind::Workbook, Existing::Replace), &[]).expect("a place");
            out.write(bytes).expect("written");
        }
        assert!(
            said(OutFile::at(&path, (Kind::Workbook, Existing::Keep), &[]))
                .contains("is there already")
        );
        let names: Vec<_> = fs::read_dir(folder.path()).expect("a folder").collect();
        assert_eq!(names.len(), 1);
        let mut kept = Vec::new();
        io::Read::read_to_end(&mut fs::File::open(&path).expect("there"), &mut kept).expect("read");
        assert_eq!(kept, b"second");
    }
}
