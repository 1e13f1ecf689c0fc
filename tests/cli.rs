//! The command line, black box.

mod demo;
mod figures;
mod instances;
mod looking;
mod usage;
