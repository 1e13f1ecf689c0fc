//! The landing store: what arrived, for ever, under its hash.

use std::fs::{self, DirBuilder, File, Permissions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};

use model::SubmissionHash;

/// What a file or folder of the store lets others do: nothing; its owner and group may read.
const FILE_MODE: u32 = 0o440;
const DIRECTORY_MODE: u32 = 0o750;
/// How the name of a file begins until all of it is written.
const UNFINISHED: &str = ".arriving-";

/// The folder in which raw submissions are kept: `<first two digits>/<hash>.bin`.
#[derive(Clone, Debug)]
pub struct Landing {
    directory: PathBuf,
}

/// Why the landing store could not do what was asked of it.
#[derive(Debug, thiserror::Error)]
pub enum LandingError {
    /// No room for what arrived.
    #[error(
        "the disk that holds the landing store `{}` is full: nothing more can be taken in until room is made",
        directory.display()
    )]
    Full {
        /// The store.
        directory: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// The disk or the folder cannot be written to.
    #[error(
        "the landing store `{}` cannot be written to: check that the disk is not read-only and that this user owns the folder",
        directory.display()
    )]
    NotWritable {
        /// The store.
        directory: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// Anything else that went wrong while writing.
    #[error("failed to {action} `{}` in the landing store", path.display())]
    Write {
        /// What was being done: `create`, `write`, `remove`.
        action: &'static str,
        /// To what.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// A submission that should be there cannot be read.
    #[error("failed to read submission {hash} from the landing store")]
    Read {
        /// The submission.
        hash: SubmissionHash,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// The bytes under a name are not the bytes of that name.
    #[error("submission {hash} in the landing store is damaged: its bytes do not match its name")]
    Damaged {
        /// The submission.
        hash: SubmissionHash,
    },
}

impl LandingError {
    /// Whether the same request may succeed later without anybody changing a setting.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Full { .. } | Self::Write { .. } => true,
            Self::NotWritable { .. } | Self::Read { .. } | Self::Damaged { .. } => false,
        }
    }
}

impl Landing {
    /// Opens the store, making the folder if it is not there, and removes what a crash left half
    /// written. The caller must be the only one at work on the store.
    pub fn open(directory: impl Into<PathBuf>) -> Result<Self, LandingError> {
        let landing = Self { directory: directory.into() };
        landing.make_directory(&landing.directory)?;
        landing.sweep().map_err(|source| landing.writing("sweep", &landing.directory, source))?;
        Ok(landing)
    }

    /// Half a file may be of one that would have been refused for personal data: nobody would ever
    /// look at it again, so it must not stay.
    fn sweep(&self) -> io::Result<()> {
        for folder in fs::read_dir(&self.directory)? {
            let folder = folder?;
            if !folder.file_type()?.is_dir() {
                continue;
            }
            for file in fs::read_dir(folder.path())? {
                let file = file?;
                if file.file_name().as_encoded_bytes().starts_with(UNFINISHED.as_bytes()) {
                    fs::remove_file(file.path())?;
                }
            }
        }
        Ok(())
    }

    /// Keeps bytes under their hash. When this returns they are on the disk: file and folders are
    /// synced. Bytes that are already there are not written again.
    pub fn keep(&self, bytes: &[u8]) -> Result<SubmissionHash, LandingError> {
        let hash = SubmissionHash::of(bytes);
        let path = self.path(&hash);
        let parent = path.parent().unwrap_or(&self.directory);
        let size_bytes = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        if fs::symlink_metadata(&path).is_ok_and(|m| m.is_file() && m.len() == size_bytes) {
            // Whoever wrote it may have died between rename and sync.
            self.sync_directory(parent)?;
            return Ok(hash);
        }
        self.make_directory(parent)?;
        Self::write(parent, &path, bytes).map_err(|source| self.writing("write", &path, source))?;
        self.sync_directory(parent)?;
        Ok(hash)
    }

    /// Where a submission's bytes are, whether or not they are there. The name is made of the
    /// hash's digits only, so that no hash can point outside the store.
    pub fn path(&self, hash: &SubmissionHash) -> PathBuf {
        let digits: String = hash.as_str().chars().filter(char::is_ascii_hexdigit).collect();
        let folder = digits.get(..2).unwrap_or("00");
        self.directory.join(folder).join(format!("{digits}.bin"))
    }

    /// Whether a submission's bytes are there.
    pub fn holds(&self, hash: &SubmissionHash) -> bool {
        self.path(hash).is_file()
    }

    /// A submission's bytes, checked against their name.
    pub fn read(&self, hash: &SubmissionHash) -> Result<Vec<u8>, LandingError> {
        let mut bytes = Vec::new();
        File::open(self.path(hash))
            .and_then(|mut file| file.read_to_end(&mut bytes))
            .map_err(|source| LandingError::Read { hash: hash.clone(), source })?;
        if SubmissionHash::of(&bytes) == *hash {
            Ok(bytes)
        } else {
            Err(LandingError::Damaged { hash: hash.clone() })
        }
    }

    /// Removes a submission's bytes for good: they carried what must not be kept. Not being there
    /// is fine, so that a shredding that was interrupted can be repeated.
    pub fn shred(&self, hash: &SubmissionHash) -> Result<(), LandingError> {
        let path = self.path(hash);
        match fs::remove_file(&path) {
            Ok(()) => self.sync_directory(path.parent().unwrap_or(&self.directory)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                // Gone already, as when it was moved under seal: a power cut must not bring it back.
                let parent = path.parent().unwrap_or(&self.directory);
                if parent.is_dir() { self.sync_directory(parent) } else { Ok(()) }
            }
            Err(source) => Err(self.writing("remove", &path, source)),
        }
    }

    fn write(parent: &Path, path: &Path, bytes: &[u8]) -> io::Result<()> {
        let mut file =
            tempfile::Builder::new().prefix(UNFINISHED).suffix(".part").tempfile_in(parent)?;
        file.write_all(bytes)?;
        file.as_file().set_permissions(Permissions::from_mode(FILE_MODE))?;
        file.as_file().sync_all()?;
        file.persist(path).map_err(|error| error.error)?;
        Ok(())
    }

    fn make_directory(&self, directory: &Path) -> Result<(), LandingError> {
        if directory.is_dir() {
            return Ok(());
        }
        DirBuilder::new()
            .recursive(true)
            .mode(DIRECTORY_MODE)
            .create(directory)
            .map_err(|source| self.writing("create", directory, source))?;
        // A new folder survives a power cut only once the folders above it are synced too.
        let mut above = directory.parent();
        while let Some(parent) = above.filter(|parent| parent.starts_with(&self.directory)) {
            self.sync_directory(parent)?;
            above = parent.parent();
        }
        if directory == self.directory
            && let Some(parent) = directory.parent().filter(|parent| !parent.as_os_str().is_empty())
        {
            self.sync_directory(parent)?;
        }
        Ok(())
    }

    fn sync_directory(&self, directory: &Path) -> Result<(), LandingError> {
        File::open(directory)
            .and_then(|handle| handle.sync_all())
            .map_err(|source| self.writing("sync", directory, source))
    }

    fn writing(&self, action: &'static str, path: &Path, source: io::Error) -> LandingError {
        let directory = self.directory.clone();
        match source.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
                LandingError::Full { directory, source }
            }
            io::ErrorKind::ReadOnlyFilesystem | io::ErrorKind::PermissionDenied => {
                LandingError::NotWritable { directory, source }
            }
            _ => LandingError::Write { action, path: path.to_owned(), source },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(directory: &Path) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(directory)
            .expect("the folder is there")
            .flat_map(|entry| {
                let path = entry.expect("readable").path();
                if path.is_dir() {
                    names(&path)
                } else {
                    vec![path.file_name().expect("named").to_string_lossy().into()]
                }
            })
            .collect();
        names.sort();
        names
    }

    #[test]
    fn what_a_crash_left_half_written_is_removed() {
        let folder = tempfile::tempdir().expect("a folder");
        let landing = Landing::open(folder.path()).expect("opens");
        let hash = landing.keep(b"abc").expect("keeps");
        let half = landing.path(&hash).with_file_name(".arriving-x1.part");
        fs::write(&half, b"Jane Exa").expect("writes");
        let again = Landing::open(folder.path()).expect("opens again");
        assert!(!half.exists());
        assert!(again.holds(&hash));
    }

    #[test]
    fn bytes_are_kept_once_under_their_hash_and_nothing_else_is_left() {
        let folder = tempfile::tempdir().expect("a folder");
        let landing = Landing::open(folder.path().join("a/b")).expect("opens");
        let hash = landing.keep(b"abc").expect("keeps");
        assert_eq!(landing.keep(b"abc").expect("keeps again"), hash);
        assert_eq!(names(folder.path()), [format!("{hash}.bin")]);
        assert_eq!(landing.read(&hash).expect("reads"), b"abc");
        let mode = fs::metadata(landing.path(&hash)).expect("there").mode_bits();
        assert_eq!(mode, FILE_MODE);
    }

    trait ModeBits {
        fn mode_bits(&self) -> u32;
    }

    impl ModeBits for fs::Metadata {
        fn mode_bits(&self) -> u32 {
            self.permissions().mode() & 0o777
        }
    }

    #[test]
    fn a_cut_off_copy_is_replaced_and_a_changed_one_is_called_damaged() {
        let folder = tempfile::tempdir().expect("a folder");
        let landing = Landing::open(folder.path()).expect("opens");
        let hash = landing.keep(b"abc").expect("keeps");
        let overwrite = |bytes: &[u8]| {
            fs::remove_file(landing.path(&hash)).expect("removes");
            File::create(landing.path(&hash))
                .and_then(|mut file| file.write_all(bytes))
                .expect("writes");
        };
        overwrite(b"ab");
        assert!(matches!(landing.read(&hash), Err(LandingError::Damaged { .. })));
        landing.keep(b"abc").expect("heals");
        assert_eq!(landing.read(&hash).expect("whole again"), b"abc");
        overwrite(b"xyz");
        assert!(matches!(landing.read(&hash), Err(LandingError::Damaged { .. })));
    }

    #[test]
    fn shredding_removes_and_may_be_repeated() {
        let folder = tempfile::tempdir().expect("a folder");
        let landing = Landing::open(folder.path()).expect("opens");
        let hash = landing.keep(b"secret").expect("keeps");
        landing.shred(&hash).expect("shreds");
        assert!(!landing.holds(&hash));
        landing.shred(&hash).expect("shreds again");
        assert!(matches!(landing.read(&hash), Err(LandingError::Read { .. })));
    }

    #[test]
    fn no_hash_points_outside_the_store() {
        let landing = Landing { directory: PathBuf::from("/store") };
        for text in ["../../etc/passwd", "/etc/passwd", "", "a", "..", "é/../x"] {
            let path = landing.path(&SubmissionHash::new(text));
            assert!(path.starts_with("/store"), "{}", path.display());
            assert!(!path.to_string_lossy().contains(".."), "{}", path.display());
        }
    }

    #[test]
    fn full_and_read_only_disks_are_said_plainly() {
        let landing = Landing { directory: PathBuf::from("/store") };
        let said = |kind: io::ErrorKind| {
            landing.writing("write", Path::new("/store/ab"), kind.into()).to_string()
        };
        insta::assert_snapshot!(said(io::ErrorKind::StorageFull), @"the disk that holds the landing store `/store` is full: nothing more can be taken in until room is made");
        insta::assert_snapshot!(said(io::ErrorKind::ReadOnlyFilesystem), @"the landing store `/store` cannot be written to: check that the disk is not read-only and that this user owns the folder");
        insta::assert_snapshot!(said(io::ErrorKind::InvalidData), @"failed to write `/store/ab` in the landing store");
    }
}
