//! Real workbooks of every format, and a thousand damaged copies of them: whatever a file does to
//! the reader child, the parent goes on, small, and says one thing about each.

mod reading;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;
use testkit::{Hostile, bombs, fixture, hostile, mutant};

use crate::assert_plain;
use reading::{Reading, read_files};

/// Damaged files in an ordinary run of the tests; `QUARTERDECK_MUTANTS` asks for more.
const MUTANTS: u64 = 1_000;
/// Files on the disk at once.
const BATCH: u64 = 500;
/// Time for one file: far more than any of these needs, and little to wait for.
const SECONDS: u64 = 5;
const FILES_PER_CHILD: usize = 25;
const PARENT_KILOBYTES_MAX: u64 = 200 * 1024;
const CHILD_KILOBYTES_MAX: u64 = 1024 * 1024;

/// Every way in which a file may be turned away before its figures are looked at.
const REFUSALS: [&str; 10] = [
    "cell-too-long",
    "duplicate-cell",
    "empty-file",
    "html-not-workbook",
    "incomplete-file",
    "not-a-workbook",
    "password-protected",
    "too-many-cells",
    "workbook-malformed",
    "workbook-too-large",
];
/// What is said of a file that the reader could not make sense of, or that ended it.
const UNREADABLE: &str = "workbook-unreadable";

/// What became of the files, in order, and the peak memory on the way.
struct Became {
    lines: Vec<Value>,
    memory: Value,
}

/// Where the test that reads for others finds what to read and where to say it: in a process of
/// its own, so that its memory is its own.
const ORDERS: &str = "QUARTERDECK_TEST_READING";

#[test]
fn reading_for_another_process() {
    let program = PathBuf::from(env!("CARGO_BIN_EXE_quarterdeck"));
    let reading = Reading { program, seconds: SECONDS, files_per_child: FILES_PER_CHILD };
    let mut output = Vec::new();
    if let Some(folder) = std::env::var_os(ORDERS) {
        let list = fs::read_to_string(Path::new(&folder).join("list")).expect("a list");
        let files: Vec<String> = list.lines().map(str::to_owned).collect();
        read_files(&files, &reading, &mut output).expect("reads");
        fs::write(Path::new(&folder).join("output"), output).expect("says");
    } else {
        let file = fixture("real/calamine-tests/date.xlsx").display().to_string();
        read_files(&[file], &reading, &mut output).expect("reads");
        assert!(String::from_utf8_lossy(&output).starts_with("{\"batch_milliseconds\""));
    }
}

fn read(files: &[PathBuf], folder: &Path) -> Became {
    let names: Vec<String> = files.iter().map(|file| file.display().to_string()).collect();
    fs::write(folder.join("list"), names.join("\n")).expect("a list");
    let mut reading = Command::new(std::env::current_exe().expect("this program"))
        .args(["--exact", "mutants::reading_for_another_process"])
        .env(ORDERS, folder)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .spawn()
        .expect("starts");
    let deadline = Instant::now() + Duration::from_mins(10);
    let status = loop {
        if let Some(status) = reading.try_wait().expect("waits") {
            break status;
        }
        if deadline < Instant::now() {
            reading.kill().expect("ends");
            panic!("reading {} files hangs", files.len());
        }
        std::thread::sleep(Duration::from_millis(10));
    };
    assert!(status.success(), "{status}");
    let said = fs::read_to_string(folder.join("output")).expect("output");
    let mut lines: Vec<Value> =
        said.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let memory = lines.pop().expect("a last line")["memory"].take();
    assert_eq!(lines.len(), files.len());
    Became { lines, memory }
}

/// Asserts that a file was read or got one finding that says what is wrong and what to do.
/// Gives what became of it, in a word.
fn outcome(line: &Value) -> String {
    let finding = &line["finding"];
    if finding.is_null() {
        assert!(line["sheets"].is_u64(), "{line}");
        return "read".to_owned();
    }
    let text = |key: &str| finding[key].as_str().unwrap_or_default().to_owned();
    let code = text("code");
    assert!(code == UNREADABLE || REFUSALS.contains(&code.as_str()), "{line}");
    assert_eq!(text("severity"), "error", "{line}");
    assert!(!text("message").is_empty() && !text("hint").is_empty(), "{line}");
    assert_plain(&text("message"));
    match text("message").split_once(" stopped the reader and was set aside: ") {
        Some((_, end)) => format!("{code}: {end}"),
        None => code,
    }
}

fn assert_small(memory: &Value) {
    let kilobytes = |key: &str| memory[key].as_u64().expect("a number");
    let (parent, child) = (kilobytes("parent_kilobytes"), kilobytes("child_kilobytes"));
    assert!(0 < parent && parent < PARENT_KILOBYTES_MAX, "{memory}");
    assert!(0 < child && child < CHILD_KILOBYTES_MAX, "{memory}");
}

fn samples() -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = fs::read_dir(fixture("real/calamine-tests"))
        .expect("the samples")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|kind| kind != "md"))
        .collect();
    files.sort();
    files
}

#[test]
fn every_sample_is_read_or_told_why_not() {
    let folder = tempfile::tempdir().expect("a folder");
    let files = samples();
    assert_eq!(files.len(), 132);
    let became = read(&files, folder.path());
    let mut refused = String::new();
    for (file, line) in files.iter().zip(&became.lines) {
        if outcome(line) != "read" {
            let name = file.file_name().unwrap_or_default().to_string_lossy();
            let finding = &line["finding"];
            let message = finding["message"].as_str().unwrap_or_default();
            let message = message.replace(&format!("`{name}` "), "");
            let code = finding["code"].as_str().unwrap_or_default();
            writeln!(refused, "{name} {code}: {message}").expect("a String");
        }
    }
    assert_small(&became.memory);
    insta::assert_snapshot!(refused, @"
    OOM_alloc3.xls workbook-malformed: is a container that does not hold together: the file is damaged
    issue252.xlsx workbook-malformed: is made of parts that do not fit together: the file is damaged
    issue_385.xls password-protected: is protected by a password
    issue_594_dos.ods workbook-malformed: has a cell beyond the last row or column of a sheet on sheet `Sheet1`: the file is damaged
    pass_protected.ods password-protected: is protected by a password
    pass_protected.xlsb password-protected: is protected by a password
    pass_protected.xlsx password-protected: is protected by a password
    ");
}

/// Writes files, one for each, in order.
fn written(files: &[Hostile], folder: &Path) -> Vec<PathBuf> {
    let write = |(number, file): (usize, &Hostile)| {
        let path = folder.join(format!("{number}.xlsx"));
        fs::write(&path, &file.bytes).expect("a file");
        path
    };
    files.iter().enumerate().map(write).collect()
}

#[test]
fn files_made_to_do_harm_get_the_finding_they_deserve() {
    let folder = tempfile::tempdir().expect("a folder");
    let files = hostile();
    assert!(60 < files.len(), "{}", files.len());
    let became = read(&written(&files, folder.path()), folder.path());
    let mut wrong = String::new();
    for (file, line) in files.iter().zip(&became.lines) {
        let _named = outcome(line);
        let code = line["finding"]["code"].as_str().unwrap_or("read");
        if code != file.expected {
            writeln!(wrong, "{}: {line}", file.name).expect("a String");
        }
    }
    assert_eq!(wrong, "");
    assert_small(&became.memory);
}

#[test]
fn bombs_are_put_aside_before_they_unpack() {
    let folder = tempfile::tempdir().expect("a folder");
    let files = bombs();
    for (file, path) in files.iter().zip(written(&files, folder.path())) {
        let became = read(&[path], folder.path());
        let line = &became.lines[0];
        assert_eq!(line["finding"]["code"], file.expected, "{}: {line}", file.name);
        let kilobytes = |key: &str| became.memory[key].as_u64().expect("a number");
        let grown = kilobytes("parent_kilobytes") - kilobytes("parent_before_kilobytes");
        let milliseconds = line["batch_milliseconds"].as_f64().expect("a number");
        println!("{}: {milliseconds} ms, {grown} kB, {}", file.name, became.memory);
        // Starting the reader is part of the time; an optimised one takes a tenth of it.
        assert!(milliseconds < 4_000.0, "{}: {milliseconds} ms", file.name);
        assert!(grown < 20 * 1024, "{}: {grown} kB", file.name);
    }
}

#[test]
fn damaged_workbooks_cost_themselves_only() {
    #[expect(clippy::disallowed_methods, reason = "asks for more than an ordinary run")]
    let asked = |name: &str, default: u64| {
        std::env::var(name).map_or(default, |text| text.parse().expect("a number"))
    };
    let many = asked("QUARTERDECK_MUTANTS", MUTANTS);
    let seed = asked("QUARTERDECK_MUTANTS_SEED", 1).wrapping_mul(1_000_003);
    let sources: Vec<(String, Vec<u8>)> = samples()
        .iter()
        .map(|path| {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            (name, fs::read(path).expect("a sample"))
        })
        .collect();
    let mut table = BTreeMap::<(String, String), u64>::new();
    let mut slowest = 0.0_f64;
    let mut memories = BTreeSet::new();
    let mut number = 0;
    while number < many {
        let folder = tempfile::tempdir().expect("a folder");
        let mut files = Vec::new();
        let mut names = Vec::new();
        while number < many && files.len() < usize::try_from(BATCH).expect("small") {
            let made = mutant(seed + number, &sources);
            let path = folder.path().join(format!("{number}"));
            fs::write(&path, &made.bytes).expect("a mutant");
            files.push(path);
            names.push(made.name);
            number += 1;
        }
        let became = read(&files, folder.path());
        assert_small(&became.memory);
        memories.insert(became.memory.to_string());
        for (name, line) in names.iter().zip(&became.lines) {
            let kind = name.split([':']).next().and_then(|name| name.rsplit('.').next());
            let kind = kind.unwrap_or_default().to_owned();
            *table.entry((kind, outcome(line))).or_default() += 1;
            slowest = slowest.max(line["batch_milliseconds"].as_f64().unwrap_or_default());
        }
    }
    let mut shown = String::new();
    for ((kind, outcome), count) in &table {
        writeln!(shown, "{kind}\t{outcome}\t{count}").expect("a String");
    }
    println!("{shown}slowest batch of {FILES_PER_CHILD}: {slowest} ms\n{memories:#?}");
    let count = |wanted: &dyn Fn(&str) -> bool| -> u64 {
        table.iter().filter(|((_, outcome), _)| wanted(outcome)).map(|(_, count)| count).sum()
    };
    let (read, all) = (count(&|outcome| outcome == "read"), count(&|_| true));
    assert_eq!(all, many);
    // Damage that never or always shows would be no damage, or no workbooks.
    assert!(many / 10 < read && read < many * 9 / 10, "{read} of {many} were read");
}
