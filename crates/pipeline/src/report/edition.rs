//! An edition's files: rendered, named by content, written whole or not at all.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use model::SubmissionHash;
use publication::{CsvTable, Email, ReportModel, TemplateFile, Templates};

use crate::definitions::Job;
use crate::error::PipelineError;
use crate::house::file_error;

pub(super) fn templates(job: &Job) -> Result<Templates, PipelineError> {
    let read = |name: &str| {
        let path = job.folder.join("mail").join(name);
        let text =
            fs::read_to_string(&path).map_err(file_error("read the mail template", &path))?;
        Ok::<_, PipelineError>((path.display().to_string(), text))
    };
    let (html_name, html) = read("email.html.j2")?;
    let (text_name, text) = read("email.txt.j2")?;
    let html = TemplateFile { name: &html_name, source: &html };
    let text = TemplateFile { name: &text_name, source: &text };
    Ok(Templates::parse(html, text)?)
}

pub(super) type EditionFiles = BTreeMap<String, Vec<u8>>;

pub(super) fn files(
    model: &ReportModel,
    email: &Email,
    tables: &[CsvTable],
) -> Result<EditionFiles, PipelineError> {
    let mut files = EditionFiles::new();
    let json = serde_json::to_vec_pretty(model).map_err(|error| PipelineError::File {
        doing: "write",
        path: "report.json".to_owned(),
        source: error.into(),
    })?;
    files.insert("report.json".to_owned(), json);
    files.insert("email.html".to_owned(), email.html.clone().into_bytes());
    files.insert("email.txt".to_owned(), email.text.clone().into_bytes());
    for table in tables {
        files.insert(table.file_name.clone(), table.bytes.clone());
    }
    Ok(files)
}

pub(super) fn content_hash(files: &EditionFiles) -> SubmissionHash {
    let lines: Vec<String> =
        files.iter().map(|(name, bytes)| format!("{name} {}", SubmissionHash::of(bytes))).collect();
    SubmissionHash::of(lines.join("\n").as_bytes())
}

/// Writes an edition's folder whole: under another name, synced, then renamed. A folder that a
/// crashed attempt left is replaced; the ledger had not heard of it.
pub(super) fn write_edition(folder: &Path, files: &EditionFiles) -> Result<(), PipelineError> {
    let parent = folder.parent().unwrap_or(Path::new("."));
    let mut partial = folder.as_os_str().to_owned();
    partial.push(".partial");
    let partial = PathBuf::from(partial);
    for leftover in [&partial, &folder.to_path_buf()] {
        if leftover.exists() {
            fs::remove_dir_all(leftover).map_err(file_error("clear", leftover))?;
        }
    }
    fs::create_dir_all(&partial).map_err(file_error("create", &partial))?;
    for (name, bytes) in files {
        let path = partial.join(name);
        let write = || {
            let mut file = fs::File::create(&path)?;
            file.write_all(bytes)?;
            file.sync_all()
        };
        write().map_err(file_error("write", &path))?;
    }
    let sync = |path: &Path| fs::File::open(path).and_then(|folder| folder.sync_all());
    sync(&partial).map_err(file_error("sync", &partial))?;
    fs::rename(&partial, folder).map_err(file_error("put in place", folder))?;
    sync(parent).map_err(file_error("sync", parent))
}
