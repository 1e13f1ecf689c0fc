//! The finding: subject, heading, tiles, and what has changed.

use std::collections::BTreeSet;

use analysis::{DisclosedIndicator, ShownNumber, Verdict};
use model::{Grain, Mark, Period, Unit};

use super::figures::{self, printed_marks};
use super::{Reported, verdict_tag};
use crate::partner_text::{NAME_MAX, SENTENCE_MAX, clean, shortened};
use crate::report_model::{ActionsSection, ChangeLine, Headline, RevisionSection, TagKind, Tile};
use crate::spec::ReportSpec;
use crate::words;

/// Longest subject that most mail programs show whole, in characters.
const SUBJECT_MAX: usize = 77;
/// Longest preheader that mail programs show.
const PREHEADER_MAX: usize = 200;
/// Indicators named in a heading.
const NAMES_MAX: usize = 3;
/// Lines of *What has changed*.
const CHANGES_MIN: usize = 3;
const CHANGES_MAX: usize = 6;
/// Lines about indicators that cannot be judged, at most.
const CANNOT_JUDGE_MAX: usize = 2;

/// Indicators by verdict, in the plan's order.
pub(crate) struct Tally<'a> {
    concerns: Vec<&'a Reported<'a>>,
    improving: Vec<&'a Reported<'a>>,
    no_change: Vec<&'a Reported<'a>>,
    cannot_judge: Vec<&'a Reported<'a>>,
}

impl<'a> Tally<'a> {
    pub(crate) fn of(rows: &'a [Reported<'a>]) -> Self {
        let with = |verdict| rows.iter().filter(|row| row.shown.verdict == verdict).collect();
        Self {
            concerns: with(Verdict::Concern),
            improving: with(Verdict::Improving),
            no_change: with(Verdict::NoChange),
            cannot_judge: with(Verdict::CannotJudge),
        }
    }

    /// Of some of them.
    pub(crate) fn of_some(rows: &[&'a Reported<'a>]) -> Self {
        let with =
            |verdict| rows.iter().copied().filter(|row| row.shown.verdict == verdict).collect();
        Self {
            concerns: with(Verdict::Concern),
            improving: with(Verdict::Improving),
            no_change: with(Verdict::NoChange),
            cannot_judge: with(Verdict::CannotJudge),
        }
    }

    fn len(&self) -> usize {
        let Self { concerns, improving, no_change, cannot_judge } = self;
        [concerns, improving, no_change, cannot_judge].map(Vec::len).iter().sum()
    }

    pub(crate) fn tiles(&self) -> Vec<Tile> {
        let tile = |rows: &[&Reported<'_>], one: &str, many: &str, kind| Tile {
            count: rows.len(),
            label: if rows.len() == 1 { one } else { many }.to_owned(),
            kind,
        };
        vec![
            tile(&self.concerns, "concern", "concerns", TagKind::Concern),
            tile(&self.improving, "improving", "improving", TagKind::Improving),
            tile(&self.no_change, "no change", "no change", TagKind::NoChange),
            tile(&self.cannot_judge, "cannot judge", "cannot judge", TagKind::CannotJudge),
        ]
    }
}

/// `[OFFICIAL] Sevenoaks CSP: 2 concerns in quarter 1, April to June 2025`; without the months
/// where it would be cut.
pub(crate) fn subject(tally: &Tally<'_>, spec: &ReportSpec<'_>) -> String {
    let marking = clean(&spec.marking, NAME_MAX);
    let marking = if marking.is_empty() { String::new() } else { format!("[{marking}] ") };
    let name = clean(&spec.partnership.short_name, NAME_MAX);
    let concerns = match tally.concerns.len() {
        0 if tally.is_unjudged() => "nothing could be judged".to_owned(),
        0 => "no concerns".to_owned(),
        number => words::counted(number, "concern", "concerns"),
    };
    let again = if spec.corrects.is_some() { "Corrected: " } else { "" };
    let period = words::period_name(spec.period);
    let short = format!("{marking}{again}{name}: {concerns} in {period}");
    let long = format!("{short}, {}", spec.period.calendar());
    let names_months = spec.period.grain() == Grain::Quarter;
    if names_months && long.chars().count() <= SUBJECT_MAX { long } else { short }
}

impl Tally<'_> {
    /// Whether no indicator could be judged: "no concerns" would then be a false comfort.
    fn is_unjudged(&self) -> bool {
        let judged = self.concerns.len() + self.improving.len() + self.no_change.len();
        judged == 0 && !self.cannot_judge.is_empty()
    }
}

/// `Two of nine indicators are of concern: robbery and arson`.
pub(crate) fn verdict_counts(tally: &Tally<'_>, spec: &ReportSpec<'_>) -> String {
    let all = words::count_in_words(tally.len());
    match tally.concerns.len() {
        _ if tally.len() == 1 => {
            let rows = [&tally.concerns, &tally.improving, &tally.no_change, &tally.cannot_judge];
            rows.into_iter().flatten().next().map_or_else(String::new, |row| {
                let tag = verdict_tag(row.shown.verdict, row.measure.polarity);
                format!("{}: {}", row.name, tag.word.to_lowercase())
            })
        }
        _ if tally.is_unjudged() => "Nothing could be judged".to_owned(),
        0 => format!("None of {all} indicators is of concern"),
        number => {
            let count = words::capitalised(&words::count_in_words(number));
            let verb = if number == 1 { "is" } else { "are" };
            let names = words::list(&names(&tally.concerns, spec), NAMES_MAX);
            format!("{count} of {all} indicators {verb} of concern: {names}")
        }
    }
}

/// The report in a few sentences that may be read by themselves.
pub(crate) fn preheader(
    tally: &Tally<'_>,
    (actions, revisions): (&ActionsSection, &RevisionSection),
    spec: &ReportSpec<'_>,
) -> String {
    let mut sentences = Vec::new();
    // What was concluded before and no longer holds comes before what is new.
    if !revisions.verdicts.is_empty() {
        let verdicts = words::counted(revisions.verdicts.len(), "verdict", "verdicts");
        sentences.push(format!("Corrected: {verdicts} of the last report."));
    }
    let named = |rows: &[&Reported<'_>]| words::list(&names(rows, spec), NAMES_MAX);
    if !tally.concerns.is_empty() {
        sentences.push(format!("Of concern: {}.", named(&tally.concerns)));
    }
    if !tally.improving.is_empty() {
        sentences.push(format!("Improving: {}.", named(&tally.improving)));
    }
    if !tally.cannot_judge.is_empty() {
        sentences.push(format!("{} cannot be judged.", tally.cannot_judge.len()));
    }
    let overdue = actions.all_data.iter().filter(|action| action.days_late.is_some()).count();
    if overdue > 0 {
        sentences.push(format!("{} overdue.", words::counted(overdue, "action", "actions")));
    }
    if sentences.is_empty() {
        sentences.push("Nothing has changed by more than chance variation explains.".to_owned());
    }
    shortened(&sentences.join(" "), PREHEADER_MAX)
}

pub(crate) fn headline(
    tally: &Tally<'_>,
    rows: &[Reported<'_>],
    spec: &ReportSpec<'_>,
) -> Headline {
    let period = words::period_name(spec.period);
    let finding = match (tally.concerns.len(), tally.cannot_judge.len()) {
        (0, _) if tally.is_unjudged() => format!("Nothing could be judged in {period}"),
        (0, 0) => format!("No concerns in {period}"),
        (0, 1) => format!("No concerns in {period}; 1 indicator cannot be judged"),
        (0, many) => format!("No concerns in {period}; {many} indicators cannot be judged"),
        (number, _) => {
            let count = words::capitalised(&words::count_in_words(number));
            let noun = if number == 1 { "concern" } else { "concerns" };
            let names = words::list(&names(&tally.concerns, spec), NAMES_MAX);
            format!("{count} {noun} in {period}: {names}")
        }
    };
    let standing = [
        format!("{}, {}.", clean(&spec.partnership.name, NAME_MAX), spec.period.calendar()),
        provisional(rows),
        format!("As known on {}.", words::date(spec.as_of)),
    ];
    let standing: Vec<String> = standing.into_iter().filter(|text| !text.is_empty()).collect();
    Headline { finding, standing: standing.join(" ") }
}

pub(crate) fn provisional(rows: &[Reported<'_>]) -> String {
    let known: Vec<&ShownNumber> =
        rows.iter().map(|row| &row.shown.value).filter(|number| number.value().is_some()).collect();
    let provisional = known.iter().filter(|number| number.marks().contains(Mark::P)).count();
    match provisional {
        0 => String::new(),
        all if all == known.len() => "All figures are provisional [p].".to_owned(),
        _ => "Some figures are provisional [p].".to_owned(),
    }
}

/// Names as they stand inside a sentence.
fn names(rows: &[&Reported<'_>], spec: &ReportSpec<'_>) -> Vec<String> {
    let proper = proper_nouns(spec);
    rows.iter().map(|row| inside_sentence(&row.name, &proper)).collect()
}

/// First words that keep their capital: those of partners and areas.
fn proper_nouns(spec: &ReportSpec<'_>) -> BTreeSet<String> {
    let partners = spec.partnership.partners.iter().map(|partner| partner.name.as_str());
    let areas = spec.partnership.areas.iter().map(|area| area.name.as_str());
    partners
        .chain(areas)
        .filter_map(|name| name.split_whitespace().next())
        .map(str::to_owned)
        .collect()
}

/// Without the capital of a name's first word, unless it is an abbreviation or a proper noun.
fn inside_sentence(name: &str, proper: &BTreeSet<String>) -> String {
    let first = name.split_whitespace().next().unwrap_or_default();
    let is_plain = first.chars().skip(1).all(|c| !c.is_uppercase() && !c.is_ascii_digit());
    if !is_plain || first.chars().count() < 2 || proper.contains(first) {
        return name.to_owned();
    }
    let mut characters = name.chars();
    let lower: String = characters.next().into_iter().flat_map(char::to_lowercase).collect();
    format!("{lower}{}", characters.as_str())
}

/// What has changed: concerns, then improvements, then what cannot be judged for want of figures;
/// filled up with what has not changed when there is little to say. Says what it leaves out.
pub(crate) fn changes(rows: &[Reported<'_>], spec: &ReportSpec<'_>) -> (Vec<ChangeLine>, String) {
    let tally = Tally::of(rows);
    // One line is kept for what gets better, however much gets worse.
    let concerns_max = CHANGES_MAX - usize::from(!tally.improving.is_empty());
    let mut chosen: Vec<&Reported<'_>> =
        tally.concerns.iter().copied().take(concerns_max).collect();
    let concerns = chosen.len();
    chosen.extend(tally.improving.iter().copied().take(CHANGES_MAX - chosen.len()));
    let improving = chosen.len() - concerns;
    let missing = tally
        .cannot_judge
        .iter()
        .copied()
        .filter(|row| super::indicators::has_no_figure(row.shown));
    chosen.extend(missing.take(CANNOT_JUDGE_MAX.min(CHANGES_MAX - chosen.len())));
    let fill = CHANGES_MIN.saturating_sub(chosen.len());
    let unjudged =
        tally.cannot_judge.iter().filter(|row| !super::indicators::has_no_figure(row.shown));
    chosen.extend(tally.no_change.iter().chain(unjudged).copied().take(fill));
    let lines = chosen
        .into_iter()
        .map(|row| ChangeLine {
            priority_id: row.priority_id.clone(),
            tag: verdict_tag(row.shown.verdict, row.measure.polarity),
            indicator: row.name.clone(),
            sentence: sentence(row, spec.period),
        })
        .collect();
    (lines, left_out(&tally, concerns, improving))
}

fn left_out(tally: &Tally<'_>, concerns: usize, improving: usize) -> String {
    let left = [
        (tally.concerns.len() - concerns, "concern", "concerns"),
        (tally.improving.len() - improving, "improvement", "improvements"),
    ];
    let parts: Vec<String> = left
        .into_iter()
        .filter(|(number, _, _)| *number > 0)
        .map(|(number, one, many)| {
            words::counted(number, &format!("more {one}"), &format!("more {many}"))
        })
        .collect();
    match parts.as_slice() {
        [] => String::new(),
        parts => format!("{} in Table 1.", words::list(parts, 2)),
    }
}

/// Figure and basis, then why the verdict, then the place among peers.
pub(crate) fn sentence(row: &Reported<'_>, period: Period) -> String {
    let reason = clean(&row.shown.reason, SENTENCE_MAX);
    let figure = figure_and_basis(row.shown, row.measure.unit, period);
    let mut text = match figure {
        Some(figure) => format!("{figure}. {}", words::sentence(&reason)),
        None => stopped(&reason),
    };
    let position = figures::position_words(row.shown, row.measure.polarity);
    if !position.is_empty() {
        text = format!("{text} {}", words::sentence(&position));
    }
    if let Some(target) = figures::target_words(row.shown) {
        text = format!("{text} {target}");
    }
    text
}

fn stopped(text: &str) -> String {
    if text.ends_with('.') { text.to_owned() } else { format!("{text}.") }
}

pub(crate) fn figure_and_basis(
    shown: &DisclosedIndicator,
    unit: Unit,
    period: Period,
) -> Option<String> {
    let noun = words::period_noun(period);
    if let Some(now) = shown.value.value() {
        let now = format!("{} this {noun}", words::amount(now, unit));
        let basis = format!("in the same {noun} last year");
        return Some(match shown.change.value() {
            Some(change) => {
                let percent = shown
                    .change_tenths_pct
                    .map(|tenths| words::percent_change(tenths, shown.change.is_rounded()))
                    .map_or_else(String::new, |percent| format!(" ({percent})"));
                let about = about(&shown.change);
                format!("{now}, {about}{} {basis}{percent}", comparison(change, unit))
            }
            None => format!("{now}; {basis} {}", printed_marks(&shown.year_before)),
        });
    }
    let rolling = &shown.rolling_12_months;
    let now = rolling.value()?;
    let last = period.last();
    let now =
        format!("{} in the 12 months to {} {}", words::amount(now, unit), last.name(), last.year());
    let before = shown.rolling_12_months_previous.value();
    let change = before.and_then(|before| rolling.value()?.checked_sub(before));
    Some(match change {
        Some(change) => {
            let about = about(rolling);
            format!("{now}, {about}{} in the 12 months before", comparison(change, unit))
        }
        None => now,
    })
}

/// What is made of rounded figures holds only about.
fn about(number: &analysis::ShownNumber) -> &'static str {
    if number.is_rounded() { "about " } else { "" }
}

/// `71 more than`, `£20 less than`, `1.2 points lower than`, `as many as`.
fn comparison(change: i64, unit: Unit) -> String {
    let size = words::difference(change, unit);
    match (change.signum(), unit) {
        (0, Unit::Count) => "as many as".to_owned(),
        (0, _) => "the same as".to_owned(),
        (1, Unit::Percent | Unit::Decimal) => format!("{size} higher than"),
        (_, Unit::Percent | Unit::Decimal) => format!("{size} lower than"),
        (1, _) => format!("{size} more than"),
        (_, Unit::Pounds) => format!("{size} less than"),
        _ => format!("{size} fewer than"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::{HOME, Sample};

    #[test]
    fn names_lose_their_capital_inside_a_sentence_only_where_they_may() {
        let proper = BTreeSet::from(["Kent".to_owned()]);
        let inside = |name: &str| inside_sentence(name, &proper);
        insta::assert_snapshot!(inside("Shoplifting"), @"shoplifting");
        insta::assert_snapshot!(inside("Anti-social behaviour incidents"), @"anti-social behaviour incidents");
        insta::assert_snapshot!(inside("ASB complaints (illustrative)"), @"ASB complaints (illustrative)");
        insta::assert_snapshot!(inside("DAVSS referrals"), @"DAVSS referrals");
        insta::assert_snapshot!(inside("Kent Police visits"), @"Kent Police visits");
        insta::assert_snapshot!(inside(""), @"");
    }

    #[test]
    fn a_comparison_reads_right_in_every_unit() {
        let all = |unit| [71, -71, 0].map(|change| comparison(change, unit)).join(" | ");
        insta::assert_snapshot!(all(Unit::Count), @"71 more than | 71 fewer than | as many as");
        insta::assert_snapshot!(all(Unit::Pounds), @"£0.71 more than | £0.71 less than | the same as");
        insta::assert_snapshot!(all(Unit::Percent), @"0.7 points higher than | 0.7 points lower than | the same as");
        insta::assert_snapshot!(all(Unit::Decimal), @"0.71 higher than | 0.71 lower than | the same as");
    }

    fn findings(sample: &Sample) -> String {
        let model = sample.model();
        format!(
            "{}\n{}\n{}\n{}",
            model.subject, model.headline.finding, model.headline.standing, model.preheader
        )
    }

    #[test]
    fn the_finding_in_one_line() {
        insta::assert_snapshot!(findings(&Sample::small()), @r"
            [OFFICIAL] Sevenoaks CSP: 1 concern in quarter 1, April to June 2025
            One concern in quarter 1: anti-social behaviour incidents
            Sevenoaks District Community Safety Partnership, April to June 2025. Some figures are provisional [p]. As known on 21 July 2025.
            Of concern: anti-social behaviour incidents. Improving: burglary of a home. 2 cannot be judged. 1 action overdue.
        ");
        insta::assert_snapshot!(findings(&Sample::large()), @r"
            [OFFICIAL] Sevenoaks CSP: 7 concerns in quarter 1, April to June 2025
            Seven concerns in quarter 1: all victim-based crime, anti-social behaviour incidents, criminal damage and arson and 4 more
            Sevenoaks District Community Safety Partnership, April to June 2025. Some figures are provisional [p]. As known on 21 July 2025.
            Of concern: all victim-based crime, anti-social behaviour incidents, criminal damage and arson and 4 more. Improving: burglary of a home. 9 cannot be judged. 19 actions overdue.
        ");
        let mut calm = Sample::empty();
        calm.measure("robbery", "Robbery", |measure| measure.provisional = true);
        calm.quarters("robbery", HOME, &[30, 30, 30, 30, 31]);
        insta::assert_snapshot!(findings(&calm), @r"
            [OFFICIAL] Sevenoaks CSP: no concerns in quarter 1, April to June 2025
            No concerns in quarter 1
            Sevenoaks District Community Safety Partnership, April to June 2025. All figures are provisional [p]. As known on 21 July 2025.
            Nothing has changed by more than chance variation explains.
        ");
        calm.measure("theft", "Theft", |_| ());
        insta::assert_snapshot!(findings(&calm), @r"
            [OFFICIAL] Sevenoaks CSP: no concerns in quarter 1, April to June 2025
            No concerns in quarter 1; 1 indicator cannot be judged
            Sevenoaks District Community Safety Partnership, April to June 2025. All figures are provisional [p]. As known on 21 July 2025.
            1 cannot be judged.
        ");
    }

    #[test]
    fn a_long_subject_gives_up_the_months_first() {
        let mut sample = Sample::empty();
        "North and East Somewhere Community Safety CSP"
            .clone_into(&mut sample.partnership.short_name);
        let subject = sample.model().subject;
        insta::assert_snapshot!(subject, @"[OFFICIAL] North and East Somewhere Community Safety CSP: no concerns in quarter 1");
        let mut sample = Sample::empty();
        "Evil\r\nBcc: all@example.org".clone_into(&mut sample.partnership.short_name);
        assert!(!sample.model().subject.contains(['\r', '\n']));
    }

    #[test]
    fn three_to_six_lines_say_what_has_changed() {
        for (sample, lines) in [(Sample::empty(), 0), (Sample::small(), 3), (Sample::large(), 6)] {
            assert_eq!(sample.model().changes.len(), lines);
        }
        let model = Sample::large().model();
        let improving =
            model.changes.iter().filter(|line| line.tag.kind == TagKind::Improving).count();
        assert_eq!(improving, 1, "one line is kept for what gets better");
        insta::assert_snapshot!(model.changes_more, @"2 more concerns in Table 1.");
        let tiles: Vec<String> =
            model.tiles.iter().map(|tile| format!("{} {}", tile.count, tile.label)).collect();
        insta::assert_snapshot!(tiles.join(", "), @"7 concerns, 1 improving, 23 no change, 9 cannot judge");
    }
}
