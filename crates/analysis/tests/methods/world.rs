//! A small partnership, told in the words of an example.

use std::collections::BTreeMap;

use analysis::{
    AssessedTable, Definitions, DisclosedTable, DisclosureRules, IndicatorKey, Releases, assess,
    compute, disclose,
};
use jiff::civil::Date;
use model::{
    ActionItem, ActionStatus, Area, AreaCode, Baseline, Breakdown, ByWhen, Disclosure, Figure,
    FigureId, Geography, Mark, Marks, Measure, MeasureId, Month, NoteEffect, Operand, Partnership,
    PeerSet, Per, Period, Place, Point, Population, Populations, Quotient, Rebase, Scope,
    SeriesBreak, SeriesKey, SeriesTable, SourceNote, SourceNotes, SubmissionHash, SuccessMeasure,
    SuccessRule, Target, Unit,
};

use crate::page::{Example, list, number};
use crate::statistics::polarity;

const MEASURE: &str = "m";
const HOME: &str = "Sevenoaks";

/// Everything that figures are computed from.
pub(crate) struct World {
    pub(crate) measures: BTreeMap<MeasureId, Measure>,
    pub(crate) partnership: Partnership,
    pub(crate) asked: Period,
    pub(crate) actions: Vec<ActionItem>,
    pub(crate) as_of: Date,
    populations: Populations,
    notes: SourceNotes,
    releases: Releases,
    series: SeriesTable,
    absent: BTreeMap<MeasureId, String>,
    earlier: Option<SeriesTable>,
}

impl World {
    /// As an example tells it. `asked` and `measure` come first.
    pub(crate) fn of(example: &Example) -> Self {
        // With a priority, the home area is reported whether or not anything has arrived.
        let measure = Measure {
            label: "it".to_owned(),
            priority: Some("p".into()),
            ..Measure::count(MEASURE, Geography::District)
        };
        let asked = example.optional("asked").map_or("2025-26Q1", |asked| asked);
        let mut world = Self {
            measures: BTreeMap::from([(MEASURE.into(), measure)]),
            partnership: partnership(),
            asked: asked.parse().expect("a period"),
            actions: Vec::new(),
            as_of: jiff::civil::date(2025, 7, 21),
            populations: Populations::default(),
            notes: SourceNotes::default(),
            releases: Releases::new(),
            series: SeriesTable::default(),
            absent: BTreeMap::new(),
            earlier: None,
        };
        for (name, value) in example.inputs() {
            world.hear(example, name, value);
        }
        world
    }

    fn measure(&mut self) -> &mut Measure {
        self.measures.get_mut(&MeasureId::new(MEASURE)).expect("the measure")
    }

    fn hear(&mut self, example: &Example, name: &str, value: &str) {
        let month = |text: &str| text.parse::<Month>().expect("a month");
        match name.split_once(' ').unwrap_or((name, "")) {
            ("asked", "") => {}
            ("measure", "") => value.split(", ").for_each(|word| self.describe(example, word)),
            ("label", "") => value.clone_into(&mut self.measure().label),
            ("begins", "") => {
                let (from, why) = value.split_once(": ").expect("a month and why");
                self.measure().begins = Some((month(from), why.to_owned()));
            }
            ("divide", "") => self.divide(value),
            ("add", "up") => {
                for part in value.split(", ") {
                    self.measures.insert(part.into(), Measure::count(part, Geography::District));
                    self.measure().sum_of.push(part.into());
                }
            }
            ("residents", vintage) => {
                self.populate(HOME, number(value).expect("residents"), vintage);
            }
            ("restate", "") => {
                for name in value.split(" under ") {
                    self.measures.insert(name.into(), Measure::count(name, Geography::District));
                }
            }
            ("target", "") => self.partnership.targets.push(Target {
                measure: MEASURE.into(),
                monthly: number(value).expect("a number"),
                source: String::new(),
            }),
            ("note", area) => self.note(area.trim_start_matches("on "), value),
            ("break", "") => self.part(value),
            ("rebase", "") => {
                let (from, why) = value.split_once(": ").expect("a month and why");
                let decided = jiff::civil::date(2025, 7, 1);
                let (from, why) = (month(from), why.to_owned());
                self.notes.rebases.push(Rebase { scope: anywhere(), from, why, decided });
            }
            ("baseline", "") => {
                let months = value.parse().expect("a period");
                let baseline = Baseline { scope: anywhere(), months, why: String::new() };
                self.notes.baselines.push(baseline);
            }
            ("released", figure) => {
                let period = figure.parse().expect("a period");
                let figure = FigureId {
                    measure: MEASURE.into(),
                    breakdown: Breakdown::all(),
                    area: HOME.into(),
                    period,
                };
                self.releases.insert(figure, number(value).expect("a number"));
            }
            ("peers", "") => value.clone_into(&mut self.partnership.peer_sets[0].label),
            ("confirmed", "") => value.clone_into(&mut self.partnership.peer_sets[0].vintage),
            ("area", area) => self.peer(area, value, self.asked),
            ("before", area) => self.peer(area, value, self.asked.year_before()),
            ("rule", "") => self.promise(value),
            ("action", action) => self.actions.push(action_item(action, value)),
            _ => self.say(name, value),
        }
    }

    fn describe(&mut self, example: &Example, word: &str) {
        let measure = self.measure();
        match word {
            "count" => measure.unit = Unit::Count,
            "percent" => measure.unit = Unit::Percent,
            "pounds" => measure.unit = Unit::Pounds,
            "decimal" => measure.unit = Unit::Decimal,
            "open" => measure.disclosure = Disclosure::Open,
            "rounded" => measure.disclosure = Disclosure::Rounded,
            "suppressed" => measure.disclosure = Disclosure::Suppressed,
            "provisional" => measure.provisional = true,
            "per 1,000" => measure.per_1000 = true,
            other => measure.polarity = polarity(example, other),
        }
    }

    /// `part by whole`, or `part (pounds) by whole`.
    fn divide(&mut self, text: &str) {
        let sides: Vec<&str> = text.split(" by ").collect();
        let operands: Vec<Operand> = sides
            .iter()
            .map(|side| {
                let (name, unit) = match side.strip_suffix(" (pounds)") {
                    Some(name) => (name, Unit::Pounds),
                    None => (*side, Unit::Count),
                };
                let measure = Measure { unit, ..Measure::count(name, Geography::District) };
                self.measures.insert(name.into(), measure);
                Operand { measure: name.into(), breakdown: Breakdown::all() }
            })
            .collect();
        let [numerator, denominator] = operands.try_into().expect("two sides");
        self.measure().quotient = Some(Quotient { numerator, denominator });
    }

    fn populate(&mut self, area: &str, residents: i64, vintage: &str) {
        let population = Population { residents, vintage: vintage.to_owned() };
        assert!(self.populations.add(area.into(), population), "{area} twice");
    }

    /// `block 2024-01: why`, `mark e 2025-04 to 2025-05: why`.
    fn note(&mut self, area: &str, text: &str) {
        let (what, why) = text.split_once(": ").expect("what and why");
        let (effect, months) = match what.split_once(' ').expect("an effect and months") {
            ("block", months) => (NoteEffect::Block, months),
            ("mark", rest) => {
                let (letter, months) = rest.split_once(' ').expect("a letter and months");
                (NoteEffect::Mark(Mark::from_letter(letter).expect("a mark")), months)
            }
            (other, _) => panic!("{other}?"),
        };
        let (from, to) = stretch(months);
        let areas = if area.is_empty() { Vec::new() } else { vec![area.into()] };
        let scope = Scope { areas, ..anywhere() };
        let (id, why) = ("n".to_owned(), why.to_owned());
        self.notes.notes.push(SourceNote { id, scope, from, to, effect, why });
    }

    fn part(&mut self, text: &str) {
        let (months, why) = text.split_once(": ").expect("months and why");
        let (from, to) = stretch(months);
        let (id, why) = ("b".to_owned(), why.to_owned());
        let scope = anywhere();
        self.notes.breaks.push(SeriesBreak { id, scope, from, to, why, spliced: false });
    }

    /// `94 of 121,387`, `94 of 121,387 in mid-2019`, `94`, or `none`.
    fn peer(&mut self, area: &str, text: &str, period: Period) {
        let (events, residents) = text.split_once(" of ").unwrap_or((text, ""));
        let (residents, vintage) = residents.split_once(" in ").unwrap_or((residents, "mid-2020"));
        if let Some(residents) = number(residents) {
            self.populate(area, residents, vintage);
        }
        let members = &mut self.partnership.peer_sets[0].areas;
        if !members.iter().any(|known| known.as_str() == area) {
            members.push(area.into());
        }
        if self.partnership.area(&area.into()).is_none() {
            self.partnership.areas.push(place(area));
        }
        if let Some(events) = number(events) {
            self.put((MEASURE, area, Breakdown::all()), period, Figure::number(events));
        }
    }

    /// `2025-26Q1 = 94`; `2023-07 onwards = 9, 11`; `whole 2025-26Q1 = 326` of another measure;
    /// `earlier 2025-26Q1 = 90` as last published; `part a 2025-26Q1 = 4` of a breakdown.
    fn say(&mut self, name: &str, value: &str) {
        let (name, onwards) =
            name.strip_suffix(" onwards").map_or((name, false), |name| (name, true));
        let (of, period) = name.rsplit_once(' ').unwrap_or(("", name));
        let period: Period = period.parse().unwrap_or_else(|_| panic!("{name}?"));
        if of == "earlier" {
            let figure = figure(value);
            let table = self.earlier.get_or_insert_default();
            put(table, (MEASURE, HOME, Breakdown::all()), period, figure);
            return;
        }
        let (measure, breakdown) = match of.strip_prefix("part ") {
            Some(part) => (MEASURE, Breakdown::all().with("part", part)),
            None if of.is_empty() => (MEASURE, Breakdown::all()),
            None => (of, Breakdown::all()),
        };
        if !onwards {
            self.put((measure, HOME, breakdown), period, figure(value));
            return;
        }
        for (offset, value) in (0..).zip(list(value).expect("figures")) {
            let figure = Figure::number(value);
            self.put((measure, HOME, breakdown.clone()), period.shifted(offset), figure);
        }
    }

    fn put(&mut self, of: (&str, &str, Breakdown), period: Period, figure: Figure) {
        put(&mut self.series, of, period, figure);
    }

    fn promise(&mut self, text: &str) {
        let (kind, rest) = text.split_once(' ').unwrap_or((text, ""));
        let (level, per) = match rest.strip_suffix(" in the year") {
            Some(level) => (level, Per::Year),
            None => (rest, Per::Quarter),
        };
        let of = || number(level).expect("a number");
        let rule = match kind {
            "maintain-position" => {
                SuccessRule::MaintainPosition { within: number(rest).expect("a number") }
            }
            "improve-position" => SuccessRule::ImprovePosition,
            "reduce" => SuccessRule::Reduce,
            "increase" => SuccessRule::Increase,
            "halt-the-rise" => SuccessRule::HaltTheRise,
            "at-least" => SuccessRule::AtLeast { value: of(), per },
            "maintain-rate" => SuccessRule::MaintainRate { value: of(), per },
            "monitor" => SuccessRule::Monitor,
            "deliver" => {
                let (actions, by) = rest.split_once(" by ").unwrap_or((rest, ""));
                let actions = actions.split(", ").map(str::to_owned).collect();
                SuccessRule::Deliver { actions, by: by.parse().ok() }
            }
            other => panic!("no rule {other}"),
        };
        self.partnership.success_measures.push(SuccessMeasure {
            id: "s".to_owned(),
            priority: None,
            text: String::new(),
            measures: vec![MEASURE.into()],
            rule,
            cannot_judge: None,
        });
    }

    pub(crate) fn definitions(&self) -> Definitions<'_> {
        Definitions {
            partnership: &self.partnership,
            measures: &self.measures,
            populations: &self.populations,
            notes: &self.notes,
            releases: &self.releases,
            absent: &self.absent,
            earlier: self.earlier.as_ref(),
        }
    }

    pub(crate) fn series(&self) -> &SeriesTable {
        &self.series
    }

    pub(crate) fn assessed(&self) -> AssessedTable {
        let table = compute(&self.series, self.asked, &self.definitions());
        assess(&table, &self.measures)
    }

    pub(crate) fn disclosed(&self) -> DisclosedTable {
        disclose(&self.assessed(), DisclosureRules { measures: &self.measures })
    }
}

/// The measure as a whole in the home area.
pub(crate) fn key() -> IndicatorKey {
    IndicatorKey { measure: MEASURE.into(), area: HOME.into(), breakdown: Breakdown::all() }
}

fn put(
    table: &mut SeriesTable,
    (measure, area, breakdown): (&str, &str, Breakdown),
    period: Period,
    figure: Figure,
) {
    let key = SeriesKey { measure: measure.into(), area: area.into(), breakdown };
    let point = Point { figure, submission: SubmissionHash::of(b"a return") };
    table.series.entry(key).or_default().insert(period, point);
}

/// `94`, or `[c]` in place of a number.
fn figure(text: &str) -> Figure {
    match text.strip_prefix('[').and_then(|text| text.strip_suffix(']')) {
        Some(letters) => Figure { value: None, marks: Marks::from_letters(letters) },
        None => Figure::number(number(text).unwrap_or_else(|| panic!("{text}?"))),
    }
}

fn stretch(text: &str) -> (Month, Option<Month>) {
    let (from, to) = text.split_once(" to ").map_or((text, None), |(from, to)| (from, Some(to)));
    (from.parse().expect("a month"), to.map(|to| to.parse().expect("a month")))
}

fn anywhere() -> Scope {
    let measures = [MEASURE, "part", "whole"].map(MeasureId::from).to_vec();
    Scope { measures, areas: Vec::new() }
}

fn place(name: &str) -> Area {
    Area {
        code: AreaCode::new(name),
        name: name.to_owned(),
        aliases: Vec::new(),
        geography: Geography::District,
        districts: Vec::new(),
    }
}

fn partnership() -> Partnership {
    Partnership {
        name: String::new(),
        short_name: String::new(),
        home: BTreeMap::from([(Geography::District, HOME.into())]),
        areas: vec![place(HOME)],
        peer_sets: vec![PeerSet {
            id: "peers".to_owned(),
            label: "the peers".to_owned(),
            geography: Geography::District,
            areas: vec![HOME.into()],
            vintage: String::new(),
        }],
        priorities: Vec::new(),
        success_measures: Vec::new(),
        targets: Vec::new(),
        partners: Vec::new(),
        recipients: Vec::new(),
    }
}

/// `complete`, `in progress by 2025-03-31`.
fn action_item(number: &str, text: &str) -> ActionItem {
    let (status, by) = text.split_once(" by ").unwrap_or((text, ""));
    ActionItem {
        number: number.to_owned(),
        action: String::new(),
        lead: String::new(),
        others: String::new(),
        by_when: by.parse().map_or(ByWhen::Ongoing, ByWhen::Date),
        update: String::new(),
        status: match status {
            "complete" => ActionStatus::Complete,
            "in progress" => ActionStatus::InProgress,
            other => panic!("{other}?"),
        },
        place: Place::file(),
    }
}
