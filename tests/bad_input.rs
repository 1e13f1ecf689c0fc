//! What goes wrong outside: each time one clear sentence, the right exit code, and the rest goes on.

mod child;
mod configuration;
mod disk;
mod figures;
mod files;
mod sources;
mod workbooks;
