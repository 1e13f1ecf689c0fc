//! Reads files as the program does, and says what became of them and what is in them: to compare
//! with what other readers read.
//!
//! `read_files PROGRAM SECONDS FILES-PER-CHILD [--cells] < LIST`, where LIST has one path a line.

#[path = "mutants/reading.rs"]
mod reading;

use std::io::{self, BufRead};

use reading::{Reading, read_files};

fn main() -> io::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [program, seconds, files_per_child, rest @ ..] = arguments.as_slice() else {
        return Err(io::Error::other("read_files PROGRAM SECONDS FILES-PER-CHILD [--cells]"));
    };
    let reading = Reading {
        program: program.into(),
        seconds: seconds.parse().map_err(io::Error::other)?,
        files_per_child: files_per_child.parse().map_err(io::Error::other)?,
        with_cells: rest.first().is_some_and(|word| word == "--cells"),
    };
    let files = io::stdin().lock().lines().collect::<io::Result<Vec<String>>>()?;
    read_files(&files, &reading, &mut io::stdout().lock())
}
