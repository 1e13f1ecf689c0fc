//! What the analyst says about reports: text files under the period, `commentary/2025-26-Q1/report.txt`
//! about the whole and `commentary/2025-26-Q1/<measure>.txt` about an indicator.
//!
//! Each begins with who says it (a role) and when, then an empty line, then paragraphs:
//!
//! ```text
//! by: Community safety analyst
//! on: 2025-07-18
//!
//! Two shops in Swanley began to report every theft in May.
//! ```

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use model::{Measure, MeasureId, Period};
use publication::{Commentary, Note};

use crate::keys::Problems;

pub(super) const FOLDER: &str = "commentary";
/// The file about the whole report.
const REPORT: &str = "report";
const EXTENSION: &str = "txt";
/// A note is a note: longer texts belong elsewhere.
const CHARACTERS_MAX: usize = 6_000;

/// Every period's notes. No folder: nobody has said anything.
pub(super) fn read(
    config: &Path,
    measures: &BTreeMap<MeasureId, Measure>,
    problems: &Problems,
) -> BTreeMap<Period, Commentary> {
    let folder = config.join(FOLDER);
    let mut all = BTreeMap::new();
    for (name, path) in entries(&folder, problems) {
        let label = path.display().to_string();
        if !path.is_dir() {
            let why = "stands outside a period's folder: move it to one, as commentary/2025-26-Q1/";
            problems.note(&label, "", why);
            continue;
        }
        if let Ok(period) = name.replace("-Q", "Q").parse::<Period>() {
            all.insert(period, of_period(&path, measures, problems));
        } else {
            let why = "is no period: name the folder like the reports', 2025-26-Q1";
            problems.note(&label, "", why);
        }
    }
    all
}

fn of_period(
    folder: &Path,
    measures: &BTreeMap<MeasureId, Measure>,
    problems: &Problems,
) -> Commentary {
    let mut commentary = Commentary::default();
    for (name, path) in entries(folder, problems) {
        let label = path.display().to_string();
        let Some(stem) = name.strip_suffix(&format!(".{EXTENSION}")) else {
            problems.note(&label, "", "is no text file: notes end in .txt");
            continue;
        };
        let measure = MeasureId::new(stem);
        if stem != REPORT && !measures.contains_key(&measure) {
            let near = model::nearest(stem, measures.keys().map(MeasureId::as_str));
            let hint = near.map_or_else(String::new, |near| format!("; did you mean {near}.txt?"));
            problems.note(&label, "", format!("`{stem}` is neither `report` nor a measure{hint}"));
            continue;
        }
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) => {
                let why = match error.kind() {
                    std::io::ErrorKind::InvalidData => "is not UTF-8 text: save it as UTF-8".into(),
                    _ => format!("cannot be read: {error}"),
                };
                problems.note(&label, "", why);
                continue;
            }
        };
        let Some(note) = note(&label, &text, problems) else { continue };
        if stem == REPORT {
            commentary.report.push(note);
        } else {
            commentary.measures.entry(measure).or_default().push(note);
        }
    }
    commentary
}

/// Reads one note; each thing that is wrong names its line.
fn note(label: &str, text: &str, problems: &Problems) -> Option<Note> {
    let (mut by, mut on) = (None, None);
    let mut lines = text.trim_start_matches('\u{feff}').lines().enumerate();
    for (index, line) in lines.by_ref() {
        let at = format!("line {}", index + 1);
        if line.trim().is_empty() {
            break;
        }
        match line.split_once(':').map(|(key, value)| (key.trim(), value.trim())) {
            Some(("by", value)) if !value.is_empty() => by = Some(value.to_owned()),
            Some(("on", value)) => {
                on = value.parse().ok();
                if on.is_none() {
                    problems.note(label, &at, format!("`{value}` is no date: write 2025-07-18"));
                    return None;
                }
            }
            _ => {
                let why =
                    "a note begins with `by: a role` and `on: 2025-07-18`, then an empty line";
                problems.note(label, &at, why);
                return None;
            }
        }
    }
    let mut paragraphs = vec![String::new()];
    for (index, line) in lines {
        // What goes into a report goes to its readers: nobody's telephone number, nobody's address.
        if let Some(what) = intake::understand::personal_detail(line) {
            let why = format!("holds what may be somebody's personal data ({what}): take it out");
            problems.note(label, &format!("line {}", index + 1), why);
        }
        match line.trim() {
            "" => paragraphs.push(String::new()),
            line => {
                let last = paragraphs.last_mut().expect("there is one");
                last.push_str(if last.is_empty() { "" } else { " " });
                last.push_str(line);
            }
        }
    }
    paragraphs.retain(|paragraph| !paragraph.is_empty());
    let missing = match (&by, &on) {
        (None, _) => Some("has no line `by: a role`"),
        (_, None) => Some("has no line `on: 2025-07-18`"),
        _ if paragraphs.is_empty() => Some("says nothing: write a paragraph after the empty line"),
        _ if text.chars().count() > CHARACTERS_MAX => Some("is too long: 6,000 characters at most"),
        _ => None,
    };
    if let Some(missing) = missing {
        problems.note(label, "", missing);
        return None;
    }
    Some(Note { by: by?, on: on?, paragraphs })
}

/// What a folder holds, in order of names; hidden files are nobody's notes.
fn entries(folder: &Path, problems: &Problems) -> Vec<(String, std::path::PathBuf)> {
    let listed = match fs::read_dir(folder) {
        Ok(listed) => listed,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Vec::new(),
        Err(error) => {
            problems.note(&folder.display().to_string(), "", format!("cannot be listed: {error}"));
            return Vec::new();
        }
    };
    let mut entries: Vec<_> = listed
        .filter_map(Result::ok)
        .map(|entry| (entry.file_name().to_string_lossy().into_owned(), entry.path()))
        .filter(|(name, _)| !name.starts_with('.') && !name.ends_with('~'))
        .collect();
    entries.sort();
    entries
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_note(text: &str) -> String {
        let problems = Problems::default();
        let note = note("commentary/2025-26-Q1/report.txt", text, &problems);
        let problems: Vec<String> = problems.into_vec().iter().map(ToString::to_string).collect();
        match note {
            Some(note) => format!(
                "{} {} {}{}",
                note.by,
                note.on,
                note.paragraphs.join(" / "),
                problems.join(" ")
            ),
            None => problems.join(" "),
        }
    }

    #[test]
    fn a_note_has_a_role_a_day_and_paragraphs() {
        insta::assert_snapshot!(read_note("by: Analyst\non: 2025-07-18\n\nOne\nline.\n\nAnother.\n"), @"Analyst 2025-07-18 One line. / Another.");
        insta::assert_snapshot!(read_note("by: Analyst\n\nText"), @"commentary/2025-26-Q1/report.txt: has no line `on: 2025-07-18`");
        insta::assert_snapshot!(read_note("on: July\n\nText"), @"commentary/2025-26-Q1/report.txt: line 1: `July` is no date: write 2025-07-18");
        insta::assert_snapshot!(read_note("Shoplifting rose\n"), @"commentary/2025-26-Q1/report.txt: line 1: a note begins with `by: a role` and `on: 2025-07-18`, then an empty line");
        insta::assert_snapshot!(read_note("by: Analyst\non: 2025-07-18\n\n"), @"commentary/2025-26-Q1/report.txt: says nothing: write a paragraph after the empty line");
        insta::assert_snapshot!(read_note("by: Analyst\non: 2025-07-18\n\nRing 07700 900123\n"), @"Analyst 2025-07-18 Ring 07700 900123commentary/2025-26-Q1/report.txt: line 4: holds what may be somebody's personal data (telephone numbers): take it out");
    }
}
