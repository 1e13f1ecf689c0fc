//! The command line, black box.

mod demo;
mod instances;
mod looking;
mod usage;
