//! What is checked of a zip archive before anything in it is unpacked.

use std::collections::BTreeSet;
use std::io::{self, Cursor, Read};

use model::{Finding, Place};
use zip::ZipArchive;

use super::emit::{Stop, malformed, too_large};
use crate::sniff::NotAWorkbook;

/// An archive in memory.
pub(super) type Archive<'a> = ZipArchive<Cursor<&'a [u8]>>;

/// Parts of a workbook.
const PARTS_MAX: usize = 2_000;
/// From this many bytes unpacked on, the ratio counts.
const RATIO_MATTERS_BYTES: u64 = 10 * 1024 * 1024;
/// Most bytes unpacked for one packed; figures in XML come to 20 or so.
const RATIO_MAX: u64 = 100;

/// Opens an archive whose directory promises nothing unreasonable. Sizes are promises only; the
/// archive reader holds parts to them while it unpacks.
pub(super) fn open<'a>(
    bytes: &'a [u8],
    label: &str,
    uncompressed_bytes_max: u64,
) -> Result<Archive<'a>, Stop> {
    let odd = |what: &str| malformed(label, Place::file(), what);
    let mut archive =
        ZipArchive::new(Cursor::new(bytes)).map_err(|_| NotAWorkbook::Incomplete.finding(label))?;
    if archive.len() > PARTS_MAX {
        return Err(odd(&format!("is made of more than {PARTS_MAX} parts")).into());
    }
    if archive.has_duplicate_names() {
        return Err(odd("has two parts of one name").into());
    }
    let mut names = BTreeSet::new();
    let mut unpacked_bytes = 0_u64;
    for index in 0..archive.len() {
        let part =
            archive.by_index_raw(index).map_err(|_| odd("has a part that cannot be opened"))?;
        let name = part
            .name()
            .map_err(|_| odd("has a part without a proper name"))?
            .replace('\\', "/")
            .to_lowercase();
        if part.encrypted() {
            return Err(NotAWorkbook::PasswordProtected.finding(label).into());
        }
        if leads_elsewhere(&name) {
            return Err(odd("has a part whose name leads out of the file").into());
        }
        // The readers take no notice of case, so names that differ in case only are the same.
        if !names.insert(name) {
            return Err(odd("has two parts of one name").into());
        }
        unpacked_bytes = unpacked_bytes.saturating_add(part.size());
    }
    if unpacked_bytes > uncompressed_bytes_max {
        return Err(too_large(label, uncompressed_bytes_max).into());
    }
    let packed_bytes = u64::try_from(bytes.len()).unwrap_or(u64::MAX).max(1);
    if unpacked_bytes > RATIO_MATTERS_BYTES && unpacked_bytes / packed_bytes > RATIO_MAX {
        return Err(odd(&format!("unpacks to more than {RATIO_MAX} times its size")).into());
    }
    Ok(archive)
}

/// Reads every part that figures may come from to its end, where its checksum is compared: readers
/// stop before it, and a digit that was damaged on its way is still a digit. Not those of which it
/// is known.
pub(super) fn verify(archive: &mut Archive<'_>, known: &[usize], label: &str) -> Result<(), Stop> {
    const READ: [&str; 3] = [".xml", ".rels", ".bin"];
    for index in (0..archive.len()).filter(|index| !known.contains(index)) {
        // One that cannot be opened is missed by whoever needs it.
        let Ok(part) = archive.by_index(index) else {
            continue;
        };
        let is_read = part.name().is_ok_and(|name| {
            let name = name.to_lowercase();
            READ.iter().any(|end| name.ends_with(end))
        });
        let bytes = part.size().saturating_add(1);
        if is_read && io::copy(&mut part.take(bytes), &mut io::sink()).is_err() {
            return Err(not_as_saved(label).into());
        }
    }
    Ok(())
}

/// A part whose checksum is another. Saving it again would give a changed figure a checksum that
/// fits.
pub(super) fn not_as_saved(label: &str) -> Finding {
    malformed(label, Place::file(), "has a part that is not as it was when it was saved").with_hint(
        "send the original again; do not save this copy anew, since a figure in it may have changed",
    )
}

/// Where a part is. Names are compared as the readers do: without regard to case and kind of
/// slash.
pub(super) fn position(archive: &Archive<'_>, part: &str) -> Option<usize> {
    let wanted = part.trim_start_matches('/').to_lowercase();
    let is_wanted = |name: &str| name.replace('\\', "/").to_lowercase() == wanted;
    archive.file_names().position(|name| name.is_ok_and(|name| is_wanted(&name)))
}

fn leads_elsewhere(name: &str) -> bool {
    name.starts_with('/')
        || name.contains(':')
        || name.contains('\0')
        || name.split('/').any(|step| step == "..")
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use zip::write::SimpleFileOptions;

    use super::*;

    fn told(names: &[&str], content: &[u8], limit_bytes: u64) -> String {
        let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
        for name in names {
            writer.start_file(*name, SimpleFileOptions::default()).expect("starts");
            writer.write_all(content).expect("writes");
        }
        let bytes = writer.finish().expect("ends").into_inner();
        match open(&bytes, "q1.xlsx", limit_bytes) {
            Ok(archive) => format!("{} parts", archive.len()),
            Err(Stop::Refused(finding)) => format!("{}: {}", finding.code, finding.message),
            Err(Stop::Output(error)) => panic!("{error}"),
        }
    }

    /// A part without compression, with one of its digits changed or not.
    fn verified(part: &str, is_changed: bool) -> String {
        let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
        let stored =
            SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
        writer.start_file(part, stored).expect("starts");
        writer.write_all(b"<c><v>136</v></c>").expect("writes");
        let mut bytes = writer.finish().expect("ends").into_inner();
        let digit = bytes.windows(3).position(|three| three == b"136").expect("there");
        if is_changed {
            bytes[digit] = b'9';
        }
        let mut archive = open(&bytes, "q1.xlsx", 1024).expect("opens");
        match verify(&mut archive, &[], "q1.xlsx") {
            Ok(()) => "as it was".to_owned(),
            Err(Stop::Refused(finding)) => format!("{} ({:?})", finding.message, finding.hint),
            Err(Stop::Output(error)) => panic!("{error}"),
        }
    }

    #[test]
    fn a_digit_that_was_damaged_on_its_way_is_noticed() {
        let answers = [
            verified("xl/worksheets/sheet1.xml", false),
            verified("xl/worksheets/sheet1.xml", true),
            verified("xl/media/image1.png", true),
        ];
        insta::assert_snapshot!(answers.join("\n"), @r#"
        as it was
        `q1.xlsx` has a part that is not as it was when it was saved: the file is damaged (Some("send the original again; do not save this copy anew, since a figure in it may have changed"))
        as it was
        "#);
    }

    #[test]
    fn only_reasonable_archives_are_opened() {
        let many: Vec<String> = (0..2001).map(|number| format!("xl/{number}")).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        let zeros = vec![0; 11 * 1024 * 1024];
        let megabyte = 1024 * 1024;
        let answers = [
            told(&["xl/a", "xl/b"], b"x", megabyte),
            told(&many, b"", megabyte),
            told(&["xl/a", "XL\\A"], b"", megabyte),
            told(&["xl/../../a"], b"", megabyte),
            told(&["..\\a"], b"", megabyte),
            told(&["C:/a"], b"", megabyte),
            told(&["xl/a", "xl/b"], &zeros[..600 * 1024], megabyte),
            told(&["xl/a"], &zeros, 100 * megabyte),
        ];
        insta::assert_snapshot!(answers.join("\n"), @r"
        2 parts
        workbook-malformed: `q1.xlsx` is made of more than 2000 parts: the file is damaged
        workbook-malformed: `q1.xlsx` has two parts of one name: the file is damaged
        workbook-malformed: `q1.xlsx` has a part whose name leads out of the file: the file is damaged
        workbook-malformed: `q1.xlsx` has a part whose name leads out of the file: the file is damaged
        workbook-malformed: `q1.xlsx` has a part whose name leads out of the file: the file is damaged
        workbook-too-large: `q1.xlsx` unpacks to more than the 1 MiB allowed
        workbook-malformed: `q1.xlsx` unpacks to more than 100 times its size: the file is damaged
        ");
    }
}
