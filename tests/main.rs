//! The house as seen from outside: the built program, run as people and schedulers run it.
//!
//! One test binary, since each would link the engine again. Every test has folders of its own and
//! an empty environment; none needs a network, an order or a time zone. What belongs to one room
//! is tested in that room.

mod answering;
mod bad_input;
mod cli;
mod contracts;
mod damage;
mod disclosure;
mod figures;
mod golden;
mod learning;
mod museum;
mod mutants;
mod operations;
mod plans;
mod police;
mod published_changes;
mod reporting;
mod sealing;
mod tidy;
mod tutorial;

use std::sync::{Arc, Mutex, PoisonError, Weak};

use testkit::Environment;

/// The period of the demonstration.
const QUARTER: &str = "2025-26Q1";
/// The day of the demonstration.
const AS_OF: [&str; 2] = ["--as-of", "2025-07-21"];

/// Its messages: the report to eleven recipients, and letters to three partners.
const DEMONSTRATION_MAILS: usize = 14;

/// A fresh home for the program.
fn environment() -> Environment {
    Environment::new(env!("CARGO_BIN_EXE_quarterdeck"))
}

/// A home in which the demonstration has run, shared by tests that only look at it. Removed when
/// the last of them is done.
fn demonstrated() -> Arc<Environment> {
    static SHARED: Mutex<Weak<Environment>> = Mutex::new(Weak::new());
    let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
    shared.upgrade().unwrap_or_else(|| {
        let fresh = environment();
        let ran = fresh.run(&["demo"]);
        assert_eq!(ran.code, Some(0), "{}", ran.shown());
        let fresh = Arc::new(fresh);
        *shared = Arc::downgrade(&fresh);
        fresh
    })
}

/// Asserts that a text for people holds none of the words that only programmers know.
fn assert_plain(text: &str) {
    for word in [
        "panicked",
        "RUST_BACKTRACE",
        "unwrap",
        "Err(",
        "Some(",
        "None)",
        "Os {",
        "src/",
        ".rs:",
        "Custom {",
        "kind:",
    ] {
        assert!(!text.contains(word), "`{word}` in:\n{text}");
    }
}
