//! The proposal as TOML, each line with its reason.

mod words;

use std::collections::{BTreeMap, BTreeSet};

use model::{Geography, Period};

use super::Known;
use super::grid::{Grid, ROWS_MAX};
use super::groups::Group;
use super::layout::{From, Layout, Split, Values};
use super::totals::is_sum;
use crate::understand::glance::{bare_label, is_harmless, quotable, slug};
use crate::workbook::{FileKind, Workbook};

/// The text, where what a trial gave belongs, and what is left to decide.
pub(super) struct Written {
    pub(super) text: String,
    pub(super) tried_at: usize,
    pub(super) decisions: Vec<String>,
}

struct Writer<'k, 'a> {
    known: &'k Known<'a>,
    text: String,
    decisions: Vec<String>,
}

/// Writes the proposal for all groups of tables.
pub(super) fn written(
    workbook: &Workbook,
    known: &Known<'_>,
    visible: &[Grid<'_>],
    groups: &[Group],
) -> Written {
    let mut writer = Writer { known, text: String::new(), decisions: Vec::new() };
    writer.note(&format!("Proposed by `quarterdeck learn` for {}.", one_line(known.file)));
    writer
        .note("What begins with `?` is for a person to decide; `config check` names what is left.");
    let tried_at = writer.text.len();
    writer.head(visible, groups);
    for (index, group) in groups.iter().enumerate() {
        writer.table(workbook, visible, groups, index, group);
    }
    writer.labels(groups);
    writer.symbols(groups);
    writer.checks(groups);
    Written { text: writer.text, tried_at, decisions: writer.decisions }
}

impl Writer<'_, '_> {
    fn line(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }

    /// A comment; nothing that could be about a person is repeated.
    fn note(&mut self, text: &str) {
        let text = if is_harmless(text) { text } else { "(a text that is not repeated here)" };
        let line = format!("# {text}");
        self.line(&line);
    }

    fn decide(&mut self, key: &str, what: &str) {
        self.decisions.push(format!("{key}: {what}"));
    }

    fn head(&mut self, visible: &[Grid<'_>], groups: &[Group]) {
        let sheets: BTreeSet<&str> = groups.iter().flat_map(Group::sheets).collect();
        for grid in visible {
            if !sheets.contains(grid.name) {
                self.note(&format!("Sheet `{}`: no table found.", one_line(grid.name)));
            }
            if grid.is_cut {
                self.note(&format!(
                    "Sheet `{}`: only the first {ROWS_MAX} rows were looked at.",
                    one_line(grid.name)
                ));
            }
        }
        self.line("");
        let title = title(visible).unwrap_or_else(|| one_line(self.known.file));
        self.line(&format!("title = {}", quoted(&title)));
        self.partner(visible);
        let periods: BTreeSet<Period> =
            groups.iter().flat_map(|group| group.layout.periods.iter().copied()).collect();
        self.frequency(&periods);
        if groups.iter().any(|group| group.layout.percent_of_one) {
            self.line("percent = \"0-1\" # columns headed % hold fractions of one");
        }
    }

    fn partner(&mut self, visible: &[Grid<'_>]) {
        let partners = &self.known.vocabulary.partnership.partners;
        let mut texts: Vec<String> = vec![bare_label(&self.known.file.replace(['_', '-'], " "))];
        for grid in visible {
            let above = grid.rows.values().take(10).flat_map(BTreeMap::values);
            texts.extend(above.map(|seen| bare_label(&seen.text)));
        }
        let named: Vec<_> = partners
            .iter()
            .filter(|partner| {
                let name = bare_label(&partner.name);
                texts.iter().any(|text| text.contains(&name))
            })
            .collect();
        if let [partner] = named.as_slice() {
            self.line(&format!(
                "partner = {} # named in the file or its name",
                quoted(partner.id.as_str())
            ));
            return;
        }
        let ids: Vec<&str> = partners.iter().map(|partner| partner.id.as_str()).collect();
        self.note(&format!(
            "One of {}; a new partner goes into partnership.toml first.",
            ids.join(", ")
        ));
        self.line("partner = \"?\"");
        self.decide("partner", "who sends it");
    }

    fn frequency(&mut self, periods: &BTreeSet<Period>) {
        let last = periods.iter().map(|period| period.last()).max();
        let longest = periods.iter().map(|period| period.length_months()).max().unwrap_or(3);
        let is_quarterly = last.is_none_or(|last| last.month() % 3 == 0) && longest <= 12;
        if let Some((first, last)) = periods.first().zip(last) {
            let span = Period::new(first.first(), last);
            let said = span.map_or_else(|| last.to_string(), Period::calendar);
            self.note(&format!("Its figures are about {said}."));
        }
        if !is_quarterly {
            self.line("frequency = \"ad-hoc\" # it does not end with a quarter: never owed, taken when it comes");
            return;
        }
        self.line("frequency = \"quarterly\" # or \"ad-hoc\": never owed, taken when it comes");
        self.line("due_working_days = 10 # after the quarter's end: as agreed with the partner");
        if longest == 12 {
            self.line("content_months = 12 # a year-ending table");
        }
    }

    fn table(
        &mut self,
        workbook: &Workbook,
        visible: &[Grid<'_>],
        groups: &[Group],
        index: usize,
        group: &Group,
    ) {
        let layout = &group.layout;
        self.line("");
        let first = &group.at[0];
        let more = match group.at.len() {
            1 => String::new(),
            2 => ", and on one more sheet".to_owned(),
            many => format!(", and on {} more sheets", many - 1),
        };
        self.note(&format!(
            "Table {}: {}!{}, headings in {}{more}.",
            index + 1,
            one_line(&first.sheet),
            first.range,
            first.headings
        ));
        for why in &layout.why {
            self.note(why);
        }
        self.line("[[table]]");
        let sheets = sheets(workbook, visible, group);
        self.line(&format!("sheets = {sheets}"));
        self.below(groups, group);
        self.axes(index, group);
        if !layout.totals.is_empty() {
            let totals: Vec<&String> = layout
                .totals
                .iter()
                .filter(|total| !is_whole(total) || layout.splits.is_empty())
                .collect();
            if !totals.is_empty() {
                self.line(&format!("totals = {}", list(totals)));
            }
        }
        if !layout.ignore.is_empty() {
            self.line(&format!("ignore = {}", list(&layout.ignore)));
        }
        if layout.other_areas {
            self.line("only_areas = \"known\" # rows for areas that partnership.toml does not know are left out");
        }
        for split in &layout.splits {
            self.split(split);
        }
        if layout.by_sheet {
            for line in
                ["", "[[table.breakdown]]", "dimension = \"sheet\"", "from = \"sheet-name\""]
            {
                self.line(line);
            }
        }
    }

    /// Several tables of one sheet are told apart by what stands above them.
    fn below(&mut self, groups: &[Group], group: &Group) {
        let Some(below) = group.at[0].below.as_deref() else {
            return;
        };
        let Some(text) = quotable(below) else {
            self.note("starts_below: the text above this table is too long to name it: shorten it");
            return;
        };
        self.line(&format!("starts_below = [{}]", quoted(&text)));
        let own = &group.at[0];
        let next = groups
            .iter()
            .flat_map(|other| &other.at)
            .filter(|at| at.sheet == own.sheet && at.top > own.top)
            .min_by_key(|at| at.top)
            .and_then(|at| quotable(at.below.as_deref()?));
        if let Some(next) = next {
            self.line(&format!("ends_at = [{}]", quoted(&next)));
        }
    }

    fn axes(&mut self, index: usize, group: &Group) {
        let layout = &group.layout;
        let own = self.known.vocabulary.partnership.home.get(&Geography::District);
        let area = axis(&layout.area).unwrap_or_else(|| {
            let hint =
                own.map_or_else(String::new, |code| format!("; the partnership's own is {code}"));
            self.note(&format!("area: nothing names one{hint}."));
            self.decide(&format!("table[{index}].area.is"), "which area it is about");
            "{ from = \"fixed\", is = \"?\" }".to_owned()
        });
        self.line(&format!("area = {area}"));
        let measure = axis(&layout.measure).unwrap_or_else(|| {
            let id = placeholder(&group.at[0].sheet, index);
            self.decide(&format!("table[{index}].measure.is"), "what is counted");
            format!("{{ from = \"fixed\", is = {} }}", quoted(&id))
        });
        self.line(&format!("measure = {measure}"));
        let period = self.period(index, layout);
        self.line(&format!("period = {period}"));
        let value = match &layout.value {
            Values::HeaderRow => "{ from = \"header-row\" }".to_owned(),
            Values::Column(header) => {
                format!("{{ from = \"column\", header = [{}] }}", quoted(header))
            }
            Values::Rows => "{ from = \"rows\" }".to_owned(),
            Values::Beside => "{ from = \"cells\", side = \"right\" }".to_owned(),
        };
        self.line(&format!("value = {value}"));
    }

    fn period(&mut self, index: usize, layout: &Layout) -> String {
        let From::Column { header, fill } = &layout.period else {
            return axis(&layout.period).unwrap_or_else(|| {
                self.note("period: nothing names one, so it would be the period the return is owed for. Better to ask for one above the table.");
                self.decide(&format!("table[{index}].period"), "whether it may go unsaid");
                "{ from = \"expected\" }".to_owned()
            });
        };
        let mut text = format!("{{ from = \"column\", header = [{}]", quoted(header));
        if let Some(year) = &layout.year {
            let year = format!(", year = [{}]", quoted(year));
            text.push_str(&year);
        }
        if layout.month_first {
            text.push_str(", dates = \"mm/dd/yyyy\"");
        }
        if *fill {
            text.push_str(", fill = \"down\"");
        }
        text.push_str(" }");
        text
    }

    fn split(&mut self, split: &Split) {
        const VALUES_MAX: usize = 60;
        let mark = if split.is_offer { "# " } else { "" };
        self.line("");
        if split.is_offer {
            self.note(&format!("`{}` could split it:", one_line(&split.header)));
        }
        let mut lines = vec!["[[table.breakdown]]".to_owned()];
        lines.push(format!("dimension = {}", quoted(&category(&split.header))));
        lines.push("from = \"column\"".to_owned());
        lines.push(format!("header = [{}]", quoted(&split.header)));
        if split.fill {
            lines.push("fill = \"down\"".to_owned());
        }
        let shown =
            |text: &&super::columns::Met| quotable(&text.text).is_some() && !is_sum(&text.text);
        let whole: Vec<&String> =
            split.met.iter().map(|met| &met.text).filter(|text| is_whole(text)).collect();
        if !whole.is_empty() {
            lines.push(format!("whole = {}", list(whole)));
        }
        let parts: Vec<&super::columns::Met> =
            split.met.iter().filter(shown).filter(|met| !is_whole(&met.text)).collect();
        if parts.len() <= VALUES_MAX {
            lines.push("[table.breakdown.values]".to_owned());
            for part in parts {
                lines.push(format!("{} = {}", quoted(&part.text), quoted(&category(&part.text))));
            }
        }
        for line in lines {
            self.line(&format!("{mark}{line}"));
        }
    }
}

fn axis(from: &From) -> Option<String> {
    Some(match from {
        From::Unknown => return None,
        From::Column { header, fill } => {
            let fill = if *fill { ", fill = \"down\"" } else { "" };
            format!("{{ from = \"column\", header = [{}]{fill} }}", quoted(header))
        }
        From::HeaderRow => "{ from = \"header-row\" }".to_owned(),
        From::SheetName => "{ from = \"sheet-name\" }".to_owned(),
        From::Title => "{ from = \"title\" }".to_owned(),
        From::Block => "{ from = \"block\" }".to_owned(),
    })
}

fn sheets(workbook: &Workbook, visible: &[Grid<'_>], group: &Group) -> String {
    let own: BTreeSet<&str> = group.sheets().into_iter().collect();
    if workbook.kind == FileKind::Csv || visible.len() == 1 {
        return "{ first = true }".to_owned();
    }
    let others: Vec<&str> =
        visible.iter().map(|grid| grid.name).filter(|name| !own.contains(name)).collect();
    if own.len() >= 2 && others.len() <= own.len() {
        return match others.as_slice() {
            [] => "{ each = true }".to_owned(),
            others => format!("{{ each = true, except = {} }}", list(others)),
        };
    }
    let names: Vec<&str> = group.at.iter().map(|at| at.sheet.as_str()).collect();
    format!("{{ named = {} }}", list(names))
}

/// The first text of the workbook that can be a title.
fn title(visible: &[Grid<'_>]) -> Option<String> {
    const CHARACTERS_MIN: usize = 8;
    let mut texts = visible.iter().flat_map(|grid| {
        grid.rows.values().take(8).filter(|row| row.len() <= 2).flat_map(BTreeMap::values)
    });
    texts
        .find(|seen| seen.is_text() && seen.line().chars().count() >= CHARACTERS_MIN)
        .and_then(|seen| quotable(&seen.text))
}

fn placeholder(sheet: &str, index: usize) -> String {
    match slug(sheet).as_str() {
        "" | "csv" | "sheet1" | "sheet" => format!("?table-{}", index + 1),
        slug => format!("?{slug}"),
    }
}

fn category(text: &str) -> String {
    let own = slug(text);
    if own.is_empty() { "part".to_owned() } else { own }
}

/// What is written for the whole beside its parts: `All locations`.
fn is_whole(text: &str) -> bool {
    let bare = bare_label(text);
    bare == "all" || bare.starts_with("all ")
}

fn one_line(text: &str) -> String {
    let line: String = text.split_whitespace().collect::<Vec<_>>().join(" ");
    line.chars().filter(|c| !c.is_control()).collect()
}

fn list<T: AsRef<str>>(texts: impl IntoIterator<Item = T>) -> String {
    let quoted: Vec<String> = texts.into_iter().map(|text| quoted(text.as_ref())).collect();
    format!("[{}]", quoted.join(", "))
}

/// A text as TOML writes it.
pub(super) fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}
