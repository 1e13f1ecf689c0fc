//! The command line, black box.

mod demo;
mod figures;
mod history;
mod instances;
mod looking;
mod usage;
