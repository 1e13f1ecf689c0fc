//! It runs by itself: what is decided about editions and messages, who is reminded, what is rehearsed, what is kept.

mod approving;
mod keeping;
mod mailing;
mod reminding;
mod watching;
