//! Success measures of the plan, judged from what may be shown.

use std::collections::BTreeMap;

use model::{
    ActionItem, AreaCode, Breakdown, Geography, Measure, MeasureId, Partnership, SuccessMeasure,
    SuccessRule,
};

use crate::disclosure::{DisclosedIndicator, DisclosedTable};
use crate::indicator::IndicatorKey;

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
            (None, SuccessRule::Deliver { actions: numbers }) => delivered(numbers, actions, as_of),
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
            |row| one(rule, row),
        );
        if severity(verdict) > severity(worst) {
            worst = verdict;
        }
        sentences.push(format!("{label}: {why}"));
    }
    if sentences.is_empty() {
        return (SuccessVerdict::CannotJudge, "no return carries a figure for it".to_owned());
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

fn one(rule: &SuccessRule, row: &DisclosedIndicator) -> (SuccessVerdict, String) {
    let gap = || {
        if row.value.is_withheld() || row.year_before.is_withheld() {
            return "a figure is withheld so that nobody can be identified".to_owned();
        }
        row.gaps.first().cloned().unwrap_or_else(|| "no figures".to_owned())
    };
    let holds = |holds: bool, sentence: String| {
        (if holds { SuccessVerdict::Met } else { SuccessVerdict::NotMet }, sentence)
    };
    match rule {
        SuccessRule::MaintainPosition { within } => match &row.position {
            Some(position) => holds(
                position.place <= *within,
                format!(
                    "{} of {} ({}), to stay within the lowest {within}",
                    ordinal(position.place),
                    position.of,
                    position.peers
                ),
            ),
            None => (SuccessVerdict::CannotJudge, gap()),
        },
        SuccessRule::ImprovePosition => {
            let now = row
                .position
                .as_ref()
                .map(|position| format!("{} of {} now; ", ordinal(position.place), position.of));
            let why = format!("{}no position a year ago: {}", now.unwrap_or_default(), gap());
            (SuccessVerdict::CannotJudge, why)
        }
        SuccessRule::Reduce | SuccessRule::Increase => {
            let Some(change) = row.change.value() else {
                return (SuccessVerdict::CannotJudge, gap());
            };
            if change == 0 && row.change.is_rounded() {
                let why = "the two figures are the same to the nearest 5, so which is smaller is not shown";
                return (SuccessVerdict::CannotJudge, why.to_owned());
            }
            let good = if *rule == SuccessRule::Reduce { change < 0 } else { change > 0 };
            let words = match change.signum() {
                1 => "more than in the same quarter last year",
                -1 => "fewer than in the same quarter last year",
                _ => "as many as in the same quarter last year",
            };
            holds(good, words.to_owned())
        }
        SuccessRule::AtLeast { value } => match row.value.value() {
            Some(shown) if row.value.is_rounded() && (shown - value).abs() <= 2 => (
                SuccessVerdict::CannotJudge,
                format!("about {shown} this quarter: rounded, it is too close to {value} to tell"),
            ),
            Some(shown) => {
                let about = if row.value.is_rounded() { "about " } else { "" };
                holds(
                    shown >= *value,
                    format!("{about}{shown} this quarter, at least {value} wanted"),
                )
            }
            None => (SuccessVerdict::CannotJudge, gap()),
        },
        SuccessRule::Deliver { .. } => (SuccessVerdict::CannotJudge, gap()),
    }
}

fn delivered(
    numbers: &[String],
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
    let overdue: Vec<&str> = mine
        .iter()
        .filter(|action| is_overdue(action, as_of))
        .map(|action| action.number.as_str())
        .collect();
    if !overdue.is_empty() {
        return (SuccessVerdict::AtRisk, format!("overdue: action {}", overdue.join(", ")));
    }
    let done = mine.iter().filter(|action| action.status.is_finished()).count();
    if done == mine.len() {
        return (SuccessVerdict::Met, "every action that delivers it is complete".to_owned());
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

/// `1st`, `2nd`, `3rd`, `11th`.
fn ordinal(place: u32) -> String {
    let suffix = match (place % 10, place % 100) {
        (_, 11..=13) => "th",
        (1, _) => "st",
        (2, _) => "nd",
        (3, _) => "rd",
        _ => "th",
    };
    format!("{place}{suffix}")
}
