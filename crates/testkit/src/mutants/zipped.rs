//! Damage to a part of a zip archive, put together again so that the archive is sound.

use std::io::{Cursor, Read, Write};

use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

use super::{Dice, binary, bytes, xml};

/// Parts larger than this are not unpacked for a test.
const PART_BYTES_MAX: u64 = 8 * 1024 * 1024;

pub(super) fn damaged(archive: &[u8], dice: &mut Dice) -> Option<(String, Vec<u8>)> {
    let mut parts = unpacked(archive)?;
    if parts.is_empty() {
        return None;
    }
    let index = chosen(&parts, dice);
    let (name, content) = parts[index].clone();
    let what = match dice.below(16) {
        0 => {
            parts.remove(index);
            "part removed".to_owned()
        }
        1 => {
            let other = dice.below(parts.len());
            let content = parts[other].1.clone();
            parts[index].1 = content;
            "content of another part".to_owned()
        }
        2 => {
            parts[index].0 = format!("{name}x");
            "part renamed".to_owned()
        }
        _ => {
            let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending).to_lowercase();
            let (what, changed) = match ending.as_str() {
                "xml" | "rels" => xml::damaged(&content, dice),
                "bin" => binary::damaged_parts(&content, dice),
                _ => bytes::damaged(&content, dice),
            };
            parts[index].1 = changed;
            what
        }
    };
    let short = name.rsplit('/').next().unwrap_or_default();
    Some((format!("{short}: {what}"), packed(&parts)?))
}

/// Sheets more often than what nobody reads.
fn chosen(parts: &[(String, Vec<u8>)], dice: &mut Dice) -> usize {
    let matters = ["sheet", "workbook", "sharedstrings", "styles", "content.xml", ".rels"];
    let mut index = dice.below(parts.len());
    for _ in 0..4 {
        let name = parts[index].0.to_lowercase();
        if matters.iter().any(|word| name.contains(word)) {
            break;
        }
        index = dice.below(parts.len());
    }
    index
}

fn unpacked(archive: &[u8]) -> Option<Vec<(String, Vec<u8>)>> {
    let mut archive = ZipArchive::new(Cursor::new(archive)).ok()?;
    let mut parts = Vec::new();
    for index in 0..archive.len().min(200) {
        let part = archive.by_index(index).ok()?;
        let name = part.name().ok()?.into_owned();
        let mut content = Vec::new();
        part.take(PART_BYTES_MAX).read_to_end(&mut content).ok()?;
        parts.push((name, content));
    }
    Some(parts)
}

fn packed(parts: &[(String, Vec<u8>)]) -> Option<Vec<u8>> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in parts {
        writer.start_file(name.as_str(), SimpleFileOptions::default()).ok()?;
        writer.write_all(content).ok()?;
    }
    Some(writer.finish().ok()?.into_inner())
}
