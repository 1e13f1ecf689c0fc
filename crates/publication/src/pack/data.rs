//! The report as files that a template reads.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde_json::Value;
use typst::foundations::Bytes;

use super::PackInput;
use crate::charts::{Size, draw};
use crate::fonts::{self, INSTEAD};
use crate::partner_text::clean;
use crate::report_model::{Drawing, DrawingKind, ReportModel};
use crate::words;

/// Small charts to a picture: more would not fit on a page.
const PANELS_MAX: usize = 12;
/// Longer words are given places to break at, so that they stay on the page.
const WORD_MAX: usize = 18;
/// How far apart those are.
const PIECE: usize = 9;
/// A file of this format holds no longer string.
const TEXT_MAX: usize = 10_000;
/// Replaced characters that are named.
const NAMED_MAX: usize = 8;
/// A place to break at that is not seen.
const BREAK: char = '\u{200b}';

/// What a template gets beside the report.
#[derive(Serialize)]
struct Extra<'a> {
    accent: &'a str,
    logo: Option<LogoView>,
    tables: Vec<TableView<'a>>,
    charts: BTreeMap<&'a str, Vec<ChartView>>,
    unprintable: String,
}

#[derive(Serialize)]
struct LogoView {
    file: &'static str,
    alt: String,
    width: u32,
    height: u32,
}

#[derive(Serialize)]
struct TableView<'a> {
    title: &'a str,
    name: &'a str,
    file: String,
    size: String,
}

#[derive(Serialize)]
struct ChartView {
    file: String,
    alt: String,
    width: f64,
    height: f64,
}

/// Every file that a template can read, by name. Charts and tables are numbered: a name that was
/// read once is remembered for ever, and reports never end.
pub(super) fn files(input: &PackInput<'_>) -> BTreeMap<String, Bytes> {
    let mut files = BTreeMap::new();
    let mut paper = Paper::new(input);
    let charts = charts(input, &mut paper, &mut files);
    let tables = (1..).zip(input.tables).map(|(number, table)| {
        let file = format!("tables/{number}.csv");
        files.insert(file.clone(), Bytes::new(table.bytes.clone()));
        let size = words::size(table.bytes.len());
        TableView { title: &table.title, name: &table.file_name, file, size }
    });
    let tables = tables.collect();
    let logo = input.brand.logo.as_ref().map(|logo| {
        files.insert("logo.png".to_owned(), Bytes::new(logo.png.clone()));
        let (width, height) = (logo.width.max(1), logo.height.max(1));
        LogoView { file: "logo.png", alt: paper.text(&logo.alt), width, height }
    });
    let report = paper.report(input.model);
    let unprintable = paper.replaced_sentence();
    let extra = Extra { accent: &input.brand.accent, logo, tables, charts, unprintable };
    let extra = serde_json::to_value(extra).expect("names are plain data");
    for (name, value) in [("report.json", report), ("pack.json", extra)] {
        files.insert(name.to_owned(), Bytes::from_string(value.to_string()));
    }
    files
}

/// The pictures of every drawing, by its id.
fn charts<'a>(
    input: &PackInput<'a>,
    paper: &mut Paper<'_>,
    files: &mut BTreeMap<String, Bytes>,
) -> BTreeMap<&'a str, Vec<ChartView>> {
    let mut charts = BTreeMap::new();
    let mut number = 0;
    for drawing in &input.model.drawings {
        let pictures = pictures(drawing);
        let of = pictures.len();
        let views = (1..).zip(pictures).map(|(part, picture)| {
            number += 1;
            let file = format!("charts/{number}.svg");
            let svg = draw(&picture, Size::Wide);
            files.insert(file.clone(), Bytes::from_string(svg.file()));
            let part = if of == 1 { String::new() } else { format!(" Part {part} of {of}.") };
            let alt = paper.text(&format!("{}{part}", picture.alt));
            ChartView { file, alt, width: svg.width, height: svg.height }
        });
        charts.insert(drawing.id.as_str(), views.collect());
    }
    charts
}

/// The chart, in as many pictures as fit on a page each.
fn pictures(drawing: &Drawing) -> Vec<Drawing> {
    match &drawing.kind {
        DrawingKind::Multiples(panels) if panels.len() > PANELS_MAX => {
            let part = |panels: &[_]| Drawing {
                kind: DrawingKind::Multiples(panels.to_vec()),
                ..drawing.clone()
            };
            panels.chunks(PANELS_MAX).map(part).collect()
        }
        _ => vec![drawing.clone()],
    }
}

/// Makes text fit for paper, and remembers what could not be printed.
struct Paper<'a> {
    /// What names a drawing stays as it is.
    ids: BTreeSet<&'a str>,
    /// How often a character was replaced; a text that stands in several places counts once.
    replaced: BTreeMap<char, usize>,
    seen: BTreeSet<String>,
}

impl<'a> Paper<'a> {
    fn new(input: &PackInput<'a>) -> Self {
        let ids = input.model.drawings.iter().map(|drawing| drawing.id.as_str()).collect();
        Self { ids, replaced: BTreeMap::new(), seen: BTreeSet::new() }
    }

    fn report(&mut self, model: &ReportModel) -> Value {
        let mut report = serde_json::to_value(model).expect("a report is plain data");
        // Where lines are drawn stands in the pictures.
        if let Some(drawings) = report.get_mut("drawings").and_then(Value::as_array_mut) {
            for drawing in drawings.iter_mut().filter_map(Value::as_object_mut) {
                drawing.remove("kind");
            }
        }
        self.texts(&mut report);
        report
    }

    fn texts(&mut self, value: &mut Value) {
        match value {
            Value::String(text) if !self.ids.contains(text.as_str()) => *text = self.text(text),
            Value::Array(values) => values.iter_mut().for_each(|value| self.texts(value)),
            // For data files only, which carry it as it was written.
            Value::Object(fields) => {
                fields.retain(|name, _| !name.ends_with("_data"));
                fields.values_mut().for_each(|value| self.texts(value));
            }
            _ => (),
        }
    }

    fn text(&mut self, text: &str) -> String {
        let text = clean(text, TEXT_MAX);
        let missing: Vec<char> = fonts::unprintable(&text).collect();
        if !missing.is_empty() && self.seen.insert(text.clone()) {
            for c in missing {
                *self.replaced.entry(c).or_default() += 1;
            }
        }
        breakable(&fonts::printable(&text))
    }

    /// Says what was replaced; empty when nothing.
    fn replaced_sentence(&self) -> String {
        let count: usize = self.replaced.values().sum();
        if count == 0 {
            return String::new();
        }
        let names: Vec<String> = self
            .replaced
            .iter()
            .map(|(c, times)| match times {
                1 => format!("U+{:04X}", u32::from(*c)),
                more => format!("U+{:04X} ({more} times)", u32::from(*c)),
            })
            .collect();
        let (what, verb) = if count == 1 { ("character", "is") } else { ("characters", "are") };
        format!(
            "{} {what} that cannot be printed {verb} shown as {INSTEAD}: {}. The attached data \
             files have them as they were written.",
            words::count(count),
            words::list(&names, NAMED_MAX)
        )
    }
}

/// The text, with places to break at in words that might be wider than their column.
fn breakable(text: &str) -> String {
    let is_long = |word: &str| word.chars().nth(WORD_MAX).is_some();
    if !text.split([' ', '-']).any(is_long) {
        return text.to_owned();
    }
    let mut broken = String::with_capacity(text.len() + text.len() / PIECE);
    for word in text.split_inclusive([' ', '-']) {
        let breaks = is_long(word.trim_end_matches([' ', '-']));
        for (index, c) in word.chars().enumerate() {
            if breaks && index > 0 && index % PIECE == 0 {
                broken.push(BREAK);
            }
            broken.push(c);
        }
    }
    broken
}
