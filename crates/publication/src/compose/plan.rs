//! The plan: success measures and actions.

use analysis::SuccessVerdict;
use jiff::ToSpan;
use jiff::civil::Date;
use model::{ActionItem, ActionStatus, ByWhen};

use super::Captions;
use crate::partner_text::{NAME_MAX, SENTENCE_MAX, clean, shortened};
use crate::report_model::{ActionRow, ActionsSection, SuccessRow, SuccessSection, Tag, TagKind};
use crate::spec::ReportSpec;
use crate::words;

/// Longest action in a table, in characters.
const ACTION_MAX: usize = 90;
/// Actions in a table; the data file has them all.
const ROWS_MAX: usize = 25;
/// How far ahead *due soon* looks, in months.
const SOON_MONTHS: i32 = 3;

pub(crate) fn success_section(spec: &ReportSpec<'_>, captions: &mut Captions) -> SuccessSection {
    if spec.success.is_empty() {
        return SuccessSection { summary: String::new(), caption: String::new(), rows: Vec::new() };
    }
    let rows = spec
        .success
        .iter()
        .map(|outcome| SuccessRow {
            id: outcome.id.clone(),
            priority_id: success_priority_id(&outcome.id, spec),
            priority_data: success_priority(&outcome.id, spec),
            text: clean(&outcome.text, SENTENCE_MAX),
            tag: success_tag(outcome.verdict),
            sentence: words::sentence(&clean(&outcome.sentence, SENTENCE_MAX)),
        })
        .collect();
    SuccessSection {
        summary: success_summary(spec),
        caption: captions.next("Success measures of the plan"),
        rows,
    }
}

fn success_priority_id(id: &str, spec: &ReportSpec<'_>) -> String {
    let success = spec.partnership.success_measures.iter().find(|success| success.id == id);
    success.and_then(|it| it.priority.as_ref()).map_or_else(String::new, ToString::to_string)
}

fn success_priority(id: &str, spec: &ReportSpec<'_>) -> String {
    let success = spec.partnership.success_measures.iter().find(|success| success.id == id);
    let priority = success.and_then(|success| success.priority.as_ref());
    priority
        .and_then(|id| spec.partnership.priorities.iter().find(|priority| priority.id == *id))
        .map_or_else(String::new, |priority| clean(&priority.title, NAME_MAX))
}

fn success_tag(verdict: SuccessVerdict) -> Tag {
    let (word, shape, kind) = match verdict {
        SuccessVerdict::Met => ("Met", "●", TagKind::Improving),
        SuccessVerdict::OnTrack => ("On track", "►", TagKind::NoChange),
        SuccessVerdict::AtRisk => ("At risk", "▲", TagKind::Concern),
        SuccessVerdict::NotMet => ("Not met", "■", TagKind::Concern),
        SuccessVerdict::CannotJudge => ("Cannot judge", "?", TagKind::CannotJudge),
    };
    Tag { word: word.to_owned(), shape: shape.to_owned(), kind }
}

fn success_summary(spec: &ReportSpec<'_>) -> String {
    let order = [
        (SuccessVerdict::Met, "met"),
        (SuccessVerdict::OnTrack, "on track"),
        (SuccessVerdict::AtRisk, "at risk"),
        (SuccessVerdict::NotMet, "not met"),
        (SuccessVerdict::CannotJudge, "cannot be judged"),
    ];
    let parts: Vec<String> = order
        .into_iter()
        .map(|(verdict, words)| {
            let number = spec.success.iter().filter(|outcome| outcome.verdict == verdict).count();
            (number, words)
        })
        .filter(|(number, _)| *number > 0)
        .map(|(number, words)| format!("{} {words}", words::count(number)))
        .collect();
    let total = words::counted(spec.success.len(), "success measure", "success measures");
    format!("Of {total}, {}.", words::list(&parts, order.len()))
}

pub(crate) fn actions_section(spec: &ReportSpec<'_>, captions: &mut Captions) -> ActionsSection {
    let due_on = |action: &ActionItem| match action.by_when {
        ByWhen::Date(due) if !action.status.is_finished() => Some(due),
        _ => None,
    };
    let soon_end = spec.as_of.saturating_add(SOON_MONTHS.months());
    let dated = |wanted: &dyn Fn(Date) -> bool| {
        let mut found: Vec<(Date, &ActionItem)> = spec
            .actions
            .iter()
            .filter_map(|action| due_on(action).map(|due| (due, action)))
            .filter(|(due, _)| wanted(*due))
            .collect();
        found.sort_by_key(|(due, action)| (*due, natural(&action.number)));
        found.into_iter().map(|(_, action)| row(action, spec.as_of)).collect::<Vec<_>>()
    };
    let (overdue, overdue_more) = cut(dated(&|due| due < spec.as_of));
    let (soon, soon_more) = cut(dated(&|due| due >= spec.as_of && due <= soon_end));
    let mut caption = |rows: &[ActionRow], title: &str| {
        if rows.is_empty() { String::new() } else { captions.next(title) }
    };
    ActionsSection {
        summary: actions_summary(spec),
        overdue_caption: caption(&overdue, "Actions overdue, longest first"),
        overdue,
        overdue_more,
        soon_caption: caption(&soon, "Actions due in the next three months"),
        soon,
        soon_more,
        unclear: unclear(spec.actions),
        all_data: spec.actions.iter().map(|action| row(action, spec.as_of)).collect(),
    }
}

fn cut(mut rows: Vec<ActionRow>) -> (Vec<ActionRow>, String) {
    let left_out = rows.len().saturating_sub(ROWS_MAX);
    rows.truncate(ROWS_MAX);
    let more = match left_out {
        0 => String::new(),
        number => format!("{} more in the attached table of actions.", words::count(number)),
    };
    (rows, more)
}

fn row(action: &ActionItem, as_of: Date) -> ActionRow {
    let text = clean(&action.action, SENTENCE_MAX);
    let (due, due_data, days_late) = match &action.by_when {
        ByWhen::Date(due) => {
            let days = (as_of - *due).get_days();
            let late = days > 0 && !action.status.is_finished();
            (words::date(*due), due.to_string(), late.then_some(days))
        }
        other => (clean(&other.to_string(), NAME_MAX), String::new(), None),
    };
    ActionRow {
        number: clean(&action.number, NAME_MAX),
        action: shortened(&text, ACTION_MAX),
        action_data: text,
        lead: clean(&action.lead, NAME_MAX),
        others: clean(&action.others, NAME_MAX),
        due,
        due_data,
        days_late,
        status: action.status.label().to_owned(),
        update: clean(&action.update, SENTENCE_MAX),
    }
}

fn actions_summary(spec: &ReportSpec<'_>) -> String {
    if spec.actions.is_empty() {
        return "No action plan has arrived.".to_owned();
    }
    let order = [
        ActionStatus::Complete,
        ActionStatus::Closed,
        ActionStatus::InProgress,
        ActionStatus::NotStarted,
        ActionStatus::NotReported,
    ];
    let parts: Vec<String> = order
        .into_iter()
        .map(|status| {
            (spec.actions.iter().filter(|action| action.status == status).count(), status)
        })
        .filter(|(number, _)| *number > 0)
        .map(|(number, status)| format!("{} {}", words::count(number), status.label()))
        .collect();
    let total = words::counted(spec.actions.len(), "action", "actions");
    let overdue =
        spec.actions.iter().filter(|action| row(action, spec.as_of).days_late.is_some()).count();
    let overdue = match overdue {
        0 => "None is overdue.".to_owned(),
        1 => "1 is overdue.".to_owned(),
        many => format!("{} are overdue.", words::count(many)),
    };
    format!("Of {total}, {}. {overdue}", words::list(&parts, order.len()))
}

fn unclear(actions: &[ActionItem]) -> String {
    let numbers: Vec<String> = actions
        .iter()
        .filter(|action| {
            matches!(action.by_when, ByWhen::Unclear(_)) && !action.status.is_finished()
        })
        .map(|action| clean(&action.number, NAME_MAX))
        .collect();
    if numbers.is_empty() {
        return String::new();
    }
    format!(
        "The date of {} {} could not be understood, so it cannot be said whether {}.",
        if numbers.len() == 1 { "action" } else { "actions" },
        words::list(&numbers, ROWS_MAX),
        if numbers.len() == 1 { "it is overdue" } else { "they are overdue" },
    )
}

/// `2.10` after `2.9`.
fn natural(number: &str) -> (Vec<u64>, &str) {
    let parts = number.split('.').map(|part| part.trim().parse().unwrap_or(u64::MAX)).collect();
    (parts, number)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::Sample;

    #[test]
    fn overdue_is_a_day_after_the_due_date_and_soon_is_three_months() {
        let mut sample = Sample::empty();
        let dates = [(7, 20), (7, 21), (10, 21), (10, 22)];
        for (month, day) in dates {
            let due = ByWhen::Date(jiff::civil::date(2025, month, day));
            sample.action(&format!("{month}.{day}"), "Do it", due, ActionStatus::InProgress);
        }
        let done = ByWhen::Date(jiff::civil::date(2025, 1, 1));
        sample.action("1.1", "Done in time", done, ActionStatus::Complete);
        sample.action(
            "1.2",
            "When?",
            ByWhen::Unclear("soonish".to_owned()),
            ActionStatus::InProgress,
        );
        let actions = sample.model().actions;
        let numbers = |rows: &[ActionRow]| {
            rows.iter().map(|row| row.number.clone()).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(numbers(&actions.overdue), "7.20");
        assert_eq!(actions.overdue[0].days_late, Some(1));
        assert_eq!(numbers(&actions.soon), "7.21 10.21");
        insta::assert_snapshot!(actions.summary, @"Of 6 actions, 1 complete and 5 in progress. 1 is overdue.");
        insta::assert_snapshot!(actions.unclear, @"The date of action 1.2 could not be understood, so it cannot be said whether it is overdue.");
    }

    #[test]
    fn numbers_sort_as_people_count() {
        let mut numbers = ["2.10", "2.9", "10.1", "2", "A3"];
        numbers.sort_by_key(|number| natural(number));
        assert_eq!(numbers, ["2", "2.9", "2.10", "10.1", "A3"]);
    }
}
