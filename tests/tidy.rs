//! The house stays as it was planned: which room may know which, what each fences off, and what
//! every file must and must not say.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use model::SubmissionHash;
use serde_json::Value;
use testkit::{fixture, repository, rows};

/// Which crates of the house each crate may know.
const EDGES: [(&str, &[&str]); 10] = [
    ("model", &[]),
    ("intake", &["model"]),
    ("lake", &["model"]),
    ("analysis", &["model"]),
    ("publication", &["analysis", "model"]),
    ("ledger", &["model"]),
    ("delivery", &["model"]),
    ("pipeline", &["analysis", "delivery", "intake", "lake", "ledger", "model", "publication"]),
    ("cli", &["model", "pipeline"]),
    ("testkit", &["model"]),
];

/// Who alone may name these, so that changing one touches one crate (or two, each with its own way
/// out of the house); `testkit` may name any.
const FENCES: [(&str, &str); 22] = [
    ("anyhow", "cli"),
    ("arrow", "lake"),
    ("calamine", "intake"),
    ("clap", "cli"),
    ("clap_complete", "cli"),
    ("config", "pipeline"),
    ("datafusion", "lake"),
    ("deltalake", "lake"),
    ("der", "delivery"),
    ("encoding_rs", "intake"),
    ("indicatif", "cli"),
    ("lettre", "delivery"),
    ("minijinja", "publication"),
    ("parquet", "lake"),
    ("reqwest", "delivery"),
    ("reqwest", "intake"),
    ("rust_xlsxwriter", "publication"),
    ("rusqlite", "ledger"),
    ("rusqlite_migration", "ledger"),
    ("rustls", "delivery"),
    ("tokio-cron-scheduler", "pipeline"),
    ("tracing-subscriber", "cli"),
];

struct Dependency {
    from: String,
    to: String,
    only_for_tests: bool,
}

fn dependencies() -> Vec<Dependency> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version=1", "--no-deps", "--offline"])
        .current_dir(repository())
        .output()
        .expect("cargo starts");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    let metadata: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    let mut found = Vec::new();
    for package in metadata["packages"].as_array().expect("packages") {
        for dependency in package["dependencies"].as_array().expect("dependencies") {
            found.push(Dependency {
                from: text(&package["name"]),
                to: text(&dependency["name"]),
                only_for_tests: dependency["kind"] == "dev",
            });
        }
    }
    found
}

#[test]
fn rooms_know_only_those_they_may() {
    let rooms: BTreeMap<&str, &[&str]> = EDGES.into_iter().collect();
    let mut met = BTreeSet::new();
    for Dependency { from, to, only_for_tests } in dependencies() {
        let may = rooms.get(from.as_str());
        let may = may.unwrap_or_else(|| panic!("{from} is not in the plan of the house"));
        met.insert(from.clone());
        if !rooms.contains_key(to.as_str()) {
            continue;
        }
        let testing = only_for_tests && (to == "testkit" || to == "model");
        // Reading in a child can only be tested where the program is built.
        let testing = testing || (only_for_tests && from == "cli" && to == "intake");
        assert!(testing || may.contains(&to.as_str()), "{from} must not know {to}");
    }
    assert_eq!(met.len(), rooms.len(), "a crate of the plan is gone");
}

#[test]
fn what_a_room_fences_off_is_named_nowhere_else() {
    for Dependency { from, to, only_for_tests } in dependencies() {
        let fences = FENCES.iter().filter(|(name, _)| *name == to);
        let owners: Vec<&str> = fences.map(|(_, owner)| *owner).collect();
        let may = owners.is_empty() || owners.contains(&from.as_str());
        let may = may || only_for_tests || from == "testkit";
        assert!(may, "{from} names {to}, which only {owners:?} may");
    }
}

#[test]
fn there_is_one_engine() {
    let lock = fs::read_to_string(repository().join("Cargo.lock")).expect("a lock file");
    for name in ["arrow", "arrow-array", "parquet", "datafusion", "deltalake", "jiff"] {
        let versions = lock.matches(&format!("name = \"{name}\"\n")).count();
        assert_eq!(versions, 1, "versions of {name} in Cargo.lock");
    }
}

/// Every file of ours below these, with its path inside the repository.
fn sources(folders: &[&str]) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut files = BTreeMap::new();
    for folder in folders {
        for (name, bytes) in testkit::tree(&repository().join(folder)) {
            files.insert(Path::new(folder).join(name), bytes);
        }
    }
    files
}

fn rust() -> BTreeMap<PathBuf, String> {
    sources(&["crates", "tests"])
        .into_iter()
        .filter(|(path, _)| path.extension().is_some_and(|kind| kind == "rs"))
        .map(|(path, bytes)| (path, String::from_utf8(bytes).expect("UTF-8")))
        .collect()
}

#[test]
fn every_crate_says_what_it_is_for() {
    let mut seen = 0;
    for (path, text) in rust() {
        let name = path.file_name().unwrap_or_default();
        let parent = path.parent().unwrap_or(Path::new(""));
        if parent.ends_with("src") && (name == "lib.rs" || name == "main.rs") {
            let lines = text.lines().take_while(|line| line.starts_with("//!"));
            assert!(3 <= lines.count(), "{} needs a charter", path.display());
            seen += 1;
        }
    }
    assert_eq!(seen, EDGES.len());
}

#[test]
fn the_map_names_every_crate() {
    let map = fs::read_to_string(repository().join("ARCHITECTURE.md"));
    // The map is part of the house: without it nobody finds a room.
    let map = map.expect("ARCHITECTURE.md");
    assert!(map.lines().count() <= 250, "ARCHITECTURE.md is too long to be read");
    for (name, _) in EDGES {
        assert!(map.contains(&format!("| `{name}` |")), "crates/{name} is not on the map");
    }
}

#[test]
fn files_and_functions_stay_short() {
    for (path, text) in rust() {
        let lines = text.lines().count();
        assert!(lines <= 500, "{} has {lines} lines", path.display());
        for (start, length) in functions(&without_snapshots(&text)) {
            let place = format!("{}:{start}", path.display());
            assert!(length <= 70, "the function at {place} has {length} lines");
        }
    }
}

/// The code without its inline snapshots, which are as long as what they show.
fn without_snapshots(text: &str) -> String {
    let mut rest = text;
    let mut code = String::new();
    while let Some((before, after)) = rest.split_once("@r") {
        let hashes = after.len() - after.trim_start_matches('#').len();
        let open = format!("{}\"", "#".repeat(hashes));
        let close = format!("\"{}", "#".repeat(hashes));
        code.push_str(before);
        let inside = after.strip_prefix(&open);
        rest = inside.and_then(|inside| inside.split_once(&close)).map_or(after, |(_, rest)| rest);
    }
    code.push_str(rest);
    code
}

/// First line and length of each function, by indentation: the code is formatted.
fn functions(text: &str) -> Vec<(usize, usize)> {
    let lines: Vec<&str> = text.lines().collect();
    let mut found = Vec::new();
    for (index, line) in lines.iter().enumerate() {
        let code = line.trim_start();
        let starts = [
            "fn ",
            "pub fn ",
            "pub(crate) fn ",
            "pub(super) fn ",
            "async fn ",
            "pub async fn ",
            "pub(crate) async fn ",
        ];
        if !starts.iter().any(|start| code.starts_with(start)) || line.ends_with(['}', ';']) {
            continue;
        }
        let end = format!("{}}}", " ".repeat(line.len() - code.len()));
        let length = lines[index..].iter().position(|line| *line == end);
        found.push((index + 1, length.map_or(0, |length| length + 1)));
    }
    found
}

/// Words are put together here, or this file would be the first to be found.
#[test]
fn nothing_is_skipped_or_waved_through() {
    let banned = [
        ["#[igno", "re"].concat(),
        ["#[al", "low("].concat(),
        ["#![al", "low("].concat(),
        ["to", "do!("].concat(),
        ["unimple", "mented!("].concat(),
        ["// TO", "DO"].concat(),
        ["FIX", "ME"].concat(),
    ];
    for (path, text) in rust() {
        for word in &banned {
            assert!(!text.contains(word.as_str()), "`{word}` in {}", path.display());
        }
    }
}

#[test]
fn nothing_names_the_machine_it_was_written_on() {
    let banned = [
        ["/wo", "rk/"].concat(),
        ["/ro", "ot/"].concat(),
        ["/var/", "tmp"].concat(),
        ["/tmp/", "qd"].concat(),
        ["/ho", "me/"].concat(),
        ["shared", "/data"].concat(),
        ["shared", "/seeds"].concat(),
        ["shared", "/design"].concat(),
        ["shared", "/golden"].concat(),
    ];
    let mut files = sources(&["crates", "tests", "config", "jobs", "fixtures", "docs", ".ci"]);
    for entry in fs::read_dir(repository()).expect("the repository") {
        let path = entry.expect("an entry").path();
        if path.is_file() {
            let name = PathBuf::from(path.file_name().unwrap_or_default());
            files.insert(name, fs::read(&path).expect("a readable file"));
        }
    }
    for (path, bytes) in files {
        let text = String::from_utf8_lossy(&bytes);
        for word in &banned {
            assert!(!text.contains(word.as_str()), "`{word}` in {}", path.display());
        }
    }
}

/// Published files stand unchanged, and none is there without its papers.
#[test]
fn real_figures_are_as_published() {
    let folder = fixture("real");
    let mut listed = BTreeSet::from(["LICENCE.md".to_owned(), "MANIFEST.tsv".to_owned()]);
    for row in rows(&folder.join("MANIFEST.tsv")) {
        let path = &row["path"];
        let bytes = fs::read(folder.join(path)).unwrap_or_else(|error| panic!("{path}: {error}"));
        assert_eq!(row["bytes"], bytes.len().to_string(), "{path}");
        assert_eq!(row["sha256"], SubmissionHash::of(&bytes).to_string(), "{path}");
        assert!(!row["source"].is_empty() && !row["licence"].is_empty(), "{path}");
        listed.insert(path.clone());
    }
    for path in testkit::tree(&folder).keys() {
        let known = listed.contains(path) || path.ends_with("README.md");
        assert!(known, "{path} is not in MANIFEST.tsv");
    }
}

/// What partners are said to send is what was published, to the byte.
#[test]
fn published_files_are_sent_unchanged() {
    for (sent, published) in [
        (
            "site/ons/ons_table_C2_csp_ye_june_2025.csv",
            "real/ons-crime/ons_table_C2_csp_ye_june_2025.csv",
        ),
        (
            "partners/dft/dft-road-casualty-statistics-collision-2025_kent-sample.csv",
            "real/stats19/dft-road-casualty-statistics-collision-2025_kent-sample.csv",
        ),
    ] {
        let read = |name: &str| fs::read(fixture(name)).expect("a readable file");
        assert!(read(sent) == read(published), "{sent} was changed");
    }
}

/// Made-up figures say so wherever their label goes.
#[test]
fn made_up_measures_say_so() {
    let text = fs::read_to_string(repository().join("config/measures.toml")).expect("measures");
    let mut seen = 0;
    for section in text.split("[[measure]]").skip(1) {
        let made_up = section.contains("illustrative = true");
        let label = section.lines().find(|line| line.starts_with("label = "));
        let label = label.expect("a label");
        assert_eq!(made_up, label.contains("(illustrative)"), "{label}");
        seen += usize::from(made_up);
    }
    assert!(5 < seen);
}

/// Mail goes to roles at addresses that cannot exist.
#[test]
fn no_address_is_real() {
    for (path, bytes) in sources(&["config", "jobs", "fixtures/plans"]) {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        for word in text.split(|c: char| c.is_whitespace() || "\"'<>(),;".contains(c)) {
            if let Some((user, host)) = word.split_once('@') {
                let host = host.trim_end_matches('.');
                let made_up =
                    user.is_empty() || host.ends_with(".example") || host.starts_with("example.");
                assert!(made_up, "{word} in {}", path.display());
            }
        }
    }
}
