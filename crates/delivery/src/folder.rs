//! A mailer that writes each message to a file. After a crash it answers by looking.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

use model::MessageId;

use crate::compose::sha256_hex;
use crate::{Envelope, NotStarted, Outcome};

/// Longest file name made from a `Message-ID`, in bytes, before `.eml`.
const NAME_BYTES_MAX: usize = 160;

/// Writes each message to `<message-id>.eml` in a folder.
#[derive(Clone, Debug)]
pub struct FolderMailer {
    folder: PathBuf,
}

#[derive(Debug)]
pub(crate) struct FolderSession {
    folder: PathBuf,
    name: String,
}

impl FolderMailer {
    /// Into this folder; made with the first message.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into() }
    }

    /// The file a message is written to.
    pub fn file_of(&self, id: &MessageId) -> PathBuf {
        self.folder.join(file_name(id))
    }

    pub(crate) fn begin(&self, envelope: &Envelope) -> Result<FolderSession, NotStarted> {
        self.make()?;
        Ok(FolderSession { folder: self.folder.clone(), name: file_name(&envelope.message_id) })
    }

    /// Makes the folder if need be, writes a file to it and takes that away again.
    pub(crate) fn probe(&self) -> Result<(), NotStarted> {
        self.make()?;
        // Two of us may look at the same time.
        let file = self.folder.join(format!(".probe-{}.part", std::process::id()));
        let written = write_synced(&file, b"Can be written to.\r\n");
        let removed = fs::remove_file(&file);
        written.and(removed).map_err(|error| self.unusable("written to", &error))
    }

    fn make(&self) -> Result<(), NotStarted> {
        // Messages hold figures about victims and children: nobody but this user and group looks in.
        let made = fs::DirBuilder::new().recursive(true).mode(0o750).create(&self.folder);
        made.map_err(|error| self.unusable("made", &error))
    }

    fn unusable(&self, doing: &str, error: &io::Error) -> NotStarted {
        let why = format!("the mail folder `{}` cannot be {doing}: {error}", self.folder.display());
        NotStarted::Unreachable { why }
    }

    pub(crate) fn was_delivered(&self, id: &MessageId) -> Option<bool> {
        self.file_of(id).try_exists().ok()
    }
}

impl FolderSession {
    pub(crate) fn commit(self, mime: &[u8]) -> Outcome {
        let (target, temporary) =
            (self.folder.join(&self.name), self.folder.join(format!(".{}.part", self.name)));
        match content(&target) {
            Ok(None) => {}
            Ok(Some(there)) if there == mime => {
                let reply = "the file is there already".to_owned();
                return Outcome::Accepted { reply };
            }
            Ok(Some(_)) => {
                let reply = format!("another message is in `{}`: move it away", target.display());
                return Outcome::Refused { reply };
            }
            Err(error) => return put_off("look at", &target, &error),
        }
        if let Err(error) = write_synced(&temporary, mime) {
            return put_off("write", &temporary, &error);
        }
        if let Err(error) = fs::rename(&temporary, &target) {
            return put_off("name", &target, &error);
        }
        match File::open(&self.folder).and_then(|folder| folder.sync_all()) {
            Ok(()) => Outcome::Accepted { reply: format!("written to {}", self.name) },
            Err(error) => Outcome::Unknown {
                reason: format!("`{}` may not be on the disk: {error}", target.display()),
            },
        }
    }
}

fn put_off(doing: &str, path: &Path, error: &io::Error) -> Outcome {
    let reply = format!("could not {doing} `{}`: {error}", path.display());
    Outcome::Deferred { reply }
}

fn write_synced(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = File::create(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

fn content(path: &Path) -> io::Result<Option<Vec<u8>>> {
    let mut file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes)?;
    Ok(Some(bytes))
}

/// A name that stays inside its folder on any system; ids that had to be changed get a hash, so
/// that two ids never share a file.
fn file_name(id: &MessageId) -> String {
    let safe = |c: char| c.is_ascii_alphanumeric() || "@-_.".contains(c);
    let mut name: String =
        id.as_str().chars().map(|c| if safe(c) { c } else { '_' }).take(NAME_BYTES_MAX).collect();
    if name.starts_with('.') {
        name.replace_range(..1, "_");
    }
    if name != id.as_str() || name.is_empty() {
        let hash = sha256_hex(id.as_str().as_bytes());
        name = format!("{name}_{}", &hash[..16]);
    }
    format!("{name}.eml")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stay_inside_the_folder_and_apart() {
        assert_eq!(
            file_name(&MessageId::new("report-2025-26-Q1-01.ab@x.example")),
            "report-2025-26-Q1-01.ab@x.example.eml"
        );
        let long = "a".repeat(500);
        let odd = [
            "",
            ".",
            "..",
            "../../x",
            "a/b",
            "a\\b",
            "a:b",
            "a\0b",
            "CON ",
            "\u{202e}x",
            long.as_str(),
        ];
        let mut names: Vec<String> = odd.iter().map(|id| file_name(&MessageId::new(*id))).collect();
        for name in &names {
            assert!(
                !name.contains(['/', '\\', ':', '\0', ' ']) && !name.starts_with('.'),
                "{name}"
            );
            assert!(name.len() <= 200 && name.is_ascii(), "{name}");
        }
        names.sort();
        names.dedup();
        assert_eq!(names.len(), odd.len());
    }
}
