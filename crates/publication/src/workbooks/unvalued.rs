//! Formulas without a saved result, as they came: the library always writes one.
//!
//! Were such a cell left blank, a copy sent back as it is would be taken in with a gap where the
//! partner's own file was refused.

use std::io::{Cursor, Read as _, Write as _};

use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

use super::WorkbookError;

/// The formula that stands for one whose result is not known: Excel shows `#N/A`.
pub(super) const FORMULA: &str = "=NA()";
/// The result that is written and taken out again. Left in by mistake it is still an error value,
/// never a number.
pub(super) const RESULT: &str = "#N/A";
const AS_WRITTEN: &str = " t=\"e\"><f>NA()</f><v>#N/A</v></c>";
const AS_WANTED: &str = "><f>NA()</f></c>";

fn why(error: impl std::fmt::Display) -> WorkbookError {
    WorkbookError { why: error.to_string() }
}

/// The workbook with the results of these formulas taken out.
pub(super) fn without_values(bytes: &[u8]) -> Result<Vec<u8>, WorkbookError> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(why)?;
    let mut rewritten = ZipWriter::new(Cursor::new(Vec::new()));
    for index in 0..archive.len() {
        let mut part = archive.by_index(index).map_err(why)?;
        let name = part.name().map_err(why)?.into_owned();
        if !name.starts_with("xl/worksheets/sheet") {
            rewritten.raw_copy_file(part).map_err(why)?;
            continue;
        }
        let options = SimpleFileOptions::default()
            .last_modified_time(part.last_modified().unwrap_or_default());
        rewritten.start_file(name, options).map_err(why)?;
        let mut xml = String::new();
        part.read_to_string(&mut xml).map_err(why)?;
        rewritten.write_all(xml.replace(AS_WRITTEN, AS_WANTED).as_bytes()).map_err(why)?;
    }
    Ok(rewritten.finish().map_err(why)?.into_inner())
}
