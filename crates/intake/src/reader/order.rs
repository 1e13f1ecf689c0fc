//! Several readers of one sheet, each with pieces of it: what they read is sent in the order of the
//! sheet, whoever is done first.

use std::collections::BTreeMap;
use std::io::Write;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use model::CellAddress;

use super::emit::{Emitter, Stop};
use super::formulas::Formulas;
use super::gathered::{Gathered, Odd};

/// Pieces that may wait for one before them.
const WAITING_MAX: usize = 8;

/// Why a sheet was not read to its end.
#[derive(Debug)]
pub(super) enum Failure {
    /// The reader makes nothing of what follows.
    Stuck,
    /// The reader panicked.
    GaveUp,
    Odd(Odd),
    Stop(Stop),
}

/// What readers of one sheet share.
pub(super) struct Order<'e, 'a, W> {
    state: Mutex<State<'e, 'a, W>>,
    changed: Condvar,
}

struct State<'e, 'a, W> {
    emitter: &'e mut Emitter<'a, W>,
    /// The piece whose cells may be sent.
    next: u32,
    waiting: BTreeMap<u32, Gathered>,
    last: Option<CellAddress>,
    /// The first piece that failed, and why, and the last cell of it that was read.
    failed: Option<(u32, Failure, Option<CellAddress>)>,
    /// Cells that the readers stumbled over.
    stumbles: usize,
    formulas: Formulas,
}

impl<'e, 'a, W: Write> Order<'e, 'a, W> {
    pub(super) fn new(emitter: &'e mut Emitter<'a, W>) -> Self {
        let state = State {
            emitter,
            next: 0,
            waiting: BTreeMap::new(),
            last: None,
            failed: None,
            stumbles: 0,
            formulas: Formulas::default(),
        };
        Self { state: Mutex::new(state), changed: Condvar::new() }
    }

    /// Sends cells of a piece, of which more will come; waits until it is its turn. What comes after
    /// a failure is sent to nobody.
    pub(super) fn send(&self, piece: u32, gathered: &mut Gathered) {
        let mut state = self.turn_of(piece, false);
        if state.has_failed_before(piece) {
            gathered.clear();
        } else {
            state.send(piece, gathered);
            self.changed.notify_all();
        }
    }

    /// Sends the last cells of a piece, or has them wait.
    pub(super) fn finish(&self, piece: u32, mut gathered: Gathered) {
        let mut state = self.turn_of(piece, true);
        if state.has_failed_before(piece) {
            return;
        }
        if state.next != piece {
            state.waiting.insert(piece, gathered);
            return;
        }
        state.send(piece, &mut gathered);
        state.next += 1;
        loop {
            let number = state.next;
            let Some(mut next) = state.waiting.remove(&number) else {
                break;
            };
            state.send(number, &mut next);
            state.next += 1;
        }
        self.changed.notify_all();
    }

    /// Notes that a piece cannot be read on.
    pub(super) fn fail(&self, piece: u32, failure: Failure, last: Option<CellAddress>) {
        self.lock().fail(piece, failure, last);
        self.changed.notify_all();
    }

    /// Notes a cell that the reader passed over.
    pub(super) fn stumble(&self) {
        self.lock().stumbles += 1;
    }

    /// The first failure there was, with the last cell that was read before it; or how many cells
    /// the readers stumbled over, and the formulas they met.
    pub(super) fn outcome(self) -> Result<(usize, Formulas), (Failure, Option<CellAddress>)> {
        let state = self.state.into_inner().unwrap_or_else(PoisonError::into_inner);
        match state.failed {
            Some((_, failure, last)) => Err((failure, last.or(state.last))),
            None => Ok((state.stumbles, state.formulas)),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State<'e, 'a, W>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until it is the turn of a piece, or until it may wait by itself, or for nothing.
    fn turn_of(&self, piece: u32, may_wait: bool) -> MutexGuard<'_, State<'e, 'a, W>> {
        let mut state = self.lock();
        loop {
            let has_room = may_wait && state.waiting.len() < WAITING_MAX;
            if state.next == piece || has_room || state.has_failed_before(piece) {
                return state;
            }
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

impl<W: Write> State<'_, '_, W> {
    fn has_failed_before(&self, piece: u32) -> bool {
        self.failed.as_ref().is_some_and(|(failed, ..)| *failed <= piece)
    }

    fn send(&mut self, piece: u32, gathered: &mut Gathered) {
        let last = gathered.last;
        if self.has_failed_before(piece) {
            return;
        }
        self.formulas.join(std::mem::take(&mut gathered.formulas));
        match self.emitter.take(gathered) {
            Ok(()) => self.last = last.or(self.last),
            Err(stop) => self.fail(piece, Failure::Stop(stop), None),
        }
    }

    fn fail(&mut self, piece: u32, failure: Failure, last: Option<CellAddress>) {
        if !self.has_failed_before(piece) {
            self.failed = Some((piece, failure, last));
        }
    }
}
