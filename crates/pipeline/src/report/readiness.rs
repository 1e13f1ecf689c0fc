//! The readiness gate: what a report waits for before it is made.

use std::collections::BTreeSet;

use jiff::Timestamp;
use model::{AreaCode, Period, ReturnState};

use super::composing::Composed;
use crate::clock::local;
use crate::definitions::{Job, Publish};
use crate::house::House;
use crate::register::RegisterLine;

/// Who asks for the report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Asked {
    /// Somebody, now.
    ByHand,
    /// The schedule: before the deadline only when nothing is wanting.
    BySchedule,
}

/// The moment until which a report of the schedule waits for what is wanting, if that is still to come.
pub(crate) fn deadline_ahead(house: &House, job: &Job, period: Period) -> Option<Timestamp> {
    let deadline = job.deadline.as_ref()?;
    let due = deadline.of_period(&house.definitions.calendar, period)?.at;
    (house.clock.now() < due).then_some(due)
}

/// Which returns a report waits for. One that publishes with gaps waits while nothing at all has been accepted for
/// the period, since it needs something to say, and before its deadline for everything that is required.
pub(crate) fn waiting_for(
    house: &House,
    job: &Job,
    (lines, period): (&[RegisterLine], Period),
    asked: Asked,
) -> Vec<String> {
    let nothing_is_in = lines.iter().all(|line| line.state != ReturnState::Accepted);
    let deadline = deadline_ahead(house, job, period).filter(|_| asked == Asked::BySchedule);
    if job.publish == Publish::WithGaps && !nothing_is_in && deadline.is_none() {
        return Vec::new();
    }
    if job.publish == Publish::WithGaps && nothing_is_in && deadline.is_none() {
        let owed = lines.iter().filter(|line| line.due.is_some()).count();
        return vec![match owed {
            0 => {
                "any return: none is owed for this period, and nothing has been accepted".to_owned()
            }
            owed => format!("any of {owed} returns: nothing has been accepted for this period"),
        }];
    }
    let is_required =
        |line: &&RegisterLine| job.required.is_empty() || job.required.contains(&line.return_id);
    let mut wanted: Vec<String> = lines
        .iter()
        .filter(|line| line.due.is_some() && !is_settled(line))
        .filter(is_required)
        .map(|line| format!("{} ({})", line.title, line.state.as_str()))
        .collect();
    if wanted.is_empty() && nothing_is_in {
        wanted.push(
            "any return: none is owed for this period, and nothing has been accepted".to_owned(),
        );
    }
    if let (Some(deadline), false, Publish::WithGaps) = (deadline, wanted.is_empty(), job.publish) {
        wanted.push(format!(
            "the deadline, {}: then it goes out with what is in",
            local(deadline).strftime("%-d %B %Y at %H:%M")
        ));
    }
    wanted
}

fn is_settled(line: &RegisterLine) -> bool {
    matches!(line.state, ReturnState::Accepted | ReturnState::Waived)
}

/// Whether returns that were owed are missing.
pub(super) fn has_gaps(lines: &[RegisterLine]) -> bool {
    lines.iter().any(|line| line.due.is_some() && !is_settled(line))
}

/// Which indicators have figures of fewer areas than the job wants, one sentence each: of the partnership's own area
/// and of the peers it is compared with.
pub(super) fn thin(house: &House, job: &Job, composed: &Composed) -> Vec<String> {
    let partnership = &house.definitions.partnership;
    let mut sentences = Vec::new();
    for (id, wanted_percent) in &job.coverage_percent_min {
        let Some(measure) = house.definitions.measures.get(id) else { continue };
        let peers = partnership.peers_of(measure).map(|peers| peers.areas.clone());
        let mut areas: BTreeSet<AreaCode> = peers.unwrap_or_default().into_iter().collect();
        areas.extend(partnership.home.get(&measure.geography).cloned());
        let has_figure = |area: &AreaCode| {
            composed.table.rows().any(|(key, row)| {
                let is_it = key.measure == *id && key.area == *area && key.breakdown.is_all();
                // What is withheld is there: it is not missing.
                is_it && (row.value.value().is_some() || row.value.is_withheld())
            })
        };
        let present = areas.iter().filter(|area| has_figure(area)).count();
        let percent = 100 * present / areas.len().max(1);
        if percent < usize::from(*wanted_percent) {
            sentences.push(format!(
                "more figures of {}: {present} of {} areas have one ({percent}%; the job wants {wanted_percent}%)",
                measure.label,
                areas.len()
            ));
        }
    }
    sentences
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use model::ReturnId;

    use super::*;
    use crate::clock::Clock;
    use crate::definitions::{DefinitionFolders, load};
    use crate::house::{Folders, Progress};
    use crate::register::register;
    use crate::schedule::{Rule, Schedule, Side};

    /// The bundled partnership on a day, and its report job, which goes out as soon as it is ready from the eleventh
    /// working day (15 July) on, and on the fifteenth (21 July) at the latest.
    fn house(day: &str) -> (House, Job) {
        let root = testkit::repository();
        let folders = DefinitionFolders { config: root.join("config"), jobs: root.join("jobs") };
        let definitions = load(&folders, &std::collections::BTreeMap::new()).expect("sound");
        let mut job = definitions.jobs[&model::JobId::new("quarterly-monitoring")].clone();
        let Rule::WorkingDay { of, at, .. } = job.schedule.rule else { panic!("by working day") };
        job.deadline = Some(job.schedule.clone());
        job.schedule = Schedule::new(Rule::WorkingDay { nth: 11, side: Side::After, of, at });
        let house = House {
            folders: Folders {
                config: folders.config,
                jobs: folders.jobs,
                data: "not-there".into(),
            },
            definitions,
            environment: std::collections::BTreeMap::new(),
            clock: Clock::parse_as_of(day).expect("a day"),
            program: "quarterdeck".into(),
            software: "quarterdeck".to_owned(),
            progress: Progress::silent(),
            demonstration: None,
            crash_at: None,
            stopping: Arc::default(),
        };
        (house, job)
    }

    fn waits(day: &str, arrived: &[&str], asked: Asked, change: impl Fn(&mut Job)) -> Vec<String> {
        let (house, mut job) = house(day);
        change(&mut job);
        let period: Period = "2025-26Q1".parse().expect("a period");
        let mut lines = register(&house, None, period).expect("no ledger is needed");
        for line in &mut lines {
            if arrived.contains(&"all") || arrived.contains(&line.return_id.as_str()) {
                line.state = ReturnState::Accepted;
            }
        }
        waiting_for(&house, &job, (&lines, period), asked)
    }

    #[test]
    fn before_the_deadline_all_that_is_required_and_then_what_is_there() {
        let as_is = |_: &mut Job| {};
        let by_schedule = |day, arrived: &[&str]| waits(day, arrived, Asked::BySchedule, as_is);
        let early = by_schedule("2025-07-16", &["davss-quarterly"]);
        assert_eq!(early.len(), 10, "nine returns and the deadline: {early:?}");
        assert_eq!(
            early.last().map(String::as_str),
            Some("the deadline, 21 July 2025 at 09:00: then it goes out with what is in")
        );
        assert_eq!(by_schedule("2025-07-16", &["all"]), Vec::<String>::new());
        assert_eq!(by_schedule("2025-07-21", &["davss-quarterly"]), Vec::<String>::new());
        // Whoever asks by hand means now.
        let by_hand = waits("2025-07-16", &["davss-quarterly"], Asked::ByHand, as_is);
        assert_eq!(by_hand, Vec::<String>::new());
        // With nothing at all there is nothing to say, whatever the day.
        assert!(!by_schedule("2025-07-25", &[]).is_empty());
        // Only what is required keeps it waiting.
        let required = |job: &mut Job| job.required = [ReturnId::new("davss-quarterly")].into();
        let some = waits("2025-07-16", &["davss-quarterly"], Asked::BySchedule, required);
        assert_eq!(some, Vec::<String>::new());
        // A job that holds does so after its deadline, too.
        let holds = |job: &mut Job| job.publish = Publish::Hold;
        let held = waits("2025-07-25", &["davss-quarterly"], Asked::BySchedule, holds);
        assert_eq!(held.len(), 9, "{held:?}");
    }
}
