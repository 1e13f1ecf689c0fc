//! `source-notes.toml`: what is known of the sources beyond their figures. No file: nothing is known.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use model::{
    AreaCode, Baseline, DatedEvent, Mark, Measure, MeasureId, Month, NoteEffect, Partnership,
    Period, Rebase, Scope, SeriesBreak, SourceNote, SourceNotes,
};
use toml::Table;

use crate::keys::{Problems, Section, UNREAD};

pub(super) const FILE: &str = "source-notes.toml";

/// What names in the file are looked up in.
pub(super) struct Known<'a> {
    pub(super) partnership: &'a Partnership,
    pub(super) measures: &'a BTreeMap<MeasureId, Measure>,
}

pub(super) fn read(
    file: &str,
    table: &Table,
    known: &Known<'_>,
    problems: &Problems,
) -> SourceNotes {
    let root = Section::root(file, table, problems);
    let notes = SourceNotes {
        notes: root.sections("note").into_iter().filter_map(|it| note(it, known)).collect(),
        breaks: root
            .sections("break")
            .into_iter()
            .filter_map(|it| series_break(it, known))
            .collect(),
        rebases: root.sections("rebase").into_iter().filter_map(|it| rebase(it, known)).collect(),
        baselines: root
            .sections("baseline")
            .into_iter()
            .filter_map(|it| baseline(it, known))
            .collect(),
        events: root.sections("event").into_iter().filter_map(|it| event(it, known)).collect(),
    };
    check_overlaps(&notes, &root, known);
    root.finish();
    notes
}

fn note(section: Section<'_>, known: &Known<'_>) -> Option<SourceNote> {
    #[derive(Clone, Copy)]
    enum Effect {
        Block,
        Mark,
    }
    let scope = scope(&section, known);
    let effect = match section.one_of("effect", &[("block", Effect::Block), ("mark", Effect::Mark)])
    {
        Effect::Block => NoteEffect::Block,
        Effect::Mark => {
            let marks = [("p", Mark::P), ("e", Mark::E), ("u", Mark::U), ("b", Mark::B)];
            NoteEffect::Mark(section.one_of("mark", &marks))
        }
    };
    let (from, to) = stretch(&section)?;
    let note =
        SourceNote { id: section.text("id"), scope, from, to, effect, why: sentence(&section) };
    section.finish();
    Some(note)
}

fn series_break(section: Section<'_>, known: &Known<'_>) -> Option<SeriesBreak> {
    let scope = scope(&section, known);
    let (from, to) = stretch(&section)?;
    let spliced = section.optional_text("spliced_because").is_some();
    // Where it was read, for whoever doubts it; nothing is computed from it.
    section.optional_text("source");
    let found =
        SeriesBreak { id: section.text("id"), scope, from, to, why: sentence(&section), spliced };
    section.finish();
    Some(found)
}

fn rebase(section: Section<'_>, known: &Known<'_>) -> Option<Rebase> {
    let scope = scope(&section, known);
    let from = month(&section, "from")?;
    let text = section.text("decided");
    let decided = text.parse::<Date>();
    if decided.is_err() {
        section.problem("decided", format!("`{text}` is not a date: write 2025-07-21"));
    }
    let why = sentence(&section);
    section.optional_text("id");
    section.finish();
    Some(Rebase { scope, from, why, decided: decided.ok()? })
}

fn baseline(section: Section<'_>, known: &Known<'_>) -> Option<Baseline> {
    let scope = scope(&section, known);
    let text = section.text("months");
    let months = text.parse::<Period>();
    if let Err(error) = &months {
        section.problem("months", error.to_string());
    }
    let months = months.ok()?;
    if months.length_months() < 12 {
        section.problem("months", "a baseline needs 12 months: fewer set no lasting limits");
    }
    let why = sentence(&section);
    section.optional_text("id");
    section.finish();
    Some(Baseline { scope, months, why })
}

fn event(section: Section<'_>, known: &Known<'_>) -> Option<DatedEvent> {
    let scope = scope(&section, known);
    let text = section.text("on");
    let on = text.parse::<Date>();
    if on.is_err() {
        section.problem("on", format!("`{text}` is not a date: write 2025-07-21"));
    }
    let label = section.text("label").trim().trim_end_matches('.').to_owned();
    section.optional_text("id");
    section.finish();
    Some(DatedEvent { scope, on: on.ok()?, label })
}

/// `why`, which is printed inside sentences: without its stop.
fn sentence(section: &Section<'_>) -> String {
    section.text("why").trim().trim_end_matches('.').to_owned()
}

fn month(section: &Section<'_>, key: &str) -> Option<Month> {
    let text = section.text(key);
    let read = text.parse::<Month>();
    if read.is_err() && text != UNREAD {
        section.problem(key, format!("`{text}` is not a month: write 2024-01"));
    }
    read.ok()
}

fn stretch(section: &Section<'_>) -> Option<(Month, Option<Month>)> {
    let from = month(section, "from")?;
    let to = match section.optional_text("to") {
        Some(_) => Some(month(section, "to")?),
        None => None,
    };
    if to.is_some_and(|to| to < from) {
        section.problem("to", "is before `from`");
        return None;
    }
    Some((from, to))
}

/// Measures by id or by the beginning of one (`ho-*`); areas by code, name or alias.
fn scope(section: &Section<'_>, known: &Known<'_>) -> Scope {
    let mut measures = Vec::new();
    let wanted = section.texts("measures");
    if wanted.is_empty() {
        section.problem(
            "measures",
            "is missing: name the measures, or the beginning of them (`ho-*`)",
        );
    }
    for text in wanted {
        let found: Vec<&MeasureId> = match text.strip_suffix('*') {
            Some(beginning) => {
                known.measures.keys().filter(|id| id.as_str().starts_with(beginning)).collect()
            }
            None => known.measures.keys().filter(|id| id.as_str() == text).collect(),
        };
        if found.is_empty() {
            let nearest = model::nearest(&text, known.measures.keys().map(MeasureId::as_str));
            let hint = nearest.map_or_else(String::new, |it| format!(": did you mean `{it}`?"));
            section.problem("measures", format!("there is no measure `{text}`{hint}"));
        }
        measures.extend(found.into_iter().cloned());
    }
    let mut areas: Vec<AreaCode> = Vec::new();
    for text in section.texts("areas") {
        let found = known.partnership.areas_named(&text, None);
        // A name may be that of a district and of a partnership: what is counted for it decides.
        let kinds: Vec<_> = measures
            .iter()
            .filter_map(|id| known.measures.get(id))
            .map(|it| it.geography)
            .collect();
        let found: Vec<_> = found.into_iter().filter(|it| kinds.contains(&it.geography)).collect();
        if found.is_empty() {
            section.problem(
                "areas",
                format!("`{text}` is no area that these measures are counted for"),
            );
        }
        areas.extend(found.into_iter().map(|area| area.code.clone()));
    }
    Scope { measures, areas }
}

/// Names that are there twice; two breaks of one series in the same months, and two decisions about
/// one month, cannot both be meant.
fn check_overlaps(notes: &SourceNotes, root: &Section<'_>, known: &Known<'_>) {
    let ids = notes.notes.iter().map(|it| ("note", &it.id));
    let mut seen = BTreeSet::new();
    for (kind, id) in ids.chain(notes.breaks.iter().map(|it| ("break", &it.id))) {
        if !seen.insert((kind, id)) {
            root.problem(&format!("{kind}[{id}]"), "is there twice");
        }
    }
    for (index, one) in notes.rebases.iter().enumerate() {
        for other in &notes.rebases[index + 1..] {
            let shared = one.scope.shared(&other.scope).filter(|_| one.from == other.from);
            if let Some((measure, _)) = shared {
                let message = format!("`{measure}` is set anew twice from {}", one.from);
                root.problem("rebase", message);
            }
        }
    }
    for (index, one) in notes.breaks.iter().enumerate() {
        for other in &notes.breaks[index + 1..] {
            let Some((measure, area)) = one.scope.shared(&other.scope) else { continue };
            if !one.overlaps(other) {
                continue;
            }
            let area = area.map_or("every area", |area| known.partnership.area_name(area));
            let message = format!(
                "overlaps with break[{}] for `{measure}`, {area}: one break a stretch of months",
                one.id
            );
            root.problem(&format!("break[{}]", other.id), message);
        }
    }
}
