//! The parent's side: starts the child, asks it, believes nothing, and ends it in time.

use std::fmt;
use std::io;
use std::ops::RangeInclusive;
use std::path::Path;
use std::process::{ChildStdin, ChildStdout, Command, Stdio};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::{Duration, Instant};

use model::{CellAddress, Finding, Place, Severity};

use super::cells::{self, Incoming};
use super::emit::{COLUMNS_MAX, ROWS_MAX, SHEETS_MAX};
use super::formulas::may_be_all_zero;
use super::wire::{self, Answer, Limits, Message, Request};
use super::{CHILD_ARGUMENT, ReaderSettings};
use crate::workbook::{FileKind, OutOfSight, Sheet, SheetBuilder, Workbook};

/// Documents that may wait to be taken.
const WAITING_MAX: usize = 4;
/// Time for a child to say that it is ready.
const READY_SECONDS: u64 = 30;

/// How a child came to its end.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum End {
    /// It went away by itself, or the system ended it.
    Died,
    /// It was not done in time.
    OutOfTime,
    /// It said what no reader says.
    Garbage,
}

impl fmt::Display for End {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Died => "it needed more memory or time than allowed, or is damaged",
            Self::OutOfTime => "it took too long",
            Self::Garbage => "what was read made no sense",
        })
    }
}

/// A reading child and the way to talk to it. Dropping it ends it.
pub(super) struct Child {
    process: std::process::Child,
    requests: ChildStdin,
    answers: Option<Receiver<io::Result<(Message, usize)>>>,
    limits: Limits,
}

impl Child {
    /// Starts a child and waits until it has limited itself.
    pub(super) fn start(settings: &ReaderSettings) -> io::Result<Self> {
        let mut process = Command::new(&settings.program)
            .arg(CHILD_ARGUMENT)
            .env_clear()
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let (Some(requests), Some(output)) = (process.stdin.take(), process.stdout.take()) else {
            return Err(io::Error::other("the reader has no pipes"));
        };
        let (sender, answers) = sync_channel(WAITING_MAX);
        let mut child =
            Self { process, requests, answers: Some(answers), limits: settings.limits() };
        std::thread::Builder::new()
            .name("reader-answers".to_owned())
            .spawn(move || receive(output, &sender))?;
        wire::write(&mut child.requests, &child.limits)?;
        let deadline = Instant::now() + Duration::from_secs(READY_SECONDS);
        match child.next(deadline) {
            Ok((Message::Answer(Answer::Ready), _)) => Ok(child),
            _ => Err(io::Error::other("the reader ended at once; it may need more address space")),
        }
    }

    /// Has one file read. After an `Err` the child is of no more use.
    pub(super) fn read(
        &mut self,
        label: &str,
        path: &Path,
    ) -> Result<Result<Workbook, Finding>, End> {
        let deadline = Instant::now() + Duration::from_secs(self.limits.seconds);
        let request = Request {
            path: std::path::absolute(path).unwrap_or_else(|_| path.to_owned()),
            label: label.to_owned(),
        };
        wire::write(&mut self.requests, &request).map_err(|_| End::Died)?;
        let mut assembly = Assembly::new(self.limits);
        loop {
            let (message, length) = self.next(deadline)?;
            if let Some(result) = assembly.take(message, length)? {
                return Ok(result);
            }
        }
    }

    fn next(&self, deadline: Instant) -> Result<(Message, usize), End> {
        let left = deadline.saturating_duration_since(Instant::now());
        let answers = self.answers.as_ref().ok_or(End::Died)?;
        match answers.recv_timeout(left) {
            Ok(Ok(message)) => Ok(message),
            Ok(Err(error)) if error.kind() == io::ErrorKind::UnexpectedEof => Err(End::Died),
            Ok(Err(_)) => Err(End::Garbage),
            Err(RecvTimeoutError::Timeout) => Err(End::OutOfTime),
            Err(RecvTimeoutError::Disconnected) => Err(End::Died),
        }
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        // The receiving thread must not wait for somebody to take what it has.
        self.answers = None;
        if self.process.kill().is_ok() {
            // Waiting only clears the process table; how it ended is known already.
            drop(self.process.wait());
        }
    }
}

fn receive(mut output: ChildStdout, sender: &SyncSender<io::Result<(Message, usize)>>) {
    loop {
        let message = match wire::read_message(&mut output) {
            Ok(Some(message)) => Ok(message),
            Ok(None) => return,
            Err(error) => Err(error),
        };
        let is_last = message.is_err();
        if sender.send(message).is_err() || is_last {
            return;
        }
    }
}

/// A workbook while its parts arrive.
struct Assembly {
    limits: Limits,
    bytes_left: u64,
    start: Option<(FileKind, bool)>,
    sheets: Vec<Arc<Sheet>>,
    /// The sheet whose cells arrive.
    open: Option<Incoming>,
    cells: usize,
}

impl Assembly {
    fn new(limits: Limits) -> Self {
        let cells = u64::try_from(limits.cells_per_file_max).unwrap_or(u64::MAX);
        Self {
            limits,
            // A cell without its text takes some twenty bytes.
            bytes_left: cells
                .saturating_mul(24)
                .saturating_add(limits.uncompressed_bytes_max)
                .saturating_add(1024 * 1024),
            start: None,
            sheets: Vec::new(),
            open: None,
            cells: 0,
        }
    }

    /// Takes the next part; gives the workbook, or the reason why there is none, when it is done.
    fn take(
        &mut self,
        message: Message,
        length: usize,
    ) -> Result<Option<Result<Workbook, Finding>>, End> {
        let length = u64::try_from(length).map_err(|_| End::Garbage)?;
        self.bytes_left = self.bytes_left.checked_sub(length).ok_or(End::Garbage)?;
        match message {
            Message::Answer(Answer::Start { kind, epoch_1904 }) if self.start.is_none() => {
                self.start = Some((kind, epoch_1904));
            }
            Message::Answer(Answer::Sheet { name, visible }) if self.start.is_some() => {
                self.close_sheet()?;
                let is_known = self.sheets.iter().any(|sheet| sheet.name == name);
                if is_known || self.sheets.len() >= SHEETS_MAX {
                    return Err(End::Garbage);
                }
                self.open = Some(Incoming::new(SheetBuilder::new(name, visible)));
            }
            Message::Cells(bytes) => {
                let sheet = self.open.as_mut().ok_or(End::Garbage)?;
                self.cells += cells::take(&bytes, sheet).ok_or(End::Garbage)?;
                if self.cells > self.limits.cells_per_file_max {
                    return Err(End::Garbage);
                }
            }
            Message::Answer(Answer::Hidden(out_of_sight)) => {
                let sheet = self.open.as_mut().ok_or(End::Garbage)?;
                let OutOfSight { rows, columns } = &out_of_sight;
                if !in_order(rows, ROWS_MAX) || !in_order(columns, COLUMNS_MAX) {
                    return Err(End::Garbage);
                }
                sheet.builder.hide(out_of_sight);
            }
            Message::Answer(Answer::ZeroFormulas(cells)) => {
                let sheet = self.open.as_mut().ok_or(End::Garbage)?;
                let is_inside =
                    |cell: &CellAddress| cell.row < ROWS_MAX && cell.column < COLUMNS_MAX;
                if !may_be_all_zero(&cells) || !cells.iter().all(is_inside) {
                    return Err(End::Garbage);
                }
                sheet.builder.note_zero_formulas(cells);
            }
            Message::Answer(Answer::Refused(finding)) => return Ok(Some(Err(finding))),
            Message::Answer(Answer::Done) => {
                let (kind, epoch_1904) = self.start.ok_or(End::Garbage)?;
                self.close_sheet()?;
                let sheets = std::mem::take(&mut self.sheets);
                return Ok(Some(Ok(Workbook { kind, epoch_1904, sheets })));
            }
            Message::Answer(Answer::Ready | Answer::Start { .. } | Answer::Sheet { .. }) => {
                return Err(End::Garbage);
            }
        }
        Ok(None)
    }

    fn close_sheet(&mut self) -> Result<(), End> {
        if let Some(sheet) = self.open.take() {
            self.sheets.push(Arc::new(sheet.builder.finish().map_err(|_| End::Garbage)?));
        }
        Ok(())
    }
}

/// Whether spans are below `end`, in order and apart.
fn in_order(spans: &[RangeInclusive<u32>], end: u32) -> bool {
    let each = spans.iter().all(|span| span.start() <= span.end() && *span.end() < end);
    each && spans.windows(2).all(|two| two[0].end() < two[1].start())
}

/// Puts answers together that did not come through a child.
#[cfg(test)]
pub(super) fn assemble(
    mut wire_bytes: &[u8],
    limits: Limits,
) -> Result<Result<Workbook, Finding>, End> {
    let mut assembly = Assembly::new(limits);
    loop {
        let Ok(Some((message, length))) = wire::read_message(&mut wire_bytes) else {
            return Err(End::Garbage);
        };
        if let Some(result) = assembly.take(message, length)? {
            return Ok(result);
        }
    }
}

/// The finding about a file that ended the child.
pub(super) fn stopped(label: &str, end: &End) -> Finding {
    Finding::new(
        Severity::Error,
        "workbook-unreadable",
        Place::file(),
        format!("`{label}` stopped the reader and was set aside: {end}"),
    )
    .with_hint("open it in Excel, save it again as .xlsx, and send that")
}

/// The finding about a file for which no child could be started.
pub(super) fn unavailable(label: &str, error: &io::Error) -> Finding {
    Finding::new(
        Severity::Error,
        "reader-unavailable",
        Place::file(),
        format!("`{label}` was not read, because the reader could not be started: {error}"),
    )
    .with_hint("nothing is wrong with the file; run `quarterdeck doctor`, then run again")
}
