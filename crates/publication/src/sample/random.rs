//! Random reports: anything that configuration and partners may bring, from nothing at all to two
//! hundred indicators.

use jiff::civil::{Date, date};
use model::{
    ActionStatus, Area, ByWhen, DatedEvent, Disclosure, MeasureId, Month, Polarity, Priority,
    Rebase, ReturnState, Scope, SeriesBreak, SubmissionState, SuccessRule, Unit,
};

use super::{HOME, Sample};
use crate::spec::{Note, QualityLine, ReturnLine, SourceLine};

/// Numbers that only look random: the same seed gives the same report on every machine.
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed ^ 0x9e37_79b9_7f4a_7c15)
    }

    fn next(&mut self) -> u64 {
        // SplitMix64.
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// From 0, below `end`.
    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.next() % end.max(1)
    }

    fn number(&mut self, end: i64) -> i64 {
        i64::try_from(self.below(u64::try_from(end).unwrap_or(1))).unwrap_or(0)
    }

    /// One time in so many.
    fn once_in(&mut self, many: u64) -> bool {
        self.below(many) == 0
    }

    fn of<T: Copy>(&mut self, items: &[T]) -> T {
        items[usize::try_from(self.below(items.len() as u64)).unwrap_or(0)]
    }

    fn day(&mut self) -> Date {
        let (month, day) = (self.number(12) + 1, self.number(28) + 1);
        let year = 2023 + self.number(3);
        let small = |number: i64| i8::try_from(number).unwrap_or(1);
        date(i16::try_from(year).unwrap_or(2025), small(month), small(day))
    }
}

const WORDS: [&str; 24] = [
    "burglary",
    "of",
    "a",
    "home",
    "violence",
    "with",
    "injury",
    "reported",
    "to",
    "the",
    "council",
    "shoplifting",
    "anti-social",
    "behaviour",
    "DAVSS",
    "referrals",
    "(illustrative)",
    "visits",
    "Community",
    "Wardens",
    "young",
    "people",
    "offences",
    "–",
];
const ODD: [&str; 16] = [
    "🚔🔥",
    "👩‍👩‍👧",
    "التقرير الفصلي",
    "דוח רבעוני",
    "警察白書",
    "Žlutý kůň",
    "e\u{301}lan",
    "<b>bold</b>",
    "{{ 7*7 }}",
    "=HYPERLINK(\"x\")",
    "#set page(width: 1pt)",
    "\u{202e}gnp.exe",
    "a\u{0}b",
    "☎️ 999",
    "\"quoted\" & 'single'",
    "[note 1]",
];

/// A name as partners and people write them: short or long, plain or odd, rarely nothing at all.
pub(crate) fn name(dice: &mut Dice) -> String {
    if dice.once_in(60) {
        return String::new();
    }
    if dice.once_in(40) {
        return dice.of(&["Zuständigkeit", "x", "W", "—"]).repeat(40);
    }
    let length = if dice.once_in(12) { 60 } else { 1 + dice.below(7) };
    let mut words = Vec::new();
    for _ in 0..length {
        words.push(if dice.once_in(9) { dice.of(&ODD) } else { dice.of(&WORDS) });
    }
    words.join(" ")
}

/// How large counts are: none, few, usual, many, more than there are people.
fn base(dice: &mut Dice) -> i64 {
    dice.of(&[0, 0, 2, 8, 40, 400, 9_000, 1_200_000, 900_000_000_000])
}

impl Sample {
    /// A random report.
    pub(crate) fn random(seed: u64) -> Self {
        let dice = &mut Dice::new(seed);
        let mut sample = Self::empty();
        sample.partnership.name = name(dice);
        sample.partnership.short_name = name(dice);
        for rank in 3..3 + u32::try_from(dice.below(5)).unwrap_or(0) {
            let id = format!("priority-{rank}").as_str().into();
            sample.partnership.priorities.push(Priority { id, rank, title: name(dice) });
        }
        sample.random_peers(dice);
        let indicators = match dice.below(40) {
            0 => 200,
            1 => 0,
            2..6 => 1 + dice.below(40),
            _ => 1 + dice.below(8),
        };
        for index in 0..indicators {
            sample.random_indicator(index, dice);
        }
        sample.random_plan(dice);
        sample.random_evidence(dice);
        sample
    }

    fn random_peers(&mut self, dice: &mut Dice) {
        for index in 0..dice.of(&[0_u64, 0, 5, 9, 12]) {
            let code = format!("E0700{:04}", 200 + index);
            let like = self.partnership.areas[0].clone();
            let area = Area { code: code.as_str().into(), name: name(dice), ..like };
            self.partnership.peer_sets[0].areas.push(area.code.clone());
            self.partnership.areas.push(area);
            let residents = dice.of(&[1, 900, 40_000, 120_000, 2_000_000]) + dice.number(50_000);
            self.residents.insert(code, residents);
        }
    }

    fn random_indicator(&mut self, index: u64, dice: &mut Dice) {
        let id = format!("measure-{index:03}");
        let priorities: Vec<model::PriorityId> =
            self.partnership.priorities.iter().map(|priority| priority.id.clone()).collect();
        let priority =
            priorities[usize::try_from(dice.below(priorities.len() as u64)).unwrap_or(0)].clone();
        let (label, definition) =
            (name(dice), if dice.once_in(3) { name(dice) } else { String::new() });
        let unit = dice.of(&[
            Unit::Count,
            Unit::Count,
            Unit::Count,
            Unit::Pounds,
            Unit::Percent,
            Unit::Decimal,
        ]);
        let open = dice.of(&[
            Disclosure::Open,
            Disclosure::Open,
            Disclosure::Rounded,
            Disclosure::Suppressed,
        ]);
        let polarity =
            dice.of(&[Polarity::LowerIsBetter, Polarity::HigherIsBetter, Polarity::Neutral]);
        let (rate, provisional, made_up) = (dice.once_in(2), dice.once_in(3), dice.once_in(4));
        self.measure(&id, &label, |measure| {
            measure.priority = Some(priority);
            measure.definition = definition;
            measure.unit = unit;
            measure.disclosure = if unit == Unit::Count { open } else { Disclosure::Open };
            measure.polarity = polarity;
            measure.per_1000 = rate && unit == Unit::Count;
            measure.provisional = provisional;
            measure.illustrative = made_up;
        });
        self.random_series(&id, dice);
        if unit == Unit::Count && dice.once_in(4) {
            let (now, before) = (base(dice), base(dice));
            self.part(&id, "risk", "high", now, before);
            self.part(&id, "risk", "standard", before, now);
        }
        self.random_notes(&id, dice);
    }

    fn random_series(&mut self, id: &str, dice: &mut Dice) {
        let areas: Vec<String> =
            self.partnership.areas.iter().map(|area| area.code.to_string()).collect();
        let by_month = dice.once_in(2);
        let length = if by_month {
            dice.of(&[0_i64, 1, 6, 8, 13, 30, 48])
        } else {
            dice.of(&[0, 1, 2, 5, 8, 9])
        };
        let (level, step) = (base(dice), dice.of(&[0, 0, 1, 30]));
        // Peers matter for the quarter and the year before only.
        for area in &areas {
            if area != HOME && !dice.once_in(1 + areas.len() as u64 / 4) && dice.once_in(2) {
                continue;
            }
            let length = if area == HOME { length } else { length.min(24) };
            let values: Vec<i64> = (0..length)
                .map(|at| level + dice.number(level / 4 + 3) + step * at * (1 + level / 50))
                .collect();
            if by_month {
                self.months(id, area, &values);
            } else {
                self.quarters(id, area, &values);
            }
        }
        if dice.once_in(8) {
            let mark = dice.of(&[model::Mark::C, model::Mark::X]);
            self.missing(id, mark);
        }
    }

    fn random_notes(&mut self, id: &str, dice: &mut Dice) {
        let scope = || Scope { measures: vec![MeasureId::new(id)], areas: Vec::new() };
        let month = |dice: &mut Dice| Month::of(dice.day());
        if dice.once_in(5) {
            let (from, why) = (month(dice), name(dice));
            let spliced = dice.once_in(3);
            let id = format!("break-{id}");
            self.notes.breaks.push(SeriesBreak {
                id,
                scope: scope(),
                from,
                to: None,
                why,
                spliced,
            });
        }
        if dice.once_in(6) {
            let (from, why, decided) = (month(dice), name(dice), dice.day());
            self.notes.rebases.push(Rebase { scope: scope(), from, why, decided });
        }
        while dice.once_in(3) {
            self.events.push(DatedEvent { scope: scope(), on: dice.day(), label: name(dice) });
        }
        if dice.once_in(5) {
            self.target(id, base(dice));
        }
        if dice.once_in(4) {
            let note = random_note(dice);
            self.commentary.measures.entry(id.into()).or_default().push(note);
        }
    }

    fn random_plan(&mut self, dice: &mut Dice) {
        for number in 0..dice.of(&[0_u64, 1, 4, 30]) {
            let due = match dice.below(4) {
                0 => ByWhen::Ongoing,
                1 => ByWhen::Unclear(name(dice)),
                _ => ByWhen::Date(dice.day()),
            };
            let status = dice.of(&[
                ActionStatus::Complete,
                ActionStatus::InProgress,
                ActionStatus::NotStarted,
                ActionStatus::NotReported,
            ]);
            self.action(
                &format!("{}.{}", 1 + number / 7, 1 + number % 7),
                &name(dice),
                due,
                status,
            );
        }
        let measures: Vec<String> = self.measures.keys().map(ToString::to_string).collect();
        for (index, measure) in measures.iter().enumerate().take(12) {
            if dice.once_in(2) {
                let rule = match dice.below(5) {
                    0 => SuccessRule::MaintainPosition { within: 3 },
                    1 => SuccessRule::Increase,
                    2 => SuccessRule::HaltTheRise,
                    3 => SuccessRule::Monitor,
                    _ => SuccessRule::Reduce,
                };
                self.success_measure(&format!("success-{index}"), &name(dice), &[measure], rule);
            }
        }
    }

    fn random_evidence(&mut self, dice: &mut Dice) {
        for _ in 0..dice.of(&[0_u64, 1, 12]) {
            self.returns.push(ReturnLine {
                partner: name(dice),
                title: name(dice),
                due: (!dice.once_in(4)).then(|| dice.day()),
                state: dice.of(&[
                    ReturnState::Accepted,
                    ReturnState::Late,
                    ReturnState::Queried,
                    ReturnState::Expected,
                    ReturnState::Waived,
                ]),
                arrived: dice.once_in(2).then(|| dice.day()),
                refused_for: dice.once_in(4).then(|| "wrong-period".to_owned()),
                waived: dice.once_in(6).then(|| name(dice)),
            });
            self.sources.push(SourceLine {
                partner: name(dice),
                return_title: name(dice),
                file: name(dice),
                arrived: dice.day(),
                sha256_short: "3b1f0c9d2a7e".to_owned(),
                cells: usize::try_from(dice.below(3_000)).unwrap_or(0),
                state: dice.of(&[SubmissionState::Accepted, SubmissionState::Refused]),
            });
            let code = dice.of(&["breakdown-differs", "no-such-code", "blank-cell"]).to_owned();
            self.quality.push(QualityLine { return_title: name(dice), code });
        }
        if dice.once_in(2) {
            self.commentary.report.push(random_note(dice));
        }
    }
}

fn random_note(dice: &mut Dice) -> Note {
    let paragraphs = (0..=dice.below(3)).map(|_| name(dice)).collect();
    Note { by: name(dice), on: dice.day(), paragraphs }
}
