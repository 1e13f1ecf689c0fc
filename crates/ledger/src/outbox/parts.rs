//! Messages of one edition are alike but for their heads: what they share is kept once.
//!
//! A message is cut at its MIME boundaries; a long piece goes into `message_parts` under its hash,
//! and the message is kept as a list of pieces. What comes out is the bytes that went in, to the
//! last one: the outbox holds finished messages.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Read as _, Write as _};

use flate2::Compression;
use flate2::read::DeflateDecoder;
use flate2::write::DeflateEncoder;
use memchr::memmem;
use model::SubmissionHash;
use rusqlite::{Connection, OptionalExtension as _, params};

use super::OutboxMessage;
use crate::error::{Fault, refused};

/// What a list of pieces begins with; a message begins with a header.
const MAGIC: &[u8] = b"\0pieces\n";
/// Shorter messages stay as they are.
const LONG: usize = 1024;
/// A shorter head stays where it is: it is each message's own.
const LONG_HEAD: usize = 4096;
/// Shorter pieces stay where they are: as a piece they would take more room.
const WORTHWHILE: usize = 512;
/// Boundaries of MIME parts begin a line so.
const BOUNDARY: &[u8] = b"\r\n--";

/// Messages to be queued together. Three hundred of an edition take little more room than one.
#[derive(Clone, Debug, Default)]
pub struct Batch {
    /// Without their bytes, which are beside them as they will be kept.
    pub(crate) messages: Vec<(OutboxMessage, Vec<u8>)>,
    /// What they share, deflated, by its hash.
    pieces: BTreeMap<String, Vec<u8>>,
}

impl Batch {
    /// Adds a message.
    pub fn push(&mut self, message: OutboxMessage) {
        let mut message = message;
        let mime = std::mem::take(&mut message.mime);
        let pieces = &mut self.pieces;
        let kept = listed(&mime, |hash, piece| {
            if !pieces.contains_key(hash) {
                pieces.insert(hash.to_owned(), deflated(piece));
            }
            Ok(())
        });
        self.messages.push((message, kept.expect("memory takes it")));
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.messages.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.messages.is_empty()
    }
}

impl FromIterator<OutboxMessage> for Batch {
    fn from_iter<I: IntoIterator<Item = OutboxMessage>>(messages: I) -> Self {
        let mut batch = Self::default();
        messages.into_iter().for_each(|message| batch.push(message));
        batch
    }
}

/// What the messages of a batch share, put by.
pub(crate) fn put_by_shared(db: &Connection, batch: &Batch) -> Result<(), Fault> {
    for (hash, deflated) in &batch.pieces {
        db.prepare_cached(
            "INSERT INTO message_parts (sha256, deflated) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
        )?
        .execute(params![hash, deflated])?;
    }
    Ok(())
}

/// The message as it is kept; its long pieces are put by.
pub(crate) fn put_by(db: &Connection, mime: &[u8]) -> Result<Vec<u8>, Fault> {
    listed(mime, |hash, piece| {
        let mut known = db.prepare_cached("SELECT 1 FROM message_parts WHERE sha256 = ?1")?;
        if !known.exists([hash])? {
            db.prepare_cached("INSERT INTO message_parts (sha256, deflated) VALUES (?1, ?2)")?
                .execute(params![hash, deflated(piece)])?;
        }
        Ok(())
    })
}

fn deflated(piece: &[u8]) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(piece).expect("memory takes it");
    encoder.finish().expect("memory takes it")
}

/// The message as a list of its pieces, the long ones handed to `put` under their hash.
fn listed(
    mime: &[u8],
    mut put: impl FnMut(&str, &[u8]) -> Result<(), Fault>,
) -> Result<Vec<u8>, Fault> {
    if mime.len() < LONG {
        return Ok(mime.to_vec());
    }
    let mut kept = MAGIC.to_vec();
    let mut literal: Vec<u8> = Vec::new();
    for (number, piece) in pieces(mime).into_iter().enumerate() {
        if piece.len() < if number == 0 { LONG_HEAD } else { WORTHWHILE } {
            literal.extend_from_slice(piece);
            continue;
        }
        flush(&mut kept, &mut literal);
        let hash = SubmissionHash::of(piece).to_string();
        kept.extend_from_slice(format!("part {hash}\n").as_bytes());
        put(&hash, piece)?;
    }
    flush(&mut kept, &mut literal);
    Ok(kept)
}

/// The message as it was.
pub(crate) fn put_together(db: &Connection, kept: Vec<u8>) -> Result<Vec<u8>, Fault> {
    let Some(mut rest) = kept.strip_prefix(MAGIC) else { return Ok(kept) };
    let mut mime = Vec::new();
    while !rest.is_empty() {
        let end = rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len());
        let line = std::str::from_utf8(&rest[..end]).unwrap_or_default();
        rest = rest.get(end + 1..).unwrap_or_default();
        if let Some(length) = line.strip_prefix("bytes ").and_then(|it| it.parse::<usize>().ok()) {
            let Some((bytes, after)) = rest.split_at_checked(length) else {
                return refused("a message in the outbox is cut short");
            };
            mime.extend_from_slice(bytes);
            rest = after;
            continue;
        }
        let hash = line.strip_prefix("part ").unwrap_or_default();
        let deflated: Option<Vec<u8>> = db
            .prepare_cached("SELECT deflated FROM message_parts WHERE sha256 = ?1")?
            .query_row([hash], |row| row.get(0))
            .optional()?;
        let mut piece = Vec::new();
        let read = deflated
            .as_deref()
            .and_then(|bytes| DeflateDecoder::new(bytes).read_to_end(&mut piece).ok());
        if read.is_none() || SubmissionHash::of(&piece).to_string() != hash {
            return refused("a piece of a message in the outbox is missing or damaged");
        }
        mime.extend_from_slice(&piece);
    }
    Ok(mime)
}

/// Drops what no message is made of any more.
pub(crate) fn drop_unused(db: &Connection) -> Result<usize, Fault> {
    let mut used = BTreeSet::new();
    let mut kept = db.prepare("SELECT mime FROM outbox WHERE length(mime) > 0")?;
    let mut rows = kept.query([])?;
    while let Some(row) = rows.next()? {
        used.extend(hashes(row.get_ref(0)?.as_blob().unwrap_or_default()));
    }
    let all: Vec<String> = db
        .prepare("SELECT sha256 FROM message_parts")?
        .query_map([], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    let mut dropped = 0;
    for hash in all.iter().filter(|hash| !used.contains(*hash)) {
        dropped +=
            db.prepare_cached("DELETE FROM message_parts WHERE sha256 = ?1")?.execute([hash])?;
    }
    Ok(dropped)
}

/// The pieces that a kept message names.
fn hashes(kept: &[u8]) -> Vec<String> {
    let mut found = Vec::new();
    let Some(mut rest) = kept.strip_prefix(MAGIC) else { return found };
    while !rest.is_empty() {
        let end = rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len());
        let line = String::from_utf8_lossy(&rest[..end]);
        rest = rest.get(end + 1..).unwrap_or_default();
        if let Some(length) = line.strip_prefix("bytes ").and_then(|it| it.parse::<usize>().ok()) {
            rest = rest.get(length..).unwrap_or_default();
        } else if let Some(hash) = line.strip_prefix("part ") {
            found.push(hash.to_owned());
        }
    }
    found
}

fn flush(kept: &mut Vec<u8>, literal: &mut Vec<u8>) {
    if !literal.is_empty() {
        kept.extend_from_slice(format!("bytes {}\n", literal.len()).as_bytes());
        kept.append(literal);
    }
}

/// The bytes cut before and after each boundary's line, none left out.
fn pieces(mime: &[u8]) -> Vec<&[u8]> {
    let mut cuts = vec![0];
    let mut at = 0;
    while let Some(found) = memmem::find(&mime[at..], BOUNDARY) {
        let line = at + found;
        let end = memmem::find(&mime[line + 2..], b"\r\n").map_or(mime.len(), |end| line + 2 + end);
        cuts.extend([line, end]);
        at = end;
    }
    cuts.push(mime.len());
    cuts.windows(2).map(|cut| &mime[cut[0]..cut[1]]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ledger() -> Connection {
        let db = Connection::open_in_memory().expect("opens");
        db.execute_batch(
            "CREATE TABLE message_parts (sha256 TEXT PRIMARY KEY, deflated BLOB NOT NULL) STRICT",
        )
        .expect("creates");
        db
    }

    fn message(head: &str, file: &str) -> Vec<u8> {
        let body = file.repeat(900);
        format!("To: {head}\r\n\r\n--a-{head}\r\nContent-Type: text/csv\r\n\r\n{body}\r\n--a-{head}--\r\n")
            .into_bytes()
    }

    fn parts(db: &Connection) -> i64 {
        db.query_row("SELECT count(*) FROM message_parts", [], |row| row.get(0)).expect("counts")
    }

    #[test]
    fn what_messages_share_is_kept_once_and_they_come_out_as_they_went_in() {
        let db = ledger();
        let put_by = |mime: &[u8]| put_by(&db, mime).expect("keeps");
        let messages = [
            message("chair", "12,34\r\n"),
            message("lead", "12,34\r\n"),
            message("lead", "56,78\r\n"),
            b"short".to_vec(),
            "x".repeat(9_000).into_bytes(),
            b"\r\n--".repeat(3_000),
            Vec::new(),
        ];
        let kept: Vec<Vec<u8>> = messages.iter().map(|mime| put_by(mime)).collect();
        assert_eq!(parts(&db), 3, "two files and the long line");
        assert!(kept[..3].iter().all(|kept| kept.len() < 300), "{kept:?}");
        for (mime, kept) in messages.iter().zip(kept) {
            assert_eq!(put_together(&db, kept).ok().as_ref(), Some(mime));
        }
    }

    #[test]
    fn a_piece_that_is_gone_or_changed_is_said_never_sent() {
        let db = ledger();
        let kept = put_by(&db, &message("chair", "12,34\r\n")).expect("keeps");
        db.execute("UPDATE message_parts SET deflated = x'03'", []).expect("damages");
        assert!(put_together(&db, kept.clone()).is_err());
        db.execute("DELETE FROM message_parts", []).expect("removes");
        assert!(put_together(&db, kept.clone()).is_err());
        assert!(put_together(&db, kept[..kept.len() - 3].to_vec()).is_err());
    }
}
