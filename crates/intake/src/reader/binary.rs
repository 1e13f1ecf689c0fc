//! A first look through the parts of an xlsb file, for what its reader passes by or gets wrong
//! without a word: errors of formulas, rich texts, numbers of texts and formats that are not
//! there, records too short for what they should hold; and for what it does not say.

mod sheet;

use std::collections::BTreeMap;
use std::io::{BufReader, Read};

use encoding_rs::UTF_16LE;
use model::Place;

use super::emit::{Stop, malformed};
use super::facts::Facts;
use super::guard::{Archive, position};
use super::mend::Mends;
use super::package::{Relation, relations};

/// Kinds of records outside sheets.
const SHEET: u16 = 0x009c;
const TEXTS: u16 = 0x009f;
const TEXT: u16 = 0x0013;
const FORMATS: u16 = 0x0269;
const FORMATS_END: u16 = 0x026a;
const FORMAT: u16 = 0x002f;
/// Records are not longer than the longest text, with its formats.
const RECORD_BYTES_MAX: usize = 16 * 1024 * 1024;

const WORKBOOK: &str = "xl/workbook.bin";
const RELATIONS: &str = "xl/_rels/workbook.bin.rels";

/// What the look found.
#[derive(Debug, Default)]
pub(super) struct Scanned {
    pub(super) facts: Facts,
    /// What must be put right before the reader opens the file.
    pub(super) mends: Mends,
}

/// Looks through the list of sheets, the texts, the formats and the sheets.
pub(super) fn scan(archive: &mut Archive<'_>, label: &str) -> Result<Scanned, Stop> {
    let mut scanned = Scanned::default();
    let relations =
        relations(archive, RELATIONS, label).map_err(|trouble| trouble.into_stop(label))?;
    let listed = sheets(archive, label)?;
    let worksheets = worksheets(&listed, &relations, &mut scanned.mends, label)?;
    let known = sheet::Known {
        texts: count_texts(archive, label)?,
        formats: count(archive, "xl/styles.bin", (FORMATS, FORMATS_END), FORMAT, label)?,
    };
    for (name, part) in worksheets {
        let facts = sheet::scan(archive, &part, &name, known, label)?;
        scanned.facts.insert(name, facts);
    }
    Ok(scanned)
}

/// Names and parts of worksheets. The reader knows sheets by the folder of their part alone, and
/// opens no workbook with any other kind of sheet in it: those are sent to a folder that it knows.
fn worksheets(
    listed: &[(String, String)],
    relations: &BTreeMap<String, Relation>,
    mends: &mut Mends,
    label: &str,
) -> Result<Vec<(String, String)>, Stop> {
    let mut worksheets = Vec::new();
    for (name, id) in listed {
        let Some(Relation { kind, target }) = relations.get(id) else {
            let what = "lists a sheet that it does not hold";
            return Err(malformed(label, Place::sheet(name), what).into());
        };
        let inside = target.strip_prefix("/xl/").unwrap_or(target);
        let folder = inside.split('/').next().unwrap_or_default();
        let quoted = |target: &str| format!("\"{target}\"");
        match kind.as_str() {
            "worksheet" if folder == "worksheets" => {
                if inside != target {
                    mends.replace(RELATIONS, &quoted(target), &quoted(inside));
                }
                worksheets.push((name.clone(), format!("xl/{inside}")));
            }
            "worksheet" => {
                let what = "keeps a sheet where no sheets are kept";
                return Err(malformed(label, Place::sheet(name), what).into());
            }
            _ if matches!(folder, "chartsheets" | "dialogsheets") && inside == target => {}
            _ => mends.replace(RELATIONS, &quoted(target), "\"chartsheets/none.bin\""),
        }
    }
    Ok(worksheets)
}

/// Names of sheets and the numbers of their relations.
fn sheets(archive: &mut Archive<'_>, label: &str) -> Result<Vec<(String, String)>, Stop> {
    let mut listed = Vec::new();
    records(archive, WORKBOOK, label, |kind, content| {
        if kind == SHEET {
            let (id, rest) = wide_text(content.get(8..)?)?;
            let (name, _) = wide_text(rest)?;
            listed.push((name, id));
        }
        Some(Next::On)
    })?;
    // Sheets without a part are no sheets to the reader either.
    listed.retain(|(_, id): &(String, String)| !id.is_empty());
    Ok(listed)
}

/// How many texts there are; not fewer than claimed, and each whole.
fn count_texts(archive: &mut Archive<'_>, label: &str) -> Result<u64, Stop> {
    let (mut claimed, mut texts) = (0, 0);
    records(archive, "xl/sharedStrings.bin", label, |kind, content| {
        match kind {
            TEXTS => claimed = u64::from(number(content, 4)?),
            TEXT => {
                wide_text(content.get(1..)?)?;
                texts += 1;
            }
            _ => {}
        }
        Some(Next::On)
    })?;
    if texts < claimed {
        return Err(malformed(label, Place::file(), "claims more texts than it holds").into());
    }
    Ok(claimed)
}

/// How many records of a kind stand between two others.
fn count(
    archive: &mut Archive<'_>,
    part: &str,
    (begin, end): (u16, u16),
    wanted: u16,
    label: &str,
) -> Result<u64, Stop> {
    let (mut found, mut is_inside) = (0, false);
    records(archive, part, label, |kind, _| {
        match kind {
            _ if kind == begin => is_inside = true,
            _ if kind == end => return Some(Next::Stop),
            _ if kind == wanted && is_inside => found += 1,
            _ => {}
        }
        Some(Next::On)
    })?;
    Ok(found)
}

/// Whether to go on with the next record.
enum Next {
    On,
    Stop,
}

/// Calls `visit` with kind and content of each record of a part, until it gives `None`: then the
/// record is not what it should be. A part that is not there has no records.
fn records(
    archive: &mut Archive<'_>,
    part: &str,
    label: &str,
    mut visit: impl FnMut(u16, &[u8]) -> Option<Next>,
) -> Result<(), Stop> {
    let Some(index) = position(archive, part) else {
        return Ok(());
    };
    let cut = || malformed(label, Place::file(), "has records that end before they should");
    let part = archive.by_index(index).map_err(|_| cut())?;
    let size_bytes = part.size();
    let mut input = BufReader::new(part.take(size_bytes));
    let mut content = Vec::new();
    while let Some(kind) = read_kind(&mut input).map_err(|()| cut())? {
        read_content(&mut input, &mut content).map_err(|()| cut())?;
        match visit(kind, &content).ok_or_else(cut)? {
            Next::On => {}
            Next::Stop => return Ok(()),
        }
    }
    Ok(())
}

fn read_byte(input: &mut impl Read) -> Result<Option<u8>, ()> {
    let mut byte = [0];
    match input.read(&mut byte) {
        Ok(0) => Ok(None),
        Ok(_) => Ok(Some(byte[0])),
        Err(_) => Err(()),
    }
}

fn read_kind(input: &mut impl Read) -> Result<Option<u16>, ()> {
    let Some(low) = read_byte(input)? else {
        return Ok(None);
    };
    if low < 0x80 {
        return Ok(Some(u16::from(low)));
    }
    let high = read_byte(input)?.ok_or(())?;
    Ok(Some(u16::from(low & 0x7f) | u16::from(high & 0x7f) << 7))
}

fn read_content(input: &mut impl Read, content: &mut Vec<u8>) -> Result<(), ()> {
    let mut length = 0;
    for shift in [0, 7, 14, 21] {
        let byte = read_byte(input)?.ok_or(())?;
        length |= usize::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            break;
        }
    }
    if RECORD_BYTES_MAX < length {
        return Err(());
    }
    content.resize(length, 0);
    input.read_exact(content).map_err(drop)
}

fn number(content: &[u8], place: usize) -> Option<u32> {
    let bytes = content.get(place..place + 4)?;
    Some(u32::from_le_bytes(bytes.try_into().ok()?))
}

/// A text behind its length, and what follows; `None` if it is not all there. The length of no
/// text at all is that of an empty one.
fn wide_text(content: &[u8]) -> Option<(String, &[u8])> {
    let characters = number(content, 0)?;
    if characters == u32::MAX {
        return Some((String::new(), &content[4..]));
    }
    let bytes = usize::try_from(characters).ok()?.checked_mul(2)?;
    let (text, rest) = content[4..].split_at_checked(bytes)?;
    Some((UTF_16LE.decode_without_bom_handling(text).0.into_owned(), rest))
}
