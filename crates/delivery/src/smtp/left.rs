//! Dialogues that were left to themselves: there may be some, not ever more.
//!
//! The mail library waits for the end of a line. A server that sends a byte now and then and never ends one keeps a
//! thread and a connection for as long as it likes; at every try one more.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// So many may be left to themselves at a time.
pub(super) const LEFT_MAX: usize = 32;

/// How many of this process are.
pub(super) static LEFT: Left = Left::none();

/// How many dialogues are left to themselves.
#[derive(Debug)]
pub(super) struct Left(AtomicUsize);

impl Left {
    /// A count that nobody is in yet.
    pub(super) const fn none() -> Self {
        Self(AtomicUsize::new(0))
    }

    /// Whether there are so many that no other is to be begun.
    pub(super) fn are_too_many(&self) -> bool {
        self.0.load(Ordering::SeqCst) >= LEFT_MAX
    }
}

/// Where a dialogue is, as its caller and its own thread have it.
#[derive(Clone, Debug)]
pub(super) struct Presence {
    stage: Arc<Mutex<Stage>>,
    left: &'static Left,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Attended,
    Left,
    Ended,
}

impl Presence {
    pub(super) fn new(left: &'static Left) -> Self {
        Self { stage: Arc::new(Mutex::new(Stage::Attended)), left }
    }

    /// Its caller waits no longer.
    pub(super) fn leave(&self) {
        let mut stage = self.stage.lock().unwrap_or_else(PoisonError::into_inner);
        if *stage == Stage::Attended {
            *stage = Stage::Left;
            self.left.0.fetch_add(1, Ordering::SeqCst);
        }
    }

    /// What its thread holds on to until its end, which may be a panic.
    pub(super) fn until_the_end(&self) -> UntilTheEnd {
        UntilTheEnd(self.clone())
    }

    fn end(&self) {
        let mut stage = self.stage.lock().unwrap_or_else(PoisonError::into_inner);
        if *stage == Stage::Left {
            self.left.0.fetch_sub(1, Ordering::SeqCst);
        }
        *stage = Stage::Ended;
    }
}

/// Ends a dialogue when its thread lets go of it.
#[derive(Debug)]
pub(super) struct UntilTheEnd(Presence);

impl Drop for UntilTheEnd {
    fn drop(&mut self) {
        self.0.end();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_those_count_that_were_left_and_have_not_ended() {
        static HERE: Left = Left::none();
        let all: Vec<Presence> = (0..LEFT_MAX).map(|_| Presence::new(&HERE)).collect();
        let mut ends: Vec<UntilTheEnd> = all.iter().map(Presence::until_the_end).collect();
        assert!(!HERE.are_too_many(), "attended");
        all.iter().for_each(Presence::leave);
        all[0].leave();
        assert!(HERE.are_too_many());
        ends.remove(0);
        all[0].leave();
        assert!(!HERE.are_too_many(), "one has ended");
        let ended_first = Presence::new(&HERE);
        drop(ended_first.until_the_end());
        ended_first.leave();
        assert!(!HERE.are_too_many(), "it was over before anybody left");
    }
}
