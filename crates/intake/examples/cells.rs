//! Prints every cell of workbooks as the reader reads them, for comparing with other readers.
//!
//! One line a cell: file, sheet, cell, kind, value; tabs between them, texts in JSON's quotes. A
//! file that is refused has one line with the code of the finding.

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use intake::reader::{CHILD_ARGUMENT, ReaderSettings, child_main, read_all};
use intake::workbook::{Cell, Workbook};
use model::SubmissionHash;

fn main() -> ExitCode {
    let arguments: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    if arguments.first().is_some_and(|first| first == Path::new(CHILD_ARGUMENT)) {
        return child_main();
    }
    match print(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

fn print(paths: &[PathBuf]) -> io::Result<()> {
    let settings = ReaderSettings {
        program: std::env::current_exe()?,
        address_space_bytes: 1024 * 1024 * 1024,
        seconds: 60,
        cells_per_sheet_max: 2_000_000,
        cells_per_file_max: 5_000_000,
        uncompressed_bytes_max: 256 * 1024 * 1024,
    };
    let files: Vec<(SubmissionHash, String, PathBuf)> = paths
        .iter()
        .map(|path| {
            let label = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            (SubmissionHash::of(label.as_bytes()), label, path.clone())
        })
        .collect();
    let mut out = io::BufWriter::new(io::stdout().lock());
    for (path, read) in paths.iter().zip(read_all(&files, &settings)) {
        let path = path.display();
        match read {
            Ok(workbook) => workbook_cells(&mut out, &path.to_string(), &workbook)?,
            Err(finding) => writeln!(out, "{path}\t\t\trefused\t{}", finding.code)?,
        }
    }
    out.flush()
}

fn workbook_cells(out: &mut impl io::Write, path: &str, workbook: &Workbook) -> io::Result<()> {
    for sheet in &workbook.sheets {
        let name = serde_json::to_string(&sheet.name)?;
        for (address, cell) in sheet.cells() {
            let (kind, value) = match cell {
                Cell::Text(text) => ("text", serde_json::to_string(text)?),
                Cell::Number(number) => ("number", format!("{number:?}")),
                Cell::Bool(value) => ("bool", value.to_string()),
                Cell::Date(date) => ("date", date.to_string()),
                Cell::Error(error) => ("error", error.to_owned()),
                Cell::FormulaWithoutValue => ("formula", String::new()),
            };
            writeln!(out, "{path}\t{name}\t{address}\t{kind}\t{value}")?;
        }
    }
    Ok(())
}
