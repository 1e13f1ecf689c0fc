//! Keeps observations and action plans for ever, and answers questions about them.
//!
//! The lake stands between the two halves of the house: `intake` ends here and `analysis` begins
//! here. It holds two Delta tables, `observations` and `actions`, as Parquet files that Power BI,
//! `DuckDB`, Spark or pandas can read as they are. [`Lake::append`] adds accepted submissions, once
//! each; [`Lake::reduce`] gives the series of a pinned version, newest submission winning;
//! [`Lake::trace`] says which cells a figure came from; [`Lake::query`] answers one SQL `SELECT`.
//!
//! What is acknowledged is on the disk: every file is written under a temporary name, synced and
//! only then given its name, and the log entry that makes rows visible comes last. What was
//! acknowledged can be checked: each commit is handed back as a [`CommitRecord`] with hashes and
//! sums for the ledger to keep, and [`Lake::verify`] compares them with the disk.
//!
//! It never changes or deletes a row, never decides what a figure means, never reads the clock or
//! the configuration, and never works on a network file system. One process at a time may write;
//! that is the business of the caller. It is the only crate that knows arrow, Parquet, Delta Lake
//! and `DataFusion`.

mod actions;
mod append;
mod disk;
mod encode;
mod error;
mod figures;
mod log;
mod pinned;
mod query;
mod records;
mod rows;
mod series;
mod store;
mod table_file;
mod tables;
mod takeover;
mod verify;

#[cfg(test)]
mod testing;

pub use encode::Encoded;
pub use error::LakeError;
pub use query::QueryFormat;
pub use records::{
    ActionOrigin, Appended, Batch, CommitRecord, FileRecord, LakeVersion, LakeVersionError, Stamp,
    TraceRow,
};
pub use store::Lake;
pub use table_file::{FileColumn, parquet_table};
