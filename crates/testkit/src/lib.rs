//! What tests are made with: workbooks from text grids, the fixtures, the program in a folder of
//! its own, and what must be blotted out of its words before they are compared.
//!
//! For tests only: no other crate may depend on it outside `[dev-dependencies]`. It knows `model`
//! and nothing else of the house, so that a test cannot ask the code under test what is right: the
//! reader of cells here ([`cells`]) shares nothing with the one in `intake`.

mod book;
mod cells;
mod environment;
mod fixture;
mod grid;
mod hostile;
mod mail;
mod mutants;
mod post;
mod redaction;
mod site;
mod tree;
mod typing;

pub use book::{Book, Tab, Value};
pub use cells::{cells, with_cell, xml_parts};
pub use environment::{Environment, Ran};
pub use fixture::{fixture, repository, rows};
pub use grid::workbook;
pub use hostile::{Hostile, bombs, hostile};
pub use mail::{Part, parts};
pub use mutants::{Mutant, mutant};
pub use post::PostOffice;
pub use redaction::{blotted, redacted};
pub use site::{Manner, Site};
pub use tree::{Tree, differences, tree};
pub use typing::{open_cells, typed, with_xml};
