//! Workbooks of Excel since 2007, read by calamine: small sheets by one reader, large ones by two
//! side by side.

use std::io::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use calamine::{DataRef, Reader, Xlsx, XlsxCellReader, XlsxError};

use super::child::given_up;
use super::emit::{Emitter, Stop};
use super::excel::{Read, Value, cell_of, send_facts, stuck, unopened, worksheets};
use super::facts::SheetFacts;
use super::gathered::{Gathered, Numbers};
use super::guard::{Archive, position};
use super::order::{Failure, Order};
use super::package::Trouble;
use super::pieces::{Feed, Pieces, marked_piece};
use super::scan::Scanned;
use super::standin::{Fed, Layout, Standin, unpacked};
use crate::sniff::NotAWorkbook;
use crate::workbook::{Cell, FileKind};

/// Most bytes of texts that a second reader takes in, too: they are in memory twice.
const SECOND_TEXTS_BYTES_MAX: u64 = 16 * 1024 * 1024;
/// A second reader is worth its while for a sheet so many times as large as the texts.
const SHEET_BY_TEXTS_MIN: u64 = 4;

/// Sends an xlsx workbook, cell by cell. Sheets are looked through while they are read. Gives the
/// places of the parts that were unpacked and are what was saved.
pub(super) fn read<'a, W: Write + Send>(
    bytes: &'a [u8],
    archive: &mut Archive<'a>,
    scanned: &Scanned,
    emitter: &mut Emitter<'_, W>,
) -> Result<Vec<usize>, Stop> {
    let label = emitter.label();
    let mut known = Vec::new();
    let layout = Layout::new(archive, bytes, scanned.parts()).ok_or_else(|| unopened(label))?;
    let layout = Arc::new(layout);
    let mut first = Opened::new(&layout).map_err(|error| match error {
        XlsxError::Password => NotAWorkbook::PasswordProtected.finding(label),
        _ => unopened(label),
    })?;
    let mut second = None;
    let epoch_1904 = first.workbook.has_1904_epoch();
    emitter.start(FileKind::Xlsx, epoch_1904)?;
    for (name, visible) in worksheets(&first.workbook) {
        let sheet = Sheet {
            name: &name,
            epoch_1904,
            is_uncalculated: scanned.is_uncalculated,
            part: part(bytes, archive, scanned, &name, label)?,
        };
        sheet.feed(&first.fed);
        let mut cells = match first.workbook.worksheet_cells_reader(&name) {
            Ok(cells) => cells,
            Err(error) => {
                first.fed.look_on();
                sheet.looked(label)?;
                if matches!(error, XlsxError::NotAWorksheet(_)) {
                    continue;
                }
                return Err(stuck(label, &name, None).into());
            }
        };
        emitter.sheet(&name, visible)?;
        let order = Order::new(emitter);
        let may_share = first.fed.begin() && sheet.is_worth_two(scanned.texts_bytes);
        std::thread::scope(|scope| {
            if may_share {
                let too = || sheet.read_too(&layout, &mut second, &order);
                // Where there can be no second thread, the first reader reads it all.
                drop(std::thread::Builder::new().spawn_scoped(scope, too));
            }
            sheet.read(&mut cells, &first.fed, &order, Some(0));
        });
        let read = order.outcome();
        // The look knows better what is wrong than the reader.
        let facts = sheet.looked(label)?;
        let whole = sheet.part.iter().filter(|(_, pieces)| pieces.are_as_saved());
        known.extend(whole.map(|(index, _)| *index));
        let (stumbles, formulas) = read.map_err(|(failure, last)| match failure {
            Failure::Stuck => stuck(label, &name, last).into(),
            Failure::GaveUp => given_up(label).into(),
            Failure::Odd(odd) => emitter.odd(odd),
            Failure::Stop(stop) => stop,
        })?;
        if stumbles > facts.errors.len() {
            return Err(stuck(label, &name, None).into());
        }
        send_facts(&facts, emitter)?;
        emitter.all_zero(formulas)?;
    }
    Ok(known)
}

/// The part of a sheet and its place in the archive, if the file lists it as a worksheet.
fn part<'a>(
    bytes: &'a [u8],
    archive: &mut Archive<'a>,
    scanned: &Scanned,
    name: &str,
    label: &str,
) -> Result<Option<(usize, Arc<Pieces<'a>>)>, Stop> {
    let Some((part, whose)) = scanned.sheet(name, label) else {
        return Ok(None);
    };
    let Some(index) = position(archive, part) else {
        return Ok(None);
    };
    let input = unpacked(archive, bytes, index).ok_or_else(|| Trouble::Xml.into_stop(label))?;
    Ok(Some((index, Arc::new(Pieces::new(whose, input)))))
}

/// A workbook opened by a reader, and what its sheets are fed with.
struct Opened<'a> {
    workbook: Xlsx<Standin<'a>>,
    fed: Fed<'a>,
}

impl<'a> Opened<'a> {
    fn new(layout: &Arc<Layout<'a>>) -> Result<Self, XlsxError> {
        let fed = Fed::new();
        let workbook = Xlsx::new(Standin::new(Arc::clone(layout), fed.clone()))?;
        Ok(Self { workbook, fed })
    }
}

/// What is to be known while the cells of a sheet are read.
struct Sheet<'s, 'a> {
    name: &'s str,
    epoch_1904: bool,
    is_uncalculated: bool,
    part: Option<(usize, Arc<Pieces<'a>>)>,
}

impl<'a> Sheet<'_, 'a> {
    fn feed(&self, fed: &Fed<'a>) {
        if let Some((index, pieces)) = &self.part {
            fed.feed(*index, Feed::new(Arc::clone(pieces)));
        }
    }

    /// Whether reading it side by side gains more than taking in the texts twice costs.
    fn is_worth_two(&self, texts_bytes: u64) -> bool {
        let is_worth = |pieces: &Pieces<'_>| {
            texts_bytes <= SECOND_TEXTS_BYTES_MAX
                && texts_bytes <= pieces.size_bytes / SHEET_BY_TEXTS_MIN
        };
        self.part.as_ref().is_some_and(|(_, pieces)| is_worth(pieces))
    }

    /// What the look found.
    fn looked(&self, label: &str) -> Result<SheetFacts, Stop> {
        match &self.part {
            Some((_, pieces)) => pieces.outcome().map_err(|trouble| trouble.into_stop(label)),
            None => Ok(SheetFacts::default()),
        }
    }

    /// Reads pieces of the sheet beside its first reader. Whoever cannot leaves them to that one.
    fn read_too<W: Write>(
        &self,
        layout: &Arc<Layout<'a>>,
        opened: &mut Option<Opened<'a>>,
        order: &Order<'_, '_, W>,
    ) {
        if opened.is_none() {
            *opened = catch_unwind(|| Opened::new(layout)).ok().and_then(Result::ok);
        }
        let Some(Opened { workbook, fed }) = opened else {
            return;
        };
        self.feed(fed);
        if let Ok(mut cells) = workbook.worksheet_cells_reader(self.name) {
            self.read(&mut cells, fed, order, None);
        }
    }

    /// Has what it is given of the sheet sent, beginning with a piece, if it has that already.
    fn read<W: Write>(
        &self,
        cells: &mut XlsxCellReader<'_, Standin<'a>>,
        fed: &Fed<'a>,
        order: &Order<'_, '_, W>,
        first: Option<u32>,
    ) {
        let mut at = At { piece: first, gathered: Gathered::new(u8::from(first.is_none())) };
        let read = catch_unwind(AssertUnwindSafe(|| self.read_pieces(cells, fed, order, &mut at)));
        let Err(failure) = read.unwrap_or(Err(Failure::GaveUp)) else {
            return;
        };
        order.fail(at.piece.unwrap_or(0), failure, at.gathered.last);
        let looked = catch_unwind(AssertUnwindSafe(|| fed.look_on()));
        if let (Some((_, pieces)), Err(_)) = (&self.part, looked) {
            pieces.close();
        }
    }

    fn read_pieces<W: Write>(
        &self,
        cells: &mut XlsxCellReader<'_, Standin<'a>>,
        fed: &Fed<'a>,
        order: &Order<'_, '_, W>,
        at: &mut At,
    ) -> Result<(), Failure> {
        let mut numbers = Numbers::default();
        let mut scratch = String::new();
        loop {
            let record = match cells.next_cell_with_formula_metadata() {
                Ok(Some(record)) => record,
                Ok(None) => break,
                // The reader goes on with the next cell when it is asked again.
                Err(XlsxError::CellError(_) | XlsxError::Unrecognized { .. }) => {
                    order.stumble();
                    continue;
                }
                Err(_) => return Err(Failure::Stuck),
            };
            let (row, column) = record.pos;
            if let Some(next) = marked_piece(row) {
                at.go_to(next, fed, order)?;
                continue;
            }
            let is_formula = record.formula.is_some();
            let cell = match cell_of(Value::of(&record.value), self.epoch_1904, &mut scratch) {
                // Programs that cannot calculate write a zero and ask to have it calculated.
                Read::Cell(Cell::Number(0.0)) if is_formula && self.is_uncalculated => {
                    Cell::FormulaWithoutValue
                }
                Read::Cell(cell) => cell,
                Read::Blank if is_formula => Cell::FormulaWithoutValue,
                Read::EmptyText => {
                    // A formula that shows nothing was calculated.
                    if is_formula {
                        at.gathered.formulas.add(row, column, false);
                    }
                    continue;
                }
                Read::Blank => continue,
            };
            if is_formula && cell != Cell::FormulaWithoutValue {
                at.gathered.formulas.add(row, column, cell == Cell::Number(0.0));
            }
            match (&record.value, cell) {
                (DataRef::SharedString(_), Cell::Text(text)) => {
                    at.gathered.shared_text(row, column, text, &mut numbers)
                }
                _ => at.gathered.cell(row, column, cell, &mut numbers),
            }
            .map_err(Failure::Odd)?;
            if at.gathered.is_full() {
                order.send(at.piece.ok_or(Failure::Stuck)?, &mut at.gathered);
            }
        }
        if !fed.has_been_read() {
            return Err(Failure::Stuck);
        }
        at.finish(order);
        Ok(())
    }
}

/// Where a reader is.
struct At {
    /// The piece it reads, once it has one.
    piece: Option<u32>,
    /// Cells of that piece.
    gathered: Gathered,
}

impl At {
    fn go_to<W: Write>(
        &mut self,
        piece: u32,
        fed: &Fed<'_>,
        order: &Order<'_, '_, W>,
    ) -> Result<(), Failure> {
        if !fed.has_come_to(piece) {
            return Err(Failure::Stuck);
        }
        self.finish(order);
        self.piece = Some(piece);
        Ok(())
    }

    fn finish<W: Write>(&mut self, order: &Order<'_, '_, W>) {
        let next = self.gathered.after();
        let gathered = std::mem::replace(&mut self.gathered, next);
        if let Some(piece) = self.piece {
            order.finish(piece, gathered);
        }
    }
}
