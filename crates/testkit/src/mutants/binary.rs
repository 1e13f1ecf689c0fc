//! Damage to records: of binary parts (`.bin`, kinds and lengths of one to four bytes) and of old
//! workbooks (two bytes each), and to the chains of the container that those lie in.

use std::ops::Range;

use super::{Dice, bytes};

const SECTOR_BYTES: usize = 512;
const SMALL_SECTOR_BYTES: usize = 64;
/// Streams shorter than this lie in small sectors.
const SMALL_STREAM_BYTES: usize = 4096;
const ENTRY_BYTES: usize = 128;

/// A record: where its length stands, and its content.
struct Record {
    length: Range<usize>,
    content: Range<usize>,
}

/// Damages a binary part of a workbook.
pub(super) fn damaged_parts(content: &[u8], dice: &mut Dice) -> (String, Vec<u8>) {
    let mut records = Vec::new();
    let mut place = 0;
    while let Some(kind_end) = variable(content, place, 2) {
        let Some(length_end) = variable(content, kind_end, 4) else {
            break;
        };
        let length = (kind_end..length_end)
            .rev()
            .fold(0_usize, |length, place| (length << 7) | usize::from(content[place] & 0x7f));
        let end = length_end.saturating_add(length);
        if content.len() < end {
            break;
        }
        records.push(Record { length: kind_end..length_end, content: length_end..end });
        place = end;
    }
    changed(content, &records, dice)
}

/// Where a number of up to `most` bytes ends, of which all but the last have their top bit set.
fn variable(content: &[u8], start: usize, most: usize) -> Option<usize> {
    for (read, byte) in content.get(start..)?.iter().take(most).enumerate() {
        if *byte < 0x80 || read + 1 == most {
            return Some(start + read + 1);
        }
    }
    None
}

/// Damages an old Office container or the workbook in it.
pub(super) fn damaged_container(file: &[u8], dice: &mut Dice) -> Option<(String, Vec<u8>)> {
    let number = |place: usize| -> Option<usize> {
        let bytes = file.get(place..place + 4)?;
        usize::try_from(u32::from_le_bytes(bytes.try_into().ok()?)).ok()
    };
    let sector = |index: usize| Some(SECTOR_BYTES + index.checked_mul(SECTOR_BYTES)?);
    let directory = sector(number(48)?)?;
    let place = match dice.below(6) {
        // The header, and the list of sectors that hold the table of chains.
        0 => 24 + 4 * dice.below(20),
        // A link of a chain.
        1 => sector(number(76)?)? + 4 * dice.below(SECTOR_BYTES / 4),
        // Start or length of a stream, or the kind of an entry.
        2 => directory + ENTRY_BYTES * dice.below(4) + dice.pick(&[64, 66, 68, 76, 116, 120]),
        _ => {
            let records = workbook_records(file, directory, &number)?;
            return Some(changed(file, &records, dice));
        }
    };
    let mut changed = file.to_vec();
    for (byte, bad) in changed.get_mut(place..)?.iter_mut().zip(dice.bad_number()) {
        *byte = bad;
    }
    Some(("number of the container".to_owned(), changed))
}

/// The records of the workbook, if it lies in one piece, as it nearly always does.
fn workbook_records(
    file: &[u8],
    directory: usize,
    number: &impl Fn(usize) -> Option<usize>,
) -> Option<Vec<Record>> {
    let entry = (0..8).map(|index| directory + ENTRY_BYTES * index).find(|entry| {
        let name = file.get(*entry..entry + 16).unwrap_or_default().to_ascii_lowercase();
        name.starts_with(b"w\0o\0r\0k\0b\0o\0o\0k\0") || name.starts_with(b"b\0o\0o\0k\0\0\0")
    })?;
    let (start, length) = (number(entry + 116)?, number(entry + 120)?);
    let begin = if length < SMALL_STREAM_BYTES {
        let small = SECTOR_BYTES + number(directory + 116)?.checked_mul(SECTOR_BYTES)?;
        small + start.checked_mul(SMALL_SECTOR_BYTES)?
    } else {
        SECTOR_BYTES + start.checked_mul(SECTOR_BYTES)?
    };
    let mut records = Vec::new();
    let mut place = begin;
    while let Some(head) = file.get(place..place + 4)
        && place < begin.saturating_add(length)
    {
        let length = usize::from(u16::from_le_bytes([head[2], head[3]]));
        let end = place + 4 + length;
        if file.len() < end {
            break;
        }
        records.push(Record { length: place + 2..place + 4, content: place + 4..end });
        place = end;
    }
    Some(records)
}

fn changed(content: &[u8], records: &[Record], dice: &mut Dice) -> (String, Vec<u8>) {
    if records.is_empty() {
        return bytes::damaged(content, dice);
    }
    let record = &records[dice.below(records.len())];
    let other = &records[dice.below(records.len())];
    let whole = |record: &Record| {
        // The kind takes at most two bytes before the length; which is near enough.
        record.length.start.saturating_sub(1)..record.content.end
    };
    let mut changed = content.to_vec();
    let what = match dice.below(5) {
        0 => {
            let bad = dice.bad_number();
            let length = record.length.len().min(4);
            changed[record.length.clone()][..length].copy_from_slice(&bad[..length]);
            "record length"
        }
        1 => {
            let kind = record.length.start.saturating_sub(1);
            changed[kind] = dice.bad_number()[0];
            "record kind"
        }
        2 | 3 => {
            let place = record.content.start + dice.below(record.content.len());
            for (byte, bad) in changed.iter_mut().skip(place).zip(dice.bad_number()) {
                *byte = bad;
            }
            "record number"
        }
        _ => {
            let block = content[whole(other)].to_vec();
            let place = record.length.start.saturating_sub(1);
            changed.splice(place..place, block);
            "record doubled"
        }
    };
    (what.to_owned(), changed)
}
