//! The door to the disk: what is given its name here is synced first.
//!
//! Delta Lake's own local store syncs nothing, and after a power cut an empty newest log entry is
//! read as if its rows had never been there. So both the Parquet files and the log entries are
//! written by these functions.

use std::fs::{self, File};
use std::io::{ErrorKind, Read, Write};
use std::path::Path;

use sha2::{Digest, Sha256};
use tracing::debug;

use crate::LakeError;

/// A name in a folder and its size in bytes.
pub(crate) struct Entry {
    pub(crate) name: String,
    pub(crate) size_bytes: u64,
}

/// SHA-256 in lower-case hexadecimal.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    let mut text = String::with_capacity(64);
    for byte in Sha256::digest(bytes) {
        write!(text, "{byte:02x}").expect("writing to a String cannot fail");
    }
    text
}

/// Creates a folder and the folders above it, and syncs the one that names it.
pub(crate) fn create_folder(folder: &Path) -> Result<(), LakeError> {
    fs::create_dir_all(folder).map_err(LakeError::disk("create the folder", folder))?;
    folder.parent().map_or(Ok(()), sync_folder)
}

/// Writes a file whole; an older one of that name is replaced.
pub(crate) fn write_replacing(folder: &Path, name: &str, bytes: &[u8]) -> Result<(), LakeError> {
    let path = folder.join(name);
    let temporary = write_temporary(folder, name, bytes)?;
    fs::rename(&temporary, &path).map_err(LakeError::disk("write", &path))?;
    sync_folder(folder)
}

/// Writes a file whole; `false`, and nothing written, if the name is taken.
pub(crate) fn write_new(folder: &Path, name: &str, bytes: &[u8]) -> Result<bool, LakeError> {
    let path = folder.join(name);
    let temporary = write_temporary(folder, name, bytes)?;
    // A hard link, unlike a rename, fails when the name is taken.
    let linked = fs::hard_link(&temporary, &path);
    if let Err(error) = fs::remove_file(&temporary) {
        debug!(path = %temporary.display(), "A temporary file could not be removed: {error}");
    }
    match linked {
        Ok(()) => sync_folder(folder).map(|()| true),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(false),
        Err(error) => Err(LakeError::disk("write", &path)(error)),
    }
}

fn write_temporary(
    folder: &Path,
    name: &str,
    bytes: &[u8],
) -> Result<std::path::PathBuf, LakeError> {
    // The leading dot hides it from Delta Lake; one left by a crash is written over next time.
    let path = folder.join(format!(".{name}.tmp"));
    let written = File::create(&path).and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_all()
    });
    if let Err(error) = written {
        // A full disk should at least get back what was just taken.
        if let Err(error) = fs::remove_file(&path) {
            debug!(path = %path.display(), "A temporary file could not be removed: {error}");
        }
        return Err(LakeError::disk("write", &folder.join(name))(error));
    }
    Ok(path)
}

/// Removes what earlier attempts to write into a folder have left half-way. Only whoever writes there alone may.
pub(crate) fn clear_temporaries(folder: &Path) -> Result<(), LakeError> {
    let left = list(folder)?.unwrap_or_default();
    for Entry { name, .. } in left.iter().filter(|it| is_temporary(&it.name)) {
        let path = folder.join(name);
        fs::remove_file(&path).map_err(LakeError::disk("remove", &path))?;
    }
    Ok(())
}

fn is_temporary(name: &str) -> bool {
    name.starts_with('.') && name.strip_suffix(".tmp").is_some()
}

/// Makes the names in a folder last.
pub(crate) fn sync_folder(folder: &Path) -> Result<(), LakeError> {
    File::open(folder)
        .and_then(|folder| folder.sync_all())
        .map_err(LakeError::disk("sync the folder", folder))
}

/// Reads a file whole; `None` if there is none.
pub(crate) fn read(path: &Path) -> Result<Option<Vec<u8>>, LakeError> {
    let mut bytes = Vec::new();
    match File::open(path).and_then(|mut file| file.read_to_end(&mut bytes)) {
        Ok(_) => Ok(Some(bytes)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(LakeError::disk("read", path)(error)),
    }
}

/// Lists the files in a folder by name; `None` if there is no such folder.
pub(crate) fn list(folder: &Path) -> Result<Option<Vec<Entry>>, LakeError> {
    let failed = |error| LakeError::disk("list", folder)(error);
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(failed(error)),
    };
    let mut files = Vec::new();
    for entry in entries {
        let entry = entry.map_err(failed)?;
        let metadata = entry.metadata().map_err(failed)?;
        if metadata.is_file() {
            files.push(Entry {
                name: entry.file_name().to_string_lossy().into_owned(),
                size_bytes: metadata.len(),
            });
        }
    }
    files.sort_by(|left, right| left.name.cmp(&right.name));
    Ok(Some(files))
}

/// Refuses a folder on a network file system: there, a sync is a promise nobody keeps.
#[cfg(target_os = "linux")]
pub(crate) fn refuse_network_drive(folder: &Path) -> Result<(), LakeError> {
    let found = rustix::fs::statfs(folder)
        .map_err(|error| LakeError::disk("look at the disk of", folder)(error.into()))?;
    // The magic number is 32 bits wide; some platforms sign-extend it.
    let magic = u32::try_from(i128::from(found.f_type) & 0xFFFF_FFFF).unwrap_or_default();
    match network_drive(magic) {
        Some(kind) => Err(LakeError::NetworkDrive { path: folder.to_owned(), kind }),
        None => Ok(()),
    }
}

/// Other systems number their file systems differently; there the administrator must know.
#[cfg(not(target_os = "linux"))]
pub(crate) fn refuse_network_drive(_folder: &Path) -> Result<(), LakeError> {
    Ok(())
}

/// Names the network file systems of `statfs(2)`. FUSE and 9p are let through: they carry local
/// disks (containers, virtual machines, NTFS) as often as remote ones.
#[cfg(target_os = "linux")]
fn network_drive(magic: u32) -> Option<&'static str> {
    match magic {
        0x6969 => Some("NFS"),
        0x517B | 0xFF53_4D42 | 0xFE53_4D42 => Some("SMB"),
        0x564C => Some("NCP"),
        0x5346_414F | 0x6B41_4653 => Some("AFS"),
        0x7375_7245 => Some("Coda"),
        0x00C3_6400 => Some("Ceph"),
        0x0BD0_0BD0 => Some("Lustre"),
        0x1983_0326 => Some("BeeGFS"),
        0x4750_4653 => Some("GPFS"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_taken_name_is_not_written_over() {
        let folder = tempfile::tempdir().unwrap();
        assert!(write_new(folder.path(), "0.json", b"first").unwrap());
        assert!(!write_new(folder.path(), "0.json", b"second").unwrap());
        assert_eq!(
            read(&folder.path().join("0.json")).unwrap().as_deref(),
            Some(b"first".as_slice())
        );
        let names: Vec<_> =
            list(folder.path()).unwrap().unwrap().into_iter().map(|entry| entry.name).collect();
        assert_eq!(names, ["0.json"], "no temporary file is left");
    }

    #[test]
    fn a_leftover_of_a_crash_is_written_over() {
        let folder = tempfile::tempdir().unwrap();
        File::create(folder.path().join(".part.tmp")).unwrap().write_all(b"half").unwrap();
        write_replacing(folder.path(), "part", b"whole").unwrap();
        let path = folder.path().join("part");
        assert_eq!(read(&path).unwrap().as_deref(), Some(b"whole".as_slice()));
        assert_eq!(list(folder.path()).unwrap().unwrap().len(), 1);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn network_drives_are_known_and_local_ones_let_through() {
        assert_eq!(network_drive(0x6969), Some("NFS"));
        assert_eq!(network_drive(0xFF53_4D42), Some("SMB"));
        assert_eq!(network_drive(0xEF53), None, "ext4");
        let folder = tempfile::tempdir().unwrap();
        refuse_network_drive(folder.path()).unwrap();
    }
}
