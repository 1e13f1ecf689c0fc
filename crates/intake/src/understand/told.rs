//! What is said once for a whole table: by the contract, the sheet's name, a text above the
//! table, or a cell beside a label.

use std::borrow::Cow;

use model::{AreaCode, Geography, Period, Place};

use super::context::Context;
use super::gathered::{Gathered, no_area, quoted};
use super::heading_rows::{month_in, within_a_year};
use super::labels::{folded, is_any, without_footnotes};
use super::page::Page;
use super::periods::{self, Said};
use super::row_says::{RowSays, category_of, did_you_mean};
use crate::contract::{
    BreakdownFrom, DateOrder, FixedPeriod, Label, LabelledCell, PeriodFrom, Side, TableLayout,
    Where,
};
use crate::workbook::Cell;

/// A text that says something for the whole table, and where it stands.
struct Told<'a> {
    place: Place,
    text: Cow<'a, str>,
    /// Whether the text is about nothing else; a title may say more.
    whole: bool,
}

/// What the contract, the sheet's name, titles and labelled cells say for the table; `None` after
/// a finding that stops it.
pub(super) fn told<'a>(
    page: &Page<'a>,
    layout: &TableLayout,
    context: &Context<'a>,
    top: u32,
    gathered: &mut Gathered,
) -> Option<RowSays> {
    let table = Telling { page, context, top, geography: context.table_geography(layout) };
    let area = table.area(&layout.area, gathered);
    let label = table.label(&layout.measure, gathered);
    let period = table.period(&layout.period, gathered);
    let mut said = RowSays { area: area.ok()?, period: period.ok()?, ..RowSays::default() };
    match (&layout.measure, label.ok()?) {
        (Where::Fixed(measure), _) => said.measure = Some(measure.clone()),
        (_, Some(label)) => {
            said.measure = Some(label.measure.clone());
            said.breakdown = label.breakdown.clone();
        }
        (_, None) => {}
    }
    for part in &layout.breakdowns {
        if let Some(category) = table.category(part, gathered).ok()? {
            said.breakdown = said.breakdown.with(&part.dimension, category);
        }
    }
    Some(said)
}

/// A finding was made that stops the table.
struct Stopped;

/// What to do about a sheet that names no area.
const SHEET_HINT: &str = "name the sheet by the district, or leave the sheet out";

struct Telling<'t, 'a> {
    page: &'t Page<'a>,
    context: &'t Context<'a>,
    /// The first row of the headings.
    top: u32,
    geography: Option<Geography>,
}

impl<'a> Telling<'_, 'a> {
    /// The texts that may say it, the likeliest first; empty if rows or headings say it.
    fn texts<T>(&self, place: &Where<T>) -> Vec<Told<'a>> {
        match place {
            Where::SheetName => vec![Told {
                place: Place::sheet(self.page.name),
                text: Cow::Borrowed(self.page.name),
                whole: true,
            }],
            Where::Title { words } => titles(self.page, self.top, words),
            Where::Cell(cell) => self.beside(cell),
            Where::Fixed(_)
            | Where::Column(_)
            | Where::HeaderRow
            | Where::Block
            | Where::Labels => Vec::new(),
        }
    }

    /// What a text above, a sheet's name or a labelled cell says; nothing if the table does
    /// not say it as a whole. Two different things said are as good as none.
    fn find<T, R: PartialEq>(
        &self,
        place: &Where<T>,
        find: impl Fn(&Told<'a>) -> Vec<R>,
        what: (&str, &str),
        hint: &str,
        gathered: &mut Gathered,
    ) -> Result<Option<R>, Stopped> {
        if !matches!(place, Where::SheetName | Where::Title { .. } | Where::Cell(_)) {
            return Ok(None);
        }
        let texts = self.texts(place);
        for told in &texts {
            let mut found = find(told);
            found.dedup();
            match found.len() {
                0 => {}
                1 => return Ok(found.pop()),
                _ => break,
            }
        }
        let (code, what) = what;
        let is_period = code == "period-not-found";
        let says = if is_period { "which period the figures are about" } else { what };
        let at = texts.first().map_or_else(|| Place::sheet(self.page.name), |at| at.place.clone());
        let message = match (place, texts.first()) {
            (Where::SheetName, _) => {
                format!("the sheet's name, {}, does not say {says}", quoted(self.page.name))
            }
            (Where::Cell(cell), Some(told)) => {
                format!("{} beside {} is not {what}", quoted(&told.text), quoted(&cell.label[0]))
            }
            (Where::Cell(cell), None) => {
                format!(
                    "there is nothing beside the label {}, which says {says}",
                    quoted(&cell.label[0])
                )
            }
            _ => format!("the text above the table does not say {says}, or says more than one"),
        };
        gathered.puzzling.insert(self.page.name.to_owned());
        gathered.error(code, at, message, hint);
        Err(Stopped)
    }

    fn area(
        &self,
        place: &Where<AreaCode>,
        gathered: &mut Gathered,
    ) -> Result<Option<AreaCode>, Stopped> {
        if let Where::Fixed(code) = place {
            return Ok(Some(code.clone()));
        }
        if *place == Where::SheetName
            && parts(self.page.name).is_empty()
            && let Err(error) = self.context.area(self.page.name, self.geography)
        {
            gathered.unknown_areas += 1;
            gathered.puzzling.insert(self.page.name.to_owned());
            gathered.error(
                "unknown-area",
                Place::sheet(self.page.name),
                format!("the sheet is named by an area, but {}", no_area(self.page.name, &error)),
                SHEET_HINT,
            );
            return Err(Stopped);
        }
        let names = self.context.area_names(self.geography);
        let find = |told: &Told<'a>| match self.context.area(&told.text, self.geography) {
            Ok(code) => vec![code],
            Err(_) if told.whole => parts(&told.text)
                .into_iter()
                .filter_map(|part| self.context.area(part, self.geography).ok())
                .collect(),
            Err(_) => {
                let mentioned = mentioned(&told.text, names.iter().map(String::as_str));
                let found = mentioned
                    .into_iter()
                    .filter_map(|name| self.context.area(name, self.geography).ok());
                found.collect()
            }
        };
        let hint = match place {
            Where::SheetName => SHEET_HINT,
            _ => "give the district's name or code",
        };
        let found = self.find(place, find, ("unknown-area", "a known area"), hint, gathered);
        if found.is_err() {
            gathered.unknown_areas += 1;
        }
        found
    }

    fn label<T>(
        &self,
        place: &Where<T>,
        gathered: &mut Gathered,
    ) -> Result<Option<&'a Label>, Stopped> {
        let labels = &self.context.labels;
        let find = |told: &Told<'a>| match labels.find(&told.text) {
            Some(label) => vec![label],
            None if told.whole => {
                parts(&told.text).into_iter().filter_map(|part| labels.find(part)).collect()
            }
            None => {
                let mentioned = mentioned(&told.text, labels.names().iter().copied());
                mentioned.into_iter().filter_map(|name| labels.find(name)).collect()
            }
        };
        let near = labels.nearest(self.page.name);
        let hint = did_you_mean(near);
        self.find(place, find, ("unknown-measure", "something this return counts"), &hint, gathered)
    }

    fn category(
        &self,
        part: &BreakdownFrom,
        gathered: &mut Gathered,
    ) -> Result<Option<String>, Stopped> {
        if let Where::Fixed(category) = &part.place {
            return Ok(Some(category.clone()));
        }
        let find = |told: &Told<'a>| match category_of(part, &told.text) {
            Ok(category) => vec![category],
            Err(_) if told.whole => parts(&told.text)
                .into_iter()
                .filter_map(|text| category_of(part, text).ok())
                .collect(),
            Err(_) => {
                let names = part.values.keys().chain(&part.whole).map(String::as_str);
                let mentioned = mentioned(&told.text, names);
                mentioned.into_iter().filter_map(|name| category_of(part, name).ok()).collect()
            }
        };
        let what = format!("a {} this return has", part.dimension);
        let found =
            self.find(&part.place, find, ("unknown-label", &what), &did_you_mean(None), gathered);
        found.map(Option::flatten)
    }

    fn period(
        &self,
        from: &PeriodFrom,
        gathered: &mut Gathered,
    ) -> Result<Option<Period>, Stopped> {
        match &from.place {
            Where::Fixed(FixedPeriod::Expected) => return Ok(Some(self.context.expected)),
            Where::Fixed(FixedPeriod::Is(period)) => return Ok(Some(*period)),
            Where::Title { words } => {
                let found = title_period(self.page, self.top, words);
                if found.is_some() {
                    return Ok(found);
                }
            }
            _ => {}
        }
        let find = |told: &Told<'a>| {
            let all = std::iter::once(&*told.text).chain(parts(&told.text));
            let mut all = all;
            let read = all.find_map(|text| self.read_period(from, text));
            read.or_else(|| periods::find(&told.text)).into_iter().collect()
        };
        let hint =
            format!("write the period there, for example `{}`", self.context.expected.calendar());
        let what = ("period-not-found", "a period");
        self.find(&from.place, find, what, &hint, gathered)
    }

    fn read_period(&self, from: &PeriodFrom, text: &str) -> Option<Period> {
        match periods::read(text, DateOrder::DayFirst)? {
            Said::Period(period) => Some(period),
            Said::Year(year) => from.year_alone(year),
            Said::BareMonth(month) => {
                let titles = titles(self.page, self.top, &[]);
                let year = titles.iter().find_map(|title| month_in(&title.text, month));
                let title = title_period(self.page, self.top, &[]).unwrap_or(self.context.expected);
                year.or_else(|| within_a_year(title.last(), month).map(Period::month))
            }
            Said::BareQuarter(_) => None,
        }
    }

    /// The cell beside a label, above the table if it is there, else anywhere on the sheet.
    fn beside(&self, cell: &LabelledCell) -> Vec<Told<'a>> {
        let above = self.page.within(self.page.first, self.top);
        [above, *self.page, self.page.head()]
            .iter()
            .map(|page| beside(page, cell))
            .find(|found| !found.is_empty())
            .unwrap_or_default()
    }
}

/// What stands beside a label, in reading order; after a colon it may stand in the label's cell.
fn beside<'a>(page: &Page<'a>, cell: &LabelledCell) -> Vec<Told<'a>> {
    /// How far below its label a cell is looked for.
    const ROWS_MAX: u32 = 3;
    let mut found = Vec::new();
    for row in page.rows(..) {
        for (column, text) in row.cells() {
            let Cell::Text(text) = text else {
                continue;
            };
            if !is_any(&cell.label, text) {
                let inside = text
                    .split_once(':')
                    .filter(|(label, rest)| !rest.trim().is_empty() && is_any(&cell.label, label));
                found.extend(inside.map(|(_, rest)| Told {
                    place: page.place(row.number(), column),
                    text: Cow::Borrowed(rest.trim()),
                    whole: true,
                }));
                continue;
            }
            let at = match cell.side {
                Side::Right => row
                    .cells()
                    .map(|(right, _)| (row.number(), right))
                    .find(|(_, right)| *right > column),
                Side::Below => (1..=ROWS_MAX)
                    .map(|down| (row.number() + down, column))
                    .find(|(below, column)| page.cell(*below, *column).is_some()),
            };
            found.extend(at.and_then(|(row, column)| {
                let text = page.text(row, column)?;
                Some(Told { place: page.place(row, column), text, whole: true })
            }));
        }
    }
    found
}

/// The texts above the table that hold one of the words (any if none), the part after the word
/// first; then those above the first table of the sheet.
fn titles<'a>(page: &Page<'a>, top: u32, words: &[String]) -> Vec<Told<'a>> {
    let words: Vec<String> = words.iter().map(|word| folded(word)).collect();
    let mut titles = Vec::new();
    for (at, text) in page.above(top).chain(page.head().above(u32::MAX)) {
        let text_folded = folded(&text);
        if !words.is_empty() && !words.iter().any(|word| text_folded.contains(word)) {
            continue;
        }
        titles.push(Told { place: page.place(at.row, at.column), text, whole: false });
    }
    titles
}

/// What may be said apart in one text: `Burglary - Sevenoaks`, `E07000111 : Sevenoaks`.
fn parts(text: &str) -> Vec<&str> {
    let separators = [" - ", " – ", " : ", ": ", ", ", " | ", "_"];
    let found = separators.iter().filter(|separator| text.contains(**separator));
    found
        .flat_map(|separator| text.split(separator))
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .collect()
}

/// The names a text mentions as whole words; one inside a longer one is not mentioned itself.
fn mentioned<'n>(text: &str, names: impl Iterator<Item = &'n str>) -> Vec<&'n str> {
    let text = folded(text);
    let mut found: Vec<(usize, usize, &str)> = Vec::new();
    for name in names {
        let wanted = without_footnotes(&folded(name));
        if wanted.is_empty() {
            continue;
        }
        for (at, _) in text.match_indices(&wanted) {
            let before = text[..at].chars().next_back();
            let after = text[at + wanted.len()..].chars().next();
            let apart = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric());
            if apart(before) && apart(after) {
                found.push((at, at + wanted.len(), name));
            }
        }
    }
    let inside = |(start, end, _): &(usize, usize, &str)| {
        found
            .iter()
            .any(|(first, last, _)| first <= start && end <= last && last - first > end - start)
    };
    found.iter().filter(|one| !inside(one)).map(|(_, _, name)| *name).collect()
}

/// The period named above a table, in a text that holds one of the words (any text if none); in
/// the sheet's own title if the table has none.
pub(super) fn title_period(page: &Page<'_>, top: u32, words: &[String]) -> Option<Period> {
    let words: Vec<String> = words.iter().map(|word| folded(word)).collect();
    [(*page, top), (page.head(), u32::MAX)].iter().find_map(|(page, top)| {
        let mut best: Option<Period> = None;
        for (_, text) in page.above(*top) {
            let text_folded = folded(&text);
            if !words.is_empty() && !words.iter().any(|word| text_folded.contains(word)) {
                continue;
            }
            let Some(period) = periods::find(&text) else {
                continue;
            };
            // The longest stretch named is what the table is about; a single month may be when
            // it was made.
            if best.is_none_or(|best| best.length_months() < period.length_months()) {
                best = Some(period);
            }
        }
        best
    })
}
