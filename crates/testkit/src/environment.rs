//! The program in a folder of its own.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

use crate::fixture::{fixture, repository};
use crate::redaction::{blotted, redacted};
use crate::tree::{Tree, tree};

/// What the demonstration needs of `fixtures/`.
const DEMONSTRATION: [&str; 4] = ["partners", "site", "late", "planted.toml"];

/// A home folder with copies of `config/`, `jobs/` and the demonstration's fixtures, in which the
/// program runs: with its default `--config` and `--data`, nothing in its environment but what
/// is set here. Removed when dropped.
#[derive(Debug)]
pub struct Environment {
    program: PathBuf,
    home: TempDir,
    variables: Vec<(OsString, OsString)>,
}

impl Environment {
    /// A fresh home for `program`.
    pub fn new(program: impl Into<PathBuf>) -> Self {
        let home = tempfile::Builder::new()
            .prefix("quarterdeck-test-")
            .tempdir()
            .expect("a temporary folder");
        for name in ["config", "jobs"] {
            copy(&repository().join(name), &home.path().join(name));
        }
        for name in DEMONSTRATION {
            copy(&fixture(name), &home.path().join("fixtures").join(name));
        }
        Self { program: program.into(), home, variables: Vec::new() }
    }

    /// Sets an environment variable for every run.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.variables.push((name.into(), value.into()));
        self
    }

    /// A path inside the home folder.
    pub fn path(&self, inside: &str) -> PathBuf {
        self.home.path().join(inside)
    }

    /// Writes a file inside the home folder, and the folders it lies in.
    pub fn write(&self, inside: &str, content: impl AsRef<[u8]>) {
        let path = self.path(inside);
        let folder = path.parent().expect("a file inside the home folder");
        fs::create_dir_all(folder).expect("a folder");
        fs::write(path, content).expect("a file");
    }

    /// Text of a file inside the home folder.
    pub fn read(&self, inside: &str) -> String {
        let path = self.path(inside);
        fs::read_to_string(&path)
            .unwrap_or_else(|error| panic!("could not read {}: {error}", path.display()))
    }

    /// Replaces a piece of text in a file inside the home folder. Panics if it is not in there
    /// exactly once: a test must not change nothing by mistake.
    pub fn edit(&self, inside: &str, from: &str, to: &str) {
        let text = self.read(inside);
        assert_eq!(text.matches(from).count(), 1, "`{from}` in {inside}");
        self.write(inside, text.replacen(from, to, 1));
    }

    /// Replaces all sources by those in `toml`, and takes files as soon as they are there.
    pub fn sources(&self, toml: &str) {
        let file = "config/quarterdeck.toml";
        let text = self.read(file);
        let (settings, _) = text.split_once("[sources.").expect("sources");
        self.write(file, format!("{settings}{toml}"));
        self.edit(file, "settle_seconds = 30", "settle_seconds = 0");
    }

    /// The data folder's files.
    pub fn data(&self) -> Tree {
        tree(&self.path("var"))
    }

    /// The program, ready to be started in the home folder.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.program);
        command
            .args(arguments)
            .current_dir(self.home.path())
            .env_clear()
            .envs(self.variables.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null());
        command
    }

    /// A shell in the home folder, to start the program (`"$0"`) under conditions of its own.
    pub fn shell(&self, wrapper: &[&str], script: &str) -> Command {
        let shell = ["/bin/sh", "-c", script];
        let words = [wrapper, &shell].concat();
        let mut command = Command::new(words[0]);
        command
            .args(&words[1..])
            .arg(&self.program)
            .current_dir(self.home.path())
            .env_clear()
            .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")
            .stdin(Stdio::null());
        command
    }

    /// Runs the program to its end.
    pub fn run(&self, arguments: &[&str]) -> Ran {
        let output = self.command(arguments).output();
        Ran::new(&output.expect("a program that starts"), self.home.path())
    }

    /// Runs a command made by [`Environment::command`] or around it.
    pub fn finish(&self, command: &mut Command) -> Ran {
        let output = command.output();
        Ran::new(&output.expect("a program that starts"), self.home.path())
    }
}

fn copy(from: &Path, to: &Path) {
    if from.is_dir() {
        fs::create_dir_all(to).expect("a folder");
        for entry in fs::read_dir(from).expect("a readable folder") {
            let entry = entry.expect("an entry");
            copy(&entry.path(), &to.join(entry.file_name()));
        }
    } else {
        let bytes = fs::read(from).expect("a readable file");
        fs::create_dir_all(to.parent().expect("a folder")).expect("a folder");
        fs::write(to, bytes).expect("a file");
    }
}

/// How a run of the program ended, and what it said.
#[derive(Clone, Debug)]
pub struct Ran {
    /// Exit code; nothing if a signal ended it.
    pub code: Option<i32>,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
    home: PathBuf,
}

impl Ran {
    fn new(output: &Output, home: &Path) -> Self {
        Self {
            code: output.status.code(),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
            home: home.to_path_buf(),
        }
    }

    /// The one JSON document on standard output. Panics, showing what was said, if there is none.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.stdout)
            .unwrap_or_else(|error| panic!("not JSON: {error}\n{}", self.shown()))
    }

    /// Asserts the exit code; gives itself back, for more.
    #[must_use]
    pub fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "\n{}", self.shown());
        self
    }

    /// Exit code and both outputs with paths and digests blotted out, for snapshots. Progress
    /// lines are left out: [`Ran::stderr`] has them.
    pub fn shown(&self) -> String {
        let code = self.code.map_or_else(|| "killed".to_owned(), |code| code.to_string());
        let said: Vec<&str> = self.stderr.lines().filter(|line| !is_progress(line)).collect();
        let (stdout, said) = (&self.stdout, said.join("\n"));
        let text = format!("exit: {code}\n--- stdout\n{stdout}--- stderr\n{said}");
        let home = self.home.display().to_string();
        blotted(&redacted(&text, &[(&home, "[home]")]))
    }
}

fn is_progress(line: &str) -> bool {
    ["Looking at ", "Reading ", "Writing ", "Computing ", "Sending "]
        .iter()
        .any(|word| line.starts_with(word))
}
