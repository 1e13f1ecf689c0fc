//! Ten years of a job's life with a real ledger: outages, clock changes, edits.

use std::collections::BTreeMap;

use jiff::civil::{Date, date, time};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use ledger::{Ledger, RunOutcome, RunStart};
use model::{JobId, Period};

use super::*;
use crate::definitions::{JobKind, Publish};
use crate::schedule::{Cron, Ending, Missed, MissedRuns, Rule, Schedule, Side};

const YEARS: i64 = 10;
const OUTAGES: usize = 200;

fn job(schedule: Schedule, missed: Missed) -> Job {
    Job {
        id: JobId::new("quarterly-monitoring"),
        kind: JobKind::Report,
        title: "Quarterly monitoring report".to_owned(),
        schedule,
        missed,
        deadline: None,
        required: std::collections::BTreeSet::new(),
        coverage_percent_min: BTreeMap::new(),
        approval: None,
        publish: Publish::WithGaps,
        marking: String::new(),
        collect_first: false,
        audiences: Vec::new(),
        needs_commentary: false,
        rehearses: None,
        backups: None,
        folder: std::path::PathBuf::new(),
    }
}

fn ledger() -> (tempfile::TempDir, Ledger) {
    let folder = tempfile::tempdir().expect("a folder");
    let ledger = Ledger::open(&folder.path().join("ledger.sqlite")).expect("opens");
    (folder, ledger)
}

/// A small generator of numbers that look random and are the same every time (Steele, Lea, Flood: `SplitMix64`).
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: i64) -> i64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        i64::try_from((mixed ^ (mixed >> 31)) % limit.unsigned_abs()).expect("below an i64")
    }
}

/// When the machine is on: looks at random moments of ten years, two days apart at most, but for 200 outages of
/// minutes to four months; and at the second around each change of the clocks and each due moment.
fn looks(zone: &TimeZone, schedule: &Schedule, seed: u64) -> Vec<Timestamp> {
    let mut chance = Chance(seed);
    let start = date(2025, 1, 1).to_zoned(zone.clone()).expect("valid").timestamp();
    let end = start + SignedDuration::from_hours(24 * 365 * YEARS);
    let seconds = end.duration_since(start).as_secs();
    let outages: Vec<(i64, i64)> = (0..OUTAGES)
        .map(|number| {
            let longest = if number % 20 == 0 { 120 * 86_400 } else { 3 * 86_400 };
            (chance.below(seconds), 60 + chance.below(longest))
        })
        .collect();
    let mut moments = Vec::new();
    let mut second = 0;
    while second < seconds {
        moments.push(second);
        second += 60 + chance.below(2 * 86_400);
    }
    let calendar = Calendar::default();
    let due = schedule.after(&calendar, start).take_while(|it| it.at < end).map(|it| it.at);
    let changes = zone.following(start).take_while(|change| change.timestamp() < end);
    let sharp = due.chain(changes.map(|change| change.timestamp())).take(2000);
    for at in sharp.collect::<Vec<_>>() {
        let around = at.duration_since(start).as_secs();
        moments.extend([-1, 0, 20, 3600].map(|offset| around + offset));
    }
    moments.sort_unstable();
    moments.dedup();
    moments.retain(|moment| {
        !outages.iter().any(|(from, length)| (*from..from + length).contains(moment))
    });
    moments.into_iter().map(|second| start + SignedDuration::from_secs(second)).collect()
}

/// How often, when and about which period each occurrence was run.
type Ran = BTreeMap<String, (usize, Timestamp, Period)>;

/// Lives through the looks: how often each occurrence was run, and which were missed and said to be.
fn lived(job: &Job, looks: &[Timestamp], seed: u64) -> (Ran, BTreeMap<String, &'static str>) {
    let (_folder, ledger) = ledger();
    let calendar = Calendar::default();
    let mut chance = Chance(seed ^ 1);
    let (mut run, mut missed) = (BTreeMap::new(), BTreeMap::new());
    for now in looks {
        let decision = agenda(&ledger, job, &calendar, *now).expect("decides");
        for (occurrence, why) in decision.missed {
            assert_eq!(missed.insert(occurrence.key, why), None, "said once");
        }
        for occurrence in decision.passed {
            // Looked at again at every look, as long as nothing later is on record.
            missed.entry(occurrence.key).or_insert("passed");
        }
        for occurrence in decision.run {
            // One in five tries fails, or dies before it is kept: it stays due.
            match chance.below(10) {
                0 => {}
                1 => {
                    let why = Ended::NotYet("it could not be done".to_owned());
                    settle(&ledger, job, &occurrence, &why, *now).expect("keeps");
                }
                _ => {
                    let ran = run.entry(occurrence.key.clone());
                    ran.or_insert((0, *now, occurrence.period)).0 += 1;
                    settle(&ledger, job, &occurrence, &Ended::Done(None), *now).expect("keeps");
                }
            }
        }
    }
    (run, missed)
}

fn check(schedule: &Schedule, missed: Missed, seed: u64) -> (usize, usize) {
    let job = job(schedule.clone(), missed);
    let looks = looks(&schedule.zone, schedule, seed);
    let (run, missed) = lived(&job, &looks, seed);
    let calendar = Calendar::default();
    let (first, last) = (looks[0], *looks.last().expect("looks"));
    // At the very end something may just have fallen due, and its tries failed.
    let settled = last - SignedDuration::from_hours(48);
    for due in schedule.after(&calendar, first).take_while(|it| it.at < settled) {
        let ran = run.get(&due.key);
        // Of a schedule by time, what is past is passed by together with the first that is run after it.
        let is_passed = !schedule.is_by_period() && run.keys().any(|later| *later > due.key);
        let is_settled = missed.contains_key(&due.key) || (ran.is_none() && is_passed);
        assert!(
            ran.is_some() != is_settled,
            "{}: run {ran:?}, missed {:?}",
            due.key,
            missed.get(&due.key)
        );
        if let Some((times, at, period)) = ran {
            assert_eq!(*times, 1, "{}", due.key);
            assert!(*at >= due.at, "{} was run before it was due", due.key);
            assert_eq!(*period, due.period, "{}", due.key);
        }
    }
    (run.len(), missed.len())
}

/// Quarters, in three time zones, at the hours around which clocks change: each is run once and about the
/// quarter that has just ended, or was missed and said to be.
#[test]
fn ten_years_with_two_hundred_outages_run_each_quarter_once() {
    let mut counts = Vec::new();
    for (number, name) in ["Europe/London", "UTC", "Pacific/Auckland"].into_iter().enumerate() {
        let zone = TimeZone::get(name).expect("a zone");
        for (hour, minute) in [(0, 0), (1, 30), (6, 30)] {
            let at = time(hour, minute, 0, 0);
            let rules = [
                Rule::WorkingDay { nth: 15, side: Side::After, of: Ending::Quarter, at },
                // In the northern spring and the southern autumn, the days on which clocks change.
                Rule::Cron(Box::new(
                    Cron::parse(&format!("{minute} {hour} * 3,4,9,10 sun")).expect("valid"),
                )),
            ];
            for (kind, rule) in rules.into_iter().enumerate() {
                let schedule = Schedule { rule, zone: zone.clone() };
                let seed =
                    u64::try_from(number * 100 + usize::from(hour.unsigned_abs()) * 10 + kind);
                let policy = Missed { runs: MissedRuns::Latest, within_days: 45 };
                let all = Missed { runs: MissedRuns::All, within_days: 365 };
                let seed = seed.expect("small");
                let (run, missed) = check(&schedule, policy, seed);
                if schedule.is_by_period() {
                    assert_eq!(run + missed, 40, "{name} {hour}:{minute}");
                    counts.push((run, missed));
                }
                let (_, missed) = check(&schedule, all, seed);
                assert_eq!(missed, 0, "with a year's patience nothing is missed");
            }
        }
    }
    let (run, missed) = counts.iter().fold((0, 0), |sum, it| (sum.0 + it.0, sum.1 + it.1));
    // Outages of up to four months against a patience of 45 days: what is missed is said.
    assert_eq!((run, missed), (336, 24));
}

#[test]
fn what_was_run_by_hand_is_not_run_again() {
    let (_folder, ledger) = ledger();
    let at = time(9, 0, 0, 0);
    let rule = Rule::WorkingDay { nth: 15, side: Side::After, of: Ending::Quarter, at };
    let job = job(Schedule::new(rule), Missed::default());
    let quarter: Period = "2025-26Q1".parse().expect("a period");
    let on =
        |day: Date| day.at(9, 0, 0, 0).to_zoned(crate::clock::zone()).expect("valid").timestamp();
    let start = RunStart {
        job: job.id.clone(),
        period: quarter,
        key: "by hand".to_owned(),
        started_at: on(date(2025, 7, 16)),
    };
    let run = ledger.begin_run(&start).expect("begins").run_id;
    let finished = ledger::FinishedRun {
        run_id: &run,
        outcome: RunOutcome::Succeeded,
        finished_at: on(date(2025, 7, 16)),
        edition: None,
        figures: &[],
        success: &[],
        messages: &ledger::Batch::default(),
        release: ledger::Release::Now,
    };
    ledger.finish_run(&finished).expect("finishes");
    let calendar = Calendar::default();
    let decision = agenda(&ledger, &job, &calendar, on(date(2025, 7, 22))).expect("decides");
    assert_eq!(decision, Decision::default());
}

#[test]
fn editing_replays_nothing_and_a_period_that_waits_keeps_waiting() {
    let (_folder, ledger) = ledger();
    let calendar = Calendar::default();
    let rule = |nth| {
        let at = time(9, 0, 0, 0);
        Schedule::new(Rule::WorkingDay { nth, side: Side::After, of: Ending::Quarter, at })
    };
    let on =
        |day: Date| day.at(9, 0, 0, 0).to_zoned(crate::clock::zone()).expect("valid").timestamp();
    let keys = |nth, day| {
        let job = job(rule(nth), Missed::default());
        let decision = agenda(&ledger, &job, &calendar, on(day)).expect("decides");
        let run = decision.run.first().cloned();
        if let Some(run) = &run
            && nth != 12
        {
            settle(&ledger, &job, run, &Ended::Done(None), on(day)).expect("keeps");
        }
        let said = |it: &Occurrence| it.key.clone();
        (decision.run.iter().map(said).collect::<Vec<_>>(), decision.missed.len())
    };
    let none = (Vec::<String>::new(), 0);
    assert_eq!(keys(15, date(2025, 7, 21)), (vec!["2025-26Q1".to_owned()], 0));
    // Moved to an earlier day: quarter 1 was run, and is not run again; neither is anything before it.
    assert_eq!(keys(10, date(2025, 7, 22)), none);
    assert_eq!(keys(10, date(2025, 7, 23)), none);
    // Moved to a later day between the old one and the new one.
    assert_eq!(keys(20, date(2025, 7, 24)), none);
    assert_eq!(keys(20, date(2025, 8, 20)), none);
    // Quarter 2 is due on working day 12 and waits; a later day does not make a second one of it.
    assert_eq!(keys(12, date(2025, 10, 16)), (vec!["2025-26Q2".to_owned()], 0));
    assert_eq!(keys(25, date(2025, 10, 20)), (vec!["2025-26Q2".to_owned()], 0));
    assert_eq!(keys(25, date(2025, 11, 10)), none);
}
