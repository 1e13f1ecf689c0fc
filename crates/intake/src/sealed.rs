//! The sealed store: submissions that held personal data, kept apart until they are destroyed.
//!
//! Bytes go in and are destroyed; nothing here reads them or gives them out, and no other module
//! knows where they are. They are kept at all only so that whoever must answer for the incident
//! can still say what was sent.

use std::fs::{self, DirBuilder, File, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};

use model::SubmissionHash;

use crate::landing::{Landing, LandingError};

/// Only the user that runs the program may look, and not even it may change anything.
const FILE_MODE: u32 = 0o400;
const DIRECTORY_MODE: u32 = 0o700;
/// How the name of a file begins until all of it is written.
const UNFINISHED: &str = ".sealing-";

/// The folder in which sealed submissions lie: `<hash>.sealed`.
#[derive(Clone, Debug)]
pub struct Sealed {
    directory: PathBuf,
}

/// Why the sealed store could not do what was asked of it.
#[derive(Debug, thiserror::Error)]
pub enum SealError {
    /// The disk or the folder does not let us.
    #[error(
        "failed to {action} `{}` in the folder of sealed submissions: check that the disk is neither full nor read-only and that this user owns the folder",
        path.display()
    )]
    Write {
        /// What was being done: `create`, `move in`, `destroy`.
        action: &'static str,
        /// To what.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// The landing store could not let go of it.
    #[error(transparent)]
    Landing(#[from] LandingError),
}

impl SealError {
    /// Whether the same request may succeed later without anybody changing a setting.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Landing(error) => error.is_transient(),
            Self::Write { source, .. } => !matches!(
                source.kind(),
                io::ErrorKind::ReadOnlyFilesystem | io::ErrorKind::PermissionDenied
            ),
        }
    }
}

impl Sealed {
    /// The store in a folder, which is made when something is first sealed. Removes what a crash
    /// left half written. The caller must be the only one at work on the store.
    pub fn open(directory: impl Into<PathBuf>) -> Result<Self, SealError> {
        let sealed = Self { directory: directory.into() };
        sealed.sweep().map_err(|source| writing("sweep", &sealed.directory, source))?;
        Ok(sealed)
    }

    /// Moves a submission from the landing store to here. When this returns, the move has reached
    /// the disk: a crash before leaves the bytes in one of the two places, or whole in both, and
    /// the same call finishes it. Bytes that are in neither place are no error.
    pub fn seal(&self, landing: &Landing, hash: &SubmissionHash) -> Result<(), SealError> {
        let (from, to) = (landing.path(hash), self.path(hash));
        if !self.holds(hash) {
            match fs::symlink_metadata(&from) {
                Ok(_) => {}
                Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
                Err(source) => return Err(writing("move in", &from, source)),
            }
            self.make_directory()?;
            self.take(&from, &to).map_err(|source| writing("move in", &to, source))?;
        }
        self.sync_entry(&to)?;
        // Also when it came again: what is sealed lies nowhere else.
        Ok(landing.shred(hash)?)
    }

    /// Whether a submission's bytes lie here.
    pub fn holds(&self, hash: &SubmissionHash) -> bool {
        fs::symlink_metadata(self.path(hash)).is_ok_and(|metadata| metadata.is_file())
    }

    /// Removes a submission's bytes for good. Not being there is fine, so that a destruction that
    /// was interrupted can be repeated.
    pub fn destroy(&self, hash: &SubmissionHash) -> Result<(), SealError> {
        let path = self.path(hash);
        match fs::remove_file(&path) {
            Ok(()) => sync(&self.directory),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(source) => Err(writing("destroy", &path, source)),
        }
    }

    /// The name is made of the hash's digits only, so that no hash can point outside the store.
    fn path(&self, hash: &SubmissionHash) -> PathBuf {
        let digits: String = hash.as_str().chars().filter(char::is_ascii_hexdigit).collect();
        self.directory.join(format!("{digits}.sealed"))
    }

    fn take(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::set_permissions(from, Permissions::from_mode(FILE_MODE))?;
        match fs::rename(from, to) {
            // The two folders may have been put on different disks.
            Err(error) if error.kind() == io::ErrorKind::CrossesDevices => {
                let mut file = tempfile::Builder::new()
                    .prefix(UNFINISHED)
                    .suffix(".part")
                    .tempfile_in(&self.directory)?;
                io::copy(&mut File::open(from)?, file.as_file_mut())?;
                file.as_file().set_permissions(Permissions::from_mode(FILE_MODE))?;
                file.as_file().sync_all()?;
                file.persist(to).map_err(|error| error.error)?;
                Ok(())
            }
            moved => moved,
        }
    }

    fn sweep(&self) -> io::Result<()> {
        let entries = match fs::read_dir(&self.directory) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            entries => entries?,
        };
        for entry in entries {
            let entry = entry?;
            if entry.file_name().as_encoded_bytes().starts_with(UNFINISHED.as_bytes()) {
                fs::remove_file(entry.path())?;
            }
        }
        Ok(())
    }

    fn make_directory(&self) -> Result<(), SealError> {
        let create = |source| writing("create", &self.directory, source);
        DirBuilder::new()
            .recursive(true)
            .mode(DIRECTORY_MODE)
            .create(&self.directory)
            .map_err(create)?;
        // A folder that was there already may be open to others.
        fs::set_permissions(&self.directory, Permissions::from_mode(DIRECTORY_MODE))
            .map_err(create)?;
        match self.directory.parent().filter(|parent| !parent.as_os_str().is_empty()) {
            Some(parent) => sync(parent),
            None => Ok(()),
        }
    }

    fn sync_entry(&self, file: &Path) -> Result<(), SealError> {
        sync(file)?;
        sync(&self.directory)
    }
}

/// A file or a folder: both are synced through a handle, and no byte is read.
fn sync(path: &Path) -> Result<(), SealError> {
    File::open(path)
        .and_then(|handle| handle.sync_all())
        .map_err(|source| writing("sync", path, source))
}

fn writing(action: &'static str, path: &Path, source: io::Error) -> SealError {
    SealError::Write { action, path: path.to_owned(), source }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Stores {
        folder: tempfile::TempDir,
        landing: Landing,
        sealed: Sealed,
    }

    impl Stores {
        fn new() -> Self {
            let folder = tempfile::tempdir().expect("a folder");
            let landing = Landing::open(folder.path().join("landing")).expect("opens");
            let sealed = Sealed::open(folder.path().join("sealed")).expect("opens");
            Self { folder, landing, sealed }
        }

        fn mode(&self, inside: &str) -> u32 {
            let metadata = fs::metadata(self.folder.path().join(inside)).expect("there");
            metadata.permissions().mode() & 0o777
        }
    }

    #[test]
    fn sealing_moves_the_bytes_and_locks_them_away() {
        let stores = Stores::new();
        assert!(!stores.folder.path().join("sealed").exists(), "made when first needed");
        let hash = stores.landing.keep(b"Jane Example").expect("keeps");
        stores.sealed.seal(&stores.landing, &hash).expect("seals");
        assert!(stores.sealed.holds(&hash) && !stores.landing.holds(&hash));
        assert_eq!(stores.mode("sealed"), 0o700);
        assert_eq!(stores.mode(&format!("sealed/{hash}.sealed")), 0o400);
        // The same bytes again: still once, and only here.
        stores.landing.keep(b"Jane Example").expect("keeps");
        stores.sealed.seal(&stores.landing, &hash).expect("seals again");
        assert!(stores.sealed.holds(&hash) && !stores.landing.holds(&hash));
        assert_eq!(fs::read_dir(stores.folder.path().join("sealed")).expect("lists").count(), 1);
        for _ in 0..2 {
            stores.sealed.destroy(&hash).expect("destroys");
            assert!(!stores.sealed.holds(&hash));
        }
        stores.sealed.seal(&stores.landing, &hash).expect("nothing to seal is no error");
    }

    #[test]
    fn a_folder_open_to_others_is_closed_and_half_a_copy_is_removed() {
        let stores = Stores::new();
        let directory = stores.folder.path().join("sealed");
        fs::create_dir(&directory).expect("makes");
        fs::set_permissions(&directory, Permissions::from_mode(0o755)).expect("opens it");
        fs::write(directory.join(".sealing-x.part"), b"Jane Exa").expect("writes");
        Sealed::open(&directory).expect("opens");
        assert_eq!(fs::read_dir(&directory).expect("lists").count(), 0);
        let hash = stores.landing.keep(b"Jane Example").expect("keeps");
        stores.sealed.seal(&stores.landing, &hash).expect("seals");
        assert_eq!(stores.mode("sealed"), 0o700);
    }

    #[test]
    fn no_hash_points_outside_the_store() {
        let sealed = Sealed { directory: PathBuf::from("/store") };
        for text in ["../../etc/passwd", "/etc/passwd", "", "..", "é/../x"] {
            let path = sealed.path(&SubmissionHash::new(text));
            assert!(path.starts_with("/store"), "{}", path.display());
            assert!(!path.to_string_lossy().contains("../"), "{}", path.display());
        }
    }
}
