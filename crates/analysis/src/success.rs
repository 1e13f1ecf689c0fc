//! Success measures of the plan, judged from what may be shown.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use model::{
    ActionItem, AreaCode, Breakdown, Geography, Measure, MeasureId, Partnership, Per, Polarity,
    SuccessMeasure, SuccessRule, Unit,
};

use crate::compare::Evidence;
use crate::disclosure::{DisclosedIndicator, DisclosedTable};
use crate::funnel::FunnelFlag;
use crate::indicator::{IndicatorKey, Position};
use crate::protection::ShownNumber;
use crate::words::{amount, ordinal};

/// The verdict on a success measure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SuccessVerdict {
    /// Holds this quarter.
    Met,
    /// Being delivered, in time.
    OnTrack,
    /// Part of it is overdue.
    AtRisk,
    /// Does not hold this quarter.
    NotMet,
    /// There is not enough to judge by.
    CannotJudge,
}

impl SuccessVerdict {
    /// `met`, `on-track`, `at-risk`, `not-met` or `cannot-judge`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Met => "met",
            Self::OnTrack => "on-track",
            Self::AtRisk => "at-risk",
            Self::NotMet => "not-met",
            Self::CannotJudge => "cannot-judge",
        }
    }
}

/// A success measure, its verdict, and the sentence that explains it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SuccessOutcome {
    /// Its key in `partnership.toml`.
    pub id: String,
    /// As the plan words it.
    pub text: String,
    /// The verdict.
    pub verdict: SuccessVerdict,
    /// Why.
    pub sentence: String,
}

/// Judges every success measure of the plan, as of a date for what is to be delivered.
pub fn judge_success(
    table: &DisclosedTable,
    partnership: &Partnership,
    measures: &BTreeMap<MeasureId, Measure>,
    actions: &[ActionItem],
    as_of: jiff::civil::Date,
) -> Vec<SuccessOutcome> {
    let judge = |success: &SuccessMeasure| {
        let (verdict, sentence) = match (&success.cannot_judge, &success.rule) {
            (Some(why), _) => (SuccessVerdict::CannotJudge, why.clone()),
            (None, SuccessRule::Deliver { actions: numbers, by }) => {
                delivered(numbers, *by, actions, as_of)
            }
            (None, rule) => by_figures(rule, success, table, partnership, measures),
        };
        let (id, text) = (success.id.clone(), success.text.clone());
        SuccessOutcome { id, text, verdict, sentence: sentence_case(&sentence) }
    };
    partnership.success_measures.iter().map(judge).collect()
}

fn sentence_case(text: &str) -> String {
    let mut characters = text.chars();
    let first: String = characters.next().into_iter().flat_map(char::to_uppercase).collect();
    let stop = if text.ends_with('.') { "" } else { "." };
    format!("{first}{}{stop}", characters.as_str())
}

/// A success measure over several measures holds when it holds for each: the worst verdict counts.
fn by_figures(
    rule: &SuccessRule,
    success: &SuccessMeasure,
    table: &DisclosedTable,
    partnership: &Partnership,
    measures: &BTreeMap<MeasureId, Measure>,
) -> (SuccessVerdict, String) {
    let mut worst = SuccessVerdict::Met;
    let mut sentences = Vec::new();
    for id in &success.measures {
        let label = measures.get(id).map_or(id.as_str(), |measure| &measure.label);
        let geography = measures.get(id).map_or(Geography::District, |measure| measure.geography);
        let home = partnership.home.get(&geography);
        let row = home.and_then(|area| table.get(&key(id, area)));
        let (verdict, why) = row.map_or_else(
            || (SuccessVerdict::CannotJudge, "no figures have arrived".to_owned()),
            |row| one(rule, row, measures.get(id)),
        );
        if severity(verdict) > severity(worst) {
            worst = verdict;
        }
        sentences.push(format!("{label}: {why}"));
    }
    if sentences.is_empty() {
        return (SuccessVerdict::CannotJudge, "no return carries a figure for it".to_owned());
    }
    if *rule == SuccessRule::Monitor {
        sentences.push("the plan names neither a level nor a direction".to_owned());
    }
    (worst, sentences.join("; "))
}

fn key(measure: &MeasureId, area: &AreaCode) -> IndicatorKey {
    IndicatorKey { measure: measure.clone(), area: area.clone(), breakdown: Breakdown::all() }
}

fn severity(verdict: SuccessVerdict) -> u8 {
    match verdict {
        SuccessVerdict::Met => 0,
        SuccessVerdict::OnTrack => 1,
        SuccessVerdict::AtRisk => 2,
        SuccessVerdict::CannotJudge => 3,
        SuccessVerdict::NotMet => 4,
    }
}

fn one(
    rule: &SuccessRule,
    row: &DisclosedIndicator,
    measure: Option<&Measure>,
) -> (SuccessVerdict, String) {
    let gap = || {
        if row.value.is_withheld() || row.year_before.is_withheld() {
            return "a figure is withheld so that nobody can be identified".to_owned();
        }
        row.gaps.first().cloned().unwrap_or_else(|| "no figures".to_owned())
    };
    let cannot = |why: String| (SuccessVerdict::CannotJudge, why);
    match rule {
        SuccessRule::MaintainPosition { within } => match &row.position {
            Some(position) => maintained(position, row.position_year_before.as_ref(), *within, row),
            None => cannot(gap_about_position(row).unwrap_or_else(gap)),
        },
        SuccessRule::ImprovePosition => improved(row),
        SuccessRule::Reduce => by_change(row, Wanted::Fewer).unwrap_or_else(|| cannot(gap())),
        SuccessRule::Increase => by_change(row, Wanted::More).unwrap_or_else(|| cannot(gap())),
        SuccessRule::HaltTheRise => by_change(row, Wanted::NoMore).unwrap_or_else(|| cannot(gap())),
        SuccessRule::AtLeast { value, per } => {
            level(row, measure, (*value, *per), true).unwrap_or_else(|| cannot(gap()))
        }
        SuccessRule::MaintainRate { value, per } => {
            let more = measure.is_some_and(|it| it.polarity == Polarity::HigherIsBetter);
            level(row, measure, (*value, *per), more).unwrap_or_else(|| cannot(gap()))
        }
        SuccessRule::Monitor => cannot(watched(row, measure).unwrap_or_else(gap)),
        SuccessRule::Deliver { .. } => cannot(gap()),
    }
}

/// What is said of a position that there is not, before what is said of other figures.
fn gap_about_position(row: &DisclosedIndicator) -> Option<String> {
    let about = |gap: &&String| gap.starts_with("no position") || gap.starts_with("no rate");
    row.gaps.iter().find(about).cloned()
}

fn maintained(
    position: &Position,
    before: Option<&Position>,
    within: u32,
    row: &DisclosedIndicator,
) -> (SuccessVerdict, String) {
    let then =
        before.map_or_else(String::new, |before| format!("; {} a year ago", ordinal(before.place)));
    let standing = row.peers.map_or("", |peers| match peers.flag {
        FunnelFlag::Within => "; within the range of its peers",
        FunnelFlag::WatchHigh | FunnelFlag::ExceptionHigh => "; above the range of its peers",
        FunnelFlag::WatchLow | FunnelFlag::ExceptionLow => "; below the range of its peers",
    });
    let verdict =
        if position.place <= within { SuccessVerdict::Met } else { SuccessVerdict::NotMet };
    let sentence = format!(
        "{} of {} ({}), to stay within the best {within}{then}{standing}",
        ordinal(position.place),
        position.of,
        position.peers
    );
    (verdict, sentence)
}

fn improved(row: &DisclosedIndicator) -> (SuccessVerdict, String) {
    let Some(now) = &row.position else {
        let gap = gap_about_position(row).or_else(|| row.gaps.first().cloned());
        return (SuccessVerdict::CannotJudge, gap.unwrap_or_else(|| "no position".to_owned()));
    };
    let at = |position: &Position| format!("{} of {}", ordinal(position.place), position.of);
    let Some(before) = &row.position_year_before else {
        let why = row.gaps.iter().find(|gap| gap.starts_with("a year before")).or(row.gaps.first());
        let why = why.map_or("no figures", String::as_str);
        let sentence = format!("{} now; no position a year ago: {why}", at(now));
        return (SuccessVerdict::CannotJudge, sentence);
    };
    let sentence = format!("{} now, {} a year ago ({})", at(now), at(before), now.peers);
    match now.place.cmp(&before.place) {
        Ordering::Less => (SuccessVerdict::Met, sentence),
        Ordering::Equal if now.place == 1 => {
            (SuccessVerdict::Met, format!("{sentence}: there is no better place"))
        }
        Ordering::Equal => (SuccessVerdict::AtRisk, format!("{sentence}: unchanged")),
        Ordering::Greater => (SuccessVerdict::NotMet, sentence),
    }
}

/// Which change against the same quarter last year is wanted.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wanted {
    Fewer,
    More,
    NoMore,
}

/// A change that chance explains is neither a success nor a failure: in the wanted direction it is
/// on track, in the other at risk.
fn by_change(row: &DisclosedIndicator, wanted: Wanted) -> Option<(SuccessVerdict, String)> {
    let change = row.change.value()?;
    if change == 0 && row.change.is_rounded() {
        let why = "the two figures are the same to the nearest 5, so which is smaller is not shown";
        return Some((SuccessVerdict::CannotJudge, why.to_owned()));
    }
    let words = match change.signum() {
        1 => "more than in the same quarter last year",
        -1 => "fewer than in the same quarter last year",
        _ => "as many as in the same quarter last year",
    };
    let clear = match row.evidence {
        None => true,
        Some(evidence) => evidence != Evidence::NoClearChange,
    };
    let towards = match wanted {
        Wanted::Fewer => change < 0,
        Wanted::More => change > 0,
        Wanted::NoMore => change <= 0,
    };
    let verdict = match (towards, clear) {
        (true, true) => SuccessVerdict::Met,
        (true, false) if wanted == Wanted::NoMore => SuccessVerdict::Met,
        (true, false) => SuccessVerdict::OnTrack,
        (false, false) if wanted == Wanted::NoMore => SuccessVerdict::OnTrack,
        (false, false) => SuccessVerdict::AtRisk,
        (false, true) => SuccessVerdict::NotMet,
    };
    let sentence = if clear || change == 0 {
        words.to_owned()
    } else {
        format!("{words}, though no more than chance variation explains")
    };
    Some((verdict, sentence))
}

/// What is said of a figure for which the plan names neither a level nor a direction.
fn watched(row: &DisclosedIndicator, measure: Option<&Measure>) -> Option<String> {
    let unit = measure.map_or(Unit::Count, |measure| measure.unit);
    let about = |number: &ShownNumber| if number.is_rounded() { "about " } else { "" };
    let (now, before) = (row.value.value()?, row.year_before.value());
    let then = before.map_or_else(String::new, |before| {
        format!(", {}{} a year before", about(&row.year_before), amount(before, unit))
    });
    let about = about(&row.value);
    let now = amount(now, unit);
    Some(format!("{about}{now} this quarter{then}"))
}

/// Whether a level is kept: at least it, or at most.
fn level(
    row: &DisclosedIndicator,
    measure: Option<&Measure>,
    (value, per): (i64, Per),
    at_least: bool,
) -> Option<(SuccessVerdict, String)> {
    let (number, when) = match per {
        Per::Quarter => (&row.value, "this quarter"),
        Per::Year => (&row.rolling_12_months, "in the last 12 months"),
    };
    let shown = number.value()?;
    let unit = measure.map_or(Unit::Count, |measure| measure.unit);
    let (said, level) = (amount(shown, unit), amount(value, unit));
    let wanted = if at_least { "at least" } else { "at most" };
    if number.is_rounded() && (shown - value).abs() <= 2 {
        let why = format!("about {said} {when}: rounded, it is too close to {level} to tell");
        return Some((SuccessVerdict::CannotJudge, why));
    }
    let about = if number.is_rounded() { "about " } else { "" };
    let holds = if at_least { shown >= value } else { shown <= value };
    let verdict = if holds { SuccessVerdict::Met } else { SuccessVerdict::NotMet };
    Some((verdict, format!("{about}{said} {when}, {wanted} {level} wanted")))
}

fn delivered(
    numbers: &[String],
    by: Option<jiff::civil::Date>,
    actions: &[ActionItem],
    as_of: jiff::civil::Date,
) -> (SuccessVerdict, String) {
    let mine: Vec<&ActionItem> =
        actions.iter().filter(|action| numbers.contains(&action.number)).collect();
    if mine.is_empty() {
        let wanted = numbers.join(", ");
        return (
            SuccessVerdict::CannotJudge,
            format!("no action plan has arrived that carries {wanted}"),
        );
    }
    let done = mine.iter().filter(|action| action.status.is_finished()).count();
    let absent: Vec<&str> = numbers
        .iter()
        .filter(|number| mine.iter().all(|action| action.number != **number))
        .map(String::as_str)
        .collect();
    if done == mine.len() {
        if absent.is_empty() {
            return (SuccessVerdict::Met, "every action that delivers it is complete".to_owned());
        }
        let absent = absent.join(", ");
        let why =
            format!("no action plan has arrived that carries {absent}; the others are complete");
        return (SuccessVerdict::CannotJudge, why);
    }
    if let Some(by) = by.filter(|by| *by < as_of) {
        let day = by.strftime("%-d %B %Y");
        let sentence = format!("{done} of {} actions complete, due by {day}", mine.len());
        return (SuccessVerdict::NotMet, sentence);
    }
    let overdue: Vec<&str> = mine
        .iter()
        .filter(|action| is_overdue(action, as_of))
        .map(|action| action.number.as_str())
        .collect();
    if !overdue.is_empty() {
        return (SuccessVerdict::AtRisk, format!("overdue: action {}", overdue.join(", ")));
    }
    (SuccessVerdict::OnTrack, format!("{done} of {} actions complete, none overdue", mine.len()))
}

/// Whether an action should be finished by now and is not.
pub(crate) fn is_overdue(action: &ActionItem, as_of: jiff::civil::Date) -> bool {
    match action.by_when {
        model::ByWhen::Date(due) => due < as_of && !action.status.is_finished(),
        _ => false,
    }
}
