//! Reading files as the program does, in whatever process wants its memory to itself.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use intake::reader::{ReaderSettings, read_all};
use model::SubmissionHash;
use serde_json::{Value, json};

/// How files are read.
pub(crate) struct Reading {
    /// The program whose child reads.
    pub(crate) program: PathBuf,
    /// Time for one file.
    pub(crate) seconds: u64,
    pub(crate) files_per_child: usize,
}

/// Reads files one batch after the other. Each file gives a line of JSON; the last line holds the
/// peak memory of this process and of the largest reader child.
pub(crate) fn read_files(
    files: &[String],
    reading: &Reading,
    output: &mut impl Write,
) -> io::Result<()> {
    let Reading { program, seconds, files_per_child } = reading;
    let settings = ReaderSettings {
        program: program.clone(),
        address_space_bytes: 1 << 30,
        seconds: *seconds,
        cells_per_sheet_max: 200_000,
        cells_per_file_max: 5_000_000,
        uncompressed_bytes_max: 256 << 20,
    };
    let watch = ChildWatch::start()?;
    let before_kilobytes = peak_kilobytes(Path::new("/proc/self"));
    for files in files.chunks(*files_per_child.max(&1)) {
        let named: Vec<_> = files
            .iter()
            .map(|file| {
                let label = file.rsplit('/').next().unwrap_or_default().to_owned();
                (SubmissionHash::of(file.as_bytes()), label, PathBuf::from(file))
            })
            .collect();
        let begun = Instant::now();
        let answers = read_all(&named, &settings);
        let milliseconds = begun.elapsed().as_secs_f64() * 1000.0;
        for (file, answer) in files.iter().zip(answers) {
            let mut line = match answer {
                Ok(workbook) => json!({ "sheets": workbook.sheets.len() }),
                Err(finding) => json!({ "finding": finding }),
            };
            line["file"] = json!(file);
            line["batch_milliseconds"] = json!(milliseconds.round());
            writeln!(output, "{line}")?;
        }
    }
    let after_kilobytes = peak_kilobytes(Path::new("/proc/self"));
    let memory: BTreeMap<&str, Value> = BTreeMap::from([
        ("parent_before_kilobytes", json!(before_kilobytes)),
        ("parent_kilobytes", json!(after_kilobytes)),
        ("child_kilobytes", json!(watch.end())),
    ]);
    writeln!(output, "{}", json!({ "memory": memory }))
}

/// Looks at the children of this process, again and again, for their peak memory.
struct ChildWatch {
    is_over: Arc<AtomicBool>,
    peak_kilobytes: Arc<AtomicU64>,
    thread: std::thread::JoinHandle<()>,
}

impl ChildWatch {
    fn start() -> io::Result<Self> {
        let is_over = Arc::new(AtomicBool::new(false));
        let peak = Arc::new(AtomicU64::new(0));
        let (over, most) = (Arc::clone(&is_over), Arc::clone(&peak));
        let thread = std::thread::Builder::new().spawn(move || {
            while !over.load(Ordering::Relaxed) {
                for child in children() {
                    let kilobytes = peak_kilobytes(&Path::new("/proc").join(child));
                    most.fetch_max(kilobytes, Ordering::Relaxed);
                }
                std::thread::sleep(Duration::from_millis(5));
            }
        })?;
        Ok(Self { is_over, peak_kilobytes: peak, thread })
    }

    fn end(self) -> u64 {
        self.is_over.store(true, Ordering::Relaxed);
        // It only looks: nothing is lost if it gave up.
        drop(self.thread.join());
        self.peak_kilobytes.load(Ordering::Relaxed)
    }
}

fn children() -> Vec<String> {
    let mut found = Vec::new();
    for task in fs::read_dir("/proc/self/task").into_iter().flatten().flatten() {
        let text = fs::read_to_string(task.path().join("children")).unwrap_or_default();
        found.extend(text.split_whitespace().map(str::to_owned));
    }
    found
}

fn peak_kilobytes(process: &Path) -> u64 {
    let text = fs::read_to_string(process.join("status")).unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or(0)
}
