//! Figures through the program: shares and costs, breaks, notes, the plausibility gate, targets, history, restatement.
//! Made-up months of twelve districts, sent as CSV.

mod history;
mod judging;
pub(crate) mod made;
mod sources;
