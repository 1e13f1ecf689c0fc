//! Intake: everything that happens to what a partner sends, until it is observations.
//!
//! First room in the line: folders and sites at one end, [`model::Observation`]s and
//! [`model::Finding`]s at the other. [`collect`] fetches bytes, [`landing`] keeps them for ever
//! under their hash ([`sealed`] keeps apart what held personal data), [`reader`] has them read as a [`workbook`] in a child process that may die
//! without harm, [`contract`] says what a return should look like, and [`understand`] makes
//! observations of the workbook by that contract. [`learn`] proposes a contract where there is none.
//!
//! It never decides whether a return is owed or late, never writes to the lake or the ledger,
//! never reads configuration or the clock, and never repairs anything silently.

pub mod blank;
pub mod collect;
pub mod contract;
pub mod landing;
pub mod learn;
pub mod reader;
pub mod sealed;
mod sniff;
pub mod understand;
pub mod workbook;
