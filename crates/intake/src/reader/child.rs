//! The reading child: limits itself, then reads one file after the other until its input ends.

use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::{AsFd, AsRawFd};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;

use model::{Finding, Place, Severity};
use rustix::process::{Resource, Rlimit, setrlimit};

use super::emit::{Emitter, Stop, malformed, too_large};
use super::guard::Archive;
use super::mend::Mends;
use super::wire::{self, Answer, Limits, Request};
use super::{binary, delimited, excel, guard, open_document, scan, xlsx};
use crate::sniff::sniff;
use crate::workbook::FileKind;

/// Runs the child: limits come first on standard input, then one request after the other.
/// Never returns success unless its input ended between two requests.
pub(super) fn main() -> ExitCode {
    let mut input = io::stdin().lock();
    // Straight to the pipe: what is sent comes in large pieces.
    let Ok(output) = io::stdout().as_fd().try_clone_to_owned() else {
        return ExitCode::FAILURE;
    };
    let mut output = File::from(output);
    let Ok(Some(limits)) = wire::read::<Limits>(&mut input) else {
        return ExitCode::FAILURE;
    };
    let served = limit_self(&limits)
        .and_then(|()| wire::write(&mut output, &Answer::Ready))
        .and_then(|()| {
            serve(&mut input, &mut output, &limits, |file| {
                limit(Resource::Cpu, limits.seconds.saturating_mul(file), None)
            })
        });
    match served {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

fn limit(resource: Resource, current: u64, maximum: Option<u64>) -> io::Result<()> {
    let rlimit = Rlimit { current: Some(current), maximum };
    Ok(setrlimit(resource, rlimit)?)
}

fn limit_self(limits: &Limits) -> io::Result<()> {
    let space = limits.address_space_bytes;
    limit(Resource::As, space, Some(space))?;
    limit(Resource::Core, 0, Some(0))?;
    limit(Resource::Fsize, 0, Some(0))?;
    // Just one more than are open now: while a file is read, nothing else can be opened, no file
    // and no connection.
    let next = io::stdin().as_fd().try_clone_to_owned()?.as_raw_fd();
    let files = u64::try_from(next).map_err(io::Error::other)? + 1;
    limit(Resource::Nofile, files, Some(files))
}

/// Answers requests until there are no more. `allow` is called with the number of each file, from
/// 1, before it is read.
pub(super) fn serve(
    input: &mut impl Read,
    output: &mut (impl Write + Send),
    limits: &Limits,
    mut allow: impl FnMut(u64) -> io::Result<()>,
) -> io::Result<()> {
    let mut file = 0;
    while let Some(request) = wire::read::<Request>(input)? {
        file += 1;
        allow(file)?;
        match read_file(&request, output, limits) {
            Ok(()) => {}
            Err(Stop::Refused(finding)) => wire::write(output, &Answer::Refused(*finding))?,
            Err(Stop::Output(error)) => return Err(error),
        }
    }
    Ok(())
}

fn read_file(
    request: &Request,
    output: &mut (impl Write + Send),
    limits: &Limits,
) -> Result<(), Stop> {
    let label = &request.label;
    let mut bytes = Vec::new();
    File::open(&request.path)
        .and_then(|file| {
            let length = file.metadata()?.len().min(limits.uncompressed_bytes_max);
            // As much as it is, not twice as much as it may come to be on the way.
            bytes.reserve_exact(usize::try_from(length).unwrap_or(0).saturating_add(1));
            file.take(limits.uncompressed_bytes_max.saturating_add(1)).read_to_end(&mut bytes)
        })
        .map_err(|error| missing(label, &error))?;
    if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > limits.uncompressed_bytes_max {
        return Err(too_large(label, limits.uncompressed_bytes_max).into());
    }
    read_bytes(&bytes, Emitter::new(output, label, limits), limits)
}

/// Reads one file whose bytes are at hand. Where the reader of its format gives up in a panic, the
/// file is refused and the child lives on: nothing is shared between files, and whole documents
/// only have been sent.
pub(super) fn read_bytes<W: Write + Send>(
    bytes: &[u8],
    emitter: Emitter<'_, W>,
    limits: &Limits,
) -> Result<(), Stop> {
    let label = emitter.label();
    catch_unwind(AssertUnwindSafe(|| read_kind(bytes, emitter, limits)))
        .unwrap_or_else(|_| Err(given_up(label).into()))
}

fn read_kind<W: Write + Send>(
    bytes: &[u8],
    mut emitter: Emitter<'_, W>,
    limits: &Limits,
) -> Result<(), Stop> {
    let label = emitter.label();
    let kind = sniff(bytes).map_err(|problem| problem.finding(label))?;
    match kind {
        FileKind::Csv => delimited::read(bytes, &mut emitter)?,
        FileKind::Xls => excel::read_xls(bytes, &mut emitter)?,
        FileKind::Xlsx | FileKind::Xlsb | FileKind::Ods => {
            let mut archive = guard::open(bytes, label, limits.uncompressed_bytes_max)?;
            let known = read_archive(kind, bytes, &mut archive, &mut emitter, limits)?;
            // Last, since whatever else is wrong says more.
            guard::verify(&mut archive, &known, label)?;
        }
    }
    emitter.done()
}

/// Gives the places of the parts that are known to be what was saved.
fn read_archive<'b, W: Write + Send>(
    kind: FileKind,
    bytes: &'b [u8],
    archive: &mut Archive<'b>,
    emitter: &mut Emitter<'_, W>,
    limits: &Limits,
) -> Result<Vec<usize>, Stop> {
    let label = emitter.label();
    match kind {
        FileKind::Xlsx => {
            let scanned = scan::scan(archive, label, limits.cells_per_sheet_max)?;
            match mended(&scanned.mends, archive, label)? {
                Some(bytes) => {
                    let mut archive = guard::open(&bytes, label, limits.uncompressed_bytes_max)?;
                    // Of the copy, not of what it was made from.
                    xlsx::read(&bytes, &mut archive, &scanned, emitter)?;
                    return Ok(Vec::new());
                }
                None => return xlsx::read(bytes, archive, &scanned, emitter),
            }
        }
        FileKind::Xlsb => {
            let scanned = binary::scan(archive, label)?;
            match mended(&scanned.mends, archive, label)? {
                Some(bytes) => excel::read_xlsb(&bytes, &scanned, emitter)?,
                None => excel::read_xlsb(bytes, &scanned, emitter)?,
            }
        }
        _ => open_document::read(archive, emitter)?,
    }
    Ok(Vec::new())
}

/// A copy of the file as its reader needs it, or nothing if it is well as it is.
fn mended(mends: &Mends, archive: &mut Archive<'_>, label: &str) -> Result<Option<Vec<u8>>, Stop> {
    if mends.is_empty() {
        return Ok(None);
    }
    let odd = || malformed(label, Place::file(), "has a part that cannot be opened");
    Ok(Some(mends.apply(archive).ok_or_else(odd)?))
}

pub(super) fn given_up(label: &str) -> Finding {
    Finding::new(
        Severity::Error,
        "workbook-unreadable",
        Place::file(),
        format!("`{label}` stopped the reader and was set aside: it is damaged"),
    )
    .with_hint("open it in Excel, save it again as .xlsx, and send that")
}

fn missing(label: &str, error: &io::Error) -> Finding {
    Finding::new(
        Severity::Error,
        "unreadable-file",
        Place::file(),
        format!("`{label}` could not be read from where it is kept: {error}"),
    )
    .with_hint("run `quarterdeck verify` to see whether the landing store is whole")
}
